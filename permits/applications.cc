// The enterprise's acts, and what all acts share. The authority's are in application_review.cc.
#include "permits/applications.h"

#include <algorithm>
#include <set>
#include <utility>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "permits/application_texts.h"
#include "permits/documents.h"
#include "permits/explain.h"

namespace songhua::permits {

using ledger::MakeName;
using ledger::ParseName;
using ledger::ParseNumberedName;
using A = v1::Application;
using E = ApplicationEvent;

namespace {

// Any years: those of the permit's term are chosen when it is granted.
absl::StatusOr<PermitContent> ParseAskedContent(const v1::Application& application) {
  return ParseContent(application.outlets(), application.limits(), application.details(), nullptr);
}

absl::StatusOr<std::vector<MaterialRow>> ParseMaterials(const google::protobuf::RepeatedPtrField<v1::Material>& materials) {
  if (static_cast<size_t>(materials.size()) > Applications::kMaterialsMax) {
    return InvalidField("application.materials", std::to_string(materials.size()) + " materials",
                        "at most " + std::to_string(Applications::kMaterialsMax));
  }
  std::vector<MaterialRow> rows;
  std::set<std::string> seen;
  for (int i = 0; i < materials.size(); ++i) {
    const std::string at = "application.materials[" + std::to_string(i) + "]";
    SONGHUA_RETURN_IF_ERROR(ValidateName(materials[i].code(), kNameBytesMax, at + ".code"));
    SONGHUA_RETURN_IF_ERROR(ValidateName(materials[i].reference(), kNameBytesMax, at + ".reference"));
    if (!seen.insert(materials[i].code()).second) return InvalidField(at + ".code", materials[i].code(), "each material once").Rule("PERMIT-32");
    rows.push_back({materials[i].code(), materials[i].reference()});
  }
  return rows;
}

absl::StatusOr<Date> ParseEventDate(const v1::Application& application, Date today) {
  const bool asked = application.type() == A::CHANGE || application.type() == A::REISSUE;
  if (!asked && application.event_date().empty()) return kFirstDate;
  if (!asked) return InvalidField("application.event_date", application.event_date(), "nothing: only CHANGE and REISSUE have one").Rule("PERMIT-43");
  SONGHUA_ASSIGN_OR_RETURN(const Date date, ParseDate(application.event_date(), "application.event_date"));
  if (date > today || date <= kFirstDate) {
    return InvalidField("application.event_date", application.event_date(), "the day of the change or loss, " + FormatDate(today) + " at the latest")
        .Rule(application.type() == A::CHANGE ? "PERMIT-43" : "PERMIT-50");
  }
  return date;
}

}  // namespace

std::string ApplicationRow::Name() const { return MakeName("applications", number); }

Applications::Applications(TableSet* tables, const Parts& parts) : parts_(parts), rows_(tables), contents_(tables) {
  rows_.OnLoaded([this](ApplicationRow& row) { Index(row); });
}
Applications::~Applications() = default;

void Applications::Index(const ApplicationRow& row) { by_site_[row.site].push_back(&row); }

// ---- What all acts share ----

absl::StatusOr<Applications::Found> Applications::FindFor(std::string_view name, std::string_view etag, ApplicationEvent event) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "applications", name));
  const ApplicationRow* row = rows_.Find(number);
  if (row == nullptr) return NotFound("name", name);
  if (!etag.empty() && etag != row->Etag()) {
    return Refuse(absl::StatusCode::kAborted, "STALE_ETAG").Rule("GEN-15").Field("etag").Value(etag).Accepted(row->Etag() + ", of its newest state");
  }
  const ApplicationTransition* transition = FindTransition(row->state, event);
  if (transition == nullptr) {
    std::string accepted;
    for (const ApplicationTransition& other : ApplicationTransitions()) {
      if (other.event == event) accepted += (accepted.empty() ? "a case in " : " or ") + A::State_Name(other.from);
    }
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule(RuleOf(event))
        .Field("name")
        .Value(row->Name() + " is " + A::State_Name(row->state) + ": no " + std::string(EventName(event)))
        .Accepted(accepted);
  }
  return Found{row, transition};
}

