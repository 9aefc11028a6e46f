#include "ledger/price_proposals.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/table_fixture.h"

namespace songhua::ledger {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct AnyScope : PriceScope {
  absl::Status CheckPriceScope(const std::string& program, const std::string&, const std::string&) const override {
    return program == "jilin" ? absl::OkStatus() : absl::Status(NotFound("program", program));
  }
};

constexpr char kMethod[] =
    "name: 'priceMethods/m' display_name: 'M' legal_basis: 'L' formula: 'cost * cpi' rounding_fen: 1000 consultation_days_min: 30 "
    "offices: 'PRICE' offices: 'FINANCE' review_years: 5 index_input: 'cpi' review_index_change: 1000 "
    "inputs { name: 'cost' display_name: 'C' min: '1' decimals_max: 2 } inputs { name: 'cpi' display_name: 'I' min: '0.5' max: '2' decimals_max: 4 } ";

class PriceProposalsTest : public TableFixture {
 protected:
  auto Load(const std::string& more = "") {
    return Run([&](CommandContext& context) { return methods_->LoadPriceMethod(context, Text<v1::LoadPriceMethodRequest>("method { " + (kMethod + more) + " }")); });
  }
  auto Draft(const std::string& inputs = "inputs { name: 'cost' value: '4000' source: 's' } inputs { name: 'cpi' value: '1.1' source: 's' }") {
    return Run([&](CommandContext& context) {
      return proposals_->DraftBasePrice(context, Text<v1::DraftBasePriceRequest>("program: 'programs/jilin' pollutant: 'SO2' control_zone: '220100' price_basis: "
                                                                                 "'PER_T_YEAR' method: 'priceMethods/m' " + inputs),
                                        scope_);
    });
  }
  template <class Request, class Answer>
  auto Call(Answer (PriceProposals::*method)(CommandContext&, const Request&), const std::string& text) {
    return Run([&](CommandContext& context) { return (proposals_.get()->*method)(context, Text<Request>(text)); });
  }
  auto Open(const std::string& more = "") { return Call(&PriceProposals::OpenPriceConsultation, "name: 'priceProposals/1' " + more); }
  auto Opinion() { return Call(&PriceProposals::RecordPriceOpinion, "name: 'priceProposals/1' from: 'F' text: 'T'"); }
  auto Sign(const std::string& office) { return Call(&PriceProposals::SignPriceProposal, "name: 'priceProposals/1' office: '" + office + "'"); }
  auto Publish() { return Call(&PriceProposals::PublishPriceProposal, "name: 'priceProposals/1' effective_from: '2026-03-01' document_reference: 'D'"); }
  auto Withdraw() { return Call(&PriceProposals::WithdrawPriceProposal, "name: 'priceProposals/1' reason: 'R'"); }
  void Be(const std::string& person, const std::string& participant) {
    person_ = person;
    participant_ = participant;
  }
  // Drafted by "drafter", and led to the state.
  void LeadTo(v1::PriceProposalState state) {
    Be("drafter", "prices");
    ASSERT_EQ(Outcome(Load()), "OK");
    ASSERT_EQ(Outcome(Draft()), "OK");
    if (state == v1::PRICE_WITHDRAWN) {
      ASSERT_EQ(Outcome(Withdraw()), "OK");
      return;
    }
    if (state == v1::PRICE_DRAFT) return;
    ASSERT_EQ(Outcome(Open()), "OK");
    if (state == v1::PRICE_CONSULTATION) return;
    SetDay(2026, 2, 5);
    Be("p", "prices");
    ASSERT_EQ(Outcome(Sign("PRICE")), "OK");
    Be("f", "finance");
    ASSERT_EQ(Outcome(Sign("FINANCE")), "OK");
    if (state == v1::PRICE_APPROVED) return;
    ASSERT_EQ(Outcome(Publish()), "OK");
  }

