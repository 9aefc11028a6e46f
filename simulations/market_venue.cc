#include "simulations/market_venue.h"

#include <cstdio>
#include <utility>

#include "exchange/trades.h"
#include "ledger/check.h"
#include "ledger/refusal.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/operations.pb.h"
#include "songhua/v1/trades.pb.h"

namespace songhua::simulations {
namespace {

constexpr char kVenueOperator[] = "operator";
constexpr char kVenueRegistrar[] = "registrar";
constexpr char kVenueContract[] = "contracts/SIM";
constexpr char kVenueRulebook[] = "rulebooks/sim";
constexpr int64_t kOrderUnitsMax = 1'000;
constexpr int kOpeningMinute = 10 * 60;  // 10:00
constexpr int kCallMinutes = 5;
constexpr int kCallEveryMinutes = 10;
constexpr int kAttemptsMax = 100;  // a day's timers are a handful

constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;

std::string ClockText(int minute) {
  char text[16];
  std::snprintf(text, sizeof(text), "%02d:%02d", minute / 60, minute % 60);
  return text;
}

std::string VenueAccount(int trader, const std::string& kind) { return "accounts/" + DayEnterprise(trader) + "." + kind; }

absl::Status Unexpected(const std::string& what) { return absl::InternalError("the market of the simulation: " + what); }

}  // namespace

absl::StatusOr<std::unique_ptr<MarketVenue>> MarketVenue::Open(VenueOptions options) {
  SONGHUA_CHECK(options.calls >= 0 && options.calls <= kVenueCallsMax && options.price_max >= 2);
  std::unique_ptr<MarketVenue> venue(new MarketVenue(std::move(options)));
  SONGHUA_RETURN_IF_ERROR(venue->Build());
  return venue;
}

MarketVenue::~MarketVenue() {
  requests_.reset();
  if (engine_ != nullptr) engine_->Stop();
}

absl::Status MarketVenue::Build() {
  api::EngineOptions engine = DayEngineOptions(SimulatedDisk::kRoot + "/store");
  engine.store.env = disk_.env();
  engine.store.manual_projector = true;
  SONGHUA_ASSIGN_OR_RETURN(engine_, api::Engine::Open(std::move(engine)));
  const int traders = static_cast<int>(options_.endowments.size());
  SONGHUA_RETURN_IF_ERROR(BuildDayMarket(engine_.get(), {.accounts = traders, .contracts = 0, .endowments = options_.endowments}).status());
  requests_ = std::make_unique<EngineRequests>(engine_.get(), kDayOfMarket, "sim-");
  for (int trader = 0; trader < traders; ++trader) traders_.emplace(VenueAccount(trader, "trading"), trader);

  auto rulebook = std::make_unique<v1::LoadRulebookRequest>();
  v1::Rulebook& rules = *rulebook->mutable_rulebook();
  rules.set_name(kVenueRulebook);
  rules.set_settlement(v1::IMMEDIATE);
  rules.set_quantity_min(1);
  rules.set_quantity_max(kOrderUnitsMax);
  rules.set_same_day_resale(true);
  for (int call = 0; call < options_.calls; ++call) {
    v1::MarketPhase& phase = *rules.add_phases();
    phase.set_kind(v1::MarketPhase::CALL);
    phase.set_from(ClockText(kOpeningMinute + call * kCallEveryMinutes));
    phase.set_to(ClockText(kOpeningMinute + call * kCallEveryMinutes + kCallMinutes));
  }
  SONGHUA_RETURN_IF_ERROR(requests_->Call("Exchange/LoadRulebook", kVenueRegistrar, std::move(rulebook)));

  auto create = std::make_unique<v1::CreateContractRequest>();
  v1::Contract& contract = *create->mutable_contract();
  contract.set_name(kVenueContract);
  contract.set_program("programs/cea");
  contract.set_pollutant("CO2E");
  contract.set_control_zone("CN");
  contract.set_trading_group("ALL");
  contract.set_vintage(DayMarket::kFirstVintage);
  contract.set_price_basis(v1::PER_T_TERM);
  contract.set_tick_fen(1);
  contract.set_lot_size(1);
  contract.set_rulebook(kVenueRulebook);
  contract.set_reference_price_fen(options_.price_max / 2);
  SONGHUA_RETURN_IF_ERROR(requests_->Call("Exchange/CreateContract", kVenueRegistrar, std::move(create)));
  reader_ = std::make_unique<EngineReader>(engine_.get());
  return reader_->SignIn(kVenueRegistrar);
}

absl::Status MarketVenue::AdvanceTo(Timestamp time) {
  auto advance = std::make_unique<v1::AdvanceClockRequest>();
  advance->mutable_to_time()->set_seconds(time.value() / kMicrosPerSecond);
  SONGHUA_RETURN_IF_ERROR(requests_->Call("Operations/AdvanceClock", kVenueOperator, std::move(advance)));
  requests_->set_day(LocalDate(time));
  return absl::OkStatus();
}

absl::Status MarketVenue::Await(bool in_session, bool collecting) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    v1::GetContractRequest get;
    get.set_name(kVenueContract);
    SONGHUA_ASSIGN_OR_RETURN(const auto answer, reader_->Read<v1::ContractAnswer>("Exchange/GetContract", get));
    const v1::Contract& contract = answer.contract();
    if ((contract.session() == "OPEN") == in_session && contract.collecting() == collecting) return absl::OkStatus();
    // Any command lets the timers of a virtual clock go on.
    SONGHUA_RETURN_IF_ERROR(requests_->Call("Operations/ConfirmClock", kVenueOperator, std::make_unique<v1::ConfirmClockRequest>()));
  }
  return Unexpected("on " + FormatDate(day_) + " the contract is not " + (in_session ? "in session" : "closed") +
                    (collecting ? ", collecting orders" : ""));
}

