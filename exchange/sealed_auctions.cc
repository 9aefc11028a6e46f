// Sealed auctions in the exchange: their rules as data, bids within guarantees, the custodian's seed, and awards made into trades slice by slice (DR-46, CAR-20).
#include <algorithm>

#include "exchange/auction_replay.h"
#include "exchange/auctions.h"
#include "exchange/auctions/bid_limits.h"
#include "exchange/auctions/sealed_clearing.h"
#include "exchange/call_seeds.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

Side Other(Side side) { return side == Side::kSell ? Side::kBuy : Side::kSell; }

SealedBid AsSealed(const AuctionBidRow& row) {
  return {.id = row.id, .bidder = row.bidder, .price = row.price, .quantity = row.quantity, .sequence = row.id, .partial = row.partial};
}

// What CheckBid would refuse, too, by the names of the request.
absl::Status CheckSteps(const SealedPolicy& policy, Price price, Quantity quantity) {
  if (price <= Price() || price.value() % policy.tick.value() != 0) {
    return Precondition("PRICE_OFF_TICK", "CAR-10").Field("price_fen").Value(price.value()).Accepted("above 0, a multiple of " + std::to_string(policy.tick.value()));
  }
  if (quantity < policy.minimum_bid || quantity.value() % policy.lot.value() != 0) {
    return Precondition("QUANTITY_OFF_LOT", "DR-46").Field("quantity").Value(quantity.value()).Accepted(
        "at least " + std::to_string(policy.minimum_bid.value()) + ", in steps of " + std::to_string(policy.lot.value()));
  }
  if (policy.reserve_rule != ReserveRule::kPublished || MeritOf(policy.side, price) >= MeritOf(policy.side, policy.reserve)) return absl::OkStatus();
  return Precondition("BEYOND_RESERVE", "CAR-20").Field("price_fen").Value(price.value()).Accepted(
      (policy.side == Side::kBuy ? "at least " : "at most ") + std::to_string(policy.reserve.value()) + ", the reserve");
}

}  // namespace

// ---- Guarantees ----

std::vector<SealedBid> Auctions::BidsOf(const AuctionRow& row, BidderNumber bidder, uint64_t without) const {
  std::vector<SealedBid> bids;
  const std::set<std::pair<BidderNumber, uint64_t>>& all = live_.at(row.number).bids;
  for (auto at = all.lower_bound({bidder, 0}); at != all.end() && at->first == bidder; ++at) {
    if (at->second != without) bids.push_back(AsSealed(*bids_.Find({row.number, at->second})));
  }
  return bids;
}

// Each trade has two fees, each rounded half-up (GEN-07): one fen a trade at most beyond their rates. A bid makes one trade, one more in each tier of reserves,
// and one more for each consignment of which it gets a part.
Money Auctions::WithoutFees(const AuctionRow& row, Money guarantee, size_t bids) const {
  const RulebookTerms& terms = TermsOf(row);
  const int64_t bps = terms.buyer_fee_bps + terms.settlement_fee_bps;
  if (bps == 0) return guarantee;
  const size_t trades = bids * std::max<size_t>(1, row.policy().reserve_tiers.size()) + live_.at(row.number).consignments.size();
  const __int128 left = static_cast<__int128>(guarantee.value()) - static_cast<__int128>(trades);
  return left <= 0 ? Money() : Money(static_cast<int64_t>(left * kWholeBps / (kWholeBps + bps)));
}

// ---- Bids ----

