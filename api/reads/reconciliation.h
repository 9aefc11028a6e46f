// Reconciliation: recomputes what must always be true of the ledger (DESIGN.md section 8, 1 and 2; INV-02..INV-05; CAR-37) from the rows of
// one snapshot, with arithmetic of its own, and says in words what does not agree.
//
//   instruments  issued = held + surrendered + cancelled + lapsed + extinguished + reclaimed + converted, and each is what the balances add
//   up to balances     of live accounts are what their lots add up to; none but the ISSUED accounts' is below zero lots         hold no
//   more than they have; serial numbers are counted right, were issued, and lie in one lot only holds        of lots and cash accounts are
//   what open orders, waiting trades and live pledges claim; freezes of lots are in force cash         adds up to zero with the bank's;
//   nobody's is below zero or held twice; the house's escrow is what paid trades wait for
#ifndef SONGHUA_API_READS_RECONCILIATION_H_
#define SONGHUA_API_READS_RECONCILIATION_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/reads/read_context.h"
#include "exchange/orders.h"
#include "exchange/settlement_batches.h"
#include "exchange/trades.h"
#include "ledger/ledger.h"
#include "ledger/pledges.h"
#include "songhua/v1/operations.pb.h"

namespace songhua::api {

class Reconciliation {
 public:
  // More differences than this are counted and not listed.
  static constexpr size_t kDifferencesMax = 1'000;

  // REQUIRES: the context has a snapshot, and outlives this.
  explicit Reconciliation(ReadContext* context) : context_(*context) {}

  // Once.
  absl::StatusOr<v1::ReconcileAnswer> Run();

 private:
  // A sum that may leave 64 bits only if something is wrong; then it is told, not wrapped.
  using Sum = __int128;
  struct Account {
    v1::AccountKind kind = v1::ACCOUNT_KIND_UNSPECIFIED;
    std::string id;
    std::string participant;
  };
  struct Instrument {
    std::string code;
    ledger::InstrumentRow row;
    std::array<Sum, 8> balances{};  // in the order of Totals()
  };

  absl::Status LoadAccounts();
  absl::Status LoadInstruments();
  absl::Status AddOrders();
  absl::Status AddTrades();
  absl::Status AddPledges();
  absl::Status AddAllocations();
  absl::Status AddLeasesAndRecoveries();
  absl::Status AddProposals();
  absl::Status LoadFreezesAndIssuances();
  absl::Status CheckLots();
  void CheckLot(const ledger::LotRow& lot);
  void CheckSerials();
  absl::Status CheckBalances();
  void CheckInstruments();
  absl::Status CheckSurrenders();
  absl::Status CheckCash();
  absl::Status CheckBank();
  void TellLeftovers();

  void Expect(const std::string& what, Sum is, const std::string& should, Sum be);
  void Tell(std::string difference);
  std::string AccountName(ledger::AccountNumber number) const;
  // The cash account from which an account's trades are paid; 0: none.
  ledger::AccountNumber CashOf(ledger::AccountNumber account) const;

  ReadContext& context_;
  v1::ReconcileAnswer answer_;
  size_t untold_ = 0;

  std::vector<Account> accounts_;  // by number
  absl::btree_map<std::string, ledger::AccountNumber> numbers_;
  absl::btree_map<ledger::InstrumentId, Instrument> instruments_;
  absl::btree_map<std::pair<ledger::InstrumentClassId, int32_t>, ledger::InstrumentId> by_class_;
  absl::btree_map<uint64_t, ledger::FreezeRow> freezes_;
  absl::btree_map<uint64_t, ledger::IssuanceRow> issuances_;

  // What causes claim; what lots and cash accounts hold is taken off, so that the rest is what nobody holds.
  absl::btree_map<std::pair<ledger::LotNumber, ledger::HoldKind>, Sum> lot_claims_;
  absl::btree_map<ledger::AccountNumber, Sum> order_cash_, trade_cash_;
  Sum escrow_ = 0;
  Sum bank_ = 0;  // what the ledger says that the bank holds
  // What the lots of an account add up to.
  absl::btree_map<std::pair<ledger::AccountNumber, ledger::InstrumentId>, Sum> in_lots_;
  std::vector<std::pair<SerialBlock, ledger::LotNumber>> serials_;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_READS_RECONCILIATION_H_
