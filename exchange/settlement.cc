// From a match to its settlement: what a fill means for the two orders, and the two legs, delivery and payment, which move together or not at
// all. All movements of units and money of the market are in this file.
#include <algorithm>

#include "exchange/exchange.h"
#include "exchange/matching.h"
#include "ledger/names.h"
#include "ledger/pledges.h"

namespace songhua::exchange {
namespace {

// The settlement's part of the fee for a fill: what is due on all fills of the order, less what was due on those before.
Money SettlementFeeOf(const OrderRow& order, Money amount, int32_t fee_bps) { return FeeOf(order.traded + amount, fee_bps) - FeeOf(order.traded, fee_bps); }

// Counts a fill of an order and returns both fees for it: what is due on all its fills, less what was charged before, so that fills of any size
// cost together what one would (DR-51).
Money CountFill(OrderRow& order, Quantity quantity, Money amount, int32_t trading_bps, int32_t settlement_bps) {
  order.open -= quantity;
  order.filled += quantity;
  order.traded += amount;
  const Money fee = FeeOf(order.traded, trading_bps) + FeeOf(order.traded, settlement_bps) - order.fee_charged;
  order.fee_charged += fee;
  return fee;
}

// CAR-14: prices are those of the order book.
TradeMode ModeOf(v1::Trade::Form form) {
  if (form == v1::Trade::LISTED) return TradeMode::kListed;
  return form == v1::Trade::BLOCK ? TradeMode::kBlock : TradeMode::kAuction;
}

}  // namespace

TradeNumber Exchange::Agree(CommandContext& context, ContractState& state, OrderRow& buyer, OrderRow& seller, Price price, Quantity quantity, bool related) {
  ContractRow& contract = contracts_.Edit(*state.row);
  const RulebookTerms& terms = TermsOf(buyer);  // both trade by the same
  TradeHistoryRow& trade = trade_;
  trade.slices.clear();
  trade.moves.clear();
  trade.number = FirstTradeOf(contract.number) + ++contract.trades;
  trade.contract = contract.number;
  trade.state = v1::AGREED;
  trade.settlement = terms.settlement;
  trade.form = buyer.form;
  trade.origin = buyer.origin;
  trade.related = related;
  trade.pledge = seller.pledge;
  trade.seller = seller.account;
  trade.buyer = buyer.account;
  trade.sell_order = seller.number;
  trade.buy_order = buyer.number;
  trade.price = price;
  trade.quantity = quantity;
  trade.date = context.today;
  trade.agree_time = context.time;
  trade.settle_time = Timestamp();
  trade.settle_sequence = 0;
  trade.route = entries_[seller.account].kind == v1::RESERVE ? v1::TREASURY_ROUTE : v1::ENTERPRISE_ROUTE;
  SONGHUA_CHECK(AmountOf(contract, price, quantity, &trade.amount));
  if (!buyer.off_book()) contract.last_price = price;
  if (contract.InSession(context.today)) contract.bar.Count(ModeOf(buyer.form), price, quantity, trade.amount);
  statistics_.Add(contract, trade, &state.statistics);
  const int32_t settlement_bps = terms.settlement_fee_bps;
  trade.buyer_settlement_fee = SettlementFeeOf(buyer, trade.amount, settlement_bps);
  trade.seller_settlement_fee = SettlementFeeOf(seller, trade.amount, settlement_bps);
  trade.buyer_fee = CountFill(buyer, quantity, trade.amount, terms.buyer_fee_bps, settlement_bps);
  trade.seller_fee = CountFill(seller, quantity, trade.amount, terms.seller_fee_bps, settlement_bps);
  CountInflow(trade, quantity);
  if (contract.terms.surveillance.in_force() && contract.InSession(context.today)) {  // as its bar, beside which a pair's share is held
    surveillance_.CountTrade(contract.number, entries_[seller.account].group, entries_[buyer.account].group, quantity);
  }
  trade_index_.Append({trade.seller, context.sequence, trade.number});
  trade_index_.Append({trade.buyer, context.sequence, trade.number});

  // Holds go from the orders to the trade; what the buyer held above the cost of this fill is free again.
  TakeUnits(seller, quantity, &trade.slices);
  Money hold;
  SONGHUA_CHECK(HoldOf(contract, terms, buyer.price, buyer.open, buyer.traded, buyer.fee_charged, &hold));
  const Money cost = trade.amount + trade.buyer_fee;
  const Money spare = buyer.held_cash - hold - cost;
  buyer.held_cash = hold;
  const ledger::AccountNumber cash = CashOf(trade.buyer);
  ledger_->HoldCashForTrade(cash, cost);
  if (spare != Money()) ledger_->ReleaseCash(cash, spare);

  if (trade.settlement != v1::IMMEDIATE) {
    TradeRow row;
    static_cast<TradeFields&>(row) = trade;
    if (row.settlement == v1::END_OF_DAY) state.waiting.insert(row.number);
    if (contract.right) undelivered_.insert({row.buyer, row.number});
    if (contract.right && row.settlement == v1::VERIFIED) {
      clocks_.Start(row, TradeStage::kVerify, row.date, ledger_->programs().Find(contract.program)->rights.verify_workdays);
    }
    EmitTrade(context, trades_.Insert(std::move(row)));
    return trade.number;
  }
  ledger_->ReleaseTradeCash(cash, cost);
  PayAndDeliver(context, cash, &trade);
  trade_history_.Append(trade);
  EmitTrade(context, trade);
  return trade.number;
}

// The slices go in the order in which they were planned.
void Exchange::TakeUnits(OrderRow& seller, Quantity quantity, std::vector<LotSlice>* slices) {
  const auto take = [&](LotSlice& slice) {
    const Quantity part = std::min(slice.quantity, quantity);
    if (part == Quantity()) return;
    ledger_->lots().ConvertHold(*slice.row, ledger::HoldKind::kOrder, ledger::HoldKind::kTrade, part);
    slice.quantity -= part;
    quantity -= part;
    slices->push_back({slice.lot, part, slice.row});
  };
  take(seller.first_slice);
  for (LotSlice& slice : seller.more_slices) take(slice);
  SONGHUA_CHECK(quantity == Quantity());
}

// `payer` has amount and buyer's fee free: the buyer's cash account, or the house's escrow after a payment. Each lot bears its part of the
// amount as its cost; the parts are cut down and the last takes the rest. From here on a trade of rights waits for both permits (DR-18).
void Exchange::PayAndDeliver(CommandContext& context, ledger::AccountNumber payer, TradeFields* trade) {
  const ledger::AccountNumber proceeds = ProceedsOf(*trade);
  const ledger::AccountNumber fees = House(v1::FEES, &fees_);
  ledger_->Pay(context, ledger::PostingType::kPayment, payer, proceeds, trade->amount, trade->number);
  if (trade->buyer_fee != Money()) ledger_->Pay(context, ledger::PostingType::kFee, payer, fees, trade->buyer_fee, trade->number);
  if (trade->seller_fee != Money()) ledger_->Pay(context, ledger::PostingType::kFee, proceeds, fees, trade->seller_fee, trade->number);

  const Term& term = State(trade->contract)->row->term;
  Quantity delivered;
  Money borne;
  for (const LotSlice& slice : trade->slices) {
    delivered += slice.quantity;
    const auto cost = MultiplyDivide(trade->amount.value(), delivered.value(), trade->quantity.value(), Rounding::kFloor);
    SONGHUA_CHECK(cost.ok());
    CountBuying(nullptr, *State(trade->contract), trade->buyer, -slice.quantity);
    const ledger::LotNumber last_lot = ledger_->lots().size();
    trade->moves.push_back(ledger_->Deliver(context, *ledger_->lots().Find(slice.lot), slice.quantity, term, trade->buyer, Money(*cost) - borne,
                                            trade->number, trade->date));
    borne = Money(*cost);
    if (trade->pledge.number != 0) pledges_->SoldUnits(context, trade->pledge.number, slice.lot, slice.quantity, last_lot);
  }
  SONGHUA_CHECK(delivered == trade->quantity);
  // PLG-22, PLG-33: the pledgor keeps what the loan leaves of it.
  if (const Money brought = trade->amount - trade->seller_fee; trade->pledge.number != 0 && brought > Money()) {
    pledges_->Distribute(context, trade->pledge.number, proceeds, brought, ledger::MakeName("trades", trade->number));
  }
  trade->slices.clear();
  trade->state = v1::SETTLED;
  trade->settle_time = context.time;
  trade->settle_sequence = context.sequence;
  CountSettled(*trade, true);
  const ContractRow& contract = *FindContract(trade->contract);
  if (!contract.right) return;
  clocks_.Start(*trade, TradeStage::kPermits, context.today, ledger_->programs().Find(contract.program)->rights.permit_workdays);
}

// Both ways in one place, so that nothing is taken out that was not counted. A price within an entity group is none of the market's (DR-31).
void Exchange::CountSettled(const TradeFields& trade, bool settled) {
  CountOutflow(trade, settled ? trade.quantity : -trade.quantity);
  if (trade.related) return;
  ContractState& state = *State(trade.contract);
  if (settled) {
    days_.Add(*state.row, trade.date, trade.price, trade.quantity, &state.day);
  } else {
    days_.Remove(*state.row, trade.date, trade.price, trade.quantity);
  }
}

void Exchange::SettleGross(CommandContext& context, const TradeRow& trade) {
  TradeHistoryRow row;
  static_cast<TradeFields&>(row) = trade;
  const ledger::AccountNumber cash = CashOf(trade.buyer);
  ledger_->ReleaseTradeCash(cash, trade.amount + trade.buyer_fee);
  PayAndDeliver(context, cash, &row);
  Retire(context, trade, std::move(row));
}

// DR-52: what a reserve sold is non-tax revenue and goes into the treasury's account; what an enterprise sold is its own.
ledger::AccountNumber Exchange::ProceedsOf(const TradeFields& trade) {
  return trade.route == v1::TREASURY_ROUTE ? House(v1::FUNDS, &funds_) : CashOf(trade.seller);
}

// A trade that waited has come to its end, or to where it only waits for others.
void Exchange::Retire(CommandContext& context, const TradeRow& trade, TradeHistoryRow row) {
  if (row.state != v1::SETTLED) clocks_.Stop(trade.number);
  trade_history_.Append(row);
  EmitTrade(context, row);
  State(trade.contract)->waiting.erase(trade.number);
  undelivered_.erase({trade.buyer, trade.number});
  trades_.Erase(trade);
  CountRetired(context, row);
}

void Exchange::EmitTrade(CommandContext& context, const TradeFields& trade) {
  context.events->Emit(EventType::kTradeChanged, trade.number, static_cast<uint8_t>(trade.state), trade.contract, trade.price, trade.quantity,
                       trade.amount, trade.seller, trade.buyer, static_cast<uint8_t>(trade.form));
}

ledger::AccountNumber Exchange::CashOf(ledger::AccountNumber account) { return Entry(account)->cash->account; }

ledger::AccountNumber Exchange::House(v1::AccountKind kind, ledger::AccountNumber* number) const {
  if (*number == 0) *number = ledger_->accounts().House(kind, "");
  return *number;
}

}  // namespace songhua::exchange
