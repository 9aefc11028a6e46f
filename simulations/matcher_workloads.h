// The message streams of the matcher bench: five markets, each generated from a fixed seed with integer arithmetic alone, so that every
// machine measures the same messages.
#ifndef SONGHUA_SIMULATIONS_MATCHER_WORKLOADS_H_
#define SONGHUA_SIMULATIONS_MATCHER_WORKLOADS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "exchange/order_book.h"

namespace songhua::simulations {

enum class MatcherMessageKind : uint8_t { kAdd, kCancel, kReplace };

struct MatcherMessage {
  exchange::OrderId id = 0;
  int32_t price = 0;     // kAdd, kReplace
  int32_t quantity = 0;  // kAdd: quantity; kReplace: new open quantity
  uint32_t owner = 0;    // kAdd
  MatcherMessageKind kind = MatcherMessageKind::kAdd;
  exchange::Side side = exchange::Side::kBuy;                         // kAdd
  exchange::TimeInForce time_in_force = exchange::TimeInForce::kDay;  // kAdd
};
static_assert(sizeof(MatcherMessage) == 24);  // small: the stream goes by once and takes the book's place in the caches

// The shares are those of the draws; while fewer orders rest than said, a drawn cancel becomes an add.
enum class MatcherWorkload {
  kNormal,            // 40% add, 40% cancel, 10% replace, 10% crossing around a price that wanders; 50k orders rest
  kPriceSwing,        // the same while the price swings 10% up and down, through old orders; 5k rest
  kCrash,             // the price falls by 40% in a twentieth of the stream under large sells and mass cancels, then recovers; 20k rest
  kDeepStaticLevels,  // ten fixed prices a side, 5k orders at each; cancels anywhere in the queues
  kCancelHeavy,       // nine in ten messages add an order or cancel a young one; 20k rest
};

inline constexpr MatcherWorkload kMatcherWorkloads[] = {MatcherWorkload::kNormal, MatcherWorkload::kPriceSwing, MatcherWorkload::kCrash,
                                                        MatcherWorkload::kDeepStaticLevels, MatcherWorkload::kCancelHeavy};

// "normal", "price-swing", "crash", "deep-static-levels", "cancel-heavy".
std::string_view NameOf(MatcherWorkload workload);

// The first `messages` messages of the workload, from an empty book on. Prices are in ticks of 1 around 8,000 (80.00 at 0.01).
std::vector<MatcherMessage> GenerateMatcherWorkload(MatcherWorkload workload, size_t messages);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_MATCHER_WORKLOADS_H_
