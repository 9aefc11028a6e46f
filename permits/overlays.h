// Overlays: what restrains a site without ending its permit (PERMIT-57 to PERMIT-59). Many may lie on one site at once.
//
// An overlay holds from its first to its last day, both included, or until the day before it was lifted. Its state is a function of its row and the day:
// nothing has to run for one to begin or to expire. Suspension, closure and seizure gate discharge (discharge.h) and the site's selling (DR-29);
// what covers a deficit stays allowed (CREDIT-21). A book is emptied every midnight, so that one that begins later finds no orders of the site.
//
// A rectification notice runs until it is lifted, with a deadline that the regime sets; when that has passed, discharge must stop (PERMIT-55).
//
// One thread (the state machine).
#ifndef SONGHUA_PERMITS_OVERLAYS_H_
#define SONGHUA_PERMITS_OVERLAYS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "permits/case_file.h"
#include "permits/deadlines.h"
#include "permits/permits.h"
#include "permits/regimes.h"
#include "songhua/v1/permits.pb.h"

namespace songhua::permits {

struct OverlayRow {
  static constexpr RowTable kTable = RowTable::kOverlays;
  std::string site;
  uint64_t number = 0;  // of all overlays
  Region region;        // of the site
  v1::OverlayKind kind = v1::OVERLAY_KIND_UNSPECIFIED;
  Term term;  // its last day is kLastDate where it runs until it is lifted
  std::string decision;
  std::string reason;
  v1::Overlay::Ground ground = v1::Overlay::GROUND_UNSPECIFIED;
  bool central_level = false;
  v1::SpecialPeriod special_period = v1::SPECIAL_PERIOD_UNSPECIFIED;
  std::string decided_by;
  uint64_t deadline = 0;  // of a rectification notice
  // Of one that was lifted: the first day on which it no longer holds.
  bool lifted = false;
  Date lifted_from;
  std::string lift_decision;
  std::string lifted_by;

  std::tuple<std::string, uint64_t> Key() const { return {site, number}; }
  // "overlays/{site}.{number}".
  std::string Name() const;
  bool ActiveOn(Date date) const { return term.Contains(date) && !(lifted && date >= lifted_from); }
  v1::OverlayState StateOn(Date today) const;
  template <class Archive>
  void Fields(Archive& a) {
    a(site, number, region, kind, term, decision, reason, ground, central_level, special_period, decided_by, deadline, lifted, lifted_from,
      lift_decision, lifted_by);
  }
};
v1::Overlay ToProto(const OverlayRow& row, Date today);

// Whether the kind forbids discharge and selling while it lies on a site.
bool Gates(v1::OverlayKind kind);
// The key in "overlays/{site}.{number}". INVALID_ARGUMENT.
absl::StatusOr<std::tuple<std::string, uint64_t>> ParseOverlayName(std::string_view field, const std::string& name);

class Overlays {
 public:
  static constexpr size_t kDecisionBytesMax = 100;
  static constexpr size_t kReasonBytesMax = 4'000;

  struct Parts {
    ledger::Counters* counters;
    const ledger::Participants* participants;
    const Regimes* regimes;
    Deadlines* deadlines;
    CaseFile* file;
  };
  Overlays(TableSet* tables, const Parts& parts);
  ~Overlays();

  // Checks, in this order: form, with a ground that fits the kind; an event is a ground only at the central level (INSP-04); the site exists; the caller is
  // competent: its own enterprise for a voluntary stop, an ENFORCER for the site's region otherwise, for rectification notices also a PERMIT_APPROVER; a
  // regime governs the site, for rectification notices (NO_REGIME).
  absl::StatusOr<v1::OverlayAnswer> PlaceOverlay(CommandContext& context, const v1::PlaceOverlayRequest& request, SiteMarket& market);
  // Checks: form; it exists; the caller as above; it is active or planned (ILLEGAL_TRANSITION).
  absl::StatusOr<v1::OverlayAnswer> LiftOverlay(CommandContext& context, const v1::LiftOverlayRequest& request);

  // The period of a rectification notice has passed: discharge must stop.
  void OnPassed(CommandContext& context, const DeadlineRow& deadline);

  // The overlay that forbids the site to discharge and to sell on the day. Null: none.
  const OverlayRow* GateOf(const std::string& site, Date date) const;
  // All that lie on the site on the day, by their numbers.
  std::vector<const OverlayRow*> ActiveOf(const std::string& site, Date date) const;
  const OverlayRow* Find(const std::string& site, uint64_t number) const { return rows_.Find({site, number}); }

 private:
  absl::StatusOr<OverlayRow> Parse(const CommandContext& context, const v1::PlaceOverlayRequest& request) const;
  absl::Status CheckCompetent(const CommandContext& context, const ledger::SiteRow& site, v1::OverlayKind kind) const;
  void Keep(CommandContext& context, const OverlayRow& row, const std::string& event, v1::OverlayState from, const std::string& reason) const;
  void Tell(CommandContext& context, const OverlayRow& row, const std::string& event, const BothTexts& text) const;

  const Parts parts_;
  Table<OverlayRow> rows_;
  std::map<std::string, std::vector<const OverlayRow*>> by_site_;
};

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_OVERLAYS_H_
