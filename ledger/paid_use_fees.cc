#include "ledger/paid_use_fees.h"

#include <algorithm>
#include <utility>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::ledger {

const InstalmentRow* PaidUseFeeRow::Next() const {
  for (const InstalmentRow& instalment : instalments) {
    if (!instalment.paid()) return &instalment;
  }
  return nullptr;
}

Money PaidUseFeeRow::Total() const {
  Money sum;
  for (const InstalmentRow& instalment : instalments) sum += instalment.amount;
  return sum;
}

Money PaidUseFeeRow::Paid() const {
  Money sum;
  for (const InstalmentRow& instalment : instalments) {
    if (instalment.paid()) sum += instalment.amount;
  }
  return sum;
}

std::vector<InstalmentRow> SplitFee(Money fee, const InstalmentPlan& plan) {
  SONGHUA_CHECK(fee > Money() && plan.count >= 1 && plan.first_bps >= 1 && plan.first_bps <= 10'000);
  const auto first = MultiplyDivide(fee.value(), plan.first_bps, 10'000, Rounding::kCeiling);
  SONGHUA_CHECK(first.ok());
  std::vector<InstalmentRow> instalments = {{plan.first_due, Money(*first)}};
  const int64_t rest = fee.value() - *first;
  for (int32_t i = 1; i < plan.count && rest > 0; ++i) {
    const int64_t part = i + 1 < plan.count ? rest / (plan.count - 1) : rest - rest / (plan.count - 1) * (plan.count - 2);
    const auto due = AddYears(plan.first_due, i);
    SONGHUA_CHECK(due.ok());
    if (part > 0) instalments.push_back({*due, Money(part)});
  }
  return instalments;
}

PaidUseFees::PaidUseFees(TableSet* tables, Ledger* ledger) : ledger_(ledger), rows_(tables) {
  rows_.OnLoaded([this](PaidUseFeeRow& row) { Index(row); });
}

PaidUseFees::~PaidUseFees() = default;

void PaidUseFees::Index(const PaidUseFeeRow& row) {
  if (row.Next() != nullptr) unpaid_[row.site].push_back(row.number);
}

absl::StatusOr<v1::PaidUseFeeAnswer> PaidUseFees::PayPaidUseFee(CommandContext& context, const v1::PayPaidUseFeeRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "paidUseFees", request.name()));
  const PaidUseFeeRow* fee = rows_.Find(number);
  if (fee == nullptr) return NotFound("name", request.name());
  const InstalmentRow* next = fee->Next();
  if (next == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "FEE_PAID").Rule("DR-08").Field("name").Value(request.name()).Accepted("a fee that is still owed");
  }
  if (request.amount_fen() != next->amount.value()) {
    return InvalidField("amount_fen", std::to_string(request.amount_fen()),
                        std::to_string(next->amount.value()) + ", the instalment due on " + FormatDate(next->due))
        .Rule("DR-08");
  }
  const AccountRow& rights = *ledger_->accounts().FindById(fee->site + ".rights");
  const AccountRow* cash = ledger_->accounts().OfParticipant(rights.participant, v1::CASH);
  if (cash == nullptr || ledger_->accounts().FindCash(cash->number)->available() < next->amount) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_FUNDS")
        .Rule("DR-49")
        .Field("amount_fen")
        .Value(request.amount_fen())
        .Accepted(cash == nullptr ? "a cash account of the enterprise: it has none"
                                  : "at most " + std::to_string(ledger_->accounts().FindCash(cash->number)->available().value()) + ", free in " +
                                        AccountName(*cash));
  }
  v1::PaidUseFeeAnswer answer;
  if (context.validate_only) {
    *answer.mutable_paid_use_fee() = ToProto(*fee, context.today);
    return answer;
  }
  PaidUseFeeRow& row = rows_.Edit(*fee);
  InstalmentRow& instalment = row.instalments[next - fee->instalments.data()];
  instalment.paid_on = context.today;
  ledger_->Pay(context, PostingType::kPaidUseFee, cash->number, ledger_->accounts().House(v1::FUNDS, ""), instalment.amount, 0);
  if (row.Next() == nullptr) {
    std::erase(unpaid_[row.site], number);
    if (unpaid_[row.site].empty()) unpaid_.erase(row.site);
  }
  context.events->Emit(EventType::kPaidUseFeeChanged, number, row.Paid(), row.Total());
  *answer.mutable_paid_use_fee() = ToProto(row, context.today);
  return answer;
}

uint64_t PaidUseFees::Charge(CommandContext& context, const std::string& site, LotNumber lot, uint32_t allocation, std::vector<InstalmentRow> instalments) {
  SONGHUA_CHECK(!instalments.empty());
  const PaidUseFeeRow& row = rows_.Insert({rows_.size() + 1, site, lot, allocation, std::move(instalments)});  // fees are never erased
  Index(row);
  context.events->Emit(EventType::kPaidUseFeeChanged, row.number, Money(), row.Total());
  return row.number;
}

const PaidUseFeeRow* PaidUseFees::ArrearsOf(const std::string& site, Date today) const {
  const auto unpaid = unpaid_.find(site);
  if (unpaid == unpaid_.end()) return nullptr;
  for (const uint64_t number : unpaid->second) {
    const PaidUseFeeRow* row = rows_.Find(number);
    if (row->InArrears(today)) return row;
  }
  return nullptr;
}

Money PaidUseFees::OverdueOf(const std::string& site, Date today) const {
  Money overdue;
  const auto unpaid = unpaid_.find(site);
  if (unpaid == unpaid_.end()) return overdue;
  for (const uint64_t number : unpaid->second) {
    for (const InstalmentRow& instalment : rows_.Find(number)->instalments) {
      if (!instalment.paid() && instalment.due < today) overdue += instalment.amount;
    }
  }
  return overdue;
}

absl::Status PaidUseFees::CheckNoArrears(const std::string& site, Date today, std::string_view field) const {
  const PaidUseFeeRow* fee = ArrearsOf(site, today);
  if (fee == nullptr) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "FEE_ARREARS")
      .Rule("DR-09")
      .Field(field)
      .Value(MakeName("sites", site))
      .Accepted("a site that owes nothing overdue: " + FormatMoney(fee->Next()->amount) + " yuan of " + MakeName("paidUseFees", fee->number) +
                " were due on " + FormatDate(fee->Next()->due));
}

v1::PaidUseFee ToProto(const PaidUseFeeRow& row, Date today) {
  v1::PaidUseFee message;
  message.set_name(MakeName("paidUseFees", row.number));
  message.set_site(MakeName("sites", row.site));
  message.set_lot(MakeName("lots", row.lot));
  message.set_allocation(MakeName("allocations", row.allocation));
  message.set_amount_fen(row.Total().value());
  message.set_paid_fen(row.Paid().value());
  for (const InstalmentRow& instalment : row.instalments) {
    v1::Instalment* out = message.add_instalments();
    out->set_due_date(FormatDate(instalment.due));
    out->set_amount_fen(instalment.amount.value());
    if (instalment.paid()) out->set_paid_date(FormatDate(instalment.paid_on));
  }
  message.set_state(row.Next() == nullptr ? "PAID" : row.InArrears(today) ? "ARREARS" : "OWED");
  return message;
}

}  // namespace songhua::ledger
