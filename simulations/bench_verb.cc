#include <algorithm>
#include <filesystem>
#include <functional>
#include <utility>

#include "api/cli/command.h"
#include "api/cli/text.h"
#include "api/cli/verbs.h"
#include "simulations/auction_bench.h"
#include "simulations/bench_report.h"
#include "simulations/commit_bench.h"
#include "simulations/engine_bench.h"
#include "simulations/grpc_bench.h"
#include "simulations/ledger_bench.h"
#include "simulations/matcher_bench.h"
#include "simulations/permits_bench.h"
#include "simulations/pledges_bench.h"
#include "simulations/proofs_bench.h"

namespace songhua::api::cli {
namespace {

using simulations::BenchResult;
using Results = std::vector<BenchResult>;

struct BenchFlags {
  std::string directory;
  int scale = 1;
  bool quick = false;
};

// What a bench measures shrinks with --scale and --quick; the figures then say less about a full market.
constexpr int kQuickScale = 20;

struct Bench {
  std::string name;
  std::function<absl::StatusOr<Results>(const BenchFlags&)> run;
};

absl::StatusOr<Results> One(absl::StatusOr<BenchResult> result) {
  if (!result.ok()) return result.status();
  return Results{*std::move(result)};
}

absl::StatusOr<Results> RunMatcher(const BenchFlags& flags) {
  simulations::MatcherBenchOptions options;
  options.messages /= flags.scale;
  if (flags.quick) options.repeats = 1;
  return simulations::RunMatcherBench(options);
}

absl::StatusOr<Results> RunAuction(const BenchFlags& flags) {
  simulations::AuctionBenchOptions options;
  options.bids /= flags.scale;
  if (flags.quick) options.repeats = 1;
  return simulations::RunAuctionBench(options);
}

absl::StatusOr<Results> RunEngine(const BenchFlags& flags) {
  simulations::EngineBenchOptions options;
  options.directory = flags.directory;
  options.accounts /= flags.scale;
  options.commands /= flags.scale;
  if (flags.quick) options.rounds = 1;
  return One(simulations::RunEngineBench(options));
}

absl::StatusOr<Results> RunGrpc(const BenchFlags& flags) {
  simulations::GrpcBenchOptions options;
  options.directory = flags.directory;
  options.accounts /= flags.scale;
  options.commands /= flags.scale;
  if (flags.quick) options.rounds = 1;
  return One(simulations::RunGrpcBench(options));
}

absl::StatusOr<Results> RunCommit(const BenchFlags& flags) {
  simulations::CommitBenchOptions options;
  options.directory = flags.directory;
  if (flags.quick) options.commands /= kQuickScale;
  return One(simulations::RunCommitBench(options));
}

absl::StatusOr<Results> RunPermits(const BenchFlags& flags) {
  simulations::PermitsBenchOptions options;
  options.directory = flags.directory;
  options.permits /= flags.scale;
  options.cases /= flags.scale;
  options.reads /= flags.scale;
  options.orders /= flags.scale;
  return simulations::RunPermitsBench(options);
}

absl::StatusOr<Results> RunLedger(const BenchFlags& flags) {
  simulations::LedgerBenchOptions options;
  options.directory = flags.directory;
  options.enterprises /= flags.scale;
  options.sites /= flags.scale;
  options.transfers /= flags.scale;
  options.reads /= flags.scale;
  return simulations::RunLedgerBench(options);
}

absl::StatusOr<Results> RunPledges(const BenchFlags& flags) {
  simulations::PledgesBenchOptions options;
  options.directory = flags.directory;
  options.pledges /= flags.scale;
  options.packs /= flags.scale;
  options.orders /= flags.scale;
  if (flags.quick) options.nights = 1;
  return simulations::RunPledgesBench(options);
}

absl::StatusOr<Results> RunProofs(const BenchFlags& flags) {
  simulations::ProofsBenchOptions options;
  options.directory = flags.directory;
  options.accounts /= flags.scale;
  options.commands /= flags.scale;
  options.leaves /= flags.scale;
  options.certificates /= flags.scale;
  if (flags.quick) options.rounds = 1;
  return simulations::RunProofsBench(options);
}

const std::vector<Bench>& Benches() {
  static const auto* benches = new std::vector<Bench>{{"matcher", RunMatcher}, {"auction", RunAuction}, {"engine", RunEngine}, {"grpc", RunGrpc}, {"commit", RunCommit}, {"permits", RunPermits}, {"ledger", RunLedger}, {"pledges", RunPledges}, {"proofs", RunProofs}};
  return *benches;
}

std::vector<std::string> BenchNames() {
  std::vector<std::string> names;
  for (const Bench& bench : Benches()) names.push_back(bench.name);
  return names;
}

// --only engine and --only matcher/normal: the bench, or one of its results.
bool IsWanted(const std::string& only, const std::string& name) { return only.empty() || only == name || name.rfind(only + "/", 0) == 0; }
std::string BenchOf(const std::string& name) { return name.substr(0, name.find('/')); }

int Run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  std::string only = arguments.GetOr("only", "");
  if (!arguments.positionals.empty()) {
    if (!only.empty()) return BadUsage(invocation, absl::InvalidArgumentError("name the bench once: as an argument or with --only"));
    only = arguments.positionals.front();
  }
  const std::vector<std::string> names = BenchNames();
  if (!only.empty() && std::find(names.begin(), names.end(), BenchOf(only)) == names.end()) {
    return BadUsage(invocation, absl::InvalidArgumentError("there is no bench '" + only + "'; accepted: " + Join(names, ", ")));
  }
  BenchFlags flags;
  flags.quick = arguments.IsSet("quick");
  const auto scale = arguments.Integer("scale", flags.quick ? kQuickScale : 1, 1, 1'000);
  if (!scale.ok()) return BadUsage(invocation, scale.status());
  flags.scale = static_cast<int>(*scale);
  flags.directory = arguments.GetOr("dir", std::filesystem::temp_directory_path().string());

  const bool json = arguments.IsSet("json");
  std::ostream& progress = *invocation.io.err;
  const std::string machine = simulations::MachineLine(flags.directory);
  Results all;
  for (const Bench& bench : Benches()) {
    if (!only.empty() && bench.name != BenchOf(only)) continue;
    if (!json) progress << "measuring " << bench.name << " ..." << std::endl;
    auto results = bench.run(flags);
    if (!results.ok()) {
      progress << "songhua bench " << bench.name << ": " << results.status().message() << "\n";
      return kExitRefused;
    }
    for (BenchResult& result : *results) {
      if (IsWanted(only, result.name)) all.push_back(std::move(result));
    }
  }
  if (all.empty()) return BadUsage(invocation, absl::InvalidArgumentError("there is no figure '" + only + "'"));
  if (json) {
    *invocation.io.out << simulations::BenchJson(all) << "\n";
    return kExitOk;
  }
  *invocation.io.out << machine << "\n\n";
  simulations::PrintBenchTable(all, *invocation.io.out);
  return kExitOk;
}

}  // namespace

Verb BenchVerb() {
  Verb verb;
  verb.words = {"bench"};
  verb.group = "proof";
  verb.summary = "Measure the matcher, the clearing of auctions, the engine, the service, single commits, permits, the ledger, pledges and proofs, each beside its limit";
  verb.description =
      "Named workloads with fixed seeds. Each figure stands beside the limit that was measured in the same run, because on a shared machine only "
      "the ratio of the two says something.\n\n"
      "matcher: the order book alone, beside a book of multimaps (more is better). auction: 100,000 bids of a sealed auction cleared under each "
      "market's rules, beside one sort of the same bids. engine: the workload `day` in this process, every answer after "
      "its sync, with full risk, ledger and settlement, beside RocksDB alone syncing the same journal. grpc: the same through order streams on "
      "loopback, beside an echo service of the same messages. commit: one durable command at a time, beside one fdatasync of the same bytes (less "
      "is better). permits: a province's permits: by the import beside RocksDB alone, what they take in memory, point reads and pages of an officer's queue, a "
      "restart, and orders in the night in which all permits expire beside a quiet minute. ledger: a million accounts and ten million postings as they come in "
      "beside RocksDB alone, statements, holdings and lots of many serial blocks beside the rows they come from, a plan that allocates rights to 100,000 sites "
      "beside single grants, and the start with all that. pledges: 100,000 pledges, which a night revalues beside RocksDB alone syncing the same rows, packs of due "
      "diligence beside small commands of the same person, and orders while the night goes on beside a quiet minute. proofs: the engine with roots of the state map beside the engine without, lots hashed anew, and "
      "certificates of a log and map of ten million leaves, made and checked beside their signatures alone, with their size.\n\n"
      "The stores are made in --dir and removed again; it should lie on the disk that is to be measured.";
  verb.arguments = {{"BENCH", "matcher, auction, engine, grpc, commit, permits, ledger, pledges or proofs; all unless given. Also one figure, as matcher/normal", false}};
  verb.flags = {{"only", "NAME", "The same as BENCH"},
                {"quick", "", "A twentieth of the market and of the messages, measured once"},
                {"scale", "N", "Divides accounts, messages, permits, pledges and leaves by N; 1 unless given"},
                {"dir", "DIR", "Where the stores are made; the system's temporary directory unless given"},
                {"json", "", "One object for programs instead of a table"}};
  verb.examples = {{"bench", "everything"}, {"bench engine --quick", "one figure, in seconds"}, {"bench matcher --json", "for a program"}};
  verb.run = Run;
  return verb;
}

}  // namespace songhua::api::cli
