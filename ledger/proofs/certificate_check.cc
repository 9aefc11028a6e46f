#include "ledger/proofs/certificate_check.h"

#include <algorithm>
#include <utility>

#include "ledger/codec.h"
#include "ledger/merkle_log.h"
#include "ledger/proofs/certificate_facts.h"
#include "ledger/proofs/certificate_page.h"
#include "ledger/proofs/certificate_words.h"
#include "ledger/refusal.h"

namespace songhua::proofs {
namespace {

constexpr int64_t kMicrosOfSecond = 1'000'000;
constexpr size_t kShownNameBytesMax = 200;

Refuse RefuseProof(std::string_view reason) { return Refuse(absl::StatusCode::kInvalidArgument, reason); }

std::string Shown(std::string_view text) { return Clipped(text, kShownNameBytesMax); }
std::string KeyNames(const std::vector<TrustedKey>& keys) {
  std::string names;
  for (const TrustedKey& trusted : keys) {
    if (trusted.RevokedAltogether() || names.size() > 2 * kShownNameBytesMax) continue;
    names += (names.empty() ? "" : ", ") + Shown(trusted.key.Encode());
  }
  return names.empty() ? "none" : names;
}

// When each trusted witness cosigned.
struct Cosigned {
  const TrustedKey* witness;
  int64_t time_s;
};

class CertificateCheck {
 public:
  CertificateCheck(Certificate certificate, CertificateContent content, const Trust& trust, const CheckOptions& options)
      : content_(std::move(content)), trust_(trust), options_(options) {
    verdict_.certificate = std::move(certificate);
    verdict_.checkpoint = content_.checkpoint;
  }

  absl::StatusOr<Verdict> Run() {
    SONGHUA_RETURN_IF_ERROR(VerifySignatures());
    SONGHUA_RETURN_IF_ERROR(CheckLog());
    SONGHUA_RETURN_IF_ERROR(CheckWitnesses());
    SONGHUA_RETURN_IF_ERROR(CheckKnown());
    SONGHUA_RETURN_IF_ERROR(CheckTimes());
    SONGHUA_RETURN_IF_ERROR(CheckIssue());
    if (content_.map_record.has_value()) SONGHUA_RETURN_IF_ERROR(CheckMap());
    SONGHUA_RETURN_IF_ERROR(CheckFactsOfLots(verdict_.certificate, content_));
    Report();
    return std::move(verdict_);
  }

 private:
  // No signature by a trusted key fails. Notes who cosigned when.
  absl::Status VerifySignatures() {
    for (const TrustedKey& log : trust_.logs) {
      SONGHUA_RETURN_IF_ERROR(RequireNotForged(log));
    }
    for (const TrustedKey& witness : trust_.witnesses) {
      SONGHUA_RETURN_IF_ERROR(RequireNotForged(witness));
      const uint32_t id = witness.key.Id();
      for (const NoteSignature& signature : content_.note.signatures) {
        if (signature.name != witness.key.name || signature.key_id != id || !Verifies(content_.note.text, signature, witness.key)) continue;
        const int64_t time_s = static_cast<int64_t>(std::min<uint64_t>(CosignatureTime(signature), INT64_MAX));
        if (witness.TrustedAt(time_s)) cosigned_.push_back({&witness, time_s});
      }
    }
    return absl::OkStatus();
  }

  absl::Status RequireNotForged(const TrustedKey& trusted) const {
    if (trusted.RevokedAltogether()) return absl::OkStatus();
    const absl::Status verified = VerifySignature(content_.note, trusted.key);
    if (verified.ok() || absl::IsNotFound(verified)) return absl::OkStatus();
    return RefuseProof("SIGNATURE_INVALID").Field("checkpoint").Value("a signature by " + Shown(trusted.key.Encode())).Accepted("one that verifies: " + std::string(verified.message()));
  }

