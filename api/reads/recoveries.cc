#include "ledger/recoveries.h"

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {
namespace {

// The holder, and the pledgees of what is taken; the region is the holder's.
absl::StatusOr<Target> TargetOf(ReadContext& context, Lookup& lookup, const ledger::RecoveryRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.Account(row.account));
  SONGHUA_ASSIGN_OR_RETURN(Target target, lookup.OfAccount(*account));
  for (const ledger::RecoveredPledge& part : row.pledges) {
    SONGHUA_ASSIGN_OR_RETURN(const auto pledge, context.Get<ledger::PledgeRow>(part.pledge));
    if (!pledge.has_value()) return absl::InternalError("the row of pledge " + std::to_string(part.pledge) + " is missing");
    SONGHUA_ASSIGN_OR_RETURN(const Target parties, lookup.OfPledge(*pledge));
    target.participants.insert(target.participants.end(), parties.participants.begin(), parties.participants.end());
  }
  return target;
}

absl::StatusOr<v1::Recovery> MessageOf(Lookup& lookup, const ledger::RecoveryRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string account, lookup.AccountName(row.account));
  SONGHUA_ASSIGN_OR_RETURN(const std::string reserve, lookup.AccountName(row.reserve));
  return ToProto(row, account, reserve);
}

}  // namespace

absl::StatusOr<v1::RecoveryAnswer> GetRecovery(ReadContext& context, const v1::GetRecoveryRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "recoveries", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::RecoveryRow>(number));
  if (!row.has_value()) return NotFound("name", request.name());
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const Target target, TargetOf(context, lookup, *row));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::RecoveryAnswer answer;
  SONGHUA_ASSIGN_OR_RETURN(*answer.mutable_recovery(), MessageOf(lookup, *row));
  return answer;
}

absl::StatusOr<v1::ListRecoveriesAnswer> ListRecoveries(ReadContext& context, const v1::ListRecoveriesRequest& request) {
  Lookup lookup(&context);
  ledger::AccountNumber only = 0;
  if (!request.account().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.FindAccount("account", request.account()));
    only = account->number;
  }
  v1::ListRecoveriesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::RecoveryRow>(
      "",
      [&](const ledger::RecoveryRow& row) -> ReadContext::Added {
        if (only != 0 && row.account != only && row.reserve != only) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const Target target, TargetOf(context, lookup, row));
        if (!context.MaySee(target)) return 0;
        SONGHUA_ASSIGN_OR_RETURN(*answer.add_recoveries(), MessageOf(lookup, row));
        return answer.recoveries().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ClosureAnswer> GetClosure(ReadContext& context, const v1::GetClosureRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ledger::ParseName("name", "closures", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::ClosureRow>(id));
  if (!row.has_value()) return NotFound("name", request.name());
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::SiteRow* site, lookup.Site(row->site));
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfSite(*site));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::ClosureAnswer answer;
  *answer.mutable_closure() = ToProto(*row);
  return answer;
}

absl::StatusOr<v1::ListClosuresAnswer> ListClosures(ReadContext& context, const v1::ListClosuresRequest&) {
  Lookup lookup(&context);
  v1::ListClosuresAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::ClosureRow>(
      "",
      [&](const ledger::ClosureRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const ledger::SiteRow* site, lookup.Site(row.site));
        SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfSite(*site));
        if (!context.MaySee(target)) return 0;
        *answer.add_closures() = ToProto(row);
        return answer.closures().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
