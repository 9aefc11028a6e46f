#include "api/reads/lookup.h"

#include <algorithm>

#include "ledger/names.h"
#include "ledger/pledge_ranks.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

absl::Status Missing(std::string_view what) { return absl::InternalError("the row of " + std::string(what) + " is missing"); }

// A region code, or no region for codes of a program's own, which lie in no one's region.
Region RegionOf(const std::string& code) {
  const auto region = ParseRegion(code);
  return region.ok() ? *region : Region();
}

bool IsPledged(const ledger::LotRow& row) {
  return row.Held(ledger::HoldKind::kPledge) + row.Held(ledger::HoldKind::kProvisionalPledge) > Quantity();
}

}  // namespace

template <class Row, class Key>
absl::StatusOr<const Row*> Lookup::Cached(std::map<Key, Row>& rows, const Key& key) {
  if (const auto it = rows.find(key); it != rows.end()) return &it->second;
  SONGHUA_ASSIGN_OR_RETURN(auto row, context_.Get<Row>(key));
  if (!row.has_value()) return static_cast<const Row*>(nullptr);
  return &rows.emplace(key, *std::move(row)).first->second;
}

absl::StatusOr<const ledger::AccountRow*> Lookup::FindAccount(std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ledger::ParseName(field, "accounts", name));
  SONGHUA_ASSIGN_OR_RETURN(const auto index, context_.Get<ledger::AccountNameRow>(id));
  if (!index.has_value()) return NotFound(field, name);
  return Account(index->number);
}

absl::StatusOr<const ledger::ParticipantRow*> Lookup::FindParticipant(std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ledger::ParseName(field, "participants", name));
  SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* row, Cached(participants_, id));
  if (row == nullptr) return NotFound(field, name);
  return row;
}

absl::StatusOr<const ledger::SiteRow*> Lookup::FindSite(std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ledger::ParseName(field, "sites", name));
  SONGHUA_ASSIGN_OR_RETURN(const ledger::SiteRow* row, Cached(sites_, id));
  if (row == nullptr) return NotFound(field, name);
  return row;
}

absl::StatusOr<exchange::ContractNumber> Lookup::FindContract(std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string code, ledger::ParseName(field, "contracts", name));
  SONGHUA_ASSIGN_OR_RETURN(const exchange::ContractNumber number, context_.side().FindContract(code));
  if (number == 0) return NotFound(field, name);
  return number;
}

absl::StatusOr<const ledger::AccountRow*> Lookup::Account(ledger::AccountNumber number) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* row, Cached(accounts_, number));
  if (row == nullptr) return Missing("account " + std::to_string(number));
  return row;
}

absl::StatusOr<const ledger::ParticipantRow*> Lookup::Participant(const std::string& id) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* row, Cached(participants_, id));
  if (row == nullptr) return Missing("participant " + id);
  return row;
}

absl::StatusOr<const ledger::SiteRow*> Lookup::Site(const std::string& id) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::SiteRow* row, Cached(sites_, id));
  if (row == nullptr) return Missing("site " + id);
  return row;
}

absl::StatusOr<const ledger::InstrumentClassRow*> Lookup::Class(ledger::InstrumentClassId id) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::InstrumentClassRow* row, Cached(classes_, id));
  if (row == nullptr) return Missing("instrument class " + std::to_string(id));
  return row;
}

absl::StatusOr<std::string> Lookup::InstrumentCode(ledger::InstrumentId id) {
  if (id == ledger::kCashInstrument) return std::string("CNY");
  SONGHUA_ASSIGN_OR_RETURN(const ledger::InstrumentRow* row, Cached(instruments_, id));
  if (row == nullptr) return Missing("instrument " + std::to_string(id));
  SONGHUA_ASSIGN_OR_RETURN(const ledger::InstrumentClassRow* of, Class(row->instrument_class));
  return ledger::InstrumentCode(*of, row->year);
}

absl::StatusOr<std::string> Lookup::AccountName(ledger::AccountNumber number) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* row, Account(number));
  return ledger::AccountName(*row);
}

absl::StatusOr<std::string> Lookup::ContractName(exchange::ContractNumber number) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string code, context_.side().ContractCode(number));
  if (code.empty()) return Missing("contract " + std::to_string(number));
  return ledger::MakeName("contracts", code);
}

