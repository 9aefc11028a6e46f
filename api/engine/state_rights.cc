// What the life of rights asks of the other parts: permits, fees, surplus, years.
#include "api/engine/state.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api {

void State::OnRightsMoved(CommandContext& context, const std::string& site) { permits.ReviewRights(context, site, *this); }

void State::OnRightsDisposed(CommandContext& context, const std::string& site, const std::string& pollutant, Quantity quantity) {
  surpluses.Use(site, pollutant, quantity, context.today);
}

void State::OnRightsReturned(CommandContext&, const std::string& site, const std::string& pollutant, Quantity quantity) {
  surpluses.GiveBack(site, pollutant, quantity);
}

absl::Status State::CheckDisposal(const CommandContext& context, const std::string& site, const std::string& program, const std::string& pollutant,
                                  Quantity quantity, ledger::Disposal disposal, std::string_view field) const {
  SONGHUA_RETURN_IF_ERROR(paid_use_fees.CheckNoArrears(site, context.today, field));
  if (disposal == ledger::Disposal::kPledge) {
    const int32_t last_year = Year(context.today) - 1;
    const int32_t years = ledger.programs().Find(program)->pledge_policy.exclusion_years;
    if (const permits::PenaltyRow* penalty = penalties.SeriousSince(site, *AddYears(context.today, -years)); penalty != nullptr) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "SERIOUS_VIOLATION")
          .Rule("PLG-12")
          .Field(field)
          .Value(ledger::MakeName("sites", site))
          .Accepted("a site without a serious violation in the last " + std::to_string(years) + " years; of " + FormatDate(penalty->violation) + " it has " +
                    penalty->Name());
    }
    if (const permits::ReductionTaskRow* task = reduction_tasks.Excluding(site); task != nullptr) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "REDUCTION_TASK_FAILED")
          .Rule("PLG-12")
          .Field(field)
          .Value(ledger::MakeName("sites", site))
          .Accepted("a site that met its reduction tasks of the latest years assessed; by " + task->Name() + " it failed that of " + task->pollutant + " for " +
                    std::to_string(task->year));
    }
    if (!rights_years.DischargedBeyondRights(site, last_year)) {
      return CheckCredit(*ledger.accounts().FindById(site + ".rights"), program, v1::CreditGate::PLEDGE, context.today, field);
    }
    return Refuse(absl::StatusCode::kFailedPrecondition, "DISCHARGED_BEYOND_RIGHTS")
        .Rule("PLG-12")
        .Field(field)
        .Value(ledger::MakeName("sites", site))
        .Accepted("a site that kept within its rights in " + std::to_string(last_year));
  }
  if (!ledger.programs().Find(program)->rights.surplus_verified) return absl::OkStatus();
  const Quantity free = surpluses.FreeSurplus(site, pollutant, context.today);
  if (quantity <= free) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_SURPLUS")
      .Rule("DR-17")
      .Field(field)
      .Value(quantity.value())
      .Accepted("at most " + std::to_string(free.value()) + ", what is left of the verified surplus of " + ledger::MakeName("sites", site));
}

absl::Status State::CheckMayReceive(const std::string& site, Date today) const {
  const permits::PermitRow* permit = permits.PermitInForce(site, today);
  if (permit != nullptr && (permit->tier == v1::KEY || permit->tier == v1::SIMPLIFIED)) return absl::OkStatus();
  const permits::RegistrationRow* registration = registrations.OfSite(site);
  const ledger::AccountRow* account = ledger.accounts().FindById(site + ".rights");
  if (registration != nullptr && registration->StateOn(today) == v1::Registration::LIVE && account != nullptr) {
    for (const ledger::LotRow* lot : ledger.lots().OfAccount(account->number)) {
      if (lot->quantity > Quantity() && today <= lot->term.last) return absl::OkStatus();
    }
  }
  return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_ELIGIBLE")
      .Rule("DR-05")
      .Field("site")
      .Value(ledger::MakeName("sites", site))
      .Accepted("a site with a KEY or SIMPLIFIED permit in force, or one that is registered and holds rights already");
}

void State::WakeForAllocations(Timestamp at) { timers.Schedule(at, TimerKind::kCarryAllocations); }

Quantity State::PermittedQuantity(const std::string& site, const std::string& pollutant, int32_t year) const {
  return permits.PermittedQuantity(site, pollutant, year);
}

Quantity State::PendingDeficit(const std::string& site, const std::string& pollutant) const { return rights_years.PendingDeficit(site, pollutant); }

Quantity State::NotCounted(const std::string& site, const std::string& pollutant, int32_t year) const {
  const ledger::AccountRow* account = ledger.accounts().FindById(site + ".rights");
  return account == nullptr ? Quantity() : exchange.NotYetShown(account->number, pollutant, year);
}

}  // namespace songhua::api
