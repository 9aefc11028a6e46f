#include "ledger/proofs/checkpoint.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/escaping.h"

namespace songhua::proofs {
namespace {

constexpr size_t kShownBytesMax = 80;

absl::Status BadLine(int line, std::string_view value, std::string_view accepted) {
  return absl::InvalidArgumentError("line " + std::to_string(line) + " of the checkpoint is '" + std::string(value.substr(0, kShownBytesMax)) + "'; accepted: " + std::string(accepted));
}

}  // namespace

std::string LogOrigin(std::string_view store_id) { return "songhua/" + std::string(store_id); }

std::string Checkpoint::Text() const {
  return origin + "\n" + std::to_string(size) + "\n" + absl::Base64Escape(absl::string_view(AsBytes(root).data(), root.size())) + "\n" + extensions;
}

absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text) {
  if (text.empty() || text.back() != '\n') return absl::InvalidArgumentError("the checkpoint does not end with a newline");
  const auto next_line = [&text](std::string_view* line) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    *line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return true;
  };
  Checkpoint checkpoint;
  std::string_view line;
  if (!next_line(&line) || line.empty()) return BadLine(1, line, "the log's origin");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(line.begin(), line.end(), is_control)) return BadLine(1, "control characters", "the log's origin, printable");
  checkpoint.origin = std::string(line);
  constexpr std::string_view kSizeAccepted = "the number of leaves, in decimal digits without a leading zero, below 2^63";
  if (!next_line(&line)) return BadLine(2, "missing", kSizeAccepted);
  const bool digits = !line.empty() && line.find_first_not_of("0123456789") == std::string_view::npos && (line == "0" || line.front() != '0');
  const auto read = std::from_chars(line.data(), line.data() + line.size(), checkpoint.size);
  if (!digits || read.ec != std::errc() || checkpoint.size > INT64_MAX) return BadLine(2, line, kSizeAccepted);
  constexpr std::string_view kRootAccepted = "the root, 32 bytes in base64";
  if (!next_line(&line)) return BadLine(3, "missing", kRootAccepted);
  std::string root;
  const absl::string_view encoded(line.data(), line.size());
  if (!absl::Base64Unescape(encoded, &root) || root.size() != checkpoint.root.size() || absl::Base64Escape(root) != encoded) return BadLine(3, line, kRootAccepted);
  std::copy(root.begin(), root.end(), checkpoint.root.begin());
  checkpoint.extensions = std::string(text);
  for (int number = 4; next_line(&line); ++number) {
    if (line.empty() || std::any_of(line.begin(), line.end(), is_control)) return BadLine(number, line, "an extension line that is not empty, printable");
  }
  return checkpoint;
}

}  // namespace songhua::proofs
