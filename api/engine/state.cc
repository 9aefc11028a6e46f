#include "api/engine/state.h"

#include <algorithm>

#include "ledger/bounds.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

// What the permits say of an order's end, in the market's terms.
exchange::EndReason EndReasonOf(std::string_view reason) {
  if (reason == permits::kPermitRevoked) return exchange::EndReason::kPermitRevoked;
  if (reason == permits::kSiteSuspended) return exchange::EndReason::kSiteSuspended;
  return exchange::EndReason::kPermitEnded;
}

}  // namespace

State::State()
    : counters(&tables),
      participants(&tables, &counters),
      ledger(&tables, &participants),
      bank_statements(&tables, &counters, &participants, &ledger),
      day_one(&tables, &counters, &participants, &ledger, &bank_statements),
      base_prices(&tables, &counters),
      price_methods(&tables),
      price_proposals(&tables, &counters, &price_methods, &base_prices),
      pledges(&tables, {&counters, &participants, &ledger, &calendars, this}),
      authorisations(&tables, &counters, &participants),
      insurances(&tables, &participants),
      paid_use_fees(&tables, &ledger),
      allocations(&tables, {&counters, &participants, &ledger, &paid_use_fees, this}),
      surpluses(&tables, &participants, &ledger),
      rights_years(&tables, &participants, &ledger, this),
      calendars(&tables),
      lease_duties(this),
      leases(&tables, {&counters, &participants, &ledger, &lease_duties, &lease_duties, &region_statuses}),
      recoveries(&tables, {&counters, &participants, &ledger, &pledges, &base_prices, &calendars}),
      extinctions(&tables, &counters, &participants, &ledger),
      region_statuses(&tables, &counters, &participants, &ledger.programs()),
      controls(&tables, &calendars, &ledger),
      transfer_proposals(&tables, {&counters, &calendars, &controls, &ledger, this}),
      regimes(&tables),
      deadlines(&tables, &counters, &calendars, this),
      case_file(&tables, &counters),
      standing(&tables, &participants),
      expiry_alarm(&timers),
      permits(&tables, &participants, &regimes, &case_file, &expiry_alarm),
      penalties(&tables, {&counters, &participants, &regimes, &standing, &case_file}),
      reduction_tasks(&tables, {&counters, &participants, &case_file}),
      permit_acts({&participants, &regimes, &penalties, &standing, &permits}),
      overlays(&tables, {&counters, &participants, &regimes, &deadlines, &case_file}),
      registrations(&tables, {&participants, &regimes, &deadlines, &permits, &case_file}),
      absences(&tables, &counters, &participants),
      applications(&tables, {&counters, &participants, &regimes, &deadlines, &permits, &standing, &case_file, &absences}),
      documents(&tables, &counters, &participants, &applications),
      imports(&tables, {&counters, &participants, &regimes, &permits, &case_file, this}),
      compliance(&tables, this),
      exchange(&tables, {&ledger, &participants, &counters, &calendars, this, this, this, this, this, &region_statuses, &pledges}),
      listings(&tables, &exchange, &ledger, &counters, this),
      negotiations(&tables, &exchange, &ledger, &counters, this),
      auctions(&tables, {&exchange, &negotiations, &ledger, &participants, &counters, &calendars, this, &pledges}),
      pledge_sales({&ledger, &pledges, &exchange, &listings, &negotiations, &auctions}),
      lot_commitments(&tables, &ledger, &pledges),
      certificates(&tables, &counters, &lot_commitments),
      witnesses(&tables, &lot_commitments),
      timers(&tables),
      engine_rows(&tables),
      streams(&tables),
      idempotency(&tables) {
  ledger.SetRightsListener(this);
  ledger.SetRightsGate(this);
  pledges.SetValuer(this);
}

// A pollutant is subject to paid use when a program of rights has it enabled (DR-02).
bool State::PaidUse(const std::string& pollutant) const { return ledger.programs().RightsProgramOf(pollutant) != nullptr; }

