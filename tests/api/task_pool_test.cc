#include "api/services/task_pool.h"

#include <future>
#include <thread>

#include "gtest/gtest.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

// A task whose outcome can be waited for.
struct Watched {
  std::shared_ptr<std::promise<absl::Status>> promise = std::make_shared<std::promise<absl::Status>>();
  TaskPool::Task Make(uint64_t at_least, TaskPool::Clock::time_point deadline = TaskPool::Clock::time_point::max()) {
    return {at_least, deadline, [promise = promise](const absl::Status& status) { promise->set_value(status); }};
  }
  absl::Status Wait() { return promise->get_future().get(); }
};

TEST(TaskPoolTest, TasksRunWhenTheirSequenceIsReleased) {
  TaskPool pool(1, 10, 5);
  Watched now, later, last;
  ASSERT_TRUE(pool.Submit(last.Make(8)).ok());
  ASSERT_TRUE(pool.Submit(later.Make(7)).ok());
  ASSERT_TRUE(pool.Submit(now.Make(5)).ok());
  EXPECT_TRUE(now.Wait().ok());
  pool.Release(7);
  EXPECT_TRUE(later.Wait().ok());
  pool.Release(9);
  EXPECT_TRUE(last.Wait().ok());
}

TEST(TaskPoolTest, ATaskThatWaitsInVainEndsWithItsDeadline) {
  TaskPool pool(1, 10, 0);
  Watched forever, brief;
  ASSERT_TRUE(pool.Submit(forever.Make(1)).ok());
  ASSERT_TRUE(pool.Submit(brief.Make(1, TaskPool::Clock::now())).ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(brief.Wait()));
  pool.Close();
  EXPECT_TRUE(absl::IsUnavailable(forever.Wait()));
}

TEST(TaskPoolTest, ACancelledTaskGivesItsPlaceBack) {
  TaskPool pool(1, 1, 0);
  Watched first, second;
  const auto id = pool.Submit(first.Make(1));
  ASSERT_TRUE(id.ok());
  EXPECT_TRUE(absl::IsResourceExhausted(pool.Submit(second.Make(1)).status()));
  pool.Cancel(*id);
  EXPECT_TRUE(absl::IsCancelled(first.Wait()));
  ASSERT_TRUE(pool.Submit(second.Make(0)).ok());
  EXPECT_TRUE(second.Wait().ok());
  pool.Cancel(*id);  // long gone
}

TEST(TaskPoolTest, AClosedPoolTakesNothingIn) {
  TaskPool pool(2, 10, 0);
  pool.Close();
  EXPECT_TRUE(absl::IsUnavailable(pool.Submit(Watched().Make(0)).status()));
}

TEST(TaskPoolTest, EveryTaskRunsOnceWhateverHappens) {
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> runs{0};
    {
      TaskPool pool(3, 1'000, 0);
      std::vector<std::thread> threads;
      std::atomic<int> taken{0};
      for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&, t] {
          for (uint64_t i = 0; i < 50; ++i) {
            const auto deadline = i % 3 == 0 ? TaskPool::Clock::now() : TaskPool::Clock::time_point::max();
            const auto id = pool.Submit({i % 7, deadline, [&](const absl::Status&) { ++runs; }});
            if (id.ok()) ++taken;
            if (id.ok() && i % 5 == 0) pool.Cancel(*id);
            if (t == 0) pool.Release(i / 10);
          }
        });
      }
      for (std::thread& thread : threads) thread.join();
      pool.Close();
      EXPECT_EQ(runs, taken);
    }
  }
}

}  // namespace
}  // namespace songhua::api
