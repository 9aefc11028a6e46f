#include "exchange/auction_replay.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "exchange/call_seeds.h"
#include "exchange/contracts.h"
#include "exchange/sealed_rules.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

absl::Status Differs(const std::string& what, const std::string& told, const std::string& found) {
  return absl::DataLossError(what + " was told as " + told + ", and is " + found);
}

absl::Status Same(const std::string& what, int64_t told, int64_t found) {
  return told == found ? absl::OkStatus() : Differs(what, std::to_string(told), std::to_string(found));
}

absl::StatusOr<Digest> ReadDigest(std::string_view field, const std::string& hex) {
  if (hex.empty()) return Digest{};
  auto digest = FromHex(hex);
  if (!digest.ok()) return absl::DataLossError(std::string(field) + " is no digest: " + hex);
  return *digest;
}

// The policy as the notice states it, with nothing left to a profile.
absl::StatusOr<SealedPolicy> PolicyOf(const v1::Auction& auction) {
  const int64_t common = auction.award_step();
  SealedFrame frame;
  frame.side = static_cast<Side>(auction.side());
  frame.quantity = Quantity(auction.quantity());
  frame.reserve = Price(auction.reserve_price_fen());
  frame.lot = Quantity(common);
  frame.tick = Price(auction.tick_fen());
  if (common <= 0 || auction.tick_fen() <= 0) return absl::DataLossError("the auction's steps are not above 0");
  SONGHUA_ASSIGN_OR_RETURN(const int64_t fen,
                           Evaluate({common, auction.tick_fen(), auction.term_numerator()}, {auction.quoted_unit()}, Rounding::kExact));
  frame.fen_per_lot_tick = Money(fen);
  SONGHUA_ASSIGN_OR_RETURN(const SealedTerms terms, ReadSealedRules(auction.sealed(), frame));
  return terms.policy;
}

}  // namespace

std::string PartName(std::string_view collection, uint64_t auction, uint64_t number) {
  return ledger::MakeName(collection, std::to_string(auction) + "-" + std::to_string(number));
}

absl::StatusOr<std::pair<uint64_t, uint64_t>> ParsePartName(std::string_view field, std::string_view collection, const std::string& name) {
  const size_t dash = name.find('-');
  const std::string prefix = std::string(collection) + "/";
  if (dash != std::string::npos) {
    const auto auction = ledger::ParseNumberedName(field, collection, name.substr(0, dash));
    const auto number = ledger::ParseNumberedName(field, collection, prefix + name.substr(dash + 1));
    if (auction.ok() && number.ok()) return std::pair(*auction, *number);
  }
  return InvalidField(field, name, prefix + "{auction}-{number}, both from 1 and without leading zeros").Rule("DR-46");
}

Digest BidderCommitment(std::string_view auction, std::string_view account, std::string_view opening) {
  std::string text = "songhua bidder\n";
  for (const std::string_view part : {auction, account, opening}) text.append(part).append("\n");
  return Sha256Of(text);
}

void DropSecondary(SealedAuction* auction) {
  if (auction->offer.comparison.has_value()) return;
  auction->policy.secondary = SecondaryRule::kNone;
  auction->policy.secondary_bps = 0;
}

std::string_view ReasonOf(const SealedResult& result, size_t bids) {
  switch (result.cancelled) {
    case AuctionCancelled::kShortfall: return "SHORTFALL";
    case AuctionCancelled::kUnderSecondary: return "UNDER_SECONDARY";
    case AuctionCancelled::kNo: break;
  }
  return bids == 0 ? "NO_BIDS" : "NOTHING_SERVED";
}

absl::StatusOr<std::vector<UnitFlow>> AwardsInOrder(const SealedAuction& auction, const SealedResult& result) {
  std::map<uint64_t, uint32_t> bidder_of;
  for (const SealedBid& bid : auction.bids) bidder_of[bid.id] = bid.bidder;
  SONGHUA_ASSIGN_OR_RETURN(std::vector<UnitFlow> flows, FlowsOf(auction.policy, auction.offer, result));
  std::stable_sort(flows.begin(), flows.end(), [&](const UnitFlow& a, const UnitFlow& b) {
    return std::tuple(bidder_of.at(a.bid), a.bid) < std::tuple(bidder_of.at(b.bid), b.bid);
  });
  return flows;
}

