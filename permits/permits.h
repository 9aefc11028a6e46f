// Permits: the discharge permit of each site, its versions, outlets and yearly limits (china.md chapter 2, states of 8.2).
//
// A permit is known by its number. Versions of one number form a chain, each with a term of its own; at any instant at most one version of
// a site is effective (INV-06). Whether one is effective is a function of its row and of the day: a version holds from its first to its
// last day, both included, unless it was closed, and then up to the day before. Nothing has to run for a permit to expire.
//
// Numbers (PERMIT-10, PERMIT-12) are the holder's USCC, a site sequence and P. A site's first permit takes the site's own sequence. The
// number stays with renewals and re-applications, also those that come after an expiry: they add a version. After a revocation the chain is
// closed for good: a permit issued anew takes the lowest sequence above the site's own that is neither a number given before nor another
// site of the enterprise, and is version 1. (A site registered later whose own sequence was so taken moves on by the same rule.)
//
// Yearly limits: only MAIN outlets and the FUGITIVE scope carry quantities (PERMIT-22); each entry list covers each calendar year of the
// term once; the SITE row of a pollutant is the sum of the others (PERMIT-23). Two versions that share a calendar year share the rights of
// that year (DR-16).
//
// One thread (the state machine). Each function lists its checks in their order. Times are legal days (Asia/Shanghai); quantities grams.
#ifndef SONGHUA_PERMITS_PERMITS_H_
#define SONGHUA_PERMITS_PERMITS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/command.h"
#include "ledger/entitlement.h"
#include "ledger/identifiers.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "permits/case_file.h"
#include "permits/deadlines.h"
#include "permits/permit_content.h"
#include "permits/permit_states.h"
#include "permits/regimes.h"
#include "songhua/v1/permits.pb.h"

namespace songhua::permits {

// The permitted quantity of a pollutant by year: a permit's SITE limit.
struct SiteTotalRow {
  std::string pollutant;
  YearQuantities quantities;

  template <class Archive>
  void Fields(Archive& a) {
    a(pollutant, quantities);
  }
};

// One version of a permit: what the market, the clocks and the chain must know of it. What stands in it is PermitContentRow's.
struct PermitRow {
  static constexpr RowTable kTable = RowTable::kPermits;
  std::string number;
  uint32_t version = 1;
  std::string site;
  Region region;  // of the site
  v1::PermitTier tier = v1::PERMIT_TIER_UNSPECIFIED;
  // What acts have made of it: EFFECTIVE, ANNULLED, REVOKED, RECALLED, WRITTEN_OFF. EXPIRED and DEEMED_RENEWED_PENDING are never written: ask StateOn.
  v1::PermitState state = v1::EFFECTIVE;
  Term term;
  std::vector<SiteTotalRow> site_totals;
  std::vector<std::string> outlet_codes;
  std::string reviewer;
  std::string approver;
  std::string application;  // "applications/7"; empty: decided on paper
  std::string regime;       // "cn-permits.1"; empty: none governed the site
  bool rights_pending = false;
  // A timely renewal is undecided, and the regime lets the permit go on until it is decided (PERMIT-49).
  bool renewal_pending = false;
  uint64_t issue_sequence = 0;  // of the command that issued it
  Timestamp issue_time;
  // The first day on which a later version took its place before its term ended; kNever: none did.
  Date superseded_from = kNever;
  // Of one that was closed: the first day on which it no longer holds, the decision and its grounds, the person.
  Date closed_from;
  std::string closing_decision;
  std::string closing_grounds;
  std::string closed_by;
  // Days on which it did not hold, between an act and the judgment that overturned it.
  std::vector<Term> gaps;
  // Of one that was taken over from elsewhere (imports.h): the import's number, and its row in there from 1. Zeros: issued here.
  uint32_t import_number = 0;
  uint32_t import_row = 0;
  uint32_t import_version = 0;  // of its version in the system that it came from
  // What its last day made of it has been kept and carried to the market (PassTerms), as long as that last day is not undone.
  bool term_passed = false;
  // So has that it went on while its renewal was undecided.
  bool deemed_kept = false;
  // Of one that is WRITTEN_OFF.
  std::string write_off_decision;
  std::string write_off_grounds;

