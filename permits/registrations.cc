#include "permits/registrations.h"

#include <algorithm>
#include <set>
#include <utility>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::permits {

using ledger::MakeName;
using ledger::ParseName;

namespace {

std::string FormEntry(std::string_view list, int i) { return std::string(list) + "[" + std::to_string(i) + "]"; }

absl::Status ParsePlant(const v1::FileRegistrationRequest& request, RegistrationRow* row) {
  if (request.industries_size() == 0) return InvalidField("industries", "", "at least one GB/T 4754 code").Rule("PERMIT-02");
  for (const auto& [field, size] : {std::pair("industries", request.industries_size()), std::pair("processes", request.processes_size()),
                                    std::pair("facts", request.facts_size())}) {
    if (static_cast<size_t>(size) > kDetailsMax) return InvalidField(field, std::to_string(size) + " entries", "at most " + std::to_string(kDetailsMax));
  }
  for (int i = 0; i < request.industries_size(); ++i) {
    const std::string& code = request.industries(i);
    const bool digits = !code.empty() && code.size() <= 4 && std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return InvalidField(FormEntry("industries", i), code, "a GB/T 4754 code of up to four digits").Rule("PERMIT-02");
    row->industries.push_back(code);
  }
  for (int i = 0; i < request.processes_size(); ++i) {
    SONGHUA_RETURN_IF_ERROR(ValidateName(request.processes(i), kNameBytesMax, FormEntry("processes", i)));
    row->processes.push_back(request.processes(i));
  }
  std::set<std::string> seen;
  for (int i = 0; i < request.facts_size(); ++i) {
    const std::string at = FormEntry("facts", i) + ".name";
    SONGHUA_RETURN_IF_ERROR(ValidateName(request.facts(i).name(), kNameBytesMax, at));
    if (!seen.insert(request.facts(i).name()).second) return InvalidField(at, request.facts(i).name(), "each fact once").Rule("PERMIT-02");
    row->facts.push_back({request.facts(i).name(), request.facts(i).value()});
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.emissions(), Registrations::kTextBytesMax, "emissions"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.treatment(), Registrations::kTextBytesMax, "treatment"));
  row->emissions = request.emissions();
  row->treatment = request.treatment();
  return absl::OkStatus();
}

BothTexts ReceiptText(const RegistrationRow& row) {
  const std::string to = FormatDate(row.term.last);
  return {"Receipt " + row.number + ": the registration form of sites/" + row.site + " was filed on " + FormatDate(row.filed) + " and holds to " + to +
              (row.late ? "; the change was filed after its period (PERMIT-06)." : "."),
          "固定污染源排污登记回执 " + row.number + "：场所 " + row.site + " 于 " + FormatDate(row.filed) + " 填报排污登记表，有效期至 " + to +
              (row.late ? "；本次变更登记逾期。" : "。")};
}

}  // namespace

std::string RegistrationRow::Name() const { return MakeName("registrations", number); }

std::string ReceiptNumberOf(const std::string& site) { return site + std::string(1, kReceiptLetter); }

Registrations::Registrations(TableSet* tables, const Parts& parts) : parts_(parts), rows_(tables) {}
Registrations::~Registrations() = default;

absl::Status Registrations::CheckPlant(const CommandContext& context, const RegimeRow& regime, const RegistrationRow& row) const {
  PlantFacts plant{row.industries, row.processes, {}};
  for (const PlantFactRow& fact : row.facts) plant.facts[fact.name] = fact.value;
  const v1::PermitTier tier = TierOf(regime, plant);
  if (tier != v1::REGISTRATION) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PERMIT_REQUIRED")
        .Rule("PERMIT-02")
        .Field("industries")
        .Value("the catalogue of " + regime.catalogue_edition + " makes the plant " + v1::PermitTier_Name(tier))
        .Accepted("a plant that needs no permit; this one applies for one");
  }
  if (const PermitRow* permit = parts_.permits->PermitInForce(row.site, context.today); permit != nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PERMIT_IN_FORCE")
        .Rule("PERMIT-01")
        .Field("site")
        .Value(MakeName("sites", row.site) + " has " + PermitName(*permit))
        .Accepted("a site without a permit in force");
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::RegistrationAnswer> Registrations::FileRegistration(CommandContext& context, const v1::FileRegistrationRequest& request) {
  RegistrationRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.site, ParseName("site", "sites", request.site()));
  SONGHUA_RETURN_IF_ERROR(ParsePlant(request, &row));
  const bool changes = !request.change_date().empty();
  if (changes) {
    SONGHUA_ASSIGN_OR_RETURN(row.changed, ParseDate(request.change_date(), "change_date"));
    if (row.changed > context.today || row.changed <= kFirstDate) {
      return InvalidField("change_date", request.change_date(), "the day of the change, " + FormatDate(context.today) + " at the latest").Rule("PERMIT-06");
    }
  }
  const ledger::SiteRow* site = parts_.participants->FindSite(row.site);
  if (site == nullptr) return NotFound("site", request.site());
  row.region = site->region;
  const RegimeRow* regime = parts_.regimes->GoverningRegion(site->region, context.today);
  if (regime == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_REGIME")
        .Rule("GEN-09")
        .Field("site")
        .Value(request.site())
        .Accepted("a site in a region that a regime governs; an operator loads it");
  }
  SONGHUA_RETURN_IF_ERROR(CheckPlant(context, *regime, row));
  const RegistrationRow* before = OfSite(row.site);
  if (changes && (before == nullptr || !before->LiveOn(context.today))) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_LIVE_REGISTRATION")
        .Rule("PERMIT-06")
        .Field("change_date")
        .Value(before == nullptr ? "never filed" : before->Name() + " is " + v1::Registration::State_Name(before->StateOn(context.today)))
        .Accepted("nothing: the form is filed anew");
  }
  SONGHUA_ASSIGN_OR_RETURN(row.number, FormatPermitNumber(site->uscc(), site->sequence(), kReceiptLetter));
  if (changes) {
    row.term = before->term;
    row.late = context.today > parts_.deadlines->DueOf(*regime, v1::REGISTRATION_CHANGE, row.changed).due;
  } else {
    SONGHUA_ASSIGN_OR_RETURN(const Date end, AddYears(context.today, regime->registration_years));
    row.term = {context.today, end - 1};
  }
  row.revision = before == nullptr ? 1 : before->revision + 1;
  row.filed = context.today;
  row.filed_by = std::string(context.person);

  v1::RegistrationAnswer answer;
  *answer.mutable_registration() = ToProto(row, context.today);
  if (context.validate_only) return answer;
  const std::string from = before == nullptr ? "" : v1::Registration::State_Name(before->StateOn(context.today));
  if (before != nullptr) {
    rows_.Edit(*before) = row;
  } else {
    before = &rows_.Insert(row);
  }
  Keep(context, *before, changes ? "change" : "file", from, row.late ? "filed after its period" : "");
  parts_.file->Serve(context, v1::RECEIPT, site->participant, row.region, row.Name(), ReceiptText(row));
  parts_.file->Publish(context, changes ? "registration_changed" : "registered", row.Name(), row.site, row.region, ReceiptText(row));
  return answer;
}

