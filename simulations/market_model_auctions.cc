// Auctions of pledged units in the model of the market: ascending bids for all of it, and sealed bids that are served from the best down.
#include <algorithm>
#include <tuple>

#include "simulations/market_model.h"

namespace songhua::simulations {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kWhole = 10'000;

int64_t PartUp(int64_t amount, int64_t bps) { return (amount * bps + kWhole - 1) / kWhole; }

bool Stands(const ModelAuction& auction, int firm) {
  const auto bidder = auction.bidders.find(firm);
  return bidder != auction.bidders.end() && !bidder->second.withdrawn;
}

// What a bidder could have to pay at most.
int64_t MostPayable(std::vector<ModelBid> bids, bool uniform) {
  std::sort(bids.begin(), bids.end(), [](const ModelBid& a, const ModelBid& b) { return a.price > b.price; });
  int64_t most = 0, units = 0;
  for (const ModelBid& bid : bids) {
    units += bid.units;
    most = uniform ? std::max(most, bid.price * units) : most + bid.price * bid.units;
  }
  return most;
}

// A guarantee covers the fees too, each of which may be rounded up.
int64_t WithoutFees(int64_t guarantee, int64_t bids, int64_t bps) {
  if (bps == 0) return guarantee;
  return guarantee <= bids ? 0 : (guarantee - bids) * kWhole / (kWhole + bps);
}

}  // namespace

int64_t MarketModel::DepositOf(const ModelAuction& auction) { return PartUp(auction.price * auction.quantity, auction.notice.deposit_bps); }

int64_t MarketModel::NextPrice(const ModelAuction& auction) {
  if (auction.best_firm == -1) return auction.price;
  return auction.best_price + std::max<int64_t>(1, PartUp(auction.price, auction.notice.increment_bps));
}

int32_t MarketModel::CountWorkdays(int32_t from, int days) const {
  while (days > 0) days -= calendar_.IsWorkday(++from);
  return from;
}

void MarketModel::SetHeld(int firm, ModelBidder* bidder, int64_t held) {
  FirmOf(firm).cash_orders += held - bidder->held;
  bidder->held = held;
}

// ---- What people do ----

