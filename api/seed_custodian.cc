#include "api/seed_custodian.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

constexpr mode_t kSeedFileMode = 0600;
constexpr std::string_view kSeedFileHead = "songhua call seeds 1";
constexpr std::string_view kSeedFileDigest = "sha256 ";
constexpr std::chrono::seconds kSeedFileRetry(1);

Digest DrawFromSystem() {
  Digest seed;
  SONGHUA_CHECK(RAND_bytes(seed.data(), static_cast<int>(seed.size())) == 1);
  return seed;
}

void Warn(const std::string& text) {
  std::fprintf(stderr, "songhua: %s\n", text.c_str());
  std::fflush(stderr);
}

absl::Status FileError(const std::string& doing) { return absl::UnavailableError(doing + ": " + std::strerror(errno)); }

absl::Status SyncEntries(const std::string& directory) {
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return FileError("opening " + directory);
  const bool synced = ::fsync(file) == 0;
  const absl::Status status = synced ? absl::OkStatus() : FileError("syncing " + directory);
  ::close(file);
  return status;
}

absl::Status WriteSynced(const std::string& path, std::string_view bytes) {
  ::unlink(path.c_str());  // of a write that was cut short
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kSeedFileMode);
  if (file < 0) return FileError("making " + path);
  absl::Status status;
  while (!bytes.empty() && status.ok()) {
    const ssize_t done = ::write(file, bytes.data(), bytes.size());
    if (done >= 0) {
      bytes.remove_prefix(static_cast<size_t>(done));
    } else if (errno != EINTR) {
      status = FileError("writing " + path);
    }
  }
  if (status.ok() && ::fsync(file) != 0) status = FileError("syncing " + path);
  ::close(file);
  return status;
}

std::string NameOf(const Custody& item) {
  return item.kind == Custody::Kind::kCall ? "the call auction of " + ledger::MakeName("contracts", item.name) : item.name;
}

}  // namespace

SeedCustodian::SeedCustodian(const std::string& store_path, std::function<Digest()> draw)
    : directory_(store_path), path_(store_path + "/call_seeds"), draw_(draw ? std::move(draw) : DrawFromSystem) {}

void SeedCustodian::Load(const StateMachine& machine) {
  told_ = machine.state().exchange.voided_calls().size();
  std::ifstream in(path_, std::ios::binary);
  std::string text, line;
  bool whole = false, good = true;
  while (in && std::getline(in, line)) {
    if (line.starts_with(kSeedFileDigest)) {
      whole = line.substr(kSeedFileDigest.size()) == ToHex(Sha256Of(text));
      break;
    }
    if (text.empty()) {
      good = line == kSeedFileHead;
    } else {
      std::istringstream words(line);
      std::string hex, name, date;
      words >> hex >> name >> date;
      const auto seed = FromHex(hex);
      const auto day = ParseDate(date, "date");
      good = good && seed.ok() && day.ok();
      if (good) seeds_[exchange::SealOf(*seed)] = {.seed = *seed, .name = name, .date = *day};
    }
    text += line + "\n";
  }
  if (!whole || !good) {
    if (!text.empty()) Warn(path_ + " is damaged: the seeds in it are lost");
    seeds_.clear();
  }
  struct stat stat;
  if (!seeds_.empty() && ::stat(path_.c_str(), &stat) == 0 && (stat.st_mode & 077) != 0) Warn(path_ + " may be read by others than the service's user");
  for (const Custody& item : machine.state().InCustody(true)) {
    if (item.awaits_seal || item.seal == Digest{} || seeds_.contains(item.seal)) continue;
    Warn("the seed of " + NameOf(item) + " is not in " + path_ + ": it becomes void at " + FormatTimestamp(item.void_time));
  }
}

absl::Status SeedCustodian::Write() const {
  if (seeds_.empty()) {
    if (::unlink(path_.c_str()) != 0 && errno != ENOENT) return FileError("removing " + path_);
    return SyncEntries(directory_);
  }
  std::string text = std::string(kSeedFileHead) + "\n";
  for (const auto& [seal, kept] : seeds_) text += ToHex(kept.seed) + " " + kept.name + " " + FormatDate(kept.date) + "\n";
  text += std::string(kSeedFileDigest) + ToHex(Sha256Of(text)) + "\n";
  SONGHUA_RETURN_IF_ERROR(WriteSynced(path_ + ".new", text));
  if (::rename((path_ + ".new").c_str(), path_.c_str()) != 0) return FileError("renaming " + path_ + ".new");
  return SyncEntries(directory_);
}

std::optional<Timestamp> SeedCustodian::DueOf(const Custody& item) const {
  if (item.awaits_seal || item.halted) return std::nullopt;
  const auto kept = seeds_.find(item.seal);
  if (kept == seeds_.end()) return std::nullopt;
  return exchange::DrawEnd(kept->second.seed, item.name, item.date, item.end, item.random_end_s);
}

