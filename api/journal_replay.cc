#include "api/journal_replay.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "api/engine/request_ids.h"
#include "api/engine/state_machine.h"
#include "ledger/check.h"
#include "ledger/proofs/certificate.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

// Every row by its key on disk: the value's digest, and, where there is no store to read from, the value itself.
class Rows {
 public:
  explicit Rows(bool keep_values) : keep_values_(keep_values) {}

  void Apply(const RowChanges& changes) {
    changes.ForEach([this](const RowChange& change) {
      std::string key(change.row_key);
      if (change.is_delete) {
        rows_.erase(key);
        values_.erase(key);
        return;
      }
      if (keep_values_) values_[key] = std::string(change.value);
      rows_[std::move(key)] = Sha256Of(change.value);
    });
  }

  const Digest* Find(const std::string& key) const {
    auto it = rows_.find(key);
    return it == rows_.end() ? nullptr : &it->second;
  }
  // REQUIRES: values are kept.
  std::optional<std::string> Value(const std::string& key) const {
    SONGHUA_CHECK(keep_values_);
    auto it = values_.find(key);
    return it == values_.end() ? std::nullopt : std::optional<std::string>(it->second);
  }
  // How many rows' keys are in `included`.
  template <class Included>
  uint64_t CountIf(Included included) const {
    return static_cast<uint64_t>(std::count_if(rows_.begin(), rows_.end(), [&](const auto& row) { return included(row.first); }));
  }

  Digest ComputeDigest() const {
    std::vector<const std::pair<const std::string, Digest>*> sorted;
    sorted.reserve(rows_.size());
    for (const auto& row : rows_) sorted.push_back(&row);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
    Sha256 hash;
    for (const auto* row : sorted) {
      hash.Update(row->first);
      hash.Update(std::string_view(reinterpret_cast<const char*>(row->second.data()), row->second.size()));
    }
    return hash.Finish();
  }

 private:
  const bool keep_values_;
  absl::flat_hash_map<std::string, Digest> rows_;
  absl::flat_hash_map<std::string, std::string> values_;
};

std::string DescribeRow(std::string_view row_key) {
  return "table " + std::to_string(RowKeyTable(row_key)) + ", key " + ToHex(RowKeySuffix(row_key));
}

}  // namespace

class JournalReplay::Replay {
 public:
  Replay(Store* store, ClockMode clock_mode, std::function<void(uint64_t)> progress)
      : store_(store), progress_(std::move(progress)), rows_(/*keep_values=*/store == nullptr) {
    machine_.set_clock_mode(clock_mode);
    machine_.cold_rows().SetFallback([this](uint16_t table, std::string_view key) -> std::optional<std::string> {
      if (store_ == nullptr) return rows_.Value(RowKey(table, key));
      // Rows that are read back are written once, so the stored one is the one of then; that it is the right one is checked at the end. A row
      // of the tail, which no file has yet, is among the recent ones unless the tail is longer than they are bounded.
      auto read = store_->Get(table, key);
      if (!read.ok() || !read->found || rows_.Find(RowKey(table, key)) == nullptr) return std::nullopt;
      return read->value;
    });
  }

  absl::Status OnRecord(const JournalRecord& record) {
    const bool is_map_root = record.method == proofs::kMapRootMethod;
    SONGHUA_RETURN_IF_ERROR(machine_.Replay(record, &group_));
    ++report_.records;
    report_.commands += record.count;
    if (record.status_code != 0) ++report_.refusals;
    ends_with_map_root_ = is_map_root;
    if (is_map_root) {
      ++report_.map_roots;
      report_.map_root = machine_.state().lot_commitments.state()->root;
    }
    return absl::OkStatus();
  }

