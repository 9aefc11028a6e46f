#include "simulations/fault_simulator.h"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "api/engine/message.h"
#include "api/engine/recovery.h"
#include "api/engine/request_ids.h"
#include "api/engine/state_machine.h"
#include "api/verify.h"
#include "ledger/journal_archive.h"
#include "ledger/refusal.h"
#include "ledger/store.h"
#include "simulations/fault_pledge_sales.h"
#include "simulations/fault_world.h"
#include "simulations/permit_world.h"
#include "simulations/pledge_watch.h"
#include "simulations/simulated_disk.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::simulations {
namespace {

const Timestamp kStart(StartOfDay(MakeDate(2026, 3, 2)).value() + 9 * 3600 * kMicrosPerSecond);
constexpr int kClients = 8;

// What a client was told, which must stay true for ever.
struct Acknowledged {
  uint64_t sequence = 0;
  absl::Status status;
  std::string answer;
};

// One wish of a client and what became of it.
struct Wish {
  SimulatedRequest wanted;
  std::string request_id;     // unary
  uint64_t batch_number = 0;  // streams
  bool answered = false;
  bool given_up = false;  // the client vanished; copies may still arrive
};

// What should be, beside what is; and what must never be.
struct Models {
  MarketModel market = NewModel();
  PermitModel permits;
  PledgeWatch watch;
};

// The machine that the power can be taken from: store, state machine, and the group being filled.
class Node {
 public:
  explicit Node(SimulatedDisk* disk) : disk_(disk) {}

  absl::Status Start(uint64_t* entropy_counter) {
    StoreOptions options;
    options.path = SimulatedDisk::kRoot + "/store";
    options.env = disk_->env();
    options.create_if_missing = true;
    options.manual_projector = true;
    options.identity.store_id = "simulation";
    options.identity.created_us = kStart.value();
    options.steady_now_us = [] { return int64_t{0}; };
    SONGHUA_ASSIGN_OR_RETURN(store, Store::Open(options));
    machine = std::make_unique<api::StateMachine>();
    SONGHUA_RETURN_IF_ERROR(api::Recover(store.get(), machine.get()));
    forgetter = api::RequestForgetter();
    forgetter.Forget(machine->last_time(), store.get());
    SONGHUA_ASSIGN_OR_RETURN(frontier, store->Frontier());
    machine->cold_rows().SetFallback([this](uint16_t table, std::string_view key) -> std::optional<std::string> {
      auto read = store->Get(table, key);
      if (!read.ok() || !read->found) return std::nullopt;
      return read->value;
    });
    if (store->durable_sequence() != 0) return absl::OkStatus();
    const api::Genesis genesis{ClockMode::kSystem, kStart, ToHex(Sha256Of(kOperatorToken))};
    return api::WriteGenesis(genesis, Entropy(entropy_counter), store.get(), machine.get(), &frontier);
  }

  void Stop() {
    machine.reset();
    store.reset();
    group.Clear();
  }

  // Writes and publishes the group.
  absl::Status Commit(uint64_t* entropy_counter) {
    RowChanges rows;
    std::string events;
    machine->EndGroup(&rows, &events);
    group.Seal(Entropy(entropy_counter), rows.ComputeDigest(), &frontier);
    SONGHUA_RETURN_IF_ERROR(store->AppendGroup(group));
    SONGHUA_RETURN_IF_ERROR(store->Publish(rows, group.last_sequence()));
    forgetter.Forget(machine->last_time(), store.get());
    group.Clear();
    return absl::OkStatus();
  }

  static Digest Entropy(uint64_t* counter) { return Sha256Of(EncodeKey(++*counter)); }

  std::unique_ptr<Store> store;
  std::unique_ptr<api::StateMachine> machine;
  JournalGroup group;
  MerkleFrontier frontier;
  api::RequestForgetter forgetter;

