#include "ledger/participants.h"

#include <algorithm>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/roles.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

constexpr size_t kSiteSequenceDigits = 3;
constexpr size_t kTokenIdDigits = 16;
constexpr size_t kSha256Bytes = 32;
// The engine itself acts under this name (command.h).
constexpr std::string_view kEnginePerson = "system";
constexpr char kNumbersOfParticipants[] = "participants";

Refuse AlreadyExists(std::string_view field, std::string_view name) {
  return Refuse(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS").Rule("GEN-10").Field(field).Value(name).Accepted("a name that is not in use");
}

bool IsHexadecimal(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string Hexadecimal(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (char c : bytes) {
    text.push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
    text.push_back(kDigits[static_cast<uint8_t>(c) & 15]);
  }
  return text;
}

// GEN-10: enterprises and banks are known by their USCC, all others by a code.
absl::Status ValidateParticipantId(const std::string& id, v1::ParticipantKind kind) {
  if (kind == v1::ENTERPRISE || kind == v1::BANK) return ValidateUscc(id, "participant.name");
  return ValidateCode("participant.name", id);
}

absl::StatusOr<std::string> ParseParent(const v1::Participant& participant) {
  constexpr char kField[] = "participant.parent";
  if (participant.kind() == v1::BANK_BRANCH) return ParseName(kField, "participants", participant.parent());
  if (!participant.parent().empty())
    return InvalidField(kField, participant.parent(), "empty, unless the kind is BANK_BRANCH").Rule("GEN-13");
  return std::string();
}

absl::StatusOr<ParticipantRow> ParseParticipant(const v1::Participant& participant) {
  ParticipantRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.id, ParseName("participant.name", "participants", participant.name()));
  row.kind = participant.kind();
  if (row.kind == v1::PARTICIPANT_KIND_UNSPECIFIED || !v1::ParticipantKind_IsValid(row.kind)) {
    return InvalidField("participant.kind", std::to_string(row.kind), "ENTERPRISE, BANK, BANK_BRANCH, AUTHORITY or OPERATOR");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateParticipantId(row.id, row.kind));
  SONGHUA_RETURN_IF_ERROR(ValidateName(participant.display_name(), Participants::kDisplayNameBytesMax, "participant.display_name"));
  row.display_name = participant.display_name();
  SONGHUA_ASSIGN_OR_RETURN(row.region, ParseRegion(participant.region(), "participant.region"));
  SONGHUA_ASSIGN_OR_RETURN(row.parent, ParseParent(participant));
  if (!participant.entity_group().empty()) {
    if (row.kind != v1::ENTERPRISE) {
      return InvalidField("participant.entity_group", participant.entity_group(), "empty, unless the kind is ENTERPRISE");
    }
    SONGHUA_RETURN_IF_ERROR(ValidateCode("participant.entity_group", participant.entity_group()));
    row.entity_group = participant.entity_group();
  }
  return row;
}

// A site's id is its enterprise's USCC and three digits from 001 (PERMIT-10).
absl::Status ValidateSiteId(const std::string& id) {
  constexpr char kField[] = "site.name";
  const std::string digits = id.size() == kUsccLength + kSiteSequenceDigits ? id.substr(kUsccLength) : "";
  const bool is_sequence =
      !digits.empty() && digits != "000" && std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_sequence) return InvalidField(kField, id, "sites/{18 characters of the USCC}{001 to 999}").Rule("PERMIT-10");
  return ValidateUscc(id.substr(0, kUsccLength), kField);
}

