#include "permits/permits.h"

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/counters.h"
#include "ledger/participants.h"
#include "permits/permit_content.h"
#include "tests/table_fixture.h"

namespace songhua::permits {
namespace {

constexpr char kSite[] = "91130200699229617X001";
constexpr char kNumber[] = "91130200699229617X001P";

struct NoAccounts : ledger::RightsAccountOpener {
  void OpenRightsAccount(CommandContext&, const ledger::SiteRow&) override {}
};

// Rights as a test sets them: SO2 is subject to paid use.
struct FixedRights : RightsReader {
  bool PaidUse(const std::string& pollutant) const override { return pollutant == "SO2"; }
  absl::StatusOr<Quantity> EffectiveRights(const std::string&, const std::string&, int32_t year) const override {
    const auto it = of_year.find(year);
    return it == of_year.end() ? always : it->second;
  }
  Quantity always{1'000};
  std::map<int32_t, Quantity> of_year;
};

struct MarketSeen : SiteMarket {
  void CancelOrdersOfSite(CommandContext&, const std::string& site, std::string_view reason) override {
    cancelled.push_back(site + " " + std::string(reason));
  }
  void RestrainOrdersOfSite(CommandContext&, const std::string& site, std::string_view reason) override {
    cancelled.push_back(site + " sell " + std::string(reason));
  }
  std::vector<std::string> cancelled;
};

// "annual_limits { year: 2026 quantity: 5 } ..." for a range of years.
std::string YearsOfLimits(int32_t first, int32_t last, int64_t quantity) {
  std::string text;
  for (int32_t year = first; year <= last; ++year) {
    text += "annual_limits { year: " + std::to_string(year) + " quantity: " + std::to_string(quantity) + " } ";
  }
  return text;
}
std::string Limit(const std::string& scope, const std::string& pollutant, const std::string& years) {
  return "limits { scope: '" + scope + "' pollutant: '" + pollutant + "' " + years + "} ";
}

class PermitsTest : public TableFixture {
 protected:
  void SetUp() override {
    Register("participant { name: 'participants/91130200699229617X' kind: ENTERPRISE display_name: 'Plant' region: '220102' }");
    Register("participant { name: 'participants/cc-eco' kind: AUTHORITY display_name: 'Changchun' region: '220100' }");
    Register("participant { name: 'participants/jl-city-eco' kind: AUTHORITY display_name: 'Jilin City' region: '220200' }");
    AddSite(kSite);
    AddOfficer("reviewer", "cc-eco", "role: PERMIT_REVIEWER region: '220100'");
    AddOfficer("approver", "cc-eco", "role: PERMIT_APPROVER region: '220100' } roles { role: PERMIT_REVIEWER region: '220100'");
    AddOfficer("enforcer", "cc-eco", "role: ENFORCER region: '220100'");
    AddOfficer("neighbour", "jl-city-eco", "role: PERMIT_APPROVER region: '220200' } roles { role: PERMIT_REVIEWER region: '220200'");
    person_ = "approver";
  }

  void Register(const std::string& text) {
    ASSERT_EQ(Outcome(Run([&](CommandContext& context) {
                return participants_->CreateParticipant(context, Text<v1::CreateParticipantRequest>(text));
              })),
              "OK");
  }
  void AddSite(const std::string& id) {
    const std::string text = "site { name: 'sites/" + id + "' participant: 'participants/91130200699229617X' display_name: 'Works' " +
                             "region: '220102' basin: 'SONGHUA' sector_class: INDUSTRY }";
    ASSERT_EQ(Outcome(Run([&](CommandContext& context) {
                NoAccounts accounts;
                return participants_->CreateSite(context, Text<v1::CreateSiteRequest>(text), accounts);
              })),
              "OK");
  }
  void AddOfficer(const std::string& id, const std::string& authority, const std::string& grant) {
    const std::string text =
        "person { name: 'people/" + id + "' participant: 'participants/" + authority + "' display_name: 'P' roles { " + grant + " } }";
    ASSERT_EQ(
        Outcome(Run([&](CommandContext& context) { return participants_->CreatePerson(context, Text<v1::CreatePersonRequest>(text)); })),
        "OK");
  }

