// The authority's acts in a case, and what the law makes of time.
#include <algorithm>
#include <utility>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "permits/application_texts.h"
#include "permits/applications.h"

namespace songhua::permits {

using ledger::MakeName;
using ledger::ParseName;
using A = v1::Application;
using E = ApplicationEvent;

namespace {

absl::StatusOr<E> EventOf(v1::IntakeResult result, bool fast_track) {
  switch (result) {
    case v1::NOT_REQUIRED: return E::kNotRequired;
    case v1::NOT_COMPETENT: return E::kNotCompetent;
    case v1::CORRECT_ON_SPOT: return E::kCorrectOnSpot;
    case v1::CORRECTION_NOTICE: return E::kRequestCorrection;
    case v1::ACCEPT: return fast_track ? E::kFastTrack : E::kAccept;
    default:
      return InvalidField("result", std::to_string(result), "NOT_REQUIRED, NOT_COMPETENT, CORRECT_ON_SPOT, CORRECTION_NOTICE or ACCEPT")
          .Rule("PERMIT-32");
  }
}

absl::Status CheckItems(const v1::RecordIntakeRequest& request) {
  const bool needs = request.result() == v1::CORRECTION_NOTICE || request.result() == v1::CORRECT_ON_SPOT;
  if (needs != (request.items_size() > 0) || static_cast<size_t>(request.items_size()) > Applications::kItemsMax) {
    return InvalidField("items", std::to_string(request.items_size()) + " items",
                        needs ? "all defects at once, 1 to " + std::to_string(Applications::kItemsMax) : "none: only a correction names items")
        .Rule("PERMIT-32");
  }
  for (int i = 0; i < request.items_size(); ++i) {
    SONGHUA_RETURN_IF_ERROR(ValidateName(request.items(i), kTextBytesMax, "items[" + std::to_string(i) + "]"));
  }
  return absl::OkStatus();
}

GrantConditionsRow FromProto(const v1::GrantConditions& conditions) {
  return {conditions.eia_approved(), conditions.standards_and_total_control_met(), conditions.treatment_feasible(),
          conditions.monitoring_plan_compliant()};
}

std::string MissingConditions(const GrantConditionsRow& conditions) {
  std::string missing;
  const auto add = [&](bool met, std::string_view name) {
    if (!met) missing += (missing.empty() ? "" : ", ") + std::string(name);
  };
  add(conditions.eia, "eia_approved");
  add(conditions.standards, "standards_and_total_control_met");
  add(conditions.treatment, "treatment_feasible");
  add(conditions.monitoring, "monitoring_plan_compliant");
  return missing;
}

}  // namespace

// ---- Checks of who acts ----

absl::Status Applications::CheckOfficer(std::string_view field, const std::string& person, v1::Role role, Region region) const {
  const ledger::PersonRow* row = parts_.participants->FindPerson(person);
  if (row == nullptr) return NotFound(field, MakeName("people", person));
  if (RoleCovers(*row, role, region)) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "OFFICER_NOT_COMPETENT")
      .Rule("PERMIT-04")
      .Field(field)
      .Value(MakeName("people", person))
      .Accepted("a " + v1::Role_Name(role) + " for " + FormatRegion(region));
}

absl::Status Applications::CheckInCharge(const CommandContext& context, const ApplicationRow& row) const {
  if (!row.reviewers.empty() && ActsFor(context, row.reviewers.back())) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "NOT_IN_CHARGE")
      .Rule("PERMIT-36")
      .Field("caller")
      .Value(MakeName("people", context.person))
      .Accepted(row.reviewers.empty() ? "the reviewer, once the case is assigned"
                                      : MakeName("people", row.reviewers.back()) + ", who reviews " + row.Name() + ", or the deputy while absent");
}

bool Applications::ActsFor(const CommandContext& context, const std::string& officer) const {
  return officer == context.person || parts_.absences->Deputises(context.person, officer, context.today);
}

// The last is in charge and stays so.
void Applications::CountReviewer(const CommandContext& context, ApplicationRow& row) {
  if (std::find(row.reviewers.begin(), row.reviewers.end(), context.person) != row.reviewers.end()) return;
  row.reviewers.insert(row.reviewers.end() - 1, std::string(context.person));
}