 private:
  SimulatedDisk* disk_;
};

class Simulation {
 public:
  explicit Simulation(const FaultOptions& options)
      : options_(options), random_(options.seed), disk_(options.seed ^ 0x9e3779b97f4a7c15u), node_(&disk_) {}

  absl::StatusOr<FaultReport> Run() {
    SONGHUA_RETURN_IF_ERROR(SetUp());
    for (step_ = 0; step_ < options_.steps; ++step_) SONGHUA_RETURN_IF_ERROR(Located(Step()));
    SONGHUA_RETURN_IF_ERROR(Located(Heal()));
    return report_;
  }

 private:
  // ---- The world, built without faults ----
  absl::Status SetUp() {
    SONGHUA_RETURN_IF_ERROR(node_.Start(&entropy_));
    int n = 0;
    std::vector<SimulatedRequest> world = BuildWorld();
    for (SimulatedRequest& request : BuildPermitWorld()) world.push_back(std::move(request));
    for (SimulatedRequest& request : world) {
      Wish wish{std::move(request), "20260302-setup-" + std::to_string(++n)};
      SONGHUA_RETURN_IF_ERROR(Deliver(wish, /*must_be_accepted=*/true));
    }
    SONGHUA_RETURN_IF_ERROR(CommitGroup());
    built_ = true;
    return CheckAgainstModel();
  }

  absl::Status Located(const absl::Status& status) const {
    if (status.ok()) return status;
    return absl::InternalError("at step " + std::to_string(step_) + ": " + std::string(status.message()));
  }

  // ---- One step of anything ----
  absl::Status Step() {
    if (node_.machine == nullptr) {
      if (Chance(4)) return Restart();
      return absl::OkStatus();
    }
    clock_us_ += static_cast<int64_t>(random_() % 3'000'000);
    if (Chance(QuietOneIn())) clock_us_ += QuietUs();
    const auto roll = random_() % 1000;
    if (roll < 300) return Wishing();
    if (roll < 380) return Resend();
    if (roll < 800) return Arrival();
    if (roll < 950) return node_.group.empty() && waiting_.empty() ? absl::OkStatus() : CommitGroup();
    if (roll < 960) return Broken(node_.store->FoldOnce());
    if (roll < 965) return PutMapRoot();
    if (roll < 968) return Broken(node_.store->CheckpointState());
    if (roll < 969) return Archive();
    if (roll < 985) {
      PlanFault();
      return absl::OkStatus();
    }
    return Check();
  }

  // Quiet times: some hours, often past midnight; or some days, in which deadlines pass. Few enough that even a long run stays within the year.
  uint64_t QuietOneIn() const { return std::max<uint64_t>(200, options_.steps / 60); }
  int64_t QuietUs() {
    const int64_t hours = Chance(3) ? 24 * static_cast<int64_t>(1 + random_() % 4) : static_cast<int64_t>(random_() % 10);
    return hours * 3600 * kMicrosPerSecond;
  }

  // The engine puts the state map's root into the log, in a group of its own; the audit at the end computes every one again.
  absl::Status PutMapRoot() {
    const Timestamp now(clock_us_);
    SONGHUA_RETURN_IF_ERROR(PassTime(now));
    if (!node_.group.empty() || !waiting_.empty()) return CommitGroup();  // it comes another time
    if (node_.machine->HasMapSecret()) {
      node_.machine->PutMapRoot(node_.machine->TimeOf(now), &node_.group);
    } else {
      node_.machine->PutMapSecret(Sha256Of("a secret"), node_.machine->TimeOf(now), &node_.group);
    }
    return CommitGroup();
  }

  // The operator moves the older part of the journal to a file; the power may fail meanwhile, and the store says afterwards what became of it.
  absl::Status Archive() {
    archive_in_doubt_ = SimulatedDisk::kRoot + "/archive-" + std::to_string(step_);
    const absl::Status archived = ArchiveJournal(node_.store.get(), UINT64_MAX, /*keep=*/false, archive_in_doubt_, disk_.env()).status();
    if (!archived.ok() && !absl::IsInvalidArgument(archived)) return PowerFailure();
    SettleArchive();
    return absl::OkStatus();
  }

