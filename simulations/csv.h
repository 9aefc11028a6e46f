// Reads comma separated values as RFC 4180 describes them, strictly: fields may be quoted, quoted fields may hold commas, line ends and
// doubled quotes; lines end with LF or CRLF; a UTF-8 byte order mark at the front is skipped. What the format does not allow is refused
// with its place, "file.csv:12:7: ...", and is never guessed: a quote inside an unquoted field, text behind a closing quote, a quote that
// never closes, a carriage return or NUL that stands alone, bytes that are not UTF-8.
//
//   SONGHUA_ASSIGN_OR_RETURN(CsvTable table, ReadCsvFile("retirements.csv"));
//   for (const CsvRow& row : table.rows) ... row.fields[column] ... table.Place(row)
//
// A row with more or fewer fields than the header is not an error of the format but a dirty row; it is handed over as it stands, and
// `CsvTable::Ragged` tells. Empty lines are skipped. Plain values; any thread.
#ifndef SONGHUA_SIMULATIONS_CSV_H_
#define SONGHUA_SIMULATIONS_CSV_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace songhua::simulations {

// What a file may hold. The largest registry publishes some hundred thousand rows of a few hundred bytes.
struct CsvBounds {
  size_t file_bytes_max = size_t{256} << 20;
  size_t rows_max = 2'000'000;
  size_t columns_max = 1'000;
  size_t field_bytes_max = size_t{64} << 10;
};

struct CsvRow {
  size_t line = 0;  // the one on which the row begins, from 1
  std::vector<std::string> fields;
};

struct CsvTable {
  std::string file;  // as messages name it
  std::vector<std::string> header;
  std::vector<CsvRow> rows;

  bool Ragged(const CsvRow& row) const { return row.fields.size() != header.size(); }
  // "file.csv:12"
  std::string Place(const CsvRow& row) const { return file + ":" + std::to_string(row.line); }
};

// Parses text; `file` only names it in messages. INVALID_ARGUMENT for what the format does not allow, and for a text without a header;
// OUT_OF_RANGE beyond the bounds.
absl::StatusOr<CsvTable> ParseCsv(std::string_view text, std::string_view file, const CsvBounds& bounds = {});
// The same from disk. NOT_FOUND when the file cannot be read.
absl::StatusOr<CsvTable> ReadCsvFile(const std::string& path, const CsvBounds& bounds = {});

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_CSV_H_
