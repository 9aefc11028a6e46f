#include "ledger/participants.h"
#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {

absl::StatusOr<v1::ParticipantAnswer> GetParticipant(ReadContext& context, const v1::GetParticipantRequest& request) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* row, lookup.FindParticipant("name", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfParticipant(row->id));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::ParticipantAnswer answer;
  *answer.mutable_participant() = ToProto(*row);
  return answer;
}

absl::StatusOr<v1::ListParticipantsAnswer> ListParticipants(ReadContext& context, const v1::ListParticipantsRequest&) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const std::string only, lookup.OnlyOwner());
  v1::ListParticipantsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::ParticipantRow>(
      only.empty() ? "" : EncodeKey(only),
      [&](const ledger::ParticipantRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfParticipant(row.id));
        if (!context.MaySee(target)) return 0;
        *answer.add_participants() = ToProto(row);
        return answer.participants().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::SiteAnswer> GetSite(ReadContext& context, const v1::GetSiteRequest& request) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::SiteRow* row, lookup.FindSite("name", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfSite(*row));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::SiteAnswer answer;
  *answer.mutable_site() = ToProto(*row);
  return answer;
}

// The id of a site begins with that of its enterprise, so an enterprise's sites are one range.
absl::StatusOr<v1::ListSitesAnswer> ListSites(ReadContext& context, const v1::ListSitesRequest& request) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(std::string owner, lookup.OnlyOwner());
  if (!request.participant().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* row, lookup.FindParticipant("participant", request.participant()));
    owner = row->id;
  }
  v1::ListSitesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::SiteRow>(
      owner,
      [&](const ledger::SiteRow& row) -> ReadContext::Added {
        if (!owner.empty() && row.participant != owner) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfSite(row));
        if (!context.MaySee(target)) return 0;
        *answer.add_sites() = ToProto(row);
        return answer.sites().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::PersonAnswer> GetPerson(ReadContext& context, const v1::GetPersonRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ledger::ParseName("name", "people", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::PersonRow>(id));
  if (!row.has_value()) return NotFound("name", request.name());
  SONGHUA_ASSIGN_OR_RETURN(const Target target, Lookup(&context).OfParticipant(row->participant));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::PersonAnswer answer;
  *answer.mutable_person() = ToProto(*row);
  return answer;
}

absl::StatusOr<v1::ListPeopleAnswer> ListPeople(ReadContext& context, const v1::ListPeopleRequest&) {
  Lookup lookup(&context);
  v1::ListPeopleAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::PersonRow>(
      "",
      [&](const ledger::PersonRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfParticipant(row.participant));
        if (!context.MaySee(target)) return 0;
        *answer.add_people() = ToProto(row);
        return answer.people().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListTokensAnswer> ListTokens(ReadContext& context, const v1::ListTokensRequest&) {
  Lookup lookup(&context);
  v1::ListTokensAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::TokenRow>(
      "",
      [&](const ledger::TokenRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const auto person, context.Get<ledger::PersonRow>(row.person));
        if (!person.has_value()) return absl::InternalError("the row of person " + row.person + " is missing");
        SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfParticipant(person->participant));
        if (!context.MaySee(target)) return 0;
        *answer.add_tokens() = ToProto(row);
        return answer.tokens().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::PersonAnswer> WhoAmI(ReadContext& context, const v1::WhoAmIRequest&) {
  v1::PersonAnswer answer;
  *answer.mutable_person() = ToProto(context.caller()->person);
  return answer;
}

}  // namespace songhua::api::reads
