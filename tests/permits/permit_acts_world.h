// The province of permit_world.h with the acts on a permit, as their usual actors would do them.
#ifndef SONGHUA_TESTS_PERMITS_PERMIT_ACTS_WORLD_H_
#define SONGHUA_TESTS_PERMITS_PERMIT_ACTS_WORLD_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "permits/permit_acts.h"
#include "tests/permits/permit_world.h"

namespace songhua::permits {

inline constexpr char kNumber[] = "91130200699229617X001P";
inline constexpr char kDecision[] = "decision: 'Decision 1' reasons: 'as found' ";

class PermitActsTest : public PermitWorld {
 protected:
  void SetUp() override {
    PermitWorld::SetUp();
    SetDay(2026, 9, 1);
    AddPerson("both", "cc-eco", "PERMIT_APPROVER ENFORCER", "220100");
  }

  void GrantFirst() { ASSERT_EQ(Grant(GrantOf(kSite, today_, *AddYears(today_, 5) - 1)), kNumber); }
  v1::PermitState State(const std::string& number = kNumber) { return permits_.VersionForAct(number, today_)->StateOn(today_); }

  absl::StatusOr<v1::PermitAnswer> Annul(const std::string& more, const std::string& number = kNumber) {
    return As("approver", [&](CommandContext& c) {
      return acts_.AnnulPermit(c, Text<v1::AnnulPermitRequest>("ground: BEYOND_POWER " + (kDecision + Named(number)) + more), *this);
    });
  }
  absl::StatusOr<v1::PermitAnswer> Recall(const std::string& more, const std::string& number = kNumber) {
    return As("approver", [&](CommandContext& c) {
      return acts_.RecallPermit(c, Text<v1::RecallPermitRequest>("compensation: 'paid in full' " + (kDecision + Named(number)) + more), *this);
    });
  }
  absl::StatusOr<v1::PermitAnswer> WriteOff(const std::string& more, const std::string& number = kNumber) {
    return As("approver",
              [&](CommandContext& c) { return acts_.WriteOffPermit(c, Text<v1::WriteOffPermitRequest>(kDecision + Named(number) + more)); });
  }
  absl::StatusOr<v1::PermitAnswer> Terminate(const std::string& more, const std::string& number = kNumber) {
    return As("approver", [&](CommandContext& c) {
      return acts_.TerminatePermit(c, Text<v1::TerminatePermitRequest>("cause: RELOCATED " + (kDecision + Named(number)) + more), *this);
    });
  }
  absl::StatusOr<v1::PermitAnswer> Restore(const std::string& more, const std::string& number = kNumber) {
    return As("approver", [&](CommandContext& c) {
      return acts_.RestorePermit(c, Text<v1::RestorePermitRequest>("judgment: 'Ji Xing Zhong 7' reasons: 'no evidence' " + Named(number) + more));
    });
  }
  absl::StatusOr<v1::PenaltyAnswer> Penalty(const std::string& more, const std::string& caller = "enforcer") {
    return As(caller, [&](CommandContext& c) {
      return penalties_.RecordPenalty(c, Text<v1::RecordPenaltyRequest>("site: 'sites/" + std::string(kSite) +
                                                                        "' conduct: 'PERMIT-81' serious: true violation_date: '2026-08-20' "
                                                                        "fine_fen: 20000000 decision: 'Fine 1' grounds: 'twice the limit' "
                                                                        "revoke_proposed: true " + more));
    });
  }
  absl::StatusOr<v1::PermitAnswer> Revoke(const std::string& more, const std::string& caller = "approver", const std::string& number = kNumber) {
    return As(caller, [&](CommandContext& c) {
      return acts_.RevokePermit(c, Text<v1::RevokePermitRequest>("decision: 'Fine 1' grounds: 'serious' " + Named(number) + more), *this);
    });
  }
  // Other content for the rest of the term.
  absl::StatusOr<v1::PermitAnswer> Amend(const std::string& more, const std::string& number = kNumber, int64_t grams = 80) {
    v1::AmendPermitRequest request = Text<v1::AmendPermitRequest>(
        "reviewer: 'people/reviewer' reasons: 'GB 13223-2026' outlets { code: 'DA001' type: MAIN } " + Named(number) + more);
    for (const char* scope : {"DA001", "SITE"}) {
      v1::Limit* limit = request.add_limits();
      limit->set_scope(scope);
      limit->set_pollutant("SO2");
      for (int32_t year = Year(today_); year <= Year(permits_.VersionForAct(number, today_)->term.last); ++year) {
        v1::YearQuantity* entry = limit->add_annual_limits();
        entry->set_year(year);
        entry->set_quantity(grams);
      }
    }
    return As("approver", [&](CommandContext& c) { return acts_.AmendPermit(c, request, *this); });
  }
  static std::string Named(const std::string& number) { return "name: 'permits/" + number + "' "; }
};

}  // namespace songhua::permits

#endif  // SONGHUA_TESTS_PERMITS_PERMIT_ACTS_WORLD_H_
