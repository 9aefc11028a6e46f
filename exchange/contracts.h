// Contracts: what is quoted. Rows, and the exact arithmetic of one contract.
//
// A contract quotes either the term of a right (settled whole or not at all) or one vintage of serial units. Its lot and tick are such that
//
//   amount(price, quantity) = (price / tick) x (quantity / lot) x fen_per_lot_tick
//
// is a whole number of fen for every order it accepts: fills neither gain nor lose one, and what a buy order holds closes to zero.
#ifndef SONGHUA_EXCHANGE_CONTRACTS_H_
#define SONGHUA_EXCHANGE_CONTRACTS_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "exchange/call_seeds.h"
#include "exchange/daily_bars.h"
#include "exchange/rulebooks.h"
#include "ledger/amounts.h"
#include "ledger/legal_time.h"
#include "ledger/programs.h"
#include "ledger/tables.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::exchange {

inline constexpr int64_t kPriceMax = 1'000'000'000'000'000;

struct ContractRow {
  static constexpr RowTable kTable = RowTable::kContracts;
  static constexpr bool kNumbered = true;
  static constexpr int64_t kNoUpperLimit = std::numeric_limits<int64_t>::max();

  ContractNumber number = 0;
  std::string code;
  std::string program;
  std::string pollutant;
  std::string control_zone;
  std::string trading_group;
  std::string basin;
  ledger::InstrumentClassId instrument_class = 0;
  bool right = false;
  Term term{};          // of a right
  int32_t vintage = 0;  // of serial units
  v1::PriceBasis price_basis = v1::PRICE_BASIS_UNSPECIFIED;
  Price tick;
  Quantity lot_size;
  Money fen_per_lot_tick;
  std::string rulebook;

  // What the session runs by, taken when it opens: no rule changes under an open session.
  RulebookTerms terms;
  Price reference_price;  // the previous close; 0: none yet
  Price band_low;         // limits that are accepted, both included
  Price band_high{kNoUpperLimit};
  Price floor;  // the base price (DR-73); 0: none
  uint32_t sector_classes = 0;    // of a right: those of its trading group, a bit each (DR-24, DR-25)
  bool trading_accounts = false;  // of serial units: only TRADING accounts (CAR-08)

  bool open = false;     // opened and not closed since. Whether it is in session is a matter of the day, too: InSession
  Date session_date{};   // the day of the last opening
  Price last_price;      // 0: never traded
  DailyBar bar;          // of session_date
  uint64_t trades = 0;  // agreed so far, in all sessions

  uint32_t halts = 0;       // in force that stop it (market_halts.h)
  bool purging = false;     // a halt that purges is still ending its orders
  bool collecting = false;  // orders rest without meeting, and may cross, until the call auction trades them
  std::string not_opened;   // why it did not open by itself on its last market day; empty: it did
  CallRun call;             // its last call auction, or the one that runs
  CallVoid call_void;       // its last one that became void

  ContractNumber Key() const { return number; }
  // A session belongs to its legal date: on the next day it is over, whether or not it was closed.
  bool InSession(Date today) const { return open && session_date == today; }

  template <class Archive>
  void Fields(Archive& a) {
    a(number, code, program, pollutant, control_zone, trading_group, basin, instrument_class, right, term, vintage, price_basis, tick, lot_size,
      fen_per_lot_tick, rulebook, terms, reference_price, band_low, band_high, floor, sector_classes, trading_accounts, open, session_date,
      last_price, bar, trades, halts, purging, collecting, not_opened, call, call_void);
  }
};

// The fen of one lot at a price of one tick. INVALID_ARGUMENT (NOT_WHOLE, DR-40) where that is no whole number, with the smallest lot that
// would do; OUT_OF_RANGE where it does not fit. `quoted_unit` as for Amount in ledger/amounts.h. REQUIRES: tick, lot and quoted_unit above 0.
absl::StatusOr<Money> FenPerLotTick(Price tick, Quantity lot, int64_t quoted_unit, Ratio term);

// The amount of a quantity at a price into `amount`; false where it does not fit. REQUIRES: price on tick and quantity on lot, neither negative.
bool AmountOf(const ContractRow& contract, Price price, Quantity quantity, Money* amount);

// The fee on a traded amount: basis points, half-up to the fen (DR-51). REQUIRES: amount >= 0, 0 <= fee_bps <= kFeeBpsMax.
Money FeeOf(Money amount, int32_t fee_bps);

// The band of a rulebook around a reference price, limits rounded inward to ticks (CAR-13).
struct BandLimits {
  Price low;
  Price high;
};
// REQUIRES: 0 < band_bps <= kBandBpsMax, 0 < reference <= kPriceMax.
BandLimits BandAround(Price reference, int32_t band_bps, Price tick);

// The reference of a call auction's price: the previous close, brought down to the tick, and then into the band and up to the floor, since market orders may
// trade at it; nullopt: there is none.
std::optional<int64_t> CallReferenceOf(const ContractRow& contract);

// What a contract in session does: what its market day says, but a call auction that runs goes on until it has ended. From its latest end to the reveal of its
// seed, or to the end of a halt, it is in a break.
PhaseNow PhaseAt(const ContractRow& row, Timestamp now);

// As it is at that time: the session of an earlier day is CLOSED.
v1::Contract ToProto(const ContractRow& row, Timestamp now);
// `contract`: its resource name.
v1::DailyBar ToProto(const DailyBarRow& row, const std::string& contract);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_CONTRACTS_H_
