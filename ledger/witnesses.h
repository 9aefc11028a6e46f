// The witnesses of the log: who may cosign its checkpoints, how many must, and what they signed (international.md 6.3). A bank that witnesses knows that it was shown no
// other history than everybody else.
//
// One thread: the state machine's.
#ifndef SONGHUA_LEDGER_WITNESSES_H_
#define SONGHUA_LEDGER_WITNESSES_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/lot_commitments.h"
#include "ledger/proofs/signed_note.h"
#include "ledger/sha256.h"
#include "ledger/tables.h"
#include "songhua/v1/transparency.pb.h"

namespace songhua::ledger {

struct WitnessRow {
  static constexpr RowTable kTable = RowTable::kWitnesses;
  uint32_t key_id = 0;
  std::string key;  // proofs::VerifierKey::Encode
  bool retired = false;
  Timestamp added;

  uint32_t Key() const { return key_id; }
  template <class Archive>
  void Fields(Archive& a) {
    a(key_id, key, retired, added);
  }
};

// One row; none: nobody need cosign.
struct WitnessPolicyRow {
  static constexpr RowTable kTable = RowTable::kWitnessPolicy;
  int32_t required = 0;

  uint32_t Key() const { return 0; }
  template <class Archive>
  void Fields(Archive& a) {
    a(required);
  }
};

// What a witness signed. Cold. Whether our log has this root at this size is looked at when it is brought, and again whenever it is shown.
struct CosignatureRow {
  static constexpr RowTable kTable = RowTable::kCosignatures;
  uint64_t size = 0;
  uint32_t key_id = 0;
  std::string name;
  std::string signature;  // the time, then Ed25519 (proofs::NoteSignature::bytes)

  std::tuple<uint64_t, uint32_t> Key() const { return {size, key_id}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(size, key_id, name, signature);
  }
};

class Witnesses {
 public:
  static constexpr int kWitnessesMax = 50;

  // `commitments` outlives it: a cosignature by itself wants no new checkpoint, or each would bring the next.
  Witnesses(TableSet* tables, LotCommitments* commitments);
  ~Witnesses();

  absl::StatusOr<v1::WitnessAnswer> AddWitness(CommandContext& context, const v1::AddWitnessRequest& request);
  absl::StatusOr<v1::WitnessAnswer> RetireWitness(CommandContext& context, const v1::RetireWitnessRequest& request);
  absl::StatusOr<v1::WitnessPolicyAnswer> SetWitnessPolicy(CommandContext& context, const v1::SetWitnessPolicyRequest& request);
  // UNKNOWN_WITNESS; INVALID_ARGUMENT for a note that is none, or whose signature does not verify. That the log has the checkpoint, and that the signature is of today, was
  // looked at before (api/reads/transparency.cc): neither the tree's root nor the machine's clock is part of this state.
  absl::StatusOr<v1::CosignatureAnswer> AddCosignature(CommandContext& context, const v1::AddCosignatureRequest& request);

 private:
  int32_t Live() const;

  LotCommitments* const commitments_;
  Table<WitnessRow> rows_;
  Table<WitnessPolicyRow> policy_;
  ColdTable<CosignatureRow> cosignatures_;
  std::map<uint32_t, proofs::VerifierKey> keys_;  // of all, by id
};

// "witnesses/0a1b2c3d".
std::string WitnessName(uint32_t key_id);
v1::Witness ToProto(const WitnessRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_WITNESSES_H_
