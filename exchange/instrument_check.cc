#include "exchange/instrument_check.h"

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

Quantity InLots(const ledger::Lots& lots, ledger::AccountNumber account, const ledger::InstrumentRow& instrument) {
  Quantity sum;
  for (const ledger::LotRow* lot : lots.OfAccount(account)) {
    if (lot->instrument_class != instrument.instrument_class) continue;
    for (const auto& entry : lot->entitlements) {
      if (entry.year == instrument.year) sum += entry.quantity;
    }
  }
  return sum;
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
    const Quantity balance = ledger.postings().Balance(account->number, check->instrument);
    if (ledger::HoldsLiveUnits(account->kind)) {
      const Quantity lots = InLots(ledger.lots(), account->number, instrument);
      if (lots != balance) {
        check->next = 0;
        *difference = Differ("the lots of " + ledger::AccountName(*account) + " come to", lots, "its balance is", balance);
        return false;
      }
    }
    Count(account->kind, balance, check);
    ++check->next;
  }
  return true;
}

void CountMoved(const ledger::Accounts& accounts, ledger::AccountNumber from, ledger::AccountNumber to, Quantity quantity, InstrumentCheck* check) {
  if (from < check->next) Count(accounts.Find(from)->kind, -quantity, check);
  if (to < check->next) Count(accounts.Find(to)->kind, quantity, check);
}

}  // namespace songhua::exchange
