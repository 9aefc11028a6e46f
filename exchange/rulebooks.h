// Rulebooks: how contracts trade, as data with versions.
//
// A version holds for the sessions that open from its effective date on, until one that was loaded later holds; a session goes on by the version with which
// it opened. So no rule changes under resting orders, and none of them is stranded: day orders end with their session (CAR-23), and orders that are good
// for longer are held against the terms of each session that opens (good_till.cc).
//
// One thread (the state machine).
#ifndef SONGHUA_EXCHANGE_RULEBOOKS_H_
#define SONGHUA_EXCHANGE_RULEBOOKS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "exchange/market_day.h"
#include "exchange/order_book.h"
#include "ledger/amounts.h"
#include "ledger/calendars.h"
#include "ledger/command.h"
#include "ledger/tables.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::exchange {

inline constexpr int32_t kBandBpsMax = 9'999;
inline constexpr int32_t kFeeBpsMax = 1'000;  // at most a tenth: a fee never exceeds the amount it is taken from
inline constexpr int64_t kOrderQuantityMax = 1'000'000'000'000'000;
inline constexpr int kClosedDatesMax = 400;
inline constexpr int32_t kGoodTillDaysMax = 366;
inline constexpr int32_t kTakeLevelsStandard = 5;  // CAR-15
inline constexpr int32_t kTakeLevelsMax = 100;

// The fields of v1::SurveillanceRule, defaults filled in; all zero where nothing is watched.
struct SurveillanceTerms {
  int32_t wash_turns = 0;
  int32_t pair_share_bps = 0;
  int32_t cancellation_bps = 0;
  int32_t limit_orders_min = 0;

  bool in_force() const { return wash_turns != 0; }
  template <class Archive>
  void Fields(Archive& a) {
    a(wash_turns, pair_share_bps, cancellation_bps, limit_orders_min);
  }
};

inline constexpr int32_t kRandomEndSecondsMax = 60;
inline constexpr int32_t kExtensionSecondsMax = 3'600;
inline constexpr int32_t kRevealSecondsMax = 3'600;
inline constexpr int32_t kRevealSecondsDefault = 600;

// What chance and price monitoring have to say in call auctions; all zero where orders are collected to the end of the phase and ties go by time.
struct CallTerms {
  bool seed = false;
  bool by_lot = false;
  int32_t random_end_s = 0;
  int32_t monitoring_bps = 0;
  int32_t extension_s = 0;  // 0: no extension
  int32_t reveal_s = 0;
  int32_t market_extension_s = 0;  // 0: none for market orders that would remain unfilled

  bool extends() const { return extension_s > 0 || market_extension_s > 0; }
  // The longest that collecting may go on after its phase.
  int32_t LongestS() const {
    return random_end_s + (extension_s > 0 ? extension_s + random_end_s : 0) + (market_extension_s > 0 ? market_extension_s + random_end_s : 0);
  }
  template <class Archive>
  void Fields(Archive& a) {
    a(seed, by_lot, random_end_s, monitoring_bps, extension_s, reveal_s, market_extension_s);
  }
};

// Block trades; `to_s` 0: there are none.
struct BlockTerms {
  Quantity quantity_min;
  Quantity quantity_max;
  int32_t band_bps = 0;
  int32_t from_s = 0, to_s = 0;  // seconds of the day

  template <class Archive>
  void Fields(Archive& a) {
    a(quantity_min, quantity_max, band_bps, from_s, to_s);
  }
};

inline constexpr int32_t kOfferDaysMax = 366;
inline constexpr int32_t kOfferDaysDefault = 30;

// As in v1::LotOrder. Numbers are on disk.
enum class LotOrder : uint8_t { kOldestFirst = 1, kNewestFirst = 2, kShortestTermFirst = 3 };

