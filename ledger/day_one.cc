#include "ledger/day_one.h"

#include <algorithm>
#include <utility>

#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

constexpr char kNumbersOfDayOne[] = "dayOneImports";
constexpr int64_t kTotalMax = 4'000'000'000'000'000'000;

std::string Text(__int128 value) {
  const auto narrow = NarrowToInt64(value);
  return narrow.ok() ? std::to_string(*narrow) : "more than 64 bits hold";
}

Refuse TotalsDiffer(std::string_view field, const std::string& value, const std::string& accepted) {
  return Refuse(absl::StatusCode::kFailedPrecondition, "CONTROL_TOTALS_DIFFER").Rule("INV-02").Field(field).Value(value).Accepted(accepted);
}

// At most so many bytes, cut between characters.
std::string Shown(const std::string& text) {
  size_t size = std::min(text.size(), DayOne::kShownBytesMax);
  if (size < text.size()) {
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  }
  return text.substr(0, size);
}

absl::Status ParseTotals(const v1::DayOneTotals& totals, const ProgramRow& program, DayOneImportRow* row) {
  if (totals.cash_fen() < 0 || totals.cash_fen() > kTotalMax) {
    return InvalidField("totals.cash_fen", std::to_string(totals.cash_fen()), "0 to " + std::to_string(kTotalMax)).Rule("GEN-06");
  }
  row->cash = Money(totals.cash_fen());
  if (totals.units_size() > static_cast<int>(DayOne::kTotalsMax)) {
    return InvalidField("totals.units", std::to_string(totals.units_size()) + " entries", "at most " + std::to_string(DayOne::kTotalsMax));
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < totals.units_size(); ++i) {
    const std::string at = "totals.units[" + std::to_string(i) + "]";
    const v1::DayOneTotal& total = totals.units(i);
    if (!program.HasPollutant(total.pollutant())) {
      return InvalidField(at + ".pollutant", Shown(total.pollutant()), "a pollutant that the program has enabled").Rule("DR-02");
    }
    if (!program.HasControlZone(total.control_zone())) {
      return InvalidField(at + ".control_zone", Shown(total.control_zone()), "a control zone of the program").Rule("DR-04");
    }
    if (!seen.insert({total.pollutant(), total.control_zone()}).second) {
      return InvalidField(at + ".pollutant", total.pollutant(), "each pollutant of a zone once").Rule("INV-02");
    }
    SONGHUA_ASSIGN_OR_RETURN(YearQuantities quantities, ParseYearQuantities(at + ".quantities", total.quantities()));
    row->units.push_back({total.pollutant(), total.control_zone(), std::move(quantities)});
  }
  return absl::OkStatus();
}

// The term from this year on.
absl::StatusOr<Term> ParseTerm(const v1::DayOneRow& row, const ProgramRow& program, Date today) {
  Term term{};
  SONGHUA_ASSIGN_OR_RETURN(term.first, ParseDate(row.valid_from(), "valid_from"));
  SONGHUA_ASSIGN_OR_RETURN(term.last, ParseDate(row.valid_to(), "valid_to"));
  if (term.last < term.first) return InvalidField("valid_to", row.valid_to(), "a day not before valid_from, " + row.valid_from()).Rule("DR-03");
  if (term.last < today) return InvalidField("valid_to", row.valid_to(), FormatDate(today) + " or later: a right that is over is not entered").Rule("DR-10");
  const auto limit = AddYears(term.first, program.term_years_max);
  if (limit.ok() && term.last >= *limit) {
    return InvalidField("valid_to", row.valid_to(), "at most " + FormatDate(*limit - 1) + ", " + std::to_string(program.term_years_max) + " years").Rule("DR-06");
  }
  term.first = std::max(term.first, FirstDayOf(Year(today)));
  if (Year(term.first) < program.first_year || Year(term.last) > program.last_year) {
    return InvalidField("valid_to", row.valid_to(), "a term within " + std::to_string(program.first_year) + " to " + std::to_string(program.last_year))
        .Rule("DR-06");
  }
  return term;
}

}  // namespace

std::string DayOneImportRow::Name() const { return MakeName("dayOneImports", number); }

