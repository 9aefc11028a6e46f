#include "ledger/controls.h"

#include <algorithm>
#include <utility>

#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

constexpr int64_t kLimitMax = 1'000'000'000'000'000;

absl::Status CheckRange(std::string_view field, int64_t value, int64_t max) {
  if (value >= 0 && value <= max) return absl::OkStatus();
  return InvalidField(field, std::to_string(value), "0 to " + std::to_string(max));
}

absl::StatusOr<ControlPolicyRow> ParsePolicy(const v1::ControlPolicy& policy, const Programs& programs) {
  ControlPolicyRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.program, ParseName("policy.program", "programs", policy.program()));
  const ProgramRow* program = programs.Find(row.program);
  if (program == nullptr) return NotFound("policy.program", policy.program());
  if (program->form != v1::SERIAL) {
    return InvalidField("policy.program", policy.program(), "a program of serial units; rights change hands by trade or legal act").Rule("DR-42");
  }
  row.kind = policy.account_kind();
  if (row.kind != v1::REGISTRY && row.kind != v1::TRADING) {
    return InvalidField("policy.account_kind", std::to_string(policy.account_kind()), "REGISTRY or TRADING").Rule("CAR-08");
  }
  row.two_person = policy.two_person();
  row.other_holders = policy.other_holders();
  row.trusted_only = policy.trusted_accounts_only();
  SONGHUA_ASSIGN_OR_RETURN(row.hours.open_minute, ParseMinute("policy.opens", policy.opens()));
  SONGHUA_ASSIGN_OR_RETURN(row.hours.close_minute, ParseMinute("policy.closes", policy.closes()));
  if (row.hours.close_minute <= row.hours.open_minute) {
    return InvalidField("policy.closes", policy.closes(), "a time after " + FormatMinute(row.hours.open_minute) + ", when it opens").Rule("CAR-08");
  }
  row.hours.count = policy.day_count();
  if (row.hours.count != v1::WORKDAY && row.hours.count != v1::TRADING_DAY) {
    return InvalidField("policy.day_count", std::to_string(policy.day_count()), "WORKDAY or TRADING_DAY").Rule("GEN-02");
  }
  SONGHUA_RETURN_IF_ERROR(CheckRange("policy.trust_delay_days", policy.trust_delay_days(), Controls::kDelayDaysMax));
  SONGHUA_RETURN_IF_ERROR(CheckRange("policy.execution_delay_days", policy.execution_delay_days(), Controls::kDelayDaysMax));
  row.trust_delay_days = policy.trust_delay_days();
  row.execution_delay_days = policy.execution_delay_days();
  row.cutoff_minute = row.hours.open_minute;
  if (row.execution_delay_days > 0 || !policy.cutoff().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(row.cutoff_minute, ParseMinute("policy.cutoff", policy.cutoff()));
    if (row.cutoff_minute < row.hours.open_minute || row.cutoff_minute >= row.hours.close_minute) {
      return InvalidField("policy.cutoff", policy.cutoff(), "a time in business hours").Rule("CAR-08");
    }
  }
  SONGHUA_RETURN_IF_ERROR(CheckRange("policy.abort_minutes", policy.abort_minutes(), Controls::kAbortMinutesMax));
  row.abort_minutes = policy.abort_minutes();
  SONGHUA_RETURN_IF_ERROR(CheckRange("policy.transfer_max", policy.transfer_max(), kLimitMax));
  SONGHUA_RETURN_IF_ERROR(CheckRange("policy.account_day_max", policy.account_day_max(), kLimitMax));
  SONGHUA_RETURN_IF_ERROR(CheckRange("policy.program_day_max", policy.program_day_max(), kLimitMax));
  row.transfer_max = Quantity(policy.transfer_max());
  row.account_day_max = Quantity(policy.account_day_max());
  row.program_day_max = Quantity(policy.program_day_max());
  SONGHUA_RETURN_IF_ERROR(CheckRange("policy.approve_days", policy.approve_days(), Controls::kDelayDaysMax));
  SONGHUA_RETURN_IF_ERROR(CheckRange("policy.consent_days", policy.consent_days(), Controls::kDelayDaysMax));
  if (policy.approve_days() > 0) row.approve_days = policy.approve_days();
  row.destination_consent = policy.destination_consent();
  if (policy.consent_days() > 0) row.consent_days = policy.consent_days();
  SONGHUA_RETURN_IF_ERROR(CheckRange("policy.confirmation_months", policy.confirmation_months(), Controls::kConfirmationMonthsMax));
  row.confirmation_months = policy.confirmation_months();
  return row;
}

}  // namespace

