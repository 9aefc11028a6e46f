#include "ledger/day_one.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>

#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/day_one_rows.h"
#include "ledger/entitlement.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

constexpr char kNumbersOfDayOne[] = "dayOneImports";
constexpr int64_t kTotalMax = 4'000'000'000'000'000'000;

// Of differences and caps, how many a refusal names; it says how many more there are.
constexpr size_t kNamedMax = 8;
constexpr size_t kFileDigits = 64;

// What every good row comes to fits into 64 bits.
static_assert(DayOne::kQuantityMax <= INT64_MAX / DayOne::kRowsMax);

absl::Status CheckFileHash(const std::string& text) {
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return ('0' <= c && c <= '9') || ('a' <= c && c <= 'f'); });
  if (text.empty() || (text.size() == kFileDigits && digits)) return absl::OkStatus();
  return InvalidField("file_sha256", text.substr(0, kFileDigits), "64 digits of 0-9 and a-f, or nothing");
}

// Something that is not as it should be, as it is told by itself, and the value as it is told among others, which also says of what it is.
struct Discrepancy {
  std::string field, value, what, value_among, accepted;
};

// REQUIRES: at least one.
absl::Status RefuseAll(const std::vector<Discrepancy>& all, std::string_view reason, std::string_view rule, std::string_view field) {
  Refuse refusal(absl::StatusCode::kFailedPrecondition, reason);
  refusal.Rule(rule);
  if (all.size() == 1) return refusal.Field(all[0].field).Value(all[0].value).Accepted(all[0].accepted);
  std::string values, accepted;
  for (size_t i = 0; i < std::min(all.size(), kNamedMax); ++i) {
    const std::string before = (i == 0 ? "" : "; ") + all[i].what + (all[i].what.empty() ? "" : ": ");
    values += before + all[i].value_among;
    accepted += before + all[i].accepted;
  }
  if (all.size() > kNamedMax) values += "; and " + std::to_string(all.size() - kNamedMax) + " more";
  return refusal.Field(field).Value(values).Accepted(accepted);
}

// Adds what a good row comes to.
void AddToStaged(const DayOneStagedRow& row, DayOneImportRow* import) {
  import->staged_cash += row.amount;
  if (row.quantity == Quantity()) return;
  const auto before = [](const DayOneTotalRow& total, const DayOneStagedRow& of) {
    return std::tie(total.pollutant, total.control_zone) < std::tie(of.pollutant, of.control_zone);
  };
  auto total = std::lower_bound(import->staged.begin(), import->staged.end(), row, before);
  if (total == import->staged.end() || total->pollutant != row.pollutant || total->control_zone != row.control_zone) {
    total = import->staged.insert(total, {row.pollutant, row.control_zone, {}});
  }
  auto merged = Merge(total->quantities, Entitlement(row.quantity, row.term));
  SONGHUA_CHECK(merged.ok());  // kQuantityMax and kRowsMax
  total->quantities = *std::move(merged);
}

v1::DayOneTotals TotalsToProto(const std::vector<DayOneTotalRow>& units, Money cash) {
  v1::DayOneTotals totals;
  for (const DayOneTotalRow& total : units) {
    v1::DayOneTotal* out = totals.add_units();
    out->set_pollutant(total.pollutant);
    out->set_control_zone(total.control_zone);
    AppendProto(total.quantities, out->mutable_quantities());
  }
  totals.set_cash_fen(cash.value());
  return totals;
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
      return InvalidField(at + ".pollutant", ShownOnDayOne(total.pollutant()), "a pollutant that the program has enabled").Rule("DR-02");
    }
    if (!program.HasControlZone(total.control_zone())) {
      return InvalidField(at + ".control_zone", ShownOnDayOne(total.control_zone()), "a control zone of the program").Rule("DR-04");
    }
    if (!seen.insert({total.pollutant(), total.control_zone()}).second) {
      return InvalidField(at + ".pollutant", total.pollutant(), "each pollutant of a zone once").Rule("INV-02");
    }
    SONGHUA_ASSIGN_OR_RETURN(YearQuantities quantities, ParseYearQuantities(at + ".quantities", total.quantities()));
    row->units.push_back({total.pollutant(), total.control_zone(), std::move(quantities)});
  }
  return absl::OkStatus();
}

}  // namespace

