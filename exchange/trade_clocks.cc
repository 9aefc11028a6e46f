#include "exchange/trade_clocks.h"

#include "ledger/check.h"

namespace songhua::exchange {

TradeClocks::TradeClocks(TableSet* tables, const ledger::Calendars* calendars, TradeAlarm* alarm)
    : calendars_(calendars), alarm_(alarm), rows_(tables) {
  rows_.OnLoaded([this](TradeDeadlineRow& row) { Index(row); });
}

TradeClocks::~TradeClocks() = default;

TradeDeadlineRow TradeClocks::Plan(const TradeFields& trade, TradeStage stage, Date event, int32_t workdays) const {
  const ledger::DueDay day = calendars_->Count(event, workdays, v1::WORKDAY);
  TradeDeadlineRow row;
  row.trade = trade.number;
  row.stage = stage;
  row.event = event;
  row.workdays = workdays;
  row.due = day.due;
  row.provisional = day.provisional;
  row.seller = trade.seller;
  row.buyer = trade.buyer;
  row.price = trade.price;
  row.quantity = trade.quantity;
  row.amount = trade.amount;
  return row;
}

void TradeClocks::Start(const TradeFields& trade, TradeStage stage, Date event, int32_t workdays) {
  TradeDeadlineRow row = Plan(trade, stage, event, workdays);
  const TradeDeadlineRow* before = rows_.Find(trade.number);
  if (before != nullptr) Forget(*before);
  TradeDeadlineRow& placed = before == nullptr ? rows_.Insert(row) : rows_.Edit(*before) = row;
  Index(placed);
  if (!placed.provisional) alarm_->WakeForTrades(StartOfDay(placed.due + 1));
}

void TradeClocks::Stop(TradeNumber trade) {
  const TradeDeadlineRow* row = rows_.Find(trade);
  if (row == nullptr) return;
  Forget(*row);
  rows_.Erase(*row);
}

const TradeDeadlineRow* TradeClocks::FirstPassed(Date today) const {
  if (queue_.empty() || queue_.begin()->first >= today) return nullptr;
  return rows_.Find(queue_.begin()->second);
}

void TradeClocks::MarkOverdue(const TradeDeadlineRow& row) {
  SONGHUA_CHECK(row.stage == TradeStage::kPermits && !row.overdue);
  queue_.erase({row.due, row.trade});
  rows_.Edit(row).overdue = true;
}

// What is overdue stays so: the alert was given.
uint32_t TradeClocks::Recount(int32_t year) {
  uint32_t moved = 0;
  for (const TradeNumber trade : all_) {
    const TradeDeadlineRow& row = *rows_.Find(trade);
    if (row.overdue || year < Year(row.event) || year > Year(row.due) + 1) continue;
    const ledger::DueDay now = calendars_->Count(row.event, row.workdays, v1::WORKDAY);
    if (now == ledger::DueDay{row.due, row.provisional}) continue;
    ++moved;
    queue_.erase({row.due, trade});
    TradeDeadlineRow& edited = rows_.Edit(row);
    edited.due = now.due;
    edited.provisional = now.provisional;
    if (now.provisional) continue;
    queue_.emplace(now.due, trade);
    alarm_->WakeForTrades(StartOfDay(now.due + 1));
  }
  return moved;
}

std::vector<const TradeDeadlineRow*> TradeClocks::NotShown(ledger::AccountNumber buyer) const {
  std::vector<const TradeDeadlineRow*> found;
  for (auto at = not_shown_.lower_bound({buyer, 0}); at != not_shown_.end() && at->first == buyer; ++at) found.push_back(rows_.Find(at->second));
  return found;
}

void TradeClocks::Index(const TradeDeadlineRow& row) {
  all_.insert(row.trade);
  if (!row.provisional && !row.overdue) queue_.emplace(row.due, row.trade);
  if (row.stage == TradeStage::kPermits) not_shown_.emplace(row.buyer, row.trade);
}

void TradeClocks::Forget(const TradeDeadlineRow& row) {
  all_.erase(row.trade);
  queue_.erase({row.due, row.trade});
  not_shown_.erase({row.buyer, row.trade});
}

}  // namespace songhua::exchange
