#include "simulations/column_finder.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace songhua::simulations {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

CsvTable TableOf(std::string_view header) { return *ParseCsv(header, "f.csv"); }

TEST(HeadingWordsTest, HeadingsFallIntoWords) {
  EXPECT_THAT(HeadingWords("offset_credit_serial_numbers"), ElementsAre("offset", "credit", "serial", "number"));
  EXPECT_THAT(HeadingWords("Recorded emissions 2021"), ElementsAre("recorded", "emission", "2021"));
  EXPECT_THAT(HeadingWords("totalAllocation2021"), ElementsAre("total", "allocation", "2021"));
  EXPECT_THAT(HeadingWords("Retirement/Cancellation Date"), ElementsAre("retirement", "cancellation", "date"));
  EXPECT_THAT(HeadingWords("status  (GMT)"), ElementsAre("status", "gmt"));
  EXPECT_THAT(HeadingWords("Verified emissions, tCO2"), ElementsAre("verified", "emission", "t", "co", "2"));
  EXPECT_THAT(HeadingWords(""), ElementsAre());
  EXPECT_THAT(HeadingWords("--"), ElementsAre());
}

TEST(ColumnFinderTest, TheNearestHeadingIsTaken) {
  const CsvTable table = TableOf("Total Vintage Quantity,Quantity Issued,Serial Number,Serial Number Note\n");
  const ColumnFinder finder(table);
  EXPECT_EQ(finder.Find({"quantity", {"quantity"}, {"total"}}), 1u);
  EXPECT_EQ(finder.Find({"serial", {"serial"}, {}}), 2u);
  EXPECT_EQ(finder.Find({"vintage", {"vintage"}, {}}), 0u);
  EXPECT_EQ(finder.Find({"holder", {"holder"}, {}}), std::nullopt);
  // An earlier phrase beats a nearer heading.
  EXPECT_EQ(finder.Find({"any", {"serial number note", "serial number"}, {}}), 3u);
}

TEST(ColumnFinderTest, YearsComeFromTheHeadings) {
  const CsvTable table =
      TableOf("emissions_2021,Emissions 2022,cumulative_emissions_2022,cumulative_emissions,2023 emissions,emissions_99,total 3000\n");
  const ColumnFinder finder(table);
  const Meaning emissions = {"emissions", {"emission"}, {"cumulative"}};
  EXPECT_THAT(finder.FindYears(emissions), ElementsAre(Pair(2021, 0), Pair(2022, 1), Pair(2023, 4)));
  EXPECT_EQ(finder.Find({"sum", {"cumulative emission"}, {}}), 3u);  // not the one of a year
}

TEST(ColumnFinderTest, WhatIsMissingIsListedBesideWhatIsThere) {
  const CsvTable table = TableOf("colour,weight\n");
  ColumnFinder finder(table);
  finder.Require({"serial numbers", {"serial number", "serial"}, {}});
  finder.RequireYears({"emissions of a year", {"emission"}, {}});
  finder.RequireOneOf({{"permit id", {"permit"}, {}}, {"operator id", {"operator"}, {}}});
  finder.Require({"weight", {"weight"}, {}});
  EXPECT_EQ(std::string(finder.Finish().message()),
            "f.csv: columns that the file needs and does not have:\n"
            "  serial numbers (a heading with the words \"serial number\" or \"serial\")\n"
            "  emissions of a year (a heading that names a year and with the words \"emission\")\n"
            "  permit id (a heading with the words \"permit\"), or operator id (a heading with the words \"operator\")\n"
            "it has: colour, weight");
}

}  // namespace
}  // namespace songhua::simulations