ApplicationRow& Applications::Move(CommandContext& context, const Found& found, const std::string& reason, const std::string& legal_basis) {
  ApplicationRow& row = rows_.Edit(*found.row);
  CaseFile::Step step;
  step.subject = row.Name();
  step.event = std::string(EventName(found.transition->event));
  step.from_state = A::State_Name(row.state);
  step.to_state = A::State_Name(found.transition->to);
  step.reason = reason;
  step.legal_basis = legal_basis;
  step.effective = kFirstDate;
  row.state = found.transition->to;
  ++row.revision;
  parts_.file->Record(context, step);
  return row;
}

absl::StatusOr<PermitContent> Applications::ContentOf(const CommandContext& context, const ApplicationRow& row) const {
  const auto bytes =
      context.cold->Read(static_cast<uint16_t>(RowTable::kApplicationContents), EncodeRowKey(std::make_tuple(row.number, row.content)));
  if (!bytes.has_value()) return absl::UnavailableError("the content of " + row.Name() + " is not at hand");
  ApplicationContentRow content;
  SONGHUA_CHECK(DecodeValue(*bytes, &content).ok());
  return std::move(content.content);
}

void Applications::WriteContentRow(ApplicationRow& row, const PermitContent& content) {
  row.content = row.revision;
  contents_.Append({row.number, row.revision, content});
}

// The regime of the day; one that governed the site when the case was opened governs it still, because its versions never leave a gap.
const RegimeRow& Applications::RegimeOf(const ApplicationRow& row, Date today) const {
  const RegimeRow* regime = parts_.regimes->GoverningRegion(row.region, today);
  SONGHUA_CHECK(regime != nullptr);
  return *regime;
}

void Applications::BeginDeadline(CommandContext& context, const ApplicationRow& row, v1::DeadlineKind kind, Date trigger, v1::Role role,
                                 const std::string& assignee) {
  Deadlines::Start start;
  start.kind = kind;
  start.subject = row.Name();
  start.trigger = trigger;
  start.participant = row.participant;
  start.role = role;
  start.region = row.region;
  start.assignee = assignee;
  parts_.deadlines->Begin(context, RegimeOf(row, context.today), start);
}

void Applications::MeetDeadline(CommandContext& context, const ApplicationRow& row, v1::DeadlineKind kind) {
  if (const DeadlineRow* deadline = parts_.deadlines->Open(row.Name(), kind); deadline != nullptr) parts_.deadlines->Meet(context, *deadline);
}

void Applications::CloseCase(CommandContext& context, const ApplicationRow& row) {
  parts_.deadlines->DropAll(context, row.Name());
  if (row.type != A::RENEW) return;
  const PermitRow* permit = parts_.permits->FindPermit(row.permit, context.today);
  if (permit != nullptr) parts_.permits->SetRenewalPending(context, *permit, false);
}

std::string Applications::Tell(CommandContext& context, const ApplicationRow& row, v1::NoticeKind kind, const BothTexts& text) {
  return parts_.file->Serve(context, kind, row.participant, row.region, row.Name(), text);
}

void Applications::Disclose(CommandContext& context, const ApplicationRow& row, ApplicationEvent event, const BothTexts& text) {
  parts_.file->Publish(context, std::string(EventName(event)), row.Name(), row.site, row.region, text);
}

// ---- Checks ----

bool Applications::MustPublish(const ApplicationRow& row, const RegimeRow& regime) const {
  return (row.type == A::FIRST || row.type == A::REAPPLY) && regime.Publishes(row.tier);
}

absl::Status Applications::CheckTier(const CommandContext& context, const ApplicationRow& row, const PermitContent& content) const {
  if (row.type == A::REISSUE) return absl::OkStatus();
  if (content.industries.empty()) {
    return InvalidField("details.industries", "none", "the plant's industries: its tier follows from them").Rule("PERMIT-02");
  }
  const v1::PermitTier tier = TierOf(RegimeOf(row, context.today), FactsOf(content));
  if (tier == row.tier) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "TIER_DIFFERS")
      .Rule("PERMIT-02")
      .Field("tier")
      .Value(v1::PermitTier_Name(row.tier))
      .Accepted(v1::PermitTier_Name(tier) + (tier == v1::REGISTRATION ? ": file a registration form (PERMIT-06)" : ", by the catalogue"));
}

