// The file of `songhua import permits`, read permit by permit: lines of JSON, or a table of comma separated values (*.csv).
//
// A table has a row for each outlet and pollutant; rows of one permit follow each other. Its columns are known by their names, in English or
// Chinese (ColumnsHelp). Memory goes by the permit, not by the file. One thread.
#ifndef SONGHUA_API_CLI_IMPORT_FILE_H_
#define SONGHUA_API_CLI_IMPORT_FILE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "songhua/v1/imports.pb.h"

namespace songhua::api::cli {

class ImportFile {
 public:
  virtual ~ImportFile() = default;
  // The next permit, also one that cannot be read: `unreadable` then says in which line and why. False: there is none.
  virtual bool Next(v1::ImportPermit* permit) = 0;
  // The line on which the permit that Next gave last begins, from 1.
  virtual uint32_t line() const = 0;
};

// INVALID_ARGUMENT where the file cannot be read, or its head names no permits: a column that nobody knows, twice, or missing.
absl::StatusOr<std::unique_ptr<ImportFile>> OpenImportFile(const std::string& path);

// For OpenImportFile.
absl::StatusOr<std::unique_ptr<ImportFile>> OpenPermitTable(const std::string& path);
// What the columns are called, a line each.
std::string ColumnsHelp();

// A permit that cannot be read.
void SetUnreadable(uint32_t line, const std::string& why, v1::ImportPermit* permit);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_IMPORT_FILE_H_
