// What anybody may see of permits (china.md section 7), and prints with their check codes.
#include <algorithm>

#include "api/reads/lookup.h"
#include "api/reads/permit_views.h"
#include "api/reads/reads.h"
#include "api/reads/restraints.h"
#include "api/reads/trade_rows.h"
#include "ledger/check_codes.h"
#include "ledger/counters.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "permits/applications.h"
#include "permits/case_file.h"
#include "permits/permit_print.h"

namespace songhua::api::reads {
namespace {

// Longer than any code that was ever printed, with room for blanks.
constexpr size_t kCheckCodeBytesMax = 100;

// The masked version, without the people who acted in it.
absl::StatusOr<v1::Permit> PublicVersion(ReadContext& context, PermitViews& views, const permits::PermitRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const permits::PermitContent whole, views.Whole(row));
  const permits::PermitContent masked = permits::Masked(whole);
  v1::Permit permit = ToProto(row, &masked, context.today());
  permit.clear_reviewer();
  permit.clear_approver();
  SONGHUA_RETURN_IF_ERROR(AddOverlaysOfToday(context, row.site, &permit));
  for (v1::Overlay& overlay : *permit.mutable_overlays()) overlay.clear_decided_by();
  return permit;
}

v1::PublicPermitVersion ToVersion(const permits::PermitRow& row, Date today) {
  v1::PublicPermitVersion version;
  version.set_version(row.version);
  version.set_state(row.StateOn(today));
  version.set_issue_date(FormatDate(LocalDate(row.issue_time)));
  version.set_valid_from(FormatDate(row.term.first));
  version.set_valid_to(FormatDate(row.term.last));
  if (row.closed()) {
    version.set_ended_on(FormatDate(row.closed_from));
    version.set_closing_decision(row.closing_decision);
  } else if (row.superseded_from != permits::PermitRow::kNever) {
    version.set_ended_on(FormatDate(row.superseded_from));
  }
  return version;
}

v1::Disclosure ToProto(const permits::DisclosureRow& row) {
  v1::Disclosure message;
  message.set_name(ledger::MakeName("disclosures", row.number));
  message.set_date(FormatDate(row.date));
  message.set_subject(row.subject);
  message.set_site(ledger::MakeName("sites", row.site));
  message.set_region(FormatRegion(row.region));
  message.set_event(row.event);
  message.set_text(row.text);
  message.set_text_zh(row.text_zh);
  return message;
}

absl::StatusOr<Region> OptionalRegion(const std::string& text) {
  return text.empty() ? absl::StatusOr<Region>(Region()) : ParseRegion(text, "region");
}

bool InRegion(Region wanted, Region region) { return wanted == Region() || RegionContains(wanted, region); }

// What a list of disclosures asks for.
struct DisclosureFilter {
  Region region;
  std::string site;
  std::string event;
  Date from = kFirstDate;
  Date to = kLastDate;

  bool Wants(const permits::DisclosureRow& row) const {
    return from <= row.date && row.date <= to && InRegion(region, row.region) && (site.empty() || row.site == site) &&
           (event.empty() || row.event == event);
  }
};

absl::StatusOr<DisclosureFilter> ParseFilter(const v1::ListDisclosuresRequest& request) {
  DisclosureFilter filter;
  SONGHUA_ASSIGN_OR_RETURN(filter.region, OptionalRegion(request.region()));
  if (!request.site().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(filter.site, ledger::ParseName("site", "sites", request.site()));
  }
  if (!request.from_date().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(filter.from, ParseDate(request.from_date(), "from_date"));
  }
  if (!request.to_date().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(filter.to, ParseDate(request.to_date(), "to_date"));
  }
  filter.event = request.event();
  return filter;
}

// The day and reason of the receipt: of the acceptance, or of what was recorded instead of one (PERMIT-35).
struct ReceiptFacts {
  Date date;
  std::string reason;
};

absl::StatusOr<ReceiptFacts> FactsOfReceipt(ReadContext& context, const permits::ApplicationRow& row) {
  if (row.accept_date != kFirstDate) return ReceiptFacts{row.accept_date, ""};
  ReceiptFacts facts;
  const std::string closed = v1::Application::State_Name(row.state);
  SONGHUA_RETURN_IF_ERROR(context.ForEach<permits::CaseEventRow>(EncodeKey(row.Name()), [&](const permits::CaseEventRow& event) {
    if (event.to_state == closed) facts = {LocalDate(event.recorded), event.reason};
    return absl::OkStatus();
  }));
  return facts;
}

absl::Status NoReceipt(const permits::ApplicationRow& row) {
  return Refuse(absl::StatusCode::kFailedPrecondition, "NO_RECEIPT")
      .Rule("PERMIT-35")
      .Field("application")
      .Value(row.Name() + ": " + v1::Application::State_Name(row.state))
      .Accepted("an application that was accepted, or whose acceptance was refused");
}

absl::StatusOr<v1::VerifyCheckCodeAnswer> VerifyReceipt(ReadContext& context, const v1::VerifyCheckCodeRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "applications", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::ApplicationRow>(number));
  v1::VerifyCheckCodeAnswer answer;
  // That there is such an application is not said: an unknown one has no valid code.
  if (!row.has_value() || !permits::HasReceipt(*row)) return answer;
  SONGHUA_ASSIGN_OR_RETURN(const ReceiptFacts facts, FactsOfReceipt(context, *row));
  answer.set_valid(SameCheckCode(request.check_code(), permits::CheckCode(*row, facts.date)));
  return answer;
}

