// Leases of discharge rights (DR-65). A lease carves the leased days out of the lessor's lot into a lot of the lessee's, so that effective rights
// follow by themselves (DR-11) and nothing is counted twice; no gram is lost, since lots are carved as for a trade.
//
//   | state              | event    | guard                                                  | state after | held by LEASE                         |
//   |--------------------|----------|--------------------------------------------------------|-------------|---------------------------------------|
//   | -                  | propose  | free units, whole months, lessee inside DR-20..26       | PROPOSED    | the quantity in the lessor's lot      |
//   | PROPOSED           | accept   | the rent is free in the lessee's cash account          | ACCEPTED    | and the rent, in cash                 |
//   | ACCEPTED           | approve  | an officer; not after the first day; no court's freeze | IN_FORCE    | all of the lessee's lot, and of what  |
//   |                    |          |                                                        |             | follows the lease in the lessor's     |
//   | PROPOSED, ACCEPTED | withdraw | a party                                                | WITHDRAWN   | nothing                               |
//   | PROPOSED, ACCEPTED | reject   | an officer, a reason                                   | REJECTED    | nothing                               |
//   | PROPOSED, ACCEPTED | the end of the first day                                          | LAPSED      | nothing                               |
//   | IN_FORCE           | the end of the last day                                           | ENDED       | nothing                               |
//
// A lot that is held by LEASE can be used, and nothing else: it is neither sold nor pledged nor leased again, by either side.
//
// Errors are checked in this order: form of the fields in the order of the message, things named, the state, its guards. One thread (the state machine).
#ifndef SONGHUA_LEDGER_LEASES_H_
#define SONGHUA_LEDGER_LEASES_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/ledger.h"
#include "ledger/legal_time.h"
#include "ledger/lots.h"
#include "ledger/participants.h"
#include "ledger/region_statuses.h"
#include "ledger/tables.h"
#include "songhua/v1/leases.pb.h"

namespace songhua::ledger {

struct LeaseRow {
  static constexpr RowTable kTable = RowTable::kLeases;
  uint64_t number = 0;
  v1::Lease::State state = v1::Lease::STATE_UNSPECIFIED;
  LotNumber lot = 0;  // of the lessor, from which the units come
  Quantity quantity;
  AccountNumber lessor = 0;  // rights accounts
  AccountNumber lessee = 0;
  Term term{};
  Money rent;
  LotNumber leased_lot = 0;  // from the approval on: the lessee's lot,
  LotNumber later_lot = 0;   // and the lessor's of the days after the lease; 0: there are none
  std::string proposed_by;   // person ids
  std::string accepted_by;
  std::string decided_by;
  std::string reason;
  Timestamp create_time;
  Timestamp end_time;

  uint64_t Key() const { return number; }
  bool Waits() const { return state == v1::Lease::PROPOSED || state == v1::Lease::ACCEPTED; }
  // The last day on which it stays as it is; only of leases that wait or are in force.
  Date LastDay() const { return Waits() ? term.first : term.last; }
  // What it holds in the lessee's cash account.
  Money HeldRent() const { return state == v1::Lease::ACCEPTED ? rent : Money(); }

  template <class Archive>
  void Fields(Archive& a) {
    a(number, state, lot, quantity, lessor, lessee, term, rent, leased_lot, later_lot, proposed_by, accepted_by, decided_by, reason, create_time,
      end_time);
  }
};
// What the lease holds in lots. A lot's hold for leases is the sum over its leases.
std::vector<std::pair<LotNumber, Quantity>> HeldBy(const LeaseRow& row);

// Whether a site may lend (act SELL) or borrow (LEASE_IN) rights of the program today: its permit, what lies on the site, and its credit decide (DR-29,
// CREDIT-20). Fees and surplus are the RightsGate's.
class LeaseGate {
 public:
  virtual ~LeaseGate() = default;
  // OK, or a refusal that names `field`.
  virtual absl::Status CheckParty(const AccountRow& account, const std::string& program, v1::CreditGate::Act act, Date today,
                                  std::string_view field) const = 0;
};

// Asked to call PassLeases at or after the time.
class LeaseAlarm {
 public:
  virtual ~LeaseAlarm() = default;
  virtual void WakeForLeases(Timestamp at) = 0;
};

class Leases {
 public:
  static constexpr int64_t kRentFenMax = 1'000'000'000'000'000;
  static constexpr size_t kReasonBytesMax = 500;

