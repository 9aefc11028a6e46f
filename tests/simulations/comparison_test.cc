#include "simulations/comparison.h"

#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace songhua::simulations {
namespace {

// The number, "blank", or the word in quotes.
std::string Read(std::string_view cell) {
  const Figure figure = ReadFigure(cell);
  if (figure.blank()) return "blank";
  return figure.is_number() ? std::to_string(figure.number) : "'" + figure.text + "'";
}

TEST(ReadFigureTest, NumbersAsPeopleWriteThem) {
  EXPECT_EQ(Read("85847"), "85847");
  EXPECT_EQ(Read(" 85,847 "), "85847");
  EXPECT_EQ(Read("1,234,567"), "1234567");
  EXPECT_EQ(Read("85847.0"), "85847");
  EXPECT_EQ(Read("-3"), "-3");
  EXPECT_EQ(Read("0"), "0");
  EXPECT_EQ(Read("9223372036854775807"), "9223372036854775807");
}

TEST(ReadFigureTest, NothingIsBlank) {
  for (const char* cell : {"", "  ", "-", "n/a", "N/A", "null", "None"}) EXPECT_EQ(Read(cell), "blank") << cell;
}

TEST(ReadFigureTest, WhatIsNoWholeNumberIsAWord) {
  for (const char* cell : {"EXCLUDED", "12x", "1.5", "1,23", "12,34,567", ",123", "1234,567", "--3", "9223372036854775808", "1e5", "."}) {
    EXPECT_EQ(Read(cell), "'" + std::string(cell) + "'");
  }
}

TEST(ReadYearTest, YearsAreFoundInDates) {
  EXPECT_EQ(ReadYear("2021"), 2021);
  EXPECT_EQ(ReadYear("4/13/2026 7:17:56 PM"), 2026);
  EXPECT_EQ(ReadYear("2025-10-27"), 2025);
  EXPECT_EQ(ReadYear("01/02/03"), 0);
  EXPECT_EQ(ReadYear("20210101"), 0);
  EXPECT_EQ(ReadYear("1789"), 0);
  EXPECT_EQ(ReadYear("vintage 2019-2020"), 2019);
}

TEST(ComparisonTest, TheLastLineCountsAndTheDifferencesStandAboveIt) {
  Comparison comparison;
  comparison.Compare("totals", "f.csv:2", "total of X", 5, 5);
  comparison.Compare("totals", "f.csv:3", "total of Y", 5, 6);
  comparison.Compare("statuses", "f.csv:3", "status of Y", "A", "B");
  comparison.CompareRuns("runs", "ledger", "1", "1");
  EXPECT_FALSE(comparison.all_match());
  comparison.Unreadable("f.csv:4", "total", "12x", "a number");
  comparison.Failed("f.csv:5", "Z", "was refused");
  std::ostringstream out;
  comparison.Print(out);
  EXPECT_EQ(out.str(),
            "f.csv:3: total of Y: published 5, ours 6\n"
            "f.csv:3: status of Y: published A, ours B\n"
            "f.csv:4: total: published \"12x\", ours none: not a number\n"
            "f.csv:5: Z: was refused\n"
            "matched 2 of 6\n");
  EXPECT_EQ(comparison.Kinds(), "2 totals, 1 statuses, 1 runs, 1 cells that cannot be read, 1 steps that were refused");
}

}  // namespace
}  // namespace songhua::simulations
