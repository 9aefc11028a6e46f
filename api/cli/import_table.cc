// Permits from a spreadsheet.
#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "api/cli/csv_records.h"
#include "api/cli/import_file.h"
#include "api/cli/text.h"
#include "api/cli/units.h"
#include "ledger/refusal.h"

namespace songhua::api::cli {
namespace {

constexpr int kYearFirst = 1970, kYearLast = 9999;

enum class ImportColumn { kNumber, kSite, kTier, kValidFrom, kValidTo, kIssueDate, kVersion, kScope, kOutletType, kBasin, kPollutant, kIndustries, kYear };
struct ColumnName {
  ImportColumn column;
  const char* english;
  const char* chinese;
  const char* about;
};
constexpr ColumnName kColumns[] = {
    {ImportColumn::kNumber, "number", "许可证编号", "of the permit; rows of one permit follow each other"},
    {ImportColumn::kSite, "site", "场所", "sites/... or its id; empty: the number without its P"},
    {ImportColumn::kTier, "tier", "管理类别", "KEY or SIMPLIFIED (重点管理, 简化管理)"},
    {ImportColumn::kValidFrom, "valid_from", "有效期起", "2024-05-01"},
    {ImportColumn::kValidTo, "valid_to", "有效期止", "2029-04-30"},
    {ImportColumn::kIssueDate, "issue_date", "发证日期", "empty: valid_from"},
    {ImportColumn::kVersion, "version", "版本", "in the old system; empty: 1"},
    {ImportColumn::kScope, "scope", "排放口", "an outlet's code, SITE or FUGITIVE (全厂, 无组织)"},
    {ImportColumn::kOutletType, "outlet_type", "排放口类型", "MAIN, GENERAL or OTHER_OUTLET (主要排放口, 一般排放口, 其他排放口)"},
    {ImportColumn::kBasin, "basin", "流域", "of an outlet to water"},
    {ImportColumn::kPollutant, "pollutant", "污染物", "empty: the row only names the outlet"},
    {ImportColumn::kIndustries, "industries", "行业类别", "codes of GB/T 4754, between semicolons"},
};
constexpr std::pair<const char*, const char*> kWords[] = {
    {"重点管理", "KEY"},   {"简化管理", "SIMPLIFIED"}, {"主要排放口", "MAIN"}, {"一般排放口", "GENERAL"}, {"其他排放口", "OTHER_OUTLET"},
    {"全厂", "SITE"},      {"无组织", "FUGITIVE"},
};

std::string InEnglish(const std::string& word) {
  for (const auto& [chinese, english] : kWords) {
    if (word == chinese) return english;
  }
  return word;
}

struct Heading {
  ImportColumn column = ImportColumn::kNumber;
  int32_t year = 0;      // of kYear
  std::string unit;      // of it
};

void Remove(const std::string& what, std::string* text) {
  for (size_t at = text->find(what); at != std::string::npos; at = text->find(what)) text->erase(at, what.size());
}

// "2026 t", "2026 (kg)", "2026年（吨）".
std::optional<Heading> YearHeading(std::string text) {
  if (text.size() < 4 || !std::all_of(text.begin(), text.begin() + 4, [](char c) { return '0' <= c && c <= '9'; })) return std::nullopt;
  Heading heading{ImportColumn::kYear, std::stoi(text.substr(0, 4)), ""};
  std::string unit = text.substr(4);
  for (const char* mark : {" ", "年", "(", ")", "（", "）", "/a"}) Remove(mark, &unit);
  static const std::map<std::string, std::string> kUnits = {{"t", "t"}, {"吨", "t"}, {"kg", "kg"}, {"千克", "kg"}, {"g", "g"}, {"克", "g"}};
  const auto known = kUnits.find(unit);
  if (known == kUnits.end() || heading.year < kYearFirst || heading.year > kYearLast) return std::nullopt;
  heading.unit = known->second;
  return heading;
}

absl::StatusOr<std::vector<Heading>> ParseHead(const std::vector<std::string>& names) {
  std::vector<Heading> headings;
  std::set<std::pair<ImportColumn, int32_t>> seen;
  for (const std::string& name : names) {
    const auto known = std::find_if(std::begin(kColumns), std::end(kColumns), [&](const ColumnName& column) {
      return LowerCase(name) == column.english || name == column.chinese;
    });
    const std::optional<Heading> heading = known != std::end(kColumns) ? std::optional(Heading{known->column, 0, ""}) : YearHeading(name);
    if (!heading.has_value()) {
      return absl::InvalidArgumentError("the column '" + name + "' is not known; accepted:\n" + ColumnsHelp());
    }
    if (!seen.emplace(heading->column, heading->year).second) return absl::InvalidArgumentError("the column '" + name + "' stands there twice");
    headings.push_back(*heading);
  }
  for (const ImportColumn column : {ImportColumn::kNumber, ImportColumn::kTier, ImportColumn::kValidFrom, ImportColumn::kValidTo, ImportColumn::kScope}) {
    if (!seen.contains({column, 0})) {
      return absl::InvalidArgumentError(std::string("the column ") + kColumns[static_cast<int>(column)].english + " is missing; columns are:\n" + ColumnsHelp());
    }
  }
  return headings;
}

class PermitTable final : public ImportFile {
 public:
  PermitTable(CsvRecords records, std::vector<Heading> headings) : records_(std::move(records)), headings_(std::move(headings)) { Read(); }

