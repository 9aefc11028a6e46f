// Tables of daily bars as an exchange publishes them: one row an instrument and day, prices and amount in yuan, volume in tonnes. Columns
// are recognised by meaning (column_finder.h): date, instrument, open, high, low, average, close, volume and amount.
#ifndef SONGHUA_SIMULATIONS_DAILY_BAR_RECORDS_H_
#define SONGHUA_SIMULATIONS_DAILY_BAR_RECORDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/legal_time.h"
#include "simulations/comparison.h"
#include "simulations/csv.h"

namespace songhua::simulations {

// Bounds of what is taken for a figure; the product of a price and a volume stays in 64 bits.
inline constexpr int64_t kBarPriceMax = 1'000'000'000;               // fen
inline constexpr int64_t kBarVolumeMax = 1'000'000'000;              // tonnes
inline constexpr int64_t kBarAmountMax = 1'000'000'000'000'000'000;  // fen

struct DailyBarRecord {
  std::string place;  // "file.csv:12"
  Date date{};
  std::string instrument;
  int64_t open = 0;  // fen, as all prices
  int64_t close = 0;
  bool has_range = false;  // high and low are published
  int64_t high = 0;
  int64_t low = 0;
  bool has_average = false;
  int64_t average = 0;
  int64_t volume = 0;  // tonnes
  int64_t amount = 0;  // fen
};

// The rows in the order of the file. A cell that cannot be read is reported and its row left out. INVALID_ARGUMENT lists the columns that
// are missing.
absl::StatusOr<std::vector<DailyBarRecord>> ReadDailyBarRecords(const CsvTable& table, Comparison* comparison);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_DAILY_BAR_RECORDS_H_
