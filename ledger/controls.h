// Controls of the registry: policies by program and kind of account, the state of each account, and the lists of accounts that holders trust. What a transfer
// goes through that is subject to them stands in transfer_proposals.h.
//
// An account without a row is OPEN. BLOCKED and SUSPENDED stop what leaves: transfers, proposals, orders to sell; SUSPENDED and CLOSED what comes in, too:
// transfers, proposals, orders to buy. Surrender stays possible in every state, as in the registries that this follows: limits and blocks guard against theft,
// and what is surrendered meets the holder's own obligation.
//
// One thread (the state machine).
#ifndef SONGHUA_LEDGER_CONTROLS_H_
#define SONGHUA_LEDGER_CONTROLS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/business_hours.h"
#include "ledger/calendars.h"
#include "ledger/ledger.h"
#include "ledger/tables.h"
#include "songhua/v1/registry_controls.pb.h"

namespace songhua::ledger {

struct ControlPolicyRow {
  static constexpr RowTable kTable = RowTable::kControlPolicies;
  std::string program;
  v1::AccountKind kind = v1::ACCOUNT_KIND_UNSPECIFIED;
  bool two_person = false, other_holders = false, trusted_only = false;
  BusinessHours hours;
  int32_t trust_delay_days = 0, execution_delay_days = 0, cutoff_minute = 0, abort_minutes = 0;
  Quantity transfer_max, account_day_max, program_day_max;  // 0: none
  int32_t approve_days = 1;
  bool destination_consent = false;
  int32_t consent_days = 3;
  int32_t confirmation_months = 0;
  Date loaded_on;

  std::tuple<std::string, v1::AccountKind> Key() const { return {program, kind}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(program, kind, two_person, other_holders, trusted_only, hours, trust_delay_days, execution_delay_days, cutoff_minute, abort_minutes, transfer_max,
      account_day_max, program_day_max, approve_days, destination_consent, consent_days, confirmation_months, loaded_on);
  }
};

struct AccountControlRow {
  static constexpr RowTable kTable = RowTable::kAccountControls;
  static constexpr bool kNumbered = true;
  AccountNumber account = 0;
  v1::AccountControl::State state = v1::AccountControl::OPEN;
  std::string reason, changed_by;
  Timestamp change_time;
  Date confirmed_on;  // kFirstDate: never
  std::string confirmed_by;
  Quantity transfer_max;  // 0: none

  AccountNumber Key() const { return account; }
  template <class Archive>
  void Fields(Archive& a) {
    a(account, state, reason, changed_by, change_time, confirmed_on, confirmed_by, transfer_max);
  }
};

struct TrustedAccountRow {
  static constexpr RowTable kTable = RowTable::kTrustedAccounts;
  AccountNumber account = 0;
  std::string program;
  AccountNumber trusted = 0;
  std::string proposed_by, approved_by;
  bool approved = false;
  Timestamp effective;  // approved: trusted from here on

  std::tuple<AccountNumber, std::string, AccountNumber> Key() const { return {account, program, trusted}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(account, program, trusted, proposed_by, approved_by, approved, effective);
  }
};

class Controls {
 public:
  static constexpr size_t kReasonBytesMax = 500;
  static constexpr int32_t kDelayDaysMax = 60;
  static constexpr int32_t kAbortMinutesMax = 7 * 24 * 60;
  static constexpr int32_t kConfirmationMonthsMax = 120;
  // On one account's list.
  static constexpr size_t kTrustedMax = 1'000;

  Controls(TableSet* tables, const Calendars* calendars, const Ledger* ledger);
  ~Controls();

  // ---- Commands, each with its checks in the order of the request's fields, then the state's ----
  absl::StatusOr<v1::ControlPolicyAnswer> LoadControlPolicy(CommandContext& context, const v1::LoadControlPolicyRequest& request);
  absl::StatusOr<v1::AccountControlAnswer> SetAccountState(CommandContext& context, const v1::SetAccountStateRequest& request);
  absl::StatusOr<v1::AccountControlAnswer> ConfirmAccount(CommandContext& context, const v1::ConfirmAccountRequest& request);
  absl::StatusOr<v1::AccountControlAnswer> SetAccountLimit(CommandContext& context, const v1::SetAccountLimitRequest& request);
  absl::StatusOr<v1::TrustedAccountAnswer> AddTrustedAccount(CommandContext& context, const v1::AddTrustedAccountRequest& request);
  // GEN-14: not by who proposed it.
  absl::StatusOr<v1::TrustedAccountAnswer> ApproveTrustedAccount(CommandContext& context, const v1::TrustedAccountActRequest& request);
  absl::StatusOr<v1::TrustedAccountAnswer> RemoveTrustedAccount(CommandContext& context, const v1::TrustedAccountActRequest& request);

  // ---- Questions ----
  // Null: the program's units leave accounts of the kind without one.
  const ControlPolicyRow* FindPolicy(const std::string& program, v1::AccountKind kind) const { return policies_.Find({program, kind}); }
  // OPEN where nothing was said of it.
  v1::AccountControl::State StateOf(AccountNumber account) const;
  // Whether units may come in.
  bool TakesIn(AccountNumber account) const;
  // ACCOUNT_BLOCKED, ACCOUNT_SUSPENDED, ACCOUNT_CLOSED (CAR-06).
  absl::Status CheckOutgoing(const AccountRow& account, std::string_view field) const;
  absl::Status CheckIncoming(const AccountRow& account, std::string_view field) const;
  // CONFIRMATION_OVERDUE (CAR-06).
  absl::Status CheckConfirmed(const AccountRow& account, const ControlPolicyRow& policy, Date today, std::string_view field) const;
  bool IsTrusted(const AccountRow& account, const std::string& program, const AccountRow& to, Timestamp at) const;
  // The holder's own limit of one transfer; 0: none.
  Quantity TransferMax(AccountNumber account) const;

 private:
  struct TrustSpec {
    const AccountRow* account = nullptr;
    const AccountRow* trusted = nullptr;
    const ControlPolicyRow* policy = nullptr;
  };
  template <class Request>
  absl::StatusOr<TrustSpec> ParseTrust(const Request& request) const;
  absl::StatusOr<const AccountRow*> ResolveUnits(std::string_view field, const std::string& name) const;
  AccountControlRow ControlOf(AccountNumber account) const;
  v1::AccountControlAnswer Answer(const AccountControlRow& row) const;
  v1::TrustedAccountAnswer Answer(const TrustedAccountRow& row) const;
  // Puts the row in its place, unless the command only validates.
  v1::AccountControlAnswer Put(CommandContext& context, AccountControlRow row);
  void Approve(CommandContext& context, TrustedAccountRow& row, const ControlPolicyRow& policy) const;

  const Calendars* calendars_;
  const Ledger* ledger_;
  Table<ControlPolicyRow> policies_;
  Table<AccountControlRow> controls_;
  Table<TrustedAccountRow> trusted_;
  absl::flat_hash_map<AccountNumber, size_t> trusted_count_;
};

v1::ControlPolicy ToProto(const ControlPolicyRow& row);
v1::AccountControl ToProto(const AccountControlRow& row, const std::string& account);
v1::TrustedAccount ToProto(const TrustedAccountRow& row, const std::string& account, const std::string& trusted);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_CONTROLS_H_
