#include "ledger/proofs/certificate.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "ledger/codec.h"
#include "ledger/refusal.h"

namespace songhua::proofs {
namespace {

constexpr std::string_view kCertificateMagic = "songhua-certificate";

Refuse RefuseCertificate(std::string_view reason) { return Refuse(absl::StatusCode::kInvalidArgument, reason); }
Refuse MalformedCertificate(std::string_view field) { return RefuseCertificate("CERTIFICATE_MALFORMED").Field(field); }
std::string At(std::string_view list, size_t i) { return std::string(list) + "[" + std::to_string(i) + "]"; }

// Reads fields by name, so that what is wrong can be said. Trusts no length; after the first error it reads zero values.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : rest_(bytes) {}

  template <class Number>
  void Integer(const std::string& field, Number* value) {
    if constexpr (std::is_enum_v<Number>) {
      std::underlying_type_t<Number> raw{};
      Integer(field, &raw);
      *value = static_cast<Number>(raw);
    } else {
      const std::string_view bytes = Take(field, sizeof(Number));
      if (!bytes.empty()) std::memcpy(value, bytes.data(), sizeof(Number));
    }
  }
  void Hash(const std::string& field, Digest* value) {
    const std::string_view bytes = Take(field, value->size());
    if (!bytes.empty()) std::memcpy(value->data(), bytes.data(), value->size());
  }
  void Bytes(const std::string& field, std::string* value) {
    uint32_t size = 0;
    Integer(field, &size);
    *value = Take(field, size);
  }
  // The count of a list, each of whose elements takes at least so many bytes.
  template <class Element, class Read>
  void List(const std::string& field, size_t element_bytes_min, std::vector<Element>* list, const Read& read) {
    uint32_t count = 0;
    Integer(field, &count);
    if (!status_.ok()) return;
    if (count > rest_.size() / element_bytes_min) {
      status_ = MalformedCertificate(field).Value(std::to_string(count) + " entries").Accepted("at most as many as the " + std::to_string(rest_.size()) + " bytes that are left hold");
      return;
    }
    list->resize(count);
    for (uint32_t i = 0; i < count && status_.ok(); ++i) read(At(field, i), &(*list)[i]);
  }
  void Hashes(const std::string& field, std::vector<Digest>* path) {
    List(field, sizeof(Digest), path, [this](const std::string& at, Digest* hash) { Hash(at, hash); });
  }

  absl::Status Done() const {
    if (!status_.ok() || rest_.empty()) return status_;
    return MalformedCertificate("checkpoint").Value(std::to_string(rest_.size()) + " bytes after it").Accepted("nothing after it but the digest");
  }

