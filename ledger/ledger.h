// The ledger: who owns what. It composes programs, accounts, lots and postings, and is the only place where units and money move.
//
// Acts of the registry (issue, allocate, transfer, surrender, cancel, reverse, freeze, cash) are domain functions of the API. The market and the
// banks do not move units themselves: they hold through `lots()` and `HoldCash`, and settle through `Deliver` and `Pay`.
//
// One thread, the state machine, uses a Ledger.
#ifndef SONGHUA_LEDGER_LEDGER_H_
#define SONGHUA_LEDGER_LEDGER_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/accounts.h"
#include "ledger/command.h"
#include "ledger/holdings.h"
#include "ledger/lots.h"
#include "ledger/participants.h"
#include "ledger/postings.h"
#include "ledger/programs.h"
#include "ledger/tables.h"
#include "songhua/v1/ledger.pb.h"

namespace songhua::v1 {
enum Consent_Act : int;
}

namespace songhua::ledger {

// Units numbered together. An issuance belongs to one instrument.
struct IssuanceRow {
  static constexpr RowTable kTable = RowTable::kIssuances;
  uint64_t number = 0;
  std::string reference;  // its source's name for it; empty: ours
  InstrumentId instrument = 0;
  SerialBlocks issued;

  uint64_t Key() const { return number; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, reference, instrument, issued);
  }
};

struct FreezeRow {
  static constexpr RowTable kTable = RowTable::kFreezes;
  uint64_t number = 0;
  LotNumber lot = 0;
  Quantity quantity;
  std::string court;
  std::string case_number;
  Term in_force{};
  bool lifted = false;
  std::string lift_reason;

  uint64_t Key() const { return number; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, lot, quantity, court, case_number, in_force, lifted, lift_reason);
  }
};

struct MovedUnits {
  InstrumentId instrument = 0;
  Quantity quantity;
  template <class Archive>
  void Fields(Archive& a) {
    a(instrument, quantity);
  }
};

// Part of a lot that went from one lot to another, or out of the live accounts (to_lot 0) or into them (from_lot 0).
struct LotMove {
  LotNumber from_lot = 0, to_lot = 0;
  AccountNumber from_account = 0, to_account = 0;
  Quantity quantity;  // in lot terms
  std::vector<MovedUnits> units;  // by year
  SerialBlocks blocks;
  template <class Archive>
  void Fields(Archive& a) {
    a(from_lot, to_lot, from_account, to_account, quantity, units, blocks);
  }
};

// What a registry act did, so that it can be reversed whole. Cold.
struct TransactionRow {
  static constexpr RowTable kTable = RowTable::kTransactions;
  static constexpr bool kReadBack = true;
  uint64_t sequence = 0;
  PostingType type = PostingType::kIssue;
  std::vector<LotMove> moves;
  AccountNumber money_from = 0, money_to = 0;
  Money money;
  std::string reason;  // free text, bank reference, obligation year

  uint64_t Key() const { return sequence; }
  template <class Archive>
  void Fields(Archive& a) {
    a(sequence, type, moves, money_from, money_to, money, reason);
  }
};

// That a transaction was reversed, and by which.
struct ReversalRow {
  static constexpr RowTable kTable = RowTable::kReversals;
  uint64_t reversed = 0;
  uint64_t reversed_by = 0;
  uint64_t Key() const { return reversed; }
  template <class Archive>
  void Fields(Archive& a) {
    a(reversed, reversed_by);
  }
};

// Units of one program surrendered by an account against the obligation of one year.
struct SurrenderRow {
  static constexpr RowTable kTable = RowTable::kRetirements;
  AccountNumber account = 0;
  std::string program;
  int32_t obligation_year = 0;
  Quantity surrendered;
  std::tuple<AccountNumber, std::string, int32_t> Key() const { return {account, program, obligation_year}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(account, program, obligation_year, surrendered);
  }
};

// Part of a right that was carved out of a lot, and the lots that what its term left before and after it became; 0: it left nothing there.
struct CarvedRight {
  LotMove move;
  LotNumber before = 0, after = 0;
};

