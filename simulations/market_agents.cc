#include "simulations/market_agents.h"

#include <algorithm>
#include <utility>

#include "ledger/check.h"

namespace songhua::simulations {
namespace {

class ZeroIntelligenceTrader final : public MarketAgent {
 public:
  ZeroIntelligenceTrader(bool buyer, int64_t limit, int64_t price_max) : buyer_(buyer), limit_(limit), price_max_(price_max) {
    SONGHUA_CHECK(limit >= 1 && limit <= price_max);
  }
  DayEndowment Endowment(int periods) const override {
    return buyer_ ? DayEndowment{.money_fen = limit_ * periods} : DayEndowment{.units = periods};
  }
  void AddTo(Schedules* schedules) const override { (buyer_ ? schedules->values : schedules->costs).push_back(limit_); }
  void BeginPeriod() override { traded_ = false; }
  std::optional<Quote> Decide(const MarketView&, Random* random) override {
    if (traded_) return std::nullopt;
    return Quote{buyer_, buyer_ ? random->Between(1, limit_) : random->Between(limit_, price_max_), 1};
  }
  void Traded(bool, int64_t, int64_t) override { traded_ = true; }
  int64_t Gain() const override { return !traded_ ? 0 : buyer_ ? limit_ : -limit_; }
  int64_t Bought() const override { return !traded_ ? 0 : buyer_ ? 1 : -1; }

 private:
  const bool buyer_;
  const int64_t limit_;
  const int64_t price_max_;
  bool traded_ = false;
};

class AbatingEnterprise final : public MarketAgent {
 public:
  static constexpr int64_t kOrderMax = 10;       // tonnes
  static constexpr int64_t kSpreadDivisor = 20;  // it expects prices within a twentieth of the last

  AbatingEnterprise(AbatementCurve curve, int64_t emissions, int64_t allocation, int64_t price_max)
      : curve_(curve), emissions_(emissions), allocation_(allocation), price_max_(price_max) {
    SONGHUA_CHECK(curve.first_cost >= 1 && curve.step >= 0 && allocation >= 0 && allocation <= emissions);
  }
  // Money for everything that it might have to buy at what that saves it.
  DayEndowment Endowment(int periods) const override { return {allocation_ * periods, curve_.Cost(emissions_) * periods}; }
  void AddTo(Schedules* schedules) const override {
    const int64_t abated = emissions_ - allocation_;
    for (int64_t tonne = 1; tonne <= abated; ++tonne) schedules->values.push_back(curve_.MarginalCost(tonne));
    for (int64_t tonne = abated + 1; tonne <= emissions_; ++tonne) schedules->costs.push_back(curve_.MarginalCost(tonne));
  }
  void BeginPeriod() override { bought_ = 0; }

  std::optional<Quote> Decide(const MarketView& view, Random* random) override {
    const int64_t abated = emissions_ - allocation_ - bought_;
    const int64_t expected = view.prices.empty() ? std::max<int64_t>(1, curve_.MarginalCost(abated)) : view.prices.back();
    const int64_t spread = expected / kSpreadDivisor + 1;
    const int64_t price = std::clamp<int64_t>(expected + random->Between(-spread, spread), 1, price_max_);
    int64_t quantity = 0;
    while (quantity < std::min(kOrderMax, abated) && curve_.MarginalCost(abated - quantity) > price) ++quantity;
    if (quantity > 0) return Quote{true, price, quantity};
    const int64_t held = allocation_ + bought_;
    while (quantity < std::min(kOrderMax, held) && curve_.MarginalCost(abated + quantity + 1) < price) ++quantity;
    if (quantity > 0) return Quote{false, price, quantity};
    return std::nullopt;
  }
  void Traded(bool bought, int64_t, int64_t quantity) override { bought_ += bought ? quantity : -quantity; }
  int64_t Gain() const override { return curve_.Cost(emissions_ - allocation_) - curve_.Cost(emissions_ - allocation_ - bought_); }
  int64_t Bought() const override { return bought_; }

 private:
  const AbatementCurve curve_;
  const int64_t emissions_;
  const int64_t allocation_;
  const int64_t price_max_;
  int64_t bought_ = 0;
};

class Speculator final : public MarketAgent {
 public:
  static constexpr size_t kMemory = 8;         // trades
  static constexpr int64_t kStepDivisor = 50;  // it pays a fiftieth more than the last price to trade at once

