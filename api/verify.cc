#include "api/verify.h"

#include <string>
#include <utility>
#include <vector>

#include "api/document_files.h"
#include "ledger/journal_archive.h"
#include "ledger/refusal.h"

namespace songhua::api {

absl::StatusOr<VerifyReport> Verify(const VerifySource& source, const std::function<void(uint64_t sequence)>& progress) {
  Store* const store = source.store;
  SONGHUA_ASSIGN_OR_RETURN(const std::vector<std::string> archives, OrderArchives(source.archives, source.env));
  if (store == nullptr && archives.empty()) return absl::InvalidArgumentError("there is neither a store nor an archive to verify");
  StoreIdentity identity;
  if (!archives.empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const ArchiveSummary header, ReadArchiveHeader(archives.front(), source.env));
    identity = header.identity;
  }
  if (store != nullptr) {
    if (!archives.empty() && identity != store->identity()) {
      return absl::InvalidArgumentError("the archives are of the store " + identity.store_id + ", the store is " + store->identity().store_id);
    }
    identity = store->identity();
  }
  JournalReplay replayer(store, identity.clock_mode, progress);
  MerkleFrontier frontier;
  for (const std::string& archive : archives) SONGHUA_RETURN_IF_ERROR(ReadArchive(archive, &frontier, &replayer, source.env).status());
  if (store != nullptr) {
    if (!archives.empty()) {
      const absl::StatusOr<MerkleFrontier> own = FrontierOfSize(frontier.size(), NodesFromStored(store->StoredNodes()));
      if (!own.ok() || own->Root() != frontier.Root()) {
        return absl::DataLossError("the archives' " + std::to_string(frontier.size()) + " records have root " + ToHex(frontier.Root()) +
                                   ", which the store's tree has not: they are not what this store archived");
      }
    }
    SONGHUA_RETURN_IF_ERROR(store->ScanJournal(replayer.report().last_sequence + 1, &replayer));
  }
  SONGHUA_RETURN_IF_ERROR(replayer.Finish());
  VerifyReport report = replayer.report();
  report.store_id = identity.store_id;
  report.archives = archives.size();
  return report;
}

absl::Status VerifyDocuments(const std::string& store_path, const VerifyReport& report) {
  for (const permits::DocumentRow& document : report.documents) {
    const absl::Status checked = DocumentFiles::Check(store_path, document.sha256, document.size_bytes);
    if (!checked.ok()) return absl::Status(checked.code(), document.Name() + ": " + std::string(checked.message()));
  }
  return absl::OkStatus();
}

}  // namespace songhua::api
