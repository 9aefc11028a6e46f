// Programs: a market or permit regime as data (DESIGN.md section 6), and the instruments that follow from it.
//
// An instrument class is program x pollutant x control zone x trading group x basin: what may be exchanged for each other. An instrument is
// a class of one vintage, a calendar year: what the ledger's postings count.
#ifndef SONGHUA_LEDGER_PROGRAMS_H_
#define SONGHUA_LEDGER_PROGRAMS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "ledger/accounts.h"
#include "ledger/amounts.h"
#include "ledger/command.h"
#include "ledger/credit_gates.h"
#include "ledger/holding_limit.h"
#include "ledger/pledge_policy.h"
#include "ledger/tables.h"
#include "songhua/v1/ledger.pb.h"

namespace songhua::ledger {

struct TradingGroupRow {
  std::string code;
  std::vector<std::string> sector_classes;
  template <class Archive>
  void Fields(Archive& a) {
    a(code, sector_classes);
  }
};

struct CapRow {
  std::string pollutant;
  std::string control_zone;
  Quantity quantity;
  template <class Archive>
  void Fields(Archive& a) {
    a(pollutant, control_zone, quantity);
  }
};

struct PollutantUnitRow {
  std::string pollutant;
  int64_t quoted_unit_steps = 1;
  template <class Archive>
  void Fields(Archive& a) {
    a(pollutant, quoted_unit_steps);
  }
};

// RightsPolicy as it holds, defaults filled in; zeros in programs of serial units. The fields are the message's.
struct RightsPolicyRow {
  int32_t first_instalment_bps = 0;
  int32_t instalment_years_max = 0;
  bool surplus_verified = false;
  int32_t surplus_valid_days = 0;
  int32_t verify_workdays = 0;
  int32_t pay_workdays = 0;
  int32_t permit_workdays = 0;
  int32_t default_bar_months = 0;
  int32_t lease_months_min = 0;
  int32_t lease_months_max = 0;
  int32_t pledgee_notice_workdays = 0;
  int32_t undeclared_stop_months = 0;
  int32_t unbuilt_years = 0;
  int32_t replacement_bps = 0;
  int32_t replacement_water_bps = 0;
  int32_t replacement_air_bps = 0;
  std::vector<std::string> replacement_air_pollutants;
  CreditGates credit_gates;

  template <class Archive>
  void Fields(Archive& a) {
    a(first_instalment_bps, instalment_years_max, surplus_verified, surplus_valid_days, verify_workdays, pay_workdays, permit_workdays, default_bar_months,
      lease_months_min, lease_months_max, pledgee_notice_workdays, undeclared_stop_months, unbuilt_years, replacement_bps, replacement_water_bps,
      replacement_air_bps, replacement_air_pollutants, credit_gates);
  }
};

// INVALID_ARGUMENT names the field, what may stand there and the rule.
absl::StatusOr<RightsPolicyRow> ParseRightsPolicy(const v1::RightsPolicy& policy);
v1::RightsPolicy ToProto(const RightsPolicyRow& row);

struct ProgramRow {
  static constexpr RowTable kTable = RowTable::kPrograms;
  std::string code;
  std::string display_name;
  v1::UnitForm form = v1::UNIT_FORM_UNSPECIFIED;
  std::string unit;
  int64_t quoted_unit_steps = 1;  // smallest steps in one quoted unit, but for pollutant_units
  std::vector<std::string> pollutants;
  std::vector<std::string> water_pollutants;
  std::vector<std::string> control_zones;
  std::vector<TradingGroupRow> trading_groups;
  std::vector<CapRow> caps;
  v1::FloorPolicy floor_policy = v1::FLOOR_POLICY_UNSPECIFIED;
  int32_t first_year = 0;
  int32_t last_year = 0;
  int32_t term_years_max = 0;
  std::string surrender_deadline;
  bool separate_trading_accounts = false;
  std::vector<std::string> disabled_pollutants;
  std::vector<PollutantUnitRow> pollutant_units;
  RightsPolicyRow rights;
  HoldingLimitRow holding_limit;  // of serial units
  PledgePolicyRow pledge_policy;

  std::string Key() const { return code; }
  // Enabled, that is (DR-02).
  bool HasPollutant(std::string_view pollutant) const;
  bool IsDisabled(std::string_view pollutant) const;
  // Smallest steps in one quoted unit of the pollutant.
  int64_t QuotedUnitSteps(std::string_view pollutant) const;
  bool IsWaterPollutant(std::string_view pollutant) const;
  bool HasControlZone(std::string_view zone) const;
  // The trading group that this sector class belongs to; null: none.
  const TradingGroupRow* GroupOf(std::string_view sector_class) const;
  const TradingGroupRow* FindGroup(std::string_view code) const;

