// The custodian of the seeds of call auctions and of sealed auctions (exchange/call_seeds.h): the one place where chance enters the market, and the one who knows it beforehand.
//
// He draws 32 bytes when a call auction awaits its seal, keeps them in a file of the store's directory that only the service's user may read (`call_seeds`,
// 0600), and only then journals their SHA-256. When the instant comes that the seed draws he journals the seed. The file is written whole, synced and renamed
// before the seal can become durable, so that after a crash every seal in the journal has its seed; one that the journal knows nothing of is dropped. A seed is
// deleted once what ended its auction is durable. Were the file lost, the auction would become void (Exchange::PassVoidCalls), and he says so on the error log;
// and again once it is, whatever the reason was. What the journal says was void before is not told again at a start.
//
// The file: a line "songhua call seeds 1"; a line a seed: the seed in hexadecimal, the contract's code or the auction's name, the date; a line "sha256 " with the digest of the
// lines before it.
//
// His commands are dated like timers: a seal at the journal's last time, a reveal at the instant that is drawn, or the last time where that is later. One that is
// due comes before any timer that is due later, and before any caller's command.
//
// Used by the engine's state thread alone.
#ifndef SONGHUA_API_SEED_CUSTODIAN_H_
#define SONGHUA_API_SEED_CUSTODIAN_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "api/engine/state_machine.h"
#include "ledger/journal_group.h"
#include "ledger/sha256.h"

namespace songhua::api {

class SeedCustodian {
 public:
  // `draw` gives 32 random bytes; null: the operating system's generator.
  SeedCustodian(const std::string& store_path, std::function<Digest()> draw);

  // Takes back what was kept before the last stop. A file that is damaged is a file that is lost.
  void Load(const StateMachine& machine);
  // Gives every command that he owes at the time that `clock` gives. True: there was one.
  bool Act(StateMachine* machine, Timestamp clock, JournalGroup* group);
  // When the next reveal is due; nullopt: none is.
  std::optional<Timestamp> NextDue(const StateMachine& machine) const;
  // Says on the error log, once, which call auctions became void. Act does so, too.
  void TellOfVoidCalls(const StateMachine& machine);
  // Deletes the seeds of auctions whose end is durable.
  void Tidy(const StateMachine& machine, uint64_t durable_sequence);

 private:
  struct Kept {
    Digest seed{};
    std::string name;  // Custody::name
    Date date{};
    uint64_t ended = 0;  // the auction had ended by this sequence; 0: it awaits the seed
  };
  // When its seed is due; nullopt: it is not awaited now, or lost.
  std::optional<Timestamp> DueOf(const Custody& item) const;
  bool Seal(StateMachine* machine, JournalGroup* group);
  bool Reveal(StateMachine* machine, Timestamp now, JournalGroup* group);
  absl::Status Write() const;

  const std::string directory_;
  const std::string path_;
  const std::function<Digest()> draw_;
  std::map<Digest, Kept> seeds_;  // by seal
  size_t told_ = 0;               // of Exchange::voided_calls
  std::chrono::steady_clock::time_point try_again_;  // after a write that failed
};

}  // namespace songhua::api

#endif  // SONGHUA_API_SEED_CUSTODIAN_H_
