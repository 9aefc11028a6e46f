// A sealed auction cleared again, by anybody, from what is public after its end: its rules and seed, bids, bidders by their numbers, consignments, awards.
//
// Whose number is whose only its commitment says: SHA-256 over auction, account and an opening, the request id by which the bidder registered, which it and
// the authorities alone know. So a bidder finds its own bids and awards among all, an auditor everybody's, and both see that they clear as was told.
//
// What the service does and what a replay does between the rows and exchange/auctions/ is one code, here. Pure functions. Any thread.
#ifndef SONGHUA_EXCHANGE_AUCTION_REPLAY_H_
#define SONGHUA_EXCHANGE_AUCTION_REPLAY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "exchange/auctions/sealed_clearing.h"
#include "exchange/auctions/unit_flows.h"
#include "ledger/sha256.h"
#include "songhua/v1/auctions.pb.h"

namespace songhua::exchange {

// What belongs to an auction is named by both numbers: "bids/7-4711", "consignments/7-4700", "auctionBidders/7-1".
std::string PartName(std::string_view collection, uint64_t auction, uint64_t number);
// INVALID_FIELD naming the field.
absl::StatusOr<std::pair<uint64_t, uint64_t>> ParsePartName(std::string_view field, std::string_view collection, const std::string& name);

// SHA-256("songhua bidder\n" auction "\n" account "\n" opening "\n"), names whole.
Digest BidderCommitment(std::string_view auction, std::string_view account, std::string_view opening);

// Where there is no listed price to compare with, nothing is compared.
void DropSecondary(SealedAuction* auction);
// Why nothing was awarded.
std::string_view ReasonOf(const SealedResult& result, size_t bids);
// What becomes of an award: by bidder, then bid, then price from the best down, then as the units flow.
absl::StatusOr<std::vector<UnitFlow>> AwardsInOrder(const SealedAuction& auction, const SealedResult& result);

// A bidder whose opening the record has, and fits its commitment.
struct OpenedBidder {
  int32_t number = 0;
  std::string account;
};

struct ReplayedAuction {
  SealedResult result;
  size_t bids = 0;
  std::vector<OpenedBidder> opened;
};

// Clears the record again. FAILED_PRECONDITION (NOT_REPLAYABLE) where the auction is none that was cleared; DATA_LOSS naming the first thing that is not as the
// clearing has it: the seed, the digest of the bids, the price, the quantity sold, an award, a commitment.
absl::StatusOr<ReplayedAuction> ReplayAuction(const v1::AuctionRecord& record);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_AUCTION_REPLAY_H_
