// What officers, the settlement and the courts do with trades (china.md 8.3).
#include "exchange/trades.h"

#include "exchange/exchange.h"
#include "ledger/codec.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::exchange {
namespace {

constexpr size_t kDecisionBytesMax = 500;

// The state's name in china.md: TRADE_VERIFIED is so called only because enumerations of the API share one scope.
std::string StateName(v1::TradeState state) { return state == v1::TRADE_VERIFIED ? "VERIFIED" : v1::TradeState_Name(state); }

// DR-47: an officer verifies before anything is settled. Callers with a rule of their own name it.
Refuse IllegalTransition(const std::string& name, const TradeFields& trade, std::string_view accepted) {
  return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
      .Rule("DR-47")
      .Field("name")
      .Value(name)
      .Accepted(std::string(accepted) + "; this one is " + StateName(trade.state));
}

TradeHistoryRow Copy(const TradeRow& trade) {
  TradeHistoryRow row;
  static_cast<TradeFields&>(row) = trade;
  return row;
}

}  // namespace

v1::Trade ToProto(const TradeFields& trade, const std::string& contract_name, const std::string& seller_account,
                  const std::string& buyer_account) {
  v1::Trade message;
  message.set_name(ledger::MakeName("trades", trade.number));
  message.set_contract(contract_name);
  message.set_state(trade.state);
  message.set_seller_account(seller_account);
  message.set_buyer_account(buyer_account);
  message.set_price_fen(trade.price.value());
  message.set_quantity(trade.quantity.value());
  message.set_amount_fen(trade.amount.value());
  message.set_seller_fee_fen(trade.seller_fee.value());
  message.set_buyer_fee_fen(trade.buyer_fee.value());
  *message.mutable_agree_time() = ledger::ToProto(trade.agree_time);
  if (trade.settle_time != Timestamp()) *message.mutable_settle_time() = ledger::ToProto(trade.settle_time);
  message.set_sell_order(ledger::MakeName("orders", trade.sell_order));
  message.set_buy_order(ledger::MakeName("orders", trade.buy_order));
  message.set_trade_date(FormatDate(trade.date));
  message.set_decision(trade.decision);
  return message;
}

v1::TradeAnswer Exchange::AnswerFor(const TradeFields& trade) const {
  v1::TradeAnswer answer;
  *answer.mutable_trade() = ToProto(trade, ledger::MakeName("contracts", FindContract(trade.contract)->code),
                                    ledger::AccountName(*ledger_->accounts().Find(trade.seller)),
                                    ledger::AccountName(*ledger_->accounts().Find(trade.buyer)));
  return answer;
}

// A trade that is still in memory, from its name and only so far as its form is right; those that are final are found by FindFinal.
absl::StatusOr<const TradeRow*> Exchange::FindWaiting(CommandContext& context, const v1::TradeActRequest& request, v1::TradeState from,
                                                      std::string_view accepted) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "trades", request.name()));
  const TradeRow* trade = trades_.Find(number);
  if (trade == nullptr) {
    SONGHUA_ASSIGN_OR_RETURN(const TradeHistoryRow final, FindFinal(context, request, number));
    return IllegalTransition(request.name(), final, accepted);
  }
  if (trade->state != from) return IllegalTransition(request.name(), *trade, accepted);
  return trade;
}

absl::StatusOr<TradeHistoryRow> Exchange::FindFinal(CommandContext& context, const v1::TradeActRequest& request, TradeNumber number) {
  const auto bytes = context.cold == nullptr
                         ? std::nullopt
                         : context.cold->Read(static_cast<uint16_t>(RowTable::kTradeHistory), EncodeRowKey(number));
  if (!bytes.has_value()) return NotFound("name", request.name());
  TradeHistoryRow row;
  SONGHUA_RETURN_IF_ERROR(DecodeValue(*bytes, &row));
  return row;
}