  // A good request: five years from the opening day, 100 g of SO2 a year by DA001.
  std::string Good(const std::string& site = kSite) const {
    return "site: 'sites/" + site + "' tier: KEY valid_from: '2026-01-05' valid_to: '2031-01-04' reviewer: 'people/reviewer' " +
           "outlets { code: 'DA001' type: MAIN } " + Limit("DA001", "SO2", YearsOfLimits(2026, 2031, 100)) +
           Limit("SITE", "SO2", YearsOfLimits(2026, 2031, 100));
  }
  // The same without limits for a term, which may be issued whatever the rights are.
  std::string Bare(const std::string& from, const std::string& to, const std::string& outlet = "DA001") const {
    return "site: 'sites/" + std::string(kSite) + "' tier: KEY valid_from: '" + from + "' valid_to: '" + to +
           "' reviewer: 'people/reviewer' outlets { code: '" + outlet + "' type: MAIN } ";
  }
  absl::StatusOr<v1::PermitAnswer> Issue(const std::string& text) {
    return Run([&](CommandContext& context) { return permits_->IssuePermit(context, Text<v1::IssuePermitRequest>(text), rights_); });
  }
  absl::StatusOr<v1::PermitAnswer> Revoke(const std::string& number, const std::string& decision = "吉环罚[2026]7",
                                          const std::string& grounds = "evasion") {
    v1::RevokePermitRequest request;
    request.set_name("permits/" + number);
    request.set_decision(decision);
    request.set_grounds(grounds);
    return Run([&](CommandContext& context) { return permits_->RevokePermit(context, request, market_); });
  }

  void Restart() {
    stored_.Fold(&tables_);
    permits_.reset();
    file_.reset();
    regimes_.reset();
    participants_.reset();
    counters_.reset();
    counters_ = std::make_unique<ledger::Counters>(&tables_);
    participants_ = std::make_unique<ledger::Participants>(&tables_, counters_.get());
    regimes_ = std::make_unique<Regimes>(&tables_);
    file_ = std::make_unique<CaseFile>(&tables_, counters_.get());
    permits_ = std::make_unique<Permits>(&tables_, participants_.get(), regimes_.get(), file_.get(), &alarm_);
    stored_.LoadInto(&tables_);
  }