  void SettleArchive() {
    if (node_.store->archived_sequence() > archived_) archives_.push_back(archive_in_doubt_);
    archived_ = node_.store->archived_sequence();
    report_.archives = archives_.size();
  }

  void PlanFault() {
    if (!Chance(6)) return;
    switch (random_() % 4) {
      case 0:
      case 1: disk_.CrashAtOperation(disk_.operations() + 1 + random_() % 12); break;
      case 2: disk_.FailSync(1 + random_() % 3); break;
      case 3: disk_.SetCapacityBytes(disk_.used_bytes() + random_() % 4000); break;
    }
  }

  // ---- Clients ----
  absl::Status Wishing() {
    Client& client = clients_[random_() % kClients];
    if (client.wish != nullptr) {
      if (!client.wish->answered && !Chance(60)) return absl::OkStatus();
      client.wish->given_up = true;  // answered, or the client vanishes
    }
    client.wish = std::make_shared<Wish>();
    client.wish->wanted = random_() % 5 < 2 ? RandomPermitRequest(random_, model_.permits, LocalDate(Timestamp(clock_us_)).value())
                                              : RandomRequest(random_, node_.machine->state(), model_.market);
    ++report_.requests;
    if (client.wish->wanted.method == "songhua.v1.Exchange/SubmitOrders") {
      // A stream knows its own last number; after a vanished batch the client asks the service, as a real one would by its answers.
      const auto& batch = static_cast<const v1::OrderBatch&>(*client.wish->wanted.request);
      const api::StreamRow* row = node_.machine->state().streams.Find({client.wish->wanted.token, batch.stream()});
      client.wish->batch_number = (row == nullptr ? 0 : row->number) + 1;
      client.wish->request_id = client.wish->wanted.token + "#" + std::to_string(client.wish->batch_number) + "#" + std::to_string(report_.requests);
    } else {
      client.wish->request_id = RequestIdOf(std::to_string(report_.requests));
    }
    Send(client.wish);
    return absl::OkStatus();
  }

  std::string RequestIdOf(const std::string& rest) const {
    std::string date = FormatDate(LocalDate(Timestamp(clock_us_)));
    std::erase(date, '-');
    return date + "-" + rest;
  }

  absl::Status Resend() {
    Client& client = clients_[random_() % kClients];
    if (client.wish != nullptr && (!client.wish->answered || Chance(10))) Send(client.wish);
    return absl::OkStatus();
  }

  void Send(const std::shared_ptr<Wish>& wish) {
    if (network_.size() < 64 && !Chance(10)) network_.push_back(wish);  // now and then the network loses it
    if (network_.size() < 64 && Chance(10)) network_.push_back(wish);   // or doubles it
  }

  // ---- The network: any message may arrive next ----
  absl::Status Arrival() {
    if (network_.empty()) return absl::OkStatus();
    const size_t i = random_() % network_.size();
    const std::shared_ptr<Wish> wish = network_[i];
    network_.erase(network_.begin() + static_cast<int64_t>(i));
    return Deliver(*wish, false, wish);
  }

  absl::StatusOr<api::Message> MessageOf(const Wish& wish) {
    std::unique_ptr<google::protobuf::Message> request(wish.wanted.request->New());
    request->CopyFrom(*wish.wanted.request);
    if (wish.batch_number != 0) {
      static_cast<v1::OrderBatch&>(*request).set_number(wish.batch_number);
    } else {
      request->GetReflection()->SetString(request.get(), request->GetDescriptor()->FindFieldByName("request_id"), wish.request_id);
    }
    return api::MakeMessage(*api::FindMethod(wish.wanted.method), std::move(request), ToHex(Sha256Of(wish.wanted.token)));
  }

