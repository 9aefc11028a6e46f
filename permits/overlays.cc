#include "permits/overlays.h"

#include <algorithm>
#include <utility>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::permits {

using ledger::MakeName;
using ledger::ParseName;
using Overlay = v1::Overlay;

namespace {

std::string_view InChinese(v1::OverlayKind kind) {
  switch (kind) {
    case v1::RESTRICTED_PRODUCTION: return "限制生产";
    case v1::SUSPENDED_RECTIFICATION: return "停产整治";
    case v1::CLOSED_BY_ORDER: return "责令停业、关闭";
    case v1::SEIZED: return "查封、扣押";
    case v1::VOLUNTARY_STOP: return "自行停产";
    case v1::SPECIAL_PERIOD_LIMIT: return "特殊时段限制";
    case v1::RECTIFICATION_NOTICE: return "排污限期整改";
    default: SONGHUA_CHECK(false);
  }
}

BothTexts PlacedText(const OverlayRow& row, const std::string& due) {
  const std::string to = !due.empty() ? due : row.term.last == kLastDate ? "" : FormatDate(row.term.last);
  return {v1::OverlayKind_Name(row.kind) + " on sites/" + row.site + " from " + FormatDate(row.term.first) +
              (to.empty() ? ", until it is lifted" : " to " + to) + ". Decision: " + row.decision + ". " + row.reason,
          "场所 " + row.site + "：自 " + FormatDate(row.term.first) + (to.empty() ? " 起，至解除之日止" : " 至 " + to) + "，" +
              std::string(InChinese(row.kind)) + "。决定文号：" + row.decision + "。" + row.reason};
}

BothTexts LiftedText(const OverlayRow& row) {
  return {v1::OverlayKind_Name(row.kind) + " on sites/" + row.site + " is lifted from " + FormatDate(row.lifted_from) + ". Decision: " + row.lift_decision,
          "场所 " + row.site + "：自 " + FormatDate(row.lifted_from) + " 起解除" + std::string(InChinese(row.kind)) + "。决定文号：" + row.lift_decision};
}

// A ground that such an overlay may have.
bool Fits(Overlay::Ground ground, v1::OverlayKind kind) {
  switch (kind) {
    case v1::VOLUNTARY_STOP: return ground == Overlay::OWN_DECISION;
    case v1::RECTIFICATION_NOTICE: return ground == Overlay::CONDITIONS_NOT_MET;
    default:
      return ground == Overlay::VIOLATION || ground == Overlay::IMMINENT_HARM || ground == Overlay::AIR_ALERT || ground == Overlay::EVENT;
  }
}

std::string_view FittingGrounds(v1::OverlayKind kind) {
  switch (kind) {
    case v1::VOLUNTARY_STOP: return "OWN_DECISION";
    case v1::RECTIFICATION_NOTICE: return "CONDITIONS_NOT_MET";
    default: return "VIOLATION, IMMINENT_HARM, AIR_ALERT or EVENT";
  }
}

absl::Status CheckGround(const v1::PlaceOverlayRequest& request) {
  if (!Fits(request.ground(), request.kind())) {
    return InvalidField("ground", std::to_string(request.ground()), FittingGrounds(request.kind())).Rule("PERMIT-57");
  }
  if (request.ground() == Overlay::EVENT && !request.central_level()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "EVENT_NOT_CENTRAL")
        .Rule("INSP-04")
        .Field("ground")
        .Value("EVENT")
        .Accepted("an order of the central level: cities and counties stop no production for meetings and events");
  }
  const bool special = request.kind() == v1::SPECIAL_PERIOD_LIMIT;
  if (special != (request.special_period() != v1::SPECIAL_PERIOD_UNSPECIFIED) || !v1::SpecialPeriod_IsValid(request.special_period())) {
    return InvalidField("special_period", std::to_string(request.special_period()),
                        special ? "the period whose limits hold" : "nothing: only SPECIAL_PERIOD_LIMIT has one")
        .Rule("PERMIT-24");
  }
  return absl::OkStatus();
}

