#include "ledger/day_one_rows.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/entitlement.h"
#include "ledger/identifiers.h"
#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

class DayOneRowReader {
 public:
  DayOneRowReader(const v1::DayOneRow& row, const ProgramRow& program, Date today, const Ledger& ledger, const Participants& participants)
      : row_(row), program_(program), today_(today), ledger_(ledger), participants_(participants) {}

  DayOneStagedRow Read() {
    if (!ReadUnreadable()) ReadFields();
    if (errors_.empty()) return std::move(staged_);
    DayOneStagedRow bad;
    bad.errors = std::move(errors_);
    bad.given_account = ShownOnDayOne(row_.account());
    return bad;
  }

 private:
  enum class Kind { kNotKnown, kBalance, kRight, kReserve };

  void Wrong(const absl::Status& status) {
    if (status.ok()) return;
    const std::string code(absl::StatusCodeToString(status.code()));
    RefusalDetail detail = GetRefusal(status).value_or(RefusalDetail{code, "", "", "", ""});
    if (unreadable_.contains(detail.field)) return;
    Keep(std::move(detail));
  }
  void Keep(RefusalDetail detail) {
    if (errors_.size() >= DayOne::kErrorsMax) return;
    detail.field = ShownOnDayOne(detail.field);
    detail.value = ShownOnDayOne(detail.value);
    errors_.push_back(std::move(detail));
  }
  void WrongField(std::string_view field, const std::string& value, std::string_view accepted, std::string_view rule) {
    Wrong(InvalidField(field, value, accepted).Rule(rule));
  }
  void NotHere(std::string_view field, const std::string& value, std::string_view accepted, std::string_view rule) {
    if (!value.empty()) WrongField(field, value, accepted, rule);
  }
  void NotHere(std::string_view field, int64_t value, std::string_view accepted, std::string_view rule) {
    if (value != 0) WrongField(field, std::to_string(value), accepted, rule);
  }

  // Whether nothing of the row could be read.
  bool ReadUnreadable() {
    bool all = false;
    for (const v1::DayOneUnreadable& part : row_.unreadable()) {
      Keep({"ROW_UNREADABLE", "", part.field(), part.value(), ShownOnDayOne(part.accepted())});
      unreadable_.insert(part.field());
      all |= part.field().empty();
    }
    return all;
  }

  void ReadFields() {
    switch (ReadAccount()) {
      case Kind::kNotKnown:
        return;
      case Kind::kBalance:
        return ReadBalance();
      case Kind::kRight:
      case Kind::kReserve:
        return ReadUnits();
    }
  }

  Kind ReadAccount() {
    const std::string& name = row_.account();
    const auto account = ledger_.accounts().Resolve("account", name);
    if (!account.ok()) {
      Wrong(account.status());
      if (name.ends_with(".cash")) kind_ = Kind::kBalance;
      if (name.ends_with(".rights")) kind_ = Kind::kRight;
      if (name.find(".reserve.") != std::string::npos) kind_ = Kind::kReserve;
      return kind_;
    }
    account_ = *account;
    staged_.account = account_->number;
    if (account_->kind == v1::CASH) kind_ = Kind::kBalance;
    if (account_->kind == v1::RIGHTS) kind_ = Kind::kRight;
    if (account_->kind == v1::RESERVE) kind_ = Kind::kReserve;
    if (kind_ == Kind::kNotKnown) WrongField("account", name, "a rights account, a reserve or a cash account", "DR-11");
    return kind_;
  }

  void ReadBalance() {
    if (row_.amount_fen() < 1 || row_.amount_fen() > DayOne::kQuantityMax) {
      WrongField("amount_fen", std::to_string(row_.amount_fen()), "1 to " + std::to_string(DayOne::kQuantityMax), "GEN-06");
    }
    staged_.amount = Money(row_.amount_fen());
    constexpr char kNothing[] = "nothing: a cash account holds money";
    NotHere("pollutant", row_.pollutant(), kNothing, "INV-04");
    NotHere("trading_group", row_.trading_group(), kNothing, "INV-04");
    NotHere("basin", row_.basin(), kNothing, "INV-04");
    NotHere("quantity", row_.quantity(), kNothing, "INV-04");
    NotHere("valid_from", row_.valid_from(), kNothing, "INV-04");
    NotHere("valid_to", row_.valid_to(), kNothing, "INV-04");
    NotHere("source", row_.source(), kNothing, "INV-04");
    NotHere("cost_fen", row_.cost_fen(), kNothing, "INV-04");
  }

  void ReadUnits() {
    NotHere("amount_fen", row_.amount_fen(), "0: no cash account", "INV-04");
    staged_.pollutant = row_.pollutant();
    if (kind_ == Kind::kReserve) {
      ReadReserve();
    } else {
      ReadSite();
    }
    CheckClass();
    if (row_.quantity() < 1 || row_.quantity() > DayOne::kQuantityMax) {
      WrongField("quantity", std::to_string(row_.quantity()), "1 to " + std::to_string(DayOne::kQuantityMax), "GEN-06");
    }
    staged_.quantity = Quantity(row_.quantity());
    ReadTerm();
    ReadSource();
  }

  void ReadReserve() {
    staged_.trading_group = row_.trading_group();
    staged_.basin = row_.basin();
    if (account_ == nullptr) return;
    if (account_->program != program_.code) return WrongField("account", row_.account(), "a reserve of programs/" + program_.code, "DR-60");
    staged_.control_zone = account_->control_zone;
  }

