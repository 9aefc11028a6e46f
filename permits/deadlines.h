// Deadlines: every legal period that runs, as an object. Its days and calendar come from the regime that governs it and stay with it (GEN-09); the
// calendar decides its last day (ledger/calendars.h); pauses move that day (GEN-05); when it has passed, the handler of its kind is told, once.
//
// Time: a period counts from the day after its event; it ends at 24:00 of its last day, so it has passed from 00:00 of the next day on. While its last
// day is provisional nothing irreversible happens by it: it does not pass, it is only escalated; loading the year counts it again.
// Where the law makes something of the passing, that happens by a timer in the same order as all commands; the command that comes late
// is refused by the state it finds. Those that are only owed (OVERDUE) stay open until they are met or dropped.
//
// Open deadlines are rows in memory; closed ones go to history (cold). One thread (the state machine).
#ifndef SONGHUA_PERMITS_DEADLINES_H_
#define SONGHUA_PERMITS_DEADLINES_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "ledger/calendars.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/tables.h"
#include "permits/regimes.h"
#include "songhua/v1/deadlines.pb.h"

namespace songhua::permits {

struct PauseRow {
  Date start;
  bool ended = false;
  Date end;  // the last day that does not count, where it ended
  std::string reason;
  std::string notice;

  template <class Archive>
  void Fields(Archive& a) {
    a(start, ended, end, reason, notice);
  }
};

// What a deadline is, open or closed.
struct DeadlineFields {
  uint64_t number = 0;
  v1::DeadlineKind kind = v1::DEADLINE_KIND_UNSPECIFIED;
  v1::DeadlineState state = v1::RUNNING;
  std::string subject;      // resource name: "applications/7"
  std::string participant;  // of the enterprise that owes it; empty: the authority does
  v1::Role role = v1::ROLE_UNSPECIFIED;  // of the officers who may do it
  Region region;
  std::string assignee;  // the officer, once there is one
  Date trigger;
  ledger::PeriodLength length;
  std::vector<PauseRow> pauses;
  Date due;  // as if the clock ran on, while it is paused
  bool provisional = false;
  bool escalated = false;
  std::string regime;  // "cn-permits.1"
  Date closed_on;

  bool paused() const { return !pauses.empty() && !pauses.back().ended; }
  bool open() const { return state == v1::RUNNING || state == v1::PAUSED || state == v1::OVERDUE; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, kind, state, subject, participant, role, region, assignee, trigger, length, pauses, due, provisional, escalated, regime,
      closed_on);
  }
};

struct DeadlineRow : DeadlineFields {
  static constexpr RowTable kTable = RowTable::kDeadlines;
  uint64_t Key() const { return number; }
};

// A closed one.
struct DeadlineHistoryRow : DeadlineFields {
  static constexpr RowTable kTable = RowTable::kDeadlineHistory;
  uint64_t Key() const { return number; }
};

// The open ones in the order in which they fall due: what queues are read from.
struct DeadlineQueueRow {
  static constexpr RowTable kTable = RowTable::kDeadlineQueue;
  Date due;
  uint64_t number = 0;

  std::tuple<int32_t, uint64_t> Key() const { return {due.value(), number}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(due, number);
  }
};

// All of a case, open or closed. Cold.
struct DeadlineIndexRow {
  static constexpr RowTable kTable = RowTable::kDeadlineIndex;
  std::string subject;
  uint64_t number = 0;

  std::tuple<std::string, uint64_t> Key() const { return {subject, number}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(subject, number);
  }
};

// What is to happen when a deadline has passed. Cannot fail. It may close the deadline, begin others, or leave it: then it is OVERDUE.
class DeadlineHandler {
 public:
  virtual ~DeadlineHandler() = default;
  virtual void OnPassed(CommandContext& context, const DeadlineRow& deadline) = 0;
};

// Wakes the engine: Deadlines::Pass is called soon after `at`. The engine connects it. Waking too often does no harm.
class Alarm {
 public:
  virtual ~Alarm() = default;
  virtual void WakeAt(Timestamp at) = 0;
};

