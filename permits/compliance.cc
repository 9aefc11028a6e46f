#include "permits/compliance.h"

#include <algorithm>
#include <iterator>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::permits {
namespace {

using ledger::MakeName;
using ledger::ParseName;

absl::StatusOr<VerifiedEmissionsRow> ParseRecord(const CommandContext& context, const v1::RecordVerifiedEmissionsRequest& request) {
  VerifiedEmissionsRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.account, ParseName("account", "accounts", request.account()));
  SONGHUA_ASSIGN_OR_RETURN(row.program, ParseName("program", "programs", request.program()));
  row.year = request.year();
  if (row.year < Compliance::kFirstYear || row.year > Year(context.today)) {
    return InvalidField("year", std::to_string(row.year),
                        std::to_string(Compliance::kFirstYear) + " to " + std::to_string(Year(context.today)) + ": a year that has begun");
  }
  if (request.verified_emissions() < 0) {
    return InvalidField("verified_emissions", std::to_string(request.verified_emissions()), "0 or more");
  }
  if (request.excluded() && request.verified_emissions() != 0) {
    return InvalidField("verified_emissions", std::to_string(request.verified_emissions()), "0 in a year in which the account is excluded");
  }
  row.emissions = Quantity(request.verified_emissions());
  row.excluded = request.excluded();
  row.recorded_by = std::string(context.person);
  row.record_time = context.time;
  return row;
}

// The figures with this one in its place.
EmissionFigures With(EmissionFigures figures, const EmissionFigure& figure) {
  const auto at =
      std::lower_bound(figures.begin(), figures.end(), figure.year, [](const EmissionFigure& a, int32_t year) { return a.year < year; });
  if (at != figures.end() && at->year == figure.year) {
    *at = figure;
  } else {
    figures.insert(at, figure);
  }
  return figures;
}

}  // namespace

std::string_view StatusName(ComplianceStatus status) {
  switch (status) {
    case ComplianceStatus::kCovered:
      return "A";
    case ComplianceStatus::kShort:
      return "B";
    case ComplianceStatus::kMissing:
      return "C";
    case ComplianceStatus::kExcluded:
      return "EXCLUDED";
  }
  SONGHUA_CHECK(false);
}

absl::StatusOr<ComplianceRecord> Assess(int32_t first_year, int32_t last_year, const EmissionFigures& figures,
                                        const SurrenderedUpTo& surrendered_up_to) {
  SONGHUA_CHECK(first_year <= last_year);
  ComplianceRecord record;
  Quantity total;
  bool gap = false;      // a year between the figures seen has none
  bool excluded = true;  // in every year seen
  auto figure = figures.begin();
  const auto add = [&]() -> absl::Status {
    SONGHUA_ASSIGN_OR_RETURN(total, CheckedAdd(total, figure->emissions));
    gap |= figure != figures.begin() && std::prev(figure)->year + 1 != figure->year;
    excluded &= figure->excluded;
    ++figure;
    return absl::OkStatus();
  };
  while (figure != figures.end() && figure->year < first_year) SONGHUA_RETURN_IF_ERROR(add());
  for (int32_t year = first_year; year <= last_year; ++year) {
    ComplianceYear& entry = record.years.emplace_back();
    entry.year = year;
    entry.recorded = figure != figures.end() && figure->year == year;
    if (entry.recorded) {
      entry.emissions = figure->emissions;
      entry.excluded = figure->excluded;
      SONGHUA_RETURN_IF_ERROR(add());
    }
    entry.cumulative_emissions = total;
    entry.cumulative_surrenders = surrendered_up_to(year);
    if (!entry.recorded || gap) {
      entry.status = ComplianceStatus::kMissing;
    } else if (excluded) {
      entry.status = ComplianceStatus::kExcluded;
    } else {
      entry.status = entry.cumulative_surrenders >= total ? ComplianceStatus::kCovered : ComplianceStatus::kShort;
    }
  }
  record.cumulative_emissions = total;
  record.cumulative_surrenders = record.years.back().cumulative_surrenders;
  return record;
}

Quantity Shortfall(const ComplianceYear& year) { return std::max(year.cumulative_emissions - year.cumulative_surrenders, Quantity()); }

