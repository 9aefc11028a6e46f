// Pledges as they are stored: the pledge itself, the consents of its bank, what its sales brought, and who is insolvent. What may become of them is pledges.h's.
#ifndef SONGHUA_LEDGER_PLEDGE_ROWS_H_
#define SONGHUA_LEDGER_PLEDGE_ROWS_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "ledger/amounts.h"
#include "ledger/legal_time.h"
#include "ledger/lots.h"
#include "ledger/tables.h"
#include "ledger/valuations.h"
#include "songhua/v1/pledges.pb.h"

namespace songhua::ledger {

// Under what a pledge in this state holds its units; nullopt: it holds none. A lot's holds of these kinds are the sum over its pledges, less what is on offer.
std::optional<HoldKind> PledgeHold(v1::PledgeState state);

// Units that were added to a part later, and since when these rank (PLG-26).
struct LaterUnits {
  Quantity quantity;
  Timestamp since;

  template <class Archive>
  void Fields(Archive& a) {
    a(quantity, since);
  }
};

// Part of a lot that secures a loan.
struct PledgedPart {
  LotNumber lot = 0;
  Quantity quantity;
  Quantity offered;  // of it, held by an order or a trade that sells it for the pledgee
  Timestamp since;   // when it was added; 0: it is from the beginning
  std::vector<LaterUnits> later;  // of it, what was added to it; the oldest first, and less than all of it
  Quantity Held() const { return quantity - offered; }
  void Add(Quantity units, Timestamp at);
  // Units leave it, those that were added last before the others. Returns them as a part of their own, which ranks as they did. REQUIRES: at most `quantity`.
  PledgedPart Take(Quantity units);

  template <class Archive>
  void Fields(Archive& a) {
    a(lot, quantity, offered, since, later);
  }
};

// What the bank lends, entered with its approval.
struct LoanTerms {
  Money principal;       // of a maximum-amount security the ceiling
  int32_t rate_bps = 0;  // a year
  Term term{};
  std::string contract_number;
  std::string unified_registry_number;  // empty: not registered, so without priority (PLG-01)
  Timestamp registered;                 // 0: not said
  Date registration_last{};             // none: not said
  bool maximum_amount = false;
  Date determination{};
  uint8_t scope = 0;  // bits of SecuredScope, in the order of its fields

