#include "ledger/lot_commitments.h"

#include <algorithm>
#include <utility>

#include "ledger/check.h"
#include "ledger/codec.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"

namespace songhua::ledger {
namespace {

proofs::FreezeDetail FreezeDetailOf(const FreezeRow& row, LotNumber lot) {
  proofs::FreezeDetail detail;
  detail.lot = lot;
  detail.freeze = MakeName("freezes", row.number);
  detail.court = row.court;
  detail.case_number = row.case_number;
  detail.first = FormatDate(row.in_force.first);
  detail.last = FormatDate(row.in_force.last);
  return detail;
}

}  // namespace

proofs::PledgeDetail PledgeDetailOf(const PledgeRow& row, const PledgedPart& part) {
  proofs::PledgeDetail detail;
  detail.lot = part.lot;
  detail.pledge = MakeName("pledges", row.number);
  detail.pledgor = MakeName("participants", row.pledgor);
  detail.pledgee = MakeName("participants", row.pledgee);
  detail.state = v1::PledgeState_Name(row.state);
  detail.since_us = (part.since == Timestamp() ? row.create_time : part.since).value();
  detail.principal_fen = row.loan.principal.value();
  detail.contract_number = row.loan.contract_number;
  detail.unified_registry_number = row.loan.unified_registry_number;
  return detail;
}

LotCommitments::LotCommitments(TableSet* tables, Ledger* ledger, Pledges* pledges)
    : ledger_(ledger), pledges_(pledges), rows_(tables), map_(&proofs::LotKey) {
  ledger_->lots().OnCollected([this](const LotRow& row) { Touch(row.number); });
  pledges_->OnCollected([this](const PledgeRow& row) {
    for (const PledgedPart& part : row.parts) Touch(part.lot);
  });
}

LotCommitments::~LotCommitments() = default;

void LotCommitments::SetSecret(const Digest& secret) {
  MapStateRow row;
  row.secret = secret;
  rows_.Insert(row);
}

void LotCommitments::NoteRoot(uint64_t sequence, Timestamp time, const Digest& root, uint64_t lots) {
  MapStateRow& row = rows_.Edit(*state());
  row.sequence = sequence;
  row.time = time;
  row.root = root;
  row.lots = lots;
  row.covered = sequence;
}

void LotCommitments::NoteCovered(uint64_t sequence) { rows_.Edit(*state()).covered = sequence; }

void LotCommitments::Touch(LotNumber lot) {
  if (lot >= next_) return;
  if (lot >= is_touched_.size()) is_touched_.resize(std::max<size_t>(lot + 1, 2 * is_touched_.size()), false);
  if (is_touched_[lot]) return;
  is_touched_[lot] = true;
  touched_.push_back(lot);
}

void LotCommitments::Fill(size_t max) {
  for (; max > 0 && !filled(); --max) Put(next_++);
}

const Digest& LotCommitments::Root() {
  Fill(ledger_->lots().size());
  for (const LotNumber lot : touched_) {
    Put(lot);
    is_touched_[lot] = false;
  }
  touched_.clear();
  return map_.Root();
}

void LotCommitments::Put(LotNumber lot) {
  const LotRow& row = *ledger_->lots().Find(lot);
  const std::string bytes = EncodeValue(Statement(row, TitleCommitment(row)));
  map_.Set(lot, proofs::Commit(proofs::SaltOf(state()->secret, bytes), bytes));
}

proofs::Title LotCommitments::MakeTitle(const LotRow& lot) const {
  const AccountRow& account = *ledger_->accounts().Find(lot.account);
  const InstrumentClassRow& instrument_class = *ledger_->programs().FindClass(lot.instrument_class);
  proofs::Title title;
  title.lot = lot.number;
  title.account = AccountName(account);
  if (!account.participant.empty()) title.participant = MakeName("participants", account.participant);
  if (!account.site.empty()) title.site = MakeName("sites", account.site);
  title.instrument = InstrumentClassCode(instrument_class);
  title.unit = ledger_->programs().Find(instrument_class.program)->unit;
  title.sector_class = lot.sector_class;
  if (lot.right) {
    title.valid_from = FormatDate(lot.term.first);
    title.valid_to = FormatDate(lot.term.last);
  } else {
    title.vintage = lot.vintage();
  }
  title.paid = lot.paid;
  return title;
}

const Digest& LotCommitments::TitleCommitment(const LotRow& lot) {
  if (lot.number >= titles_.size()) titles_.resize(std::max<size_t>(lot.number + 1, 2 * titles_.size()));
  TitleOf& title = titles_[lot.number];
  if (title.account != lot.account || title.instrument_class != lot.instrument_class || title.term != lot.term || title.paid != lot.paid ||
      title.sector_class != lot.sector_class) {
    const std::string bytes = EncodeValue(MakeTitle(lot));
    title = {lot.account, lot.instrument_class, lot.term, lot.paid, lot.sector_class, proofs::Commit(proofs::SaltOf(state()->secret, bytes), bytes)};
  }
  return title.commitment;
}

proofs::LotStatement LotCommitments::Statement(const LotRow& lot, const Digest& title) const {
  proofs::LotStatement statement;
  statement.lot = lot.number;
  statement.quantity = lot.quantity.value();
  statement.title = title;
  const auto commit = [&](const auto& detail) {
    const std::string bytes = EncodeValue(detail);
    return proofs::Commit(proofs::SaltOf(state()->secret, bytes), bytes);
  };
  for (size_t i = 0; i < kHoldKinds; ++i) {
    const auto kind = static_cast<HoldKind>(i);
    if (lot.held[i] == Quantity()) continue;
    if (kind != HoldKind::kPledge && kind != HoldKind::kProvisionalPledge) {
      statement.encumbrances.push_back({static_cast<proofs::EncumbranceKind>(i), lot.held[i].value(), {}});
      continue;
    }
    Quantity sum;
    for (const PledgeRow* pledge : pledges_->HoldingOver(lot.number)) {
      const PledgedPart* part = pledge->PartOf(lot.number);
      if (PledgeHold(pledge->state) != kind || part == nullptr || part->Held() == Quantity()) continue;
      statement.encumbrances.push_back({static_cast<proofs::EncumbranceKind>(i), part->Held().value(), commit(PledgeDetailOf(*pledge, *part))});
      sum += part->Held();
    }
    SONGHUA_CHECK(sum == lot.held[i]);  // INV-12
  }
  for (const LotFreeze& freeze : lot.freezes) {
    const FreezeRow& row = *ledger_->FindFreeze(freeze.freeze);
    statement.encumbrances.push_back({proofs::EncumbranceKind::kFreeze, freeze.quantity.value(), commit(FreezeDetailOf(row, lot.number))});
  }
  return statement;
}

proofs::Opening LotCommitments::OpenBytes(std::string bytes) const {
  const Digest salt = proofs::SaltOf(state()->secret, bytes);
  return {salt, std::move(bytes)};
}

proofs::OpenedLot LotCommitments::Open(LotNumber number, uint64_t pledge) const {
  const LotRow& lot = *ledger_->lots().Find(number);
  proofs::OpenedLot opened;
  opened.statement = Statement(lot, titles_[number].commitment);
  opened.salt = proofs::SaltOf(state()->secret, EncodeValue(opened.statement));
  opened.path = map_.PathOf(number);
  opened.openings.push_back(OpenBytes(EncodeValue(MakeTitle(lot))));
  for (const HoldKind kind : {HoldKind::kProvisionalPledge, HoldKind::kPledge}) {
    for (const PledgeRow* row : pledges_->HoldingOver(number)) {
      const PledgedPart* part = row->PartOf(number);
      if (PledgeHold(row->state) != kind || part == nullptr || part->Held() == Quantity() || (pledge != 0 && row->number != pledge)) continue;
      opened.openings.push_back(OpenBytes(EncodeValue(PledgeDetailOf(*row, *part))));
    }
  }
  for (const LotFreeze& freeze : lot.freezes) opened.openings.push_back(OpenBytes(EncodeValue(FreezeDetailOf(*ledger_->FindFreeze(freeze.freeze), number))));
  return opened;
}

}  // namespace songhua::ledger
