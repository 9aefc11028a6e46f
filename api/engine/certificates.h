// Certificates (proofs/certificate.h): what is certified, for whom, and the proof that comes with the next root of the state map.
//
// A certificate is issued by a command: its facts are fixed then, and its record commits to them. Where it is about lots, their leaves in the state map are kept with the next
// root, together with what opens them; the page is put together when it is fetched (api/reads/certificates.cc).
//
// Who may have one: the parties (a bank for its branches and the other way round), operators, and authorities in whose region the subject lies. NOT_AUTHORISED otherwise.
//
// One thread: the state machine's.
#ifndef SONGHUA_API_ENGINE_CERTIFICATES_H_
#define SONGHUA_API_ENGINE_CERTIFICATES_H_

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "api/engine/method.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/lot_commitments.h"
#include "ledger/proofs/certificate.h"
#include "ledger/tables.h"
#include "songhua/v1/certificates.pb.h"

namespace songhua::api {

class State;

// Cold.
struct CertificateRow {
  static constexpr RowTable kTable = RowTable::kCertificates;
  uint64_t number = 0;
  proofs::CertificateKind kind = proofs::CertificateKind::kHolding;
  std::string subject;
  std::vector<std::string> parties;  // participant ids
  Region region;
  uint64_t sequence = 0;
  Timestamp time;
  proofs::Facts facts;

  uint64_t Key() const { return number; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, kind, subject, parties, region, sequence, time, facts);
  }
};

// Of a participant. Cold.
struct CertificateIndexRow {
  static constexpr RowTable kTable = RowTable::kCertificateIndex;
  std::string participant;
  uint64_t number = 0;

  std::tuple<std::string, uint64_t> Key() const { return {participant, number}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(participant, number);
  }
};

// One that waits for the next root.
struct PendingCertificateRow {
  static constexpr RowTable kTable = RowTable::kPendingCertificates;
  uint64_t number = 0;
  std::vector<ledger::LotNumber> lots;
  uint64_t pledge = 0;  // whose details are opened; 0: of all pledges

  uint64_t Key() const { return number; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, lots, pledge);
  }
};

// What the root after it proves of its lots. Cold.
struct CertificateProofRow {
  static constexpr RowTable kTable = RowTable::kCertificateProofs;
  uint64_t number = 0;
  uint64_t map_sequence = 0;  // of the record that carries the root
  std::vector<proofs::OpenedLot> lots;

  uint64_t Key() const { return number; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, map_sequence, lots);
  }
};

class Certificates {
 public:
  Certificates(TableSet* tables, ledger::Counters* counters, const ledger::LotCommitments* commitments);
  ~Certificates();

  // For the State that it is part of, which it asks for what is certified.
  absl::StatusOr<v1::CertificateAnswer> IssueCertificate(const State& state, CommandContext& context, const v1::IssueCertificateRequest& request);

  bool pending() const { return pending_.size() > 0; }
  // Keeps the proofs of all that wait, with the root that the record `map_sequence` carries. REQUIRES: the commitments' Root() is that root.
  void Prove(uint64_t map_sequence);

 private:
  ledger::Counters* const counters_;
  const ledger::LotCommitments* const commitments_;
  Table<PendingCertificateRow> pending_;
  std::vector<uint64_t> waiting_;  // numbers in pending_
  ColdTable<CertificateRow> rows_;
  ColdTable<CertificateIndexRow> index_;
  ColdTable<CertificateProofRow> proofs_;
};

// The cold rows that a request needs: the steps of a trade.
std::vector<ColdKey> ColdCertified(const google::protobuf::Message& request);
v1::Certificate ToProto(const CertificateRow& row, uint64_t proof_sequence);
// The events of the command that issued it, encoded as its record commits to them.
std::string IssueEvents(const CertificateRow& row);

}  // namespace songhua::api

#endif  // SONGHUA_API_ENGINE_CERTIFICATES_H_
