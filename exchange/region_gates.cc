// What regions decide about the rights that their sites buy: across whose borders (DR-21, DR-22, DR-23), from outside of a region that has not attained its
// standard (DR-26), and for new projects where a total-control indicator is exceeded (DR-27).
#include <algorithm>
#include <limits>

#include "exchange/exchange.h"
#include "exchange/incoming.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::exchange {

using ledger::RegionStatusRow;

// A site outside the contract's zone or basin buys where its province and the zone's have approved that; it never sells there.
OrderRefusal Exchange::CheckPlace(const ContractState& state, const AccountEntry& entry, Side side, Date today) const {
  const bool other_basin = state.basin != nullptr && entry.basin != state.basin;
  const bool other_zone = !RegionContains(state.zone, entry.region);
  if (!other_basin && !other_zone) return OrderRefusal::kNone;
  if (side == Side::kBuy && MissingApproval(state, entry, today) == Region() && state.zone != Region()) return OrderRefusal::kNone;
  if (other_basin) return OrderRefusal::kOutsideBasin;
  return state.zone == Region() || ProvinceOf(state.zone) == ProvinceOf(entry.region) ? OrderRefusal::kOutsideZone : OrderRefusal::kOutsideProvince;
}

Region Exchange::MissingApproval(const ContractState& state, const AccountEntry& entry, Date today) const {
  return regions_->MissingApproval(entry.row->site, entry.region, state.row->pollutant, state.row->control_zone, state.zone, today);
}

// `open` is the order's open quantity, `more` by how much it is more than before, when it was that of `replaces`: what was counted when it came
// asks for no room.
OrderRefusal Exchange::CheckRegion(const ContractState& state, const AccountEntry& entry, Side side, Quantity open, Quantity more, const OrderRow* replaces,
                                   Date today) const {
  if (side != Side::kBuy || !state.row->right) return OrderRefusal::kNone;
  Incoming incoming(*this, entry, replaces);
  const auto coming = [&](int32_t year) { return incoming.In(state.row->pollutant, year); };
  if (ExceedsIndicator(state, entry, open, coming, today)) return OrderRefusal::kOverIndicator;
  return more > Quantity() && more > InflowRoomOf(state, entry, today).room ? OrderRefusal::kNetInflow : OrderRefusal::kNone;
}

bool Exchange::ExceedsIndicator(const ContractState& state, const AccountEntry& entry, Quantity quantity, ComingIn coming, Date today) const {
  const bool over = !regions_->Holding(v1::RegionStatus::OVER_INDICATOR, entry.region, state.row->pollutant, today).empty();
  return over && quantity > gate_->DeficitOf(*entry.row, *state.row, coming, today);
}

std::string Exchange::DeficitText(const ContractState& state, const AccountEntry& entry, const OrderRow* replaces, Date today) const {
  Incoming incoming(*this, entry, replaces);
  const auto coming = [&](int32_t year) { return incoming.In(state.row->pollutant, year); };
  const Quantity deficit = gate_->DeficitOf(*entry.row, *state.row, [](int32_t) { return Quantity(); }, today);
  const Quantity left = gate_->DeficitOf(*entry.row, *state.row, coming, today);
  const std::string of = left == deficit ? "" : "what its other bids and undelivered trades leave of " + std::to_string(deficit.value()) + ", ";
  return "at most " + std::to_string(left.value()) + ", " + of + "the deficit of the site";
}

// Where all that is offered lies inside the region, nothing can come from outside.
Exchange::InflowRoom Exchange::InflowRoomOf(const ContractState& state, const AccountEntry& entry, Date today) const {
  InflowRoom tightest;
  for (const RegionStatusRow* status : regions_->Holding(v1::RegionStatus::NON_ATTAINMENT, entry.region, state.row->pollutant, today)) {
    if (RegionContains(status->region, state.zone)) continue;
    InflowRoom room{.status = status, .room = std::max(Quantity(), status->outflow - status->inflow), .bidding = Quantity()};
    if (room.room > Quantity()) {
      room.bidding = BiddingFromOutside(*status);
      room.room = std::max(Quantity(), room.room - room.bidding);
    }
    if (tightest.status == nullptr || room.room < tightest.room) tightest = room;
  }
  return tightest;
}

