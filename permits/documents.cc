#include "permits/documents.h"

#include <algorithm>

#include "ledger/bounds.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::permits {
namespace {

using ledger::MakeName;
using ledger::ParseName;

// "type/subtype", as in a Content-Type without parameters.
absl::Status CheckMediaType(const std::string& text) {
  const size_t slash = text.find('/');
  const bool formed = slash != std::string::npos && slash > 0 && slash + 1 < text.size() && text.size() <= Documents::kMediaTypeBytesMax &&
                      std::count(text.begin(), text.end(), '/') == 1 &&
                      text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.+-/") == std::string::npos;
  if (formed) return absl::OkStatus();
  return InvalidField("document.media_type", text, "type/subtype in lower case, such as application/pdf").Rule("GEN-08");
}

absl::Status CheckSize(int64_t size) {
  if (size >= 1 && size <= static_cast<int64_t>(bounds::kDocumentBytesMax)) return absl::OkStatus();
  return InvalidField("document.size_bytes", std::to_string(size), "1 to " + std::to_string(bounds::kDocumentBytesMax) + " bytes").Rule("GEN-08");
}

absl::StatusOr<Digest> ParseHash(const std::string& text) {
  const bool lower = std::none_of(text.begin(), text.end(), [](char c) { return 'A' <= c && c <= 'F'; });
  const auto digest = FromHex(text, "document.sha256");
  if (digest.ok() && lower) return *digest;
  return InvalidField("document.sha256", text.substr(0, 80), "64 hexadecimal digits in lower case").Rule("GEN-08");
}

}  // namespace

std::string DocumentRow::Name() const { return MakeName("documents", owner + "." + std::to_string(number)); }

absl::StatusOr<std::tuple<std::string, uint64_t>> ParseDocumentName(std::string_view field, std::string_view name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ParseName(field, "documents", name));
  const size_t dot = id.rfind('.');
  const auto number = ledger::ParseNumberedName(field, "documents", MakeName("documents", dot == std::string::npos ? "" : id.substr(dot + 1)));
  if (dot == std::string::npos || dot == 0 || !number.ok()) {
    return InvalidField(field, std::string(name), "documents/{owner}.{number}").Rule("GEN-08");
  }
  return std::make_tuple(id.substr(0, dot), *number);
}

Documents::Documents(TableSet* tables, ledger::Counters* counters, const ledger::Participants* participants, const Applications* applications)
    : counters_(counters), participants_(participants), applications_(applications), rows_(tables) {}
Documents::~Documents() = default;

absl::StatusOr<v1::DocumentAnswer> Documents::RegisterDocument(CommandContext& context, const v1::RegisterDocumentRequest& request) {
  const v1::Document& document = request.document();
  DocumentRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.owner, ParseName("document.owner", "participants", document.owner()));
  SONGHUA_RETURN_IF_ERROR(CheckMediaType(document.media_type()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(document.title(), kTitleBytesMax, "document.title"));
  uint64_t application = 0;
  if (!document.subject().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(application, ledger::ParseNumberedName("document.subject", "applications", document.subject()));
  }
  SONGHUA_RETURN_IF_ERROR(CheckSize(document.size_bytes()));
  SONGHUA_ASSIGN_OR_RETURN(row.sha256, ParseHash(document.sha256()));
  const ledger::ParticipantRow* owner = participants_->FindParticipant(row.owner);
  if (owner == nullptr) return NotFound("document.owner", document.owner());
  row.region = owner->region;
  if (application != 0) {
    const ApplicationRow* found = applications_->Find(application);
    if (found == nullptr) return NotFound("document.subject", document.subject());
    if (found->participant != row.owner) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "FOREIGN_SUBJECT")
          .Rule("DISC-12")
          .Field("document.subject")
          .Value(document.subject())
          .Accepted("an application of " + document.owner());
    }
    row.region = found->region;
  }
  row.number = counters_->Peek("documents");
  row.media_type = document.media_type();
  row.title = document.title();
  row.subject = document.subject();
  row.size_bytes = document.size_bytes();
  row.uploaded_by = std::string(context.person);
  row.upload_time = context.time;
  v1::DocumentAnswer answer;
  *answer.mutable_document() = ToProto(row);
  if (context.validate_only) return answer;
  counters_->Next("documents");
  rows_.Append(row);
  context.events->Emit(EventType::kRegistered, row.Name(), row.sha256);
  return answer;
}

v1::Document ToProto(const DocumentRow& row) {
  v1::Document message;
  message.set_name(row.Name());
  message.set_owner(MakeName("participants", row.owner));
  message.set_media_type(row.media_type);
  message.set_title(row.title);
  message.set_subject(row.subject);
  message.set_size_bytes(row.size_bytes);
  message.set_sha256(ToHex(row.sha256));
  message.set_region(FormatRegion(row.region));
  message.set_uploaded_by(MakeName("people", row.uploaded_by));
  *message.mutable_upload_time() = ledger::ToProto(row.upload_time);
  return message;
}

}  // namespace songhua::permits
