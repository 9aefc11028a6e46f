// Applications: the case of a permit from draft to decision (china.md 2.4, 8.1).
//
// The acts of people are the functions below; what the law makes of time comes through OnPassed: publicity that has run, acceptance that is deemed, a
// correction that lapses, a decision that is overdue. Both go through the table of application_states.h. Each period runs as a deadline (deadlines.h) by
// the regime that is in force when it begins; each step is kept (case_file.h).
//
// Every act checks, in this order: form of its fields; the case exists (NOT_FOUND); the etag, where one is given (ABORTED); the state
// (ILLEGAL_TRANSITION, 8.1); then what its own comment says. Whether the caller's role reaches the case's region or enterprise the engine has
// decided before.
//
// One thread (the state machine).
#ifndef SONGHUA_PERMITS_APPLICATIONS_H_
#define SONGHUA_PERMITS_APPLICATIONS_H_

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
#include "permits/absences.h"
#include "permits/application_states.h"
#include "permits/case_file.h"
#include "permits/deadlines.h"
#include "permits/permits.h"
#include "permits/regimes.h"
#include "permits/standing.h"
#include "songhua/v1/applications.pb.h"

namespace songhua::permits {

struct MaterialRow {
  std::string code;
  std::string reference;

  template <class Archive>
  void Fields(Archive& a) {
    a(code, reference);
  }
};

struct GrantConditionsRow {
  bool eia = false;
  bool standards = false;
  bool treatment = false;
  bool monitoring = false;

  bool All() const { return eia && standards && treatment && monitoring; }
  template <class Archive>
  void Fields(Archive& a) {
    a(eia, standards, treatment, monitoring);
  }
};

struct ApplicationRow {
  static constexpr RowTable kTable = RowTable::kApplications;
  uint64_t number = 0;
  ApplicationType type = v1::Application::TYPE_UNSPECIFIED;
  ApplicationState state = v1::Application::DRAFT;
  std::string site;
  std::string participant;
  Region region;
  v1::PermitTier tier = v1::PERMIT_TIER_UNSPECIFIED;
  std::string permit;  // its number
  std::vector<MaterialRow> materials;
  Date event_date;     // kFirstDate: none
  Date receipt_date;
  Date accept_date;
  bool deemed_accepted = false;
  bool late = false;
  bool overdue = false;
  bool site_check = false;
  bool fast_track = false;
  bool published = false;  // its publicity has run
  bool on_spot = false;  // open for a correction on the spot
  bool correction_used = false;
  std::vector<std::string> correction_items;
  std::string competent_authority;
  std::string intake_officer;
  std::vector<std::string> reviewers;  // all who ever reviewed it; the last is in charge
  std::string assessor;
  std::string approver;
  Date decision_date;
  std::string reasons;
  GrantConditionsRow conditions;
  uint32_t granted_version = 0;
  v1::Application::PostCheck post_check = v1::Application::POST_CHECK_UNSPECIFIED;
  std::string regime;
  uint32_t revision = 1;  // rises with every act
  uint32_t content = 0;   // revision with which its content was written

  uint64_t Key() const { return number; }
  std::string Name() const;
  std::string Etag() const { return std::to_string(revision); }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, type, state, site, participant, region, tier, permit, materials, event_date, receipt_date, accept_date, deemed_accepted, late,
      overdue, site_check, fast_track, published, on_spot, correction_used, correction_items, competent_authority, intake_officer, reviewers, assessor,
      approver, decision_date, reasons, conditions, granted_version, post_check, regime, revision, content);
  }
};

// What was applied for or proposed with one revision. Cold, written once.
struct ApplicationContentRow {
  static constexpr RowTable kTable = RowTable::kApplicationContents;
  static constexpr bool kReadBack = true;
  uint64_t number = 0;
  uint32_t revision = 0;
  PermitContent content;

  std::tuple<uint64_t, uint32_t> Key() const { return {number, revision}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, revision, content);
  }
};

v1::Application ToProto(const ApplicationRow& row, const PermitContent* content);

class Applications {
 public:
  static constexpr size_t kReasonBytesMax = 4'000;
  static constexpr size_t kItemsMax = 100;
  static constexpr size_t kMaterialsMax = 100;
  static constexpr int32_t kAssessmentWorkdaysMax = 250;

