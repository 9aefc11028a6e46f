#include "ledger/authorisations.h"

#include <utility>

#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

constexpr char kNumbersOfAuthorisations[] = "authorisations";
constexpr char kNumbersOfInquiries[] = "inquiries";

}  // namespace

Authorisations::Authorisations(TableSet* tables, Counters* counters, const Participants* participants)
    : counters_(counters), participants_(participants), rows_(tables), inquiries_(tables), index_(tables) {
  rows_.OnLoaded([this](AuthorisationRow& row) {
    if (!row.revoked) granted_.insert({row.enterprise, row.term.last, row.number});
  });
}

absl::StatusOr<v1::AuthorisationAnswer> Authorisations::GrantAuthorisation(CommandContext& context, const v1::GrantAuthorisationRequest& request) {
  AuthorisationRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.enterprise, ParseName("enterprise", "participants", request.enterprise()));
  SONGHUA_ASSIGN_OR_RETURN(row.bank, ParseName("bank", "participants", request.bank()));
  row.term.first = context.today;
  SONGHUA_ASSIGN_OR_RETURN(row.term.last, ParseDate(request.expire_date(), "expire_date"));
  if (row.term.last < context.today || row.term.last - context.today > kDaysMax) {
    return InvalidField("expire_date", request.expire_date(), "today to " + std::to_string(kDaysMax) + " days from now, " + FormatDate(context.today + kDaysMax))
        .Rule("PLG-40");
  }
  const ParticipantRow* enterprise = participants_->FindParticipant(row.enterprise);
  if (enterprise == nullptr) return NotFound("enterprise", request.enterprise());
  if (enterprise->kind != v1::ENTERPRISE) return InvalidField("enterprise", request.enterprise(), "a participant that is an ENTERPRISE").Rule("PLG-40");
  const ParticipantRow* bank = participants_->FindParticipant(row.bank);
  if (bank == nullptr) return NotFound("bank", request.bank());
  if (bank->kind != v1::BANK && bank->kind != v1::BANK_BRANCH) return InvalidField("bank", request.bank(), "a bank or a branch of one").Rule("PLG-40");
  if (const AuthorisationRow* other = OwnInForce(row.enterprise, row.bank, context.today); other != nullptr) {
    return Refuse(absl::StatusCode::kAlreadyExists, "AUTHORISATION_IN_FORCE")
        .Rule("PLG-40")
        .Field("bank")
        .Value(request.bank())
        .Accepted("a bank that has none in force: " + MakeName("authorisations", other->number) + " holds until " + FormatDate(other->term.last) +
                  "; revoke it first");
  }
  if (CountInForce(row.enterprise, context.today) >= kInForceMax) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_AUTHORISATIONS")
        .Rule("PLG-40")
        .Field("enterprise")
        .Value(request.enterprise())
        .Accepted("an enterprise with fewer than " + std::to_string(kInForceMax) + " in force; revoke one first");
  }
  row.number = counters_->Peek(kNumbersOfAuthorisations);
  row.grant_time = context.time;
  v1::AuthorisationAnswer answer;
  *answer.mutable_authorisation() = ToProto(row);
  if (context.validate_only) return answer;
  SONGHUA_CHECK(counters_->Next(kNumbersOfAuthorisations) == row.number);
  const AuthorisationRow& added = rows_.Insert(std::move(row));
  granted_.insert({added.enterprise, added.term.last, added.number});
  context.events->Emit(EventType::kAuthorisationChanged, MakeName("authorisations", added.number), added);
  return answer;
}