  static constexpr Date kNever = kFirstDate;

  std::tuple<std::string, uint32_t> Key() const { return {number, version}; }
  // The key of its PermitContentRow.
  std::tuple<std::string, uint32_t, uint32_t> ContentKey() const { return {number, version, import_number}; }
  bool closed() const { return state != v1::EFFECTIVE; }
  bool superseded_by(Date date) const { return superseded_from != kNever && superseded_from <= date; }
  // Whether it holds on the day by its own term.
  bool EffectiveOn(Date date) const {
    if (!term.Contains(date) || superseded_by(date) || (closed() && date >= closed_from)) return false;
    for (const Term& gap : gaps) {
      if (gap.Contains(date)) return false;
    }
    return true;
  }
  // Whether it goes on after its term because its renewal is undecided (PERMIT-49).
  bool DeemedRenewedOn(Date date) const {
    return renewal_pending && term.last < date && !superseded_by(date) && !(closed() && date >= closed_from);
  }
  // The state of 8.2 as of `today`.
  v1::PermitState StateOn(Date today) const {
    if (closed()) return state;
    if (DeemedRenewedOn(today)) return v1::DEEMED_RENEWED_PENDING;
    return today > term.last ? v1::EXPIRED : v1::EFFECTIVE;
  }

  template <class Archive>
  void Fields(Archive& a) {
    a(number, version, site, region, tier, state, term, site_totals, outlet_codes, reviewer, approver, application, regime, rights_pending,
      renewal_pending, issue_sequence, issue_time, superseded_from, closed_from, closing_decision, closing_grounds, closed_by, gaps,
      import_number, import_row, import_version, term_passed, deemed_kept, write_off_decision, write_off_grounds);
  }
};

// What stands in a version. Cold, and written once: a number that one import brought and lost comes with another import under another key.
struct PermitContentRow {
  static constexpr RowTable kTable = RowTable::kPermitContents;
  static constexpr bool kReadBack = true;
  std::string number;
  uint32_t version = 1;
  uint32_t import_number = 0;
  PermitContent content;

  std::tuple<std::string, uint32_t, uint32_t> Key() const { return {number, version, import_number}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, version, import_number, content);
  }
};

// What the market asks of a site before it may trade (DR-29).
enum class SiteStanding : uint8_t {
  kNone = 0,         // it never had a permit
  kNotYetBegun = 1,  // its only permits begin later
  kEffective = 2,
  kExpired = 3,
  kClosed = 4,         // annulled, revoked, recalled or written off
  kDeemedRenewed = 5,  // it discharges, but neither sells nor pledges (PERMIT-49)
};
// "NONE", "EFFECTIVE", ...: for the refusals that cite it.
std::string_view StandingName(SiteStanding standing);

// What the ledger knows of the rights of a site. The engine connects it.
class RightsReader {
 public:
  virtual ~RightsReader() = default;
  // Whether the pollutant is enabled: subject to paid use in the site's program (PERMIT-26).
  virtual bool PaidUse(const std::string& pollutant) const = 0;
  // What the site may emit of the pollutant in the calendar year by right (DR-11), grams.
  virtual absl::StatusOr<Quantity> EffectiveRights(const std::string& site, const std::string& pollutant, int32_t year) const = 0;
};

// What the market does when a site loses its permit, or the right to sell. The engine connects it. It cannot fail.
class SiteMarket {
 public:
  virtual ~SiteMarket() = default;
  // `reason`: kPermitRevoked, kPermitEnded, kSiteSuspended.
  virtual void CancelOrdersOfSite(CommandContext& context, const std::string& site, std::string_view reason) = 0;
  // Those that it may not have any more: what sells, and what buys beyond a deficit; what covers a deficit is never in the way (CREDIT-20, CREDIT-21).
  virtual void RestrainOrdersOfSite(CommandContext& context, const std::string& site, std::string_view reason) = 0;
};
inline constexpr std::string_view kPermitRevoked = "PERMIT_REVOKED";
inline constexpr std::string_view kPermitEnded = "PERMIT_ENDED";
inline constexpr std::string_view kSiteSuspended = "SITE_SUSPENDED";

