#include "ledger/pledges.h"

#include <utility>

#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

constexpr char kNumbersOfPledges[] = "pledges";

struct Transition {
  v1::PledgeState from;
  PledgeEvent event;
  v1::PledgeState to;
};
constexpr Transition kTransitions[] = {
    {v1::PLEDGE_STATE_UNSPECIFIED, PledgeEvent::kApply, v1::APPLIED},
    {v1::APPLIED, PledgeEvent::kVerify, v1::HELD},
    {v1::APPLIED, PledgeEvent::kReject, v1::PLEDGE_REJECTED},
    {v1::HELD, PledgeEvent::kApprove, v1::BANK_APPROVED},
    {v1::HELD, PledgeEvent::kDecline, v1::RELEASED},
    {v1::BANK_APPROVED, PledgeEvent::kDecline, v1::RELEASED},
    {v1::BANK_APPROVED, PledgeEvent::kConfirm, v1::ACTIVE},
    {v1::ACTIVE, PledgeEvent::kRelease, v1::RELEASED},
    {v1::ACTIVE, PledgeEvent::kReleasePart, v1::ACTIVE},
    {v1::HELD, PledgeEvent::kLapse, v1::RELEASED},
    {v1::BANK_APPROVED, PledgeEvent::kLapse, v1::RELEASED},
};

// "a pledge that is HELD or BANK_APPROVED": what the event would be accepted for.
std::string AcceptedFor(PledgeEvent event) {
  std::string states;
  for (const Transition& transition : kTransitions) {
    if (transition.event == event) states += (states.empty() ? "" : " or ") + v1::PledgeState_Name(transition.from);
  }
  return "a pledge that is " + states;
}

// Refuses more of a lot than is free, by what keeps the rest.
absl::Status CheckFree(const LotRow& lot, Quantity quantity, Date today) {
  const Quantity free = lot.Available(today);
  if (quantity <= free) return absl::OkStatus();
  const std::string name = MakeName("lots", lot.number);
  if (lot.right && today > lot.term.last) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "LOT_EXPIRED")
        .Rule("DR-10")
        .Field("lot")
        .Value(name)
        .Accepted("a right that is still valid; this one was to " + FormatDate(lot.term.last));
  }
  std::string_view reason = "INSUFFICIENT_UNITS";
  std::string_view rule = "PLG-17";
  if (quantity <= lot.quantity && lot.Frozen(today) > Quantity()) {
    reason = "FROZEN_UNITS";
    rule = "PLG-29";
  } else if (quantity <= lot.quantity && lot.Held(HoldKind::kPledge) + lot.Held(HoldKind::kProvisionalPledge) > Quantity()) {
    reason = "PLEDGED_UNITS";
    rule = "PLG-28";
  } else if (quantity <= lot.quantity && lot.Held(HoldKind::kLease) > Quantity()) {
    reason = "LEASED_UNITS";
    rule = "DR-65";
  }
  return Refuse(absl::StatusCode::kFailedPrecondition, reason)
      .Rule(rule)
      .Field("quantity")
      .Value(quantity.value())
      .Accepted("at most " + std::to_string(free.value()) + ", the free part of " + name);
}

// The form of the bank's terms.
absl::StatusOr<LoanTerms> ParseTerms(const v1::ApprovePledgeRequest& request) {
  LoanTerms loan;
  if (request.principal_fen() < 1 || request.principal_fen() > Pledges::kPrincipalFenMax) {
    return InvalidField("principal_fen", std::to_string(request.principal_fen()), "1 to " + std::to_string(Pledges::kPrincipalFenMax))
        .Rule("PLG-10");
  }
  loan.principal = Money(request.principal_fen());
  if (request.rate_bps() < 0 || request.rate_bps() > Pledges::kRateBpsMax) {
    return InvalidField("rate_bps", std::to_string(request.rate_bps()), "0 to " + std::to_string(Pledges::kRateBpsMax)).Rule("PLG-10");
  }
  loan.rate_bps = request.rate_bps();
  SONGHUA_ASSIGN_OR_RETURN(loan.term.first, ParseDate(request.term_start(), "term_start"));
  SONGHUA_ASSIGN_OR_RETURN(loan.term.last, ParseDate(request.term_end(), "term_end"));
  if (loan.term.last < loan.term.first) {
    return InvalidField("term_end", request.term_end(), "a day not before term_start, " + request.term_start()).Rule("PLG-10");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.contract_number(), Pledges::kReferenceBytesMax, "contract_number"));
  loan.contract_number = request.contract_number();
  if (!request.unified_registry_number().empty()) {
    SONGHUA_RETURN_IF_ERROR(ValidateName(request.unified_registry_number(), Pledges::kReferenceBytesMax, "unified_registry_number"));
    loan.unified_registry_number = request.unified_registry_number();
  }
  return loan;
}

