#include "ledger/transfer_proposals.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

using v1::TransferProposal;

constexpr char kNumbersOfTransferProposals[] = "transferProposals";
constexpr int64_t kMinuteMicros = 60 * kMicrosPerSecond;

Timestamp DaysAfter(Timestamp at, int32_t days) { return Timestamp(at.value() + days * kMicrosPerDay); }

}  // namespace

Timestamp TransferProposalRow::Due() const {
  SONGHUA_CHECK(live());
  if (state == TransferProposal::DELAYED) return execute_time;
  if (state == TransferProposal::APPROVED) return consent_by;
  return waits_for_consent() ? std::min(approve_by, consent_by) : approve_by;
}

TransferProposals::TransferProposals(TableSet* tables, const Parts& parts) : parts_(parts), rows_(tables) {
  rows_.OnLoaded([this](TransferProposalRow& row) { Index(row); });
}

TransferProposals::~TransferProposals() = default;

void TransferProposals::Index(const TransferProposalRow& row) {
  if (row.live()) due_.insert({row.Due(), row.number});
  if (!row.live() && row.state != TransferProposal::EXECUTED) return;
  const Date day = LocalDate(row.propose_time);
  account_day_[{row.from, day}] += row.quantity;
  program_day_[{row.program, day}] += row.quantity;
}

void TransferProposals::Unindex(const TransferProposalRow& row) {
  SONGHUA_CHECK(row.live());
  due_.erase({row.Due(), row.number});
  const Date day = LocalDate(row.propose_time);
  account_day_[{row.from, day}] -= row.quantity;
  program_day_[{row.program, day}] -= row.quantity;
}

void TransferProposals::Changed(CommandContext& context, const TransferProposalRow& row) {
  context.events->Emit(EventType::kTransferProposalChanged, MakeName("transferProposals", row.number), row);
}

TransferProposalRow& TransferProposals::Replace(CommandContext& context, const TransferProposalRow& found, TransferProposalRow row) {
  Unindex(found);
  TransferProposalRow& edited = rows_.Edit(found) = std::move(row);
  Index(edited);
  if (edited.live() && edited.Due() > context.time) parts_.alarm->WakeForProposals(edited.Due());
  Changed(context, edited);
  return edited;
}

v1::TransferProposalAnswer TransferProposals::Answer(const TransferProposalRow& row) const {
  const Accounts& accounts = parts_.ledger->accounts();
  v1::TransferProposalAnswer answer;
  *answer.mutable_proposal() = ToProto(row, AccountName(*accounts.Find(row.from)), AccountName(*accounts.Find(row.to)));
  return answer;
}

// ---- Without a policy ----

absl::StatusOr<v1::TransactionAnswer> TransferProposals::TransferUnits(CommandContext& context, const v1::TransferUnitsRequest& request) {
  Ledger& ledger = *parts_.ledger;
  SONGHUA_ASSIGN_OR_RETURN(const LotRow* lot, ledger.lots().Resolve("from_lot", request.from_lot()));
  SONGHUA_ASSIGN_OR_RETURN(const AccountRow* to, ledger.accounts().Resolve("to_account", request.to_account()));
  const AccountRow& from = *ledger.accounts().Find(lot->account);
  SONGHUA_RETURN_IF_ERROR(parts_.controls->CheckOutgoing(from, "from_lot"));
  SONGHUA_RETURN_IF_ERROR(parts_.controls->CheckIncoming(*to, "to_account"));
  const std::string& program = ledger.programs().FindClass(lot->instrument_class)->program;
  if (!lot->right && parts_.controls->FindPolicy(program, from.kind) != nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PROPOSE_TRANSFER").Rule("CAR-08").Field("from_lot").Value(request.from_lot()).Accepted(
        "RegistryControls/ProposeTransfer: units of programs/" + program + " leave " + v1::AccountKind_Name(from.kind) + " accounts by a proposal");
  }
  return ledger.TransferUnits(context, request);
}

// ---- Proposing ----

