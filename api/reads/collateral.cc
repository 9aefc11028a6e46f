#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "api/reads/collateral_watch.h"
#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "ledger/authorisations.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {
namespace {

constexpr int kToSeeMax = 100;
constexpr int32_t kCasesMin = 3;  // PLG-45
constexpr int32_t kQuarters = 4;
constexpr int64_t kCoverageBpsOne = 10'000;

// Both who was inquired about and who inquired, with a branch's bank; the region is the enterprise's.
absl::StatusOr<Target> OfInquiry(Lookup& lookup, const ledger::InquiryRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(Target target, lookup.OfParticipant(row.enterprise));
  SONGHUA_ASSIGN_OR_RETURN(const Target inquirer, lookup.OfParticipant(row.inquirer));
  target.participants.insert(target.participants.end(), inquirer.participants.begin(), inquirer.participants.end());
  return target;
}

// Sums that a bank's loans may not fit into are cut down to what does.
class FenSum {
 public:
  void Add(Money amount) { sum_ += amount.value(); }
  int64_t value() const { return Cut(sum_); }
  // Of another, in basis points; 0 where that is 0.
  int64_t CoverageOf(const FenSum& owed) const { return owed.sum_ == 0 ? 0 : Cut(sum_ * kCoverageBpsOne / owed.sum_); }

 private:
  static int64_t Cut(__int128 sum) { return sum > std::numeric_limits<int64_t>::max() ? std::numeric_limits<int64_t>::max() : static_cast<int64_t>(sum); }
  __int128 sum_ = 0;
};

// The lowest coverage first; what nothing is owed on, and what has ended, last.
bool ToSeeBefore(const v1::Pledge& a, const v1::Pledge& b) {
  const auto rank = [](const v1::Pledge& pledge) {
    const bool covers = pledge.outstanding_fen() > 0 && !pledge.has_end_time();
    return covers ? pledge.coverage_bps() : std::numeric_limits<int64_t>::max();
  };
  return rank(a) < rank(b);
}

struct Period {
  int32_t year = 0;
  int32_t quarter = 0;  // 0: all of the year
  bool Contains(Date date) const { return Year(date) == year && (quarter == 0 || QuarterOf(date) == quarter); }
  static int32_t QuarterOf(Date date) { return (Month(date) - 1) / 3 + 1; }
};

// "2026" or "2026-Q1".
absl::StatusOr<Period> ParsePeriod(const std::string& text) {
  const auto refuse = [&] { return InvalidField("period", text, "a year from 1970 on, \"2026\", or a quarter of it, \"2026-Q1\"").Rule("PLG-45"); };
  const bool quarterly = text.size() == 7;
  if (!quarterly && text.size() != 4) return refuse();
  if (!std::all_of(text.begin(), text.begin() + 4, [](char c) { return c >= '0' && c <= '9'; })) return refuse();
  Period period;
  period.year = std::atoi(text.substr(0, 4).c_str());
  if (period.year < Year(kFirstDate)) return refuse();
  if (!quarterly) return period;
  if (text.compare(4, 2, "-Q") != 0 || text[6] < '1' || text[6] > '0' + kQuarters) return refuse();
  period.quarter = text[6] - '0';
  return period;
}

struct PledgeCases {
  int32_t pledges = 0;
  FenSum principal;
  __int128 quantity = 0;
};

}  // namespace

