#include "api/order_batches.h"

#include <limits>
#include <span>
#include <vector>

#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

constexpr size_t kStreamNameBytesMax = 40;

// A day that there is not, and a day without GOOD_TILL_DATE, are told by a day that no rulebook accepts.
Date GoodTill(const v1::OrderCommand& command) {
  if ((command.time_in_force() == v1::GOOD_TILL_DATE) != (command.good_till_date() != 0)) return kLastDate;
  if (command.good_till_date() == 0) return Date{};
  const int32_t date = command.good_till_date();
  return FromCivil(date / 10'000, date / 100 % 100, date % 100).value_or(kLastDate);
}

exchange::OrderEntry FromProto(const v1::OrderCommand& command) {
  exchange::OrderEntry entry;
  entry.kind = static_cast<exchange::OrderKind>(command.kind());
  entry.order = command.order();
  entry.contract = command.contract();
  entry.account = command.account();
  entry.side = static_cast<exchange::Side>(command.side());
  entry.time_in_force = exchange::TimeInForceOf(command.time_in_force());
  entry.post_only = command.post_only();
  entry.type = command.type() == v1::ORDER_TYPE_UNSPECIFIED ? exchange::OrderType::kLimit : static_cast<exchange::OrderType>(command.type());
  entry.price = Price(command.price_fen());
  entry.quantity = Quantity(command.quantity());
  entry.lot = command.lot();
  for (const uint64_t lot : command.lots()) {
    // A 0 among several lots, and `lot` beside them, are told by a lot that there is not.
    const uint64_t named = lot == 0 || command.lot() != 0 ? std::numeric_limits<uint64_t>::max() : lot;
    if (entry.lot == 0) {
      entry.lot = named;
    } else {
      entry.more_lots.push_back(named);
    }
  }
  entry.display = Quantity(command.display_quantity());
  entry.trigger = Price(command.trigger_price_fen());
  entry.good_till = GoodTill(command);
  return entry;
}

// An order is named by its number here, as "orders/{n}" elsewhere.
void SetRefusal(const absl::Status& refused, const exchange::OrderEntry& entry, v1::OrderResult* result) {
  const auto detail = GetRefusal(refused);
  SONGHUA_CHECK(detail.has_value());
  result->set_reason(detail->reason);
  result->set_rule(detail->rule);
  const bool order = detail->field == "chosen_order" || (entry.kind != exchange::OrderKind::kPlace && detail->field == "name");
  result->set_field(order ? "order" : detail->field);
  result->set_value(detail->value);
  result->set_accepted(detail->accepted);
}

}  // namespace

absl::Status ValidateOrderBatch(const v1::OrderBatch& batch) {
  const std::string& stream = batch.stream();
  bool good = !stream.empty() && stream.size() <= kStreamNameBytesMax;
  for (char c : stream) {
    good &= (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
  }
  if (!good) return InvalidField("stream", stream.substr(0, 80), "1 to 40 of [A-Za-z0-9._-]").Rule("GEN-15");
  if (batch.number() == 0) return InvalidField("number", "0", "1, 2, 3 ... within the stream").Rule("GEN-15");
  if (batch.commands().empty() || static_cast<size_t>(batch.commands_size()) > bounds::kBatchCommandsMax) {
    return InvalidField("commands", std::to_string(batch.commands_size()) + " commands",
                        "1 to " + std::to_string(bounds::kBatchCommandsMax) + " commands");
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::OrderBatchAnswer> RunOrderBatch(State& state, CommandContext& context, const v1::OrderBatch& batch) {
  SONGHUA_RETURN_IF_ERROR(ValidateOrderBatch(batch));
  v1::OrderBatchAnswer answer;
  answer.set_stream(batch.stream());
  answer.set_number(batch.number());
  answer.mutable_results()->Reserve(batch.commands_size());
  std::vector<exchange::OrderEntry> entries;
  entries.reserve(batch.commands_size());
  for (const v1::OrderCommand& command : batch.commands()) entries.push_back(FromProto(command));
  CommandContext each = context;
  for (size_t i = 0; i < entries.size(); ++i) {
    state.exchange.Prefetch(each.sequence + 1, std::span(entries).subspan(i + 1));
    const exchange::OrderOutcome outcome = state.exchange.Execute(each, entries[i]);
    v1::OrderResult* result = answer.add_results();
    result->set_order(outcome.order);
    if (outcome.refusal != exchange::OrderRefusal::kNone) {
      SetRefusal(state.exchange.Explain(each, entries[i], outcome.refusal), entries[i], result);
    }
    result->set_filled_quantity(outcome.filled.value());
    result->set_open_quantity(outcome.open.value());
    ++each.sequence;
  }
  return answer;
}

}  // namespace songhua::api
