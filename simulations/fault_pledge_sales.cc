#include "simulations/fault_pledge_sales.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "ledger/legal_time.h"
#include "ledger/wire.h"
#include "simulations/fault_names.h"
#include "simulations/fault_people.h"
#include "simulations/fault_pledges.h"
#include "songhua/v1/auctions.pb.h"
#include "songhua/v1/listings.pb.h"
#include "songhua/v1/negotiations.pb.h"
#include "songhua/v1/pledges.pb.h"
#include "songhua/v1/trades.pb.h"

namespace songhua::simulations {
namespace {

constexpr int kAgreementContract = kModelContracts - 1;
constexpr int64_t kLeastPrice = 7980, kMostPrice = 8020;  // of any offer: a unit carries a loan at each of them
constexpr int64_t kHour = 3'600 * kMicrosPerSecond;

std::string TokenOf(int who) { return who == kModelBank ? "banker" : who == kModelExchange ? "registry" : Trader(who); }

int AnyFirm(std::mt19937_64& random) { return static_cast<int>(Between(random, 0, kFirms - 1)); }

// One of them, and its number; now and then a number that none has.
template <class Sale>
std::pair<uint64_t, const Sale*> OneOf(std::mt19937_64& random, const std::map<uint64_t, Sale>& sales) {
  auto it = sales.begin();
  std::advance(it, static_cast<int64_t>(random() % sales.size()));
  const uint64_t number = random() % 16 == 0 ? 999'999 : it->first;
  return {number, &it->second};
}

// The seller, or now and then somebody who is not.
int SomeSeller(std::mt19937_64& random, const ModelSale& sale) {
  const bool right = random() % 4 != 0;
  const int firm = SomeFirm(random, sale.firm);
  return sale.by_bank() == right ? kModelBank : firm;
}

// ---- Offers ----

const char* NameOf(ModelForm form) {
  switch (form) {
    case ModelForm::kListing: return "LISTING";
    case ModelForm::kAscending: return "E_AUCTION";
    case ModelForm::kSealed: return "SEALED_AUCTION";
    case ModelForm::kAgreement: return "AGREEMENT";
  }
  return "";
}

ModelForm AnyForm(std::mt19937_64& random) { return static_cast<ModelForm>(random() % 4); }

// As the pledge is enforced, or any.
ModelForm FormFor(std::mt19937_64& random, const MarketModel& model, uint64_t pledge) {
  const ModelForm any = AnyForm(random);
  const auto found = model.pledges().find(pledge);
  if (random() % 8 == 0 || found == model.pledges().end()) return any;
  switch (found->second.mode) {
    case ModelMode::kNone: return any;
    case ModelMode::kSale: return ModelForm::kListing;
    case ModelMode::kAuction: return any == ModelForm::kListing || any == ModelForm::kSealed ? ModelForm::kSealed : ModelForm::kAscending;
    case ModelMode::kAgreedValue: return ModelForm::kAgreement;
  }
  return any;
}

// None, or one that was used for another sale, is to surrender, or is of anything.
uint64_t WrongConsent(std::mt19937_64& random, const MarketModel& model, uint64_t pledge) {
  const auto kind = random() % 4;
  if (kind == 0) return 0;
  const uint64_t any = static_cast<uint64_t>(Between(random, 1, static_cast<int64_t>(model.consents().size()) + 1));
  if (kind == 1) return any;
  std::vector<uint64_t> wrong;
  for (size_t i = 0; i < model.consents().size(); ++i) {
    const ModelConsent& consent = model.consents()[i];
    if (consent.pledge == pledge && (kind == 2 ? consent.used && consent.to_sell : !consent.to_sell)) wrong.push_back(i + 1);
  }
  return wrong.empty() ? any : wrong[any % wrong.size()];
}

// From the account in which units are pledged, but under no pledge: whoever asks so may sell nothing of it.
SimulatedRequest SaleUnderNoPledge(std::mt19937_64& random) {
  const int firm = AnyFirm(random);
  const int64_t units = Between(random, 1, 200);
  const auto form = random() % 3;
  const SimulatedRequest::Effect never = [](MarketModel&, uint64_t, int32_t) { return ModelOutcome::Refused(); };
  if (form == 0) {
    v1::ApplyForAuctionRequest request;
    request.set_kind(v1::Auction::ASCENDING);
    request.set_contract("contracts/" + ContractCode(0));
    request.set_account(AccountName(firm, "registry"));
    request.set_side(v1::SELL);
    request.set_quantity(units);
    request.set_reserve_price_fen(kLeastPrice);
    request.add_lots(LotName(firm, "registry"));
    return Make("Auctions/ApplyForAuction", Trader(firm), request, never);
  }
  if (form == 1) {
    v1::MakeOfferRequest request;
    request.set_form(v1::Trade::AGREEMENT);
    request.set_contract("contracts/" + ContractCode(kAgreementContract));
    request.set_account(AccountName(firm, "registry"));
    request.set_side(v1::SELL);
    request.set_counterparty_account(AccountName((firm + 1) % kFirms, "trading"));
    request.set_price_fen(kLeastPrice);
    request.set_quantity(units);
    request.add_lots(LotName(firm, "registry"));
    request.set_contract_reference("paper-1");
    return Make("Negotiations/MakeOffer", Trader(firm), request, never);
  }
  v1::PostListingRequest request;
  request.set_contract("contracts/" + ContractCode(0));
  request.set_account(AccountName(firm, "registry"));
  request.set_price_fen(kLeastPrice);
  request.set_quantity(units);
  request.add_lots(LotName(firm, "registry"));
  return Make("Listings/PostListing", Trader(firm), request, never);
}

SimulatedRequest OfferOf(const ModelOffer& offer) {
  v1::OfferPledgedUnitsRequest request;
  request.set_name(PledgeName(offer.pledge));
  if (offer.consent != 0) request.set_consent("consents/" + std::to_string(offer.consent));
  request.set_contract("contracts/" + ContractCode(offer.contract));
  request.set_quantity(offer.units);
  request.set_price_fen(offer.price);
  request.set_form(NameOf(offer.form));
  if (offer.form == ModelForm::kAgreement) {
    request.set_buyer_account(AccountName(offer.buyer, "trading"));
    request.set_contract_number("paper-1");
  }
  return Make("Pledges/OfferPledgedUnits", TokenOf(offer.who), request, [=](MarketModel& m, uint64_t, int32_t date) { return m.OfferPledged(date, offer); });
}

// Those of which units might be offered now, each with the consent that serves for it; 0: by the bank.
std::vector<std::pair<uint64_t, uint64_t>> Sellable(const MarketModel& model) {
  std::vector<std::pair<uint64_t, uint64_t>> found;
  for (const auto& [number, pledge] : model.pledges()) {
    if (pledge.offered > 0 || pledge.units == 0) continue;
    const uint64_t consent = model.ConsentToSell(number);
    if (pledge.state == 8 || (pledge.state == 5 && consent != 0)) found.emplace_back(number, pledge.state == 8 ? 0 : consent);
  }
  return found;
}

// As it may be, but for the accounts' means and courts.
SimulatedRequest RightOffer(std::mt19937_64& random, const MarketModel& model) {
  const auto sellable = Sellable(model);
  const auto& [pledge, consent] = sellable[random() % sellable.size()];
  ModelOffer offer;
  offer.pledge = pledge;
  offer.consent = consent;
  offer.form = FormFor(random, model, pledge);
  offer.contract = offer.form == ModelForm::kAgreement ? kAgreementContract : static_cast<int>(Between(random, 0, kModelContracts - 1));
  offer.price = kMostPrice;
  offer.units = std::min<int64_t>(UnitsOf(model, pledge), Between(random, 1, 200));
  if (consent != 0) offer.units = std::min(offer.units, model.UnitsOfConsent(consent).second);
  const int pledgor = PledgorOf(model, pledge);
  offer.who = consent == 0 ? kModelBank : pledgor;
  offer.buyer = (pledgor + static_cast<int>(Between(random, 1, kFirms - 1))) % kFirms;
  return OfferOf(offer);
}

// By the bank that enforces, or by the pledgor with a consent.
SimulatedRequest SomeOffer(std::mt19937_64& random, const MarketModel& model) {
  const bool by_bank = random() % 2 == 0;
  ModelOffer offer;
  offer.pledge = SomePledgeIn(random, model, by_bank ? 8 : 5);
  if (by_bank) {
    if (random() % 12 == 0) offer.consent = WrongConsent(random, model, offer.pledge);
    offer.form = FormFor(random, model, offer.pledge);
  } else {
    for (const auto& [number, of] : model.pledges()) {  // the last one that may be sold, now and then another
      if (of.state == 5 && random() % 8 != 0 && model.ConsentToSell(number) != 0) offer.pledge = number;
    }
    offer.consent = model.ConsentToSell(offer.pledge);
    if (offer.consent == 0 || random() % 6 == 0) offer.consent = WrongConsent(random, model, offer.pledge);
    offer.form = AnyForm(random);
  }
  offer.contract = static_cast<int>(Between(random, 0, kModelContracts - 1));
  if (offer.form == ModelForm::kAgreement && random() % 8 != 0) offer.contract = kAgreementContract;
  offer.price = Between(random, kLeastPrice, kMostPrice);
  const int64_t most = UnitsOf(model, offer.pledge);
  const bool all = random() % 4 == 0;
  offer.units = Between(random, 0, std::max<int64_t>(1, all ? most + most / 8 : std::min<int64_t>(most, 200)));
  const int firm = SomeFirm(random, PledgorOf(model, offer.pledge));
  offer.who = by_bank ? kModelBank : firm;
  offer.buyer = AnyFirm(random);
  return OfferOf(offer);
}

// ---- Listings ----

// It is taken, also for more than there is, or withdrawn, also by others.
SimulatedRequest OfListing(std::mt19937_64& random, const MarketModel& model) {
  const auto [named, found] = OneOf(random, model.listings());
  const uint64_t number = named;
  const ModelListing& listing = *found;
  if (random() % 4 == 0) {
    const int who = SomeSeller(random, listing);
    v1::WithdrawListingRequest request;
    request.set_name("listings/" + std::to_string(number));
    return Make("Listings/WithdrawListing", TokenOf(who), request, [=](MarketModel& m, uint64_t, int32_t) { return m.WithdrawListing(number, who); });
  }
  const int buyer = AnyFirm(random);
  const int64_t units = Between(random, 0, listing.open + listing.open / 8);
  v1::TakeListingRequest request;
  request.set_listing("listings/" + std::to_string(number));
  request.set_account(AccountName(buyer, "trading"));
  request.set_quantity(units);
  return Make("Listings/TakeListing", Trader(buyer), request, [=](MarketModel& m, uint64_t, int32_t date) { return m.TakeListing(date, number, buyer, units); });
}

// ---- Auctions ----

std::string AuctionName(uint64_t auction) { return "auctions/" + std::to_string(auction); }

// Some hours on, so that a quiet time of hours or days ends in each part of it; by the hour, so that several auctions come to their turn at one instant.
ModelNotice SomeNotice(std::mt19937_64& random, const api::State& state, bool sealed) {
  const int64_t now = state.engine().last_time.value() / kHour * kHour;
  ModelNotice notice;
  notice.sealed = sealed;
  notice.register_until = now + Between(random, 1, 24) * kHour;
  const int64_t another_day = ModelStartOf(ModelDateOf(now) + static_cast<int32_t>(Between(random, 0, 3)));
  notice.open = std::max(notice.register_until, another_day) + Between(random, 0, 8) * kHour;
  notice.close = notice.open + Between(random, 0, 72) * kHour;
  notice.deposit_bps = Between(random, 1, 3) * 1'000;
  notice.increment_bps = Between(random, 1, 50);
  notice.extension = Between(random, 60, 3'600);
  notice.extensions_max = static_cast<int>(Between(random, 1, 3));
  notice.payment_workdays = static_cast<int>(Between(random, 1, 3));
  notice.converts = random() % 4 != 0;
  notice.uniform = random() % 2 == 0;
  return notice;
}

SimulatedRequest Announce(std::mt19937_64& random, const api::State& state, uint64_t number, bool sealed) {
  const ModelNotice notice = SomeNotice(random, state, random() % 12 == 0 ? !sealed : sealed);
  v1::AnnounceAuctionRequest request;
  request.set_name(AuctionName(number));
  request.set_announcement("notice 1");
  *request.mutable_register_until_time() = ledger::ToProto(Timestamp(notice.register_until));
  *request.mutable_open_time() = ledger::ToProto(Timestamp(notice.open));
  *request.mutable_close_time() = ledger::ToProto(Timestamp(notice.close));
  request.set_notice_workdays(notice.notice_workdays);
  if (notice.sealed) {
    v1::SealedRules& rules = *request.mutable_sealed();
    rules.set_profile(v1::SealedRules::CEA_ONE_WAY);
    rules.set_pricing(notice.uniform ? v1::SealedRules::UNIFORM : v1::SealedRules::PAY_AS_BID);
  } else {
    v1::AscendingRules& rules = *request.mutable_ascending();
    rules.set_deposit_bps(static_cast<int32_t>(notice.deposit_bps));
    rules.set_increment_bps(static_cast<int32_t>(notice.increment_bps));
    rules.set_extension_seconds(static_cast<int32_t>(notice.extension));
    rules.set_extensions_max(notice.extensions_max);
    rules.set_payment_workdays(notice.payment_workdays);
    rules.set_bar_months(1);
    rules.set_converts(notice.converts);
  }
  return Make("Auctions/AnnounceAuction", "registry", request,
              [=](MarketModel& m, uint64_t, int32_t date) { return m.AnnounceAuction(date, number, notice); });
}

// Somebody who is not registered yet, mostly.
SimulatedRequest Register(std::mt19937_64& random, uint64_t number, const ModelAuction& auction) {
  const int any = AnyFirm(random);
  int firm = any;
  for (int i = 0; i < kFirms && random() % 8 != 0; ++i) {
    firm = (any + i) % kFirms;
    const auto found = auction.bidders.find(firm);
    if (firm != auction.firm && (found == auction.bidders.end() || found->second.withdrawn)) break;
  }
  int64_t guarantee = 0;
  if (auction.sealed) {
    guarantee = Between(random, 0, 3 * auction.price * auction.quantity);
  } else if (random() % 4 == 0) {
    guarantee = MarketModel::DepositOf(auction) + Between(random, 0, 1);
  }
  v1::RegisterBidderRequest request;
  request.set_auction(AuctionName(number));
  request.set_account(AccountName(firm, "trading"));
  request.set_guarantee_fen(guarantee);
  return Make("Auctions/RegisterBidder", Trader(firm), request, [=](MarketModel& m, uint64_t, int32_t) { return m.RegisterBidder(number, firm, guarantee); });
}

// One of the bidders, or anybody.
int SomeBidder(std::mt19937_64& random, const ModelAuction& auction) {
  const int any = AnyFirm(random);
  if (auction.bidders.empty() || random() % 8 == 0) return any;
  auto it = auction.bidders.begin();
  std::advance(it, any % static_cast<int>(auction.bidders.size()));
  return it->first;
}

SimulatedRequest WithdrawAsBidder(std::mt19937_64& random, uint64_t number, const ModelAuction& auction) {
  const int firm = SomeBidder(random, auction);
  v1::WithdrawBidderRequest request;
  request.set_auction(AuctionName(number));
  request.set_account(AccountName(firm, "trading"));
  return Make("Auctions/WithdrawBidder", Trader(firm), request, [=](MarketModel& m, uint64_t, int32_t) { return m.WithdrawBidder(number, firm); });
}

SimulatedRequest Bid(std::mt19937_64& random, uint64_t number, const ModelAuction& auction) {
  const int firm = SomeBidder(random, auction);
  const bool whole = !auction.sealed && random() % 8 != 0;
  const int64_t some = Between(random, 0, auction.quantity + auction.quantity / 8);
  const int64_t units = whole ? 0 : some;
  const int64_t price = auction.sealed ? auction.price + Between(random, -3, 60) : MarketModel::NextPrice(auction) + Between(random, -2, 20);
  v1::PlaceBidRequest request;
  request.set_auction(AuctionName(number));
  request.set_account(AccountName(firm, "trading"));
  request.set_price_fen(price);
  request.set_quantity(units);
  return Make("Auctions/PlaceBid", Trader(firm), request,
              [=](MarketModel& m, uint64_t sequence, int32_t) { return m.PlaceBid(sequence, number, firm, price, units); });
}

// Winners of every other auction do not mean to pay.
bool WillPay(uint64_t number) { return number % 2 == 0; }

SimulatedRequest Pay(std::mt19937_64& random, uint64_t number, const ModelAuction& auction) {
  const int loser = (std::max(0, auction.best_firm) + static_cast<int>(Between(random, 1, kFirms - 1))) % kFirms;
  const int winner = SomeFirm(random, std::max(0, auction.best_firm));
  const int firm = WillPay(number) || random() % 12 == 0 ? winner : loser;
  v1::PayAuctionRequest request;
  request.set_name(AuctionName(number));
  return Make("Auctions/PayAuction", Trader(firm), request, [=](MarketModel& m, uint64_t, int32_t date) { return m.PayAuction(date, number, firm); });
}

SimulatedRequest CancelAs(int who, uint64_t number) {
  v1::CancelAuctionRequest request;
  request.set_name(AuctionName(number));
  request.set_reason("withdrawn");
  return Make("Auctions/CancelAuction", TokenOf(who), request, [=](MarketModel& m, uint64_t, int32_t) { return m.CancelAuction(number, who); });
}

// Mostly what its state asks for.
SimulatedRequest OfAuction(std::mt19937_64& random, const api::State& state, const MarketModel& model) {
  const auto [number, found] = OneOf(random, model.auctions());
  const ModelAuction& auction = *found;
  const auto drawn = random() % 40;
  if (drawn == 0) return CancelAs(kModelExchange, number);
  if (drawn < 3) return CancelAs(SomeSeller(random, auction), number);
  if (drawn < 5) return WithdrawAsBidder(random, number, auction);
  auto act = drawn % 4;  // for drawn below 9: any
  if (drawn >= 9) {
    const int64_t now = state.engine().last_time.value();
    const bool may_register = auction.state == ModelAuction::State::kAnnounced && (auction.sealed ? now < auction.notice.open || drawn % 4 == 0 : !auction.registration_over);
    act = auction.state == ModelAuction::State::kDraft ? 0u : auction.state == ModelAuction::State::kClosed ? 3u : may_register ? 1u : 2u;
  }
  if (act == 0) return Announce(random, state, number, auction.sealed);
  if (act == 1) return Register(random, number, auction);
  return act == 2 ? Bid(random, number, auction) : Pay(random, number, auction);
}

// ---- Agreements, and the trades that they are ----

SimulatedRequest OfNegotiation(std::mt19937_64& random, const MarketModel& model) {
  const auto [named, found] = OneOf(random, model.negotiations());
  const uint64_t number = named;
  const ModelNegotiation& negotiation = *found;
  const std::string name = "negotiations/" + std::to_string(number);
  const auto drawn = random() % 8;
  const int buyer = SomeFirm(random, negotiation.buyer);
  const int seller = SomeSeller(random, negotiation);
  if (drawn == 0) {
    const int who = random() % 2 == 0 ? buyer : seller;
    v1::EndNegotiationRequest request;
    request.set_name(name);
    return Make("Negotiations/EndNegotiation", TokenOf(who), request, [=](MarketModel& m, uint64_t, int32_t) { return m.EndNegotiation(number, who); });
  }
  if (drawn < 4) {
    const int who = random() % 2 == 0 ? buyer : seller;
    const int64_t price = Between(random, kLeastPrice, kMostPrice);
    const int64_t units = Between(random, 0, negotiation.units + negotiation.units / 8 + 1);
    v1::CounterOfferRequest request;
    request.set_name(name);
    request.set_price_fen(price);
    request.set_quantity(units);
    return Make("Negotiations/CounterOffer", TokenOf(who), request,
                [=](MarketModel& m, uint64_t, int32_t) { return m.CounterOffer(number, who, price, units); });
  }
  // The other party confirms what was offered last, word for word.
  const bool by_other = random() % 8 != 0;
  const int who = negotiation.by_buyer == by_other ? seller : buyer;
  const int offer = negotiation.offer - (random() % 12 == 0 ? 1 : 0);
  const int64_t price = negotiation.price, units = negotiation.units;
  v1::ConfirmOfferRequest request;
  request.set_name(name);
  request.set_offer(offer);
  request.set_price_fen(price);
  request.set_quantity(units);
  return Make("Negotiations/ConfirmOffer", TokenOf(who), request,
              [=](MarketModel& m, uint64_t, int32_t date) { return m.ConfirmOffer(date, number, who, offer, price, units); });
}

SimulatedRequest ActOn(uint64_t trade, const std::string& act) {
  v1::TradeActRequest request;
  request.set_name("trades/" + std::to_string(trade));
  if (act == "reject") request.set_decision("the papers differ");
  const SimulatedRequest::Effect effect = [=](MarketModel& m, uint64_t, int32_t) { return m.ActOnTrade(trade, act); };
  if (act == "verify") return Make("Trades/VerifyTrade", "reviewer-0", request, effect);
  if (act == "reject") return Make("Trades/RejectTrade", "reviewer-0", request, effect);
  return Make(act == "pay" ? "Trades/RecordPayment" : "Trades/SettleTrade", "registry", request, effect);
}

SimulatedRequest OfTrade(std::mt19937_64& random, const MarketModel& model) {
  auto it = model.verified().begin();
  std::advance(it, static_cast<int64_t>(random() % model.verified().size()));
  static constexpr const char* kActs[] = {"verify", "pay", "settle", "reject"};
  const auto any = random() % 16;
  if (any < std::size(kActs)) return ActOn(it->first, kActs[any]);
  return ActOn(it->first, kActs[static_cast<size_t>(it->second.state)]);
}

}  // namespace

SimulatedRequest SaleOfPledged(std::mt19937_64& random, const MarketModel& model) {
  if (random() % 24 == 0) return SaleUnderNoPledge(random);
  if (!model.listings().empty() && random() % 2 == 0) return OfListing(random, model);
  return random() % 2 == 0 && MaySell(model) ? RightOffer(random, model) : SomeOffer(random, model);
}

bool MaySell(const MarketModel& model) { return !Sellable(model).empty(); }

// Of an auction for which bidders enough are registered, only time brings what comes next.
bool SalesAreUnderWay(const api::State& state, const MarketModel& model) {
  if (!model.negotiations().empty() || !model.verified().empty()) return true;
  const int64_t now = state.engine().last_time.value();
  return std::any_of(model.auctions().begin(), model.auctions().end(), [now](const auto& entry) {
    const ModelAuction& auction = entry.second;
    if (auction.state == ModelAuction::State::kClosed) return WillPay(entry.first);
    return auction.state == ModelAuction::State::kDraft || auction.bidders.size() < 4 || now >= auction.notice.open;
  });
}

SimulatedRequest SaleUnderWay(std::mt19937_64& random, const api::State& state, const MarketModel& model) {
  const auto first = random() % 3;
  for (auto i = first; i < first + 3; ++i) {
    if (i % 3 == 0 && !model.auctions().empty()) return OfAuction(random, state, model);
    if (i % 3 == 1 && !model.negotiations().empty()) return OfNegotiation(random, model);
    if (i % 3 == 2 && !model.verified().empty()) return OfTrade(random, model);
  }
  return SomeOffer(random, model);
}

std::vector<SimulatedRequest> EndAuctions(const MarketModel& model) {
  std::vector<SimulatedRequest> requests;
  for (const auto& [number, auction] : model.auctions()) {
    if (auction.state != ModelAuction::State::kClosed) requests.push_back(CancelAs(kModelExchange, number));
  }
  return requests;
}

std::vector<SimulatedRequest> SettleVerified(const MarketModel& model) {
  static constexpr const char* kSteps[] = {"verify", "pay", "settle"};
  std::vector<SimulatedRequest> requests;
  for (const auto& [number, verified] : model.verified()) {
    for (size_t step = static_cast<size_t>(verified.state); step < std::size(kSteps); ++step) requests.push_back(ActOn(number, kSteps[step]));
  }
  return requests;
}

}  // namespace songhua::simulations
