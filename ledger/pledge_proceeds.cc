// Sales of pledged units: who may offer them, how the hold passes to the sale and back, and where the money goes (PLG-22, PLG-32, PLG-33).
#include <algorithm>
#include <utility>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/pledges.h"
#include "ledger/refusal.h"

namespace songhua::ledger {

AccountNumber Pledges::CashOf(const std::string& participant) const {
  const AccountRow* cash = ledger_->accounts().OfParticipant(participant, v1::CASH);
  const std::string& parent = participants_->FindParticipant(participant)->parent;
  if (cash == nullptr && !parent.empty()) cash = ledger_->accounts().OfParticipant(parent, v1::CASH);
  return cash == nullptr ? 0 : cash->number;
}

absl::StatusOr<Pledges::Offer> Pledges::CheckOffer(const CommandContext& context, const v1::OfferPledgedUnitsRequest& request) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "pledges", request.name()));
  Offer offer;
  offer.pledge = rows_.Find(number);
  if (offer.pledge == nullptr) return NotFound("name", request.name());
  const PledgeRow& row = *offer.pledge;
  const bool by_pledgor = context.participant == row.pledgor;
  const v1::PledgeState state = by_pledgor ? v1::ACTIVE : v1::ENFORCING;
  if (row.state != state) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule(by_pledgor ? "PLG-21" : "PLG-31")
        .Field("name")
        .Value(request.name())
        .Accepted(std::string(by_pledgor ? "by its pledgor" : "by its pledgee") + " a pledge that is " + v1::PledgeState_Name(state) + "; this one is " +
                  v1::PledgeState_Name(row.state));
  }
  SONGHUA_RETURN_IF_ERROR(CheckNotOnOffer(row, request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const PledgedPart* part, ChoosePart(row, request.lot()));
  offer.lot = &LotOf(*part);
  SONGHUA_RETURN_IF_ERROR(RequireInRange("quantity", request.quantity(), 1, part->Held().value(), "PLG-17"));
  if (by_pledgor) {
    SONGHUA_RETURN_IF_ERROR(CheckConsent(context, request.consent(), v1::Consent::SELL, *offer.lot, Quantity(request.quantity())));
    offer.consent = *ParseNumberedName("consent", "consents", request.consent());
    if (const uint64_t pledge = consents_.Find(offer.consent)->pledge; pledge != number) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "CONSENT_FOR_OTHER_PLEDGE")
          .Rule("PLG-21")
          .Field("consent")
          .Value(request.consent())
          .Accepted("a consent of " + request.name() + "; this one is of " + MakeName("pledges", pledge));
    }
    offer.price_min = consents_.Find(offer.consent)->price_min;
    if (Price(request.price_fen()) < offer.price_min) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "CONSENT_EXCEEDED")
          .Rule("PLG-21")
          .Field("price_fen")
          .Value(request.price_fen())
          .Accepted("at least " + std::to_string(offer.price_min.value()) + ", for which " + request.consent() + " was given");
    }
  } else if (!request.consent().empty()) {
    return InvalidField("consent", request.consent(), "nothing: the pledgee enforces").Rule("PLG-31");
  }
  SONGHUA_RETURN_IF_ERROR(CheckNotFrozen(context, row, request.name()));
  for (const std::string& party : {row.pledgor, row.pledgee}) {
    if (CashOf(party) != 0) continue;
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_CASH_ACCOUNT")
        .Rule("PLG-33")
        .Field("name")
        .Value(request.name())
        .Accepted("parties with cash accounts, to which the proceeds go; " + MakeName("participants", party) + " has none");
  }
  return offer;
}

v1::PledgeAnswer Pledges::NoteOffer(CommandContext& context, const Offer& offer, const std::string& sale) {
  const PledgeRow& row = *offer.pledge;
  Step step{&row, row};
  step.changed.sale = sale;
  step.changed.sale_consent = offer.consent;
  if (!context.validate_only && offer.consent != 0) MarkUsed(context, *consents_.Find(offer.consent), sale);
  return Conclude(context, std::move(step));
}

Quantity Pledges::Offerable(uint64_t number, LotNumber lot) const {
  const PledgeRow* row = rows_.Find(number);
  const PledgedPart* part = row == nullptr || !row->ControlEffective() ? nullptr : row->PartOf(lot);
  return part == nullptr ? Quantity() : part->Held();
}

void Pledges::OfferUnits(uint64_t number, LotNumber lot, Quantity quantity) {
  SONGHUA_CHECK(quantity <= Offerable(number, lot));
  rows_.Edit(*rows_.Find(number)).PartOf(lot)->offered += quantity;
  ledger_->lots().ConvertHold(*ledger_->lots().Find(lot), HoldKind::kPledge, HoldKind::kOrder, quantity);
}

void Pledges::TakeBackUnits(CommandContext& context, uint64_t number, LotNumber lot, Quantity quantity, HoldKind from) {
  PledgeRow& row = rows_.Edit(*rows_.Find(number));
  PledgedPart& part = *row.PartOf(lot);
  SONGHUA_CHECK(row.ControlEffective() && quantity <= part.offered);
  part.offered -= quantity;
  ledger_->lots().ConvertHold(*ledger_->lots().Find(lot), from, HoldKind::kPledge, quantity);
  context.events->Emit(EventType::kPledgeChanged, MakeName("pledges", row.number), row);
}

