// Money of the settlement bank (INV-04): what clients have is what the bank holds, and nothing is paid out of money that orders or trades
// hold.
#include <string>

#include "gtest/gtest.h"
#include "ledger/ledger.h"
#include "tests/ledger/ledger_world.h"

namespace songhua::ledger {
namespace {

class LedgerCashTest : public testing::Test {
 protected:
  void SetUp() override { world.Furnish(); }

  std::string Deposit(int64_t fen, const std::string& account = "$STEEL.cash") { return Move(fen, account, &LedgerWorld::Deposit); }
  std::string Withdraw(int64_t fen, const std::string& account = "$STEEL.cash") { return Move(fen, account, &LedgerWorld::Withdraw); }
  template <class Method>
  std::string Move(int64_t fen, const std::string& account, Method method) {
    return Outcome((world.*method)("account: 'accounts/" + account + "' amount_fen: " + std::to_string(fen) + " bank_reference: 'wire 7'"));
  }
  void Change(void (Ledger::*change)(AccountNumber, Money), int64_t fen) {
    ASSERT_TRUE(world
                    .Run([&](CommandContext&) {
                      (world.ledger.*change)(world.Account("$STEEL.cash"), Money(fen));
                      return absl::OkStatus();
                    })
                    .ok());
  }
  Money Available(const std::string& account = "$STEEL.cash") const { return world.Cash(account).available(); }

