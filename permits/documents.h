// Documents: what is known of files that belong to cases and participants. Their bytes lie in files beside the journal (api/document_files.h); here are
// their owner, size and hash. A document that is registered is never changed or removed.
//
// One thread (the state machine).
#ifndef SONGHUA_PERMITS_DOCUMENTS_H_
#define SONGHUA_PERMITS_DOCUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/participants.h"
#include "ledger/sha256.h"
#include "ledger/tables.h"
#include "permits/applications.h"
#include "songhua/v1/documents.pb.h"

namespace songhua::permits {

// Cold; by owner and order.
struct DocumentRow {
  static constexpr RowTable kTable = RowTable::kDocuments;
  static constexpr bool kReadBack = true;  // by applications that refer to it
  std::string owner;    // id of the participant
  uint64_t number = 0;  // of all documents
  std::string media_type;
  std::string title;
  std::string subject;  // "applications/7", or empty
  Region region;        // whose officers may read it
  int64_t size_bytes = 0;
  Digest sha256{};
  std::string uploaded_by;
  Timestamp upload_time;

  std::tuple<std::string, uint64_t> Key() const { return {owner, number}; }
  std::string Name() const;
  template <class Archive>
  void Fields(Archive& a) {
    a(owner, number, media_type, title, subject, region, size_bytes, sha256, uploaded_by, upload_time);
  }
};
v1::Document ToProto(const DocumentRow& row);

// Owner and number of "documents/{owner}.{number}". INVALID_ARGUMENT.
absl::StatusOr<std::tuple<std::string, uint64_t>> ParseDocumentName(std::string_view field, std::string_view name);

class Documents {
 public:
  static constexpr size_t kTitleBytesMax = 200;
  static constexpr size_t kMediaTypeBytesMax = 100;

  Documents(TableSet* tables, ledger::Counters* counters, const ledger::Participants* participants, const Applications* applications);
  ~Documents();

  // Makes a document known whose bytes are stored. Checks, in this order: form of the fields (size: at most bounds::kDocumentBytesMax); the owner exists; the
  // application exists, and is the owner's (FOREIGN_SUBJECT).
  absl::StatusOr<v1::DocumentAnswer> RegisterDocument(CommandContext& context, const v1::RegisterDocumentRequest& request);

 private:
  ledger::Counters* counters_;
  const ledger::Participants* participants_;
  const Applications* applications_;
  ColdTable<DocumentRow> rows_;
};

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_DOCUMENTS_H_
