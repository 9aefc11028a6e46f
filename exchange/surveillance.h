// Surveillance of the market (CAR-28): what the trades and orders of a contract's day come to, and at the close of its session what of that an operator
// should look at. The thresholds are the rulebook's; where it names none, nothing is watched and nothing is kept.
//
//   WASH_TRADES          two groups sold to each other in turns: as many changes of direction as wash_turns
//   PAIR_SHARE           what two groups traded with each other is more than pair_share_bps of the day's volume (DailyBar)
//   LIMIT_CANCELLATIONS  of what a group placed at the limits of the band, in at least limit_orders_min orders, it cancelled more than cancellation_bps;
//                        an order that is replaced is cancelled and placed anew
//
// The sums are rows of the day, so that a restart loses none; they go when the contract opens on another day. Each contract watches at most kWatchedMax pairs
// and as many groups a day, the first that come: memory is bounded whatever traders do. A day that is closed again raises no flag twice.
//
// One thread (the state machine).
#ifndef SONGHUA_EXCHANGE_SURVEILLANCE_H_
#define SONGHUA_EXCHANGE_SURVEILLANCE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "exchange/contracts.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "songhua/v1/surveillance.pb.h"

namespace songhua::exchange {

// What two entity groups traded with each other on the contract's day.
struct WatchedPairRow {
  static constexpr RowTable kTable = RowTable::kWatchedPairs;
  ContractNumber contract = 0;
  ledger::ParticipantNumber first = 0, second = 0;  // first <= second
  Quantity quantity;
  uint32_t trades = 0;
  uint32_t turns = 0;  // how often the seller was another than the time before
  ledger::ParticipantNumber last_seller = 0;

  std::tuple<ContractNumber, ledger::ParticipantNumber, ledger::ParticipantNumber> Key() const { return {contract, first, second}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(contract, first, second, quantity, trades, turns, last_seller);
  }
};

// What an entity group placed at the limits of the day's band, and took back.
struct WatchedGroupRow {
  static constexpr RowTable kTable = RowTable::kWatchedGroups;
  ContractNumber contract = 0;
  ledger::ParticipantNumber group = 0;
  uint32_t orders = 0;
  Quantity placed, cancelled;

  std::tuple<ContractNumber, ledger::ParticipantNumber> Key() const { return {contract, group}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(contract, group, orders, placed, cancelled);
  }
};

struct SurveillanceFlagRow {
  static constexpr RowTable kTable = RowTable::kSurveillanceFlags;
  uint64_t number = 0;
  v1::SurveillanceFlag::Kind kind = v1::SurveillanceFlag::KIND_UNSPECIFIED;
  ContractNumber contract = 0;
  Date date{};
  ledger::ParticipantNumber first = 0, second = 0;  // second is 0 where one group is meant
  std::vector<std::string> participants;            // the first of each group
  Quantity quantity, of_quantity;
  int64_t count = 0;
  Timestamp raise_time;
  std::string acknowledged_by;
  std::string note;
  Timestamp acknowledge_time;

  uint64_t Key() const { return number; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, kind, contract, date, first, second, participants, quantity, of_quantity, count, raise_time, acknowledged_by, note, acknowledge_time);
  }
};

class Surveillance {
 public:
  static constexpr size_t kWatchedMax = 10'000;
  static constexpr size_t kNoteBytesMax = 500;

  Surveillance(TableSet* tables, ledger::Counters* counters, const ledger::Participants* participants);
  ~Surveillance();

  // Of contracts whose terms have a surveillance rule only.
  void CountTrade(ContractNumber contract, ledger::ParticipantNumber seller, ledger::ParticipantNumber buyer, Quantity quantity);
  void CountPlaced(const ContractRow& contract, ledger::ParticipantNumber group, Price price, Quantity quantity);
  void CountCancelled(const ContractRow& contract, ledger::ParticipantNumber group, Price price, Quantity quantity);
  // At the close: raises the flags of the day so far. Emits kSurveillanceFlagged: number, kind, contract, date, groups.
  void Judge(CommandContext& context, const ContractRow& contract);
  // A new day begins.
  void Forget(ContractNumber contract);

  // Checks: form of name and note; there is such a flag; nobody has acknowledged it (ILLEGAL_TRANSITION). `code_of` gives the code of a contract.
  absl::StatusOr<v1::SurveillanceFlagAnswer> Acknowledge(CommandContext& context, const v1::AcknowledgeSurveillanceFlagRequest& request,
                                                         const std::function<std::string(ContractNumber)>& code_of);
  const SurveillanceFlagRow* FindFlag(uint64_t number) const { return flags_.Find(number); }

  // What a contract's day has come to is not more than was traded.
  void CheckInvariants(const ContractRow& contract) const;

 private:
  using Pair = std::pair<ledger::ParticipantNumber, ledger::ParticipantNumber>;
  struct Day {
    std::map<Pair, WatchedPairRow*> pairs;
    std::map<ledger::ParticipantNumber, WatchedGroupRow*> groups;
  };
  Day& DayOf(ContractNumber contract);
  // Null: as many are watched as may be.
  WatchedGroupRow* GroupIn(ContractNumber contract, ledger::ParticipantNumber group);
  void Raise(CommandContext& context, SurveillanceFlagRow row);

  ledger::Counters* counters_;
  const ledger::Participants* participants_;
  Table<WatchedPairRow> pairs_;
  Table<WatchedGroupRow> groups_;
  Table<SurveillanceFlagRow> flags_;
  std::vector<Day> days_;  // by contract number - 1
  using FlagKey = std::tuple<ContractNumber, Date, int, ledger::ParticipantNumber, ledger::ParticipantNumber>;
  std::map<FlagKey, const SurveillanceFlagRow*> raised_;
};

// `contract`: its resource name.
v1::SurveillanceFlag ToProto(const SurveillanceFlagRow& row, const std::string& contract);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_SURVEILLANCE_H_
