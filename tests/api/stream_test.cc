// Order streams and book streams over a socket.
#include <future>
#include <map>

#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "ledger/bounds.h"
#include "songhua/v1/exchange.grpc.pb.h"
#include "tests/api/server_harness.h"

namespace songhua::api {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr uint32_t kCea25 = 1;

class StreamTest : public testing::Test {
 protected:
  StreamTest() {
    world_.Furnish();
    account_ = world_.Must<v1::AccountAnswer>("Ledger/GetAccount", "name: 'accounts/$A.trading'", "a-trader").account().number();
  }

  // One sell order at 81.00, which rests.
  v1::OrderBatch Batch(uint64_t number, const std::string& stream = "s", int64_t quantity = 1) {
    v1::OrderBatch batch;
    batch.set_stream(stream);
    batch.set_number(number);
    v1::OrderCommand* command = batch.add_commands();
    command->set_kind(v1::OrderCommand::PLACE);
    command->set_contract(kCea25);
    command->set_account(account_);
    command->set_side(v1::SELL);
    command->set_price_fen(8100);
    command->set_quantity(quantity);
    return batch;
  }

  int64_t RestingQuantity() {
    const auto book = world_.Must<v1::OrderBook>("Exchange/GetOrderBook", "contract: 'contracts/CEA25'", "");
    return book.asks().empty() ? 0 : book.asks(0).quantity();
  }

  ServerHarness harness_;
  World world_{&harness_};
  uint32_t account_ = 0;
};

// An open order stream.
class OrderClient {
 public:
  OrderClient(ServerHarness& harness, const std::string& token, std::shared_ptr<grpc::Channel> channel = nullptr, const std::string& cancel_on_disconnect = "")
      : stub_(v1::Exchange::NewStub(channel != nullptr ? channel : harness.channel())) {
    ServerHarness::AddToken(&context_, token);
    if (!cancel_on_disconnect.empty()) context_.AddMetadata("cancel-on-disconnect", cancel_on_disconnect);
    stream_ = stub_->StreamOrders(&context_);
  }
  bool Write(const v1::OrderBatch& batch) { return stream_->Write(batch); }
  v1::OrderBatchAnswer Read() {
    v1::OrderBatchAnswer answer;
    EXPECT_TRUE(stream_->Read(&answer));
    return answer;
  }
  v1::OrderBatchAnswer Ask(const v1::OrderBatch& batch) {
    EXPECT_TRUE(Write(batch));
    return Read();
  }
  // Ends it and says how.
  Reply Finish() {
    stream_->WritesDone();
    return WaitForEnd();
  }
  // How the server ended it.
  Reply WaitForEnd() {
    v1::OrderBatchAnswer more;
    while (stream_->Read(&more)) ADD_FAILURE() << "an answer that nobody asked for: " << more.DebugString();
    return MakeReply(stream_->Finish(), "");
  }
  // Vanishes.
  void Cancel() {
    context_.TryCancel();
    v1::OrderBatchAnswer rest;
    while (stream_->Read(&rest)) continue;
    stream_->Finish();
  }

