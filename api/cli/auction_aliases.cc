#include "api/cli/auction_aliases.h"

#include <vector>

#include "api/cli/alias_table.h"
#include "api/cli/aliases.h"

namespace songhua::api::cli {
namespace {

std::vector<Alias> Auctioning() {
  const Place kAuction = {{"AUCTION", "An auction's name or number"}, "name"};
  const Place kOfAuction = {{"AUCTION", "An auction's name or number"}, "auction"};
  return {
      {.words = {"auction", "apply"},
       .method = "Auctions/ApplyForAuction",
       .summary = "Ask for an auction of units of yours, or to buy by sealed bids",
       .places = {{{"CONTRACT", "A contract's name, with or without \"contracts/\""}, "contract"}},
       .required = {"kind", "account", "side", "quantity", "reserve-price"},
       .examples = {{"auction apply CONTRACT --kind ascending --side sell --account SITE.rights --quantity 20t --reserve-price 5000 --as PERSON", ""}}},
      {.words = {"auction", "announce"},
       .method = "Auctions/AnnounceAuction",
       .summary = "Publish when it is held, and by which rules",
       .places = {kAuction},
       .required = {"announcement", "register-until-time", "open-time", "close-time"},
       .examples = {{"auction announce 3 --announcement \"notice 7\" --register-until-time \"2026-01-13 09:00\" --open-time \"2026-01-13 10:00\" --close-time "
                     "\"2026-01-13 11:00\" --as PERSON",
                     ""}}},
      {.words = {"auction", "register"},
       .method = "Auctions/RegisterBidder",
       .summary = "Enter as a bidder, with the deposit or a guarantee",
       .places = {kOfAuction},
       .required = {"account"},
       .examples = {{"auction register 3 --account SITE.rights --as PERSON", ""}, {"auction register 4 --account SITE.rights --guarantee 200000 --as PERSON", ""}}},
      {.words = {"auction", "leave"},
       .method = "Auctions/WithdrawBidder",
       .summary = "Withdraw from it while the registration is open",
       .places = {kOfAuction},
       .required = {"account"},
       .examples = {{"auction leave 3 --account SITE.rights --as PERSON", ""}}},
      {.words = {"auction", "bid"},
       .method = "Auctions/PlaceBid",
       .summary = "Bid; of a sealed auction with a quantity",
       .places = {kOfAuction},
       .required = {"account", "price"},
       .examples = {{"auction bid 3 --account SITE.rights --price 5100 --as PERSON", ""},
                    {"auction bid 4 --account SITE.rights --price 5100 --quantity 5t --partial --as PERSON", ""}}},
      {.words = {"auction", "withdraw"},
       .method = "Auctions/WithdrawBid",
       .summary = "Take a sealed bid back",
       .places = {{{"BID", "A bid's name"}, "name"}},
       .examples = {{"auction withdraw 4-4711 --as PERSON", ""}}},
      {.words = {"auction", "pay"},
       .method = "Auctions/PayAuction",
       .summary = "Pay for what you won by ascending bids",
       .places = {kAuction},
       .examples = {{"auction pay 3 --as PERSON", ""}}},
      {.words = {"auction", "cancel"},
       .method = "Auctions/CancelAuction",
       .summary = "Cancel it; all holds end",
       .places = {kAuction},
       .required = {"reason"},
       .examples = {{"auction cancel 3 --reason \"the seller's permit ends\" --as PERSON", ""}}},
      {.words = {"auction", "show"},
       .method = "Auctions/GetAuction",
       .summary = "An auction: its times, rules and result",
       .places = {kAuction},
       .examples = {{"auction show 3 --as PERSON", ""}}},
      {.words = {"auction", "list"},
       .method = "Auctions/ListAuctions",
       .summary = "The auctions, oldest first",
       .columns = {"name", "kind", "state", "contract", "side", "quantity", "reserve_price_fen", "open_time", "close_time", "best_price_fen", "clearing_price_fen"},
       .examples = {{"auction list --contract CONTRACT --as PERSON", ""}}},
      {.words = {"auction", "consign"},
       .method = "Auctions/Consign",
       .summary = "Have units of yours sold in a sealed auction of another's",
       .places = {kOfAuction},
       .required = {"account", "quantity"},
       .examples = {{"auction consign 4 --account SITE.rights --quantity 5t --as PERSON", ""}}},
      {.words = {"auction", "reclaim"},
       .method = "Auctions/WithdrawConsignment",
       .summary = "Take consigned units back while the registration is open",
       .places = {{{"CONSIGNMENT", "A consignment's name"}, "name"}},
       .examples = {{"auction reclaim 4-4711 --as PERSON", ""}}},
      {.words = {"auction", "bidders"},
       .method = "Auctions/ListBidders",
       .summary = "Who bids, by number; your own with your name",
       .places = {kOfAuction},
       .columns = {"number", "register_time", "guarantee_fen", "withdrawn", "account", "opening"},
       .examples = {{"auction bidders 4 --as PERSON", ""}}},
      {.words = {"auction", "consignments"},
       .method = "Auctions/ListConsignments",
       .summary = "What others have it sell",
       .places = {kOfAuction},
       .columns = {"name", "quantity", "ask_price_fen", "sold_quantity", "withdrawn", "account"},
       .examples = {{"auction consignments 4 --as PERSON", ""}}},
      {.words = {"auction", "awards"},
       .method = "Auctions/ListAwards",
       .summary = "What a sealed auction gave to whom, by numbers",
       .places = {kOfAuction},
       .columns = {"number", "bidder", "bid", "price_fen", "quantity", "consignment", "trade", "refused"},
       .examples = {{"auction awards 4 --as PERSON", ""}}},
      {.words = {"auction", "bids"},
       .method = "Auctions/ListBids",
       .summary = "The bids of an auction that you may see",
       .places = {kOfAuction},
       .columns = {"name", "bidder", "time", "price_fen", "quantity", "partial", "withdrawn", "account"},
       .examples = {{"auction bids 3 --as PERSON", ""}}},
  };
}

}  // namespace

void AddAuctionAliases(Registry* registry) { AddAliasesOf(registry, kTradeGroup, Auctioning()); }

}  // namespace songhua::api::cli
