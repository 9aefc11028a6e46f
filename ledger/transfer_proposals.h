// Transfer proposals: how serial units leave an account that is subject to a control policy (controls.h).
//
//   PROPOSED -> APPROVED -> DELAYED -> EXECUTED
//        \          \          \----> ABORTED, REJECTED
//         \----------\--------------> ABORTED, REJECTED, EXPIRED
//
// A proposal holds its units (HoldKind::kProposal) from the first commit to its last. A second person of the holder approves; where the policy asks for it the
// account that receives consents, before or after. Then its time is set by the business-hour clock, and when that comes the engine's timer executes it, after
// looking at everything again: what has changed meanwhile ends it as REJECTED with a code. Whether a proposal may still be approved or aborted never depends on
// the timer.
//
// One thread (the state machine). Each function lists its checks in their order.
#ifndef SONGHUA_LEDGER_TRANSFER_PROPOSALS_H_
#define SONGHUA_LEDGER_TRANSFER_PROPOSALS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/calendars.h"
#include "ledger/controls.h"
#include "ledger/counters.h"
#include "ledger/ledger.h"
#include "ledger/tables.h"
#include "songhua/v1/registry_controls.pb.h"

namespace songhua::ledger {

struct TransferProposalRow {
  static constexpr RowTable kTable = RowTable::kTransferProposals;
  uint64_t number = 0;
  v1::TransferProposal::State state = v1::TransferProposal::PROPOSED;
  std::string program;
  LotNumber lot = 0;
  AccountNumber from = 0, to = 0;
  Quantity quantity;
  std::string reason;
  bool trusted = false;
  std::string proposed_by;
  Timestamp propose_time;
  Timestamp approve_by;     // PROPOSED: expires then
  bool needs_consent = false;
  Timestamp consent_by;     // while it needs consent: expires then
  std::string approved_by, consented_by;
  Timestamp execute_time;   // from DELAYED on
  Timestamp abort_until;
  std::string end_code, end_reason, ended_by;
  uint64_t transaction = 0;

  uint64_t Key() const { return number; }
  bool waits_for_consent() const { return needs_consent && consented_by.empty(); }
  // Holds its units.
  bool live() const {
    return state == v1::TransferProposal::PROPOSED || state == v1::TransferProposal::APPROVED || state == v1::TransferProposal::DELAYED;
  }
  // When the engine must look at it. REQUIRES: live.
  Timestamp Due() const;
  template <class Archive>
  void Fields(Archive& a) {
    a(number, state, program, lot, from, to, quantity, reason, trusted, proposed_by, propose_time, approve_by, needs_consent, consent_by, approved_by,
      consented_by, execute_time, abort_until, end_code, end_reason, ended_by, transaction);
  }
};

// Wakes the engine: TransferProposals::PassDue is then called. The engine connects it.
class ProposalAlarm {
 public:
  virtual ~ProposalAlarm() = default;
  virtual void WakeForProposals(Timestamp at) = 0;
};

class TransferProposals {
 public:
  static constexpr size_t kReasonBytesMax = 500;

  struct Parts {
    Counters* counters;
    const Calendars* calendars;
    const Controls* controls;
    Ledger* ledger;
    ProposalAlarm* alarm;
  };
  TransferProposals(TableSet* tables, const Parts& parts);
  ~TransferProposals();

  // Ledger/TransferUnits, where no policy asks for more. Checks: the lot and the account exist; the accounts may send and receive (CAR-06); no policy applies
  // (PROPOSE_TRANSFER says what to call instead); then the ledger's.
  absl::StatusOr<v1::TransactionAnswer> TransferUnits(CommandContext& context, const v1::TransferUnitsRequest& request);

  // Checks: lot of serial units; account; a policy applies (NO_CONTROL_POLICY); whose account it is (CAR-08); states and confirmation (CAR-06); trust
  // (NOT_TRUSTED); the units are free; the least of the limits (LIMIT_EXCEEDED).
  absl::StatusOr<v1::TransferProposalAnswer> ProposeTransfer(CommandContext& context, const v1::ProposeTransferRequest& request);
  // Checks: exists; state; not expired; GEN-14. Executes it where its time is now; then what a timer would find wrong refuses it.
  absl::StatusOr<v1::TransferProposalAnswer> ApproveTransfer(CommandContext& context, const v1::TransferProposalActRequest& request);
  absl::StatusOr<v1::TransferProposalAnswer> ConsentToTransfer(CommandContext& context, const v1::TransferProposalActRequest& request);
  absl::StatusOr<v1::TransferProposalAnswer> AbortTransfer(CommandContext& context, const v1::TransferProposalActRequest& request);
  absl::StatusOr<v1::TransferProposalAnswer> RejectTransfer(CommandContext& context, const v1::TransferProposalActRequest& request);

  // The timer: executes one proposal whose time has come, or ends up to `max` that expired or may not be executed any more. True: there are more.
  bool PassDue(CommandContext& context, size_t max);

  // Null: none.
  const TransferProposalRow* Find(uint64_t number) const { return rows_.Find(number); }

 private:
  enum class Act { kApprove, kConsent, kAbort, kReject };
  struct Limit {
    std::string name;
    Quantity left;
  };

  absl::StatusOr<const TransferProposalRow*> FindFor(const v1::TransferProposalActRequest& request, Act act) const;
  absl::Status CheckNotExpired(const CommandContext& context, const TransferProposalRow& row) const;
  absl::Status CheckRoute(const LotRow& lot, const AccountRow& from, const AccountRow& to, const ControlPolicyRow& policy, Date today) const;
  absl::Status CheckLimits(const TransferProposalRow& row, const ControlPolicyRow& policy, Date today) const;
  // What keeps it from being executed now; OK: nothing.
  absl::Status CheckExecutable(const CommandContext& context, const TransferProposalRow& row) const;
  // After approval and consent: sets the time of execution, and executes it where that is now.
  absl::StatusOr<v1::TransferProposalAnswer> Proceed(CommandContext& context, const TransferProposalRow& found, TransferProposalRow row);
  void Execute(CommandContext& context, TransferProposalRow& row);
  void End(CommandContext& context, TransferProposalRow& row, v1::TransferProposal::State state, const std::string& code, const std::string& reason);
  v1::TransferProposalAnswer Answer(const TransferProposalRow& row) const;
  // Puts a row in another's place.
  TransferProposalRow& Replace(CommandContext& context, const TransferProposalRow& found, TransferProposalRow row);
  void Changed(CommandContext& context, const TransferProposalRow& row);
  void Index(const TransferProposalRow& row);
  void Unindex(const TransferProposalRow& row);

  const Parts parts_;
  Table<TransferProposalRow> rows_;
  std::set<std::pair<Timestamp, uint64_t>> due_;  // live ones
  // What was proposed on a day, live or executed.
  std::map<std::pair<AccountNumber, Date>, Quantity> account_day_;
  std::map<std::pair<std::string, Date>, Quantity> program_day_;
};

// The accounts' names are the reader's to resolve.
v1::TransferProposal ToProto(const TransferProposalRow& row, const std::string& from, const std::string& to);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_TRANSFER_PROPOSALS_H_