absl::Status TransferProposals::CheckRoute(const LotRow& lot, const AccountRow& from, const AccountRow& to, const ControlPolicyRow& policy, Date today) const {
  const std::string to_name = AccountName(to);
  const bool units = to.kind == v1::REGISTRY || to.kind == v1::TRADING;
  if (!units || to.number == from.number || (!policy.other_holders && to.participant != from.participant)) {
    return InvalidField("to_account", to_name, policy.other_holders ? "another registry or trading account" : "the holder's other registry or trading account")
        .Rule("CAR-08");
  }
  SONGHUA_RETURN_IF_ERROR(parts_.controls->CheckOutgoing(from, "from_lot"));
  SONGHUA_RETURN_IF_ERROR(parts_.controls->CheckIncoming(to, "to_account"));
  SONGHUA_RETURN_IF_ERROR(parts_.controls->CheckConfirmed(from, policy, today, "from_lot"));
  SONGHUA_CHECK(!lot.right);
  return absl::OkStatus();
}

// The least of several limits decides.
absl::Status TransferProposals::CheckLimits(const TransferProposalRow& row, const ControlPolicyRow& policy, Date today) const {
  std::vector<Limit> limits;
  const auto left = [](Quantity max, Quantity used) { return used < max ? max - used : Quantity(); };
  if (policy.transfer_max > Quantity() && !row.trusted) {
    limits.push_back({"the limit of programs/" + row.program + " for a transfer to an account off the trusted list", policy.transfer_max});
  }
  if (const Quantity own = parts_.controls->TransferMax(row.from); own > Quantity()) limits.push_back({"the holder's own limit of one transfer", own});
  if (policy.account_day_max > Quantity()) {
    const auto used = account_day_.find({row.from, today});
    limits.push_back({"what is left today of the account's limit of " + std::to_string(policy.account_day_max.value()),
                      left(policy.account_day_max, used == account_day_.end() ? Quantity() : used->second)});
  }
  if (policy.program_day_max > Quantity()) {
    const auto used = program_day_.find({row.program, today});
    limits.push_back({"what is left today of the limit of " + std::to_string(policy.program_day_max.value()) + " of programs/" + row.program,
                      left(policy.program_day_max, used == program_day_.end() ? Quantity() : used->second)});
  }
  const auto least = std::min_element(limits.begin(), limits.end(), [](const Limit& a, const Limit& b) { return a.left < b.left; });
  if (least == limits.end() || row.quantity <= least->left) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "LIMIT_EXCEEDED").Rule("CAR-08").Field("quantity").Value(row.quantity.value()).Accepted(
      "at most " + std::to_string(least->left.value()) + ", " + least->name);
}

absl::StatusOr<v1::TransferProposalAnswer> TransferProposals::ProposeTransfer(CommandContext& context, const v1::ProposeTransferRequest& request) {
  Ledger& ledger = *parts_.ledger;
  SONGHUA_ASSIGN_OR_RETURN(const LotRow* lot, ledger.lots().Resolve("from_lot", request.from_lot()));
  SONGHUA_ASSIGN_OR_RETURN(const AccountRow* to, ledger.accounts().Resolve("to_account", request.to_account()));
  const AccountRow& from = *ledger.accounts().Find(lot->account);
  TransferProposalRow row;
  row.program = ledger.programs().FindClass(lot->instrument_class)->program;
  const ControlPolicyRow* policy = lot->right ? nullptr : parts_.controls->FindPolicy(row.program, from.kind);
  if (policy == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_CONTROL_POLICY").Rule("CAR-08").Field("from_lot").Value(request.from_lot()).Accepted(
        "a lot of serial units in an account that a policy of its program names; without one, Ledger/TransferUnits");
  }
  SONGHUA_RETURN_IF_ERROR(CheckRoute(*lot, from, *to, *policy, context.today));
  row.trusted = parts_.controls->IsTrusted(from, row.program, *to, context.time);
  if (policy->trusted_only && !row.trusted) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_TRUSTED").Rule("CAR-08").Field("to_account").Value(request.to_account()).Accepted(
        "an account on the trusted list of " + AccountName(from) + "; AddTrustedAccount puts it there");
  }
  if (!request.reason().empty()) SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kReasonBytesMax, "reason"));
  row.quantity = Quantity(request.quantity());
  SONGHUA_RETURN_IF_ERROR(ledger.RequireAvailable(context, *lot, row.quantity, "quantity"));
  row.from = from.number;
  row.to = to->number;
  SONGHUA_RETURN_IF_ERROR(CheckLimits(row, *policy, context.today));

  row.lot = lot->number;
  row.reason = request.reason();
  row.proposed_by = context.person;
  row.propose_time = context.time;
  row.approve_by = DaysAfter(context.time, policy->approve_days);
  row.needs_consent = policy->destination_consent && from.participant != to->participant;
  if (row.needs_consent) row.consent_by = DaysAfter(context.time, policy->consent_days);
  row.number = parts_.counters->Peek(kNumbersOfTransferProposals);
  if (context.validate_only) return Answer(row);
  parts_.counters->Next(kNumbersOfTransferProposals);
  ledger.lots().Hold(*lot, HoldKind::kProposal, row.quantity);
  const TransferProposalRow& inserted = rows_.Insert(std::move(row));
  Index(inserted);
  parts_.alarm->WakeForProposals(inserted.Due());
  Changed(context, inserted);
  if (policy->two_person) return Answer(inserted);
  TransferProposalRow approved = inserted;
  approved.state = TransferProposal::APPROVED;
  return Proceed(context, inserted, std::move(approved));
}

