#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/permits/permit_acts_world.h"

namespace songhua::permits {
namespace {

// ---- Every act in every state (8.2) ----

const std::vector<std::string> kStates = {"NONE", "EFFECTIVE", "DEEMED_RENEWED_PENDING", "EXPIRED", "ANNULLED", "REVOKED", "RECALLED", "WRITTEN_OFF"};
const std::vector<std::string> kActs = {"issue",  "change", "authority_change", "reissue",   "reapply", "renew",   "deny renewal",
                                        "annul",  "revoke", "recall",           "write off", "terminate", "restore", "time passes"};

// Table 8.2, by hand. What is not here is refused and leaves the permit as it is. A permit issued after an end is another version or number: its own first
// row of the table.
const std::map<std::pair<std::string, std::string>, std::string> kListed = {
    {{"NONE", "issue"}, "EFFECTIVE"},
    {{"EXPIRED", "issue"}, "EFFECTIVE"},
    {{"ANNULLED", "issue"}, "EFFECTIVE"},
    {{"REVOKED", "issue"}, "EFFECTIVE"},
    {{"RECALLED", "issue"}, "EFFECTIVE"},
    {{"WRITTEN_OFF", "issue"}, "EFFECTIVE"},
    {{"EFFECTIVE", "change"}, "EFFECTIVE"},
    {{"EFFECTIVE", "authority_change"}, "EFFECTIVE"},
    {{"EFFECTIVE", "reissue"}, "EFFECTIVE"},
    {{"EFFECTIVE", "reapply"}, "EFFECTIVE"},
    {{"EFFECTIVE", "renew"}, "EFFECTIVE"},
    {{"EFFECTIVE", "time passes"}, "EXPIRED"},
    {{"DEEMED_RENEWED_PENDING", "renew"}, "EFFECTIVE"},
    {{"DEEMED_RENEWED_PENDING", "deny renewal"}, "EXPIRED"},
    {{"EFFECTIVE", "annul"}, "ANNULLED"},
    {{"DEEMED_RENEWED_PENDING", "annul"}, "ANNULLED"},
    {{"EFFECTIVE", "revoke"}, "REVOKED"},
    {{"DEEMED_RENEWED_PENDING", "revoke"}, "REVOKED"},
    {{"EFFECTIVE", "recall"}, "RECALLED"},
    {{"DEEMED_RENEWED_PENDING", "recall"}, "RECALLED"},
    {{"EXPIRED", "write off"}, "WRITTEN_OFF"},
    {{"ANNULLED", "write off"}, "WRITTEN_OFF"},
    {{"REVOKED", "write off"}, "WRITTEN_OFF"},
    {{"RECALLED", "write off"}, "WRITTEN_OFF"},
    {{"EFFECTIVE", "terminate"}, "WRITTEN_OFF"},
    {{"ANNULLED", "restore"}, "EFFECTIVE"},
    {{"REVOKED", "restore"}, "EFFECTIVE"},
};

class EveryActTest : public PermitActsTest {
 protected:
  // A site of its own, with a permit in the state.
  std::string Prepare(const std::string& state) {
    SetDay(2026, 9, 1);
    site_ = kPlant + std::to_string(next_);
    next_ += 2;  // a permit that is issued anew takes the number after it
    AddSite(site_, "220102");
    const std::string number = site_ + "P";
    if (state == "NONE") return number;
    EXPECT_EQ(Grant(GrantOf(site_, today_, *AddYears(today_, 5) - 1)), number);
    if (state == "DEEMED_RENEWED_PENDING") SetPending(number, true);
    if (state == "DEEMED_RENEWED_PENDING" || state == "EXPIRED") {
      SetDay(2031, 9, 1);
      PassTime();
    }
    if (state == "ANNULLED") EXPECT_EQ(Outcome(Annul("", number)), "OK");
    if (state == "REVOKED") EXPECT_EQ(Outcome(RevokeWithPenalty(number)), "OK");
    if (state == "RECALLED") EXPECT_EQ(Outcome(Recall("", number)), "OK");
    if (state == "WRITTEN_OFF") EXPECT_EQ(Outcome(Terminate("", number)), "OK");
    return number;
  }
  absl::Status RevokeWithPenalty(const std::string& number) {
    const auto penalty = Penalty("site: 'sites/" + site_ + "' violation_date: '" + FormatDate(today_) + "' ");
    if (!penalty.ok()) return penalty.status();
    return Revoke("", "approver", number).status();
  }
  void SetPending(const std::string& number, bool pending) {
    As("operator", [&](CommandContext& context) {
      permits_.SetRenewalPending(context, *permits_.VersionForAct(number, today_), pending);
      return absl::StatusOr<v1::PermitAnswer>(v1::PermitAnswer());
    });
  }
  // Empty where it was carried out.
  std::string Do(const std::string& act, const std::string& number) {
    const PermitRow* version = permits_.VersionForAct(number, today_);
    const Date last = version == nullptr ? *AddYears(today_, 5) - 1 : version->term.last;
    const auto granted = [](const std::string& answer) { return answer.ends_with("P") ? "" : answer; };
    const auto done = [](const absl::Status& status) { return status.ok() ? "" : Outcome(status); };
    if (act == "issue") {
      issued_ = Grant(GrantOf(site_, today_, *AddYears(today_, 5) - 1));
      return granted(issued_);
    }
    if (act == "change") return granted(Grant(GrantOf(site_, today_, std::max(today_, last), GrantKind::kChange)));
    if (act == "reissue") return granted(Grant(GrantOf(site_, today_, std::max(today_, last), GrantKind::kReissue)));
    if (act == "reapply") return granted(Grant(GrantOf(site_, today_, *AddYears(today_, 5) - 1, GrantKind::kReapply)));
    if (act == "renew") return granted(Grant(GrantOf(site_, last + 1, *AddYears(last + 1, 5) - 1, GrantKind::kRenew)));
    if (act == "authority_change") return version == nullptr ? "NOT_FOUND" : done(Amend("", number).status());
    if (act == "annul") return done(Annul("", number).status());
    if (act == "revoke") return done(RevokeWithPenalty(number));
    if (act == "recall") return done(Recall("", number).status());
    if (act == "write off") return done(WriteOff("", number).status());
    if (act == "terminate") return done(Terminate("", number).status());
    if (act == "restore") return done(Restore("", number).status());
    if (version == nullptr) return "nothing";
    if (act == "deny renewal") {
      if (!version->renewal_pending) return "nothing is pending";
      SetPending(number, false);
      PassTime();
      return "";
    }
    SetDay(2031, 9, 1);
    PassTime();
    return State(number) == v1::EXPIRED ? "" : "nothing happens";
  }
  std::string StateNow(const std::string& number) {
    return permits_.VersionForAct(number, today_) == nullptr ? "NONE" : v1::PermitState_Name(State(number));
  }

