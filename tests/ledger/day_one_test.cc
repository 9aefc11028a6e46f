// Day one (INV-02, INV-04, DR-04, GEN-14): what there was before comes in whole or not at all, against totals that the old books state, by two persons.
#include "ledger/day_one.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/ledger/ledger_world.h"

namespace songhua::ledger {
namespace {

constexpr char kReserveOfDayOne[] = "accounts/rights.reserve.220100";

class DayOneTest : public testing::Test {
 protected:
  void SetUp() override { world.Furnish(); }

  template <class Request>
  absl::StatusOr<v1::DayOneAnswer> Ask(absl::StatusOr<v1::DayOneAnswer> (DayOne::*method)(CommandContext&, const Request&), const std::string& text) {
    return world.Run([&](CommandContext& context) {
      context.person = person;
      return (day_one.*method)(context, Text<Request>(world.Named(text)));
    });
  }
  std::string Begin(const std::string& totals) {
    return Outcome(Ask(&DayOne::BeginDayOne, "program: 'programs/rights' source: 'the old books' totals { " + totals + " }"));
  }
  std::string Add(uint32_t first, const std::string& rows, uint32_t number = 1) {
    return Outcome(Ask(&DayOne::AddDayOneRows, Name(number) + "first_row: " + std::to_string(first) + " " + rows));
  }
  absl::StatusOr<v1::DayOneAnswer> AskFinish(uint32_t number = 1) { return Ask(&DayOne::FinishDayOne, Name(number)); }
  std::string Finish(uint32_t number = 1) { return Outcome(AskFinish(number)); }
  std::string Approve(uint32_t number = 1, const std::string& by = "second") {
    person = by;
    const std::string outcome = Outcome(Ask(&DayOne::ApproveDayOne, Name(number)));
    person = "first";
    return outcome;
  }
  // What is said of a row of the first import: reason, rule and field of each mistake.
  using Told = std::vector<std::string>;
  Told Wrong(uint32_t row) const {
    Told told;
    for (const RefusalDetail& error : day_one.FindRow(1, row)->errors) told.push_back(error.reason + " " + error.rule + " " + error.field);
    return told;
  }
  static std::string Name(uint32_t number) { return "name: 'dayOneImports/" + std::to_string(number) + "' "; }
  static std::string Right(const std::string& site, int64_t quantity, const std::string& more = "source: 'INITIAL_FREE'") {
    return "rows { account: 'accounts/" + site + ".rights' pollutant: 'SO2' quantity: " + std::to_string(quantity) +
           " valid_from: '2025-01-01' valid_to: '2027-12-31' " + more + " } ";
  }
  static std::string Reserve(int64_t quantity) {
    return std::string("rows { account: '") + kReserveOfDayOne + "' pollutant: 'SO2' trading_group: 'POWER' quantity: " + std::to_string(quantity) +
           " valid_from: '2026-01-01' valid_to: '2026-12-31' } ";
  }
  static std::string Balance(const std::string& owner, int64_t fen) {
    return "rows { account: 'accounts/" + owner + ".cash' amount_fen: " + std::to_string(fen) + " } ";
  }
  static std::string So2(int64_t this_year, int64_t next_year) {
    return "units { pollutant: 'SO2' control_zone: '220100' quantities { year: 2026 quantity: " + std::to_string(this_year) +
           " } quantities { year: 2027 quantity: " + std::to_string(next_year) + " } } ";
  }