// ---- Deciding ----

absl::StatusOr<const TransferProposalRow*> TransferProposals::FindFor(const v1::TransferProposalActRequest& request, Act act) const {
  struct Transition {
    Act act;
    TransferProposal::State from;
  };
  // EXECUTED and EXPIRED come with time, not by anybody's act.
  static constexpr Transition kTransitions[] = {
      {Act::kApprove, TransferProposal::PROPOSED}, {Act::kConsent, TransferProposal::PROPOSED}, {Act::kConsent, TransferProposal::APPROVED},
      {Act::kAbort, TransferProposal::PROPOSED},   {Act::kAbort, TransferProposal::APPROVED},   {Act::kAbort, TransferProposal::DELAYED},
      {Act::kReject, TransferProposal::PROPOSED},  {Act::kReject, TransferProposal::APPROVED},  {Act::kReject, TransferProposal::DELAYED},
  };
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "transferProposals", request.name()));
  const TransferProposalRow* row = rows_.Find(number);
  if (row == nullptr) return NotFound("name", request.name());
  std::string accepted;
  for (const Transition& transition : kTransitions) {
    if (transition.act != act) continue;
    if (transition.from == row->state) return row;
    accepted += (accepted.empty() ? "" : " or ") + TransferProposal::State_Name(transition.from);
  }
  return Refuse(absl::StatusCode::kFailedPrecondition, "WRONG_STATE").Rule("CAR-08").Field("name")
      .Value(request.name() + " is " + TransferProposal::State_Name(row->state)).Accepted("a proposal that is " + accepted);
}

absl::Status TransferProposals::CheckNotExpired(const CommandContext& context, const TransferProposalRow& row) const {
  if (row.state == TransferProposal::DELAYED || context.time < row.Due()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "PROPOSAL_EXPIRED").Rule("CAR-08").Field("name").Value(MakeName("transferProposals", row.number)).Accepted(
      "a proposal before " + FormatTimestamp(row.Due()));
}

absl::StatusOr<v1::TransferProposalAnswer> TransferProposals::ApproveTransfer(CommandContext& context, const v1::TransferProposalActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const TransferProposalRow* found, FindFor(request, Act::kApprove));
  SONGHUA_RETURN_IF_ERROR(CheckNotExpired(context, *found));
  if (found->proposed_by == context.person) {
    return Refuse(absl::StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES").Rule("GEN-14").Field("name").Value(MakeName("people", context.person)).Accepted(
        "another representative than the one who proposed it");
  }
  TransferProposalRow row = *found;
  row.approved_by = context.person;
  row.state = TransferProposal::APPROVED;
  return Proceed(context, *found, std::move(row));
}

