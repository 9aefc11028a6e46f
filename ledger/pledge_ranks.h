// How pledges over one lot rank (PLG-27): those in the unified registry by their time there, then all that are not in it. Those of one time share what the lot brings
// pro rata. Each of them has units of its own: the same units never secure two loans, and a second rank over them, which a province may allow, is not offered (PLG-28).
//
// What was added to a pledge later ranks from then on, so one pledge may have several ranks (PLG-26).
#ifndef SONGHUA_LEDGER_PLEDGE_RANKS_H_
#define SONGHUA_LEDGER_PLEDGE_RANKS_H_

#include <cstdint>
#include <vector>

#include "ledger/amounts.h"
#include "ledger/legal_time.h"
#include "ledger/lots.h"
#include "ledger/pledge_rows.h"

namespace songhua::ledger {

struct LotRank {
  uint64_t pledge = 0;
  Quantity quantity;  // with what is on offer of it
  Timestamp since;    // 0: not in the unified registry
  int32_t rank = 0;   // 1 first
};

// Of the units of the lot under those of the pledges that are in force: by rank, then by pledge.
std::vector<LotRank> RankPledges(LotNumber lot, const std::vector<const PledgeRow*>& pledges, Date today);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_PLEDGE_RANKS_H_
