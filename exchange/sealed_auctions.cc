// Sealed auctions in the exchange: their rules as data, bids within guarantees, the custodian's seed, and awards made into trades slice by slice (DR-46, CAR-20).
#include <algorithm>

#include "exchange/auctions.h"
#include "exchange/auctions/bid_demand.h"
#include "exchange/auctions/sealed_clearing.h"
#include "exchange/call_seeds.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

Side Other(Side side) { return side == Side::kSell ? Side::kBuy : Side::kSell; }

}  // namespace

absl::Status Auctions::ReadSealed(const v1::SealedRules& rules, AuctionRow* row) const {
  const ContractRow& contract = *parts_.exchange->FindContract(row->contract);
  const auto known = [](std::string_view field, bool valid, int value, std::string_view accepted) -> absl::Status {
    return valid ? absl::OkStatus() : static_cast<absl::Status>(InvalidField("sealed." + std::string(field), std::to_string(value), accepted).Rule("DR-46"));
  };
  SONGHUA_RETURN_IF_ERROR(known("pricing", v1::SealedRules::Pricing_IsValid(rules.pricing()), rules.pricing(), "UNIFORM or PAY_AS_BID"));
  SONGHUA_RETURN_IF_ERROR(known("ties", v1::SealedRules::Ties_IsValid(rules.ties()), rules.ties(), "SEEDED, TIME or PRO_RATA"));
  SONGHUA_RETURN_IF_ERROR(
      known("shortfall", v1::SealedRules::Shortfall_IsValid(rules.shortfall()), rules.shortfall(), "CANCEL_ALL, LOWEST_VALID_BID or RESERVE_PRICE"));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("sealed.purchase_limit_bps", rules.purchase_limit_bps(), 0, kWholeBps, "DR-46"));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("sealed.quantity_min", rules.quantity_min(), 0, row->quantity.value(), "DR-46"));
  SealedPolicy& policy = row->policy;
  policy = SealedPolicy();
  policy.side = Other(row->side);
  policy.pricing = rules.pricing() == v1::SealedRules::UNIFORM ? SealedPricing::kUniform : SealedPricing::kPayAsBid;
  policy.ties = rules.ties() == v1::SealedRules::TIES_UNSPECIFIED ? TieRule::kTime : static_cast<TieRule>(rules.ties());
  policy.shortfall = rules.shortfall() == v1::SealedRules::SHORTFALL_UNSPECIFIED ? ShortfallRule::kLowestValidBid : static_cast<ShortfallRule>(rules.shortfall());
  policy.margin = rules.margin_opted_in() ? MarginRule::kFillIfOpen : MarginRule::kFill;
  policy.reserve_rule = rules.secret_reserve() ? ReserveRule::kApplied : ReserveRule::kPublished;
  policy.reserve = row->reserve;
  row->secret_reserve = rules.secret_reserve();
  if (rules.purchase_limit_bps() > 0) policy.purchase_limits.push_back({.kind = 0, .bps = rules.purchase_limit_bps()});
  policy.bid_count = rules.one_bid() ? BidCount::kOne : BidCount::kMany;
  if (policy.side == Side::kBuy) policy.guarantee = rules.cut_to_guarantee() ? GuaranteeRule::kCutAndRetest : GuaranteeRule::kRejectBid;
  policy.lot = contract.lot_size;
  policy.award_step = contract.lot_size;
  policy.minimum_bid = Quantity(std::max(rules.quantity_min(), contract.lot_size.value()));
  policy.tick = contract.tick;
  // A lot at a tick is a whole number of fen (contracts.h), so nothing is ever rounded.
  policy.terms = {.quoted_unit = contract.lot_size.value() * contract.tick.value(), .term = Ratio(contract.fen_per_lot_tick.value(), 1)};
  SONGHUA_RETURN_IF_ERROR(CheckPolicy(policy));
  Offer offer;
  offer.own = row->quantity;
  return CheckOffer(policy, offer);
}