  absl::Status CheckLog() {
    const Checkpoint& checkpoint = content_.checkpoint;
    const TrustedKey* revoked = nullptr;
    for (const TrustedKey& log : trust_.logs) {
      if (log.key.name != checkpoint.origin || !VerifySignature(content_.note, log.key).ok()) continue;
      // A log's signature has no time of its own: what it signed before it was revoked is what a witness saw before.
      const bool seen_before = std::any_of(cosigned_.begin(), cosigned_.end(), [&](const Cosigned& by) { return log.TrustedAt(by.time_s); });
      if (log.revoked && (log.RevokedAltogether() || !seen_before)) {
        revoked = &log;
      } else {
        verdict_.signed_by.push_back(log.key.name);
      }
    }
    if (!verdict_.signed_by.empty()) return absl::OkStatus();
    if (revoked != nullptr) {
      return RefuseProof("KEY_REVOKED")
          .Field("checkpoint")
          .Value("signed by " + Shown(revoked->key.Encode()))
          .Accepted(revoked->RevokedAltogether() ? "a key that is not revoked"
                                                 : "a checkpoint that a trusted witness cosigned before " + TimeOfSeconds(revoked->revoked_from_s) + ", from when on the key is revoked");
    }
    return RefuseProof("UNKNOWN_LOG").Field("checkpoint").Value("origin " + Shown(checkpoint.origin)).Accepted("a signature by a key of its log that is trusted: " + KeyNames(trust_.logs));
  }

  int64_t RecordTime() const { return (content_.map_record.has_value() ? *content_.map_record : content_.issue).time_us / kMicrosOfSecond; }

  absl::Status CheckWitnesses() {
    size_t stale = 0;
    for (const Cosigned& by : cosigned_) {
      const __int128 apart = static_cast<__int128>(by.time_s) - RecordTime();
      if (options_.cosignature_age_max_s > 0 && (apart > options_.cosignature_age_max_s || -apart > options_.cosignature_age_max_s)) {
        ++stale;
        continue;
      }
      std::vector<WitnessedBy>& counted = verdict_.witnessed_by;
      auto known = std::find_if(counted.begin(), counted.end(), [&](const WitnessedBy& other) { return other.name == by.witness->key.name; });
      if (known == counted.end()) {
        counted.push_back({by.witness->key.name, by.time_s, by.witness->auditor});
      } else {
        known->time_s = std::min(known->time_s, by.time_s);
        known->auditor = known->auditor || by.witness->auditor;
      }
    }
    if (verdict_.witnessed_by.size() >= trust_.required) return absl::OkStatus();
    const std::string count = std::to_string(verdict_.witnessed_by.size());
    const std::string required = "at least " + std::to_string(trust_.required);
    if (stale > 0) {
      return RefuseProof("STALE_COSIGNATURE")
          .Field("checkpoint")
          .Value(count + " witnesses in time, " + std::to_string(stale) + " cosignatures at other times")
          .Accepted(required + " within " + std::to_string(options_.cosignature_age_max_s) + " s of the record's time, " + TimeOfSeconds(RecordTime()));
    }
    return RefuseProof("TOO_FEW_WITNESSES").Field("checkpoint").Value(count + " witnesses").Accepted(required + " of " + KeyNames(trust_.witnesses));
  }

  absl::Status CheckKnown() {
    if (!options_.known.has_value()) return absl::OkStatus();
    const Checkpoint &known = *options_.known, &found = content_.checkpoint;
    if (known.origin != found.origin) return RefuseProof("KNOWN_OF_ANOTHER_LOG").Field("checkpoint").Value("origin " + Shown(found.origin)).Accepted(Shown(known.origin));
    if (known.size != found.size) return absl::OkStatus();
    if (known.root != found.root) {
      return RefuseProof("SPLIT_VIEW")
          .Field("checkpoint")
          .Value("size " + std::to_string(found.size) + ", root " + ToHex(found.root))
          .Accepted("root " + ToHex(known.root) + ", which the same log signed for this size; keep both files, they are evidence");
    }
    verdict_.compared = true;
    return absl::OkStatus();
  }