  LedgerWorld world;
  BankStatements bank{&world.tables, &world.counters, &world.participants, &world.ledger};
  DayOne day_one{&world.tables, &world.counters, &world.participants, &world.ledger, &bank};
  std::string person = "first";
};

TEST_F(DayOneTest, EverythingComesInWithTheSecondPersonAndNothingBefore) {
  ASSERT_EQ(Begin(So2(100'000, 60'000) + "cash_fen: 700"), "OK");
  ASSERT_EQ(Add(1, Right("$STEEL001", 50'000) + Right("$POWER001", 10'000, "source: 'INITIAL_PAID' cost_fen: 900") + Reserve(40'000)), "OK");
  ASSERT_EQ(Add(4, Balance("$STEEL", 500) + Balance("$POWER", 200)), "OK");
  EXPECT_EQ(Approve(), "WRONG_STATE GEN-14 name");
  ASSERT_EQ(Finish(), "OK");
  EXPECT_EQ(world.LastLot(), 0u);
  EXPECT_EQ(Approve(1, "first"), "SEPARATION_OF_DUTIES GEN-14 name");
  ASSERT_EQ(Approve(), "OK");
  ASSERT_EQ(world.LastLot(), 3u);
  EXPECT_EQ(world.Lot(1).term, (Term{MakeDate(2026, 1, 1), MakeDate(2027, 12, 31)})) << "last year is over";
  EXPECT_EQ(QuantityOf(world.Lot(1).entitlements, 2025), Quantity());
  EXPECT_EQ(world.Lot(1).sector_class, "INDUSTRY");
  EXPECT_FALSE(world.Lot(1).paid);
  EXPECT_TRUE(world.Lot(2).paid);
  EXPECT_EQ(world.Lot(2).cost, Money(900));
  EXPECT_EQ(world.Lot(3).account, world.Account("rights.reserve.220100"));
  EXPECT_EQ(world.Instrument("rights", "SO2", "220100", "INDUSTRY", 2026).issued, Quantity(50'000));
  EXPECT_EQ(world.Cash("$STEEL.cash").posted, Money(500));
  EXPECT_EQ(world.Cash("house.bank").posted, Money(-700));
  EXPECT_EQ(bank.FindLine(0, world.sequence)->amount, Money(700)) << "the bank's first statement opens with it";
  EXPECT_EQ(day_one.FindRow(1, 1), nullptr) << "what was staged leaves";
  EXPECT_EQ(Approve(), "WRONG_STATE GEN-14 name");
}

TEST_F(DayOneTest, AnImportIsNotReversed) {
  ASSERT_EQ(Begin("cash_fen: 500"), "OK");
  ASSERT_EQ(Add(1, Balance("$STEEL", 500)), "OK");
  ASSERT_EQ(Finish(), "OK");
  ASSERT_EQ(Approve(), "OK");
  EXPECT_EQ(Outcome(world.Reverse("transaction: 'transactions/" + std::to_string(world.sequence) + "' reversal_type: 'COURT_ORDER' reason: 'x'")),
            "IMPORT_IS_FINAL GEN-08 transaction");
}

TEST_F(DayOneTest, EveryBadRowIsToldWithItsRule) {
  ASSERT_EQ(Begin(So2(50'000, 50'000)), "OK");
  ASSERT_EQ(Add(1, Right("$STEEL001", 50'000) + Right("$STEEL001", 0) + Right("$POWER001", 1, "source: 'GIFT'") +
                       Right("$POWER001", 1, "source: 'INITIAL_FREE' cost_fen: 1") + "rows { account: 'accounts/nobody.rights' } " + Balance("$STEEL", 0) +
                       "rows { account: 'accounts/$STEEL001.rights' pollutant: 'SO2' quantity: 1 valid_from: '2020-01-01' valid_to: '2024-12-31' } " +
                       "rows { account: 'accounts/$STEEL001.rights' pollutant: 'NOX' quantity: 1 } rows { account: 'accounts/$STEEL.trading' }"),
            "OK");
  EXPECT_EQ(day_one.Find(1)->bad_rows, 8u);
  EXPECT_FALSE(day_one.FindRow(1, 1)->bad());
  EXPECT_EQ(Wrong(2), Told({"INVALID_FIELD GEN-06 quantity"}));
  EXPECT_EQ(Wrong(3), Told({"INVALID_FIELD DR-03 source"}));
  EXPECT_EQ(Wrong(4), Told({"INVALID_FIELD DR-08 cost_fen"}));
  EXPECT_EQ(Wrong(6), Told({"INVALID_FIELD GEN-06 amount_fen"}));
  EXPECT_EQ(Wrong(5)[0], "NOT_FOUND  account");
  EXPECT_EQ(Wrong(7), Told({"INVALID_FIELD DR-10 valid_to", "INVALID_FIELD DR-03 source"}));
  EXPECT_EQ(Wrong(8)[0], "INVALID_FIELD DR-02 pollutant");
  EXPECT_EQ(Wrong(9), Told({"INVALID_FIELD DR-11 account"}));
  EXPECT_EQ(Finish(), "IMPORT_HAS_ERRORS INV-02 name");
  EXPECT_EQ(Outcome(Ask(&DayOne::DiscardDayOne, Name(1) + "reason: 'mended'")), "OK");
  EXPECT_EQ(day_one.FindRow(1, 1), nullptr);
  EXPECT_EQ(Add(10, Balance("$STEEL", 1)), "WRONG_STATE GEN-14 name");
}

// One look at the file finds all that must be mended in it.
TEST_F(DayOneTest, EveryMistakeOfABadRowIsTold) {
  ASSERT_EQ(Begin("cash_fen: 1"), "OK");
  ASSERT_EQ(Add(1, "rows { account: 'accounts/$STEEL001.rights' pollutant: 'NOX' trading_group: 'POWER' basin: 'X' quantity: -1 valid_from: '2026-13-01' "
                   "valid_to: '2024-12-31' source: 'GIFT' cost_fen: -1 amount_fen: 7 } "
                   "rows { account: 'accounts/nobody.rights' pollutant: 'NOX' quantity: 1 valid_from: '2026-01-01' valid_to: '2026-12-31' source: 'INITIAL_FREE' "
                   "cost_fen: 5 } "
                   "rows { account: 'accounts/$STEEL.cash' pollutant: 'SO2' quantity: 1 source: 'PURCHASE' } "
                   "rows { account: 'accounts/rights.reserve.220100' pollutant: 'SO2' trading_group: 'NONE' basin: 'X' quantity: 1 valid_from: '2026-06-01' "
                   "valid_to: '2026-05-01' source: 'PURCHASE' cost_fen: 1 } "
                   "rows { account: 'what is this' quantity: -1 } "
                   "rows { account: 'accounts/nobody.reserve.220100' pollutant: 'SO2' trading_group: 'POWER' quantity: 0 valid_from: '2026-01-01' "
                   "valid_to: '2099-12-31' }"),
            "OK");
  EXPECT_EQ(Wrong(1), Told({"INVALID_FIELD INV-04 amount_fen", "INVALID_FIELD DR-25 trading_group", "INVALID_FIELD DR-21 basin", "INVALID_FIELD DR-02 pollutant",
                            "INVALID_FIELD GEN-06 quantity", "INVALID_FIELD  valid_from", "INVALID_FIELD DR-10 valid_to", "INVALID_FIELD DR-03 source",
                            "INVALID_FIELD DR-08 cost_fen"}));
  EXPECT_EQ(Wrong(2), Told({"NOT_FOUND  account", "INVALID_FIELD DR-02 pollutant", "INVALID_FIELD DR-08 cost_fen"})) << "its name says that it is a right";
  EXPECT_EQ(Wrong(3), Told({"INVALID_FIELD GEN-06 amount_fen", "INVALID_FIELD INV-04 pollutant", "INVALID_FIELD INV-04 quantity", "INVALID_FIELD INV-04 source"}));
  EXPECT_EQ(Wrong(4), Told({"INVALID_FIELD DR-25 trading_group", "INVALID_FIELD DR-21 basin", "INVALID_FIELD DR-03 valid_to", "INVALID_FIELD DR-60 source",
                            "INVALID_FIELD DR-60 cost_fen"}));
  EXPECT_EQ(Wrong(5).size(), 1u) << "what it would be, nobody knows";
  EXPECT_EQ(Wrong(6), Told({"NOT_FOUND  account", "INVALID_FIELD GEN-06 quantity", "INVALID_FIELD DR-06 valid_to"}));
  EXPECT_EQ(day_one.Find(1)->bad_rows, 6u) << "rows, not mistakes";
  const RefusalDetail& quantity = day_one.FindRow(1, 1)->errors[4];
  EXPECT_EQ(quantity.value, "-1");
  EXPECT_EQ(quantity.accepted, "1 to 1000000000000000");
  const std::vector<v1::DayOneError> told = ErrorsOf(*day_one.FindRow(1, 2));
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[2].row(), 2u);
  EXPECT_EQ(told[2].account(), "accounts/nobody.rights");
  EXPECT_EQ(told[2].field(), "cost_fen");
}

TEST_F(DayOneTest, WhatTheSenderCouldNotReadIsToldAndNotTwice) {
  ASSERT_EQ(Begin("cash_fen: 1"), "OK");
  std::string many = "rows { account: 'x' ";
  for (int i = 0; i < 20; ++i) many += "unreadable { field: 'field" + std::to_string(i) + "' value: 'x' } ";
  ASSERT_EQ(Add(1, "rows { account: 'accounts/$STEEL.cash' unreadable { field: 'amount_fen' value: '1.2.3' accepted: 'yuan' } } " +
                       Right("$STEEL001", 5, "source: 'GIFT' unreadable { field: 'quantity' value: '" + std::string(500, 'q') + "' }") +
                       "rows { unreadable { value: '{' accepted: 'a row' } } " + many + "}"),
            "OK");
  EXPECT_EQ(Wrong(1), Told({"ROW_UNREADABLE  amount_fen"}));
  EXPECT_EQ(day_one.FindRow(1, 1)->errors[0].value, "1.2.3");
  EXPECT_EQ(Wrong(2), Told({"ROW_UNREADABLE  quantity", "INVALID_FIELD DR-03 source"}));
  EXPECT_EQ(day_one.FindRow(1, 2)->errors[0].value, std::string(DayOne::kShownBytesMax, 'q'));
  EXPECT_EQ(Wrong(3), Told({"ROW_UNREADABLE  "})) << "nothing else is said of a row of which nothing is known";
  EXPECT_EQ(Wrong(4).size(), DayOne::kErrorsMax);
  EXPECT_EQ(day_one.Find(1)->bad_rows, 4u);
  EXPECT_EQ(day_one.Find(1)->staged_cash, Money());
}

TEST_F(DayOneTest, AFileIsImportedOnce) {
  const std::string file(64, 'a');
  const auto begin = [&](const std::string& hash) {
    return Outcome(Ask(&DayOne::BeginDayOne, "program: 'programs/rights' source: 'the old books' totals { cash_fen: 1 } file_sha256: '" + hash + "'"));
  };
  EXPECT_EQ(begin("abc"), "INVALID_FIELD - file_sha256");
  EXPECT_EQ(begin(file.substr(1) + "G"), "INVALID_FIELD - file_sha256");
  ASSERT_EQ(begin(file), "OK");
  EXPECT_EQ(day_one.Find(1)->file_sha256, file);
  EXPECT_EQ(begin(file), "IMPORT_OPEN INV-02 file_sha256");
  EXPECT_EQ(begin(""), "OK");
  EXPECT_EQ(begin(""), "OK") << "without a file, as often as one likes";
  ASSERT_EQ(Outcome(Ask(&DayOne::DiscardDayOne, Name(1) + "reason: 'mended'")), "OK");
  ASSERT_EQ(begin(file), "OK");
  ASSERT_EQ(Add(1, Balance("$STEEL", 1), 4), "OK");
  ASSERT_EQ(Finish(4), "OK");
  EXPECT_EQ(begin(file), "IMPORT_OPEN INV-02 file_sha256");
  ASSERT_EQ(Approve(4), "OK");
  EXPECT_EQ(begin(file), "FILE_ENTERED INV-02 file_sha256") << "what it holds is there already";
}

TEST_F(DayOneTest, ATotalThatDisagreesWithItsRowsIsRefused) {
  ASSERT_EQ(Begin(So2(50'000, 49'999) + "cash_fen: 5"), "OK");
  ASSERT_EQ(Add(1, Right("$STEEL001", 50'000)), "OK");
  const auto both = AskFinish();
  EXPECT_EQ(Outcome(both), "CONTROL_TOTALS_DIFFER INV-02 totals") << "each that disagrees";
  EXPECT_EQ(Detail(both).value, "cash_fen: 5; SO2 in 220100 for 2027: 49999");
  EXPECT_EQ(Detail(both).accepted, "cash_fen: 0, what the rows come to; SO2 in 220100 for 2027: 50000, what the rows come to");
  ASSERT_EQ(Add(2, Balance("$STEEL", 5)), "OK");
  const auto refused = AskFinish();
  EXPECT_EQ(Outcome(refused), "CONTROL_TOTALS_DIFFER INV-02 totals.units[0].quantities");
  EXPECT_EQ(Detail(refused).value, "49999 of 2027");
  EXPECT_EQ(Detail(refused).accepted, "50000, what the rows come to");
  ASSERT_EQ(Begin("units { pollutant: 'SO2' control_zone: '220100' quantities { year: 2026 quantity: 50000 } }"), "OK");
  ASSERT_EQ(Add(1, Right("$STEEL001", 50'000), 2), "OK");
  EXPECT_EQ(Finish(2), "CONTROL_TOTALS_DIFFER INV-02 totals.units") << "a year that nobody declared";
  const v1::DayOneImport shown = ToProto(*day_one.Find(2));
  ASSERT_EQ(shown.staged().units_size(), 1);
  EXPECT_EQ(shown.staged().units(0).quantities_size(), 2) << "what the rows come to stands beside what was declared";
  ASSERT_EQ(Begin("units { pollutant: 'SO2' control_zone: '220100' quantities { year: 2026 quantity: 1 } quantities { year: 2027 quantity: 0 } "
                  "quantities { year: 2028 quantity: 3 } quantities { year: 2029 } }"),
            "OK");
  ASSERT_EQ(Add(1, Reserve(4), 3), "OK");
  EXPECT_EQ(Detail(AskFinish(3)).value, "SO2 in 220100 for 2026: 1; SO2 in 220100 for 2028: 3") << "a total of nothing is met by nothing";
  std::string years;
  for (int year = 2030; year < 2045; ++year) years += " quantities { year: " + std::to_string(year) + " quantity: 1 }";
  ASSERT_EQ(Begin("units { pollutant: 'SO2' control_zone: '220100' " + years + " }"), "OK");
  ASSERT_EQ(Add(1, Balance("$STEEL", 1), 4), "OK");
  EXPECT_TRUE(Detail(AskFinish(4)).value.ends_with("for 2036: 1; and 8 more")) << Detail(AskFinish(4)).value;
}

// The world's cap of SO2 in Changchun is 1,000,000 g a year.
TEST_F(DayOneTest, TheCapHoldsWhenItIsFinishedAndWhenItIsApproved) {
  ASSERT_EQ(Begin(So2(1'000'001, 1'000'001)), "OK");
  ASSERT_EQ(Add(1, Right("$STEEL001", 1'000'001)), "OK");
  const auto refused = AskFinish();
  EXPECT_EQ(Outcome(refused), "CAP_EXCEEDED DR-04 name");
  EXPECT_EQ(Detail(refused).value, "1000001 of SO2 for 2026; 1000001 of SO2 for 2027") << "in each year";
  ASSERT_EQ(Begin(So2(1'000'000, 1'000'000)), "OK");
  ASSERT_EQ(Add(1, Right("$STEEL001", 1'000'000), 2), "OK");
  ASSERT_EQ(Finish(2), "OK");
  ASSERT_EQ(Outcome(world.Issue(std::string("program: 'programs/rights' pollutant: 'SO2' control_zone: '220100' trading_group: 'POWER' quantity: 1 to_account: '") +
                                kReserveOfDayOne + "' valid_from: '2026-01-01' valid_to: '2026-12-31'")),
            "OK");
  EXPECT_EQ(Approve(2), "CAP_EXCEEDED DR-04 name");
}

TEST_F(DayOneTest, RowsComeInOrderByWhoBegan) {
  EXPECT_EQ(Begin("units { pollutant: 'NOX' control_zone: '220100' }"), "INVALID_FIELD DR-02 totals.units[0].pollutant");
  EXPECT_EQ(Outcome(Ask(&DayOne::BeginDayOne, "program: 'programs/cea' source: 's'")), "INVALID_FIELD DR-03 program");
  ASSERT_EQ(Begin("cash_fen: 1"), "OK");
  EXPECT_EQ(Add(2, Balance("$STEEL", 1)), "CHUNK_OUT_OF_ORDER GEN-15 first_row");
  person = "another";
  EXPECT_EQ(Add(1, Balance("$STEEL", 1)), "NOT_IN_CHARGE GEN-14 caller");
  person = "first";
  world.validate_only = true;
  EXPECT_EQ(Add(1, Balance("$STEEL", 1)), "OK");
  world.validate_only = false;
  EXPECT_EQ(Add(1, Balance("$STEEL", 1)), "OK");
  ASSERT_EQ(Finish(), "OK");
  world.today = MakeDate(2027, 1, 4);
  EXPECT_EQ(Approve(), "IMPORT_TOO_OLD DR-10 name");
}

}  // namespace
}  // namespace songhua::ledger
