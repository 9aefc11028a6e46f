// `songhua import rights`: tables and lines, declared totals, lines of all errors, and going on where it stopped.
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "api/cli/rights_file.h"
#include "api/cli/service_error.h"
#include "api/cli/tokens.h"
#include "gtest/gtest.h"
#include "ledger/day_one.h"
#include "songhua/v1/day_one.pb.h"
#include "songhua/v1/operations.pb.h"
#include "tests/api/cli_testing.h"

namespace songhua::api::cli {
namespace {

// Takes rows in; those that could not be read are bad.
class DayOneService : public FakeService {
 public:
  DayOneService() {
    v1::StatusAnswer status;
    status.mutable_header()->mutable_time()->set_seconds(1'767'600'000);  // 2026-01-05
    Answer("Operations/GetStatus", status);
    On("DayOne/ListDayOnes", [this](const std::string&, std::string* out) {
      v1::ListDayOnesAnswer answer;
      for (const v1::DayOneImport& ended : discarded) *answer.add_imports() = ended;
      if (!import.name().empty()) *answer.add_imports() = import;
      *out = answer.SerializeAsString();
      return CallStatus();
    });
    On("DayOne/BeginDayOne", [this](const std::string& bytes, std::string* out) {
      v1::BeginDayOneRequest request;
      request.ParseFromString(bytes);
      if (request.validate_only()) return Give(out);
      import.set_name("dayOneImports/" + std::to_string(discarded.size() + 1));
      import.set_state(v1::DayOneImport::STAGING);
      import.set_program(request.program());
      import.set_file_sha256(request.file_sha256());
      *import.mutable_declared() = request.totals();
      return Give(out);
    });
    On("DayOne/AddDayOneRows", [this](const std::string& bytes, std::string* out) {
      if (lost > 0 && lost-- > 0) return CallStatus{14, "gone", ""};
      v1::AddDayOneRowsRequest request;
      request.ParseFromString(bytes);
      EXPECT_EQ(request.first_row(), import.rows() + 1);
      for (const v1::DayOneRow& row : request.rows()) {
        import.set_rows(import.rows() + 1);
        rows.push_back(row);
        if (row.unreadable_size() > 0) import.set_bad_rows(import.bad_rows() + 1);
        for (const v1::DayOneUnreadable& part : row.unreadable()) {
          v1::DayOneError* error = errors.add_errors();
          error->set_row(import.rows());
          error->set_account(row.account());
          error->set_reason("ROW_UNREADABLE");
          error->set_field(part.field());
          error->set_value(part.value());
          error->set_accepted(part.accepted());
        }
      }
      return Give(out);
    });
    On("DayOne/ListDayOneErrors", [this](const std::string&, std::string* out) {
      *out = errors.SerializeAsString();
      return CallStatus();
    });
    On("DayOne/FinishDayOne", [this](const std::string&, std::string* out) {
      if (differs) return CallStatus{9, "CONTROL_TOTALS_DIFFER", ""};
      import.set_state(v1::DayOneImport::BALANCED);
      return Give(out);
    });
  }

  v1::DayOneImport import;
  std::vector<v1::DayOneImport> discarded;
  std::vector<v1::DayOneRow> rows;
  v1::ListDayOneErrorsAnswer errors;
  int lost = 0;  // so many chunks get no answer
  bool differs = false;

 private:
  CallStatus Give(std::string* out) {
    v1::DayOneAnswer answer;
    *answer.mutable_import() = import;
    *out = answer.SerializeAsString();
    return {};
  }
};

class CliImportRightsTest : public testing::Test {
 protected:
  ~CliImportRightsTest() override { std::remove(path_.c_str()); }
  void Write(const std::string& text) { std::ofstream(path_) << text; }
  Ran Import(const std::vector<std::string>& more = {"--total", "220100/SO2/2026=1,200t", "--cash", "1,000.50"}) {
    std::vector<std::string> words = {"import", "rights", path_, "--program", "jilin-discharge-rights"};
    words.insert(words.end(), more.begin(), more.end());
    return RunSonghua(&service_, words);
  }
  v1::BeginDayOneRequest Begun() const { return service_.Last<v1::BeginDayOneRequest>("DayOne/BeginDayOne"); }

