#include "simulations/csv.h"

#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace songhua::simulations {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string ErrorOf(std::string_view text, const CsvBounds& bounds = {}) {
  return std::string(ParseCsv(text, "f.csv", bounds).status().message());
}

TEST(CsvTest, FieldsAndLinesComeOut) {
  const auto table = ParseCsv("a,b\r\n1,2\n3,\n", "f.csv");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_THAT(table->header, ElementsAre("a", "b"));
  ASSERT_EQ(table->rows.size(), 2u);
  EXPECT_THAT(table->rows[0].fields, ElementsAre("1", "2"));
  EXPECT_THAT(table->rows[1].fields, ElementsAre("3", ""));
  EXPECT_EQ(table->Place(table->rows[1]), "f.csv:3");
}

TEST(CsvTest, QuotedFieldsHoldCommasQuotesAndLineEnds) {
  const auto table = ParseCsv("a,b\n\"x, y\",\"say \"\"no\"\"\"\n\"two\r\nlines\",\"\"\nlast,1", "f.csv");
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_EQ(table->rows.size(), 3u);
  EXPECT_THAT(table->rows[0].fields, ElementsAre("x, y", "say \"no\""));
  EXPECT_THAT(table->rows[1].fields, ElementsAre("two\r\nlines", ""));
  EXPECT_THAT(table->rows[2].fields, ElementsAre("last", "1"));
  EXPECT_EQ(table->rows[2].line, 5u);  // the row before it took two
}

TEST(CsvTest, AByteOrderMarkIsNoPartOfTheFirstHeading) {
  const auto table = ParseCsv("\xEF\xBB\xBFvintage,b\n2021,2\n", "f.csv");
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->header[0], "vintage");
  EXPECT_THAT(ErrorOf(std::string("\xFF\xFE"
                                  "a\0",
                                  4)),
              HasSubstr("UTF-16"));
}

TEST(CsvTest, WhatTheFormatDoesNotAllowIsRefusedWithItsPlace) {
  EXPECT_THAT(ErrorOf("a,b\n1,x\"y\n"), StartsWith("f.csv:2:4: a quote inside a field"));
  EXPECT_THAT(ErrorOf("a,b\n1,\"x\"y\n"), StartsWith("f.csv:2:6: text behind the closing quote"));
  EXPECT_THAT(ErrorOf("a,b\n1,\"x\n\n\n"), StartsWith("f.csv:2:3: a quote opens here and never closes"));
  EXPECT_THAT(ErrorOf("a,b\n1,2\r3\n"), StartsWith("f.csv:2:4: a carriage return"));
  EXPECT_THAT(ErrorOf(std::string("a,b\n1,\0\n", 8)), StartsWith("f.csv:2:3: a NUL"));
  EXPECT_THAT(ErrorOf("a,b\n1,caf\xE9\n"), StartsWith("f.csv:2:3: the field is not UTF-8"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("no header"));
  EXPECT_THAT(ErrorOf("\n\n"), HasSubstr("no header"));
}

TEST(CsvTest, ARaggedRowIsHandedOverAndEmptyLinesAreNot) {
  const auto table = ParseCsv("a,b\n\n1\n\r\n1,2,3\n", "f.csv");
  ASSERT_TRUE(table.ok());
  ASSERT_EQ(table->rows.size(), 2u);
  EXPECT_TRUE(table->Ragged(table->rows[0]));
  EXPECT_TRUE(table->Ragged(table->rows[1]));
  EXPECT_EQ(table->rows[0].line, 3u);
}

TEST(CsvTest, EverythingHasABound) {
  CsvBounds bounds;
  bounds.rows_max = 2;
  bounds.columns_max = 3;
  bounds.field_bytes_max = 4;
  bounds.file_bytes_max = 40;
  EXPECT_EQ(ErrorOf("a,b,c\n1,2,3\n1234,2,3\n", bounds), "");
  EXPECT_THAT(ErrorOf("a\n1\n2\n3\n", bounds), HasSubstr("more than 2 rows"));
  EXPECT_THAT(ErrorOf("a,b,c,d\n", bounds), HasSubstr("more than 3 columns"));
  EXPECT_THAT(ErrorOf("a\n12345\n", bounds), HasSubstr("more than 4 bytes in one field"));
  EXPECT_THAT(ErrorOf("a\n\"12345\"\n", bounds), HasSubstr("more than 4 bytes in one field"));
  EXPECT_THAT(ErrorOf("a\n" + std::string(39, '\n'), bounds), HasSubstr("more than 40 bytes"));
}

// Whatever stands in a file, it is parsed or refused with a place, and a table that is parsed has what was written.
TEST(CsvTest, RandomTextIsParsedOrRefused) {
  constexpr std::string_view kPieces[] = {"a", "1", ",", "\"", "\"\"", "\n", "\r\n", "\r", " to ", "-", "\xC3\xA9", "\xC3", "EXCLUDED"};
  for (uint32_t seed = 1; seed <= 2'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::minstd_rand random(seed);
    std::string text = "emissions_2021,serial\n";
    for (int i = 0; i < 40; ++i) text += kPieces[random() % std::size(kPieces)];
    const auto table = ParseCsv(text, "f.csv");
    if (!table.ok()) {
      EXPECT_THAT(std::string(table.status().message()), StartsWith("f.csv:"));
      continue;
    }
    // Written again and read again, it is the same.
    std::string again = "emissions_2021,serial\r\n";
    for (const CsvRow& row : table->rows) {
      for (size_t i = 0; i < row.fields.size(); ++i) {
        again += i == 0 ? "\"" : ",\"";
        for (char c : row.fields[i]) again += c == '"' ? std::string("\"\"") : std::string(1, c);
        again += "\"";
      }
      again += "\r\n";
    }
    const auto reread = ParseCsv(again, "f.csv");
    ASSERT_TRUE(reread.ok()) << reread.status();
    ASSERT_EQ(reread->rows.size(), table->rows.size());
    for (size_t i = 0; i < table->rows.size(); ++i) EXPECT_EQ(reread->rows[i].fields, table->rows[i].fields);
  }
}

TEST(CsvTest, AFileThatIsNotThereIsNamed) {
  EXPECT_THAT(std::string(ReadCsvFile("/nowhere/x.csv").status().message()), StartsWith("/nowhere/x.csv: cannot be opened"));
}

}  // namespace
}  // namespace songhua::simulations
