// Reduction tasks (减排任务): by how much a site had to reduce what it emits of a pollutant in a year, and by how much the competent authority found that it
// did. A site that failed a task pledges no rights (PLG-12).
//
// Each assessment is a row of its own. One of the same site, pollutant and year that comes later is a correction: it says why, takes the place of the earlier
// one, and leaves it where it is (GEN-08). What counts is, of each pollutant, the latest year that was assessed: a task that was failed excludes the site until
// it is corrected or the task of a later year is met.
//
// One thread (the state machine).
#ifndef SONGHUA_PERMITS_REDUCTION_TASKS_H_
#define SONGHUA_PERMITS_REDUCTION_TASKS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "permits/case_file.h"
#include "songhua/v1/permits.pb.h"

namespace songhua::permits {

struct ReductionTaskRow {
  static constexpr RowTable kTable = RowTable::kReductionTasks;
  std::string site;
  uint64_t number = 0;  // of all assessments
  Region region;        // of the site
  std::string pollutant;
  int32_t year = 0;
  Quantity required;  // grams by which it had to reduce
  Quantity achieved;
  std::string decision;
  Date decided;
  std::string correction_reason;
  uint64_t supersedes = 0;     // the assessment that this one corrects; 0: none
  uint64_t superseded_by = 0;  // 0: this one is in force
  std::string recorded_by;
  Date date;

  // Each site's lie side by side, as readers list them.
  std::tuple<std::string, uint64_t> Key() const { return {site, number}; }
  // "reductionTasks/{site}.{number}".
  std::string Name() const;
  v1::ReductionTask::Result Result() const { return achieved < required ? v1::ReductionTask::FAILED : v1::ReductionTask::MET; }
  bool Failed() const { return Result() == v1::ReductionTask::FAILED; }
  template <class Archive>
  void Fields(Archive& a) {
    a(site, number, region, pollutant, year, required, achieved, decision, decided, correction_reason, supersedes, superseded_by, recorded_by, date);
  }
};
v1::ReductionTask ToProto(const ReductionTaskRow& row);
// Site and number of "reductionTasks/{site}.{number}". INVALID_ARGUMENT.
absl::StatusOr<std::tuple<std::string, uint64_t>> ParseReductionTaskName(std::string_view field, const std::string& name);

class ReductionTasks {
 public:
  static constexpr size_t kDecisionBytesMax = 100;
  static constexpr size_t kReasonBytesMax = 1'000;
  static constexpr int kAssessmentsMax = 100;                      // of one year and pollutant of a site
  static constexpr int64_t kQuantityMax = 1'000'000'000'000'000;  // 10^9 tonnes, in grams

  struct Parts {
    ledger::Counters* counters;
    const ledger::Participants* participants;
    CaseFile* file;
  };
  ReductionTasks(TableSet* tables, const Parts& parts);
  ~ReductionTasks();

  // Checks, in this order: form; something was required, and something was achieved or it is said that nothing was; the year is over; the decision was made
  // after its end and is not of the future; the site exists. The first assessment of the year and pollutant gives no reason of a correction. Of a later one the
  // decision did not assess the same before (ALREADY_EXISTS), there are not too many (TOO_MANY_CORRECTIONS), it says why (ALREADY_ASSESSED), and it was decided
  // no earlier than what it corrects.
  absl::StatusOr<v1::ReductionTaskAnswer> RecordReductionTask(CommandContext& context, const v1::RecordReductionTaskRequest& request);

  // The assessment in force. Null: there is none.
  const ReductionTaskRow* Find(const std::string& site, const std::string& pollutant, int32_t year) const;
  // Whether the assessment excludes its site from pledging (PLG-12): it is in force, of the latest year assessed of its pollutant, and the task was failed.
  bool Excludes(const ReductionTaskRow& row) const;
  // One that excludes the site, the latest year first. Null: none does.
  const ReductionTaskRow* Excluding(const std::string& site) const;
  // Those in force that were decided from a day on or exclude the site, by their numbers.
  std::vector<const ReductionTaskRow*> OfSite(const std::string& site, Date since) const;

 private:
  absl::StatusOr<ReductionTaskRow> Parse(const CommandContext& context, const v1::RecordReductionTaskRequest& request) const;
  absl::Status CheckPlace(const ReductionTaskRow& row, const ReductionTaskRow* before) const;
  void Keep(CommandContext& context, const ReductionTaskRow& row, const ReductionTaskRow* before, const std::string& participant) const;

  const Parts parts_;
  Table<ReductionTaskRow> rows_;
  // In force, by site, pollutant and year.
  std::map<std::tuple<std::string, std::string, int32_t>, const ReductionTaskRow*> in_force_;
};

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_REDUCTION_TASKS_H_
