#include "api/cli/service_error.h"

#include <charconv>
#include <functional>

#include "api/cli/schema.h"
#include "api/cli/table.h"
#include "api/cli/text.h"
#include "google/protobuf/any.pb.h"

namespace songhua::api::cli {
namespace {

namespace pb = google::protobuf;

constexpr int kDeadlineExceeded = 4, kUnavailable = 14, kCancelled = 1;

std::string String(const pb::Message& message, const char* field) {
  return message.GetReflection()->GetString(message, message.GetDescriptor()->FindFieldByName(field));
}

// Calls visit(element) for each message of a repeated field.
template <class Visit>
void ForEach(const pb::Message& message, const char* field, Visit visit) {
  const pb::FieldDescriptor* descriptor = message.GetDescriptor()->FindFieldByName(field);
  for (int i = 0; i < message.GetReflection()->FieldSize(message, descriptor); ++i) {
    visit(message.GetReflection()->GetRepeatedMessage(message, descriptor, i));
  }
}

void ReadErrorInfo(const pb::Message& info, ServiceError* error) {
  error->reason = String(info, "reason");
  ForEach(info, "metadata", [&](const pb::Message& entry) {
    const std::string key = String(entry, "key");
    const std::string value = String(entry, "value");
    if (key == "rule")
      error->rule = value;
    else if (key == "field")
      error->field = value;
    else if (key == "value")
      error->value = value;
    else if (key == "accepted")
      error->accepted = value;
    else
      error->more.emplace_back(key, value);
  });
}

std::string JsonString(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kHex[] = "0123456789abcdef";
      out += std::string("\\u00") + kHex[c >> 4] + kHex[c & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string Yuan(int64_t fen) { return Decimal(fen, 2, 2) + " yuan"; }

std::optional<int64_t> WholeNumber(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// Whether an amount stands between `before` and `after`, rather than a year or a count of something else.
bool IsAmountHere(std::string_view before, std::string_view after) {
  bool begins = before.empty();
  for (const std::string_view words : {"at most ", "at least ", "multiple of ", " to ", "around "}) begins |= before.ends_with(words);
  return begins && (after.empty() || after[0] == ',' || after.substr(0, 4) == " to ");
}

// Writes the amounts of a text as `format` does, and all that are said to be fen in yuan. A null `format` leaves the others.
std::string WithAmounts(const std::string& text, const std::function<std::string(int64_t)>& format) {
  constexpr std::string_view kDigits = "0123456789", kFen = " fen";
  std::string out;
  size_t at = 0;
  while (at < text.size()) {
    const size_t start = std::min(text.find_first_of(kDigits, at), text.size());
    const size_t end = std::min(text.find_first_not_of(kDigits, start), text.size());
    out += text.substr(at, start - at);
    const std::string_view before = std::string_view(text).substr(0, start), after = std::string_view(text).substr(end);
    const auto value = WholeNumber(std::string_view(text).substr(start, end - start));
    const bool alone = before.empty() || before.back() == ' ';
    at = end;
    if (value.has_value() && alone && after.substr(0, kFen.size()) == kFen) {
      out += Yuan(*value);
      at += kFen.size();
    } else if (value.has_value() && alone && format != nullptr && IsAmountHere(before, after)) {
      out += format(*value);
    } else {
      out += text.substr(start, end - start);
    }
  }
  return out;
}

}  // namespace

bool IsQuantityField(const std::string& field) { return field.substr(field.rfind('.') + 1).find("quantity") != std::string::npos; }

ServiceError InPeoplesUnits(ServiceError error, const std::optional<UnitScale>& scale) {
  std::function<std::string(int64_t)> format;
  if (error.field.ends_with("_fen")) {
    format = Yuan;
    error.field.erase(error.field.size() - std::string_view("_fen").size());
  } else if (IsQuantityField(error.field) && scale.has_value()) {
    format = [&scale](int64_t steps) { return FormatQuantity(steps, scale); };
  }
  const auto value = WholeNumber(error.value);
  if (format != nullptr && value.has_value()) error.value = format(*value);
  error.accepted = WithAmounts(error.accepted, format);
  return error;
}

std::string CodeName(int code) {
  static constexpr const char* kNames[] = {"OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
                                           "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
                                           "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
                                           "DATA_LOSS", "UNAUTHENTICATED"};
  return code >= 0 && code < static_cast<int>(std::size(kNames)) ? kNames[code] : "CODE_" + std::to_string(code);
}

ServiceError DescribeError(const CallStatus& call) {
  ServiceError error;
  error.code = CodeName(call.code);
  error.message = call.message;
  const Schema& schema = Schema::Get();
  const auto status = schema.New("google.rpc.Status");
  if (call.details.empty() || !status->ParseFromString(call.details)) return error;
  ForEach(*status, "details", [&](const pb::Message& packed) {
    pb::Any any;
    if (!any.ParseFromString(packed.SerializeAsString())) return;
    const std::string type = any.type_url().substr(any.type_url().rfind('/') + 1);
    if (type != "google.rpc.ErrorInfo" && type != "google.rpc.BadRequest") return;
    const auto detail = schema.New(type);
    if (!detail->ParseFromString(any.value())) return;
    if (type == "google.rpc.ErrorInfo") {
      ReadErrorInfo(*detail, &error);
    } else {
      ForEach(*detail, "field_violations", [&](const pb::Message& violation) {
        error.violations.emplace_back(String(violation, "field"), String(violation, "description"));
      });
    }
  });
  // A single violation of the field that ErrorInfo names says nothing new.
  if (error.violations.size() == 1 && error.violations[0].first == error.field) error.violations.clear();
  return error;
}

void PrintError(const ServiceError& error, std::ostream& err) {
  const bool no_answer = error.code == "UNAVAILABLE" || error.code == "DEADLINE_EXCEEDED" || error.code == "CANCELLED";
  err << (no_answer ? "no answer: " : "refused: ") << (error.reason.empty() ? error.code : error.reason);
  if (!error.rule.empty()) err << ", rule " << error.rule;
  err << '\n';
  Table table({{""}, {""}});
  if (!error.field.empty()) {
    error.value.empty() ? table.Add({"field", error.field}) : table.Add({error.field, error.value});
  } else if (!error.value.empty()) {
    table.Add({"value", error.value});
  }
  if (!error.accepted.empty()) table.Add({"accepted", error.accepted});
  for (const auto& [key, value] : error.more) table.Add({key, value});
  for (const auto& [field, description] : error.violations) table.Add({field, description});
  if (table.empty()) {
    if (!error.message.empty()) err << "  " << error.message << '\n';
  } else {
    table.PrintRows(err, 2);
  }
}

void PrintErrorJson(const ServiceError& error, std::ostream& err) {
  err << "{\"code\":" << JsonString(error.code) << ",\"message\":" << JsonString(error.message);
  for (const auto& [key, value] : {std::pair<const char*, const std::string&>{"reason", error.reason},
                                   {"rule", error.rule},
                                   {"field", error.field},
                                   {"value", error.value},
                                   {"accepted", error.accepted}}) {
    if (!value.empty()) err << ",\"" << key << "\":" << JsonString(value);
  }
  err << "}\n";
}

int ExitCodeOf(const CallStatus& status) {
  if (status.ok()) return kExitOk;
  return status.code == kUnavailable || status.code == kDeadlineExceeded || status.code == kCancelled ? kExitUnavailable : kExitRefused;
}

}  // namespace songhua::api::cli
