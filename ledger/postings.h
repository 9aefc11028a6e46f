// Postings: how units and money move. A posting takes from one account and gives to another; nothing else changes a balance, an instrument's
// totals or a cash account (DESIGN.md section 5). All postings of one command are one transaction, "transactions/{sequence}".
#ifndef SONGHUA_LEDGER_POSTINGS_H_
#define SONGHUA_LEDGER_POSTINGS_H_

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "ledger/accounts.h"
#include "ledger/amounts.h"
#include "ledger/command.h"
#include "ledger/holdings.h"
#include "ledger/lots.h"
#include "ledger/programs.h"
#include "ledger/tables.h"

namespace songhua::ledger {

// Numbers are on disk.
enum class PostingType : uint8_t {
  kIssue = 1,
  kAllocate = 2,
  kTransfer = 3,
  kSurrender = 4,
  kCancel = 5,
  kReversal = 6,
  kSettlement = 7,
  kFee = 8,
  kDeposit = 9,
  kWithdrawal = 10,
  kPayment = 11,
  kLease = 12,
  kRent = 13,
  kRecovery = 14,
  kBuyBack = 15,
  kUse = 16,          // discharged in the year and covered by a right
  kLapse = 17,        // left over when the year was closed (DR-10)
  kExtinguish = 18,   // DR-30, retirement
  kPaidUseFee = 19,   // DR-08
  kForfeit = 20,      // a defaulting buyer's deposit
  kImport = 21,       // day one
  kPledgeProceeds = 26,     // to a pledgee, into escrow for it, or back (PLG-22, PLG-33)
  kSettlementReserve = 25,  // into the settlement reserve, or back to it (CAR-34)
};
std::string_view PostingTypeName(PostingType type);

// Units of one instrument posted to one account.
struct BalanceRow {
  static constexpr RowTable kTable = RowTable::kBalances;
  AccountNumber account = 0;
  InstrumentId instrument = 0;
  Quantity posted;  // the ISSUED account of a program is the one that goes below zero

  std::tuple<AccountNumber, InstrumentId> Key() const { return {account, instrument}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(account, instrument, posted);
  }
};

// One line of an account's statement. Cold.
struct PostingRow {
  static constexpr RowTable kTable = RowTable::kPostings;
  AccountNumber account = 0;
  uint64_t sequence = 0;
  uint32_t index = 0;  // within the command
  Timestamp time;
  PostingType type = PostingType::kIssue;
  InstrumentId instrument = kCashInstrument;
  int64_t change = 0;
  int64_t balance = 0;
  AccountNumber counter_account = 0;
  uint64_t trade = 0;  // 0: not a trade's

  std::tuple<AccountNumber, uint64_t, uint32_t> Key() const { return {account, sequence, index}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(account, sequence, index, time, type, instrument, change, balance, counter_account, trade);
  }
};

// Told of units that moved, after both balances have changed. It cannot fail.
class UnitsListener {
 public:
  virtual ~UnitsListener() = default;
  virtual void OnUnitsPosted(InstrumentId instrument, AccountNumber from, AccountNumber to, Quantity quantity) = 0;
};

class Postings {
 public:
  Postings(TableSet* tables, Accounts* accounts, Programs* programs, Holdings* holdings);
  ~Postings();
  void SetListener(UnitsListener* listener) { listener_ = listener; }

  // Moves units between accounts. REQUIRES: quantity >= 0 (zero does nothing), the giver holds as much unless it is the ISSUED account.
  void PostUnits(CommandContext& context, PostingType type, InstrumentId instrument, AccountNumber from, AccountNumber to, Quantity quantity,
                 uint64_t trade = 0);
  // Moves money. REQUIRES: amount >= 0, the giver has as much posted unless it is the bank's account.
  void PostMoney(CommandContext& context, PostingType type, AccountNumber from, AccountNumber to, Money amount, uint64_t trade = 0);

  Quantity Balance(AccountNumber account, InstrumentId instrument) const;

 private:
  void Record(CommandContext& context, PostingType type, InstrumentId instrument, AccountNumber from, AccountNumber to, int64_t amount,
              int64_t from_balance, int64_t to_balance, uint64_t trade);
  void CountTotals(InstrumentId instrument, v1::AccountKind from, v1::AccountKind to, Quantity quantity);
  BalanceRow& MutableBalance(AccountNumber account, InstrumentId instrument);

  Accounts* accounts_;
  Programs* programs_;
  UnitsListener* listener_ = nullptr;
  Holdings* holdings_;
  Table<BalanceRow> balances_;
  ColdTable<PostingRow> lines_;
  uint64_t sequence_ = 0;  // of the command whose postings are being numbered
  uint32_t next_index_ = 0;
};

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_POSTINGS_H_
