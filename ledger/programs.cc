#include "ledger/programs.h"

#include <algorithm>
#include <set>

#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "songhua/v1/participants.pb.h"

namespace songhua::ledger {
namespace {

bool Contains(const std::vector<std::string>& list, std::string_view value) { return std::find(list.begin(), list.end(), value) != list.end(); }

constexpr size_t kPollutantsMax = 50;
constexpr int64_t kQuotedUnitStepsMax = 1'000'000'000;

absl::Status ValidateSteps(std::string_view field, int64_t steps) {
  if (steps >= 1 && steps <= kQuotedUnitStepsMax) return absl::OkStatus();
  return InvalidField(field, std::to_string(steps), "1 to " + std::to_string(kQuotedUnitStepsMax)).Rule("GEN-06");
}

std::string Join(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& item : list) text += (text.empty() ? "" : ", ") + item;
  return text;
}

template <class Repeated>
absl::Status RequireDistinctTokens(std::string_view field, const Repeated& list, size_t count_max) {
  if (list.empty() || static_cast<size_t>(list.size()) > count_max) {
    return InvalidField(field, std::to_string(list.size()) + " entries", "1 to " + std::to_string(count_max) + " entries");
  }
  std::set<std::string_view> seen;
  for (const std::string& item : list) {
    SONGHUA_RETURN_IF_ERROR(ValidateName(item, 40, field));
    if (item.find('/') != std::string::npos || item.find('+') != std::string::npos) {
      return InvalidField(field, item, "a code without '/' and '+'");
    }
    if (!seen.insert(item).second) return InvalidField(field, item, "each entry once");
  }
  return absl::OkStatus();
}

absl::Status ValidateGroups(const v1::Program& program) {
  if (program.trading_groups().empty() || program.trading_groups_size() > 20) {
    return InvalidField("program.trading_groups", std::to_string(program.trading_groups_size()) + " entries", "1 to 20 entries").Rule("DR-25");
  }
  std::set<std::string_view> codes, classes;
  for (const v1::TradingGroup& group : program.trading_groups()) {
    // Codes are parts of instruments' names, where '/' and '+' have a meaning.
    const bool plain = std::all_of(group.code().begin(), group.code().end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
    if (group.code().empty() || group.code().size() > 20 || !plain) {
      return InvalidField("program.trading_groups.code", group.code(), "1 to 20 of A-Z and _").Rule("DR-25");
    }
    if (!codes.insert(group.code()).second) return InvalidField("program.trading_groups.code", group.code(), "each group once").Rule("DR-25");
    for (const std::string& sector : group.sector_classes()) {
      v1::SectorClass parsed;
      if (!v1::SectorClass_Parse(sector, &parsed) || parsed == v1::SECTOR_CLASS_UNSPECIFIED) {
        return InvalidField("program.trading_groups.sector_classes", sector, "POWER, CHP_HEAT, INDUSTRY, MUNICIPAL or AGRI").Rule("DR-25");
      }
      if (!classes.insert(sector).second) {
        return InvalidField("program.trading_groups.sector_classes", sector, "a sector class in one group only").Rule("DR-25");
      }
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateCaps(const v1::Program& program, const ProgramRow& row) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const v1::Cap& cap : program.caps()) {
    if (!row.HasPollutant(cap.pollutant())) {
      return InvalidField("program.caps.pollutant", cap.pollutant(), "one of " + Join(row.pollutants)).Rule("DR-04");
    }
    if (!row.HasControlZone(cap.control_zone())) {
      return InvalidField("program.caps.control_zone", cap.control_zone(), "one of " + Join(row.control_zones)).Rule("DR-04");
    }
    if (cap.quantity() < 0) return InvalidField("program.caps.quantity", std::to_string(cap.quantity()), "0 or more").Rule("DR-04");
    if (!seen.emplace(cap.pollutant(), cap.control_zone()).second) {
      return InvalidField("program.caps", cap.pollutant() + "/" + cap.control_zone(), "one cap a pollutant and zone").Rule("DR-04");
    }
  }
  return absl::OkStatus();
}

absl::Status ValidatePollutants(const v1::Program& program, const ProgramRow& row) {
  SONGHUA_RETURN_IF_ERROR(RequireDistinctTokens("program.pollutants", program.pollutants(), kPollutantsMax));
  if (!program.disabled_pollutants().empty()) {
    SONGHUA_RETURN_IF_ERROR(RequireDistinctTokens("program.disabled_pollutants", program.disabled_pollutants(), kPollutantsMax));
  }
  for (const std::string& pollutant : program.disabled_pollutants()) {
    if (row.HasPollutant(pollutant)) {
      return InvalidField("program.disabled_pollutants", pollutant, "a pollutant that is not among those switched on").Rule("DR-02");
    }
  }
  for (const std::string& pollutant : program.water_pollutants()) {
    if (!row.HasPollutant(pollutant) && !row.IsDisabled(pollutant)) {
      return InvalidField("program.water_pollutants", pollutant, "one of " + Join(row.pollutants)).Rule("DR-21");
    }
  }
  std::set<std::string_view> seen;
  for (const v1::PollutantUnit& unit : program.pollutant_units()) {
    if (!row.HasPollutant(unit.pollutant()) && !row.IsDisabled(unit.pollutant())) {
      return InvalidField("program.pollutant_units.pollutant", unit.pollutant(), "a pollutant of the program, on or off").Rule("DR-02");
    }
    if (!seen.insert(unit.pollutant()).second) return InvalidField("program.pollutant_units.pollutant", unit.pollutant(), "each once").Rule("DR-02");
    SONGHUA_RETURN_IF_ERROR(ValidateSteps("program.pollutant_units.quoted_unit_steps", unit.quoted_unit_steps()));
  }
  return absl::OkStatus();
}

ProgramRow FromProto(const v1::Program& program, const std::string& code) {
  ProgramRow row;
  row.code = code;
  row.display_name = program.display_name();
  row.form = program.form();
  row.unit = program.unit();
  row.quoted_unit_steps = program.quoted_unit_steps();
  row.pollutants.assign(program.pollutants().begin(), program.pollutants().end());
  row.water_pollutants.assign(program.water_pollutants().begin(), program.water_pollutants().end());
  row.control_zones.assign(program.control_zones().begin(), program.control_zones().end());
  for (const v1::TradingGroup& group : program.trading_groups()) {
    row.trading_groups.push_back({group.code(), {group.sector_classes().begin(), group.sector_classes().end()}});
  }
  for (const v1::Cap& cap : program.caps()) row.caps.push_back({cap.pollutant(), cap.control_zone(), Quantity(cap.quantity())});
  row.floor_policy = program.floor_policy();
  row.first_year = program.first_year();
  row.last_year = program.last_year();
  row.term_years_max = program.term_years_max();
  row.surrender_deadline = program.surrender_deadline();
  row.separate_trading_accounts = program.separate_trading_accounts();
  row.disabled_pollutants.assign(program.disabled_pollutants().begin(), program.disabled_pollutants().end());
  for (const v1::PollutantUnit& unit : program.pollutant_units()) row.pollutant_units.push_back({unit.pollutant(), unit.quoted_unit_steps()});
  return row;
}

absl::Status Validate(const v1::Program& program, const ProgramRow& row) {
  SONGHUA_RETURN_IF_ERROR(ValidateName(program.display_name(), 200, "program.display_name"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(program.unit(), 20, "program.unit"));
  if (program.form() != v1::RIGHT && program.form() != v1::SERIAL) {
    return InvalidField("program.form", v1::UnitForm_Name(program.form()), "RIGHT or SERIAL");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateSteps("program.quoted_unit_steps", program.quoted_unit_steps()));
  SONGHUA_RETURN_IF_ERROR(ValidatePollutants(program, row));
  SONGHUA_RETURN_IF_ERROR(RequireDistinctTokens("program.control_zones", program.control_zones(), 2000));
  SONGHUA_RETURN_IF_ERROR(ValidateGroups(program));
  SONGHUA_RETURN_IF_ERROR(ValidateCaps(program, row));
  if (program.floor_policy() == v1::FLOOR_POLICY_UNSPECIFIED) {
    return InvalidField("program.floor_policy", "unspecified", "FLOOR, GUIDE or NONE").Rule("DR-73");
  }
  if (program.first_year() < 1990 || program.last_year() < program.first_year() || program.last_year() > 2200) {
    return InvalidField("program.last_year", std::to_string(program.first_year()) + ".." + std::to_string(program.last_year()),
                        "years from 1990 to 2200, the first not after the last");
  }
  const bool right = program.form() == v1::RIGHT;
  if (right != (program.term_years_max() >= 1 && program.term_years_max() <= 50) || (!right && program.term_years_max() != 0)) {
    return InvalidField("program.term_years_max", std::to_string(program.term_years_max()), "1 to 50 for RIGHT, 0 for SERIAL").Rule("DR-06");
  }
  if (right && program.separate_trading_accounts()) {
    return InvalidField("program.separate_trading_accounts", "true", "false for RIGHT: rights lie in the site's own account").Rule("DR-11");
  }
  if (!program.surrender_deadline().empty()) {
    SONGHUA_RETURN_IF_ERROR(ParseDate("2023-" + program.surrender_deadline(), "program.surrender_deadline").status());
  }
  return absl::OkStatus();
}

// What a new version may not change while units of the old one exist.
absl::Status ValidateSuccessor(const ProgramRow& old_row, const ProgramRow& row, bool units_exist) {
  if (!units_exist) return absl::OkStatus();
  if (old_row.form != row.form || old_row.quoted_unit_steps != row.quoted_unit_steps || old_row.unit != row.unit) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "UNITS_EXIST")
        .Rule("GEN-06")
        .Field("program.form")
        .Value(v1::UnitForm_Name(row.form))
        .Accepted("the form and unit under which units were issued");
  }
  for (const std::string& pollutant : old_row.pollutants) {
    if (old_row.QuotedUnitSteps(pollutant) != row.QuotedUnitSteps(pollutant)) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "UNITS_EXIST")
          .Rule("GEN-06")
          .Field("program.pollutant_units")
          .Value(pollutant)
          .Accepted("the unit in which " + pollutant + " was quoted when units were issued");
    }
    if (!row.HasPollutant(pollutant)) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "UNITS_EXIST")
          .Rule("DR-02")
          .Field("program.pollutants")
          .Value(Join(row.pollutants))
          .Accepted("a list that still holds " + pollutant);
    }
  }
  for (const TradingGroupRow& group : old_row.trading_groups) {
    if (row.FindGroup(group.code) == nullptr) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "UNITS_EXIST")
          .Rule("DR-25")
          .Field("program.trading_groups")
          .Accepted("a list that still holds " + group.code);
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool ProgramRow::HasPollutant(std::string_view pollutant) const { return Contains(pollutants, pollutant); }
bool ProgramRow::IsDisabled(std::string_view pollutant) const { return Contains(disabled_pollutants, pollutant); }
int64_t ProgramRow::QuotedUnitSteps(std::string_view pollutant) const {
  for (const PollutantUnitRow& unit : pollutant_units) {
    if (unit.pollutant == pollutant) return unit.quoted_unit_steps;
  }
  return quoted_unit_steps;
}
bool ProgramRow::IsWaterPollutant(std::string_view pollutant) const { return Contains(water_pollutants, pollutant); }
bool ProgramRow::HasControlZone(std::string_view zone) const { return Contains(control_zones, zone); }

