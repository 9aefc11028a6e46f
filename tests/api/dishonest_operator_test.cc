// An operator who lies is caught: who rewrites the store, the history, or shows two banks different logs is refused by the checker, by a consistency proof, by a witness or
// by the auditor, and each says what it saw (international.md 6.2, requirements 7 and 9).
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/tables.h"
#include "rocksdb/db.h"
#include "tests/api/proof_harness.h"

namespace songhua::api {
namespace {

using testing::HasSubstr;

class DishonestOperatorTest : public testing::Test, public ProofWorld {
 protected:
  DishonestOperatorTest() { world.Furnish(); }

  Auditor NewAuditor() { return Auditor(ClockMode::kVirtual, Trust()); }

  proofs::SignerKey witness{"audit.example/songhua", proofs::KeyType::kWitness, Sha256Of("a witness's seed")};

  std::string Cosigned(std::string_view text, int64_t time_s) const {
    proofs::SignedNote note{std::string(text), {}};
    note.signatures.push_back(proofs::Cosign(witness, text, static_cast<uint64_t>(time_s)));
    return proofs::FormatNote(note);
  }
  absl::StatusOr<v1::CosignatureAnswer> Bring(const std::string& note) {
    v1::AddCosignatureRequest request;
    request.set_note(note);
    std::string text;
    google::protobuf::TextFormat::PrintToString(request, &text);
    return world.Ask<v1::CosignatureAnswer>("Transparency/AddCosignature", text, "operator-token");
  }
  static int64_t NowSeconds() { return Clock::Real()->Now().value() / kMicrosPerSecond; }

  // Takes the pledge out of the stored state, and the hold with it, as somebody would who has the disk.
  void RemovePledge(uint64_t number) {
    const std::string path = harness.engine().Options().store.path + "/state";
    harness.Close();
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), path, &raw).ok());
    const std::unique_ptr<rocksdb::DB> state(raw);
    const auto key_of = [](RowTable table, uint64_t row) { return RowKey(static_cast<TableId>(table), EncodeRowKey(row)); };
    std::string bytes;
    ledger::PledgeRow pledge;
    ASSERT_TRUE(state->Get(rocksdb::ReadOptions(), key_of(RowTable::kPledges, number), &bytes).ok());
    ASSERT_TRUE(DecodeValue(bytes, &pledge).ok());
    for (const ledger::PledgedPart& part : pledge.parts) {
      ledger::LotRow lot;
      ASSERT_TRUE(state->Get(rocksdb::ReadOptions(), key_of(RowTable::kLots, part.lot), &bytes).ok());
      ASSERT_TRUE(DecodeValue(bytes, &lot).ok());
      lot.held[static_cast<size_t>(ledger::HoldKind::kPledge)] -= part.quantity;
      ASSERT_TRUE(state->Put(rocksdb::WriteOptions(), key_of(RowTable::kLots, part.lot), EncodeValue(lot)).ok());
    }
    ASSERT_TRUE(state->Delete(rocksdb::WriteOptions(), key_of(RowTable::kPledges, number)).ok());
  }
};

TEST_F(DishonestOperatorTest, ThePledgeThatWasRemovedFromTheStoreIsMissedByTheAuditor) {
  Pledge(10'000);
  const std::string lot = FirstRight();
  RemovePledge(1);
  harness.Reopen();
  // The service now certifies that nothing lies on the lot. Without an auditor's cosignature the checker cannot know better, and says so.
  const auto verdict = Check(Certificate(lot, "a-trader"));
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_TRUE(verdict->certificate.lots[0].statement.encumbrances.empty());
  EXPECT_FALSE(verdict->Audited());
  EXPECT_THAT(Explain(*verdict, proofs::Language::kEnglish), HasSubstr("audit"));
  // Who replays the journal has the pledge in its map, and cosigns nothing.
  Auditor auditor = NewAuditor();
  const absl::Status status = Feed(&auditor);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("state map"));
  EXPECT_EQ(auditor.Check(NewestCheckpoint()).status().code(), absl::StatusCode::kDataLoss);
  // Nor does a bank that asks for an auditor's cosignature take the certificate.
  proofs::Trust trust = Trust();
  trust.witnesses.push_back({witness.Verifier(), /*auditor=*/true});
  trust.required = 1;
  const auto required = Check(Fetch("certificates/1", "a-trader"), trust);
  ASSERT_FALSE(required.ok());
  EXPECT_EQ(GetRefusal(required.status())->reason, "TOO_FEW_WITNESSES");
}

