#include "simulations/offset_records.h"

#include <algorithm>

#include "ledger/refusal.h"
#include "simulations/cell_text.h"
#include "simulations/column_finder.h"
#include "simulations/uk_ets_records.h"

namespace songhua::simulations {
namespace {

const Meaning kSerial = {
    "serial numbers", {"serial number", "serial range", "serial"}, {"start", "end", "first", "last", "begin", "from", "to"}};
const Meaning kSerialStart = {"first serial number", {"serial start", "serial first", "serial begin", "serial from"}, {}};
const Meaning kSerialEnd = {"last serial number", {"serial end", "serial last", "serial to"}, {}};
const Meaning kQuantity = {"quantity of credits",
                           {"quantity issued", "quantity retired", "quantity cancelled", "quantity", "volume", "number credit",
                            "number unit", "amount", "credit", "unit", "tonne"},
                           {"serial", "total", "price", "type", "status", "id", "name", "vintage", "date"}};
const Meaning kVintage = {"vintage", {"vintage year", "vintage"}, {"quantity", "total"}};
const Meaning kActDate = {
    "date of the act",
    {"status effective", "retirement date", "cancellation date", "date retired", "date cancelled", "issuance date", "date issued", "date"},
    {"vintage"}};
const Meaning kRetirementDate = {
    "date of retirement or cancellation",
    {"retirement date", "cancellation date", "date retirement", "date retired", "date cancelled", "retired on", "cancelled on"},
    {}};
const Meaning kAct = {"status or transaction of the credits",
                      {"credit status", "unit status", "transaction type", "transaction", "action", "status"},
                      {"effective", "date", "project", "reason", "id"}};
const Meaning kReason = {"reason", {"retirement reason", "cancellation type", "cancellation reason", "reason", "retirement detail"}, {}};
const Meaning kProject = {
    "project id", {"project id", "gsid", "project"}, {"name", "type", "developer", "status", "country", "site", "owner"}};

// The act that a text speaks of.
std::optional<OffsetAct> ActIn(std::string_view text) {
  const std::string lower = Lower(text);
  const auto has = [&](std::string_view stem) { return lower.find(stem) != std::string::npos; };
  if (has("retire")) return OffsetAct::kRetire;
  if (has("cancel")) return OffsetAct::kCancel;
  if (has("issu") || has("active") || has("available")) return OffsetAct::kIssue;
  return std::nullopt;
}

// How the rows of one list say what happened.
struct ActSource {
  std::optional<size_t> act_column;
  std::optional<size_t> date_column;  // blank: issued
  OffsetAct otherwise = OffsetAct::kRetire;
};

absl::StatusOr<ActSource> FindActSource(const CsvTable& table, const ColumnFinder& finder) {
  ActSource source;
  source.act_column = finder.Find(kAct);
  if (source.act_column.has_value()) return source;
  source.date_column = finder.Find(kRetirementDate);
  if (source.date_column.has_value()) {
    const std::optional<OffsetAct> act = ActIn(table.header[*source.date_column]);
    source.otherwise = act.value_or(OffsetAct::kRetire);
    return source;
  }
  // "issued" in "quantity_issued" says what was once issued, in a list of retirements too: it counts last.
  std::optional<OffsetAct> named;
  for (const std::string& heading : table.header) {
    const std::optional<OffsetAct> act = ActIn(heading);
    if (act.has_value() && (!named.has_value() || *named == OffsetAct::kIssue)) named = act;
  }
  const size_t slash = table.file.rfind('/');
  if (!named.has_value()) named = ActIn(slash == std::string::npos ? table.file : table.file.substr(slash + 1));
  if (!named.has_value()) {
    return absl::InvalidArgumentError(
        table.file +
        ": cannot tell whether its rows are issuances, retirements or cancellations: no column gives a status or a "
        "retirement's date, and neither a heading nor the file's name has one of these words");
  }
  source.otherwise = *named;
  return source;
}

class ListReader {
 public:
  ListReader(const CsvTable& table, Comparison* comparison) : table_(table), comparison_(comparison), finder_(table) {}

