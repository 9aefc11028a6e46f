// Reads: what they show, to whom, and as of when.
#include "api/reads/read_context.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/bounds.h"
#include "songhua/v1/base_prices.pb.h"
#include "songhua/v1/compliance.pb.h"
#include "tests/api/read_harness.h"

namespace songhua::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class ReadsTest : public testing::Test {
 protected:
  // Names in a list answer.
  template <class Rows>
  static std::vector<std::string> Names(const Rows& rows) {
    std::vector<std::string> names;
    for (const auto& row : rows) names.push_back(row.name());
    return names;
  }
  std::vector<std::string> Named(std::vector<std::string> names) {
    for (std::string& name : names) name = world_.Named(name);
    return names;
  }

  ReadHarness harness_;
  World world_{&harness_};
};

class FurnishedReadsTest : public ReadsTest {
 protected:
  void SetUp() override { world_.Furnish(); }
};

// ---- Pages ----

TEST_F(ReadsTest, AllPagesShowTheStateOfTheFirstWhileWritesGoOn) {
  world_.Populate();
  const auto whole = world_.Must<v1::ListParticipantsAnswer>("Participants/ListParticipants", "page { page_size: 1000 }", "registry-op");
  std::vector<std::string> names;
  std::string token;
  int extra = 0;
  do {
    const auto page = world_.Must<v1::ListParticipantsAnswer>("Participants/ListParticipants",
                                                              "page { page_size: 1 page_token: '" + token + "' }", "registry-op");
    EXPECT_EQ(page.header().sequence(), whole.header().sequence());
    for (const auto& participant : page.participants()) names.push_back(participant.name());
    token = page.next_page_token();
    world_.Must<v1::ParticipantAnswer>(
        "Participants/CreateParticipant",
        "participant { name: 'participants/a" + std::to_string(++extra) + "' kind: OPERATOR display_name: 'x' region: '220000' }",
        "operator-token");
  } while (!token.empty());
  EXPECT_EQ(names, Names(whole.participants()));
  const auto later = world_.Must<v1::ListParticipantsAnswer>("Participants/ListParticipants", "page { page_size: 1000 }", "registry-op");
  EXPECT_EQ(later.participants_size(), whole.participants_size() + extra);
}

TEST_F(ReadsTest, ATokenServesTheListThatItWasMadeForAndNoOther) {
  world_.Populate();
  const auto page = world_.Must<v1::ListSitesAnswer>("Participants/ListSites", "page { page_size: 1 }", "registry-op");
  const std::string with_token = "page { page_size: 2 page_token: '" + page.next_page_token() + "' }";
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/ListSites", with_token, "registry-op")), "OK");  // another size is the same list
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/ListSites", with_token + " participant: 'participants/$A'", "registry-op")),
            "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/ListParticipants", with_token, "registry-op")), "INVALID_ARGUMENT INVALID_FIELD");
}

TEST_F(ReadsTest, ATokenThatWasTamperedWithIsRefused) {
  world_.Populate();
  const std::string token =
      world_.Must<v1::ListSitesAnswer>("Participants/ListSites", "page { page_size: 1 }", "registry-op").next_page_token();
  const auto outcome = [&](const std::string& text) {
    return Outcome(world_.AskBytes("Participants/ListSites", "page { page_token: '" + text + "' }", "registry-op"));
  };
  EXPECT_EQ(outcome(token), "OK");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string other = token;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(outcome(other), "INVALID_ARGUMENT INVALID_FIELD") << i;
  }
  EXPECT_EQ(outcome(token.substr(0, token.size() - 4)), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(outcome("*"), "INVALID_ARGUMENT INVALID_FIELD");
}

