#include "simulations/uk_ets_plan.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/identifiers.h"
#include "simulations/uk_ets_records.h"

namespace songhua::simulations {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr char kCompliance[] =
    "operator_id,permit_id,account_holder,first_year,last_year,emissions_2021,emissions_2022,emissions_2023,cumulative_emissions,"
    "cumulative_surrenders,status_2021,status_2022,status_2023\n";
constexpr char kAllocation[] = "permit_id,installation_id,standard_2021,ner_2021,total_2021,standard_2022,ner_2022,total_2022\n";

struct Tables {
  explicit Tables(const std::string& compliance_rows, const std::string& allocation_rows = "")
      : report(*ReadComplianceReport(*ParseCsv(kCompliance + compliance_rows, "c.csv"), &comparison)),
        allocation(*ReadAllocationTable(*ParseCsv(kAllocation + allocation_rows, "a.csv"), &comparison)),
        plan(MakeUkEtsPlan(report, allocation)) {}
  Comparison comparison;
  ComplianceReport report;
  AllocationTable allocation;
  UkEtsPlan plan;
};

// ---- Records ----

TEST(UkEtsRecordsTest, TheWorkbooksOwnHeadingsAreKnown) {
  Comparison comparison;
  const auto table = ParseCsv(
      "Regulator,Account Holder Name,Account type,Account status,Installation ID or Aircraft operator ID,Permit ID or Monitoring plan ID,"
      "Installation name,First Year of Operation,Last Year of Operation,Recorded emissions 2021,Recorded emissions 2022,Recorded emissions "
      "2023,"
      "Cumulative emissions,Cumulative surrenders,Static surrender status 2021,Static surrender status 2022,Static surrender status 2023\n"
      "EA,Some Works Ltd,OPERATOR_HOLDING_ACCOUNT,OPEN,1000000,UK-E-IN-1,Works,2021,,\"22,319\",EXCLUDED,,22319,22319,A,a,\n",
      "c.csv");
  const auto report = ReadComplianceReport(*table, &comparison);
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->accounts.size(), 1u);
  const ComplianceAccount& account = report->accounts[0];
  EXPECT_EQ(account.operator_id, "1000000");
  EXPECT_EQ(account.permit_id, "UK-E-IN-1");
  EXPECT_EQ(account.holder, "Some Works Ltd");
  EXPECT_EQ(account.first_year, 2021);
  EXPECT_EQ(account.last_year, 0);
  EXPECT_EQ(account.emissions.at(2021).tonnes, 22319);
  EXPECT_EQ(account.emissions.at(2022).entry, EmissionEntry::kExcluded);
  EXPECT_THAT(account.statuses, ElementsAre(Pair(2021, "A"), Pair(2022, "A")));
  // 2023 is to come: nobody has a figure or a status for it.
  EXPECT_THAT(report->years, ElementsAre(2021, 2022));
  EXPECT_TRUE(comparison.all_match());
}

TEST(UkEtsRecordsTest, DirtyCellsAreReportedOnceAndTheRestIsRead) {
  const Tables tables(
      "1,P1,H,2021,,10,x,5,15,15,A,A,A\n"
      "2,P2,H,2021,,10,-1,5,15,15,A,A,A\n"
      "3,P3,H,soon,,10,1,5,16,lots,A,A,A\n"
      "4,P4,H\n"
      "5,P5,H,2021,,1,1,1,3,3,A,A,A\n"
      "5,P5,H,2021,,1,1,1,3,3,A,A,A\n"
      ",,H,2021,,1,1,1,3,3,A,A,A\n",
      "P1,1,1.5,0,1,1,0,1\n");
  EXPECT_THAT(
      tables.comparison.differences(),
      ElementsAre(HasSubstr("c.csv:2: emissions_2022: published \"x\""), HasSubstr("c.csv:3: emissions_2022: published \"-1\""),
                  HasSubstr("c.csv:4: first_year: published \"soon\""), HasSubstr("c.csv:4: cumulative_surrenders: published \"lots\""),
                  HasSubstr("c.csv:5: row"), HasSubstr("c.csv:7: P5: the row repeats c.csv:6"),
                  HasSubstr("c.csv:8: permit id and operator id"), HasSubstr("a.csv:2: standard_2021: published \"1.5\"")));
  EXPECT_EQ(tables.report.accounts.size(), 4u);
  EXPECT_FALSE(tables.report.accounts[0].emissions_readable);
  EXPECT_EQ(tables.report.accounts[2].cumulative_surrenders, std::nullopt);
  EXPECT_EQ(tables.report.accounts[2].cumulative_emissions, 16);
  EXPECT_EQ(Granted(tables.allocation.installations[0].years.at(2021)), 0);
  EXPECT_EQ(Granted(tables.allocation.installations[0].years.at(2022)), 1);
}