std::optional<Timestamp> SeedCustodian::NextDue(const StateMachine& machine) const {
  std::optional<Timestamp> next;
  if (machine.state().CustodyCount() == 0) return next;
  for (const Custody& item : machine.state().InCustody(false)) {
    const auto due = DueOf(item);
    if (due.has_value() && (!next.has_value() || *due < *next)) next = due;
  }
  return next;
}

bool SeedCustodian::Act(StateMachine* machine, Timestamp clock, JournalGroup* group) {
  bool acted = false;
  while (machine->state().CustodyCount() > 0) {
    // An auction that a reveal extends awaits a seal again.
    const bool sealed = Seal(machine, group);
    const bool revealed = Reveal(machine, machine->TimeOf(clock), group);
    if (!sealed && !revealed) break;
    acted = true;
  }
  TellOfVoidCalls(*machine);
  return acted;
}

void SeedCustodian::TellOfVoidCalls(const StateMachine& machine) {
  const exchange::Exchange& exchange = machine.state().exchange;
  for (; told_ < exchange.voided_calls().size(); ++told_) {
    const exchange::ContractRow& contract = *exchange.FindContract(exchange.voided_calls()[told_]);
    Warn("the call auction of " + ledger::MakeName("contracts", contract.code) + " of " + FormatDate(contract.call_void.date) + " is void since " +
         FormatTimestamp(contract.call_void.time) + ", " + contract.call_void.reason + ": its orders are cancelled, somebody should look at why");
  }
}

// One write for all that await a seal.
bool SeedCustodian::Seal(StateMachine* machine, JournalGroup* group) {
  std::vector<CustodianCommand> seals;
  for (const Custody& item : machine->state().InCustody(false)) {
    if (!item.awaits_seal) continue;
    if (seals.empty() && std::chrono::steady_clock::now() < try_again_) return false;
    const Digest seed = draw_();
    const Digest seal = exchange::SealOf(seed);
    seeds_[seal] = {.seed = seed, .name = item.name, .date = item.date};
    seals.push_back({item.kind, item.number, seal});
  }
  if (seals.empty()) return false;
  if (const absl::Status written = Write(); !written.ok()) {
    for (const CustodianCommand& seal : seals) seeds_.erase(seal.digest);
    try_again_ = std::chrono::steady_clock::now() + kSeedFileRetry;
    Warn("no auction can be sealed, so none takes orders or bids: " + std::string(written.message()));
    return false;
  }
  for (const CustodianCommand& seal : seals) SONGHUA_CHECK(machine->SealCall(seal, machine->last_time(), group).ok());
  return true;
}

// The earliest that is due. A timer of an earlier time comes first.
bool SeedCustodian::Reveal(StateMachine* machine, Timestamp now, JournalGroup* group) {
  std::optional<std::pair<Timestamp, Custody>> next;
  for (const Custody& item : machine->state().InCustody(false)) {
    const auto due = DueOf(item);
    if (due.has_value() && (!next.has_value() || *due < next->first)) next.emplace(*due, item);
  }
  if (!next.has_value() || next->first > now) return false;
  const std::optional<Timestamp> timer = machine->NextTimer();
  if (timer.has_value() && *timer <= next->first) return false;
  const Timestamp time = std::max(machine->last_time(), next->first);
  const Custody& item = next->second;
  if (item.kind == Custody::Kind::kCall && item.date != LocalDate(time)) return false;  // the timer of midnight closes it
  SONGHUA_CHECK(machine->RevealSeed({item.kind, item.number, seeds_.find(item.seal)->second.seed}, time, group).ok());
  return true;
}

void SeedCustodian::Tidy(const StateMachine& machine, uint64_t durable_sequence) {
  if (seeds_.size() <= machine.state().CustodyCount() || std::chrono::steady_clock::now() < try_again_) return;
  std::set<Digest> awaited;
  for (const Custody& item : machine.state().InCustody(true)) awaited.insert(item.seal);
  for (auto& [seal, kept] : seeds_) {
    if (kept.ended == 0 && !awaited.contains(seal)) kept.ended = machine.last_sequence();
  }
  if (std::erase_if(seeds_, [&](const auto& seed) { return seed.second.ended != 0 && seed.second.ended <= durable_sequence; }) == 0) return;
  const absl::Status written = Write();
  if (written.ok()) return;
  // The file has more than it should until the next write.
  try_again_ = std::chrono::steady_clock::now() + kSeedFileRetry;
  Warn("seeds of auctions that are over were not deleted: " + std::string(written.message()));
}

}  // namespace songhua::api
