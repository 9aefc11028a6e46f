#include "api/reads/page.h"

#include "absl/strings/escaping.h"
#include "ledger/bounds.h"
#include "ledger/codec.h"
#include "ledger/crc32c.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

constexpr uint8_t kTokenVersion = 1;

}  // namespace

std::string FormatPageToken(const PageToken& token) {
  std::string bytes;
  Encoder encoder(&bytes);
  encoder(kTokenVersion, token);
  encoder(Crc32c(bytes));
  return absl::WebSafeBase64Escape(bytes);
}

absl::StatusOr<PageToken> ParsePageToken(const std::string& text) {
  const auto refuse = [] {
    return InvalidField("page.page_token", "(not a token of this service)", "the next_page_token of the page before, whole and unchanged");
  };
  std::string bytes;
  if (text.size() > bounds::kPageTokenBytesMax || !absl::WebSafeBase64Unescape(text, &bytes) || bytes.size() < sizeof(uint32_t))
    return refuse();
  const std::string_view body = std::string_view(bytes).substr(0, bytes.size() - sizeof(uint32_t));
  uint8_t version = 0;
  uint32_t checksum = 0;
  PageToken token;
  Decoder decoder(bytes);
  decoder(version, token, checksum);
  if (!decoder.done() || version != kTokenVersion || checksum != Crc32c(body) || !IsValid(token.today)) return refuse();
  return token;
}

bool Page::Full() const { return rows_ >= rows_max_ || bytes_ >= bounds::kPageBytesMax || looked_at_ >= bounds::kPageLookedAtMax; }

void Page::Count(size_t bytes_added) {
  ++looked_at_;
  if (bytes_added == 0) return;
  ++rows_;
  bytes_ += bytes_added;
}

}  // namespace songhua::api