absl::Status Applications::CheckReferences(const CommandContext& context, const std::string& participant,
                                          const std::vector<MaterialRow>& materials) const {
  for (size_t i = 0; i < materials.size(); ++i) {
    const std::string& reference = materials[i].reference;
    if (!reference.starts_with("documents/")) continue;  // the number of a paper
    const std::string field = "application.materials[" + std::to_string(i) + "].reference";
    SONGHUA_ASSIGN_OR_RETURN(const auto key, ParseDocumentName(field, reference));
    if (std::get<0>(key) != participant) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "FOREIGN_DOCUMENT")
          .Rule("DISC-12")
          .Field(field)
          .Value(reference)
          .Accepted("a document of " + MakeName("participants", participant) + ", who applies");
    }
    if (!context.cold->Read(static_cast<uint16_t>(RowTable::kDocuments), EncodeRowKey(key)).has_value()) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "DOCUMENT_NOT_REGISTERED")
          .Rule("PERMIT-32")
          .Field(field)
          .Value(reference)
          .Accepted("a document that was uploaded, or the number of a paper");
    }
  }
  return absl::OkStatus();
}

absl::Status Applications::CheckMaterials(const CommandContext& context, const ApplicationRow& row) const {
  for (const RequiredMaterialRow& required : RegimeOf(row, context.today).materials) {
    if (required.application_type != A::Type_Name(row.type)) continue;
    if (required.tier != v1::PERMIT_TIER_UNSPECIFIED && required.tier != row.tier) continue;
    const bool there =
        std::any_of(row.materials.begin(), row.materials.end(), [&](const MaterialRow& material) { return material.code == required.code; });
    if (there) continue;
    return Refuse(absl::StatusCode::kFailedPrecondition, "MATERIAL_MISSING")
        .Rule("PERMIT-32")
        .Field("materials")
        .Value("no " + required.code)
        .Accepted("materials with " + required.code + ", which " + A::Type_Name(row.type) + " asks for");
  }
  return absl::OkStatus();
}

const PermitRow* Applications::PermitInForceOf(const ApplicationRow& row, Date today) const {
  const PermitRow* permit = parts_.permits->PermitInForce(row.site, today);
  return permit != nullptr && (row.type == A::FIRST || permit->number == row.permit) ? permit : nullptr;
}

absl::Status Applications::CheckTypeAtSubmission(const CommandContext& context, const ApplicationRow& row, const PermitContent& content) const {
  const PermitRow* permit = PermitInForceOf(row, context.today);
  if (row.type == A::FIRST) return absl::OkStatus();
  if (permit == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_PERMIT_IN_FORCE")
        .Rule(row.type == A::RENEW ? "PERMIT-48" : "PERMIT-45")
        .Field("name")
        .Value(row.Name() + ": " + std::string(StandingName(parts_.permits->StandingOfSite(row.site, context.today))))
        .Accepted("a FIRST application where no permit is in force; otherwise a new one, for the permit that the site has now");
  }
  if (row.type != A::CHANGE && row.type != A::RENEW) return absl::OkStatus();
  SONGHUA_ASSIGN_OR_RETURN(const PermitContent before, parts_.permits->ContentOf(context, *permit));
  if (row.type == A::RENEW) return absl::OkStatus();
  const std::string increase = FirstIncrease(before, content);
  if (increase.empty()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "REAPPLICATION_REQUIRED")
      .Rule("PERMIT-45")
      .Field("application")
      .Value(increase)
      .Accepted("a change that increases nothing and moves no outlet; for this, REAPPLY");
}

absl::Status Applications::CheckFastTrack(const CommandContext& context, const ApplicationRow& row, const PermitContent& content) const {
  SONGHUA_RETURN_IF_ERROR(parts_.standing->CheckMayCommit(row.participant, context.today));
  std::string against;
  if (row.type == A::FIRST || row.type == A::REAPPLY) against = A::Type_Name(row.type);
  if (row.type == A::RENEW && row.tier != v1::SIMPLIFIED) against = "the renewal of a " + v1::PermitTier_Name(row.tier) + " permit";
  if (row.type == A::RENEW && against.empty()) {
    const PermitRow* permit = PermitInForceOf(row, context.today);
    SONGHUA_ASSIGN_OR_RETURN(const PermitContent before, parts_.permits->ContentOf(context, *permit));
    if (!FirstIncrease(before, content).empty()) against = "a renewal with another content: " + FirstIncrease(before, content);
  }
  if (against.empty()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "NO_FAST_TRACK")
      .Rule("CREDIT-30")
      .Field("credit_commitment")
      .Value(against)
      .Accepted("a change, a replacement, or the renewal of a SIMPLIFIED permit as it is; or no commitment");
}

