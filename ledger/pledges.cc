#include "ledger/pledges.h"

#include <algorithm>
#include <utility>

#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/sha256.h"
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
    {v1::ACTIVE, PledgeEvent::kAmend, v1::ACTIVE},
    {v1::ACTIVE, PledgeEvent::kConsent, v1::ACTIVE},
    {v1::ACTIVE, PledgeEvent::kAddUnits, v1::ACTIVE},
    {v1::ACTIVE, PledgeEvent::kNotice, v1::DEFAULT_NOTICE},
    {v1::DEFAULT_NOTICE, PledgeEvent::kCure, v1::ACTIVE},
    {v1::DEFAULT_NOTICE, PledgeEvent::kEnforce, v1::ENFORCING},
    {v1::ENFORCING, PledgeEvent::kDispose, v1::REALISED},
    {v1::ENFORCING, PledgeEvent::kAbandon, v1::ACTIVE},
    {v1::ENFORCING, PledgeEvent::kDrop, v1::RELEASED},
    {v1::ACTIVE, PledgeEvent::kLose, v1::COLLATERAL_LOST},
    {v1::DEFAULT_NOTICE, PledgeEvent::kLose, v1::COLLATERAL_LOST},
    {v1::ENFORCING, PledgeEvent::kLose, v1::COLLATERAL_LOST},
    {v1::RELEASED, PledgeEvent::kCancelRegistration, v1::RELEASED},
    {v1::REALISED, PledgeEvent::kCancelRegistration, v1::REALISED},
    {v1::COLLATERAL_LOST, PledgeEvent::kCancelRegistration, v1::COLLATERAL_LOST},
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
absl::Status CheckFree(const LotRow& lot, Quantity quantity, Date today, std::string_view field, std::string_view quantity_field) {
  const Quantity free = lot.Available(today);
  if (quantity <= free) return absl::OkStatus();
  const std::string name = MakeName("lots", lot.number);
  if (lot.right && today > lot.term.last) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "LOT_EXPIRED")
        .Rule("DR-10")
        .Field(field)
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
      .Field(quantity_field)
      .Value(quantity.value())
      .Accepted("at most " + std::to_string(free.value()) + ", the free part of " + name);
}

// Documents by their digests, so that a bank and a court can hold a paper against the record.
absl::Status CheckDigests(const google::protobuf::RepeatedPtrField<std::string>& digests, std::string_view field, int most) {
  if (digests.size() > most) {
    return InvalidField(field, std::to_string(digests.size()) + " entries", "at most " + std::to_string(most) + " entries").Rule("PLG-10");
  }
  for (int i = 0; i < digests.size(); ++i) {
    SONGHUA_RETURN_IF_ERROR(FromHex(digests[i], std::string(field) + "[" + std::to_string(i) + "]").status());
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

Pledges::Pledges(TableSet* tables, const Parts& parts)
    : counters_(parts.counters),
      participants_(parts.participants),
      ledger_(parts.ledger),
      calendars_(parts.calendars),
      alarm_(parts.alarm),
      rows_(tables),
      consents_(tables),
      insolvencies_(tables),
      index_(tables),
      distributions_(tables) {
  rows_.OnLoaded([this](PledgeRow& row) { SetCheck(row, true); });
  ledger_->SetConsents(this);
}

const PledgePolicyRow& Pledges::PolicyOf(const LotRow& lot) const {
  return ledger_->programs().Find(ledger_->programs().FindClass(lot.instrument_class)->program)->pledge_policy;
}

Date Pledges::DueFor(const PledgeRow& row, Date today) const {
  int32_t workdays = 0;
  switch (row.state) {
    case v1::APPLIED: workdays = PolicyOf(row).verify_workdays; break;
    case v1::HELD: workdays = PolicyOf(row).hold_workdays; break;
    case v1::BANK_APPROVED: workdays = PolicyOf(row).confirm_workdays; break;
    default: return Date{};
  }
  return calendars_->Count(today, workdays, v1::WORKDAY).due;
}

absl::Status Pledges::CheckPledgeable(const LotRow& lot, Quantity quantity, Date today, std::string_view field, std::string_view quantity_field) const {
  const AccountRow& account = AccountOf(lot);
  const std::string name = MakeName("lots", lot.number);
  const ProgramRow& program = *ledger_->programs().Find(ledger_->programs().FindClass(lot.instrument_class)->program);
  const bool in_place = lot.right ? account.kind == v1::RIGHTS
                                  : account.kind == v1::REGISTRY || (account.kind == v1::TRADING && !program.separate_trading_accounts);
  if (!in_place) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_PLEDGEABLE")
        .Rule("PLG-17")
        .Field(field)
        .Value(name)
        .Accepted(lot.right ? "a lot in a site's rights account" : "a lot in a registry account: move units out of trading first");
  }
  if (!lot.paid && !program.pledge_policy.free_rights) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "RIGHT_NOT_PAID_FOR")
        .Rule("PLG-11")
        .Field(field)
        .Value(name)
        .Accepted("a lot acquired by payment; the source of this one is " + std::string(LotSourceName(lot.source)));
  }
  return CheckFree(lot, quantity, today, field, quantity_field);
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