Quantity Exchange::BiddingFromOutside(const RegionStatusRow& status) const {
  Quantity bidding;
  ForEachBidOf(status, [&](const ContractState& state, const OrderRow& order) {
    if (!RegionContains(status.region, state.zone)) bidding += order.open;
  });
  return bidding;
}

template <class Visit>
void Exchange::ForEachBidOf(const RegionStatusRow& status, Visit visit) const {
  for (const auto& state : states_) {
    if (!state->row->right || state->row->pollutant != status.pollutant) continue;
    const auto meet = [&](OrderId id) {
      const OrderRow& order = *orders_.Find(id);
      if (order.side == Side::kBuy && RegionContains(status.region, entries_[order.account].region)) visit(*state, order);
    };
    state->ForEachOrder(Side::kBuy, [&](const RestingOrder& resting) { meet(resting.id); });
    for (const auto& [priority, id] : state->suspended) meet(id);
    state->stops.ForEach(meet);
    for (const OrderId id : state->off_book) meet(id);
  }
}

// A bid that took its place under a status was counted by it. One that is older than the first day has not met it yet.
OrderRefusal Exchange::CheckRegionAgain(const ContractState& state, const OrderRow& order, Date today) const {
  const AccountEntry& entry = entries_[order.account];
  const OrderRefusal refusal = CheckRegion(state, entry, order.side, order.open, Quantity(), &order, today);
  if (refusal != OrderRefusal::kNone || order.side != Side::kBuy || !state.row->right) return refusal;
  for (const RegionStatusRow* status : regions_->Holding(v1::RegionStatus::NON_ATTAINMENT, entry.region, state.row->pollutant, today)) {
    if (order.queue_time >= StartOfDay(status->days.first)) continue;
    if (!RegionContains(status->region, state.zone)) return OrderRefusal::kNetInflow;
  }
  return OrderRefusal::kNone;
}

void Exchange::RestrainOrdersInRegion(CommandContext& context, const RegionStatusRow& status) {
  if (!status.HoldsOn(context.today)) return;
  std::vector<OrderId> ended;
  std::set<ledger::AccountNumber> bidders;
  ForEachBidOf(status, [&](const ContractState& state, const OrderRow& order) {
    if (status.kind == v1::RegionStatus::OVER_INDICATOR) {
      bidders.insert(order.account);
    } else if (!RegionContains(status.region, state.zone)) {
      ended.push_back(order.number);
    }
  });
  // Of a site whose deficit is less than all that it bids for and bought, the newest bids end until the rest fits.
  for (const ledger::AccountNumber bidder : bidders) {
    const AccountEntry& entry = entries_[bidder];
    Incoming incoming(*this, entry, nullptr);
    const auto coming = [&](int32_t year) { return incoming.In(status.pollutant, year); };
    for (const OrderRow* order = entry.newest_order; order != nullptr; order = order->older) {
      const ContractRow& contract = *FindContract(order->contract);
      if (order->side != Side::kBuy || !contract.right || contract.pollutant != status.pollutant) continue;
      incoming.Leave(*order);
      if (order->open > gate_->DeficitOf(*entry.row, contract, coming, context.today)) {
        ended.push_back(order->number);
      } else {
        incoming.Return(*order);
      }
    }
  }
  for (const OrderId id : ended) {
    OrderRow& order = *orders_.FindMutable(id);
    EndResting(context, *State(order.contract), order, EndReason::kRegionStatus);
  }
}

void Exchange::RestrainOrdersAcrossBorders(CommandContext& context, const std::string& site) {
  const ledger::AccountRow* account = ledger_->accounts().FindById(site + ".rights");
  if (account == nullptr || account->number >= entries_.size()) return;
  const AccountEntry& entry = entries_[account->number];
  for (OrderRow* order = entry.newest_order; order != nullptr;) {
    OrderRow& next = *std::exchange(order, order->older);
    ContractState& state = *State(next.contract);
    if (next.side == Side::kBuy && CheckPlace(state, entry, Side::kBuy, context.today) != OrderRefusal::kNone) {
      EndResting(context, state, next, EndReason::kRegionStatus);
    }
  }
}

// What a reserve sells comes from its zone.
Region Exchange::PlaceOf(const TradeFields& trade, ledger::AccountNumber account) {
  const AccountEntry& entry = *Entry(account);
  return entry.row->site.empty() ? State(trade.contract)->zone : entry.region;
}

