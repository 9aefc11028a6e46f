#include "exchange/auctions/sealed_policy.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

constexpr char kSource[] = "international.md 2.7";
constexpr int64_t kMaxPolicyValue = std::numeric_limits<int64_t>::max();
constexpr int64_t kMaxQuotedUnit = 1'000'000'000;
constexpr int64_t kMaxTermPart = 1'000'000;

// `field` has a value that the plug named in `accepted` rules out.
Refuse Contradiction(std::string_view field, int64_t value, std::string_view accepted) {
  return Refuse(absl::StatusCode::kInvalidArgument, "CONTRADICTORY_POLICY").Rule(kSource).Field(field).Value(value).Accepted(accepted);
}

absl::Status CheckSteps(const SealedPolicy& policy) {
  SONGHUA_RETURN_IF_ERROR(RequireInRange("tick", policy.tick.value(), 1, kMaxPolicyValue, kSource));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("award_step", policy.award_step.value(), 1, kMaxPolicyValue, kSource));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("lot", policy.lot.value(), 1, kMaxPolicyValue, kSource));
  if (policy.lot.value() % policy.award_step.value() != 0) {
    return Contradiction("lot", policy.lot.value(), "a multiple of the award step, " + std::to_string(policy.award_step.value()));
  }
  SONGHUA_RETURN_IF_ERROR(RequireInRange("minimum_bid", policy.minimum_bid.value(), 1, kMaxPolicyValue, kSource));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("terms.quoted_unit", policy.terms.quoted_unit, 1, kMaxQuotedUnit, kSource));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("terms.term.numerator", policy.terms.term.numerator, 1, kMaxTermPart, kSource));
  return RequireInRange("terms.term.denominator", policy.terms.term.denominator, 1, kMaxTermPart, kSource);
}

absl::Status CheckReserve(const SealedPolicy& policy) {
  if (policy.reserve_rule == ReserveRule::kNone) {
    if (policy.reserve != Price()) return Contradiction("reserve", policy.reserve.value(), "0, as the policy has no reserve");
    if (policy.shortfall == ShortfallRule::kReserve) {
      return Contradiction("shortfall", static_cast<int64_t>(policy.shortfall), "CANCEL or LOWEST_VALID_BID, as the policy has no reserve");
    }
    return absl::OkStatus();
  }
  SONGHUA_RETURN_IF_ERROR(RequireInRange("reserve", policy.reserve.value(), 1, kMaxPolicyValue, kSource));
  if (policy.reserve.value() % policy.tick.value() != 0) {
    return Contradiction("reserve", policy.reserve.value(), "a multiple of the tick, " + std::to_string(policy.tick.value()));
  }
  return absl::OkStatus();
}

// Prices strictly in their order, quantities above 0 and in award steps.
absl::Status CheckTiers(const SealedPolicy& policy, std::string_view name, const std::vector<PriceTier>& tiers, bool rising) {
  const std::string field(name);
  if (tiers.size() > kMaxTiers) return OutOfRange(name, std::to_string(tiers.size()), "at most " + std::to_string(kMaxTiers) + " tiers");
  __int128 total = 0;
  for (size_t i = 0; i < tiers.size(); ++i) {
    SONGHUA_RETURN_IF_ERROR(RequireInRange(field + ".price", tiers[i].price.value(), 1, kMaxPolicyValue, kSource));
    SONGHUA_RETURN_IF_ERROR(RequireInRange(field + ".quantity", tiers[i].quantity.value(), 1, kMaxPolicyValue, kSource));
    if (tiers[i].quantity.value() % policy.award_step.value() != 0) {
      return Contradiction(field + ".quantity", tiers[i].quantity.value(),
                           "a multiple of the award step, " + std::to_string(policy.award_step.value()));
    }
    if (i > 0 && (rising ? tiers[i].price <= tiers[i - 1].price : tiers[i].price >= tiers[i - 1].price)) {
      return Contradiction(field + ".price", tiers[i].price.value(),
                           (rising ? "above " : "below ") + std::to_string(tiers[i - 1].price.value()) + ", the tier before it");
    }
    if (policy.reserve_rule != ReserveRule::kNone && tiers[i].price < policy.reserve) {
      return Contradiction(field + ".price", tiers[i].price.value(), "at least the reserve, " + std::to_string(policy.reserve.value()));
    }
    total += tiers[i].quantity.value();
  }
  return NarrowToInt64(total).status();
}

