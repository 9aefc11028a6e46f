#include "ledger/leases.h"

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {
namespace {

// Both parties; the region is the lessor's.
absl::StatusOr<Target> TargetOf(Lookup& lookup, const ledger::LeaseRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* lessor, lookup.Account(row.lessor));
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* lessee, lookup.Account(row.lessee));
  SONGHUA_ASSIGN_OR_RETURN(Target target, lookup.OfAccount(*lessor));
  SONGHUA_ASSIGN_OR_RETURN(const Target other, lookup.OfAccount(*lessee));
  target.participants.insert(target.participants.end(), other.participants.begin(), other.participants.end());
  return target;
}

absl::StatusOr<v1::Lease> MessageOf(Lookup& lookup, const ledger::LeaseRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string lessor, lookup.AccountName(row.lessor));
  SONGHUA_ASSIGN_OR_RETURN(const std::string lessee, lookup.AccountName(row.lessee));
  return ToProto(row, lessor, lessee);
}

}  // namespace

absl::StatusOr<v1::LeaseAnswer> GetLease(ReadContext& context, const v1::GetLeaseRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "leases", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::LeaseRow>(number));
  if (!row.has_value()) return NotFound("name", request.name());
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const Target target, TargetOf(lookup, *row));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::LeaseAnswer answer;
  SONGHUA_ASSIGN_OR_RETURN(*answer.mutable_lease(), MessageOf(lookup, *row));
  return answer;
}

absl::StatusOr<v1::ListLeasesAnswer> ListLeases(ReadContext& context, const v1::ListLeasesRequest& request) {
  Lookup lookup(&context);
  ledger::AccountNumber only = 0;
  if (!request.account().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.FindAccount("account", request.account()));
    only = account->number;
  }
  v1::ListLeasesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::LeaseRow>(
      "",
      [&](const ledger::LeaseRow& row) -> ReadContext::Added {
        if (only != 0 && row.lessor != only && row.lessee != only) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const Target target, TargetOf(lookup, row));
        if (!context.MaySee(target)) return 0;
        SONGHUA_ASSIGN_OR_RETURN(*answer.add_leases(), MessageOf(lookup, row));
        return answer.leases().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
