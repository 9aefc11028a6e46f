// Twenty seeds of everything that can go wrong (DESIGN.md section 10). A failing seed is reproduced with
// `songhua simulate faults --seed S --steps N`.
#include "simulations/fault_simulator.h"

#include <cstdlib>

#include "gtest/gtest.h"

namespace songhua::simulations {
namespace {

class FaultSimulatorTest : public testing::TestWithParam<uint64_t> {};

TEST_P(FaultSimulatorTest, NothingAcknowledgedIsLostAndTheModelAgrees) {
  FaultOptions options;
  options.seed = GetParam();
  options.steps = std::getenv("SONGHUA_NIGHTLY") != nullptr ? 60'000 : 6'000;
  SCOPED_TRACE("songhua simulate faults --seed " + std::to_string(options.seed) + " --steps " + std::to_string(options.steps));
  const auto report = SimulateFaults(options);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_GT(report->commands, 500u);
  EXPECT_GT(report->commands - report->refusals, report->commands / 4) << "most of what is tried should be worth trying";
  EXPECT_GT(report->filled, 5u);
  EXPECT_GT(report->crashes, 0u);
  EXPECT_GT(report->repeats, 0u);
  EXPECT_GT(report->archives, 0u);
  EXPECT_GT(report->permits.accepted, 30u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FaultSimulatorTest, testing::Range<uint64_t>(1, 21));

// A model that agrees proves little of what never happened.
TEST(FaultSimulatorTest, WhatTheLawMakesOfActsAndTimeComesAbout) {
  FaultOptions options;
  options.seed = 7;
  options.steps = 40'000;
  SCOPED_TRACE("songhua simulate faults --seed 7 --steps 40000");
  const auto report = SimulateFaults(options);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_GT(report->permits.granted, 0u);
  EXPECT_GT(report->permits.denied, 0u);
  EXPECT_GT(report->permits.deemed, 0u) << "acceptance by time";
  EXPECT_GT(report->permits.lapsed, 0u);
  EXPECT_GT(report->permits.overdue, 0u);
  EXPECT_GT(report->permits.carried, 0u) << "permits that went on after their last day";
  EXPECT_GT(report->permits.permits_ended, 0u);
  EXPECT_GT(report->permits.orders_ended, 0u);
}

TEST(FaultSimulatorTest, TheSameSeedDoesTheSameAgain) {
  FaultOptions options;
  options.seed = 77;
  options.steps = 3'000;
  const auto first = SimulateFaults(options);
  const auto second = SimulateFaults(options);
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  EXPECT_EQ(first->digest, second->digest);
  EXPECT_EQ(first->deliveries, second->deliveries);
}

}  // namespace
}  // namespace songhua::simulations