TEST_F(DishonestOperatorTest, AnAuditorVouchesForWhatItComputedItself) {
  Pledge(10'000);
  (void)Certificate(FirstRight(), "a-trader");
  Auditor auditor = NewAuditor();
  ASSERT_TRUE(Feed(&auditor).ok());
  const auto checkpoint = auditor.Check(NewestCheckpoint());
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  world.Must<v1::WitnessAnswer>("Transparency/AddWitness", "key: '" + witness.Verifier().Encode() + "'", "operator-token");
  world.Must<v1::WitnessPolicyAnswer>("Transparency/SetWitnessPolicy", "cosignatures_required: 1", "operator-token");
  EXPECT_EQ(Outcome(world.Ask<v1::GetCertificateAnswer>("Certificates/GetCertificate", "name: 'certificates/1' file: true", "a-trader")),
            "FAILED_PRECONDITION NOT_COSIGNED");
  ASSERT_TRUE(Bring(Cosigned(checkpoint->Text(), NowSeconds())).ok());
  proofs::Trust trust = Trust();
  trust.witnesses.push_back({witness.Verifier(), /*auditor=*/true});
  trust.required = 1;
  const auto verdict = Check(Fetch("certificates/1", "a-trader"), trust);
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_TRUE(verdict->Audited());
}

TEST_F(DishonestOperatorTest, ACosignatureIsTakenOnlyOfACheckpointThatThereIs) {
  (void)Certificate(FirstRight(), "a-trader");
  const auto note = proofs::ParseNote(NewestCheckpoint());
  ASSERT_TRUE(note.ok());
  const std::string text = note->text;
  EXPECT_EQ(Outcome(Bring(Cosigned(text, NowSeconds()))), "FAILED_PRECONDITION UNKNOWN_WITNESS");
  world.Must<v1::WitnessAnswer>("Transparency/AddWitness", "key: '" + witness.Verifier().Encode() + "'", "operator-token");
  EXPECT_EQ(Outcome(world.Ask<v1::WitnessAnswer>("Transparency/AddWitness", "key: '" + witness.Verifier().Encode() + "'", "operator-token")),
            "ALREADY_EXISTS WITNESS_EXISTS");
  EXPECT_EQ(Outcome(Bring("no note")), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Outcome(Bring(Cosigned("no checkpoint\n", NowSeconds()))), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Outcome(Bring(Cosigned(text, NowSeconds() - 200'000))), "FAILED_PRECONDITION STALE_COSIGNATURE");
  EXPECT_EQ(Outcome(Bring(Cosigned(text, NowSeconds() + 200'000))), "FAILED_PRECONDITION STALE_COSIGNATURE");
  auto checkpoint = *proofs::ParseCheckpoint(text);
  auto other = checkpoint;
  other.origin = "songhua/another";
  EXPECT_EQ(Outcome(Bring(Cosigned(other.Text(), NowSeconds()))), "INVALID_ARGUMENT INVALID_FIELD");
  other = checkpoint;
  other.root[5] ^= 1;
  EXPECT_EQ(Outcome(Bring(Cosigned(other.Text(), NowSeconds()))), "FAILED_PRECONDITION NO_SUCH_CHECKPOINT");
  other = checkpoint;
  other.size += 1'000;
  EXPECT_EQ(Outcome(Bring(Cosigned(other.Text(), NowSeconds()))), "FAILED_PRECONDITION NO_SUCH_CHECKPOINT");
  // A signature that was changed.
  std::string changed = Cosigned(text, NowSeconds());
  auto forged = *proofs::ParseNote(changed);
  forged.signatures[0].bytes[20] ^= 1;
  EXPECT_EQ(Outcome(Bring(proofs::FormatNote(forged))), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Outcome(Bring(Cosigned(text, NowSeconds()))), "OK");
  // It is on the checkpoint from then on; and a witness that retired signs no more.
  const auto shown = proofs::ParseNote(world.Must<v1::GetCheckpointAnswer>("Transparency/GetCheckpoint", "size: " + std::to_string(checkpoint.size), "").note());
  ASSERT_TRUE(shown.ok());
  EXPECT_TRUE(proofs::VerifySignature(*shown, witness.Verifier()).ok());
  const std::string name = world.Must<v1::ListWitnessesAnswer>("Transparency/ListWitnesses", "", "").witnesses(0).name();
  world.Must<v1::WitnessPolicyAnswer>("Transparency/SetWitnessPolicy", "cosignatures_required: 1", "operator-token");
  EXPECT_EQ(Outcome(world.Ask<v1::WitnessAnswer>("Transparency/RetireWitness", "name: '" + name + "' reason: 'r'", "operator-token")),
            "FAILED_PRECONDITION WITNESS_REQUIRED");
  EXPECT_EQ(Outcome(world.Ask<v1::WitnessPolicyAnswer>("Transparency/SetWitnessPolicy", "cosignatures_required: 2", "operator-token")), "INVALID_ARGUMENT INVALID_FIELD");
  world.Must<v1::WitnessPolicyAnswer>("Transparency/SetWitnessPolicy", "cosignatures_required: 0", "operator-token");
  world.Must<v1::WitnessAnswer>("Transparency/RetireWitness", "name: '" + name + "' reason: 'r'", "operator-token");
  EXPECT_EQ(Outcome(Bring(Cosigned(text, NowSeconds()))), "FAILED_PRECONDITION UNKNOWN_WITNESS");
}

// Cosignatures alone make no new checkpoint, or each would bring the next.
TEST_F(DishonestOperatorTest, ACosignatureAsksForNoNewCheckpoint) {
  world.Must<v1::WitnessAnswer>("Transparency/AddWitness", "key: '" + witness.Verifier().Encode() + "'", "operator-token");
  (void)Certificate(FirstRight(), "a-trader");
  const auto note = proofs::ParseNote(NewestCheckpoint());
  ASSERT_TRUE(Bring(Cosigned(note->text, NowSeconds())).ok());
  const uint64_t last = harness.store().durable_sequence();
  harness.engine().engine().Stop();
  EXPECT_EQ(harness.engine().engine().state_at_start().lot_commitments.state()->covered, last);
}

// Two logs of one name: the same beginning, then a pledge in the one and none in the other.
class TwoHistoriesTest : public testing::Test {
 protected:
  TwoHistoriesTest() {
    told_a.world.Furnish();
    told_b.world.Furnish();
    told_a.Pledge(10'000);
    (void)told_a.Certificate(told_a.FirstRight(), "a-trader");
    (void)told_b.Certificate(told_b.FirstRight(), "a-trader");
    (void)told_b.Certificate(told_b.FirstRight(), "a-trader");
    (void)told_b.Certificate(told_b.FirstRight(), "a-trader");
  }
  ProofWorld told_a, told_b;
};

TEST_F(TwoHistoriesTest, TwoBanksWhoCompareCheckpointsFindOut) {
  const auto a = proofs::ParseNote(told_a.NewestCheckpoint());
  const auto held = proofs::ParseCheckpoint(a->text);
  // The bank that was shown A's log holds its checkpoint against B's certificate, made of as many records.
  proofs::Trust trust = told_b.Trust();
  proofs::CheckOptions options;
  options.now_s = kLaterSeconds;
  const std::string file = told_b.Fetch("certificates/1", "a-trader");
  const auto honest = proofs::CheckCertificate(file, trust, options);
  ASSERT_TRUE(honest.ok()) << honest.status();
  options.known = *held;
  options.known->size = honest->checkpoint.size;
  const auto verdict = proofs::CheckCertificate(file, trust, options);
  ASSERT_FALSE(verdict.ok());
  EXPECT_EQ(GetRefusal(verdict.status())->reason, "SPLIT_VIEW");
}

TEST_F(TwoHistoriesTest, AHistoryThatWasRewrittenIsNotConsistentWithTheCheckpointOfBefore) {
  const auto a = *proofs::ParseCheckpoint(proofs::ParseNote(told_a.NewestCheckpoint())->text);
  const auto b = *proofs::ParseCheckpoint(proofs::ParseNote(told_b.NewestCheckpoint())->text);
  const uint64_t old_size = std::min(a.size, b.size) - 1;
  const auto answer = told_b.world.Must<v1::GetConsistencyProofAnswer>(
      "Transparency/GetConsistencyProof", "old_size: " + std::to_string(old_size) + " new_size: " + std::to_string(b.size), "");
  std::vector<Digest> proof;
  for (const std::string& hash : answer.hashes()) std::copy_n(hash.begin(), 32, proof.emplace_back().begin());
  const NodeReader nodes_a = NodesFromStored(told_a.harness.store().StoredNodes()), nodes_b = NodesFromStored(told_b.harness.store().StoredNodes());
  const Digest root_a = *RootOfSize(old_size, nodes_a), root_b = *RootOfSize(old_size, nodes_b);
  EXPECT_TRUE(VerifyConsistency(old_size, b.size, root_b, b.root, proof).ok());
  EXPECT_FALSE(VerifyConsistency(old_size, b.size, root_a, b.root, proof).ok());
}

TEST_F(TwoHistoriesTest, AnAuditorWhoVouchedForTheOneRefusesTheOther) {
  Auditor first(ClockMode::kVirtual, told_a.Trust());
  ASSERT_TRUE(told_a.Feed(&first).ok());
  const auto vouched = first.Check(told_a.NewestCheckpoint());
  ASSERT_TRUE(vouched.ok()) << vouched.status();
  Auditor later(ClockMode::kVirtual, told_b.Trust());
  later.Expect(*vouched);
  absl::Status status = told_b.Feed(&later);
  if (status.ok()) status = later.Check(told_b.NewestCheckpoint()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("vouched for"));
}

TEST_F(TwoHistoriesTest, AServiceThatShowsACheckpointOfAnotherJournalIsNotVouchedFor) {
  proofs::Trust both = told_a.Trust();
  both.logs.push_back(told_b.Trust().logs[0]);
  Auditor auditor(ClockMode::kVirtual, both);
  ASSERT_TRUE(told_b.Feed(&auditor).ok());
  const absl::Status status = auditor.Check(told_a.NewestCheckpoint()).status();
  EXPECT_FALSE(status.ok());
}

}  // namespace
}  // namespace songhua::api
