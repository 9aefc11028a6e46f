#include "ledger/region_statuses.h"

#include <algorithm>
#include <array>

#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

constexpr char kNumbersOfStatuses[] = "regionStatuses";
constexpr char kNumbersOfCrossings[] = "crossings";

std::string_view RuleOf(v1::RegionStatus::Kind kind) { return kind == v1::RegionStatus::OVER_INDICATOR ? "DR-27" : "DR-26"; }

}  // namespace

RegionStatuses::RegionStatuses(TableSet* tables, Counters* counters, const Participants* participants, const Programs* programs)
    : counters_(counters), participants_(participants), programs_(programs), statuses_(tables), crossings_(tables) {
  statuses_.OnLoaded([this](RegionStatusRow& row) { by_place_[{row.region, row.pollutant}].push_back(&row); });
  crossings_.OnLoaded([this](CrossingRow& row) { by_crossing_[{row.site, row.pollutant, row.control_zone, row.province}].push_back(&row); });
}

RegionStatuses::~RegionStatuses() = default;

template <class Visit>
void RegionStatuses::ForEachAround(Region place, const std::string& pollutant, Visit visit) const {
  if (by_place_.empty() || place == Region()) return;
  Region last;
  for (const Region around : {place, CityOf(place), ProvinceOf(place)}) {
    if (std::exchange(last, around) == around) continue;
    const auto found = by_place_.find(Place(around, pollutant));
    if (found == by_place_.end()) continue;
    for (const RegionStatusRow* row : found->second) visit(*row);
  }
}

absl::Status RegionStatuses::ValidatePollutantOfRights(const std::string& pollutant) const {
  if (programs_->RightsProgramOf(pollutant) != nullptr) return absl::OkStatus();
  return InvalidField("pollutant", pollutant, "a pollutant of which there are rights").Rule("DR-02");
}

absl::Status RegionStatuses::ValidateTerm(const CommandContext& context, const std::string& first, const std::string& last, Term* days) const {
  SONGHUA_ASSIGN_OR_RETURN(days->first, ParseDate(first, "first_day"));
  SONGHUA_ASSIGN_OR_RETURN(days->last, ParseDate(last, "last_day"));
  if (days->first < context.today) return InvalidField("first_day", first, FormatDate(context.today) + ", today, or later").Rule("GEN-08");
  if (days->last < days->first) return InvalidField("last_day", last, "a day not before first_day, " + first).Rule("GEN-08");
  return absl::OkStatus();
}

absl::StatusOr<v1::RegionStatusAnswer> RegionStatuses::SetRegionStatus(CommandContext& context, const v1::SetRegionStatusRequest& request) {
  RegionStatusRow row;
  row.kind = request.kind();
  if (row.kind != v1::RegionStatus::NON_ATTAINMENT && row.kind != v1::RegionStatus::OVER_INDICATOR) {
    return InvalidField("kind", std::to_string(row.kind), "NON_ATTAINMENT or OVER_INDICATOR").Rule("DR-26");
  }
  SONGHUA_ASSIGN_OR_RETURN(row.region, ParseRegion(request.region(), "region"));
  SONGHUA_RETURN_IF_ERROR(ValidatePollutantOfRights(request.pollutant()));
  row.pollutant = request.pollutant();
  SONGHUA_RETURN_IF_ERROR(ValidateTerm(context, request.first_day(), request.last_day(), &row.days));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  row.decision = request.decision();
  row.set_by = context.person;
  row.set_time = context.time;
  if (const auto found = by_place_.find(Place(row.region, row.pollutant)); found != by_place_.end()) {
    for (const RegionStatusRow* other : found->second) {
      if (other->kind != row.kind || other->lifted || other->days.last < row.days.first || row.days.last < other->days.first) continue;
      return Refuse(absl::StatusCode::kFailedPrecondition, "STATUS_STANDS")
          .Rule(RuleOf(row.kind))
          .Field("first_day")
          .Value(request.first_day())
          .Accepted("days on which " + MakeName("regionStatuses", other->number) + " does not hold, which does from " + FormatDate(other->days.first) + " to " +
                    FormatDate(other->days.last));
    }
  }
  row.number = counters_->Peek(kNumbersOfStatuses);
  v1::RegionStatusAnswer answer;
  *answer.mutable_region_status() = ToProto(row);
  if (context.validate_only) return answer;
  SONGHUA_CHECK(counters_->Next(kNumbersOfStatuses) == row.number);
  const RegionStatusRow& added = statuses_.Insert(std::move(row));
  by_place_[{added.region, added.pollutant}].push_back(&added);
  context.events->Emit(EventType::kRegionStatusChanged, added.number, added);
  return answer;
}

