// The read methods of the API, by service. Each finds its answer in published rows (ReadContext), holds what it found against the method's
// grants, and leaves out of lists what the caller may not see. Headers of answers are filled in by who calls them (read_methods.cc).
//
// Errors, in this order: form of the fields (INVALID_ARGUMENT), the thing named (NOT_FOUND), the grants (PERMISSION_DENIED).
// Any thread; one ReadContext a call, on which Begin(request) was called.
#ifndef SONGHUA_API_READS_READS_H_
#define SONGHUA_API_READS_READS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "api/engine/method.h"
#include "songhua/v1/auctions.pb.h"
#include "songhua/v1/absences.pb.h"
#include "songhua/v1/allocations.pb.h"
#include "songhua/v1/applications.pb.h"
#include "songhua/v1/bank_statements.pb.h"
#include "songhua/v1/base_prices.pb.h"
#include "songhua/v1/calendars.pb.h"
#include "songhua/v1/certificates.pb.h"
#include "songhua/v1/collateral.pb.h"
#include "songhua/v1/compliance.pb.h"
#include "songhua/v1/credit.pb.h"
#include "songhua/v1/day_one.pb.h"
#include "songhua/v1/deadlines.pb.h"
#include "songhua/v1/documents.pb.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/extinctions.pb.h"
#include "songhua/v1/leases.pb.h"
#include "songhua/v1/recoveries.pb.h"
#include "songhua/v1/imports.pb.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/listings.pb.h"
#include "songhua/v1/negotiations.pb.h"
#include "songhua/v1/notices.pb.h"
#include "songhua/v1/operations.pb.h"
#include "songhua/v1/paid_use_fees.pb.h"
#include "songhua/v1/participants.pb.h"
#include "songhua/v1/permits.pb.h"
#include "songhua/v1/pledges.pb.h"
#include "songhua/v1/price_proposals.pb.h"
#include "songhua/v1/public.pb.h"
#include "songhua/v1/regimes.pb.h"
#include "songhua/v1/region_statuses.pb.h"
#include "songhua/v1/rights_years.pb.h"
#include "songhua/v1/settlement_days.pb.h"
#include "songhua/v1/surpluses.pb.h"
#include "songhua/v1/surveillance.pb.h"
#include "songhua/v1/registry_controls.pb.h"
#include "songhua/v1/trades.pb.h"
#include "songhua/v1/transparency.pb.h"

