// The state machine: takes messages in one order, decides each, and writes the record of what it decided. One thread; no clock, no disk, no
// chance. The live service, recovery, `songhua verify` and the simulator all run this one class.
//
// Checks of a write come in this order, so that the same bad request always gets the same answer:
//   1. the token: known, not revoked, not expired                                  UNAUTHENTICATED, not recorded
//   2. request_id: its form and date; a repeat is answered, another body refused     not recorded
//   3. the caller's roles, then whether they reach what the request is about          PERMISSION_DENIED
//   4. the domain function's own checks, in the order that its comment states
#ifndef SONGHUA_API_ENGINE_STATE_MACHINE_H_
#define SONGHUA_API_ENGINE_STATE_MACHINE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "api/engine/cold_rows.h"
#include "api/engine/method.h"
#include "api/engine/state.h"
#include "ledger/journal_group.h"
#include "ledger/journal_record.h"

namespace songhua::api {

// Method names of the engine's own records.
inline constexpr std::string_view kGenesisMethod = "songhua.internal/Genesis";
inline constexpr std::string_view kTimerMethod = "songhua.internal/Timer";
inline constexpr std::string_view kSealCallMethod = "songhua.internal/SealCall";
inline constexpr std::string_view kRevealSeedMethod = "songhua.internal/RevealSeed";
inline constexpr std::string_view kMapSecretMethod = "songhua.internal/MapSecret";
inline constexpr std::string_view kEngineId = "system";

// What the custodian says of a contract's call auction, or of a sealed auction: the SHA-256 of its seed (SealCall), or the seed (RevealSeed).
// exchange/call_seeds.h.
struct CustodianCommand {
  Custody::Kind kind = Custody::Kind::kCall;
  uint64_t number = 0;  // of the contract or the auction
  Digest digest{};

  template <class Archive>
  void Fields(Archive& a) {
    a(kind, number, digest);
  }
};

// One message on its way in.
struct Message {
  const Method* method = nullptr;
  std::unique_ptr<google::protobuf::Message> request;
  std::string canonical;   // request bytes as they are journaled: request_id cleared
  std::string request_id;  // unary writes
  bool validate_only = false;
  std::string token_sha256;  // of the token it came with, hexadecimal
  // Cold rows that it turned out to need beside those that its method declares: which ones follows from the state.
  std::vector<ColdKey> also_needed;
  Prefetched prefetched;
};

// What became of it.
struct Outcome {
  absl::Status status;
  std::string answer;     // message bytes when OK
  uint64_t sequence = 0;  // of its first command; of the original for a repeat
  bool recorded = false;  // it stands in the journal
  bool repeated = false;  // answered from memory
  bool missed = false;    // a cold row was not at hand: nothing happened, fetch and try again
};

class StateMachine {
 public:
  StateMachine();
  ~StateMachine();

  // ---- Commands. Each may add one record to `group`. ----

  // The first record of a journal. REQUIRES: an empty state, and a logic version that this program has.
  absl::Status Begin(const Genesis& genesis, JournalGroup* group);
  // Decides one message. `clock` is the machine's clock; a VIRTUAL store ignores it.
  Outcome Apply(const Message& message, Timestamp clock, JournalGroup* group);
  // Whether a timer is due at the time that `clock` gives.
  bool TimerDue(Timestamp clock) const;
  // Fires one slice of the first timer that is due. REQUIRES: TimerDue.
  void FireTimer(Timestamp clock, JournalGroup* group);
  // The custodian's commands (Exchange::SealCall, Auctions::SealAuction, RevealSeed of both), at a time of his choice. A refusal is recorded. REQUIRES: time >= last_time().
  absl::Status SealCall(const CustodianCommand& command, Timestamp time, JournalGroup* group) { return Obey(kSealCallMethod, command, time, group); }
  absl::Status RevealSeed(const CustodianCommand& command, Timestamp time, JournalGroup* group) { return Obey(kRevealSeedMethod, command, time, group); }

  // ---- The state map (ledger/lot_commitments.h). Its records, too, are the engine's own, each in a group of its own. ----