Controls::Controls(TableSet* tables, const Calendars* calendars, const Ledger* ledger)
    : calendars_(calendars), ledger_(ledger), policies_(tables), controls_(tables), trusted_(tables) {
  trusted_.OnLoaded([this](TrustedAccountRow& row) { ++trusted_count_[row.account]; });
}

Controls::~Controls() = default;

// ---- Policies ----

absl::StatusOr<v1::ControlPolicyAnswer> Controls::LoadControlPolicy(CommandContext& context, const v1::LoadControlPolicyRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(ControlPolicyRow row, ParsePolicy(request.policy(), ledger_->programs()));
  const ControlPolicyRow* known = policies_.Find(row.Key());
  row.loaded_on = known == nullptr ? context.today : known->loaded_on;
  v1::ControlPolicyAnswer answer;
  *answer.mutable_policy() = ToProto(row);
  if (context.validate_only) return answer;
  context.events->Emit(EventType::kAccountControlChanged, MakeName("programs", row.program), row);
  if (known != nullptr) {
    policies_.Edit(*known) = std::move(row);
  } else {
    policies_.Insert(std::move(row));
  }
  return answer;
}

// ---- Accounts ----

absl::StatusOr<const AccountRow*> Controls::ResolveUnits(std::string_view field, const std::string& name) const {
  SONGHUA_ASSIGN_OR_RETURN(const AccountRow* account, ledger_->accounts().Resolve(field, name));
  if (account->kind == v1::REGISTRY || account->kind == v1::TRADING) return account;
  return InvalidField(field, name, "a registry or trading account").Rule("CAR-05");
}

AccountControlRow Controls::ControlOf(AccountNumber account) const {
  const AccountControlRow* row = controls_.Find(account);
  if (row != nullptr) return *row;
  AccountControlRow fresh;
  fresh.account = account;
  return fresh;
}

v1::AccountControlAnswer Controls::Answer(const AccountControlRow& row) const {
  v1::AccountControlAnswer answer;
  *answer.mutable_control() = ToProto(row, AccountName(*ledger_->accounts().Find(row.account)));
  return answer;
}

v1::AccountControlAnswer Controls::Put(CommandContext& context, AccountControlRow row) {
  v1::AccountControlAnswer answer = Answer(row);
  if (context.validate_only) return answer;
  context.events->Emit(EventType::kAccountControlChanged, answer.control().account(), row);
  const AccountControlRow* known = controls_.Find(row.account);
  if (known != nullptr) {
    controls_.Edit(*known) = std::move(row);
  } else {
    controls_.Insert(std::move(row));
  }
  return answer;
}

