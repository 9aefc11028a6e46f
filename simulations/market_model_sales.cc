// Sales of pledged units in the model of the market: offers, listings, agreements, and where the money goes.
#include <algorithm>

#include "simulations/market_model.h"

namespace songhua::simulations {
namespace {

// Trades of the contract at which an officer looks; it is the third.
constexpr uint64_t kFirstVerifiedTrade = 3'000'000'000'000;

// PLG-31: an enforcement sells as was agreed.
bool IsAgreed(ModelMode mode, ModelForm form) {
  switch (form) {
    case ModelForm::kListing: return mode == ModelMode::kSale;
    case ModelForm::kAscending:
    case ModelForm::kSealed: return mode == ModelMode::kAuction;
    case ModelForm::kAgreement: return mode == ModelMode::kAgreedValue;
  }
  return false;
}

}  // namespace

ModelOutcome MarketModel::OfferPledged(int32_t date, const ModelOffer& offer) {
  const bool by_bank = offer.who == kModelBank;
  ModelPledge* pledge = FindPledge(offer.pledge, by_bank ? 8 : 5);
  if (pledge == nullptr || (!by_bank && offer.who != pledge->firm) || pledge->offered > 0) return ModelOutcome::Refused();
  if (offer.units < 1 || offer.units > pledge->units || PledgesFrozen(pledge->firm)) return ModelOutcome::Refused();
  if (by_bank != (offer.consent == 0) || (by_bank && !IsAgreed(pledge->mode, offer.form))) return ModelOutcome::Refused();
  ModelConsent* used = offer.consent < 1 || offer.consent > consents_.size() ? nullptr : &consents_[offer.consent - 1];
  if (!by_bank) {
    if (used == nullptr || used->used || !used->to_sell || used->pledge != offer.pledge) return ModelOutcome::Refused();
    if (offer.units > used->units || offer.price < used->price_min) return ModelOutcome::Refused();
  }
  const bool agreement = offer.form == ModelForm::kAgreement;
  if (agreement && (!contracts_[offer.contract].verified || offer.buyer == pledge->firm)) return ModelOutcome::Refused();
  if (used != nullptr) used->used = true;
  pledge->sale_consent = offer.consent;
  ModelSale sale;
  sale.pledge = offer.pledge;
  sale.consent = offer.consent;
  sale.firm = pledge->firm;
  sale.contract = offer.contract;
  sale.price = offer.price;
  sale.sale = ++pledge->sales;
  sale.mode = pledge->mode;
  if (agreement) {
    Negotiate(sale, offer.buyer, offer.units, date);
    return ModelOutcome::Done();
  }
  PutOnOffer(&sale, offer.units);
  if (offer.form == ModelForm::kListing) {
    ModelListing& listing = listings_[++listings_made_];
    static_cast<ModelSale&>(listing) = sale;
    listing.open = offer.units;
    listing.last = date + kModelOfferDays - 1;
    return ModelOutcome::Done();
  }
  ModelAuction& auction = auctions_[++auctions_made_];
  static_cast<ModelSale&>(auction) = sale;
  auction.sealed = offer.form == ModelForm::kSealed;
  auction.quantity = auction.open = offer.units;
  return ModelOutcome::Done();
}

void MarketModel::PutOnOffer(ModelSale* sale, int64_t units) {
  sale->place = ++places_taken_;
  pledges_.at(sale->pledge).offered += units;
  FirmOf(sale->firm).registry_pledged -= units;
  FirmOf(sale->firm).registry_orders += units;
}

void MarketModel::TakeOffOffer(const ModelSale& sale, int64_t units) {
  pledges_.at(sale.pledge).offered -= units;
  FirmOf(sale.firm).registry_orders -= units;
  FirmOf(sale.firm).registry_pledged += units;
}

int64_t MarketModel::EndNewestSale(int firm) {
  uint64_t newest = 0, listing = 0, auction = 0, negotiation = 0;
  const auto look = [&](const ModelSale& sale) {
    if (sale.firm != firm || sale.place <= newest) return false;
    newest = sale.place;
    listing = auction = negotiation = 0;
    return true;
  };
  for (const auto& [number, sale] : listings_) {
    if (look(sale)) listing = number;
  }
  for (const auto& [number, sale] : auctions_) {
    if (look(sale)) auction = number;
  }
  for (const auto& [number, sale] : negotiations_) {
    if (!sale.by_buyer && look(sale)) negotiation = number;
  }
  int64_t units = 0;
  if (listing != 0) {
    units = listings_.at(listing).open;
    EndListing(listing);
  } else if (auction != 0) {
    units = auctions_.at(auction).open;
    EndAuction(auction);
  } else {
    units = negotiations_.at(negotiation).units;
    EndNegotiation(negotiation);
  }
  return units;
}

void MarketModel::PassSales(int64_t now) {
  now_ = now;
  for (;;) {
    uint64_t next = 0;
    int64_t due = INT64_MAX;
    for (const auto& [number, auction] : auctions_) {
      if (DueOf(auction) >= due) continue;
      due = DueOf(auction);
      next = number;
    }
    if (due > now) break;
    PassAuction(next, due);
  }
  const int32_t date = ModelDateOf(now);
  std::vector<uint64_t> listings, negotiations;
  for (const auto& [number, listing] : listings_) {
    if (listing.last < date) listings.push_back(number);
  }
  for (const auto& [number, negotiation] : negotiations_) {
    if (negotiation.last < date) negotiations.push_back(number);
  }
  for (const uint64_t number : listings) EndListing(number);
  for (const uint64_t number : negotiations) EndNegotiation(number);
}

// ---- Trades ----

int64_t MarketModel::NextSellerFee(ModelFills* fills, int contract, int64_t amount) const {
  fills->traded += amount;
  const int64_t fee = Fee(fills->traded, contracts_[contract].fee_bps) - fills->fee_charged;
  fills->fee_charged += fee;
  return fee;
}

void MarketModel::AgreeSale(const ModelSale& sale, ModelForm form, int buyer, int64_t units, int64_t price, int64_t seller_fee, int32_t date) {
  const ModelContract& contract = contracts_[sale.contract];
  const int64_t amount = price * units;
  const ModelTrade trade{sale.contract, sale.firm, buyer, units, amount, seller_fee, Fee(amount, contract.fee_bps), sale.pledge, form};
  FirmOf(sale.firm).registry_orders -= units;
  FirmOf(sale.firm).registry_trades += units;
  FirmOf(buyer).cash_trades += amount + trade.buyer_fee;
  if (contract.immediate) {
    Settle(trade);
  } else if (contract.verified) {
    verified_[kFirstVerifiedTrade + ++verified_made_].trade = trade;
  } else {
    waiting_.emplace_back(date, trade);
  }
}

ModelOutcome MarketModel::ActOnTrade(uint64_t number, const std::string& act) {
  using State = ModelVerified::State;
  const auto it = verified_.find(number);
  if (it == verified_.end()) return ModelOutcome::Refused();
  ModelVerified& verified = it->second;
  const ModelTrade trade = verified.trade;
  const int64_t cost = trade.amount + trade.buyer_fee;
  ModelFirm& seller = FirmOf(trade.seller);
  ModelFirm& buyer = FirmOf(trade.buyer);
  if (act == "verify" && verified.state == State::kAgreed) {
    verified.state = State::kVerified;
  } else if (act == "reject" && verified.state == State::kAgreed) {
    seller.registry_trades -= trade.quantity;
    seller.registry_pledged += trade.quantity;
    pledges_.at(trade.pledge).offered -= trade.quantity;
    buyer.cash_trades -= cost;
    verified_.erase(it);
  } else if (act == "pay" && verified.state == State::kVerified) {
    buyer.cash_trades -= cost;
    buyer.cash -= cost;
    escrow_ += cost;
    verified.state = State::kPaid;
  } else if (act == "settle" && verified.state == State::kPaid) {
    verified_.erase(it);
    escrow_ -= cost;
    Deliver(trade);
  } else {
    return ModelOutcome::Refused();
  }
  return ModelOutcome::Done();
}

void MarketModel::DeliverPledged(const ModelTrade& trade) {
  ModelFirm& seller = FirmOf(trade.seller);
  seller.registry_trades -= trade.quantity;
  seller.registry -= trade.quantity;
  FirmOf(trade.buyer).trading += trade.quantity;
  sold_.units[trade.form] += trade.quantity;
  ModelPledge& pledge = pledges_.at(trade.pledge);
  pledge.offered -= trade.quantity;
  pledge.units -= trade.quantity;
  Distribute(pledge, trade.amount - trade.seller_fee);
}

int64_t MarketModel::PayOff(ModelPledge& pledge, int64_t amount) {
  const int64_t secured = std::min(amount, pledge.Owed());
  if (pledge.reported) {
    const int64_t interest = std::min(secured, pledge.owed_interest);
    pledge.owed_interest -= interest;
    pledge.owed_principal -= secured - interest;
  }
  pledge.paid += secured;
  bank_cash_ += secured;
  return secured;
}

// What came in is the pledgor's until here.
void MarketModel::Distribute(ModelPledge& pledge, int64_t amount) {
  int64_t secured = 0;
  if (pledge.sale_consent != 0 && consents_.at(pledge.sale_consent - 1).deposit) {
    secured = std::min(amount, pledge.Owed() - std::min(pledge.deposited, pledge.Owed()));
    pledge.deposited += secured;
    escrow_ += secured;
  } else {
    secured = PayOff(pledge, amount);
  }
  FirmOf(pledge.firm).cash -= secured;
  if (pledge.state == 5 && pledge.units == 0 && pledge.deposited == 0) pledge.state = 6;
}

// ---- Listings ----

ModelOutcome MarketModel::TakeListing(int32_t date, uint64_t number, int buyer, int64_t units) {
  const auto it = listings_.find(number);
  if (it == listings_.end() || units < 1 || units > it->second.open || buyer == it->second.firm) return ModelOutcome::Refused();
  ModelListing& listing = it->second;
  const int64_t amount = listing.price * units;
  if (amount + Fee(amount, contracts_[listing.contract].fee_bps) > FreeCash(buyer)) return ModelOutcome::Refused();
  listing.open -= units;
  const int64_t fee = NextSellerFee(&listing.fills, listing.contract, amount);
  AgreeSale(listing, ModelForm::kListing, buyer, units, listing.price, fee, date);
  if (listing.open == 0) listings_.erase(it);
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::WithdrawListing(uint64_t number, int who) {
  const auto it = listings_.find(number);
  if (it == listings_.end() || who != it->second.seller()) return ModelOutcome::Refused();
  EndListing(number);
  return ModelOutcome::Done();
}

void MarketModel::EndListing(uint64_t number) {
  TakeOffOffer(listings_.at(number), listings_.at(number).open);
  listings_.erase(number);
}

// ---- Agreements ----

void MarketModel::Negotiate(ModelSale sale, int buyer, int64_t units, int32_t date) {
  PutOnOffer(&sale, units);
  ModelNegotiation& negotiation = negotiations_[++negotiations_made_];
  static_cast<ModelSale&>(negotiation) = sale;
  negotiation.buyer = buyer;
  negotiation.units = units;
  negotiation.last = date + kModelOfferDays - 1;
}

// Its pledge is still as it must be for it, and so much at that price within the consent.
bool MarketModel::MaySellUnder(const ModelNegotiation& negotiation, int64_t price, int64_t units) {
  const ModelPledge* pledge = FindPledge(negotiation.pledge, negotiation.by_bank() ? 8 : 5);
  if (pledge == nullptr || pledge->sales != negotiation.sale) return false;
  if (negotiation.by_bank()) return pledge->mode == negotiation.mode;
  const ModelConsent& consent = consents_.at(negotiation.consent - 1);
  return units <= consent.units && price >= consent.price_min;
}

ModelOutcome MarketModel::CounterOffer(uint64_t number, int who, int64_t price, int64_t units) {
  const auto it = negotiations_.find(number);
  if (it == negotiations_.end() || price < 1 || units < 1) return ModelOutcome::Refused();
  ModelNegotiation& n = it->second;
  const bool buys = who == n.buyer;
  if (!buys && who != n.seller()) return ModelOutcome::Refused();
  const bool own = buys == n.by_buyer;
  if (own && price == n.price && units == n.units) return ModelOutcome::Refused();
  int64_t hold = 0;
  if (buys) {
    hold = price * units + Fee(price * units, contracts_[n.contract].fee_bps);
    if (hold > FreeCash(n.buyer) + n.held) return ModelOutcome::Refused();
  } else {
    if (!MaySellUnder(n, price, units)) return ModelOutcome::Refused();
    const ModelPledge& pledge = pledges_.at(n.pledge);
    const int64_t had = own ? n.units : 0;
    if (units > had && (PledgesFrozen(n.firm) || units - had > pledge.units - pledge.offered)) return ModelOutcome::Refused();
  }
  // What the last offer held is free; an offer that is changed keeps its place.
  const uint64_t place = n.place;
  if (!n.by_buyer) TakeOffOffer(n, n.units);
  if (!buys) PutOnOffer(&n, units);
  if (!buys && own) n.place = place;
  FirmOf(n.buyer).cash_orders += hold - n.held;
  n.held = hold;
  n.price = price;
  n.units = units;
  n.by_buyer = buys;
  ++n.offer;
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::ConfirmOffer(int32_t date, uint64_t number, int who, int offer, int64_t price, int64_t units) {
  const auto it = negotiations_.find(number);
  if (it == negotiations_.end()) return ModelOutcome::Refused();
  ModelNegotiation n = it->second;
  const bool buys = who == n.buyer;
  if ((!buys && who != n.seller()) || buys == n.by_buyer) return ModelOutcome::Refused();
  if (offer != n.offer || price != n.price || units != n.units) return ModelOutcome::Refused();
  const int64_t fee = Fee(price * units, contracts_[n.contract].fee_bps);
  if (buys) {
    if (price * units + fee > FreeCash(n.buyer)) return ModelOutcome::Refused();
  } else {
    const ModelPledge& pledge = pledges_.at(n.pledge);
    if (!MaySellUnder(n, price, units) || PledgesFrozen(n.firm) || units > pledge.units - pledge.offered) return ModelOutcome::Refused();
    PutOnOffer(&n, units);
    FirmOf(n.buyer).cash_orders -= n.held;
  }
  negotiations_.erase(it);
  AgreeSale(n, ModelForm::kAgreement, n.buyer, units, price, fee, date);
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::EndNegotiation(uint64_t number, int who) {
  const auto it = negotiations_.find(number);
  if (it == negotiations_.end() || (who != it->second.buyer && who != it->second.seller())) return ModelOutcome::Refused();
  EndNegotiation(number);
  return ModelOutcome::Done();
}

void MarketModel::EndNegotiation(uint64_t number) {
  const ModelNegotiation n = negotiations_.at(number);
  if (n.by_buyer) {
    FirmOf(n.buyer).cash_orders -= n.held;
  } else {
    TakeOffOffer(n, n.units);
  }
  negotiations_.erase(number);
}

}  // namespace songhua::simulations