absl::StatusOr<Term> ParseTerm(const v1::PlaceOverlayRequest& request, Date today) {
  Term term{today, kLastDate};
  const bool notice = request.kind() == v1::RECTIFICATION_NOTICE;
  if (!request.start_date().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(term.first, ParseDate(request.start_date(), "start_date"));
  }
  if (term.first < today || (notice && term.first != today)) {
    return InvalidField("start_date", request.start_date(), FormatDate(today) + (notice ? "" : " or later")).Rule("PERMIT-57");
  }
  if (request.end_date().empty()) return term;
  if (notice) return InvalidField("end_date", request.end_date(), "nothing: the regime sets the deadline").Rule("PERMIT-55");
  SONGHUA_ASSIGN_OR_RETURN(term.last, ParseDate(request.end_date(), "end_date"));
  if (term.last < term.first) return InvalidField("end_date", request.end_date(), FormatDate(term.first) + " or later").Rule("PERMIT-57");
  return term;
}

}  // namespace

bool Gates(v1::OverlayKind kind) {
  return kind == v1::SUSPENDED_RECTIFICATION || kind == v1::CLOSED_BY_ORDER || kind == v1::SEIZED;
}

std::string OverlayRow::Name() const { return MakeName("overlays", site + "." + std::to_string(number)); }

v1::OverlayState OverlayRow::StateOn(Date today) const {
  if (lifted) return v1::OVERLAY_LIFTED;
  if (today < term.first) return v1::OVERLAY_PLANNED;
  return today <= term.last ? v1::OVERLAY_ACTIVE : v1::OVERLAY_EXPIRED;
}

absl::StatusOr<std::tuple<std::string, uint64_t>> ParseOverlayName(std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ParseName(field, "overlays", name));
  const size_t dot = id.find('.');
  if (dot == std::string::npos) return InvalidField(field, name, "overlays/{site}.{number}");
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "overlays", "overlays/" + id.substr(dot + 1)));
  return std::tuple(id.substr(0, dot), number);
}

Overlays::Overlays(TableSet* tables, const Parts& parts) : parts_(parts), rows_(tables) {
  rows_.OnLoaded([this](OverlayRow& row) { by_site_[row.site].push_back(&row); });
}
Overlays::~Overlays() = default;

const OverlayRow* Overlays::GateOf(const std::string& site, Date date) const {
  const auto overlays = by_site_.find(site);
  if (overlays == by_site_.end()) return nullptr;
  for (const OverlayRow* row : overlays->second) {
    if (Gates(row->kind) && row->ActiveOn(date)) return row;
  }
  return nullptr;
}

std::vector<const OverlayRow*> Overlays::ActiveOf(const std::string& site, Date date) const {
  std::vector<const OverlayRow*> active;
  const auto overlays = by_site_.find(site);
  if (overlays == by_site_.end()) return active;
  for (const OverlayRow* row : overlays->second) {
    if (row->ActiveOn(date)) active.push_back(row);
  }
  return active;
}

absl::Status Overlays::CheckCompetent(const CommandContext& context, const ledger::SiteRow& site, v1::OverlayKind kind) const {
  const ledger::PersonRow* caller = parts_.participants->FindPerson(std::string(context.person));
  const std::string region = FormatRegion(site.region);
  std::string accepted;
  if (kind == v1::VOLUNTARY_STOP) {
    if (caller != nullptr && caller->participant == site.participant) return absl::OkStatus();
    accepted = "a person of " + MakeName("participants", site.participant) + ", which stops by itself";
  } else {
    if (caller != nullptr && RoleCovers(*caller, v1::ENFORCER, site.region)) return absl::OkStatus();
    accepted = "an ENFORCER for " + region;
    if (kind == v1::RECTIFICATION_NOTICE) {
      if (caller != nullptr && RoleCovers(*caller, v1::PERMIT_APPROVER, site.region)) return absl::OkStatus();
      accepted = "an ENFORCER or PERMIT_APPROVER for " + region;
    }
  }
  return Refuse(absl::StatusCode::kPermissionDenied, "NOT_COMPETENT")
      .Rule("PERMIT-57")
      .Field("caller")
      .Value(MakeName("people", context.person))
      .Accepted(accepted);
}

