// The exchange: contracts, market sessions, order entry with its risk checks, matching, and trades up to their settlement.
//
// It composes the rows of exchange/contracts.h, orders.h and trades.h, one continuous book a contract (tick_ladder.h), and the ledger, which
// alone moves units and money. What it must know of permits and base prices it asks through MarketGate and FloorReader.
//
// Order entry has two doors to one path. `Execute` is the path itself, for batches: numbers in, numbers out, no text. PlaceOrder, CancelOrder
// and ReplaceOrder resolve names, call it, and turn a refusal into a status that says the value and what would be accepted.
//
// Always true, and checked by CheckInvariants: what the orders and trades claim is what lots and cash accounts hold for them; an order that
// ends gives back everything; the books hold exactly the open orders, in the order of their priority.
//
// Events, all in numbers (Side, EndReason, TradeState as their underlying types):
//
//   kBookChanged     contract, side, price, change of open quantity, change of order count (int32)   one a level that changed; price 0: market orders of a
//                    call auction
//   kOrderEnded      order, account, reason (kNone: filled), filled
//   kTradeChanged    trade, state (uint8), contract, price, quantity, amount, seller account, buyer account, form (uint8)
//   kPostChanged     contract, order, side, price, open quantity (0: gone)      where a rulebook says POST_AND_PICK
//   kSessionChanged  contract, open, session date, reference price, last price
//   kUncrossed       contract, price, quantity                    of a call auction that traded
//   kPhaseChanged    contract, phase (v1::MarketPhase::Kind)      as the timer found it; the phase itself is a matter of the time
//   kOrderTriggered  order, account, contract, trigger price      of a stop order
//   kMarketHaltChanged  halt, contract, program, account, participant, in force
//   kCallSealed      contract, date, seal, end, latest end         collecting begins, or goes on after an extension
//   kCallRevealed    contract, date, seed, digest of the orders, drawn end, orders that came after it (uint32)
//   kCallExtended    contract, date, price that would have traded (0: none), extended until, for market orders (bool) or else for that price
//   kCallVoided      contract, date, seal                          no seed came, or the session closed before: the custodian says so on the error log
//   kSurveillanceFlagged  flag, kind (uint8), contract, date, groups (surveillance.h)
//
// One thread, the state machine, uses an Exchange.
#ifndef SONGHUA_EXCHANGE_EXCHANGE_H_
#define SONGHUA_EXCHANGE_EXCHANGE_H_

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "exchange/contract_state.h"
#include "exchange/contracts.h"
#include "exchange/daily_bars.h"
#include "exchange/exchange_parts.h"
#include "exchange/market_halts.h"
#include "exchange/market_statistics.h"
#include "exchange/off_book.h"
#include "exchange/order_book.h"
#include "exchange/order_command.h"
#include "exchange/order_refusal.h"
#include "exchange/orders.h"
#include "exchange/rulebooks.h"
#include "exchange/settlement_batches.h"
#include "exchange/surveillance.h"
#include "exchange/trade_certificates.h"
#include "exchange/trade_clocks.h"
#include "exchange/trade_days.h"
#include "exchange/trader_bars.h"
#include "exchange/trades.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/ledger.h"
#include "ledger/participants.h"
#include "ledger/region_statuses.h"
#include "ledger/tables.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/settlement_days.pb.h"
#include "songhua/v1/trades.pb.h"

namespace songhua::exchange {

class Exchange : public ledger::OrderCanceller, public ledger::CashGate {
 public:
  // Orders that one call of CloseStaleSessions ends.
  static constexpr size_t kEndedOrdersPerCallMax = 1'000;
  static constexpr int32_t kTradesPerSettleDayMax = 1'000;
  static constexpr size_t kAnnouncementBytesMax = 200;
  // Lots that one sell order may deliver from.
  static constexpr size_t kLotsPerOrderMax = 256;
  // One command may have to look at all of them.
  static constexpr size_t kStopOrdersPerContractMax = 10'000;
  static constexpr size_t kGoodTillOrdersPerContractMax = 10'000;

  Exchange(TableSet* tables, const ExchangeParts& parts);
  ~Exchange() override;

  // ---- Contracts and sessions (exchange.cc, sessions.cc, suspending.cc, market_phases.cc) ----
  absl::StatusOr<v1::RulebookAnswer> LoadRulebook(CommandContext& context, const v1::LoadRulebookRequest& request);
  absl::StatusOr<v1::ContractAnswer> CreateContract(CommandContext& context, const v1::CreateContractRequest& request);
  // Takes the rulebook, band and floor as they are today for the session. Refused while orders of the session before are still being ended.
  absl::StatusOr<v1::ContractAnswer> OpenSession(CommandContext& context, const v1::SessionRequest& request);
  // Computes the close and ends up to kEndedOrdersPerCallMax orders; the engine has CloseStaleSessions end what is left.
  absl::StatusOr<v1::ContractAnswer> CloseSession(CommandContext& context, const v1::SessionRequest& request);
  // For the engine's timer at midnight and after CloseSession: closes the sessions of earlier days and ends their orders, oldest contract
  // first, up to kEndedOrdersPerCallMax. True: more remain, call it again in a command of its own. REQUIRES: not validate_only.
  bool CloseStaleSessions(CommandContext& context);
  // Whether CloseStaleSessions has something to do today.
  bool HasStaleSessions(Date today) const;
  // Checks: there is such a contract, not in session; a price on its tick; a notice.
  absl::StatusOr<v1::ContractAnswer> SetReferencePrice(CommandContext& context, const v1::SetReferencePriceRequest& request);
  // For the engine's timer: brings every contract whose rulebook has phases to where it should be at this instant. What is to open opens, or says why not;
  // what was collected trades; what is over closes, and its orders end. True: more remain, call it again in a command of its own. REQUIRES: not validate_only.
  bool PassPhases(CommandContext& context);
  // Has the engine call PassPhases at once, which looks when the next phase begins. For a calendar that changed; rulebooks and contracts do so themselves.
  void WakeForPhases(Timestamp now);
  // For the command that publishes a base price: takes the floors of today into the open sessions (DR-75). Resting orders below are suspended: they leave the
  // book, hold what they held, and are not taken. Where a floor falls again, those that it no longer stops come back in the order of their priority, each as if
  // it were placed anew, and may trade; one that the book refuses then is ended, BELOW_BASE_PRICE. An order may be cancelled or replaced while it is suspended.
  // A floor that falls in a break or under a halt is taken when orders may meet again.
  void RefreshFloors(CommandContext& context);

