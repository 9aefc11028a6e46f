#include "simulations/scenario/answers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/cli/flags.h"
#include "api/cli/render.h"
#include "api/cli/request.h"
#include "api/cli/schema.h"
#include "api/cli/text.h"
#include "ledger/legal_time.h"
#include "ledger/refusal.h"
#include "simulations/scenario/amounts_text.h"

namespace songhua::simulations {
namespace {

namespace pb = google::protobuf;
using api::cli::IsMessage;
using api::cli::IsTimestamp;
using Field = pb::FieldDescriptor;

std::string Snake(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

const Field* FindField(const pb::Descriptor* type, const std::string& name) {
  const Field* field = type->FindFieldByName(Snake(name));
  return field != nullptr ? field : type->FindFieldByName(Snake(name) + "_fen");
}

const pb::Message& Child(const FieldPlace& place) {
  const pb::Reflection* reflection = place.message->GetReflection();
  return place.field->is_repeated() ? reflection->GetRepeatedMessage(*place.message, place.field, place.index)
                                    : reflection->GetMessage(*place.message, place.field);
}

struct Segment {
  std::string name;
  std::string selector;  // what stands in [ ]; empty: none
};

// "lots[account=accounts/x.cash].quantity" has dots in its selector.
absl::StatusOr<std::vector<Segment>> Cut(const std::string& path) {
  std::vector<Segment> segments(1);
  bool in_selector = false;
  for (const char c : path) {
    if (c == '[' || c == ']') {
      if (in_selector == (c == '[')) return absl::InvalidArgumentError("'" + path + "' is no path: its brackets do not match");
      in_selector = c == '[';
    } else if (c == '.' && !in_selector) {
      segments.emplace_back();
    } else {
      (in_selector ? segments.back().selector : segments.back().name) += c;
    }
  }
  if (in_selector) return absl::InvalidArgumentError("'" + path + "' is no path: its brackets do not match");
  return segments;
}

// Steps into the field of this name, or into the answer's one resource that has it.
std::optional<FieldPlace> Step(const pb::Message& message, std::vector<const pb::Message*> around, const std::string& name, bool first) {
  around.push_back(&message);
  if (const Field* field = FindField(message.GetDescriptor(), name)) return FieldPlace{&message, field, -1, std::move(around)};
  if (!first) return std::nullopt;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const Field* resource = message.GetDescriptor()->field(i);
    if (!IsMessage(resource) || resource->is_repeated() || resource->name() == "header") continue;
    if (const auto place = Step(message.GetReflection()->GetMessage(message, resource), around, name, false)) return place;
  }
  return std::nullopt;
}

absl::StatusOr<int> Choose(const FieldPlace& place, const std::string& selector) {
  const auto none = [&] {
    return absl::NotFoundError("there is no " + place.field->name() + "[" + selector + "] among " + std::to_string(place.size()));
  };
  const size_t equals = selector.find('=');
  if (equals != std::string::npos) {
    for (int i = 0; i < place.size() && IsMessage(place.field); ++i) {
      const pb::Message& element = place.message->GetReflection()->GetRepeatedMessage(*place.message, place.field, i);
      SONGHUA_ASSIGN_OR_RETURN(const FieldPlace of_element, FindPlace(element, selector.substr(0, equals)));
      SONGHUA_ASSIGN_OR_RETURN(const bool is, ValueIs(of_element, selector.substr(equals + 1), [](const pb::Message&) { return std::nullopt; }));
      if (is) return i;
    }
    return none();
  }
  if (selector == "last") return place.size() > 0 ? absl::StatusOr<int>(place.size() - 1) : none();
  SONGHUA_ASSIGN_OR_RETURN(const int64_t number, api::cli::ParseInteger(selector, "number"));
  if (number < 1 || number > place.size()) return none();
  return static_cast<int>(number - 1);
}

std::optional<api::cli::UnitScale> ScaleAt(const FieldPlace& place, const ScaleFinder& scale_of) {
  for (auto message = place.around.rbegin(); message != place.around.rend(); ++message) {
    const auto scale = scale_of(**message);
    if (scale.has_value()) return scale;
  }
  return std::nullopt;
}

// A value by its name or the end of it: the states VERIFIED and REJECTED have longer names in the proto, whose enumerations share one scope.
std::string EnumName(const pb::EnumDescriptor* type, const std::string& text) {
  if (type->FindValueByName(text) != nullptr) return text;
  for (int i = 0; i < type->value_count(); ++i) {
    const std::string& name = type->value(i)->name();
    const size_t start = name.size() - std::min(name.size(), text.size() + 1);
    if (name.substr(start) == "_" + text) return name;
  }
  return "";
}

int64_t Integer(const FieldPlace& place) {
  const pb::Reflection* r = place.message->GetReflection();
  const bool of_many = place.index >= 0;
  switch (place.field->cpp_type()) {
    case Field::CPPTYPE_INT32: return of_many ? r->GetRepeatedInt32(*place.message, place.field, place.index) : r->GetInt32(*place.message, place.field);
    case Field::CPPTYPE_UINT32: return of_many ? r->GetRepeatedUInt32(*place.message, place.field, place.index) : r->GetUInt32(*place.message, place.field);
    case Field::CPPTYPE_UINT64:
      return static_cast<int64_t>(of_many ? r->GetRepeatedUInt64(*place.message, place.field, place.index) : r->GetUInt64(*place.message, place.field));
    default: return of_many ? r->GetRepeatedInt64(*place.message, place.field, place.index) : r->GetInt64(*place.message, place.field);
  }
}

std::string String(const FieldPlace& place) {
  const pb::Reflection* r = place.message->GetReflection();
  return place.index >= 0 ? r->GetRepeatedString(*place.message, place.field, place.index) : r->GetString(*place.message, place.field);
}

}  // namespace

int FieldPlace::size() const { return field->is_repeated() ? message->GetReflection()->FieldSize(*message, field) : 0; }

absl::StatusOr<FieldPlace> FindPlace(const pb::Message& answer, const std::string& path) {
  SONGHUA_ASSIGN_OR_RETURN(const std::vector<Segment> segments, Cut(path));
  const pb::Message* message = &answer;
  std::vector<const pb::Message*> around;
  for (size_t i = 0;; ++i) {
    std::optional<FieldPlace> place = Step(*message, around, segments[i].name, i == 0);
    if (!place.has_value()) return absl::NotFoundError("there is no field '" + segments[i].name + "' in " + message->GetDescriptor()->name());
    if (!segments[i].selector.empty()) {
      if (!place->field->is_repeated()) return absl::NotFoundError("there is one " + segments[i].name + ", not many to choose from");
      SONGHUA_ASSIGN_OR_RETURN(place->index, Choose(*place, segments[i].selector));
    }
    if (i + 1 == segments.size()) return *std::move(place);
    if (!IsMessage(place->field) || (place->field->is_repeated() && place->index < 0)) {
      return absl::NotFoundError("'" + segments[i].name + "' has no fields of its own");
    }
    message = &Child(*place);
    around = std::move(place->around);
  }
}

std::string RawValue(const FieldPlace& place) {
  const Field* field = place.field;
  if (field->is_repeated() && place.index < 0) {
    std::vector<std::string> values;
    for (int i = 0; i < place.size(); ++i) values.push_back(RawValue({place.message, field, i, place.around}));
    return api::cli::Join(values, ", ");
  }
  const pb::Reflection* r = place.message->GetReflection();
  switch (field->cpp_type()) {
    case Field::CPPTYPE_STRING: return String(place);
    case Field::CPPTYPE_BOOL: return (place.index >= 0 ? r->GetRepeatedBool(*place.message, field, place.index) : r->GetBool(*place.message, field)) ? "true" : "false";
    case Field::CPPTYPE_ENUM: return (place.index >= 0 ? r->GetRepeatedEnum(*place.message, field, place.index) : r->GetEnum(*place.message, field))->name();
    case Field::CPPTYPE_MESSAGE: return IsTimestamp(field) ? api::cli::FormatTime(Child(place)) : api::cli::ToJson(Child(place));
    default: return std::to_string(Integer(place));
  }
}

std::string ShownValue(const FieldPlace& place, const ScaleFinder& scale_of) {
  const bool one = !place.field->is_repeated() || place.index >= 0;
  if (one && IsFenField(place.field)) return FormatFen(Integer(place));
  if (one && IsQuantityField(place.field)) return FormatSteps(Integer(place), ScaleAt(place, scale_of));
  const std::string value = RawValue(place);
  return value.empty() ? "(empty)" : value;
}

absl::StatusOr<bool> ValueIs(const FieldPlace& place, const std::string& text, const ScaleFinder& scale_of) {
  const Field* field = place.field;
  const std::string& name = field->name();
  if (field->is_repeated() && place.index < 0) return RawValue(place) == text;
  switch (field->cpp_type()) {
    case Field::CPPTYPE_BOOL: {
      const std::string wanted = text == "yes" ? "true" : text == "no" ? "false" : text;
      if (wanted != "true" && wanted != "false") return absl::InvalidArgumentError(name + " is yes or no, not '" + text + "'");
      return RawValue(place) == wanted;
    }
    case Field::CPPTYPE_ENUM: {
      const std::string wanted = EnumName(field->enum_type(), api::cli::UpperCase(text));
      if (wanted.empty()) return absl::InvalidArgumentError("'" + text + "' is no " + field->enum_type()->name());
      return RawValue(place) == wanted;
    }
    case Field::CPPTYPE_STRING: return String(place) == text || String(place) == api::cli::CompleteName(text, api::cli::CollectionOf(field, nullptr));
    case Field::CPPTYPE_MESSAGE: {
      if (!IsTimestamp(field)) return RawValue(place) == text;
      SONGHUA_ASSIGN_OR_RETURN(const Timestamp wanted, api::cli::ReadTime(text, name));
      const std::string shown = FormatTimestamp(wanted);
      return RawValue(place).substr(0, 19) == shown.substr(0, 10) + " " + shown.substr(11, 8);
    }
    default: {
      const auto wanted = IsFenField(field) ? ParseFen(text, name) : IsQuantityField(field) ? ParseSteps(text, ScaleAt(place, scale_of), name) : api::cli::ParseInteger(text, name);
      if (!wanted.ok()) return wanted.status();
      return Integer(place) == *wanted;
    }
  }
}

}  // namespace songhua::simulations