absl::StatusOr<v1::TransferProposalAnswer> TransferProposals::ConsentToTransfer(CommandContext& context, const v1::TransferProposalActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const TransferProposalRow* found, FindFor(request, Act::kConsent));
  SONGHUA_RETURN_IF_ERROR(CheckNotExpired(context, *found));
  if (!found->waits_for_consent()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_CONSENT_NEEDED").Rule("CAR-08").Field("name").Value(request.name()).Accepted(
        "a proposal that waits for the consent of the account that receives");
  }
  TransferProposalRow row = *found;
  row.consented_by = context.person;
  return Proceed(context, *found, std::move(row));
}

absl::StatusOr<v1::TransferProposalAnswer> TransferProposals::Proceed(CommandContext& context, const TransferProposalRow& found, TransferProposalRow row) {
  bool now = false;
  if (row.state == TransferProposal::APPROVED && !row.waits_for_consent()) {
    const AccountRow& from = *parts_.ledger->accounts().Find(row.from);
    const ControlPolicyRow* policy = parts_.controls->FindPolicy(row.program, from.kind);
    SONGHUA_CHECK(policy != nullptr);  // policies are replaced, never taken away
    row.state = TransferProposal::DELAYED;
    row.execute_time =
        ExecutionTime(*parts_.calendars, policy->hours, context.time, row.trusted ? 0 : policy->execution_delay_days, policy->cutoff_minute);
    row.abort_until = Timestamp(row.execute_time.value() - policy->abort_minutes * kMinuteMicros);
    now = row.execute_time <= context.time;
    if (now) {
      const absl::Status executable = CheckExecutable(context, row);
      SONGHUA_CHECK(executable.ok() || found.state != TransferProposal::PROPOSED || policy->two_person);
      SONGHUA_RETURN_IF_ERROR(executable);
    }
  }
  if (context.validate_only) return Answer(row);
  TransferProposalRow& replaced = Replace(context, found, std::move(row));
  if (now) Execute(context, replaced);
  return Answer(replaced);
}

absl::StatusOr<v1::TransferProposalAnswer> TransferProposals::AbortTransfer(CommandContext& context, const v1::TransferProposalActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const TransferProposalRow* found, FindFor(request, Act::kAbort));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kReasonBytesMax, "reason"));
  if (found->state == TransferProposal::DELAYED && context.time > found->abort_until) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ABORT_TOO_LATE").Rule("CAR-08").Field("name").Value(request.name()).Accepted(
        "aborting it until " + FormatTimestamp(found->abort_until) + "; it is executed at " + FormatTimestamp(found->execute_time));
  }
  if (context.validate_only) return Answer(*found);
  TransferProposalRow& row = rows_.Edit(*found);
  End(context, row, TransferProposal::ABORTED, "ABORTED_BY_HOLDER", request.reason());
  return Answer(row);
}

absl::StatusOr<v1::TransferProposalAnswer> TransferProposals::RejectTransfer(CommandContext& context, const v1::TransferProposalActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const TransferProposalRow* found, FindFor(request, Act::kReject));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kReasonBytesMax, "reason"));
  if (context.validate_only) return Answer(*found);
  const bool by_destination = context.participant == parts_.ledger->accounts().Find(found->to)->participant;
  TransferProposalRow& row = rows_.Edit(*found);
  End(context, row, TransferProposal::REJECTED, by_destination ? "REJECTED_BY_DESTINATION" : "REJECTED_BY_REGISTRY", request.reason());
  return Answer(row);
}

// ---- Executing and ending ----

absl::Status TransferProposals::CheckExecutable(const CommandContext& context, const TransferProposalRow& row) const {
  const Ledger& ledger = *parts_.ledger;
  const LotRow& lot = *ledger.lots().Find(row.lot);
  const AccountRow& from = *ledger.accounts().Find(row.from);
  const AccountRow& to = *ledger.accounts().Find(row.to);
  const ControlPolicyRow* policy = parts_.controls->FindPolicy(row.program, from.kind);
  SONGHUA_CHECK(policy != nullptr);
  SONGHUA_RETURN_IF_ERROR(CheckRoute(lot, from, to, *policy, context.today));
  if ((row.trusted || policy->trusted_only) && !parts_.controls->IsTrusted(from, row.program, to, context.time)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_TRUSTED").Rule("CAR-08").Field("to_account").Value(AccountName(to)).Accepted(
        "an account that is still on the list; this one was taken off it");
  }
  // A court's order covers what a proposal holds: then there is less than both need.
  if (lot.quantity - lot.Held() < lot.Frozen(context.today)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "FROZEN_UNITS").Rule("PLG-29").Field("from_lot").Value(MakeName("lots", lot.number)).Accepted(
        "units that no court's order covers");
  }
  return absl::OkStatus();
}

