// What a sealed auction is made of: bids, those who bid, and what is offered. Plain values; exchange/auctions/sealed_clearing.h clears
// them.
//
// A bid says the most that its bidder pays (where sellers bid, the least they take) for a quantity. Nobody sees another's; what was
// collected is cleared once, at the close. Prices and quantities are those of ledger/amounts.h, in the contract's steps.
#ifndef SONGHUA_EXCHANGE_AUCTIONS_SEALED_BIDS_H_
#define SONGHUA_EXCHANGE_AUCTIONS_SEALED_BIDS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "ledger/amounts.h"

namespace songhua::exchange {

struct SealedBid {
  uint64_t id = 0;  // not 0; unique in its auction
  uint32_t bidder = 0;
  Price price;
  Quantity quantity;
  uint64_t sequence = 0;  // the order of time; who changes a bid takes a new place. Where two are equal, the lower id came first
  bool partial = false;   // takes a part at the margin (DR-46)

  template <class Archive>
  void Fields(Archive& a) {
    a(id, bidder, price, quantity, sequence, partial);
  }
  bool operator==(const SealedBid&) const = default;
};

// Somebody who may bid. Bidders of one group are related: purchase limit and holding room are theirs together, and where they differ the
// strictest counts.
struct Bidder {
  uint32_t number = 0;  // unique in its auction
  uint32_t group = 0;
  uint8_t kind = 0;                      // whose PurchaseLimit holds
  std::optional<Money> guarantee;        // what it deposited; none: none was asked of it
  std::optional<Quantity> holding_room;  // what its group may still buy under its holding limit (CAR-25); none: no limit
};

// Units of others that are sold in the same auction.
struct Consignment {
  uint64_t number = 0;  // unique in its auction
  Quantity quantity;
  Price ask;  // ConsignmentRule::kAfterByAsk: the least its owner takes

  bool operator==(const Consignment&) const = default;
};

// What is sold; where sellers bid, what is bought.
struct Offer {
  Quantity own;  // of who holds the auction
  std::vector<Consignment> consignments;
  std::optional<Price> comparison;  // the secondary market's price just before and during the window (international.md 2.1 item 6)
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_AUCTIONS_SEALED_BIDS_H_
