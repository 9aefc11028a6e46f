// A province's ledger, in process: how fast accounts and postings come in, how it answers about them, how a plan of allocation is carried out, and how it
// starts with all that. Each figure beside a limit or a reference of the same run.
#ifndef SONGHUA_SIMULATIONS_LEDGER_BENCH_H_
#define SONGHUA_SIMULATIONS_LEDGER_BENCH_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "simulations/bench_result.h"

namespace songhua::simulations {

struct LedgerBenchOptions {
  std::string directory;       // where the store is made; it is removed afterwards
  int enterprises = 300'000;   // with three accounts each; sites have one more
  int sites = 100'000;         // with a permit each, allocated by one plan
  int transfers = 5'000'000;   // each of two postings
  int blocks = 1'000;          // serial blocks of the lot that is asked for
  int reads = 20'000;          // of each kind
};

// In this order:
//   ledger/accounts     accounts a second as enterprises register, with everything else that they bring; beside RocksDB alone syncing the same journal
//   ledger/postings     postings a second by transfers between accounts; beside RocksDB alone syncing the same journal
//   ledger/statements   pages of 100 lines of an account's statement a second, one thread; beside the same rows from the store one by one
//   ledger/holdings     ListHoldings a second; beside two rows of the store
//   ledger/blocks       GetLot of a lot of many serial blocks a second; beside its row from the store
//   ledger/allocation   rows of a plan a second, staged, balanced, approved and granted; beside single grants one after the other in flight
//   ledger/restart      milliseconds from opening the store to the first answer; beside the 5 s of DESIGN.md section 9 (less is better)
absl::StatusOr<std::vector<BenchResult>> RunLedgerBench(const LedgerBenchOptions& options);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_LEDGER_BENCH_H_
