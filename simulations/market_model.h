// A slow, obvious second implementation of the part of Songhua that the fault simulator drives: cash, serial units, pledges with their sales, freezes, contracts
// with their books and settlements. What a sale of pledged units is made of is in model_sales.h. Permits have a model of their own (permit_model.h). It shares no code with the real one and keeps no index, no cache and no row: maps, lists and sums.
//
// The simulator applies every command that the real engine recorded to the model too, in the same order, and compares the outcome of each and,
// now and then, everything. A model is a value: copies of it are the states to go back to when a crash loses what was not durable.
#ifndef SONGHUA_SIMULATIONS_MARKET_MODEL_H_
#define SONGHUA_SIMULATIONS_MARKET_MODEL_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "simulations/model_sales.h"
#include "simulations/permit_model.h"

namespace songhua::simulations {

// One enterprise's money and units: registry account R and trading account T of the one vintage.
struct ModelFirm {
  int64_t cash = 0, cash_orders = 0, cash_trades = 0;
  int64_t registry = 0, registry_provisional = 0, registry_pledged = 0;
  int64_t registry_orders = 0, registry_trades = 0;  // of pledged units on offer, and sold
  int64_t trading = 0, trading_orders = 0, trading_trades = 0;
  int64_t surrendered = 0;

  int64_t HeldOfRegistry() const { return registry_provisional + registry_pledged + registry_orders + registry_trades; }
};

struct ModelOrder {
  int firm = 0;
  int contract = 0;  // 0 or 1
  bool buy = false;
  bool post_only = false;
  int64_t price = 0, open = 0, filled = 0;
  int64_t held_cash = 0, traded = 0, fee_charged = 0;
  uint64_t priority = 0;
};

// States as in china.md 8.5: 1 applied, 2 held, 4 approved, 5 active, 6 released, 7 default notice, 8 enforcing, 9 realised.
struct ModelPledge {
  int firm = 0;
  int64_t units = 0, offered = 0;
  int state = 1;
  int32_t applied_on = 0;
  int64_t principal = 0, paid = 0, deposited = 0;
  // As the bank said last; before it did, the principal is owed.
  bool reported = false;
  int64_t owed_principal = 0, owed_interest = 0;
  int32_t reported_on = 0;
  bool proposed = false;
  int64_t proposed_principal = 0;  // 0: as it is
  int32_t cure_last = 0;
  ModelMode mode = ModelMode::kNone;  // of its enforcement
  uint64_t sale_consent = 0;          // by which its last offer was made; 0: the bank's own, or none
  int sales = 0;                      // offers made of it

  int64_t Owed() const;
};

struct ModelConsent {
  uint64_t pledge = 0;
  int64_t units = 0;
  bool to_sell = false;  // or to surrender
  bool deposit = false;
  int64_t price_min = 0;
  bool used = false;
};

struct ModelFreeze {
  int firm = 0;
  bool trading = false;
  int64_t quantity = 0;
};

struct ModelContract {
  int64_t fee_bps = 0;
  bool immediate = false;
  bool verified = false;  // an officer looks at each trade; neither: trades wait for the end of their day
  int32_t open_on = -1;  // legal date of the session; -1: closed
};

// What a command does, in the model's words.
struct ModelOutcome {
  bool accepted = false;
  int64_t filled = 0;
  int64_t open = 0;

  static ModelOutcome Refused() { return {}; }
  static ModelOutcome Done() { return {true, 0, 0}; }
  friend bool operator==(const ModelOutcome&, const ModelOutcome&) = default;
};

enum class ModelTif { kDay, kIoc, kFok };

// What the bank lends first, and at most: a single unit carries it at any price of the simulation.
inline constexpr int64_t kModelPrincipal = 4000, kModelPrincipalMax = 5000;
// Interest that no units of the simulation carry.
inline constexpr int64_t kModelHugeInterest = 1'000'000'000'000;
inline constexpr int32_t kModelOfferDays = 3;  // that a listing or a negotiation stands
inline constexpr int kModelContracts = 3;       // two with sessions, and one for agreements

class MarketModel {
 public:
  explicit MarketModel(int firms) : firms_(static_cast<size_t>(firms)) {}

