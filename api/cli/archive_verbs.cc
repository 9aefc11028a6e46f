#include "api/cli/archive_verbs.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "ledger/journal_archive.h"
#include "ledger/legal_time.h"
#include "ledger/refusal.h"
#include "ledger/sha256.h"
#include "ledger/store.h"

namespace songhua::api::cli {
namespace {

int Refused(const Invocation& invocation, const absl::Status& status) {
  *invocation.io.err << "songhua " << invocation.verb->name() << ": " << status.message() << "\n";
  const bool disk = absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
  return disk ? kExitUnavailable : kExitRefused;
}

// The last sequence that is asked for: by number, by day, or all that may go.
absl::StatusOr<uint64_t> Through(const Arguments& arguments, Store* store) {
  if (const std::string* day = arguments.Get("before"); day != nullptr) {
    SONGHUA_ASSIGN_OR_RETURN(const Date date, ParseDate(*day));
    return LastSequenceBefore(store, StartOfDay(date).value());
  }
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  SONGHUA_ASSIGN_OR_RETURN(const int64_t through, arguments.Integer("through", kMost, 1, kMost));
  return static_cast<uint64_t>(through);
}

void Describe(const ArchiveSummary& summary, const std::string& path, std::ostream& out) {
  out << "archive     " << path << ", " << summary.bytes << " bytes\n"
      << "sequences   " << summary.first_sequence << " to " << summary.last_sequence << ": " << summary.records << " records in " << summary.groups
      << " groups\n"
      << "tree root   " << ToHex(summary.tree_root) << "\n"
      << "sha256      " << ToHex(summary.sha256) << "\n";
}

int Archive(const Invocation& invocation) {
  if (invocation.arguments.Has("before") && invocation.arguments.Has("through")) {
    return BadUsage(invocation, absl::InvalidArgumentError("--before and --through both say where to stop: give one"));
  }
  StoreOptions options;
  options.path = *invocation.arguments.Get("data");
  const auto store = Store::Open(options);
  if (!store.ok()) return Refused(invocation, store.status());
  const auto through = Through(invocation.arguments, store->get());
  if (!through.ok()) return BadUsage(invocation, through.status());
  const std::string path = *invocation.arguments.Get("to");
  const bool keep = invocation.arguments.IsSet("keep");
  const auto summary = ArchiveJournal(store->get(), *through, keep, path);
  if (!summary.ok()) return Refused(invocation, summary.status());
  Describe(*summary, path, *invocation.io.out);
  *invocation.io.out << (keep ? "The journal keeps them too.\n"
                              : "They are no longer in the journal. Keep the file with its SHA-256 for as long as the law asks (GEN-08), in two places: "
                                "`songhua verify`\nneeds it, and so does a store that loses its state.\n");
  return kExitOk;
}

int Restore(const Invocation& invocation) {
  StoreOptions options;
  options.path = *invocation.arguments.Get("data");
  const std::string path = *invocation.arguments.Get("archive");
  const auto summary = RestoreArchive(options, path);
  if (!summary.ok()) return Refused(invocation, summary.status());
  Describe(*summary, path, *invocation.io.out);
  *invocation.io.out << "They are in the journal again. The file was left as it is.\n";
  return kExitOk;
}

}  // namespace

Verb ArchiveVerb() {
  Verb verb;
  verb.words = {"archive"};
  verb.group = "proof";
  verb.summary = "Move the older part of a store's journal to a file, which stays provable";
  verb.description =
      "Opens a store that nobody serves, and writes the journal's oldest groups, byte for byte, to a new file. The file is synced, read back and held "
      "against the journal's own tree before the journal lets go of them. Nothing that the service answers changes, but that an order is no longer "
      "found by its number alone once its record was archived.\n\n"
      "Archives that follow one another, and the store, are the whole journal again: `songhua verify --data DIR --archive FILE --archive FILE` replays "
      "them from the first record, and `songhua verify --archive FILE ...` replays archives without the store.";
  verb.flags = {{"data", "DIR", "The store's directory", false, true},
                {"to", "FILE", "The file to write; it must not exist", false, true},
                {"before", "DATE", "Archive what was decided before this day (Beijing time), 2026-01-31; otherwise all but the last group"},
                {"through", "SEQUENCE", "Archive up to this sequence, or to the end of the last group before it"},
                {"keep", "", "Leave the journal as it is: for an auditor's copy"}};
  verb.examples = {{"archive --data var/demo/store --to 2025.archive --before 2026-01-01", "moves the journal of 2025 to a file"},
                   {"archive --data var/demo/store --to copy.archive --keep", "writes an auditor's copy"}};
  verb.run = Archive;
  return verb;
}

Verb RestoreVerb() {
  Verb verb;
  verb.words = {"restore"};
  verb.group = "proof";
  verb.summary = "Bring an archive back into its store's journal";
  verb.description =
      "Puts the records of an archive back into the journal they came from, the newest archive first. For a store whose state is gone, which must replay "
      "its whole journal. Every record is held against the tree that the store kept.";
  verb.flags = {{"data", "DIR", "The store's directory", false, true}, {"archive", "FILE", "The archive that was taken last", false, true}};
  verb.examples = {{"restore --data var/demo/store --archive 2025.archive", "brings the journal of 2025 back"}};
  verb.run = Restore;
  return verb;
}

}  // namespace songhua::api::cli
