#include "simulations/daily_bar_records.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "ledger/amounts.h"
#include "ledger/refusal.h"
#include "simulations/column_finder.h"

namespace songhua::simulations {
namespace {

const Meaning kDay = {"date", {"trading date", "trade date", "date", "trading day", "day"}, {}};
const Meaning kInstrument = {"instrument", {"instrument", "contract", "product", "symbol", "code", "variety"}, {}};
const Meaning kOpen = {"opening price", {"open", "opening"}, {"interest"}};
const Meaning kHigh = {"highest price", {"high", "highest"}, {}};
const Meaning kLow = {"lowest price", {"low", "lowest"}, {}};
const Meaning kAverage = {"average price", {"average", "avg", "vwap", "weighted"}, {"volume", "amount"}};
const Meaning kClose = {"closing price", {"close", "closing"}, {"previous"}};
const Meaning kVolume = {"volume", {"volume", "quantity"}, {"average"}};
const Meaning kAmount = {"amount", {"amount", "turnover", "value"}, {"average"}};

struct Columns {
  size_t date, instrument, open, high, low, average, close, volume, amount;
};

// One row, read cell by cell; what cannot be read is reported once.
class BarReader {
 public:
  BarReader(const CsvTable& table, const CsvRow& row, Comparison* comparison) : table_(table), row_(row), comparison_(comparison) {}

  bool readable() const { return readable_; }

  std::string Text(size_t column) {
    std::string text = ReadFigure(row_.fields[column]).text;
    if (text.empty()) Unreadable(column, "a name");
    return text;
  }
  Date Day(size_t column) {
    const auto date = ParseDate(ReadFigure(row_.fields[column]).text);
    if (!date.ok()) Unreadable(column, "a date such as 2021-06-24");
    return date.value_or(Date());
  }
  // Yuan, to the fen; nullopt: blank.
  std::optional<int64_t> Fen(size_t column, int64_t most) {
    const Figure figure = ReadFigure(row_.fields[column]);
    if (figure.blank()) return std::nullopt;
    const auto fen = ParseDecimal(figure.text, 2);
    if (!fen.ok() || *fen < 0 || *fen > most) Unreadable(column, "yuan from 0 to " + FormatMoney(Money(most)));
    return fen.value_or(0);
  }
  int64_t NeededFen(size_t column, int64_t most) {
    const std::optional<int64_t> fen = Fen(column, most);
    if (!fen.has_value()) Unreadable(column, "yuan from 0 to " + FormatMoney(Money(most)));
    return fen.value_or(0);
  }
  int64_t Tonnes(size_t column) {
    const Figure figure = ReadFigure(row_.fields[column]);
    if (!figure.is_number() || figure.number < 0 || figure.number > kBarVolumeMax) {
      Unreadable(column, "a whole number from 0 to " + std::to_string(kBarVolumeMax));
    }
    return figure.number;
  }
  void Unreadable(size_t column, const std::string& accepted) {
    if (readable_) comparison_->Unreadable(table_.Place(row_), table_.header[column], row_.fields[column], accepted);
    readable_ = false;
  }

 private:
  const CsvTable& table_;
  const CsvRow& row_;
  Comparison* comparison_;
  bool readable_ = true;
};

std::optional<DailyBarRecord> ReadRow(const CsvTable& table, const CsvRow& row, const Columns& columns, Comparison* comparison) {
  if (table.Ragged(row)) {
    comparison->Unreadable(table.Place(row), "row", row.fields.front() + ", ...",
                           std::to_string(table.header.size()) + " fields but " + std::to_string(row.fields.size()));
    return std::nullopt;
  }
  BarReader reader(table, row, comparison);
  DailyBarRecord record;
  record.place = table.Place(row);
  record.date = reader.Day(columns.date);
  record.instrument = reader.Text(columns.instrument);
  record.open = reader.NeededFen(columns.open, kBarPriceMax);
  record.close = reader.NeededFen(columns.close, kBarPriceMax);
  const std::optional<int64_t> high = reader.Fen(columns.high, kBarPriceMax);
  const std::optional<int64_t> low = reader.Fen(columns.low, kBarPriceMax);
  const std::optional<int64_t> average = reader.Fen(columns.average, kBarPriceMax);
  if (high.has_value() != low.has_value())
    reader.Unreadable(high.has_value() ? columns.low : columns.high, "a price beside the other of the two");
  if (high.has_value() && !average.has_value()) reader.Unreadable(columns.average, "a price beside high and low");
  record.has_range = high.has_value();
  record.high = high.value_or(0);
  record.low = low.value_or(0);
  record.has_average = average.has_value();
  record.average = average.value_or(0);
  record.volume = reader.Tonnes(columns.volume);
  record.amount = reader.NeededFen(columns.amount, kBarAmountMax);
  if (record.has_range && record.volume == 0) reader.Unreadable(columns.volume, "a volume above 0 where there is a high and a low");
  if (!reader.readable()) return std::nullopt;
  return record;
}

}  // namespace

absl::StatusOr<std::vector<DailyBarRecord>> ReadDailyBarRecords(const CsvTable& table, Comparison* comparison) {
  ColumnFinder finder(table);
  const Columns columns = {.date = finder.Require(kDay),
                           .instrument = finder.Require(kInstrument),
                           .open = finder.Require(kOpen),
                           .high = finder.Require(kHigh),
                           .low = finder.Require(kLow),
                           .average = finder.Require(kAverage),
                           .close = finder.Require(kClose),
                           .volume = finder.Require(kVolume),
                           .amount = finder.Require(kAmount)};
  SONGHUA_RETURN_IF_ERROR(finder.Finish());
  std::vector<DailyBarRecord> records;
  for (const CsvRow& row : table.rows) {
    if (std::optional<DailyBarRecord> record = ReadRow(table, row, columns, comparison)) records.push_back(*std::move(record));
  }
  return records;
}

}  // namespace songhua::simulations
