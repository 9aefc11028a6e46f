// An order book that is followed by its updates: a snapshot, with which it begins anew, then what changed (WatchOrderBook). Makes of each update the whole book
// again.
#ifndef SONGHUA_API_CLI_BOOK_FOLLOWER_H_
#define SONGHUA_API_CLI_BOOK_FOLLOWER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "google/protobuf/message.h"

namespace songhua::api::cli {

class BookFollower {
 public:
  // Takes in a songhua.v1.OrderBook and returns the book as it stands after it: levels without orders are gone, the best prices stand
  // first.
  std::unique_ptr<google::protobuf::Message> Follow(const google::protobuf::Message& update);

 private:
  struct Level {
    int64_t quantity = 0;
    int32_t orders = 0;
  };
  using Levels = std::map<int64_t, Level>;  // by price, the best first: of bids by the negative price
  static void Take(const google::protobuf::Message& update, const char* side, int64_t sign, Levels* levels);
  static void Write(const Levels& levels, const char* side, int64_t sign, google::protobuf::Message* book);

  Levels bids_, asks_;
};

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_BOOK_FOLLOWER_H_
