// Accounts: where units and money lie. Accounts of sites and participants, reserves of authorities, and the accounts of the house, which are
// the counterparts that make every posting double (DESIGN.md section 5).
//
// Each account has a number, used in order entry and in rows, and a name of the form "{owner}.{kind}" (see Account in ledger.proto).
#ifndef SONGHUA_LEDGER_ACCOUNTS_H_
#define SONGHUA_LEDGER_ACCOUNTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/command.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "songhua/v1/ledger.pb.h"

namespace songhua::ledger {

using AccountNumber = uint32_t;  // from 1; 0 is none

struct AccountRow {
  static constexpr RowTable kTable = RowTable::kAccounts;
  static constexpr bool kNumbered = true;
  AccountNumber number = 0;
  std::string id;  // "{owner}.{kind}"
  v1::AccountKind kind = v1::ACCOUNT_KIND_UNSPECIFIED;
  std::string participant;   // empty: the house
  std::string site;          // rights accounts
  std::string program;       // reserves and house accounts of units
  std::string control_zone;  // reserves

  AccountNumber Key() const { return number; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, id, kind, participant, site, program, control_zone);
  }
};

// Where readers find an account by its id, and the accounts of a participant. Cold.
struct AccountNameRow {
  static constexpr RowTable kTable = RowTable::kAccountNames;
  std::string id;
  AccountNumber number = 0;

  std::string Key() const { return id; }
  template <class Archive>
  void Fields(Archive& a) {
    a(id, number);
  }
};
struct AccountOwnerRow {
  static constexpr RowTable kTable = RowTable::kAccountOwners;
  std::string participant;
  AccountNumber number = 0;

  std::tuple<std::string, AccountNumber> Key() const { return {participant, number}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(participant, number);
  }
};

// Money of one cash account. Available is posted - held.
struct CashRow {
  static constexpr RowTable kTable = RowTable::kCash;
  static constexpr bool kNumbered = true;
  AccountNumber account = 0;
  Money posted;        // BANK_CASH holds minus what the bank owes the house's clients, so that all rows sum to zero
  Money held_orders;   // by open buy orders, and rents that wait for an approval
  Money held_trades;   // by agreed trades that wait for settlement

  AccountNumber Key() const { return account; }
  Money available() const { return posted - held_orders - held_trades; }
  template <class Archive>
  void Fields(Archive& a) {
    a(account, posted, held_orders, held_trades);
  }
};

bool HoldsMoney(v1::AccountKind kind);
// Units there count as held: they can still move.
bool HoldsLiveUnits(v1::AccountKind kind);

class Accounts : public RightsAccountOpener {
 public:
  Accounts(TableSet* tables, Participants* participants);
  ~Accounts();

  // Creates the house's money accounts of an empty store.
  void Bootstrap(CommandContext& context);
  absl::StatusOr<v1::AccountAnswer> OpenAccount(CommandContext& context, const v1::OpenAccountRequest& request, bool program_exists,
                                                bool zone_exists);
  void OpenRightsAccount(CommandContext& context, const SiteRow& site) override;
  // The house's unit accounts of a program, opened when it is first loaded.
  void OpenProgramAccounts(CommandContext& context, const std::string& program);

  // The house's money account of a kind, opened when there is none yet.
  AccountNumber OpenHouseMoney(CommandContext& context, v1::AccountKind kind);

  const AccountRow* Find(AccountNumber number) const { return accounts_.Find(number); }
  const AccountRow* FindById(std::string_view id) const;
  // Resolves "accounts/{id}" in a request's field. NOT_FOUND, INVALID_ARGUMENT.
  absl::StatusOr<const AccountRow*> Resolve(std::string_view field, std::string_view name) const;
  // The house account of a kind; for units, of the program. REQUIRES: it is open.
  AccountNumber House(v1::AccountKind kind, std::string_view program) const;
  // A participant's account of a kind; null when it has none.
  const AccountRow* OfParticipant(std::string_view participant, v1::AccountKind kind) const;

  const CashRow* FindCash(AccountNumber number) const { return cash_.Find(number); }
  CashRow& EditCash(const CashRow& row) { return cash_.Edit(row); }

 private:
  const AccountRow& Open(CommandContext& context, AccountRow row);

  Participants* participants_;
  Table<AccountRow> accounts_;
  Table<CashRow> cash_;
  ColdTable<AccountNameRow> names_;
  ColdTable<AccountOwnerRow> owners_;
  absl::flat_hash_map<std::string, AccountNumber> by_id_;
  AccountNumber last_number_ = 0;
};

std::string AccountName(const AccountRow& row);
v1::Account ToProto(const AccountRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_ACCOUNTS_H_
