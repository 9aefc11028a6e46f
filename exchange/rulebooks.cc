#include "exchange/rulebooks.h"

#include <algorithm>
#include <utility>

#include "exchange/off_book.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

constexpr int32_t kWatchedCountMax = 1'000'000;

absl::Status ParseFees(const v1::Rulebook& rulebook, RulebookTerms* terms) {
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.fee_bps", rulebook.fee_bps(), 0, kFeeBpsMax, "DR-51"));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.seller_fee_bps", rulebook.seller_fee_bps(), 0, kFeeBpsMax, "DR-51"));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.buyer_fee_bps", rulebook.buyer_fee_bps(), 0, kFeeBpsMax, "DR-51"));
  const bool by_side = rulebook.seller_fee_bps() != 0 || rulebook.buyer_fee_bps() != 0;
  if (by_side && rulebook.fee_bps() != 0 && (rulebook.seller_fee_bps() != rulebook.fee_bps() || rulebook.buyer_fee_bps() != rulebook.fee_bps())) {
    return InvalidField("rulebook.fee_bps", std::to_string(rulebook.fee_bps()), "0 where each side has a fee of its own").Rule("DR-51");
  }
  terms->seller_fee_bps = by_side ? rulebook.seller_fee_bps() : rulebook.fee_bps();
  terms->buyer_fee_bps = by_side ? rulebook.buyer_fee_bps() : rulebook.fee_bps();
  const int32_t left = kFeeBpsMax - std::max(terms->seller_fee_bps, terms->buyer_fee_bps);
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.settlement_fee_bps", rulebook.settlement_fee_bps(), 0, left, "CAR-35"));
  terms->settlement_fee_bps = rulebook.settlement_fee_bps();
  return absl::OkStatus();
}

// Which orders there are besides plain limits. A policy's number is one less than in the message, where 0 stands for the default.
absl::Status ParseOrderTerms(const v1::Rulebook& rulebook, RulebookTerms* terms) {
  if (!v1::SelfTradePolicy_IsValid(rulebook.self_trade_policy())) {
    return InvalidField("rulebook.self_trade_policy", std::to_string(rulebook.self_trade_policy()),
                        "REFUSE_ORDER, CANCEL_AGGRESSOR, CANCEL_RESTING, CANCEL_BOTH or DECREMENT").Rule("CAR-18");
  }
  terms->self_trade = static_cast<SelfTradePolicy>(std::max(0, static_cast<int>(rulebook.self_trade_policy()) - 1));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.display_percent_min", rulebook.display_percent_min(), 0, 100, "CAR-29"));
  terms->display_percent_min = rulebook.display_percent_min();
  terms->stop_orders = rulebook.stop_orders();
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.good_till_days_max", rulebook.good_till_days_max(), 0, kGoodTillDaysMax, "CAR-23"));
  terms->good_till_days_max = rulebook.good_till_days_max();
  if (!v1::LotOrder_IsValid(rulebook.lot_order())) {
    return InvalidField("rulebook.lot_order", std::to_string(rulebook.lot_order()), "OLDEST_FIRST, NEWEST_FIRST or SHORTEST_TERM_FIRST").Rule("DR-03");
  }
  terms->lot_order = static_cast<LotOrder>(std::max(1, static_cast<int>(rulebook.lot_order())));
  return absl::OkStatus();
}