// What the market does when a court's freeze needs units that open orders hold. The engine connects it to the exchange.
class OrderCanceller {
 public:
  virtual ~OrderCanceller() = default;
  // Cancels open sell orders over the lot, newest first, until at least `quantity` of it is no longer held by orders or no order is left.
  virtual void CancelOrdersOver(CommandContext& context, LotNumber lot, Quantity quantity) = 0;
};

// Asked before a participant's money is paid out. The exchange answers: a halt may stop it (CAR-27).
class CashGate {
 public:
  virtual ~CashGate() = default;
  // OK, or a refusal at `field`: CASH_HALTED.
  virtual absl::Status CheckWithdrawal(const AccountRow& cash, std::string_view field) const = 0;
};

// Told when rights came to a site or left it, in the command that moved them: the permit shows the right (DR-15, DR-16). It cannot fail.
class RightsListener {
 public:
  virtual ~RightsListener() = default;
  virtual void OnRightsMoved(CommandContext& context, const std::string& site) = 0;
  // A site disposed of a right in the market or by lease, which uses up its verified surplus (DR-17); or that came back.
  virtual void OnRightsDisposed(CommandContext& /*context*/, const std::string& /*site*/, const std::string& /*pollutant*/, Quantity /*quantity*/) {}
  virtual void OnRightsReturned(CommandContext& /*context*/, const std::string& /*site*/, const std::string& /*pollutant*/, Quantity /*quantity*/) {}
};

// What a holder of rights wants to do with them.
enum class Disposal : uint8_t { kSale, kLease, kPledge };

// Asked before a site disposes of rights: whether it owes fees (DR-09) and whether what it disposes of is its surplus (DR-17). The engine connects it.
class RightsGate {
 public:
  virtual ~RightsGate() = default;
  // OK, or a refusal at `field`.
  virtual absl::Status CheckDisposal(const CommandContext& context, const std::string& site, const std::string& program, const std::string& pollutant,
                                     Quantity quantity, Disposal disposal, std::string_view field) const = 0;
};

// The consents of banks to acts with units that are pledged to them (PLG-21). Pledges answer.
class PledgeeConsents {
 public:
  virtual ~PledgeeConsents() = default;
  // OK where the consent of that name is for the act with so many units of the lot, and may be used now; otherwise a refusal at `consent`.
  virtual absl::Status CheckConsent(const CommandContext& context, const std::string& name, v1::Consent_Act act, const LotRow& lot, Quantity quantity) const = 0;
  // Frees the units for the act. REQUIRES: CheckConsent.
  virtual void UseConsent(CommandContext& context, const std::string& name, const LotRow& lot, Quantity quantity, const std::string& used_by) = 0;
};

class Ledger {
 public:
  Ledger(TableSet* tables, Participants* participants);
  ~Ledger();
  void SetRightsListener(RightsListener* listener) { rights_listener_ = listener; }
  void SetRightsGate(const RightsGate* gate) { rights_gate_ = gate; }
  void SetCashGate(const CashGate* gate) { cash_gate_ = gate; }
  void SetConsents(PledgeeConsents* consents) { consents_ = consents; }
  void SetUnitsListener(UnitsListener* listener) { postings_.SetListener(listener); }

