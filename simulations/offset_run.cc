#include "simulations/offset_run.h"

#include <algorithm>
#include <chrono>

#include "ledger/refusal.h"
#include "simulations/uk_ets_plan.h"

namespace songhua::simulations {
namespace {

using AsyncLedger = v1::Ledger::StubInterface::async_interface;
using AsyncParticipants = v1::Participants::StubInterface::async_interface;

constexpr char kOffsetUnit[] = "CO2E";
constexpr char kOffsetZone[] = "WORLD";
constexpr char kOffsetGroup[] = "CREDITS";
constexpr char kOffsetSeat[] = "220000";  // participants need a region; no rule of these programs looks at it

using RetireMethod = ReplayClient::Method<AsyncLedger, v1::RetireUnitsRequest, v1::TransactionAnswer>;
RetireMethod MethodOf(OffsetAct act) {
  if (act == OffsetAct::kRetire) return &AsyncLedger::SurrenderUnits;
  return &AsyncLedger::CancelUnits;
}

std::string ProgramOf(const std::string& registry) { return "programs/offsets-" + registry; }

std::string TotalsText(const v1::Instrument& total) {
  return "issued " + std::to_string(total.issued()) + " held " + std::to_string(total.held()) + " retired " +
         std::to_string(total.surrendered()) + " cancelled " + std::to_string(total.cancelled());
}

int64_t MillisecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

OffsetRun::OffsetRun(const OffsetPlan& plan, const std::vector<OffsetRecord>& records)
    : plan_(plan),
      records_(records),
      opened_(plan.issuances.size()),
      issuance_refusals_(plan.issuances.size()),
      issues_(plan.issues.size()),
      acts_(plan.acts.size()),
      remainders_(plan.issuances.size()) {}

OffsetRun::~OffsetRun() = default;

absl::Status OffsetRun::Prepare() {
  const auto begin = std::chrono::steady_clock::now();
  int32_t last_year = 2000;
  for (const auto& [registry, years] : plan_.years_of_registry) last_year = std::max(last_year, *years.rbegin());
  SONGHUA_ASSIGN_OR_RETURN(service_, ReplayService::Start(MakeDate(last_year + 1, 1, 4)));
  SONGHUA_ASSIGN_OR_RETURN(registry_, service_->RegistryToken());
  SONGHUA_RETURN_IF_ERROR(LoadPrograms());
  OpenAccounts();
  Issue();
  milliseconds_ += MillisecondsSince(begin);
  return absl::OkStatus();
}

absl::Status OffsetRun::Run(const std::vector<size_t>& order) {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<bool> under_way(plan_.issuances.size(), false);
  for (size_t act : order) {
    while (under_way[plan_.acts[act].issuance]) client().HandOverOne();
    StartAct(act, &under_way);
  }
  client().Drain();
  SecondAttempts();
  SONGHUA_RETURN_IF_ERROR(ReadLedger());
  SONGHUA_ASSIGN_OR_RETURN(ledger_faults_, service_->Reconcile());
  milliseconds_ += MillisecondsSince(begin);
  return absl::OkStatus();
}

absl::Status OffsetRun::LoadPrograms() {
  for (const auto& [registry, years] : plan_.years_of_registry) {
    v1::LoadProgramRequest load;
    v1::Program* program = load.mutable_program();
    program->set_name(ProgramOf(registry));
    program->set_display_name("Offset credits of " + registry);
    program->set_form(v1::SERIAL);
    program->set_unit("t");
    program->set_quoted_unit_steps(1);
    program->add_pollutants(kOffsetUnit);
    program->add_control_zones(kOffsetZone);
    program->add_trading_groups()->set_code(kOffsetGroup);
    program->set_floor_policy(v1::NONE);
    program->set_first_year(*years.begin());
    program->set_last_year(*years.rbegin());
    SONGHUA_RETURN_IF_ERROR(client().Call(&AsyncLedger::LoadProgram, service_->ledger(), registry_, load).status());
  }
  return absl::OkStatus();
}

void OffsetRun::OpenAccounts() {
  for (size_t i = 0; i < plan_.issuances.size(); ++i) {
    v1::CreateParticipantRequest request;
    request.mutable_participant()->set_name("participants/" + plan_.issuances[i].uscc);
    request.mutable_participant()->set_kind(v1::ENTERPRISE);
    request.mutable_participant()->set_display_name(DisplayName(plan_.issuances[i].reference));
    request.mutable_participant()->set_region(kOffsetSeat);
    client().Start(&AsyncParticipants::CreateParticipant, service_->participants(), service_->operator_token(), request,
                   [this, i](absl::StatusOr<v1::ParticipantAnswer> answer) {
                     if (!answer.ok()) issuance_refusals_[i] = Described(answer.status());
                   });
  }
  client().Drain();
  for (size_t i = 0; i < plan_.issuances.size(); ++i) {
    if (!issuance_refusals_[i].empty()) continue;
    v1::OpenAccountRequest request;
    request.set_kind(v1::REGISTRY);
    request.set_participant("participants/" + plan_.issuances[i].uscc);
    client().Start(&AsyncLedger::OpenAccount, service_->ledger(), registry_, request, [this, i](absl::StatusOr<v1::AccountAnswer> answer) {
      if (answer.ok()) {
        opened_[i].account = answer->account().name();
      } else {
        issuance_refusals_[i] = Described(answer.status());
      }
    });
  }
  client().Drain();
}

void OffsetRun::Issue() {
  std::vector<ActOutcome> implied(plan_.issuances.size());
  for (size_t i = 0; i < plan_.issuances.size(); ++i) {
    if (plan_.issuances[i].implied) IssueOne(i, plan_.issuances[i].first, plan_.issuances[i].last, &implied[i]);
  }
  client().Drain();
  for (size_t i = 0; i < implied.size(); ++i) {
    if (plan_.issuances[i].implied && issuance_refusals_[i].empty() && !implied[i].accepted) issuance_refusals_[i] = implied[i].refusal;
  }
  // Those that the lists hold, in file order: which of two that overlap is refused depends on it.
  for (size_t i = 0; i < plan_.issues.size(); ++i) {
    IssueOne(plan_.issues[i].issuance, plan_.issues[i].range.start, plan_.issues[i].range.end, &issues_[i]);
    client().Drain();
  }
}

void OffsetRun::IssueOne(size_t issuance, int64_t start, int64_t end, ActOutcome* outcome) {
  if (opened_[issuance].account.empty()) {
    outcome->refusal = "its account could not be opened";
    return;
  }
  v1::IssueUnitsRequest request;
  request.set_program(ProgramOf(plan_.issuances[issuance].registry));
  request.set_pollutant(kOffsetUnit);
  request.set_control_zone(kOffsetZone);
  request.set_trading_group(kOffsetGroup);
  request.set_vintage(plan_.issuances[issuance].vintage);
  request.set_quantity(end - start + 1);
  request.set_serial_start(start);
  request.set_to_account(opened_[issuance].account);
  request.set_issuance_reference(plan_.issuances[issuance].reference);
  client().Start(&AsyncLedger::IssueUnits, service_->ledger(), registry_, request,
                 [this, issuance, outcome](absl::StatusOr<v1::TransactionAnswer> answer) {
                   outcome->accepted = answer.ok();
                   if (!answer.ok()) {
                     outcome->refusal = Described(answer.status());
                     return;
                   }
                   const v1::Lot& lot = answer->lots(0);
                   opened_[issuance].lot = lot.name();
                   opened_[issuance].issuance = lot.blocks(0).issuance();
                 });
}

v1::RetireUnitsRequest OffsetRun::RequestOf(const PlannedAct& act) const {
  v1::RetireUnitsRequest request;
  request.set_from_lot(opened_[act.issuance].lot);
  request.set_quantity(act.range.size());
  request.mutable_block()->set_issuance(opened_[act.issuance].issuance);
  request.mutable_block()->set_start(act.range.start);
  request.mutable_block()->set_end(act.range.end);
  if (act.act == OffsetAct::kRetire) request.set_obligation_year(act.year);
  const std::string& reason = records_[act.record].reason;
  request.set_reason(reason.empty() ? std::string(OffsetActName(act.act)) : DisplayName(reason));
  return request;
}

void OffsetRun::StartAct(size_t act, std::vector<bool>* under_way) {
  const PlannedAct& planned = plan_.acts[act];
  if (opened_[planned.issuance].lot.empty()) {
    acts_[act].refusal = "nothing of its issuance could be issued";
    return;
  }
  (*under_way)[planned.issuance] = true;
  client().Start(MethodOf(planned.act), service_->ledger(), registry_, RequestOf(planned),
                 [this, act, under_way](absl::StatusOr<v1::TransactionAnswer> answer) {
                   (*under_way)[plan_.acts[act].issuance] = false;
                   acts_[act].accepted = answer.ok();
                   if (!answer.ok()) acts_[act].refusal = Described(answer.status());
                 });
}

// Their order does not matter: none is to succeed.
void OffsetRun::SecondAttempts() {
  const auto refused = [](ActOutcome* outcome) {
    return [outcome](absl::StatusOr<v1::TransactionAnswer> answer) {
      outcome->second_refused = !answer.ok();
      if (!answer.ok()) outcome->second_reason = ReasonOf(answer.status());
    };
  };
  for (size_t i = 0; i < acts_.size(); ++i) {
    if (!acts_[i].accepted) continue;
    client().Start(MethodOf(plan_.acts[i].act), service_->ledger(), registry_, RequestOf(plan_.acts[i]), refused(&acts_[i]));
  }
  client().Drain();
  std::vector<ActOutcome> again(issues_.size());
  for (size_t i = 0; i < issues_.size(); ++i) {
    if (issues_[i].accepted) IssueOne(plan_.issues[i].issuance, plan_.issues[i].range.start, plan_.issues[i].range.end, &again[i]);
  }
  client().Drain();
  for (size_t i = 0; i < issues_.size(); ++i) {
    issues_[i].second_refused = issues_[i].accepted && !again[i].accepted;
    issues_[i].second_reason = again[i].refusal;
  }
}

absl::Status OffsetRun::ReadLedger() {
  absl::Status failed;
  for (size_t i = 0; i < opened_.size(); ++i) {
    if (opened_[i].lot.empty()) continue;
    v1::GetLotRequest request;
    request.mutable_options()->set_at_least_sequence(client().last_sequence());
    request.set_name(opened_[i].lot);
    client().Start(&AsyncLedger::GetLot, service_->ledger(), registry_, request, [this, i, &failed](absl::StatusOr<v1::LotAnswer> answer) {
      if (!answer.ok()) {
        failed = answer.status();
        return;
      }
      for (const v1::SerialBlock& block : answer->lot().blocks()) remainders_[i].Add(block.start(), block.end());
    });
  }
  client().Drain();
  SONGHUA_RETURN_IF_ERROR(failed);
  std::string page;
  do {
    v1::ListInstrumentsRequest request;
    if (page.empty()) request.mutable_options()->set_at_least_sequence(client().last_sequence());
    request.mutable_page()->set_page_size(1000);
    request.mutable_page()->set_page_token(page);
    SONGHUA_ASSIGN_OR_RETURN(const v1::ListInstrumentsAnswer answer,
                             client().Call(&AsyncLedger::ListInstruments, service_->ledger(), registry_, request));
    for (const v1::Instrument& total : answer.instruments()) totals_[total.code()] = TotalsText(total);
    page = answer.next_page_token();
  } while (!page.empty());
  return absl::OkStatus();
}

}  // namespace songhua::simulations