  void ReadSite() {
    NotHere("trading_group", row_.trading_group(), "nothing: a right takes the group of its site", "DR-25");
    NotHere("basin", row_.basin(), "nothing: a right takes the basin of its site", "DR-21");
    if (account_ == nullptr) return;
    const SiteRow& site = *participants_.FindSite(account_->site);
    for (const std::string& code : program_.control_zones) {
      const auto zone = ParseRegion(code);
      if (zone.ok() && RegionContains(*zone, site.region)) staged_.control_zone = code;
    }
    if (staged_.control_zone.empty()) WrongField("account", row_.account(), "a site in a control zone of the program", "DR-04");
    staged_.sector_class = v1::SectorClass_Name(site.sector_class);
    if (const TradingGroupRow* group = program_.GroupOf(staged_.sector_class)) {
      staged_.trading_group = group->code;
    } else {
      WrongField("account", row_.account(), "a site of a sector that the program's groups name", "DR-25");
    }
    if (program_.IsWaterPollutant(row_.pollutant())) staged_.basin = site.basin;
  }

  // Each part of the class by itself: for one that is wrong, or that a wrong account hides, a right one stands in while the others are checked.
  void CheckClass() {
    const bool of_reserve = kind_ == Kind::kReserve;
    const bool known_pollutant = program_.HasPollutant(staged_.pollutant);
    if (of_reserve && program_.FindGroup(staged_.trading_group) == nullptr) {
      WrongField("trading_group", staged_.trading_group, "a trading group of the program", "DR-25");
    }
    if (known_pollutant && !of_reserve && account_ == nullptr) return;  // whose basin it would be, nobody knows
    const bool zone_stands = program_.HasControlZone(staged_.control_zone) || program_.control_zones.empty();
    const std::string& zone = zone_stands ? staged_.control_zone : program_.control_zones.front();
    const bool group_stands = program_.FindGroup(staged_.trading_group) != nullptr;
    const std::string& group = group_stands ? staged_.trading_group : program_.trading_groups.front().code;
    Wrong(ledger_.programs().ValidateClass(program_, staged_.pollutant, zone, group, staged_.basin));
  }

  // The term from this year on.
  void ReadTerm() {
    const auto first = ParseDate(row_.valid_from(), "valid_from");
    const auto last = ParseDate(row_.valid_to(), "valid_to");
    Wrong(first.status());
    Wrong(last.status());
    if (last.ok() && *last < today_) {
      WrongField("valid_to", row_.valid_to(), FormatDate(today_) + " or later: a right that is over is not entered", "DR-10");
    }
    if (!first.ok() || !last.ok()) return;
    if (*last < *first) return WrongField("valid_to", row_.valid_to(), "a day not before valid_from, " + row_.valid_from(), "DR-03");
    if (*last < today_) return;
    const auto limit = AddYears(*first, program_.term_years_max);
    if (limit.ok() && *last >= *limit) {
      const std::string years = std::to_string(program_.term_years_max) + " years";
      return WrongField("valid_to", row_.valid_to(), "at most " + FormatDate(*limit - 1) + ", " + years, "DR-06");
    }
    staged_.term = {std::max(*first, FirstDayOf(Year(today_))), *last};
    if (Year(staged_.term.first) < program_.first_year || Year(*last) > program_.last_year) {
      const std::string years = std::to_string(program_.first_year) + " to " + std::to_string(program_.last_year);
      WrongField("valid_to", row_.valid_to(), "a term within " + years, "DR-06");
    }
  }

  void ReadSource() {
    if (kind_ == Kind::kReserve) {
      NotHere("source", row_.source(), "nothing: a lot of a reserve has no source", "DR-60");
      NotHere("cost_fen", row_.cost_fen(), "0: a lot of a reserve has no cost", "DR-60");
      return;
    }
    std::optional<LotSource> known;
    for (const LotSource source : {LotSource::kInitialFree, LotSource::kInitialPaid, LotSource::kReserveSale, LotSource::kPurchase}) {
      if (row_.source() == LotSourceName(source)) known = source;
    }
    if (!known.has_value()) WrongField("source", row_.source(), "INITIAL_FREE, INITIAL_PAID, RESERVE_SALE or PURCHASE", "DR-03");
    const bool in_range = 0 <= row_.cost_fen() && row_.cost_fen() <= DayOne::kQuantityMax;
    const bool paid = known != LotSource::kInitialFree;
    if (!in_range || (known.has_value() && paid != (row_.cost_fen() > 0))) {
      WrongField("cost_fen", std::to_string(row_.cost_fen()),
                 paid ? "what was paid, 1 to " + std::to_string(DayOne::kQuantityMax) : "0 for INITIAL_FREE", "DR-08");
    }
    staged_.source = known.value_or(LotSource::kIssue);
    staged_.cost = Money(row_.cost_fen());
  }

  const v1::DayOneRow& row_;
  const ProgramRow& program_;
  const Date today_;
  const Ledger& ledger_;
  const Participants& participants_;
  const AccountRow* account_ = nullptr;  // null: there is no such account
  Kind kind_ = Kind::kNotKnown;
  DayOneStagedRow staged_;
  std::vector<RefusalDetail> errors_;
  std::set<std::string> unreadable_;  // fields
};

}  // namespace

DayOneStagedRow ReadDayOneRow(const v1::DayOneRow& row, const ProgramRow& program, Date today, const Ledger& ledger, const Participants& participants) {
  return DayOneRowReader(row, program, today, ledger, participants).Read();
}

std::string ShownOnDayOne(const std::string& text) {
  size_t size = std::min(text.size(), DayOne::kShownBytesMax);
  if (size < text.size()) {
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  }
  return text.substr(0, size);
}

}  // namespace songhua::ledger
