// A small world for tests of the exchange: enterprises with rights, allowances and money, a rights market and two carbon markets.
//
//   ExchangeWorld world;
//   world.Furnish();
//   world.Contract("CEA25", "rulebook: 'rulebooks/immediate' ...");
//   world.Open("CEA25");
//   EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 10)), "OK");
//
// $A, $B, $C, $D and $E stand for social credit codes. $A and $B run industrial sites in Changchun on the Songhua; $C a power plant there on the Liao;
// $D an industrial site in Jilin city; $E belongs to the entity group of $A and has a site in Changchun, too.
//
// Every command is checked on the way: one that was refused, or only validated, touched no row and emitted no event; after one that was applied
// the exchange's and the ledger's invariants hold.
#ifndef SONGHUA_TESTS_EXCHANGE_EXCHANGE_WORLD_H_
#define SONGHUA_TESTS_EXCHANGE_EXCHANGE_WORLD_H_

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "exchange/exchange.h"
#include "exchange/listings.h"
#include "exchange/negotiations.h"
#include "gtest/gtest.h"
#include "ledger/counters.h"
#include "ledger/identifiers.h"
#include "ledger/ledger.h"
#include "ledger/names.h"
#include "ledger/participants.h"
#include "ledger/pledges.h"
#include "tests/ledger/ledger_invariants.h"
#include "tests/table_fixture.h"

