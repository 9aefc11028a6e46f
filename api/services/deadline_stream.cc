#include "api/services/deadline_stream.h"

#include <optional>
#include <string>
#include <utility>

#include "api/reads/deadline_watch.h"
#include "api/services/call.h"
#include "api/services/feed_stream.h"
#include "ledger/bounds.h"
#include "ledger/refusal.h"
#include "songhua/v1/deadlines.pb.h"

namespace songhua::api {
namespace {

// Makes one update after the other. One thread at a time.
class DeadlineWatch {
 public:
  using Request = v1::WatchDeadlinesRequest;

  DeadlineWatch(const ServiceParts& parts, const Method& method, const grpc::ServerContextBase& context)
      : parts_(parts), method_(method), context_(context) {}

  absl::Status Start(const v1::WatchDeadlinesRequest& request) {
    const uint64_t newest = parts_.deadlines->feed().sequence();
    if (request.after_sequence() > newest) {
      return InvalidField("after_sequence", std::to_string(request.after_sequence()), "at most " + std::to_string(newest));
    }
    list_.set_assignee(request.assignee());
    list_.set_due_by(request.due_by());
    list_.set_subject(request.subject());
    list_.mutable_page()->set_page_size(static_cast<int32_t>(bounds::kPageSizeMax));
    if (request.after_sequence() > 0) told_up_to_ = request.after_sequence();
    return absl::OkStatus();
  }

  // nullopt: nothing changed that concerns him.
  absl::StatusOr<std::optional<v1::DeadlineUpdate>> Next() {
    SONGHUA_ASSIGN_OR_RETURN(const std::optional<Caller> caller, Admit(*parts_.reads, method_, context_));
    SONGHUA_RETURN_IF_ERROR(CheckQueue(*caller));
    while (told_up_to_.has_value()) {
      const auto changes = parts_.deadlines->After(*told_up_to_, bounds::kPageSizeMax);
      if (!changes.has_value()) {
        told_up_to_.reset();  // the list again
        break;
      }
      told_up_to_ = changes->sequence;
      if (changes->deadlines.empty()) return std::optional<v1::DeadlineUpdate>();
      ReadContext read(parts_.reads, &method_, &*caller);
      SONGHUA_RETURN_IF_ERROR(read.Begin(v1::WatchDeadlinesRequest()));
      SONGHUA_ASSIGN_OR_RETURN(v1::DeadlineUpdate update, reads::DescribeChanges(read, *filter_, *changes));
      if (update.deadlines_size() + update.gone_size() > 0) return std::optional<v1::DeadlineUpdate>(std::move(update));
    }
    return Part(*caller);
  }

 private:
  // Ends the watch where what it told is no longer what the caller would be told: his roles are others, or the people for whom he stands in.
  absl::Status CheckQueue(const Caller& caller) {
    std::string person = EncodeValue(caller.person);
    if (!filter_.has_value()) {
      SONGHUA_RETURN_IF_ERROR(ReadFilter(caller, &filter_));
      person_ = std::move(person);
      return absl::OkStatus();
    }
    std::optional<reads::DeadlineFilter> now = filter_;
    if (MayHaveOtherPeople()) SONGHUA_RETURN_IF_ERROR(ReadFilter(caller, &now));
    if (person == person_ && now->people == filter_->people) return absl::OkStatus();
    return Refuse(absl::StatusCode::kAborted, "QUEUE_CHANGED")
        .Rule("PERMIT-04")
        .Field("assignee")
        .Value(list_.assignee())
        .Accepted("a new watch: the roles of the caller changed, or for whom the assignee stands in");
  }

  bool MayHaveOtherPeople() const {
    return !list_.assignee().empty() && (parts_.deadlines->absences_sequence() != absences_ || Today() != filter_day_);
  }

  Date Today() const {
    const auto moment = parts_.reads->NewestMoment();
    return moment.ok() ? LocalDate(moment->now) : filter_day_;
  }

  absl::Status ReadFilter(const Caller& caller, std::optional<reads::DeadlineFilter>* filter) {
    absences_ = parts_.deadlines->absences_sequence();  // before the rows are read, so that no change is missed
    ReadContext read(parts_.reads, &method_, &caller);
    SONGHUA_RETURN_IF_ERROR(read.Begin(v1::WatchDeadlinesRequest()));
    if (!list_.assignee().empty()) SONGHUA_RETURN_IF_ERROR(read.UseSnapshot());
    filter_day_ = read.today();
    SONGHUA_ASSIGN_OR_RETURN(*filter, reads::ParseDeadlineFilter(read, list_));
    return absl::OkStatus();
  }

  // The next part of the list.
  absl::StatusOr<std::optional<v1::DeadlineUpdate>> Part(const Caller& caller) {
    auto part = TryPart(caller);
    // The reader took so long that the list as it stood is gone: from its beginning, as of now.
    if (absl::IsAborted(part.status()) && !list_.page().page_token().empty()) {
      list_.mutable_page()->clear_page_token();
      part = TryPart(caller);
    }
    return part;
  }

  absl::StatusOr<std::optional<v1::DeadlineUpdate>> TryPart(const Caller& caller) {
    ReadContext read(parts_.reads, &method_, &caller);
    SONGHUA_RETURN_IF_ERROR(read.Begin(list_));
    SONGHUA_ASSIGN_OR_RETURN(v1::ListDeadlinesAnswer answer, reads::ListDeadlinePage(read, *filter_));
    v1::DeadlineUpdate update;
    read.Finish(update.mutable_header());
    update.set_snapshot(true);
    update.set_first(list_.page().page_token().empty());
    update.set_complete(answer.next_page_token().empty());
    update.mutable_deadlines()->Swap(answer.mutable_deadlines());
    list_.mutable_page()->set_page_token(answer.next_page_token());
    if (update.complete()) told_up_to_ = read.moment().sequence;
    return std::optional<v1::DeadlineUpdate>(std::move(update));
  }

  const ServiceParts& parts_;
  const Method& method_;
  const grpc::ServerContextBase& context_;
  v1::ListDeadlinesRequest list_;  // its page is the next part
  std::optional<uint64_t> told_up_to_;  // nullopt: the list is to be told first
  std::optional<reads::DeadlineFilter> filter_;
  Date filter_day_;
  uint64_t absences_ = 0;
  std::string person_;  // the caller's row, encoded
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* StartDeadlineStream(const ServiceParts& parts, const Method& method,
                                                                grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  auto* stream = new FeedStream<DeadlineWatch>(parts, &parts.deadlines->feed(), method, *context);
  stream->Start(*request);
  return stream;
}

}  // namespace songhua::api
