#include "api/reads/reconciliation.h"

#include <algorithm>

#include "exchange/auctions.h"
#include "ledger/allocations.h"
#include "ledger/bank_statements.h"
#include "ledger/leases.h"
#include "ledger/names.h"
#include "ledger/recoveries.h"
#include "ledger/rights_years.h"
#include "ledger/transfer_proposals.h"

namespace songhua::api {
namespace {

using ledger::HoldKind;
using ledger::InstrumentRow;

// The parts of an instrument, with the kind of account in which each lies. Live accounts are the first.
struct Part {
  std::string_view name;
  v1::AccountKind kind;
  Quantity InstrumentRow::*total;
};
constexpr Part kParts[] = {
    {"held", v1::REGISTRY, &InstrumentRow::held},
    {"surrendered", v1::SURRENDERED, &InstrumentRow::surrendered},
    {"cancelled", v1::CANCELLED, &InstrumentRow::cancelled},
    {"lapsed", v1::LAPSED, &InstrumentRow::lapsed},
    {"extinguished", v1::EXTINGUISHED, &InstrumentRow::extinguished},
    {"reclaimed", v1::RECLAIMED, &InstrumentRow::reclaimed},
    {"converted", v1::CONVERTED, &InstrumentRow::converted},
};
constexpr size_t kIssuedPart = std::size(kParts);

// Where units of an account count; nullopt for accounts of money.
std::optional<size_t> PartOf(v1::AccountKind kind) {
  if (kind == v1::ISSUED) return kIssuedPart;
  if (ledger::HoldsLiveUnits(kind)) return 0;
  for (size_t i = 1; i < std::size(kParts); ++i) {
    if (kParts[i].kind == kind) return i;
  }
  return std::nullopt;
}

std::string Text(__int128 value) {
  const bool negative = value < 0;
  unsigned __int128 rest = negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  if (negative) digits.push_back('-');
  return std::string(digits.rbegin(), digits.rend());
}

std::string LotName(ledger::LotNumber number) { return ledger::MakeName("lots", number); }

}  // namespace

absl::StatusOr<v1::ReconcileAnswer> Reconciliation::Run() {
  SONGHUA_RETURN_IF_ERROR(LoadAccounts());
  SONGHUA_RETURN_IF_ERROR(LoadInstruments());
  SONGHUA_RETURN_IF_ERROR(AddOrders());
  SONGHUA_RETURN_IF_ERROR(AddTrades());
  SONGHUA_RETURN_IF_ERROR(AddPledges());
  SONGHUA_RETURN_IF_ERROR(AddAllocations());
  SONGHUA_RETURN_IF_ERROR(AddLeasesAndRecoveries());
  SONGHUA_RETURN_IF_ERROR(AddProposals());
  SONGHUA_RETURN_IF_ERROR(LoadFreezesAndIssuances());
  SONGHUA_RETURN_IF_ERROR(CheckLots());
  CheckSerials();
  SONGHUA_RETURN_IF_ERROR(CheckBalances());
  CheckInstruments();
  SONGHUA_RETURN_IF_ERROR(CheckSurrenders());
  SONGHUA_RETURN_IF_ERROR(CheckCash());
  SONGHUA_RETURN_IF_ERROR(CheckBank());
  TellLeftovers();
  if (untold_ > 0) answer_.add_differences("and " + std::to_string(untold_) + " more");
  return std::move(answer_);
}

void Reconciliation::Tell(std::string difference) {
  if (static_cast<size_t>(answer_.differences_size()) < kDifferencesMax) {
    answer_.add_differences(std::move(difference));
  } else {
    ++untold_;
  }
}

void Reconciliation::Expect(const std::string& what, Sum is, const std::string& should, Sum be) {
  if (is != be) Tell(what + " is " + Text(is) + ", but " + should + " is " + Text(be));
}

std::string Reconciliation::AccountName(ledger::AccountNumber number) const {
  if (number >= accounts_.size() || accounts_[number].id.empty())
    return "account number " + std::to_string(number) + ", which does not exist,";
  return ledger::MakeName("accounts", accounts_[number].id);
}

ledger::AccountNumber Reconciliation::CashOf(ledger::AccountNumber account) const {
  if (account >= accounts_.size()) return 0;
  const auto it = numbers_.find(accounts_[account].participant + ".cash");
  return it == numbers_.end() ? 0 : it->second;
}

absl::Status Reconciliation::LoadAccounts() {
  return context_.ForEach<ledger::AccountRow>("", [&](const ledger::AccountRow& row) -> absl::Status {
    if (row.number >= accounts_.size()) accounts_.resize(row.number + 1);
    accounts_[row.number] = {row.kind, row.id, row.participant};
    numbers_[row.id] = row.number;
    answer_.set_accounts(answer_.accounts() + 1);
    return absl::OkStatus();
  });
}

absl::Status Reconciliation::LoadInstruments() {
  absl::btree_map<ledger::InstrumentClassId, ledger::InstrumentClassRow> classes;
  SONGHUA_RETURN_IF_ERROR(context_.ForEach<ledger::InstrumentClassRow>("", [&](const ledger::InstrumentClassRow& row) -> absl::Status {
    classes[row.id] = row;
    return absl::OkStatus();
  }));
  return context_.ForEach<InstrumentRow>("", [&](const InstrumentRow& row) -> absl::Status {
    Instrument& instrument = instruments_[row.id];
    instrument.row = row;
    const auto of = classes.find(row.instrument_class);
    if (of == classes.end())
      Tell("instrument " + std::to_string(row.id) + " is of class " + std::to_string(row.instrument_class) + ", which does not exist");
    instrument.code = of == classes.end() ? "instrument " + std::to_string(row.id) : ledger::InstrumentCode(of->second, row.year);
    by_class_[{row.instrument_class, row.year}] = row.id;
    answer_.set_instruments(answer_.instruments() + 1);
    return absl::OkStatus();
  });
}

absl::Status Reconciliation::AddOrders() {
  SONGHUA_RETURN_IF_ERROR(context_.ForEach<exchange::AuctionBidderRow>("", [&](const exchange::AuctionBidderRow& bidder) -> absl::Status {
    if (bidder.held > Money()) order_cash_[CashOf(bidder.account)] += bidder.held.value();
    return absl::OkStatus();
  }));
  return context_.ForEach<exchange::OrderRow>("", [&](const exchange::OrderRow& order) -> absl::Status {
    answer_.set_holds(answer_.holds() + 1);
    const std::string name = ledger::MakeName("orders", order.number);
    if (order.side == exchange::Side::kBuy) {
      order_cash_[CashOf(order.account)] += order.held_cash.value();
      return absl::OkStatus();
    }
    Sum held = order.first_slice.quantity.value();
    lot_claims_[{order.first_slice.lot, HoldKind::kOrder}] += held;
    for (const exchange::LotSlice& slice : order.more_slices) {
      lot_claims_[{slice.lot, HoldKind::kOrder}] += slice.quantity.value();
      held += slice.quantity.value();
    }
    Expect("what " + name + " holds of lots", held, "its open quantity", order.open.value());
    return absl::OkStatus();
  });
}

absl::Status Reconciliation::AddTrades() {
  // What the reserve has advanced for a buyer stays held of it until it is recovered (CAR-34).
  SONGHUA_RETURN_IF_ERROR(context_.ForEach<exchange::DeliveryDefaultRow>("", [&](const exchange::DeliveryDefaultRow& row) -> absl::Status {
    if (row.state == v1::DeliveryDefault::COVERED) trade_cash_[CashOf(row.account)] += row.advanced.value();
    return absl::OkStatus();
  }));
  return context_.ForEach<exchange::TradeRow>("", [&](const exchange::TradeRow& trade) -> absl::Status {
    answer_.set_holds(answer_.holds() + 1);
    Sum held = 0;
    for (const exchange::LotSlice& slice : trade.slices) {
      lot_claims_[{slice.lot, HoldKind::kTrade}] += slice.quantity.value();
      held += slice.quantity.value();
    }
    Expect("what " + ledger::MakeName("trades", trade.number) + " holds of lots", held, "its quantity", trade.quantity.value());
    const Sum cost = Sum{trade.amount.value()} + trade.buyer_fee.value();
    if (trade.state == v1::PAID) {
      escrow_ += cost;
    } else {
      trade_cash_[CashOf(trade.buyer)] += cost;
    }
    return absl::OkStatus();
  });
}

absl::Status Reconciliation::AddPledges() {
  return context_.ForEach<ledger::PledgeRow>("", [&](const ledger::PledgeRow& pledge) -> absl::Status {
    const auto hold = ledger::PledgeHold(pledge.state);
    if (!hold.has_value()) return absl::OkStatus();
    answer_.set_holds(answer_.holds() + 1);
    for (const ledger::PledgedPart& part : pledge.parts) lot_claims_[{part.lot, *hold}] += part.Held().value();
    return absl::OkStatus();
  });
}

// What an approved plan has not granted yet.
absl::Status Reconciliation::AddAllocations() {
  return context_.ForEach<ledger::AllocationPlanRow>("", [&](const ledger::AllocationPlanRow& plan) -> absl::Status {
    for (const ledger::AllocationHoldRow& hold : plan.holds) {
      answer_.set_holds(answer_.holds() + 1);
      lot_claims_[{hold.lot, HoldKind::kAllocation}] += hold.quantity.value();
    }
    return absl::OkStatus();
  });
}

absl::Status Reconciliation::AddLeasesAndRecoveries() {
  SONGHUA_RETURN_IF_ERROR(context_.ForEach<ledger::LeaseRow>("", [&](const ledger::LeaseRow& lease) -> absl::Status {
    for (const auto& [lot, quantity] : ledger::HeldBy(lease)) {
      answer_.set_holds(answer_.holds() + 1);
      lot_claims_[{lot, HoldKind::kLease}] += quantity.value();
    }
    if (lease.HeldRent() > Money()) order_cash_[CashOf(lease.lessee)] += lease.HeldRent().value();
    return absl::OkStatus();
  }));
  return context_.ForEach<ledger::RecoveryRow>("", [&](const ledger::RecoveryRow& recovery) -> absl::Status {
    if (recovery.Held() == Quantity()) return absl::OkStatus();
    answer_.set_holds(answer_.holds() + 1);
    lot_claims_[{recovery.lot, HoldKind::kRecovery}] += recovery.Held().value();
    return absl::OkStatus();
  });
}

absl::Status Reconciliation::AddProposals() {
  return context_.ForEach<ledger::TransferProposalRow>("", [&](const ledger::TransferProposalRow& proposal) -> absl::Status {
    if (!proposal.live()) return absl::OkStatus();
    answer_.set_holds(answer_.holds() + 1);
    lot_claims_[{proposal.lot, HoldKind::kProposal}] += proposal.quantity.value();
    return absl::OkStatus();
  });
}

absl::Status Reconciliation::LoadFreezesAndIssuances() {
  SONGHUA_RETURN_IF_ERROR(context_.ForEach<ledger::FreezeRow>("", [&](const ledger::FreezeRow& row) -> absl::Status {
    freezes_[row.number] = row;
    if (!row.lifted && row.in_force.Contains(context_.today())) answer_.set_holds(answer_.holds() + 1);
    return absl::OkStatus();
  }));
  return context_.ForEach<ledger::IssuanceRow>("", [&](const ledger::IssuanceRow& row) -> absl::Status {
    issuances_[row.number] = row;
    return absl::OkStatus();
  });
}

absl::Status Reconciliation::CheckLots() {
  return context_.ForEach<ledger::LotRow>("", [&](const ledger::LotRow& lot) -> absl::Status {
    answer_.set_lots(answer_.lots() + 1);
    CheckLot(lot);
    return absl::OkStatus();
  });
}

void Reconciliation::CheckLot(const ledger::LotRow& lot) {
  const std::string name = LotName(lot.number);
  if (lot.quantity < Quantity()) Tell(name + " has a quantity below zero: " + Text(lot.quantity.value()));

  // INV-05: what is held for one cause is not held for another, so all holds together fit in the lot.
  Sum held_in_all = 0;
  for (size_t i = 0; i < ledger::kHoldKinds; ++i) {
    const auto kind = static_cast<HoldKind>(i);
    const Quantity held = lot.held[i];
    if (held < Quantity())
      Tell(name + " holds less than nothing for " + std::string(ledger::HoldKindName(kind)) + ": " + Text(held.value()));
    held_in_all += held.value();
    const auto claim = lot_claims_.find({lot.number, kind});
    Expect("what " + name + " holds for " + std::string(ledger::HoldKindName(kind)), held.value(), "what live causes claim of it",
           claim == lot_claims_.end() ? 0 : claim->second);
    if (claim != lot_claims_.end()) lot_claims_.erase(claim);
  }
  if (held_in_all > lot.quantity.value())
    Tell(name + " holds " + Text(held_in_all) + " of " + Text(lot.quantity.value()) + ": some units are held twice");
  for (const ledger::LotFreeze& freeze : lot.freezes) {
    const auto row = freezes_.find(freeze.freeze);
    if (row == freezes_.end() || row->second.lifted) {
      Tell(name + " lies under " + ledger::MakeName("freezes", freeze.freeze) + ", which " +
           (row == freezes_.end() ? "does not exist" : "was lifted"));
    }
  }

  for (const YearQuantity& entry : lot.entitlements) {
    if (entry.quantity < Quantity()) Tell(name + " has an entitlement below zero in " + std::to_string(entry.year));
    if (entry.quantity == Quantity()) continue;
    const auto instrument = by_class_.find({lot.instrument_class, entry.year});
    if (instrument == by_class_.end()) {
      Tell(name + " has units of " + std::to_string(entry.year) + ", for which there is no instrument");
    } else {
      in_lots_[{lot.account, instrument->second}] += entry.quantity.value();
    }
  }
  if (lot.right) return;
  Expect("the quantity of " + name, lot.quantity.value(), "its entitlement",
         lot.entitlements.size() == 1 ? lot.entitlements.front().quantity.value() : -1);
  Sum numbers = 0;
  for (const SerialBlock& block : lot.blocks.blocks()) {
    numbers += Sum{block.end} - block.start + 1;
    serials_.emplace_back(block, lot.number);
  }
  Expect("the quantity of " + name, lot.quantity.value(), "the count of its serial numbers", numbers);
}

// Each serial number was issued, and lies in one lot.
void Reconciliation::CheckSerials() {
  std::sort(serials_.begin(), serials_.end());
  for (size_t i = 0; i < serials_.size(); ++i) {
    const auto& [block, lot] = serials_[i];
    const auto issuance = issuances_.find(block.issuance);
    if (issuance == issuances_.end() || !issuance->second.issued.Contains(block)) {
      Tell(LotName(lot) + " has serial numbers " + FormatSerialBlock(block) + ", which were never issued");
    }
    if (i == 0) continue;
    const auto& [before, lot_before] = serials_[i - 1];
    if (before.issuance == block.issuance && before.end >= block.start) {
      Tell("serial numbers " + FormatSerialBlock(before) + " of " + LotName(lot_before) + " and " + FormatSerialBlock(block) + " of " +
           LotName(lot) + " overlap");
    }
  }
}

absl::Status Reconciliation::CheckBalances() {
  return context_.ForEach<ledger::BalanceRow>("", [&](const ledger::BalanceRow& row) -> absl::Status {
    const std::string where = "the balance of " + AccountName(row.account);
    const auto instrument = instruments_.find(row.instrument);
    if (instrument == instruments_.end()) {
      Tell(where + " is in instrument " + std::to_string(row.instrument) + ", which does not exist");
      return absl::OkStatus();
    }
    const std::string what = where + " in " + instrument->second.code;
    const v1::AccountKind kind = row.account < accounts_.size() ? accounts_[row.account].kind : v1::ACCOUNT_KIND_UNSPECIFIED;
    const auto part = PartOf(kind);
    if (!part.has_value()) {
      Tell(where + " holds units, which its kind cannot");
      return absl::OkStatus();
    }
    if (row.posted < Quantity() && *part != kIssuedPart) Tell(what + " is below zero: " + Text(row.posted.value()));
    instrument->second.balances[*part] += row.posted.value();
    if (*part != 0) return absl::OkStatus();
    const auto lots = in_lots_.find({row.account, row.instrument});
    Expect(what, row.posted.value(), "the sum of its lots", lots == in_lots_.end() ? 0 : lots->second);
    if (lots != in_lots_.end()) in_lots_.erase(lots);
    return absl::OkStatus();
  });
}

void Reconciliation::CheckInstruments() {
  for (const auto& [id, instrument] : instruments_) {
    Sum parts = 0;
    for (size_t i = 0; i < std::size(kParts); ++i) {
      const Sum total = (instrument.row.*kParts[i].total).value();
      parts += total;
      Expect(instrument.code + ": " + std::string(kParts[i].name), total, "the sum of the balances", instrument.balances[i]);
    }
    const Sum issued = instrument.row.issued.value();
    Expect(instrument.code + ": issued", issued, "what the parts add up to", parts);
    Expect(instrument.code + ": issued", issued, "what the issuing account gave", -instrument.balances[kIssuedPart]);
  }
}

absl::Status Reconciliation::CheckSurrenders() {
  Sum by_obligation = 0;
  SONGHUA_RETURN_IF_ERROR(context_.ForEach<ledger::SurrenderRow>("", [&](const ledger::SurrenderRow& row) -> absl::Status {
    by_obligation += row.surrendered.value();
    return absl::OkStatus();
  }));
  // Of rights: what was discharged in years that are closed (DR-10).
  SONGHUA_RETURN_IF_ERROR(context_.ForEach<ledger::RightsYearRow>("", [&](const ledger::RightsYearRow& row) -> absl::Status {
    by_obligation += row.used.value();
    return absl::OkStatus();
  }));
  Sum surrendered = 0;
  for (const auto& [id, instrument] : instruments_) surrendered += instrument.row.surrendered.value();
  Expect("what was surrendered for obligations or used in closed years", by_obligation, "what the instruments count as surrendered", surrendered);
  return absl::OkStatus();
}

absl::Status Reconciliation::CheckCash() {
  Sum all = 0;
  const auto claimed = [](absl::btree_map<ledger::AccountNumber, Sum>& claims, ledger::AccountNumber account) {
    const auto it = claims.find(account);
    const Sum claim = it == claims.end() ? 0 : it->second;
    if (it != claims.end()) claims.erase(it);
    return claim;
  };
  SONGHUA_RETURN_IF_ERROR(context_.ForEach<ledger::CashRow>("", [&](const ledger::CashRow& row) -> absl::Status {
    const std::string name = AccountName(row.account);
    const v1::AccountKind kind = row.account < accounts_.size() ? accounts_[row.account].kind : v1::ACCOUNT_KIND_UNSPECIFIED;
    all += row.posted.value();
    if (kind == v1::BANK_CASH) bank_ -= row.posted.value();
    if (kind != v1::BANK_CASH && row.posted < Money()) Tell("the money of " + name + " is below zero: " + Text(row.posted.value()));
    Expect("what " + name + " holds for orders", row.held_orders.value(), "what its open orders claim", claimed(order_cash_, row.account));
    Expect("what " + name + " holds for trades", row.held_trades.value(), "what its waiting trades claim",
           claimed(trade_cash_, row.account));
    const Sum held = Sum{row.held_orders.value()} + row.held_trades.value();
    if (held > row.posted.value() && held != 0)
      Tell("the money of " + name + " is held twice: " + Text(held) + " of " + Text(row.posted.value()));
    if (row.account < accounts_.size() && accounts_[row.account].id == "house.escrow") {
      Expect("the house's escrow", row.posted.value(), "what paid trades wait for", escrow_);
    }
    return absl::OkStatus();
  }));
  Expect("all money together with the bank's", all, "what it must come to", 0);
  return absl::OkStatus();
}

// The ledger's money is the bank's last closing balance, and what each of the two has that the other has not seen yet.
absl::Status Reconciliation::CheckBank() {
  std::optional<ledger::BankStatementRow> last;
  absl::btree_map<uint32_t, Sum> open_lines;  // by statement, those that are finished
  SONGHUA_RETURN_IF_ERROR(context_.ForEach<ledger::BankStatementRow>("", [&](const ledger::BankStatementRow& row) -> absl::Status {
    if (!row.finished()) return absl::OkStatus();
    if (last.has_value()) Expect("the opening balance of " + ledger::MakeName("bankStatements", row.number), row.opening.value(), "the closing balance before it", last->closing.value());
    open_lines[row.number] = row.open_lines;
    last = row;
    return absl::OkStatus();
  }));
  Sum at_bank_only = 0, in_ledger_only = 0;
  SONGHUA_RETURN_IF_ERROR(context_.ForEach<ledger::BankLineRow>("", [&](const ledger::BankLineRow& row) -> absl::Status {
    if (row.state == v1::BankLine::UNSEEN) in_ledger_only += row.amount.value();
    if (!row.open()) return absl::OkStatus();
    at_bank_only += row.amount.value();
    --open_lines[row.statement];
    return absl::OkStatus();
  }));
  if (!last.has_value()) return absl::OkStatus();
  for (const auto& [number, uncounted] : open_lines) {
    Expect("the open lines of " + ledger::MakeName("bankStatements", number) + " that are not found", uncounted, "what is missing", 0);
  }
  Expect("what the ledger says that the bank holds", bank_, "its last closing balance, with what either side has alone,",
         Sum{last->closing.value()} + in_ledger_only - at_bank_only);
  return absl::OkStatus();
}

// Claims on lots and accounts that do not exist, and units of lots without a balance.
void Reconciliation::TellLeftovers() {
  for (const auto& [key, claim] : lot_claims_) {
    if (claim != 0) Tell("live causes claim " + Text(claim) + " of " + LotName(key.first) + ", which does not exist");
  }
  for (const auto& [key, units] : in_lots_) {
    if (units != 0)
      Tell("lots of " + AccountName(key.first) + " have " + Text(units) + " units of " + instruments_[key.second].code +
           ", but the account has no balance in it");
  }
  for (const auto* claims : {&order_cash_, &trade_cash_}) {
    for (const auto& [account, claim] : *claims) {
      if (claim != 0) Tell("orders or trades claim " + Text(claim) + " fen of " + AccountName(account) + " which has no money");
    }
  }
}

}  // namespace songhua::api
