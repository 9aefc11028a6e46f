// Requests built from flags: good input fills the fields, bad input names the flag and what it accepts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "api/cli/call.h"
#include "api/cli/permit_flags.h"
#include "songhua/v1/base_prices.pb.h"
#include "songhua/v1/day_one.pb.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/operations.pb.h"
#include "songhua/v1/participants.pb.h"
#include "songhua/v1/permits.pb.h"
#include "songhua/v1/price_proposals.pb.h"
#include "songhua/v1/registry_controls.pb.h"
#include "tests/api/cli_testing.h"

namespace songhua::api::cli {
namespace {

using ::testing::HasSubstr;

// A service that knows one program of rights and one of carbon, so that units can be told.
FakeService ServiceWithPrograms() {
  FakeService service;
  v1::StatusAnswer status;
  status.mutable_header()->mutable_time()->set_seconds(1767574800);  // 2026-01-05 09:00 in Shanghai
  service.Answer("Operations/GetStatus", status);
  service.On("Ledger/GetProgram", [](const std::string& bytes, std::string* out) {
    v1::GetProgramRequest request;
    request.ParseFromString(bytes);
    v1::ProgramAnswer answer;
    answer.mutable_program()->set_name(request.name());
    if (request.name() == "programs/cea") {
      answer.mutable_program()->set_unit("t");
      answer.mutable_program()->set_quoted_unit_steps(1);
    } else {
      answer.mutable_program()->set_unit("g/a");
      answer.mutable_program()->set_quoted_unit_steps(1'000'000);
    }
    *out = answer.SerializeAsString();
    return CallStatus();
  });
  v1::ContractAnswer contract;
  contract.mutable_contract()->set_program("programs/jilin-discharge-rights");
  service.Answer("Exchange/GetContract", contract);
  v1::OrderAnswer order;
  order.mutable_order()->set_contract("contracts/SO2");
  service.Answer("Exchange/GetOrder", order);
  v1::LotAnswer lot;
  lot.mutable_lot()->set_program("programs/cea");
  service.Answer("Ledger/GetLot", lot);
  return service;
}

// Builds a method's request from flags.
template <class Request>
absl::StatusOr<Request> Build(const std::string& method, const std::vector<std::string>& words) {
  FakeService service = ServiceWithPrograms();
  FakeChannel channel(&service);
  Units units(&channel);
  const Rpc& rpc = Schema::Get().Find(method);
  const auto flags = FlagsOf(rpc);
  const auto arguments = ParseArguments(words, SpecsOf(flags));
  if (!arguments.ok()) return arguments.status();
  const auto message = Schema::Get().New(rpc.method->input_type());
  const absl::Status status = FillRequest(*arguments, flags, &units, message.get());
  if (!status.ok()) return status;
  Request request;
  request.ParseFromString(message->SerializeAsString());
  return request;
}

template <class Request>
std::string Refusal(const std::string& method, const std::vector<std::string>& words) {
  const auto request = Build<Request>(method, words);
  return request.ok() ? "accepted: " + request->ShortDebugString() : std::string(request.status().message());
}

TEST(RequestTest, PlainFieldsAndNamesWithoutTheirCollection) {
  const auto request = Build<v1::TransferUnitsRequest>(
      "Ledger/TransferUnits",
      {"--from-lot", "1", "--to-account", "accounts/x.trading", "--quantity", "5", "--request-id", "20260105-a", "--validate-only"});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->from_lot(), "lots/1");
  EXPECT_EQ(request->to_account(), "accounts/x.trading");
  EXPECT_EQ(request->quantity(), 5);
  EXPECT_EQ(request->request_id(), "20260105-a");
  EXPECT_TRUE(request->validate_only());
}

TEST(RequestTest, TheNameOfARequestBelongsToItsMethod) {
  EXPECT_EQ(Build<v1::GetLotRequest>("Ledger/GetLot", {"--name", "7"})->name(), "lots/7");
  EXPECT_EQ(Build<v1::GetPersonRequest>("Participants/GetPerson", {"--name", "zhang-li"})->name(), "people/zhang-li");
  EXPECT_EQ(Build<v1::LiftFreezeRequest>("Ledger/LiftFreeze", {"--name", "2"})->name(), "freezes/2");
  // RecordPayment is about a trade, which only its request's type says.
  EXPECT_EQ(Build<v1::GetLotRequest>("Ledger/GetLot", {"--name", "lots/7"})->name(), "lots/7");
  EXPECT_EQ(Build<v1::ExplainBasePriceRequest>("PriceProposals/ExplainBasePrice", {"--name", "2"})->name(), "basePrices/2");
  EXPECT_EQ(Build<v1::SignPriceProposalRequest>("PriceProposals/SignPriceProposal", {"--name", "3"})->name(), "priceProposals/3");
  EXPECT_EQ(Build<v1::PriceProposalActRequest>("PriceProposals/OpenPriceConsultation", {"--name", "3"})->name(), "priceProposals/3");
  EXPECT_EQ(Build<v1::GetPriceMethodRequest>("PriceProposals/GetPriceMethod", {"--name", "m"})->name(), "priceMethods/m");
  EXPECT_EQ(Build<v1::ResumeTradingRequest>("Exchange/ResumeTrading", {"--name", "2"})->name(), "halts/2");
  EXPECT_EQ(Build<v1::GetTransferProposalRequest>("RegistryControls/GetTransferProposal", {"--name", "3"})->name(), "transferProposals/3");
  EXPECT_EQ(Build<v1::DayOneActRequest>("DayOne/ApproveDayOne", {"--name", "3"})->name(), "dayOneImports/3");
  EXPECT_EQ(Build<v1::ListDayOneErrorsRequest>("DayOne/ListDayOneErrors", {"--name", "3"})->name(), "dayOneImports/3");
  EXPECT_EQ(CollectionOf(Schema::Get().Find("Trades/RecordPayment").method->input_type()->FindFieldByName("name"),
                         &Schema::Get().Find("Trades/RecordPayment")),
            "trades");
}

TEST(RequestTest, PageTokensAreNoNames) {
  const auto request =
      Build<v1::ListLotsRequest>("Ledger/ListLots", {"--page-token", "abc", "--page-size", "10", "--at-least-sequence", "9"});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->page().page_token(), "abc");
  EXPECT_EQ(request->page().page_size(), 10);
  EXPECT_EQ(request->options().at_least_sequence(), 9u);
}

