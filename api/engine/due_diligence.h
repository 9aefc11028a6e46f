// The due-diligence pack: all that a lender asks of an enterprise, at one sequence of the ledger (china.md 5.4, PLG-40, PLG-41). Who may have it, what stands in it,
// and the digest by which it is known later.
//
// By what right one inquires is decided in this order:
//
//   OWN                the enterprise itself
//   OFFICE             an authority (regulator, court) or an operator (registry, auditor); its roles are the method table's to check
//   authorisations/N   a bank or branch that the enterprise authorised, today (ledger/authorisations.h)
//   pledges/N          a bank or branch whose pledge of the enterprise's units has not ended; a head office has its branches', a branch its head office's
//
// Anybody else is refused with NOT_AUTHORISED. A bank sees its own pledges whole; of those of others state, lots, quantities and rank time.
//
// One thread (the state machine); PackDigest is pure.
#ifndef SONGHUA_API_ENGINE_DUE_DILIGENCE_H_
#define SONGHUA_API_ENGINE_DUE_DILIGENCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "api/engine/state.h"
#include "ledger/command.h"
#include "ledger/participants.h"
#include "ledger/sha256.h"
#include "songhua/v1/collateral.pb.h"

namespace songhua::api {

// Entries of one list of a pack.
inline constexpr int kPackEntriesMax = 200;

// Checks: form; the enterprise exists and is one; the ground. Records the inquiry with the digest of its pack. A command that only validates says the ground and
// gives no pack, for none is given that is not recorded (PLG-40).
absl::StatusOr<v1::InquireCollateralAnswer> InquireCollateral(State& state, CommandContext& context, const v1::InquireCollateralRequest& request);

// The pack as `inquirer` may see it. REQUIRES: an enterprise; the inquirer has a ground.
v1::DueDiligencePack BuildPack(const State& state, const CommandContext& context, const ledger::ParticipantRow& enterprise, const ledger::ParticipantRow& inquirer);

// SHA-256 over the pack in an encoding of our own, so that it can be computed again wherever the pack is (codec.h has the widths):
//
//   message   u32 number of fields that are set, then each of them in the order of their numbers
//   field     u32 number of the field, u32 number of values (1 where it is not repeated), the values
//   value     integers, enumerations and switches as 64 bits; texts with their length in 32 bits; messages as above
Digest PackDigest(const v1::DueDiligencePack& pack);

}  // namespace songhua::api

#endif  // SONGHUA_API_ENGINE_DUE_DILIGENCE_H_
