// Permits and compliance. Which version of a permit counts, and what a year's status is, the domain's own functions say: here they are
// given rows.
#include "permits/permits.h"

#include "api/reads/lookup.h"
#include "api/reads/permit_views.h"
#include "api/reads/reads.h"
#include "api/reads/restraints.h"
#include "ledger/ledger.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "permits/compliance.h"

namespace songhua::api::reads {
namespace {

// The version of the permit that counts today, as the caller may see it (PERMIT-27); nullopt: no such number.
absl::StatusOr<std::optional<v1::Permit>> CurrentVersion(ReadContext& context, PermitViews& views, const std::string& number) {
  SONGHUA_ASSIGN_OR_RETURN(const PermitChain chain, views.Load(number));
  if (chain.empty()) return std::optional<v1::Permit>();
  const permits::PermitRow& row = chain.CountsOn(context.today());
  SONGHUA_ASSIGN_OR_RETURN(const permits::PermitContent content, views.ForCaller(row));
  v1::Permit permit = ToProto(row, &content, context.today());
  SONGHUA_RETURN_IF_ERROR(AddOverlaysOfToday(context, row.site, &permit));
  return std::optional<v1::Permit>(std::move(permit));
}

}  // namespace

absl::StatusOr<v1::PermitAnswer> GetPermit(ReadContext& context, const v1::GetPermitRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string number, ledger::ParseName("name", "permits", request.name()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  PermitViews views(&context);
  SONGHUA_ASSIGN_OR_RETURN(auto permit, CurrentVersion(context, views, number));
  if (!permit.has_value()) return NotFound("name", request.name());
  v1::PermitAnswer answer;
  *answer.mutable_permit() = *std::move(permit);
  return answer;
}

absl::StatusOr<v1::ListPermitsAnswer> ListPermits(ReadContext& context, const v1::ListPermitsRequest&) {
  PermitViews views(&context);
  v1::ListPermitsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<permits::PermitRow>(
      "",
      [&](const permits::PermitRow& row) -> ReadContext::Added {
        if (row.version != 1) return 0;  // its number was listed with its first version
        SONGHUA_ASSIGN_OR_RETURN(auto permit, CurrentVersion(context, views, row.number));
        if (!permit.has_value()) return 0;  // of an import that is not approved
        *answer.add_permits() = *std::move(permit);
        return answer.permits().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ComplianceAnswer> GetCompliance(ReadContext& context, const v1::GetComplianceRequest& request) {
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.FindAccount("account", request.account()));
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(*account));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));

  TableSet tables;
  permits::Compliance compliance(&tables);
  std::string program;  // the one under which the account reports
  SONGHUA_RETURN_IF_ERROR(
      context.ForEach<permits::VerifiedEmissionsRow>(EncodeKey(account->id), [&](const permits::VerifiedEmissionsRow& row) {
        program = row.program;
        return tables.Load(static_cast<TableId>(permits::VerifiedEmissionsRow::kTable), EncodeValue(row));
      }));
  tables.FinishLoad();
  std::map<int32_t, Quantity> surrendered;
  SONGHUA_RETURN_IF_ERROR(
      context.ForEach<ledger::SurrenderRow>(EncodeKey(account->number), [&](const ledger::SurrenderRow& row) -> absl::Status {
        if (program.empty() || row.program == program) surrendered[row.obligation_year] += row.surrendered;
        return absl::OkStatus();
      }));
  const auto surrendered_up_to = [&](int32_t year) {
    Quantity sum;
    for (auto it = surrendered.begin(); it != surrendered.end() && it->first <= year; ++it) sum += it->second;
    return sum;
  };
  v1::ComplianceAnswer answer;
  SONGHUA_ASSIGN_OR_RETURN(*answer.mutable_record(), permits::MakeRecord(account->id, request.first_year(), request.last_year(),
                                                                         compliance.FiguresOf(account->id), surrendered_up_to));
  return answer;
}

}  // namespace songhua::api::reads
