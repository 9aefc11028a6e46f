// The lines of a `ledger` block: what the service's own records say, read through the API.
//
//   lot $lot: quantity 100 t, available 60 t, PLEDGE 40 t, year 2026 100 t     fields; what encumbers it by kind; units of a year
//   trade | order | permit | pledge | contract | site NAME: state SETTLED, ... fields
//   cash $mill: 1,200,000.00 yuan, held 0.00 yuan, free 1,200,000.00 yuan      of a participant, or of an account by its name
//   holdings ACCOUNT: cea/CO2E/CN/ALL/2025 500 t, ...                          instruments with what is posted; "held" after it; or: nothing
//   instrument CODE: issued 500 t, held 400 t, surrendered 100 t               the totals of the whole register
//   statement ACCOUNT: DEPOSIT +1,000.00 yuan, PAYMENT -200.00 yuan            the last postings, in order
//   book CONTRACT: buy 5 t at 5,100.00 yuan, sell 8 t at 5,200.00 yuan         all levels of both sides, best first; or: empty
#ifndef SONGHUA_SIMULATIONS_SCENARIO_LEDGER_FACTS_H_
#define SONGHUA_SIMULATIONS_SCENARIO_LEDGER_FACTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "simulations/scenario/conversation.h"
#include "simulations/scenario/scenario.h"

namespace songhua::simulations {

// A fact that is not so.
struct Difference {
  int line = 0;
  std::string found;
  std::string wanted;
};

// The first fact of the line that is not so; nullopt: all are. INVALID_ARGUMENT for a line that says nothing that could be checked. `words` have their
// variables put in.
absl::StatusOr<std::optional<Difference>> CheckLedgerLine(Conversation* conversation, const std::vector<Token>& words);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_SCENARIO_LEDGER_FACTS_H_
