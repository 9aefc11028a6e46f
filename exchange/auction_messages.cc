// What is told of auctions: answers, and the messages that readers show.
#include <string>

#include "exchange/auction_replay.h"
#include "exchange/auctions.h"
#include "ledger/names.h"
#include "ledger/wire.h"

namespace songhua::exchange {

void Auctions::Tell(CommandContext& context, const AuctionRow& row) const {
  context.events->Emit(EventType::kAuctionChanged, row.number, static_cast<uint8_t>(row.state), row.contract, row.close_time, row.best_price, row.bids);
}

v1::AuctionAnswer Auctions::Answer(const AuctionRow& row, Timestamp now) const {
  v1::AuctionAnswer answer;
  *answer.mutable_auction() = ToProto(row, ledger::MakeName("contracts", parts_.exchange->FindContract(row.contract)->code),
                                      ledger::AccountName(*parts_.ledger->accounts().Find(row.account)), now);
  return answer;
}

v1::BidderAnswer Auctions::Answer(const AuctionBidderRow& row) const {
  v1::BidderAnswer answer;
  const std::string account = ledger::AccountName(*parts_.ledger->accounts().Find(row.account));
  *answer.mutable_bidder() = ToProto(row, account);
  answer.mutable_bidder()->set_account(account);
  answer.mutable_bidder()->set_opening(row.opening);
  return answer;
}

v1::BidAnswer Auctions::Answer(const AuctionBidRow& row, ledger::AccountNumber account) const {
  v1::BidAnswer answer;
  *answer.mutable_bid() = ToProto(row);
  answer.mutable_bid()->set_account(ledger::AccountName(*parts_.ledger->accounts().Find(account)));
  return answer;
}

v1::Bidder ToProto(const AuctionBidderRow& row, const std::string& account) {
  v1::Bidder bidder;
  const std::string auction = ledger::MakeName("auctions", row.auction);
  bidder.set_name(PartName("auctionBidders", row.auction, row.number));
  bidder.set_auction(auction);
  bidder.set_number(static_cast<int32_t>(row.number));
  bidder.set_guarantee_fen(row.guarantee.value());
  bidder.set_withdrawn(row.withdrawn);
  *bidder.mutable_register_time() = ledger::ToProto(row.register_time);
  bidder.set_commitment(ToHex(BidderCommitment(auction, account, row.opening)));
  bidder.set_group(static_cast<int32_t>(row.group));
  bidder.set_kind(static_cast<v1::PurchaseLimit::Kind>(row.kind));
  bidder.set_holding_room(row.holding_room);
  bidder.set_covered_fen(row.covered.value());
  return bidder;
}

v1::Bid ToProto(const AuctionBidRow& row) {
  v1::Bid bid;
  bid.set_name(PartName("bids", row.auction, row.id));
  bid.set_auction(ledger::MakeName("auctions", row.auction));
  bid.set_bidder(static_cast<int32_t>(row.bidder));
  bid.set_price_fen(row.price.value());
  bid.set_quantity(row.quantity.value());
  bid.set_partial(row.partial);
  bid.set_withdrawn(row.withdrawn);
  *bid.mutable_time() = ledger::ToProto(row.time);
  return bid;
}

v1::Award ToProto(const AuctionAwardRow& row) {
  v1::Award award;
  award.set_auction(ledger::MakeName("auctions", row.auction));
  award.set_number(static_cast<int32_t>(row.index + 1));
  award.set_bidder(static_cast<int32_t>(row.bidder));
  award.set_bid(PartName("bids", row.auction, row.bid));
  if (row.consignment != 0) award.set_consignment(PartName("consignments", row.auction, row.consignment));
  award.set_price_fen(row.price.value());
  award.set_quantity(row.quantity.value());
  award.set_refused(row.refused);
  return award;
}

v1::Auction ToProto(const AuctionRow& row, const std::string& contract, const std::string& account, Timestamp now) {
  v1::Auction message;
  message.set_name(ledger::MakeName("auctions", row.number));
  message.set_kind(row.kind);
  message.set_state(row.StateAt(now));
  message.set_contract(contract);
  message.set_side(ToProto(row.side));
  message.set_account(account);
  message.set_quantity(row.quantity.value());
  if (!row.sealed_terms.secret_reserve || row.Ended()) message.set_reserve_price_fen(row.reserve.value());
  message.set_announcement(row.announcement);
  *message.mutable_apply_time() = ledger::ToProto(row.apply_time);
  if (row.announce_time != Timestamp()) {
    *message.mutable_announce_time() = ledger::ToProto(row.announce_time);
    *message.mutable_register_until_time() = ledger::ToProto(row.register_until);
    *message.mutable_open_time() = ledger::ToProto(row.open_time);
    *message.mutable_close_time() = ledger::ToProto(row.close_time);
  }
  if (row.kind == v1::Auction::ASCENDING && row.announce_time != Timestamp()) {
    v1::AscendingRules& rules = *message.mutable_ascending();
    rules.set_deposit_bps(row.ascending.deposit_bps);
    rules.set_increment_bps(row.ascending.increment_bps);
    rules.set_extension_seconds(row.ascending.extension_s);
    rules.set_extensions_max(row.ascending.extensions_max);
    rules.set_payment_workdays(row.ascending.payment_workdays);
    rules.set_bar_months(row.ascending.bar_months);
    rules.set_converts(row.ascending.converts);
  }
  if (row.kind == v1::Auction::SEALED && row.announce_time != Timestamp()) {
    const SealedPolicy& policy = row.policy();
    *message.mutable_sealed() = ToProto(row.sealed_terms);
    message.set_award_step(policy.award_step.value());
    message.set_tick_fen(policy.tick.value());
    message.set_quoted_unit(policy.terms.quoted_unit);
    message.set_term_numerator(policy.terms.term.numerator);
  }
  message.set_bidders(static_cast<int32_t>(row.bidders));
  const bool bids_are_seen = row.kind == v1::Auction::ASCENDING || row.Ended() || row.state == v1::Auction::CLOSED;
  if (bids_are_seen) message.set_bids(static_cast<int32_t>(row.bids));
  message.set_extensions(row.extensions);
  message.set_best_price_fen(row.best_price.value());
  if (row.pay_by != Date{}) message.set_pay_by(FormatDate(row.pay_by));
  if (row.sealed) message.set_seed_sha256(ToHex(row.seal));
  if (row.seed != Digest{}) message.set_seed(ToHex(row.seed));
  if (row.collected != Digest{}) message.set_bids_sha256(ToHex(row.collected));
  message.set_clearing_price_fen(row.clearing_price.value());
  message.set_sold_quantity(row.sold.value());
  message.set_awards(static_cast<int32_t>(row.awards));
  message.set_reason(row.reason);
  if (row.negotiation != 0) message.set_negotiation(ledger::MakeName("negotiations", row.negotiation));
  message.set_consigned_quantity(row.consigned.value());
  message.set_proposed_quantity(row.proposed.value());
  message.set_spread_quantity(row.spread.value());
  message.set_comparison_price_fen(row.comparison.value());
  if (row.end_time != Timestamp()) *message.mutable_end_time() = ledger::ToProto(row.end_time);
  return message;
}

}  // namespace songhua::exchange