// The most that the bids could come to, in whichever way the auction ends: the best price for each quantity, and the fees on it, each award's rounded up.
absl::StatusOr<Money> Auctions::ValueOf(const AuctionRow& row, BidderNumber bidder, const AuctionBidRow* more, uint64_t without) const {
  std::vector<const AuctionBidRow*> bids;
  for (const uint64_t id : live_.at(row.number).bids) {
    const AuctionBidRow* bid = bids_.Find({row.number, id});
    if (bid->bidder == bidder && id != without) bids.push_back(bid);
  }
  if (more != nullptr) bids.push_back(more);
  std::sort(bids.begin(), bids.end(), [](const AuctionBidRow* a, const AuctionBidRow* b) { return a->price > b->price; });
  const ContractRow& contract = *parts_.exchange->FindContract(row.contract);
  const RulebookTerms& terms = TermsOf(row);
  const bool uniform = row.policy.pricing == SealedPricing::kUniform;
  Quantity sum;
  Money value, paid;
  for (const AuctionBidRow* bid : bids) {
    Money amount;
    int64_t quantity = 0, of_bids = 0;
    if (__builtin_add_overflow(sum.value(), bid->quantity.value(), &quantity) || quantity > kOrderQuantityMax ||
        !AmountOf(contract, bid->price, uniform ? Quantity(quantity) : bid->quantity, &amount) ||
        __builtin_add_overflow(paid.value(), amount.value(), &of_bids)) {
      return OutOfRange("quantity", std::to_string(bid->quantity.value()), "bids that together fit in 64 bits of fen").Rule("GEN-06");
    }
    sum = Quantity(quantity);
    paid = Money(of_bids);
    value = uniform ? std::max(value, amount) : paid;
  }
  const int64_t fee_bps = terms.buyer_fee_bps + terms.settlement_fee_bps;
  const __int128 fees = (static_cast<__int128>(value.value()) * fee_bps + 9'999) / 10'000 + (fee_bps > 0 ? 2 * static_cast<int64_t>(bids.size()) : 0);
  const __int128 all = value.value() + fees;
  if (all > INT64_MAX) return OutOfRange("quantity", std::to_string(sum.value()), "bids that together fit in 64 bits of fen").Rule("GEN-06");
  return Money(static_cast<int64_t>(all));
}

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
  SONGHUA_RETURN_IF_ERROR(CheckBid(row.policy, {.id = bid.id, .bidder = bid.bidder, .price = bid.price, .quantity = bid.quantity, .sequence = bid.id}));
  const AuctionBidRow* replaced = nullptr;
  const Live& live = live_.at(row.number);
  if (!request.replaced_bid().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t id, ledger::ParseNumberedName("replaced_bid", "bids", request.replaced_bid()));
    replaced = live.bids.contains(id) ? bids_.Find({row.number, id}) : nullptr;
    if (replaced == nullptr || replaced->bidder != bidder.number) return NotFound("replaced_bid", request.replaced_bid());
  } else if (row.policy.bid_count == BidCount::kOne) {
    for (const uint64_t id : live.bids) {
      if (bids_.Find({row.number, id})->bidder != bidder.number) continue;
      return Precondition("ONE_BID_ONLY", "DR-46").Field("replaced_bid").Value("").Accepted(ledger::MakeName("bids", id) + ", which the new bid is to take the place of");
    }
  }
  if (live.bids.size() >= kBidsPerAuctionMax) return Precondition("AUCTION_FULL", "DR-46").Field("auction").Value(request.auction()).Accepted("an auction with room");
  const Side side = Other(row.side);
  OffBookEntry entry = EntryOf(row, side, bidder.account, bid.price, bid.quantity);
  Money hold;
  if (side == Side::kBuy) {
    entry.cost = Money();  // the guarantee is held
    SONGHUA_RETURN_IF_ERROR(parts_.exchange->CheckOffBook(context, entry, TermsOf(row)).status());
    SONGHUA_ASSIGN_OR_RETURN(const Money value, ValueOf(row, bidder.number, &bid, replaced == nullptr ? 0 : replaced->id));
    if (row.policy.guarantee == GuaranteeRule::kRejectBid && value > bidder.guarantee) {
      return Precondition("BEYOND_GUARANTEE", "DR-44").Field("quantity").Value(bid.quantity.value()).Accepted(
          "bids that come to at most " + std::to_string(bidder.guarantee.value()) + " fen, the guarantee; with this one they would come to " +
          std::to_string(value.value()));
    }
  } else {
    if (replaced != nullptr) entry.replaces = parts_.exchange->FindOrder(replaced->order);
    SONGHUA_ASSIGN_OR_RETURN(hold, parts_.exchange->CheckOffBook(context, entry, TermsOf(row)));
  }
  v1::BidAnswer answer;
  *answer.mutable_bid() = Message(bid, bidder.account);
  if (context.validate_only) return answer;
  if (side == Side::kSell && replaced != nullptr) {
    parts_.exchange->AmendOffBook(context, *entry.replaces, entry, hold);
    bid.order = replaced->order;
  } else if (side == Side::kSell) {
    bid.order = parts_.exchange->RestOffBook(context, entry, row.terms_version, hold).number;
  }
  if (replaced != nullptr) {
    AuctionBidRow& gone = bids_.Edit(*replaced);
    gone.withdrawn = true;
    gone.order = 0;
    live_.at(row.number).bids.erase(gone.id);
  }
  rows_.Edit(row).bids = row.bids + (replaced == nullptr ? 1 : 0);
  live_.at(row.number).bids.insert(bid.id);
  bids_.Insert(std::move(bid));
  return answer;
}

