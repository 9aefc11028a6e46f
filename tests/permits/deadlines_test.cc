#include "permits/deadlines.h"

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "permits/explain.h"
#include "permits/regimes.h"
#include "tests/table_fixture.h"

namespace songhua::permits {
namespace {

std::string Shipped(const std::string& path) {
  std::ifstream file(std::string(SONGHUA_TESTDATA) + "/../../" + path);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Bell : Alarm {
  void WakeAt(Timestamp at) override { rung.push_back(at); }
  std::vector<Timestamp> rung;
};

class DeadlinesTest : public TableFixture, public DeadlineHandler {
 protected:
  void SetUp() override {
    ASSERT_EQ(Outcome(LoadRegime("")), "OK");
    for (const char* year : {"2025", "2026"}) LoadYear(Shipped(std::string("ledger/calendars/china-") + year + ".txtpb"));
  }
  // The shipped regime with some fields replaced.
  absl::StatusOr<v1::RegimeAnswer> LoadRegime(const std::string& changes) {
    v1::LoadRegimeRequest request;
    *request.mutable_regime() = Text<v1::Regime>(Shipped("permits/regimes/cn-permits.txtpb") + "effective_from: '2026-01-05' " + changes);
    return Run([&](CommandContext& context) { return regimes_->LoadRegime(context, request); });
  }
  uint32_t LoadYear(const std::string& text) {
    v1::LoadCalendarYearRequest request;
    *request.mutable_calendar_year() = Text<v1::CalendarYear>(text);
    const auto answer = Run([&](CommandContext& context) { return calendars_->LoadCalendarYear(context, request, nullptr); });
    EXPECT_EQ(Outcome(answer), "OK");
    uint32_t moved = 0;
    Do([&](CommandContext& context) { moved = deadlines_->Recount(context, request.calendar_year().year()); });
    return moved;
  }
  template <class Act>
  void Do(Act act) {
    Run([&](CommandContext& context) {
      act(context);
      return absl::StatusOr<v1::RegimeAnswer>(v1::RegimeAnswer());
    });
  }
  const RegimeRow& regime() { return *regimes_->InForce("cn-permits", today_); }
  uint64_t Begin(v1::DeadlineKind kind, const std::string& subject = "applications/1") {
    uint64_t number = 0;
    Do([&](CommandContext& context) {
      Deadlines::Start start;
      start.kind = kind;
      start.subject = subject;
      start.trigger = today_;
      start.region = Region(220100);
      number = deadlines_->Begin(context, regime(), start).number;
    });
    return number;
  }
  const DeadlineRow& Row(uint64_t number) { return *deadlines_->Find(number); }
  std::string Due(uint64_t number) { return FormatDate(Row(number).due) + (Row(number).provisional ? " provisional" : ""); }
  // Passes what has passed by today; the numbers that the handler saw.
  std::vector<uint64_t> Pass(size_t max = 100) {
    passed_.clear();
    Do([&](CommandContext& context) { more_ = deadlines_->Pass(context, *this, max); });
    return passed_;
  }
  void OnPassed(CommandContext& context, const DeadlineRow& deadline) override {
    passed_.push_back(deadline.number);
    if (elapse_) deadlines_->Elapse(context, deadline);
  }
  void Restart() {
    stored_.Fold(&tables_);
    deadlines_.reset();
    regimes_.reset();
    calendars_.reset();
    counters_.reset();
    Build();
    stored_.LoadInto(&tables_);
  }
  void Build() {
    counters_ = std::make_unique<ledger::Counters>(&tables_);
    calendars_ = std::make_unique<ledger::Calendars>(&tables_);
    regimes_ = std::make_unique<Regimes>(&tables_);
    deadlines_ = std::make_unique<Deadlines>(&tables_, counters_.get(), calendars_.get(), &bell_);
  }

  Bell bell_;
  StoredRows stored_;
  std::unique_ptr<ledger::Counters> counters_ = std::make_unique<ledger::Counters>(&tables_);
  std::unique_ptr<ledger::Calendars> calendars_ = std::make_unique<ledger::Calendars>(&tables_);
  std::unique_ptr<Regimes> regimes_ = std::make_unique<Regimes>(&tables_);
  std::unique_ptr<Deadlines> deadlines_ = std::make_unique<Deadlines>(&tables_, counters_.get(), calendars_.get(), &bell_);
  std::vector<uint64_t> passed_;
  bool elapse_ = true;
  bool more_ = false;
};

TEST_F(DeadlinesTest, ADeadlinePassesAfterTheLastInstantOfItsLastDay_GEN04) {
  SetDay(2026, 9, 7);
  const uint64_t intake = Begin(v1::INTAKE);
  EXPECT_EQ(Due(intake), "2026-09-10");
  EXPECT_EQ(bell_.rung.back(), StartOfDay(MakeDate(2026, 9, 11)));
  SetDay(2026, 9, 10);
  EXPECT_TRUE(Pass().empty());
  SetDay(2026, 9, 11);
  EXPECT_EQ(Pass(), std::vector<uint64_t>{intake});
  EXPECT_EQ(deadlines_->Find(intake), nullptr);
  EXPECT_TRUE(Pass().empty()) << "it passes once";
}

TEST_F(DeadlinesTest, WhatIsOnlyOwedBecomesOverdueAndIsEscalatedOnce) {
  SetDay(2026, 9, 7);
  const uint64_t review = Begin(v1::REVIEW_SIMPLIFIED);
  elapse_ = false;
  SetDay(2026, 10, 12);
  EXPECT_EQ(Pass(), std::vector<uint64_t>{review});
  EXPECT_EQ(Row(review).state, v1::OVERDUE);
  EXPECT_TRUE(Row(review).escalated);
  EXPECT_TRUE(Pass().empty());
  Do([&](CommandContext& context) { deadlines_->Meet(context, Row(review)); });
  EXPECT_EQ(deadlines_->Open("applications/1", v1::REVIEW_SIMPLIFIED), nullptr);
}

TEST_F(DeadlinesTest, PausedDaysMoveTheLastDay_GEN05) {
  SetDay(2026, 9, 7);
  const uint64_t review = Begin(v1::REVIEW_SIMPLIFIED);
  EXPECT_EQ(Due(review), "2026-10-10");
  SetDay(2026, 9, 14);
  Do([&](CommandContext& context) { deadlines_->Pause(context, Row(review), "assessment", "notices/12"); });
  EXPECT_EQ(Row(review).state, v1::PAUSED);
  EXPECT_EQ(Explain(Row(review), *calendars_, Language::kEnglish).substr(0, 16), "the clock stands");
  SetDay(2026, 12, 1);
  EXPECT_TRUE(Pass().empty()) << "a clock that stands passes nothing";
  SetDay(2026, 9, 20);  // Tue to Fri and the made-up Sunday: 5 working days
  Do([&](CommandContext& context) { deadlines_->Resume(context, Row(review)); });
  EXPECT_EQ(Due(review), "2026-10-16");
  EXPECT_EQ(Explain(Row(review), *calendars_, Language::kEnglish),
            "due 2026-10-16: 20 working days from 2026-09-07, paused 5 for assessment (notices/12); holiday 2026-09-25..2026-09-27, "
            "2026-10-01..2026-10-07; workday 2026-09-20, 2026-10-10");
  EXPECT_EQ(Explain(Row(review), *calendars_, Language::kChinese),
            "截止 2026-10-16：20个工作日，自 2026-09-07，扣除 5，事由：assessment (notices/12)；法定假日 2026-09-25..2026-09-27, "
            "2026-10-01..2026-10-07；调休上班 2026-09-20, 2026-10-10");
}

TEST_F(DeadlinesTest, ASiteCheckGivesMoreDaysForTheSameEvent_PERMIT36) {
  SetDay(2026, 3, 2);
  const uint64_t review = Begin(v1::REVIEW_KEY);
  EXPECT_EQ(Due(review), "2026-04-14");
  Do([&](CommandContext& context) { deadlines_->Extend(context, Row(review), regime(), v1::REVIEW_KEY_SITE_CHECK); });
  EXPECT_EQ(Due(review), "2026-05-08");
  EXPECT_EQ(deadlines_->Open("applications/1", v1::REVIEW_KEY), nullptr);
  EXPECT_NE(deadlines_->Open("applications/1", v1::REVIEW_KEY_SITE_CHECK), nullptr);
}

TEST_F(DeadlinesTest, AProvisionalDeadlinePassesOnlyWhenItsYearIsLoaded) {
  SetDay(2026, 12, 30);
  const uint64_t intake = Begin(v1::INTAKE);
  EXPECT_EQ(Due(intake), "2027-01-04 provisional");
  EXPECT_NE(Explain(Row(intake), *calendars_, Language::kEnglish).find("PROVISIONAL: the holidays of 2027"), std::string::npos);
  SetDay(2027, 1, 8);
  EXPECT_TRUE(Pass().empty()) << "nothing irreversible happens by a provisional day";
  EXPECT_TRUE(Row(intake).escalated);
  EXPECT_EQ(Row(intake).state, v1::RUNNING);
  Restart();
  EXPECT_TRUE(Pass().empty());
  EXPECT_EQ(LoadYear("year: 2027 source: 'n' holidays: '2027-01-01' holidays: '2027-01-04' holidays: '2027-01-05'"), 1u);
  EXPECT_EQ(Due(intake), "2027-01-07");
  EXPECT_EQ(Pass(), std::vector<uint64_t>{intake});
}

TEST_F(DeadlinesTest, LoadingAYearMovesOnlyWhatRunsThroughIt) {
  SetDay(2026, 12, 30);
  const uint64_t next_year = Begin(v1::INTAKE, "applications/1");
  SetDay(2026, 9, 7);
  const uint64_t this_year = Begin(v1::INTAKE, "applications/2");
  EXPECT_EQ(LoadYear("year: 2027 source: 'n' holidays: '2027-01-01'"), 1u);
  EXPECT_EQ(Due(next_year), "2027-01-05");
  EXPECT_EQ(Due(this_year), "2026-09-10");
}

TEST_F(DeadlinesTest, RenewalIsCountedBackAndNeverRolls_GEN04) {
  SetDay(2026, 3, 31);
  const RegimeRow& law = regime();
  EXPECT_EQ(FormatDate(deadlines_->DueOf(law, v1::RENEWAL_LEAD, MakeDate(2027, 3, 31)).due), "2027-01-30");
  EXPECT_EQ(FormatDate(deadlines_->DueOf(law, v1::RENEWAL_LEAD, MakeDate(2031, 2, 28)).due), "2030-12-30");
}

TEST_F(DeadlinesTest, ANightIsPassedInSlices) {
  SetDay(2026, 9, 7);
  for (int i = 0; i < 25; ++i) Begin(v1::INTAKE, "applications/" + std::to_string(i + 1));
  SetDay(2026, 9, 11);
  EXPECT_EQ(Pass(10).size(), 10u);
  EXPECT_TRUE(more_);
  EXPECT_EQ(Pass(10).size(), 10u);
  EXPECT_EQ(Pass(10).size(), 5u);
  EXPECT_FALSE(more_);
}

TEST_F(DeadlinesTest, AllStateComesBackFromRows) {
  SetDay(2026, 9, 7);
  const uint64_t review = Begin(v1::REVIEW_SIMPLIFIED);
  const uint64_t intake = Begin(v1::INTAKE);
  Do([&](CommandContext& context) { deadlines_->Pause(context, Row(review), "hearing", ""); });
  Restart();
  EXPECT_EQ(Row(review).state, v1::PAUSED);
  EXPECT_EQ(deadlines_->OpenOf("applications/1").size(), 2u);
  SetDay(2026, 9, 11);
  EXPECT_EQ(Pass(), std::vector<uint64_t>{intake});
  EXPECT_EQ(Begin(v1::POST_CHECK), 3u);
}

// ---- Months and years ----

// GEN-04 with the Civil Code, article 202: the day of the same number, or the last of the month; then on to a working day.
TEST_F(DeadlinesTest, MonthsEndOnTheDayOfTheSameNumberOrTheLastOfTheMonth_GEN04) {
  struct Case {
    const char* from;
    int32_t months;
    int32_t years;
    const char* last;  // before it moves on
    const char* due;
  };
  const Case cases[] = {
      {"2026-01-31", 1, 0, "2026-02-28", "2026-02-28"},  // a Saturday that is made up
      {"2026-01-30", 1, 0, "2026-02-28", "2026-02-28"},
      {"2026-01-28", 1, 0, "2026-02-28", "2026-02-28"},
      {"2024-01-31", 1, 0, "2024-02-29", "2024-02-29"},  // a leap year
      {"2023-01-31", 1, 0, "2023-02-28", "2023-02-28"},
      {"2026-03-31", 1, 0, "2026-04-30", "2026-04-30"},
      {"2026-02-28", 1, 0, "2026-03-28", "2026-03-30"},  // not the end of March; a Saturday
      {"2025-08-31", 6, 0, "2026-02-28", "2026-02-28"},
      {"2026-03-02", 6, 0, "2026-09-02", "2026-09-02"},  // 184 days
      {"2026-04-01", 6, 0, "2026-10-01", "2026-10-08"},  // in the holidays
      {"2025-12-31", 2, 0, "2026-02-28", "2026-02-28"},  // across the year
      {"2024-02-29", 0, 1, "2025-02-28", "2025-02-28"},
      {"2024-02-29", 0, 2, "2026-02-28", "2026-02-28"},
      {"2024-02-29", 12, 0, "2025-02-28", "2025-02-28"},
      {"2024-10-03", 0, 2, "2026-10-03", "2026-10-08"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.from) + " " + std::to_string(c.months) + " months " + std::to_string(c.years) + " years");
    const Date from = *ParseDate(c.from);
    const ledger::PeriodLength length{0, v1::NATURAL, c.months, c.years};
    EXPECT_EQ(FormatDate(ledger::Calendars::LastDayOfMonths(from, length)), c.last);
    EXPECT_EQ(FormatDate(calendars_->Count(from, length, 0).due), c.due);
  }
  const ledger::PeriodLength two_months{0, v1::NATURAL, 2, 0};
  EXPECT_EQ(FormatDate(calendars_->CountBack(MakeDate(2026, 4, 30), two_months)), "2026-02-28");
  EXPECT_EQ(FormatDate(calendars_->CountBack(MakeDate(2026, 5, 4), two_months)), "2026-03-04");
}

TEST_F(DeadlinesTest, SixMonthsToSueAreCountedAndExplainedAsMonths_PERMIT41) {
  SetDay(2026, 3, 31);
  const uint64_t litigation = Begin(v1::LITIGATION);
  EXPECT_EQ(Due(litigation), "2026-09-30");
  EXPECT_EQ(Explain(Row(litigation), *calendars_, Language::kEnglish), "due 2026-09-30: 6 months from 2026-03-31; the month has no day 31, its last day counts");
  EXPECT_EQ(Explain(Row(litigation), *calendars_, Language::kChinese), "截止 2026-09-30：6个月，自 2026-03-31；到期月无 31 日，以月末日为准");
  SetDay(2026, 4, 1);
  const uint64_t rolled = Begin(v1::LITIGATION, "applications/2");
  EXPECT_EQ(Explain(Row(rolled), *calendars_, Language::kEnglish), "due 2026-10-08: 6 months from 2026-04-01; moved on from 2026-10-01");
  SetDay(2026, 8, 31);
  const uint64_t next_year = Begin(v1::LITIGATION, "applications/3");
  EXPECT_EQ(Due(next_year), "2027-03-01 provisional") << "the last of February 2027 is a Sunday of a year that is not published";
  EXPECT_EQ(ToProto(Row(next_year), *calendars_).months(), 6);
}

// GEN-05: days on which the clock stood are added after the months.
TEST_F(DeadlinesTest, PausedDaysAreAddedToMonths_GEN05) {
  SetDay(2026, 3, 2);
  const uint64_t litigation = Begin(v1::LITIGATION);
  SetDay(2026, 4, 10);
  Do([&](CommandContext& context) { deadlines_->Pause(context, Row(litigation), "force majeure", ""); });
  SetDay(2026, 4, 15);
  Do([&](CommandContext& context) { deadlines_->Resume(context, Row(litigation)); });
  EXPECT_EQ(Due(litigation), "2026-09-07") << "five days after 2026-09-02";
}

TEST_F(DeadlinesTest, ALengthIsDaysOrMonthsOrYears_GEN03) {
  SetDay(2026, 1, 6);
  const auto with = [&](const std::string& length) {
    std::string text = Shipped("permits/regimes/cn-permits.txtpb");
    const std::string litigation = "months: 6 day_count: NATURAL rule: \"PERMIT-41\"";
    const size_t at = text.find(litigation);
    text.replace(at, litigation.size(), length + " rule: 'PERMIT-41'");
    v1::LoadRegimeRequest request;
    *request.mutable_regime() = Text<v1::Regime>(text + "effective_from: '2026-02-01'");
    return Outcome(Run([&](CommandContext& context) {
      CommandContext check = context;
      check.validate_only = true;
      return regimes_->LoadRegime(check, request);
    }));
  };
  EXPECT_EQ(with("years: 1 day_count: NATURAL"), "OK");
  EXPECT_EQ(with("months: 120 day_count: NATURAL"), "OK");
  EXPECT_EQ(with("months: 6 days: 1 day_count: NATURAL"), "INVALID_FIELD GEN-03 regime.periods[16].days");
  EXPECT_EQ(with("months: 6 day_count: WORKDAY"), "INVALID_FIELD GEN-02 regime.periods[16].day_count");
  EXPECT_EQ(with("months: 121 day_count: NATURAL"), "INVALID_FIELD GEN-03 regime.periods[16].months");
  EXPECT_EQ(with("years: -1 day_count: NATURAL"), "INVALID_FIELD GEN-03 regime.periods[16].years");
  EXPECT_EQ(with("months: 6"), "INVALID_FIELD GEN-02 regime.periods[16].day_count");
}

// ---- Regimes ----

TEST_F(DeadlinesTest, ARegimeThatContradictsItselfIsRefused) {
  SetDay(2026, 1, 6);
  const std::string later = "effective_from: '2026-02-01' ";
  EXPECT_EQ(Outcome(LoadRegime("effective_from: '2026-01-04'")), "INVALID_FIELD GEN-09 regime.effective_from");
  EXPECT_EQ(Outcome(LoadRegime("effective_from: '2026-01-06' version: 9")), "OK");
  EXPECT_EQ(Outcome(LoadRegime("effective_from: '2026-01-06'")), "VERSION_NOT_LATER GEN-09 regime.effective_from");
  EXPECT_EQ(Outcome(LoadRegime(later + "periods { kind: INTAKE days: 3 day_count: WORKDAY rule: 'PERMIT-32' }")),
            "INVALID_FIELD GEN-09 regime.periods[19].kind");
  EXPECT_EQ(Outcome(LoadRegime(later + "term_years: 0")), "INVALID_FIELD PERMIT-47 regime.term_years");
  EXPECT_EQ(Outcome(LoadRegime(later + "registration_years: 0")), "INVALID_FIELD PERMIT-06 regime.registration_years");
  EXPECT_EQ(Outcome(LoadRegime(later + "catalogue { item: '1' industry_prefix: '22' process: 'BOILER' tier: KEY }")),
            "INVALID_FIELD PERMIT-02 regime.catalogue[20]");
  EXPECT_EQ(Outcome(LoadRegime(later + "fines { conduct: 'PERMIT-80' violations_from: '2026-08-15' least_fen: 1 most_fen: 2 legal_basis: 'x' }")).substr(0, 23),
            "INVALID_FIELD PERMIT-89");
  EXPECT_EQ(Outcome(LoadRegime(later + "code: 'other'")), "REGION_GOVERNED GEN-09 regime.region");
  EXPECT_EQ(Outcome(LoadRegime(later + "region: '210000'")), "REGION_CHANGED GEN-09 regime.region");
  EXPECT_EQ(Outcome(LoadRegime(later + "code: 'changchun' region: '220100'")), "OK");
  SetDay(2026, 2, 1);
  EXPECT_EQ(regimes_->GoverningRegion(Region(220102), today_)->code, "changchun");
  EXPECT_EQ(regimes_->GoverningRegion(Region(220200), today_)->code, "cn-permits");
  EXPECT_EQ(regimes_->GoverningRegion(Region(110000), today_), nullptr);
}

// The second regime is only another file: its renewals are due 180 days ahead, its periods count every day.
TEST_F(DeadlinesTest, AnotherLawIsAnotherFile) {
  SetDay(2026, 1, 6);
  v1::LoadRegimeRequest request;
  *request.mutable_regime() = Text<v1::Regime>(Shipped("permits/regimes/us-npdes.txtpb") + "effective_from: '2026-01-06' region: '110000'");
  ASSERT_EQ(Outcome(Run([&](CommandContext& context) { return regimes_->LoadRegime(context, request); })), "OK");
  const RegimeRow& npdes = *regimes_->GoverningRegion(Region(110101), today_);
  EXPECT_EQ(npdes.code, "us-npdes");
  EXPECT_EQ(FormatDate(deadlines_->DueOf(npdes, v1::RENEWAL_LEAD, MakeDate(2031, 3, 31)).due), "2030-10-02");
  EXPECT_EQ(FormatDate(deadlines_->DueOf(npdes, v1::PUBLICITY_PERIOD, MakeDate(2026, 3, 2)).due), "2026-04-01");
  EXPECT_TRUE(npdes.Publishes(v1::SIMPLIFIED));
}

TEST_F(DeadlinesTest, TheStrictestTierOfSeveralIndustriesCounts_PERMIT02) {
  const RegimeRow& law = regime();
  EXPECT_EQ(TierOf(law, {{"2211"}, {}, {}}), v1::KEY);
  EXPECT_EQ(TierOf(law, {{"4430"}, {}, {}}), v1::SIMPLIFIED);
  EXPECT_EQ(TierOf(law, {{"4430"}, {}, {{"boiler_t_per_h", 20}}}), v1::KEY);
  EXPECT_EQ(TierOf(law, {{"4430"}, {}, {{"boiler_t_per_h", 19}}}), v1::SIMPLIFIED);
  EXPECT_EQ(TierOf(law, {{"9999"}, {"BOILER"}, {{"boiler_t_per_h", 10}}}), v1::REGISTRATION);
  EXPECT_EQ(TierOf(law, {{"9999", "2211"}, {"BOILER"}, {}}), v1::KEY);
}

TEST_F(DeadlinesTest, AFineRangeIsChosenByTheDayOfTheViolation_PERMIT81) {
  const RegimeRow& law = regime();
  EXPECT_EQ(FineRangeFor(law, "PERMIT-81", false, MakeDate(2026, 8, 14))->least, Money(20'000'000));
  EXPECT_EQ(FineRangeFor(law, "PERMIT-81", false, MakeDate(2026, 8, 15))->least, Money(10'000'000));
  EXPECT_TRUE(FineRangeFor(law, "PERMIT-81", true, MakeDate(2026, 8, 15))->may_revoke);
  EXPECT_EQ(FineRangeFor(law, "PERMIT-99", false, MakeDate(2026, 8, 15)), nullptr);
}

}  // namespace
}  // namespace songhua::permits
