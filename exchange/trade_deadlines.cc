// What becomes of trades of rights that nobody verified, paid or showed in a permit in time (china.md 8.3, DR-18, DR-45), and what shows a trade (DR-18).
#include <algorithm>

#include "exchange/exchange.h"
#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/pledges.h"
#include "ledger/refusal.h"

namespace songhua::exchange {

int32_t Exchange::WorkdaysOf(const TradeFields& trade, TradeStage stage) const {
  const ledger::RightsPolicyRow& policy = ledger_->programs().Find(FindContract(trade.contract)->program)->rights;
  switch (stage) {
    case TradeStage::kVerify: return policy.verify_workdays;
    case TradeStage::kPay: return policy.pay_workdays;
    case TradeStage::kPermits: return policy.permit_workdays;
  }
  SONGHUA_CHECK(false);
  return 0;
}

absl::Status Exchange::CheckShown(const TradeFields& trade, const std::string& name, Date today) const {
  const ContractRow& contract = *FindContract(trade.contract);
  const auto refuse = [&](const std::string& site, std::string_view what) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PERMIT_NOT_CHANGED")
        .Rule("DR-18")
        .Field("name")
        .Value(name)
        .Accepted("a trade that both permits show: the permit of " + ledger::MakeName("sites", site) + " " + std::string(what));
  };
  const std::string& seller = ledger_->accounts().Find(trade.seller)->site;  // empty: a reserve
  if (!seller.empty() && !permits_->ShowsWhatIsLeft(seller, contract.pollutant, contract.term, today)) {
    return refuse(seller, "permits more " + contract.pollutant + " than its rights cover");
  }
  const std::string& buyer = ledger_->accounts().Find(trade.buyer)->site;
  if (!permits_->ShowsWhatCame(buyer, contract.pollutant, contract.term, trade.settle_sequence, today)) {
    return refuse(buyer, "does not show what was bought");
  }
  return absl::OkStatus();
}

bool Exchange::PassTradeDeadlines(CommandContext& context, size_t max) {
  SONGHUA_CHECK(!context.validate_only);
  for (size_t passed = 0;; ++passed) {
    const TradeDeadlineRow* clock = clocks_.FirstPassed(context.today);
    if (clock == nullptr) return false;
    if (passed == max) return true;
    if (clock->stage == TradeStage::kPermits) {
      clocks_.MarkOverdue(*clock);
      context.events->Emit(EventType::kTradeChanged, clock->trade, static_cast<uint8_t>(v1::SETTLED), ContractOf(clock->trade), clock->price,
                           clock->quantity, clock->amount, clock->seller, clock->buyer, uint8_t{0});  // its form was told when it was agreed
      continue;
    }
    const TradeRow& trade = *trades_.Find(clock->trade);
    if (clock->stage == TradeStage::kVerify) {
      Abandon(context, trade, v1::REJECTED, "VERIFICATION_TIMEOUT");
      continue;
    }
    BarBuyer(context, trade);
    Abandon(context, trade, v1::DEFAULTED, "PAYMENT_TIMEOUT");
  }
}

// In continuous trading there is no deposit, so a default forfeits nothing: the money that the buyer held for the trade is its own again, and what it suffers
// is the bar.
void Exchange::Abandon(CommandContext& context, const TradeRow& trade, v1::TradeState state, std::string decision) {
  TradeHistoryRow row;
  static_cast<TradeFields&>(row) = trade;
  row.state = state;
  row.decision = std::move(decision);
  row.slices.clear();
  for (const LotSlice& slice : trade.slices) {
    if (trade.pledge.number != 0) {
      pledges_->TakeBackUnits(context, trade.pledge.number, slice.lot, slice.quantity, ledger::HoldKind::kTrade);
    } else {
      ledger_->lots().Release(*ledger_->lots().Find(slice.lot), ledger::HoldKind::kTrade, slice.quantity);
    }
  }
  ledger_->ReleaseTradeCash(CashOf(trade.buyer), trade.amount + trade.buyer_fee);
  CountBuying(&context, *State(trade.contract), trade.buyer, -trade.quantity);
  CountInflow(trade, -trade.quantity);
  statistics_.Undo(*FindContract(trade.contract), trade);
  Retire(context, trade, std::move(row));
}

// Its orders to buy rights end with it: what rests was placed by one who was trusted to pay.
void Exchange::BarBuyer(CommandContext& context, const TradeFields& trade) {
  const int32_t months = ledger_->programs().Find(FindContract(trade.contract)->program)->rights.default_bar_months;
  BarParticipant(context, ledger_->accounts().Find(trade.buyer)->participant, trade.number, months);
}

void Exchange::BarParticipant(CommandContext& context, const std::string& participant, uint64_t cause, int32_t months) {
  bars_.Bar(context, participant, cause, months);
  for (const AccountEntry& entry : entries_) {
    if (entry.row == nullptr || entry.kind != v1::RIGHTS || entry.row->participant != participant) continue;
    for (OrderRow* order = entry.newest_order; order != nullptr;) {
      OrderRow* older = order->older;
      if (order->side == Side::kBuy) EndResting(context, *State(order->contract), *order, EndReason::kTraderBarred);
      order = older;
    }
  }
}

Quantity Exchange::NotYetShown(ledger::AccountNumber account, std::string_view pollutant, int32_t year) const {
  Quantity sum;
  for (const TradeDeadlineRow* clock : clocks_.NotShown(account)) {
    const ContractRow& contract = *FindContract(ContractOf(clock->trade));
    if (contract.pollutant == pollutant && Year(contract.term.first) <= year && year <= Year(contract.term.last)) sum += clock->quantity;
  }
  return sum;
}

}  // namespace songhua::exchange