absl::StatusOr<Quantity> State::EffectiveRights(const std::string& site, const std::string& pollutant, int32_t year) const {
  return rights_years.Effective(site, pollutant, year);
}

void State::CancelOrdersOfSite(CommandContext& context, const std::string& site, std::string_view reason) {
  exchange.CancelOrdersOfSite(context, site, EndReasonOf(reason));
}

void State::RestrainOrdersOfSite(CommandContext& context, const std::string& site, std::string_view reason) {
  exchange.RestrainOrdersOfSite(context, site, EndReasonOf(reason));
}

absl::Status State::CheckObligation(const std::string& account, const std::string& program) const {
  const ledger::AccountRow* row = ledger.accounts().FindById(account);
  if (row == nullptr) return NotFound("account", "accounts/" + account);
  if (row->kind != v1::REGISTRY) return InvalidField("account", "accounts/" + account, "a registry account").Rule("CAR-47");
  if (ledger.programs().Find(program) == nullptr) return NotFound("program", "programs/" + program);
  return absl::OkStatus();
}

Quantity State::SurrenderedUpTo(const std::string& account, const std::string& program, int32_t obligation_year) const {
  const ledger::AccountRow* row = ledger.accounts().FindById(account);
  return row == nullptr ? Quantity() : ledger.SurrenderedUpTo(row->number, program, obligation_year);
}

void State::OnVerifiedEmissions(CommandContext* context, const permits::VerifiedEmissionsRow& row) {
  ledger.holdings().CountEmissions(context, *ledger.accounts().FindById(row.account), row.program, row.year, row.emissions);
}

exchange::OrderRefusal State::MaySell(const ledger::AccountRow& account, const exchange::ContractRow& contract, Quantity more, Date today) {
  if (controls.StateOf(account.number) != v1::AccountControl::OPEN) return exchange::OrderRefusal::kAccountRestricted;
  if (account.site.empty()) return exchange::OrderRefusal::kNone;
  if (paid_use_fees.ArrearsOf(account.site, today) != nullptr) return exchange::OrderRefusal::kRightsInArrears;
  if (contract.right && ledger.programs().Find(contract.program)->rights.surplus_verified &&
      more > surpluses.FreeSurplus(account.site, contract.pollutant, today)) {
    return exchange::OrderRefusal::kNotSurplus;
  }
  switch (permits.StandingOfSite(account.site, today)) {
    case permits::SiteStanding::kEffective:
      if (overlays.GateOf(account.site, today) != nullptr) return exchange::OrderRefusal::kSiteSuspended;
      return PassesCredit(account, contract, v1::CreditGate::SELL, today) ? exchange::OrderRefusal::kNone : exchange::OrderRefusal::kCreditGate;
    case permits::SiteStanding::kNone:
    case permits::SiteStanding::kNotYetBegun: return exchange::OrderRefusal::kNoPermit;
    case permits::SiteStanding::kExpired:
    case permits::SiteStanding::kDeemedRenewed:
    case permits::SiteStanding::kClosed: return exchange::OrderRefusal::kPermitNotInForce;
  }
  return exchange::OrderRefusal::kPermitNotInForce;
}

exchange::OrderRefusal State::MayBuy(const ledger::AccountRow& account, const exchange::ContractRow& contract, Quantity quantity, exchange::ComingIn coming,
                                     Date today) {
  if (!controls.TakesIn(account.number)) return exchange::OrderRefusal::kAccountRestricted;
  if (account.site.empty()) return exchange::OrderRefusal::kNone;
  if (paid_use_fees.ArrearsOf(account.site, today) != nullptr) return exchange::OrderRefusal::kRightsInArrears;
  const permits::SiteStanding standing = permits.StandingOfSite(account.site, today);
  if (standing == permits::SiteStanding::kExpired || standing == permits::SiteStanding::kClosed) return exchange::OrderRefusal::kPermitNotInForce;
  if (PassesCredit(account, contract, v1::CreditGate::BUY_FOR_NEW_PROJECT, today)) return exchange::OrderRefusal::kNone;
  return PassesCredit(account, contract, v1::CreditGate::BUY_FOR_DEFICIT, today) && quantity <= DeficitOf(account, contract, coming, today)
             ? exchange::OrderRefusal::kNone
             : exchange::OrderRefusal::kCreditGate;
}

