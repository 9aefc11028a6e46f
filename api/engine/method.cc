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

absl::Status Denied(const Method& method, std::string_view reason) {
  return Refuse(absl::StatusCode::kPermissionDenied, reason).Rule("GEN-13").Field("authorization").Accepted(RolesOf(method));
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
  return Denied(method, "ROLE_MISSING");
}

absl::Status AuthorizeTarget(const Method& method, const ledger::PersonRow* person, const Target& target) {
  if (method.open || (method.any_person && person != nullptr)) return absl::OkStatus();
  bool own_role = false;
  for (const Grant& grant : method.grants) {
    if (person == nullptr || !ledger::HasRole(*person, grant.role)) continue;
    switch (grant.scope) {
      case Scope::kAny: return absl::OkStatus();
      case Scope::kOwn:
        own_role = true;
        if (std::find(target.participants.begin(), target.participants.end(), person->participant) != target.participants.end()) {
          return absl::OkStatus();
        }
        break;
      case Scope::kRegion:
        if (ledger::RoleCovers(*person, grant.role, target.region)) return absl::OkStatus();
        break;
    }
  }
  return Denied(method, own_role ? "FOREIGN_PARTICIPANT" : "FOREIGN_REGION");
}

}  // namespace songhua::api
