#include "ledger/pledge_ranks.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace songhua::ledger {
namespace {

// The pledge's units of the lot, by their times; without a registration they have none.
void AddRanksOf(const PledgeRow& pledge, const PledgedPart& part, Date today, std::vector<LotRank>* ranks) {
  const bool registered = pledge.loan.registered != Timestamp() && pledge.PriorityEffective(today);
  const auto add = [&](Quantity quantity, Timestamp added) {
    const Timestamp since = registered ? std::max(pledge.loan.registered, added) : Timestamp();
    for (LotRank& rank : *ranks) {
      if (rank.pledge != pledge.number || rank.since != since) continue;
      rank.quantity += quantity;
      return;
    }
    ranks->push_back({pledge.number, quantity, since, 0});
  };
  Quantity first = part.quantity;
  for (const LaterUnits& later : part.later) first -= later.quantity;
  add(first, part.since);
  for (const LaterUnits& later : part.later) add(later.quantity, later.since);
}

}  // namespace

std::vector<LotRank> RankPledges(LotNumber lot, const std::vector<const PledgeRow*>& pledges, Date today) {
  std::vector<LotRank> ranks;
  for (const PledgeRow* pledge : pledges) {
    const PledgedPart* part = pledge->PartOf(lot);
    if (pledge->ControlEffective() && part != nullptr && part->quantity > Quantity()) AddRanksOf(*pledge, *part, today, &ranks);
  }
  const auto place = [](const LotRank& rank) { return std::make_tuple(rank.since == Timestamp(), rank.since); };
  std::sort(ranks.begin(), ranks.end(), [&](const LotRank& a, const LotRank& b) { return std::make_pair(place(a), a.pledge) < std::make_pair(place(b), b.pledge); });
  for (size_t i = 0; i < ranks.size(); ++i) {
    if (i == 0) {
      ranks[i].rank = 1;
    } else {
      ranks[i].rank = ranks[i - 1].rank + (place(ranks[i]) == place(ranks[i - 1]) ? 0 : 1);
    }
  }
  return ranks;
}

}  // namespace songhua::ledger