  LedgerWorld world;
};

TEST_F(LedgerCashTest, DepositsAreWhatTheBankOwes) {
  ASSERT_EQ(Deposit(100'000), "OK");
  ASSERT_EQ(Deposit(50'000, "$POWER.cash"), "OK");
  ASSERT_EQ(Withdraw(30'000), "OK");
  EXPECT_EQ(Available(), Money(70'000));
  EXPECT_EQ(world.Cash("house.bank").posted, Money(-120'000));
}

TEST_F(LedgerCashTest, OnlyCashAccountsTakeDeposits) {
  EXPECT_EQ(Deposit(1, "$STEEL.trading"), "INVALID_FIELD INV-04 account");
  EXPECT_EQ(Deposit(1, "house.bank"), "INVALID_FIELD INV-04 account");
  EXPECT_EQ(Deposit(1, "house.fees"), "INVALID_FIELD INV-04 account");
  EXPECT_EQ(Deposit(1, "nobody.cash"), "NOT_FOUND - account");
}

TEST_F(LedgerCashTest, AmountsAreAtLeastAFenAndBounded) {
  EXPECT_EQ(Deposit(0), "INVALID_FIELD GEN-06 amount_fen");
  EXPECT_EQ(Deposit(-1), "INVALID_FIELD GEN-06 amount_fen");
  EXPECT_EQ(Deposit(1'000'000'000'000'001), "INVALID_FIELD GEN-06 amount_fen");
  EXPECT_EQ(Deposit(1'000'000'000'000'000), "OK");
  EXPECT_EQ(Outcome(world.Deposit("account: 'accounts/$STEEL.cash' amount_fen: 1")), "INVALID_FIELD - bank_reference");
}

// CAR-21: orders hold what they may cost; held money neither leaves nor serves another order.
TEST_F(LedgerCashTest, HeldMoneyCannotBeWithdrawn) {
  ASSERT_EQ(Deposit(100), "OK");
  Change(&Ledger::HoldCash, 70);
  EXPECT_EQ(Available(), Money(30));
  EXPECT_EQ(Withdraw(31), "INSUFFICIENT_FUNDS CAR-21 amount_fen");
  Change(&Ledger::HoldCashForTrade, 50);
  EXPECT_EQ(Available(), Money(30));
  Change(&Ledger::ReleaseCash, 20);
  EXPECT_EQ(Available(), Money(50));
  EXPECT_EQ(Withdraw(51), "INSUFFICIENT_FUNDS CAR-21 amount_fen");
  Change(&Ledger::ReleaseTradeCash, 50);
  EXPECT_EQ(Withdraw(100), "OK");
}

TEST_F(LedgerCashTest, APaymentMovesWhatTheTradeHeld) {
  ASSERT_EQ(Deposit(100), "OK");
  Change(&Ledger::HoldCash, 60);
  Change(&Ledger::HoldCashForTrade, 60);
  Change(&Ledger::ReleaseTradeCash, 60);
  ASSERT_TRUE(world
                  .Run([&](CommandContext& context) {
                    const AccountNumber buyer = world.Account("$STEEL.cash");
                    world.ledger.Pay(context, PostingType::kSettlement, buyer, world.Account("$POWER.cash"), Money(58), 1);
                    world.ledger.Pay(context, PostingType::kFee, buyer, world.Account("house.fees"), Money(2), 1);
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(Available(), Money(40));
  EXPECT_EQ(Available("$POWER.cash"), Money(58));
  EXPECT_EQ(world.Cash("house.fees").posted, Money(2));
}

TEST_F(LedgerCashTest, MoneyThatIsNotThereCannotBeHeldOrPaid) {
  ASSERT_EQ(Deposit(100), "OK");
  Ledger& ledger = world.ledger;
  const AccountNumber account = world.Account("$STEEL.cash");
  EXPECT_DEATH(ledger.HoldCash(account, Money(101)), "CHECK failed");
  EXPECT_DEATH(ledger.ReleaseCash(account, Money(1)), "CHECK failed");
  EXPECT_DEATH(ledger.HoldCashForTrade(account, Money(1)), "CHECK failed");
  EXPECT_DEATH(ledger.ReleaseTradeCash(account, Money(1)), "CHECK failed");
  EXPECT_DEATH(
      {
        CommandContext context;
        context.events = &world.events;
        ledger.Pay(context, PostingType::kPayment, account, world.Account("$POWER.cash"), Money(101), 1);
      },
      "CHECK failed");
}

// What a deposit brought goes back by reversal only while it is free.
TEST_F(LedgerCashTest, ADepositIsReversedWhileItsMoneyIsFree) {
  ASSERT_EQ(Deposit(100), "OK");
  const std::string reversal =
      "transaction: 'transactions/" + std::to_string(world.sequence) + "' reversal_type: 'ERROR_IN_ENTRY' reason: 'wrong client'";
  Change(&Ledger::HoldCash, 1);
  EXPECT_EQ(Outcome(world.Reverse(reversal)), "INSUFFICIENT_FUNDS GEN-08 transaction");
  Change(&Ledger::ReleaseCash, 1);
  EXPECT_EQ(Outcome(world.Reverse(reversal)), "OK");
  EXPECT_EQ(Available(), Money());
  EXPECT_EQ(world.Cash("house.bank").posted, Money());
  EXPECT_EQ(Outcome(world.Reverse(reversal)), "ALREADY_REVERSED GEN-08 transaction");
}

TEST_F(LedgerCashTest, AWithdrawalIsReversedIntoItsAccount) {
  ASSERT_EQ(Deposit(100), "OK");
  ASSERT_EQ(Withdraw(40), "OK");
  ASSERT_EQ(Outcome(world.Reverse("transaction: 'transactions/" + std::to_string(world.sequence) +
                                  "' reversal_type: 'ERROR_IN_ENTRY' reason: 'returned by the bank'")),
            "OK");
  EXPECT_EQ(Available(), Money(100));
}

// Overflow is an answer, never a wrap and never the end of the process.
TEST_F(LedgerCashTest, DepositsBeyond64BitsAreOutOfRange) {
  world.check_invariants = false;  // of ten thousand commands the last state is enough
  constexpr int64_t kMost = 1'000'000'000'000'000;
  for (int i = 0; i < 9'223; ++i) ASSERT_EQ(Deposit(kMost), "OK") << i;
  EXPECT_EQ(Deposit(kMost), "OUT_OF_RANGE - amount_fen");
  EXPECT_EQ(Deposit(kMost, "$POWER.cash"), "OUT_OF_RANGE - amount_fen") << "the bank's own account has its bound too";
  ASSERT_EQ(Withdraw(kMost), "OK");
  const std::string withdrawal = "transactions/" + std::to_string(world.sequence);
  ASSERT_EQ(Deposit(kMost, "$POWER.cash"), "OK");
  // Found in review: this reversal would have overflowed the bank's account, and so ended the process.
  EXPECT_EQ(Outcome(world.Reverse("transaction: '" + withdrawal + "' reversal_type: 'ERROR_IN_ENTRY' reason: 'r'")),
            "OUT_OF_RANGE - transaction");
  ExpectLedgerInvariants(world.stored.rows(), world.today);
}

}  // namespace
}  // namespace songhua::ledger
