#include "api/cli/import_rights_verb.h"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "api/cli/aliases.h"
#include "api/cli/call.h"
#include "api/cli/import_calls.h"
#include "api/cli/request.h"
#include "api/cli/rights_file.h"
#include "api/cli/table.h"
#include "api/cli/text.h"
#include "api/cli/units.h"
#include "ledger/bounds.h"
#include "ledger/refusal.h"
#include "ledger/sha256.h"
#include "songhua/v1/day_one.pb.h"

namespace songhua::api::cli {
namespace {

constexpr size_t kRightsChunkBytes = bounds::kRequestBytesMax / 4;
constexpr size_t kTotalsDigits = 8;
constexpr UnitScale kGramsAYear{1'000'000, true, false};

// Zone, pollutant and year, with the quantity; nothing where it is zero.
using ByYear = std::map<std::tuple<std::string, std::string, int32_t>, int64_t>;
ByYear YearsOf(const v1::DayOneTotals& totals) {
  ByYear years;
  for (const v1::DayOneTotal& total : totals.units()) {
    for (const v1::YearQuantity& entry : total.quantities()) {
      if (entry.quantity() != 0) years[{total.control_zone(), total.pollutant(), entry.year()}] = entry.quantity();
    }
  }
  return years;
}

bool SameTotals(const v1::DayOneTotals& a, const v1::DayOneTotals& b) { return a.cash_fen() == b.cash_fen() && YearsOf(a) == YearsOf(b); }

// What declared totals and rows come to, where they differ.
void PrintDifferences(const v1::DayOneTotals& declared, const v1::DayOneTotals& staged, std::ostream& out) {
  Table table({{"ZONE"}, {"POLLUTANT"}, {"YEAR"}, {"DECLARED", true}, {"IN THE FILE", true}});
  const ByYear rows = YearsOf(staged);
  ByYear all = YearsOf(declared);
  const ByYear stated = all;
  all.insert(rows.begin(), rows.end());
  for (const auto& [key, quantity] : all) {
    const auto& [zone, pollutant, year] = key;
    const int64_t before = stated.contains(key) ? stated.at(key) : 0, now = rows.contains(key) ? rows.at(key) : 0;
    if (before != now) table.Add({zone, pollutant, std::to_string(year), FormatQuantity(before, kGramsAYear), FormatQuantity(now, kGramsAYear)});
  }
  if (declared.cash_fen() != staged.cash_fen()) {
    table.Add({"cash", "", "", Decimal(declared.cash_fen(), 2, 2) + " yuan", Decimal(staged.cash_fen(), 2, 2) + " yuan"});
  }
  if (!table.empty()) table.Print(out);
}

// "12 rows: SO2 90 t/a in 3 rows; 1,234.56 yuan in 2 rows".
std::string SummaryOf(const std::vector<RightsFileRow>& rows) {
  struct Sum {
    int64_t rows = 0;
    __int128 value = 0;
  };
  std::map<std::string, Sum> units;
  Sum cash;
  const auto add = [](int64_t value, Sum* sum) {
    ++sum->rows;
    sum->value += value;
  };
  for (const RightsFileRow& row : rows) {
    if (row.row.quantity() != 0) add(row.row.quantity(), &units[row.row.pollutant()]);
    if (row.row.amount_fen() != 0) add(row.row.amount_fen(), &cash);
  }
  const auto narrow = [](__int128 value) { return value > INT64_MAX ? INT64_MAX : static_cast<int64_t>(value); };
  std::string text = Thousands(static_cast<int64_t>(rows.size())) + " rows";
  std::string before = ": ";
  for (const auto& [pollutant, sum] : units) {
    text += std::exchange(before, "; ") + pollutant + " " + FormatQuantity(narrow(sum.value), kGramsAYear) + " in " + Thousands(sum.rows);
  }
  if (cash.rows > 0) text += before + Decimal(narrow(cash.value), 2, 2) + " yuan in " + Thousands(cash.rows);
  return text;
}

struct RightsFile {
  std::string path;
  std::string sha256;
  std::vector<RightsFileRow> rows;
};

class RightsImporter {
 public:
  RightsImporter(const Invocation& invocation, Session* session, const RightsFile& file, v1::DayOneTotals declared)
      : invocation_(invocation), session_(*session), calls_(session, "DayOne", file.sha256), file_(file), declared_(std::move(declared)),
        program_(CompleteName(invocation.arguments.GetOr("program", ""), "programs")) {}