  absl::Status Deliver(const Wish& wish, bool must_be_accepted, std::shared_ptr<Wish> answer_to = nullptr) {
    ++report_.deliveries;
    const Timestamp now(clock_us_);
    SONGHUA_RETURN_IF_ERROR(PassTime(now));
    SONGHUA_ASSIGN_OR_RETURN(const api::Message message, MessageOf(wish));
    const api::Outcome outcome = node_.machine->Apply(message, now, &node_.group);
    if (must_be_accepted && !outcome.status.ok()) {
      return absl::InternalError(wish.wanted.method + " was refused while the world was built: " + std::string(outcome.status.message()));
    }
    if (outcome.repeated) ++report_.repeats;
    if (outcome.recorded) {
      SONGHUA_RETURN_IF_ERROR(FollowWithModel(wish, outcome));
      SONGHUA_RETURN_IF_ERROR(CheckCommand(outcome.status.ok() ? &wish.wanted : nullptr));
    }
    waiting_.push_back({std::move(answer_to), outcome, wish.request_id});
    if (node_.group.record_count() >= 40) return CommitGroup();
    return absl::OkStatus();
  }

  absl::Status PassTime(Timestamp now) {
    const bool due = node_.machine->TimerDue(now);
    while (node_.machine->TimerDue(now)) node_.machine->FireTimer(now, &node_.group);
    const Timestamp last = node_.machine->last_time();
    const int32_t date = LocalDate(last).value();
    model_.market.SetCalendar(model_.permits.calendar());
    model_.market.CloseStaleSessions(date);
    model_.market.PassSales(last.value());
    model_.permits.PassTime(date);
    return due ? CheckCommand(nullptr) : absl::OkStatus();
  }

  // The model does the same, and must come to the same.
  absl::Status FollowWithModel(const Wish& wish, const api::Outcome& outcome) {
    report_.commands += wish.wanted.effects.size();
    model_.market.SetTime(node_.machine->last_time().value());
    const int32_t date = LocalDate(node_.machine->last_time()).value();
    const auto disagree = [&](const std::string& real, const ModelOutcome& expected) {
      return absl::InternalError(wish.wanted.method + " at sequence " + std::to_string(outcome.sequence) + " {" +
                                 wish.wanted.request->ShortDebugString() + "}: the engine says " + real + ", the model " +
                                 (expected.accepted ? "accepted, filled " + std::to_string(expected.filled) + ", open " + std::to_string(expected.open)
                                                    : "refused"));
    };
    if (wish.batch_number != 0) {
      if (!outcome.status.ok()) return absl::OkStatus();  // refused whole: nothing ran
      v1::OrderBatchAnswer answer;
      answer.ParseFromString(outcome.answer);
      for (size_t i = 0; i < wish.wanted.effects.size(); ++i) {
        const v1::OrderResult& result = answer.results(static_cast<int>(i));
        const ModelOutcome expected = wish.wanted.effects[i](model_.market, outcome.sequence + i, date);
        const ModelOutcome real{result.reason().empty(), result.filled_quantity(), result.open_quantity()};
        if (!real.accepted && (result.field().empty() || result.accepted().empty())) {
          return absl::InternalError("a refusal without field or remedy: " + result.ShortDebugString());
        }
        report_.refusals += !real.accepted;
        report_.filled += real.filled > 0;
        if (real != expected) return disagree("'" + result.reason() + "', filled " + std::to_string(real.filled) + ", open " + std::to_string(real.open), expected);
      }
      return absl::OkStatus();
    }
    if (wish.wanted.permit_effect) {
      ++report_.commands;
      report_.refusals += !outcome.status.ok();
      const bool accepted = wish.wanted.permit_effect(model_.permits, outcome.sequence, date);
      if (accepted == outcome.status.ok()) return absl::OkStatus();
      return disagree(outcome.status.ok() ? "accepted" : std::string(outcome.status.message()), {accepted, 0, 0});
    }
    if (wish.wanted.effects.empty()) return absl::OkStatus();
    const ModelOutcome expected = wish.wanted.effects[0](model_.market, outcome.sequence, date);
    ModelOutcome real{outcome.status.ok(), 0, 0};
    report_.refusals += !real.accepted;
    if (real.accepted && (wish.wanted.method.ends_with("Order"))) {
      v1::OrderAnswer answer;
      answer.ParseFromString(outcome.answer);
      real.filled = answer.order().filled_quantity();
      real.open = wish.wanted.method.ends_with("CancelOrder") ? 0 : answer.order().open_quantity();
      const std::string& state = answer.order().state();
      if (state != "SUBMITTED" && state != "PARTLY_FILLED") real.open = 0;
    }
    report_.filled += real.filled > 0;
    if (real != expected) {
      return disagree(outcome.status.ok() ? "accepted, filled " + std::to_string(real.filled) + ", open " + std::to_string(real.open)
                                          : std::string(outcome.status.message()),
                      expected);
    }
    return absl::OkStatus();
  }

