#include "ledger/pledge_rows.h"

#include <string_view>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

constexpr std::string_view kAlertNames[kPledgeAlerts] = {"VERIFICATION_OVERDUE", "NOT_VALUED",      "COVERAGE_WATCH",       "COVERAGE_CALL", "STALE_LOAN", "LOAN_DUE",
                                                         "REGISTRATION_EXPIRES", "PRIORITY_LAPSED", "COLLATERAL_SHORTFALL", "FROZEN",        "INSOLVENT",
                                                         "CANCELLATION_OVERDUE"};

void SetLoan(const LoanTerms& loan, v1::Pledge* pledge) {
  pledge->set_principal_fen(loan.principal.value());
  pledge->set_rate_bps(loan.rate_bps);
  pledge->set_term_start(FormatDate(loan.term.first));
  pledge->set_term_end(FormatDate(loan.term.last));
  pledge->set_contract_number(loan.contract_number);
  pledge->set_unified_registry_number(loan.unified_registry_number);
  if (loan.registered != Timestamp()) *pledge->mutable_rank_time() = ToProto(loan.registered);
  if (loan.registration_last != Date{}) pledge->set_registration_expire_date(FormatDate(loan.registration_last));
  pledge->set_maximum_amount(loan.maximum_amount);
  if (loan.determination != Date{}) pledge->set_determination_date(FormatDate(loan.determination));
  if (loan.scope == 0) return;
  v1::SecuredScope* scope = pledge->mutable_scope();
  scope->set_principal(loan.scope & 1);
  scope->set_interest(loan.scope & 2);
  scope->set_penalty(loan.scope & 4);
  scope->set_damages(loan.scope & 8);
  scope->set_enforcement_cost(loan.scope & 16);
}

void SetAdditions(const PledgedPart& part, google::protobuf::RepeatedPtrField<v1::AddedUnits>* additions) {
  for (const LaterUnits& later : part.later) {
    v1::AddedUnits* added = additions->Add();
    added->set_quantity(later.quantity.value());
    *added->mutable_rank_time() = ToProto(later.since);
  }
}

// What is owed on it and what covers that.
void SetCoverage(const PledgeRow& row, v1::Pledge* pledge) {
  pledge->set_outstanding_fen(row.Owed().value());
  if (row.balance.date != Date{}) pledge->set_balance_date(FormatDate(row.balance.date));
  if (row.value_date == Date{} || row.Owed() == Money()) return;
  pledge->set_coverage_bps(CoverageBps(row.valuation.value, row.Owed()));
}

}  // namespace

std::vector<std::string> PledgeAlertNames(uint32_t alerts, int32_t registration_notice) {
  std::vector<std::string> names;
  for (int alert = 0; alert < kPledgeAlerts; ++alert) {
    if ((alerts & (1u << alert)) == 0) continue;
    names.emplace_back(kAlertNames[alert]);
    if (static_cast<PledgeAlert>(alert) == PledgeAlert::kRegistrationExpires) names.back() += "_" + std::to_string(registration_notice);
  }
  return names;
}

int64_t CoverageBps(Money value, Money owed) {
  SONGHUA_CHECK(owed > Money());
  const __int128 bps = static_cast<__int128>(value.value()) * 10'000 / owed.value();
  return static_cast<int64_t>(std::min<__int128>(bps, INT64_MAX));
}

void PledgedPart::Add(Quantity units, Timestamp at) {
  if (quantity == Quantity()) {
    since = at;
  } else {
    later.push_back({units, at});
  }
  quantity += units;
}

PledgedPart PledgedPart::Take(Quantity units) {
  SONGHUA_CHECK(units <= quantity);
  PledgedPart taken;
  taken.lot = lot;
  taken.quantity = units;
  taken.since = since;
  Quantity left = units;
  while (left > Quantity() && !later.empty()) {
    LaterUnits& last = later.back();
    const Quantity part = std::min(left, last.quantity);
    taken.later.insert(taken.later.begin(), {part, last.since});
    last.quantity -= part;
    left -= part;
    if (last.quantity == Quantity()) later.pop_back();
  }
  if (left == Quantity() && !taken.later.empty()) {  // none of the first ones
    taken.since = taken.later.front().since;
    taken.later.erase(taken.later.begin());
  }
  quantity -= units;
  return taken;
}

std::optional<HoldKind> PledgeHold(v1::PledgeState state) {
  switch (state) {
    case v1::HELD:
    case v1::BANK_APPROVED:
      return HoldKind::kProvisionalPledge;
    case v1::ACTIVE:
    case v1::DEFAULT_NOTICE:
    case v1::ENFORCING:
      return HoldKind::kPledge;
    default:
      return std::nullopt;
  }
}