absl::Status Applications::CheckOtherPerson(const CommandContext& context, const ApplicationRow& row) const {
  if (std::find(row.reviewers.begin(), row.reviewers.end(), context.person) == row.reviewers.end()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "SAME_PERSON_REVIEWED")
      .Rule("GEN-14")
      .Field("caller")
      .Value(MakeName("people", context.person))
      .Accepted("a PERMIT_APPROVER who reviewed nothing of " + row.Name());
}

// ---- Intake ----

v1::DeadlineKind Applications::DecisionPeriod(const ApplicationRow& row) const {
  switch (row.type) {
    case A::RENEW: return v1::DECIDE_RENEWAL;
    case A::CHANGE: return v1::DECIDE_CHANGE;
    case A::REISSUE: return v1::DECIDE_REISSUE;
    default: break;
  }
  if (row.tier != v1::KEY) return v1::REVIEW_SIMPLIFIED;
  return row.site_check ? v1::REVIEW_KEY_SITE_CHECK : v1::REVIEW_KEY;
}

const DeadlineRow* Applications::DecisionDeadline(const ApplicationRow& row) const {
  return parts_.deadlines->Open(row.Name(), DecisionPeriod(row));
}

// PERMIT-35: receipt and disclosure are the same act as the acceptance.
void Applications::Accept(CommandContext& context, ApplicationRow& row, Date date) {
  row.accept_date = date;
  row.on_spot = false;
  BeginDeadline(context, row, DecisionPeriod(row), date, v1::PERMIT_INTAKE);
  Tell(context, row, v1::RECEIPT, ReceiptText(row));
  Disclose(context, row, E::kAccept, ReceiptText(row));
}

void Applications::MeetDecision(CommandContext& context, const ApplicationRow& row) {
  MeetDeadline(context, row, row.fast_track ? v1::FAST_TRACK_DECISION : DecisionPeriod(row));
}

absl::StatusOr<v1::ApplicationAnswer> Applications::RecordIntake(CommandContext& context, const v1::RecordIntakeRequest& request) {
  SONGHUA_RETURN_IF_ERROR(CheckItems(request));
  SONGHUA_RETURN_IF_ERROR(EventOf(request.result(), false).status());
  const bool closes = request.result() == v1::NOT_REQUIRED || request.result() == v1::NOT_COMPETENT;
  if (closes) SONGHUA_RETURN_IF_ERROR(CheckReason(request.reason()));
  std::string competent;
  if (request.result() == v1::NOT_COMPETENT) {
    SONGHUA_ASSIGN_OR_RETURN(competent, ParseName("competent_authority", "participants", request.competent_authority()));
  } else if (!request.competent_authority().empty()) {
    return InvalidField("competent_authority", request.competent_authority(), "nothing: only NOT_COMPETENT names one").Rule("PERMIT-32");
  }
  // The state decides alike for both forms of acceptance.
  SONGHUA_ASSIGN_OR_RETURN(Found found, FindFor(request.name(), "", *EventOf(request.result(), false)));
  SONGHUA_ASSIGN_OR_RETURN(const ApplicationEvent event, EventOf(request.result(), found.row->fast_track));
  SONGHUA_ASSIGN_OR_RETURN(found, FindFor(request.name(), request.etag(), event));
  if (!competent.empty()) {
    const ledger::ParticipantRow* authority = parts_.participants->FindParticipant(competent);
    if (authority == nullptr || authority->kind != v1::AUTHORITY) return NotFound("competent_authority", request.competent_authority());
  }
  if (event == E::kRequestCorrection && found.row->correction_used) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "CORRECTION_USED")
        .Rule("PERMIT-34")
        .Field("result")
        .Value("CORRECTION_NOTICE")
        .Accepted("ACCEPT: the one correction notice of " + found.row->Name() + " was given, all defects at once");
  }

  v1::ApplicationAnswer answer;
  if (context.validate_only) {
    *answer.mutable_application() = ToProto(*found.row, nullptr);
    return answer;
  }
  ApplicationRow& row = Move(context, found, request.reason(), std::string(RuleOf(event)));
  row.intake_officer = std::string(context.person);
  row.competent_authority = competent;
  if (event == E::kCorrectOnSpot) {
    row.on_spot = true;
    row.correction_items.assign(request.items().begin(), request.items().end());
  } else {
    MeetDeadline(context, row, v1::INTAKE);
  }
  switch (event) {
    case E::kRequestCorrection:
      row.correction_used = true;
      row.correction_items.assign(request.items().begin(), request.items().end());
      BeginDeadline(context, row, v1::CORRECTION_LAPSE, context.today, v1::ROLE_UNSPECIFIED);
      Tell(context, row, v1::CORRECTION_REQUESTED, CorrectionText(row));
      break;
    case E::kNotRequired:
    case E::kNotCompetent:
      CloseCase(context, row);
      Tell(context, row, v1::CASE_CLOSED, ClosedText(row, event, request.reason()));
      Disclose(context, row, event, ClosedText(row, event, request.reason()));
      break;
    case E::kAccept: Accept(context, row, context.today); break;
    case E::kFastTrack:
      row.accept_date = context.today;
      row.reviewers.push_back(row.intake_officer);
      Tell(context, row, v1::RECEIPT, ReceiptText(row));
      Disclose(context, row, E::kAccept, ReceiptText(row));
      break;
    default: break;
  }
  *answer.mutable_application() = ToProto(row, nullptr);
  return answer;
}

