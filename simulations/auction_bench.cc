#include "simulations/auction_bench.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "exchange/auctions/sealed_clearing.h"
#include "exchange/auctions/sealed_profiles.h"
#include "ledger/check.h"
#include "simulations/random.h"

namespace songhua::simulations {
namespace {

using exchange::Bidder;
using exchange::SealedAuction;
using exchange::SealedBid;
using exchange::SealedPolicy;
using exchange::SealedResult;
using BenchClock = std::chrono::steady_clock;

constexpr int64_t kLeastPrice = 7'000;  // in ticks of the policy
constexpr int64_t kMostPrice = 9'000;
constexpr int64_t kBidders = 1'000;
constexpr int64_t kMostLots = 50;

struct AuctionWorkload {
  std::string name;
  SealedPolicy policy;
  exchange::Offer offer;
  std::vector<Bidder> bidders;
  std::vector<SealedBid> bids;
};

// Bids at 2,001 prices. Half of what is bid for is on offer.
AuctionWorkload Workload(std::string name, SealedPolicy policy, size_t bids, size_t bidders) {
  AuctionWorkload workload{std::move(name), std::move(policy), {}, {}, {}};
  const SealedPolicy& p = workload.policy;
  Random random(7);
  for (uint32_t number = 1; number <= bidders; ++number) workload.bidders.push_back({number, number, 1, {}, {}});
  int64_t wanted = 0;
  for (uint64_t id = 1; id <= bids; ++id) {
    const auto bidder = static_cast<uint32_t>(bidders == bids ? id : 1 + random.Below(bidders));
    const int64_t lots = (p.minimum_bid.value() + p.lot.value() - 1) / p.lot.value() + random.Between(0, kMostLots - 1);
    workload.bids.push_back({id, bidder, Price(p.tick.value() * random.Between(kLeastPrice, kMostPrice)), Quantity(lots * p.lot.value()),
                             id, random.Below(2) == 0});
    wanted += lots * p.lot.value();
  }
  if (p.reserve_tiers.empty())
    workload.offer.own = Quantity(std::max(p.award_step.value(), wanted / 2 / p.award_step.value() * p.award_step.value()));
  if (p.secondary != exchange::SecondaryRule::kNone) workload.offer.comparison = Price(kLeastPrice);
  if (p.consignments != exchange::ConsignmentRule::kNone) {
    const bool asks = p.consignments == exchange::ConsignmentRule::kAfterByAsk;
    for (uint64_t number = 1; number <= 1'000; ++number) {
      workload.offer.consignments.push_back({number, p.award_step, Price(asks ? random.Between(kLeastPrice, kMostPrice) : 0)});
    }
  }
  return workload;
}

// Guarantees for a part of what each bidder's book is worth.
void Guarantee(AuctionWorkload* workload, int64_t percent) {
  std::vector<int64_t> worth(workload->bidders.size());
  for (const SealedBid& bid : workload->bids) worth[bid.bidder - 1] += bid.price.value() * bid.quantity.value();
  for (size_t i = 0; i < worth.size(); ++i) workload->bidders[i].guarantee = Money(worth[i] / 100 * percent);
}

std::vector<AuctionWorkload> Workloads(size_t bids) {
  const Price reserve(kLeastPrice);
  const auto bidders = static_cast<size_t>(std::min<int64_t>(kBidders, static_cast<int64_t>(bids)));
  std::vector<AuctionWorkload> workloads;
  workloads.push_back(Workload("eu", exchange::EuPolicy(2'000), bids, bidders));
  workloads.push_back(Workload("uk", exchange::UkPolicy(reserve, 2'000), bids, bidders));
  workloads.push_back(
      Workload("rggi", exchange::RggiPolicy(reserve, {{Price(7'500), Quantity(1'000'000)}, {Price(7'900), Quantity(1'000'000'000)}}, {}),
               bids, bidders));
  Guarantee(&workloads.back(), 80);
  workloads.push_back(Workload("wci", exchange::WciPolicy(reserve), bids, bidders));
  Guarantee(&workloads.back(), 50);
  workloads.push_back(Workload("wci-reserve",
                               exchange::WciReservePolicy({{Price(7'200), Quantity(100'000'000)}, {Price(7'700), Quantity(100'000'000)}}),
                               bids, bidders));
  workloads.push_back(Workload("krx", exchange::KrxPolicy(Price(50 * kLeastPrice)), bids, bids));
  workloads.push_back(Workload("epa", exchange::EpaPolicy(), bids, bidders));
  workloads.push_back(
      Workload("cea-buyers", exchange::CeaOneWayPolicy(exchange::Side::kBuy, exchange::SealedPricing::kPayAsBid, reserve), bids, bidders));
  workloads.push_back(Workload("cea-sellers",
                               exchange::CeaOneWayPolicy(exchange::Side::kSell, exchange::SealedPricing::kUniform, Price(kMostPrice)), bids,
                               bidders));
  workloads.push_back(Workload("rights-reserve", exchange::ReserveAuctionPolicy(reserve), bids, bidders));

  workloads.push_back(Workload("all-tied", exchange::UkPolicy(reserve, 2'000), bids, bidders));
  for (SealedBid& bid : workloads.back().bids) bid.price = reserve;
  workloads.push_back(Workload("all-cut", exchange::WciPolicy(reserve), bids, bids));
  Guarantee(&workloads.back(), 50);
  workloads.push_back(Workload("one-bidder", exchange::RggiPolicy(reserve, {}, {}), bids, 1));
  workloads.back().policy.purchase_limits.clear();
  Guarantee(&workloads.back(), 50);
  return workloads;
}

double SecondsOf(BenchClock::time_point start) { return std::chrono::duration<double>(BenchClock::now() - start).count(); }

double SecondsToSort(std::vector<SealedBid> bids) {
  const BenchClock::time_point start = BenchClock::now();
  std::sort(bids.begin(), bids.end(),
            [](const SealedBid& a, const SealedBid& b) { return a.price != b.price ? a.price > b.price : a.sequence < b.sequence; });
  const double seconds = SecondsOf(start);
  SONGHUA_CHECK(bids.front().price >= bids.back().price);
  return seconds;
}

}  // namespace

absl::StatusOr<std::vector<BenchResult>> RunAuctionBench(const AuctionBenchOptions& options) {
  std::vector<BenchResult> results;
  const auto bids = static_cast<double>(options.bids);
  for (const AuctionWorkload& workload : Workloads(options.bids)) {
    BenchResult result{.name = "auction/" + workload.name, .unit = "bids/s"};
    for (int i = 0; i < options.repeats; ++i) {
      result.limit = std::max(result.limit, bids / SecondsToSort(workload.bids));
      const BenchClock::time_point start = BenchClock::now();
      const absl::StatusOr<SealedResult> cleared =
          exchange::ClearSealed({workload.policy, workload.offer, workload.bidders, workload.bids, Digest{}});
      const double rate = bids / SecondsOf(start);
      if (!cleared.ok()) return cleared.status();
      if (rate <= result.value) continue;
      result.value = rate;
      const auto tenths = static_cast<int64_t>(bids / rate * 10'000);  // of a millisecond
      result.note = std::to_string(options.bids) + " bids in " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms, " +
                    std::to_string(cleared->awards.size()) + " awards, " + std::to_string(cleared->lots.size()) + " lots drawn, " +
                    std::to_string(cleared->cuts.size() + cleared->lowered.size()) + " cut or lowered";
    }
    result.ratio = result.value / result.limit;
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace songhua::simulations
