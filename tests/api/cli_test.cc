// The command line's parser, its words for people, and its help.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "api/cli/client.h"
#include "api/cli/flags.h"
#include "api/cli/schema.h"
#include "api/cli/table.h"
#include "api/cli/text.h"
#include "api/cli/tokens.h"
#include "tests/api/cli_testing.h"

namespace songhua::api::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::vector<FlagSpec> kFlags = {{"price", "YUAN", ""}, {"lot", "LOT", "", true}, {"json", "", ""}, {"quantity", "QUANTITY", ""}};

std::string Refusal(const std::vector<std::string>& words) {
  const auto arguments = ParseArguments(words, kFlags);
  return arguments.ok() ? "accepted" : std::string(arguments.status().message());
}

TEST(FlagsTest, ValuesFollowAFlagOrItsEqualsSign) {
  const auto arguments = ParseArguments({"A", "--price", "80", "--quantity=5", "--json", "B"}, kFlags);
  ASSERT_TRUE(arguments.ok());
  EXPECT_THAT(arguments->positionals, ElementsAre("A", "B"));
  EXPECT_EQ(arguments->GetOr("price", ""), "80");
  EXPECT_EQ(arguments->GetOr("quantity", ""), "5");
  EXPECT_TRUE(arguments->IsSet("json"));
}

TEST(FlagsTest, ASwitchTakesNoWordAfterIt) {
  const auto arguments = ParseArguments({"--json", "true", "--json=false"}, {{"json", "", "", true}});
  ASSERT_TRUE(arguments.ok());
  EXPECT_THAT(arguments->positionals, ElementsAre("true"));
  EXPECT_FALSE(arguments->IsSet("json"));
  EXPECT_THAT(Refusal({"--json=maybe"}), HasSubstr("--json=true or --json=false"));
}

TEST(FlagsTest, ANegativeNumberIsAValue) {
  const auto arguments = ParseArguments({"--price", "-5"}, kFlags);
  ASSERT_TRUE(arguments.ok());
  EXPECT_EQ(arguments->GetOr("price", ""), "-5");
}

TEST(FlagsTest, AFlagDoesNotSwallowTheNextFlag) {
  EXPECT_EQ(Refusal({"--price", "--quantity", "5"}), "--price has no value; accepted: --price YUAN or --price=YUAN");
  EXPECT_EQ(Refusal({"--price"}), "--price has no value; accepted: --price YUAN or --price=YUAN");
}

TEST(FlagsTest, AnUnknownFlagIsRefusedWithTheNearest) {
  EXPECT_EQ(Refusal({"--prcie", "80"}), "there is no flag --prcie; did you mean --price?");
  EXPECT_EQ(Refusal({"--wombat"}), "there is no flag --wombat; accepted: --price --lot --json --quantity");
}

TEST(FlagsTest, OnlyARepeatedFlagMayBeGivenTwice) {
  EXPECT_EQ(Refusal({"--price", "1", "--price", "2"}), "--price is given twice; accepted: once");
  const auto arguments = ParseArguments({"--lot", "1", "--lot=2"}, kFlags);
  ASSERT_TRUE(arguments.ok());
  EXPECT_THAT(arguments->All("lot"), ElementsAre("1", "2"));
}

TEST(FlagsTest, TwoDashesEndTheFlags) {
  const auto arguments = ParseArguments({"--json", "--", "--price", "x"}, kFlags);
  ASSERT_TRUE(arguments.ok());
  EXPECT_THAT(arguments->positionals, ElementsAre("--price", "x"));
}

TEST(NumbersTest, DecimalsAreExact) {
  EXPECT_EQ(*ParseDecimal("80", 2, "price"), 8000);
  EXPECT_EQ(*ParseDecimal("80.5", 2, "price"), 8050);
  EXPECT_EQ(*ParseDecimal("-0.01", 2, "price"), -1);
  EXPECT_EQ(*ParseDecimal("1,234,567.80", 2, "price"), 123456780);
  EXPECT_EQ(*ParseDecimal("80.5000", 2, "price"), 8050);
  EXPECT_EQ(*ParseInteger("9223372036854775807", "n"), INT64_MAX);
}

