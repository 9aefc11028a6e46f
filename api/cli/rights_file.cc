#include "api/cli/rights_file.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "api/cli/csv_records.h"
#include "api/cli/flags.h"
#include "api/cli/request.h"
#include "api/cli/text.h"
#include "api/cli/units.h"
#include "google/protobuf/util/json_util.h"
#include "ledger/day_one.h"
#include "ledger/identifiers.h"
#include "ledger/refusal.h"

namespace songhua::api::cli {
namespace {

constexpr size_t kRightsLineBytesMax = 64 * 1024;
constexpr size_t kUnreadableBytesMax = 400;
constexpr int64_t kTotalYearsMax = 100;

enum class RightsColumn { kAccount, kPollutant, kGroup, kBasin, kValidFrom, kValidTo, kSource, kQuantity, kCost, kAmount };
enum class Holds { kText, kTonnes, kYuan };
struct RightsColumnName {
  RightsColumn column;
  Holds holds;
  const char* field;
  const char* english;
  const char* chinese;
  const char* about;
};
constexpr RightsColumnName kRightsColumns[] = {
    {RightsColumn::kAccount, Holds::kText, "account", "account", "账户", "SITE.rights, PROGRAM.reserve.ZONE or PARTICIPANT.cash: a right, a lot of a reserve, a balance"},
    {RightsColumn::kPollutant, Holds::kText, "pollutant", "pollutant", "污染物", "of a right or a lot of a reserve"},
    {RightsColumn::kGroup, Holds::kText, "trading_group", "trading_group", "交易组", "of a lot of a reserve; a right takes that of its site"},
    {RightsColumn::kBasin, Holds::kText, "basin", "basin", "流域", "of a lot of a reserve, to water; a right takes that of its site"},
    {RightsColumn::kValidFrom, Holds::kText, "valid_from", "valid_from", "有效期起", "2024-05-01; years that are over are not entered"},
    {RightsColumn::kValidTo, Holds::kText, "valid_to", "valid_to", "有效期止", "2029-04-30"},
    {RightsColumn::kSource, Holds::kText, "source", "source", "来源", "of a right: INITIAL_FREE, INITIAL_PAID, RESERVE_SALE or PURCHASE (初始无偿, 初始有偿, 储备出让, 交易购买)"},
    {RightsColumn::kQuantity, Holds::kTonnes, "quantity", "quantity", "数量", "a year; the heading says whether in t, kg or g"},
    {RightsColumn::kCost, Holds::kYuan, "cost_fen", "cost", "取得费用", "what was paid for a right"},
    {RightsColumn::kAmount, Holds::kYuan, "amount_fen", "amount", "余额", "of a balance"},
};
constexpr std::pair<const char*, const char*> kSources[] = {
    {"初始无偿", "INITIAL_FREE"}, {"初始有偿", "INITIAL_PAID"}, {"储备出让", "RESERVE_SALE"}, {"交易购买", "PURCHASE"}};

struct RightsHeading {
  const RightsColumnName* name = nullptr;
  std::string unit;  // of a quantity
};

std::string Without(std::string text, const std::vector<std::string>& marks) {
  for (const std::string& mark : marks) {
    for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark)) text.erase(at, mark.size());
  }
  return text;
}

// "quantity t/a", "Quantity (kg)", "数量（吨/年）"; "cost", "cost (yuan)", "取得费用（元）"; all others as they stand.
std::optional<RightsHeading> ParseRightsHeading(const std::string& given) {
  static const std::map<std::string, std::string> kTonneUnits = {{"t", "t"}, {"吨", "t"}, {"kg", "kg"}, {"千克", "kg"}, {"g", "g"}, {"克", "g"}};
  static const std::map<std::string, std::string> kYuanUnits = {{"", ""}, {"yuan", ""}, {"元", ""}};
  const std::string text = Without(LowerCase(given), {" ", "(", ")", "（", "）", "/a", "/年"});
  for (const RightsColumnName& name : kRightsColumns) {
    for (const char* word : {name.english, name.chinese}) {
      if (text == word && name.holds == Holds::kText) return RightsHeading{&name, ""};
      if (name.holds == Holds::kText || !text.starts_with(word)) continue;
      const auto& units = name.holds == Holds::kTonnes ? kTonneUnits : kYuanUnits;
      const auto unit = units.find(text.substr(std::string_view(word).size()));
      if (unit != units.end()) return RightsHeading{&name, unit->second};
    }
  }
  return std::nullopt;
}

