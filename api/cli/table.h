// Text tables for people: columns as wide as their widest cell, numbers to the right, two blanks between.
#ifndef SONGHUA_API_CLI_TABLE_H_
#define SONGHUA_API_CLI_TABLE_H_

#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace songhua::api::cli {

struct Column {
  std::string heading;
  bool right = false;  // numbers
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // REQUIRES: as many cells as columns.
  void Add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  // Columns in which every cell is empty are left out; `indent` blanks stand before each line.
  void Print(std::ostream& out, size_t indent = 0) const;
  // The same without headings.
  void PrintRows(std::ostream& out, size_t indent = 0) const;

 private:
  void PrintLines(std::ostream& out, size_t indent, bool headings) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_TABLE_H_