  // Each returns whether it is accepted, and does it when it is.
  ModelOutcome Deposit(int firm, int64_t fen);
  ModelOutcome Withdraw(int firm, int64_t fen);
  ModelOutcome Issue(int firm, int64_t units);
  ModelOutcome ToTrading(int firm, int64_t units);
  ModelOutcome ToRegistry(int firm, int64_t units);
  ModelOutcome Surrender(int firm, int64_t units);
  ModelOutcome Place(uint64_t sequence, int32_t date, int firm, int contract, bool buy, int64_t price, int64_t quantity, ModelTif tif,
                     bool post_only);
  ModelOutcome Cancel(int32_t date, int firm, uint64_t order);
  ModelOutcome Replace(uint64_t sequence, int32_t date, int firm, uint64_t order, int64_t price, int64_t quantity);
  ModelOutcome OpenSession(int32_t date, int contract);
  ModelOutcome CloseSession(int contract);
  ModelOutcome SettleDay(int32_t date, int contract);
  void CloseStaleSessions(int32_t date);
  // When the next command is carried out, in microseconds.
  void SetTime(int64_t now) { now_ = now; }
  // What time does to sales: auctions that close, clear or are not paid for, listings and negotiations whose last day is over.
  void PassSales(int64_t now);
  // By which workdays are counted.
  void SetCalendar(const ModelCalendar& calendar) { calendar_ = calendar; }
  ModelOutcome ApplyPledge(int32_t date, int firm, int64_t units);
  // `who` is the firm that confirms.
  ModelOutcome ActOnPledge(int32_t date, uint64_t pledge, const std::string& act, int who);
  // To surrender or sell so many of the pledge's units; and that one to surrender is used (PLG-21).
  ModelOutcome GrantConsent(const ModelConsent& consent);
  ModelOutcome SurrenderPledged(uint64_t consent, int firm, int64_t units);
  ModelOutcome EnforcePledge(int32_t date, uint64_t pledge, ModelMode mode);

  // ---- Sales of pledged units (market_model_sales.cc). `who` is a firm or the bank ----
  ModelOutcome OfferPledged(int32_t date, const ModelOffer& offer);
  ModelOutcome TakeListing(int32_t date, uint64_t listing, int buyer, int64_t units);
  ModelOutcome WithdrawListing(uint64_t listing, int who);
  ModelOutcome CounterOffer(uint64_t negotiation, int who, int64_t price, int64_t units);
  // Of the terms of an offer, by its number.
  ModelOutcome ConfirmOffer(int32_t date, uint64_t negotiation, int who, int offer, int64_t price, int64_t units);
  ModelOutcome EndNegotiation(uint64_t negotiation, int who);
  // "verify", "reject", "pay", "settle".
  ModelOutcome ActOnTrade(uint64_t trade, const std::string& act);

  // ---- Auctions of them (market_model_auctions.cc) ----
  ModelOutcome AnnounceAuction(int32_t date, uint64_t auction, const ModelNotice& notice);
  ModelOutcome RegisterBidder(uint64_t auction, int firm, int64_t guarantee);
  ModelOutcome WithdrawBidder(uint64_t auction, int firm);
  ModelOutcome PlaceBid(uint64_t sequence, uint64_t auction, int firm, int64_t price, int64_t units);
  ModelOutcome PayAuction(int32_t date, uint64_t auction, int firm);
  // By the exchange, too.
  ModelOutcome CancelAuction(uint64_t auction, int who);
  // The least that the next bid may offer, where bids ascend.
  static int64_t NextPrice(const ModelAuction& auction);
  static int64_t DepositOf(const ModelAuction& auction);

  // ---- Terms (market_model_pledges.cc) ----
  ModelOutcome AddPledgedUnits(uint64_t pledge, int who, int64_t units);
  ModelOutcome ReleasePart(uint64_t pledge, int64_t units);
  ModelOutcome ProposeAmendment(uint64_t pledge, int64_t principal);
  ModelOutcome AgreeAmendment(uint64_t pledge, int who);
  ModelOutcome EndAmendment(uint64_t pledge, int who);
  ModelOutcome ReportBalance(int32_t date, uint64_t pledge, int64_t principal, int64_t interest, int32_t on);
  ModelOutcome Freeze(int firm, bool trading, int64_t units);
  ModelOutcome LiftFreeze(uint64_t freeze);

  const ModelFirm& firm(int i) const { return firms_[static_cast<size_t>(i)]; }
  ModelContract& contract(int i) { return contracts_[i]; }
  const ModelContract& contract(int i) const { return contracts_[i]; }
  const std::map<uint64_t, ModelOrder>& orders() const { return orders_; }
  int64_t fees() const { return fees_; }
  int64_t issued() const { return issued_; }
  int64_t bank_cash() const { return bank_cash_; }
  int64_t escrow() const { return escrow_; }
  const std::map<uint64_t, ModelPledge>& pledges() const { return pledges_; }
  const std::vector<ModelConsent>& consents() const { return consents_; }  // at number - 1
  // Sales under way, by number; trades that wait for an officer or for what follows him.
  const std::map<uint64_t, ModelListing>& listings() const { return listings_; }
  const std::map<uint64_t, ModelAuction>& auctions() const { return auctions_; }
  const std::map<uint64_t, ModelNegotiation>& negotiations() const { return negotiations_; }
  const std::map<uint64_t, ModelVerified>& verified() const { return verified_; }
  uint64_t auctions_made() const { return auctions_made_; }
  uint64_t negotiations_made() const { return negotiations_made_; }
  const ModelSold& sold() const { return sold_; }
  // To aim at: one of the pledges in the state, a consent of the pledge to sell that was not used; 0 where there is none. Whose units a consent is for, how many.
  uint64_t PledgeIn(int state, uint64_t drawn) const;
  uint64_t ConsentToSell(uint64_t pledge) const;
  std::pair<int, int64_t> UnitsOfConsent(uint64_t consent) const;
  size_t freezes() const { return freezes_made_; }
  int64_t FreeTrading(int firm) const;
  int64_t FreeRegistry(int firm) const;