  // ---- Commit: what is durable may be answered ----
  absl::Status CommitGroup() {
    if (!node_.group.empty()) {
      const uint64_t last = node_.machine->last_sequence();
      in_doubt_.emplace_back(last, model_);
      const absl::Status written = node_.Commit(&entropy_);
      if (!written.ok()) {
        if (!disk_.crashed() && written.code() == absl::StatusCode::kInternal) return written;
        return PowerFailure();
      }
      ++report_.groups;
      durable_model_ = {last, model_};
      in_doubt_.clear();
    }
    for (Waiting& waiting : waiting_) SONGHUA_RETURN_IF_ERROR(Acknowledge(waiting));
    waiting_.clear();
    return absl::OkStatus();
  }

  struct Waiting {
    std::shared_ptr<Wish> wish;
    api::Outcome outcome;
    std::string request_id;
  };

  absl::Status Acknowledge(const Waiting& waiting) {
    const api::Outcome& outcome = waiting.outcome;
    if (Chance(12)) return absl::OkStatus();  // the answer is lost on its way
    if (outcome.recorded || outcome.repeated) {
      auto [it, inserted] = acknowledged_.try_emplace(waiting.request_id, Acknowledged{outcome.sequence, outcome.status, outcome.answer});
      if (!inserted && (it->second.status != outcome.status || it->second.answer != outcome.answer)) {
        return absl::InternalError("request " + waiting.request_id + " was answered twice, differently");
      }
      if (outcome.recorded && !inserted) return absl::InternalError("request " + waiting.request_id + " was executed twice");
      last_acknowledged_ = std::max(last_acknowledged_, outcome.recorded ? node_.store->durable_sequence() : 0);
    }
    if (waiting.wish != nullptr) waiting.wish->answered = true;
    return absl::OkStatus();
  }

  // ---- Failures and restarts ----
  // A failed fold or flush is a failed disk.
  absl::Status Broken(const absl::Status& status) { return status.ok() ? status : PowerFailure(); }

  absl::Status PowerFailure() {
    ++report_.crashes;
    if (!disk_.crashed()) disk_.Crash();
    waiting_.clear();  // nobody is told anything
    node_.Stop();
    if (options_.verbose) std::printf("step %llu: the power fails\n", static_cast<unsigned long long>(step_));
    return absl::OkStatus();
  }