// ---- Acts of the enterprise ----

absl::StatusOr<v1::ApplicationAnswer> Applications::CreateApplication(CommandContext& context, const v1::CreateApplicationRequest& request) {
  const v1::Application& asked = request.application();
  ApplicationRow row;
  row.type = asked.type();
  if (row.type == A::TYPE_UNSPECIFIED || !A::Type_IsValid(row.type)) {
    return InvalidField("application.type", std::to_string(row.type), "FIRST, REAPPLY, RENEW, CHANGE or REISSUE").Rule("PERMIT-31");
  }
  SONGHUA_ASSIGN_OR_RETURN(row.site, ParseName("application.site", "sites", asked.site()));
  row.tier = asked.tier();
  if (row.tier != v1::KEY && row.tier != v1::SIMPLIFIED) {
    return InvalidField("application.tier", std::to_string(row.tier), "KEY or SIMPLIFIED: a registration is filed, not applied for").Rule("PERMIT-01");
  }
  SONGHUA_ASSIGN_OR_RETURN(row.event_date, ParseEventDate(asked, context.today));
  SONGHUA_ASSIGN_OR_RETURN(row.materials, ParseMaterials(asked.materials()));
  SONGHUA_ASSIGN_OR_RETURN(const PermitContent content, ParseAskedContent(asked));
  const ledger::SiteRow* site = parts_.participants->FindSite(row.site);
  if (site == nullptr) return NotFound("application.site", asked.site());
  row.participant = site->participant;
  row.region = site->region;
  const RegimeRow* regime = parts_.regimes->GoverningRegion(site->region, context.today);
  if (regime == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_REGIME")
        .Rule("GEN-09")
        .Field("application.site")
        .Value(asked.site())
        .Accepted("a site in a region that a regime governs; an operator loads it");
  }
  row.regime = regime->Id();
  SONGHUA_RETURN_IF_ERROR(CheckReferences(context, row.participant, row.materials));
  SONGHUA_RETURN_IF_ERROR(parts_.standing->CheckMayApply(row.participant, context.today));
  const SiteStanding standing = parts_.permits->StandingOfSite(row.site, context.today);
  const bool in_force = standing == SiteStanding::kEffective || standing == SiteStanding::kDeemedRenewed;
  if (in_force != (row.type != A::FIRST)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, in_force ? "PERMIT_IN_FORCE" : "NO_PERMIT_IN_FORCE")
        .Rule(in_force ? "INV-06" : "PERMIT-48")
        .Field("application.type")
        .Value(A::Type_Name(row.type) + " of a site that is " + std::string(StandingName(standing)))
        .Accepted(in_force ? "REAPPLY, RENEW, CHANGE or REISSUE" : "FIRST");
  }
  SONGHUA_RETURN_IF_ERROR(parts_.permits->CheckNothingGrantedAhead(row.site, context.today));
  for (const ApplicationRow* other : by_site_[row.site]) {
    if (IsFinal(other->state) || (other->type != row.type && other->type != A::FIRST)) continue;
    return Refuse(absl::StatusCode::kFailedPrecondition, "CASE_OPEN")
        .Rule("PERMIT-03")
        .Field("application.site")
        .Value(other->Name() + " is " + A::State_Name(other->state))
        .Accepted("a site without an open case of this type; withdraw that one first");
  }
  if (in_force) {
    const PermitRow* permit = parts_.permits->PermitInForce(row.site, context.today);
    row.permit = permit->number;
  }
  row.number = parts_.counters->Peek("applications");
  v1::ApplicationAnswer answer;
  if (context.validate_only) {
    *answer.mutable_application() = ToProto(row, &content);
    return answer;
  }
  parts_.counters->Next("applications");
  WriteContentRow(row, content);
  const ApplicationRow& created = rows_.Insert(std::move(row));
  Index(created);
  CaseFile::Step step;
  step.subject = created.Name();
  step.event = "create";
  step.to_state = A::State_Name(created.state);
  parts_.file->Record(context, step);
  *answer.mutable_application() = ToProto(created, &content);
  return answer;
}

