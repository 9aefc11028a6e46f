#include "permits/absences.h"

#include <algorithm>

#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::permits {
namespace {

using ledger::MakeName;
using ledger::ParseName;

// Offices that work on cases.
bool IsOffice(v1::Role role) {
  switch (role) {
    case v1::PERMIT_INTAKE:
    case v1::PERMIT_REVIEWER:
    case v1::TECH_ASSESSOR:
    case v1::PERMIT_APPROVER:
    case v1::ENFORCER: return true;
    default: return false;
  }
}

// One that was ended before it began has no days.
bool Overlap(const AbsenceRow& a, const AbsenceRow& b) { return a.first <= a.last && a.first <= b.last && b.first <= a.last; }

std::string DaysOf(const AbsenceRow& row) { return FormatDate(row.first) + " to " + FormatDate(row.last); }

absl::Status ParseDays(const v1::SetAbsenceRequest& request, Date today, AbsenceRow* row) {
  SONGHUA_ASSIGN_OR_RETURN(row->first, ParseDate(request.first_date(), "first_date"));
  SONGHUA_ASSIGN_OR_RETURN(row->last, ParseDate(request.last_date(), "last_date"));
  if (row->first < today) {
    return InvalidField("first_date", request.first_date(), FormatDate(today) + " or later").Rule("PERMIT-04");
  }
  if (row->last < row->first || row->last - row->first >= Absences::kDaysMax) {
    return InvalidField("last_date", request.last_date(), FormatDate(row->first) + " or later, at most " + std::to_string(Absences::kDaysMax) + " days")
        .Rule("PERMIT-04");
  }
  return absl::OkStatus();
}

}  // namespace

Absences::Absences(TableSet* tables, ledger::Counters* counters, const ledger::Participants* participants)
    : counters_(counters), participants_(participants), rows_(tables) {
  rows_.OnLoaded([this](AbsenceRow& row) { Index(row); });
}
Absences::~Absences() = default;

void Absences::Index(const AbsenceRow& row) {
  by_person_[row.person].push_back(&row);
  by_deputy_[row.deputy].push_back(&row);
}

absl::StatusOr<v1::AbsenceAnswer> Absences::SetAbsence(CommandContext& context, const v1::SetAbsenceRequest& request) {
  AbsenceRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.person, ParseName("person", "people", request.person()));
  SONGHUA_ASSIGN_OR_RETURN(row.deputy, ParseName("deputy", "people", request.deputy()));
  SONGHUA_RETURN_IF_ERROR(ParseDays(request, context.today, &row));
  const ledger::PersonRow* person = participants_->FindPerson(row.person);
  if (person == nullptr) return NotFound("person", request.person());
  const ledger::PersonRow* deputy = participants_->FindPerson(row.deputy);
  if (deputy == nullptr) return NotFound("deputy", request.deputy());
  if (person == deputy) return InvalidField("deputy", request.deputy(), "another person than the one who is away").Rule("PERMIT-04");
  SONGHUA_RETURN_IF_ERROR(CheckCaller(context, *person));
  SONGHUA_RETURN_IF_ERROR(CheckDeputy(*person, *deputy));
  SONGHUA_RETURN_IF_ERROR(CheckFree(row));

  row.number = counters_->Peek("absences");
  row.set_by = std::string(context.person);
  v1::AbsenceAnswer answer;
  *answer.mutable_absence() = ToProto(row);
  if (context.validate_only) return answer;
  counters_->Next("absences");
  const AbsenceRow& kept = rows_.Insert(std::move(row));
  Index(kept);
  context.events->Emit(EventType::kRegistered, answer.absence().name(), kept.person, kept.deputy, kept.first, kept.last);
  return answer;
}

absl::StatusOr<v1::AbsenceAnswer> Absences::EndAbsence(CommandContext& context, const v1::EndAbsenceRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "absences", request.name()));
  const AbsenceRow* row = rows_.Find(number);
  if (row == nullptr) return NotFound("name", request.name());
  SONGHUA_RETURN_IF_ERROR(CheckCaller(context, *participants_->FindPerson(row->person)));
  if (row->last < context.today) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ABSENCE_PASSED")
        .Rule("PERMIT-04")
        .Field("name")
        .Value(request.name() + ": " + DaysOf(*row))
        .Accepted("an absence that lasts or is to come");
  }
  AbsenceRow ended = *row;
  ended.last = std::max(ended.first, context.today) - 1;
  v1::AbsenceAnswer answer;
  *answer.mutable_absence() = ToProto(ended);
  if (context.validate_only) return answer;
  rows_.Edit(*row).last = ended.last;
  context.events->Emit(EventType::kRegistered, request.name(), ended.person, ended.deputy, ended.first, ended.last);
  return answer;
}