  // ---- Acts of the registry ----
  absl::StatusOr<v1::AccountAnswer> OpenAccount(CommandContext& context, const v1::OpenAccountRequest& request);
  absl::StatusOr<v1::TransactionAnswer> IssueUnits(CommandContext& context, const v1::IssueUnitsRequest& request);
  absl::StatusOr<v1::TransactionAnswer> AllocateRight(CommandContext& context, const v1::AllocateRightRequest& request);
  absl::StatusOr<v1::TransactionAnswer> TransferUnits(CommandContext& context, const v1::TransferUnitsRequest& request);
  absl::StatusOr<v1::TransactionAnswer> SurrenderUnits(CommandContext& context, const v1::RetireUnitsRequest& request);
  absl::StatusOr<v1::TransactionAnswer> CancelUnits(CommandContext& context, const v1::RetireUnitsRequest& request);
  // Reads the transaction as a cold row.
  absl::StatusOr<v1::TransactionAnswer> ReverseTransaction(CommandContext& context, const v1::ReverseTransactionRequest& request);
  absl::StatusOr<v1::FreezeAnswer> FreezeUnits(CommandContext& context, const v1::FreezeUnitsRequest& request, OrderCanceller* orders);
  absl::StatusOr<v1::FreezeAnswer> LiftFreeze(CommandContext& context, const v1::LiftFreezeRequest& request);
  absl::StatusOr<v1::TransactionAnswer> DepositCash(CommandContext& context, const v1::CashRequest& request);
  absl::StatusOr<v1::TransactionAnswer> WithdrawCash(CommandContext& context, const v1::CashRequest& request);

  // ---- For the market and the banks ----
  Programs& programs() { return programs_; }
  const Programs& programs() const { return programs_; }
  Accounts& accounts() { return accounts_; }
  const Accounts& accounts() const { return accounts_; }
  Lots& lots() { return lots_; }
  const Lots& lots() const { return lots_; }
  const Postings& postings() const { return postings_; }
  Holdings& holdings() { return holdings_; }
  const Holdings& holdings() const { return holdings_; }
  const FreezeRow* FindFreeze(uint64_t number) const { return freezes_.Find(number); }

  // Money of a cash account set apart for orders. REQUIRES for Hold: amount <= available.
  void HoldCash(AccountNumber account, Money amount);
  void ReleaseCash(AccountNumber account, Money amount);
  // From orders to agreed trades. REQUIRES: as much is held by orders.
  void HoldCashForTrade(AccountNumber account, Money amount);
  void ReleaseTradeCash(AccountNumber account, Money amount);

  // Delivers units that a trade holds: ends the hold and moves `quantity` of the seller's lot to the buyer's account, for rights with the given term
  // (within the lot's). `to_lot` of what it returns is the buyer's; it was bought on the day of the trade, which may be before that of its delivery (CAR-22).
  // REQUIRES: the quantity is held by trades; the term lies within the lot's; `bought_on` is not after today.
  LotMove Deliver(CommandContext& context, const LotRow& lot, Quantity quantity, const Term& term, AccountNumber buyer, Money cost, uint64_t trade,
                  Date bought_on);
  // Whether all that the deliveries of a trade moved is still in the buyer's account, whole and free; otherwise a refusal that names the lot.
  absl::Status CheckReturnable(const CommandContext& context, const std::vector<LotMove>& delivered) const;
  // Moves a delivery back: serial units to a lot of the seller's, a right as a lot of its own, for the lot it was carved from may have moved on.
  // It no longer counts as bought on its day. REQUIRES: CheckReturnable; `bought_on` is that of its Deliver.
  LotMove Return(CommandContext& context, const LotMove& delivered, uint64_t trade, Date bought_on);
  // ---- For leases, recoveries and extinguishments ----

  // Refuses more of a lot than is free today, saying what holds the rest.
  absl::Status RequireAvailable(CommandContext& context, const LotRow& lot, Quantity quantity, std::string_view field) const;
  // Where rights of a class may go: to a site in their control zone (DR-04, DR-22), of their trading group (DR-24, DR-25), in their basin (DR-21).
  // INVALID_ARGUMENT names `field` and shows `value`.
  absl::Status CheckHolder(const InstrumentClassRow& right, const SiteRow& site, std::string_view field, const std::string& value) const;
  // Whether so much of a right can be carved out for the term: it lies within the lot's, and of every year the lot still has the floor for it.
  absl::Status CheckPart(const LotRow& lot, Quantity quantity, const Term& term, std::string_view field) const;
  // Whether what causes hold of a lot may move: a court's order that reaches beyond its free units is taken to reach them (PLG-29).
  absl::Status CheckNotCovered(const CommandContext& context, const LotRow& lot, std::string_view field) const;
  // Moves a part of a right to a live account, as a lot of its own. REQUIRES: CheckPart; the quantity is held by nothing.
  CarvedRight MovePart(CommandContext& context, PostingType type, const LotRow& lot, Quantity quantity, const Term& term, AccountNumber to,
                       LotSource source, bool paid, Money cost);
  // Tells that the site of the lot disposed of so much of it, beside by trade (RightsListener::OnRightsDisposed).
  void TellRightsDisposed(CommandContext& context, const LotRow& lot, Quantity quantity);
  // Takes a part of a right out of the live accounts for ever, into the house's account of that kind. REQUIRES: as above.
  CarvedRight RetirePart(CommandContext& context, PostingType type, const LotRow& lot, Quantity quantity, const Term& term, v1::AccountKind house);

