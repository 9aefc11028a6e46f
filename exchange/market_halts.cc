#include "exchange/market_halts.h"

#include "ledger/names.h"
#include "ledger/wire.h"

namespace songhua::exchange {
namespace {

constexpr char kHaltNumbers[] = "halts";

}  // namespace

v1::MarketHalt ToProto(const MarketHaltRow& row, const std::string& contract, const std::string& account) {
  v1::MarketHalt halt;
  halt.set_name(ledger::MakeName("halts", row.number));
  halt.set_contract(contract);
  if (!row.program.empty()) halt.set_program(ledger::MakeName("programs", row.program));
  halt.set_account(account);
  halt.set_side(row.side);
  halt.set_purge(row.purge);
  halt.set_reason(row.reason);
  *halt.mutable_begin_time() = ledger::ToProto(row.begin_time);
  halt.set_begun_by(ledger::MakeName("people", row.begun_by));
  if (row.InForce()) return halt;
  *halt.mutable_end_time() = ledger::ToProto(row.end_time);
  halt.set_ended_by(ledger::MakeName("people", row.ended_by));
  return halt;
}

MarketHalts::MarketHalts(TableSet* tables, ledger::Counters* counters) : counters_(counters), rows_(tables) {
  rows_.OnLoaded([this](MarketHaltRow& row) { Index(row); });
}

MarketHalts::~MarketHalts() = default;

void MarketHalts::Index(const MarketHaltRow& row) {
  if (!row.InForce()) return;
  in_force_.insert(row.number);
  if (row.account != 0) by_account_[row.account].insert(row.number);
}

uint32_t MarketHalts::NextNumber() const { return static_cast<uint32_t>(counters_->Peek(kHaltNumbers)); }

const MarketHaltRow& MarketHalts::Begin(CommandContext& context, MarketHaltRow row) {
  SONGHUA_CHECK(counters_->Next(kHaltNumbers) == row.number && row.InForce());
  const MarketHaltRow& begun = rows_.Insert(std::move(row));
  Index(begun);
  context.events->Emit(EventType::kMarketHaltChanged, begun.number, begun.contract, begun.program, begun.account, true);
  return begun;
}

const MarketHaltRow& MarketHalts::End(CommandContext& context, const MarketHaltRow& row) {
  SONGHUA_CHECK(row.InForce());
  MarketHaltRow& ended = rows_.Edit(row);
  ended.end_time = context.time;
  ended.ended_by = std::string(context.person);
  in_force_.erase(ended.number);
  if (ended.account != 0) {
    const auto of_account = by_account_.find(ended.account);
    of_account->second.erase(ended.number);
    if (of_account->second.empty()) by_account_.erase(of_account);
  }
  context.events->Emit(EventType::kMarketHaltChanged, ended.number, ended.contract, ended.program, ended.account, false);
  return ended;
}

const MarketHaltRow* MarketHalts::OfContract(const ContractRow& contract) const {
  for (const uint32_t number : in_force_) {
    const MarketHaltRow* row = rows_.Find(number);
    if (row->Stops(contract)) return row;
  }
  return nullptr;
}

const MarketHaltRow* MarketHalts::OfAccount(ledger::AccountNumber account, Side side) const {
  if (by_account_.empty()) return nullptr;
  const auto of_account = by_account_.find(account);
  if (of_account == by_account_.end()) return nullptr;
  for (const uint32_t number : of_account->second) {
    const MarketHaltRow* row = rows_.Find(number);
    if (row->Stops(side)) return row;
  }
  return nullptr;
}

}  // namespace songhua::exchange
