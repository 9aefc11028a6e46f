#include "api/reads/read_side.h"

#include <algorithm>
#include <chrono>

#include "api/engine/engine.h"
#include "api/engine/state.h"
#include "ledger/refusal.h"
#include "ledger/tables.h"

namespace songhua::api {
namespace {

constexpr auto kEngineTable = static_cast<TableId>(RowTable::kEngine);
constexpr auto kContractTable = static_cast<TableId>(RowTable::kContracts);

absl::StatusOr<EngineRow> DecodeEngineRow(std::string_view bytes) {
  EngineRow row;
  SONGHUA_RETURN_IF_ERROR(DecodeValue(bytes, &row));
  return row;
}

}  // namespace

ReadSide::ReadSide(const Options& options) : options_(options) {}

Moment ReadSide::MakeMoment(uint64_t sequence, Timestamp time) {
  Moment moment{sequence, time, time};
  const bool follows_clock = options_.store->identity().clock_mode == ClockMode::kSystem;
  // A clock that jumped is nobody's time until an operator has confirmed it.
  if (!follows_clock || (options_.engine != nullptr && options_.engine->clock_stopped())) return moment;
  moment.now = std::max(time, MachineTime());
  return moment;
}

Timestamp ReadSide::MachineTime() const { return (options_.clock != nullptr ? options_.clock : Clock::Real())->Now(); }

absl::StatusOr<Moment> ReadSide::NewestMoment() {
  auto read = options_.store->Get(kEngineTable, EncodeRowKey(uint32_t{0}));
  SONGHUA_RETURN_IF_ERROR(read.status());
  if (!read->found) return absl::UnavailableError("the store is empty");
  SONGHUA_ASSIGN_OR_RETURN(const EngineRow row, DecodeEngineRow(read->value));
  // Rows of one group appear one after another: this one may be there a moment before the others of its group.
  if (options_.store->published_sequence() < row.last_sequence) {
    options_.store->WaitForSequence(row.last_sequence, std::chrono::steady_clock::now() + std::chrono::seconds(1));
  }
  return MakeMoment(row.last_sequence, row.last_time);
}

absl::StatusOr<Moment> ReadSide::MomentOf(const Snapshot& snapshot) {
  SONGHUA_ASSIGN_OR_RETURN(const auto bytes, snapshot.Get(kEngineTable, EncodeRowKey(uint32_t{0})));
  if (!bytes.has_value()) return absl::UnavailableError("the store is empty");
  SONGHUA_ASSIGN_OR_RETURN(const EngineRow row, DecodeEngineRow(*bytes));
  return MakeMoment(snapshot.sequence(), row.last_time);
}

absl::Status ReadSide::LearnContractsLocked() {
  while (true) {
    const auto number = static_cast<exchange::ContractNumber>(codes_.size() + 1);
    auto read = options_.store->Get(kContractTable, EncodeRowKey(number));
    SONGHUA_RETURN_IF_ERROR(read.status());
    if (!read->found) return absl::OkStatus();
    exchange::ContractRow row;
    SONGHUA_RETURN_IF_ERROR(DecodeValue(read->value, &row));
    numbers_[row.code] = number;
    codes_.push_back(row.code);
  }
}

absl::StatusOr<exchange::ContractNumber> ReadSide::FindContract(const std::string& code) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto it = numbers_.find(code);
  if (it == numbers_.end()) {
    SONGHUA_RETURN_IF_ERROR(LearnContractsLocked());
    it = numbers_.find(code);
  }
  return it == numbers_.end() ? 0 : it->second;
}

absl::StatusOr<std::string> ReadSide::ContractCode(exchange::ContractNumber number) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (number > codes_.size()) SONGHUA_RETURN_IF_ERROR(LearnContractsLocked());
  if (number == 0 || number > codes_.size()) return std::string();
  return codes_[number - 1];
}

}  // namespace songhua::api