// PLG-13: the loan ends no later than the right, and not before it is made.
absl::Status CheckTerm(const LoanTerms& loan, const LotRow& lot, Date today) {
  if (lot.right && loan.term.last > lot.term.last) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "TERM_EXCEEDS_RIGHT")
        .Rule("PLG-13")
        .Field("term_end")
        .Value(FormatDate(loan.term.last))
        .Accepted("at the latest " + FormatDate(lot.term.last) + ", the last day of " + MakeName("lots", lot.number));
  }
  if (loan.term.last < today) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "TERM_HAS_ENDED")
        .Rule("PLG-13")
        .Field("term_end")
        .Value(FormatDate(loan.term.last))
        .Accepted(FormatDate(today) + ", today, or later");
  }
  return absl::OkStatus();
}

}  // namespace

std::optional<v1::PledgeState> NextPledgeState(v1::PledgeState from, PledgeEvent event) {
  for (const Transition& transition : kTransitions) {
    if (transition.from == from && transition.event == event) return transition.to;
  }
  return std::nullopt;
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

Pledges::Pledges(TableSet* tables, const Parts& parts)
    : counters_(parts.counters),
      participants_(parts.participants),
      ledger_(parts.ledger),
      calendars_(parts.calendars),
      alarm_(parts.alarm),
      rows_(tables),
      index_(tables) {
  rows_.OnLoaded([this](PledgeRow& row) {
    if (row.Lapses()) lapses_.insert({row.due, row.number});
  });
}

const PledgePolicyRow& Pledges::PolicyOf(const LotRow& lot) const {
  return ledger_->programs().Find(ledger_->programs().FindClass(lot.instrument_class)->program)->pledge_policy;
}

Date Pledges::DueFor(const PledgeRow& row, Date today) const {
  const PledgePolicyRow& policy = PolicyOf(*ledger_->lots().Find(row.lot));
  int32_t workdays = 0;
  switch (row.state) {
    case v1::APPLIED: workdays = policy.verify_workdays; break;
    case v1::HELD: workdays = policy.hold_workdays; break;
    case v1::BANK_APPROVED: workdays = policy.confirm_workdays; break;
    default: return Date{};
  }
  return calendars_->Count(today, workdays, v1::WORKDAY).due;
}

void Pledges::Value(PledgeRow* row, Date today) const {
  const LotRow& lot = *ledger_->lots().Find(row->lot);
  const auto valuation = valuer_ == nullptr ? std::nullopt : valuer_->ValueOf(lot, row->quantity, today);
  row->valuation = valuation.value_or(Valuation());
  row->value_date = valuation.has_value() ? today : Date{};
  row->principal_max = MostLent(row->valuation.value, PolicyOf(lot).loan_to_value_bps);
}

absl::Status Pledges::CheckValue(const PledgeRow& row, Money principal, std::string_view field, int64_t value) const {
  if (valuer_ == nullptr || (row.value_date != Date{} && principal <= row.principal_max)) return absl::OkStatus();
  const bool valued = row.value_date != Date{};
  return Refuse(absl::StatusCode::kFailedPrecondition, valued ? "BEYOND_LOAN_TO_VALUE" : "NOT_VALUED")
      .Rule("PLG-14")
      .Field(field)
      .Value(value)
      .Accepted(!valued ? "units for which a price was in force when they were verified"
                        : "units that carry " + std::to_string(principal.value()) + " fen; these, worth " + std::to_string(row.valuation.value.value()) + " on " +
                              FormatDate(row.value_date) + ", carry " + std::to_string(row.principal_max.value()));
}

absl::Status Pledges::CheckPledgeable(const LotRow& lot, Quantity quantity, Date today) const {
  const AccountRow& account = AccountOf(lot);
  const std::string name = MakeName("lots", lot.number);
  const ProgramRow& program = *ledger_->programs().Find(ledger_->programs().FindClass(lot.instrument_class)->program);
  const bool in_place = lot.right ? account.kind == v1::RIGHTS
                                  : account.kind == v1::REGISTRY || (account.kind == v1::TRADING && !program.separate_trading_accounts);
  if (!in_place) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_PLEDGEABLE")
        .Rule("PLG-17")
        .Field("lot")
        .Value(name)
        .Accepted(lot.right ? "a lot in a site's rights account" : "a lot in a registry account: move units out of trading first");
  }
  if (!lot.paid && !program.pledge_policy.free_rights) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "RIGHT_NOT_PAID_FOR")
        .Rule("PLG-11")
        .Field("lot")
        .Value(name)
        .Accepted("a lot acquired by payment; the source of this one is " + std::string(LotSourceName(lot.source)));
  }
  return CheckFree(lot, quantity, today);
}

