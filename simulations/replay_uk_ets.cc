#include "simulations/replay_uk_ets.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "ledger/refusal.h"
#include "simulations/replay_service.h"
#include "simulations/uk_ets_plan.h"
#include "songhua/v1/compliance.grpc.pb.h"

namespace songhua::simulations {
namespace {

using AsyncLedger = v1::Ledger::StubInterface::async_interface;
using AsyncParticipants = v1::Participants::StubInterface::async_interface;
using AsyncCompliance = v1::Compliance::StubInterface::async_interface;

constexpr char kProgram[] = "programs/uk-ets";
constexpr char kUnit[] = "CO2E";
constexpr char kZone[] = "UK";
constexpr char kGroup[] = "ALL";
constexpr char kReserve[] = "accounts/uk-ets.reserve.UK";
constexpr char kAuthority[] = "uk-ets-authority";
// Participants are seated in a region of GB/T 2260, of which Britain has none: the service's own province stands for it. No rule of a
// program without regional control zones looks at it.
constexpr char kSeat[] = "220000";
// The most that the ledger issues in one act.
constexpr int64_t kIssuedAtOnceMax = kPublishedQuantityMax;

// What the service holds of one planned account.
struct Opened {
  std::string account;                   // "accounts/{uscc}.registry"; empty: it could not be opened
  std::map<int32_t, std::string> lots;   // by vintage
  std::map<int32_t, int64_t> allocated;  // by vintage, from its statement
  int64_t surrendered = 0;               // from its statement
  v1::ComplianceRecord record;
  bool stated = false, assessed = false;  // statement and record were read whole
};

// "uk-ets/CO2E/UK/ALL/2021" -> 2021
int32_t VintageOf(const std::string& instrument) { return ReadYear(instrument.substr(instrument.rfind('/') + 1)); }

// The status of a year that follows from the service's record and the published years of operation: NOT_APPLICABLE before the first; C
// where an obligated year up to then has no figure; after the last year what the sums say; otherwise the service's own.
std::string OurStatus(const ComplianceAccount& account, const v1::ComplianceRecord& record, int32_t year) {
  if (account.first_year > year) return "NOT_APPLICABLE";
  const int32_t first = account.FirstObligation();
  const int32_t last = account.last_year == 0 ? year : std::min(year, account.last_year);
  std::string status = "NOT_APPLICABLE";
  bool excluded = true;
  for (const v1::ComplianceYear& entry : record.years()) {
    if (entry.year() >= first && entry.year() <= last) {
      if (!entry.recorded()) return "C";
      excluded &= entry.excluded();
      status = entry.status();
    }
    if (entry.year() == year && year > last && !excluded) {
      status = entry.cumulative_surrenders() >= entry.cumulative_emissions() ? "A" : "B";
    }
  }
  return status;
}

class UkEtsReplay {
 public:
  UkEtsReplay(const ComplianceReport& report, const AllocationTable& allocation, Comparison* comparison)
      : report_(report),
        allocation_(allocation),
        plan_(MakeUkEtsPlan(report, allocation)),
        opened_(plan_.accounts.size()),
        comparison_(comparison) {}

  absl::Status Run() {
    const auto begin = std::chrono::steady_clock::now();
    // The first of May after the last year: its deadline, 30 April, has passed.
    SONGHUA_ASSIGN_OR_RETURN(service_, ReplayService::Start(MakeDate(report_.last_year() + 1, 5, 1)));
    compliance_ = v1::Compliance::NewStub(service_->channel());
    SONGHUA_RETURN_IF_ERROR(SetUp());
    OpenAccounts();
    SONGHUA_RETURN_IF_ERROR(FillReserve());
    Allocate();
    Buy();
    RecordEmissions();
    Surrender();
    ReadBack();
    SONGHUA_RETURN_IF_ERROR(ReadTotals());
    SONGHUA_ASSIGN_OR_RETURN(const std::vector<std::string> faults, service_->Reconcile());
    for (const std::string& fault : faults) comparison_->Failed("ledger", "reconciliation", fault);
    milliseconds_ = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count();
    return absl::OkStatus();
  }

  void CompareAll() {
    for (size_t i = 0; i < plan_.accounts.size(); ++i) {
      if (plan_.accounts[i].compliance != nullptr) CompareCompliance(*plan_.accounts[i].compliance, opened_[i]);
    }
    std::map<const AllocatedInstallation*, const Opened*> by_row;
    for (size_t i = 0; i < plan_.accounts.size(); ++i) by_row[plan_.accounts[i].allocation] = &opened_[i];
    for (const AllocatedInstallation& row : allocation_.installations) CompareAllocation(row, *by_row.at(&row));
  }