absl::StatusOr<v1::AccountControlAnswer> Controls::SetAccountState(CommandContext& context, const v1::SetAccountStateRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const AccountRow* account, ResolveUnits("account", request.account()));
  if (!v1::AccountControl::State_IsValid(request.state()) || request.state() == v1::AccountControl::STATE_UNSPECIFIED) {
    return InvalidField("state", std::to_string(request.state()), "OPEN, BLOCKED, SUSPENDED or CLOSED").Rule("CAR-06");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kReasonBytesMax, "reason"));
  AccountControlRow row = ControlOf(account->number);
  if (row.state == request.state() || row.state == v1::AccountControl::CLOSED) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "WRONG_STATE").Rule("CAR-06").Field("state").Value(v1::AccountControl::State_Name(request.state()))
        .Accepted(row.state == v1::AccountControl::CLOSED ? "nothing: the account is closed for ever"
                                                          : "another state than " + v1::AccountControl::State_Name(row.state) + ", which it has");
  }
  if (request.state() == v1::AccountControl::CLOSED) {
    for (const LotRow* lot : ledger_->lots().OfAccount(account->number)) {
      if (lot->quantity == Quantity()) continue;
      return Refuse(absl::StatusCode::kFailedPrecondition, "ACCOUNT_NOT_EMPTY").Rule("CAR-06").Field("account").Value(request.account()).Accepted(
          "an account without units; " + MakeName("lots", lot->number) + " has " + std::to_string(lot->quantity.value()));
    }
  }
  row.state = request.state();
  row.reason = request.reason();
  row.changed_by = context.person;
  row.change_time = context.time;
  return Put(context, std::move(row));
}

absl::StatusOr<v1::AccountControlAnswer> Controls::ConfirmAccount(CommandContext& context, const v1::ConfirmAccountRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const AccountRow* account, ResolveUnits("account", request.account()));
  AccountControlRow row = ControlOf(account->number);
  row.confirmed_on = context.today;
  row.confirmed_by = context.person;
  return Put(context, std::move(row));
}

absl::StatusOr<v1::AccountControlAnswer> Controls::SetAccountLimit(CommandContext& context, const v1::SetAccountLimitRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const AccountRow* account, ResolveUnits("account", request.account()));
  SONGHUA_RETURN_IF_ERROR(CheckRange("transfer_max", request.transfer_max(), kLimitMax));
  AccountControlRow row = ControlOf(account->number);
  row.transfer_max = Quantity(request.transfer_max());
  return Put(context, std::move(row));
}

v1::AccountControl::State Controls::StateOf(AccountNumber account) const {
  const AccountControlRow* row = controls_.Find(account);
  return row == nullptr ? v1::AccountControl::OPEN : row->state;
}

absl::Status Controls::CheckOutgoing(const AccountRow& account, std::string_view field) const {
  const v1::AccountControl::State state = StateOf(account.number);
  if (state == v1::AccountControl::OPEN) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "ACCOUNT_" + v1::AccountControl::State_Name(state)).Rule("CAR-06").Field(field)
      .Value(AccountName(account)).Accepted("an account that is OPEN; surrender stays possible");
}

bool Controls::TakesIn(AccountNumber account) const {
  const v1::AccountControl::State state = StateOf(account);
  return state == v1::AccountControl::OPEN || state == v1::AccountControl::BLOCKED;
}

absl::Status Controls::CheckIncoming(const AccountRow& account, std::string_view field) const {
  if (TakesIn(account.number)) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "ACCOUNT_" + v1::AccountControl::State_Name(StateOf(account.number))).Rule("CAR-06").Field(field)
      .Value(AccountName(account)).Accepted("an account that is neither SUSPENDED nor CLOSED");
}

absl::Status Controls::CheckConfirmed(const AccountRow& account, const ControlPolicyRow& policy, Date today, std::string_view field) const {
  if (policy.confirmation_months == 0) return absl::OkStatus();
  const AccountControlRow* row = controls_.Find(account.number);
  const Date from = std::max(policy.loaded_on, row == nullptr ? kFirstDate : row->confirmed_on);
  const auto due = AddMonths(from, policy.confirmation_months);
  if (!due.ok() || today <= *due) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "CONFIRMATION_OVERDUE").Rule("CAR-06").Field(field).Value(AccountName(account)).Accepted(
      "ConfirmAccount first: the account's data had to be confirmed by " + FormatDate(*due));
}

