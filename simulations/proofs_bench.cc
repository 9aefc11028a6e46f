#include "simulations/proofs_bench.h"

#include <algorithm>
#include <utility>

#include "ledger/check.h"
#include "ledger/codec.h"
#include "ledger/command.h"
#include "ledger/journal_record.h"
#include "ledger/merkle_log.h"
#include "ledger/proofs/certificate.h"
#include "ledger/proofs/certificate_check.h"
#include "ledger/proofs/certificate_page.h"
#include "ledger/proofs/checkpoint.h"
#include "ledger/proofs/signed_note.h"
#include "ledger/proofs/state_map.h"
#include "ledger/refusal.h"
#include "simulations/engine_bench.h"
#include "simulations/latencies.h"

namespace songhua::simulations {
namespace {

constexpr int64_t kTimeSeconds = 1'767'600'000;
constexpr size_t kRoundCommands = 150'000;  // about a second of the workload here

double EachSecond(double count, int64_t ns) { return count * 1e9 / static_cast<double>(ns); }

// A log of many leaves, with every eighth level kept, as stores keep it.
class SimulatedLog {
 public:
  explicit SimulatedLog(uint64_t size) : levels_(kLevels) { levels_[0].reserve(size); }

  void Append(const Digest& leaf) {
    std::vector<MerkleNode> completed;
    frontier_.Append(leaf, &completed);
    levels_[0].push_back(leaf);
    for (const MerkleNode& node : completed) levels_[node.level / kStoredLevelStep].push_back(node.hash);
  }
  uint64_t size() const { return frontier_.size(); }
  Digest Root() const { return frontier_.Root(); }
  NodeReader Nodes() const {
    return NodesFromStored([this](uint32_t level, uint64_t index) -> absl::StatusOr<Digest> { return levels_[level / kStoredLevelStep][index]; });
  }

 private:
  static constexpr size_t kLevels = 8;
  MerkleFrontier frontier_;
  std::vector<std::vector<Digest>> levels_;
};

// A registry with one lot that is looked at and millions that are not.
class SimulatedRegistry {
 public:
  SimulatedRegistry(uint64_t leaves, const Digest& secret) : leaves_(leaves), secret_(secret), log_(leaves + 2), map_(&proofs::LotKey) {
    key_.name = proofs::LogOrigin("bench");
    key_.seed = Sha256Of("log");
    witness_.name = "audit.example/bench";
    witness_.type = proofs::KeyType::kWitness;
    witness_.seed = Sha256Of("witness");
  }

  absl::Status Build() {
    for (uint64_t lot = 1; lot <= leaves_; ++lot) map_.Set(lot, Sha256Of(EncodeKey(lot)));
    certificate_ = Pledge();
    map_.Set(kLot, proofs::Commit(certificate_.lots[0].salt, EncodeValue(certificate_.lots[0].statement)));
    // Its records stand in the middle of the log, as those of a certificate that is cosigned later do.
    for (uint64_t i = 0; i < leaves_ / 2; ++i) log_.Append(Sha256Of(EncodeKey(i)));
    certificate_.issue = Append(IssueRecord());
    const proofs::MapRootRequest root{1, map_.Root(), map_.size()};
    certificate_.map_record = Append(Record(proofs::kMapRootMethod, EncodeValue(root), leaves_ + 2, ""));
    for (uint64_t i = leaves_ / 2; i < leaves_; ++i) log_.Append(Sha256Of(EncodeKey(i)));
    return absl::OkStatus();
  }

  // All of a certificate that depends on the trees and keys is made anew.
  absl::StatusOr<std::string> MakeCertificate() {
    proofs::Certificate certificate = certificate_;
    SONGHUA_ASSIGN_OR_RETURN(certificate.issue.path, InclusionProof(certificate.issue.index, log_.size(), log_.Nodes()));
    SONGHUA_ASSIGN_OR_RETURN(certificate.map_record.path, InclusionProof(certificate.map_record.index, log_.size(), log_.Nodes()));
    certificate.lots[0].path = map_.PathOf(kLot);
    proofs::SignedNote note{proofs::Checkpoint{key_.name, log_.size(), log_.Root(), ""}.Text(), {}};
    proofs::SignNote(key_, &note);
    note.signatures.push_back(proofs::Cosign(witness_, note.text, kTimeSeconds + 2));
    certificate.checkpoint = proofs::FormatNote(note);
    machine_part_bytes = proofs::EncodeCertificate(certificate).size();
    log_depth = certificate.issue.path.size();
    map_depth = certificate.lots[0].path.size();
    return proofs::RenderCertificate(certificate);
  }

  proofs::Trust Trusted() const {
    proofs::Trust trust;
    trust.logs.push_back({key_.Verifier()});
    trust.witnesses.push_back({witness_.Verifier(), /*auditor=*/true});
    trust.required = 1;
    return trust;
  }
  const proofs::SignerKey& key() const { return key_; }
  proofs::StateMap& map() { return map_; }

  size_t machine_part_bytes = 0, log_depth = 0, map_depth = 0;  // of the last certificate

