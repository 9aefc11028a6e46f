// Participants: who may act. Enterprises and their sites, banks and their branches, authorities and their regions, the people of all of
// them with their roles (GEN-13), and the tokens with which people call the service. Nothing here is ever deleted; whether a token still
// holds is a function of its row and of time.
//
// Which roles the people of a participant may hold, and where:
//
//   | participant       | roles                                                                     | region of a grant             |
//   |-------------------|---------------------------------------------------------------------------|-------------------------------|
//   | ENTERPRISE        | ENT_OPERATOR, ENT_LEGAL_REP                                               | none                          |
//   | BANK, BANK_BRANCH | BANK_OFFICER, BANK_APPROVER                                               | none                          |
//   | AUTHORITY         | PERMIT_INTAKE, PERMIT_REVIEWER, TECH_ASSESSOR, ENFORCER, MONITOR_OFFICER, | inside the authority's region |
//   |                   | RESERVE_MANAGER, PRICE_AUTHORITY, COURT_LIAISON, CREDIT_OFFICER, AUDITOR  |                               |
//   | AUTHORITY         | PERMIT_APPROVER; only of a city or province (PERMIT-04)                   | inside the authority's region |
//   | AUTHORITY         | PROV_CARBON_OFFICER; only of a province                                   | the province                  |
//   | OPERATOR          | EXCHANGE_OP, REGISTRY_OP, SETTLEMENT_OP, SYSTEM_OP, AUDITOR               | none                          |
//
// PUBLIC is what callers without a token have and is granted to nobody. One person may review one case and approve another: separation of
// duties (GEN-14) is per case. But no one who works for an enterprise holds a regulator's role, because roles follow the participant.
//
// One thread (the state machine). Errors are checked in this order: form of the fields in the order of the message (INVALID_ARGUMENT),
// things named (NOT_FOUND), roles against the participant (INVALID_ARGUMENT), the thing itself (ALREADY_EXISTS), then what the state
// forbids (FAILED_PRECONDITION). Whether the caller may call at all is decided before by the engine.
#ifndef SONGHUA_LEDGER_PARTICIPANTS_H_
#define SONGHUA_LEDGER_PARTICIPANTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/identifiers.h"
#include "ledger/tables.h"
#include "songhua/v1/participants.pb.h"

namespace songhua::ledger {

using ParticipantNumber = uint32_t;  // from 1, without gaps; 0 is none

struct ParticipantRow {
  static constexpr RowTable kTable = RowTable::kParticipants;
  std::string id;  // USCC (GEN-10), or a code
  v1::ParticipantKind kind = v1::PARTICIPANT_KIND_UNSPECIFIED;
  std::string display_name;
  Region region;             // of an authority: its jurisdiction
  std::string parent;        // of a branch: its bank
  std::string entity_group;  // as given; empty: a group of its own
  ParticipantNumber number = 0;
  // The number of the first participant of its entity group, its own where it is alone: two participants are under one control when
  // these are equal.
  ParticipantNumber group = 0;
  Timestamp create_time;

  std::string Key() const { return id; }
  template <class Archive>
  void Fields(Archive& a) {
    a(id, kind, display_name, region, parent, entity_group, number, group, create_time);
  }
};

struct SiteRow {
  static constexpr RowTable kTable = RowTable::kSites;
  std::string id;           // USCC and three digits, as in its permit's number (PERMIT-10)
  std::string participant;  // the enterprise
  std::string display_name;
  Region region;      // a county or a city
  std::string basin;  // of its outlets to water (GEN-12); empty: it has none
  v1::SectorClass sector_class = v1::SECTOR_CLASS_UNSPECIFIED;

  std::string Key() const { return id; }
  std::string uscc() const { return id.substr(0, kUsccLength); }
  int32_t sequence() const;  // 1..999
  template <class Archive>
  void Fields(Archive& a) {
    a(id, participant, display_name, region, basin, sector_class);
  }
};

struct RoleGrantRow {
  v1::Role role = v1::ROLE_UNSPECIFIED;
  Region region;  // none for roles that hold everywhere

  template <class Archive>
  void Fields(Archive& a) {
    a(role, region);
  }
};

struct PersonRow {
  static constexpr RowTable kTable = RowTable::kPeople;
  std::string id;
  std::string participant;
  std::string display_name;
  std::vector<RoleGrantRow> roles;

  std::string Key() const { return id; }
  template <class Archive>
  void Fields(Archive& a) {
    a(id, participant, display_name, roles);
  }
};

struct TokenRow {
  static constexpr RowTable kTable = RowTable::kTokens;
  std::string sha256;  // of the token, 64 lowercase hexadecimal digits
  std::string person;
  Timestamp expire_time;  // the first instant at which it no longer holds
  bool revoked = false;

