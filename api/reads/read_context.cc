#include "api/reads/read_context.h"

#include <algorithm>

#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/sha256.h"
#include "ledger/wire.h"

namespace songhua::api {
namespace {

using google::protobuf::FieldDescriptor;

constexpr size_t kFilterDigestBytes = 8;
constexpr size_t kRowsBetweenLooks = 1'024;  // at whether the caller is still there

// What a list asks for: all of the request but its page and its moment.
std::string FilterOf(const Method& method, const google::protobuf::Message& request, const FieldDescriptor* page_field) {
  std::unique_ptr<google::protobuf::Message> filter(request.New());
  filter->CopyFrom(request);
  filter->GetReflection()->ClearField(filter.get(), page_field);
  const FieldDescriptor* options = request.GetDescriptor()->FindFieldByName("options");
  if (options != nullptr) filter->GetReflection()->ClearField(filter.get(), options);
  const Digest digest = Sha256Of(method.name, std::string_view("\0", 1), filter->SerializeAsString());
  return std::string(AsBytes(digest).substr(0, kFilterDigestBytes));
}

}  // namespace

absl::Status ReadContext::Begin(const google::protobuf::Message& request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("page");
  if (field != nullptr && field->message_type() == v1::PageRequest::descriptor()) {
    filter_ = FilterOf(*method_, request, field);
    return BeginPage(static_cast<const v1::PageRequest&>(request.GetReflection()->GetMessage(request, field)));
  }
  SONGHUA_ASSIGN_OR_RETURN(moment_, side_->NewestMoment());
  today_ = LocalDate(moment_.now);
  return absl::OkStatus();
}

absl::Status ReadContext::BeginPage(const v1::PageRequest& page) {
  if (page.page_size() < 0 || page.page_size() > static_cast<int32_t>(bounds::kPageSizeMax)) {
    return InvalidField("page.page_size", std::to_string(page.page_size()),
                        "1 to " + std::to_string(bounds::kPageSizeMax) + ", or 0 for " + std::to_string(bounds::kPageSizeDefault));
  }
  const size_t size = page.page_size() == 0 ? bounds::kPageSizeDefault : page.page_size();
  if (page.page_token().empty()) {
    page_ = Page(size, PagePosition());
    return UseSnapshot();
  }
  SONGHUA_ASSIGN_OR_RETURN(const PageToken token, ParsePageToken(page.page_token()));
  if (token.filter != filter_) {
    return InvalidField("page.page_token", "(a token of another list)", "a token that this method gave for a request with the same fields");
  }
  auto snapshot = side_->store().FindSnapshot(token.sequence);
  if (absl::IsAborted(snapshot.status())) {
    return Refuse(absl::StatusCode::kAborted, "PAGE_EXPIRED")
        .Field("page.page_token")
        .Value("of sequence " + std::to_string(token.sequence))
        .Accepted("an empty token: the list begins again, as of now");
  }
  SONGHUA_RETURN_IF_ERROR(snapshot.status());
  SONGHUA_RETURN_IF_ERROR(SetSnapshot(*std::move(snapshot)));
  today_ = token.today;
  page_ = Page(size, token.last);
  return absl::OkStatus();
}

absl::Status ReadContext::UseSnapshot() {
  auto snapshot = side_->store().OpenSnapshot();
  SONGHUA_RETURN_IF_ERROR(snapshot.status());
  return SetSnapshot(*std::move(snapshot));
}

absl::Status ReadContext::SetSnapshot(std::shared_ptr<const Snapshot> snapshot) {
  SONGHUA_ASSIGN_OR_RETURN(moment_, side_->MomentOf(*snapshot));
  today_ = LocalDate(moment_.now);
  snapshot_ = std::move(snapshot);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> ReadContext::GetBytes(TableId table, const std::string& key) {
  if (snapshot_ != nullptr) return snapshot_->Get(table, key);
  auto read = side_->store().Get(table, key);
  SONGHUA_RETURN_IF_ERROR(read.status());
  if (!read->found) return std::optional<std::string>();
  return std::optional<std::string>(std::move(read->value));
}

absl::Status ReadContext::Scan(TableId table, std::string_view prefix, std::string_view start_after,
                               const std::function<absl::StatusOr<bool>(std::string_view key, std::string_view value)>& visit) {
  SONGHUA_CHECK(snapshot_ != nullptr);
  ScanRange range;
  range.table = table;
  range.prefix = prefix;
  range.start_after = start_after;
  absl::Status status;
  size_t rows = 0;
  const absl::Status scanned = snapshot_->Scan(range, [&](std::string_view key, std::string_view value) {
    if (++rows % kRowsBetweenLooks == 0 && cancelled_ && cancelled_()) {
      status = absl::CancelledError("the caller left before the answer was there");
      return false;
    }
    auto go_on = visit(key, value);
    if (!go_on.ok()) status = go_on.status();
    return go_on.ok() && *go_on;
  });
  return status.ok() ? scanned : status;
}

absl::Status ReadContext::ListRanges(const std::vector<RowRange>& ranges,
                                     const std::function<Added(size_t range, std::string_view value)>& visit,
                                     std::string* next_page_token) {
  PagePosition last = page_.start();
  if (last.range >= ranges.size())
    return InvalidField("page.page_token", "(a place that this list does not have)", "the next_page_token of the page before");
  for (size_t i = last.range; i < ranges.size(); ++i) {
    const std::string start_after = i == last.range ? last.key : "";
    bool more = false;
    SONGHUA_RETURN_IF_ERROR(Scan(static_cast<TableId>(ranges[i].table), ranges[i].prefix, start_after,
                                 [&](std::string_view key, std::string_view value) -> absl::StatusOr<bool> {
                                   if (page_.Full()) {
                                     more = true;
                                     return false;
                                   }
                                   SONGHUA_ASSIGN_OR_RETURN(const size_t added, visit(i, value));
                                   page_.Count(added);
                                   last = {static_cast<uint8_t>(i), std::string(key)};
                                   return true;
                                 }));
    if (more) {
      *next_page_token = TokenAfter(last);
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

std::string ReadContext::TokenAfter(const PagePosition& last) const { return FormatPageToken({moment_.sequence, today_, last, filter_}); }

absl::Status ReadContext::Authorize(const Target& target) const {
  return AuthorizeTarget(*method_, caller_ == nullptr ? nullptr : &caller_->person, target);
}

bool ReadContext::MaySee(const Target& target) const {
  return Reaches(*method_, caller_ == nullptr ? nullptr : &caller_->person, target);
}

std::string ReadContext::OnlyParticipant() const {
  if (method_->open || method_->any_person || caller_ == nullptr) return "";
  const bool further = std::any_of(method_->grants.begin(), method_->grants.end(), [&](const Grant& grant) {
    return grant.scope != Scope::kOwn && ledger::HasRole(caller_->person, grant.role);
  });
  return further ? "" : caller_->person.participant;
}

void ReadContext::Finish(v1::AnswerHeader* header) const {
  header->set_sequence(moment_.sequence);
  *header->mutable_time() = ledger::ToProto(moment_.time);
}

}  // namespace songhua::api
