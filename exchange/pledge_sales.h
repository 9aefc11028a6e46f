// Pledged units sold through the exchange: by the bank that enforces (PLG-31 to PLG-33), or by the pledgor with the bank's consent (PLG-21, PLG-22).
//
//   | pledge    | who     | form                          | guard                                                                    | what it is     |
//   |-----------|---------|-------------------------------|--------------------------------------------------------------------------|----------------|
//   | ACTIVE    | pledgor | E_AUCTION, SEALED_AUCTION     | a consent to SELL, its quantity, price and last day; the pledgor may     | an auction     |
//   |           |         | LISTING                       | sell (DR-17..29)                                                         | a listing      |
//   |           |         | AGREEMENT                     |                                                                          | a negotiation  |
//   | ENFORCING | bank    | E_AUCTION, SEALED_AUCTION     | the enforcement's mode is AUCTION                                        | an auction     |
//   |           |         | LISTING                       | SALE                                                                     | a listing      |
//   |           |         | AGREEMENT                     | AGREED_VALUE                                                             | a negotiation  |
//
// A bank holds no rights: what it sells is sold from the pledgor's account, and whoever buys passes every check of a buyer (PLG-32). How the pledgor itself stands
// does not stop the bank: not its permit, credit, arrears or restraint, and no halt of its account. A court's order that reaches the units stops both (PLG-29).
//
// What such a sale offers is held by one order (off_book.h), which took the hold over from the pledge. Whatever ends the order, and a trade that is rejected or not
// paid for, gives the units back to the pledge. When a trade is settled they leave it, and what they brought is applied to the loan in the same commit
// (settlement.cc); such a trade is not reversed any more. A deposit that the winner of an auction forfeits is applied likewise.
//
// What the bank sells is the bank's to withdraw, cancel, change and end, and not the pledgor's. What an auction or a listing did not sell stays pledged; an auction
// with one bidder alone becomes an agreement over the same units (DR-43).
//
// One thread, the state machine.
#ifndef SONGHUA_EXCHANGE_PLEDGE_SALES_H_
#define SONGHUA_EXCHANGE_PLEDGE_SALES_H_

#include <string>

#include "absl/status/statusor.h"
#include "exchange/auctions.h"
#include "exchange/exchange.h"
#include "exchange/listings.h"
#include "exchange/negotiations.h"
#include "ledger/ledger.h"
#include "ledger/pledges.h"
#include "songhua/v1/pledges.pb.h"

namespace songhua::exchange {

class PledgeSales {
 public:
  struct Parts {
    const ledger::Ledger* ledger;
    ledger::Pledges* pledges;
    Exchange* exchange;
    Listings* listings;
    Negotiations* negotiations;
    Auctions* auctions;
  };
  explicit PledgeSales(const Parts& parts) : parts_(parts) {}

  // The price is fen per quoted unit, the quantity units of the lot. Checks in order: the fields that go with the form (DR-42, INVALID_ARGUMENT); the pledge, the
  // caller and what may be offered (Pledges::CheckOffer); FORM_NOT_AGREED (PLG-31); then what the form itself checks, of AGREEMENT first that the buyer's account is
  // another participant's (DR-31).
  absl::StatusOr<v1::PledgeAnswer> OfferPledgedUnits(CommandContext& context, const v1::OfferPledgedUnitsRequest& request);

 private:
  // Puts them on offer: the name of what they are offered by.
  absl::StatusOr<std::string> Sell(CommandContext& context, const v1::OfferPledgedUnitsRequest& request, v1::Trade::Form form, const ledger::Pledges::Offer& offer);
  absl::StatusOr<std::string> Agree(CommandContext& context, const v1::OfferPledgedUnitsRequest& request, OffBookEntry entry);

  Parts parts_;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_PLEDGE_SALES_H_
