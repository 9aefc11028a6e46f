// Who may read what. With api/methods.cc, which has the writes, this is the table of all methods.
#include <type_traits>
#include <utility>

#include "api/reads/read_context.h"
#include "api/reads/reads.h"

namespace songhua::api {
namespace {

constexpr auto kOwn = Scope::kOwn;
constexpr auto kAny = Scope::kAny;
constexpr auto kRegion = Scope::kRegion;
using Grants = std::vector<Grant>;

// A read granted to some: `read` finds the answer and holds what it finds against the grants.
template <class Request, class Answer>
Method Read(std::string name, Grants grants, absl::StatusOr<Answer> (*read)(ReadContext&, const Request&)) {
  Method method;
  method.name = "songhua.v1." + std::move(name);
  method.grants = std::move(grants);
  method.new_request = [] { return std::make_unique<Request>(); };
  method.read = [read](ReadContext& context, const google::protobuf::Message& request) -> absl::StatusOr<std::string> {
    auto answer = read(context, static_cast<const Request&>(request));
    if (!answer.ok()) return answer.status();
    if (!answer->has_header()) context.Finish(answer->mutable_header());  // a published book brings its own
    return answer->SerializeAsString();
  };
  return method;
}

// A read open to anybody, with a token or without.
template <class Request, class Answer>
Method ReadOpen(std::string name, absl::StatusOr<Answer> (*read)(ReadContext&, const Request&)) {
  Method method = Read(std::move(name), {}, read);
  method.open = true;
  return method;
}

// A read open to anybody, in which some see more than others.
template <class Request, class Answer>
Method ReadOpen(std::string name, Grants grants, absl::StatusOr<Answer> (*read)(ReadContext&, const Request&)) {
  Method method = Read(std::move(name), std::move(grants), read);
  method.open = true;
  return method;
}

// A read open to anybody who has a token.
template <class Request, class Answer>
Method ReadPerson(std::string name, absl::StatusOr<Answer> (*read)(ReadContext&, const Request&)) {
  Method method = Read(std::move(name), {}, read);
  method.any_person = true;
  return method;
}

Grants operator+(Grants a, const Grants& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Grants& Enterprises() {
  static const auto* grants = new Grants{{v1::ENT_OPERATOR, kOwn}, {v1::ENT_LEGAL_REP, kOwn}};
  return *grants;
}
const Grants& Banks() {
  static const auto* grants = new Grants{{v1::BANK_OFFICER, kOwn}, {v1::BANK_APPROVER, kOwn}};
  return *grants;
}
// Those who run exchange, registry and settlement, and who audits them.
const Grants& Operators() {
  static const auto* grants =
      new Grants{{v1::REGISTRY_OP, kAny}, {v1::EXCHANGE_OP, kAny}, {v1::SETTLEMENT_OP, kAny}, {v1::AUDITOR, kRegion}};
  return *grants;
}
// Officers who decide on rights in their region.
const Grants& Officers() {
  static const auto* grants = new Grants{{v1::RESERVE_MANAGER, kRegion},     {v1::PERMIT_INTAKE, kRegion}, {v1::PERMIT_REVIEWER, kRegion},
                                         {v1::PERMIT_APPROVER, kRegion},     {v1::ENFORCER, kRegion},      {v1::COURT_LIAISON, kRegion},
                                         {v1::PROV_CARBON_OFFICER, kRegion}, {v1::CREDIT_OFFICER, kRegion}};
  return *grants;
}

void AddParticipants(std::vector<Method>& m) {
  const Grants known =
      Enterprises() + Banks() + Operators() + Officers() +
      Grants{{v1::TECH_ASSESSOR, kRegion}, {v1::MONITOR_OFFICER, kRegion}, {v1::PRICE_AUTHORITY, kRegion}, {v1::SYSTEM_OP, kAny}};
  const Grants people = Enterprises() + Banks() + Grants{{v1::SYSTEM_OP, kAny}, {v1::REGISTRY_OP, kAny}, {v1::AUDITOR, kRegion}};
  m.push_back(Read("Participants/GetParticipant", known, &reads::GetParticipant));
  m.push_back(Read("Participants/ListParticipants", known, &reads::ListParticipants));
  m.push_back(Read("Participants/GetSite", known, &reads::GetSite));
  m.push_back(Read("Participants/ListSites", known, &reads::ListSites));
  m.push_back(Read("Participants/GetPerson", people, &reads::GetPerson));
  m.push_back(Read("Participants/ListPeople", people, &reads::ListPeople));
  m.push_back(Read("Participants/ListTokens", people, &reads::ListTokens));
  m.push_back(ReadPerson("Participants/WhoAmI", &reads::WhoAmI));
}

void AddLedger(std::vector<Method>& m) {
  const Grants holders = Enterprises() + Operators() + Officers();
  const Grants parties = holders + Banks();
  m.push_back(ReadOpen("Ledger/GetProgram", &reads::GetProgram));
  m.push_back(ReadOpen("Ledger/ListPrograms", &reads::ListPrograms));
  m.push_back(ReadOpen("Ledger/ListInstruments", &reads::ListInstruments));
  m.push_back(Read("Ledger/GetAccount", parties, &reads::GetAccount));
  m.push_back(Read("Ledger/ListAccounts", parties, &reads::ListAccounts));
  m.push_back(Read("Ledger/GetLot", parties, &reads::GetLot));
  m.push_back(Read("Ledger/ListLots", parties, &reads::ListLots));
  m.push_back(Read("Ledger/ListHoldings", parties, &reads::ListHoldings));
  m.push_back(Read("Ledger/ListPostings", parties, &reads::ListPostings));
  m.push_back(Read("Ledger/ListLargeHolders", {{v1::REGISTRY_OP, kAny}, {v1::EXCHANGE_OP, kAny}, {v1::AUDITOR, kAny}}, &reads::ListLargeHolders));
  const Grants house = {{v1::SETTLEMENT_OP, kAny}, {v1::REGISTRY_OP, kAny}, {v1::AUDITOR, kAny}};
  m.push_back(Read("BankStatements/GetStatement", house, &reads::GetStatement));
  m.push_back(Read("BankStatements/ListStatements", house, &reads::ListStatements));
  m.push_back(Read("BankStatements/ListBankLines", house, &reads::ListBankLines));
  m.push_back(Read("BankStatements/ListUnseenMovements", house, &reads::ListUnseenMovements));
  m.push_back(Read("DayOne/GetDayOne", house, &reads::GetDayOne));
  m.push_back(Read("DayOne/ListDayOnes", house, &reads::ListDayOnes));
  m.push_back(Read("DayOne/ListDayOneErrors", house, &reads::ListDayOneErrors));
  m.push_back(ReadOpen("RegistryControls/ListControlPolicies", &reads::ListControlPolicies));
  m.push_back(Read("RegistryControls/GetAccountControl", holders, &reads::GetAccountControl));
  m.push_back(Read("RegistryControls/ListTrustedAccounts", holders, &reads::ListTrustedAccounts));
  m.push_back(Read("RegistryControls/GetTransferProposal", holders, &reads::GetTransferProposal));
  m.push_back(Read("RegistryControls/ListTransferProposals", holders, &reads::ListTransferProposals));
  m.push_back(Read("Pledges/GetPledge", parties, &reads::GetPledge));
  m.push_back(Read("Pledges/ListPledges", parties, &reads::ListPledges));
  m.push_back(Read("Pledges/ListConsents", parties, &reads::ListConsents));
  m.push_back(Read("Pledges/ListDistributions", parties, &reads::ListDistributions));
}

// Permits and prices are public; what a company emitted and surrendered is its own, its officers' and the registry's.
void AddPermits(std::vector<Method>& m) {
  m.push_back(ReadOpen("Permits/GetPermit", &reads::GetPermit));
  m.push_back(ReadOpen("Permits/ListPermits", &reads::ListPermits));
  m.push_back(ReadOpen("Permits/GetPenalty", &reads::GetPenalty));
  m.push_back(ReadOpen("Permits/ListPenalties", &reads::ListPenalties));
  m.push_back(ReadOpen("Permits/GetReductionTask", &reads::GetReductionTask));
  m.push_back(ReadOpen("Permits/ListReductionTasks", &reads::ListReductionTasks));
  m.push_back(ReadOpen("Permits/GetOverlay", &reads::GetOverlay));
  m.push_back(ReadOpen("Permits/ListOverlays", &reads::ListOverlays));
  m.push_back(ReadOpen("Permits/GetRegistration", &reads::GetRegistration));
  m.push_back(ReadOpen("Permits/ListRegistrations", &reads::ListRegistrations));
  m.push_back(ReadOpen("Permits/MayDischarge", &reads::MayDischarge));
  m.push_back(Read(
      "Compliance/GetCompliance",
      Enterprises() + Grants{{v1::REGISTRY_OP, kAny}, {v1::AUDITOR, kRegion}, {v1::PROV_CARBON_OFFICER, kRegion}, {v1::ENFORCER, kRegion}},
      &reads::GetCompliance));
  m.push_back(ReadOpen("Calendars/GetCalendarYear", &reads::GetCalendarYear));
  m.push_back(ReadOpen("Calendars/ListCalendarYears", &reads::ListCalendarYears));
  m.push_back(ReadOpen("Calendars/CountPeriod", &reads::CountPeriod));
  m.push_back(ReadOpen("Regimes/GetRegime", &reads::GetRegime));
  m.push_back(ReadOpen("Regimes/ListRegimes", &reads::ListRegimes));
  const Grants cases = Enterprises() + Officers() + Grants{{v1::TECH_ASSESSOR, kRegion}, {v1::MONITOR_OFFICER, kRegion}, {v1::AUDITOR, kRegion}};
  m.push_back(Read("Deadlines/GetDeadline", cases, &reads::GetDeadline));
  m.push_back(Read("Deadlines/ListDeadlines", cases, &reads::ListDeadlines));
  m.push_back(Read("Applications/GetApplication", cases, &reads::GetApplication));
  m.push_back(Read("Applications/ListApplications", cases, &reads::ListApplications));
  m.push_back(Read("Applications/ListCaseEvents", cases, &reads::ListCaseEvents));
  m.push_back(Read("Applications/RenderReceipt", cases, &reads::RenderReceipt));
  m.push_back(Read("Documents/GetDocument", cases, &reads::GetDocument));
  m.push_back(Read("Documents/ListDocuments", cases, &reads::ListDocuments));
  m.push_back(Read("Absences/ListAbsences", Officers() + Grants{{v1::TECH_ASSESSOR, kRegion}, {v1::SYSTEM_OP, kAny}, {v1::AUDITOR, kRegion}},
                   &reads::ListAbsences));
  m.push_back(ReadOpen("Public/GetPublicPermit", &reads::GetPublicPermit));
  m.push_back(ReadOpen("Public/ListPublicPermits", &reads::ListPublicPermits));
  m.push_back(ReadOpen("Public/ListDisclosures", &reads::ListDisclosures));
  m.push_back(ReadOpen("Public/RenderPermit", &reads::RenderPermit));
  m.push_back(ReadOpen("Public/VerifyCheckCode", &reads::VerifyCheckCode));
  m.push_back(ReadOpen("Public/ListMarketStatistics", &reads::ListMarketStatistics));
  m.push_back(ReadOpen("Public/GetMarketTotals", &reads::GetMarketTotals));
  m.push_back(Read("Notices/GetNotice", cases, &reads::GetNotice));
  m.push_back(Read("Notices/ListNotices", cases, &reads::ListNotices));
  m.push_back(Read("Credit/GetCredit", cases, &reads::GetCredit));
  const Grants imports = {{v1::REGISTRY_OP, kAny}, {v1::PERMIT_INTAKE, kRegion}, {v1::PERMIT_REVIEWER, kRegion}, {v1::PERMIT_APPROVER, kRegion},
                          {v1::AUDITOR, kRegion}};
  m.push_back(Read("PermitImports/GetImport", imports, &reads::GetImport));
  m.push_back(Read("PermitImports/ListImports", imports, &reads::ListImports));
  m.push_back(Read("PermitImports/ListImportErrors", imports, &reads::ListImportErrors));
  m.push_back(ReadOpen("BasePrices/GetBasePrice", &reads::GetBasePrice));
  m.push_back(ReadOpen("BasePrices/ListBasePrices", &reads::ListBasePrices));
  m.push_back(ReadOpen("PriceProposals/GetPriceMethod", &reads::GetPriceMethod));
  m.push_back(ReadOpen("PriceProposals/ListPriceMethods", &reads::ListPriceMethods));
  m.push_back(ReadOpen("PriceProposals/GetPriceProposal", &reads::GetPriceProposal));
  m.push_back(ReadOpen("PriceProposals/ListPriceProposals", &reads::ListPriceProposals));
  m.push_back(ReadOpen("PriceProposals/ExplainBasePrice", &reads::ExplainBasePrice));
}

void AddRights(std::vector<Method>& m) {
  const Grants offices = {{v1::RESERVE_MANAGER, kRegion}, {v1::PERMIT_REVIEWER, kRegion}, {v1::PERMIT_APPROVER, kRegion}, {v1::MONITOR_OFFICER, kRegion},
                          {v1::REGISTRY_OP, kAny},        {v1::AUDITOR, kRegion}};
  const Grants sites = Enterprises() + offices;
  m.push_back(Read("Allocations/GetAllocation", offices, &reads::GetAllocation));
  m.push_back(Read("Allocations/ListAllocations", offices, &reads::ListAllocations));
  m.push_back(Read("Allocations/ListAllocationRows", offices, &reads::ListAllocationRows));
  m.push_back(Read("PaidUseFees/GetPaidUseFee", sites, &reads::GetPaidUseFee));
  m.push_back(Read("PaidUseFees/ListPaidUseFees", sites, &reads::ListPaidUseFees));
  m.push_back(Read("Surpluses/GetSurplus", sites, &reads::GetSurplus));
  m.push_back(Read("Surpluses/ListSurpluses", sites, &reads::ListSurpluses));
  m.push_back(Read("RightsYears/GetRightsYear", sites, &reads::GetRightsYear));
  m.push_back(Read("RightsYears/ListRightsYears", sites, &reads::ListRightsYears));
}

// Whose order it is, only its owner and the exchange may know.
void AddExchange(std::vector<Method>& m) {
  const Grants orders = Enterprises() + Grants{{v1::RESERVE_MANAGER, kOwn}, {v1::EXCHANGE_OP, kAny}, {v1::AUDITOR, kRegion}};
  const Grants trades = Enterprises() + Operators() +
                        Grants{{v1::RESERVE_MANAGER, kRegion}, {v1::PERMIT_REVIEWER, kRegion}, {v1::PERMIT_APPROVER, kRegion}, {v1::COURT_LIAISON, kRegion}};
  m.push_back(ReadOpen("Exchange/GetContract", &reads::GetContract));
  m.push_back(ReadOpen("Exchange/ListContracts", &reads::ListContracts));
  m.push_back(ReadOpen("Exchange/ListDailyBars", &reads::ListDailyBars));
  m.push_back(ReadOpen("Exchange/ListTradePrints", &reads::ListTradePrints));
  m.push_back(ReadOpen("Exchange/GetRulebook", &reads::GetRulebook));
  m.push_back(ReadOpen("Exchange/ListRulebooks", &reads::ListRulebooks));
  m.push_back(Read("Surveillance/ListSurveillanceFlags", {{v1::EXCHANGE_OP, kAny}, {v1::AUDITOR, kAny}}, &reads::ListSurveillanceFlags));
  m.push_back(Read("Exchange/ListHalts", trades + Grants{{v1::EXCHANGE_OP, kAny}}, &reads::ListHalts));
  m.push_back(ReadOpen("Exchange/GetOrderBook", &reads::GetOrderBook));
  m.push_back(Read("Exchange/GetOrder", orders, &reads::GetOrder));
  m.push_back(Read("Exchange/ListOrders", orders, &reads::ListOrders));
  m.push_back(Read("Trades/GetTrade", trades + Banks(), &reads::GetTrade));  // a bank those of units that are pledged to it
  m.push_back(Read("Trades/ListTrades", trades + Banks(), &reads::ListTrades));
  m.push_back(ReadOpen("Trades/GetMarketIndex", &reads::GetMarketIndex));
  m.push_back(Read("Trades/ListTraderBars", trades, &reads::ListTraderBars));
  m.push_back(Read("Trades/GetTradeCertificate", trades, &reads::GetTradeCertificate));
  m.push_back(Read("Trades/RenderTradeCertificate", trades, &reads::RenderTradeCertificate));
}

// Who offers what is the parties' affair; that it is on offer, everybody's.
void AddOffBook(std::vector<Method>& m) {
  const Grants parties = Enterprises() + Operators() + Officers();
  m.push_back(ReadOpen("Listings/GetListing", parties, &reads::GetListing));
  m.push_back(ReadOpen("Listings/ListListings", parties, &reads::ListListings));
  m.push_back(ReadOpen("Negotiations/ListIntents", parties, &reads::ListIntents));
  m.push_back(ReadOpen("Auctions/GetAuction", parties, &reads::GetAuction));
  m.push_back(ReadOpen("Auctions/ListAuctions", parties, &reads::ListAuctions));
  // Of sealed bids only one's own; who runs or audits the exchange sees them once the auction has ended.
  const Grants bidders = Enterprises() + Grants{{v1::EXCHANGE_OP, kAny}, {v1::AUDITOR, kAny}};
  m.push_back(ReadOpen("Auctions/ListBids", bidders, &reads::ListBids));
  m.push_back(ReadOpen("Auctions/ListBidders", bidders, &reads::ListBidders));
  m.push_back(ReadOpen("Auctions/ListConsignments", bidders, &reads::ListConsignments));
  m.push_back(ReadOpen("Auctions/ListAwards", bidders, &reads::ListAwards));
  m.push_back(Read("Negotiations/GetNegotiation", parties, &reads::GetNegotiation));
  m.push_back(Read("Negotiations/ListNegotiations", parties, &reads::ListNegotiations));
}

// Batches are the house's; what one objected to, failed to deliver, and had on a day, is one's own.
void AddSettlementDays(std::vector<Method>& m) {
  const Grants house = {{v1::EXCHANGE_OP, kAny}, {v1::REGISTRY_OP, kAny}, {v1::SETTLEMENT_OP, kAny}, {v1::AUDITOR, kAny}};
  m.push_back(Read("SettlementDays/GetSettlementBatch", house, &reads::GetSettlementBatch));
  m.push_back(Read("SettlementDays/ListSettlementBatches", house, &reads::ListSettlementBatches));
  m.push_back(Read("SettlementDays/ListSettlementObjections", house + Enterprises(), &reads::ListSettlementObjections));
  m.push_back(Read("SettlementDays/ListDeliveryDefaults", house + Enterprises(), &reads::ListDeliveryDefaults));
  m.push_back(Read("SettlementDays/GetDailyStatement", house + Enterprises(), &reads::GetDailyStatement));
}

// A lease is its parties', a recovery its holder's and its pledgees'; standards that a region attained or not are public.
void AddRightsMovements(std::vector<Method>& m) {
  const Grants parties = Enterprises() + Operators() + Officers() + Banks();
  m.push_back(Read("Leases/GetLease", parties, &reads::GetLease));
  m.push_back(Read("Leases/ListLeases", parties, &reads::ListLeases));
  m.push_back(Read("Recoveries/GetRecovery", parties, &reads::GetRecovery));
  m.push_back(Read("Recoveries/ListRecoveries", parties, &reads::ListRecoveries));
  m.push_back(Read("Recoveries/GetClosure", parties, &reads::GetClosure));
  m.push_back(Read("Recoveries/ListClosures", parties, &reads::ListClosures));
  m.push_back(Read("Extinctions/GetExtinction", parties, &reads::GetExtinction));
  m.push_back(Read("Extinctions/ListExtinctions", parties, &reads::ListExtinctions));
  m.push_back(ReadOpen("Extinctions/ListAttainments", &reads::ListAttainments));
  m.push_back(ReadOpen("Extinctions/ComputeReplacement", &reads::ComputeReplacement));
  m.push_back(ReadOpen("RegionStatuses/ListRegionStatuses", &reads::ListRegionStatuses));
  m.push_back(Read("RegionStatuses/ListCrossings", parties, &reads::ListCrossings));
}

// A pledge is its parties' affair; that rights are encumbered, and how often in all, everybody's (PLG-40, PLG-45). Who inquired about an enterprise, it may know.
void AddCollateral(std::vector<Method>& m) {
  const Grants overseers = {{v1::REGISTRY_OP, kAny}, {v1::AUDITOR, kRegion}, {v1::COURT_LIAISON, kRegion}, {v1::PERMIT_REVIEWER, kRegion}};
  m.push_back(Read("Collateral/ListInquiries", Enterprises() + Banks() + overseers, &reads::ListInquiries));
  m.push_back(ReadOpen("Collateral/GetEncumbrance", &reads::GetEncumbrance));
  m.push_back(Read("Collateral/GetPortfolio", Banks() + Grants{{v1::REGISTRY_OP, kAny}, {v1::AUDITOR, kAny}}, &reads::GetPortfolio));
  m.push_back(ReadOpen("Collateral/GetPledgeStatistics", &reads::GetPledgeStatistics));
}

// What anybody may look at, so that nobody need trust; the journal itself is for those who replay it.
void AddProofReads(std::vector<Method>& m) {
  const Grants parties = Enterprises() + Banks() +
                         Grants{{v1::REGISTRY_OP, kAny}, {v1::AUDITOR, kRegion}, {v1::PERMIT_INTAKE, kRegion}, {v1::PERMIT_REVIEWER, kRegion}, {v1::PERMIT_APPROVER, kRegion}};
  m.push_back(Read("Certificates/GetCertificate", parties, &reads::GetCertificate));
  m.push_back(Read("Certificates/ListCertificates", parties, &reads::ListCertificates));
  m.push_back(ReadOpen("Transparency/GetLog", &reads::GetLog));
  m.push_back(ReadOpen("Transparency/GetCheckpoint", &reads::GetCheckpoint));
  m.push_back(ReadOpen("Transparency/GetConsistencyProof", &reads::GetConsistencyProof));
  m.push_back(ReadOpen("Transparency/GetInclusionProof", &reads::GetInclusionProof));
  m.push_back(ReadOpen("Transparency/GetTile", &reads::GetTile));
  m.push_back(ReadOpen("Transparency/ListWitnesses", &reads::ListWitnesses));
  m.push_back(Read("Transparency/ReadJournal", {{v1::AUDITOR, kAny}, {v1::SYSTEM_OP, kAny}}, &reads::ReadJournal));
}

void AddOperations(std::vector<Method>& m) {
  m.push_back(ReadPerson("Operations/GetStatus", &reads::GetStatus));
  m.push_back(
      Read("Operations/Reconcile",
           {{v1::SYSTEM_OP, kAny}, {v1::REGISTRY_OP, kAny}, {v1::EXCHANGE_OP, kAny}, {v1::SETTLEMENT_OP, kAny}, {v1::AUDITOR, kAny}},
           &reads::Reconcile));
}

}  // namespace

void AddReads(std::vector<Method>& methods) {
  AddParticipants(methods);
  AddLedger(methods);
  AddRights(methods);
  AddPermits(methods);
  AddExchange(methods);
  AddOffBook(methods);
  AddSettlementDays(methods);
  AddRightsMovements(methods);
  AddCollateral(methods);
  AddProofReads(methods);
  AddOperations(methods);
}

}  // namespace songhua::api