  template <class Archive>
  void Fields(Archive& a) {
    a(principal, rate_bps, term, contract_number, unified_registry_number, registered, registration_last, maximum_amount, determination, scope);
  }
};

// By how much a loan was raised, and since when that ranks (PLG-26).
struct RankedRaise {
  Money amount;
  Timestamp since;
  template <class Archive>
  void Fields(Archive& a) {
    a(amount, since);
  }
};

// What the bank proposes; what is 0 stays.
struct ProposedTerms {
  Money principal;
  int32_t rate_bps = 0;
  Date last{};
  Timestamp proposed;  // 0: there is no proposal
  template <class Archive>
  void Fields(Archive& a) {
    a(principal, rate_bps, last, proposed);
  }
};

// What is owed, as the bank said last (PLG-44), less what was paid on it since.
struct Balance {
  Money principal, interest, costs;
  Date date{};  // none: it has not said so yet, and the principal counts
  Money Sum() const { return principal + interest + costs; }
  template <class Archive>
  void Fields(Archive& a) {
    a(principal, interest, costs, date);
  }
};

// Bits of PledgeRow::alerts. Numbers are on disk.
enum class PledgeAlert : uint8_t {
  kVerificationOverdue = 0,
  kNotValued = 1,
  kCoverageWatch = 2,       // PLG-43
  kCoverageCall = 3,
  kStaleLoan = 4,           // PLG-44
  kLoanDue = 5,
  kRegistrationExpires = 6,  // PLG-04; by which of the program's notices is PledgeRow::registration_notice
  kPriorityLapsed = 7,
  kCollateralShortfall = 8,  // units were taken by law (PLG-25)
  kFrozen = 9,               // a court's order reaches its units (PLG-29)
  kInsolvent = 10,           // its pledgor is (PLG-35)
  kCancellationOverdue = 11,  // it has ended, and is still in the unified registry (PLG-04)
};
inline constexpr int kPledgeAlerts = 12;
// "COVERAGE_WATCH", "REGISTRATION_EXPIRES_30": of these bits and the days of the notice.
std::vector<std::string> PledgeAlertNames(uint32_t alerts, int32_t registration_notice);
inline constexpr uint32_t AlertBit(PledgeAlert alert) { return 1u << static_cast<uint32_t>(alert); }

struct PledgeRow {
  static constexpr RowTable kTable = RowTable::kPledges;
  uint64_t number = 0;
  v1::PledgeState state = v1::PLEDGE_STATE_UNSPECIFIED;
  v1::PledgeForm form = v1::PLEDGE_FORM_UNSPECIFIED;
  std::vector<PledgedPart> parts;  // of one program; each lot once
  std::string pledgor;             // participant ids
  std::string pledgee;
  std::string debtor;      // empty: the pledgor
  std::string resolution;  // of the pledgor's board, where it is not the debtor: SHA-256 in hexadecimal
  std::string purpose;
  std::vector<std::string> documents;
  bool approved = false;           // whether `loan` has been entered
  LoanTerms loan;
  std::vector<RankedRaise> raises;
  ProposedTerms proposal;
  Balance balance;
  Timestamp create_time;
  Timestamp end_time;    // of a pledge that has ended
  std::string decision;  // the last reason given
  // What the units are worth (PLG-15, PLG-16), since the registry verified it, by the prices of `value_date`; none: no price was in force.
  Valuation valuation;  // the unit price is that of the first lot
  Date value_date{};
  Money principal_max;  // that this value carries (PLG-14)
  Date due{};           // the last day of the step that it waits for; none: of none
  Date check{};         // when the timer is to look at it again; none: never
  uint32_t alerts = 0;  // as of the last look
  int32_t registration_notice = 0;  // of the policy's registration_notice_days the last one that has come; 0: none has, or the registration has run out
  Date active_on{};     // it became so
  // From the notice of default on.
  Date cure_last{};
  v1::Enforcement::Mode mode = v1::Enforcement::MODE_UNSPECIFIED;
  v1::Enforcement::Ground ground = v1::Enforcement::GROUND_UNSPECIFIED;
  std::string reference;
  // The last offer of its units: the form and number of what the exchange knows it by, and the consent that it came from.
  std::string sale;
  uint64_t sale_consent = 0;
  Money paid;       // of proceeds, to the pledgee
  Money deposited;  // of them, in escrow
  // Of a pledge that ended while it stood in the unified registry: the last day to have that cancelled, and the day on which it was; none: not yet.
  Date cancellation_due{};
  Date cancelled_on{};

  uint64_t Key() const { return number; }
  // PLG-03: the units cannot move without the bank: from the commit that made the hold a pledge until the one that lifts it.
  bool ControlEffective() const { return PledgeHold(state) == HoldKind::kPledge; }
  // PLG-03: control, and a registration in the unified registry that has not run out.
  bool PriorityEffective(Date today) const { return ControlEffective() && !loan.unified_registry_number.empty() && !PriorityLapsed(today); }
  bool PriorityLapsed(Date today) const { return loan.registration_last != Date{} && today > loan.registration_last; }
  // Whether the step that it waits for ends it where it does not come; and has, by then.
  bool Lapses() const { return state == v1::HELD || state == v1::BANK_APPROVED; }
  bool LapsedOn(Date today) const { return Lapses() && today > due; }
  bool HasEnded() const {
    return state == v1::PLEDGE_REJECTED || state == v1::RELEASED || state == v1::REALISED || state == v1::COLLATERAL_LOST;
  }
  // What still stands in the unified registry although the pledge has ended. A registration that runs out there needs no cancelling.
  bool ToBeCancelled(Date today) const { return cancellation_due != Date{} && cancelled_on == Date{} && !PriorityLapsed(today); }
  Money Owed() const { return balance.date == Date{} ? loan.principal - std::min(loan.principal, paid) : balance.Sum(); }
  Quantity Total() const {
    Quantity sum;
    for (const PledgedPart& part : parts) sum += part.quantity;
    return sum;
  }
  bool OnOffer() const {
    return std::any_of(parts.begin(), parts.end(), [](const PledgedPart& part) { return part.offered > Quantity(); });
  }
  // Null: none of that lot.
  const PledgedPart* PartOf(LotNumber lot) const {
    const auto part = std::find_if(parts.begin(), parts.end(), [&](const PledgedPart& p) { return p.lot == lot; });
    return part == parts.end() ? nullptr : &*part;
  }
  // Lots of which nothing is left; the last one stays, so that it is still known what the pledge was over.
  void DropEmptyParts() {
    const PledgedPart first = parts.front();
    std::erase_if(parts, [](const PledgedPart& part) { return part.quantity == Quantity(); });
    if (parts.empty()) parts.push_back(first);
  }
  PledgedPart* PartOf(LotNumber lot) { return const_cast<PledgedPart*>(static_cast<const PledgeRow*>(this)->PartOf(lot)); }

