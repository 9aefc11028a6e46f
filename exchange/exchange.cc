// How an Exchange is put together, from nothing or from stored rows, and how its contracts come to be.
#include "exchange/exchange.h"

#include <algorithm>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

constexpr char kContractNumbers[] = "contracts";
constexpr size_t kContractCodeBytesMax = 40;

absl::Status ValidateContractCode(const std::string& code) {
  bool good = code.size() <= kContractCodeBytesMax;
  for (char c : code) good = good && (('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '-');
  if (good) return absl::OkStatus();
  return InvalidField("contract.name", code, "contracts/ and 1 to 40 of A-Z, 0-9 and -");
}

}  // namespace

Exchange::Exchange(TableSet* tables, const ExchangeParts& parts)
    : ledger_(parts.ledger),
      participants_(parts.participants),
      counters_(parts.counters),
      gate_(parts.gate),
      floors_(parts.floors),
      permits_(parts.permits),
      market_alarm_(parts.market_alarm),
      regions_(parts.regions),
      pledges_(parts.pledges),
      rulebooks_(tables, parts.calendars),
      halts_(tables, parts.counters),
      contracts_(tables),
      orders_(tables, this),
      order_history_(tables),
      trades_(tables),
      trade_history_(tables),
      trade_index_(tables),
      certificates_(tables),
      bars_of_days_(tables),
      clocks_(tables, parts.calendars, parts.alarm),
      bars_(tables),
      days_(tables),
      statistics_(tables),
      surveillance_(tables, parts.counters, parts.participants),
      batches_(tables, &parts.ledger->accounts(), parts.counters),
      calendars_(parts.calendars) {
  ledger_->SetUnitsListener(&batches_);
  ledger_->SetCashGate(this);
  contracts_.OnLoaded([this](ContractRow& row) { AddState(row); });
  orders_.OnLoaded([this](OrderRow& row) { loaded_orders_.push_back(&row); });
  trades_.OnLoaded([this](TradeRow& row) {
    if (row.settlement == v1::END_OF_DAY) State(row.contract)->waiting.insert(row.number);
    if (State(row.contract)->row->right) undelivered_.insert({row.buyer, row.number});
    CountBuying(nullptr, *State(row.contract), row.buyer, row.quantity);
  });
}

Exchange::~Exchange() = default;

// ---- Loading ----

ContractState& Exchange::AddState(ContractRow& row) {
  SONGHUA_CHECK(row.number == states_.size() + 1);
  states_.push_back(std::make_unique<ContractState>(&row));
  ContractState& state = *states_.back();
  if (row.collecting) state.call = NewCallBook(row);
  if (row.call.sealed && row.call.Runs()) in_custody_.insert(row.number);
  contracts_by_code_[row.code] = row.number;
  if (!row.right) {
    state.holdings = ledger_->holdings().Of(row.program);
    return state;
  }
  auto zone = ParseRegion(row.control_zone);
  if (zone.ok()) state.zone = *zone;  // a zone that is no region contains no site
  if (!row.basin.empty()) state.basin = FindBasin(row.basin);
  return state;
}

void Exchange::OrderTable::FinishLoad() {
  Table::FinishLoad();
  exchange_->RebuildBooks();
}

// Lists of accounts are in the order of numbers, queues of books in the order of priority, as they were.
void Exchange::RebuildBooks() {
  std::sort(loaded_orders_.begin(), loaded_orders_.end(), [](const OrderRow* a, const OrderRow* b) { return a->number < b->number; });
  for (OrderRow* order : loaded_orders_) {
    Entry(order->account);
    Link(*order);
    order->first_slice.row = ledger_->lots().Find(order->first_slice.lot);
    for (LotSlice& slice : order->more_slices) slice.row = ledger_->lots().Find(slice.lot);
    if (order->side == Side::kBuy) CountBuying(nullptr, *State(order->contract), order->account, order->open);
  }
  std::sort(loaded_orders_.begin(), loaded_orders_.end(), [](const OrderRow* a, const OrderRow* b) { return a->priority < b->priority; });
  for (const OrderRow* order : loaded_orders_) {
    ContractState& state = *State(order->contract);
    if (order->off_book()) {
      state.off_book.insert(order->number);
      continue;
    }
    if (order->halted || (order->trigger == Price() && order->IsBelow(state.row->floor))) {
      state.suspended.emplace(order->priority, order->number);
      continue;
    }
    if (order->trigger != Price()) {
      state.stops.Add(*order);
      continue;
    }
    const RestingOrder resting{.id = order->number,
                               .side = order->side,
                               .price = order->book_price().value(),
                               .open_quantity = order->open.value(),
                               .post_only = order->post_only,
                               .owner = Entry(order->account)->group,
                               .display = order->display.value(),
                               .hidden = order->hidden.value(),
                               .market = order->market};
    SONGHUA_CHECK(!order->market || state.call != nullptr);
    const BookReject reject = state.call != nullptr ? state.call->Restore(resting) : state.book.Restore(resting);
    SONGHUA_CHECK(reject == BookReject::kNone);
  }
  loaded_orders_ = {};
}

// ---- Accounts ----

AccountEntry* Exchange::Entry(ledger::AccountNumber number) {
  if (number < entries_.size() && entries_[number].cash != nullptr) return &entries_[number];
  const ledger::AccountRow* account = ledger_->accounts().Find(number);
  if (account == nullptr || account->participant.empty()) return nullptr;
  if (number >= entries_.size()) entries_.resize(number + 1);
  AccountEntry& entry = entries_[number];
  if (entry.row == nullptr) {
    const ledger::ParticipantRow& participant = *participants_->FindParticipant(account->participant);
    entry.row = account;
    entry.kind = account->kind;
    entry.participant = participant.number;
    entries_of_[participant.number].insert(number);
    entry.group = participant.group;
    if (!account->site.empty()) {
      const ledger::SiteRow& site = *participants_->FindSite(account->site);
      entry.region = site.region;
      entry.sector_class = site.sector_class;
      if (!site.basin.empty()) entry.basin = FindBasin(site.basin);
    }
  }
  const ledger::AccountRow* cash = ledger_->accounts().OfParticipant(account->participant, v1::CASH);
  if (cash != nullptr) entry.cash = ledger_->accounts().FindCash(cash->number);
  return &entry;
}

void Exchange::Link(OrderRow& order) {
  AccountEntry& entry = entries_[order.account];
  State(order.contract)->CountGoodTill(order.good_till, 1);
  order.newer = nullptr;
  order.older = entry.newest_order;
  if (order.older != nullptr) order.older->newer = &order;
  entry.newest_order = &order;
}

void Exchange::Unlink(OrderRow& order) {
  AccountEntry& entry = entries_[order.account];
  State(order.contract)->CountGoodTill(order.good_till, -1);
  (order.newer != nullptr ? order.newer->older : entry.newest_order) = order.older;
  if (order.older != nullptr) order.older->newer = order.newer;
}

OrderPriority Exchange::NextPlace(const CommandContext& context) {
  const uint32_t step = last_place_.sequence == context.sequence ? last_place_.step + 1 : 0;
  return last_place_ = {context.sequence, step};
}

// ---- Lookups ----

const ContractRow* Exchange::FindContract(std::string_view code) const {
  auto it = contracts_by_code_.find(code);
  return it == contracts_by_code_.end() ? nullptr : states_[it->second - 1]->row;
}

absl::StatusOr<ContractState*> Exchange::ResolveContract(std::string_view field, std::string_view name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string code, ledger::ParseName(field, "contracts", name));
  auto it = contracts_by_code_.find(code);
  if (it == contracts_by_code_.end()) return NotFound(field, name);
  return State(it->second);
}