ledger::CreditStanding State::CreditStandingOf(const std::string& participant, const std::string& site, Date today) const {
  ledger::CreditStanding credit;
  if (const permits::CreditGradeRow* grade = standing.FindGrade(participant)) {
    credit.grade = grade->grade;
    credit.blacklisted = grade->blacklisted;
  }
  credit.suspended = !site.empty() && overlays.GateOf(site, today) != nullptr;
  return credit;
}

// Under REVIEW one sells, and buys for a new project, where an officer looks at each trade. What covers a deficit is not stopped by it (CREDIT-21).
bool State::PassesCredit(const ledger::AccountRow& account, const exchange::ContractRow& contract, v1::CreditGate::Act act, Date today) const {
  if (!contract.right) return true;
  const ledger::CreditGates& gates = ledger.programs().Find(contract.program)->rights.credit_gates;
  const v1::CreditGate::Answer answer = gates.Of(act, CreditStandingOf(account.participant, account.site, today));
  if (answer == v1::CreditGate::REVIEW) return act == v1::CreditGate::BUY_FOR_DEFICIT || contract.terms.settlement == v1::VERIFIED;
  return answer == v1::CreditGate::ALLOW;
}

Quantity State::DeficitOf(const ledger::AccountRow& account, const exchange::ContractRow& contract, exchange::ComingIn coming, Date today) {
  Quantity deficit;
  if (account.site.empty()) return deficit;
  for (int32_t year = std::max(Year(today), Year(contract.term.first)); year <= Year(contract.term.last); ++year) {
    const Quantity covered = ledger.EffectiveRights(account.site, contract.pollutant, year) + coming(year);
    deficit = std::max(deficit, permits.PermittedQuantity(account.site, contract.pollutant, year) - covered);
  }
  return deficit;
}

absl::Status State::CheckCredit(const ledger::AccountRow& account, const std::string& program, v1::CreditGate::Act act, Date today,
                                std::string_view field) const {
  const ledger::CreditStanding credit = CreditStandingOf(account.participant, account.site, today);
  if (ledger.programs().Find(program)->rights.credit_gates.Of(act, credit) != v1::CreditGate::BLOCK) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "CREDIT_GATE")
      .Rule("DR-29")
      .Field(field)
      .Value(ledger::AccountName(account))
      .Accepted("a party whose credit allows " + v1::CreditGate::Act_Name(act) + " (CREDIT-20); this one: " + ledger::StandingText(credit));
}

std::string State::CreditText(const ledger::AccountRow& account, const exchange::ContractRow& contract, exchange::Side side, std::string_view deficit,
                              Date today) {
  const std::string standing_text = ledger::StandingText(CreditStandingOf(account.participant, account.site, today));
  std::string text = side == exchange::Side::kSell ? "a seller whose credit lets it sell" : "a buyer whose credit lets it buy";
  if (contract.terms.settlement != v1::VERIFIED) text += ", or a contract whose trades an officer verifies, where credit asks for review only";
  if (side == exchange::Side::kBuy) text += ", or " + std::string(deficit);
  return text + "; this one: " + standing_text;
}

Price State::FloorOf(const exchange::ContractRow& contract, Date today) {
  const ledger::ProgramRow* program = ledger.programs().Find(contract.program);
  if (program == nullptr || program->floor_policy != v1::FLOOR) return Price();
  const ledger::BasePriceRow* price =
      base_prices.InForce(contract.program, contract.pollutant, contract.control_zone, contract.price_basis, today);
  return price == nullptr ? Price() : price->price;
}