  std::unique_ptr<Counters> counters_ = std::make_unique<Counters>(&tables_);
  std::unique_ptr<PriceMethods> methods_ = std::make_unique<PriceMethods>(&tables_);
  std::unique_ptr<BasePrices> prices_ = std::make_unique<BasePrices>(&tables_, counters_.get());
  std::unique_ptr<PriceProposals> proposals_ = std::make_unique<PriceProposals>(&tables_, counters_.get(), methods_.get(), prices_.get());
  AnyScope scope_;
};

// Every act in every state: exactly those of the life cycle are accepted.
struct Act {
  const char* name;
  std::vector<v1::PriceProposalState> allowed;
};
const Act kActs[] = {{"open", {v1::PRICE_DRAFT}},
                     {"opinion", {v1::PRICE_CONSULTATION}},
                     {"sign", {v1::PRICE_CONSULTATION}},
                     {"publish", {v1::PRICE_APPROVED}},
                     {"withdraw", {v1::PRICE_DRAFT, v1::PRICE_CONSULTATION, v1::PRICE_APPROVED}}};

class PriceActInState : public PriceProposalsTest, public testing::WithParamInterface<v1::PriceProposalState> {
 protected:
  std::string Try(const std::string& act) {
    if (act == "open") return Outcome(Open());
    if (act == "opinion") return Outcome(Opinion());
    if (act == "publish") return Outcome(Publish());
    if (act == "withdraw") return Outcome(Withdraw());
    SetDay(2026, 2, 5);
    Be("somebody", "finance");
    return Outcome(Sign("FINANCE"));
  }
};

TEST_P(PriceActInState, IsAsTheLifeCycleHasIt_DR72) {
  LeadTo(GetParam());
  ASSERT_EQ(proposals_->Find(1)->state, GetParam());
  validate_only_ = true;
  for (const Act& act : kActs) {
    const bool allowed = std::find(act.allowed.begin(), act.allowed.end(), GetParam()) != act.allowed.end();
    EXPECT_EQ(Try(act.name), allowed ? "OK" : "WRONG_STATE DR-72 name") << act.name;
  }
}

INSTANTIATE_TEST_SUITE_P(States, PriceActInState,
                         testing::Values(v1::PRICE_DRAFT, v1::PRICE_CONSULTATION, v1::PRICE_APPROVED, v1::PRICE_PUBLISHED, v1::PRICE_WITHDRAWN),
                         [](const auto& info) { return v1::PriceProposalState_Name(info.param); });

TEST_F(PriceProposalsTest, ThePriceFollowsFromTheInputs_DR71) {
  ASSERT_EQ(Outcome(Load()), "OK");
  const auto draft = Draft("inputs { name: 'cost' value: '4004.99' source: 's' } inputs { name: 'cpi' value: '1' source: 's' }");
  ASSERT_EQ(Outcome(draft), "OK");
  EXPECT_EQ(draft->proposal().exact_yuan(), "4004.99");
  EXPECT_EQ(draft->proposal().price_fen(), 400'000);
  EXPECT_EQ(Draft("inputs { name: 'cost' value: '4005' source: 's' } inputs { name: 'cpi' value: '1' source: 's' }")->proposal().price_fen(), 401'000)
      << "half up";
  EXPECT_EQ(Outcome(Draft("inputs { name: 'cost' value: '4.99' source: 's' } inputs { name: 'cpi' value: '1' source: 's' }")), "INVALID_FIELD DR-71 inputs")
      << "rounds to nothing";
}

TEST_F(PriceProposalsTest, InputsThatTheMethodDoesNotAllowAreRefused_DR71) {
  ASSERT_EQ(Outcome(Load()), "OK");
  const std::string cpi = "inputs { name: 'cpi' value: '1' source: 's' }";
  EXPECT_EQ(Outcome(Draft(cpi)), "INVALID_FIELD DR-71 inputs");
  EXPECT_EQ(Outcome(Draft(cpi + cpi)), "INVALID_FIELD DR-71 inputs.name");
  EXPECT_EQ(Outcome(Draft("inputs { name: 'luck' value: '1' source: 's' }")), "INVALID_FIELD DR-71 inputs.name");
  EXPECT_EQ(Outcome(Draft("inputs { name: 'cost' value: '0.99' source: 's' }")), "INVALID_FIELD DR-71 inputs.cost");
  EXPECT_EQ(Outcome(Draft("inputs { name: 'cpi' value: '2.0001' source: 's' }")), "INVALID_FIELD DR-71 inputs.cpi");
  EXPECT_EQ(Outcome(Draft("inputs { name: 'cost' value: '4000.001' source: 's' }")), "INVALID_FIELD DR-71 inputs.cost") << "too many places";
  EXPECT_EQ(Detail(Draft("inputs { name: 'cost' value: 'much' source: 's' }")).field, "inputs.cost");
  EXPECT_EQ(Detail(Draft("inputs { name: 'cost' value: '4000' }")).field, "inputs.cost.source");
}

TEST_F(PriceProposalsTest, AMethodThatContradictsItselfIsRefused_DR71) {
  EXPECT_EQ(Outcome(Load("formula: 'cost *'")), "INVALID_FIELD DR-71 method.formula");
  EXPECT_EQ(Outcome(Load("formula: 'cost'")), "INVALID_FIELD DR-71 method.inputs.name") << "an input that the formula does not name";
  EXPECT_EQ(Outcome(Load("formula: 'cost * cpi * area'")), "INVALID_FIELD DR-71 method.inputs") << "one without a rule";
  EXPECT_EQ(Outcome(Load("inputs { name: 'cpi' display_name: 'again' }")), "INVALID_FIELD DR-71 method.inputs.name");
  EXPECT_EQ(Outcome(Load("offices: 'PRICE'")), "INVALID_FIELD DR-72 method.offices");
  EXPECT_EQ(Outcome(Load("offices: 'price'")), "INVALID_FIELD DR-72 method.offices");
  EXPECT_EQ(Outcome(Load("index_input: 'wages'")), "INVALID_FIELD DR-72 method.index_input");
  EXPECT_EQ(Outcome(Load("review_index_change: 0")), "INVALID_FIELD DR-72 method.review_index_change");
  EXPECT_EQ(Outcome(Load("rounding_fen: 0")), "INVALID_FIELD DR-72 method.rounding_fen");
  EXPECT_EQ(Outcome(Load("name: 'priceMethods/M'")), "INVALID_FIELD GEN-09 method.name");
  EXPECT_EQ(Outcome(Load()), "OK");
}

TEST_F(PriceProposalsTest, AFormulaThatDividesByZeroNamesTheDivisor_DR71) {
  ASSERT_EQ(Outcome(Load("formula: 'cost / (cpi - 1)'")), "OK");
  const auto refused = Draft("inputs { name: 'cost' value: '4000' source: 's' } inputs { name: 'cpi' value: '1' source: 's' }");
  EXPECT_EQ(Outcome(refused), "DIVISION_BY_ZERO DR-71 formula");
  EXPECT_EQ(Detail(refused).accepted, "inputs with which (cpi - 1) is not 0");
}

TEST_F(PriceProposalsTest, TheConsultationLastsAsTheMethodSays_DR72) {
  LeadTo(v1::PRICE_DRAFT);
  EXPECT_EQ(Outcome(Open("last_day: '2026-02-03'")), "INVALID_FIELD DR-72 last_day");
  EXPECT_EQ(Open("last_day: '2026-02-10'")->proposal().consultation_last_day(), "2026-02-10");
  SetDay(2026, 2, 10);
  EXPECT_EQ(Outcome(Opinion()), "OK");
  Be("f", "finance");
  EXPECT_EQ(Outcome(Sign("FINANCE")), "CONSULTATION_OPEN DR-72 name");
  SetDay(2026, 2, 11);
  EXPECT_EQ(Outcome(Opinion()), "CONSULTATION_OVER DR-72 name");
  EXPECT_EQ(Outcome(Sign("FINANCE")), "OK");
}

TEST_F(PriceProposalsTest, EachOfficeSignsOnceByAnotherAuthorityAndNobodyHisOwnDraft_GEN14) {
  LeadTo(v1::PRICE_CONSULTATION);
  SetDay(2026, 2, 5);
  EXPECT_EQ(Outcome(Sign("PRICE")), "SEPARATION_OF_DUTIES GEN-14 name") << "the drafter";
  Be("p", "prices");
  EXPECT_EQ(Outcome(Sign("WATER")), "INVALID_FIELD DR-72 office");
  ASSERT_EQ(Outcome(Sign("PRICE")), "OK");
  EXPECT_EQ(Outcome(Sign("FINANCE")), "SEPARATION_OF_DUTIES GEN-14 office") << "the same person";
  Be("q", "prices");
  EXPECT_EQ(Outcome(Sign("FINANCE")), "SEPARATION_OF_DUTIES GEN-14 office") << "the same authority";
  Be("f", "finance");
  EXPECT_EQ(Outcome(Sign("PRICE")), "ALREADY_SIGNED DR-72 office");
  EXPECT_EQ(Sign("FINANCE")->proposal().state(), v1::PRICE_APPROVED);
}

TEST_F(PriceProposalsTest, WhatWasPublishedKeepsItsMethodAndItsInputs_DR72) {
  LeadTo(v1::PRICE_PUBLISHED);
  ASSERT_EQ(Outcome(Load("rounding_fen: 100")), "OK");
  const PriceProposalRow* origin = proposals_->OriginOf(1);
  ASSERT_NE(origin, nullptr);
  const PriceMethodRow* method = methods_->Find(origin->method, origin->method_version);
  ASSERT_NE(method, nullptr);
  EXPECT_EQ(method->version, 1u);
  EXPECT_EQ(ComputePrice(*method, origin->inputs)->price, prices_->Find(1)->price);
  EXPECT_EQ(ExplainPrice(*method, origin->inputs), "cost * cpi = 4000 * 1.1 = 4400 yuan; rounded half up to 10.00 yuan: 4400.00 yuan");
  EXPECT_EQ(proposals_->OriginOf(2), nullptr);
}

TEST_F(PriceProposalsTest, AgeAndTheIndexCallForAReview_DR72) {
  LeadTo(v1::PRICE_PUBLISHED);
  const PriceProposalRow& origin = *proposals_->OriginOf(1);
  const PriceMethodRow& method = *methods_->Newest("m");
  const auto reasons = [&](Date today, int64_t index) {
    PriceIndexRow row;
    row.value = index;
    return ReviewReasons(*prices_->Find(1), origin, method, index == 0 ? nullptr : &row, today);
  };
  EXPECT_THAT(reasons(MakeDate(2031, 2, 28), 0), IsEmpty());
  EXPECT_THAT(reasons(MakeDate(2031, 3, 1), 0), ElementsAre("in force for 5 years since 2031-03-01"));
  EXPECT_THAT(reasons(MakeDate(2026, 3, 1), *ParseDecimal("1.21", kFormulaScale)), IsEmpty()) << "ten percent is not more than ten percent";
  EXPECT_THAT(reasons(MakeDate(2026, 3, 1), *ParseDecimal("1.2101", kFormulaScale)), ElementsAre("cpi went from 1.1 to 1.2101, more than 10.00%"));
  EXPECT_THAT(reasons(MakeDate(2026, 3, 1), *ParseDecimal("0.9899", kFormulaScale)), ElementsAre("cpi went from 1.1 to 0.9899, more than 10.00%"));
  SetDay(2026, 3, 2);
  EXPECT_THAT(Call(&PriceProposals::RecordPriceIndex, "method: 'priceMethods/m' value: '1.3' source: 's'")->due_for_review(), ElementsAre("basePrices/1"));
  EXPECT_EQ(Outcome(Call(&PriceProposals::RecordPriceIndex, "method: 'priceMethods/m' value: '3' source: 's'")), "INVALID_FIELD DR-71 value");
}

TEST_F(PriceProposalsTest, ARestartChangesNothing) {
  LeadTo(v1::PRICE_PUBLISHED);
  StoredRows stored;
  stored.Fold(&tables_);
  TableSet tables;
  Counters counters(&tables);
  PriceMethods methods(&tables);
  BasePrices prices(&tables, &counters);
  PriceProposals proposals(&tables, &counters, &methods, &prices);
  stored.LoadInto(&tables);
  ASSERT_NE(proposals.OriginOf(1), nullptr);
  EXPECT_EQ(proposals.OriginOf(1)->signatures.size(), 2u);
  EXPECT_EQ(methods.Newest("m")->version, 1u);
}

}  // namespace
}  // namespace songhua::ledger