absl::StatusOr<v1::RegionStatusAnswer> RegionStatuses::LiftRegionStatus(CommandContext& context, const v1::LiftRegionStatusRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "regionStatuses", request.name()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  const RegionStatusRow* found = statuses_.Find(number);
  if (found == nullptr) return NotFound("name", request.name());
  if (found->lifted || found->days.last < context.today) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule(RuleOf(found->kind))
        .Field("name")
        .Value(request.name())
        .Accepted(std::string("a status that stands; this one ") + (found->lifted ? "was lifted" : "ended on " + FormatDate(found->days.last)));
  }
  RegionStatusRow row = *found;
  row.lifted = true;
  row.lift_decision = request.decision();
  row.lifted_by = context.person;
  row.lift_time = context.time;
  v1::RegionStatusAnswer answer;
  *answer.mutable_region_status() = ToProto(row);
  if (context.validate_only) return answer;
  const RegionStatusRow& changed = statuses_.Edit(*found) = std::move(row);
  context.events->Emit(EventType::kRegionStatusChanged, changed.number, changed);
  return answer;
}

absl::StatusOr<v1::CrossingAnswer> RegionStatuses::ApproveCrossing(CommandContext& context, const v1::ApproveCrossingRequest& request) {
  CrossingRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.site, ParseName("site", "sites", request.site()));
  SONGHUA_RETURN_IF_ERROR(ValidatePollutantOfRights(request.pollutant()));
  row.pollutant = request.pollutant();
  SONGHUA_ASSIGN_OR_RETURN(const Region zone, ParseRegion(request.control_zone(), "control_zone"));
  row.control_zone = request.control_zone();
  SONGHUA_ASSIGN_OR_RETURN(row.province, ParseRegion(request.province(), "province"));
  SONGHUA_RETURN_IF_ERROR(ValidateTerm(context, request.first_day(), request.last_day(), &row.days));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  row.decision = request.decision();
  row.approved_by = context.person;
  row.approve_time = context.time;
  const SiteRow* site = participants_->FindSite(row.site);
  if (site == nullptr) return NotFound("site", request.site());
  if (row.province != ProvinceOf(zone) && row.province != ProvinceOf(site->region)) {
    return InvalidField("province", request.province(),
                        FormatRegion(ProvinceOf(zone)) + ", the zone's province, or " + FormatRegion(ProvinceOf(site->region)) + ", the site's")
        .Rule("DR-23");
  }
  row.number = counters_->Peek(kNumbersOfCrossings);
  v1::CrossingAnswer answer;
  *answer.mutable_crossing() = ToProto(row);
  if (context.validate_only) return answer;
  SONGHUA_CHECK(counters_->Next(kNumbersOfCrossings) == row.number);
  const CrossingRow& added = crossings_.Insert(std::move(row));
  by_crossing_[{added.site, added.pollutant, added.control_zone, added.province}].push_back(&added);
  context.events->Emit(EventType::kCrossingChanged, added.number, added);
  return answer;
}