  std::unique_ptr<ledger::Counters> counters_ = std::make_unique<ledger::Counters>(&tables_);
  std::unique_ptr<ledger::Participants> participants_ = std::make_unique<ledger::Participants>(&tables_, counters_.get());
  std::unique_ptr<Regimes> regimes_ = std::make_unique<Regimes>(&tables_);
  std::unique_ptr<CaseFile> file_ = std::make_unique<CaseFile>(&tables_, counters_.get());
  struct : Alarm {
    void WakeAt(Timestamp) override {}
  } alarm_;
  std::unique_ptr<Permits> permits_ = std::make_unique<Permits>(&tables_, participants_.get(), regimes_.get(), file_.get(), &alarm_);
  FixedRights rights_;
  MarketSeen market_;
  StoredRows stored_;
};

// ---- Issue ----

TEST_F(PermitsTest, ThePermitsNumberIsTheSitesWithP_PERMIT10) {
  const auto answer = Issue(Good());
  ASSERT_EQ(Outcome(answer), "OK");
  const v1::Permit& permit = answer->permit();
  EXPECT_EQ(permit.name(), "permits/91130200699229617X001P");
  EXPECT_EQ(permit.version(), 1u);
  EXPECT_EQ(permit.state(), v1::EFFECTIVE);
  EXPECT_EQ(permit.region(), "220102");
  EXPECT_EQ(permit.reviewer(), "people/reviewer");
  EXPECT_EQ(permit.approver(), "people/approver");
  EXPECT_FALSE(permit.rights_pending());
  EXPECT_EQ(permit.limits_size(), 2);
  EXPECT_EQ(permit.limits(0).annual_limits_size(), 6);
  ASSERT_NE(permits_->FindPermit(kNumber, today_), nullptr);
  const auto content = Run([&](CommandContext& context) { return permits_->ContentOf(context, *permits_->FindPermit(kNumber, today_)); });
  ASSERT_EQ(Outcome(content), "OK");
  EXPECT_EQ(ToProto(*permits_->FindPermit(kNumber, today_), &*content, today_).SerializeAsString(), permit.SerializeAsString());
  EventReader reader(events_.bytes());
  EventType type = EventType::kClock;
  std::string_view payload;
  int changed = 0;
  while (reader.Next(&type, &payload)) changed += type == EventType::kPermitChanged;
  EXPECT_EQ(changed, 1);
}

TEST_F(PermitsTest, ValidateOnlyIssuesNothing) {
  validate_only_ = true;
  const auto answer = Issue(Good());
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->permit().name(), "permits/91130200699229617X001P");
  EXPECT_EQ(permits_->StandingOfSite(kSite, today_), SiteStanding::kNone);
}

TEST_F(PermitsTest, WhatARequestMustSay) {
  EXPECT_EQ(Outcome(Issue(Good() + "site: 'x'")), "INVALID_FIELD - site");
  EXPECT_EQ(Outcome(Issue(Good() + "site: 'sites/91130200699229617X002'")), "NOT_FOUND - site");
  EXPECT_EQ(Outcome(Issue(Good() + "tier: PERMIT_TIER_UNSPECIFIED")), "INVALID_FIELD PERMIT-01 tier");
  EXPECT_EQ(Outcome(Issue(Good() + "reviewer: ''")), "INVALID_FIELD - reviewer");
}

TEST_F(PermitsTest, ATermIsAtMostFiveYearsFromItsFirstDay) {
  EXPECT_EQ(Outcome(Issue(Bare("2026-01-05", "2031-01-05"))), "INVALID_FIELD PERMIT-47 valid_to");
  EXPECT_EQ(Detail(Issue(Bare("2026-01-05", "2031-01-05"))).accepted, "at most 2031-01-04, 5 years");
  EXPECT_EQ(Outcome(Issue(Bare("2026-01-04", "2030-01-01"))), "INVALID_FIELD PERMIT-39 valid_from");
  EXPECT_EQ(Detail(Issue(Bare("2026-01-06", "2026-01-05"))).field, "valid_to");
  EXPECT_EQ(Outcome(Issue(Bare("2028-02-29", "2033-02-28"))), "INVALID_FIELD PERMIT-47 valid_to");
  EXPECT_EQ(Outcome(Issue(Bare("2028-02-29", "2033-02-27"))), "OK");
}

TEST_F(PermitsTest, OnlyTheRegionsApproverIssues_PERMIT04) {
  for (const char* person : {"reviewer", "enforcer", "neighbour", "nobody", ""}) {
    person_ = person;
    const auto answer = Issue(Good());
    EXPECT_EQ(Outcome(answer), "NOT_COMPETENT PERMIT-04 caller") << person;
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kPermissionDenied);
  }
}

TEST_F(PermitsTest, TheReviewerIsAnotherCompetentPerson_GEN14) {
  EXPECT_EQ(Outcome(Issue(Good() + "reviewer: 'people/approver'")), "SAME_PERSON_REVIEWED GEN-14 reviewer");
  EXPECT_EQ(Outcome(Issue(Good() + "reviewer: 'people/enforcer'")), "REVIEWER_NOT_COMPETENT GEN-14 reviewer");
  EXPECT_EQ(Outcome(Issue(Good() + "reviewer: 'people/neighbour'")), "REVIEWER_NOT_COMPETENT GEN-14 reviewer");
  EXPECT_EQ(Outcome(Issue(Good() + "reviewer: 'people/nobody'")), "NOT_FOUND - reviewer");
  EXPECT_EQ(permits_->StandingOfSite(kSite, today_), SiteStanding::kNone);
}

TEST_F(PermitsTest, OutletCodesAreWellFormedAndUnique_PERMIT13) {
  const std::string term =
      "site: 'sites/91130200699229617X001' tier: KEY valid_from: '2026-01-05' valid_to: '2031-01-04' reviewer: 'people/reviewer' ";
  EXPECT_EQ(Detail(Issue(term + "outlets { code: 'TA001' type: MAIN }")).field, "outlets[0].code");
  EXPECT_EQ(Detail(Issue(term + "outlets { code: 'DA1' type: MAIN }")).field, "outlets[0].code");
  EXPECT_EQ(Outcome(Issue(term + "outlets { code: 'DA001' type: MAIN } outlets { code: 'DA001' type: GENERAL }")),
            "INVALID_FIELD PERMIT-13 outlets[1].code");
  EXPECT_EQ(Outcome(Issue(term + "outlets { code: 'DA001' }")), "INVALID_FIELD PERMIT-21 outlets[0].type");
  EXPECT_EQ(Outcome(Issue(term + "outlets { code: 'DA001' type: MAIN basin: 'LIAO' }")), "INVALID_FIELD GEN-12 outlets[0].basin");
  EXPECT_EQ(Detail(Issue(term + "outlets { code: 'DW001' type: MAIN }")).rule, "GEN-12");
  EXPECT_EQ(Outcome(Issue(term + "outlets { code: 'DW001' type: MAIN basin: 'LIAO' } outlets { code: 'DA001' type: MAIN }")), "OK");
}

TEST_F(PermitsTest, OnlyMainOutletsAndFugitiveCarryQuantities_PERMIT22) {
  const std::string bare = Bare("2026-01-05", "2026-12-31") + "outlets { code: 'DA002' type: GENERAL } ";
  const std::string years = YearsOfLimits(2026, 2026, 5);
  EXPECT_EQ(Outcome(Issue(bare + Limit("DA002", "SO2", years))), "INVALID_FIELD PERMIT-22 limits[0].scope");
  EXPECT_EQ(Outcome(Issue(bare + Limit("DA003", "SO2", years))), "INVALID_FIELD PERMIT-22 limits[0].scope");
  EXPECT_EQ(Outcome(Issue(bare + Limit("SITE", "SO2", years) + Limit("SITE", "SO2", years))), "INVALID_FIELD PERMIT-22 limits[1]");
  EXPECT_EQ(Outcome(Issue(bare + Limit("SITE", "so2", years))), "INVALID_FIELD - limits[0].pollutant");
  EXPECT_EQ(Outcome(Issue(bare + Limit("FUGITIVE", "SO2", years) + Limit("SITE", "SO2", years))), "OK");
}

TEST_F(PermitsTest, EachCalendarYearOfTheTermHasOneEntry_PERMIT23) {
  const std::string bare = Bare("2026-01-05", "2028-01-04");
  const auto issue = [&](const std::string& years) {
    return Issue(bare + Limit("DA001", "SO2", years) + Limit("SITE", "SO2", YearsOfLimits(2026, 2028, 5)));
  };
  EXPECT_EQ(Outcome(issue(YearsOfLimits(2026, 2027, 5))), "INVALID_FIELD PERMIT-23 limits[0].annual_limits");
  EXPECT_EQ(Outcome(issue(YearsOfLimits(2027, 2028, 5))), "INVALID_FIELD PERMIT-23 limits[0].annual_limits");
  EXPECT_EQ(Outcome(issue(YearsOfLimits(2026, 2029, 5))), "INVALID_FIELD PERMIT-23 limits[0].annual_limits");
  EXPECT_EQ(Outcome(issue(YearsOfLimits(2026, 2028, 5) + YearsOfLimits(2027, 2027, 5))), "INVALID_FIELD - limits[0].annual_limits");
  EXPECT_EQ(Outcome(issue("")), "INVALID_FIELD PERMIT-23 limits[0].annual_limits");
  EXPECT_EQ(Outcome(issue(YearsOfLimits(2026, 2028, -5))), "INVALID_FIELD - limits[0].annual_limits");
  EXPECT_EQ(Outcome(issue(YearsOfLimits(2026, 2028, INT64_MAX))), "INVALID_FIELD PERMIT-23 limits[0].annual_limits");
  EXPECT_EQ(Outcome(issue(YearsOfLimits(2028, 2028, 5) + YearsOfLimits(2026, 2027, 5))), "OK");  // in any order
}

TEST_F(PermitsTest, TheSiteTotalIsTheSumOfMainOutletsAndFugitive_PERMIT23) {
  const std::string bare = Bare("2026-01-05", "2027-01-04") + "outlets { code: 'DA002' type: MAIN } ";
  const std::string parts = Limit("DA001", "SO2", YearsOfLimits(2026, 2027, 3)) + Limit("DA002", "SO2", YearsOfLimits(2026, 2027, 4)) +
                            Limit("FUGITIVE", "SO2", YearsOfLimits(2026, 2026, 1) + YearsOfLimits(2027, 2027, 2));
  EXPECT_EQ(Outcome(Issue(bare + parts)), "SITE_TOTAL_DIFFERS PERMIT-23 limits");
  EXPECT_EQ(Outcome(Issue(bare + parts + Limit("SITE", "NOX", YearsOfLimits(2026, 2027, 8)))), "SITE_TOTAL_DIFFERS PERMIT-23 limits");
  const auto wrong = Issue(bare + parts + Limit("SITE", "SO2", YearsOfLimits(2026, 2027, 8)));
  EXPECT_EQ(Detail(wrong).value, "SO2 2027: SITE 8 g");
  EXPECT_EQ(Detail(wrong).accepted, "SITE 9 g, the sum of MAIN outlets and FUGITIVE");
  EXPECT_EQ(Outcome(Issue(bare + parts + Limit("SITE", "SO2", YearsOfLimits(2026, 2026, 8) + YearsOfLimits(2027, 2027, 9)))), "OK");
  EXPECT_EQ(permits_->PermittedQuantity(kSite, "SO2", 2027), Quantity(9));
  EXPECT_EQ(permits_->PermittedQuantity(kSite, "SO2", 2028), Quantity(0));
  EXPECT_EQ(permits_->PermittedQuantity(kSite, "NOX", 2027), Quantity(0));
}

// ---- Rights ----

TEST_F(PermitsTest, RightsMustCoverThePermittedQuantityOfEveryYear_DR16) {
  rights_.always = Quantity(100);
  rights_.of_year[2029] = Quantity(99);
  const auto refused = Issue(Good());
  EXPECT_EQ(Outcome(refused), "RIGHTS_DO_NOT_COVER DR-16 limits");
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Detail(refused).value, "SO2 2029: 100 g permitted");
  EXPECT_EQ(Detail(refused).accepted, "at most 99 g, the rights of 2029");
  rights_.of_year[2029] = Quantity(100);
  EXPECT_EQ(Outcome(Issue(Good())), "OK");
}