  // Whether something happened since the last root that wants a new one; and whether a certificate waits for it.
  bool MapRootDue() const;
  bool CertificateWaits() const { return state_.certificates.pending(); }
  bool HasMapSecret() const { return state_.lot_commitments.state() != nullptr; }
  bool MapFilled() const { return state_.lot_commitments.filled(); }
  void FillMap(size_t max) { state_.lot_commitments.Fill(max); }
  // The secret from which the map's salts follow, drawn by the caller. Once in the life of a store, before its first root.
  void PutMapSecret(const Digest& secret, Timestamp time, JournalGroup* group);
  // The map's root after all that was collected, and the proofs of the certificates that wait for it. REQUIRES: HasMapSecret(); nothing changed since EndGroup.
  void PutMapRoot(Timestamp time, JournalGroup* group);
  // While true, Replay takes the roots of the journal for granted as long as the map is not filled and nobody waits for a proof: for a start, which reads rows that the
  // journal's digests vouch for, and is not to hash every lot.
  void TrustMapRoots(bool trust) { trust_map_roots_ = trust; }

  // The time of a command that comes when the machine's clock says `clock`.
  Timestamp TimeOf(Timestamp clock) const;
  // When the next timer is due; nullopt: none is set.
  std::optional<Timestamp> NextTimer() const;

  // Applies a record again. The outcome must be the recorded one; DATA_LOSS says which sequence differs, and in what. FAILED_PRECONDITION for a record that
  // was decided by a logic version which this program does not have.
  absl::Status Replay(const JournalRecord& record, JournalGroup* group);

  // Collects what the group changed and said. Call once a group, after its last record.
  void EndGroup(RowChanges* rows, std::string* events);

  // ---- Loading ----
  bool IsLoaded(uint16_t table) const { return state_.tables.IsLoaded(table); }
  absl::Status LoadRow(uint16_t table, std::string_view value) { return state_.tables.Load(table, value); }
  // FAILED_PRECONDITION when the state stands at a logic version that this program does not have.
  absl::Status FinishLoad();

  State& state() { return state_; }
  const State& state() const { return state_; }
  ColdRows& cold_rows() { return cold_rows_; }
  uint64_t last_sequence() const;
  Timestamp last_time() const;
  // The version that decides the next command; 0 before the first.
  uint32_t logic_version() const;
  ClockMode clock_mode() const { return state_.clock_mode; }
  // Told by the store's identity before anything is applied.
  void set_clock_mode(ClockMode mode) { state_.clock_mode = mode; }

 private:
  struct Caller {
    const ledger::TokenRow* token = nullptr;
    const ledger::PersonRow* person = nullptr;
  };
  absl::Status Obey(std::string_view method, const CustodianCommand& command, Timestamp time, JournalGroup* group);
  absl::Status Authenticate(const Message& message, Timestamp time, Caller* caller) const;
  void PutRoot(const proofs::MapRootRequest& request, Timestamp time, JournalGroup* group);
  absl::Status ReplayMapRoot(const JournalRecord& record, JournalGroup* group);
  // Answers a repeat: true when `outcome` is final.
  bool AnswerRepeat(const Message& message, const Caller& caller, const Digest& body, Date today, Outcome* outcome);
  bool AnswerStreamRepeat(const Message& message, const Caller& caller, const Digest& body, Outcome* outcome);
  absl::StatusOr<std::string> Decide(const Message& message, const Caller& caller, CommandContext* context);
  void Remember(const Message& message, const Caller& caller, const Digest& body, const Outcome& outcome);
  // Adds the record; its logic version is the one that decided it.
  void Record(JournalRecord record, uint32_t logic_version, const absl::Status& status, size_t events_start, JournalGroup* group);
  CommandContext ContextAt(uint64_t sequence, Timestamp time, std::string_view person, std::string_view participant);
  void Advance(uint64_t last_sequence, Timestamp time);

  EventLog events_;
  ColdRows cold_rows_;
  State state_;
  uint64_t collected_ = 0;  // state_.tables.change_count() at the last EndGroup
  bool trust_map_roots_ = false;
};

// Number of commands in a message: of an order batch, its commands; 1 otherwise.
uint32_t CommandCount(const Message& message);

}  // namespace songhua::api

#endif  // SONGHUA_API_ENGINE_STATE_MACHINE_H_
