// Any bytes are a record, a trailer or a frontier that encodes to the same bytes again, or are refused; nothing crashes. Each input is tried as it is, and
// with a right checksum put at its end, so that the fuzzer gets past it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/check.h"
#include "ledger/codec.h"
#include "ledger/crc32c.h"
#include "ledger/journal_record.h"
#include "ledger/merkle_log.h"

namespace {

void Decode(std::string_view bytes) {
  if (const auto record = songhua::DecodeRecord(bytes); record.ok()) {
    SONGHUA_CHECK(songhua::EncodeRecord(*record) == bytes);
    SONGHUA_CHECK(record->last_sequence() >= record->first_sequence);
  } else {
    SONGHUA_CHECK(!record.status().message().empty());
  }
  if (const auto trailer = songhua::DecodeTrailer(bytes); trailer.ok()) {
    SONGHUA_CHECK(songhua::EncodeTrailer(*trailer) == bytes);
    SONGHUA_CHECK(trailer->tree_size > trailer->first_record);
  }
  songhua::MerkleFrontier frontier;
  if (songhua::DecodeValue(bytes, &frontier).ok()) {
    SONGHUA_CHECK(songhua::EncodeValue(frontier) == bytes);
    if (frontier.Valid()) (void)frontier.Root();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Decode(bytes);
  std::string sealed(bytes);
  sealed += songhua::EncodeValue(songhua::Crc32c(bytes));
  Decode(sealed);
  return 0;
}
