// The workload `day` (DESIGN.md section 9): of the commands 40% add an order, 40% cancel one, 10% replace one, 10% cross the book; in batches of
// 100, each of one trader.
//
// All traders have orders at rest from the opening on; one in ten trades through the day, so that what he meets belongs to anybody. The price does not
// move: adds rest 1 to 40 ticks from it, crossing orders reach 40 ticks beyond it and are smaller than what rests, so that about as many orders
// come as go. Everything follows from a fixed seed.
#ifndef SONGHUA_SIMULATIONS_DAY_WORKLOAD_H_
#define SONGHUA_SIMULATIONS_DAY_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "api/engine/state_machine.h"
#include "exchange/tick_ladder.h"
#include "simulations/day_market.h"
#include "simulations/random.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::simulations {

inline constexpr int kDayBatchCommands = 100;

// One trader's client: makes his batches and learns from their answers which orders he has.
class DayTrader {
 public:
  // `market` outlives it.
  DayTrader(const DayMarket* market, int trader);

  int trader() const { return trader_; }
  // The next batch of the stream: orders that will rest and nothing else.
  void MakeOpening(int commands, v1::OrderBatch* batch);
  // The next batch of the stream. He cancels and replaces what he believes to be his; `rests`, where given, knows better.
  void MakeBatch(int commands, const std::function<bool(uint64_t order)>& rests, v1::OrderBatch* batch);
  void OnAnswer(const v1::OrderBatch& batch, const v1::OrderBatchAnswer& answer);

 private:
  struct OwnOrder {
    uint64_t number;
    uint32_t contract;
    v1::Side side;
    int64_t price_fen;
    int64_t quantity;
  };

  void Begin(v1::OrderBatch* batch);
  void Add(v1::OrderCommand* command);
  void Cross(v1::OrderCommand* command);
  void Replace(const OwnOrder& order, v1::OrderCommand* command);
  void ChooseContract(v1::OrderCommand* command);
  int64_t RestingPrice(v1::Side side);
  // Takes one of his orders at random out of own_; false: there is none.
  bool TakeOwn(const std::function<bool(uint64_t order)>& rests, OwnOrder* order);

  const DayMarket* market_;
  int trader_;
  Random random_;
  uint64_t batches_ = 0;
  std::vector<OwnOrder> own_;
  absl::flat_hash_map<uint64_t, OwnOrder> replacing_;  // by number: a replacement is not answered yet
};

// The market as it should answer: one book a contract and nothing else. Since it is given the batches in the order in which the engine takes
// them, its answers are the engine's, to the byte.
class DayModel {
 public:
  // The first command it is given will be the engine's `next_sequence`.
  DayModel(const DayMarket& market, uint64_t next_sequence);

  v1::OrderBatchAnswer Run(int trader, const v1::OrderBatch& batch);
  // That the engine gave so many sequences to others.
  void Skip(uint64_t sequences) { next_sequence_ += sequences; }
  bool Rests(uint64_t order) const { return resting_.contains(order); }
  size_t resting() const { return resting_.size(); }

 private:
  struct Resting {
    uint32_t contract;
    int64_t filled;
  };
  class Sink;

  void RunCommand(int trader, const v1::OrderCommand& command, v1::OrderResult* result);

  std::vector<std::unique_ptr<exchange::TickLadder>> books_;  // by contract - 1
  absl::flat_hash_map<uint64_t, Resting> resting_;
  uint64_t next_sequence_;
};

// A batch ready to be submitted, with the answer that it must get.
struct PreparedBatch {
  api::Message message;
  std::string person;
  std::string expected;  // OrderBatchAnswer without its header and without what its refusals say to people
};

// The whole stream, batch after batch. Batches are numbered in each trader's own stream, so they must all be submitted, in order.
class DayStream {
 public:
  // `market` outlives it.
  DayStream(const DayMarket* market, uint64_t next_sequence);

  // Everybody's orders at the opening. Call it once, first.
  std::vector<PreparedBatch> Opening();
  std::vector<PreparedBatch> Next(size_t batches);
  void Skip(uint64_t sequences) { model_.Skip(sequences); }
  size_t resting() const { return model_.resting(); }
  // Traders who would have traded through the day, to go their own way. Call it last. Fewer where there are not so many.
  std::vector<std::unique_ptr<DayTrader>> TakeActiveTraders(int traders);

 private:
  PreparedBatch Prepare(DayTrader* trader, std::unique_ptr<v1::OrderBatch> batch);

  const DayMarket* market_;
  DayModel model_;
  Random random_;
  std::vector<std::unique_ptr<DayTrader>> traders_;
};

// The answer as PreparedBatch::expected has it.
std::string WithoutHeader(const std::string& answer);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_DAY_WORKLOAD_H_
