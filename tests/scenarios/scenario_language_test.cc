// The scenario language without a service: parsing, requests from words, questions to answers, and what the runner says when something differs.
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/service_error.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "simulations/scenario/answers.h"
#include "simulations/scenario/request_fields.h"
#include "simulations/scenario/runner.h"
#include "simulations/scenario/scenario.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/operations.pb.h"
#include "songhua/v1/participants.pb.h"
#include "songhua/v1/permits.pb.h"
#include "songhua/v1/trades.pb.h"

namespace songhua::simulations {
namespace {

using api::cli::UnitScale;
using testing::ElementsAre;
using testing::HasSubstr;

// ---- Parsing ----

Scenario Parse(const std::string& text) {
  auto scenario = ParseScenario("a.scenario", text);
  EXPECT_TRUE(scenario.ok()) << scenario.status().message();
  return scenario.ok() ? *std::move(scenario) : Scenario();
}

std::string ParseError(const std::string& text) { return std::string(ParseScenario("a.scenario", text).status().message()); }

std::vector<std::string> Texts(const std::vector<Token>& tokens) {
  std::vector<std::string> texts;
  for (const Token& token : tokens) texts.push_back(token.text);
  return texts;
}

TEST(ScenarioText, BlocksHoldCommandsAndCommandsTheirExpectations) {
  const Scenario scenario = Parse(
      "# about it\n"
      "scenario: A title\n"
      "rules: PLG-21, INV-05\n"
      "\n"
      "as li-na (ENT_OPERATOR)\n"
      "  place-order contract X, side SELL  # a comment\n"
      "      quantity 40 t\n"
      "    -> ok, state is SUBMITTED\n"
      "    -> remember name as order\n"
      "  cancel-order name $order -> refused NOT_FOUND\n"
      "ledger\n"
      "  lot $lot: quantity 1 t\n");
  EXPECT_EQ(scenario.title, "A title");
  EXPECT_THAT(scenario.rules, ElementsAre("PLG-21", "INV-05"));
  ASSERT_EQ(scenario.blocks.size(), 2u);
  ASSERT_EQ(scenario.blocks[0].commands.size(), 2u);
  const Command& place = scenario.blocks[0].commands[0];
  EXPECT_EQ(place.line, 6);
  EXPECT_THAT(Texts(place.words), ElementsAre("place-order", "contract", "X", "side", "SELL", "quantity", "40", "t"));
  ASSERT_EQ(place.expectations.size(), 2u);
  EXPECT_EQ(place.expectations[1][0].line, 9);
  EXPECT_EQ(scenario.blocks[0].commands[1].expectations.size(), 1u);
  EXPECT_EQ(scenario.blocks[1].kind, BlockKind::kLedger);
}

TEST(ScenarioText, NotesBelongToTheNextCommandOnly) {
  const Scenario scenario = Parse("scenario: T\nas a\n  note It begins, # here\n  one\n  two\n");
  EXPECT_EQ(scenario.blocks[0].commands[0].note, "It begins, # here");
  EXPECT_EQ(scenario.blocks[0].commands[1].note, "");
}

TEST(ScenarioText, QuotationsKeepBlanksEscapesAndRepetitions) {
  const Scenario scenario = Parse("scenario: T\nas a\n  x \"a, b # c\", \"\\xff\\n\\\"\", \"ab\"*3 -> ok\n");
  const std::vector<Token>& words = scenario.blocks[0].commands[0].words;
  ASSERT_EQ(words.size(), 4u);
  EXPECT_EQ(words[1].text, "a, b # c");
  EXPECT_TRUE(words[1].quoted && words[1].comma);
  EXPECT_EQ(words[2].text, "\xff\n\"");
  EXPECT_EQ(words[3].text, "ababab");
}

TEST(ScenarioText, CommasInsideNumbersEndNothing) {
  const Scenario scenario = Parse("scenario: T\nas a\n  x 5,000.00 yuan, 1,000,000\n");
  EXPECT_THAT(Texts(scenario.blocks[0].commands[0].words), ElementsAre("x", "5,000.00", "yuan", "1,000,000"));
}

TEST(ScenarioText, BracesAreWordsOfTheirOwn) {
  const Scenario scenario = Parse("scenario: T\nas a\n  x {a {b 1} c ${v}}, d\n");
  EXPECT_THAT(Texts(scenario.blocks[0].commands[0].words), ElementsAre("x", "{", "a", "{", "b", "1", "}", "c", "${v}", "}", "d"));
}

TEST(ScenarioText, WhatIsWrongIsSaidWithItsLine) {
  EXPECT_THAT(ParseError("as a\n  x\n"), HasSubstr("no title"));
  EXPECT_THAT(ParseError("scenario: T\n\tx\n"), HasSubstr("a.scenario:2: a tab"));
  EXPECT_THAT(ParseError("scenario: T\n  x\n"), HasSubstr("a.scenario:2: an indented line outside a block"));
  EXPECT_THAT(ParseError("scenario: T\nas a\n    x\n  y\n"), HasSubstr("a.scenario:4: less indented"));
  EXPECT_THAT(ParseError("scenario: T\nas a\n  x \"y\n"), HasSubstr("a.scenario:3: a quotation"));
  EXPECT_THAT(ParseError("scenario: T\nas a\n  x \"\\q\"\n"), HasSubstr("a.scenario:3: after \\"));
  EXPECT_THAT(ParseError("scenario: T\nwith a\n  x\n"), HasSubstr("a.scenario:2: 'with' at the margin"));
  EXPECT_THAT(ParseError("scenario: T\nas\n  x\n"), HasSubstr("a.scenario:2: something is missing"));
  EXPECT_THAT(ParseError("scenario: T\nas a\nas b\n  x\n"), HasSubstr("a.scenario:2: a block with nothing in it"));
  EXPECT_THAT(ParseError("scenario: T\nas a\n  -> ok\n"), HasSubstr("a.scenario:3: '->' that follows nothing"));
}

// ---- Requests ----

constexpr UnitScale kGramsOfRights{1'000'000, true, false};

std::optional<UnitScale> AlwaysGrams(const google::protobuf::Message&) { return kGramsOfRights; }
std::optional<UnitScale> Unknown(const google::protobuf::Message&) { return std::nullopt; }

std::vector<Token> Fields(const std::string& line) {
  std::vector<Token> words = Parse("scenario: T\nas a\n  " + line + "\n").blocks[0].commands[0].words;
  return {words.begin() + 1, words.end()};
}

template <class Request>
Request Build(const std::string& line, const ScaleFinder& scale_of = AlwaysGrams) {
  const std::string command = line.substr(0, line.find(' '));
  const api::cli::Rpc* rpc = FindRpc(command);
  Request request;
  EXPECT_NE(rpc, nullptr) << command;
  if (rpc == nullptr) return request;
  const auto built = BuildRequest(*rpc, Fields(line), scale_of);
  EXPECT_TRUE(built.ok()) << built.status().message();
  EXPECT_TRUE(built.ok() && request.ParseFromString((*built)->SerializeAsString()));
  return request;
}

std::string BuildError(const std::string& line, const ScaleFinder& scale_of = AlwaysGrams) {
  const auto built = BuildRequest(*FindRpc(line.substr(0, line.find(' '))), Fields(line), scale_of);
  return built.ok() ? "built" : std::string(built.status().message());
}

TEST(ScenarioRequest, WordsFillFieldsWithTheirUnits) {
  const auto order =
      Build<v1::PlaceOrderRequest>("place-order contract SO2, account x.rights, side sell, price 5,000.00 yuan, quantity 1.5 t, lot 7, post-only");
  EXPECT_EQ(order.contract(), "contracts/SO2");
  EXPECT_EQ(order.account(), "accounts/x.rights");
  EXPECT_EQ(order.side(), v1::SELL);
  EXPECT_EQ(order.price_fen(), 500'000);
  EXPECT_EQ(order.quantity(), 1'500'000);
  EXPECT_EQ(order.lot(), "lots/7");
  EXPECT_TRUE(order.post_only());
}

TEST(ScenarioRequest, BareNumbersAreFenAndSteps) {
  const auto order = Build<v1::PlaceOrderRequest>("place-order price-fen 500,000, quantity -40");
  EXPECT_EQ(order.price_fen(), 500'000);
  EXPECT_EQ(order.quantity(), -40);
  EXPECT_EQ(Build<v1::PlaceOrderRequest>("place-order price 7").price_fen(), 7);
}

TEST(ScenarioRequest, WithoutAScaleOnlyGramsAreKnown) {
  EXPECT_EQ(Build<v1::LoadRulebookRequest>("load-rulebook quantity-min 2 kg", Unknown).rulebook().quantity_min(), 2'000);
  EXPECT_THAT(BuildError("load-rulebook quantity-min 2 t", Unknown), HasSubstr("unit is not known"));
}

TEST(ScenarioRequest, TheOneResourceNeedsNoPrefix) {
  const auto request = Build<v1::CreateSiteRequest>("create-site name 9X001, participant 9X, display-name \"Mill, new\", sector-class INDUSTRY");
  EXPECT_EQ(request.site().name(), "sites/9X001");
  EXPECT_EQ(request.site().participant(), "participants/9X");
  EXPECT_EQ(request.site().display_name(), "Mill, new");
  EXPECT_EQ(Build<v1::CreateSiteRequest>("create-site site.name 9X001").site().name(), "sites/9X001");
}

TEST(ScenarioRequest, MessagesAreWrittenInOrderOrInBraces) {
  const auto person = Build<v1::CreatePersonRequest>("create-person name li, roles PERMIT_APPROVER 220100, ENFORCER 220100, display-name Li");
  ASSERT_EQ(person.person().roles_size(), 2);
  EXPECT_EQ(person.person().roles(1).role(), v1::ENFORCER);
  EXPECT_EQ(person.person().roles(1).region(), "220100");
  EXPECT_EQ(person.person().display_name(), "Li");

  const auto program = Build<v1::LoadProgramRequest>(
      "load-program pollutants SO2, COD, trading-groups A POWER INDUSTRY, B AGRI, caps {pollutant SO2 control-zone 220100 quantity 2 t}, COD 220200 3,000 t");
  EXPECT_EQ(program.program().pollutants_size(), 2);
  ASSERT_EQ(program.program().trading_groups_size(), 2);
  EXPECT_EQ(program.program().trading_groups(0).sector_classes_size(), 2);
  ASSERT_EQ(program.program().caps_size(), 2);
  EXPECT_EQ(program.program().caps(0).quantity(), 2'000'000);
  EXPECT_EQ(program.program().caps(1).control_zone(), "220200");
  EXPECT_EQ(program.program().caps(1).quantity(), 3'000'000'000);
}

TEST(ScenarioRequest, ALimitIsSpreadOverItsYears) {
  const auto permit = Build<v1::IssuePermitRequest>("issue-permit site x001, outlets DW001 MAIN SONGHUA, limits SITE SO2 2026-2028 120.5 t");
  EXPECT_EQ(permit.outlets(0).basin(), "SONGHUA");
  ASSERT_EQ(permit.limits_size(), 1);
  ASSERT_EQ(permit.limits(0).annual_limits_size(), 3);
  EXPECT_EQ(permit.limits(0).annual_limits(2).year(), 2028);
  EXPECT_EQ(permit.limits(0).annual_limits(2).quantity(), 120'500'000);
}

TEST(ScenarioRequest, FieldsThatTheApiDoesNotHaveCanBeSent) {
  const auto order = Build<v1::PlaceOrderRequest>("place-order unknown-field 99, contract SO2");
  EXPECT_EQ(order.contract(), "contracts/SO2");
  ASSERT_EQ(order.GetReflection()->GetUnknownFields(order).field_count(), 1);
  EXPECT_EQ(order.GetReflection()->GetUnknownFields(order).field(0).number(), 99);
}

TEST(ScenarioRequest, WhatIsNoFieldIsSaid) {
  EXPECT_THAT(BuildError("place-order contrakt SO2"), HasSubstr("contrakt: not a field of PlaceOrderRequest"));
  EXPECT_THAT(BuildError("place-order contract"), HasSubstr("contract: it has no value"));
  EXPECT_THAT(BuildError("place-order side SIDEWAYS"), HasSubstr("SIDEWAYS"));
  EXPECT_THAT(BuildError("place-order quantity 1.0000001 t"), HasSubstr("quantity"));
  EXPECT_THAT(BuildError("create-person roles JUDGE 220100"), HasSubstr("JUDGE"));
  EXPECT_THAT(BuildError("create-person roles {role ENFORCER"), HasSubstr("{ and } do not match"));
}

// ---- Answers ----

v1::ListLotsAnswer TwoLots() {
  v1::ListLotsAnswer answer;
  for (const char* account : {"accounts/a.rights", "accounts/b.rights"}) {
    v1::Lot* lot = answer.add_lots();
    lot->set_account(account);
    lot->set_quantity(answer.lots_size() * 1'000'000);
  }
  return answer;
}

bool Is(const google::protobuf::Message& answer, const std::string& path, const std::string& value) {
  const auto place = FindPlace(answer, path);
  EXPECT_TRUE(place.ok()) << place.status().message();
  if (!place.ok()) return false;
  const auto is = ValueIs(*place, value, AlwaysGrams);
  EXPECT_TRUE(is.ok()) << is.status().message();
  return is.ok() && *is;
}

TEST(ScenarioAnswer, PathsChooseByNumberAndByField) {
  const v1::ListLotsAnswer answer = TwoLots();
  EXPECT_TRUE(Is(answer, "lots[1].quantity", "1 t"));
  EXPECT_TRUE(Is(answer, "lots[last].quantity", "2,000 kg"));
  EXPECT_TRUE(Is(answer, "lots[account=accounts/b.rights].quantity", "2 t"));
  EXPECT_FALSE(Is(answer, "lots[1].quantity", "1.000001 t"));
  EXPECT_FALSE(FindPlace(answer, "lots[3].quantity").ok());
  EXPECT_FALSE(FindPlace(answer, "lots[account=accounts/c.rights].quantity").ok());
  EXPECT_FALSE(FindPlace(answer, "lots.quantity").ok());
  EXPECT_FALSE(FindPlace(answer, "lots[1.quantity").ok());
}

TEST(ScenarioAnswer, TheOneResourceMayBeLeftOut) {
  v1::TradeAnswer answer;
  answer.mutable_header()->set_sequence(7);
  answer.mutable_trade()->set_state(v1::TRADE_VERIFIED);
  answer.mutable_trade()->set_price_fen(500'000);
  answer.mutable_trade()->set_contract("contracts/SO2");
  answer.mutable_trade()->mutable_agree_time()->set_seconds(1767576600);  // 2026-01-05 09:30 in Shanghai
  EXPECT_TRUE(Is(answer, "trade.state", "VERIFIED"));
  EXPECT_TRUE(Is(answer, "state", "TRADE_VERIFIED"));
  EXPECT_FALSE(Is(answer, "state", "PAID"));
  EXPECT_TRUE(Is(answer, "price", "5,000.00 yuan"));
  EXPECT_FALSE(Is(answer, "price", "5,000.01 yuan"));
  EXPECT_TRUE(Is(answer, "price-fen", "500000"));
  EXPECT_TRUE(Is(answer, "contract", "SO2"));
  EXPECT_TRUE(Is(answer, "agree-time", "2026-01-05 09:30"));
  EXPECT_FALSE(Is(answer, "agree-time", "2026-01-05 09:31"));
  EXPECT_TRUE(Is(answer, "header.sequence", "7"));
}

TEST(ScenarioAnswer, WhatNoFieldCouldBeIsAnError) {
  v1::TradeAnswer answer;
  answer.mutable_trade();
  EXPECT_FALSE(ValueIs(*FindPlace(answer, "state"), "WONDERFUL", AlwaysGrams).ok());
  EXPECT_FALSE(ValueIs(*FindPlace(answer, "price"), "cheap", AlwaysGrams).ok());
}

// ---- The runner ----

// Answers what is scripted, and everything else with an empty message.
class ScriptedClient : public ScenarioClient {
 public:
  void Answer(const std::string& method, const google::protobuf::Message& answer) { answers_[method] = answer.SerializeAsString(); }
  void Refuse(const std::string& method, const std::string& reason, const std::string& rule) {
    google::rpc::ErrorInfo info;
    info.set_reason(reason);
    (*info.mutable_metadata())["rule"] = rule;
    (*info.mutable_metadata())["field"] = "quantity";
    google::rpc::Status status;
    status.set_code(9);
    status.add_details()->PackFrom(info);
    refusals_[method] = {9, reason, status.SerializeAsString()};
  }

  api::cli::CallStatus Call(const std::string& path, const std::string& request, const std::string& token, std::string* answer) override {
    const std::string method = path.substr(path.find("v1.") + 3);
    calls.push_back({method, request, token});
    const auto refusal = refusals_.find(method);
    if (refusal != refusals_.end()) return refusal->second;
    const auto found = answers_.find(method);
    *answer = found != answers_.end() ? found->second : "";
    return {};
  }

  struct Sent {
    std::string method;
    std::string request;
    std::string token;
  };
  std::vector<Sent> calls;

 private:
  std::map<std::string, std::string> answers_;
  std::map<std::string, api::cli::CallStatus> refusals_;
};

class OneScenario : public ScenarioLibrary {
 public:
  explicit OneScenario(std::string text) : text_("scenario: T\n" + std::move(text)) {}
  absl::StatusOr<Text> Find(const std::string& name) const override {
    if (name != "one") return absl::NotFoundError("there is no scenario '" + name + "'");
    return Text{"one.scenario", text_};
  }

 private:
  const std::string text_;
};

class NamedTokens : public TokenKeeper {
 public:
  absl::StatusOr<std::string> TokenOf(const std::string& name) override { return "token-of-" + name; }
};

struct Played {
  absl::Status status;
  std::vector<RefusedAttempt> refused;
};

Played Play(ScriptedClient* client, const std::string& text, bool look_only = false) {
  const OneScenario library(text);
  NamedTokens tokens;
  RunnerOptions options;
  options.client = client;
  options.library = &library;
  options.tokens = &tokens;
  options.start = *ParseTimestamp("2026-01-05T09:00:00+08:00");
  options.look_only = look_only;
  ScenarioRunner runner(options);
  const absl::Status status = runner.Play("one");
  return {status, runner.refused()};
}

std::string Failure(ScriptedClient* client, const std::string& text) { return std::string(Play(client, text).status.message()); }

TEST(ScenarioRunner, ADifferenceNamesFileLineCommandAnswerAndExpectation) {
  ScriptedClient client;
  client.Refuse("Exchange/PlaceOrder", "PLEDGED_UNITS", "PLG-21");
  EXPECT_EQ(Failure(&client, "as operator\n  note She sells\n  place-order contract X, quantity 5\n"),
            "one.scenario:4: She sells\n    operator: place-order contract X, quantity 5\n    answered: refused PLEDGED_UNITS by PLG-21, quantity is empty\n"
            "    expected: ok");
  EXPECT_THAT(Failure(&client, "as operator\n  place-order contract X\n    -> refused FROZEN_UNITS by PLG-29\n"),
              testing::AllOf(HasSubstr("one.scenario:4:"), HasSubstr("answered: refused PLEDGED_UNITS by PLG-21"), HasSubstr("expected: refused FROZEN_UNITS by PLG-29")));
}

TEST(ScenarioRunner, ARefusalMustBeForTheReasonTheRuleAndTheField) {
  ScriptedClient client;
  client.Refuse("Exchange/PlaceOrder", "PLEDGED_UNITS", "PLG-21");
  const std::string command = "as operator\n  place-order contract X\n    -> refused ";
  EXPECT_TRUE(Play(&client, command + "PLEDGED_UNITS by PLG-21 at quantity\n").status.ok());
  EXPECT_TRUE(Play(&client, command + "PLEDGED_UNITS\n").status.ok());
  EXPECT_FALSE(Play(&client, command + "PLEDGED_UNITS by PLG-22\n").status.ok());
  EXPECT_FALSE(Play(&client, command + "PLEDGED_UNITS by PLG-21 at lot\n").status.ok());
  EXPECT_FALSE(Play(&client, command + "INSUFFICIENT_UNITS by PLG-21\n").status.ok());
}

TEST(ScenarioRunner, WhatWasToBeRefusedMustNotPass) {
  ScriptedClient client;
  EXPECT_THAT(Failure(&client, "as operator\n  place-order contract X\n    -> refused PLEDGED_UNITS by PLG-21\n"),
              testing::AllOf(HasSubstr("answered: ok"), HasSubstr("expected: refused PLEDGED_UNITS by PLG-21")));
}

TEST(ScenarioRunner, FieldsOfAnAnswerAreCompared) {
  ScriptedClient client;
  v1::OrderAnswer answer;
  answer.mutable_order()->set_state("FILLED");
  answer.mutable_order()->set_price_fen(420'000);
  client.Answer("Exchange/PlaceOrder", answer);
  const std::string command = "as operator\n  place-order contract X\n    -> ok, ";
  EXPECT_TRUE(Play(&client, command + "state is FILLED, price is 4,200.00 yuan, state is not SUBMITTED, cancel-reason is empty, lots has 0\n").status.ok());
  EXPECT_THAT(Failure(&client, command + "price is 4,300.00 yuan\n"), HasSubstr("answered: price is 4,200.00 yuan"));
  EXPECT_THAT(Failure(&client, command + "state is empty\n"), HasSubstr("answered: state is FILLED"));
  EXPECT_THAT(Failure(&client, command + "state is not FILLED\n"), HasSubstr("expected: state is not FILLED"));
  EXPECT_THAT(Failure(&client, command + "lots has 1\n"), HasSubstr("answered: lots has 0"));
  EXPECT_THAT(Failure(&client, command + "colour is red\n"), HasSubstr("there is no field 'colour'"));
  EXPECT_THAT(Failure(&client, command + "state FILLED\n"), HasSubstr("accepted: FIELD is VALUE"));
}

TEST(ScenarioRunner, WhatIsRememberedIsPutIntoLaterCommands) {
  ScriptedClient client;
  v1::OrderAnswer answer;
  answer.mutable_order()->set_name("orders/41");
  client.Answer("Exchange/PlaceOrder", answer);
  ASSERT_TRUE(Play(&client, "let mill = 9X\nas operator\n  place-order account ${mill}001.rights -> ok, remember order.name as order\n  cancel-order name $order\n").status.ok());
  v1::PlaceOrderRequest place;
  v1::CancelOrderRequest cancel;
  ASSERT_TRUE(place.ParseFromString(client.calls[client.calls.size() - 2].request));
  ASSERT_TRUE(cancel.ParseFromString(client.calls.back().request));
  EXPECT_EQ(place.account(), "accounts/9X001.rights");
  EXPECT_EQ(cancel.name(), "orders/41");
  EXPECT_THAT(Failure(&client, "as operator\n  cancel-order name $other\n"), HasSubstr("one.scenario:3: $other is not known"));
}

TEST(ScenarioRunner, PeopleActWithTheirOwnTokens) {
  ScriptedClient client;
  ASSERT_TRUE(Play(&client, "people\n  li-na of 9X: ENT_OPERATOR\nas li-na\n  cancel-order name 1\nas operator\n  admit li-na\nas li-na\n  cancel-order name 2\n"
                            "as li-na with token li-na\n  cancel-order name 3\nas nobody\n  cancel-order name 4\n").status.ok());
  std::vector<std::string> tokens;
  for (const auto& call : client.calls) {
    if (call.method == "Exchange/CancelOrder") tokens.push_back(call.token);
  }
  EXPECT_THAT(tokens, ElementsAre("token-of-li-na", "token-of-li-na.2", "token-of-li-na", ""));
  EXPECT_THAT(Failure(&client, "as wei\n  cancel-order name 1\n"), HasSubstr("one.scenario:2: 'wei' was not registered"));
}

TEST(ScenarioRunner, RolesInParenthesesAreAsked) {
  ScriptedClient client;
  v1::PersonAnswer answer;
  answer.mutable_person()->add_roles()->set_role(v1::PERMIT_APPROVER);
  answer.mutable_person()->mutable_roles(0)->set_region("220100");
  client.Answer("Participants/WhoAmI", answer);
  EXPECT_TRUE(Play(&client, "as operator (PERMIT_APPROVER 220100)\n  list-programs\n").status.ok());
  EXPECT_THAT(Failure(&client, "as operator (PERMIT_APPROVER 220200)\n  list-programs\n"), HasSubstr("operator is not PERMIT_APPROVER 220200 but PERMIT_APPROVER 220100"));
}

// The same scenario sent twice to one store is answered the second time, not carried out again.
TEST(ScenarioRunner, RequestIdsAreTheSameInEveryRun) {
  std::vector<std::string> ids[2];
  for (std::vector<std::string>& run : ids) {
    ScriptedClient client;
    ASSERT_TRUE(Play(&client, "as operator\n  cancel-order name 1\n  list-programs\n  cancel-order name 2\n").status.ok());
    for (const auto& call : client.calls) {
      v1::CancelOrderRequest request;
      if (call.method == "Exchange/CancelOrder" && request.ParseFromString(call.request)) run.push_back(request.request_id());
    }
  }
  EXPECT_EQ(ids[0], ids[1]);
  ASSERT_EQ(ids[0].size(), 2u);
  EXPECT_NE(ids[0][0], ids[0][1]);
  EXPECT_EQ(ids[0][0].substr(0, 9), "20260105-");
}

TEST(ScenarioRunner, LookingOnlyChangesNothingAndComparesNothing) {
  ScriptedClient client;
  const Played played = Play(&client, "use other\nas operator\n  note Tried\n  place-order contract X\n    -> refused PLEDGED_UNITS by PLG-21\n", /*look_only=*/true);
  ASSERT_TRUE(played.status.ok()) << played.status.message();
  v1::PlaceOrderRequest place;
  ASSERT_TRUE(place.ParseFromString(client.calls.back().request));
  EXPECT_TRUE(place.validate_only());
  for (const auto& call : client.calls) EXPECT_NE(call.method, "Participants/CreatePerson");
}

TEST(ScenarioRunner, RefusedAttemptsAreNoted) {
  ScriptedClient client;
  client.Refuse("Exchange/PlaceOrder", "PLEDGED_UNITS", "PLG-21");
  const Played played = Play(&client, "as operator\n  note She sells\n  place-order contract X -> refused PLEDGED_UNITS\n");
  ASSERT_EQ(played.refused.size(), 1u);
  EXPECT_EQ(played.refused[0].attempt, "She sells");
  EXPECT_EQ(played.refused[0].rule, "PLG-21");
}

TEST(ScenarioRunner, LedgerLinesAreHeldAgainstTheService) {
  ScriptedClient client;
  v1::LotAnswer answer;
  answer.mutable_lot()->set_name("lots/1");
  answer.mutable_lot()->set_program("programs/p");
  answer.mutable_lot()->set_quantity(100'000'000);
  answer.mutable_lot()->set_available(60'000'000);
  v1::Encumbrance* pledge = answer.mutable_lot()->add_encumbrances();
  pledge->set_kind("PLEDGE");
  pledge->set_quantity(40'000'000);
  client.Answer("Ledger/GetLot", answer);
  v1::ProgramAnswer program;
  program.mutable_program()->set_name("programs/p");
  program.mutable_program()->set_unit("g/a");
  program.mutable_program()->set_quoted_unit_steps(1'000'000);
  client.Answer("Ledger/GetProgram", program);
  v1::TransactionAnswer written;
  written.mutable_header()->set_sequence(9);
  client.Answer("Participants/CreateToken", written);

  EXPECT_TRUE(Play(&client, "ledger\n  lot lots/1: quantity 100 t, available 60 t, PLEDGE 40 t, ORDER 0 t\n").status.ok());
  EXPECT_EQ(Failure(&client, "ledger\n  lot lots/1: quantity 100 t,\n      available 61 t\n"),
            "one.scenario:4: ledger: lot lots/1:\n    it says:  available 60 t/a\n    expected: available 61 t");
  EXPECT_THAT(Failure(&client, "ledger\n  lot lots/1: PLEDGE 39 t\n"), HasSubstr("it says:  PLEDGE 40 t/a"));
  EXPECT_THAT(Failure(&client, "ledger\n  lot lots/1: colour red\n"), HasSubstr("no field 'colour'"));
  EXPECT_THAT(Failure(&client, "ledger\n  lot lots/1\n"), HasSubstr("accepted: a kind of thing"));
  EXPECT_THAT(Failure(&client, "ledger\n  mood lots/1: good\n"), HasSubstr("the ledger has no 'mood'"));
}

TEST(ScenarioRunner, WhatNamesNothingIsSaid) {
  ScriptedClient client;
  EXPECT_THAT(Failure(&client, "as operator\n  steal-units lot 1\n"), HasSubstr("one.scenario:3: there is no method 'steal-units'"));
  EXPECT_THAT(Failure(&client, "use other\n"), HasSubstr("one.scenario:2: there is no scenario 'other'"));
  EXPECT_THAT(Failure(&client, "clock 2026-01-05 08:00\n"), HasSubstr("one.scenario:2: the clock moves forward only"));
  EXPECT_THAT(Failure(&client, "let mill 9X\n"), HasSubstr("accepted: let NAME = VALUE"));
  EXPECT_THAT(Failure(&client, "people\n  li-na: ENT_OPERATOR\n"), HasSubstr("accepted: PERSON of PARTICIPANT"));
}

}  // namespace
}  // namespace songhua::simulations
