#include "api/cli/import_verb.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/aliases.h"
#include "api/cli/call.h"
#include "api/cli/import_calls.h"
#include "api/cli/import_file.h"
#include "api/cli/request.h"
#include "api/cli/text.h"
#include "google/protobuf/util/json_util.h"
#include "ledger/bounds.h"
#include "ledger/refusal.h"
#include "songhua/v1/imports.pb.h"

namespace songhua::api::cli {
namespace {

namespace pb = google::protobuf;

// What a chunk's rows may take; the rest of the request is names.
constexpr size_t kImportChunkBytes = bounds::kImportChunkBytesMax - 1'024;
constexpr uint32_t kProgressRows = 10'000;

// What is known of the file before it is sent.
struct Survey {
  std::string sha256;
  v1::ControlTotals totals;
  std::vector<uint32_t> lines;  // of each row
};

void AddToTotals(const v1::ImportPermit& row, v1::ControlTotals* totals, std::map<std::string, std::map<int32_t, int64_t>>* grams) {
  totals->set_permits(totals->permits() + 1);
  totals->set_outlets(totals->outlets() + row.outlets_size());
  for (const v1::Limit& limit : row.limits()) {
    if (limit.scope() != "SITE") continue;
    for (const v1::YearQuantity& entry : limit.annual_limits()) {
      int64_t& sum = (*grams)[limit.pollutant()][entry.year()];
      if (__builtin_add_overflow(sum, entry.quantity(), &sum)) sum = INT64_MAX;
    }
  }
}

absl::StatusOr<Survey> LookAt(const std::string& path) {
  Survey survey;
  SONGHUA_ASSIGN_OR_RETURN(survey.sha256, HashOfFile(path));
  SONGHUA_ASSIGN_OR_RETURN(const std::unique_ptr<ImportFile> file, OpenImportFile(path));
  std::map<std::string, std::map<int32_t, int64_t>> grams;
  for (v1::ImportPermit row; file->Next(&row);) {
    survey.lines.push_back(file->line());
    AddToTotals(row, &survey.totals, &grams);
  }
  if (survey.lines.empty()) return absl::InvalidArgumentError(path + " holds no permit");
  for (const auto& [pollutant, years] : grams) {
    v1::PollutantTotal* total = survey.totals.add_pollutants();
    total->set_pollutant(pollutant);
    for (const auto& [year, quantity] : years) {
      v1::YearQuantity* entry = total->add_annual_limits();
      entry->set_year(year);
      entry->set_quantity(quantity);
    }
  }
  return survey;
}

class Importer {
 public:
  Importer(const Invocation& invocation, Session* session, const Survey& survey, v1::ControlTotals declared)
      : invocation_(invocation), session_(*session), calls_(session, "PermitImports", survey.sha256), survey_(survey), declared_(std::move(declared)),
        path_(invocation.arguments.positionals[0]) {}

  int Run() {
    CallStatus status = Begin();
    if (status.ok()) status = SendRows();
    if (!status.ok()) return Stopped(status);
    return import_.bad_rows() > 0 ? PrintErrors() : Finish();
  }

 private:
  // The import of this file that is under way; else a new one.
  CallStatus Begin() {
    CallStatus status = calls_.LearnDate();
    if (!status.ok()) return status;
    const std::string region = invocation_.arguments.GetOr("region", "");
    int before = 0;  // imports of this file that have ended
    v1::ListImportsRequest list;
    v1::ListImportsAnswer page;
    do {
      list.mutable_page()->set_page_token(page.next_page_token());
      status = calls_.Call("ListImports", list, &page);
      if (!status.ok()) return status;
      for (const v1::Import& import : page.imports()) {
        if (import.file_sha256() != survey_.sha256 || import.region() != region) continue;
        if (import.state() == v1::Import::STAGING) {
          import_ = import;
          *invocation_.io.err << "going on with " << import.name() << " at row " << import.rows() + 1 << "\n";
          return status;
        }
        ++before;
      }
    } while (!page.next_page_token().empty());
    v1::BeginImportRequest request;
    request.set_request_id(calls_.RequestId("import-" + std::to_string(before)));
    request.set_region(region);
    request.set_source(invocation_.arguments.GetOr("source", path_.substr(path_.rfind('/') + 1)));
    request.set_file_sha256(survey_.sha256);
    *request.mutable_totals() = declared_;
    return CallImport("BeginImport", request);
  }