absl::StatusOr<v1::BidAnswer> Auctions::PlaceSealed(CommandContext& context, const AuctionRow& row, const AuctionBidderRow& bidder,
                                                    const v1::PlaceBidRequest& request) {
  AuctionBidRow bid;
  bid.auction = row.number;
  bid.id = context.sequence;
  bid.bidder = bidder.number;
  bid.price = Price(request.price_fen());
  bid.quantity = Quantity(request.quantity());
  bid.partial = request.partial();
  bid.time = context.time;
  const SealedPolicy& policy = row.policy();
  SONGHUA_RETURN_IF_ERROR(CheckSteps(policy, bid.price, bid.quantity));
  SONGHUA_RETURN_IF_ERROR(CheckBid(policy, AsSealed(bid)));
  const Quantity offered = row.quantity + row.consigned;
  if (bid.quantity > offered) {
    return Precondition("MORE_THAN_OFFERED", "DR-46").Field("quantity").Value(bid.quantity.value()).Accepted("at most " + std::to_string(offered.value()) +
                                                                                                        ", what is offered");
  }
  Live& live = live_.at(row.number);
  const std::vector<SealedBid> own = BidsOf(row, bidder.number, 0);
  const AuctionBidRow* replaced = nullptr;
  if (!request.replaced_bid().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const auto name, ParsePartName("replaced_bid", "bids", request.replaced_bid()));
    replaced = name.first == row.number && live.bids.contains({bidder.number, name.second}) ? bids_.Find(name) : nullptr;
    if (replaced == nullptr) return NotFound("replaced_bid", request.replaced_bid());
  } else if (policy.bid_count == BidCount::kOne && !own.empty()) {
    return Precondition("ONE_BID_ONLY", "DR-46").Field("replaced_bid").Value("").Accepted(PartName("bids", row.number, own.front().id) +
                                                                                         ", which the new bid is to take the place of");
  }
  const Quantity bid_for = live.bid_for - (replaced == nullptr ? Quantity() : replaced->quantity);
  if ((replaced == nullptr && live.bids.size() >= kBidsPerAuctionMax) || own.size() >= kBidsPerBidderMax || bid.quantity.value() > INT64_MAX - bid_for.value()) {
    return Precondition("AUCTION_FULL", "DR-46").Field("auction").Value(request.auction()).Accepted("an auction with room for one more bid");
  }
  const Side side = Other(row.side);
  OffBookEntry entry = EntryOf(row, side, bidder.account, bid.price, bid.quantity);
  Money hold;
  if (side == Side::kBuy) {
    entry.cost = Money();  // the guarantee is held
    SONGHUA_RETURN_IF_ERROR(parts_.exchange->CheckOffBook(context, entry, TermsOf(row)).status());
    std::vector<SealedBid> book = BidsOf(row, bidder.number, replaced == nullptr ? 0 : replaced->id);
    book.push_back(AsSealed(bid));
    SONGHUA_ASSIGN_OR_RETURN(const Money most, MostPayable(policy, book));
    const Money covered = WithoutFees(row, bidder.guarantee, book.size());
    if (policy.guarantee == GuaranteeRule::kRejectBid && most > covered) {
      return Precondition("BEYOND_GUARANTEE", "DR-44").Field("quantity").Value(bid.quantity.value()).Accepted(
          "bids that come to at most " + std::to_string(covered.value()) + " fen, which the guarantee covers with fees; with this one they would come to " +
          std::to_string(most.value()));
    }
  } else {
    if (replaced != nullptr) entry.replaces = parts_.exchange->FindOrder(replaced->order);
    SONGHUA_ASSIGN_OR_RETURN(hold, parts_.exchange->CheckOffBook(context, entry, TermsOf(row)));
  }
  if (context.validate_only) return Answer(bid, bidder.account);
  if (side == Side::kSell && replaced != nullptr) {
    parts_.exchange->AmendOffBook(context, *entry.replaces, entry, row.terms_version, hold);
    bid.order = replaced->order;
  } else if (side == Side::kSell) {
    bid.order = parts_.exchange->RestOffBook(context, entry, row.terms_version, hold).number;
  }
  if (replaced != nullptr) {
    Withdraw(row, *replaced);
    bids_.Edit(*replaced).order = 0;
  }
  ++rows_.Edit(row).bids;
  live.bids.insert({bid.bidder, bid.id});
  live.bid_for += bid.quantity;
  if (bid.order != 0) live.orders[bid.order] = bid.id;
  return Answer(bids_.Insert(std::move(bid)), bidder.account);
}