  struct Parts {
    ledger::Counters* counters;
    const ledger::Participants* participants;
    const Regimes* regimes;
    Deadlines* deadlines;
    Permits* permits;
    Standing* standing;
    CaseFile* file;
    const Absences* absences;
  };
  Applications(TableSet* tables, const Parts& parts);
  ~Applications();

  // ---- The enterprise ----

  // Checks: the site exists; a regime governs it (NO_REGIME); the enterprise is not banned (PERMIT-88); FIRST: no permit of the site is in force, other
  // types: one is; no other case of the site is open for the same permit (CASE_OPEN).
  absl::StatusOr<v1::ApplicationAnswer> CreateApplication(CommandContext& context, const v1::CreateApplicationRequest& request);
  // Site and type stay as they are. A submitted case is open for a correction on the spot when the authority asked for one. Once filed, it does not become
  // one that should have been published first (PERMIT-30).
  absl::StatusOr<v1::ApplicationAnswer> UpdateApplication(CommandContext& context, const v1::UpdateApplicationRequest& request);
  // Checks: the regime asks this tier and type to publish (PERMIT-30); the tier is that of the catalogue (PERMIT-02).
  absl::StatusOr<v1::ApplicationAnswer> StartPublicity(CommandContext& context, const v1::ApplicationActRequest& request);
  // Checks: publicity has run where it must (PERMIT-30); not banned (PERMIT-88); tier (PERMIT-02); materials (PERMIT-32); what the type asks: a renewal before the
  // permit's last day (PERMIT-48), a change without increase (PERMIT-45), an event date not in the future; a commitment only where one may be made (CREDIT-30,
  // CREDIT-31).
  absl::StatusOr<v1::ApplicationAnswer> SubmitApplication(CommandContext& context, const v1::SubmitApplicationRequest& request);
  absl::StatusOr<v1::ApplicationAnswer> ResubmitApplication(CommandContext& context, const v1::ApplicationActRequest& request);
  absl::StatusOr<v1::ApplicationAnswer> WithdrawApplication(CommandContext& context, const v1::ApplicationActRequest& request);

  // ---- The authority ----

  // Checks: what the result needs: items, reason, another authority that exists; a second correction notice is refused (PERMIT-34).
  absl::StatusOr<v1::ApplicationAnswer> RecordIntake(CommandContext& context, const v1::RecordIntakeRequest& request);
  // Checks: the reviewer exists and is a PERMIT_REVIEWER for the region (PERMIT-04).
  absl::StatusOr<v1::ApplicationAnswer> AssignApplication(CommandContext& context, const v1::AssignApplicationRequest& request);
  // Checks: the caller is the reviewer in charge, or acts for him while he is absent (NOT_IN_CHARGE); the assessor is a TECH_ASSESSOR for the region.
  absl::StatusOr<v1::ApplicationAnswer> OrderAssessment(CommandContext& context, const v1::OrderAssessmentRequest& request);
  // Checks: the caller is the assessor.
  absl::StatusOr<v1::ApplicationAnswer> RecordOpinion(CommandContext& context, const v1::ApplicationActRequest& request);
  // Checks: the caller is the reviewer in charge; the case is KEY and under review by REVIEW_KEY (PERMIT-36).
  absl::StatusOr<v1::ApplicationAnswer> OrderSiteCheck(CommandContext& context, const v1::ApplicationActRequest& request);
  // Checks: the caller is the reviewer in charge; a grant meets all four conditions (PERMIT-39) and its content is complete (PERMIT-22 to PERMIT-25).
  absl::StatusOr<v1::ApplicationAnswer> ProposeDecision(CommandContext& context, const v1::ProposeDecisionRequest& request);
  // Checks: the caller reviewed nothing of the case (GEN-14); limits for every year of the term; what Permits::PlanGrant checks (DR-16).
  absl::StatusOr<v1::ApplicationAnswer> ApproveApplication(CommandContext& context, const v1::ApproveApplicationRequest& request,
                                                           const RightsReader& rights);
  // Check: the caller reviewed nothing of the case (GEN-14).
  absl::StatusOr<v1::ApplicationAnswer> DenyApplication(CommandContext& context, const v1::ApplicationActRequest& request);
  absl::StatusOr<v1::ApplicationAnswer> ReturnApplication(CommandContext& context, const v1::ApplicationActRequest& request);
  // Checks: a fast decision whose check is pending (CREDIT-32).
  absl::StatusOr<v1::ApplicationAnswer> RecordPostCheck(CommandContext& context, const v1::RecordPostCheckRequest& request);