// REQUIRES: CheckExecutable, indexed, DELAYED.
void TransferProposals::Execute(CommandContext& context, TransferProposalRow& row) {
  Ledger& ledger = *parts_.ledger;
  const LotRow& lot = *ledger.lots().Find(row.lot);
  Unindex(row);
  ledger.lots().Release(lot, HoldKind::kProposal, row.quantity);
  ledger.TransferTail(context, lot, row.quantity, row.to, row.reason);
  row.state = TransferProposal::EXECUTED;
  row.transaction = context.sequence;
  Index(row);
  Changed(context, row);
}

void TransferProposals::End(CommandContext& context, TransferProposalRow& row, TransferProposal::State state, const std::string& code, const std::string& reason) {
  Unindex(row);
  parts_.ledger->lots().Release(*parts_.ledger->lots().Find(row.lot), HoldKind::kProposal, row.quantity);
  row.state = state;
  row.end_code = code;
  row.end_reason = reason;
  row.ended_by = context.person;
  Changed(context, row);
}

bool TransferProposals::PassDue(CommandContext& context, size_t max) {
  for (; max > 0 && !due_.empty() && due_.begin()->first <= context.time; --max) {
    TransferProposalRow& row = rows_.Edit(*rows_.Find(due_.begin()->second));
    if (row.state != TransferProposal::DELAYED) {
      const bool unapproved = row.state == TransferProposal::PROPOSED && context.time >= row.approve_by;
      End(context, row, TransferProposal::EXPIRED, unapproved ? "NOT_APPROVED" : "NO_CONSENT", "");
      continue;
    }
    if (const absl::Status executable = CheckExecutable(context, row); !executable.ok()) {
      const RefusalDetail detail = GetRefusal(executable).value();
      End(context, row, TransferProposal::REJECTED, detail.reason, detail.field + ": " + detail.value);
      continue;
    }
    Execute(context, row);  // one a command: it is a transaction of its own
    break;
  }
  return !due_.empty() && due_.begin()->first <= context.time;
}

v1::TransferProposal ToProto(const TransferProposalRow& row, const std::string& from, const std::string& to) {
  TransferProposal message;
  message.set_name(MakeName("transferProposals", row.number));
  message.set_state(row.state);
  message.set_program(MakeName("programs", row.program));
  message.set_from_lot(MakeName("lots", row.lot));
  message.set_from_account(from);
  message.set_to_account(to);
  message.set_quantity(row.quantity.value());
  message.set_reason(row.reason);
  message.set_trusted(row.trusted);
  message.set_proposed_by(MakeName("people", row.proposed_by));
  *message.mutable_propose_time() = ToProto(row.propose_time);
  if (!row.approved_by.empty()) message.set_approved_by(MakeName("people", row.approved_by));
  if (!row.consented_by.empty()) message.set_consented_by(MakeName("people", row.consented_by));
  if (row.state == TransferProposal::PROPOSED || row.state == TransferProposal::APPROVED) *message.mutable_expire_time() = ToProto(row.Due());
  if (row.execute_time != Timestamp()) {
    *message.mutable_execute_time() = ToProto(row.execute_time);
    *message.mutable_abort_until() = ToProto(row.abort_until);
  }
  message.set_end_code(row.end_code);
  message.set_end_reason(row.end_reason);
  if (!row.ended_by.empty()) message.set_ended_by(MakeName("people", row.ended_by));
  if (row.transaction != 0) message.set_transaction(MakeName("transactions", row.transaction));
  return message;
}

}  // namespace songhua::ledger
