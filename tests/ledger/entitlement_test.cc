#include "ledger/entitlement.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <limits>
#include <map>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/codec.h"
#include "ledger/refusal.h"
#include "tests/ledger/seeded_values.h"

namespace songhua {
namespace {

using boost::multiprecision::cpp_int;

constexpr int64_t kQuantityMax = std::numeric_limits<int64_t>::max();

// The definition, day by day: floor(quantity x days of the term in the year / days of the year).
std::map<int32_t, int64_t> Expected(Quantity per_year, const Term& term) {
  std::map<int32_t, int64_t> days;
  for (Date date = term.first; date <= term.last; date = date + 1) ++days[Year(date)];
  std::map<int32_t, int64_t> grams;
  for (const auto& [year, live] : days) {
    grams[year] = static_cast<int64_t>(cpp_int(per_year.value()) * live / DaysInYear(year));
  }
  return grams;
}

std::map<int32_t, int64_t> AsMap(const YearQuantities& quantities) {
  std::map<int32_t, int64_t> map;
  for (const YearQuantity& entry : quantities) map[entry.year] += entry.quantity.value();
  return map;
}

Term RandomTerm(SeededValues& random) {
  const Date first(static_cast<int32_t>(random.Between(20'000, 24'000)));
  return Term{first, first + static_cast<int32_t>(random.Between(0, 5 * 366))};
}

TEST(EntitlementTest, AFiveYearTermFromJulyHasSixEntries) {
  const Term term{MakeDate(2026, 7, 1), MakeDate(2031, 6, 30)};
  const YearQuantities entitlement = Entitlement(Quantity(8'074'000), term);
  const YearQuantities expected = {
      {2026, Quantity(4'070'180)},                                                            // 184 of 365 days
      {2027, Quantity(8'074'000)}, {2028, Quantity(8'074'000)},                               // a leap year is a whole year
      {2029, Quantity(8'074'000)}, {2030, Quantity(8'074'000)}, {2031, Quantity(4'003'819)},  // 181 of 365 days
  };
  EXPECT_EQ(AsMap(entitlement), AsMap(expected));
  EXPECT_EQ(entitlement.size(), 6u);
}

TEST(EntitlementTest, ALeapYearDividesBy366) {
  EXPECT_EQ(Entitlement(Quantity(366), Term{MakeDate(2028, 1, 1), MakeDate(2028, 1, 1)})[0].quantity, Quantity(1));
  EXPECT_EQ(Entitlement(Quantity(365), Term{MakeDate(2028, 1, 1), MakeDate(2028, 1, 1)})[0].quantity, Quantity(0));
  EXPECT_EQ(Entitlement(Quantity(365), Term{MakeDate(2027, 1, 1), MakeDate(2027, 1, 1)})[0].quantity, Quantity(1));
}

TEST(EntitlementTest, AgreesWithCountingDays) {
  SeededValues random(20260401);
  SCOPED_TRACE(random.Trace());
  for (int i = 0; i < 500; ++i) {
    const Quantity per_year(random.OneIn(4) ? kQuantityMax - random.Between(0, 3) : random.Between(0, 50'000'000'000));
    const Term term = RandomTerm(random);
    ASSERT_EQ(AsMap(Entitlement(per_year, term)), Expected(per_year, term)) << FormatDate(term.first) << " " << FormatDate(term.last);
  }
}

TEST(EntitlementTest, DaysLiveCountsTheOverlap) {
  const Term term{MakeDate(2026, 12, 31), MakeDate(2028, 1, 1)};
  EXPECT_EQ(DaysLive(term, 2025), 0);
  EXPECT_EQ(DaysLive(term, 2026), 1);
  EXPECT_EQ(DaysLive(term, 2027), 365);
  EXPECT_EQ(DaysLive(term, 2028), 1);
  EXPECT_EQ(DaysLive(term, 2029), 0);
}

TEST(EntitlementTest, TheSellerKeepsEveryGramThatTheFloorLeaves) {
  const Term half_year{MakeDate(2026, 7, 1), MakeDate(2026, 12, 31)};
  const YearQuantities lot = Entitlement(Quantity(1'001), half_year);  // floor(504.6) = 504
  const absl::StatusOr<Carved> carved = Carve(lot, Quantity(500), half_year);
  ASSERT_TRUE(carved.ok());
  EXPECT_EQ(QuantityOf(carved->buyer, 2026), Quantity(252));   // floor(252.05)
  EXPECT_EQ(QuantityOf(carved->seller, 2026), Quantity(252));  // floor of 501 alone would be 252.56
  EXPECT_EQ(AsMap(*Merge(carved->buyer, carved->seller)), AsMap(lot));
}

TEST(EntitlementTest, ABuyerWhoStartsLaterLeavesTheDaysBefore) {
  const Term lot_term{MakeDate(2026, 1, 1), MakeDate(2030, 12, 31)};
  const Term rest{MakeDate(2026, 7, 1), MakeDate(2030, 12, 31)};
  const absl::StatusOr<Carved> carved = Carve(Entitlement(Quantity(3'650), lot_term), Quantity(3'650), rest);
  ASSERT_TRUE(carved.ok());
  EXPECT_EQ(QuantityOf(carved->buyer, 2026), Quantity(1'840));
  EXPECT_EQ(QuantityOf(carved->seller, 2026), Quantity(1'810));
  EXPECT_EQ(QuantityOf(carved->seller, 2027), Quantity(0));
}

TEST(EntitlementTest, MoreThanIsHeldCannotBeCarved) {
  const Term term{MakeDate(2026, 7, 1), MakeDate(2027, 6, 30)};
  const YearQuantities lot = Entitlement(Quantity(1'000), term);
  const absl::Status too_much = Carve(lot, Quantity(1'001), Term{MakeDate(2027, 1, 1), MakeDate(2027, 12, 31)}).status();
  ASSERT_EQ(too_much.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(GetRefusal(too_much)->reason, "INSUFFICIENT_ENTITLEMENT");
  EXPECT_EQ(GetRefusal(too_much)->value, "1001 g of 2027");
  EXPECT_EQ(GetRefusal(too_much)->accepted, "at most 495 g of that year");
  const absl::Status no_such_year = Carve(lot, Quantity(365), Term{MakeDate(2027, 6, 1), MakeDate(2028, 6, 30)}).status();
  EXPECT_EQ(GetRefusal(no_such_year)->value, "181 g of 2028");
  EXPECT_TRUE(Carve(lot, Quantity(0), Term{MakeDate(2040, 1, 1), MakeDate(2040, 12, 31)}).ok()) << "nothing can be carved out of nothing";
}

TEST(EntitlementTest, MergingThatDoesNotFitIsRefused) {
  const YearQuantities a = {{2026, Quantity(kQuantityMax)}};
  const YearQuantities b = {{2026, Quantity(1)}};
  EXPECT_EQ(Merge(a, b).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(AsMap(*Merge(a, {{2025, Quantity(2)}, {2027, Quantity(3)}})), (std::map<int32_t, int64_t>{{2025, 2}, {2026, kQuantityMax}, {2027, 3}}));
}

// Lots of one origin are carved and merged in any order, by holders who carve again: the years' totals never change, and nobody who bought
// ever has more than the floor of his terms.
TEST(EntitlementTest, CarvingAndMergingInAnyOrderConservesEveryYear) {
  SeededValues random(20260402);
  SCOPED_TRACE(random.Trace());
  int carved_count = 0;
  for (int round = 0; round < 300; ++round) {
    struct Lot {
      Quantity per_year;
      Term term;
      YearQuantities held;
    };
    const Term origin_term = RandomTerm(random);
    const Quantity origin_quantity(random.Between(1, random.OneIn(3) ? kQuantityMax : 10'000));
    std::vector<Lot> lots = {{origin_quantity, origin_term, Entitlement(origin_quantity, origin_term)}};
    const std::map<int32_t, int64_t> origin = AsMap(lots[0].held);
    for (int step = 0; step < 30; ++step) {
      Lot& lot = lots[static_cast<size_t>(random.Between(0, static_cast<int64_t>(lots.size()) - 1))];
      if (lots.size() > 1 && random.OneIn(4) && &lot != &lots.back()) {
        const absl::StatusOr<YearQuantities> merged = Merge(lot.held, lots.back().held);
        ASSERT_TRUE(merged.ok());
        lot.held = *merged;  // the terms of a merged lot matter no more: it only keeps the grams
        lot.per_year = Quantity(0);
        lots.pop_back();
      } else {
        const Quantity part(random.Between(0, lot.per_year.value()));
        const Date from = lot.term.first + static_cast<int32_t>(random.Between(0, lot.term.Days() - 1));
        const Term term{from, random.OneIn(3) ? from : lot.term.last};
        const absl::StatusOr<Carved> carved = Carve(lot.held, part, term);
        ASSERT_TRUE(carved.ok()) << "a part of what the terms give is always there: " << carved.status();
        ASSERT_EQ(AsMap(carved->buyer), Expected(part, term));
        lot.held = carved->seller;
        lot.per_year -= part;
        lots.push_back(Lot{part, term, carved->buyer});
        ++carved_count;
      }
      std::map<int32_t, int64_t> total;
      for (const Lot& each : lots) {
        for (const YearQuantity& entry : each.held) {
          ASSERT_GE(entry.quantity, Quantity(0));
          total[entry.year] += entry.quantity.value();
        }
      }
      ASSERT_EQ(total, origin);
    }
  }
  EXPECT_GT(carved_count, 5'000);
}

TEST(EntitlementTest, WhatIsLeftIsNeverLessThanTheFloorOfTheTermsLeft) {
  SeededValues random(20260403);
  SCOPED_TRACE(random.Trace());
  for (int i = 0; i < 5'000; ++i) {
    const Term term = RandomTerm(random);
    const Quantity whole(random.Between(0, 100'000'000'000));
    const Quantity part(random.Between(0, whole.value()));
    const absl::StatusOr<Carved> carved = Carve(Entitlement(whole, term), part, term);
    ASSERT_TRUE(carved.ok());
    for (const YearQuantity& floor : Entitlement(whole - part, term)) {
      const Quantity left = QuantityOf(carved->seller, floor.year);
      ASSERT_GE(left, floor.quantity);
      ASSERT_LE(left, floor.quantity + Quantity(1)) << "the floor leaves at most one gram a year and carve";
    }
  }
}

TEST(EntitlementTest, EntriesKeepTheirEncoding) {
  const YearQuantities entries = {{2026, Quantity(5)}, {2027, Quantity(-1)}};
  YearQuantities decoded;
  ASSERT_TRUE(DecodeValue(EncodeValue(entries), &decoded).ok());
  EXPECT_TRUE(decoded == entries);
  EXPECT_EQ(EncodeValue(entries).size(), 4u + 2 * 12);
}

}  // namespace
}  // namespace songhua
