#include "simulations/offset_plan.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "simulations/column_finder.h"
#include "simulations/random.h"
#include "simulations/uk_ets_plan.h"

namespace songhua::simulations {
namespace {

// Numbers above this were counted through a whole registry, whatever their form.
constexpr int64_t kFromOneMax = 1'000'000'000'000;

// Where no row of an issuance gives a year, which was reported row by row.
constexpr int32_t kUnknownVintage = 2000;

bool PrintsVintage(const std::string& registry) { return registry == "acr" || registry == "car" || registry == "gs"; }

// The vintage in a reference; 0: none.
int32_t VintageIn(const SerialRange& range) {
  if (!PrintsVintage(RegistryOf(range.issuance))) return 0;
  const std::vector<std::string> parts = SerialParts(range.issuance);
  return parts.size() < 2 ? 0 : ReadYear(parts[parts.size() - 2]);
}

// "ACR1185" of "ACR-US-1185-2025-3078", "CAR1335" of "CAR-1-US-1335-31-..."; the number alone where the record gives it alone; empty for
// other registries.
std::string ProjectIn(const SerialRange& range, const std::string& published) {
  const std::string registry = RegistryOf(range.issuance);
  const size_t at = registry == "acr" ? 2 : registry == "car" ? 3 : 0;
  const std::vector<std::string> parts = SerialParts(range.issuance);
  if (at == 0 || parts.size() <= at) return "";
  return ReadFigure(published).is_number() ? parts[at] : parts[0] + parts[at];
}

PlannedIssuance& Issuance(const SerialRange& range, const OffsetRecord& record, std::map<std::string, size_t>* known, OffsetPlan* plan) {
  const auto [at, added] = known->emplace(range.issuance, plan->issuances.size());
  if (added) {
    PlannedIssuance& issuance = plan->issuances.emplace_back();
    issuance.reference = range.issuance;
    issuance.registry = RegistryOf(range.issuance);
    issuance.uscc = UsccFor(range.issuance);
    issuance.place = record.place;
    issuance.vintage = VintageIn(range);
    issuance.first = range.start;
    issuance.last = range.end;
  }
  return plan->issuances[at->second];
}

}  // namespace

bool NumberSet::Add(int64_t start, int64_t end) {
  auto next = intervals_.upper_bound(end);
  if (next != intervals_.begin() && std::prev(next)->second >= start) return false;
  if (next != intervals_.end() && next->first == end + 1) {
    end = next->second;
    next = intervals_.erase(next);
  }
  if (next != intervals_.begin() && std::prev(next)->second == start - 1) {
    std::prev(next)->second = end;
  } else {
    intervals_.emplace(start, end);
  }
  return true;
}

bool NumberSet::Take(int64_t start, int64_t end) {
  auto holder = intervals_.upper_bound(start);
  if (holder == intervals_.begin()) return false;
  --holder;
  const auto [first, last] = *holder;
  if (last < end) return false;
  intervals_.erase(holder);
  if (first < start) intervals_.emplace(first, start - 1);
  if (end < last) intervals_.emplace(end + 1, last);
  return true;
}

std::string NumberSet::ToString() const {
  constexpr size_t kShown = 6;
  if (intervals_.empty()) return "none";
  std::string text;
  size_t shown = 0;
  for (const auto& [start, end] : intervals_) {
    if (shown++ == kShown) return text + " and " + std::to_string(intervals_.size() - kShown) + " more";
    text += (text.empty() ? "" : " ") + std::to_string(start) + "-" + std::to_string(end);
  }
  return text;
}

OffsetPlan MakeOffsetPlan(const std::vector<OffsetRecord>& records) {
  OffsetPlan plan;
  std::map<std::string, size_t> known;
  for (size_t i = 0; i < records.size(); ++i) {
    const OffsetRecord& record = records[i];
    for (const SerialRange& range : record.ranges) {
      PlannedIssuance& issuance = Issuance(range, record, &known, &plan);
      if (issuance.vintage == 0) issuance.vintage = record.vintage;
      issuance.implied &= record.act != OffsetAct::kIssue;
      issuance.first = std::min(issuance.first, range.start);
      issuance.last = std::max(issuance.last, range.end);
      PlannedAct act = {i, known.at(range.issuance), record.act, range, record.year};
      (record.act == OffsetAct::kIssue ? plan.issues : plan.acts).push_back(std::move(act));
      if (record.act == OffsetAct::kRetire && record.year != 0) plan.years_of_registry[issuance.registry].insert(record.year);
      issuance.counted_through |= range.counted_through || range.end > kFromOneMax;
    }
  }
  for (PlannedIssuance& issuance : plan.issuances) {
    if (!issuance.counted_through) issuance.first = 1;
    if (issuance.vintage == 0) issuance.vintage = kUnknownVintage;
    plan.years_of_registry[issuance.registry].insert(issuance.vintage);
  }
  for (PlannedAct& act : plan.acts) {
    if (act.year == 0) act.year = plan.issuances[act.issuance].vintage;
  }
  return plan;
}

void CompareRows(const std::vector<OffsetRecord>& records, Comparison* comparison) {
  for (const OffsetRecord& record : records) {
    const std::string serials = " of " + FormatSerialRange(record.ranges.front()) + (record.ranges.size() > 1 ? " and others" : "");
    if (record.quantity.has_value()) {
      comparison->Compare("range lengths", record.place, record.quantity_heading + serials, *record.quantity, record.size());
    }
    const int32_t vintage = VintageIn(record.ranges.front());
    if (vintage != 0 && record.vintage != 0) {
      comparison->Compare("vintages in serial numbers", record.place, record.vintage_heading + serials, record.vintage, vintage);
    }
    const std::string project = ProjectIn(record.ranges.front(), record.project_id);
    if (!project.empty() && !record.project_id.empty()) {
      comparison->Compare("projects in serial numbers", record.place, record.project_heading + serials, record.project_id, project);
    }
  }
}

std::vector<NumberSet> ExpectedRemainders(const OffsetPlan& plan, const std::vector<bool>& taken) {
  std::vector<NumberSet> remainders(plan.issuances.size());
  for (size_t i = 0; i < plan.issuances.size(); ++i) {
    if (plan.issuances[i].implied) remainders[i].Add(plan.issuances[i].first, plan.issuances[i].last);
  }
  for (const PlannedAct& issue : plan.issues) remainders[issue.issuance].Add(issue.range.start, issue.range.end);
  for (size_t i = 0; i < plan.acts.size(); ++i) {
    if (taken[i]) remainders[plan.acts[i].issuance].Take(plan.acts[i].range.start, plan.acts[i].range.end);
  }
  return remainders;
}

std::vector<size_t> ShuffledOrder(size_t count, uint64_t seed) {
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  Random random(seed);
  for (size_t left = count; left > 1; --left) std::swap(order[left - 1], order[random.Below(left)]);
  return order;
}

}  // namespace songhua::simulations