// By the index of whom the caller may see, of the enterprise that he asks for, or all.
absl::StatusOr<v1::ListInquiriesAnswer> ListInquiries(ReadContext& context, const v1::ListInquiriesRequest& request) {
  Lookup lookup(&context);
  std::string enterprise;
  if (!request.enterprise().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* row, lookup.FindParticipant("enterprise", request.enterprise()));
    enterprise = row->id;
  }
  v1::ListInquiriesAnswer answer;
  const auto add = [&](const ledger::InquiryRow& row) -> ReadContext::Added {
    if (!enterprise.empty() && row.enterprise != enterprise) return 0;
    SONGHUA_ASSIGN_OR_RETURN(const Target target, OfInquiry(lookup, row));
    if (!context.MaySee(target)) return 0;
    *answer.add_inquiries() = ledger::ToProto(row);
    return answer.inquiries().rbegin()->ByteSizeLong();
  };
  const std::string of = enterprise.empty() ? context.OnlyParticipant() : enterprise;
  if (of.empty()) {
    SONGHUA_RETURN_IF_ERROR(context.List<ledger::InquiryRow>("", add, answer.mutable_next_page_token()));
    return answer;
  }
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::InquiryIndexRow>(
      EncodeKey(of),
      [&](const ledger::InquiryIndexRow& index) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::InquiryRow>(index.inquiry));
        if (!row.has_value()) return absl::InternalError("the row of inquiry " + std::to_string(index.inquiry) + " is missing");
        return add(*row);
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::GetEncumbranceAnswer> GetEncumbrance(ReadContext& context, const v1::GetEncumbranceRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ledger::ParseName("site", "sites", request.site()).status());
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::SiteRow* site, lookup.FindSite("site", request.site()));
  SONGHUA_ASSIGN_OR_RETURN(const auto account, context.Get<ledger::AccountNameRow>(site->id + ".rights"));
  if (!account.has_value()) return absl::InternalError("the rights account of " + request.site() + " is missing");
  struct Encumbrances {
    std::set<uint64_t> pledges, freezes;
    Quantity quantity;
  };
  std::map<std::pair<std::string, std::string>, Encumbrances> found;  // by program and pollutant
  SONGHUA_RETURN_IF_ERROR(context.ForEach<ledger::LotIndexRow>(EncodeKey(account->number), [&](const ledger::LotIndexRow& index) -> absl::Status {
    SONGHUA_ASSIGN_OR_RETURN(const auto lot, context.Get<ledger::LotRow>(index.lot));
    if (!lot.has_value()) return absl::InternalError("the row of lot " + std::to_string(index.lot) + " is missing");
    SONGHUA_ASSIGN_OR_RETURN(const ledger::InstrumentClassRow* kind, lookup.Class(lot->instrument_class));
    Encumbrances& of = found[{kind->program, kind->pollutant}];
    SONGHUA_ASSIGN_OR_RETURN(const auto pledges, lookup.PledgesOf(ledger::MakeName("lots", lot->number)));
    for (const ledger::PledgeRow& pledge : pledges) {
      const ledger::PledgedPart* part = pledge.PartOf(lot->number);
      if (!ledger::PledgeHold(pledge.state).has_value() || pledge.LapsedOn(context.today()) || part == nullptr || part->quantity == Quantity()) continue;
      of.pledges.insert(pledge.number);
      of.quantity += part->quantity;
    }
    for (const ledger::LotFreeze& freeze : lot->freezes) {
      if (freeze.in_force.Contains(context.today())) of.freezes.insert(freeze.freeze);
    }
    return absl::OkStatus();
  }));
  v1::GetEncumbranceAnswer answer;
  for (const auto& [kind, of] : found) {
    if (of.pledges.empty() && of.freezes.empty()) continue;
    v1::GetEncumbranceAnswer::Entry* entry = answer.add_entries();
    entry->set_program(ledger::MakeName("programs", kind.first));
    entry->set_pollutant(kind.second);
    entry->set_pledges(static_cast<int32_t>(of.pledges.size()));
    entry->set_quantity(of.quantity.value());
    entry->set_freezes(static_cast<int32_t>(of.freezes.size()));
  }
  answer.set_encumbered(!answer.entries().empty());
  return answer;
}