absl::StatusOr<v1::TradeAnswer> Exchange::VerifyTrade(CommandContext& context, const v1::TradeActRequest& request) {
  constexpr std::string_view kAccepted = "an AGREED trade of a contract with settlement VERIFIED";
  SONGHUA_ASSIGN_OR_RETURN(const TradeRow* trade, FindWaiting(context, request, v1::AGREED, kAccepted));
  if (trade->settlement != v1::VERIFIED) return IllegalTransition(request.name(), *trade, kAccepted).Rule("CAR-30");
  return Advance(context, *trade, v1::TRADE_VERIFIED);
}

absl::StatusOr<v1::TradeAnswer> Exchange::RecordPayment(CommandContext& context, const v1::TradeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const TradeRow* trade, FindWaiting(context, request, v1::TRADE_VERIFIED, "a VERIFIED trade"));
  if (!context.validate_only) {
    const Money cost = trade->amount + trade->buyer_fee;
    const ledger::AccountNumber cash = CashOf(trade->buyer);
    ledger_->ReleaseTradeCash(cash, cost);
    ledger_->Pay(context, ledger::PostingType::kPayment, cash, House(v1::ESCROW, &escrow_), cost, trade->number);
  }
  return Advance(context, *trade, v1::PAID);
}

// Notes the step of a trade that goes on waiting.
v1::TradeAnswer Exchange::Advance(CommandContext& context, const TradeRow& trade, v1::TradeState state) {
  if (context.validate_only) {
    TradeFields after = trade;
    after.state = state;
    return AnswerFor(after);
  }
  TradeRow& row = trades_.Edit(trade);
  row.state = state;
  EmitTrade(context, row);
  return AnswerFor(row);
}

absl::StatusOr<v1::TradeAnswer> Exchange::RejectTrade(CommandContext& context, const v1::TradeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const TradeRow* trade, FindWaiting(context, request, v1::AGREED, "an AGREED trade"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  TradeHistoryRow row = Copy(*trade);
  row.state = v1::REJECTED;
  row.decision = request.decision();
  row.slices.clear();
  const v1::TradeAnswer answer = AnswerFor(row);
  if (context.validate_only) return answer;
  for (const LotSlice& slice : trade->slices) {
    ledger_->lots().Release(*ledger_->lots().Find(slice.lot), ledger::HoldKind::kTrade, slice.quantity);
  }
  ledger_->ReleaseTradeCash(CashOf(trade->buyer), trade->amount + trade->buyer_fee);
  Retire(context, *trade, std::move(row));
  return answer;
}

absl::StatusOr<v1::TradeAnswer> Exchange::SettleTrade(CommandContext& context, const v1::TradeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const TradeRow* trade, FindWaiting(context, request, v1::PAID, "a PAID trade"));
  TradeHistoryRow row = Copy(*trade);
  if (context.validate_only) {
    row.state = v1::SETTLED;
    return AnswerFor(row);
  }
  PayAndDeliver(context, House(v1::ESCROW, &escrow_), &row);
  const v1::TradeAnswer answer = AnswerFor(row);
  Retire(context, *trade, std::move(row));
  return answer;
}

absl::StatusOr<v1::SettleDayAnswer> Exchange::SettleDay(CommandContext& context, const v1::SettleDayRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(ContractState * state, ResolveContract("contract", request.contract()));
  if (request.trades_max() < 0 || request.trades_max() > kTradesPerSettleDayMax) {
    return InvalidField("trades_max", std::to_string(request.trades_max()), "0 to " + std::to_string(kTradesPerSettleDayMax));
  }
  // Trades of a session that still runs wait for its close; those of sessions before do not.
  const bool in_session = state->row->InSession(context.today);
  const auto is_due = [&](TradeNumber number) { return !in_session || trades_.Find(number)->date < context.today; };
  if (in_session && (state->waiting.empty() || !is_due(*state->waiting.begin()))) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "SESSION_OPEN").Rule("CAR-30").Field("contract").Value(request.contract()).Accepted(
        "a contract whose session is closed");
  }
  const size_t trades_max = request.trades_max() == 0 ? kTradesPerSettleDayMax : request.trades_max();
  std::vector<TradeNumber> due;
  for (TradeNumber number : state->waiting) {
    if (due.size() == trades_max || !is_due(number)) break;
    due.push_back(number);
  }
  v1::SettleDayAnswer answer;
  answer.set_settled(static_cast<int32_t>(due.size()));
  answer.set_remaining(static_cast<int32_t>(state->waiting.size() - due.size()));
  if (context.validate_only) return answer;
  for (TradeNumber number : due) {
    const TradeRow& trade = *trades_.Find(number);
    TradeHistoryRow row = Copy(trade);
    const ledger::AccountNumber cash = CashOf(trade.buyer);
    ledger_->ReleaseTradeCash(cash, trade.amount + trade.buyer_fee);
    PayAndDeliver(context, cash, &row);
    Retire(context, trade, std::move(row));
  }
  return answer;
}

