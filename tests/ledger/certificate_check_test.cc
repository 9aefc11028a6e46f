// What a bank finds out with one file and a few keys: that an honest registry's certificate is proved, and which lie of a dishonest one is caught where.

#include "ledger/proofs/certificate_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/codec.h"
#include "ledger/merkle_log.h"
#include "ledger/proofs/certificate_page.h"
#include "tests/ledger/certificate_testing.h"

namespace songhua::proofs {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The reason for which a certificate is refused that was changed after the story was told.
template <class Change>
std::string ReasonOf(const Story& story, const Change& change) {
  Certificate certificate = Tell(story);
  change(&certificate);
  return ReasonOfCheck(FileOf(certificate));
}
std::string ReasonOf(const Story& story) { return ReasonOfCheck(FileOf(story)); }

Trust TrustOf(const std::string& text) {
  absl::StatusOr<Trust> trust = ParseTrust(text);
  EXPECT_TRUE(trust.ok()) << trust.status();
  return trust.ok() ? *trust : Trust();
}
std::string LogLine(uint8_t number = 1) { return "log " + TestLogKey(number).Verifier().Encode() + "\n"; }
std::string WitnessLine(uint8_t number) { return "witness " + TestWitnessKey(number).Verifier().Encode() + "\n"; }

TEST(CertificateCheckTest, HonestOnesAreProved) {
  for (const Story& story : {PledgeStory(), HoldingStory(), ReceiptStory()}) {
    const absl::StatusOr<Verdict> verdict = CheckCertificate(FileOf(story), TestTrust(), TestOptions());
    ASSERT_TRUE(verdict.ok()) << verdict.status();
    EXPECT_EQ(verdict->checkpoint.size, 10u);
    EXPECT_THAT(verdict->signed_by, testing::ElementsAre("songhua/3f2166d0a8c14f1e"));
    EXPECT_THAT(verdict->witnessed_by, testing::ElementsAre(WitnessedBy{"witness.example/1", kMapTime_s + 2, false}, WitnessedBy{"witness.example/2", kMapTime_s + 3, true}));
    EXPECT_TRUE(verdict->Audited());
    EXPECT_EQ(verdict->issue_sequence, 4u);
    EXPECT_EQ(verdict->map_sequence, HasLots(story.kind) ? 7u : 0u);
    ASSERT_EQ(verdict->lots.size(), story.lots.size());
    for (size_t i = 0; i < story.lots.size(); ++i) EXPECT_EQ(verdict->lots[i].title, story.lots[i].title);
  }
}

TEST(CertificateCheckTest, OfALogOfAnySizeIsProved) {
  for (uint64_t others = 0; others < 20; ++others) {
    Story story = PledgeStory();
    story.records_before = others % 5;
    story.records_between = others % 3;
    story.records_after = others;
    story.lots_of_others = others * others;
    EXPECT_EQ(ReasonOf(story), "") << others;
  }
}

// ---- Whose it is -------------------------------------------------------------------------------------------------------------------------

TEST(CertificateCheckTest, OfAnUnknownLogIsRefused) {
  Story story = PledgeStory();
  story.logs = {TestLogKey(2)};
  EXPECT_EQ(ReasonOf(story), "UNKNOWN_LOG");
  // The right key under another name than the log's.
  SignerKey renamed = TestLogKey();
  renamed.name = "songhua/other";
  story.logs = {renamed};
  EXPECT_EQ(ReasonOfCheck(FileOf(story), TrustOf("log " + renamed.Verifier().Encode() + "\n")), "UNKNOWN_LOG");
  // Both, as when keys are changed: one that is trusted is enough.
  story.logs = {TestLogKey(2), TestLogKey(1)};
  EXPECT_EQ(ReasonOf(story), "");
}

TEST(CertificateCheckTest, ASignatureOfATrustedKeyThatFailsRefusesIt) {
  const auto spoil = [](size_t line) {
    return [line](Certificate* c) {
      SignedNote note = *ParseNote(c->checkpoint);
      note.signatures[line].bytes.back() = static_cast<char>(note.signatures[line].bytes.back() ^ 1);
      c->checkpoint = FormatNote(note);
    };
  };
  for (size_t line = 0; line < 3; ++line) EXPECT_EQ(ReasonOf(PledgeStory(), spoil(line)), "SIGNATURE_INVALID") << line;
  // Somebody else's is none of ours.
  Story story = PledgeStory();
  story.cosigned.push_back({TestWitnessKey(9), kMapTime_s});
  EXPECT_EQ(ReasonOf(story, spoil(3)), "");
}

TEST(CertificateCheckTest, ACheckpointOfSomethingElseIsRefused) {
  // The signatures are of this text alone.
  EXPECT_EQ(ReasonOf(PledgeStory(), [](Certificate* c) {
              SignedNote note = *ParseNote(c->checkpoint);
              Checkpoint checkpoint = *ParseCheckpoint(note.text);
              ++checkpoint.size;
              note.text = checkpoint.Text();
              c->checkpoint = FormatNote(note);
            }),
            "SIGNATURE_INVALID");
  // Another checkpoint of the same log, which does not have these records.
  Story other = PledgeStory();
  other.issue_time_s += 60;
  other.map_time_s += 60;
  const Certificate of_other = Tell(other);
  EXPECT_EQ(ReasonOf(PledgeStory(), [&](Certificate* c) { c->checkpoint = of_other.checkpoint; }), "NOT_IN_LOG");
}

TEST(CertificateCheckTest, RevokedLogKeys) {
  const std::string file = FileOf(PledgeStory());
  const std::string revoked = "revoked " + TestLogKey().Verifier().Encode();
  EXPECT_EQ(ReasonOfCheck(file, TrustOf(TestTrustText() + revoked + "\n")), "KEY_REVOKED");
  // From a day on: what a witness saw before counts. It was cosigned at 2026-01-05 08:00:03 UTC.
  EXPECT_EQ(ReasonOfCheck(file, TrustOf(TestTrustText() + revoked + " 2026-01-06\n")), "");
  EXPECT_EQ(ReasonOfCheck(file, TrustOf(TestTrustText() + revoked + " 2026-01-05\n")), "KEY_REVOKED");
  // A thief can write any time into records, but has no witness of that time.
  Story story = PledgeStory();
  story.cosigned.clear();
  EXPECT_EQ(ReasonOfCheck(FileOf(story), TrustOf(LogLine() + revoked + " 2026-01-06\n")), "KEY_REVOKED");
  EXPECT_EQ(ReasonOfCheck(FileOf(story), TrustOf(LogLine())), "");
  // The next key was at work already.
  story.logs = {TestLogKey(1), TestLogKey(2)};
  EXPECT_EQ(ReasonOfCheck(FileOf(story), TrustOf(LogLine(1) + LogLine(2) + revoked + "\n")), "");
  // Named nowhere else.
  EXPECT_EQ(ReasonOfCheck(file, TrustOf(LogLine(2) + revoked + "\n")), "KEY_REVOKED");
}

TEST(CertificateCheckTest, RevokedWitnessesDoNotCount) {
  const std::string file = FileOf(PledgeStory());
  const std::string both = LogLine() + WitnessLine(1) + WitnessLine(2) + WitnessLine(3) + "require 2\n";
  const std::string revoked = "revoked " + TestWitnessKey(2).Verifier().Encode();
  EXPECT_EQ(ReasonOfCheck(file, TrustOf(both)), "");
  EXPECT_EQ(ReasonOfCheck(file, TrustOf(both + revoked + "\n")), "TOO_FEW_WITNESSES");
  EXPECT_EQ(ReasonOfCheck(file, TrustOf(both + revoked + " 2026-01-05\n")), "TOO_FEW_WITNESSES");
  EXPECT_EQ(ReasonOfCheck(file, TrustOf(both + revoked + " 2026-01-06\n")), "");
}

TEST(CertificateCheckTest, TooFewWitnessesAreRefused) {
  Story story = PledgeStory();
  story.cosigned.pop_back();
  EXPECT_EQ(ReasonOf(story), "TOO_FEW_WITNESSES");
  // The same one twice is one.
  story.cosigned.push_back({TestWitnessKey(1), kMapTime_s + 9});
  EXPECT_EQ(ReasonOf(story), "TOO_FEW_WITNESSES");
  // Somebody unknown is none.
  story.cosigned.push_back({TestWitnessKey(7), kMapTime_s + 9});
  EXPECT_EQ(ReasonOf(story), "TOO_FEW_WITNESSES");
  story.cosigned.push_back({TestWitnessKey(2), kMapTime_s + 9});
  EXPECT_EQ(ReasonOf(story), "");
  // Where none is required, none is needed.
  story.cosigned.clear();
  EXPECT_EQ(ReasonOfCheck(FileOf(story), TrustOf(LogLine() + WitnessLine(1))), "");
}

TEST(CertificateCheckTest, StaleCosignaturesDoNotCount) {
  Story story = PledgeStory();
  story.cosigned[1].second = kMapTime_s + 3601;
  CheckOptions options = TestOptions();
  EXPECT_EQ(ReasonOfCheck(FileOf(story), TestTrust(), options), "");
  options.cosignature_age_max_s = 3600;
  EXPECT_EQ(ReasonOfCheck(FileOf(story), TestTrust(), options), "STALE_COSIGNATURE");
  story.cosigned[1].second = kMapTime_s - 3601;
  EXPECT_EQ(ReasonOfCheck(FileOf(story), TestTrust(), options), "STALE_COSIGNATURE");
  story.cosigned[1].second = kMapTime_s + 3600;
  EXPECT_EQ(ReasonOfCheck(FileOf(story), TestTrust(), options), "");
}

TEST(CertificateCheckTest, TheFutureIsRefused) {
  CheckOptions options = TestOptions();
  options.now_s = kIssueTime_s - 1 - kClockSkewMax_s;
  EXPECT_EQ(ReasonOfCheck(FileOf(PledgeStory()), TestTrust(), options), "FROM_THE_FUTURE");
  options.now_s = kMapTime_s + 3 - kClockSkewMax_s;
  EXPECT_EQ(ReasonOfCheck(FileOf(PledgeStory()), TestTrust(), options), "");
  options.now_s -= 1;  // the last cosignature
  EXPECT_EQ(ReasonOfCheck(FileOf(PledgeStory()), TestTrust(), options), "FROM_THE_FUTURE");
  Story far = PledgeStory();
  far.cosigned[0].second = INT64_MAX;
  EXPECT_EQ(ReasonOf(far), "FROM_THE_FUTURE");
  far.cosigned[0].second = UINT64_MAX;  // no time that a cosignature may have
  EXPECT_EQ(ReasonOf(far), "SIGNATURE_INVALID");
  Story story = ReceiptStory();
  story.issue = [](JournalRecord* record) { record->time_us = INT64_MAX; };
  EXPECT_EQ(ReasonOf(story), "FROM_THE_FUTURE");
}

TEST(CertificateCheckTest, TwoHistoriesOfOneSizeAreASplitView) {
  Story other = PledgeStory();
  other.issue_time_s += 1;  // what another bank was shown
  const std::string shown_to_another = Tell(other).checkpoint;
  CheckOptions options = TestOptions();
  const absl::StatusOr<Checkpoint> known = ReadKnownCheckpoint(shown_to_another, TestTrust());
  ASSERT_TRUE(known.ok()) << known.status();
  options.known = *known;
  EXPECT_EQ(ReasonOfCheck(FileOf(PledgeStory()), TestTrust(), options), "SPLIT_VIEW");

  options.known = *ReadKnownCheckpoint(Tell(PledgeStory()).checkpoint, TestTrust());
  const absl::StatusOr<Verdict> verdict = CheckCertificate(FileOf(PledgeStory()), TestTrust(), options);
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_TRUE(verdict->compared);
  ++options.known->size;  // of another size: nothing can be said
  EXPECT_FALSE(CheckCertificate(FileOf(PledgeStory()), TestTrust(), options)->compared);
  options.known->origin = "songhua/other";
  EXPECT_EQ(ReasonOfCheck(FileOf(PledgeStory()), TestTrust(), options), "KNOWN_OF_ANOTHER_LOG");

  EXPECT_FALSE(ReadKnownCheckpoint(shown_to_another, TrustOf(LogLine(2))).ok());
  EXPECT_FALSE(ReadKnownCheckpoint("no note", TestTrust()).ok());
}

// ---- What it says ------------------------------------------------------------------------------------------------------------------------

TEST(CertificateCheckTest, OtherFactsThanWereCertifiedAreRefused) {
  EXPECT_EQ(ReasonOf(PledgeStory(), [](Certificate* c) { SetFact(&c->facts, "pledgor_name", "长春热电二厂"); }), "FACTS_DIFFER");
  EXPECT_EQ(ReasonOf(ReceiptStory(), [](Certificate* c) { c->facts.pop_back(); }), "FACTS_DIFFER");
  EXPECT_EQ(ReasonOf(PledgeStory(), [](Certificate* c) { ++c->number; }), "FACTS_DIFFER");
  EXPECT_EQ(ReasonOf(ReceiptStory(), [](Certificate* c) { c->kind = CertificateKind::kPermit; }), "FACTS_DIFFER");
  EXPECT_EQ(ReasonOf(PledgeStory(), [](Certificate* c) { c->issue_events += "x"; }), "FACTS_DIFFER");
  Story story = ReceiptStory();
  story.certified = [](CertifiedEvent* event) { event->facts[0] ^= 1; };
  EXPECT_EQ(ReasonOf(story), "FACTS_DIFFER");
}

TEST(CertificateCheckTest, ARecordThatIssuedNothingIsRefused) {
  const auto reason = [](const std::function<void(JournalRecord*)>& issue) {
    Story story = ReceiptStory();
    story.issue = issue;
    return ReasonOf(story);
  };
  EXPECT_EQ(reason([](JournalRecord* r) { r->method = "songhua.v1.Permits/Submit"; }), "NOT_AN_ISSUE");
  EXPECT_EQ(reason([](JournalRecord* r) { r->status_code = 9; }), "NOT_AN_ISSUE");
  EXPECT_EQ(reason([](JournalRecord* r) { r->reason = "NOTHING_TO_CERTIFY"; }), "NOT_AN_ISSUE");
  const auto events = [](const std::function<void(std::string*)>& change) {
    Story story = ReceiptStory();
    story.events = change;
    return ReasonOf(story);
  };
  EXPECT_EQ(events([](std::string* e) { e->clear(); }), "NOT_AN_ISSUE");
  EXPECT_EQ(events([](std::string* e) { *e += *e; }), "NOT_AN_ISSUE");  // two certificates
  EXPECT_EQ(events([](std::string* e) { *e += "tail"; }), "NOT_AN_ISSUE");
  EXPECT_EQ(events([](std::string* e) { e->pop_back(); }), "NOT_AN_ISSUE");
  EXPECT_EQ(events([](std::string* e) { *e += std::string("\x42\x00\xff\xff\xff\xff", 6); }), "NOT_AN_ISSUE");
  EXPECT_EQ(events([](std::string* e) { *e = std::string("\x42\x00\x01\x00\x00\x00x", 7); }), "NOT_AN_ISSUE");
}

TEST(CertificateCheckTest, RecordsOutsideTheLogAreRefused) {
  EXPECT_EQ(ReasonOf(PledgeStory(), [](Certificate* c) { c->issue.salt[0] ^= 1; }), "NOT_IN_LOG");
  EXPECT_EQ(ReasonOf(PledgeStory(), [](Certificate* c) { ++c->issue.index; }), "NOT_IN_LOG");
  EXPECT_EQ(ReasonOf(PledgeStory(), [](Certificate* c) { c->issue.index = UINT64_MAX; }), "NOT_IN_LOG");
  EXPECT_EQ(ReasonOf(PledgeStory(), [](Certificate* c) { c->issue.path.pop_back(); }), "NOT_IN_LOG");
  EXPECT_EQ(ReasonOf(PledgeStory(), [](Certificate* c) { c->issue.path.resize(64); }), "NOT_IN_LOG");
  EXPECT_EQ(ReasonOf(PledgeStory(), [](Certificate* c) { c->map_record.path[0][5] ^= 1; }), "NOT_IN_LOG");
  EXPECT_EQ(ReasonOf(PledgeStory(), [](Certificate* c) { c->map_record.index = c->issue.index; }), "NOT_IN_LOG");
}

// ---- What lies on the lots ---------------------------------------------------------------------------------------------------------------

TEST(CertificateCheckTest, AMapThatIsNoneOrOlderThanTheCertificateIsRefused) {
  Story story = PledgeStory();
  story.map_before_issue = true;
  EXPECT_EQ(ReasonOf(story), "MAP_TOO_OLD");
  // Its number and its place must both be later: a dishonest registry numbers its records as it likes.
  story.map_record = [](JournalRecord* r) { r->first_sequence = 100; };
  EXPECT_EQ(ReasonOf(story), "MAP_TOO_OLD");
  story = PledgeStory();
  story.map_record = [](JournalRecord* r) { r->first_sequence = 4; };  // that of the certificate
  EXPECT_EQ(ReasonOf(story), "MAP_TOO_OLD");
  story = PledgeStory();
  story.map_record = [](JournalRecord* r) { r->status_code = 13; };
  EXPECT_EQ(ReasonOf(story), "NOT_A_MAP_ROOT");
  for (const std::string& request : {std::string(), std::string(41, '\0'), std::string(41, '\2'), "\1" + std::string(41, 'x')}) {
    story.map_record = [&](JournalRecord* r) { r->request = request; };
    const std::string bytes = EncodeCertificate(Tell(story));
    EXPECT_FALSE(OpenCertificate(Tell(story)).ok());
    EXPECT_EQ(ReasonOfCheck(FileAround(bytes)), "NOT_A_MAP_ROOT");
  }
  // A map of another moment.
  story = PledgeStory();
  story.map_record = [](JournalRecord* r) { r->request[5] = static_cast<char>(r->request[5] ^ 1); };
  EXPECT_EQ(ReasonOf(story), "NOT_IN_MAP");
}

TEST(CertificateCheckTest, APledgeLeftOutOfTheListIsRefused) {
  // What a registry would show to a second bank: the same lot without the pledge of the first.
  EXPECT_EQ(ReasonOf(HoldingStory(), [](Certificate* c) {
              c->lots[0].statement.encumbrances.erase(c->lots[0].statement.encumbrances.begin());
            }),
            "NOT_IN_MAP");
  EXPECT_EQ(ReasonOf(HoldingStory(), [](Certificate* c) {
              c->lots[0].statement.encumbrances.pop_back();
              c->lots[0].openings.pop_back();
            }),
            "NOT_IN_MAP");
  EXPECT_EQ(ReasonOf(HoldingStory(), [](Certificate* c) { c->lots[0].statement.encumbrances[0].quantity -= 1; }), "NOT_IN_MAP");
  EXPECT_EQ(ReasonOf(HoldingStory(), [](Certificate* c) { c->lots[0].statement.quantity += 1; }), "NOT_IN_MAP");
}

TEST(CertificateCheckTest, TheStatementOfAnotherLotIsRefused) {
  EXPECT_EQ(ReasonOf(HoldingStory(), [](Certificate* c) { std::swap(c->lots[0].path, c->lots[1].path); }), "NOT_IN_MAP");
  EXPECT_EQ(ReasonOf(HoldingStory(), [](Certificate* c) { c->lots[1].path.pop_back(); }), "NOT_IN_MAP");
  EXPECT_EQ(ReasonOf(HoldingStory(), [](Certificate* c) { c->lots[1].path.resize(256); }), "NOT_IN_MAP");
  EXPECT_EQ(ReasonOf(HoldingStory(), [](Certificate* c) { c->lots[1].salt[0] ^= 1; }), "NOT_IN_MAP");
  // The statement under another lot's name: the title is of the lot that it was.
  Certificate certificate = Tell(PledgeStory());
  certificate.lots[0].statement.lot = 8;
  EXPECT_EQ(ReasonOfCheck(FileAround(EncodeCertificate(certificate))), "OPENING_MALFORMED");
}

TEST(CertificateCheckTest, OpeningsThatBelongToNothingAreRefused) {
  Certificate certificate = Tell(PledgeStory());
  certificate.lots[0].openings[1].bytes += "x";
  EXPECT_EQ(ReasonOfCheck(FileAround(EncodeCertificate(certificate))), "OPENING_UNKNOWN");
  certificate = Tell(PledgeStory());
  certificate.lots[0].openings.push_back(certificate.lots[0].openings[0]);
  EXPECT_EQ(ReasonOfCheck(FileAround(EncodeCertificate(certificate))), "OPENING_UNKNOWN");
}

TEST(CertificateCheckTest, ALotIsNotGivenTwice) {
  Story story = PledgeStory();
  story.lots[0].entries[0].quantity = 2'000'000;  // with the pledge exactly the lot
  EXPECT_EQ(ReasonOf(story), "");
  story.lots[0].entries[0].quantity += 1;
  EXPECT_EQ(ReasonOf(story), "LOT_OVERDRAWN");
  story.lots[0].entries[0].quantity = INT64_MAX;
  EXPECT_EQ(ReasonOf(story), "LOT_OVERDRAWN");
}

TEST(CertificateCheckTest, FactsAndLotsSayTheSame) {
  const auto reason = [](const Story& told, std::string_view name, std::string_view value) {
    Story story = told;
    SetFact(&story.facts, name, value);
    return ReasonOf(story);
  };
  for (const char* name : {"pledge", "pledgee", "pledgor", "state", "contract_number", "unified_registry_number", "subject", "lot", "quantity", "principal", "holder", "site", "instrument",
                           "valid_from", "valid_to"}) {
    EXPECT_EQ(reason(PledgeStory(), name, "something else"), "FACTS_CONTRADICT") << name;
  }
  for (const char* name : {"subject", "holder", "lot", "quantity", "instrument", "site", "valid_to"}) {
    EXPECT_EQ(reason(HoldingStory(), name, "something else"), "FACTS_CONTRADICT") << name;
  }
  EXPECT_EQ(reason(HoldingStory(), "subject", "lots/9"), "");
  EXPECT_EQ(reason(HoldingStory(), "pollutant", "SO2"), "");  // rests on the registry's word
  EXPECT_EQ(reason(PledgeStory(), "valid_to", "2030-12-31"), "");
  // Facts without which nothing is said.
  for (const char* name : {"pledge", "pledgee", "lot"}) {
    Story story = PledgeStory();
    std::erase_if(story.facts, [&](const Fact& fact) { return fact.name == name; });
    EXPECT_EQ(ReasonOf(story), "FACTS_CONTRADICT") << name;
  }
  Story story = HoldingStory();
  std::erase_if(story.facts, [](const Fact& fact) { return fact.name == "holder"; });
  EXPECT_EQ(ReasonOf(story), "FACTS_CONTRADICT");
}

TEST(CertificateCheckTest, QuantitiesAreComparedInAnyUnitOfMass) {
  const auto reason = [](std::string_view quantity) {
    Story story = PledgeStory();
    SetFact(&story.facts, "quantity", quantity);
    return ReasonOf(story);
  };
  for (const char* same : {"10,000 kg/a", "10000 kg/a", "10,000,000 g/a", "10 t/a", "10.000 t/a", "10,000", "10,000.0"}) EXPECT_EQ(reason(same), "") << same;
  for (const char* other : {"10,001 kg/a", "10,000 kg", "10,000 t/a", "10,000  kg/a", "10,00,0 kg/a", ",10,000 kg/a", "010,000 kg/a", "10,000. kg/a", "10,000.0000000001 kg/a", "-10,000 kg/a",
                            "10,000 ", "", " ", "kg/a", "10.0000000001 t/a", "99999999999999999999 g/a", "0.0000001 t/a", "10,000 short ton"}) {
    EXPECT_EQ(reason(other), "FACTS_CONTRADICT") << other;
  }
  // Of several lots: one for each, or their sum.
  Story story = HoldingStory();
  std::erase_if(story.facts, [](const Fact& fact) { return fact.name == "quantity"; });
  SetFact(&story.facts, "quantity", "12,000.3 kg/a");
  EXPECT_EQ(ReasonOf(story), "");
  SetFact(&story.facts, "quantity", "12,000 kg/a");
  EXPECT_EQ(ReasonOf(story), "FACTS_CONTRADICT");
  SetFact(&story.facts, "quantity", "12,000.3 kg/a");
  story.lots[1].title.unit = "t";
  EXPECT_EQ(ReasonOf(story), "FACTS_CONTRADICT");
}

TEST(CertificateCheckTest, ThePrincipalIsWrittenInOneWay) {
  for (const char* other : {"CNY 1,000,000", "CNY 1,000,000.0", "CNY 1,000,000.000", "CNY 1,000,000.01", "CNY  1,000,000.00", "CNY 1,000,000.00 fen", "1,000,000.00", "USD 1,000,000.00", ""}) {
    Story story = PledgeStory();
    SetFact(&story.facts, "principal", other);
    EXPECT_EQ(ReasonOf(story), "FACTS_CONTRADICT") << other;
  }
}

TEST(CertificateCheckTest, ThePledgeLiesOnEveryLotAndIsItsHolders) {
  Story story = PledgeStory();
  story.lots[0].entries[1].opened = false;
  EXPECT_EQ(ReasonOf(story), "FACTS_CONTRADICT");
  story = PledgeStory();
  story.lots[0].entries[1].kind = EncumbranceKind::kProvisionalPledge;  // applied for is not pledged
  EXPECT_EQ(ReasonOf(story), "FACTS_CONTRADICT");
  story = PledgeStory();
  story.lots[0].title.participant = "participants/2";  // who pledges is not who holds
  EXPECT_EQ(ReasonOf(story), "FACTS_CONTRADICT");
  story = PledgeStory();
  story.lots.push_back(story.lots[0]);  // a second lot, without the pledge
  story.lots[1].title.lot = 8;
  story.lots[1].entries.clear();
  story.facts.insert(story.facts.begin(), {{"lot", "lots/7"}});
  SetFact(&story.facts, "lot", "lots/7");
  story.facts.back() = {"lot", "lots/8"};
  EXPECT_EQ(ReasonOf(story), "FACTS_CONTRADICT");
}

// ---- The file of keys --------------------------------------------------------------------------------------------------------------------

TEST(TrustTest, ReadsLinesAndComments) {
  const Trust trust = TrustOf(TestTrustText() + "\r\n\t# indented\r\nrevoked " + TestWitnessKey(1).Verifier().Encode() + " 2026-02-01\r\n");
  ASSERT_EQ(trust.logs.size(), 1u);
  ASSERT_EQ(trust.witnesses.size(), 2u);
  EXPECT_EQ(trust.required, 2u);
  EXPECT_EQ(trust.witnesses[0].revoked_from_s, 1'769'904'000);
  EXPECT_TRUE(trust.witnesses[0].TrustedAt(1'769'903'999));
  EXPECT_FALSE(trust.witnesses[0].TrustedAt(1'769'904'000));
  EXPECT_FALSE(trust.witnesses[0].auditor);
  EXPECT_TRUE(trust.witnesses[1].auditor);
}

TEST(TrustTest, RefusesByLine) {
  const auto why = [](const std::string& text) { return std::string(ParseTrust(text).status().message()); };
  const std::string log = TestLogKey().Verifier().Encode(), witness = TestWitnessKey(1).Verifier().Encode();
  EXPECT_THAT(why(""), HasSubstr("at least one line"));
  EXPECT_THAT(why("\nlogs " + log), HasSubstr("line 2 is 'logs'; accepted: log, witness, auditor, revoked or require"));
  EXPECT_THAT(why("log"), HasSubstr("line 1 is '0 words after log'"));
  EXPECT_THAT(why("log " + log + " 2026-01-01"), HasSubstr("line 1 is '2 words after log'"));
  EXPECT_THAT(why("log x+y"), HasSubstr("line 1 is 'x+y'; accepted: a verifier key"));
  EXPECT_THAT(why("log " + witness), HasSubstr("a key of a log (type 1)"));
  EXPECT_THAT(why("witness " + log), HasSubstr("a key of a witness (type 4)"));
  EXPECT_THAT(why(LogLine() + LogLine()), HasSubstr("line 2 is '" + log));
  EXPECT_THAT(why(LogLine() + "witness " + witness + "\nauditor " + witness), HasSubstr("line 3 is '"));
  EXPECT_THAT(why(LogLine() + "revoked " + log + "\nrevoked " + log + " 2026-01-01"), HasSubstr("line 3"));
  EXPECT_THAT(why(LogLine() + "revoked " + log + " 2026-02-30"), HasSubstr("line 2 is '2026-02-30'; accepted: a date after"));
  EXPECT_THAT(why(LogLine() + "revoked " + log + " 1970-01-01"), HasSubstr("a date after"));
  EXPECT_THAT(why(LogLine() + "require 1"), HasSubstr("line 2 is '1'; accepted: at most 0"));
  EXPECT_THAT(why(LogLine() + WitnessLine(1) + "require 1\nrevoked " + witness), HasSubstr("line 3 is '1'; accepted: at most 0"));
  EXPECT_THAT(why(LogLine() + "require -1"), HasSubstr("line 2 is '-1'; accepted: a number of witnesses"));
  EXPECT_THAT(why(LogLine() + "require 99999"), HasSubstr("a number of witnesses"));
  EXPECT_THAT(why(LogLine() + "require 0\nrequire 0"), HasSubstr("line 3"));
  EXPECT_THAT(why(std::string(kTrustBytesMax + 1, '\n')), HasSubstr("bytes"));
}

// ---- In plain words ----------------------------------------------------------------------------------------------------------------------

std::string Explained(const Story& story, Language language, const Trust& trust = TestTrust()) {
  const absl::StatusOr<Verdict> verdict = CheckCertificate(FileOf(story), trust, TestOptions());
  EXPECT_TRUE(verdict.ok()) << verdict.status();
  return verdict.ok() ? Explain(*verdict, language) : "";
}

TEST(ExplainTest, APledgeAlone) {
  const std::string english = Explained(PledgeStory(), Language::kEnglish);
  for (const char* text : {"PROVED: certificates/12, Certificate of a pledge", "Pledgee: participants/91220101BANK000013", "As of 2026-01-05 16:00:01 +08:00 (sequence 7",
                           "lots/7: 12,000,000 g/a of jilin-discharge-rights/SO2/220100/POWER, held by participants/91220101MA0Y3T5K7X", "held by orders: 500,000 g/a",
                           "pledged: 10,000,000 g/a, pledges/12", "No other pledge, registered or applied for, and no freeze lies on this lot.", "Neither held nor pledged: 1,500,000 g/a",
                           "The witness witness.example/1 cosigned at 2026-01-05 16:00:03 +08:00", "The auditor witness.example/2 cosigned at", "What is NOT proved", "That nothing changed since",
                           "Prices and values", "is the holder or the pledgee"}) {
    EXPECT_THAT(english, HasSubstr(text));
  }
  EXPECT_THAT(english, Not(HasSubstr("No auditor cosigned")));
  EXPECT_THAT(english, Not(HasSubstr("No witness cosigned")));
  const std::string chinese = Explained(PledgeStory(), Language::kChinese);
  for (const char* text : {"核验通过：certificates/12，质押登记证明", "质权人：participants/91220101BANK000013", "除本质押外，该批次上不存在其他质押（包括尚未登记的质押申请），也不存在任何冻结。",
                           "审计人 witness.example/2 于 2026-01-05 16:00:04 +08:00 联署", "未证明的内容", "此后未发生变化"}) {
    EXPECT_THAT(chinese, HasSubstr(text));
  }
}

TEST(ExplainTest, WhatElseLiesOnALot) {
  Story story = PledgeStory();
  story.lots[0].entries = HoldingStory().lots[0].entries;
  const std::string english = Explained(story, Language::kEnglish);
  EXPECT_THAT(english, HasSubstr("NOTE: on this lot lie other pledges: 1, freezes: 1; all are listed above, and there are no others."));
  EXPECT_THAT(english, HasSubstr("pledge applied for, not registered: 1,000,000 g/a, its details are not disclosed here"));
  EXPECT_THAT(english, HasSubstr("frozen: 11,500,000 g/a, freezes/3, 长春市中级人民法院"));
  EXPECT_THAT(english, Not(HasSubstr("No other pledge")));
  EXPECT_THAT(Explained(story, Language::kChinese), HasSubstr("注意：除本质押外，该批次上还有其他质押 1 项、冻结 1 项，均已在上文列明，除此之外没有其他。"));
  const std::string holding = Explained(HoldingStory(), Language::kEnglish);
  EXPECT_THAT(holding, HasSubstr("NOTE: on this lot lie pledges: 2, freezes: 1"));
  EXPECT_THAT(holding, HasSubstr("Nothing lies on it: no pledge, no freeze, no hold."));
  EXPECT_THAT(Explained(HoldingStory(), Language::kChinese), HasSubstr("该批次上不存在任何质押、冻结或占用。"));
}

TEST(ExplainTest, WithoutAuditorAndWitness) {
  const Trust witness_only = TrustOf(LogLine() + WitnessLine(1));
  std::string english = Explained(PledgeStory(), Language::kEnglish, witness_only);
  EXPECT_THAT(english, HasSubstr("No auditor cosigned: that the map was built from the log."));
  EXPECT_THAT(english, Not(HasSubstr("No witness cosigned")));
  const Trust nobody = TrustOf(LogLine());
  english = Explained(PledgeStory(), Language::kEnglish, nobody);
  EXPECT_THAT(english, HasSubstr("No witness cosigned: that others were shown the same log"));
  const std::string chinese = Explained(PledgeStory(), Language::kChinese, nobody);
  EXPECT_THAT(chinese, HasSubstr("没有审计人联署：不能证明状态树系根据日志如实生成"));
  EXPECT_THAT(chinese, HasSubstr("没有任何见证人联署：不能证明日志运营方向他人出示的是同一份日志"));
  EXPECT_THAT(Explained(ReceiptStory(), Language::kEnglish, nobody), HasSubstr("The facts themselves: they rest on the registry's record."));
  EXPECT_THAT(Explained(ReceiptStory(), Language::kChinese, nobody), HasSubstr("证明事项本身只以登记机构的记录为据"));
}

TEST(ExplainTest, NothingInATextReachesTheTerminal) {
  Story story = ReceiptStory();
  SetFact(&story.facts, "subject", "\x1b[2Japplications/5");
  EXPECT_THAT(Explained(story, Language::kEnglish), HasSubstr("Subject: [U+001B][2Japplications/5"));
}

TEST(ExplainTest, RefusalsSayWhatWasFoundAndExpected) {
  Story story = PledgeStory();
  SetFact(&story.facts, "pledgee", "participants/2");
  const absl::Status refused = CheckCertificate(FileOf(story), TestTrust(), TestOptions()).status();
  EXPECT_EQ(ExplainRefusal(refused, Language::kEnglish),
            "REFUSED: the facts contradict what the lots say\n"
            "  code: FACTS_CONTRADICT\n"
            "  where: facts.pledgee\n"
            "  found: participants/2\n"
            "  expected: 'participants/91220101BANK000013', as lots/7 says of this pledge\n");
  EXPECT_THAT(ExplainRefusal(refused, Language::kChinese), HasSubstr("核验未通过：证明事项与批次状态相矛盾\n"));
}

}  // namespace
}  // namespace songhua::proofs
