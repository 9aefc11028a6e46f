#include "api/targets.h"

#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

// A region code, or no region for codes of a program's own, which lie in no one's region.
Region RegionOf(const std::string& code) {
  const auto region = ParseRegion(code);
  return region.ok() ? *region : Region();
}

Target OfAccountRow(const State& state, const ledger::AccountRow& account) {
  Target target;
  if (!account.participant.empty()) {
    target.participants.push_back(account.participant);
    const ledger::ParticipantRow* owner = state.participants.FindParticipant(account.participant);
    if (!owner->parent.empty()) target.participants.push_back(owner->parent);
    target.region = owner->region;
  }
  if (!account.site.empty()) target.region = state.participants.FindSite(account.site)->region;
  if (!account.control_zone.empty()) target.region = RegionOf(account.control_zone);
  return target;
}

// What an account offers; where a bank enforces a pledge over it, it is the bank's as well.
absl::StatusOr<Target> OfSale(const State& state, ledger::AccountNumber account, const exchange::SalePledge& pledge) {
  Target target = OfAccountRow(state, *state.ledger.accounts().Find(account));
  if (!pledge.enforced()) return target;
  SONGHUA_ASSIGN_OR_RETURN(const Target bank, OfPledge(state, "", ledger::MakeName("pledges", pledge.number), PledgeSide::kPledgee));
  target.participants.insert(target.participants.end(), bank.participants.begin(), bank.participants.end());
  return target;
}

Target OfLotNumber(const State& state, ledger::LotNumber number) {
  return OfAccountRow(state, *state.ledger.accounts().Find(state.ledger.lots().Find(number)->account));
}

}  // namespace

absl::StatusOr<Target> OfAccount(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, state.ledger.accounts().Resolve(field, name));
  return OfAccountRow(state, *account);
}

absl::StatusOr<Target> OfLot(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::LotRow* lot, state.ledger.lots().Resolve(field, name));
  return OfLotNumber(state, lot->number);
}

absl::StatusOr<Target> OfSite(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ledger::ParseName(field, "sites", name));
  const ledger::SiteRow* site = state.participants.FindSite(id);
  if (site == nullptr) return NotFound(field, name);
  return Target{{site->participant}, site->region};
}

absl::StatusOr<Target> OfApplication(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "applications", name));
  const permits::ApplicationRow* application = state.applications.Find(number);
  if (application == nullptr) return NotFound(field, name);
  return Target{{application->participant}, application->region};
}

absl::StatusOr<Target> OfPerson(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ledger::ParseName(field, "people", name));
  const ledger::PersonRow* person = state.participants.FindPerson(id);
  if (person == nullptr) return NotFound(field, name);
  return Target{{person->participant}, state.participants.FindParticipant(person->participant)->region};
}

absl::StatusOr<Target> OfAbsence(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "absences", name));
  const permits::AbsenceRow* absence = state.absences.Find(number);
  if (absence == nullptr) return NotFound(field, name);
  return OfPerson(state, field, ledger::MakeName("people", absence->person));
}

absl::StatusOr<Target> OfNewDocument(const State& state, const v1::Document& document) {
  SONGHUA_ASSIGN_OR_RETURN(Target target, OfEnterprise(state, "document.owner", document.owner()));
  if (document.subject().empty()) return target;
  SONGHUA_ASSIGN_OR_RETURN(const Target of_case, OfApplication(state, "document.subject", document.subject()));
  target.region = of_case.region;
  return target;
}

absl::StatusOr<Target> OfEnterprise(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ledger::ParseName(field, "participants", name));
  const ledger::ParticipantRow* participant = state.participants.FindParticipant(id);
  if (participant == nullptr) return NotFound(field, name);
  return Target{{participant->id}, participant->region};
}

absl::StatusOr<Target> OfImport(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "imports", name));
  const permits::ImportRow* import = number > UINT32_MAX ? nullptr : state.imports.Find(static_cast<uint32_t>(number));
  if (import == nullptr) return NotFound(field, name);
  return Target{{}, import->region};
}

