#include "tests/api/world.h"

#include "ledger/identifiers.h"
#include "ledger/sha256.h"

namespace songhua::api {
namespace {

// 2026-12-31 in Shanghai.
constexpr int64_t kTokensEnd = 1'798'646'400;

std::string Octal(const Digest& digest) {
  std::string text;
  for (const uint8_t byte : digest) {
    text += '\\';
    for (int shift = 6; shift >= 0; shift -= 3) text += static_cast<char>('0' + (byte >> shift & 7));
  }
  return text;
}

}  // namespace

std::string Outcome(const absl::Status& status) {
  if (status.ok()) return "OK";
  const auto refusal = GetRefusal(status);
  return absl::StatusCodeToString(status.code()) + " " + (refusal.has_value() ? refusal->reason : std::string(status.message()));
}

World::World(Transport* transport) : transport_(transport) {
  for (const auto& [name, first17] : std::map<std::string, std::string>{
           {"$A", "91220101MA0Y3T5K7"}, {"$B", "91220101MA0Y3T5K8"}, {"$D", "91220201MA0Y3T5KA"}, {"$K", "91220101MA0Y3T5KC"}}) {
    ids_[name] = first17 + *UsccCheckCharacter(first17);
  }
}

std::string World::Named(std::string text) const {
  for (const auto& [name, id] : ids_) {
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name)) text.replace(at, name.size(), id);
  }
  return text;
}

std::unique_ptr<google::protobuf::Message> World::Request(std::string_view method, const std::string& text) {
  const Method* found = FindMethod("songhua.v1." + std::string(method));
  SONGHUA_CHECK(found != nullptr);
  auto request = found->new_request();
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(Named(text), request.get())) << Named(text);
  const auto* id = request->GetDescriptor()->FindFieldByName("request_id");
  if (id != nullptr && request->GetReflection()->GetString(*request, id).empty()) {
    request->GetReflection()->SetString(request.get(), id, NewRequestId());
  }
  return request;
}

absl::StatusOr<std::string> World::AskBytes(std::string_view method, const std::string& text, const std::string& token) {
  return transport_->Send(*FindMethod("songhua.v1." + std::string(method)), *Request(method, text), token);
}

void World::Do(std::string_view method, const std::string& text, const std::string& token) {
  const auto answer = AskBytes(method, text, token);
  EXPECT_TRUE(answer.ok()) << method << " " << Named(text) << ": " << answer.status();
}

void World::Participant(const std::string& text) {
  Do("Participants/CreateParticipant", "participant { display_name: 'x' " + text + " }", "operator-token");
}

void World::Person(const std::string& id, const std::string& participant, const std::vector<std::string>& roles,
                   const std::string& region) {
  std::string grants;
  for (const std::string& role : roles) grants += " roles { role: " + role + " region: '" + region + "' }";
  Do("Participants/CreatePerson",
     "person { name: 'people/" + id + "' participant: 'participants/" + participant + "' display_name: 'x'" + grants + " }",
     "operator-token");
  Do("Participants/CreateToken",
     "person: 'people/" + id + "' token_sha256: '" + Octal(Sha256Of(id)) + "' expire_time { seconds: " + std::to_string(kTokensEnd) + " }",
     "operator-token");
}

