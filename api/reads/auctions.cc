// Auctions as they stand, and bids as far as the caller may see them.
#include "exchange/auctions.h"

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::api::reads {
namespace {

absl::StatusOr<v1::Auction> MessageOf(ReadContext& context, Lookup& lookup, const exchange::AuctionRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string contract, lookup.ContractName(row.contract));
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.Account(row.account));
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(*account));
  return ToProto(row, contract, context.MaySee(target) ? ledger::AccountName(*account) : "", context.moment().now);
}

// What was not announced yet is the applicant's affair.
absl::StatusOr<bool> IsShown(ReadContext& context, Lookup& lookup, const exchange::AuctionRow& row) {
  if (row.announce_time != Timestamp()) return true;
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.Account(row.account));
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(*account));
  return context.MaySee(target);
}

}  // namespace

absl::StatusOr<v1::AuctionAnswer> GetAuction(ReadContext& context, const v1::GetAuctionRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "auctions", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<exchange::AuctionRow>(number));
  if (!row.has_value()) return NotFound("name", request.name());
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const bool shown, IsShown(context, lookup, *row));
  if (!shown) return NotFound("name", request.name());
  v1::AuctionAnswer answer;
  SONGHUA_ASSIGN_OR_RETURN(*answer.mutable_auction(), MessageOf(context, lookup, *row));
  return answer;
}

absl::StatusOr<v1::ListAuctionsAnswer> ListAuctions(ReadContext& context, const v1::ListAuctionsRequest& request) {
  Lookup lookup(&context);
  exchange::ContractNumber only = 0;
  if (!request.contract().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(only, lookup.FindContract("contract", request.contract()));
  }
  v1::ListAuctionsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::AuctionRow>(
      "",
      [&](const exchange::AuctionRow& row) -> ReadContext::Added {
        if (only != 0 && row.contract != only) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const bool shown, IsShown(context, lookup, row));
        if (!shown) return 0;
        SONGHUA_ASSIGN_OR_RETURN(*answer.add_auctions(), MessageOf(context, lookup, row));
        return answer.auctions().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListBidsAnswer> ListBids(ReadContext& context, const v1::ListBidsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("auction", "auctions", request.auction()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const auto auction, context.Get<exchange::AuctionRow>(number));
  if (!auction.has_value()) return NotFound("auction", request.auction());
  const bool open = auction->kind == v1::Auction::ASCENDING;
  const Target nobody;  // reached by those alone who may see everything
  const bool all = open || (auction->Ended() && context.MaySee(nobody));
  Lookup lookup(&context);
  v1::ListBidsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::AuctionBidRow>(
      EncodeKey(number),
      [&](const exchange::AuctionBidRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const auto bidder, context.Get<exchange::AuctionBidderRow>({number, row.bidder}));
        if (!bidder.has_value()) return absl::DataLossError("a bid of a bidder that there is not");
        SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.Account(bidder->account));
        SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(*account));
        const bool own = context.MaySee(target) && (all || !context.MaySee(nobody));
        if (!all && !own) return 0;
        v1::Bid& bid = *answer.add_bids();
        bid.set_name(ledger::MakeName("bids", row.id));
        bid.set_auction(request.auction());
        if (own) bid.set_account(ledger::AccountName(*account));
        bid.set_price_fen(row.price.value());
        bid.set_quantity(row.quantity.value());
        bid.set_partial(row.partial);
        bid.set_withdrawn(row.withdrawn);
        *bid.mutable_time() = ledger::ToProto(row.time);
        return bid.ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