TEST(NumbersTest, WhatIsNoNumberOrTooFineOrTooLargeIsRefused) {
  for (const char* text :
       {"", "x", "1.2.3", "80.005", "8 0", "--1", "1-", ".", "80,00", "1,23,456", "1,2345", ",100", "0x10", "1e3", "８０"}) {
    EXPECT_FALSE(ParseDecimal(text, 2, "price").ok()) << text;
  }
  EXPECT_EQ(ParseDecimal("9223372036854775807", 2, "price").status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_FALSE(ParseInteger("1.0", "n").ok());
}

TEST(TextTest, NamesChangeTheirSpelling) {
  EXPECT_EQ(KebabCase("TransferUnits"), "transfer-units");
  EXPECT_EQ(KebabCase("WhoAmI"), "who-am-i");
  EXPECT_EQ(KebabCase("GetURL"), "get-url");
  EXPECT_EQ(FlagCase("valid_from"), "valid-from");
}

TEST(TextTest, NumbersForPeopleLoseNothing) {
  EXPECT_EQ(Thousands(0), "0");
  EXPECT_EQ(Thousands(-1234567), "-1,234,567");
  EXPECT_EQ(Thousands(INT64_MIN), "-9,223,372,036,854,775,808");
  EXPECT_EQ(Decimal(800000, 2, 2), "8,000.00");
  EXPECT_EQ(Decimal(1234500, 6, 0), "1.2345");
  EXPECT_EQ(Decimal(-1, 2, 2), "-0.01");
  EXPECT_EQ(Decimal(INT64_MIN, 2, 2), "-92,233,720,368,547,758.08");
}

TEST(TextTest, ChineseCharactersTakeTwoColumns) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("长春热电"), 8u);
  std::ostringstream out;
  Table table({{"NAME"}, {"T", true}});
  table.Add({"长春", "1"});
  table.Add({"abcdef", "22"});
  table.Print(out);
  EXPECT_EQ(out.str(), "NAME     T\n长春     1\nabcdef  22\n");
}

TEST(TextTest, AColumnWithoutCellsIsLeftOut) {
  std::ostringstream out;
  Table table({{"A"}, {"EMPTY"}, {"B"}});
  table.Add({"1", "", "2"});
  table.Print(out);
  EXPECT_EQ(out.str(), "A  B\n1  2\n");
}

TEST(TextTest, TheNearestMatchIsNearOrNone) {
  const std::vector<std::string> words = {"cancel", "buy", "sell", "statement"};
  EXPECT_EQ(NearestMatch("cancle", words), "cancel");
  EXPECT_EQ(NearestMatch("sel", words), "sell");
  EXPECT_EQ(NearestMatch("stat", words), "statement");
  EXPECT_EQ(NearestMatch("frobnicate", words), "");
}

TEST(HelpTest, EveryVerbHasAPageThatNamesItsFlags) {
  const Registry registry = MakeRegistry();
  for (const Verb& verb : registry.verbs()) {
    SCOPED_TRACE(verb.name());
    std::ostringstream page;
    PrintVerb(verb, page);
    EXPECT_THAT(page.str(), HasSubstr("songhua " + verb.name()));
    EXPECT_THAT(verb.summary, Not(HasSubstr("\n")));
    EXPECT_NE(verb.summary.back(), '.');
    for (const FlagSpec& flag : verb.flags) {
      EXPECT_THAT(page.str(), HasSubstr("--" + flag.name));
      EXPECT_THAT(flag.help, Not(IsEmpty())) << flag.name;
    }
    for (const Example& example : verb.examples)
      EXPECT_EQ(example.command.compare(0, verb.name().size(), verb.name()), 0) << example.command;
  }
}

// An example that the parser refuses is worse than none.
TEST(HelpTest, EveryExampleParses) {
  const Registry registry = MakeRegistry();
  for (const Verb& verb : registry.verbs()) {
    std::vector<FlagSpec> flags = verb.flags;
    flags.insert(flags.end(), ClientFlags().begin(), ClientFlags().end());
    for (const Example& example : verb.examples) {
      SCOPED_TRACE(example.command);
      std::vector<std::string> words;
      bool quoted = false;
      std::string word;
      for (const char c : example.command + " ") {
        if (c == '"') {
          quoted = !quoted;
        } else if (c == ' ' && !quoted) {
          if (!word.empty()) words.push_back(word);
          word.clear();
        } else {
          word += c;
        }
      }
      words.erase(words.begin(), words.begin() + static_cast<ptrdiff_t>(verb.words.size()));
      const auto arguments = ParseArguments(words, flags);
      ASSERT_TRUE(arguments.ok()) << arguments.status();
      for (const FlagSpec& flag : verb.flags) {
        EXPECT_TRUE(!flag.required || arguments->Has(flag.name)) << flag.name;
      }
    }
  }
}

TEST(HelpTest, EveryMethodOfEveryServiceIsAVerb) {
  const Registry registry = MakeRegistry();
  EXPECT_GE(Schema::Get().rpcs().size(), 70u);
  for (const Rpc& rpc : Schema::Get().rpcs()) {
    size_t used = 0;
    const Verb* verb = registry.Find({rpc.group, rpc.name}, &used);
    ASSERT_NE(verb, nullptr) << rpc.path;
    EXPECT_EQ(used, 2u) << rpc.path;
    EXPECT_THAT(rpc.comment, Not(IsEmpty())) << rpc.path;
  }
}

