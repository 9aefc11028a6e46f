// The replays of public records, whole: a real service, real stubs, the published files.
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "simulations/replay_offsets.h"
#include "simulations/replay_uk_ets.h"

namespace songhua::simulations {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string Data(const std::string& name) { return std::string(SONGHUA_TESTDATA) + "/" + name; }

class ReplayTest : public ::testing::Test {
 protected:
  ReplayTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "songhua-test-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~ReplayTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = directory_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  // A copy of a data file in which each text, found exactly once, is replaced by another.
  std::string Corrupted(const std::string& name, const std::vector<std::pair<std::string, std::string>>& changes) {
    std::ostringstream text;
    text << std::ifstream(Data(name)).rdbuf();
    std::string copy = text.str();
    for (const auto& [from, to] : changes) {
      const size_t at = copy.find(from);
      EXPECT_NE(at, std::string::npos) << from;
      EXPECT_EQ(copy.find(from, at + 1), std::string::npos) << from;
      copy.replace(at, from.size(), to);
    }
    return Write(std::filesystem::path(name).filename(), copy);
  }

  absl::StatusOr<Comparison> UkEts(const std::string& compliance, const std::string& allocation) {
    return ReplayUkEts({compliance, allocation}, out_);
  }
  absl::StatusOr<Comparison> Offsets(std::vector<std::string> paths, uint64_t seed = 1) {
    return ReplayOffsets({std::move(paths), seed}, out_);
  }

