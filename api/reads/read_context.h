// What a read sees: published rows as of one sequence, and who asks.
//
// Reads never touch the state machine's memory. A point read looks into the published delta and then into RocksDB; a list opens a snapshot, which its
// page tokens name again, so that all pages show one state. Thread-safe use: one ReadContext a call.
#ifndef SONGHUA_API_READS_READ_CONTEXT_H_
#define SONGHUA_API_READS_READ_CONTEXT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/engine/method.h"
#include "ledger/codec.h"
#include "ledger/legal_time.h"
#include "ledger/refusal.h"
#include "ledger/snapshot.h"
#include "ledger/store.h"
#include "ledger/tables.h"
#include "songhua/v1/common.pb.h"

namespace songhua::api {

// The person behind a token, from published rows. UNAUTHENTICATED as the state machine would say.
struct Caller {
  std::string token_sha256;
  ledger::PersonRow person;
};

class ReadContext {
 public:
  // `caller` is null where the method is open to anybody. All outlive the context.
  ReadContext(Store* store, const Method* method, const Caller* caller);

  // The newest version of a row; nullopt: there is none.
  template <class Row>
  absl::StatusOr<std::optional<Row>> Get(const decltype(std::declval<const Row&>().Key())& key) {
    auto bytes = GetBytes(static_cast<uint16_t>(Row::kTable), EncodeRowKey(key));
    SONGHUA_RETURN_IF_ERROR(bytes.status());
    if (!bytes->has_value()) return std::optional<Row>();
    Row row;
    SONGHUA_RETURN_IF_ERROR(DecodeValue(**bytes, &row));
    return std::optional<Row>(std::move(row));
  }

  // One page of a table's rows whose key begins with `prefix`, in key order: decodes each and hands it to `visit`, which says whether the row
  // counts (a row that the caller may not see does not). Sets the page token for what is left. From then on Get reads the same snapshot.
  template <class Row>
  absl::Status Page(const v1::PageRequest& page, std::string_view prefix, const std::function<absl::StatusOr<bool>(const Row&)>& visit,
                    std::string* next_page_token) {
    return PageBytes(static_cast<uint16_t>(Row::kTable), prefix, page,
                     [&](std::string_view value) -> absl::StatusOr<bool> {
                       Row row;
                       SONGHUA_RETURN_IF_ERROR(DecodeValue(value, &row));
                       return visit(row);
                     },
                     next_page_token);
  }

  // Every row of a table as of the snapshot, for reconciliation. REQUIRES nothing; opens the snapshot if none is open.
  template <class Row>
  absl::Status ForEach(std::string_view prefix, const std::function<absl::Status(const Row&)>& visit) {
    return ScanBytes(static_cast<uint16_t>(Row::kTable), prefix, [&](std::string_view value) -> absl::Status {
      Row row;
      SONGHUA_RETURN_IF_ERROR(DecodeValue(value, &row));
      return visit(row);
    });
  }

  // Whether the caller's roles reach the target, by the method's grants.
  absl::Status Authorize(const Target& target) const;
  bool MaySee(const Target& target) const { return Authorize(target).ok(); }

  const Caller* caller() const { return caller_; }
  Store& store() { return *store_; }
  // Journal time as published; its legal date.
  absl::StatusOr<Timestamp> Time();
  absl::StatusOr<Date> Today();
  // Fills in sequence and time.
  absl::Status Finish(v1::AnswerHeader* header);

 private:
  absl::StatusOr<std::optional<std::string>> GetBytes(uint16_t table, const std::string& key);
  absl::Status PageBytes(uint16_t table, std::string_view prefix, const v1::PageRequest& page,
                         const std::function<absl::StatusOr<bool>(std::string_view)>& visit, std::string* next_page_token);
  absl::Status ScanBytes(uint16_t table, std::string_view prefix, const std::function<absl::Status(std::string_view)>& visit);
  absl::Status OpenSnapshot();

  Store* store_;
  const Method* method_;
  const Caller* caller_;
  std::shared_ptr<const Snapshot> snapshot_;
  uint64_t sequence_ = 0;  // the lowest sequence that any point read was exact as of
};

}  // namespace songhua::api

#endif  // SONGHUA_API_READS_READ_CONTEXT_H_