  int next_ = 100;
  std::string site_;
  std::string issued_;  // number of the last permit issued
};

TEST_F(EveryActTest, LeadsWhereTable82SaysAndNowhereElse) {
  int legal = 0;
  for (const std::string& state : kStates) {
    for (const std::string& act : kActs) {
      SCOPED_TRACE(act + " of a permit that is " + state);
      const std::string number = Prepare(state);
      ASSERT_EQ(StateNow(number), state);
      const std::string refusal = Do(act, number);
      const auto listed = kListed.find({state, act});
      if (listed == kListed.end()) {
        // Time goes by for every permit; one that is EXPIRED already stays so.
        if (act != "time passes") EXPECT_NE(refusal, "");
        EXPECT_EQ(StateNow(number), state) << refusal;
      } else {
        EXPECT_EQ(refusal, "");
        EXPECT_EQ(StateNow(act == "issue" ? issued_ : number), listed->second);
        ++legal;
      }
    }
  }
  EXPECT_EQ(legal, static_cast<int>(kListed.size()));
}

TEST_F(EveryActTest, TheTableInCodeIsTheSame) {
  // Acts of the list above that the code names otherwise; what a new permit is issued after is no state of its own.
  const std::map<std::string, std::string> names = {{"reapply", "reapply_granted"}, {"renew", "renew_granted"},   {"deny renewal", "renew_denied"},
                                                    {"recall", "withdraw_by_law"},  {"write off", "write_off"}, {"time passes", "expiry_reached"}};
  std::set<std::string> expected = {"EFFECTIVE expiry_reached DEEMED_RENEWED_PENDING"};
  for (const auto& [key, to] : kListed) {
    const auto& [from, act] = key;
    if (act == "issue" && from != "NONE") continue;
    const auto name = names.find(act);
    expected.insert((from == "NONE" ? "PERMIT_STATE_UNSPECIFIED" : from) + " " + (name == names.end() ? act : name->second) + " " +
                    (act == "restore" ? "PERMIT_STATE_UNSPECIFIED" : to));
  }
  std::set<std::string> in_code;
  for (const PermitTransition& transition : PermitTransitions()) {
    in_code.insert(v1::PermitState_Name(transition.from) + " " + std::string(EventName(transition.event)) + " " +
                   v1::PermitState_Name(transition.to));
  }
  EXPECT_EQ(in_code, expected);
}

}  // namespace
}  // namespace songhua::permits
