#include "ledger/tables.h"

namespace songhua {

void TableSet::CollectChanges(RowChanges* changes) {
  for (auto& [id, table] : tables_) table->Collect(changes);
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
