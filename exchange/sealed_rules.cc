#include "exchange/sealed_rules.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/auctions/sealed_profiles.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

using Rules = v1::SealedRules;

constexpr int32_t kSpreadAuctionsMax = 100;
constexpr int32_t kSpreadLimitBpsMax = 100'000;
constexpr int32_t kSpreadAuctionsDefault = 4;  // UK, international.md 2.2 item 4

// The plug that the rules name, or else the profile's own.
template <class Plug, class Value>
absl::Status Plugged(std::string_view field, Value given, bool valid, std::string_view accepted, Plug* plug) {
  if (!valid) return InvalidField("sealed." + std::string(field), std::to_string(given), accepted).Rule("DR-46");
  if (given != 0) *plug = static_cast<Plug>(given);
  return absl::OkStatus();
}

std::vector<PriceTier> TiersOf(const google::protobuf::RepeatedPtrField<v1::PriceTier>& given) {
  std::vector<PriceTier> tiers;
  for (const v1::PriceTier& tier : given) tiers.push_back({Price(tier.price_fen()), Quantity(tier.quantity())});
  return tiers;
}

void Write(const std::vector<PriceTier>& tiers, google::protobuf::RepeatedPtrField<v1::PriceTier>* out) {
  for (const PriceTier& tier : tiers) {
    v1::PriceTier& one = *out->Add();
    one.set_price_fen(tier.price.value());
    one.set_quantity(tier.quantity.value());
  }
}

SealedTerms ProfileOf(Rules::Profile profile, const SealedFrame& frame) {
  SealedTerms terms;
  terms.profile = profile;
  terms.spread_auctions = kSpreadAuctionsDefault;
  switch (profile) {
    case Rules::CEA_ONE_WAY:
      terms.policy = CeaOneWayPolicy(frame.side == Side::kSell ? Side::kBuy : Side::kSell, SealedPricing::kPayAsBid, frame.reserve);
      break;
    case Rules::EU:
      terms.policy = EuPolicy(0);
      terms.spreads = true;
      break;
    case Rules::UK:
      terms.policy = UkPolicy(frame.reserve, 0);
      terms.spreads = true;
      terms.spread_limit_bps = *UkSpread(frame.lot).limit_bps;
      break;
    case Rules::RGGI: terms.policy = RggiPolicy(frame.reserve, {}, {}); break;
    case Rules::WCI: terms.policy = WciPolicy(frame.reserve); break;
    case Rules::WCI_RESERVE: terms.policy = WciReservePolicy({}); break;
    case Rules::KRX: terms.policy = KrxPolicy(frame.reserve); break;
    case Rules::EPA: terms.policy = EpaPolicy(); break;
    default:
      terms.profile = Rules::RESERVE_SALE;
      terms.policy = ReserveAuctionPolicy(frame.reserve);
      break;
  }
  terms.policy.side = frame.side == Side::kSell ? Side::kBuy : Side::kSell;
  return terms;
}

Quantity UpTo(Quantity quantity, Quantity step) { return Quantity((quantity.value() + step.value() - 1) / step.value() * step.value()); }

absl::Status ReadReserve(const Rules& rules, const SealedFrame& frame, SealedTerms* terms) {
  SealedPolicy& policy = terms->policy;
  switch (rules.reserve()) {
    case Rules::RESERVE_UNSPECIFIED: break;
    case Rules::NO_RESERVE: policy.reserve_rule = ReserveRule::kNone; break;
    case Rules::PUBLISHED: policy.reserve_rule = ReserveRule::kPublished; break;
    case Rules::APPLIED: policy.reserve_rule = ReserveRule::kApplied; break;
    case Rules::SECRET:
      policy.reserve_rule = ReserveRule::kApplied;
      terms->secret_reserve = true;
      break;
    default:
      return InvalidField("sealed.reserve", std::to_string(rules.reserve()), "NO_RESERVE, PUBLISHED, APPLIED or SECRET").Rule("DR-46");
  }
  // In a sale of reserves the tiers are the prices.
  policy.reserve = policy.reserve_rule == ReserveRule::kNone ? Price() : frame.reserve;
  return absl::OkStatus();
}