absl::StatusOr<SiteRow> ParseSite(const v1::Site& site) {
  SiteRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.id, ParseName("site.name", "sites", site.name()));
  SONGHUA_RETURN_IF_ERROR(ValidateSiteId(row.id));
  SONGHUA_ASSIGN_OR_RETURN(row.participant, ParseName("site.participant", "participants", site.participant()));
  if (row.participant != row.uscc()) {
    return InvalidField("site.participant", site.participant(),
                        MakeName("participants", row.uscc()) + ", whose USCC the site's name begins with")
        .Rule("PERMIT-10");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(site.display_name(), Participants::kDisplayNameBytesMax, "site.display_name"));
  row.display_name = site.display_name();
  SONGHUA_ASSIGN_OR_RETURN(row.region, ParseRegion(site.region(), "site.region"));
  if (LevelOf(row.region) == RegionLevel::kProvince) {
    return InvalidField("site.region", site.region(), "the county or city where the site stands").Rule("GEN-11");
  }
  if (!site.basin().empty()) SONGHUA_RETURN_IF_ERROR(ValidateBasin(site.basin(), "site.basin"));
  row.basin = site.basin();
  row.sector_class = site.sector_class();
  if (row.sector_class == v1::SECTOR_CLASS_UNSPECIFIED || !v1::SectorClass_IsValid(row.sector_class)) {
    return InvalidField("site.sector_class", std::to_string(row.sector_class), "POWER, CHP_HEAT, INDUSTRY, MUNICIPAL or AGRI")
        .Rule("DR-25");
  }
  return row;
}

Timestamp LatestExpiry(Timestamp now) { return Timestamp(now.value() + Participants::kTokenDaysMax * kMicrosPerDay); }

}  // namespace

int32_t SiteRow::sequence() const {
  int32_t value = 0;
  for (char c : id.substr(kUsccLength)) value = value * 10 + (c - '0');
  return value;
}

std::string TokenRow::id() const { return sha256.substr(0, kTokenIdDigits); }

Participants::Participants(TableSet* tables, Counters* counters)
    : counters_(counters), participants_(tables), sites_(tables), people_(tables), tokens_(tables) {
  participants_.OnLoaded([this](ParticipantRow& row) { Index(row); });
  sites_.OnLoaded([this](SiteRow& row) { sites_of_.insert({row.participant, row.id}); });
  people_.OnLoaded([this](PersonRow& row) { Index(row); });
  tokens_.OnLoaded([this](TokenRow& row) { Index(row); });
}

// ---- Commands ----

absl::Status Participants::Bootstrap(CommandContext& context, std::string_view token_sha256, Region region) {
  if (token_sha256.size() != 2 * kSha256Bytes || !IsHexadecimal(token_sha256)) {
    return InvalidField("token_sha256", token_sha256.substr(0, 2 * kSha256Bytes), "64 lowercase hexadecimal digits");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateRegion(region));
  if (!by_number_.empty()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ALREADY_BOOTSTRAPPED").Rule("INV-09").Accepted("a store without participants");
  }
  if (context.validate_only) return absl::OkStatus();
  ParticipantRow participant;
  participant.id = "operator";
  participant.kind = v1::OPERATOR;
  participant.display_name = "operator";
  participant.region = region;
  Add(context, std::move(participant));
  Add(context, PersonRow{"operator", "operator", "operator", {{v1::SYSTEM_OP, Region()}}});
  Add(context, TokenRow{std::string(token_sha256), "operator", LatestExpiry(context.time), false});
  return absl::OkStatus();
}

absl::StatusOr<v1::ParticipantAnswer> Participants::CreateParticipant(CommandContext& context,
                                                                      const v1::CreateParticipantRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(ParticipantRow row, ParseParticipant(request.participant()));
  if (row.kind == v1::BANK_BRANCH) {
    const ParticipantRow* bank = participants_.Find(row.parent);
    if (bank == nullptr) return NotFound("participant.parent", request.participant().parent());
    if (bank->kind != v1::BANK) {
      return InvalidField("participant.parent", request.participant().parent(), "a participant that is a BANK").Rule("GEN-13");
    }
  }
  if (participants_.Find(row.id) != nullptr) return AlreadyExists("participant.name", request.participant().name());

  v1::ParticipantAnswer answer;
  if (context.validate_only) {
    row.number = static_cast<ParticipantNumber>(counters_->Peek(kNumbersOfParticipants));
    row.create_time = context.time;
    *answer.mutable_participant() = ToProto(row);
    return answer;
  }
  *answer.mutable_participant() = ToProto(Add(context, std::move(row)));
  return answer;
}

