#include "api/cli/verify_verb.h"

#include <chrono>

#include "api/verify.h"
#include "ledger/sha256.h"
#include "ledger/store.h"

namespace songhua::api::cli {
namespace {

int Run(const Invocation& invocation) {
  std::ostream& out = *invocation.io.out;
  StoreOptions options;
  options.path = *invocation.arguments.Get("data");
  auto store = Store::Open(options);
  if (!store.ok()) {
    *invocation.io.err << "songhua verify: " << store.status().message() << "\n";
    return kExitUnavailable;
  }
  const auto start = std::chrono::steady_clock::now();
  const auto report = Verify(store->get(), nullptr);
  if (!report.ok()) {
    *invocation.io.err << "songhua verify: NOT in order: " << report.status().message() << "\n";
    return kExitRefused;
  }
  const absl::Status documents = VerifyDocuments(options.path, *report);
  if (!documents.ok()) {
    *invocation.io.err << "songhua verify: NOT in order: " << documents.message() << "\n";
    return kExitRefused;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  out << "replayed    " << report->records << " records, " << report->commands << " commands, " << report->refusals << " refusals, in "
      << report->groups << " groups\n"
      << "compared    every outcome, the rows of every group, every leaf and root of the tree\n"
      << "stored      " << report->rows_compared << " rows as of sequence " << report->applied_sequence << ", all as the replay has them\n"
      << "invariants  hold\n"
      << "documents   " << report->documents.size() << " registered, each file there with its hash\n"
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
      "Opens a store that nobody serves, replays its journal in a fresh state machine, and compares every recorded outcome, the rows that "
      "each "
      "group changed, the tree over all records, and the stored state. Checks the invariants, and that the file of every registered document is there with its hash. Says what it did, or names the first "
      "sequence, group or "
      "row that is wrong.";
  verb.flags = {{"data", "DIR", "The store's directory", false, true}};
  verb.examples = {{"verify --data var/demo/store", "checks the demonstration's store after the service has stopped"}};
  verb.run = Run;
  return verb;
}

}  // namespace songhua::api::cli
