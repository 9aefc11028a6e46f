// What is printed, compared with files that an officer can read: tests/data/permit_prints. SONGHUA_WRITE_PRINTS=1 writes them anew, to be read before they are
// committed.
#include "permits/permit_print.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/check_codes.h"
#include "permits/print_layout.h"
#include "tests/table_fixture.h"

namespace songhua::permits {
namespace {

using testing::HasSubstr;
using testing::Not;
using Copy = v1::RenderPermitRequest;

constexpr char kDetails[] = R"(
  holder_address: '长春市朝阳区前进大街1号' legal_representative: '王芳' site_address: '长春市绿园区热电路8号'
  industries: '4412' industries: '4430' processes: 'BOILER'
  standards { scope: 'DA001' pollutant: 'SO2' measure: CONCENTRATION statistic: HOURLY_AVERAGE bound: AT_MOST value: 35000 source: 'GB 13223-2011' }
  standards { scope: 'DA001' pollutant: 'SO2' measure: AMOUNT statistic: DAILY_TOTAL bound: AT_MOST value: 120500
              season_from: '11-01' season_to: '03-31' special_period: ALERT_RED source: '吉环函〔2025〕7号' }
  standards { scope: 'DW001' pollutant: 'PH' measure: PLAIN_NUMBER statistic: INSTANTANEOUS bound: AT_LEAST value: 6000 source: 'GB 8978-1996' }
  standards { scope: 'DW001' pollutant: 'PH' measure: PLAIN_NUMBER statistic: INSTANTANEOUS bound: AT_MOST value: 9000 source: 'GB 8978-1996' }
  standards { scope: 'DW001' pollutant: 'HG' measure: CONCENTRATION statistic: DAILY_AVERAGE bound: AT_MOST value: 5 source: 'GB 8978-1996' }
  standards { scope: 'DA001' pollutant: 'SO2' measure: REMOVAL statistic: DAILY_AVERAGE bound: AT_LEAST value: 98500 }
  facilities { code: 'MF0001' display_name: '1号锅炉' description: '循环流化床，75 t/h' }
  facilities { code: 'TA001' display_name: '脱硫塔' description: '石灰石-石膏法' }
  requirements { kind: MONITORING text: 'SO2 自动监测；HG 每季度一次' }
  requirements { kind: EXECUTION_REPORT text: '季度执行报告' }
  requirements { kind: EXECUTION_REPORT text: '年度执行报告，次年一月十五日前' }
  requirements { kind: FUGITIVE_CONTROL text: '煤场封闭' }
  confidential_fields { path: 'legal_representative' justification: '保密约定' }
  confidential_fields { path: 'facilities[TA001].description' justification: '专有工艺' })";

constexpr char kOutlets[] = R"(
  outlets { code: 'DA001' type: MAIN display_name: '锅炉烟囱' longitude_microdegrees: 125324500 latitude_microdegrees: 43886800 height_mm: 80000
            inner_diameter_mm: 2500 temperature_celsius: 55 mode: CONTINUOUS destination: '大气' }
  outlets { code: 'DW001' type: MAIN basin: 'SONGHUA' display_name: '总排口' mode: INTERMITTENT destination: '伊通河' function_class: 'III' }
  limits { scope: 'DA001' pollutant: 'SO2' annual_limits { year: 2026 quantity: 8074000 } annual_limits { year: 2027 quantity: 21648999 } }
  limits { scope: 'FUGITIVE' pollutant: 'SO2' annual_limits { year: 2026 quantity: 1000000 } annual_limits { year: 2027 quantity: 1 } }
  limits { scope: 'SITE' pollutant: 'SO2' annual_limits { year: 2026 quantity: 9074000 } annual_limits { year: 2027 quantity: 21649000 } }
  limits { scope: 'DW001' pollutant: 'HG' annual_limits { year: 2026 quantity: 1234 } annual_limits { year: 2027 quantity: 1234 } }
  limits { scope: 'SITE' pollutant: 'HG' annual_limits { year: 2026 quantity: 1234 } annual_limits { year: 2027 quantity: 1234 } })";

class PermitPrintTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto request = Text<v1::IssuePermitRequest>(std::string(kOutlets) + "details {" + kDetails + "}");
    const auto content = ParseContent(request.outlets(), request.limits(), request.details(), nullptr);
    ASSERT_TRUE(content.ok()) << content.status();
    content_ = *content;
    row_.number = "91130200699229617X001P";
    row_.version = 2;
    row_.site = "91130200699229617X001";
    row_.region = *ParseRegion("220102");
    row_.tier = v1::KEY;
    row_.term = {MakeDate(2026, 1, 5), MakeDate(2027, 12, 31)};
    row_.issue_time = StartOfDay(MakeDate(2026, 1, 5));
    application_.number = 7;
    application_.type = v1::Application::FIRST;
    application_.state = v1::Application::ACCEPTED;
    application_.site = row_.site;
    application_.participant = "91130200699229617X";
    application_.tier = v1::KEY;
    application_.receipt_date = MakeDate(2026, 1, 5);
    application_.accept_date = MakeDate(2026, 1, 7);
  }

  PermitSheet Sheet(const PermitContent& content) const {
    return {&row_, &content, "长春第一热电有限公司", "一号厂区", "长春市生态环境局", MakeDate(2026, 11, 24)};
  }
  ReceiptSheet Receipt() const { return {&application_, application_.accept_date, "", "长春第一热电有限公司", "一号厂区", "长春市生态环境局"}; }

  static void ExpectFile(const std::string& name, const std::string& text) {
    const std::string path = std::string(SONGHUA_TESTDATA) + "/permit_prints/" + name;
    if (std::getenv("SONGHUA_WRITE_PRINTS") != nullptr) std::ofstream(path) << text;
    std::ifstream file(path);
    ASSERT_TRUE(file.good()) << path;
    std::stringstream expected;
    expected << file.rdbuf();
    EXPECT_EQ(text, expected.str()) << path;
  }

  PermitRow row_;
  PermitContent content_;
  ApplicationRow application_;
};

TEST_F(PermitPrintTest, AnOfficerReadsBothCopiesInChinese) {
  ExpectFile("permit.zh.txt", PrintPermit(Sheet(content_), Language::kChinese, Copy::BOTH));
}

TEST_F(PermitPrintTest, AnOfficerReadsBothCopiesInEnglish) {
  ExpectFile("permit.en.txt", PrintPermit(Sheet(content_), Language::kEnglish, Copy::BOTH));
}

TEST_F(PermitPrintTest, ThePublicReadsThatAFieldIsWithheldAndNeverMissesALimit) {
  const PermitContent masked = Masked(content_);
  const std::string text = PrintPermit(Sheet(masked), Language::kChinese, Copy::BOTH);
  ExpectFile("permit_public.zh.txt", text);
  EXPECT_THAT(text, Not(HasSubstr("王芳")));
  EXPECT_THAT(text, Not(HasSubstr("石灰石")));
  EXPECT_THAT(text, Not(HasSubstr("保密约定")));
  EXPECT_THAT(text, HasSubstr("8.074"));
  EXPECT_THAT(text, HasSubstr("≤ 35 mg/m³"));
}

// PERMIT-57: the permit stays valid, and who reads it sees that the site may not run.
TEST_F(PermitPrintTest, WhatRestrainsTheSiteTodayStandsOnTheMainCopy) {
  PermitSheet sheet = Sheet(content_);
  sheet.overlays.push_back(Text<v1::Overlay>("kind: SUSPENDED_RECTIFICATION start_date: '2026-11-02' decision: 'No. 7'"));
  sheet.overlays.push_back(Text<v1::Overlay>("kind: SPECIAL_PERIOD_LIMIT start_date: '2026-11-20' end_date: '2026-11-25'"));
  const std::string text = PrintPermit(sheet, Language::kEnglish, Copy::MAIN);
  EXPECT_THAT(text, HasSubstr("suspended for rectification, from 2026-11-02, No. 7\n"));
  EXPECT_THAT(text, HasSubstr(" special-period limit, from 2026-11-20 to 2026-11-25\n"));
  EXPECT_THAT(text, HasSubstr("effective"));
}

TEST_F(PermitPrintTest, EachCopyStandsAlone) {
  const std::string main = PrintPermit(Sheet(content_), Language::kEnglish, Copy::MAIN);
  const std::string duplicate = PrintPermit(Sheet(content_), Language::kEnglish, Copy::DUPLICATE);
  EXPECT_THAT(main, Not(HasSubstr("DA001")));
  EXPECT_THAT(duplicate, Not(HasSubstr("Legal representative")));
  EXPECT_EQ(main + "\f\n" + duplicate, PrintPermit(Sheet(content_), Language::kEnglish, Copy::BOTH));
}

