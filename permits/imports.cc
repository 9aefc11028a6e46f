#include "permits/imports.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::permits {
namespace {

using ledger::MakeName;

constexpr size_t kSha256Digits = 64;

absl::Status CheckSha256(const std::string& text) {
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (text.empty() || (text.size() == kSha256Digits && digits)) return absl::OkStatus();
  return InvalidField("file_sha256", text.substr(0, kSha256Digits), "64 digits of 0-9 and a-f, or nothing");
}

// At most so many bytes, cut between characters.
std::string Shown(const std::string& text) {
  size_t size = std::min(text.size(), ImportErrorRow::kShownBytesMax);
  if (size < text.size()) {
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  }
  return text.substr(0, size);
}

ImportErrorRow MakeError(uint32_t import_number, uint32_t row, const v1::ImportPermit& permit, const absl::Status& status) {
  const RefusalDetail detail = GetRefusal(status).value_or(RefusalDetail{std::string(absl::StatusCodeToString(status.code())), "", "", "", ""});
  return {import_number, row, Shown(permit.number()), detail.reason, detail.rule, detail.field, Shown(detail.value), detail.accepted};
}

Refuse IllegalTransition(const ImportRow& row, std::string_view accepted) {
  return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
      .Rule("PERMIT-10")
      .Field("name")
      .Value(row.Name() + " is " + v1::Import::State_Name(row.state))
      .Accepted(accepted);
}

v1::ImportAnswer AnswerOf(const ImportRow& row) {
  v1::ImportAnswer answer;
  *answer.mutable_import() = ToProto(row);
  return answer;
}

}  // namespace

std::string ImportRow::Name() const { return MakeName("imports", number); }

Imports::Imports(TableSet* tables, const Parts& parts) : parts_(parts), rows_(tables), errors_(tables) {
  // Rows of permits come back before those of imports, whose table has the higher number.
  rows_.OnLoaded([this](ImportRow& row) { Index(row); });
}

Imports::~Imports() = default;

void Imports::Index(const ImportRow& row) {
  open_.erase(row.number);
  if (row.open()) open_.insert(row.number);
  if (row.state == v1::Import::APPROVED) parts_.permits->Reveal(row.number);
  if (row.state == v1::Import::DISCARDED) discarded_.insert(row.number);
}

// ---- Checks ----

absl::StatusOr<const ImportRow*> Imports::FindNamed(const std::string& name) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "imports", name));
  const ImportRow* row = number > UINT32_MAX ? nullptr : rows_.Find(static_cast<uint32_t>(number));
  if (row == nullptr) return NotFound("name", name);
  return row;
}

absl::Status Imports::CheckBeginner(const CommandContext& context, const ImportRow& row) const {
  if (row.begun_by == context.person) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "NOT_IN_CHARGE")
      .Rule("GEN-14")
      .Field("caller")
      .Value(MakeName("people", context.person))
      .Accepted(MakeName("people", row.begun_by) + ", who began " + row.Name());
}

absl::Status Imports::CheckState(const ImportRow& row, v1::Import::State state) const {
  if (row.state == state) return absl::OkStatus();
  return IllegalTransition(row, "an import that is " + v1::Import::State_Name(state));
}

bool Imports::IsApprover(const CommandContext& context, const ImportRow& row) const {
  const ledger::PersonRow* person = parts_.participants->FindPerson(std::string(context.person));
  return person != nullptr && RoleCovers(*person, v1::PERMIT_APPROVER, row.region);
}

void Imports::Move(CommandContext& context, ImportRow& row, std::string_view event, v1::Import::State state, const std::string& reason) {
  const std::string from = row.state == v1::Import::STATE_UNSPECIFIED ? "" : v1::Import::State_Name(row.state);
  row.state = state;
  Index(row);
  parts_.file->Record(context, {.subject = row.Name(), .event = std::string(event), .from_state = from, .to_state = v1::Import::State_Name(state),
                                .reason = reason, .legal_basis = "", .effective = kFirstDate});
}

// ---- Commands ----

absl::StatusOr<v1::ImportAnswer> Imports::BeginImport(CommandContext& context, const v1::BeginImportRequest& request) {
  ImportRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.region, ParseRegion(request.region(), "region"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.source(), kSourceBytesMax, "source"));
  SONGHUA_RETURN_IF_ERROR(CheckSha256(request.file_sha256()));
  SONGHUA_ASSIGN_OR_RETURN(row.declared, ParseTotals(request.totals()));
  for (const uint32_t number : open_) {
    const ImportRow* open = rows_.Find(number);
    if (request.file_sha256().empty() || open->file_sha256 != request.file_sha256() || open->region != row.region) continue;
    return Refuse(absl::StatusCode::kAlreadyExists, "IMPORT_OPEN")
        .Rule("PERMIT-10")
        .Field("file_sha256")
        .Value(request.file_sha256())
        .Accepted("going on with " + open->Name() + ", or discarding it first");
  }
  if (open_.size() >= kOpenImportsMax) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_IMPORTS")
        .Rule("PERMIT-10")
        .Field("region")
        .Value(static_cast<int64_t>(open_.size()))
        .Accepted("less than " + std::to_string(kOpenImportsMax) + " imports that are neither approved nor discarded");
  }
  row.number = static_cast<uint32_t>(parts_.counters->Peek("imports"));
  row.state = v1::Import::STATE_UNSPECIFIED;
  row.source = request.source();
  row.file_sha256 = request.file_sha256();
  row.staged = row.declared.NothingYet();
  row.begun_by = std::string(context.person);
  row.begin_time = context.time;
  if (context.validate_only) {
    row.state = v1::Import::STAGING;
    return AnswerOf(row);
  }
  parts_.counters->Next("imports");
  ImportRow& inserted = rows_.Insert(std::move(row));
  Move(context, inserted, "begin", v1::Import::STAGING);
  return AnswerOf(inserted);
}

