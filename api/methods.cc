// Every method of the API: who may call it (role, ownership, region), in which lane it waits, what it does. The one place where a new command is
// wired (reads: reads/read_methods.cc); tests/api/access_test.cc walks the whole table.
#include <algorithm>
#include <type_traits>
#include <utility>

#include "api/engine/due_diligence.h"
#include "api/engine/method.h"
#include "api/engine/state.h"
#include "api/order_batches.h"
#include "api/reads/reads.h"
#include "api/targets.h"
#include "api/write_method.h"
#include "ledger/names.h"

namespace songhua::api {
namespace {

// The cold row that a request names by number; none where the name is malformed, which the domain function then says.
std::vector<ColdKey> ColdNumbered(RowTable table, std::string_view collection, const std::string& name) {
  const auto number = ledger::ParseNumberedName("name", collection, name);
  if (!number.ok()) return {};
  return {{static_cast<uint16_t>(table), EncodeRowKey(*number)}};
}

std::vector<ColdKey> ColdTransaction(const google::protobuf::Message& request) {
  return ColdNumbered(RowTable::kTransactions, "transactions", static_cast<const v1::ReverseTransactionRequest&>(request).transaction());
}

std::vector<ColdKey> ColdTradeSteps(const std::string& name) {
  const auto number = ledger::ParseNumberedName("name", "trades", name);
  if (!number.ok()) return {};
  std::vector<ColdKey> steps;
  for (uint32_t step = 0; step < exchange::TradeHistoryRow::kSteps; ++step) {
    steps.push_back({static_cast<uint16_t>(RowTable::kTradeHistory), EncodeRowKey(std::make_tuple(*number, step))});
  }
  return steps;
}

std::vector<ColdKey> ColdTrade(const google::protobuf::Message& request) { return ColdTradeSteps(static_cast<const v1::TradeActRequest&>(request).name()); }

std::vector<ColdKey> ColdObjectedTrade(const google::protobuf::Message& request) {
  return ColdTradeSteps(static_cast<const v1::FileObjectionRequest&>(request).trade());
}

void AddParticipants(std::vector<Method>& m) {
  const Grants kSystem = {{v1::SYSTEM_OP, kAny}};
  const Grants kRegistrars = {{v1::SYSTEM_OP, kAny}, {v1::REGISTRY_OP, kAny}};
  m.push_back(Write<v1::CreateParticipantRequest>("Participants/CreateParticipant", Lane::kRegistry, kRegistrars, nullptr,
                                                  DOMAIN(s.participants.CreateParticipant(c, q))));
  m.push_back(Write<v1::CreateSiteRequest>("Participants/CreateSite", Lane::kRegistry, kRegistrars, nullptr,
                                           DOMAIN(s.participants.CreateSite(c, q, s.ledger.accounts()))));
  m.push_back(Write<v1::CreatePersonRequest>("Participants/CreatePerson", Lane::kRegistry, kSystem, nullptr,
                                             DOMAIN(s.participants.CreatePerson(c, q))));
  m.push_back(Write<v1::SetRolesRequest>("Participants/SetRoles", Lane::kRegistry, kSystem, nullptr, DOMAIN(s.participants.SetRoles(c, q))));
  m.push_back(Write<v1::CreateTokenRequest>("Participants/CreateToken", Lane::kRegistry, kSystem, nullptr,
                                            DOMAIN(s.participants.CreateToken(c, q))));
  m.push_back(Write<v1::RevokeTokenRequest>("Participants/RevokeToken", Lane::kRegistry, kSystem, nullptr,
                                            DOMAIN(s.participants.RevokeToken(c, q))));
}

void AddLedger(std::vector<Method>& m) {
  m.push_back(Write<v1::LoadProgramRequest>("Ledger/LoadProgram", Lane::kRegistry, {{v1::REGISTRY_OP, kAny}}, nullptr,
                                            DOMAIN(s.ledger.programs().LoadProgram(c, q))));
  m.push_back(Write<v1::OpenAccountRequest>("Ledger/OpenAccount", Lane::kRegistry, {{v1::REGISTRY_OP, kAny}}, nullptr,
                                            DOMAIN(s.ledger.OpenAccount(c, q))));
  m.push_back(Write<v1::IssueUnitsRequest>("Ledger/IssueUnits", Lane::kRegistry, {{v1::REGISTRY_OP, kAny}, {v1::RESERVE_MANAGER, kRegion}},
                                           TARGET(OfRegion("control_zone", q.control_zone())), DOMAIN(s.ledger.IssueUnits(c, q))));
  m.push_back(Write<v1::AllocateRightRequest>("Ledger/AllocateRight", Lane::kRegistry, {{v1::RESERVE_MANAGER, kRegion}},
                                              TARGET(OfLot(s, "from_lot", q.from_lot())), DOMAIN(s.ledger.AllocateRight(c, q))));
  m.push_back(Write<v1::TransferUnitsRequest>("Ledger/TransferUnits", Lane::kRegistry,
                                              {{v1::ENT_OPERATOR, kOwn}, {v1::ENT_LEGAL_REP, kOwn}, {v1::REGISTRY_OP, kAny}},
                                              TARGET(OfLot(s, "from_lot", q.from_lot())), DOMAIN(s.transfer_proposals.TransferUnits(c, q))));
  m.push_back(Write<v1::RetireUnitsRequest>("Ledger/SurrenderUnits", Lane::kRegistry, {{v1::ENT_LEGAL_REP, kOwn}, {v1::REGISTRY_OP, kAny}},
                                            TARGET(OfLot(s, "from_lot", q.from_lot())), DOMAIN(s.ledger.SurrenderUnits(c, q))));
  m.push_back(Write<v1::RetireUnitsRequest>("Ledger/CancelUnits", Lane::kRegistry, {{v1::ENT_LEGAL_REP, kOwn}, {v1::REGISTRY_OP, kAny}},
                                            TARGET(OfLot(s, "from_lot", q.from_lot())), DOMAIN(s.ledger.CancelUnits(c, q))));
  m.push_back(Write<v1::ReverseTransactionRequest>("Ledger/ReverseTransaction", Lane::kRegistry, {{v1::REGISTRY_OP, kAny}}, nullptr,
                                                   DOMAIN(s.bank_statements.ReverseTransaction(c, q))));
  m.back().cold = ColdTransaction;
  m.push_back(Write<v1::FreezeUnitsRequest>("Ledger/FreezeUnits", Lane::kRegistry, {{v1::COURT_LIAISON, kRegion}},
                                            TARGET(OfLot(s, "lot", q.lot())), DOMAIN(s.ledger.FreezeUnits(c, q, &s.exchange))));
  m.push_back(Write<v1::LiftFreezeRequest>("Ledger/LiftFreeze", Lane::kRegistry, {{v1::COURT_LIAISON, kRegion}},
                                           TARGET(OfFreeze(s, "name", q.name())), DOMAIN(s.ledger.LiftFreeze(c, q))));
  m.push_back(Write<v1::CashRequest>("Ledger/DepositCash", Lane::kRegistry, {{v1::SETTLEMENT_OP, kAny}}, nullptr,
                                     DOMAIN(s.bank_statements.DepositCash(c, q))));
  m.push_back(Write<v1::CashRequest>("Ledger/WithdrawCash", Lane::kRegistry, {{v1::SETTLEMENT_OP, kAny}}, nullptr,
                                     DOMAIN(s.bank_statements.WithdrawCash(c, q))));
}

// The rights and balances that there were before: begun by one registrar, approved by another (GEN-14).
void AddDayOne(std::vector<Method>& m) {
  const Grants kRegistrars = {{v1::REGISTRY_OP, kAny}};
  m.push_back(Write<v1::BeginDayOneRequest>("DayOne/BeginDayOne", Lane::kRegistry, kRegistrars, nullptr, DOMAIN(s.day_one.BeginDayOne(c, q))));
  m.push_back(Write<v1::AddDayOneRowsRequest>("DayOne/AddDayOneRows", Lane::kBulk, kRegistrars, nullptr, DOMAIN(s.day_one.AddDayOneRows(c, q))));
  m.push_back(Write<v1::DayOneActRequest>("DayOne/FinishDayOne", Lane::kBulk, kRegistrars, nullptr, DOMAIN(s.day_one.FinishDayOne(c, q))));
  m.push_back(Write<v1::DayOneActRequest>("DayOne/ApproveDayOne", Lane::kBulk, kRegistrars, nullptr, DOMAIN(s.day_one.ApproveDayOne(c, q))));
  m.push_back(Write<v1::DayOneActRequest>("DayOne/DiscardDayOne", Lane::kBulk, kRegistrars, nullptr, DOMAIN(s.day_one.DiscardDayOne(c, q))));
}

// What a holder's units go through where a policy says so. Either representative of the holder may do each act, but not both acts of one proposal (GEN-14).
void AddRegistryControls(std::vector<Method>& m) {
  const Grants kRegistrars = {{v1::SYSTEM_OP, kAny}, {v1::REGISTRY_OP, kAny}};
  const Grants kHolders = {{v1::ENT_OPERATOR, kOwn}, {v1::ENT_LEGAL_REP, kOwn}};
  const auto account = TARGET(OfAccount(s, "account", q.account()));
  m.push_back(Write<v1::LoadControlPolicyRequest>("RegistryControls/LoadControlPolicy", Lane::kRegistry, kRegistrars, nullptr,
                                                  DOMAIN(s.controls.LoadControlPolicy(c, q))));
  m.push_back(Write<v1::SetAccountStateRequest>("RegistryControls/SetAccountState", Lane::kRegistry, {{v1::REGISTRY_OP, kAny}}, nullptr,
                                                DOMAIN(s.SetAccountState(c, q))));
  m.push_back(Write<v1::ConfirmAccountRequest>("RegistryControls/ConfirmAccount", Lane::kRegistry, {{v1::ENT_LEGAL_REP, kOwn}}, account,
                                               DOMAIN(s.controls.ConfirmAccount(c, q))));
  m.push_back(Write<v1::SetAccountLimitRequest>("RegistryControls/SetAccountLimit", Lane::kRegistry, {{v1::ENT_LEGAL_REP, kOwn}}, account,
                                                DOMAIN(s.controls.SetAccountLimit(c, q))));
  m.push_back(Write<v1::AddTrustedAccountRequest>("RegistryControls/AddTrustedAccount", Lane::kRegistry, kHolders, account,
                                                  DOMAIN(s.controls.AddTrustedAccount(c, q))));
  m.push_back(Write<v1::TrustedAccountActRequest>("RegistryControls/ApproveTrustedAccount", Lane::kRegistry, kHolders, account,
                                                  DOMAIN(s.controls.ApproveTrustedAccount(c, q))));
  m.push_back(Write<v1::TrustedAccountActRequest>("RegistryControls/RemoveTrustedAccount", Lane::kRegistry, kHolders, account,
                                                  DOMAIN(s.controls.RemoveTrustedAccount(c, q))));
  const auto holder = TARGET(OfTransferProposal(s, "name", q.name(), ProposalSide::kHolder));
  const auto destination = TARGET(OfTransferProposal(s, "name", q.name(), ProposalSide::kDestination));
  m.push_back(Write<v1::ProposeTransferRequest>("RegistryControls/ProposeTransfer", Lane::kRegistry, kHolders, TARGET(OfLot(s, "from_lot", q.from_lot())),
                                                DOMAIN(s.transfer_proposals.ProposeTransfer(c, q))));
  m.push_back(Write<v1::TransferProposalActRequest>("RegistryControls/ApproveTransfer", Lane::kRegistry, kHolders, holder,
                                                    DOMAIN(s.transfer_proposals.ApproveTransfer(c, q))));
  m.push_back(Write<v1::TransferProposalActRequest>("RegistryControls/ConsentToTransfer", Lane::kRegistry, kHolders, destination,
                                                    DOMAIN(s.transfer_proposals.ConsentToTransfer(c, q))));
  m.push_back(Write<v1::TransferProposalActRequest>("RegistryControls/AbortTransfer", Lane::kRegistry, kHolders, holder,
                                                    DOMAIN(s.transfer_proposals.AbortTransfer(c, q))));
  m.push_back(Write<v1::TransferProposalActRequest>("RegistryControls/RejectTransfer", Lane::kRegistry, kHolders + Grants{{v1::REGISTRY_OP, kAny}}, destination,
                                                    DOMAIN(s.transfer_proposals.RejectTransfer(c, q))));
}

// The bank's side of the house's money. Two settlement operators decide on a line (GEN-14).
void AddBankStatements(std::vector<Method>& m) {
  const Grants kSettlers = {{v1::SETTLEMENT_OP, kAny}};
  const auto act = [&]<class Request, class Domain>(std::string name, Lane lane, Domain domain, Request*) {
    m.push_back(Write<Request>("BankStatements/" + name, lane, kSettlers, nullptr, domain));
  };
  v1::BankStatementActRequest* const statement = nullptr;
  v1::BankLineActRequest* const line = nullptr;
  act("BeginStatement", Lane::kRegistry, DOMAIN(s.bank_statements.BeginStatement(c, q)), static_cast<v1::BeginStatementRequest*>(nullptr));
  act("AddStatementLines", Lane::kBulk, DOMAIN(s.bank_statements.AddStatementLines(c, q)), static_cast<v1::AddStatementLinesRequest*>(nullptr));
  act("FinishStatement", Lane::kBulk, DOMAIN(s.bank_statements.FinishStatement(c, q)), statement);
  act("DiscardStatement", Lane::kBulk, DOMAIN(s.bank_statements.DiscardStatement(c, q)), statement);
  act("ProposeLine", Lane::kRegistry, DOMAIN(s.bank_statements.ProposeLine(c, q)), static_cast<v1::ProposeLineRequest*>(nullptr));
  act("ApproveLine", Lane::kRegistry, DOMAIN(s.bank_statements.ApproveLine(c, q)), line);
  act("RefuseLine", Lane::kRegistry, DOMAIN(s.bank_statements.RefuseLine(c, q)), line);
}

void AddPermits(std::vector<Method>& m) {
  m.push_back(Write<v1::IssuePermitRequest>("Permits/IssuePermit", Lane::kRegistry, {{v1::PERMIT_APPROVER, kRegion}},
                                            TARGET(OfSite(s, "site", q.site())), DOMAIN(s.permits.IssuePermit(c, q, s))));
  m.push_back(Write<v1::RevokePermitRequest>("Permits/RevokePermit", Lane::kRegistry, {{v1::ENFORCER, kRegion}, {v1::PERMIT_APPROVER, kRegion}},
                                             TARGET(OfPermit(s, "name", q.name())), DOMAIN(s.permit_acts.RevokePermit(c, q, s))));
  const Grants kApprovers = {{v1::PERMIT_APPROVER, kRegion}};
  m.push_back(Write<v1::AmendPermitRequest>("Permits/AmendPermit", Lane::kRegistry, kApprovers, TARGET(OfPermit(s, "name", q.name())),
                                            DOMAIN(s.permit_acts.AmendPermit(c, q, s))));
  m.push_back(Write<v1::AnnulPermitRequest>("Permits/AnnulPermit", Lane::kRegistry, kApprovers, TARGET(OfPermit(s, "name", q.name())),
                                            DOMAIN(s.permit_acts.AnnulPermit(c, q, s))));
  m.push_back(Write<v1::RecallPermitRequest>("Permits/RecallPermit", Lane::kRegistry, kApprovers, TARGET(OfPermit(s, "name", q.name())),
                                             DOMAIN(s.permit_acts.RecallPermit(c, q, s))));
  m.push_back(Write<v1::WriteOffPermitRequest>("Permits/WriteOffPermit", Lane::kRegistry, kApprovers, TARGET(OfPermit(s, "name", q.name())),
                                               DOMAIN(s.permit_acts.WriteOffPermit(c, q))));
  m.push_back(Write<v1::TerminatePermitRequest>("Permits/TerminatePermit", Lane::kRegistry, kApprovers, TARGET(OfPermit(s, "name", q.name())),
                                                DOMAIN(s.permit_acts.TerminatePermit(c, q, s))));
  m.push_back(Write<v1::RestorePermitRequest>("Permits/RestorePermit", Lane::kRegistry, kApprovers, TARGET(OfPermit(s, "name", q.name())),
                                              DOMAIN(s.permit_acts.RestorePermit(c, q))));
  m.push_back(Write<v1::RecordPenaltyRequest>("Permits/RecordPenalty", Lane::kRegistry, {{v1::ENFORCER, kRegion}},
                                              TARGET(OfSite(s, "site", q.site())), DOMAIN(s.penalties.RecordPenalty(c, q))));
  m.push_back(Write<v1::RecordReductionTaskRequest>("Permits/RecordReductionTask", Lane::kRegistry, {{v1::ENFORCER, kRegion}},
                                                    TARGET(OfSite(s, "site", q.site())), DOMAIN(s.reduction_tasks.RecordReductionTask(c, q))));
  const Grants kRestrainers = {{v1::ENFORCER, kRegion}, {v1::PERMIT_APPROVER, kRegion}, {v1::ENT_OPERATOR, kOwn}, {v1::ENT_LEGAL_REP, kOwn}};
  m.push_back(Write<v1::PlaceOverlayRequest>("Permits/PlaceOverlay", Lane::kRegistry, kRestrainers, TARGET(OfSite(s, "site", q.site())),
                                             DOMAIN(s.overlays.PlaceOverlay(c, q, s))));
  m.push_back(Write<v1::LiftOverlayRequest>("Permits/LiftOverlay", Lane::kRegistry, kRestrainers, TARGET(OfOverlay(s, "name", q.name())),
                                            DOMAIN(s.overlays.LiftOverlay(c, q))));
  m.push_back(Write<v1::FileRegistrationRequest>("Permits/FileRegistration", Lane::kRegistry, {{v1::ENT_OPERATOR, kOwn}, {v1::ENT_LEGAL_REP, kOwn}},
                                                 TARGET(OfSite(s, "site", q.site())), DOMAIN(s.registrations.FileRegistration(c, q))));
  m.push_back(Write<v1::CancelRegistrationRequest>("Permits/CancelRegistration", Lane::kRegistry,
                                                   {{v1::ENT_OPERATOR, kOwn}, {v1::ENT_LEGAL_REP, kOwn}, {v1::PERMIT_INTAKE, kRegion}, {v1::ENFORCER, kRegion}},
                                                   TARGET(OfRegistration(s, "name", q.name())), DOMAIN(s.registrations.CancelRegistration(c, q))));
  m.push_back(Write<v1::RecordVerifiedEmissionsRequest>("Compliance/RecordVerifiedEmissions", Lane::kRegistry,
                                                        {{v1::PROV_CARBON_OFFICER, kRegion}, {v1::REGISTRY_OP, kAny}},
                                                        TARGET(OfAccount(s, "account", q.account())),
                                                        DOMAIN(s.compliance.RecordVerifiedEmissions(c, q, s))));
}

void AddApplications(std::vector<Method>& m) {
  const Grants kApplicants = {{v1::ENT_OPERATOR, kOwn}, {v1::ENT_LEGAL_REP, kOwn}};
  const Grants kSigners = {{v1::ENT_LEGAL_REP, kOwn}};
  const Grants kIntake = {{v1::PERMIT_INTAKE, kRegion}};
  const Grants kReviewers = {{v1::PERMIT_REVIEWER, kRegion}};
  const Grants kAssessors = {{v1::TECH_ASSESSOR, kRegion}};
  const Grants kApprovers = {{v1::PERMIT_APPROVER, kRegion}};
  const Grants kCheckers = {{v1::PERMIT_REVIEWER, kRegion}, {v1::ENFORCER, kRegion}};
  const auto own = TARGET(OfApplication(s, "name", q.name()));
  const auto act = [&m, own]<class Request, class Domain>(std::string name, Grants grants, Domain domain, Request*) {
    m.push_back(Write<Request>("Applications/" + name, Lane::kRegistry, std::move(grants), own, domain));
  };
  v1::ApplicationActRequest* const plain = nullptr;
  m.push_back(Write<v1::CreateApplicationRequest>("Applications/CreateApplication", Lane::kRegistry, kApplicants,
                                                  TARGET(OfSite(s, "application.site", q.application().site())),
                                                  DOMAIN(s.applications.CreateApplication(c, q))));
  m.push_back(Write<v1::UpdateApplicationRequest>("Applications/UpdateApplication", Lane::kRegistry, kApplicants,
                                                  TARGET(OfApplication(s, "application.name", q.application().name())),
                                                  DOMAIN(s.applications.UpdateApplication(c, q))));
  act("StartPublicity", kApplicants, DOMAIN(s.applications.StartPublicity(c, q)), plain);
  act("SubmitApplication", kSigners, DOMAIN(s.applications.SubmitApplication(c, q)), static_cast<v1::SubmitApplicationRequest*>(nullptr));
  act("RecordIntake", kIntake, DOMAIN(s.applications.RecordIntake(c, q)), static_cast<v1::RecordIntakeRequest*>(nullptr));
  act("ResubmitApplication", kApplicants, DOMAIN(s.applications.ResubmitApplication(c, q)), plain);
  act("AssignApplication", kIntake, DOMAIN(s.applications.AssignApplication(c, q)), static_cast<v1::AssignApplicationRequest*>(nullptr));
  act("OrderAssessment", kReviewers, DOMAIN(s.applications.OrderAssessment(c, q)), static_cast<v1::OrderAssessmentRequest*>(nullptr));
  act("RecordOpinion", kAssessors, DOMAIN(s.applications.RecordOpinion(c, q)), plain);
  act("OrderSiteCheck", kReviewers, DOMAIN(s.applications.OrderSiteCheck(c, q)), plain);
  act("ProposeDecision", kReviewers, DOMAIN(s.applications.ProposeDecision(c, q)), static_cast<v1::ProposeDecisionRequest*>(nullptr));
  act("ApproveApplication", kApprovers, DOMAIN(s.applications.ApproveApplication(c, q, s)), static_cast<v1::ApproveApplicationRequest*>(nullptr));
  act("DenyApplication", kApprovers, DOMAIN(s.applications.DenyApplication(c, q)), plain);
  act("ReturnApplication", kApprovers, DOMAIN(s.applications.ReturnApplication(c, q)), plain);
  act("WithdrawApplication", kApplicants, DOMAIN(s.applications.WithdrawApplication(c, q)), plain);
  act("RecordPostCheck", kCheckers, DOMAIN(s.applications.RecordPostCheck(c, q)), static_cast<v1::RecordPostCheckRequest*>(nullptr));
  // An upload's last step: the service sends it when the bytes are stored (services/document_upload.h). It is no rpc of its own.
  m.push_back(Write<v1::RegisterDocumentRequest>("Documents/RegisterDocument", Lane::kRegistry,
                                                 kApplicants + kIntake + kReviewers + kAssessors + kApprovers + Grants{{v1::ENFORCER, kRegion}},
                                                 TARGET(OfNewDocument(s, q.document())), DOMAIN(s.documents.RegisterDocument(c, q))));
  const Grants kColleagues = {{v1::SYSTEM_OP, kAny},     {v1::PERMIT_APPROVER, kOwn}, {v1::PERMIT_INTAKE, kOwn},
                              {v1::PERMIT_REVIEWER, kOwn}, {v1::TECH_ASSESSOR, kOwn},   {v1::ENFORCER, kOwn}};
  m.push_back(Write<v1::SetAbsenceRequest>("Absences/SetAbsence", Lane::kRegistry, kColleagues, TARGET(OfPerson(s, "person", q.person())),
                                           DOMAIN(s.absences.SetAbsence(c, q))));
  m.push_back(Write<v1::EndAbsenceRequest>("Absences/EndAbsence", Lane::kRegistry, kColleagues, TARGET(OfAbsence(s, "name", q.name())),
                                           DOMAIN(s.absences.EndAbsence(c, q))));
  m.push_back(Write<v1::SetCreditGradeRequest>("Credit/SetCreditGrade", Lane::kRegistry, {{v1::CREDIT_OFFICER, kRegion}},
                                               TARGET(OfEnterprise(s, "participant", q.participant())), DOMAIN(s.SetCreditGrade(c, q))));
}

// The life of rights beside the market: allocation, fees, surplus, years.
void AddRights(std::vector<Method>& m) {
  const Grants kPlanners = {{v1::RESERVE_MANAGER, kRegion}, {v1::PERMIT_REVIEWER, kRegion}};
  const Grants kApprovers = {{v1::PERMIT_APPROVER, kRegion}};
  const Grants kEnterprise = {{v1::ENT_OPERATOR, kOwn}, {v1::ENT_LEGAL_REP, kOwn}};
  const Grants kOfficers = {{v1::PERMIT_REVIEWER, kRegion}, {v1::PERMIT_APPROVER, kRegion}};
  const auto plan = TARGET(OfAllocation(s, "name", q.name()));
  m.push_back(Write<v1::BeginAllocationRequest>("Allocations/BeginAllocation", Lane::kRegistry, kPlanners,
                                                TARGET(OfRegion("allocation.region", q.allocation().region())),
                                                DOMAIN(s.allocations.BeginAllocation(c, q))));
  m.push_back(Write<v1::AddAllocationRowsRequest>("Allocations/AddAllocationRows", Lane::kBulk, kPlanners, plan,
                                                  DOMAIN(s.allocations.AddAllocationRows(c, q, s))));
  m.push_back(Write<v1::AllocationActRequest>("Allocations/FinishAllocation", Lane::kBulk, kPlanners, plan,
                                              DOMAIN(s.allocations.FinishAllocation(c, q))));
  m.push_back(Write<v1::AllocationActRequest>("Allocations/ApproveAllocation", Lane::kBulk, kApprovers, plan,
                                              DOMAIN(s.allocations.ApproveAllocation(c, q))));
  m.push_back(Write<v1::DiscardAllocationRequest>("Allocations/DiscardAllocation", Lane::kRegistry, kPlanners + kApprovers, plan,
                                                  DOMAIN(s.allocations.DiscardAllocation(c, q))));
  m.push_back(Write<v1::PayPaidUseFeeRequest>("PaidUseFees/PayPaidUseFee", Lane::kRegistry, kEnterprise, TARGET(OfPaidUseFee(s, "name", q.name())),
                                              DOMAIN(s.paid_use_fees.PayPaidUseFee(c, q))));
  m.push_back(Write<v1::DeclareSurplusRequest>("Surpluses/DeclareSurplus", Lane::kRegistry, kEnterprise,
                                               TARGET(OfSite(s, "surplus.site", q.surplus().site())), DOMAIN(s.surpluses.DeclareSurplus(c, q))));
  m.push_back(Write<v1::VerifySurplusRequest>("Surpluses/VerifySurplus", Lane::kRegistry, kOfficers, TARGET(OfSurplus(s, "name", q.name())),
                                              DOMAIN(s.surpluses.VerifySurplus(c, q, s))));
  m.push_back(Write<v1::RejectSurplusRequest>("Surpluses/RejectSurplus", Lane::kRegistry, kOfficers, TARGET(OfSurplus(s, "name", q.name())),
                                              DOMAIN(s.surpluses.RejectSurplus(c, q))));
  m.push_back(Write<v1::RecordDischargeRequest>("RightsYears/RecordDischarge", Lane::kRegistry,
                                                {{v1::MONITOR_OFFICER, kRegion}, {v1::PERMIT_REVIEWER, kRegion}}, TARGET(OfSite(s, "site", q.site())),
                                                DOMAIN(s.rights_years.RecordDischarge(c, q))));
  m.push_back(Write<v1::CloseRightsYearRequest>("RightsYears/CloseRightsYear", Lane::kBulk, {{v1::RESERVE_MANAGER, kRegion}},
                                                TARGET(OfRegion("control_zone", q.control_zone())), DOMAIN(s.rights_years.CloseRightsYear(c, q))));
}

// Day one. An import decides nothing until an approver of its whole region says so, hence the registry's part in it (imports.h).
void AddImports(std::vector<Method>& m) {
  const Grants kImporters = {{v1::PERMIT_INTAKE, kRegion}, {v1::REGISTRY_OP, kAny}};
  const auto own = TARGET(OfImport(s, "name", q.name()));
  m.push_back(Write<v1::BeginImportRequest>("PermitImports/BeginImport", Lane::kRegistry, kImporters, TARGET(OfRegion("region", q.region())),
                                            DOMAIN(s.imports.BeginImport(c, q))));
  m.push_back(Write<v1::AddImportRowsRequest>("PermitImports/AddImportRows", Lane::kBulk, kImporters, own, DOMAIN(s.imports.AddImportRows(c, q, s))));
  m.push_back(Write<v1::ImportActRequest>("PermitImports/FinishStaging", Lane::kBulk, kImporters, own, DOMAIN(s.imports.FinishStaging(c, q))));
  m.push_back(Write<v1::ImportActRequest>("PermitImports/ApproveImport", Lane::kRegistry, {{v1::PERMIT_APPROVER, kRegion}}, own,
                                          DOMAIN(s.imports.ApproveImport(c, q))));
  m.push_back(Write<v1::DiscardImportRequest>("PermitImports/DiscardImport", Lane::kRegistry,
                                              {{v1::PERMIT_INTAKE, kRegion}, {v1::REGISTRY_OP, kAny}, {v1::PERMIT_APPROVER, kRegion}}, own,
                                              DOMAIN(s.imports.DiscardImport(c, q))));
}

// The law of permits, as data.
void AddLaw(std::vector<Method>& m) {
  const Grants kLegislators = {{v1::SYSTEM_OP, kAny}, {v1::REGISTRY_OP, kAny}};
  m.push_back(Write<v1::LoadCalendarYearRequest>("Calendars/LoadCalendarYear", Lane::kRegistry, kLegislators, nullptr,
                                                 DOMAIN(s.calendars.LoadCalendarYear(c, q, &s))));
  m.push_back(Write<v1::LoadRegimeRequest>("Regimes/LoadRegime", Lane::kRegistry, kLegislators, nullptr, DOMAIN(s.regimes.LoadRegime(c, q))));
}

void AddExchange(std::vector<Method>& m) {
  const Grants kOperators = {{v1::EXCHANGE_OP, kAny}};
  const Grants kTraders = {{v1::ENT_OPERATOR, kOwn}, {v1::RESERVE_MANAGER, kOwn}};
  m.push_back(Write<v1::LoadRulebookRequest>("Exchange/LoadRulebook", Lane::kRegistry, kOperators, nullptr,
                                             DOMAIN(s.exchange.LoadRulebook(c, q))));
  m.push_back(Write<v1::CreateContractRequest>("Exchange/CreateContract", Lane::kRegistry, kOperators, nullptr,
                                               DOMAIN(s.exchange.CreateContract(c, q))));
  m.push_back(Write<v1::SessionRequest>("Exchange/OpenSession", Lane::kOperations, kOperators, nullptr, DOMAIN(s.OpenSession(c, q))));
  m.push_back(Write<v1::SessionRequest>("Exchange/CloseSession", Lane::kOperations, kOperators, nullptr,
                                        DOMAIN(s.CloseSession(c, q))));
  m.push_back(Write<v1::SetReferencePriceRequest>("Exchange/SetReferencePrice", Lane::kOperations, kOperators, nullptr,
                                                  DOMAIN(s.exchange.SetReferencePrice(c, q))));
  m.push_back(Write<v1::HaltTradingRequest>("Exchange/HaltTrading", Lane::kOperations, kOperators, nullptr, DOMAIN(s.HaltTrading(c, q))));
  m.push_back(Write<v1::ResumeTradingRequest>("Exchange/ResumeTrading", Lane::kOperations, kOperators, nullptr,
                                              DOMAIN(s.exchange.ResumeTrading(c, q))));
  m.push_back(Write<v1::PlaceOrderRequest>("Exchange/PlaceOrder", Lane::kOrders, kTraders, TARGET(OfAccount(s, "account", q.account())),
                                           DOMAIN(s.exchange.PlaceOrder(c, q))));
  m.push_back(Write<v1::TakeRequest>("Exchange/Take", Lane::kOrders, kTraders, TARGET(OfAccount(s, "account", q.account())), DOMAIN(s.exchange.Take(c, q))));
  m.push_back(Write<v1::CancelOrderRequest>("Exchange/CancelOrder", Lane::kOrders, kTraders, TARGET(OfOrder(s, "name", q.name())),
                                            DOMAIN(s.exchange.CancelOrder(c, q))));
  m.push_back(Write<v1::ReplaceOrderRequest>("Exchange/ReplaceOrder", Lane::kOrders, kTraders, TARGET(OfOrder(s, "name", q.name())),
                                             DOMAIN(s.exchange.ReplaceOrder(c, q))));
  // Those of the caller's own participant, and no others.
  m.push_back(Write<v1::CancelOrdersRequest>("Exchange/CancelOrders", Lane::kOrders, {{v1::ENT_OPERATOR, kAny}, {v1::RESERVE_MANAGER, kAny}}, nullptr,
                                             DOMAIN(s.exchange.CancelOrders(c, q))));
  m.push_back(Write<v1::AcknowledgeSurveillanceFlagRequest>("Surveillance/AcknowledgeSurveillanceFlag", Lane::kOperations, kOperators, nullptr,
                                                            DOMAIN(s.exchange.AcknowledgeSurveillanceFlag(c, q))));
  // Each command of a batch is held against the caller's own participant by the exchange itself.
  m.push_back(Write<v1::OrderBatch>("Exchange/SubmitOrders", Lane::kOrders, {{v1::ENT_OPERATOR, kAny}}, nullptr, DOMAIN(RunOrderBatch(s, c, q))));
}

// What a party of a negotiation does is held against its two sides by itself.
void AddOffBook(std::vector<Method>& m) {
  const Grants kTraders = {{v1::ENT_OPERATOR, kOwn}, {v1::RESERVE_MANAGER, kOwn}};
  const Grants kParties = {{v1::ENT_OPERATOR, kAny}, {v1::RESERVE_MANAGER, kAny}};
  const Grants kEnforcers = {{v1::BANK_APPROVER, kAny}};  // a bank that sells pledged units is the seller's party
  m.push_back(Write<v1::PostListingRequest>("Listings/PostListing", Lane::kOrders, kTraders, TARGET(OfAccount(s, "account", q.account())),
                                            DOMAIN(s.listings.PostListing(c, q))));
  m.push_back(Write<v1::TakeListingRequest>("Listings/TakeListing", Lane::kOrders, kTraders, TARGET(OfAccount(s, "account", q.account())),
                                            DOMAIN(s.listings.TakeListing(c, q))));
  m.push_back(Write<v1::WithdrawListingRequest>("Listings/WithdrawListing", Lane::kOrders, kTraders + Grants{{v1::BANK_APPROVER, kOwn}},
                                                TARGET(OfListing(s, "name", q.name())),
                                                DOMAIN(s.listings.WithdrawListing(c, q))));
  m.push_back(Write<v1::PostIntentRequest>("Negotiations/PostIntent", Lane::kOrders, kTraders, TARGET(OfAccount(s, "account", q.account())),
                                           DOMAIN(s.negotiations.PostIntent(c, q))));
  m.push_back(Write<v1::WithdrawIntentRequest>("Negotiations/WithdrawIntent", Lane::kOrders, kTraders, TARGET(OfIntent(s, "name", q.name())),
                                               DOMAIN(s.negotiations.WithdrawIntent(c, q))));
  m.push_back(Write<v1::MakeOfferRequest>("Negotiations/MakeOffer", Lane::kOrders, kTraders, TARGET(OfAccount(s, "account", q.account())),
                                          DOMAIN(s.negotiations.MakeOffer(c, q))));
  m.push_back(Write<v1::CounterOfferRequest>("Negotiations/CounterOffer", Lane::kOrders, kParties + kEnforcers, nullptr, DOMAIN(s.negotiations.CounterOffer(c, q))));
  m.push_back(Write<v1::ConfirmOfferRequest>("Negotiations/ConfirmOffer", Lane::kOrders, kParties + kEnforcers, nullptr, DOMAIN(s.negotiations.ConfirmOffer(c, q))));
  m.push_back(Write<v1::EndNegotiationRequest>("Negotiations/EndNegotiation", Lane::kOrders, kParties + kEnforcers, nullptr, DOMAIN(s.negotiations.EndNegotiation(c, q))));
}

// Who applies or bids acts for his own accounts; the exchange announces and cancels.
void AddAuctions(std::vector<Method>& m) {
  const Grants kTraders = {{v1::ENT_OPERATOR, kOwn}, {v1::RESERVE_MANAGER, kOwn}};
  const Grants kBidders = {{v1::ENT_OPERATOR, kOwn}};
  m.push_back(Write<v1::ApplyForAuctionRequest>("Auctions/ApplyForAuction", Lane::kRegistry, kTraders, TARGET(OfAccount(s, "account", q.account())),
                                                DOMAIN(s.auctions.ApplyForAuction(c, q))));
  m.push_back(Write<v1::AnnounceAuctionRequest>("Auctions/AnnounceAuction", Lane::kOperations, {{v1::EXCHANGE_OP, kAny}}, nullptr,
                                                DOMAIN(s.auctions.AnnounceAuction(c, q))));
  m.push_back(Write<v1::RegisterBidderRequest>("Auctions/RegisterBidder", Lane::kOrders, kBidders, TARGET(OfAccount(s, "account", q.account())),
                                               DOMAIN(s.auctions.RegisterBidder(c, q))));
  m.push_back(Write<v1::WithdrawBidderRequest>("Auctions/WithdrawBidder", Lane::kOrders, kBidders, TARGET(OfAccount(s, "account", q.account())),
                                               DOMAIN(s.auctions.WithdrawBidder(c, q))));
  m.push_back(Write<v1::PlaceBidRequest>("Auctions/PlaceBid", Lane::kOrders, kBidders, TARGET(OfAccount(s, "account", q.account())),
                                         DOMAIN(s.auctions.PlaceBid(c, q))));
  m.push_back(Write<v1::WithdrawBidRequest>("Auctions/WithdrawBid", Lane::kOrders, {{v1::ENT_OPERATOR, kAny}}, nullptr, DOMAIN(s.auctions.WithdrawBid(c, q))));
  m.push_back(Write<v1::ConsignRequest>("Auctions/Consign", Lane::kRegistry, kTraders, TARGET(OfAccount(s, "account", q.account())),
                                        DOMAIN(s.auctions.Consign(c, q))));
  m.push_back(Write<v1::WithdrawConsignmentRequest>("Auctions/WithdrawConsignment", Lane::kRegistry, {{v1::ENT_OPERATOR, kAny}, {v1::RESERVE_MANAGER, kAny}},
                                                    nullptr, DOMAIN(s.auctions.WithdrawConsignment(c, q))));
  m.push_back(Write<v1::PayAuctionRequest>("Auctions/PayAuction", Lane::kOrders, {{v1::ENT_OPERATOR, kAny}}, nullptr, DOMAIN(s.auctions.PayAuction(c, q))));
  m.push_back(Write<v1::CancelAuctionRequest>("Auctions/CancelAuction", Lane::kOperations, kTraders + Grants{{v1::EXCHANGE_OP, kAny}, {v1::BANK_APPROVER, kOwn}},
                                              TARGET(OfAuction(s, "name", q.name())), DOMAIN(s.auctions.CancelAuction(c, q))));
}

void AddTrades(std::vector<Method>& m) {
  const Grants kOfficers = {{v1::PERMIT_REVIEWER, kRegion}, {v1::PERMIT_APPROVER, kRegion}};
  const Grants kSettlers = {{v1::SETTLEMENT_OP, kAny}};
  m.push_back(Write<v1::TradeActRequest>("Trades/VerifyTrade", Lane::kRegistry, kOfficers, TARGET(OfTrade(s, "name", q.name())),
                                         DOMAIN(s.exchange.VerifyTrade(c, q))));
  m.push_back(Write<v1::TradeActRequest>("Trades/RejectTrade", Lane::kRegistry, kOfficers, TARGET(OfTrade(s, "name", q.name())),
                                         DOMAIN(s.exchange.RejectTrade(c, q))));
  m.push_back(Write<v1::TradeActRequest>("Trades/RecordPayment", Lane::kRegistry, kSettlers, nullptr, DOMAIN(s.exchange.RecordPayment(c, q))));
  m.push_back(Write<v1::TradeActRequest>("Trades/SettleTrade", Lane::kRegistry, kSettlers, nullptr, DOMAIN(s.exchange.SettleTrade(c, q))));
  m.push_back(Write<v1::SettleDayRequest>("Trades/SettleDay", Lane::kBulk, kSettlers, nullptr, DOMAIN(s.exchange.SettleDay(c, q))));
  m.push_back(Write<v1::TradeActRequest>("Trades/CompleteTrade", Lane::kRegistry, kOfficers, TARGET(OfTrade(s, "name", q.name())),
                                         DOMAIN(s.exchange.CompleteTrade(c, q))));
  m.back().cold = ColdTrade;
  m.push_back(Write<v1::TradeActRequest>("Trades/ReverseTrade", Lane::kRegistry, {{v1::COURT_LIAISON, kRegion}},
                                         TARGET(OfTrade(s, "name", q.name())), DOMAIN(s.exchange.ReverseTrade(c, q))));
  m.back().cold = ColdTrade;
  m.push_back(Write<v1::LiftTraderBarRequest>("Trades/LiftTraderBar", Lane::kRegistry, {{v1::PERMIT_APPROVER, kRegion}},
                                              TARGET(OfTraderBar(s, "name", q.name())), DOMAIN(s.exchange.LiftTraderBar(c, q))));
}

// The exchange sends, another person of the registry confirms (GEN-14). A party objects to trades of its own participant, which the exchange checks.
void AddSettlementDays(std::vector<Method>& m) {
  const Grants kSettlers = {{v1::SETTLEMENT_OP, kAny}};
  const Grants kRegistry = {{v1::REGISTRY_OP, kAny}};
  m.push_back(Write<v1::SendTradesRequest>("SettlementDays/SendTrades", Lane::kOperations, {{v1::EXCHANGE_OP, kAny}}, nullptr,
                                           DOMAIN(s.exchange.SendTrades(c, q))));
  m.push_back(Write<v1::ConfirmBatchRequest>("SettlementDays/ConfirmBatch", Lane::kOperations, kRegistry, nullptr, DOMAIN(s.exchange.ConfirmBatch(c, q))));
  m.push_back(Write<v1::FileObjectionRequest>("SettlementDays/FileObjection", Lane::kRegistry, {{v1::ENT_OPERATOR, kAny}, {v1::ENT_LEGAL_REP, kAny}}, nullptr,
                                              DOMAIN(s.exchange.FileObjection(c, q))));
  m.back().cold = ColdObjectedTrade;
  m.push_back(Write<v1::DecideObjectionRequest>("SettlementDays/DecideObjection", Lane::kRegistry, kRegistry + kSettlers, nullptr,
                                                DOMAIN(s.exchange.DecideObjection(c, q))));
  m.push_back(Write<v1::DeclareDefaultRequest>("SettlementDays/DeclareDefault", Lane::kRegistry, kSettlers, nullptr, DOMAIN(s.exchange.DeclareDefault(c, q))));
  m.push_back(Write<v1::DeliveryDefaultActRequest>("SettlementDays/TopUpDefault", Lane::kRegistry, {{v1::ENT_OPERATOR, kOwn}, {v1::ENT_LEGAL_REP, kOwn}},
                                                   TARGET(OfDeliveryDefault(s, "name", q.name())), DOMAIN(s.exchange.TopUpDefault(c, q))));
  m.push_back(Write<v1::DeliveryDefaultActRequest>("SettlementDays/CoverDefault", Lane::kRegistry, kSettlers, nullptr, DOMAIN(s.exchange.CoverDefault(c, q))));
  m.push_back(Write<v1::DeliveryDefaultActRequest>("SettlementDays/RecoverDefault", Lane::kRegistry, kSettlers, nullptr,
                                                   DOMAIN(s.exchange.RecoverDefault(c, q))));
  m.push_back(Write<v1::FundReserveRequest>("SettlementDays/FundReserve", Lane::kRegistry, kSettlers, nullptr, DOMAIN(s.exchange.FundReserve(c, q))));
  m.push_back(Write<v1::ResolveDifferenceRequest>("SettlementDays/ResolveDifference", Lane::kOperations, kRegistry, nullptr,
                                                  DOMAIN(s.exchange.ResolveDifference(c, q))));
}

// Rights that move otherwise than by trade: leases, recoveries, extinctions.
void AddRightsMovements(std::vector<Method>& m) {
  const Grants kSigners = {{v1::ENT_LEGAL_REP, kOwn}};
  const Grants kOfficers = {{v1::PERMIT_REVIEWER, kRegion}, {v1::PERMIT_APPROVER, kRegion}};
  const Grants kReserve = {{v1::RESERVE_MANAGER, kRegion}};
  const Grants kRecoverers = kReserve + Grants{{v1::PERMIT_REVIEWER, kRegion}};
  const auto lease = TARGET(OfLease(s, "name", q.name(), LeaseSide::kBoth));
  m.push_back(Write<v1::ProposeLeaseRequest>("Leases/ProposeLease", Lane::kRegistry, kSigners, TARGET(OfLot(s, "lot", q.lot())),
                                             DOMAIN(s.leases.ProposeLease(c, q))));
  m.push_back(Write<v1::LeaseActRequest>("Leases/AcceptLease", Lane::kRegistry, kSigners, TARGET(OfLease(s, "name", q.name(), LeaseSide::kLessee)),
                                         DOMAIN(s.leases.AcceptLease(c, q))));
  m.push_back(Write<v1::LeaseActRequest>("Leases/ApproveLease", Lane::kRegistry, kOfficers, lease, DOMAIN(s.leases.ApproveLease(c, q))));
  m.push_back(Write<v1::LeaseActRequest>("Leases/RejectLease", Lane::kRegistry, kOfficers, lease, DOMAIN(s.leases.RejectLease(c, q))));
  m.push_back(Write<v1::LeaseActRequest>("Leases/WithdrawLease", Lane::kRegistry, kSigners, lease, DOMAIN(s.leases.WithdrawLease(c, q))));

  const auto recovery = TARGET(OfRecovery(s, "name", q.name()));
  m.push_back(Write<v1::AnnounceRecoveryRequest>("Recoveries/AnnounceRecovery", Lane::kRegistry, kRecoverers, TARGET(OfLot(s, "lot", q.lot())),
                                                 DOMAIN(s.recoveries.AnnounceRecovery(c, q))));
  m.push_back(Write<v1::RecoveryActRequest>("Recoveries/AcceptRecovery", Lane::kRegistry, kSigners, recovery, DOMAIN(s.recoveries.AcceptRecovery(c, q))));
  m.push_back(Write<v1::RecoveryActRequest>("Recoveries/DeclineRecovery", Lane::kRegistry, kSigners, recovery, DOMAIN(s.recoveries.DeclineRecovery(c, q))));
  m.push_back(Write<v1::RecoveryActRequest>("Recoveries/ApproveRecovery", Lane::kRegistry, kReserve + Grants{{v1::PERMIT_APPROVER, kRegion}}, recovery,
                                            DOMAIN(s.recoveries.ApproveRecovery(c, q))));
  m.push_back(Write<v1::RecoveryActRequest>("Recoveries/ExecuteRecovery", Lane::kRegistry, kReserve, recovery, DOMAIN(s.recoveries.ExecuteRecovery(c, q))));
  m.push_back(Write<v1::RecoveryActRequest>("Recoveries/WithdrawRecovery", Lane::kRegistry, kRecoverers, recovery,
                                            DOMAIN(s.recoveries.WithdrawRecovery(c, q))));
  m.push_back(Write<v1::DeclareClosureRequest>("Recoveries/DeclareClosure", Lane::kRegistry, kSigners, TARGET(OfSite(s, "site", q.site())),
                                               DOMAIN(s.recoveries.DeclareClosure(c, q))));

  m.push_back(Write<v1::ExtinguishRightRequest>("Extinctions/ExtinguishRight", Lane::kRegistry, kSigners, TARGET(OfLot(s, "lot", q.lot())),
                                                DOMAIN(s.extinctions.ExtinguishRight(c, q))));
  m.push_back(Write<v1::ExtinguishRightRequest>("Extinctions/ExtinguishReserve", Lane::kRegistry, kReserve, TARGET(OfLot(s, "lot", q.lot())),
                                                DOMAIN(s.extinctions.ExtinguishReserve(c, q))));
  m.push_back(Write<v1::ReplaceForProjectRequest>("Extinctions/ReplaceForProject", Lane::kRegistry, kOfficers, TARGET(OfSite(s, "site", q.site())),
                                                  DOMAIN(s.extinctions.ReplaceForProject(c, q))));
  m.push_back(Write<v1::RecordAttainmentRequest>("Extinctions/RecordAttainment", Lane::kRegistry, {{v1::MONITOR_OFFICER, kRegion}},
                                                 TARGET(OfRegion("control_zone", q.control_zone())), DOMAIN(s.extinctions.RecordAttainment(c, q))));
}

// What regions decide about rights that come into them.
void AddRegionStatuses(std::vector<Method>& m) {
  const Grants kAuthorities = {{v1::MONITOR_OFFICER, kRegion}, {v1::PERMIT_APPROVER, kRegion}};
  const Grants kProvinces = {{v1::PERMIT_APPROVER, kRegion}};
  m.push_back(Write<v1::SetRegionStatusRequest>("RegionStatuses/SetRegionStatus", Lane::kRegistry, kAuthorities, TARGET(OfRegion("region", q.region())),
                                                DOMAIN(s.SetRegionStatus(c, q))));
  m.push_back(Write<v1::LiftRegionStatusRequest>("RegionStatuses/LiftRegionStatus", Lane::kRegistry, kAuthorities,
                                                 TARGET(OfRegionStatus(s, "name", q.name())), DOMAIN(s.region_statuses.LiftRegionStatus(c, q))));
  m.push_back(Write<v1::ApproveCrossingRequest>("RegionStatuses/ApproveCrossing", Lane::kRegistry, kProvinces, TARGET(OfRegion("province", q.province())),
                                                DOMAIN(s.region_statuses.ApproveCrossing(c, q))));
  m.push_back(Write<v1::WithdrawCrossingRequest>("RegionStatuses/WithdrawCrossing", Lane::kRegistry, kProvinces, TARGET(OfCrossing(s, "name", q.name())),
                                                 DOMAIN(s.WithdrawCrossing(c, q))));
}

void AddPrices(std::vector<Method>& m) {
  m.push_back(Write<v1::PublishBasePriceRequest>("BasePrices/PublishBasePrice", Lane::kRegistry, {{v1::PRICE_AUTHORITY, kRegion}},
                                                 TARGET(OfRegion("base_price.control_zone", q.base_price().control_zone())),
                                                 DOMAIN(s.PublishBasePrice(c, q))));
  const Grants kPrices = {{v1::PRICE_AUTHORITY, kRegion}};
  const auto proposal = TARGET(OfPriceProposal(s, "name", q.name()));
  m.push_back(Write<v1::LoadPriceMethodRequest>("PriceProposals/LoadPriceMethod", Lane::kRegistry, {{v1::SYSTEM_OP, kAny}, {v1::REGISTRY_OP, kAny}}, nullptr,
                                                DOMAIN(s.price_methods.LoadPriceMethod(c, q))));
  m.push_back(Write<v1::DraftBasePriceRequest>("PriceProposals/DraftBasePrice", Lane::kRegistry, kPrices,
                                               TARGET(OfRegion("control_zone", q.control_zone())),
                                               DOMAIN(s.price_proposals.DraftBasePrice(c, q, s))));
  m.push_back(Write<v1::PriceProposalActRequest>("PriceProposals/OpenPriceConsultation", Lane::kRegistry, kPrices, proposal,
                                                 DOMAIN(s.price_proposals.OpenPriceConsultation(c, q))));
  m.push_back(Write<v1::RecordPriceOpinionRequest>("PriceProposals/RecordPriceOpinion", Lane::kRegistry, kPrices, proposal,
                                                   DOMAIN(s.price_proposals.RecordPriceOpinion(c, q))));
  m.push_back(Write<v1::SignPriceProposalRequest>("PriceProposals/SignPriceProposal", Lane::kRegistry, kPrices, proposal,
                                                  DOMAIN(s.price_proposals.SignPriceProposal(c, q))));
  m.push_back(Write<v1::PublishPriceProposalRequest>("PriceProposals/PublishPriceProposal", Lane::kRegistry, kPrices, proposal,
                                                     DOMAIN(s.PublishPriceProposal(c, q))));
  m.push_back(Write<v1::PriceProposalActRequest>("PriceProposals/WithdrawPriceProposal", Lane::kRegistry, kPrices, proposal,
                                                 DOMAIN(s.price_proposals.WithdrawPriceProposal(c, q))));
  m.push_back(Write<v1::RecordPriceIndexRequest>("PriceProposals/RecordPriceIndex", Lane::kRegistry, {{v1::PRICE_AUTHORITY, kAny}}, nullptr,
                                                 DOMAIN(s.price_proposals.RecordPriceIndex(c, q))));
}

void AddPledges(std::vector<Method>& m) {
  const Grants kRegistry = {{v1::REGISTRY_OP, kAny}, {v1::PERMIT_REVIEWER, kRegion}};
  const Grants kPledgor = {{v1::ENT_LEGAL_REP, kOwn}};
  const Grants kBank = {{v1::BANK_APPROVER, kOwn}};
  const auto of_pledgor = TARGET(OfPledge(s, "name", q.name(), PledgeSide::kPledgor));
  const auto of_bank = TARGET(OfPledge(s, "name", q.name(), PledgeSide::kPledgee));
  const auto of_both = TARGET(OfPledge(s, "name", q.name(), PledgeSide::kBoth));
  const auto add = [&m]<class Request>(std::string name, const Grants& grants, auto target, auto domain) {
    m.push_back(Write<Request>("Pledges/" + std::move(name), Lane::kRegistry, grants, target, domain));
  };
  add.operator()<v1::ApplyPledgeRequest>("ApplyPledge", kPledgor, TARGET(OfLot(s, "lot", q.lot())), DOMAIN(s.pledges.ApplyPledge(c, q)));
  add.operator()<v1::VerifyPledgeRequest>("VerifyPledge", kRegistry, of_pledgor, DOMAIN(s.pledges.VerifyPledge(c, q)));
  add.operator()<v1::PledgeActRequest>("RejectPledge", kRegistry, of_pledgor, DOMAIN(s.pledges.RejectPledge(c, q)));
  add.operator()<v1::ApprovePledgeRequest>("ApprovePledge", kBank, of_bank, DOMAIN(s.pledges.ApprovePledge(c, q)));
  add.operator()<v1::PledgeActRequest>("DeclinePledge", kBank, of_bank, DOMAIN(s.pledges.DeclinePledge(c, q)));
  add.operator()<v1::PledgeActRequest>("ConfirmPledge", kPledgor, of_pledgor, DOMAIN(s.pledges.ConfirmPledge(c, q)));
  add.operator()<v1::PledgeActRequest>("ReleasePledge", kBank, of_bank, DOMAIN(s.pledges.ReleasePledge(c, q)));
  add.operator()<v1::ReleasePledgedUnitsRequest>("ReleasePledgedUnits", kBank, of_bank, DOMAIN(s.pledges.ReleasePledgedUnits(c, q)));
  add.operator()<v1::RecordRegistrationRequest>("RecordRegistration", kBank + Grants{{v1::BANK_OFFICER, kOwn}}, of_bank, DOMAIN(s.pledges.RecordRegistration(c, q)));
  add.operator()<v1::CancelUnifiedRegistrationRequest>("CancelUnifiedRegistration", kBank + Grants{{v1::BANK_OFFICER, kOwn}}, of_bank,
                                                       DOMAIN(s.pledges.CancelUnifiedRegistration(c, q)));
  add.operator()<v1::ReportBalanceRequest>("ReportBalance", kBank + Grants{{v1::BANK_OFFICER, kOwn}}, of_bank, DOMAIN(s.pledges.ReportBalance(c, q)));
  add.operator()<v1::ProposeAmendmentRequest>("ProposeAmendment", kBank, of_bank, DOMAIN(s.pledges.ProposeAmendment(c, q)));
  add.operator()<v1::PledgeActRequest>("AgreeAmendment", kPledgor, of_pledgor, DOMAIN(s.pledges.AgreeAmendment(c, q)));
  add.operator()<v1::PledgeActRequest>("EndAmendment", kBank + kPledgor, of_both, DOMAIN(s.pledges.EndAmendment(c, q)));
  add.operator()<v1::AddPledgedUnitsRequest>("AddPledgedUnits", kPledgor, of_pledgor, DOMAIN(s.pledges.AddPledgedUnits(c, q)));
  add.operator()<v1::GrantConsentRequest>("GrantConsent", kBank, of_bank, DOMAIN(s.pledges.GrantConsent(c, q)));
  add.operator()<v1::ConsentActRequest>("RevokeConsent", kBank, TARGET(OfConsent(s, "name", q.name())), DOMAIN(s.pledges.RevokeConsent(c, q)));
  add.operator()<v1::DefaultNoticeRequest>("GiveDefaultNotice", kBank, of_bank, DOMAIN(s.pledges.GiveDefaultNotice(c, q)));
  add.operator()<v1::PledgeActRequest>("CurePledge", kBank, of_bank, DOMAIN(s.pledges.CurePledge(c, q)));
  add.operator()<v1::EnforcePledgeRequest>("EnforcePledge", kBank + Grants{{v1::COURT_LIAISON, kAny}}, of_bank, DOMAIN(s.pledges.EnforcePledge(c, q)));
  add.operator()<v1::OfferPledgedUnitsRequest>("OfferPledgedUnits", kBank + kPledgor, of_both, DOMAIN(s.pledge_sales.OfferPledgedUnits(c, q)));
  add.operator()<v1::AbandonEnforcementRequest>("AbandonEnforcement", kBank, of_bank, DOMAIN(s.pledges.AbandonEnforcement(c, q)));
  add.operator()<v1::PledgeActRequest>("CloseEnforcement", {{v1::REGISTRY_OP, kAny}}, nullptr, DOMAIN(s.pledges.CloseEnforcement(c, q)));
  add.operator()<v1::FlagInsolvencyRequest>("FlagInsolvency", {{v1::COURT_LIAISON, kAny}}, nullptr, DOMAIN(s.pledges.FlagInsolvency(c, q)));
}

// The bank's desk. By what right a bank, a court or the registry inquires, the inquiry itself looks at (engine/due_diligence.h).
void AddCollateral(std::vector<Method>& m) {
  const Grants kSigners = {{v1::ENT_LEGAL_REP, kOwn}};
  const Grants kInquirers = {{v1::BANK_OFFICER, kAny}, {v1::BANK_APPROVER, kAny}, {v1::ENT_LEGAL_REP, kOwn},     {v1::COURT_LIAISON, kAny},
                             {v1::REGISTRY_OP, kAny},  {v1::AUDITOR, kAny},       {v1::PERMIT_REVIEWER, kRegion}};
  const auto enterprise = TARGET(OfEnterprise(s, "enterprise", q.enterprise()));
  m.push_back(Write<v1::GrantAuthorisationRequest>("Collateral/GrantAuthorisation", Lane::kRegistry, kSigners, enterprise,
                                                   DOMAIN(s.authorisations.GrantAuthorisation(c, q))));
  m.push_back(Write<v1::RecordInsuranceRequest>("Collateral/RecordInsurance", Lane::kRegistry, kSigners,
                                                TARGET(OfEnterprise(s, "insurance.enterprise", q.insurance().enterprise())),
                                                DOMAIN(s.insurances.RecordInsurance(c, q))));
  m.push_back(Write<v1::RevokeAuthorisationRequest>("Collateral/RevokeAuthorisation", Lane::kRegistry, kSigners, TARGET(OfAuthorisation(s, "name", q.name())),
                                                    DOMAIN(s.authorisations.RevokeAuthorisation(c, q))));
  m.push_back(Write<v1::InquireCollateralRequest>("Collateral/InquireCollateral", Lane::kRegistry, kInquirers, enterprise, DOMAIN(InquireCollateral(s, c, q))));
}

void AddOperations(std::vector<Method>& m) {
  const Grants kSystem = {{v1::SYSTEM_OP, kAny}};
  m.push_back(Write<v1::AdvanceClockRequest>("Operations/AdvanceClock", Lane::kOperations, kSystem, nullptr, DOMAIN(s.AdvanceClock(c, q))));
  m.push_back(Write<v1::ConfirmClockRequest>("Operations/ConfirmClock", Lane::kOperations, kSystem, nullptr, DOMAIN(s.ConfirmClock(c, q))));
  m.push_back(Write<v1::SwitchLogicVersionRequest>("Operations/SwitchLogicVersion", Lane::kOperations, kSystem, nullptr,
                                                   DOMAIN(s.SwitchLogicVersion(c, q))));
}

std::vector<Method> MakeMethods() {
  std::vector<Method> methods;
  AddParticipants(methods);
  AddLedger(methods);
  AddRights(methods);
  AddDayOne(methods);
  AddRegistryControls(methods);
  AddBankStatements(methods);
  AddPermits(methods);
  AddImports(methods);
  AddLaw(methods);
  AddApplications(methods);
  AddExchange(methods);
  AddOffBook(methods);
  AddAuctions(methods);
  AddTrades(methods);
  AddSettlementDays(methods);
  AddRightsMovements(methods);
  AddRegionStatuses(methods);
  AddPrices(methods);
  AddPledges(methods);
  AddOperations(methods);
  AddCollateral(methods);
  AddProofs(methods);
  AddReads(methods);
  return methods;
}

}  // namespace

const std::vector<Method>& Methods() {
  static const auto* methods = new std::vector<Method>(MakeMethods());
  return *methods;
}

}  // namespace songhua::api
