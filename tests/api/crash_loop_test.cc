// kill -9 on the real server, at random moments under load. What clients were told is recorded here, outside the store; after each restart and in the end
// nothing acknowledged may be missing, nothing may have happened twice, and the journal must verify (DESIGN.md sections 8 and 10).
#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <thread>

#include "gtest/gtest.h"
#include "ledger/identifiers.h"
#include "ledger/legal_time.h"
#include "ledger/sha256.h"
#include "songhua/v1/exchange.grpc.pb.h"
#include "songhua/v1/ledger.grpc.pb.h"
#include "songhua/v1/operations.grpc.pb.h"
#include "songhua/v1/participants.grpc.pb.h"
#include "tests/api/engine_harness.h"

namespace songhua::api {
namespace {

std::string Uscc(int n) {
  const std::string first17 = "91220101MA" + std::to_string(1000000 + n);
  return first17 + *UsccCheckCharacter(first17);
}

// The server as a process of its own.
class ServerProcess {
 public:
  explicit ServerProcess(std::string directory) : directory_(std::move(directory)) {}
  ~ServerProcess() {
    if (pid_ > 0) Kill();
  }

  void Start() {
    pid_ = fork();
    if (pid_ == 0) {
      const int silence = open((directory_ + "/server.log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      dup2(silence, 1);
      dup2(silence, 2);
      execl(SONGHUA_PROGRAM, SONGHUA_PROGRAM, "serve", "--data", store().c_str(), "--listen", address().c_str(), "--init-clock", "virtual",
            "--init-time", "2026-01-05T09:00:00+08:00", "--orders-per-second", "0", "--operator-token-file", (directory_ + "/operator").c_str(), nullptr);
      _exit(127);
    }
  }
  void Kill() {
    kill(pid_, SIGKILL);
    Wait();
  }
  int Terminate() {
    kill(pid_, SIGTERM);
    return Wait();
  }
  std::string store() const { return directory_ + "/store"; }
  std::string address() const { return "unix:" + directory_ + "/socket"; }

 private:
  int Wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }
  std::string directory_;
  pid_t pid_ = -1;
};

class CrashLoop {
 public:
  explicit CrashLoop(uint64_t seed) : server_(directory_.path()), random_(seed) {}

  void Run(int kills) {
    server_.Start();
    channel_ = Connect();
    SetUp();
    if (testing::Test::HasFatalFailure()) return;
    std::vector<std::thread> clients;
    clients.emplace_back([this] { Deposits(); });
    clients.emplace_back([this] { Batches("seller", v1::SELL); });
    clients.emplace_back([this] { Batches("buyer", v1::BUY); });
    for (int i = 0; i < kills; ++i) {
      const uint64_t until = acknowledged_ + 30 + random_() % 300;
      std::unique_lock<std::mutex> lock(mutex_);
      progress_.wait(lock, [&] { return acknowledged_ >= until || failed_; });
      lock.unlock();
      server_.Kill();
      server_.Start();
    }
    finish_ = true;
    for (std::thread& client : clients) client.join();
    ASSERT_FALSE(failed_) << failure_;
    Check();
    EXPECT_EQ(server_.Terminate(), 0) << "the server must drain and end well";
    const std::string verify = std::string(SONGHUA_PROGRAM) + " verify --data " + server_.store() + " >" + directory_.path() + "/verify.log 2>&1";
    EXPECT_EQ(std::system(verify.c_str()), 0) << "see " << directory_.path() << "/verify.log";
  }

 private:
  std::shared_ptr<grpc::Channel> Connect() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 20);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 50);
    return grpc::CreateCustomChannel(server_.address(), grpc::InsecureChannelCredentials(), arguments);
  }

  // Calls until there is a definite answer: the outcome of a call that broke off is unknown, and the same request is sent again.
  template <class Stub, class Method, class Request, class Answer>
  grpc::Status CallUntilAnswered(Stub& stub, Method method, const Request& request, const std::string& token, Answer* answer) {
    while (true) {
      grpc::ClientContext context;
      context.set_wait_for_ready(true);
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
      context.AddMetadata("authorization", "Bearer " + token);
      const grpc::Status status = (stub.*method)(&context, request, answer);
      if (status.error_code() != grpc::StatusCode::UNAVAILABLE && status.error_code() != grpc::StatusCode::CANCELLED) return status;
    }
  }

