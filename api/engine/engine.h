// The engine: messages in, durable outcomes out. It runs the pipeline of DESIGN.md section 4:
//
//   Submit       any thread: prefetches cold rows, puts the message into its lane
//   state thread applies messages one after another into a group
//   commit thread writes the group with one sync, publishes its rows, then answers the callers and tells the listeners
//
// While one group is being synced the next is being applied. What callers and listeners see is durable.
//
//   SONGHUA_ASSIGN_OR_RETURN(auto engine, Engine::Open(options));
//   engine->Submit(std::move(submission));
//   ...
//   engine->Stop();     // drains: everything accepted is answered
#ifndef SONGHUA_API_ENGINE_ENGINE_H_
#define SONGHUA_API_ENGINE_ENGINE_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/engine/clock.h"
#include "api/engine/lanes.h"
#include "api/engine/request_ids.h"
#include "api/engine/state_machine.h"
#include "api/seed_custodian.h"
#include "ledger/store.h"

namespace songhua::api {

struct EngineOptions {
  StoreOptions store;
  // For a store that is created: its first record. The clock mode and start time also go into the store's identity.
  std::optional<Genesis> genesis;
  Clock* clock = nullptr;  // null: the machine's
  // Draws 32 bytes for a group's salts; null: the operating system's generator.
  std::function<Digest()> entropy;
  // Draws the seed of a call auction; null: the operating system's generator. Called on the state thread.
  std::function<Digest()> draw_seed;
  // How often the state map's root goes into the journal while something happens, so that there is a checkpoint of it; at the latest after bounds::kMapRootRecords
  // records. None: only where a certificate waits for it.
  std::optional<std::chrono::milliseconds> checkpoint_interval;
  // Called instead of ending the process when a journal write fails; for tests.
  std::function<void(const absl::Status&)> on_fatal;
};

// A group as listeners see it, after it is durable and published.
struct ReleasedGroup {
  uint64_t last_sequence = 0;
  Timestamp time;  // journal time of that sequence
  std::string_view events;  // EventReader
};

struct EngineCounts {
  uint64_t commands = 0;
  uint64_t records = 0;
  uint64_t groups = 0;
  uint64_t cold_misses = 0;  // messages put back because a cold row was not at hand
};

class Engine {
 public:
  // Opens the store, loads the state, and replays what the state's files lag behind. The errors are Store::Open's, and DATA_LOSS when a replayed outcome
  // differs from the recorded one.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(EngineOptions options);
  ~Engine();

  // Starts the threads, once. From here on the engine acts by itself, too: what fell due while it was down comes first. Submit does it where nobody has.
  void Start();

  // Takes the message in, or answers it at once. Thread-safe.
  void Submit(std::unique_ptr<Submission> submission);

  // The machine's clock jumped: writes are refused until Operations.ConfirmClock.
  bool clock_stopped() const { return clock_stopped_; }

  // Adds a listener; REQUIRES: not started. Called on the commit thread, in order; must not block.
  void AddListener(std::function<void(const ReleasedGroup&)> listener);

  // Drains the lanes, commits, checkpoints the state. Messages submitted afterwards are answered with UNAVAILABLE.
  void Stop();

  Store& store() { return *store_; }
  ClockMode clock_mode() const { return machine_.clock_mode(); }
  LaneCounts Lane(Lane lane) const { return lanes_.Counts(lane); }
  EngineCounts counts() const;
  // For a service that starts: rebuilds published books from the state. REQUIRES: not started, or stopped.
  const State& state_at_start() const { return machine_.state(); }

 private:
  struct Answer {
    std::function<void(Outcome)> done;
    Outcome outcome;
  };
  // A group between the two threads.
  struct Pending {
    JournalGroup journal;
    RowChanges rows;
    std::string events;
    std::vector<Answer> answers;
    uint64_t last_sequence = 0;
    Timestamp time;
  };

  explicit Engine(EngineOptions options);
  absl::Status Recover();
  void StateLoop();
  void CommitLoop();
  // The state machine never waits for the disk: what it misses is fetched by a thread of its own.
  void SendToFetch(std::unique_ptr<Submission> submission);
  void FetchLoop();
  // What the engine does by itself at this time: what the custodian owes, one slice of a timer that is due, and what the custodian owes by that. True: something.
  bool ActByItself(Timestamp now, Pending* group);
  // Sees to the state map where a root is wanted: fills it a slice, hands the group over that stands between, or puts the root, as a group of its own. True: something was
  // handed over.
  bool SeeToMap(Timestamp now, std::unique_ptr<Pending>* group);
  bool MapRootWanted() const;
  std::unique_ptr<Pending> EmptyGroup();
  // When to look again although nobody calls.
  std::chrono::steady_clock::time_point NextLook(Timestamp now) const;
  // Applies one message; true when it went into the group or was answered.
  void ApplyOne(std::unique_ptr<Submission> submission, Pending* group);
  void Prefetch(Submission* submission);
  // Hands a group to the commit thread; waits while too many are in flight.
  void HandOver(std::unique_ptr<Pending> group);
  // On the commit thread; on the state thread while the commit thread has nothing to do.
  void Commit(Pending* group);
  void CommitAndEmpty(Pending* group);
  Digest DrawEntropy();
  void Fatal(const absl::Status& status);

  EngineOptions options_;
  std::unique_ptr<Store> store_;
  StateMachine machine_;
  MerkleFrontier frontier_;  // of who commits
  RequestForgetter forgetter_;  // of who commits
  std::optional<ClockWatch> clock_;  // state thread
  std::optional<SeedCustodian> custodian_;  // state thread
  std::chrono::steady_clock::time_point map_root_at_;  // state thread: the last one
  uint64_t records_since_map_root_ = 0;                // state thread
  Lanes lanes_;
  std::vector<std::function<void(const ReleasedGroup&)>> listeners_;

  std::mutex handover_mutex_;
  std::condition_variable handover_changed_;
  std::vector<std::unique_ptr<Pending>> handed_over_;  // oldest first
  std::vector<std::unique_ptr<Pending>> spare_;        // emptied, with their memory
  size_t in_flight_ = 0;
  bool state_done_ = false;

  std::mutex fetch_mutex_;
  std::condition_variable fetch_changed_;
  std::deque<std::unique_ptr<Submission>> to_fetch_;  // as many as the lanes may hold
  bool fetch_done_ = false;
  std::atomic<size_t> fetching_{0};

  std::atomic<bool> clock_stopped_{false};
  std::atomic<bool> broken_{false};
  std::atomic<uint64_t> commands_{0}, records_{0}, groups_{0}, cold_misses_{0};
  std::once_flag started_;
  std::thread state_thread_, fetch_thread_, commit_thread_;
  bool stopped_ = false;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_ENGINE_ENGINE_H_