Quantity Controls::TransferMax(AccountNumber account) const {
  const AccountControlRow* row = controls_.Find(account);
  return row == nullptr ? Quantity() : row->transfer_max;
}

// ---- Trusted accounts ----

template <class Request>
absl::StatusOr<Controls::TrustSpec> Controls::ParseTrust(const Request& request) const {
  TrustSpec spec;
  SONGHUA_ASSIGN_OR_RETURN(const std::string program, ParseName("program", "programs", request.program()));
  if (ledger_->programs().Find(program) == nullptr) return NotFound("program", request.program());
  SONGHUA_ASSIGN_OR_RETURN(spec.account, ResolveUnits("account", request.account()));
  SONGHUA_ASSIGN_OR_RETURN(spec.trusted, ResolveUnits("trusted_account", request.trusted_account()));
  spec.policy = FindPolicy(program, spec.account->kind);
  if (spec.policy == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_CONTROL_POLICY").Rule("CAR-08").Field("program").Value(request.program()).Accepted(
        "a program with a policy for " + v1::AccountKind_Name(spec.account->kind) + " accounts");
  }
  if (spec.account->participant == spec.trusted->participant) {
    return InvalidField("trusted_account", request.trusted_account(), "an account of another holder; one's own are trusted already").Rule("CAR-08");
  }
  return spec;
}

v1::TrustedAccountAnswer Controls::Answer(const TrustedAccountRow& row) const {
  v1::TrustedAccountAnswer answer;
  *answer.mutable_entry() = ToProto(row, AccountName(*ledger_->accounts().Find(row.account)), AccountName(*ledger_->accounts().Find(row.trusted)));
  return answer;
}

void Controls::Approve(CommandContext& context, TrustedAccountRow& row, const ControlPolicyRow& policy) const {
  row.approved = true;
  row.approved_by = context.person;
  row.effective = AfterWorkingDays(*calendars_, policy.hours, context.time, policy.trust_delay_days);
}

absl::StatusOr<v1::TrustedAccountAnswer> Controls::AddTrustedAccount(CommandContext& context, const v1::AddTrustedAccountRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const TrustSpec spec, ParseTrust(request));
  TrustedAccountRow row;
  row.account = spec.account->number;
  row.program = spec.policy->program;
  row.trusted = spec.trusted->number;
  if (trusted_.Find(row.Key()) != nullptr) {
    return Refuse(absl::StatusCode::kAlreadyExists, "ALREADY_ON_THE_LIST").Rule("CAR-08").Field("trusted_account").Value(request.trusted_account()).Accepted(
        "an account that is not on the list of " + request.account());
  }
  const auto count = trusted_count_.find(row.account);
  if (count != trusted_count_.end() && count->second >= kTrustedMax) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_TRUSTED").Rule("CAR-08").Field("account").Value(request.account()).Accepted(
        "a list of at most " + std::to_string(kTrustedMax));
  }
  row.proposed_by = context.person;
  if (!spec.policy->two_person) Approve(context, row, *spec.policy);
  v1::TrustedAccountAnswer answer = Answer(row);
  if (context.validate_only) return answer;
  context.events->Emit(EventType::kAccountControlChanged, request.account(), row);
  ++trusted_count_[row.account];
  trusted_.Insert(std::move(row));
  return answer;
}

absl::StatusOr<v1::TrustedAccountAnswer> Controls::ApproveTrustedAccount(CommandContext& context, const v1::TrustedAccountActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const TrustSpec spec, ParseTrust(request));
  const TrustedAccountRow* found = trusted_.Find({spec.account->number, spec.policy->program, spec.trusted->number});
  if (found == nullptr || found->approved) return NotFound("trusted_account", request.trusted_account()).Accepted("an account whose addition waits for approval");
  if (found->proposed_by == context.person) {
    return Refuse(absl::StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES").Rule("GEN-14").Field("trusted_account").Value(MakeName("people", context.person))
        .Accepted("another person than the one who proposed it");
  }
  TrustedAccountRow row = *found;
  Approve(context, row, *spec.policy);
  v1::TrustedAccountAnswer answer = Answer(row);
  if (context.validate_only) return answer;
  context.events->Emit(EventType::kAccountControlChanged, request.account(), row);
  trusted_.Edit(*found) = std::move(row);
  return answer;
}