class Deadlines {
 public:
  Deadlines(TableSet* tables, ledger::Counters* counters, const ledger::Calendars* calendars, Alarm* alarm);
  ~Deadlines();

  struct Start {
    v1::DeadlineKind kind = v1::DEADLINE_KIND_UNSPECIFIED;
    std::string subject;
    Date trigger;  // the day of the event; not counted
    std::string participant;
    v1::Role role = v1::ROLE_UNSPECIFIED;
    Region region;
    std::string assignee;
  };
  // Begins a period as the regime has it. REQUIRES: the subject has no open deadline of this kind.
  const DeadlineRow& Begin(CommandContext& context, const RegimeRow& regime, const Start& start);
  // The day on which a period that the regime gives would end.
  ledger::DueDay DueOf(const RegimeRow& regime, v1::DeadlineKind kind, Date trigger) const;

  // The open deadline of that kind of a case. Null: none.
  const DeadlineRow* Open(const std::string& subject, v1::DeadlineKind kind) const;
  // All open deadlines of a case, in the order of their numbers.
  std::vector<const DeadlineRow*> OpenOf(const std::string& subject) const;

  // The clock stands still from the day after today (GEN-05). REQUIRES: open and not paused.
  void Pause(CommandContext& context, const DeadlineRow& deadline, std::string_view reason, std::string_view notice);
  // The clock goes on from the day after today; the last day moves by the days that did not count. REQUIRES: paused.
  void Resume(CommandContext& context, const DeadlineRow& deadline);
  // Other days for the same event, such as 45 instead of 30 after a site check. Pauses stay.
  void Extend(CommandContext& context, const DeadlineRow& deadline, const RegimeRow& regime, v1::DeadlineKind kind);
  void Assign(CommandContext& context, const DeadlineRow& deadline, const std::string& person);
  // Done: MET, or MET_LATE after its last day.
  void Meet(CommandContext& context, const DeadlineRow& deadline);
  // Passed, with what the law makes of that: ELAPSED.
  void Elapse(CommandContext& context, const DeadlineRow& deadline);
  // Not needed any more.
  void Drop(CommandContext& context, const DeadlineRow& deadline);
  void DropAll(CommandContext& context, const std::string& subject);

  // Hands the deadlines that have passed by now to the handler, soonest first, at most `max` of them. True: there are more.
  bool Pass(CommandContext& context, DeadlineHandler& handler, size_t max);
  // Counts every open deadline that runs through the year again. The number of those that moved.
  uint32_t Recount(CommandContext& context, int32_t year);

  const DeadlineRow* Find(uint64_t number) const { return rows_.Find(number); }

 private:
  struct BySubject {
    std::string subject;
    v1::DeadlineKind kind;
    auto operator<=>(const BySubject&) const = default;
  };
  // Where its last day lies, given its pauses.
  ledger::DueDay DueNow(const DeadlineFields& deadline, Date today) const;
  void Place(const DeadlineRow& row);    // into the indexes
  void Unplace(const DeadlineRow& row);  // out of them
  // Applies `change` to the row, counts its last day again and tells.
  template <class Change>
  void Edit(CommandContext& context, const DeadlineRow& row, Change change);
  void Close(CommandContext& context, const DeadlineRow& row, v1::DeadlineState state);

  const ledger::Calendars* calendars_;
  ledger::Counters* counters_;
  Alarm* alarm_;
  Table<DeadlineRow> rows_;
  ColdTable<DeadlineHistoryRow> history_;
  Table<DeadlineQueueRow> queue_;
  ColdTable<DeadlineIndexRow> index_;
  std::map<BySubject, const DeadlineRow*> by_subject_;
  // Running ones by the first instant at which they have passed.
  std::set<std::tuple<Date, uint64_t>> waiting_;
};

v1::Deadline ToProto(const DeadlineFields& deadline, const ledger::Calendars& calendars);

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_DEADLINES_H_
