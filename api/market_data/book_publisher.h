// Published order books: copies built from released events only, so nobody sees a level that a crash could take back (DESIGN.md section 4).
//
// The books start from the state at start and follow each released group. A group that changes a contract's book is one update with the
// next number; watchers get a snapshot, then every update: the levels of their depth that changed, with their new totals (0 orders: the
// level is gone, or out of the depth), the last price, the number. An update that changes nothing within the depth is told without levels,
// so that numbers stay consecutive.
//
// Who was away a moment goes on with the update after the last that he has, as long as all since are remembered at his depth; otherwise he gets a snapshot.
// What is told at a depth is remembered from its first watcher on, and after its last has gone until the update after that one is forgotten: so many bytes and
// updates of one depth, as a stream can take in at once, and so many of all books together (bounds.h), the oldest forgotten first. The numbers of a run of the
// service begin at the sequence at which it starts. A group has at least one sequence and makes at most one update of a book, so no number that an earlier run
// gave lies above that beginning, and none of them can be mistaken for one of this run.
//
// Thread-safe. OnGroup belongs to the commit thread and never waits for a reader: a watcher that falls behind is told so, and closed.
#ifndef SONGHUA_API_MARKET_DATA_BOOK_PUBLISHER_H_
#define SONGHUA_API_MARKET_DATA_BOOK_PUBLISHER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "api/engine/engine.h"
#include "api/reads/read_side.h"
#include "exchange/contracts.h"
#include "exchange/order_book.h"
#include "ledger/legal_time.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::api {

class BookPublisher : public BookSource {
 public:
  // Gets the encoded v1::OrderBook of a snapshot or an update. Called on the commit thread under the publisher's lock: must not block nor
  // call back.
  using Watcher = std::function<void(const std::shared_ptr<const std::string>& book)>;
  using WatchId = uint64_t;

  // Takes the books over from the state and listens to the engine. REQUIRES: nothing was submitted to the engine yet.
  explicit BookPublisher(Engine* engine);

  v1::OrderBook ReadBook(exchange::ContractNumber contract, size_t depth) const override;

  // Calls the watcher with a snapshot at once, or with the updates after the number `after` where they are remembered (0: a snapshot), then with every update.
  // The depth is rounded up to one of 5, 10, 20, 50, 100, 200, 500, 1000. RESOURCE_EXHAUSTED when too many watch.
  absl::StatusOr<WatchId> Watch(exchange::ContractNumber contract, const std::string& contract_name, size_t depth, uint64_t after, Watcher watcher);
  // After it returns the watcher is not called any more.
  void Unwatch(WatchId id);

 private:
  struct Level {
    int64_t quantity = 0;
    int64_t orders = 0;
    friend bool operator==(const Level&, const Level&) = default;
  };
  using Levels = absl::btree_map<int64_t, Level>;  // by price
  using Shown = std::vector<std::pair<int64_t, Level>>;
  using Told = std::shared_ptr<const std::string>;
  // What all watchers of one depth see.
  struct View {
    std::string contract_name;
    Shown bids, asks;  // as last told
    std::map<WatchId, Watcher> watchers;
    std::deque<Told> remembered;  // the last updates, up to the book's newest
    size_t remembered_bytes = 0;
    uint64_t left_at = 0;  // the newest update when its last watcher went
  };
  // One remembered update of all views, which may be forgotten already.
  struct Remembered {
    exchange::ContractNumber contract;
    size_t depth;
    uint64_t number;
  };
  // By price, in the order of time.
  using Posts = std::map<int64_t, std::vector<std::pair<exchange::OrderId, int64_t>>>;
  struct Book {
    Levels bids, asks;
    Level market_bids, market_asks;  // of a call auction: they stand at no price
    Posts bid_posts, ask_posts;      // where orders are posted and picked
    int64_t last_price = 0;
    uint64_t last_trade = 0;  // trades of a contract are numbered in their order
    uint64_t trades = 0;      // how many it has had
    uint64_t updates = 0;     // number of the newest
    // Since the last update.
    bool changed = false;
    std::optional<int64_t> best_touched_bid, best_touched_ask;
    std::vector<v1::TradePrint> prints;
    std::map<size_t, View> views;  // by depth
  };

  void TakeOver(const State& state);
  void OnGroup(const ReleasedGroup& group);
  void Apply(EventType type, std::string_view payload);
  Book& BookOf(exchange::ContractNumber contract);
  static void ChangeLevel(Level& level, int64_t quantity, int32_t orders);
  static void ChangeLevel(Levels& levels, int64_t price, int64_t quantity, int32_t orders);
  static void ChangeMarketOrders(Book& book, exchange::Side side, int64_t quantity, int32_t orders);
  static void ChangePost(Posts& posts, exchange::OrderId order, int64_t price, int64_t open);
  static void AddPosts(exchange::Side side, const Posts& posts, const Shown& shown, google::protobuf::RepeatedPtrField<v1::Post>* out);
  static Shown Best(const Levels& levels, exchange::Side side, size_t depth);
  static void AddChanges(exchange::Side side, const Shown& before, const Shown& after,
                         google::protobuf::RepeatedPtrField<v1::PriceLevel>* out);
  // Brings what a view shows of one side up to date, unless all that changed lies beyond its depth.
  static void Refresh(const Levels& levels, exchange::Side side, std::optional<int64_t> touched, size_t depth, Shown* shown,
                      google::protobuf::RepeatedPtrField<v1::PriceLevel>* changes);
  void FillHead(const Book& book, const std::string& contract_name, v1::OrderBook* out) const;
  void Tell(exchange::ContractNumber contract);
  void ForgetBeyondBounds(exchange::ContractNumber contract);
  static uint64_t FirstRemembered(const Book& book, const View& view) { return book.updates - view.remembered.size() + 1; }
  // The updates after a number, oldest first; nullopt: not all of them are remembered, or it is no number of this run.
  std::optional<std::vector<Told>> After(const Book& book, const View& view, uint64_t number) const;
  void ForgetOldest(View& view);
  // Whether nobody watches it and nobody can go on with it.
  static bool Useless(const Book& book, const View& view);
  void Drop(Book& book, std::map<size_t, View>::iterator view);

  Engine* const engine_;
  mutable std::mutex mutex_;
  uint64_t sequence_ = 0;
  Timestamp time_;
  uint64_t first_number_ = 0;  // of this run: that of a book before its first update
  std::deque<Remembered> told_;   // the oldest first
  size_t remembered_bytes_ = 0;
  std::vector<Book> books_;  // by contract number
  std::vector<exchange::ContractNumber> changed_;
  std::map<WatchId, std::pair<exchange::ContractNumber, size_t>> watches_;
  WatchId last_watch_ = 0;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_MARKET_DATA_BOOK_PUBLISHER_H_