absl::StatusOr<OverlayRow> Overlays::Parse(const CommandContext& context, const v1::PlaceOverlayRequest& request) const {
  OverlayRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.site, ParseName("site", "sites", request.site()));
  row.kind = request.kind();
  if (row.kind == v1::OVERLAY_KIND_UNSPECIFIED || !v1::OverlayKind_IsValid(row.kind)) {
    return InvalidField("kind", std::to_string(row.kind), "a kind of overlay").Rule("PERMIT-57");
  }
  SONGHUA_ASSIGN_OR_RETURN(row.term, ParseTerm(request, context.today));
  if (row.kind != v1::VOLUNTARY_STOP) {
    SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  } else if (!request.decision().empty()) {
    return InvalidField("decision", request.decision(), "nothing: nobody ordered a voluntary stop").Rule("PERMIT-58");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kReasonBytesMax, "reason"));
  SONGHUA_RETURN_IF_ERROR(CheckGround(request));
  row.decision = request.decision();
  row.reason = request.reason();
  row.ground = request.ground();
  row.central_level = request.central_level();
  row.special_period = request.special_period();
  row.decided_by = std::string(context.person);
  return row;
}

absl::StatusOr<v1::OverlayAnswer> Overlays::PlaceOverlay(CommandContext& context, const v1::PlaceOverlayRequest& request, SiteMarket& market) {
  SONGHUA_ASSIGN_OR_RETURN(OverlayRow row, Parse(context, request));
  const ledger::SiteRow* site = parts_.participants->FindSite(row.site);
  if (site == nullptr) return NotFound("site", request.site());
  row.region = site->region;
  SONGHUA_RETURN_IF_ERROR(CheckCompetent(context, *site, row.kind));
  const bool notice = row.kind == v1::RECTIFICATION_NOTICE;
  const RegimeRow* regime = parts_.regimes->GoverningRegion(site->region, context.today);
  if (notice && regime == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_REGIME")
        .Rule("GEN-09")
        .Field("site")
        .Value(request.site())
        .Accepted("a site in a region that a regime governs, which sets the deadline; an operator loads it");
  }

  v1::OverlayAnswer answer;
  if (context.validate_only) {
    row.number = parts_.counters->Peek("overlays");
    *answer.mutable_overlay() = ToProto(row, context.today);
    return answer;
  }
  row.number = parts_.counters->Next("overlays");
  std::string due;
  if (notice) {
    Deadlines::Start start;
    start.kind = v1::RECTIFICATION;
    start.subject = row.Name();
    start.trigger = context.today;
    start.participant = site->participant;
    start.region = row.region;
    const DeadlineRow& deadline = parts_.deadlines->Begin(context, *regime, start);
    row.deadline = deadline.number;
    due = FormatDate(deadline.due);
  }
  const OverlayRow& placed = rows_.Insert(std::move(row));
  by_site_[placed.site].push_back(&placed);
  context.events->Emit(EventType::kRegistered, std::string("overlays"), placed);
  Keep(context, placed, "place", v1::OVERLAY_STATE_UNSPECIFIED, placed.reason);
  if (placed.kind != v1::VOLUNTARY_STOP) Tell(context, placed, "overlay_placed", PlacedText(placed, due));
  if (Gates(placed.kind) && placed.ActiveOn(context.today)) market.RestrainOrdersOfSite(context, placed.site, kSiteSuspended);
  *answer.mutable_overlay() = ToProto(placed, context.today);
  return answer;
}