 private:
  static constexpr uint64_t kLot = 7;

  proofs::Opening Open(std::string bytes) const {
    const Digest salt = proofs::SaltOf(secret_, bytes);
    return {salt, std::move(bytes)};
  }

  proofs::Certificate Pledge() const {
    proofs::Title title;
    title.lot = kLot;
    title.account = "accounts/91220101MA0Y3T5K7X001.rights";
    title.participant = "participants/91220101MA0Y3T5K7X";
    title.site = "sites/91220101MA0Y3T5K7X001";
    title.instrument = "jilin-discharge-rights/SO2/220100/POWER";
    title.unit = "g/a";
    title.valid_from = "2026-01-05";
    title.valid_to = "2030-12-31";
    proofs::PledgeDetail detail;
    detail.lot = kLot;
    detail.pledge = "pledges/12";
    detail.pledgor = title.participant;
    detail.pledgee = "participants/bank-changchun";
    detail.state = "ACTIVE";
    detail.since_us = kTimeSeconds * 1'000'000;
    detail.principal_fen = 50'000'000;
    detail.contract_number = "JL-2026-1";
    const proofs::Opening of_title = Open(EncodeValue(title)), of_pledge = Open(EncodeValue(detail));
    proofs::OpenedLot lot;
    lot.statement.lot = kLot;
    lot.statement.quantity = 200'000'000;
    lot.statement.title = proofs::Commit(of_title);
    lot.statement.encumbrances = {{proofs::EncumbranceKind::kOrder, 1'000'000, {}}, {proofs::EncumbranceKind::kPledge, 40'000'000, proofs::Commit(of_pledge)}};
    lot.salt = proofs::SaltOf(secret_, EncodeValue(lot.statement));
    lot.openings = {of_title, of_pledge};
    proofs::Certificate certificate;
    certificate.kind = proofs::CertificateKind::kPledge;
    certificate.number = 1;
    certificate.facts = {{"subject", detail.pledge},        {"pledge", detail.pledge},   {"state", detail.state},
                         {"pledgor", detail.pledgor},       {"pledgee", detail.pledgee}, {"principal", "CNY 500,000.00"},
                         {"contract_number", "JL-2026-1"},  {"lot", "lots/7"},           {"instrument", title.instrument},
                         {"quantity", "40,000,000 g/a"},    {"valid_from", title.valid_from}, {"valid_to", title.valid_to}};
    certificate.lots = {lot};
    EventLog events;
    events.Emit(EventType::kCertified, proofs::CertifiedEvent{certificate.kind, certificate.number, proofs::FactsDigest(certificate.facts)});
    certificate.issue_events = events.Take();
    return certificate;
  }

  static JournalRecord Record(std::string_view method, std::string request, uint64_t sequence, std::string_view events) {
    JournalRecord record;
    record.first_sequence = sequence;
    record.count = 1;
    record.time_us = kTimeSeconds * 1'000'000;
    record.logic_version = 1;
    record.principal = "bank-officer";
    record.method = std::string(method);
    record.request = std::move(request);
    std::string head;
    Encoder encoder(&head);
    encoder(record.status_code, record.reason);
    record.outcome = Sha256Of(head, events);
    return record;
  }
  JournalRecord IssueRecord() const { return Record(proofs::kIssueMethod, "", leaves_ + 1, certificate_.issue_events); }

  proofs::OpenedRecord Append(const JournalRecord& record) {
    proofs::OpenedRecord opened;
    opened.bytes = EncodeRecord(record);
    opened.salt = RecordSalt(secret_, log_.size());
    opened.index = log_.size();
    log_.Append(RecordLeaf(opened.salt, opened.bytes));
    return opened;
  }

  const uint64_t leaves_;
  const Digest secret_;
  SimulatedLog log_;
  proofs::StateMap map_;
  proofs::SignerKey key_, witness_;
  proofs::Certificate certificate_;
};

class ProofsBench {
 public:
  explicit ProofsBench(const ProofsBenchOptions& options) : options_(options), registry_(options.leaves, Sha256Of("secret")) {}

  absl::StatusOr<std::vector<BenchResult>> Run() {
    SONGHUA_RETURN_IF_ERROR(Engine());
    SONGHUA_RETURN_IF_ERROR(registry_.Build());
    Map();
    SONGHUA_RETURN_IF_ERROR(Certificates());
    return std::move(results_);
  }

 private:
  void Add(BenchResult result) {
    result.ratio = result.limit == 0 ? 0 : result.value / result.limit;
    results_.push_back(std::move(result));
  }

