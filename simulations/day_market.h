// The market in which the `day` workload trades: enterprises with registry, trading and cash accounts, units of two vintages, money, a trader
// with a token each, and contracts with an open session. It is built through the engine's own commands, from an engine that was just created.
//
//   auto engine = OpenDayEngine(path);
//   SONGHUA_ASSIGN_OR_RETURN(const DayMarket market, BuildDayMarket(engine->get(), {.accounts = 1'000}));
#ifndef SONGHUA_SIMULATIONS_DAY_MARKET_H_
#define SONGHUA_SIMULATIONS_DAY_MARKET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/engine/engine.h"
#include "ledger/accounts.h"
#include "ledger/legal_time.h"

namespace songhua::simulations {

// The trading morning on which it begins, at 09:00.
inline constexpr Date kDayOfMarket(20458);  // 2026-01-05

// What an enterprise begins with.
struct DayEndowment {
  int64_t units = 0;      // of the first vintage, in its trading account
  int64_t money_fen = 0;  // in its cash account
};

struct DayMarketOptions {
  int accounts = 100'000;  // trading accounts: one an enterprise
  int contracts = 50;      // odd numbers quote the first vintage, even ones the second
  Date day = kDayOfMarket;
  // By trader, as many as accounts; empty: the workload's, a million units of each trader's vintage and 100 million yuan.
  std::vector<DayEndowment> endowments = {};
};

struct DayMarket {
  static constexpr int64_t kReferencePriceFen = 8'000;  // 80.00 yuan a tonne; the band is 10%
  static constexpr int64_t kTickFen = 1;
  static constexpr int32_t kFirstVintage = 2024;

  int contracts = 0;
  std::vector<ledger::AccountNumber> accounts;  // trading accounts, by trader

  // The vintage that a contract quotes, and the one that a trader was issued: 0 or 1.
  static int VintageOfContract(uint32_t contract) { return static_cast<int>((contract + 1) % 2); }
  static int VintageOfTrader(int trader) { return trader % 2; }
};

// How to open a store in `path` for the market: created, with a VIRTUAL clock on a trading morning.
api::EngineOptions DayEngineOptions(const std::string& path, Date day = kDayOfMarket);
absl::StatusOr<std::unique_ptr<api::Engine>> OpenDayEngine(const std::string& path);

// Builds the market. An error is the first refusal; there is none on an engine that was just opened by DayEngineOptions.
absl::StatusOr<DayMarket> BuildDayMarket(api::Engine* engine, const DayMarketOptions& options);

// The enterprise's USCC; the person who trades for it, whose token is his id; the token's hash.
std::string DayEnterprise(int trader);
std::string DayTraderId(int trader);
std::string DayTraderTokenSha256(int trader);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_DAY_MARKET_H_
