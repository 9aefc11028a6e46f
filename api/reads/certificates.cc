// Certificates: what was issued, and the file that proves it, put together when it is fetched.
#include "api/engine/certificates.h"

#include <algorithm>
#include <utility>

#include "api/log_keys.h"
#include "api/reads/checkpoints.h"
#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/proofs/certificate_check.h"
#include "ledger/proofs/certificate_page.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {
namespace {

// The parties, and for banks their head offices.
absl::StatusOr<Target> OfCertificate(Lookup& lookup, const CertificateRow& row) {
  Target target;
  for (const std::string& party : row.parties) {
    SONGHUA_ASSIGN_OR_RETURN(const Target of, lookup.OfParticipant(party));
    target.participants.insert(target.participants.end(), of.participants.begin(), of.participants.end());
  }
  target.region = row.region;
  return target;
}

absl::StatusOr<uint64_t> ProofSequence(ReadContext& context, uint64_t number) {
  SONGHUA_ASSIGN_OR_RETURN(const auto proof, context.Get<CertificateProofRow>(number));
  return proof.has_value() ? proof->map_sequence : 0;
}

absl::StatusOr<proofs::OpenedRecord> OpenRecord(const JournalEntry& entry, uint64_t size, const NodeReader& nodes) {
  proofs::OpenedRecord opened;
  opened.bytes = entry.bytes;
  opened.salt = entry.salt;
  opened.index = entry.index;
  SONGHUA_ASSIGN_OR_RETURN(opened.path, InclusionProof(entry.index, size, nodes));
  return opened;
}

absl::StatusOr<std::string> MakeFile(ReadContext& context, const CertificateRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(auto proof, context.Get<CertificateProofRow>(row.number));
  if (!proof.has_value()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PROOF_PENDING").Rule("INV-09").Field("name").Value(ledger::MakeName("certificates", row.number)).Accepted(
        "a moment's patience: its proof comes with the next checkpoint");
  }
  SONGHUA_ASSIGN_OR_RETURN(const auto policy, context.Get<ledger::WitnessPolicyRow>(uint32_t{0}));
  SONGHUA_ASSIGN_OR_RETURN(const JournalEntry issue, ReadLogRecord(context, "name", row.sequence));
  SONGHUA_ASSIGN_OR_RETURN(const JournalEntry map, ReadLogRecord(context, "name", proof->map_sequence));
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t size, WitnessedSize(context, map.index + 1, policy.has_value() ? policy->required : 0));
  SONGHUA_ASSIGN_OR_RETURN(const Witnessed checkpoint, SignedCheckpoint(context, size));
  const NodeReader nodes = NodesFromStored(context.side().store().StoredNodes());
  proofs::Certificate certificate;
  certificate.kind = row.kind;
  certificate.number = row.number;
  certificate.facts = row.facts;
  SONGHUA_ASSIGN_OR_RETURN(certificate.issue, OpenRecord(issue, size, nodes));
  certificate.issue_events = IssueEvents(row);
  if (proofs::HasLots(row.kind)) {
    SONGHUA_ASSIGN_OR_RETURN(certificate.map_record, OpenRecord(map, size, nodes));
    certificate.lots = std::move(proof->lots);
  }
  certificate.checkpoint = proofs::FormatNote(checkpoint.note);
  SONGHUA_ASSIGN_OR_RETURN(std::string file, proofs::RenderCertificate(certificate));
  // Nothing is given out that its reader would have to refuse.
  proofs::Trust trust;
  for (const proofs::VerifierKey& key : context.side().log_keys()->Verifiers()) trust.logs.push_back({key});
  proofs::CheckOptions options;
  options.now_s = std::max(context.moment().now, context.side().MachineTime()).value() / kMicrosPerSecond;
  const auto verdict = proofs::CheckCertificate(file, trust, options);
  if (verdict.ok()) return file;
  return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_PROVABLE").Rule("INV-09").Field("name").Value(ledger::MakeName("certificates", row.number) + ": " + std::string(verdict.status().message())).Accepted(
      "a new certificate: what this one says was changed before the map's root could prove it");
}

}  // namespace

absl::StatusOr<v1::GetCertificateAnswer> GetCertificate(ReadContext& context, const v1::GetCertificateRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "certificates", request.name()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<CertificateRow>(number));
  if (!row.has_value()) return NotFound("name", request.name());
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const Target target, OfCertificate(lookup, *row));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::GetCertificateAnswer answer;
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t proof, ProofSequence(context, number));
  *answer.mutable_certificate() = ToProto(*row, proof);
  if (request.file()) {
    SONGHUA_ASSIGN_OR_RETURN(*answer.mutable_file(), MakeFile(context, *row));
  }
  return answer;
}

absl::StatusOr<v1::ListCertificatesAnswer> ListCertificates(ReadContext& context, const v1::ListCertificatesRequest& request) {
  Lookup lookup(&context);
  std::string of = context.OnlyParticipant();
  if (!request.participant().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* row, lookup.FindParticipant("participant", request.participant()));
    of = row->id;
  }
  v1::ListCertificatesAnswer answer;
  const auto add = [&](const CertificateRow& row) -> ReadContext::Added {
    SONGHUA_ASSIGN_OR_RETURN(const Target target, OfCertificate(lookup, row));
    if (!context.MaySee(target)) return 0;
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t proof, ProofSequence(context, row.number));
    *answer.add_certificates() = ToProto(row, proof);
    return answer.certificates().rbegin()->ByteSizeLong();
  };
  if (of.empty()) {
    SONGHUA_RETURN_IF_ERROR(context.List<CertificateRow>("", add, answer.mutable_next_page_token()));
    return answer;
  }
  SONGHUA_RETURN_IF_ERROR(context.List<CertificateIndexRow>(
      EncodeKey(of),
      [&](const CertificateIndexRow& index) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<CertificateRow>(index.number));
        if (!row.has_value()) return absl::InternalError("the row of certificate " + std::to_string(index.number) + " is missing");
        return add(*row);
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
