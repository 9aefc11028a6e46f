#include "exchange/trades.h"

#include <functional>
#include <string>

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "api/reads/trade_rows.h"
#include "exchange/trade_clocks.h"
#include "exchange/trade_days.h"
#include "exchange/trader_bars.h"
#include "ledger/base_prices.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::api::reads {

absl::StatusOr<std::optional<exchange::TradeFields>> TradeOf(ReadContext& context, exchange::TradeNumber number) {
  SONGHUA_ASSIGN_OR_RETURN(const auto waiting, context.Get<exchange::TradeRow>(number));
  if (waiting.has_value()) return std::optional<exchange::TradeFields>(*waiting);
  std::optional<exchange::TradeFields> last;
  for (uint32_t step = 0; step < exchange::TradeHistoryRow::kSteps; ++step) {
    SONGHUA_ASSIGN_OR_RETURN(const auto final, context.Get<exchange::TradeHistoryRow>(std::make_tuple(number, step)));
    if (!final.has_value()) break;
    last = *final;
  }
  return last;
}

namespace {

// Both sides; of pledged units their pledgee as well, to whom the proceeds go (PLG-22, PLG-33). The region is the contract's control zone.
absl::StatusOr<Target> TargetOf(ReadContext& context, Lookup& lookup, const exchange::TradeFields& trade) {
  Target target;
  for (const ledger::AccountNumber number : {trade.seller, trade.buyer}) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.Account(number));
    SONGHUA_ASSIGN_OR_RETURN(const Target side, lookup.OfAccount(*account));
    target.participants.insert(target.participants.end(), side.participants.begin(), side.participants.end());
  }
  if (trade.pledge.number != 0) {
    SONGHUA_ASSIGN_OR_RETURN(const auto pledge, context.Get<ledger::PledgeRow>(trade.pledge.number));
    if (!pledge.has_value()) return absl::InternalError("the row of pledge " + std::to_string(trade.pledge.number) + " is missing");
    SONGHUA_ASSIGN_OR_RETURN(const Target bank, lookup.OfParticipant(pledge->pledgee));
    target.participants.insert(target.participants.end(), bank.participants.begin(), bank.participants.end());
  }
  SONGHUA_ASSIGN_OR_RETURN(const auto contract, context.Get<exchange::ContractRow>(trade.contract));
  if (contract.has_value()) {
    const auto region = ParseRegion(contract->control_zone);
    if (region.ok()) target.region = *region;
  }
  return target;
}

}  // namespace

absl::StatusOr<v1::Trade> TradeMessage(ReadContext& context, Lookup& lookup, const exchange::TradeFields& trade) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string contract, lookup.ContractName(trade.contract));
  SONGHUA_ASSIGN_OR_RETURN(const std::string seller, lookup.AccountName(trade.seller));
  SONGHUA_ASSIGN_OR_RETURN(const std::string buyer, lookup.AccountName(trade.buyer));
  SONGHUA_ASSIGN_OR_RETURN(const auto clock, context.Get<exchange::TradeDeadlineRow>(trade.number));
  return ToProto(trade, contract, seller, buyer, clock.has_value() ? &*clock : nullptr);
}

namespace {

absl::Status ListOfAccount(ReadContext& context, Lookup& lookup, const std::string& name, v1::ListTradesAnswer* answer) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.FindAccount("account", name));
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(*account));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  return context.List<exchange::TradeIndexRow>(
      EncodeKey(account->number),
      [&](const exchange::TradeIndexRow& index) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const auto trade, TradeOf(context, index.trade));
        if (!trade.has_value()) return absl::InternalError("the row of trade " + std::to_string(index.trade) + " is missing");
        SONGHUA_ASSIGN_OR_RETURN(*answer->add_trades(), TradeMessage(context, lookup, *trade));
        return answer->trades().rbegin()->ByteSizeLong();
      },
      answer->mutable_next_page_token());
}

// A page of a contract's trades after the first `last`, which are numbered without gaps, in two tables: they are counted through.
absl::Status ListCounted(ReadContext& context, Lookup& lookup, const std::string& name, uint64_t last,
                         const std::function<ReadContext::Added(uint64_t number, const exchange::TradeFields& trade)>& visit, std::string* next_page_token) {
  SONGHUA_ASSIGN_OR_RETURN(const exchange::ContractNumber number, lookup.FindContract("contract", name));
  SONGHUA_ASSIGN_OR_RETURN(const auto contract, context.Get<exchange::ContractRow>(number));
  const uint64_t trades = contract.has_value() ? contract->trades : 0;
  if (!context.page().start().key.empty() && !DecodeValue(context.page().start().key, &last).ok()) {
    return InvalidField("page.page_token", "(a place that this list does not have)", "the next_page_token of the page before");
  }
  while (last < trades && !context.page().Full()) {
    ++last;
    SONGHUA_ASSIGN_OR_RETURN(const auto trade, TradeOf(context, exchange::FirstTradeOf(number) + last));
    if (!trade.has_value()) return absl::InternalError("trade " + std::to_string(last) + " of " + name + " is missing");
    SONGHUA_ASSIGN_OR_RETURN(const size_t bytes, visit(last, *trade));
    context.page().Count(bytes);
  }
  if (last < trades) *next_page_token = context.TokenAfter({0, EncodeValue(last)});
  return absl::OkStatus();
}

