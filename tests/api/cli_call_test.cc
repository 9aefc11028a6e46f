// Calls from the command line to their end: what is sent, what is printed, with which exit code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/text_format.h>

#include <cstdlib>
#include <filesystem>

#include "api/cli/schema.h"
#include "api/cli/tokens.h"
#include "songhua/v1/day_one.pb.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/operations.pb.h"
#include "songhua/v1/participants.pb.h"
#include "songhua/v1/permits.pb.h"
#include "songhua/v1/pledges.pb.h"
#include "songhua/v1/trades.pb.h"
#include "tests/api/cli_testing.h"

namespace songhua::api::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr int64_t kNineOClock = 1767574800;  // 2026-01-05 09:00 in Shanghai

template <class Answer>
Answer FromText(const std::string& text) {
  Answer answer;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &answer)) << text;
  return answer;
}

FakeService Service() {
  FakeService service;
  v1::StatusAnswer status;
  status.mutable_header()->mutable_time()->set_seconds(kNineOClock);
  service.Answer("Operations/GetStatus", status);
  service.Answer("Ledger/GetProgram",
                 FromText<v1::ProgramAnswer>("program { name: 'programs/jilin-discharge-rights' unit: 'g/a' quoted_unit_steps: 1000000 }"));
  service.Answer("Exchange/GetContract", FromText<v1::ContractAnswer>("contract { program: 'programs/jilin-discharge-rights' }"));
  return service;
}

// google.rpc.Status with an ErrorInfo, as the service sends it.
std::string Details(const std::string& error_info) {
  const auto info = Schema::Get().New("google.rpc.ErrorInfo");
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(error_info, info.get()));
  google::protobuf::Any any;
  any.set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
  any.set_value(info->SerializeAsString());
  const auto status = Schema::Get().New("google.rpc.Status");
  const auto* details = status->GetDescriptor()->FindFieldByName("details");
  status->GetReflection()->AddMessage(status.get(), details)->ParseFromString(any.SerializeAsString());
  return status->SerializeAsString();
}