// How a version comes to be (8.2).
enum class GrantKind : uint8_t {
  kFirst = 0,    // the site's first, or the first after an expiry or an end
  kReapply = 1,  // a new term from today on; the version before it ends
  kRenew = 2,    // the term after the one that ends
  kChange = 3,   // other content for the rest of the term
  kReissue = 4,  // the same content for the rest of the term, in place of a lost document
  kAuthorityChange = 5,  // other content for the rest of the term, by the authority's own motion
};
PermitEvent EventOf(GrantKind kind);
// ILLEGAL_TRANSITION: the event leads nowhere from the version's state; with the states that it leads from (8.2).
absl::Status IllegalTransition(const PermitRow& version, PermitEvent event, Date today);

// An act by which versions of a permit end.
struct Ending {
  v1::PermitState state = v1::PERMIT_STATE_UNSPECIFIED;
  std::string decision;
  std::string grounds;
};

// A version to be issued, with everything that the act itself has checked already.
struct PermitGrant {
  GrantKind kind = GrantKind::kFirst;
  std::string site;
  v1::PermitTier tier = v1::PERMIT_TIER_UNSPECIFIED;
  Term term;
  PermitContent content;
  std::string reviewer;
  std::string approver;
  std::string application;
  std::string reasons;  // for the case file
  bool allow_pending_rights = false;
};

class Permits {
 public:
  static constexpr size_t kDecisionBytesMax = 100;
  static constexpr size_t kGroundsBytesMax = 1'000;

  // All but the tables may be null where rows are only read. `alarm` is woken for PassTerms.
  Permits(TableSet* tables, const ledger::Participants* participants, const Regimes* regimes, CaseFile* file, Alarm* alarm);
  ~Permits();

  // Records a permit that was decided on paper, or the next version of the site's. Checks, in this order:
  //   form of the fields: names, tier, term that does not begin before today and is not longer than the regime allows (8.2), content
  //   the site exists; the caller is a PERMIT_APPROVER for its region (PERMIT-04); the reviewer is another person and a PERMIT_REVIEWER for
  //     it (GEN-14); the regime lets paper cases be recorded today
  //   what PlanGrant checks
  absl::StatusOr<v1::PermitAnswer> IssuePermit(CommandContext& context, const v1::IssuePermitRequest& request, const RightsReader& rights);

  // Revokes a permit as a penalty (PERMIT-53), from today on, with every later version of it that has not begun, and cancels the site's
  // orders. Checks, in this order: form, decision and grounds; the permit exists; the caller is an ENFORCER or PERMIT_APPROVER for
  // its region; it is effective or still to begin (ILLEGAL_TRANSITION otherwise, INV-06, 8.2).
  absl::StatusOr<v1::PermitAnswer> RevokePermit(CommandContext& context, const v1::RevokePermitRequest& request, SiteMarket& market);

  // ---- For the acts that issue (applications, imports) ----

  // The row of a version to be issued. Checks: its place in the site's chain, which depends on the kind (PERMIT_IN_FORCE, NO_PERMIT: INV-06, 8.2), no retired
  // outlet code (PERMIT-13), a number left (PERMIT-12), rights for every year to come, this version's change counted, unless they may be pending (DR-16).
  absl::StatusOr<PermitRow> PlanGrant(const CommandContext& context, const PermitGrant& grant, const RightsReader& rights) const;
  // OK, or the version that a renewal granted ahead of its term, RENEWAL_GRANTED: until it begins, what would change the version before it, or follow that,
  // has no place in the chain, because what was granted was decided on the permit as it is.
  absl::Status CheckNothingGrantedAhead(const std::string& site, Date today) const;
  // Issues it and keeps the event. REQUIRES: PlanGrant gave the row in this command.
  const PermitRow& Issue(CommandContext& context, PermitRow row, const PermitGrant& grant);