  Speculator(Speculation speculation, int64_t inventory_max, int64_t price_max)
      : speculation_(speculation), inventory_max_(inventory_max), price_max_(price_max), inventory_(inventory_max / 2) {}
  // Half of its inventory, and money for all of it. What it loses in many periods may stop it: the ledger refuses what it cannot pay.
  DayEndowment Endowment(int) const override { return {inventory_max_ / 2, inventory_max_ * price_max_}; }
  void AddTo(Schedules*) const override {}
  void BeginPeriod() override { bought_ = 0; }

  std::optional<Quote> Decide(const MarketView& view, Random*) override {
    if (view.prices.size() < kMemory) return std::nullopt;
    int64_t sum = 0;
    for (const int64_t price : view.prices.last(kMemory)) sum += price;
    const int64_t last = view.prices.back();
    const int64_t above = last * static_cast<int64_t>(kMemory) - sum;
    if (above == 0) return std::nullopt;
    const bool buy = (above > 0) == (speculation_ == Speculation::kMomentum);
    if (buy ? inventory_ >= inventory_max_ : inventory_ <= 0) return std::nullopt;
    const int64_t step = last / kStepDivisor + 1;
    return Quote{buy, std::clamp<int64_t>(buy ? last + step : last - step, 1, price_max_), 1};
  }
  void Traded(bool bought, int64_t, int64_t quantity) override {
    inventory_ += bought ? quantity : -quantity;
    bought_ += bought ? quantity : -quantity;
  }
  int64_t Gain() const override { return 0; }
  int64_t Bought() const override { return bought_; }
  bool UsesUnits() const override { return false; }

 private:
  const Speculation speculation_;
  const int64_t inventory_max_;
  const int64_t price_max_;
  int64_t inventory_;
  int64_t bought_ = 0;
};

constexpr int64_t kSpeculatorInventory = 6;
constexpr int64_t kAbatementPriceMax = 20'000;  // 200 yuan a tonne

}  // namespace

std::unique_ptr<MarketAgent> NewZeroIntelligenceTrader(bool buyer, int64_t limit, int64_t price_max) {
  return std::make_unique<ZeroIntelligenceTrader>(buyer, limit, price_max);
}

std::unique_ptr<MarketAgent> NewAbatingEnterprise(AbatementCurve curve, int64_t emissions, int64_t allocation, int64_t price_max) {
  return std::make_unique<AbatingEnterprise>(curve, emissions, allocation, price_max);
}

std::unique_ptr<MarketAgent> NewSpeculator(Speculation speculation, int64_t inventory_max, int64_t price_max) {
  return std::make_unique<Speculator>(speculation, inventory_max, price_max);
}

Population InducedPopulation(int chart) {
  const Chart& from = ChartOf(chart);
  Population population{"chart " + std::to_string(chart) + ", " + from.title + " (" + from.source + ")", from.price_max, {}};
  for (const int64_t value : from.schedules.values) population.agents.push_back(NewZeroIntelligenceTrader(true, value, from.price_max));
  for (const int64_t cost : from.schedules.costs) population.agents.push_back(NewZeroIntelligenceTrader(false, cost, from.price_max));
  return population;
}

Population AbatingPopulation(int enterprises, uint64_t seed) {
  Population population{std::to_string(enterprises) + " enterprises with abatement costs drawn from the seed", kAbatementPriceMax, {}};
  Random random(seed);
  for (int n = 0; n < enterprises; ++n) {
    const AbatementCurve curve{.first_cost = random.Between(1'500, 6'500), .step = random.Between(40, 160)};
    const int64_t emissions = random.Between(30, 60);
    population.agents.push_back(NewAbatingEnterprise(curve, emissions, emissions * random.Between(60, 90) / 100, kAbatementPriceMax));
  }
  return population;
}

void AddSpeculators(int count, Population* population) {
  for (int n = 0; n < count; ++n) {
    const Speculation speculation = n % 2 == 0 ? Speculation::kMomentum : Speculation::kMeanReversion;
    population->agents.push_back(NewSpeculator(speculation, kSpeculatorInventory, population->price_max));
  }
}

}  // namespace songhua::simulations
