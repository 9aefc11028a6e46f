// Pledges: security interests over part of a lot, for a bank's loan (china.md section 5, PLG-05: mortgage and pledge behave alike).
//
// A pledge's units are held in its lot from the registry's verification to the pledge's end, first provisionally, then as a pledge; the
// holds of a lot are at every commit the sum of what its pledges claim. The table below is all of china.md 8.5 that has a command; any
// other pair of state and event is refused with ILLEGAL_TRANSITION.
//
//   | state          | event   | guard                                                | state after     | hold of the lot            |
//   |----------------|---------|------------------------------------------------------|-----------------|----------------------------|
//   | -              | apply   | PLG-11 paid, PLG-17 free, pledgee a bank             | APPLIED         |                            |
//   | APPLIED        | verify  | the same, as they stand now                          | HELD            | PROVISIONAL_PLEDGE placed  |
//   | APPLIED        | reject  | a reason                                             | PLEDGE_REJECTED |                            |
//   | HELD           | approve | terms; PLG-13: the loan ends no later than the       | BANK_APPROVED   |                            |
//   |                |         | right; PLG-14: the principal is within its value     |                 |                            |
//   | HELD           | decline | a reason                                             | RELEASED        | lifted                     |
//   | BANK_APPROVED  | decline | a reason                                             | RELEASED        | lifted                     |
//   | HELD           | lapse   | the hold's last day has passed                       | RELEASED        | lifted                     |
//   | BANK_APPROVED  | lapse   | the last day to confirm has passed                   | RELEASED        | lifted                     |
//   | BANK_APPROVED  | confirm | the loan has not ended; no court's freeze reaches it | ACTIVE          | becomes PLEDGE             |
//   | ACTIVE         | release |                                                      | RELEASED        | lifted (PLG-30, INV-12)    |
//   | ACTIVE         | release | of a part; PLG-14: what is left carries the          | ACTIVE          | lifted of the part         |
//   |                | a part  | principal                                            |                 |                            |
//
// A lapse is a matter of the day, not of a timer having run: on the day after the last one no event is taken any more.
//
// The pledgor may go on discharging under a pledged right: a pledge restricts disposal, not use (PLG-23). Who may send which event is the
// engine's to decide; the parties here are the participant whose account holds the lot (pledgor) and the bank that it named (pledgee).
//
// Errors are checked in this order: form of the fields in the order of the message (INVALID_ARGUMENT), things named (NOT_FOUND,
// INVALID_ARGUMENT), the transition (FAILED_PRECONDITION), its guards (INVALID_ARGUMENT, FAILED_PRECONDITION). One thread (the state
// machine).
#ifndef SONGHUA_LEDGER_PLEDGES_H_
#define SONGHUA_LEDGER_PLEDGES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/calendars.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/ledger.h"
#include "ledger/legal_time.h"
#include "ledger/lots.h"
#include "ledger/participants.h"
#include "ledger/pledge_policy.h"
#include "ledger/tables.h"
#include "ledger/valuations.h"
#include "songhua/v1/pledges.pb.h"

namespace songhua::ledger {

enum class PledgeEvent : uint8_t { kApply = 0, kVerify = 1, kReject = 2, kApprove = 3, kDecline = 4, kConfirm = 5, kRelease = 6, kLapse = 7, kReleasePart = 8 };

// The state after an event, PLEDGE_STATE_UNSPECIFIED being the one before an application; nullopt where the event is illegal.
std::optional<v1::PledgeState> NextPledgeState(v1::PledgeState from, PledgeEvent event);

// Under what a pledge in this state holds its units; nullopt: it holds none. A lot's holds of these kinds are the sum over its pledges.
std::optional<HoldKind> PledgeHold(v1::PledgeState state);

// What the bank lends, entered with its approval.
struct LoanTerms {
  Money principal;
  int32_t rate_bps = 0;  // a year
  Term term{};
  std::string contract_number;
  std::string unified_registry_number;  // empty: not registered, so without priority (PLG-01)

  template <class Archive>
  void Fields(Archive& a) {
    a(principal, rate_bps, term, contract_number, unified_registry_number);
  }
};

struct PledgeRow {
  static constexpr RowTable kTable = RowTable::kPledges;
  uint64_t number = 0;
  v1::PledgeState state = v1::PLEDGE_STATE_UNSPECIFIED;
  v1::PledgeForm form = v1::PLEDGE_FORM_UNSPECIFIED;
  LotNumber lot = 0;
  Quantity quantity;    // of the lot's
  std::string pledgor;  // participant ids
  std::string pledgee;
  bool approved = false;  // whether `loan` has been entered
  LoanTerms loan;
  Timestamp create_time;
  Timestamp end_time;    // of a pledge that has ended
  std::string decision;  // the last reason given
  // What the units were worth on the day on which the registry verified it (PLG-15, PLG-16); zeros: not verified, or no price was in force.
  Valuation valuation;
  Date value_date{};
  Money principal_max;  // that this value carries (PLG-14)
  Date due{};  // the last day of the step that it waits for; 0: of none

  uint64_t Key() const { return number; }
  // PLG-03: the units cannot move without the bank: from the commit that made the hold a pledge until the one that lifts it.
  bool ControlEffective() const { return PledgeHold(state) == HoldKind::kPledge; }
  // PLG-03: control, and a number in the unified registry on which priority rests.
  bool PriorityEffective() const { return ControlEffective() && !loan.unified_registry_number.empty(); }
  // Whether the step that it waits for ends it where it does not come; and has, by then.
  bool Lapses() const { return state == v1::HELD || state == v1::BANK_APPROVED; }
  bool LapsedOn(Date today) const { return Lapses() && today > due; }
  bool HasEnded() const {
    return state == v1::PLEDGE_REJECTED || state == v1::RELEASED || state == v1::REALISED || state == v1::COLLATERAL_LOST;
  }

