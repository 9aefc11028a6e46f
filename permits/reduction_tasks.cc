#include "permits/reduction_tasks.h"

#include <algorithm>
#include <utility>

#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::permits {

using ledger::MakeName;
using ledger::ParseName;

namespace {

constexpr char kReductionTasks[] = "reductionTasks";
constexpr int kGramsDigits = 6;  // of a tonne

std::string ReductionTaskName(const std::string& site, uint64_t number) { return MakeName(kReductionTasks, site + "." + std::to_string(number)); }

// To the gram: one gram less than what was required is a task that was failed.
BothTexts ReductionTaskText(const ReductionTaskRow& row) {
  const std::string required = FormatDecimal(row.required.value(), kGramsDigits), achieved = FormatDecimal(row.achieved.value(), kGramsDigits);
  const std::string year = std::to_string(row.year);
  const bool corrects = row.supersedes != 0;
  return {"Assessment " + row.decision + " of " + FormatDate(row.decided) + " of the reduction task of sites/" + row.site + " for " + year + ", " +
              row.pollutant + ": " + achieved + " t of " + required + " t were reduced, " + (row.Failed() ? "the task was failed." : "the task was met.") +
              (corrects ? " It corrects " + ReductionTaskName(row.site, row.supersedes) + ": " + row.correction_reason : ""),
          "减排任务考核决定 " + row.decision + "（" + FormatDate(row.decided) + "）：场所 " + row.site + " " + year + " 年 " + row.pollutant + " 减排任务 " +
              required + " 吨，完成 " + achieved + " 吨，" + (row.Failed() ? "未完成。" : "已完成。") +
              (corrects ? "更正 " + ReductionTaskName(row.site, row.supersedes) + "：" + row.correction_reason : "")};
}

}  // namespace

std::string ReductionTaskRow::Name() const { return ReductionTaskName(site, number); }

absl::StatusOr<std::tuple<std::string, uint64_t>> ParseReductionTaskName(std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ParseName(field, kReductionTasks, name));
  const size_t dot = id.find('.');
  if (dot == std::string::npos) return InvalidField(field, name, "reductionTasks/{site}.{number}");
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, kReductionTasks, MakeName(kReductionTasks, id.substr(dot + 1))));
  return std::tuple(id.substr(0, dot), number);
}

ReductionTasks::ReductionTasks(TableSet* tables, const Parts& parts) : parts_(parts), rows_(tables) {
  rows_.OnLoaded([this](ReductionTaskRow& row) {
    if (row.superseded_by == 0) in_force_[{row.site, row.pollutant, row.year}] = &row;
  });
}
ReductionTasks::~ReductionTasks() = default;

const ReductionTaskRow* ReductionTasks::Find(const std::string& site, const std::string& pollutant, int32_t year) const {
  const auto found = in_force_.find({site, pollutant, year});
  return found == in_force_.end() ? nullptr : found->second;
}

bool ReductionTasks::Excludes(const ReductionTaskRow& row) const {
  if (!row.Failed() || row.superseded_by != 0) return false;
  const auto next = in_force_.upper_bound({row.site, row.pollutant, row.year});
  return next == in_force_.end() || next->second->site != row.site || next->second->pollutant != row.pollutant;
}

const ReductionTaskRow* ReductionTasks::Excluding(const std::string& site) const {
  const ReductionTaskRow* last = nullptr;
  for (auto at = in_force_.lower_bound({site, "", 0}); at != in_force_.end() && at->second->site == site; ++at) {
    if (Excludes(*at->second) && (last == nullptr || at->second->year > last->year)) last = at->second;
  }
  return last;
}

std::vector<const ReductionTaskRow*> ReductionTasks::OfSite(const std::string& site, Date since) const {
  std::vector<const ReductionTaskRow*> found;
  for (auto at = in_force_.lower_bound({site, "", 0}); at != in_force_.end() && at->second->site == site; ++at) {
    if (at->second->decided >= since || Excludes(*at->second)) found.push_back(at->second);
  }
  std::sort(found.begin(), found.end(), [](const ReductionTaskRow* a, const ReductionTaskRow* b) { return a->number < b->number; });
  return found;
}

absl::StatusOr<ReductionTaskRow> ReductionTasks::Parse(const CommandContext& context, const v1::RecordReductionTaskRequest& request) const {
  ReductionTaskRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.site, ParseName("site", "sites", request.site()));
  SONGHUA_RETURN_IF_ERROR(ledger::ValidatePollutant("pollutant", request.pollutant()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  SONGHUA_ASSIGN_OR_RETURN(row.decided, ParseDate(request.decision_date(), "decision_date"));
  if (!request.correction_reason().empty()) SONGHUA_RETURN_IF_ERROR(ValidateName(request.correction_reason(), kReasonBytesMax, "correction_reason"));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("required_quantity", request.required_quantity(), 1, kQuantityMax, "PLG-12"));
  if (!request.nothing_achieved()) {
    SONGHUA_RETURN_IF_ERROR(RequireInRange("achieved_quantity", request.achieved_quantity(), 1, kQuantityMax, "PLG-12"));
  } else if (request.achieved_quantity() != 0) {
    return InvalidField("achieved_quantity", std::to_string(request.achieved_quantity()), "0, as nothing was achieved").Rule("PLG-12");
  }
  const int32_t first_year = Year(kFirstDate), this_year = Year(context.today);
  if (request.year() < first_year || request.year() >= this_year) {
    return InvalidField("year", std::to_string(request.year()),
                        std::to_string(first_year) + " to " + std::to_string(this_year - 1) + ": a year that is over")
        .Rule("PLG-12");
  }
  const Date first_day = FirstDayOf(request.year() + 1);
  if (row.decided < first_day || row.decided > context.today) {
    return InvalidField("decision_date", request.decision_date(),
                        FormatDate(first_day) + " to " + FormatDate(context.today) + ": a day after the year that is not to come")
        .Rule("PLG-12");
  }
  row.pollutant = request.pollutant();
  row.year = request.year();
  row.required = Quantity(request.required_quantity());
  row.achieved = Quantity(request.achieved_quantity());
  row.decision = request.decision();
  row.correction_reason = request.correction_reason();
  return row;
}