ModelOutcome MarketModel::AnnounceAuction(int32_t date, uint64_t number, const ModelNotice& notice) {
  const auto it = auctions_.find(number);
  if (it == auctions_.end() || it->second.state != ModelAuction::State::kDraft || it->second.sealed != notice.sealed) return ModelOutcome::Refused();
  if (notice.register_until < now_ || notice.open < notice.register_until || notice.close <= notice.open) return ModelOutcome::Refused();
  if (ModelDateOf(notice.open) < CountWorkdays(date, notice.notice_workdays)) return ModelOutcome::Refused();
  it->second.notice = notice;
  it->second.state = ModelAuction::State::kAnnounced;
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::RegisterBidder(uint64_t number, int firm, int64_t guarantee) {
  const auto it = auctions_.find(number);
  if (it == auctions_.end() || it->second.state != ModelAuction::State::kAnnounced) return ModelOutcome::Refused();
  ModelAuction& auction = it->second;
  if (now_ >= (auction.sealed ? auction.notice.close : auction.notice.register_until) || firm == auction.firm) return ModelOutcome::Refused();
  const auto before = auction.bidders.find(firm);
  const int64_t held = before == auction.bidders.end() ? 0 : before->second.held;
  if (!auction.sealed) {
    const int64_t deposit = DepositOf(auction);
    if ((guarantee != 0 && guarantee != deposit) || Stands(auction, firm)) return ModelOutcome::Refused();
    guarantee = deposit;
  } else if (guarantee < 1 || guarantee < held) {
    return ModelOutcome::Refused();
  }
  if (guarantee - held > FreeCash(firm)) return ModelOutcome::Refused();
  const int next = static_cast<int>(auction.bidders.size()) + 1;
  if (before == auction.bidders.end()) auction.bidders[firm].number = next;
  ModelBidder& bidder = auction.bidders.at(firm);
  bidder.guarantee = guarantee;
  bidder.withdrawn = false;
  SetHeld(firm, &bidder, guarantee);
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::WithdrawBidder(uint64_t number, int firm) {
  const auto it = auctions_.find(number);
  if (it == auctions_.end() || !Stands(it->second, firm)) return ModelOutcome::Refused();
  ModelAuction& auction = it->second;
  if (auction.state != ModelAuction::State::kAnnounced || now_ >= auction.notice.register_until) return ModelOutcome::Refused();
  ModelBidder& bidder = auction.bidders.at(firm);
  bidder.withdrawn = true;
  SetHeld(firm, &bidder, 0);
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::PlaceBid(uint64_t sequence, uint64_t number, int firm, int64_t price, int64_t units) {
  const auto it = auctions_.find(number);
  if (it == auctions_.end() || it->second.state != ModelAuction::State::kAnnounced || !Stands(it->second, firm)) return ModelOutcome::Refused();
  ModelAuction& auction = it->second;
  if (now_ < auction.notice.open || now_ >= auction.notice.close) return ModelOutcome::Refused();
  if (!auction.sealed) {
    if ((units != 0 && units != auction.quantity) || auction.best_firm == firm || price < NextPrice(auction)) return ModelOutcome::Refused();
    auction.best_price = price;
    auction.best_firm = firm;
    const int64_t extended = now_ + auction.notice.extension * kSecond;
    if (extended > auction.notice.close && auction.extensions < auction.notice.extensions_max) {
      ++auction.extensions;
      auction.notice.close = extended;
    }
    return ModelOutcome::Done();
  }
  if (price < auction.price || units < 1 || units > auction.quantity) return ModelOutcome::Refused();
  const ModelBid bid{sequence, firm, price, units};
  std::vector<ModelBid> own{bid};
  for (const ModelBid& other : auction.bids) {
    if (other.firm == firm) own.push_back(other);
  }
  const int64_t covered = WithoutFees(auction.bidders.at(firm).guarantee, static_cast<int64_t>(own.size()), contracts_[auction.contract].fee_bps);
  if (MostPayable(own, auction.notice.uniform) > covered) return ModelOutcome::Refused();
  auction.bids.push_back(bid);
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::PayAuction(int32_t date, uint64_t number, int firm) {
  const auto it = auctions_.find(number);
  if (it == auctions_.end() || it->second.state != ModelAuction::State::kClosed || it->second.best_firm != firm) return ModelOutcome::Refused();
  ModelAuction& auction = it->second;
  const int64_t amount = auction.best_price * auction.quantity;
  const int64_t fee = Fee(amount, contracts_[auction.contract].fee_bps);
  ModelBidder& winner = auction.bidders.at(firm);
  if (date > auction.pay_by || amount + fee - winner.held > FreeCash(firm)) return ModelOutcome::Refused();
  SetHeld(firm, &winner, 0);
  auction.open = 0;
  AgreeSale(auction, ModelForm::kAscending, firm, auction.quantity, auction.best_price, fee, date);
  EndAuction(number);
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::CancelAuction(uint64_t number, int who) {
  const auto it = auctions_.find(number);
  if (it == auctions_.end() || it->second.state == ModelAuction::State::kClosed) return ModelOutcome::Refused();
  const bool draft = it->second.state == ModelAuction::State::kDraft;
  if (who != kModelExchange && (who != it->second.seller() || !draft)) return ModelOutcome::Refused();
  EndAuction(number);
  return ModelOutcome::Done();
}

// ---- What time does ----

int64_t MarketModel::DueOf(const ModelAuction& auction) const {
  switch (auction.state) {
    case ModelAuction::State::kDraft: return INT64_MAX;
    case ModelAuction::State::kAnnounced: return auction.sealed || auction.registration_over ? auction.notice.close : auction.notice.register_until;
    case ModelAuction::State::kClosed: return ModelStartOf(auction.pay_by + 1);
  }
  return INT64_MAX;
}

void MarketModel::PassAuction(uint64_t number, int64_t now) {
  ModelAuction& auction = auctions_.at(number);
  if (auction.state == ModelAuction::State::kClosed) return Forfeit(number);
  if (auction.sealed) return ClearSealed(number, ModelDateOf(now));
  if (!auction.registration_over) {
    auction.registration_over = true;
    std::vector<int> standing;
    for (const auto& [firm, bidder] : auction.bidders) {
      if (!bidder.withdrawn) standing.push_back(firm);
    }
    if (standing.size() >= 2) return;
    // Who is alone is offered an agreement, where such are made (DR-43).
    const bool converts = standing.size() == 1 && auction.notice.converts && contracts_[auction.contract].verified;
    const ModelSale sale = auction;
    const int64_t units = auction.quantity;
    EndAuction(number);
    if (converts) Negotiate(sale, standing.front(), units, ModelDateOf(now));
    return;
  }
  if (auction.best_firm == -1) return EndAuction(number);
  auction.state = ModelAuction::State::kClosed;
  auction.pay_by = CountWorkdays(ModelDateOf(now), auction.notice.payment_workdays);
  for (auto& [firm, bidder] : auction.bidders) {
    if (firm != auction.best_firm) SetHeld(firm, &bidder, 0);
  }
}

// The best bid first, of equal ones the earlier; the last one served gets what is left.
void MarketModel::ClearSealed(uint64_t number, int32_t date) {
  ModelAuction& auction = auctions_.at(number);
  std::sort(auction.bids.begin(), auction.bids.end(), [](const ModelBid& a, const ModelBid& b) { return a.price != b.price ? a.price > b.price : a.id < b.id; });
  std::vector<ModelBid> served;
  int64_t left = auction.quantity, worst = 0;
  for (ModelBid bid : auction.bids) {
    bid.units = std::min(bid.units, left);
    if (bid.units == 0) break;
    left -= bid.units;
    worst = bid.price;
    served.push_back(bid);
  }
  // Trades are made bidder by bidder.
  std::sort(served.begin(), served.end(), [&](const ModelBid& a, const ModelBid& b) {
    return std::tuple(auction.bidders.at(a.firm).number, a.id) < std::tuple(auction.bidders.at(b.firm).number, b.id);
  });
  for (const ModelBid& bid : served) {
    const int64_t price = auction.notice.uniform ? worst : bid.price;
    const int64_t amount = price * bid.units;
    ModelBidder& bidder = auction.bidders.at(bid.firm);
    SetHeld(bid.firm, &bidder, bidder.held - amount - Fee(amount, contracts_[auction.contract].fee_bps));
    auction.open -= bid.units;
    const int64_t fee = NextSellerFee(&auction.fills, auction.contract, amount);
    AgreeSale(auction, ModelForm::kSealed, bid.firm, bid.units, price, fee, date);
  }
  EndAuction(number);
}

// The winner did not pay. Its deposit is what the sale brought (PLG-33).
void MarketModel::Forfeit(uint64_t number) {
  ModelAuction& auction = auctions_.at(number);
  ModelPledge& pledge = pledges_.at(auction.pledge);
  const int winner = auction.best_firm;
  const int64_t deposit = auction.bidders.at(winner).held;
  SetHeld(winner, &auction.bidders.at(winner), 0);
  FirmOf(winner).cash -= deposit;
  FirmOf(pledge.firm).cash += deposit;
  EndAuction(number);
  Distribute(pledge, deposit);
  ++sold_.forfeits;
}

// What was not sold is pledged as before, and what was deposited is free.
void MarketModel::EndAuction(uint64_t number) {
  ModelAuction& auction = auctions_.at(number);
  TakeOffOffer(auction, auction.open);
  for (auto& [firm, bidder] : auction.bidders) SetHeld(firm, &bidder, 0);
  auctions_.erase(number);
}

}  // namespace songhua::simulations