// Each lot once, all of one participant's and one program.
absl::StatusOr<std::vector<PledgedPart>> Pledges::ParseParts(const v1::ApplyPledgeRequest& request) const {
  std::vector<PledgedPart> parts;
  if (request.more_units_size() >= kPartsMax) {
    return InvalidField("more_units", std::to_string(request.more_units_size()) + " entries", "at most " + std::to_string(kPartsMax - 1) + " entries").Rule("PLG-10");
  }
  const auto add = [&](const std::string& prefix, const std::string& name, int64_t quantity) -> absl::Status {
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName(prefix + "lot", "lots", name));
    if (quantity < 1) return InvalidField(prefix + "quantity", std::to_string(quantity), "1 or more").Rule("PLG-17");
    parts.push_back({.lot = number, .quantity = Quantity(quantity), .offered = {}, .since = {}, .later = {}});
    return absl::OkStatus();
  };
  SONGHUA_RETURN_IF_ERROR(add("", request.lot(), request.quantity()));
  for (int i = 0; i < request.more_units_size(); ++i) {
    const v1::PledgedUnits& units = request.more_units(i);
    SONGHUA_RETURN_IF_ERROR(add("more_units[" + std::to_string(i) + "].", units.lot(), units.quantity()));
  }
  return parts;
}

absl::Status Pledges::CheckEtags(const PledgeRow& row, const google::protobuf::RepeatedPtrField<std::string>& etags) const {
  if (etags.empty()) return absl::OkStatus();
  if (etags.size() != static_cast<int>(row.parts.size())) {
    return InvalidField("etags", std::to_string(etags.size()) + " entries", std::to_string(row.parts.size()) + ", one a lot in the order of the lots").Rule("PLG-42");
  }
  for (int i = 0; i < etags.size(); ++i) {
    SONGHUA_RETURN_IF_ERROR(CheckEtag(LotOf(row.parts[static_cast<size_t>(i)]), "etags[" + std::to_string(i) + "]", etags[i]));
  }
  return absl::OkStatus();
}

absl::Status Pledges::CheckEtag(const LotRow& lot, const std::string& field, const std::string& etag) const {
  if (etag.empty() || etag == LotEtag(lot)) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "STALE_SNAPSHOT")
      .Rule("PLG-42")
      .Field(field)
      .Value(etag)
      .Accepted(MakeName("lots", lot.number) + " as it is now: it has changed since; read it again");
}