  template <class Archive>
  void Fields(Archive& a) {
    a(number, state, form, parts, pledgor, pledgee, debtor, resolution, purpose, documents, approved, loan, raises, proposal, balance, create_time, end_time,
      decision, valuation.unit, valuation.value, value_date, principal_max, due, check, alerts, active_on, cure_last, mode, ground, reference, sale, sale_consent, paid,
      deposited, registration_notice, cancellation_due, cancelled_on);
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

// The bank's consent to one act with pledged units, which uses it up (PLG-21).
struct ConsentRow {
  static constexpr RowTable kTable = RowTable::kConsents;
  uint64_t pledge = 0;
  uint64_t number = 0;  // of all consents
  v1::Consent::Act act = v1::Consent::ACT_UNSPECIFIED;
  LotNumber lot = 0;
  Quantity quantity;
  Price price_min;
  Date last{};
  std::string conditions;
  bool deposit = false;
  Timestamp granted;
  bool revoked = false;
  std::string used_by;  // empty: it was not used

  uint64_t Key() const { return number; }
  std::tuple<uint64_t, uint64_t> StoredKey() const { return {pledge, number}; }
  v1::Consent::State StateOn(Date today) const {
    if (!used_by.empty()) return v1::Consent::USED;
    if (revoked) return v1::Consent::REVOKED;
    return today > last ? v1::Consent::EXPIRED : v1::Consent::GRANTED;
  }
  template <class Archive>
  void Fields(Archive& a) {
    a(pledge, number, act, lot, quantity, price_min, last, conditions, deposit, granted, revoked, used_by);
  }
};

// How what came in for pledged units was applied (PLG-33). Cold.
struct DistributionRow {
  static constexpr RowTable kTable = RowTable::kDistributions;
  uint64_t pledge = 0;
  uint64_t sequence = 0;
  uint32_t step = 0;  // of the command: several lots may be sold at once
  std::string cause;
  Timestamp time;
  Money amount, costs, interest, principal, deposited, pledgor;

  std::tuple<uint64_t, uint64_t, uint32_t> Key() const { return {pledge, sequence, step}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(pledge, sequence, step, cause, time, amount, costs, interest, principal, deposited, pledgor);
  }
};

// That a participant is insolvent, as a court says (PLG-35).
struct InsolvencyRow {
  static constexpr RowTable kTable = RowTable::kInsolvencies;
  std::string participant;
  std::string court, case_number;
  Timestamp flagged;
  bool ended = false;

  std::string Key() const { return participant; }
  template <class Archive>
  void Fields(Archive& a) {
    a(participant, court, case_number, flagged, ended);
  }
};

// What covers what is owed, in basis points, cut down (PLG-43). REQUIRES: owed > 0.
int64_t CoverageBps(Money value, Money owed);

v1::Pledge ToProto(const PledgeRow& row, Date today);
v1::Consent ToProto(const ConsentRow& row, Date today);
v1::Distribution ToProto(const DistributionRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_PLEDGE_ROWS_H_
