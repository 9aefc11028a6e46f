// Halts: an instrument, a market, an account or all accounts of an entity group are stopped (CAR-27). There is no intraday circuit breaker in
// law: people halt, and people resume.
//
// A halt is in force from its command to the one that ends it. Several may lie over each other; trading goes on when the last has ended.
//
// How many halts stop a contract stands in its row (ContractRow::halts), where every order sees it. One thread (the state machine).
#ifndef SONGHUA_EXCHANGE_MARKET_HALTS_H_
#define SONGHUA_EXCHANGE_MARKET_HALTS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "exchange/contracts.h"
#include "exchange/order_book.h"
#include "ledger/accounts.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::exchange {

struct MarketHaltRow {
  static constexpr RowTable kTable = RowTable::kMarketHalts;
  uint32_t number = 0;
  ContractNumber contract = 0;        // or
  std::string program;                // or
  ledger::AccountNumber account = 0;  // or `participant`, below
  v1::Side side = v1::SIDE_UNSPECIFIED;  // of accounts; unspecified: both
  bool purge = false;
  std::string reason;
  Timestamp begin_time, end_time;
  std::string begun_by, ended_by;
  std::string participant;
  ledger::ParticipantNumber group = 0;  // its entity group, which never changes
  bool cash_out = false;                // of accounts: no money is withdrawn

  uint32_t Key() const { return number; }
  bool InForce() const { return ended_by.empty(); }
  bool Stops(const ContractRow& of) const { return contract == of.number || (!program.empty() && program == of.program); }
  bool OfAccounts() const { return account != 0 || group != 0; }
  // Of a halt of accounts.
  bool Stops(Side of) const { return side == v1::SIDE_UNSPECIFIED || (side == v1::BUY) == (of == Side::kBuy); }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, contract, program, account, side, purge, reason, begin_time, end_time, begun_by, ended_by, participant, group, cash_out);
  }
};

// `contract` and `account`: their resource names, empty where the row has none.
v1::MarketHalt ToProto(const MarketHaltRow& row, const std::string& contract, const std::string& account);

class MarketHalts {
 public:
  static constexpr size_t kReasonBytesMax = 300;
  static constexpr size_t kInForceMax = 10'000;

  MarketHalts(TableSet* tables, ledger::Counters* counters);
  ~MarketHalts();

  // The number that the next halt gets.
  uint32_t NextNumber() const;
  // Enters a halt, or ends one. Emits kMarketHaltChanged (exchange.h).
  const MarketHaltRow& Begin(CommandContext& context, MarketHaltRow row);
  const MarketHaltRow& End(CommandContext& context, const MarketHaltRow& row);

  const MarketHaltRow* Find(uint32_t number) const { return rows_.Find(number); }
  const std::set<uint32_t>& InForce() const { return in_force_; }  // by number
  // The oldest halt in force that stops the contract, by itself or with its program; null: none.
  const MarketHaltRow* OfContract(const ContractRow& contract) const;
  // The oldest that stops that side of the account, by itself or with its entity group; null: none.
  const MarketHaltRow* OfAccount(ledger::AccountNumber account, ledger::ParticipantNumber group, Side side) const;

 private:
  using Numbers = std::set<uint32_t>;

  void Index(const MarketHaltRow& row);
  // The oldest of one account, or of one group, that stops the side.
  template <class Party>
  const MarketHaltRow* Oldest(const std::map<Party, Numbers>& halts, Party party, Side side) const;

  ledger::Counters* counters_;
  Table<MarketHaltRow> rows_;
  Numbers in_force_;
  std::map<ledger::AccountNumber, Numbers> by_account_;
  std::map<ledger::ParticipantNumber, Numbers> by_group_;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_MARKET_HALTS_H_