  // ---- Call auctions whose end or ties are drawn from a seed (sealed_calls.cc, call_seeds.h) ----
  // For the custodian. Contracts whose auction awaits his seal or his seed.
  const std::set<ContractNumber>& calls_in_custody() const { return in_custody_; }
  // Contracts whose auction became void (ContractRow::call_void) since this object was made, in that order, some more than once. For whoever tells an operator;
  // nothing depends on it.
  const std::vector<ContractNumber>& voided_calls() const { return voided_calls_; }
  // His commands. Collecting begins with the seal, and where it was extended it goes on with another. Checks: the contract's auction awaits one
  // (NO_CALL_AWAITS).
  absl::Status SealCall(CommandContext& context, ContractNumber contract, const Digest& seal);
  // Collecting has ended at the drawn instant, whenever this command comes: an order that took its place since is cancelled first, AFTER_CALL_END. What was
  // collected until then trades, or, where its price lies too far from the reference price, the auction is extended and awaits another seal. Whether it comes in
  // time is decided by the order in the journal: the timer that voids the auction comes before it or not. Checks: the contract's auction awaits a seed
  // (NO_CALL_AWAITS); no halt stops it (MARKET_HALTED); the seed is the sealed one (SEED_MISMATCH); the instant has come (REVEALED_TOO_EARLY).
  absl::Status RevealSeed(CommandContext& context, ContractNumber contract, const Digest& seed);
  // For the engine's timer: ends the auctions whose seed was not revealed in time, and up to kEndedOrdersPerCallMax of their orders. True: more remain, call
  // it again in a command of its own. An auction under a halt waits, and has its time anew when the halt ends. REQUIRES: not validate_only.
  bool PassVoidCalls(CommandContext& context);

  // ---- Order entry (order_entry.cc, take_entry.cc, matching.cc, order_requests.cc) ----
  // Checks in the order of OrderRefusal, then applies. The caller is context.participant: he acts for his own accounts and orders only.
  // Refused commands change nothing, as do all under context.validate_only.
  OrderOutcome Execute(CommandContext& context, const OrderEntry& entry);
  // Execute's refusal in words: field, value and what would have been accepted. For the same command, with nothing in between.
  absl::Status Explain(const CommandContext& context, const OrderEntry& entry, OrderRefusal refusal);
  // Brings what the next Execute calls will read towards the cache: for a batch, `next` is what remains of it, and `sequence` that of its first. Changes
  // nothing, not even outcomes.
  void Prefetch(uint64_t sequence, std::span<const OrderEntry> next) const;
  absl::StatusOr<v1::OrderAnswer> PlaceOrder(CommandContext& context, const v1::PlaceOrderRequest& request);
  // Checks, besides PlaceOrder's: the contract is traded by post-and-pick; the chosen order exists, is of this contract, and is one that TickLadder::CheckTake
  // lets the take choose.
  absl::StatusOr<v1::OrderAnswer> Take(CommandContext& context, const v1::TakeRequest& request);
  absl::StatusOr<v1::OrderAnswer> CancelOrder(CommandContext& context, const v1::CancelOrderRequest& request);
  absl::StatusOr<v1::OrderAnswer> ReplaceOrder(CommandContext& context, const v1::ReplaceOrderRequest& request);

  // The caller's own orders, up to kEndedOrdersPerCallMax. Checks: names exist, the account is the caller's.
  absl::StatusOr<v1::CancelOrdersAnswer> CancelOrders(CommandContext& context, const v1::CancelOrdersRequest& request);

  // ---- Halts (halting.cc; CAR-27) ----
  // Checks: one of contract, program, account and participant is named, and exists; a side and cash_out only of the latter two; a reason; not more than
  // MarketHalts::kInForceMax. A purge ends up to kEndedOrdersPerCallMax orders of contracts; the engine has CloseStaleSessions end what is left. Of accounts it
  // ends all at once, and without a purge all leave their books.
  absl::StatusOr<v1::HaltAnswer> HaltTrading(CommandContext& context, const v1::HaltTradingRequest& request);
  // Checks: there is such a halt, in force (ILLEGAL_TRANSITION); the orders that it purges have ended (PURGE_NOT_ENDED).
  absl::StatusOr<v1::HaltAnswer> ResumeTrading(CommandContext& context, const v1::ResumeTradingRequest& request);
  absl::Status CheckWithdrawal(const ledger::AccountRow& cash, std::string_view field) const override;

