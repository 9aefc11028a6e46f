#include "simulations/offset_plan.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace songhua::simulations {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

struct List {
  explicit List(std::string_view text, std::string_view file = "retirements.csv")
      : read(ReadOffsetRecords(*ParseCsv(text, file), &comparison)) {}
  // "retired issuance|start|end quantity vintage", one after the other.
  std::string Text() const {
    if (!read.ok()) return "! " + std::string(read.status().message());
    std::string text;
    for (const OffsetRecord& record : *read) {
      text += (text.empty() ? "" : "; ") + std::string(OffsetActName(record.act));
      for (const SerialRange& range : record.ranges) {
        text += " " + range.issuance + "|" + std::to_string(range.start) + "|" + std::to_string(range.end);
      }
      text += " " + std::to_string(record.quantity.value_or(-1)) + " " + std::to_string(record.vintage);
    }
    return text;
  }
  Comparison comparison;
  absl::StatusOr<std::vector<OffsetRecord>> read;
};

// ---- Records ----

TEST(OffsetRecordsTest, TheListsOfAcrAndCar) {
  EXPECT_EQ(
      List("credit_serial_numbers,vintage,quantity_of_credits,account_holder,status_effective_gmt,cancellation_type,project_id\n"
           "ACR-US-1185-2025-3078-1 to 85847,2025,85847,A-Gas US Inc.,1/22/2026 7:12:08 PM,Convert to Ecology offset credits,ACR1185\n",
           "x.csv")
          .Text(),
      "cancelled ACR-US-1185-2025-3078|1|85847 85847 2025");
  EXPECT_EQ(List("vintage,credit_serial_numbers,quantity_of_credits,status_effective_gmt,project_id,retirement_reason\n"
                 "2025,ACR-FR-1129-2025-2917-30932 to 35143,4212,4/13/2026 7:17:56 PM,ACR1129,\n",
                 "x.csv")
                .Text(),
            "retired ACR-FR-1129-2025-2917|30932|35143 4212 2025");
  // Nothing but its name says what this one lists.
  constexpr char kCar[] =
      "vintage,offset_credit_serial_numbers,quantity_of_offset_credits,status_effective,project_id\n"
      "2025,CAR-ROC-US-2056-129-2283-WV-2025-8969-1 to 260294,260294,08/20/2025,CAR2056\n";
  EXPECT_EQ(List(kCar, "data/car_cancellations.csv").Text(), "cancelled CAR-ROC-US-2056-129-2283-WV-2025-8969|1|260294 260294 2025");
  EXPECT_EQ(List(kCar, "data/car_issuances.csv").Text(), "issued CAR-ROC-US-2056-129-2283-WV-2025-8969|1|260294 260294 2025");
  EXPECT_THAT(List(kCar, "cancellations/car.csv").Text(), HasSubstr("cannot tell whether its rows are issuances"));
}

TEST(OffsetRecordsTest, TheListOfVerra) {
  const List list(
      "Issuance Date,Vintage Start,Vintage End,ID,Name,Total Vintage Quantity,Quantity Issued,Serial Number,Retirement/Cancellation Date,"
      "Retirement Reason\n"
      "02/03/2020,01/01/2019,31/12/2019,1488,Wind,5000,100,9344-79214525-79214624-VCS-VCU-1488-VER-CN-1-1743-01012019-31122019-0,05/06/"
      "2021,x\n"
      "02/03/2020,01/01/2019,31/12/2019,1488,Wind,5000,100,9344-79214625-79214724-VCS-VCU-1488-VER-CN-1-1743-01012019-31122019-0,,\n");
  EXPECT_EQ(list.Text(),
            "retired 9344-VCS-VCU-1488-VER-CN-1-1743-01012019-31122019-0|79214525|79214624 100 2019; "
            "issued 9344-VCS-VCU-1488-VER-CN-1-1743-01012019-31122019-0|79214625|79214724 100 2019");
}