void World::Populate() {
  Participant("name: 'participants/house' kind: OPERATOR region: '220000'");
  Person("registry-op", "house", {"REGISTRY_OP"});
  Person("exchange-op", "house", {"EXCHANGE_OP"});
  Person("settlement-op", "house", {"SETTLEMENT_OP"});
  for (const auto& [who, region] : std::map<std::string, std::string>{{"$A", "220102"}, {"$B", "220104"}, {"$D", "220202"}}) {
    Participant("name: 'participants/" + who + "' kind: ENTERPRISE region: '" + region + "'");
    Do("Participants/CreateSite",
       "site { name: 'sites/" + who + "001' participant: 'participants/" + who + "' display_name: 'x' region: '" + region +
           "' basin: 'SONGHUA' sector_class: INDUSTRY }",
       "operator-token");
  }
  Participant("name: 'participants/$K' kind: BANK region: '220100'");
  Participant("name: 'participants/branch' kind: BANK_BRANCH parent: 'participants/$K' region: '220200'");
  Person("a-trader", "$A", {"ENT_OPERATOR", "ENT_LEGAL_REP"});
  Person("b-trader", "$B", {"ENT_OPERATOR", "ENT_LEGAL_REP"});
  Person("d-trader", "$D", {"ENT_OPERATOR", "ENT_LEGAL_REP"});
  Person("k-officer", "$K", {"BANK_OFFICER", "BANK_APPROVER"});
  Person("branch-officer", "branch", {"BANK_OFFICER", "BANK_APPROVER"});
  const std::vector<std::string> offices = {"PERMIT_INTAKE",   "PERMIT_REVIEWER", "TECH_ASSESSOR",   "PERMIT_APPROVER", "ENFORCER",
                                            "MONITOR_OFFICER", "RESERVE_MANAGER", "PRICE_AUTHORITY", "COURT_LIAISON",   "CREDIT_OFFICER"};
  for (const auto& [authority, region] :
       std::map<std::string, std::string>{{"changchun", "220100"}, {"jilin", "220200"}, {"province", "220000"}}) {
    Participant("name: 'participants/" + authority + "' kind: AUTHORITY region: '" + region + "'");
    Person(authority + "-officer", authority, offices, region);
    Person(authority + "-reviewer", authority, {"PERMIT_REVIEWER"}, region);
  }
}