absl::Status ListOfContract(ReadContext& context, Lookup& lookup, const std::string& name, v1::ListTradesAnswer* answer) {
  return ListCounted(
      context, lookup, name, 0,
      [&](uint64_t, const exchange::TradeFields& trade) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const Target target, TargetOf(context, lookup, trade));
        if (!context.MaySee(target)) return size_t{0};
        SONGHUA_ASSIGN_OR_RETURN(*answer->add_trades(), TradeMessage(context, lookup, trade));
        return answer->trades().rbegin()->ByteSizeLong();
      },
      answer->mutable_next_page_token());
}

}  // namespace

absl::StatusOr<v1::TradeAnswer> GetTrade(ReadContext& context, const v1::GetTradeRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "trades", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto trade, TradeOf(context, number));
  if (!trade.has_value()) return NotFound("name", request.name());
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const Target target, TargetOf(context, lookup, *trade));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::TradeAnswer answer;
  SONGHUA_ASSIGN_OR_RETURN(*answer.mutable_trade(), TradeMessage(context, lookup, *trade));
  return answer;
}

absl::StatusOr<v1::ListTradesAnswer> ListTrades(ReadContext& context, const v1::ListTradesRequest& request) {
  if (request.account().empty() == request.contract().empty()) {
    return InvalidField("account", request.account(), "either an account or a contract, and the other empty");
  }
  Lookup lookup(&context);
  v1::ListTradesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(request.contract().empty() ? ListOfAccount(context, lookup, request.account(), &answer)
                                                     : ListOfContract(context, lookup, request.contract(), &answer));
  return answer;
}

absl::StatusOr<v1::ListTradePrintsAnswer> ListTradePrints(ReadContext& context, const v1::ListTradePrintsRequest& request) {
  Lookup lookup(&context);
  v1::ListTradePrintsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(ListCounted(
      context, lookup, request.contract(), request.first_number() == 0 ? 0 : request.first_number() - 1,
      [&](uint64_t number, const exchange::TradeFields& trade) -> ReadContext::Added {
        if (trade.form == v1::Trade::BLOCK) {  // told when the session is closed (CAR-29)
          SONGHUA_ASSIGN_OR_RETURN(const auto contract, context.Get<exchange::ContractRow>(trade.contract));
          if (contract->InSession(context.today()) && trade.date == context.today()) return size_t{0};
        }
        v1::TradePrint* print = answer.add_prints();
        print->set_number(number);
        print->set_price_fen(trade.price.value());
        print->set_quantity(trade.quantity.value());
        print->set_form(trade.form);
        *print->mutable_time() = ledger::ToProto(trade.agree_time);
        return print->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  answer.set_contract(request.contract());
  return answer;
}

// A year has at most 366 rows a market.
absl::StatusOr<v1::MarketIndexAnswer> GetMarketIndex(ReadContext& context, const v1::GetMarketIndexRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string program, ledger::ParseName("program", "programs", request.program()));
  SONGHUA_RETURN_IF_ERROR(ledger::ValidatePollutant("pollutant", request.pollutant()));
  SONGHUA_ASSIGN_OR_RETURN(const v1::PriceBasis basis, ledger::ParsePriceBasis("price_basis", request.price_basis()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const auto known, context.Get<ledger::ProgramRow>(program));
  if (!known.has_value()) return NotFound("program", request.program());
  Date date = context.today();
  if (!request.date().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(date, ParseDate(request.date(), "date"));
  }
  const Term window = ledger::IndexWindow(date);
  exchange::TradeSums sums;
  SONGHUA_RETURN_IF_ERROR(context.ForEach<exchange::TradeDayRow>(
      EncodeKey(program, request.pollutant(), request.control_zone(), static_cast<int32_t>(basis), request.vintage()),
      [&](const exchange::TradeDayRow& row) {
        if (window.Contains(row.date)) sums.Add(row.Sums());
        return absl::OkStatus();
      }));
  const ledger::MarketAverage average = sums.Average();
  v1::MarketIndexAnswer answer;
  answer.set_first_date(FormatDate(window.first));
  answer.set_last_date(FormatDate(window.last));
  answer.set_trades(static_cast<int64_t>(average.trades));
  answer.set_quantity(average.quantity.value());
  answer.set_price_fen(average.price.value());
  answer.set_counts_in_valuation(average.trades >= ledger::kIndexTradesMin);
  return answer;
}

absl::StatusOr<v1::ListTraderBarsAnswer> ListTraderBars(ReadContext& context, const v1::ListTraderBarsRequest& request) {
  Lookup lookup(&context);
  std::string participant;
  if (!request.participant().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* row, lookup.FindParticipant("participant", request.participant()));
    participant = row->id;
  }
  v1::ListTraderBarsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::TraderBarRow>(
      "",
      [&](const exchange::TraderBarRow& row) -> ReadContext::Added {
        if (!participant.empty() && row.participant != participant) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfParticipant(row.participant));
        if (!context.MaySee(target)) return 0;
        *answer.add_bars() = ToProto(row);
        return answer.bars().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
