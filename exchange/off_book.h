// Trading beside the order book: listings (listings.h), negotiations (negotiations.h) and auctions (auctions.h) are forms of it.
//
// They share what orders are. What one of them offers or bids for is an order that rests in no book: it holds units or money as a resting order does, is on its
// account's list, and ends by its form or by whatever ends orders, a court, a permit, a halt's account, a region. So a form keeps its own rules and rows and
// leaves holds, checks and trades to the exchange, and there is still one way for units to change hands.
//
// Such an order trades by the version of the rulebook that was in force when it was placed, in session or not.
#ifndef SONGHUA_EXCHANGE_OFF_BOOK_H_
#define SONGHUA_EXCHANGE_OFF_BOOK_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "exchange/contracts.h"
#include "exchange/orders.h"
#include "ledger/accounts.h"
#include "ledger/command.h"
#include "ledger/lots.h"
#include "ledger/refusal.h"

namespace songhua::exchange {

// What a party would trade, in a form, with whom it may concern.
struct OffBookEntry {
  v1::Trade::Form form = v1::Trade::FORM_UNSPECIFIED;
  uint64_t origin = 0;  // number of the listing, negotiation or auction
  ContractNumber contract = 0;
  Side side = Side::kSell;
  ledger::AccountNumber account = 0;
  std::string account_name{};  // as the request says it
  Price price{};
  Quantity quantity{};
  std::vector<ledger::LotNumber> lots{};  // to deliver from, in their order; none: as the rulebook says
  bool related = false;                 // an agreement within an entity group, for which the base price is waived (DR-31)
  const OrderRow* replaces = nullptr;   // an order of the same account that ends or changes for it: what it holds is free for this one
  std::optional<Money> cost{};            // what a buyer will pay and owe in fees, where it is known better than by price and quantity
  SalePledge pledge{};                    // of the units; then `lots` is the one lot from which they come
};

// What a taker takes of a resting order.
struct OffBookFill {
  OrderId order = 0;
  Quantity quantity;
  Price price{};  // 0: the order's own
};

// A form. Told when an order of its own ends, by whatever, before the order's row goes; kNone: it was filled.
class OffBookForm {
 public:
  virtual ~OffBookForm() = default;
  virtual void OnOrderEnded(CommandContext& context, const OrderRow& order, EndReason reason) = 0;
  // Adds what it holds of cash accounts for orders that are still to come: deposits and guarantees.
  virtual void AddHeldCash(std::map<ledger::AccountNumber, Money>*) const {}
};

// "listings/7", "negotiations/7", "auctions/7"; empty of what is LISTED.
std::string OriginName(v1::Trade::Form form, uint64_t origin);
// Lots that a request names, in its field `lots`. INVALID_ARGUMENT naming the one at fault.
absl::StatusOr<std::vector<ledger::LotNumber>> ReadLots(const google::protobuf::RepeatedPtrField<std::string>& names);
// A refusal because of how things stand: what a form says of states, windows and parties.
inline Refuse Precondition(std::string_view reason, std::string_view rule) { return Refuse(absl::StatusCode::kFailedPrecondition, reason).Rule(rule); }
// Of who would dispose of what a bank sells because it enforces a pledge (PLG-31).
Refuse SoldByPledgee(std::string_view name, const SalePledge& pledge);
// Which of the bits of RulebookTerms::forms it is.
inline constexpr uint32_t FormBit(v1::Trade::Form form) { return 1u << static_cast<uint32_t>(form); }

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_OFF_BOOK_H_