absl::Status ReadLimits(const Rules& rules, SealedPolicy* policy) {
  if (rules.purchase_limits().empty()) return absl::OkStatus();
  policy->purchase_limits.clear();
  for (const v1::PurchaseLimit& limit : rules.purchase_limits()) {
    if (limit.kind() != v1::PurchaseLimit::COVERED && limit.kind() != v1::PurchaseLimit::VOLUNTARY) {
      return InvalidField("sealed.purchase_limits.kind", std::to_string(limit.kind()), "COVERED or VOLUNTARY").Rule("DR-46");
    }
    policy->purchase_limits.push_back({static_cast<uint8_t>(limit.kind()), limit.bps()});
  }
  return absl::OkStatus();
}

absl::Status ReadSteps(const Rules& rules, const SealedFrame& frame, SealedPolicy* policy) {
  const int64_t lot = frame.lot.value();
  if (rules.quantity_step() < 0 || rules.quantity_step() % lot != 0 || rules.quantity_step() > frame.quantity.value()) {
    return InvalidField("sealed.quantity_step", std::to_string(rules.quantity_step()),
                        "0, or a multiple of " + std::to_string(lot) + ", the contract's lot, up to " + std::to_string(frame.quantity.value()) + ", what is offered")
        .Rule("DR-46");
  }
  SONGHUA_RETURN_IF_ERROR(RequireInRange("sealed.quantity_min", rules.quantity_min(), 0, frame.quantity.value(), "DR-46"));
  policy->lot = rules.quantity_step() > 0 ? Quantity(rules.quantity_step()) : UpTo(policy->lot, frame.lot);
  policy->minimum_bid = rules.quantity_min() > 0 ? Quantity(rules.quantity_min()) : std::max(policy->minimum_bid, policy->lot);
  if (policy->lot > frame.quantity || policy->minimum_bid > frame.quantity) {
    return InvalidField(policy->lot > frame.quantity ? "sealed.quantity_step" : "sealed.quantity_min",
                        std::to_string(std::max(policy->lot, policy->minimum_bid).value()), "at most " + std::to_string(frame.quantity.value()) + ", what is offered")
        .Rule("DR-46");
  }
  policy->award_step = frame.lot;
  policy->tick = Price(std::max<int64_t>(1, (policy->tick.value() + frame.tick.value() - 1) / frame.tick.value()) * frame.tick.value());
  // A lot at a tick is a whole number of fen (contracts.h), so nothing is ever rounded.
  const int64_t common = std::gcd(lot * frame.tick.value(), frame.fen_per_lot_tick.value());
  policy->terms = {.quoted_unit = lot * frame.tick.value() / common, .term = Ratio{frame.fen_per_lot_tick.value() / common, 1}};
  return absl::OkStatus();
}

absl::Status ReadUnsold(const Rules& rules, SealedTerms* terms) {
  if (!Rules::Unsold_IsValid(rules.unsold())) {
    return InvalidField("sealed.unsold", std::to_string(rules.unsold()), "RETURNED or SPREAD").Rule("DR-46");
  }
  if (rules.unsold() != Rules::UNSOLD_UNSPECIFIED) terms->spreads = rules.unsold() == Rules::SPREAD;
  SONGHUA_RETURN_IF_ERROR(RequireInRange("sealed.spread_auctions", rules.spread_auctions(), 0, kSpreadAuctionsMax, "DR-46"));
  if (rules.spread_limit_bps() != 0) {
    SONGHUA_RETURN_IF_ERROR(RequireInRange("sealed.spread_limit_bps", rules.spread_limit_bps(), kWholeBps, kSpreadLimitBpsMax, "DR-46"));
  }
  if (rules.spread_auctions() > 0) terms->spread_auctions = rules.spread_auctions();
  if (rules.spread_limit_bps() > 0) terms->spread_limit_bps = rules.spread_limit_bps();
  if (terms->spreads && terms->policy.side == Side::kSell) {
    return InvalidField("sealed.unsold", "SPREAD", "RETURNED where the applicant buys").Rule("DR-46");
  }
  return absl::OkStatus();
}

}  // namespace