  struct Parts {
    Counters* counters;
    Participants* participants;
    Ledger* ledger;
    const LeaseGate* gate;  // may be null: everybody may
    LeaseAlarm* alarm;      // may be null
    const RegionStatuses* regions;  // may be null: every region has attained its standards
  };
  Leases(TableSet* tables, const Parts& parts);
  ~Leases();

  absl::StatusOr<v1::LeaseAnswer> ProposeLease(CommandContext& context, const v1::ProposeLeaseRequest& request);
  absl::StatusOr<v1::LeaseAnswer> AcceptLease(CommandContext& context, const v1::LeaseActRequest& request);
  absl::StatusOr<v1::LeaseAnswer> ApproveLease(CommandContext& context, const v1::LeaseActRequest& request);
  absl::StatusOr<v1::LeaseAnswer> RejectLease(CommandContext& context, const v1::LeaseActRequest& request);
  absl::StatusOr<v1::LeaseAnswer> WithdrawLease(CommandContext& context, const v1::LeaseActRequest& request);

  // Ends leases whose last day, and lets those lapse whose first day, has passed; at most `limit` of them. True: there are more.
  bool PassLeases(CommandContext& context, size_t limit);

  const LeaseRow* Find(uint64_t number) const { return rows_.Find(number); }

 private:
  using States = std::initializer_list<v1::Lease::State>;
  absl::StatusOr<const LeaseRow*> FindIn(const std::string& name, States states) const;
  absl::StatusOr<LeaseRow> ParseProposal(const v1::ProposeLeaseRequest& request) const;
  absl::Status CheckProposal(CommandContext& context, const LeaseRow& row, const v1::ProposeLeaseRequest& request) const;
  // DR-09, DR-17, DR-29: of both parties.
  absl::Status CheckStanding(const CommandContext& context, const LeaseRow& row, std::string_view field) const;
  // DR-26: what is used in a region that has not attained its standard comes from inside it. There is no room for more as with purchases, since what was
  // sold out of the region for good would be made up for by what comes for a while.
  absl::Status CheckRegion(const CommandContext& context, const LeaseRow& row, std::string_view field) const;
  absl::Status CheckMonths(const LeaseRow& row, const RightsPolicyRow& policy) const;
  absl::StatusOr<v1::LeaseAnswer> GiveUp(CommandContext& context, const v1::LeaseActRequest& request, v1::Lease::State state, bool reason_required);
  // A participant's cash account; a refusal that names `field` where a rent needs one and there is none.
  absl::StatusOr<AccountNumber> CashOf(AccountNumber rights_account, std::string_view field) const;
  const AccountRow& AccountOf(AccountNumber number) const { return *parts_.ledger->accounts().Find(number); }

  // Lets go of all that the lease holds and ends it. REQUIRES: it waits or is in force.
  void End(CommandContext& context, const LeaseRow& row, v1::Lease::State state);
  // Changes the row and tells it; holds are the caller's.
  LeaseRow& Change(const LeaseRow& old_row, LeaseRow row);
  void Tell(CommandContext& context, const LeaseRow& row) const;
  v1::LeaseAnswer Answer(const LeaseRow& row) const;
  void Watch(const LeaseRow& row);

  Parts parts_;
  Table<LeaseRow> rows_;
  std::set<std::pair<Date, uint64_t>> by_last_day_;  // those that wait or are in force
};

// The reader resolves the accounts' names.
v1::Lease ToProto(const LeaseRow& row, const std::string& lessor, const std::string& lessee);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_LEASES_H_
