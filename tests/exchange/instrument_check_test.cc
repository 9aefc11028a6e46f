// Whether the ledger of an instrument comes out, and each way in which it may not (CAR-37).
#include "exchange/instrument_check.h"

#include "exchange/settlement_batches.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class InstrumentCheckTest : public testing::Test {
 protected:
  InstrumentCheckTest() {
    world.Furnish();
    instrument = world.ledger.programs().FindInstrument(world.Row("CEA25").instrument_class, 2025);
  }
  std::string Walk(size_t slice = 1'000) {
    InstrumentCheck check{.instrument = instrument->id, .next = 1};
    std::string difference;
    while (AddAccounts(world.ledger, slice, &check, &difference)) {
    }
    EXPECT_EQ(check.next, 0u);
    return difference;
  }
  ledger::InstrumentRow& Edit() { return world.ledger.programs().Edit(*instrument); }
  // The account's lot of the instrument.
  const ledger::LotRow& LotOf(const std::string& account) {
    return *world.ledger.lots().SerialLot(world.Account(account), instrument->instrument_class, instrument->year);
  }
  std::string Move(const std::string& from, const std::string& to, int quantity) {
    return Outcome(world.Transfer("from_lot: 'lots/" + std::to_string(LotOf(from).number) + "' to_account: 'accounts/" + to +
                                  "' quantity: " + std::to_string(quantity)));
  }

  ExchangeWorld world;
  const ledger::InstrumentRow* instrument;
};

TEST_F(InstrumentCheckTest, ALedgerThatComesOutHasNoDifference) {
  EXPECT_EQ(Walk(), "");
  EXPECT_EQ(Walk(1), "");
  ASSERT_EQ(Move("$A.trading", "$A.registry", 100), "OK");
  ASSERT_EQ(Outcome(world.Run("operator",
                              [&](CommandContext& context) {
                                return world.ledger.CancelUnits(
                                    context, Text<v1::RetireUnitsRequest>("from_lot: 'lots/" + std::to_string(LotOf("$A.registry").number) +
                                                                          "' quantity: 40 reason: 'voluntary'"));
                              })),
            "OK");
  EXPECT_EQ(Walk(), "");
}

TEST_F(InstrumentCheckTest, EachDifferenceIsToldInWords) {
  world.check_invariants = false;
  Edit().held -= Quantity(1);
  EXPECT_EQ(Walk(), "all accounts together have 2500, but the instrument says 2499");
  Edit().held += Quantity(1);
  Edit().issued += Quantity(1);
  EXPECT_EQ(Walk(), "the registry issued 2500, but the instrument says 2501");
  Edit().issued -= Quantity(1);
  Edit().cancelled += Quantity(3);
  EXPECT_EQ(Walk(), "surrendered, cancelled and otherwise ended are 0, but the instrument says 3");
  Edit().cancelled -= Quantity(3);
  world.ledger.lots().Edit(LotOf("$B.trading")).entitlements.front().quantity -= Quantity(2);
  EXPECT_EQ(Walk(), world.Named("the lots of accounts/$B.trading come to 498, but its balance is 500"));
}

// ---- Openings: no batch is needed for a difference to be found ----

TEST_F(InstrumentCheckTest, NoSessionOpensInAnInstrumentThatDoesNotComeOut) {
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  world.check_invariants = false;
  Edit().held -= Quantity(1);
  const auto refused = world.Open("CEA25");
  EXPECT_EQ(Outcome(refused), "LEDGER_DIFFERS CAR-37 contract") << "on the same day, and though its trades are settled at once";
  EXPECT_EQ(Detail(refused).accepted, "an instrument whose ledger comes out; now all accounts together have 2500, but the instrument says 2499");
  EXPECT_EQ(Outcome(world.Open("WCI25")), "OK") << "another instrument";
  Edit().held += Quantity(1);
  world.ledger.lots().Edit(LotOf("$B.trading")).entitlements.front().quantity -= Quantity(2);
  EXPECT_EQ(Outcome(world.Open("CEA25")), "LEDGER_DIFFERS CAR-37 contract") << "the lots are added up, not the totals alone";
  world.ledger.lots().Edit(LotOf("$B.trading")).entitlements.front().quantity += Quantity(2);
  EXPECT_EQ(Outcome(world.Open("CEA25")), "OK");
}

