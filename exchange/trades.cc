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

v1::Trade ToProto(const TradeFields& trade, const std::string& contract_name, const std::string& seller_account, const std::string& buyer_account,
                  const TradeDeadlineRow* clock) {
  v1::Trade message;
  message.set_name(ledger::MakeName("trades", trade.number));
  message.set_contract(contract_name);
  message.set_state(trade.state);
  message.set_seller_account(seller_account);
  message.set_buyer_account(buyer_account);
  message.set_price_fen(trade.price.value());
  message.set_quantity(trade.quantity.value());
  message.set_amount_fen(trade.amount.value());
  message.set_seller_fee_fen((trade.seller_fee - trade.seller_settlement_fee).value());
  message.set_buyer_fee_fen((trade.buyer_fee - trade.buyer_settlement_fee).value());
  message.set_seller_settlement_fee_fen(trade.seller_settlement_fee.value());
  message.set_buyer_settlement_fee_fen(trade.buyer_settlement_fee.value());
  *message.mutable_agree_time() = ledger::ToProto(trade.agree_time);
  if (trade.settle_time != Timestamp()) *message.mutable_settle_time() = ledger::ToProto(trade.settle_time);
  message.set_sell_order(ledger::MakeName("orders", trade.sell_order));
  message.set_buy_order(ledger::MakeName("orders", trade.buy_order));
  message.set_form(trade.form);
  message.set_origin(OriginName(trade.form, trade.origin));
  message.set_related(trade.related);
  if (trade.pledge.number != 0) message.set_pledge(ledger::MakeName("pledges", trade.pledge.number));
  message.set_trade_date(FormatDate(trade.date));
  message.set_decision(trade.decision);
  message.set_settlement_route(trade.route);
  if (!trade.certificate.empty()) message.set_certificate(ledger::MakeName("tradeCertificates", trade.certificate));
  message.set_counts_for_discharge(trade.state == v1::COMPLETED);
  if (clock == nullptr) return message;
  const std::string due = FormatDate(clock->due);
  if (clock->stage == TradeStage::kVerify) message.set_verify_by(due);
  if (clock->stage == TradeStage::kPay) message.set_pay_by(due);
  if (clock->stage == TradeStage::kPermits) message.set_permits_by(due);
  message.set_deadline_provisional(clock->provisional);
  message.set_permit_overdue(clock->overdue);
  return message;
}

v1::TradeAnswer Exchange::AnswerFor(const TradeFields& trade) const { return AnswerFor(trade, clocks_.Find(trade.number)); }

v1::TradeAnswer Exchange::AnswerFor(const TradeFields& trade, const TradeDeadlineRow* clock) const {
  v1::TradeAnswer answer;
  *answer.mutable_trade() = ToProto(trade, ledger::MakeName("contracts", FindContract(trade.contract)->code),
                                    ledger::AccountName(*ledger_->accounts().Find(trade.seller)),
                                    ledger::AccountName(*ledger_->accounts().Find(trade.buyer)), clock);
  return answer;
}

// A trade that is still in memory, from its name and only so far as its form is right; those that are final are found by FindFinal.
absl::StatusOr<const TradeRow*> Exchange::FindWaiting(CommandContext& context, const v1::TradeActRequest& request, v1::TradeState from,
                                                      std::string_view accepted) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "trades", request.name()));
  const TradeRow* trade = trades_.Find(number);
  if (trade == nullptr) {
    SONGHUA_ASSIGN_OR_RETURN(const TradeHistoryRow final, FindFinal(context, "name", request.name(), number));
    return IllegalTransition(request.name(), final, accepted);
  }
  if (trade->state != from) return IllegalTransition(request.name(), *trade, accepted);
  return trade;
}

// The last of its steps. All are asked for, so that a command for which they were not fetched misses all of them at once.
absl::StatusOr<TradeHistoryRow> Exchange::FindFinal(CommandContext& context, std::string_view field, const std::string& name,
                                                    TradeNumber number) const {
  std::optional<std::string> last;
  for (uint32_t step = 0; step < TradeHistoryRow::kSteps && context.cold != nullptr; ++step) {
    auto bytes = context.cold->Read(static_cast<uint16_t>(RowTable::kTradeHistory), EncodeRowKey(std::make_tuple(number, step)));
    if (bytes.has_value()) last = std::move(bytes);
  }
  if (!last.has_value()) return NotFound(field, name);
  TradeHistoryRow row;
  SONGHUA_RETURN_IF_ERROR(DecodeValue(*last, &row));
  return row;
}

