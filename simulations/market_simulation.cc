#include "simulations/market_simulation.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ledger/check.h"
#include "ledger/refusal.h"
#include "simulations/market_venue.h"
#include "simulations/random.h"

namespace songhua::simulations {
namespace {

class MarketRun {
 public:
  MarketRun(const MarketSimulationOptions& options, Population* population)
      : options_(options), population_(*population), random_(options.seed), orders_(population->agents.size()) {}

  absl::StatusOr<MarketOutcome> Run() {
    SONGHUA_RETURN_IF_ERROR(Prepare());
    for (period_ = 0; period_ < options_.periods; ++period_) {
      SONGHUA_RETURN_IF_ERROR(RunPeriod());
      Measure();
    }
    SONGHUA_RETURN_IF_ERROR(venue_->CheckAndStop(accounts_));
    MeasureAll();
    return std::move(outcome_);
  }

 private:
  // What an agent has in the market.
  struct OpenOrder {
    std::string name;
    bool buy = false;
    int64_t open = 0;
  };

  absl::Status Prepare() {
    Schedules schedules;
    for (const auto& agent : population_.agents) {
      agent->AddTo(&schedules);
      accounts_.push_back(agent->Endowment(options_.periods));
      outcome_.units += accounts_.back().units;
      outcome_.money += accounts_.back().money_fen;
    }
    const auto equilibrium = FindEquilibrium(std::move(schedules));
    if (!equilibrium.has_value() || equilibrium->surplus == 0)
      return absl::InvalidArgumentError("nobody among these agents can gain by trading");
    outcome_.title = population_.title;
    outcome_.agents = static_cast<int>(population_.agents.size());
    outcome_.equilibrium = *equilibrium;
    SONGHUA_ASSIGN_OR_RETURN(venue_,
                             MarketVenue::Open({.calls = options_.calls, .price_max = population_.price_max, .endowments = accounts_}));
    return absl::OkStatus();
  }

  absl::Status RunPeriod() {
    for (const auto& agent : population_.agents) agent->BeginPeriod();
    SONGHUA_RETURN_IF_ERROR(venue_->OpenDay());
    const int64_t turns = static_cast<int64_t>(options_.turns) * static_cast<int64_t>(population_.agents.size());
    const int64_t parts = options_.calls == 0 ? 1 : options_.calls;
    for (int64_t part = 0; part < parts; ++part) {
      for (int64_t turn = turns * part / parts; turn < turns * (part + 1) / parts; ++turn) SONGHUA_RETURN_IF_ERROR(TakeTurn());
      if (options_.calls == 0) continue;
      SONGHUA_RETURN_IF_ERROR(venue_->EndCall());
      SONGHUA_RETURN_IF_ERROR(LearnTrades());
    }
    SONGHUA_RETURN_IF_ERROR(venue_->CloseDay());
    for (auto& order : orders_) order.reset();  // the close has cancelled them (CAR-23)
    return absl::OkStatus();
  }

  absl::Status TakeTurn() {
    const int agent = static_cast<int>(random_.Below(population_.agents.size()));
    const auto quote = population_.agents[agent]->Decide({.prices = prices_, .price_max = population_.price_max}, &random_);
    if (!quote.has_value()) return absl::OkStatus();
    std::optional<OpenOrder>& mine = orders_[agent];
    if (mine.has_value() && mine->buy != quote->buy) {
      SONGHUA_RETURN_IF_ERROR(venue_->Cancel(agent, mine->name));
      mine.reset();
    }
    const auto answer = mine.has_value() ? venue_->Replace(agent, mine->name, *quote) : venue_->Place(agent, *quote);
    if (!answer.ok()) {
      const auto refusal = GetRefusal(answer.status());
      if (!refusal.has_value()) return answer.status();
      ++outcome_.refusals[refusal->reason];
      return absl::OkStatus();
    }
    ++outcome_.orders;
    // As it was before its fills, which LearnTrades takes off.
    mine = OpenOrder{answer->name, quote->buy, quote->quantity};
    return answer->open == quote->quantity ? absl::OkStatus() : LearnTrades();
  }