  // Takes back a version that should not have been issued, from today on (CREDIT-32): it is annulled, and the version that it replaced holds again for
  // the rest of its term, if there is a rest. It is announced as an act. Nothing happens to one that is closed already. REQUIRES: the version exists.
  void UndoGrant(CommandContext& context, const std::string& number, uint32_t version, const std::string& decision, const std::string& grounds);

  // What stands in a version. UNAVAILABLE: it is not at hand, and the command must come again with it (CommandContext::cold).
  absl::StatusOr<PermitContent> ContentOf(const CommandContext& context, const PermitRow& row) const;

  // The undecided renewal of the version that runs: from here on it goes on after its last day, or no longer does (PERMIT-49).
  void SetRenewalPending(CommandContext& context, const PermitRow& row, bool pending);

  // DR-16 after a transfer: sets `rights_pending` on the site's permits that its rights do not cover any more, and takes it away from those
  // that they cover now. For the command that moved the rights; cannot fail.
  void ReviewRights(CommandContext& context, const std::string& site, const RightsReader& rights);

  // ---- For the acts that end, strike off and restore (permit_acts.h). All end in permit_terms.cc ----

  // GEN-14 and PERMIT-04: the approver holds his role in the site's region, the reviewer is another person who holds his.
  absl::Status CheckPeople(const CommandContext& context, const ledger::SiteRow& site, const PermitGrant& grant) const;
  // The version that an act meets today: the one in force, by its term or while its renewal is undecided; else the next to begin; else the last that had
  // begun or that an act ended. Its state is StateOn(today). Null: no such number.
  const PermitRow* VersionForAct(const std::string& number, Date today) const;
  // The versions that an act would end: VersionForAct where that has not ended, and all that are to begin.
  std::vector<const PermitRow*> OpenVersions(const std::string& number, Date today) const;
  // The versions that the same act ended as it ended this one.
  std::vector<const PermitRow*> EndedWith(const PermitRow& row) const;
  // Ends them from today on. REQUIRES: they are open.
  void End(CommandContext& context, const std::vector<const PermitRow*>& versions, const Ending& ending);
  // Strikes them off. REQUIRES: they have expired, or an act has ended them.
  void StrikeOff(CommandContext& context, const std::vector<const PermitRow*>& versions, const std::string& decision, const std::string& grounds);
  // Gives them back; the days between are a gap. REQUIRES: an act has ended them.
  void Restore(CommandContext& context, const std::vector<const PermitRow*>& versions);
  // INV-06: OK, or the permit of the site that the version, given back, would meet.
  absl::Status CheckMayRestore(const PermitRow& row) const;
  // An act's decision on the day of the act: kept in the permit's case file, served on the enterprise, and made public (GEN-08, DISC-01).
  struct Act {
    PermitEvent event = PermitEvent::kIssue;
    v1::PermitState from = v1::PERMIT_STATE_UNSPECIFIED;
    std::string decision;
    std::string reasons;
    std::string legal_basis;  // empty: the act's own rule
  };
  // REQUIRES: the row stands as the act has left it.
  void Announce(CommandContext& context, const PermitRow& row, const Act& act);
  // Only serves and publishes: Issue has kept the event.
  void Tell(CommandContext& context, const PermitRow& row, const Act& act) const;

  // What the last day of permits makes of them: keeps the event, serves the enterprise (nobody decided anything, so nothing is published: DISC-01), and takes from the market what the site may no longer do there. At most `max` versions,
  // the earliest first; true: there are more.
  bool PassTerms(CommandContext& context, SiteMarket& market, size_t max);

  // ---- For imports (imports.h): permits that are staged lie in the tables, keep their site and number taken, and count for nothing ----

  // Whether the number was given, here or to a staged permit.
  bool NumberTaken(const std::string& number) const { return by_number_.contains(number); }
  // Whether the site has or had a permit, staged ones counted.
  bool SiteTaken(const std::string& site) const { return by_site_.contains(site); }
  // The version as if the site's rights were asked today (DR-16).
  bool RightsCover(const RightsReader& rights, const PermitRow& row, Date today) const;
  // Takes the permit in. REQUIRES: neither number nor site are taken; import and row are set, the row's for the first time.
  void Stage(CommandContext& context, PermitRow row, PermitContent content);
  // From here on the import's permits are like any other.
  void Reveal(uint32_t import_number) { staged_.erase(import_number); }
  // Takes the import's staged permits away again, the last first, at most `max`. True: there are more.
  bool RemoveStaged(uint32_t import_number, size_t max);

