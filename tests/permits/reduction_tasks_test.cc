#include <string>
#include <tuple>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "permits/reduction_tasks.h"
#include "tests/permits/permit_world.h"

namespace songhua::permits {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ReductionTasksTest : public PermitWorld {
 protected:
  void SetUp() override {
    PermitWorld::SetUp();
    SetDay(2026, 3, 2);
  }

  // Of the site, 2025 and SO2: 1000 g were required and achieved, unless `more` says otherwise.
  absl::StatusOr<v1::ReductionTaskAnswer> Assess(const std::string& more) {
    return As("enforcer", [&](CommandContext& c) {
      return reduction_tasks_.RecordReductionTask(
          c, Text<v1::RecordReductionTaskRequest>("site: 'sites/" + std::string(kSite) +
                                                  "' pollutant: 'SO2' year: 2025 required_quantity: 1000 achieved_quantity: 1000 decision: 'Task 1' "
                                                  "decision_date: '2026-02-10' " + more));
    });
  }
  // By which assessment the site is excluded, "1 of SO2 for 2025"; or "none".
  std::string Excluding(const ReductionTasks& tasks) const {
    const ReductionTaskRow* row = tasks.Excluding(kSite);
    return row == nullptr ? "none" : std::to_string(row->number) + " of " + row->pollutant + " for " + std::to_string(row->year);
  }
  std::string Excluding() const { return Excluding(reduction_tasks_); }
  std::vector<uint64_t> Told(Date since) const {
    std::vector<uint64_t> numbers;
    for (const ReductionTaskRow* row : reduction_tasks_.OfSite(kSite, since)) numbers.push_back(row->number);
    return numbers;
  }
};

TEST_F(ReductionTasksTest, AsMuchAsWasRequiredIsMetAGramLessIsFailed_PLG12) {
  auto answer = Assess("");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->reduction_task().result(), v1::ReductionTask::MET);
  EXPECT_EQ(answer->reduction_task().name(), "reductionTasks/91130200699229617X001.1");
  EXPECT_EQ(Excluding(), "none");
  answer = Assess("pollutant: 'NOX' achieved_quantity: 999");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->reduction_task().result(), v1::ReductionTask::FAILED);
  EXPECT_EQ(Excluding(), "2 of NOX for 2025");
  EXPECT_THAT(Steps("reductionTasks/91130200699229617X001.2"), ElementsAre("assess_reduction_task:  -> FAILED"));
  EXPECT_THAT(Published("reductionTasks/91130200699229617X001.2"), ElementsAre("reduction_task on 2026-03-02"));
  EXPECT_THAT(Noticed("reductionTasks/91130200699229617X001.2"), ElementsAre("REDUCTION_TASK_ASSESSED to 91130200699229617X"));
}

TEST_F(ReductionTasksTest, WhatAnAssessmentMustSay) {
  EXPECT_EQ(Outcome(Assess("site: 'x'")), "INVALID_FIELD - site");
  EXPECT_EQ(Outcome(Assess("site: 'sites/91130200699229617X009'")), "NOT_FOUND - site");
  EXPECT_EQ(Outcome(Assess("pollutant: 'so2'")), "INVALID_FIELD - pollutant");
  EXPECT_EQ(Outcome(Assess("decision: ''")), "INVALID_FIELD - decision");
  EXPECT_EQ(Outcome(Assess("decision_date: ''")), "INVALID_FIELD - decision_date");
  EXPECT_EQ(Outcome(Assess("required_quantity: 0")), "INVALID_FIELD PLG-12 required_quantity");
  EXPECT_EQ(Outcome(Assess("required_quantity: -1")), "INVALID_FIELD PLG-12 required_quantity");
  EXPECT_EQ(Outcome(Assess("required_quantity: 1000000000000001")), "INVALID_FIELD PLG-12 required_quantity");
  EXPECT_EQ(Outcome(Assess("achieved_quantity: 0")), "INVALID_FIELD PLG-12 achieved_quantity");
  EXPECT_EQ(Outcome(Assess("achieved_quantity: -1")), "INVALID_FIELD PLG-12 achieved_quantity");
  EXPECT_EQ(Outcome(Assess("nothing_achieved: true")), "INVALID_FIELD PLG-12 achieved_quantity");
  EXPECT_EQ(Outcome(Assess("correction_reason: 'measured anew'")), "INVALID_FIELD GEN-08 correction_reason");
  ASSERT_EQ(Outcome(Assess("nothing_achieved: true achieved_quantity: 0")), "OK");
  EXPECT_EQ(Excluding(), "1 of SO2 for 2025");
}

