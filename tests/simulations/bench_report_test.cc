#include "simulations/bench_report.h"

#include <limits>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace songhua::simulations {
namespace {

using testing::HasSubstr;

BenchResult Matcher() {
  return {.name = "matcher/normal",
          .value = 12'345'678.25,
          .unit = "msgs/s",
          .p50_ns = 55,
          .p99_ns = 190,
          .p999_ns = 1'250,
          .limit = 3'900'000,
          .ratio = 3.16555,
          .note = "only for people"};
}

TEST(BenchReportTest, JsonIsOneObjectWithTheAgreedNames) {
  EXPECT_EQ(BenchJson({Matcher()}),
            "{\"results\":[{\"name\":\"matcher/normal\",\"value\":12345678.3,\"unit\":\"msgs/s\",\"p50_ns\":55,\"p99_ns\":190,\"p999_ns\":1250,"
            "\"limit\":3900000,\"ratio\":3.1656}]}");
  EXPECT_EQ(BenchJson({}), "{\"results\":[]}");
}

TEST(BenchReportTest, JsonSeparatesResults) {
  const std::string json = BenchJson({Matcher(), {.name = "engine", .unit = "commands/s"}});
  EXPECT_THAT(json, HasSubstr("},{\"name\":\"engine\",\"value\":0,"));
}

TEST(BenchReportTest, WhatIsNoNumberBecomesZeroInJson) {
  BenchResult result = Matcher();
  result.ratio = std::numeric_limits<double>::infinity();
  result.limit = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(BenchJson({result}), HasSubstr("\"limit\":0,\"ratio\":0}"));
}

TEST(BenchReportTest, JsonEscapesNames) {
  EXPECT_THAT(BenchJson({{.name = "a\"b\\c\n", .unit = "x"}}), HasSubstr("\"name\":\"a\\\"b\\\\c\""));
}

TEST(BenchReportTest, TheTableShowsTheRatioBesideBothFigures) {
  std::ostringstream out;
  PrintBenchTable({Matcher(), {.name = "commit", .value = 150'000, .unit = "ns", .p50_ns = 150'000, .p99_ns = 4'000'000, .limit = 120'000, .ratio = 1.25}},
                  out);
  EXPECT_THAT(out.str(), HasSubstr("3.17"));
  EXPECT_THAT(out.str(), HasSubstr("12,345,678 msgs/s"));
  EXPECT_THAT(out.str(), HasSubstr("55 ns"));
  EXPECT_THAT(out.str(), HasSubstr("1.2 us"));
  EXPECT_THAT(out.str(), HasSubstr("only for people"));
  EXPECT_THAT(out.str(), HasSubstr("150 us"));
  EXPECT_THAT(out.str(), HasSubstr("4.0 ms"));
}

TEST(BenchReportTest, TheMachineIsNamedInOneLine) {
  const std::string line = MachineLine("/");
  EXPECT_THAT(line, HasSubstr("GiB, Linux "));
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace songhua::simulations
