#include "simulations/day_market.h"

#include <memory>
#include <mutex>
#include <utility>

#include "api/engine/message.h"
#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/sha256.h"
#include "simulations/engine_client.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/participants.pb.h"

namespace songhua::simulations {
namespace {

constexpr char kOperator[] = "operator";
constexpr char kRegistrar[] = "registrar";
constexpr int64_t kUnits = 1'000'000;            // of each enterprise
constexpr int64_t kMoneyFen = 10'000'000'000;    // of each enterprise
constexpr size_t kInFlightMax = 900;             // below what one person may have waiting in a lane

constexpr int32_t kTokenDays = 360;

Timestamp Morning(Date day) { return Timestamp(StartOfDay(day).value() + 9 * 3600 * kMicrosPerSecond); }

// "20260105-", with which the ids of that day's requests begin.
std::string RequestPrefix(Date day) {
  std::string text = FormatDate(day);
  std::erase(text, '-');
  return text + "-";
}

std::string TokenHash(const std::string& token) { return ToHex(Sha256Of(token)); }

// Submits the commands of two persons, in one order, and keeps the first refusal. What one command creates, the next may use: commands of a
// lane are applied in the order in which they were submitted.
class Builder {
 public:
  Builder(api::Engine* engine, const DayMarketOptions& options) : options_(options), client_(engine, kInFlightMax) {
    market_.contracts = options.contracts;
    market_.accounts.resize(options.accounts);
  }

  absl::StatusOr<DayMarket> Build() {
    AddHouse();
    for (int n = 0; n < options_.accounts && Good(); ++n) AddEnterprise(n);
    client_.Drain();  // sessions open in another lane
    for (int n = 1; n <= options_.contracts; ++n) {
      v1::SessionRequest session;
      session.set_contract(Contract(n));
      Submit("Exchange/OpenSession", kRegistrar, std::move(session));
    }
    client_.Drain();
    if (!first_refusal_.ok()) return first_refusal_;
    return std::move(market_);
  }

 private:
  static std::string Contract(int n) { return "contracts/CEA-" + std::to_string(n); }

  template <class Request>
  void Submit(const std::string& method, const std::string& person, Request request, std::function<void(const std::string& answer)> then = nullptr) {
    request.set_request_id(prefix_ + std::to_string(++requests_));
    auto message = api::MakeMessage(*api::FindMethod("songhua.v1." + method), std::make_unique<Request>(std::move(request)), TokenHash(person));
    SONGHUA_CHECK(message.ok());
    client_.Submit(*std::move(message), person, [this, then = std::move(then)](api::Outcome outcome) {
      if (outcome.status.ok()) {
        if (then) then(outcome.answer);
        return;
      }
      const std::lock_guard<std::mutex> lock(mutex_);
      if (first_refusal_.ok()) first_refusal_ = outcome.status;
    });
  }

  bool Good() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return first_refusal_.ok();
  }

  void AddParticipant(const std::string& id, v1::ParticipantKind kind) {
    v1::CreateParticipantRequest request;
    v1::Participant& participant = *request.mutable_participant();
    participant.set_name("participants/" + id);
    participant.set_kind(kind);
    participant.set_display_name(id);
    participant.set_region("220100");
    Submit("Participants/CreateParticipant", kOperator, std::move(request));
  }

  // A person whose token is his id.
  void AddPerson(const std::string& id, const std::string& participant, std::initializer_list<v1::Role> roles) {
    v1::CreatePersonRequest request;
    v1::Person& person = *request.mutable_person();
    person.set_name("people/" + id);
    person.set_participant("participants/" + participant);
    person.set_display_name(id);
    for (const v1::Role role : roles) person.add_roles()->set_role(role);
    Submit("Participants/CreatePerson", kOperator, std::move(request));
    v1::CreateTokenRequest token;
    token.set_person("people/" + id);
    token.set_token_sha256(std::string(AsBytes(Sha256Of(id))));
    token.mutable_expire_time()->set_seconds(StartOfDay(options_.day + kTokenDays).value() / kMicrosPerSecond);
    Submit("Participants/CreateToken", kOperator, std::move(token));
  }

