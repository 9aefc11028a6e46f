#include "permits/compliance.h"

#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/table_fixture.h"

namespace songhua::permits {
namespace {

SurrenderedUpTo Always(int64_t units) {
  return [units](int32_t) { return Quantity(units); };
}
std::string Statuses(const ComplianceRecord& record) {
  std::string letters;
  for (const ComplianceYear& year : record.years) letters += StatusName(year.status).front();
  return letters;
}

// ---- Assess ----

TEST(AssessTest, AnAccountIsCoveredWhenSurrendersReachEmissions) {
  const EmissionFigures figures = {{2023, Quantity(100)}};
  EXPECT_EQ(Statuses(*Assess(2023, 2023, figures, Always(99))), "B");
  EXPECT_EQ(Statuses(*Assess(2023, 2023, figures, Always(100))), "A");
  EXPECT_EQ(Statuses(*Assess(2023, 2023, figures, Always(101))), "A");
  EXPECT_EQ(Shortfall(Assess(2023, 2023, figures, Always(99))->years[0]), Quantity(1));
  EXPECT_EQ(Shortfall(Assess(2023, 2023, figures, Always(101))->years[0]), Quantity(0));
}

TEST(AssessTest, ObligationsAddUpOverTheYears) {
  const EmissionFigures figures = {{2021, Quantity(10)}, {2022, Quantity(20)}, {2023, Quantity(30)}};
  const std::map<int32_t, int64_t> surrendered = {{2021, 10}, {2022, 29}, {2023, 60}};
  const auto record = Assess(2021, 2023, figures, [&](int32_t year) { return Quantity(surrendered.at(year)); });
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(Statuses(*record), "ABA");
  EXPECT_EQ(record->years[1].cumulative_emissions, Quantity(30));
  EXPECT_EQ(record->years[1].cumulative_surrenders, Quantity(29));
  EXPECT_EQ(record->cumulative_emissions, Quantity(60));
  EXPECT_EQ(record->cumulative_surrenders, Quantity(60));
}

TEST(AssessTest, EmissionsBeforeTheYearsAskedForCount) {
  const EmissionFigures figures = {{2022, Quantity(10)}, {2023, Quantity(30)}};
  EXPECT_EQ(Statuses(*Assess(2023, 2023, figures, Always(30))), "B");
  EXPECT_EQ(Assess(2023, 2023, figures, Always(30))->cumulative_emissions, Quantity(40));
  // Those after do not.
  EXPECT_EQ(Assess(2021, 2022, figures, Always(30))->cumulative_emissions, Quantity(10));
}

TEST(AssessTest, AfterAMissingFigureNobodyCanTell) {
  const EmissionFigures figures = {{2021, Quantity(10)}, {2023, Quantity(30)}, {2024, Quantity(5)}};
  EXPECT_EQ(Statuses(*Assess(2021, 2025, figures, Always(45))), "ACCCC");
  EXPECT_EQ(Statuses(*Assess(2021, 2024, figures, Always(0))), "BCCC");
  // It counts as well when it lies before the years asked for.
  EXPECT_EQ(Statuses(*Assess(2024, 2024, figures, Always(45))), "C");
  // Years before the first figure are not missing: the account had no obligation yet.
  EXPECT_EQ(Statuses(*Assess(2022, 2024, {{2023, Quantity(30)}, {2024, Quantity(5)}}, Always(35))), "CAA");
  EXPECT_EQ(Statuses(*Assess(2021, 2022, {}, Always(0))), "CC");
  // A figure of zero is a figure.
  EXPECT_EQ(Statuses(*Assess(2021, 2021, {{2021, Quantity(0)}}, Always(0))), "A");
}

TEST(AssessTest, AnAccountThatWasExcludedSoFarIsNeitherCoveredNorShort) {
  const EmissionFigures figures = {{2021, Quantity(0), true}, {2022, Quantity(20)}, {2023, Quantity(0), true}};
  EXPECT_EQ(Statuses(*Assess(2021, 2023, figures, Always(20))), "EAA");
  EXPECT_EQ(Statuses(*Assess(2021, 2023, figures, Always(19))), "EBB");
  EXPECT_EQ(Statuses(*Assess(2023, 2023, figures, Always(19))), "B");
  EXPECT_EQ(Statuses(*Assess(2021, 2022, {{2021, Quantity(0), true}, {2022, Quantity(0), true}}, Always(0))), "EE");
}

TEST(AssessTest, EmissionsBeyondCountingAreOutOfRange) {
  const EmissionFigures figures = {{2021, Quantity(INT64_MAX)}, {2022, Quantity(1)}};
  EXPECT_EQ(Assess(2021, 2022, figures, Always(0)).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Assess(2022, 2022, figures, Always(0)).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_TRUE(Assess(2021, 2021, figures, Always(0)).ok());
}

// ---- The public record ----

// One line of a CSV file; quoted fields may hold commas.
std::vector<std::string> SplitCsv(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

// What the UK ETS Authority published for 336 accounts. The report gives surrenders in all and not by year, so the last year's status is
// the one that can be told from it.
TEST(AssessTest, ThePublishedStatusesOfUkEtsComeOut) {
  std::ifstream file(std::string(SONGHUA_TESTDATA) + "/uk_ets/compliance_2021_2024_quarter.csv");
  ASSERT_TRUE(file.is_open());
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  const std::vector<std::string> header = SplitCsv(line);
  int accounts = 0, judged = 0, covered = 0;
  while (std::getline(file, line)) {
    const std::vector<std::string> fields = SplitCsv(line);
    ASSERT_EQ(fields.size(), header.size()) << line;
    std::map<std::string, std::string> row;
    for (size_t i = 0; i < header.size(); ++i) row[header[i]] = fields[i];
    ++accounts;
    EmissionFigures figures;
    for (int32_t year = 2021; year <= 2024; ++year) {
      const std::string& figure = row["emissions_" + std::to_string(year)];
      if (figure.empty()) continue;
      const bool excluded = figure == "EXCLUDED";
      figures.push_back({year, Quantity(excluded ? 0 : std::stoll(figure)), excluded});
    }
    const auto record = Assess(2021, 2024, figures, Always(std::stoll(row["cumulative_surrenders"])));
    ASSERT_TRUE(record.ok());
    EXPECT_EQ(record->cumulative_emissions, Quantity(std::stoll(row["cumulative_emissions"]))) << line;
    const std::string& published = row["status_2024"];
    if (figures.empty() || figures.back().year != 2024 || published.empty()) continue;
    EXPECT_EQ(StatusName(record->years.back().status), published) << line;
    ++judged;
    covered += published == "A";
  }
  EXPECT_EQ(accounts, 336);
  EXPECT_EQ(judged, 319);
  EXPECT_EQ(covered, 300);
}

// ---- Recording ----

struct Registry : SurrenderReader {
  absl::Status CheckObligation(const std::string& account, const std::string& program) const override {
    if (account != "plant.registry") return NotFound("account", "accounts/" + account);
    if (program != "cea" && program != "uk-ets") return NotFound("program", "programs/" + program);
    return absl::OkStatus();
  }
  Quantity SurrenderedUpTo(const std::string&, const std::string&, int32_t obligation_year) const override {
    Quantity total;
    for (const auto& [year, units] : surrendered) {
      if (year <= obligation_year) total += units;
    }
    return total;
  }
  std::map<int32_t, Quantity> surrendered;
};

class ComplianceTest : public TableFixture {
 protected:
  absl::StatusOr<v1::ComplianceAnswer> Record(int32_t year, int64_t emissions, const std::string& more = "") {
    const std::string text = "account: 'accounts/plant.registry' program: 'programs/cea' year: " + std::to_string(year) +
                             " verified_emissions: " + std::to_string(emissions) + " " + more;
    return Run([&](CommandContext& context) {
      return compliance_->RecordVerifiedEmissions(context, Text<v1::RecordVerifiedEmissionsRequest>(text), registry_);
    });
  }
  void Restart() {
    stored_.Fold(&tables_);
    compliance_.reset();
    compliance_ = std::make_unique<Compliance>(&tables_);
    stored_.LoadInto(&tables_);
  }

  std::unique_ptr<Compliance> compliance_ = std::make_unique<Compliance>(&tables_);
  Registry registry_;
  StoredRows stored_;
};

TEST_F(ComplianceTest, ARecordAnswersWithTheAccountsYears) {
  registry_.surrendered = {{2023, Quantity(100)}, {2024, Quantity(50)}};
  ASSERT_EQ(Outcome(Record(2023, 100)), "OK");
  const auto answer = Record(2025, 60);
  ASSERT_EQ(Outcome(answer), "OK");
  const v1::ComplianceRecord& record = answer->record();
  EXPECT_EQ(record.account(), "accounts/plant.registry");
  EXPECT_EQ(record.first_year(), 2023);
  EXPECT_EQ(record.last_year(), 2025);
  ASSERT_EQ(record.years_size(), 3);
  EXPECT_EQ(record.years(0).status(), "A");
  EXPECT_EQ(record.years(1).status(), "C");
  EXPECT_FALSE(record.years(1).recorded());
  EXPECT_EQ(record.years(2).status(), "C");
  EXPECT_EQ(record.years(2).cumulative_emissions(), 160);
  EXPECT_EQ(record.years(2).cumulative_surrenders(), 150);
}

TEST_F(ComplianceTest, ALaterRecordReplacesTheFigure) {
  ASSERT_EQ(Outcome(Record(2024, 100)), "OK");
  const auto answer = Record(2024, 90);
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->record().cumulative_emissions(), 90);
  EXPECT_EQ(compliance_->Find("plant.registry", 2024)->revision, 2u);
  EXPECT_EQ(compliance_->FiguresOf("plant.registry"), (EmissionFigures{{2024, Quantity(90)}}));
}

TEST_F(ComplianceTest, WhatARecordMustSay) {
  EXPECT_EQ(Outcome(Record(2024, 1, "account: 'plant'")), "INVALID_FIELD - account");
  EXPECT_EQ(Outcome(Record(2024, 1, "program: 'cea'")), "INVALID_FIELD - program");
  EXPECT_EQ(Outcome(Record(2027, 1)), "INVALID_FIELD - year");  // today is in 2026
  EXPECT_EQ(Outcome(Record(1989, 1)), "INVALID_FIELD - year");
  EXPECT_EQ(Outcome(Record(2024, -1)), "INVALID_FIELD - verified_emissions");
  EXPECT_EQ(Outcome(Record(2024, 1, "excluded: true")), "INVALID_FIELD - verified_emissions");
  EXPECT_EQ(Outcome(Record(2024, 1, "account: 'accounts/other.registry'")), "NOT_FOUND - account");
  EXPECT_EQ(Outcome(Record(2024, 1, "program: 'programs/rggi'")), "NOT_FOUND - program");
  EXPECT_TRUE(compliance_->FiguresOf("plant.registry").empty());
  validate_only_ = true;
  EXPECT_EQ(Record(2024, 7)->record().cumulative_emissions(), 7);
  EXPECT_EQ(compliance_->Find("plant.registry", 2024), nullptr);
}

TEST_F(ComplianceTest, AnAccountReportsUnderOneProgram) {
  ASSERT_EQ(Outcome(Record(2024, 1, "program: 'programs/uk-ets'")), "OK");
  ASSERT_EQ(Outcome(Record(2024, 1)), "OK");  // the only figure named the wrong one
  EXPECT_EQ(Outcome(Record(2025, 1, "program: 'programs/uk-ets'")), "OTHER_PROGRAM CAR-47 program");
}

TEST_F(ComplianceTest, ASumThatDoesNotFitIsRefused) {
  ASSERT_EQ(Outcome(Record(2023, INT64_MAX)), "OK");
  EXPECT_EQ(Record(2024, 1).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Outcome(Record(2023, 1)), "OK");
  EXPECT_EQ(Outcome(Record(2024, 1)), "OK");
}

TEST_F(ComplianceTest, FiguresComeBackFromRows) {
  ASSERT_EQ(Outcome(Record(2024, 30)), "OK");
  ASSERT_EQ(Outcome(Record(2021, 10)), "OK");
  ASSERT_EQ(Outcome(Record(2024, 40)), "OK");
  ASSERT_EQ(Outcome(Record(2020, 0, "excluded: true")), "OK");
  Restart();
  EXPECT_EQ(compliance_->FiguresOf("plant.registry"), (EmissionFigures{{2020, Quantity(0), true}, {2021, Quantity(10)}, {2024, Quantity(40)}}));
  EXPECT_EQ(Record(2025, 5)->record().cumulative_emissions(), 55);
  EXPECT_EQ(Outcome(Record(2025, 5, "program: 'programs/uk-ets'")), "OTHER_PROGRAM CAR-47 program");
}

TEST(MakeRecordTest, YearsThatAreNotAskedForAreThoseRecorded) {
  const EmissionFigures figures = {{2021, Quantity(1)}, {2023, Quantity(1)}};
  EXPECT_EQ(MakeRecord("a", 0, 0, figures, Always(0))->years_size(), 3);
  EXPECT_EQ(MakeRecord("a", 2022, 0, figures, Always(0))->years_size(), 2);
  EXPECT_EQ(MakeRecord("a", 0, 2025, figures, Always(0))->years_size(), 5);
  EXPECT_EQ(MakeRecord("a", 0, 0, {}, Always(0))->years_size(), 0);
  EXPECT_EQ(MakeRecord("a", 2022, 2023, {}, Always(0))->years_size(), 2);
  EXPECT_EQ(Outcome(MakeRecord("a", 2024, 2023, figures, Always(0))), "INVALID_FIELD - last_year");
  EXPECT_EQ(Outcome(MakeRecord("a", 1990, 2090, figures, Always(0))), "INVALID_FIELD - last_year");
  EXPECT_EQ(Outcome(MakeRecord("a", -2147483647, 2147483647, figures, Always(0))), "INVALID_FIELD - last_year");
  EXPECT_TRUE(MakeRecord("a", 1990, 2089, figures, Always(0)).ok());
}

}  // namespace
}  // namespace songhua::permits