TEST(RequestTest, NestedMessagesByDotsOrJsonOrBoth) {
  const auto dotted = Build<v1::CreateParticipantRequest>(
      "Participants/CreateParticipant",
      {"--participant.name", "91220101MA0Y3T5K7X", "--participant.kind", "enterprise", "--participant.display-name", "长春热电"});
  ASSERT_TRUE(dotted.ok()) << dotted.status();
  EXPECT_EQ(dotted->participant().name(), "participants/91220101MA0Y3T5K7X");
  EXPECT_EQ(dotted->participant().kind(), v1::ENTERPRISE);
  EXPECT_EQ(dotted->participant().display_name(), "长春热电");

  const auto both = Build<v1::CreateParticipantRequest>(
      "Participants/CreateParticipant",
      {"--participant.region", "220200", "--participant", R"({"region": "220100", "display_name": "甲"})"});
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_EQ(both->participant().region(), "220200");
  EXPECT_EQ(both->participant().display_name(), "甲");
}

TEST(RequestTest, MessagesFromFiles) {
  const std::string json = ::testing::TempDir() + "/cli_rulebook.json", text = ::testing::TempDir() + "/cli_rulebook.txtpb";
  std::ofstream(json) << R"({"name": "rulebooks/a", "settlement": "END_OF_DAY", "bandBps": 1000})";
  std::ofstream(text) << "name: \"rulebooks/b\"\nsettlement: IMMEDIATE\nquantity_max: 5";
  EXPECT_EQ(Build<v1::LoadRulebookRequest>("Exchange/LoadRulebook", {"--rulebook", "@" + json})->rulebook().band_bps(), 1000);
  EXPECT_EQ(Build<v1::LoadRulebookRequest>("Exchange/LoadRulebook", {"--rulebook", "@" + text})->rulebook().quantity_max(), 5);
  EXPECT_THAT(Refusal<v1::LoadRulebookRequest>("Exchange/LoadRulebook", {"--rulebook", "@/no/such/file"}),
              HasSubstr("accepted: a file that can be read"));
  EXPECT_THAT(Refusal<v1::LoadRulebookRequest>("Exchange/LoadRulebook", {"--rulebook", R"({"bandwidth": 3})"}),
              HasSubstr("Cannot find field"));
}