  // ---- By order of others (cancelling.cc, region_gates.cc, holding_limits.cc) ----
  // Ends every open order of an account, newest first, or those of one side; of a site's rights account, when its permit ends; of one that is restrained, those
  // that the gate would not let it place now; the same of all accounts of a participant, when its credit changes. What a bank sells to enforce a pledge stays.
  void CancelOrdersOfAccount(CommandContext& context, ledger::AccountNumber account, EndReason reason, std::optional<Side> side = std::nullopt);
  void CancelOrdersOfSite(CommandContext& context, std::string_view site, EndReason reason);
  void RestrainOrdersOfSite(CommandContext& context, std::string_view site, EndReason reason);
  // kNone: each for what the gate says of it.
  void RestrainOrdersOfAccount(CommandContext& context, ledger::AccountNumber account, EndReason reason = EndReason::kNone);
  void RestrainOrdersOfParticipant(CommandContext& context, const std::string& participant, EndReason reason);
  void CancelOrdersOver(CommandContext& context, ledger::LotNumber lot, Quantity quantity) override;
  // After every command that was applied: ends the newest buy orders of a group that the command took beyond its holding limit, of all its accounts, until what
  // it holds and is buying is within the limit or none is left (CAR-26).
  void EndBidsOverLimits(CommandContext& context);
  // Ends the buy orders that a region's status stops (DR-26, DR-27), in the command that sets it; and those of a site that lost an approval (DR-23).
  void RestrainOrdersInRegion(CommandContext& context, const ledger::RegionStatusRow& status);
  void RestrainOrdersAcrossBorders(CommandContext& context, const std::string& site);

  // ---- Beside the order book (off_book.cc): what the forms of off_book.h share ----
  void SetForm(v1::Trade::Form form, OffBookForm* listener) { forms_[form] = listener; }
  // By which a contract trades in a form today. Checks: the contract exists; its rulebook has the form (FORM_NOT_TRADED); its term has not ended.
  absl::StatusOr<const RulebookRow*> TermsFor(v1::Trade::Form form, std::string_view name, Date today, ContractNumber* contract);
  // By which an order trades: those of its session, or of the version under which it was placed.
  const RulebookTerms& TermsOf(const OrderRow& order) const;
  // What the base price of today keeps others from trading below (DR-73); 0: nothing.
  Price BasePriceOf(ContractNumber contract, const RulebookTerms& terms, Date today) const;
  // May the caller's account trade that? Checks, after those of TermsFor, in the order of OrderRefusal from kMarketHalted on; sizes and band are the form's own.
  // The answer is what it will hold of a buyer's money.
  absl::StatusOr<Money> CheckOffBook(CommandContext& context, const OffBookEntry& entry, const RulebookTerms& terms);
  // Whether a halt stops the account of an open order on its side (CAR-27); a bank that enforces a pledge is not stopped.
  bool IsHalted(const OrderRow& order) const;
  // Whether the party of a resting order may still trade `quantity` of it; a refusal names `field` and `value`, never what is the other's business alone.
  absl::Status CheckResting(const CommandContext& context, const OrderRow& order, Quantity quantity, std::string_view field, std::string_view value);
  // The same of an account, where it has no order.
  absl::Status CheckTrader(const CommandContext& context, ContractNumber contract, ledger::AccountNumber account, Side side, Quantity quantity,
                           std::string_view field, std::string_view value, const OrderRow* order = nullptr);
  // Whether what the account offers is the caller's to dispose of: his who has the account or, where a bank enforces a pledge over it, that bank's.
  bool MayDispose(const CommandContext& context, ledger::AccountNumber account, const SalePledge& pledge) const;
  const ledger::Pledges& pledges() const { return *pledges_; }
  // Whether two accounts belong to one entity group (CAR-18).
  bool SameGroup(ledger::AccountNumber a, ledger::AccountNumber b) { return GroupOf(a) == GroupOf(b); }
  ledger::ParticipantNumber GroupOf(ledger::AccountNumber account) { return Entry(account)->group; }
  // What an account's group may still come to hold (CAR-25); nullopt: there is no limit.
  std::optional<Quantity> HoldingRoomOf(ContractNumber contract, ledger::AccountNumber account);
  // The close of a day's listed trades as far as they have come (CAR-14); before the first, and of another day than the last one: the previous close. 0: none.
  Price ListedPriceOn(ContractNumber contract, Date day) const;
  // Keeps an order of what CheckOffBook has just passed, with its holds. One in a command.
  const OrderRow& RestOffBook(CommandContext& context, const OffBookEntry& entry, uint32_t terms_version, Money hold);
  // Another price and quantity for it. REQUIRES: CheckOffBook has just passed them, as replacing `order`.
  void AmendOffBook(CommandContext& context, const OrderRow& order, const OffBookEntry& entry, uint32_t terms_version, Money hold);
  // Ends it; its form is told.
  void EndOffBook(CommandContext& context, const OrderRow& order, EndReason reason);
  // What a buyer pays for so much of a resting order, fees included; nullopt: more than fits.
  std::optional<Money> CostOffBook(const OrderRow& order, Quantity quantity) const { return CostOffBook(order, {order.number, quantity, order.price}); }
  std::optional<Money> CostOffBook(const OrderRow& order, const OffBookFill& fill) const;
  // The caller trades with resting orders, each at its own price and by its own terms; the trades in the order of `fills`. Forms are told of those that this
  // fills. REQUIRES: CheckOffBook has just passed the entry, whose quantity is the sum and whose side is the other one; a seller has one fill.
  std::vector<v1::Trade> TakeOffBook(CommandContext& context, const OffBookEntry& entry, std::span<const OffBookFill> fills);