// Post-and-pick, and what contradicts it: orders that trade when they are placed or triggered, orders whose quantity a taker does not see, and policies for
// orders that a taker would not have chosen. After ParseOrderTerms.
absl::Status ParseMechanism(const v1::Rulebook& rulebook, RulebookTerms* terms) {
  if (!v1::TradingMechanism_IsValid(rulebook.mechanism())) {
    return InvalidField("rulebook.mechanism", std::to_string(rulebook.mechanism()), "MATCHING or POST_AND_PICK").Rule("CAR-15");
  }
  if (rulebook.mechanism() != v1::POST_AND_PICK) {
    if (rulebook.take_levels_max() == 0) return absl::OkStatus();
    return InvalidField("rulebook.take_levels_max", std::to_string(rulebook.take_levels_max()), "0 without mechanism POST_AND_PICK: nobody takes").Rule("CAR-16");
  }
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.take_levels_max", rulebook.take_levels_max(), 0, kTakeLevelsMax, "CAR-15"));
  terms->take_levels_max = rulebook.take_levels_max() == 0 ? kTakeLevelsStandard : rulebook.take_levels_max();
  if (terms->stop_orders) return InvalidField("rulebook.stop_orders", "true", "false with mechanism POST_AND_PICK: posts do not trade by themselves").Rule("CAR-15");
  if (terms->display_percent_min > 0) {
    return InvalidField("rulebook.display_percent_min", std::to_string(terms->display_percent_min),
                        "0 with mechanism POST_AND_PICK: a taker sees all that is posted").Rule("CAR-15");
  }
  if (terms->self_trade == SelfTradePolicy::kRefuse) return absl::OkStatus();
  return InvalidField("rulebook.self_trade_policy", v1::SelfTradePolicy_Name(rulebook.self_trade_policy()),
                      "REFUSE_ORDER with mechanism POST_AND_PICK: a taker answers for what he takes").Rule("CAR-18");
}

absl::Status ParseDays(const v1::Rulebook& rulebook, Date today, RulebookRow* row) {
  SONGHUA_ASSIGN_OR_RETURN(row->terms.day, MarketDay::Parse(rulebook.phases(), "rulebook.phases"));
  if (rulebook.closed_dates_size() > kClosedDatesMax) {
    return InvalidField("rulebook.closed_dates", std::to_string(rulebook.closed_dates_size()), "at most " + std::to_string(kClosedDatesMax) + " days");
  }
  if (row->terms.day.by_hand() && rulebook.closed_dates_size() > 0) {
    return InvalidField("rulebook.closed_dates", rulebook.closed_dates(0), "none without phases: an operator opens each session").Rule("CAR-11");
  }
  for (const std::string& text : rulebook.closed_dates()) {
    const std::string field = "rulebook.closed_dates[" + std::to_string(row->terms.closed_dates.size()) + "]";
    SONGHUA_ASSIGN_OR_RETURN(const Date date, ParseDate(text, field));
    if (!row->terms.closed_dates.empty() && date <= row->terms.closed_dates.back()) {
      return InvalidField(field, text, "days in ascending order, each once").Rule("CAR-11");
    }
    row->terms.closed_dates.push_back(date);
  }
  row->effective = today;
  if (rulebook.effective_date().empty()) return absl::OkStatus();
  SONGHUA_ASSIGN_OR_RETURN(row->effective, ParseDate(rulebook.effective_date(), "rulebook.effective_date"));
  if (row->effective >= today) return absl::OkStatus();
  return InvalidField("rulebook.effective_date", rulebook.effective_date(), FormatDate(today) + " or later: no session opens in the past").Rule("CAR-11");
}

