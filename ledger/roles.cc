#include "ledger/roles.h"

#include <algorithm>
#include <string>

#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

std::string KindName(v1::ParticipantKind kind) { return v1::ParticipantKind_Name(kind); }
std::string RoleName(v1::Role role) { return v1::Role_IsValid(role) ? v1::Role_Name(role) : std::to_string(role); }

// The kinds of participants whose people may hold the role; empty: nobody.
std::vector<v1::ParticipantKind> KindsThatMayHold(v1::Role role) {
  switch (role) {
    case v1::ENT_OPERATOR:
    case v1::ENT_LEGAL_REP:
      return {v1::ENTERPRISE};
    case v1::BANK_OFFICER:
    case v1::BANK_APPROVER:
      return {v1::BANK, v1::BANK_BRANCH};
    case v1::PERMIT_INTAKE:
    case v1::PERMIT_REVIEWER:
    case v1::TECH_ASSESSOR:
    case v1::PERMIT_APPROVER:
    case v1::ENFORCER:
    case v1::MONITOR_OFFICER:
    case v1::RESERVE_MANAGER:
    case v1::PRICE_AUTHORITY:
    case v1::COURT_LIAISON:
    case v1::PROV_CARBON_OFFICER:
    case v1::CREDIT_OFFICER:
      return {v1::AUTHORITY};
    case v1::AUDITOR:
      return {v1::AUTHORITY, v1::OPERATOR};
    case v1::EXCHANGE_OP:
    case v1::REGISTRY_OP:
    case v1::SETTLEMENT_OP:
    case v1::SYSTEM_OP:
      return {v1::OPERATOR};
    default:
      return {};
  }
}

// "AUTHORITY or OPERATOR".
std::string Listed(const std::vector<v1::ParticipantKind>& kinds) {
  std::string text;
  for (v1::ParticipantKind kind : kinds) text += (text.empty() ? "" : " or ") + KindName(kind);
  return text;
}

absl::Status CheckKind(const std::string& field, const ParticipantRow& participant, v1::Role role) {
  const std::vector<v1::ParticipantKind> kinds = KindsThatMayHold(role);
  if (kinds.empty()) return InvalidField(field + ".role", RoleName(role), "a role of GEN-13 other than PUBLIC").Rule("GEN-13");
  if (std::find(kinds.begin(), kinds.end(), participant.kind) == kinds.end()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "ROLE_NOT_FOR_PARTICIPANT")
        .Rule("GEN-13")
        .Field(field + ".role")
        .Value(RoleName(role) + " of a " + KindName(participant.kind))
        .Accepted("a person of a participant that is " + Listed(kinds));
  }
  return absl::OkStatus();
}

// Offices that only a higher authority has.
absl::Status CheckLevel(const std::string& field, const ParticipantRow& participant, v1::Role role) {
  const RegionLevel level = LevelOf(participant.region);
  const bool too_low = (role == v1::PERMIT_APPROVER && level == RegionLevel::kCounty) ||
                       (role == v1::PROV_CARBON_OFFICER && level != RegionLevel::kProvince);
  if (!too_low) return absl::OkStatus();
  const bool permits = role == v1::PERMIT_APPROVER;
  return Refuse(absl::StatusCode::kInvalidArgument, "AUTHORITY_LEVEL_TOO_LOW")
      .Rule(permits ? "PERMIT-04" : "GEN-13")
      .Field(field + ".role")
      .Value(RoleName(role) + " of " + FormatRegion(participant.region))
      .Accepted(permits ? "an authority of a city or province" : "an authority of a province");
}

absl::StatusOr<Region> ParseGrantRegion(const std::string& field, const ParticipantRow& participant, const v1::RoleGrant& grant) {
  const std::string region_field = field + ".region";
  if (participant.kind != v1::AUTHORITY) {
    if (!grant.region().empty()) return InvalidField(region_field, grant.region(), "empty: the role holds everywhere").Rule("GEN-13");
    return Region();
  }
  SONGHUA_ASSIGN_OR_RETURN(const Region region, ParseRegion(grant.region(), region_field));
  if (!RegionContains(participant.region, region)) {
    return Refuse(absl::StatusCode::kInvalidArgument, "REGION_OUTSIDE_JURISDICTION")
        .Rule("GEN-13")
        .Field(region_field)
        .Value(grant.region())
        .Accepted("a region inside " + FormatRegion(participant.region));
  }
  if (grant.role() == v1::PROV_CARBON_OFFICER && LevelOf(region) != RegionLevel::kProvince) {
    return InvalidField(region_field, grant.region(), FormatRegion(ProvinceOf(region)) + ": the office is the province's").Rule("GEN-13");
  }
  return region;
}

}  // namespace

absl::StatusOr<std::vector<RoleGrantRow>> ParseGrants(std::string_view field, const ParticipantRow& participant,
                                                      const google::protobuf::RepeatedPtrField<v1::RoleGrant>& grants) {
  if (static_cast<size_t>(grants.size()) > Participants::kGrantsMax) {
    return InvalidField(field, std::to_string(grants.size()) + " grants", "at most " + std::to_string(Participants::kGrantsMax));
  }
  std::vector<RoleGrantRow> rows;
  for (int i = 0; i < grants.size(); ++i) {
    const v1::RoleGrant& grant = grants[i];
    const std::string at = std::string(field) + "[" + std::to_string(i) + "]";
    SONGHUA_RETURN_IF_ERROR(CheckKind(at, participant, grant.role()));
    SONGHUA_RETURN_IF_ERROR(CheckLevel(at, participant, grant.role()));
    SONGHUA_ASSIGN_OR_RETURN(const Region region, ParseGrantRegion(at, participant, grant));
    const bool twice =
        std::any_of(rows.begin(), rows.end(), [&](const RoleGrantRow& row) { return row.role == grant.role() && row.region == region; });
    if (twice) return InvalidField(at, RoleName(grant.role()), "each role and region once");
    rows.push_back({grant.role(), region});
  }
  return rows;
}

bool HasRole(const PersonRow& person, v1::Role role) {
  return std::any_of(person.roles.begin(), person.roles.end(), [&](const RoleGrantRow& grant) { return grant.role == role; });
}

bool RoleCovers(const PersonRow& person, v1::Role role, Region region) {
  return std::any_of(person.roles.begin(), person.roles.end(), [&](const RoleGrantRow& grant) {
    return grant.role == role && (grant.region == Region() || RegionContains(grant.region, region));
  });
}

}  // namespace songhua::ledger
