#include "api/market_data/book_publisher.h"

#include <algorithm>

#include "api/engine/state.h"
#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::api {

using exchange::ContractNumber;
using exchange::Side;

namespace {

// Few depths, so that the work of an update does not grow with the number of watchers.
constexpr int kPostsMax = 1'000;  // of each side, in one answer
constexpr size_t kWatchDepths[] = {5, 10, 20, 50, 100, 200, 500, 1'000};

}  // namespace

BookPublisher::BookPublisher(Engine* engine) : engine_(engine) {
  TakeOver(engine->state_at_start());
  engine->AddListener([this](const ReleasedGroup& group) { OnGroup(group); });
}

void BookPublisher::TakeOver(const State& state) {
  sequence_ = state.engine().last_sequence;
  first_number_ = sequence_;
  time_ = state.engine().last_time;
  for (ContractNumber number = 1; number <= state.exchange.contract_count(); ++number) {
    const exchange::ContractRow& contract = *state.exchange.FindContract(number);
    Book& book = BookOf(number);
    book.last_price = contract.last_price.value();
    book.last_trade = exchange::FirstTradeOf(number) + contract.trades;
    book.trades = contract.trades;
    for (const Side side : {Side::kBuy, Side::kSell}) {
      Levels& levels = side == Side::kBuy ? book.bids : book.asks;
      Posts& posts = side == Side::kBuy ? book.bid_posts : book.ask_posts;
      state.exchange.ForEachResting(number, side, [&](const exchange::RestingOrder& order) {
        if (order.market) return ChangeMarketOrders(book, side, order.open_quantity, 1);
        ChangeLevel(levels, order.price, order.open_quantity - order.hidden, 1);
        if (contract.terms.post_and_pick()) ChangePost(posts, order.id, order.price, order.open_quantity);
      });
    }
  }
}

BookPublisher::Book& BookPublisher::BookOf(ContractNumber contract) {
  while (contract >= books_.size()) books_.emplace_back().updates = first_number_;
  return books_[contract];
}

void BookPublisher::ChangeLevel(Level& level, int64_t quantity, int32_t orders) {
  level.quantity += quantity;
  level.orders += orders;
  SONGHUA_CHECK(level.quantity >= 0 && level.orders >= 0);
}

void BookPublisher::ChangeLevel(Levels& levels, int64_t price, int64_t quantity, int32_t orders) {
  const auto it = levels.try_emplace(price).first;
  ChangeLevel(it->second, quantity, orders);
  if (it->second.orders == 0) levels.erase(it);
}

void BookPublisher::ChangeMarketOrders(Book& book, Side side, int64_t quantity, int32_t orders) {
  ChangeLevel(side == Side::kBuy ? book.market_bids : book.market_asks, quantity, orders);
}

void BookPublisher::ChangePost(Posts& posts, exchange::OrderId order, int64_t price, int64_t open) {
  auto& level = posts[price];
  const auto known = std::find_if(level.begin(), level.end(), [&](const auto& post) { return post.first == order; });
  if (open == 0) {
    if (known != level.end()) level.erase(known);
    if (level.empty()) posts.erase(price);
  } else if (known != level.end()) {
    known->second = open;
  } else {
    level.emplace_back(order, open);
  }
}

void BookPublisher::AddPosts(Side side, const Posts& posts, const Shown& shown, google::protobuf::RepeatedPtrField<v1::Post>* out) {
  int added = 0;
  for (const auto& [price, level] : shown) {
    const auto at = posts.find(price);
    if (at == posts.end()) continue;
    for (const auto& [order, open] : at->second) {
      if (++added > kPostsMax) return;
      v1::Post* post = out->Add();
      post->set_order(ledger::MakeName("orders", order));
      post->set_side(exchange::ToProto(side));
      post->set_price_fen(price);
      post->set_quantity(open);
    }
  }
}

void BookPublisher::OnGroup(const ReleasedGroup& group) {
  const std::lock_guard<std::mutex> lock(mutex_);
  EventReader reader(group.events);
  EventType type;
  std::string_view payload;
  while (reader.Next(&type, &payload)) Apply(type, payload);
  sequence_ = group.last_sequence;
  time_ = group.time;
  for (const ContractNumber contract : changed_) Tell(contract);
  changed_.clear();
}

void BookPublisher::Apply(EventType type, std::string_view payload) {
  Decoder decoder(payload);
  ContractNumber contract = 0;
  if (type == EventType::kBookChanged) {
    Side side{};
    int64_t price = 0, quantity = 0;
    int32_t orders = 0;
    decoder(contract, side, price, quantity, orders);
    SONGHUA_CHECK(decoder.done());
    Book& book = BookOf(contract);
    if (price == 0) {
      ChangeMarketOrders(book, side, quantity, orders);
    } else if (side == Side::kBuy) {
      ChangeLevel(book.bids, price, quantity, orders);
      book.best_touched_bid = std::max(book.best_touched_bid.value_or(price), price);
    } else {
      ChangeLevel(book.asks, price, quantity, orders);
      book.best_touched_ask = std::min(book.best_touched_ask.value_or(price), price);
    }
  } else if (type == EventType::kPostChanged) {
    exchange::OrderId order = 0;
    Side side{};
    int64_t price = 0, open = 0;
    decoder(contract, order, side, price, open);
    SONGHUA_CHECK(decoder.done());
    Book& book = BookOf(contract);
    ChangePost(side == Side::kBuy ? book.bid_posts : book.ask_posts, order, price, open);
    return;
  } else if (type == EventType::kTradeChanged) {
    uint64_t trade = 0;
    uint8_t state = 0;
    int64_t price = 0, quantity = 0, amount = 0;
    ledger::AccountNumber seller = 0, buyer = 0;  // the parties' affair
    uint8_t form = 0;
    decoder(trade, state, contract, price, quantity, amount, seller, buyer, form);
    SONGHUA_CHECK(decoder.done());
    Book& book = BookOf(contract);
    if (trade <= book.last_trade) return;  // an old trade has moved on
    book.last_trade = trade;
    if (form == v1::Trade::BLOCK) return;  // told when the session is closed (CAR-29)
    if (form == v1::Trade::LISTED) book.last_price = price;
    v1::TradePrint& print = book.prints.emplace_back();
    book.trades = trade - exchange::FirstTradeOf(contract);
    print.set_number(book.trades);
    print.set_price_fen(price);
    print.set_quantity(quantity);
    print.set_form(static_cast<v1::Trade::Form>(form));
  } else {
    return;
  }
  Book& book = books_[contract];
  if (!book.changed) changed_.push_back(contract);
  book.changed = true;
}

BookPublisher::Shown BookPublisher::Best(const Levels& levels, Side side, size_t depth) {
  Shown best;
  best.reserve(std::min(depth, levels.size()));
  if (side == Side::kBuy) {
    for (auto it = levels.rbegin(); it != levels.rend() && best.size() < depth; ++it) best.emplace_back(it->first, it->second);
  } else {
    for (auto it = levels.begin(); it != levels.end() && best.size() < depth; ++it) best.emplace_back(it->first, it->second);
  }
  return best;
}

// Both lists run from the best price to the worst, so one walk of both finds what differs.
void BookPublisher::AddChanges(Side side, const Shown& before, const Shown& after,
                               google::protobuf::RepeatedPtrField<v1::PriceLevel>* out) {
  const auto better = [&](int64_t a, int64_t b) { return side == Side::kBuy ? a > b : a < b; };
  const auto add = [&](int64_t price, const Level& level) {
    v1::PriceLevel* added = out->Add();
    added->set_price_fen(price);
    added->set_quantity(level.quantity);
    added->set_orders(static_cast<int32_t>(level.orders));
  };
  auto old = before.begin();
  for (const auto& [price, level] : after) {
    for (; old != before.end() && better(old->first, price); ++old) add(old->first, Level());
    const bool known = old != before.end() && old->first == price;
    if (!known || old->second != level) add(price, level);
    if (known) ++old;
  }
  for (; old != before.end(); ++old) add(old->first, Level());
}

void BookPublisher::FillHead(const Book& book, const std::string& contract_name, v1::OrderBook* out) const {
  out->mutable_header()->set_sequence(sequence_);
  *out->mutable_header()->mutable_time() = ledger::ToProto(time_);
  out->set_contract(contract_name);
  out->set_last_price_fen(book.last_price);
  out->set_update_number(book.updates);
  out->set_trades(book.trades);
  out->set_market_bid_quantity(book.market_bids.quantity);
  out->set_market_ask_quantity(book.market_asks.quantity);
}

void BookPublisher::Refresh(const Levels& levels, Side side, std::optional<int64_t> touched, size_t depth, Shown* shown,
                            google::protobuf::RepeatedPtrField<v1::PriceLevel>* changes) {
  if (!touched.has_value()) return;
  const bool beyond = shown->size() == depth && (side == Side::kBuy ? *touched < shown->back().first : *touched > shown->back().first);
  if (beyond) return;
  Shown now = Best(levels, side, depth);
  AddChanges(side, *shown, now, changes);
  *shown = std::move(now);
}

void BookPublisher::Tell(ContractNumber contract) {
  Book& book = books_[contract];
  ++book.updates;
  for (auto& [depth, view] : book.views) {
    v1::OrderBook update;
    FillHead(book, view.contract_name, &update);
    Refresh(book.bids, Side::kBuy, book.best_touched_bid, depth, &view.bids, update.mutable_bids());
    Refresh(book.asks, Side::kSell, book.best_touched_ask, depth, &view.asks, update.mutable_asks());
    update.mutable_prints()->Add(book.prints.begin(), book.prints.end());
    const auto bytes = std::make_shared<const std::string>(update.SerializeAsString());
    for (const auto& [id, watcher] : view.watchers) watcher(bytes);
    view.remembered.push_back(bytes);
    view.remembered_bytes += bytes->size();
    remembered_bytes_ += bytes->size();
    told_.push_back({contract, depth, book.updates});
  }
  book.prints.clear();
  book.changed = false;
  book.best_touched_bid.reset();
  book.best_touched_ask.reset();
  ForgetBeyondBounds(contract);
}

// Of what was told of a book last, and of all books.
void BookPublisher::ForgetBeyondBounds(ContractNumber contract) {
  Book& book = books_[contract];
  for (auto& [depth, view] : book.views) {
    while (view.remembered.size() > bounds::kBookRememberedUpdatesMax || view.remembered_bytes > bounds::kBookRememberedBytesMax) ForgetOldest(view);
  }
  while (remembered_bytes_ > bounds::kBooksRememberedBytesMax || told_.size() > bounds::kBooksRememberedUpdatesMax) {
    const Remembered oldest = told_.front();
    told_.pop_front();
    Book& of = books_[oldest.contract];
    const auto at = of.views.find(oldest.depth);
    if (at == of.views.end() || at->second.remembered.empty() || FirstRemembered(of, at->second) != oldest.number) continue;  // it is forgotten
    ForgetOldest(at->second);
    if (Useless(of, at->second)) Drop(of, at);
  }
  for (auto at = book.views.begin(); at != book.views.end();) {
    const auto view = at++;
    if (Useless(book, view->second)) Drop(book, view);
  }
}

bool BookPublisher::Useless(const Book& book, const View& view) {
  return view.watchers.empty() && FirstRemembered(book, view) > view.left_at + 1;
}

void BookPublisher::Drop(Book& book, std::map<size_t, View>::iterator view) {
  while (!view->second.remembered.empty()) ForgetOldest(view->second);
  book.views.erase(view);
}

std::optional<std::vector<BookPublisher::Told>> BookPublisher::After(const Book& book, const View& view, uint64_t number) const {
  if (number < first_number_ || number == 0 || number > book.updates || number + 1 < FirstRemembered(book, view)) return std::nullopt;
  const auto since = static_cast<ptrdiff_t>(book.updates - number);
  return std::vector<Told>(view.remembered.end() - since, view.remembered.end());
}

void BookPublisher::ForgetOldest(View& view) {
  const size_t bytes = view.remembered.front()->size();
  view.remembered.pop_front();
  view.remembered_bytes -= bytes;
  remembered_bytes_ -= bytes;
}

v1::OrderBook BookPublisher::ReadBook(ContractNumber contract, size_t depth) const {
  v1::OrderBook out;
  Shown bids, asks;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    static const Book kNone;
    const Book& book = contract < books_.size() ? books_[contract] : kNone;
    FillHead(book, "", &out);
    out.set_update_number(std::max(book.updates, first_number_));
    out.set_snapshot(true);
    bids = Best(book.bids, Side::kBuy, depth);
    asks = Best(book.asks, Side::kSell, depth);
    AddPosts(Side::kBuy, book.bid_posts, bids, out.mutable_posts());
    AddPosts(Side::kSell, book.ask_posts, asks, out.mutable_posts());
  }
  AddChanges(Side::kBuy, {}, bids, out.mutable_bids());
  AddChanges(Side::kSell, {}, asks, out.mutable_asks());
  return out;
}

