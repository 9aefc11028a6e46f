#include "ledger/base_prices.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/table_fixture.h"

namespace songhua::ledger {
namespace {

constexpr char kSo2[] = "SO2";
constexpr char kJilin[] = "jilin-discharge-rights";

struct JilinScope : PriceScope {
  absl::Status CheckPriceScope(const std::string& program, const std::string& pollutant, const std::string&) const override {
    if (program != kJilin) return NotFound("program", program);
    if (pollutant != kSo2 && pollutant != "NOX") return InvalidField("pollutant", pollutant, "SO2, NOX");
    return absl::OkStatus();
  }
};

class BasePricesTest : public TableFixture {
 protected:
  auto Publish(const std::string& zone, const std::string& basis, int64_t fen, const std::string& from, const std::string& more = "") {
    const std::string text = "base_price { program: 'programs/jilin-discharge-rights' pollutant: 'SO2' control_zone: '" + zone +
                             "' price_basis: '" + basis + "' price_fen: " + std::to_string(fen) + " effective_from: '" + from +
                             "' document_reference: 'JFG 2026-1' " + more + "}";
    return Run(
        [&](CommandContext& context) { return prices_->PublishBasePrice(context, Text<v1::PublishBasePriceRequest>(text), scope_); });
  }
  // The price in force in fen; 0: none.
  int64_t InForce(const std::string& zone, v1::PriceBasis basis, Date date) const {
    const BasePriceRow* row = prices_->InForce(kJilin, kSo2, zone, basis, date);
    return row == nullptr ? 0 : row->price.value();
  }
  void Restart() {
    stored_.Fold(&tables_);
    prices_.reset();
    counters_.reset();
    counters_ = std::make_unique<Counters>(&tables_);
    prices_ = std::make_unique<BasePrices>(&tables_, counters_.get());
    stored_.LoadInto(&tables_);
  }

