// Bars: a buyer who did not pay for a trade of rights places no order to buy rights for some months (DR-45), unless an officer's recorded decision lifts the
// bar. Selling stays free: what a barred participant has, it may turn into money.
//
// A bar belongs to the trade that was not paid; of several that run at once each is lifted for itself. One thread, the state machine.
#ifndef SONGHUA_EXCHANGE_TRADER_BARS_H_
#define SONGHUA_EXCHANGE_TRADER_BARS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "exchange/trades.h"
#include "ledger/command.h"
#include "ledger/tables.h"
#include "songhua/v1/trades.pb.h"

namespace songhua::exchange {

struct TraderBarRow {
  static constexpr RowTable kTable = RowTable::kTradeBars;
  TradeNumber trade = 0;
  std::string participant;
  Term days{};
  bool lifted = false;
  std::string decision;
  std::string lifted_by;
  Timestamp lift_time;

  TradeNumber Key() const { return trade; }
  bool HoldsOn(Date date) const { return !lifted && days.Contains(date); }
  template <class Archive>
  void Fields(Archive& a) {
    a(trade, participant, days, lifted, decision, lifted_by, lift_time);
  }
};

class TraderBars {
 public:
  explicit TraderBars(TableSet* tables);
  ~TraderBars();

  // From today to the day of the same number `months` later, both included. Emits kTraderBarred: trade, participant, last day, lifted.
  void Bar(CommandContext& context, const std::string& participant, TradeNumber trade, int32_t months);
  // Checks: form of name and decision; there is such a bar; it has neither ended nor been lifted (ILLEGAL_TRANSITION, DR-45).
  absl::StatusOr<v1::TraderBarAnswer> LiftTraderBar(CommandContext& context, const v1::LiftTraderBarRequest& request);

  // The bar that holds the longest on the day; null: the participant is not barred.
  const TraderBarRow* InForce(std::string_view participant, Date today) const;

 private:
  songhua::Table<TraderBarRow> rows_;
  std::map<std::string, std::vector<const TraderBarRow*>, std::less<>> by_participant_;  // in the order of trades
};

v1::TraderBar ToProto(const TraderBarRow& row);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_TRADER_BARS_H_
