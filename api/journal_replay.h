// Replays a journal in a fresh state machine and holds everything that it says against what the replay arrives at: outcomes, the rows of each group, roots of the state
// map, and, where there is a store, its rows. What `songhua verify` and an auditor (auditor.h) do, wherever the journal's bytes come from.
//
// One thread.
#ifndef SONGHUA_API_JOURNAL_REPLAY_H_
#define SONGHUA_API_JOURNAL_REPLAY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "ledger/journal_walk.h"
#include "ledger/sha256.h"
#include "ledger/store.h"
#include "permits/documents.h"

namespace songhua::api {

struct VerifyReport {
  std::string store_id;
  uint64_t records = 0;
  uint64_t commands = 0;
  uint64_t refusals = 0;
  uint64_t groups = 0;
  uint64_t archives = 0;           // files read
  uint64_t rows_compared = 0;      // of the stored state, as of applied_sequence
  uint64_t applied_sequence = 0;   // what the stored state had folded
  uint64_t last_sequence = 0;
  Digest tree_root{};
  uint64_t map_roots = 0;        // roots of the state map that were computed again
  Digest map_root{};             // the last one
  uint64_t checkpoint_size = 0;  // records up to the last one; 0: there is none
  Digest checkpoint_root{};      // of the tree then
  Digest state{};  // SHA-256 over every row after the last record, in key order
  std::vector<permits::DocumentRow> documents;  // all that are registered
};

class JournalReplay : public JournalVisitor {
 public:
  // `store` is compared with, and read from; null: the replay keeps every row in memory instead. `progress` is called now and then with the sequence reached.
  JournalReplay(Store* store, ClockMode clock_mode, std::function<void(uint64_t)> progress);
  ~JournalReplay() override;

  // DATA_LOSS names the first sequence, group or row that is wrong.
  absl::Status OnRecord(const JournalRecord& record, std::string_view bytes, uint64_t index) override;
  absl::Status OnGroupEnd(const GroupTrailer& trailer) override;
  // After the last group: checks the invariants, and computes the digest of all rows.
  absl::Status Finish();

  // What was found so far.
  const VerifyReport& report() const;

 private:
  class Replay;
  std::unique_ptr<Replay> replay_;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_JOURNAL_REPLAY_H_