const TradingGroupRow* ProgramRow::GroupOf(std::string_view sector_class) const {
  for (const TradingGroupRow& group : trading_groups) {
    if (Contains(group.sector_classes, sector_class)) return &group;
  }
  return nullptr;
}

const TradingGroupRow* ProgramRow::FindGroup(std::string_view code) const {
  for (const TradingGroupRow& group : trading_groups) {
    if (group.code == code) return &group;
  }
  return nullptr;
}

Programs::Programs(TableSet* tables, Accounts* accounts) : accounts_(accounts), programs_(tables), classes_(tables), instruments_(tables) {
  programs_.OnLoaded([this](ProgramRow& row) { codes_.insert(row.code); });
  classes_.OnLoaded([this](InstrumentClassRow& row) {
    class_index_[{row.program, row.pollutant, row.control_zone, row.trading_group, row.basin}] = row.id;
  });
  instruments_.OnLoaded([this](InstrumentRow& row) { instrument_index_[{row.instrument_class, row.year}] = row.id; });
}

absl::StatusOr<v1::ProgramAnswer> Programs::LoadProgram(CommandContext& context, const v1::LoadProgramRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string code, ParseName("program.name", "programs", request.program().name()));
  SONGHUA_RETURN_IF_ERROR(ValidateCode("program.name", code));
  ProgramRow row = FromProto(request.program(), code);
  SONGHUA_RETURN_IF_ERROR(Validate(request.program(), row));
  if (row.form == v1::RIGHT) {
    SONGHUA_ASSIGN_OR_RETURN(row.rights, ParseRightsPolicy(request.program().rights()));
  } else if (request.program().has_rights()) {
    return InvalidField("program.rights", "given", "nothing: only programs of RIGHT have a policy of rights").Rule("DR-01");
  }
  if (request.program().has_holding_limit()) {
    if (row.form != v1::SERIAL || row.pollutants.size() != 1) {
      return InvalidField("program.holding_limit", "given", "nothing: only units of a SERIAL program with one kind of them add up to a holding").Rule("CAR-25");
    }
    SONGHUA_ASSIGN_OR_RETURN(row.holding_limit, ParseHoldingLimit(request.program().holding_limit(), row.quoted_unit_steps));
  }
  SONGHUA_ASSIGN_OR_RETURN(row.pledge_policy, ParsePledgePolicy(request.program().pledge_policy(), row.form));
  const ProgramRow* old_row = programs_.Find(code);
  if (old_row != nullptr) {
    bool units_exist = false;
    for (const auto& [key, id] : class_index_) units_exist |= std::get<0>(key) == code;
    SONGHUA_RETURN_IF_ERROR(ValidateSuccessor(*old_row, row, units_exist));
  }
  v1::ProgramAnswer answer;
  *answer.mutable_program() = ToProto(row);
  if (context.validate_only) return answer;
  if (old_row == nullptr) {
    programs_.Insert(row);
    codes_.insert(code);
    accounts_->OpenProgramAccounts(context, code);
  } else {
    programs_.Edit(*old_row) = row;
  }
  context.events->Emit(EventType::kRegistered, "programs/" + code, uint32_t{0});
  if (on_program_) on_program_(context, code);
  return answer;
}

