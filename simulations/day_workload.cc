#include "simulations/day_workload.h"

#include <algorithm>
#include <utility>

#include "api/engine/message.h"
#include "exchange/order_refusal.h"
#include "ledger/check.h"

namespace songhua::simulations {
namespace {

constexpr uint64_t kSeed = 20260105;
constexpr char kStreamName[] = "day";
constexpr int kActiveTraders = 10;           // one in so many trades through the day
constexpr int kOpeningOrders = 4;            // of each trader ...
constexpr int kOpeningOrdersOfActive = 70;   // ... and of those who trade through the day
constexpr size_t kOwnOrdersMin = 20;         // with fewer a drawn cancel becomes an add
constexpr int64_t kLevels = 40;              // on either side of the price
constexpr int64_t kRestingQuantityMin = 10, kRestingQuantityMax = 100;
constexpr int64_t kCrossingQuantityMax = 30;

exchange::Side ToSide(v1::Side side) { return static_cast<exchange::Side>(side); }

}  // namespace

// ---- The trader ----

DayTrader::DayTrader(const DayMarket* market, int trader)
    : market_(market), trader_(trader), random_(kSeed ^ static_cast<uint64_t>(trader + 1) * 0x9E3779B97F4A7C15u) {}

void DayTrader::Begin(v1::OrderBatch* batch) {
  batch->set_stream(kStreamName);
  batch->set_number(++batches_);
}

void DayTrader::MakeOpening(int commands, v1::OrderBatch* batch) {
  Begin(batch);
  batch->mutable_commands()->Reserve(commands);
  for (int i = 0; i < commands; ++i) Add(batch->add_commands());
}

void DayTrader::MakeBatch(int commands, const std::function<bool(uint64_t order)>& rests, v1::OrderBatch* batch) {
  Begin(batch);
  batch->mutable_commands()->Reserve(commands);
  for (int i = 0; i < commands; ++i) {
    v1::OrderCommand* command = batch->add_commands();
    const uint64_t roll = random_.Below(100);
    OwnOrder order;
    if (roll < 40) {
      Add(command);
    } else if (roll < 80) {
      if (own_.size() >= kOwnOrdersMin && TakeOwn(rests, &order)) {
        command->set_kind(v1::OrderCommand::CANCEL);
        command->set_order(order.number);
      } else {
        Add(command);
      }
    } else if (roll < 90) {
      if (TakeOwn(rests, &order)) {
        Replace(order, command);
      } else {
        Add(command);
      }
    } else {
      Cross(command);
    }
  }
}

bool DayTrader::TakeOwn(const std::function<bool(uint64_t order)>& rests, OwnOrder* order) {
  while (!own_.empty()) {
    OwnOrder& chosen = own_[random_.Below(own_.size())];
    *order = chosen;
    chosen = own_.back();
    own_.pop_back();
    if (!rests || rests(order->number)) return true;
  }
  return false;
}

// He sells units of the vintage that he was issued, and buys any.
void DayTrader::ChooseContract(v1::OrderCommand* command) {
  command->set_kind(v1::OrderCommand::PLACE);
  command->set_side(random_.Below(2) == 0 ? v1::BUY : v1::SELL);
  command->set_account(market_->accounts[trader_]);
  auto contract = static_cast<uint32_t>(1 + random_.Below(market_->contracts));
  if (command->side() == v1::SELL && DayMarket::VintageOfContract(contract) != DayMarket::VintageOfTrader(trader_)) {
    contract = contract == 1 ? 2 : contract - 1;
  }
  command->set_contract(contract);
}

int64_t DayTrader::RestingPrice(v1::Side side) {
  const int64_t distance = random_.Between(1, kLevels) * DayMarket::kTickFen;
  return DayMarket::kReferencePriceFen + (side == v1::BUY ? -distance : distance);
}

void DayTrader::Add(v1::OrderCommand* command) {
  ChooseContract(command);
  command->set_price_fen(RestingPrice(command->side()));
  command->set_quantity(random_.Between(kRestingQuantityMin, kRestingQuantityMax));
}

void DayTrader::Cross(v1::OrderCommand* command) {
  ChooseContract(command);
  const int64_t reach = kLevels * DayMarket::kTickFen;
  command->set_price_fen(DayMarket::kReferencePriceFen + (command->side() == v1::BUY ? reach : -reach));
  command->set_quantity(random_.Between(1, kCrossingQuantityMax));
  if (random_.Below(2) == 0) command->set_time_in_force(v1::IMMEDIATE_OR_CANCEL);
}

// Half of the replacements shrink an order and keep its place, half move it.
void DayTrader::Replace(const OwnOrder& order, v1::OrderCommand* command) {
  command->set_kind(v1::OrderCommand::REPLACE);
  command->set_order(order.number);
  if (random_.Below(2) == 0) {
    command->set_price_fen(order.price_fen);
    command->set_quantity((order.quantity + 1) / 2);
  } else {
    command->set_price_fen(RestingPrice(order.side));
    command->set_quantity(random_.Between(kRestingQuantityMin, kRestingQuantityMax));
  }
  replacing_[order.number] = order;
}

void DayTrader::OnAnswer(const v1::OrderBatch& batch, const v1::OrderBatchAnswer& answer) {
  SONGHUA_CHECK(answer.results_size() == batch.commands_size());
  for (int i = 0; i < batch.commands_size(); ++i) {
    const v1::OrderCommand& command = batch.commands(i);
    const v1::OrderResult& result = answer.results(i);
    if (command.kind() == v1::OrderCommand::PLACE) {
      if (result.open_quantity() > 0) {
        own_.push_back({result.order(), command.contract(), command.side(), command.price_fen(), result.open_quantity()});
      }
      continue;
    }
    if (command.kind() != v1::OrderCommand::REPLACE) continue;
    auto it = replacing_.find(command.order());
    SONGHUA_CHECK(it != replacing_.end());
    OwnOrder order = it->second;
    replacing_.erase(it);
    if (result.open_quantity() > 0) {
      order.price_fen = command.price_fen();
      order.quantity = result.open_quantity();
      own_.push_back(order);
    } else if (result.reason() == exchange::Info(exchange::OrderRefusal::kSelfTrade).reason) {
      own_.push_back(order);  // it rests as it did
    }
  }
}

// ---- The model ----

// Counts what one command fills, and forgets orders that are filled or gone.
class DayModel::Sink final : public exchange::EventSink {
 public:
  explicit Sink(DayModel* model) : model_(model) {}

