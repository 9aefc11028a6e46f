#include "permits/registrations.h"

#include <string>

#include "gtest/gtest.h"
#include "permits/discharge.h"
#include "tests/permits/permit_world.h"

namespace songhua::permits {
namespace {

constexpr char kReceipt[] = "registrations/91130200699229617X001W";

class RegistrationsTest : public PermitWorld {
 protected:
  void SetUp() override {
    PermitWorld::SetUp();
    SetDay(2026, 9, 1);
  }
  // A workshop with a small boiler.
  absl::StatusOr<v1::RegistrationAnswer> File(const std::string& more = "") {
    return As("operator", [&](CommandContext& c) {
      return registrations_.FileRegistration(
          c, Text<v1::FileRegistrationRequest>("site: 'sites/" + std::string(kSite) +
                                               "' industries: '1811' processes: 'BOILER' facts { name: 'boiler_t_per_h' value: 4 } "
                                               "emissions: 'SO2, NOx' treatment: 'low-sulphur coal' " + more));
    });
  }
  absl::StatusOr<v1::RegistrationAnswer> Cancel(const std::string& name = kReceipt, const std::string& reason = "closed down") {
    v1::CancelRegistrationRequest request;
    request.set_name(name);
    request.set_reason(reason);
    return As("operator", [&](CommandContext& c) { return registrations_.CancelRegistration(c, request); });
  }
  std::string Discharge(Date date) {
    const v1::MayDischargeAnswer answer = MayDischarge({kSite, &permits_, {}, {}, registrations_.OfSite(kSite)}, date);
    return (answer.may_discharge() ? "+" : "-") + answer.reason();
  }
};

TEST_F(RegistrationsTest, TheReceiptComesAtOnceAndHoldsForFiveYears_PERMIT06) {
  const auto answer = File();
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->registration().name(), kReceipt);
  EXPECT_EQ(answer->registration().state(), v1::Registration::LIVE);
  EXPECT_EQ(answer->registration().valid_from(), "2026-09-01");
  EXPECT_EQ(answer->registration().valid_to(), "2031-08-31");
  EXPECT_EQ(Discharge(MakeDate(2026, 8, 31)), "-NO_PERMIT");
  EXPECT_EQ(Discharge(MakeDate(2026, 9, 1)), "+REGISTERED");
  EXPECT_EQ(Discharge(MakeDate(2031, 8, 31)), "+REGISTERED");
  EXPECT_EQ(Discharge(MakeDate(2031, 9, 1)), "-NO_PERMIT");
  EXPECT_EQ(registrations_.OfSite(kSite)->StateOn(MakeDate(2031, 9, 1)), v1::Registration::LAPSED);
}

TEST_F(RegistrationsTest, FiledOnFebruary29ItHoldsToFebruary27) {
  SetDay(2028, 2, 29);
  EXPECT_EQ(File()->registration().valid_to(), "2033-02-27");
}

TEST_F(RegistrationsTest, APlantThatTheCatalogueWantsAPermitOfIsRefused_PERMIT02) {
  const auto boiler = File("facts { name: 'x' value: 1 } industries: '2211'");
  EXPECT_EQ(Outcome(boiler), "PERMIT_REQUIRED PERMIT-02 industries");
  EXPECT_EQ(Detail(boiler).value, "the catalogue of 2019 makes the plant KEY");
  EXPECT_EQ(Outcome(File("processes: 'FURNACE'")), "PERMIT_REQUIRED PERMIT-02 industries");
  EXPECT_EQ(registrations_.OfSite(kSite), nullptr);
}

TEST_F(RegistrationsTest, AChangeIsFiledWithin20NaturalDaysOrFlagged_PERMIT06) {
  ASSERT_EQ(Outcome(File()), "OK");
  SetDay(2026, 9, 21);
  const auto in_time = File("change_date: '2026-09-01'");
  ASSERT_EQ(Outcome(in_time), "OK");
  EXPECT_FALSE(in_time->registration().late());
  EXPECT_EQ(in_time->registration().revision(), 2u);
  EXPECT_EQ(in_time->registration().valid_to(), "2031-08-31") << "a change leaves the term";
  SetDay(2026, 9, 22);
  const auto late = File("change_date: '2026-09-01' treatment: 'bag filter'");
  ASSERT_EQ(Outcome(late), "OK") << "late, but filed";
  EXPECT_TRUE(late->registration().late());
  EXPECT_EQ(Outcome(File("change_date: '2026-09-23'")), "INVALID_FIELD PERMIT-06 change_date");
}

TEST_F(RegistrationsTest, ANewTermBeginsOnTheDayOfANewForm) {
  EXPECT_EQ(Outcome(File("change_date: '2026-08-20'")), "NO_LIVE_REGISTRATION PERMIT-06 change_date");
  ASSERT_EQ(Outcome(File()), "OK");
  SetDay(2031, 8, 1);
  const auto again = File();
  ASSERT_EQ(Outcome(again), "OK");
  EXPECT_EQ(again->registration().name(), kReceipt) << "the number stays";
  EXPECT_EQ(again->registration().valid_to(), "2036-07-31");
}

TEST_F(RegistrationsTest, ACancelledFormHoldsNoLongerAndMayBeFiledAnew) {
  ASSERT_EQ(Outcome(File()), "OK");
  SetDay(2026, 9, 5);
  ASSERT_EQ(Outcome(Cancel()), "OK");
  EXPECT_EQ(Discharge(MakeDate(2026, 9, 4)), "+REGISTERED");
  EXPECT_EQ(Discharge(today_), "-NO_PERMIT");
  EXPECT_EQ(Outcome(Cancel()), "ILLEGAL_TRANSITION PERMIT-06 name");
  EXPECT_EQ(Outcome(File("change_date: '2026-09-05'")), "NO_LIVE_REGISTRATION PERMIT-06 change_date");
  EXPECT_EQ(Outcome(File()), "OK");
  EXPECT_EQ(Discharge(today_), "+REGISTERED");
}

TEST_F(RegistrationsTest, ASiteWithAPermitInForceFilesNoForm) {
  ASSERT_EQ(Grant(GrantOf(kSite, today_, MakeDate(2031, 8, 31))), std::string(kSite) + "P");
  EXPECT_EQ(Outcome(File()), "PERMIT_IN_FORCE PERMIT-01 site");
}

TEST_F(RegistrationsTest, WhatAFormMustSay) {
  EXPECT_EQ(Outcome(File("site: 'x'")), "INVALID_FIELD - site");
  EXPECT_EQ(Outcome(File("site: 'sites/91130200699229617X009'")), "NOT_FOUND - site");
  EXPECT_EQ(Outcome(File("industries: '18x'")), "INVALID_FIELD PERMIT-02 industries[1]");
  EXPECT_EQ(Outcome(File("facts { name: 'boiler_t_per_h' value: 5 }")), "INVALID_FIELD PERMIT-02 facts[1].name");
  EXPECT_EQ(Outcome(File("emissions: ''")), "INVALID_FIELD - emissions");
  EXPECT_EQ(Outcome(File("treatment: ''")), "INVALID_FIELD - treatment");
  EXPECT_EQ(Outcome(Cancel("registrations/91130200699229617X009W")), "NOT_FOUND - name");
  EXPECT_EQ(Outcome(Cancel(kReceipt, "")), "INVALID_FIELD - reason");
}

TEST_F(RegistrationsTest, ValidateOnlyFilesNothing) {
  validate_only_ = true;
  EXPECT_EQ(Outcome(File()), "OK");
  EXPECT_EQ(registrations_.OfSite(kSite), nullptr);
}

}  // namespace
}  // namespace songhua::permits
