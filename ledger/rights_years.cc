#include "ledger/rights_years.h"

#include <algorithm>
#include <utility>

#include "ledger/bounds.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {

RightsYears::RightsYears(TableSet* tables, const Participants* participants, Ledger* ledger, const UncountedReader* uncounted)
    : participants_(participants), ledger_(ledger), uncounted_(uncounted), rows_(tables) {
  rows_.OnLoaded([this](RightsYearRow& row) { Index(row); });
}

RightsYears::~RightsYears() = default;

absl::StatusOr<v1::RightsYearAnswer> RightsYears::RecordDischarge(CommandContext& context, const v1::RecordDischargeRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string site, ParseName("site", "sites", request.site()));
  SONGHUA_RETURN_IF_ERROR(ValidatePollutant("pollutant", request.pollutant()));
  if (request.discharged_quantity() < 0) return InvalidField("discharged_quantity", std::to_string(request.discharged_quantity()), "0 or more, grams").Rule("DR-11");
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.document_reference(), kTextBytesMax, "document_reference"));
  if (participants_->FindSite(site) == nullptr) return NotFound("site", request.site());
  const ProgramRow* program = ledger_->programs().RightsProgramOf(request.pollutant());
  if (program == nullptr) return InvalidField("pollutant", request.pollutant(), "a pollutant of a program of rights").Rule("DR-02");
  const int32_t this_year = Year(context.today);
  if (request.year() < program->first_year || request.year() >= this_year) {
    return InvalidField("year", std::to_string(request.year()),
                        std::to_string(program->first_year) + " to " + std::to_string(this_year - 1) + ": a year of the program that is over")
        .Rule("DR-11");
  }
  const RightsYearRow* before = Find(site, request.pollutant(), request.year());
  if (before != nullptr && before->closed) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "YEAR_CLOSED")
        .Rule("DR-10")
        .Field("year")
        .Value(static_cast<int64_t>(request.year()))
        .Accepted("a year that is open for " + request.site());
  }
  RightsYearRow row;
  row.site = site;
  row.pollutant = request.pollutant();
  row.year = request.year();
  row.discharged = Quantity(request.discharged_quantity());
  row.document = request.document_reference();
  row.recorded_by = std::string(context.person);
  row.record_time = context.time;
  v1::RightsYearAnswer answer;
  *answer.mutable_rights_year() = ToProto(row, Countable(site, row.pollutant, row.year));
  if (context.validate_only) return answer;
  context.events->Emit(EventType::kYearUseChanged, row.site, row.pollutant, row.year, row.discharged, row.closed);
  if (before != nullptr) {
    rows_.Edit(*before) = std::move(row);
  } else {
    Index(rows_.Insert(std::move(row)));
  }
  return answer;
}

