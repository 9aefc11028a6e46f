// Paid-use fees: what a site owes for rights that were allocated to it for payment (DR-08), in instalments. A site with an overdue instalment is in arrears, and
// disposes of no right until it has paid (DR-09, DR-29). Whether it is in arrears is a matter of the day; no timer is needed for it.
//
// One thread (the state machine).
#ifndef SONGHUA_LEDGER_PAID_USE_FEES_H_
#define SONGHUA_LEDGER_PAID_USE_FEES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/ledger.h"
#include "ledger/tables.h"
#include "songhua/v1/paid_use_fees.pb.h"

namespace songhua::ledger {

struct InstalmentRow {
  Date due;
  Money amount;
  Date paid_on = kFirstDate;  // kFirstDate: not yet

  bool paid() const { return paid_on != kFirstDate; }
  template <class Archive>
  void Fields(Archive& a) {
    a(due, amount, paid_on);
  }
};

struct PaidUseFeeRow {
  static constexpr RowTable kTable = RowTable::kPaidUseFees;
  static constexpr bool kNumbered = true;
  uint64_t number = 0;
  std::string site;
  LotNumber lot = 0;
  uint32_t allocation = 0;
  std::vector<InstalmentRow> instalments;  // by due date; paid in this order

  uint64_t Key() const { return number; }
  // Null: all are paid.
  const InstalmentRow* Next() const;
  bool InArrears(Date today) const { return Next() != nullptr && Next()->due < today; }
  Money Total() const;
  Money Paid() const;
  template <class Archive>
  void Fields(Archive& a) {
    a(number, site, lot, allocation, instalments);
  }
};
v1::PaidUseFee ToProto(const PaidUseFeeRow& row, Date today);

// How a fee is split (DR-08).
struct InstalmentPlan {
  int32_t first_bps = 10'000;  // of the fee, rounded up to the fen; the others are equal, and the last takes what is left over
  int32_t count = 1;
  Date first_due;  // the others a year apart
};
// REQUIRES: a fee above 0, first_bps from 1 to 10,000, a count from 1 with first_bps 10,000 where it is 1, dates before 9999.
std::vector<InstalmentRow> SplitFee(Money fee, const InstalmentPlan& plan);

class PaidUseFees {
 public:
  PaidUseFees(TableSet* tables, Ledger* ledger);
  ~PaidUseFees();

  // Checks: form; the fee exists and is not paid; the amount is the next instalment's; the enterprise's cash account has it free.
  absl::StatusOr<v1::PaidUseFeeAnswer> PayPaidUseFee(CommandContext& context, const v1::PayPaidUseFeeRequest& request);

  // Enters a fee. REQUIRES: at least one instalment.
  uint64_t Charge(CommandContext& context, const std::string& site, LotNumber lot, uint32_t allocation, std::vector<InstalmentRow> instalments);

  const PaidUseFeeRow* Find(uint64_t number) const { return rows_.Find(number); }
  // The first fee of the site that is overdue; null: none.
  const PaidUseFeeRow* ArrearsOf(const std::string& site, Date today) const;
  // All instalments of the site that are overdue.
  Money OverdueOf(const std::string& site, Date today) const;
  // OK, or FEE_ARREARS (DR-09), at `field`.
  absl::Status CheckNoArrears(const std::string& site, Date today, std::string_view field) const;

 private:
  void Index(const PaidUseFeeRow& row);

  Ledger* ledger_;
  Table<PaidUseFeeRow> rows_;
  absl::flat_hash_map<std::string, std::vector<uint64_t>> unpaid_;  // by site, in the order of numbers; asked with every order, never walked over
};

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_PAID_USE_FEES_H_
