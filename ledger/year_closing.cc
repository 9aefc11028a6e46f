// The end of a year of rights: what was discharged is used up, what is left lapses (DR-10, DR-11).
#include <algorithm>

#include "ledger/ledger.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

// What is under way with a lot and counts on its units: until it has ended, no year of the lot is closed. A pledge restricts disposal, not use (PLG-23), and a
// lease's units are the lessee's to use.
constexpr HoldKind kUnderWay[] = {HoldKind::kOrder, HoldKind::kTrade, HoldKind::kListing, HoldKind::kProposal, HoldKind::kRecovery, HoldKind::kAllocation};

}  // namespace

bool Ledger::HoldsRightsOf(AccountNumber account, const RightsScope& scope, int32_t year) const {
  for (const LotRow* lot : lots_.OfAccount(account)) {
    if (!lot->right || QuantityOf(lot->entitlements, year) == Quantity()) continue;
    const InstrumentClassRow& row = *programs_.FindClass(lot->instrument_class);
    if (row.program == scope.program && row.pollutant == scope.pollutant && row.control_zone == scope.control_zone) return true;
  }
  return false;
}

std::string Ledger::WhatKeepsOpen(AccountNumber account, const RightsScope& scope, int32_t year) const {
  for (const LotRow* lot : lots_.OfAccount(account)) {
    if (!lot->right || QuantityOf(lot->entitlements, year) == Quantity()) continue;
    const InstrumentClassRow& row = *programs_.FindClass(lot->instrument_class);
    if (row.program != scope.program || row.pollutant != scope.pollutant || row.control_zone != scope.control_zone) continue;
    const std::string name = MakeName("lots", lot->number);
    for (const HoldKind kind : kUnderWay) {
      if (lot->Held(kind) > Quantity()) return name + " is held by " + std::string(HoldKindName(kind));
    }
    for (const YearQuantity& entry : lot->entitlements) {
      if (entry.year < year && entry.quantity > Quantity()) return std::to_string(entry.year) + " of " + name + " is open";
    }
  }
  return "";
}

Ledger::YearClosing Ledger::CloseYear(CommandContext& context, AccountNumber account, const RightsScope& scope, int32_t year, Quantity discharged) {
  YearClosing closing;
  const AccountNumber used_up = accounts_.House(v1::SURRENDERED, scope.program);
  const AccountNumber lapsed = accounts_.House(v1::LAPSED, scope.program);
  for (const LotRow* row : lots_.OfAccount(account)) {
    const Quantity units = QuantityOf(row->entitlements, year);
    if (!row->right || units == Quantity()) continue;
    const InstrumentClassRow& instrument_class = *programs_.FindClass(row->instrument_class);
    if (instrument_class.program != scope.program || instrument_class.pollutant != scope.pollutant ||
        instrument_class.control_zone != scope.control_zone) {
      continue;
    }
    const Quantity used = std::min(units, discharged - closing.used);
    const InstrumentId instrument = programs_.Instrument(row->instrument_class, year).id;
    postings_.PostUnits(context, PostingType::kUse, instrument, account, used_up, used);
    postings_.PostUnits(context, PostingType::kLapse, instrument, account, lapsed, units - used);
    closing.entitled += units;
    closing.used += used;
    closing.lapsed += units - used;

    LotRow& lot = lots_.Edit(*row);
    std::erase_if(lot.entitlements, [&](const YearQuantity& entry) { return entry.year <= year; });
    const Date next = FirstDayOf(year + 1);
    if (lot.term.first < next && next <= lot.term.last) {
      const Term rest{next, lot.term.last};
      const auto cost = MultiplyDivide(lot.cost.value(), rest.Days(), lot.term.Days(), Rounding::kFloor);
      SONGHUA_CHECK(cost.ok());
      lot.cost = Money(*cost);
      lot.term = rest;
    }
  }
  return closing;
}

}  // namespace songhua::ledger
