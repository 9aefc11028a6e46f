#include "tests/ledger/certificate_testing.h"

#include "absl/strings/escaping.h"
#include "ledger/check.h"
#include "ledger/codec.h"
#include "ledger/merkle_log.h"
#include "ledger/proofs/certificate_page.h"
#include "ledger/proofs/checkpoint.h"
#include "ledger/proofs/state_map.h"
#include "ledger/refusal.h"

namespace songhua::proofs {
namespace {

constexpr char kTestOrigin[] = "songhua/3f2166d0a8c14f1e";

Digest TestSeed(uint8_t number) { return Sha256Of("seed of a test", std::string(1, static_cast<char>(number))); }
Digest MapSecret() { return Sha256Of("secret of the map"); }

Opening Opened(std::string bytes) {
  const Digest salt = SaltOf(MapSecret(), bytes);
  return {salt, std::move(bytes)};
}

JournalRecord SomeRecord(uint64_t sequence, int64_t time_s, std::string_view method) {
  JournalRecord record;
  record.first_sequence = sequence;
  record.count = 1;
  record.time_us = time_s * 1'000'000;
  record.logic_version = 1;
  record.principal = "system";
  record.method = std::string(method);
  record.outcome = Sha256Of(EncodeValue(uint32_t{0}), EncodeValue(std::string()));
  return record;
}

// The log of a story: its records with their salts.
class StoryLog {
 public:
  void Add(const std::string& bytes) {
    const Digest salt = RecordSalt(Sha256Of("entropy"), records_.size());
    leaves_.push_back(RecordLeaf(salt, bytes));
    OpenedRecord record;
    record.bytes = bytes;
    record.salt = salt;
    record.index = records_.size();
    records_.push_back(std::move(record));
  }
  uint64_t next_sequence() const { return records_.size() + 1; }
  uint64_t size() const { return records_.size(); }
  Digest Root() const { return MerkleRoot(leaves_); }
  OpenedRecord Open(uint64_t index) const {
    OpenedRecord record = records_[index];
    const NodeReader nodes = NodesFromLeaves([this](uint64_t i) -> absl::StatusOr<Digest> { return leaves_[i]; });
    record.path = *InclusionProof(index, size(), nodes);
    return record;
  }

