// Who may call what. The table decides; this walks every method x every role x own or foreign participant x inside or outside the region,
// with a second reading of the grants, and finds exactly that. Then it calls, over a socket, at least one method of each service.
#include <algorithm>
#include <set>

#include "api/engine/method.h"
#include "api/services/table_service.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "tests/api/server_harness.h"

namespace songhua::api {
namespace {

using testing::IsEmpty;

const Region kInside(220102), kCity(220100), kOutside(220202);

std::vector<v1::Role> AllRoles() {
  std::vector<v1::Role> roles;
  for (int i = 0; i < v1::Role_descriptor()->value_count(); ++i)
    roles.push_back(static_cast<v1::Role>(v1::Role_descriptor()->value(i)->number()));
  return roles;
}

// The grants as a person would read them: some line names the role, and its scope, if it has one, fits. An open method lets everybody in; one with grants shows
// more to those whom they name.
bool Allowed(const Method& method, v1::Role role, bool own, bool inside) {
  if ((method.open || method.any_person) && method.grants.empty()) return true;
  return std::any_of(method.grants.begin(), method.grants.end(), [&](const Grant& grant) {
    return grant.role == role &&
           (grant.scope == Scope::kAny || (grant.scope == Scope::kOwn && own) || (grant.scope == Scope::kRegion && inside));
  });
}

TEST(AccessTest, EveryMethodDecidesAsItsLineSays) {
  size_t decisions = 0, allowed = 0;
  for (const Method& method : Methods()) {
    for (const v1::Role role : AllRoles()) {
      ledger::PersonRow person;
      person.id = "p";
      person.participant = "own";
      if (role != v1::ROLE_UNSPECIFIED) person.roles.push_back({role, kCity});
      for (const bool own : {false, true}) {
        for (const bool inside : {false, true}) {
          SCOPED_TRACE(method.name + " " + v1::Role_Name(role) + (own ? " own" : " foreign") + (inside ? " inside" : " outside"));
          const Target target{{own ? "own" : "other"}, inside ? kInside : kOutside};
          const absl::Status by_role = AuthorizeRole(method, &person);
          const bool some = method.open || Allowed(method, role, true, true);
          EXPECT_EQ(by_role.ok(), some);
          const bool expected = Allowed(method, role, own, inside);
          const bool decided = by_role.ok() && AuthorizeTarget(method, &person, target).ok();
          EXPECT_EQ(decided, expected);
          ++decisions;
          allowed += decided;
        }
      }
    }
  }
  EXPECT_EQ(decisions, Methods().size() * AllRoles().size() * 4);
  EXPECT_GT(allowed, 0u);
}

TEST(AccessTest, ARoleWithoutARegionHoldsEverywhere) {
  const Method& method = *FindMethod("songhua.v1.Ledger/GetLot");
  ledger::PersonRow auditor;
  auditor.roles.push_back({v1::AUDITOR, Region()});
  EXPECT_TRUE(AuthorizeTarget(method, &auditor, {{}, kOutside}).ok());
  EXPECT_TRUE(AuthorizeTarget(method, &auditor, {{}, Region()}).ok());
  auditor.roles.front().region = kCity;
  EXPECT_FALSE(AuthorizeTarget(method, &auditor, {{}, Region()}).ok());  // what lies in no region lies in nobody's
}

TEST(AccessTest, WithoutATokenOnlyOpenMethodsAreCalled) {
  for (const Method& method : Methods()) {
    EXPECT_EQ(AuthorizeRole(method, nullptr).ok(), method.open) << method.name;
    if (method.write) {
      EXPECT_FALSE(method.open || method.any_person) << method.name;
    }
  }
}

TEST(AccessTest, NobodyWritesWithoutAGrantAndNoGrantIsOfNoRole) {
  for (const Method& method : Methods()) {
    if (method.write) {
      EXPECT_FALSE(method.grants.empty()) << method.name;
    }
    for (const Grant& grant : method.grants) {
      EXPECT_NE(grant.role, v1::ROLE_UNSPECIFIED) << method.name;
      EXPECT_NE(grant.role, v1::PUBLIC) << method.name;  // which nobody holds
    }
    // A scope needs something to be held against; reads find theirs themselves.
    if (method.write && HasScopes(method)) {
      EXPECT_NE(method.target, nullptr) << method.name;
    }
    if (!method.write) {
      EXPECT_NE(method.read, nullptr) << method.name;
    }
  }
}

// GEN-14, INV-10: those who decide do not trade, and those who trade do not decide. What an authority may sell is its own reserve, whose proceeds are the
// treasury's (DR-52); it verifies no trade by the same role.
TEST(AccessTest, NoOfficeOfAnAuthorityTradesAndNoEnterpriseDecides) {
  const std::set<std::string> trading = {"PlaceOrder", "Take", "CancelOrder", "ReplaceOrder", "SubmitOrders"};
  const std::set<std::string> deciding = {"IssuePermit",    "RevokePermit",    "AmendPermit",   "AnnulPermit",   "RecallPermit",
                                          "WriteOffPermit", "TerminatePermit", "RestorePermit", "RecordPenalty", "VerifyTrade",
                                          "RejectTrade",    "AllocateRight",   "PublishBasePrice", "FreezeUnits",
                                          "RecordReductionTask"};
  for (const Method& method : Methods()) {
    const std::string name = method.name.substr(method.name.find('/') + 1);
    for (const Grant& grant : method.grants) {
      if (trading.contains(name)) {
        EXPECT_TRUE(grant.role == v1::ENT_OPERATOR || (grant.role == v1::RESERVE_MANAGER && grant.scope == Scope::kOwn)) << method.name;
      }
      if (name == "VerifyTrade" || name == "RejectTrade" || name == "CompleteTrade" || name == "LiftTraderBar") {
        EXPECT_NE(grant.role, v1::RESERVE_MANAGER) << method.name;
      }
      if (deciding.contains(name)) {
        EXPECT_TRUE(grant.role != v1::ENT_OPERATOR && grant.role != v1::ENT_LEGAL_REP) << method.name;
      }
    }
  }
}

TEST(AccessTest, EveryRpcHasItsLineAndEveryLineItsRpc) {
  std::set<std::string> lines;
  for (const Method& method : Methods()) EXPECT_TRUE(lines.insert(method.name).second) << method.name << " twice";
  std::set<std::string> called;
  for (const std::string& service : ServiceNames()) {
    const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
    ASSERT_NE(descriptor, nullptr);
    for (int i = 0; i < descriptor->method_count(); ++i) {
      const std::string rpc = service + "/" + descriptor->method(i)->name();
      const Method* method = AccessOf(rpc);
      ASSERT_NE(method, nullptr) << rpc;
      const bool stream = descriptor->method(i)->client_streaming() || descriptor->method(i)->server_streaming();
      if (!stream) {
        EXPECT_EQ(method->name, rpc);
      }
      if (!stream) {
        EXPECT_EQ(method->new_request()->GetDescriptor(), descriptor->method(i)->input_type()) << rpc;
      }
      called.insert(method->name);
    }
  }
  EXPECT_EQ(called, lines);
}

// ---- Over a socket ----

class AccessOverASocketTest : public testing::Test {
 protected:
  void SetUp() override { world_.Furnish(); }

