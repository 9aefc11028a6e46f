#include "simulations/matcher_bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>

#ifdef __x86_64__
#include <x86intrin.h>
#endif

#include "exchange/tick_ladder.h"
#include "ledger/check.h"
#include "simulations/matcher_workloads.h"
#include "simulations/multimap_book.h"

namespace songhua::simulations {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// The finest clock there is, in steps of its own. It waits for what comes before it in the program.
uint64_t ReadTicks() {
#ifdef __x86_64__
  unsigned processor;
  return __rdtscp(&processor);
#else
  return static_cast<uint64_t>(Clock::now().time_since_epoch().count());
#endif
}

// Counts what happened, and folds it into a digest that two books must agree on.
class TallySink final : public exchange::EventSink {
 public:
  void OnAccepted(const exchange::Accepted& e) override { Fold(e.id, e.quantity); }
  void OnFill(const exchange::Fill& e) override { Fold(e.maker_id ^ e.taker_id << 32, e.quantity ^ e.price << 32); }
  void OnCanceled(const exchange::Canceled& e) override { Fold(e.id, e.open_quantity); }
  void OnReplaced(const exchange::Replaced& e) override { Fold(e.id, e.open_quantity ^ e.price << 32); }
  void OnRejected(const exchange::Rejected& e) override { Fold(e.id, static_cast<int64_t>(e.reason)); }

  uint64_t digest() const { return digest_; }

 private:
  void Fold(uint64_t a, int64_t b) { digest_ = (digest_ ^ a ^ static_cast<uint64_t>(b) << 16) * 0x100000001B3u; }

