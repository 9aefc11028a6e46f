// Lots: a right, or units of one vintage, as the law knows them (DR-03): the thing that is transferred, pledged, frozen and that expires.
//
// Every unit of a live account lies in exactly one lot; the sum of an account's lots is its balance in each instrument. A lot of rights has a
// yearly quantity, a term, and units of each calendar year of the term; a lot of serial units has one vintage and its serial blocks.
//
// Holds reserve part of a lot's quantity for one cause; they exclude each other (INV-05). A court's freeze is a cover: it lies over free units
// first and over pledges then, never over units already sold in an agreed trade, and subtracts nothing twice (PLG-29):
//
//   frozen    = min(sum of freezes in force today, quantity - held by trades)
//   available = quantity - |holds and freezes| = max(0, quantity - held - frozen)
#ifndef SONGHUA_LEDGER_LOTS_H_
#define SONGHUA_LEDGER_LOTS_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "ledger/accounts.h"
#include "ledger/amounts.h"
#include "ledger/entitlement.h"
#include "ledger/legal_time.h"
#include "ledger/programs.h"
#include "ledger/serial_blocks.h"
#include "ledger/tables.h"

namespace songhua::ledger {

using LotNumber = uint64_t;

// Numbers are on disk.
enum class HoldKind : uint8_t {
  kOrder = 0,
  kTrade = 1,
  kListing = 2,
  kProvisionalPledge = 3,
  kPledge = 4,
  kLease = 5,
  kSurrender = 6,
  kProposal = 7,    // a transfer that was proposed and is not executed yet
  kRecovery = 8,    // a recovery or buy-back that was announced
  kAllocation = 9,  // of a reserve: granted by an approved plan that is being carried out
};
inline constexpr size_t kHoldKinds = 10;
std::string_view HoldKindName(HoldKind kind);

enum class LotSource : uint8_t {
  kIssue = 1,
  kInitialFree = 2,
  kInitialPaid = 3,
  kReserveSale = 4,
  kPurchase = 5,
  kTransfer = 6,
  kLeaseIn = 7,
  kSurplusReduction = 8,
  kReviewAdjust = 9,
  kRecovered = 10,  // in a reserve: taken back or bought back
};
std::string_view LotSourceName(LotSource source);

struct LotFreeze {
  uint64_t freeze = 0;
  Quantity quantity;
  Term in_force;
  template <class Archive>
  void Fields(Archive& a) {
    a(freeze, quantity, in_force);
  }
};

struct LotRow {
  static constexpr RowTable kTable = RowTable::kLots;
  static constexpr bool kNumbered = true;
  LotNumber number = 0;
  AccountNumber account = 0;
  InstrumentClassId instrument_class = 0;
  bool right = false;
  Quantity quantity;  // rights: a year; serial units: all
  std::array<Quantity, kHoldKinds> held{};
  Term term{};                   // rights
  YearQuantities entitlements;   // units by year; serial units: one entry, equal to `quantity`
  SerialBlocks blocks;           // serial units
  std::vector<LotFreeze> freezes;  // in the order of the court's orders
  std::string sector_class;
  LotSource source = LotSource::kIssue;
  bool paid = false;
  Money cost;
  LotNumber parent = 0;  // carved from; 0: none
  Date bought_on{};      // the last day on which units that lie here were bought in the market ...
  Quantity bought_then;  // ... and how many of them (CAR-22)

  LotNumber Key() const { return number; }
  Quantity Held() const;
  Quantity Held(HoldKind kind) const { return held[static_cast<size_t>(kind)]; }
  // What courts' orders cover on the day.
  Quantity Frozen(Date today) const;
  // What its holder may dispose of on the day; zero for a right that has expired (DR-06).
  Quantity Available(Date today) const;
  // Bought on the day and therefore not sellable on it where the rulebook says so.
  Quantity BoughtOn(Date today) const { return bought_on == today ? bought_then : Quantity(); }
  int32_t vintage() const { return entitlements.empty() ? 0 : entitlements.front().year; }

  template <class Archive>
  void Fields(Archive& a) {
    a(number, account, instrument_class, right, quantity);
    for (Quantity& quantity_held : held) a(quantity_held);
    a(term, entitlements, blocks, freezes, sector_class, source, paid, cost, parent, bought_on, bought_then);
  }
};

// Where readers find the lots of an account. Cold.
struct LotIndexRow {
  static constexpr RowTable kTable = RowTable::kLotIndex;
  AccountNumber account = 0;
  LotNumber lot = 0;

  std::tuple<AccountNumber, LotNumber> Key() const { return {account, lot}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(account, lot);
  }
};

class Lots {
 public:
  explicit Lots(TableSet* tables);
  ~Lots();

  const LotRow* Find(LotNumber number) const { return lots_.Find(number); }
  absl::StatusOr<const LotRow*> Resolve(std::string_view field, std::string_view name) const;
  LotRow& Insert(LotRow row);
  LotRow& Edit(const LotRow& row) { return lots_.Edit(row); }
  size_t size() const { return lots_.size(); }
  // Told of each lot that a group changed.
  void OnCollected(std::function<void(const LotRow&)> callback) { lots_.OnCollected(std::move(callback)); }

  // The account's lots, oldest first. Valid until the next Insert; the rows stay where they are for ever.
  const std::vector<const LotRow*>& OfAccount(AccountNumber account) const;
  // Brings what OfAccount reads towards the cache.
  void Prefetch(AccountNumber account) const {
    if (account < by_account_.size()) __builtin_prefetch(&by_account_[account]);
  }
  // The one lot of an account that holds serial units of a class and vintage; null: none yet.
  const LotRow* SerialLot(AccountNumber account, InstrumentClassId instrument_class, int32_t vintage) const;

  // Holds are changed by the owner of the cause only. REQUIRES: quantity > 0; for Hold, quantity <= Available.
  void Hold(const LotRow& lot, HoldKind kind, Quantity quantity);
  void Release(const LotRow& lot, HoldKind kind, Quantity quantity);
  void ConvertHold(const LotRow& lot, HoldKind from, HoldKind to, Quantity quantity);

 private:
  void Index(const LotRow& row);

  Table<LotRow> lots_;
  ColdTable<LotIndexRow> index_;
  std::vector<std::vector<const LotRow*>> by_account_;  // by account number, as far as accounts have had lots
  absl::flat_hash_map<std::tuple<AccountNumber, InstrumentClassId, int32_t>, const LotRow*> serial_;
};

// What a lot is, in sixteen hexadecimal digits: the beginning of the SHA-256 of its row. It changes with whatever changes of the lot or of what holds it (PLG-42).
inline constexpr size_t kEtagDigits = 16;
std::string LotEtag(const LotRow& row);
v1::Lot ToProto(const LotRow& row, const InstrumentClassRow& instrument_class, const AccountRow& account, Date today);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_LOTS_H_