  absl::Status Restart() {
    if (disk_.crashed()) disk_.Restart();
    disk_.SetCapacityBytes(UINT64_MAX);
    if (Chance(5)) disk_.CrashAtOperation(disk_.operations() + 1 + random_() % 30);  // and again, while it opens
    const absl::Status started = node_.Start(&entropy_);
    if (!started.ok()) {
      if (!disk_.crashed()) return absl::InternalError("the store does not open after a crash: " + std::string(started.message()));
      return PowerFailure();
    }
    SettleArchive();
    const uint64_t durable = node_.store->durable_sequence();
    if (durable < last_acknowledged_) {
      return absl::InternalError("sequence " + std::to_string(last_acknowledged_) + " was acknowledged and is gone; the journal ends at " +
                                 std::to_string(durable));
    }
    // The group in doubt is there whole or not at all.
    if (durable == durable_model_.first) {
      report_.lost_groups += in_doubt_.size();
      model_ = durable_model_.second;
    } else if (!in_doubt_.empty() && durable == in_doubt_.front().first) {
      durable_model_ = in_doubt_.front();
      model_ = durable_model_.second;
    } else {
      return absl::InternalError("the journal ends at " + std::to_string(durable) + ", where no group ends");
    }
    in_doubt_.clear();
    clock_us_ = std::max(clock_us_, node_.machine->last_time().value());
    if (options_.verbose) std::printf("step %llu: up again at %llu\n", static_cast<unsigned long long>(step_), static_cast<unsigned long long>(durable));
    return CheckAgainstModel();
  }

  // ---- Checks ----
  absl::Status Check() {
    node_.machine->state().exchange.CheckInvariants();
    return CheckAgainstModel();
  }

  // After every command, and after what time has done, so that the first one that goes wrong is named. `done` is what was accepted.
  absl::Status CheckCommand(const SimulatedRequest* done) {
    if (!built_) return absl::OkStatus();
    const Date today = LocalDate(node_.machine->last_time());
    const std::string wrong = model_.watch.Look(node_.machine->state(), today, done) + Compare(node_.machine->state(), model_.market, today);
    if (wrong.empty()) return absl::OkStatus();
    return absl::InternalError("at sequence " + std::to_string(node_.machine->last_sequence()) + ", after " +
                               (done == nullptr ? "time or a refusal" : done->method + " {" + done->request->ShortDebugString() + "}") + ":\n" + wrong);
  }

  absl::Status CheckAgainstModel() {
    const Timestamp last = node_.machine->last_time();
    const std::string differences = Compare(node_.machine->state(), model_.market, LocalDate(last)) +
                                    ComparePermits(node_.machine->state(), model_.permits, LocalDate(last), !node_.machine->TimerDue(last));
    return differences.empty() ? absl::OkStatus() : absl::InternalError("the engine and the model differ:\n" + differences);
  }

  // ---- Healing: no more faults; everything must drain ----
  absl::Status Heal() {
    disk_.CrashAtOperation(0);
    disk_.FailSync(0);
    while (node_.machine == nullptr || disk_.crashed()) {
      if (node_.machine != nullptr) SONGHUA_RETURN_IF_ERROR(PowerFailure());
      disk_.Restart();
      disk_.SetCapacityBytes(UINT64_MAX);
      SONGHUA_RETURN_IF_ERROR(Restart());
      disk_.CrashAtOperation(0);
    }
    disk_.SetCapacityBytes(UINT64_MAX);
    const absl::Status fine = CommitGroup();
    if (!fine.ok()) return fine;
    if (node_.machine == nullptr) {
      // A fault planned earlier had still been waiting for its turn.
      disk_.Restart();
      SONGHUA_RETURN_IF_ERROR(Restart());
    }
    for (const std::shared_ptr<Wish>& wish : network_) SONGHUA_RETURN_IF_ERROR(Deliver(*wish, false, wish));
    network_.clear();
    SONGHUA_RETURN_IF_ERROR(CommitGroup());
    for (Client& client : clients_) {
      for (int attempt = 0; client.wish != nullptr && !client.wish->answered; ++attempt) {
        if (attempt == 100) return absl::InternalError("a request is never answered: " + client.wish->request_id);
        SONGHUA_RETURN_IF_ERROR(Deliver(*client.wish, false, client.wish));
        SONGHUA_RETURN_IF_ERROR(CommitGroup());
      }
    }
    return Drain();
  }