absl::StatusOr<v1::BidAnswer> Auctions::WithdrawBid(CommandContext& context, const v1::WithdrawBidRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t id, ledger::ParseNumberedName("name", "bids", request.name()));
  const AuctionBidRow* bid = nullptr;
  const AuctionRow* row = nullptr;
  for (const auto& [number, live] : live_) {
    if (bid = bids_.Find({number, id}); bid == nullptr) continue;
    row = rows_.Find(number);
    break;
  }
  if (bid == nullptr) return NotFound("name", request.name());
  const AuctionBidderRow& bidder = *bidders_.Find({row->number, bid->bidder});
  if (parts_.ledger->accounts().Find(bidder.account)->participant != context.participant) {
    return Refuse(absl::StatusCode::kPermissionDenied, "FOREIGN_PARTICIPANT").Rule("GEN-13").Field("name").Value(request.name()).Accepted("a bid of the caller's own");
  }
  if (row->kind != v1::Auction::SEALED) return Precondition("BID_STANDS", "DR-45").Field("name").Value(request.name()).Accepted("a bid of a sealed auction");
  if (bid->withdrawn || row->StateAt(context.time) != v1::Auction::OPEN) {
    return Precondition("ILLEGAL_TRANSITION", "DR-46").Field("name").Value(request.name()).Accepted("a bid that stands, in an auction that is OPEN; this one is " +
                                                                                                  v1::Auction::State_Name(row->StateAt(context.time)));
  }
  AuctionBidRow withdrawn = *bid;
  withdrawn.withdrawn = true;
  v1::BidAnswer answer;
  *answer.mutable_bid() = Message(withdrawn, bidder.account);
  if (context.validate_only) return answer;
  const OrderRow* order = bid->order == 0 ? nullptr : parts_.exchange->FindOrder(bid->order);
  bids_.Edit(*bid).withdrawn = true;
  rows_.Edit(*row).bids = row->bids - 1;
  live_.at(row->number).bids.erase(id);
  if (order != nullptr) parts_.exchange->EndOffBook(context, *order, EndReason::kByOwner);
  return answer;
}

// ---- The seed ----

absl::Status Auctions::SealAuction(CommandContext& context, AuctionNumber number, const Digest& seal) {
  const AuctionRow* row = rows_.Find(number);
  if (row == nullptr || !in_custody_.contains(number) || row->sealed || context.time >= row->close_time) {
    return Precondition("NO_AUCTION_AWAITS", "DR-46").Field("auction").Value(static_cast<int64_t>(number)).Accepted("the number of an auction that awaits a seal");
  }
  AuctionRow& sealed = rows_.Edit(*row);
  sealed.sealed = true;
  sealed.seal = seal;
  context.events->Emit(EventType::kAuctionSealed, number, seal);
  return absl::OkStatus();
}