TEST_F(PermitsTest, TheWholeSiteIsMeasuredAgainstItsRights_DR16) {
  rights_.always = Quantity(55);
  const std::string outlets = Bare("2026-01-05", "2026-12-31") + "outlets { code: 'DA002' type: MAIN } ";
  const auto refused = Issue(outlets + Limit("DA001", "SO2", YearsOfLimits(2026, 2026, 60)) + Limit("DA002", "SO2", YearsOfLimits(2026, 2026, 50)) +
                             Limit("SITE", "SO2", YearsOfLimits(2026, 2026, 110)));
  EXPECT_EQ(Detail(refused).value, "SO2 2026: 110 g permitted");
}

TEST_F(PermitsTest, APollutantThatIsNotEnabledNeedsNoRights_PERMIT26) {
  rights_.always = Quantity(0);
  const std::string limits = Limit("DA001", "NOX", YearsOfLimits(2026, 2026, 5)) + Limit("SITE", "NOX", YearsOfLimits(2026, 2026, 5));
  EXPECT_EQ(Outcome(Issue(Bare("2026-01-05", "2026-12-31") + limits)), "OK");
}

TEST_F(PermitsTest, PendingRightsAreAllowedWithTheFlag_DR18) {
  rights_.always = Quantity(99);
  const auto pending = Issue(Good() + "allow_pending_rights: true");
  ASSERT_EQ(Outcome(pending), "OK");
  EXPECT_TRUE(pending->permit().rights_pending());
}

