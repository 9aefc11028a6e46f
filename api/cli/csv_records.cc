#include "api/cli/csv_records.h"

#include "api/cli/text.h"
#include "ledger/identifiers.h"
#include "ledger/refusal.h"

namespace songhua::api::cli {
namespace {

constexpr size_t kRecordBytesMax = 64 * 1024;

}  // namespace

absl::StatusOr<std::optional<std::vector<std::string>>> CsvRecords::Next() {
  std::string text;
  while (std::getline(file_, text)) {
    first_line_ = ++line_;
    if (line_ == 1 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    if (Trim(text).find_first_not_of(", \t") == std::string::npos) continue;  // a spreadsheet's empty rows
    return SplitRecord(std::move(text));
  }
  return std::optional<std::vector<std::string>>();
}

absl::StatusOr<std::optional<std::vector<std::string>>> CsvRecords::SplitRecord(std::string text) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  bool closed = false;  // a quoted field has ended: a comma or the end follows
  size_t bytes = 0;
  for (size_t i = 0;; ++i) {
    if (i == text.size() && quoted) {  // the field goes on in the next line
      bytes += text.size();
      if (bytes > kRecordBytesMax || !std::getline(file_, text)) return absl::InvalidArgumentError("a quoted field does not end");
      ++line_;
      fields.back() += '\n';
      i = static_cast<size_t>(-1);
      continue;
    }
    if (i == text.size()) break;
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        fields.back() += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        fields.back() += text[++i];
      } else {
        quoted = false;
        closed = true;
      }
    } else if (c == ',') {
      fields.emplace_back();
      closed = false;
    } else if (c == '\r' && i + 1 == text.size()) {
      break;
    } else if (c == '"' && fields.back().empty() && !closed) {
      quoted = true;
    } else if (c == '"' || closed) {
      return absl::InvalidArgumentError("a quote that stands inside a field");
    } else {
      fields.back() += c;
    }
  }
  if (bytes + text.size() > kRecordBytesMax) return absl::InvalidArgumentError(std::to_string(bytes + text.size()) + " bytes");
  for (std::string& field : fields) {
    SONGHUA_RETURN_IF_ERROR(ValidateUtf8(field, "the table (save it as CSV UTF-8)"));
    field = Trim(field);
  }
  return std::optional(std::move(fields));
}

}  // namespace songhua::api::cli