absl::StatusOr<v1::PledgeAnswer> Pledges::ApplyPledge(CommandContext& context, const v1::ApplyPledgeRequest& request) {
  PledgeRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.parts, ParseParts(request));
  SONGHUA_ASSIGN_OR_RETURN(row.pledgee, ParseName("pledgee", "participants", request.pledgee()));
  if (request.form() != v1::MORTGAGE && request.form() != v1::PLEDGE) {
    return InvalidField("form", std::to_string(request.form()), "MORTGAGE or PLEDGE").Rule("PLG-05");
  }
  if (!request.debtor().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(row.debtor, ParseName("debtor", "participants", request.debtor()));
    SONGHUA_RETURN_IF_ERROR(FromHex(request.board_resolution_sha256(), "board_resolution_sha256").status());
  } else if (!request.board_resolution_sha256().empty()) {
    return InvalidField("board_resolution_sha256", request.board_resolution_sha256(), "nothing without a debtor other than the pledgor").Rule("PLG-34");
  }
  if (!request.purpose().empty()) SONGHUA_RETURN_IF_ERROR(ValidateName(request.purpose(), kDecisionBytesMax, "purpose"));
  SONGHUA_RETURN_IF_ERROR(CheckDigests(request.documents_sha256(), "documents_sha256", kDocumentsMax));

  for (size_t i = 0; i < row.parts.size(); ++i) {
    const PledgedPart& part = row.parts[i];
    const std::string prefix = i == 0 ? "" : "more_units[" + std::to_string(i - 1) + "].";
    const std::string name = MakeName("lots", part.lot);
    const LotRow* lot = ledger_->lots().Find(part.lot);
    if (lot == nullptr) return NotFound(prefix + "lot", name);
    const std::string& owner = AccountOf(*lot).participant;
    if (i == 0) {
      row.pledgor = owner;
      SONGHUA_RETURN_IF_ERROR(CheckPledgee(row.pledgor, row.pledgee));
    }
    const LotRow& first = LotOf(row.parts.front());
    const bool together = owner == row.pledgor && ledger_->programs().FindClass(lot->instrument_class)->program ==
                                                      ledger_->programs().FindClass(first.instrument_class)->program;
    const auto same = [&](const PledgedPart& other) { return other.lot == part.lot; };
    if (!together || std::count_if(row.parts.begin(), row.parts.end(), same) > 1) {
      return InvalidField(prefix + "lot", name, "lots of one participant's and one program, each once").Rule("PLG-10");
    }
    SONGHUA_RETURN_IF_ERROR(CheckPledgeable(*lot, part.quantity, context.today, prefix + "lot", prefix + "quantity"));
    SONGHUA_RETURN_IF_ERROR(ledger_->CheckDisposal(context, *lot, part.quantity, Disposal::kPledge, prefix + "lot"));
  }
  if (!row.debtor.empty()) {
    if (participants_->FindParticipant(row.debtor) == nullptr) return NotFound("debtor", request.debtor());
    if (row.debtor == row.pledgor || row.debtor == row.pledgee) {
      return InvalidField("debtor", request.debtor(), "a participant that is neither pledgor nor pledgee; nothing where the pledgor owes").Rule("PLG-34");
    }
  }
  SONGHUA_RETURN_IF_ERROR(CheckEtags(row, request.etags()));

  row.number = counters_->Peek(kNumbersOfPledges);
  row.state = *NextPledgeState(v1::PLEDGE_STATE_UNSPECIFIED, PledgeEvent::kApply);
  row.form = request.form();
  row.resolution = request.board_resolution_sha256();
  row.purpose = request.purpose();
  row.documents.assign(request.documents_sha256().begin(), request.documents_sha256().end());
  row.create_time = context.time;
  row.due = DueFor(row, context.today);
  row.check = CheckFor(row, context.today);
  v1::PledgeAnswer answer;
  *answer.mutable_pledge() = ToProto(row, context.today);
  if (context.validate_only) return answer;
  SONGHUA_CHECK(counters_->Next(kNumbersOfPledges) == row.number);
  const PledgeRow& added = rows_.Insert(std::move(row));
  SetCheck(added, true);
  alarm_->WakeForPledges(StartOfDay(added.check));
  AppendIndex(added);
  context.events->Emit(EventType::kPledgeChanged, MakeName("pledges", added.number), added);
  return answer;
}