void Pledges::SoldUnits(CommandContext& context, uint64_t number, LotNumber lot, Quantity quantity, LotNumber last_before) {
  PledgeRow& row = rows_.Edit(*rows_.Find(number));
  PledgedPart& part = *row.PartOf(lot);
  SONGHUA_CHECK(quantity <= part.offered);
  part.offered -= quantity;
  const PledgedPart sold = part.Take(quantity);
  // What the sold term leaves of the right before and after it stays pledged (PLG-25).
  const AccountNumber account = ledger_->lots().Find(lot)->account;
  for (LotNumber left = last_before + 1; left <= ledger_->lots().size(); ++left) {
    const LotRow& rest = *ledger_->lots().Find(left);
    if (rest.parent != lot || rest.account != account || context.today > rest.term.last) continue;
    ledger_->lots().Hold(rest, HoldKind::kPledge, rest.quantity);
    SONGHUA_CHECK(rest.quantity == sold.quantity);
    row.parts.push_back(sold);
    row.parts.back().lot = left;
    holding_.insert({left, row.number});
    index_.Append({MakeName("lots", left), row.number});
  }
}

// What goes to the pledgee, or is kept for it, and what of the debt that pays off.
Money Pledges::Apply(CommandContext& context, PledgeRow* row, Money amount, bool deposit, const std::string& cause) {
  DistributionRow made;
  made.pledge = row->number;
  made.sequence = context.sequence;
  if (distributed_in_ != context.sequence) distributions_made_ = 0;
  distributed_in_ = context.sequence;
  made.step = distributions_made_++;
  made.cause = cause;
  made.time = context.time;
  made.amount = amount;
  const Money secured = std::min(amount, row->Owed() - (deposit ? std::min(row->deposited, row->Owed()) : Money()));
  if (deposit) {
    made.deposited = secured;
    row->deposited += secured;
  } else {
    if (row->balance.date == Date{}) {
      made.principal = secured;
    } else {
      Money left = secured;
      const auto pay = [&](Money* debt) {
        const Money part = std::min(left, *debt);
        *debt -= part;
        left -= part;
        return part;
      };
      made.costs = pay(&row->balance.costs);
      made.interest = pay(&row->balance.interest);
      made.principal = pay(&row->balance.principal);
    }
    row->paid += secured;
  }
  made.pledgor = amount - secured;
  distributions_.Append(made);
  context.events->Emit(EventType::kProceedsApplied, made);
  return secured;
}

void Pledges::Distribute(CommandContext& context, uint64_t number, AccountNumber cash, Money amount, const std::string& cause) {
  const PledgeRow& row = *rows_.Find(number);
  Step step{&row, row};
  PledgeRow& changed = step.changed;
  const bool deposit = row.sale_consent != 0 && consents_.Find(row.sale_consent)->deposit;
  const Money secured = Apply(context, &changed, amount, deposit, cause);
  if (secured > Money()) ledger_->Pay(context, PostingType::kPledgeProceeds, cash, deposit ? Escrow() : CashOf(row.pledgee), secured, 0);
  changed.DropEmptyParts();
  if (row.state == v1::ACTIVE && changed.Total() == Quantity() && changed.deposited == Money()) {
    changed.state = *NextPledgeState(v1::ACTIVE, PledgeEvent::kRelease);
    changed.decision = cause;
  } else {
    Value(&changed, context.today);
  }
  Conclude(context, std::move(step));
}

void Pledges::UseDeposit(CommandContext& context, PledgeRow* row) {
  const Money kept = std::exchange(row->deposited, Money());
  if (kept == Money()) return;
  const Money secured = Apply(context, row, kept, /*deposit=*/false, MakeName("pledges", row->number));
  if (secured > Money()) ledger_->Pay(context, PostingType::kPledgeProceeds, Escrow(), CashOf(row->pledgee), secured, 0);
  if (kept > secured) ledger_->Pay(context, PostingType::kPledgeProceeds, Escrow(), CashOf(row->pledgor), kept - secured, 0);
}

void Pledges::ReturnDeposit(CommandContext& context, PledgeRow* row) {
  const Money kept = std::exchange(row->deposited, Money());
  if (kept == Money()) return;
  ledger_->Pay(context, PostingType::kPledgeProceeds, Escrow(), CashOf(row->pledgor), kept, 0);
}

void Pledges::TakeUnits(CommandContext& context, uint64_t number, LotNumber lot, Money paid, bool priced, const std::string& cause) {
  SONGHUA_CHECK(!context.validate_only);
  const PledgeRow* row = rows_.Find(number);
  SONGHUA_CHECK(row != nullptr && row->ControlEffective());
  Step step{row, *row};
  PledgeRow& changed = step.changed;
  PledgedPart& part = *changed.PartOf(lot);
  SONGHUA_CHECK(part.offered == Quantity());
  part.Take(part.quantity);
  changed.DropEmptyParts();
  changed.decision = cause;
  if (paid > Money()) Apply(context, &changed, paid, /*deposit=*/false, cause);
  if (changed.Total() == Quantity() && changed.deposited == Money()) {
    changed.state = priced ? v1::REALISED : v1::COLLATERAL_LOST;
  } else {
    changed.alerts |= AlertBit(PledgeAlert::kCollateralShortfall);
    Value(&changed, context.today);
  }
  Conclude(context, std::move(step));
}

}  // namespace songhua::ledger