// What officers do with rights every day, they can say in short.
TEST(HelpTest, EveryMethodOfTheServicesOfRightsHasAShortVerb) {
  const Registry registry = MakeRegistry();
  for (const Rpc& rpc : Schema::Get().rpcs()) {
    const std::string& service = rpc.method->service()->name();
    const std::vector<std::string> services = {"Allocations", "PaidUseFees",    "Surpluses",        "RightsYears", "Leases", "Recoveries",
                                               "Extinctions", "BankStatements", "RegistryControls", "DayOne", "RegionStatuses"};
    if (std::find(services.begin(), services.end(), service) == services.end()) continue;
    const std::string short_for = "Short for: songhua " + rpc.group + " " + rpc.name;
    const bool found = std::any_of(registry.verbs().begin(), registry.verbs().end(), [&](const Verb& verb) {
      const size_t at = verb.description.find(short_for);
      return verb.listed && at != std::string::npos && (at + short_for.size() == verb.description.size() || verb.description[at + short_for.size()] == ' ');
    });
    EXPECT_TRUE(found) << rpc.path;
  }
}

TEST(HelpTest, TheShortVerbsOfRightsStandOnTheFirstPage) {
  FakeService service;
  const std::string page = RunSonghua(&service, {"help"}).out;
  for (const char* verb : {"allocation begin", "fee pay", "surplus verify", "year close", "lease propose", "recovery announce", "extinction replace", "statement-file add",
                           "transfer approve", "trusted add", "day-one errors", "import rights"}) {
    EXPECT_THAT(page, HasSubstr(std::string("\n  ") + verb + " ")) << verb;
  }
}

TEST(HelpTest, FieldsAreExplainedInTheWordsOfTheProto) {
  FakeService service;
  const Ran ran = RunSonghua(&service, {"help", "ledger", "allocate-right"});
  EXPECT_EQ(ran.code, kExitOk);
  EXPECT_THAT(ran.out, HasSubstr("--from-lot LOT"));
  EXPECT_THAT(ran.out, HasSubstr("The reserve's lot to carve from."));
  EXPECT_THAT(ran.out, HasSubstr("--cost YUAN"));
  EXPECT_THAT(RunSonghua(&service, {"help", "ledger"}).out, HasSubstr("transfer-units"));
  EXPECT_THAT(RunSonghua(&service, {"buy", "--help"}).out, HasSubstr("Place an order to buy"));
}

TEST(HelpTest, WhatTheServiceSetsIsNoFlag) {
  FakeService service;
  const Ran ran = RunSonghua(&service, {"help", "participants", "create-site"});
  EXPECT_THAT(ran.out, HasSubstr("--site.region"));
  EXPECT_THAT(ran.out, Not(HasSubstr("rights-account")));
}

TEST(HelpTest, AnUnknownVerbIsAnsweredWithTheNearest) {
  FakeService service;
  const Ran first = RunSonghua(&service, {"holdngs", "x"});
  EXPECT_EQ(first.code, kExitUsage);
  EXPECT_THAT(first.err, HasSubstr("did you mean 'holdings'?"));
  EXPECT_THAT(RunSonghua(&service, {"pledge", "aprove", "3"}).err, HasSubstr("did you mean 'pledge approve'?"));
  EXPECT_THAT(RunSonghua(&service, {"pledge"}).err, HasSubstr("accepted: apply, verify"));
  EXPECT_TRUE(service.calls.empty());
}

TEST(HelpTest, AVerbThatIsAServiceTooLeadsToBoth) {
  FakeService service;
  const Ran page = RunSonghua(&service, {"help", "trades"});
  EXPECT_THAT(page.out, HasSubstr("songhua trades [flags]"));
  EXPECT_THAT(page.out, HasSubstr("trades verify-trade"));
  EXPECT_THAT(RunSonghua(&service, {"trades", "verfy-trade"}).err, HasSubstr("did you mean 'trades verify-trade'?"));
}

TEST(HelpTest, MissingAndSuperfluousArgumentsAreNamed) {
  FakeService service;
  EXPECT_THAT(RunSonghua(&service, {"book"}).err, HasSubstr("CONTRACT is missing"));
  EXPECT_THAT(RunSonghua(&service, {"book", "A", "B"}).err, HasSubstr("there is no place for 'B'"));
  EXPECT_THAT(RunSonghua(&service, {"buy", "C", "--account", "a", "--price", "1"}).err, HasSubstr("--quantity QUANTITY is missing"));
  EXPECT_EQ(RunSonghua(&service, {"book"}).code, kExitUsage);
  EXPECT_TRUE(service.calls.empty());
}