  absl::Status DrainWith(std::vector<SimulatedRequest> requests) {
    for (SimulatedRequest& request : requests) {
      SONGHUA_RETURN_IF_ERROR(Deliver({std::move(request), RequestIdOf("drain-" + std::to_string(++drained_))}, false));
    }
    return CommitGroup();
  }

  absl::Status Drain() {
    std::vector<SimulatedRequest> requests = PermitEnd(model_.permits, LocalDate(Timestamp(clock_us_)).value());
    for (SimulatedRequest& request : EndAuctions(model_.market)) requests.push_back(std::move(request));
    SONGHUA_RETURN_IF_ERROR(DrainWith(std::move(requests)));
    requests = SettleVerified(model_.market);
    for (int contract = 0; contract < kContracts; ++contract) {
      requests.push_back(CloseSessionRequest(contract));
      requests.push_back(SettleDayRequest(contract));
    }
    SONGHUA_RETURN_IF_ERROR(DrainWith(std::move(requests)));
    // What the law gives time for after a decision passes too.
    clock_us_ += 30 * 24 * 3600 * kMicrosPerSecond;
    SONGHUA_RETURN_IF_ERROR(DrainWith({SettleDayRequest(0)}));
    if (!model_.permits.clocks().empty()) return absl::InternalError("deadlines run although every case is closed");
    SONGHUA_RETURN_IF_ERROR(Check());
    for (int firm = 0; firm < kFirms; ++firm) {
      const ModelFirm& drained = model_.market.firm(firm);
      if (drained.cash_orders != 0 || drained.cash_trades != 0 || drained.trading_orders != 0 || drained.trading_trades != 0 || drained.registry_orders != 0 ||
          drained.registry_trades != 0) {
        return absl::InternalError("firm " + std::to_string(firm) + " still has something held by orders or trades");
      }
    }
    SONGHUA_RETURN_IF_ERROR(node_.store->FoldOnce());
    auto verified = api::Verify({.store = node_.store.get(), .archives = archives_, .env = disk_.env()}, nullptr);
    if (!verified.ok()) return verified.status();
    report_.digest = verified->tree_root;
    report_.permits = model_.permits.tally();
    const ModelSold& sold = model_.market.sold();
    for (const auto& [form, units] : sold.units) report_.pledged_units_sold += static_cast<uint64_t>(units);
    report_.sold_by_ascending_bids = static_cast<uint64_t>(sold.In(ModelForm::kAscending));
    report_.sold_by_sealed_bids = static_cast<uint64_t>(sold.In(ModelForm::kSealed));
    report_.sold_by_agreement = static_cast<uint64_t>(sold.In(ModelForm::kAgreement));
    report_.deposits_forfeited = sold.forfeits;
    node_.Stop();
    return absl::OkStatus();
  }

  bool Chance(uint64_t one_in) { return random_() % one_in == 0; }

  struct Client {
    std::shared_ptr<Wish> wish;
  };

  const FaultOptions options_;
  std::mt19937_64 random_;
  SimulatedDisk disk_;
  Node node_;
  Models model_;
  bool built_ = false;  // the world
  uint64_t entropy_ = 0;
  int64_t clock_us_ = kStart.value();
  uint64_t step_ = 0;
  int drained_ = 0;
  std::vector<Client> clients_{kClients};
  std::vector<std::shared_ptr<Wish>> network_;
  std::vector<Waiting> waiting_;  // answers of the group being filled
  std::map<std::string, Acknowledged> acknowledged_;
  uint64_t last_acknowledged_ = 0;
  std::pair<uint64_t, Models> durable_model_;
  std::vector<std::pair<uint64_t, Models>> in_doubt_;  // the group whose write failed
  uint64_t archived_ = 0;
  std::vector<std::string> archives_;
  std::string archive_in_doubt_;
  FaultReport report_;
};

}  // namespace

absl::StatusOr<FaultReport> SimulateFaults(const FaultOptions& options) { return Simulation(options).Run(); }

}  // namespace songhua::simulations
