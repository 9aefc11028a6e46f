#include "api/reads/order_watch.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "api/reads/lookup.h"
#include "api/reads/order_rows.h"
#include "api/reads/trade_rows.h"
#include "exchange/orders.h"
#include "exchange/trades.h"
#include "ledger/check.h"
#include "ledger/codec.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::api::reads {
namespace {

constexpr int kWatchedAccountsMax = 32;

// Numbers in the order in which each was last told.
class LastTold {
 public:
  void Tell(uint64_t number, ledger::AccountNumber account) { told_[number] = {next_++, account}; }
  std::vector<std::pair<uint64_t, ledger::AccountNumber>> Take() {
    std::vector<std::pair<size_t, std::pair<uint64_t, ledger::AccountNumber>>> sorted;
    for (const auto& [number, when] : told_) sorted.push_back({when.first, {number, when.second}});
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::pair<uint64_t, ledger::AccountNumber>> numbers;
    for (const auto& [when, number] : sorted) numbers.push_back(number);
    return numbers;
  }

 private:
  std::map<uint64_t, std::pair<size_t, ledger::AccountNumber>> told_;
  size_t next_ = 0;
};

}  // namespace

std::vector<EventType> OrderEvents() {
  return {EventType::kOrderEntered, EventType::kOrderTriggered, EventType::kOrderEnded, EventType::kTradeChanged};
}

absl::StatusOr<std::set<ledger::AccountNumber>> ParseWatchedAccounts(ReadContext& context, const v1::WatchOrdersRequest& request) {
  if (request.accounts().empty() || request.accounts_size() > kWatchedAccountsMax) {
    return InvalidField("accounts", std::to_string(request.accounts_size()) + " accounts", "1 to " + std::to_string(kWatchedAccountsMax) + " accounts");
  }
  Lookup lookup(&context);
  std::set<ledger::AccountNumber> accounts;
  for (int i = 0; i < request.accounts_size(); ++i) {
    const std::string field = "accounts[" + std::to_string(i) + "]";
    SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.FindAccount(field, request.accounts(i)));
    SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(*account));
    SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
    if (!accounts.insert(account->number).second) return InvalidField(field, request.accounts(i), "each account once");
  }
  return accounts;
}

absl::StatusOr<v1::ListOrdersAnswer> ListOpenOrders(ReadContext& context, const std::set<ledger::AccountNumber>& accounts) {
  Lookup lookup(&context);
  std::vector<RowRange> ranges;
  for (const ledger::AccountNumber account : accounts) ranges.push_back({exchange::OrderRow::kTable, EncodeKey(account)});
  v1::ListOrdersAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.ListRanges(
      ranges,
      [&](size_t, std::string_view value) -> ReadContext::Added {
        exchange::OrderRow row;
        SONGHUA_RETURN_IF_ERROR(DecodeValue(value, &row));
        SONGHUA_ASSIGN_OR_RETURN(*answer.add_orders(), OpenOrderMessage(context, lookup, row));
        return answer.orders().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::OrdersUpdate> DescribeOrderChanges(ReadContext& context, const std::set<ledger::AccountNumber>& accounts,
                                                      const ChangeFeed::Events& events) {
  LastTold orders, trades;
  EventReader reader(events.encoded);
  EventType type;
  std::string_view payload;
  while (reader.Next(&type, &payload)) {
    Decoder decoder(payload);
    if (type != EventType::kTradeChanged) {
      uint64_t order = 0;
      ledger::AccountNumber account = 0;
      decoder(order, account);
      if (accounts.contains(account)) orders.Tell(order, account);
      continue;
    }
    exchange::TradeNumber trade = 0;
    uint8_t state = 0;
    exchange::ContractNumber contract = 0;
    int64_t price = 0, quantity = 0, amount = 0;
    ledger::AccountNumber seller = 0, buyer = 0;
    uint8_t form = 0;
    decoder(trade, state, contract, price, quantity, amount, seller, buyer, form);
    SONGHUA_CHECK(decoder.done());
    if (!accounts.contains(seller) && !accounts.contains(buyer)) continue;
    trades.Tell(trade, 0);
  }

  Lookup lookup(&context);
  v1::OrdersUpdate update;
  for (const auto& [number, unused] : trades.Take()) {
    SONGHUA_ASSIGN_OR_RETURN(const auto trade, TradeOf(context, number));
    if (!trade.has_value()) return absl::InternalError("a trade that was told of is missing");
    // What rested and filled in part says so in its trade alone.
    if (accounts.contains(trade->seller)) orders.Tell(trade->sell_order, trade->seller);
    if (accounts.contains(trade->buyer)) orders.Tell(trade->buy_order, trade->buyer);
    SONGHUA_ASSIGN_OR_RETURN(*update.add_trades(), TradeMessage(context, lookup, *trade));
  }
  for (const auto& [number, account] : orders.Take()) {
    SONGHUA_ASSIGN_OR_RETURN(auto order, OrderOf(context, lookup, account, number));
    if (!order.has_value()) return absl::InternalError("an order that was told of is missing");
    *update.add_orders() = *std::move(order);
  }
  update.set_complete(true);
  update.mutable_header()->set_sequence(events.sequence);
  *update.mutable_header()->mutable_time() = ledger::ToProto(events.time);
  return update;
}

}  // namespace songhua::api::reads
