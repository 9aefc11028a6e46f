// What becomes of what was not sold.
#include "exchange/auctions/unsold.h"

#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "simulations/random.h"

namespace songhua::exchange {
namespace {

using ::testing::ElementsAre;

std::vector<int64_t> Added(const absl::StatusOr<Spread>& spread) {
  std::vector<int64_t> added;
  for (const Quantity& quantity : spread->added) added.push_back(quantity.value());
  added.push_back(spread->left.value());
  return added;
}
ComingAuction Coming(int64_t proposed, int64_t planned) { return {Quantity(proposed), Quantity(planned)}; }

TEST(Unsold, AQuarterGoesToEachOfTheNextFourAuctions) {
  const std::vector<ComingAuction> coming(5, Coming(10'000, 10'000));
  EXPECT_THAT(Added(SpreadUnsold(UkSpread(Quantity(500)), Quantity(4'000), coming)), ElementsAre(1'000, 1'000, 1'000, 1'000, 0, 0));
}

TEST(Unsold, LotsThatCannotBeQuarteredGoToTheFirst) {
  const std::vector<ComingAuction> coming(4, Coming(10'000, 10'000));
  EXPECT_THAT(Added(SpreadUnsold(UkSpread(Quantity(500)), Quantity(3'700), coming)), ElementsAre(1'000, 1'000, 1'000, 500, 200));
}

TEST(Unsold, NoAuctionGoesAbove125PercentOfWhatWasFirstProposed) {
  // The first was raised by an earlier shortfall already; its excess goes to the next with room.
  const std::vector<ComingAuction> coming = {Coming(10'000, 12'000), Coming(10'000, 10'000), Coming(10'000, 10'000),
                                             Coming(10'000, 10'000)};
  EXPECT_THAT(Added(SpreadUnsold(UkSpread(Quantity(500)), Quantity(8'000), coming)), ElementsAre(500, 2'500, 2'500, 2'500, 0));
  EXPECT_THAT(Added(SpreadUnsold(UkSpread(Quantity(500)), Quantity(4'000), coming)), ElementsAre(500, 1'500, 1'000, 1'000, 0));
}

TEST(Unsold, WhatNoneOfTheFourHasRoomForIsLeft) {
  const std::vector<ComingAuction> coming(6, Coming(1'000, 1'000));
  EXPECT_THAT(Added(SpreadUnsold(UkSpread(Quantity(1)), Quantity(5'000), coming)), ElementsAre(250, 250, 250, 250, 0, 0, 4'000));
  EXPECT_THAT(Added(SpreadUnsold(UkSpread(Quantity(1)), Quantity(5'000), {})), ElementsAre(5'000));
  // An auction that is above its limit already has no room, and none to give.
  EXPECT_THAT(Added(SpreadUnsold(UkSpread(Quantity(1)), Quantity(10), std::vector<ComingAuction>{Coming(100, 300)})), ElementsAre(0, 10));
}

TEST(Unsold, TheLargestQuantitiesOverflowNothing) {
  const int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(Added(SpreadUnsold(UkSpread(Quantity(1)), Quantity(most), std::vector<ComingAuction>{Coming(most, 0), Coming(most, 0)})),
              ElementsAre(most / 2 + 1, most / 2, 0));
  EXPECT_THAT(Added(SpreadUnsold(EuSpread(1, Quantity(1)), Quantity(most), std::vector<ComingAuction>{Coming(0, most)})),
              ElementsAre(0, most));
  EXPECT_FALSE(SpreadUnsold(UkSpread(Quantity(0)), Quantity(1), {}).ok());
  EXPECT_FALSE(SpreadUnsold(UkSpread(Quantity(1)), Quantity(-1), {}).ok());
}

TEST(Unsold, NothingIsLostAndNoLimitIsPassed) {
  for (uint64_t seed = 1; seed <= 2'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    simulations::Random random(seed);
    std::vector<ComingAuction> coming;
    for (uint64_t i = random.Below(6); i > 0; --i) coming.push_back(Coming(random.Between(0, 100), random.Between(0, 130)));
    const Quantity unsold(random.Between(0, 300));
    const int64_t step = random.Between(1, 7);
    const absl::StatusOr<Spread> spread = SpreadUnsold(UkSpread(Quantity(step)), unsold, coming);
    Quantity sum = spread->left;
    bool room = false;
    for (size_t i = 0; i < coming.size(); ++i) {
      const int64_t added = spread->added[i].value();
      EXPECT_EQ(added % step, 0);
      sum += spread->added[i];
      if (added > 0) {
        EXPECT_LT(i, 4u);
        EXPECT_LE((coming[i].planned.value() + added) * 100, coming[i].proposed.value() * 125);
      }
      room = room || (i < 4 && (coming[i].planned.value() + added + step) * 100 <= coming[i].proposed.value() * 125);
    }
    EXPECT_EQ(sum, unsold);
    EXPECT_TRUE(spread->left.value() < step || !room);
  }
}

TEST(Unsold, WciReturnsAQuarterOfTheNextOfferAtMostAfterTwoAuctionsAboveTheFloor) {
  EXPECT_EQ(ReturnOfUnsold(Quantity(90'000), 1, Quantity(100'000), Quantity(1'000)), Quantity(0));
  EXPECT_EQ(ReturnOfUnsold(Quantity(90'000), 2, Quantity(100'000), Quantity(1'000)), Quantity(25'000));
  EXPECT_EQ(ReturnOfUnsold(Quantity(9'500), 3, Quantity(100'000), Quantity(1'000)), Quantity(9'000));
  EXPECT_EQ(ReturnOfUnsold(Quantity(0), 3, Quantity(100'000), Quantity(1'000)), Quantity(0));
}

}  // namespace
}  // namespace songhua::exchange
