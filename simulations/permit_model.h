// A slow, obvious second implementation of the part of permits/ that the fault simulator drives: cases (china.md 8.1), their clocks, permits (8.2),
// overlays, penalties and bans, reduction tasks, notices, and the selling of rights, which all of them may stop. It shares no code with the real one: it counts days with its
// own calendar, keeps states as the words that the API shows, and asks for what follows instead of remembering it.
//
// Days are days since 1970-01-01 in Asia/Shanghai. People are their ids. Sites are numbered from 0, one a firm.
#ifndef SONGHUA_SIMULATIONS_PERMIT_MODEL_H_
#define SONGHUA_SIMULATIONS_PERMIT_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace songhua::simulations {

inline constexpr int kSites = 5;

// The one year whose holidays become known, and differ between the two announcements of it.
struct ModelCalendar {
  bool published = false;  // of the year of the simulation
  int announcement = 0;    // which; 0: none
  std::set<int32_t> holidays;
  std::set<int32_t> makeup_workdays;

  bool IsWorkday(int32_t day) const;
  bool IsPublished(int32_t day) const;
};

// A period that runs (GEN-02 to GEN-05).
struct ModelClock {
  int32_t trigger = 0;
  int32_t days = 0;
  bool workdays = false;
  std::vector<std::pair<int32_t, int32_t>> pauses;  // the day it stopped, the last day that does not count; -1: it stands
  std::string state = "RUNNING";
  int32_t due = 0;
  bool provisional = false;
  bool escalated = false;

  bool paused() const { return !pauses.empty() && pauses.back().second == -1; }
};

struct ModelCase {
  int site = 0;
  bool renewal = false;  // RENEW; otherwise FIRST
  int sequence = 0;      // of the permit that is to be renewed
  bool key = false;      // tier KEY; otherwise SIMPLIFIED
  bool tier_right = true;
  bool materials = true;
  std::string state = "DRAFT";
  uint32_t revision = 1;
  int32_t receipt = 0, accept = 0;
  bool late = false, overdue = false, deemed = false, published = false, on_spot = false, correction_used = false, site_check = false;
  std::string in_charge;
  std::set<std::string> reviewers;  // all who ever reviewed it
  std::string assessor;
  // A timely renewal lets this version of the site's permits go on until it is decided (PERMIT-49); -1: none.
  int carries = -1;

  bool closed() const;
};

struct ModelVersion {
  int sequence = 0;  // of the number: 1 is "001P"
  uint32_t version = 1;
  int32_t first = 0, last = 0;
  std::string ended;  // "", ANNULLED, REVOKED, RECALLED, WRITTEN_OFF
  int32_t ended_from = 0;
  std::string decision;
  std::vector<std::pair<int32_t, int32_t>> gaps;
  bool term_passed = false;  // the enterprise was told what its last day made of it
  bool told_it_goes_on = false;
};

struct ModelOverlay {
  int site = 0;
  std::string kind;
  int32_t first = 0, last = 0;
  bool lifted = false;
  int32_t lifted_from = 0;

  bool ActiveOn(int32_t day) const { return first <= day && day <= last && !(lifted && day >= lifted_from); }
};

// What somebody does in a case. `event` is that of 8.1: "submit", "accept", "propose_grant"; and "propose_unmet", a grant whose conditions are not met.
struct ModelAct {
  uint64_t number = 0;
  std::string event;
  std::string person;
  int owner = -1;      // the site whose enterprise the person acts for; -1: an officer
  std::string other;   // reviewer or assessor
  uint32_t etag = 0;   // 0: none given
  bool key = false;    // of update
};

// What has come about, so that a test can ask whether it did.
struct ModelTally {
  uint64_t accepted = 0;  // acts in cases
  uint64_t granted = 0, denied = 0, deemed = 0, lapsed = 0, overdue = 0;
  uint64_t permits_ended = 0;  // by acts
  uint64_t orders_ended = 0;   // because their site might not sell any more
  uint64_t carried = 0;        // days on which a permit went on because its renewal was undecided
};

class PermitModel {
 public:
  // ---- What people do; true: it is accepted ----
  bool Create(int site, bool renewal, bool key, bool tier_right, bool materials, int32_t today);
  bool Act(const ModelAct& act, int32_t today);
  bool IssueOnPaper(int site, int32_t first, int32_t last, int32_t today);
  // "annul", "fraud" (which annuls and bans), "revoke", "recall", "terminate", "write_off", "restore".
  bool ActOnPermit(int site, int sequence, const std::string& act, const std::string& decision, int32_t today);
  bool RecordPenalty(int site, const std::string& decision, int64_t fine, bool proposes_revocation);
  // `year` is over where it is before that of the simulation. `corrects`: a reason of a correction is given.
  bool RecordReductionTask(int site, int year, const std::string& decision, int64_t required, int64_t achieved, bool corrects);
  // `first` 0: today. `last` 0: until it is lifted.
  bool PlaceOverlay(int site, const std::string& kind, int32_t first, int32_t last, int32_t today);
  bool LiftOverlay(uint64_t number, int site, int32_t today);
  bool Announce(int announcement, int32_t today);
  bool OpenSession(int32_t today);
  bool CloseSession();
  bool Sell(uint64_t order, int site, int64_t grams, int32_t today);

