// Random auctions under every plug, cleared twice: by the real clearing and by the naive one. And what holds of every auction.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "exchange/auctions/sealed_clearing.h"
#include "exchange/auctions/sealed_profiles.h"
#include "exchange/auctions/standing_bids.h"
#include "gtest/gtest.h"
#include "simulations/random.h"
#include "tests/exchange/auctions/naive_auction.h"

namespace songhua::exchange {

void PrintTo(const SealedResult& result, std::ostream* out) {
  const auto price = [](const std::optional<Price>& p) { return p.has_value() ? std::to_string(p->value()) : std::string("none"); };
  *out << "cancelled " << static_cast<int>(result.cancelled) << " shortfall " << result.shortfall << " repriced " << result.repriced
       << " interim " << price(result.interim_price) << " clearing " << price(result.clearing_price) << " offered "
       << result.offered.value() << " added " << result.added.value() << " withheld " << result.withheld.value() << " sold "
       << result.sold.value() << " unsold " << result.unsold.value() << " demand " << result.demand.value() << " amount "
       << result.amount.value() << " own " << result.own_sold.value() << " margin " << result.margin.value();
  for (const SealedAward& a : result.awards)
    *out << "\n  award " << a.bid << ": " << a.quantity.value() << " @ " << a.price.value() << " = " << a.amount.value();
  for (const BidCut& c : result.cuts) *out << "\n  cut " << c.bid << ": " << c.quantity.value() << " reason " << static_cast<int>(c.reason);
  for (const LoweredBid& l : result.lowered) *out << "\n  lowered " << l.bid << ": " << l.quantity.value();
  for (const TierSale& t : result.tiers) *out << "\n  tier " << t.price.value() << ": " << t.quantity.value();
  for (const ConsignorSale& c : result.consignors) *out << "\n  consignor " << c.number << ": " << c.sold.value();
}

namespace {

using simulations::Random;

struct RandomAuction {
  SealedPolicy policy;
  Offer offer;
  std::vector<Bidder> bidders;
  std::vector<SealedBid> bids;
  Digest seed{};