  static constexpr char kHead[] = "account,pollutant,trading_group,quantity t/a,valid_from,valid_to,source,cost,amount\n";
  static constexpr char kGood[] =
      "91220101MA0Y3T5K7X001.rights,SO2,,\"1,199.999999\",2024-05-01,2029-04-30,INITIAL_PAID,\"1,000,000.05\",\n"
      "accounts/jilin-discharge-rights.reserve.220100,SO2,POWER,0.000001,2026-01-01,2026-12-31,,,\n"
      "91220101MA0Y3T5K7X.cash,,,,,,,,1000.5\n";
  std::string path_ = testing::TempDir() + "songhua_rights_" + RandomHex(6) + ".csv";
  DayOneService service_;
};

TEST_F(CliImportRightsTest, ATableIsStagedAndLeftToASecondPerson) {
  Write(std::string("\xEF\xBB\xBF") + kHead + kGood + ",,,,,,,,\n");
  const Ran ran = Import();
  ASSERT_EQ(ran.code, kExitOk) << ran.err << ran.out;
  EXPECT_NE(ran.out.find("dayOneImports/1 is BALANCED, 3 rows: SO2 1,200 t/a in 2; 1,000.50 yuan in 1"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("songhua day-one approve 1 --as ANOTHER"), std::string::npos) << ran.out;
  EXPECT_FALSE(service_.WasCalled("DayOne/ApproveDayOne"));
  ASSERT_EQ(service_.rows.size(), 3u);
  const v1::DayOneRow& right = service_.rows[0];
  EXPECT_EQ(right.account(), "accounts/91220101MA0Y3T5K7X001.rights");
  EXPECT_EQ(right.quantity(), 1'199'999'999);
  EXPECT_EQ(right.valid_from(), "2024-05-01");
  EXPECT_EQ(right.valid_to(), "2029-04-30");
  EXPECT_EQ(right.source(), "INITIAL_PAID");
  EXPECT_EQ(right.cost_fen(), 100'000'005);
  EXPECT_EQ(service_.rows[1].account(), "accounts/jilin-discharge-rights.reserve.220100");
  EXPECT_EQ(service_.rows[1].trading_group(), "POWER");
  EXPECT_EQ(service_.rows[1].quantity(), 1);
  EXPECT_EQ(service_.rows[2].amount_fen(), 100'050);
  EXPECT_EQ(service_.rows[2].quantity(), 0);
  EXPECT_EQ(Begun().program(), "programs/jilin-discharge-rights");
  EXPECT_EQ(Begun().file_sha256().size(), 64u);
  EXPECT_EQ(Begun().source(), path_.substr(path_.rfind('/') + 1));
}

TEST_F(CliImportRightsTest, TotalsAreThoseThatTheCommandLineSays) {
  Write(std::string(kHead) + kGood);
  ASSERT_EQ(Import({"--total", "220100/SO2/2026-2027=12t", "--total", "220100/SO2/2028=500kg", "--total", "220200/COD/2026=1g", "--total", "220200/SO2/2026=2g", "--cash", "0.01"}).code, kExitOk);
  const v1::DayOneTotals totals = Begun().totals();
  EXPECT_EQ(totals.cash_fen(), 1);
  ASSERT_EQ(totals.units_size(), 3);
  EXPECT_EQ(totals.units(0).control_zone(), "220100");
  EXPECT_EQ(totals.units(0).pollutant(), "SO2");
  ASSERT_EQ(totals.units(0).quantities_size(), 3);
  EXPECT_EQ(totals.units(0).quantities(1).year(), 2027);
  EXPECT_EQ(totals.units(0).quantities(1).quantity(), 12'000'000);
  EXPECT_EQ(totals.units(0).quantities(2).quantity(), 500'000);
  EXPECT_EQ(totals.units(1).quantities(0).quantity(), 1);
  EXPECT_EQ(totals.units(2).control_zone(), "220200");
  service_.import.Clear();
  ASSERT_EQ(Import({"--totals", "{\"cash_fen\":7}", "--total", "220100/SO2/2026=1t"}).code, kExitOk);
  EXPECT_EQ(Begun().totals().cash_fen(), 7);
  EXPECT_EQ(Begun().totals().units_size(), 1);
}

TEST_F(CliImportRightsTest, WithoutTotalsItSaysWhatTheFileComesToAndSendsNothing) {
  Write(std::string(kHead) + kGood);
  const Ran ran = Import({});
  EXPECT_EQ(ran.code, kExitUsage);
  EXPECT_NE(ran.out.find("3 rows: SO2 1,200 t/a in 2; 1,000.50 yuan in 1"), std::string::npos) << ran.out;
  EXPECT_NE(ran.err.find("the totals are missing"), std::string::npos) << ran.err;
  for (const char* bad : {"SO2=1t", "220100/SO2/2026", "220100/SO2/2027-2026=1t", "220100/SO2/2026=1.0000001t", "220100/SO2/2026=-1t", "220100//2026=1t"}) {
    const Ran refused = Import({"--total", bad});
    EXPECT_EQ(refused.code, kExitUsage) << bad;
    EXPECT_NE(refused.err.find("accepted: ZONE/POLLUTANT/YEARS=QUANTITY"), std::string::npos) << refused.err;
  }
  EXPECT_EQ(Import({"--cash", "1.005"}).code, kExitUsage);
  EXPECT_TRUE(service_.calls.empty());
}

TEST_F(CliImportRightsTest, AnOfficersOwnHeadingsAreUnderstood) {
  Write("账户,污染物,数量（千克/年）,有效期起,有效期止,来源,取得费用（元）,余额（元）,流域,交易组\n"
        "91220101MA0Y3T5K7X001.rights,COD,5.5,2024-05-01,2029-04-30,初始有偿,12,,,\n"
        "jilin-discharge-rights.reserve.220100,COD,1,2026-01-01,2026-12-31,,,,SONGHUA,POWER\n"
        "\"91220101MA0Y3T5K7X.cash\",,,,,,,\"1,234.56\",,\n");
  const Ran ran = Import();
  ASSERT_EQ(ran.code, kExitOk) << ran.err << ran.out;
  ASSERT_EQ(service_.rows.size(), 3u);
  EXPECT_EQ(service_.rows[0].quantity(), 5'500);
  EXPECT_EQ(service_.rows[0].source(), "INITIAL_PAID");
  EXPECT_EQ(service_.rows[0].cost_fen(), 1'200);
  EXPECT_EQ(service_.rows[1].basin(), "SONGHUA");
  EXPECT_EQ(service_.rows[2].amount_fen(), 123'456);
}

TEST_F(CliImportRightsTest, EverythingThatIsWrongIsToldWithItsLine) {
  Write(std::string(kHead) + kGood +
        "A.rights,SO2,,1.2.0,2024-05-01,2029-04-30,GIFT,much,\n"             // 5: two mistakes here, and one that the service would find
        "\n"
        "B.rights,SO2,,12t,2024-05-01\n"                                      // 7
        "C\"x,SO2,,1,2024-05-01,2029-04-30,INITIAL_FREE,,\n"                  // 8
        "D.cash,,,,,,,,0.001\n");                                             // 9
  const Ran ran = Import();
  EXPECT_EQ(ran.code, kExitRefused);
  for (const char* said :
       {":5: accounts/A.rights: ROW_UNREADABLE, quantity: 1.2.0; accepted: a number of t, to the gram",
        ":5: accounts/A.rights: ROW_UNREADABLE, cost: much; accepted: a number of yuan, to the fen", ":7: ROW_UNREADABLE, row: 5 fields; accepted: 9, as many",
        ":8: ROW_UNREADABLE, row: a quote that stands inside a field", ":9: accounts/D.cash: ROW_UNREADABLE, amount: 0.001"}) {
    EXPECT_NE(ran.out.find(path_ + said), std::string::npos) << said << " in\n" << ran.out;
  }
  EXPECT_NE(ran.err.find("4 of 7 rows are bad, with 5 mistakes"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("songhua day-one discard 1 --reason"), std::string::npos) << ran.err;
  EXPECT_EQ(service_.rows[3].source(), "GIFT") << "what can be read is sent, so that the service finds the rest";
  EXPECT_FALSE(service_.WasCalled("DayOne/FinishDayOne"));
}

// "12k" under "g" would be kilograms.
TEST_F(CliImportRightsTest, AUnitStandsInTheHeadingAndNotInTheCell) {
  Write("account,quantity g\nA.rights,12k\nB.rights,12\n");
  const Ran ran = Import();
  EXPECT_NE(ran.out.find(path_ + ":2: accounts/A.rights: ROW_UNREADABLE, quantity: 12k; accepted: a number of g"), std::string::npos) << ran.out;
  EXPECT_EQ(service_.import.bad_rows(), 1u);
}

TEST_F(CliImportRightsTest, BrokenOffItGoesOnWhereItStopped) {
  Write(std::string(kHead) + kGood);
  service_.lost = 100;
  Ran ran = Import();
  EXPECT_EQ(ran.code, kExitUnavailable);
  EXPECT_NE(ran.err.find("dayOneImports/1 has 0 of 3 rows"), std::string::npos) << ran.err;
  const std::string request_id = service_.Last<v1::AddDayOneRowsRequest>("DayOne/AddDayOneRows").request_id();
  EXPECT_EQ(request_id.find("20260105-rows-1-1-"), 0u) << request_id;

  service_.lost = 1;
  service_.import.set_rows(1);  // the first row had come before the connection went
  ran = Import();
  EXPECT_EQ(ran.code, kExitOk) << ran.err;
  const auto chunk = service_.Last<v1::AddDayOneRowsRequest>("DayOne/AddDayOneRows");
  EXPECT_EQ(chunk.first_row(), 2u);
  EXPECT_EQ(chunk.rows_size(), 2);
  EXPECT_NE(chunk.request_id(), request_id) << "other rows, another id";

  service_.calls.clear();
  ran = Import();
  EXPECT_EQ(ran.code, kExitOk) << "balanced already, it says so again";
  EXPECT_NE(ran.out.find("songhua day-one approve 1"), std::string::npos) << ran.out;
  EXPECT_FALSE(service_.WasCalled("DayOne/BeginDayOne") || service_.WasCalled("DayOne/AddDayOneRows") || service_.WasCalled("DayOne/FinishDayOne"));
}

TEST_F(CliImportRightsTest, AFileThatWasEnteredIsNotSentAgain) {
  Write(std::string(kHead) + kGood);
  ASSERT_EQ(Import().code, kExitOk);
  service_.import.set_state(v1::DayOneImport::APPROVED);
  service_.calls.clear();
  const Ran ran = Import();
  EXPECT_EQ(ran.code, kExitRefused);
  EXPECT_NE(ran.err.find("entered by dayOneImports/1"), std::string::npos) << ran.err;
  EXPECT_FALSE(service_.WasCalled("DayOne/BeginDayOne"));
}

TEST_F(CliImportRightsTest, OtherTotalsAreAnotherImport) {
  Write(std::string(kHead) + kGood);
  service_.lost = 100;
  EXPECT_EQ(Import().code, kExitUnavailable);
  const std::string first_id = Begun().request_id();
  service_.lost = 0;
  const Ran ran = Import({"--cash", "1"});
  EXPECT_EQ(ran.code, kExitRefused);
  EXPECT_NE(ran.err.find("under way with other totals"), std::string::npos) << ran.err;
  service_.import.set_state(v1::DayOneImport::DISCARDED);
  service_.discarded.push_back(service_.import);
  service_.import.Clear();
  EXPECT_EQ(Import({"--cash", "1"}).code, kExitOk);
  EXPECT_NE(Begun().request_id(), first_id);
}

TEST_F(CliImportRightsTest, TotalsThatDifferAreShownBesideEachOther) {
  Write(std::string(kHead) + kGood);
  service_.differs = true;
  v1::DayOneTotal* staged = service_.import.mutable_staged()->add_units();
  staged->set_control_zone("220100");
  staged->set_pollutant("SO2");
  for (const int year : {2026, 2027}) {
    v1::YearQuantity* entry = staged->add_quantities();
    entry->set_year(year);
    entry->set_quantity(1'200'000'000);
  }
  const Ran ran = Import();
  EXPECT_EQ(ran.code, kExitRefused);
  EXPECT_NE(ran.out.find("220100  SO2        2027          0 t/a    1,200 t/a"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("2026"), std::string::npos) << "that one agrees\n" << ran.out;
  EXPECT_NE(ran.out.find("1,000.50 yuan    0.00 yuan"), std::string::npos) << ran.out;
  EXPECT_NE(ran.err.find("songhua day-one discard 1"), std::string::npos) << ran.err;
}

TEST_F(CliImportRightsTest, ValidateOnlyStagesNothing) {
  Write(std::string(kHead) + kGood);
  Ran ran = Import({"--cash", "1", "--validate-only"});
  EXPECT_EQ(ran.code, kExitOk) << ran.err;
  EXPECT_TRUE(Begun().validate_only());
  EXPECT_NE(ran.out.find("3 rows: SO2"), std::string::npos) << ran.out;
  Write(std::string(kHead) + kGood + "A.cash,,,,,,,,x\n");
  ran = Import({"--cash", "1", "--validate-only"});
  EXPECT_EQ(ran.code, kExitRefused);
  EXPECT_NE(ran.out.find(path_ + ":5: accounts/A.cash: ROW_UNREADABLE, amount: x"), std::string::npos) << ran.out;
  EXPECT_FALSE(service_.WasCalled("DayOne/AddDayOneRows"));
}

TEST_F(CliImportRightsTest, LinesOfJsonAreReadToo) {
  path_.replace(path_.size() - 3, 3, "jsonl");
  Write("{\"account\":\"A.cash\",\"amount_fen\":100050}\n\nno JSON\n{\"account\":\"A.cash\",\"colour\":1}\n\xff\n");
  const Ran ran = Import();
  EXPECT_EQ(ran.code, kExitRefused);
  ASSERT_EQ(service_.rows.size(), 4u);
  EXPECT_EQ(service_.rows[0].account(), "accounts/A.cash");
  EXPECT_EQ(service_.rows[0].amount_fen(), 100'050);
  for (const char* said : {":3: ROW_UNREADABLE", ":4: ROW_UNREADABLE", ":5: ROW_UNREADABLE, row: bytes that are not UTF-8"}) {
    EXPECT_NE(ran.out.find(path_ + said), std::string::npos) << said << " in\n" << ran.out;
  }
}

TEST_F(CliImportRightsTest, AFileThatNamesNoRightsIsABadCommandLine) {
  EXPECT_EQ(Import().code, kExitUsage) << "it is not there";
  for (const auto& [head, said] : {std::pair("account,quantity t,colour", "the column 'colour' is not known"), std::pair("account,quantity", "the column 'quantity' is not known"),
                                   std::pair("account,amount,amount yuan", "the column 'amount yuan' stands there twice"),
                                   std::pair("pollutant,quantity t", "the column account is missing"), std::pair("account,pollutant", "neither quantity nor amount")}) {
    Write(std::string(head) + "\nA.cash,1,1\n");
    const Ran ran = Import();
    EXPECT_EQ(ran.code, kExitUsage);
    EXPECT_NE(ran.err.find(said), std::string::npos) << said << " in\n" << ran.err;
  }
  Write("account,amount\n \n");
  EXPECT_NE(Import().err.find("holds no row"), std::string::npos);
  std::string many = "account,amount\n";
  for (uint32_t i = 0; i <= ledger::DayOne::kRowsMax; ++i) many += "A.cash,1\n";
  Write(many);
  EXPECT_NE(Import().err.find("more than 5,000 rows"), std::string::npos);
  EXPECT_TRUE(service_.calls.empty());
}

TEST_F(CliImportRightsTest, AFullFileGoesInChunks) {
  std::string many = "account,amount\n";
  for (uint32_t i = 0; i < ledger::DayOne::kRowsMax; ++i) many += "A.cash,1\n";
  Write(many);
  ASSERT_EQ(Import().code, kExitOk);
  EXPECT_EQ(service_.rows.size(), ledger::DayOne::kRowsMax);
  EXPECT_EQ(service_.Last<v1::AddDayOneRowsRequest>("DayOne/AddDayOneRows").first_row(), 4'001u);
}

}  // namespace
}  // namespace songhua::api::cli