bool State::ShowsWhatIsLeft(const std::string& site, const std::string& pollutant, const Term& term, Date today) const {
  for (int32_t year = std::max(Year(today), Year(term.first)); year <= Year(term.last); ++year) {
    if (permits.PermittedQuantity(site, pollutant, year) > ledger.EffectiveRights(site, pollutant, year)) return false;
  }
  return true;
}

bool State::ShowsWhatCame(const std::string& site, const std::string& pollutant, const Term& term, uint64_t settled, Date today) const {
  const permits::PermitRow* permit = permits.PermitInForce(site, today);
  if (permit == nullptr || !ShowsWhatIsLeft(site, pollutant, term, today)) return false;
  const bool limits = std::any_of(permit->site_totals.begin(), permit->site_totals.end(),
                                  [&](const permits::SiteTotalRow& total) { return total.pollutant == pollutant; });
  if (!limits) return false;
  if (permit->issue_sequence > settled) return true;
  const int32_t last = std::min(Year(term.last), Year(permit->term.last));
  for (int32_t year = std::max({Year(today), Year(term.first), Year(permit->term.first)}); year <= last; ++year) {
    if (permits.PermittedQuantity(site, pollutant, year) < ledger.EffectiveRights(site, pollutant, year)) return false;
  }
  return true;
}

// The basis of a right is that of the base price which is in force for it. Allowances are closed at by the first contract of their class and vintage.
std::optional<ledger::Valuation> State::ValueOf(const ledger::LotRow& lot, Quantity quantity, Date date) const {
  const ledger::InstrumentClassRow& kind = *ledger.programs().FindClass(lot.instrument_class);
  const int64_t unit_steps = ledger.programs().Find(kind.program)->QuotedUnitSteps(kind.pollutant);
  if (lot.right) {
    for (const v1::PriceBasis basis : {v1::PER_T_YEAR, v1::PER_T_TERM}) {
      const ledger::BasePriceRow* base = base_prices.InForce(kind.program, kind.pollutant, kind.control_zone, basis, date);
      if (base == nullptr) continue;
      const Term window = ledger::IndexWindow(date);
      const exchange::TradeSums sums =
          exchange.trade_days().Between(kind.program, kind.pollutant, kind.control_zone, basis, 0, window.first, window.last);
      return ledger::ValueRight(ledger::RightUnitPrice(base->price, sums.Average()), basis, quantity, unit_steps, lot.term, date);
    }
    return std::nullopt;
  }
  for (exchange::ContractNumber number = 1; number <= exchange.contract_count(); ++number) {
    const exchange::ContractRow& contract = *exchange.FindContract(number);
    if (contract.instrument_class != lot.instrument_class || contract.vintage != lot.vintage() || contract.reference_price == Price()) continue;
    Date first = date;
    for (int32_t days = 0; days < ledger::kIndexTradingDays && first > kFirstDate;) {
      first = first - 1;
      if (calendars.IsTradingDay(first)) ++days;
    }
    const exchange::TradeSums sums = exchange.trade_days().Between(kind.program, kind.pollutant, kind.control_zone, contract.price_basis,
                                                                   contract.vintage, first, date - 1);
    return ledger::ValueSerialUnits(contract.reference_price, sums.Average(), quantity, unit_steps);
  }
  return std::nullopt;
}

Quantity State::ShortfallOf(const ledger::LotRow& lot, Date date) const {
  if (lot.right) return Quantity();
  const std::string& program = ledger.programs().FindClass(lot.instrument_class)->program;
  const std::string& holder = ledger.accounts().Find(lot.account)->participant;
  const ledger::AccountRow* registry = ledger.accounts().OfParticipant(holder, v1::REGISTRY);
  if (registry == nullptr) return Quantity();
  Quantity free;
  for (const ledger::AccountRow* account : {registry, ledger.accounts().OfParticipant(holder, v1::TRADING)}) {
    if (account == nullptr) continue;
    for (const ledger::LotRow* held : ledger.lots().OfAccount(account->number)) {
      if (ledger.programs().FindClass(held->instrument_class)->program != program) continue;
      free += held->quantity - held->Held(ledger::HoldKind::kPledge) - held->Held(ledger::HoldKind::kProvisionalPledge);
    }
  }
  const int32_t last_year = Year(date) - 1;
  const Quantity due = compliance.EstimatedDue(registry->id, last_year);
  const Quantity met = free + ledger.SurrenderedUpTo(registry->number, program, last_year);
  return due > met ? due - met : Quantity();
}

