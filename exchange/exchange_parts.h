// What an Exchange stands on: the ledger, and small interfaces through which it asks what it may not know itself. The engine connects them.
#ifndef SONGHUA_EXCHANGE_EXCHANGE_PARTS_H_
#define SONGHUA_EXCHANGE_EXCHANGE_PARTS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "exchange/contracts.h"
#include "exchange/order_refusal.h"
#include "exchange/trade_clocks.h"
#include "ledger/accounts.h"
#include "ledger/calendars.h"
#include "ledger/counters.h"
#include "ledger/ledger.h"
#include "ledger/participants.h"
#include "ledger/region_statuses.h"

namespace songhua::ledger {
class Pledges;
}

namespace songhua::exchange {

// What a site is about to get in a year of the pollutant of a contract, beside what is asked about: its bids, and what it bought and has not been delivered.
using ComingIn = absl::FunctionRef<Quantity(int32_t year)>;

// What the exchange must know of a participant's permits and standing (DR-09, DR-17, DR-28, DR-29). The engine connects it. Asked for every
// order and replacement that passed the checks before it, so it answers from memory; it changes nothing.
class MarketGate {
 public:
  virtual ~MarketGate() = default;
  // kNone, or one of kRightsInArrears .. kAccountRestricted. `more`: by how much more is offered than now: all of a new order, what a replacement adds, nothing
  // of what rests already.
  virtual OrderRefusal MaySell(const ledger::AccountRow& account, const ContractRow& contract, Quantity more, Date today) = 0;
  // `quantity` is the order's open quantity.
  virtual OrderRefusal MayBuy(const ledger::AccountRow& account, const ContractRow& contract, Quantity quantity, ComingIn coming, Date today) = 0;
  // By how much its site is permitted more than its rights and what is coming cover, in the year of the contract's term in which that is most: what it buys
  // beyond that is for a new project (DR-27).
  virtual Quantity DeficitOf(const ledger::AccountRow& account, const ContractRow& contract, ComingIn coming, Date today) = 0;
  // What would be accepted instead of what was refused with kCreditGate. `deficit`: what a buyer could buy for it.
  virtual std::string CreditText(const ledger::AccountRow& account, const ContractRow& contract, Side side, std::string_view deficit, Date today) = 0;
};

// Wakes the engine for Exchange::PassPhases and Exchange::PassSettlements. The engine connects it.
class MarketAlarm {
 public:
  virtual ~MarketAlarm() = default;
  virtual void WakeForPhases(Timestamp at) = 0;
  virtual void WakeForSettlements(Timestamp at) = 0;
  // For PassVoidCalls.
  virtual void WakeForCalls(Timestamp at) = 0;
};

// The base price below which a contract may not trade on a day (DR-73). Asked when a session opens and by RefreshFloors, never for an order.
class FloorReader {
 public:
  virtual ~FloorReader() = default;
  // 0 where the program's policy is not FLOOR or no price is in force.
  virtual Price FloorOf(const ContractRow& contract, Date today) = 0;
};

// What the permits of a site say of its rights, for trades that were settled (DR-18). The engine connects it.
class PermitReader {
 public:
  virtual ~PermitReader() = default;
  // Whether the site's permits permit no more of the pollutant than its rights cover, in each year of the term from today's on.
  virtual bool ShowsWhatIsLeft(const std::string& site, const std::string& pollutant, const Term& term, Date today) const = 0;
  // The same, and the permit in force shows what was bought: it has a limit of the pollutant, and was issued after the settlement, whose command has the
  // sequence `settled`, or permits all that the site has rights to in each of these years within its own term.
  virtual bool ShowsWhatCame(const std::string& site, const std::string& pollutant, const Term& term, uint64_t settled, Date today) const = 0;
};

// What an Exchange stands on. `permits` and `alarm` are asked only for trades of rights.
struct ExchangeParts {
  ledger::Ledger* ledger;
  ledger::Participants* participants;
  ledger::Counters* counters;
  const ledger::Calendars* calendars;
  MarketGate* gate;
  FloorReader* floors;
  PermitReader* permits;
  TradeAlarm* alarm;
  MarketAlarm* market_alarm;
  ledger::RegionStatuses* regions;
  ledger::Pledges* pledges;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_EXCHANGE_PARTS_H_