  // Two resting orders trade. REQUIRES: they are of one form and origin, and placed by one version of the rulebook; the price suits both.
  v1::Trade MeetOffBook(CommandContext& context, const OrderRow& buy, const OrderRow& sell, Price price, Quantity quantity);
  // The participant buys no rights for so many months (DR-45). `cause`: number of the trade or the auction that it did not pay for.
  void BarParticipant(CommandContext& context, const std::string& participant, uint64_t cause, int32_t months);

  // ---- Trades (trades.cc, settlement.cc) ----
  // Refused, with the rule, where the gate would stop either side now (DR-47).
  absl::StatusOr<v1::TradeAnswer> VerifyTrade(CommandContext& context, const v1::TradeActRequest& request);
  absl::StatusOr<v1::TradeAnswer> RejectTrade(CommandContext& context, const v1::TradeActRequest& request);
  absl::StatusOr<v1::TradeAnswer> RecordPayment(CommandContext& context, const v1::TradeActRequest& request);
  absl::StatusOr<v1::TradeAnswer> SettleTrade(CommandContext& context, const v1::TradeActRequest& request);
  absl::StatusOr<v1::SettleDayAnswer> SettleDay(CommandContext& context, const v1::SettleDayRequest& request);
  // These two read the trade as cold rows of kTradeHistory: all its steps, (number, 0) to (number, TradeHistoryRow::kSteps - 1).
  absl::StatusOr<v1::TradeAnswer> CompleteTrade(CommandContext& context, const v1::TradeActRequest& request);
  absl::StatusOr<v1::TradeAnswer> ReverseTrade(CommandContext& context, const v1::TradeActRequest& request);

  // For the engine's timer at the midnight after a clock's last day: rejects what nobody verified, ends what nobody paid and bars its buyer, marks what no
  // permit shows; up to `max` trades, the earliest first. True: more remain. REQUIRES: not validate_only.
  bool PassTradeDeadlines(CommandContext& context, size_t max);
  // After a calendar year was loaded; returns how many last days moved.
  uint32_t RecountTradeDeadlines(int32_t year) { return clocks_.Recount(year); }
  absl::StatusOr<v1::TraderBarAnswer> LiftTraderBar(CommandContext& context, const v1::LiftTraderBarRequest& request) {
    return bars_.LiftTraderBar(context, request);
  }
  // What came to the rights account by trades that its site's permit does not show yet, of the pollutant and valid in the year: it does not count toward
  // discharge (DR-18). It may be more than the account still holds.
  Quantity NotYetShown(ledger::AccountNumber account, std::string_view pollutant, int32_t year) const;

  // ---- Settlement days (settlement_days.cc, delivery_defaults.cc; CAR-30 to CAR-37). Each checks in the order of its request's fields, then what stands. ----
  absl::StatusOr<v1::SettlementBatchAnswer> SendTrades(CommandContext& context, const v1::SendTradesRequest& request);
  absl::StatusOr<v1::SettlementBatchAnswer> ConfirmBatch(CommandContext& context, const v1::ConfirmBatchRequest& request);
  // For the engine's timer: one slice of one batch. True: more remain, call it again in a command of its own. REQUIRES: not validate_only.
  bool PassSettlements(CommandContext& context);
  // The caller is context.participant, who objects to his own trades only. Reads a trade that is final as cold rows, as CompleteTrade does.
  absl::StatusOr<v1::SettlementObjectionAnswer> FileObjection(CommandContext& context, const v1::FileObjectionRequest& request);
  absl::StatusOr<v1::SettlementObjectionAnswer> DecideObjection(CommandContext& context, const v1::DecideObjectionRequest& request);
  absl::StatusOr<v1::DeliveryDefaultAnswer> DeclareDefault(CommandContext& context, const v1::DeclareDefaultRequest& request);
  absl::StatusOr<v1::DeliveryDefaultAnswer> TopUpDefault(CommandContext& context, const v1::DeliveryDefaultActRequest& request);
  absl::StatusOr<v1::DeliveryDefaultAnswer> CoverDefault(CommandContext& context, const v1::DeliveryDefaultActRequest& request);
  absl::StatusOr<v1::DeliveryDefaultAnswer> RecoverDefault(CommandContext& context, const v1::DeliveryDefaultActRequest& request);
  absl::StatusOr<v1::FundReserveAnswer> FundReserve(CommandContext& context, const v1::FundReserveRequest& request);
  absl::StatusOr<v1::SettlementBatchAnswer> ResolveDifference(CommandContext& context, const v1::ResolveDifferenceRequest& request);
  const SettlementBatches& settlement_batches() const { return batches_; }

  // ---- Lookups; null: there is none ----
  const Rulebooks& rulebooks() const { return rulebooks_; }
  const MarketHalts& halts() const { return halts_; }
  const ContractRow* FindContract(ContractNumber number) const { return contracts_.Find(number); }
  const ContractRow* FindContract(std::string_view code) const;
  ContractNumber contract_count() const { return static_cast<ContractNumber>(states_.size()); }  // contracts are 1 .. contract_count()
  // Calls visit(const RestingOrder&) for each resting order of a side, from the best price on and in time priority within a price; while a contract collects
  // for a call auction the two sides may cross, and market orders come first. REQUIRES: there is such a contract.
  template <class Visitor>
  void ForEachResting(ContractNumber number, Side side, Visitor&& visit) const {
    states_[number - 1]->ForEachOrder(side, visit);
  }
  size_t RestingOrders(ContractNumber number) const { return states_[number - 1]->resting(); }
  // An open order.
  const OrderRow* FindOrder(OrderId number) const { return orders_.Find(number); }
  // A trade that is not final yet.
  const TradeRow* FindTrade(TradeNumber number) const { return trades_.Find(number); }
  // One that waits for nothing any more, as its last step left it. Reads all its steps as cold rows (ReverseTrade). NOT_FOUND.
  absl::StatusOr<TradeHistoryRow> FindFinal(CommandContext& context, std::string_view field, const std::string& name, TradeNumber number) const;
  const TradeDays& trade_days() const { return days_; }
  const MarketStatistics& statistics() const { return statistics_; }
  const TradeDeadlineRow* FindTradeClock(TradeNumber number) const { return clocks_.Find(number); }