absl::StatusOr<v1::OverlayAnswer> Overlays::LiftOverlay(CommandContext& context, const v1::LiftOverlayRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const auto key, ParseOverlayName("name", request.name()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  const OverlayRow* row = rows_.Find(key);
  if (row == nullptr) return NotFound("name", request.name());
  SONGHUA_RETURN_IF_ERROR(CheckCompetent(context, *parts_.participants->FindSite(row->site), row->kind));
  const v1::OverlayState from = row->StateOn(context.today);
  if (from != v1::OVERLAY_ACTIVE && from != v1::OVERLAY_PLANNED) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule("PERMIT-57")
        .Field("name")
        .Value(row->Name() + " is " + v1::OverlayState_Name(from))
        .Accepted("an overlay that is OVERLAY_ACTIVE or OVERLAY_PLANNED");
  }
  v1::OverlayAnswer answer;
  if (!context.validate_only) {
    OverlayRow& lifted = rows_.Edit(*row);
    lifted.lifted = true;
    lifted.lifted_from = context.today;
    lifted.lift_decision = request.decision();
    lifted.lifted_by = std::string(context.person);
    if (const DeadlineRow* deadline = parts_.deadlines->Open(lifted.Name(), v1::RECTIFICATION); deadline != nullptr) {
      parts_.deadlines->Meet(context, *deadline);
    }
    context.events->Emit(EventType::kRegistered, std::string("overlays"), lifted);
    Keep(context, lifted, "lift", from, request.decision());
    if (lifted.kind != v1::VOLUNTARY_STOP) Tell(context, lifted, "overlay_lifted", LiftedText(lifted));
  }
  *answer.mutable_overlay() = ToProto(*row, context.today);
  return answer;
}

void Overlays::OnPassed(CommandContext& context, const DeadlineRow& deadline) {
  const auto key = ParseOverlayName("subject", deadline.subject);
  SONGHUA_CHECK(key.ok());
  const OverlayRow* row = rows_.Find(*key);
  SONGHUA_CHECK(row != nullptr);
  Keep(context, *row, "lapse", row->StateOn(context.today), "the deadline of " + FormatDate(deadline.due) + " has passed");
  Tell(context, *row, "rectification_lapsed",
       {"The rectification of sites/" + row->site + " is overdue since " + FormatDate(deadline.due) + ": discharge must stop (PERMIT-55).",
        "场所 " + row->site + " 限期整改已于 " + FormatDate(deadline.due) + " 到期，逾期未完成整改，应当停止排污。"});
}

void Overlays::Keep(CommandContext& context, const OverlayRow& row, const std::string& event, v1::OverlayState from,
                    const std::string& reason) const {
  CaseFile::Step step;
  step.subject = row.Name();
  step.event = event;
  if (from != v1::OVERLAY_STATE_UNSPECIFIED) step.from_state = v1::OverlayState_Name(from);
  step.to_state = v1::OverlayState_Name(row.StateOn(context.today));
  step.reason = reason;
  step.legal_basis = row.kind == v1::RECTIFICATION_NOTICE ? "PERMIT-55" : row.kind == v1::VOLUNTARY_STOP ? "PERMIT-58" : "PERMIT-57";
  step.effective = std::max(context.today, row.term.first);
  parts_.file->Record(context, step);
}

void Overlays::Tell(CommandContext& context, const OverlayRow& row, const std::string& event, const BothTexts& text) const {
  const std::string& participant = parts_.participants->FindSite(row.site)->participant;
  parts_.file->Serve(context, v1::OVERLAY_PLACED, participant, row.region, row.Name(), text);
  parts_.file->Publish(context, event, row.Name(), row.site, row.region, text);
}

v1::Overlay ToProto(const OverlayRow& row, Date today) {
  v1::Overlay message;
  message.set_name(row.Name());
  message.set_site(MakeName("sites", row.site));
  message.set_region(FormatRegion(row.region));
  message.set_kind(row.kind);
  message.set_state(row.StateOn(today));
  message.set_start_date(FormatDate(row.term.first));
  if (row.term.last != kLastDate) message.set_end_date(FormatDate(row.term.last));
  message.set_decision(row.decision);
  message.set_reason(row.reason);
  message.set_ground(row.ground);
  message.set_central_level(row.central_level);
  message.set_special_period(row.special_period);
  message.set_decided_by(MakeName("people", row.decided_by));
  if (row.deadline != 0) message.set_deadline(MakeName("deadlines", row.deadline));
  if (row.lifted) {
    message.set_lift_date(FormatDate(row.lifted_from));
    message.set_lift_decision(row.lift_decision);
  }
  return message;
}

}  // namespace songhua::permits