absl::StatusOr<v1::BidAnswer> Auctions::WithdrawBid(CommandContext& context, const v1::WithdrawBidRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const auto name, ParsePartName("name", "bids", request.name()));
  const AuctionBidRow* bid = bids_.Find(name);
  if (bid == nullptr) return NotFound("name", request.name());
  const AuctionRow* row = rows_.Find(name.first);
  const AuctionBidderRow& bidder = *bidders_.Find({row->number, bid->bidder});
  if (parts_.ledger->accounts().Find(bidder.account)->participant != context.participant) {
    return Refuse(absl::StatusCode::kPermissionDenied, "FOREIGN_PARTICIPANT").Rule("GEN-13").Field("name").Value(request.name()).Accepted("a bid of the caller's own");
  }
  if (row->kind != v1::Auction::SEALED) return Precondition("BID_STANDS", "DR-45").Field("name").Value(request.name()).Accepted("a bid of a sealed auction");
  if (bid->withdrawn || row->StateAt(context.time) != v1::Auction::OPEN) {
    return Precondition("ILLEGAL_TRANSITION", "DR-46").Field("name").Value(request.name()).Accepted("a bid that stands, in an auction that is OPEN; this one is " +
                                                                                                  v1::Auction::State_Name(row->StateAt(context.time)));
  }
  if (context.validate_only) {
    AuctionBidRow withdrawn = *bid;
    withdrawn.withdrawn = true;
    return Answer(withdrawn, bidder.account);
  }
  if (bid->order == 0) {
    Withdraw(*row, *bid);
  } else {
    parts_.exchange->EndOffBook(context, *parts_.exchange->FindOrder(bid->order), EndReason::kByOwner);
  }
  return Answer(*bid, bidder.account);
}

// ---- The seed ----

absl::Status Auctions::SealAuction(CommandContext& context, AuctionNumber number, const Digest& seal) {
  const AuctionRow* row = rows_.Find(number);
  if (row == nullptr || !row->InCustody() || row->sealed || context.time >= row->close_time) {
    return Precondition("NO_AUCTION_AWAITS", "DR-46").Field("auction").Value(static_cast<int64_t>(number)).Accepted("the number of an auction that awaits a seal");
  }
  AuctionRow& sealed = rows_.Edit(*row);
  in_custody_.erase(CustodyOf(sealed));
  sealed.sealed = true;
  in_custody_.insert(CustodyOf(sealed));
  sealed.seal = seal;
  context.events->Emit(EventType::kAuctionSealed, number, seal);
  return absl::OkStatus();
}

absl::Status Auctions::RevealSeed(CommandContext& context, AuctionNumber number, const Digest& seed) {
  const AuctionRow* row = rows_.Find(number);
  if (row == nullptr || !row->InCustody() || !row->sealed) {
    return Precondition("NO_AUCTION_AWAITS", "DR-46").Field("auction").Value(static_cast<int64_t>(number)).Accepted("the number of an auction that awaits its seed");
  }
  const std::string name = ledger::MakeName("auctions", number);
  if (parts_.exchange->FindContract(row->contract)->halts > 0) {
    return Precondition("MARKET_HALTED", "CAR-27").Field("auction").Value(name).Accepted("an auction of a contract that no halt stops");
  }
  if (SealOf(seed) != row->seal) {
    return Refuse(absl::StatusCode::kInvalidArgument, "SEED_MISMATCH").Rule("DR-46").Field("seed").Value(ToHex(SealOf(seed)) + ", its SHA-256").Accepted(
        "the seed of " + name + ", whose SHA-256 is " + ToHex(row->seal));
  }
  if (context.time < row->close_time) {
    return Precondition("REVEALED_TOO_EARLY", "DR-46").Field("seed").Value(FormatTimestamp(context.time)).Accepted("a time not before the close of " + name);
  }
  Clear(context, *row, seed);
  return absl::OkStatus();
}

// ---- Clearing ----

