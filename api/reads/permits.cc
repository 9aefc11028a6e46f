// Permits and compliance. Which version of a permit counts, and what a year's status is, the domain's own functions say: here they are
// given rows.
#include "permits/permits.h"

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "ledger/ledger.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "permits/compliance.h"

namespace songhua::api::reads {
namespace {

// The version of the permit that counts today; nullopt: no such number.
absl::StatusOr<std::optional<v1::Permit>> CurrentVersion(ReadContext& context, const std::string& number) {
  TableSet tables;
  permits::Permits versions(&tables, nullptr, nullptr);
  for (uint32_t version = 1;; ++version) {
    SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<permits::PermitRow>({number, version}));
    if (!row.has_value()) break;
    SONGHUA_RETURN_IF_ERROR(tables.Load(static_cast<TableId>(permits::PermitRow::kTable), EncodeValue(*row)));
  }
  tables.FinishLoad();
  const permits::PermitRow* row = versions.FindPermit(number, context.today());
  if (row == nullptr) return std::optional<v1::Permit>();
  SONGHUA_ASSIGN_OR_RETURN(const auto content, context.Get<permits::PermitContentRow>(row->ContentKey()));
  if (!content.has_value()) return absl::InternalError("the content of permit " + number + " is missing");
  return std::optional<v1::Permit>(ToProto(*row, &content->content, context.today()));
}

}  // namespace

absl::StatusOr<v1::PermitAnswer> GetPermit(ReadContext& context, const v1::GetPermitRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string number, ledger::ParseName("name", "permits", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(auto permit, CurrentVersion(context, number));
  if (!permit.has_value()) return NotFound("name", request.name());
  v1::PermitAnswer answer;
  *answer.mutable_permit() = *std::move(permit);
  return answer;
}

absl::StatusOr<v1::ListPermitsAnswer> ListPermits(ReadContext& context, const v1::ListPermitsRequest&) {
  v1::ListPermitsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<permits::PermitRow>(
      "",
      [&](const permits::PermitRow& row) -> ReadContext::Added {
        if (row.version != 1) return 0;  // its number was listed with its first version
        SONGHUA_ASSIGN_OR_RETURN(auto permit, CurrentVersion(context, row.number));
        if (!permit.has_value()) return absl::InternalError("the versions of permit " + row.number + " are missing");
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
