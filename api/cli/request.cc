#include "api/cli/request.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>

#include "api/cli/schema.h"
#include "api/cli/text.h"
#include "ledger/identifiers.h"
#include "ledger/legal_time.h"
#include "ledger/refusal.h"

namespace songhua::api::cli {
namespace {

namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;

bool IsFen(const Field* field) { return field->cpp_type() == Field::CPPTYPE_INT64 && field->name().ends_with("_fen"); }
bool TakesQuantity(const Field* field) {
  return field->cpp_type() == Field::CPPTYPE_INT64 && (field->name().find("quantity") != std::string::npos || field->name() == "lot_size");
}
// Messages that every request may carry; their fields stand beside its own.
bool IsFlattened(const Field* field) {
  return IsMessage(field) && (field->message_type()->name() == "ReadOptions" || field->message_type()->name() == "PageRequest");
}

std::string EnumNames(const pb::EnumDescriptor* type) {
  std::vector<std::string> names;
  for (int i = 0; i < type->value_count(); ++i) {
    if (type->value(i)->number() != 0) names.push_back(type->value(i)->name());
  }
  return Join(names, ", ");
}

std::string ValueName(const Field* field) {
  const std::string& name = field->name();
  if (IsTimestamp(field)) return "TIME";
  switch (field->cpp_type()) {
    case Field::CPPTYPE_MESSAGE:
      return field->is_repeated() ? "KEY=VALUE,..." : "JSON";
    case Field::CPPTYPE_ENUM:
      return UpperCase(name);
    case Field::CPPTYPE_BOOL:
      return field->is_repeated() ? "BOOL" : "";
    case Field::CPPTYPE_STRING:
      break;
    default:
      return IsFen(field) ? "FEN" : TakesQuantity(field) ? "QUANTITY" : "NUMBER";
  }
  if (field->type() == Field::TYPE_BYTES) return "HEX";
  for (const char* end : {"date", "_from", "_to", "term_first", "term_last", "term_start", "term_end"}) {
    if (name.ends_with(end)) return "DATE";
  }
  const std::string collection = CollectionOf(field, nullptr);
  if (!collection.empty()) return UpperCase(name.substr(name.rfind('_') + 1));
  return name == "name" ? "NAME" : "TEXT";
}

std::string Help(const Field* field) {
  std::string help = Schema::Comment(field);
  if (field->cpp_type() == Field::CPPTYPE_ENUM) help += (help.empty() ? "One of " : " One of ") + EnumNames(field->enum_type()) + ".";
  if (IsMessage(field) && !IsTimestamp(field)) {
    help += help.empty() ? "" : " ";
    help += field->is_repeated() ? "As key=value pairs, JSON or @FILE; once for each." : "As JSON or @FILE; or by the flags below.";
  }
  if (help.empty()) {  // a field that its name says all about
    const std::string words = Words(IsFen(field) ? field->name().substr(0, field->name().size() - 4) : field->name());
    help = UpperCase(words.substr(0, 1)) + words.substr(1) + ".";
  }
  if (TakesQuantity(field)) help += " In the program's smallest step, or with a unit: 2.5t, 500kg.";
  return help;
}

// The same for a flag in yuan.
std::string YuanHelp(std::string help) {
  if (help.compare(0, 4, "Fen ") == 0) help.replace(0, 4, "Yuan ");
  return help + " In yuan, such as 8000 or 80.50.";
}

// The collection that the `name` of this method's request belongs to: GetLot, LiftFreeze; failing that, of the service or of the request's name.
std::string CollectionOfMethod(const Rpc& rpc);

void AddFlags(const pb::Descriptor* type, const Rpc& rpc, const std::string& prefix, const std::vector<const Field*>& path,
              std::vector<FieldFlag>* flags) {
  for (int i = 0; i < type->field_count(); ++i) {
    const Field* field = type->field(i);
    if (Schema::Comment(field).find("Output only") != std::string::npos) continue;
    std::vector<const Field*> here = path;
    here.push_back(field);
    if (IsFlattened(field)) {
      AddFlags(field->message_type(), rpc, prefix, here, flags);
      continue;
    }
    FieldFlag flag;
    flag.path = here;
    flag.spec = {prefix + FlagCase(field->name()), ValueName(field), Help(field), field->is_repeated()};
    flag.collection = field->cpp_type() == Field::CPPTYPE_STRING ? CollectionOf(field, &rpc) : "";
    if (IsFen(field)) {
      FieldFlag yuan = flag;
      yuan.yuan = true;
      yuan.spec.name.erase(yuan.spec.name.size() - std::string_view("-fen").size());
      yuan.spec.value_name = "YUAN";
      yuan.spec.help = YuanHelp(flag.spec.help);
      flags->push_back(std::move(yuan));
      flag.spec.help = "The same in fen.";
    }
    flags->push_back(flag);
    if (IsMessage(field) && !IsTimestamp(field) && !field->is_repeated()) {
      AddFlags(field->message_type(), rpc, flag.spec.name + ".", here, flags);
    }
  }
}

absl::Status BadValue(std::string_view flag, std::string_view value, std::string_view accepted) {
  return absl::InvalidArgumentError("--" + std::string(flag) + " is '" + std::string(value) + "'; accepted: " + std::string(accepted));
}

absl::StatusOr<const pb::EnumValueDescriptor*> ParseEnum(const std::string& text, std::string_view flag, const pb::EnumDescriptor* type) {
  std::string name = UpperCase(text);
  for (char& c : name) c = c == '-' ? '_' : c;
  const pb::EnumValueDescriptor* value = type->FindValueByName(name);
  if (value != nullptr && value->number() != 0) return value;
  return BadValue(flag, text, EnumNames(type));
}

absl::StatusOr<std::string> ParseHex(const std::string& text, std::string_view flag) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    if (i + 1 == text.size() || digit(text[i]) < 0 || digit(text[i + 1]) < 0) return BadValue(flag, text, "pairs of hexadecimal digits");
    bytes += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
  }
  return bytes;
}

