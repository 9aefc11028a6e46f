// Permits that an import has brought and nobody has approved yet.
#include "ledger/check.h"
#include "permits/permits.h"

namespace songhua::permits {

bool Permits::RightsCover(const RightsReader& rights, const PermitRow& row, Date today) const {
  return CheckRights(rights, row, today, &row, GrantKind::kFirst).ok();
}

void Permits::Stage(CommandContext&, PermitRow row, PermitContent content) {
  SONGHUA_CHECK(row.import_number != 0 && row.import_row != 0 && !NumberTaken(row.number) && !SiteTaken(row.site));
  contents_.Append({row.number, row.version, row.import_number, std::move(content)});
  const PermitRow& staged = rows_.Insert(std::move(row));
  Index(staged);
  PlaceStaged(staged);
  WakeForTerm(staged);
}

void Permits::PlaceStaged(const PermitRow& row) {
  std::vector<const PermitRow*>& rows = staged_[row.import_number];
  if (rows.size() < row.import_row) rows.resize(row.import_row);
  SONGHUA_CHECK(rows[row.import_row - 1] == nullptr);
  rows[row.import_row - 1] = &row;
}

bool Permits::RemoveStaged(uint32_t import_number, size_t max) {
  const auto staged = staged_.find(import_number);
  if (staged == staged_.end()) return false;
  std::vector<const PermitRow*>& rows = staged->second;
  for (; !rows.empty(); rows.pop_back()) {
    const PermitRow* row = rows.back();
    if (row == nullptr) continue;  // a bad row
    if (max == 0) return true;
    --max;
    by_site_.erase(row->site);
    by_number_.erase(row->number);
    contents_.Erase({row->number, row->version, import_number});  // nobody has read it: it was never anybody's permit
    rows_.Erase(*row);
  }
  staged_.erase(staged);
  return false;
}

}  // namespace songhua::permits
