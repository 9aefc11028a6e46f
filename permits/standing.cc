#include "permits/standing.h"

#include <algorithm>
#include <utility>

#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::permits {

using ledger::MakeName;
using ledger::ParseName;

Standing::Standing(TableSet* tables, const ledger::Participants* participants)
    : participants_(participants), bans_(tables), broken_(tables), grades_(tables) {}
Standing::~Standing() = default;

absl::StatusOr<v1::CreditAnswer> Standing::SetCreditGrade(CommandContext& context, const v1::SetCreditGradeRequest& request) {
  CreditGradeRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.participant, ParseName("participant", "participants", request.participant()));
  row.grade = request.grade();
  if (row.grade == v1::CREDIT_GRADE_UNSPECIFIED || !v1::CreditGrade_IsValid(row.grade)) {
    return InvalidField("grade", std::to_string(row.grade), "GREEN, BLUE, YELLOW, RED or BLACK").Rule("CREDIT-01");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  const ledger::ParticipantRow* participant = participants_->FindParticipant(row.participant);
  if (participant == nullptr || participant->kind != v1::ENTERPRISE) return NotFound("participant", request.participant());
  row.blacklisted = request.blacklisted();
  row.decision = request.decision();
  row.date = context.today;
  row.recorded_by = std::string(context.person);
  v1::CreditAnswer answer;
  *answer.mutable_record() = ToProto(row);
  if (context.validate_only) return answer;
  context.events->Emit(EventType::kRegistered, std::string("credit"), row.participant, row.grade, row.blacklisted, row.decision);
  if (const CreditGradeRow* before = grades_.Find(row.participant); before != nullptr) {
    grades_.Edit(*before) = row;
  } else {
    grades_.Insert(row);
  }
  return answer;
}

void Standing::Ban(CommandContext& context, const std::string& participant, Date decided, int32_t years, const std::string& decision) {
  const auto end = AddYears(decided, years);
  ShorterBanRow ban{end.ok() ? *end : kLastDate, decision};
  context.events->Emit(EventType::kRegistered, std::string("bans"), BanRow{participant, ban.until, ban.decision, {}});
  const BanRow* before = bans_.Find(participant);
  if (before == nullptr) {
    bans_.Insert({participant, ban.until, ban.decision, {}});
    return;
  }
  BanRow& row = bans_.Edit(*before);
  if (row.until < ban.until) {
    std::swap(row.until, ban.until);
    std::swap(row.decision, ban.decision);
  }
  const auto place = std::find_if(row.shorter.begin(), row.shorter.end(), [&](const ShorterBanRow& other) { return other.until < ban.until; });
  row.shorter.insert(place, std::move(ban));
}

void Standing::LiftBan(CommandContext& context, const std::string& participant, const std::string& decision) {
  const BanRow* ban = bans_.Find(participant);
  if (ban == nullptr) return;
  const auto of_it = [&](const ShorterBanRow& other) { return other.decision == decision; };
  const bool among_others = std::any_of(ban->shorter.begin(), ban->shorter.end(), of_it);
  if (ban->decision != decision && !among_others) return;
  context.events->Emit(EventType::kRegistered, std::string("bans-lifted"), participant, decision);
  BanRow& row = bans_.Edit(*ban);
  std::erase_if(row.shorter, of_it);
  if (row.decision != decision) return;
  if (row.shorter.empty()) {
    bans_.Erase(*ban);
    return;
  }
  row.until = row.shorter.front().until;
  row.decision = row.shorter.front().decision;
  row.shorter.erase(row.shorter.begin());
}

void Standing::BreakCommitment(CommandContext& context, const std::string& participant, int32_t years, const std::string& application) {
  const auto end = AddYears(context.today, years);
  const BrokenCommitmentRow row{participant, end.ok() ? *end : kLastDate, application};
  context.events->Emit(EventType::kRegistered, std::string("commitments-broken"), row);
  if (const BrokenCommitmentRow* before = broken_.Find(participant); before != nullptr) {
    broken_.Edit(*before) = row;
  } else {
    broken_.Insert(row);
  }
}

absl::Status Standing::CheckMayApply(const std::string& participant, Date today) const {
  const BanRow* ban = bans_.Find(participant);
  if (ban == nullptr || ban->until <= today) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "ENTERPRISE_BANNED")
      .Rule("PERMIT-88")
      .Field("application.site")
      .Value(MakeName("participants", participant) + ", banned by " + ban->decision)
      .Accepted("an application on " + FormatDate(ban->until) + " or later");
}

absl::Status Standing::CheckMayCommit(const std::string& participant, Date today) const {
  const CreditGradeRow* grade = grades_.Find(participant);
  const auto refuse = [&](const std::string& value, const std::string& accepted) -> absl::Status {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_FAST_TRACK").Rule("CREDIT-31").Field("credit_commitment").Value(value).Accepted(accepted);
  };
  if (grade == nullptr || (grade->grade != v1::GREEN && grade->grade != v1::BLUE)) {
    return refuse("credit grade " + (grade == nullptr ? "not recorded" : v1::CreditGrade_Name(grade->grade)), "GREEN or BLUE; or no commitment");
  }
  if (grade->blacklisted) return refuse("on the blacklist by " + grade->decision, "an enterprise that is not on the blacklist; or no commitment");
  const BrokenCommitmentRow* broken = broken_.Find(participant);
  if (broken != nullptr && today < broken->until) {
    return refuse("commitment broken in " + broken->application, "a commitment on " + FormatDate(broken->until) + " or later; or none");
  }
  return CheckMayApply(participant, today);
}

v1::CreditRecord ToProto(const CreditGradeRow& row) {
  v1::CreditRecord message;
  message.set_participant(MakeName("participants", row.participant));
  message.set_grade(row.grade);
  message.set_blacklisted(row.blacklisted);
  message.set_decision(row.decision);
  message.set_date(FormatDate(row.date));
  message.set_recorded_by(MakeName("people", row.recorded_by));
  return message;
}

}  // namespace songhua::permits