  absl::Status CheckTimes() const {
    const auto check = [&](std::string_view field, int64_t time_s) -> absl::Status {
      if (static_cast<__int128>(time_s) <= static_cast<__int128>(options_.now_s) + kClockSkewMax_s) return absl::OkStatus();
      return RefuseProof("FROM_THE_FUTURE")
          .Field(field)
          .Value(TimeOfSeconds(time_s))
          .Accepted("a time up to " + TimeOfSeconds(options_.now_s) + ", and " + std::to_string(kClockSkewMax_s) + " s for clocks that differ");
    };
    SONGHUA_RETURN_IF_ERROR(check("issue.time", content_.issue.time_us / kMicrosOfSecond));
    if (content_.map_record.has_value()) SONGHUA_RETURN_IF_ERROR(check("map_record.time", content_.map_record->time_us / kMicrosOfSecond));
    for (const WitnessedBy& by : verdict_.witnessed_by) SONGHUA_RETURN_IF_ERROR(check("cosignature of " + Shown(by.name), by.time_s));
    return absl::OkStatus();
  }

  absl::Status RequireInLog(std::string_view field, const OpenedRecord& record) const {
    const Checkpoint& checkpoint = content_.checkpoint;
    const absl::Status included = VerifyInclusion(record.index, checkpoint.size, RecordLeaf(record.salt, record.bytes), record.path, checkpoint.root);
    if (included.ok()) return absl::OkStatus();
    return RefuseProof("NOT_IN_LOG")
        .Field(field)
        .Value("leaf " + std::to_string(record.index))
        .Accepted("a record of the log of " + std::to_string(checkpoint.size) + " leaves: " + std::string(included.message()));
  }

  absl::Status CheckIssue() const {
    const Certificate& certificate = verdict_.certificate;
    SONGHUA_RETURN_IF_ERROR(RequireInLog("issue", certificate.issue));
    const JournalRecord& record = content_.issue;
    const auto no_issue = [](std::string_view field) { return RefuseProof("NOT_AN_ISSUE").Field("issue." + std::string(field)); };
    if (record.method != kIssueMethod) return no_issue("method").Value(Shown(record.method)).Accepted(kIssueMethod);
    if (record.status_code != 0) return no_issue("status_code").Value(record.status_code).Accepted("0: a command that was carried out");
    if (!record.reason.empty()) return no_issue("reason").Value(Shown(record.reason)).Accepted("none");
    const Digest outcome = Sha256Of(EncodeValue(record.status_code), EncodeValue(record.reason), certificate.issue_events);
    if (outcome != record.outcome) return RefuseProof("FACTS_DIFFER").Field("issue_events").Value(ToHex(outcome)).Accepted(ToHex(record.outcome) + ", the outcome that the record commits to");

    // Events lie end to end: type (u16), payload (string).
    std::string_view rest = certificate.issue_events;
    size_t found = 0;
    CertifiedEvent certified;
    while (!rest.empty()) {
      uint16_t type = 0;
      uint32_t length = 0;
      Decoder head(rest.substr(0, std::min<size_t>(rest.size(), 6)));
      head(type, length);
      if (!head.ok() || length > rest.size() - 6) return no_issue("events").Value(std::to_string(rest.size()) + " bytes at the end").Accepted("whole events");
      if (type == kCertifiedEvent) {
        if (!DecodeValue(rest.substr(6, length), &certified).ok()) return no_issue("events").Value(std::to_string(length) + " bytes").Accepted("41 bytes: kind, number and digest of the facts");
        ++found;
      }
      rest.remove_prefix(6 + length);
    }
    if (found != 1) return no_issue("events").Value(std::to_string(found) + " certificates").Accepted("one");
    if (certified.kind != certificate.kind) {
      return RefuseProof("FACTS_DIFFER").Field("kind").Value(static_cast<int>(certificate.kind)).Accepted(std::to_string(static_cast<int>(certified.kind)) + ", which was certified");
    }
    if (certified.number != certificate.number) {
      return RefuseProof("FACTS_DIFFER").Field("number").Value(std::to_string(certificate.number)).Accepted(std::to_string(certified.number) + ", which was certified");
    }
    const Digest facts = FactsDigest(certificate.facts);
    if (certified.facts != facts) return RefuseProof("FACTS_DIFFER").Field("facts").Value(ToHex(facts)).Accepted(ToHex(certified.facts) + ", the digest of the facts that were certified");
    return absl::OkStatus();
  }

