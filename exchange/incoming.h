// What an account is about to get: its open bids, and what it bought and has not been delivered. What a site buys for its deficit is held against it (DR-27,
// CREDIT-21), whatever it consists of: orders of books, suspended ones, stop orders, offers beside the book, trades.
#ifndef SONGHUA_EXCHANGE_INCOMING_H_
#define SONGHUA_EXCHANGE_INCOMING_H_

#include <map>
#include <optional>
#include <string_view>

#include "exchange/exchange.h"

namespace songhua::exchange {

// Summed when it is first asked for: most buyers may buy whatever comes.
class Exchange::Incoming {
 public:
  // Beside `order`, an order of the account or null.
  Incoming(const Exchange& exchange, const AccountEntry& entry, const OrderRow* order);

  // Of rights to a pollutant that are valid in a year.
  Quantity In(std::string_view pollutant, int32_t year);
  // An order of the account counts no more, or again.
  void Leave(const OrderRow& order) { Sums()[order.contract] -= order.open; }
  void Return(const OrderRow& order) { Sums()[order.contract] += order.open; }

 private:
  std::map<ContractNumber, Quantity>& Sums();

  const Exchange& exchange_;
  const ledger::AccountNumber account_;
  const OrderRow* const newest_;
  const OrderRow* const beside_;
  std::optional<std::map<ContractNumber, Quantity>> sums_;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_INCOMING_H_