// ---- Rulebooks and contracts ----

// A version that would leave a contract without a size that can be traded would strand it: nobody could trade out of it again.
absl::StatusOr<v1::RulebookAnswer> Exchange::LoadRulebook(CommandContext& context, const v1::LoadRulebookRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const v1::RulebookAnswer answer, rulebooks_.Load(context, request, [&](const RulebookRow& row) -> absl::Status {
    for (const auto& state : states_) {
      if (state->row->rulebook != row.code || SomeSizeFits(row.terms, state->row->lot_size)) continue;
      return Refuse(absl::StatusCode::kFailedPrecondition, "STRANDS_CONTRACT").Rule("CAR-12").Field("rulebook.quantity_max")
          .Value(request.rulebook().quantity_max())
          .Accepted("sizes with a multiple of " + std::to_string(state->row->lot_size.value()) + ", the lot of " +
                    ledger::MakeName("contracts", state->row->code));
    }
    return absl::OkStatus();
  }));
  if (!context.validate_only) WakeForPhases(context.time);
  return answer;
}

absl::StatusOr<v1::ContractAnswer> Exchange::CreateContract(CommandContext& context, const v1::CreateContractRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(ContractRow row, ReadContract(request.contract(), context.today));
  row.number = static_cast<ContractNumber>(counters_->Peek(kContractNumbers));
  for (const uint32_t halt : halts_.InForce()) row.halts += halts_.Find(halt)->Stops(row);
  v1::ContractAnswer answer;
  *answer.mutable_contract() = ToProto(row, context.time);
  if (context.validate_only) return answer;
  SONGHUA_CHECK(counters_->Next(kContractNumbers) == row.number);
  row.instrument_class =
      ledger_->programs().ClassOf(row.program, row.pollutant, row.control_zone, row.trading_group, row.basin).id;
  context.events->Emit(EventType::kRegistered, answer.contract().name(), row.number);
  AddState(contracts_.Insert(std::move(row)));
  WakeForPhases(context.time);
  return answer;
}