TEST_F(ReadsTest, ATokenWhoseSnapshotIsGoneIsAborted) {
  world_.Populate();
  const auto first = world_.Must<v1::ListSitesAnswer>("Participants/ListSites", "page { page_size: 1 }", "registry-op");
  for (size_t i = 0; i < bounds::kSnapshotsMax + 1; ++i) {
    world_.Must<v1::ParticipantAnswer>(
        "Participants/CreateParticipant",
        "participant { name: 'participants/p" + std::to_string(i) + "' kind: OPERATOR display_name: 'x' region: '220000' }",
        "operator-token");
    world_.Must<v1::ListSitesAnswer>("Participants/ListSites", "", "registry-op");
  }
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/ListSites", "page { page_token: '" + first.next_page_token() + "' }", "registry-op")),
            "ABORTED PAGE_EXPIRED");
}

TEST_F(ReadsTest, PageSizesOutsideTheirBoundsAreRefused) {
  EXPECT_EQ(Outcome(world_.AskBytes("Ledger/ListPrograms", "page { page_size: 1001 }", "")), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Outcome(world_.AskBytes("Ledger/ListPrograms", "page { page_size: -1 }", "")), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Outcome(world_.AskBytes("Ledger/ListPrograms", "page { page_size: 1000 }", "")), "OK");
}

// ---- Who ----

TEST_F(ReadsTest, TokensAreJudgedAsTheStateMachineJudgesThem) {
  world_.Populate();
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/WhoAmI", "", "nobody")), "UNAUTHENTICATED UNKNOWN_TOKEN");
  EXPECT_EQ(world_.Must<v1::PersonAnswer>("Participants/WhoAmI", "", "a-trader").person().name(), "people/a-trader");
  const auto tokens = world_.Must<v1::ListTokensAnswer>("Participants/ListTokens", "page { page_size: 1000 }", "a-trader");
  ASSERT_THAT(tokens.tokens(), SizeIs(1));  // of his own participant's people
  world_.Must<v1::TokenAnswer>("Participants/RevokeToken", "name: '" + tokens.tokens(0).name() + "'", "operator-token");
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/WhoAmI", "", "a-trader")), "UNAUTHENTICATED TOKEN_REVOKED");
  // The tokens of the world end on 2026-12-31; the operator's a year after the start.
  for (int month = 1; month <= 12; ++month) {
    const int64_t to = StartOfDay(MakeDate(2026, 1, 5) + 30 * month).value() / kMicrosPerSecond;
    world_.Must<v1::StatusAnswer>("Operations/AdvanceClock",
                                  "request_id: '" + FormatDate(MakeDate(2026, 1, 5) + 30 * (month - 1)).substr(0, 4) +
                                      FormatDate(MakeDate(2026, 1, 5) + 30 * (month - 1)).substr(5, 2) +
                                      FormatDate(MakeDate(2026, 1, 5) + 30 * (month - 1)).substr(8, 2) +
                                      "-m' to_time { seconds: " + std::to_string(to) + " }",
                                  "operator-token");
  }
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/WhoAmI", "", "b-trader")), "UNAUTHENTICATED TOKEN_EXPIRED");
}

TEST_F(ReadsTest, ListsLeaveOutWhatTheCallerMayNotSee) {
  world_.Populate();
  const auto seen = [&](const std::string& token) {
    return Names(
        world_.Must<v1::ListParticipantsAnswer>("Participants/ListParticipants", "page { page_size: 1000 }", token).participants());
  };
  EXPECT_EQ(seen("a-trader"), Named({"participants/$A"}));
  EXPECT_THAT(seen("k-officer"), UnorderedElementsAre(world_.Named("participants/$K"), "participants/branch"));
  EXPECT_THAT(seen("branch-officer"), ElementsAre("participants/branch"));
  EXPECT_THAT(seen("jilin-officer"), UnorderedElementsAre(world_.Named("participants/$D"), "participants/branch", "participants/jilin"));
  EXPECT_THAT(seen("registry-op"), SizeIs(10));
}

TEST_F(ReadsTest, WhatIsForeignIsDeniedAndWhatIsNotThereIsNotFound) {
  world_.Populate();
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/GetSite", "name: 'sites/$A001'", "a-trader")), "OK");
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/GetSite", "name: 'sites/$A001'", "b-trader")), "PERMISSION_DENIED FOREIGN_PARTICIPANT");
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/GetSite", "name: 'sites/$A001'", "changchun-officer")), "OK");
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/GetSite", "name: 'sites/$A001'", "jilin-officer")), "PERMISSION_DENIED FOREIGN_REGION");
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/GetSite", "name: 'sites/$A002'", "a-trader")), "NOT_FOUND NOT_FOUND");
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/GetSite", "name: 'site/$A001'", "a-trader")), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Outcome(world_.AskBytes("Operations/Reconcile", "", "a-trader")), "PERMISSION_DENIED ROLE_MISSING");
}