TEST_F(ReductionTasksTest, OnlyAYearThatIsOverIsAssessedAndNotBeforeItsEnd) {
  EXPECT_EQ(Outcome(Assess("year: 2026")), "INVALID_FIELD PLG-12 year");
  EXPECT_EQ(Outcome(Assess("year: 1969")), "INVALID_FIELD PLG-12 year");
  EXPECT_EQ(Outcome(Assess("decision_date: '2025-12-31'")), "INVALID_FIELD PLG-12 decision_date");
  EXPECT_EQ(Outcome(Assess("decision_date: '2026-03-03'")), "INVALID_FIELD PLG-12 decision_date");
  EXPECT_EQ(Outcome(Assess("decision_date: '2026-01-01'")), "OK");
  EXPECT_EQ(Outcome(Assess("pollutant: 'NOX' decision_date: '2026-03-02'")), "OK");
  SetDay(2027, 1, 1);
  EXPECT_EQ(Outcome(Assess("year: 2026 decision_date: '2027-01-01'")), "OK");
}

TEST_F(ReductionTasksTest, ACorrectionSaysWhyAndTakesThePlaceOfWhatItCorrects_GEN08) {
  ASSERT_EQ(Outcome(Assess("achieved_quantity: 900")), "OK");
  const std::string reason = "correction_reason: 'the second stack was not counted' ";
  EXPECT_EQ(Outcome(Assess(reason)), "ALREADY_EXISTS GEN-08 decision");
  EXPECT_EQ(Outcome(Assess("decision: 'Task 2'")), "ALREADY_ASSESSED GEN-08 correction_reason");
  EXPECT_EQ(Outcome(Assess(reason + "decision: 'Task 2' decision_date: '2026-02-09'")), "INVALID_FIELD GEN-08 decision_date");
  const auto corrected = Assess(reason + "decision: 'Task 2'");
  ASSERT_EQ(Outcome(corrected), "OK");
  EXPECT_EQ(corrected->reduction_task().supersedes(), "reductionTasks/91130200699229617X001.1");
  EXPECT_EQ(Excluding(), "none");
  EXPECT_THAT(Told(kFirstDate), ElementsAre(2));
  EXPECT_THAT(Steps("reductionTasks/91130200699229617X001.1"), ElementsAre("assess_reduction_task:  -> FAILED", "correct_reduction_task: FAILED -> MET"));
  EXPECT_EQ(Outcome(Assess(reason)), "ALREADY_EXISTS GEN-08 decision") << "one decision does not say two things";
  ASSERT_EQ(Outcome(Assess(reason + "decision: 'Task 3' achieved_quantity: 950")), "OK");
  EXPECT_EQ(Excluding(), "3 of SO2 for 2025");
  EXPECT_EQ(Outcome(Assess("pollutant: 'NOX'")), "OK") << "a decision assesses several pollutants";
}

TEST_F(ReductionTasksTest, ATaskIsNotAssessedForEver) {
  ASSERT_EQ(Outcome(Assess("")), "OK");
  const auto correct = [&](int i) { return Outcome(Assess("correction_reason: 'r' decision: 'Task " + std::to_string(i) + "'")); };
  for (int i = 2; i <= ReductionTasks::kAssessmentsMax; ++i) ASSERT_EQ(correct(i), "OK");
  EXPECT_EQ(correct(ReductionTasks::kAssessmentsMax + 1), "TOO_MANY_CORRECTIONS GEN-08 year");
}