absl::StatusOr<v1::ImportAnswer> Imports::AddImportRows(CommandContext& context, const v1::AddImportRowsRequest& request,
                                                        const RightsReader& rights) {
  const size_t bytes = request.ByteSizeLong();
  if (request.rows_size() < 1 || request.rows_size() > static_cast<int>(bounds::kChunkRowsMax)) {
    return InvalidField("rows", std::to_string(request.rows_size()) + " rows", "1 to " + std::to_string(bounds::kChunkRowsMax));
  }
  if (bytes > bounds::kImportChunkBytesMax && request.rows_size() > 1) {
    return InvalidField("rows", std::to_string(bytes) + " bytes", "one row, or at most " + std::to_string(bounds::kImportChunkBytesMax) + " bytes together");
  }
  SONGHUA_ASSIGN_OR_RETURN(const ImportRow* import, FindNamed(request.name()));
  SONGHUA_RETURN_IF_ERROR(CheckState(*import, v1::Import::STAGING));
  SONGHUA_RETURN_IF_ERROR(CheckBeginner(context, *import));
  if (request.first_row() != import->rows + 1) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "CHUNK_OUT_OF_ORDER")
        .Rule("GEN-15")
        .Field("first_row")
        .Value(static_cast<int64_t>(request.first_row()))
        .Accepted(std::to_string(import->rows + 1) + ", the row after those that have come");
  }

  ImportRow after = *import;
  std::vector<ImportedPermit> good;
  std::vector<ImportErrorRow> bad;
  good.reserve(request.rows_size());
  std::set<std::string> numbers, sites;  // of this chunk
  for (const v1::ImportPermit& given : request.rows()) {
    const uint32_t place = ++after.rows;
    auto permit = ParseImportPermit(given, import->region, context.today, *parts_.participants, *parts_.regimes);
    absl::Status status = permit.status();
    if (status.ok() && (parts_.permits->NumberTaken(permit->row.number) || numbers.contains(permit->row.number))) {
      status = Refuse(absl::StatusCode::kAlreadyExists, "NUMBER_TAKEN").Rule("PERMIT-12").Field("number").Value(permit->row.number)
                   .Accepted("a number that neither a permit here nor another row has");
    }
    if (status.ok() && (parts_.permits->SiteTaken(permit->row.site) || sites.contains(permit->row.site))) {
      status = Refuse(absl::StatusCode::kAlreadyExists, "SITE_HAS_PERMIT").Rule("INV-06").Field("site").Value(given.site())
                   .Accepted("a site that has no permit here and stands in no other row: later versions are granted here");
    }
    if (status.ok()) status = after.staged.Add(permit->row);
    if (!status.ok()) {
      bad.push_back(MakeError(import->number, place, given, status));
      continue;
    }
    permit->row.import_number = import->number;
    permit->row.import_row = place;
    permit->row.issue_sequence = context.sequence;
    permit->row.rights_pending = !parts_.permits->RightsCover(rights, permit->row, context.today);
    after.first_expiry = std::min(after.first_expiry, permit->row.term.last);
    numbers.insert(permit->row.number);
    sites.insert(permit->row.site);
    good.push_back(*std::move(permit));
  }
  after.bad_rows += static_cast<uint32_t>(bad.size());
  v1::ImportAnswer answer = AnswerOf(after);
  if (context.validate_only) return answer;

  rows_.Edit(*import) = std::move(after);
  for (ImportedPermit& permit : good) parts_.permits->Stage(context, std::move(permit.row), std::move(permit.content));
  for (const ImportErrorRow& error : bad) errors_.Append(error);
  context.events->Emit(EventType::kRegistered, import->Name(), import->rows, import->bad_rows);
  return answer;
}

