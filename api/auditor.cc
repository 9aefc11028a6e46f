#include "api/auditor.h"

#include <utility>

#include "ledger/proofs/signed_note.h"
#include "ledger/refusal.h"

namespace songhua::api {

Auditor::Auditor(ClockMode clock_mode, proofs::Trust trust) : trust_(std::move(trust)), replay_(nullptr, clock_mode, nullptr) {}

absl::Status Auditor::TakeIn(const v1::JournalGroup& group) {
  SONGHUA_RETURN_IF_ERROR(broken_);
  broken_ = [&]() -> absl::Status {
    SONGHUA_ASSIGN_OR_RETURN(const GroupTrailer trailer, DecodeTrailer(group.trailer()));
    SONGHUA_RETURN_IF_ERROR(walk_.BeginGroup(trailer));
    if (static_cast<uint64_t>(group.records_size()) != trailer.record_count) {
      return absl::DataLossError("the group from sequence " + std::to_string(trailer.first_sequence) + " came with " + std::to_string(group.records_size()) +
                                 " records, its trailer says " + std::to_string(trailer.record_count));
    }
    for (const std::string& bytes : group.records()) {
      const uint64_t index = walk_.frontier().size();
      SONGHUA_ASSIGN_OR_RETURN(const JournalRecord record, walk_.Record(bytes, nullptr));
      SONGHUA_RETURN_IF_ERROR(replay_.OnRecord(record, bytes, index));
    }
    SONGHUA_RETURN_IF_ERROR(walk_.EndGroup());
    SONGHUA_RETURN_IF_ERROR(replay_.OnGroupEnd(trailer));
    if (replay_.report().checkpoint_size != trailer.tree_size) return absl::OkStatus();
    roots_[trailer.tree_size] = trailer.tree_root;
    if (roots_.size() > kRootsKept) roots_.erase(roots_.begin());
    if (!expected_.has_value() || trailer.tree_size < expected_->size) return absl::OkStatus();
    if (trailer.tree_size != expected_->size || trailer.tree_root != expected_->root) {
      return absl::DataLossError("the log had " + std::to_string(expected_->size) + " records with root " + ToHex(expected_->root) +
                                 " when it was vouched for, and now has " + std::to_string(trailer.tree_size) + " with " + ToHex(trailer.tree_root) +
                                 ": its history was rewritten");
    }
    expected_.reset();
    return absl::OkStatus();
  }();
  return broken_;
}

absl::StatusOr<proofs::Checkpoint> Auditor::Check(const std::string& bytes) const {
  SONGHUA_RETURN_IF_ERROR(broken_);
  SONGHUA_ASSIGN_OR_RETURN(const proofs::SignedNote note, proofs::ParseNote(bytes));
  SONGHUA_ASSIGN_OR_RETURN(proofs::Checkpoint checkpoint, proofs::ParseCheckpoint(note.text));
  bool is_signed = false;
  for (const proofs::TrustedKey& log : trust_.logs) {
    if (log.RevokedAltogether()) continue;
    const absl::Status status = proofs::VerifySignature(note, log.key);
    if (absl::IsNotFound(status)) continue;
    SONGHUA_RETURN_IF_ERROR(status);
    is_signed = is_signed || log.key.name == checkpoint.origin;
  }
  if (!is_signed) return absl::InvalidArgumentError("the checkpoint of " + checkpoint.origin + " is signed by no key of that log that is trusted here");
  const auto root = roots_.find(checkpoint.size);
  if (root == roots_.end()) {
    if (checkpoint.size <= size()) {
      return absl::DataLossError("the service shows a checkpoint of " + std::to_string(checkpoint.size) + " records, at which the journal has none");
    }
    return absl::OutOfRangeError("the checkpoint has " + std::to_string(checkpoint.size) + " records, the replay has come to " + std::to_string(size()));
  }
  if (root->second != checkpoint.root) {
    return absl::DataLossError("the service shows a checkpoint of " + std::to_string(checkpoint.size) + " records with root " + ToHex(checkpoint.root) +
                               "; its journal has " + ToHex(root->second) + ": somebody is shown another history");
  }
  if (expected_.has_value()) {
    return absl::DataLossError("the log has " + std::to_string(size()) + " records, fewer than the " + std::to_string(expected_->size) + " that were vouched for");
  }
  return checkpoint;
}

}  // namespace songhua::api
