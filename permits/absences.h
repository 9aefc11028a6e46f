// Absences: officers on leave and their deputies (PERMIT-04). While an absence lasts, its deputy sees the absent officer's queue and may do what only the
// officer in charge of a case may do. He then counts among those who reviewed it (GEN-14). A deputy's own deputy does not act: on each day an absent
// officer has one deputy, who is there.
//
// One thread (the state machine). Times are legal days.
#ifndef SONGHUA_PERMITS_ABSENCES_H_
#define SONGHUA_PERMITS_ABSENCES_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "songhua/v1/absences.pb.h"

namespace songhua::permits {

struct AbsenceRow {
  static constexpr RowTable kTable = RowTable::kAbsences;
  uint64_t number = 0;
  std::string person;
  std::string deputy;
  Date first;
  Date last;
  std::string set_by;

  uint64_t Key() const { return number; }
  bool LastsOn(Date date) const { return first <= date && date <= last; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, person, deputy, first, last, set_by);
  }
};
v1::Absence ToProto(const AbsenceRow& row);

class Absences {
 public:
  static constexpr int32_t kDaysMax = 366;

  Absences(TableSet* tables, ledger::Counters* counters, const ledger::Participants* participants);
  ~Absences();

  // Checks, in this order: form of the fields; the days: not past, in order, at most kDaysMax; person and deputy exist and are two; the caller is the person,
  // a PERMIT_APPROVER of his authority, or a SYSTEM_OP (NOT_COMPETENT); the person holds an office that works on cases (NO_OFFICE); the deputy is of the same authority and holds each of
  // them in its region (DEPUTY_NOT_COMPETENT); neither is away on one of those days (ABSENCE_OVERLAPS), nor deputy of somebody then (IS_DEPUTY).
  absl::StatusOr<v1::AbsenceAnswer> SetAbsence(CommandContext& context, const v1::SetAbsenceRequest& request);
  // Checks: the absence exists; the caller is one who might have set it; it has not passed (ABSENCE_PASSED).
  absl::StatusOr<v1::AbsenceAnswer> EndAbsence(CommandContext& context, const v1::EndAbsenceRequest& request);

  // Whether `deputy` acts for `person` on the day.
  bool Deputises(std::string_view deputy, const std::string& person, Date date) const;
  const AbsenceRow* Find(uint64_t number) const { return rows_.Find(number); }

 private:
  absl::Status CheckCaller(const CommandContext& context, const ledger::PersonRow& person) const;
  absl::Status CheckDeputy(const ledger::PersonRow& person, const ledger::PersonRow& deputy) const;
  absl::Status CheckFree(const AbsenceRow& planned) const;
  void Index(const AbsenceRow& row);

  ledger::Counters* counters_;
  const ledger::Participants* participants_;
  Table<AbsenceRow> rows_;
  // Rebuilt when rows are loaded.
  std::map<std::string, std::vector<const AbsenceRow*>> by_person_;
  std::map<std::string, std::vector<const AbsenceRow*>> by_deputy_;
};

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_ABSENCES_H_
