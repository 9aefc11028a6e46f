// `songhua verify`: replays a journal from its first record in a fresh state machine, compares everything that the journal says about outcomes, rows
// and the tree, then compares the rows it arrived at with the stored state, and checks the invariants of DESIGN.md section 8. What was archived is read
// from its archives first; archives alone, from the first one on, can be verified without the store.
#ifndef SONGHUA_API_VERIFY_H_
#define SONGHUA_API_VERIFY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/journal_replay.h"
#include "ledger/store.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace songhua::api {

// Where the journal lies.
struct VerifySource {
  Store* store = nullptr;             // null: archives only
  std::vector<std::string> archives;  // files, in any order
  rocksdb::Env* env = nullptr;        // the disk of the archives; null is the machine's own
};

// DATA_LOSS names the first sequence, group or row that is wrong; INVALID_ARGUMENT when an archive is missing, given twice or another store's;
// FAILED_PRECONDITION when a store's archives are needed and not given. Changes nothing. `progress` is called now and then with the sequence reached.
absl::StatusOr<VerifyReport> Verify(const VerifySource& source, const std::function<void(uint64_t sequence)>& progress);

// Whether every registered document's file is there, with the size and hash that were registered. DATA_LOSS names the first that is not.
absl::Status VerifyDocuments(const std::string& store_path, const VerifyReport& report);

}  // namespace songhua::api

#endif  // SONGHUA_API_VERIFY_H_