absl::StatusOr<v1::ApplicationAnswer> Applications::UpdateApplication(CommandContext& context, const v1::UpdateApplicationRequest& request) {
  const v1::Application& asked = request.application();
  SONGHUA_ASSIGN_OR_RETURN(const std::vector<MaterialRow> materials, ParseMaterials(asked.materials()));
  SONGHUA_ASSIGN_OR_RETURN(const PermitContent content, ParseAskedContent(asked));
  SONGHUA_ASSIGN_OR_RETURN(const Found found, FindFor(asked.name(), asked.etag(), E::kUpdate));
  SONGHUA_RETURN_IF_ERROR(CheckReferences(context, found.row->participant, materials));
  if (found.row->state == A::SUBMITTED && !found.row->on_spot) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule("PERMIT-34")
        .Field("application.name")
        .Value(found.row->Name() + " is SUBMITTED")
        .Accepted("a draft, or a case that the authority has opened for correction");
  }
  if (asked.tier() != found.row->tier && asked.tier() != v1::KEY && asked.tier() != v1::SIMPLIFIED) {
    return InvalidField("application.tier", std::to_string(asked.tier()), "KEY or SIMPLIFIED").Rule("PERMIT-01");
  }
  ApplicationRow planned = *found.row;
  planned.tier = asked.tier();
  if (planned.state != A::DRAFT && !planned.published && MustPublish(planned, RegimeOf(planned, context.today))) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PUBLICITY_REQUIRED")
        .Rule("PERMIT-30")
        .Field("application.tier")
        .Value(v1::PermitTier_Name(planned.tier))
        .Accepted(v1::PermitTier_Name(found.row->tier) + ", as filed; a " + v1::PermitTier_Name(planned.tier) + " case is withdrawn, published and filed anew");
  }
  v1::ApplicationAnswer answer;
  if (context.validate_only) {
    *answer.mutable_application() = ToProto(planned, &content);
    return answer;
  }
  ApplicationRow& row = Move(context, found);
  row.tier = asked.tier();
  row.materials = materials;
  WriteContentRow(row, content);
  *answer.mutable_application() = ToProto(row, &content);
  return answer;
}

absl::StatusOr<v1::ApplicationAnswer> Applications::StartPublicity(CommandContext& context, const v1::ApplicationActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const Found found, FindFor(request.name(), request.etag(), E::kStartPublicity));
  const RegimeRow& regime = RegimeOf(*found.row, context.today);
  if (!MustPublish(*found.row, regime)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_PUBLICITY")
        .Rule("PERMIT-30")
        .Field("name")
        .Value(found.row->Name() + ": " + v1::PermitTier_Name(found.row->tier) + " " + A::Type_Name(found.row->type))
        .Accepted("a case of a tier that publishes, before a first or new application; this one is submitted at once");
  }
  SONGHUA_ASSIGN_OR_RETURN(const PermitContent content, ContentOf(context, *found.row));
  SONGHUA_RETURN_IF_ERROR(CheckTier(context, *found.row, content));
  v1::ApplicationAnswer answer;
  if (!context.validate_only) {
    ApplicationRow& row = Move(context, found, request.reason());
    BeginDeadline(context, row, v1::PUBLICITY_PERIOD, context.today, v1::ROLE_UNSPECIFIED);
    Disclose(context, row, E::kStartPublicity, PublicityText(row));
  }
  *answer.mutable_application() = ToProto(*found.row, &content);
  return answer;
}