  void PrintSummary(std::ostream& out) const {
    const auto span = [](const std::vector<int32_t>& years) {
      return years.empty() ? std::string("no years") : std::to_string(years.front()) + "-" + std::to_string(years.back());
    };
    out << "UK ETS replay: " << report_.accounts.size() << " accounts (" << span(report_.years) << "), " << allocation_.installations.size()
        << " allocated installations (" << span(allocation_.years) << ")\n"
        << "  accounts   " << plan_.accounts.size() << " opened; " << plan_.joined_by_permit
        << " installations share an account by permit, " << plan_.joined_by_installation << " more by installation id\n"
        << "  units      " << allocated_ << " t allocated from the reserve; " << bought_
        << " t issued as bought at auction: what accounts\n"
        << "             surrendered beyond their allocation, which the files do not show coming in; " << surrendered_
        << " t surrendered\n";
    for (const v1::Instrument& total : totals_) {
      out << "             " << total.code() << ": issued " << total.issued() << ", held " << total.held() << ", surrendered "
          << total.surrendered() << "\n";
    }
    out << "  calls      " << service_->client().calls() << " through the gRPC API in " << milliseconds_ << " ms\n"
        << "  compared   " << comparison_->Kinds() << "\n"
        << "  left open  " << open_
        << " statuses of earlier years, which the totals alone do not decide (whether units or figures came in time); dated\n"
        << "             as published, the service gives " << open_ - static_cast<int64_t>(unexplained_.size()) << " of them\n";
    for (const std::string& status : unexplained_) out << "             not: " << status << "\n";
  }

 private:
  ReplayClient& client() { return service_->client(); }

  absl::Status SetUp() {
    SONGHUA_ASSIGN_OR_RETURN(registry_, service_->RegistryToken());
    v1::CreateParticipantRequest authority;
    authority.mutable_participant()->set_name(std::string("participants/") + kAuthority);
    authority.mutable_participant()->set_kind(v1::AUTHORITY);
    authority.mutable_participant()->set_display_name("UK ETS Authority");
    authority.mutable_participant()->set_region(kSeat);
    SONGHUA_RETURN_IF_ERROR(
        client().Call(&AsyncParticipants::CreateParticipant, service_->participants(), service_->operator_token(), authority).status());
    SONGHUA_ASSIGN_OR_RETURN(officer_, service_->AddPerson("carbon-officer", kAuthority, v1::PROV_CARBON_OFFICER, kSeat));

    v1::LoadProgramRequest load;
    v1::Program* program = load.mutable_program();
    program->set_name(kProgram);
    program->set_display_name("UK Emissions Trading Scheme");
    program->set_form(v1::SERIAL);
    program->set_unit("t");
    program->set_quoted_unit_steps(1);
    program->add_pollutants(kUnit);
    program->add_control_zones(kZone);
    program->add_trading_groups()->set_code(kGroup);
    program->set_floor_policy(v1::NONE);
    program->set_first_year(plan_.first_year);
    program->set_last_year(plan_.last_year);
    program->set_surrender_deadline("04-30");
    SONGHUA_RETURN_IF_ERROR(client().Call(&AsyncLedger::LoadProgram, service_->ledger(), registry_, load).status());

    v1::OpenAccountRequest reserve;
    reserve.set_kind(v1::RESERVE);
    reserve.set_participant(std::string("participants/") + kAuthority);
    reserve.set_program(kProgram);
    reserve.set_control_zone(kZone);
    return client().Call(&AsyncLedger::OpenAccount, service_->ledger(), registry_, reserve).status();
  }

  const std::string& PlaceOf(const PlannedAccount& account) const {
    return account.compliance != nullptr ? account.compliance->place : account.allocation->place;
  }
  const std::string& LabelOf(const PlannedAccount& account) const {
    return account.compliance != nullptr ? account.compliance->label() : account.allocation->label();
  }
  // What to do when a step of an account is refused.
  void Refused(const PlannedAccount& account, const std::string& step, const absl::Status& status) {
    comparison_->Failed(PlaceOf(account), LabelOf(account), step + " was refused: " + Described(status));
  }

