// Imports of day one, and what is wrong with their rows.
#include "ledger/day_one.h"

#include <utility>

#include "api/reads/read_context.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {
namespace {

absl::StatusOr<ledger::DayOneImportRow> FindDayOneImport(ReadContext& context, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "dayOneImports", name));
  if (number > UINT32_MAX) return NotFound("name", name);
  SONGHUA_ASSIGN_OR_RETURN(auto row, context.Get<ledger::DayOneImportRow>(static_cast<uint32_t>(number)));
  if (!row.has_value()) return NotFound("name", name);
  return *std::move(row);
}

}  // namespace

absl::StatusOr<v1::DayOneAnswer> GetDayOne(ReadContext& context, const v1::GetDayOneRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::DayOneImportRow row, FindDayOneImport(context, request.name()));
  v1::DayOneAnswer answer;
  *answer.mutable_import() = ToProto(row);
  return answer;
}

absl::StatusOr<v1::ListDayOnesAnswer> ListDayOnes(ReadContext& context, const v1::ListDayOnesRequest&) {
  v1::ListDayOnesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::DayOneImportRow>(
      "",
      [&](const ledger::DayOneImportRow& row) -> ReadContext::Added {
        *answer.add_imports() = ToProto(row);
        return answer.imports().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListDayOneErrorsAnswer> ListDayOneErrors(ReadContext& context, const v1::ListDayOneErrorsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::DayOneImportRow import, FindDayOneImport(context, request.name()));
  v1::ListDayOneErrorsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::DayOneStagedRow>(
      EncodeKey(import.number),
      [&](const ledger::DayOneStagedRow& row) -> ReadContext::Added {
        size_t bytes = 0;
        for (v1::DayOneError& error : ErrorsOf(row)) {
          bytes += error.ByteSizeLong();
          *answer.add_errors() = std::move(error);
        }
        return bytes;
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