// REQUIRES: the phases were read.
absl::Status ParseCallTerms(const v1::Rulebook& rulebook, const MarketDay& day, CallTerms* terms) {
  if (!v1::CallTies_IsValid(rulebook.call_ties())) {
    return InvalidField("rulebook.call_ties", std::to_string(rulebook.call_ties()), "BY_TIME or BY_LOT").Rule("CAR-11");
  }
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.random_end_seconds", rulebook.random_end_seconds(), 0, kRandomEndSecondsMax, "CAR-11"));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.price_monitoring_bps", rulebook.price_monitoring_bps(), 0, kBandBpsMax, "CAR-13"));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.extension_seconds", rulebook.extension_seconds(), 0, kExtensionSecondsMax, "CAR-11"));
  SONGHUA_RETURN_IF_ERROR(
      RequireInRange("rulebook.market_order_extension_seconds", rulebook.market_order_extension_seconds(), 0, kExtensionSecondsMax, "CAR-11"));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.reveal_seconds", rulebook.reveal_seconds(), 0, kRevealSecondsMax, "CAR-11"));
  terms->seed = rulebook.call_seed();
  terms->by_lot = rulebook.call_ties() == v1::BY_LOT;
  terms->random_end_s = rulebook.random_end_seconds();
  terms->monitoring_bps = rulebook.price_monitoring_bps();
  terms->extension_s = rulebook.extension_seconds();
  terms->market_extension_s = rulebook.market_order_extension_seconds();
  if (terms->seed) terms->reveal_s = rulebook.reveal_seconds() == 0 ? kRevealSecondsDefault : rulebook.reveal_seconds();
  const auto contradicts = [](std::string_view field, const std::string& value, const std::string& accepted) {
    return InvalidField("rulebook." + std::string(field), value, accepted).Rule("CAR-11");
  };
  if (!terms->seed) {
    if (terms->by_lot) return contradicts("call_ties", "BY_LOT", "BY_TIME, or call_seed: lots are drawn from a sealed seed");
    if (terms->random_end_s > 0) {
      return contradicts("random_end_seconds", std::to_string(terms->random_end_s), "0, or call_seed: a random end is drawn from a sealed seed");
    }
    if (rulebook.reveal_seconds() > 0) return contradicts("reveal_seconds", std::to_string(rulebook.reveal_seconds()), "0, or call_seed: there is nothing to reveal");
  } else if (!terms->by_lot && terms->random_end_s == 0) {
    return contradicts("call_seed", "true", "call_ties BY_LOT or random_end_seconds with it: nothing is left to chance");
  }
  if ((terms->monitoring_bps > 0) != (terms->extension_s > 0)) {
    return contradicts("extension_seconds", std::to_string(terms->extension_s), "price_monitoring_bps and extension_seconds together, or neither");
  }
  if (terms->market_extension_s > 0 && rulebook.band_bps() == 0) {
    return contradicts("market_order_extension_seconds", std::to_string(terms->market_extension_s),
                       "0, or band_bps: a call auction takes market orders only where a band bounds them");
  }
  if (!terms->seed && !terms->extends()) return absl::OkStatus();
  // What is said of it is said of the last that was added to the time.
  const auto [longest, longest_s] = terms->market_extension_s > 0 ? std::pair("market_order_extension_seconds", terms->market_extension_s)
                                    : terms->extension_s > 0      ? std::pair("extension_seconds", terms->extension_s)
                                                                  : std::pair("random_end_seconds", terms->random_end_s);
  bool calls = false;
  const std::vector<MarketPhase>& phases = day.phases();
  for (size_t i = 0; i < phases.size(); ++i) {
    if (phases[i].kind != v1::MarketPhase::CALL) continue;
    calls = true;
    const auto next = std::find_if(phases.begin() + static_cast<ptrdiff_t>(i) + 1, phases.end(),
                                   [](const MarketPhase& phase) { return phase.kind != v1::MarketPhase::BREAK; });
    const int32_t room = (next == phases.end() ? kSecondsPerDay : next->from_s) - phases[i].to_s;
    if (terms->LongestS() <= room) continue;
    return contradicts(longest, std::to_string(longest_s),
                       "collecting that goes on for at most " + std::to_string(room) + " s after phases[" + std::to_string(i) + "], " +
                           (next == phases.end() ? "to the end of the day" : "when the next phase begins") +
                           "; with its extensions and random ends it would for " + std::to_string(terms->LongestS()) + " s");
  }
  if (calls) return absl::OkStatus();
  return contradicts(terms->seed ? "call_seed" : longest, terms->seed ? "true" : std::to_string(longest_s), "a rulebook with a CALL phase");
}

constexpr std::string_view kForms = "BLOCK, AGREEMENT, LISTING, FIXED_RESERVE_SALE, E_AUCTION or SEALED_AUCTION, each once";