absl::StatusOr<v1::ApplicationAnswer> Applications::SubmitApplication(CommandContext& context, const v1::SubmitApplicationRequest& request) {
  if (!request.credit_commitment().empty()) SONGHUA_RETURN_IF_ERROR(CheckReason(request.credit_commitment(), "credit_commitment"));
  SONGHUA_ASSIGN_OR_RETURN(const Found found, FindFor(request.name(), request.etag(), E::kSubmit));
  const ApplicationRow& before = *found.row;
  const RegimeRow& regime = RegimeOf(before, context.today);
  if (before.state == A::DRAFT && MustPublish(before, regime)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PUBLICITY_REQUIRED")
        .Rule("PERMIT-30")
        .Field("name")
        .Value(before.Name() + " is DRAFT")
        .Accepted("a case whose publicity has run for " + LengthText(regime.PeriodOf(v1::PUBLICITY_PERIOD).length, Language::kEnglish));
  }
  SONGHUA_RETURN_IF_ERROR(parts_.standing->CheckMayApply(before.participant, context.today));
  SONGHUA_ASSIGN_OR_RETURN(const PermitContent content, ContentOf(context, before));
  SONGHUA_RETURN_IF_ERROR(CheckTier(context, before, content));
  SONGHUA_RETURN_IF_ERROR(CheckMaterials(context, before));
  SONGHUA_RETURN_IF_ERROR(CheckTypeAtSubmission(context, before, content));
  if (!request.credit_commitment().empty()) SONGHUA_RETURN_IF_ERROR(CheckFastTrack(context, before, content));

  v1::ApplicationAnswer answer;
  if (context.validate_only) {
    *answer.mutable_application() = ToProto(before, &content);
    return answer;
  }
  ApplicationRow& row = Move(context, found, request.credit_commitment());
  row.receipt_date = context.today;
  row.fast_track = !request.credit_commitment().empty();
  row.late = IsLate(context, row);
  BeginDeadline(context, row, row.fast_track ? v1::FAST_TRACK_DECISION : v1::INTAKE, context.today, v1::PERMIT_INTAKE);
  if (row.type == A::RENEW && !row.late && regime.expiry == v1::CONTINUES_WHILE_RENEWAL_IS_PENDING) {
    parts_.permits->SetRenewalPending(context, *PermitInForceOf(row, context.today), true);
  }
  *answer.mutable_application() = ToProto(row, &content);
  return answer;
}

// PERMIT-48 for a renewal; the periods to report a change or a loss.
bool Applications::IsLate(const CommandContext& context, const ApplicationRow& row) const {
  const RegimeRow& regime = RegimeOf(row, context.today);
  switch (row.type) {
    case A::RENEW: {
      const PermitRow* permit = PermitInForceOf(row, context.today);
      return context.today > parts_.deadlines->DueOf(regime, v1::RENEWAL_LEAD, permit->term.last).due;
    }
    case A::CHANGE: return context.today > parts_.deadlines->DueOf(regime, v1::CHANGE_REPORT, row.event_date).due;
    case A::REISSUE: return context.today > parts_.deadlines->DueOf(regime, v1::LOSS_REPORT, row.event_date).due;
    default: return false;
  }
}

absl::StatusOr<v1::ApplicationAnswer> Applications::ResubmitApplication(CommandContext& context, const v1::ApplicationActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const Found found, FindFor(request.name(), request.etag(), E::kResubmit));
  SONGHUA_ASSIGN_OR_RETURN(const PermitContent content, ContentOf(context, *found.row));
  SONGHUA_RETURN_IF_ERROR(CheckTier(context, *found.row, content));
  SONGHUA_RETURN_IF_ERROR(CheckMaterials(context, *found.row));
  SONGHUA_RETURN_IF_ERROR(CheckTypeAtSubmission(context, *found.row, content));
  v1::ApplicationAnswer answer;
  if (!context.validate_only) {
    ApplicationRow& row = Move(context, found, request.reason());
    row.receipt_date = context.today;
    MeetDeadline(context, row, v1::CORRECTION_LAPSE);
    BeginDeadline(context, row, v1::INTAKE, context.today, v1::PERMIT_INTAKE);
  }
  *answer.mutable_application() = ToProto(*found.row, &content);
  return answer;
}

absl::StatusOr<v1::ApplicationAnswer> Applications::WithdrawApplication(CommandContext& context, const v1::ApplicationActRequest& request) {
  SONGHUA_RETURN_IF_ERROR(CheckReason(request.reason()));
  SONGHUA_ASSIGN_OR_RETURN(const Found found, FindFor(request.name(), request.etag(), E::kWithdraw));
  v1::ApplicationAnswer answer;
  if (!context.validate_only) {
    ApplicationRow& row = Move(context, found, request.reason());
    CloseCase(context, row);
  }
  *answer.mutable_application() = ToProto(*found.row, nullptr);
  return answer;
}

}  // namespace songhua::permits
