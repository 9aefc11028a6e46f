// The transparency log: checkpoints, proofs, tiles, witnesses; and the journal itself, for auditors who replay it.
#include <algorithm>
#include <utility>

#include "api/log_keys.h"
#include "api/reads/checkpoints.h"
#include "api/reads/reads.h"
#include "ledger/bounds.h"
#include "ledger/proofs/certificate.h"
#include "ledger/proofs/checkpoint.h"
#include "ledger/proofs/tiles.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::api::reads {
namespace {

std::string BytesOf(const Digest& digest) { return std::string(AsBytes(digest)); }

// Records of the newest checkpoint; 0: there is none.
absl::StatusOr<uint64_t> NewestSize(ReadContext& context) {
  SONGHUA_ASSIGN_OR_RETURN(const auto map, LastMapRoot(context));
  if (!map.has_value()) return 0;
  SONGHUA_ASSIGN_OR_RETURN(const JournalEntry entry, ReadLogRecord(context, "sequence", map->sequence));
  return entry.index + 1;
}

absl::Status CheckSize(ReadContext& context, std::string_view field, uint64_t size) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t newest, NewestSize(context));
  if (size >= 1 && size <= newest) return absl::OkStatus();
  return OutOfRange(field, std::to_string(size), "1 to " + std::to_string(newest) + ", the newest checkpoint");
}

// A checkpoint is where the map's root is the last record.
absl::StatusOr<bool> IsCheckpoint(ReadContext& context, uint64_t size) {
  Store& store = context.side().store();
  uint64_t low = store.archived_sequence() + 1, high = context.moment().sequence;
  while (low <= high) {
    const uint64_t middle = low + (high - low) / 2;
    SONGHUA_ASSIGN_OR_RETURN(const JournalEntry entry, ReadLogRecord(context, "size", middle));
    SONGHUA_ASSIGN_OR_RETURN(const JournalRecord record, DecodeRecord(entry.bytes));
    if (entry.index + 1 == size) return record.method == proofs::kMapRootMethod;
    if (entry.index + 1 < size) {
      low = record.last_sequence() + 1;
    } else {
      high = record.first_sequence - 1;
    }
  }
  return false;
}

// Collects whole groups up to a number of bytes.
class GroupCollector : public JournalVisitor {
 public:
  GroupCollector(size_t bytes_max, v1::ReadJournalAnswer* answer) : bytes_max_(bytes_max), answer_(answer) {}
  absl::Status OnRecord(const JournalRecord&, std::string_view bytes, uint64_t) override {
    group_.add_records(std::string(bytes));
    bytes_ += bytes.size();
    return absl::OkStatus();
  }
  absl::Status OnGroupEnd(const GroupTrailer& trailer) override {
    group_.set_trailer(EncodeTrailer(trailer));
    *answer_->add_groups() = std::exchange(group_, v1::JournalGroup());
    full_ = bytes_ >= bytes_max_;
    return full_ ? absl::ResourceExhaustedError("enough") : absl::OkStatus();
  }
  bool full() const { return full_; }

 private:
  const size_t bytes_max_;
  v1::ReadJournalAnswer* const answer_;
  v1::JournalGroup group_;
  size_t bytes_ = 0;
  bool full_ = false;
};

}  // namespace

absl::StatusOr<v1::GetLogAnswer> GetLog(ReadContext& context, const v1::GetLogRequest&) {
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  v1::GetLogAnswer answer;
  answer.set_origin(proofs::LogOrigin(context.side().store().identity().store_id));
  if (const LogKeys* keys = context.side().log_keys(); keys != nullptr) {
    for (const proofs::VerifierKey& key : keys->Verifiers()) answer.add_keys(key.Encode());
  }
  SONGHUA_ASSIGN_OR_RETURN(const auto map, LastMapRoot(context));
  if (map.has_value()) {
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t size, NewestSize(context));
    answer.set_size(size);
    answer.set_map_sequence(map->sequence);
    *answer.mutable_map_time() = ledger::ToProto(map->time);
    answer.set_map_lots(map->lots);
  }
  SONGHUA_ASSIGN_OR_RETURN(const auto policy, context.Get<ledger::WitnessPolicyRow>(uint32_t{0}));
  if (policy.has_value()) answer.set_cosignatures_required(policy->required);
  return answer;
}