void State::WakeForPhases(Timestamp at) { timers.Schedule(at, TimerKind::kPassMarketPhases); }

void State::WakeForSettlements(Timestamp at) { timers.Schedule(at, TimerKind::kPassSettlements); }
void State::WakeForCalls(Timestamp at) { timers.Schedule(at, TimerKind::kPassVoidCalls); }

void State::WakeForPledges(Timestamp at) { timers.Schedule(at, TimerKind::kPassPledges); }
void State::WakeForAuctions(Timestamp at) { timers.Schedule(at, TimerKind::kPassAuctions); }

std::vector<Custody> State::InCustody(bool all) const {
  std::vector<Custody> custody;
  const Date today = LocalDate(engine().last_time);
  for (const exchange::ContractNumber number : exchange.calls_in_custody()) {
    const exchange::ContractRow& contract = *exchange.FindContract(number);
    Custody& item = custody.emplace_back();
    item.number = number;
    item.name = contract.code;
    item.date = contract.call.date;
    item.awaits_seal = contract.call.stage == exchange::CallStage::kAwaitsSeal && contract.InSession(today);
    item.halted = contract.halts > 0 || contract.call.stage != exchange::CallStage::kCollects;
    item.seal = contract.call.seal;
    item.end = contract.call.end;
    item.random_end_s = contract.terms.call.random_end_s;
    item.void_time = contract.call.void_time;
  }
  for (const auto& [close, number] : auctions.in_custody()) {
    const exchange::AuctionRow& auction = *auctions.Find(number);
    Custody& item = custody.emplace_back();
    item.kind = Custody::Kind::kAuction;
    item.number = number;
    item.name = ledger::MakeName("auctions", number);
    item.date = LocalDate(auction.open_time);
    item.awaits_seal = !auction.sealed && engine().last_time < auction.close_time;
    item.halted = !auction.sealed || exchange.FindContract(auction.contract)->halts > 0;
    item.seal = auction.seal;
    item.end = auction.close_time;
    item.void_time = auction.void_time;
    if (!all && close > engine().last_time) break;  // those after it close later still
  }
  return custody;
}

void State::WakeForOffers(Timestamp at) { timers.Schedule(at, TimerKind::kPassOffers); }
bool State::PassOffers(CommandContext& context) {
  const bool more = listings.PassListings(context, bounds::kSliceDeadlinesMax);
  return negotiations.PassNegotiations(context, bounds::kSliceDeadlinesMax) || more;
}

void State::WakeForTrades(Timestamp at) { timers.Schedule(at, TimerKind::kPassTradeClocks); }

absl::Status State::CheckPriceScope(const std::string& program, const std::string& pollutant, const std::string& control_zone) const {
  const ledger::ProgramRow* row = ledger.programs().Find(program);
  if (row == nullptr) return NotFound("program", "programs/" + program);
  if (!row->HasPollutant(pollutant)) return InvalidField("pollutant", pollutant, "a pollutant that the program has enabled").Rule("DR-02");
  // A price may be fixed for a zone, or for the city or province around it.
  const auto region = ParseRegion(control_zone, "control_zone");
  bool known = row->HasControlZone(control_zone);
  for (const std::string& zone : row->control_zones) {
    const auto inside = ParseRegion(zone);
    known |= region.ok() && inside.ok() && RegionContains(*region, *inside);
  }
  if (!known) return InvalidField("control_zone", control_zone, "a control zone of the program, or a region around one").Rule("DR-70");
  return absl::OkStatus();
}

