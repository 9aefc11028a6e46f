// What could not be delivered (CAR-34). Both legs of a trade are held from the match on (CAR-21), and a court's freeze does not reach what is sold, so a default is
// declared by the settlement, for a court's order over it or an error. The trade then waits for the party's top-up; after that the settlement reserve pays for a
// buyer and recovers from what is held of it, and a trade whose units are missing ends.
#include "exchange/exchange.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

using Default = v1::DeliveryDefault;

constexpr size_t kDefaultReasonBytesMax = 500;
constexpr int32_t kTopUpDaysMax = 30;
constexpr int64_t kReserveFenMax = 1'000'000'000'000'000;

Refuse Stands(std::string_view reason, const std::string& name, std::string_view accepted) {
  return Refuse(absl::StatusCode::kFailedPrecondition, reason).Rule("CAR-34").Field("name").Value(name).Accepted(accepted);
}

v1::DeliveryDefaultAnswer AnswerOf(const DeliveryDefaultRow& row) {
  v1::DeliveryDefaultAnswer answer;
  *answer.mutable_delivery_default() = ToProto(row);
  return answer;
}

}  // namespace

absl::StatusOr<v1::DeliveryDefaultAnswer> Exchange::DeclareDefault(CommandContext& context, const v1::DeclareDefaultRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("trade", "trades", request.trade()));
  const TradeRow* trade = trades_.Find(number);
  const SettlementBatchRow* batch = batches_.OfTrade(number);
  if (trade == nullptr || trade->settlement != v1::END_OF_DAY || batch == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_IN_SETTLEMENT").Rule("CAR-34").Field("trade").Value(request.trade()).Accepted(
        "a trade of a batch that is not delivered yet");
  }
  if (request.party() != Default::SELLER && request.party() != Default::BUYER) {
    return InvalidField("party", Default::Party_Name(request.party()), "SELLER or BUYER").Rule("CAR-34");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kDefaultReasonBytesMax, "reason"));
  SONGHUA_ASSIGN_OR_RETURN(const Date top_up_by, ParseDate(request.top_up_by(), "top_up_by"));
  if (top_up_by < context.today || top_up_by > context.today + kTopUpDaysMax) {
    return InvalidField("top_up_by", request.top_up_by(), FormatDate(context.today) + " to " + FormatDate(context.today + kTopUpDaysMax)).Rule("CAR-34");
  }
  if (batches_.FindDefault(number) != nullptr) {
    return Refuse(absl::StatusCode::kAlreadyExists, "DEFAULT_EXISTS").Rule("CAR-34").Field("trade").Value(request.trade()).Accepted(
        "a trade of which no default was declared");
  }
  DeliveryDefaultRow row;
  row.trade = number;
  row.batch = batch->number;
  row.party = request.party();
  row.account = row.party == Default::SELLER ? trade->seller : trade->buyer;
  row.participant = ledger_->accounts().Find(row.account)->participant;
  row.reason = request.reason();
  row.top_up_by = top_up_by;
  row.declared_by = context.person;
  row.declare_time = context.time;
  const v1::DeliveryDefaultAnswer answer = AnswerOf(row);
  if (!context.validate_only) batches_.Insert(context, std::move(row));
  return answer;
}

// The default as it stands; refused where it is in another state.
absl::StatusOr<DeliveryDefaultRow> Exchange::FindDefault(const CommandContext& context, const v1::DeliveryDefaultActRequest& request, Default::State from,
                                                         Default::State to) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "deliveryDefaults", request.name()));
  const DeliveryDefaultRow* found = batches_.FindDefault(number);
  if (found == nullptr) return NotFound("name", request.name());
  if (found->state != from) {
    return Stands("ILLEGAL_TRANSITION", request.name(), "a " + Default::State_Name(from) + " default; this one is " + Default::State_Name(found->state));
  }
  DeliveryDefaultRow row = *found;
  row.state = to;
  row.changed_by = context.person;
  row.change_time = context.time;
  return row;
}

absl::StatusOr<v1::DeliveryDefaultAnswer> Exchange::TopUpDefault(CommandContext& context, const v1::DeliveryDefaultActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(DeliveryDefaultRow row, FindDefault(context, request, Default::DECLARED, Default::TOPPED_UP));
  if (context.today > row.top_up_by) return Stands("TOP_UP_LATE", request.name(), "a top-up by " + FormatDate(row.top_up_by));
  const TradeRow& trade = *trades_.Find(row.trade);
  if (row.party == Default::SELLER && trade.pledge.number != 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PLEDGED_UNITS").Rule("PLG-22").Field("name").Value(request.name()).Accepted(
        "a default of a trade that sells no pledged units: none but those of " + ledger::MakeName("pledges", trade.pledge.number) + " can be delivered for it");
  }
  if (row.party == Default::SELLER) {
    const OrderRefusal refusal = PlanUnits(*FindContract(trade.contract), trade.seller, {}, trade.quantity, context.today);
    if (refusal != OrderRefusal::kNone) {
      return Stands(Info(refusal).reason, request.name(),
                    std::to_string(trade.quantity.value()) + " units free beside those that are held, in " + ledger::AccountName(*ledger_->accounts().Find(trade.seller)));
    }
  } else if (const Money cost = trade.amount + trade.buyer_fee; ledger_->accounts().FindCash(CashOf(trade.buyer))->available() < cost) {
    return Stands("INSUFFICIENT_FUNDS", request.name(),
                  std::to_string(cost.value()) + " fen free beside what is held, in " + ledger::AccountName(*ledger_->accounts().Find(CashOf(trade.buyer))));
  }
  const v1::DeliveryDefaultAnswer answer = AnswerOf(row);
  if (context.validate_only) return answer;
  if (row.party == Default::SELLER) ReplaceUnits(trades_.Edit(trade));  // one fen is like another: as much is held as before
  const uint32_t batch = row.batch;
  batches_.Put(context, std::move(row));
  GoOnWithBatch(context, batch);
  return answer;
}

