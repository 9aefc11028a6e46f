// The phases of a market day: their form, and which one an instant belongs to (CAR-11, china.md 8.4).
#include "exchange/market_day.h"

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

absl::StatusOr<MarketDay> DayOf(const std::string& text) {
  v1::Rulebook rulebook;
  SONGHUA_CHECK(google::protobuf::TextFormat::ParseFromString(text, &rulebook));
  return MarketDay::Parse(rulebook.phases(), "rulebook.phases");
}

constexpr char kCarbonDay[] =
    "phases { kind: PRE_OPEN from: '09:00' to: '09:15' } phases { kind: CALL from: '09:15' to: '09:25' } "
    "phases { kind: CONTINUOUS from: '09:30' to: '11:30' } phases { kind: BREAK from: '11:30' to: '13:00' } "
    "phases { kind: CONTINUOUS from: '13:00' to: '15:00' }";

Timestamp Clock(int hour, int minute, int64_t micros = 0) {
  return Timestamp(StartOfDay(MakeDate(2026, 1, 5)).value() + (hour * 3600 + minute * 60) * kMicrosPerSecond + micros);
}

std::string FieldOf(const absl::StatusOr<MarketDay>& day) {
  const auto refusal = GetRefusal(day.status());
  return refusal.has_value() ? refusal->field + " " + refusal->value : "OK";
}

TEST(MarketDayTest, AStartBelongsToItsPhaseAndAnEndDoesNot) {
  const MarketDay day = *DayOf(kCarbonDay);
  EXPECT_EQ(day.At(Clock(9, 30)).kind, v1::MarketPhase::CONTINUOUS);
  EXPECT_EQ(day.At(Clock(11, 30, -1)).kind, v1::MarketPhase::CONTINUOUS);
  EXPECT_EQ(day.At(Clock(11, 30)).kind, v1::MarketPhase::BREAK);
  EXPECT_EQ(day.At(Clock(13, 0, -1)).kind, v1::MarketPhase::BREAK);
  EXPECT_EQ(day.At(Clock(13, 0)).kind, v1::MarketPhase::CONTINUOUS);
  EXPECT_EQ(day.At(Clock(15, 0, -1)).kind, v1::MarketPhase::CONTINUOUS);
  EXPECT_EQ(day.At(Clock(15, 0)).kind, v1::MarketPhase::KIND_UNSPECIFIED);
  EXPECT_EQ(day.At(Clock(9, 30)).until, Clock(11, 30));
  EXPECT_FALSE(day.OverAt(Clock(15, 0, -1)));
  EXPECT_TRUE(day.OverAt(Clock(15, 0)));
}

TEST(MarketDayTest, WhatLiesBetweenTwoPhasesIsABreakAndWhatLiesBeforeTheFirstIsClosed) {
  const MarketDay day = *DayOf(kCarbonDay);
  EXPECT_EQ(day.At(Clock(9, 0, -1)).kind, v1::MarketPhase::KIND_UNSPECIFIED);
  EXPECT_EQ(day.At(Clock(9, 0, -1)).until, Clock(9, 0));
  EXPECT_EQ(day.At(Clock(9, 27)).kind, v1::MarketPhase::BREAK);
  EXPECT_EQ(day.At(Clock(9, 27)).until, Clock(9, 30));
}

TEST(MarketDayTest, EveryChangeIsFoundFromTheOneBefore) {
  const MarketDay day = *DayOf(kCarbonDay);
  std::string changes;
  for (auto at = day.NextChange(Clock(0, 0)); at.has_value(); at = day.NextChange(*at)) changes += FormatTimestamp(*at).substr(11, 5) + " ";
  EXPECT_EQ(changes, "09:00 09:15 09:25 09:30 11:30 13:00 15:00 ");
}

TEST(MarketDayTest, ADayMayRunToMidnight) {
  const MarketDay day = *DayOf("phases { kind: CONTINUOUS from: '00:00' to: '24:00' }");
  EXPECT_EQ(day.At(Clock(23, 59, 59'999'999)).kind, v1::MarketPhase::CONTINUOUS);
  EXPECT_EQ(day.At(Clock(0, 0)).until, StartOfDay(MakeDate(2026, 1, 6)));
}

TEST(MarketDayTest, WithoutPhasesTheDayIsOneAndOpenedByHand) {
  const MarketDay day = *DayOf("");
  EXPECT_TRUE(day.by_hand());
  EXPECT_EQ(day.At(Clock(3, 0)).kind, v1::MarketPhase::CONTINUOUS);
  EXPECT_FALSE(day.NextChange(Clock(3, 0)).has_value());
}

TEST(MarketDayTest, WhatIsWrittenIsReadAgain) {
  const MarketDay day = *DayOf(std::string(kCarbonDay) + "phases { kind: CALL from: '15:00:30' to: '15:03' }");
  v1::Rulebook rulebook;
  day.AddTo(rulebook.mutable_phases());
  EXPECT_EQ(rulebook.phases(5).from(), "15:00:30");
  EXPECT_EQ(*MarketDay::Parse(rulebook.phases(), "x"), day);
}

TEST(MarketDayTest, ADayThatContradictsItselfIsRefusedWhereItDoes) {
  const auto with = [](const std::string& phase) { return FieldOf(DayOf("phases { kind: CONTINUOUS from: '09:30' to: '11:30' } phases { " + phase + " }")); };
  EXPECT_EQ(with("kind: CONTINUOUS from: '11:29' to: '15:00'"), "rulebook.phases[1].from 11:29");
  EXPECT_EQ(with("kind: CONTINUOUS from: '13:00' to: '13:00'"), "rulebook.phases[1].to 13:00");
  EXPECT_EQ(with("kind: CONTINUOUS from: '25:00' to: '26:00'"), "rulebook.phases[1].from 25:00");
  EXPECT_EQ(with("kind: CONTINUOUS from: '13:00' to: '24:01'"), "rulebook.phases[1].to 24:01");
  EXPECT_EQ(with("kind: CONTINUOUS from: '9:30' to: '15:00'"), "rulebook.phases[1].from 9:30");
  EXPECT_EQ(with("from: '13:00' to: '15:00'"), "rulebook.phases[1].kind 0");
  EXPECT_EQ(with("kind: PRE_OPEN from: '13:00' to: '15:00'"), "rulebook.phases[1].kind PRE_OPEN");
  EXPECT_EQ(with("kind: BREAK from: '13:00' to: '15:00'"), "rulebook.phases[1].kind BREAK") << "a break ends nothing";
  EXPECT_EQ(FieldOf(DayOf("phases { kind: BREAK from: '09:00' to: '09:30' }")), "rulebook.phases[0].kind BREAK");
  EXPECT_EQ(FieldOf(DayOf("phases { kind: PRE_OPEN from: '09:00' to: '09:30' }")), "rulebook.phases[0].kind PRE_OPEN");
  std::string many;
  for (int i = 0; i <= kPhasesMax; ++i) many += "phases { kind: CONTINUOUS from: '" + std::string(i < 10 ? "0" : "") + std::to_string(i) + ":00' to: '23:00' } ";
  EXPECT_EQ(FieldOf(DayOf(many)), "rulebook.phases 17");
}

}  // namespace
}  // namespace songhua::exchange