SealedFrame FrameOf(const ContractRow& contract, Side side, Quantity quantity, Price reserve) {
  return {side, quantity, reserve, contract.lot_size, contract.tick, contract.fen_per_lot_tick};
}

Quantity OwnOf(const SealedPolicy& policy, Quantity quantity) {
  if (!policy.reserve_tiers.empty()) return Quantity();
  for (const PriceTier& tier : policy.containment) quantity -= tier.quantity;
  return quantity;
}

absl::StatusOr<SealedTerms> ReadSealedRules(const v1::SealedRules& rules, const SealedFrame& frame) {
  if (!Rules::Profile_IsValid(rules.profile())) {
    return InvalidField("sealed.profile", std::to_string(rules.profile()), "RESERVE_SALE, CEA_ONE_WAY, EU, UK, RGGI, WCI, WCI_RESERVE, KRX or EPA").Rule("DR-46");
  }
  SealedTerms terms = ProfileOf(rules.profile(), frame);
  SealedPolicy& policy = terms.policy;
  SONGHUA_RETURN_IF_ERROR(Plugged("pricing", rules.pricing(), Rules::Pricing_IsValid(rules.pricing()), "UNIFORM or PAY_AS_BID", &policy.pricing));
  SONGHUA_RETURN_IF_ERROR(Plugged("ties", rules.ties(), Rules::Ties_IsValid(rules.ties()), "SEEDED, TIME or PRO_RATA", &policy.ties));
  SONGHUA_RETURN_IF_ERROR(Plugged("margin", rules.margin(), Rules::Margin_IsValid(rules.margin()), "FILL or FILL_IF_OPEN", &policy.margin));
  SONGHUA_RETURN_IF_ERROR(Plugged("shortfall", rules.shortfall(), Rules::Shortfall_IsValid(rules.shortfall()), "CANCEL_ALL, LOWEST_VALID_BID or RESERVE_PRICE",
                                  &policy.shortfall));
  SONGHUA_RETURN_IF_ERROR(Plugged("guarantee", rules.guarantee(), Rules::Guarantee_IsValid(rules.guarantee()), "REJECT_BID or CUT_AND_RETEST", &policy.guarantee));
  SONGHUA_RETURN_IF_ERROR(Plugged("bids", rules.bids(), Rules::Bids_IsValid(rules.bids()), "ONE or MANY", &policy.bid_count));
  // Money is always held for who would buy.
  if (policy.guarantee == GuaranteeRule::kNone && policy.side == Side::kBuy) policy.guarantee = GuaranteeRule::kRejectBid;
  if (!Rules::Secondary_IsValid(rules.secondary())) {
    return InvalidField("sealed.secondary", std::to_string(rules.secondary()), "NOT_COMPARED, CANCEL_BELOW or REPRICE").Rule("DR-46");
  }
  if (rules.secondary() != Rules::SECONDARY_UNSPECIFIED) policy.secondary = static_cast<SecondaryRule>(rules.secondary() - 1);
  if (!Rules::Consignments_IsValid(rules.consignments())) {
    return InvalidField("sealed.consignments", std::to_string(rules.consignments()), "NONE, FIRST or AFTER_BY_ASK").Rule("DR-46");
  }
  if (rules.consignments() != Rules::CONSIGNMENTS_UNSPECIFIED) policy.consignments = static_cast<ConsignmentRule>(rules.consignments() - 1);
  policy.secondary_bps = rules.secondary_bps();
  policy.containment = TiersOf(rules.containment());
  policy.withholding = TiersOf(rules.withholding());
  policy.reserve_tiers = TiersOf(rules.reserve_tiers());
  SONGHUA_RETURN_IF_ERROR(ReadReserve(rules, frame, &terms));
  SONGHUA_RETURN_IF_ERROR(ReadLimits(rules, &policy));
  SONGHUA_RETURN_IF_ERROR(ReadSteps(rules, frame, &policy));
  SONGHUA_RETURN_IF_ERROR(ReadUnsold(rules, &terms));
  SONGHUA_RETURN_IF_ERROR(CheckPolicy(policy));
  const auto tiers_of = [](const std::vector<PriceTier>& tiers) {
    Quantity sum;
    for (const PriceTier& tier : tiers) sum += tier.quantity;  // CheckPolicy has seen that it fits
    return sum;
  };
  if (!policy.reserve_tiers.empty() && tiers_of(policy.reserve_tiers) != frame.quantity) {
    return InvalidField("sealed.reserve_tiers.quantity", std::to_string(tiers_of(policy.reserve_tiers).value()),
                        "in all " + std::to_string(frame.quantity.value()) + ", what the applicant offers")
        .Rule("DR-46");
  }
  if (rules.profile() == Rules::WCI_RESERVE && policy.reserve_tiers.empty()) {
    return InvalidField("sealed.reserve_tiers", "", "the tiers of what is offered").Rule("DR-46");
  }
  if (tiers_of(policy.containment) >= frame.quantity) {
    return InvalidField("sealed.containment.quantity", std::to_string(tiers_of(policy.containment).value()),
                        "in all less than " + std::to_string(frame.quantity.value()) + ", what the applicant offers with it")
        .Rule("DR-46");
  }
  Offer offer;
  offer.own = OwnOf(policy, frame.quantity);
  if (policy.secondary != SecondaryRule::kNone) offer.comparison = frame.tick;  // whichever it will be
  SONGHUA_RETURN_IF_ERROR(CheckOffer(policy, offer));
  return terms;
}

