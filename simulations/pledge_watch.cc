#include "simulations/pledge_watch.h"

#include <algorithm>
#include <string_view>

#include "ledger/names.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/pledges.pb.h"

namespace songhua::simulations {
namespace {

// What a unit brings at least, after fees, at the prices of the simulation.
constexpr int64_t kLeastProceeds = 7'970;

std::string Named(const ledger::PledgeRow& row) { return ledger::MakeName("pledges", row.number); }

bool Did(const SimulatedRequest* done, std::string_view method) { return done != nullptr && done->method == "songhua.v1." + std::string(method); }

template <class Request>
bool NamesPledge(const SimulatedRequest& done, const ledger::PledgeRow& row) {
  return static_cast<const Request&>(*done.request).name() == Named(row);
}

// The bank, or the registry after it, ends the pledge with what it holds.
bool EndsWhole(const SimulatedRequest* done, const ledger::PledgeRow& row) {
  if (Did(done, "Pledges/ReleasePledge") || Did(done, "Pledges/CloseEnforcement")) return NamesPledge<v1::PledgeActRequest>(*done, row);
  return Did(done, "Pledges/AbandonEnforcement") && NamesPledge<v1::AbandonEnforcementRequest>(*done, row) &&
         static_cast<const v1::AbandonEnforcementRequest&>(*done->request).release();
}

bool Sells(const SimulatedRequest* done) {
  return Did(done, "Listings/TakeListing") || Did(done, "Auctions/PayAuction") || Did(done, "Trades/SettleDay") || Did(done, "Trades/SettleTrade");
}

// PLG-31. One bidder alone at an auction is offered an agreement (DR-43).
bool IsAsAgreed(v1::Enforcement::Mode mode, std::string_view sale) {
  switch (mode) {
    case v1::Enforcement::SALE: return sale.starts_with("listings/");
    case v1::Enforcement::AUCTION: return sale.starts_with("auctions/");
    case v1::Enforcement::AGREED_VALUE: return sale.starts_with("negotiations/");
    default: return false;
  }
}

int64_t OfferedOf(const ledger::PledgeRow& row) {
  Quantity sum;
  for (const ledger::PledgedPart& part : row.parts) sum += part.offered;
  return sum.value();
}

}  // namespace

std::string PledgeWatch::Look(const api::State& state, Date today, const SimulatedRequest* done) {
  wrong_.clear();
  struct Claims {
    int64_t provisional = 0, pledged = 0, offered = 0;
  };
  std::map<ledger::LotNumber, Claims> claims;
  for (uint64_t number = 1; const ledger::PledgeRow* row = state.pledges.FindPledge(number); ++number) {
    LookAt(state, *row, done);
    const auto hold = ledger::PledgeHold(row->state);
    for (const ledger::PledgedPart& part : row->parts) {
      Claims& of_lot = claims[part.lot];
      if (hold == ledger::HoldKind::kProvisionalPledge) of_lot.provisional += part.quantity.value();
      if (hold == ledger::HoldKind::kPledge) of_lot.pledged += part.Held().value();
      of_lot.offered += part.offered.value();
    }
    pledges_[number] = {row->state, row->Total().value(), OfferedOf(*row), row->Owed().value(), row->paid.value(), row->deposited.value()};
  }
  for (uint64_t number = 1; const ledger::ConsentRow* consent = state.pledges.FindConsent(number); ++number) {
    if (!consent->used_by.empty()) used_.insert(number);
  }
  for (int firm = 0; firm < kFirms; ++firm) {
    for (const char* kind : {"registry", "trading"}) {
      const ledger::LotRow* lot = LotOf(state, firm, kind);
      if (lot == nullptr) continue;
      const Claims& of_lot = claims[lot->number];
      LookAtLot(*lot, today, of_lot.provisional, of_lot.pledged, of_lot.offered);
      // In registry accounts nothing else is ordered or sold.
      const int64_t selling = (lot->Held(ledger::HoldKind::kOrder) + lot->Held(ledger::HoldKind::kTrade)).value();
      if (std::string_view(kind) == "registry" && selling != of_lot.offered) {
        Wrong(ledger::MakeName("lots", lot->number) + ": orders and trades hold " + std::to_string(selling) + ", pledges have " + std::to_string(of_lot.offered) +
              " on offer (INV-12)");
      }
    }
  }
  return wrong_;
}

void PledgeWatch::LookAt(const api::State& state, const ledger::PledgeRow& row, const SimulatedRequest* done) {
  LookAtOffer(state, row);
  const auto seen = pledges_.find(row.number);
  if (seen == pledges_.end()) return;
  const Pledge before = seen->second;
  const int64_t left = before.units - row.Total().value();
  if (left < 0 && !(Did(done, "Pledges/AddPledgedUnits") && NamesPledge<v1::AddPledgedUnitsRequest>(*done, row))) {
    Wrong(Named(row) + " has " + std::to_string(-left) + " units more, which nobody added");
  }
  if (left > 0) {
    if (Did(done, "Pledges/ReleasePledgedUnits")) {
      const auto& release = static_cast<const v1::ReleasePledgedUnitsRequest&>(*done->request);
      if (release.name() != Named(row) || release.quantity() != left) Wrong(std::to_string(left) + " units left " + Named(row) + ", which its bank did not release");
    } else if (Did(done, "Ledger/SurrenderUnits")) {
      LookAtSurrender(state, row, left, *done);
    } else {
      LookAtSale(state, row, before, done);
    }
  }
  const bool held = ledger::PledgeHold(before.state).has_value();
  const bool spent = left > 0 && row.Total() == Quantity();
  if (held && !ledger::PledgeHold(row.state).has_value() && !spent && !EndsWhole(done, row)) {
    Wrong(Named(row) + " went from " + v1::PledgeState_Name(before.state) + " to " + v1::PledgeState_Name(row.state) + ", which its bank did not decide");
  }
}

void PledgeWatch::LookAtOffer(const api::State& state, const ledger::PledgeRow& row) {
  const int64_t offered = OfferedOf(row);
  if (offered == 0) return;
  const std::string what = std::to_string(offered) + " units of " + Named(row) + " are on offer by " + row.sale;
  if (row.sale_consent == 0) {
    if (row.state != v1::ENFORCING || !IsAsAgreed(row.mode, row.sale)) {
      Wrong(what + " without consent; it is " + v1::PledgeState_Name(row.state) + ", enforced by " + v1::Enforcement::Mode_Name(row.mode) + " (PLG-31)");
    }
    return;
  }
  const ledger::ConsentRow* consent = state.pledges.FindConsent(row.sale_consent);
  const bool right = consent != nullptr && consent->pledge == row.number && consent->act == v1::Consent::SELL && consent->used_by == row.sale && !row.sale.empty();
  if (!right) {
    Wrong(what + " by a consent that is not for it (PLG-21)");
  } else if (offered + sold_by_[row.sale_consent] > consent->quantity.value()) {
    Wrong(what + ", more than the consent is for (PLG-21)");
  }
}

void PledgeWatch::LookAtSale(const api::State& state, const ledger::PledgeRow& row, const Pledge& before, const SimulatedRequest* done) {
  const int64_t left = before.units - row.Total().value();
  const std::string what = std::to_string(left) + " units left " + Named(row);
  // Sealed auctions alone sell by the clock.
  if (done == nullptr ? !row.sale.starts_with("auctions/") : !Sells(done)) return Wrong(what + (done == nullptr ? " by itself" : " by " + done->method));
  if (left > before.offered) return Wrong(what + ", of which only " + std::to_string(before.offered) + " were on offer");
  bool kept = false;
  if (row.sale_consent == 0) {
    if (before.state != v1::ENFORCING) return Wrong(what + " by its bank, which does not enforce it (PLG-31)");
  } else {
    const ledger::ConsentRow& consent = *state.pledges.FindConsent(row.sale_consent);
    kept = consent.deposit;
    sold_by_[row.sale_consent] += left;
    if (sold_by_[row.sale_consent] > consent.quantity.value()) Wrong(what + ", more than the consent is for (PLG-21)");
  }
  const int64_t owed = kept ? std::max<int64_t>(0, before.owed - before.deposited) : before.owed;
  const int64_t secured = row.paid.value() - before.paid + row.deposited.value() - before.deposited;
  if (secured > owed || secured < std::min(owed, left * kLeastProceeds)) {
    Wrong(what + "; of what they brought " + std::to_string(secured) + " fen went to the bank, to which " + std::to_string(owed) + " were owed (PLG-33)");
  }
}

void PledgeWatch::LookAtSurrender(const api::State& state, const ledger::PledgeRow& row, int64_t left, const SimulatedRequest& done) {
  const auto& request = static_cast<const v1::RetireUnitsRequest&>(*done.request);
  const std::string what = std::to_string(left) + " units of " + Named(row) + " were surrendered";
  const absl::StatusOr<uint64_t> number = ledger::ParseNumberedName("consent", "consents", request.consent());
  const ledger::ConsentRow* consent = number.ok() ? state.pledges.FindConsent(*number) : nullptr;
  if (consent == nullptr || consent->pledge != row.number || consent->act != v1::Consent::SURRENDER || consent->used_by.empty()) {
    return Wrong(what + " without a consent to that (PLG-21)");
  }
  if (used_.contains(*number)) Wrong(what + " with a consent that was used before (PLG-21)");
  if (left != request.quantity() || left > consent->quantity.value()) Wrong(what + ", not what was asked for and agreed to (PLG-21)");
}

void PledgeWatch::LookAtLot(const ledger::LotRow& lot, Date today, int64_t provisional, int64_t pledged, int64_t offered) {
  const std::string name = ledger::MakeName("lots", lot.number);
  if (lot.quantity < Quantity() || lot.Held() > lot.quantity || offered < 0 || std::any_of(lot.held.begin(), lot.held.end(), [](Quantity held) { return held < Quantity(); })) {
    Wrong(name + " has a bucket below zero, or more held than there is (DR-66)");
  }
  const auto expect = [&](ledger::HoldKind kind, int64_t claimed, std::string_view what) {
    if (lot.Held(kind).value() == claimed) return;
    Wrong(name + ": " + std::to_string(lot.Held(kind).value()) + " are held as " + std::string(what) + ", pledges claim " + std::to_string(claimed) + " (INV-12)");
  };
  expect(ledger::HoldKind::kProvisionalPledge, provisional, "pledged provisionally");
  expect(ledger::HoldKind::kPledge, pledged, "pledged");
  const Lot now{lot.quantity.value(), lot.Frozen(today).value()};
  if (const auto seen = lots_.find(lot.number); seen != lots_.end() && now.quantity < seen->second.frozen) {
    Wrong(name + " has " + std::to_string(now.quantity) + " units, fewer than the " + std::to_string(seen->second.frozen) + " that a court's order covered (PLG-29)");
  }
  lots_[lot.number] = now;
}

}  // namespace songhua::simulations
