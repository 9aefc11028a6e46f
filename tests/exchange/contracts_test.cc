// Rulebooks and contracts: what they refuse, and their arithmetic against Boost's exact integers.
#include <random>

#include "boost/multiprecision/cpp_int.hpp"
#include "exchange/contracts.h"
#include "gtest/gtest.h"
#include "ledger/refusal.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

using Exact = boost::multiprecision::cpp_int;

int64_t HalfUp(const Exact& numerator, const Exact& denominator) {
  const Exact quotient = (2 * numerator + denominator) / (2 * denominator);
  return static_cast<int64_t>(quotient);
}

// ---- Arithmetic ----

TEST(ContractArithmeticTest, BandLimitsAreRoundedInward) {
  const auto band = [](int64_t reference, int32_t bps, int64_t tick = 1) {
    const BandLimits limits = BandAround(Price(reference), bps, Price(tick));
    return std::make_pair(limits.low.value(), limits.high.value());
  };
  // The vectors of CAR-13.
  EXPECT_EQ(band(7900, 1000), std::make_pair(int64_t{7110}, int64_t{8690}));
  EXPECT_EQ(band(7900, 3000), std::make_pair(int64_t{5530}, int64_t{10270}));
  EXPECT_EQ(band(7905, 1000), std::make_pair(int64_t{7115}, int64_t{8695}));
  EXPECT_EQ(band(7905, 3000), std::make_pair(int64_t{5534}, int64_t{10276}));
  EXPECT_EQ(band(8197, 1000), std::make_pair(int64_t{7378}, int64_t{9016}));
  EXPECT_EQ(band(8197, 3000), std::make_pair(int64_t{5738}, int64_t{10656}));
  // Whole ticks inside the limits, and never a price of zero.
  EXPECT_EQ(band(8197, 1000, 100), std::make_pair(int64_t{7400}, int64_t{9000}));
  EXPECT_EQ(band(1, 9999), std::make_pair(int64_t{1}, int64_t{1}));
  EXPECT_EQ(band(kPriceMax, 9999).second, kPriceMax / 10'000 * 19'999);
}

TEST(ContractArithmeticTest, AmountsAreExactForAnyContract) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto pick = [&](int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); };
  int whole = 0;
  for (int i = 0; i < 20'000; ++i) {
    ContractRow row;
    row.tick = Price(pick(1, 1000));
    const int64_t quoted_unit = i % 2 == 0 ? kGramsPerTonne : 1;
    const Ratio term = i % 3 == 0 ? Ratio{pick(1, 5000), 365} : Ratio{pick(1, 5), 1};
    row.lot_size = Quantity(pick(1, 2'000'000));
    auto fen = FenPerLotTick(row.tick, row.lot_size, quoted_unit, term);
    const Exact numerator = Exact(row.tick.value()) * row.lot_size.value() * term.numerator;
    const Exact denominator = Exact(quoted_unit) * term.denominator;
    ASSERT_EQ(fen.ok(), numerator % denominator == 0);
    if (!fen.ok()) {
      // The lot that is proposed will do, and it is the smallest.
      const std::string accepted = GetRefusal(fen.status())->accepted;
      const int64_t proposed = std::stoll(accepted.substr(std::string("a multiple of ").size()));
      row.lot_size = Quantity(proposed);
      fen = FenPerLotTick(row.tick, row.lot_size, quoted_unit, term);
      ASSERT_TRUE(fen.ok()) << fen.status();
      for (int64_t smaller = 1; smaller < std::min<int64_t>(proposed, 50); ++smaller) {
        ASSERT_NE(Exact(row.tick.value()) * smaller * term.numerator % denominator, 0);
      }
    } else {
      ++whole;
    }
    row.fen_per_lot_tick = *fen;
    const Price price(pick(1, int64_t{1} << pick(1, 40)) * row.tick.value());
    const Quantity quantity(pick(1, int64_t{1} << pick(1, 30)) * row.lot_size.value());
    const Exact amount = Exact(price.value()) * quantity.value() * term.numerator / denominator;
    ASSERT_EQ(Exact(price.value()) * quantity.value() * term.numerator % denominator, 0) << "fills cannot gain or lose a fen";
    songhua::Money computed;
    const bool fits = amount <= std::numeric_limits<int64_t>::max();
    ASSERT_EQ(AmountOf(row, price, quantity, &computed), fits);
    if (fits) {
      ASSERT_EQ(Exact(computed.value()), amount);
    }
  }
  EXPECT_GT(whole, 100);
}

