// Reconciliation: a ledger in order has no differences, and each kind of disorder is told in words.
#include "api/reads/reconciliation.h"

#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/journal_group.h"
#include "ledger/merkle_log.h"
#include "tests/api/read_harness.h"

namespace songhua::api {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Takes the rows of a store over into another, some of them changed, and reconciles that.
class ReconciliationTest : public testing::Test {
 protected:
  void SetUp() override {
    world_.Furnish();
    world_.Sell("a-trader", "CEA25", 8100, 30);   // rests
    world_.Buy("b-trader", "CEA25", 7900, 5);     // rests
    world_.Sell("a-trader", "CEA25V", 8000, 10);  // waits for an officer
    world_.Buy("b-trader", "CEA25V", 8000, 10);
    world_.Sell("a-trader", "CEA25", 8000, 20);  // is done
    world_.Buy("b-trader", "CEA25", 8000, 20);
    const auto lots = world_.Must<v1::ListLotsAnswer>("Ledger/ListLots", "account: 'accounts/$A001.rights'", "a-trader");
    right_ = std::stoull(lots.lots(0).name().substr(5));
    world_.Must<v1::PledgeAnswer>("Pledges/ApplyPledge",
                                  "lot: '" + lots.lots(0).name() + "' quantity: 20000 pledgee: 'participants/branch' form: MORTGAGE",
                                  "a-trader");
    world_.Must<v1::PledgeAnswer>("Pledges/VerifyPledge", "name: 'pledges/1'", "registry-op");
    world_.Must<v1::FreezeAnswer>("Ledger/FreezeUnits",
                                  "lot: '" + lots.lots(1).name() +
                                      "' quantity: 1000 court: 'Court' case_number: '1' start_date: '2026-01-05' end_date: "
                                      "'2026-12-31'",
                                  "changchun-officer");
  }

  // Reconciles a copy in which every row of the table that `change` says true to is as it left it.
  template <class Row>
  std::vector<std::string> DifferencesAfter(const std::function<bool(Row&)>& change) {
    auto snapshot = harness_.store().OpenSnapshot();
    EXPECT_TRUE(snapshot.ok());
    RowChanges rows;
    bool changed = false;
    for (TableId table = 1; table < 200; ++table) {
      ScanRange range;
      range.table = table;
      EXPECT_TRUE((*snapshot)
                      ->Scan(range,
                             [&](std::string_view key, std::string_view value) {
                               Row row;
                               if (table == static_cast<TableId>(Row::kTable) && !changed && DecodeValue(value, &row).ok() && change(row)) {
                                 changed = true;
                                 rows.PutRow(table, key, row);
                               } else {
                                 rows.Put(table, key, value);
                               }
                               return true;
                             })
                      .ok());
    }
    EXPECT_TRUE(changed);
    TemporaryDirectory directory;
    StoreOptions options;
    options.path = directory.path() + "/copy";
    options.create_if_missing = true;
    options.identity.store_id = "copy";
    options.identity.clock_mode = ClockMode::kVirtual;
    auto copy = Store::Open(options);
    EXPECT_TRUE(copy.ok()) << copy.status();
    JournalRecord record;
    record.first_sequence = 1;
    record.count = static_cast<uint32_t>((*snapshot)->sequence());
    record.method = "test";
    JournalGroup group;
    group.Add(record);
    MerkleFrontier frontier;
    group.Seal(Digest{}, rows.ComputeDigest(), &frontier);
    EXPECT_TRUE((*copy)->AppendGroup(group).ok());
    EXPECT_TRUE((*copy)->Publish(rows, record.last_sequence()).ok());

    ReadSide side({.store = copy->get()});
    ReadContext context(&side, FindMethod("songhua.v1.Operations/Reconcile"), nullptr);
    EXPECT_TRUE(context.UseSnapshot().ok());
    const auto answer = Reconciliation(&context).Run();
    EXPECT_TRUE(answer.ok()) << answer.status();
    return {answer->differences().begin(), answer->differences().end()};
  }