  std::string directory_;
  std::ostringstream out_;
};

constexpr char kCompliance[] = "uk_ets/compliance_2021_2024_quarter.csv";
constexpr char kAllocation[] = "uk_ets/allocation_2021_2026_part.csv";

TEST_F(ReplayTest, ThePublishedYearsOfTheUkEtsComeOut) {
  const auto comparison = UkEts(Data(kCompliance), Data(kAllocation));
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_THAT(comparison->differences(), IsEmpty());
  // 336 cumulative emissions and surrenders, 349 statuses that the figures force, 157 installations by six years.
  EXPECT_EQ(comparison->compared(), 336 + 336 + 349 + 157 * 6);
  EXPECT_THAT(out_.str(), EndsWith("\nmatched 1963 of 1963\n"));
  // The figures that came after a deadline, and one exclusion that was decided later, are what the totals do not show.
  EXPECT_THAT(out_.str(), HasSubstr("831 statuses of earlier years"));
  EXPECT_THAT(out_.str(), HasSubstr("gives 826 of them"));
}

TEST_F(ReplayTest, ExactlyTheCorruptedFiguresOfTheUkEtsAreReported) {
  const std::string compliance =
      Corrupted(kCompliance,
                {// A sum that is not the sum.
                 {"56583,61227,51336,39061,208207,208207", "56583,61227,51336,39061,208206,208207"},
                 // A year's emissions: the sum is another, and the units do not cover it.
                 {"145557,155293,140247,125076,566173,566173", "145557,155294,140247,125076,566173,566173"},
                 // The last year's status.
                 {"18248,19312,11556,11260,60376,60376,A,A,A,A", "18248,19312,11556,11260,60376,60376,A,A,A,B"},
                 // One unit short, and an A of an earlier year that no date of surrender explains.
                 {"43721,34061,22122,26486,126390,126390", "43721,34061,22122,26486,126390,1000"},
                 // Dirty cells: no number, no status.
                 {"49339,49262,50175,48649,197425,197425", "49339,49262,50175,48649,197425,many"},
                 {"22319,21684,18190,17507,79700,79700,A,A,A,A", "22319,21684,18190,17507,79700,79700,A,A,A,Q"}});
  const std::string allocation = Corrupted(kAllocation, {{"31310,0,31310,30505,0,30505", "31310,0,31310,30505,0,30506"}});
  const auto comparison = UkEts(compliance, allocation);
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_THAT(comparison->differences(),
              UnorderedElementsAre(HasSubstr(".csv:4: cumulative_emissions of UK-E-IN-11693: published 208206, ours 208207"),
                                   HasSubstr(".csv:5: cumulative_emissions of UK-E-IN-11902: published 566173, ours 566174"),
                                   HasSubstr(".csv:5: status_2024 of UK-E-IN-11902: published A, ours B"),
                                   HasSubstr(".csv:6: status_2024 of UK-E-IN-13552: published B, ours A"),
                                   HasSubstr(".csv:7: status_2021 of UK-E-IN-14084: published A, ours B"),
                                   HasSubstr(".csv:7: status_2022 of UK-E-IN-14084: published A, ours B"),
                                   HasSubstr(".csv:7: status_2023 of UK-E-IN-14084: published A, ours B"),
                                   HasSubstr(".csv:7: status_2024 of UK-E-IN-14084: published A, ours B"),
                                   HasSubstr(".csv:8: cumulative_surrenders: published \"many\", ours none"),
                                   HasSubstr(".csv:2: status_2024 of UK-E-IN-13705: published \"Q\", ours none"),
                                   HasSubstr(".csv:2: total_2022 of UK-E-IN-15145: published 30506, ours 30505")));
  EXPECT_FALSE(comparison->all_match());
}

TEST_F(ReplayTest, OtherYearsAndHeadingsWillDo) {
  const std::string compliance =
      Write("report.csv",
            "\xEF\xBB\xBFRegulator,Account Holder Name,Account type,Account status,Operator ID,Permit ID or Monitoring plan ID,"
            "First Year of Operation,Last Year of Operation,Recorded emissions 2027,Recorded emissions 2028,"
            "Recorded emissions 2029,Cumulative emissions,Cumulative surrenders,Static surrender status 2027,"
            "Static surrender status 2028,Static surrender status 2029\r\n"
            "EA,\"Works, \"\"North\"\" Ltd\",OHA,OPEN,7,P-7,2027,,\"1,000\",500,,1500,1500,B,A,\r\n"
            "EA,Gap Ltd,OHA,OPEN,8,P-8,2027,,,500,,500,500,C,C,\r\n"
            "EA,Small Ltd,OHA,OPEN,9,P-9,2028,,,EXCLUDED,,0,0,NOT_APPLICABLE,EXCLUDED,\r\n");
  const std::string allocation =
      Write("table.csv", "Permit ID,Installation ID,2027 total allocation,2028 total allocation\nP-7,7,300,400\nP-1,1,5,0\n");
  const auto comparison = UkEts(compliance, allocation);
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_THAT(comparison->differences(), IsEmpty());
  EXPECT_EQ(comparison->compared(), 3 + 3 + 5 + 4);
}

TEST_F(ReplayTest, TheRangesOfAcrAndCarEndInTheSameLedgerInEitherOrder) {
  const std::vector<std::string> files = {Data("offset_registries/acr_cancellations.csv"), Data("offset_registries/acr_retirements.csv"),
                                          Data("offset_registries/car_cancellations.csv"), Data("offset_registries/car_retirements.csv")};
  const auto comparison = Offsets(files, 20260105);
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_THAT(comparison->differences(), IsEmpty());
  // Of 300 rows: length, vintage, project, the act, the second attempt, both outcomes; of 179 issuances: what is left, in both orders; nine
  // instruments.
  EXPECT_EQ(comparison->compared(), 300 * 6 + 179 * 2 + 9);
  EXPECT_THAT(out_.str(), EndsWith("\nmatched 2167 of 2167\n"));
}

TEST_F(ReplayTest, ExactlyTheCorruptedRangesAreReported) {
  const std::string file = Corrupted("offset_registries/acr_retirements.csv",
                                     {// A quantity that is not the range's length.
                                      {"30932 to 35143,4212", "30932 to 35143,4213"},
                                      // A range that begins in the one above: both as long as they say, and it cannot be retired.
                                      {"23828 to 30031,6204", "23827 to 30031,6205"},
                                      {"4751 to 23327,18577", "4751 to 23827,19077"},
                                      // No range.
                                      {"ACR-DE-1194-2025-3113-22088 to 149558", "ACR-DE-1194-2025-3113-149558 to 22088"},
                                      {"2023,ACR-US-894-2023-2713-233033 to 233075", "2024,ACR-US-894-2023-2713-233033 to 233075"}});
  const auto comparison = Offsets({file});
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_THAT(
      comparison->differences(),
      UnorderedElementsAre(
          HasSubstr(".csv:2: quantity_of_credits of ACR-FR-1129-2025-2917-30932 to 35143: published 4213, ours 4212"),
          AllOf(HasSubstr(".csv:4: ACR-FR-1129-2025-2917-23827 to 30031: published retired, ours refused"), HasSubstr("SERIALS_NOT_HELD")),
          AllOf(HasSubstr(".csv:5: credit_serial_numbers: published"), HasSubstr("runs backwards")),
          HasSubstr(".csv:7: vintage of ACR-US-894-2023-2713-233033 to 233075: published 2024, ours 2023")));
}

TEST_F(ReplayTest, ListsOfIssuancesAreIssuedAsTheyAre) {
  const std::string issued = Write(
      "issuances.csv", "Serial Number,Quantity,Vintage\nXYZ-1-101 to 200,100,2021\nXYZ-1-301 to 400,100,2021\nXYZ-2-1 to 10,10,2022\n");
  const std::string retired = Write("retired.csv", "Serial Number,Quantity,Vintage\nXYZ-1-150 to 160,11,2021\nXYZ-1-190 to 310,121,2021\n");
  const auto comparison = Offsets({issued, retired});
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  // Nobody was given 201 to 300.
  EXPECT_THAT(comparison->differences(), ElementsAre(HasSubstr("retired.csv:3: XYZ-1-190 to 310: published retired, ours refused")));
}

TEST_F(ReplayTest, WhatCannotBeReadIsSaid) {
  EXPECT_THAT(std::string(UkEts("/nowhere.csv", Data(kAllocation)).status().message()), HasSubstr("/nowhere.csv: cannot be opened"));
  EXPECT_THAT(std::string(UkEts(Data(kAllocation), Data(kCompliance)).status().message()), HasSubstr("columns that the file needs"));
  EXPECT_THAT(std::string(Offsets({Data(kAllocation)}).status().message()), HasSubstr("serial numbers"));
  EXPECT_THAT(std::string(Offsets({Write("x.csv", "serial\n\"open\n")}).status().message()), HasSubstr("x.csv:2:1: a quote opens here"));
  EXPECT_EQ(out_.str(), "");
}

}  // namespace
}  // namespace songhua::simulations