absl::Status Pledges::CheckPledgee(const std::string& pledgor, const std::string& pledgee) const {
  const std::string name = MakeName("participants", pledgee);
  const ParticipantRow* bank = participants_->FindParticipant(pledgee);
  if (bank == nullptr) return NotFound("pledgee", name);
  if (bank->kind != v1::BANK && bank->kind != v1::BANK_BRANCH) {
    return InvalidField("pledgee", name, "a bank or a branch of one").Rule("PLG-10");
  }
  if (pledgee == pledgor || bank->parent == pledgor) return InvalidField("pledgee", name, "a bank other than the pledgor").Rule("PLG-10");
  return absl::OkStatus();
}

absl::StatusOr<v1::PledgeAnswer> Pledges::ApplyPledge(CommandContext& context, const v1::ApplyPledgeRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t lot_number, ParseNumberedName("lot", "lots", request.lot()));
  if (request.quantity() < 1) return InvalidField("quantity", std::to_string(request.quantity()), "1 or more").Rule("PLG-17");
  SONGHUA_ASSIGN_OR_RETURN(const std::string pledgee, ParseName("pledgee", "participants", request.pledgee()));
  if (request.form() != v1::MORTGAGE && request.form() != v1::PLEDGE) {
    return InvalidField("form", std::to_string(request.form()), "MORTGAGE or PLEDGE").Rule("PLG-05");
  }
  const LotRow* lot = ledger_->lots().Find(lot_number);
  if (lot == nullptr) return NotFound("lot", request.lot());
  const std::string& pledgor = AccountOf(*lot).participant;
  SONGHUA_RETURN_IF_ERROR(CheckPledgee(pledgor, pledgee));
  SONGHUA_RETURN_IF_ERROR(CheckPledgeable(*lot, Quantity(request.quantity()), context.today));
  SONGHUA_RETURN_IF_ERROR(ledger_->CheckDisposal(context, *lot, Quantity(request.quantity()), Disposal::kPledge, "lot"));

  PledgeRow row;
  row.number = counters_->Peek(kNumbersOfPledges);
  row.state = *NextPledgeState(v1::PLEDGE_STATE_UNSPECIFIED, PledgeEvent::kApply);
  row.form = request.form();
  row.lot = lot->number;
  row.quantity = Quantity(request.quantity());
  row.pledgor = pledgor;
  row.pledgee = pledgee;
  row.create_time = context.time;
  row.due = DueFor(row, context.today);
  v1::PledgeAnswer answer;
  *answer.mutable_pledge() = ToProto(row);
  if (context.validate_only) return answer;
  SONGHUA_CHECK(counters_->Next(kNumbersOfPledges) == row.number);
  const PledgeRow& added = rows_.Insert(std::move(row));
  AppendIndex(added);
  context.events->Emit(EventType::kPledgeChanged, MakeName("pledges", added.number), added);
  return answer;
}

void Pledges::AppendIndex(const PledgeRow& row) {
  index_.Append({MakeName("lots", row.lot), row.number});
  index_.Append({MakeName("participants", row.pledgor), row.number});
  index_.Append({MakeName("participants", row.pledgee), row.number});
  const ParticipantRow* pledgee = participants_->FindParticipant(row.pledgee);
  if (!pledgee->parent.empty()) index_.Append({MakeName("participants", pledgee->parent), row.number});
}

