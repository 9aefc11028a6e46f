// What a buy-back pays (DR-62), by vectors computed by hand.
#include "ledger/buy_back.h"

#include "gtest/gtest.h"

namespace songhua::ledger {
namespace {

const Term kFiveYears{MakeDate(2026, 1, 1), MakeDate(2030, 12, 31)};

BuyBackTerms Terms(int64_t cost_fen, int64_t base_fen, v1::PriceBasis basis) {
  return {Quantity(2'000'000), {MakeDate(2029, 1, 1), MakeDate(2030, 12, 31)}, Money(cost_fen), Quantity(8'000'000), kFiveYears, Price(base_fen), basis,
          kGramsPerTonne};
}

TEST(BuyBackTest, TheLowerOfCostAndBaseIsPaidForTheYearsThatRemain) {
  // 8 t for five years cost 200,000.00 yuan: 5,000 yuan a tonne and year. Two tonnes for two years.
  EXPECT_EQ(*BuyBackPrice(Terms(20'000'000, 600'000, v1::PER_T_YEAR)), Money(2'000'000));
  EXPECT_EQ(*BuyBackPrice(Terms(20'000'000, 450'000, v1::PER_T_YEAR)), Money(1'800'000)) << "the base price is lower";
  EXPECT_EQ(*BuyBackPrice(Terms(0, 450'000, v1::PER_T_YEAR)), Money(1'800'000)) << "nobody recorded what it cost";
}

TEST(BuyBackTest, DaysCountAsDr40SaysAndThePriceIsRoundedDown) {
  BuyBackTerms terms = Terms(0, 600'000, v1::PER_T_YEAR);
  terms.quantity = Quantity(8'074'000);
  terms.remaining = {MakeDate(2030, 7, 1), MakeDate(2030, 12, 31)};
  EXPECT_EQ(*BuyBackPrice(terms), Money(2'442'108)) << "DR-40's vector: 184 days";
  terms.quantity = Quantity(1);
  EXPECT_EQ(*BuyBackPrice(terms), Money(0)) << "0.3 fen";
}

TEST(BuyBackTest, APriceForTheTermCountsItsDays) {
  // 730 of 1,826 days of 6,000 yuan a tonne, for two tonnes: 4,797.37 yuan and a part.
  EXPECT_EQ(*BuyBackPrice(Terms(20'000'000, 600'000, v1::PER_T_TERM)), Money(479'737));
  // 2 of 8 tonnes that cost 20,000.00: 5,000.00 x 730 / 1,826 = 1,998.90 yuan and a part.
  EXPECT_EQ(*BuyBackPrice(Terms(2'000'000, 600'000, v1::PER_T_TERM)), Money(199'890));
}

TEST(BuyBackTest, APriceThatDoesNotFitIsRefused) {
  BuyBackTerms terms = Terms(0, INT64_MAX, v1::PER_T_YEAR);
  EXPECT_EQ(BuyBackPrice(terms).status().code(), absl::StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace songhua::ledger
