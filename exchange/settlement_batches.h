// Settlement batches: a contract's END_OF_DAY trades of one day on their way from the exchange to the statements (CAR-30 to CAR-37, china.md 8.4), the objections
// to them, and those of them that could not be delivered. Rows and where to find them; what is done with them is in settlement_days.cc and delivery_defaults.cc.
//
// One batch is one contract and one trade date: a contract quotes one instrument, which is what CAR-37 blocks; its trades of a day are one range of numbers; and
// what keeps one instrument back keeps no other. A batch is worked on in slices by the engine's timer, while HasWork.
//
// Events: kSettlementBatchChanged  batch, state (v1::SettlementBatch::State), contract, date, delivered
//         kSettlementObjectionChanged  objection, state, batch, trade
//         kDeliveryDefaultChanged  trade, state, batch
//
// One thread, the state machine.
#ifndef SONGHUA_EXCHANGE_SETTLEMENT_BATCHES_H_
#define SONGHUA_EXCHANGE_SETTLEMENT_BATCHES_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "exchange/instrument_check.h"
#include "exchange/trades.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/ledger.h"
#include "ledger/tables.h"
#include "songhua/v1/settlement_days.pb.h"

namespace songhua::exchange {

struct SettlementBatchRow {
  static constexpr RowTable kTable = RowTable::kSettlementBatches;
  static constexpr bool kNumbered = true;
  uint32_t number = 0;
  ContractNumber contract = 0;
  Date date{};
  v1::SettlementBatch::State progress = v1::SettlementBatch::RECEIVED;
  std::string sent_by;
  Timestamp send_time;
  std::string confirmed_by;
  Timestamp confirm_time;
  Timestamp object_until;
  // Its trades are those of END_OF_DAY in this range; first > last: there are none.
  TradeNumber first = 1;
  TradeNumber last = 0;
  TradeNumber next = 1;  // where the slice begins that comes now
  uint64_t trades = 0;
  Quantity quantity;
  Money amount;
  Money buyer_fees;
  Money seller_fees;
  uint64_t delivered = 0;
  uint64_t ended = 0;  // without delivery
  uint32_t open_objections = 0;
  uint32_t open_defaults = 0;
  InstrumentCheck check;
  std::string difference;
  std::string resolution;
  std::string resolved_by;
  Timestamp end_time;

  uint32_t Key() const { return number; }
  v1::SettlementBatch::State state() const;
  // Whether the engine has something to do for it now.
  bool HasWork() const;
  // Its instrument does not open (CAR-37).
  bool Blocks() const { return !difference.empty() && resolution.empty(); }

  template <class Archive>
  void Fields(Archive& a) {
    a(number, contract, date, progress, sent_by, send_time, confirmed_by, confirm_time, object_until, first, last, next, trades, quantity, amount, buyer_fees,
      seller_fees, delivered, ended, open_objections, open_defaults, check, difference, resolution, resolved_by, end_time);
  }
};

struct SettlementObjectionRow {
  static constexpr RowTable kTable = RowTable::kSettlementObjections;
  static constexpr bool kNumbered = true;
  uint32_t number = 0;
  v1::SettlementObjection::State state = v1::SettlementObjection::FILED;
  uint32_t batch = 0;
  TradeNumber trade = 0;
  std::string participant;
  std::string text;
  std::string filed_by;
  Timestamp file_time;
  std::string reason;
  std::string decided_by;
  Timestamp decide_time;

  uint32_t Key() const { return number; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, state, batch, trade, participant, text, filed_by, file_time, reason, decided_by, decide_time);
  }
};

struct DeliveryDefaultRow {
  static constexpr RowTable kTable = RowTable::kDeliveryDefaults;
  TradeNumber trade = 0;
  v1::DeliveryDefault::State state = v1::DeliveryDefault::DECLARED;
  uint32_t batch = 0;
  v1::DeliveryDefault::Party party = v1::DeliveryDefault::PARTY_UNSPECIFIED;
  ledger::AccountNumber account = 0;  // of the defaulting party, in the trade
  std::string participant;
  std::string reason;
  Date top_up_by{};
  std::string declared_by;
  Timestamp declare_time;
  Money advanced;  // by the reserve; COVERED: the buyer's cash account holds as much for trades
  std::string changed_by;
  Timestamp change_time;