  int Run() {
    CallStatus status = calls_.LearnDate();
    int64_t before = 0;
    if (status.ok()) status = FindEarlier(&before);
    if (!status.ok()) return Stopped(status);
    if (invocation_.arguments.IsSet("validate-only")) return Validate();
    if (import_.name().empty()) {
      status = CallImport("BeginDayOne", Beginning(before));
      if (!status.ok()) return Stopped(status);
    } else if (const int code = GoOn(); code != kExitOk || import_.state() != v1::DayOneImport::STAGING) {
      return code;
    }
    status = SendRows();
    if (!status.ok()) return Stopped(status);
    return import_.bad_rows() > 0 ? PrintErrors() : Finish();
  }

 private:
  CallStatus CallImport(const std::string& method, const google::protobuf::Message& request) {
    v1::DayOneAnswer answer;
    const CallStatus status = calls_.Call(method, request, &answer);
    if (status.ok()) import_ = answer.import();
    return status;
  }

  // The import of this file that is not discarded, if any; the number of those that are.
  CallStatus FindEarlier(int64_t* discarded) {
    v1::ListDayOnesRequest list;
    v1::ListDayOnesAnswer page;
    do {
      list.mutable_page()->set_page_token(page.next_page_token());
      const CallStatus status = calls_.Call("ListDayOnes", list, &page);
      if (!status.ok()) return status;
      for (const v1::DayOneImport& import : page.imports()) {
        if (import.file_sha256() != file_.sha256 || import.program() != program_) continue;
        import.state() == v1::DayOneImport::DISCARDED ? static_cast<void>(++*discarded) : import_.CopyFrom(import);
      }
    } while (!page.next_page_token().empty());
    return {};
  }

  // What is said twice with other totals is another request.
  v1::BeginDayOneRequest Beginning(int64_t before) const {
    v1::BeginDayOneRequest request;
    request.set_program(program_);
    request.set_source(invocation_.arguments.GetOr("source", file_.path.substr(file_.path.rfind('/') + 1)));
    request.set_file_sha256(file_.sha256);
    *request.mutable_totals() = declared_;
    Sha256 hash;
    hash.Update(request.SerializeAsString());
    request.set_request_id(calls_.RequestId("day-one-" + std::to_string(before) + "-" + ToHex(hash.Finish()).substr(0, kTotalsDigits)));
    return request;
  }

  // Of an import of this file that is there already.
  int GoOn() {
    std::ostream& err = *invocation_.io.err;
    if (import_.state() == v1::DayOneImport::APPROVED) {
      err << "this file was entered by " << import_.name() << ", " << import_.transaction() << "; nothing was sent\n";
      return kExitRefused;
    }
    if (!SameTotals(import_.declared(), declared_)) {
      err << import_.name() << " of this file is under way with other totals. To begin again with these, first\n  " << Discarding() << "\n";
      return kExitRefused;
    }
    if (import_.state() == v1::DayOneImport::BALANCED) return Balanced();
    err << "going on with " << import_.name() << " at row " << import_.rows() + 1 << "\n";
    return kExitOk;
  }

  CallStatus SendRows() {
    size_t next = import_.rows();
    while (next < file_.rows.size()) {
      v1::AddDayOneRowsRequest chunk;
      chunk.set_name(import_.name());
      chunk.set_first_row(static_cast<uint32_t>(next) + 1);
      size_t bytes = 0;
      for (; next < file_.rows.size() && chunk.rows_size() < static_cast<int>(bounds::kChunkRowsMax); ++next) {
        bytes += file_.rows[next].row.ByteSizeLong() + 8;
        if (chunk.rows_size() > 0 && bytes > kRightsChunkBytes) break;
        *chunk.add_rows() = file_.rows[next].row;
      }
      chunk.set_request_id(calls_.RequestId("rows-" + NumberOfName(import_.name()) + "-" + std::to_string(chunk.first_row())));
      const CallStatus status = CallImport("AddDayOneRows", chunk);
      if (!status.ok()) return status;
    }
    return {};
  }

  int Stopped(const CallStatus& status) {
    const int code = session_.Refused(status);
    if (!import_.name().empty()) {
      *invocation_.io.err << "  " << import_.name() << " has " << import_.rows() << " of " << file_.rows.size()
                          << " rows. The same command goes on where it stopped.\n";
    }
    return code;
  }