const ProgramRow* Programs::RightsProgramOf(std::string_view pollutant) const {
  for (const std::string& code : codes_) {
    const ProgramRow* row = programs_.Find(code);
    if (row->form == v1::RIGHT && row->HasPollutant(pollutant)) return row;
  }
  return nullptr;
}

absl::Status Programs::ValidateClass(const ProgramRow& program, const std::string& pollutant, const std::string& zone, const std::string& group,
                                     const std::string& basin) const {
  if (!program.HasPollutant(pollutant)) {
    return InvalidField("pollutant", pollutant, "a pollutant that the program has enabled: " + Join(program.pollutants) +
                                                    (program.IsDisabled(pollutant) ? "; this one is switched off" : ""))
        .Rule("DR-02");
  }
  if (!program.HasControlZone(zone)) return InvalidField("control_zone", zone, "a control zone of the program").Rule("DR-04");
  if (program.FindGroup(group) == nullptr) return InvalidField("trading_group", group, "a trading group of the program").Rule("DR-25");
  if (program.form == v1::RIGHT && program.IsWaterPollutant(pollutant)) {
    SONGHUA_RETURN_IF_ERROR(ValidateBasin(basin, "basin"));
  } else if (!basin.empty()) {
    return InvalidField("basin", basin, "empty: only rights to discharge to water belong to a basin").Rule("DR-21");
  }
  return absl::OkStatus();
}

