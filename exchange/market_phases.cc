// The market day as it passes: contracts whose rulebook has phases open, change phase and close by themselves, by journaled time.
#include <algorithm>
#include <set>
#include <string_view>

#include "exchange/exchange.h"
#include "exchange/matching.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

// A market day is looked for so many days ahead.
constexpr int32_t kDaysAhead = 366;

}  // namespace

// What is in session by a phase is decided here, for every order, and not by a timer having run. A session takes its terms when it opens, so what was
// remembered holds until the phase ends.
PhaseKind Exchange::PhaseOf(ContractState& state, Timestamp now) {
  if (now >= state.phase.until) state.phase = PhaseAt(*state.row, now);
  return state.phase.kind;
}

bool Exchange::PassPhases(CommandContext& context) {
  SONGHUA_CHECK(!context.validate_only);
  size_t orders_left = kEndedOrdersPerCallMax;
  for (auto& state : states_) {
    if (PassPhase(context, *state, &orders_left)) return true;
  }
  ScheduleNextPhase(context.time);
  return false;
}

// One contract; true: its orders have not all ended, or there is no room for more in this command.
bool Exchange::PassPhase(CommandContext& context, ContractState& state, size_t* orders_left) {
  if (!rulebooks_.HasPhases(state.row->rulebook)) return false;
  const RulebookTerms& terms = state.row->InSession(context.today) ? state.row->terms : rulebooks_.InForce(state.row->rulebook, context.today)->terms;
  if (terms.day.by_hand()) return false;
  const bool in_session = state.row->InSession(context.today);
  const CallRun& call = state.row->call;
  if (in_session && call.Runs() && PhaseOf(state, context.time) != v1::MarketPhase::CALL) {
    if (state.call == nullptr) {
      AbandonCall(context, state);  // no order was taken: no seed was sealed
    } else if (state.row->halts == 0) {
      EndCall(context, state);
    }
  }
  // A session stays open for a last auction that is extended or awaits its seed; not under a halt, which lasts to the close.
  if (in_session && (!terms.day.OverAt(context.time) || (call.Runs() && state.row->halts == 0))) {
    if (!call.Runs() && PhaseOf(state, context.time) == v1::MarketPhase::CALL) BeginCall(context, state);
    RefreshSuspended(context, state);
    TriggerStops(context, state);
    context.events->Emit(EventType::kPhaseChanged, state.row->number, PhaseOf(state, context.time));
    return false;
  }
  if (state.row->open) Close(context, state);
  if (!state.row->open && state.Overdue(context.today) > 0) {
    *orders_left -= EndOrders(context, state, *orders_left, EndReason::kSessionClosed);
    return state.Overdue(context.today) > 0 || *orders_left == 0;
  }
  // What an operator has closed stays closed for the day.
  if (state.row->session_date == context.today || !rulebooks_.IsMarketDay(terms, context.today)) return false;
  if (terms.day.At(context.time).kind == v1::MarketPhase::KIND_UNSPECIFIED) return false;
  absl::StatusOr<ContractRow> row = PlanSession(state, context.time, state.row->code);
  if (row.ok()) {
    Open(context, state, *std::move(row));
  } else if (const std::string reason = GetRefusal(row.status())->reason; reason != state.row->not_opened) {
    contracts_.Edit(*state.row).not_opened = reason;
    EmitSession(context, *state.row);
  }
  return false;
}

void Exchange::WakeForPhases(Timestamp now) {
  if (rulebooks_.HasAnyPhases()) market_alarm_->WakeForPhases(now);
}

void Exchange::ScheduleNextPhase(Timestamp now) {
  const Date today = LocalDate(now);
  std::optional<Timestamp> next;
  const auto wake = [&](std::optional<Timestamp> at) {
    if (at.has_value()) next = next.has_value() ? std::min(*next, *at) : at;
    return at.has_value();
  };
  std::set<std::string_view> looked_at;
  for (const auto& state : states_) {
    const std::string& rulebook = state->row->rulebook;
    if (state->row->InSession(today)) wake(state->row->terms.day.NextChange(now));
    if (state->row->InSession(today) && state->row->call.Runs() && state->row->call.latest_end > now) wake(state->row->call.latest_end);
    if (!rulebooks_.HasPhases(rulebook) || !looked_at.insert(rulebook).second) continue;
    for (int32_t ahead = 0; ahead <= kDaysAhead; ++ahead) {
      const Date day = today + ahead;
      if (next.has_value() && StartOfDay(day) >= *next) break;
      const RulebookTerms& terms = rulebooks_.InForce(rulebook, day)->terms;
      if (!rulebooks_.IsMarketDay(terms, day)) continue;
      const bool begun = ahead > 0 && terms.day.At(StartOfDay(day)).kind != v1::MarketPhase::KIND_UNSPECIFIED;
      if (wake(begun ? StartOfDay(day) : terms.day.NextChange(std::max(now, StartOfDay(day))))) break;
    }
  }
  if (next.has_value()) market_alarm_->WakeForPhases(*next);
}

}  // namespace songhua::exchange
