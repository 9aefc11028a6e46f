#include "simulations/serial_ranges.h"

#include <cstdint>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace songhua::simulations {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "issuance|start|end", one after the other; what was wrong otherwise.
std::string Parsed(std::string_view text, std::optional<int64_t> quantity = std::nullopt) {
  const auto ranges = ParseSerialRanges(text, quantity);
  if (!ranges.ok()) return "! " + std::string(ranges.status().message());
  std::string all;
  for (const SerialRange& range : *ranges) {
    all += (all.empty() ? "" : " ") + range.issuance + "|" + std::to_string(range.start) + "|" + std::to_string(range.end);
  }
  return all;
}

TEST(SerialRangesTest, TheFormsOfTheRegistries) {
  EXPECT_EQ(Parsed("ACR-US-1185-2025-3078-1 to 85847"), "ACR-US-1185-2025-3078|1|85847");
  EXPECT_EQ(Parsed("CAR-ROC-US-2056-129-2283-WV-2025-8969-1 to 260294"), "CAR-ROC-US-2056-129-2283-WV-2025-8969|1|260294");
  EXPECT_EQ(Parsed("CAR-1-MX-1941-42-1869-DG-2024-8409-1882 to 1882"), "CAR-1-MX-1941-42-1869-DG-2024-8409|1882|1882");
  EXPECT_EQ(Parsed("PREFIX-00001-PREFIX-00500"), "PREFIX|1|500");
  EXPECT_EQ(Parsed("A-B-7-A-B-9"), "A-B|7|9");
  EXPECT_EQ(Parsed("PREFIX-00001 to PREFIX-00500"), "PREFIX|1|500");
  EXPECT_EQ(Parsed("9344-79214525-79214624-VCS-VCU-1488-VER-CN-1-1743-01012019-31122019-0"),
            "9344-VCS-VCU-1488-VER-CN-1-1743-01012019-31122019-0|79214525|79214624");
}

TEST(SerialRangesTest, SignsAndSpacesOfEveryKindMeanTo) {
  for (const std::string text :
       {"ACR-1-5 TO 9", "ACR-1-5  to  9", " ACR-1-5 to 9\n", "ACR-1-5 \xE2\x80\x93 9", "ACR-1-5..9", "ACR-1-5 through 9",
        "ACR\xE2\x80\x91"
        "1-5 to 9",
        "ACR-1-5\xC2\xA0to\xC2\xA0"
        "9"}) {
    EXPECT_EQ(Parsed(text), "ACR-1|5|9") << text;
  }
}

TEST(SerialRangesTest, OnlyTheQuantityMakesADashARange) {
  EXPECT_EQ(Parsed("GS1-1-IN-GS447-12-2013-4113-8155-9704", 1550), "GS1-1-IN-GS447-12-2013-4113|8155|9704");
  EXPECT_EQ(Parsed("GS1-1-IN-GS447-12-2013-4113-8155-9704", 1), "GS1-1-IN-GS447-12-2013-4113-8155|9704|9704");
  EXPECT_EQ(Parsed("GS1-1-IN-GS447-12-2013-4113-8155-9704"), "GS1-1-IN-GS447-12-2013-4113-8155|9704|9704");
  EXPECT_EQ(Parsed("GS1-1-IN-GS447-12-2013-4113-8155-8155", 1), "GS1-1-IN-GS447-12-2013-4113|8155|8155");
  // A quantity that does not fit makes nothing.
  EXPECT_EQ(Parsed("ACR-US-1185-2025-3078-7", 1), "ACR-US-1185-2025-3078|7|7");
}

TEST(SerialRangesTest, OneCellMayListSeveral) {
  EXPECT_EQ(Parsed("ACR-1-5 to 9; ACR-1-20 to 29\nACR-2-3"), "ACR-1|5|9 ACR-1|20|29 ACR-2|3|3");
  EXPECT_EQ(Parsed("ACR-1-5 to 9;"), "ACR-1|5|9");
  std::string many;
  for (size_t i = 0; i <= kSerialRangesMax; ++i) many += "A-1;";
  EXPECT_THAT(Parsed(many), HasSubstr("more than 1000 ranges"));
}

