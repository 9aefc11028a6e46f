#include "api/engine/engine.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "api/engine/recovery.h"
#include "ledger/bounds.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

constexpr std::string_view kConfirmClockMethod = "songhua.v1.Operations/ConfirmClock";

}  // namespace

Engine::Engine(EngineOptions options) : options_(std::move(options)) {}

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(EngineOptions options) {
  if (options.genesis.has_value()) {
    options.store.identity.clock_mode = options.genesis->clock_mode;
    options.store.identity.created_us = options.genesis->start_time.value();
  }
  std::unique_ptr<Engine> engine(new Engine(std::move(options)));
  SONGHUA_ASSIGN_OR_RETURN(engine->store_, Store::Open(engine->options_.store));
  SONGHUA_RETURN_IF_ERROR(engine->Recover());
  Clock* clock = engine->options_.clock != nullptr ? engine->options_.clock : Clock::Real();
  engine->clock_.emplace(clock, engine->machine_.last_time());
  engine->clock_stopped_ = engine->clock_->stopped() && engine->clock_mode() == ClockMode::kSystem;
  engine->custodian_.emplace(engine->options_.store.path, engine->options_.draw_seed);
  engine->custodian_->Load(engine->machine_);
  return engine;
}

void Engine::Start() {
  std::call_once(started_, [this] {
    map_root_at_ = std::chrono::steady_clock::now();
    state_thread_ = std::thread([this] { StateLoop(); });
    fetch_thread_ = std::thread([this] { FetchLoop(); });
    commit_thread_ = std::thread([this] { CommitLoop(); });
  });
}

absl::Status Engine::Recover() {
  SONGHUA_RETURN_IF_ERROR(api::Recover(store_.get(), &machine_));
  forgetter_.Forget(machine_.last_time(), store_.get());
  SONGHUA_ASSIGN_OR_RETURN(frontier_, store_->Frontier());
  if (store_->durable_sequence() != 0) return absl::OkStatus();
  if (!options_.genesis.has_value()) return absl::FailedPreconditionError("the store is empty and no first record was given");
  return WriteGenesis(*options_.genesis, DrawEntropy(), store_.get(), &machine_, &frontier_);
}

Engine::~Engine() { Stop(); }

void Engine::AddListener(std::function<void(const ReleasedGroup&)> listener) { listeners_.push_back(std::move(listener)); }

EngineCounts Engine::counts() const { return {commands_, records_, groups_, cold_misses_}; }

Digest Engine::DrawEntropy() {
  if (options_.entropy) return options_.entropy();
  Digest entropy;
  SONGHUA_CHECK(RAND_bytes(entropy.data(), static_cast<int>(entropy.size())) == 1);
  return entropy;
}

void Engine::Prefetch(Submission* submission) {
  Message& message = submission->message;
  std::vector<ColdKey> keys;
  if (message.method->cold) keys = message.method->cold(*message.request);
  keys.insert(keys.end(), message.also_needed.begin(), message.also_needed.end());
  if (!message.method->stream && !message.validate_only) {
    const auto date = ParseRequestId(message.request_id);
    if (date.ok()) {
      keys.push_back({static_cast<uint16_t>(RowTable::kIdempotency),
                      EncodeRowKey(std::make_tuple(*date, submission->person, message.request_id))});
    }
  }
  message.prefetched = Prefetched();
  message.prefetched.as_of = UINT64_MAX;
  for (ColdKey& key : keys) {
    auto read = store_->Get(key.table, key.key);
    if (!read.ok()) continue;  // the state machine will miss the row and have it fetched again
    message.prefetched.as_of = std::min(message.prefetched.as_of, read->sequence);
    message.prefetched.rows.emplace_back(std::move(key), read->found ? std::optional<std::string>(std::move(read->value)) : std::nullopt);
  }
}