  // Moves money between cash accounts, for a trade or without one (0). REQUIRES: the giver has it available.
  void Pay(CommandContext& context, PostingType type, AccountNumber from, AccountNumber to, Money amount, uint64_t trade);

  // Moves the last serials of a lot to another live account, as a transaction of its own. REQUIRES: serial units; the quantity is available.
  void TransferTail(CommandContext& context, const LotRow& lot, Quantity quantity, AccountNumber to, const std::string& reason);

  // What there was before the service (day_one.h).
  struct ImportedLot {
    LotRow lot;  // a right, with everything but its number and its class
    std::string program, pollutant, control_zone, trading_group, basin;
  };
  struct ImportedCash {
    AccountNumber account = 0;
    Money amount;
  };
  // Enters rights and balances as one transaction that is not reversed, against ISSUED and BANK_CASH. REQUIRES: classes that their programs have, within their
  // caps; sums that fit.
  void Import(CommandContext& context, std::vector<ImportedLot> lots, const std::vector<ImportedCash>& cash, const std::string& reason);

  // ---- For the life of rights ----

  // OK where the site of the lot may dispose of the quantity as far as fees and surplus go (DR-09, DR-17); lots of no site pass.
  absl::Status CheckDisposal(const CommandContext& context, const LotRow& lot, Quantity quantity, Disposal disposal, std::string_view field) const;
  // Grants a right from a reserve's lot to a site's account: ends the hold for an allocation over it and carves. `to_lot` of what it returns is the site's.
  // REQUIRES: the quantity is held for an allocation; the term lies within the lot's.
  LotMove Grant(CommandContext& context, const LotRow& lot, Quantity quantity, const Term& term, AccountNumber to, LotSource source, bool paid, Money cost);

  struct RightsScope {
    std::string program, pollutant, control_zone;
  };
  struct YearClosing {
    Quantity entitled, used, lapsed;
  };
  // What keeps a year of an account's rights open: "lots/7 is held by TRADE", "2025 of lots/7 is open"; empty: nothing does.
  std::string WhatKeepsOpen(AccountNumber account, const RightsScope& scope, int32_t year) const;
  bool HoldsRightsOf(AccountNumber account, const RightsScope& scope, int32_t year) const;
  // Closes the year (DR-10, DR-11): units up to `discharged` are used up, the rest lapses; a lot that goes on begins with the next year, and what was paid for
  // it is that of the days that are left. Lots in the order of their numbers. REQUIRES: nothing keeps it open, the year is over.
  YearClosing CloseYear(CommandContext& context, AccountNumber account, const RightsScope& scope, int32_t year, Quantity discharged);

  // Units of a pollutant that a site is entitled to use in a year that is open: live lots of its rights account (DR-11). Pledged and frozen ones count: a
  // pledge restricts disposal, not use (PLG-23).
  Quantity EffectiveRights(std::string_view site, std::string_view pollutant, int32_t year) const;
  // Units of a program surrendered by an account against obligations up to and including the year.
  Quantity SurrenderedUpTo(AccountNumber account, const std::string& program, int32_t year) const;

