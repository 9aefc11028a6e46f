// The content of a permit, written into messages.
#include <string>

#include "ledger/wire.h"
#include "permits/permit_content.h"

namespace songhua::permits {
namespace {

std::string FormatDayOfYear(const DayOfYear& day) {
  if (day.month == 0) return "";
  const auto two = [](int32_t n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
  return two(day.month) + "-" + two(day.day);
}

void WriteOutlet(const OutletRow& outlet, v1::Outlet* message) {
  message->set_code(outlet.code);
  message->set_type(outlet.type);
  message->set_basin(outlet.basin);
  message->set_display_name(outlet.display_name);
  message->set_longitude_microdegrees(outlet.longitude);
  message->set_latitude_microdegrees(outlet.latitude);
  message->set_height_mm(outlet.height_mm);
  message->set_inner_diameter_mm(outlet.inner_diameter_mm);
  message->set_temperature_celsius(outlet.temperature_celsius);
  message->set_mode(outlet.mode);
  message->set_destination(outlet.destination);
  message->set_function_class(outlet.function_class);
}

void WriteStandard(const StandardRow& standard, v1::Standard* message) {
  message->set_scope(standard.scope);
  message->set_pollutant(standard.pollutant);
  message->set_measure(standard.measure);
  message->set_statistic(standard.statistic);
  message->set_bound(standard.bound);
  message->set_value(standard.value);
  message->set_season_from(FormatDayOfYear(standard.season_from));
  message->set_season_to(FormatDayOfYear(standard.season_to));
  message->set_special_period(standard.special_period);
  message->set_source(standard.source);
}

void WriteDetails(const PermitContent& content, v1::PermitDetails* details) {
  details->set_holder_address(content.holder_address);
  details->set_legal_representative(content.legal_representative);
  details->set_site_address(content.site_address);
  for (const std::string& industry : content.industries) details->add_industries(industry);
  for (const std::string& process : content.processes) details->add_processes(process);
  for (const PlantFactRow& fact : content.facts) {
    v1::PlantFact* added = details->add_facts();
    added->set_name(fact.name);
    added->set_value(fact.value);
  }
  for (const StandardRow& standard : content.standards) WriteStandard(standard, details->add_standards());
  for (const FacilityRow& facility : content.facilities) {
    v1::Facility* added = details->add_facilities();
    added->set_code(facility.code);
    added->set_display_name(facility.display_name);
    added->set_description(facility.description);
  }
  for (const RequirementRow& requirement : content.requirements) {
    v1::Requirement* added = details->add_requirements();
    added->set_kind(requirement.kind);
    added->set_text(requirement.text);
  }
  for (const CeilingRow& ceiling : content.ceilings) {
    v1::Ceiling* added = details->add_ceilings();
    added->set_pollutant(ceiling.pollutant);
    added->set_technical_grams(ceiling.technical.value());
    added->set_eia_grams(ceiling.eia.value());
    added->set_total_control_grams(ceiling.total_control.value());
  }
  for (const ConfidentialFieldRow& field : content.confidential_fields) {
    v1::ConfidentialField* added = details->add_confidential_fields();
    added->set_path(field.path);
    added->set_justification(field.justification);
  }
}

}  // namespace

void WriteContent(const PermitContent& content, google::protobuf::RepeatedPtrField<v1::Outlet>* outlets,
                  google::protobuf::RepeatedPtrField<v1::Limit>* limits, v1::PermitDetails* details) {
  for (const OutletRow& outlet : content.outlets) WriteOutlet(outlet, outlets->Add());
  for (const LimitRow& limit : content.limits) {
    v1::Limit* added = limits->Add();
    added->set_scope(limit.scope);
    added->set_pollutant(limit.pollutant);
    ledger::AppendProto(limit.annual_limits, added->mutable_annual_limits());
  }
  WriteDetails(content, details);
}

void WriteContent(const PermitContent& content, v1::Permit* permit) {
  WriteContent(content, permit->mutable_outlets(), permit->mutable_limits(), permit->mutable_details());
  if (permit->details().ByteSizeLong() == 0) permit->clear_details();
}

}  // namespace songhua::permits
