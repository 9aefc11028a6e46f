#include "ledger/holdings.h"

#include <algorithm>
#include <limits>

#include "ledger/names.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

constexpr __int128 kBps = 10'000;

Quantity Bounded(__int128 value) {
  return Quantity(static_cast<int64_t>(std::clamp<__int128>(value, 0, std::numeric_limits<int64_t>::max())));
}

}  // namespace

Holdings::Holdings(TableSet* tables, const Participants* participants, const Accounts* accounts, const Programs* programs)
    : participants_(participants), accounts_(accounts), programs_(programs), large_holders_(tables) {
  large_holders_.OnLoaded([this](LargeHolderRow& row) { In(*Of(row.program), row.group).report = &row; });
}

Holdings::~Holdings() = default;

ProgramHoldings* Holdings::Of(const std::string& program) {
  const ProgramRow* row = programs_->Find(program);
  if (row == nullptr || row->form != v1::SERIAL) return nullptr;
  std::unique_ptr<ProgramHoldings>& of = by_program_[program];
  if (of == nullptr) of = std::make_unique<ProgramHoldings>(ProgramHoldings{.program = row, .groups = {}});
  return of.get();
}

ProgramHoldings* Holdings::OfInstrument(InstrumentId instrument) {
  if (instrument >= instruments_.size()) instruments_.resize(instrument + 1);
  Instrument& entry = instruments_[instrument];
  if (!entry.known) {
    const InstrumentRow& row = *programs_->FindInstrument(instrument);
    entry = {.known = true, .of = Of(programs_->FindClass(row.instrument_class)->program)};
  }
  return entry.of;
}

ParticipantNumber Holdings::GroupOf(AccountNumber account) {
  if (account >= groups_.size()) groups_.resize(account + 1);
  Account& entry = groups_[account];
  if (!entry.known) {
    const AccountRow& row = *accounts_->Find(account);
    entry = {.known = true, .group = row.participant.empty() ? 0 : participants_->FindParticipant(row.participant)->group};
  }
  return entry.group;
}

GroupHolding& Holdings::In(ProgramHoldings& of, ParticipantNumber group) {
  if (group >= of.groups.size()) of.groups.resize(group + 1);
  return of.groups[group];
}

void Holdings::CountMove(CommandContext& context, InstrumentId instrument, AccountNumber from, AccountNumber to, Quantity quantity) {
  ProgramHoldings* of = OfInstrument(instrument);
  if (of == nullptr) return;
  const ParticipantNumber giver = GroupOf(from), taker = GroupOf(to);
  if (giver == taker) return;
  if (giver != 0) {
    In(*of, giver).held -= quantity.value();
    Watch(context, *of, giver);
  }
  if (taker != 0) {
    In(*of, taker).held += quantity.value();
    WatchLimit(context, *of, taker);
  }
}

void Holdings::CountLoaded(InstrumentId instrument, AccountNumber account, Quantity quantity) {
  ProgramHoldings* of = OfInstrument(instrument);
  if (of == nullptr) return;
  if (const ParticipantNumber group = GroupOf(account); group != 0) In(*of, group).held += quantity.value();
}

void Holdings::CountBuying(CommandContext* context, ProgramHoldings& of, AccountNumber account, Quantity change) {
  const ParticipantNumber group = GroupOf(account);
  In(of, group).buying += change.value();
  if (context != nullptr) Watch(*context, of, group);
}

// A figure that is corrected may have named another program before.
void Holdings::CountEmissions(CommandContext* context, const AccountRow& account, const std::string& program, int32_t year, Quantity emissions) {
  Emissions& latest = emissions_[account.number];
  if (year < latest.year) return;
  const ParticipantNumber group = GroupOf(account.number);
  ProgramHoldings* before = latest.year == 0 ? nullptr : Of(latest.program);
  if (before != nullptr) {
    In(*before, group).emissions -= latest.quantity.value();
    --In(*before, group).emitters;
  }
  latest = {.year = year, .quantity = emissions, .program = program};
  ProgramHoldings* now = Of(program);
  if (now != nullptr) {
    In(*now, group).emissions += emissions.value();
    ++In(*now, group).emitters;
  }
  if (context == nullptr) return;
  if (before != nullptr && before != now) WatchLimit(*context, *before, group);
  if (now != nullptr) WatchLimit(*context, *now, group);
}