absl::StatusOr<v1::AuthorisationAnswer> Authorisations::RevokeAuthorisation(CommandContext& context, const v1::RevokeAuthorisationRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "authorisations", request.name()));
  const AuthorisationRow* row = rows_.Find(number);
  if (row == nullptr) return NotFound("name", request.name());
  if (!row->HoldsOn(context.today)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule("PLG-40")
        .Field("name")
        .Value(request.name() + (row->revoked ? " is revoked" : " ended with " + FormatDate(row->term.last)))
        .Accepted("an authorisation that is in force");
  }
  AuthorisationRow changed = *row;
  changed.revoked = true;
  v1::AuthorisationAnswer answer;
  *answer.mutable_authorisation() = ToProto(changed);
  if (context.validate_only) return answer;
  granted_.erase({row->enterprise, row->term.last, row->number});
  context.events->Emit(EventType::kAuthorisationChanged, request.name(), changed);
  rows_.Edit(*row) = std::move(changed);
  return answer;
}

const AuthorisationRow* Authorisations::OwnInForce(const std::string& enterprise, const std::string& bank, Date today) const {
  for (auto it = granted_.lower_bound({enterprise, today, 0}); it != granted_.end() && std::get<0>(*it) == enterprise; ++it) {
    const AuthorisationRow* row = rows_.Find(std::get<2>(*it));
    if (row->bank == bank && row->HoldsOn(today)) return row;
  }
  return nullptr;
}

const AuthorisationRow* Authorisations::FindInForce(const std::string& enterprise, const ParticipantRow& bank, Date today) const {
  const AuthorisationRow* own = OwnInForce(enterprise, bank.id, today);
  return own != nullptr || bank.parent.empty() ? own : OwnInForce(enterprise, bank.parent, today);
}

size_t Authorisations::CountInForce(const std::string& enterprise, Date today) const {
  size_t count = 0;
  for (auto it = granted_.lower_bound({enterprise, today, 0}); it != granted_.end() && std::get<0>(*it) == enterprise; ++it) ++count;
  return count;
}

InquiryRow Authorisations::NextInquiry(const CommandContext& context, const std::string& enterprise, std::string ground) const {
  InquiryRow row;
  row.number = counters_->Peek(kNumbersOfInquiries);
  row.enterprise = enterprise;
  row.inquirer = std::string(context.participant);
  row.person = std::string(context.person);
  row.time = context.time;
  row.ground = std::move(ground);
  return row;
}

void Authorisations::RecordInquiry(CommandContext& context, const InquiryRow& row) {
  SONGHUA_CHECK(counters_->Next(kNumbersOfInquiries) == row.number);
  inquiries_.Append(row);
  std::set<std::string> of = {row.enterprise, row.inquirer};
  const ParticipantRow* inquirer = participants_->FindParticipant(row.inquirer);
  if (inquirer != nullptr && !inquirer->parent.empty()) of.insert(inquirer->parent);
  for (const std::string& participant : of) index_.Append({participant, row.number});
  context.events->Emit(EventType::kInquired, MakeName("inquiries", row.number), row);
}

v1::Authorisation ToProto(const AuthorisationRow& row) {
  v1::Authorisation authorisation;
  authorisation.set_name(MakeName("authorisations", row.number));
  authorisation.set_enterprise(MakeName("participants", row.enterprise));
  authorisation.set_bank(MakeName("participants", row.bank));
  authorisation.set_start_date(FormatDate(row.term.first));
  authorisation.set_expire_date(FormatDate(row.term.last));
  authorisation.set_revoked(row.revoked);
  *authorisation.mutable_grant_time() = ToProto(row.grant_time);
  return authorisation;
}

v1::Inquiry ToProto(const InquiryRow& row) {
  v1::Inquiry inquiry;
  inquiry.set_name(MakeName("inquiries", row.number));
  inquiry.set_enterprise(MakeName("participants", row.enterprise));
  inquiry.set_inquirer(MakeName("participants", row.inquirer));
  inquiry.set_person(MakeName("people", row.person));
  *inquiry.mutable_time() = ToProto(row.time);
  inquiry.set_ground(row.ground);
  if (row.pack != Digest{}) inquiry.set_pack_sha256(ToHex(row.pack));
  return inquiry;
}

Authorisations::~Authorisations() = default;

}  // namespace songhua::ledger