absl::StatusOr<std::vector<ledger::PledgeRow>> Lookup::PledgesOf(const std::string& name) {
  std::vector<ledger::PledgeRow> pledges;
  SONGHUA_RETURN_IF_ERROR(
      context_.ForEach<ledger::PledgeIndexRow>(EncodeKey(name), [&](const ledger::PledgeIndexRow& index) -> absl::Status {
        SONGHUA_ASSIGN_OR_RETURN(auto row, context_.Get<ledger::PledgeRow>(index.pledge));
        if (!row.has_value()) return Missing("pledge " + std::to_string(index.pledge));
        pledges.push_back(*std::move(row));
        return absl::OkStatus();
      }));
  return pledges;
}

absl::StatusOr<v1::Lot> Lookup::LotMessage(const ledger::LotRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::InstrumentClassRow* of, Class(row.instrument_class));
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, Account(row.account));
  v1::Lot lot = ledger::ToProto(row, *of, *account, context_.today());
  if (!IsPledged(row)) return lot;
  // The row has the sums; each pledge that makes them up is named instead.
  SONGHUA_ASSIGN_OR_RETURN(const auto pledges, PledgesOf(lot.name()));
  auto* encumbrances = lot.mutable_encumbrances();
  for (int i = encumbrances->size() - 1; i >= 0; --i) {
    const std::string& kind = encumbrances->Get(i).kind();
    if (kind == ledger::HoldKindName(ledger::HoldKind::kPledge) || kind == ledger::HoldKindName(ledger::HoldKind::kProvisionalPledge)) {
      encumbrances->DeleteSubrange(i, 1);
    }
  }
  std::vector<const ledger::PledgeRow*> rows;
  for (const ledger::PledgeRow& pledge : pledges) rows.push_back(&pledge);
  const std::vector<ledger::LotRank> ranks = ledger::RankPledges(row.number, rows, context_.today());
  for (const ledger::PledgeRow& pledge : pledges) {
    const auto hold = ledger::PledgeHold(pledge.state);
    const ledger::PledgedPart* part = pledge.PartOf(row.number);
    if (!hold.has_value() || part == nullptr || part->Held() == Quantity()) continue;
    v1::Encumbrance* added = encumbrances->Add();
    added->set_kind(std::string(ledger::HoldKindName(*hold)));
    added->set_quantity(part->Held().value());
    added->set_cause(ledger::MakeName("pledges", pledge.number));
    const auto first = std::find_if(ranks.begin(), ranks.end(), [&](const ledger::LotRank& rank) { return rank.pledge == pledge.number; });
    if (first != ranks.end()) added->set_rank(first->rank);
  }
  return lot;
}

absl::Status Lookup::AddParties(const std::string& id, Target* target) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* row, Participant(id));
  target->participants.push_back(row->id);
  if (!row->parent.empty()) target->participants.push_back(row->parent);
  return absl::OkStatus();
}

absl::StatusOr<std::string> Lookup::OnlyOwner() {
  const std::string own = context_.OnlyParticipant();
  if (own.empty()) return own;
  SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* row, Participant(own));
  return row->kind == v1::BANK ? std::string() : own;
}

absl::StatusOr<Target> Lookup::OfParticipant(const std::string& id) {
  Target target;
  SONGHUA_RETURN_IF_ERROR(AddParties(id, &target));
  SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* row, Participant(id));
  target.region = row->region;
  return target;
}

absl::StatusOr<Target> Lookup::OfSite(const ledger::SiteRow& site) {
  Target target;
  SONGHUA_RETURN_IF_ERROR(AddParties(site.participant, &target));
  target.region = site.region;
  return target;
}

absl::StatusOr<Target> Lookup::OfAccount(const ledger::AccountRow& account) {
  Target target;
  if (!account.participant.empty()) {
    SONGHUA_ASSIGN_OR_RETURN(target, OfParticipant(account.participant));
  }
  if (!account.site.empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::SiteRow* site, Site(account.site));
    target.region = site->region;
  }
  if (!account.control_zone.empty()) target.region = RegionOf(account.control_zone);
  return target;
}

absl::StatusOr<Target> Lookup::OfPledge(const ledger::PledgeRow& pledge) {
  SONGHUA_ASSIGN_OR_RETURN(const auto lot, context_.Get<ledger::LotRow>(pledge.parts.front().lot));
  if (!lot.has_value()) return Missing("lot " + std::to_string(pledge.parts.front().lot));
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, Account(lot->account));
  SONGHUA_ASSIGN_OR_RETURN(Target target, OfAccount(*account));
  SONGHUA_RETURN_IF_ERROR(AddParties(pledge.pledgor, &target));
  SONGHUA_RETURN_IF_ERROR(AddParties(pledge.pledgee, &target));
  return target;
}

}  // namespace songhua::api