bool Absences::Deputises(std::string_view deputy, const std::string& person, Date date) const {
  const auto absences = by_person_.find(person);
  if (absences == by_person_.end()) return false;
  return std::any_of(absences->second.begin(), absences->second.end(),
                     [&](const AbsenceRow* row) { return row->deputy == deputy && row->LastsOn(date); });
}

absl::Status Absences::CheckCaller(const CommandContext& context, const ledger::PersonRow& person) const {
  const ledger::PersonRow* caller = participants_->FindPerson(std::string(context.person));
  if (caller != nullptr) {
    const bool own_authority = caller->participant == person.participant && HasRole(*caller, v1::PERMIT_APPROVER);
    if (caller == &person || own_authority || HasRole(*caller, v1::SYSTEM_OP)) return absl::OkStatus();
  }
  return Refuse(absl::StatusCode::kPermissionDenied, "NOT_COMPETENT")
      .Rule("PERMIT-04")
      .Field("caller")
      .Value(MakeName("people", context.person))
      .Accepted(MakeName("people", person.id) + ", a PERMIT_APPROVER of " + MakeName("participants", person.participant) + ", or a SYSTEM_OP");
}

absl::Status Absences::CheckDeputy(const ledger::PersonRow& person, const ledger::PersonRow& deputy) const {
  const bool office = std::any_of(person.roles.begin(), person.roles.end(), [](const ledger::RoleGrantRow& grant) { return IsOffice(grant.role); });
  if (!office) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_OFFICE")
        .Rule("PERMIT-04")
        .Field("person")
        .Value(MakeName("people", person.id))
        .Accepted("an officer of permits: PERMIT_INTAKE, PERMIT_REVIEWER, TECH_ASSESSOR, PERMIT_APPROVER or ENFORCER");
  }
  const auto refuse = [&](const std::string& accepted) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "DEPUTY_NOT_COMPETENT")
        .Rule("PERMIT-04")
        .Field("deputy")
        .Value(MakeName("people", deputy.id))
        .Accepted(accepted);
  };
  if (deputy.participant != person.participant) return refuse("somebody of " + MakeName("participants", person.participant));
  for (const ledger::RoleGrantRow& grant : person.roles) {
    if (!IsOffice(grant.role) || RoleCovers(deputy, grant.role, grant.region)) continue;
    return refuse("a " + v1::Role_Name(grant.role) + " for " + FormatRegion(grant.region) + ", as " + MakeName("people", person.id) + " is");
  }
  return absl::OkStatus();
}

absl::Status Absences::CheckFree(const AbsenceRow& planned) const {
  const auto meets = [&](const std::map<std::string, std::vector<const AbsenceRow*>>& index, const std::string& who) -> const AbsenceRow* {
    const auto rows = index.find(who);
    if (rows == index.end()) return nullptr;
    const auto it = std::find_if(rows->second.begin(), rows->second.end(), [&](const AbsenceRow* row) { return Overlap(*row, planned); });
    return it == rows->second.end() ? nullptr : *it;
  };
  for (const auto& [field, who] : {std::make_pair("person", planned.person), std::make_pair("deputy", planned.deputy)}) {
    if (const AbsenceRow* other = meets(by_person_, who); other != nullptr) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "ABSENCE_OVERLAPS")
          .Rule("PERMIT-04")
          .Field(field)
          .Value(MakeName("people", who) + ": away " + DaysOf(*other))
          .Accepted("somebody who is there from " + DaysOf(planned));
    }
  }
  if (const AbsenceRow* other = meets(by_deputy_, planned.person); other != nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "IS_DEPUTY")
        .Rule("PERMIT-04")
        .Field("person")
        .Value(MakeName("people", planned.person) + ": deputy of " + MakeName("people", other->person) + " " + DaysOf(*other))
        .Accepted("days on which nobody counts on him; end " + MakeName("absences", other->number) + " first");
  }
  return absl::OkStatus();
}

v1::Absence ToProto(const AbsenceRow& row) {
  v1::Absence message;
  message.set_name(MakeName("absences", row.number));
  message.set_person(MakeName("people", row.person));
  message.set_deputy(MakeName("people", row.deputy));
  message.set_first_date(FormatDate(row.first));
  message.set_last_date(FormatDate(row.last));
  message.set_set_by(MakeName("people", row.set_by));
  return message;
}

}  // namespace songhua::permits