absl::StatusOr<v1::TradeAnswer> Exchange::VerifyTrade(CommandContext& context, const v1::TradeActRequest& request) {
  constexpr std::string_view kAccepted = "an AGREED trade of a contract with settlement VERIFIED";
  SONGHUA_ASSIGN_OR_RETURN(const TradeRow* trade, FindWaiting(context, request, v1::AGREED, kAccepted));
  if (trade->settlement != v1::VERIFIED) return IllegalTransition(request.name(), *trade, kAccepted).Rule("CAR-30");
  SONGHUA_RETURN_IF_ERROR(CheckParties(*trade, request.name(), context.today));
  SONGHUA_RETURN_IF_ERROR(CheckHoldingOf(*trade, request.name()));
  SONGHUA_RETURN_IF_ERROR(CheckRegionOf(*trade, request.name(), context.today));
  return Advance(context, *trade, v1::TRADE_VERIFIED);
}

// DR-47: what the gate asked of both sides when they ordered holds when the officer looks. What the seller sells was counted then; of one whose bank sells, nothing
// was asked.
absl::Status Exchange::CheckParties(const TradeFields& trade, const std::string& name, Date today) {
  const ContractRow& contract = *FindContract(trade.contract);
  const ledger::AccountRow& seller = *Entry(trade.seller)->row;
  const ledger::AccountRow& buyer = *Entry(trade.buyer)->row;
  OrderRefusal refusal = trade.pledge.enforced() ? OrderRefusal::kNone : gate_->MaySell(seller, contract, Quantity(), today);
  const bool by_seller = refusal != OrderRefusal::kNone;
  if (!by_seller) refusal = gate_->MayBuy(buyer, contract, trade.quantity, [&](int32_t year) { return LetThroughBeside(trade, year); }, today);
  if (refusal == OrderRefusal::kNone) return absl::OkStatus();
  const OrderRefusalInfo& info = Info(refusal);
  return Refuse(info.code, info.reason).Rule(info.rule).Field("name").Value(name).Accepted(
      std::string("a trade whose parties may still trade; this one's ") + (by_seller ? "seller, " : "buyer, ") +
      ledger::AccountName(by_seller ? seller : buyer) + ", may not: reject it");
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

// Notes the step of a trade that goes on waiting. Once it is verified it waits for the money until pay_by; once it is paid, for the house alone.
v1::TradeAnswer Exchange::Advance(CommandContext& context, const TradeRow& trade, v1::TradeState state) {
  const bool to_pay = state == v1::TRADE_VERIFIED && FindContract(trade.contract)->right;
  if (context.validate_only) {
    TradeFields after = trade;
    after.state = state;
    if (!to_pay) return AnswerFor(after, nullptr);
    const TradeDeadlineRow clock = clocks_.Plan(after, TradeStage::kPay, context.today, WorkdaysOf(trade, TradeStage::kPay));
    return AnswerFor(after, &clock);
  }
  TradeRow& row = trades_.Edit(trade);
  row.state = state;
  if (to_pay) {
    clocks_.Start(row, TradeStage::kPay, context.today, WorkdaysOf(row, TradeStage::kPay));
  } else {
    clocks_.Stop(row.number);
  }
  EmitTrade(context, row);
  return AnswerFor(row);
}

absl::StatusOr<v1::TradeAnswer> Exchange::RejectTrade(CommandContext& context, const v1::TradeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const TradeRow* trade, FindWaiting(context, request, v1::AGREED, "an AGREED trade"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  TradeFields after = *trade;
  after.state = v1::REJECTED;
  after.decision = request.decision();
  const v1::TradeAnswer answer = AnswerFor(after, nullptr);
  if (context.validate_only) return answer;
  Abandon(context, *trade, v1::REJECTED, request.decision());
  return answer;
}

absl::StatusOr<v1::TradeAnswer> Exchange::SettleTrade(CommandContext& context, const v1::TradeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const TradeRow* trade, FindWaiting(context, request, v1::PAID, "a PAID trade"));
  TradeHistoryRow row = Copy(*trade);
  const ContractState& state = *State(row.contract);
  std::string certificates;  // of the region and day
  if (state.row->right) {
    certificates = CertificatePrefix(state.zone, context.today);
    const uint64_t serial = counters_->Peek("tradeCertificates/" + certificates);
    if (serial > kCertificateSerialMax) {
      return Refuse(absl::StatusCode::kResourceExhausted, "CERTIFICATES_EXHAUSTED").Rule("DR-50").Field("name").Value(request.name()).Accepted(
          "a day on which fewer than " + std::to_string(kCertificateSerialMax) + " trades of the region were settled: tomorrow");
    }
    row.certificate = CertificateNumber(certificates, serial);
  }
  if (context.validate_only) {
    row.state = v1::SETTLED;
    return AnswerFor(row, nullptr);
  }
  PayAndDeliver(context, House(v1::ESCROW, &escrow_), &row);
  if (state.row->right) {
    counters_->Next("tradeCertificates/" + certificates);
    certificates_.Append({row.certificate, row.number});
    context.events->Emit(EventType::kCertificateIssued, row.certificate, row.number);
  }
  const v1::TradeAnswer answer = AnswerFor(row);
  Retire(context, *trade, std::move(row));
  return answer;
}

absl::StatusOr<v1::SettleDayAnswer> Exchange::SettleDay(CommandContext& context, const v1::SettleDayRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(ContractState * state, ResolveContract("contract", request.contract()));
  if (request.trades_max() < 0 || request.trades_max() > kTradesPerSettleDayMax) {
    return InvalidField("trades_max", std::to_string(request.trades_max()), "0 to " + std::to_string(kTradesPerSettleDayMax));
  }
  if (batches_.Settles(state->row->number)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "SETTLED_BY_BATCH").Rule("CAR-31").Field("contract").Value(request.contract()).Accepted(
        "a contract whose trades were never sent as a batch: this one's are confirmed by another person first");
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
  for (TradeNumber number : due) SettleGross(context, *trades_.Find(number));
  return answer;
}

absl::StatusOr<v1::TradeAnswer> Exchange::CompleteTrade(CommandContext& context, const v1::TradeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "trades", request.name()));
  constexpr std::string_view kAccepted = "a SETTLED trade of rights";
  if (const TradeRow* trade = trades_.Find(number)) return IllegalTransition(request.name(), *trade, kAccepted).Rule("DR-18");
  SONGHUA_ASSIGN_OR_RETURN(TradeHistoryRow row, FindFinal(context, "name", request.name(), number));
  if (row.state != v1::SETTLED || !FindContract(row.contract)->right) {
    return IllegalTransition(request.name(), row, kAccepted).Rule("DR-18");
  }
  SONGHUA_RETURN_IF_ERROR(CheckShown(row, request.name(), context.today));
  row.state = v1::COMPLETED;
  ++row.step;
  const v1::TradeAnswer answer = AnswerFor(row, nullptr);
  if (context.validate_only) return answer;
  clocks_.Stop(number);
  trade_history_.Append(row);
  EmitTrade(context, row);
  return answer;
}

