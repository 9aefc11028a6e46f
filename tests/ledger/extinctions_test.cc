// Extinguishment: retirement, and replacement by new projects (DR-30).
#include "ledger/extinctions.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/ledger/ledger_world.h"

namespace songhua::ledger {
namespace {

constexpr LotNumber kReserveAccount = 1;     // what is left of 1,000,000 g
constexpr LotNumber kPaidRightToExtinguish = 2;   // 500,000 g a year to the end of 2030, of the steel works
constexpr LotNumber kFreeRightToExtinguish = 3;   // 100,000 g, allocated for nothing
constexpr LotNumber kOtherRight = 4;  // 100,000 g, paid for

class ExtinctionsTest : public testing::Test {
 protected:
  void SetUp() override {
    world.Furnish();
    EXPECT_EQ(Outcome(Issue(1'000'000)), "OK");
    const std::string allocate = "from_lot: 'lots/1' to_account: 'accounts/$STEEL001.rights' valid_from: '2026-01-01' valid_to: '2030-12-31' quantity: ";
    EXPECT_EQ(Outcome(world.Allocate(allocate + "500000 source: 'RESERVE_SALE' cost_fen: 100")), "OK");
    EXPECT_EQ(Outcome(world.Allocate(allocate + "100000 source: 'INITIAL_FREE'")), "OK");
    EXPECT_EQ(Outcome(world.Allocate(allocate + "100000 source: 'RESERVE_SALE' cost_fen: 100")), "OK");
  }
  absl::StatusOr<v1::TransactionAnswer> Issue(int64_t quantity) {
    return world.Issue("program: 'programs/rights' pollutant: 'SO2' control_zone: '220100' trading_group: 'INDUSTRY' to_account: "
                       "'accounts/rights.reserve.220100' valid_from: '2026-01-01' valid_to: '2030-12-31' quantity: " + std::to_string(quantity));
  }
  std::string Record(bool water, bool air, int32_t year = 2025) {
    return Outcome(world.RecordAttainment("control_zone: '220100' document_reference: 'D' year: " + std::to_string(year) + " water_attained: " +
                                          (water ? "true" : "false") + " pm25_attained: " + (air ? "true" : "false")));
  }
  auto Replace(int64_t quantity, const std::string& more) {
    return world.ReplaceForProject("site: 'sites/$STEEL001' pollutant: 'SO2' project_quantity: " + std::to_string(quantity) + " " + more);
  }
  const std::string kEia = "eia_reference: 'EIA-1' ";
  LedgerWorld world;
};

TEST_F(ExtinctionsTest, WhatIsRetiredIsGoneAndTheCapStaysSmaller) {
  EXPECT_EQ(Outcome(Issue(1)), "CAP_EXCEEDED DR-04 quantity");
  world.today = MakeDate(2027, 1, 1);
  ASSERT_EQ(Outcome(world.ExtinguishRight("lot: 'lots/3' quantity: 60000 document_reference: 'D'")), "OK");
  EXPECT_EQ(world.ledger.EffectiveRights(world.Named("$STEEL001"), "SO2", 2026), Quantity(700'000)) << "the past stays as it was";
  EXPECT_EQ(world.ledger.EffectiveRights(world.Named("$STEEL001"), "SO2", 2027), Quantity(640'000));
  const InstrumentRow& instrument = world.Instrument("rights", "SO2", "220100", "INDUSTRY", 2027);
  EXPECT_EQ(instrument.extinguished, Quantity(60'000));
  EXPECT_EQ(instrument.held, Quantity(940'000));
  EXPECT_EQ(Outcome(Issue(1)), "CAP_EXCEEDED DR-04 quantity") << "DR-30: the region's total is smaller by it";
}

TEST_F(ExtinctionsTest, AHolderRetiresItsOwnAndTheAuthorityTheReserves) {
  EXPECT_EQ(Outcome(world.ExtinguishRight("lot: 'lots/1' quantity: 1 document_reference: 'D'")), "INVALID_FIELD DR-60 lot");
  EXPECT_EQ(Outcome(world.ExtinguishReserve("lot: 'lots/2' quantity: 1 document_reference: 'D'")), "INVALID_FIELD DR-60 lot");
  EXPECT_EQ(Outcome(world.ExtinguishReserve("lot: 'lots/1' quantity: 300001 document_reference: 'D'")), "INSUFFICIENT_UNITS CAR-21 quantity");
  EXPECT_EQ(Outcome(world.ExtinguishReserve("lot: 'lots/1' quantity: 0 document_reference: 'D'")), "INVALID_FIELD - quantity");
  EXPECT_EQ(Outcome(world.ExtinguishReserve("lot: 'lots/1' quantity: 300000 document_reference: 'D'")), "OK");
  EXPECT_EQ(world.Lot(kReserveAccount).quantity, Quantity());
}

TEST_F(ExtinctionsTest, TheRatioFollowsWhatTheZoneAttainedTheYearBefore) {
  const ProgramRow& program = *world.ledger.programs().Find("rights");
  AttainmentRow failed;
  AttainmentRow attained;
  attained.water_attained = attained.pm25_attained = true;
  const auto ratio = [&](const std::string& pollutant, const AttainmentRow& row, bool gas = false) {
    return ReplacementOf(program, pollutant, &row, Quantity(1'000), gas)->ratio_bps;
  };
  EXPECT_EQ(ratio("SO2", attained), 10'000);
  EXPECT_EQ(ratio("SO2", failed), 20'000);
  EXPECT_EQ(ratio("SO2", failed, true), 10'000) << "coal units of gas-turbine level";
  EXPECT_EQ(ratio("COD", failed), 20'000);
  EXPECT_EQ(ratio("COD", failed, true), 20'000) << "the exception is for air";
  AttainmentRow water_only = attained;
  water_only.pm25_attained = false;
  EXPECT_EQ(ratio("COD", water_only), 10'000) << "each pollutant looks at its own standard";
  EXPECT_EQ(Outcome(ReplacementOf(program, "SO2", nullptr, Quantity(1), false)), "NO_ATTAINMENT DR-30 pollutant");
  // Rounded up to a kilogram, once.
  EXPECT_EQ(ReplacementOf(program, "SO2", &failed, Quantity(1'500), false)->required, Quantity(3'000));
  EXPECT_EQ(ReplacementOf(program, "SO2", &failed, Quantity(1'501), false)->required, Quantity(4'000));
  EXPECT_EQ(ReplacementOf(program, "SO2", &attained, Quantity(1), false)->required, Quantity(1'000));
  EXPECT_EQ(ReplacementOf(program, "SO2", &failed, Quantity(INT64_MAX), false).status().code(), absl::StatusCode::kOutOfRange);
}

TEST_F(ExtinctionsTest, AProjectKeepsItsQuantityAndTheRestIsExtinguished) {
  EXPECT_EQ(Outcome(Replace(200'000, kEia + "lots: 'lots/2'")), "NO_ATTAINMENT DR-30 pollutant");
  ASSERT_EQ(Record(true, false), "OK");
  const auto answer = Replace(200'000, kEia + "lots: 'lots/4' lots: 'lots/2'");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->extinction().ratio_bps(), 20'000);
  EXPECT_EQ(answer->extinction().required_quantity(), 400'000);
  const ExtinctionRow& row = *world.extinctions.Find(1);
  ASSERT_EQ(row.kept.size(), 2u);
  EXPECT_EQ(row.kept[0].quantity, Quantity(100'000));
  EXPECT_EQ(row.kept[1].quantity, Quantity(100'000));
  ASSERT_EQ(row.extinguished.size(), 1u);
  EXPECT_EQ(row.extinguished[0].lot, kPaidRightToExtinguish);
  EXPECT_EQ(world.Lot(kPaidRightToExtinguish).quantity, Quantity(300'000));
  EXPECT_EQ(world.Lot(kOtherRight).quantity, Quantity(100'000));
  EXPECT_EQ(Outcome(Replace(1'000, kEia + "lots: 'lots/2'")), "PROJECT_REPLACED DR-30 eia_reference");
  // 100,000 of the 300,000 that are left serve the first project: 200,000 do for one of 100,000, and no more; after a restart as before it.
  const std::string next = "eia_reference: 'EIA-2' lots: 'lots/2' lots: 'lots/4'";
  EXPECT_EQ(Outcome(Replace(100'001, next)), "REPLACEMENT_NOT_COVERED DR-30 project_quantity");
  LedgerWorld again;
  world.RestartInto(&again);
  EXPECT_EQ(Outcome(again.ReplaceForProject("site: 'sites/$STEEL001' pollutant: 'SO2' project_quantity: 100001 " + next)),
            "REPLACEMENT_NOT_COVERED DR-30 project_quantity");
  EXPECT_EQ(Outcome(Replace(100'000, next)), "OK");
}

TEST_F(ExtinctionsTest, AProjectBringsBoughtLotsOfItsOwn) {
  ASSERT_EQ(Record(true, true), "OK");
  EXPECT_EQ(Outcome(Replace(1'000, kEia + "lots: 'lots/3'")), "RIGHT_NOT_PAID_FOR DR-07 lots");
  EXPECT_EQ(Outcome(Replace(1'000, kEia + "lots: 'lots/1'")), "INVALID_FIELD DR-30 lots");
  EXPECT_EQ(Outcome(Replace(1'000, kEia + "lots: 'lots/2' lots: 'lots/2'")), "INVALID_FIELD DR-30 lots");
  EXPECT_EQ(Outcome(Replace(1'000, kEia)), "INVALID_FIELD DR-30 lots");
  EXPECT_EQ(Outcome(Replace(0, kEia + "lots: 'lots/2'")), "INVALID_FIELD DR-30 project_quantity");
  EXPECT_EQ(Outcome(Replace(1'000, "lots: 'lots/2'")), "INVALID_FIELD - eia_reference");
  EXPECT_EQ(Outcome(Replace(1'000, kEia + "lots: 'lots/2' exception_document: 'X'")), "INVALID_FIELD DR-30 exception_document");
  EXPECT_EQ(Outcome(Replace(500'001, kEia + "lots: 'lots/2'")), "REPLACEMENT_NOT_COVERED DR-30 project_quantity");
  EXPECT_EQ(Outcome(Replace(500'000, kEia + "lots: 'lots/2'")), "OK");
  EXPECT_EQ(world.Lot(kPaidRightToExtinguish).quantity, Quantity(500'000)) << "at a ratio of one nothing is extinguished";
}

TEST_F(ExtinctionsTest, LeasedUnitsMeetNoProjectsNeed) {
  world.Apply([&](CommandContext&) { world.ledger.lots().Edit(world.Lot(kPaidRightToExtinguish)).source = LotSource::kLeaseIn; });
  EXPECT_EQ(Outcome(Replace(1'000, kEia + "lots: 'lots/2'")), "LEASED_UNITS DR-65 lots");
}

TEST_F(ExtinctionsTest, AnAttainmentIsOfAYearThatIsOverAndIsCorrectedByANewer) {
  EXPECT_EQ(Record(true, true, 2026), "INVALID_FIELD DR-30 year");
  EXPECT_EQ(Record(true, true), "OK");
  EXPECT_EQ(Record(true, true), "ATTAINMENT_RECORDED DR-30 year");
  EXPECT_EQ(Record(true, false), "OK");
  EXPECT_EQ(world.extinctions.FindAttainment("220100", 2025)->revision, 2u);
  EXPECT_FALSE(world.extinctions.FindAttainment("220100", 2025)->pm25_attained);
}

}  // namespace
}  // namespace songhua::ledger