absl::StatusOr<Target> OfPermit(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string number, ledger::ParseName(field, "permits", name));
  const permits::PermitRow* permit = state.permits.FindPermit(number, LocalDate(state.engine().last_time));
  if (permit == nullptr) return NotFound(field, name);
  return Target{{state.participants.FindSite(permit->site)->participant}, permit->region};
}

absl::StatusOr<Target> OfOverlay(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const auto key, permits::ParseOverlayName(field, name));
  const permits::OverlayRow* overlay = state.overlays.Find(std::get<0>(key), std::get<1>(key));
  if (overlay == nullptr) return NotFound(field, name);
  return Target{{state.participants.FindSite(overlay->site)->participant}, overlay->region};
}

absl::StatusOr<Target> OfRegistration(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string number, ledger::ParseName(field, "registrations", name));
  const permits::RegistrationRow* registration = state.registrations.Find(number);
  if (registration == nullptr) return NotFound(field, name);
  return Target{{state.participants.FindSite(registration->site)->participant}, registration->region};
}

absl::StatusOr<Target> OfFreeze(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "freezes", name));
  const ledger::FreezeRow* freeze = state.ledger.FindFreeze(number);
  if (freeze == nullptr) return NotFound(field, name);
  return OfLotNumber(state, freeze->lot);
}

namespace {

absl::StatusOr<Target> OfTradeIn(const State& state, std::string_view field, std::string_view collection, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, collection, name));
  const exchange::ContractRow* contract = state.exchange.FindContract(exchange::ContractOf(number));
  if (contract == nullptr) return NotFound(field, name);
  // A contract of the whole country is of no region: what concerns its trades is for whoever holds the role anywhere.
  const Region region = RegionOf(contract->control_zone);
  return Target{.participants = {}, .region = region, .nobodys = region == Region()};
}

}  // namespace

absl::StatusOr<Target> OfTrade(const State& state, std::string_view field, const std::string& name) {
  return OfTradeIn(state, field, "trades", name);
}

absl::StatusOr<Target> OfTraderBar(const State& state, std::string_view field, const std::string& name) {
  return OfTradeIn(state, field, "traderBars", name);
}

absl::StatusOr<Target> OfDeliveryDefault(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "deliveryDefaults", name));
  const exchange::DeliveryDefaultRow* row = state.exchange.settlement_batches().FindDefault(number);
  if (row == nullptr) return NotFound(field, name);
  return OfAccountRow(state, *state.ledger.accounts().Find(row->account));
}

absl::StatusOr<Target> OfOrder(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "orders", name));
  const exchange::OrderRow* order = state.exchange.FindOrder(number);
  if (order == nullptr) return Target{.participants = {}, .region = Region(), .nobodys = true};
  return OfAccountRow(state, *state.ledger.accounts().Find(order->account));
}

absl::StatusOr<Target> OfListing(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "listings", name));
  const exchange::ListingRow* listing = state.listings.Find(number);
  if (listing == nullptr) return NotFound(field, name);
  return OfSale(state, listing->account, listing->pledge);
}

absl::StatusOr<Target> OfAuction(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "auctions", name));
  const exchange::AuctionRow* auction = state.auctions.Find(number);
  if (auction == nullptr) return NotFound(field, name);
  return OfSale(state, auction->account, auction->pledge);
}

absl::StatusOr<Target> OfIntent(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "intents", name));
  const exchange::IntentRow* intent = state.negotiations.FindIntent(number);
  if (intent == nullptr) return NotFound(field, name);
  return OfAccountRow(state, *state.ledger.accounts().Find(intent->account));
}

absl::StatusOr<Target> OfAuthorisation(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "authorisations", name));
  const ledger::AuthorisationRow* authorisation = state.authorisations.Find(number);
  if (authorisation == nullptr) return NotFound(field, name);
  return OfEnterprise(state, field, ledger::MakeName("participants", authorisation->enterprise));
}

absl::StatusOr<Target> OfPledge(const State& state, std::string_view field, const std::string& name, PledgeSide side) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "pledges", name));
  const ledger::PledgeRow* pledge = state.pledges.FindPledge(number);
  if (pledge == nullptr) return NotFound(field, name);
  if (side == PledgeSide::kPledgor) return OfLotNumber(state, pledge->parts.front().lot);
  Target target;
  if (side == PledgeSide::kBoth) target.participants.push_back(pledge->pledgor);
  target.participants.push_back(pledge->pledgee);
  const ledger::ParticipantRow* bank = state.participants.FindParticipant(pledge->pledgee);
  if (!bank->parent.empty()) target.participants.push_back(bank->parent);
  target.region = bank->region;
  return target;
}

