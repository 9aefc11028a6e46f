#include "ledger/insurances.h"

#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {

Insurances::Insurances(TableSet* tables, const Participants* participants) : participants_(participants), rows_(tables) {}
Insurances::~Insurances() = default;

absl::StatusOr<v1::InsuranceAnswer> Insurances::RecordInsurance(CommandContext& context, const v1::RecordInsuranceRequest& request) {
  const v1::Insurance& given = request.insurance();
  InsuranceRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.enterprise, ParseName("insurance.enterprise", "participants", given.enterprise()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(given.insurer(), kTextBytesMax, "insurance.insurer"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(given.policy_number(), kTextBytesMax, "insurance.policy_number"));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("insurance.insured_fen", given.insured_fen(), 1, kInsuredFenMax, "OPEN-23"));
  SONGHUA_ASSIGN_OR_RETURN(row.term.first, ParseDate(given.start_date(), "insurance.start_date"));
  SONGHUA_ASSIGN_OR_RETURN(row.term.last, ParseDate(given.expire_date(), "insurance.expire_date"));
  if (row.term.last < row.term.first || row.term.last < context.today) {
    return InvalidField("insurance.expire_date", given.expire_date(), "a day not before start_date, " + given.start_date() + ", and not before today").Rule("OPEN-23");
  }
  const ParticipantRow* enterprise = participants_->FindParticipant(row.enterprise);
  if (enterprise == nullptr) return NotFound("insurance.enterprise", given.enterprise());
  if (enterprise->kind != v1::ENTERPRISE) return InvalidField("insurance.enterprise", given.enterprise(), "a participant that is an ENTERPRISE").Rule("OPEN-23");
  row.insurer = given.insurer();
  row.policy_number = given.policy_number();
  row.insured = Money(given.insured_fen());
  row.recorded_by = context.person;
  row.record_time = context.time;
  v1::InsuranceAnswer answer;
  *answer.mutable_insurance() = ToProto(row);
  if (context.validate_only) return answer;
  const InsuranceRow* found = rows_.Find(row.enterprise);
  InsuranceRow& put = found == nullptr ? rows_.Insert(row) : rows_.Edit(*found);
  if (found != nullptr) put = row;
  context.events->Emit(EventType::kInsuranceRecorded, put);
  return answer;
}

v1::Insurance ToProto(const InsuranceRow& row) {
  v1::Insurance insurance;
  insurance.set_enterprise(MakeName("participants", row.enterprise));
  insurance.set_insurer(row.insurer);
  insurance.set_policy_number(row.policy_number);
  insurance.set_insured_fen(row.insured.value());
  insurance.set_start_date(FormatDate(row.term.first));
  insurance.set_expire_date(FormatDate(row.term.last));
  return insurance;
}

}  // namespace songhua::ledger
