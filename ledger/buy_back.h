// What the reserve pays for a right that it buys back (DR-62): the lower of what the holder paid for a unit and the base price in force, for the time
// that remains, rounded down to a fen. Pure; any thread may use it.
#ifndef SONGHUA_LEDGER_BUY_BACK_H_
#define SONGHUA_LEDGER_BUY_BACK_H_

#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/legal_time.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::ledger {

struct BuyBackTerms {
  Quantity quantity;  // that is bought back,
  Term remaining{};   // for these days of the right's term

  // What was paid for the whole right. A cost of 0 is one that nobody recorded: then the base price alone decides.
  Money cost;
  Quantity cost_quantity;
  Term cost_term{};

  Price base;
  v1::PriceBasis basis = v1::PRICE_BASIS_UNSPECIFIED;
  int64_t quoted_unit = 1;  // smallest steps in one quoted unit
};

// PER_T_YEAR counts years as DR-40 does; PER_T_TERM counts remaining days over the term's. OUT_OF_RANGE when the price does not fit. REQUIRES:
// quantities above 0, `remaining` within `cost_term`.
absl::StatusOr<Money> BuyBackPrice(const BuyBackTerms& terms);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_BUY_BACK_H_