absl::StatusOr<Target> OfConsent(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "consents", name));
  const ledger::ConsentRow* consent = state.pledges.FindConsent(number);
  if (consent == nullptr) return NotFound(field, name);
  return OfPledge(state, field, ledger::MakeName("pledges", consent->pledge), PledgeSide::kPledgee);
}

absl::StatusOr<Target> OfAllocation(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "allocations", name));
  const ledger::AllocationPlanRow* plan = number > UINT32_MAX ? nullptr : state.allocations.Find(static_cast<uint32_t>(number));
  if (plan == nullptr) return NotFound(field, name);
  return Target{{}, plan->region};
}

absl::StatusOr<Target> OfPaidUseFee(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "paidUseFees", name));
  const ledger::PaidUseFeeRow* fee = state.paid_use_fees.Find(number);
  if (fee == nullptr) return NotFound(field, name);
  return OfSite(state, field, ledger::MakeName("sites", fee->site));
}

absl::StatusOr<Target> OfSurplus(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "surpluses", name));
  const ledger::SurplusRow* surplus = state.surpluses.Find(number);
  if (surplus == nullptr) return NotFound(field, name);
  return OfSite(state, field, ledger::MakeName("sites", surplus->site));
}

absl::StatusOr<Target> OfLease(const State& state, std::string_view field, const std::string& name, LeaseSide side) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "leases", name));
  const ledger::LeaseRow* lease = state.leases.Find(number);
  if (lease == nullptr) return NotFound(field, name);
  Target target = OfAccountRow(state, *state.ledger.accounts().Find(lease->lessor));
  const Target lessee = OfAccountRow(state, *state.ledger.accounts().Find(lease->lessee));
  if (side == LeaseSide::kLessee) target.participants.clear();
  if (side != LeaseSide::kLessor) target.participants.insert(target.participants.end(), lessee.participants.begin(), lessee.participants.end());
  return target;
}

absl::StatusOr<Target> OfRecovery(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "recoveries", name));
  const ledger::RecoveryRow* recovery = state.recoveries.Find(number);
  if (recovery == nullptr) return NotFound(field, name);
  return OfAccountRow(state, *state.ledger.accounts().Find(recovery->account));
}

absl::StatusOr<Target> OfTransferProposal(const State& state, std::string_view field, const std::string& name, ProposalSide side) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "transferProposals", name));
  const ledger::TransferProposalRow* row = state.transfer_proposals.Find(number);
  if (row == nullptr) return NotFound(field, name);
  const ledger::AccountRow& account = *state.ledger.accounts().Find(side == ProposalSide::kHolder ? row->from : row->to);
  return OfAccount(state, field, ledger::AccountName(account));
}

absl::StatusOr<Target> OfPriceProposal(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "priceProposals", name));
  const ledger::PriceProposalRow* row = state.price_proposals.Find(number);
  if (row == nullptr) return NotFound(field, name);
  return Target{{}, RegionOf(row->control_zone)};
}

absl::StatusOr<Target> OfRegionStatus(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "regionStatuses", name));
  const ledger::RegionStatusRow* row = state.region_statuses.Find(number);
  if (row == nullptr) return NotFound(field, name);
  return Target{{}, row->region};
}

absl::StatusOr<Target> OfCrossing(const State& state, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "crossings", name));
  const ledger::CrossingRow* row = state.region_statuses.FindCrossing(number);
  if (row == nullptr) return NotFound(field, name);
  return Target{{}, row->province};
}

absl::StatusOr<Target> OfRegion(std::string_view field, const std::string& code) {
  const auto region = ParseRegion(code, field);
  // Codes of a program's own are refused later by the program, if it does not know them; here they lie in nobody's region.
  return Target{{}, region.ok() ? *region : Region()};
}

}  // namespace songhua::api