TEST(OffsetRecordsTest, TheListOfGoldStandard) {
  const List list(
      "GSID,Project Name,Vintage,Quantity,Serial Number,Status,Issuance date,Retirement date\n"
      "447,Wind,2013,1550,GS1-1-IN-GS447-12-2013-4113-8155-9704,Retired,2014-02-03,2015-02-03\n"
      "447,Wind,2013,10,GS1-1-IN-GS447-12-2013-4113-9705-9714,Issued,2014-02-03,\n"
      "447,Wind,2013,10,GS1-1-IN-GS447-12-2013-4113-9715-9724,Pending,2014-02-03,\n",
      "x.csv");
  EXPECT_EQ(list.Text(), "retired GS1-1-IN-GS447-12-2013-4113|8155|9704 1550 2013; issued GS1-1-IN-GS447-12-2013-4113|9705|9714 10 2013");
  EXPECT_THAT(list.comparison.differences(), ElementsAre(HasSubstr("x.csv:4: Status: published \"Pending\"")));
}

TEST(OffsetRecordsTest, FirstAndLastSerialMayStandInColumnsOfTheirOwn) {
  EXPECT_EQ(List("First Serial Number,Last Serial Number,Volume,Vintage Year\nABC-1-00001,ABC-1-00500,500,2020\n").Text(),
            "retired ABC-1|1|500 500 2020");
}

TEST(OffsetRecordsTest, DirtyRowsAreReportedAndTheOthersRead) {
  const List list(
      "serial numbers,quantity,vintage\n"
      "ACR-1-2020-5-1 to 10,ten,2020\n"
      "ACR-1-2020-5-20 to 11,10,2020\n"
      "ACR-1-2020-5-31 to 40,10,last year\n"
      "ACR-1-2020-5-41 to 50\n"
      "ACR-1-2020-5-51 to 60,10,2020\n");
  EXPECT_EQ(list.Text(), "retired ACR-1-2020-5|1|10 -1 2020; retired ACR-1-2020-5|31|40 10 0; retired ACR-1-2020-5|51|60 10 2020");
  EXPECT_THAT(list.comparison.differences(),
              ElementsAre(HasSubstr("retirements.csv:2: quantity: published \"ten\""), HasSubstr("runs backwards"),
                          HasSubstr("retirements.csv:4: vintage: published \"last year\""), HasSubstr("retirements.csv:5: row")));
}

TEST(OffsetRecordsTest, AFileWithoutTheColumnsIsRefusedWithBothLists) {
  EXPECT_THAT(List("serial,colour\nx,y\n").Text(),
              testing::AllOf(HasSubstr("quantity of credits"), HasSubstr("vintage"), HasSubstr("it has: serial, colour")));
}

// ---- Numbers ----

TEST(NumberSetTest, IntervalsJoinAndSplit) {
  NumberSet set;
  EXPECT_TRUE(set.Add(1, 10));
  EXPECT_TRUE(set.Add(21, 30));
  EXPECT_FALSE(set.Add(10, 11));
  EXPECT_FALSE(set.Add(5, 40));
  EXPECT_FALSE(set.Add(0, 1));
  EXPECT_TRUE(set.Add(11, 20));
  EXPECT_THAT(set.intervals(), ElementsAre(Pair(1, 30)));
  EXPECT_TRUE(set.Take(5, 9));
  EXPECT_FALSE(set.Take(9, 10));
  EXPECT_FALSE(set.Take(30, 31));
  EXPECT_FALSE(set.Take(100, 101));
  EXPECT_TRUE(set.Take(1, 4));
  EXPECT_TRUE(set.Take(30, 30));
  EXPECT_EQ(set.ToString(), "10-29");
  EXPECT_TRUE(set.Take(10, 29));
  EXPECT_EQ(set.ToString(), "none");
}

// ---- Plans ----

