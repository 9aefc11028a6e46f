#include "ledger/witnesses.h"

#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/proofs/checkpoint.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

constexpr size_t kWitnessKeyBytesMax = 400;
constexpr size_t kRetireReasonBytesMax = 500;

}  // namespace

std::string WitnessName(uint32_t key_id) { return "witnesses/" + absl::StrFormat("%08x", key_id); }

v1::Witness ToProto(const WitnessRow& row) {
  v1::Witness witness;
  witness.set_name(WitnessName(row.key_id));
  witness.set_key(row.key);
  witness.set_retired(row.retired);
  *witness.mutable_add_time() = ToProto(row.added);
  return witness;
}

Witnesses::Witnesses(TableSet* tables, LotCommitments* commitments)
    : commitments_(commitments), rows_(tables), policy_(tables), cosignatures_(tables) {
  rows_.OnLoaded([this](WitnessRow& row) {
    auto key = proofs::ParseVerifierKey(row.key);
    SONGHUA_CHECK(key.ok());
    keys_.emplace(row.key_id, *std::move(key));
  });
}

Witnesses::~Witnesses() = default;

int32_t Witnesses::Live() const {
  int32_t live = 0;
  for (const auto& [id, key] : keys_) live += rows_.Find(id)->retired ? 0 : 1;
  return live;
}

absl::StatusOr<v1::WitnessAnswer> Witnesses::AddWitness(CommandContext& context, const v1::AddWitnessRequest& request) {
  const std::string_view shown = proofs::ShownKey(request.key()).substr(0, kWitnessKeyBytesMax);
  auto key = proofs::ParseVerifierKey(request.key());
  if (!key.ok() || request.key().size() > kWitnessKeyBytesMax) {
    return InvalidField("key", shown, "a verifier key, \"name+id+key\", as `songhua witness key` prints it");
  }
  if (key->type != proofs::KeyType::kWitness) return InvalidField("key", shown, "a key of type 0x04, that of a witness; this is one of a log");
  const uint32_t id = key->Id();
  if (rows_.Find(id) != nullptr) {
    return Refuse(absl::StatusCode::kAlreadyExists, "WITNESS_EXISTS").Rule("INV-09").Field("key").Value(shown).Accepted("a key with another id than " + WitnessName(id) + " has");
  }
  if (rows_.size() >= kWitnessesMax) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_WITNESSES").Field("key").Value(shown).Accepted(
        "at most " + std::to_string(kWitnessesMax) + " witnesses, retired ones among them");
  }
  WitnessRow row{id, request.key(), false, context.time};
  v1::WitnessAnswer answer;
  *answer.mutable_witness() = ToProto(row);
  if (context.validate_only) return answer;
  rows_.Insert(row);
  keys_.emplace(id, *std::move(key));
  context.events->Emit(EventType::kWitnessChanged, row);
  return answer;
}

absl::StatusOr<v1::WitnessAnswer> Witnesses::RetireWitness(CommandContext& context, const v1::RetireWitnessRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kRetireReasonBytesMax, "reason"));
  const WitnessRow* found = nullptr;
  for (const auto& [id, key] : keys_) {
    if (WitnessName(id) == request.name()) found = rows_.Find(id);
  }
  if (found == nullptr) return NotFound("name", request.name());
  if (found->retired) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION").Rule("INV-09").Field("name").Value(request.name()).Accepted("a witness that is not retired");
  }
  const int32_t required = policy_.Find(0) == nullptr ? 0 : policy_.Find(0)->required;
  if (Live() <= required) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "WITNESS_REQUIRED").Rule("INV-09").Field("name").Value(request.name()).Accepted(
        "another witness first, or a policy of fewer cosignatures than " + std::to_string(required));
  }
  WitnessRow changed = *found;
  changed.retired = true;
  v1::WitnessAnswer answer;
  *answer.mutable_witness() = ToProto(changed);
  if (context.validate_only) return answer;
  rows_.Edit(*found) = changed;
  context.events->Emit(EventType::kWitnessChanged, changed);
  return answer;
}

absl::StatusOr<v1::WitnessPolicyAnswer> Witnesses::SetWitnessPolicy(CommandContext& context, const v1::SetWitnessPolicyRequest& request) {
  const int32_t live = Live();
  if (request.cosignatures_required() < 0 || request.cosignatures_required() > live) {
    return InvalidField("cosignatures_required", std::to_string(request.cosignatures_required()), "0 to " + std::to_string(live) + ", the witnesses that there are");
  }
  v1::WitnessPolicyAnswer answer;
  answer.set_cosignatures_required(request.cosignatures_required());
  if (context.validate_only) return answer;
  const WitnessPolicyRow changed{request.cosignatures_required()};
  if (const WitnessPolicyRow* row = policy_.Find(0); row != nullptr) {
    policy_.Edit(*row) = changed;
  } else {
    policy_.Insert(changed);
  }
  context.events->Emit(EventType::kWitnessChanged, changed);
  return answer;
}

absl::StatusOr<v1::CosignatureAnswer> Witnesses::AddCosignature(CommandContext& context, const v1::AddCosignatureRequest& request) {
  const auto note = proofs::ParseNote(request.note());
  if (!note.ok()) return InvalidField("note", std::string(note.status().message()), "a checkpoint of this log with a witness's signature, as a signed note");
  const auto checkpoint = proofs::ParseCheckpoint(note->text);
  if (!checkpoint.ok()) return InvalidField("note", std::string(checkpoint.status().message()), "a checkpoint of this log");
  const proofs::NoteSignature* signature = nullptr;
  const WitnessRow* witness = nullptr;
  for (const proofs::NoteSignature& candidate : note->signatures) {
    const auto key = keys_.find(candidate.key_id);
    if (key == keys_.end() || key->second.name != candidate.name) continue;
    if (!proofs::Verifies(note->text, candidate, key->second)) {
      return InvalidField("note", "a signature of " + candidate.name + " that does not verify", "the note as the witness signed it");
    }
    if (rows_.Find(candidate.key_id)->retired) continue;
    signature = &candidate;
    witness = rows_.Find(candidate.key_id);
    break;
  }
  if (signature == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "UNKNOWN_WITNESS").Rule("INV-09").Field("note").Value(std::to_string(note->signatures.size()) + " signatures").Accepted(
        "one by a witness that was added and is not retired");
  }
  const uint64_t signed_s = proofs::CosignatureTime(*signature);
  v1::CosignatureAnswer answer;
  answer.set_size(checkpoint->size);
  answer.set_witness(WitnessName(witness->key_id));
  *answer.mutable_cosign_time() = ToProto(Timestamp(static_cast<int64_t>(signed_s) * kMicrosPerSecond));
  if (context.validate_only) return answer;
  cosignatures_.Append({checkpoint->size, witness->key_id, signature->name, signature->bytes});
  context.events->Emit(EventType::kCosigned, checkpoint->size, witness->key_id);
  if (const MapStateRow* map = commitments_->state(); map != nullptr && map->covered + 1 == context.sequence) commitments_->NoteCovered(context.sequence);
  return answer;
}

}  // namespace songhua::ledger