TEST_F(InstrumentCheckTest, OfARightEveryYearOfTheTermMustComeOutAndNoOther) {
  const auto edit = [&](const std::string& code, int32_t year, int64_t grams) {
    world.ledger.programs().Edit(*world.ledger.programs().FindInstrument(world.Row(code).instrument_class, year)).lapsed += Quantity(grams);
  };
  world.check_invariants = false;
  edit("SO2", 2026, 1);
  EXPECT_EQ(Outcome(world.Open("SO2")), "OK") << "it quotes 2027 to 2029";
  ASSERT_EQ(Outcome(world.Close("SO2")), "OK");
  edit("SO2", 2029, 1);
  EXPECT_EQ(Outcome(world.Open("SO2")), "LEDGER_DIFFERS CAR-37 contract");
  EXPECT_EQ(Outcome(world.Open("COD")), "OK");
  edit("SO2", 2029, -1);
  EXPECT_EQ(Outcome(world.Open("SO2")), "OK");
}

TEST_F(InstrumentCheckTest, WhatWouldOpenByItsPhasesSaysWhyItDidNot) {
  ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/phased' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 1000 same_day_resale: true "
                                   "phases { kind: CONTINUOUS from: '09:30' to: '11:30' } phases { kind: CONTINUOUS from: '13:00' to: '15:00' }")),
            "OK");
  ASSERT_EQ(Outcome(world.Contract("PHASED", "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 price_basis: "
                                             "PER_T_TERM tick_fen: 1 lot_size: 1 reference_price_fen: 8000 rulebook: 'rulebooks/phased'")),
            "OK");
  world.check_invariants = false;
  Edit().issued += Quantity(1);
  world.GoTo(MakeDate(2026, 1, 6), 10);
  EXPECT_FALSE(world.Row("PHASED").open);
  EXPECT_EQ(world.Row("PHASED").not_opened, "LEDGER_DIFFERS");
  Edit().issued -= Quantity(1);
  world.GoTo(MakeDate(2026, 1, 6), 14);
  EXPECT_TRUE(world.Row("PHASED").open) << "it comes out, and the next phase opens it";
  EXPECT_EQ(world.Row("PHASED").not_opened, "");
}

// The walk stands between two accounts while units move over the place where it stands, both ways, within what is counted, and beyond.
TEST_F(InstrumentCheckTest, UnitsThatMoveDuringTheWalkAreCountedOnce) {
  ASSERT_EQ(Outcome(world.Open("WCI25")), "OK");
  instrument = world.ledger.programs().FindInstrument(world.Row("WCI25").instrument_class, 2025);
  for (ledger::AccountNumber stop = 1; world.ledger.accounts().Find(stop) != nullptr; ++stop) {
    InstrumentCheck check{.instrument = instrument->id, .next = 1};
    std::string difference;
    ASSERT_TRUE(AddAccounts(world.ledger, stop, &check, &difference));
    for (const auto& [seller, buyer] : {std::pair("$A", "$B"), std::pair("$B", "$A"), std::pair("$A", "$D"), std::pair("$D", "$A")}) {
      ASSERT_EQ(Outcome(world.Sell(seller, "WCI25", 8000, 3)), "OK");
      ASSERT_EQ(Outcome(world.Buy(buyer, "WCI25", 8000, 3)), "OK");
      CountMoved(world.ledger.accounts(), world.Account(std::string(seller) + ".registry"), world.Account(std::string(buyer) + ".registry"), Quantity(3), &check);
    }
    while (AddAccounts(world.ledger, 5, &check, &difference)) {
    }
    EXPECT_EQ(difference, "") << "stopped before account " << stop + 1;
  }
}

TEST_F(InstrumentCheckTest, TheBatchThatIsWalkingIsToldOfWhatMoves) {
  TableSet tables;
  ledger::Counters counters(&tables);
  SettlementBatches batches(&tables, &world.ledger.accounts(), &counters);
  EventLog events;
  CommandContext context;
  context.events = &events;
  SettlementBatchRow row;
  row.number = 1;
  row.progress = v1::SettlementBatch::DELIVERED;
  row.confirmed_by = "registrar";
  row.check = {.instrument = instrument->id, .next = world.Account("$B.trading"), .live = Quantity(500)};
  batches.Insert(context, row);
  batches.OnUnitsPosted(instrument->id, world.Account("$A.trading"), world.Account("$B.trading"), Quantity(7));
  EXPECT_EQ(batches.Find(1)->check.live, Quantity(493));
  batches.OnUnitsPosted(instrument->id + 1, world.Account("$A.trading"), world.Account("$B.trading"), Quantity(7));
  EXPECT_EQ(batches.Find(1)->check.live, Quantity(493)) << "another instrument";
  row.check.next = 0;
  batches.Put(context, row);
  batches.OnUnitsPosted(instrument->id, world.Account("$A.trading"), world.Account("$B.trading"), Quantity(7));
  EXPECT_EQ(batches.Find(1)->check.live, Quantity(500)) << "the walk is over";
}

}  // namespace
}  // namespace songhua::exchange