  void OnAccepted(const exchange::Accepted& event) override { open = event.quantity; }
  void OnFill(const exchange::Fill& event) override {
    filled += event.quantity;
    open = event.taker_open;
    auto maker = model_->resting_.find(event.maker_id);
    maker->second.filled += event.quantity;
    if (event.maker_open == 0) model_->resting_.erase(maker);
  }
  void OnCanceled(const exchange::Canceled&) override { open = 0; }
  void OnReplaced(const exchange::Replaced& event) override { open = event.open_quantity; }
  void OnRejected(const exchange::Rejected&) override {}

  int64_t filled = 0;
  int64_t open = 0;

 private:
  DayModel* model_;
};

DayModel::DayModel(const DayMarket& market, uint64_t next_sequence) : next_sequence_(next_sequence) {
  for (int i = 0; i < market.contracts; ++i) {
    books_.push_back(std::make_unique<exchange::TickLadder>(exchange::BookOptions{.tick = DayMarket::kTickFen}));
  }
}

v1::OrderBatchAnswer DayModel::Run(int trader, const v1::OrderBatch& batch) {
  v1::OrderBatchAnswer answer;
  answer.set_stream(batch.stream());
  answer.set_number(batch.number());
  answer.mutable_results()->Reserve(batch.commands_size());
  for (const v1::OrderCommand& command : batch.commands()) {
    RunCommand(trader, command, answer.add_results());
    ++next_sequence_;
  }
  return answer;
}

void DayModel::RunCommand(int trader, const v1::OrderCommand& command, v1::OrderResult* result) {
  Sink sink(this);
  const auto refuse = [&](exchange::OrderRefusal refusal) {
    result->set_reason(std::string(exchange::Info(refusal).reason));
    result->set_rule(std::string(exchange::Info(refusal).rule));
  };
  if (command.kind() == v1::OrderCommand::PLACE) {
    const exchange::BookReject reject = books_[command.contract() - 1]->Add(
        {.id = next_sequence_,
         .side = ToSide(command.side()),
         .price = command.price_fen(),
         .quantity = command.quantity(),
         .time_in_force = command.time_in_force() == v1::IMMEDIATE_OR_CANCEL ? exchange::TimeInForce::kImmediateOrCancel
                                                                             : exchange::TimeInForce::kDay,
         .owner = static_cast<uint64_t>(trader) + 1},
        sink);
    if (reject != exchange::BookReject::kNone) {
      SONGHUA_CHECK(reject == exchange::BookReject::kSelfTrade);
      return refuse(exchange::OrderRefusal::kSelfTrade);
    }
    if (sink.open > 0) resting_[next_sequence_] = {command.contract(), sink.filled};
    result->set_order(next_sequence_);
    result->set_filled_quantity(sink.filled);
    result->set_open_quantity(sink.open);
    return;
  }
  const auto found = resting_.find(command.order());
  if (found == resting_.end()) return refuse(exchange::OrderRefusal::kUnknownOrder);
  const Resting order = found->second;
  exchange::TickLadder& book = *books_[order.contract - 1];
  if (command.kind() == v1::OrderCommand::CANCEL) {
    SONGHUA_CHECK(book.Cancel(command.order(), sink) == exchange::BookReject::kNone);
    resting_.erase(found);
  } else {
    const exchange::BookReject reject = book.Replace(command.order(), command.price_fen(), command.quantity(), sink);
    if (reject != exchange::BookReject::kNone) {
      SONGHUA_CHECK(reject == exchange::BookReject::kSelfTrade);
      return refuse(exchange::OrderRefusal::kSelfTrade);
    }
    if (sink.open > 0) {
      resting_[command.order()].filled += sink.filled;
    } else {
      resting_.erase(command.order());
    }
  }
  result->set_order(command.order());
  result->set_filled_quantity(order.filled + sink.filled);
  result->set_open_quantity(sink.open);
}

// ---- The stream ----

DayStream::DayStream(const DayMarket* market, uint64_t next_sequence) : market_(market), model_(*market, next_sequence), random_(kSeed) {
  for (size_t trader = 0; trader < market->accounts.size(); ++trader) {
    traders_.push_back(std::make_unique<DayTrader>(market, static_cast<int>(trader)));
  }
}

PreparedBatch DayStream::Prepare(DayTrader* trader, std::unique_ptr<v1::OrderBatch> batch) {
  PreparedBatch prepared;
  const v1::OrderBatchAnswer answer = model_.Run(trader->trader(), *batch);
  trader->OnAnswer(*batch, answer);
  prepared.expected = answer.SerializeAsString();
  prepared.person = DayTraderId(trader->trader());
  auto message = api::MakeMessage(*api::FindMethod("songhua.v1.Exchange/SubmitOrders"), std::move(batch), DayTraderTokenSha256(trader->trader()));
  SONGHUA_CHECK(message.ok());
  prepared.message = *std::move(message);
  return prepared;
}

std::vector<PreparedBatch> DayStream::Opening() {
  std::vector<PreparedBatch> batches;
  batches.reserve(traders_.size());
  for (const auto& trader : traders_) {
    auto batch = std::make_unique<v1::OrderBatch>();
    trader->MakeOpening(trader->trader() % kActiveTraders == 0 ? kOpeningOrdersOfActive : kOpeningOrders, batch.get());
    batches.push_back(Prepare(trader.get(), std::move(batch)));
  }
  return batches;
}

std::vector<PreparedBatch> DayStream::Next(size_t batches) {
  const auto rests = [this](uint64_t order) { return model_.Rests(order); };
  const size_t active = (traders_.size() + kActiveTraders - 1) / kActiveTraders;
  std::vector<PreparedBatch> next;
  next.reserve(batches);
  for (size_t i = 0; i < batches; ++i) {
    DayTrader& trader = *traders_[random_.Below(active) * kActiveTraders];
    auto batch = std::make_unique<v1::OrderBatch>();
    trader.MakeBatch(kDayBatchCommands, rests, batch.get());
    next.push_back(Prepare(&trader, std::move(batch)));
  }
  return next;
}

std::vector<std::unique_ptr<DayTrader>> DayStream::TakeActiveTraders(int traders) {
  std::vector<std::unique_ptr<DayTrader>> taken;
  for (size_t i = 0; i < traders_.size() && taken.size() < static_cast<size_t>(traders); i += kActiveTraders) taken.push_back(std::move(traders_[i]));
  return taken;
}

std::string WithoutHeader(const std::string& answer) {
  v1::OrderBatchAnswer parsed;
  SONGHUA_CHECK(parsed.ParseFromString(answer));
  parsed.clear_header();
  // What a refusal says beyond its reason and rule is for people.
  for (v1::OrderResult& result : *parsed.mutable_results()) {
    result.clear_field();
    result.clear_value();
    result.clear_accepted();
  }
  return parsed.SerializeAsString();
}

}  // namespace songhua::simulations
