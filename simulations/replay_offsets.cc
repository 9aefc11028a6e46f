#include "simulations/replay_offsets.h"

#include <algorithm>
#include <map>
#include <set>

#include "ledger/refusal.h"
#include "simulations/offset_run.h"

namespace songhua::simulations {
namespace {

// The acts of the second run: those accepted in the first, shuffled; then those refused there, so that two ranges that overlap are refused
// alike.
std::vector<size_t> SecondOrder(const std::vector<ActOutcome>& first, uint64_t seed) {
  std::vector<size_t> order, refused;
  for (size_t act : ShuffledOrder(first.size(), seed)) (first[act].accepted ? order : refused).push_back(act);
  std::sort(refused.begin(), refused.end());
  order.insert(order.end(), refused.begin(), refused.end());
  return order;
}

std::string Ours(OffsetAct act, const ActOutcome& outcome) {
  return outcome.accepted ? std::string(OffsetActName(act)) : "refused (" + outcome.refusal + ")";
}

// Compares the acts of the first run with the rows that say they happened.
void CompareActs(const std::vector<PlannedAct>& planned, const std::vector<ActOutcome>& outcomes, const std::vector<OffsetRecord>& records,
                 const std::string& kind, Comparison* comparison) {
  for (size_t i = 0; i < planned.size(); ++i) {
    const std::string& place = records[planned[i].record].place;
    const std::string serials = FormatSerialRange(planned[i].range);
    comparison->Compare(kind, place, serials, std::string(OffsetActName(planned[i].act)), Ours(planned[i].act, outcomes[i]));
    if (!outcomes[i].accepted) continue;
    comparison->Compare("second attempts", place, serials + " once more", "refused", outcomes[i].second_refused ? "refused" : "accepted");
  }
}

// Compares what became of each act, and of the second attempt, in both runs.
void CompareOutcomes(const OffsetPlan& plan, const OffsetRun& first, const OffsetRun& second, Comparison* comparison) {
  const auto text = [](const ActOutcome& outcome) {
    return std::string(outcome.accepted ? "accepted" : "refused") +
           (outcome.second_refused || !outcome.accepted ? "" : ", and accepted again");
  };
  for (size_t i = 0; i < plan.acts.size(); ++i) {
    comparison->CompareRuns("acts in both orders", FormatSerialRange(plan.acts[i].range), text(first.acts()[i]), text(second.acts()[i]));
  }
}

void CompareLedgers(const OffsetPlan& plan, const OffsetRun& first, const OffsetRun& second, Comparison* comparison) {
  std::vector<bool> taken;
  for (const ActOutcome& outcome : first.acts()) taken.push_back(outcome.accepted);
  const std::vector<NumberSet> expected = ExpectedRemainders(plan, taken);
  for (size_t i = 0; i < plan.issuances.size(); ++i) {
    const std::string figure = "what is left of " + plan.issuances[i].reference;
    if (!first.issuance_refusals()[i].empty()) {
      comparison->Failed(plan.issuances[i].place, plan.issuances[i].reference, "issuing was refused: " + first.issuance_refusals()[i]);
      continue;
    }
    comparison->Compare("remainders", plan.issuances[i].place, figure, expected[i].ToString(), first.remainders()[i].ToString());
    comparison->CompareRuns("remainders in both orders", figure, first.remainders()[i].ToString(), second.remainders()[i].ToString());
  }
  std::set<std::string> instruments;
  for (const OffsetRun* run : {&first, &second}) {
    for (const auto& [code, text] : run->totals()) instruments.insert(code);
  }
  for (const OffsetRun* run : {&first, &second}) {
    for (const std::string& fault : run->ledger_faults()) comparison->Failed("ledger", "reconciliation", fault);
  }
  const auto total = [](const OffsetRun& run, const std::string& code) {
    const auto found = run.totals().find(code);
    return found == run.totals().end() ? std::string("none") : found->second;
  };
  for (const std::string& code : instruments)
    comparison->CompareRuns("instruments in both orders", code, total(first, code), total(second, code));
}

// "SERIALS_NOT_HELD 280, INSUFFICIENT_UNITS 20"
std::string Reasons(const OffsetRun& run) {
  std::map<std::string, int64_t> counts;
  for (const std::vector<ActOutcome>* outcomes : {&run.acts(), &run.issues()}) {
    for (const ActOutcome& outcome : *outcomes) {
      if (outcome.second_refused) ++counts[outcome.second_reason];
    }
  }
  std::string text;
  for (const auto& [reason, count] : counts) text += (text.empty() ? "" : ", ") + reason + " " + std::to_string(count);
  return text.empty() ? "none" : text;
}

void PrintSummary(const OffsetsReplayOptions& options, const std::vector<OffsetRecord>& records, const OffsetPlan& plan,
                  const OffsetRun& first, const OffsetRun& second, const Comparison& comparison, std::ostream& out) {
  std::map<OffsetAct, std::pair<int64_t, int64_t>> acts;  // rows and units
  for (const OffsetRecord& record : records) {
    ++acts[record.act].first;
    acts[record.act].second += record.size();
  }
  out << "Offset replay: " << records.size() << " rows of " << options.paths.size() << " files, " << plan.issuances.size()
      << " issuances of";
  for (const auto& [registry, years] : plan.years_of_registry) out << " " << registry;
  out << "\n";
  for (const auto& [act, count] : acts) {
    out << "  " << OffsetActName(act) << "  " << count.first << " rows, " << count.second << " t\n";
  }
  const int64_t implied = std::count_if(plan.issuances.begin(), plan.issuances.end(), [](const PlannedIssuance& i) { return i.implied; });
  out << "  issued     " << implied
      << " issuances are implied: each from 1 to the highest serial seen, or from the lowest where the registry counts\n"
      << "             through all of its issuances\n"
      << "  calls      " << first.calls() << " through the gRPC API in file order (" << first.milliseconds() << " ms), " << second.calls()
      << " on a fresh store shuffled with seed " << options.seed << " (" << second.milliseconds() << " ms)\n"
      << "  twice      second attempts were refused: " << Reasons(first) << "\n"
      << "  compared   " << comparison.Kinds() << "\n";
  for (const auto& [code, totals] : first.totals()) out << "  " << code << ": " << totals << "\n";
}

}  // namespace

absl::StatusOr<Comparison> ReplayOffsets(const OffsetsReplayOptions& options, std::ostream& out) {
  Comparison comparison;
  std::vector<OffsetRecord> records;
  for (const std::string& path : options.paths) {
    SONGHUA_ASSIGN_OR_RETURN(const CsvTable table, ReadCsvFile(path));
    SONGHUA_ASSIGN_OR_RETURN(std::vector<OffsetRecord> list, ReadOffsetRecords(table, &comparison));
    records.insert(records.end(), std::make_move_iterator(list.begin()), std::make_move_iterator(list.end()));
  }
  const OffsetPlan plan = MakeOffsetPlan(records);
  CompareRows(records, &comparison);

  OffsetRun first(plan, records);
  SONGHUA_RETURN_IF_ERROR(first.Prepare());
  SONGHUA_RETURN_IF_ERROR(first.Run([&] {
    std::vector<size_t> order(plan.acts.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    return order;
  }()));
  CompareActs(plan.issues, first.issues(), records, "issuances", &comparison);
  CompareActs(plan.acts, first.acts(), records, "retirements and cancellations", &comparison);

  OffsetRun second(plan, records);
  SONGHUA_RETURN_IF_ERROR(second.Prepare());
  SONGHUA_RETURN_IF_ERROR(second.Run(SecondOrder(first.acts(), options.seed)));
  CompareLedgers(plan, first, second, &comparison);
  CompareOutcomes(plan, first, second, &comparison);
  PrintSummary(options, records, plan, first, second, comparison, out);
  comparison.Print(out);
  return comparison;
}

}  // namespace songhua::simulations
