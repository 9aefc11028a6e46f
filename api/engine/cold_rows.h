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
#include <memory>
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
  void Wrote(uint64_t sequence, uint16_t table, std::string_view key, std::string_view value);

  // Sets what was fetched for the next command; clears missed().
  void Begin(const Prefetched* prefetched) {
    prefetched_ = prefetched;
    missed_.clear();
  }
  void SetFallback(Fallback fallback) { fallback_ = std::move(fallback); }

  std::optional<std::string> Read(uint16_t table, std::string_view key) override;

  // The last command asked for a row that nobody had fetched, or that was fetched too early: its outcome must be thrown away.
  bool missed() const { return !missed_.empty(); }
  // Which rows: what must be fetched before it comes again.
  const std::vector<ColdKey>& missed_keys() const { return missed_; }
  // Everything written after this sequence is kept here.
  uint64_t floor() const { return floor_; }

 private:
  // What was written lies in a log of blocks, oldest first, so that keeping a row and letting it go costs no allocation of its own. A row in the log:
  // this, then its key with the table, then its value.
  struct Written {
    uint64_t sequence;
    size_t hash;  // of the key
    uint32_t key_size, value_size;
    std::string_view key() const { return std::string_view(reinterpret_cast<const char*>(this + 1), key_size); }
    std::string_view value() const { return std::string_view(reinterpret_cast<const char*>(this + 1) + key_size, value_size); }
  };
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
    size_t used = 0;
  };
  struct Key {
    std::string_view bytes;
    size_t hash;
    friend bool operator==(const Key& a, const Key& b) { return a.hash == b.hash && a.bytes == b.bytes; }
  };
  struct KeyHash {
    size_t operator()(const Key& key) const { return key.hash; }
  };
  static constexpr size_t kBlockBytes = 64 * 1024;

  static size_t SizeInLog(size_t key_size, size_t value_size);
  char* Allocate(size_t bytes);
  void EvictToBound();

  absl::flat_hash_map<Key, const Written*, KeyHash> recent_;  // the newest of each key; keys lie in the log
  std::deque<Block> log_;
  size_t evicted_ = 0;  // bytes of the first block whose rows were let go
  std::unique_ptr<char[]> spare_block_;
  size_t rows_ = 0;     // in the log
  size_t bytes_ = 0;    // of their keys and values
  std::string row_key_;  // scratch
  uint64_t floor_ = 0;
  const Prefetched* prefetched_ = nullptr;
  Fallback fallback_;
  std::vector<ColdKey> missed_;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_ENGINE_COLD_ROWS_H_
