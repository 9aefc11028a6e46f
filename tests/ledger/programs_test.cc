// Programs as data: what a program must say, and what a new version may not take away from units that exist.
#include "ledger/programs.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "tests/ledger/ledger_world.h"

namespace songhua::ledger {
namespace {

class ProgramsTest : public testing::Test {
 protected:
  void SetUp() override { world.Furnish(); }

  // A valid program, some fields of which are replaced: Load({{"unit: 't'", "unit: ''"}}).
  std::string Load(const std::map<std::string, std::string>& replacements = {}, std::string text = kRights) {
    for (const auto& [from, to] : replacements) {
      const size_t at = text.find(from);
      EXPECT_NE(at, std::string::npos) << from;
      text.replace(at, from.size(), to);
    }
    return Outcome(world.LoadProgram("program { " + text + " }"));
  }

  static constexpr char kRights[] =
      "name: 'programs/new' display_name: 'New' form: RIGHT unit: 'g/a' quoted_unit_steps: 1000000 pollutants: 'SO2' pollutants: 'COD' "
      "water_pollutants: 'COD' control_zones: '220100' trading_groups { code: 'POWER' sector_classes: 'POWER' } "
      "caps { pollutant: 'SO2' control_zone: '220100' quantity: 1000 } floor_policy: FLOOR first_year: 2020 last_year: 2040 "
      "term_years_max: 5";
  LedgerWorld world;
};

TEST_F(ProgramsTest, AProgramComesBackAsItWasLoaded) {
  const auto answer = world.LoadProgram("program { " + std::string(kRights) + " }");
  ASSERT_EQ(Outcome(answer), "OK");
  v1::Program program = answer->program();
  program.clear_rights();
  EXPECT_EQ(program.pledge_policy().loan_to_value_bps(), 8'000);
  program.clear_pledge_policy();
  EXPECT_EQ(program.DebugString(), Text<v1::Program>(kRights).DebugString());
  EXPECT_EQ(ToProto(*world.ledger.programs().Find("new")).DebugString(), answer->program().DebugString());
  // With it come its accounts of the house.
  for (const char* kind : {"issued", "surrendered", "cancelled", "lapsed", "extinguished", "reclaimed", "converted"}) {
    EXPECT_NE(world.ledger.accounts().FindById("new." + std::string(kind)), nullptr) << kind;
  }
}

TEST_F(ProgramsTest, AProgramThatContradictsItselfIsRefused) {
  EXPECT_EQ(Load({{"programs/new", "new"}}), "INVALID_FIELD - program.name");
  EXPECT_EQ(Load({{"programs/new", "programs/New"}}), "INVALID_FIELD - program.name");
  EXPECT_EQ(Load({{"display_name: 'New'", ""}}), "INVALID_FIELD - program.display_name");
  EXPECT_EQ(Load({{"unit: 'g/a'", ""}}), "INVALID_FIELD - program.unit");
  EXPECT_EQ(Load({{"form: RIGHT", ""}}), "INVALID_FIELD - program.form");
  EXPECT_EQ(Load({{"steps: 1000000", "steps: 0"}}), "INVALID_FIELD GEN-06 program.quoted_unit_steps");
  EXPECT_EQ(Load({{"pollutants: 'COD' water", "pollutants: 'SO2' water"}}), "INVALID_FIELD - program.pollutants");
  EXPECT_EQ(Load({{"pollutants: 'COD' water", "pollutants: 'C/D' water"}}), "INVALID_FIELD - program.pollutants");
  EXPECT_EQ(Load({{"water_pollutants: 'COD'", "water_pollutants: 'NH3-N'"}}), "INVALID_FIELD DR-21 program.water_pollutants");
  EXPECT_EQ(Load({{"control_zones: '220100'", ""}}), "INVALID_FIELD - program.control_zones");
  EXPECT_EQ(Load({{"floor_policy: FLOOR", ""}}), "INVALID_FIELD DR-73 program.floor_policy");
  EXPECT_EQ(Load({{"first_year: 2020", "first_year: 2041"}}), "INVALID_FIELD - program.last_year");
  EXPECT_EQ(Load({{"term_years_max: 5", "term_years_max: 0"}}), "INVALID_FIELD DR-06 program.term_years_max");
  EXPECT_EQ(Load({{"form: RIGHT", "form: SERIAL"}}), "INVALID_FIELD DR-06 program.term_years_max");
  EXPECT_EQ(Load({{"term_years_max: 5", "term_years_max: 5 separate_trading_accounts: true"}}),
            "INVALID_FIELD DR-11 program.separate_trading_accounts");
  EXPECT_EQ(Load({{"term_years_max: 5", "term_years_max: 5 surrender_deadline: '02-29'"}}), "INVALID_FIELD - program.surrender_deadline");
}

TEST_F(ProgramsTest, WhatAProvinceDoesNotSetForItsRightsIsTheDefault) {
  ASSERT_EQ(Load({{"term_years_max: 5", "term_years_max: 5 rights { pay_workdays: 7 surplus_verified: true }"}}), "OK");
  const RightsPolicyRow& rights = world.ledger.programs().Find("new")->rights;
  EXPECT_EQ(rights.pay_workdays, 7);
  EXPECT_TRUE(rights.surplus_verified);
  EXPECT_EQ(rights.verify_workdays, 5);
  EXPECT_EQ(rights.permit_workdays, 30);          // DR-18
  EXPECT_EQ(rights.first_instalment_bps, 4'000);  // DR-08
  EXPECT_EQ(rights.replacement_water_bps, 20'000);
  EXPECT_THAT(rights.replacement_air_pollutants, testing::ElementsAre("SO2", "NOX", "PM", "VOCS"));
}

TEST_F(ProgramsTest, ARightsPolicyThatContradictsItselfIsRefused) {
  EXPECT_EQ(Load({{"term_years_max: 5", "term_years_max: 5 rights { first_instalment_bps: 10001 }"}}), "INVALID_FIELD DR-08 program.rights.first_instalment_bps");
  EXPECT_EQ(Load({{"term_years_max: 5", "term_years_max: 5 rights { lease_months_min: 6 lease_months_max: 3 }"}}),
            "INVALID_FIELD DR-65 program.rights.lease_months_min");
  EXPECT_EQ(Load({{"term_years_max: 5", "term_years_max: 5 rights { replacement_bps: 9999 }"}}), "INVALID_FIELD DR-30 program.rights.replacement_bps");
}

TEST_F(ProgramsTest, APollutantIsOnOrOffAndHasOneUnit_DR02) {
  const auto with = [&](const std::string& more) { return Load({{"term_years_max: 5", "term_years_max: 5 " + more}}); };
  EXPECT_EQ(with("disabled_pollutants: 'SO2'"), "INVALID_FIELD DR-02 program.disabled_pollutants");
  EXPECT_EQ(with("disabled_pollutants: 'PB' disabled_pollutants: 'PB'"), "INVALID_FIELD - program.disabled_pollutants");
  EXPECT_EQ(with("pollutant_units { pollutant: 'PB' quoted_unit_steps: 1000 }"), "INVALID_FIELD DR-02 program.pollutant_units.pollutant");
  EXPECT_EQ(with("pollutant_units { pollutant: 'SO2' quoted_unit_steps: 0 }"), "INVALID_FIELD GEN-06 program.pollutant_units.quoted_unit_steps");
  EXPECT_EQ(with("pollutant_units { pollutant: 'SO2' quoted_unit_steps: 1 } pollutant_units { pollutant: 'SO2' quoted_unit_steps: 1 }"),
            "INVALID_FIELD DR-02 program.pollutant_units.pollutant");
  ASSERT_EQ(with("disabled_pollutants: 'PB' water_pollutants: 'PB' pollutant_units { pollutant: 'PB' quoted_unit_steps: 1000 }"), "OK");
  const ProgramRow& row = *world.ledger.programs().Find("new");
  EXPECT_FALSE(row.HasPollutant("PB"));
  EXPECT_TRUE(row.IsDisabled("PB"));
  EXPECT_EQ(row.QuotedUnitSteps("PB"), 1'000);
  EXPECT_EQ(row.QuotedUnitSteps("SO2"), 1'000'000);
  const absl::Status off = world.ledger.programs().ValidateClass(row, "PB", "220100", "POWER", "SONGHUA");
  EXPECT_EQ(Outcome(off), "INVALID_FIELD DR-02 pollutant");
  EXPECT_NE(GetRefusal(off)->accepted.find("this one is switched off"), std::string::npos);
}

// The programs that the repository ships are taken as they are.
TEST_F(ProgramsTest, EveryShippedProgramIsLoaded) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SONGHUA_TESTDATA "/../../ledger/programs")) {
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    v1::Program program;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text.str(), &program));
    EXPECT_EQ(program.name(), "programs/" + entry.path().stem().string());
    EXPECT_EQ(Outcome(world.LoadProgram("program { " + text.str() + "\n}")), "OK");
    ++files;
  }
  EXPECT_GE(files, 6);
}

TEST_F(ProgramsTest, ACapIsOfAKnownPollutantAndZoneOnce) {
  EXPECT_EQ(Load({{"caps { pollutant: 'SO2'", "caps { pollutant: 'NOX'"}}), "INVALID_FIELD DR-04 program.caps.pollutant");
  EXPECT_EQ(Load({{"control_zone: '220100' quantity", "control_zone: '220200' quantity"}}),
            "INVALID_FIELD DR-04 program.caps.control_zone");
  EXPECT_EQ(Load({{"quantity: 1000", "quantity: -1"}}), "INVALID_FIELD DR-04 program.caps.quantity");
  EXPECT_EQ(Load({{"floor_policy", "caps { pollutant: 'SO2' control_zone: '220100' } floor_policy"}}), "INVALID_FIELD DR-04 program.caps");
}

// DR-25: a sector class trades in one group.
TEST_F(ProgramsTest, ASectorClassBelongsToOneGroup) {
  const auto with_group = [&](const std::string& group) { return Load({{"caps", "trading_groups { " + group + " } caps"}}); };
  EXPECT_EQ(with_group("code: 'POWER'"), "INVALID_FIELD DR-25 program.trading_groups.code");
  EXPECT_EQ(with_group("code: 'REST' sector_classes: 'POWER'"), "INVALID_FIELD DR-25 program.trading_groups.sector_classes");
  EXPECT_EQ(with_group("code: 'REST' sector_classes: 'MINING'"), "INVALID_FIELD DR-25 program.trading_groups.sector_classes");
  EXPECT_EQ(with_group("code: 'REST' sector_classes: 'SECTOR_CLASS_UNSPECIFIED'"),
            "INVALID_FIELD DR-25 program.trading_groups.sector_classes");
  EXPECT_EQ(with_group("code: 'CHP_AND_INDUSTRY' sector_classes: 'CHP_HEAT' sector_classes: 'INDUSTRY'"), "OK");
}

// Found in review: a group "A+SONGHUA" without a basin and a group "A" in basin SONGHUA had the same instrument code.
TEST_F(ProgramsTest, GroupCodesCannotImitateABasin) {
  EXPECT_EQ(Load({{"code: 'POWER'", "code: 'POWER+SONGHUA'"}}), "INVALID_FIELD DR-25 program.trading_groups.code");
  EXPECT_EQ(Load({{"code: 'POWER'", "code: 'A/B'"}}), "INVALID_FIELD DR-25 program.trading_groups.code");
  EXPECT_EQ(InstrumentCode({1, "p", "COD", "220100", "INDUSTRY", "SONGHUA"}, 2026), "p/COD/220100/INDUSTRY+SONGHUA/2026");
  EXPECT_EQ(InstrumentCode({1, "p", "SO2", "220100", "INDUSTRY", ""}, 2026), "p/SO2/220100/INDUSTRY/2026");
}

TEST_F(ProgramsTest, ANewVersionMayNotStrandUnits) {
  ASSERT_EQ(Load(), "OK");
  // Nothing has been issued: anything may change.
  ASSERT_EQ(Load({{"unit: 'g/a'", "unit: 'kg/a'"}}), "OK");
  ASSERT_EQ(Load(), "OK");
  ASSERT_EQ(Outcome(world.OpenAccount("kind: RESERVE participant: 'participants/bureau' program: 'programs/new' control_zone: '220100'")),
            "OK");
  ASSERT_EQ(Outcome(world.Issue("program: 'programs/new' pollutant: 'SO2' control_zone: '220100' trading_group: 'POWER' quantity: 900 "
                                "to_account: 'accounts/new.reserve.220100' valid_from: '2026-01-01' valid_to: '2026-12-31'")),
            "OK");
  EXPECT_EQ(Load({{"unit: 'g/a'", "unit: 'kg/a'"}}), "UNITS_EXIST GEN-06 program.form");
  EXPECT_EQ(Load({{"steps: 1000000", "steps: 1000"}}), "UNITS_EXIST GEN-06 program.form");
  EXPECT_EQ(Load({{"pollutants: 'COD' water_pollutants: 'COD'", ""}}), "UNITS_EXIST DR-02 program.pollutants");
  EXPECT_EQ(Load({{"code: 'POWER' sector", "code: 'ENERGY' sector"}}), "UNITS_EXIST DR-25 program.trading_groups");
  EXPECT_EQ(Load({{"last_year: 2040", "last_year: 2045"}}), "OK");
}

// DR-04: a cap may be lowered below what there is; it then leaves no room, and says so in figures that are not negative.
TEST_F(ProgramsTest, ALoweredCapLeavesNoRoom) {
  ASSERT_EQ(Load(), "OK");
  ASSERT_EQ(Outcome(world.OpenAccount("kind: RESERVE participant: 'participants/bureau' program: 'programs/new' control_zone: '220100'")),
            "OK");
  const std::string issue =
      "program: 'programs/new' pollutant: 'SO2' control_zone: '220100' trading_group: 'POWER' to_account: 'accounts/new.reserve.220100' "
      "valid_from: '2026-01-01' valid_to: '2026-12-31' ";
  ASSERT_EQ(Outcome(world.Issue(issue + "quantity: 900")), "OK");
  world.check_invariants = false;  // INV-01 is broken by decree until rights expire
  ASSERT_EQ(Load({{"quantity: 1000", "quantity: 800"}}), "OK");
  const auto answer = world.Issue(issue + "quantity: 1");
  EXPECT_EQ(Outcome(answer), "CAP_EXCEEDED DR-04 quantity");
  EXPECT_EQ(Detail(answer).accepted, "at most 0 of 2026 under the cap of 220100");
  EXPECT_EQ(world.ledger.programs().RoomUnderCap(*world.ledger.programs().Find("new"), "COD", "220100", 2026), std::nullopt);
}

TEST_F(ProgramsTest, ValidateOnlyLoadsNothing) {
  world.validate_only = true;
  EXPECT_EQ(Load(), "OK");
  EXPECT_EQ(world.ledger.programs().Find("new"), nullptr);
  EXPECT_EQ(world.ledger.accounts().FindById("new.issued"), nullptr);
}

TEST_F(ProgramsTest, InstrumentsKeepTheirNumbersAfterARestart) {
  const std::string issue =
      "program: 'programs/rights' pollutant: 'COD' control_zone: '220100' trading_group: 'INDUSTRY' basin: 'SONGHUA' quantity: 10 "
      "to_account: 'accounts/rights.reserve.220100' valid_from: '2026-07-01' valid_to: '2028-06-30'";
  ASSERT_EQ(Outcome(world.Issue(issue)), "OK");
  LedgerWorld restarted;
  world.RestartInto(&restarted);
  for (LedgerWorld* each : {&world, &restarted}) {
    EXPECT_EQ(Outcome(each->Issue(issue)), "OK");
    EXPECT_EQ(each->Instrument("rights", "COD", "220100", "INDUSTRY", 2027, "SONGHUA").issued, Quantity(20));
    EXPECT_EQ(Outcome(each->Issue("program: 'programs/rights' pollutant: 'SO2' control_zone: '220100' trading_group: 'POWER' quantity: 10 "
                                  "to_account: 'accounts/rights.reserve.220100' valid_from: '2026-07-01' valid_to: '2026-12-31'")),
              "OK");
  }
  EXPECT_EQ(world.stored.rows(), restarted.stored.rows());
}

}  // namespace
}  // namespace songhua::ledger