// What a rulebook says, as the message does.
struct RulebookTerms {
  uint32_t version = 0;
  v1::Settlement settlement = v1::SETTLEMENT_UNSPECIFIED;
  int32_t band_bps = 0;
  Quantity quantity_min;
  Quantity quantity_max;
  int32_t seller_fee_bps = 0;
  int32_t buyer_fee_bps = 0;
  bool same_day_resale = false;
  bool base_price_floor = false;
  MarketDay day;
  std::vector<Date> closed_dates;  // ascending
  int32_t collar_bps = 0;
  int32_t settlement_fee_bps = 0;  // of each side (CAR-35)
  SelfTradePolicy self_trade = SelfTradePolicy::kRefuse;
  int32_t display_percent_min = 0;  // 0: no icebergs
  bool stop_orders = false;
  int32_t good_till_days_max = 0;  // 0: day orders only
  SurveillanceTerms surveillance;
  int32_t take_levels_max = 0;  // 0: MATCHING; else POST_AND_PICK, and how many price levels deep a take may trade
  CallTerms call;
  LotOrder lot_order = LotOrder::kOldestFirst;
  uint32_t forms = 0;  // beside the order book: a bit each, FormBit of off_book.h
  BlockTerms block;
  int32_t offer_days_max = kOfferDaysDefault;
  Quantity take_quantity_min;  // 0: one lot

  bool post_and_pick() const { return take_levels_max > 0; }
  // The least that an order of the quantity may show of itself. REQUIRES: there are icebergs.
  Quantity DisplayMin(Quantity quantity) const { return Quantity((quantity.value() * display_percent_min + 99) / 100); }  // quantity <= kOrderQuantityMax

  template <class Archive>
  void Fields(Archive& a) {
    a(version, settlement, band_bps, quantity_min, quantity_max, seller_fee_bps, buyer_fee_bps, same_day_resale, base_price_floor, day, closed_dates, collar_bps,
      self_trade, display_percent_min, stop_orders, good_till_days_max, surveillance, settlement_fee_bps, take_levels_max, call, lot_order, forms, block, offer_days_max, take_quantity_min);
  }
};

struct RulebookRow {
  static constexpr RowTable kTable = RowTable::kRulebookVersions;
  std::string code;
  Date effective{};
  std::string loaded_by;
  RulebookTerms terms;

  std::tuple<std::string, uint32_t> Key() const { return {code, terms.version}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(code, effective, loaded_by, terms);
  }
};

// Reads and checks everything but code, version and loader. INVALID_ARGUMENT naming the field of `rulebook`.
absl::StatusOr<RulebookRow> ParseRulebook(const v1::Rulebook& rulebook, Date today);
v1::Rulebook ToProto(const RulebookRow& row);

// Whether an order of some size can be placed in lots of that size.
bool SomeSizeFits(const RulebookTerms& terms, Quantity lot_size);
// "1000 to 500000000".
std::string SizesText(const RulebookTerms& terms);

class Rulebooks {
 public:
  // `calendars` may be null where rows are only read.
  Rulebooks(TableSet* tables, const ledger::Calendars* calendars);
  ~Rulebooks();

  // Checks: name; what ParseRulebook checks; then `strands`, which answers for the contracts that trade by it. Emits kRegistered: name, version.
  absl::StatusOr<v1::RulebookAnswer> Load(CommandContext& context, const v1::LoadRulebookRequest& request,
                                          const std::function<absl::Status(const RulebookRow&)>& strands);

  // The version by which a session opens on the day: of those effective by then the one loaded last; before any is effective, null.
  const RulebookRow* InForce(const std::string& code, Date day) const;
  // Null: there is no such version.
  const RulebookRow* Find(const std::string& code, uint32_t version) const { return rows_.Find({code, version}); }
  // Whether contracts of it, or of any, open by themselves by one of its versions.
  bool HasPhases(const std::string& code) const { return with_phases_.contains(code); }
  bool HasAnyPhases() const { return !with_phases_.empty(); }
  // Whether contracts of these terms open by themselves on the day.
  bool IsMarketDay(const RulebookTerms& terms, Date day) const;

 private:
  void Index(const RulebookRow& row);

  const ledger::Calendars* calendars_;
  Table<RulebookRow> rows_;
  std::map<std::string, uint32_t> versions_;  // the last of each
  std::set<std::string> with_phases_;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_RULEBOOKS_H_
