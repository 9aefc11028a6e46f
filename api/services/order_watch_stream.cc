#include "api/services/order_watch_stream.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "api/reads/order_watch.h"
#include "api/services/call.h"
#include "api/services/feed_stream.h"
#include "ledger/bounds.h"
#include "ledger/refusal.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::api {
namespace {

// Makes one update after the other. One thread at a time.
class OrderWatch {
 public:
  using Request = v1::WatchOrdersRequest;

  OrderWatch(const ServiceParts& parts, const Method& method, const grpc::ServerContextBase& context) : parts_(parts), method_(method), context_(context) {}

  absl::Status Start(const v1::WatchOrdersRequest& request) {
    const uint64_t newest = parts_.orders->sequence();
    if (request.after_sequence() > newest) {
      return InvalidField("after_sequence", std::to_string(request.after_sequence()), "at most " + std::to_string(newest));
    }
    request_ = request;
    SONGHUA_ASSIGN_OR_RETURN(const auto caller, Admit(*parts_.reads, method_, context_));
    SONGHUA_RETURN_IF_ERROR(CheckAccounts(*caller));
    list_.set_account(request.accounts(0));
    list_.mutable_page()->set_page_size(static_cast<int32_t>(bounds::kPageSizeMax));
    if (request.after_sequence() > 0) told_up_to_ = request.after_sequence();
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<v1::OrdersUpdate>> Next() {
    SONGHUA_ASSIGN_OR_RETURN(const std::optional<Caller> caller, Admit(*parts_.reads, method_, context_));
    SONGHUA_RETURN_IF_ERROR(CheckAccounts(*caller));
    while (told_up_to_.has_value()) {
      const auto events = parts_.orders->After(*told_up_to_, bounds::kPageSizeMax);
      if (!events.has_value()) {
        told_up_to_.reset();  // the open orders again
        gap_ = true;
        break;
      }
      told_up_to_ = events->sequence;
      if (events->count == 0) return std::optional<v1::OrdersUpdate>();
      ReadContext read(parts_.reads, &method_, &*caller);
      SONGHUA_RETURN_IF_ERROR(read.Begin(request_));
      SONGHUA_ASSIGN_OR_RETURN(v1::OrdersUpdate update, reads::DescribeOrderChanges(read, accounts_, *events));
      if (update.orders_size() + update.trades_size() > 0) return std::optional<v1::OrdersUpdate>(std::move(update));
    }
    return Part(*caller);
  }

 private:
  // He may see all of them still.
  absl::Status CheckAccounts(const Caller& caller) {
    ReadContext read(parts_.reads, &method_, &caller);
    SONGHUA_RETURN_IF_ERROR(read.Begin(request_));
    SONGHUA_ASSIGN_OR_RETURN(accounts_, reads::ParseWatchedAccounts(read, request_));
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<v1::OrdersUpdate>> Part(const Caller& caller) {
    auto part = TryPart(caller);
    // The reader took so long that the list as it stood is gone: from its beginning, as of now.
    if (absl::IsAborted(part.status()) && !list_.page().page_token().empty()) {
      list_.mutable_page()->clear_page_token();
      gap_ = true;
      part = TryPart(caller);
    }
    return part;
  }

  absl::StatusOr<std::optional<v1::OrdersUpdate>> TryPart(const Caller& caller) {
    ReadContext read(parts_.reads, &method_, &caller);
    SONGHUA_RETURN_IF_ERROR(read.Begin(list_));
    SONGHUA_ASSIGN_OR_RETURN(v1::ListOrdersAnswer answer, reads::ListOpenOrders(read, accounts_));
    v1::OrdersUpdate update;
    read.Finish(update.mutable_header());
    update.set_snapshot(true);
    update.set_gap(gap_);
    update.set_complete(answer.next_page_token().empty());
    update.mutable_orders()->Swap(answer.mutable_orders());
    list_.mutable_page()->set_page_token(answer.next_page_token());
    gap_ = false;
    if (update.complete()) told_up_to_ = read.moment().sequence;
    return std::optional<v1::OrdersUpdate>(std::move(update));
  }

  const ServiceParts& parts_;
  const Method& method_;
  const grpc::ServerContextBase& context_;
  v1::WatchOrdersRequest request_;
  v1::ListOrdersRequest list_;  // its page is the next part
  std::set<ledger::AccountNumber> accounts_;
  std::optional<uint64_t> told_up_to_;  // nullopt: the open orders are to be told first
  bool gap_ = false;
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* StartOrderWatch(const ServiceParts& parts, const Method& method, grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* request) {
  auto* stream = new FeedStream<OrderWatch>(parts, parts.orders, method, *context);
  stream->Start(*request);
  return stream;
}

}  // namespace songhua::api