Timestamp MarketVenue::CallStart(int call) const {
  return Timestamp(StartOfDay(day_).value() + (kOpeningMinute + call * kCallEveryMinutes) * kMicrosPerMinute);
}

Timestamp MarketVenue::CallEnd(int call) const { return Timestamp(CallStart(call).value() + kCallMinutes * kMicrosPerMinute); }

absl::Status MarketVenue::OpenDay() {
  do {
    day_ = day_ + 1;
  } while (DayOfWeek(day_) > 5);  // no calendar is published here, so that Monday to Friday are trading days (GEN-02)
  call_ = 0;
  SONGHUA_RETURN_IF_ERROR(AdvanceTo(CallStart(0)));
  if (options_.calls > 0) return Await(/*in_session=*/true, /*collecting=*/true);
  auto open = std::make_unique<v1::SessionRequest>();
  open->set_contract(kVenueContract);
  return requests_->Call("Exchange/OpenSession", kVenueRegistrar, std::move(open));
}

absl::Status MarketVenue::EndCall() {
  SONGHUA_CHECK(call_ < options_.calls);
  SONGHUA_RETURN_IF_ERROR(AdvanceTo(CallEnd(call_)));
  const bool last = ++call_ == options_.calls;
  SONGHUA_RETURN_IF_ERROR(Await(/*in_session=*/!last, /*collecting=*/false));
  if (last) return absl::OkStatus();
  SONGHUA_RETURN_IF_ERROR(AdvanceTo(CallStart(call_)));
  return Await(/*in_session=*/true, /*collecting=*/true);
}

absl::Status MarketVenue::CloseDay() {
  SONGHUA_CHECK(call_ == options_.calls);
  if (options_.calls == 0) {
    auto close = std::make_unique<v1::SessionRequest>();
    close->set_contract(kVenueContract);
    SONGHUA_RETURN_IF_ERROR(requests_->Call("Exchange/CloseSession", kVenueRegistrar, std::move(close)));
  }
  return Await(/*in_session=*/false, /*collecting=*/false);
}

absl::StatusOr<VenueOrder> MarketVenue::OrderOf(absl::StatusOr<std::string> answer) const {
  if (!answer.ok()) return answer.status();
  v1::OrderAnswer order;
  SONGHUA_CHECK(order.ParseFromString(*answer));
  return VenueOrder{order.order().name(), order.order().open_quantity(), order.order().filled_quantity()};
}

