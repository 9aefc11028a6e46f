// Imports of existing permits, and what is wrong with their rows.
#include "permits/imports.h"

#include "api/reads/read_context.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {
namespace {

absl::StatusOr<permits::ImportRow> FindImport(ReadContext& context, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "imports", name));
  if (number > UINT32_MAX) return NotFound("name", name);
  SONGHUA_ASSIGN_OR_RETURN(auto row, context.Get<permits::ImportRow>(static_cast<uint32_t>(number)));
  if (!row.has_value()) return NotFound("name", name);
  SONGHUA_RETURN_IF_ERROR(context.Authorize(Target{{}, row->region}));
  return *std::move(row);
}

}  // namespace

absl::StatusOr<v1::ImportAnswer> GetImport(ReadContext& context, const v1::GetImportRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const permits::ImportRow row, FindImport(context, request.name()));
  v1::ImportAnswer answer;
  *answer.mutable_import() = ToProto(row);
  return answer;
}

absl::StatusOr<v1::ListImportsAnswer> ListImports(ReadContext& context, const v1::ListImportsRequest& request) {
  if (!v1::Import::State_IsValid(request.state())) {
    return InvalidField("state", std::to_string(request.state()), "STAGING, BALANCED, APPROVED or DISCARDED, or none").Rule("PERMIT-10");
  }
  v1::ListImportsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<permits::ImportRow>(
      "",
      [&](const permits::ImportRow& row) -> ReadContext::Added {
        if (request.state() != v1::Import::STATE_UNSPECIFIED && row.state != request.state()) return 0;
        if (!context.MaySee(Target{{}, row.region})) return 0;
        *answer.add_imports() = ToProto(row);
        return answer.imports().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListImportErrorsAnswer> ListImportErrors(ReadContext& context, const v1::ListImportErrorsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const permits::ImportRow import, FindImport(context, request.name()));
  v1::ListImportErrorsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<permits::ImportErrorRow>(
      EncodeKey(import.number),
      [&](const permits::ImportErrorRow& row) -> ReadContext::Added {
        *answer.add_errors() = ToProto(row);
        return answer.errors().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