absl::StatusOr<v1::GetCheckpointAnswer> GetCheckpoint(ReadContext& context, const v1::GetCheckpointRequest& request) {
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t newest, NewestSize(context));
  const uint64_t size = request.size() == 0 ? newest : request.size();
  bool there = size != 0 && size <= newest;
  if (there && size != newest) {
    SONGHUA_ASSIGN_OR_RETURN(there, IsCheckpoint(context, size));
  }
  if (!there) return NotFound("size", std::to_string(request.size()));
  SONGHUA_ASSIGN_OR_RETURN(const Witnessed checkpoint, SignedCheckpoint(context, size));
  v1::GetCheckpointAnswer answer;
  answer.set_note(proofs::FormatNote(checkpoint.note));
  return answer;
}

absl::StatusOr<v1::GetConsistencyProofAnswer> GetConsistencyProof(ReadContext& context, const v1::GetConsistencyProofRequest& request) {
  SONGHUA_RETURN_IF_ERROR(CheckSize(context, "new_size", request.new_size()));
  if (request.old_size() < 1 || request.old_size() > request.new_size()) {
    return OutOfRange("old_size", std::to_string(request.old_size()), "1 to new_size, " + std::to_string(request.new_size()));
  }
  SONGHUA_ASSIGN_OR_RETURN(const std::vector<Digest> proof,
                           ConsistencyProof(request.old_size(), request.new_size(), NodesFromStored(context.side().store().StoredNodes())));
  v1::GetConsistencyProofAnswer answer;
  for (const Digest& hash : proof) answer.add_hashes(BytesOf(hash));
  return answer;
}

absl::StatusOr<v1::GetInclusionProofAnswer> GetInclusionProof(ReadContext& context, const v1::GetInclusionProofRequest& request) {
  SONGHUA_RETURN_IF_ERROR(CheckSize(context, "size", request.size()));
  SONGHUA_ASSIGN_OR_RETURN(const JournalEntry entry, ReadLogRecord(context, "record_sequence", request.record_sequence()));
  if (entry.index >= request.size()) {
    return OutOfRange("size", std::to_string(request.size()), std::to_string(entry.index + 1) + " at least, to hold the record of " + std::to_string(request.record_sequence()));
  }
  const NodeReader nodes = NodesFromStored(context.side().store().StoredNodes());
  SONGHUA_ASSIGN_OR_RETURN(const std::vector<Digest> proof, InclusionProof(entry.index, request.size(), nodes));
  v1::GetInclusionProofAnswer answer;
  answer.set_index(entry.index);
  answer.set_leaf_hash(BytesOf(RecordLeaf(entry.salt, entry.bytes)));
  for (const Digest& hash : proof) answer.add_hashes(BytesOf(hash));
  return answer;
}

absl::StatusOr<v1::GetTileAnswer> GetTile(ReadContext& context, const v1::GetTileRequest& request) {
  const auto tile = proofs::ParseTilePath(request.path());
  if (!tile.ok()) return InvalidField("path", request.path(), "\"tile/{level}/{index}\" or \"tile/{level}/{index}.p/{width}\", as tlog-tiles writes them");
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t size, NewestSize(context));
  if (!proofs::TreeHasTile(size, *tile)) return NotFound("path", request.path());
  const NodeReader nodes = context.side().store().StoredNodes();
  v1::GetTileAnswer answer;
  for (uint32_t i = 0; i < tile->width; ++i) {
    SONGHUA_ASSIGN_OR_RETURN(const Digest hash, nodes(tile->level * kStoredLevelStep, tile->index * proofs::kTileWidth + i));
    answer.mutable_tile()->append(AsBytes(hash));
  }
  return answer;
}

