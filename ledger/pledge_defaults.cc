// A loan that is not paid: notice, cure, enforcement (PLG-31), and what insolvency changes of it (PLG-35).
#include <utility>

#include "ledger/names.h"
#include "ledger/pledges.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {

absl::StatusOr<v1::PledgeAnswer> Pledges::GiveDefaultNotice(CommandContext& context, const v1::DefaultNoticeRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginAct(context, request, PledgeEvent::kNotice, /*reason_required=*/true));
  SONGHUA_RETURN_IF_ERROR(CheckNotOnOffer(*step.row, request.name()));
  step.changed.cure_last = calendars_->Count(context.today, PolicyOf(*step.row).cure_days, v1::NATURAL).due;
  step.changed.proposal = {};
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::CurePledge(CommandContext& context, const v1::PledgeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginAct(context, request, PledgeEvent::kCure, /*reason_required=*/false));
  step.changed.cure_last = Date{};
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::EnforcePledge(CommandContext& context, const v1::EnforcePledgeRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ParseNumberedName("name", "pledges", request.name()).status());
  const v1::Enforcement& enforcement = request.enforcement();
  if (!v1::Enforcement::Mode_IsValid(enforcement.mode()) || enforcement.mode() == v1::Enforcement::MODE_UNSPECIFIED) {
    return InvalidField("enforcement.mode", std::to_string(enforcement.mode()), "AGREED_VALUE, SALE, AUCTION or RESERVE").Rule("PLG-31");
  }
  if (enforcement.ground() != v1::Enforcement::AGREEMENT && enforcement.ground() != v1::Enforcement::COURT_ORDER) {
    return InvalidField("enforcement.ground", std::to_string(enforcement.ground()), "AGREEMENT or COURT_ORDER").Rule("PLG-31");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(enforcement.reference(), kReferenceBytesMax, "enforcement.reference"));
  SONGHUA_ASSIGN_OR_RETURN(Step step, Begin(context, request.name(), PledgeEvent::kEnforce));
  if (context.today <= step.row->cure_last) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "CURE_PERIOD_RUNS")
        .Rule("PLG-31")
        .Field("name")
        .Value(request.name())
        .Accepted("a day after " + FormatDate(step.row->cure_last) + ", to which the debtor may cure the default");
  }
  if (enforcement.mode() == v1::Enforcement::RESERVE && !LotOf(step.row->parts.front()).right) {
    return InvalidField("enforcement.mode", "RESERVE", "another mode: a reserve buys back rights, not allowances").Rule("DR-62");
  }
  if (IsInsolvent(step.row->pledgor) && enforcement.ground() != v1::Enforcement::COURT_ORDER) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PLEDGOR_INSOLVENT")
        .Rule("PLG-35")
        .Field("enforcement.ground")
        .Value(v1::Enforcement::Ground_Name(enforcement.ground()))
        .Accepted("COURT_ORDER: " + MakeName("participants", step.row->pledgor) + " is insolvent, and its court or administrator decides");
  }
  step.changed.mode = enforcement.mode();
  step.changed.ground = enforcement.ground();
  step.changed.reference = enforcement.reference();
  if (!context.validate_only) UseDeposit(context, &step.changed);
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::AbandonEnforcement(CommandContext& context, const v1::AbandonEnforcementRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginAct(context, request, request.release() ? PledgeEvent::kDrop : PledgeEvent::kAbandon, /*reason_required=*/true));
  SONGHUA_RETURN_IF_ERROR(CheckNotOnOffer(*step.row, request.name()));
  step.changed.cure_last = Date{};
  step.changed.mode = v1::Enforcement::MODE_UNSPECIFIED;
  step.changed.ground = v1::Enforcement::GROUND_UNSPECIFIED;
  step.changed.reference.clear();
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::CloseEnforcement(CommandContext& context, const v1::PledgeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginAct(context, request, PledgeEvent::kDispose, /*reason_required=*/false));
  SONGHUA_RETURN_IF_ERROR(CheckNotOnOffer(*step.row, request.name()));
  if (step.row->Total() > Quantity() && step.row->Owed() > Money()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_DISPOSED")
        .Rule("PLG-33")
        .Field("name")
        .Value(request.name())
        .Accepted("a pledge of which everything is sold, or on which nothing is owed any more; of this one " + std::to_string(step.row->Total().value()) +
                  " units are left, and " + std::to_string(step.row->Owed().value()) + " fen are owed");
  }
  return Conclude(context, std::move(step));
}

bool Pledges::IsInsolvent(const std::string& participant) const {
  const InsolvencyRow* row = insolvencies_.Find(participant);
  return row != nullptr && !row->ended;
}

absl::StatusOr<v1::InsolvencyAnswer> Pledges::FlagInsolvency(CommandContext& context, const v1::FlagInsolvencyRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ParseName("participant", "participants", request.participant()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.court(), kReferenceBytesMax, "court"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.case_number(), kReferenceBytesMax, "case_number"));
  if (participants_->FindParticipant(id) == nullptr) return NotFound("participant", request.participant());
  if (IsInsolvent(id) != request.ended()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule("PLG-35")
        .Field("ended")
        .Value(request.ended() ? "true" : "false")
        .Accepted(request.ended() ? "a participant that is insolvent" : "a participant that is not insolvent yet");
  }
  const InsolvencyRow row{id, request.court(), request.case_number(), context.time, request.ended()};
  v1::InsolvencyAnswer answer;
  answer.set_participant(request.participant());
  answer.set_court(row.court);
  answer.set_case_number(row.case_number);
  *answer.mutable_flag_time() = ToProto(row.flagged);
  answer.set_ended(row.ended);
  const std::vector<const PledgeRow*> live = LiveOf(id);
  for (const PledgeRow* pledge : live) {
    if (pledge->ControlEffective()) answer.add_pledges(MakeName("pledges", pledge->number));
  }
  if (context.validate_only) return answer;
  const InsolvencyRow* found = insolvencies_.Find(id);
  if (found == nullptr) {
    insolvencies_.Insert(row);
  } else {
    insolvencies_.Edit(*found) = row;
  }
  context.events->Emit(EventType::kInsolvencyChanged, id, row);
  for (const PledgeRow* pledge : live) {
    if (pledge->ControlEffective()) Conclude(context, {pledge, *pledge});  // with its alert
  }
  return answer;
}

}  // namespace songhua::ledger