void Engine::Submit(std::unique_ptr<Submission> submission) {
  Start();
  Prefetch(submission.get());
  const absl::Status status = broken_ ? absl::UnavailableError("outcome unknown: retry with the same request_id") : lanes_.Push(submission);
  if (status.ok()) return;
  Outcome outcome;
  outcome.status = status;
  submission->done(std::move(outcome));
}

void Engine::ApplyOne(std::unique_ptr<Submission> submission, Pending* group) {
  Outcome outcome;
  if (submission->cancelled && submission->cancelled()) {
    outcome.status = absl::CancelledError("the caller left before the command was reached; nothing happened");
  } else if (std::chrono::steady_clock::now() > submission->deadline) {
    outcome.status = Refuse(absl::StatusCode::kDeadlineExceeded, "DEADLINE_PASSED_WHILE_QUEUED").Accepted("a later attempt with the same request_id");
  } else if (clock_stopped_ && submission->message.method->name != kConfirmClockMethod) {
    outcome.status = Refuse(absl::StatusCode::kUnavailable, "CLOCK_STOPPED")
                         .Rule("GEN-01")
                         .Field("clock")
                         .Value(FormatTimestamp(clock_->said()) + ", and was to say " + FormatTimestamp(clock_->expected()))
                         .Accepted("a later attempt: the machine's clock jumped by more than a minute and an operator must confirm it");
  } else {
    outcome = machine_.Apply(submission->message, clock_->Read(), &group->journal);
    const bool confirms = submission->message.method->name == kConfirmClockMethod && !submission->message.validate_only;
    if (confirms && outcome.status.ok()) clock_->Confirm();
    if (outcome.missed) {
      ++cold_misses_;
      const std::vector<ColdKey>& missed = machine_.cold_rows().missed_keys();
      submission->message.also_needed.insert(submission->message.also_needed.end(), missed.begin(), missed.end());
      SendToFetch(std::move(submission));
      return;
    }
  }
  if (outcome.recorded) commands_ += CommandCount(submission->message);
  group->answers.push_back({std::move(submission->done), std::move(outcome)});
}

void Engine::SendToFetch(std::unique_ptr<Submission> submission) {
  ++fetching_;
  std::lock_guard<std::mutex> lock(fetch_mutex_);
  to_fetch_.push_back(std::move(submission));
  fetch_changed_.notify_one();
}

void Engine::FetchLoop() {
  while (true) {
    std::unique_ptr<Submission> submission;
    {
      std::unique_lock<std::mutex> lock(fetch_mutex_);
      fetch_changed_.wait(lock, [this] { return !to_fetch_.empty() || fetch_done_; });
      if (to_fetch_.empty()) return;
      submission = std::move(to_fetch_.front());
      to_fetch_.pop_front();
    }
    Prefetch(submission.get());
    lanes_.PutBack(std::move(submission));
    --fetching_;
  }
}

bool Engine::ActByItself(Timestamp now, Pending* group) {
  if (clock_stopped_) return false;
  bool acted = custodian_->Act(&machine_, now, &group->journal);
  if (!machine_.TimerDue(now)) return acted;
  machine_.FireTimer(now, &group->journal);
  custodian_->Act(&machine_, now, &group->journal);
  return true;
}

bool Engine::MapRootWanted() const {
  if (!machine_.MapRootDue() || clock_stopped_) return false;
  if (machine_.CertificateWaits()) return true;
  if (!options_.checkpoint_interval.has_value()) return false;
  return records_since_map_root_ >= bounds::kMapRootRecords || std::chrono::steady_clock::now() - map_root_at_ >= *options_.checkpoint_interval;
}

