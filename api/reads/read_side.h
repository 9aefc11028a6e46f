// What all reads share: the store, the published time, and what is remembered of things that never change. Thread-safe.
#ifndef SONGHUA_API_READS_READ_SIDE_H_
#define SONGHUA_API_READS_READ_SIDE_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/engine/clock.h"
#include "exchange/contracts.h"
#include "ledger/legal_time.h"
#include "ledger/snapshot.h"
#include "ledger/store.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::api {

class Engine;
class LogKeys;

// Gives published order books (api/market_data/). Thread-safe.
class BookSource {
 public:
  virtual ~BookSource() = default;
  // The best `depth` levels of each side, with the sequence and time that they are of. A contract that the source has not heard of has an
  // empty book.
  virtual v1::OrderBook ReadBook(exchange::ContractNumber contract, size_t depth) const = 0;
};

// Where a read stands in the one order of commands.
struct Moment {
  uint64_t sequence = 0;  // everything up to here is visible
  Timestamp time;         // journal time of that sequence
  // What a command that came now would be stamped with: the same, or the machine's clock if it is later and the store follows it. Decides
  // what has expired.
  Timestamp now;
};

class ReadSide {
 public:
  struct Options {
    Store* store = nullptr;
    Engine* engine = nullptr;           // null: GetStatus tells nothing of lanes
    const BookSource* books = nullptr;  // null: every book is empty
    Clock* clock = nullptr;             // null: the machine's
    const LogKeys* log_keys = nullptr;  // null: no checkpoint is signed, and no certificate given out
  };
  // All outlive this.
  explicit ReadSide(const Options& options);

  Store& store() { return *options_.store; }
  Engine* engine() { return options_.engine; }
  const BookSource* books() const { return options_.books; }
  const LogKeys* log_keys() const { return options_.log_keys; }

  // The newest published moment; of a snapshot, the moment that it shows.
  absl::StatusOr<Moment> NewestMoment();
  absl::StatusOr<Moment> MomentOf(const Snapshot& snapshot);

  // What the machine's clock says, whatever the store's follows.
  Timestamp MachineTime() const;

  // Contracts by code and number. Neither ever changes, and numbers have no gaps, so what was read once is kept. 0 and "" are none.
  absl::StatusOr<exchange::ContractNumber> FindContract(const std::string& code);
  absl::StatusOr<std::string> ContractCode(exchange::ContractNumber number);

 private:
  Moment MakeMoment(uint64_t sequence, Timestamp time);
  // Takes in contracts that were created since.
  absl::Status LearnContractsLocked();

  const Options options_;
  std::mutex mutex_;
  std::vector<std::string> codes_;  // by number - 1
  std::map<std::string, exchange::ContractNumber> numbers_;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_READS_READ_SIDE_H_