absl::StatusOr<VenueOrder> MarketVenue::Place(int trader, const Quote& quote) {
  auto place = std::make_unique<v1::PlaceOrderRequest>();
  place->set_contract(kVenueContract);
  place->set_account(VenueAccount(trader, "trading"));
  place->set_side(quote.buy ? v1::BUY : v1::SELL);
  place->set_price_fen(quote.price);
  place->set_quantity(quote.quantity);
  place->set_time_in_force(v1::DAY);
  return OrderOf(requests_->Ask("Exchange/PlaceOrder", DayTraderId(trader), std::move(place)));
}

absl::StatusOr<VenueOrder> MarketVenue::Replace(int trader, const std::string& order, const Quote& quote) {
  auto replace = std::make_unique<v1::ReplaceOrderRequest>();
  replace->set_name(order);
  replace->set_price_fen(quote.price);
  replace->set_quantity(quote.quantity);
  return OrderOf(requests_->Ask("Exchange/ReplaceOrder", DayTraderId(trader), std::move(replace)));
}

absl::Status MarketVenue::Cancel(int trader, const std::string& order) {
  auto cancel = std::make_unique<v1::CancelOrderRequest>();
  cancel->set_name(order);
  return requests_->Ask("Exchange/CancelOrder", DayTraderId(trader), std::move(cancel)).status();
}

absl::StatusOr<std::vector<VenueTrade>> MarketVenue::NewTrades() {
  std::vector<VenueTrade> trades;
  for (;;) {
    v1::GetTradeRequest get;
    get.set_name("trades/" + std::to_string(exchange::FirstTradeOf(1) + trades_ + 1));  // the only contract; its trades have no gaps
    const auto answer = reader_->Read<v1::TradeAnswer>("Trades/GetTrade", get);
    if (absl::IsNotFound(answer.status())) return trades;
    SONGHUA_RETURN_IF_ERROR(answer.status());
    const v1::Trade& trade = answer->trade();
    const auto buyer = traders_.find(trade.buyer_account());
    const auto seller = traders_.find(trade.seller_account());
    if (buyer == traders_.end() || seller == traders_.end()) return Unexpected(trade.name() + " is of an account that nobody has");
    trades.push_back({trade.price_fen(), trade.quantity(), buyer->second, seller->second, trade.buy_order(), trade.sell_order()});
    ++trades_;
  }
}

absl::StatusOr<int64_t> MarketVenue::Holding(int trader, const std::string& kind) {
  v1::ListHoldingsRequest list;
  list.set_account(VenueAccount(trader, kind));
  SONGHUA_ASSIGN_OR_RETURN(const auto answer, reader_->Read<v1::ListHoldingsAnswer>("Ledger/ListHoldings", list));
  int64_t posted = 0;
  for (const v1::Holding& holding : answer.holdings()) {
    posted += holding.posted();
    if (holding.held() != 0) return Unexpected(list.account() + " has " + std::to_string(holding.held()) + " held, though the day is over");
  }
  return posted;
}

absl::Status MarketVenue::CheckAndStop(const std::vector<DayEndowment>& expected) {
  SONGHUA_ASSIGN_OR_RETURN(const auto found, reader_->Read<v1::ReconcileAnswer>("Operations/Reconcile", v1::ReconcileRequest()));
  if (found.differences_size() > 0) return Unexpected(found.differences(0));
  for (int trader = 0; trader < static_cast<int>(expected.size()); ++trader) {
    SONGHUA_ASSIGN_OR_RETURN(const int64_t units, Holding(trader, "trading"));
    SONGHUA_ASSIGN_OR_RETURN(const int64_t money, Holding(trader, "cash"));
    if (units == expected[trader].units && money == expected[trader].money_fen) continue;
    return Unexpected("trader " + std::to_string(trader) + " has " + std::to_string(units) + " units and " + std::to_string(money) +
                      " fen, and should have " + std::to_string(expected[trader].units) + " and " +
                      std::to_string(expected[trader].money_fen));
  }
  reader_.reset();
  requests_.reset();
  engine_->Stop();
  engine_->state_at_start().exchange.CheckInvariants();
  return absl::OkStatus();
}

}  // namespace songhua::simulations