std::string DayOneImportRow::Name() const { return MakeName("dayOneImports", number); }

DayOne::DayOne(TableSet* tables, Counters* counters, const Participants* participants, Ledger* ledger, BankStatements* bank)
    : counters_(counters), participants_(participants), ledger_(ledger), bank_(bank), imports_(tables), rows_(tables) {
  imports_.OnLoaded([this](DayOneImportRow& row) { Index(row); });
}

DayOne::~DayOne() = default;

void DayOne::Index(const DayOneImportRow& row) {
  const bool open = row.state == v1::DayOneImport::STAGING || row.state == v1::DayOneImport::BALANCED;
  open ? static_cast<void>(open_.insert(row.number)) : static_cast<void>(open_.erase(row.number));
  if (row.file_sha256.empty()) return;
  const std::pair<std::string, std::string> file(row.file_sha256, row.program);
  if (row.state != v1::DayOneImport::DISCARDED) {
    files_[file] = row.number;
  } else if (const auto it = files_.find(file); it != files_.end() && it->second == row.number) {
    files_.erase(it);
  }
}

void DayOne::Changed(CommandContext& context, const DayOneImportRow& row) {
  Index(row);
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

absl::Status DayOne::CheckFileIsNew(const std::string& file_sha256, const std::string& program) const {
  const auto found = files_.find({file_sha256, program});
  if (found == files_.end()) return absl::OkStatus();
  const DayOneImportRow& row = *imports_.Find(found->second);
  if (row.state == v1::DayOneImport::APPROVED) {
    return Refuse(absl::StatusCode::kAlreadyExists, "FILE_ENTERED").Rule("INV-02").Field("file_sha256").Value(file_sha256)
        .Accepted("a file that " + row.Name() + " has not entered yet");
  }
  return Refuse(absl::StatusCode::kAlreadyExists, "IMPORT_OPEN").Rule("INV-02").Field("file_sha256").Value(file_sha256)
      .Accepted("going on with " + row.Name() + ", or discarding it first");
}

absl::Status DayOne::CheckTotals(const DayOneImportRow& row) const {
  std::vector<Discrepancy> differences;
  const auto add = [&](std::string field, std::string value, std::string what, int64_t declared, int64_t staged) {
    differences.push_back({std::move(field), std::move(value), std::move(what), std::to_string(declared), std::to_string(staged) + ", what the rows come to"});
  };
  if (row.staged_cash != row.cash) add("totals.cash_fen", std::to_string(row.cash.value()), "cash_fen", row.cash.value(), row.staged_cash.value());
  std::map<std::tuple<std::string, std::string, int32_t>, int64_t> left;
  for (const DayOneTotalRow& total : row.staged) {
    for (const YearQuantity& entry : total.quantities) left[{total.pollutant, total.control_zone, entry.year}] = entry.quantity.value();
  }
  const auto name = [](const std::string& pollutant, const std::string& zone, int32_t year) {
    return pollutant + " in " + zone + " for " + std::to_string(year);
  };
  for (size_t i = 0; i < row.units.size(); ++i) {
    const DayOneTotalRow& total = row.units[i];
    for (const YearQuantity& entry : total.quantities) {
      const auto found = left.extract({total.pollutant, total.control_zone, entry.year});
      const int64_t staged = found.empty() ? 0 : found.mapped();
      if (staged == entry.quantity.value()) continue;
      const std::string value = std::to_string(entry.quantity.value()) + " of " + std::to_string(entry.year);
      add("totals.units[" + std::to_string(i) + "].quantities", value, name(total.pollutant, total.control_zone, entry.year), entry.quantity.value(), staged);
    }
  }
  for (const auto& [key, staged] : left) {
    const auto& [pollutant, zone, year] = key;
    const std::string what = name(pollutant, zone, year);
    if (staged != 0) add("totals.units", "nothing of " + what, what, 0, staged);
  }
  return differences.empty() ? absl::OkStatus() : RefuseAll(differences, "CONTROL_TOTALS_DIFFER", "INV-02", "totals");
}

absl::Status DayOne::CheckCaps(const DayOneImportRow& row) const {
  const ProgramRow& program = *ledger_->programs().Find(row.program);
  std::vector<Discrepancy> broken;
  for (const DayOneTotalRow& total : row.staged) {
    for (const YearQuantity& entry : total.quantities) {
      const auto room = ledger_->programs().RoomUnderCap(program, total.pollutant, total.control_zone, entry.year);
      if (!room.has_value() || entry.quantity <= *room) continue;
      const std::string value = std::to_string(entry.quantity.value()) + " of " + total.pollutant + " for " + std::to_string(entry.year);
      broken.push_back({"name", value, "", value, "at most " + std::to_string(room->value()) + " under the cap of " + total.control_zone});
    }
  }
  return broken.empty() ? absl::OkStatus() : RefuseAll(broken, "CAP_EXCEEDED", "DR-04", "name");
}

absl::Status DayOne::CheckRoom(const DayOneImportRow& row) const {
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
  if (!NarrowToInt64(ledger_->accounts().FindCash(bank)->posted.value() - static_cast<__int128>(row.staged_cash.value())).ok()) return too_much;
  for (const auto& [key, sum] : issued) {
    const InstrumentRow* instrument = ledger_->programs().FindInstrument(key.first, key.second);
    if (instrument != nullptr && !NarrowToInt64(sum + instrument->issued.value()).ok()) return too_much;
  }
  return absl::OkStatus();
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
  SONGHUA_RETURN_IF_ERROR(CheckFileHash(request.file_sha256()));
  row.file_sha256 = request.file_sha256();
  SONGHUA_RETURN_IF_ERROR(ParseTotals(request.totals(), *program, &row));
  SONGHUA_RETURN_IF_ERROR(CheckFileIsNew(row.file_sha256, row.program));
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
    DayOneStagedRow row = ReadDayOneRow(given, program, context.today, *ledger_, *participants_);
    row.bad() ? static_cast<void>(++after.bad_rows) : AddToStaged(row, &after);
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
        .Value(std::to_string(import->bad_rows) + " bad rows").Accepted("an import without a bad row; ListDayOneErrors tells all that is wrong with them");
  }
  SONGHUA_RETURN_IF_ERROR(CheckTotals(*import));
  SONGHUA_RETURN_IF_ERROR(CheckCaps(*import));
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
  SONGHUA_RETURN_IF_ERROR(CheckCaps(*import));
  SONGHUA_RETURN_IF_ERROR(CheckRoom(*import));
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
  message.set_file_sha256(row.file_sha256);
  *message.mutable_declared() = TotalsToProto(row.units, row.cash);
  *message.mutable_staged() = TotalsToProto(row.staged, row.staged_cash);
  message.set_rows(row.rows);
  message.set_bad_rows(row.bad_rows);
  message.set_begun_by(MakeName("people", row.begun_by));
  *message.mutable_begin_time() = ToProto(row.begin_time);
  if (!row.decided_by.empty()) message.set_decided_by(MakeName("people", row.decided_by));
  message.set_discard_reason(row.discard_reason);
  if (row.transaction != 0) message.set_transaction(MakeName("transactions", row.transaction));
  return message;
}

std::vector<v1::DayOneError> ErrorsOf(const DayOneStagedRow& row) {
  std::vector<v1::DayOneError> errors;
  for (const RefusalDetail& detail : row.errors) {
    v1::DayOneError& message = errors.emplace_back();
    message.set_row(row.row);
    message.set_account(row.given_account);
    message.set_reason(detail.reason);
    message.set_rule(detail.rule);
    message.set_field(detail.field);
    message.set_value(detail.value);
    message.set_accepted(detail.accepted);
  }
  return errors;
}

}  // namespace songhua::ledger
