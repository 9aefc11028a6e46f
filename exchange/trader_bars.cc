#include "exchange/trader_bars.h"

#include "ledger/calendars.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::exchange {
namespace {

constexpr size_t kLiftingBytesMax = 500;

void Emit(CommandContext& context, const TraderBarRow& row) {
  context.events->Emit(EventType::kTraderBarred, row.trade, row.participant, row.days.last, row.lifted);
}

}  // namespace

TraderBars::TraderBars(TableSet* tables) : rows_(tables) {
  rows_.OnLoaded([this](TraderBarRow& row) { by_participant_[row.participant].push_back(&row); });
}

TraderBars::~TraderBars() = default;

void TraderBars::Bar(CommandContext& context, const std::string& participant, TradeNumber trade, int32_t months) {
  TraderBarRow row;
  row.trade = trade;
  row.participant = participant;
  row.days = {context.today, ledger::Calendars::LastDayOfMonths(context.today, {.months = months})};
  const TraderBarRow& placed = rows_.Insert(std::move(row));
  by_participant_[participant].push_back(&placed);
  Emit(context, placed);
}

absl::StatusOr<v1::TraderBarAnswer> TraderBars::LiftTraderBar(CommandContext& context, const v1::LiftTraderBarRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "traderBars", request.name()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kLiftingBytesMax, "decision"));
  const TraderBarRow* found = rows_.Find(number);
  if (found == nullptr) return NotFound("name", request.name());
  if (!found->HoldsOn(context.today)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule("DR-45")
        .Field("name")
        .Value(request.name())
        .Accepted(found->lifted ? "a bar that holds; this one was lifted by " + found->decision
                                : "a bar that holds; this one ended on " + FormatDate(found->days.last));
  }
  TraderBarRow row = *found;
  row.lifted = true;
  row.decision = request.decision();
  row.lifted_by = context.person;
  row.lift_time = context.time;
  v1::TraderBarAnswer answer;
  *answer.mutable_bar() = ToProto(row);
  if (context.validate_only) return answer;
  rows_.Edit(*found) = row;
  Emit(context, row);
  return answer;
}

const TraderBarRow* TraderBars::InForce(std::string_view participant, Date today) const {
  if (by_participant_.empty()) return nullptr;
  const auto of = by_participant_.find(participant);
  if (of == by_participant_.end()) return nullptr;
  const TraderBarRow* longest = nullptr;
  for (const TraderBarRow* row : of->second) {
    if (row->HoldsOn(today) && (longest == nullptr || row->days.last > longest->days.last)) longest = row;
  }
  return longest;
}

v1::TraderBar ToProto(const TraderBarRow& row) {
  v1::TraderBar bar;
  bar.set_name(ledger::MakeName("traderBars", row.trade));
  bar.set_participant(ledger::MakeName("participants", row.participant));
  bar.set_trade(ledger::MakeName("trades", row.trade));
  bar.set_bar_from(FormatDate(row.days.first));
  bar.set_bar_to(FormatDate(row.days.last));
  bar.set_lifted(row.lifted);
  if (!row.lifted) return bar;
  bar.set_decision(row.decision);
  bar.set_lifted_by(ledger::MakeName("people", row.lifted_by));
  *bar.mutable_lift_time() = ledger::ToProto(row.lift_time);
  return bar;
}

}  // namespace songhua::exchange
