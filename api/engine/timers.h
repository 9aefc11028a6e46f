// Timers: what the engine does by itself when journal time reaches a point. A timer that is due fires in a record of its own, in the order (due,
// kind), before any other command at that time or later. What a timer does is housekeeping: whether a session, a lot or a hold is still valid never
// depends on it (DESIGN.md section 4).
#ifndef SONGHUA_API_ENGINE_TIMERS_H_
#define SONGHUA_API_ENGINE_TIMERS_H_

#include <cstdint>
#include <optional>
#include <set>
#include <tuple>

#include "ledger/legal_time.h"
#include "ledger/tables.h"

namespace songhua::api {

// Numbers are on disk.
enum class TimerKind : uint8_t {
  kCloseStaleSessions = 1,  // at midnight after a session
  kPassDeadlines = 2,       // at midnight after a deadline's last day
  kExpirePermits = 3,       // at midnight after a permit's last day
  kRemoveImports = 4,       // soon after an import was discarded
  kCarryAllocations = 5,    // soon after a plan was approved or discarded
  kPassLeases = 8,          // at midnight after a lease's last day, or after the first of one that was not approved
  kPassProposals = 11,      // when a proposed transfer is to be executed, or expires
  kPassMarketPhases = 12,   // when a phase of a market day begins
  kPassSettlements = 13,    // while a settlement batch has work: to clear, to deliver, to reconcile
  kPassVoidCalls = 14,      // when a call auction becomes void unless its seed was revealed
  kPassOffers = 15,         // when a listing, an intent or a negotiation has had its time
  kPassAuctions = 16,       // when an auction's registration or bidding closes, or a term of it ends; and while its awards are made
  kPassPledges = 17,        // at midnight after the last day on which a bank approves, or a pledgor confirms, a pledge
  kPassTradeClocks = 9,     // at midnight after the last day to verify, pay or show a trade
};

struct TimerRow {
  static constexpr RowTable kTable = RowTable::kTimers;
  Timestamp due;
  TimerKind kind = TimerKind::kCloseStaleSessions;

  std::tuple<int64_t, uint8_t> Key() const { return {due.value(), static_cast<uint8_t>(kind)}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(due, kind);
  }
};

class Timers {
 public:
  explicit Timers(TableSet* tables) : rows_(tables) {
    rows_.OnLoaded([this](TimerRow& row) { order_.insert(row.Key()); });
  }

  // One timer of a kind at one instant is enough; a second is the same.
  void Schedule(Timestamp due, TimerKind kind) {
    const TimerRow row{due, kind};
    if (order_.insert(row.Key()).second) rows_.Insert(row);
  }
  // The first timer; nullopt when none is set.
  std::optional<TimerRow> First() const {
    if (order_.empty()) return std::nullopt;
    return *rows_.Find(*order_.begin());
  }
  void Finish(const TimerRow& timer) {
    order_.erase(timer.Key());
    rows_.Erase(*rows_.Find(timer.Key()));
  }

 private:
  Table<TimerRow> rows_;
  std::set<std::tuple<int64_t, uint8_t>> order_;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_ENGINE_TIMERS_H_
