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

// What lists show of an auction to who asks.
struct Seen {
  exchange::AuctionRow auction;
  Lookup lookup;
  bool all = false;  // everybody's, by numbers: what is bid openly at once, what is sealed when it has ended
};

absl::StatusOr<Seen> SeenOf(ReadContext& context, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("auction", "auctions", name));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(auto auction, context.Get<exchange::AuctionRow>(number));
  if (!auction.has_value()) return NotFound("auction", name);
  const bool all = auction->kind == v1::Auction::ASCENDING || auction->Ended();
  return Seen{*std::move(auction), Lookup(&context), all};
}

// The account's name, for its owner; for authorities what is not sealed any more. Else "".
absl::StatusOr<std::string> NameIfOwn(ReadContext& context, Seen& seen, ledger::AccountNumber number) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, seen.lookup.Account(number));
  SONGHUA_ASSIGN_OR_RETURN(const Target target, seen.lookup.OfAccount(*account));
  const Target nobody;  // reached by those alone who may see everything
  const bool may = context.MaySee(target) && (seen.all || !context.MaySee(nobody));
  return may ? ledger::AccountName(*account) : std::string();
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
  SONGHUA_ASSIGN_OR_RETURN(Seen seen, SeenOf(context, request.auction()));
  v1::ListBidsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::AuctionBidRow>(
      EncodeKey(seen.auction.number),
      [&](const exchange::AuctionBidRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const auto bidder, context.Get<exchange::AuctionBidderRow>({row.auction, row.bidder}));
        if (!bidder.has_value()) return absl::DataLossError("a bid of a bidder that there is not");
        SONGHUA_ASSIGN_OR_RETURN(const std::string account, NameIfOwn(context, seen, bidder->account));
        if (account.empty() && !seen.all) return 0;
        v1::Bid& bid = *answer.add_bids() = ToProto(row);
        bid.set_account(account);
        return bid.ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListBiddersAnswer> ListBidders(ReadContext& context, const v1::ListBiddersRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Seen seen, SeenOf(context, request.auction()));
  v1::ListBiddersAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::AuctionBidderRow>(
      EncodeKey(seen.auction.number),
      [&](const exchange::AuctionBidderRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const std::string own, NameIfOwn(context, seen, row.account));
        if (own.empty() && !seen.all) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, seen.lookup.Account(row.account));
        v1::Bidder& bidder = *answer.add_bidders() = ToProto(row, ledger::AccountName(*account));
        if (!own.empty()) {
          bidder.set_account(own);
          bidder.set_opening(row.opening);
        }
        return bidder.ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListConsignmentsAnswer> ListConsignments(ReadContext& context, const v1::ListConsignmentsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Seen seen, SeenOf(context, request.auction()));
  v1::ListConsignmentsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::ConsignmentRow>(
      EncodeKey(seen.auction.number),
      [&](const exchange::ConsignmentRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const std::string account, NameIfOwn(context, seen, row.account));
        if (account.empty() && !seen.all) return 0;
        v1::Consignment& consignment = *answer.add_consignments() = ToProto(row);
        consignment.set_account(account);
        return consignment.ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListAwardsAnswer> ListAwards(ReadContext& context, const v1::ListAwardsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Seen seen, SeenOf(context, request.auction()));
  v1::ListAwardsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::AuctionAwardRow>(
      EncodeKey(seen.auction.number),
      [&](const exchange::AuctionAwardRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const auto bidder, context.Get<exchange::AuctionBidderRow>({row.auction, row.bidder}));
        if (!bidder.has_value()) return absl::DataLossError("an award to a bidder that there is not");
        SONGHUA_ASSIGN_OR_RETURN(const std::string account, NameIfOwn(context, seen, bidder->account));
        if (account.empty() && !seen.all) return 0;
        v1::Award& award = *answer.add_awards() = ToProto(row);
        if (!account.empty()) award.set_trade(row.trade);
        return award.ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