// ---- Review ----

absl::StatusOr<v1::ApplicationAnswer> Applications::AssignApplication(CommandContext& context, const v1::AssignApplicationRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string reviewer, ParseName("reviewer", "people", request.reviewer()));
  SONGHUA_ASSIGN_OR_RETURN(const Found found, FindFor(request.name(), request.etag(), E::kAssign));
  SONGHUA_RETURN_IF_ERROR(CheckOfficer("reviewer", reviewer, v1::PERMIT_REVIEWER, found.row->region));
  v1::ApplicationAnswer answer;
  if (!context.validate_only) {
    ApplicationRow& row = Move(context, found, MakeName("people", reviewer));
    row.reviewers.push_back(reviewer);
    if (const DeadlineRow* deadline = DecisionDeadline(row); deadline != nullptr) {
      parts_.deadlines->Assign(context, *deadline, reviewer);
    }
  }
  *answer.mutable_application() = ToProto(*found.row, nullptr);
  return answer;
}

absl::StatusOr<v1::ApplicationAnswer> Applications::OrderAssessment(CommandContext& context, const v1::OrderAssessmentRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string assessor, ParseName("assessor", "people", request.assessor()));
  if (request.expected_workdays() < 1 || request.expected_workdays() > kAssessmentWorkdaysMax) {
    return InvalidField("expected_workdays", std::to_string(request.expected_workdays()),
                        "1 to " + std::to_string(kAssessmentWorkdaysMax) + ", which the applicant is told")
        .Rule("GEN-05");
  }
  SONGHUA_ASSIGN_OR_RETURN(const Found found, FindFor(request.name(), request.etag(), E::kOrderAssessment));
  SONGHUA_RETURN_IF_ERROR(CheckInCharge(context, *found.row));
  SONGHUA_RETURN_IF_ERROR(CheckOfficer("assessor", assessor, v1::TECH_ASSESSOR, found.row->region));
  v1::ApplicationAnswer answer;
  if (!context.validate_only) {
    ApplicationRow& row = Move(context, found, request.reason());
    CountReviewer(context, row);
    row.assessor = assessor;
    const std::string notice = Tell(context, row, v1::ASSESSMENT_ORDERED, AssessmentText(row, request.expected_workdays()));
    if (const DeadlineRow* deadline = DecisionDeadline(row); deadline != nullptr) {
      parts_.deadlines->Pause(context, *deadline, "assessment", notice);
    }
  }
  *answer.mutable_application() = ToProto(*found.row, nullptr);
  return answer;
}

