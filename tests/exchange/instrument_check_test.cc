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
