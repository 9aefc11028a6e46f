// What lies on a site beside its permit: penalties, reduction tasks, overlays, registrations, and whether it may discharge. Public (DISC-01). What state a row is in and what
// follows from it the domain's own functions say: here they are given rows.
#include "api/reads/restraints.h"

#include <deque>
#include <optional>
#include <vector>

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "permits/discharge.h"
#include "permits/imports.h"
#include "permits/overlays.h"
#include "permits/penalties.h"
#include "permits/reduction_tasks.h"
#include "permits/registrations.h"

namespace songhua::api::reads {
namespace {

// Keys of a site's permits begin with the enterprise's code, without what ends a whole string in a key.
std::string PrefixOfEnterprise(const std::string& site) { return site.substr(0, kUsccLength); }

// The site that a list is narrowed to; empty: all.
absl::StatusOr<std::string> SiteFilter(const std::string& name) {
  if (name.empty()) return std::string();
  return ledger::ParseName("site", "sites", name);
}

// The rows of a site that decide whether it may discharge.
struct SiteRows {
  TableSet tables;
  permits::Permits permits{&tables, nullptr, nullptr, nullptr, nullptr};
  std::deque<permits::OverlayRow> overlays;
  std::deque<permits::DeadlineRow> rectifications;
  std::optional<permits::RegistrationRow> registration;
};

absl::Status Load(ReadContext& context, const std::string& site, SiteRows* rows) {
  std::vector<uint32_t> imports;  // approved ones that brought a permit of the site
  SONGHUA_RETURN_IF_ERROR(context.ForEach<permits::PermitRow>(PrefixOfEnterprise(site), [&](const permits::PermitRow& row) -> absl::Status {
    if (row.site != site) return absl::OkStatus();
    if (row.import_number != 0) {
      SONGHUA_ASSIGN_OR_RETURN(const auto import, context.Get<permits::ImportRow>(row.import_number));
      if (!import.has_value() || import->state != v1::Import::APPROVED) return absl::OkStatus();
      imports.push_back(row.import_number);
    }
    return rows->tables.Load(static_cast<TableId>(permits::PermitRow::kTable), EncodeValue(row));
  }));
  rows->tables.FinishLoad();
  for (const uint32_t import : imports) rows->permits.Reveal(import);
  SONGHUA_RETURN_IF_ERROR(context.ForEach<permits::OverlayRow>(EncodeKey(site), [&](const permits::OverlayRow& row) -> absl::Status {
    rows->overlays.push_back(row);
    if (row.deadline == 0) return absl::OkStatus();
    SONGHUA_ASSIGN_OR_RETURN(auto deadline, context.Get<permits::DeadlineRow>(row.deadline));
    if (deadline.has_value()) rows->rectifications.push_back(*std::move(deadline));
    return absl::OkStatus();
  }));
  SONGHUA_ASSIGN_OR_RETURN(rows->registration, context.Get<permits::RegistrationRow>(permits::ReceiptNumberOf(site)));
  return absl::OkStatus();
}

}  // namespace

absl::Status AddOverlaysOfToday(ReadContext& context, const std::string& site, v1::Permit* permit) {
  return context.ForEach<permits::OverlayRow>(EncodeKey(site), [&](const permits::OverlayRow& row) {
    if (row.ActiveOn(context.today())) *permit->add_overlays() = ToProto(row, context.today());
    return absl::OkStatus();
  });
}

absl::StatusOr<v1::PenaltyAnswer> GetPenalty(ReadContext& context, const v1::GetPenaltyRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const auto key, permits::ParsePenaltyName("name", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::PenaltyRow>(key));
  if (!row.has_value()) return NotFound("name", request.name());
  v1::PenaltyAnswer answer;
  *answer.mutable_penalty() = ToProto(*row);
  return answer;
}

absl::StatusOr<v1::ListPenaltiesAnswer> ListPenalties(ReadContext& context, const v1::ListPenaltiesRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string site, SiteFilter(request.site()));
  v1::ListPenaltiesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<permits::PenaltyRow>(
      site.empty() ? "" : EncodeKey(site),
      [&](const permits::PenaltyRow& row) -> ReadContext::Added {
        *answer.add_penalties() = ToProto(row);
        return answer.penalties().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ReductionTaskAnswer> GetReductionTask(ReadContext& context, const v1::GetReductionTaskRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const auto key, permits::ParseReductionTaskName("name", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::ReductionTaskRow>(key));
  if (!row.has_value()) return NotFound("name", request.name());
  v1::ReductionTaskAnswer answer;
  *answer.mutable_reduction_task() = ToProto(*row);
  return answer;
}

absl::StatusOr<v1::ListReductionTasksAnswer> ListReductionTasks(ReadContext& context, const v1::ListReductionTasksRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string site, SiteFilter(request.site()));
  v1::ListReductionTasksAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<permits::ReductionTaskRow>(
      site.empty() ? "" : EncodeKey(site),
      [&](const permits::ReductionTaskRow& row) -> ReadContext::Added {
        *answer.add_reduction_tasks() = ToProto(row);
        return answer.reduction_tasks().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::OverlayAnswer> GetOverlay(ReadContext& context, const v1::GetOverlayRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const auto key, permits::ParseOverlayName("name", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::OverlayRow>(key));
  if (!row.has_value()) return NotFound("name", request.name());
  v1::OverlayAnswer answer;
  *answer.mutable_overlay() = ToProto(*row, context.today());
  return answer;
}

absl::StatusOr<v1::ListOverlaysAnswer> ListOverlays(ReadContext& context, const v1::ListOverlaysRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string site, SiteFilter(request.site()));
  v1::ListOverlaysAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<permits::OverlayRow>(
      site.empty() ? "" : EncodeKey(site),
      [&](const permits::OverlayRow& row) -> ReadContext::Added {
        *answer.add_overlays() = ToProto(row, context.today());
        return answer.overlays().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::RegistrationAnswer> GetRegistration(ReadContext& context, const v1::GetRegistrationRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string number, ledger::ParseName("name", "registrations", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::RegistrationRow>(number));
  if (!row.has_value()) return NotFound("name", request.name());
  v1::RegistrationAnswer answer;
  *answer.mutable_registration() = ToProto(*row, context.today());
  return answer;
}

absl::StatusOr<v1::ListRegistrationsAnswer> ListRegistrations(ReadContext& context, const v1::ListRegistrationsRequest&) {
  v1::ListRegistrationsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<permits::RegistrationRow>(
      "",
      [&](const permits::RegistrationRow& row) -> ReadContext::Added {
        *answer.add_registrations() = ToProto(row, context.today());
        return answer.registrations().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::MayDischargeAnswer> MayDischarge(ReadContext& context, const v1::MayDischargeRequest& request) {
  Date date = context.today();
  if (!request.date().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(date, ParseDate(request.date(), "date"));
  }
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::SiteRow* site, lookup.FindSite("site", request.site()));
  SiteRows rows;
  SONGHUA_RETURN_IF_ERROR(Load(context, site->id, &rows));
  permits::SiteFacts facts{site->id, &rows.permits, {}, {}, rows.registration.has_value() ? &*rows.registration : nullptr};
  for (const permits::OverlayRow& row : rows.overlays) facts.overlays.push_back(&row);
  for (const permits::DeadlineRow& row : rows.rectifications) facts.rectifications.push_back(&row);
  return permits::MayDischarge(facts, date);
}

}  // namespace songhua::api::reads