  CallStatus CallImport(const std::string& method, const pb::Message& request) {
    v1::ImportAnswer answer;
    const CallStatus status = calls_.Call(method, request, &answer);
    if (status.ok()) import_ = answer.import();
    return status;
  }

  CallStatus SendRows() {
    const auto file = OpenImportFile(path_);
    if (!file.ok()) return {static_cast<int>(file.status().code()), std::string(file.status().message()), ""};  // it went since it was looked at
    v1::ImportPermit row;
    for (uint32_t skipped = 0; skipped < import_.rows() && (*file)->Next(&row);) ++skipped;
    bool more = (*file)->Next(&row);
    while (more) {
      v1::AddImportRowsRequest chunk;
      chunk.set_name(import_.name());
      chunk.set_first_row(import_.rows() + 1);
      size_t bytes = 0;
      while (more && chunk.rows_size() < static_cast<int>(bounds::kChunkRowsMax)) {
        const size_t size = row.ByteSizeLong() + 8;
        if (chunk.rows_size() > 0 && bytes + size > kImportChunkBytes) break;
        bytes += size;
        chunk.add_rows()->Swap(&row);
        more = (*file)->Next(&row);
      }
      chunk.set_request_id(calls_.RequestId("rows-" + NumberOfName(import_.name()) + "-" + std::to_string(chunk.first_row())));
      const uint32_t before = import_.rows();
      const CallStatus status = CallImport("AddImportRows", chunk);
      if (!status.ok()) return status;
      if (import_.rows() / kProgressRows != before / kProgressRows) {
        *invocation_.io.err << Thousands(import_.rows()) << " of " << Thousands(static_cast<int64_t>(survey_.lines.size())) << " rows, "
                            << Thousands(import_.bad_rows()) << " bad" << std::endl;
      }
    }
    return {};
  }

  int Stopped(const CallStatus& status) {
    const int code = session_.Refused(status);
    if (!import_.name().empty()) {
      *invocation_.io.err << "  " << import_.name() << " has " << import_.rows() << " of " << survey_.lines.size()
                          << " rows. The same command goes on where it stopped.\n";
    }
    return code;
  }

  // Every bad row with its line.
  int PrintErrors() {
    std::ostream& out = *invocation_.io.out;
    v1::ListImportErrorsRequest list;
    list.set_name(import_.name());
    list.mutable_page()->set_page_size(static_cast<int32_t>(bounds::kPageSizeMax));
    v1::ListImportErrorsAnswer page;
    do {
      list.mutable_page()->set_page_token(page.next_page_token());
      const CallStatus status = calls_.Call("ListImportErrors", list, &page);
      if (!status.ok()) return session_.Refused(status);
      for (const v1::ImportError& error : page.errors()) PrintError(error, out);
    } while (!page.next_page_token().empty());
    out.flush();
    *invocation_.io.err << import_.name() << ": " << Thousands(import_.bad_rows()) << " of " << Thousands(import_.rows())
                        << " rows are bad, so none is taken over. Mend the file, then\n  songhua permit-imports discard-import " << import_.name()
                        << " --reason ...\nand import it again.\n";
    return kExitRefused;
  }

  void PrintError(const v1::ImportError& error, std::ostream& out) const {
    if (session_.json()) {
      out << ToJson(error) << "\n";
      return;
    }
    out << path_ << ":" << (error.row() >= 1 && error.row() <= survey_.lines.size() ? survey_.lines[error.row() - 1] : 0) << ": ";
    if (!error.number().empty()) out << error.number() << ": ";
    out << error.reason();
    if (!error.rule().empty()) out << " (" << error.rule() << ")";
    out << ", " << error.field() << ": " << error.value() << "; accepted: " << error.accepted() << "\n";
  }