  uint32_t line() const override { return line_; }
  bool Next(v1::ImportPermit* permit) override {
    if (!row_.has_value()) return false;
    permit->Clear();
    line_ = row_->line;
    const std::string number = Field(ImportColumn::kNumber);
    std::string wrong;
    uint32_t wrong_line = 0;
    do {
      if (wrong.empty()) {
        wrong = row_->malformed.empty() ? AddRow(permit) : row_->malformed;
        wrong_line = row_->line;
      }
      const bool malformed = !row_->malformed.empty();
      Read();
      if (malformed) break;  // whose row that was, nobody knows
    } while (row_.has_value() && row_->malformed.empty() && Field(ImportColumn::kNumber) == number);
    if (!wrong.empty()) SetUnreadable(wrong_line, (number.empty() ? "" : number + ": ") + wrong, permit);
    return true;
  }

 private:
  struct Row {
    uint32_t line = 0;
    std::vector<std::string> fields;
    std::string malformed;  // why, where it is
  };

  void Read() {
    auto record = records_.Next();
    if (!record.ok()) {
      row_ = Row{records_.line(), std::vector<std::string>(headings_.size()), std::string(record.status().message())};
    } else if (!record->has_value()) {
      row_.reset();
    } else {
      row_ = Row{records_.line(), std::move(**record), ""};
      if (row_->fields.size() != headings_.size()) {
        row_->malformed = std::to_string(row_->fields.size()) + " fields, where the head has " + std::to_string(headings_.size());
        row_->fields.assign(headings_.size(), "");
      }
    }
  }

  std::string Field(ImportColumn column) const {
    for (size_t i = 0; i < headings_.size(); ++i) {
      if (headings_[i].column == column) return row_->fields[i];
    }
    return "";
  }

  // What is wrong with the row; empty: nothing.
  std::string AddRow(v1::ImportPermit* permit) const {
    const bool first = permit->number().empty();
    std::string wrong = first ? SetHead(permit) : CheckHead(*permit);
    if (wrong.empty()) wrong = AddOutlet(permit);
    if (wrong.empty()) wrong = AddLimit(permit);
    return wrong;
  }

  std::string SetHead(v1::ImportPermit* permit) const {
    const std::string number = Field(ImportColumn::kNumber);
    if (number.empty()) return "number is missing";
    permit->set_number(number);
    permit->set_site(Site(number));
    v1::PermitTier tier;
    const std::string text = InEnglish(Field(ImportColumn::kTier));
    if (!v1::PermitTier_Parse(UpperCase(text), &tier)) return "tier is '" + text + "'; accepted: KEY or SIMPLIFIED";
    permit->set_tier(tier);
    permit->set_valid_from(Field(ImportColumn::kValidFrom));
    permit->set_valid_to(Field(ImportColumn::kValidTo));
    permit->set_issue_date(Field(ImportColumn::kIssueDate));
    const std::string version = Field(ImportColumn::kVersion).empty() ? "1" : Field(ImportColumn::kVersion);
    if (version.size() > 6 || version.find_first_not_of("0123456789") != std::string::npos) return "version is '" + version + "'; accepted: a number from 1";
    permit->set_version(static_cast<uint32_t>(std::stoul(version)));
    std::string industries = Field(ImportColumn::kIndustries);
    std::replace(industries.begin(), industries.end(), ',', ';');
    for (const std::string& code : Split(industries, ';')) {
      if (!Trim(code).empty()) permit->mutable_details()->add_industries(Trim(code));
    }
    return "";
  }

  std::string Site(const std::string& number) const {
    const std::string site = Field(ImportColumn::kSite);
    if (site.starts_with("sites/")) return site;
    return "sites/" + (site.empty() ? number.substr(0, number.size() - 1) : site);
  }

