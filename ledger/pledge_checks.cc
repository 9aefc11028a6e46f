// What the day brings: lapses, the units' value, what a bank is to be warned of, rights that have expired, registrations that were not cancelled.
#include <algorithm>
#include <utility>

#include "ledger/check.h"
#include "ledger/pledges.h"

namespace songhua::ledger {

Date Pledges::CheckFor(const PledgeRow& row, Date today) const {
  if (row.ControlEffective()) return today + 1;
  if (row.ToBeCancelled(today)) {
    const Date runs_out = row.loan.registration_last;
    if (today > row.cancellation_due) return runs_out == Date{} ? Date{} : runs_out + 1;
    return (runs_out == Date{} ? row.cancellation_due : std::min(row.cancellation_due, runs_out)) + 1;
  }
  if (row.HasEnded() || (row.state == v1::APPLIED && today > row.due)) return Date{};
  return std::max(row.due, today) + 1;
}

uint32_t Pledges::AlertsOf(const PledgeRow& row, Date today) const {
  uint32_t alerts = 0;
  const auto warn = [&](PledgeAlert alert, bool holds) {
    if (holds) alerts |= AlertBit(alert);
  };
  warn(PledgeAlert::kVerificationOverdue, row.state == v1::APPLIED && today > row.due);
  warn(PledgeAlert::kCancellationOverdue, row.ToBeCancelled(today) && today > row.cancellation_due);
  if (!row.ControlEffective()) return alerts;
  const PledgePolicyRow& policy = PolicyOf(row);
  const Money owed = row.Owed();
  if (owed > Money() && valuer_ != nullptr) {
    const bool valued = row.value_date != Date{};
    const int64_t coverage = valued ? CoverageBps(row.valuation.value, owed) : 0;
    warn(PledgeAlert::kNotValued, !valued);
    warn(PledgeAlert::kCoverageWatch, valued && coverage < policy.coverage_watch_bps);
    warn(PledgeAlert::kCoverageCall, valued && coverage < policy.coverage_call_bps);
  }
  const Date reported = row.balance.date == Date{} ? row.active_on : row.balance.date;
  warn(PledgeAlert::kStaleLoan, owed > Money() && today - policy.stale_days > reported);
  warn(PledgeAlert::kLoanDue, owed > Money() && today > row.loan.term.last);
  warn(PledgeAlert::kPriorityLapsed, row.PriorityLapsed(today));
  warn(PledgeAlert::kRegistrationExpires, row.registration_notice != 0);
  warn(PledgeAlert::kInsolvent, IsInsolvent(row.pledgor));
  for (const PledgedPart& part : row.parts) {
    const LotRow& lot = LotOf(part);
    warn(PledgeAlert::kFrozen, part.quantity > Quantity() && lot.Frozen(today) > lot.quantity - lot.Held());
  }
  // Until what is left carries the loan again.
  warn(PledgeAlert::kCollateralShortfall, (row.alerts & AlertBit(PledgeAlert::kCollateralShortfall)) != 0 && owed > row.principal_max);
  return alerts;
}

int32_t Pledges::RegistrationNoticeOf(const PledgeRow& row, Date today) const {
  const Date last = row.loan.registration_last;
  if (!row.ControlEffective() || last == Date{} || today > last) return 0;
  int32_t notice = 0;
  for (const int32_t days : PolicyOf(row).registration_notice_days) {
    if (today >= last - days) notice = days;
  }
  return notice;
}

bool Pledges::PassPledges(CommandContext& context, size_t max) {
  SONGHUA_CHECK(!context.validate_only);
  while (!checks_.empty() && checks_.begin()->first <= context.today) {
    if (max-- == 0) return true;
    const PledgeRow& row = *rows_.Find(checks_.begin()->second);
    Step step{&row, row};
    PledgeRow& changed = step.changed;
    if (row.LapsedOn(context.today)) {
      changed.decision = row.state == v1::HELD ? "HOLD_LAPSED" : "CONFIRMATION_LAPSED";
      changed.state = *NextPledgeState(row.state, PledgeEvent::kLapse);
    } else if (row.ControlEffective()) {
      for (PledgedPart& part : changed.parts) {
        const LotRow& lot = LotOf(part);
        if (lot.right && context.today > lot.term.last && part.offered == Quantity()) part.Take(part.quantity);
      }
      changed.DropEmptyParts();
      Value(&changed, context.today);
      if (row.Total() > Quantity() && changed.Total() == Quantity() && changed.deposited == Money()) {
        changed.decision = "RIGHTS_EXPIRED";
        changed.state = *NextPledgeState(row.state, PledgeEvent::kLose);
      }
    }
    Conclude(context, std::move(step));
  }
  return false;
}

}  // namespace songhua::ledger
