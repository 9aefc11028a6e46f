// Auctions as a test writes them: bids one after the other, and what came of them as text.
#ifndef SONGHUA_TESTS_EXCHANGE_AUCTIONS_AUCTION_LAB_H_
#define SONGHUA_TESTS_EXCHANGE_AUCTIONS_AUCTION_LAB_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exchange/auctions/sealed_clearing.h"
#include "gtest/gtest.h"
#include "ledger/refusal.h"

namespace songhua::exchange {

class AuctionLab {
 public:
  explicit AuctionLab(SealedPolicy policy, int64_t own = 0) : policy(std::move(policy)) { offer.own = Quantity(own); }

  // A bid of bidder number `bidder`, who is made known; ids and places in time rise from 1.
  AuctionLab& Bid(uint32_t bidder, int64_t price, int64_t quantity, bool partial = false) {
    Known(bidder);
    const uint64_t id = bids.size() + 1;
    bids.push_back({id, bidder, Price(price), Quantity(quantity), id, partial});
    return *this;
  }
  // Each in a group of its own, unless the test says otherwise.
  Bidder& Known(uint32_t number) {
    for (Bidder& bidder : bidders) {
      if (bidder.number == number) return bidder;
    }
    bidders.push_back({number, number, 1, std::nullopt, std::nullopt});
    return bidders.back();
  }
  AuctionLab& Consign(uint64_t number, int64_t quantity, int64_t ask = 0) {
    offer.consignments.push_back({number, Quantity(quantity), Price(ask)});
    return *this;
  }

  absl::StatusOr<SealedResult> Clear() const { return ClearSealed({policy, offer, bidders, bids, seed}); }
  SealedResult Cleared() const {
    const absl::StatusOr<SealedResult> result = Clear();
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : SealedResult{};
  }

  SealedPolicy policy;
  Offer offer;
  std::vector<Bidder> bidders;
  std::vector<SealedBid> bids;
  Digest seed{};
};

// "5000 @ 7950, unsold 0", "cancelled", or "nothing".
inline std::string Summary(const SealedResult& result) {
  if (result.cancelled != AuctionCancelled::kNo) return "cancelled";
  if (result.sold == Quantity()) return "nothing";
  return std::to_string(result.sold.value()) + " @ " +
         (result.clearing_price.has_value() ? std::to_string(result.clearing_price->value()) : "tiers") + ", unsold " +
         std::to_string(result.unsold.value());
}

// What the bids with ids 1, 2, ... got.
inline std::vector<int64_t> Quantities(const SealedResult& result, size_t bids) {
  std::vector<int64_t> quantities(bids);
  for (const SealedAward& award : result.awards) quantities[award.bid - 1] += award.quantity.value();
  return quantities;
}

// "bid 3: 500 guarantee" of each cut.
inline std::vector<std::string> Cuts(const SealedResult& result) {
  static constexpr const char* kReasons[] = {"", "reserve", "purchase", "holding", "guarantee"};
  std::vector<std::string> cuts;
  for (const BidCut& cut : result.cuts) {
    cuts.push_back("bid " + std::to_string(cut.bid) + ": " + std::to_string(cut.quantity.value()) + " " +
                   kReasons[static_cast<size_t>(cut.reason)]);
  }
  return cuts;
}

// A seed under which the ids given are drawn in that order before all others of `ids`, searched from 0 on.
inline Digest SeedFor(AuctionLab lab, const std::vector<uint64_t>& order) {
  for (uint32_t i = 0; i < 100'000; ++i) {
    lab.seed = Digest{};
    for (size_t byte = 0; byte < 4; ++byte) lab.seed[byte] = static_cast<uint8_t>(i >> 8 * byte);
    std::vector<uint64_t> drawn;
    for (const DrawnLot& lot : lab.Cleared().lots) drawn.push_back(lot.number);
    if (drawn.size() >= order.size() && std::equal(order.begin(), order.end(), drawn.begin())) return lab.seed;
  }
  ADD_FAILURE() << "no seed draws that order";
  return {};
}

// "field=value" of a refusal, "" of none.
template <class StatusLike>
std::string FieldOf(const StatusLike& status) {
  absl::Status plain;
  if constexpr (std::is_same_v<StatusLike, absl::Status>) {
    plain = status;
  } else {
    plain = status.status();
  }
  if (plain.ok()) return "";
  const std::optional<RefusalDetail> detail = GetRefusal(plain);
  if (!detail.has_value()) return "no refusal: " + plain.ToString();
  EXPECT_NE(detail->accepted, "");
  return detail->field + "=" + detail->value;
}

}  // namespace songhua::exchange

#endif  // SONGHUA_TESTS_EXCHANGE_AUCTIONS_AUCTION_LAB_H_