DayOne::DayOne(TableSet* tables, Counters* counters, const Participants* participants, Ledger* ledger, BankStatements* bank)
    : counters_(counters), participants_(participants), ledger_(ledger), bank_(bank), imports_(tables), rows_(tables) {
  imports_.OnLoaded([this](DayOneImportRow& row) {
    if (row.state == v1::DayOneImport::STAGING || row.state == v1::DayOneImport::BALANCED) open_.insert(row.number);
  });
}

DayOne::~DayOne() = default;

void DayOne::Changed(CommandContext& context, const DayOneImportRow& row) {
  open_.erase(row.number);
  if (row.state == v1::DayOneImport::STAGING || row.state == v1::DayOneImport::BALANCED) open_.insert(row.number);
  context.events->Emit(EventType::kDayOneImportChanged, row.Name(), row);
}

v1::DayOneAnswer DayOne::Replace(CommandContext& context, const DayOneImportRow& found, DayOneImportRow row) {
  v1::DayOneAnswer answer;
  *answer.mutable_import() = ToProto(row);
  if (!context.validate_only) Changed(context, imports_.Edit(found) = std::move(row));
  return answer;
}

// ---- Checks ----

absl::StatusOr<const DayOneImportRow*> DayOne::FindIn(const std::string& name, v1::DayOneImport::State state) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "dayOneImports", name));
  const DayOneImportRow* row = number > UINT32_MAX ? nullptr : imports_.Find(static_cast<uint32_t>(number));
  if (row == nullptr) return NotFound("name", name);
  if (row->state == state) return row;
  return Refuse(absl::StatusCode::kFailedPrecondition, "WRONG_STATE").Rule("GEN-14").Field("name")
      .Value(name + " is " + v1::DayOneImport::State_Name(row->state)).Accepted("an import that is " + v1::DayOneImport::State_Name(state));
}

absl::Status DayOne::CheckBeginner(const CommandContext& context, const DayOneImportRow& row) const {
  if (row.begun_by == context.person) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "NOT_IN_CHARGE").Rule("GEN-14").Field("caller").Value(MakeName("people", context.person)).Accepted(
      MakeName("people", row.begun_by) + ", who began " + row.Name());
}

DayOne::Sums DayOne::SumOf(const DayOneImportRow& row) const {
  Sums sums;
  for (uint32_t place = 1; place <= row.rows; ++place) {
    const DayOneStagedRow& staged = *rows_.Find({row.number, place});
    if (staged.bad()) continue;
    sums.cash += staged.amount.value();
    if (staged.quantity == Quantity()) continue;
    for (const YearQuantity& entry : Entitlement(staged.quantity, staged.term)) {
      sums.units[{staged.pollutant, staged.control_zone, entry.year}] += entry.quantity.value();
    }
  }
  return sums;
}

absl::Status DayOne::CheckTotals(const DayOneImportRow& row, const Sums& sums) const {
  if (sums.cash != row.cash.value()) {
    return TotalsDiffer("totals.cash_fen", std::to_string(row.cash.value()), Text(sums.cash) + ", what the rows come to");
  }
  auto left = sums.units;
  for (size_t i = 0; i < row.units.size(); ++i) {
    const DayOneTotalRow& total = row.units[i];
    for (const YearQuantity& entry : total.quantities) {
      const auto found = left.find({total.pollutant, total.control_zone, entry.year});
      const __int128 sum = found == left.end() ? 0 : found->second;
      if (sum != entry.quantity.value()) {
        return TotalsDiffer("totals.units[" + std::to_string(i) + "].quantities", std::to_string(entry.quantity.value()) + " of " + std::to_string(entry.year),
                            Text(sum) + ", what the rows come to");
      }
      if (found != left.end()) left.erase(found);
    }
  }
  if (left.empty()) return absl::OkStatus();
  const auto& [pollutant, zone, year] = left.begin()->first;
  return TotalsDiffer("totals.units", "nothing of " + pollutant + " in " + zone + " for " + std::to_string(year),
                      Text(left.begin()->second) + ", what the rows come to");
}

