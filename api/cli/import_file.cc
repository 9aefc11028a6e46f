#include "api/cli/import_file.h"

#include <fstream>

#include "api/cli/text.h"
#include "google/protobuf/util/json_util.h"
#include "ledger/bounds.h"

namespace songhua::api::cli {
namespace {

// A longer line is no permit.
constexpr size_t kLineBytesMax = bounds::kRequestBytesMax / 2;
constexpr size_t kWhyBytesMax = 400;

// One permit a line that is not blank.
class JsonLines final : public ImportFile {
 public:
  explicit JsonLines(std::ifstream file) : file_(std::move(file)) {}

  uint32_t line() const override { return line_; }
  bool Next(v1::ImportPermit* permit) override {
    std::string text;
    while (std::getline(file_, text)) {
      ++line_;
      if (Trim(text).empty()) continue;
      permit->Clear();
      if (text.size() > kLineBytesMax) {
        SetUnreadable(line_, std::to_string(text.size()) + " bytes", permit);
      } else if (const auto parsed = google::protobuf::util::JsonStringToMessage(text, permit); !parsed.ok()) {
        SetUnreadable(line_, std::string(parsed.message()), permit);
      }
      return true;
    }
    return false;
  }

 private:
  std::ifstream file_;
  uint32_t line_ = 0;
};

}  // namespace

void SetUnreadable(uint32_t line, const std::string& why, v1::ImportPermit* permit) {
  permit->Clear();
  permit->set_unreadable(("line " + std::to_string(line) + ": " + why).substr(0, kWhyBytesMax));
}

absl::StatusOr<std::unique_ptr<ImportFile>> OpenImportFile(const std::string& path) {
  if (LowerCase(path).ends_with(".csv")) return OpenPermitTable(path);
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return absl::InvalidArgumentError("cannot read " + path);
  return std::unique_ptr<ImportFile>(std::make_unique<JsonLines>(std::move(file)));
}

}  // namespace songhua::api::cli
