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
#include "songhua/v1/permits.pb.h"

namespace songhua::permits {

// Scopes of a limit that are not an outlet's code.
inline constexpr std::string_view kSiteScope = "SITE";
inline constexpr std::string_view kFugitiveScope = "FUGITIVE";

struct OutletRow {
  std::string code;  // PERMIT-13
  v1::OutletType type = v1::OUTLET_TYPE_UNSPECIFIED;
  std::string basin;  // of outlets to water (GEN-12)

  template <class Archive>
  void Fields(Archive& a) {
    a(code, type, basin);
  }
};

struct LimitRow {
  std::string scope;
  std::string pollutant;
  YearQuantities annual_limits;

  template <class Archive>
  void Fields(Archive& a) {
    a(scope, pollutant, annual_limits);
  }
};

// One version of a permit.
struct PermitRow {
  static constexpr RowTable kTable = RowTable::kPermits;
  std::string number;
  uint32_t version = 1;
  std::string site;
  Region region;  // of the site
  v1::PermitTier tier = v1::PERMIT_TIER_UNSPECIFIED;
  // What acts have made of it: EFFECTIVE, REVOKED. EXPIRED is never written: ask StateOn.
  v1::PermitState state = v1::EFFECTIVE;
  Term term;
  std::vector<OutletRow> outlets;
  std::vector<LimitRow> limits;
  std::string reviewer;
  std::string approver;
  bool rights_pending = false;
  uint64_t issue_sequence = 0;  // of the command that issued it
  Timestamp issue_time;
  // Of one that was closed: the first day on which it no longer holds, the decision and its grounds, the person.
  Date closed_from;
  std::string closing_decision;
  std::string closing_grounds;
  std::string closed_by;

  std::tuple<std::string, uint32_t> Key() const { return {number, version}; }
  bool closed() const { return state != v1::EFFECTIVE; }
  bool EffectiveOn(Date date) const { return term.Contains(date) && (!closed() || date < closed_from); }
  // The state of 8.2 as of `today`: what acts made of it, or EXPIRED after its last day.
  v1::PermitState StateOn(Date today) const { return !closed() && today > term.last ? v1::EXPIRED : state; }

  template <class Archive>
  void Fields(Archive& a) {
    a(number, version, site, region, tier, state, term, outlets, limits, reviewer, approver, rights_pending, issue_sequence, issue_time,
      closed_from, closing_decision, closing_grounds, closed_by);
  }
};

// What the market asks of a site before it may trade (DR-29).
enum class SiteStanding : uint8_t {
  kNone = 0,         // it never had a permit
  kNotYetBegun = 1,  // its only permits begin later
  kEffective = 2,
  kExpired = 3,
  kRevoked = 4,
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

// What the market does when a site loses its permit. The engine connects it. It cannot fail.
class SiteMarket {
 public:
  virtual ~SiteMarket() = default;
  virtual void CancelOrdersOfSite(CommandContext& context, const std::string& site, std::string_view reason) = 0;
};

class Permits {
 public:
  static constexpr int32_t kTermYearsMax = 5;
  static constexpr size_t kDecisionBytesMax = 100;
  static constexpr size_t kGroundsBytesMax = 1'000;

  Permits(TableSet* tables, const ledger::Participants* participants);
  ~Permits();

  // Issues a permit, or the next version of the site's. Checks, in this order:
  //   form of the fields: names, tier, term of at most five years that does not begin before today (8.2), outlets, limits
  //   the site exists; the caller is a PERMIT_APPROVER for its region (PERMIT-04); the reviewer is another person and a PERMIT_REVIEWER for
  //     it (GEN-14)
  //   the term begins after every earlier version has ended (INV-06); no retired outlet code is used again (PERMIT-13); a number is left
  //   the rights of every year cover the quantity of every enabled pollutant (DR-16), or pending rights are allowed and the flag is set
  absl::StatusOr<v1::PermitAnswer> IssuePermit(CommandContext& context, const v1::IssuePermitRequest& request, const RightsReader& rights);

  // Revokes a permit as a penalty (PERMIT-53), from today on, with every later version of it that has not begun, and cancels the site's
  // orders. Checks, in this order: form, decision and grounds; the permit exists; the caller is an ENFORCER or PERMIT_APPROVER for
  // its region; it is effective or still to begin (ILLEGAL_TRANSITION otherwise, INV-06, 8.2).
  absl::StatusOr<v1::PermitAnswer> RevokePermit(CommandContext& context, const v1::RevokePermitRequest& request, SiteMarket& market);

  // DR-16 after a transfer: sets `rights_pending` on the site's permits that its rights do not cover any more, and takes it away from those
  // that they cover now. For the command that moved the rights; cannot fail.
  void ReviewRights(CommandContext& context, const std::string& site, const RightsReader& rights);

  // The version of the number that counts on the day: the effective one; else the last that had begun; else the first. Null: no such
  // number.
  const PermitRow* FindPermit(const std::string& number, Date date) const;
  // The version of the site's permits that is effective on the day. Null: none.
  const PermitRow* EffectivePermitOfSite(const std::string& site, Date date) const;
  SiteStanding StandingOfSite(const std::string& site, Date today) const;
  // The permitted quantity of the site in the calendar year: its SITE limits over all versions that were not revoked (DR-16, INV-05).
  Quantity PermittedQuantity(const std::string& site, const std::string& pollutant, int32_t year) const;

 private:
  absl::Status CheckPeople(const CommandContext& context, const ledger::SiteRow& site, const PermitRow& row) const;
  // Sets the number and version.
  absl::Status JoinChain(const ledger::SiteRow& site, PermitRow* row) const;
  absl::StatusOr<std::string> NextNumber(const ledger::SiteRow& site) const;
  // The first pollutant and year, this year or later, for which the rights do not cover the version, as a refusal. `planned`: the version
  // is not among the site's yet.
  absl::Status CheckRights(const RightsReader& rights, const PermitRow& row, Date today, bool planned) const;
  const std::vector<const PermitRow*>& VersionsOfSite(const std::string& site) const;
  void Index(const PermitRow& row);
  void EmitChange(CommandContext& context, const PermitRow& row) const;

  const ledger::Participants* participants_;
  Table<PermitRow> rows_;
  // Rebuilt when rows are loaded; each list in the order of issue. The market asks for a site with every order, so these are hashed;
  // nothing walks over them.
  absl::flat_hash_map<std::string, std::vector<const PermitRow*>> by_site_;
  absl::flat_hash_map<std::string, std::vector<const PermitRow*>> by_number_;
};

std::string PermitName(const PermitRow& row);
// The state in the message is that of `today`.
v1::Permit ToProto(const PermitRow& row, Date today);

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_PERMITS_H_
