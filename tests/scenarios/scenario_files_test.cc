// Plays every scenario file, each on a fresh service, over gRPC; and checks of the files themselves that they say which rules they show and that together
// they show every method that changes something.
#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "simulations/demo/demo.h"
#include "simulations/scenario/request_fields.h"
#include "simulations/scenario/runner.h"
#include "simulations/scenario/scenario.h"
#include "tests/scenarios/scenario_world.h"

namespace songhua::simulations {
namespace {

const DirectoryLibrary& AllFiles() {
  static const auto* library = new DirectoryLibrary({SONGHUA_SOURCE "/tests/scenarios", SONGHUA_SOURCE "/simulations/demo"});
  return *library;
}

std::vector<Scenario> ParseAll() {
  std::vector<Scenario> scenarios;
  for (const std::string& name : AllFiles().Names()) {
    const auto text = AllFiles().Find(name);
    EXPECT_TRUE(text.ok());
    auto scenario = ParseScenario(text->file, text->text);
    EXPECT_TRUE(scenario.ok()) << scenario.status().message();
    if (scenario.ok()) scenarios.push_back(*std::move(scenario));
  }
  return scenarios;
}

class ScenarioFile : public testing::TestWithParam<std::string> {};

TEST_P(ScenarioFile, IsWhatTheServiceDoes) {
  // Those of the demonstration begin when it does; its year of rights is a demonstration of its own.
  const bool demo = GetParam().starts_with("jilin") && GetParam() != "jilin_year" && GetParam() != "jilin_lending";
  ScenarioWorld world(demo ? *ParseTimestamp(kDemoStart) : kScenarioStart);
  ScenarioRunner runner(world.Options(&AllFiles()));
  const absl::Status played = runner.Play(GetParam());
  ASSERT_TRUE(played.ok()) << played.message();
  const absl::Status reconciled = runner.Reconcile();
  EXPECT_TRUE(reconciled.ok()) << reconciled.message();
}

INSTANTIATE_TEST_SUITE_P(Scenarios, ScenarioFile, testing::ValuesIn(AllFiles().Names()), [](const auto& info) { return info.param; });

TEST(ScenarioFiles, CiteOnlyRulesThatExist) {
  std::ifstream in(SONGHUA_TESTDATA "/rules.txt");
  std::set<std::string> known;
  for (std::string rule; in >> rule;) known.insert(rule);
  ASSERT_GT(known.size(), 300u);
  for (const Scenario& scenario : ParseAll()) {
    for (const std::string& rule : scenario.rules) EXPECT_TRUE(known.contains(rule)) << scenario.file << " shows " << rule;
    for (const Block& block : scenario.blocks) {
      for (const Command& command : block.commands) {
        for (const auto& expectation : command.expectations) {
          for (size_t i = 0; i + 1 < expectation.size(); ++i) {
            if (expectation[i].text != "by" || expectation[0].text != "refused") continue;
            EXPECT_TRUE(known.contains(expectation[i + 1].text)) << scenario.file << ":" << command.line << " cites " << expectation[i + 1].text;
          }
        }
      }
    }
  }
}

TEST(ScenarioFiles, SayWhichRulesTheyShow) {
  for (const Scenario& scenario : ParseAll()) EXPECT_FALSE(scenario.rules.empty()) << scenario.file;
}

// A method that changes something without a scenario is a method that nobody has told a regulator about.
TEST(ScenarioFiles, ShowEveryWrite) {
  std::set<std::string> shown;
  for (const Scenario& scenario : ParseAll()) {
    for (const Block& block : scenario.blocks) {
      if (block.kind == BlockKind::kClock) shown.insert("advance-clock");
      if (block.kind == BlockKind::kPeople) shown.insert({"create-person", "create-token"});
      for (const Command& command : block.commands) shown.insert(command.words[0].text);
    }
  }
  std::vector<std::string> missing;
  for (const api::cli::Rpc& rpc : api::cli::Schema::Get().rpcs()) {
    if (rpc.write && !shown.contains(rpc.name)) missing.push_back(rpc.name);
  }
  EXPECT_THAT(missing, testing::IsEmpty());
}

}  // namespace
}  // namespace songhua::simulations
