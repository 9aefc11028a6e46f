// Cold rows for the state machine, which never waits for a disk.
//
// A cold row that a command needs is looked for in three places: in what recent commands wrote (kept here, bounded), in what was fetched for this
// command before it was queued, and, only while replaying, in the store. A fetch counts only when it is as new as the oldest write still kept
// here; otherwise the command is put back to be fetched again, and that is counted (DESIGN.md section 4).
#ifndef SONGHUA_API_ENGINE_COLD_ROWS_H_
#define SONGHUA_API_ENGINE_COLD_ROWS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "api/engine/method.h"
#include "ledger/command.h"

namespace songhua::api {

// What was read for one command, as of one published sequence.
struct Prefetched {
  uint64_t as_of = 0;
  std::vector<std::pair<ColdKey, std::optional<std::string>>> rows;
};

class ColdRows : public ColdReader {
 public:
  // Reads the store directly; for replay.
  using Fallback = std::function<std::optional<std::string>(uint16_t table, std::string_view key)>;

  // What a command wrote. `sequence` never falls.
  void Wrote(uint64_t sequence, uint16_t table, std::string_view key, std::string value);

  // Sets what was fetched for the next command; clears missed().
  void Begin(const Prefetched* prefetched) {
    prefetched_ = prefetched;
    missed_ = false;
  }
  void SetFallback(Fallback fallback) { fallback_ = std::move(fallback); }

  std::optional<std::string> Read(uint16_t table, std::string_view key) override;

  // The last command asked for a row that nobody had fetched, or that was fetched too early: its outcome must be thrown away.
  bool missed() const { return missed_; }
  // Everything written after this sequence is kept here.
  uint64_t floor() const { return floor_; }

 private:
  struct Written {
    uint64_t sequence;
    std::string value;
  };
  void EvictToBound();

  absl::flat_hash_map<std::string, Written> recent_;
  std::deque<std::pair<uint64_t, std::string>> order_;
  size_t bytes_ = 0;
  uint64_t floor_ = 0;
  const Prefetched* prefetched_ = nullptr;
  Fallback fallback_;
  bool missed_ = false;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_ENGINE_COLD_ROWS_H_
