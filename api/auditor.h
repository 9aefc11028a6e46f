// The auditor of a log: replays the journal on another machine, in a state machine of its own, and vouches only for checkpoints whose roots it computed itself.
//
//   Auditor auditor(clock_mode, trust);
//   SONGHUA_RETURN_IF_ERROR(auditor.TakeIn(group));                             // each group, from the first
//   SONGHUA_ASSIGN_OR_RETURN(const proofs::Checkpoint checkpoint, auditor.Check(note));
//   proofs::Cosign(key, checkpoint.Text(), now_s);
//
// So its cosignature says more than that it saw a checkpoint: that every outcome in the journal follows from the commands before it, and that the state map was built
// from it. All rows are kept in memory.
//
// One thread.
#ifndef SONGHUA_API_AUDITOR_H_
#define SONGHUA_API_AUDITOR_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/journal_replay.h"
#include "ledger/journal_walk.h"
#include "ledger/proofs/certificate_check.h"
#include "ledger/proofs/checkpoint.h"
#include "songhua/v1/transparency.pb.h"

namespace songhua::api {

class Auditor {
 public:
  // `trust` names the keys of the log.
  Auditor(ClockMode clock_mode, proofs::Trust trust);

  // A checkpoint that was vouched for before: the log must still begin with it. REQUIRES: before the first TakeIn.
  void Expect(const proofs::Checkpoint& checkpoint) { expected_ = checkpoint; }

  // Takes the next group in. DATA_LOSS says what is wrong; nothing is to be signed after that.
  absl::Status TakeIn(const v1::JournalGroup& group);
  uint64_t next_sequence() const { return walk_.next_sequence(); }
  uint64_t size() const { return walk_.frontier().size(); }

  // Whether a note is a checkpoint that the replay has arrived at. INVALID_ARGUMENT: no checkpoint, no signature by a trusted key of the log; OUT_OF_RANGE: the replay
  // has not come so far, or no checkpoint of that size was among the last; DATA_LOSS: the replay has another root there, or the log lost what was vouched for.
  absl::StatusOr<proofs::Checkpoint> Check(const std::string& note) const;

  const VerifyReport& report() const { return replay_.report(); }

 private:
  static constexpr size_t kRootsKept = 100'000;

  const proofs::Trust trust_;
  JournalReplay replay_;
  JournalWalk walk_;
  std::optional<proofs::Checkpoint> expected_;
  std::map<uint64_t, Digest> roots_;  // of the last checkpoints, by size
  absl::Status broken_;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_AUDITOR_H_
