// Watches pledged and frozen units from one command to the next, by what can be read alone: no model says here what should happen, only what must never. It
// remembers what it saw last, so a copy of it is what to go back to when a crash loses commands.
//
//   - what leaves a pledge leaves it by an act of its bank, by a consent to surrender that was not used before, or by a sale: one that the bank makes because it
//     enforces, in the form that was agreed, or the pledgor with a consent to sell, used for that sale and for no more than it is for (PLG-21, PLG-31)
//   - what a sale brings is the bank's, or kept for it, until nothing more is owed (PLG-22, PLG-33)
//   - the holds of a lot are at every command the sum of what its pledges claim and have on offer: a hold ends with its cause (INV-12)
//   - no bucket of a lot is below zero, and together they are no more than the lot (DR-66)
//   - what a court's order covers stays where it is (PLG-29)
#ifndef SONGHUA_SIMULATIONS_PLEDGE_WATCH_H_
#define SONGHUA_SIMULATIONS_PLEDGE_WATCH_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "api/engine/state.h"
#include "ledger/legal_time.h"
#include "simulations/fault_world.h"

namespace songhua::simulations {

class PledgeWatch {
 public:
  // What is wrong, a line each; empty: nothing. `done` is the command that was accepted since the last look; null: none was, time alone has passed.
  std::string Look(const api::State& state, Date today, const SimulatedRequest* done);

 private:
  struct Pledge {
    v1::PledgeState state = v1::PLEDGE_STATE_UNSPECIFIED;
    int64_t units = 0, offered = 0, owed = 0, paid = 0, deposited = 0;
  };
  struct Lot {
    int64_t quantity = 0, frozen = 0;
  };
  // `row` is of the pledge as it is now.
  void LookAt(const api::State& state, const ledger::PledgeRow& row, const SimulatedRequest* done);
  void LookAtOffer(const api::State& state, const ledger::PledgeRow& row);
  void LookAtSale(const api::State& state, const ledger::PledgeRow& row, const Pledge& before, const SimulatedRequest* done);
  void LookAtSurrender(const api::State& state, const ledger::PledgeRow& row, int64_t left, const SimulatedRequest& done);
  void LookAtLot(const ledger::LotRow& lot, Date today, int64_t provisional, int64_t pledged, int64_t offered);
  void Wrong(const std::string& what) { wrong_ += what + "\n"; }

  std::map<uint64_t, Pledge> pledges_;
  std::map<ledger::LotNumber, Lot> lots_;
  std::set<uint64_t> used_;                // consents
  std::map<uint64_t, int64_t> sold_by_;    // consents to sell: how many units
  std::string wrong_;                      // of this look
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_PLEDGE_WATCH_H_
