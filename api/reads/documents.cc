// What is known of documents, and who is on leave. The bytes of documents travel by a stream of their own (services/document_download.h).
#include "permits/documents.h"

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "permits/absences.h"

namespace songhua::api::reads {
namespace {

Target TargetOf(const permits::DocumentRow& row) { return Target{{row.owner}, row.region}; }

}  // namespace

absl::StatusOr<v1::DocumentAnswer> GetDocument(ReadContext& context, const v1::GetDocumentRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const auto key, permits::ParseDocumentName("name", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::DocumentRow>(key));
  if (!row.has_value()) return NotFound("name", request.name());
  SONGHUA_RETURN_IF_ERROR(context.Authorize(TargetOf(*row)));
  v1::DocumentAnswer answer;
  *answer.mutable_document() = ToProto(*row);
  return answer;
}

absl::StatusOr<v1::ListDocumentsAnswer> ListDocuments(ReadContext& context, const v1::ListDocumentsRequest& request) {
  std::string owner = context.OnlyParticipant();
  if (!request.owner().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(owner, ledger::ParseName("owner", "participants", request.owner()));
  }
  if (owner.empty()) return InvalidField("owner", "", "the participant whose documents they are").Rule("DISC-12");
  if (!request.subject().empty()) {
    SONGHUA_RETURN_IF_ERROR(ledger::ParseNumberedName("subject", "applications", request.subject()).status());
  }
  v1::ListDocumentsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<permits::DocumentRow>(
      EncodeKey(owner),
      [&](const permits::DocumentRow& row) -> ReadContext::Added {
        if (!request.subject().empty() && row.subject != request.subject()) return 0;
        if (!context.MaySee(TargetOf(row))) return 0;
        *answer.add_documents() = ToProto(row);
        return answer.documents().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListAbsencesAnswer> ListAbsences(ReadContext& context, const v1::ListAbsencesRequest& request) {
  std::string person;
  if (!request.person().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(person, ledger::ParseName("person", "people", request.person()));
  }
  Lookup lookup(&context);
  v1::ListAbsencesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<permits::AbsenceRow>(
      "",
      [&](const permits::AbsenceRow& row) -> ReadContext::Added {
        if (!person.empty() && row.person != person && row.deputy != person) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const auto absent, context.Get<ledger::PersonRow>(row.person));
        if (!absent.has_value()) return absl::InternalError("people/" + row.person + " is missing");
        SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfParticipant(absent->participant));
        if (!context.MaySee(target)) return 0;
        *answer.add_absences() = ToProto(row);
        return answer.absences().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
