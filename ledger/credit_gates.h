// What environmental credit lets an enterprise do with rights: the gate matrix CREDIT-20, as a table that a program may change row by row.
//
// Credit never stops what lowers a risk (CREDIT-21): a purchase that covers a deficit is looked at, not blocked. An enterprise without a grade is treated as
// GREEN and BLUE are: grades are given to those who were assessed, and nobody loses a right by not having been.
#ifndef SONGHUA_LEDGER_CREDIT_GATES_H_
#define SONGHUA_LEDGER_CREDIT_GATES_H_

#include <array>
#include <cstddef>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "songhua/v1/credit.pb.h"
#include "songhua/v1/ledger.pb.h"

namespace songhua::ledger {

struct CreditGateRow {
  v1::CreditGate::Answer green = v1::CreditGate::ALLOW;  // and blue, and none
  v1::CreditGate::Answer yellow = v1::CreditGate::ALLOW;
  v1::CreditGate::Answer red = v1::CreditGate::ALLOW;  // and black
  v1::CreditGate::Answer blacklisted = v1::CreditGate::ALLOW;
  v1::CreditGate::Answer suspended = v1::CreditGate::ALLOW;

  template <class Archive>
  void Fields(Archive& a) {
    a(green, yellow, red, blacklisted, suspended);
  }
};

// How an enterprise and its site stand.
struct CreditStanding {
  v1::CreditGrade grade = v1::CREDIT_GRADE_UNSPECIFIED;  // of none
  bool blacklisted = false;
  bool suspended = false;  // a suspension, closure or seizure lies on the site (PERMIT-57)
};

class CreditGates {
 public:
  // CREDIT-20 as it is published.
  CreditGates();
  // With the rows given changed. INVALID_ARGUMENT naming "{field}[i]...": an act that is none or stands twice, an answer that is missing.
  static absl::StatusOr<CreditGates> Parse(const google::protobuf::RepeatedPtrField<v1::CreditGate>& gates, const std::string& field);
  void AddTo(google::protobuf::RepeatedPtrField<v1::CreditGate>* gates) const;

  // The strictest of the columns that apply.
  v1::CreditGate::Answer Of(v1::CreditGate::Act act, const CreditStanding& standing) const;

  template <class Archive>
  void Fields(Archive& a) {
    for (CreditGateRow& row : rows_) a(row);
  }

 private:
  std::array<CreditGateRow, v1::CreditGate::Act_ARRAYSIZE> rows_;  // by act; 0 is none
};

// "credit RED, on the blacklist", "no credit grade, site suspended": for refusals.
std::string StandingText(const CreditStanding& standing);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_CREDIT_GATES_H_