absl::StatusOr<v1::SiteAnswer> Participants::CreateSite(CommandContext& context, const v1::CreateSiteRequest& request,
                                                        RightsAccountOpener& accounts) {
  SONGHUA_ASSIGN_OR_RETURN(SiteRow row, ParseSite(request.site()));
  const ParticipantRow* owner = participants_.Find(row.participant);
  if (owner == nullptr) return NotFound("site.participant", request.site().participant());
  if (owner->kind != v1::ENTERPRISE) {
    return InvalidField("site.participant", request.site().participant(), "a participant that is an ENTERPRISE").Rule("PERMIT-03");
  }
  if (sites_.Find(row.id) != nullptr) return AlreadyExists("site.name", request.site().name());

  v1::SiteAnswer answer;
  *answer.mutable_site() = ToProto(row);
  if (context.validate_only) return answer;
  const SiteRow& site = sites_.Insert(std::move(row));
  sites_of_.insert({site.participant, site.id});
  context.events->Emit(EventType::kRegistered, MakeName("sites", site.id));
  accounts.OpenRightsAccount(context, site);
  return answer;
}

absl::StatusOr<v1::PersonAnswer> Participants::CreatePerson(CommandContext& context, const v1::CreatePersonRequest& request) {
  const v1::Person& person = request.person();
  PersonRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.id, ParseName("person.name", "people", person.name()));
  SONGHUA_RETURN_IF_ERROR(ValidateCode("person.name", row.id));
  if (row.id == kEnginePerson) return InvalidField("person.name", person.name(), "a name other than that of the service itself");
  SONGHUA_ASSIGN_OR_RETURN(row.participant, ParseName("person.participant", "participants", person.participant()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(person.display_name(), kDisplayNameBytesMax, "person.display_name"));
  row.display_name = person.display_name();
  const ParticipantRow* employer = participants_.Find(row.participant);
  if (employer == nullptr) return NotFound("person.participant", person.participant());
  SONGHUA_ASSIGN_OR_RETURN(row.roles, ParseGrants("person.roles", *employer, person.roles()));
  if (people_.Find(row.id) != nullptr) return AlreadyExists("person.name", person.name()).Rule("GEN-13");

  v1::PersonAnswer answer;
  *answer.mutable_person() = ToProto(row);
  if (!context.validate_only) Add(context, std::move(row));
  return answer;
}

absl::StatusOr<v1::PersonAnswer> Participants::SetRoles(CommandContext& context, const v1::SetRolesRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ParseName("person", "people", request.person()));
  const PersonRow* person = people_.Find(id);
  if (person == nullptr) return NotFound("person", request.person());
  const ParticipantRow* employer = participants_.Find(person->participant);
  SONGHUA_CHECK(employer != nullptr);
  SONGHUA_ASSIGN_OR_RETURN(std::vector<RoleGrantRow> roles, ParseGrants("roles", *employer, request.roles()));
  PersonRow changed = *person;
  changed.roles = std::move(roles);
  if (HasRole(*person, v1::SYSTEM_OP) && !HasRole(changed, v1::SYSTEM_OP) && !SomebodyElseOperates(person, nullptr, context.time)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "LAST_SYSTEM_OPERATOR")
        .Rule("GEN-13")
        .Field("roles")
        .Value(request.person())
        .Accepted("roles with SYSTEM_OP, until another person with SYSTEM_OP has a token that holds");
  }

  v1::PersonAnswer answer;
  *answer.mutable_person() = ToProto(changed);
  if (context.validate_only) return answer;
  PersonRow& row = people_.Edit(*person);
  row.roles = std::move(changed.roles);
  Index(row);
  context.events->Emit(EventType::kRegistered, MakeName("people", row.id));
  return answer;
}