  uint64_t digest_ = 0xCBF29CE484222325u;
};

// The message after the next ones is brought past the outer caches, which are the book's: who receives orders has them in a small ring, not in a stream of 48
// megabytes that goes by once.
template <class Book>
void Apply(Book& book, const MatcherMessage& message, TallySink& sink) {
  __builtin_prefetch(reinterpret_cast<const char*>(&message) + 1024, 0, 0);
  switch (message.kind) {
    case MatcherMessageKind::kAdd:
      book.Add({.id = message.id,
                .side = message.side,
                .price = message.price,
                .quantity = message.quantity,
                .time_in_force = message.time_in_force,
                .post_only = false,
                .owner = message.owner},
               sink);
      break;
    case MatcherMessageKind::kCancel:
      book.Cancel(message.id, sink);
      break;
    case MatcherMessageKind::kReplace:
      book.Replace(message.id, message.price, message.quantity, sink);
      break;
  }
}

struct Throughput {
  double messages_per_second = 0;
  uint64_t digest = 0;
};

template <class Book>
Throughput MeasureThroughput(const std::vector<MatcherMessage>& messages) {
  Book book;
  TallySink sink;
  const Clock::time_point start = Clock::now();
  for (const MatcherMessage& message : messages) Apply(book, message, sink);
  return {static_cast<double>(messages.size()) / SecondsSince(start), sink.digest()};
}

// What one reading costs, in ticks: the smallest distance of two in a row.
uint64_t ClockCost() {
  uint64_t cost = UINT64_MAX;
  for (int i = 0; i < 10'000; ++i) {
    const uint64_t before = ReadTicks();
    cost = std::min(cost, ReadTicks() - before);
  }
  return cost;
}

struct Latencies {
  int64_t p50_ns = INT64_MAX;
  int64_t p99_ns = INT64_MAX;
  int64_t p999_ns = INT64_MAX;
};

Latencies MeasureLatencies(const std::vector<MatcherMessage>& messages) {
  std::vector<uint32_t> ticks(messages.size());
  exchange::TickLadder book;
  TallySink sink;
  const uint64_t clock_cost = ClockCost();
  const Clock::time_point start = Clock::now();
  const uint64_t first = ReadTicks();
  uint64_t before = first;
  for (size_t i = 0; i < messages.size(); ++i) {
    Apply(book, messages[i], sink);
    const uint64_t after = ReadTicks();
    ticks[i] = static_cast<uint32_t>(std::min<uint64_t>(after - before, UINT32_MAX));
    before = after;
  }
  const double ns_per_tick = SecondsSince(start) * 1e9 / static_cast<double>(before - first);
  std::sort(ticks.begin(), ticks.end());
  const auto quantile = [&](size_t per_mille) {
    const uint64_t value = ticks[(ticks.size() - 1) * per_mille / 1000];
    return static_cast<int64_t>(static_cast<double>(value - std::min(value, clock_cost)) * ns_per_tick);
  };
  return {quantile(500), quantile(990), quantile(999)};
}

// What a load takes that waits for the one before it, anywhere in as much memory as the deepest of the workloads has its book in.
double OneLoadNanoseconds() {
  struct alignas(64) Line {
    uint32_t next;
  };
  constexpr uint32_t kLines = 8 * 1024 * 1024 / sizeof(Line);
  constexpr int kLoads = 1'000'000;
  std::vector<uint32_t> order(kLines);
  std::iota(order.begin(), order.end(), 0u);
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  std::vector<Line> lines(kLines);
  for (uint32_t i = 0; i < kLines; ++i) lines[order[i]].next = order[(i + 1) % kLines];
  uint32_t at = 0;
  const Clock::time_point start = Clock::now();
  for (int i = 0; i < kLoads; ++i) at = lines[at].next;
  const double seconds = SecondsSince(start);
  SONGHUA_CHECK(at < kLines);  // so that the loads are made
  return seconds * 1e9 / kLoads;
}

BenchResult RunWorkload(MatcherWorkload workload, const MatcherBenchOptions& options) {
  const std::vector<MatcherMessage> messages = GenerateMatcherWorkload(workload, options.messages);
  BenchResult result{.name = "matcher/" + std::string(NameOf(workload)), .unit = "msgs/s"};
  Latencies best;
  double fastest_load = INFINITY, slowest_load = 0;
  for (int i = 0; i < options.repeats; ++i) {
    const Throughput ours = MeasureThroughput<exchange::TickLadder>(messages);
    const Throughput plain = MeasureThroughput<MultimapBook>(messages);
    SONGHUA_CHECK(ours.digest == plain.digest);
    result.value = std::max(result.value, ours.messages_per_second);
    result.limit = std::max(result.limit, plain.messages_per_second);
    const Latencies latencies = MeasureLatencies(messages);
    best.p50_ns = std::min(best.p50_ns, latencies.p50_ns);
    best.p99_ns = std::min(best.p99_ns, latencies.p99_ns);
    best.p999_ns = std::min(best.p999_ns, latencies.p999_ns);
    const double load = OneLoadNanoseconds();
    fastest_load = std::min(fastest_load, load);
    slowest_load = std::max(slowest_load, load);
  }
  result.p50_ns = best.p50_ns;
  result.p99_ns = best.p99_ns;
  result.p999_ns = best.p999_ns;
  result.note = "a load from 8 MiB of memory took " + std::to_string(std::lround(fastest_load)) + " to " + std::to_string(std::lround(slowest_load)) + " ns meanwhile";
  result.ratio = result.value / result.limit;
  return result;
}

BenchResult MeasureMemory() {
  constexpr uint64_t kOrders = 1'000'000;
  exchange::TickLadder book;
  TallySink sink;
  for (uint64_t id = 1; id <= kOrders; ++id) {
    const bool buys = id % 2 == 0;
    const int64_t distance = static_cast<int64_t>(1 + id / 2 % 800);
    book.Add({.id = id,
              .side = buys ? exchange::Side::kBuy : exchange::Side::kSell,
              .price = buys ? 8000 - distance : 8000 + distance,
              .quantity = 1},
             sink);
  }
  BenchResult result{.name = "matcher/memory", .unit = "bytes/order", .limit = 96};
  result.value = static_cast<double>(book.MemoryBytes()) / kOrders;
  result.ratio = result.value / result.limit;
  return result;
}

}  // namespace

std::vector<BenchResult> RunMatcherBench(const MatcherBenchOptions& options) {
  std::vector<BenchResult> results;
  for (const MatcherWorkload workload : kMatcherWorkloads) results.push_back(RunWorkload(workload, options));
  results.push_back(MeasureMemory());
  return results;
}

}  // namespace songhua::simulations