absl::StatusOr<v1::CrossingAnswer> RegionStatuses::WithdrawCrossing(CommandContext& context, const v1::WithdrawCrossingRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "crossings", request.name()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  const CrossingRow* found = crossings_.Find(number);
  if (found == nullptr) return NotFound("name", request.name());
  if (found->withdrawn || found->days.last < context.today) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule("DR-23")
        .Field("name")
        .Value(request.name())
        .Accepted(std::string("an approval that holds; this one ") + (found->withdrawn ? "was withdrawn" : "ended on " + FormatDate(found->days.last)));
  }
  CrossingRow row = *found;
  row.withdrawn = true;
  row.withdraw_decision = request.decision();
  row.withdraw_time = context.time;
  v1::CrossingAnswer answer;
  *answer.mutable_crossing() = ToProto(row);
  if (context.validate_only) return answer;
  const CrossingRow& changed = crossings_.Edit(*found) = std::move(row);
  context.events->Emit(EventType::kCrossingChanged, changed.number, changed);
  return answer;
}

std::vector<const RegionStatusRow*> RegionStatuses::Holding(v1::RegionStatus::Kind kind, Region place, const std::string& pollutant, Date today) const {
  std::vector<const RegionStatusRow*> rows;
  ForEachAround(place, pollutant, [&](const RegionStatusRow& row) {
    if (row.kind == kind && row.HoldsOn(today)) rows.push_back(&row);
  });
  return rows;
}

Region RegionStatuses::MissingApproval(const std::string& site, Region place, const std::string& pollutant, const std::string& control_zone, Region zone,
                                       Date today) const {
  for (const Region province : {ProvinceOf(zone), ProvinceOf(place)}) {
    const auto found = by_crossing_.find({site, pollutant, control_zone, province});
    const bool approved = found != by_crossing_.end() &&
                          std::any_of(found->second.begin(), found->second.end(), [&](const CrossingRow* row) { return row->HoldsOn(today); });
    if (!approved) return province;
  }
  return Region();
}

void RegionStatuses::CountInflow(const std::string& pollutant, Region from, Region to, Quantity quantity, Timestamp agreed) {
  ForEachAround(to, pollutant, [&](const RegionStatusRow& row) {
    if (row.Counted(agreed) && !RegionContains(row.region, from)) statuses_.Edit(row).inflow += quantity;
  });
}

void RegionStatuses::CountOutflow(const std::string& pollutant, Region from, Region to, Quantity quantity, Timestamp delivered) {
  ForEachAround(from, pollutant, [&](const RegionStatusRow& row) {
    if (row.Counted(delivered) && !RegionContains(row.region, to)) statuses_.Edit(row).outflow += quantity;
  });
}

v1::RegionStatus ToProto(const RegionStatusRow& row) {
  v1::RegionStatus status;
  status.set_name(MakeName("regionStatuses", row.number));
  status.set_kind(row.kind);
  status.set_region(FormatRegion(row.region));
  status.set_pollutant(row.pollutant);
  status.set_first_day(FormatDate(row.days.first));
  status.set_last_day(FormatDate(row.days.last));
  status.set_decision(row.decision);
  status.set_set_by(MakeName("people", row.set_by));
  *status.mutable_set_time() = ToProto(row.set_time);
  status.set_inflow(row.inflow.value());
  status.set_outflow(row.outflow.value());
  if (!row.lifted) return status;
  status.set_lift_decision(row.lift_decision);
  status.set_lifted_by(MakeName("people", row.lifted_by));
  *status.mutable_lift_time() = ToProto(row.lift_time);
  return status;
}

v1::Crossing ToProto(const CrossingRow& row) {
  v1::Crossing crossing;
  crossing.set_name(MakeName("crossings", row.number));
  crossing.set_site(MakeName("sites", row.site));
  crossing.set_pollutant(row.pollutant);
  crossing.set_control_zone(row.control_zone);
  crossing.set_province(FormatRegion(row.province));
  crossing.set_first_day(FormatDate(row.days.first));
  crossing.set_last_day(FormatDate(row.days.last));
  crossing.set_decision(row.decision);
  crossing.set_approved_by(MakeName("people", row.approved_by));
  *crossing.mutable_approve_time() = ToProto(row.approve_time);
  if (!row.withdrawn) return crossing;
  crossing.set_withdraw_decision(row.withdraw_decision);
  *crossing.mutable_withdraw_time() = ToProto(row.withdraw_time);
  return crossing;
}

}  // namespace songhua::ledger