  void OpenAccounts() {
    std::vector<bool> registered(plan_.accounts.size(), false);
    for (size_t i = 0; i < plan_.accounts.size(); ++i) {
      const PlannedAccount& account = plan_.accounts[i];
      v1::CreateParticipantRequest request;
      request.mutable_participant()->set_name("participants/" + account.uscc);
      request.mutable_participant()->set_kind(v1::ENTERPRISE);
      request.mutable_participant()->set_display_name(account.display_name);
      request.mutable_participant()->set_region(kSeat);
      client().Start(&AsyncParticipants::CreateParticipant, service_->participants(), service_->operator_token(), request,
                     [this, &account, &registered, i](absl::StatusOr<v1::ParticipantAnswer> answer) {
                       registered[i] = answer.ok();
                       if (!answer.ok()) Refused(account, "registering its holder", answer.status());
                     });
    }
    client().Drain();
    for (size_t i = 0; i < plan_.accounts.size(); ++i) {
      if (!registered[i]) continue;
      const PlannedAccount& account = plan_.accounts[i];
      v1::OpenAccountRequest request;
      request.set_kind(v1::REGISTRY);
      request.set_participant("participants/" + account.uscc);
      client().Start(&AsyncLedger::OpenAccount, service_->ledger(), registry_, request,
                     [this, &account, i](absl::StatusOr<v1::AccountAnswer> answer) {
                       if (!answer.ok()) return Refused(account, "opening its account", answer.status());
                       opened_[i].account = answer->account().name();
                     });
    }
    client().Drain();
  }

  // Issues to an account; the requests of one vintage.
  v1::IssueUnitsRequest IssueRequest(int32_t vintage, int64_t quantity, const std::string& account, const std::string& reference) const {
    v1::IssueUnitsRequest request;
    request.set_program(kProgram);
    request.set_pollutant(kUnit);
    request.set_control_zone(kZone);
    request.set_trading_group(kGroup);
    request.set_vintage(vintage);
    request.set_quantity(quantity);
    request.set_to_account(account);
    request.set_issuance_reference(reference + "-" + std::to_string(vintage));
    return request;
  }

  // Issues each vintage whole into the reserve, from which it is allocated.
  absl::Status FillReserve() {
    std::map<int32_t, std::vector<int64_t>> pieces;
    for (const AllocatedInstallation& row : allocation_.installations) {
      for (const auto& [year, allocated] : row.years) {
        if (Granted(allocated) == 0) continue;
        std::vector<int64_t>& of_year = pieces[year];
        if (of_year.empty() || of_year.back() > kIssuedAtOnceMax - Granted(allocated)) of_year.push_back(0);
        of_year.back() += std::min(Granted(allocated), kIssuedAtOnceMax);
      }
    }
    for (const auto& [vintage, quantities] : pieces) {
      for (int64_t quantity : quantities) {
        SONGHUA_ASSIGN_OR_RETURN(const v1::TransactionAnswer answer,
                                 client().Call(&AsyncLedger::IssueUnits, service_->ledger(), registry_,
                                               IssueRequest(vintage, quantity, kReserve, "UK-ETS-ALLOCATION")));
        reserve_lots_[vintage] = answer.lots(0).name();
      }
    }
    return absl::OkStatus();
  }

  // Remembers the lot of an account that a transaction put units into.
  void RememberLot(size_t i, int32_t vintage, const v1::TransactionAnswer& answer) {
    for (const v1::Lot& lot : answer.lots()) {
      if (lot.account() == opened_[i].account) opened_[i].lots[vintage] = lot.name();
    }
  }

  void Allocate() {
    for (size_t i = 0; i < plan_.accounts.size(); ++i) {
      if (plan_.accounts[i].allocation == nullptr || opened_[i].account.empty()) continue;
      for (const auto& [year, allocated] : plan_.accounts[i].allocation->years) {
        if (!allocated.readable) continue;
        const bool parts = allocated.standard.has_value() || allocated.new_entrant.has_value();
        AllocatePart(i, year, parts ? allocated.standard.value_or(0) : allocated.total.value_or(0), "standard allocation");
        AllocatePart(i, year, allocated.new_entrant.value_or(0), "new entrant allocation");
      }
    }
    client().Drain();
  }
  void AllocatePart(size_t i, int32_t year, int64_t quantity, const std::string& part) {
    if (quantity == 0) return;
    v1::TransferUnitsRequest request;
    request.set_from_lot(reserve_lots_.at(year));
    request.set_to_account(opened_[i].account);
    request.set_quantity(quantity);
    request.set_reason(part + " of " + std::to_string(year));
    client().Start(&AsyncLedger::TransferUnits, service_->ledger(), registry_, request,
                   [this, i, year, quantity](absl::StatusOr<v1::TransactionAnswer> answer) {
                     if (!answer.ok()) return Refused(plan_.accounts[i], "allocating for " + std::to_string(year), answer.status());
                     allocated_ += quantity;
                     RememberLot(i, year, *answer);
                   });
  }