absl::Status CheckTierPlugs(const SealedPolicy& policy) {
  SONGHUA_RETURN_IF_ERROR(CheckTiers(policy, "containment", policy.containment, true));
  SONGHUA_RETURN_IF_ERROR(CheckTiers(policy, "withholding", policy.withholding, false));
  SONGHUA_RETURN_IF_ERROR(CheckTiers(policy, "reserve_tiers", policy.reserve_tiers, true));
  if (!policy.containment.empty() && !policy.withholding.empty() && policy.withholding.front().price > policy.containment.front().price) {
    return Contradiction("withholding.price", policy.withholding.front().price.value(),
                         "at most the lowest trigger of containment, " + std::to_string(policy.containment.front().price.value()));
  }
  const bool moves = !policy.containment.empty() || !policy.withholding.empty();
  if (!moves && policy.reserve_tiers.empty()) return absl::OkStatus();
  if (policy.side != Side::kBuy) return Contradiction("side", static_cast<int64_t>(policy.side), "buyers, as the policy has tiers");
  if (policy.pricing != SealedPricing::kUniform)
    return Contradiction("pricing", static_cast<int64_t>(policy.pricing), "UNIFORM, as the policy has tiers");
  if (policy.margin != MarginRule::kFill)
    return Contradiction("margin", static_cast<int64_t>(policy.margin), "FILL, as the policy has tiers");
  if (policy.shortfall == ShortfallRule::kCancel) {
    return Contradiction("shortfall", static_cast<int64_t>(policy.shortfall), "LOWEST_VALID_BID or RESERVE, as the policy has tiers");
  }
  if (policy.consignments == ConsignmentRule::kAfterByAsk) {
    return Contradiction("consignments", static_cast<int64_t>(policy.consignments), "NONE or FIRST, as the policy has tiers");
  }
  if (policy.reserve_tiers.empty()) return absl::OkStatus();
  if (moves)
    return Contradiction("reserve_tiers", static_cast<int64_t>(policy.reserve_tiers.size()), "none beside containment or withholding");
  if (policy.guarantee == GuaranteeRule::kCutAndRetest) {
    return Contradiction("guarantee", static_cast<int64_t>(policy.guarantee),
                         "NONE or REJECT_BID, as lots of a sale of reserves have no lower price to fall to");
  }
  if (policy.consignments != ConsignmentRule::kNone) {
    return Contradiction("consignments", static_cast<int64_t>(policy.consignments), "NONE in a sale of reserves");
  }
  return absl::OkStatus();
}

absl::Status CheckSecondary(const SealedPolicy& policy) {
  if (policy.secondary == SecondaryRule::kNone) {
    if (policy.secondary_bps != 0) return Contradiction("secondary_bps", policy.secondary_bps, "0, as no price is compared");
    return absl::OkStatus();
  }
  SONGHUA_RETURN_IF_ERROR(RequireInRange("secondary_bps", policy.secondary_bps, 0, kWholeBps - 1, kSource));
  if (policy.pricing != SealedPricing::kUniform || policy.margin != MarginRule::kFill ||
      policy.consignments == ConsignmentRule::kAfterByAsk || !policy.containment.empty() || !policy.withholding.empty() ||
      !policy.reserve_tiers.empty()) {
    return Contradiction("secondary", static_cast<int64_t>(policy.secondary),
                         "NONE unless one price holds for all, margins are filled and there are no tiers or asks");
  }
  return absl::OkStatus();
}