TEST_F(ReadsTest, AnEnterprisesSitesAndAccountsAreListedByIt) {
  world_.Furnish();
  const auto sites = world_.Must<v1::ListSitesAnswer>("Participants/ListSites", "participant: 'participants/$B'", "registry-op");
  EXPECT_EQ(Names(sites.sites()), Named({"sites/$B001"}));
  for (const auto& [text, token] :
       std::vector<std::pair<std::string, std::string>>{{"participant: 'participants/$A'", "registry-op"}, {"", "a-trader"}}) {
    const auto accounts = world_.Must<v1::ListAccountsAnswer>("Ledger/ListAccounts", text, token);
    EXPECT_EQ(Names(accounts.accounts()),
              Named({"accounts/$A001.rights", "accounts/$A.registry", "accounts/$A.trading", "accounts/$A.cash"}));
  }
  EXPECT_THAT(world_.Must<v1::ListAccountsAnswer>("Ledger/ListAccounts", "participant: 'participants/$A'", "b-trader").accounts(),
              IsEmpty());
}

// ---- Ledger ----

TEST_F(FurnishedReadsTest, LotsThatAreStillOfUseComeFirst) {
  // Everything that $A sells leaves an empty lot behind.
  world_.Buy("b-trader", "CEA25", 8000, 500);
  world_.Sell("a-trader", "CEA25", 8000, 500);
  world_.Buy("a-trader", "CEA25", 8000, 10);
  world_.Sell("b-trader", "CEA25", 8000, 10);
  const auto right = world_.Must<v1::ListLotsAnswer>("Ledger/ListLots", "account: 'accounts/$A001.rights'", "a-trader");
  ASSERT_THAT(right.lots(), SizeIs(2));
  EXPECT_EQ(right.lots(0).quantity(), 60'000);
  EXPECT_EQ(right.lots(0).available(), 60'000);
  EXPECT_EQ(right.lots(0).entitlements_size(), 5);
  const auto reserve = world_.Must<v1::ListLotsAnswer>("Ledger/ListLots", "account: 'accounts/rights.reserve.220100'", "changchun-officer");
  EXPECT_THAT(reserve.lots(), SizeIs(2));
  // Page by page it is the same.
  std::vector<std::string> names;
  std::string token;
  do {
    const auto page = world_.Must<v1::ListLotsAnswer>(
        "Ledger/ListLots", "account: 'accounts/$A001.rights' page { page_size: 1 page_token: '" + token + "' }", "registry-op");
    for (const auto& lot : page.lots()) names.push_back(lot.name());
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(names, Names(right.lots()));
  EXPECT_EQ(Outcome(world_.AskBytes("Ledger/ListLots", "account: 'accounts/$A001.rights'", "b-trader")),
            "PERMISSION_DENIED FOREIGN_PARTICIPANT");
}

TEST_F(FurnishedReadsTest, EmptyLotsComeLast) {
  // The first lot of $A's registry account was emptied by the transfer to its trading account; a second issue makes a live one of another
  // vintage.
  world_.Must<v1::TransactionAnswer>(
      "Ledger/IssueUnits",
      "program: 'programs/cea' control_zone: 'CN' pollutant: 'CO2E' trading_group: 'ALL' vintage: 2024 quantity: 5 "
      "to_account: 'accounts/$A.registry'",
      "registry-op");
  const auto lots = world_.Must<v1::ListLotsAnswer>("Ledger/ListLots", "account: 'accounts/$A.registry'", "a-trader");
  ASSERT_THAT(lots.lots(), SizeIs(2));
  EXPECT_EQ(lots.lots(0).quantity(), 5);
  EXPECT_EQ(lots.lots(1).quantity(), 0);
  EXPECT_EQ(lots.lots(1).name(), "lots/1");
}

TEST_F(FurnishedReadsTest, HoldingsSayWhatIsHeld) {
  world_.Sell("a-trader", "CEA25", 8100, 30);
  const auto units = world_.Must<v1::ListHoldingsAnswer>("Ledger/ListHoldings", "account: 'accounts/$A.trading'", "a-trader");
  ASSERT_THAT(units.holdings(), SizeIs(1));
  EXPECT_EQ(units.holdings(0).instrument(), "cea/CO2E/CN/ALL/2025");
  EXPECT_EQ(units.holdings(0).posted(), 500);
  EXPECT_EQ(units.holdings(0).held(), 30);
  const auto money = world_.Must<v1::ListHoldingsAnswer>("Ledger/ListHoldings", "account: 'accounts/$B.cash'", "b-trader");
  ASSERT_THAT(money.holdings(), SizeIs(1));
  EXPECT_EQ(money.holdings(0).instrument(), "CNY");
  EXPECT_EQ(money.holdings(0).posted(), 100'000'000);
  EXPECT_EQ(money.holdings(0).held(), 0);
}

TEST_F(FurnishedReadsTest, AStatementAddsUpToTheBalance) {
  world_.Sell("a-trader", "CEA25", 8000, 30);
  world_.Buy("b-trader", "CEA25", 8000, 20);
  const auto statement = world_.Must<v1::ListPostingsAnswer>("Ledger/ListPostings", "account: 'accounts/$B.cash'", "b-trader");
  int64_t sum = 0;
  for (const auto& posting : statement.postings()) {
    sum += posting.change();
    EXPECT_EQ(posting.balance(), sum);
  }
  EXPECT_EQ(statement.postings_size(), 3);  // the deposit, the price, the fee
  EXPECT_EQ(sum, 100'000'000 - 20 * 8000 - 160);
  EXPECT_EQ(statement.postings(1).counter_account(), world_.Named("accounts/$A.cash"));
  EXPECT_EQ(statement.postings(1).cause(), "trades/1000000000001");
}

TEST_F(FurnishedReadsTest, InstrumentsAndProgramsAreOpenToAnybody) {
  const auto instruments = world_.Must<v1::ListInstrumentsAnswer>("Ledger/ListInstruments", "page { page_size: 1000 }", "");
  EXPECT_THAT(instruments.instruments(), SizeIs(6));  // five years of SO2, one of carbon
  EXPECT_EQ(world_.Must<v1::ProgramAnswer>("Ledger/GetProgram", "name: 'programs/cea'", "").program().unit(), "t");
}

// ---- Pledges ----

TEST_F(FurnishedReadsTest, ABankSeesTheLotThatWasOfferedToItAndNoOther) {
  const auto lots = world_.Must<v1::ListLotsAnswer>("Ledger/ListLots", "account: 'accounts/$A001.rights'", "a-trader");
  const std::string lot = "name: '" + lots.lots(0).name() + "'";
  EXPECT_EQ(Outcome(world_.AskBytes("Ledger/GetLot", lot, "branch-officer")), "PERMISSION_DENIED FOREIGN_PARTICIPANT");
  world_.Must<v1::PledgeAnswer>("Pledges/ApplyPledge",
                                "lot: '" + lots.lots(0).name() + "' quantity: 20000 pledgee: 'participants/branch' form: MORTGAGE",
                                "a-trader");
  EXPECT_EQ(Outcome(world_.AskBytes("Ledger/GetLot", lot, "branch-officer")), "OK");
  EXPECT_EQ(Outcome(world_.AskBytes("Ledger/GetLot", lot, "k-officer")), "OK");  // the branch is the bank's
  EXPECT_EQ(Outcome(world_.AskBytes("Ledger/GetLot", "name: '" + lots.lots(1).name() + "'", "branch-officer")),
            "PERMISSION_DENIED FOREIGN_PARTICIPANT");
  for (const std::string token : {"a-trader", "branch-officer", "k-officer", "registry-op", "changchun-officer"}) {
    EXPECT_THAT(world_.Must<v1::ListPledgesAnswer>("Pledges/ListPledges", "", token).pledges(), SizeIs(1)) << token;
  }
  for (const std::string token : {"b-trader", "jilin-officer"}) {
    EXPECT_THAT(world_.Must<v1::ListPledgesAnswer>("Pledges/ListPledges", "", token).pledges(), IsEmpty()) << token;
  }
}

TEST_F(FurnishedReadsTest, ALotNamesThePledgesThatHoldIt) {
  const auto lots = world_.Must<v1::ListLotsAnswer>("Ledger/ListLots", "account: 'accounts/$A001.rights'", "a-trader");
  const std::string apply = "lot: '" + lots.lots(0).name() + "' pledgee: 'participants/branch' form: MORTGAGE quantity: ";
  for (const int quantity : {20'000, 5'000}) {
    const auto pledge = world_.Must<v1::PledgeAnswer>("Pledges/ApplyPledge", apply + std::to_string(quantity), "a-trader");
    world_.Must<v1::PledgeAnswer>("Pledges/VerifyPledge", "name: '" + pledge.pledge().name() + "'", "registry-op");
  }
  const auto lot = world_.Must<v1::LotAnswer>("Ledger/GetLot", "name: '" + lots.lots(0).name() + "'", "a-trader").lot();
  EXPECT_EQ(lot.available(), 35'000);
  ASSERT_THAT(lot.encumbrances(), SizeIs(2));
  EXPECT_EQ(lot.encumbrances(0).kind(), "PROVISIONAL_PLEDGE");
  EXPECT_EQ(lot.encumbrances(0).cause(), "pledges/1");
  EXPECT_EQ(lot.encumbrances(0).quantity(), 20'000);
  EXPECT_EQ(lot.encumbrances(1).cause(), "pledges/2");
}

// ---- The market ----

TEST_F(FurnishedReadsTest, OrdersAreFoundByNumberWhereverTheyAre) {
  const std::string resting = world_.Sell("a-trader", "CEA25", 8100, 30);
  const std::string filled = world_.Sell("a-trader", "CEA25", 8000, 10);
  world_.Buy("b-trader", "CEA25", 8000, 10);
  const auto state = [&](const std::string& name, const std::string& token) {
    const auto answer = world_.Ask<v1::OrderAnswer>("Exchange/GetOrder", "name: '" + name + "'", token);
    return answer.ok() ? answer->order().state() : Outcome(answer);
  };
  EXPECT_EQ(state(resting, "a-trader"), "SUBMITTED");
  EXPECT_EQ(state(filled, "a-trader"), "FILLED");
  EXPECT_EQ(state(filled, "exchange-op"), "FILLED");
  EXPECT_EQ(state(filled, "b-trader"), "PERMISSION_DENIED FOREIGN_PARTICIPANT");
  EXPECT_EQ(state("orders/1", "a-trader"), "NOT_FOUND NOT_FOUND");      // the store's first record
  EXPECT_EQ(state("orders/99999", "a-trader"), "NOT_FOUND NOT_FOUND");  // of the future
  const auto list = world_.Must<v1::ListOrdersAnswer>("Exchange/ListOrders", "account: 'accounts/$A.trading'", "a-trader");
  EXPECT_THAT(Names(list.orders()), ElementsAre(resting, filled));
}

TEST_F(FurnishedReadsTest, OrdersOfBatchesAreFoundByNumberToo) {
  const auto account = world_.Must<v1::AccountAnswer>("Ledger/GetAccount", "name: 'accounts/$A.trading'", "a-trader").account().number();
  const std::string place =
      "commands { kind: PLACE contract: 1 account: " + std::to_string(account) + " side: SELL quantity: 5 price_fen: ";
  const auto answer = world_.Must<v1::OrderBatchAnswer>(
      "Exchange/SubmitOrders", "stream: 's' number: 1 " + place + "8100 } " + place + "-1 } " + place + "8200 }", "a-trader");
  ASSERT_THAT(answer.results(), SizeIs(3));
  const auto name = [](uint64_t number) { return "name: 'orders/" + std::to_string(number) + "'"; };
  const auto last = world_.Must<v1::OrderAnswer>("Exchange/GetOrder", name(answer.results(2).order()), "a-trader");
  EXPECT_EQ(last.order().price_fen(), 8200);
  EXPECT_EQ(Outcome(world_.AskBytes("Exchange/GetOrder", name(answer.results(0).order() + 1), "a-trader")),
            "NOT_FOUND NOT_FOUND");  // refused
}

TEST_F(FurnishedReadsTest, TradesAreListedByAccountAndByContract) {
  world_.Sell("a-trader", "CEA25V", 8000, 10);
  world_.Sell("a-trader", "CEA25", 8000, 10);
  for (int i = 0; i < 3; ++i) world_.Buy("b-trader", "CEA25", 8000, 2);
  world_.Buy("b-trader", "CEA25V", 8000, 4);
  const auto trades = [&](const std::string& text, const std::string& token) {
    return Names(world_.Must<v1::ListTradesAnswer>("Trades/ListTrades", text, token).trades());
  };
  EXPECT_THAT(trades("account: 'accounts/$A.trading'", "a-trader"),
              ElementsAre("trades/1000000000001", "trades/1000000000002", "trades/1000000000003", "trades/2000000000001"));
  EXPECT_THAT(trades("contract: 'contracts/CEA25'", "exchange-op"), SizeIs(3));
  EXPECT_THAT(trades("contract: 'contracts/CEA25V'", "b-trader"), ElementsAre("trades/2000000000001"));
  EXPECT_THAT(trades("contract: 'contracts/CEA25'", "d-trader"), IsEmpty());
  EXPECT_EQ(Outcome(world_.AskBytes("Trades/ListTrades", "account: 'accounts/$A.trading'", "d-trader")),
            "PERMISSION_DENIED FOREIGN_PARTICIPANT");
  EXPECT_EQ(Outcome(world_.AskBytes("Trades/ListTrades", "", "exchange-op")), "INVALID_ARGUMENT INVALID_FIELD");
  std::vector<std::string> paged;
  std::string token;
  do {
    const auto page = world_.Must<v1::ListTradesAnswer>(
        "Trades/ListTrades", "contract: 'contracts/CEA25' page { page_size: 2 page_token: '" + token + "' }", "exchange-op");
    for (const auto& trade : page.trades()) paged.push_back(trade.name());
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(paged, trades("contract: 'contracts/CEA25'", "exchange-op"));
  EXPECT_EQ(world_.Must<v1::TradeAnswer>("Trades/GetTrade", "name: 'trades/2000000000001'", "b-trader").trade().state(), v1::AGREED);
  EXPECT_EQ(world_.Must<v1::TradeAnswer>("Trades/GetTrade", "name: 'trades/1000000000003'", "a-trader").trade().state(), v1::SETTLED);
}

TEST_F(FurnishedReadsTest, DaysOfTheMarketComeByPagesToAnybodyOnceTheyAreClosed) {
  const auto list = [&](const std::string& more) {
    return world_.Must<v1::ListMarketStatisticsAnswer>("Public/ListMarketStatistics", "program: 'programs/cea' " + more, "");
  };
  EXPECT_THAT(list("").days(), IsEmpty());
  for (const std::string contract : {"CEA25", "CEA25V"}) {
    world_.Must<v1::ContractAnswer>("Exchange/CloseSession", "contract: 'contracts/" + contract + "'", "exchange-op");
  }
  const auto first = list("page { page_size: 1 }");
  ASSERT_THAT(first.days(), SizeIs(1));
  EXPECT_EQ(first.days(0).contract(), "contracts/CEA25");
  ASSERT_NE(first.next_page_token(), "");
  const auto second = list("page { page_size: 1 page_token: '" + first.next_page_token() + "' }");
  ASSERT_THAT(second.days(), SizeIs(1));
  EXPECT_EQ(second.days(0).contract(), "contracts/CEA25V");
  EXPECT_EQ(second.next_page_token(), "");
  EXPECT_THAT(list("contract: 'contracts/CEA25V'").days(), SizeIs(1));
  EXPECT_THAT(list("to_date: '" + first.days(0).date() + "'").days(), SizeIs(2));
  EXPECT_THAT(list("from_date: '2099-01-01'").days(), IsEmpty());
}

TEST_F(FurnishedReadsTest, ContractsAndBooksAreOpenToAnybody) {
  const uint64_t first = world_.Must<v1::OrderBook>("Exchange/GetOrderBook", "contract: 'contracts/CEA25'", "").update_number();
  world_.Sell("a-trader", "CEA25", 8200, 30);
  world_.Sell("a-trader", "CEA25", 8100, 20);
  world_.Sell("b-trader", "CEA25", 8100, 5);
  world_.Buy("b-trader", "CEA25", 8000, 7);
  const auto contract = world_.Must<v1::ContractAnswer>("Exchange/GetContract", "name: 'contracts/CEA25'", "").contract();
  EXPECT_EQ(contract.session(), "OPEN");
  EXPECT_THAT(Names(world_.Must<v1::ListContractsAnswer>("Exchange/ListContracts", "", "").contracts()),
              ElementsAre("contracts/CEA25", "contracts/CEA25V", "contracts/SO2"));
  const auto book = world_.Must<v1::OrderBook>("Exchange/GetOrderBook", "contract: 'contracts/CEA25'", "");
  ASSERT_THAT(book.asks(), SizeIs(2));
  EXPECT_EQ(book.asks(0).price_fen(), 8100);
  EXPECT_EQ(book.asks(0).quantity(), 25);
  EXPECT_EQ(book.asks(0).orders(), 2);
  ASSERT_THAT(book.bids(), SizeIs(1));
  EXPECT_EQ(book.update_number(), first + 4);
  EXPECT_THAT(world_.Must<v1::OrderBook>("Exchange/GetOrderBook", "contract: 'contracts/CEA25' depth: 1", "").asks(), SizeIs(1));
  EXPECT_EQ(Outcome(world_.AskBytes("Exchange/GetOrderBook", "contract: 'contracts/CEA25' depth: 1001", "")),
            "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Outcome(world_.AskBytes("Exchange/GetContract", "name: 'contracts/NONE'", "")), "NOT_FOUND NOT_FOUND");
}

// ---- Permits, prices, compliance ----

TEST_F(FurnishedReadsTest, PermitsAndPricesAreOpenToAnybody) {
  const auto permits = world_.Must<v1::ListPermitsAnswer>("Permits/ListPermits", "", "");
  ASSERT_THAT(permits.permits(), SizeIs(1));
  EXPECT_EQ(permits.permits(0).name(), world_.Named("permits/$A001P"));
  EXPECT_EQ(world_.Must<v1::PermitAnswer>("Permits/GetPermit", "name: 'permits/$A001P'", "").permit().state(), v1::EFFECTIVE);
  const std::string kind = "program: 'programs/rights' pollutant: 'SO2' price_basis: 'PER_T_YEAR' control_zone: ";
  EXPECT_EQ(world_.Must<v1::BasePriceAnswer>("BasePrices/GetBasePrice", kind + "'220102'", "").base_price().price_fen(), 300'000);
  EXPECT_EQ(Outcome(world_.AskBytes("BasePrices/GetBasePrice", kind + "'220200'", "")), "NOT_FOUND NOT_FOUND");
  EXPECT_EQ(Outcome(world_.AskBytes("BasePrices/GetBasePrice", kind + "'220100' date: '2026-01-04'", "")), "NOT_FOUND NOT_FOUND");
  EXPECT_THAT(world_.Must<v1::ListBasePricesAnswer>("BasePrices/ListBasePrices", "", "").base_prices(), SizeIs(1));
}

TEST_F(FurnishedReadsTest, ComplianceComparesWhatWasEmittedWithWhatWasSurrendered) {
  world_.Must<v1::TransactionAnswer>(
      "Ledger/IssueUnits",
      "program: 'programs/cea' control_zone: 'CN' pollutant: 'CO2E' trading_group: 'ALL' vintage: 2024 quantity: 50 "
      "to_account: 'accounts/$A.registry'",
      "registry-op");
  const auto lots = world_.Must<v1::ListLotsAnswer>("Ledger/ListLots", "account: 'accounts/$A.registry'", "a-trader");
  world_.Must<v1::ComplianceAnswer>("Compliance/RecordVerifiedEmissions",
                                    "account: 'accounts/$A.registry' program: 'programs/cea' year: 2025 verified_emissions: 40",
                                    "registry-op");
  const auto status = [&] {
    return world_.Must<v1::ComplianceAnswer>("Compliance/GetCompliance", "account: 'accounts/$A.registry'", "a-trader").record();
  };
  EXPECT_EQ(status().years(0).status(), "B");
  world_.Must<v1::TransactionAnswer>("Ledger/SurrenderUnits", "from_lot: '" + lots.lots(0).name() + "' quantity: 40 obligation_year: 2025",
                                     "a-trader");
  EXPECT_EQ(status().years(0).status(), "A");
  EXPECT_EQ(status().cumulative_surrenders(), 40);
  EXPECT_EQ(Outcome(world_.AskBytes("Compliance/GetCompliance", "account: 'accounts/$A.registry'", "b-trader")),
            "PERMISSION_DENIED FOREIGN_PARTICIPANT");
}

// ---- When ----

TEST_F(FurnishedReadsTest, EveryReadIsTheSameAfterARestart) {
  const std::string resting = world_.Sell("a-trader", "CEA25", 8100, 30);
  world_.Sell("a-trader", "CEA25", 8000, 10);
  world_.Buy("b-trader", "CEA25", 8000, 10);
  const auto ask = [&] {
    std::string all;
    for (const auto& [method, text] : std::vector<std::pair<std::string, std::string>>{
             {"Ledger/ListAccounts", ""},
             {"Ledger/ListLots", "account: 'accounts/$A001.rights'"},
             {"Ledger/ListHoldings", "account: 'accounts/$A.trading'"},
             {"Ledger/ListPostings", "account: 'accounts/$A.cash'"},
             {"Exchange/GetOrder", "name: '" + resting + "'"},
             {"Exchange/ListOrders", "account: 'accounts/$A.trading'"},
             {"Exchange/ListContracts", ""},
             {"Trades/ListTrades", "account: 'accounts/$A.trading'"},
             {"Permits/ListPermits", ""},
         }) {
      all += *world_.AskBytes(method, text, "a-trader");
    }
    auto book = world_.Must<v1::OrderBook>("Exchange/GetOrderBook", "contract: 'contracts/CEA25'", "");
    book.clear_update_number();  // each run of the service has its own
    return all + book.SerializeAsString();
  };
  const std::string before = ask();
  harness_.Reopen();
  EXPECT_EQ(ask(), before);
}

TEST_F(ReadsTest, AnAnswerStandsAtTheNewestSequence) {
  const auto created = world_.Must<v1::ParticipantAnswer>(
      "Participants/CreateParticipant", "participant { name: 'participants/p' kind: OPERATOR display_name: 'x' region: '220000' }",
      "operator-token");
  const auto read = world_.Must<v1::ParticipantAnswer>("Participants/GetParticipant", "name: 'participants/p'", "operator-token");
  EXPECT_EQ(read.header().sequence(), created.header().sequence());
  EXPECT_EQ(read.header().time().seconds(), kTestStart.value() / kMicrosPerSecond);
}

TEST_F(ReadsTest, StatusTellsOfJournalAndLanes) {
  const auto status = world_.Must<v1::StatusAnswer>("Operations/GetStatus", "", "operator-token");
  EXPECT_EQ(status.clock_mode(), v1::VIRTUAL);
  EXPECT_EQ(status.journal_records(), 1u);
  EXPECT_THAT(status.tree_root(), SizeIs(64));
  ASSERT_THAT(status.lanes(), SizeIs(4));
  EXPECT_EQ(status.lanes(0).lane(), "orders");
}

}  // namespace
}  // namespace songhua::api
