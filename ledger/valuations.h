// Valuations: what a bank may take the units of a pledge to be worth (PLG-15, PLG-16). Pure functions; what the market paid comes in by MarketPrices, which the
// engine connects to the exchange.
//
//   rights      quantity x unit x remaining years, or x remaining / term where the price is for the whole term;
//               unit = min(base price, 12-month average), the average only where three trades or more made it
//   allowances  quantity x min(previous close, 20-trading-day average) of the vintage
//
// Everything is cut down to the fen (GEN-07). Prices of two bases never come together (DR-40).
#ifndef SONGHUA_LEDGER_VALUATIONS_H_
#define SONGHUA_LEDGER_VALUATIONS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "ledger/amounts.h"
#include "ledger/legal_time.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::ledger {

inline constexpr uint64_t kIndexTradesMin = 3;
inline constexpr int32_t kIndexTradingDays = 20;

// A volume-weighted average of settled trades; zeros: there were none.
struct MarketAverage {
  uint64_t trades = 0;
  Quantity quantity;
  Price price;  // cut down to the fen

  friend bool operator==(const MarketAverage&, const MarketAverage&) = default;
};

// The twelve months that end with the day, both ends included: 2025-07-02 to 2026-07-01.
Term IndexWindow(Date last);

struct Valuation {
  Price unit;
  Money value;

  friend bool operator==(const Valuation&, const Valuation&) = default;
};

// The unit price of a right (PLG-15).
Price RightUnitPrice(Price base, const MarketAverage& year);
// A right from `date` on; one that begins later counts whole, one that has ended nothing. nullopt: the value does not fit in 64 bits of fen.
// REQUIRES: unit >= 0; a price basis.
std::optional<Valuation> ValueRight(Price unit, v1::PriceBasis basis, Quantity quantity, int64_t quoted_unit, const Term& term, Date date);
// Serial units (PLG-16). nullopt as above. REQUIRES: close > 0.
std::optional<Valuation> ValueSerialUnits(Price close, const MarketAverage& days, Quantity quantity, int64_t quoted_unit);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_VALUATIONS_H_