TEST(CallTest, ABuyIsAnOrderWithItsSide) {
  FakeService service = Service();
  service.Answer("Exchange/PlaceOrder", FromText<v1::OrderAnswer>(R"(
      header { sequence: 42 time { seconds: 1767574800 } }
      order { name: 'orders/42' contract: 'contracts/SO2-CC-2026' account: 'accounts/x.rights' side: BUY price_fen: 800000
              quantity: 2500000 open_quantity: 2500000 state: 'SUBMITTED' })"));
  const Ran ran = RunSonghua(&service, {"buy", "SO2-CC-2026", "--account", "x.rights", "--price", "8000", "--quantity", "2.5t"});
  EXPECT_EQ(ran.code, kExitOk) << ran.err;
  const auto request = service.Last<v1::PlaceOrderRequest>("Exchange/PlaceOrder");
  EXPECT_EQ(request.contract(), "contracts/SO2-CC-2026");
  EXPECT_EQ(request.account(), "accounts/x.rights");
  EXPECT_EQ(request.side(), v1::BUY);
  EXPECT_EQ(request.price_fen(), 800000);
  EXPECT_EQ(request.quantity(), 2'500'000);
  EXPECT_THAT(ran.out, HasSubstr("price cny        8,000.00"));
  EXPECT_THAT(ran.out, HasSubstr("open quantity    2.5 t/a"));
  EXPECT_THAT(ran.out, HasSubstr("sequence 42, 2026-01-05 09:00:00"));
}

TEST(CallTest, AWriteIsNamedByTheJournalsDate) {
  FakeService service = Service();
  service.Answer("Exchange/CancelOrder", v1::OrderAnswer());
  EXPECT_EQ(RunSonghua(&service, {"cancel", "42"}).code, kExitOk);
  const auto first = service.Last<v1::CancelOrderRequest>("Exchange/CancelOrder");
  EXPECT_THAT(first.request_id(), MatchesRegex("20260105-[0-9a-f]{16}"));
  RunSonghua(&service, {"cancel", "42"});
  EXPECT_NE(service.Last<v1::CancelOrderRequest>("Exchange/CancelOrder").request_id(), first.request_id());
  RunSonghua(&service, {"cancel", "42", "--request-id", "20260105-mine"});
  EXPECT_EQ(service.Last<v1::CancelOrderRequest>("Exchange/CancelOrder").request_id(), "20260105-mine");
}

TEST(CallTest, ARefusalSaysReasonRuleValueAndWhatIsAccepted) {
  FakeService service = Service();
  service.Fail("Exchange/PlaceOrder", {9, "PRICE_OUTSIDE_BAND: ...", Details(R"(
      reason: 'PRICE_OUTSIDE_BAND' domain: 'songhua' metadata { key: 'rule' value: 'CAR-13' } metadata { key: 'field' value: 'price_fen' }
      metadata { key: 'value' value: '9900' } metadata { key: 'accepted' value: '7200 to 8800' })")});
  const std::vector<std::string> words = {"buy", "C", "--account", "a", "--price", "99", "--quantity", "1"};
  const Ran ran = RunSonghua(&service, words);
  EXPECT_EQ(ran.code, kExitRefused);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "refused: PRICE_OUTSIDE_BAND, rule CAR-13\n  price     99.00 yuan\n  accepted  72.00 yuan to 88.00 yuan\n");

  std::vector<std::string> json = words;
  json.emplace_back("--json");
  EXPECT_EQ(RunSonghua(&service, json).err,
            R"({"code":"FAILED_PRECONDITION","message":"PRICE_OUTSIDE_BAND: ...","reason":"PRICE_OUTSIDE_BAND","rule":"CAR-13",)"
            R"("field":"price_fen","value":"9900","accepted":"7200 to 8800"})"
            "\n");
}

// The lines under a refusal of a buy order's quantity or price.
std::string Shown(const std::string& field, const std::string& value, const std::string& accepted) {
  FakeService service = Service();
  service.Fail("Exchange/PlaceOrder", {9, "", Details("reason: 'R' metadata { key: 'field' value: '" + field + "' } metadata { key: 'value' value: '" +
                                                      value + "' } metadata { key: 'accepted' value: '" + accepted + "' }")});
  return RunSonghua(&service, {"buy", "C", "--account", "a", "--price", "99", "--quantity", "1"}).err;
}

TEST(CallTest, AmountsInRefusalsAreAsPeopleWriteThem) {
  EXPECT_EQ(Shown("quantity", "200000000", "at most 170000000, what may be sold today"),
            "refused: R\n  quantity  200 t/a\n  accepted  at most 170 t/a, what may be sold today\n");
  EXPECT_EQ(Shown("quantity", "1500", "a multiple of 1000, above 0"),
            "refused: R\n  quantity  0.0015 t/a\n  accepted  a multiple of 0.001 t/a, above 0\n");
  EXPECT_EQ(Shown("price_fen", "430100", "a multiple of 1000 fen, above 0"),
            "refused: R\n  price     4,301.00 yuan\n  accepted  a multiple of 10.00 yuan, above 0\n");
  EXPECT_EQ(Shown("price_fen", "20000", "7361 to 8995 fen, the band around 8178"),
            "refused: R\n  price     200.00 yuan\n  accepted  73.61 yuan to 89.95 yuan, the band around 81.78 yuan\n");
  EXPECT_EQ(Shown("quantity", "5000000", "an order that holds at most 348573825 fen, fee included"),
            "refused: R\n  quantity  5 t/a\n  accepted  an order that holds at most 3,485,738.25 yuan, fee included\n");
}

TEST(CallTest, YearsAndCountsInRefusalsAreNoAmounts) {
  EXPECT_THAT(Shown("quantity", "7", "a price and a quantity whose amount fits in 64 bits of fen"), HasSubstr("fits in 64 bits of fen\n"));
  EXPECT_THAT(Shown("quantity", "7", "at most 4 g of 2027, under rule DR-04"), HasSubstr("at most 4 g of 2027, under rule DR-04\n"));
  EXPECT_THAT(Shown("commands", "1001", "1 to 1000"), HasSubstr("commands  1001\n  accepted  1 to 1000\n"));
  EXPECT_THAT(Shown("quantity", "lots/7", "at most 99999999999999999999"), HasSubstr("lots/7\n  accepted  at most 99999999999999999999\n"));
}

TEST(CallTest, WhyAUnitIsNotKnownIsSaid) {
  FakeService service = Service();
  const std::vector<std::string> words = {"buy", "NOSUCH", "--account", "a", "--price", "99", "--quantity", "1t"};
  service.Fail("Exchange/GetContract", {5, "NOT_FOUND: ...", Details(R"(reason: 'NOT_FOUND' metadata { key: 'field' value: 'name' }
      metadata { key: 'value' value: 'contracts/NOSUCH' })")});
  const Ran refused = RunSonghua(&service, words);
  EXPECT_EQ(refused.code, kExitRefused);
  EXPECT_EQ(refused.err, "refused: NOT_FOUND\n  name  contracts/NOSUCH\n");
  service.Fail("Exchange/GetContract", {14, "no service answers", ""});
  EXPECT_EQ(RunSonghua(&service, words).code, kExitUnavailable);
  EXPECT_FALSE(service.WasCalled("Exchange/PlaceOrder"));
}

TEST(CallTest, AMethodAboutOneThingTakesItsNameInPlace) {
  FakeService service = Service();
  service.Answer("Trades/VerifyTrade", v1::TradeAnswer());
  EXPECT_EQ(RunSonghua(&service, {"trades", "verify-trade", "7"}).code, kExitOk);
  EXPECT_EQ(service.Last<v1::TradeActRequest>("Trades/VerifyTrade").name(), "trades/7");
  EXPECT_THAT(RunSonghua(&service, {"trades", "verify-trade", "7", "--name", "8"}).err, HasSubstr("say the same"));
  EXPECT_THAT(RunSonghua(&service, {"help", "trades", "verify-trade"}).out, HasSubstr("songhua trades verify-trade [NAME] [flags]"));
}

TEST(CallTest, TextThatIsNotUtf8IsNotSent) {
  FakeService service = Service();
  const Ran ran = RunSonghua(&service, {"buy", "C", "--account", "a\xff", "--price", "99", "--quantity", "1"});
  EXPECT_EQ(ran.code, kExitUsage);
  EXPECT_THAT(ran.err, HasSubstr("--account is not UTF-8"));
  EXPECT_FALSE(service.WasCalled("Exchange/PlaceOrder"));
}

TEST(CallTest, APriceThatIsNotThereIsNotZero) {
  FakeService service = Service();
  service.Answer("Exchange/ListContracts", FromText<v1::ListContractsAnswer>(
                                               "contracts { name: 'contracts/A' last_price_fen: 430000 band_low_fen: 7361 } contracts { name: 'contracts/B' }"));
  const Ran ran = RunSonghua(&service, {"contracts"});
  EXPECT_THAT(ran.out, HasSubstr("4,300.00"));
  EXPECT_THAT(ran.out, Not(HasSubstr(" 0.00")));
}

TEST(CallTest, AnAnswerAboutTheClockSaysNothingOfTheJournal) {
  FakeService service = Service();
  service.Answer("Operations/AdvanceClock", FromText<v1::StatusAnswer>("clock_mode: VIRTUAL logic_version: 1"));
  const Ran ran = RunSonghua(&service, {"ops", "advance-clock", "--to-time", "2026-01-06 15:00"});
  EXPECT_EQ(ran.out, "clock mode     VIRTUAL\nclock stopped  no\nlogic version  1\n");
}

TEST(CallTest, AReconciliationSaysThatItFoundNothing) {
  FakeService service = Service();
  service.Answer("Operations/Reconcile", FromText<v1::ReconcileAnswer>("lots: 37"));
  EXPECT_THAT(RunSonghua(&service, {"ops", "reconcile"}).out, HasSubstr("differences  none\n"));
}

TEST(CallTest, AnErrorWithoutDetailsIsShownAsItIs) {
  FakeService service = Service();
  service.Fail("Ledger/GetLot", {7, "no", "these bytes are no google.rpc.Status"});
  EXPECT_EQ(RunSonghua(&service, {"ledger", "get-lot", "--name", "7"}).err, "refused: PERMISSION_DENIED\n  no\n");
}

TEST(CallTest, WhoIsNotKnownLearnsHowToSayWhoHeIs) {
  FakeService service = Service();
  service.Fail("Participants/WhoAmI", {16, "no token", ""});
  EXPECT_THAT(RunSonghua(&service, {"whoami"}).err, HasSubstr("say who you are with --as PERSON"));
}

TEST(CallTest, AWriteWithoutAnswerTellsHowToRepeatIt) {
  FakeService service = Service();
  service.Fail("Exchange/CancelOrder", {14, "gone", ""});
  const Ran ran = RunSonghua(&service, {"cancel", "42"});
  EXPECT_EQ(ran.code, kExitUnavailable);
  EXPECT_THAT(ran.err, HasSubstr("--request-id " + service.Last<v1::CancelOrderRequest>("Exchange/CancelOrder").request_id()));
  service.Fail("Exchange/GetOrder", {4, "late", ""});
  const Ran read = RunSonghua(&service, {"exchange", "get-order", "--name", "42"});
  EXPECT_EQ(read.code, kExitUnavailable);
  EXPECT_THAT(read.err, Not(HasSubstr("request-id")));
}

TEST(CallTest, BadInputIsNeverSent) {
  FakeService service = Service();
  EXPECT_EQ(RunSonghua(&service, {"buy", "C", "--account", "a", "--price", "8o", "--quantity", "1"}).code, kExitUsage);
  EXPECT_FALSE(service.WasCalled("Exchange/PlaceOrder"));
  EXPECT_EQ(RunSonghua(&service, {"permit", "issue", "S", "--tier", "key", "--valid-from", "2026-01-05", "--valid-to", "2031-01-04",
                                  "--reviewer", "li", "--limit", "nonsense"})
                .code,
            kExitUsage);
  EXPECT_TRUE(service.calls.empty());
}

TEST(CallTest, TotalsThatWereDeclaredAndThatWereFoundAreToldApart) {
  FakeService service = Service();
  service.Answer("DayOne/GetDayOne", FromText<v1::DayOneAnswer>(R"(
      import { name: 'dayOneImports/1' program: 'programs/rights' state: STAGING rows: 3
               declared { cash_fen: 100000 units { pollutant: 'SO2' control_zone: '220100' quantities { year: 2026 quantity: 5000000 } } }
               staged { cash_fen: 100050 units { pollutant: 'SO2' control_zone: '220100' quantities { year: 2026 quantity: 5500000 } } } })"));
  const Ran ran = RunSonghua(&service, {"day-one", "show", "1"});
  EXPECT_EQ(ran.code, kExitOk) << ran.err;
  EXPECT_EQ(service.Last<v1::GetDayOneRequest>("DayOne/GetDayOne").name(), "dayOneImports/1");
  EXPECT_THAT(ran.out, HasSubstr("declared cash cny  1,000.00"));
  EXPECT_THAT(ran.out, HasSubstr("staged cash cny    1,000.50"));
  EXPECT_THAT(ran.out, HasSubstr("declared units\n"));
  EXPECT_THAT(ran.out, HasSubstr("2026: 5 t\nstaged units\n")) << "in the unit of the program";
  EXPECT_THAT(ran.out, HasSubstr("2026: 5.5 t"));
}

TEST(CallTest, HoldingsAreATable) {
  FakeService service = Service();
  service.Answer("Ledger/ListHoldings", FromText<v1::ListHoldingsAnswer>(R"(
      header { sequence: 7 time { seconds: 1767574800 } }
      holdings { instrument: 'jilin-discharge-rights/SO2/220100/POWER/2026' posted: 12345678 held: 2000000 }
      holdings { instrument: 'CNY' posted: 123456789 })"));
  const Ran ran = RunSonghua(&service, {"holdings", "x.rights"});
  EXPECT_EQ(ran.code, kExitOk) << ran.err;
  EXPECT_EQ(ran.out,
            "INSTRUMENT                                          POSTED  HELD\n"
            "jilin-discharge-rights/SO2/220100/POWER/2026   12.345678 t   2 t\n"
            "CNY                                           1,234,567.89  0.00\n"
            "\nsequence 7, 2026-01-05 09:00:00\n");
  EXPECT_EQ(service.Last<v1::ListHoldingsRequest>("Ledger/ListHoldings").account(), "accounts/x.rights");
}

TEST(CallTest, WithoutItsProgramAQuantityIsShownInSteps) {
  FakeService service = Service();
  service.Fail("Ledger/GetProgram", {7, "not yours", ""});
  service.Answer("Ledger/ListHoldings",
                 FromText<v1::ListHoldingsAnswer>("holdings { instrument: 'p/SO2/220100/POWER/2026' posted: 12345678 }"));
  EXPECT_THAT(RunSonghua(&service, {"holdings", "x"}).out, HasSubstr("12,345,678"));
}

TEST(CallTest, PagesAreFollowedOnDemand) {
  FakeService service = Service();
  service.On("Ledger/ListHoldings", [](const std::string& bytes, std::string* out) {
    v1::ListHoldingsRequest request;
    request.ParseFromString(bytes);
    v1::ListHoldingsAnswer answer;
    answer.add_holdings()->set_instrument(request.page().page_token().empty() ? "FIRST" : "SECOND");
    if (request.page().page_token().empty()) answer.set_next_page_token("t2");
    *out = answer.SerializeAsString();
    return CallStatus();
  });
  const Ran one = RunSonghua(&service, {"holdings", "x"});
  EXPECT_THAT(one.out, HasSubstr("FIRST"));
  EXPECT_THAT(one.out, Not(HasSubstr("SECOND")));
  EXPECT_THAT(one.out, HasSubstr("--page-token t2"));
  const Ran all = RunSonghua(&service, {"holdings", "x", "--all"});
  EXPECT_THAT(all.out, HasSubstr("FIRST"));
  EXPECT_THAT(all.out, HasSubstr("SECOND"));
  EXPECT_THAT(all.out, Not(HasSubstr("--page-token")));
  const Ran json = RunSonghua(&service, {"holdings", "x", "--all", "--json"});
  EXPECT_EQ(std::count(json.out.begin(), json.out.end(), '\n'), 2);
}

TEST(CallTest, TheBookIsALadder) {
  FakeService service = Service();
  service.Answer("Exchange/GetOrderBook", FromText<v1::OrderBook>(R"(
      contract: 'contracts/SO2' last_price_fen: 805000
      bids { price_fen: 800000 quantity: 2500000 orders: 2 } bids { price_fen: 799000 quantity: 1000000 orders: 1 }
      asks { price_fen: 810000 quantity: 500000 orders: 1 })"));
  EXPECT_EQ(RunSonghua(&service, {"book", "SO2", "--depth", "2"}).out,
            "contracts/SO2, last price 8,050.00\n"
            "ORDERS  QUANTITY       BID       ASK  QUANTITY  ORDERS\n"
            "     2   2.5 t/a  8,000.00  8,100.00   0.5 t/a       1\n"
            "     1     1 t/a  7,990.00\n");
}

TEST(CallTest, AWatchedBookIsShownWholeAfterEachUpdate) {
  FakeService service = Service();
  service.Stream(
      "Exchange/WatchOrderBook",
      {FromText<v1::OrderBook>("contract: 'contracts/SO2' snapshot: true update_number: 7 bids { price_fen: 800000 quantity: 1000000 orders: 1 } "
                               "bids { price_fen: 790000 quantity: 1000000 orders: 1 }")
           .SerializeAsString(),
       FromText<v1::OrderBook>(
           "contract: 'contracts/SO2' update_number: 8 bids { price_fen: 800000 } "
           "bids { price_fen: 795000 quantity: 3000000 orders: 2 } asks { price_fen: 810000 quantity: 500000 orders: 1 }")
           .SerializeAsString(),
       FromText<v1::OrderBook>("contract: 'contracts/SO2' snapshot: true update_number: 90 bids { price_fen: 780000 quantity: 1000000 orders: 1 }")
           .SerializeAsString()});
  const Ran ran = RunSonghua(&service, {"watch", "SO2"});
  EXPECT_EQ(ran.code, kExitOk) << ran.err;
  EXPECT_EQ(ran.out,
            "contracts/SO2, last price none yet\n"
            "ORDERS  QUANTITY       BID\n"
            "     1     1 t/a  8,000.00\n"
            "     1     1 t/a  7,900.00\n"
            "contracts/SO2, last price none yet\n"
            "ORDERS  QUANTITY       BID       ASK  QUANTITY  ORDERS\n"
            "     2     3 t/a  7,950.00  8,100.00   0.5 t/a       1\n"
            "     1     1 t/a  7,900.00\n"
            "contracts/SO2, last price none yet\n"
            "ORDERS  QUANTITY       BID\n"
            "     1     1 t/a  7,800.00\n")
      << "a snapshot begins anew";
  const Ran json = RunSonghua(&service, {"watch", "SO2", "--json"});
  EXPECT_THAT(json.out, HasSubstr(R"("update_number":"8")"));
  EXPECT_THAT(json.out, HasSubstr(R"("orders":0)"));
}

TEST(CallTest, JsonKeepsTheNamesOfTheProto) {
  FakeService service = Service();
  service.Answer("Pledges/GetPledge", FromText<v1::PledgeAnswer>("pledge { name: 'pledges/3' state: ACTIVE principal_fen: 5 }"));
  const Ran ran = RunSonghua(&service, {"pledge", "show", "3", "--json"});
  EXPECT_THAT(ran.out, HasSubstr(R"("principal_fen":"5")"));
  EXPECT_THAT(ran.out, HasSubstr(R"("state":"ACTIVE")"));
  EXPECT_THAT(ran.out, HasSubstr(R"("control_effective":false)"));
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1);
}

TEST(CallTest, APermitIsIssuedFromShorthand) {
  FakeService service = Service();
  service.Answer("Permits/IssuePermit", FromText<v1::PermitAnswer>(R"(
      permit { name: 'permits/91220101MA0Y3T5K7X001P' state: EFFECTIVE outlets { code: 'DA001' type: MAIN }
               limits { scope: 'DA001' pollutant: 'SO2' annual_limits { year: 2026 quantity: 12000000 } annual_limits { year: 2027 quantity: 12000000 } } })"));
  const Ran ran = RunSonghua(&service, {"permit", "issue", "91220101MA0Y3T5K7X001", "--tier", "key", "--valid-from", "2026-01-05",
                                        "--valid-to", "2031-01-04", "--reviewer", "li", "--outlet", "DA001:MAIN", "--limit",
                                        "DA001/SO2/2026-2027=12t", "--limit", "SITE/SO2/2026=12t", "--limit", "DA001/SO2/2028=3t"});
  EXPECT_EQ(ran.code, kExitOk) << ran.err;
  const auto request = service.Last<v1::IssuePermitRequest>("Permits/IssuePermit");
  EXPECT_EQ(request.site(), "sites/91220101MA0Y3T5K7X001");
  EXPECT_EQ(request.reviewer(), "people/li");
  EXPECT_EQ(request.outlets(0).code(), "DA001");
  // Years of one scope and pollutant are one limit.
  ASSERT_EQ(request.limits_size(), 2);
  ASSERT_EQ(request.limits(0).annual_limits_size(), 3);
  EXPECT_EQ(request.limits(0).annual_limits(1).quantity(), 12'000'000);
  EXPECT_EQ(request.limits(0).annual_limits(2).quantity(), 3'000'000);
  EXPECT_THAT(ran.out, HasSubstr("2026-2027: 12 t"));
}

TEST(CallTest, TheWholeRequestAsJsonWithFlagsOverIt) {
  FakeService service = Service();
  service.Answer("Ledger/DepositCash", v1::TransactionAnswer());
  RunSonghua(&service, {"ledger", "deposit-cash", "--request", R"({"account": "accounts/x.cash", "amount_fen": "5"})", "--amount", "7"});
  const auto request = service.Last<v1::CashRequest>("Ledger/DepositCash");
  EXPECT_EQ(request.account(), "accounts/x.cash");
  EXPECT_EQ(request.amount_fen(), 700);
}

TEST(CallTest, BatchesAreReadFromStandardInput) {
  FakeService service = Service();
  service.On("Exchange/StreamOrders", [](const std::string& bytes, std::string* out) {
    v1::OrderBatch batch;
    batch.ParseFromString(bytes);
    v1::OrderBatchAnswer answer;
    answer.set_number(batch.number());
    *out = answer.SerializeAsString();
    return CallStatus();
  });
  const Ran ran =
      RunSonghua(&service, {"exchange", "stream-orders", "--json"}, "{\"stream\":\"s\",\"number\":1}\n\n{\"stream\":\"s\",\"number\":2}\n");
  EXPECT_EQ(ran.code, kExitOk) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("\"number\":\"1\""));
  EXPECT_THAT(ran.out, HasSubstr("\"number\":\"2\""));
  EXPECT_EQ(RunSonghua(&service, {"exchange", "stream-orders"}, "{\"stram\":1}\n").code, kExitUsage);
}

TEST(CallTest, ATokenIsDrawnHereAndOnlyItsHashIsSent) {
  FakeService service = Service();
  service.Answer("Participants/CreateToken", FromText<v1::TokenAnswer>("token { name: 'tokens/0123456789abcdef' person: 'people/li' }"));
  const Ran ran = RunSonghua(&service, {"token", "create", "li", "--days", "2", "--json"});
  EXPECT_EQ(ran.code, kExitOk) << ran.err;
  const auto request = service.Last<v1::CreateTokenRequest>("Participants/CreateToken");
  EXPECT_EQ(request.person(), "people/li");
  EXPECT_EQ(request.token_sha256().size(), 32u);
  EXPECT_EQ(request.expire_time().seconds(), kNineOClock + 2 * 86'400);
  const size_t at = ran.out.find("{\"token\":\"") + 10;
  const std::string token = ran.out.substr(at, 64);
  EXPECT_EQ(token.find_first_not_of("0123456789abcdef"), std::string::npos);
  for (const auto& call : service.calls) EXPECT_EQ(call.request.find(token), std::string::npos);

  const std::string directory = ::testing::TempDir() + "/songhua_saved_" + RandomHex(6);
  ::setenv("SONGHUA_TOKENS", directory.c_str(), 1);
  const Ran saved = RunSonghua(&service, {"token", "create", "li", "--save"});
  EXPECT_EQ(saved.code, kExitOk) << saved.err;
  const auto kept = ReadTokenFile(directory + "/li");
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_THAT(saved.out, Not(HasSubstr(*kept)));
  ::unsetenv("SONGHUA_TOKENS");
  std::filesystem::remove_all(directory);
}

TEST(CallTest, ARefusedTokenIsNotShown) {
  FakeService service = Service();
  service.Fail("Participants/CreateToken", {7, "no", ""});
  const Ran ran = RunSonghua(&service, {"token", "create", "li"});
  EXPECT_EQ(ran.code, kExitRefused);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(RunSonghua(&service, {"token", "create", "li", "--days", "400"}).code, kExitUsage);
}

}  // namespace
}  // namespace songhua::api::cli