namespace songhua::api {

// Adds every read to the table of methods.
void AddReads(std::vector<Method>& methods);

namespace reads {

// ---- Participants ----
absl::StatusOr<v1::ParticipantAnswer> GetParticipant(ReadContext& context, const v1::GetParticipantRequest& request);
absl::StatusOr<v1::ListParticipantsAnswer> ListParticipants(ReadContext& context, const v1::ListParticipantsRequest& request);
absl::StatusOr<v1::SiteAnswer> GetSite(ReadContext& context, const v1::GetSiteRequest& request);
absl::StatusOr<v1::ListSitesAnswer> ListSites(ReadContext& context, const v1::ListSitesRequest& request);
absl::StatusOr<v1::PersonAnswer> GetPerson(ReadContext& context, const v1::GetPersonRequest& request);
absl::StatusOr<v1::ListPeopleAnswer> ListPeople(ReadContext& context, const v1::ListPeopleRequest& request);
absl::StatusOr<v1::ListTokensAnswer> ListTokens(ReadContext& context, const v1::ListTokensRequest& request);
absl::StatusOr<v1::PersonAnswer> WhoAmI(ReadContext& context, const v1::WhoAmIRequest& request);

// ---- Ledger ----
absl::StatusOr<v1::ProgramAnswer> GetProgram(ReadContext& context, const v1::GetProgramRequest& request);
absl::StatusOr<v1::ListProgramsAnswer> ListPrograms(ReadContext& context, const v1::ListProgramsRequest& request);
absl::StatusOr<v1::AccountAnswer> GetAccount(ReadContext& context, const v1::GetAccountRequest& request);
absl::StatusOr<v1::ListAccountsAnswer> ListAccounts(ReadContext& context, const v1::ListAccountsRequest& request);
absl::StatusOr<v1::LotAnswer> GetLot(ReadContext& context, const v1::GetLotRequest& request);
absl::StatusOr<v1::ListLotsAnswer> ListLots(ReadContext& context, const v1::ListLotsRequest& request);
absl::StatusOr<v1::ListHoldingsAnswer> ListHoldings(ReadContext& context, const v1::ListHoldingsRequest& request);
absl::StatusOr<v1::ListPostingsAnswer> ListPostings(ReadContext& context, const v1::ListPostingsRequest& request);
absl::StatusOr<v1::ListInstrumentsAnswer> ListInstruments(ReadContext& context, const v1::ListInstrumentsRequest& request);
absl::StatusOr<v1::ListLargeHoldersAnswer> ListLargeHolders(ReadContext& context, const v1::ListLargeHoldersRequest& request);

// ---- Permits, Compliance ----
absl::StatusOr<v1::PermitAnswer> GetPermit(ReadContext& context, const v1::GetPermitRequest& request);
absl::StatusOr<v1::ListPermitsAnswer> ListPermits(ReadContext& context, const v1::ListPermitsRequest& request);
absl::StatusOr<v1::PenaltyAnswer> GetPenalty(ReadContext& context, const v1::GetPenaltyRequest& request);
absl::StatusOr<v1::ListPenaltiesAnswer> ListPenalties(ReadContext& context, const v1::ListPenaltiesRequest& request);
absl::StatusOr<v1::ReductionTaskAnswer> GetReductionTask(ReadContext& context, const v1::GetReductionTaskRequest& request);
absl::StatusOr<v1::ListReductionTasksAnswer> ListReductionTasks(ReadContext& context, const v1::ListReductionTasksRequest& request);
absl::StatusOr<v1::OverlayAnswer> GetOverlay(ReadContext& context, const v1::GetOverlayRequest& request);
absl::StatusOr<v1::ListOverlaysAnswer> ListOverlays(ReadContext& context, const v1::ListOverlaysRequest& request);
absl::StatusOr<v1::RegistrationAnswer> GetRegistration(ReadContext& context, const v1::GetRegistrationRequest& request);
absl::StatusOr<v1::ListRegistrationsAnswer> ListRegistrations(ReadContext& context, const v1::ListRegistrationsRequest& request);
absl::StatusOr<v1::MayDischargeAnswer> MayDischarge(ReadContext& context, const v1::MayDischargeRequest& request);
absl::StatusOr<v1::ComplianceAnswer> GetCompliance(ReadContext& context, const v1::GetComplianceRequest& request);

// ---- Calendars, Regimes, Deadlines ----
absl::StatusOr<v1::CalendarYearAnswer> GetCalendarYear(ReadContext& context, const v1::GetCalendarYearRequest& request);
absl::StatusOr<v1::ListCalendarYearsAnswer> ListCalendarYears(ReadContext& context, const v1::ListCalendarYearsRequest& request);
absl::StatusOr<v1::CountPeriodAnswer> CountPeriod(ReadContext& context, const v1::CountPeriodRequest& request);
absl::StatusOr<v1::RegimeAnswer> GetRegime(ReadContext& context, const v1::GetRegimeRequest& request);
absl::StatusOr<v1::ListRegimesAnswer> ListRegimes(ReadContext& context, const v1::ListRegimesRequest& request);
absl::StatusOr<v1::DeadlineAnswer> GetDeadline(ReadContext& context, const v1::GetDeadlineRequest& request);
absl::StatusOr<v1::ListDeadlinesAnswer> ListDeadlines(ReadContext& context, const v1::ListDeadlinesRequest& request);

// ---- PermitImports ----
absl::StatusOr<v1::ImportAnswer> GetImport(ReadContext& context, const v1::GetImportRequest& request);
absl::StatusOr<v1::ListImportsAnswer> ListImports(ReadContext& context, const v1::ListImportsRequest& request);
absl::StatusOr<v1::ListImportErrorsAnswer> ListImportErrors(ReadContext& context, const v1::ListImportErrorsRequest& request);

// ---- Applications, Notices, Credit ----
absl::StatusOr<v1::ApplicationAnswer> GetApplication(ReadContext& context, const v1::GetApplicationRequest& request);
absl::StatusOr<v1::ListApplicationsAnswer> ListApplications(ReadContext& context, const v1::ListApplicationsRequest& request);
absl::StatusOr<v1::ListCaseEventsAnswer> ListCaseEvents(ReadContext& context, const v1::ListCaseEventsRequest& request);
absl::StatusOr<v1::NoticeAnswer> GetNotice(ReadContext& context, const v1::GetNoticeRequest& request);
absl::StatusOr<v1::ListNoticesAnswer> ListNotices(ReadContext& context, const v1::ListNoticesRequest& request);
absl::StatusOr<v1::CreditAnswer> GetCredit(ReadContext& context, const v1::GetCreditRequest& request);

// ---- Documents, Absences ----
absl::StatusOr<v1::DocumentAnswer> GetDocument(ReadContext& context, const v1::GetDocumentRequest& request);
absl::StatusOr<v1::ListDocumentsAnswer> ListDocuments(ReadContext& context, const v1::ListDocumentsRequest& request);
absl::StatusOr<v1::ListAbsencesAnswer> ListAbsences(ReadContext& context, const v1::ListAbsencesRequest& request);

// ---- Public, and the prints of permits and receipts ----
absl::StatusOr<v1::PublicPermitAnswer> GetPublicPermit(ReadContext& context, const v1::GetPublicPermitRequest& request);
absl::StatusOr<v1::ListPublicPermitsAnswer> ListPublicPermits(ReadContext& context, const v1::ListPublicPermitsRequest& request);
absl::StatusOr<v1::ListDisclosuresAnswer> ListDisclosures(ReadContext& context, const v1::ListDisclosuresRequest& request);
absl::StatusOr<v1::RenderPermitAnswer> RenderPermit(ReadContext& context, const v1::RenderPermitRequest& request);
absl::StatusOr<v1::VerifyCheckCodeAnswer> VerifyCheckCode(ReadContext& context, const v1::VerifyCheckCodeRequest& request);
absl::StatusOr<v1::RenderReceiptAnswer> RenderReceipt(ReadContext& context, const v1::RenderReceiptRequest& request);

// ---- Exchange, Trades, BasePrices ----
absl::StatusOr<v1::ContractAnswer> GetContract(ReadContext& context, const v1::GetContractRequest& request);
absl::StatusOr<v1::ListContractsAnswer> ListContracts(ReadContext& context, const v1::ListContractsRequest& request);
absl::StatusOr<v1::ListTradePrintsAnswer> ListTradePrints(ReadContext& context, const v1::ListTradePrintsRequest& request);
absl::StatusOr<v1::ListDailyBarsAnswer> ListDailyBars(ReadContext& context, const v1::ListDailyBarsRequest& request);
absl::StatusOr<v1::RulebookAnswer> GetRulebook(ReadContext& context, const v1::GetRulebookRequest& request);
absl::StatusOr<v1::ListRulebooksAnswer> ListRulebooks(ReadContext& context, const v1::ListRulebooksRequest& request);
absl::StatusOr<v1::ListHaltsAnswer> ListHalts(ReadContext& context, const v1::ListHaltsRequest& request);
absl::StatusOr<v1::OrderAnswer> GetOrder(ReadContext& context, const v1::GetOrderRequest& request);
absl::StatusOr<v1::ListOrdersAnswer> ListOrders(ReadContext& context, const v1::ListOrdersRequest& request);
// Levels of each side of a book that a request asks for. INVALID_ARGUMENT.
absl::StatusOr<size_t> ParseDepth(int32_t depth);
absl::StatusOr<v1::OrderBook> GetOrderBook(ReadContext& context, const v1::GetOrderBookRequest& request);
absl::StatusOr<v1::TradeAnswer> GetTrade(ReadContext& context, const v1::GetTradeRequest& request);
absl::StatusOr<v1::ListTradesAnswer> ListTrades(ReadContext& context, const v1::ListTradesRequest& request);
absl::StatusOr<v1::ListTraderBarsAnswer> ListTraderBars(ReadContext& context, const v1::ListTraderBarsRequest& request);
absl::StatusOr<v1::ListMarketStatisticsAnswer> ListMarketStatistics(ReadContext& context, const v1::ListMarketStatisticsRequest& request);
absl::StatusOr<v1::MarketTotalsAnswer> GetMarketTotals(ReadContext& context, const v1::GetMarketTotalsRequest& request);
absl::StatusOr<v1::MarketIndexAnswer> GetMarketIndex(ReadContext& context, const v1::GetMarketIndexRequest& request);
absl::StatusOr<v1::TradeCertificateAnswer> GetTradeCertificate(ReadContext& context, const v1::GetTradeCertificateRequest& request);
absl::StatusOr<v1::RenderTradeCertificateAnswer> RenderTradeCertificate(ReadContext& context, const v1::RenderTradeCertificateRequest& request);
absl::StatusOr<v1::BasePriceAnswer> GetBasePrice(ReadContext& context, const v1::GetBasePriceRequest& request);
absl::StatusOr<v1::ListBasePricesAnswer> ListBasePrices(ReadContext& context, const v1::ListBasePricesRequest& request);
absl::StatusOr<v1::PriceMethodAnswer> GetPriceMethod(ReadContext& context, const v1::GetPriceMethodRequest& request);
absl::StatusOr<v1::ListPriceMethodsAnswer> ListPriceMethods(ReadContext& context, const v1::ListPriceMethodsRequest& request);
absl::StatusOr<v1::PriceProposalAnswer> GetPriceProposal(ReadContext& context, const v1::GetPriceProposalRequest& request);
absl::StatusOr<v1::ListPriceProposalsAnswer> ListPriceProposals(ReadContext& context, const v1::ListPriceProposalsRequest& request);
absl::StatusOr<v1::ExplainBasePriceAnswer> ExplainBasePrice(ReadContext& context, const v1::ExplainBasePriceRequest& request);

// ---- Allocations, PaidUseFees, Surpluses, RightsYears ----
absl::StatusOr<v1::AllocationAnswer> GetAllocation(ReadContext& context, const v1::GetAllocationRequest& request);
absl::StatusOr<v1::ListAllocationsAnswer> ListAllocations(ReadContext& context, const v1::ListAllocationsRequest& request);
absl::StatusOr<v1::ListAllocationRowsAnswer> ListAllocationRows(ReadContext& context, const v1::ListAllocationRowsRequest& request);
absl::StatusOr<v1::PaidUseFeeAnswer> GetPaidUseFee(ReadContext& context, const v1::GetPaidUseFeeRequest& request);
absl::StatusOr<v1::ListPaidUseFeesAnswer> ListPaidUseFees(ReadContext& context, const v1::ListPaidUseFeesRequest& request);
absl::StatusOr<v1::SurplusAnswer> GetSurplus(ReadContext& context, const v1::GetSurplusRequest& request);
absl::StatusOr<v1::ListSurplusesAnswer> ListSurpluses(ReadContext& context, const v1::ListSurplusesRequest& request);
absl::StatusOr<v1::RightsYearAnswer> GetRightsYear(ReadContext& context, const v1::GetRightsYearRequest& request);
absl::StatusOr<v1::ListRightsYearsAnswer> ListRightsYears(ReadContext& context, const v1::ListRightsYearsRequest& request);

// ---- BankStatements ----
absl::StatusOr<v1::BankStatementAnswer> GetStatement(ReadContext& context, const v1::GetBankStatementRequest& request);
absl::StatusOr<v1::ListBankStatementsAnswer> ListStatements(ReadContext& context, const v1::ListBankStatementsRequest& request);
absl::StatusOr<v1::ListBankLinesAnswer> ListBankLines(ReadContext& context, const v1::ListBankLinesRequest& request);
absl::StatusOr<v1::ListUnseenMovementsAnswer> ListUnseenMovements(ReadContext& context, const v1::ListUnseenMovementsRequest& request);

// ---- Listings, Negotiations ----
absl::StatusOr<v1::ListingAnswer> GetListing(ReadContext& context, const v1::GetListingRequest& request);
absl::StatusOr<v1::ListListingsAnswer> ListListings(ReadContext& context, const v1::ListListingsRequest& request);
absl::StatusOr<v1::ListIntentsAnswer> ListIntents(ReadContext& context, const v1::ListIntentsRequest& request);
absl::StatusOr<v1::NegotiationAnswer> GetNegotiation(ReadContext& context, const v1::GetNegotiationRequest& request);
absl::StatusOr<v1::ListNegotiationsAnswer> ListNegotiations(ReadContext& context, const v1::ListNegotiationsRequest& request);

// ---- Auctions ----
absl::StatusOr<v1::AuctionAnswer> GetAuction(ReadContext& context, const v1::GetAuctionRequest& request);
absl::StatusOr<v1::ListAuctionsAnswer> ListAuctions(ReadContext& context, const v1::ListAuctionsRequest& request);
absl::StatusOr<v1::ListBidsAnswer> ListBids(ReadContext& context, const v1::ListBidsRequest& request);
absl::StatusOr<v1::ListBiddersAnswer> ListBidders(ReadContext& context, const v1::ListBiddersRequest& request);
absl::StatusOr<v1::ListConsignmentsAnswer> ListConsignments(ReadContext& context, const v1::ListConsignmentsRequest& request);
absl::StatusOr<v1::ListAwardsAnswer> ListAwards(ReadContext& context, const v1::ListAwardsRequest& request);

// ---- SettlementDays ----
absl::StatusOr<v1::SettlementBatchAnswer> GetSettlementBatch(ReadContext& context, const v1::GetSettlementBatchRequest& request);
absl::StatusOr<v1::ListSettlementBatchesAnswer> ListSettlementBatches(ReadContext& context, const v1::ListSettlementBatchesRequest& request);
absl::StatusOr<v1::ListSettlementObjectionsAnswer> ListSettlementObjections(ReadContext& context, const v1::ListSettlementObjectionsRequest& request);
absl::StatusOr<v1::ListDeliveryDefaultsAnswer> ListDeliveryDefaults(ReadContext& context, const v1::ListDeliveryDefaultsRequest& request);
absl::StatusOr<v1::DailyStatementAnswer> GetDailyStatement(ReadContext& context, const v1::GetDailyStatementRequest& request);

// ---- DayOne ----
absl::StatusOr<v1::DayOneAnswer> GetDayOne(ReadContext& context, const v1::GetDayOneRequest& request);
absl::StatusOr<v1::ListDayOnesAnswer> ListDayOnes(ReadContext& context, const v1::ListDayOnesRequest& request);
absl::StatusOr<v1::ListDayOneErrorsAnswer> ListDayOneErrors(ReadContext& context, const v1::ListDayOneErrorsRequest& request);

// ---- RegistryControls ----
absl::StatusOr<v1::ListControlPoliciesAnswer> ListControlPolicies(ReadContext& context, const v1::ListControlPoliciesRequest& request);
absl::StatusOr<v1::AccountControlAnswer> GetAccountControl(ReadContext& context, const v1::GetAccountControlRequest& request);
absl::StatusOr<v1::ListTrustedAccountsAnswer> ListTrustedAccounts(ReadContext& context, const v1::ListTrustedAccountsRequest& request);
absl::StatusOr<v1::TransferProposalAnswer> GetTransferProposal(ReadContext& context, const v1::GetTransferProposalRequest& request);
absl::StatusOr<v1::ListTransferProposalsAnswer> ListTransferProposals(ReadContext& context, const v1::ListTransferProposalsRequest& request);

// ---- Pledges ----
absl::StatusOr<v1::PledgeAnswer> GetPledge(ReadContext& context, const v1::GetPledgeRequest& request);
absl::StatusOr<v1::ListPledgesAnswer> ListPledges(ReadContext& context, const v1::ListPledgesRequest& request);
absl::StatusOr<v1::ListConsentsAnswer> ListConsents(ReadContext& context, const v1::ListConsentsRequest& request);
absl::StatusOr<v1::ListDistributionsAnswer> ListDistributions(ReadContext& context, const v1::ListDistributionsRequest& request);

// ---- Surveillance ----
absl::StatusOr<v1::ListSurveillanceFlagsAnswer> ListSurveillanceFlags(ReadContext& context, const v1::ListSurveillanceFlagsRequest& request);

// ---- RegionStatuses ----
absl::StatusOr<v1::ListRegionStatusesAnswer> ListRegionStatuses(ReadContext& context, const v1::ListRegionStatusesRequest& request);
absl::StatusOr<v1::ListCrossingsAnswer> ListCrossings(ReadContext& context, const v1::ListCrossingsRequest& request);

// ---- Leases, Recoveries, Extinctions ----
absl::StatusOr<v1::LeaseAnswer> GetLease(ReadContext& context, const v1::GetLeaseRequest& request);
absl::StatusOr<v1::ListLeasesAnswer> ListLeases(ReadContext& context, const v1::ListLeasesRequest& request);
absl::StatusOr<v1::RecoveryAnswer> GetRecovery(ReadContext& context, const v1::GetRecoveryRequest& request);
absl::StatusOr<v1::ListRecoveriesAnswer> ListRecoveries(ReadContext& context, const v1::ListRecoveriesRequest& request);
absl::StatusOr<v1::ClosureAnswer> GetClosure(ReadContext& context, const v1::GetClosureRequest& request);
absl::StatusOr<v1::ListClosuresAnswer> ListClosures(ReadContext& context, const v1::ListClosuresRequest& request);
absl::StatusOr<v1::ExtinctionAnswer> GetExtinction(ReadContext& context, const v1::GetExtinctionRequest& request);
absl::StatusOr<v1::ListExtinctionsAnswer> ListExtinctions(ReadContext& context, const v1::ListExtinctionsRequest& request);
absl::StatusOr<v1::ListAttainmentsAnswer> ListAttainments(ReadContext& context, const v1::ListAttainmentsRequest& request);
absl::StatusOr<v1::ComputeReplacementAnswer> ComputeReplacement(ReadContext& context, const v1::ComputeReplacementRequest& request);

// ---- Certificates, the transparency log ----
absl::StatusOr<v1::GetCertificateAnswer> GetCertificate(ReadContext& context, const v1::GetCertificateRequest& request);
absl::StatusOr<v1::ListCertificatesAnswer> ListCertificates(ReadContext& context, const v1::ListCertificatesRequest& request);
absl::StatusOr<v1::GetLogAnswer> GetLog(ReadContext& context, const v1::GetLogRequest& request);
absl::StatusOr<v1::GetCheckpointAnswer> GetCheckpoint(ReadContext& context, const v1::GetCheckpointRequest& request);
absl::StatusOr<v1::GetConsistencyProofAnswer> GetConsistencyProof(ReadContext& context, const v1::GetConsistencyProofRequest& request);
absl::StatusOr<v1::GetInclusionProofAnswer> GetInclusionProof(ReadContext& context, const v1::GetInclusionProofRequest& request);
absl::StatusOr<v1::GetTileAnswer> GetTile(ReadContext& context, const v1::GetTileRequest& request);
absl::StatusOr<v1::ListWitnessesAnswer> ListWitnesses(ReadContext& context, const v1::ListWitnessesRequest& request);
absl::StatusOr<v1::ReadJournalAnswer> ReadJournal(ReadContext& context, const v1::ReadJournalRequest& request);
// Whether this log has the checkpoint that a cosignature is of: NO_SUCH_CHECKPOINT. What else is wrong with it, the command says.
absl::Status AdmitCosignature(ReadSide& side, const v1::AddCosignatureRequest& request);

// ---- Collateral ----
absl::StatusOr<v1::ListInquiriesAnswer> ListInquiries(ReadContext& context, const v1::ListInquiriesRequest& request);
absl::StatusOr<v1::GetEncumbranceAnswer> GetEncumbrance(ReadContext& context, const v1::GetEncumbranceRequest& request);
absl::StatusOr<v1::GetPortfolioAnswer> GetPortfolio(ReadContext& context, const v1::GetPortfolioRequest& request);
absl::StatusOr<v1::GetPledgeStatisticsAnswer> GetPledgeStatistics(ReadContext& context, const v1::GetPledgeStatisticsRequest& request);

// ---- Operations ----
absl::StatusOr<v1::StatusAnswer> GetStatus(ReadContext& context, const v1::GetStatusRequest& request);
absl::StatusOr<v1::ReconcileAnswer> Reconcile(ReadContext& context, const v1::ReconcileRequest& request);

}  // namespace reads
}  // namespace songhua::api

#endif  // SONGHUA_API_READS_READS_H_