 private:
  struct RetireSpec {
    PostingType type;
    v1::AccountKind house;
    bool registry_only;
  };
  absl::StatusOr<v1::TransactionAnswer> Retire(CommandContext& context, const v1::RetireUnitsRequest& request, const RetireSpec& spec);
  // Free units, or those of a pledge whose bank consents to the act (PLG-21); they leave the pledge before they move.
  absl::Status RequireFree(CommandContext& context, const LotRow& lot, Quantity quantity, const std::string& consent, v1::Consent_Act act) const;
  void TakeFromPledge(CommandContext& context, const LotRow& lot, Quantity quantity, const std::string& consent);
  absl::StatusOr<v1::TransactionAnswer> MoveCash(CommandContext& context, const v1::CashRequest& request, bool deposit);
  absl::StatusOr<v1::TransactionAnswer> IssueRight(CommandContext& context, const v1::IssueUnitsRequest& request, const ProgramRow& program,
                                                   const AccountRow& account);
  absl::StatusOr<v1::TransactionAnswer> IssueSerial(CommandContext& context, const v1::IssueUnitsRequest& request, const ProgramRow& program,
                                                    const AccountRow& account);
  absl::Status CheckReversible(CommandContext& context, const TransactionRow& transaction) const;
  // The lot of the giver that has the moved units again.
  LotNumber TakeBack(const LotMove& move);

  // The blocks that a move would take: the named range or the tail. Changes nothing.
  absl::StatusOr<SerialBlocks> ChooseBlocks(const LotRow& lot, Quantity quantity, bool named, const v1::SerialBlock& range) const;

  // Moves serial units. `to` may be a live account (their lot is found or opened) or an account of the house.
  LotMove MoveSerial(CommandContext& context, PostingType type, const LotRow& lot, const SerialBlocks& blocks, AccountNumber to,
                     uint64_t trade);
  // The second half of it: gives to `to` what was taken out of `from`.
  LotMove GiveSerial(CommandContext& context, PostingType type, LotRow& from, SerialBlocks taken, AccountNumber to, uint64_t trade);
  // Carves rights out of a lot into a new one, or out of the live accounts. What the term leaves before and after it goes to lots of the giver's own, and
  // each part has its share of what was paid for the whole, by quantity, then by days.
  CarvedRight CarveRight(CommandContext& context, PostingType type, const LotRow& lot, Quantity quantity, const Term& term, AccountNumber to,
                         LotSource source, bool paid, Money cost, uint64_t trade);
  LotMove MoveRight(CommandContext& context, PostingType type, const LotRow& lot, Quantity quantity, const Term& term, AccountNumber to,
                    LotSource source, bool paid, Money cost, uint64_t trade);
  // The lot of a live account that takes units in; opened when there is none, or when the newest could hold no further blocks.
  LotRow& SerialLotOf(AccountNumber account, InstrumentClassId instrument_class, int32_t vintage, size_t more_blocks);
  v1::TransactionAnswer Conclude(CommandContext& context, TransactionRow transaction);

  void TellRightsMoved(CommandContext& context, AccountNumber account);

  Participants* participants_;
  PledgeeConsents* consents_ = nullptr;
  RightsListener* rights_listener_ = nullptr;
  const RightsGate* rights_gate_ = nullptr;
  const CashGate* cash_gate_ = nullptr;
  Accounts accounts_;
  Programs programs_;
  Lots lots_;
  Holdings holdings_;
  Postings postings_;
  Table<IssuanceRow> issuances_;
  Table<FreezeRow> freezes_;
  Table<ReversalRow> reversals_;
  Table<SurrenderRow> surrenders_;
  ColdTable<TransactionRow> transactions_;
  std::map<std::string, uint64_t> issuance_by_reference_;  // "{instrument}:{reference}"
};

v1::Freeze ToProto(const FreezeRow& row, const LotRow& lot, Date today);
// The reader resolves names: the instrument's code ("CNY" for money) and the counter account's name.
v1::Posting ToProto(const PostingRow& row, const std::string& instrument_code, const std::string& counter_account);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_LEDGER_H_