  // What the law makes of a deadline of a case that has passed.
  void OnPassed(CommandContext& context, const DeadlineRow& deadline);

  const ApplicationRow* Find(uint64_t number) const { return rows_.Find(number); }
  // UNAVAILABLE: not at hand, the command must come again with it.
  absl::StatusOr<PermitContent> ContentOf(const CommandContext& context, const ApplicationRow& row) const;

 private:
  struct Found {
    const ApplicationRow* row;
    const ApplicationTransition* transition;
  };
  // The case, for an act that its state allows.
  absl::StatusOr<Found> FindFor(std::string_view name, std::string_view etag, ApplicationEvent event) const;
  absl::Status CheckInCharge(const CommandContext& context, const ApplicationRow& row) const;
  // Whether the caller is the officer, or acts for him today (absences.h).
  bool ActsFor(const CommandContext& context, const std::string& officer) const;
  // Counts the caller, who acts as the reviewer in charge, among those who reviewed the case (GEN-14).
  static void CountReviewer(const CommandContext& context, ApplicationRow& row);
  absl::Status CheckOtherPerson(const CommandContext& context, const ApplicationRow& row) const;
  absl::Status CheckOfficer(std::string_view field, const std::string& person, v1::Role role, Region region) const;
  absl::Status CheckTier(const CommandContext& context, const ApplicationRow& row, const PermitContent& content) const;
  absl::Status CheckMaterials(const CommandContext& context, const ApplicationRow& row) const;
  // The permit that the case is about, if it is in force, or goes on while its renewal is undecided: one that took its place after it ended is another
  // permit, which nobody asked to renew or change. Null: it is not.
  const PermitRow* PermitInForceOf(const ApplicationRow& row, Date today) const;
  absl::Status CheckTypeAtSubmission(const CommandContext& context, const ApplicationRow& row, const PermitContent& content) const;
  absl::Status CheckFastTrack(const CommandContext& context, const ApplicationRow& row, const PermitContent& content) const;
  const RegimeRow& RegimeOf(const ApplicationRow& row, Date today) const;
  bool IsLate(const CommandContext& context, const ApplicationRow& row) const;
  bool MustPublish(const ApplicationRow& row, const RegimeRow& regime) const;
  v1::DeadlineKind DecisionPeriod(const ApplicationRow& row) const;
  // The open deadline of the decision. Null: none runs, as in a fast case.
  const DeadlineRow* DecisionDeadline(const ApplicationRow& row) const;
  // A material that names a document names one of the applicant's (DISC-12). Reads cold rows.
  absl::Status CheckReferences(const CommandContext& context, const std::string& participant, const std::vector<MaterialRow>& materials) const;
  absl::StatusOr<PermitGrant> MakeGrant(const CommandContext& context, const ApplicationRow& row, const PermitContent& content) const;

  // Moves the case along the transition, counts its revision, keeps the step. Returns the row for further changes.
  ApplicationRow& Move(CommandContext& context, const Found& found, const std::string& reason = "", const std::string& legal_basis = "");
  void WriteContentRow(ApplicationRow& row, const PermitContent& content);
  void BeginDeadline(CommandContext& context, const ApplicationRow& row, v1::DeadlineKind kind, Date trigger, v1::Role role,
                     const std::string& assignee = "");
  void MeetDeadline(CommandContext& context, const ApplicationRow& row, v1::DeadlineKind kind);
  // Ends the authority's decision period.
  void MeetDecision(CommandContext& context, const ApplicationRow& row);
  void Accept(CommandContext& context, ApplicationRow& row, Date date);
  // Drops the case's deadlines; a renewal no longer carries the permit.
  void CloseCase(CommandContext& context, const ApplicationRow& row);
  std::string Tell(CommandContext& context, const ApplicationRow& row, v1::NoticeKind kind, const BothTexts& text);
  void Disclose(CommandContext& context, const ApplicationRow& row, ApplicationEvent event, const BothTexts& text);
  void Index(const ApplicationRow& row);

  const Parts parts_;
  Table<ApplicationRow> rows_;
  ColdTable<ApplicationContentRow> contents_;
  std::map<std::string, std::vector<const ApplicationRow*>> by_site_;
};

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_APPLICATIONS_H_