absl::Status ParseBlock(const v1::Rulebook& rulebook, RulebookTerms* terms) {
  const bool wanted = (terms->forms & FormBit(v1::Trade::BLOCK)) != 0;
  if (wanted != rulebook.has_block()) {
    return InvalidField("rulebook.block", wanted ? "" : "given", wanted ? "the sizes and the window of block trades, with form BLOCK" : "nothing without form BLOCK")
        .Rule("CAR-12");
  }
  if (!wanted) return absl::OkStatus();
  const v1::BlockRule& rule = rulebook.block();
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.block.quantity_min", rule.quantity_min(), 1, kOrderQuantityMax, "CAR-12"));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.block.quantity_max", rule.quantity_max(), rule.quantity_min(), kOrderQuantityMax, "CAR-12"));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.block.band_bps", rule.band_bps(), 0, kBandBpsMax, "CAR-13"));
  BlockTerms& block = terms->block;
  block.quantity_min = Quantity(rule.quantity_min());
  block.quantity_max = Quantity(rule.quantity_max());
  block.band_bps = rule.band_bps();
  SONGHUA_ASSIGN_OR_RETURN(block.from_s, ParseTimeOfDay(rule.from(), "rulebook.block.from"));
  SONGHUA_ASSIGN_OR_RETURN(block.to_s, ParseTimeOfDay(rule.to(), "rulebook.block.to"));
  if (block.from_s < block.to_s) return absl::OkStatus();
  return InvalidField("rulebook.block.to", rule.to(), "a time after " + rule.from()).Rule("CAR-11");
}

absl::Status ParseForms(const v1::Rulebook& rulebook, RulebookTerms* terms) {
  for (int i = 0; i < rulebook.forms_size(); ++i) {
    const auto form = static_cast<v1::Trade::Form>(rulebook.forms(i));
    const bool known = v1::Trade::Form_IsValid(form) && form >= v1::Trade::BLOCK;
    const std::string field = "rulebook.forms[" + std::to_string(i) + "]";
    const std::string value = v1::Trade::Form_IsValid(form) ? v1::Trade::Form_Name(form) : std::to_string(form);
    if (!known || (terms->forms & FormBit(form)) != 0) return InvalidField(field, value, kForms).Rule("DR-42");
    terms->forms |= FormBit(form);
    const bool officers = form == v1::Trade::AGREEMENT || form == v1::Trade::FIXED_RESERVE_SALE;
    if (officers && terms->settlement != v1::VERIFIED) {
      return InvalidField(field, value, "settlement VERIFIED with it: an officer looks at every one").Rule(form == v1::Trade::AGREEMENT ? "DR-47" : "DR-60");
    }
  }
  SONGHUA_RETURN_IF_ERROR(ParseBlock(rulebook, terms));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.offer_days_max", rulebook.offer_days_max(), 0, kOfferDaysMax, "DR-48"));
  if (rulebook.offer_days_max() > 0) terms->offer_days_max = rulebook.offer_days_max();
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.take_quantity_min", rulebook.take_quantity_min(), 0, kOrderQuantityMax, "DR-48"));
  terms->take_quantity_min = Quantity(rulebook.take_quantity_min());
  return absl::OkStatus();
}

absl::Status ParseSurveillance(const v1::Rulebook& rulebook, SurveillanceTerms* terms) {
  if (!rulebook.has_surveillance()) return absl::OkStatus();
  const v1::SurveillanceRule& rule = rulebook.surveillance();
  const auto read = [](std::string_view name, int32_t given, int32_t most, int32_t standard, int32_t* value) -> absl::Status {
    SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.surveillance." + std::string(name), given, 0, most, "CAR-28"));
    *value = given == 0 ? standard : given;
    return absl::OkStatus();
  };
  SONGHUA_RETURN_IF_ERROR(read("wash_turns", rule.wash_turns(), kWatchedCountMax, 3, &terms->wash_turns));
  SONGHUA_RETURN_IF_ERROR(read("pair_share_bps", rule.pair_share_bps(), 10'000, 3'000, &terms->pair_share_bps));
  SONGHUA_RETURN_IF_ERROR(read("cancellation_bps", rule.cancellation_bps(), 10'000, 8'000, &terms->cancellation_bps));
  return read("limit_orders_min", rule.limit_orders_min(), kWatchedCountMax, 3, &terms->limit_orders_min);
}

}  // namespace