  absl::StatusOr<std::vector<OffsetRecord>> Read() {
    start_ = finder_.Find(kSerialStart);
    end_ = finder_.Find(kSerialEnd);
    if (!start_.has_value() || !end_.has_value()) serial_ = finder_.Require(kSerial);
    quantity_ = finder_.Require(kQuantity);
    vintage_ = finder_.Require(kVintage);
    SONGHUA_RETURN_IF_ERROR(finder_.Finish());
    SONGHUA_ASSIGN_OR_RETURN(act_, FindActSource(table_, finder_));
    date_ = finder_.Find(kActDate);
    project_ = finder_.Find(kProject);
    reason_ = finder_.Find(kReason);
    std::vector<OffsetRecord> records;
    for (const CsvRow& row : table_.rows) {
      if (std::optional<OffsetRecord> record = ReadRow(row)) records.push_back(*std::move(record));
    }
    return records;
  }

 private:
  std::string Text(const CsvRow& row, std::optional<size_t> column) const {
    return column.has_value() ? ReadFigure(row.fields[*column]).text : "";
  }
  void Unreadable(const CsvRow& row, size_t column, const std::string& accepted) {
    comparison_->Unreadable(table_.Place(row), table_.header[column], row.fields[column], accepted);
  }

  std::optional<OffsetAct> ReadAct(const CsvRow& row) {
    if (act_.act_column.has_value()) {
      const std::optional<OffsetAct> act = ActIn(row.fields[*act_.act_column]);
      if (!act.has_value()) Unreadable(row, *act_.act_column, "a status that speaks of issuing, retiring or cancelling");
      return act;
    }
    if (act_.date_column.has_value() && ReadFigure(row.fields[*act_.date_column]).blank()) return OffsetAct::kIssue;
    return act_.otherwise;
  }

  std::optional<OffsetRecord> ReadRow(const CsvRow& row) {
    if (table_.Ragged(row)) {
      comparison_->Unreadable(table_.Place(row), "row", row.fields.front() + ", ...",
                              std::to_string(table_.header.size()) + " fields but " + std::to_string(row.fields.size()));
      return std::nullopt;
    }
    OffsetRecord record;
    record.place = table_.Place(row);
    record.quantity_heading = table_.header[quantity_];
    record.vintage_heading = table_.header[vintage_];
    const std::optional<OffsetAct> act = ReadAct(row);
    if (!act.has_value()) return std::nullopt;
    record.act = *act;
    const Figure quantity = ReadFigure(row.fields[quantity_]);
    if (quantity.is_number() && quantity.number >= 1) {
      record.quantity = quantity.number;
    } else {
      Unreadable(row, quantity_, "a whole number from 1");
    }
    const std::string serials = serial_.has_value() ? row.fields[*serial_] : row.fields[*start_] + " to " + row.fields[*end_];
    auto ranges = ParseSerialRanges(serials, record.quantity);
    if (ranges.ok()) {
      const auto too_large = [](const SerialRange& range) { return range.size() > kPublishedQuantityMax; };
      if (std::any_of(ranges->begin(), ranges->end(), too_large)) ranges = absl::InvalidArgumentError("more than the ledger moves at once");
    }
    if (!ranges.ok()) {
      comparison_->Unreadable(record.place, table_.header[serial_.value_or(start_.value_or(0))], serials,
                              "a range of serial numbers (" + std::string(ranges.status().message()) + ")");
      return std::nullopt;
    }
    record.ranges = *std::move(ranges);
    record.vintage = ReadYear(row.fields[vintage_]);
    if (record.vintage == 0) Unreadable(row, vintage_, "a year");
    if (date_.has_value()) record.year = ReadYear(row.fields[*date_]);
    record.project_id = Text(row, project_);
    if (project_.has_value()) record.project_heading = table_.header[*project_];
    record.reason = Text(row, reason_);
    return record;
  }

  const CsvTable& table_;
  Comparison* comparison_;
  ColumnFinder finder_;
  std::optional<size_t> serial_, start_, end_, date_, project_, reason_;
  size_t quantity_ = 0, vintage_ = 0;
  ActSource act_;
};

}  // namespace

std::string_view OffsetActName(OffsetAct act) {
  switch (act) {
    case OffsetAct::kIssue:
      return "issued";
    case OffsetAct::kRetire:
      return "retired";
    case OffsetAct::kCancel:
      return "cancelled";
  }
  return "";
}

int64_t OffsetRecord::size() const {
  int64_t units = 0;
  for (const SerialRange& range : ranges) units += range.size();
  return units;
}

absl::StatusOr<std::vector<OffsetRecord>> ReadOffsetRecords(const CsvTable& table, Comparison* comparison) {
  return ListReader(table, comparison).Read();
}

}  // namespace songhua::simulations