void Pledges::AppendIndex(const PledgeRow& row) {
  for (const PledgedPart& part : row.parts) index_.Append({MakeName("lots", part.lot), row.number});
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

template <class Request>
absl::StatusOr<Pledges::Step> Pledges::BeginAct(const CommandContext& context, const Request& request, PledgeEvent event, bool reason_required) const {
  SONGHUA_RETURN_IF_ERROR(ParseNumberedName("name", "pledges", request.name()).status());
  if (reason_required || !request.decision().empty()) {
    SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  }
  SONGHUA_ASSIGN_OR_RETURN(Step step, Begin(context, request.name(), event));
  if (!request.decision().empty()) step.changed.decision = request.decision();
  return step;
}
template absl::StatusOr<Pledges::Step> Pledges::BeginAct(const CommandContext&, const v1::PledgeActRequest&, PledgeEvent, bool) const;
template absl::StatusOr<Pledges::Step> Pledges::BeginAct(const CommandContext&, const v1::DefaultNoticeRequest&, PledgeEvent, bool) const;
template absl::StatusOr<Pledges::Step> Pledges::BeginAct(const CommandContext&, const v1::AbandonEnforcementRequest&, PledgeEvent, bool) const;

void Pledges::SetCheck(const PledgeRow& row, bool listed) {
  if (row.check != Date{}) {
    if (listed) {
      checks_.insert({row.check, row.number});
    } else {
      checks_.erase({row.check, row.number});
    }
  }
  if (row.HasEnded()) return;
  if (listed) {
    live_.insert({row.pledgor, row.number});
  } else {
    live_.erase({row.pledgor, row.number});
  }
  if (!PledgeHold(row.state).has_value()) return;
  for (const PledgedPart& part : row.parts) {
    if (listed) {
      holding_.insert({part.lot, row.number});
    } else {
      holding_.erase({part.lot, row.number});
    }
  }
}

std::vector<const PledgeRow*> Pledges::HoldingOver(LotNumber lot) const {
  std::vector<const PledgeRow*> holding;
  for (auto at = holding_.lower_bound({lot, 0}); at != holding_.end() && at->first == lot; ++at) holding.push_back(rows_.Find(at->second));
  return holding;
}

std::vector<const PledgeRow*> Pledges::LiveOf(const std::string& pledgor) const {
  std::vector<const PledgeRow*> live;
  for (auto at = live_.lower_bound({pledgor, 0}); at != live_.end() && at->first == pledgor; ++at) live.push_back(rows_.Find(at->second));
  return live;
}

void Pledges::End(CommandContext& context, PledgeRow* row) const {
  row->end_time = context.time;
  const bool registered = !row->loan.unified_registry_number.empty() && !row->PriorityLapsed(context.today);
  if (registered) row->cancellation_due = calendars_->Count(context.today, PolicyOf(*row).cancellation_workdays, v1::WORKDAY).due;
}

v1::PledgeAnswer Pledges::Conclude(CommandContext& context, Step step) {
  if (step.changed.state != step.row->state) {
    step.changed.due = DueFor(step.changed, context.today);
    if (step.changed.HasEnded()) End(context, &step.changed);
  }
  step.changed.check = CheckFor(step.changed, context.today);
  step.changed.registration_notice = RegistrationNoticeOf(step.changed, context.today);
  step.changed.alerts = AlertsOf(step.changed, context.today);
  v1::PledgeAnswer answer;
  *answer.mutable_pledge() = ToProto(step.changed, context.today);
  if (!context.validate_only) Put(context, *step.row, std::move(step.changed));
  return answer;
}

// The holds follow the state and the parts in the same commit (PLG-20, PLG-30, INV-12). What is on offer is held by the sale.
void Pledges::Put(CommandContext& context, const PledgeRow& row, PledgeRow changed) {
  const std::optional<HoldKind> before = PledgeHold(row.state);
  const std::optional<HoldKind> after = PledgeHold(changed.state);
  Lots& lots = ledger_->lots();
  for (const PledgedPart& part : row.parts) {
    const LotRow& lot = LotOf(part);
    const PledgedPart* left = changed.PartOf(part.lot);
    const Quantity held = before.has_value() ? part.Held() : Quantity();
    const Quantity wanted = after.has_value() && left != nullptr ? left->Held() : Quantity();
    if (before.has_value() && wanted > held) {  // what comes back from a sale does so by itself
      SONGHUA_CHECK(*before == *after);
      lots.Hold(lot, *after, wanted - held);
    } else if (held > wanted) lots.Release(lot, *before, held - wanted);
    if (wanted == Quantity()) continue;
    if (!before.has_value()) {
      lots.Hold(lot, *after, wanted);
    } else if (*before != *after) {
      lots.ConvertHold(lot, *before, *after, wanted);
    }
  }
  for (const PledgedPart& part : changed.parts) {
    if (before.has_value() && after.has_value() && row.PartOf(part.lot) == nullptr) lots.Hold(LotOf(part), *after, part.Held());
  }
  const uint32_t alerts = row.alerts;
  const int32_t notice = row.registration_notice;
  SetCheck(row, false);
  PledgeRow& put = rows_.Edit(row);
  put = std::move(changed);
  SetCheck(put, true);
  if (put.check != Date{}) alarm_->WakeForPledges(StartOfDay(put.check));
  const std::string name = MakeName("pledges", put.number);
  context.events->Emit(EventType::kPledgeChanged, name, put);
  if (put.alerts == alerts && put.registration_notice == notice) return;
  context.events->Emit(EventType::kPledgeAlertsChanged, name, alerts, notice, put.alerts, put.registration_notice);
}

absl::StatusOr<v1::PledgeAnswer> Pledges::VerifyPledge(CommandContext& context, const v1::VerifyPledgeRequest& request) {
  v1::PledgeActRequest act;
  act.set_name(request.name());
  act.set_decision(request.decision());
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginAct(context, act, PledgeEvent::kVerify, /*reason_required=*/false));
  if (request.etags().empty() && PolicyOf(*step.row).snapshot_required) {
    return InvalidField("etags", "", "the etag of each lot, as it was looked at").Rule("PLG-42");
  }
  SONGHUA_RETURN_IF_ERROR(CheckEtags(*step.row, request.etags()));
  for (const PledgedPart& part : step.row->parts) {
    SONGHUA_RETURN_IF_ERROR(CheckPledgeable(LotOf(part), part.quantity, context.today, "lot", "quantity"));
    SONGHUA_RETURN_IF_ERROR(ledger_->CheckDisposal(context, LotOf(part), part.quantity, Disposal::kPledge, "lot"));
  }
  Value(&step.changed, context.today);
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::RejectPledge(CommandContext& context, const v1::PledgeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginAct(context, request, PledgeEvent::kReject, /*reason_required=*/true));
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::DeclinePledge(CommandContext& context, const v1::PledgeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginAct(context, request, PledgeEvent::kDecline, /*reason_required=*/true));
  return Conclude(context, std::move(step));
}

