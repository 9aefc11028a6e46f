// Chance in a call auction: one mechanism for the moment at which its collecting ends and for the order of those that are tied by price.
//
// A seed is 32 random bytes. The custodian (api/seed_custodian.h) draws it, keeps it to itself and has its SHA-256, the seal, journaled before the first order
// is collected; the seed follows when the collecting has ended. Both uses are functions of the seed and of what the journal says, so that who has the journal
// draws again, and neither who bids last nor who runs the service can choose:
//
//   random end   end + (the first 8 bytes, big-endian, of SHA-256(seed, "random end", contract's code, "\0", "2026-01-05") mod 1000 x random_end_seconds) ms
//   ties         the lowest SHA-256(seed, digest of the collected orders, number of the order as 8 bytes, big-endian) first
//   digest       SHA-256 of number, side (1 buys, 2 sells), price (0 of a market order) and open quantity of each order, by number; 8 bytes each, big-endian,
//                and one for the side
//
// Pure functions. Any thread. Source: international.md 7.2.
#ifndef SONGHUA_EXCHANGE_CALL_SEEDS_H_
#define SONGHUA_EXCHANGE_CALL_SEEDS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "exchange/order_book.h"
#include "ledger/legal_time.h"
#include "ledger/sha256.h"

namespace songhua::exchange {

// How a call auction goes on. Numbers are on disk.
enum class CallStage : uint8_t {
  kNone = 0,        // there was none yet
  kAwaitsSeal = 1,  // no order is taken before a seed is sealed
  kCollects = 2,    // orders are collected; with a seed, until it is revealed
  kEnded = 3,       // what could trade has
  kVoid = 4,        // its orders were cancelled, or there were none
};

// The last call auction of a contract. Part of its row.
struct CallRun {
  CallStage stage = CallStage::kNone;
  bool sealed = false;    // by a seed
  bool extended = false;  // once: price monitoring
  Date date{};
  Timestamp end;         // from here on its collecting may end; once it has: when it did
  Timestamp latest_end;  // here it does
  Timestamp extended_until;  // `end` as the last extension set it
  Timestamp void_time;       // sealed: without the seed it is void from here on
  Digest seal{};
  Digest seed{};    // once it was revealed
  Digest orders{};  // digest of what was collected, once it is
  bool extended_for_market = false;  // once: market orders would have remained unfilled

  bool Runs() const { return stage == CallStage::kAwaitsSeal || stage == CallStage::kCollects; }
  template <class Archive>
  void Fields(Archive& a) {
    a(stage, sealed, extended, date, end, latest_end, extended_until, void_time, seal, seed, orders, extended_for_market);
  }
};

// The last sealed call auction of a contract that became void: an operator should look at why. Part of its row; it stays when the next auction begins.
struct CallVoid {
  Date date{};
  Timestamp time;  // 0: there was none
  std::string reason;

  template <class Archive>
  void Fields(Archive& a) {
    a(date, time, reason);
  }
};

Digest SealOf(const Digest& seed);
// When the collecting ends by chance, at or after `end`. REQUIRES: 0 <= random_end_s.
Timestamp DrawEnd(const Digest& seed, std::string_view contract_code, Date date, Timestamp end, int32_t random_end_s);

struct CollectedOrder {
  OrderId number = 0;
  Side side = Side::kBuy;
  int64_t price = 0;  // 0: a market order
  int64_t open = 0;
};
// REQUIRES: ascending by number.
Digest DigestOfOrders(std::span<const CollectedOrder> orders);
// What orders that are tied by price are ordered by, lowest first: the TieKey of call_auction.h.
Digest LotOf(const Digest& seed, const Digest& orders, OrderId number);

// Further from the reference price than that. False without a reference price (0). REQUIRES: bps >= 0.
bool LiesBeyond(int64_t price, int64_t reference, int32_t bps);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_CALL_SEEDS_H_