absl::StatusOr<v1::ContractAnswer> State::OpenSession(CommandContext& context, const v1::SessionRequest& request) {
  auto answer = exchange.OpenSession(context, request);
  if (answer.ok() && !context.validate_only) timers.Schedule(StartOfDay(context.today + 1), TimerKind::kCloseStaleSessions);
  return answer;
}

// What one command's slice leaves of a large book is ended by timers that are due at once.
absl::StatusOr<v1::ContractAnswer> State::CloseSession(CommandContext& context, const v1::SessionRequest& request) {
  auto answer = exchange.CloseSession(context, request);
  if (answer.ok() && !context.validate_only && exchange.HasStaleSessions(context.today)) {
    timers.Schedule(context.time, TimerKind::kCloseStaleSessions);
  }
  return answer;
}

absl::StatusOr<v1::CreditAnswer> State::SetCreditGrade(CommandContext& context, const v1::SetCreditGradeRequest& request) {
  auto answer = standing.SetCreditGrade(context, request);
  if (!answer.ok() || context.validate_only) return answer;
  SONGHUA_ASSIGN_OR_RETURN(const std::string participant, ledger::ParseName("participant", "participants", request.participant()));
  exchange.RestrainOrdersOfParticipant(context, participant, exchange::EndReason::kCreditLost);
  return answer;
}

absl::StatusOr<v1::AccountControlAnswer> State::SetAccountState(CommandContext& context, const v1::SetAccountStateRequest& request) {
  auto answer = controls.SetAccountState(context, request);
  if (!answer.ok() || context.validate_only) return answer;
  SONGHUA_ASSIGN_OR_RETURN(const std::string account, ledger::ParseName("account", "accounts", request.account()));
  exchange.RestrainOrdersOfAccount(context, ledger.accounts().FindById(account)->number);
  return answer;
}

absl::StatusOr<v1::RegionStatusAnswer> State::SetRegionStatus(CommandContext& context, const v1::SetRegionStatusRequest& request) {
  auto answer = region_statuses.SetRegionStatus(context, request);
  if (!answer.ok() || context.validate_only) return answer;
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "regionStatuses", answer->region_status().name()));
  exchange.RestrainOrdersInRegion(context, *region_statuses.Find(number));
  return answer;
}

absl::StatusOr<v1::CrossingAnswer> State::WithdrawCrossing(CommandContext& context, const v1::WithdrawCrossingRequest& request) {
  auto answer = region_statuses.WithdrawCrossing(context, request);
  if (!answer.ok() || context.validate_only) return answer;
  SONGHUA_ASSIGN_OR_RETURN(const std::string site, ledger::ParseName("site", "sites", answer->crossing().site()));
  exchange.RestrainOrdersAcrossBorders(context, site);
  return answer;
}

// A purge of many orders goes on in slices, as a close does.
absl::StatusOr<v1::HaltAnswer> State::HaltTrading(CommandContext& context, const v1::HaltTradingRequest& request) {
  auto answer = exchange.HaltTrading(context, request);
  if (answer.ok() && !context.validate_only && exchange.HasStaleSessions(context.today)) {
    timers.Schedule(context.time, TimerKind::kCloseStaleSessions);
  }
  return answer;
}

absl::StatusOr<v1::BasePriceAnswer> State::PublishBasePrice(CommandContext& context, const v1::PublishBasePriceRequest& request) {
  auto answer = base_prices.PublishBasePrice(context, request, *this);
  if (answer.ok() && !context.validate_only) exchange.RefreshFloors(context);
  return answer;
}

absl::StatusOr<v1::PriceProposalAnswer> State::PublishPriceProposal(CommandContext& context, const v1::PublishPriceProposalRequest& request) {
  auto answer = price_proposals.PublishPriceProposal(context, request);
  if (answer.ok() && !context.validate_only) exchange.RefreshFloors(context);
  return answer;
}