absl::Status DayOne::CheckCaps(const DayOneImportRow& row, const Sums& sums) const {
  const ProgramRow& program = *ledger_->programs().Find(row.program);
  for (const auto& [key, sum] : sums.units) {
    const auto& [pollutant, zone, year] = key;
    const auto room = ledger_->programs().RoomUnderCap(program, pollutant, zone, year);
    if (!room.has_value() || sum <= room->value()) continue;
    return Refuse(absl::StatusCode::kFailedPrecondition, "CAP_EXCEEDED").Rule("DR-04").Field("name")
        .Value(Text(sum) + " of " + pollutant + " for " + std::to_string(year))
        .Accepted("at most " + std::to_string(room->value()) + " under the cap of " + zone);
  }
  return absl::OkStatus();
}

absl::Status DayOne::CheckRoom(const DayOneImportRow& row, const Sums& sums) const {
  const Refuse too_much = OutOfRange("name", row.Name(), "an import with which all that was issued and all money stay within 64 bits");
  std::map<AccountNumber, __int128> cash;
  std::map<std::pair<InstrumentClassId, int32_t>, __int128> issued;
  for (uint32_t place = 1; place <= row.rows; ++place) {
    const DayOneStagedRow& staged = *rows_.Find({row.number, place});
    if (staged.amount > Money()) cash[staged.account] += staged.amount.value();
    if (staged.quantity == Quantity()) continue;
    const InstrumentClassRow* known =
        ledger_->programs().FindClassOf(row.program, staged.pollutant, staged.control_zone, staged.trading_group, staged.basin);
    if (known == nullptr) continue;  // at most kRowsMax * kQuantityMax
    for (const YearQuantity& entry : Entitlement(staged.quantity, staged.term)) issued[{known->id, entry.year}] += entry.quantity.value();
  }
  for (const auto& [account, sum] : cash) {
    if (!NarrowToInt64(sum + ledger_->accounts().FindCash(account)->posted.value()).ok()) return too_much;
  }
  const AccountNumber bank = ledger_->accounts().House(v1::BANK_CASH, "");
  if (!NarrowToInt64(ledger_->accounts().FindCash(bank)->posted.value() - sums.cash).ok()) return too_much;
  for (const auto& [key, sum] : issued) {
    const InstrumentRow* instrument = ledger_->programs().FindInstrument(key.first, key.second);
    if (instrument != nullptr && !NarrowToInt64(sum + instrument->issued.value()).ok()) return too_much;
  }
  return absl::OkStatus();
}

// ---- Rows ----

absl::Status DayOne::ParsePlace(const v1::DayOneRow& row, const AccountRow& account, const ProgramRow& program, DayOneStagedRow* staged) const {
  staged->pollutant = row.pollutant();
  if (account.kind == v1::RESERVE) {
    if (account.program != program.code) return InvalidField("account", row.account(), "a reserve of programs/" + program.code).Rule("DR-60");
    staged->control_zone = account.control_zone;
    staged->trading_group = row.trading_group();
    staged->basin = row.basin();
  } else {
    const SiteRow& site = *participants_->FindSite(account.site);
    for (const std::string& code : program.control_zones) {
      const auto zone = ParseRegion(code);
      if (zone.ok() && RegionContains(*zone, site.region)) staged->control_zone = code;
    }
    if (staged->control_zone.empty()) return InvalidField("account", row.account(), "a site in a control zone of the program").Rule("DR-04");
    staged->sector_class = v1::SectorClass_Name(site.sector_class);
    const TradingGroupRow* group = program.GroupOf(staged->sector_class);
    if (group == nullptr) return InvalidField("account", row.account(), "a site of a sector that the program's groups name").Rule("DR-25");
    staged->trading_group = group->code;
    if (program.IsWaterPollutant(row.pollutant())) staged->basin = site.basin;
    if (!row.trading_group().empty() || !row.basin().empty()) {
      return InvalidField("trading_group", Shown(row.trading_group()), "neither group nor basin: a right takes those of its site").Rule("DR-25");
    }
  }
  return ledger_->programs().ValidateClass(program, staged->pollutant, staged->control_zone, staged->trading_group, staged->basin);
}