  void AddHouse() {
    AddParticipant("house-1", v1::OPERATOR);
    AddPerson(kRegistrar, "house-1", {v1::REGISTRY_OP, v1::EXCHANGE_OP, v1::SETTLEMENT_OP});
    v1::LoadProgramRequest program;
    program.mutable_program()->set_name("programs/cea");
    program.mutable_program()->set_display_name("National carbon allowances");
    program.mutable_program()->set_form(v1::SERIAL);
    program.mutable_program()->set_unit("t");
    program.mutable_program()->set_quoted_unit_steps(1);
    program.mutable_program()->add_pollutants("CO2E");
    program.mutable_program()->add_control_zones("CN");
    program.mutable_program()->add_trading_groups()->set_code("ALL");
    program.mutable_program()->set_floor_policy(v1::NONE);
    program.mutable_program()->set_first_year(2019);
    program.mutable_program()->set_last_year(2030);
    program.mutable_program()->set_separate_trading_accounts(true);
    Submit("Ledger/LoadProgram", kRegistrar, std::move(program));

    v1::LoadRulebookRequest rulebook;
    rulebook.mutable_rulebook()->set_name("rulebooks/continuous");
    rulebook.mutable_rulebook()->set_settlement(v1::IMMEDIATE);
    rulebook.mutable_rulebook()->set_band_bps(1'000);
    rulebook.mutable_rulebook()->set_quantity_min(1);
    rulebook.mutable_rulebook()->set_quantity_max(100'000);
    rulebook.mutable_rulebook()->set_fee_bps(5);
    rulebook.mutable_rulebook()->set_same_day_resale(true);
    Submit("Exchange/LoadRulebook", kRegistrar, std::move(rulebook));
    for (int n = 1; n <= options_.contracts; ++n) AddContract(n);
  }

  void AddContract(int n) {
    v1::CreateContractRequest request;
    v1::Contract& contract = *request.mutable_contract();
    contract.set_name(Contract(n));
    contract.set_program("programs/cea");
    contract.set_pollutant("CO2E");
    contract.set_control_zone("CN");
    contract.set_trading_group("ALL");
    contract.set_vintage(DayMarket::kFirstVintage + DayMarket::VintageOfContract(n));
    contract.set_price_basis(v1::PER_T_TERM);
    contract.set_tick_fen(DayMarket::kTickFen);
    contract.set_lot_size(1);
    contract.set_rulebook("rulebooks/continuous");
    contract.set_reference_price_fen(DayMarket::kReferencePriceFen);
    Submit("Exchange/CreateContract", kRegistrar, std::move(request), [n](const std::string& bytes) {
      v1::ContractAnswer answer;
      SONGHUA_CHECK(answer.ParseFromString(bytes) && answer.contract().number() == static_cast<uint32_t>(n));
    });
  }

  void AddEnterprise(int n) {
    const std::string id = DayEnterprise(n);
    AddParticipant(id, v1::ENTERPRISE);
    AddPerson(DayTraderId(n), id, {v1::ENT_OPERATOR});
    for (const v1::AccountKind kind : {v1::REGISTRY, v1::TRADING, v1::CASH}) {
      v1::OpenAccountRequest request;
      request.set_kind(kind);
      request.set_participant("participants/" + id);
      if (kind != v1::TRADING) {
        Submit("Ledger/OpenAccount", kRegistrar, std::move(request));
        continue;
      }
      Submit("Ledger/OpenAccount", kRegistrar, std::move(request), [this, n](const std::string& bytes) {
        v1::AccountAnswer answer;
        SONGHUA_CHECK(answer.ParseFromString(bytes));
        market_.accounts[n] = answer.account().number();
      });
    }
    const DayEndowment endowment = options_.endowments.empty() ? DayEndowment{kUnits, kMoneyFen} : options_.endowments[n];
    if (endowment.units > 0) AddUnits(n, id, endowment.units);
    if (endowment.money_fen == 0) return;
    v1::CashRequest deposit;
    deposit.set_account("accounts/" + id + ".cash");
    deposit.set_amount_fen(endowment.money_fen);
    deposit.set_bank_reference("opening " + id);
    Submit("Ledger/DepositCash", kRegistrar, std::move(deposit));
  }

  void AddUnits(int n, const std::string& id, int64_t units) {
    v1::IssueUnitsRequest issue;
    issue.set_program("programs/cea");
    issue.set_pollutant("CO2E");
    issue.set_control_zone("CN");
    issue.set_trading_group("ALL");
    issue.set_vintage(DayMarket::kFirstVintage + (options_.endowments.empty() ? DayMarket::VintageOfTrader(n) : 0));
    issue.set_quantity(units);
    issue.set_to_account("accounts/" + id + ".registry");
    Submit("Ledger/IssueUnits", kRegistrar, std::move(issue));
    v1::TransferUnitsRequest transfer;
    transfer.set_from_lot("lots/" + std::to_string(2 * issued_ + 1));  // each issue opens two: one in the registry, one for trading
    transfer.set_to_account("accounts/" + id + ".trading");
    transfer.set_quantity(units);
    Submit("Ledger/TransferUnits", kRegistrar, std::move(transfer));
    ++issued_;
  }

  const DayMarketOptions options_;
  const std::string prefix_ = RequestPrefix(options_.day);
  DayMarket market_;
  uint64_t requests_ = 0;
  int issued_ = 0;  // enterprises that were issued units so far
  std::mutex mutex_;
  absl::Status first_refusal_;  // guarded by mutex_
  EngineClient client_;         // goes first: its callbacks use the rest
};

}  // namespace

api::EngineOptions DayEngineOptions(const std::string& path, Date day) {
  api::EngineOptions options;
  options.store.path = path;
  options.store.create_if_missing = true;
  options.store.identity.store_id = "day";
  options.genesis = api::Genesis{ClockMode::kVirtual, Morning(day), TokenHash(kOperator), kJilinProvince};
  return options;
}

absl::StatusOr<std::unique_ptr<api::Engine>> OpenDayEngine(const std::string& path) { return api::Engine::Open(DayEngineOptions(path)); }

absl::StatusOr<DayMarket> BuildDayMarket(api::Engine* engine, const DayMarketOptions& options) { return Builder(engine, options).Build(); }

std::string DayEnterprise(int trader) {
  const std::string digits = std::to_string(trader);
  const std::string first17 = "91220101" + std::string(9 - digits.size(), '0') + digits;
  return first17 + *UsccCheckCharacter(first17);
}

std::string DayTraderId(int trader) { return "t-" + std::to_string(trader); }
std::string DayTraderTokenSha256(int trader) { return TokenHash(DayTraderId(trader)); }

}  // namespace songhua::simulations