absl::StatusOr<v1::ApplicationAnswer> Applications::RecordOpinion(CommandContext& context, const v1::ApplicationActRequest& request) {
  SONGHUA_RETURN_IF_ERROR(CheckReason(request.reason()));
  SONGHUA_ASSIGN_OR_RETURN(const Found found, FindFor(request.name(), request.etag(), E::kOpinion));
  if (!ActsFor(context, found.row->assessor)) {
    return Refuse(absl::StatusCode::kPermissionDenied, "NOT_IN_CHARGE")
        .Rule("PERMIT-38")
        .Field("caller")
        .Value(MakeName("people", context.person))
        .Accepted(MakeName("people", found.row->assessor) + ", who assesses " + found.row->Name() + ", or the deputy while absent");
  }
  v1::ApplicationAnswer answer;
  if (!context.validate_only) {
    ApplicationRow& row = Move(context, found, request.reason(), request.legal_basis());
    if (const DeadlineRow* deadline = DecisionDeadline(row); deadline != nullptr) {
      parts_.deadlines->Resume(context, *deadline);
    }
  }
  *answer.mutable_application() = ToProto(*found.row, nullptr);
  return answer;
}

absl::StatusOr<v1::ApplicationAnswer> Applications::OrderSiteCheck(CommandContext& context, const v1::ApplicationActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const Found found, FindFor(request.name(), request.etag(), E::kOrderSiteCheck));
  SONGHUA_RETURN_IF_ERROR(CheckInCharge(context, *found.row));
  if (DecisionPeriod(*found.row) != v1::REVIEW_KEY) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_SITE_CHECK_PERIOD")
        .Rule("PERMIT-36")
        .Field("name")
        .Value(found.row->Name() + ": " + v1::PermitTier_Name(found.row->tier) + " " + A::Type_Name(found.row->type) +
               (found.row->site_check ? ", checked already" : ""))
        .Accepted("a KEY case, once: a site check lengthens no other period");
  }
  v1::ApplicationAnswer answer;
  if (!context.validate_only) {
    ApplicationRow& row = Move(context, found, request.reason());
    if (const DeadlineRow* deadline = parts_.deadlines->Open(row.Name(), v1::REVIEW_KEY); deadline != nullptr) {
      parts_.deadlines->Extend(context, *deadline, RegimeOf(row, context.today), v1::REVIEW_KEY_SITE_CHECK);
    }
    row.site_check = true;
    CountReviewer(context, row);
  }
  *answer.mutable_application() = ToProto(*found.row, nullptr);
  return answer;
}

absl::StatusOr<v1::ApplicationAnswer> Applications::ProposeDecision(CommandContext& context, const v1::ProposeDecisionRequest& request) {
  SONGHUA_RETURN_IF_ERROR(CheckReason(request.reasons(), "reasons"));
  const bool rewrites = request.outlets_size() > 0 || request.limits_size() > 0 || request.has_details();
  PermitContent content;
  if (rewrites) {
    SONGHUA_ASSIGN_OR_RETURN(content, ParseContent(request.outlets(), request.limits(), request.details(), nullptr));
  }
  const ApplicationEvent event = request.grant() ? E::kProposeGrant : E::kProposeDeny;
  SONGHUA_ASSIGN_OR_RETURN(const Found found, FindFor(request.name(), request.etag(), event));
  SONGHUA_RETURN_IF_ERROR(CheckInCharge(context, *found.row));
  const GrantConditionsRow conditions = FromProto(request.conditions());
  if (request.grant() && !conditions.All()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "CONDITIONS_NOT_MET")
        .Rule("PERMIT-39")
        .Field("conditions")
        .Value("not met: " + MissingConditions(conditions))
        .Accepted("all four; or a proposal to deny");
  }
  if (!rewrites) {
    SONGHUA_ASSIGN_OR_RETURN(content, ContentOf(context, *found.row));
  }
  if (request.grant()) SONGHUA_RETURN_IF_ERROR(MakeGrant(context, *found.row, content).status());
  v1::ApplicationAnswer answer;
  if (!context.validate_only) {
    ApplicationRow& row = Move(context, found, request.reasons());
    row.reasons = request.reasons();
    row.conditions = conditions;
    CountReviewer(context, row);
    if (rewrites) WriteContentRow(row, content);
    if (const DeadlineRow* deadline = DecisionDeadline(row); deadline != nullptr) {
      parts_.deadlines->Assign(context, *deadline, "");  // an approver's now
    }
  }
  *answer.mutable_application() = ToProto(*found.row, &content);
  return answer;
}

// ---- Decisions ----

