#include "exchange/auctions/unit_flows.h"

#include <algorithm>
#include <tuple>

#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

struct OwnerUnits {
  uint64_t consignment;
  int64_t left;
};

// Who sold, in the order in which their units go.
std::vector<OwnerUnits> OwnersInOrder(const SealedPolicy& policy, const Offer& offer, const SealedResult& result) {
  SONGHUA_CHECK(offer.consignments.size() == result.consignors.size());
  std::vector<size_t> order(offer.consignments.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::vector<OwnerUnits> owners;
  if (policy.consignments == ConsignmentRule::kAfterByAsk) {
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return offer.consignments[a].ask < offer.consignments[b].ask; });
    owners.push_back({0, result.own_sold.value()});
  }
  for (const size_t i : order) owners.push_back({offer.consignments[i].number, result.consignors[i].sold.value()});
  if (policy.consignments != ConsignmentRule::kAfterByAsk) owners.push_back({0, result.own_sold.value()});
  return owners;
}

}  // namespace

absl::StatusOr<std::vector<UnitFlow>> FlowsOf(const SealedPolicy& policy, const Offer& offer, const SealedResult& result) {
  std::vector<OwnerUnits> owners = OwnersInOrder(policy, offer, result);
  std::vector<SealedAward> awards = result.awards;
  std::sort(awards.begin(), awards.end(), [&](const SealedAward& a, const SealedAward& b) {
    return std::tuple(-MeritOf(policy.side, a.price), a.bid) < std::tuple(-MeritOf(policy.side, b.price), b.bid);
  });
  std::vector<UnitFlow> flows;
  size_t owner = 0;
  for (const SealedAward& award : awards) {
    Quantity taken;
    Money owed;  // for what was taken
    while (taken < award.quantity) {
      while (owner < owners.size() && owners[owner].left == 0) ++owner;
      SONGHUA_CHECK(owner < owners.size());
      const Quantity part(std::min(owners[owner].left, (award.quantity - taken).value()));
      owners[owner].left -= part.value();
      taken += part;
      SONGHUA_ASSIGN_OR_RETURN(const Money amount,
                               Amount(award.price, taken, policy.terms.quoted_unit, policy.terms.term, policy.terms.rounding));
      flows.push_back({award.bid, owners[owner].consignment, award.price, part, amount - owed});
      owed = amount;
    }
  }
  return flows;
}

}  // namespace songhua::exchange
