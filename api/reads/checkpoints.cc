#include "api/reads/checkpoints.h"

#include <utility>

#include "api/log_keys.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {
namespace {

absl::StatusOr<const LogKeys*> KeysOf(ReadContext& context) {
  if (const LogKeys* keys = context.side().log_keys(); keys != nullptr) return keys;
  return Refuse(absl::StatusCode::kFailedPrecondition, "NO_LOG_KEY").Rule("INV-09").Field("store").Accepted("a service that has the log's key, as `songhua serve` has");
}

// The signature of a row, where it is over this checkpoint's text.
absl::StatusOr<std::optional<proofs::NoteSignature>> ValidCosignature(ReadContext& context, const ledger::CosignatureRow& row, std::string_view text) {
  SONGHUA_ASSIGN_OR_RETURN(const auto witness, context.Get<ledger::WitnessRow>(row.key_id));
  if (!witness.has_value()) return absl::InternalError("the row of witness " + ledger::WitnessName(row.key_id) + " is missing");
  SONGHUA_ASSIGN_OR_RETURN(const proofs::VerifierKey key, proofs::ParseVerifierKey(witness->key));
  proofs::NoteSignature signature{row.name, row.key_id, row.signature};
  if (!proofs::Verifies(text, signature, key)) return std::optional<proofs::NoteSignature>();
  return std::optional<proofs::NoteSignature>(std::move(signature));
}

}  // namespace

absl::StatusOr<JournalEntry> ReadLogRecord(ReadContext& context, std::string_view field, uint64_t sequence) {
  auto entry = context.side().store().ReadRecord(sequence);
  if (entry.ok()) return entry;
  if (absl::IsNotFound(entry.status())) return NotFound(field, std::to_string(sequence));
  if (!absl::IsOutOfRange(entry.status())) return entry.status();
  return Refuse(absl::StatusCode::kFailedPrecondition, "RECORD_ARCHIVED").Rule("GEN-08").Field(field).Value(std::to_string(sequence)).Accepted(
      "a sequence after " + std::to_string(context.side().store().archived_sequence()) + ": what is older stands in archives");
}

absl::StatusOr<std::optional<ledger::MapStateRow>> LastMapRoot(ReadContext& context) {
  SONGHUA_ASSIGN_OR_RETURN(auto row, context.Get<ledger::MapStateRow>(uint32_t{0}));
  if (row.has_value() && row->sequence == 0) row.reset();
  return row;
}

absl::StatusOr<Witnessed> SignedCheckpoint(ReadContext& context, uint64_t size) {
  SONGHUA_ASSIGN_OR_RETURN(const LogKeys* keys, KeysOf(context));
  SONGHUA_ASSIGN_OR_RETURN(const Digest root, RootOfSize(size, NodesFromStored(context.side().store().StoredNodes())));
  Witnessed signed_by{keys->Sign(size, root), 0};
  SONGHUA_RETURN_IF_ERROR(context.ForEach<ledger::CosignatureRow>(EncodeKey(size), [&](const ledger::CosignatureRow& row) -> absl::Status {
    SONGHUA_ASSIGN_OR_RETURN(auto signature, ValidCosignature(context, row, signed_by.note.text));
    if (!signature.has_value()) return absl::OkStatus();
    signed_by.note.signatures.push_back(*std::move(signature));
    ++signed_by.cosignatures;
    return absl::OkStatus();
  }));
  return signed_by;
}

absl::StatusOr<uint64_t> WitnessedSize(ReadContext& context, uint64_t size, int required) {
  SONGHUA_ASSIGN_OR_RETURN(const LogKeys* keys, KeysOf(context));
  const NodeReader nodes = NodesFromStored(context.side().store().StoredNodes());
  uint64_t counted = 0;  // the size whose cosignatures are being counted
  int count = 0;
  std::string text;
  std::optional<uint64_t> found;
  std::string after = EncodeKey(size);
  SONGHUA_RETURN_IF_ERROR(context.ForEachAfter<ledger::CosignatureRow>(after, [&](const ledger::CosignatureRow& row) -> absl::StatusOr<bool> {
    if (row.size != counted) {
      counted = row.size;
      count = 0;
      SONGHUA_ASSIGN_OR_RETURN(const Digest root, RootOfSize(row.size, nodes));
      text = proofs::Checkpoint{keys->origin(), row.size, root, ""}.Text();
    }
    SONGHUA_ASSIGN_OR_RETURN(const auto signature, ValidCosignature(context, row, text));
    if (signature.has_value() && ++count >= std::max(required, 1)) found = row.size;
    return !found.has_value();
  }));
  if (found.has_value()) return *found;
  if (required == 0) return size;
  return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_COSIGNED").Rule("INV-09").Field("name").Value("a checkpoint of " + std::to_string(size) + " records").Accepted(
      std::to_string(required) + " witnesses' cosignatures of it or a later one; wait for them and try again");
}

}  // namespace songhua::api::reads