absl::StatusOr<ReplayedAuction> ReplayAuction(const v1::AuctionRecord& record) {
  const v1::Auction& told = record.auction();
  const bool ended = told.state() == v1::Auction::MATCHED || told.state() == v1::Auction::CANCELLED;
  if (told.kind() != v1::Auction::SEALED || !ended || told.bids_sha256().empty()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_REPLAYABLE").Rule("DR-46").Field("name").Value(told.name()).Accepted("a sealed auction that was cleared and has ended");
  }
  SealedAuction auction;
  SONGHUA_ASSIGN_OR_RETURN(auction.policy, PolicyOf(told));
  SONGHUA_ASSIGN_OR_RETURN(auction.seed, ReadDigest("seed", told.seed()));
  SONGHUA_ASSIGN_OR_RETURN(const Digest seal, ReadDigest("seed_sha256", told.seed_sha256()));
  SONGHUA_ASSIGN_OR_RETURN(const Digest collected, ReadDigest("bids_sha256", told.bids_sha256()));
  if (!told.seed_sha256().empty() && SealOf(auction.seed) != seal) return Differs("the seed's SHA-256", told.seed_sha256(), ToHex(SealOf(auction.seed)));

  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("auction.name", "auctions", told.name()));
  ReplayedAuction replayed;
  auction.offer.own = OwnOf(auction.policy, Quantity(told.quantity()));
  for (const v1::Consignment& one : record.consignments()) {
    if (one.withdrawn()) continue;
    SONGHUA_ASSIGN_OR_RETURN(const auto name, ParsePartName("consignments.name", "consignments", one.name()));
    auction.offer.consignments.push_back({name.second, Quantity(one.quantity()), Price(one.ask_price_fen())});
  }
  if (told.comparison_price_fen() > 0) auction.offer.comparison = Price(told.comparison_price_fen());
  DropSecondary(&auction);
  std::vector<Bidder> bidders;
  const bool buyers = auction.policy.side == Side::kBuy;
  for (const v1::Bidder& one : record.bidders()) {
    Bidder bidder;
    bidder.number = static_cast<uint32_t>(one.number());
    bidder.group = static_cast<uint32_t>(one.group());
    bidder.kind = static_cast<uint8_t>(one.kind());
    if (buyers) bidder.guarantee = Money(one.covered_fen());
    if (one.holding_room() >= 0) bidder.holding_room = Quantity(one.holding_room());
    bidders.push_back(bidder);
    if (one.opening().empty() && one.account().empty()) continue;
    const std::string commitment = ToHex(BidderCommitment(told.name(), one.account(), one.opening()));
    if (commitment != one.commitment()) return Differs("the commitment of bidder " + std::to_string(one.number()), one.commitment(), commitment);
    replayed.opened.push_back({one.number(), one.account()});
  }
  std::vector<SealedBid> bids;
  for (const v1::Bid& one : record.bids()) {
    if (one.withdrawn()) continue;
    SONGHUA_ASSIGN_OR_RETURN(const auto name, ParsePartName("bids.name", "bids", one.name()));
    const uint64_t id = name.second;
    bids.push_back({.id = id,
                    .bidder = static_cast<uint32_t>(one.bidder()),
                    .price = Price(one.price_fen()),
                    .quantity = Quantity(one.quantity()),
                    .sequence = id,
                    .partial = one.partial()});
  }
  auction.bidders = bidders;
  auction.bids = bids;
  replayed.bids = bids.size();
  SONGHUA_ASSIGN_OR_RETURN(replayed.result, ClearSealed(auction));
  const SealedResult& result = replayed.result;
  if (result.collected != collected) return Differs("the digest of the bids", told.bids_sha256(), ToHex(result.collected));
  SONGHUA_RETURN_IF_ERROR(Same("the clearing price", told.clearing_price_fen(), result.clearing_price.value_or(Price()).value()));
  if (result.awards.empty()) {
    if (told.reason() != ReasonOf(result, bids.size())) return Differs("the end", told.reason(), std::string(ReasonOf(result, bids.size())));
    SONGHUA_RETURN_IF_ERROR(Same("the number of awards", record.awards().size(), 0));
    return replayed;
  }
  SONGHUA_ASSIGN_OR_RETURN(const std::vector<UnitFlow> flows, AwardsInOrder(auction, result));
  SONGHUA_RETURN_IF_ERROR(Same("the number of awards", record.awards().size(), static_cast<int64_t>(flows.size())));
  int64_t sold = 0;
  for (size_t i = 0; i < flows.size(); ++i) {
    const v1::Award& award = record.awards(static_cast<int>(i));
    const std::string which = "of award " + std::to_string(i + 1);
    const std::string consignment = flows[i].consignment == 0 ? "" : PartName("consignments", number, flows[i].consignment);
    const std::string bid = PartName("bids", number, flows[i].bid);
    if (award.bid() != bid) return Differs("the bid " + which, award.bid(), bid);
    if (award.consignment() != consignment) return Differs("the owner " + which, award.consignment(), consignment);
    SONGHUA_RETURN_IF_ERROR(Same("the price " + which, award.price_fen(), flows[i].price.value()));
    SONGHUA_RETURN_IF_ERROR(Same("the quantity " + which, award.quantity(), flows[i].quantity.value()));
    if (award.refused().empty()) sold += award.quantity();
  }
  SONGHUA_RETURN_IF_ERROR(Same("the quantity sold", told.sold_quantity(), sold));
  return replayed;
}

}  // namespace songhua::exchange
