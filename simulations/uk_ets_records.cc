#include "simulations/uk_ets_records.h"

#include <algorithm>
#include <set>

#include "ledger/refusal.h"
#include "simulations/cell_text.h"
#include "simulations/column_finder.h"

namespace songhua::simulations {
namespace {

const Meaning kOperatorId = {"operator id", {"operator id", "installation id", "operator", "emitter id"}, {"name", "year"}};
const Meaning kInstallationId = {"installation id", {"installation id", "operator id"}, {"name"}};
const Meaning kPermitId = {"permit id", {"permit id", "permit", "monitoring plan id", "monitoring plan"}, {"status", "date"}};
const Meaning kHolder = {"account holder", {"account holder", "holder", "operator name", "installation name"}, {"id", "type", "status"}};
const Meaning kFirstYear = {"first year of operation", {"first year", "start year"}, {}};
const Meaning kLastYear = {"last year of operation", {"last year", "end year"}, {}};
const Meaning kEmissions = {
    "emissions of a year", {"recorded emission", "verified emission", "emission"}, {"cumulative", "total", "status"}};
const Meaning kCumulativeEmissions = {"cumulative emissions", {"cumulative emission", "total emission"}, {"status", "surrender"}};
const Meaning kCumulativeSurrenders = {
    "cumulative surrenders", {"cumulative surrender", "cumulative surrendered", "total surrender", "total surrendered"}, {"status"}};
const Meaning kStatus = {"status of a year", {"surrender status", "compliance status", "status", "compliance code"}, {"account"}};
const Meaning kStandard = {"standard allocation of a year", {"standard"}, {"total"}};
const Meaning kNewEntrant = {"new entrant allocation of a year", {"ner", "new entrant"}, {"total"}};
const Meaning kTotal = {"total allocation of a year", {"total allocation", "total", "allocation"}, {"standard", "ner", "entrant"}};

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return upper;
}

// One row of a table, read cell by cell.
class RowReader {
 public:
  RowReader(const CsvTable& table, const CsvRow& row, Comparison* comparison) : table_(table), row_(row), comparison_(comparison) {}

  std::string place() const { return table_.Place(row_); }
  // Empty for a column that the file has not.
  std::string Text(std::optional<size_t> column) const { return column.has_value() ? std::string(Trim(row_.fields[*column])) : ""; }
  void Unreadable(size_t column, const std::string& accepted) {
    comparison_->Unreadable(place(), table_.header[column], row_.fields[column], accepted);
  }

  // A quantity; nullopt: blank, or unreadable, which `*readable` says.
  std::optional<int64_t> Quantity(std::optional<size_t> column, bool* readable) {
    if (!column.has_value()) return std::nullopt;
    const Figure figure = ReadFigure(row_.fields[*column]);
    if (figure.blank()) return std::nullopt;
    if (figure.is_number() && figure.number >= 0 && figure.number <= kPublishedQuantityMax) return figure.number;
    Unreadable(*column, "a whole number from 0 to " + std::to_string(kPublishedQuantityMax));
    *readable = false;
    return std::nullopt;
  }

  int32_t Year(std::optional<size_t> column) {
    const std::string text = Text(column);
    if (ReadFigure(text).blank()) return 0;
    const int32_t year = ReadYear(text);
    if (year == 0) Unreadable(*column, "a year");
    return year;
  }

  YearEmissions Emissions(size_t column, bool* readable) {
    const Figure figure = ReadFigure(row_.fields[column]);
    if (figure.blank()) return {};
    if (figure.is_number() && figure.number >= 0 && figure.number <= kPublishedQuantityMax) return {EmissionEntry::kFigure, figure.number};
    if (Upper(figure.text) == "EXCLUDED") return {EmissionEntry::kExcluded, 0};
    Unreadable(column, "tonnes, EXCLUDED or nothing");
    *readable = false;
    return {};
  }

 private:
  const CsvTable& table_;
  const CsvRow& row_;
  Comparison* comparison_;
};

// Whether the row has a field a column; reports it otherwise.
bool Whole(const CsvTable& table, const CsvRow& row, Comparison* comparison) {
  if (!table.Ragged(row)) return true;
  comparison->Unreadable(table.Place(row), "row", row.fields.front() + ", ...",
                         std::to_string(table.header.size()) + " fields but " + std::to_string(row.fields.size()));
  return false;
}

std::vector<int32_t> Years(const YearColumns& columns) {
  std::vector<int32_t> years;
  for (const auto& [year, column] : columns) years.push_back(year);
  return years;
}

std::map<int32_t, std::string> Headings(const CsvTable& table, const YearColumns& columns) {
  std::map<int32_t, std::string> headings;
  for (const auto& [year, column] : columns) headings[year] = table.header[column];
  return headings;
}

// Leaves out the years at the end for which nobody has anything yet: the published workbook has its headings up to 2030.
void DropYearsToCome(ComplianceReport* report) {
  const auto says_nothing = [&](int32_t year) {
    return std::all_of(report->accounts.begin(), report->accounts.end(), [&](const ComplianceAccount& account) {
      return account.emissions.at(year).entry == EmissionEntry::kMissing && !account.statuses.contains(year);
    });
  };
  while (report->years.size() > 1 && says_nothing(report->years.back())) {
    for (ComplianceAccount& account : report->accounts) account.emissions.erase(report->years.back());
    report->years.pop_back();
  }
}

// Reports a second row of the same thing.
class Seen {
 public:
  bool Repeats(const std::string& key, const std::string& place, const std::string& figure, Comparison* comparison) {
    const auto [at, added] = places_.emplace(key, place);
    if (!added) comparison->Failed(place, figure, "the row repeats " + at->second);
    return !added;
  }