absl::StatusOr<int64_t> ParseNumber(const FieldFlag& flag, const std::string& text, Units* units, const pb::Message& request) {
  if (flag.yuan) return ParseDecimal(text, 2, flag.spec.name);
  if (TakesQuantity(flag.field()) && HasUnit(text)) {
    return ParseQuantity(text, units != nullptr ? units->Of(request) : std::nullopt, flag.spec.name);
  }
  return ParseInteger(text, flag.spec.name);
}

// Sets, or where the field is repeated adds, one number.
absl::Status SetNumber(const std::string& flag, int64_t value, const Field* field, pb::Message* message) {
  const pb::Reflection* reflection = message->GetReflection();
  const auto fits = [&](int64_t least, int64_t most) { return least <= value && value <= most; };
  const auto refuse = [&](std::string_view accepted) { return BadValue(flag, std::to_string(value), accepted); };
  const bool add = field->is_repeated();
  switch (field->cpp_type()) {
    case Field::CPPTYPE_INT64:
      add ? reflection->AddInt64(message, field, value) : reflection->SetInt64(message, field, value);
      return absl::OkStatus();
    case Field::CPPTYPE_UINT64:
      if (value < 0) return refuse("a number not below zero");
      add ? reflection->AddUInt64(message, field, static_cast<uint64_t>(value))
          : reflection->SetUInt64(message, field, static_cast<uint64_t>(value));
      return absl::OkStatus();
    case Field::CPPTYPE_INT32:
      if (!fits(INT32_MIN, INT32_MAX)) return refuse("a number of 32 bits");
      add ? reflection->AddInt32(message, field, static_cast<int32_t>(value))
          : reflection->SetInt32(message, field, static_cast<int32_t>(value));
      return absl::OkStatus();
    case Field::CPPTYPE_UINT32:
      if (!fits(0, UINT32_MAX)) return refuse("a number of 32 bits, not below zero");
      add ? reflection->AddUInt32(message, field, static_cast<uint32_t>(value))
          : reflection->SetUInt32(message, field, static_cast<uint32_t>(value));
      return absl::OkStatus();
    default:
      return absl::UnimplementedError("--" + flag + ": the API has no numbers of this kind");
  }
}

