#include "simulations/pledge_province.h"

#include <memory>
#include <utility>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "simulations/day_market.h"
#include "simulations/engine_reader.h"
#include "songhua/v1/base_prices.pb.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/participants.pb.h"
#include "songhua/v1/pledges.pb.h"

namespace songhua::simulations {
namespace {

constexpr char kRegistry[] = "registrar";
constexpr char kPlanner[] = "rights-planner";
constexpr char kPricer[] = "price-authority";
constexpr char kReserve[] = "accounts/rights.reserve.220100";
constexpr char kZone[] = "220100";
constexpr char kFirstDay[] = "2026-01-01";
constexpr char kLastDay[] = "2030-12-31";
constexpr char kLoanEnds[] = "2029-12-31";
constexpr int64_t kRightGrams = 100'000;  // a year
constexpr int kBankNumber = 200'000'000;  // beyond the enterprises'

std::string Bank() { return "participants/" + DayEnterprise(kBankNumber); }

}  // namespace

PledgeProvince::PledgeProvince(api::Engine* engine, const PledgeProvinceOptions& options)
    : options_(options),
      engine_(engine),
      permits_(engine, {.permits = options.pledges,
                        .outlets = 1,
                        .pollutants = 1,
                        .cases = 0,
                        .sites_of_enterprise = options.sites_of_enterprise,
                        .day = options.day}) {}

absl::Status PledgeProvince::AddProgram() {
  auto request = std::make_unique<v1::LoadProgramRequest>();
  v1::Program& program = *request->mutable_program();
  program.set_name("programs/rights");
  program.set_display_name("Discharge rights");
  program.set_form(v1::RIGHT);
  program.set_unit("g/a");
  program.set_quoted_unit_steps(1'000'000);
  program.add_pollutants("SO2");
  program.add_control_zones(kZone);
  v1::TradingGroup* group = program.add_trading_groups();
  group->set_code("INDUSTRY");
  group->add_sector_classes("INDUSTRY");
  program.set_floor_policy(v1::NONE);
  program.set_first_year(2026);
  program.set_last_year(2035);
  program.set_term_years_max(5);
  SONGHUA_RETURN_IF_ERROR(requests().Call("Ledger/LoadProgram", kRegistry, std::move(request)));

  auto publish = std::make_unique<v1::PublishBasePriceRequest>();
  v1::BasePrice& price = *publish->mutable_base_price();
  price.set_program("programs/rights");
  price.set_pollutant("SO2");
  price.set_control_zone(kZone);
  price.set_price_basis("PER_T_YEAR");
  price.set_price_fen(300'000);
  price.set_effective_from(FormatDate(options_.day));
  price.set_document_reference("bench");
  return requests().Call("BasePrices/PublishBasePrice", kPricer, std::move(publish));
}

absl::Status PledgeProvince::AddRights() {
  auto reserve = std::make_unique<v1::OpenAccountRequest>();
  reserve->set_kind(v1::RESERVE);
  reserve->set_participant(std::string("participants/") + PermitProvince::kOffice);
  reserve->set_program("programs/rights");
  reserve->set_control_zone(kZone);
  SONGHUA_RETURN_IF_ERROR(requests().Call("Ledger/OpenAccount", kRegistry, std::move(reserve)));
  auto issue = std::make_unique<v1::IssueUnitsRequest>();
  issue->set_program("programs/rights");
  issue->set_pollutant("SO2");
  issue->set_control_zone(kZone);
  issue->set_trading_group("INDUSTRY");
  issue->set_quantity(2 * kRightGrams * options_.pledges);
  issue->set_to_account(kReserve);
  issue->set_valid_from(kFirstDay);
  issue->set_valid_to(kLastDay);
  SONGHUA_RETURN_IF_ERROR(requests().Call("Ledger/IssueUnits", kRegistry, std::move(issue)));

  EngineReader reader(engine_);
  SONGHUA_RETURN_IF_ERROR(reader.SignIn(kRegistry));
  v1::ListLotsRequest list;
  list.set_account(kReserve);
  SONGHUA_ASSIGN_OR_RETURN(const auto lots, reader.Read<v1::ListLotsAnswer>("Ledger/ListLots", list));
  SONGHUA_CHECK(lots.lots_size() == 1);
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t issued, ledger::ParseNumberedName("lot", "lots", lots.lots(0).name()));
  first_lot_ = issued + 1;
  for (int site = 0; site < options_.pledges; ++site) {
    auto grant = std::make_unique<v1::AllocateRightRequest>();
    grant->set_from_lot(lots.lots(0).name());
    grant->set_to_account("accounts/" + permits_.SiteId(site) + ".rights");
    grant->set_quantity(kRightGrams);
    grant->set_valid_from(kFirstDay);
    grant->set_valid_to(kLastDay);
    grant->set_source("INITIAL_PAID");
    grant->set_cost_fen(100'000);
    requests().Submit("Ledger/AllocateRight", kPlanner, std::move(grant));
  }
  return requests().Drained();
}

absl::Status PledgeProvince::Build() {
  SONGHUA_RETURN_IF_ERROR(permits_.Build());
  auto bank = std::make_unique<v1::CreateParticipantRequest>();
  bank->mutable_participant()->set_name(Bank());
  bank->mutable_participant()->set_kind(v1::BANK);
  bank->mutable_participant()->set_display_name("Bank");
  bank->mutable_participant()->set_region("220000");
  SONGHUA_RETURN_IF_ERROR(requests().Call("Participants/CreateParticipant", "operator", std::move(bank)));
  permits_.AddPerson(kBanker, DayEnterprise(kBankNumber), {v1::BANK_OFFICER, v1::BANK_APPROVER}, "");
  permits_.AddPerson(kPricer, PermitProvince::kOffice, {v1::PRICE_AUTHORITY}, "220000");
  SONGHUA_RETURN_IF_ERROR(permits_.AddPlanner(kPlanner));
  SONGHUA_RETURN_IF_ERROR(AddProgram());
  SONGHUA_RETURN_IF_ERROR(permits_.StageImport());
  SONGHUA_RETURN_IF_ERROR(permits_.ApproveImport());
  return AddRights();
}

absl::Status PledgeProvince::Pledge() {
  for (int pledge = 0; pledge < options_.pledges; ++pledge) {
    auto apply = std::make_unique<v1::ApplyPledgeRequest>();
    apply->set_lot(ledger::MakeName("lots", first_lot_ + static_cast<uint64_t>(pledge)));
    apply->set_quantity(kRightGrams);
    apply->set_pledgee(Bank());
    apply->set_form(v1::MORTGAGE);
    requests().Submit("Pledges/ApplyPledge", permits_.SignerOf(pledge), std::move(apply));
  }
  SONGHUA_RETURN_IF_ERROR(requests().Drained());
  for (int pledge = 0; pledge < options_.pledges; ++pledge) {
    auto verify = std::make_unique<v1::VerifyPledgeRequest>();
    verify->set_name(PledgeName(pledge));
    requests().Submit("Pledges/VerifyPledge", kRegistry, std::move(verify));
  }
  SONGHUA_RETURN_IF_ERROR(requests().Drained());
  for (int pledge = 0; pledge < options_.pledges; ++pledge) {
    auto approve = std::make_unique<v1::ApprovePledgeRequest>();
    approve->set_name(PledgeName(pledge));
    approve->set_principal_fen(PrincipalFen(pledge));
    approve->set_rate_bps(435);
    approve->set_term_start(FormatDate(options_.day));
    approve->set_term_end(kLoanEnds);
    approve->set_contract_number("JL-" + std::to_string(pledge + 1));
    approve->set_unified_registry_number("ZD-" + std::to_string(pledge + 1));
    requests().Submit("Pledges/ApprovePledge", kBanker, std::move(approve));
  }
  SONGHUA_RETURN_IF_ERROR(requests().Drained());
  for (int pledge = 0; pledge < options_.pledges; ++pledge) {
    auto confirm = std::make_unique<v1::PledgeActRequest>();
    confirm->set_name(PledgeName(pledge));
    requests().Submit("Pledges/ConfirmPledge", permits_.SignerOf(pledge), std::move(confirm));
  }
  return requests().Drained();
}

}  // namespace songhua::simulations