  absl::Status CheckMap() const {
    const Certificate& certificate = verdict_.certificate;
    SONGHUA_RETURN_IF_ERROR(RequireInLog("map_record", certificate.map_record));
    const JournalRecord& record = *content_.map_record;
    if (record.status_code != 0 || !record.reason.empty()) {
      return RefuseProof("NOT_A_MAP_ROOT").Field("map_record.status_code").Value(record.status_code).Accepted("0, with no reason");
    }
    if (record.first_sequence <= content_.issue.last_sequence() || certificate.map_record.index <= certificate.issue.index) {
      return RefuseProof("MAP_TOO_OLD")
          .Field("map_record.first_sequence")
          .Value(std::to_string(record.first_sequence))
          .Accepted("more than " + std::to_string(content_.issue.last_sequence()) + ": the map is of after the certificate was issued");
    }
    for (size_t i = 0; i < certificate.lots.size(); ++i) {
      const OpenedLot& lot = certificate.lots[i];
      const std::string at = "lots[" + std::to_string(i) + "]";
      const absl::Status in_map = VerifyMapPath(LotKey(lot.statement.lot), StatementValue(lot.statement, lot.salt), lot.path, content_.map_root.root);
      if (!in_map.ok()) {
        return RefuseProof("NOT_IN_MAP")
            .Field(at)
            .Value("lots/" + std::to_string(lot.statement.lot))
            .Accepted("what the map of " + ToHex(content_.map_root.root) + " says of this lot: " + std::string(in_map.message()));
      }
      SONGHUA_RETURN_IF_ERROR(CheckSums(lot.statement, at + ".statement"));
    }
    return absl::OkStatus();
  }

  void Report() {
    std::sort(verdict_.signed_by.begin(), verdict_.signed_by.end());
    verdict_.signed_by.erase(std::unique(verdict_.signed_by.begin(), verdict_.signed_by.end()), verdict_.signed_by.end());
    verdict_.issue_sequence = content_.issue.first_sequence;
    verdict_.issue_time_us = content_.issue.time_us;
    if (!content_.map_record.has_value()) return;
    verdict_.map_sequence = content_.map_record->first_sequence;
    verdict_.map_time_us = content_.map_record->time_us;
    verdict_.lots = content_.lots;
  }

  const CertificateContent content_;
  const Trust& trust_;
  const CheckOptions& options_;
  std::vector<Cosigned> cosigned_;  // by trusted witnesses, while they were
  Verdict verdict_;
};

}  // namespace

bool Verdict::Audited() const {
  return std::any_of(witnessed_by.begin(), witnessed_by.end(), [](const WitnessedBy& by) { return by.auditor; });
}

absl::StatusOr<Verdict> CheckCertificate(std::string_view file, const Trust& trust, const CheckOptions& options) {
  SONGHUA_ASSIGN_OR_RETURN(Certificate certificate, ReadCertificate(file));
  SONGHUA_ASSIGN_OR_RETURN(CertificateContent content, OpenCertificate(certificate));
  return CertificateCheck(std::move(certificate), std::move(content), trust, options).Run();
}

absl::StatusOr<Checkpoint> ReadKnownCheckpoint(std::string_view bytes, const Trust& trust) {
  SONGHUA_ASSIGN_OR_RETURN(const SignedNote note, ParseNote(bytes));
  SONGHUA_ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseCheckpoint(note.text));
  for (const TrustedKey& log : trust.logs) {
    if (log.key.name != checkpoint.origin || log.RevokedAltogether()) continue;
    const absl::Status verified = VerifySignature(note, log.key);
    if (verified.ok()) return checkpoint;
    if (!absl::IsNotFound(verified)) return RefuseProof("SIGNATURE_INVALID").Field("known").Value("a signature by " + Shown(log.key.Encode())).Accepted("one that verifies");
  }
  return RefuseProof("UNKNOWN_LOG").Field("known").Value("origin " + Shown(checkpoint.origin)).Accepted("a signature by a key of its log that is trusted: " + KeyNames(trust.logs));
}

}  // namespace songhua::proofs
