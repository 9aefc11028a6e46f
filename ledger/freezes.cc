// Court freezes over lots, and the money that comes in and goes out through the settlement bank.
#include <algorithm>

#include "ledger/identifiers.h"
#include "ledger/ledger.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

constexpr int kFreezeYearsMax = 3;      // PLG-29
constexpr size_t kFreezesPerLotMax = 64;
constexpr int64_t kMoneyMax = 1'000'000'000'000'000;  // fen in one movement

}  // namespace

absl::StatusOr<v1::FreezeAnswer> Ledger::FreezeUnits(CommandContext& context, const v1::FreezeUnitsRequest& request, OrderCanceller* orders) {
  SONGHUA_ASSIGN_OR_RETURN(const LotRow* lot, lots_.Resolve("lot", request.lot()));
  if (request.quantity() < 1 || request.quantity() > lot->quantity.value()) {
    return InvalidField("quantity", std::to_string(request.quantity()), "1 to " + std::to_string(lot->quantity.value()) + ", the lot").Rule("PLG-29");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.court(), 200, "court"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.case_number(), 100, "case_number"));
  Term in_force{};
  SONGHUA_ASSIGN_OR_RETURN(in_force.first, ParseDate(request.start_date(), "start_date"));
  SONGHUA_ASSIGN_OR_RETURN(in_force.last, ParseDate(request.end_date(), "end_date"));
  if (in_force.first != context.today) {
    return InvalidField("start_date", request.start_date(), FormatDate(context.today) + ", today: an order binds from its receipt").Rule("PLG-29");
  }
  SONGHUA_ASSIGN_OR_RETURN(const Date limit, AddYears(in_force.first, kFreezeYearsMax));
  if (in_force.last < in_force.first || in_force.last >= limit) {
    return InvalidField("end_date", request.end_date(), "from start_date to " + FormatDate(limit - 1)).Rule("PLG-29");
  }
  const auto lapsed = [&](const LotFreeze& entry) { return context.today > entry.in_force.last; };
  const auto live = lot->freezes.size() - static_cast<size_t>(std::count_if(lot->freezes.begin(), lot->freezes.end(), lapsed));
  if (live >= kFreezesPerLotMax) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_FREEZES").Field("lot").Value(request.lot()).Accepted(
        "at most " + std::to_string(kFreezesPerLotMax) + " freezes on one lot").Rule("PLG-29");
  }
  FreezeRow freeze{freezes_.size() + 1, lot->number, Quantity(request.quantity()), request.court(), request.case_number(), in_force, false, ""};
  v1::FreezeAnswer answer;
  if (context.validate_only) {
    *answer.mutable_freeze() = ToProto(freeze, *lot, context.today);
    return answer;
  }
  LotRow& row = lots_.Edit(*lot);
  std::erase_if(row.freezes, lapsed);
  row.freezes.push_back({freeze.number, freeze.quantity, in_force});
  // Orders give way to the court; what else holds the units keeps its hold under the cover.
  const Quantity others = row.Held() - row.Held(HoldKind::kOrder);
  const Quantity left = std::max(Quantity(), row.quantity - others - row.Frozen(context.today));
  if (row.Held(HoldKind::kOrder) > left) orders->CancelOrdersOver(context, row.number, row.Held(HoldKind::kOrder) - left);
  freezes_.Insert(freeze);
  context.events->Emit(EventType::kFreezeChanged, freeze.number, freeze.lot, freeze.quantity, freeze.lifted);
  *answer.mutable_freeze() = ToProto(freeze, row, context.today);
  return answer;
}

absl::StatusOr<v1::FreezeAnswer> Ledger::LiftFreeze(CommandContext& context, const v1::LiftFreezeRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "freezes", request.name()));
  const FreezeRow* freeze = freezes_.Find(number);
  if (freeze == nullptr) return NotFound("name", request.name());
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), 500, "reason"));
  if (freeze->lifted || context.today > freeze->in_force.last) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION").Rule("PLG-29").Field("name").Value(request.name()).Accepted(
        "a freeze in force; this one has ended");
  }
  v1::FreezeAnswer answer;
  const LotRow& lot = *lots_.Find(freeze->lot);
  if (context.validate_only) {
    *answer.mutable_freeze() = ToProto(*freeze, lot, context.today);
    return answer;
  }
  // The order may have followed to lots that were carved from this one since (MoveRight); they stay in the same account.
  const auto lifted_here = [&](const LotFreeze& entry) { return entry.freeze == number; };
  for (const LotRow* part : lots_.OfAccount(lot.account)) {
    if (std::any_of(part->freezes.begin(), part->freezes.end(), lifted_here)) std::erase_if(lots_.Edit(*part).freezes, lifted_here);
  }
  FreezeRow& lifted = freezes_.Edit(*freeze);
  lifted.lifted = true;
  lifted.lift_reason = request.reason();
  context.events->Emit(EventType::kFreezeChanged, number, lifted.lot, lifted.quantity, lifted.lifted);
  *answer.mutable_freeze() = ToProto(lifted, lot, context.today);
  return answer;
}