  // Nothing is staged, so that the rows are looked at only as far as they can be without the service.
  int Validate() {
    int64_t unreadable = 0;
    for (const RightsFileRow& row : file_.rows) {
      unreadable += row.row.unreadable_size() > 0;
      for (const v1::DayOneUnreadable& part : row.row.unreadable()) {
        v1::DayOneError error;
        error.set_row(static_cast<uint32_t>(&row - file_.rows.data()) + 1);
        error.set_account(row.row.account());
        error.set_reason("ROW_UNREADABLE");
        error.set_field(part.field());
        error.set_value(part.value());
        error.set_accepted(part.accepted());
        PrintError(error);
      }
    }
    v1::BeginDayOneRequest request = Beginning(0);
    request.set_request_id("");
    request.set_validate_only(true);
    v1::DayOneAnswer answer;
    const CallStatus status = calls_.Call("BeginDayOne", request, &answer);
    if (!status.ok()) return session_.Refused(status);
    if (!session_.json()) {
      *invocation_.io.out << file_.path << ": " << SummaryOf(file_.rows) << (unreadable > 0 ? "; " + Thousands(unreadable) + " cannot be read" : "")
                          << ".\nProgram and totals would be accepted; nothing was changed. The rows are held against accounts, terms and totals when they are "
                             "staged, which enters nothing either.\n";
    }
    return unreadable > 0 ? kExitRefused : kExitOk;
  }

  // All that is wrong with the rows, with their lines.
  int PrintErrors() {
    v1::ListDayOneErrorsRequest list;
    list.set_name(import_.name());
    list.mutable_page()->set_page_size(static_cast<int32_t>(bounds::kPageSizeMax));
    v1::ListDayOneErrorsAnswer page;
    int64_t errors = 0;
    do {
      list.mutable_page()->set_page_token(page.next_page_token());
      const CallStatus status = calls_.Call("ListDayOneErrors", list, &page);
      if (!status.ok()) return session_.Refused(status);
      for (const v1::DayOneError& error : page.errors()) PrintError(error);
      errors += page.errors_size();
    } while (!page.next_page_token().empty());
    invocation_.io.out->flush();
    *invocation_.io.err << import_.name() << ": " << Thousands(import_.bad_rows()) << " of " << Thousands(import_.rows()) << " rows are bad, with "
                        << Thousands(errors) << " mistakes, so nothing is taken over. Mend the file, then\n  " << Discarding()
                        << "\nand import it again.\n";
    return kExitRefused;
  }

  void PrintError(const v1::DayOneError& error) const {
    std::ostream& out = *invocation_.io.out;
    if (session_.json()) {
      out << ToJson(error) << "\n";
      return;
    }
    ServiceError shown;
    shown.field = error.field();
    shown.value = error.value();
    shown.accepted = error.accepted();
    shown = InPeoplesUnits(shown, kGramsAYear);
    out << file_.path << ":" << (error.row() >= 1 && error.row() <= file_.rows.size() ? file_.rows[error.row() - 1].line : 0) << ": ";
    if (!error.account().empty()) out << error.account() << ": ";
    out << error.reason();
    if (!error.rule().empty()) out << " (" << error.rule() << ")";
    out << ", " << (shown.field.empty() ? "row" : shown.field) << ": " << shown.value << "; accepted: " << shown.accepted << "\n";
  }

  int Finish() {
    v1::DayOneActRequest request;
    request.set_request_id(calls_.RequestId("finish-" + NumberOfName(import_.name())));
    request.set_name(import_.name());
    const CallStatus status = CallImport("FinishDayOne", request);
    if (status.ok()) return Balanced();
    const int code = session_.Refused(status);
    if (code == kExitUnavailable) return code;
    if (!session_.json()) PrintDifferences(declared_, import_.staged(), *invocation_.io.out);
    *invocation_.io.err << "Nothing is taken over. Mend the file or the totals, then\n  " << Discarding() << "\nand import it again.\n";
    return code;
  }

  int Balanced() const {
    std::ostream& out = *invocation_.io.out;
    if (session_.json()) {
      out << ToJson(import_) << "\n";
      return kExitOk;
    }
    out << import_.name() << " is BALANCED, " << SummaryOf(file_.rows) << "; the totals are as declared.\nNothing of it counts until another person approves:\n"
        << "  songhua day-one approve " << NumberOfName(import_.name()) << " --as ANOTHER\n";
    return kExitOk;
  }

  std::string Discarding() const { return "songhua day-one discard " + NumberOfName(import_.name()) + " --reason ..."; }