  template <class Stub, class Method, class Request>
  auto Must(Stub& stub, Method method, Request request, const std::string& token) {
    typename AnswerOf<Method>::type answer;
    if constexpr (requires { request.request_id(); }) request.set_request_id("20260105-setup-" + std::to_string(++setup_));
    const grpc::Status status = CallUntilAnswered(stub, method, request, token, &answer);
    EXPECT_TRUE(status.ok()) << status.error_message() << "\n" << request.ShortDebugString();
    return answer;
  }
  template <class Method>
  struct AnswerOf;
  template <class Stub, class Request, class Answer>
  struct AnswerOf<grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Answer*)> {
    using type = Answer;
  };

  void AddParticipant(const std::string& id, v1::ParticipantKind kind) {
    v1::CreateParticipantRequest request;
    request.mutable_participant()->set_name("participants/" + id);
    request.mutable_participant()->set_kind(kind);
    request.mutable_participant()->set_display_name(id);
    request.mutable_participant()->set_region("220000");
    Must(*participants_, &v1::Participants::Stub::CreateParticipant, request, operator_token_);
  }
  void AddPerson(const std::string& id, const std::string& participant, const std::vector<v1::Role>& roles) {
    v1::CreatePersonRequest request;
    request.mutable_person()->set_name("people/" + id);
    request.mutable_person()->set_participant("participants/" + participant);
    request.mutable_person()->set_display_name(id);
    for (v1::Role role : roles) request.mutable_person()->add_roles()->set_role(role);
    Must(*participants_, &v1::Participants::Stub::CreatePerson, request, operator_token_);
    v1::CreateTokenRequest token;
    token.set_person("people/" + id);
    token.set_token_sha256(std::string(AsBytes(Sha256Of(Token(id)))));
    token.mutable_expire_time()->set_seconds(kTestStart.value() / kMicrosPerSecond + 86400);
    Must(*participants_, &v1::Participants::Stub::CreateToken, token, operator_token_);
  }
  static std::string Token(const std::string& person) { return person + "-0123456789abcdef0123456789abcdef"; }

  void SetUp() {
    participants_ = v1::Participants::NewStub(channel_);
    ledger_ = v1::Ledger::NewStub(channel_);
    exchange_ = v1::Exchange::NewStub(channel_);
    {
      grpc::ClientContext context;
      context.set_wait_for_ready(true);
      v1::PersonAnswer ignored;
      participants_->WhoAmI(&context, v1::WhoAmIRequest(), &ignored);  // answered once the store is there, and so the token
    }
    std::ifstream(directory_.path() + "/operator") >> operator_token_;
    AddParticipant("house-1", v1::OPERATOR);
    AddPerson("registry", "house-1", {v1::REGISTRY_OP, v1::EXCHANGE_OP, v1::SETTLEMENT_OP, v1::AUDITOR});
    const std::string registry = Token("registry");
    v1::LoadProgramRequest program;
    program.mutable_program()->set_name("programs/cea");
    program.mutable_program()->set_display_name("cea");
    program.mutable_program()->set_form(v1::SERIAL);
    program.mutable_program()->set_unit("t");
    program.mutable_program()->set_quoted_unit_steps(1);
    program.mutable_program()->add_pollutants("CO2E");
    program.mutable_program()->add_control_zones("CN");
    program.mutable_program()->add_trading_groups()->set_code("ALL");
    program.mutable_program()->set_floor_policy(v1::NONE);
    program.mutable_program()->set_first_year(2020);
    program.mutable_program()->set_last_year(2030);
    Must(*ledger_, &v1::Ledger::Stub::LoadProgram, program, registry);
    for (const char* who : {"seller", "buyer"}) {
      const std::string id = Uscc(who[0]);
      AddParticipant(id, v1::ENTERPRISE);
      AddPerson(who, id, {v1::ENT_OPERATOR});
      for (v1::AccountKind kind : {v1::REGISTRY, v1::CASH}) {
        v1::OpenAccountRequest open;
        open.set_kind(kind);
        open.set_participant("participants/" + id);
        const auto opened = Must(*ledger_, &v1::Ledger::Stub::OpenAccount, open, registry);
        if (kind == v1::REGISTRY) accounts_[who] = opened.account();
      }
      v1::CashRequest cash;
      cash.set_account("accounts/" + id + ".cash");
      cash.set_amount_fen(kCash);
      cash.set_bank_reference("opening " + id);
      Must(*ledger_, &v1::Ledger::Stub::DepositCash, cash, registry);
    }
    v1::IssueUnitsRequest issue;
    issue.set_program("programs/cea");
    issue.set_pollutant("CO2E");
    issue.set_control_zone("CN");
    issue.set_trading_group("ALL");
    issue.set_vintage(2026);
    issue.set_quantity(kUnits);
    issue.set_to_account(accounts_["seller"].name());
    Must(*ledger_, &v1::Ledger::Stub::IssueUnits, issue, registry);
    v1::LoadRulebookRequest rulebook;
    rulebook.mutable_rulebook()->set_name("rulebooks/r");
    rulebook.mutable_rulebook()->set_settlement(v1::IMMEDIATE);
    rulebook.mutable_rulebook()->set_quantity_min(1);
    rulebook.mutable_rulebook()->set_quantity_max(1000);
    rulebook.mutable_rulebook()->set_same_day_resale(true);
    Must(*exchange_, &v1::Exchange::Stub::LoadRulebook, rulebook, registry);
    v1::CreateContractRequest contract;
    v1::Contract& c = *contract.mutable_contract();
    c.set_name("contracts/CEA26");
    c.set_program("programs/cea");
    c.set_pollutant("CO2E");
    c.set_control_zone("CN");
    c.set_trading_group("ALL");
    c.set_vintage(2026);
    c.set_price_basis(v1::PER_T_TERM);
    c.set_tick_fen(1);
    c.set_lot_size(1);
    c.set_rulebook("rulebooks/r");
    contract_ = Must(*exchange_, &v1::Exchange::Stub::CreateContract, contract, registry).contract().number();
    v1::SessionRequest session;
    session.set_contract("contracts/CEA26");
    Must(*exchange_, &v1::Exchange::Stub::OpenSession, session, registry);
  }

  void Fail(const std::string& what) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (failure_.empty()) failure_ = what;
    failed_ = true;
    progress_.notify_one();
  }
  void CountAcknowledged() {
    std::lock_guard<std::mutex> lock(mutex_);
    ++acknowledged_;
    progress_.notify_one();
  }

  // Each deposit once, however often it had to be sent.
  void Deposits() {
    for (int64_t i = 1; !finish_ && !failed_; ++i) {
      v1::CashRequest request;
      request.set_request_id("20260105-deposit-" + std::to_string(i));
      request.set_account("accounts/" + Uscc('s') + ".cash");
      request.set_amount_fen(i);
      request.set_bank_reference("b" + std::to_string(i));
      v1::TransactionAnswer answer;
      const grpc::Status status = CallUntilAnswered(*ledger_, &v1::Ledger::Stub::DepositCash, request, Token("registry"), &answer);
      if (!status.ok()) return Fail("deposit " + std::to_string(i) + ": " + status.error_message());
      deposited_ += i;
      deposits_.emplace_back(request, answer);
      CountAcknowledged();
    }
  }

  void Batches(const std::string& who, v1::Side side) {
    std::mt19937_64 random(side);
    for (uint64_t number = 1; !finish_ && !failed_; ++number) {
      v1::OrderBatch batch;
      batch.set_stream("crash");
      batch.set_number(number);
      for (int i = 0; i < 5; ++i) {
        v1::OrderCommand& command = *batch.add_commands();
        command.set_kind(v1::OrderCommand::PLACE);
        command.set_contract(contract_);
        command.set_account(accounts_[who].number());
        command.set_side(side);
        command.set_price_fen(7990 + static_cast<int64_t>(random() % 21));
        command.set_quantity(1 + static_cast<int64_t>(random() % 5));
      }
      v1::OrderBatchAnswer answer;
      const grpc::Status status = CallUntilAnswered(*exchange_, &v1::Exchange::Stub::SubmitOrders, batch, Token(who), &answer);
      if (!status.ok()) return Fail(who + " batch " + std::to_string(number) + ": " + status.error_message());
      for (const v1::OrderResult& result : answer.results()) {
        if (result.reason().empty()) ++placed_[who];
      }
      CountAcknowledged();
    }
  }

  int64_t Holding(const std::string& account, const std::string& instrument) {
    v1::ListHoldingsRequest request;
    request.set_account(account);
    const v1::ListHoldingsAnswer answer = Must(*ledger_, &v1::Ledger::Stub::ListHoldings, request, Token("registry"));
    for (const v1::Holding& holding : answer.holdings()) {
      if (holding.instrument().find(instrument) != std::string::npos) return holding.posted();
    }
    return 0;
  }

  uint64_t CountOrders(const std::string& who) {
    uint64_t count = 0;
    v1::ListOrdersRequest request;
    request.set_account(accounts_[who].name());
    request.mutable_page()->set_page_size(1000);
    do {
      const auto page = Must(*exchange_, &v1::Exchange::Stub::ListOrders, request, Token("registry"));
      count += static_cast<uint64_t>(page.orders_size());
      request.mutable_page()->set_page_token(page.next_page_token());
    } while (!request.page().page_token().empty());
    return count;
  }

  void Check() {
    // Every acknowledged deposit is there, once, and is answered as it was.
    const int64_t seller_cash = Holding("accounts/" + Uscc('s') + ".cash", "CNY");
    const int64_t buyer_cash = Holding("accounts/" + Uscc('b') + ".cash", "CNY");
    EXPECT_EQ(seller_cash + buyer_cash, 2 * kCash + deposited_);
    EXPECT_EQ(Holding(accounts_["seller"].name(), "CO2E") + Holding(accounts_["buyer"].name(), "CO2E"), kUnits);
    for (size_t i = 0; i < deposits_.size(); i += 7) {
      v1::TransactionAnswer again;
      ASSERT_TRUE(CallUntilAnswered(*ledger_, &v1::Ledger::Stub::DepositCash, deposits_[i].first, Token("registry"), &again).ok());
      ASSERT_EQ(again.SerializeAsString(), deposits_[i].second.SerializeAsString()) << deposits_[i].first.request_id();
    }
    for (const char* who : {"seller", "buyer"}) EXPECT_EQ(CountOrders(who), placed_[who]) << who;
    auto operations = v1::Operations::NewStub(channel_);
    const auto reconciled = Must(*operations, &v1::Operations::Stub::Reconcile, v1::ReconcileRequest(), Token("registry"));
    EXPECT_EQ(reconciled.differences_size(), 0) << reconciled.ShortDebugString();
  }

  static constexpr int64_t kCash = 1'000'000'000'000;
  static constexpr int64_t kUnits = 10'000'000;

  TemporaryDirectory directory_;
  ServerProcess server_;
  std::mt19937_64 random_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Participants::Stub> participants_;
  std::unique_ptr<v1::Ledger::Stub> ledger_;
  std::unique_ptr<v1::Exchange::Stub> exchange_;
  std::string operator_token_;
  int setup_ = 0;
  uint32_t contract_ = 0;
  std::map<std::string, v1::Account> accounts_;

  std::atomic<uint64_t> acknowledged_{0};
  std::atomic<bool> finish_{false}, failed_{false};
  std::mutex mutex_;
  std::condition_variable progress_;
  std::string failure_;
  // What was acknowledged; each is written by one client thread and read after it has ended.
  int64_t deposited_ = 0;
  std::vector<std::pair<v1::CashRequest, v1::TransactionAnswer>> deposits_;
  std::map<std::string, uint64_t> placed_{{"seller", 0}, {"buyer", 0}};
};

TEST(CrashLoopTest, NothingAcknowledgedIsLostWhenTheServerIsKilledUnderLoad) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  CrashLoop loop(seed);
  loop.Run(std::getenv("SONGHUA_NIGHTLY") != nullptr ? 200 : 10);
}

}  // namespace
}  // namespace songhua::api