const InstrumentClassRow& Programs::ClassOf(const std::string& program, const std::string& pollutant, const std::string& zone,
                                            const std::string& group, const std::string& basin) {
  const ClassKey key(program, pollutant, zone, group, basin);
  if (auto it = class_index_.find(key); it != class_index_.end()) return *classes_.Find(it->second);
  const auto id = static_cast<InstrumentClassId>(classes_.size() + 1);  // classes are never erased
  class_index_[key] = id;
  return classes_.Insert({id, program, pollutant, zone, group, basin});
}

const InstrumentClassRow* Programs::FindClassOf(const std::string& program, const std::string& pollutant, const std::string& zone,
                                                const std::string& group, const std::string& basin) const {
  auto it = class_index_.find(ClassKey(program, pollutant, zone, group, basin));
  return it == class_index_.end() ? nullptr : classes_.Find(it->second);
}

InstrumentRow& Programs::Instrument(InstrumentClassId instrument_class, int32_t year) {
  const auto key = std::make_pair(instrument_class, year);
  if (auto it = instrument_index_.find(key); it != instrument_index_.end()) return *instruments_.FindMutable(it->second);
  InstrumentRow row;
  row.id = static_cast<InstrumentId>(instruments_.size() + 1);  // instruments are never erased
  row.instrument_class = instrument_class;
  row.year = year;
  instrument_index_[key] = row.id;
  return instruments_.Insert(row);
}

