#include "api/cli/verify_verb.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "api/verify.h"
#include "ledger/sha256.h"
#include "ledger/store.h"

namespace songhua::api::cli {
namespace {

int NotInOrder(const Invocation& invocation, const absl::Status& status) {
  *invocation.io.err << "songhua verify: NOT in order: " << status.message() << "\n";
  return kExitRefused;
}

int Run(const Invocation& invocation) {
  std::ostream& out = *invocation.io.out;
  VerifySource source;
  source.archives = invocation.arguments.All("archive");
  const std::string* data = invocation.arguments.Get("data");
  if (data == nullptr && source.archives.empty()) {
    return BadUsage(invocation, absl::InvalidArgumentError("give --data DIR, or --archive FILE, or both"));
  }
  std::unique_ptr<Store> store;
  if (data != nullptr) {
    StoreOptions options;
    options.path = *data;
    auto opened = Store::Open(options);
    if (!opened.ok()) {
      *invocation.io.err << "songhua verify: " << opened.status().message() << "\n";
      return kExitUnavailable;
    }
    store = *std::move(opened);
    source.store = store.get();
  }
  const auto start = std::chrono::steady_clock::now();
  const auto report = Verify(source, nullptr);
  if (absl::IsDataLoss(report.status())) return NotInOrder(invocation, report.status());
  if (!report.ok()) {
    *invocation.io.err << "songhua verify: " << report.status().message() << "\n";
    return kExitRefused;
  }
  if (store != nullptr) {
    const absl::Status documents = VerifyDocuments(*data, *report);
    if (!documents.ok()) return NotInOrder(invocation, documents);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  out << "replayed    " << report->records << " records, " << report->commands << " commands, " << report->refusals << " refusals, in "
      << report->groups << " groups\n"
      << "compared    every outcome, the rows of every group, every leaf and root of the tree, " << report->map_roots << " roots of the state map\n";
  if (report->archives > 0) out << "archives    " << report->archives << " read, of the store " << report->store_id << "\n";
  if (store != nullptr) {
    out << "stored      " << report->rows_compared << " rows as of sequence " << report->applied_sequence << ", all as the replay has them\n";
  }
  out << "invariants  hold\n"
      << "documents   " << report->documents.size() << " registered" << (store != nullptr ? ", each file there with its hash" : "") << "\n"
      << "tree root   " << ToHex(report->tree_root) << "\n"
      << "state       " << ToHex(report->state) << "\n"
      << "took        " << static_cast<int64_t>(seconds * 1000) << " ms";
  if (seconds > 0) out << ", " << static_cast<int64_t>(static_cast<double>(report->commands) / seconds) << " commands/s";
  out << "\nIn order up to sequence " << report->last_sequence << ".\n";
  return kExitOk;
}

}  // namespace

Verb VerifyVerb() {
  Verb verb;
  verb.words = {"verify"};
  verb.group = "proof";
  verb.summary = "Replay a store's journal from its first record and compare everything";
  verb.description =
      "Opens a store that nobody serves, replays its journal in a fresh state machine, and compares every recorded outcome, the rows that each group "
      "changed, the tree over all records, and the stored state. Checks the invariants, and that the file of every registered document is there with its "
      "hash. Says what it did, or names the first sequence, group or row that is wrong.\n\n"
      "What was archived is read from its archives, given in any order. Archives from the first one on can be verified without the store.";
  verb.flags = {{"data", "DIR", "The store's directory"}, {"archive", "FILE", "An archive of its journal", true}};
  verb.examples = {{"verify --data var/demo/store", "checks the demonstration's store after the service has stopped"},
                   {"verify --data var/demo/store --archive 2025.archive", "the same, where the journal of 2025 was archived"}};
  verb.run = Run;
  return verb;
}

}  // namespace songhua::api::cli
