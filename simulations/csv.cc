#include "simulations/csv.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "absl/status/status.h"
#include "ledger/identifiers.h"
#include "ledger/refusal.h"

namespace songhua::simulations {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

class Parser {
 public:
  Parser(std::string_view text, std::string_view file, const CsvBounds& bounds) : text_(text), bounds_(bounds) {
    table_.file = std::string(file);
  }

  absl::StatusOr<CsvTable> Parse() {
    if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF")) {
      return Error(line_, 1, "the file is UTF-16; save it as UTF-8");
    }
    if (text_.starts_with(kUtf8Mark)) at_ = line_start_ = kUtf8Mark.size();
    while (at_ < text_.size()) SONGHUA_RETURN_IF_ERROR(ReadRow());
    if (table_.header.empty()) return Error(1, 1, "the file has no header line");
    return std::move(table_);
  }

 private:
  absl::Status Error(size_t line, size_t column, std::string_view what) const {
    return absl::InvalidArgumentError(table_.file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + std::string(what));
  }
  absl::Status TooLarge(size_t line, std::string_view what, size_t most) const {
    return absl::OutOfRangeError(table_.file + ":" + std::to_string(line) + ": more than " + std::to_string(most) + " " +
                                 std::string(what));
  }
  // Columns are counted in bytes from 1, as editors that do not know the encoding count them.
  size_t Column() const { return at_ - line_start_ + 1; }

  void EndLine(size_t bytes) {
    at_ += bytes;
    ++line_;
    line_start_ = at_;
  }
  // Bytes of the line end that begins here: 0 when none does.
  size_t LineEnd() const {
    if (text_[at_] == '\n') return 1;
    return text_.substr(at_).starts_with("\r\n") ? 2 : 0;
  }

  absl::Status ReadRow() {
    if (const size_t end = LineEnd(); end > 0) {  // an empty line
      EndLine(end);
      return absl::OkStatus();
    }
    CsvRow row;
    row.line = line_;
    while (true) {
      if (row.fields.size() == bounds_.columns_max) return TooLarge(row.line, "columns", bounds_.columns_max);
      std::string& field = row.fields.emplace_back();
      const size_t line = line_, column = Column();
      SONGHUA_RETURN_IF_ERROR(at_ < text_.size() && text_[at_] == '"' ? ReadQuoted(&field) : ReadPlain(&field));
      if (const absl::Status utf8 = ValidateUtf8(field, "field"); !utf8.ok()) {
        return Error(line, column, "the field is not UTF-8; save the file as UTF-8");
      }
      if (at_ == text_.size()) break;
      if (text_[at_] == ',') {
        ++at_;
        continue;
      }
      EndLine(LineEnd());
      break;
    }
    if (table_.header.empty()) {
      table_.header = std::move(row.fields);
      return absl::OkStatus();
    }
    if (table_.rows.size() == bounds_.rows_max) return TooLarge(row.line, "rows", bounds_.rows_max);
    table_.rows.push_back(std::move(row));
    return absl::OkStatus();
  }

  // Up to, not including, the comma or line end.
  absl::Status ReadPlain(std::string* field) {
    const size_t start = at_;
    for (; at_ < text_.size() && text_[at_] != ',' && LineEnd() == 0; ++at_) {
      const char c = text_[at_];
      if (c == '"')
        return Error(line_, Column(), "a quote inside a field that does not begin with one; quote the field and double the quote");
      if (c == '\r') return Error(line_, Column(), "a carriage return without a line feed");
      if (c == '\0') return Error(line_, Column(), "a NUL byte");
      if (at_ - start == bounds_.field_bytes_max) return TooLarge(line_, "bytes in one field", bounds_.field_bytes_max);
    }
    field->assign(text_.substr(start, at_ - start));
    return absl::OkStatus();
  }

  absl::Status ReadQuoted(std::string* field) {
    const size_t open_line = line_, open_column = Column();
    ++at_;
    while (true) {
      if (at_ == text_.size()) return Error(open_line, open_column, "a quote opens here and never closes");
      if (field->size() > bounds_.field_bytes_max) return TooLarge(open_line, "bytes in one field", bounds_.field_bytes_max);
      const char c = text_[at_];
      if (c == '\0') return Error(line_, Column(), "a NUL byte");
      if (c == '"') {
        ++at_;
        if (at_ == text_.size() || text_[at_] == ',' || LineEnd() > 0) return absl::OkStatus();
        if (text_[at_] != '"') return Error(line_, Column(), "text behind the closing quote; a quote inside a field is doubled");
      }
      field->push_back(c);
      if (c == '\n') {
        EndLine(1);
      } else {
        ++at_;
      }
    }
  }

  std::string_view text_;
  CsvBounds bounds_;
  CsvTable table_;
  size_t at_ = 0;
  size_t line_ = 1;
  size_t line_start_ = 0;
};

}  // namespace

absl::StatusOr<CsvTable> ParseCsv(std::string_view text, std::string_view file, const CsvBounds& bounds) {
  if (text.size() > bounds.file_bytes_max) {
    return absl::OutOfRangeError(std::string(file) + ": more than " + std::to_string(bounds.file_bytes_max) + " bytes");
  }
  return Parser(text, file, bounds).Parse();
}

absl::StatusOr<CsvTable> ReadCsvFile(const std::string& path, const CsvBounds& bounds) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (file == nullptr) return absl::NotFoundError(path + ": cannot be opened: " + std::strerror(errno));
  std::string text;
  char buffer[1 << 16];
  for (size_t read; (read = std::fread(buffer, 1, sizeof(buffer), file.get())) > 0;) {
    text.append(buffer, read);
    if (text.size() > bounds.file_bytes_max) break;  // ParseCsv says so
  }
  if (std::ferror(file.get())) return absl::NotFoundError(path + ": cannot be read: " + std::strerror(errno));
  return ParseCsv(text, path, bounds);
}

}  // namespace songhua::simulations
