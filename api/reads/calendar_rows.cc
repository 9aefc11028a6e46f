#include "api/reads/calendar_rows.h"

#include "ledger/codec.h"
#include "ledger/refusal.h"

namespace songhua::api {

absl::Status CalendarRows::Add(const ledger::CalendarYearRow& row) {
  return tables_.Load(static_cast<TableId>(ledger::CalendarYearRow::kTable), EncodeValue(row));
}

absl::Status CalendarRows::LoadAll(ReadContext& context) {
  SONGHUA_RETURN_IF_ERROR(
      context.ForEach<ledger::CalendarYearRow>("", [&](const ledger::CalendarYearRow& row) -> absl::Status { return Add(row); }));
  tables_.FinishLoad();
  return absl::OkStatus();
}

absl::Status CalendarRows::LoadYears(ReadContext& context, int32_t first, int32_t last) {
  for (int32_t year = first; year <= last; ++year) {
    SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::CalendarYearRow>(year));
    if (row.has_value()) SONGHUA_RETURN_IF_ERROR(Add(*row));
  }
  tables_.FinishLoad();
  return absl::OkStatus();
}

}  // namespace songhua::api
