#include "api/engine/recovery.h"

#include "ledger/refusal.h"

namespace songhua::api {
namespace {

// Re-applies the journal's tail and publishes its rows, group by group.
class Replayer : public JournalVisitor {
 public:
  Replayer(StateMachine* machine, Store* store) : machine_(machine), store_(store) {}

  absl::Status OnRecord(const JournalRecord& record, std::string_view, uint64_t) override { return machine_->Replay(record, &group_); }

  absl::Status OnGroupEnd(const GroupTrailer& trailer) override {
    RowChanges rows;
    std::string events;
    machine_->EndGroup(&rows, &events);
    group_.Clear();
    if (rows.ComputeDigest() != trailer.rows) {
      return absl::DataLossError("the rows of group " + std::to_string(trailer.first_sequence) + "-" + std::to_string(trailer.last_sequence) +
                                 " differ from those that the journal commits to");
    }
    return store_->Publish(rows, trailer.last_sequence);
  }

 private:
  StateMachine* machine_;
  Store* store_;
  JournalGroup group_;
};

}  // namespace

absl::Status Recover(Store* store, StateMachine* machine) {
  machine->set_clock_mode(store->identity().clock_mode);
  SONGHUA_RETURN_IF_ERROR(store->ScanState([machine](TableId table) { return machine->IsLoaded(table); },
                                           [machine](TableId table, std::string_view, std::string_view value) { return machine->LoadRow(table, value); }));
  SONGHUA_RETURN_IF_ERROR(machine->FinishLoad());
  // A cold row that the tail reads is either among what was replayed before it or in the store.
  machine->cold_rows().SetFallback([store](uint16_t table, std::string_view key) -> std::optional<std::string> {
    auto read = store->Get(table, key);
    if (!read.ok() || !read->found) return std::nullopt;
    return read->value;
  });
  Replayer replayer(machine, store);
  machine->TrustMapRoots(true);
  SONGHUA_RETURN_IF_ERROR(store->ScanJournal(store->applied_sequence() + 1, &replayer));
  machine->TrustMapRoots(false);
  machine->cold_rows().SetFallback(nullptr);
  return absl::OkStatus();
}

absl::Status WriteGenesis(const Genesis& genesis, const Digest& entropy, Store* store, StateMachine* machine, MerkleFrontier* frontier) {
  JournalGroup group;
  RowChanges rows;
  std::string events;
  SONGHUA_RETURN_IF_ERROR(machine->Begin(genesis, &group));
  machine->EndGroup(&rows, &events);
  group.Seal(entropy, rows.ComputeDigest(), frontier);
  SONGHUA_RETURN_IF_ERROR(store->AppendGroup(group));
  return store->Publish(rows, group.last_sequence());
}

}  // namespace songhua::api