TEST_F(PermitsTest, TheFlagFollowsTheRightsAfterEachTransfer_DR16) {
  ASSERT_EQ(Outcome(Issue(Good() + "allow_pending_rights: true")), "OK");
  const auto review = [&] {
    EXPECT_TRUE(Run([&](CommandContext& context) {
                  permits_->ReviewRights(context, kSite, rights_);
                  return absl::OkStatus();
                }).ok());
    return permits_->FindPermit(kNumber, today_)->rights_pending;
  };
  EXPECT_FALSE(review());
  rights_.of_year[2030] = Quantity(99);
  EXPECT_TRUE(review());
  const uint64_t changes = tables_.change_count();
  EXPECT_TRUE(review());
  EXPECT_EQ(tables_.change_count(), changes);
  rights_.of_year[2030] = Quantity(100);
  EXPECT_FALSE(review());
  // What was lacking in a year that has passed is past.
  rights_.of_year[2026] = Quantity(0);
  EXPECT_TRUE(review());
  SetDay(2027, 1, 1);
  EXPECT_FALSE(review());
}

TEST_F(PermitsTest, VersionsThatShareAYearShareItsRights_DR16) {
  rights_.always = Quantity(150);
  ASSERT_EQ(Outcome(Issue(Good())), "OK");
  const auto limits = [](int64_t quantity) {
    return Limit("DA001", "SO2", YearsOfLimits(2031, 2031, quantity)) + Limit("SITE", "SO2", YearsOfLimits(2031, 2031, quantity));
  };
  const std::string bare = Bare("2031-01-05", "2031-12-31");
  const auto refused = Issue(bare + limits(51));
  EXPECT_EQ(Detail(refused).value, "SO2 2031: 151 g permitted");
  EXPECT_EQ(Outcome(Issue(bare + limits(50))), "OK");
  EXPECT_EQ(permits_->PermittedQuantity(kSite, "SO2", 2031), Quantity(150));
  EXPECT_EQ(permits_->PermittedQuantity(kSite, "SO2", 2030), Quantity(100));
}

