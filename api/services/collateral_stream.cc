#include "api/services/collateral_stream.h"

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "api/reads/collateral_watch.h"
#include "api/services/call.h"
#include "api/services/feed_stream.h"
#include "ledger/bounds.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"
#include "songhua/v1/collateral.pb.h"

namespace songhua::api {
namespace {

// Makes one event after the other. One thread at a time. What waits to be told is one page of pledges, or what one look at the feed gave.
class CollateralWatch {
 public:
  using Request = v1::WatchCollateralRequest;

  CollateralWatch(const ServiceParts& parts, const Method& method, const grpc::ServerContextBase& context) : parts_(parts), method_(method), context_(context) {}

  absl::Status Start(const v1::WatchCollateralRequest& request) {
    request_ = request;
    SONGHUA_ASSIGN_OR_RETURN(const auto caller, Admit(*parts_.reads, method_, context_));
    SONGHUA_RETURN_IF_ERROR(CheckBank(*caller));
    list_.mutable_page()->set_page_size(static_cast<int32_t>(bounds::kPageSizeDefault));
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<v1::CollateralEvent>> Next() {
    SONGHUA_ASSIGN_OR_RETURN(const std::optional<Caller> caller, Admit(*parts_.reads, method_, context_));
    SONGHUA_RETURN_IF_ERROR(CheckBank(*caller));
    while (waiting_.empty()) {
      if (!told_up_to_.has_value()) {
        SONGHUA_RETURN_IF_ERROR(ReadPart(*caller));
        continue;
      }
      const auto events = parts_.collateral->After(*told_up_to_, bounds::kPageSizeMax);
      if (!events.has_value()) {
        BeginAgain();
        continue;
      }
      told_up_to_ = events->sequence;
      if (events->count == 0) return std::optional<v1::CollateralEvent>();
      ReadContext read(parts_.reads, &method_, &*caller);
      SONGHUA_RETURN_IF_ERROR(read.Begin(request_));
      SONGHUA_ASSIGN_OR_RETURN(auto changes, reads::DescribeCollateralChanges(read, bank_, *events));
      for (v1::CollateralEvent& change : changes) waiting_.push_back(std::move(change));
    }
    std::optional<v1::CollateralEvent> event(std::move(waiting_.front()));
    waiting_.pop_front();
    return event;
  }

 private:
  // The bank is there, and he may see its pledges still.
  absl::Status CheckBank(const Caller& caller) {
    ReadContext read(parts_.reads, &method_, &caller);
    SONGHUA_RETURN_IF_ERROR(read.Begin(request_));
    SONGHUA_ASSIGN_OR_RETURN(bank_, reads::ParseBank(read, request_.bank()));
    return absl::OkStatus();
  }

  // What came meanwhile is lost: says so, and tells the pledges in force again.
  void BeginAgain() {
    told_up_to_.reset();
    list_.mutable_page()->clear_page_token();
    v1::CollateralEvent& gap = waiting_.emplace_back();
    gap.set_kind(v1::CollateralEvent::GAP);
    gap.set_sequence(parts_.collateral->sequence());
  }

  absl::Status ReadPart(const Caller& caller) {
    const absl::Status status = TryPart(caller);
    // The reader took so long that the list as it stood is gone: from its beginning, as of now.
    if (!absl::IsAborted(status) || list_.page().page_token().empty()) return status;
    BeginAgain();
    return absl::OkStatus();
  }

  absl::Status TryPart(const Caller& caller) {
    ReadContext read(parts_.reads, &method_, &caller);
    SONGHUA_RETURN_IF_ERROR(read.Begin(list_));
    SONGHUA_ASSIGN_OR_RETURN(v1::ListPledgesAnswer answer, reads::ListCollateral(read, bank_));
    for (v1::Pledge& pledge : *answer.mutable_pledges()) {
      *Add(v1::CollateralEvent::IN_FORCE, read.moment()).mutable_pledge() = std::move(pledge);
    }
    list_.mutable_page()->set_page_token(answer.next_page_token());
    if (!answer.next_page_token().empty()) return absl::OkStatus();
    Add(v1::CollateralEvent::COMPLETE, read.moment());
    told_up_to_ = read.moment().sequence;
    return absl::OkStatus();
  }

  v1::CollateralEvent& Add(v1::CollateralEvent::Kind kind, const Moment& moment) {
    v1::CollateralEvent& event = waiting_.emplace_back();
    event.set_kind(kind);
    event.set_sequence(moment.sequence);
    *event.mutable_time() = ledger::ToProto(moment.time);
    return event;
  }

  const ServiceParts& parts_;
  const Method& method_;
  const grpc::ServerContextBase& context_;
  v1::WatchCollateralRequest request_;
  v1::ListPledgesRequest list_;  // its page is the next part
  std::string bank_;
  std::deque<v1::CollateralEvent> waiting_;
  std::optional<uint64_t> told_up_to_;  // nullopt: the pledges in force are to be told first
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* StartCollateralStream(const ServiceParts& parts, const Method& method, grpc::CallbackServerContext* context,
                                                                  const grpc::ByteBuffer* request) {
  auto* stream = new FeedStream<CollateralWatch>(parts, parts.collateral, method, *context);
  stream->Start(*request);
  return stream;
}

}  // namespace songhua::api
