// What becomes of units that an auction did not sell. Pure functions over quantities. Any thread.
//
//   UK 2.2 item 4     equal parts to the next four auctions, none above 125 % of what was first proposed for it; the excess to another
//                     of the four with room
//   EU 2.1 item 7     the volume of a cancelled auction, spread over the next auctions
//   WCI 2.4 item 9    what was not sold comes back once two auctions in a row cleared above the floor, at most 25 % of the next offer
#ifndef SONGHUA_EXCHANGE_AUCTIONS_UNSOLD_H_
#define SONGHUA_EXCHANGE_AUCTIONS_UNSOLD_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/amounts.h"

namespace songhua::exchange {

// One of the auctions to come.
struct ComingAuction {
  Quantity proposed;  // first
  Quantity planned;   // as it is now, with what was added before
};

struct SpreadRules {
  size_t auctions = 4;               // over so many of those to come, or all if there are fewer
  std::optional<int32_t> limit_bps;  // no auction above so much of what was first proposed for it; 12,500 is 125 %
  Quantity step{1};                  // parts are multiples of it; the first auctions get what the division leaves
};
constexpr SpreadRules UkSpread(Quantity step) { return {4, 12'500, step}; }
constexpr SpreadRules EuSpread(size_t auctions, Quantity step) { return {auctions, std::nullopt, step}; }

struct Spread {
  std::vector<Quantity> added;  // to each of the auctions to come
  Quantity left;                // what none has room for, and what is less than a step

  bool operator==(const Spread&) const = default;
};
// First an equal part to each, as far as it has room; then what is in excess to the first with room, and so on. Refuses quantities below 0
// and a step below 1, and sums that leave 64 bits.
absl::StatusOr<Spread> SpreadUnsold(const SpreadRules& rules, Quantity unsold, std::span<const ComingAuction> coming);

// What comes back to the next offer from the stock of unsold units, in steps. REQUIRES: nothing below 0, step >= 1.
inline constexpr int32_t kWciReturnAfter = 2;
inline constexpr int32_t kWciReturnBps = 2'500;
Quantity ReturnOfUnsold(Quantity stock, int32_t auctions_above_floor, Quantity next_offer, Quantity step);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_AUCTIONS_UNSOLD_H_
