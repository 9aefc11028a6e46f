// Permits as one caller may see them: whole for those who may read their site's cases, and masked for everybody else (PERMIT-27). Used by Permits and Public.
//
//   PermitViews views(&context);
//   SONGHUA_ASSIGN_OR_RETURN(const PermitChain chain, views.Load(number));
//   if (chain.empty()) return NotFound("name", request.name());
//   SONGHUA_ASSIGN_OR_RETURN(const permits::PermitContent content, views.ForCaller(chain.CountsOn(context.today())));
//
// One thread; one PermitViews a call.
#ifndef SONGHUA_API_READS_PERMIT_VIEWS_H_
#define SONGHUA_API_READS_PERMIT_VIEWS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/reads/lookup.h"
#include "api/reads/read_context.h"
#include "permits/permits.h"

namespace songhua::api {

// All versions of a number, oldest first.
class PermitChain {
 public:
  explicit PermitChain(std::vector<permits::PermitRow> versions) : versions_(std::move(versions)) {}

  bool empty() const { return versions_.empty(); }
  const std::vector<permits::PermitRow>& versions() const { return versions_; }
  // The version that counts on the day, as Permits::FindPermit says it. REQUIRES: not empty.
  const permits::PermitRow& CountsOn(Date date) const;
  // Null: there is no such version.
  const permits::PermitRow* Find(uint32_t version) const;

 private:
  std::vector<permits::PermitRow> versions_;
};

// Names of who holds a permit, where, and who issued it.
struct PermitParties {
  std::string holder;
  std::string site;
  std::string issuer;  // the authority for which the approver acted; empty: another system issued it
};

class PermitViews {
 public:
  explicit PermitViews(ReadContext* context) : context_(*context), lookup_(context) {}

  // Empty where there is no such number, or its import is not approved.
  absl::StatusOr<PermitChain> Load(const std::string& number);
  // What stands in a version, whole.
  absl::StatusOr<permits::PermitContent> Whole(const permits::PermitRow& row);
  // As the caller may see it.
  absl::StatusOr<permits::PermitContent> ForCaller(const permits::PermitRow& row);
  absl::StatusOr<PermitParties> PartiesOf(const permits::PermitRow& row);

 private:
  // Whether the caller is of its enterprise, or may read the cases of its region.
  absl::StatusOr<bool> SeesWhole(const permits::PermitRow& row);
  absl::StatusOr<bool> IsApproved(uint32_t import_number);

  ReadContext& context_;
  Lookup lookup_;
  std::map<uint32_t, bool> imports_;  // approved?
};

}  // namespace songhua::api

#endif  // SONGHUA_API_READS_PERMIT_VIEWS_H_