v1::Pledge ToProto(const PledgeRow& row, Date today) {
  v1::Pledge pledge;
  pledge.set_name(MakeName("pledges", row.number));
  pledge.set_state(row.state);
  pledge.set_form(row.form);
  bool first = true;
  for (const PledgedPart& part : row.parts) {
    if (first) {
      pledge.set_lot(MakeName("lots", part.lot));
      pledge.set_quantity(part.quantity.value());
      pledge.set_offered(part.offered.value());
      if (part.since != Timestamp()) *pledge.mutable_units_rank_time() = ToProto(part.since);
      SetAdditions(part, pledge.mutable_additions());
    } else {
      v1::PledgedUnits* units = pledge.add_more_units();
      units->set_lot(MakeName("lots", part.lot));
      units->set_quantity(part.quantity.value());
      units->set_offered(part.offered.value());
      if (part.since != Timestamp()) *units->mutable_rank_time() = ToProto(part.since);
      SetAdditions(part, units->mutable_additions());
    }
    first = false;
  }
  pledge.set_pledgor(MakeName("participants", row.pledgor));
  pledge.set_pledgee(MakeName("participants", row.pledgee));
  if (!row.debtor.empty()) pledge.set_debtor(MakeName("participants", row.debtor));
  pledge.set_board_resolution_sha256(row.resolution);
  pledge.set_purpose(row.purpose);
  for (const std::string& document : row.documents) pledge.add_documents_sha256(document);
  if (row.approved) {
    SetLoan(row.loan, &pledge);
    SetCoverage(row, &pledge);
  }
  for (const RankedRaise& raise : row.raises) {
    v1::RankedIncrease* increase = pledge.add_increases();
    increase->set_amount_fen(raise.amount.value());
    *increase->mutable_rank_time() = ToProto(raise.since);
  }
  if (row.proposal.proposed != Timestamp()) {
    v1::PledgeAmendment* amendment = pledge.mutable_amendment();
    amendment->set_principal_fen(row.proposal.principal.value());
    amendment->set_rate_bps(row.proposal.rate_bps);
    if (row.proposal.last != Date{}) amendment->set_term_end(FormatDate(row.proposal.last));
    *amendment->mutable_propose_time() = ToProto(row.proposal.proposed);
  }
  pledge.set_control_effective(row.ControlEffective());
  pledge.set_priority_effective(row.PriorityEffective(today));
  pledge.set_priority_lapsed(row.ControlEffective() && row.PriorityLapsed(today));
  *pledge.mutable_create_time() = ToProto(row.create_time);
  if (row.HasEnded()) *pledge.mutable_end_time() = ToProto(row.end_time);
  pledge.set_decision(row.decision);
  if (row.due != Date{}) pledge.set_due_date(FormatDate(row.due));
  for (std::string& alert : PledgeAlertNames(row.alerts, row.registration_notice)) pledge.add_alerts(std::move(alert));
  if (row.cure_last != Date{}) pledge.set_cure_date(FormatDate(row.cure_last));
  if (row.mode != v1::Enforcement::MODE_UNSPECIFIED) {
    v1::Enforcement* enforcement = pledge.mutable_enforcement();
    enforcement->set_mode(row.mode);
    enforcement->set_ground(row.ground);
    enforcement->set_reference(row.reference);
  }
  if (row.cancellation_due != Date{}) pledge.set_cancellation_due_date(FormatDate(row.cancellation_due));
  if (row.cancelled_on != Date{}) pledge.set_cancellation_date(FormatDate(row.cancelled_on));
  pledge.set_sale(row.sale);
  pledge.set_paid_fen(row.paid.value());
  pledge.set_deposited_fen(row.deposited.value());
  if (row.value_date == Date()) return pledge;
  pledge.set_value_fen(row.valuation.value.value());
  pledge.set_unit_price_fen(row.valuation.unit.value());
  pledge.set_value_date(FormatDate(row.value_date));
  pledge.set_principal_max_fen(row.principal_max.value());
  return pledge;
}

v1::Consent ToProto(const ConsentRow& row, Date today) {
  v1::Consent consent;
  consent.set_name(MakeName("consents", row.number));
  consent.set_pledge(MakeName("pledges", row.pledge));
  consent.set_act(row.act);
  consent.set_state(row.StateOn(today));
  consent.set_lot(MakeName("lots", row.lot));
  consent.set_quantity(row.quantity.value());
  consent.set_price_min_fen(row.price_min.value());
  consent.set_expire_date(FormatDate(row.last));
  consent.set_conditions(row.conditions);
  consent.set_deposit(row.deposit);
  *consent.mutable_grant_time() = ToProto(row.granted);
  consent.set_used_by(row.used_by);
  return consent;
}

v1::Distribution ToProto(const DistributionRow& row) {
  v1::Distribution distribution;
  distribution.set_cause(row.cause);
  *distribution.mutable_time() = ToProto(row.time);
  distribution.set_amount_fen(row.amount.value());
  distribution.set_costs_fen(row.costs.value());
  distribution.set_interest_fen(row.interest.value());
  distribution.set_principal_fen(row.principal.value());
  distribution.set_deposited_fen(row.deposited.value());
  distribution.set_pledgor_fen(row.pledgor.value());
  return distribution;
}

}  // namespace songhua::ledger