absl::StatusOr<RulebookRow> ParseRulebook(const v1::Rulebook& rulebook, Date today) {
  RulebookRow row;
  RulebookTerms& terms = row.terms;
  if (rulebook.settlement() != v1::IMMEDIATE && rulebook.settlement() != v1::VERIFIED && rulebook.settlement() != v1::END_OF_DAY) {
    return InvalidField("rulebook.settlement", std::to_string(rulebook.settlement()), "IMMEDIATE, VERIFIED or END_OF_DAY");
  }
  terms.settlement = rulebook.settlement();
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.band_bps", rulebook.band_bps(), 0, kBandBpsMax, "CAR-13"));
  terms.band_bps = rulebook.band_bps();
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.quantity_min", rulebook.quantity_min(), 1, kOrderQuantityMax, "CAR-12"));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.quantity_max", rulebook.quantity_max(), rulebook.quantity_min(), kOrderQuantityMax, "CAR-12"));
  terms.quantity_min = Quantity(rulebook.quantity_min());
  terms.quantity_max = Quantity(rulebook.quantity_max());
  SONGHUA_RETURN_IF_ERROR(ParseFees(rulebook, &terms));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rulebook.collar_bps", rulebook.collar_bps(), 0, kBandBpsMax, "CAR-13"));
  terms.collar_bps = rulebook.collar_bps();
  SONGHUA_RETURN_IF_ERROR(ParseOrderTerms(rulebook, &terms));
  SONGHUA_RETURN_IF_ERROR(ParseMechanism(rulebook, &terms));
  terms.same_day_resale = rulebook.same_day_resale();
  terms.base_price_floor = rulebook.base_price_floor();
  SONGHUA_RETURN_IF_ERROR(ParseSurveillance(rulebook, &terms.surveillance));
  SONGHUA_RETURN_IF_ERROR(ParseForms(rulebook, &terms));
  SONGHUA_RETURN_IF_ERROR(ParseDays(rulebook, today, &row));
  SONGHUA_RETURN_IF_ERROR(ParseCallTerms(rulebook, terms.day, &terms.call));
  return row;
}

v1::Rulebook ToProto(const RulebookRow& row) {
  const RulebookTerms& terms = row.terms;
  v1::Rulebook rulebook;
  rulebook.set_name(ledger::MakeName("rulebooks", row.code));
  rulebook.set_settlement(terms.settlement);
  rulebook.set_band_bps(terms.band_bps);
  rulebook.set_quantity_min(terms.quantity_min.value());
  rulebook.set_quantity_max(terms.quantity_max.value());
  if (terms.seller_fee_bps == terms.buyer_fee_bps) rulebook.set_fee_bps(terms.seller_fee_bps);
  rulebook.set_seller_fee_bps(terms.seller_fee_bps);
  rulebook.set_buyer_fee_bps(terms.buyer_fee_bps);
  rulebook.set_same_day_resale(terms.same_day_resale);
  rulebook.set_base_price_floor(terms.base_price_floor);
  rulebook.set_version(terms.version);
  terms.day.AddTo(rulebook.mutable_phases());
  for (const Date date : terms.closed_dates) rulebook.add_closed_dates(FormatDate(date));
  rulebook.set_collar_bps(terms.collar_bps);
  rulebook.set_settlement_fee_bps(terms.settlement_fee_bps);
  rulebook.set_self_trade_policy(static_cast<v1::SelfTradePolicy>(static_cast<int>(terms.self_trade) + 1));
  rulebook.set_display_percent_min(terms.display_percent_min);
  rulebook.set_stop_orders(terms.stop_orders);
  rulebook.set_good_till_days_max(terms.good_till_days_max);
  rulebook.set_mechanism(terms.post_and_pick() ? v1::POST_AND_PICK : v1::MATCHING);
  rulebook.set_take_levels_max(terms.take_levels_max);
  rulebook.set_lot_order(static_cast<v1::LotOrder>(terms.lot_order));
  rulebook.set_effective_date(FormatDate(row.effective));
  rulebook.set_call_seed(terms.call.seed);
  if (terms.call.by_lot) rulebook.set_call_ties(v1::BY_LOT);
  rulebook.set_random_end_seconds(terms.call.random_end_s);
  rulebook.set_price_monitoring_bps(terms.call.monitoring_bps);
  rulebook.set_extension_seconds(terms.call.extension_s);
  rulebook.set_market_order_extension_seconds(terms.call.market_extension_s);
  rulebook.set_reveal_seconds(terms.call.reveal_s);
  if (terms.surveillance.in_force()) {
    v1::SurveillanceRule* rule = rulebook.mutable_surveillance();
    rule->set_wash_turns(terms.surveillance.wash_turns);
    rule->set_pair_share_bps(terms.surveillance.pair_share_bps);
    rule->set_cancellation_bps(terms.surveillance.cancellation_bps);
    rule->set_limit_orders_min(terms.surveillance.limit_orders_min);
  }
  for (int form = v1::Trade::BLOCK; form <= v1::Trade::Form_MAX; ++form) {
    if ((terms.forms >> form & 1) != 0) rulebook.add_forms(static_cast<v1::Trade::Form>(form));
  }
  if (terms.block.to_s > 0) {
    v1::BlockRule* block = rulebook.mutable_block();
    block->set_quantity_min(terms.block.quantity_min.value());
    block->set_quantity_max(terms.block.quantity_max.value());
    block->set_band_bps(terms.block.band_bps);
    block->set_from(FormatTimeOfDay(terms.block.from_s));
    block->set_to(FormatTimeOfDay(terms.block.to_s));
  }
  rulebook.set_offer_days_max(terms.offer_days_max);
  rulebook.set_take_quantity_min(terms.take_quantity_min.value());
  return rulebook;
}

