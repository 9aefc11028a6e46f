#include "exchange/instrument_check.h"

#include <algorithm>
#include <span>
#include <utility>

namespace songhua::exchange {
namespace {

// Adds what came to an account, or went from it below zero, to the sum in which its kind counts.
void Count(v1::AccountKind kind, Quantity change, InstrumentCheck* check) {
  if (kind == v1::ISSUED) {
    check->issued -= change;
  } else if (ledger::HoldsLiveUnits(kind)) {
    check->live += change;
  } else {
    check->gone += change;
  }
}

// What the lots of an account come to in the years from the first on, one sum for each. False: it has none of the class.
bool SumLots(const ledger::Lots& lots, ledger::AccountNumber account, ledger::InstrumentClassId instrument_class, int32_t first_year,
             std::span<Quantity> sums) {
  std::fill(sums.begin(), sums.end(), Quantity());
  bool has_any = false;
  for (const ledger::LotRow* lot : lots.OfAccount(account)) {
    if (lot->instrument_class != instrument_class) continue;
    has_any = true;
    for (const auto& entry : lot->entitlements) {
      const int64_t at = int64_t{entry.year} - first_year;
      if (at >= 0 && at < static_cast<int64_t>(sums.size())) sums[static_cast<size_t>(at)] += entry.quantity;
    }
  }
  return has_any;
}

std::string Differ(std::string_view one, Quantity is, std::string_view other, Quantity be) {
  return std::string(one) + " " + std::to_string(is.value()) + ", but " + std::string(other) + " " + std::to_string(be.value());
}

std::string CompareTotals(const ledger::InstrumentRow& row, const InstrumentCheck& check) {
  if (check.issued != row.issued) return Differ("the registry issued", check.issued, "the instrument says", row.issued);
  if (check.live != row.held) return Differ("all accounts together have", check.live, "the instrument says", row.held);
  if (check.live + check.gone != row.issued) {
    return Differ("all accounts with what was surrendered and cancelled come to", check.live + check.gone, "issued were", row.issued);
  }
  const Quantity gone = row.surrendered + row.cancelled + row.lapsed + row.extinguished + row.reclaimed + row.converted;
  if (check.gone != gone) return Differ("surrendered, cancelled and otherwise ended are", check.gone, "the instrument says", gone);
  return "";
}

// False: what lies in its lots is not its balance.
bool CountAccount(const ledger::Ledger& ledger, const ledger::AccountRow& account, Quantity in_lots, InstrumentCheck* check, std::string* difference) {
  const Quantity balance = ledger.postings().Balance(account.number, check->instrument);
  if (ledger::HoldsLiveUnits(account.kind) && in_lots != balance) {
    *difference = Differ("the lots of " + ledger::AccountName(account) + " come to", in_lots, "its balance is", balance);
    return false;
  }
  Count(account.kind, balance, check);
  return true;
}

}  // namespace

bool AddAccounts(const ledger::Ledger& ledger, size_t accounts_max, InstrumentCheck* check, std::string* difference) {
  const ledger::InstrumentRow& instrument = *ledger.programs().FindInstrument(check->instrument);
  for (size_t i = 0; i < accounts_max; ++i) {
    const ledger::AccountRow* account = ledger.accounts().Find(check->next);
    if (account == nullptr) {
      check->next = 0;
      std::string totals = CompareTotals(instrument, *check);
      if (!totals.empty()) *difference = std::move(totals);
      return false;
    }
    Quantity in_lots;
    if (ledger::HoldsLiveUnits(account->kind)) SumLots(ledger.lots(), account->number, instrument.instrument_class, instrument.year, {&in_lots, 1});
    if (!CountAccount(ledger, *account, in_lots, check, difference)) {
      check->next = 0;
      return false;
    }
    ++check->next;
  }
  return true;
}

std::vector<InstrumentDifference> FindDifferences(const ledger::Ledger& ledger, ledger::InstrumentClassId instrument_class, int32_t first_year,
                                                  int32_t last_year) {
  struct Walk {
    const ledger::InstrumentRow* instrument;
    InstrumentCheck check;
    std::string difference;
  };
  std::vector<Walk> walks;
  for (int32_t year = first_year; year <= last_year; ++year) {
    const ledger::InstrumentRow* instrument = ledger.programs().FindInstrument(instrument_class, year);
    if (instrument != nullptr) walks.push_back({instrument, {.instrument = instrument->id}, ""});
  }
  std::vector<InstrumentDifference> found;
  if (walks.empty()) return found;
  std::vector<Quantity> in_lots(static_cast<size_t>(last_year - first_year) + 1);
  for (ledger::AccountNumber number = 1; const ledger::AccountRow* account = ledger.accounts().Find(number); ++number) {
    // Most accounts have nothing of the class: a balance without a lot would be missing in the totals.
    if (account->kind == v1::CASH) continue;
    if (ledger::HoldsLiveUnits(account->kind) && !SumLots(ledger.lots(), number, instrument_class, first_year, in_lots)) continue;
    for (Walk& walk : walks) {
      if (!walk.difference.empty()) continue;
      CountAccount(ledger, *account, in_lots[static_cast<size_t>(walk.instrument->year - first_year)], &walk.check, &walk.difference);
    }
  }
  for (Walk& walk : walks) {
    if (walk.difference.empty()) walk.difference = CompareTotals(*walk.instrument, walk.check);
    if (!walk.difference.empty()) found.push_back({walk.instrument->id, std::move(walk.difference)});
  }
  return found;
}

void CountMoved(const ledger::Accounts& accounts, ledger::AccountNumber from, ledger::AccountNumber to, Quantity quantity, InstrumentCheck* check) {
  if (from < check->next) Count(accounts.Find(from)->kind, -quantity, check);
  if (to < check->next) Count(accounts.Find(to)->kind, quantity, check);
}

}  // namespace songhua::exchange
