// `songhua import permits`: chunks, lines of errors, and going on where it stopped.
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "api/cli/service_error.h"
#include "api/cli/tokens.h"
#include "gtest/gtest.h"
#include "ledger/sha256.h"
#include "songhua/v1/imports.pb.h"
#include "songhua/v1/operations.pb.h"
#include "tests/api/cli_testing.h"

namespace songhua::api::cli {
namespace {

// Takes rows in; those without a number are bad.
class ImportService : public FakeService {
 public:
  ImportService() {
    v1::StatusAnswer status;
    status.mutable_header()->mutable_time()->set_seconds(1'767'600'000);  // 2026-01-05
    Answer("Operations/GetStatus", status);
    On("PermitImports/ListImports", [this](const std::string&, std::string* out) {
      v1::ListImportsAnswer answer;
      if (!import.name().empty()) *answer.add_imports() = import;
      return Give(answer, out);
    });
    On("PermitImports/BeginImport", [this](const std::string& bytes, std::string* out) {
      v1::BeginImportRequest request;
      request.ParseFromString(bytes);
      import.set_name("imports/1");
      import.set_region(request.region());
      import.set_file_sha256(request.file_sha256());
      import.set_state(v1::Import::STAGING);
      return GiveImport(out);
    });
    On("PermitImports/AddImportRows", [this](const std::string& bytes, std::string* out) {
      if (lost > 0 && lost-- > 0) return CallStatus{14, "gone", ""};
      v1::AddImportRowsRequest request;
      request.ParseFromString(bytes);
      EXPECT_EQ(request.first_row(), import.rows() + 1);
      for (const v1::ImportPermit& row : request.rows()) {
        import.set_rows(import.rows() + 1);
        if (row.number().empty()) {
          import.set_bad_rows(import.bad_rows() + 1);
          v1::ImportError* error = errors.add_errors();
          error->set_row(import.rows());
          error->set_reason("ROW_UNREADABLE");
          error->set_field("row");
          error->set_value(row.unreadable());
          error->set_accepted("a whole permit");
        }
      }
      return GiveImport(out);
    });
    On("PermitImports/ListImportErrors", [this](const std::string&, std::string* out) { return Give(errors, out); });
    On("PermitImports/FinishStaging", [this](const std::string&, std::string* out) {
      import.set_state(v1::Import::BALANCED);
      return GiveImport(out);
    });
  }

  v1::Import import;
  v1::ListImportErrorsAnswer errors;
  int lost = 0;  // so many chunks get no answer

 private:
  static CallStatus Give(const google::protobuf::Message& answer, std::string* out) {
    *out = answer.SerializeAsString();
    return {};
  }
  CallStatus GiveImport(std::string* out) {
    v1::ImportAnswer answer;
    *answer.mutable_import() = import;
    return Give(answer, out);
  }
};

class CliImportTest : public testing::Test {
 protected:
  ~CliImportTest() override { std::remove(path_.c_str()); }
  void Write(const std::string& text) { std::ofstream(path_) << text; }
  Ran Import(const std::string& totals = "{\"permits\":2}") {
    std::vector<std::string> words = {"import", "permits", path_, "--region", "220000"};
    if (!totals.empty()) words.insert(words.end(), {"--totals", totals});
    return RunSonghua(&service_, words);
  }