absl::Status SetTime(const std::string& text, std::string_view flag, pb::Message* timestamp) {
  SONGHUA_ASSIGN_OR_RETURN(const Timestamp at, ReadTime(text, flag));
  int64_t seconds = at.value() / kMicrosPerSecond;
  int64_t micros = at.value() % kMicrosPerSecond;
  if (micros < 0) {
    micros += kMicrosPerSecond;
    --seconds;
  }
  const pb::Descriptor* type = timestamp->GetDescriptor();
  timestamp->GetReflection()->SetInt64(timestamp, type->FindFieldByName("seconds"), seconds);
  timestamp->GetReflection()->SetInt32(timestamp, type->FindFieldByName("nanos"), static_cast<int32_t>(micros * 1000));
  return absl::OkStatus();
}

absl::Status SetField(const FieldFlag& flag, const std::string& text, Units* units, const pb::Message& request, pb::Message* message) {
  const Field* field = flag.field();
  const std::string& name = flag.spec.name;
  const pb::Reflection* reflection = message->GetReflection();
  switch (field->cpp_type()) {
    case Field::CPPTYPE_MESSAGE: {
      pb::Message* child = field->is_repeated() ? reflection->AddMessage(message, field) : reflection->MutableMessage(message, field);
      return IsTimestamp(field) ? SetTime(text, name, child) : ParseMessageText(text, name, child);
    }
    case Field::CPPTYPE_STRING: {
      std::string value = text;
      if (field->type() == Field::TYPE_BYTES) {
        SONGHUA_ASSIGN_OR_RETURN(value, ParseHex(text, name));
      } else {
        if (!ValidateUtf8(text, name).ok()) return absl::InvalidArgumentError("--" + name + " is not UTF-8; accepted: text in UTF-8");
        value = CompleteName(text, flag.collection);
      }
      field->is_repeated() ? reflection->AddString(message, field, value) : reflection->SetString(message, field, value);
      return absl::OkStatus();
    }
    case Field::CPPTYPE_ENUM: {
      SONGHUA_ASSIGN_OR_RETURN(const pb::EnumValueDescriptor* value, ParseEnum(text, name, field->enum_type()));
      field->is_repeated() ? reflection->AddEnum(message, field, value) : reflection->SetEnum(message, field, value);
      return absl::OkStatus();
    }
    case Field::CPPTYPE_BOOL:
      if (text != "true" && text != "false") return BadValue(name, text, "true or false");
      field->is_repeated() ? reflection->AddBool(message, field, text == "true") : reflection->SetBool(message, field, text == "true");
      return absl::OkStatus();
    default: {
      SONGHUA_ASSIGN_OR_RETURN(const int64_t value, ParseNumber(flag, text, units, request));
      return SetNumber(name, value, field, message);
    }
  }
}

pb::Message* Descend(const std::vector<const Field*>& path, pb::Message* message) {
  for (size_t i = 0; i + 1 < path.size(); ++i) message = message->GetReflection()->MutableMessage(message, path[i]);
  return message;
}

absl::StatusOr<std::string> ReadAll(const std::string& file, std::string_view flag) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream in(file, std::ios::binary);
  if (!in) return BadValue(flag, "@" + file, "a file that can be read");
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

absl::Status ParseJson(const std::string& text, std::string_view flag, pb::Message* message) {
  const auto status = pb::util::JsonStringToMessage(text, message);
  if (status.ok()) return absl::OkStatus();
  return BadValue(flag, text.size() > 80 ? text.substr(0, 80) + "..." : text,
                  "JSON of " + message->GetDescriptor()->name() + " (" + FirstLine(status.message().ToString()) + ")");
}

absl::Status ParsePairs(const std::string& text, std::string_view flag, pb::Message* message) {
  for (const std::string& pair : Split(text, ',')) {
    const size_t equals = pair.find('=');
    const std::string key = Trim(pair.substr(0, equals));
    const Field* field = message->GetDescriptor()->FindFieldByName(key);
    if (equals == std::string::npos || field == nullptr || (IsMessage(field) && !IsTimestamp(field))) {
      std::vector<std::string> keys;
      for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
        if (!IsMessage(message->GetDescriptor()->field(i))) keys.push_back(message->GetDescriptor()->field(i)->name());
      }
      return BadValue(flag, pair, "JSON, @FILE, or key=value pairs of " + Join(keys, ", "));
    }
    FieldFlag part;
    part.spec.name = std::string(flag) + " " + key;
    part.path = {field};
    part.collection = field->cpp_type() == Field::CPPTYPE_STRING ? CollectionOf(field, nullptr) : "";
    SONGHUA_RETURN_IF_ERROR(SetField(part, Trim(pair.substr(equals + 1)), nullptr, *message, message));
  }
  return absl::OkStatus();
}

