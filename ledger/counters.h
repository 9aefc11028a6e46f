// Counters: the numbers that the service gives to what it records. A counter is a row, so numbers go on where they were after a restart,
// and none is given twice, whatever has been erased in between.
#ifndef SONGHUA_LEDGER_COUNTERS_H_
#define SONGHUA_LEDGER_COUNTERS_H_

#include <cstdint>
#include <string>

#include "ledger/tables.h"

namespace songhua::ledger {

struct CounterRow {
  static constexpr RowTable kTable = RowTable::kCounters;
  std::string name;   // of what it counts: "participants"
  uint64_t next = 1;  // the number to be given next

  std::string Key() const { return name; }
  template <class Archive>
  void Fields(Archive& a) {
    a(name, next);
  }
};

class Counters {
 public:
  explicit Counters(TableSet* tables) : rows_(tables) {}

  // The next number of the counter, from 1 without gaps; a counter begins with its first use.
  uint64_t Next(const std::string& name) {
    const CounterRow* row = rows_.Find(name);
    if (row == nullptr) row = &rows_.Insert(CounterRow{name, 1});
    return rows_.Edit(*row).next++;
  }
  // The number that Next would give: for the answers of validate_only.
  uint64_t Peek(const std::string& name) const {
    const CounterRow* row = rows_.Find(name);
    return row == nullptr ? 1 : row->next;
  }

 private:
  Table<CounterRow> rows_;
};

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_COUNTERS_H_
