// Recoveries: how rights come back into the reserve of their zone (DR-60..64, DR-19), without compensation or by buy-back.
//
//   | state               | event    | guard                                                             | state after |
//   |---------------------|----------|-------------------------------------------------------------------|-------------|
//   | -                   | announce | grounds of its kind; free units, and pledges that are named        | ANNOUNCED   |
//   | ANNOUNCED (PAID)    | accept   | the enterprise                                                    | ACCEPTED    |
//   | ANNOUNCED (PAID)    | decline  | the enterprise, a reason                                          | DECLINED    |
//   | ANNOUNCED, ACCEPTED | approve  | another person than who announced it; of PAID ones ACCEPTED only   | APPROVED    |
//   | APPROVED            | execute  | DR-64 notice over; no court's freeze; the price is covered         | EXECUTED    |
//   | before EXECUTED     | withdraw | a reason                                                          | WITHDRAWN   |
//
// The free part of the quantity is held by RECOVERY as long as the recovery is open; the part under a pledge stays held by the pledge until the commit that
// executes the recovery, which takes them out of the pledge and ends it with its last ones (INV-12): as REALISED where they were paid for, as COLLATERAL_LOST where
// not. What its bank released meanwhile is free, and must be so still.
//
// What is paid comes from the cash account of the authority that keeps the reserve, and follows DR-62 (buy_back.h). The price of pledged units goes to
// their bank up to what is owed to it (DR-64, Civil Code 390); the rest is the enterprise's.
//
// Errors are checked in this order: form of the fields in the order of the message, things named, the state, its guards. One thread (the state machine).
#ifndef SONGHUA_LEDGER_RECOVERIES_H_
#define SONGHUA_LEDGER_RECOVERIES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/base_prices.h"
#include "ledger/calendars.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/ledger.h"
#include "ledger/legal_time.h"
#include "ledger/lots.h"
#include "ledger/participants.h"
#include "ledger/pledges.h"
#include "ledger/tables.h"
#include "songhua/v1/recoveries.pb.h"

namespace songhua::ledger {

// A pledge whose units are recovered, as it was when that was announced.
struct RecoveredPledge {
  uint64_t pledge = 0;
  Quantity quantity;
  template <class Archive>
  void Fields(Archive& a) {
    a(pledge, quantity);
  }
};

struct RecoveryRow {
  static constexpr RowTable kTable = RowTable::kRecoveries;
  uint64_t number = 0;
  v1::Recovery::Kind kind = v1::Recovery::KIND_UNSPECIFIED;
  v1::Recovery::State state = v1::Recovery::STATE_UNSPECIFIED;
  LotNumber lot = 0;
  Quantity quantity;
  std::vector<RecoveredPledge> pledges;
  AccountNumber account = 0;
  AccountNumber reserve = 0;
  std::string grounds;
  std::string document_reference;
  Date closure_date{};  // Date(): not the ground
  v1::PriceBasis basis = v1::PRICE_BASIS_UNSPECIFIED;  // unspecified: nothing is paid
  Date announced_on{};
  Date notice_last_day{};  // Date(): there are no pledges
  Money price;             // EXECUTED: as paid; before: as on the last command
  Money paid_to_pledgees;
  LotNumber recovered_lot = 0;
  std::string announced_by;  // person ids
  std::string accepted_by;
  std::string approved_by;
  std::string ended_by;
  std::string reason;
  Timestamp announce_time;
  Timestamp end_time;

  uint64_t Key() const { return number; }
  bool IsOpen() const { return state == v1::Recovery::ANNOUNCED || state == v1::Recovery::ACCEPTED || state == v1::Recovery::APPROVED; }
  // What it holds of its lot by RECOVERY: the part under no pledge.
  Quantity Held() const {
    Quantity held = IsOpen() ? quantity : Quantity();
    if (IsOpen()) {
      for (const RecoveredPledge& part : pledges) held -= part.quantity;
    }
    return held;
  }

  template <class Archive>
  void Fields(Archive& a) {
    a(number, kind, state, lot, quantity, pledges, account, reserve, grounds, document_reference, closure_date, basis, announced_on, notice_last_day,
      price, paid_to_pledgees, recovered_lot, announced_by, accepted_by, approved_by, ended_by, reason, announce_time, end_time);
  }
};

// That a site stopped for ever, as its enterprise declared (DR-63).
struct ClosureRow {
  static constexpr RowTable kTable = RowTable::kClosures;
  std::string site;
  Date closure_date{};
  Date declared_on{};
  Date due{};  // the last day on which it was in time
  std::string document_reference;
  std::string declared_by;