// Singular and plural of what has a name of its own.
const std::map<std::string, std::string, std::less<>>& Collections() {
  static const auto* collections = new std::map<std::string, std::string, std::less<>>{
      {"account", "accounts"},       {"allocation", "allocations"},  {"fee", "paidUseFees"},       {"surplus", "surpluses"},
      {"application", "applications"}, {"approver", "people"},      {"assessor", "people"},
      {"assignee", "people"},        {"authority", "participants"},   {"contract", "contracts"},   {"deadline", "deadlines"},  {"halt", "halts"},
      {"deputy", "people"},          {"document", "documents"},       {"freeze", "freezes"},       {"import", "imports"},
      {"surveillance-flag", "surveillanceFlags"}, {"region-status", "regionStatuses"}, {"crossing", "crossings"},
      {"authorisation", "authorisations"}, {"bank", "participants"}, {"enterprise", "participants"}, {"inquirer", "participants"}, {"inquiry", "inquiries"},
      {"closure", "closures"},       {"extinction", "extinctions"},   {"lease", "leases"},         {"recovery", "recoveries"},
      {"issuance", "issuances"},     {"line", "bankLines"},          {"lot", "lots"}, {"listing", "listings"}, {"intent", "intents"}, {"negotiation", "negotiations"}, {"offer", "negotiations"}, {"auction", "auctions"}, {"bid", "bids"}, {"bidder", "auctionBidders"}, {"consignment", "consignments"}, {"method", "priceMethods"},  {"notice", "notices"},
      {"one", "dayOneImports"},      {"order", "orders"},           {"price", "basePrices"},         {"proposal", "priceProposals"},
      {"overlay", "overlays"},       {"participant", "participants"}, {"penalty", "penalties"}, {"reduction-task", "reductionTasks"},
      {"permit", "permits"},         {"person", "people"},            {"pledge", "pledges"},       {"pledgee", "participants"},
      {"pledgor", "participants"},   {"program", "programs"},         {"regime", "regimes"},       {"registration", "registrations"},
      {"reviewer", "people"},        {"rulebook", "rulebooks"},       {"site", "sites"},           {"statement", "bankStatements"},
      {"token", "tokens"},               {"bar", "traderBars"},         {"batch", "settlementBatches"}, {"default", "deliveryDefaults"}, {"difference", "settlementBatches"},
      {"objection", "settlementObjections"},         {"certificate", "tradeCertificates"},
      {"trading", "halts"},  {"trade", "trades"},           {"transaction", "transactions"}, {"transfer", "transferProposals"}, {"transfer-proposal", "transferProposals"}, {"year", "calendarYears"}};
  return *collections;
}

std::string CollectionOfWord(std::string_view singular) {
  const auto it = Collections().find(singular);
  return it != Collections().end() ? it->second : "";
}

std::string CollectionOfMethod(const Rpc& rpc) {
  const std::string whole = CollectionOfWord(rpc.name.substr(rpc.name.find('-') + 1));  // "transfer-proposal", which is no proposal of a price
  if (!whole.empty()) return whole;
  const std::string from_method = CollectionOfWord(rpc.name.substr(rpc.name.rfind('-') + 1));
  if (!from_method.empty()) return from_method;
  // A service of one kind of thing: Applications.
  const std::string of_service = LowerCase(rpc.method->service()->name());
  for (const auto& [singular, plural] : Collections()) {
    if (LowerCase(plural) == of_service) return plural;
  }
  const std::string service = KebabCase(rpc.method->service()->name());
  const std::string from_service = CollectionOfWord(service.substr(service.rfind('-') + 1));  // DayOne
  if (!from_service.empty()) return from_service;
  return CollectionOfWord(Split(KebabCase(rpc.method->input_type()->name()), '-').front());
}

}  // namespace