  // ---- Surveillance (CAR-28) ----
  absl::StatusOr<v1::SurveillanceFlagAnswer> AcknowledgeSurveillanceFlag(CommandContext& context, const v1::AcknowledgeSurveillanceFlagRequest& request);

  // Walks everything and CHECKs what the banner promises. For tests and `songhua verify`.
  void CheckInvariants() const;

 private:
  class Incoming;
  class Matching;
  class Uncrossing;

  // The table of open orders; once all rows are back, the books are built from them.
  class OrderTable : public songhua::Table<OrderRow> {
   public:
    OrderTable(TableSet* tables, Exchange* exchange) : Table(tables), exchange_(exchange) {}
    void FinishLoad() override;

   private:
    Exchange* exchange_;
  };

  // Part of a lot that an order is going to hold.
  struct PlannedSlice {
    const ledger::LotRow* lot;
    Quantity quantity;
  };

  // exchange.cc
  ContractState& AddState(ContractRow& row);
  void RebuildBooks();
  ContractState* State(ContractNumber number) { return number - 1 < states_.size() ? states_[number - 1].get() : nullptr; }
  // Null where there is no such account or it is the house's. Valid until the next call.
  AccountEntry* Entry(ledger::AccountNumber number);
  // An order's row came into its table, or leaves it.
  void Link(OrderRow& order);
  void Unlink(OrderRow& order);
  OrderPriority NextPlace(const CommandContext& context);
  absl::StatusOr<ContractState*> ResolveContract(std::string_view field, std::string_view name);
  absl::StatusOr<ContractRow> ReadContract(const v1::Contract& contract, Date today) const;
  absl::Status ReadDelivery(const v1::Contract& contract, const ledger::ProgramRow& program, ContractRow* row) const;

  // sessions.cc
  // The row as it would open now; a refusal where it may not.
  absl::StatusOr<ContractRow> PlanSession(const ContractState& state, Timestamp now, std::string_view name) const;
  void Open(CommandContext& context, ContractState& state, ContractRow row);
  void Close(CommandContext& context, ContractState& state);
  void DropCall(ContractState& state);
  void EmitSession(CommandContext& context, const ContractRow& row);
  // Ends resting orders of a closed session, or of a halt that purges; returns how many.
  size_t EndOrders(CommandContext& context, ContractState& state, size_t orders_max, EndReason reason);

  // suspending.cc
  // Takes the floor of today into an open session, and what nothing keeps out of the book any more back into it.
  void RefreshSuspended(CommandContext& context, ContractState& state);
  // REQUIRES: it is in its book, or waits for its trigger.
  void Suspend(CommandContext& context, ContractState& state, const OrderRow& order);
  // For a halt that has just begun.
  void SuspendOrdersOfAccount(CommandContext& context, ledger::AccountNumber account, std::optional<Side> side);
  // REQUIRES: orders may meet.
  void ReturnSuspended(CommandContext& context, ContractState& state);
  bool Return(CommandContext& context, ContractState& state, OrderId id);

  // market_phases.cc
  static PhaseKind PhaseOf(ContractState& state, Timestamp now);
  bool PassPhase(CommandContext& context, ContractState& state, size_t* orders_left);
  // Has the engine wake for the next phase of any contract after `now`.
  void ScheduleNextPhase(Timestamp now);

  // stop_entry.cc
  static Price StopBound(const ContractRow& contract, Side side);
  static Price TriggerReference(const ContractRow& contract);
  static OrderRefusal CheckTrigger(const ContractRow& contract, const OrderEntry& command);
  static OrderRefusal CheckStopCollar(const ContractRow& contract, Side side, Price trigger, Price price);
  OrderOutcome PlaceStop(CommandContext& context, const OrderEntry& command);
  void ReplaceStop(CommandContext& context, ContractState& state, OrderRow& waiting, Price price, Quantity open, Money hold);
  // Has the stop orders that the last trade triggered come to the book, one after the other: each may trade and trigger the next.
  void TriggerStops(CommandContext& context, ContractState& state);
  void Trigger(CommandContext& context, ContractState& state, OrderRow& order);

  // take_entry.cc
  OrderOutcome Pick(CommandContext& context, const OrderEntry& command);
  std::string ChoiceText(const OrderEntry& entry, const ContractState& state, OrderRefusal refusal) const;

  // good_till.cc
  static OrderRefusal CheckExtras(const ContractState& state, const OrderEntry& command, Date today);
  OrderRefusal CheckStaying(const ContractState& state, const ContractRow& next, const OrderRow& order, Date today);
  static OrderRefusal CheckDisplay(const RulebookTerms& terms, const OrderRow& order, Quantity quantity);
  void FitGoodTillOrders(CommandContext& context, ContractState& state, const ContractRow& next);