absl::StatusOr<v1::StatusAnswer> State::AdvanceClock(CommandContext& context, const v1::AdvanceClockRequest& request) {
  if (clock_mode != ClockMode::kVirtual) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "CLOCK_IS_SYSTEM").Rule("GEN-01").Field("to_time").Accepted("a VIRTUAL store: this one follows the machine's clock");
  }
  const Timestamp to(request.to_time().seconds() * kMicrosPerSecond + request.to_time().nanos() / 1000);
  const Timestamp limit(context.time.value() + bounds::kClockAdvanceMaxUs);
  if (to <= context.time || to > limit) {
    return InvalidField("to_time", FormatTimestamp(to), "later than " + FormatTimestamp(context.time) + ", at most " + FormatTimestamp(limit));
  }
  v1::StatusAnswer answer;
  answer.set_clock_mode(v1::VIRTUAL);
  answer.set_logic_version(engine().logic_version);
  if (context.validate_only) return answer;
  engine_rows.Edit(engine()).last_time = to;
  context.events->Emit(EventType::kClock, to);
  return answer;
}

absl::StatusOr<v1::StatusAnswer> State::SwitchLogicVersion(CommandContext& context, const v1::SwitchLogicVersionRequest& request) {
  const uint32_t now = engine().logic_version;
  if (now == kNewestLogicVersion) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "LOGIC_VERSION_NEWEST").Rule("GEN-09").Field("logic_version")
        .Value(static_cast<int64_t>(request.logic_version()))
        .Accepted("nothing: the store decides by version " + std::to_string(now) + ", the newest that this program has");
  }
  if (request.logic_version() <= now || request.logic_version() > kNewestLogicVersion) {
    return InvalidField("logic_version", std::to_string(request.logic_version()),
                        std::to_string(now + 1) + " to " + std::to_string(kNewestLogicVersion) + ": the store decides by version " +
                            std::to_string(now) + ", and there is no way back")
        .Rule("GEN-09");
  }
  v1::StatusAnswer answer;
  answer.set_clock_mode(clock_mode == ClockMode::kVirtual ? v1::VIRTUAL : v1::SYSTEM);
  answer.set_logic_version(request.logic_version());
  if (context.validate_only) return answer;
  engine_rows.Edit(engine()).logic_version = request.logic_version();
  context.events->Emit(EventType::kLogicVersion, request.logic_version());
  return answer;
}

absl::StatusOr<v1::StatusAnswer> State::ConfirmClock(CommandContext& context, const v1::ConfirmClockRequest&) {
  v1::StatusAnswer answer;
  answer.set_clock_mode(clock_mode == ClockMode::kVirtual ? v1::VIRTUAL : v1::SYSTEM);
  answer.set_logic_version(engine().logic_version);
  if (context.validate_only) return answer;
  context.events->Emit(EventType::kClock, context.time);
  return answer;
}

void State::WakeAt(Timestamp at) { timers.Schedule(at, TimerKind::kPassDeadlines); }

// The kinds whose passing the law makes something of are their cases' to handle; all others are owed and become OVERDUE.
void State::OnPassed(CommandContext& context, const permits::DeadlineRow& deadline) {
  if (deadline.subject.starts_with("applications/")) applications.OnPassed(context, deadline);
  if (deadline.subject.starts_with("overlays/")) overlays.OnPassed(context, deadline);
}

bool State::PassDeadlines(CommandContext& context) { return deadlines.Pass(context, *this, bounds::kSliceDeadlinesMax); }

bool State::ExpirePermits(CommandContext& context) { return permits.PassTerms(context, *this, bounds::kSlicePermitsMax); }

void State::WakeForImports(Timestamp at) { timers.Schedule(at, TimerKind::kRemoveImports); }

void State::WakeForProposals(Timestamp at) { timers.Schedule(at, TimerKind::kPassProposals); }

uint32_t State::OnCalendarYear(CommandContext& context, int32_t year) {
  exchange.WakeForPhases(context.time);
  const uint32_t moved = deadlines.Recount(context, year);
  return moved + exchange.RecountTradeDeadlines(year);
}

State::~State() = default;

}  // namespace songhua::api