absl::Status DayOne::ParseSource(const v1::DayOneRow& row, bool reserve, DayOneStagedRow* staged) const {
  if (reserve) {
    if (!row.source().empty() || row.cost_fen() != 0) return InvalidField("source", Shown(row.source()), "neither source nor cost in a reserve").Rule("DR-60");
    return absl::OkStatus();
  }
  bool known = false;
  for (const LotSource source : {LotSource::kInitialFree, LotSource::kInitialPaid, LotSource::kReserveSale, LotSource::kPurchase}) {
    if (row.source() != LotSourceName(source)) continue;
    staged->source = source;
    known = true;
  }
  if (!known) return InvalidField("source", Shown(row.source()), "INITIAL_FREE, INITIAL_PAID, RESERVE_SALE or PURCHASE").Rule("DR-03");
  const bool paid = staged->source != LotSource::kInitialFree;
  if (row.cost_fen() < 0 || row.cost_fen() > kQuantityMax || paid != (row.cost_fen() > 0)) {
    return InvalidField("cost_fen", std::to_string(row.cost_fen()), paid ? "what was paid, above 0" : "0 for INITIAL_FREE").Rule("DR-08");
  }
  staged->cost = Money(row.cost_fen());
  return absl::OkStatus();
}

absl::StatusOr<DayOneStagedRow> DayOne::ParseRow(const v1::DayOneRow& row, const ProgramRow& program, Date today) const {
  DayOneStagedRow staged;
  SONGHUA_ASSIGN_OR_RETURN(const AccountRow* account, ledger_->accounts().Resolve("account", row.account()));
  staged.account = account->number;
  if (account->kind == v1::CASH) {
    if (row.amount_fen() < 1 || row.amount_fen() > kQuantityMax) {
      return InvalidField("amount_fen", std::to_string(row.amount_fen()), "1 to " + std::to_string(kQuantityMax)).Rule("GEN-06");
    }
    if (!row.pollutant().empty() || row.quantity() != 0) return InvalidField("pollutant", Shown(row.pollutant()), "nothing: a cash account holds money").Rule("INV-04");
    staged.amount = Money(row.amount_fen());
    return staged;
  }
  if (account->kind != v1::RIGHTS && account->kind != v1::RESERVE) {
    return InvalidField("account", row.account(), "a rights account, a reserve or a cash account").Rule("DR-11");
  }
  if (row.amount_fen() != 0) return InvalidField("amount_fen", std::to_string(row.amount_fen()), "0: no cash account").Rule("INV-04");
  SONGHUA_RETURN_IF_ERROR(ParsePlace(row, *account, program, &staged));
  if (row.quantity() < 1 || row.quantity() > kQuantityMax) {
    return InvalidField("quantity", std::to_string(row.quantity()), "1 to " + std::to_string(kQuantityMax)).Rule("GEN-06");
  }
  staged.quantity = Quantity(row.quantity());
  SONGHUA_ASSIGN_OR_RETURN(staged.term, ParseTerm(row, program, today));
  SONGHUA_RETURN_IF_ERROR(ParseSource(row, account->kind == v1::RESERVE, &staged));
  return staged;
}

// ---- Commands ----

absl::StatusOr<v1::DayOneAnswer> DayOne::BeginDayOne(CommandContext& context, const v1::BeginDayOneRequest& request) {
  DayOneImportRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.program, ParseName("program", "programs", request.program()));
  const ProgramRow* program = ledger_->programs().Find(row.program);
  if (program == nullptr) return NotFound("program", request.program());
  if (program->form != v1::RIGHT) return InvalidField("program", request.program(), "a program of discharge rights").Rule("DR-03");
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.source(), kSourceBytesMax, "source"));
  row.source = request.source();
  SONGHUA_RETURN_IF_ERROR(ParseTotals(request.totals(), *program, &row));
  if (open_.size() >= kOpenImportsMax) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_IMPORTS").Rule("GEN-14").Field("program").Value(request.program()).Accepted(
        "less than " + std::to_string(kOpenImportsMax) + " imports that are neither approved nor discarded");
  }
  row.number = static_cast<uint32_t>(counters_->Peek(kNumbersOfDayOne));
  row.begun_by = context.person;
  row.begin_time = context.time;
  v1::DayOneAnswer answer;
  *answer.mutable_import() = ToProto(row);
  if (context.validate_only) return answer;
  counters_->Next(kNumbersOfDayOne);
  Changed(context, imports_.Insert(std::move(row)));
  return answer;
}

