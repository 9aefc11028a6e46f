#include "simulations/uk_ets_plan.h"

#include <algorithm>
#include <limits>
#include <set>

#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/participants.h"
#include "ledger/sha256.h"

namespace songhua::simulations {
namespace {

// Emissions up to and including a year.
int64_t EmittedUpTo(const ComplianceAccount& account, int32_t year) {
  int64_t total = 0;
  for (const auto& [of_year, emissions] : account.emissions) {
    if (of_year <= year) total += emissions.tonnes;
  }
  return total;
}

// Finds the account that an installation shares, and takes it.
class AccountsByName {
 public:
  explicit AccountsByName(const ComplianceReport& report) {
    for (size_t i = 0; i < report.accounts.size(); ++i) {
      const ComplianceAccount& account = report.accounts[i];
      if (!account.permit_id.empty()) by_permit_[account.permit_id].push_back(i);
      if (!account.operator_id.empty()) by_operator_[account.operator_id].push_back(i);
    }
  }
  enum class Joined { kByPermit, kByInstallation, kNot };
  Joined Take(const AllocatedInstallation& installation, size_t* account) {
    if (TakeFrom(by_permit_, installation.permit_id, account)) return Joined::kByPermit;
    if (TakeFrom(by_operator_, installation.installation_id, account)) return Joined::kByInstallation;
    return Joined::kNot;
  }

 private:
  using Index = std::map<std::string, std::vector<size_t>>;
  bool TakeFrom(const Index& index, const std::string& key, size_t* account) {
    const auto found = index.find(key);
    if (found == index.end()) return false;
    for (size_t candidate : found->second) {
      if (!taken_.insert(candidate).second) continue;
      *account = candidate;
      return true;
    }
    return false;
  }

  Index by_permit_, by_operator_;
  std::set<size_t> taken_;
};

// Names each account's participant; a second account of the same id gets the row's place into its key.
class UsccGiver {
 public:
  std::string Give(const std::string& id, const std::string& place) {
    std::string uscc = UsccFor(id);
    if (!given_.insert(uscc).second) {
      uscc = UsccFor(id + "@" + place);
      given_.insert(uscc);
    }
    return uscc;
  }