 private:
  std::string_view Take(const std::string& field, size_t size) {
    if (!status_.ok()) return {};
    if (rest_.size() < size) {
      status_ = MalformedCertificate(field).Value(std::to_string(size) + " bytes").Accepted("at most the " + std::to_string(rest_.size()) + " bytes that are left");
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  absl::Status status_;
};

void ReadRecord(FieldReader& reader, const std::string& at, OpenedRecord* record) {
  reader.Bytes(at + ".bytes", &record->bytes);
  reader.Hash(at + ".salt", &record->salt);
  reader.Integer(at + ".index", &record->index);
  reader.Hashes(at + ".path", &record->path);
}

void ReadLot(FieldReader& reader, const std::string& at, OpenedLot* lot) {
  reader.Integer(at + ".statement.version", &lot->statement.version);
  reader.Integer(at + ".statement.lot", &lot->statement.lot);
  reader.Integer(at + ".statement.quantity", &lot->statement.quantity);
  reader.Hash(at + ".statement.title", &lot->statement.title);
  reader.List(at + ".statement.encumbrances", 41, &lot->statement.encumbrances, [&](const std::string& entry, Encumbrance* e) {
    reader.Integer(entry + ".kind", &e->kind);
    reader.Integer(entry + ".quantity", &e->quantity);
    reader.Hash(entry + ".detail", &e->detail);
  });
  reader.Hash(at + ".salt", &lot->salt);
  reader.Hashes(at + ".path", &lot->path);
  reader.List(at + ".openings", 36, &lot->openings, [&](const std::string& entry, Opening* opening) {
    reader.Hash(entry + ".salt", &opening->salt);
    reader.Bytes(entry + ".bytes", &opening->bytes);
  });
}

absl::Status RequireAtMost(std::string_view field, size_t size, size_t most, std::string_view of) {
  if (size <= most) return absl::OkStatus();
  return MalformedCertificate(field).Value(std::to_string(size) + " " + std::string(of)).Accepted("at most " + std::to_string(most));
}

// Of facts that may be said of each lot.
bool MayRepeat(std::string_view name) {
  constexpr std::string_view kOfLots[] = {"lot", "site", "instrument", "quantity", "unit", "valid_from", "valid_to", "control_zone", "pollutant", "region"};
  return std::find(std::begin(kOfLots), std::end(kOfLots), name) != std::end(kOfLots);
}

absl::Status CheckFacts(const Facts& facts) {
  if (facts.empty()) return MalformedCertificate("facts").Value("none").Accepted("at least one");
  SONGHUA_RETURN_IF_ERROR(RequireAtMost("facts", facts.size(), kFactsMax, "facts"));
  for (size_t i = 0; i < facts.size(); ++i) {
    const std::string& name = facts[i].name;
    const bool spelled = !name.empty() && name.size() <= kFactNameBytesMax && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
    if (!spelled) return MalformedCertificate(At("facts", i) + ".name").Value(name.substr(0, kFactNameBytesMax)).Accepted("1 to 64 of a-z, 0-9 and _");
    SONGHUA_RETURN_IF_ERROR(RequireAtMost(At("facts", i) + ".value", facts[i].value.size(), kFactValueBytesMax, "bytes"));
    const auto same = [&](const Fact& other) { return other.name == name; };
    if (!MayRepeat(name) && std::any_of(facts.begin(), facts.begin() + static_cast<ptrdiff_t>(i), same)) {
      return MalformedCertificate(At("facts", i) + ".name").Value(name).Accepted("this name once");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckRecordForm(const std::string& field, const OpenedRecord& record, size_t bytes_max) {
  SONGHUA_RETURN_IF_ERROR(RequireAtMost(field + ".bytes", record.bytes.size(), bytes_max, "bytes"));
  return RequireAtMost(field + ".path", record.path.size(), kRecordPathMax, "hashes");
}

absl::StatusOr<JournalRecord> ReadJournalRecord(const std::string& field, const OpenedRecord& opened) {
  absl::StatusOr<JournalRecord> record = DecodeRecord(opened.bytes);
  if (!record.ok()) return RefuseCertificate("RECORD_MALFORMED").Field(field + ".bytes").Value(std::string(record.status().message())).Accepted("a record of the journal");
  return record;
}

absl::StatusOr<CertificateContent::Lot> OpenLot(const std::string& at, const OpenedLot& opened) {
  const LotStatement& statement = opened.statement;
  CertificateContent::Lot lot;
  const auto unknown = [&](size_t i, std::string_view accepted) {
    const std::string value = i < opened.openings.size() ? ToHex(Commit(opened.openings[i])) : "none";
    return RefuseCertificate("OPENING_UNKNOWN").Field(At(at + ".openings", i)).Value(value).Accepted(accepted);
  };
  if (opened.openings.empty() || Commit(opened.openings[0]) != statement.title) return unknown(0, "the opening of the title, " + ToHex(statement.title));
  SONGHUA_ASSIGN_OR_RETURN(lot.title, DecodeTitle(opened.openings[0].bytes, statement.lot, At(at + ".openings", 0)));
  lot.pledges.resize(statement.encumbrances.size());
  lot.freezes.resize(statement.encumbrances.size());
  size_t next = 1;
  for (size_t i = 0; i < statement.encumbrances.size() && next < opened.openings.size(); ++i) {
    const Encumbrance& e = statement.encumbrances[i];
    if (!HasDetail(e.kind) || Commit(opened.openings[next]) != e.detail) continue;
    const std::string where = At(at + ".openings", next);
    if (e.kind == EncumbranceKind::kFreeze) {
      SONGHUA_ASSIGN_OR_RETURN(lot.freezes[i], DecodeFreezeDetail(opened.openings[next].bytes, statement.lot, where));
    } else {
      SONGHUA_ASSIGN_OR_RETURN(lot.pledges[i], DecodePledgeDetail(opened.openings[next].bytes, statement.lot, where));
    }
    ++next;
  }
  if (next < opened.openings.size()) return unknown(next, "the opening of one of the statement's commitments, in their order and each once");
  return lot;
}

}  // namespace

Digest FactsDigest(const Facts& facts) { return Sha256Of(EncodeValue(facts)); }

std::string_view FindFact(const Facts& facts, std::string_view name) {
  for (const Fact& fact : facts) {
    if (fact.name == name) return fact.value;
  }
  return {};
}

absl::Status CheckForm(const Certificate& certificate) {
  if (certificate.version != kCertificateVersion) return MalformedCertificate("version").Value(certificate.version).Accepted(std::to_string(kCertificateVersion));
  const bool known = CertificateKind::kHolding <= certificate.kind && certificate.kind <= CertificateKind::kReceipt;
  if (!known) return MalformedCertificate("kind").Value(static_cast<int>(certificate.kind)).Accepted("1 to 5");
  if (certificate.number == 0) return MalformedCertificate("number").Value(0).Accepted("1 or more");
  SONGHUA_RETURN_IF_ERROR(CheckFacts(certificate.facts));
  SONGHUA_RETURN_IF_ERROR(CheckRecordForm("issue", certificate.issue, kIssueBytesMax));
  SONGHUA_RETURN_IF_ERROR(RequireAtMost("issue_events", certificate.issue_events.size(), kIssueBytesMax, "bytes"));
  SONGHUA_RETURN_IF_ERROR(CheckRecordForm("map_record", certificate.map_record, kMapRecordBytesMax));
  SONGHUA_RETURN_IF_ERROR(RequireAtMost("lots", certificate.lots.size(), kCertificateLotsMax, "lots"));
  if (HasLots(certificate.kind)) {
    if (certificate.lots.empty()) return MalformedCertificate("lots").Value("none").Accepted("at least one, of a certificate of this kind");
  } else {
    const OpenedRecord& none = certificate.map_record;
    if (!certificate.lots.empty()) return MalformedCertificate("lots").Value(std::to_string(certificate.lots.size()) + " lots").Accepted("none, of a certificate of this kind");
    if (!none.bytes.empty() || none.salt != Digest{} || none.index != 0 || !none.path.empty()) {
      return MalformedCertificate("map_record").Value("not empty").Accepted("none, of a certificate of this kind");
    }
  }
  for (size_t i = 0; i < certificate.lots.size(); ++i) {
    const OpenedLot& lot = certificate.lots[i];
    const std::string at = At("lots", i);
    SONGHUA_RETURN_IF_ERROR(CheckForm(lot.statement, at + ".statement"));
    if (i > 0 && lot.statement.lot <= certificate.lots[i - 1].statement.lot) {
      return MalformedCertificate(at + ".statement.lot").Value(std::to_string(lot.statement.lot)).Accepted("more than " + std::to_string(certificate.lots[i - 1].statement.lot) + ": lots go by number, each once");
    }
    SONGHUA_RETURN_IF_ERROR(RequireAtMost(at + ".path", lot.path.size(), kMapDepthMax, "hashes"));
    SONGHUA_RETURN_IF_ERROR(RequireAtMost(at + ".openings", lot.openings.size(), kOpeningsMax, "openings"));
    for (size_t j = 0; j < lot.openings.size(); ++j) {
      SONGHUA_RETURN_IF_ERROR(RequireAtMost(At(at + ".openings", j) + ".bytes", lot.openings[j].bytes.size(), kOpeningBytesMax, "bytes"));
    }
  }
  return RequireAtMost("checkpoint", certificate.checkpoint.size(), kNoteBytesMax, "bytes");
}

std::string EncodeCertificate(const Certificate& certificate) {
  std::string bytes(kCertificateMagic);
  Encoder encoder(&bytes);
  encoder(certificate);
  bytes.append(AsBytes(Sha256Of(bytes)));
  return bytes;
}

absl::StatusOr<Certificate> DecodeCertificate(std::string_view bytes) {
  constexpr size_t kHead = kCertificateMagic.size() + sizeof(uint32_t);
  if (bytes.size() > kCertificateBytesMax) {
    return RefuseCertificate("CERTIFICATE_TOO_LARGE").Value(std::to_string(bytes.size()) + " bytes").Accepted("at most " + std::to_string(kCertificateBytesMax) + " bytes");
  }
  if (bytes.substr(0, kCertificateMagic.size()) != kCertificateMagic) {
    return RefuseCertificate("NOT_A_CERTIFICATE").Value("other bytes").Accepted("bytes that begin with \"songhua-certificate\"");
  }
  if (bytes.size() < kHead + sizeof(Digest)) {
    return RefuseCertificate("CERTIFICATE_CUT_SHORT").Value(std::to_string(bytes.size()) + " bytes").Accepted("at least " + std::to_string(kHead + sizeof(Digest)));
  }
  Certificate certificate;
  std::memcpy(&certificate.version, bytes.data() + kCertificateMagic.size(), sizeof(uint32_t));
  if (certificate.version > kCertificateVersion) {
    return RefuseCertificate("CERTIFICATE_NEWER").Field("version").Value(certificate.version).Accepted("1 to " + std::to_string(kCertificateVersion) + "; a newer songhua-check reads newer ones");
  }
  const std::string_view body = bytes.substr(0, bytes.size() - sizeof(Digest));
  const Digest digest = Sha256Of(body);
  if (AsBytes(digest) != bytes.substr(body.size())) {
    return RefuseCertificate("CERTIFICATE_CHANGED").Field("digest").Value(ToHex(bytes.substr(body.size()))).Accepted(ToHex(digest) + ", if nothing was changed or cut off");
  }
  FieldReader reader(body.substr(kHead));
  reader.Integer("kind", &certificate.kind);
  reader.Integer("number", &certificate.number);
  reader.List("facts", 8, &certificate.facts, [&](const std::string& at, Fact* fact) {
    reader.Bytes(at + ".name", &fact->name);
    reader.Bytes(at + ".value", &fact->value);
  });
  ReadRecord(reader, "issue", &certificate.issue);
  reader.Bytes("issue_events", &certificate.issue_events);
  ReadRecord(reader, "map_record", &certificate.map_record);
  reader.List("lots", 93, &certificate.lots, [&](const std::string& at, OpenedLot* lot) { ReadLot(reader, at, lot); });
  reader.Bytes("checkpoint", &certificate.checkpoint);
  SONGHUA_RETURN_IF_ERROR(reader.Done());
  SONGHUA_RETURN_IF_ERROR(CheckForm(certificate));
  return certificate;
}

absl::StatusOr<CertificateContent> OpenCertificate(const Certificate& certificate) {
  SONGHUA_RETURN_IF_ERROR(CheckForm(certificate));
  CertificateContent content;
  const auto bad_checkpoint = [](const absl::Status& why) {
    return RefuseCertificate("CHECKPOINT_MALFORMED").Field("checkpoint").Value(std::string(why.message())).Accepted("a signed note whose text is a checkpoint");
  };
  absl::StatusOr<SignedNote> note = ParseNote(certificate.checkpoint);
  if (!note.ok()) return bad_checkpoint(note.status());
  content.note = *std::move(note);
  absl::StatusOr<Checkpoint> checkpoint = ParseCheckpoint(content.note.text);
  if (!checkpoint.ok()) return bad_checkpoint(checkpoint.status());
  content.checkpoint = *std::move(checkpoint);
  SONGHUA_ASSIGN_OR_RETURN(content.issue, ReadJournalRecord("issue", certificate.issue));
  if (!HasLots(certificate.kind)) return content;
  SONGHUA_ASSIGN_OR_RETURN(content.map_record, ReadJournalRecord("map_record", certificate.map_record));
  const auto no_map_root = [](std::string_view field) { return RefuseCertificate("NOT_A_MAP_ROOT").Field("map_record." + std::string(field)); };
  if (content.map_record->method != kMapRootMethod) return no_map_root("method").Value(content.map_record->method).Accepted(kMapRootMethod);
  const std::string& request = content.map_record->request;
  if (!request.empty() && request[0] != MapRootRequest().version) return no_map_root("request.version").Value(static_cast<uint8_t>(request[0])).Accepted("1");
  if (!DecodeValue(request, &content.map_root).ok()) {
    return no_map_root("request").Value(std::to_string(request.size()) + " bytes").Accepted("41 bytes: version, root and count of lots");
  }
  for (size_t i = 0; i < certificate.lots.size(); ++i) {
    SONGHUA_ASSIGN_OR_RETURN(CertificateContent::Lot lot, OpenLot(At("lots", i), certificate.lots[i]));
    content.lots.push_back(std::move(lot));
  }
  return content;
}

}  // namespace songhua::proofs
