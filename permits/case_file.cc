#include "permits/case_file.h"

#include "ledger/names.h"
#include "ledger/wire.h"

namespace songhua::permits {

using ledger::MakeName;

void CaseFile::Record(CommandContext& context, const Step& step) {
  CaseEventRow row;
  row.subject = step.subject;
  row.number = counters_->Next("case-events");
  row.sequence = context.sequence;
  row.event = step.event;
  row.from_state = step.from_state;
  row.to_state = step.to_state;
  row.actor = std::string(context.person);
  row.reason = step.reason;
  row.legal_basis = step.legal_basis;
  row.effective = step.effective == kFirstDate ? context.today : step.effective;
  row.recorded = context.time;
  events_.Append(row);
  context.events->Emit(EventType::kApplicationChanged, row);
}

std::string CaseFile::Serve(CommandContext& context, v1::NoticeKind kind, const std::string& participant, Region region, const std::string& subject,
                            const BothTexts& text) {
  NoticeRow row;
  row.participant = participant;
  row.number = counters_->Next("notices");
  row.kind = kind;
  row.subject = subject;
  row.region = region;
  row.text = text.english;
  row.text_zh = text.chinese;
  row.issuer = std::string(context.person);
  row.served = context.time;
  notices_.Append(row);
  notice_index_.Append({row.number, row.participant});
  context.events->Emit(EventType::kNoticeServed, row.participant, row.number, row.kind, row.subject);
  return MakeName("notices", row.number);
}

void CaseFile::Publish(CommandContext& context, const std::string& event, const std::string& subject, const std::string& site, Region region,
                       const BothTexts& text) {
  DisclosureRow row;
  row.number = counters_->Next("disclosures");
  row.date = context.today;
  row.subject = subject;
  row.site = site;
  row.region = region;
  row.event = event;
  row.text = text.english;
  row.text_zh = text.chinese;
  disclosures_.Append(row);
}

v1::CaseEvent ToProto(const CaseEventRow& row) {
  v1::CaseEvent message;
  message.set_sequence(row.sequence);
  message.set_subject(row.subject);
  message.set_event(row.event);
  message.set_from_state(row.from_state);
  message.set_to_state(row.to_state);
  message.set_actor(MakeName("people", row.actor));
  message.set_reason(row.reason);
  message.set_legal_basis(row.legal_basis);
  message.set_effective_date(FormatDate(row.effective));
  message.set_record_date(FormatDate(LocalDate(row.recorded)));
  return message;
}

v1::Notice ToProto(const NoticeRow& row) {
  v1::Notice message;
  message.set_name(MakeName("notices", row.number));
  message.set_kind(row.kind);
  message.set_participant(MakeName("participants", row.participant));
  message.set_subject(row.subject);
  message.set_text(row.text);
  message.set_text_zh(row.text_zh);
  message.set_issuer(MakeName("people", row.issuer));
  *message.mutable_serve_time() = ledger::ToProto(row.served);
  return message;
}

}  // namespace songhua::permits
