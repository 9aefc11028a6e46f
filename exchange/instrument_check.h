// Whether the ledger of one instrument comes out (CAR-37): for each vintage, what all accounts have, with what was surrendered, cancelled and so on, is what was
// issued; and in each account, trading accounts above all, what the exchange may sell from, the lots, is what the registry has recorded, the balance.
//
// The walk goes over the accounts in slices, each in a command of its own. Units that move between two slices are counted where the walk has been already, so the
// sums are those of the moment at which it ends. Numbers are small: an instrument is one vintage, accounts are counted from 1.
//
// An opening goes over all accounts at once, for the contract's instruments together: the lots of a province, some 100,000, take some milliseconds.
//
//   InstrumentCheck check{.instrument = id, .next = 1};
//   while (AddAccounts(ledger, 1'000, &check, &difference)) ...      // a slice a command; CountMoved for each posting in between
#ifndef SONGHUA_EXCHANGE_INSTRUMENT_CHECK_H_
#define SONGHUA_EXCHANGE_INSTRUMENT_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ledger/ledger.h"

namespace songhua::exchange {

// How far the walk has come. Part of a row.
struct InstrumentCheck {
  ledger::InstrumentId instrument = 0;
  ledger::AccountNumber next = 0;  // the first account that is not counted yet; 0: no walk is under way
  Quantity live{};                   // of accounts whose units can still move
  Quantity gone{};                   // surrendered, cancelled, lapsed, extinguished, reclaimed, converted
  Quantity issued{};

  template <class Archive>
  void Fields(Archive& a) {
    a(instrument, next, live, gone, issued);
  }
};

// Adds up to so many accounts, at least one. True: more are left. At the end, or at the first account that differs, the walk is over, and `difference` says in
// words what does not agree; it is left as it was where everything does. REQUIRES: a walk is under way; there is such an instrument.
bool AddAccounts(const ledger::Ledger& ledger, size_t accounts_max, InstrumentCheck* check, std::string* difference);

struct InstrumentDifference {
  ledger::InstrumentId instrument = 0;
  std::string text;  // in the words of AddAccounts
};
// The instruments of a class with these years, both included, that do not come out now, by year. A function of the ledger alone.
std::vector<InstrumentDifference> FindDifferences(const ledger::Ledger& ledger, ledger::InstrumentClassId instrument_class, int32_t first_year,
                                                  int32_t last_year);

// Units of the check's instrument have moved. REQUIRES: a walk is under way.
void CountMoved(const ledger::Accounts& accounts, ledger::AccountNumber from, ledger::AccountNumber to, Quantity quantity, InstrumentCheck* check);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_INSTRUMENT_CHECK_H_