absl::StatusOr<v1::GetPortfolioAnswer> GetPortfolio(ReadContext& context, const v1::GetPortfolioRequest& request) {
  if (!request.bank().empty()) SONGHUA_RETURN_IF_ERROR(ledger::ParseName("bank", "participants", request.bank()).status());
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const std::string bank, ParseBank(context, request.bank()));
  Lookup lookup(&context);
  v1::GetPortfolioAnswer answer;
  FenSum owed, value;
  std::vector<v1::Pledge> to_see;
  std::map<std::string, int32_t> alerts;
  SONGHUA_RETURN_IF_ERROR(context.ForEach<ledger::PledgeIndexRow>(
      EncodeKey(ledger::MakeName("participants", bank)), [&](const ledger::PledgeIndexRow& index) -> absl::Status {
        SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::PledgeRow>(index.pledge));
        if (!row.has_value()) return absl::InternalError("the row of pledge " + std::to_string(index.pledge) + " is missing");
        SONGHUA_ASSIGN_OR_RETURN(const bool own, IsPledgeOf(lookup, *row, bank));
        if (!own || (row->HasEnded() && row->alerts == 0) || row->LapsedOn(context.today())) return absl::OkStatus();
        if (row->ControlEffective()) {
          answer.set_pledges(answer.pledges() + 1);
          owed.Add(row->Owed());
          value.Add(row->valuation.value);
        }
        v1::Pledge pledge = ledger::ToProto(*row, context.today());
        for (const std::string& alert : pledge.alerts()) ++alerts[alert];
        if (!pledge.alerts().empty()) to_see.push_back(std::move(pledge));
        return absl::OkStatus();
      }));
  answer.set_outstanding_fen(owed.value());
  answer.set_value_fen(value.value());
  answer.set_coverage_bps(value.CoverageOf(owed));
  std::stable_sort(to_see.begin(), to_see.end(), ToSeeBefore);  // of equal ones the older first
  if (to_see.size() > kToSeeMax) to_see.resize(kToSeeMax);
  for (v1::Pledge& pledge : to_see) *answer.add_to_see() = std::move(pledge);
  for (const auto& [alert, count] : alerts) {
    v1::AlertCount* added = answer.add_alerts();
    added->set_alert(alert);
    added->set_pledges(count);
  }
  return answer;
}

absl::StatusOr<v1::GetPledgeStatisticsAnswer> GetPledgeStatistics(ReadContext& context, const v1::GetPledgeStatisticsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const Period period, ParsePeriod(request.period()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  Lookup lookup(&context);
  using Kind = std::tuple<int32_t, std::string, std::string, std::string>;  // quarter, zone, pollutant, program
  std::map<Kind, PledgeCases> cases;
  SONGHUA_RETURN_IF_ERROR(context.ForEach<ledger::PledgeRow>("", [&](const ledger::PledgeRow& row) -> absl::Status {
    if (row.active_on == Date{} || !period.Contains(row.active_on)) return absl::OkStatus();
    std::set<Kind> kinds;
    for (const ledger::PledgedPart& part : row.parts) {
      SONGHUA_ASSIGN_OR_RETURN(const auto lot, context.Get<ledger::LotRow>(part.lot));
      if (!lot.has_value()) return absl::InternalError("the row of lot " + std::to_string(part.lot) + " is missing");
      SONGHUA_ASSIGN_OR_RETURN(const ledger::InstrumentClassRow* kind, lookup.Class(lot->instrument_class));
      const Kind key = {Period::QuarterOf(row.active_on), kind->control_zone, kind->pollutant, kind->program};
      cases[key].quantity += part.quantity.value();
      kinds.insert(key);
    }
    for (const Kind& key : kinds) {
      ++cases[key].pledges;
      cases[key].principal.Add(row.loan.principal);
    }
    return absl::OkStatus();
  }));
  v1::GetPledgeStatisticsAnswer answer;
  for (const auto& [key, of] : cases) {
    if (of.pledges < kCasesMin) {
      answer.set_suppressed(answer.suppressed() + of.pledges);
      continue;
    }
    v1::GetPledgeStatisticsAnswer::Entry* entry = answer.add_entries();
    entry->set_quarter(std::to_string(period.year) + "-Q" + std::to_string(std::get<0>(key)));
    entry->set_control_zone(std::get<1>(key));
    entry->set_pollutant(std::get<2>(key));
    entry->set_program(ledger::MakeName("programs", std::get<3>(key)));
    entry->set_pledges(of.pledges);
    entry->set_quantity(static_cast<int64_t>(std::min<__int128>(of.quantity, std::numeric_limits<int64_t>::max())));
    entry->set_principal_fen(of.principal.value());
  }
  return answer;
}

}  // namespace songhua::api::reads