absl::StatusOr<v1::ListWitnessesAnswer> ListWitnesses(ReadContext& context, const v1::ListWitnessesRequest&) {
  v1::ListWitnessesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::WitnessRow>(
      "",
      [&](const ledger::WitnessRow& row) -> ReadContext::Added {
        *answer.add_witnesses() = ledger::ToProto(row);
        return answer.witnesses().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ReadJournalAnswer> ReadJournal(ReadContext& context, const v1::ReadJournalRequest& request) {
  SONGHUA_RETURN_IF_ERROR(RequireInRange("bytes_max", request.bytes_max(), 0, static_cast<int64_t>(bounds::kJournalPageBytesMax), ""));
  if (request.from_sequence() < 1) return InvalidField("from_sequence", std::to_string(request.from_sequence()), "1 or more");
  Store& store = context.side().store();
  v1::ReadJournalAnswer answer;
  answer.set_clock_mode(store.identity().clock_mode == ClockMode::kVirtual ? "VIRTUAL" : "SYSTEM");
  GroupCollector collector(request.bytes_max() == 0 ? bounds::kJournalPageBytesMax : static_cast<size_t>(request.bytes_max()), &answer);
  const absl::Status status = store.ScanJournal(request.from_sequence(), &collector);
  if (absl::IsFailedPrecondition(status) && request.from_sequence() <= store.archived_sequence()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "RECORD_ARCHIVED").Rule("GEN-08").Field("from_sequence").Value(std::to_string(request.from_sequence())).Accepted(
        std::to_string(store.archived_sequence() + 1) + " or more; what is older stands in archives");
  }
  if (!status.ok() && !collector.full()) return status;
  return answer;
}

namespace {

constexpr int64_t kCosignatureAgeMaxSeconds = 86'400;

// A witness says when it signed; what is much older or newer than now was not signed for this.
absl::Status CheckTimes(const proofs::SignedNote& note, int64_t now_s) {
  constexpr size_t kCosignatureBytes = 8 + sizeof(proofs::Ed25519Signature);
  for (const proofs::NoteSignature& signature : note.signatures) {
    if (signature.bytes.size() != kCosignatureBytes) continue;  // a log's, or of a key of another type
    const uint64_t signed_s = proofs::CosignatureTime(signature);
    if (signed_s <= static_cast<uint64_t>(now_s + kCosignatureAgeMaxSeconds) && static_cast<int64_t>(signed_s) >= now_s - kCosignatureAgeMaxSeconds) continue;
    return Refuse(absl::StatusCode::kFailedPrecondition, "STALE_COSIGNATURE").Rule("INV-09").Field("note").Value(signature.name + " at " + std::to_string(signed_s)).Accepted(
        "a time within a day of " + std::to_string(now_s) + ", seconds since 1970");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AdmitCosignature(ReadSide& side, const v1::AddCosignatureRequest& request) {
  const auto note = proofs::ParseNote(request.note());
  if (!note.ok()) return absl::OkStatus();  // the command says what is wrong
  const auto checkpoint = proofs::ParseCheckpoint(note->text);
  if (!checkpoint.ok()) return absl::OkStatus();
  const std::string origin = proofs::LogOrigin(side.store().identity().store_id);
  if (checkpoint->origin != origin) return InvalidField("note", checkpoint->origin, "a checkpoint of " + origin);
  SONGHUA_RETURN_IF_ERROR(CheckTimes(*note, side.MachineTime().value() / kMicrosPerSecond));
  const auto trailer = side.store().LastTrailer();
  const uint64_t size = trailer.has_value() ? trailer->tree_size : 0;
  std::string ours = "has " + std::to_string(size) + " records";
  if (checkpoint->size >= 1 && checkpoint->size <= size) {
    SONGHUA_ASSIGN_OR_RETURN(const Digest root, RootOfSize(checkpoint->size, NodesFromStored(side.store().StoredNodes())));
    if (root == checkpoint->root) return absl::OkStatus();
    ours = "has the root " + ToHex(root) + " at that size: the witness was shown another history";
  }
  return Refuse(absl::StatusCode::kFailedPrecondition, "NO_SUCH_CHECKPOINT").Rule("INV-09").Field("note").Value(
      "size " + std::to_string(checkpoint->size) + ", root " + ToHex(checkpoint->root)).Accepted("a checkpoint of this log, which " + ours);
}

}  // namespace songhua::api::reads