  absl::Status OnGroupEnd(const GroupTrailer& trailer) {
    changes_.Clear();
    std::string events;
    machine_.EndGroup(&changes_, &events);
    group_.Clear();
    const std::string where = "group " + std::to_string(trailer.first_sequence) + "-" + std::to_string(trailer.last_sequence);
    if (changes_.ComputeDigest() != trailer.rows) {
      return absl::DataLossError(where + ": the replay changes other rows than the journal commits to");
    }
    rows_.Apply(changes_);
    SONGHUA_RETURN_IF_ERROR(KeepDocuments());
    ++report_.groups;
    report_.last_sequence = trailer.last_sequence;
    report_.tree_root = trailer.tree_root;
    if (ends_with_map_root_) {
      report_.checkpoint_size = trailer.tree_size;
      report_.checkpoint_root = trailer.tree_root;
    }
    if (store_ != nullptr && trailer.last_sequence == store_->applied_sequence()) SONGHUA_RETURN_IF_ERROR(CompareStored());
    if (progress_ && report_.groups % 256 == 0) progress_(trailer.last_sequence);
    return absl::OkStatus();
  }

  absl::Status Finish() {
    machine_.state().exchange.CheckInvariants();
    report_.state = rows_.ComputeDigest();
    return absl::OkStatus();
  }

  const VerifyReport& report() const { return report_; }

 private:
  absl::Status KeepDocuments() {
    absl::Status status;
    changes_.ForEach([&](const RowChange& change) {
      if (RowKeyTable(change.row_key) != static_cast<TableId>(RowTable::kDocuments) || !status.ok()) return;
      status = DecodeValue(change.value, &report_.documents.emplace_back());
    });
    return status;
  }

  // The rows on disk are exactly those that the replay has arrived at. Which answers to too old request_ids are still there is not a matter of the
  // sequence; nobody can ask for them, so they are left out on both sides.
  absl::Status CompareStored() {
    constexpr TableId kRequests = static_cast<TableId>(RowTable::kIdempotency);
    const std::string first_request = RowKey(kRequests, FirstRequestKey(machine_.last_time()));
    const auto forgotten = [&](std::string_view row_key) { return RowKeyTable(row_key) == kRequests && row_key < first_request; };
    uint64_t compared = 0;
    SONGHUA_RETURN_IF_ERROR(store_->ScanState([](TableId) { return true; }, [&](uint16_t table, std::string_view key, std::string_view value) -> absl::Status {
      const std::string row_key = RowKey(table, key);
      if (forgotten(row_key)) return absl::OkStatus();
      const Digest* digest = rows_.Find(row_key);
      if (digest == nullptr) return absl::DataLossError("the stored state has a row that no command wrote: " + DescribeRow(row_key));
      if (*digest != Sha256Of(value)) return absl::DataLossError("the stored state differs from the replay: " + DescribeRow(row_key));
      ++compared;
      return absl::OkStatus();
    }));
    const uint64_t replayed = rows_.CountIf([&](std::string_view row_key) { return !forgotten(row_key); });
    if (compared != replayed) {
      return absl::DataLossError("the stored state has " + std::to_string(compared) + " rows, the replay " + std::to_string(replayed));
    }
    report_.rows_compared = compared;
    report_.applied_sequence = store_->applied_sequence();
    return absl::OkStatus();
  }

  Store* const store_;
  const std::function<void(uint64_t)> progress_;
  VerifyReport report_;
  StateMachine machine_;
  JournalGroup group_;
  RowChanges changes_;
  bool ends_with_map_root_ = false;  // the group, so far
  Rows rows_;
};

JournalReplay::JournalReplay(Store* store, ClockMode clock_mode, std::function<void(uint64_t)> progress)
    : replay_(std::make_unique<Replay>(store, clock_mode, std::move(progress))) {}
JournalReplay::~JournalReplay() = default;
absl::Status JournalReplay::OnRecord(const JournalRecord& record, std::string_view, uint64_t) { return replay_->OnRecord(record); }
absl::Status JournalReplay::OnGroupEnd(const GroupTrailer& trailer) { return replay_->OnGroupEnd(trailer); }
absl::Status JournalReplay::Finish() { return replay_->Finish(); }
const VerifyReport& JournalReplay::report() const { return replay_->report(); }

}  // namespace songhua::api