absl::Status CheckLimits(const SealedPolicy& policy) {
  for (size_t i = 0; i < policy.purchase_limits.size(); ++i) {
    const PurchaseLimit& limit = policy.purchase_limits[i];
    SONGHUA_RETURN_IF_ERROR(RequireInRange("purchase_limits.bps", limit.bps, 1, kWholeBps, kSource));
    if (i > 0 && limit.kind <= policy.purchase_limits[i - 1].kind) {
      return Contradiction("purchase_limits.kind", limit.kind, "kinds in rising order, each once");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckPolicy(const SealedPolicy& policy) {
  SONGHUA_RETURN_IF_ERROR(RequireInRange("side", static_cast<int64_t>(policy.side), 1, 2, kSource));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("pricing", static_cast<int64_t>(policy.pricing), 1, 2, kSource));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("ties", static_cast<int64_t>(policy.ties), 1, 3, kSource));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("margin", static_cast<int64_t>(policy.margin), 1, 2, kSource));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("shortfall", static_cast<int64_t>(policy.shortfall), 1, 3, kSource));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("reserve_rule", static_cast<int64_t>(policy.reserve_rule), 0, 2, kSource));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("secondary", static_cast<int64_t>(policy.secondary), 0, 2, kSource));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("guarantee", static_cast<int64_t>(policy.guarantee), 0, 2, kSource));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("bid_count", static_cast<int64_t>(policy.bid_count), 1, 2, kSource));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("consignments", static_cast<int64_t>(policy.consignments), 0, 2, kSource));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("terms.rounding", static_cast<int64_t>(policy.terms.rounding), 0, 2, kSource));
  SONGHUA_RETURN_IF_ERROR(CheckSteps(policy));
  SONGHUA_RETURN_IF_ERROR(CheckReserve(policy));
  SONGHUA_RETURN_IF_ERROR(CheckTierPlugs(policy));
  SONGHUA_RETURN_IF_ERROR(CheckSecondary(policy));
  SONGHUA_RETURN_IF_ERROR(CheckLimits(policy));
  if (policy.margin == MarginRule::kFillIfOpen && policy.ties == TieRule::kProRata) {
    return Contradiction("ties", static_cast<int64_t>(policy.ties), "SEEDED or TIME, as a share is a part that not every bid takes");
  }
  if (policy.margin == MarginRule::kFillIfOpen && policy.guarantee == GuaranteeRule::kCutAndRetest) {
    return Contradiction("guarantee", static_cast<int64_t>(policy.guarantee), "NONE or REJECT_BID where a bid may take no part");
  }
  if (policy.side == Side::kSell && policy.guarantee != GuaranteeRule::kNone) {
    return Contradiction("guarantee", static_cast<int64_t>(policy.guarantee), "NONE where sellers bid: they pay nothing");
  }
  if (policy.side == Side::kSell && policy.consignments != ConsignmentRule::kNone) {
    return Contradiction("consignments", static_cast<int64_t>(policy.consignments), "NONE where sellers bid");
  }
  if (policy.guarantee == GuaranteeRule::kCutAndRetest && policy.pricing != SealedPricing::kUniform) {
    return Contradiction("guarantee", static_cast<int64_t>(policy.guarantee), "NONE or REJECT_BID where each pays its own bid");
  }
  if (policy.consignments == ConsignmentRule::kAfterByAsk &&
      (policy.pricing != SealedPricing::kPayAsBid || policy.shortfall != ShortfallRule::kLowestValidBid ||
       policy.margin != MarginRule::kFill)) {
    return Contradiction("consignments", static_cast<int64_t>(policy.consignments),
                         "NONE or FIRST unless PAY_AS_BID, LOWEST_VALID_BID and FILL");
  }
  return absl::OkStatus();
}