  std::string Key() const { return sha256; }
  // The id in its name, the first 16 digits: enough to tell tokens apart, too little to be of use.
  std::string id() const;
  bool HoldsAt(Timestamp at) const { return !revoked && at < expire_time; }
  template <class Archive>
  void Fields(Archive& a) {
    a(sha256, person, expire_time, revoked);
  }
};

// Whether the person holds the role anywhere.
bool HasRole(const PersonRow& person, v1::Role role);
// Whether the person holds the role in this region: one of his grants has no region, or one that contains it.
bool RoleCovers(const PersonRow& person, v1::Role role, Region region);

// Opens the rights account of a site in the command that registers it (DR-11). It cannot fail.
class RightsAccountOpener {
 public:
  virtual ~RightsAccountOpener() = default;
  virtual void OpenRightsAccount(CommandContext& context, const SiteRow& site) = 0;
};

class Participants {
 public:
  // Bounds of what one thing may hold.
  static constexpr size_t kGrantsMax = 64;      // of one person
  static constexpr size_t kLiveTokensMax = 32;  // of one person, neither revoked nor expired
  static constexpr int32_t kTokenDaysMax = 366;
  static constexpr size_t kDisplayNameBytesMax = 200;

  Participants(TableSet* tables, Counters* counters);
  ~Participants();

  // Of an empty store: the participant "operator" (OPERATOR, seated in `region`), the person "operator" with SYSTEM_OP, and his token,
  // which holds for kTokenDaysMax days. INVALID_ARGUMENT unless `token_sha256` is 64 lowercase hexadecimal digits; FAILED_PRECONDITION
  // where there is a participant already.
  absl::Status Bootstrap(CommandContext& context, std::string_view token_sha256, Region region = kJilinProvince);

  absl::StatusOr<v1::ParticipantAnswer> CreateParticipant(CommandContext& context, const v1::CreateParticipantRequest& request);
  absl::StatusOr<v1::SiteAnswer> CreateSite(CommandContext& context, const v1::CreateSiteRequest& request, RightsAccountOpener& accounts);
  absl::StatusOr<v1::PersonAnswer> CreatePerson(CommandContext& context, const v1::CreatePersonRequest& request);
  // The last person with SYSTEM_OP keeps it: a store that nobody can run could not be repaired from inside.
  absl::StatusOr<v1::PersonAnswer> SetRoles(CommandContext& context, const v1::SetRolesRequest& request);
  absl::StatusOr<v1::TokenAnswer> CreateToken(CommandContext& context, const v1::CreateTokenRequest& request);
  // Revoking twice is one revocation. The last token by which anybody may act as SYSTEM_OP is not revoked: create its successor first.
  absl::StatusOr<v1::TokenAnswer> RevokeToken(CommandContext& context, const v1::RevokeTokenRequest& request);

  // Lookups; null: there is no such row.
  const ParticipantRow* FindParticipant(const std::string& id) const { return participants_.Find(id); }
  const ParticipantRow* FindParticipant(ParticipantNumber number) const;
  const SiteRow* FindSite(const std::string& id) const { return sites_.Find(id); }
  // The sites of an enterprise, by their ids.
  std::vector<const SiteRow*> SitesOf(const std::string& participant) const;
  const PersonRow* FindPerson(const std::string& id) const { return people_.Find(id); }
  // The row of a token, live or not: ask HoldsAt.
  const TokenRow* FindTokenByHash(const std::string& sha256) const { return tokens_.Find(sha256); }
  const TokenRow* FindTokenById(const std::string& id) const;

 private:
  const ParticipantRow& Add(CommandContext& context, ParticipantRow row);
  const PersonRow& Add(CommandContext& context, PersonRow row);
  const TokenRow& Add(CommandContext& context, TokenRow row);
  void Index(const ParticipantRow& row);
  void Index(const PersonRow& row);
  void Index(const TokenRow& row);
  size_t LiveTokens(const std::string& person, Timestamp at) const;
  // Whether somebody with SYSTEM_OP, other than this person, has a token that holds, other than this token. Either may be null.
  bool SomebodyElseOperates(const PersonRow* except_person, const TokenRow* except_token, Timestamp at) const;

  Counters* counters_;
  Table<ParticipantRow> participants_;
  Table<SiteRow> sites_;
  Table<PersonRow> people_;
  Table<TokenRow> tokens_;
  // Rebuilt when rows are loaded.
  std::vector<const ParticipantRow*> by_number_;     // at number - 1
  std::map<std::string, ParticipantNumber> groups_;  // the lowest number of each named group
  std::map<std::string, const PersonRow*> system_operators_;
  std::set<std::pair<std::string, std::string>> sites_of_;  // participant, site
  absl::flat_hash_map<std::string, const TokenRow*> tokens_by_id_;
  absl::flat_hash_map<std::string, std::vector<const TokenRow*>> tokens_of_person_;
};

v1::Participant ToProto(const ParticipantRow& row);
v1::Site ToProto(const SiteRow& row);
v1::Person ToProto(const PersonRow& row);
v1::Token ToProto(const TokenRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_PARTICIPANTS_H_