  template <class Archive>
  void Fields(Archive& a) {
    a(code, display_name, form, unit, quoted_unit_steps, pollutants, water_pollutants, control_zones, trading_groups, caps, floor_policy,
      first_year, last_year, term_years_max, surrender_deadline, separate_trading_accounts, disabled_pollutants, pollutant_units, rights, holding_limit, pledge_policy);
  }
};

using InstrumentClassId = uint32_t;
using InstrumentId = uint32_t;
// The instrument id that stands for money in postings.
inline constexpr InstrumentId kCashInstrument = 0;

struct InstrumentClassRow {
  static constexpr RowTable kTable = RowTable::kInstrumentClasses;
  static constexpr bool kNumbered = true;
  InstrumentClassId id = 0;
  std::string program;
  std::string pollutant;
  std::string control_zone;
  std::string trading_group;
  std::string basin;  // water pollutants of rights; empty otherwise

  InstrumentClassId Key() const { return id; }
  template <class Archive>
  void Fields(Archive& a) {
    a(id, program, pollutant, control_zone, trading_group, basin);
  }
};

// An instrument and its totals. Always: issued = held + surrendered + cancelled + lapsed + extinguished + reclaimed + converted.
struct InstrumentRow {
  static constexpr RowTable kTable = RowTable::kInstruments;
  static constexpr bool kNumbered = true;
  InstrumentId id = 0;
  InstrumentClassId instrument_class = 0;
  int32_t year = 0;
  Quantity issued, held, surrendered, cancelled, lapsed, extinguished, reclaimed, converted;

  InstrumentId Key() const { return id; }
  bool Balanced() const { return issued == held + surrendered + cancelled + lapsed + extinguished + reclaimed + converted; }
  template <class Archive>
  void Fields(Archive& a) {
    a(id, instrument_class, year, issued, held, surrendered, cancelled, lapsed, extinguished, reclaimed, converted);
  }
};

class Programs {
 public:
  Programs(TableSet* tables, Accounts* accounts);
  ~Programs();

  absl::StatusOr<v1::ProgramAnswer> LoadProgram(CommandContext& context, const v1::LoadProgramRequest& request);
  // Called in the command that loads a program, with its code.
  void OnProgram(std::function<void(CommandContext& context, const std::string& code)> callback) { on_program_ = std::move(callback); }

  const ProgramRow* Find(const std::string& code) const { return programs_.Find(code); }
  // The program of rights that has the pollutant enabled, the first by code; null: none.
  const ProgramRow* RightsProgramOf(std::string_view pollutant) const;
  const InstrumentClassRow* FindClass(InstrumentClassId id) const { return classes_.Find(id); }
  const InstrumentRow* FindInstrument(InstrumentId id) const { return instruments_.Find(id); }

  // The class, created at first use. REQUIRES: the parts are valid for the program (ValidateClass).
  const InstrumentClassRow& ClassOf(const std::string& program, const std::string& pollutant, const std::string& zone, const std::string& group,
                                    const std::string& basin);
  const InstrumentClassRow* FindClassOf(const std::string& program, const std::string& pollutant, const std::string& zone,
                                        const std::string& group, const std::string& basin) const;
  // Refuses parts that the program does not know (DR-02, DR-21, GEN-12), naming the field.
  absl::Status ValidateClass(const ProgramRow& program, const std::string& pollutant, const std::string& zone, const std::string& group,
                             const std::string& basin) const;
  // The instrument of a class and year, created at first use.
  InstrumentRow& Instrument(InstrumentClassId instrument_class, int32_t year);
  const InstrumentRow* FindInstrument(InstrumentClassId instrument_class, int32_t year) const;
  InstrumentRow& Edit(const InstrumentRow& row) { return instruments_.Edit(row); }

  // What may still be issued of the pollutant in the zone for the year under the program's cap (DR-04), 0 when that is less than what
  // there is already; nullopt: there is no cap.
  std::optional<Quantity> RoomUnderCap(const ProgramRow& program, const std::string& pollutant, const std::string& zone, int32_t year) const;

 private:
  using ClassKey = std::tuple<std::string, std::string, std::string, std::string, std::string>;

  Accounts* accounts_;
  std::function<void(CommandContext&, const std::string&)> on_program_;
  Table<ProgramRow> programs_;
  Table<InstrumentClassRow> classes_;
  Table<InstrumentRow> instruments_;
  std::set<std::string> codes_;
  std::map<ClassKey, InstrumentClassId> class_index_;
  absl::flat_hash_map<std::pair<InstrumentClassId, int32_t>, InstrumentId> instrument_index_;
};

// "jilin-discharge-rights/SO2/220100/POWER"; the instrument of a year ends with it.
std::string InstrumentClassCode(const InstrumentClassRow& row);
// "jilin-discharge-rights/SO2/220100/POWER/2026"; the basin, where there is one, follows the group: "COD/220100/INDUSTRY+SONGHUA/2026".
std::string InstrumentCode(const InstrumentClassRow& row, int32_t year);
v1::Program ToProto(const ProgramRow& row);
v1::Instrument ToProto(const InstrumentRow& row, const InstrumentClassRow& instrument_class);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_PROGRAMS_H_
