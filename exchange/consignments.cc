// Whose units a sealed auction sells beside the applicant's, and to which auctions the unsold ones go (international.md 2.1 item 7, 2.2 item 4, 2.4 item 5, 2.5).
#include <algorithm>
#include <limits>
#include <vector>

#include "exchange/auction_replay.h"
#include "exchange/auctions.h"
#include "exchange/auctions/unsold.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::exchange {

// ---- Units of others ----

absl::Status Auctions::CheckConsigns(const CommandContext& context, const AuctionRow& row, std::string_view name) const {
  if (row.kind != v1::Auction::SEALED || row.state != v1::Auction::ANNOUNCED || context.time >= row.register_until) {
    return IllegalState(row, context.time, "auction", name, "a sealed auction whose registration is open");
  }
  if (row.policy().consignments != ConsignmentRule::kNone) return absl::OkStatus();
  return Precondition("TAKES_NO_CONSIGNMENTS", "DR-46").Field("auction").Value(name).Accepted("an auction whose rules take consignments");
}

absl::StatusOr<v1::ConsignmentAnswer> Auctions::Consign(CommandContext& context, const v1::ConsignRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string account_id, ledger::ParseName("account", "accounts", request.account()));
  SONGHUA_ASSIGN_OR_RETURN(std::vector<ledger::LotNumber> lots, ReadLots(request.lots()));
  SONGHUA_ASSIGN_OR_RETURN(const AuctionRow* row, Resolve("auction", request.auction()));
  SONGHUA_RETURN_IF_ERROR(CheckConsigns(context, *row, request.auction()));
  const bool asks = row->policy().consignments == ConsignmentRule::kAfterByAsk;
  if (asks ? request.ask_price_fen() <= 0 : request.ask_price_fen() != 0) {
    return InvalidField("ask_price_fen", std::to_string(request.ask_price_fen()),
                        asks ? "above 0: the least that the owner takes" : "0: what is consigned sells first, at the auction's price")
        .Rule("DR-46");
  }
  const Live& live = live_.at(row->number);
  if (live.consignments.size() >= kConsignmentsPerAuctionMax) {
    return Precondition("AUCTION_FULL", "DR-46").Field("auction").Value(request.auction()).Accepted("an auction with room");
  }
  int64_t offered = 0;
  if (__builtin_add_overflow(row->quantity.value() + row->consigned.value(), request.quantity(), &offered) || offered > kOrderQuantityMax) {
    return OutOfRange("quantity", std::to_string(request.quantity()), "up to " + std::to_string(kOrderQuantityMax) + " in all of what is offered").Rule("GEN-06");
  }
  const ledger::AccountRow* account = parts_.ledger->accounts().FindById(account_id);
  OffBookEntry entry;
  entry.form = row->form();
  entry.origin = row->number;
  entry.contract = row->contract;
  entry.account = account == nullptr ? 0 : account->number;
  entry.account_name = request.account();
  entry.price = asks ? Price(request.ask_price_fen()) : row->reserve;
  entry.quantity = Quantity(request.quantity());
  entry.lots = std::move(lots);
  SONGHUA_ASSIGN_OR_RETURN(const Money hold, parts_.exchange->CheckOffBook(context, entry, TermsOf(*row)));
  for (const auto& [bidder, number] : live.by_account) {
    if (!parts_.exchange->SameGroup(bidder, entry.account) || bidders_.Find({row->number, number})->withdrawn) continue;
    return Precondition("SELF_TRADE", "CAR-18").Field("account").Value(request.account()).Accepted("an account of an entity group that does not bid");
  }
  ConsignmentRow consignment;
  consignment.auction = row->number;
  consignment.number = context.sequence;
  consignment.account = entry.account;
  consignment.quantity = entry.quantity;
  if (asks) consignment.ask = entry.price;
  const v1::ConsignmentAnswer answer = Answer(consignment);
  if (context.validate_only) return answer;
  parts_.exchange->RestOffBook(context, entry, row->terms_version, hold);
  live_.at(row->number).consignments.insert(consignment.number);
  AuctionRow& grown = rows_.Edit(*row);
  grown.consigned += consignment.quantity;
  consignments_.Insert(std::move(consignment));
  Tell(context, grown);
  return answer;
}