// An unknown number has no valid code. The code of a trade that was reversed is right and proves nothing (DR-50).
absl::StatusOr<v1::VerifyCheckCodeAnswer> VerifyTradeCertificate(ReadContext& context, const v1::VerifyCheckCodeRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string number, ledger::ParseName("name", "tradeCertificates", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto view, CertificateViewOf(context, number));
  v1::VerifyCheckCodeAnswer answer;
  if (!view.has_value() || !SameCheckCode(request.check_code(), view->certificate.check_code())) return answer;
  answer.set_valid(!view->certificate.voided());
  answer.set_voided(view->certificate.voided());
  return answer;
}

}  // namespace

absl::StatusOr<v1::PublicPermitAnswer> GetPublicPermit(ReadContext& context, const v1::GetPublicPermitRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string number, ledger::ParseName("name", "permits", request.name()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  PermitViews views(&context);
  SONGHUA_ASSIGN_OR_RETURN(const PermitChain chain, views.Load(number));
  if (chain.empty()) return NotFound("name", request.name());
  const permits::PermitRow& row = chain.CountsOn(context.today());
  SONGHUA_ASSIGN_OR_RETURN(const PermitParties parties, views.PartiesOf(row));
  SONGHUA_ASSIGN_OR_RETURN(const permits::PermitContent content, views.Whole(row));
  v1::PublicPermitAnswer answer;
  v1::PublicPermit* permit = answer.mutable_public_permit();
  SONGHUA_ASSIGN_OR_RETURN(*permit->mutable_permit(), PublicVersion(context, views, row));
  permit->set_holder(parties.holder);
  permit->set_site_display_name(parties.site);
  permit->set_issuer(parties.issuer);
  permit->set_check_code(permits::CheckCode(row, content));
  permit->set_page("/public/permit/" + number);
  for (const permits::PermitRow& version : chain.versions()) *permit->add_versions() = ToVersion(version, context.today());
  return answer;
}

absl::StatusOr<v1::ListPublicPermitsAnswer> ListPublicPermits(ReadContext& context, const v1::ListPublicPermitsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const Region region, OptionalRegion(request.region()));
  PermitViews views(&context);
  v1::ListPublicPermitsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<permits::PermitRow>(
      "",
      [&](const permits::PermitRow& first) -> ReadContext::Added {
        if (first.version != 1 || !InRegion(region, first.region)) return 0;  // its number was listed with its first version
        SONGHUA_ASSIGN_OR_RETURN(const PermitChain chain, views.Load(first.number));
        if (chain.empty()) return 0;
        SONGHUA_ASSIGN_OR_RETURN(*answer.add_permits(), PublicVersion(context, views, chain.CountsOn(context.today())));
        return answer.permits().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

// Disclosures are numbered without gaps: they are counted down from the last.
absl::StatusOr<v1::ListDisclosuresAnswer> ListDisclosures(ReadContext& context, const v1::ListDisclosuresRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const DisclosureFilter filter, ParseFilter(request));
  SONGHUA_ASSIGN_OR_RETURN(const auto counter, context.Get<ledger::CounterRow>("disclosures"));
  uint64_t next = counter.has_value() ? counter->next - 1 : 0;
  if (!context.page().start().key.empty() && !DecodeValue(context.page().start().key, &next).ok()) {
    return InvalidField("page.page_token", "(a place that this list does not have)", "the next_page_token of the page before");
  }
  v1::ListDisclosuresAnswer answer;
  for (; next > 0 && !context.page().Full(); --next) {
    SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::DisclosureRow>(next));
    if (!row.has_value()) return absl::InternalError("disclosure " + std::to_string(next) + " is missing");
    if (row->date < filter.from) {  // all before it are older
      next = 0;
      break;
    }
    if (!filter.Wants(*row)) {
      context.page().Count(0);
      continue;
    }
    *answer.add_disclosures() = ToProto(*row);
    context.page().Count(answer.disclosures().rbegin()->ByteSizeLong());
  }
  if (next > 0) answer.set_next_page_token(context.TokenAfter({0, EncodeValue(next)}));
  return answer;
}

absl::StatusOr<v1::RenderPermitAnswer> RenderPermit(ReadContext& context, const v1::RenderPermitRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string number, ledger::ParseName("name", "permits", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const permits::Language language, permits::ParseLanguage("language", request.language()));
  if (!v1::RenderPermitRequest::Copy_IsValid(request.copy())) {
    return InvalidField("copy", std::to_string(request.copy()), "MAIN, DUPLICATE or BOTH").Rule("PERMIT-20");
  }
  const auto copy = request.copy() == v1::RenderPermitRequest::COPY_UNSPECIFIED ? v1::RenderPermitRequest::BOTH : request.copy();
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  PermitViews views(&context);
  SONGHUA_ASSIGN_OR_RETURN(const PermitChain chain, views.Load(number));
  if (chain.empty()) return NotFound("name", request.name());
  const permits::PermitRow* row = request.version() == 0 ? &chain.CountsOn(context.today()) : chain.Find(request.version());
  if (row == nullptr) {
    return InvalidField("version", std::to_string(request.version()), "1 to " + std::to_string(chain.versions().size())).Rule("INV-06");
  }
  SONGHUA_ASSIGN_OR_RETURN(const permits::PermitContent content, views.ForCaller(*row));
  SONGHUA_ASSIGN_OR_RETURN(const PermitParties parties, views.PartiesOf(*row));
  permits::PermitSheet sheet{row, &content, parties.holder, parties.site, parties.issuer, context.today()};
  v1::Permit restrained;
  SONGHUA_RETURN_IF_ERROR(AddOverlaysOfToday(context, row->site, &restrained));
  sheet.overlays.assign(restrained.overlays().begin(), restrained.overlays().end());
  v1::RenderPermitAnswer answer;
  answer.set_text(permits::PrintPermit(sheet, language, copy));
  answer.set_version(row->version);
  answer.set_check_code(permits::CheckCode(*row, content));
  return answer;
}

absl::StatusOr<v1::VerifyCheckCodeAnswer> VerifyCheckCode(ReadContext& context, const v1::VerifyCheckCodeRequest& request) {
  if (request.check_code().empty() || request.check_code().size() > kCheckCodeBytesMax) {
    return InvalidField("check_code", std::to_string(request.check_code().size()) + " bytes", "the code as printed").Rule("PERMIT-20");
  }
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  if (request.name().starts_with("applications/")) return VerifyReceipt(context, request);
  if (request.name().starts_with("tradeCertificates/")) return VerifyTradeCertificate(context, request);
  SONGHUA_ASSIGN_OR_RETURN(const std::string number, ledger::ParseName("name", "permits", request.name()));
  PermitViews views(&context);
  SONGHUA_ASSIGN_OR_RETURN(const PermitChain chain, views.Load(number));
  v1::VerifyCheckCodeAnswer answer;
  for (const permits::PermitRow& row : chain.versions()) {
    SONGHUA_ASSIGN_OR_RETURN(const permits::PermitContent content, views.Whole(row));
    if (!SameCheckCode(request.check_code(), permits::CheckCode(row, content))) continue;
    answer.set_valid(true);
    answer.set_version(row.version);
    answer.set_state(row.StateOn(context.today()));
    break;
  }
  return answer;
}

absl::StatusOr<v1::RenderReceiptAnswer> RenderReceipt(ReadContext& context, const v1::RenderReceiptRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("application", "applications", request.application()));
  SONGHUA_ASSIGN_OR_RETURN(const permits::Language language, permits::ParseLanguage("language", request.language()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::ApplicationRow>(number));
  if (!row.has_value()) return NotFound("application", request.application());
  SONGHUA_RETURN_IF_ERROR(context.Authorize(Target{{row->participant}, row->region}));
  if (!permits::HasReceipt(*row)) return NoReceipt(*row);
  SONGHUA_ASSIGN_OR_RETURN(const ReceiptFacts facts, FactsOfReceipt(context, *row));
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* applicant, lookup.Participant(row->participant));
  SONGHUA_ASSIGN_OR_RETURN(const ledger::SiteRow* site, lookup.Site(row->site));
  permits::ReceiptSheet sheet{&*row, facts.date, facts.reason, applicant->display_name, site->display_name, ""};
  // Acceptance that is deemed has no officer: the authority then is the one of the region, which the paper names by its code.
  sheet.authority = FormatRegion(row->region);
  SONGHUA_ASSIGN_OR_RETURN(const auto officer, context.Get<ledger::PersonRow>(row->intake_officer));
  if (officer.has_value()) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* authority, lookup.Participant(officer->participant));
    sheet.authority = authority->display_name;
  }
  v1::RenderReceiptAnswer answer;
  answer.set_text(permits::PrintReceipt(sheet, language));
  answer.set_check_code(permits::CheckCode(*row, facts.date));
  return answer;
}

}  // namespace songhua::api::reads