  TradeNumber Key() const { return trade; }
  template <class Archive>
  void Fields(Archive& a) {
    a(trade, state, batch, party, account, participant, reason, top_up_by, declared_by, declare_time, advanced, changed_by, change_time);
  }
};

// The reader resolves the contract's name.
v1::SettlementBatch ToProto(const SettlementBatchRow& row, const std::string& contract_name);
v1::SettlementObjection ToProto(const SettlementObjectionRow& row);
v1::DeliveryDefault ToProto(const DeliveryDefaultRow& row);

class SettlementBatches : public ledger::UnitsListener {
 public:
  SettlementBatches(TableSet* tables, const ledger::Accounts* accounts, ledger::Counters* counters);
  ~SettlementBatches() override;

  const SettlementBatchRow* Find(uint32_t number) const { return batches_.Find(number); }
  // Null: there is none. `trade` need not exist.
  const SettlementBatchRow* OfTrade(TradeNumber trade) const;
  const SettlementBatchRow* OfDay(ContractNumber contract, Date date) const;
  // Whether the contract's trades were ever sent: then they settle by batches alone.
  bool Settles(ContractNumber contract) const;
  const SettlementObjectionRow* FindObjection(uint32_t number) const { return objections_.Find(number); }
  bool HasObjection(TradeNumber trade) const { return objected_.contains(trade); }
  bool HasObjectionOf(TradeNumber trade, std::string_view participant) const;
  // That was declared and is not resolved. Null: none.
  const DeliveryDefaultRow* OpenDefault(TradeNumber trade) const;
  const DeliveryDefaultRow* FindDefault(TradeNumber trade) const { return defaults_.Find(trade); }
  // The batches on which work is left, by number; those whose difference is not resolved; the defaults that the reserve covers.
  const std::set<uint32_t>& working() const { return working_; }
  const std::set<uint32_t>& blocking() const { return blocking_; }
  const std::set<TradeNumber>& covered() const { return covered_; }

  // Whether this difference of the instrument, in these words, is one that a batch found and somebody explained.
  bool IsExplained(ledger::InstrumentId instrument, std::string_view difference) const;

  // What an Insert would number.
  uint32_t NextBatch() const;
  uint32_t NextObjection() const;
  // These count, index and tell. REQUIRES: the number is the next one; no default of the trade.
  const SettlementBatchRow& Insert(CommandContext& context, SettlementBatchRow row);
  void Insert(CommandContext& context, SettlementObjectionRow row);
  void Insert(CommandContext& context, DeliveryDefaultRow row);
  // The row as it is to be. Key, and of a batch its range, stay. Counts of open objections and defaults are kept here.
  void Put(CommandContext& context, SettlementBatchRow row);
  void Put(CommandContext& context, SettlementObjectionRow row);
  void Put(CommandContext& context, DeliveryDefaultRow row);

  void OnUnitsPosted(ledger::InstrumentId instrument, ledger::AccountNumber from, ledger::AccountNumber to, Quantity quantity) override;

  // CHECKs that counts are what the rows say.
  void CheckInvariants() const;

 private:
  void Index(const SettlementBatchRow& row);
  void Index(const SettlementObjectionRow& row);
  void Index(const DeliveryDefaultRow& row);
  void CountOpen(CommandContext& context, uint32_t batch, int objections, int defaults);

  const ledger::Accounts* accounts_;
  ledger::Counters* counters_;
  songhua::Table<SettlementBatchRow> batches_;
  songhua::Table<SettlementObjectionRow> objections_;
  songhua::Table<DeliveryDefaultRow> defaults_;

  // Rebuilt when rows are loaded.
  std::map<TradeNumber, uint32_t> by_first_trade_;
  std::map<std::pair<ContractNumber, Date>, uint32_t> by_day_;
  std::multimap<TradeNumber, uint32_t> objected_;  // open objections
  std::set<TradeNumber> declared_;                 // open defaults
  std::set<TradeNumber> covered_;
  std::set<uint32_t> working_, blocking_, checking_;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_SETTLEMENT_BATCHES_H_