absl::Status CheckOffer(const SealedPolicy& policy, const Offer& offer) {
  const int64_t step = policy.award_step.value();
  const bool reserves = !policy.reserve_tiers.empty();
  SONGHUA_RETURN_IF_ERROR(RequireInRange("own", offer.own.value(), 0, reserves ? 0 : kMaxPolicyValue, kSource));
  if (offer.own.value() % step != 0)
    return InvalidField("own", std::to_string(offer.own.value()), "a multiple of the award step, " + std::to_string(step));
  if (policy.consignments == ConsignmentRule::kNone && !offer.consignments.empty()) {
    return InvalidField("consignments", std::to_string(offer.consignments.size()), "none under this policy");
  }
  if (offer.consignments.size() > kMaxConsignments) {
    return OutOfRange("consignments", std::to_string(offer.consignments.size()), "at most " + std::to_string(kMaxConsignments));
  }
  __int128 total = offer.own.value();
  uint64_t last = 0;
  for (const Consignment& consignment : offer.consignments) {
    if (consignment.number <= last)
      return InvalidField("consignments.number", std::to_string(consignment.number), "numbers from 1 in rising order, each once");
    last = consignment.number;
    SONGHUA_RETURN_IF_ERROR(RequireInRange("consignments.quantity", consignment.quantity.value(), 1, kMaxPolicyValue, kSource));
    if (consignment.quantity.value() % step != 0) {
      return InvalidField("consignments.quantity", std::to_string(consignment.quantity.value()),
                          "a multiple of the award step, " + std::to_string(step));
    }
    const bool asks = policy.consignments == ConsignmentRule::kAfterByAsk;
    SONGHUA_RETURN_IF_ERROR(RequireInRange("consignments.ask", consignment.ask.value(), 0, asks ? kMaxPolicyValue : 0, kSource));
    total += consignment.quantity.value();
  }
  for (const PriceTier& tier : policy.reserve_tiers) total += tier.quantity.value();
  if (total < 1) return InvalidField("own", "0", "at least one unit to be sold");
  __int128 withheld = 0;
  for (const PriceTier& tier : policy.withholding) withheld += tier.quantity.value();
  if (withheld >= total) {
    return Contradiction("withholding.quantity", static_cast<int64_t>(withheld),
                         "less in all than what is offered, " + std::to_string(static_cast<int64_t>(total)));
  }
  for (const PriceTier& tier : policy.containment) total += tier.quantity.value();
  SONGHUA_RETURN_IF_ERROR(NarrowToInt64(total).status());
  if (policy.secondary == SecondaryRule::kNone) {
    if (offer.comparison.has_value())
      return InvalidField("comparison", std::to_string(offer.comparison->value()), "none under this policy");
    return absl::OkStatus();
  }
  if (!offer.comparison.has_value())
    return InvalidField("comparison", "", "the price of the secondary market, as the policy compares with it");
  return RequireInRange("comparison", offer.comparison->value(), 1, kMaxPolicyValue, kSource);
}

absl::Status CheckBidder(const SealedPolicy& policy, const Bidder& bidder) {
  if (bidder.guarantee.has_value()) {
    SONGHUA_RETURN_IF_ERROR(RequireInRange("bidders.guarantee", bidder.guarantee->value(), 0, kMaxPolicyValue, kSource));
    if (policy.guarantee == GuaranteeRule::kNone) {
      return InvalidField("bidders.guarantee", std::to_string(bidder.guarantee->value()), "none under this policy");
    }
  }
  if (bidder.holding_room.has_value()) {
    SONGHUA_RETURN_IF_ERROR(RequireInRange("bidders.holding_room", bidder.holding_room->value(), 0, kMaxPolicyValue, "CAR-25"));
    if (policy.side == Side::kSell)
      return InvalidField("bidders.holding_room", std::to_string(bidder.holding_room->value()), "none where sellers bid");
  }
  return absl::OkStatus();
}

absl::Status CheckBid(const SealedPolicy& policy, const SealedBid& bid) {
  if (bid.id == 0) return InvalidField("bids.id", "0", "a number from 1");
  const int64_t price = bid.price.value();
  const int64_t quantity = bid.quantity.value();
  if (price < 1 || price % policy.tick.value() != 0) {
    return InvalidField("bids.price", std::to_string(price), "a price above 0 in steps of " + std::to_string(policy.tick.value()))
        .Rule(kSource);
  }
  if (quantity < policy.minimum_bid.value() || quantity % policy.lot.value() != 0) {
    return InvalidField("bids.quantity", std::to_string(quantity),
                        "at least " + std::to_string(policy.minimum_bid.value()) + ", in lots of " + std::to_string(policy.lot.value()))
        .Rule(kSource);
  }
  if (policy.reserve_rule == ReserveRule::kPublished && MeritOf(policy.side, bid.price) < MeritOf(policy.side, policy.reserve)) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BEYOND_RESERVE")
        .Rule("CAR-20")
        .Field("bids.price")
        .Value(price)
        .Accepted((policy.side == Side::kBuy ? "at least the reserve, " : "at most the reserve, ") +
                  std::to_string(policy.reserve.value()));
  }
  return Amount(bid.price, bid.quantity, policy.terms.quoted_unit, policy.terms.term, policy.terms.rounding).status();
}

Quantity OfferedOf(const SealedPolicy& policy, const Offer& offer) {
  Quantity offered = offer.own;
  for (const Consignment& consignment : offer.consignments) offered += consignment.quantity;
  for (const PriceTier& tier : policy.reserve_tiers) offered += tier.quantity;
  return offered;
}

Quantity PartOf(Quantity whole, int32_t bps) {
  return Quantity(static_cast<int64_t>(static_cast<__int128>(whole.value()) * bps / kWholeBps));
}

}  // namespace songhua::exchange