 private:
  // Null: there is none in that state.
  ModelPledge* FindPledge(uint64_t pledge, int state);
  // What the bank gets for it of the amount; the rest is the pledgor's (PLG-33).
  int64_t PayOff(ModelPledge& pledge, int64_t amount);
  void Distribute(ModelPledge& pledge, int64_t amount);
  ModelFirm& FirmOf(int firm) { return firms_[static_cast<size_t>(firm)]; }
  // Units of the pledge that are free of offers are put on offer, and taken back.
  void PutOnOffer(ModelSale* sale, int64_t units);
  void TakeOffOffer(const ModelSale& sale, int64_t units);
  // Units that are on offer are agreed to be sold, all or a part, for which the seller pays that fee.
  void AgreeSale(const ModelSale& sale, ModelForm form, int buyer, int64_t units, int64_t price, int64_t seller_fee, int32_t date);
  // The part of the seller's fee that falls on one more fill of the order: listings and sealed auctions have several.
  int64_t NextSellerFee(ModelFills* fills, int contract, int64_t amount) const;
  void DeliverPledged(const ModelTrade& trade);
  void EndListing(uint64_t listing);
  void Negotiate(ModelSale sale, int buyer, int64_t units, int32_t date);
  bool MaySellUnder(const ModelNegotiation& negotiation, int64_t price, int64_t units);
  void EndNegotiation(uint64_t negotiation);
  // The newest sale of the firm's pledged units: a court ends that first. How many units it had on offer.
  int64_t EndNewestSale(int firm);
  // When time does something to it next; INT64_MAX: never.
  int64_t DueOf(const ModelAuction& auction) const;
  void PassAuction(uint64_t auction, int64_t now);
  void ClearSealed(uint64_t auction, int32_t date);
  void Forfeit(uint64_t auction);
  void EndAuction(uint64_t auction);
  void SetHeld(int firm, ModelBidder* bidder, int64_t held);
  int32_t CountWorkdays(int32_t from, int days) const;
  int64_t Frozen(int firm, bool trading) const;
  // What a court's order covers beyond the free units of a registry lot is taken to reach its pledges (PLG-29).
  bool PledgesFrozen(int firm) const;
  int64_t FreeCash(int firm) const;
  static int64_t Fee(int64_t amount, int64_t bps) { return (amount * bps + 5000) / 10000; }
  // Resting orders that an incoming one would meet, best first.
  std::vector<uint64_t> Opposite(int contract, bool buy, int64_t limit) const;
  // Refusals of the book: self trade, crossing, fill or kill.
  bool BookRefuses(int contract, int firm, bool buy, int64_t price, int64_t quantity, ModelTif tif, bool post_only) const;
  int64_t HoldFor(const ModelOrder& order, int64_t price, int64_t open) const;
  void Match(uint64_t number);
  void Settle(const ModelTrade& trade);
  // The buyer has paid.
  void Deliver(const ModelTrade& trade);
  void End(uint64_t number);

  std::vector<ModelFirm> firms_;
  ModelContract contracts_[kModelContracts];
  std::map<uint64_t, ModelOrder> orders_;  // open ones
  std::vector<std::pair<int32_t, ModelTrade>> waiting_;  // by date
  std::map<uint64_t, ModelPledge> pledges_;
  std::vector<ModelConsent> consents_;
  std::map<uint64_t, ModelListing> listings_;
  std::map<uint64_t, ModelAuction> auctions_;
  std::map<uint64_t, ModelNegotiation> negotiations_;
  std::map<uint64_t, ModelVerified> verified_;
  uint64_t listings_made_ = 0, auctions_made_ = 0, negotiations_made_ = 0, verified_made_ = 0, places_taken_ = 0;
  ModelSold sold_;
  ModelCalendar calendar_;
  int64_t now_ = 0;
  int64_t bank_cash_ = 0, escrow_ = 0;
  std::map<uint64_t, ModelFreeze> freezes_;  // in force
  size_t freezes_made_ = 0;
  int64_t fees_ = 0;
  int64_t issued_ = 0;
  int32_t trade_date_ = 0;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_MARKET_MODEL_H_