absl::Status Auctions::RevealSeed(CommandContext& context, AuctionNumber number, const Digest& seed) {
  const AuctionRow* row = rows_.Find(number);
  if (row == nullptr || !in_custody_.contains(number) || !row->sealed) {
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
  return Clear(context, *row, seed);
}

// ---- Clearing ----

absl::Status Auctions::Clear(CommandContext& context, const AuctionRow& old_row, const Digest& seed) {
  const Live& live = live_.at(old_row.number);
  std::vector<Bidder> bidders;
  for (const auto& [account, number] : live.by_account) {
    const AuctionBidderRow& row = *bidders_.Find({old_row.number, number});
    Bidder bidder{.number = number, .group = parts_.exchange->GroupOf(account), .kind = 0, .guarantee = std::nullopt, .holding_room = std::nullopt};
    if (old_row.policy.guarantee != GuaranteeRule::kNone) bidder.guarantee = row.guarantee;
    if (old_row.policy.side == Side::kBuy) bidder.holding_room = parts_.exchange->HoldingRoomOf(old_row.contract, account);
    bidders.push_back(bidder);
  }
  std::vector<SealedBid> bids;
  for (const uint64_t id : live.bids) {
    const AuctionBidRow& bid = *bids_.Find({old_row.number, id});
    bids.push_back({.id = id, .bidder = bid.bidder, .price = bid.price, .quantity = bid.quantity, .sequence = id, .partial = bid.partial});
  }
  SealedAuction auction;
  auction.policy = old_row.policy;
  auction.offer.own = old_row.quantity;
  auction.bidders = bidders;
  auction.bids = bids;
  auction.seed = seed;
  SONGHUA_ASSIGN_OR_RETURN(const SealedResult result, ClearSealed(auction));
  AuctionRow& row = rows_.Edit(old_row);
  in_custody_.erase(row.number);
  std::erase_if(due_, [&](const auto& due) { return due.second == row.number; });
  row.seed = seed;
  row.collected = result.collected;
  context.events->Emit(EventType::kAuctionRevealed, row.number, seed, result.collected, result.clearing_price.value_or(Price()), result.sold);
  if (result.awards.empty()) {
    End(context, row, v1::Auction::CANCELLED,
        result.cancelled == AuctionCancelled::kShortfall ? "SHORTFALL" : row.bids == 0 ? "NO_BIDS" : "NOTHING_SERVED");
    return absl::OkStatus();
  }
  row.state = v1::Auction::CLOSED;
  row.clearing_price = result.clearing_price.value_or(Price());
  std::vector<SealedAward> awards = result.awards;
  std::stable_sort(awards.begin(), awards.end(), [](const SealedAward& a, const SealedAward& b) { return a.bidder < b.bidder; });
  row.awards = static_cast<uint32_t>(awards.size());
  for (uint32_t index = 0; index < row.awards; ++index) {
    AuctionAwardRow award;
    award.auction = row.number;
    award.index = index;
    award.bidder = awards[index].bidder;
    award.bid = awards[index].bid;
    award.price = awards[index].price;
    award.quantity = awards[index].quantity;
    awards_.Insert(std::move(award));
  }
  Tell(context, row);
  due_.insert({context.time, row.number});
  parts_.alarm->WakeForAuctions(context.time);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::Trade>> Auctions::MakeAwards(CommandContext& context, const AuctionRow& row, const AuctionBidderRow& bidder,
                                                            const std::vector<OffBookFill>& fills, Quantity quantity) {
  Exchange& exchange = *parts_.exchange;
  const std::string name = ledger::MakeName("auctions", row.number);
  const OrderRow& applicants = *exchange.FindOrder(row.order);
  SONGHUA_RETURN_IF_ERROR(exchange.CheckResting(context, applicants, quantity, "auction", name));
  const Side side = Other(row.side);
  SONGHUA_RETURN_IF_ERROR(
      exchange.CheckTrader(context, row.contract, bidder.account, side, side == Side::kSell ? Quantity() : quantity, "auction", name));
  std::vector<v1::Trade> trades;
  if (side == Side::kSell) {
    for (const OffBookFill& fill : fills) {
      trades.push_back(exchange.MeetOffBook(context, *exchange.FindOrder(row.order), *exchange.FindOrder(fill.order), fill.price, fill.quantity));
    }
    return trades;
  }
  Money cost;
  Price worst;
  for (const OffBookFill& fill : fills) {
    const std::optional<Money> of_fill = exchange.CostOffBook(applicants, fill);
    SONGHUA_CHECK(of_fill.has_value());  // the bid was within the guarantee
    cost += *of_fill;
    worst = std::max(worst, fill.price);
  }
  SONGHUA_CHECK(cost <= bidder.held);  // ValueOf has seen to it
  ChangeHeld(bidder, bidder.held - cost);
  return exchange.TakeOffBook(context, EntryOf(row, side, bidder.account, worst, quantity), fills);
}

// True: more awards are to be made. A bidder who may not trade any more gets nothing, and what it was to get stays unsold.
bool Auctions::AwardSlice(CommandContext& context, const AuctionRow& old_row, size_t* left) {
  AuctionRow& row = rows_.Edit(old_row);
  while (row.awarded < row.awards) {
    if (*left == 0) return true;
    const AuctionAwardRow& first = *awards_.Find({row.number, row.awarded});
    const AuctionBidderRow& bidder = *bidders_.Find({row.number, first.bidder});
    // All of one bidder's awards make one order of its.
    std::vector<OffBookFill> fills;
    Quantity sum;
    uint32_t end = row.awarded;
    for (; end < row.awards && awards_.Find({row.number, end})->bidder == first.bidder; ++end) {
      const AuctionAwardRow& award = *awards_.Find({row.number, end});
      const OrderId resting = row.side == Side::kSell ? row.order : bids_.Find({row.number, award.bid})->order;
      fills.push_back({resting, award.quantity, award.price});
      sum += award.quantity;
    }
    *left -= std::min<size_t>(*left, fills.size());
    const absl::StatusOr<std::vector<v1::Trade>> trades = MakeAwards(context, row, bidder, fills, sum);
    for (uint32_t index = row.awarded; index < end; ++index) {
      AuctionAwardRow& award = awards_.Edit(*awards_.Find({row.number, index}));
      if (trades.ok()) {
        award.trade = (*trades)[index - row.awarded].name();
        row.sold += award.quantity;
      } else {
        award.refused = std::string(trades.status().message());
      }
      context.events->Emit(EventType::kAuctionAwarded, row.number, award.bidder, award.price, trades.ok() ? award.quantity : Quantity());
    }
    row.awarded = end;
  }
  End(context, row, v1::Auction::MATCHED, "");
  return false;
}

}  // namespace songhua::exchange