  std::unique_ptr<Counters> counters_ = std::make_unique<Counters>(&tables_);
  std::unique_ptr<BasePrices> prices_ = std::make_unique<BasePrices>(&tables_, counters_.get());
  JilinScope scope_;
  StoredRows stored_;
};

TEST_F(BasePricesTest, APriceHoldsFromItsFirstDayUntilTheNextBegins_DR72) {
  const auto first = Publish("220100", "PER_T_YEAR", 600'000, "2026-01-05");
  ASSERT_EQ(Outcome(first), "OK");
  EXPECT_EQ(first->base_price().name(), "basePrices/1");
  ASSERT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 650'000, "2026-07-01")), "OK");
  EXPECT_EQ(InForce("220100", v1::PER_T_YEAR, MakeDate(2026, 1, 4)), 0);
  EXPECT_EQ(InForce("220100", v1::PER_T_YEAR, MakeDate(2026, 1, 5)), 600'000);
  EXPECT_EQ(InForce("220100", v1::PER_T_YEAR, MakeDate(2026, 6, 30)), 600'000);
  EXPECT_EQ(InForce("220100", v1::PER_T_YEAR, MakeDate(2026, 7, 1)), 650'000);
  EXPECT_EQ(InForce("220100", v1::PER_T_YEAR, MakeDate(2031, 1, 1)), 650'000);
}

TEST_F(BasePricesTest, NoPriceTakesEffectBackwards_DR72) {
  EXPECT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 1, "2026-01-04")), "RETROACTIVE_PRICE DR-72 base_price.effective_from");
  ASSERT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 600'000, "2026-01-05")), "OK");
  const auto today = Publish("220100", "PER_T_YEAR", 650'000, "2026-01-05");
  EXPECT_EQ(Outcome(today), "RETROACTIVE_PRICE DR-72 base_price.effective_from");
  EXPECT_EQ(Detail(today).accepted, "2026-01-06 or later: a price is never changed for a day that has begun");
  EXPECT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 650'000, "2026-01-06")), "OK");
}

TEST_F(BasePricesTest, AZonesFirstPriceBeginsTomorrowWhereItsCitysIsInForce_DR72) {
  ASSERT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 600'000, "2026-01-05")), "OK");
  EXPECT_EQ(Outcome(Publish("220102", "PER_T_YEAR", 700'000, "2026-01-05")), "RETROACTIVE_PRICE DR-72 base_price.effective_from");
  EXPECT_EQ(Outcome(Publish("220102", "PER_T_YEAR", 700'000, "2026-01-06")), "OK");
  EXPECT_EQ(Outcome(Publish("220202", "PER_T_YEAR", 700'000, "2026-01-05")), "OK");
}

TEST_F(BasePricesTest, APriceThatHasNotBegunIsReplacedByALaterPublication_DR72) {
  ASSERT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 600'000, "2026-02-01")), "OK");
  ASSERT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 610'000, "2026-02-01")), "OK");
  EXPECT_EQ(InForce("220100", v1::PER_T_YEAR, MakeDate(2026, 2, 1)), 610'000);
  // It is not the first of its kind, although none is in force.
  EXPECT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 1, "2026-01-05")), "RETROACTIVE_PRICE DR-72 base_price.effective_from");
  Restart();
  EXPECT_EQ(InForce("220100", v1::PER_T_YEAR, MakeDate(2026, 2, 1)), 610'000);
}

TEST_F(BasePricesTest, TheTwoBasesNeverStandInForEachOther_DR40) {
  ASSERT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 600'000, "2026-01-05")), "OK");
  EXPECT_EQ(InForce("220100", v1::PER_T_TERM, today_), 0);
  ASSERT_EQ(Outcome(Publish("220000", "PER_T_TERM", 2'500'000, "2026-01-05")), "OK");  // the first of its kind
  EXPECT_EQ(InForce("220100", v1::PER_T_TERM, today_), 2'500'000);
  EXPECT_EQ(InForce("220100", v1::PER_T_YEAR, today_), 600'000);
  EXPECT_EQ(Outcome(Publish("220100", "PER_T", 1, "2026-01-06")), "INVALID_FIELD DR-40 base_price.price_basis");
  EXPECT_EQ(Outcome(Publish("220100", "PRICE_BASIS_UNSPECIFIED", 1, "2026-01-06")), "INVALID_FIELD DR-40 base_price.price_basis");
}

TEST_F(BasePricesTest, AZoneWithoutAPriceHasItsCitysThenItsProvinces) {
  ASSERT_EQ(Outcome(Publish("220000", "PER_T_YEAR", 400'000, "2026-01-05")), "OK");
  EXPECT_EQ(InForce("220102", v1::PER_T_YEAR, today_), 400'000);
  ASSERT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 500'000, "2026-01-06")), "OK");
  ASSERT_EQ(Outcome(Publish("220102", "PER_T_YEAR", 600'000, "2026-01-08")), "OK");
  EXPECT_EQ(InForce("220102", v1::PER_T_YEAR, MakeDate(2026, 1, 5)), 400'000);
  EXPECT_EQ(InForce("220102", v1::PER_T_YEAR, MakeDate(2026, 1, 7)), 500'000);
  EXPECT_EQ(InForce("220102", v1::PER_T_YEAR, MakeDate(2026, 1, 8)), 600'000);
  EXPECT_EQ(InForce("220104", v1::PER_T_YEAR, MakeDate(2026, 1, 8)), 500'000);
  EXPECT_EQ(InForce("220200", v1::PER_T_YEAR, MakeDate(2026, 1, 8)), 400'000);
  EXPECT_EQ(InForce("210100", v1::PER_T_YEAR, MakeDate(2026, 1, 8)), 0);
  EXPECT_EQ(InForce("NATIONAL", v1::PER_T_YEAR, MakeDate(2026, 1, 8)), 0);
}

TEST_F(BasePricesTest, WhatAPublicationMustSay) {
  EXPECT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 0, "2026-01-05")), "INVALID_FIELD DR-70 base_price.price_fen");
  EXPECT_EQ(Outcome(Publish("220100", "PER_T_YEAR", -1, "2026-01-05")), "INVALID_FIELD DR-70 base_price.price_fen");
  EXPECT_EQ(Detail(Publish("220100", "PER_T_YEAR", 1, "2026-02-30")).field, "base_price.effective_from");
  EXPECT_EQ(Outcome(Publish("", "PER_T_YEAR", 1, "2026-01-05")), "INVALID_FIELD - base_price.control_zone");
  EXPECT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 1, "2026-01-05", "document_reference: ''")),
            "INVALID_FIELD - base_price.document_reference");
  EXPECT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 1, "2026-01-05", "pollutant: 'so2'")), "INVALID_FIELD - base_price.pollutant");
  EXPECT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 1, "2026-01-05", "pollutant: 'CO'")), "INVALID_FIELD - pollutant");
  EXPECT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 1, "2026-01-05", "program: 'programs/cea'")), "NOT_FOUND - program");
  EXPECT_EQ(counters_->Peek("basePrices"), 1u);
}

TEST_F(BasePricesTest, ValidateOnlyPublishesNothing) {
  validate_only_ = true;
  const auto answer = Publish("220100", "PER_T_YEAR", 600'000, "2026-01-05");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->base_price().name(), "basePrices/1");
  EXPECT_EQ(InForce("220100", v1::PER_T_YEAR, today_), 0);
}

TEST_F(BasePricesTest, TheFloorRefusesLessAndAllowsEqual_DR73) {
  ASSERT_EQ(Outcome(Publish("220100", "PER_T_YEAR", 600'000, "2026-01-05")), "OK");
  const BasePriceRow* base = prices_->Find(1);
  ASSERT_NE(base, nullptr);
  EXPECT_EQ(Outcome(CheckFloor(v1::FLOOR, base, Price(599'999))), "BELOW_BASE_PRICE DR-73 price_fen");
  EXPECT_TRUE(CheckFloor(v1::FLOOR, base, Price(600'000)).ok());
  EXPECT_TRUE(CheckFloor(v1::GUIDE, base, Price(1)).ok());
  EXPECT_TRUE(CheckFloor(v1::NONE, base, Price(1)).ok());
  EXPECT_TRUE(CheckFloor(v1::FLOOR, nullptr, Price(1)).ok());
}

TEST_F(BasePricesTest, PricesAndTheirOrderComeBackFromRows) {
  for (int day = 6; day <= 25; ++day) {  // numbers 1 to 20: two digits sort after one only as numbers
    ASSERT_EQ(Outcome(Publish("220100", "PER_T_YEAR", day * 1000,
                              day < 10 ? "2026-01-0" + std::to_string(day) : "2026-01-" + std::to_string(day))),
              "OK");
  }
  Restart();
  for (int day = 6; day <= 25; ++day) EXPECT_EQ(InForce("220100", v1::PER_T_YEAR, MakeDate(2026, 1, day)), day * 1000);
  const auto next = Publish("220100", "PER_T_YEAR", 1, "2026-02-01");
  ASSERT_EQ(Outcome(next), "OK");
  EXPECT_EQ(next->base_price().name(), "basePrices/21");
  EXPECT_EQ(ToProto(*prices_->Find(21)).SerializeAsString(), next->base_price().SerializeAsString());
}

}  // namespace
}  // namespace songhua::ledger