absl::Status ReductionTasks::CheckPlace(const ReductionTaskRow& row, const ReductionTaskRow* before) const {
  if (before == nullptr) {
    if (row.correction_reason.empty()) return absl::OkStatus();
    return InvalidField("correction_reason", row.correction_reason, "none: there is no assessment of that year and pollutant yet").Rule("GEN-08");
  }
  int assessments = 0;
  for (const ReductionTaskRow* same = before; same != nullptr; same = rows_.Find({same->site, same->supersedes})) {
    ++assessments;
    if (same->decision != row.decision) continue;
    return Refuse(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS")
        .Rule("GEN-08")
        .Field("decision")
        .Value(row.decision)
        .Accepted("a decision that did not assess that year and pollutant yet: " + same->Name() + " is of this one");
  }
  if (assessments >= kAssessmentsMax) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_CORRECTIONS")
        .Rule("GEN-08")
        .Field("year")
        .Value(static_cast<int64_t>(row.year))
        .Accepted("a year and pollutant with fewer than " + std::to_string(kAssessmentsMax) + " assessments");
  }
  if (row.correction_reason.empty()) {
    return Refuse(absl::StatusCode::kAlreadyExists, "ALREADY_ASSESSED")
        .Rule("GEN-08")
        .Field("correction_reason")
        .Value(before->Name())
        .Accepted("why the assessment is corrected");
  }
  if (row.decided < before->decided) {
    return InvalidField("decision_date", FormatDate(row.decided), FormatDate(before->decided) + " or later, when what it corrects was decided").Rule("GEN-08");
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ReductionTaskAnswer> ReductionTasks::RecordReductionTask(CommandContext& context, const v1::RecordReductionTaskRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(ReductionTaskRow row, Parse(context, request));
  const ledger::SiteRow* site = parts_.participants->FindSite(row.site);
  if (site == nullptr) return NotFound("site", request.site());
  const ReductionTaskRow* before = Find(row.site, row.pollutant, row.year);
  SONGHUA_RETURN_IF_ERROR(CheckPlace(row, before));
  row.region = site->region;
  row.supersedes = before == nullptr ? 0 : before->number;
  row.recorded_by = std::string(context.person);
  row.date = context.today;

  v1::ReductionTaskAnswer answer;
  row.number = parts_.counters->Peek(kReductionTasks);
  *answer.mutable_reduction_task() = ToProto(row);
  if (context.validate_only) return answer;
  row.number = parts_.counters->Next(kReductionTasks);
  if (before != nullptr) rows_.Edit(*before).superseded_by = row.number;
  const ReductionTaskRow& recorded = rows_.Insert(std::move(row));
  in_force_[{recorded.site, recorded.pollutant, recorded.year}] = &recorded;
  Keep(context, recorded, before, site->participant);
  return answer;
}

void ReductionTasks::Keep(CommandContext& context, const ReductionTaskRow& row, const ReductionTaskRow* before, const std::string& participant) const {
  context.events->Emit(EventType::kRegistered, std::string(kReductionTasks), row);
  CaseFile::Step step;
  step.subject = row.Name();
  step.event = "assess_reduction_task";
  step.to_state = v1::ReductionTask::Result_Name(row.Result());
  step.reason = row.correction_reason;
  step.legal_basis = row.decision;
  parts_.file->Record(context, step);
  if (before != nullptr) {
    step.subject = before->Name();
    step.event = "correct_reduction_task";
    step.from_state = v1::ReductionTask::Result_Name(before->Result());
    parts_.file->Record(context, step);
  }
  const BothTexts text = ReductionTaskText(row);
  parts_.file->Serve(context, v1::REDUCTION_TASK_ASSESSED, participant, row.region, row.Name(), text);
  parts_.file->Publish(context, "reduction_task", row.Name(), row.site, row.region, text);
}

v1::ReductionTask ToProto(const ReductionTaskRow& row) {
  v1::ReductionTask message;
  message.set_name(row.Name());
  message.set_site(MakeName("sites", row.site));
  message.set_region(FormatRegion(row.region));
  message.set_pollutant(row.pollutant);
  message.set_year(row.year);
  message.set_required_quantity(row.required.value());
  message.set_achieved_quantity(row.achieved.value());
  message.set_result(row.Result());
  message.set_decision(row.decision);
  message.set_decision_date(FormatDate(row.decided));
  message.set_correction_reason(row.correction_reason);
  if (row.supersedes != 0) message.set_supersedes(ReductionTaskName(row.site, row.supersedes));
  if (row.superseded_by != 0) message.set_superseded_by(ReductionTaskName(row.site, row.superseded_by));
  message.set_recorded_by(MakeName("people", row.recorded_by));
  message.set_date(FormatDate(row.date));
  return message;
}

}  // namespace songhua::permits
