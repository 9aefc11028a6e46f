// Pages of a list: how far one goes, and the token by which the next goes on (AIP-158).
//
// A token carries the sequence of the snapshot, the date of the first page, the place of the last row looked at, and a digest of method and
// filter. It is opaque to callers but no secret: a forged one shows nothing that its caller may not see.
#ifndef SONGHUA_API_READS_PAGE_H_
#define SONGHUA_API_READS_PAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "ledger/legal_time.h"

namespace songhua::api {

// A place in a list: which of its ranges, and the key of a row in it. Before the first row: 0 and "".
struct PagePosition {
  uint8_t range = 0;
  std::string key;
};

struct PageToken {
  uint64_t sequence = 0;
  Date today;
  PagePosition last;   // the page begins behind it
  std::string filter;  // of the request that it was made for

  template <class Archive>
  void Fields(Archive& a) {
    a(sequence, today, last.range, last.key, filter);
  }
};

std::string FormatPageToken(const PageToken& token);
// INVALID_ARGUMENT for what FormatPageToken cannot have made.
absl::StatusOr<PageToken> ParsePageToken(const std::string& text);

// How much a page may hold: the rows asked for, an answer well below gRPC's usual 4 MiB, and a bounded number of rows looked at, so that a
// list of which the caller may see little comes in short pages instead of in one long scan.
class Page {
 public:
  Page() = default;
  Page(size_t rows_max, PagePosition start) : rows_max_(rows_max), start_(std::move(start)) {}

  const PagePosition& start() const { return start_; }
  bool Full() const;
  // A row was looked at; it adds so many bytes to the answer, 0 when it does not count.
  void Count(size_t bytes_added);

 private:
  size_t rows_max_ = 0;
  PagePosition start_;
  size_t rows_ = 0, bytes_ = 0, looked_at_ = 0;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_READS_PAGE_H_