// ---- The chain of versions ----

TEST_F(PermitsTest, ASiteHasOneEffectivePermitAtATime_INV06) {
  ASSERT_EQ(Outcome(Issue(Bare("2026-01-05", "2026-12-31"))), "OK");
  EXPECT_EQ(Outcome(Issue(Bare("2026-01-05", "2026-12-31"))), "PERMIT_IN_FORCE INV-06 valid_from");
  EXPECT_EQ(Outcome(Issue(Bare("2026-12-31", "2027-12-31"))), "PERMIT_IN_FORCE INV-06 valid_from");
  const auto next = Issue(Bare("2027-01-01", "2027-12-31"));
  ASSERT_EQ(Outcome(next), "OK");
  EXPECT_EQ(next->permit().name(), "permits/91130200699229617X001P");  // the number stays (PERMIT-12)
  EXPECT_EQ(next->permit().version(), 2u);
  EXPECT_EQ(permits_->EffectivePermitOfSite(kSite, MakeDate(2026, 12, 31))->version, 1u);
  EXPECT_EQ(permits_->EffectivePermitOfSite(kSite, MakeDate(2027, 1, 1))->version, 2u);
  EXPECT_EQ(permits_->EffectivePermitOfSite(kSite, MakeDate(2028, 1, 1)), nullptr);
  // Nor may a version be slipped in before one that is to come.
  SetDay(2026, 6, 1);
  EXPECT_EQ(Outcome(Issue(Bare("2026-06-01", "2026-06-30"))), "PERMIT_IN_FORCE INV-06 valid_from");
}

TEST_F(PermitsTest, ValidityNeedsNoSweep) {
  ASSERT_EQ(Outcome(Issue(Bare("2026-02-01", "2026-12-31"))), "OK");
  const auto standing = [&](Date date) { return permits_->StandingOfSite(kSite, date); };
  EXPECT_EQ(standing(MakeDate(2026, 1, 31)), SiteStanding::kNotYetBegun);
  EXPECT_EQ(standing(MakeDate(2026, 2, 1)), SiteStanding::kEffective);
  EXPECT_EQ(standing(MakeDate(2026, 12, 31)), SiteStanding::kEffective);
  EXPECT_EQ(standing(MakeDate(2027, 1, 1)), SiteStanding::kExpired);
  EXPECT_EQ(permits_->StandingOfSite("91130200699229617X002", today_), SiteStanding::kNone);
  const PermitRow& row = *permits_->FindPermit(kNumber, today_);
  EXPECT_EQ(ToProto(row, nullptr, MakeDate(2026, 12, 31)).state(), v1::EFFECTIVE);
  EXPECT_EQ(ToProto(row, nullptr, MakeDate(2027, 1, 1)).state(), v1::EXPIRED);
}

TEST_F(PermitsTest, ReapplicationAfterExpiryKeepsTheNumber_PERMIT12) {
  ASSERT_EQ(Outcome(Issue(Bare("2026-01-05", "2026-12-31"))), "OK");
  SetDay(2028, 3, 1);
  const auto again = Issue(Bare("2028-03-01", "2028-12-31"));
  ASSERT_EQ(Outcome(again), "OK");
  EXPECT_EQ(again->permit().name(), "permits/91130200699229617X001P");
  EXPECT_EQ(again->permit().version(), 2u);
  // The number shows the version that counts on the day.
  EXPECT_EQ(permits_->FindPermit(kNumber, MakeDate(2026, 5, 1))->version, 1u);
  EXPECT_EQ(permits_->FindPermit(kNumber, MakeDate(2027, 5, 1))->version, 1u);
  EXPECT_EQ(permits_->FindPermit(kNumber, MakeDate(2028, 5, 1))->version, 2u);
  EXPECT_EQ(permits_->FindPermit(kNumber, MakeDate(2020, 5, 1))->version, 1u);
  EXPECT_EQ(permits_->FindPermit(kNumber, MakeDate(2029, 5, 1))->version, 2u);
  EXPECT_EQ(permits_->FindPermit("91130200699229617X002P", today_), nullptr);
}