TEST(ContractArithmeticTest, FeesAreHalfUpToTheFen) {
  EXPECT_EQ(FeeOf(songhua::Money(1000), 75), songhua::Money(8));  // 7.5
  EXPECT_EQ(FeeOf(songhua::Money(999), 75), songhua::Money(7));   // 7.4925
  EXPECT_EQ(FeeOf(songhua::Money(1'000'000), 0), songhua::Money(0));
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const int64_t amount = static_cast<int64_t>(random() >> (1 + random() % 62));
    const int32_t bps = static_cast<int32_t>(random() % (kFeeBpsMax + 1));
    ASSERT_EQ(FeeOf(songhua::Money(amount), bps).value(), HalfUp(Exact(amount) * bps, 10'000)) << amount << " at " << bps;
  }
}

// ---- Rulebooks ----

class ContractsTest : public testing::Test {
 protected:
  ContractsTest() { world.Furnish(); }
  ExchangeWorld world;
};

constexpr char kRulebook[] =
    "name: 'rulebooks/x' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 99999 fee_bps: 75 ";

TEST_F(ContractsTest, RulebooksHaveVersions) {
  const auto first = world.Rulebook(kRulebook);
  ASSERT_EQ(Outcome(first), "OK");
  EXPECT_EQ(first->rulebook().version(), 1u);
  EXPECT_EQ(world.Rulebook(std::string(kRulebook) + "fee_bps: 0")->rulebook().version(), 2u);
  EXPECT_EQ(world.exchange.rulebooks().InForce("x", world.today)->terms.seller_fee_bps, 0);
}

TEST_F(ContractsTest, RulebooksThatContradictThemselvesAreRefused) {
  const auto with = [&](const std::string& text) { return Outcome(world.Rulebook(kRulebook + text)); };
  EXPECT_EQ(with("name: 'rulebooks/Upper'"), "INVALID_FIELD - rulebook.name");
  EXPECT_EQ(with("settlement: SETTLEMENT_UNSPECIFIED"), "INVALID_FIELD - rulebook.settlement");
  EXPECT_EQ(with("band_bps: 10000"), "INVALID_FIELD CAR-13 rulebook.band_bps");
  EXPECT_EQ(with("band_bps: -1"), "INVALID_FIELD CAR-13 rulebook.band_bps");
  EXPECT_EQ(with("quantity_min: 0"), "INVALID_FIELD CAR-12 rulebook.quantity_min");
  EXPECT_EQ(with("quantity_min: 100000"), "INVALID_FIELD CAR-12 rulebook.quantity_max");
  EXPECT_EQ(with("fee_bps: 1001"), "INVALID_FIELD DR-51 rulebook.fee_bps");
}

// ---- Contracts ----

constexpr char kRight[] =
    "program: 'programs/rights' pollutant: 'SO2' control_zone: '220100' trading_group: 'INDUSTRY' term_first: '2027-01-01' "
    "term_last: '2027-07-03' price_basis: PER_T_YEAR tick_fen: 100 lot_size: 912500 rulebook: 'rulebooks/immediate' reference_price_fen: 600000 ";
constexpr char kVintage[] =
    "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2024 price_basis: PER_T_TERM tick_fen: 1 "
    "lot_size: 1 rulebook: 'rulebooks/immediate' reference_price_fen: 8000 ";

TEST_F(ContractsTest, ContractsAreNumberedAndShowWhatTheyAre) {
  const uint32_t count = world.exchange.contract_count();
  const auto right = world.Contract("SO2-H1", kRight);
  ASSERT_EQ(Outcome(right), "OK");
  EXPECT_EQ(right->contract().number(), count + 1);
  EXPECT_EQ(right->contract().session(), "CLOSED");
  EXPECT_EQ(right->contract().term_last(), "2027-07-03");
  // 1 yuan per tonne and year x 0.9125 t/a x 184/365 years = 0.46 yuan.
  EXPECT_EQ(world.Row("SO2-H1").fen_per_lot_tick, songhua::Money(46));
}

TEST_F(ContractsTest, LotsThatAreNoWholeNumberOfFenAreRefusedWithTheSmallestThatIs) {
  const auto refused = world.Contract("SO2-H1", std::string(kRight) + "lot_size: 1000");
  EXPECT_EQ(Outcome(refused), "NOT_WHOLE DR-40 contract.lot_size");
  EXPECT_EQ(Detail(refused).accepted, "a multiple of 456250, so that lot x tick x term is a whole number of fen");
  EXPECT_EQ(Outcome(world.Contract("SO2-H1", std::string(kRight) + "lot_size: 456250")), "OK");
  EXPECT_EQ(world.Row("SO2-H1").fen_per_lot_tick, songhua::Money(23));
}

TEST_F(ContractsTest, ContractsThatContradictTheirProgramAreRefused) {
  const auto right = [&](const std::string& text) { return Outcome(world.Contract("X", kRight + text)); };
  const auto vintage = [&](const std::string& text) { return Outcome(world.Contract("X", kVintage + text)); };
  EXPECT_EQ(Outcome(world.Contract("x", kVintage)), "INVALID_FIELD - contract.name");
  EXPECT_EQ(Outcome(world.Contract("CEA25", kVintage)), "CONTRACT_EXISTS GEN-09 contract.name");
  EXPECT_EQ(vintage("program: 'programs/none'"), "NOT_FOUND - contract.program");
  EXPECT_EQ(right("pollutant: 'CO'"), "INVALID_FIELD DR-02 pollutant");
  EXPECT_EQ(right("control_zone: '220300'"), "INVALID_FIELD DR-04 control_zone");
  EXPECT_EQ(right("trading_group: 'FARMS'"), "INVALID_FIELD DR-25 trading_group");
  EXPECT_EQ(right("basin: 'SONGHUA'"), "INVALID_FIELD DR-21 basin");
  EXPECT_EQ(right("vintage: 2027"), "INVALID_FIELD - contract.vintage");
  EXPECT_EQ(right("term_last: '2026-12-31'"), "INVALID_FIELD - contract.term_last");
  EXPECT_EQ(right("term_last: '2032-01-01'"), "INVALID_FIELD DR-06 contract.term_last");
  EXPECT_EQ(right("price_basis: PRICE_BASIS_UNSPECIFIED"), "INVALID_FIELD DR-40 contract.price_basis");
  EXPECT_EQ(vintage("price_basis: PER_T_YEAR"), "INVALID_FIELD DR-40 contract.price_basis");
  EXPECT_EQ(vintage("vintage: 2031"), "INVALID_FIELD CAR-01 contract.vintage");
  EXPECT_EQ(vintage("term_first: '2027-01-01'"), "INVALID_FIELD - contract.term_first");
  EXPECT_EQ(vintage("tick_fen: 0"), "INVALID_FIELD CAR-10 contract.tick_fen");
  EXPECT_EQ(vintage("lot_size: 0"), "INVALID_FIELD CAR-10 contract.lot_size");
  EXPECT_EQ(vintage("lot_size: 1000001"), "INVALID_FIELD CAR-12 contract.lot_size");
  EXPECT_EQ(vintage("tick_fen: 1000000000000000 lot_size: 1000000"), "OUT_OF_RANGE GEN-06 contract.lot_size");
  EXPECT_EQ(vintage("rulebook: 'rulebooks/none'"), "NOT_FOUND - contract.rulebook");
  EXPECT_EQ(vintage("reference_price_fen: -1"), "INVALID_FIELD CAR-27 contract.reference_price_fen");
  EXPECT_EQ(vintage(""), "OK");
}

TEST_F(ContractsTest, ValidateOnlyCreatesNothing) {
  world.validate_only = true;
  const auto answer = world.Contract("CEA24", kVintage);
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->contract().number(), world.exchange.contract_count() + 1);
  EXPECT_EQ(world.exchange.FindContract("CEA24"), nullptr);
  EXPECT_EQ(Outcome(world.Rulebook(kRulebook)), "OK");
  EXPECT_EQ(world.exchange.rulebooks().InForce("x", world.today), nullptr);
}

}  // namespace
}  // namespace songhua::exchange