TEST(RequestTest, RepeatedMessagesAsPairs) {
  const auto request = Build<v1::SetRolesRequest>(
      "Participants/SetRoles", {"--person", "li", "--roles", "role=PERMIT_APPROVER,region=220100", "--roles", R"({"role": "AUDITOR"})"});
  ASSERT_TRUE(request.ok()) << request.status();
  ASSERT_EQ(request->roles_size(), 2);
  EXPECT_EQ(request->roles(0).role(), v1::PERMIT_APPROVER);
  EXPECT_EQ(request->roles(0).region(), "220100");
  EXPECT_EQ(request->roles(1).role(), v1::AUDITOR);
  EXPECT_THAT(Refusal<v1::SetRolesRequest>("Participants/SetRoles", {"--roles", "rank=3"}), HasSubstr("key=value pairs of role, region"));
  EXPECT_THAT(Refusal<v1::SetRolesRequest>("Participants/SetRoles", {"--roles", "role=KING"}), HasSubstr("ENT_OPERATOR"));
}

TEST(RequestTest, MoneyInYuanOrInFen) {
  EXPECT_EQ(Build<v1::CashRequest>("Ledger/DepositCash", {"--amount", "1,234.50"})->amount_fen(), 123450);
  EXPECT_EQ(Build<v1::CashRequest>("Ledger/DepositCash", {"--amount-fen", "123450"})->amount_fen(), 123450);
  EXPECT_THAT(Refusal<v1::CashRequest>("Ledger/DepositCash", {"--amount", "1", "--amount-fen", "100"}),
              HasSubstr("accepted: one of the two"));
  EXPECT_THAT(Refusal<v1::CashRequest>("Ledger/DepositCash", {"--amount", "1.005"}), HasSubstr("at most 2 decimals"));
}

