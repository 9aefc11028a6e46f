// One run of an offset plan on a service of its own, through the public API: issues, then acts in the order given, then every act that was
// accepted a second time. Acts are sent in their order, and each waits for the earlier ones of its issuance; those of other issuances, with
// which no range has a number in common, may still be under way.
#ifndef SONGHUA_SIMULATIONS_OFFSET_RUN_H_
#define SONGHUA_SIMULATIONS_OFFSET_RUN_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "simulations/offset_plan.h"
#include "simulations/replay_service.h"

namespace songhua::simulations {

// What became of an act: empty where it was accepted, otherwise the refusal.
struct ActOutcome {
  bool accepted = false;
  std::string refusal;          // with its reason
  bool second_refused = false;  // of an accepted act: the second attempt was
  std::string second_reason;
};

class OffsetRun {
 public:
  // REQUIRES: plan and records outlive the run.
  OffsetRun(const OffsetPlan& plan, const std::vector<OffsetRecord>& records);
  ~OffsetRun();

  // Opens accounts and issues; refusals are kept, an error is the service's failure.
  absl::Status Prepare();
  // Does the acts in this order, then the second attempts, and reads and reconciles the ledger. REQUIRES: Prepare; once.
  absl::Status Run(const std::vector<size_t>& order);

  // By index of the plan's issuances: the refusal of opening or issuing; empty: none.
  const std::vector<std::string>& issuance_refusals() const { return issuance_refusals_; }
  const std::vector<ActOutcome>& issues() const { return issues_; }  // of the plan's issues; their second attempts too
  const std::vector<ActOutcome>& acts() const { return acts_; }
  // The final ledger.
  const std::vector<NumberSet>& remainders() const { return remainders_; }          // by issuance
  const std::map<std::string, std::string>& totals() const { return totals_; }      // by instrument
  const std::vector<std::string>& ledger_faults() const { return ledger_faults_; }  // what reconciliation found
  uint64_t calls() const { return service_->client().calls(); }
  int64_t milliseconds() const { return milliseconds_; }

 private:
  struct Opened {
    std::string account, lot, issuance;  // names
  };
  absl::Status LoadPrograms();
  void OpenAccounts();
  void Issue();
  void IssueOne(size_t issuance, int64_t start, int64_t end, ActOutcome* outcome);
  v1::RetireUnitsRequest RequestOf(const PlannedAct& act) const;
  void StartAct(size_t act, std::vector<bool>* under_way);
  void SecondAttempts();
  absl::Status ReadLedger();
  ReplayClient& client() { return service_->client(); }

  const OffsetPlan& plan_;
  const std::vector<OffsetRecord>& records_;
  std::unique_ptr<ReplayService> service_;
  std::string registry_;        // token
  std::vector<Opened> opened_;  // by issuance
  std::vector<std::string> issuance_refusals_;
  std::vector<ActOutcome> issues_, acts_;
  std::vector<NumberSet> remainders_;
  std::map<std::string, std::string> totals_;
  std::vector<std::string> ledger_faults_;
  int64_t milliseconds_ = 0;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_OFFSET_RUN_H_