 private:
  std::unique_ptr<v1::Exchange::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::OrderBatch, v1::OrderBatchAnswer>> stream_;
};

TEST_F(StreamTest, BatchesAreAnsweredInTheirOrder) {
  OrderClient client(harness_, "a-trader");
  constexpr uint64_t kBatches = 40;  // more than may be in flight
  auto writer = std::async(std::launch::async, [&] {
    for (uint64_t number = 1; number <= kBatches; ++number) ASSERT_TRUE(client.Write(Batch(number)));
  });
  uint64_t last_order = 0;
  for (uint64_t number = 1; number <= kBatches; ++number) {
    const auto answer = client.Read();
    EXPECT_EQ(answer.number(), number);
    EXPECT_EQ(answer.stream(), "s");
    EXPECT_EQ(answer.error_code(), 0) << answer.error();
    ASSERT_THAT(answer.results(), SizeIs(1));
    EXPECT_GT(answer.results(0).order(), last_order);
    last_order = answer.results(0).order();
  }
  writer.get();
  EXPECT_TRUE(client.Finish().status.ok());
  EXPECT_EQ(RestingQuantity(), static_cast<int64_t>(kBatches));
}

TEST_F(StreamTest, ARepeatedBatchGetsItsFirstAnswerOnAnyConnection) {
  OrderClient client(harness_, "a-trader");
  const auto first = client.Ask(Batch(1));
  EXPECT_EQ(first.SerializeAsString(), client.Ask(Batch(1)).SerializeAsString());
  OrderClient other(harness_, "a-trader", harness_.NewChannel());
  EXPECT_EQ(first.SerializeAsString(), other.Ask(Batch(1)).SerializeAsString());
  EXPECT_EQ(RestingQuantity(), 1);
}

TEST_F(StreamTest, AnotherBatchWithANumberThatWasUsedIsRefusedAndTheStreamGoesOn) {
  OrderClient client(harness_, "a-trader");
  client.Ask(Batch(1));
  const auto other = client.Ask(Batch(1, "s", 7));
  EXPECT_EQ(other.error_code(), static_cast<int>(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(other.number(), 1u);
  EXPECT_THAT(other.results(), IsEmpty());
  EXPECT_EQ(client.Ask(Batch(3)).error_code(), static_cast<int>(absl::StatusCode::kFailedPrecondition));  // a gap
  EXPECT_EQ(client.Ask(Batch(2)).error_code(), 0);
  EXPECT_EQ(RestingQuantity(), 2);
  EXPECT_TRUE(client.Finish().status.ok());
}

TEST_F(StreamTest, AMalformedBatchIsRefusedAndTheStreamGoesOn) {
  OrderClient client(harness_, "a-trader");
  v1::OrderBatch unknown = Batch(1);
  unknown.GetReflection()->MutableUnknownFields(&unknown)->AddVarint(1999, 1);
  EXPECT_THAT(client.Ask(unknown).error(), testing::HasSubstr("UNKNOWN_FIELD"));
  v1::OrderBatch empty = Batch(1);
  empty.clear_commands();
  EXPECT_EQ(client.Ask(empty).error_code(), static_cast<int>(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(client.Ask(Batch(1)).error_code(), 0);
}

TEST_F(StreamTest, StreamsOfOneNameBelongToTheirPerson) {
  OrderClient a(harness_, "a-trader"), b(harness_, "b-trader");
  EXPECT_EQ(a.Ask(Batch(1)).error_code(), 0);
  const auto foreign = b.Ask(Batch(1));  // another person's first batch, for an account that is not his
  EXPECT_EQ(foreign.error_code(), 0);
  EXPECT_EQ(foreign.results(0).reason(), "FOREIGN_ACCOUNT");
}

TEST_F(StreamTest, WhoMayNotTradeGetsNoStream) {
  OrderClient bank(harness_, "k-officer");
  EXPECT_EQ(Outcome(bank.Finish().status), "PERMISSION_DENIED ROLE_MISSING");
  OrderClient nobody(harness_, "");
  EXPECT_EQ(Outcome(nobody.Finish().status), "UNAUTHENTICATED TOKEN_MISSING");
}

TEST_F(StreamTest, AClientThatVanishesLeavesWhatWasAppliedAndNothingElse) {
  for (int round = 0; round < 20; ++round) {
    const std::string stream = "s" + std::to_string(round);
    auto client = std::make_unique<OrderClient>(harness_, "a-trader", harness_.NewChannel());
    for (uint64_t number = 1; number <= 12; ++number) {
      if (!client->Write(Batch(number, stream))) break;
    }
    client->Cancel();
    client.reset();
  }
  // Whoever asks again learns, batch by batch, what became of it; each runs once in all.
  OrderClient client(harness_, "a-trader");
  int64_t placed = 0;
  for (int round = 0; round < 20; ++round) {
    const std::string stream = "s" + std::to_string(round);
    uint64_t next = 1;
    // The last one applied is repeated, those before it are out of order: the first number that is accepted or repeated is found by trying.
    while (client.Ask(Batch(next, stream)).error_code() != 0) {
      ASSERT_LE(++next, 12u);
    }
    for (uint64_t number = next + 1; number <= 12; ++number) EXPECT_EQ(client.Ask(Batch(number, stream)).error_code(), 0);
    placed += 12;
  }
  EXPECT_EQ(RestingQuantity(), placed);
  EXPECT_TRUE(client.Finish().status.ok());
}

// Found under load: a batch that was read just after its stream had ended was still taken in, and its answer came to a stream that was gone.
TEST_F(StreamTest, ABatchThatIsReadAfterTheEndOfItsStreamIsNotTakenIn) {
  constexpr int kClients = 12, kRounds = 100;
  std::vector<std::future<void>> clients;
  for (int who = 0; who < kClients; ++who) {
    clients.push_back(std::async(std::launch::async, [this, who] {
      for (int round = 0; round < kRounds; ++round) {
        OrderClient client(harness_, "a-trader", harness_.NewChannel());
        const std::string stream = "c" + std::to_string(who) + "-" + std::to_string(round);
        for (uint64_t number = 1; number <= 12 && client.Write(Batch(number, stream)); ++number) continue;
        client.Cancel();
      }
    }));
  }
  for (std::future<void>& client : clients) client.get();
  OrderClient client(harness_, "a-trader");
  EXPECT_EQ(client.Ask(Batch(1)).error_code(), 0);
  EXPECT_TRUE(client.Finish().status.ok());
}

TEST_F(StreamTest, ForeignAccountsKeepTheirOrdersWhoeverVanishes) {
  OrderClient a(harness_, "a-trader");
  EXPECT_EQ(a.Ask(Batch(1)).error_code(), 0);
  OrderClient b(harness_, "b-trader", harness_.NewChannel(), "true");
  EXPECT_EQ(b.Ask(Batch(1)).results(0).reason(), "FOREIGN_ACCOUNT");
  EXPECT_TRUE(b.Finish().status.ok());
  EXPECT_EQ(RestingQuantity(), 1);
}

TEST_F(StreamTest, AShutdownOfTheServiceTakesNoOrdersBack) {
  OrderClient client(harness_, "a-trader", harness_.NewChannel(), "true");
  EXPECT_EQ(client.Ask(Batch(1)).error_code(), 0);
  harness_.server().Drain();
  EXPECT_EQ(Outcome(client.WaitForEnd().status), "UNAVAILABLE SHUTTING_DOWN");
  harness_.Restart();
  EXPECT_EQ(RestingQuantity(), 1);
}

TEST_F(StreamTest, WhatIsNeitherTrueNorFalseIsRefusedAtTheStart) {
  OrderClient client(harness_, "a-trader", nullptr, "yes");
  EXPECT_EQ(Outcome(client.WaitForEnd().status), "INVALID_ARGUMENT INVALID_FIELD");
}

TEST_F(StreamTest, AStreamEndsWhenTheServerDrains) {
  OrderClient client(harness_, "a-trader");
  EXPECT_EQ(client.Ask(Batch(1)).error_code(), 0);
  auto drained = std::async(std::launch::async, [this] { harness_.server().Drain(); });
  EXPECT_EQ(Outcome(client.WaitForEnd().status), "UNAVAILABLE SHUTTING_DOWN");
  drained.get();
}

// ---- Books ----

// Follows a book as the API says: a snapshot, then changes.
class BookClient {
 public:
  BookClient(ServerHarness& harness, const std::string& contract, int32_t depth, uint64_t after = 0)
      : stub_(v1::Exchange::NewStub(harness.NewChannel())) {  // a window of its own
    v1::WatchOrderBookRequest request;
    request.set_contract("contracts/" + contract);
    request.set_depth(depth);
    request.set_after_update_number(after);
    stream_ = stub_->WatchOrderBook(&context_, request);
  }
  // Takes one message in. False: the stream has ended.
  bool Next() {
    v1::OrderBook update;
    if (!stream_->Read(&update)) return false;
    if (updates_ > 0) {
      EXPECT_EQ(update.update_number(), number_ + 1);
      EXPECT_FALSE(update.snapshot());
    } else {
      began_with_snapshot_ = update.snapshot();
      prints_ = update.trades() - update.prints_size();
    }
    for (const auto& print : update.prints()) EXPECT_EQ(print.number(), ++prints_);
    EXPECT_EQ(update.trades(), prints_) << "every trade is printed";
    ++updates_;
    number_ = update.update_number();
    sequence_ = update.header().sequence();
    for (const auto& level : update.bids()) Set(bids_, level);
    for (const auto& level : update.asks()) Set(asks_, level);
    return true;
  }
  void FollowTo(uint64_t sequence) {
    while (sequence_ < sequence) ASSERT_TRUE(Next());
  }
  Reply Finish() { return MakeReply(stream_->Finish(), ""); }
  void Cancel() { context_.TryCancel(); }

  using Side = std::map<int64_t, std::pair<int64_t, int32_t>>;
  const Side& bids() const { return bids_; }
  const Side& asks() const { return asks_; }
  uint64_t number() const { return number_; }
  int updates() const { return updates_; }
  bool began_with_snapshot() const { return began_with_snapshot_; }

 private:
  uint64_t prints_ = 0;
  static void Set(Side& side, const v1::PriceLevel& level) {
    if (level.orders() == 0) {
      side.erase(level.price_fen());
    } else {
      side[level.price_fen()] = {level.quantity(), level.orders()};
    }
  }
  std::unique_ptr<v1::Exchange::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::OrderBook>> stream_;
  Side bids_, asks_;
  uint64_t number_ = 0, sequence_ = 0;
  int updates_ = 0;
  bool began_with_snapshot_ = false;
};

BookClient::Side SideOf(const google::protobuf::RepeatedPtrField<v1::PriceLevel>& levels) {
  BookClient::Side side;
  for (const auto& level : levels) side[level.price_fen()] = {level.quantity(), level.orders()};
  return side;
}

TEST_F(StreamTest, WhoAskedForItHasNothingOpenOnceHisConnectionIsGone) {
  OrderClient other(harness_, "a-trader");
  EXPECT_EQ(other.Ask(Batch(1)).error_code(), 0);
  {
    OrderClient looks(harness_, "a-trader", harness_.NewChannel(), "true");
    EXPECT_TRUE(looks.Finish().status.ok());
  }
  EXPECT_EQ(RestingQuantity(), 1) << "a connection that placed nothing takes nothing back";

  auto vanishes = std::make_unique<OrderClient>(harness_, "a-trader", harness_.NewChannel(), "true");
  for (uint64_t number = 1; number <= 20; ++number) EXPECT_EQ(vanishes->Ask(Batch(number, "v")).error_code(), 0);
  EXPECT_EQ(RestingQuantity(), 21);
  BookClient book(harness_, "CEA25", 5);
  ASSERT_TRUE(book.Next());
  vanishes->Cancel();
  vanishes.reset();
  while (!book.asks().empty()) ASSERT_TRUE(book.Next());
  EXPECT_EQ(RestingQuantity(), 0);

  OrderClient leaves(harness_, "a-trader", harness_.NewChannel(), "true");
  EXPECT_EQ(leaves.Ask(Batch(1, "l")).error_code(), 0);
  EXPECT_TRUE(leaves.Finish().status.ok());
  EXPECT_EQ(RestingQuantity(), 0) << "the end is told when the orders are gone";
  EXPECT_EQ(other.Ask(Batch(2)).error_code(), 0);
  EXPECT_TRUE(other.Finish().status.ok());
  EXPECT_EQ(RestingQuantity(), 1) << "nobody asked for it";
  book.Cancel();
}

TEST_F(StreamTest, WhoFollowsABookHasWhatIsPublished) {
  world_.Sell("a-trader", "CEA25", 8105, 3);
  BookClient shallow(harness_, "CEA25", 5), deep(harness_, "CEA25", 1000);
  ASSERT_TRUE(shallow.Next() && deep.Next());
  EXPECT_EQ(shallow.asks(), (BookClient::Side{{8105, {3, 1}}}));
  // Twelve levels come, in an order that moves them in and out of the best five; some go again.
  std::vector<std::string> orders;
  for (const int64_t price : {8112, 8101, 8110, 8102, 8109, 8103, 8108, 8104, 8107, 8106, 8111, 8101}) {
    orders.push_back(world_.Sell("a-trader", "CEA25", price, 2));
  }
  for (const int cancelled : {1, 3, 11}) {
    world_.Must<v1::OrderAnswer>("Exchange/CancelOrder", "name: '" + orders[cancelled] + "'", "a-trader");
  }
  world_.Buy("b-trader", "CEA25", 8103, 1);
  world_.Buy("b-trader", "CEA25", 7000, 1);
  const auto five = world_.Must<v1::OrderBook>("Exchange/GetOrderBook", "contract: 'contracts/CEA25' depth: 5", "");
  const auto all = world_.Must<v1::OrderBook>("Exchange/GetOrderBook", "contract: 'contracts/CEA25' depth: 1000", "");
  shallow.FollowTo(five.header().sequence());
  deep.FollowTo(all.header().sequence());
  EXPECT_EQ(shallow.asks(), SideOf(five.asks()));
  EXPECT_EQ(shallow.bids(), SideOf(five.bids()));
  EXPECT_EQ(shallow.number(), five.update_number());
  EXPECT_EQ(deep.asks(), SideOf(all.asks()));
  EXPECT_EQ(deep.bids(), SideOf(all.bids()));
  EXPECT_EQ(deep.asks().size(), 10u);
  EXPECT_EQ(five.last_price_fen(), 8103);
  shallow.Cancel();
  deep.Cancel();
}

TEST_F(StreamTest, AReaderWhoNeverReadsIsClosedAndHoldsNobodyUp) {
  constexpr int kOrders = 100;
  BookClient idle(harness_, "CEA25", 1000);
  OrderClient trader(harness_, "a-trader");
  v1::OrderBatch place = Batch(1);
  while (place.commands_size() < kOrders) *place.add_commands() = place.commands(0);
  for (int i = 0; i < kOrders; ++i) place.mutable_commands(i)->set_price_fen(8100 + 2 * i);
  const auto placed = trader.Ask(place);
  ASSERT_THAT(placed.results(), SizeIs(kOrders));
  // Each batch moves every order by a tick: two levels an order, some kilobytes an update. HTTP/2 and the queue take in so many, then the
  // reader is closed.
  for (uint64_t number = 2; number < 1'500; ++number) {
    v1::OrderBatch batch;
    batch.set_stream("s");
    batch.set_number(number);
    for (int i = 0; i < kOrders; ++i) {
      v1::OrderCommand* command = batch.add_commands();
      command->set_kind(v1::OrderCommand::REPLACE);
      command->set_order(placed.results(i).order());
      command->set_price_fen(8100 + 2 * i + static_cast<int64_t>(number % 2 == 0));
      command->set_quantity(1);
    }
    const auto answer = trader.Ask(batch);
    ASSERT_EQ(answer.error_code(), 0) << answer.error();
    ASSERT_EQ(answer.results(0).reason(), "");
  }
  EXPECT_TRUE(trader.Finish().status.ok());
  while (idle.Next()) continue;
  EXPECT_EQ(Outcome(idle.Finish().status), "RESOURCE_EXHAUSTED READER_TOO_SLOW");
  EXPECT_LT(idle.updates(), 1'400);
  // A new watch begins with a snapshot.
  BookClient again(harness_, "CEA25", 1000);
  ASSERT_TRUE(again.Next());
  EXPECT_EQ(again.asks().size(), static_cast<size_t>(kOrders));
  again.Cancel();
}

TEST_F(StreamTest, WhoComesBackToABookGoesOnWhereHeWas) {
  world_.Sell("a-trader", "CEA25", 8105, 3);
  BookClient first(harness_, "CEA25", 5);
  ASSERT_TRUE(first.Next());
  EXPECT_TRUE(first.began_with_snapshot());
  world_.Sell("a-trader", "CEA25", 8106, 2);
  ASSERT_TRUE(first.Next());
  const uint64_t known = first.number();
  first.Cancel();
  (void)first.Finish();
  // What happens while he is away: an order, and a trade with its print.
  world_.Sell("a-trader", "CEA25", 8107, 1);
  world_.Buy("b-trader", "CEA25", 8105, 1);

  BookClient again(harness_, "CEA25", 5, known);
  ASSERT_TRUE(again.Next());
  EXPECT_FALSE(again.began_with_snapshot());
  EXPECT_EQ(again.number(), known + 1);
  EXPECT_EQ(again.asks(), (BookClient::Side{{8107, {1, 1}}})) << "only what changed";
  ASSERT_TRUE(again.Next());
  EXPECT_EQ(again.number(), known + 2);
  EXPECT_EQ(again.asks().at(8105), (std::pair<int64_t, int32_t>{2, 1}));

  BookClient newest(harness_, "CEA25", 5, again.number());
  world_.Sell("a-trader", "CEA25", 8108, 1);
  ASSERT_TRUE(newest.Next());
  EXPECT_EQ(newest.number(), known + 3);
  EXPECT_FALSE(newest.began_with_snapshot()) << "nothing was missed";

  // Nobody watched at this depth, so nothing of it is remembered; and what was never told of is nowhere.
  for (const auto& [depth, after] : {std::pair<int32_t, uint64_t>{50, known}, {5, known + 1'000'000}}) {
    BookClient other(harness_, "CEA25", depth, after);
    ASSERT_TRUE(other.Next());
    EXPECT_TRUE(other.began_with_snapshot());
    EXPECT_EQ(other.number(), known + 3);
    EXPECT_EQ(other.asks().size(), 4u);
    other.Cancel();
  }
  again.Cancel();
  newest.Cancel();
}

TEST_F(StreamTest, AfterARestartABookBeginsAnewAndNoNumberIsGivenTwice) {
  world_.Sell("a-trader", "CEA25", 8105, 3);
  uint64_t known = 0;
  {
    BookClient before(harness_, "CEA25", 5);
    ASSERT_TRUE(before.Next());
    world_.Sell("a-trader", "CEA25", 8106, 3);
    ASSERT_TRUE(before.Next());
    known = before.number();
    before.Cancel();
    (void)before.Finish();
  }
  harness_.Restart();
  for (int i = 0; i < 3; ++i) world_.Sell("a-trader", "CEA25", 8107, 1);
  BookClient after(harness_, "CEA25", 5, known);
  ASSERT_TRUE(after.Next());
  EXPECT_TRUE(after.began_with_snapshot());
  EXPECT_GT(after.number(), known);
  EXPECT_EQ(after.asks().size(), 3u);
  after.Cancel();
}

TEST_F(StreamTest, WhatIsTooLongAgoIsForgotten) {
  BookClient away(harness_, "CEA25", 5);
  ASSERT_TRUE(away.Next());
  const uint64_t known = away.number();
  away.Cancel();
  (void)away.Finish();
  OrderClient trader(harness_, "a-trader");
  uint64_t resting = 0;
  for (uint64_t number = 1; number <= bounds::kBookRememberedUpdatesMax + 10; ++number) {
    v1::OrderBatch batch = Batch(number);
    if (resting != 0) {
      batch.mutable_commands(0)->Clear();
      batch.mutable_commands(0)->set_kind(v1::OrderCommand::CANCEL);
      batch.mutable_commands(0)->set_order(resting);
    }
    const v1::OrderBatchAnswer answer = trader.Ask(batch);
    ASSERT_EQ(answer.results_size(), 1);
    ASSERT_EQ(answer.results(0).reason(), "");
    resting = resting == 0 ? answer.results(0).order() : 0;
  }
  EXPECT_TRUE(trader.Finish().status.ok());
  BookClient again(harness_, "CEA25", 5, known);
  ASSERT_TRUE(again.Next());
  EXPECT_TRUE(again.began_with_snapshot());
  again.Cancel();
}

TEST_F(StreamTest, ABookThatDoesNotExistIsNotFound) {
  BookClient client(harness_, "NONE", 5);
  EXPECT_FALSE(client.Next());
  EXPECT_EQ(Outcome(client.Finish().status), "NOT_FOUND NOT_FOUND");
  BookClient deep(harness_, "CEA25", 1001);
  EXPECT_FALSE(deep.Next());
  EXPECT_EQ(Outcome(deep.Finish().status), "INVALID_ARGUMENT INVALID_FIELD");
}

}  // namespace
}  // namespace songhua::api