 private:
  std::set<std::string> given_;
};

// Which vintages cover the surrenders: the oldest allocated units that are left, then purchases of the obligation's year.
void PlanUnits(const std::map<int32_t, int64_t>& surrendered_by, PlannedAccount* account) {
  std::map<int32_t, int64_t> free;
  if (account->allocation != nullptr) {
    for (const auto& [year, allocated] : account->allocation->years) free[year] = Granted(allocated);
  }
  int64_t before = 0;
  for (const auto& [year, by_deadline] : surrendered_by) {
    int64_t needed = by_deadline - before;
    before = by_deadline;
    std::map<int32_t, int64_t> taken;
    for (auto& [vintage, units] : free) {
      if (vintage > year) break;
      const int64_t part = std::min(needed, units);
      units -= part;
      needed -= part;
      taken[vintage] += part;
    }
    if (needed > 0) {
      account->purchases[year] += needed;
      taken[year] += needed;
    }
    for (const auto& [vintage, units] : taken) {
      if (units > 0) account->surrenders.push_back({year, vintage, units});
    }
  }
}

void PlanYears(const ComplianceReport& report, const AllocationTable& allocation, UkEtsPlan* plan) {
  plan->first_year = report.years.front();
  plan->last_year = report.years.back();
  if (allocation.years.empty()) return;
  plan->first_year = std::min(plan->first_year, allocation.years.front());
  plan->last_year = std::max(plan->last_year, allocation.years.back());
}

}  // namespace

int64_t Granted(const YearAllocation& year) {
  if (!year.readable) return 0;
  if (year.standard.has_value() || year.new_entrant.has_value()) return year.standard.value_or(0) + year.new_entrant.value_or(0);
  return year.total.value_or(0);
}

UkEtsPlan MakeUkEtsPlan(const ComplianceReport& report, const AllocationTable& allocation) {
  UkEtsPlan plan;
  PlanYears(report, allocation, &plan);
  UsccGiver usccs;
  for (const ComplianceAccount& row : report.accounts) {
    PlannedAccount& account = plan.accounts.emplace_back();
    account.uscc = usccs.Give(row.operator_id.empty() ? row.permit_id : row.operator_id, row.place);
    account.display_name = DisplayName(row.holder.empty() ? row.label() : row.holder);
    account.compliance = &row;
  }
  AccountsByName accounts(report);
  for (const AllocatedInstallation& row : allocation.installations) {
    size_t joined = 0;
    const AccountsByName::Joined how = accounts.Take(row, &joined);
    plan.joined_by_permit += how == AccountsByName::Joined::kByPermit;
    plan.joined_by_installation += how == AccountsByName::Joined::kByInstallation;
    if (how != AccountsByName::Joined::kNot) {
      plan.accounts[joined].allocation = &row;
      continue;
    }
    PlannedAccount& account = plan.accounts.emplace_back();
    account.uscc = usccs.Give(row.installation_id.empty() ? row.permit_id : row.installation_id, row.place);
    account.display_name = DisplayName(row.holder.empty() ? row.label() : row.holder);
    account.allocation = &row;
  }
  for (PlannedAccount& account : plan.accounts) {
    if (account.compliance != nullptr) PlanUnits(DateSurrenders(report, *account.compliance), &account);
  }
  return plan;
}

std::map<int32_t, int64_t> DateSurrenders(const ComplianceReport& report, const ComplianceAccount& account) {
  const int64_t in_all = account.cumulative_surrenders.value_or(0);
  // From the last year backwards: what may at most have come in by each deadline.
  std::map<int32_t, int64_t> at_most;
  int64_t bound = in_all;
  for (auto year = report.years.rbegin(); year != report.years.rend(); ++year) {
    const auto status = account.statuses.find(*year);
    const bool short_then = *year != report.last_year() && status != account.statuses.end() && status->second == "B";
    if (short_then) bound = std::min(bound, std::max<int64_t>(0, EmittedUpTo(account, *year) - 1));
    at_most[*year] = bound;
  }
  std::map<int32_t, int64_t> surrendered_by;
  for (int32_t year : report.years) surrendered_by[year] = std::min(EmittedUpTo(account, year), at_most[year]);
  surrendered_by[report.last_year()] = in_all;
  return surrendered_by;
}

bool StatusIsForced(const ComplianceReport& report, const ComplianceAccount& account, int32_t year) {
  if (!account.emissions_readable) return false;
  if (account.first_year > year) return true;
  const int32_t first = account.FirstObligation();
  const int32_t last = account.last_year == 0 ? year : std::min(year, account.last_year);
  bool obligated = false, figures = true, excluded = true;
  for (const auto& [of_year, emissions] : account.emissions) {
    if (of_year < first || of_year > last) continue;
    if (emissions.entry == EmissionEntry::kMissing) return true;  // a C
    obligated = true;
    figures &= emissions.entry == EmissionEntry::kFigure;
    excluded &= emissions.entry == EmissionEntry::kExcluded;
  }
  if (year == report.last_year()) return (obligated && excluded) || account.cumulative_surrenders.has_value();
  const auto published = account.statuses.find(year);
  if (published != account.statuses.end() && published->second == "C") return false;  // the figure came after the deadline
  const int64_t emitted = EmittedUpTo(account, year);
  if (account.cumulative_surrenders.has_value() && emitted > *account.cumulative_surrenders) return true;
  return obligated && figures && emitted == 0;
}

std::string UsccFor(std::string_view id) {
  constexpr size_t kDigits = 13;
  std::string code = "91UK";
  const bool number = !id.empty() && id.size() <= kDigits && std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (number) {
    code += std::string(kDigits - id.size(), '0') + std::string(id);
  } else {
    const Digest digest = Sha256Of(id);
    code = "92UK";
    for (size_t i = 0; i < kDigits; ++i) code += kUsccAlphabet[static_cast<uint8_t>(digest[i]) % kUsccAlphabet.size()];
  }
  const auto check = UsccCheckCharacter(code);
  SONGHUA_CHECK(check.ok());
  return code + *check;
}

std::string DisplayName(std::string_view text) {
  constexpr size_t kBytesMax = ledger::Participants::kDisplayNameBytesMax;
  std::string name;
  for (size_t at = 0; at < text.size();) {
    size_t bytes = 1;
    while (at + bytes < text.size() && (static_cast<uint8_t>(text[at + bytes]) & 0xC0) == 0x80) ++bytes;
    const std::string_view character = text.substr(at, bytes);
    at += bytes;
    // Whatever may not stand in the middle of a name becomes one blank, and so does every run of blanks.
    const bool allowed = character != " " && ValidateName("a" + std::string(character) + "a", kBytesMax, "name").ok();
    if (!allowed && (name.empty() || name.back() == ' ')) continue;
    if (name.size() + bytes > kBytesMax) break;
    name += allowed ? character : " ";
  }
  while (!name.empty() && !ValidateName(name, kBytesMax, "name").ok()) name.pop_back();  // blanks of any kind at the end
  return name.empty() ? "unnamed" : name;
}

}  // namespace songhua::simulations