  SealedAuction View() const { return {policy, offer, bidders, bids, seed}; }
};

std::vector<PriceTier> SomeTiers(Random& random, int64_t step, bool rising) {
  std::vector<PriceTier> tiers;
  int64_t price = rising ? random.Between(2, 8) : random.Between(4, 10);
  for (int64_t i = random.Between(1, 3); i > 0 && price > 0; --i) {
    tiers.push_back({Price(price), Quantity(step * random.Between(1, 12))});
    price += (rising ? 1 : -1) * random.Between(1, 4);
  }
  return tiers;
}

// Any policy at all; most contradict themselves.
SealedPolicy AnyPolicy(Random& random) {
  SealedPolicy policy;
  policy.side = random.Below(4) == 0 ? Side::kSell : Side::kBuy;
  policy.pricing = static_cast<SealedPricing>(random.Between(1, 2));
  policy.ties = static_cast<TieRule>(random.Between(1, 3));
  policy.margin = static_cast<MarginRule>(1 + (random.Below(4) == 0));
  policy.shortfall = static_cast<ShortfallRule>(random.Between(1, 3));
  policy.reserve_rule = static_cast<ReserveRule>(random.Between(0, 2));
  if (policy.reserve_rule != ReserveRule::kNone)
    policy.reserve = Price(policy.side == Side::kBuy ? random.Between(1, 4) : random.Between(6, 12));
  policy.secondary = random.Below(3) == 0 ? static_cast<SecondaryRule>(random.Between(1, 2)) : SecondaryRule::kNone;
  if (policy.secondary != SecondaryRule::kNone) policy.secondary_bps = static_cast<int32_t>(random.Between(0, 3'000));
  policy.award_step = Quantity(random.Between(1, 2));
  policy.lot = Quantity(policy.award_step.value() * random.Between(1, 3));
  policy.minimum_bid = policy.lot;
  const int64_t step = policy.award_step.value();
  if (random.Below(3) == 0) policy.containment = SomeTiers(random, step, true);
  if (random.Below(3) == 0) policy.withholding = SomeTiers(random, step, false);
  if (random.Below(6) == 0) policy.reserve_tiers = SomeTiers(random, step, true);
  if (random.Below(3) == 0)
    policy.purchase_limits = {{1, static_cast<int32_t>(random.Between(500, 6'000))}, {2, static_cast<int32_t>(random.Between(100, 3'000))}};
  policy.guarantee = static_cast<GuaranteeRule>(random.Between(0, 2));
  policy.bid_count = random.Below(5) == 0 ? BidCount::kOne : BidCount::kMany;
  policy.consignments = static_cast<ConsignmentRule>(random.Between(0, 2));
  if (random.Below(3) == 0)
    policy.terms = {random.Between(1, 3), {random.Between(1, 5), random.Between(1, 4)}, static_cast<Rounding>(random.Between(0, 2))};
  return policy;
}

RandomAuction AnyAuction(Random& random, SealedPolicy policy) {
  RandomAuction auction;
  auction.policy = std::move(policy);
  const SealedPolicy& p = auction.policy;
  const int64_t step = p.award_step.value();
  if (p.reserve_tiers.empty()) auction.offer.own = Quantity(step * random.Between(p.consignments == ConsignmentRule::kNone ? 1 : 0, 40));
  if (p.consignments != ConsignmentRule::kNone) {
    for (uint64_t number = 1; number <= random.Below(4); ++number) {
      const int64_t ask = p.consignments == ConsignmentRule::kAfterByAsk ? random.Between(0, 10) : 0;
      auction.offer.consignments.push_back({number, Quantity(step * random.Between(1, 12)), Price(ask)});
    }
  }
  if (p.secondary != SecondaryRule::kNone) auction.offer.comparison = Price(random.Between(1, 12));
  const auto parties = static_cast<uint32_t>(random.Between(1, 7));
  for (uint32_t number = 1; number <= parties; ++number) {
    Bidder bidder{number * 3, static_cast<uint32_t>(random.Between(1, 5)), static_cast<uint8_t>(random.Between(1, 3)), std::nullopt,
                  std::nullopt};
    if (p.guarantee != GuaranteeRule::kNone && random.Below(3) != 0) bidder.guarantee = Money(random.Between(0, 150));
    if (p.side == Side::kBuy && random.Below(4) == 0) bidder.holding_room = Quantity(random.Between(0, 30));
    auction.bidders.push_back(bidder);
  }
  const uint64_t bids = p.bid_count == BidCount::kOne ? parties : random.Below(16);
  for (uint64_t id = 1; id <= bids; ++id) {
    const uint32_t bidder =
        p.bid_count == BidCount::kOne ? static_cast<uint32_t>(id) * 3 : 3 * static_cast<uint32_t>(random.Between(1, parties));
    const int64_t low = p.reserve_rule == ReserveRule::kPublished && p.side == Side::kBuy ? p.reserve.value() : 1;
    const int64_t high = p.reserve_rule == ReserveRule::kPublished && p.side == Side::kSell ? p.reserve.value() : 12;
    auction.bids.push_back({id, bidder, Price(random.Between(low, high)), Quantity(p.lot.value() * random.Between(1, 6)), random.Below(12),
                            random.Below(2) == 0});
  }
  for (uint8_t& byte : auction.seed) byte = static_cast<uint8_t>(random.Next());
  return auction;
}

SealedResult NaivelyCleared(const SealedAuction& auction) {
  std::vector<SealedBid> by_id(auction.bids.begin(), auction.bids.end());
  std::sort(by_id.begin(), by_id.end(), [](const SealedBid& a, const SealedBid& b) { return a.id < b.id; });
  return NaiveAuction(auction, DigestOfBids(by_id)).Clear();
}

// What may differ: the naive clearing lists no lots.
SealedResult WithoutLots(SealedResult result) {
  result.lots.clear();
  return result;
}

int64_t AwardOf(const SealedResult& result, uint64_t bid) {
  int64_t quantity = 0;
  for (const SealedAward& award : result.awards) quantity += award.bid == bid ? award.quantity.value() : 0;
  return quantity;
}

int64_t AwardOfGroup(const SealedResult& result, const RandomAuction& auction, uint32_t group) {
  int64_t quantity = 0;
  for (const SealedAward& award : result.awards) {
    for (const Bidder& bidder : auction.bidders)
      quantity += bidder.number == award.bidder && bidder.group == group ? award.quantity.value() : 0;
  }
  return quantity;
}

bool Nightly() { return std::getenv("SONGHUA_NIGHTLY") != nullptr; }
uint64_t Auctions() { return Nightly() ? 400'000 : 12'000; }

// The next auction of a policy that does not contradict itself. Counts which plugs came up.
RandomAuction NextAuction(Random& random) {
  for (;;) {
    SealedPolicy policy = AnyPolicy(random);
    if (!CheckPolicy(policy).ok()) continue;
    RandomAuction auction = AnyAuction(random, std::move(policy));
    if (CheckOffer(auction.policy, auction.offer).ok()) return auction;
  }
}

TEST(SealedModel, TheNaiveClearingGivesTheSameResultUnderEveryPolicy) {
  std::map<std::string, int> seen;
  for (uint64_t seed = 1; seed <= Auctions(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const RandomAuction auction = NextAuction(random);
    const absl::StatusOr<SealedResult> real = ClearSealed(auction.View());
    ASSERT_TRUE(real.ok()) << real.status();
    const SealedResult naive = NaivelyCleared(auction.View());
    ASSERT_EQ(WithoutLots(*real), naive);
    const SealedPolicy& p = auction.policy;
    ++seen["pricing " + std::to_string(static_cast<int>(p.pricing))];
    ++seen["ties " + std::to_string(static_cast<int>(p.ties)) + (real->lots.empty() ? "" : " drawn")];
    ++seen["cancelled " + std::to_string(static_cast<int>(real->cancelled))];
    for (const TierSale& tier : real->tiers)
      ++seen["tier " + std::to_string(static_cast<int>(tier.kind)) + (real->clearing_price == tier.price ? " rests" : "")];
    for (const BidCut& cut : real->cuts)
      ++seen["cut " + std::to_string(static_cast<int>(cut.reason)) + " " + std::to_string(static_cast<int>(p.guarantee))];
    seen["lowered"] += !real->lowered.empty();
    seen["repriced"] += real->repriced;
    seen["shortfall " + std::to_string(static_cast<int>(p.shortfall))] += real->shortfall;
    seen["open margin"] += p.margin == MarginRule::kFillIfOpen && real->margin > Quantity() && real->unsold > Quantity();
    seen["sellers bid"] += p.side == Side::kSell && !real->awards.empty();
    for (const ConsignorSale& sale : real->consignors)
      seen["consigned " + std::to_string(static_cast<int>(p.consignments))] += sale.sold > Quantity();
  }
  // What random policies never reach would be tested by nobody.
  for (const char* plug : {"pricing 1",   "pricing 2",    "ties 1 drawn", "ties 2",       "ties 3 drawn", "cancelled 1", "cancelled 2",
                           "tier 1",      "tier 1 rests", "tier 2",       "tier 2 rests", "tier 3",       "cut 1 0",     "cut 2 0",
                           "cut 3 0",     "cut 4 1",      "cut 4 2",      "lowered",      "repriced",     "shortfall 1", "shortfall 2",
                           "shortfall 3", "open margin",  "sellers bid",  "consigned 1",  "consigned 2"}) {
    EXPECT_GE(seen[plug], 20) << plug;
  }
}

TEST(SealedModel, NobodyPaysAboveItsBidAndNothingIsSoldTwiceOrBeyondTheReserve) {
  for (uint64_t seed = 1; seed <= Auctions() / 2; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed + 1'000'000);
    const RandomAuction auction = NextAuction(random);
    const SealedResult result = *ClearSealed(auction.View());
    const SealedPolicy& p = auction.policy;
    int64_t sold = 0;
    for (const SealedAward& award : result.awards) {
      const SealedBid& bid = auction.bids[award.bid - 1];
      EXPECT_LE(MeritOf(p.side, award.price), MeritOf(p.side, bid.price));
      EXPECT_LE(AwardOf(result, award.bid), bid.quantity.value());
      if (p.reserve_rule != ReserveRule::kNone) {
        EXPECT_GE(MeritOf(p.side, award.price), MeritOf(p.side, p.reserve));
      }
      if (p.pricing == SealedPricing::kUniform && p.reserve_tiers.empty()) {
        EXPECT_EQ(award.price, *result.clearing_price);
      }
      sold += award.quantity.value();
    }
    EXPECT_EQ(sold, result.sold.value());
    for (const Bidder& bidder : auction.bidders) {
      std::vector<SealedBid> own;
      for (const SealedBid& bid : auction.bids) {
        if (bid.bidder == bidder.number) own.push_back(bid);
      }
      Money to_pay;
      for (const SealedAward& award : result.awards) to_pay += award.bidder == bidder.number ? award.amount : Money();
      if (p.side == Side::kBuy) {
        EXPECT_LE(to_pay, *MostPayable(p, own));
      }
      if (!bidder.guarantee.has_value()) continue;
      Quantity awards;
      Money paid;
      for (const SealedAward& award : result.awards) {
        if (award.bidder != bidder.number) continue;
        awards += Quantity(1);
        paid += award.amount;
      }
      EXPECT_LE(paid.value(), bidder.guarantee->value() + awards.value()) << "rounded by less than one each";
      if (p.terms.quoted_unit == 1 && p.terms.term.denominator == 1) {
        EXPECT_LE(paid, *bidder.guarantee);
      }
    }
    EXPECT_LE(result.sold, result.offered + result.added - result.withheld);
    if (result.cancelled != AuctionCancelled::kNo) {
      EXPECT_TRUE(result.awards.empty());
      EXPECT_EQ(result.unsold, result.offered);
    }
    // No worse bid of another is served while a better one, which stands, is not served whole; of one group, and of one guarantee, there
    // are the limits.
    if (!p.reserve_tiers.empty()) continue;
    std::map<uint64_t, int64_t> cut;
    for (const BidCut& c : result.cuts) cut[c.bid] += c.quantity.value();
    for (const LoweredBid& l : result.lowered) cut[l.bid] += l.quantity.value();
    for (const SealedBid& better : auction.bids) {
      if (AwardOf(result, better.id) >= better.quantity.value() - cut[better.id]) continue;
      for (const SealedAward& award : result.awards) {
        const SealedBid& worse = auction.bids[award.bid - 1];
        EXPECT_GE(MeritOf(p.side, worse.price), MeritOf(p.side, better.price)) << "bid " << worse.id << " before " << better.id;
      }
    }
  }
}

TEST(SealedModel, TheOrderInWhichBidsAndBiddersAreListedMeansNothing) {
  for (uint64_t seed = 1; seed <= Auctions() / 4; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed + 2'000'000);
    RandomAuction auction = NextAuction(random);
    const SealedResult before = *ClearSealed(auction.View());
    for (size_t i = auction.bids.size(); i > 1; --i) std::swap(auction.bids[i - 1], auction.bids[random.Below(i)]);
    for (size_t i = auction.bidders.size(); i > 1; --i) std::swap(auction.bidders[i - 1], auction.bidders[random.Below(i)]);
    ASSERT_EQ(*ClearSealed(auction.View()), before);
  }
}

// Whoever stands beside or before a bid at its better price stood before it already at the old one, and was served whole if it got
// anything; so at least as much is left for it as it had. (A guarantee at its bound is another matter: a higher price makes the book worth
// more, and lots fall.)
TEST(SealedModel, BiddingBetterForTheSameQuantityNeverLowersOnesAward) {
  int raised = 0;
  int served = 0;
  int groups = 0;
  for (uint64_t seed = 1; seed <= Auctions(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed + 3'000'000);
    RandomAuction auction = NextAuction(random);
    const SealedPolicy& p = auction.policy;
    if (auction.bids.empty() || p.guarantee != GuaranteeRule::kNone) continue;
    const SealedResult before = *ClearSealed(auction.View());
    SealedBid& bid = auction.bids[random.Below(auction.bids.size())];
    const int64_t better = MeritOf(p.side, bid.price) + random.Between(1, 4);
    if (p.side == Side::kSell && better >= 0) continue;
    bid.price = PriceOfMerit(p.side, better);
    const SealedResult after = *ClearSealed(auction.View());
    const auto both = [&] { return testing::PrintToString(before) + "\nafter\n" + testing::PrintToString(after); };
    ASSERT_GE(AwardOf(after, bid.id), AwardOf(before, bid.id)) << both();
    // What its group's other bids lose, it wins, unless parts are rounded or refused, or a bid that the reserve kept out turns a shortfall,
    // whose price is not compared with the secondary market's, into a price that is, or a limit now cuts another bid, which had the better
    // lot.
    const auto is_limit = [](const BidCut& cut) {
      return cut.reason == CutReason::kPurchaseLimit || cut.reason == CutReason::kHoldingLimit;
    };
    const bool limited =
        std::any_of(before.cuts.begin(), before.cuts.end(), is_limit) || std::any_of(after.cuts.begin(), after.cuts.end(), is_limit);
    if (p.margin == MarginRule::kFill && p.ties != TieRule::kProRata && p.secondary == SecondaryRule::kNone && !limited) {
      ++groups;
      for (const Bidder& bidder : auction.bidders) {
        if (bidder.number != bid.bidder) continue;
        ASSERT_GE(AwardOfGroup(after, auction, bidder.group), AwardOfGroup(before, auction, bidder.group)) << both();
      }
    }
    ++raised;
    served += AwardOf(before, bid.id) > 0;
  }
  EXPECT_GT(raised, 1'000);
  EXPECT_GT(served, 500);
  EXPECT_GT(groups, 500);
}

}  // namespace
}  // namespace songhua::exchange
