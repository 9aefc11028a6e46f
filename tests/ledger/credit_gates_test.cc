// CREDIT-20 as a table: what is published, and what a program may change.
#include "ledger/credit_gates.h"

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

using Gate = v1::CreditGate;

absl::StatusOr<CreditGates> Parsed(const std::string& text) {
  v1::RightsPolicy policy;
  SONGHUA_CHECK(google::protobuf::TextFormat::ParseFromString(text, &policy));
  return CreditGates::Parse(policy.credit_gates(), "program.rights.credit_gates");
}

std::string FieldOf(const std::string& text) {
  const auto refusal = GetRefusal(Parsed(text).status());
  return refusal.has_value() ? refusal->field : "OK";
}

TEST(CreditGatesTest, ThePublishedTable) {
  const CreditGates gates;
  const auto of = [&](Gate::Act act, v1::CreditGrade grade, bool blacklisted = false, bool suspended = false) {
    return gates.Of(act, {grade, blacklisted, suspended});
  };
  for (const Gate::Act act : {Gate::BUY_FOR_NEW_PROJECT, Gate::SELL, Gate::LEASE_IN, Gate::PLEDGE}) {
    EXPECT_EQ(of(act, v1::CREDIT_GRADE_UNSPECIFIED), Gate::ALLOW);
    EXPECT_EQ(of(act, v1::GREEN), Gate::ALLOW);
    EXPECT_EQ(of(act, v1::BLUE), Gate::ALLOW);
    EXPECT_EQ(of(act, v1::YELLOW), Gate::REVIEW);
    EXPECT_EQ(of(act, v1::RED), Gate::BLOCK);
    EXPECT_EQ(of(act, v1::BLACK), Gate::BLOCK);
    EXPECT_EQ(of(act, v1::GREEN, true), Gate::BLOCK);
    EXPECT_EQ(of(act, v1::GREEN, false, true), Gate::BLOCK);
  }
  EXPECT_EQ(of(Gate::BUY_FOR_DEFICIT, v1::YELLOW), Gate::ALLOW);
  EXPECT_EQ(of(Gate::BUY_FOR_DEFICIT, v1::RED, true, true), Gate::REVIEW) << "CREDIT-21: never blocked";
}

TEST(CreditGatesTest, AProgramChangesRowsAndKeepsTheRest) {
  const auto gates = Parsed("credit_gates { act: SELL green: REVIEW yellow: BLOCK red: BLOCK blacklisted: BLOCK suspended: ALLOW }");
  ASSERT_TRUE(gates.ok());
  EXPECT_EQ(gates->Of(Gate::SELL, {v1::GREEN, false, false}), Gate::REVIEW);
  EXPECT_EQ(gates->Of(Gate::SELL, {v1::GREEN, false, true}), Gate::REVIEW) << "the strictest of the columns that apply";
  EXPECT_EQ(gates->Of(Gate::PLEDGE, {v1::YELLOW, false, false}), Gate::REVIEW);
  v1::RightsPolicy shown;
  gates->AddTo(shown.mutable_credit_gates());
  EXPECT_EQ(shown.credit_gates_size(), Gate::Act_MAX);
  EXPECT_TRUE(CreditGates::Parse(shown.credit_gates(), "x").ok());
}

TEST(CreditGatesTest, ARowIsWholeAndStandsOnce) {
  const std::string row = "credit_gates { act: SELL green: ALLOW yellow: ALLOW red: ALLOW blacklisted: ALLOW suspended: ALLOW } ";
  EXPECT_EQ(FieldOf(row), "OK");
  EXPECT_EQ(FieldOf(row + row), "program.rights.credit_gates[1].act");
  EXPECT_EQ(FieldOf("credit_gates { green: ALLOW }"), "program.rights.credit_gates[0].act");
  EXPECT_EQ(FieldOf("credit_gates { act: SELL green: ALLOW yellow: ALLOW red: ALLOW blacklisted: ALLOW }"), "program.rights.credit_gates[0].suspended");
}

}  // namespace
}  // namespace songhua::ledger
