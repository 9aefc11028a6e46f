// Archives of a journal: whatever a file holds, reading it ends in an answer.
#include <cstddef>
#include <cstdint>
#include <memory>

#include <rocksdb/env.h>

#include "ledger/check.h"
#include "ledger/journal_archive.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::unique_ptr<rocksdb::Env> disk(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  const rocksdb::Slice bytes(reinterpret_cast<const char*>(data), size);
  SONGHUA_CHECK(rocksdb::WriteStringToFile(disk.get(), bytes, "/archive").ok());
  songhua::MerkleFrontier frontier;
  songhua::IgnoringVisitor ignore;
  (void)songhua::ReadArchive("/archive", &frontier, &ignore, disk.get()).ok();
  (void)songhua::OrderArchives({"/archive"}, disk.get()).ok();
  return 0;
}