  std::string path_ = testing::TempDir() + "songhua_import_" + RandomHex(6) + ".jsonl";
  ImportService service_;
};

TEST_F(CliImportTest, AFileIsStagedAndLeftToASecondPerson) {
  Write("{\"number\":\"A\",\"outlets\":[{\"code\":\"DA001\",\"type\":\"MAIN\"}]}\n\n{\"number\":\"B\"}\n");
  const Ran ran = Import();
  EXPECT_EQ(ran.code, kExitOk) << ran.err;
  EXPECT_NE(ran.out.find("imports/1 is BALANCED"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("approve-import imports/1"), std::string::npos);
  EXPECT_EQ(service_.import.rows(), 2u);
  EXPECT_EQ(service_.Last<v1::BeginImportRequest>("PermitImports/BeginImport").totals().permits(), 2);
  EXPECT_FALSE(service_.WasCalled("PermitImports/ApproveImport"));
}

TEST_F(CliImportTest, EveryBadRowIsPrintedWithItsLine) {
  Write("{\"number\":\"A\"}\n\n{\"number\":\nno JSON at all\n{\"nonsense\":1}\n");
  const Ran ran = Import();
  EXPECT_EQ(ran.code, kExitRefused);
  for (const char* line : {":3: ROW_UNREADABLE", ":4: ROW_UNREADABLE", ":5: ROW_UNREADABLE"}) {
    EXPECT_NE(ran.out.find(path_ + line), std::string::npos) << line << " in\n" << ran.out;
  }
  EXPECT_NE(ran.err.find("3 of 4 rows are bad"), std::string::npos) << ran.err;
  EXPECT_FALSE(service_.WasCalled("PermitImports/FinishStaging"));
}

TEST_F(CliImportTest, BrokenOffItGoesOnWhereItStopped) {
  Write("{\"number\":\"A\"}\n{\"number\":\"B\"}\n{\"number\":\"C\"}\n");
  service_.lost = 100;
  Ran ran = Import();
  EXPECT_EQ(ran.code, kExitUnavailable);
  EXPECT_NE(ran.err.find("imports/1 has 0 of 3 rows"), std::string::npos) << ran.err;
  const auto request_id = service_.Last<v1::AddImportRowsRequest>("PermitImports/AddImportRows").request_id();

  service_.lost = 1;
  service_.import.set_rows(1);  // the first row had come before the connection went
  ran = Import();
  EXPECT_EQ(ran.code, kExitOk) << ran.err;
  const auto chunk = service_.Last<v1::AddImportRowsRequest>("PermitImports/AddImportRows");
  EXPECT_EQ(chunk.first_row(), 2u);
  ASSERT_EQ(chunk.rows_size(), 2);
  EXPECT_EQ(chunk.rows(0).number(), "B");
  EXPECT_NE(chunk.request_id(), request_id) << "other rows, another id";
}

TEST_F(CliImportTest, WithoutTotalsItSaysWhatTheFileComesToAndSendsNothing) {
  Write("{\"number\":\"A\",\"outlets\":[{\"code\":\"DA001\"}],\"limits\":[{\"scope\":\"SITE\",\"pollutant\":\"SO2\",\"annual_limits\":[{\"year\":2026,\"quantity\":5}]},"
        "{\"scope\":\"DA001\",\"pollutant\":\"SO2\",\"annual_limits\":[{\"year\":2026,\"quantity\":5}]}]}\n");
  const Ran ran = Import("");
  EXPECT_EQ(ran.code, kExitUsage);
  EXPECT_NE(ran.out.find("\"permits\":\"1\",\"outlets\":\"1\""), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("\"year\":2026,\"quantity\":\"5\""), std::string::npos) << ran.out;
  EXPECT_TRUE(service_.calls.empty());
}

// ---- Tables ----

class CliImportTableTest : public CliImportTest {
 protected:
  CliImportTableTest() { path_ = path_.substr(0, path_.size() - 5) + "csv"; }
  static constexpr char kHead[] = "number,tier,valid_from,valid_to,scope,outlet_type,pollutant,2026 t,2027 kg\n";
};

TEST_F(CliImportTableTest, RowsOfOnePermitBecomeOnePermit) {
  Write(std::string("\xEF\xBB\xBF") + kHead +
        "91220101MA0Y3T5K7X001P,KEY,2024-05-01,2029-04-30,DA001,MAIN,SO2,12,12000.5\r\n"
        "91220101MA0Y3T5K7X001P,,,,DA001,,NOx,1,1\r\n"
        "91220101MA0Y3T5K7X001P,KEY,,,DA002,GENERAL,,,\r\n"
        "91220101MA0Y3T5K7X001P,,,,SITE,,SO2,12,12000.5\r\n"
        ",,,,,,,,\r\n"
        "91220101MA0Y3T5K7X002P,\"SIMPLIFIED\",2024-05-01,2029-04-30,DW001,MAIN,COD,0.000001,0\n");
  const Ran ran = Import();
  ASSERT_EQ(ran.code, kExitOk) << ran.err << ran.out;
  const auto chunk = service_.Last<v1::AddImportRowsRequest>("PermitImports/AddImportRows");
  ASSERT_EQ(chunk.rows_size(), 2);
  const v1::ImportPermit& first = chunk.rows(0);
  EXPECT_EQ(first.number(), "91220101MA0Y3T5K7X001P");
  EXPECT_EQ(first.site(), "sites/91220101MA0Y3T5K7X001");
  EXPECT_EQ(first.tier(), v1::KEY);
  EXPECT_EQ(first.version(), 1u);
  EXPECT_EQ(first.valid_to(), "2029-04-30");
  ASSERT_EQ(first.outlets_size(), 2);
  EXPECT_EQ(first.outlets(1).type(), v1::GENERAL);
  ASSERT_EQ(first.limits_size(), 3);
  EXPECT_EQ(first.limits(0).annual_limits(0).quantity(), 12'000'000);
  EXPECT_EQ(first.limits(0).annual_limits(1).year(), 2027);
  EXPECT_EQ(first.limits(0).annual_limits(1).quantity(), 12'000'500);
  EXPECT_EQ(first.limits(2).scope(), "SITE");
  EXPECT_EQ(chunk.rows(1).limits(0).annual_limits(0).quantity(), 1);
}

TEST_F(CliImportTableTest, AnOfficersOwnHeadingsAreUnderstood) {
  Write("许可证编号,管理类别,有效期起,有效期止,排放口,排放口类型,污染物,2026年（吨）,行业类别\n"
        "91220101MA0Y3T5K7X001P,重点管理,2024-05-01,2029-04-30,DA001,主要排放口,SO2,12,\"2211,4411\"\n"
        "91220101MA0Y3T5K7X001P,重点管理,2024-05-01,2029-04-30,全厂,,SO2,12,\n");
  const Ran ran = Import();
  ASSERT_EQ(ran.code, kExitOk) << ran.err << ran.out;
  const auto chunk = service_.Last<v1::AddImportRowsRequest>("PermitImports/AddImportRows");
  ASSERT_EQ(chunk.rows_size(), 1);
  EXPECT_EQ(chunk.rows(0).tier(), v1::KEY);
  EXPECT_EQ(chunk.rows(0).outlets(0).type(), v1::MAIN);
  EXPECT_EQ(chunk.rows(0).limits(1).scope(), "SITE");
  ASSERT_EQ(chunk.rows(0).details().industries_size(), 2);
  EXPECT_EQ(chunk.rows(0).details().industries(1), "4411");
}

TEST_F(CliImportTableTest, EveryBadRowIsToldWithItsLineAndTheOthersAreRead) {
  Write(std::string(kHead) +
        "A1P,KEY,2024-05-01,2029-04-30,DA001,MAIN,SO2,12,1\n"   // 2: good
        "B1P,GOLD,2024-05-01,2029-04-30,DA001,MAIN,SO2,12,1\n"  // 3
        "C1P,KEY,2024-05-01,2029-04-30,DA001,MAIN,SO2,12,1\n"   // 4: its second row is bad
        "C1P,KEY,2024-05-02,,SITE,,SO2,12,1\n"                  // 5
        "D1P,KEY,2024-05-01,2029-04-30,DA001,MAIN,SO2,1.2.0,1\n"  // 6
        "E1P,KEY,2024-05-01\n"                                  // 7
        "F1P,KEY,2024-05-01,2029-04-30,DA001,,SO2,12,1\n"       // 8
        "G1P,KEY,2024-05-01,2029-04-30,DA001,MAIN,,12,1\n"      // 9
        ",KEY,2024-05-01,2029-04-30,DA001,MAIN,SO2,12,1\n"      // 10
        "H1P,K\"EY,2024-05-01,2029-04-30,DA001,MAIN,SO2,12,1\n"  // 11
        "I1P,KEY,2024-05-01,2029-04-30,DA001,MAIN,SO2,12t,1\n");  // 12
  const Ran ran = Import();
  EXPECT_EQ(ran.code, kExitRefused);
  for (const char* said : {":3: ROW_UNREADABLE", "line 3: B1P: tier is 'GOLD'", ":4: ROW_UNREADABLE", "line 5: C1P: valid_from is '2024-05-02', and '2024-05-01'",
                           "line 6: D1P: 2026 is '1.2.0'; accepted: a number of t", "line 7: 3 fields, where the head has 9", "line 8: F1P: outlet_type of DA001 is ''",
                           "line 9: G1P: pollutant is missing", "line 10: number is missing", "line 11: a quote that stands inside a field",
                           "line 12: I1P: 2026 is '12t'"}) {
    EXPECT_NE(ran.out.find(said), std::string::npos) << said << " in\n" << ran.out;
  }
  EXPECT_NE(ran.err.find("9 of 10 rows are bad"), std::string::npos) << ran.err;
}

TEST_F(CliImportTableTest, AHeadThatNamesNoPermitsIsABadCommandLine) {
  for (const auto& [head, said] : {std::pair("number,tier,valid_from,valid_to,scope,colour", "the column 'colour' is not known"),
                                   std::pair("number,tier,valid_from,valid_to,scope,2026", "the column '2026' is not known"),
                                   std::pair("number,tier,valid_from,valid_to,scope,tier", "the column 'tier' stands there twice"),
                                   std::pair("number,tier,valid_from,scope", "the column valid_to is missing")}) {
    Write(std::string(head) + "\nA1P,KEY,2024-05-01,2029-04-30,DA001,1\n");
    const Ran ran = Import();
    EXPECT_EQ(ran.code, kExitUsage);
    EXPECT_NE(ran.err.find(said), std::string::npos) << said << " in\n" << ran.err;
  }
  EXPECT_TRUE(service_.calls.empty());
}

TEST_F(CliImportTest, AFileThatIsNotThereIsABadCommandLine) {
  EXPECT_EQ(Import().code, kExitUsage);
  Write("\n \n");
  EXPECT_EQ(Import().code, kExitUsage);
}

}  // namespace
}  // namespace songhua::api::cli