TEST(RequestTest, QuantitiesWithAUnitAreCountedAsTheProgramCounts) {
  // A contract of discharge rights: grams a year.
  EXPECT_EQ(Build<v1::PlaceOrderRequest>("Exchange/PlaceOrder", {"--quantity", "2.5t", "--contract", "SO2"})->quantity(), 2'500'000);
  EXPECT_EQ(Build<v1::PlaceOrderRequest>("Exchange/PlaceOrder", {"--quantity", "500 kg", "--contract", "SO2"})->quantity(), 500'000);
  EXPECT_EQ(Build<v1::PlaceOrderRequest>("Exchange/PlaceOrder", {"--quantity", "12g", "--contract", "SO2"})->quantity(), 12);
  EXPECT_EQ(Build<v1::PlaceOrderRequest>("Exchange/PlaceOrder", {"--quantity", "2500000"})->quantity(), 2'500'000);
  // An order says its contract.
  EXPECT_EQ(Build<v1::ReplaceOrderRequest>("Exchange/ReplaceOrder", {"--name", "7", "--quantity", "2t"})->quantity(), 2'000'000);
  // A lot of carbon: tonnes.
  EXPECT_EQ(Build<v1::TransferUnitsRequest>("Ledger/TransferUnits", {"--from-lot", "1", "--quantity", "40t"})->quantity(), 40);
  EXPECT_THAT(Refusal<v1::TransferUnitsRequest>("Ledger/TransferUnits", {"--from-lot", "1", "--quantity", "40kg"}),
              HasSubstr("whole tonnes"));
  EXPECT_THAT(Refusal<v1::TransferUnitsRequest>("Ledger/TransferUnits", {"--from-lot", "1", "--quantity", "0.5t"}),
              HasSubstr("whole number"));
  EXPECT_THAT(Refusal<v1::PlaceOrderRequest>("Exchange/PlaceOrder", {"--quantity", "2t"}), HasSubstr("unit is not known here"));
  EXPECT_THAT(Refusal<v1::PlaceOrderRequest>("Exchange/PlaceOrder", {"--quantity", "2lb", "--contract", "SO2"}),
              HasSubstr("accepted units: t, kg, g"));
  EXPECT_THAT(Refusal<v1::PlaceOrderRequest>("Exchange/PlaceOrder", {"--quantity", "0.0000001t", "--contract", "SO2"}),
              HasSubstr("6 decimals"));
}

TEST(RequestTest, EnumsByNameInAnyCase) {
  EXPECT_EQ(Build<v1::PlaceOrderRequest>("Exchange/PlaceOrder", {"--time-in-force", "fill-or-kill"})->time_in_force(), v1::FILL_OR_KILL);
  EXPECT_THAT(Refusal<v1::PlaceOrderRequest>("Exchange/PlaceOrder", {"--time-in-force", "gtc"}),
              HasSubstr("accepted: DAY, IMMEDIATE_OR_CANCEL, FILL_OR_KILL"));
  EXPECT_THAT(Refusal<v1::PlaceOrderRequest>("Exchange/PlaceOrder", {"--side", "SIDE_UNSPECIFIED"}), HasSubstr("accepted: BUY, SELL"));
}

TEST(RequestTest, InstantsInShanghaiOrWithAnOffset) {
  const auto seconds = [](const std::string& text) {
    return Build<v1::AdvanceClockRequest>("Operations/AdvanceClock", {"--to-time", text})->to_time().seconds();
  };
  EXPECT_EQ(seconds("2026-01-05 09:00"), 1767574800);
  EXPECT_EQ(seconds("2026-01-05T09:00:00+08:00"), 1767574800);
  EXPECT_EQ(seconds("2026-01-05T01:00:00Z"), 1767574800);
  EXPECT_EQ(seconds("2026-01-05"), 1767542400);
  EXPECT_THAT(Refusal<v1::AdvanceClockRequest>("Operations/AdvanceClock", {"--to-time", "tomorrow"}), HasSubstr("RFC 3339"));
  EXPECT_THAT(Refusal<v1::AdvanceClockRequest>("Operations/AdvanceClock", {"--to-time", "2026-02-30"}), HasSubstr("RFC 3339"));
}

TEST(RequestTest, BytesInHexadecimal) {
  EXPECT_EQ(Build<v1::CreateTokenRequest>("Participants/CreateToken", {"--token-sha256", "00fF"})->token_sha256(),
            std::string("\0\xff", 2));
  EXPECT_THAT(Refusal<v1::CreateTokenRequest>("Participants/CreateToken", {"--token-sha256", "0g"}), HasSubstr("hexadecimal"));
  EXPECT_THAT(Refusal<v1::CreateTokenRequest>("Participants/CreateToken", {"--token-sha256", "abc"}), HasSubstr("hexadecimal"));
}

TEST(RequestTest, NumbersThatDoNotFitAreRefused) {
  EXPECT_THAT(Refusal<v1::IssueUnitsRequest>("Ledger/IssueUnits", {"--vintage", "4294967296"}), HasSubstr("a number of 32 bits"));
  EXPECT_THAT(Refusal<v1::IssueUnitsRequest>("Ledger/IssueUnits", {"--quantity", "9223372036854775808"}), HasSubstr("64 bits"));
  EXPECT_THAT(Refusal<v1::ListLotsRequest>("Ledger/ListLots", {"--at-least-sequence", "-1"}), HasSubstr("not below zero"));
  EXPECT_THAT(Refusal<v1::IssueUnitsRequest>("Ledger/IssueUnits", {"--vintage", "MMXXVI"}), HasSubstr("a whole number"));
}

template <class Message>
absl::StatusOr<Message> Parse(const std::string& text, absl::Status (*parse)(const std::string&, google::protobuf::Message*)) {
  Message message;
  const auto dynamic = Schema::Get().New(message.GetTypeName());
  const absl::Status status = parse(text, dynamic.get());
  if (!status.ok()) return status;
  message.ParseFromString(dynamic->SerializeAsString());
  return message;
}

TEST(PermitFlagsTest, LimitsInTheOfficersShorthand) {
  const auto limit = Parse<v1::Limit>("DA001/SO2/2026-2030=12.5t", ParseLimit);
  ASSERT_TRUE(limit.ok()) << limit.status();
  EXPECT_EQ(limit->scope(), "DA001");
  EXPECT_EQ(limit->pollutant(), "SO2");
  ASSERT_EQ(limit->annual_limits_size(), 5);
  EXPECT_EQ(limit->annual_limits(4).year(), 2030);
  EXPECT_EQ(limit->annual_limits(4).quantity(), 12'500'000);
  EXPECT_EQ(Parse<v1::Limit>("SITE/COD/2026=800", ParseLimit)->annual_limits(0).quantity(), 800);
  for (const char* text : {"", "DA001", "DA001/SO2=1t", "DA001/SO2/2026", "DA001/SO2/2030-2026=1t", "DA001/SO2/1-9999=1t", "/SO2/2026=1t",
                           "DA001/SO2/2026-2027-2028=1t", "DA001/SO2/2026=1x", "DA001/SO2/2026="}) {
    EXPECT_FALSE(Parse<v1::Limit>(text, ParseLimit).ok()) << text;
  }
}

TEST(PermitFlagsTest, OutletsWithTypeAndBasin) {
  EXPECT_EQ(Parse<v1::Outlet>("DA001:main", ParseOutlet)->type(), v1::MAIN);
  EXPECT_EQ(Parse<v1::Outlet>("DW001:GENERAL:SONGHUA", ParseOutlet)->basin(), "SONGHUA");
  for (const char* text : {"", "DA001", "DA001:", "DA001:BIG", ":MAIN", "DA001:MAIN:SONGHUA:x"})
    EXPECT_FALSE(Parse<v1::Outlet>(text, ParseOutlet).ok()) << text;
}

}  // namespace
}  // namespace songhua::api::cli