 private:
  std::map<std::string, std::string> places_;
};

}  // namespace

int32_t ComplianceAccount::FirstObligation() const {
  if (first_year != 0) return first_year;
  const auto first =
      std::find_if(emissions.begin(), emissions.end(), [](const auto& year) { return year.second.entry != EmissionEntry::kMissing; });
  return first == emissions.end() ? 0 : first->first;
}

absl::StatusOr<ComplianceReport> ReadComplianceReport(const CsvTable& table, Comparison* comparison) {
  ColumnFinder finder(table);
  finder.RequireOneOf({kPermitId, kOperatorId});
  const YearColumns emissions = finder.RequireYears(kEmissions);
  const size_t surrenders = finder.Require(kCumulativeSurrenders);
  SONGHUA_RETURN_IF_ERROR(finder.Finish());
  const auto operator_id = finder.Find(kOperatorId), permit_id = finder.Find(kPermitId), holder = finder.Find(kHolder);
  const auto first_year = finder.Find(kFirstYear), last_year = finder.Find(kLastYear), total = finder.Find(kCumulativeEmissions);
  const YearColumns statuses = finder.FindYears(kStatus);

  ComplianceReport report;
  report.years = Years(emissions);
  report.emission_headings = Headings(table, emissions);
  report.status_headings = Headings(table, statuses);
  report.cumulative_surrenders_heading = table.header[surrenders];
  if (total.has_value()) report.cumulative_emissions_heading = table.header[*total];
  Seen seen;
  for (const CsvRow& row : table.rows) {
    if (!Whole(table, row, comparison)) continue;
    RowReader reader(table, row, comparison);
    ComplianceAccount account;
    account.place = reader.place();
    account.operator_id = reader.Text(operator_id);
    account.permit_id = reader.Text(permit_id);
    account.holder = reader.Text(holder);
    if (account.label().empty()) {
      comparison->Unreadable(account.place, "permit id and operator id", "", "the name of an account");
      continue;
    }
    if (seen.Repeats(account.operator_id + "/" + account.permit_id, account.place, account.label(), comparison)) continue;
    account.first_year = reader.Year(first_year);
    account.last_year = reader.Year(last_year);
    for (const auto& [year, column] : emissions) account.emissions[year] = reader.Emissions(column, &account.emissions_readable);
    bool readable = true;
    account.cumulative_emissions = reader.Quantity(total, &readable);
    account.cumulative_surrenders = reader.Quantity(surrenders, &readable);
    for (const auto& [year, column] : statuses) {
      const std::string status = Upper(reader.Text(column));
      if (!ReadFigure(status).blank() && emissions.contains(year)) account.statuses[year] = status;
    }
    report.accounts.push_back(std::move(account));
  }
  DropYearsToCome(&report);
  return report;
}

absl::StatusOr<AllocationTable> ReadAllocationTable(const CsvTable& table, Comparison* comparison) {
  ColumnFinder finder(table);
  finder.RequireOneOf({kPermitId, kInstallationId});
  const YearColumns standards = finder.FindYears(kStandard), entrants = finder.FindYears(kNewEntrant);
  const YearColumns totals = standards.empty() ? finder.RequireYears(kTotal) : finder.FindYears(kTotal);
  SONGHUA_RETURN_IF_ERROR(finder.Finish());
  const auto installation_id = finder.Find(kInstallationId), permit_id = finder.Find(kPermitId), holder = finder.Find(kHolder);

  std::set<int32_t> years;
  for (const YearColumns* columns : {&standards, &entrants, &totals}) {
    for (const auto& [year, column] : *columns) years.insert(year);
  }
  const auto column_of = [](const YearColumns& columns, int32_t year) {
    const auto found = columns.find(year);
    return found == columns.end() ? std::nullopt : std::optional<size_t>(found->second);
  };
  AllocationTable allocation;
  allocation.years.assign(years.begin(), years.end());
  allocation.total_headings = Headings(table, totals);
  Seen seen;
  for (const CsvRow& row : table.rows) {
    if (!Whole(table, row, comparison)) continue;
    RowReader reader(table, row, comparison);
    AllocatedInstallation installation;
    installation.place = reader.place();
    installation.installation_id = reader.Text(installation_id);
    installation.permit_id = reader.Text(permit_id);
    installation.holder = reader.Text(holder);
    if (installation.label().empty()) {
      comparison->Unreadable(installation.place, "permit id and installation id", "", "the name of an installation");
      continue;
    }
    if (seen.Repeats(installation.installation_id + "/" + installation.permit_id, installation.place, installation.label(), comparison))
      continue;
    for (int32_t year : years) {
      YearAllocation& entry = installation.years[year];
      entry.standard = reader.Quantity(column_of(standards, year), &entry.readable);
      entry.new_entrant = reader.Quantity(column_of(entrants, year), &entry.readable);
      entry.total = reader.Quantity(column_of(totals, year), &entry.readable);
    }
    allocation.installations.push_back(std::move(installation));
  }
  return allocation;
}

}  // namespace songhua::simulations