TEST_F(ReductionTasksTest, TheLatestYearOfEachPollutantCounts_PLG12) {
  ASSERT_EQ(Outcome(Assess("achieved_quantity: 900")), "OK");
  ASSERT_EQ(Outcome(Assess("year: 2024")), "OK");
  EXPECT_EQ(Excluding(), "1 of SO2 for 2025") << "an earlier year ends nothing";
  SetDay(2027, 2, 1);
  const std::string of_2026 = "year: 2026 decision_date: '2027-01-20' ";
  ASSERT_EQ(Outcome(Assess(of_2026 + "pollutant: 'NOX'")), "OK");
  EXPECT_EQ(Excluding(), "1 of SO2 for 2025") << "nor another pollutant";
  ASSERT_EQ(Outcome(Assess(of_2026)), "OK");
  EXPECT_EQ(Excluding(), "none");
  ASSERT_EQ(Outcome(Assess("correction_reason: 'less still' decision: 'Task 2' achieved_quantity: 100")), "OK");
  EXPECT_EQ(Excluding(), "none") << "a correction of an earlier year begins nothing";
  EXPECT_EQ(reduction_tasks_.Excluding(kSecondSite), nullptr);
}

TEST_F(ReductionTasksTest, WhatExcludesIsToldHoweverLongAgoItWasDecided) {
  ASSERT_EQ(Outcome(Assess("achieved_quantity: 900")), "OK");
  ASSERT_EQ(Outcome(Assess("pollutant: 'NOX'")), "OK");
  EXPECT_THAT(Told(MakeDate(2026, 2, 10)), ElementsAre(1, 2));
  EXPECT_THAT(Told(MakeDate(2026, 2, 11)), ElementsAre(1));
  SetDay(2027, 2, 1);
  ASSERT_EQ(Outcome(Assess("year: 2026 decision_date: '2027-01-20'")), "OK");
  EXPECT_THAT(Told(MakeDate(2026, 2, 11)), ElementsAre(3));
  EXPECT_THAT(Told(MakeDate(2027, 2, 1)), IsEmpty());
}

TEST_F(ReductionTasksTest, EverythingComesBackFromRowsAlone) {
  ASSERT_EQ(Outcome(Assess("achieved_quantity: 900")), "OK");
  ASSERT_EQ(Outcome(Assess("correction_reason: 'r' decision: 'Task 2'")), "OK");
  ASSERT_EQ(Outcome(Assess("correction_reason: 'r' decision: 'Task 3' achieved_quantity: 999")), "OK");
  stored_.Fold(&tables_);
  TableSet tables;
  ledger::Counters counters(&tables);
  ledger::Participants participants(&tables, &counters);
  ledger::Calendars calendars(&tables);
  Regimes regimes(&tables);
  CaseFile file(&tables, &counters);
  ReductionTasks tasks(&tables, {&counters, &participants, &file});
  stored_.LoadInto(&tables);
  EXPECT_EQ(Excluding(tasks), "3 of SO2 for 2025");
  ASSERT_NE(tasks.Find(kSite, "SO2", 2025), nullptr);
  EXPECT_EQ(tasks.Find(kSite, "SO2", 2025)->supersedes, 2u);
}

TEST(ReductionTaskNames, AreOfASiteAndANumber) {
  const auto key = ParseReductionTaskName("name", "reductionTasks/91130200699229617X001.7");
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(*key, std::tuple(std::string("91130200699229617X001"), uint64_t{7}));
  EXPECT_FALSE(ParseReductionTaskName("name", "reductionTasks/91130200699229617X001").ok());
  EXPECT_FALSE(ParseReductionTaskName("name", "penalties/91130200699229617X001.7").ok());
}

}  // namespace
}  // namespace songhua::permits
