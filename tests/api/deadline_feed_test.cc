#include "api/reads/deadline_feed.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace songhua::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DeadlineFeedTest : public testing::Test {
 protected:
  // A group with these deadlines, in the order of their changes.
  void Group(uint64_t sequence, const std::vector<uint64_t>& numbers) {
    EventLog log;
    log.Emit(EventType::kClock, sequence);
    for (const uint64_t number : numbers) {
      permits::DeadlineFields deadline;
      deadline.number = number;
      deadline.subject = "at " + std::to_string(sequence);
      log.Emit(EventType::kDeadlineChanged, deadline);
    }
    log.Emit(EventType::kRegistered, std::string("programs"), sequence);
    feed_.OnGroup({sequence, Timestamp(static_cast<int64_t>(sequence)), log.bytes()});
  }
  // "7 at 12": the deadlines that changed, and what follows "up to".
  std::vector<std::string> After(uint64_t sequence, size_t changes_max = 100) {
    const auto changes = feed_.After(sequence, changes_max);
    if (!changes.has_value()) return {"forgotten"};
    std::vector<std::string> texts;
    for (const auto& deadline : changes->deadlines) texts.push_back(std::to_string(deadline.number) + " " + deadline.subject);
    texts.push_back("up to " + std::to_string(changes->sequence));
    return texts;
  }

  DeadlineFeed feed_{10, {.bytes_max = 100'000, .groups_max = 3, .changes_max = 4}};
};

TEST_F(DeadlineFeedTest, WhatChangedTwiceIsToldOnceAsItIsNow) {
  EXPECT_THAT(After(10), ElementsAre("up to 10"));
  Group(12, {1, 2, 1});
  Group(15, {2, 3});
  EXPECT_THAT(After(10), ElementsAre("1 at 12", "2 at 15", "3 at 15", "up to 15"));
  EXPECT_THAT(After(12), ElementsAre("2 at 15", "3 at 15", "up to 15"));
  EXPECT_THAT(After(15), ElementsAre("up to 15"));
}

TEST_F(DeadlineFeedTest, WholeGroupsAreToldAsManyAsFit) {
  Group(12, {1, 2});
  Group(13, {3, 4});
  Group(14, {5});
  EXPECT_THAT(After(10, 3), ElementsAre("1 at 12", "2 at 12", "up to 12"));
  EXPECT_THAT(After(10, 4), ElementsAre("1 at 12", "2 at 12", "3 at 13", "4 at 13", "up to 13"));
  EXPECT_THAT(After(10, 1), ElementsAre("1 at 12", "2 at 12", "up to 12")) << "one group at least";
}

TEST_F(DeadlineFeedTest, GroupsWithoutDeadlinesMoveTheReaderOn) {
  Group(12, {});
  EXPECT_THAT(After(10), ElementsAre("up to 12"));
}

TEST_F(DeadlineFeedTest, TheOldestIsForgottenAndSaidToBe) {
  for (uint64_t sequence = 11; sequence <= 14; ++sequence) Group(sequence, {sequence});
  EXPECT_THAT(After(10), ElementsAre("forgotten"));
  EXPECT_THAT(After(11), ElementsAre("12 at 12", "13 at 13", "14 at 14", "up to 14"));
  EXPECT_THAT(After(9), ElementsAre("forgotten")) << "before it began";
}

TEST_F(DeadlineFeedTest, AGroupThatChangesTooMuchIsForgottenAtOnce) {
  Group(11, {1});
  Group(12, {1, 2, 3, 4, 5});
  EXPECT_THAT(After(11), ElementsAre("forgotten"));
  EXPECT_THAT(After(12), ElementsAre("up to 12"));
}

TEST_F(DeadlineFeedTest, BytesAreBounded) {
  DeadlineFeed small(10, {.bytes_max = 200, .groups_max = 1'000, .changes_max = 1'000});
  permits::DeadlineFields deadline;
  deadline.subject = std::string(120, 'x');
  for (uint64_t sequence = 11; sequence <= 13; ++sequence) {
    EventLog log;
    log.Emit(EventType::kDeadlineChanged, deadline);
    small.OnGroup({sequence, Timestamp(1), log.bytes()});
  }
  EXPECT_FALSE(small.After(11, 100).has_value());
  EXPECT_TRUE(small.After(13, 100).has_value());
}

TEST_F(DeadlineFeedTest, WatchersAreCalledForDeadlinesOnlyUntilTheyLeave) {
  int called = 0;
  const auto id = feed_.feed().Watch([&] { ++called; });
  ASSERT_TRUE(id.ok());
  Group(11, {});
  EXPECT_EQ(called, 0);
  Group(12, {1});
  Group(13, {1, 2, 3, 4, 5});
  EXPECT_EQ(called, 2);
  feed_.feed().Unwatch(*id);
  Group(14, {1});
  EXPECT_EQ(called, 2);
}

TEST_F(DeadlineFeedTest, ItKnowsWhenAbsencesChanged) {
  EXPECT_EQ(feed_.absences_sequence(), 0u);
  EventLog log;
  log.Emit(EventType::kRegistered, std::string("absences/3"), std::string("li"));
  feed_.OnGroup({12, Timestamp(1), log.bytes()});
  Group(13, {1});
  EXPECT_EQ(feed_.absences_sequence(), 12u);
}

}  // namespace
}  // namespace songhua::api