  std::string Key() const { return site; }
  template <class Archive>
  void Fields(Archive& a) {
    a(site, closure_date, declared_on, due, document_reference, declared_by);
  }
};

class Recoveries {
 public:
  static constexpr size_t kTextBytesMax = 500;
  static constexpr size_t kReferenceBytesMax = 200;
  static constexpr int kPledgesMax = 20;
  static constexpr int32_t kDeclarationDays = 30;  // DR-63, NATURAL

  struct Parts {
    Counters* counters;
    const Participants* participants;
    Ledger* ledger;
    Pledges* pledges;
    const BasePrices* base_prices;
    const Calendars* calendars;
  };
  Recoveries(TableSet* tables, const Parts& parts);
  ~Recoveries();

  absl::StatusOr<v1::RecoveryAnswer> AnnounceRecovery(CommandContext& context, const v1::AnnounceRecoveryRequest& request);
  absl::StatusOr<v1::RecoveryAnswer> AcceptRecovery(CommandContext& context, const v1::RecoveryActRequest& request);
  absl::StatusOr<v1::RecoveryAnswer> DeclineRecovery(CommandContext& context, const v1::RecoveryActRequest& request);
  absl::StatusOr<v1::RecoveryAnswer> ApproveRecovery(CommandContext& context, const v1::RecoveryActRequest& request);
  absl::StatusOr<v1::RecoveryAnswer> ExecuteRecovery(CommandContext& context, const v1::RecoveryActRequest& request);
  absl::StatusOr<v1::RecoveryAnswer> WithdrawRecovery(CommandContext& context, const v1::RecoveryActRequest& request);

  absl::StatusOr<v1::ClosureAnswer> DeclareClosure(CommandContext& context, const v1::DeclareClosureRequest& request);

  const RecoveryRow* Find(uint64_t number) const { return rows_.Find(number); }
  const ClosureRow* FindClosure(const std::string& site) const { return closures_.Find(site); }

 private:
  using States = std::initializer_list<v1::Recovery::State>;
  // Who receives what when it is executed.
  struct Payments {
    AccountNumber payer = 0;
    Money price;
    Money to_pledgees;
    std::vector<std::pair<AccountNumber, Money>> parts;
    std::vector<Money> secured;  // what the pledgee of each pledge that still has units of the lot gets, in the row's order
  };

  absl::StatusOr<const RecoveryRow*> FindIn(const std::string& name, States states) const;
  absl::StatusOr<RecoveryRow> ParseAnnouncement(const v1::AnnounceRecoveryRequest& request) const;
  absl::Status ResolvePledges(const v1::AnnounceRecoveryRequest& request, RecoveryRow* row) const;
  absl::Status CheckGrounds(const CommandContext& context, const RecoveryRow& row) const;
  absl::Status CheckUnbuilt(const LotRow& lot, const RightsPolicyRow& policy, Date today) const;
  absl::Status CheckUndeclared(const RecoveryRow& row, const RightsPolicyRow& policy, Date today) const;
  // Whether what the row's kind takes of this lot is paid for.
  static bool IsPaidFor(v1::Recovery::Kind kind, const LotRow& lot);
  absl::Status CheckNotice(const CommandContext& context, const RecoveryRow& row) const;
  absl::Status CheckUnits(CommandContext& context, const RecoveryRow& row) const;
  absl::StatusOr<Money> PriceOf(const RecoveryRow& row, Quantity quantity, Date today) const;
  absl::StatusOr<Payments> PaymentsOf(const RecoveryRow& row, Date today) const;
  absl::StatusOr<AccountNumber> CashOf(const std::string& participant, const std::string& name) const;
  absl::StatusOr<v1::RecoveryAnswer> GiveUp(CommandContext& context, const v1::RecoveryActRequest& request, const RecoveryRow& found,
                                            v1::Recovery::State state);
  void Execute(CommandContext& context, RecoveryRow* row, const Payments& payments);

  Term RemainingOf(const LotRow& lot, Date today) const { return {std::max(today, lot.term.first), lot.term.last}; }
  const LotRow& LotOf(const RecoveryRow& row) const { return *parts_.ledger->lots().Find(row.lot); }
  const InstrumentClassRow& RightOf(const RecoveryRow& row) const {
    return *parts_.ledger->programs().FindClass(LotOf(row).instrument_class);
  }
  const RightsPolicyRow& PolicyOf(const RecoveryRow& row) const { return parts_.ledger->programs().Find(RightOf(row).program)->rights; }
  v1::RecoveryAnswer Answer(const RecoveryRow& row) const;
  v1::RecoveryAnswer Replace(CommandContext& context, const RecoveryRow& old_row, RecoveryRow row);

  Parts parts_;
  Table<RecoveryRow> rows_;
  Table<ClosureRow> closures_;
};

// The reader resolves the accounts' names.
v1::Recovery ToProto(const RecoveryRow& row, const std::string& account, const std::string& reserve);
v1::Closure ToProto(const ClosureRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_RECOVERIES_H_