namespace {

// A parent may be of any collection; its comment says of which: "pledges/{number}".
std::string CollectionOfComment(const std::string& comment) {
  const size_t quote = comment.find('"');
  const size_t slash = quote == std::string::npos ? quote : comment.find("/{", quote);
  return slash == std::string::npos ? "" : comment.substr(quote + 1, slash - quote - 1);
}

}  // namespace

std::string CollectionOf(const Field* field, const Rpc* rpc) {
  if (field->containing_type()->name() == "PageRequest") return "";  // its token is no name
  if (field->name().ends_with("_deadline")) return "";  // a day, not the name of a deadline
  if (field->name() == "parent") return CollectionOfComment(Schema::Comment(field));
  const std::string_view word = std::string_view(field->name()).substr(field->name().rfind('_') + 1);
  if (field->is_repeated()) {
    for (const auto& [singular, plural] : Collections()) {
      if (word == plural) return plural;
    }
  }
  if (field->name() != "name") return CollectionOfWord(word);
  const std::string own = CollectionOfWord(LowerCase(field->containing_type()->name()));  // the name of a resource in itself
  if (!own.empty() || rpc == nullptr || field->containing_type() != rpc->method->input_type()) return own;
  return CollectionOfMethod(*rpc);
}

std::string CompleteName(std::string_view name, std::string_view collection) {
  if (name.empty() || collection.empty() || name.find('/') != std::string_view::npos) return std::string(name);
  return std::string(collection) + "/" + std::string(name);
}

std::vector<FieldFlag> FlagsOf(const Rpc& rpc) {
  std::vector<FieldFlag> flags;
  AddFlags(rpc.method->input_type(), rpc, "", {}, &flags);
  return flags;
}

std::vector<FlagSpec> SpecsOf(const std::vector<FieldFlag>& flags) {
  std::vector<FlagSpec> specs;
  specs.reserve(flags.size());
  for (const FieldFlag& flag : flags) specs.push_back(flag.spec);
  return specs;
}

absl::Status FillRequest(const Arguments& arguments, const std::vector<FieldFlag>& flags, Units* units, pb::Message* request) {
  // Quantities with a unit come last: what they count in follows from the fields before and after them.
  for (const bool with_unit : {false, true}) {
    for (const FieldFlag& flag : flags) {
      const std::vector<std::string> values = arguments.All(flag.spec.name);
      if (flag.yuan && !values.empty() && arguments.Has(flag.spec.name + "-fen")) {
        return absl::InvalidArgumentError("--" + flag.spec.name + " and --" + flag.spec.name +
                                          "-fen say the same; accepted: one of the two");
      }
      for (const std::string& text : values) {
        if ((TakesQuantity(flag.field()) && HasUnit(text)) != with_unit) continue;
        SONGHUA_RETURN_IF_ERROR(SetField(flag, text, units, *request, Descend(flag.path, request)));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status ParseMessageText(const std::string& text, std::string_view flag, pb::Message* message) {
  if (text.empty()) return BadValue(flag, text, "JSON, @FILE or key=value pairs");
  if (text[0] == '{') return ParseJson(text, flag, message);
  if (text[0] != '@') return ParsePairs(text, flag, message);
  const std::string file = text.substr(1);
  SONGHUA_ASSIGN_OR_RETURN(const std::string content, ReadAll(file, flag));
  if (!file.ends_with(".txtpb") && !file.ends_with(".textproto")) return ParseJson(content, flag, message);
  if (pb::TextFormat::MergeFromString(content, message)) return absl::OkStatus();
  return BadValue(flag, text, "a text-format " + message->GetDescriptor()->name());
}

absl::StatusOr<Timestamp> ReadTime(std::string_view text, std::string_view flag) {
  std::string full(text);
  if (full.size() > 10 && full[10] == ' ') full[10] = 'T';
  if (full.size() == 10) full += "T00:00";
  if (full.size() == 16) full += ":00";
  if (full.size() == 19) full += "+08:00";
  const auto at = ParseTimestamp(full, flag);
  if (!at.ok()) return BadValue(flag, text, "2026-01-05, \"2026-01-05 09:30\" (both in Shanghai) or RFC 3339 with an offset");
  return at;
}

}  // namespace songhua::api::cli