// Everything but the number and the instrument class.
absl::StatusOr<ContractRow> Exchange::ReadContract(const v1::Contract& contract, Date today) const {
  ContractRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.code, ledger::ParseName("contract.name", "contracts", contract.name()));
  SONGHUA_RETURN_IF_ERROR(ValidateContractCode(row.code));
  if (FindContract(row.code) != nullptr) {
    return Refuse(absl::StatusCode::kAlreadyExists, "CONTRACT_EXISTS").Rule("GEN-09").Field("contract.name").Value(contract.name()).Accepted("a new code");
  }
  SONGHUA_ASSIGN_OR_RETURN(row.program, ledger::ParseName("contract.program", "programs", contract.program()));
  const ledger::ProgramRow* program = ledger_->programs().Find(row.program);
  if (program == nullptr) return NotFound("contract.program", contract.program());
  row.pollutant = contract.pollutant();
  row.control_zone = contract.control_zone();
  row.trading_group = contract.trading_group();
  row.basin = contract.basin();
  SONGHUA_RETURN_IF_ERROR(ledger_->programs().ValidateClass(*program, row.pollutant, row.control_zone, row.trading_group, row.basin));
  SONGHUA_RETURN_IF_ERROR(ReadDelivery(contract, *program, &row));

  SONGHUA_RETURN_IF_ERROR(RequireInRange("contract.tick_fen", contract.tick_fen(), 1, kPriceMax, "CAR-10"));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("contract.lot_size", contract.lot_size(), 1, kOrderQuantityMax, "CAR-10"));
  row.tick = Price(contract.tick_fen());
  row.lot_size = Quantity(contract.lot_size());
  const Ratio years = row.price_basis == v1::PER_T_YEAR ? TermRatio(row.term.first, row.term.last) : Ratio();
  SONGHUA_ASSIGN_OR_RETURN(row.fen_per_lot_tick, FenPerLotTick(row.tick, row.lot_size, program->QuotedUnitSteps(row.pollutant), years));

  SONGHUA_ASSIGN_OR_RETURN(row.rulebook, ledger::ParseName("contract.rulebook", "rulebooks", contract.rulebook()));
  const RulebookRow* rulebook = rulebooks_.InForce(row.rulebook, today);
  if (rulebook == nullptr) return NotFound("contract.rulebook", contract.rulebook());
  row.terms = rulebook->terms;
  SetDelivery(&row);
  if (!SomeSizeFits(row.terms, row.lot_size)) {
    return InvalidField("contract.lot_size", std::to_string(contract.lot_size()),
                        "a lot with a multiple from " + SizesText(row.terms) + ", the sizes of " + contract.rulebook())
        .Rule("CAR-12");
  }
  SONGHUA_RETURN_IF_ERROR(RequireInRange("contract.reference_price_fen", contract.reference_price_fen(), 0, kPriceMax, "CAR-27"));
  row.reference_price = Price(contract.reference_price_fen());
  return row;
}

// A term and its price basis, or a vintage.
absl::Status Exchange::ReadDelivery(const v1::Contract& contract, const ledger::ProgramRow& program, ContractRow* row) const {
  row->right = program.form == v1::RIGHT;
  row->price_basis = contract.price_basis();
  if (!row->right) {
    if (!contract.term_first().empty() || !contract.term_last().empty()) {
      return InvalidField("contract.term_first", contract.term_first(), "no term: serial units have a vintage");
    }
    SONGHUA_RETURN_IF_ERROR(RequireInRange("contract.vintage", contract.vintage(), program.first_year, program.last_year, "CAR-01"));
    row->vintage = contract.vintage();
    if (row->price_basis == v1::PER_T_TERM) return absl::OkStatus();
    return InvalidField("contract.price_basis", v1::PriceBasis_Name(row->price_basis), "PER_T_TERM: serial units have no years").Rule("DR-40");
  }
  if (contract.vintage() != 0) return InvalidField("contract.vintage", std::to_string(contract.vintage()), "0: rights have a term");
  SONGHUA_ASSIGN_OR_RETURN(row->term.first, ParseDate(contract.term_first(), "contract.term_first"));
  SONGHUA_ASSIGN_OR_RETURN(row->term.last, ParseDate(contract.term_last(), "contract.term_last"));
  SONGHUA_RETURN_IF_ERROR(ValidateTerm(row->term, "contract.term_last"));
  SONGHUA_ASSIGN_OR_RETURN(const Date limit, AddYears(row->term.first, program.term_years_max));
  if (row->term.last >= limit) {
    return InvalidField("contract.term_last", contract.term_last(), "at most " + FormatDate(limit - 1)).Rule("DR-06");
  }
  if (row->price_basis == v1::PER_T_YEAR || row->price_basis == v1::PER_T_TERM) return absl::OkStatus();
  return InvalidField("contract.price_basis", v1::PriceBasis_Name(row->price_basis), "PER_T_YEAR or PER_T_TERM").Rule("DR-40");
}

}  // namespace songhua::exchange
