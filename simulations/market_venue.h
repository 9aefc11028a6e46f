// One market on the real engine, in process and in memory: enterprises with what they were endowed with, one contract, and days that pass
// by the virtual clock. Everything that traders do is a command with real checks and holds; everything that is told is read back from the
// store.
//
//   SONGHUA_ASSIGN_OR_RETURN(const auto venue, MarketVenue::Open({.endowments = ...}));
//   venue->OpenDay();
//   venue->Place(3, {.buy = true, .price = 210, .quantity = 1});
//   venue->NewTrades();
//   venue->CloseDay();
//
// Two rulebooks: continuous, without phases, whose sessions are opened and closed by hand; and calls, whose day consists of call auctions
// with pauses between, and opens, uncrosses and closes by itself. Both settle at once, without fees and without a band. The first reference
// price is the middle of all prices that are allowed, so that it says nothing about values.
//
// One thread.
#ifndef SONGHUA_SIMULATIONS_MARKET_VENUE_H_
#define SONGHUA_SIMULATIONS_MARKET_VENUE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/engine/engine.h"
#include "simulations/day_market.h"
#include "simulations/engine_reader.h"
#include "simulations/engine_requests.h"
#include "simulations/market_agents.h"
#include "simulations/simulated_disk.h"

namespace songhua::simulations {

inline constexpr int kVenueCallsMax = 16;  // of a day, as many phases as a rulebook may have
inline constexpr int kVenueDaysMax = 100;  // before its people's tokens expire

struct VenueOptions {
  int calls = 0;  // auctions a day; 0: continuous trading
  int64_t price_max = 0;
  std::vector<DayEndowment> endowments;  // by trader
};

struct VenueTrade {
  int64_t price = 0;
  int64_t quantity = 0;
  int buyer = 0;
  int seller = 0;
  std::string buy_order;
  std::string sell_order;
};

// An order as it was answered.
struct VenueOrder {
  std::string name;
  int64_t open = 0;
  int64_t filled = 0;
};

class MarketVenue {
 public:
  // The errors of this and of all methods but Place and Replace mean that the engine did what it should not have done.
  static absl::StatusOr<std::unique_ptr<MarketVenue>> Open(VenueOptions options);
  ~MarketVenue();

  // The next trading day, in session: continuous, or in its first call.
  absl::Status OpenDay();
  // Ends the call, which trades; and where another comes today, begins it. REQUIRES: a call is under way.
  absl::Status EndCall();
  // The session is over and no order is left. REQUIRES: all calls of the day have ended.
  absl::Status CloseDay();

  // The status is the ledger's or the market's refusal.
  absl::StatusOr<VenueOrder> Place(int trader, const Quote& quote);
  absl::StatusOr<VenueOrder> Replace(int trader, const std::string& order, const Quote& quote);
  absl::Status Cancel(int trader, const std::string& order);

  // Trades since it was last asked, in their order.
  absl::StatusOr<std::vector<VenueTrade>> NewTrades();

  // Ends the engine. OK: the exchange's invariants hold, the reconciliation of all lots, accounts and holds finds no difference, nothing is
  // held any more, and every trader has exactly `expected` in its accounts.
  absl::Status CheckAndStop(const std::vector<DayEndowment>& expected);

 private:
  explicit MarketVenue(VenueOptions options) : options_(std::move(options)), disk_(0) {}
  absl::Status Build();
  absl::Status AdvanceTo(Timestamp time);
  // Lets the engine's timers go on until the contract is in session or not, and collects orders or not.
  absl::Status Await(bool in_session, bool collecting);
  Timestamp CallStart(int call) const;
  Timestamp CallEnd(int call) const;
  absl::StatusOr<VenueOrder> OrderOf(absl::StatusOr<std::string> answer) const;
  // What the trader's account of the kind ("trading", "cash") holds; an error where some of it is held.
  absl::StatusOr<int64_t> Holding(int trader, const std::string& kind);

  const VenueOptions options_;
  SimulatedDisk disk_;
  std::unique_ptr<api::Engine> engine_;
  std::unique_ptr<EngineRequests> requests_;
  std::unique_ptr<EngineReader> reader_;
  std::map<std::string, int> traders_;  // by trading account
  Date day_ = kDayOfMarket - 1;
  int call_ = 0;         // of the day, the one under way
  uint64_t trades_ = 0;  // told so far
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_MARKET_VENUE_H_