// A provisional hold lives under a court's freeze, but frozen property is not given as security anew, nor sold. A cover lies over free units first; where it
// reaches beyond them it is taken to reach this pledge.
absl::Status Pledges::CheckNotFrozen(const CommandContext& context, const PledgeRow& row, const std::string& name) const {
  for (const PledgedPart& part : row.parts) {
    const LotRow& lot = LotOf(part);
    const Quantity frozen = lot.Frozen(context.today);
    if (frozen <= lot.quantity - lot.Held()) continue;
    return Refuse(absl::StatusCode::kFailedPrecondition, "FROZEN_UNITS")
        .Rule("PLG-29")
        .Field("name")
        .Value(name)
        .Accepted("a pledge whose units no court's order covers; of " + MakeName("lots", lot.number) + " " + std::to_string(frozen.value()) + " are frozen");
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::PledgeAnswer> Pledges::ConfirmPledge(CommandContext& context, const v1::PledgeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginAct(context, request, PledgeEvent::kConfirm, /*reason_required=*/false));
  SONGHUA_RETURN_IF_ERROR(CheckTerm(*step.row, step.row->loan.term.last, context.today));
  SONGHUA_RETURN_IF_ERROR(CheckNotFrozen(context, *step.row, request.name()));
  step.changed.active_on = context.today;
  return Conclude(context, std::move(step));
}

absl::Status Pledges::CheckNotOnOffer(const PledgeRow& row, std::string_view name) const {
  if (!row.OnOffer()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "UNITS_ON_OFFER")
      .Rule("PLG-30")
      .Field("name")
      .Value(name)
      .Accepted("a pledge with no units on offer; end the sale first, " + row.sale);
}

absl::StatusOr<v1::PledgeAnswer> Pledges::ReleasePledge(CommandContext& context, const v1::PledgeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginAct(context, request, PledgeEvent::kRelease, /*reason_required=*/false));
  SONGHUA_RETURN_IF_ERROR(CheckNotOnOffer(*step.row, request.name()));
  if (!context.validate_only) ReturnDeposit(context, &step.changed);
  return Conclude(context, std::move(step));
}

absl::StatusOr<const PledgedPart*> Pledges::ChoosePart(const PledgeRow& row, const std::string& lot) const {
  if (lot.empty() && row.parts.size() == 1) return &row.parts.front();
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("lot", "lots", lot));
  if (const PledgedPart* part = row.PartOf(number)) return part;
  std::string lots;
  for (const PledgedPart& part : row.parts) lots += (lots.empty() ? "" : ", ") + MakeName("lots", part.lot);
  return InvalidField("lot", lot, "one of the pledge's lots: " + lots).Rule("PLG-10");
}

absl::StatusOr<v1::PledgeAnswer> Pledges::ReleasePledgedUnits(CommandContext& context, const v1::ReleasePledgedUnitsRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ParseNumberedName("name", "pledges", request.name()).status());
  if (!request.decision().empty()) SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  SONGHUA_ASSIGN_OR_RETURN(Step step, Begin(context, request.name(), PledgeEvent::kReleasePart));
  SONGHUA_ASSIGN_OR_RETURN(const PledgedPart* part, ChoosePart(*step.row, request.lot()));
  const int64_t most = std::min(part->Held().value(), step.row->Total().value() - 1);
  if (request.quantity() < 1 || request.quantity() > most) {
    return InvalidField("quantity", std::to_string(request.quantity()),
                        "1 or more, and at most " + std::to_string(most) + " of the " + std::to_string(step.row->Total().value()) +
                            ", which are pledged: all are released by ReleasePledge")
        .Rule("PLG-30");
  }
  step.changed.PartOf(part->lot)->Take(Quantity(request.quantity()));
  step.changed.DropEmptyParts();
  if (!request.decision().empty()) step.changed.decision = request.decision();
  Value(&step.changed, context.today);
  SONGHUA_RETURN_IF_ERROR(CheckValue(step.changed, step.changed.Owed(), "quantity", request.quantity()));
  return Conclude(context, std::move(step));
}

Pledges::~Pledges() = default;

}  // namespace songhua::ledger