const InstrumentRow* Programs::FindInstrument(InstrumentClassId instrument_class, int32_t year) const {
  auto it = instrument_index_.find({instrument_class, year});
  return it == instrument_index_.end() ? nullptr : instruments_.Find(it->second);
}

std::optional<Quantity> Programs::RoomUnderCap(const ProgramRow& program, const std::string& pollutant, const std::string& zone,
                                               int32_t year) const {
  for (const CapRow& cap : program.caps) {
    if (cap.pollutant != pollutant || cap.control_zone != zone) continue;
    __int128 used = 0;
    auto it = class_index_.lower_bound(ClassKey(program.code, pollutant, zone, "", ""));
    for (; it != class_index_.end(); ++it) {
      const auto& [c_program, c_pollutant, c_zone, c_group, c_basin] = it->first;
      if (c_program != program.code || c_pollutant != pollutant || c_zone != zone) break;
      const InstrumentRow* row = FindInstrument(it->second, year);
      // Lapsed units go back to the authority. What was cancelled or extinguished is gone for ever: it reduces the total (CAR-55, DR-30).
      if (row != nullptr) used += (row->issued - row->lapsed).value();
    }
    return Quantity(static_cast<int64_t>(std::max<__int128>(0, cap.quantity.value() - used)));
  }
  return std::nullopt;
}

std::string InstrumentClassCode(const InstrumentClassRow& row) {
  std::string code = row.program + "/" + row.pollutant + "/" + row.control_zone + "/" + row.trading_group;
  if (!row.basin.empty()) code += "+" + row.basin;
  return code;
}

std::string InstrumentCode(const InstrumentClassRow& row, int32_t year) { return InstrumentClassCode(row) + "/" + std::to_string(year); }

v1::Program ToProto(const ProgramRow& row) {
  v1::Program program;
  program.set_name("programs/" + row.code);
  program.set_display_name(row.display_name);
  program.set_form(row.form);
  program.set_unit(row.unit);
  program.set_quoted_unit_steps(row.quoted_unit_steps);
  for (const std::string& pollutant : row.pollutants) program.add_pollutants(pollutant);
  for (const std::string& pollutant : row.water_pollutants) program.add_water_pollutants(pollutant);
  for (const std::string& zone : row.control_zones) program.add_control_zones(zone);
  for (const TradingGroupRow& group : row.trading_groups) {
    v1::TradingGroup* out = program.add_trading_groups();
    out->set_code(group.code);
    for (const std::string& sector : group.sector_classes) out->add_sector_classes(sector);
  }
  for (const CapRow& cap : row.caps) {
    v1::Cap* out = program.add_caps();
    out->set_pollutant(cap.pollutant);
    out->set_control_zone(cap.control_zone);
    out->set_quantity(cap.quantity.value());
  }
  program.set_floor_policy(row.floor_policy);
  program.set_first_year(row.first_year);
  program.set_last_year(row.last_year);
  program.set_term_years_max(row.term_years_max);
  program.set_surrender_deadline(row.surrender_deadline);
  program.set_separate_trading_accounts(row.separate_trading_accounts);
  for (const std::string& pollutant : row.disabled_pollutants) program.add_disabled_pollutants(pollutant);
  for (const PollutantUnitRow& unit : row.pollutant_units) {
    v1::PollutantUnit* out = program.add_pollutant_units();
    out->set_pollutant(unit.pollutant);
    out->set_quoted_unit_steps(unit.quoted_unit_steps);
  }
  if (row.form == v1::RIGHT) *program.mutable_rights() = ToProto(row.rights);
  *program.mutable_pledge_policy() = ToProto(row.pledge_policy);
  if (row.holding_limit.in_force()) *program.mutable_holding_limit() = ToProto(row.holding_limit);
  return program;
}

v1::Instrument ToProto(const InstrumentRow& row, const InstrumentClassRow& instrument_class) {
  v1::Instrument instrument;
  instrument.set_code(InstrumentCode(instrument_class, row.year));
  instrument.set_issued(row.issued.value());
  instrument.set_held(row.held.value());
  instrument.set_surrendered(row.surrendered.value());
  instrument.set_cancelled(row.cancelled.value());
  instrument.set_lapsed(row.lapsed.value());
  instrument.set_extinguished(row.extinguished.value());
  instrument.set_reclaimed(row.reclaimed.value());
  instrument.set_converted(row.converted.value());
  return instrument;
}

Programs::~Programs() = default;

}  // namespace songhua::ledger