// Who may be served, with what limits it at the close: that is written down, so that everybody can clear the auction again.
std::vector<Bidder> Auctions::BiddersToClear(const AuctionRow& row) {
  const bool buyers = row.policy().side == Side::kBuy;
  const Live& live = live_.at(row.number);
  std::map<BidderNumber, ledger::AccountNumber> accounts;
  for (const auto& [account, number] : live.by_account) accounts[number] = account;
  std::map<ledger::ParticipantNumber, BidderNumber> groups;
  std::vector<Bidder> bidders;
  for (const auto& [number, account] : accounts) {
    AuctionBidderRow& entered = bidders_.Edit(*bidders_.Find({row.number, number}));
    entered.group = groups.try_emplace(parts_.exchange->GroupOf(account), number).first->second;
    const ledger::ParticipantRow* participant = parts_.participants->FindParticipant(parts_.ledger->accounts().Find(account)->participant);
    entered.kind = participant->kind == v1::ENTERPRISE ? v1::PurchaseLimit::COVERED : v1::PurchaseLimit::VOLUNTARY;
    Bidder bidder{.number = number, .group = entered.group, .kind = entered.kind, .guarantee = std::nullopt, .holding_room = std::nullopt};
    if (buyers) {
      bidder.guarantee = WithoutFees(row, entered.guarantee, BidsOf(row, number, 0).size());
      bidder.holding_room = parts_.exchange->HoldingRoomOf(row.contract, account);
    }
    entered.holding_room = bidder.holding_room.has_value() ? bidder.holding_room->value() : -1;
    entered.covered = bidder.guarantee.value_or(Money());
    bidders.push_back(bidder);
  }
  return bidders;
}

void Auctions::Clear(CommandContext& context, const AuctionRow& old_row, const Digest& seed) {
  const Live& live = live_.at(old_row.number);
  SealedAuction auction;
  auction.policy = old_row.policy();
  auction.offer.own = OwnOf(auction.policy, old_row.quantity);
  for (const OrderId number : live.consignments) {
    const ConsignmentRow& consignment = *consignments_.Find({old_row.number, number});
    auction.offer.consignments.push_back({number, consignment.quantity, consignment.ask});
  }
  if (auction.policy.secondary != SecondaryRule::kNone) {
    const Price listed = parts_.exchange->ListedPriceOn(old_row.contract, LocalDate(old_row.close_time));
    if (listed > Price()) auction.offer.comparison = listed;
  }
  DropSecondary(&auction);
  const std::vector<Bidder> bidders = BiddersToClear(old_row);
  std::vector<SealedBid> bids;
  for (const auto& [bidder, id] : live.bids) bids.push_back(AsSealed(*bids_.Find({old_row.number, id})));
  auction.bidders = bidders;
  auction.bids = bids;
  auction.seed = seed;
  const absl::StatusOr<SealedResult> cleared = ClearSealed(auction);
  // Bids within what is offered and within guarantees always clear; if ever not, nobody is to be held any longer.
  if (!cleared.ok()) {
    End(context, old_row, v1::Auction::VOID, "NOT_CLEARABLE");
    return;
  }
  const SealedResult& result = *cleared;
  AuctionRow& row = rows_.Edit(old_row);
  in_custody_.erase(CustodyOf(row));
  row.seed = seed;
  row.collected = result.collected;
  row.comparison = auction.offer.comparison.value_or(Price());
  context.events->Emit(EventType::kAuctionRevealed, row.number, seed, result.collected, result.clearing_price.value_or(Price()), result.sold);
  if (result.awards.empty()) {
    End(context, row, v1::Auction::CANCELLED, std::string(ReasonOf(result, bids.size())));
    return;
  }
  row.state = v1::Auction::CLOSED;
  row.clearing_price = result.clearing_price.value_or(Price());
  const absl::StatusOr<std::vector<UnitFlow>> in_order = AwardsInOrder(auction, result);
  SONGHUA_CHECK(in_order.ok());  // amounts of what was cleared
  const std::vector<UnitFlow>& flows = *in_order;
  row.awards = static_cast<uint32_t>(flows.size());
  for (uint32_t index = 0; index < row.awards; ++index) {
    AuctionAwardRow award;
    award.auction = row.number;
    award.index = index;
    award.bidder = bids_.Find({row.number, flows[index].bid})->bidder;
    award.bid = flows[index].bid;
    award.consignment = flows[index].consignment;
    award.price = flows[index].price;
    award.quantity = flows[index].quantity;
    awards_.Insert(std::move(award));
  }
  Tell(context, row);
  SetDue(row, context.time);
}

// ---- Awards ----

absl::Status Auctions::CheckAwarded(const CommandContext& context, const AuctionRow& row, const OrderRow* order, Quantity quantity) const {
  const std::string name = ledger::MakeName("auctions", row.number);
  if (order == nullptr) return Precondition("ORDER_ENDED", "DR-46").Field("auction").Value(name).Accepted("an order that has not been ended since the close");
  return parts_.exchange->CheckResting(context, *order, quantity, "auction", name);
}