  void Buy() {
    for (size_t i = 0; i < plan_.accounts.size(); ++i) {
      if (opened_[i].account.empty()) continue;
      for (const auto& [vintage, quantity] : plan_.accounts[i].purchases) {
        client().Start(&AsyncLedger::IssueUnits, service_->ledger(), registry_,
                       IssueRequest(vintage, quantity, opened_[i].account, "UK-ETS-AUCTION"),
                       [this, i, vintage = vintage, quantity = quantity](absl::StatusOr<v1::TransactionAnswer> answer) {
                         if (!answer.ok()) return Refused(plan_.accounts[i], "issuing what it bought", answer.status());
                         bought_ += quantity;
                         RememberLot(i, vintage, *answer);
                       });
      }
    }
    client().Drain();
  }

  void RecordEmissions() {
    for (size_t i = 0; i < plan_.accounts.size(); ++i) {
      const PlannedAccount& account = plan_.accounts[i];
      if (account.compliance == nullptr || opened_[i].account.empty()) continue;
      for (const auto& [year, emissions] : account.compliance->emissions) {
        if (emissions.entry == EmissionEntry::kMissing) continue;
        v1::RecordVerifiedEmissionsRequest request;
        request.set_account(opened_[i].account);
        request.set_program(kProgram);
        request.set_year(year);
        request.set_verified_emissions(emissions.tonnes);
        request.set_excluded(emissions.entry == EmissionEntry::kExcluded);
        client().Start(&AsyncCompliance::RecordVerifiedEmissions, compliance_->async(), officer_, request,
                       [this, &account](absl::StatusOr<v1::ComplianceAnswer> answer) {
                         if (!answer.ok()) Refused(account, "recording its emissions", answer.status());
                       });
      }
    }
    client().Drain();
  }

  void Surrender() {
    for (size_t i = 0; i < plan_.accounts.size(); ++i) {
      const PlannedAccount& account = plan_.accounts[i];
      for (const PlannedSurrender& surrender : account.surrenders) {
        const auto lot = opened_[i].lots.find(surrender.vintage);
        if (lot == opened_[i].lots.end()) continue;  // what should have brought the units was refused, and said so
        v1::RetireUnitsRequest request;
        request.set_from_lot(lot->second);
        request.set_quantity(surrender.quantity);
        request.set_obligation_year(surrender.obligation_year);
        client().Start(&AsyncLedger::SurrenderUnits, service_->ledger(), registry_, request,
                       [this, &account, quantity = surrender.quantity](absl::StatusOr<v1::TransactionAnswer> answer) {
                         if (!answer.ok()) return Refused(account, "surrendering", answer.status());
                         surrendered_ += quantity;
                       });
      }
    }
    client().Drain();
  }

  void ReadBack() {
    for (size_t i = 0; i < plan_.accounts.size(); ++i) {
      if (opened_[i].account.empty()) continue;
      ReadStatement(i, "");
      if (plan_.accounts[i].compliance == nullptr) continue;
      v1::GetComplianceRequest request;
      request.mutable_options()->set_at_least_sequence(client().last_sequence());
      request.set_account(opened_[i].account);
      request.set_first_year(report_.years.front());
      request.set_last_year(report_.years.back());
      client().Start(&AsyncCompliance::GetCompliance, compliance_->async(), registry_, request,
                     [this, i](absl::StatusOr<v1::ComplianceAnswer> answer) {
                       if (!answer.ok()) return Refused(plan_.accounts[i], "reading its compliance", answer.status());
                       opened_[i].record = answer->record();
                       opened_[i].assessed = true;
                     });
    }
    client().Drain();
    while (!further_pages_.empty()) {
      for (const auto& [i, page] : std::exchange(further_pages_, {})) ReadStatement(i, page);
      client().Drain();
    }
  }
  void ReadStatement(size_t i, const std::string& page) {
    v1::ListPostingsRequest request;
    if (page.empty()) request.mutable_options()->set_at_least_sequence(client().last_sequence());
    request.mutable_page()->set_page_token(page);
    request.mutable_page()->set_page_size(1000);
    request.set_account(opened_[i].account);
    client().Start(&AsyncLedger::ListPostings, service_->ledger(), registry_, request,
                   [this, i](absl::StatusOr<v1::ListPostingsAnswer> answer) {
                     if (!answer.ok()) return Refused(plan_.accounts[i], "reading its statement", answer.status());
                     for (const v1::Posting& posting : answer->postings()) {
                       if (posting.type() == "TRANSFER") opened_[i].allocated[VintageOf(posting.instrument())] += posting.change();
                       if (posting.type() == "SURRENDER") opened_[i].surrendered -= posting.change();
                     }
                     opened_[i].stated = answer->next_page_token().empty();
                     if (!opened_[i].stated) further_pages_.emplace_back(i, answer->next_page_token());
                   });
  }