// GEN-06: never more than is permitted, and metals in kilograms.
TEST_F(PermitPrintTest, QuantitiesAreTonnesOrForMetalsKilogramsAndNeverTooMuch) {
  const std::string text = PrintPermit(Sheet(content_), Language::kEnglish, Copy::DUPLICATE);
  EXPECT_THAT(text, testing::ContainsRegex("DA001 +SO2 +t/a +8\\.074 +21\\.648\n"));
  EXPECT_THAT(text, testing::ContainsRegex("DW001 +HG +kg/a +1\\.234 +1\\.234\n"));
}

TEST_F(PermitPrintTest, AVersionHasOneCheckCodeWholeOrMaskedInAnyState) {
  const std::string code = CheckCode(row_, content_);
  EXPECT_THAT(code, testing::MatchesRegex("([0-9A-F]{4}-){4}[0-9A-F]{4}"));
  EXPECT_EQ(code, CheckCode(row_, Masked(content_)));
  row_.state = v1::REVOKED;
  row_.closed_from = MakeDate(2026, 6, 1);
  row_.superseded_from = MakeDate(2026, 5, 1);
  EXPECT_EQ(code, CheckCode(row_, content_));
  EXPECT_TRUE(SameCheckCode("  " + code, code));
  std::string lower;
  for (const char c : code) {
    if (c != '-') lower += static_cast<char>(std::tolower(c));
  }
  EXPECT_TRUE(SameCheckCode(lower, code));
  EXPECT_FALSE(SameCheckCode("", code));
}

TEST_F(PermitPrintTest, AnotherWordOnThePaperIsAnotherCode) {
  const std::string code = CheckCode(row_, content_);
  PermitContent other = content_;
  other.limits[0].annual_limits[0].quantity += Quantity(1);
  EXPECT_NE(code, CheckCode(row_, other));
  other = content_;
  other.standards[0].value = 36'000;
  EXPECT_NE(code, CheckCode(row_, other));
  PermitRow later = row_;
  later.version = 3;
  EXPECT_NE(code, CheckCode(later, content_));
  later = row_;
  later.term.last = later.term.last + 1;
  EXPECT_NE(code, CheckCode(later, content_));
}

// PERMIT-35.
TEST_F(PermitPrintTest, AReceiptIsDatedAndSealed) {
  ExpectFile("receipt.zh.txt", PrintReceipt(Receipt(), Language::kChinese));
  ExpectFile("receipt.en.txt", PrintReceipt(Receipt(), Language::kEnglish));
  EXPECT_NE(CheckCode(application_, MakeDate(2026, 1, 7)), CheckCode(application_, MakeDate(2026, 1, 8)));
  application_.state = v1::Application::GRANTED;
  EXPECT_EQ(PrintReceipt(Receipt(), Language::kChinese), PrintReceipt(Receipt(), Language::kChinese));
}

TEST_F(PermitPrintTest, ARefusedAcceptanceHasItsReceiptToo) {
  application_.state = v1::Application::CLOSED_NOT_COMPETENT;
  application_.accept_date = kFirstDate;
  application_.competent_authority = "jl-city-eco";
  ASSERT_TRUE(HasReceipt(application_));
  ReceiptSheet sheet = Receipt();
  sheet.date = MakeDate(2026, 1, 6);
  sheet.reason = "厂区位于吉林市";
  ExpectFile("receipt_refused.zh.txt", PrintReceipt(sheet, Language::kChinese));
  application_.state = v1::Application::SUBMITTED;
  EXPECT_FALSE(HasReceipt(application_));
}

TEST(PrintLayoutTest, ChineseCharactersTakeTwoPlaces) {
  EXPECT_EQ(DisplayWidth("a"), 1u);
  EXPECT_EQ(DisplayWidth("排污"), 4u);
  EXPECT_EQ(DisplayWidth("（m³）"), 6u);
  EXPECT_EQ(TableText({"名称", "b"}, {{"长春市", "1"}, {"x", "2"}}), "名称    b\n------  -\n长春市  1\nx       2\n");
  EXPECT_EQ(TableText({"a"}, {}), "");
}

}  // namespace
}  // namespace songhua::permits