absl::StatusOr<v1::TokenAnswer> Participants::CreateToken(CommandContext& context, const v1::CreateTokenRequest& request) {
  TokenRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.person, ParseName("person", "people", request.person()));
  if (request.token_sha256().size() != kSha256Bytes) {
    return InvalidField("token_sha256", std::to_string(request.token_sha256().size()) + " bytes", "the 32 bytes of a SHA-256");
  }
  row.sha256 = Hexadecimal(request.token_sha256());
  SONGHUA_ASSIGN_OR_RETURN(row.expire_time, ParseTime("expire_time", request.expire_time()));
  if (row.expire_time <= context.time || row.expire_time > LatestExpiry(context.time)) {
    return InvalidField("expire_time", FormatTimestamp(row.expire_time),
                        "later than " + FormatTimestamp(context.time) + ", at most " + std::to_string(kTokenDaysMax) + " days");
  }
  if (people_.Find(row.person) == nullptr) return NotFound("person", request.person());
  // Tokens are random, so two with one id are one token, or somebody's attempt to make them look alike.
  if (FindTokenById(row.id()) != nullptr) return AlreadyExists("token_sha256", MakeName("tokens", row.id())).Rule("GEN-13");
  if (LiveTokens(row.person, context.time) >= kLiveTokensMax) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "TOO_MANY_TOKENS")
        .Rule("GEN-13")
        .Field("person")
        .Value(request.person())
        .Accepted("a person with fewer than " + std::to_string(kLiveTokensMax) + " tokens that hold: revoke one first");
  }

  v1::TokenAnswer answer;
  *answer.mutable_token() = ToProto(row);
  if (!context.validate_only) Add(context, std::move(row));
  return answer;
}

absl::StatusOr<v1::TokenAnswer> Participants::RevokeToken(CommandContext& context, const v1::RevokeTokenRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ParseName("name", "tokens", request.name()));
  const TokenRow* token = FindTokenById(id);
  if (token == nullptr) return NotFound("name", request.name());
  const PersonRow* person = people_.Find(token->person);
  SONGHUA_CHECK(person != nullptr);
  if (token->HoldsAt(context.time) && HasRole(*person, v1::SYSTEM_OP) && !SomebodyElseOperates(nullptr, token, context.time)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "LAST_SYSTEM_TOKEN")
        .Rule("GEN-13")
        .Field("name")
        .Value(request.name())
        .Accepted("a token other than the last with which anybody may act as SYSTEM_OP");
  }

  v1::TokenAnswer answer;
  *answer.mutable_token() = ToProto(*token);
  answer.mutable_token()->set_revoked(true);
  if (context.validate_only || token->revoked) return answer;
  tokens_.Edit(*token).revoked = true;
  context.events->Emit(EventType::kRegistered, MakeName("tokens", id));
  return answer;
}

// ---- State ----

std::vector<const SiteRow*> Participants::SitesOf(const std::string& participant) const {
  std::vector<const SiteRow*> sites;
  for (auto at = sites_of_.lower_bound({participant, ""}); at != sites_of_.end() && at->first == participant; ++at) sites.push_back(sites_.Find(at->second));
  return sites;
}

const ParticipantRow* Participants::FindParticipant(ParticipantNumber number) const {
  return number == 0 || number > by_number_.size() ? nullptr : by_number_[number - 1];
}

const TokenRow* Participants::FindTokenById(const std::string& id) const {
  const auto it = tokens_by_id_.find(id);
  return it == tokens_by_id_.end() ? nullptr : it->second;
}

size_t Participants::LiveTokens(const std::string& person, Timestamp at) const {
  const auto it = tokens_of_person_.find(person);
  if (it == tokens_of_person_.end()) return 0;
  return std::count_if(it->second.begin(), it->second.end(), [&](const TokenRow* token) { return token->HoldsAt(at); });
}

