// Applications, their events and notices, and the credit of enterprises.
#include "api/reads/lookup.h"
#include "api/reads/read_context.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "permits/applications.h"
#include "permits/case_file.h"
#include "permits/imports.h"
#include "permits/overlays.h"
#include "permits/penalties.h"
#include "permits/reduction_tasks.h"
#include "permits/registrations.h"
#include "permits/standing.h"

namespace songhua::api::reads {
namespace {

Target TargetOf(const permits::ApplicationRow& row) { return Target{{row.participant}, row.region}; }

absl::StatusOr<v1::Application> WithContent(ReadContext& context, const permits::ApplicationRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const auto content, context.Get<permits::ApplicationContentRow>({row.number, row.content}));
  if (!content.has_value()) return absl::InternalError("the content of " + row.Name() + " is missing");
  return ToProto(row, &content->content);
}

// The site of a permit, an overlay, a penalty, a reduction task or a registration. Empty: there is no such thing.
absl::StatusOr<std::string> SiteOfSubject(ReadContext& context, const std::string& subject) {
  const auto site_of = [](const auto& row) { return row.has_value() ? row->site : std::string(); };
  if (subject.starts_with("overlays/")) {
    SONGHUA_ASSIGN_OR_RETURN(const auto key, permits::ParseOverlayName("subject", subject));
    SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::OverlayRow>(key));
    return site_of(row);
  }
  if (subject.starts_with("penalties/")) {
    SONGHUA_ASSIGN_OR_RETURN(const auto key, permits::ParsePenaltyName("subject", subject));
    SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::PenaltyRow>(key));
    return site_of(row);
  }
  if (subject.starts_with("reductionTasks/")) {
    SONGHUA_ASSIGN_OR_RETURN(const auto key, permits::ParseReductionTaskName("subject", subject));
    SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::ReductionTaskRow>(key));
    return site_of(row);
  }
  if (subject.starts_with("registrations/")) {
    SONGHUA_ASSIGN_OR_RETURN(const std::string number, ledger::ParseName("subject", "registrations", subject));
    SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::RegistrationRow>(number));
    return site_of(row);
  }
  SONGHUA_ASSIGN_OR_RETURN(const std::string number, ledger::ParseName("subject", "permits", subject));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::PermitRow>({number, 1}));
  return site_of(row);
}

// Whom and where a case concerns, an application's or another thing's. Nobody and nowhere: there is no such case.
absl::StatusOr<Target> TargetOfSubject(ReadContext& context, const std::string& subject) {
  if (subject.starts_with("imports/")) {
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("subject", "imports", subject));
    if (number > UINT32_MAX) return NotFound("subject", subject);
    SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::ImportRow>(static_cast<uint32_t>(number)));
    if (!row.has_value()) return NotFound("subject", subject);
    return Target{{}, row->region};
  }
  if (subject.starts_with("applications/")) {
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("subject", "applications", subject));
    SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::ApplicationRow>(number));
    if (!row.has_value()) return NotFound("subject", subject);
    return TargetOf(*row);
  }
  SONGHUA_ASSIGN_OR_RETURN(const std::string site_id, SiteOfSubject(context, subject));
  if (site_id.empty()) return NotFound("subject", subject);
  SONGHUA_ASSIGN_OR_RETURN(const auto site, context.Get<ledger::SiteRow>(site_id));
  if (!site.has_value()) return absl::InternalError("the site of " + subject + " is missing");
  return Target{{site->participant}, site->region};
}

}  // namespace

absl::StatusOr<v1::ApplicationAnswer> GetApplication(ReadContext& context, const v1::GetApplicationRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "applications", request.name()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::ApplicationRow>(number));
  if (!row.has_value()) return NotFound("name", request.name());
  SONGHUA_RETURN_IF_ERROR(context.Authorize(TargetOf(*row)));
  v1::ApplicationAnswer answer;
  SONGHUA_ASSIGN_OR_RETURN(*answer.mutable_application(), WithContent(context, *row));
  return answer;
}

absl::StatusOr<v1::ListApplicationsAnswer> ListApplications(ReadContext& context, const v1::ListApplicationsRequest& request) {
  std::string site;
  if (!request.site().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(site, ledger::ParseName("site", "sites", request.site()));
  }
  if (!v1::Application::State_IsValid(request.state())) {
    return InvalidField("state", std::to_string(request.state()), "a state of 8.1, or none").Rule("PERMIT-31");
  }
  v1::ListApplicationsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<permits::ApplicationRow>(
      "",
      [&](const permits::ApplicationRow& row) -> ReadContext::Added {
        if (!site.empty() && row.site != site) return 0;
        if (request.state() != v1::Application::STATE_UNSPECIFIED && row.state != request.state()) return 0;
        if (!context.MaySee(TargetOf(row))) return 0;
        *answer.add_applications() = ToProto(row, nullptr);
        return answer.applications().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListCaseEventsAnswer> ListCaseEvents(ReadContext& context, const v1::ListCaseEventsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const Target target, TargetOfSubject(context, request.subject()));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::ListCaseEventsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<permits::CaseEventRow>(
      EncodeKey(request.subject()),
      [&](const permits::CaseEventRow& row) -> ReadContext::Added {
        *answer.add_events() = ToProto(row);
        return answer.events().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::NoticeAnswer> GetNotice(ReadContext& context, const v1::GetNoticeRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "notices", request.name()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const auto index, context.Get<permits::NoticeIndexRow>(number));
  if (!index.has_value()) return NotFound("name", request.name());
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::NoticeRow>({index->participant, number}));
  if (!row.has_value()) return absl::InternalError(request.name() + " is missing");
  SONGHUA_RETURN_IF_ERROR(context.Authorize(Target{{row->participant}, row->region}));
  v1::NoticeAnswer answer;
  *answer.mutable_notice() = ToProto(*row);
  return answer;
}

absl::StatusOr<v1::ListNoticesAnswer> ListNotices(ReadContext& context, const v1::ListNoticesRequest& request) {
  std::string participant = context.OnlyParticipant();
  if (!request.participant().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(participant, ledger::ParseName("participant", "participants", request.participant()));
  }
  if (participant.empty()) return InvalidField("participant", "", "the participant whose inbox it is").Rule("DISC-12");
  v1::ListNoticesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<permits::NoticeRow>(
      EncodeKey(participant),
      [&](const permits::NoticeRow& row) -> ReadContext::Added {
        if (!context.MaySee(Target{{row.participant}, row.region})) return 0;
        *answer.add_notices() = ToProto(row);
        return answer.notices().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::CreditAnswer> GetCredit(ReadContext& context, const v1::GetCreditRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ledger::ParseName("participant", "participants", request.participant()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const auto participant, context.Get<ledger::ParticipantRow>(id));
  if (!participant.has_value()) return NotFound("participant", request.participant());
  SONGHUA_RETURN_IF_ERROR(context.Authorize(Target{{id}, participant->region}));
  v1::CreditAnswer answer;
  answer.mutable_record()->set_participant(request.participant());
  SONGHUA_ASSIGN_OR_RETURN(const auto grade, context.Get<permits::CreditGradeRow>(id));
  if (grade.has_value()) *answer.mutable_record() = ToProto(*grade);
  SONGHUA_ASSIGN_OR_RETURN(const auto ban, context.Get<permits::BanRow>(id));
  if (ban.has_value() && context.today() < ban->until) answer.mutable_record()->set_banned_until(FormatDate(ban->until));
  return answer;
}

}  // namespace songhua::api::reads