TEST_F(PermitsTest, AnOutletCodeThatWasGivenUpIsNeverReused_PERMIT13) {
  ASSERT_EQ(Outcome(Issue(Bare("2026-01-05", "2026-12-31", "DA001"))), "OK");
  ASSERT_EQ(Outcome(Issue(Bare("2027-01-01", "2027-12-31", "DA002"))), "OK");
  EXPECT_EQ(Outcome(Issue(Bare("2028-01-01", "2028-12-31", "DA001"))), "OUTLET_CODE_RETIRED PERMIT-13 outlets");
  EXPECT_EQ(Outcome(Issue(Bare("2028-01-01", "2028-12-31", "DA002"))), "OK");
}

// ---- Revocation ----

TEST_F(PermitsTest, RevocationEndsThePermitAndTheSitesOrders_PERMIT53) {
  ASSERT_EQ(Outcome(Issue(Good())), "OK");
  SetDay(2026, 3, 1);
  person_ = "enforcer";
  const auto answer = Revoke(kNumber);
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->permit().state(), v1::REVOKED);
  EXPECT_EQ(answer->permit().closing_decision(), "吉环罚[2026]7: evasion");
  EXPECT_EQ(market_.cancelled, std::vector<std::string>{"91130200699229617X001 PERMIT_REVOKED"});
  EXPECT_EQ(permits_->EffectivePermitOfSite(kSite, today_), nullptr);
  EXPECT_EQ(permits_->StandingOfSite(kSite, today_), SiteStanding::kClosed);
  // It was lawful until the day before.
  EXPECT_NE(permits_->EffectivePermitOfSite(kSite, MakeDate(2026, 2, 28)), nullptr);
  EXPECT_EQ(permits_->PermittedQuantity(kSite, "SO2", 2026), Quantity(0));
  // Revoked it stays, also after what would have been its last day.
  EXPECT_EQ(permits_->StandingOfSite(kSite, MakeDate(2032, 1, 1)), SiteStanding::kClosed);
  EXPECT_EQ(permits_->FindPermit(kNumber, today_)->StateOn(MakeDate(2032, 1, 1)), v1::REVOKED);
}

TEST_F(PermitsTest, RevocationNeedsADecisionWithGrounds_PERMIT53) {
  ASSERT_EQ(Outcome(Issue(Good())), "OK");
  EXPECT_EQ(Outcome(Revoke(kNumber, "", "evasion")), "INVALID_FIELD - decision");
  EXPECT_EQ(Outcome(Revoke(kNumber, "d", "")), "INVALID_FIELD - grounds");
  EXPECT_EQ(Detail(Revoke("91130200699229617X001")).field, "name");
  EXPECT_EQ(Outcome(Revoke("91130200699229617X002P")), "NOT_FOUND - name");
  for (const char* person : {"reviewer", "neighbour", "system"}) {
    person_ = person;
    EXPECT_EQ(Outcome(Revoke(kNumber)), "NOT_COMPETENT PERMIT-04 caller") << person;
  }
  person_ = "enforcer";
  validate_only_ = true;
  EXPECT_EQ(Outcome(Revoke(kNumber)), "OK");
  EXPECT_TRUE(market_.cancelled.empty());
  EXPECT_EQ(permits_->StandingOfSite(kSite, today_), SiteStanding::kEffective);
}

TEST_F(PermitsTest, OnlyAnEffectivePermitIsRevoked_8_2) {
  ASSERT_EQ(Outcome(Issue(Bare("2026-01-05", "2026-12-31"))), "OK");
  SetDay(2027, 1, 1);
  const auto expired = Revoke(kNumber);
  EXPECT_EQ(Outcome(expired), "ILLEGAL_TRANSITION PERMIT-53 name");
  EXPECT_EQ(Detail(expired).value, "91130200699229617X001P is EXPIRED");
  ASSERT_EQ(Outcome(Issue(Bare("2027-01-01", "2027-12-31"))), "OK");
  ASSERT_EQ(Outcome(Revoke(kNumber)), "OK");
  EXPECT_EQ(Detail(Revoke(kNumber)).value, "91130200699229617X001P is REVOKED");
  EXPECT_EQ(market_.cancelled.size(), 1u);
  // The version that had expired is history and stays what it was.
  EXPECT_EQ(permits_->FindPermit(kNumber, MakeDate(2026, 6, 1))->StateOn(today_), v1::EXPIRED);
}

