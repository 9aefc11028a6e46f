#include "exchange/incoming.h"

namespace songhua::exchange {
namespace {

bool IsRightTo(const ContractRow& contract, std::string_view pollutant, int32_t year) {
  return contract.right && contract.pollutant == pollutant && Year(contract.term.first) <= year && year <= Year(contract.term.last);
}

}  // namespace

Exchange::Incoming::Incoming(const Exchange& exchange, const AccountEntry& entry, const OrderRow* order)
    : exchange_(exchange), account_(entry.row->number), newest_(entry.newest_order), beside_(order) {}

Quantity Exchange::Incoming::In(std::string_view pollutant, int32_t year) {
  Quantity coming;
  for (const auto& [contract, quantity] : Sums()) {
    if (IsRightTo(*exchange_.FindContract(contract), pollutant, year)) coming += quantity;
  }
  return coming;
}

std::map<ContractNumber, Quantity>& Exchange::Incoming::Sums() {
  if (sums_.has_value()) return *sums_;
  sums_.emplace();
  for (const OrderRow* order = newest_; order != nullptr; order = order->older) {
    if (order->side == Side::kBuy && order != beside_) (*sums_)[order->contract] += order->open;
  }
  exchange_.ForEachUndelivered(account_, [&](const TradeRow& trade) { (*sums_)[trade.contract] += trade.quantity; });
  return *sums_;
}

template <class Visit>
void Exchange::ForEachUndelivered(ledger::AccountNumber buyer, Visit visit) const {
  for (auto at = undelivered_.lower_bound({buyer, 0}); at != undelivered_.end() && at->first == buyer; ++at) visit(*trades_.Find(at->second));
}

// Whatever an officer has still to look at may yet be rejected. What settles without one was let through when it was agreed.
Quantity Exchange::LetThroughBeside(const TradeFields& trade, int32_t year) const {
  Quantity coming;
  ForEachUndelivered(trade.buyer, [&](const TradeRow& other) {
    if (other.number == trade.number || (other.settlement == v1::VERIFIED && other.state == v1::AGREED)) return;
    if (IsRightTo(*FindContract(other.contract), FindContract(trade.contract)->pollutant, year)) coming += other.quantity;
  });
  return coming;
}

}  // namespace songhua::exchange