bool SomeSizeFits(const RulebookTerms& terms, Quantity lot_size) {
  const int64_t lots = terms.quantity_max.value() / lot_size.value();
  return lots * lot_size.value() >= terms.quantity_min.value();
}

std::string SizesText(const RulebookTerms& terms) {
  return std::to_string(terms.quantity_min.value()) + " to " + std::to_string(terms.quantity_max.value());
}

Rulebooks::Rulebooks(TableSet* tables, const ledger::Calendars* calendars) : calendars_(calendars), rows_(tables) {
  rows_.OnLoaded([this](RulebookRow& row) { Index(row); });
}

Rulebooks::~Rulebooks() = default;

void Rulebooks::Index(const RulebookRow& row) {
  uint32_t& last = versions_[row.code];
  last = std::max(last, row.terms.version);
  if (!row.terms.day.by_hand()) with_phases_.insert(row.code);
}

absl::StatusOr<v1::RulebookAnswer> Rulebooks::Load(CommandContext& context, const v1::LoadRulebookRequest& request,
                                                   const std::function<absl::Status(const RulebookRow&)>& strands) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string code, ledger::ParseName("rulebook.name", "rulebooks", request.rulebook().name()));
  SONGHUA_RETURN_IF_ERROR(ledger::ValidateCode("rulebook.name", code));
  SONGHUA_ASSIGN_OR_RETURN(RulebookRow row, ParseRulebook(request.rulebook(), context.today));
  const auto last = versions_.find(code);
  if (last == versions_.end() && row.effective > context.today) {
    return InvalidField("rulebook.effective_date", request.rulebook().effective_date(), "no later than today for the first version of a rulebook").Rule("CAR-11");
  }
  row.code = code;
  row.terms.version = last == versions_.end() ? 1 : last->second + 1;
  row.loaded_by = std::string(context.person);
  SONGHUA_RETURN_IF_ERROR(strands(row));
  v1::RulebookAnswer answer;
  *answer.mutable_rulebook() = ToProto(row);
  if (context.validate_only) return answer;
  context.events->Emit(EventType::kRegistered, answer.rulebook().name(), row.terms.version);
  Index(row);
  rows_.Insert(std::move(row));
  return answer;
}

const RulebookRow* Rulebooks::InForce(const std::string& code, Date day) const {
  const auto last = versions_.find(code);
  if (last == versions_.end()) return nullptr;
  for (uint32_t version = last->second; version > 0; --version) {
    const RulebookRow* row = rows_.Find({code, version});
    if (row->effective <= day) return row;
  }
  return nullptr;
}

bool Rulebooks::IsMarketDay(const RulebookTerms& terms, Date day) const {
  return !terms.day.by_hand() && calendars_->IsTradingDay(day) && !std::binary_search(terms.closed_dates.begin(), terms.closed_dates.end(), day);
}

}  // namespace songhua::exchange