  template <class Archive>
  void Fields(Archive& a) {
    a(number, state, form, lot, quantity, pledgor, pledgee, approved, loan, create_time, end_time, decision, valuation.unit, valuation.value,
      value_date, principal_max, due);
  }
};

// Where readers find the pledges of a participant (pledgor, pledgee, a branch's bank) and of a lot. Cold.
struct PledgeIndexRow {
  static constexpr RowTable kTable = RowTable::kPledgeIndex;
  std::string of;  // "participants/{id}" or "lots/{number}"
  uint64_t pledge = 0;

  std::tuple<std::string, uint64_t> Key() const { return {of, pledge}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(of, pledge);
  }
};

// What units of a lot are worth on a day, by base prices and what the market paid (valuations.h). The engine connects it.
class UnitValuer {
 public:
  virtual ~UnitValuer() = default;
  // nullopt: no price is in force.
  virtual std::optional<Valuation> ValueOf(const LotRow& lot, Quantity quantity, Date date) const = 0;
};

// Asked to call PassPledges at or after the time.
class PledgeAlarm {
 public:
  virtual ~PledgeAlarm() = default;
  virtual void WakeForPledges(Timestamp at) = 0;
};

class Pledges {
 public:
  // Bounds of what a bank may enter.
  static constexpr int64_t kPrincipalFenMax = 1'000'000'000'000'000;
  static constexpr int32_t kRateBpsMax = 10'000;
  static constexpr size_t kReferenceBytesMax = 100;
  static constexpr size_t kDecisionBytesMax = 500;

  struct Parts {
    Counters* counters;
    Participants* participants;
    Ledger* ledger;
    const Calendars* calendars;
    PledgeAlarm* alarm;
  };
  Pledges(TableSet* tables, const Parts& parts);
  ~Pledges();
  // Without one nothing is valued.
  void SetValuer(const UnitValuer* valuer) { valuer_ = valuer; }

  absl::StatusOr<v1::PledgeAnswer> ApplyPledge(CommandContext& context, const v1::ApplyPledgeRequest& request);
  absl::StatusOr<v1::PledgeAnswer> VerifyPledge(CommandContext& context, const v1::PledgeActRequest& request);
  absl::StatusOr<v1::PledgeAnswer> RejectPledge(CommandContext& context, const v1::PledgeActRequest& request);
  absl::StatusOr<v1::PledgeAnswer> ApprovePledge(CommandContext& context, const v1::ApprovePledgeRequest& request);
  absl::StatusOr<v1::PledgeAnswer> DeclinePledge(CommandContext& context, const v1::PledgeActRequest& request);
  absl::StatusOr<v1::PledgeAnswer> ConfirmPledge(CommandContext& context, const v1::PledgeActRequest& request);
  absl::StatusOr<v1::PledgeAnswer> ReleasePledge(CommandContext& context, const v1::PledgeActRequest& request);
  absl::StatusOr<v1::PledgeAnswer> ReleasePledgedUnits(CommandContext& context, const v1::ReleasePledgedUnitsRequest& request);
  // For the engine's timer: ends up to `max` pledges whose step has lapsed. True: more remain. REQUIRES: not validate_only.
  bool PassPledges(CommandContext& context, size_t max);

  // Ends a pledge because its units go elsewhere in this command: lifts its hold, so that they can. REQUIRES: ControlEffective; `state` is one in which
  // a pledge has ended.
  void EndWithUnits(CommandContext& context, uint64_t number, v1::PledgeState state, const std::string& decision);

  // Null: there is no such pledge.
  const PledgeRow* FindPledge(uint64_t number) const { return rows_.Find(number); }

 private:
  // The pledge that a request names, and where the event would take it.
  struct Step {
    const PledgeRow* row;
    PledgeRow changed;
  };
  absl::StatusOr<Step> Begin(const CommandContext& context, const std::string& name, PledgeEvent event) const;
  // The same for requests that carry no more than a reason.
  absl::StatusOr<Step> BeginAct(const CommandContext& context, const v1::PledgeActRequest& request, PledgeEvent event, bool reason_required) const;
  // What cannot fail: row, hold, event, answer. Only the answer with validate_only.
  v1::PledgeAnswer Conclude(CommandContext& context, Step step);

  const PledgePolicyRow& PolicyOf(const LotRow& lot) const;
  // By when the next step is to come.
  Date DueFor(const PledgeRow& row, Date today) const;
  // PLG-14: units of that value carry the principal; units without a value are not lent on.
  absl::Status CheckValue(const PledgeRow& row, Money principal, std::string_view field, int64_t value) const;
  // Notes what so many units of the pledge's are worth today.
  void Value(PledgeRow* row, Date today) const;
  void AppendIndex(const PledgeRow& row);

  // PLG-11, PLG-17: units of the lot may be pledged at all, and as many are free today.
  absl::Status CheckPledgeable(const LotRow& lot, Quantity quantity, Date today) const;
  absl::Status CheckPledgee(const std::string& pledgor, const std::string& pledgee) const;
  const AccountRow& AccountOf(const LotRow& lot) const { return *ledger_->accounts().Find(lot.account); }

  Counters* counters_;
  Participants* participants_;
  Ledger* ledger_;
  const Calendars* calendars_;
  PledgeAlarm* alarm_;
  const UnitValuer* valuer_ = nullptr;
  Table<PledgeRow> rows_;
  std::set<std::pair<Date, uint64_t>> lapses_;  // of those that lapse, by their last day
  ColdTable<PledgeIndexRow> index_;
};

v1::Pledge ToProto(const PledgeRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_PLEDGES_H_