absl::StatusOr<v1::TradeAnswer> Exchange::CompleteTrade(CommandContext& context, const v1::TradeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "trades", request.name()));
  constexpr std::string_view kAccepted = "a SETTLED trade of rights";
  if (const TradeRow* trade = trades_.Find(number)) return IllegalTransition(request.name(), *trade, kAccepted).Rule("DR-18");
  SONGHUA_ASSIGN_OR_RETURN(TradeHistoryRow row, FindFinal(context, request, number));
  if (row.state != v1::SETTLED || !FindContract(row.contract)->right) {
    return IllegalTransition(request.name(), row, kAccepted).Rule("DR-18");
  }
  row.state = v1::COMPLETED;
  const v1::TradeAnswer answer = AnswerFor(row);
  if (context.validate_only) return answer;
  trade_history_.Append(row);
  EmitTrade(context, row);
  return answer;
}

absl::StatusOr<v1::TradeAnswer> Exchange::ReverseTrade(CommandContext& context, const v1::TradeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "trades", request.name()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  if (const TradeRow* trade = trades_.Find(number)) return IllegalTransition(request.name(), *trade, "a SETTLED trade").Rule("GEN-08");
  SONGHUA_ASSIGN_OR_RETURN(TradeHistoryRow row, FindFinal(context, request, number));
  if (row.state != v1::SETTLED) return IllegalTransition(request.name(), row, "a SETTLED trade").Rule("GEN-08");
  SONGHUA_RETURN_IF_ERROR(ledger_->CheckReturnable(context, row.moves));
  const ledger::AccountNumber seller = CashOf(row.seller);
  const ledger::AccountNumber buyer = CashOf(row.buyer);
  const ledger::AccountNumber fees = House(v1::FEES, &fees_);
  const Money needed = row.amount - row.seller_fee;
  const Money available = ledger_->accounts().FindCash(seller)->available();
  if (available < needed || ledger_->accounts().FindCash(fees)->available() < row.seller_fee + row.buyer_fee) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_FUNDS").Rule("GEN-08").Field("name").Value(request.name()).Accepted(
        std::to_string(needed.value()) + " fen free in " + ledger::AccountName(*ledger_->accounts().Find(seller)) + ", where " +
        std::to_string(available.value()) + " are");
  }
  row.state = v1::REVERSED;
  row.decision = request.decision();
  const v1::TradeAnswer answer = AnswerFor(row);
  if (context.validate_only) return answer;

  for (const ledger::LotMove& move : row.moves) ledger_->Return(context, move, number);
  if (row.seller_fee != Money()) ledger_->Pay(context, ledger::PostingType::kReversal, fees, seller, row.seller_fee, number);
  if (row.buyer_fee != Money()) ledger_->Pay(context, ledger::PostingType::kReversal, fees, buyer, row.buyer_fee, number);
  ledger_->Pay(context, ledger::PostingType::kReversal, seller, buyer, row.amount, number);
  trade_history_.Append(row);
  EmitTrade(context, row);
  return answer;
}

}  // namespace songhua::exchange