// What would be issued today. Its limits name every year of its term (PERMIT-23).
absl::StatusOr<PermitGrant> Applications::MakeGrant(const CommandContext& context, const ApplicationRow& row, const PermitContent& content) const {
  const RegimeRow& regime = RegimeOf(row, context.today);
  const PermitRow* permit = PermitInForceOf(row, context.today);
  PermitGrant grant;
  grant.site = row.site;
  grant.tier = row.tier;
  grant.application = row.Name();
  grant.term.first = context.today;
  const bool rest_of_term = row.type == A::CHANGE || row.type == A::REISSUE;
  if (row.type != A::FIRST && (permit == nullptr || (rest_of_term && permit->term.last < context.today))) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_PERMIT_IN_FORCE")
        .Rule(permit == nullptr ? "INV-06" : "PERMIT-49")
        .Field("name")
        .Value(row.Name() + ": " + std::string(StandingName(parts_.permits->StandingOfSite(row.site, context.today))))
        .Accepted("a site with the permit that the case is about in force, not waiting for its renewal; deny, or decide the renewal first");
  }
  switch (row.type) {
    case A::REAPPLY: grant.kind = GrantKind::kReapply; break;
    case A::RENEW:
      grant.kind = GrantKind::kRenew;
      grant.term.first = permit->term.last + 1;
      break;
    case A::CHANGE: grant.kind = GrantKind::kChange; break;
    case A::REISSUE: grant.kind = GrantKind::kReissue; break;
    default: grant.kind = GrantKind::kFirst;
  }
  if (rest_of_term) {
    grant.term.last = permit->term.last;
  } else {
    SONGHUA_ASSIGN_OR_RETURN(const Date end, AddYears(grant.term.first, regime.term_years));
    grant.term.last = end - 1;
  }
  if (row.type == A::REISSUE) {
    SONGHUA_ASSIGN_OR_RETURN(const PermitContent as_it_was, parts_.permits->ContentOf(context, *permit));
    SONGHUA_ASSIGN_OR_RETURN(grant.content, ForTerm(as_it_was, grant.term));
    grant.tier = permit->tier;
  } else {
    SONGHUA_ASSIGN_OR_RETURN(grant.content, ForTerm(content, grant.term));
  }
  grant.reviewer = row.reviewers.back();
  grant.approver = std::string(context.person);
  return grant;
}

absl::StatusOr<v1::ApplicationAnswer> Applications::ApproveApplication(CommandContext& context, const v1::ApproveApplicationRequest& request,
                                                                       const RightsReader& rights) {
  SONGHUA_ASSIGN_OR_RETURN(const Found found, FindFor(request.name(), request.etag(), E::kApprove));
  SONGHUA_RETURN_IF_ERROR(CheckOtherPerson(context, *found.row));
  SONGHUA_ASSIGN_OR_RETURN(const PermitContent content, ContentOf(context, *found.row));
  SONGHUA_ASSIGN_OR_RETURN(PermitGrant grant, MakeGrant(context, *found.row, content));
  grant.allow_pending_rights = request.allow_pending_rights();
  SONGHUA_ASSIGN_OR_RETURN(PermitRow planned, parts_.permits->PlanGrant(context, grant, rights));
  v1::ApplicationAnswer answer;
  *answer.mutable_issued_permit() = ToProto(planned, &grant.content, context.today);
  if (!context.validate_only) {
    ApplicationRow& row = Move(context, found, found.row->reasons);
    row.approver = std::string(context.person);
    row.decision_date = context.today;
    row.permit = planned.number;
    row.granted_version = planned.version;
    MeetDecision(context, row);
    parts_.deadlines->DropAll(context, row.Name());
    parts_.permits->Issue(context, std::move(planned), grant);
    if (row.fast_track) {
      row.post_check = A::PENDING;
      BeginDeadline(context, row, v1::POST_CHECK, context.today, v1::PERMIT_REVIEWER);
    }
    Tell(context, row, v1::PERMIT_GRANTED, GrantedText(row));
    Disclose(context, row, E::kApprove, GrantedText(row));
  }
  *answer.mutable_application() = ToProto(*found.row, &content);
  return answer;
}

