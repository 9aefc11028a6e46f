#include "ledger/lots.h"

#include <algorithm>

#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/sha256.h"

namespace songhua::ledger {

std::string_view HoldKindName(HoldKind kind) {
  switch (kind) {
    case HoldKind::kOrder: return "ORDER";
    case HoldKind::kTrade: return "TRADE";
    case HoldKind::kListing: return "LISTING";
    case HoldKind::kProvisionalPledge: return "PROVISIONAL_PLEDGE";
    case HoldKind::kPledge: return "PLEDGE";
    case HoldKind::kLease: return "LEASE";
    case HoldKind::kSurrender: return "SURRENDER";
    case HoldKind::kProposal: return "PROPOSAL";
    case HoldKind::kRecovery: return "RECOVERY";
    case HoldKind::kAllocation: return "ALLOCATION";
  }
  return "";
}

std::string_view LotSourceName(LotSource source) {
  switch (source) {
    case LotSource::kIssue: return "ISSUE";
    case LotSource::kInitialFree: return "INITIAL_FREE";
    case LotSource::kInitialPaid: return "INITIAL_PAID";
    case LotSource::kReserveSale: return "RESERVE_SALE";
    case LotSource::kPurchase: return "PURCHASE";
    case LotSource::kTransfer: return "TRANSFER";
    case LotSource::kLeaseIn: return "LEASE_IN";
    case LotSource::kSurplusReduction: return "SURPLUS_REDUCTION";
    case LotSource::kReviewAdjust: return "REVIEW_ADJUST";
    case LotSource::kRecovered: return "RECOVERED";
  }
  return "";
}

Quantity LotRow::Held() const {
  Quantity sum;
  for (Quantity quantity_held : held) sum += quantity_held;
  return sum;
}

Quantity LotRow::Frozen(Date today) const {
  if (freezes.empty()) return Quantity();
  Quantity ordered;
  for (const LotFreeze& freeze : freezes) {
    // Orders may name more than there is, together; what lies beyond the lot waits (PLG-29), so the sum is cut before it can overflow.
    if (freeze.in_force.Contains(today)) ordered += std::min(freeze.quantity, quantity - ordered);
  }
  return std::min(ordered, quantity - Held(HoldKind::kTrade));
}

Quantity LotRow::Available(Date today) const {
  if (right && today > term.last) return Quantity();
  return std::max(Quantity(), quantity - Held() - Frozen(today));
}

Lots::Lots(TableSet* tables) : lots_(tables), index_(tables) {
  lots_.OnLoaded([this](LotRow& row) { Index(row); });
}

absl::StatusOr<const LotRow*> Lots::Resolve(std::string_view field, std::string_view name) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName(field, "lots", name));
  const LotRow* row = lots_.Find(number);
  if (row == nullptr) return NotFound(field, name);
  return row;
}

// Lots are never erased: what was carved away leaves an empty lot behind, which its children name as their parent.
LotRow& Lots::Insert(LotRow row) {
  row.number = lots_.size() + 1;
  LotRow& inserted = lots_.Insert(std::move(row));
  Index(inserted);
  index_.Append({inserted.account, inserted.number});
  return inserted;
}

// Rows come back in the order of their numbers, so that lists are oldest first after a restart as before it.
void Lots::Index(const LotRow& row) {
  if (row.account >= by_account_.size()) by_account_.resize(row.account + 1);
  by_account_[row.account].push_back(&row);
  if (!row.right) serial_[{row.account, row.instrument_class, row.vintage()}] = &row;
}

const std::vector<const LotRow*>& Lots::OfAccount(AccountNumber account) const {
  static const std::vector<const LotRow*> kNone;
  return account < by_account_.size() ? by_account_[account] : kNone;
}

const LotRow* Lots::SerialLot(AccountNumber account, InstrumentClassId instrument_class, int32_t vintage) const {
  auto it = serial_.find({account, instrument_class, vintage});
  return it == serial_.end() ? nullptr : it->second;
}

void Lots::Hold(const LotRow& lot, HoldKind kind, Quantity quantity) {
  SONGHUA_CHECK(quantity > Quantity());
  LotRow& row = lots_.Edit(lot);
  row.held[static_cast<size_t>(kind)] += quantity;
  SONGHUA_CHECK(row.Held() <= row.quantity);
}

void Lots::Release(const LotRow& lot, HoldKind kind, Quantity quantity) {
  SONGHUA_CHECK(quantity > Quantity());
  LotRow& row = lots_.Edit(lot);
  Quantity& held = row.held[static_cast<size_t>(kind)];
  held -= quantity;
  SONGHUA_CHECK(held >= Quantity());
}

void Lots::ConvertHold(const LotRow& lot, HoldKind from, HoldKind to, Quantity quantity) {
  Release(lot, from, quantity);
  Hold(lot, to, quantity);
}

std::string LotEtag(const LotRow& row) {
  std::string bytes;
  Encoder encoder(&bytes);
  encoder(row);
  return ToHex(Sha256Of(bytes)).substr(0, kEtagDigits);
}

v1::Lot ToProto(const LotRow& row, const InstrumentClassRow& instrument_class, const AccountRow& account, Date today) {
  v1::Lot lot;
  lot.set_name("lots/" + std::to_string(row.number));
  lot.set_account(AccountName(account));
  lot.set_program("programs/" + instrument_class.program);
  lot.set_pollutant(instrument_class.pollutant);
  lot.set_control_zone(instrument_class.control_zone);
  lot.set_trading_group(instrument_class.trading_group);
  lot.set_basin(instrument_class.basin);
  lot.set_sector_class(row.sector_class);
  lot.set_quantity(row.quantity.value());
  lot.set_available(row.Available(today).value());
  lot.set_etag(LotEtag(row));
  if (row.right) {
    lot.set_valid_from(FormatDate(row.term.first));
    lot.set_valid_to(FormatDate(row.term.last));
  }
  for (const YearQuantity& entry : row.entitlements) {
    v1::YearQuantity* out = lot.add_entitlements();
    out->set_year(entry.year);
    out->set_quantity(entry.quantity.value());
  }
  for (const SerialBlock& block : row.blocks.blocks()) {
    v1::SerialBlock* out = lot.add_blocks();
    out->set_issuance("issuances/" + std::to_string(block.issuance));
    out->set_start(block.start);
    out->set_end(block.end);
  }
  for (size_t kind = 0; kind < kHoldKinds; ++kind) {
    if (row.held[kind] == Quantity()) continue;
    v1::Encumbrance* out = lot.add_encumbrances();
    out->set_kind(std::string(HoldKindName(static_cast<HoldKind>(kind))));
    out->set_quantity(row.held[kind].value());
  }
  for (const LotFreeze& freeze : row.freezes) {
    if (!freeze.in_force.Contains(today)) continue;
    v1::Encumbrance* out = lot.add_encumbrances();
    out->set_kind("FREEZE");
    out->set_quantity(freeze.quantity.value());
    out->set_cause("freezes/" + std::to_string(freeze.freeze));
  }
  lot.set_source(std::string(LotSourceName(row.source)));
  lot.set_paid(row.paid);
  if (row.parent != 0) lot.set_parent("lots/" + std::to_string(row.parent));
  return lot;
}

Lots::~Lots() = default;

}  // namespace songhua::ledger