v1::Freeze ToProto(const FreezeRow& row, const LotRow& lot, Date today) {
  v1::Freeze freeze;
  freeze.set_name(MakeName("freezes", row.number));
  freeze.set_lot(MakeName("lots", row.lot));
  freeze.set_quantity(row.quantity.value());
  freeze.set_court(row.court);
  freeze.set_case_number(row.case_number);
  freeze.set_start_date(FormatDate(row.in_force.first));
  freeze.set_end_date(FormatDate(row.in_force.last));
  if (row.lifted) {
    freeze.set_state("LIFTED");
  } else if (today > row.in_force.last) {
    freeze.set_state("LAPSED");
  } else {
    // Orders are served in their order: this one waits, wholly or in part, when those before it leave less than it names.
    Quantity reach = lot.quantity - lot.Held(HoldKind::kTrade);
    for (const LotFreeze& entry : lot.freezes) {
      if (entry.freeze < row.number && entry.in_force.Contains(today)) reach -= std::min(entry.quantity, reach);
    }
    freeze.set_state(row.quantity > reach ? "QUEUED" : "ACTIVE");
  }
  return freeze;
}

absl::StatusOr<v1::TransactionAnswer> Ledger::DepositCash(CommandContext& context, const v1::CashRequest& request) {
  return MoveCash(context, request, true);
}

absl::StatusOr<v1::TransactionAnswer> Ledger::WithdrawCash(CommandContext& context, const v1::CashRequest& request) {
  return MoveCash(context, request, false);
}

absl::StatusOr<v1::TransactionAnswer> Ledger::MoveCash(CommandContext& context, const v1::CashRequest& request, bool deposit) {
  SONGHUA_ASSIGN_OR_RETURN(const AccountRow* account, accounts_.Resolve("account", request.account()));
  if (account->kind != v1::CASH) return InvalidField("account", request.account(), "a participant's cash account").Rule("INV-04");
  if (request.amount_fen() < 1 || request.amount_fen() > kMoneyMax) {
    return InvalidField("amount_fen", std::to_string(request.amount_fen()), "1 to " + std::to_string(kMoneyMax)).Rule("GEN-06");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.bank_reference(), 100, "bank_reference"));
  const Money amount(request.amount_fen());
  const CashRow& cash = *accounts_.FindCash(account->number);
  const AccountNumber bank = accounts_.House(v1::BANK_CASH, "");
  if (deposit) {
    if (!CheckedAdd(cash.posted, amount).ok() || !CheckedSubtract(accounts_.FindCash(bank)->posted, amount).ok()) {
      return OutOfRange("amount_fen", std::to_string(request.amount_fen()), "an amount with which all deposits together stay within 64 bits of fen");
    }
  } else {
    if (cash_gate_ != nullptr) SONGHUA_RETURN_IF_ERROR(cash_gate_->CheckWithdrawal(*account, "account"));
    if (amount > cash.available()) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_FUNDS").Rule("CAR-21").Field("amount_fen").Value(request.amount_fen()).Accepted(
          "at most " + std::to_string(cash.available().value()) + ", what is free in " + request.account());
    }
  }
  if (context.validate_only) return v1::TransactionAnswer();
  TransactionRow transaction;
  transaction.type = deposit ? PostingType::kDeposit : PostingType::kWithdrawal;
  transaction.money_from = deposit ? bank : account->number;
  transaction.money_to = deposit ? account->number : bank;
  transaction.money = amount;
  transaction.reason = request.bank_reference();
  postings_.PostMoney(context, transaction.type, transaction.money_from, transaction.money_to, amount);
  return Conclude(context, std::move(transaction));
}

}  // namespace songhua::ledger