TEST(SerialRangesTest, StrangeFormsAreRefusedAndSayWhy) {
  EXPECT_THAT(Parsed(""), HasSubstr("it is empty"));
  EXPECT_THAT(Parsed(" ; "), HasSubstr("it is empty"));
  EXPECT_THAT(Parsed("hello"), HasSubstr("nothing names the issuance"));
  EXPECT_THAT(Parsed("12"), HasSubstr("nothing names the issuance"));
  EXPECT_THAT(Parsed("ACR-US-x"), HasSubstr("does not end in a number"));
  EXPECT_THAT(Parsed("ACR-US-5 to 3"), HasSubstr("runs backwards"));
  EXPECT_THAT(Parsed("ACR-US-0 to 3"), HasSubstr("begin at 1"));
  EXPECT_THAT(Parsed("ACR-US-1 to "), HasSubstr("does not end in a number"));
  EXPECT_THAT(Parsed("ACR-US-1 to 3x"), HasSubstr("does not end in a number"));
  EXPECT_THAT(Parsed("ACR-US-1 to -3"), HasSubstr("different issuances"));
  EXPECT_THAT(Parsed("ACR-US-1 to ACR-FR-3"), HasSubstr("different issuances"));
  EXPECT_THAT(Parsed("ACR--1 to 3"), HasSubstr("is empty"));
  EXPECT_THAT(Parsed("--"), HasSubstr("is empty"));
  EXPECT_THAT(Parsed("-5"), HasSubstr("is empty"));
  EXPECT_THAT(Parsed(" to 5"), HasSubstr("is no range"));
  EXPECT_THAT(Parsed("ACR-US-1 to 9223372036854775808"), HasSubstr("63 bits"));
  EXPECT_EQ(Parsed("ACR-US-1 to 9223372036854775807"), "ACR-US|1|9223372036854775807");
  EXPECT_THAT(Parsed("ACR-" + std::string(300, '1')), HasSubstr("longer than"));
}

// Seen in the UNDP's registry (360), which had made such serial numbers itself. Ours are whole numbers from end to end; those of others are not taken.
TEST(SerialRangesTest, WhatIsNotANumberIsNoSerialNumber) {
  EXPECT_THAT(Parsed("SN-BLK-DEMO-D-NaN-NaN-undefined"), HasSubstr("does not end in a number"));
  EXPECT_THAT(Parsed("ACR-US-NaN to NaN"), HasSubstr("does not end in a number"));
  EXPECT_THAT(Parsed("ACR-US-1 to Infinity"), HasSubstr("does not end in a number"));
  EXPECT_THAT(Parsed("ACR-US-1 to 1e3"), HasSubstr("does not end in a number"));
}

TEST(SerialRangesTest, VerraCountsThroughItsRegistry) {
  EXPECT_TRUE((*ParseSerialRanges("9344-79214525-79214624-VCS-VCU-1488"))[0].counted_through);
  EXPECT_FALSE((*ParseSerialRanges("ACR-US-1185-2025-3078-1 to 9"))[0].counted_through);
}

TEST(SerialRangesTest, RandomTextIsARangeOrIsNot) {
  constexpr std::string_view kPieces[] = {
      "ACR", "-", "-", "1", "25", " to ", "VCS", ";", ",", " ", "\n", "..", "9223372036854775807", "\xE2\x80\x93", "0"};
  for (uint32_t seed = 1; seed <= 5'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::minstd_rand random(seed);
    std::string text;
    for (size_t i = 0; i < 1 + seed % 12; ++i) text += kPieces[random() % std::size(kPieces)];
    const auto ranges = ParseSerialRanges(text, static_cast<int64_t>(random() % 30));
    if (!ranges.ok()) continue;
    ASSERT_FALSE(ranges->empty());
    for (const SerialRange& range : *ranges) {
      EXPECT_FALSE(range.issuance.empty()) << text;
      EXPECT_GE(range.start, 1) << text;
      EXPECT_GE(range.end, range.start) << text;
      EXPECT_FALSE(RegistryOf(range.issuance).empty());
      // What is printed is read again as it was, unless it was counted through.
      if (!range.counted_through) EXPECT_EQ(ParseSerialRanges(FormatSerialRange(range))->front(), range) << text;
    }
  }
}

TEST(SerialRangesTest, TheRegistryIsItsLeadingLetters) {
  EXPECT_EQ(RegistryOf("ACR-US-1185-2025-3078"), "acr");
  EXPECT_EQ(RegistryOf("CAR-1-US-1335"), "car");
  EXPECT_EQ(RegistryOf("GS1-1-IN-GS447"), "gs");
  EXPECT_EQ(RegistryOf("9344-VCS-VCU-1488"), "vcs");
  EXPECT_EQ(RegistryOf("123-456"), "other");
  EXPECT_THAT(SerialParts("a-b--c"), ElementsAre("a", "b", "", "c"));
}

}  // namespace
}  // namespace songhua::simulations
