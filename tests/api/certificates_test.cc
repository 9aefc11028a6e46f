// Certificates from end to end: issued by a command, proven with the next root of the state map, fetched, and checked with the file and the log's key alone
// (international.md 6.2, PLG-40, DR-50, PERMIT-35).
#include <string>

#include "api/verify.h"
#include "gtest/gtest.h"
#include "tests/api/proof_harness.h"

namespace songhua::api {
namespace {

std::string_view FactOf(const proofs::Verdict& verdict, std::string_view name) { return proofs::FindFact(verdict.certificate.facts, name); }

class CertificatesTest : public testing::Test, public ProofWorld {
 protected:
  CertificatesTest() { world.Furnish(); }
};

TEST_F(CertificatesTest, AHoldersCertificateProvesItsTitleAndAllThatLiesOnIt) {
  const std::string lot = FirstRight();
  const auto verdict = Check(Certificate(lot, "a-trader"));
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_EQ(FactOf(*verdict, "lot"), lot);
  EXPECT_EQ(FactOf(*verdict, "holder"), world.Named("participants/$A"));
  ASSERT_EQ(verdict->certificate.lots.size(), 1u);
  EXPECT_TRUE(verdict->certificate.lots[0].statement.encumbrances.empty());
  const std::string pledge = Pledge(10'000);
  const auto later = Check(Certificate(lot, "a-trader"));
  ASSERT_TRUE(later.ok()) << later.status();
  ASSERT_EQ(later->certificate.lots[0].statement.encumbrances.size(), 1u);
  EXPECT_EQ(later->certificate.lots[0].statement.encumbrances[0].kind, proofs::EncumbranceKind::kPledge);
  EXPECT_EQ(later->certificate.lots[0].statement.encumbrances[0].quantity, 10'000);
  EXPECT_GT(later->map_sequence, verdict->map_sequence);
}

TEST_F(CertificatesTest, APledgeesCertificateOpensItsPledgeAndShowsTheOthersQuantities) {
  const std::string first = Pledge(10'000), second = Pledge(5'000);
  const auto verdict = Check(Certificate(second, "branch-officer"));
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_EQ(FactOf(*verdict, "pledge"), second);
  EXPECT_EQ(FactOf(*verdict, "pledgee"), "participants/branch");
  ASSERT_EQ(verdict->certificate.lots.size(), 1u);
  EXPECT_EQ(verdict->certificate.lots[0].statement.encumbrances.size(), 2u);
  // What is opened is the title and the pledge of the certificate; the other pledge's terms stay behind its commitment.
  EXPECT_EQ(verdict->certificate.lots[0].openings.size(), 2u);
  // The bank's head office may have it, too.
  EXPECT_TRUE(Check(Certificate(second, "k-officer")).ok());
}

TEST_F(CertificatesTest, AStrangerHasNoneAndFetchesNone) {
  const std::string pledge = Pledge(10'000);
  EXPECT_EQ(Outcome(world.Ask<v1::CertificateAnswer>("Certificates/IssueCertificate", "subject: '" + pledge + "'", "b-trader")), "PERMISSION_DENIED NOT_AUTHORISED");
  const auto issued = world.Must<v1::CertificateAnswer>("Certificates/IssueCertificate", "subject: '" + pledge + "'", "a-trader");
  EXPECT_EQ(Outcome(world.Ask<v1::GetCertificateAnswer>("Certificates/GetCertificate", "name: '" + issued.certificate().name() + "'", "b-trader")),
            "PERMISSION_DENIED FOREIGN_PARTICIPANT");
  EXPECT_EQ(world.Must<v1::ListCertificatesAnswer>("Certificates/ListCertificates", "", "b-trader").certificates_size(), 0);
  EXPECT_EQ(world.Must<v1::ListCertificatesAnswer>("Certificates/ListCertificates", "", "a-trader").certificates_size(), 1);
  EXPECT_EQ(world.Must<v1::ListCertificatesAnswer>("Certificates/ListCertificates", "", "branch-officer").certificates_size(), 1);
  EXPECT_EQ(world.Must<v1::ListCertificatesAnswer>("Certificates/ListCertificates", "", "registry-op").certificates_size(), 1);
}

TEST_F(CertificatesTest, WhatThereIsNotIsNotCertified) {
  const auto refusal = [&](const std::string& subject, const std::string& who) {
    return Outcome(world.Ask<v1::CertificateAnswer>("Certificates/IssueCertificate", "subject: '" + subject + "'", who));
  };
  EXPECT_EQ(refusal("", "a-trader"), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(refusal("orders/1", "a-trader"), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(refusal("lots/999", "a-trader"), "NOT_FOUND NOT_FOUND");
  EXPECT_EQ(refusal("pledges/999", "a-trader"), "NOT_FOUND NOT_FOUND");
  EXPECT_EQ(refusal("trades/999", "a-trader"), "NOT_FOUND NOT_FOUND");
  EXPECT_EQ(refusal("permits/91220101MA0Y3T5K7X009P", "a-trader"), "NOT_FOUND NOT_FOUND");
  EXPECT_EQ(refusal("applications/999", "a-trader"), "NOT_FOUND NOT_FOUND");
  const auto applied = world.Must<v1::PledgeAnswer>(
      "Pledges/ApplyPledge", "lot: '" + FirstRight() + "' quantity: 1000 pledgee: 'participants/branch' form: PLEDGE", "a-trader");
  EXPECT_EQ(refusal(applied.pledge().name(), "a-trader"), "FAILED_PRECONDITION NOTHING_TO_CERTIFY");
  EXPECT_EQ(Outcome(world.Ask<v1::GetCertificateAnswer>("Certificates/GetCertificate", "name: 'certificates/77'", "a-trader")), "NOT_FOUND NOT_FOUND");
}

TEST_F(CertificatesTest, AReservesLotIsItsAuthoritys) {
  const auto lots = world.Must<v1::ListLotsAnswer>("Ledger/ListLots", "account: 'accounts/rights.reserve.220100'", "registry-op");
  ASSERT_GT(lots.lots_size(), 0);
  const auto verdict = Check(Certificate(lots.lots(0).name(), "registry-op"));
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_EQ(FactOf(*verdict, "holder"), "participants/changchun");
}

// The venue's own certificate (DR-50) is what is certified; the scenario certificates.scenario has one. A trade of allowances has none.
TEST_F(CertificatesTest, ATradeWithoutACertificateOfTheVenueHasNoneToProve) {
  world.Sell("a-trader", "CEA25", 8'000, 10);
  world.Buy("b-trader", "CEA25", 8'000, 10);
  const auto trades = world.Must<v1::ListTradesAnswer>("Trades/ListTrades", "account: 'accounts/$A.trading'", "a-trader");
  ASSERT_EQ(trades.trades_size(), 1);
  EXPECT_EQ(Outcome(world.Ask<v1::CertificateAnswer>("Certificates/IssueCertificate", "subject: '" + trades.trades(0).name() + "'", "a-trader")),
            "FAILED_PRECONDITION NOTHING_TO_CERTIFY");
}

TEST_F(CertificatesTest, APermitInForceIsCertifiedForItsHolderAndItsAuthority) {
  const auto permits = world.Must<v1::ListPermitsAnswer>("Permits/ListPermits", "", "a-trader");
  ASSERT_GT(permits.permits_size(), 0);
  for (const char* who : {"a-trader", "changchun-officer"}) {
    const auto verdict = Check(Certificate(permits.permits(0).name(), who));
    ASSERT_TRUE(verdict.ok()) << verdict.status();
    EXPECT_EQ(FactOf(*verdict, "permit"), permits.permits(0).name());
    EXPECT_EQ(FactOf(*verdict, "permit_holder"), world.Named("participants/$A"));
    EXPECT_EQ(FactOf(*verdict, "management_class"), "KEY");
  }
  EXPECT_EQ(Outcome(world.Ask<v1::CertificateAnswer>("Certificates/IssueCertificate", "subject: '" + permits.permits(0).name() + "'", "jilin-officer")),
            "PERMISSION_DENIED NOT_AUTHORISED");
}

// The journal alone says the same: whoever replays it computes every root again.
TEST_F(CertificatesTest, VerifyComputesEveryRootOfTheStateMapAgain) {
  Pledge(10'000);
  (void)Certificate(FirstRight(), "a-trader");
  world.Sell("a-trader", "CEA25", 8'000, 10);
  world.Buy("b-trader", "CEA25", 8'000, 10);
  (void)Certificate(FirstRight(), "a-trader");
  harness.Close();
  StoreOptions options;
  options.path = harness.engine().Options().store.path;
  const auto store = Store::Open(options);
  ASSERT_TRUE(store.ok());
  const auto report = Verify({store->get(), {}, nullptr}, nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->map_roots, 2u);
  EXPECT_GT(report->checkpoint_size, 0u);
}

TEST_F(CertificatesTest, AfterARestartTheMapIsTheSame) {
  const std::string lot = FirstRight();
  const auto before = Check(Certificate(lot, "a-trader"));
  ASSERT_TRUE(before.ok());
  harness.Reopen();
  const auto after = Check(Certificate(lot, "a-trader"));
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(before->certificate.lots[0].statement, after->certificate.lots[0].statement);
  EXPECT_EQ(before->certificate.lots[0].salt, after->certificate.lots[0].salt);
  // And what was issued before can still be fetched.
  EXPECT_TRUE(Check(Fetch("certificates/1", "a-trader")).ok());
}

TEST_F(CertificatesTest, TheLogShowsItselfToAnybody) {
  (void)Certificate(FirstRight(), "a-trader");
  const auto log = world.Must<v1::GetLogAnswer>("Transparency/GetLog", "", "");
  EXPECT_EQ(log.origin(), "songhua/test");
  ASSERT_EQ(log.keys_size(), 1);
  EXPECT_GT(log.size(), 0u);
  const auto note = proofs::ParseNote(NewestCheckpoint());
  ASSERT_TRUE(note.ok()) << note.status();
  EXPECT_TRUE(proofs::VerifySignature(*note, *proofs::ParseVerifierKey(log.keys(0))).ok());
  const auto checkpoint = proofs::ParseCheckpoint(note->text);
  ASSERT_TRUE(checkpoint.ok());
  EXPECT_EQ(checkpoint->size, log.size());
  // The leaves of its tiles have the checkpoint's root.
  const auto tile = world.Must<v1::GetTileAnswer>("Transparency/GetTile", "path: 'tile/0/000.p/" + std::to_string(log.size()) + "'", "");
  ASSERT_EQ(tile.tile().size(), 32 * log.size());
  std::vector<Digest> leaves(log.size());
  for (size_t i = 0; i < leaves.size(); ++i) std::copy_n(tile.tile().begin() + static_cast<ptrdiff_t>(32 * i), 32, leaves[i].begin());
  EXPECT_EQ(MerkleRoot(leaves), checkpoint->root);
  const auto inclusion =
      world.Must<v1::GetInclusionProofAnswer>("Transparency/GetInclusionProof", "record_sequence: 3 size: " + std::to_string(log.size()), "");
  EXPECT_EQ(inclusion.leaf_hash(), std::string(AsBytes(leaves[inclusion.index()])));
  // Bad input says what would be accepted.
  EXPECT_EQ(Outcome(world.Ask<v1::GetTileAnswer>("Transparency/GetTile", "path: 'tile/0/000'", "")), "NOT_FOUND NOT_FOUND");
  EXPECT_EQ(Outcome(world.Ask<v1::GetTileAnswer>("Transparency/GetTile", "path: 'tile/9/000'", "")), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Outcome(world.Ask<v1::GetCheckpointAnswer>("Transparency/GetCheckpoint", "size: 2", "")), "NOT_FOUND NOT_FOUND");
  EXPECT_EQ(Outcome(world.Ask<v1::GetInclusionProofAnswer>("Transparency/GetInclusionProof", "record_sequence: 3 size: 0", "")), "OUT_OF_RANGE OUT_OF_RANGE");
  EXPECT_EQ(Outcome(world.Ask<v1::GetConsistencyProofAnswer>("Transparency/GetConsistencyProof", "old_size: 9 new_size: 3", "")), "OUT_OF_RANGE OUT_OF_RANGE");
  // Records are for auditors.
  EXPECT_EQ(Outcome(world.Ask<v1::ReadJournalAnswer>("Transparency/ReadJournal", "from_sequence: 1", "a-trader")), "PERMISSION_DENIED ROLE_MISSING");
}

}  // namespace
}  // namespace songhua::api
