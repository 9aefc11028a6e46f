// The clearing of sealed auctions alone: one thread, in memory, the same random bids under each market's policy
// (exchange/auctions/sealed_profiles.h).
#ifndef SONGHUA_SIMULATIONS_AUCTION_BENCH_H_
#define SONGHUA_SIMULATIONS_AUCTION_BENCH_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "simulations/bench_result.h"

namespace songhua::simulations {

struct AuctionBenchOptions {
  size_t bids = 100'000;
  int repeats = 5;  // each figure is the best of so many
};

// For each policy "auction/<market>": bids a second from the collected bids to the result, and as the limit the rate of one std::sort of
// the same bids by price and time. Then the same with what costs most: "auction/all-tied" draws a lot for every bid, "auction/all-cut" cuts
// and tests again the book of every bidder, each of whom has one bid, and "auction/one-bidder" holds each bid of one bidder against its
// guarantee in the order of time.
absl::StatusOr<std::vector<BenchResult>> RunAuctionBench(const AuctionBenchOptions& options = {});

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_AUCTION_BENCH_H_