absl::StatusOr<v1::CloseRightsYearAnswer> RightsYears::CloseRightsYear(CommandContext& context, const v1::CloseRightsYearRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string code, ParseName("program", "programs", request.program()));
  const ProgramRow* program = ledger_->programs().Find(code);
  if (program == nullptr) return NotFound("program", request.program());
  if (program->form != v1::RIGHT) return InvalidField("program", request.program(), "a program of rights").Rule("DR-10");
  if (!program->HasPollutant(request.pollutant())) {
    return InvalidField("pollutant", request.pollutant(), "a pollutant that the program has enabled").Rule("DR-02");
  }
  if (!program->HasControlZone(request.control_zone())) {
    return InvalidField("control_zone", request.control_zone(), "a control zone of the program").Rule("DR-04");
  }
  const int32_t this_year = Year(context.today);
  if (request.year() < program->first_year || request.year() >= this_year) {
    return InvalidField("year", std::to_string(request.year()),
                        std::to_string(program->first_year) + " to " + std::to_string(this_year - 1) + ": a year of the program that is over")
        .Rule("DR-10");
  }
  if (request.accounts_max() < 0 || request.accounts_max() > static_cast<int32_t>(bounds::kSliceRowsMax)) {
    return InvalidField("accounts_max", std::to_string(request.accounts_max()), "1 to " + std::to_string(bounds::kSliceRowsMax) + ", or 0 for that many");
  }
  AccountNumber next = 1;
  if (!request.after().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const AccountRow* after, ledger_->accounts().Resolve("after", request.after()));
    next = after->number + 1;
  }
  const int32_t accounts_max = request.accounts_max() == 0 ? static_cast<int32_t>(bounds::kSliceRowsMax) : request.accounts_max();

  struct Closing {
    const AccountRow* account;
    const RightsYearRow* year;  // null: a reserve
  };
  v1::CloseRightsYearAnswer answer;
  std::vector<Closing> closings;
  const Ledger::RightsScope scope{code, request.pollutant(), request.control_zone()};
  int32_t looked_at = 0;
  for (const AccountRow* account; (account = ledger_->accounts().Find(next)) != nullptr; ++next) {
    if (account->kind != v1::RIGHTS && account->kind != v1::RESERVE) continue;
    if (!ledger_->HoldsRightsOf(account->number, scope, request.year())) continue;
    if (looked_at++ == accounts_max) break;
    answer.set_next_after(AccountName(*account));
    const RightsYearRow* year = account->site.empty() ? nullptr : Find(account->site, request.pollutant(), request.year());
    if (!account->site.empty() && year == nullptr) {
      answer.add_missing(MakeName("sites", account->site));
      continue;
    }
    if (const std::string busy = ledger_->WhatKeepsOpen(account->number, scope, request.year()); !busy.empty()) {
      answer.add_busy(AccountName(*account) + ": " + busy);
      continue;
    }
    if (const Quantity bought = account->site.empty() ? Quantity() : uncounted_->NotCounted(account->site, request.pollutant(), request.year());
        bought > Quantity()) {
      answer.add_busy(AccountName(*account) + ": " + std::to_string(bought.value()) + " that were bought do not stand in the site's permit yet (DR-18)");
      continue;
    }
    closings.push_back({account, year});
  }
  if (ledger_->accounts().Find(next) == nullptr) answer.clear_next_after();
  answer.set_closed(static_cast<int32_t>(closings.size()));
  if (context.validate_only) return answer;

  for (const Closing& closing : closings) {
    // What a site got of a year after it was closed for it, by the reversal of a trade, comes on top.
    const Quantity discharged = closing.year == nullptr ? Quantity() : closing.year->discharged - closing.year->used;
    const Ledger::YearClosing done = ledger_->CloseYear(context, closing.account->number, scope, request.year(), discharged);
    if (closing.year == nullptr) continue;
    RightsYearRow& row = rows_.Edit(*closing.year);
    row.closed = true;
    row.effective += done.entitled;
    row.used += done.used;
    row.lapsed += done.lapsed;
    context.events->Emit(EventType::kYearUseChanged, row.site, row.pollutant, row.year, row.discharged, row.closed);
  }
  return answer;
}

Quantity RightsYears::Effective(const std::string& site, const std::string& pollutant, int32_t year) const {
  const RightsYearRow* row = Find(site, pollutant, year);
  return ledger_->EffectiveRights(site, pollutant, year) + (row == nullptr ? Quantity() : row->effective);
}

Quantity RightsYears::Countable(const std::string& site, const std::string& pollutant, int32_t year) const {
  return std::max(Quantity(), Effective(site, pollutant, year) - uncounted_->NotCounted(site, pollutant, year));
}

Quantity RightsYears::PendingDeficit(const std::string& site, const std::string& pollutant) const {
  Quantity deficit;
  const auto years = by_site_.find(site);
  if (years == by_site_.end()) return deficit;
  for (const auto& [key, row] : years->second) {
    if (key.first == pollutant) deficit += std::max(Quantity(), row->discharged - Countable(site, pollutant, row->year));
  }
  return deficit;
}

bool RightsYears::DischargedBeyondRights(const std::string& site, int32_t year) const {
  const auto years = by_site_.find(site);
  if (years == by_site_.end()) return false;
  return std::any_of(years->second.begin(), years->second.end(), [&](const auto& entry) {
    return entry.first.second == year && entry.second->discharged > Countable(site, entry.first.first, year);
  });
}

v1::RightsYear ToProto(const RightsYearRow& row, Quantity effective) {
  v1::RightsYear message;
  message.set_site(MakeName("sites", row.site));
  message.set_pollutant(row.pollutant);
  message.set_year(row.year);
  message.set_effective_quantity(effective.value());
  message.set_recorded(!row.recorded_by.empty());
  message.set_discharged_quantity(row.discharged.value());
  message.set_deficit_quantity(std::max(Quantity(), row.discharged - effective).value());
  message.set_closed(row.closed);
  message.set_used_quantity(row.used.value());
  message.set_lapsed_quantity(row.lapsed.value());
  message.set_document_reference(row.document);
  if (!row.recorded_by.empty()) {
    message.set_recorded_by(MakeName("people", row.recorded_by));
    *message.mutable_record_time() = ToProto(row.record_time);
  }
  return message;
}

}  // namespace songhua::ledger