absl::StatusOr<v1::DayOneAnswer> DayOne::AddDayOneRows(CommandContext& context, const v1::AddDayOneRowsRequest& request) {
  if (request.rows_size() < 1 || request.rows_size() > static_cast<int>(bounds::kChunkRowsMax)) {
    return InvalidField("rows", std::to_string(request.rows_size()) + " rows", "1 to " + std::to_string(bounds::kChunkRowsMax));
  }
  SONGHUA_ASSIGN_OR_RETURN(const DayOneImportRow* import, FindIn(request.name(), v1::DayOneImport::STAGING));
  SONGHUA_RETURN_IF_ERROR(CheckBeginner(context, *import));
  if (request.first_row() != import->rows + 1) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "CHUNK_OUT_OF_ORDER").Rule("GEN-15").Field("first_row").Value(static_cast<int64_t>(request.first_row()))
        .Accepted(std::to_string(import->rows + 1) + ", the row after those that have come");
  }
  if (import->rows + static_cast<uint32_t>(request.rows_size()) > kRowsMax) {
    return OutOfRange("rows", std::to_string(import->rows + request.rows_size()), "at most " + std::to_string(kRowsMax) + " rows in one import");
  }
  const ProgramRow& program = *ledger_->programs().Find(import->program);
  DayOneImportRow after = *import;
  std::vector<DayOneStagedRow> rows;
  for (const v1::DayOneRow& given : request.rows()) {
    auto parsed = ParseRow(given, program, context.today);
    DayOneStagedRow row;
    if (parsed.ok()) {
      row = *std::move(parsed);
    } else {
      const RefusalDetail detail =
          GetRefusal(parsed.status()).value_or(RefusalDetail{std::string(absl::StatusCodeToString(parsed.status().code())), "", "", "", ""});
      row.reason = detail.reason;
      row.rule = detail.rule;
      row.field = detail.field;
      row.value = Shown(detail.value);
      row.accepted = detail.accepted;
      row.given_account = Shown(given.account());
      ++after.bad_rows;
    }
    row.import_number = after.number;
    row.row = ++after.rows;
    rows.push_back(std::move(row));
  }
  if (!context.validate_only) {
    for (DayOneStagedRow& row : rows) rows_.Insert(std::move(row));
  }
  return Replace(context, *import, std::move(after));
}

absl::StatusOr<v1::DayOneAnswer> DayOne::FinishDayOne(CommandContext& context, const v1::DayOneActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const DayOneImportRow* import, FindIn(request.name(), v1::DayOneImport::STAGING));
  SONGHUA_RETURN_IF_ERROR(CheckBeginner(context, *import));
  if (import->bad_rows > 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "IMPORT_HAS_ERRORS").Rule("INV-02").Field("name")
        .Value(std::to_string(import->bad_rows) + " bad rows").Accepted("an import without a bad row; ListDayOneErrors tells them");
  }
  const Sums sums = SumOf(*import);
  SONGHUA_RETURN_IF_ERROR(CheckTotals(*import, sums));
  SONGHUA_RETURN_IF_ERROR(CheckCaps(*import, sums));
  DayOneImportRow after = *import;
  after.state = v1::DayOneImport::BALANCED;
  return Replace(context, *import, std::move(after));
}

absl::StatusOr<v1::DayOneAnswer> DayOne::ApproveDayOne(CommandContext& context, const v1::DayOneActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const DayOneImportRow* import, FindIn(request.name(), v1::DayOneImport::BALANCED));
  if (import->begun_by == context.person) {
    return Refuse(absl::StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES").Rule("GEN-14").Field("name").Value(MakeName("people", context.person)).Accepted(
        "another person than the one who began it");
  }
  if (Year(context.today) != Year(LocalDate(import->begin_time))) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "IMPORT_TOO_OLD").Rule("DR-10").Field("name").Value(request.name()).Accepted(
        "an import of this year: what was staged begins with " + std::to_string(Year(LocalDate(import->begin_time))));
  }
  const Sums sums = SumOf(*import);
  SONGHUA_RETURN_IF_ERROR(CheckCaps(*import, sums));
  SONGHUA_RETURN_IF_ERROR(CheckRoom(*import, sums));
  DayOneImportRow after = *import;
  after.state = v1::DayOneImport::APPROVED;
  after.decided_by = context.person;
  after.transaction = context.sequence;
  if (!context.validate_only) Enter(context, *import);
  return Replace(context, *import, std::move(after));
}

