// The log as readers see it: which checkpoints there are, their cosignatures, and proofs in their trees.
#ifndef SONGHUA_API_READS_CHECKPOINTS_H_
#define SONGHUA_API_READS_CHECKPOINTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/reads/read_context.h"
#include "ledger/lot_commitments.h"
#include "ledger/merkle_log.h"
#include "ledger/proofs/signed_note.h"
#include "ledger/store.h"
#include "ledger/witnesses.h"

namespace songhua::api::reads {

// The record that holds a sequence. NOT_FOUND; FAILED_PRECONDITION with RECORD_ARCHIVED.
absl::StatusOr<JournalEntry> ReadLogRecord(ReadContext& context, std::string_view field, uint64_t sequence);

// The last root of the state map; nullopt: none was put into the log yet.
absl::StatusOr<std::optional<ledger::MapStateRow>> LastMapRoot(ReadContext& context);

// The checkpoint of `size` records, signed by the log, with the cosignatures that are valid for it. FAILED_PRECONDITION with NO_LOG_KEY where this process has no key.
struct Witnessed {
  proofs::SignedNote note;
  int cosignatures = 0;
};
absl::StatusOr<Witnessed> SignedCheckpoint(ReadContext& context, uint64_t size);

// The size of the first checkpoint from `size` on that at least `required` witnesses cosigned; of `size` itself where nobody need and nobody did. REQUIRES: a snapshot;
// a checkpoint of `size`. FAILED_PRECONDITION with NOT_COSIGNED.
absl::StatusOr<uint64_t> WitnessedSize(ReadContext& context, uint64_t size, int required);

}  // namespace songhua::api::reads

#endif  // SONGHUA_API_READS_CHECKPOINTS_H_
