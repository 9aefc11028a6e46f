#include <charconv>
#include <fstream>
#include <utility>
#include <vector>

#include "api/cli/command.h"
#include "api/cli/table.h"
#include "api/cli/text.h"
#include "simulations/market_simulation.h"
#include "simulations/market_venue.h"
#include "simulations/price_plot.h"

namespace songhua::api::cli {
namespace {

using simulations::AgentKind;
using simulations::MarketFigures;
using simulations::MarketOutcome;
using simulations::MarketSimulationOptions;

// A mechanism and what came of it.
struct Played {
  std::string name;
  int calls = 0;
  MarketOutcome outcome;
};

std::string Yuan(int64_t fen) { return Decimal(fen, 2, 2); }

std::string FromTo(const std::string& low, const std::string& high) { return low == high ? low : low + " to " + high; }

// Half up to the fen; empty where nothing was traded.
std::string AveragePrice(const MarketFigures& figures) {
  return figures.units == 0 ? "" : Yuan((2 * figures.turnover + figures.units) / (2 * figures.units));
}

std::string TwoDecimals(double value) {
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value, std::chars_format::fixed, 2);
  return std::string(digits, end.ptr);
}

void PrintFigures(const Played& played, std::ostream& out) {
  const MarketOutcome& outcome = played.outcome;
  out << "\n" << played.name << "\n";
  Table table({{"period"}, {"trades", true}, {"units", true}, {"average price", true}, {"alpha", true}, {"efficiency", true}});
  const auto add = [&](const std::string& label, const MarketFigures& figures) {
    table.Add({label, Thousands(figures.trades), Thousands(figures.units), AveragePrice(figures),
               figures.trades == 0 ? "" : TwoDecimals(figures.alpha) + "%", figures.efficiency});
  };
  for (size_t period = 0; period < outcome.periods.size(); ++period) add(std::to_string(period + 1), outcome.periods[period]);
  add("all", outcome.all);
  table.Print(out, 2);
  out << "  " << Thousands(outcome.orders) << " orders placed or replaced";
  for (const auto& [reason, count] : outcome.refusals) out << ", " << Thousands(count) << " refused: " << reason;
  out << "\n  invariants hold: all " << Thousands(outcome.units) << " units and " << Yuan(outcome.money)
      << " yuan are where the trades say, nothing is held\n";
}

void PrintText(const MarketSimulationOptions& options, const std::vector<Played>& all, std::ostream& out) {
  const MarketOutcome& first = all.front().outcome;
  const simulations::Equilibrium& equilibrium = first.equilibrium;
  out << first.title << "\n"
      << first.agents << " agents, of them " << options.speculators << " speculators; " << options.periods << " periods, seed "
      << options.seed << "\n"
      << "equilibrium: price " << FromTo(Yuan(equilibrium.price_low), Yuan(equilibrium.price_high)) << " yuan, quantity "
      << FromTo(Thousands(equilibrium.quantity_low), Thousands(equilibrium.quantity_high)) << ", surplus " << Yuan(equilibrium.surplus)
      << " yuan a period\n";
  for (const Played& played : all) PrintFigures(played, out);
}

std::string FiguresJson(const MarketFigures& figures) {
  return "{\"trades\":" + std::to_string(figures.trades) + ",\"units\":" + std::to_string(figures.units) +
         ",\"turnover_fen\":" + std::to_string(figures.turnover) + ",\"alpha_percent\":" + TwoDecimals(figures.alpha) +
         ",\"surplus_twice_fen\":" + std::to_string(figures.surplus_twice) + ",\"efficiency\":\"" + figures.efficiency + "\"}";
}

// Names of reasons and of mechanisms hold nothing that JSON would escape.
std::string PlayedJson(const MarketSimulationOptions& options, const Played& played) {
  const MarketOutcome& outcome = played.outcome;
  const simulations::Equilibrium& equilibrium = outcome.equilibrium;
  std::string json =
      "{\"mechanism\":\"" + played.name + "\",\"seed\":" + std::to_string(options.seed) + ",\"agents\":" + std::to_string(outcome.agents) +
      ",\"speculators\":" + std::to_string(options.speculators) + ",\"calls\":" + std::to_string(played.calls) +
      ",\"equilibrium\":{\"price_low_fen\":" + std::to_string(equilibrium.price_low) +
      ",\"price_high_fen\":" + std::to_string(equilibrium.price_high) + ",\"quantity_low\":" + std::to_string(equilibrium.quantity_low) +
      ",\"quantity_high\":" + std::to_string(equilibrium.quantity_high) + ",\"surplus_fen\":" + std::to_string(equilibrium.surplus) +
      "},\"periods\":[";
  for (size_t i = 0; i < outcome.periods.size(); ++i) json += (i == 0 ? "" : ",") + FiguresJson(outcome.periods[i]);
  json += "],\"all\":" + FiguresJson(outcome.all) + ",\"orders\":" + std::to_string(outcome.orders) + ",\"refusals\":{";
  bool first = true;
  for (const auto& [reason, count] : outcome.refusals) {
    json += (first ? "\"" : ",\"") + reason + "\":" + std::to_string(count);
    first = false;
  }
  json += "},\"trades\":[";
  for (size_t i = 0; i < outcome.trades.size(); ++i) {
    const simulations::SimulatedTrade& trade = outcome.trades[i];
    json += (i == 0 ? "" : ",") + ("{\"period\":" + std::to_string(trade.period + 1)) + ",\"price_fen\":" + std::to_string(trade.price) +
            ",\"quantity\":" + std::to_string(trade.quantity) + ",\"buyer\":" + std::to_string(trade.buyer) +
            ",\"seller\":" + std::to_string(trade.seller) + "}";
  }
  return json + "]}";
}

absl::Status WritePlot(const std::string& path, const std::vector<Played>& all) {
  const MarketOutcome& first = all.front().outcome;
  simulations::PricePlot plot{first.title, first.equilibrium.price_low, first.equilibrium.price_high, {}};
  for (const Played& played : all) {
    simulations::PriceSeries series{played.name, {}};
    series.periods.resize(played.outcome.periods.size());
    for (const simulations::SimulatedTrade& trade : played.outcome.trades) series.periods[trade.period].push_back(trade.price);
    plot.series.push_back(std::move(series));
  }
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << simulations::DrawPrices(plot);
  file.close();
  return file.good() ? absl::OkStatus() : absl::UnavailableError(path + " cannot be written");
}

absl::StatusOr<MarketSimulationOptions> OptionsOf(const Arguments& arguments) {
  MarketSimulationOptions options;
  const std::string agents = arguments.GetOr("agents", "induced");
  if (agents != "induced" && agents != "abating") {
    return absl::InvalidArgumentError("--agents " + agents + " is none; accepted: induced, abating");
  }
  options.agents = agents == "induced" ? AgentKind::kInduced : AgentKind::kAbating;
  const auto other = [&](const char* flag) {
    return absl::InvalidArgumentError(std::string("--") + flag + " does not go with --agents " + agents);
  };
  if (options.agents == AgentKind::kAbating && arguments.Has("chart")) return other("chart");
  if (options.agents == AgentKind::kInduced && arguments.Has("enterprises")) return other("enterprises");
  if (arguments.Has("calls") && !arguments.IsSet("call")) return absl::InvalidArgumentError("--calls goes with --call");
  const auto seed = arguments.Integer("seed", 1, 0, INT64_MAX);
  if (!seed.ok()) return seed.status();
  options.seed = static_cast<uint64_t>(*seed);
  struct {
    const char* flag;
    int* into;
    int64_t least, most;
  } const numbers[] = {{"chart", &options.chart, 1, simulations::ChartCount()},
                       {"enterprises", &options.enterprises, 2, 200},
                       {"speculators", &options.speculators, 0, 100},
                       {"periods", &options.periods, 1, simulations::kVenueDaysMax},
                       {"turns", &options.turns, 1, 1'000}};
  for (const auto& number : numbers) {
    const auto given = arguments.Integer(number.flag, *number.into, number.least, number.most);
    if (!given.ok()) return given.status();
    *number.into = static_cast<int>(*given);
  }
  return options;
}

constexpr int kCallsDefault = 8;

int RunMarket(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  auto options = OptionsOf(arguments);
  if (!options.ok()) return BadUsage(invocation, options.status());
  const auto calls = arguments.Integer("calls", kCallsDefault, 1, simulations::kVenueCallsMax);
  if (!calls.ok()) return BadUsage(invocation, calls.status());
  std::vector<Played> all = {{"continuous double auction", 0, {}}};
  if (arguments.IsSet("call")) all.push_back({"call auction, " + std::to_string(*calls) + " a period", static_cast<int>(*calls), {}});
  for (Played& played : all) {
    options->calls = played.calls;
    auto outcome = simulations::SimulateMarket(*options);
    if (!outcome.ok()) {
      *invocation.io.err << "seed " << options->seed << ", " << played.name << ": " << outcome.status().message() << "\n";
      return kExitRefused;
    }
    played.outcome = *std::move(outcome);
  }
  if (arguments.IsSet("json")) {
    for (const Played& played : all) *invocation.io.out << PlayedJson(*options, played) << "\n";
  } else {
    PrintText(*options, all, *invocation.io.out);
  }
  if (const std::string* path = arguments.Get("plot")) {
    if (const absl::Status written = WritePlot(*path, all); !written.ok()) {
      *invocation.io.err << written.message() << "\n";
      return kExitRefused;
    }
  }
  return kExitOk;
}

}  // namespace

Verb SimulateMarketVerb() {
  Verb verb;
  verb.words = {"simulate", "market"};
  verb.group = "proof";
  verb.summary = "Let agents trade on the engine, and measure the market against its competitive equilibrium";
  verb.description =
      "Agents trade for some days on the real engine, in this process and in memory: their orders are checked, hold units and money in the "
      "ledger, and settle. "
      "What each unit is worth to whom is known, so that the price and quantity at which demand meets supply can be computed, and what the "
      "market achieved "
      "beside it.\n\n"
      "induced: buyers and sellers of one unit a period, by the schedule of --chart, who bid at random but never at a loss (Gode and "
      "Sunder 1993). The charts: "
      "1 symmetric, 2 flat, 3 steep demand and flat supply, 4 constant cost, 5 box; 1 is that of test 1 in Smith (1962), the others are in "
      "the manner of his. "
      "abating: enterprises that must cover emissions, buy where that costs less than to abate, and sell where it brings more. Speculators "
      "follow the price, or "
      "bet on its return; they sell only what they hold.\n\n"
      "efficiency: the surplus that was reached over the largest; units that speculators take or give count at the equilibrium price. "
      "alpha: Smith's coefficient "
      "of convergence, the standard deviation of prices around the equilibrium price in percent of it.\n\n"
      "In the end the invariants of market and ledger are checked, and that every account holds what the trades say. The same flags do the "
      "same again.";
  verb.flags = {{"seed", "S", "Of all that is drawn; 1 unless given"},
                {"agents", "KIND", "induced or abating; induced unless given"},
                {"chart", "N", "The schedule of supply and demand, 1 to 5; 1 unless given"},
                {"enterprises", "N", "How many abate; 12 unless given"},
                {"speculators", "N", "How many besides; none unless given"},
                {"periods", "N", "Trading days; 5 unless given"},
                {"turns", "N", "How often each agent may bid in a period, on average; 50 unless given"},
                {"call", "", "The same agents in call auctions as well"},
                {"calls", "N", "Auctions a period, 1 to 16; 8 unless given"},
                {"plot", "FILE", "Draws the price path into an SVG file"},
                {"json", "", "One object a mechanism, with every trade, instead of tables"}};
  verb.examples = {{"simulate market --chart 1 --call", "a schedule of 1962, continuous and by call"},
                   {"simulate market --agents abating --speculators 4 --plot prices.svg", "enterprises and speculators, with a picture"},
                   {"simulate market --seed 7 --periods 10 --json", "for a program"}};
  verb.run = RunMarket;
  return verb;
}

}  // namespace songhua::api::cli