absl::StatusOr<v1::ApplicationAnswer> Applications::DenyApplication(CommandContext& context, const v1::ApplicationActRequest& request) {
  SONGHUA_RETURN_IF_ERROR(CheckReason(request.reason()));
  SONGHUA_ASSIGN_OR_RETURN(const Found found, FindFor(request.name(), request.etag(), E::kDeny));
  SONGHUA_RETURN_IF_ERROR(CheckOtherPerson(context, *found.row));
  v1::ApplicationAnswer answer;
  if (!context.validate_only) {
    ApplicationRow& row = Move(context, found, request.reason(), request.legal_basis());
    row.approver = std::string(context.person);
    row.decision_date = context.today;
    row.reasons = request.reason();
    MeetDecision(context, row);
    CloseCase(context, row);
    const RegimeRow& regime = RegimeOf(row, context.today);
    const BothTexts text = DeniedText(row, parts_.deadlines->DueOf(regime, v1::RECONSIDERATION, context.today).due,
                                      parts_.deadlines->DueOf(regime, v1::LITIGATION, context.today).due);
    Tell(context, row, v1::PERMIT_DENIED, text);
    Disclose(context, row, E::kDeny, text);
    BeginDeadline(context, row, v1::RECONSIDERATION, context.today, v1::ROLE_UNSPECIFIED);
    BeginDeadline(context, row, v1::LITIGATION, context.today, v1::ROLE_UNSPECIFIED);
  }
  *answer.mutable_application() = ToProto(*found.row, nullptr);
  return answer;
}

absl::StatusOr<v1::ApplicationAnswer> Applications::ReturnApplication(CommandContext& context, const v1::ApplicationActRequest& request) {
  SONGHUA_RETURN_IF_ERROR(CheckReason(request.reason()));
  SONGHUA_ASSIGN_OR_RETURN(const Found found, FindFor(request.name(), request.etag(), E::kReturn));
  SONGHUA_RETURN_IF_ERROR(CheckOtherPerson(context, *found.row));
  v1::ApplicationAnswer answer;
  if (!context.validate_only) {
    ApplicationRow& row = Move(context, found, request.reason());
    if (const DeadlineRow* deadline = DecisionDeadline(row); deadline != nullptr) {
      parts_.deadlines->Assign(context, *deadline, row.reviewers.back());
    }
  }
  *answer.mutable_application() = ToProto(*found.row, nullptr);
  return answer;
}

absl::StatusOr<v1::ApplicationAnswer> Applications::RecordPostCheck(CommandContext& context, const v1::RecordPostCheckRequest& request) {
  SONGHUA_RETURN_IF_ERROR(CheckReason(request.finding(), "finding"));
  const ApplicationEvent event = request.broken() ? E::kPostCheckBroken : E::kPostCheckPassed;
  SONGHUA_ASSIGN_OR_RETURN(const Found found, FindFor(request.name(), request.etag(), event));
  if (found.row->post_check != A::PENDING) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_POST_CHECK")
        .Rule("CREDIT-32")
        .Field("name")
        .Value(found.row->Name() + ": post-check " + A::PostCheck_Name(found.row->post_check))
        .Accepted("a fast decision whose check is PENDING");
  }
  v1::ApplicationAnswer answer;
  if (!context.validate_only) {
    ApplicationRow& row = Move(context, found, request.finding());
    row.post_check = request.broken() ? A::BROKEN : A::PASSED;
    MeetDeadline(context, row, v1::POST_CHECK);
    if (request.broken()) {
      parts_.permits->UndoGrant(context, row.permit, row.granted_version, row.Name(), request.finding());
      parts_.standing->BreakCommitment(context, row.participant, RegimeOf(row, context.today).commitment_ban_years, row.Name());
      Disclose(context, row, event, PostCheckText(row, request.finding()));
    }
    Tell(context, row, v1::COMMITMENT_CHECKED, PostCheckText(row, request.finding()));
  }
  *answer.mutable_application() = ToProto(*found.row, nullptr);
  return answer;
}

// ---- Time ----