v1::SealedRules ToProto(const SealedTerms& terms) {
  const SealedPolicy& policy = terms.policy;
  v1::SealedRules rules;
  rules.set_profile(terms.profile);
  rules.set_pricing(static_cast<Rules::Pricing>(policy.pricing));
  rules.set_ties(static_cast<Rules::Ties>(policy.ties));
  rules.set_margin(static_cast<Rules::Margin>(policy.margin));
  rules.set_shortfall(static_cast<Rules::Shortfall>(policy.shortfall));
  rules.set_reserve(terms.secret_reserve                              ? Rules::SECRET
                    : policy.reserve_rule == ReserveRule::kPublished ? Rules::PUBLISHED
                    : policy.reserve_rule == ReserveRule::kApplied   ? Rules::APPLIED
                                                                     : Rules::NO_RESERVE);
  rules.set_secondary(static_cast<Rules::Secondary>(static_cast<int>(policy.secondary) + 1));
  rules.set_secondary_bps(policy.secondary_bps);
  Write(policy.containment, rules.mutable_containment());
  Write(policy.withholding, rules.mutable_withholding());
  Write(policy.reserve_tiers, rules.mutable_reserve_tiers());
  for (const PurchaseLimit& limit : policy.purchase_limits) {
    v1::PurchaseLimit& one = *rules.add_purchase_limits();
    one.set_kind(static_cast<v1::PurchaseLimit::Kind>(limit.kind));
    one.set_bps(limit.bps);
  }
  rules.set_guarantee(static_cast<Rules::Guarantee>(policy.guarantee));
  rules.set_bids(static_cast<Rules::Bids>(policy.bid_count));
  rules.set_quantity_min(policy.minimum_bid.value());
  rules.set_quantity_step(policy.lot.value());
  rules.set_consignments(static_cast<Rules::Consignments>(static_cast<int>(policy.consignments) + 1));
  rules.set_unsold(terms.spreads ? Rules::SPREAD : Rules::RETURNED);
  rules.set_spread_auctions(terms.spreads ? terms.spread_auctions : 0);
  rules.set_spread_limit_bps(terms.spreads ? terms.spread_limit_bps : 0);
  return rules;
}

}  // namespace songhua::exchange