TEST(UkEtsRecordsTest, AFileWithoutTheColumnsIsRefusedWithBothLists) {
  Comparison comparison;
  const auto report = ReadComplianceReport(*ParseCsv("name,colour\nx,y\n", "c.csv"), &comparison);
  EXPECT_THAT(std::string(report.status().message()),
              testing::AllOf(HasSubstr("permit id"), HasSubstr("emissions of a year"), HasSubstr("cumulative surrenders"),
                             HasSubstr("it has: name, colour")));
  const auto allocation = ReadAllocationTable(*ParseCsv("permit_id,colour\nx,y\n", "a.csv"), &comparison);
  EXPECT_THAT(std::string(allocation.status().message()), HasSubstr("total allocation of a year"));
}

// ---- Accounts ----

TEST(UkEtsPlanTest, InstallationsShareTheAccountOfTheirPermitOrTheirId) {
  const Tables tables(
      "1,P1,One,2021,,0,0,0,0,0,A,A,A\n"
      "2,P2,Two,2021,,0,0,0,0,0,A,A,A\n",
      "P1,77,5,1,6,0,0,0\n"
      "OLD2,2,5,0,5,0,0,0\n"
      "P9,9,5,0,5,0,0,0\n"
      "P1,78,5,0,5,0,0,0\n");
  ASSERT_EQ(tables.plan.accounts.size(), 4u);
  EXPECT_EQ(tables.plan.accounts[0].allocation->installation_id, "77");
  EXPECT_EQ(tables.plan.accounts[1].allocation->permit_id, "OLD2");
  EXPECT_EQ(tables.plan.accounts[2].compliance, nullptr);
  EXPECT_EQ(tables.plan.accounts[3].allocation->installation_id, "78");  // the permit's account is taken
  EXPECT_EQ(tables.plan.joined_by_permit, 1);
  EXPECT_EQ(tables.plan.joined_by_installation, 1);
  EXPECT_EQ(tables.plan.first_year, 2021);
  EXPECT_EQ(tables.plan.last_year, 2023);
}

TEST(UkEtsPlanTest, EveryOperatorGetsAUsccThatIsValid) {
  for (const char* id : {"1000000", "0", "1234567890123", "12345678901234", "UK-E-IN-13705", "", "\xC3\xA9"}) {
    EXPECT_TRUE(ValidateUscc(UsccFor(id)).ok()) << id;
  }
  EXPECT_EQ(UsccFor("1000000"), UsccFor("1000000"));
  EXPECT_NE(UsccFor("1000000"), UsccFor("1000001"));
  // Two accounts of one operator are two participants.
  const Tables tables("1,P1,One,2021,,0,0,0,0,0,A,A,A\n1,P2,One,2021,,0,0,0,0,0,A,A,A\n");
  EXPECT_NE(tables.plan.accounts[0].uscc, tables.plan.accounts[1].uscc);
}

TEST(UkEtsPlanTest, NamesAreMadeFitToBeShown) {
  EXPECT_EQ(DisplayName("AAK International"), "AAK International");
  EXPECT_EQ(DisplayName("  two\r\nlines\t "), "two lines");
  EXPECT_EQ(DisplayName("zero\xE2\x80\x8Bwidth\xC2\xA0"), "zero width");
  EXPECT_EQ(DisplayName(""), "unnamed");
  EXPECT_EQ(DisplayName(" \n"), "unnamed");
  std::string accents;
  for (int i = 0; i < 150; ++i) accents += "\xC3\xA9";
  EXPECT_EQ(DisplayName(accents).size(), 200u);
  EXPECT_TRUE(ValidateName(DisplayName("x" + accents), 200, "name").ok());
}

// ---- Surrenders ----

TEST(UkEtsPlanTest, EachYearIsCoveredInTimeAndTheRestFollowsInTheLast) {
  const Tables tables("1,P1,One,2021,,10,20,30,60,65,A,A,A\n");
  EXPECT_THAT(DateSurrenders(tables.report, tables.report.accounts[0]), ElementsAre(Pair(2021, 10), Pair(2022, 30), Pair(2023, 65)));
  const Tables too_few("1,P1,One,2021,,10,20,30,60,15,A,B,B\n");
  EXPECT_THAT(DateSurrenders(too_few.report, too_few.report.accounts[0]), ElementsAre(Pair(2021, 10), Pair(2022, 15), Pair(2023, 15)));
}