TEST(TokensTest, ATokenFileIsItsOwnersAlone) {
  const std::string directory = ::testing::TempDir() + "/songhua_tokens_" + RandomHex(6);
  const std::string path = *TokenFile(directory, "people/zhang-li");
  EXPECT_EQ(path, directory + "/zhang-li");
  const std::string token = DrawToken();
  EXPECT_EQ(token.size(), 64u);
  EXPECT_NE(token, DrawToken());
  ASSERT_TRUE(WriteTokenFile(path, token).ok());
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(*ReadTokenFile(path), token);
  ASSERT_TRUE(WriteTokenFile(path, "second").ok());
  EXPECT_EQ(*ReadTokenFile(path), "second");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory), {}), 1);
  std::filesystem::remove_all(directory);
}

TEST(TokensTest, APersonIsNoWayOutOfTheDirectory) {
  for (const char* person : {"", ".", "../operator", "people/../x", "a/b", "/etc/passwd"})
    EXPECT_FALSE(TokenFile("var/tokens", person).ok()) << person;
}

TEST(TokensTest, HashesAreOfTheTokenAsItIsSent) {
  EXPECT_EQ(TokenSha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

absl::StatusOr<ClientOptions> Options(const std::vector<std::string>& words) {
  const auto arguments = ParseArguments(words, ClientFlags());
  return arguments.ok() ? ReadClientOptions(*arguments) : arguments.status();
}

TEST(ClientOptionsTest, ATokenDoesNotTravelInClear) {
  EXPECT_TRUE(Options({"--server", "127.0.0.1:1", "--token", "t"}).ok());
  EXPECT_TRUE(Options({"--server", "market.example:1"}).ok());
  EXPECT_THAT(Options({"--server", "market.example:1", "--token", "t"}).status().message(), HasSubstr("accepted: --ca FILE"));
  EXPECT_FALSE(Options({"--server", "127.0.0.1.example.com:1", "--token", "t"}).ok());
  EXPECT_FALSE(Options({"--server", "localhost.example.com:1", "--token", "t"}).ok());
}

TEST(ClientOptionsTest, OneTokenAtMost) {
  EXPECT_FALSE(Options({"--token", "t", "--as", "x"}).ok());
  ::setenv("SONGHUA_TOKENS", "/no/such/directory", 1);
  EXPECT_THAT(Options({"--as", "li"}).status().message(), HasSubstr("accepted: nobody, there are none in /no/such/directory"));
  ::unsetenv("SONGHUA_TOKENS");
  EXPECT_FALSE(Options({"--token", "a b"}).ok());
}

// Runs in a directory of its own, without SONGHUA_TOKENS.
class TokenPlaces : public testing::Test {
 protected:
  TokenPlaces() : before_(std::filesystem::current_path()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "songhua-tokens-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    std::filesystem::current_path(directory_);
    ::unsetenv("SONGHUA_TOKENS");
  }
  ~TokenPlaces() override {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(directory_);
  }

 private:
  const std::filesystem::path before_;
  std::filesystem::path directory_;
};

TEST_F(TokenPlaces, TheDemonstrationsTokensAreFoundWhereItLeavesThem) {
  ASSERT_TRUE(WriteTokenFile("var/demo/tokens/li", "of-the-demonstration").ok());
  EXPECT_EQ(Options({"--as", "li"})->token, "of-the-demonstration");
  const auto nobody = Options({"--as", "wang"}).status();
  EXPECT_THAT(nobody.message(), HasSubstr("var/demo/tokens/wang"));
  EXPECT_THAT(nobody.message(), HasSubstr("accepted: li"));
  EXPECT_THAT(nobody.message(), HasSubstr("SONGHUA_TOKENS"));
}

TEST_F(TokenPlaces, AnOwnServicesTokensComeBeforeTheDemonstrations) {
  ASSERT_TRUE(WriteTokenFile("var/demo/tokens/li", "of-the-demonstration").ok());
  ASSERT_TRUE(WriteTokenFile("var/tokens/li", "of-an-own-service").ok());
  EXPECT_EQ(Options({"--as", "li"})->token, "of-an-own-service");
  ::setenv("SONGHUA_TOKENS", "var/demo/tokens", 1);
  EXPECT_EQ(Options({"--as", "li"})->token, "of-the-demonstration");
  ::unsetenv("SONGHUA_TOKENS");
}

TEST_F(TokenPlaces, WhereThereAreNoneTheDefaultIsNamed) {
  EXPECT_THAT(Options({"--as", "li"}).status().message(), HasSubstr("there are none in var/tokens"));
}

TEST(ClientOptionsTest, ADeadlineHasBounds) {
  EXPECT_EQ(Options({"--deadline", "5"})->deadline_seconds, 5);
  EXPECT_EQ(Options({})->stream_deadline_seconds, 0);
  for (const char* text : {"0", "-1", "3601", "x"}) EXPECT_FALSE(Options({"--deadline", text}).ok()) << text;
}

}  // namespace
}  // namespace songhua::api::cli