void World::Furnish() {
  Populate();
  Do("Ledger/LoadProgram",
     "program { name: 'programs/rights' display_name: 'Discharge rights' form: RIGHT unit: 'g/a' quoted_unit_steps: 1000000 pollutants: "
     "'SO2' "
     "control_zones: '220100' control_zones: '220200' trading_groups { code: 'INDUSTRY' sector_classes: 'INDUSTRY' } floor_policy: FLOOR "
     "first_year: 2020 last_year: 2040 term_years_max: 5 }",
     "registry-op");
  Do("Ledger/LoadProgram",
     "program { name: 'programs/cea' display_name: 'Carbon allowances' form: SERIAL unit: 't' quoted_unit_steps: 1 pollutants: 'CO2E' "
     "control_zones: 'CN' trading_groups { code: 'ALL' } floor_policy: NONE first_year: 2019 last_year: 2030 separate_trading_accounts: "
     "true }",
     "registry-op");
  uint64_t lots = 0;
  for (const std::string who : {"$A", "$B", "$D"}) {
    for (const std::string kind : {"REGISTRY", "TRADING", "CASH"}) {
      Do("Ledger/OpenAccount", "participant: 'participants/" + who + "' kind: " + kind, "registry-op");
    }
    Do("Ledger/DepositCash", "account: 'accounts/" + who + ".cash' amount_fen: 100000000 bank_reference: 'opening " + who + "'", "settlement-op");
    Do("Ledger/IssueUnits",
       "program: 'programs/cea' control_zone: 'CN' pollutant: 'CO2E' trading_group: 'ALL' vintage: 2025 quantity: 500 to_account: "
       "'accounts/" +
           who + ".registry'",
       "registry-op");
    Do("Ledger/TransferUnits", "from_lot: 'lots/" + std::to_string(lots + 1) + "' to_account: 'accounts/" + who + ".trading' quantity: 500",
       "registry-op");
    lots += 2;
  }
  Do("Ledger/OpenAccount", "kind: RESERVE participant: 'participants/changchun' program: 'programs/rights' control_zone: '220100'",
     "registry-op");
  for (const int kilograms : {60, 40}) {
    const std::string quantity = " quantity: " + std::to_string(kilograms * 1000);
    const auto issued = Must<v1::TransactionAnswer>(
        "Ledger/IssueUnits",
        "program: 'programs/rights' control_zone: '220100' pollutant: 'SO2' trading_group: 'INDUSTRY'" + quantity +
            " to_account: 'accounts/rights.reserve.220100' valid_from: '2026-01-01' valid_to: '2030-12-31'",
        "registry-op");
    Do("Ledger/AllocateRight",
       "from_lot: '" + issued.lots(0).name() + "' to_account: 'accounts/$A001.rights'" + quantity +
           " valid_from: '2026-01-01' valid_to: '2030-12-31' source: 'INITIAL_PAID' cost_fen: 1000",
       "changchun-officer");
  }
  for (const std::string rulebook : {"immediate' settlement: IMMEDIATE", "verified' settlement: VERIFIED"}) {
    Do("Exchange/LoadRulebook",
       "rulebook { name: 'rulebooks/" + rulebook + " quantity_min: 1 quantity_max: 1000000 same_day_resale: true fee_bps: 10 }",
       "exchange-op");
  }
  const std::string carbon =
      "program: 'programs/cea' control_zone: 'CN' pollutant: 'CO2E' trading_group: 'ALL' vintage: 2025 price_basis: PER_T_TERM tick_fen: 1 "
      "lot_size: 1 "
      "reference_price_fen: 8000 ";
  Do("Exchange/CreateContract", "contract { name: 'contracts/CEA25' rulebook: 'rulebooks/immediate' " + carbon + "}", "exchange-op");
  Do("Exchange/CreateContract", "contract { name: 'contracts/CEA25V' rulebook: 'rulebooks/verified' " + carbon + "}", "exchange-op");
  Do("Exchange/CreateContract",
     "contract { name: 'contracts/SO2' program: 'programs/rights' control_zone: '220100' trading_group: 'INDUSTRY' pollutant: 'SO2' "
     "term_first: '2027-01-01' "
     "term_last: '2029-12-31' price_basis: PER_T_YEAR tick_fen: 100 lot_size: 10000 rulebook: 'rulebooks/immediate' reference_price_fen: "
     "500000 }",
     "exchange-op");
  for (const std::string contract : {"CEA25", "CEA25V"})
    Do("Exchange/OpenSession", "contract: 'contracts/" + contract + "'", "exchange-op");
  Do("BasePrices/PublishBasePrice",
     "base_price { program: 'programs/rights' pollutant: 'SO2' control_zone: '220100' price_basis: 'PER_T_YEAR' price_fen: 300000 "
     "effective_from: "
     "'2026-01-05' document_reference: 'No. 1' }",
     "changchun-officer");
  Do("Permits/IssuePermit",
     "site: 'sites/$A001' tier: KEY valid_from: '2026-01-05' valid_to: '2030-12-31' reviewer: 'people/changchun-reviewer' outlets { code: "
     "'DA001' type: "
     "MAIN } allow_pending_rights: true",
     "changchun-officer");
}

std::string World::Place(const std::string& who, const std::string& side, const std::string& contract, int64_t price, int64_t quantity) {
  const std::string participant = "$" + std::string(1, static_cast<char>(std::toupper(who[0])));
  const std::string account = contract == "SO2" ? participant + "001.rights" : participant + ".trading";
  const auto answer = Must<v1::OrderAnswer>("Exchange/PlaceOrder",
                                            "contract: 'contracts/" + contract + "' account: 'accounts/" + account + "' side: " + side +
                                                " price_fen: " + std::to_string(price) + " quantity: " + std::to_string(quantity),
                                            who);
  return answer.order().name();
}

std::string World::Buy(const std::string& who, const std::string& contract, int64_t price, int64_t quantity) {
  return Place(who, "BUY", contract, price, quantity);
}
std::string World::Sell(const std::string& who, const std::string& contract, int64_t price, int64_t quantity) {
  return Place(who, "SELL", contract, price, quantity);
}

}  // namespace songhua::api