bool Engine::SeeToMap(Timestamp now, std::unique_ptr<Pending>* group) {
  if (!MapRootWanted()) return false;
  if (machine_.HasMapSecret() && !machine_.MapFilled()) {
    machine_.FillMap(bounds::kMapFillSlice);
    return false;
  }
  // What a certificate says is to be what its root says: nothing comes between the two.
  if ((*group)->journal.empty() && (*group)->answers.empty()) {
    if (machine_.HasMapSecret()) {
      machine_.PutMapRoot(machine_.TimeOf(now), &(*group)->journal);
      map_root_at_ = std::chrono::steady_clock::now();
      records_since_map_root_ = 0;
    } else {
      machine_.PutMapSecret(DrawEntropy(), machine_.TimeOf(now), &(*group)->journal);
    }
  }
  HandOver(std::move(*group));
  *group = EmptyGroup();
  return true;
}

std::unique_ptr<Engine::Pending> Engine::EmptyGroup() {
  std::lock_guard<std::mutex> lock(handover_mutex_);
  if (spare_.empty()) return std::make_unique<Pending>();
  std::unique_ptr<Pending> group = std::move(spare_.back());
  spare_.pop_back();
  return group;
}

// Timers of a SYSTEM store fire although nobody calls: the clock is looked at every second, and when a call auction's end is due.
std::chrono::steady_clock::time_point Engine::NextLook(Timestamp now) const {
  auto latest = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  if (options_.checkpoint_interval.has_value() && machine_.MapRootDue()) latest = std::min(latest, map_root_at_ + *options_.checkpoint_interval);
  if (clock_mode() != ClockMode::kSystem) return latest;
  const std::optional<Timestamp> due = custodian_->NextDue(machine_);
  if (!due.has_value()) return latest;
  return std::min(latest, std::chrono::steady_clock::now() + std::chrono::microseconds(std::max<int64_t>(1'000, due->value() - now.value())));
}

void Engine::StateLoop() {
  auto group = std::make_unique<Pending>();
  const auto group_full = [&] {
    return group->journal.record_count() >= bounds::kGroupRecordsMax || group->journal.bytes() >= bounds::kGroupBytesMax ||
           group->answers.size() >= bounds::kGroupRecordsMax;
  };
  const auto commit_idle = [&] {
    std::lock_guard<std::mutex> lock(handover_mutex_);
    return in_flight_ == 0;
  };
  while (true) {
    const Timestamp now = clock_->Read();
    clock_stopped_ = clock_->stopped() && clock_mode() == ClockMode::kSystem;
    if (SeeToMap(now, &group)) continue;
    const bool timer = ActByItself(now, group.get());
    std::unique_ptr<Submission> submission = lanes_.Pop();
    if (submission != nullptr) ApplyOne(std::move(submission), group.get());
    const bool something = timer || !group->answers.empty() || group->journal.record_count() > 0;
    // A group is closed when it is full, or when nothing waits, or when the commit thread has nothing to do: then a lone command does not wait. A night's
    // timers that are still due are no reason to close one: their slices would stand in the commit thread's way, each with a sync of its own.
    if (something && (group_full() || commit_idle() || (lanes_.empty() && !(timer && machine_.TimerDue(now))))) {
      HandOver(std::move(group));
      group = EmptyGroup();
      continue;
    }
    // The map is being filled: there is always something to do.
    if (MapRootWanted() && !lanes_.closed()) continue;
    if (something || submission != nullptr) continue;
    // In this order: what is being fetched comes back into a lane before it stops being counted.
    if (lanes_.closed() && fetching_ == 0 && lanes_.empty()) break;
    custodian_->TellOfVoidCalls(machine_);
    custodian_->Tidy(machine_, store_->durable_sequence());
    lanes_.WaitForWork(NextLook(now));
  }
  std::lock_guard<std::mutex> lock(handover_mutex_);
  state_done_ = true;
  handover_changed_.notify_all();
}

void Engine::HandOver(std::unique_ptr<Pending> group) {
  records_since_map_root_ += group->journal.record_count();
  machine_.EndGroup(&group->rows, &group->events);
  group->last_sequence = machine_.last_sequence();
  group->time = machine_.last_time();
  std::unique_lock<std::mutex> lock(handover_mutex_);
  // A lone command that nothing waits behind is committed here: waking another thread would cost as much as half a sync.
  if (in_flight_ == 0 && group->journal.record_count() <= 1 && lanes_.empty()) {
    lock.unlock();
    CommitAndEmpty(group.get());
    lock.lock();
    spare_.push_back(std::move(group));
    return;
  }
  handover_changed_.wait(lock, [this] { return in_flight_ < bounds::kGroupsInFlightMax; });
  ++in_flight_;
  handed_over_.push_back(std::move(group));
  handover_changed_.notify_all();
}

void Engine::CommitLoop() {
  while (true) {
    std::unique_ptr<Pending> group;
    {
      std::unique_lock<std::mutex> lock(handover_mutex_);
      handover_changed_.wait(lock, [this] { return !handed_over_.empty() || state_done_; });
      if (handed_over_.empty()) return;
      group = std::move(handed_over_.front());
      handed_over_.erase(handed_over_.begin());
    }
    CommitAndEmpty(group.get());
    std::lock_guard<std::mutex> lock(handover_mutex_);
    --in_flight_;
    spare_.push_back(std::move(group));
    handover_changed_.notify_all();
  }
}

void Engine::CommitAndEmpty(Pending* group) {
  Commit(group);
  group->journal.Clear();
  group->rows.Clear();
  group->events.clear();
  group->answers.clear();
}

void Engine::Commit(Pending* group) {
  absl::Status status = absl::OkStatus();
  if (broken_) {
    status = absl::UnavailableError("outcome unknown: retry with the same request_id");
  } else if (!group->journal.empty()) {
    group->journal.Seal(DrawEntropy(), group->rows.ComputeDigest(), &frontier_);
    status = store_->AppendGroup(group->journal);
    if (status.ok()) status = store_->Publish(group->rows, group->last_sequence);
    if (!status.ok()) {
      broken_ = true;
      lanes_.Close();
    }
  }
  if (!status.ok()) {
    for (Answer& answer : group->answers) {
      Outcome outcome;
      outcome.status = absl::UnavailableError("outcome unknown: retry with the same request_id");
      answer.done(std::move(outcome));
    }
    Fatal(status);
    return;
  }
  forgetter_.Forget(group->time, store_.get());
  records_ += group->journal.record_count();
  ++groups_;
  for (const auto& listener : listeners_) listener({group->last_sequence, group->time, group->events});
  for (Answer& answer : group->answers) answer.done(std::move(answer.outcome));
}

// What reached the disk is unknown, so the process must not go on: opening again finds each group whole or not at all.
void Engine::Fatal(const absl::Status& status) {
  if (options_.on_fatal) {
    options_.on_fatal(status);
    return;
  }
  std::fprintf(stderr, "songhua: the journal cannot be written, ending: %s\n", std::string(status.message()).c_str());
  std::fflush(stderr);
  std::_Exit(70);
}

void Engine::Stop() {
  if (stopped_) return;
  stopped_ = true;
  std::call_once(started_, [] {});  // who submits from here on starts nothing
  lanes_.Close();
  if (state_thread_.joinable()) state_thread_.join();
  {
    std::lock_guard<std::mutex> lock(fetch_mutex_);
    fetch_done_ = true;
    fetch_changed_.notify_one();
  }
  if (fetch_thread_.joinable()) fetch_thread_.join();
  if (commit_thread_.joinable()) commit_thread_.join();
  if (store_ != nullptr && !broken_) {
    if (custodian_.has_value()) custodian_->Tidy(machine_, store_->durable_sequence());
    const absl::Status status = store_->CheckpointState();
    if (!status.ok()) std::fprintf(stderr, "songhua: the state was not checkpointed, the next start replays: %s\n", std::string(status.message()).c_str());
  }
}

}  // namespace songhua::api