absl::StatusOr<v1::TrustedAccountAnswer> Controls::RemoveTrustedAccount(CommandContext& context, const v1::TrustedAccountActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const TrustSpec spec, ParseTrust(request));
  const TrustedAccountRow* found = trusted_.Find({spec.account->number, spec.policy->program, spec.trusted->number});
  if (found == nullptr) return NotFound("trusted_account", request.trusted_account());
  v1::TrustedAccountAnswer answer = Answer(*found);
  if (context.validate_only) return answer;
  context.events->Emit(EventType::kAccountControlChanged, request.account(), request.trusted_account());
  --trusted_count_[found->account];
  trusted_.Erase(*found);
  return answer;
}

bool Controls::IsTrusted(const AccountRow& account, const std::string& program, const AccountRow& to, Timestamp at) const {
  if (account.participant == to.participant) return true;
  const TrustedAccountRow* row = trusted_.Find({account.number, program, to.number});
  return row != nullptr && row->approved && row->effective <= at;
}

// ---- Messages ----

v1::ControlPolicy ToProto(const ControlPolicyRow& row) {
  v1::ControlPolicy message;
  message.set_program(MakeName("programs", row.program));
  message.set_account_kind(row.kind);
  message.set_two_person(row.two_person);
  message.set_other_holders(row.other_holders);
  message.set_trusted_accounts_only(row.trusted_only);
  message.set_opens(FormatMinute(row.hours.open_minute));
  message.set_closes(FormatMinute(row.hours.close_minute));
  message.set_day_count(row.hours.count);
  message.set_trust_delay_days(row.trust_delay_days);
  message.set_execution_delay_days(row.execution_delay_days);
  message.set_cutoff(FormatMinute(row.cutoff_minute));
  message.set_abort_minutes(row.abort_minutes);
  message.set_transfer_max(row.transfer_max.value());
  message.set_account_day_max(row.account_day_max.value());
  message.set_program_day_max(row.program_day_max.value());
  message.set_approve_days(row.approve_days);
  message.set_destination_consent(row.destination_consent);
  message.set_consent_days(row.consent_days);
  message.set_confirmation_months(row.confirmation_months);
  message.set_loaded_on(FormatDate(row.loaded_on));
  return message;
}

v1::AccountControl ToProto(const AccountControlRow& row, const std::string& account) {
  v1::AccountControl message;
  message.set_account(account);
  message.set_state(row.state);
  message.set_reason(row.reason);
  if (!row.changed_by.empty()) {
    message.set_changed_by(MakeName("people", row.changed_by));
    *message.mutable_change_time() = ToProto(row.change_time);
  }
  if (!row.confirmed_by.empty()) {
    message.set_confirmed_on(FormatDate(row.confirmed_on));
    message.set_confirmed_by(MakeName("people", row.confirmed_by));
  }
  message.set_transfer_max(row.transfer_max.value());
  return message;
}

v1::TrustedAccount ToProto(const TrustedAccountRow& row, const std::string& account, const std::string& trusted) {
  v1::TrustedAccount message;
  message.set_program(MakeName("programs", row.program));
  message.set_account(account);
  message.set_trusted_account(trusted);
  message.set_proposed_by(MakeName("people", row.proposed_by));
  if (row.approved) {
    message.set_approved_by(MakeName("people", row.approved_by));
    *message.mutable_effective_time() = ToProto(row.effective);
  }
  return message;
}

}  // namespace songhua::ledger