absl::StatusOr<v1::ComplianceRecord> MakeRecord(const std::string& account, int32_t first_year, int32_t last_year,
                                                const EmissionFigures& figures, const SurrenderedUpTo& surrendered_up_to) {
  v1::ComplianceRecord message;
  message.set_account(MakeName("accounts", account));
  if (figures.empty() && (first_year == 0 || last_year == 0)) return message;
  const int32_t first = first_year != 0 ? first_year : figures.front().year;
  const int32_t last = last_year != 0 ? last_year : figures.back().year;
  if (first < Compliance::kFirstYear || last < first || last - first >= kYearsMax) {
    return InvalidField("last_year", std::to_string(first) + " to " + std::to_string(last),
                        "at most " + std::to_string(kYearsMax) + " years in order, from " + std::to_string(Compliance::kFirstYear));
  }
  SONGHUA_ASSIGN_OR_RETURN(const ComplianceRecord record, Assess(first, last, figures, surrendered_up_to));
  message.set_first_year(first);
  message.set_last_year(last);
  for (const ComplianceYear& year : record.years) {
    v1::ComplianceYear* added = message.add_years();
    added->set_year(year.year);
    added->set_verified_emissions(year.emissions.value());
    added->set_recorded(year.recorded);
    added->set_excluded(year.excluded);
    added->set_cumulative_emissions(year.cumulative_emissions.value());
    added->set_cumulative_surrenders(year.cumulative_surrenders.value());
    added->set_status(std::string(StatusName(year.status)));
  }
  message.set_cumulative_emissions(record.cumulative_emissions.value());
  message.set_cumulative_surrenders(record.cumulative_surrenders.value());
  return message;
}

Compliance::Compliance(TableSet* tables, EmissionsListener* listener) : listener_(listener), rows_(tables) {
  rows_.OnLoaded([this](VerifiedEmissionsRow& row) {
    Index(row);
    if (listener_ != nullptr) listener_->OnVerifiedEmissions(nullptr, row);
  });
}

absl::StatusOr<v1::ComplianceAnswer> Compliance::RecordVerifiedEmissions(CommandContext& context,
                                                                         const v1::RecordVerifiedEmissionsRequest& request,
                                                                         const SurrenderReader& ledger) {
  SONGHUA_ASSIGN_OR_RETURN(VerifiedEmissionsRow row, ParseRecord(context, request));
  SONGHUA_RETURN_IF_ERROR(ledger.CheckObligation(row.account, row.program));
  if (const auto recorded = years_of_.find(row.account); recorded != years_of_.end()) {
    for (const auto& [year, other] : recorded->second) {
      if (year == row.year || other->program == row.program) continue;  // the figure that is replaced may have named the wrong one
      return Refuse(absl::StatusCode::kFailedPrecondition, "OTHER_PROGRAM")
          .Rule("CAR-47")
          .Field("program")
          .Value(request.program())
          .Accepted(MakeName("programs", other->program) + ", under which the account reported " + std::to_string(year));
    }
  }
  const EmissionFigures figures = With(FiguresOf(row.account), {row.year, row.emissions, row.excluded});
  v1::ComplianceAnswer answer;
  SONGHUA_ASSIGN_OR_RETURN(*answer.mutable_record(),
                           MakeRecord(row.account, 0, 0, figures, [&](int32_t year) { return ledger.SurrenderedUpTo(row.account, row.program, year); }));
  if (context.validate_only) return answer;
  const VerifiedEmissionsRow* recorded = rows_.Find(row.Key());
  if (recorded != nullptr) {
    row.revision = recorded->revision + 1;
    rows_.Edit(*recorded) = std::move(row);
  } else {
    recorded = &rows_.Insert(std::move(row));
    Index(*recorded);
  }
  if (listener_ != nullptr) listener_->OnVerifiedEmissions(&context, *recorded);
  return answer;
}

EmissionFigures Compliance::FiguresOf(const std::string& account) const {
  EmissionFigures figures;
  const auto years = years_of_.find(account);
  if (years == years_of_.end()) return figures;
  for (const auto& [year, row] : years->second) figures.push_back({year, row->emissions, row->excluded});
  return figures;
}

Compliance::~Compliance() = default;

Quantity Compliance::EstimatedDue(const std::string& account, int32_t year) const {
  const auto years = years_of_.find(account);
  if (years == years_of_.end()) return Quantity();
  Quantity due;
  Quantity latest;
  int32_t after = year;
  for (const auto& [of, row] : years->second) {
    if (of > year) break;
    due += row->emissions;
    latest = row->emissions;
    after = of;
  }
  const auto missing = MultiplyDivide(latest.value(), year - after, 1, Rounding::kFloor);
  return missing.ok() ? due + Quantity(*missing) : due;
}

}  // namespace songhua::permits
