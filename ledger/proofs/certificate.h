// Certificates: one file that proves, without the registry's service and years later, what the registry said. A readable page (certificate_page.h) and, in it, the machine
// part that is drawn here; certificate_check.h checks both. FORMATS.md draws every byte, for a second implementation.
//
// What hangs on what:
//
//   checkpoint   signed by the log, cosigned by witnesses: so many records, this root
//     <- issue        the record of the command that issued the certificate; its outcome commits to its events, and they to `facts`
//     <- map_record   the record that put the root of the state map into the log
//          <- lots    each a leaf of that map: quantity, title, the complete list of what lies on it; with the openings that the holder may see
//
// Everything here is a pure function or a plain value.
#ifndef SONGHUA_LEDGER_PROOFS_CERTIFICATE_H_
#define SONGHUA_LEDGER_PROOFS_CERTIFICATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/journal_record.h"
#include "ledger/proofs/checkpoint.h"
#include "ledger/proofs/lot_statement.h"
#include "ledger/proofs/signed_note.h"
#include "ledger/proofs/state_map.h"
#include "ledger/sha256.h"

namespace songhua::proofs {

inline constexpr uint32_t kCertificateVersion = 1;

// Bounds of a certificate (FORMATS.md).
inline constexpr size_t kCertificateBytesMax = 4 << 20;
inline constexpr size_t kFactsMax = 1000;
inline constexpr size_t kFactNameBytesMax = 64;
inline constexpr size_t kFactValueBytesMax = 2000;
inline constexpr size_t kIssueBytesMax = 1 << 20;  // of the record, and of its events
inline constexpr size_t kMapRecordBytesMax = 64 << 10;
inline constexpr size_t kRecordPathMax = 64;
inline constexpr size_t kCertificateLotsMax = 100;
inline constexpr size_t kOpeningsMax = kEncumbrancesMax + 1;
inline constexpr size_t kOpeningBytesMax = 16 << 10;

// Numbers are in certificates, and in the journal.
enum class CertificateKind : uint8_t {
  kHolding = 1,  // that a lot is a participant's, and what lies on it
  kPledge = 2,   // that units are pledged to a bank, and what else lies on them
  kTrade = 3,    // DR-50
  kPermit = 4,
  kReceipt = 5,  // of an application (PERMIT-35)
};
inline constexpr bool HasLots(CertificateKind kind) { return kind == CertificateKind::kHolding || kind == CertificateKind::kPledge; }

// The methods of the two records in the journal.
inline constexpr std::string_view kIssueMethod = "songhua.v1.Certificates/IssueCertificate";
inline constexpr std::string_view kMapRootMethod = "songhua.internal/MapRoot";
// The number of the event that says what was certified; it has kind, number and SHA-256 of the encoded facts (CertifiedEvent).
inline constexpr uint16_t kCertifiedEvent = 66;

// One thing that a certificate says: a name from a fixed list ("pledgee", "quantity"), which the page translates, and its value as it is written.
struct Fact {
  std::string name, value;
  template <class Archive>
  void Fields(Archive& a) {
    a(name, value);
  }
  friend bool operator==(const Fact&, const Fact&) = default;
};
using Facts = std::vector<Fact>;
// SHA-256 of the list's encoding.
Digest FactsDigest(const Facts& facts);
// The value of the first fact of the name; empty where there is none.
std::string_view FindFact(const Facts& facts, std::string_view name);

// What the event kCertifiedEvent carries.
struct CertifiedEvent {
  CertificateKind kind = CertificateKind::kHolding;
  uint64_t number = 0;
  Digest facts{};
  template <class Archive>
  void Fields(Archive& a) {
    a(kind, number, facts);
  }
};

// The request of the record that carries the map's root. It is of the state after the record before it.
struct MapRootRequest {
  uint8_t version = 1;
  Digest root{};
  uint64_t lots = 0;
  template <class Archive>
  void Fields(Archive& a) {
    a(version, root, lots);
  }
};

// A record of the journal and its way up to the checkpoint's root.
struct OpenedRecord {
  std::string bytes;  // JournalRecord
  Digest salt{};
  uint64_t index = 0;
  std::vector<Digest> path;
  template <class Archive>
  void Fields(Archive& a) {
    a(bytes, salt, index, path);
  }
};

// A lot's leaf in the state map.
struct OpenedLot {
  LotStatement statement;
  Digest salt{};               // of the statement
  MapPath path;
  std::vector<Opening> openings;  // of the title, then of the details that the reader may see, in the order of the statement
  template <class Archive>
  void Fields(Archive& a) {
    a(statement, salt, path, openings);
  }
};

struct Certificate {
  uint32_t version = kCertificateVersion;
  CertificateKind kind = CertificateKind::kHolding;
  uint64_t number = 0;  // "certificates/{number}"
  Facts facts;
  OpenedRecord issue;
  std::string issue_events;  // of the issuing command
  OpenedRecord map_record;   // none (empty bytes) where there are no lots
  std::vector<OpenedLot> lots;
  std::string checkpoint;  // a signed note, verbatim

  template <class Archive>
  void Fields(Archive& a) {
    a(version, kind, number, facts, issue, issue_events, map_record, lots, checkpoint);
  }
};

// INVALID_ARGUMENT that names the field: what DecodeCertificate would refuse.
absl::Status CheckForm(const Certificate& certificate);

// The machine part: "songhua-certificate" (19 bytes), the fields above in the encoding of codec.h, and the SHA-256 of all of that. One certificate has one encoding.
std::string EncodeCertificate(const Certificate& certificate);
// INVALID_ARGUMENT that says what is wrong: not a certificate, cut short, changed (the digest), too large, a version newer than this program's, or a field that FORMATS.md
// does not allow.
absl::StatusOr<Certificate> DecodeCertificate(std::string_view bytes);

// What a certificate holds, read but not yet proved: what the page shows and the check goes through.
struct CertificateContent {
  struct Lot {
    Title title;
    // One an encumbrance; nullopt: there is none, or it was not opened.
    std::vector<std::optional<PledgeDetail>> pledges;
    std::vector<std::optional<FreezeDetail>> freezes;
  };
  SignedNote note;
  Checkpoint checkpoint;
  JournalRecord issue;
  std::optional<JournalRecord> map_record;  // of a certificate with lots
  MapRootRequest map_root;
  std::vector<Lot> lots;
};
// INVALID_ARGUMENT that names the field: what DecodeCertificate would refuse, a checkpoint that is none, a record that does not read, a request of the map record that is none, an
// opening that belongs to no commitment, a title that is not opened.
absl::StatusOr<CertificateContent> OpenCertificate(const Certificate& certificate);

}  // namespace songhua::proofs

#endif  // SONGHUA_LEDGER_PROOFS_CERTIFICATE_H_