  // The version of the number that counts on the day: the effective one; else the last that had begun; else the first. Null: no such
  // number.
  const PermitRow* FindPermit(const std::string& number, Date date) const;
  // The version of the site's permits that is effective on the day. Null: none.
  const PermitRow* EffectivePermitOfSite(const std::string& site, Date date) const;
  // The same, or the version that goes on after its term while its renewal is undecided (PERMIT-49). Null: none.
  const PermitRow* PermitInForce(const std::string& site, Date date) const;
  // PermitInForce; else the last that had begun; else the first that will. Null: the site never had one.
  const PermitRow* LastPermitOfSite(const std::string& site, Date date) const;
  SiteStanding StandingOfSite(const std::string& site, Date today) const;
  // The permitted quantity of the site in the calendar year: its SITE limits over all versions, each up to the year before
  // it was ended by an act or replaced (DR-16, INV-05).
  Quantity PermittedQuantity(const std::string& site, const std::string& pollutant, int32_t year) const;

 private:
  // Sets the number and version.
  absl::Status JoinChain(const ledger::SiteRow& site, GrantKind kind, Date today, PermitRow* row) const;
  absl::StatusOr<std::string> NextNumber(const ledger::SiteRow& site) const;
  // The first pollutant and year, this year or later, for which the rights do not cover the site's permits, `planned` among them, as a refusal.
  // `planned` is null where all are issued.
  absl::Status CheckRights(const RightsReader& rights, const PermitRow& row, Date today, const PermitRow* planned, GrantKind kind) const;
  // The version that a new one of the site follows: the last issued; where that one was closed, the one that holds today, if there is one. Null: none.
  const PermitRow* LatestOfSite(const std::string& site, Date today) const;
  const std::vector<const PermitRow*>& VersionsOfSite(const std::string& site) const;
  // Null: no such number.
  const std::vector<const PermitRow*>* VersionsOfNumber(const std::string& number) const;
  // A site or number with a staged permit has no other.
  bool IsStaged(const PermitRow& row) const { return row.import_number != 0 && staged_.contains(row.import_number); }
  void PlaceStaged(const PermitRow& row);
  void Index(const PermitRow& row);
  void EmitChange(CommandContext& context, const PermitRow& row) const;
  // Puts the version where PassTerms finds it, unless its term has passed.
  void AwaitTerm(const PermitRow& row);
  // The same for a version that is new or changed, and wakes the engine.
  void WakeForTerm(const PermitRow& row);
  void PassTerm(CommandContext& context, PermitRow& row, SiteMarket& market);
  void Keep(CommandContext& context, const PermitRow& row, const Act& act) const;
  // The text that was served.
  BothTexts Serve(CommandContext& context, const PermitRow& row, const Act& act) const;

  const ledger::Participants* participants_;
  const Regimes* regimes_;
  CaseFile* file_;
  Alarm* alarm_;
  Table<PermitRow> rows_;
  ColdTable<PermitContentRow> contents_;
  // Rebuilt when rows are loaded; each list in the order of issue. The market asks for a site with every order, so these are hashed;
  // nothing walks over them.
  absl::flat_hash_map<std::string, std::vector<const PermitRow*>> by_site_;
  absl::flat_hash_map<std::string, std::vector<const PermitRow*>> by_number_;
  // The rows of each import that is not approved, by import_row - 1; null: none.
  std::map<uint32_t, std::vector<const PermitRow*>> staged_;
  // By the first day after their term, those whose term has not passed. A key whose row has changed or gone since is skipped.
  std::set<std::tuple<Date, std::string, uint32_t>> awaited_;
};

std::string PermitName(const PermitRow& row);
// The state in the message is that of `today`; `content` may be null.
v1::Permit ToProto(const PermitRow& row, const PermitContent* content, Date today);

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_PERMITS_H_
