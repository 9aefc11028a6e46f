// Bank statements (INV-04, DR-49): a statement adds up and follows the last one; its lines meet what the ledger recorded, whichever came first; what meets
// nothing is dealt with by two persons, and named until then.
#include "ledger/bank_statements.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/ledger/ledger_world.h"

namespace songhua::ledger {
namespace {

class BankStatementsTest : public testing::Test {
 protected:
  void SetUp() override { world.Furnish(); }

  template <class Request, class Answer>
  absl::StatusOr<Answer> Do(absl::StatusOr<Answer> (BankStatements::*method)(CommandContext&, const Request&), const std::string& text) {
    return world.Run([&](CommandContext& context) {
      context.person = person;
      return (bank.*method)(context, Text<Request>(world.Named(text)));
    });
  }
  std::string Deposit(int64_t fen, const std::string& reference, const std::string& account = "$STEEL.cash") {
    return Outcome(Do(&BankStatements::DepositCash, Cash(fen, reference, account)));
  }
  std::string Withdraw(int64_t fen, const std::string& reference) { return Outcome(Do(&BankStatements::WithdrawCash, Cash(fen, reference, "$STEEL.cash"))); }
  static std::string Cash(int64_t fen, const std::string& reference, const std::string& account) {
    return "account: 'accounts/" + account + "' amount_fen: " + std::to_string(fen) + " bank_reference: '" + reference + "'";
  }
  std::string Begin(const std::string& day, int64_t opening, int64_t closing) {
    return Outcome(Do(&BankStatements::BeginStatement,
                      "day: '" + day + "' opening_balance_fen: " + std::to_string(opening) + " closing_balance_fen: " + std::to_string(closing)));
  }
  static std::string Line(const std::string& reference, int64_t fen, const std::string& more = "") {
    return "lines { bank_reference: '" + reference + "' amount_fen: " + std::to_string(fen) + " " + more + " } ";
  }
  std::string Add(uint32_t statement, uint32_t first, const std::string& lines) {
    return Outcome(Do(&BankStatements::AddStatementLines, Named(statement) + "first_line: " + std::to_string(first) + " " + lines));
  }
  std::string Finish(uint32_t statement) { return Outcome(Do(&BankStatements::FinishStatement, Named(statement))); }
  static std::string Named(uint32_t statement) { return "name: 'bankStatements/" + std::to_string(statement) + "' "; }
  // A statement of the world's day with these lines.
  std::string State(int64_t opening, int64_t closing, const std::string& lines) {
    const std::string begun = Begin(FormatDate(world.today), opening, closing);
    if (begun != "OK") return begun;
    const uint32_t number = ++statements;
    const std::string added = Add(number, 1, lines);
    return added == "OK" ? Finish(number) : added;
  }
  std::string Propose(const std::string& line, const std::string& action) {
    return Outcome(Do(&BankStatements::ProposeLine, "name: 'bankLines/" + line + "' reason: 'by letter' action: " + action));
  }
  std::string Approve(const std::string& line, const std::string& by = "second") {
    person = by;
    const std::string outcome = Outcome(Do(&BankStatements::ApproveLine, "name: 'bankLines/" + line + "'"));
    person = "first";
    return outcome;
  }
  v1::BankStatement::State StateOf(uint32_t statement) const { return bank.Find(statement)->state; }
  v1::BankLine::State StateOf(uint32_t statement, uint64_t line) const { return bank.FindLine(statement, line)->state; }
  // Bank = ledger + what each of the two has alone.
  void ExpectBalanced(uint32_t last, int64_t open, int64_t unseen) {
    EXPECT_EQ(-world.Cash("house.bank").posted.value() - unseen + open, bank.Find(last)->closing.value());
  }

