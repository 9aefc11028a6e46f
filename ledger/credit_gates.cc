#include "ledger/credit_gates.h"

#include <algorithm>
#include <string>

#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

constexpr auto kA = v1::CreditGate::ALLOW, kR = v1::CreditGate::REVIEW, kX = v1::CreditGate::BLOCK;

}  // namespace

CreditGates::CreditGates() {
  rows_[v1::CreditGate::BUY_FOR_NEW_PROJECT] = {kA, kR, kX, kX, kX};
  rows_[v1::CreditGate::BUY_FOR_DEFICIT] = {kA, kA, kR, kR, kR};
  rows_[v1::CreditGate::SELL] = {kA, kR, kX, kX, kX};
  rows_[v1::CreditGate::LEASE_IN] = {kA, kR, kX, kX, kX};
  rows_[v1::CreditGate::PLEDGE] = {kA, kR, kX, kX, kX};
}

absl::StatusOr<CreditGates> CreditGates::Parse(const google::protobuf::RepeatedPtrField<v1::CreditGate>& gates, const std::string& field) {
  CreditGates parsed;
  std::array<bool, v1::CreditGate::Act_ARRAYSIZE> seen{};
  for (int i = 0; i < gates.size(); ++i) {
    const v1::CreditGate& gate = gates[i];
    const std::string at = field + "[" + std::to_string(i) + "]";
    if (gate.act() == v1::CreditGate::ACT_UNSPECIFIED || !v1::CreditGate::Act_IsValid(gate.act()) || std::exchange(seen[gate.act()], true)) {
      return InvalidField(at + ".act", v1::CreditGate::Act_IsValid(gate.act()) ? v1::CreditGate::Act_Name(gate.act()) : std::to_string(gate.act()),
                          "an act of CREDIT-20, each once")
          .Rule("CREDIT-20");
    }
    const CreditGateRow row{gate.green(), gate.yellow(), gate.red(), gate.blacklisted(), gate.suspended()};
    for (const auto& [answer, column] : {std::pair(row.green, "green"), std::pair(row.yellow, "yellow"), std::pair(row.red, "red"),
                                         std::pair(row.blacklisted, "blacklisted"), std::pair(row.suspended, "suspended")}) {
      if (answer != kA && answer != kR && answer != kX) return InvalidField(at + "." + column, std::to_string(answer), "ALLOW, REVIEW or BLOCK").Rule("CREDIT-20");
    }
    parsed.rows_[gate.act()] = row;
  }
  return parsed;
}

void CreditGates::AddTo(google::protobuf::RepeatedPtrField<v1::CreditGate>* gates) const {
  for (int act = v1::CreditGate::Act_MIN + 1; act < v1::CreditGate::Act_ARRAYSIZE; ++act) {
    v1::CreditGate& gate = *gates->Add();
    gate.set_act(static_cast<v1::CreditGate::Act>(act));
    gate.set_green(rows_[act].green);
    gate.set_yellow(rows_[act].yellow);
    gate.set_red(rows_[act].red);
    gate.set_blacklisted(rows_[act].blacklisted);
    gate.set_suspended(rows_[act].suspended);
  }
}

v1::CreditGate::Answer CreditGates::Of(v1::CreditGate::Act act, const CreditStanding& standing) const {
  const CreditGateRow& row = rows_[act];
  v1::CreditGate::Answer answer = row.green;
  if (standing.grade == v1::YELLOW) answer = row.yellow;
  if (standing.grade == v1::RED || standing.grade == v1::BLACK) answer = row.red;
  if (standing.blacklisted) answer = std::max(answer, row.blacklisted);
  if (standing.suspended) answer = std::max(answer, row.suspended);
  return answer;
}

std::string StandingText(const CreditStanding& standing) {
  std::string text = standing.grade == v1::CREDIT_GRADE_UNSPECIFIED ? "no credit grade" : "credit " + v1::CreditGrade_Name(standing.grade);
  if (standing.blacklisted) text += ", on the blacklist";
  if (standing.suspended) text += ", site suspended";
  return text;
}

}  // namespace songhua::ledger