  // call_phases.cc
  static std::unique_ptr<CallBook> NewCallBook(const ContractRow& row);
  // A CALL phase has begun: orders are collected, with a seed once it is sealed. REQUIRES: none runs.
  void BeginCall(CommandContext& context, ContractState& state);
  void StartCall(CommandContext& context, ContractState& state);
  // Collecting has come to its latest end: without a seed it trades, or is extended. REQUIRES: it collects, under no halt.
  void EndCall(CommandContext& context, ContractState& state);
  // Why a call auction that could end now is to go on, and the price at which it would trade; 0: nothing would.
  struct CallExtension {
    bool for_market_orders = false;
    Price price;
  };
  static std::optional<CallExtension> ExtensionDue(const ContractState& state);
  void ExtendCall(CommandContext& context, ContractState& state, const CallExtension& extension);
  CallRun& EditCall(ContractState& state);
  void SetCallStage(ContractState& state, CallStage stage);
  // What icebergs hide comes into sight, or goes out of it.
  void ShowIcebergs(CommandContext& context, ContractState& state);
  // Trades what was collected at one price; what is left goes on in the continuous book, but market orders. REQUIRES: it collects.
  void Uncross(CommandContext& context, ContractState& state);
  void EndMarketOrders(CommandContext& context, ContractState& state);

  // sealed_calls.cc
  // It has collected and awaits its seed, or another seal: nothing is placed, replaced or cancelled by its owner.
  static bool CallIsShut(const ContractState& state, Timestamp now);
  // The order rests in such an auction.
  static bool CallHolds(const ContractState& state, const OrderRow& order, Timestamp now);
  void EndLateOrders(CommandContext& context, ContractState& state, Timestamp end, uint32_t* ended);
  static std::vector<CollectedOrder> CollectedOrders(const ContractState& state);
  // What follows in the session once an auction has ended beside its phase's timer.
  void GoOnAfterCall(CommandContext& context, ContractState& state);
  // The session closes over it.
  void AbandonCall(CommandContext& context, ContractState& state);
  // Under a halt nobody could reveal.
  void ProlongReveal(ContractState& state, Timestamp now);

  // halting.cc
  absl::StatusOr<MarketHaltRow> ReadHalt(const v1::MarketHalt& halt) const;
  void HaltAccount(CommandContext& context, ledger::AccountNumber account, const MarketHaltRow& halt);
  v1::HaltAnswer AnswerFor(const MarketHaltRow& row) const;

  // order_entry.cc
  OrderOutcome Place(CommandContext& context, const OrderEntry& command);
  OrderOutcome PlaceLimit(CommandContext& context, const OrderEntry& command);
  OrderOutcome FinishAndTrigger(CommandContext& context, ContractState& state, OrderId order, Matching& matching);
  // The limit of an order that names none, and what it becomes with it.
  static OrderRefusal PriceByBook(const ContractState& state, OrderEntry* command);
  // What the collar of an order of `side` lies around; 0: nothing is known.
  static Price CollarReference(const ContractState& state, Side side);
  static OrderRefusal CheckCollar(const ContractState& state, Side side, Price price);
  OrderOutcome Cancel(CommandContext& context, const OrderEntry& command);
  OrderOutcome Replace(CommandContext& context, const OrderEntry& command);
  bool OwnedByCaller(const CommandContext& context, const AccountEntry& entry);
  OrderRow* OwnOrder(const CommandContext& context, OrderId number);
  static OrderRefusal CheckMarket(ContractState& state, const CommandContext& context);
  static OrderRefusal CheckTerms(const ContractRow& contract, Price price, Quantity quantity);
  OrderRefusal CheckAccount(const CommandContext& context, const ContractState& state, const AccountEntry* entry, Side side, const SalePledge& pledge = {});
  OrderRefusal CheckLot(const ContractRow& contract, ledger::AccountNumber account, ledger::LotNumber number) const;
  // The named lots, in their order; `at`, where it is given, is the place of the one at fault.
  OrderRefusal CheckLots(const ContractRow& contract, ledger::AccountNumber account, const NamedLots& named, size_t* at = nullptr) const;
  // Account, lot, halts and standing of an order that is to be placed.
  OrderRefusal CheckParty(const CommandContext& context, const ContractState& state, const OrderEntry& command);
  // By the contract's row, or by what it is going to be. `replaces`: the resting order that will have the quantity instead of its own, or null.
  OrderRefusal CheckStanding(const ContractState& state, const ContractRow& contract, const AccountEntry& entry, Side side, Quantity quantity,
                             const OrderRow* replaces, Date today);
  static OrderRefusal CheckBook(const ContractState& state, const NewOrder& order, bool enters_anew);
  // What it is to hold: money in `hold`, units in planned_. REQUIRES: CheckParty.
  OrderRefusal PlanHold(const ContractRow& contract, const RulebookTerms& terms, const OrderEntry& command, Date today, Money* hold);
  OrderRefusal PlanUnits(const ContractRow& contract, ledger::AccountNumber account, const NamedLots& named, Quantity quantity, Date today);
  OrderRefusal Shortage(const ContractRow& contract, ledger::AccountNumber account, const NamedLots& named, Quantity quantity, Date today) const;
  Quantity FreeUnits(const ContractRow& contract, ledger::AccountNumber account, const NamedLots& named, Date today) const;

  // holding_limits.cc
  // Whether the account's group may buy so much more than it is buying (CAR-25).
  OrderRefusal CheckHolding(const ContractState& state, const AccountEntry& entry, Side side, Quantity more) const;
  // What the limit of the buyer's group leaves; a breach that came otherwise than by buying stops what is not settled yet (CAR-26).
  absl::Status CheckHoldingOf(const TradeFields& trade, const std::string& name);
  // The open quantity of an account's buy orders, or what it bought and has not been delivered, became more or less. Without a context: what was bought is
  // delivered in this command, or was read back.
  void CountBuying(CommandContext* context, const ContractState& state, ledger::AccountNumber account, Quantity change);
  void CheckHoldings() const;

