// What one read sees: published rows as of one sequence, and who asks.
//
// Reads never touch the state machine's memory. A point read looks into the published delta and then into RocksDB; a list opens a snapshot,
// which its page tokens name again, so that all pages show one state.
//
//   ReadContext context(&side, &method, &caller);
//   SONGHUA_RETURN_IF_ERROR(context.Begin(request));                       // fixes what is seen; takes the page out of the request
//   SONGHUA_ASSIGN_OR_RETURN(auto lot, context.Get<ledger::LotRow>(12));   // nullopt: there is none
//   SONGHUA_RETURN_IF_ERROR(context.List<ledger::LotIndexRow>(EncodeKey(account), visit, answer.mutable_next_page_token()));
//   context.Finish(answer.mutable_header());
//
// One thread; one ReadContext a call.
#ifndef SONGHUA_API_READS_READ_CONTEXT_H_
#define SONGHUA_API_READS_READ_CONTEXT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/engine/method.h"
#include "api/reads/page.h"
#include "api/reads/read_side.h"
#include "ledger/codec.h"
#include "ledger/legal_time.h"
#include "ledger/refusal.h"
#include "ledger/snapshot.h"
#include "ledger/store.h"
#include "ledger/tables.h"
#include "songhua/v1/common.pb.h"

namespace songhua::api {

// The person behind a token, from published rows (api/reads/authenticate.h).
struct Caller {
  std::string token_sha256;
  ledger::PersonRow person;
};

// Rows of one table whose key begins with a prefix.
struct RowRange {
  RowTable table;
  std::string prefix;
};

class ReadContext {
 public:
  // Bytes that a visited row adds to the answer; 0: it does not count, because the caller may not see it or did not ask for it.
  using Added = absl::StatusOr<size_t>;

  // `caller` is null where the method is open to anybody. All outlive the context.
  ReadContext(ReadSide* side, const Method* method, const Caller* caller) : side_(side), method_(method), caller_(caller) {}

  // Asked now and then during long scans: true ends them with CANCELLED.
  void SetCancelled(std::function<bool()> cancelled) { cancelled_ = std::move(cancelled); }

  // Fixes the moment. A request with a field `page` is a list: its rows and all others come from one snapshot, the newest or the one that
  // the page token names. INVALID_ARGUMENT for a page size out of bounds, and a token that is malformed or of another request; ABORTED when
  // the snapshot is gone.
  absl::Status Begin(const google::protobuf::Message& request);
  // From here on every row comes from the newest snapshot: for answers that follow from several rows.
  absl::Status UseSnapshot();
  bool has_snapshot() const { return snapshot_ != nullptr; }

  // ---- Rows ----

  // A row by the key that it is stored under; nullopt: there is none.
  template <class Row>
  absl::StatusOr<std::optional<Row>> Get(const StoredKeyOf<Row>& key) {
    auto bytes = GetBytes(static_cast<TableId>(Row::kTable), EncodeRowKey(key));
    SONGHUA_RETURN_IF_ERROR(bytes.status());
    if (!bytes->has_value()) return std::optional<Row>();
    Row row;
    SONGHUA_RETURN_IF_ERROR(DecodeValue(**bytes, &row));
    return std::optional<Row>(std::move(row));
  }

  // Every row whose key begins with `prefix`, in key order. REQUIRES: a snapshot.
  template <class Row>
  absl::Status ForEach(std::string_view prefix, const std::function<absl::Status(const Row&)>& visit) {
    return Scan(static_cast<TableId>(Row::kTable), prefix, "", [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
      Row row;
      SONGHUA_RETURN_IF_ERROR(DecodeValue(value, &row));
      SONGHUA_RETURN_IF_ERROR(visit(row));
      return true;
    });
  }

  // Rows from the first whose key comes after `start_after`, until visit returns false. REQUIRES: a snapshot.
  template <class Row>
  absl::Status ForEachAfter(std::string_view start_after, const std::function<absl::StatusOr<bool>(const Row&)>& visit) {
    return Scan(static_cast<TableId>(Row::kTable), "", start_after, [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
      Row row;
      SONGHUA_RETURN_IF_ERROR(DecodeValue(value, &row));
      return visit(row);
    });
  }

  // ---- Lists. REQUIRES: Begin(request) of a request with a page. ----

  // One page of several ranges, one after the other; `visit` gets the index of the range. Sets the token for what is left.
  absl::Status ListRanges(const std::vector<RowRange>& ranges, const std::function<Added(size_t range, std::string_view value)>& visit,
                          std::string* next_page_token);
  // One page of one table.
  template <class Row>
  absl::Status List(std::string_view prefix, const std::function<Added(const Row&)>& visit, std::string* next_page_token) {
    return ListRanges(
        {{Row::kTable, std::string(prefix)}},
        [&](size_t, std::string_view value) -> Added {
          Row row;
          SONGHUA_RETURN_IF_ERROR(DecodeValue(value, &row));
          return visit(row);
        },
        next_page_token);
  }
  // For lists that are no ranges: where the page begins, whether it is full, and the token for going on after `last`.
  Page& page() { return page_; }
  std::string TokenAfter(const PagePosition& last) const;

  // ---- Who asks ----

  // Whether the caller's roles reach the target, by the method's grants.
  absl::Status Authorize(const Target& target) const;
  bool MaySee(const Target& target) const;
  // The caller's participant where all his roles that the method names reach no further than it; empty otherwise. A list then needs to look
  // at no rows but that participant's.
  std::string OnlyParticipant() const;
  const Caller* caller() const { return caller_; }

  // ---- When ----

  const Moment& moment() const { return moment_; }
  // The legal date by which validity is judged. All pages of a list have that of the first.
  Date today() const { return today_; }
  // Fills in sequence and time.
  void Finish(v1::AnswerHeader* header) const;

  ReadSide& side() { return *side_; }

 private:
  absl::Status BeginPage(const v1::PageRequest& page);
  absl::Status SetSnapshot(std::shared_ptr<const Snapshot> snapshot);
  absl::StatusOr<std::optional<std::string>> GetBytes(TableId table, const std::string& key);
  // Visits rows until visit returns false.
  absl::Status Scan(TableId table, std::string_view prefix, std::string_view start_after,
                    const std::function<absl::StatusOr<bool>(std::string_view key, std::string_view value)>& visit);

  ReadSide* const side_;
  const Method* const method_;
  const Caller* const caller_;
  std::function<bool()> cancelled_;
  std::shared_ptr<const Snapshot> snapshot_;
  Moment moment_;
  Date today_;
  Page page_;
  std::string filter_;  // digest of what the list asks for
};

}  // namespace songhua::api

#endif  // SONGHUA_API_READS_READ_CONTEXT_H_