  absl::Status LearnTrades() {
    SONGHUA_ASSIGN_OR_RETURN(const std::vector<VenueTrade> trades, venue_->NewTrades());
    for (const VenueTrade& trade : trades) {
      outcome_.trades.push_back({period_, trade.price, trade.quantity, trade.buyer, trade.seller});
      prices_.push_back(trade.price);
      population_.agents[trade.buyer]->Traded(/*bought=*/true, trade.price, trade.quantity);
      population_.agents[trade.seller]->Traded(/*bought=*/false, trade.price, trade.quantity);
      accounts_[trade.buyer].units += trade.quantity;
      accounts_[trade.buyer].money_fen -= trade.price * trade.quantity;
      accounts_[trade.seller].units -= trade.quantity;
      accounts_[trade.seller].money_fen += trade.price * trade.quantity;
      SONGHUA_RETURN_IF_ERROR(TakeOff(trade.buyer, trade.buy_order, trade.quantity));
      SONGHUA_RETURN_IF_ERROR(TakeOff(trade.seller, trade.sell_order, trade.quantity));
    }
    return absl::OkStatus();
  }

  absl::Status TakeOff(int agent, const std::string& order, int64_t quantity) {
    std::optional<OpenOrder>& theirs = orders_[agent];
    if (!theirs.has_value() || theirs->name != order || theirs->open < quantity) {
      return absl::InternalError(order + " of agent " + std::to_string(agent) + " traded " + std::to_string(quantity) +
                                 " units that it did not have open");
    }
    theirs->open -= quantity;
    if (theirs->open == 0) theirs.reset();
    return absl::OkStatus();
  }

  MarketFigures FiguresOf(std::span<const SimulatedTrade> trades) const {
    MarketFigures figures;
    std::vector<PricedQuantity> traded;
    for (const SimulatedTrade& trade : trades) {
      ++figures.trades;
      figures.units += trade.quantity;
      figures.turnover += trade.price * trade.quantity;
      traded.push_back({trade.price, trade.quantity});
    }
    figures.alpha = CoefficientOfConvergence(traded, outcome_.equilibrium);
    return figures;
  }

  // The period that has just ended.
  void Measure() {
    MarketFigures figures = FiguresOf(std::span(outcome_.trades).subspan(measured_));
    measured_ = outcome_.trades.size();
    for (const auto& agent : population_.agents) {
      figures.surplus_twice += agent->UsesUnits() ? 2 * agent->Gain() : agent->Bought() * outcome_.equilibrium.price_twice();
    }
    figures.efficiency = Percent(figures.surplus_twice, 2 * outcome_.equilibrium.surplus);
    outcome_.periods.push_back(std::move(figures));
  }

  void MeasureAll() {
    outcome_.all = FiguresOf(outcome_.trades);
    for (const MarketFigures& figures : outcome_.periods) outcome_.all.surplus_twice += figures.surplus_twice;
    outcome_.all.efficiency = Percent(outcome_.all.surplus_twice, 2 * outcome_.equilibrium.surplus * options_.periods);
  }

  const MarketSimulationOptions options_;
  Population& population_;
  Random random_;
  std::unique_ptr<MarketVenue> venue_;
  std::vector<std::optional<OpenOrder>> orders_;  // by agent
  std::vector<DayEndowment> accounts_;            // by agent, as its trades say
  std::vector<int64_t> prices_;
  int period_ = 0;
  size_t measured_ = 0;  // trades of the periods that have ended
  MarketOutcome outcome_;
};

}  // namespace

absl::StatusOr<MarketOutcome> SimulateMarket(const MarketSimulationOptions& options) {
  Population population =
      options.agents == AgentKind::kInduced ? InducedPopulation(options.chart) : AbatingPopulation(options.enterprises, options.seed);
  AddSpeculators(options.speculators, &population);
  return SimulateMarket(options, &population);
}

absl::StatusOr<MarketOutcome> SimulateMarket(const MarketSimulationOptions& options, Population* population) {
  SONGHUA_CHECK(options.periods >= 1 && options.periods <= kVenueDaysMax && options.turns >= 1);
  return MarketRun(options, population).Run();
}

}  // namespace songhua::simulations