  absl::Status Engine() {
    EngineBenchOptions of_engine;
    of_engine.directory = options_.directory;
    of_engine.accounts = options_.accounts;
    of_engine.contracts = options_.contracts;
    of_engine.commands = std::min<size_t>(options_.commands, kRoundCommands);
    of_engine.rounds = std::max(1, static_cast<int>(options_.commands / of_engine.commands));
    double with_s = 0, without_s = 0;
    for (int i = 0; i < options_.rounds; ++i) {
      SONGHUA_ASSIGN_OR_RETURN(const double without, MeasureDayRounds(of_engine, false));
      SONGHUA_ASSIGN_OR_RETURN(const double with, MeasureDayRounds(of_engine, true));
      without_s += 1 / without;
      with_s += 1 / with;
    }
    BenchResult result{.name = "proofs/engine", .unit = "commands/s"};
    result.value = options_.rounds / with_s;
    result.limit = options_.rounds / without_s;
    result.note = std::to_string(options_.accounts) + " accounts; the map's root, the proof of a certificate and their syncs after every " +
                  std::to_string(of_engine.commands) + " commands, each answer compared; beside the same without";
    Add(std::move(result));
    return absl::OkStatus();
  }

  void Map() {
    const uint64_t changes = std::max<uint64_t>(1, options_.leaves / 100);
    const int64_t start = SteadyNanos();
    for (uint64_t i = 0; i < changes; ++i) registry_.map().Set(8 + i * 97 % (options_.leaves - 8), Sha256Of(EncodeKey(i)));
    (void)registry_.map().Root();
    const int64_t hashed = SteadyNanos();
    Digest leaf{};
    for (uint64_t i = 0; i < changes; ++i) leaf = proofs::MapLeafHash(leaf, leaf);
    const int64_t ended = SteadyNanos();
    // What was changed here is put back: the log holds the root of before.
    for (uint64_t i = 0; i < changes; ++i) {
      const uint64_t lot = 8 + i * 97 % (options_.leaves - 8);
      registry_.map().Set(lot, Sha256Of(EncodeKey(lot)));
    }
    (void)registry_.map().Root();
    BenchResult result{.name = "proofs/map", .unit = "lots/s"};
    result.value = EachSecond(static_cast<double>(changes), hashed - start);
    result.limit = EachSecond(static_cast<double>(changes), ended - hashed);
    result.note = std::to_string(changes) + " lots of " + std::to_string(options_.leaves) + " changed, and one root; beside the same number of leaves hashed alone";
    Add(std::move(result));
  }

  absl::Status Certificates() {
    const std::string message = "a message as long as a checkpoint's text, which is a name, a number and a root in base64: 1234567890";
    std::string file;
    const int64_t start = SteadyNanos();
    for (int i = 0; i < options_.certificates; ++i) {
      SONGHUA_ASSIGN_OR_RETURN(file, registry_.MakeCertificate());
    }
    const int64_t made = SteadyNanos();
    proofs::Ed25519Signature signature{};
    for (int i = 0; i < 2 * options_.certificates; ++i) signature = proofs::Ed25519Sign(registry_.key().seed, message);
    const int64_t is_signed = SteadyNanos();
    const proofs::Trust trust = registry_.Trusted();
    proofs::CheckOptions options;
    options.now_s = kTimeSeconds + 3'600;
    for (int i = 0; i < options_.certificates; ++i) {
      if (const auto verdict = proofs::CheckCertificate(file, trust, options); !verdict.ok()) {
        return absl::InternalError("a certificate of the bench does not verify: " + std::string(verdict.status().message()));
      }
    }
    const int64_t checked = SteadyNanos();
    const Digest public_key = registry_.key().Verifier().public_key;
    const std::string_view bytes(reinterpret_cast<const char*>(signature.data()), signature.size());
    bool verified = true;
    for (int i = 0; i < 2 * options_.certificates; ++i) verified = proofs::Ed25519Verify(public_key, message, bytes) && verified;
    SONGHUA_CHECK(verified);
    const int64_t ended = SteadyNanos();
    const double count = options_.certificates;
    const std::string of = "of a log of " + std::to_string(options_.leaves) + " records and a map of as many lots";
    Add({.name = "proofs/make", .value = EachSecond(count, made - start), .unit = "certificates/s", .limit = EachSecond(count, is_signed - made),
         .note = "pledge certificates " + of + ", each with two paths in the log, one in the map, two signatures and its page; beside the two signatures alone"});
    Add({.name = "proofs/check", .value = EachSecond(count, checked - is_signed), .unit = "certificates/s", .limit = EachSecond(count, ended - checked),
         .note = "the same, checked from the file; beside two signatures verified alone"});
    Add({.name = "proofs/size", .value = static_cast<double>(file.size()), .unit = "bytes", .limit = static_cast<double>(registry_.machine_part_bytes),
         .note = "a pledge certificate's file, " + of + ", beside its machine part: paths of " + std::to_string(registry_.log_depth) + " hashes in the log and " +
                 std::to_string(registry_.map_depth) + " in the map; less is better"});
    return absl::OkStatus();
  }

  const ProofsBenchOptions options_;
  SimulatedRegistry registry_;
  std::vector<BenchResult> results_;
};

}  // namespace

absl::StatusOr<std::vector<BenchResult>> RunProofsBench(const ProofsBenchOptions& options) { return ProofsBench(options).Run(); }

}  // namespace songhua::simulations
