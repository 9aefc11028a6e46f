#include "api/engine/method.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

std::string RolesOf(const Method& method) {
  std::string text;
  for (const Grant& grant : method.grants) {
    if (!text.empty()) text += ", ";
    text += v1::Role_Name(grant.role);
    if (grant.scope == Scope::kOwn) text += " of its own participant";
    if (grant.scope == Scope::kRegion) text += " of the region";
  }
  return text;
}

// Who calls, with his roles: "people/li-na (PERMIT_APPROVER 220100)".
std::string Described(const ledger::PersonRow* person) {
  if (person == nullptr) return "a caller without a token";
  std::string roles;
  for (const ledger::RoleGrantRow& grant : person->roles) {
    roles += (roles.empty() ? "" : ", ") + v1::Role_Name(grant.role);
    if (grant.region != Region()) roles += " " + FormatRegion(grant.region);
  }
  return "people/" + person->id + " (" + (roles.empty() ? "no roles" : roles) + ")";
}

// A region is said to officers only; whose something is, is never said to a stranger.
absl::Status Denied(const Method& method, const ledger::PersonRow* person, std::string_view reason, Region region) {
  std::string accepted = RolesOf(method);
  if (region != Region()) accepted += "; here the region is " + FormatRegion(region);
  return Refuse(absl::StatusCode::kPermissionDenied, reason).Rule("GEN-13").Field("authorization").Value(Described(person)).Accepted(accepted);
}

enum class Reach : uint8_t { kReaches, kForeignParticipant, kForeignRegion };

// An open method with grants shows those more whom it names.
Reach ReachOf(const Method& method, const ledger::PersonRow* person, const Target& target) {
  if (method.grants.empty() && (method.open || (method.any_person && person != nullptr))) return Reach::kReaches;
  if (target.nobodys) return Reach::kReaches;  // the role was looked at before
  Reach reach = Reach::kForeignRegion;
  for (const Grant& grant : method.grants) {
    if (person == nullptr || !ledger::HasRole(*person, grant.role)) continue;
    switch (grant.scope) {
      case Scope::kAny: return Reach::kReaches;
      case Scope::kOwn:
        reach = Reach::kForeignParticipant;
        if (std::find(target.participants.begin(), target.participants.end(), person->participant) != target.participants.end()) {
          return Reach::kReaches;
        }
        break;
      case Scope::kRegion:
        if (ledger::RoleCovers(*person, grant.role, target.region)) return Reach::kReaches;
        break;
    }
  }
  return reach;
}

}  // namespace

const Method* FindMethod(std::string_view name) {
  static const auto* index = [] {
    auto* map = new absl::flat_hash_map<std::string, const Method*>;
    for (const Method& method : Methods()) (*map)[method.name] = &method;
    return map;
  }();
  auto it = index->find(absl::string_view(name.data(), name.size()));
  return it == index->end() ? nullptr : it->second;
}

bool HasScopes(const Method& method) {
  return std::any_of(method.grants.begin(), method.grants.end(), [](const Grant& grant) { return grant.scope != Scope::kAny; });
}

absl::Status AuthorizeRole(const Method& method, const ledger::PersonRow* person) {
  if (method.open || (method.any_person && person != nullptr)) return absl::OkStatus();
  if (person != nullptr) {
    for (const Grant& grant : method.grants) {
      if (ledger::HasRole(*person, grant.role)) return absl::OkStatus();
    }
  }
  return Denied(method, person, "ROLE_MISSING", Region());
}

bool Reaches(const Method& method, const ledger::PersonRow* person, const Target& target) {
  return ReachOf(method, person, target) == Reach::kReaches;
}

absl::Status AuthorizeTarget(const Method& method, const ledger::PersonRow* person, const Target& target) {
  switch (ReachOf(method, person, target)) {
    case Reach::kReaches: return absl::OkStatus();
    case Reach::kForeignParticipant: return Denied(method, person, "FOREIGN_PARTICIPANT", Region());
    case Reach::kForeignRegion: return Denied(method, person, "FOREIGN_REGION", target.region);
  }
  return absl::InternalError("no such reach");
}

}  // namespace songhua::api
