// Account states and the market: what the registry says of an account holds for its orders, from the command that says it (CAR-06).
#include <string>

#include "gtest/gtest.h"
#include "songhua/v1/registry_controls.pb.h"
#include "tests/api/read_harness.h"

namespace songhua::api {
namespace {

class AccountStatesTest : public testing::Test {
 protected:
  AccountStatesTest() { world_.Furnish(); }
  std::string SetState(const std::string& state, const std::string& more = "") {
    return Outcome(world_.Ask<v1::AccountControlAnswer>("RegistryControls/SetAccountState",
                                                        "account: 'accounts/$A.trading' state: " + state + " reason: 'decision 7' " + more, "registry-op"));
  }
  std::string Place(const std::string& side) {
    return Outcome(world_.Ask<v1::OrderAnswer>(
        "Exchange/PlaceOrder", "contract: 'contracts/CEA25' account: 'accounts/$A.trading' price_fen: 8000 quantity: 1 side: " + side, "a-trader"));
  }
  // "SUBMITTED", "SYSTEM_CANCELLED ACCOUNT_RESTRICTED".
  std::string StateOf(const std::string& order) {
    const v1::Order answer = world_.Must<v1::OrderAnswer>("Exchange/GetOrder", "name: '" + order + "'", "a-trader").order();
    return answer.state() + (answer.cancel_reason().empty() ? "" : " " + answer.cancel_reason());
  }

  ReadHarness harness_;
  World world_{&harness_};
};

constexpr char kEnded[] = "SYSTEM_CANCELLED ACCOUNT_RESTRICTED";
constexpr char kRestricted[] = "FAILED_PRECONDITION ACCOUNT_RESTRICTED";

TEST_F(AccountStatesTest, ABlockedAccountLosesWhatItOffersAndASuspendedOneWhatItBidsFor) {
  const std::string offer = world_.Sell("a-trader", "CEA25", 8100, 30);
  const std::string bid = world_.Buy("a-trader", "CEA25", 7900, 5);
  const std::string of_another = world_.Sell("b-trader", "CEA25", 8200, 30);
  ASSERT_EQ(SetState("BLOCKED", "validate_only: true"), "OK");
  EXPECT_EQ(StateOf(offer), "SUBMITTED");
  ASSERT_EQ(SetState("BLOCKED"), "OK");
  EXPECT_EQ(StateOf(offer), kEnded);
  EXPECT_EQ(StateOf(bid), "SUBMITTED") << "units may come in";
  EXPECT_EQ(Place("SELL"), kRestricted);
  ASSERT_EQ(SetState("SUSPENDED"), "OK");
  EXPECT_EQ(StateOf(bid), kEnded);
  EXPECT_EQ(Place("BUY"), kRestricted);
  EXPECT_EQ(world_.Must<v1::OrderAnswer>("Exchange/GetOrder", "name: '" + of_another + "'", "b-trader").order().state(), "SUBMITTED");
  ASSERT_EQ(SetState("OPEN"), "OK");
  EXPECT_EQ(Place("BUY"), "OK");
}

TEST_F(AccountStatesTest, AClosedAccountBuysNothing) {
  const std::string bid = world_.Buy("a-trader", "CEA25", 7900, 5);
  const auto lots = world_.Must<v1::ListLotsAnswer>("Ledger/ListLots", "account: 'accounts/$A.trading'", "a-trader");
  world_.Must<v1::TransactionAnswer>("Ledger/TransferUnits", "from_lot: '" + lots.lots(0).name() + "' to_account: 'accounts/$A.registry' quantity: 500",
                                     "registry-op");
  ASSERT_EQ(SetState("CLOSED"), "OK");
  EXPECT_EQ(StateOf(bid), kEnded);
  EXPECT_EQ(Place("BUY"), kRestricted);
}

}  // namespace
}  // namespace songhua::api