void DayOne::Enter(CommandContext& context, const DayOneImportRow& row) {
  std::vector<Ledger::ImportedLot> lots;
  std::vector<Ledger::ImportedCash> cash;
  for (uint32_t place = 1; place <= row.rows; ++place) {
    const DayOneStagedRow& staged = *rows_.Find({row.number, place});
    if (staged.amount > Money()) {
      cash.push_back({staged.account, staged.amount});
      continue;
    }
    Ledger::ImportedLot import{{}, row.program, staged.pollutant, staged.control_zone, staged.trading_group, staged.basin};
    import.lot.account = staged.account;
    import.lot.right = true;
    import.lot.quantity = staged.quantity;
    import.lot.term = staged.term;
    import.lot.entitlements = Entitlement(staged.quantity, staged.term);
    import.lot.sector_class = staged.sector_class;
    import.lot.source = staged.source;
    import.lot.paid = staged.cost > Money();
    import.lot.cost = staged.cost;
    lots.push_back(std::move(import));
  }
  ledger_->Import(context, std::move(lots), cash, row.Name());
  if (row.cash > Money()) bank_->RecordImport(context, row.Name(), row.cash);
  EraseRows(row);
}

absl::StatusOr<v1::DayOneAnswer> DayOne::DiscardDayOne(CommandContext& context, const v1::DayOneActRequest& request) {
  auto found = FindIn(request.name(), v1::DayOneImport::STAGING);
  if (!found.ok()) found = FindIn(request.name(), v1::DayOneImport::BALANCED);
  SONGHUA_ASSIGN_OR_RETURN(const DayOneImportRow* import, std::move(found));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kReasonBytesMax, "reason"));
  DayOneImportRow after = *import;
  after.state = v1::DayOneImport::DISCARDED;
  after.decided_by = context.person;
  after.discard_reason = request.reason();
  if (!context.validate_only) EraseRows(*import);
  return Replace(context, *import, std::move(after));
}

void DayOne::EraseRows(const DayOneImportRow& row) {
  for (uint32_t place = 1; place <= row.rows; ++place) rows_.Erase(*rows_.Find({row.number, place}));
}

// ---- Messages ----

v1::DayOneImport ToProto(const DayOneImportRow& row) {
  v1::DayOneImport message;
  message.set_name(row.Name());
  message.set_state(row.state);
  message.set_program(MakeName("programs", row.program));
  message.set_source(row.source);
  for (const DayOneTotalRow& total : row.units) {
    v1::DayOneTotal* out = message.mutable_declared()->add_units();
    out->set_pollutant(total.pollutant);
    out->set_control_zone(total.control_zone);
    AppendProto(total.quantities, out->mutable_quantities());
  }
  message.mutable_declared()->set_cash_fen(row.cash.value());
  message.set_rows(row.rows);
  message.set_bad_rows(row.bad_rows);
  message.set_begun_by(MakeName("people", row.begun_by));
  *message.mutable_begin_time() = ToProto(row.begin_time);
  if (!row.decided_by.empty()) message.set_decided_by(MakeName("people", row.decided_by));
  message.set_discard_reason(row.discard_reason);
  if (row.transaction != 0) message.set_transaction(MakeName("transactions", row.transaction));
  return message;
}

v1::DayOneError ToProto(const DayOneStagedRow& row) {
  SONGHUA_CHECK(row.bad());
  v1::DayOneError message;
  message.set_row(row.row);
  message.set_account(row.given_account);
  message.set_reason(row.reason);
  message.set_rule(row.rule);
  message.set_field(row.field);
  message.set_value(row.value);
  message.set_accepted(row.accepted);
  return message;
}

}  // namespace songhua::ledger
