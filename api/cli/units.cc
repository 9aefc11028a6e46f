#include "api/cli/units.h"

#include <cctype>

#include "api/cli/flags.h"
#include "api/cli/schema.h"
#include "api/cli/text.h"

namespace songhua::api::cli {
namespace {

namespace pb = google::protobuf;

std::string StringField(const pb::Message& message, std::string_view name) {
  const pb::FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(name));
  if (field == nullptr || field->is_repeated() || field->cpp_type() != pb::FieldDescriptor::CPPTYPE_STRING) return "";
  return message.GetReflection()->GetString(message, field);
}

// "12.5 kg" -> "12.5" and "kg".
std::pair<std::string, std::string> SplitUnit(std::string_view text) {
  size_t end = text.size();
  while (end > 0 && std::isalpha(static_cast<unsigned char>(text[end - 1]))) --end;
  return {Trim(text.substr(0, end)), std::string(text.substr(end))};
}

int DecimalsOf(int64_t power_of_ten) {
  int decimals = 0;
  for (; power_of_ten > 1; power_of_ten /= 10) ++decimals;
  return decimals;
}

}  // namespace

bool Units::Get(std::string_view method, const std::string& name, std::unique_ptr<pb::Message>* answer) {
  const Rpc& rpc = Schema::Get().Find(method);
  const auto request = Schema::Get().New(rpc.method->input_type());
  request->GetReflection()->SetString(request.get(), request->GetDescriptor()->FindFieldByName("name"), name);
  *answer = Schema::Get().New(rpc.method->output_type());
  std::string bytes;
  const CallStatus status = channel_->Unary(rpc.path, request->SerializeAsString(), &bytes);
  if (!status.ok()) failure_ = status;
  return status.ok() && (*answer)->ParseFromString(bytes);
}

std::optional<UnitScale> Units::OfProgram(const std::string& program) {
  const auto known = by_program_.find(program);
  if (known != by_program_.end()) return known->second;
  std::optional<UnitScale>& scale = by_program_[program];
  if (channel_ == nullptr || program.empty()) return scale;

  std::unique_ptr<pb::Message> answer;
  if (!Get("Ledger/GetProgram", program, &answer)) return scale;
  const pb::Message& found = answer->GetReflection()->GetMessage(*answer, answer->GetDescriptor()->FindFieldByName("program"));
  return scale = Of(found);
}

std::string Units::Ask(std::string_view method, const std::string& name, const std::string& resource, const std::string& wanted) {
  const auto [entry, is_new] = program_of_.try_emplace(name);
  if (!is_new || channel_ == nullptr) return entry->second;
  std::unique_ptr<pb::Message> answer;
  if (!Get(method, name, &answer)) return "";
  const pb::FieldDescriptor* field = answer->GetDescriptor()->FindFieldByName(resource);
  return entry->second = StringField(answer->GetReflection()->GetMessage(*answer, field), wanted);
}

std::optional<UnitScale> Units::OfName(std::string_view field, const std::string& name) {
  if (field == "program") return OfProgram(name);
  if (field == "contract") return OfProgram(Ask("Exchange/GetContract", name, "contract", "program"));
  if (field == "lot" || field == "from_lot") return OfProgram(Ask("Ledger/GetLot", name, "lot", "program"));
  if (field == "name" || field == "listing" || field == "auction") {  // of a request that changes an order, a surplus, a negotiation
    if (name.starts_with("surpluses/")) return kGrams;
    if (name.starts_with("pledges/")) return OfName("lot", Ask("Pledges/GetPledge", name, "pledge", "lot"));
    std::string contract;
    if (name.starts_with("orders/")) contract = Ask("Exchange/GetOrder", name, "order", "contract");
    if (name.starts_with("listings/")) contract = Ask("Listings/GetListing", name, "listing", "contract");
    if (name.starts_with("negotiations/")) contract = Ask("Negotiations/GetNegotiation", name, "negotiation", "contract");
    if (name.starts_with("auctions/")) contract = Ask("Auctions/GetAuction", name, "auction", "contract");
    return contract.empty() ? std::nullopt : OfName("contract", contract);
  }
  // An instrument: a currency, or the program's code and more behind a slash.
  if (name.find('/') == std::string::npos) return UnitScale{1, false, true};
  return OfProgram("programs/" + name.substr(0, name.find('/')));
}

std::optional<UnitScale> Units::Of(const pb::Message& message) {
  const pb::Descriptor* type = message.GetDescriptor();
  if (type->name() == "Limit") return kGrams;
  if (type->name() == "Program") {
    const pb::FieldDescriptor* steps = type->FindFieldByName("quoted_unit_steps");
    const int64_t per_tonne = message.GetReflection()->GetInt64(message, steps);
    const std::string unit = StringField(message, "unit");
    const bool a_year = unit.size() > 2 && unit.substr(unit.size() - 2) == "/a";
    if (per_tonne <= 0) return std::nullopt;
    return UnitScale{per_tonne, a_year, false};
  }
  // What a site discharges, spares or is granted, where the message names no program.
  if (type->FindFieldByName("program") == nullptr && !StringField(message, "site").empty() && !StringField(message, "pollutant").empty()) return kGrams;
  for (const char* field : {"program", "contract", "instrument", "code", "lot", "from_lot", "listing", "auction", "name"}) {
    const std::string name = StringField(message, field);
    if (name.empty()) continue;
    const auto scale = OfName(field, name);
    if (scale.has_value() || std::string_view(field) != "name") return scale;
  }
  // A request that is the wrapping of one resource: CreateContract.
  for (int i = 0; i < type->field_count(); ++i) {
    const pb::FieldDescriptor* field = type->field(i);
    if (field->is_repeated() || field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!message.GetReflection()->HasField(message, field)) continue;
    const auto scale = Of(message.GetReflection()->GetMessage(message, field));
    if (scale.has_value()) return scale;
  }
  return std::nullopt;
}

std::string FormatQuantity(int64_t steps, const std::optional<UnitScale>& scale) {
  if (!scale.has_value()) return Thousands(steps);
  if (scale->money) return Decimal(steps, 2, 2);
  return Decimal(steps, DecimalsOf(scale->steps_per_tonne), 0) + (scale->a_year ? " t/a" : " t");
}

bool HasUnit(std::string_view text) { return !SplitUnit(text).second.empty(); }

absl::StatusOr<int64_t> ParseQuantity(std::string_view text, const std::optional<UnitScale>& scale, std::string_view name) {
  const auto [number, unit] = SplitUnit(text);
  if (unit.empty()) return ParseInteger(number, name);
  if (unit != "t" && unit != "kg" && unit != "g") {
    return absl::InvalidArgumentError("--" + std::string(name) + " is '" + std::string(text) + "'; accepted units: t, kg, g");
  }
  if (!scale.has_value() || scale->money) {
    return absl::InvalidArgumentError("--" + std::string(name) + " is '" + std::string(text) +
                                      "', but the program's unit is not known here; accepted: a whole number of its smallest steps");
  }
  const int below_tonne = unit == "t" ? 0 : unit == "kg" ? 3 : 6;
  const int decimals = DecimalsOf(scale->steps_per_tonne) - below_tonne;
  if (decimals < 0) {
    return absl::InvalidArgumentError("--" + std::string(name) + " is '" + std::string(text) +
                                      "'; accepted: whole tonnes, as this program counts");
  }
  return ParseDecimal(number, decimals, name);
}

}  // namespace songhua::api::cli