// The planned units take the place of those that the trade holds.
void Exchange::ReplaceUnits(TradeRow& trade) {
  std::vector<LotSlice> slices;
  for (const PlannedSlice& planned : planned_) {
    ledger_->lots().Hold(*planned.lot, ledger::HoldKind::kTrade, planned.quantity);
    slices.push_back({planned.lot->number, planned.quantity, planned.lot});
  }
  for (const LotSlice& slice : trade.slices) ledger_->lots().Release(*ledger_->lots().Find(slice.lot), ledger::HoldKind::kTrade, slice.quantity);
  trade.slices = std::move(slices);
}

absl::StatusOr<v1::DeliveryDefaultAnswer> Exchange::CoverDefault(CommandContext& context, const v1::DeliveryDefaultActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(DeliveryDefaultRow row, FindDefault(context, request, Default::DECLARED, Default::COVERED));
  if (context.today <= row.top_up_by) {
    return Stands("TOP_UP_NOT_OVER", request.name(), "a default whose time for the top-up is over; this one's runs through " + FormatDate(row.top_up_by));
  }
  if (batches_.Find(row.batch)->progress != v1::SettlementBatch::CONFIRMED) {
    return Stands("NOT_CONFIRMED", request.name(), "a default of a CONFIRMED batch");
  }
  if (batches_.HasObjection(row.trade)) return Stands("OBJECTION_OPEN", request.name(), "a default of a trade to which no objection is open");
  const TradeRow& trade = *trades_.Find(row.trade);
  if (row.party == Default::SELLER) {
    row.state = Default::ENDED;
    const v1::DeliveryDefaultAnswer answer = AnswerOf(row);
    if (context.validate_only) return answer;
    batches_.Put(context, std::move(row));
    Abandon(context, trade, v1::DEFAULTED, "DELIVERY_DEFAULT");
    return answer;
  }
  row.advanced = trade.amount + trade.buyer_fee;
  const ledger::AccountRow* reserve = ledger_->accounts().FindById("house.settlement-reserve");
  const Money available = reserve == nullptr ? Money() : ledger_->accounts().FindCash(reserve->number)->available();
  if (available < row.advanced) {
    return Stands("INSUFFICIENT_FUNDS", request.name(),
                  std::to_string(row.advanced.value()) + " fen in accounts/house.settlement-reserve, where " + std::to_string(available.value()) + " are");
  }
  const v1::DeliveryDefaultAnswer answer = AnswerOf(row);
  if (context.validate_only) return answer;
  batches_.Put(context, std::move(row));
  TradeHistoryRow settled;
  static_cast<TradeFields&>(settled) = trade;
  PayAndDeliver(context, reserve->number, &settled);
  Retire(context, trade, std::move(settled));
  return answer;
}

absl::StatusOr<v1::DeliveryDefaultAnswer> Exchange::RecoverDefault(CommandContext& context, const v1::DeliveryDefaultActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(DeliveryDefaultRow row, FindDefault(context, request, Default::COVERED, Default::RECOVERED));
  const v1::DeliveryDefaultAnswer answer = AnswerOf(row);
  if (context.validate_only) return answer;
  const ledger::AccountNumber cash = CashOf(row.account);
  ledger_->ReleaseTradeCash(cash, row.advanced);
  ledger_->Pay(context, ledger::PostingType::kSettlementReserve, cash, ledger_->accounts().House(v1::SETTLEMENT_RESERVE, ""), row.advanced, row.trade);
  batches_.Put(context, std::move(row));
  return answer;
}

absl::StatusOr<v1::FundReserveAnswer> Exchange::FundReserve(CommandContext& context, const v1::FundReserveRequest& request) {
  SONGHUA_RETURN_IF_ERROR(RequireInRange("amount_fen", request.amount_fen(), 1, kReserveFenMax, "CAR-34"));
  const Money amount(request.amount_fen());
  const Money fees = ledger_->accounts().FindCash(House(v1::FEES, &fees_))->available();
  if (fees < amount) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_FUNDS").Rule("CAR-34").Field("amount_fen").Value(request.amount_fen()).Accepted(
        "at most " + std::to_string(fees.value()) + ", the fees of accounts/house.fees");
  }
  const ledger::AccountRow* opened = ledger_->accounts().FindById("house.settlement-reserve");
  v1::FundReserveAnswer answer;
  answer.set_balance_fen((amount + (opened == nullptr ? Money() : ledger_->accounts().FindCash(opened->number)->posted)).value());
  if (context.validate_only) return answer;
  const ledger::AccountNumber reserve = ledger_->accounts().OpenHouseMoney(context, v1::SETTLEMENT_RESERVE);
  ledger_->Pay(context, ledger::PostingType::kSettlementReserve, House(v1::FEES, &fees_), reserve, amount, 0);
  return answer;
}

}  // namespace songhua::exchange