// A party that may not trade any more gets nothing, and what it was to get stays unsold.
void Auctions::MakeAwards(CommandContext& context, AuctionRow* row, uint32_t from, uint32_t to) {
  Exchange& exchange = *parts_.exchange;
  const bool buyers = row->side == Side::kSell;
  const AuctionBidderRow& bidder = *bidders_.Find({row->number, awards_.Find({row->number, from})->bidder});
  std::vector<OffBookFill> fills;
  std::vector<uint32_t> filled;
  Money cost;
  Price worst;
  Quantity sum;
  for (uint32_t index = from; index < to; ++index) {
    const AuctionAwardRow& award = *awards_.Find({row->number, index});
    const OrderId applicants = award.consignment == 0 ? row->order : award.consignment;
    const OrderRow* order = exchange.FindOrder(applicants);
    absl::Status allowed = CheckAwarded(context, *row, order, sum + award.quantity);
    if (allowed.ok() && buyers) {
      allowed = exchange.CheckTrader(context, row->contract, bidder.account, Side::kBuy, sum + award.quantity, "auction", ledger::MakeName("auctions", row->number));
    } else if (allowed.ok()) {
      allowed = CheckAwarded(context, *row, exchange.FindOrder(bids_.Find({row->number, award.bid})->order), award.quantity);
    }
    if (!allowed.ok()) {
      awards_.Edit(award).refused = std::string(allowed.message());
      context.events->Emit(EventType::kAuctionAwarded, row->number, award.bidder, award.price, Quantity());
      continue;
    }
    fills.push_back({applicants, award.quantity, award.price});
    filled.push_back(index);
    sum += award.quantity;
    worst = std::max(worst, award.price);
    if (!buyers) continue;
    const std::optional<Money> of_fill = exchange.CostOffBook(*order, fills.back());
    SONGHUA_CHECK(of_fill.has_value());  // the bid was within the guarantee
    cost += *of_fill;
  }
  if (fills.empty()) return;
  std::vector<v1::Trade> trades;
  if (buyers) {
    SONGHUA_CHECK(cost <= bidder.held);  // WithoutFees has seen to it
    ChangeHeld(bidder, bidder.held - cost);
    trades = exchange.TakeOffBook(context, EntryOf(*row, Side::kBuy, bidder.account, worst, sum), fills);
  } else {
    for (size_t i = 0; i < fills.size(); ++i) {
      const OrderRow& offered = *exchange.FindOrder(bids_.Find({row->number, awards_.Find({row->number, filled[i]})->bid})->order);
      trades.push_back(exchange.MeetOffBook(context, *exchange.FindOrder(fills[i].order), offered, fills[i].price, fills[i].quantity));
    }
  }
  for (size_t i = 0; i < filled.size(); ++i) {
    AuctionAwardRow& award = awards_.Edit(*awards_.Find({row->number, filled[i]}));
    award.trade = trades[i].name();
    row->sold += award.quantity;
    if (award.consignment != 0) consignments_.Edit(*consignments_.Find({row->number, award.consignment})).sold += award.quantity;
    context.events->Emit(EventType::kAuctionAwarded, row->number, award.bidder, award.price, award.quantity);
  }
}

// True: more awards are to be made. All awards of one bidder make one order of its.
bool Auctions::AwardSlice(CommandContext& context, const AuctionRow& old_row, size_t* left) {
  AuctionRow& row = rows_.Edit(old_row);
  placed_in_ = context.sequence;
  while (row.awarded < row.awards) {
    if (*left == 0) return true;
    const BidderNumber bidder = awards_.Find({row.number, row.awarded})->bidder;
    uint32_t end = row.awarded + 1;
    while (end < row.awards && awards_.Find({row.number, end})->bidder == bidder) ++end;
    *left -= std::min<size_t>(*left, end - row.awarded);
    MakeAwards(context, &row, row.awarded, end);
    row.awarded = end;
  }
  End(context, row, v1::Auction::MATCHED, "");
  return false;
}

}  // namespace songhua::exchange
