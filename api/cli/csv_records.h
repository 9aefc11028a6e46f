// Comma separated values as RFC 4180 has them, in UTF-8, as spreadsheets save them. One thread.
//
//   CsvRecords records(std::ifstream(path, std::ios::binary));
//   const auto head = records.Next();
#ifndef SONGHUA_API_CLI_CSV_RECORDS_H_
#define SONGHUA_API_CLI_CSV_RECORDS_H_

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace songhua::api::cli {

// Splits a file into records. A quoted field may hold commas, doubled quotes and ends of lines; fields come without blanks at either end. A byte order mark and
// records without any field are passed over.
class CsvRecords {
 public:
  explicit CsvRecords(std::ifstream file) : file_(std::move(file)) {}

  // The line on which the last record began, from 1.
  uint32_t line() const { return first_line_; }
  // The next record. nullopt: the end. INVALID_ARGUMENT for one that is malformed; the next begins on the next line.
  absl::StatusOr<std::optional<std::vector<std::string>>> Next();

 private:
  absl::StatusOr<std::optional<std::vector<std::string>>> SplitRecord(std::string text);

  std::ifstream file_;
  uint32_t line_ = 0;
  uint32_t first_line_ = 0;
};

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_CSV_RECORDS_H_