  // Further rows say the same of the permit, or nothing.
  std::string CheckHead(const v1::ImportPermit& permit) const {
    const auto differs = [&](ImportColumn column, const std::string& before) -> std::string {
      const std::string now = Field(column);
      if (now.empty() || now == before) return "";
      return std::string(kColumns[static_cast<int>(column)].english) + " is '" + now + "', and '" + before + "' in the permit's first row";
    };
    const std::string tier = Field(ImportColumn::kTier).empty() ? "" : InEnglish(Field(ImportColumn::kTier));
    if (!tier.empty() && UpperCase(tier) != v1::PermitTier_Name(permit.tier())) return differs(ImportColumn::kTier, v1::PermitTier_Name(permit.tier()));
    for (const auto& [column, before] : {std::pair(ImportColumn::kValidFrom, permit.valid_from()), std::pair(ImportColumn::kValidTo, permit.valid_to()),
                                         std::pair(ImportColumn::kIssueDate, permit.issue_date())}) {
      if (std::string wrong = differs(column, before); !wrong.empty()) return wrong;
    }
    return "";
  }

  std::string AddOutlet(v1::ImportPermit* permit) const {
    const std::string scope = InEnglish(Field(ImportColumn::kScope));
    const std::string type = UpperCase(InEnglish(Field(ImportColumn::kOutletType)));
    if (scope.empty()) return "scope is missing; accepted: an outlet's code, SITE or FUGITIVE";
    if (scope == "SITE" || scope == "FUGITIVE") return type.empty() ? "" : "outlet_type is '" + type + "' of " + scope + ", which is no outlet";
    for (const v1::Outlet& outlet : permit->outlets()) {
      if (outlet.code() != scope) continue;
      if (type.empty() || type == v1::OutletType_Name(outlet.type())) return "";
      return "outlet_type of " + scope + " is '" + type + "', and '" + v1::OutletType_Name(outlet.type()) + "' in a row before";
    }
    v1::OutletType parsed;
    if (!v1::OutletType_Parse(type, &parsed)) return "outlet_type of " + scope + " is '" + type + "'; accepted: MAIN, GENERAL or OTHER_OUTLET";
    v1::Outlet* outlet = permit->add_outlets();
    outlet->set_code(scope);
    outlet->set_type(parsed);
    outlet->set_basin(Field(ImportColumn::kBasin));
    return "";
  }

  std::string AddLimit(v1::ImportPermit* permit) const {
    const std::string pollutant = Field(ImportColumn::kPollutant);
    v1::Limit limit;
    limit.set_scope(InEnglish(Field(ImportColumn::kScope)));
    limit.set_pollutant(pollutant);
    for (size_t i = 0; i < headings_.size(); ++i) {
      const Heading& heading = headings_[i];
      const std::string& text = row_->fields[i];
      if (heading.column != ImportColumn::kYear || text.empty()) continue;
      if (pollutant.empty()) return "pollutant is missing where " + std::to_string(heading.year) + " is '" + text + "'";
      const auto grams = ParseQuantity(text + heading.unit, kGrams, "");
      if (HasUnit(text) || !grams.ok() || *grams < 0) {
        return std::to_string(heading.year) + " is '" + text + "'; accepted: a number of " + heading.unit + ", to the gram";
      }
      v1::YearQuantity* entry = limit.add_annual_limits();
      entry->set_year(heading.year);
      entry->set_quantity(*grams);
    }
    if (limit.annual_limits().empty()) return pollutant.empty() ? "" : "no quantity of " + pollutant + " in any year";
    std::sort(limit.mutable_annual_limits()->begin(), limit.mutable_annual_limits()->end(),
              [](const v1::YearQuantity& a, const v1::YearQuantity& b) { return a.year() < b.year(); });
    *permit->add_limits() = std::move(limit);
    return "";
  }

  CsvRecords records_;
  const std::vector<Heading> headings_;
  std::optional<Row> row_;  // the next; nullopt: there is none
  uint32_t line_ = 0;
};

}  // namespace

std::string ColumnsHelp() {
  std::string help;
  for (const ColumnName& column : kColumns) {
    const std::string names = std::string(column.english) + ", " + column.chinese;
    help += "  " + names + ": " + column.about + "\n";
  }
  help += "  2026 t, 2026年（吨）: the permitted quantity of a year, in t, kg or g";
  return help;
}

absl::StatusOr<std::unique_ptr<ImportFile>> OpenPermitTable(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return absl::InvalidArgumentError("cannot read " + path);
  CsvRecords records(std::move(file));
  auto head = records.Next();
  if (!head.ok()) return absl::InvalidArgumentError(path + ":" + std::to_string(records.line()) + ": " + std::string(head.status().message()));
  if (!head->has_value()) return absl::InvalidArgumentError(path + " holds no permit");
  auto headings = ParseHead(**head);
  if (!headings.ok()) return absl::InvalidArgumentError(path + ":" + std::to_string(records.line()) + ": " + std::string(headings.status().message()));
  return std::unique_ptr<ImportFile>(std::make_unique<PermitTable>(std::move(records), *std::move(headings)));
}

}  // namespace songhua::api::cli