  ReadHarness harness_;
  World world_{&harness_};
  ledger::LotNumber right_ = 0;
};

TEST_F(ReconciliationTest, ALedgerInOrderHasNoDifferences) {
  const auto answer = world_.Must<v1::ReconcileAnswer>("Operations/Reconcile", "", "registry-op");
  EXPECT_THAT(answer.differences(), IsEmpty());
  EXPECT_EQ(answer.instruments(), 6u);
  EXPECT_EQ(answer.holds(), 5u);  // orders 2, trade 1, pledge 1, freeze 1
}

TEST_F(ReconciliationTest, ATotalThatIsNotTheSumOfBalancesIsTold) {
  EXPECT_THAT(DifferencesAfter<ledger::InstrumentRow>([](ledger::InstrumentRow& row) {
                row.held += Quantity(1);
                return true;
              }),
              Contains(HasSubstr("held is")));
}

TEST_F(ReconciliationTest, ABalanceThatIsNotTheSumOfItsLotsIsTold) {
  EXPECT_THAT(DifferencesAfter<ledger::BalanceRow>([](ledger::BalanceRow& row) {
                row.posted += Quantity(7);
                return row.posted > Quantity(7);
              }),
              Contains(HasSubstr("but the sum of its lots is")));
}

TEST_F(ReconciliationTest, UnitsThatNobodyHoldsAreTold) {
  for (const ledger::HoldKind kind : {ledger::HoldKind::kOrder, ledger::HoldKind::kTrade, ledger::HoldKind::kProvisionalPledge}) {
    EXPECT_THAT(DifferencesAfter<ledger::LotRow>([&](ledger::LotRow& row) {
                  if (row.Held(kind) == Quantity()) return false;
                  row.held[static_cast<size_t>(kind)] -= Quantity(1);
                  return true;
                }),
                ElementsAre(HasSubstr(std::string("for ") + std::string(ledger::HoldKindName(kind)) + " is")));
  }
}

TEST_F(ReconciliationTest, UnitsHeldTwiceAreTold) {
  EXPECT_THAT(DifferencesAfter<ledger::LotRow>([](ledger::LotRow& row) {
                row.held[static_cast<size_t>(ledger::HoldKind::kLease)] = row.quantity + Quantity(1);
                return true;
              }),
              Contains(HasSubstr("some units are held twice")));
}

TEST_F(ReconciliationTest, ASerialNumberThatWasNeverIssuedIsTold) {
  EXPECT_THAT(DifferencesAfter<ledger::IssuanceRow>(
                  [](ledger::IssuanceRow& row) { return !row.issued.empty() && row.issued.TakeTail(Quantity(1)).ok(); }),
              ElementsAre(HasSubstr("which were never issued")));
}

TEST_F(ReconciliationTest, ASerialNumberInTwoLotsIsTold) {
  SerialBlock stolen{};
  ledger::LotNumber from = 0;
  const auto differences = DifferencesAfter<ledger::LotRow>([&](ledger::LotRow& row) {
    if (row.right || row.blocks.empty()) return false;
    if (from == 0) {
      from = row.number;
      stolen = row.blocks.blocks().front();
      return false;
    }
    EXPECT_TRUE(row.blocks.Add(SerialBlock{stolen.issuance, stolen.start, stolen.start}).ok());
    return true;
  });
  EXPECT_THAT(differences, Contains(HasSubstr("overlap")));
  EXPECT_THAT(differences, Contains(HasSubstr("the count of its serial numbers")));
}

TEST_F(ReconciliationTest, MoneyThatDoesNotAddUpIsTold) {
  EXPECT_THAT(DifferencesAfter<ledger::CashRow>([](ledger::CashRow& row) {
                row.posted += Money(1);
                return row.posted > Money(1);
              }),
              ElementsAre(HasSubstr("all money together")));
}

TEST_F(ReconciliationTest, MoneyHeldForNothingIsTold) {
  EXPECT_THAT(DifferencesAfter<ledger::CashRow>([](ledger::CashRow& row) {
                row.held_trades += Money(1);
                return row.posted > Money();
              }),
              ElementsAre(HasSubstr("but what its waiting trades claim is")));
}

TEST_F(ReconciliationTest, AFreezeThatWasLiftedMayNotLieOnALot) {
  EXPECT_THAT(DifferencesAfter<ledger::FreezeRow>([](ledger::FreezeRow& row) {
                row.lifted = true;
                return true;
              }),
              ElementsAre(HasSubstr("which was lifted")));
}

TEST_F(ReconciliationTest, APledgeWhoseHoldIsGoneIsTold) {
  EXPECT_THAT(DifferencesAfter<ledger::PledgeRow>([](ledger::PledgeRow& row) {
                row.state = v1::RELEASED;
                return true;
              }),
              ElementsAre(HasSubstr("for PROVISIONAL_PLEDGE is 20000, but what live causes claim of it is 0")));
}

}  // namespace
}  // namespace songhua::api