namespace songhua::exchange {

class ExchangeWorld : private ColdReader, private MarketGate, private FloorReader, private PermitReader, private TradeAlarm, private MarketAlarm,
                      private OfferAlarm, private ledger::PledgeAlarm {
 public:
  ExchangeWorld() : ledger(&tables, &participants), exchange(&tables, {&ledger, &participants, &counters, &calendars, this, this, this, this, this, &regions, &pledges}) {}

  // Participants, sites and programs as above, money of 1,000,000 yuan each, and:
  //   allowances  500 t of vintage 2025 in the trading account of each ("$A.trading"), program `cea`; 500 t in the registry account of each, program `wci`
  //   rights      100 kg/a of SO2, INDUSTRY, Changchun, 2026 to 2030, in $A001.rights (lots of 60 and 40), 80 kg/a in $B001.rights,
  //               50 kg/a of COD of the Songhua in $A001.rights, 70 kg/a of SO2, POWER in $C001.rights
  // Rulebooks immediate, verified and daily (END_OF_DAY): band 10%, sizes 1 to 1,000,000, no fee, same-day resale. Contracts, not open:
  //   CEA25  carbon, vintage 2025, tick 1 fen, lot 1 t, reference 80.00, immediate     WCI25  the same of `wci`
  //   SO2    rights of 2027 to 2029 in Changchun, INDUSTRY, per tonne and year, tick 1 yuan, lot 10 kg/a, reference 5,000.00, immediate
  //   COD    the same of COD in the Songhua basin
  void Furnish();

  // Another enterprise with a site, an industrial one unless it is said otherwise, and money; nothing else.
  void AddOutsider(const std::string& name, const std::string& region, const std::string& sector_class = "INDUSTRY");

  // ---- Commands; the caller is the participant `who` ----
  auto LoadProgram(const std::string& text) { return Do("operator", text, &ledger::Programs::LoadProgram, ledger.programs()); }
  auto Participant(const std::string& text) {
    return Do("operator", "participant { " + text + " }", &ledger::Participants::CreateParticipant, participants);
  }
  auto OpenAccount(const std::string& text) { return Do("operator", text, &ledger::Ledger::OpenAccount, ledger); }
  auto Issue(const std::string& text) { return Do("operator", text, &ledger::Ledger::IssueUnits, ledger); }
  auto Allocate(const std::string& text) { return Do("operator", text, &ledger::Ledger::AllocateRight, ledger); }
  auto Transfer(const std::string& text) { return Do("operator", text, &ledger::Ledger::TransferUnits, ledger); }
  auto Deposit(const std::string& text) { return Do("operator", text, &ledger::Ledger::DepositCash, ledger); }
  auto Withdraw(const std::string& text) { return Do("operator", text, &ledger::Ledger::WithdrawCash, ledger); }
  auto Freeze(const std::string& text) {
    return Run("operator", [&](CommandContext& context) {
      return ledger.FreezeUnits(context, Text<v1::FreezeUnitsRequest>(Named(text)), static_cast<ledger::OrderCanceller*>(&exchange));
    });
  }
  auto Rulebook(const std::string& text) { return Do("operator", "rulebook { " + text + " }", &Exchange::LoadRulebook, exchange); }
  auto Contract(const std::string& code, const std::string& text) {
    return Do("operator", "contract { name: 'contracts/" + code + "' " + text + " }", &Exchange::CreateContract, exchange);
  }
  auto Open(const std::string& code) { return Do("operator", "contract: 'contracts/" + code + "'", &Exchange::OpenSession, exchange); }
  auto Close(const std::string& code) { return Do("operator", "contract: 'contracts/" + code + "'", &Exchange::CloseSession, exchange); }

  // An order of `who` from the account that it would use for the contract; `more` may override any field.
  auto Place(const std::string& who, const std::string& contract, const std::string& side, int64_t price, int64_t quantity,
             const std::string& more = "") {
    return Do(who,
              "contract: 'contracts/" + contract + "' account: 'accounts/" + AccountFor(who, contract) + "' side: " + side +
                  " price_fen: " + std::to_string(price) + " quantity: " + std::to_string(quantity) + " " + more,
              &Exchange::PlaceOrder, exchange);
  }
  auto Buy(const std::string& who, const std::string& contract, int64_t price, int64_t quantity, const std::string& more = "") {
    return Place(who, contract, "BUY", price, quantity, more);
  }
  auto Sell(const std::string& who, const std::string& contract, int64_t price, int64_t quantity, const std::string& more = "") {
    return Place(who, contract, "SELL", price, quantity, more);
  }
  // A take, where the rulebook says POST_AND_PICK.
  auto Take(const std::string& who, const std::string& contract, const std::string& side, int64_t price, int64_t quantity, const std::string& more = "") {
    return Do(who,
              "contract: 'contracts/" + contract + "' account: 'accounts/" + AccountFor(who, contract) + "' side: " + side +
                  " price_fen: " + std::to_string(price) + " quantity: " + std::to_string(quantity) + " " + more,
              &Exchange::Take, exchange);
  }
  auto Cancel(const std::string& who, const std::string& order) { return Do(who, "name: '" + order + "'", &Exchange::CancelOrder, exchange); }
  auto Replace(const std::string& who, const std::string& order, int64_t price, int64_t quantity) {
    return Do(who, "name: '" + order + "' price_fen: " + std::to_string(price) + " quantity: " + std::to_string(quantity), &Exchange::ReplaceOrder,
              exchange);
  }
  using TradeAct = absl::StatusOr<v1::TradeAnswer> (Exchange::*)(CommandContext&, const v1::TradeActRequest&);
  auto Act(TradeAct act, const std::string& trade, const std::string& decision = "") {
    return Do("operator", "name: '" + trade + "' decision: '" + decision + "'", act, exchange);
  }
  auto SettleDay(const std::string& code, int trades_max = 0) {
    return Do("operator", "contract: 'contracts/" + code + "' trades_max: " + std::to_string(trades_max), &Exchange::SettleDay, exchange);
  }
  // Beside the order book; accounts as for orders.
  auto PostListing(const std::string& who, const std::string& contract, int64_t price, int64_t quantity, const std::string& more = "") {
    return Do(who,
              "contract: 'contracts/" + contract + "' account: 'accounts/" + AccountFor(who, contract) + "' price_fen: " + std::to_string(price) +
                  " quantity: " + std::to_string(quantity) + " " + more,
              &Listings::PostListing, listings);
  }
  auto TakeListing(const std::string& who, const std::string& contract, const std::string& what, int64_t quantity) {
    return Do(who, "account: 'accounts/" + AccountFor(who, contract) + "' quantity: " + std::to_string(quantity) + " " + what, &Listings::TakeListing, listings);
  }
  auto WithdrawListing(const std::string& who, const std::string& name) { return Do(who, "name: '" + name + "'", &Listings::WithdrawListing, listings); }
  auto MakeOffer(const std::string& who, const std::string& to, const std::string& contract, const std::string& side, int64_t price, int64_t quantity,
                 const std::string& more = "form: BLOCK") {
    return Do(who,
              "contract: 'contracts/" + contract + "' account: 'accounts/" + AccountFor(who, contract) + "' counterparty_account: 'accounts/" +
                  AccountFor(to, contract) + "' side: " + side + " price_fen: " + std::to_string(price) + " quantity: " + std::to_string(quantity) + " " + more,
              &Negotiations::MakeOffer, negotiations);
  }
  auto Counter(const std::string& who, const std::string& name, int64_t price, int64_t quantity, const std::string& more = "") {
    return Do(who, "name: '" + name + "' price_fen: " + std::to_string(price) + " quantity: " + std::to_string(quantity) + " " + more,
              &Negotiations::CounterOffer, negotiations);
  }
  auto Confirm(const std::string& who, const std::string& name, int32_t offer, int64_t price, int64_t quantity) {
    return Do(who,
              "name: '" + name + "' offer: " + std::to_string(offer) + " price_fen: " + std::to_string(price) + " quantity: " + std::to_string(quantity),
              &Negotiations::ConfirmOffer, negotiations);
  }
  auto EndNegotiation(const std::string& who, const std::string& name) { return Do(who, "name: '" + name + "'", &Negotiations::EndNegotiation, negotiations); }
  // As the timer has it.
  void PassOffers() {
    Apply([&](CommandContext& context) {
      while (listings.PassListings(context, 1)) {
      }
      while (negotiations.PassNegotiations(context, 1)) {
      }
    });
  }
  // The steps of a settlement day; the engine's timer fires after each.
  auto Send(const std::string& code) {
    return Timed(Do("operator", "contract: 'contracts/" + code + "'", &Exchange::SendTrades, exchange));
  }
  auto Confirm(const std::string& batch, int64_t trades, int64_t amount) {
    return Timed(Do("operator", "name: '" + batch + "' trades: " + std::to_string(trades) + " amount_fen: " + std::to_string(amount), &Exchange::ConfirmBatch,
                    exchange));
  }
  auto Object(const std::string& who, const std::string& trade, const std::string& text = "not mine") {
    return Do(who, "trade: '" + trade + "' text: '" + text + "'", &Exchange::FileObjection, exchange);
  }
  auto Decide(const std::string& objection, const std::string& verdict, const std::string& reason = "looked into") {
    return Timed(Do("operator", "name: '" + objection + "' verdict: " + verdict + " reason: '" + reason + "'", &Exchange::DecideObjection, exchange));
  }
  auto DeclareDefault(const std::string& trade, const std::string& party, const std::string& top_up_by, const std::string& reason = "court order 7") {
    return Do("operator", "trade: '" + trade + "' party: " + party + " top_up_by: '" + top_up_by + "' reason: '" + reason + "'", &Exchange::DeclareDefault,
              exchange);
  }
  using DefaultAct = absl::StatusOr<v1::DeliveryDefaultAnswer> (Exchange::*)(CommandContext&, const v1::DeliveryDefaultActRequest&);
  auto ActOnDefault(DefaultAct act, const std::string& name) { return Timed(Do("operator", "name: '" + name + "'", act, exchange)); }
  auto FundReserve(int64_t amount) { return Do("operator", "amount_fen: " + std::to_string(amount), &Exchange::FundReserve, exchange); }
  auto ResolveDifference(const std::string& batch, const std::string& resolution) {
    return Do("operator", "name: '" + batch + "' resolution: '" + resolution + "'", &Exchange::ResolveDifference, exchange);
  }
  // One slice, as the timer has it; true: more remain.
  bool PassSettlementSlice() {
    bool more = false;
    Apply([&](CommandContext& context) { more = exchange.PassSettlements(context); });
    return more;
  }
  auto SetReference(const std::string& code, int64_t price, const std::string& announcement = "notice 1") {
    return Do("operator", "contract: 'contracts/" + code + "' price_fen: " + std::to_string(price) + " announcement: '" + announcement + "'",
              &Exchange::SetReferencePrice, exchange);
  }
  auto SetStatus(const std::string& text) {
    return Run("operator", [&](CommandContext& context) {
      auto answer = regions.SetRegionStatus(context, Text<v1::SetRegionStatusRequest>(Named(text)));
      if (answer.ok() && !context.validate_only) exchange.RestrainOrdersInRegion(context, *regions.Find(std::stoull(answer->region_status().name().substr(15))));
      return answer;
    });
  }
  auto LiftStatus(const std::string& text) { return Do("operator", text, &ledger::RegionStatuses::LiftRegionStatus, regions); }
  auto ApproveCrossing(const std::string& text) { return Do("operator", text, &ledger::RegionStatuses::ApproveCrossing, regions); }
  auto WithdrawCrossing(const std::string& text, const std::string& site) {
    return Run("operator", [&](CommandContext& context) {
      auto answer = regions.WithdrawCrossing(context, Text<v1::WithdrawCrossingRequest>(text));
      if (answer.ok() && !context.validate_only) exchange.RestrainOrdersAcrossBorders(context, Named(site));
      return answer;
    });
  }
  auto Halt(const std::string& text) { return Do("operator", "halt { " + text + " }", &Exchange::HaltTrading, exchange); }
  auto Resume(const std::string& halt) { return Do("operator", "name: '" + halt + "'", &Exchange::ResumeTrading, exchange); }
  auto CancelOrders(const std::string& who, const std::string& text = "") { return Do(who, text, &Exchange::CancelOrders, exchange); }
  // Moves the clock on, and lets the engine's timers for market days fire as they fall due.
  void GoTo(Date day, int hour, int minute = 0, int second = 0) {
    const Timestamp goal(StartOfDay(day).value() + (hour * 3600 + minute * 60 + second) * kMicrosPerSecond);
    const auto due = [&](const std::set<Timestamp>& timers) { return !timers.empty() && *timers.begin() <= goal; };
    while (due(phases) || due(voids)) {
      const bool phase = due(phases) && (!due(voids) || *phases.begin() <= *voids.begin());
      std::set<Timestamp>& timers = phase ? phases : voids;
      MoveTo(*timers.begin());
      timers.erase(timers.begin());
      bool more = true;
      while (more) Apply([&](CommandContext& context) { more = phase ? exchange.PassPhases(context) : exchange.PassVoidCalls(context); });
    }
    MoveTo(goal);
  }
  auto LiftBar(const std::string& bar, const std::string& decision) {
    return Do("operator", "name: '" + bar + "' decision: '" + decision + "'", &Exchange::LiftTraderBar, exchange);
  }
  // A calendar year without holidays; the clocks are counted again, as the engine does.
  auto LoadCalendar(int year) {
    return Run("operator", [&](CommandContext& context) {
      v1::LoadCalendarYearRequest request = Text<v1::LoadCalendarYearRequest>("calendar_year { year: " + std::to_string(year) + " source: 'test' }");
      auto answer = calendars.LoadCalendarYear(context, request, nullptr);
      if (answer.ok() && !context.validate_only) exchange.RecountTradeDeadlines(year);
      return answer;
    });
  }
  // The engine's timer at the midnight that begins `today`.
  void PassClocks(size_t max = 100) {
    Apply([&](CommandContext& context) {
      while (exchange.PassTradeDeadlines(context, max)) {
      }
    });
  }
  OrderOutcome Execute(const std::string& who, const OrderEntry& entry);
  // For what cannot be refused.
  template <class Call>
  void Apply(Call call) {
    EXPECT_TRUE(Run("operator", [&](CommandContext& context) {
                  call(context);
                  return absl::OkStatus();
                }).ok());
  }

  template <class Call>
  std::invoke_result_t<Call&, CommandContext&> Run(const std::string& who, Call call) {
    const std::string participant = Named(who);
    CommandContext context = MakeContext(participant);
    auto answer = RunChecked(tables, context, std::move(call));
    if (answer.ok() && !validate_only) {
      exchange.EndBidsOverLimits(context);
      Settle();
    }
    return answer;
  }

  // ---- What there is ----
  std::string Named(std::string text) const;
  std::string AccountFor(const std::string& who, const std::string& contract) const;
  ledger::AccountNumber Account(const std::string& id) const {
    const ledger::AccountRow* row = ledger.accounts().FindById(Named(id));
    SONGHUA_CHECK(row != nullptr);
    return row->number;
  }
  const ledger::CashRow& Cash(const std::string& who) const { return *ledger.accounts().FindCash(Account(who + ".cash")); }
  int64_t Money(const std::string& who) const { return Cash(who).posted.value(); }
  int64_t FreeMoney(const std::string& who) const { return Cash(who).available().value(); }
  // The quantities of an account's lots that a contract quotes: all, free, held by orders, held by trades.
  struct Units {
    int64_t all = 0, free = 0, orders = 0, trades = 0;
    bool operator==(const Units&) const = default;
  };
  Units UnitsOf(const std::string& who, const std::string& contract) const;
  const ContractRow& Row(const std::string& code) const { return *exchange.FindContract(code); }
  // The last row of an ended order or of a trade that is final.
  std::optional<OrderHistoryRow> Ended(const std::string& account, OrderId number) const {
    return Stored<OrderHistoryRow>(std::make_tuple(Account(account), number));
  }
  std::optional<TradeHistoryRow> FinalTrade(TradeNumber number) const {
    std::optional<TradeHistoryRow> last;
    for (uint32_t step = 0; step < TradeHistoryRow::kSteps; ++step) {
      auto row = Stored<TradeHistoryRow>(std::make_tuple(number, step));
      if (row.has_value()) last = std::move(row);
    }
    return last;
  }
  std::optional<DailyBarRow> StoredBar(const std::string& code, Date date) const {
    return Stored<DailyBarRow>(std::make_tuple(Row(code).number, date.value()));
  }
  // All flags of surveillance, by number.
  std::vector<SurveillanceFlagRow> Flags() const {
    std::vector<SurveillanceFlagRow> flags;
    while (auto row = Stored<SurveillanceFlagRow>(static_cast<uint64_t>(flags.size() + 1))) flags.push_back(*std::move(row));
    return flags;
  }
  std::string LastTrade(const std::string& code) const { return ledger::MakeName("trades", FirstTradeOf(Row(code).number) + Row(code).trades); }
  // "BUY 8000: 10 (1) 7990: 5 (2)" of one side, best first.
  std::string Depth(const std::string& code, Side side) const;

  // Another world with these rows and nothing else: what a restart finds.
  void RestartInto(ExchangeWorld* fresh) const {
    stored.LoadInto(&fresh->tables);
    fresh->stored = stored;
    fresh->sequence = sequence;
    fresh->today = today;
    fresh->micros_of_day = micros_of_day;
    fresh->phases = phases;
    fresh->voids = voids;
    fresh->settling = settling;
    fresh->ids = ids;
    fresh->floors = floors;
    fresh->unshown = unshown;
  }

  TableSet tables;
  ledger::Counters counters{&tables};
  ledger::Participants participants{&tables, &counters};
  ledger::Ledger ledger;
  ledger::Calendars calendars{&tables};
  ledger::RegionStatuses regions{&tables, &counters, &participants, &ledger.programs()};
  ledger::Pledges pledges{&tables, {&counters, &participants, &ledger, &calendars, this}};
  Exchange exchange;
  Listings listings{&tables, &exchange, &ledger, &counters, this};
  Negotiations negotiations{&tables, &exchange, &ledger, &counters, this};
  EventLog events;
  StoredRows stored;
  uint64_t sequence = 0;
  Date today = MakeDate(2026, 1, 5);
  int64_t micros_of_day = 9 * 3600 * kMicrosPerSecond;  // each command comes so many microseconds later as its sequence says
  std::string person = "operator";  // who calls
  bool validate_only = false;
  bool settling = false;            // the engine was woken for settlements
  bool pass_settlements = true;     // and its timer fires at once
  bool check_invariants = true;
  std::map<std::string, std::string> ids;
  std::map<std::string, OrderRefusal> gate;  // by account id; who is not here may trade
  std::map<std::string, Price> floors;       // by contract code
  std::map<std::string, std::string> unshown;  // by site id, "left" or "came": what its permits do not show
  std::map<std::string, Quantity> deficits;    // by site id: what it is permitted beyond its rights
  std::map<std::string, Quantity> surpluses;   // by site id: what was verified of its surplus (DR-17); who is not here needs none
  std::vector<Timestamp> wakes;                // for trade clocks
  std::set<Timestamp> phases;                  // for market days
  std::set<Timestamp> voids;                   // for call auctions whose seed may not come

 private:
  template <class Request, class Answer, class Module>
  absl::StatusOr<Answer> Do(const std::string& who, const std::string& text,
                            absl::StatusOr<Answer> (Module::*method)(CommandContext&, const Request&), Module& module) {
    return Run(who, [&](CommandContext& context) { return (module.*method)(context, Text<Request>(Named(text))); });
  }
  // What the engine's timer does when a command has woken it.
  template <class Answer>
  Answer Timed(Answer answer) {
    if (!pass_settlements || validate_only || !std::exchange(settling, false)) return answer;
    while (PassSettlementSlice()) {
    }
    return answer;
  }
  CommandContext MakeContext(std::string_view participant);
  void Settle() {
    stored.Fold(&tables);
    if (!check_invariants) return;
    exchange.CheckInvariants();
    ledger::ExpectLedgerInvariants(stored.rows(), today);
  }
  template <class HistoryRow, class Key>
  std::optional<HistoryRow> Stored(const Key& key) const {
    const auto row = stored.rows().find(RowKey(static_cast<TableId>(HistoryRow::kTable), EncodeRowKey(key)));
    if (row == stored.rows().end()) return std::nullopt;
    HistoryRow decoded;
    EXPECT_TRUE(DecodeValue(row->second, &decoded).ok());
    return decoded;
  }

  std::optional<std::string> Read(uint16_t table, std::string_view key) override {
    const auto row = stored.rows().find(RowKey(table, key));
    if (row == stored.rows().end()) return std::nullopt;
    return row->second;
  }
  OrderRefusal Gate(const ledger::AccountRow& account) const {
    const auto found = gate.find(account.id);
    return found == gate.end() ? OrderRefusal::kNone : found->second;
  }
  OrderRefusal MaySell(const ledger::AccountRow& account, const ContractRow& contract, Quantity more, Date) override {
    if (const auto found = surpluses.find(account.site); found != surpluses.end()) {
      Quantity free = found->second;
      for (const ledger::LotRow* lot : ledger.lots().OfAccount(account.number)) {
        if (lot->instrument_class == contract.instrument_class) free -= lot->Held(ledger::HoldKind::kOrder) + lot->Held(ledger::HoldKind::kTrade);
      }
      if (more > std::max(free, Quantity())) return OrderRefusal::kNotSurplus;
    }
    return Gate(account);
  }
  OrderRefusal MayBuy(const ledger::AccountRow& account, const ContractRow& contract, Quantity quantity, ComingIn coming, Date date) override {
    const OrderRefusal refusal = Gate(account);
    return refusal == OrderRefusal::kCreditGate && quantity <= DeficitOf(account, contract, coming, date) ? OrderRefusal::kNone : refusal;
  }
  bool Shows(const std::string& site, const std::string& what) const {
    const auto found = unshown.find(site);
    return found == unshown.end() || found->second != what;
  }
  bool ShowsWhatIsLeft(const std::string& site, const std::string&, const Term&, Date) const override { return Shows(site, "left"); }
  bool ShowsWhatCame(const std::string& site, const std::string&, const Term&, uint64_t, Date) const override { return Shows(site, "came"); }
  void WakeForTrades(Timestamp at) override { wakes.push_back(at); }
  void WakeForPhases(Timestamp at) override { phases.insert(at); }
  void WakeForSettlements(Timestamp) override { settling = true; }
  void WakeForCalls(Timestamp at) override { voids.insert(at); }
  void WakeForOffers(Timestamp) override {}
  void WakeForPledges(Timestamp) override {}
  Quantity DeficitOf(const ledger::AccountRow& account, const ContractRow& contract, ComingIn coming, Date) override {
    const auto found = deficits.find(account.site);
    Quantity deficit;
    for (int32_t year = Year(contract.term.first); found != deficits.end() && year <= Year(contract.term.last); ++year) {
      deficit = std::max(deficit, found->second - coming(year));
    }
    return deficit;
  }
  std::string CreditText(const ledger::AccountRow&, const ContractRow&, Side, std::string_view deficit, Date) override { return std::string(deficit); }
  void MoveTo(Timestamp at) {
    today = LocalDate(at);
    micros_of_day = std::max(MicrosOfDay(at), int64_t{0});
  }
  Price FloorOf(const ContractRow& contract, Date) override {
    const auto found = floors.find(contract.code);
    return found == floors.end() ? Price() : found->second;
  }
};

}  // namespace songhua::exchange

#endif  // SONGHUA_TESTS_EXCHANGE_EXCHANGE_WORLD_H_