absl::StatusOr<BookPublisher::WatchId> BookPublisher::Watch(ContractNumber contract, const std::string& contract_name, size_t depth,
                                                            uint64_t after, Watcher watcher) {
  depth = *std::lower_bound(std::begin(kWatchDepths), std::prev(std::end(kWatchDepths)), depth);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (watches_.size() >= bounds::kBookWatchersMax) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_WATCHERS")
        .Value(std::to_string(watches_.size()))
        .Accepted("a later attempt");
  }
  Book& book = BookOf(contract);
  const auto [at, is_new] = book.views.try_emplace(depth);
  View& view = at->second;
  if (is_new) {
    view.contract_name = contract_name;
    view.bids = Best(book.bids, Side::kBuy, depth);
    view.asks = Best(book.asks, Side::kSell, depth);
  }
  if (const auto missed = After(book, view, after); missed.has_value()) {
    for (const Told& update : *missed) watcher(update);
  } else {
    v1::OrderBook snapshot;
    FillHead(book, contract_name, &snapshot);
    snapshot.set_snapshot(true);
    AddChanges(Side::kBuy, {}, view.bids, snapshot.mutable_bids());
    AddChanges(Side::kSell, {}, view.asks, snapshot.mutable_asks());
    watcher(std::make_shared<const std::string>(snapshot.SerializeAsString()));
  }
  view.watchers.emplace(++last_watch_, std::move(watcher));
  watches_[last_watch_] = {contract, depth};
  return last_watch_;
}

void BookPublisher::Unwatch(WatchId id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto it = watches_.find(id);
  if (it == watches_.end()) return;
  const auto [contract, depth] = it->second;
  Book& book = books_[contract];
  View& view = book.views.at(depth);
  view.watchers.erase(id);
  view.left_at = book.updates;
  watches_.erase(it);
}

}  // namespace songhua::api
