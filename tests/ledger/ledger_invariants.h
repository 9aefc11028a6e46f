// The ledger's part of what is always true (DESIGN.md section 8), recomputed from stored rows alone: it decodes what a store would hold and
// adds up, and uses none of the ledger's own sums.
#ifndef SONGHUA_TESTS_LEDGER_LEDGER_INVARIANTS_H_
#define SONGHUA_TESTS_LEDGER_LEDGER_INVARIANTS_H_

#include <map>
#include <string>

#include "ledger/legal_time.h"

namespace songhua::ledger {

// `rows`: values by key on disk, with the cold rows. Expects, with an explanation where one fails:
//
// * of each instrument: issued = held + surrendered + cancelled + lapsed + extinguished + reclaimed + converted, each of them the sum of
// its
//   accounts' balances (INV-02), and what the lots of each account hold is its balance (CAR-07);
// * no balance, hold or money below zero; holds within their lot (INV-03, INV-05); rights and reserve within the cap (INV-01, DR-04);
// * the last line of each statement is the balance, and its lines add up to it;
// * each serial number lies in one place at most and comes from its issuance;
// * every right entitles to at least the floor of its quantity and term (DR-06, DR-11);
// * money of all accounts is the bank's (INV-04);
// * provisional pledges, pledges, leases and recoveries held by a lot are the sum of what its pledges, leases and recoveries claim (INV-12), and
//   every unit of a right that is valid is free, held or covered by a court's order (DR-66);
// * what a lot holds for proposed transfers is the sum of those that are under way (INV-12);
// * freezes on lots are those recorded and not lifted.
void ExpectLedgerInvariants(const std::map<std::string, std::string>& rows, Date today);

}  // namespace songhua::ledger

#endif  // SONGHUA_TESTS_LEDGER_LEDGER_INVARIANTS_H_
