// `songhua simulate market` as a person runs it: what it prints and draws, and what does not go together.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/command.h"
#include "api/cli/verbs.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "simulations/bench_directory.h"

namespace songhua::simulations {
namespace {

using ::testing::HasSubstr;

struct Said {
  int code = 0;
  std::string out, err;
};

Said RunVerb(const std::vector<std::string>& words) {
  const api::cli::Verb verb = api::cli::SimulateMarketVerb();
  std::ostringstream out, err;
  api::cli::Invocation invocation;
  invocation.verb = &verb;
  auto arguments = api::cli::ParseArguments(words, verb.flags);
  if (!arguments.ok()) return {-1, "", std::string(arguments.status().message())};
  invocation.arguments = *std::move(arguments);
  invocation.io.out = &out;
  invocation.io.err = &err;
  const int code = verb.run(invocation);
  return {code, out.str(), err.str()};
}

TEST(SimulateMarketVerb, PrintsBothMechanismsAndDraws) {
  auto directory = BenchDirectory::Make(std::filesystem::temp_directory_path().string());
  ASSERT_TRUE(directory.ok()) << directory.status();
  const std::string path = (*directory)->path() + "/prices.svg";
  const Said said = RunVerb({"--call", "--periods", "2", "--plot", path});
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("equilibrium: price 2.00 yuan, quantity 5 to 6, surplus 7.50 yuan a period"));
  EXPECT_THAT(said.out, HasSubstr("continuous double auction"));
  EXPECT_THAT(said.out, HasSubstr("call auction, 8 a period"));
  EXPECT_THAT(said.out, HasSubstr("invariants hold"));
  std::ifstream file(path);
  const std::string svg((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_THAT(svg, HasSubstr("</svg>"));
  EXPECT_EQ(RunVerb({"--periods", "1", "--plot", (*directory)->path() + "/missing/prices.svg"}).code, 1);
}

TEST(SimulateMarketVerb, WhatDoesNotGoTogetherIsRefused) {
  EXPECT_EQ(RunVerb({"--chart", "6"}).code, 2);
  EXPECT_EQ(RunVerb({"--agents", "people"}).code, 2);
  EXPECT_EQ(RunVerb({"--agents", "abating", "--chart", "1"}).code, 2);
  EXPECT_EQ(RunVerb({"--enterprises", "5"}).code, 2);
  EXPECT_EQ(RunVerb({"--calls", "5"}).code, 2);
}

}  // namespace
}  // namespace songhua::simulations