absl::StatusOr<std::vector<RightsHeading>> ParseRightsHead(const std::vector<std::string>& names) {
  std::vector<RightsHeading> headings;
  std::set<RightsColumn> seen;
  for (const std::string& name : names) {
    const std::optional<RightsHeading> heading = ParseRightsHeading(name);
    if (!heading.has_value()) return absl::InvalidArgumentError("the column '" + name + "' is not known; accepted:\n" + RightsColumnsHelp());
    if (!seen.insert(heading->name->column).second) return absl::InvalidArgumentError("the column '" + name + "' stands there twice");
    headings.push_back(*heading);
  }
  if (!seen.contains(RightsColumn::kAccount)) return absl::InvalidArgumentError("the column account is missing; columns are:\n" + RightsColumnsHelp());
  if (!seen.contains(RightsColumn::kQuantity) && !seen.contains(RightsColumn::kAmount)) {
    return absl::InvalidArgumentError("neither quantity nor amount is among the columns; columns are:\n" + RightsColumnsHelp());
  }
  return headings;
}

// At most kUnreadableBytesMax bytes, cut between characters.
std::string Cut(const std::string& text) {
  size_t size = std::min(text.size(), kUnreadableBytesMax);
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

void AddUnreadable(const std::string& field, const std::string& value, const std::string& accepted, v1::DayOneRow* row) {
  v1::DayOneUnreadable* part = row->add_unreadable();
  part->set_field(field);
  part->set_value(Cut(value));
  part->set_accepted(accepted);
}

std::string SourceInEnglish(const std::string& word) {
  for (const auto& [chinese, english] : kSources) {
    if (word == chinese) return english;
  }
  return UpperCase(word);
}

void SetCell(const RightsHeading& heading, const std::string& text, v1::DayOneRow* row) {
  if (text.empty()) return;
  const std::string field = heading.name->field;
  switch (heading.name->column) {
    case RightsColumn::kAccount:
      return row->set_account(CompleteName(text, "accounts"));
    case RightsColumn::kPollutant:
      return row->set_pollutant(text);
    case RightsColumn::kGroup:
      return row->set_trading_group(text);
    case RightsColumn::kBasin:
      return row->set_basin(text);
    case RightsColumn::kValidFrom:
      return row->set_valid_from(text);
    case RightsColumn::kValidTo:
      return row->set_valid_to(text);
    case RightsColumn::kSource:
      return row->set_source(SourceInEnglish(text));
    case RightsColumn::kQuantity: {
      const auto grams = ParseQuantity(text + heading.unit, kGrams, "");
      if (HasUnit(text) || !grams.ok()) return AddUnreadable(field, text, "a number of " + heading.unit + ", to the gram", row);
      return row->set_quantity(*grams);
    }
    case RightsColumn::kCost:
    case RightsColumn::kAmount: {
      const auto fen = ParseDecimal(text, 2, "");
      if (!fen.ok()) return AddUnreadable(field, text, "a number of yuan, to the fen", row);
      return heading.name->column == RightsColumn::kCost ? row->set_cost_fen(*fen) : row->set_amount_fen(*fen);
    }
  }
}

absl::Status ReadRightsTable(const std::string& path, std::ifstream file, std::vector<RightsFileRow>* rows) {
  CsvRecords records(std::move(file));
  const auto wrong_head = [&](const absl::Status& why) {
    return absl::InvalidArgumentError(path + ":" + std::to_string(records.line()) + ": " + std::string(why.message()));
  };
  const auto head = records.Next();
  if (!head.ok()) return wrong_head(head.status());
  if (!head->has_value()) return absl::OkStatus();
  const auto headings = ParseRightsHead(**head);
  if (!headings.ok()) return wrong_head(headings.status());
  while (rows->size() <= ledger::DayOne::kRowsMax) {
    const auto record = records.Next();
    if (record.ok() && !record->has_value()) break;
    RightsFileRow& row = rows->emplace_back();
    row.line = records.line();
    if (!record.ok()) {
      AddUnreadable("", std::string(record.status().message()), "values between commas", &row.row);
    } else if ((*record)->size() != headings->size()) {
      AddUnreadable("", std::to_string((*record)->size()) + " fields", std::to_string(headings->size()) + ", as many as the head has", &row.row);
    } else {
      for (size_t i = 0; i < headings->size(); ++i) SetCell((*headings)[i], (**record)[i], &row.row);
    }
  }
  return absl::OkStatus();
}

void ReadRightsLines(std::ifstream file, std::vector<RightsFileRow>* rows) {
  std::string text;
  for (uint32_t line = 1; rows->size() <= ledger::DayOne::kRowsMax && std::getline(file, text); ++line) {
    if (Trim(text).empty()) continue;
    RightsFileRow& row = rows->emplace_back();
    row.line = line;
    constexpr char kAccepted[] = "JSON in UTF-8 with the fields of DayOneRow";
    if (text.size() > kRightsLineBytesMax) {
      AddUnreadable("", std::to_string(text.size()) + " bytes", kAccepted, &row.row);
    } else if (!ValidateUtf8(text, "").ok()) {
      AddUnreadable("", "bytes that are not UTF-8", kAccepted, &row.row);
    } else if (const auto parsed = google::protobuf::util::JsonStringToMessage(text, &row.row); !parsed.ok()) {
      row.row.Clear();
      AddUnreadable("", std::string(parsed.message()), kAccepted, &row.row);
    } else {
      row.row.set_account(CompleteName(row.row.account(), "accounts"));
    }
  }
}

}  // namespace

