// A world whose certificates are issued, fetched and checked, and whose journal an auditor reads: as a bank and an auditor do it, without a network.
#ifndef SONGHUA_TESTS_API_PROOF_HARNESS_H_
#define SONGHUA_TESTS_API_PROOF_HARNESS_H_

#include <chrono>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "api/auditor.h"
#include "gtest/gtest.h"
#include "ledger/proofs/certificate_check.h"
#include "songhua/v1/certificates.pb.h"
#include "songhua/v1/transparency.pb.h"
#include "tests/api/read_harness.h"
#include "tests/api/world.h"

namespace songhua::api {

// A moment after all that these tests do.
inline constexpr int64_t kLaterSeconds = 4'000'000'000;

class ProofWorld {
 public:
  ProofWorld() : world(&harness) {}

  // The file of a new certificate, waited for.
  std::string Certificate(const std::string& subject, const std::string& who) {
    const auto issued = world.Must<v1::CertificateAnswer>("Certificates/IssueCertificate", "subject: '" + subject + "'", who);
    return Fetch(issued.certificate().name(), who);
  }
  std::string Fetch(const std::string& name, const std::string& who) {
    for (int tries = 0; tries < 1'000; ++tries) {
      auto answer = world.Ask<v1::GetCertificateAnswer>("Certificates/GetCertificate", "name: '" + name + "' file: true", who);
      if (answer.ok()) return answer->file();
      if (GetRefusal(answer.status())->reason != "PROOF_PENDING") {
        ADD_FAILURE() << answer.status();
        return "";
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << name << " was not proven";
    return "";
  }

  proofs::Trust Trust() const {
    proofs::Trust trust;
    for (const proofs::VerifierKey& key : harness.log_keys().Verifiers()) trust.logs.push_back({key});
    return trust;
  }
  absl::StatusOr<proofs::Verdict> Check(const std::string& file) const { return Check(file, Trust()); }
  static absl::StatusOr<proofs::Verdict> Check(const std::string& file, const proofs::Trust& trust) {
    proofs::CheckOptions options;
    options.now_s = kLaterSeconds;
    return proofs::CheckCertificate(file, trust, options);
  }

  // $A's 100 kg/a of SO2, of which the bank's branch gets `quantity` grams pledged; the pledge's name.
  std::string Pledge(int64_t quantity) {
    const std::string lot = FirstRight();
    const auto applied = world.Must<v1::PledgeAnswer>(
        "Pledges/ApplyPledge", "lot: '" + lot + "' quantity: " + std::to_string(quantity) + " pledgee: 'participants/branch' form: PLEDGE", "a-trader");
    const std::string name = applied.pledge().name();
    world.Must<v1::PledgeAnswer>("Pledges/VerifyPledge", "name: '" + name + "'", "registry-op");
    world.Must<v1::PledgeAnswer>("Pledges/ApprovePledge",
                                 "name: '" + name + "' principal_fen: 100 rate_bps: 400 term_start: '2026-01-05' term_end: '2026-12-31' contract_number: 'C-1'",
                                 "branch-officer");
    world.Must<v1::PledgeAnswer>("Pledges/ConfirmPledge", "name: '" + name + "'", "a-trader");
    return name;
  }
  std::string FirstRight() {
    const auto lots = world.Must<v1::ListLotsAnswer>("Ledger/ListLots", "account: 'accounts/$A001.rights'", "a-trader");
    return lots.lots_size() > 0 ? lots.lots(0).name() : "";
  }

  // Has the auditor take in all that the journal holds.
  absl::Status Feed(Auditor* auditor) {
    while (true) {
      SONGHUA_ASSIGN_OR_RETURN(const auto answer, (world.Ask<v1::ReadJournalAnswer>(
                                                      "Transparency/ReadJournal", "from_sequence: " + std::to_string(auditor->next_sequence()), "operator-token")));
      if (answer.groups().empty()) return absl::OkStatus();
      for (const v1::JournalGroup& group : answer.groups()) SONGHUA_RETURN_IF_ERROR(auditor->TakeIn(group));
    }
  }
  std::string NewestCheckpoint() { return world.Must<v1::GetCheckpointAnswer>("Transparency/GetCheckpoint", "", "").note(); }

  ReadHarness harness;
  World world;
};

}  // namespace songhua::api

#endif  // SONGHUA_TESTS_API_PROOF_HARNESS_H_