  // region_gates.cc
  // What a region that has not attained its standard lets its sites bid for beside what they do; without a status, the most there is.
  struct InflowRoom {
    const ledger::RegionStatusRow* status = nullptr;
    Quantity room{std::numeric_limits<int64_t>::max()};
    Quantity bidding;
  };
  OrderRefusal CheckPlace(const ContractState& state, const AccountEntry& entry, Side side, Date today) const;
  Region MissingApproval(const ContractState& state, const AccountEntry& entry, Date today) const;
  OrderRefusal CheckRegion(const ContractState& state, const AccountEntry& entry, Side side, Quantity open, Quantity more, const OrderRow* replaces,
                           Date today) const;
  bool ExceedsIndicator(const ContractState& state, const AccountEntry& entry, Quantity quantity, ComingIn coming, Date today) const;
  // The same of an open order, days after it came: also whether a status has begun since that stops it.
  OrderRefusal CheckRegionAgain(const ContractState& state, const OrderRow& order, Date today) const;
  InflowRoom InflowRoomOf(const ContractState& state, const AccountEntry& entry, Date today) const;
  Quantity BiddingFromOutside(const ledger::RegionStatusRow& status) const;
  template <class Visit>
  void ForEachBidOf(const ledger::RegionStatusRow& status, Visit visit) const;
  Region PlaceOf(const TradeFields& trade, ledger::AccountNumber account);
  void CountInflow(const TradeFields& trade, Quantity quantity);
  void CountOutflow(const TradeFields& trade, Quantity quantity);
  absl::Status CheckRegionOf(const TradeFields& trade, const std::string& name, Date today);
  std::string RegionText(const ContractState& state, const AccountEntry& entry, Side side, OrderRefusal refusal, const OrderRow* replaces,
                         Date today) const;
  // What a site that may buy for its deficit only could buy.
  std::string DeficitText(const ContractState& state, const AccountEntry& entry, const OrderRow* replaces, Date today) const;

  // incoming.cc
  template <class Visit>
  void ForEachUndelivered(ledger::AccountNumber buyer, Visit visit) const;
  // What the buyer of a trade that an officer looks at is about to get in a year of its pollutant by other trades, which passed before it.
  Quantity LetThroughBeside(const TradeFields& trade, int32_t year) const;

  // order_requests.cc
  // Reads `lot` and `lots` of an order; `side` BUY names none.
  static absl::Status ReadLots(v1::Side side, const std::string& lot, const google::protobuf::RepeatedPtrField<std::string>& lots, OrderEntry* entry);
  v1::OrderAnswer AnswerFor(const OrderRow& order) const;
  v1::OrderAnswer AnswerFor(OrderId number) const;
  // An order that was only asked about: it has no number.
  v1::OrderAnswer AnswerAsIf(const OrderEntry& entry) const;
  absl::Status Explain(const CommandContext& context, const OrderEntry& entry, const OrderRow* order, OrderRefusal refusal,
                       const std::string& name);
  std::string AcceptedInstead(const CommandContext& context, const OrderEntry& entry, const OrderRow* order, const ContractRow& contract,
                              OrderRefusal refusal);

  // off_book.cc
  OrderEntry AsOrder(const OffBookEntry& entry) const;
  // What PlanUnits does, of units that are a pledge's.
  absl::Status PlanPledged(const OffBookEntry& entry, Quantity quantity, Date today);
  void SetDelivery(ContractRow* row) const;

  // matching.cc
  void ChangeHeldCash(OrderRow& order, Money hold);
  void HoldPlanned(OrderRow& order);
  // What an order holds with another open quantity: cash, or units, of which planned_ are the new ones. REQUIRES: order.open is still the old one, or it
  // held nothing.
  void Rehold(CommandContext& context, OrderRow& order, Quantity open, Money hold);
  void ReleaseUnits(CommandContext& context, OrderRow& order, Quantity quantity);
  // Takes an order out of the book and says so.
  void LeaveBook(CommandContext& context, ContractState& state, const OrderRow& order);
  // Takes an order out of the suspended or of the stop orders.
  void LeaveWaiting(ContractState& state, const OrderRow& order);
  // Puts the orders of one price into the order of their priority, where some came back to it.
  void SortQueue(CommandContext& context, ContractState& state, Side side, int64_t price);
  // Takes an open order out of the book, of the suspended or of the stop orders, and ends it.
  void EndResting(CommandContext& context, ContractState& state, OrderRow& order, EndReason reason);
  // Ends an order that the book has let go: frees what it still holds and writes its history.
  void End(CommandContext& context, OrderRow& order, EndReason reason);
  // Takes the row of an order that has ended out of its table and its account's list.
  void Remove(OrderRow& order);

  // settlement.cc
  // The trade's number. `related`: DR-31.
  TradeNumber Agree(CommandContext& context, ContractState& state, OrderRow& buyer, OrderRow& seller, Price price, Quantity quantity, bool related = false);
  void TakeUnits(OrderRow& seller, Quantity quantity, std::vector<LotSlice>* slices);
  void PayAndDeliver(CommandContext& context, ledger::AccountNumber payer, TradeFields* trade);
  // What a settled trade adds to the sums of its market and of regions, or, undone, takes out of them again.
  void CountSettled(const TradeFields& trade, bool settled);
  // Settles a waiting END_OF_DAY trade with what is held for it.
  void SettleGross(CommandContext& context, const TradeRow& trade);
  void Retire(CommandContext& context, const TradeRow& trade, TradeHistoryRow row);
  void EmitTrade(CommandContext& context, const TradeFields& trade);
  ledger::AccountNumber CashOf(ledger::AccountNumber account);
  ledger::AccountNumber ProceedsOf(const TradeFields& trade);
  ledger::AccountNumber House(v1::AccountKind kind, ledger::AccountNumber* number) const;

