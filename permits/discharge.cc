#include "permits/discharge.h"

namespace songhua::permits {
namespace {

v1::MayDischargeAnswer Answer(bool may, std::string_view reason, std::string source) {
  v1::MayDischargeAnswer answer;
  answer.set_may_discharge(may);
  answer.set_reason(std::string(reason));
  answer.set_source(std::move(source));
  return answer;
}

// The notice whose deadline has passed by the day without its being lifted. A last day that is provisional stops nobody (GEN-05). Null: none.
const OverlayRow* LapsedNotice(const SiteFacts& facts, Date date) {
  for (const OverlayRow* overlay : facts.overlays) {
    if (overlay->deadline == 0 || !overlay->ActiveOn(date)) continue;
    for (const DeadlineFields* deadline : facts.rectifications) {
      if (deadline->number == overlay->deadline && !deadline->provisional && deadline->due < date) return overlay;
    }
  }
  return nullptr;
}

}  // namespace

v1::MayDischargeAnswer MayDischarge(const SiteFacts& facts, Date date) {
  for (const OverlayRow* overlay : facts.overlays) {
    if (Gates(overlay->kind) && overlay->ActiveOn(date)) return Answer(false, "SUSPENDED", overlay->Name());
  }
  if (const OverlayRow* notice = LapsedNotice(facts, date); notice != nullptr) return Answer(false, "RECTIFICATION_LAPSED", notice->Name());
  if (const PermitRow* permit = facts.permits->PermitInForce(facts.site, date); permit != nullptr) {
    return Answer(true, permit->EffectiveOn(date) ? "PERMIT_EFFECTIVE" : "PERMIT_DEEMED_RENEWED", PermitName(*permit));
  }
  if (facts.registration != nullptr && facts.registration->LiveOn(date)) return Answer(true, "REGISTERED", facts.registration->Name());
  const SiteStanding standing = facts.permits->StandingOfSite(facts.site, date);
  const bool never = standing == SiteStanding::kNone || standing == SiteStanding::kNotYetBegun;
  return Answer(false, never ? "NO_PERMIT" : "PERMIT_NOT_IN_FORCE", "");
}

}  // namespace songhua::permits