void Exchange::CountInflow(const TradeFields& trade, Quantity quantity) {
  const ContractRow& contract = *FindContract(trade.contract);
  if (contract.right) regions_->CountInflow(contract.pollutant, PlaceOf(trade, trade.seller), PlaceOf(trade, trade.buyer), quantity, trade.agree_time);
}

void Exchange::CountOutflow(const TradeFields& trade, Quantity quantity) {
  const ContractRow& contract = *FindContract(trade.contract);
  if (contract.right) regions_->CountOutflow(contract.pollutant, PlaceOf(trade, trade.seller), PlaceOf(trade, trade.buyer), quantity, trade.settle_time);
}

// DR-47: as when the buyer ordered, and now the seller is known. What was agreed before a region's status was set was not counted, and has no room.
absl::Status Exchange::CheckRegionOf(const TradeFields& trade, const std::string& name, Date today) {
  const ContractState& state = *State(trade.contract);
  if (!state.row->right) return absl::OkStatus();
  const AccountEntry buyer = *Entry(trade.buyer);
  const Region from = PlaceOf(trade, trade.seller);
  OrderRefusal refusal = CheckPlace(state, buyer, Side::kBuy, today);
  std::string accepted = "a trade whose buyer may buy across the border of its basin, city or province: reject it";
  if (refusal == OrderRefusal::kNone) {
    const auto coming = [&](int32_t year) { return LetThroughBeside(trade, year); };
    if (ExceedsIndicator(state, buyer, trade.quantity, coming, today)) refusal = OrderRefusal::kOverIndicator;
    accepted = "a trade of at most what trades that were verified before leave of the deficit of its buyer's site, where the region exceeds its total-control "
               "indicator: reject it";
  }
  for (const RegionStatusRow* status : regions_->Holding(v1::RegionStatus::NON_ATTAINMENT, buyer.region, state.row->pollutant, today)) {
    if (refusal != OrderRefusal::kNone) break;
    if (RegionContains(status->region, from) || (status->Counted(trade.agree_time) && status->inflow <= status->outflow)) continue;
    refusal = OrderRefusal::kNetInflow;
    accepted = "a trade that brings no more into " + FormatRegion(status->region) + " than its sites sold out of it since " +
               ledger::MakeName("regionStatuses", status->number) + " was set: reject it";
  }
  if (refusal == OrderRefusal::kNone) return absl::OkStatus();
  const OrderRefusalInfo& info = Info(refusal);
  return Refuse(info.code, info.reason).Rule(info.rule).Field("name").Value(name).Accepted(accepted);
}

std::string Exchange::RegionText(const ContractState& state, const AccountEntry& entry, Side side, OrderRefusal refusal, const OrderRow* replaces,
                                 Date today) const {
  const ContractRow& contract = *state.row;
  if (refusal == OrderRefusal::kOverIndicator) {
    const RegionStatusRow& status = *regions_->Holding(v1::RegionStatus::OVER_INDICATOR, entry.region, contract.pollutant, today).front();
    return DeficitText(state, entry, replaces, today) + ": by " + ledger::MakeName("regionStatuses", status.number) + " " + FormatRegion(status.region) + " exceeds its total-control indicator of " +
           contract.pollutant;
  }
  if (refusal == OrderRefusal::kNetInflow) {
    const InflowRoom room = InflowRoomOf(state, entry, today);
    const RegionStatusRow& status = *room.status;
    const Quantity open = replaces == nullptr ? Quantity() : replaces->open;
    return "at most " + std::to_string((room.room + open).value()) + ": by " + ledger::MakeName("regionStatuses", status.number) + " " +
           FormatRegion(status.region) + " has not attained its standard for " + contract.pollutant + "; its sites sold " +
           std::to_string(status.outflow.value()) + " to others, bought " + std::to_string(status.inflow.value()) + " and bid for " +
           std::to_string(room.bidding.value());
  }
  std::string text = state.basin != nullptr && entry.basin != state.basin ? "a site in basin " + contract.basin : "a site in control zone " + contract.control_zone;
  if (side == Side::kSell || state.zone == Region()) return text;
  const Region here = ProvinceOf(state.zone), there = ProvinceOf(entry.region);
  text += "; or one that buys with the approval of " + FormatRegion(here);
  if (here == there) return text;
  return text + " and of " + FormatRegion(there) + ", of which that of " + FormatRegion(MissingApproval(state, entry, today)) + " is missing";
}

}  // namespace songhua::exchange