  // trades.cc
  v1::TradeAnswer AnswerFor(const TradeFields& trade) const;
  // The same of a trade whose clock is another than the table's, which is what validate_only asks about.
  v1::TradeAnswer AnswerFor(const TradeFields& trade, const TradeDeadlineRow* clock) const;
  absl::StatusOr<const TradeRow*> FindWaiting(CommandContext& context, const v1::TradeActRequest& request, v1::TradeState from,
                                              std::string_view accepted);
  absl::Status CheckParties(const TradeFields& trade, const std::string& name, Date today);
  v1::TradeAnswer Advance(CommandContext& context, const TradeRow& trade, v1::TradeState state);

  // trade_deadlines.cc
  int32_t WorkdaysOf(const TradeFields& trade, TradeStage stage) const;
  absl::Status CheckShown(const TradeFields& trade, const std::string& name, Date today) const;
  // Ends a trade before its settlement: both sides get back what was held.
  void Abandon(CommandContext& context, const TradeRow& trade, v1::TradeState state, std::string decision);
  void BarBuyer(CommandContext& context, const TradeFields& trade);

  // settlement_days.cc, delivery_defaults.cc
  Timestamp NextOpening(const ContractRow& contract, Date date) const;
  TradeNumber LastWaitingOf(const ContractState& state, TradeNumber first, Date date) const;
  absl::StatusOr<SettlementBatchRow> PlanBatch(const CommandContext& context, const ContractState& state, const std::string& name) const;
  absl::StatusOr<const SettlementBatchRow*> ResolveBatch(const std::string& name) const;
  v1::SettlementBatchAnswer AnswerFor(const SettlementBatchRow& row) const;
  void ClearSlice(CommandContext& context, uint32_t number);
  void DeliverSlice(CommandContext& context, uint32_t number);
  void ReconcileSlice(CommandContext& context, uint32_t number);
  void StartCheck(int32_t year, Timestamp now, SettlementBatchRow* row) const;
  void CountRetired(CommandContext& context, const TradeFields& trade);
  void GoOnWithBatch(CommandContext& context, uint32_t number);
  absl::Status CheckSettled(const ContractRow& contract, Date today, std::string_view name) const;
  absl::Status CheckLedger(const ContractRow& contract, std::string_view name) const;
  absl::StatusOr<DeliveryDefaultRow> FindDefault(const CommandContext& context, const v1::DeliveryDefaultActRequest& request, v1::DeliveryDefault::State from,
                                                 v1::DeliveryDefault::State to) const;
  void ReplaceUnits(TradeRow& trade);

  // invariants.cc
  void CheckOrder(const OrderRow& order) const;
  void CheckHold(const ContractState& state, const OrderRow& order) const;
  void CheckQueues(const ContractState& state) const;

  ledger::Ledger* ledger_;
  ledger::Participants* participants_;
  ledger::Counters* counters_;
  MarketGate* gate_;
  FloorReader* floors_;
  PermitReader* permits_;
  MarketAlarm* market_alarm_;
  ledger::RegionStatuses* regions_;
  ledger::Pledges* pledges_;

  Rulebooks rulebooks_;
  MarketHalts halts_;
  songhua::Table<ContractRow> contracts_;
  OrderTable orders_;
  ColdTable<OrderHistoryRow> order_history_;
  songhua::Table<TradeRow> trades_;
  ColdTable<TradeHistoryRow> trade_history_;
  ColdTable<TradeIndexRow> trade_index_;
  ColdTable<TradeCertificateRow> certificates_;
  ColdTable<DailyBarRow> bars_of_days_;
  TradeClocks clocks_;
  TraderBars bars_;
  TradeDays days_;
  MarketStatistics statistics_;
  Surveillance surveillance_;
  SettlementBatches batches_;
  const ledger::Calendars* calendars_;

  // Rebuilt when rows are loaded.
  std::vector<std::unique_ptr<ContractState>> states_;  // by number - 1
  std::map<std::string, ContractNumber, std::less<>> contracts_by_code_;
  std::vector<AccountEntry> entries_;  // by number, as far as they were needed
  std::map<ledger::ParticipantNumber, std::set<ledger::AccountNumber>> entries_of_;
  std::vector<OrderRow*> loaded_orders_;
  std::set<ContractNumber> in_custody_;
  std::vector<ContractNumber> voided_calls_;
  std::set<std::pair<ledger::AccountNumber, TradeNumber>> undelivered_;  // trades of rights in trades_, by buyer
  std::map<v1::Trade::Form, OffBookForm*> forms_;

  // Remembered from one command to the next because they cannot change.
  std::string caller_;  // the participant who called last ...
  ledger::ParticipantNumber caller_number_ = 0;
  ledger::AccountNumber fees_ = 0;
  ledger::AccountNumber escrow_ = 0;
  ledger::AccountNumber funds_ = 0;

  // Of the command that runs; members only to keep their memory.
  std::vector<PlannedSlice> planned_;
  OrderHistoryRow history_;  // of the order that ended last
  OrderId watched_ = 0;      // the order that the command is about, where stop orders it triggers may end later than it ...
  OrderHistoryRow watched_history_;  // ... and how it ended
  OrderPriority last_place_;
  TradeHistoryRow trade_;    // that is being agreed
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_EXCHANGE_H_
