#include "simulations/permit_province.h"

#include <utility>

#include "api/engine/message.h"
#include "google/protobuf/text_format.h"
#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/refusal.h"
#include "ledger/sha256.h"
#include "simulations/day_market.h"
#include "simulations/scenario/embedded_file.h"
#include "songhua/v1/applications.pb.h"
#include "songhua/v1/calendars.pb.h"
#include "songhua/v1/regimes.pb.h"

namespace songhua::simulations {
namespace {

constexpr char kOperator[] = "operator";
constexpr char kRegistrar[] = "registrar";
constexpr int kFirstEnterprise = 100'000'000;  // beyond the market's
constexpr int64_t kGrams = 1'000;              // of an outlet, pollutant and year
constexpr int32_t kYears = 5;
constexpr const char* kPollutants[] = {"SO2", "NOX", "PM", "VOCS", "COD", "NH3-N", "TP", "TN"};

template <class Message>
Message Shipped(const std::string& name) {
  for (size_t i = 0; i < kShippedFilesCount; ++i) {
    if (name != kShippedFiles[i].name) continue;
    Message message;
    const std::string text(reinterpret_cast<const char*>(kShippedFiles[i].bytes), kShippedFiles[i].size);
    SONGHUA_CHECK(google::protobuf::TextFormat::ParseFromString(text, &message));
    return message;
  }
  SONGHUA_CHECK(false);
}

void AddYears(Date day, int64_t grams, google::protobuf::RepeatedPtrField<v1::YearQuantity>* years) {
  for (int32_t year = Year(day) - kYears + 1; year <= Year(day); ++year) {
    v1::YearQuantity* entry = years->Add();
    entry->set_year(year);
    entry->set_quantity(grams);
  }
}

std::string OutletCode(int outlet) { return "DA00" + std::to_string(outlet + 1); }

}  // namespace

PermitProvince::PermitProvince(api::Engine* engine, const PermitProvinceOptions& options) : options_(options), requests_(engine, options.day, "p") {
  SONGHUA_CHECK(options.outlets <= 9 && options.pollutants <= static_cast<int>(std::size(kPollutants)));
}

std::string PermitProvince::EnterpriseId(int enterprise) { return DayEnterprise(kFirstEnterprise + enterprise); }

std::string PermitProvince::SiteId(int site) const {
  const std::string sequence = std::to_string(site % options_.sites_of_enterprise + 1);
  return EnterpriseId(site / options_.sites_of_enterprise) + std::string(3 - sequence.size(), '0') + sequence;
}

std::string PermitProvince::EnterpriseOf(int site) const { return "participants/" + EnterpriseId(site / options_.sites_of_enterprise); }
std::string PermitProvince::SignerOf(int site) const { return "e-" + std::to_string(site / options_.sites_of_enterprise); }

// ---- The province ----

void PermitProvince::AddPerson(const std::string& id, const std::string& participant, std::initializer_list<v1::Role> roles,
                               const std::string& region) {
  auto request = std::make_unique<v1::CreatePersonRequest>();
  v1::Person& person = *request->mutable_person();
  person.set_name("people/" + id);
  person.set_participant("participants/" + participant);
  person.set_display_name(id);
  for (const v1::Role role : roles) {
    v1::RoleGrant* grant = person.add_roles();
    grant->set_role(role);
    grant->set_region(region);
  }
  requests_.Submit("Participants/CreatePerson", kOperator, std::move(request));
  auto token = std::make_unique<v1::CreateTokenRequest>();
  token->set_person("people/" + id);
  token->set_token_sha256(std::string(AsBytes(Sha256Of(id))));
  token->mutable_expire_time()->set_seconds(StartOfDay(options_.day + 300).value() / kMicrosPerSecond);
  requests_.Submit("Participants/CreateToken", kOperator, std::move(token));
}

void PermitProvince::AddOffice() {
  auto office = std::make_unique<v1::CreateParticipantRequest>();
  office->mutable_participant()->set_name(std::string("participants/") + kOffice);
  office->mutable_participant()->set_kind(v1::AUTHORITY);
  office->mutable_participant()->set_display_name("Ecology department");
  office->mutable_participant()->set_region("220000");
  requests_.Submit("Participants/CreateParticipant", kOperator, std::move(office));
  AddPerson(kIntake, kOffice, {v1::PERMIT_INTAKE}, "220000");
  AddPerson(kApprover, kOffice, {v1::PERMIT_APPROVER}, "220000");
}

void PermitProvince::AddLaw() {
  auto calendar = std::make_unique<v1::LoadCalendarYearRequest>();
  *calendar->mutable_calendar_year() = Shipped<v1::CalendarYear>("china-" + std::to_string(Year(options_.day)));
  requests_.Submit("Calendars/LoadCalendarYear", kOperator, std::move(calendar));
  auto regime = std::make_unique<v1::LoadRegimeRequest>();
  *regime->mutable_regime() = Shipped<v1::Regime>("cn-permits");
  regime->mutable_regime()->set_effective_from(FormatDate(options_.day));
  requests_.Submit("Regimes/LoadRegime", kOperator, std::move(regime));
}

void PermitProvince::AddSite(int site) {
  const std::string enterprise = EnterpriseId(site / options_.sites_of_enterprise);
  if (site % options_.sites_of_enterprise == 0) {
    auto participant = std::make_unique<v1::CreateParticipantRequest>();
    participant->mutable_participant()->set_name("participants/" + enterprise);
    participant->mutable_participant()->set_kind(v1::ENTERPRISE);
    participant->mutable_participant()->set_display_name(enterprise);
    participant->mutable_participant()->set_region("220100");
    requests_.Submit("Participants/CreateParticipant", kOperator, std::move(participant));
    AddPerson(SignerOf(site), enterprise, {v1::ENT_OPERATOR, v1::ENT_LEGAL_REP}, "");
  }
  auto request = std::make_unique<v1::CreateSiteRequest>();
  request->mutable_site()->set_name("sites/" + SiteId(site));
  request->mutable_site()->set_participant("participants/" + enterprise);
  request->mutable_site()->set_display_name("Works");
  request->mutable_site()->set_region("220102");
  request->mutable_site()->set_sector_class(v1::INDUSTRY);
  requests_.Submit("Participants/CreateSite", kOperator, std::move(request));
}

void PermitProvince::AddCase(int site) {
  const std::string person = SignerOf(site);
  auto request = std::make_unique<v1::CreateApplicationRequest>();
  v1::Application& application = *request->mutable_application();
  application.set_type(v1::Application::FIRST);
  application.set_tier(v1::SIMPLIFIED);
  application.set_site("sites/" + SiteId(site));
  application.mutable_details()->add_industries("1391");
  for (const char* code : {"EIA_APPROVAL", "MONITORING_PLAN", "COMMITMENT_LETTER"}) {
    v1::Material* material = application.add_materials();
    material->set_code(code);
    material->set_reference("paper");
  }
  requests_.Submit("Applications/CreateApplication", person, std::move(request));
  auto filed = std::make_unique<v1::SubmitApplicationRequest>();
  filed->set_name("applications/" + std::to_string(site - options_.permits + 1));
  requests_.Submit("Applications/SubmitApplication", person, std::move(filed));
}

absl::Status PermitProvince::Build() {
  AddOffice();
  AddLaw();
  for (int site = 0; site < sites(); ++site) AddSite(site);
  SONGHUA_RETURN_IF_ERROR(requests_.Drained());
  for (int site = options_.permits; site < sites(); ++site) AddCase(site);
  return requests_.Drained();
}

absl::Status PermitProvince::AddPlanner(const std::string& id) {
  AddPerson(id, kOffice, {v1::RESERVE_MANAGER}, "220000");
  return requests_.Drained();
}

// ---- The import ----

void PermitProvince::MakeRow(int permit, v1::ImportPermit* row) const {
  const std::string site = SiteId(permit);
  row->set_number(site + "P");
  row->set_site("sites/" + site);
  row->set_tier(v1::KEY);
  row->set_valid_from(FormatDate(MakeDate(Year(options_.day) - kYears + 1, 1, 1)));
  row->set_valid_to(FormatDate(MakeDate(Year(options_.day), 12, 31)));
  row->set_version(1);
  for (int i = 0; i < options_.outlets; ++i) {
    v1::Outlet* outlet = row->add_outlets();
    outlet->set_code(OutletCode(i));
    outlet->set_type(v1::MAIN);
  }
  const auto add_limit = [&](const std::string& scope, int pollutant, int64_t grams) {
    v1::Limit* limit = row->add_limits();
    limit->set_scope(scope);
    limit->set_pollutant(kPollutants[pollutant]);
    AddYears(options_.day, grams, limit->mutable_annual_limits());
  };
  for (int pollutant = 0; pollutant < options_.pollutants; ++pollutant) {
    for (int i = 0; i < options_.outlets; ++i) add_limit(OutletCode(i), pollutant, kGrams);
    add_limit("SITE", pollutant, kGrams * options_.outlets);
  }
}

v1::ControlTotals PermitProvince::Totals() const {
  v1::ControlTotals totals;
  totals.set_permits(options_.permits);
  totals.set_outlets(int64_t{options_.permits} * options_.outlets);
  for (int pollutant = 0; pollutant < options_.pollutants; ++pollutant) {
    v1::PollutantTotal* total = totals.add_pollutants();
    total->set_pollutant(kPollutants[pollutant]);
    AddYears(options_.day, kGrams * options_.outlets * options_.permits, total->mutable_annual_limits());
  }
  return totals;
}

absl::Status PermitProvince::StageImport() {
  auto begin = std::make_unique<v1::BeginImportRequest>();
  begin->set_region("220000");
  begin->set_source("bench");
  *begin->mutable_totals() = Totals();
  SONGHUA_RETURN_IF_ERROR(requests_.Call("PermitImports/BeginImport", kRegistrar, std::move(begin)));
  v1::ImportPermit row;
  for (int permit = 0; permit < options_.permits;) {
    auto chunk = std::make_unique<v1::AddImportRowsRequest>();
    chunk->set_name("imports/1");
    chunk->set_first_row(static_cast<uint32_t>(permit + 1));
    size_t bytes = 1'024;
    for (; permit < options_.permits && chunk->rows_size() < static_cast<int>(bounds::kChunkRowsMax); ++permit) {
      row.Clear();
      MakeRow(permit, &row);
      bytes += row.ByteSizeLong() + 8;
      if (bytes > bounds::kImportChunkBytesMax) break;
      chunk->add_rows()->Swap(&row);
    }
    ++chunks_;
    requests_.Submit("PermitImports/AddImportRows", kRegistrar, std::move(chunk));
  }
  SONGHUA_RETURN_IF_ERROR(requests_.Drained());
  auto finish = std::make_unique<v1::ImportActRequest>();
  finish->set_name("imports/1");
  return requests_.Call("PermitImports/FinishStaging", kRegistrar, std::move(finish));
}

absl::Status PermitProvince::ApproveImport() {
  auto approve = std::make_unique<v1::ImportActRequest>();
  approve->set_name("imports/1");
  return requests_.Call("PermitImports/ApproveImport", kApprover, std::move(approve));
}

}  // namespace songhua::simulations