absl::StatusOr<v1::ImportAnswer> Imports::FinishStaging(CommandContext& context, const v1::ImportActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const ImportRow* import, FindNamed(request.name()));
  SONGHUA_RETURN_IF_ERROR(CheckState(*import, v1::Import::STAGING));
  SONGHUA_RETURN_IF_ERROR(CheckBeginner(context, *import));
  if (import->bad_rows > 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "IMPORT_HAS_ERRORS")
        .Rule("PERMIT-10")
        .Field("name")
        .Value(import->Name() + ": " + std::to_string(import->bad_rows) + " of " + std::to_string(import->rows) + " rows are bad")
        .Accepted("an import without a bad row: ListImportErrors names them all; discard it, mend the file, begin again");
  }
  SONGHUA_RETURN_IF_ERROR(CompareTotals(import->declared, import->staged));
  ImportRow after = *import;
  after.state = v1::Import::BALANCED;
  v1::ImportAnswer answer = AnswerOf(after);
  if (context.validate_only) return answer;
  Move(context, rows_.Edit(*import), "balance", v1::Import::BALANCED);
  return answer;
}

absl::StatusOr<v1::ImportAnswer> Imports::ApproveImport(CommandContext& context, const v1::ImportActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const ImportRow* import, FindNamed(request.name()));
  if (!IsApprover(context, *import)) {
    return Refuse(absl::StatusCode::kPermissionDenied, "NOT_COMPETENT")
        .Rule("PERMIT-04")
        .Field("caller")
        .Value(MakeName("people", context.person))
        .Accepted("a PERMIT_APPROVER for " + FormatRegion(import->region));
  }
  if (import->begun_by == context.person) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "SAME_PERSON_IMPORTED")
        .Rule("GEN-14")
        .Field("caller")
        .Value(MakeName("people", context.person))
        .Accepted("a person other than " + MakeName("people", import->begun_by) + ", who began the import");
  }
  SONGHUA_RETURN_IF_ERROR(CheckState(*import, v1::Import::BALANCED));
  if (import->first_expiry < context.today) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "IMPORT_TOO_OLD")
        .Rule("PERMIT-47")
        .Field("name")
        .Value("a permit that ended on " + FormatDate(import->first_expiry))
        .Accepted("an import whose permits all hold today: discard it and import what still holds");
  }
  ImportRow after = *import;
  after.state = v1::Import::APPROVED;
  after.decided_by = std::string(context.person);
  after.decide_time = context.time;
  v1::ImportAnswer answer = AnswerOf(after);
  if (context.validate_only) return answer;
  ImportRow& row = rows_.Edit(*import);
  row.decided_by = std::string(context.person);
  row.decide_time = context.time;
  Move(context, row, "approve", v1::Import::APPROVED);
  return answer;
}

absl::StatusOr<v1::ImportAnswer> Imports::DiscardImport(CommandContext& context, const v1::DiscardImportRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kReasonBytesMax, "reason"));
  SONGHUA_ASSIGN_OR_RETURN(const ImportRow* import, FindNamed(request.name()));
  if (!IsApprover(context, *import)) SONGHUA_RETURN_IF_ERROR(CheckBeginner(context, *import));
  if (!import->open()) return IllegalTransition(*import, "an import that is STAGING or BALANCED");
  ImportRow after = *import;
  after.state = v1::Import::DISCARDED;
  after.decided_by = std::string(context.person);
  after.decide_time = context.time;
  after.discard_reason = request.reason();
  v1::ImportAnswer answer = AnswerOf(after);
  if (context.validate_only) return answer;
  ImportRow& row = rows_.Edit(*import);
  row.decided_by = std::string(context.person);
  row.decide_time = context.time;
  row.discard_reason = request.reason();
  Move(context, row, "discard", v1::Import::DISCARDED, request.reason());
  parts_.alarm->WakeForImports(context.time);
  return answer;
}

bool Imports::RemoveDiscarded(size_t max) {
  while (!discarded_.empty()) {
    if (parts_.permits->RemoveStaged(*discarded_.begin(), max)) return true;
    discarded_.erase(discarded_.begin());
  }
  return false;
}

// ---- Messages ----

v1::Import ToProto(const ImportRow& row) {
  v1::Import message;
  message.set_name(row.Name());
  message.set_region(FormatRegion(row.region));
  message.set_source(row.source);
  message.set_file_sha256(row.file_sha256);
  message.set_state(row.state);
  *message.mutable_declared() = ToProto(row.declared);
  *message.mutable_staged() = ToProto(row.staged);
  message.set_rows(row.rows);
  message.set_bad_rows(row.bad_rows);
  message.set_begun_by(MakeName("people", row.begun_by));
  *message.mutable_begin_time() = ledger::ToProto(row.begin_time);
  if (!row.decided_by.empty()) {
    message.set_decided_by(MakeName("people", row.decided_by));
    *message.mutable_decide_time() = ledger::ToProto(row.decide_time);
  }
  message.set_discard_reason(row.discard_reason);
  return message;
}

v1::ImportError ToProto(const ImportErrorRow& row) {
  v1::ImportError message;
  message.set_row(row.row);
  message.set_number(row.number);
  message.set_reason(row.reason);
  message.set_rule(row.rule);
  message.set_field(row.field);
  message.set_value(row.value);
  message.set_accepted(row.accepted);
  return message;
}

}  // namespace songhua::permits
