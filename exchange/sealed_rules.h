// The rules of a sealed auction as its notice states them: a profile, and what the notice has in its place (v1::SealedRules). Out of them comes the policy by
// which exchange/auctions/ clears, and what becomes of units that were not sold.
//
// Pure functions and plain values. Any thread.
#ifndef SONGHUA_EXCHANGE_SEALED_RULES_H_
#define SONGHUA_EXCHANGE_SEALED_RULES_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "exchange/auctions/sealed_policy.h"
#include "exchange/auctions/unsold.h"
#include "exchange/contracts.h"
#include "ledger/amounts.h"
#include "songhua/v1/auctions.pb.h"

namespace songhua::exchange {

struct SealedTerms {
  v1::SealedRules::Profile profile = v1::SealedRules::PROFILE_UNSPECIFIED;
  SealedPolicy policy;
  bool secret_reserve = false;
  bool spreads = false;
  int32_t spread_auctions = 0;
  int32_t spread_limit_bps = 0;  // 0: no limit

  SpreadRules spread() const {
    return {static_cast<size_t>(spread_auctions), spread_limit_bps == 0 ? std::nullopt : std::optional<int32_t>(spread_limit_bps), policy.award_step};
  }
  template <class Archive>
  void Fields(Archive& a) {
    a(profile, policy, secret_reserve, spreads, spread_auctions, spread_limit_bps);
  }
};

// What the applicant asked for.
struct SealedFrame {
  Side side = Side::kSell;  // his
  Quantity quantity;
  Price reserve;
  Quantity lot;
  Price tick;
  Money fen_per_lot_tick;
};
SealedFrame FrameOf(const ContractRow& contract, Side side, Quantity quantity, Price reserve);

// INVALID_FIELD naming a field of the rules that is no value of its kind; CONTRADICTORY_POLICY naming two that rule each other out.
absl::StatusOr<SealedTerms> ReadSealedRules(const v1::SealedRules& rules, const SealedFrame& frame);
// All of them as they hold, whatever was left to the profile.
v1::SealedRules ToProto(const SealedTerms& terms);

// What the applicant himself offers under them: all, but what containment may add, and what a sale of reserves has in tiers.
Quantity OwnOf(const SealedPolicy& policy, Quantity quantity);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_SEALED_RULES_H_