  absl::Status ReadTotals() {
    v1::ListInstrumentsRequest request;
    request.mutable_options()->set_at_least_sequence(client().last_sequence());
    request.mutable_page()->set_page_size(1000);
    SONGHUA_ASSIGN_OR_RETURN(const v1::ListInstrumentsAnswer answer,
                             client().Call(&AsyncLedger::ListInstruments, service_->ledger(), registry_, request));
    totals_.assign(answer.instruments().begin(), answer.instruments().end());
    std::sort(totals_.begin(), totals_.end(), [](const v1::Instrument& a, const v1::Instrument& b) { return a.code() < b.code(); });
    return absl::OkStatus();
  }

  void CompareCompliance(const ComplianceAccount& account, const Opened& opened) {
    if (!opened.assessed || !opened.stated) return;  // the refusal was counted
    const std::string of = " of " + account.label();
    if (account.cumulative_emissions.has_value() && account.emissions_readable) {
      comparison_->Compare("cumulative emissions", account.place, report_.cumulative_emissions_heading + of, *account.cumulative_emissions,
                           opened.record.cumulative_emissions());
    }
    if (account.cumulative_surrenders.has_value()) {
      comparison_->Compare("cumulative surrenders", account.place, report_.cumulative_surrenders_heading + of,
                           *account.cumulative_surrenders, opened.surrendered);
    }
    for (const auto& [year, published] : account.statuses) CompareStatus(account, opened, year, published);
  }

  void CompareStatus(const ComplianceAccount& account, const Opened& opened, int32_t year, const std::string& published) {
    const std::string figure = report_.status_headings.at(year) + " of " + account.label();
    const std::set<std::string> known = {"A", "B", "C", "EXCLUDED", "NOT_APPLICABLE"};
    if (!known.contains(published)) {
      comparison_->Unreadable(account.place, figure, published, "A, B, C, EXCLUDED or NOT_APPLICABLE");
      return;
    }
    const std::string ours = OurStatus(account, opened.record, year);
    if (StatusIsForced(report_, account, year)) {
      comparison_->Compare("statuses", account.place, figure, published, ours);
      return;
    }
    ++open_;
    if (published != ours)
      unexplained_.push_back(account.place + ": " + figure + ": published " + published + ", the totals would give " + ours);
  }

  void CompareAllocation(const AllocatedInstallation& row, const Opened& opened) {
    if (!opened.stated) return;
    for (const auto& [year, allocated] : row.years) {
      if (!allocated.readable || !allocated.total.has_value()) continue;
      const auto received = opened.allocated.find(year);
      comparison_->Compare("allocation totals", row.place, allocation_.total_headings.at(year) + " of " + row.label(), *allocated.total,
                           received == opened.allocated.end() ? 0 : received->second);
    }
  }

  const ComplianceReport& report_;
  const AllocationTable& allocation_;
  const UkEtsPlan plan_;
  std::vector<Opened> opened_;  // beside plan_.accounts
  Comparison* comparison_;
  std::unique_ptr<ReplayService> service_;
  std::unique_ptr<v1::Compliance::Stub> compliance_;
  std::string registry_, officer_;  // tokens
  std::map<int32_t, std::string> reserve_lots_;
  std::vector<std::pair<size_t, std::string>> further_pages_;  // account and page token
  std::vector<v1::Instrument> totals_;
  std::vector<std::string> unexplained_;
  int64_t open_ = 0, allocated_ = 0, bought_ = 0, surrendered_ = 0, milliseconds_ = 0;
};

}  // namespace

absl::StatusOr<Comparison> ReplayUkEts(const UkEtsReplayOptions& options, std::ostream& out) {
  SONGHUA_ASSIGN_OR_RETURN(const CsvTable compliance, ReadCsvFile(options.compliance_path));
  SONGHUA_ASSIGN_OR_RETURN(const CsvTable allocation, ReadCsvFile(options.allocation_path));
  Comparison comparison;
  SONGHUA_ASSIGN_OR_RETURN(const ComplianceReport report, ReadComplianceReport(compliance, &comparison));
  SONGHUA_ASSIGN_OR_RETURN(const AllocationTable table, ReadAllocationTable(allocation, &comparison));
  UkEtsReplay replay(report, table, &comparison);
  SONGHUA_RETURN_IF_ERROR(replay.Run());
  replay.CompareAll();
  replay.PrintSummary(out);
  comparison.Print(out);
  return comparison;
}

}  // namespace songhua::simulations
