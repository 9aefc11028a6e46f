// `songhua verify`: replays a journal from its first record in a fresh state machine, compares everything that the journal says about outcomes, rows
// and the tree, then compares the rows it arrived at with the stored state, and checks the invariants of DESIGN.md section 8.
#ifndef SONGHUA_API_VERIFY_H_
#define SONGHUA_API_VERIFY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/sha256.h"
#include "ledger/store.h"
#include "permits/documents.h"

namespace songhua::api {

struct VerifyReport {
  uint64_t records = 0;
  uint64_t commands = 0;
  uint64_t refusals = 0;
  uint64_t groups = 0;
  uint64_t rows_compared = 0;      // of the stored state, as of applied_sequence
  uint64_t applied_sequence = 0;   // what the stored state had folded
  uint64_t last_sequence = 0;
  Digest tree_root{};
  Digest state{};  // SHA-256 over every row after the last record, in key order
  std::vector<permits::DocumentRow> documents;  // all that are registered
};

// DATA_LOSS names the first sequence, group or row that is wrong. Changes nothing in the store. `progress` is called now and then with the
// sequence reached.
absl::StatusOr<VerifyReport> Verify(Store* store, const std::function<void(uint64_t sequence)>& progress);

// Whether every registered document's file is there, with the size and hash that were registered. DATA_LOSS names the first that is not.
absl::Status VerifyDocuments(const std::string& store_path, const VerifyReport& report);

}  // namespace songhua::api

#endif  // SONGHUA_API_VERIFY_H_