void Applications::OnPassed(CommandContext& context, const DeadlineRow& deadline) {
  const auto number = ledger::ParseNumberedName("subject", "applications", deadline.subject);
  SONGHUA_CHECK(number.ok());
  const ApplicationRow* row = rows_.Find(*number);
  SONGHUA_CHECK(row != nullptr);
  const auto found = [&](ApplicationEvent event) {
    const ApplicationTransition* transition = FindTransition(row->state, event);
    SONGHUA_CHECK(transition != nullptr);
    return Found{row, transition};
  };
  const std::string passed = deadline.subject + ": " + v1::DeadlineKind_Name(deadline.kind) + " passed on " + FormatDate(deadline.due);
  switch (deadline.kind) {
    case v1::PUBLICITY_PERIOD:
      Move(context, found(E::kPublicityEnd), passed, "PERMIT-30").published = true;
      parts_.deadlines->Elapse(context, deadline);
      break;
    case v1::INTAKE: {
      ApplicationRow& accepted = Move(context, found(E::kDeemedAccept), passed, "PERMIT-33");
      parts_.deadlines->Elapse(context, deadline);
      accepted.deemed_accepted = true;
      Accept(context, accepted, accepted.receipt_date);
      break;
    }
    case v1::CORRECTION_LAPSE: {
      const ApplicationRow& lapsed = Move(context, found(E::kLapse), passed, "PERMIT-34");
      parts_.deadlines->Elapse(context, deadline);
      CloseCase(context, lapsed);
      Tell(context, lapsed, v1::CASE_CLOSED, ClosedText(lapsed, E::kLapse, ""));
      break;
    }
    case v1::RECONSIDERATION:
    case v1::LITIGATION: parts_.deadlines->Elapse(context, deadline); break;
    default: {
      // Owed by the authority: no grant is deemed, but for a renewal the permit goes on (PERMIT-49).
      ApplicationRow& late = rows_.Edit(*row);
      late.overdue = true;
      CaseFile::Step step;
      step.subject = late.Name();
      step.event = "overdue";
      step.from_state = step.to_state = A::State_Name(late.state);
      step.reason = passed;
      step.legal_basis = "PERMIT-36";
      parts_.file->Record(context, step);
    }
  }
}

// ---- Messages ----

v1::Application ToProto(const ApplicationRow& row, const PermitContent* content) {
  v1::Application message;
  message.set_name(row.Name());
  message.set_type(row.type);
  message.set_state(row.state);
  message.set_site(MakeName("sites", row.site));
  message.set_participant(MakeName("participants", row.participant));
  message.set_region(FormatRegion(row.region));
  message.set_tier(row.tier);
  if (!row.permit.empty()) message.set_permit(MakeName("permits", row.permit));
  if (content != nullptr) WriteContent(*content, message.mutable_outlets(), message.mutable_limits(), message.mutable_details());
  for (const MaterialRow& material : row.materials) {
    v1::Material* added = message.add_materials();
    added->set_code(material.code);
    added->set_reference(material.reference);
  }
  const auto date = [](Date day) { return day == kFirstDate ? std::string() : FormatDate(day); };
  message.set_event_date(date(row.event_date));
  message.set_receipt_date(date(row.receipt_date));
  message.set_accept_date(date(row.accept_date));
  message.set_deemed_accepted(row.deemed_accepted);
  message.set_late(row.late);
  message.set_overdue(row.overdue);
  message.set_site_check(row.site_check);
  message.set_fast_track(row.fast_track);
  for (const std::string& item : row.correction_items) message.add_correction_items(item);
  message.set_correction_used(row.correction_used);
  const auto person = [](const std::string& id) { return id.empty() ? id : MakeName("people", id); };
  if (!row.competent_authority.empty()) message.set_competent_authority(MakeName("participants", row.competent_authority));
  message.set_intake_officer(person(row.intake_officer));
  if (!row.reviewers.empty()) message.set_reviewer(person(row.reviewers.back()));
  message.set_assessor(person(row.assessor));
  message.set_approver(person(row.approver));
  message.set_decision_date(date(row.decision_date));
  message.set_reasons(row.reasons);
  if (row.conditions.All()) {
    v1::GrantConditions* conditions = message.mutable_conditions();
    conditions->set_eia_approved(true);
    conditions->set_standards_and_total_control_met(true);
    conditions->set_treatment_feasible(true);
    conditions->set_monitoring_plan_compliant(true);
  }
  message.set_granted_version(row.granted_version);
  message.set_etag(row.Etag());
  message.set_regime(MakeName("regimes", row.regime));
  message.set_post_check(row.post_check);
  return message;
}

}  // namespace songhua::permits
