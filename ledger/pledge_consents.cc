// Consents of a pledgee: to one act with pledged units, once (PLG-21).
#include <utility>

#include "ledger/names.h"
#include "ledger/pledges.h"
#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

constexpr char kNumbersOfConsents[] = "consents";
constexpr size_t kConditionBytesMax = 500;

}  // namespace

absl::StatusOr<v1::ConsentAnswer> Pledges::GrantConsent(CommandContext& context, const v1::GrantConsentRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ParseNumberedName("name", "pledges", request.name()).status());
  ConsentRow row;
  if (!v1::Consent::Act_IsValid(request.act()) || request.act() == v1::Consent::ACT_UNSPECIFIED) {
    return InvalidField("act", std::to_string(request.act()), "SELL, TRANSFER, SURRENDER or CANCEL").Rule("PLG-21");
  }
  row.act = request.act();
  if (request.act() != v1::Consent::SELL && (request.price_min_fen() != 0 || request.deposit())) {
    return InvalidField(request.deposit() ? "deposit" : "price_min_fen", request.deposit() ? "true" : std::to_string(request.price_min_fen()),
                        "nothing but with SELL: other acts bring no money")
        .Rule("PLG-22");
  }
  SONGHUA_RETURN_IF_ERROR(RequireInRange("price_min_fen", request.price_min_fen(), 0, kPrincipalFenMax, "PLG-21"));
  row.price_min = Price(request.price_min_fen());
  SONGHUA_ASSIGN_OR_RETURN(row.last, ParseDate(request.expire_date(), "expire_date"));
  if (!request.conditions().empty()) SONGHUA_RETURN_IF_ERROR(ValidateName(request.conditions(), kConditionBytesMax, "conditions"));
  SONGHUA_ASSIGN_OR_RETURN(const Step step, Begin(context, request.name(), PledgeEvent::kConsent));
  SONGHUA_ASSIGN_OR_RETURN(const PledgedPart* part, ChoosePart(*step.row, request.lot()));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("quantity", request.quantity(), 1, part->quantity.value(), "PLG-21"));
  const LotRow& lot = LotOf(*part);
  if (lot.right && request.act() != v1::Consent::SELL) {
    return InvalidField("act", v1::Consent::Act_Name(request.act()), "SELL: rights change hands by trade, and are neither surrendered nor cancelled").Rule("DR-11");
  }
  if (row.last < context.today) return InvalidField("expire_date", request.expire_date(), FormatDate(context.today) + ", today, or later").Rule("PLG-21");
  row.pledge = step.row->number;
  row.number = counters_->Peek(kNumbersOfConsents);
  row.lot = part->lot;
  row.quantity = Quantity(request.quantity());
  row.conditions = request.conditions();
  row.deposit = request.deposit();
  row.granted = context.time;
  if (context.validate_only) return Answer(row, context.today);
  SONGHUA_CHECK(counters_->Next(kNumbersOfConsents) == row.number);
  const ConsentRow& added = consents_.Insert(std::move(row));
  context.events->Emit(EventType::kConsentChanged, MakeName("consents", added.number), added);
  return Answer(added, context.today);
}

absl::StatusOr<v1::ConsentAnswer> Pledges::RevokeConsent(CommandContext& context, const v1::ConsentActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "consents", request.name()));
  const ConsentRow* found = consents_.Find(number);
  if (found == nullptr) return NotFound("name", request.name());
  const v1::Consent::State state = found->StateOn(context.today);
  if (state != v1::Consent::GRANTED) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule("PLG-21")
        .Field("name")
        .Value(request.name())
        .Accepted("a consent that is GRANTED; this one is " + v1::Consent::State_Name(state));
  }
  ConsentRow changed = *found;
  changed.revoked = true;
  if (context.validate_only) return Answer(changed, context.today);
  ConsentRow& row = consents_.Edit(*found);
  row = std::move(changed);
  context.events->Emit(EventType::kConsentChanged, MakeName("consents", row.number), row);
  return Answer(row, context.today);
}

absl::Status Pledges::CheckConsent(const CommandContext& context, const std::string& name, v1::Consent::Act act, const LotRow& lot, Quantity quantity) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("consent", "consents", name));
  const ConsentRow* consent = consents_.Find(number);
  if (consent == nullptr) return NotFound("consent", name);
  const auto refuse = [&](std::string_view reason, const std::string& accepted) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason).Rule("PLG-21").Field("consent").Value(name).Accepted(accepted);
  };
  switch (consent->StateOn(context.today)) {
    case v1::Consent::USED: return refuse("CONSENT_USED", "a consent that was not used yet; this one was, by " + consent->used_by);
    case v1::Consent::REVOKED: return refuse("CONSENT_REVOKED", "a consent that its bank has not taken back");
    case v1::Consent::EXPIRED: return refuse("CONSENT_EXPIRED", "a consent in force; this one was to " + FormatDate(consent->last));
    default: break;
  }
  if (consent->act != act) return refuse("CONSENT_FOR_OTHER_ACT", "a consent to " + v1::Consent::Act_Name(act) + "; this one is to " + v1::Consent::Act_Name(consent->act));
  if (consent->lot != lot.number) return refuse("CONSENT_FOR_OTHER_ACT", "a consent for " + MakeName("lots", lot.number) + "; this one is for " + MakeName("lots", consent->lot));
  const PledgeRow& pledge = *rows_.Find(consent->pledge);
  const PledgedPart* part = pledge.PartOf(lot.number);
  const bool active = pledge.state == v1::ACTIVE && part != nullptr;
  if (!active) return refuse("ILLEGAL_TRANSITION", "a consent of a pledge that is ACTIVE and over " + MakeName("lots", lot.number));
  if (const Quantity most = std::min(consent->quantity, part->Held()); quantity > most) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "CONSENT_EXCEEDED")
        .Rule("PLG-21")
        .Field("quantity")
        .Value(quantity.value())
        .Accepted("at most " + std::to_string(most.value()) + ", what " + name + " is for and the pledge has of " + MakeName("lots", lot.number));
  }
  return ledger_->CheckNotCovered(context, lot, "consent");
}

void Pledges::UseConsent(CommandContext& context, const std::string& name, const LotRow& lot, Quantity quantity, const std::string& used_by) {
  const ConsentRow& consent = *consents_.Find(*ParseNumberedName("consent", "consents", name));
  MarkUsed(context, consent, used_by);
  const PledgeRow& pledge = *rows_.Find(consent.pledge);
  Step step{&pledge, pledge};
  step.changed.PartOf(lot.number)->Take(quantity);
  step.changed.DropEmptyParts();
  if (step.changed.Total() == Quantity() && step.changed.deposited == Money()) {
    step.changed.state = *NextPledgeState(v1::ACTIVE, PledgeEvent::kRelease);
    step.changed.decision = name;
  } else {
    Value(&step.changed, context.today);
  }
  Conclude(context, std::move(step));
}

void Pledges::MarkUsed(CommandContext& context, const ConsentRow& consent, const std::string& used_by) {
  ConsentRow& row = consents_.Edit(consent);
  row.used_by = used_by;
  context.events->Emit(EventType::kConsentChanged, MakeName("consents", row.number), row);
}

v1::ConsentAnswer Pledges::Answer(const ConsentRow& row, Date today) const {
  v1::ConsentAnswer answer;
  *answer.mutable_consent() = ToProto(row, today);
  return answer;
}

}  // namespace songhua::ledger