  // Who of the world is let in: his outcome is not one of access.
  std::set<std::string> LetIn(std::string_view method, const std::string& text) {
    std::set<std::string> in;
    for (const std::string token : {"", "operator-token", "registry-op", "exchange-op", "settlement-op", "a-trader", "b-trader", "d-trader",
                                    "k-officer", "branch-officer", "changchun-officer", "jilin-officer", "province-officer"}) {
      const absl::Status status = world_.AskBytes(method, text, token).status();
      if (!absl::IsPermissionDenied(status) && !absl::IsUnauthenticated(status)) in.insert(token);
    }
    return in;
  }
  using Tokens = std::set<std::string>;

  ServerHarness harness_;
  World world_{&harness_};
};

TEST_F(AccessOverASocketTest, OneMethodOfEachServiceLetsInWhomItShould) {
  const auto lots = world_.Must<v1::ListLotsAnswer>("Ledger/ListLots", "account: 'accounts/$A001.rights'", "a-trader");
  const std::string lot = lots.lots(0).name();
  const std::string a_permit = world_.Named("permits/$A001P");
  const std::string valid = "validate_only: true ";
  world_.Sell("a-trader", "CEA25V", 8000, 10);
  world_.Buy("b-trader", "CEA25V", 8000, 10);
  const std::string trade = "name: 'trades/2000000000001'";
  world_.Must<v1::PledgeAnswer>("Pledges/ApplyPledge", "lot: '" + lot + "' quantity: 20000 pledgee: 'participants/branch' form: MORTGAGE",
                                "a-trader");

  EXPECT_EQ(LetIn("Participants/GetSite", "name: 'sites/$A001'"),
            Tokens({"operator-token", "registry-op", "exchange-op", "settlement-op", "a-trader", "changchun-officer", "province-officer"}));
  EXPECT_EQ(LetIn("Participants/CreatePerson", valid), Tokens({"operator-token"}));
  EXPECT_EQ(LetIn("Ledger/GetLot", "name: '" + lot + "'"), Tokens({"registry-op", "exchange-op", "settlement-op", "a-trader", "k-officer",
                                                                   "branch-officer", "changchun-officer", "province-officer"}));
  EXPECT_EQ(LetIn("Ledger/FreezeUnits", valid + "lot: '" + lot + "'"), Tokens({"changchun-officer", "province-officer"}));
  EXPECT_EQ(LetIn("Permits/RevokePermit", valid + "name: '" + a_permit + "'"), Tokens({"changchun-officer", "province-officer"}));
  EXPECT_EQ(LetIn("Permits/GetPermit", "name: '" + a_permit + "'").size(), 13u);  // public
  EXPECT_EQ(LetIn("Public/GetPublicPermit", "name: '" + a_permit + "'").size(), 13u);
  EXPECT_EQ(LetIn("Absences/SetAbsence", valid + "person: 'people/changchun-reviewer'"), Tokens({"operator-token", "changchun-officer"}));
  EXPECT_EQ(LetIn("Documents/ListDocuments", "owner: 'participants/$A'"),
            Tokens({"a-trader", "b-trader", "d-trader", "changchun-officer", "jilin-officer", "province-officer"}));  // each sees his own
  EXPECT_EQ(LetIn("Compliance/GetCompliance", "account: 'accounts/$A.registry'"),
            Tokens({"registry-op", "a-trader", "changchun-officer", "province-officer"}));
  EXPECT_EQ(LetIn("Exchange/PlaceOrder", valid + "account: 'accounts/$A.trading'"), Tokens({"a-trader"}));
  EXPECT_EQ(LetIn("Exchange/Take", valid + "account: 'accounts/$A.trading'"), Tokens({"a-trader"}));
  EXPECT_EQ(LetIn("Exchange/ListOrders", "account: 'accounts/$A.trading'"), Tokens({"exchange-op", "a-trader"}));
  EXPECT_EQ(LetIn("Trades/GetTrade", trade), Tokens({"registry-op", "exchange-op", "settlement-op", "a-trader", "b-trader"}));
  EXPECT_EQ(LetIn("Trades/SettleDay", valid + "contract: 'contracts/CEA25'"), Tokens({"settlement-op"}));
  EXPECT_EQ(LetIn("BasePrices/PublishBasePrice", valid + "base_price { control_zone: '220100' }"),
            Tokens({"changchun-officer", "province-officer"}));
  EXPECT_EQ(LetIn("Pledges/GetPledge", "name: 'pledges/1'"), Tokens({"registry-op", "exchange-op", "settlement-op", "a-trader", "k-officer",
                                                                     "branch-officer", "changchun-officer", "province-officer"}));
  EXPECT_EQ(LetIn("Collateral/GetPortfolio", "bank: 'participants/$K'"), Tokens({"registry-op", "k-officer"}));
  EXPECT_EQ(LetIn("Pledges/ApprovePledge", valid + "name: 'pledges/1'"), Tokens({"k-officer", "branch-officer"}));
  EXPECT_EQ(LetIn("BankStatements/ListUnseenMovements", ""), Tokens({"registry-op", "settlement-op"}));
  EXPECT_EQ(LetIn("BankStatements/BeginStatement", valid), Tokens({"settlement-op"}));
  EXPECT_EQ(LetIn("RegistryControls/ConfirmAccount", valid + "account: 'accounts/$A.registry'"), Tokens({"a-trader"}));
  EXPECT_EQ(LetIn("RegistryControls/AddTrustedAccount", valid + "account: 'accounts/$A.registry'"), Tokens({"a-trader"}));
  EXPECT_EQ(LetIn("SettlementDays/SendTrades", valid + "contract: 'contracts/CEA25'"), Tokens({"exchange-op"}));
  EXPECT_EQ(LetIn("SettlementDays/ConfirmBatch", valid + "name: 'settlementBatches/1'"), Tokens({"registry-op"}));
  EXPECT_EQ(LetIn("SettlementDays/GetDailyStatement", "participant: 'participants/$A' date: '2026-01-05'"),
            Tokens({"registry-op", "exchange-op", "settlement-op", "a-trader"}));
  EXPECT_EQ(LetIn("DayOne/BeginDayOne", valid), Tokens({"registry-op"}));
  EXPECT_EQ(LetIn("Operations/AdvanceClock", valid), Tokens({"operator-token"}));
  EXPECT_EQ(LetIn("Operations/Reconcile", ""), Tokens({"operator-token", "registry-op", "exchange-op", "settlement-op"}));
}

}  // namespace
}  // namespace songhua::api