std::string RightsColumnsHelp() {
  std::string help;
  for (const RightsColumnName& name : kRightsColumns) {
    const char* english_unit = name.holds == Holds::kTonnes ? " t/a" : name.holds == Holds::kYuan ? " yuan" : "";
    const char* chinese_unit = name.holds == Holds::kTonnes ? "（吨/年）" : name.holds == Holds::kYuan ? "（元）" : "";
    help += std::string(help.empty() ? "" : "\n") + "  " + name.english + english_unit + ", " + name.chinese + chinese_unit + ": " + name.about;
  }
  return help;
}

absl::StatusOr<std::vector<RightsFileRow>> ReadRightsFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return absl::InvalidArgumentError("cannot read " + path);
  std::vector<RightsFileRow> rows;
  if (LowerCase(path).ends_with(".csv")) {
    SONGHUA_RETURN_IF_ERROR(ReadRightsTable(path, std::move(file), &rows));
  } else {
    ReadRightsLines(std::move(file), &rows);
  }
  if (rows.empty()) return absl::InvalidArgumentError(path + " holds no row");
  if (rows.size() > ledger::DayOne::kRowsMax) {
    return absl::InvalidArgumentError(path + " holds more than " + Thousands(ledger::DayOne::kRowsMax) +
                                      " rows; accepted: several files, each with its own totals, for each is entered whole");
  }
  return rows;
}

absl::Status AddDeclaredTotal(const std::string& text, v1::DayOneTotals* totals) {
  const absl::Status bad =
      absl::InvalidArgumentError("--total is '" + text + "'; accepted: ZONE/POLLUTANT/YEARS=QUANTITY, such as 220100/SO2/2026-2028=1,200t");
  const size_t equals = text.find('=');
  const std::vector<std::string> parts = Split(text.substr(0, equals), '/');
  if (equals == std::string::npos || parts.size() != 3 || parts[0].empty() || parts[1].empty()) return bad;
  const std::vector<std::string> years = Split(parts[2], '-');
  const auto first = ParseInteger(years.front(), "total");
  const auto last = ParseInteger(years.back(), "total");
  if (years.size() > 2 || !first.ok() || !last.ok() || *first < 1 || *last > 9999 || *first > *last || *last - *first >= kTotalYearsMax) return bad;
  const auto quantity = ParseQuantity(text.substr(equals + 1), kGrams, "total");
  if (!quantity.ok() || *quantity < 0) return bad;
  v1::DayOneTotal* total = nullptr;
  for (v1::DayOneTotal& earlier : *totals->mutable_units()) {
    if (earlier.control_zone() == parts[0] && earlier.pollutant() == parts[1]) total = &earlier;
  }
  if (total == nullptr) total = totals->add_units();
  total->set_control_zone(parts[0]);
  total->set_pollutant(parts[1]);
  for (int64_t year = *first; year <= *last; ++year) {
    v1::YearQuantity* entry = total->add_quantities();
    entry->set_year(static_cast<int32_t>(year));
    entry->set_quantity(*quantity);
  }
  return absl::OkStatus();
}

}  // namespace songhua::api::cli
