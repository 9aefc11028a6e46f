#include "ledger/tables.h"

namespace songhua {

void TableSet::CollectChanges(RowChanges* changes) {
  for (auto& [id, table] : tables_) table->Collect(changes);
}

bool TableSet::IsLoaded(uint16_t table) const {
  const auto it = tables_.find(table);
  return it == tables_.end() || it->second->IsLoaded();
}

absl::Status TableSet::Load(uint16_t table, std::string_view value) {
  auto it = tables_.find(table);
  if (it == tables_.end()) {
    return absl::DataLossError("a row of unknown table " + std::to_string(table));
  }
  return it->second->Load(value);
}

void TableSet::FinishLoad() {
  for (auto& [id, table] : tables_) table->FinishLoad();
}

}  // namespace songhua