absl::StatusOr<Pledges::Step> Pledges::Begin(const CommandContext& context, const std::string& name, PledgeEvent event) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "pledges", name));
  const PledgeRow* row = rows_.Find(number);
  if (row == nullptr) return NotFound("name", name);
  const std::optional<v1::PledgeState> next = NextPledgeState(row->state, event);
  const bool lapsed = row->LapsedOn(context.today);
  if (!next.has_value() || lapsed) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule("PLG-20")
        .Field("name")
        .Value(name)
        .Accepted(AcceptedFor(event) + "; this one is " + v1::PledgeState_Name(row->state) + (lapsed ? " and lapsed after " + FormatDate(row->due) : ""));
  }
  Step step{row, *row};
  step.changed.state = *next;
  return step;
}

absl::StatusOr<Pledges::Step> Pledges::BeginAct(const CommandContext& context, const v1::PledgeActRequest& request, PledgeEvent event, bool reason_required) const {
  SONGHUA_RETURN_IF_ERROR(ParseNumberedName("name", "pledges", request.name()).status());
  if (reason_required || !request.decision().empty()) {
    SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  }
  SONGHUA_ASSIGN_OR_RETURN(Step step, Begin(context, request.name(), event));
  if (!request.decision().empty()) step.changed.decision = request.decision();
  return step;
}

v1::PledgeAnswer Pledges::Conclude(CommandContext& context, Step step) {
  if (step.changed.HasEnded()) step.changed.end_time = context.time;
  if (step.changed.state != step.row->state) step.changed.due = DueFor(step.changed, context.today);
  v1::PledgeAnswer answer;
  *answer.mutable_pledge() = ToProto(step.changed);
  if (context.validate_only) return answer;

  // The hold follows the state in the same commit (PLG-20, PLG-30, INV-12).
  const std::optional<HoldKind> before = PledgeHold(step.row->state);
  const std::optional<HoldKind> after = PledgeHold(step.changed.state);
  Lots& lots = ledger_->lots();
  const LotRow& lot = *lots.Find(step.row->lot);
  if (before.has_value() && after.has_value()) {
    if (*before != *after) lots.ConvertHold(lot, *before, *after, step.row->quantity);
    if (step.changed.quantity < step.row->quantity) lots.Release(lot, *after, step.row->quantity - step.changed.quantity);
  } else if (after.has_value()) {
    lots.Hold(lot, *after, step.row->quantity);
  } else if (before.has_value()) {
    lots.Release(lot, *before, step.row->quantity);
  }
  PledgeRow& row = rows_.Edit(*step.row);
  if (row.Lapses()) lapses_.erase({row.due, row.number});
  row = std::move(step.changed);
  if (row.Lapses()) {
    lapses_.insert({row.due, row.number});
    alarm_->WakeForPledges(StartOfDay(row.due + 1));
  }
  context.events->Emit(EventType::kPledgeChanged, MakeName("pledges", row.number), row);
  return answer;
}

absl::StatusOr<v1::PledgeAnswer> Pledges::VerifyPledge(CommandContext& context, const v1::PledgeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginAct(context, request, PledgeEvent::kVerify, /*reason_required=*/false));
  SONGHUA_RETURN_IF_ERROR(CheckPledgeable(*ledger_->lots().Find(step.row->lot), step.row->quantity, context.today));
  Value(&step.changed, context.today);
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::RejectPledge(CommandContext& context, const v1::PledgeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginAct(context, request, PledgeEvent::kReject, /*reason_required=*/true));
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::ApprovePledge(CommandContext& context, const v1::ApprovePledgeRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ParseNumberedName("name", "pledges", request.name()).status());
  SONGHUA_ASSIGN_OR_RETURN(const LoanTerms loan, ParseTerms(request));
  SONGHUA_ASSIGN_OR_RETURN(Step step, Begin(context, request.name(), PledgeEvent::kApprove));
  SONGHUA_RETURN_IF_ERROR(CheckTerm(loan, *ledger_->lots().Find(step.row->lot), context.today));
  SONGHUA_RETURN_IF_ERROR(CheckValue(*step.row, loan.principal, "principal_fen", loan.principal.value()));
  step.changed.approved = true;
  step.changed.loan = loan;
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::DeclinePledge(CommandContext& context, const v1::PledgeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginAct(context, request, PledgeEvent::kDecline, /*reason_required=*/true));
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::ConfirmPledge(CommandContext& context, const v1::PledgeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginAct(context, request, PledgeEvent::kConfirm, /*reason_required=*/false));
  const LotRow& lot = *ledger_->lots().Find(step.row->lot);
  SONGHUA_RETURN_IF_ERROR(CheckTerm(step.row->loan, lot, context.today));
  // A provisional hold lives under a court's freeze, but frozen property is not given as security anew. A cover lies over free units first;
  // where it reaches beyond them it is taken to reach this pledge.
  if (lot.Frozen(context.today) > lot.quantity - lot.Held()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "FROZEN_UNITS")
        .Rule("PLG-29")
        .Field("name")
        .Value(request.name())
        .Accepted("a pledge whose units no court's order covers; of " + MakeName("lots", lot.number) + " " +
                  std::to_string(lot.Frozen(context.today).value()) + " are frozen");
  }
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::ReleasePledge(CommandContext& context, const v1::PledgeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginAct(context, request, PledgeEvent::kRelease, /*reason_required=*/false));
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::ReleasePledgedUnits(CommandContext& context, const v1::ReleasePledgedUnitsRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ParseNumberedName("name", "pledges", request.name()).status());
  if (!request.decision().empty()) SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  SONGHUA_ASSIGN_OR_RETURN(Step step, Begin(context, request.name(), PledgeEvent::kReleasePart));
  if (request.quantity() < 1 || request.quantity() >= step.row->quantity.value()) {
    return InvalidField("quantity", std::to_string(request.quantity()),
                        "1 or more, and fewer than " + std::to_string(step.row->quantity.value()) + ", which are pledged: all are released by ReleasePledge")
        .Rule("PLG-30");
  }
  step.changed.quantity -= Quantity(request.quantity());
  if (!request.decision().empty()) step.changed.decision = request.decision();
  Value(&step.changed, context.today);
  SONGHUA_RETURN_IF_ERROR(CheckValue(step.changed, step.changed.loan.principal, "quantity", request.quantity()));
  return Conclude(context, std::move(step));
}