  LedgerWorld world;
  BankStatements bank{&world.tables, &world.counters, &world.participants, &world.ledger};
  std::string person = "first";
  uint32_t statements = 0;
};

TEST_F(BankStatementsTest, ABankReferenceIsOneMovement) {
  ASSERT_EQ(Deposit(500, "D-1"), "OK");
  EXPECT_EQ(Deposit(500, "D-1"), "BANK_REFERENCE_USED INV-04 bank_reference");
  EXPECT_EQ(Withdraw(100, "D-1"), "BANK_REFERENCE_USED INV-04 bank_reference");
  EXPECT_EQ(Withdraw(501, "W-1"), "INSUFFICIENT_FUNDS CAR-21 amount_fen");  // the ledger's own checks come first
  EXPECT_EQ(Withdraw(100, "W-1"), "OK");
}

TEST_F(BankStatementsTest, AStatementThatDoesNotAddUpSaysToWhatItComes) {
  ASSERT_EQ(Begin("2026-01-05", 0, 900), "OK");
  ASSERT_EQ(Add(1, 1, Line("A", 500) + Line("B", 500) + Line("C", -200)), "OK");
  const auto refused = Do(&BankStatements::FinishStatement, Named(1));
  EXPECT_EQ(Outcome(refused), "STATEMENT_DOES_NOT_ADD_UP INV-04 closing_balance_fen");
  EXPECT_EQ(Detail(refused).value, "900");
  EXPECT_EQ(Detail(refused).accepted, "800: the opening balance 0 and 3 lines of 800");
  EXPECT_EQ(Outcome(Do(&BankStatements::DiscardStatement, Named(1) + "reason: 'a line is missing'")), "OK");
  EXPECT_EQ(bank.FindLine(1, 1), nullptr);
  EXPECT_EQ(Begin("2026-01-05", 0, 800), "OK");
  EXPECT_EQ(Add(2, 1, Line("A", 500)), "OK") << "the references of what was discarded are free";
}

TEST_F(BankStatementsTest, StatementsFollowEachOther) {
  ASSERT_EQ(State(0, 500, Line("A", 500)), "OK");
  EXPECT_EQ(Begin("2026-01-06", 500, 500), "INVALID_FIELD INV-04 day");  // has not come
  world.today = MakeDate(2026, 1, 6);
  EXPECT_EQ(Begin("2026-01-05", 500, 500), "STATEMENT_OUT_OF_ORDER INV-04 day");
  const auto refused = Do(&BankStatements::BeginStatement, "day: '2026-01-06' opening_balance_fen: 499 closing_balance_fen: 500");
  EXPECT_EQ(Outcome(refused), "OPENING_DIFFERS INV-04 opening_balance_fen");
  EXPECT_EQ(Detail(refused).accepted, "500, the closing balance of bankStatements/1");
  ASSERT_EQ(Begin("2026-01-06", 500, 600), "OK");
  EXPECT_EQ(Begin("2026-01-06", 500, 600), "STATEMENT_OPEN INV-04 day");
  EXPECT_EQ(Add(2, 2, Line("B", 100)), "CHUNK_OUT_OF_ORDER GEN-15 first_line");
  EXPECT_EQ(Add(2, 1, Line("A", 100)), "BANK_REFERENCE_USED INV-04 lines[0].bank_reference");
  EXPECT_EQ(Add(2, 1, Line("B", 50) + Line("B", 50)), "BANK_REFERENCE_USED INV-04 lines[1].bank_reference");
  EXPECT_EQ(Add(2, 1, Line("B", 0)), "INVALID_FIELD GEN-06 lines[0].amount_fen");
  EXPECT_EQ(Add(2, 1, Line("B", 100)), "OK");
  EXPECT_EQ(Finish(2), "OK");
  EXPECT_EQ(Add(2, 2, Line("C", 100)), "WRONG_STATE INV-04 name");
}

TEST_F(BankStatementsTest, TheFirstStatementOpensWithWhatTheLedgerRecordedBefore) {
  ASSERT_EQ(Deposit(700, "OLD"), "OK");
  const uint64_t old = world.sequence;
  world.today = MakeDate(2026, 1, 6);
  EXPECT_EQ(Begin("2026-01-06", 0, 0), "OPENING_DIFFERS INV-04 opening_balance_fen");
  ASSERT_EQ(Deposit(50, "NEW"), "OK");
  ASSERT_EQ(State(700, 750, Line("NEW", 50)), "OK");
  EXPECT_EQ(StateOf(1), v1::BankStatement::RECONCILED);
  EXPECT_EQ(StateOf(0, old), v1::BankLine::IN_OPENING);
}

TEST_F(BankStatementsTest, BothSidesMeetWhicheverComesFirst) {
  ASSERT_EQ(Deposit(500, "A"), "OK");
  ASSERT_EQ(State(0, 800, Line("A", 500, "participant: 'participants/$STEEL'") + Line("B", 300)), "OK");
  EXPECT_EQ(StateOf(1, 1), v1::BankLine::MATCHED);
  EXPECT_EQ(StateOf(1, 2), v1::BankLine::OPEN);
  EXPECT_EQ(StateOf(1), v1::BankStatement::FINISHED);
  ExpectBalanced(1, 300, 0);
  EXPECT_EQ(Deposit(299, "B"), "BANK_LINE_DIFFERS INV-04 amount_fen");
  EXPECT_EQ(Deposit(300, "B"), "OK");
  EXPECT_EQ(StateOf(1), v1::BankStatement::RECONCILED);
  ExpectBalanced(1, 0, 0);
}

TEST_F(BankStatementsTest, ALineOfAnotherParticipantDoesNotMeet) {
  ASSERT_EQ(Deposit(500, "A"), "OK");
  ASSERT_EQ(State(0, 800, Line("A", 500, "purpose: 'margin 91220101MA0Y3T5K8X'") + Line("B", 300, "participant: 'participants/$POWER'")), "OK");
  EXPECT_EQ(StateOf(1, 1), v1::BankLine::MATCHED) << "a code that is no participant's tells nothing";
  EXPECT_EQ(Deposit(300, "B"), "BANK_LINE_DIFFERS INV-04 account");
  EXPECT_EQ(Deposit(300, "B", "$POWER.cash"), "OK");
}

TEST_F(BankStatementsTest, APurposeOrASubAccountTellsWhoseMoneyItIs) {
  const std::string number = std::to_string(world.Account("$POWER.cash"));
  ASSERT_EQ(State(0, 500, Line("A", 200, "purpose: 'margin of $STEEL, January'") + Line("B", 300, "sub_account: " + number)), "OK");
  EXPECT_EQ(bank.FindLine(1, 1)->participant, world.ids["$STEEL"]);
  EXPECT_EQ(bank.FindLine(1, 2)->participant, world.ids["$POWER"]);
}

TEST_F(BankStatementsTest, AnOpenCreditIsDepositedByTwoPersons) {
  ASSERT_EQ(State(0, 500, Line("A", 500)), "OK");
  EXPECT_EQ(Propose("1.1", "APPLY"), "INVALID_FIELD INV-04 account");
  ASSERT_EQ(Propose("1.1", "APPLY account: 'accounts/$STEEL.cash'"), "OK");
  EXPECT_EQ(world.Cash("$STEEL.cash").posted, Money());
  EXPECT_EQ(Propose("1.1", "RETURN"), "LINE_UNDER_PROPOSAL GEN-14 name");
  EXPECT_EQ(Deposit(500, "A"), "LINE_UNDER_PROPOSAL GEN-14 bank_reference");
  EXPECT_EQ(Approve("1.1", "first"), "SEPARATION_OF_DUTIES GEN-14 name");
  ASSERT_EQ(Approve("1.1"), "OK");
  EXPECT_EQ(world.Cash("$STEEL.cash").posted, Money(500));
  EXPECT_EQ(StateOf(1, 1), v1::BankLine::MATCHED);
  EXPECT_EQ(StateOf(1), v1::BankStatement::RECONCILED);
  EXPECT_EQ(Approve("1.1"), "WRONG_STATE INV-04 name");
}

TEST_F(BankStatementsTest, AMovementUnderAnotherReferenceIsAssignedByHand) {
  ASSERT_EQ(Deposit(500, "typed wrong"), "OK");
  const std::string transaction = "'transactions/" + std::to_string(world.sequence) + "'";
  ASSERT_EQ(State(0, 900, Line("A", 500) + Line("B", 400)), "OK");
  EXPECT_EQ(Propose("1.2", "ASSIGN counterpart: " + transaction), "BANK_LINE_DIFFERS INV-04 counterpart");
  ASSERT_EQ(Propose("1.1", "ASSIGN counterpart: " + transaction), "OK");
  ASSERT_EQ(Approve("1.1"), "OK");
  EXPECT_EQ(Deposit(500, "typed wrong"), "BANK_REFERENCE_USED INV-04 bank_reference");
  EXPECT_EQ(Deposit(500, "A"), "BANK_REFERENCE_USED INV-04 bank_reference");
  ExpectBalanced(1, 400, 0);
}

TEST_F(BankStatementsTest, AnUnknownCreditGoesBackToItsPayer) {
  ASSERT_EQ(State(0, 500, Line("A", 500)), "OK");
  ASSERT_EQ(Propose("1.1", "RETURN"), "OK");
  ASSERT_EQ(Approve("1.1"), "OK");
  EXPECT_EQ(StateOf(1, 1), v1::BankLine::TO_RETURN);
  EXPECT_EQ(DescribeDifference(*bank.FindLine(1, 1)), "bankLines/1.1: 5.00 yuan of 2026-01-05 under A waits to be returned to its payer");
  ExpectBalanced(1, 500, 0);
  EXPECT_EQ(Deposit(500, "A"), "BANK_REFERENCE_USED INV-04 bank_reference");
  world.today = MakeDate(2026, 1, 6);
  ASSERT_EQ(State(500, 0, Line("R", -500, "return_of: 'A'")), "OK");
  EXPECT_EQ(StateOf(1, 1), v1::BankLine::RETURNED);
  EXPECT_EQ(StateOf(1), v1::BankStatement::RECONCILED);
  EXPECT_EQ(StateOf(2), v1::BankStatement::RECONCILED);
  EXPECT_EQ(Propose("2.1", "RETURN"), "WRONG_STATE INV-04 name");
}

TEST_F(BankStatementsTest, WhatTheBankHasNotSeenKeepsItsDayOpen) {
  ASSERT_EQ(Deposit(500, "A"), "OK");
  ASSERT_EQ(Withdraw(100, "W"), "OK");
  const uint64_t withdrawal = world.sequence;
  ASSERT_EQ(State(0, 500, Line("A", 500)), "OK");
  EXPECT_EQ(StateOf(1), v1::BankStatement::FINISHED);
  EXPECT_EQ(DescribeDifference(*bank.FindLine(0, withdrawal)),
            "transactions/" + std::to_string(withdrawal) + ": -1.00 yuan of 2026-01-05 under W is in the ledger and in no statement");
  ExpectBalanced(1, 0, -100);
  world.today = MakeDate(2026, 1, 6);
  ASSERT_EQ(State(500, 400, Line("W", -100)), "OK");
  EXPECT_EQ(StateOf(1), v1::BankStatement::RECONCILED);
  EXPECT_EQ(StateOf(2), v1::BankStatement::RECONCILED);
}

TEST_F(BankStatementsTest, AReversedDepositOpensItsLineAndItsStatement) {
  ASSERT_EQ(Deposit(500, "A"), "OK");
  const std::string reversal = "transaction: 'transactions/" + std::to_string(world.sequence) + "' reversal_type: 'ERROR_IN_ENTRY' reason: 'wrong firm'";
  ASSERT_EQ(State(0, 500, Line("A", 500)), "OK");
  world.today = MakeDate(2026, 1, 6);
  ASSERT_EQ(State(500, 600, Line("B", 100)), "OK");
  ASSERT_EQ(Deposit(100, "B"), "OK");
  ASSERT_EQ(StateOf(2), v1::BankStatement::RECONCILED);
  ASSERT_EQ(Outcome(Do(&BankStatements::ReverseTransaction, reversal)), "OK");
  EXPECT_EQ(StateOf(1, 1), v1::BankLine::OPEN);
  EXPECT_EQ(StateOf(1), v1::BankStatement::FINISHED);
  EXPECT_EQ(StateOf(2), v1::BankStatement::FINISHED) << "its closing balance holds the open line too";
  ExpectBalanced(2, 500, 0);
  ASSERT_EQ(Deposit(500, "A", "$POWER.cash"), "OK");
  EXPECT_EQ(StateOf(1), v1::BankStatement::RECONCILED);
  EXPECT_EQ(StateOf(2), v1::BankStatement::RECONCILED);
}

TEST_F(BankStatementsTest, AReversedDepositOfTheOpeningBalanceIsEnteredAnew) {
  ASSERT_EQ(Deposit(700, "OLD"), "OK");
  const std::string reversal = "transaction: 'transactions/" + std::to_string(world.sequence) + "' reversal_type: 'ERROR_IN_ENTRY' reason: 'wrong firm'";
  world.today = MakeDate(2026, 1, 6);
  ASSERT_EQ(State(700, 750, Line("NEW", 50)), "OK");
  ASSERT_EQ(Outcome(Do(&BankStatements::ReverseTransaction, reversal)), "OK");
  ExpectBalanced(1, 50, -700);
  LedgerWorld fresh;
  BankStatements reloaded(&fresh.tables, &fresh.counters, &fresh.participants, &fresh.ledger);
  world.RestartInto(&fresh);
  ASSERT_EQ(Outcome(fresh.Run([&](CommandContext& context) {
              return reloaded.DepositCash(context, Text<v1::CashRequest>(fresh.Named(Cash(700, "OLD", "$POWER.cash"))));
            })),
            "OK");
  ASSERT_EQ(Deposit(700, "OLD", "$POWER.cash"), "OK");
  EXPECT_EQ(StateOf(0, world.sequence), v1::BankLine::IN_OPENING);
  ExpectBalanced(1, 50, 0);
  EXPECT_EQ(Deposit(700, "OLD", "$POWER.cash"), "BANK_REFERENCE_USED INV-04 bank_reference");
}

TEST_F(BankStatementsTest, ARestartKnowsEveryReferenceAndWhatIsOpen) {
  ASSERT_EQ(Deposit(500, "A"), "OK");
  ASSERT_EQ(State(0, 800, Line("A", 500) + Line("B", 300)), "OK");
  LedgerWorld fresh;
  BankStatements reloaded(&fresh.tables, &fresh.counters, &fresh.participants, &fresh.ledger);
  world.RestartInto(&fresh);
  const auto deposit = [&](int64_t fen, const std::string& reference) {
    return Outcome(fresh.Run(
        [&](CommandContext& context) { return reloaded.DepositCash(context, Text<v1::CashRequest>(fresh.Named(Cash(fen, reference, "$STEEL.cash")))); }));
  };
  EXPECT_EQ(deposit(500, "A"), "BANK_REFERENCE_USED INV-04 bank_reference");
  EXPECT_EQ(deposit(300, "B"), "OK");
  EXPECT_EQ(reloaded.Find(1)->state, v1::BankStatement::RECONCILED);
}

}  // namespace
}  // namespace songhua::ledger