void Holdings::CountAgain(CommandContext& context, const std::string& program) {
  ProgramHoldings* of = Of(program);
  if (of == nullptr) return;
  for (ParticipantNumber group = 1; group < of->groups.size(); ++group) WatchLimit(context, *of, group);
}

Quantity Holdings::LimitOf(const ProgramHoldings& of, ParticipantNumber group) const {
  const HoldingLimitRow& limit = of.program->holding_limit;
  const GroupHolding holding = HoldingOf(of, group);
  if (holding.emitters == 0) return limit.others;
  return Bounded(holding.emissions * limit.key_unit_emissions_bps / kBps + limit.key_unit_allowance.value());
}

Quantity Holdings::RoomOf(const ProgramHoldings& of, ParticipantNumber group) const {
  if (!of.program->holding_limit.in_force()) return Quantity(std::numeric_limits<int64_t>::max());
  return Bounded(LimitOf(of, group).value() - HoldingOf(of, group).total());
}

bool Holdings::IsLarge(const ProgramHoldings& of, ParticipantNumber group) const {
  const HoldingLimitRow& limit = of.program->holding_limit;
  const __int128 total = HoldingOf(of, group).total();
  return limit.in_force() && total > 0 && total * kBps >= static_cast<__int128>(LimitOf(of, group).value()) * limit.report_bps;
}

void Holdings::Watch(CommandContext& context, ProgramHoldings& of, ParticipantNumber group) {
  GroupHolding& holding = of.groups[group];
  const bool large = IsLarge(of, group);
  if (!large && (holding.report == nullptr || !holding.report->large)) return;
  if (holding.report == nullptr) {
    LargeHolderRow row;
    row.program = of.program->code;
    row.group = group;
    row.participant = participants_->FindParticipant(group)->id;
    holding.report = &large_holders_.Insert(std::move(row));
  }
  LargeHolderRow& row = large_holders_.Edit(*holding.report);
  if (large) {
    row.held = Bounded(holding.held);
    row.buying = Bounded(holding.buying);
    row.limit = LimitOf(of, group);
  }
  if (large == row.large) return;
  row.large = large;
  (large ? row.reach_time : row.fall_time) = context.time;
  if (large) ++row.times;
  context.events->Emit(EventType::kLargeHolderChanged, row.program, row.participant, row.large, row.held, row.buying, row.limit);
}

void Holdings::WatchLimit(CommandContext& context, ProgramHoldings& of, ParticipantNumber group) {
  Watch(context, of, group);
  const GroupHolding& holding = of.groups[group];
  if (holding.buying == 0 || !of.program->holding_limit.in_force()) return;
  if (holding.total() > LimitOf(of, group).value()) breaches_.emplace(of.program->code, group);
}

std::string Holdings::Text(const ProgramHoldings& of, ParticipantNumber group) const {
  const GroupHolding holding = HoldingOf(of, group);
  return "the limit of the entity group of " + MakeName("participants", participants_->FindParticipant(group)->id) + " is " +
         std::to_string(LimitOf(of, group).value()) + ", of which it holds " + std::to_string(Bounded(holding.held).value()) + " and is buying " +
         std::to_string(Bounded(holding.buying).value());
}

v1::LargeHolder ToProto(const LargeHolderRow& row) {
  v1::LargeHolder holder;
  holder.set_program(MakeName("programs", row.program));
  holder.set_participant(MakeName("participants", row.participant));
  holder.set_large(row.large);
  holder.set_held(row.held.value());
  holder.set_buying(row.buying.value());
  holder.set_limit(row.limit.value());
  *holder.mutable_reach_time() = ToProto(row.reach_time);
  if (row.fall_time != Timestamp()) *holder.mutable_fall_time() = ToProto(row.fall_time);
  holder.set_times(static_cast<int32_t>(row.times));
  return holder;
}

}  // namespace songhua::ledger