absl::StatusOr<v1::ConsignmentAnswer> Auctions::WithdrawConsignment(CommandContext& context, const v1::WithdrawConsignmentRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const auto name, ParsePartName("name", "consignments", request.name()));
  const ConsignmentRow* row = consignments_.Find(name);
  if (row == nullptr) return NotFound("name", request.name());
  if (parts_.ledger->accounts().Find(row->account)->participant != context.participant) {
    return Refuse(absl::StatusCode::kPermissionDenied, "FOREIGN_PARTICIPANT").Rule("GEN-13").Field("name").Value(request.name()).Accepted(
        "a consignment of the caller's own");
  }
  const AuctionRow& auction = *rows_.Find(row->auction);
  SONGHUA_RETURN_IF_ERROR(CheckConsigns(context, auction, ledger::MakeName("auctions", auction.number)));
  if (row->withdrawn) {
    return Precondition("ILLEGAL_TRANSITION", "DR-46").Field("name").Value(request.name()).Accepted("a consignment that stands; this one was withdrawn");
  }
  ConsignmentRow withdrawn = *row;
  withdrawn.withdrawn = true;
  if (context.validate_only) return Answer(withdrawn);
  parts_.exchange->EndOffBook(context, *parts_.exchange->FindOrder(row->number), EndReason::kByOwner);
  return Answer(*row);
}

v1::ConsignmentAnswer Auctions::Answer(const ConsignmentRow& row) const {
  v1::ConsignmentAnswer answer;
  *answer.mutable_consignment() = ToProto(row);
  answer.mutable_consignment()->set_account(ledger::AccountName(*parts_.ledger->accounts().Find(row.account)));
  return answer;
}

v1::Consignment ToProto(const ConsignmentRow& row) {
  v1::Consignment message;
  message.set_name(PartName("consignments", row.auction, row.number));
  message.set_auction(ledger::MakeName("auctions", row.auction));
  message.set_quantity(row.quantity.value());
  message.set_ask_price_fen(row.ask.value());
  message.set_withdrawn(row.withdrawn);
  message.set_sold_quantity(row.sold.value());
  return message;
}

// ---- What was not sold ----

// An auction that cannot hold its part, because a permit or a lot is another by now, gets none, and the applicant keeps it.
// Units of a pledge go back to it.
void Auctions::SpreadOver(CommandContext& context, const AuctionRow& row, Quantity unsold) {
  if (row.pledge.number != 0) return;
  std::vector<const AuctionRow*> coming;
  for (const auto& [number, live] : live_) {
    const AuctionRow& other = *rows_.Find(number);
    const bool waits = other.state == v1::Auction::DRAFT || (other.state == v1::Auction::ANNOUNCED && context.time < other.open_time);
    if (other.number != row.number && other.kind == v1::Auction::SEALED && waits && other.side == Side::kSell && other.account == row.account &&
        other.contract == row.contract && other.policy().reserve_tiers.empty() && other.pledge.number == 0) {
      coming.push_back(&other);
    }
  }
  // Those that have no date yet come last.
  std::stable_sort(coming.begin(), coming.end(), [](const AuctionRow* a, const AuctionRow* b) {
    const auto opens = [](const AuctionRow& one) { return one.state == v1::Auction::DRAFT ? std::numeric_limits<int64_t>::max() : one.open_time.value(); };
    return opens(*a) < opens(*b);
  });
  std::vector<ComingAuction> room;
  for (const AuctionRow* other : coming) room.push_back({other->proposed, other->quantity});
  const absl::StatusOr<Spread> spread = SpreadUnsold(row.sealed_terms.spread(), unsold, room);
  SONGHUA_CHECK(spread.ok());  // quantities of orders, in steps of a lot
  CommandContext owner = context;
  owner.participant = parts_.ledger->accounts().Find(row.account)->participant;
  for (size_t i = 0; i < coming.size() && i < spread->added.size(); ++i) {
    if (spread->added[i] == Quantity()) continue;
    const OrderRow& order = *parts_.exchange->FindOrder(coming[i]->order);
    OffBookEntry entry = EntryOf(*coming[i], Side::kSell, coming[i]->account, coming[i]->reserve, coming[i]->quantity + spread->added[i]);
    const NamedLots named = order.named_lots();
    for (size_t lot = 0; lot < named.size(); ++lot) entry.lots.push_back(named[lot]);
    entry.replaces = &order;
    const absl::StatusOr<Money> hold = parts_.exchange->CheckOffBook(owner, entry, TermsOf(*coming[i]));
    if (!hold.ok()) continue;
    parts_.exchange->AmendOffBook(context, order, entry, order.terms_version, *hold);
    AuctionRow& grown = rows_.Edit(*coming[i]);
    grown.quantity = entry.quantity;
    rows_.Edit(row).spread += spread->added[i];
    Tell(context, grown);
  }
}

}  // namespace songhua::exchange