bool Participants::SomebodyElseOperates(const PersonRow* except_person, const TokenRow* except_token, Timestamp at) const {
  for (const auto& [id, person] : system_operators_) {
    if (person == except_person) continue;
    const size_t excepted = except_token != nullptr && except_token->person == id ? 1 : 0;
    if (LiveTokens(id, at) > excepted) return true;
  }
  return false;
}

const ParticipantRow& Participants::Add(CommandContext& context, ParticipantRow row) {
  row.number = static_cast<ParticipantNumber>(counters_->Next(kNumbersOfParticipants));
  const auto group = groups_.find(row.entity_group);
  row.group = group == groups_.end() ? row.number : group->second;
  row.create_time = context.time;
  const ParticipantRow& added = participants_.Insert(std::move(row));
  Index(added);
  context.events->Emit(EventType::kRegistered, MakeName("participants", added.id));
  return added;
}

const PersonRow& Participants::Add(CommandContext& context, PersonRow row) {
  const PersonRow& added = people_.Insert(std::move(row));
  Index(added);
  context.events->Emit(EventType::kRegistered, MakeName("people", added.id));
  return added;
}

const TokenRow& Participants::Add(CommandContext& context, TokenRow row) {
  const TokenRow& added = tokens_.Insert(std::move(row));
  Index(added);
  context.events->Emit(EventType::kRegistered, MakeName("tokens", added.id()));
  return added;
}

void Participants::Index(const ParticipantRow& row) {
  if (row.number > by_number_.size()) by_number_.resize(row.number);  // rows are loaded in the order of their ids
  SONGHUA_CHECK(by_number_[row.number - 1] == nullptr);
  by_number_[row.number - 1] = &row;
  if (!row.entity_group.empty()) groups_.emplace(row.entity_group, row.group);
}

void Participants::Index(const PersonRow& row) {
  if (HasRole(row, v1::SYSTEM_OP)) {
    system_operators_[row.id] = &row;
  } else {
    system_operators_.erase(row.id);
  }
}

void Participants::Index(const TokenRow& row) {
  SONGHUA_CHECK(tokens_by_id_.emplace(row.id(), &row).second);
  tokens_of_person_[row.person].push_back(&row);
}

// ---- Messages ----

v1::Participant ToProto(const ParticipantRow& row) {
  v1::Participant message;
  message.set_name(MakeName("participants", row.id));
  message.set_kind(row.kind);
  message.set_display_name(row.display_name);
  message.set_region(FormatRegion(row.region));
  if (!row.parent.empty()) message.set_parent(MakeName("participants", row.parent));
  message.set_entity_group(row.entity_group);
  message.set_number(row.number);
  *message.mutable_create_time() = ToProto(row.create_time);
  return message;
}

v1::Site ToProto(const SiteRow& row) {
  v1::Site message;
  message.set_name(MakeName("sites", row.id));
  message.set_participant(MakeName("participants", row.participant));
  message.set_display_name(row.display_name);
  message.set_region(FormatRegion(row.region));
  message.set_basin(row.basin);
  message.set_sector_class(row.sector_class);
  message.set_rights_account(MakeName("accounts", row.id + ".rights"));
  return message;
}

v1::Person ToProto(const PersonRow& row) {
  v1::Person message;
  message.set_name(MakeName("people", row.id));
  message.set_participant(MakeName("participants", row.participant));
  message.set_display_name(row.display_name);
  for (const RoleGrantRow& grant : row.roles) {
    v1::RoleGrant* added = message.add_roles();
    added->set_role(grant.role);
    if (grant.region != Region()) added->set_region(FormatRegion(grant.region));
  }
  return message;
}

v1::Token ToProto(const TokenRow& row) {
  v1::Token message;
  message.set_name(MakeName("tokens", row.id()));
  message.set_person(MakeName("people", row.person));
  *message.mutable_expire_time() = ToProto(row.expire_time);
  message.set_revoked(row.revoked);
  return message;
}

Participants::~Participants() = default;

}  // namespace songhua::ledger