TEST_F(PermitsTest, ARevokedPermitTakesItsRenewalWithIt_INV06) {
  ASSERT_EQ(Outcome(Issue(Bare("2026-01-05", "2026-12-31"))), "OK");
  ASSERT_EQ(Outcome(Issue(Bare("2027-01-01", "2027-12-31"))), "OK");
  ASSERT_EQ(Outcome(Revoke(kNumber)), "OK");
  EXPECT_EQ(permits_->EffectivePermitOfSite(kSite, MakeDate(2027, 6, 1)), nullptr);
  EXPECT_EQ(permits_->StandingOfSite(kSite, MakeDate(2027, 6, 1)), SiteStanding::kClosed);
}

TEST_F(PermitsTest, APermitIssuedAfterARevocationTakesTheNextSequence_PERMIT12) {
  AddSite("91130200699229617X002");
  ASSERT_EQ(Outcome(Issue(Good())), "OK");
  ASSERT_EQ(Outcome(Revoke(kNumber)), "OK");
  const auto again = Issue(Good());
  ASSERT_EQ(Outcome(again), "OK");
  EXPECT_EQ(again->permit().name(), "permits/91130200699229617X003P");  // 002 is another site's
  EXPECT_EQ(again->permit().version(), 1u);
  EXPECT_EQ(permits_->StandingOfSite(kSite, today_), SiteStanding::kEffective);
  EXPECT_EQ(permits_->FindPermit(kNumber, today_)->state, v1::REVOKED);
  ASSERT_EQ(Outcome(Revoke("91130200699229617X003P")), "OK");
  EXPECT_EQ(Issue(Good())->permit().name(), "permits/91130200699229617X004P");
  // A site that comes later finds its number taken and moves on too.
  AddSite("91130200699229617X003");
  EXPECT_EQ(Issue(Good("91130200699229617X003"))->permit().name(), "permits/91130200699229617X005P");
  EXPECT_EQ(Issue(Good("91130200699229617X002"))->permit().name(), "permits/91130200699229617X002P");
}

TEST_F(PermitsTest, TheLastSequenceIs999_PERMIT10) {
  AddSite("91130200699229617X999");
  ASSERT_EQ(Issue(Good("91130200699229617X999"))->permit().name(), "permits/91130200699229617X999P");
  ASSERT_EQ(Outcome(Revoke("91130200699229617X999P")), "OK");
  EXPECT_EQ(Outcome(Issue(Good("91130200699229617X999"))), "NO_NUMBER_LEFT PERMIT-12 site");
}

// ---- Rows ----

TEST_F(PermitsTest, AllStateComesBackFromRows) {
  AddSite("91130200699229617X002");
  ASSERT_EQ(Outcome(Issue(Good() + "allow_pending_rights: true")), "OK");
  ASSERT_EQ(Outcome(Revoke(kNumber)), "OK");
  ASSERT_EQ(Outcome(Issue(Bare("2026-01-05", "2026-12-31"))), "OK");
  ASSERT_EQ(Outcome(Issue(Bare("2027-01-01", "2027-12-31", "DA002"))), "OK");
  const auto picture = [this] {
    std::string text;
    for (const char* number : {kNumber, "91130200699229617X003P"}) {
      for (int32_t year = 2025; year <= 2028; ++year) {
        const PermitRow* row = permits_->FindPermit(number, MakeDate(year, 6, 1));
        text += row == nullptr ? "none" : ToProto(*row, nullptr, MakeDate(year, 6, 1)).DebugString();
        text += StandingName(permits_->StandingOfSite(kSite, MakeDate(year, 6, 1)));
      }
    }
    return text;
  };
  const std::string before = picture();
  Restart();
  EXPECT_EQ(picture(), before);
  EXPECT_EQ(Outcome(Issue(Bare("2026-06-01", "2026-12-31"))), "PERMIT_IN_FORCE INV-06 valid_from");
  EXPECT_EQ(Outcome(Issue(Bare("2028-01-01", "2028-12-31", "DA001"))), "OUTLET_CODE_RETIRED PERMIT-13 outlets");
  const auto next = Issue(Bare("2028-01-01", "2028-12-31", "DA002"));
  ASSERT_EQ(Outcome(next), "OK");
  EXPECT_EQ(next->permit().version(), 3u);
}

}  // namespace
}  // namespace songhua::permits