TEST(UkEtsPlanTest, APublishedBSaysThatUnitsCameLate) {
  const Tables once("1,P1,One,2021,,10,20,30,60,60,B,A,A\n");
  EXPECT_THAT(DateSurrenders(once.report, once.report.accounts[0]), ElementsAre(Pair(2021, 9), Pair(2022, 30), Pair(2023, 60)));
  // A B bounds the years before it too.
  const Tables twice("1,P1,One,2021,,10,0,30,40,40,A,B,A\n");
  EXPECT_THAT(DateSurrenders(twice.report, twice.report.accounts[0]), ElementsAre(Pair(2021, 9), Pair(2022, 9), Pair(2023, 40)));
  const Tables nothing("1,P1,One,2021,,0,0,0,0,0,B,A,A\n");
  EXPECT_THAT(DateSurrenders(nothing.report, nothing.report.accounts[0]), ElementsAre(Pair(2021, 0), Pair(2022, 0), Pair(2023, 0)));
}

TEST(UkEtsPlanTest, AllocatedUnitsComeFirstAndTheRestWasBought) {
  const Tables tables("1,P1,One,2021,,10,20,30,60,60,A,A,A\n", "P1,1,15,0,15,1,1,2\n");
  const PlannedAccount& account = tables.plan.accounts[0];
  // 15 of 2021 cover 2021 and a part of 2022; then 2 of 2022; 13 and 30 were bought.
  EXPECT_THAT(account.surrenders, ElementsAre(PlannedSurrender{2021, 2021, 10}, PlannedSurrender{2022, 2021, 5},
                                              PlannedSurrender{2022, 2022, 15}, PlannedSurrender{2023, 2023, 30}));
  EXPECT_THAT(account.purchases, ElementsAre(Pair(2022, 13), Pair(2023, 30)));
}

TEST(UkEtsPlanTest, UnitsOfLaterYearsAreNotUsed) {
  const Tables tables("1,P1,One,2021,2021,10,,,10,10,A,,\n", "P1,1,4,0,4,100,0,100\n");
  EXPECT_THAT(tables.plan.accounts[0].purchases, ElementsAre(Pair(2021, 6)));
}

// ---- Which statuses the figures force ----

// A letter a year: F forced, o open.
std::string Forced(const std::string& row) {
  const Tables tables(row);
  std::string letters;
  for (int32_t year : tables.report.years) letters += StatusIsForced(tables.report, tables.report.accounts.at(0), year) ? 'F' : 'o';
  return letters;
}

TEST(StatusIsForcedTest, ATotalDecidesTheLastYearOnly) {
  EXPECT_EQ(Forced("1,P1,One,2021,,10,20,30,60,60,A,A,A\n"), "ooF");
  EXPECT_EQ(Forced("1,P1,One,2021,,10,20,30,60,,A,A,A\n"), "ooo");  // no total
}

TEST(StatusIsForcedTest, EmissionsAboveAllUnitsEverSurrenderedAreAB) {
  EXPECT_EQ(Forced("1,P1,One,2021,,10,20,30,60,29,A,B,B\n"), "oFF");
  EXPECT_EQ(Forced("1,P1,One,2021,,10,20,30,60,29,A,C,B\n"), "ooF");  // the figure came late
}

TEST(StatusIsForcedTest, NoEmissionsAtAllAreAnA) {
  EXPECT_EQ(Forced("1,P1,One,2021,,0,0,5,5,5,A,A,A\n"), "FFF");
  EXPECT_EQ(Forced("1,P1,One,2021,,0,0,5,5,5,A,C,A\n"), "FoF");
  EXPECT_EQ(Forced("1,P1,One,2021,,EXCLUDED,EXCLUDED,EXCLUDED,0,0,EXCLUDED,B,EXCLUDED\n"), "ooF");  // excluded when?
}

TEST(StatusIsForcedTest, YearsBeforeTheFirstAndMissingFiguresAreDecided) {
  EXPECT_EQ(Forced("1,P1,One,2023,,,,7,7,7,,NOT_APPLICABLE,A\n"), "FFF");
  EXPECT_EQ(Forced("1,P1,One,2021,,5,,7,12,12,A,C,C\n"), "oFF");
  EXPECT_EQ(Forced("1,P1,One,,,,,7,7,7,,,A\n"), "ooF");  // it may have begun in 2023
  EXPECT_EQ(Forced("1,P1,One,2021,2022,5,5,,10,10,A,A,A\n"), "ooF");
}

TEST(StatusIsForcedTest, NothingIsDecidedByWhatCannotBeRead) { EXPECT_EQ(Forced("1,P1,One,2021,,10,x,30,60,60,A,A,A\n"), "ooo"); }

}  // namespace
}  // namespace songhua::simulations
