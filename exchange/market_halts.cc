#include "exchange/market_halts.h"

#include "ledger/names.h"
#include "ledger/wire.h"

namespace songhua::exchange {
namespace {

constexpr char kHaltNumbers[] = "halts";

template <class Party>
void ForgetHalt(std::map<Party, std::set<uint32_t>>* halts, Party party, uint32_t number) {
  const auto of_party = halts->find(party);
  of_party->second.erase(number);
  if (of_party->second.empty()) halts->erase(of_party);
}

void EmitHalt(CommandContext& context, const MarketHaltRow& row) {
  context.events->Emit(EventType::kMarketHaltChanged, row.number, row.contract, row.program, row.account, row.participant, row.InForce());
}

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
  if (!row.participant.empty()) halt.set_participant(ledger::MakeName("participants", row.participant));
  halt.set_cash_out(row.cash_out);
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
  if (row.group != 0) by_group_[row.group].insert(row.number);
}

uint32_t MarketHalts::NextNumber() const { return static_cast<uint32_t>(counters_->Peek(kHaltNumbers)); }

const MarketHaltRow& MarketHalts::Begin(CommandContext& context, MarketHaltRow row) {
  SONGHUA_CHECK(counters_->Next(kHaltNumbers) == row.number && row.InForce());
  const MarketHaltRow& begun = rows_.Insert(std::move(row));
  Index(begun);
  EmitHalt(context, begun);
  return begun;
}

const MarketHaltRow& MarketHalts::End(CommandContext& context, const MarketHaltRow& row) {
  SONGHUA_CHECK(row.InForce());
  MarketHaltRow& ended = rows_.Edit(row);
  ended.end_time = context.time;
  ended.ended_by = std::string(context.person);
  in_force_.erase(ended.number);
  if (ended.account != 0) ForgetHalt(&by_account_, ended.account, ended.number);
  if (ended.group != 0) ForgetHalt(&by_group_, ended.group, ended.number);
  EmitHalt(context, ended);
  return ended;
}

const MarketHaltRow* MarketHalts::OfContract(const ContractRow& contract) const {
  for (const uint32_t number : in_force_) {
    const MarketHaltRow* row = rows_.Find(number);
    if (row->Stops(contract)) return row;
  }
  return nullptr;
}

template <class Party>
const MarketHaltRow* MarketHalts::Oldest(const std::map<Party, Numbers>& halts, Party party, Side side) const {
  if (halts.empty()) return nullptr;
  const auto of_party = halts.find(party);
  if (of_party == halts.end()) return nullptr;
  for (const uint32_t number : of_party->second) {
    const MarketHaltRow* row = rows_.Find(number);
    if (row->Stops(side)) return row;
  }
  return nullptr;
}

const MarketHaltRow* MarketHalts::OfAccount(ledger::AccountNumber account, ledger::ParticipantNumber group, Side side) const {
  const MarketHaltRow* own = Oldest(by_account_, account, side);
  const MarketHaltRow* of_group = Oldest(by_group_, group, side);
  if (own == nullptr || of_group == nullptr) return own == nullptr ? of_group : own;
  return own->number < of_group->number ? own : of_group;
}

}  // namespace songhua::exchange