TEST(OffsetPlanTest, AnIssuanceIsImpliedFromOneToTheHighestNumber) {
  List list("serial numbers,quantity,vintage\nACR-US-1-2020-5-11 to 20,10,2020\nACR-US-1-2020-5-31 to 40,10,2020\n");
  const OffsetPlan plan = MakeOffsetPlan(*list.read);
  ASSERT_EQ(plan.issuances.size(), 1u);
  EXPECT_EQ(plan.issuances[0].registry, "acr");
  EXPECT_EQ(plan.issuances[0].vintage, 2020);
  EXPECT_EQ(plan.issuances[0].first, 1);
  EXPECT_EQ(plan.issuances[0].last, 40);
  EXPECT_EQ(ExpectedRemainders(plan, {true, true})[0].ToString(), "1-10 21-30");
  EXPECT_EQ(ExpectedRemainders(plan, {true, false})[0].ToString(), "1-10 21-40");
}

TEST(OffsetPlanTest, WhereTheRegistryCountsThroughItIsTheLowestToTheHighest) {
  List list("serial numbers,quantity,vintage\n9-1001-1100-VCS-VCU-1,100,2020\n9-1201-1300-VCS-VCU-1,100,2020\n");
  const OffsetPlan plan = MakeOffsetPlan(*list.read);
  EXPECT_EQ(plan.issuances[0].first, 1001);
  EXPECT_EQ(plan.issuances[0].last, 1300);
}

TEST(OffsetPlanTest, IssuancesThatAreListedAreNotImplied) {
  List list(
      "serial numbers,quantity,vintage,status\nACR-US-1-2020-5-11 to 20,10,2020,Issued\nACR-US-1-2020-5-11 to 15,5,2020,Retired\n"
      "ACR-US-2-2020-6-3 to 4,2,2020,Retired\n");
  const OffsetPlan plan = MakeOffsetPlan(*list.read);
  ASSERT_EQ(plan.issuances.size(), 2u);
  EXPECT_FALSE(plan.issuances[0].implied);
  EXPECT_TRUE(plan.issuances[1].implied);
  ASSERT_EQ(plan.issues.size(), 1u);
  EXPECT_EQ(ExpectedRemainders(plan, {true, true})[0].ToString(), "16-20");
  EXPECT_EQ(ExpectedRemainders(plan, {true, true})[1].ToString(), "1-2");
}

TEST(OffsetPlanTest, TheVintageIsTheOneInTheSerialNumber) {
  List list("serial numbers,quantity,vintage,project id\nACR-US-1-2020-5-1 to 9,10,2021,ACR2\nXYZ-2020-5-1 to 9,9,2021,1\nXYZ-7-1,1,?,1\n");
  const OffsetPlan plan = MakeOffsetPlan(*list.read);
  EXPECT_EQ(plan.issuances[0].vintage, 2020);
  EXPECT_EQ(plan.issuances[1].vintage, 2021);
  EXPECT_THAT(plan.years_of_registry, ElementsAre(Pair("acr", std::set<int32_t>{2020}), Pair("xyz", std::set<int32_t>{2000, 2021})));
  CompareRows(*list.read, &list.comparison);
  EXPECT_THAT(list.comparison.differences(),
              ElementsAre("retirements.csv:4: vintage: published \"?\", ours none: not a year",
                          "retirements.csv:2: quantity of ACR-US-1-2020-5-1 to 9: published 10, ours 9",
                          "retirements.csv:2: vintage of ACR-US-1-2020-5-1 to 9: published 2021, ours 2020",
                          "retirements.csv:2: project id of ACR-US-1-2020-5-1 to 9: published ACR2, ours ACR1"));
}

TEST(OffsetPlanTest, TheSeedDecidesTheOrder) {
  const std::vector<size_t> order = ShuffledOrder(100, 7);
  EXPECT_EQ(order, ShuffledOrder(100, 7));
  EXPECT_NE(order, ShuffledOrder(100, 8));
  std::vector<size_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 0; i < sorted.size(); ++i) EXPECT_EQ(sorted[i], i);
  EXPECT_TRUE(ShuffledOrder(0, 1).empty());
  EXPECT_EQ(ShuffledOrder(1, 1).size(), 1u);
}

}  // namespace
}  // namespace songhua::simulations
