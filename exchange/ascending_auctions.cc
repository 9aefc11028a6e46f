// Ascending auctions (DR-43 to DR-45): one lot of units, open bids, a deposit, extensions, and a winner who pays or forfeits.
#include <algorithm>

#include "exchange/auctions.h"
#include "ledger/names.h"
#include "ledger/pledges.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

constexpr int32_t kWhole = 10'000;

// A part of an amount in basis points, rounded up to `step`: it is what a bidder owes or must offer.
int64_t PartUp(int64_t amount, int32_t bps, int64_t step) {
  const __int128 part = static_cast<__int128>(amount) * bps;
  const __int128 whole = static_cast<__int128>(step) * kWhole;
  return static_cast<int64_t>((part + whole - 1) / whole * step);
}

}  // namespace

absl::StatusOr<AscendingTerms> Auctions::ReadAscending(const v1::AscendingRules& rules) {
  AscendingTerms terms;
  const auto read = [](std::string_view name, int32_t given, int32_t low, int32_t high, int32_t standard, int32_t* value) -> absl::Status {
    if (given != 0) SONGHUA_RETURN_IF_ERROR(RequireInRange("ascending." + std::string(name), given, low, high, "DR-44"));
    *value = given == 0 ? standard : given;
    return absl::OkStatus();
  };
  SONGHUA_RETURN_IF_ERROR(read("deposit_bps", rules.deposit_bps(), 1, kWhole, 2'000, &terms.deposit_bps));
  SONGHUA_RETURN_IF_ERROR(read("increment_bps", rules.increment_bps(), 1, kWhole, 100, &terms.increment_bps));
  SONGHUA_RETURN_IF_ERROR(read("extension_seconds", rules.extension_seconds(), 1, 3'600, 180, &terms.extension_s));
  SONGHUA_RETURN_IF_ERROR(read("extensions_max", rules.extensions_max(), 1, 1'000, 20, &terms.extensions_max));
  SONGHUA_RETURN_IF_ERROR(read("payment_workdays", rules.payment_workdays(), 1, 60, 5, &terms.payment_workdays));
  SONGHUA_RETURN_IF_ERROR(read("bar_months", rules.bar_months(), 1, 120, 12, &terms.bar_months));
  terms.converts = rules.converts();
  return terms;
}

Money Auctions::DepositOf(const AuctionRow& row) const {
  Money start;
  SONGHUA_CHECK(AmountOf(*parts_.exchange->FindContract(row.contract), row.reserve, row.quantity, &start));  // CheckOffBook has let it pass
  return Money(PartUp(start.value(), row.ascending.deposit_bps, 1));
}

// The least that the next bid may offer.
Price Auctions::NextPrice(const AuctionRow& row) const {
  if (row.best_bidder == 0) return row.reserve;
  const int64_t tick = parts_.exchange->FindContract(row.contract)->tick.value();
  return Price(row.best_price.value() + std::max(tick, PartUp(row.reserve.value(), row.ascending.increment_bps, tick)));
}

absl::StatusOr<v1::BidAnswer> Auctions::PlaceAscending(CommandContext& context, const AuctionRow& row, const AuctionBidderRow& bidder,
                                                       const v1::PlaceBidRequest& request) {
  if (request.quantity() != 0 && request.quantity() != row.quantity.value()) {
    return InvalidField("quantity", std::to_string(request.quantity()), "0 or " + std::to_string(row.quantity.value()) + ": bids are for all of it").Rule("DR-43");
  }
  if (!request.replaced_bid().empty()) return InvalidField("replaced_bid", request.replaced_bid(), "nothing: a bid stands").Rule("DR-45");
  if (row.best_bidder == bidder.number) {
    return Precondition("OUTBIDS_ITSELF", "DR-45").Field("account").Value(request.account()).Accepted("a bidder who has not made the best bid, which is " +
                                                                                                 std::to_string(row.best_price.value()));
  }
  if (parts_.exchange->FindContract(row.contract)->halts > 0) {
    return Precondition("MARKET_HALTED", "CAR-27").Field("auction").Value(request.auction()).Accepted("an auction of a contract that no halt stops");
  }
  const Price least = NextPrice(row);
  if (request.price_fen() < least.value()) {
    return Precondition("BID_TOO_LOW", "DR-45").Field("price_fen").Value(request.price_fen()).Accepted("at least " + std::to_string(least.value()));
  }
  OffBookEntry entry = EntryOf(row, Side::kBuy, bidder.account, Price(request.price_fen()), row.quantity);
  entry.cost = Money();  // the deposit is held; the rest is due when he has won
  SONGHUA_RETURN_IF_ERROR(parts_.exchange->CheckOffBook(context, entry, TermsOf(row)).status());
  AuctionBidRow bid;
  bid.auction = row.number;
  bid.id = context.sequence;
  bid.bidder = bidder.number;
  bid.price = entry.price;
  bid.quantity = row.quantity;
  bid.time = context.time;
  AuctionRow after = row;
  ++after.bids;
  after.best_price = bid.price;
  after.best_bidder = bidder.number;
  // The clock starts anew with the bid, so that whoever is outbid has as long as anybody before him.
  const Timestamp extended(context.time.value() + row.ascending.extension_s * kMicrosPerSecond);
  if (extended > row.close_time && row.extensions < row.ascending.extensions_max) {
    ++after.extensions;
    after.close_time = extended;
  }
  v1::BidAnswer answer = Answer(bid, bidder.account);
  *answer.mutable_auction() = Answer(after, context.time).auction();
  if (context.validate_only) return answer;
  context.events->Emit(EventType::kAuctionBid, row.number, bid.id, bid.price, bid.quantity);
  bids_.Insert(std::move(bid));
  rows_.Edit(row) = after;
  SetDue(row, NextStep(row));
  Tell(context, row);
  return answer;
}

// Registration is over with too few, bidding is over, or the time to pay is.
bool Auctions::CloseAscending(CommandContext& context, const AuctionRow& old_row) {
  if (old_row.state == v1::Auction::CLOSED) {
    ForfeitDeposit(context, old_row);
    return true;
  }
  const Live& live = live_.at(old_row.number);
  const auto standing = std::count_if(live.by_account.begin(), live.by_account.end(),
                                      [&](const auto& entered) { return !bidders_.Find({old_row.number, entered.second})->withdrawn; });
  if (standing < 2) {
    // The offer of an agreement is an order.
    if (standing == 1 && old_row.ascending.converts && placed_in_ == context.sequence) return false;
    if (standing == 0 || !Convert(context, old_row)) End(context, old_row, v1::Auction::CANCELLED, "TOO_FEW_BIDDERS");
    return true;
  }
  if (context.time < old_row.close_time) {
    SetDue(old_row, old_row.close_time);
    return true;
  }
  if (old_row.best_bidder == 0) {
    End(context, old_row, v1::Auction::CANCELLED, "NO_BIDS");
    return true;
  }
  AuctionRow& row = rows_.Edit(old_row);
  row.state = v1::Auction::CLOSED;
  row.pay_by = parts_.calendars->Count(LocalDate(row.close_time), row.ascending.payment_workdays, v1::WORKDAY).due;
  row.clearing_price = row.best_price;
  for (const auto& [account, number] : live.by_account) {
    const AuctionBidderRow& bidder = *bidders_.Find({row.number, number});
    if (number != row.best_bidder && bidder.held > Money()) ChangeHeld(bidder, Money());
  }
  SetDue(row, NextStep(row));
  Tell(context, row);
  return true;
}

// One alone would buy: he is offered an agreement over the same units at the reserve price, or the day's base price where that is higher (DR-43). False: the rules
// do not convert, or the seller may not offer that.
bool Auctions::Convert(CommandContext& context, const AuctionRow& row) {
  if (!row.ascending.converts) return false;
  const Live& live = live_.at(row.number);
  const auto alone = std::find_if(live.by_account.begin(), live.by_account.end(),
                                  [&](const auto& entered) { return !bidders_.Find({row.number, entered.second})->withdrawn; });
  const ledger::AccountNumber counterparty = alone->first;
  const OrderRow& order = *parts_.exchange->FindOrder(row.order);
  const int64_t tick = parts_.exchange->FindContract(row.contract)->tick.value();
  const Price floor = parts_.exchange->BasePriceOf(row.contract, TermsOf(row), context.today);
  const Price price = std::max(row.reserve, Price((floor.value() + tick - 1) / tick * tick));
  OffBookEntry entry = EntryOf(row, Side::kSell, row.account, price, row.quantity);
  entry.related = parts_.exchange->SameGroup(row.account, counterparty);
  const NamedLots named = order.named_lots();
  for (size_t lot = 0; lot < named.size(); ++lot) entry.lots.push_back(named[lot]);
  // What the auction held is what the offer holds next.
  End(context, row, v1::Auction::CANCELLED, "TOO_FEW_BIDDERS");
  CommandContext owner = context;
  owner.participant = parts_.ledger->accounts().Find(row.account)->participant;
  const absl::StatusOr<uint64_t> negotiation = parts_.negotiations->OfferAgreement(owner, std::move(entry), counterparty, ledger::MakeName("auctions", row.number));
  if (!negotiation.ok()) return true;
  placed_in_ = context.sequence;
  AuctionRow& converted = rows_.Edit(row);
  converted.negotiation = *negotiation;
  converted.reason = "CONVERTED";
  Tell(context, converted);
  return true;
}

absl::StatusOr<v1::AuctionAnswer> Auctions::PayAuction(CommandContext& context, const v1::PayAuctionRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const AuctionRow* row, Resolve("name", request.name()));
  if (row->kind != v1::Auction::ASCENDING || row->state != v1::Auction::CLOSED || context.today > row->pay_by) {
    return IllegalState(*row, context.time, "name", request.name(), "an ascending auction that is CLOSED and whose winner may still pay");
  }
  const AuctionBidderRow& winner = *bidders_.Find({row->number, row->best_bidder});
  if (parts_.ledger->accounts().Find(winner.account)->participant != context.participant) {
    return Refuse(absl::StatusCode::kPermissionDenied, "FOREIGN_PARTICIPANT").Rule("DR-45").Field("name").Value(request.name()).Accepted(
        "an auction that the caller has won");
  }
  const OrderRow& order = *parts_.exchange->FindOrder(row->order);
  OffBookEntry entry = EntryOf(*row, Side::kBuy, winner.account, row->best_price, row->quantity);
  const OffBookFill fill{row->order, row->quantity, row->best_price};
  const std::optional<Money> cost = parts_.exchange->CostOffBook(order, fill);
  SONGHUA_CHECK(cost.has_value());
  entry.cost = *cost - winner.held;
  SONGHUA_RETURN_IF_ERROR(parts_.exchange->CheckOffBook(context, entry, TermsOf(*row)).status());
  SONGHUA_RETURN_IF_ERROR(parts_.exchange->CheckResting(context, order, row->quantity, "name", request.name()));
  if (context.validate_only) {
    AuctionRow paid = *row;
    paid.state = v1::Auction::MATCHED;
    return Answer(paid, context.time);
  }
  ChangeHeld(winner, Money());
  AuctionRow& matched = rows_.Edit(*row);
  matched.sold = row->quantity;
  matched.awards = matched.awarded = 1;
  std::vector<v1::Trade> trades = parts_.exchange->TakeOffBook(context, entry, {&fill, 1});
  context.events->Emit(EventType::kAuctionAwarded, row->number, winner.number, row->best_price, row->quantity);
  End(context, *row, v1::Auction::MATCHED, "");
  v1::AuctionAnswer answer = Answer(*row, context.time);
  *answer.mutable_trade() = std::move(trades.front());
  return answer;
}

// To whom it was to pay; and it buys nothing for some months.
void Auctions::ForfeitDeposit(CommandContext& context, const AuctionRow& row) {
  const AuctionBidderRow& winner = *bidders_.Find({row.number, row.best_bidder});
  const Money deposit = winner.held;
  ChangeHeld(winner, Money());
  if (deposit > Money()) {
    const ledger::AccountRow& seller = *parts_.ledger->accounts().Find(row.account);
    const ledger::AccountNumber to = seller.kind == v1::RESERVE ? parts_.ledger->accounts().House(v1::FUNDS, "") : CashOf(row.account);
    parts_.ledger->Pay(context, ledger::PostingType::kForfeit, CashOf(winner.account), to, deposit, 0);
  }
  parts_.exchange->BarParticipant(context, parts_.ledger->accounts().Find(winner.account)->participant, row.number, row.ascending.bar_months);
  End(context, row, v1::Auction::CANCELLED, "WINNER_DEFAULTED");
  // It is what the sale brought (PLG-33).
  if (deposit > Money() && row.pledge.number != 0) {
    parts_.pledges->Distribute(context, row.pledge.number, CashOf(row.account), deposit, ledger::MakeName("auctions", row.number));
  }
}

}  // namespace songhua::exchange