 private:
  std::vector<OpenedRecord> records_;
  std::vector<Digest> leaves_;
};

OpenedLot OpenStoryLot(const StoryLot& lot) {
  OpenedLot opened;
  opened.statement.lot = lot.title.lot;
  opened.statement.quantity = lot.quantity;
  opened.openings.push_back(Opened(EncodeValue(lot.title)));
  opened.statement.title = Commit(opened.openings[0]);
  for (const StoryEntry& entry : lot.entries) {
    Encumbrance e{entry.kind, entry.quantity, {}};
    if (HasDetail(entry.kind)) {
      const Opening detail = Opened(entry.pledge.has_value() ? EncodeValue(*entry.pledge) : EncodeValue(*entry.freeze));
      e.detail = Commit(detail);
      if (entry.opened) opened.openings.push_back(detail);
    }
    opened.statement.encumbrances.push_back(e);
  }
  opened.salt = SaltOf(MapSecret(), EncodeValue(opened.statement));
  return opened;
}

Title TestTitle(uint64_t lot) {
  Title title;
  title.lot = lot;
  title.account = "accounts/91220101MA0Y3T5K7X-1";
  title.participant = "participants/91220101MA0Y3T5K7X";
  title.site = "sites/9122010100000001";
  title.instrument = "jilin-discharge-rights/SO2/220100/POWER";
  title.unit = "g/a";
  title.sector_class = "D4411";
  title.valid_from = "2026-01-01";
  title.valid_to = "2030-12-31";
  title.paid = true;
  return title;
}

PledgeDetail TestPledge(uint64_t lot, std::string_view pledge) {
  PledgeDetail detail;
  detail.lot = lot;
  detail.pledge = std::string(pledge);
  detail.pledgor = "participants/91220101MA0Y3T5K7X";
  detail.pledgee = "participants/91220101BANK000013";
  detail.state = "ACTIVE";
  detail.since_us = (kIssueTime_s - 3600) * 1'000'000;
  detail.principal_fen = 100'000'000;
  detail.contract_number = "2026-质-0012";
  detail.unified_registry_number = "13200000001";
  return detail;
}

FreezeDetail TestFreeze(uint64_t lot) {
  FreezeDetail detail;
  detail.lot = lot;
  detail.freeze = "freezes/3";
  detail.court = "长春市中级人民法院";
  detail.case_number = "（2026）吉01执保3号";
  detail.first = "2026-01-04";
  detail.last = "2027-01-03";
  return detail;
}

}  // namespace

SignerKey TestLogKey(uint8_t number) { return {kTestOrigin, KeyType::kLog, TestSeed(number)}; }
SignerKey TestWitnessKey(uint8_t number) { return {"witness.example/" + std::to_string(number), KeyType::kWitness, TestSeed(static_cast<uint8_t>(100 + number))}; }

Story PledgeStory() {
  Story story;
  story.kind = CertificateKind::kPledge;
  story.facts = {{"subject", "pledges/12"},
                 {"pledge", "pledges/12"},
                 {"pledgor", "participants/91220101MA0Y3T5K7X"},
                 {"pledgor_name", "长春热电 & Co."},
                 {"pledgee", "participants/91220101BANK000013"},
                 {"state", "ACTIVE"},
                 {"principal", "CNY 1,000,000.00"},
                 {"contract_number", "2026-质-0012"},
                 {"unified_registry_number", "13200000001"},
                 {"lot", "lots/7"},
                 {"quantity", "10,000 kg/a"},
                 {"unit", "kg/a"}};
  StoryLot lot;
  lot.title = TestTitle(7);
  lot.quantity = 12'000'000;
  lot.entries = {{EncumbranceKind::kOrder, 500'000, {}, {}}, {EncumbranceKind::kPledge, 10'000'000, TestPledge(7, "pledges/12"), {}}};
  story.lots = {lot};
  return story;
}

Story HoldingStory() {
  Story story;
  story.kind = CertificateKind::kHolding;
  story.facts = {{"subject", "lots/7"}, {"holder", "participants/91220101MA0Y3T5K7X"}, {"lot", "lots/7"}, {"quantity", "12,000 kg/a"}, {"lot", "lots/9"}, {"quantity", "0.3 kg/a"},
                 {"instrument", "jilin-discharge-rights/SO2/220100/POWER"}};
  StoryLot first, second;
  first.title = TestTitle(7);
  first.quantity = 12'000'000;
  first.entries = {{EncumbranceKind::kProvisionalPledge, 1'000'000, TestPledge(7, "pledges/13"), {}, false},
                   {EncumbranceKind::kPledge, 10'000'000, TestPledge(7, "pledges/12"), {}},
                   {EncumbranceKind::kFreeze, 11'500'000, {}, TestFreeze(7)}};
  second.title = TestTitle(9);
  second.quantity = 300;
  story.lots = {first, second};
  return story;
}

Story ReceiptStory() {
  Story story;
  story.kind = CertificateKind::kReceipt;
  story.facts = {{"subject", "applications/5"}, {"decision", "ACCEPTED"}, {"decision_date", "2026-01-05"}};
  return story;
}

Certificate Tell(const Story& story) {
  Certificate certificate;
  certificate.kind = story.kind;
  certificate.number = story.number;
  certificate.facts = story.facts;

  StateMap map(&LotKey);
  for (uint64_t i = 0; i < story.lots_of_others; ++i) map.Set(1000 + i, Sha256Of("value of another", EncodeValue(i)));
  for (const StoryLot& lot : story.lots) {
    OpenedLot opened = OpenStoryLot(lot);
    map.Set(lot.title.lot, StatementValue(opened.statement, opened.salt));
    certificate.lots.push_back(std::move(opened));
  }
  MapRootRequest map_root;
  map_root.root = map.Root();
  map_root.lots = map.size();
  for (OpenedLot& lot : certificate.lots) lot.path = map.PathOf(lot.statement.lot);

  CertifiedEvent certified{story.kind, story.number, FactsDigest(story.facts)};
  if (story.certified) story.certified(&certified);
  const std::string payload = EncodeValue(certified);
  certificate.issue_events = EncodeValue(uint16_t{13}) + EncodeValue(std::string("clock")) + EncodeValue(kCertifiedEvent) + EncodeValue(payload);
  if (story.events) story.events(&certificate.issue_events);

  StoryLog log;
  uint64_t issue_index = 0, map_index = 0;
  const auto others = [&](uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) log.Add(EncodeRecord(SomeRecord(log.next_sequence(), story.issue_time_s, "songhua.v1.Exchange/SubmitOrders")));
  };
  const auto issue = [&] {
    JournalRecord record = SomeRecord(log.next_sequence(), story.issue_time_s, kIssueMethod);
    record.principal = "persons/1";
    record.outcome = Sha256Of(EncodeValue(record.status_code), EncodeValue(record.reason), certificate.issue_events);
    if (story.issue) story.issue(&record);
    issue_index = log.size();
    log.Add(EncodeRecord(record));
  };
  const auto commit_map = [&] {
    JournalRecord record = SomeRecord(log.next_sequence(), story.map_time_s, kMapRootMethod);
    record.request = EncodeValue(map_root);
    if (story.map_record) story.map_record(&record);
    map_index = log.size();
    log.Add(EncodeRecord(record));
  };
  others(story.records_before);
  story.map_before_issue ? commit_map() : issue();
  others(story.records_between);
  story.map_before_issue ? issue() : commit_map();
  others(story.records_after);
  certificate.issue = log.Open(issue_index);
  if (HasLots(story.kind)) certificate.map_record = log.Open(map_index);

  Checkpoint checkpoint;
  checkpoint.origin = kTestOrigin;
  checkpoint.size = log.size();
  checkpoint.root = log.Root();
  SignedNote note;
  note.text = checkpoint.Text();
  for (const SignerKey& key : story.logs) SignNote(key, &note);
  for (const auto& [key, time_s] : story.cosigned) note.signatures.push_back(Cosign(key, note.text, time_s));
  certificate.checkpoint = FormatNote(note);
  return certificate;
}

std::string FileOf(const Certificate& certificate) {
  absl::StatusOr<std::string> file = RenderCertificate(certificate);
  SONGHUA_CHECK(file.ok());
  return *std::move(file);
}

std::string FileAround(std::string_view machine_part) {
  constexpr std::string_view kEnd = "-----END";
  std::string file = FileOf(ReceiptStory());
  const size_t begin = file.find('\n', file.find("\n-----BEGIN") + 1) + 1;
  const std::string base64 = absl::Base64Escape(std::string(machine_part));
  std::string lines;
  for (size_t at = 0; at < base64.size(); at += 76) lines += base64.substr(at, 76) + "\n";
  return file.substr(0, begin) + lines + file.substr(file.find(kEnd, begin));
}

std::string WithDigest(std::string bytes) {
  bytes.resize(bytes.size() - sizeof(Digest));
  return bytes + std::string(AsBytes(Sha256Of(bytes)));
}

std::string TestTrustText() {
  return "# whom a bank trusts\nlog " + TestLogKey().Verifier().Encode() + "\nwitness " + TestWitnessKey(1).Verifier().Encode() + "  # of another province\nauditor " +
         TestWitnessKey(2).Verifier().Encode() + "\n\nrequire 2\n";
}

Trust TestTrust() {
  absl::StatusOr<Trust> trust = ParseTrust(TestTrustText());
  SONGHUA_CHECK(trust.ok());
  return *std::move(trust);
}

CheckOptions TestOptions() {
  CheckOptions options;
  options.now_s = kNow_s;
  return options;
}

std::string ReasonOfCheck(std::string_view file, const Trust& trust, const CheckOptions& options) {
  const absl::StatusOr<Verdict> verdict = CheckCertificate(file, trust, options);
  if (verdict.ok()) return "";
  const std::optional<RefusalDetail> detail = GetRefusal(verdict.status());
  // Each says what was found and what would be accepted.
  SONGHUA_CHECK(detail.has_value() && !detail->accepted.empty());
  return detail->reason;
}

void SetFact(Facts* facts, std::string_view name, std::string_view value) {
  for (Fact& fact : *facts) {
    if (fact.name != name) continue;
    fact.value = std::string(value);
    return;
  }
  facts->push_back({std::string(name), std::string(value)});
}

}  // namespace songhua::proofs