absl::StatusOr<v1::RegistrationAnswer> Registrations::CancelRegistration(CommandContext& context, const v1::CancelRegistrationRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string number, ParseName("name", "registrations", request.name()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kTextBytesMax, "reason"));
  const RegistrationRow* row = rows_.Find(number);
  if (row == nullptr) return NotFound("name", request.name());
  const v1::Registration::State from = row->StateOn(context.today);
  if (from != v1::Registration::LIVE) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule("PERMIT-06")
        .Field("name")
        .Value(number + " is " + v1::Registration::State_Name(from))
        .Accepted("a registration that is LIVE");
  }
  v1::RegistrationAnswer answer;
  if (!context.validate_only) {
    RegistrationRow& cancelled = rows_.Edit(*row);
    cancelled.cancelled = true;
    cancelled.cancelled_from = context.today;
    cancelled.cancel_reason = request.reason();
    Keep(context, cancelled, "cancel", v1::Registration::State_Name(from), request.reason());
    const BothTexts text = {"Registration " + number + " is cancelled on " + FormatDate(context.today) + ": " + request.reason(),
                            "排污登记 " + number + " 于 " + FormatDate(context.today) + " 注销：" + request.reason()};
    parts_.file->Serve(context, v1::CASE_CLOSED, parts_.participants->FindSite(row->site)->participant, row->region, row->Name(), text);
    parts_.file->Publish(context, "registration_cancelled", row->Name(), row->site, row->region, text);
  }
  *answer.mutable_registration() = ToProto(*row, context.today);
  return answer;
}

void Registrations::Keep(CommandContext& context, const RegistrationRow& row, const std::string& event, const std::string& from,
                         const std::string& reason) const {
  context.events->Emit(EventType::kRegistered, std::string("registrations"), row);
  CaseFile::Step step;
  step.subject = row.Name();
  step.event = event;
  step.from_state = from;
  step.to_state = v1::Registration::State_Name(row.StateOn(context.today));
  step.reason = reason;
  step.legal_basis = "PERMIT-06";
  parts_.file->Record(context, step);
}

v1::Registration ToProto(const RegistrationRow& row, Date today) {
  v1::Registration message;
  message.set_name(row.Name());
  message.set_site(MakeName("sites", row.site));
  message.set_region(FormatRegion(row.region));
  message.set_state(row.StateOn(today));
  for (const std::string& code : row.industries) message.add_industries(code);
  for (const std::string& process : row.processes) message.add_processes(process);
  for (const PlantFactRow& fact : row.facts) {
    v1::PlantFact* added = message.add_facts();
    added->set_name(fact.name);
    added->set_value(fact.value);
  }
  message.set_emissions(row.emissions);
  message.set_treatment(row.treatment);
  message.set_valid_from(FormatDate(row.term.first));
  message.set_valid_to(FormatDate(row.term.last));
  message.set_revision(row.revision);
  message.set_file_date(FormatDate(row.filed));
  if (row.changed != kFirstDate) message.set_change_date(FormatDate(row.changed));
  message.set_late(row.late);
  message.set_cancel_reason(row.cancel_reason);
  message.set_filed_by(MakeName("people", row.filed_by));
  return message;
}

}  // namespace songhua::permits