  int Finish() {
    v1::ImportActRequest request;
    request.set_request_id(calls_.RequestId("finish-" + NumberOfName(import_.name())));
    request.set_name(import_.name());
    const CallStatus status = CallImport("FinishStaging", request);
    if (!status.ok()) return session_.Refused(status);
    std::ostream& out = *invocation_.io.out;
    if (session_.json()) {
      out << ToJson(import_) << "\n";
      return kExitOk;
    }
    out << import_.name() << " is BALANCED: " << Thousands(import_.staged().permits()) << " permits with " << Thousands(import_.staged().outlets())
        << " outlets, as declared.\nNobody sees them until another person approves:\n  songhua permit-imports approve-import " << import_.name()
        << " --as APPROVER\n";
    return kExitOk;
  }

  const Invocation& invocation_;
  Session& session_;
  ImportCalls calls_;
  const Survey& survey_;
  const v1::ControlTotals declared_;
  const std::string path_;
  v1::Import import_;
};

int ImportPermits(const Invocation& invocation) {
  auto survey = LookAt(invocation.arguments.positionals[0]);
  if (!survey.ok()) return BadUsage(invocation, survey.status());
  const std::string totals = invocation.arguments.GetOr("totals", "");
  if (totals.empty()) {
    std::string text;
    (void)pb::util::MessageToJsonString(survey->totals, &text);
    *invocation.io.out << text << "\n";
    return BadUsage(invocation, absl::InvalidArgumentError("--totals is missing: what the system that the permits come from says they come to. What the file itself "
                                                           "comes to stands above; it may be compared, but it proves nothing"));
  }
  v1::ControlTotals declared;
  const absl::Status parsed = ParseMessageText(totals, "totals", &declared);
  if (!parsed.ok()) return BadUsage(invocation, parsed);
  if (invocation.arguments.GetOr("region", "").empty()) {
    return BadUsage(invocation, absl::InvalidArgumentError("--region is missing: the province, city or county whose permits these are, as 220000"));
  }
  auto session = Session::Open(invocation);
  if (!session.ok()) return BadUsage(invocation, session.status());
  return Importer(invocation, session->get(), *survey, std::move(declared)).Run();
}

}  // namespace

Verb ImportPermitsVerb() {
  Verb verb;
  verb.words = {"import", "permits"};
  verb.group = kPermitGroup;
  verb.summary = "Take over existing permits from a file, all or none";
  verb.description =
      "The file has one permit a line, in JSON with the field names of the API's ImportPermit; or it is a table, FILE.csv in UTF-8, as a spreadsheet saves it: a row "
      "for each outlet and pollutant of a permit, its columns known by their names in any order (below). It is sent in chunks, every row is checked, and every bad row is "
      "printed with its line; with one bad row nothing is taken over. What all rows together come to is held against --totals, which the system states that the "
      "permits come from. A second person, a PERMIT_APPROVER of the region, then approves, and all permits hold at once.\n\n"
      "Broken off, the same command goes on where it stopped.\n\n"
      "Columns of a table:\n" + ColumnsHelp();
  verb.arguments = {{"FILE", "Lines of JSON, or a table (*.csv)"}};
  verb.flags = {{"region", "CODE", "The province, city or county whose permits these are"},
                {"totals", "JSON", "Control totals as JSON or @FILE: permits, outlets, and for each pollutant the grams of SITE limits by year"},
                {"source", "TEXT", "Where the permits come from, in words. Default: the file's name"}};
  verb.examples = {{"import permits jilin.jsonl --region 220000 --totals @totals.json --source \"provincial platform\" --as intake-jilin", "Stages and checks; another person then approves: songhua permit-imports approve-import imports/1"},
                   {"import permits jilin.csv --region 220000 --as intake-jilin", "Says what a table comes to, and sends nothing yet"}};
  verb.client = true;
  verb.run = ImportPermits;
  return verb;
}

}  // namespace songhua::api::cli