absl::StatusOr<v1::TradeAnswer> Exchange::ReverseTrade(CommandContext& context, const v1::TradeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "trades", request.name()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  constexpr std::string_view kAccepted = "a SETTLED or COMPLETED trade";
  if (const TradeRow* trade = trades_.Find(number)) return IllegalTransition(request.name(), *trade, kAccepted).Rule("GEN-08");
  SONGHUA_ASSIGN_OR_RETURN(TradeHistoryRow row, FindFinal(context, "name", request.name(), number));
  if (row.state != v1::SETTLED && row.state != v1::COMPLETED) return IllegalTransition(request.name(), row, kAccepted).Rule("GEN-08");
  if (row.pledge.number != 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PROCEEDS_APPLIED").Rule("PLG-33").Field("name").Value(request.name()).Accepted(
        "a trade that sold no pledged units: what this one brought was applied to the loan of " + ledger::MakeName("pledges", row.pledge.number));
  }
  SONGHUA_RETURN_IF_ERROR(ledger_->CheckReturnable(context, row.moves));
  const ledger::AccountNumber proceeds = ProceedsOf(row);
  const ledger::AccountNumber buyer = CashOf(row.buyer);
  const ledger::AccountNumber fees = House(v1::FEES, &fees_);
  const Money needed = row.amount - row.seller_fee;
  const Money available = ledger_->accounts().FindCash(proceeds)->available();
  if (available < needed || ledger_->accounts().FindCash(fees)->available() < row.seller_fee + row.buyer_fee) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_FUNDS").Rule("GEN-08").Field("name").Value(request.name()).Accepted(
        std::to_string(needed.value()) + " fen free in " + ledger::AccountName(*ledger_->accounts().Find(proceeds)) + ", where " +
        std::to_string(available.value()) + " are");
  }
  row.state = v1::REVERSED;
  row.decision = request.decision();
  ++row.step;
  const v1::TradeAnswer answer = AnswerFor(row, nullptr);
  if (context.validate_only) return answer;

  for (const ledger::LotMove& move : row.moves) ledger_->Return(context, move, number, row.date);
  if (row.seller_fee != Money()) ledger_->Pay(context, ledger::PostingType::kReversal, fees, proceeds, row.seller_fee, number);
  if (row.buyer_fee != Money()) ledger_->Pay(context, ledger::PostingType::kReversal, fees, buyer, row.buyer_fee, number);
  ledger_->Pay(context, ledger::PostingType::kReversal, proceeds, buyer, row.amount, number);
  CountInflow(row, -row.quantity);
  CountSettled(row, false);
  clocks_.Stop(number);
  statistics_.Undo(*FindContract(row.contract), row);
  trade_history_.Append(row);
  EmitTrade(context, row);
  return answer;
}

}  // namespace songhua::exchange