  // ---- What time does ----
  void PassTime(int32_t today);

  // ---- What is ----
  const std::map<uint64_t, ModelCase>& cases() const { return cases_; }  // those open, and the latest of those closed
  uint64_t cases_made() const { return cases_made_; }
  // By case or overlay ("applications/7", "overlays/3") and kind ("INTAKE").
  const std::map<std::pair<std::string, std::string>, ModelClock>& clocks() const { return clocks_; }
  const ModelCalendar& calendar() const { return calendar_; }
  const std::vector<ModelVersion>& versions(int site) const { return versions_[site]; }
  const std::map<uint64_t, ModelOverlay>& overlays() const { return overlays_; }
  const std::map<std::pair<int, std::string>, bool>& penalties() const { return penalties_; }
  // Whether the site failed the task of the latest year that was assessed.
  bool FailedItsTask(int site) const { return !tasks_[site].empty() && tasks_[site].rbegin()->second.failed; }
  uint64_t notices() const { return notices_; }
  uint64_t disclosures() const { return disclosures_; }
  bool Carried(int site, int version) const;
  bool InForce(int site, int32_t today) const { return VersionInForce(site, today) >= 0; }
  bool MaySell(int site, int32_t today) const;
  std::string StateOf(int site, int version, int32_t today) const;
  // The versions of a number that an act would end today, in the order of issue.
  std::vector<int> Open(int site, int sequence, int32_t today) const;
  int64_t GramsForSale(int site) const;
  bool in_session() const { return session_ != 0; }
  const ModelTally& tally() const { return tally_; }

 private:
  struct Ban {
    std::string decision;
    int32_t until = 0;
  };
  // What was last found of the task of a year, and the decisions that said so, one after the other.
  struct Task {
    bool failed = false;
    std::set<std::string> decisions;
  };
  // The same day of the next year.
  static int32_t YearLater(int32_t day);
  static std::string Subject(uint64_t number) { return "applications/" + std::to_string(number); }
  // ---- Clocks ----
  void Recount(ModelClock& clock, int32_t today) const;
  void Begin(const std::string& subject, const std::string& kind, int32_t trigger, int32_t today);
  void DropAll(const std::string& subject);
  void PassTerms(int32_t today);
  bool PassOne(int32_t today);
  // ---- Cases ----
  bool ActOnDraft(uint64_t number, ModelCase& c, const ModelAct& act, int32_t today);
  bool Intake(uint64_t number, ModelCase& c, const ModelAct& act, int32_t today);
  bool Review(uint64_t number, ModelCase& c, const ModelAct& act, int32_t today);
  bool Decide(uint64_t number, ModelCase& c, const ModelAct& act, int32_t today);
  bool MayFile(const ModelCase& c, int32_t today) const;
  // The version of the permit that the renewal is about, if it is in force; -1: it is not.
  int Renewed(const ModelCase& c, int32_t today) const;
  std::string DecisionPeriod(const ModelCase& c) const;
  void Accept(uint64_t number, ModelCase& c, int32_t date, int32_t today);
  void Close(uint64_t number, ModelCase& c, const std::string& state);
  void Forget();
  // ---- Permits ----
  bool Holds(const ModelVersion& v, int32_t day) const;
  bool GoesOn(int site, int version, int32_t day) const;  // deemed renewed
  int VersionInForce(int site, int32_t today) const;
  int Latest(int site, int32_t today) const;
  int VersionForAct(int site, int sequence, int32_t today) const;
  bool Issue(int site, bool renewal, int32_t first, int32_t last, int32_t today);
  bool Restore(int site, int version, int32_t today);
  void EndOrders(int32_t today);

  ModelCalendar calendar_;
  std::map<uint64_t, ModelCase> cases_;
  uint64_t cases_made_ = 0;
  std::map<std::pair<std::string, std::string>, ModelClock> clocks_;
  std::vector<ModelVersion> versions_[kSites];  // in the order of issue
  std::vector<Ban> bans_[kSites];
  std::map<uint64_t, ModelOverlay> overlays_;
  uint64_t overlays_made_ = 0;
  std::map<std::pair<int, std::string>, bool> penalties_;  // by site and decision: whether it proposes to revoke
  std::map<int, Task> tasks_[kSites];                      // by year
  std::map<uint64_t, std::pair<int, int64_t>> orders_;     // resting: site, grams
  int32_t session_ = 0;                                    // the day of the session; 0: closed
  uint64_t notices_ = 0;
  uint64_t disclosures_ = 0;
  int32_t today_ = 0;
  ModelTally tally_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_PERMIT_MODEL_H_