  const Invocation& invocation_;
  Session& session_;
  ImportCalls calls_;
  const RightsFile& file_;
  const v1::DayOneTotals declared_;
  const std::string program_;
  v1::DayOneImport import_;
};

absl::Status ParseDeclared(const Arguments& arguments, v1::DayOneTotals* declared) {
  if (const std::string* whole = arguments.Get("totals")) SONGHUA_RETURN_IF_ERROR(ParseMessageText(*whole, "totals", declared));
  for (const std::string& text : arguments.All("total")) SONGHUA_RETURN_IF_ERROR(AddDeclaredTotal(text, declared));
  if (const std::string* cash = arguments.Get("cash")) {
    SONGHUA_ASSIGN_OR_RETURN(const int64_t fen, ParseDecimal(*cash, 2, "cash"));
    declared->set_cash_fen(fen);
  }
  return absl::OkStatus();
}

int ImportRights(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  RightsFile file;
  file.path = arguments.positionals[0];
  auto hash = HashOfFile(file.path);
  if (!hash.ok()) return BadUsage(invocation, hash.status());
  file.sha256 = *std::move(hash);
  auto rows = ReadRightsFile(file.path);
  if (!rows.ok()) return BadUsage(invocation, rows.status());
  file.rows = *std::move(rows);
  if (!arguments.Has("total") && !arguments.Has("cash") && !arguments.Has("totals")) {
    *invocation.io.out << file.path << ": " << SummaryOf(file.rows) << "\n";
    return BadUsage(invocation, absl::InvalidArgumentError("the totals are missing: --total for each zone and pollutant, and --cash, as the old books state them. What "
                                                           "the file itself comes to stands above; it may be compared, but it proves nothing"));
  }
  v1::DayOneTotals declared;
  const absl::Status parsed = ParseDeclared(arguments, &declared);
  if (!parsed.ok()) return BadUsage(invocation, parsed);
  auto session = Session::Open(invocation);
  if (!session.ok()) return BadUsage(invocation, session.status());
  return RightsImporter(invocation, session->get(), file, std::move(declared)).Run();
}

}  // namespace

Verb ImportRightsVerb() {
  Verb verb;
  verb.words = {"import", "rights"};
  verb.group = kRightsGroup;
  verb.summary = "Take over existing rights, reserves and balances from a file, all or nothing";
  verb.description =
      "The file has one right, lot of a reserve or balance a line, in JSON with the field names of the API's DayOneRow; or it is a table, FILE.csv in UTF-8, as a "
      "spreadsheet saves it, its columns known by their names in any order (below). Every row is checked, and everything that is wrong with it is printed with its "
      "line; with one bad row nothing is taken over. What the rows come to is held against the totals of the old books, which are therefore said here and never "
      "taken from the file: grams entitled to in each calendar year, from this one on, and money. A second person, another REGISTRY_OP, then approves, and all of it is "
      "entered at once.\n\n"
      "Broken off, the same command goes on where it stopped. A file that was entered is not entered again.\n\n"
      "Columns of a table:\n" + RightsColumnsHelp();
  verb.arguments = {{"FILE", "Lines of JSON, or a table (*.csv)"}};
  verb.flags = {
      {"program", "PROGRAM", "The program of discharge rights", false, true},
      {"total", "ZONE/POLLUTANT/YEARS=QUANTITY",
       "What all rights and reserves of a zone and pollutant entitle to in a year: 220100/SO2/2026-2028=1,200t. Years that differ, in flags of their own", true},
      {"cash", "YUAN", "What all balances come to, such as 1,000,000.00"},
      {"totals", "JSON", "The same totals as JSON or @FILE, with the field names of the API's DayOneTotals; the flags above add to it"},
      {"source", "TEXT", "Where the rows come from, in words. Default: the file's name"},
      {"validate-only", "", "Ask whether the file can be read, and program and totals would be accepted; stage nothing"},
  };
  verb.examples = {
      {"import rights jilin.csv --program jilin-discharge-rights --total 220100/SO2/2026=1,200t --total 220100/SO2/2027=800t --cash 1,000,000.00 --source \"books of 2025\" "
       "--as registrar",
       "Stages and checks; another person then approves: songhua day-one approve 1"},
      {"import rights jilin.csv --program jilin-discharge-rights --cash 0 --validate-only --as registrar", "Says what the file comes to and what of it cannot be read"}};
  verb.client = true;
  verb.run = ImportRights;
  return verb;
}

}  // namespace songhua::api::cli