bool Pledges::PassPledges(CommandContext& context, size_t max) {
  SONGHUA_CHECK(!context.validate_only);
  while (!lapses_.empty() && lapses_.begin()->first < context.today) {
    if (max-- == 0) return true;
    const PledgeRow& row = *rows_.Find(lapses_.begin()->second);
    Step step{&row, row};
    step.changed.decision = row.state == v1::HELD ? "HOLD_LAPSED" : "CONFIRMATION_LAPSED";
    step.changed.state = *NextPledgeState(row.state, PledgeEvent::kLapse);
    Conclude(context, std::move(step));
  }
  return false;
}

void Pledges::EndWithUnits(CommandContext& context, uint64_t number, v1::PledgeState state, const std::string& decision) {
  const PledgeRow* row = rows_.Find(number);
  SONGHUA_CHECK(row != nullptr && row->ControlEffective() && !context.validate_only);
  Step step{row, *row};
  step.changed.state = state;
  step.changed.decision = decision;
  SONGHUA_CHECK(step.changed.HasEnded());
  Conclude(context, std::move(step));
}

v1::Pledge ToProto(const PledgeRow& row) {
  v1::Pledge pledge;
  pledge.set_name(MakeName("pledges", row.number));
  pledge.set_state(row.state);
  pledge.set_form(row.form);
  pledge.set_lot(MakeName("lots", row.lot));
  pledge.set_quantity(row.quantity.value());
  pledge.set_pledgor(MakeName("participants", row.pledgor));
  pledge.set_pledgee(MakeName("participants", row.pledgee));
  if (row.approved) {
    pledge.set_principal_fen(row.loan.principal.value());
    pledge.set_rate_bps(row.loan.rate_bps);
    pledge.set_term_start(FormatDate(row.loan.term.first));
    pledge.set_term_end(FormatDate(row.loan.term.last));
    pledge.set_contract_number(row.loan.contract_number);
    pledge.set_unified_registry_number(row.loan.unified_registry_number);
  }
  pledge.set_control_effective(row.ControlEffective());
  pledge.set_priority_effective(row.PriorityEffective());
  *pledge.mutable_create_time() = ToProto(row.create_time);
  if (row.HasEnded()) *pledge.mutable_end_time() = ToProto(row.end_time);
  pledge.set_decision(row.decision);
  if (row.due != Date{}) pledge.set_due_date(FormatDate(row.due));
  if (row.value_date == Date()) return pledge;
  pledge.set_value_fen(row.valuation.value.value());
  pledge.set_unit_price_fen(row.valuation.unit.value());
  pledge.set_value_date(FormatDate(row.value_date));
  pledge.set_principal_max_fen(row.principal_max.value());
  return pledge;
}

Pledges::~Pledges() = default;

}  // namespace songhua::ledger
