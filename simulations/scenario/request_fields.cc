#include "simulations/scenario/request_fields.h"

#include <map>
#include <span>
#include <string>
#include <utility>

#include "google/protobuf/text_format.h"
#include "api/cli/permit_flags.h"
#include "api/cli/request.h"
#include "api/cli/schema.h"
#include "api/cli/text.h"
#include "ledger/identifiers.h"
#include "ledger/refusal.h"
#include "simulations/scenario/amounts_text.h"
#include "simulations/scenario/embedded_file.h"

namespace songhua::simulations {
namespace {

namespace pb = google::protobuf;
using api::cli::FieldFlag;
using api::cli::IsMessage;
using api::cli::IsTimestamp;
using api::cli::UnitScale;
using Field = pb::FieldDescriptor;
using TokenSpan = std::span<const Token>;

constexpr char kUnknownField[] = "unknown-field";
constexpr int kDepthMax = 2;  // of messages within messages whose fields have names with dots

bool IsOption(const Field* field) { return IsMessage(field) && (field->message_type()->name() == "ReadOptions" || field->message_type()->name() == "PageRequest"); }

std::string Text(TokenSpan tokens) {
  std::string text;
  for (const Token& token : tokens) text += (text.empty() ? "" : " ") + token.text;
  return text;
}

absl::Status Bad(const std::string& name, const std::string& problem) { return absl::InvalidArgumentError(name + ": " + problem); }

// The fields of a message by the names that a scenario may call them.
class FieldNames {
 public:
  FieldNames(const pb::Descriptor* type, const api::cli::Rpc* rpc) : rpc_(rpc) { Add(type, "", {}, 0); }

  const FieldFlag* Find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found != by_name_.end() ? &found->second : nullptr;
  }

 private:
  void Add(const pb::Descriptor* type, const std::string& prefix, const std::vector<const Field*>& path, int depth) {
    std::vector<FieldFlag> nested;
    for (int i = 0; i < type->field_count(); ++i) {
      const Field* field = type->field(i);
      FieldFlag flag;
      flag.path = path;
      flag.path.push_back(field);
      flag.spec.name = prefix + api::cli::FlagCase(field->name());
      flag.spec.repeated = field->is_repeated();
      flag.collection = field->cpp_type() == Field::CPPTYPE_STRING ? api::cli::CollectionOf(field, rpc_) : "";
      by_name_.try_emplace(flag.spec.name, flag);
      if (IsFenField(field)) by_name_.try_emplace(flag.spec.name.substr(0, flag.spec.name.size() - 4), flag);
      if (IsMessage(field) && !IsTimestamp(field) && !field->is_repeated() && depth <= kDepthMax) nested.push_back(std::move(flag));
    }
    // After the message's own fields, so that these have the short names.
    for (const FieldFlag& flag : nested) {
      Add(flag.field()->message_type(), flag.spec.name + ".", flag.path, depth + 1);
      if (depth == 0 && (IsOption(flag.field()) || rpc_ != nullptr)) Add(flag.field()->message_type(), "", flag.path, depth + 1);
    }
  }

  const api::cli::Rpc* rpc_;
  std::map<std::string, FieldFlag> by_name_;
};

// One field with the values that were given to it.
struct Given {
  const FieldFlag* flag;
  std::vector<TokenSpan> values;
};

class Filler {
 public:
  // `scale_around` is that of the message around; it may ask the service, so it is called when there is a quantity with a unit, and not before.
  using Scale = std::function<std::optional<UnitScale>()>;
  Filler(const ScaleFinder& scale_of, Scale scale_around) : scale_of_(scale_of), scale_around_(std::move(scale_around)) {}

  absl::Status Fill(const FieldNames& names, TokenSpan tokens, pb::Message* message) {
    message_ = message;
    SONGHUA_ASSIGN_OR_RETURN(const std::vector<Given> all, Split(names, tokens, message));
    // Quantities come last, and messages with them: what they count in follows from the other fields.
    for (const bool last : {false, true}) {
      for (const Given& given : all) {
        if ((IsQuantityField(given.flag->field()) || (IsMessage(given.flag->field()) && !IsTimestamp(given.flag->field()))) != last) continue;
        for (const TokenSpan value : given.values) SONGHUA_RETURN_IF_ERROR(Set(*given.flag, value, message));
      }
    }
    return absl::OkStatus();
  }

 private:
  // Cuts the words into fields and values. A word that names a field begins the next one, unless it is quoted or the first of a value.
  absl::StatusOr<std::vector<Given>> Split(const FieldNames& names, TokenSpan tokens, pb::Message* message) {
    std::vector<Given> all;
    for (size_t at = 0; at < tokens.size();) {
      const std::string& name = tokens[at].text;
      if (name == kUnknownField && at + 1 < tokens.size()) {
        SONGHUA_ASSIGN_OR_RETURN(const int64_t number, api::cli::ParseInteger(tokens[at + 1].text, name));
        message->GetReflection()->MutableUnknownFields(message)->AddVarint(static_cast<int>(number), 1);
        at += 2;
        continue;
      }
      const FieldFlag* flag = tokens[at].quoted ? nullptr : names.Find(name);
      if (flag == nullptr) return Bad(name, "not a field of " + message->GetDescriptor()->name());
      Given given{flag, {}};
      const bool bare = tokens[at].comma || at + 1 == tokens.size();
      ++at;
      while (!bare) {
        SONGHUA_ASSIGN_OR_RETURN(const size_t end, EndOfValue(names, tokens, at, given));
        if (end == at) break;
        given.values.push_back(tokens.subspan(at, end - at));
        const bool comma = tokens[end - 1].comma;
        at = end;
        if (!comma || !flag->spec.repeated || at == tokens.size() || StartsField(names, tokens[at])) break;
      }
      if (given.values.empty() && flag->field()->cpp_type() != Field::CPPTYPE_BOOL) return Bad(name, "it has no value");
      if (given.values.empty()) given.values.push_back({});
      all.push_back(std::move(given));
    }
    return all;
  }

  static bool StartsField(const FieldNames& names, const Token& token) {
    return !token.quoted && (names.Find(token.text) != nullptr || token.text == kUnknownField);
  }

  static absl::StatusOr<size_t> EndOfValue(const FieldNames& names, TokenSpan tokens, size_t at, const Given& given) {
    if (given.flag->field()->cpp_type() == Field::CPPTYPE_BOOL && StartsField(names, tokens[at])) return at;  // a switch
    size_t end = at;
    int depth = 0;
    do {
      if (!tokens[end].quoted && tokens[end].text == "{") ++depth;
      if (!tokens[end].quoted && tokens[end].text == "}") --depth;
      ++end;
    } while (end < tokens.size() && (depth > 0 || (!tokens[end - 1].comma && !StartsField(names, tokens[end]))));
    if (depth != 0) return Bad(given.flag->spec.name, "{ and } do not match");
    return end;
  }

  absl::Status Set(const FieldFlag& flag, TokenSpan value, pb::Message* message) {
    const Field* field = flag.field();
    pb::Message* owner = message;
    for (size_t i = 0; i + 1 < flag.path.size(); ++i) owner = owner->GetReflection()->MutableMessage(owner, flag.path[i]);
    if (IsMessage(field) && !IsTimestamp(field)) {
      const pb::Reflection* reflection = owner->GetReflection();
      return SetMessage(flag.spec.name, value, field->is_repeated() ? reflection->AddMessage(owner, field) : reflection->MutableMessage(owner, field));
    }
    std::string text = Text(value);
    if (IsFenField(field)) {
      SONGHUA_ASSIGN_OR_RETURN(const int64_t fen, ParseFen(text, flag.spec.name));
      text = std::to_string(fen);
    } else if (IsQuantityField(field)) {
      const auto scale = api::cli::HasUnit(text) ? ScaleHere() : std::nullopt;
      SONGHUA_ASSIGN_OR_RETURN(const int64_t steps, ParseSteps(text, scale, flag.spec.name));
      text = std::to_string(steps);
    } else if (field->cpp_type() == Field::CPPTYPE_BOOL) {
      text = text.empty() || text == "yes" ? "true" : text == "no" ? "false" : text;
    }
    return SetPlain(flag, text, owner);
  }

  // One field by the code of the command line, which parses what it is given and completes names.
  absl::Status SetPlain(const FieldFlag& flag, const std::string& text, pb::Message* owner) {
    // The command line sends no text that is not UTF-8; a scenario shows what the service says to it.
    if (flag.field()->cpp_type() == Field::CPPTYPE_STRING && !ValidateUtf8(text, flag.spec.name).ok()) {
      const pb::Reflection* reflection = owner->GetReflection();
      if (flag.field()->is_repeated()) {
        reflection->AddString(owner, flag.field(), text);
      } else {
        reflection->SetString(owner, flag.field(), text);
      }
      return absl::OkStatus();
    }
    FieldFlag plain = flag;
    plain.path = {flag.field()};
    api::cli::Arguments arguments;
    arguments.Add(plain.spec.name, text);
    return api::cli::FillRequest(arguments, {plain}, nullptr, owner);
  }

  // "@cn-permits": a message that the repository ships as text.
  absl::Status SetShipped(const std::string& name, const std::string& file, pb::Message* message) {
    for (size_t i = 0; i < kShippedFilesCount; ++i) {
      if (file != kShippedFiles[i].name) continue;
      const std::string text(reinterpret_cast<const char*>(kShippedFiles[i].bytes), kShippedFiles[i].size);
      if (pb::TextFormat::MergeFromString(text, message)) return absl::OkStatus();
      return Bad(name, "@" + file + " is no text-format " + message->GetDescriptor()->name());
    }
    return Bad(name, "no file '" + file + "' is shipped in ledger/calendars, ledger/price_methods, ledger/programs, permits/regimes or exchange/rulebooks");
  }

  absl::Status SetMessage(const std::string& name, TokenSpan value, pb::Message* message) {
    if (value.size() == 1 && !value.front().quoted && value.front().text.starts_with("@")) {
      return SetShipped(name, value.front().text.substr(1), message);
    }
    if (value.front().quoted || value.front().text != "{") {
      return message->GetDescriptor()->name() == "Limit" ? SetLimit(value, message) : SetInOrder(name, value, message);
    }
    Filler inner(scale_of_, [this] { return ScaleHere(); });
    return inner.Fill(FieldNames(message->GetDescriptor(), nullptr), value.subspan(1, value.size() - 2), message);
  }

  // SCOPE POLLUTANT YEARS QUANTITY.
  absl::Status SetLimit(TokenSpan value, pb::Message* message) {
    if (value.size() < 4) return Bad("limits", "'" + Text(value) + "'; accepted: SITE SO2 2026-2030 120 t");
    std::string quantity;
    for (const Token& token : value.subspan(3)) quantity += token.text;
    return api::cli::ParseLimit(value[0].text + "/" + value[1].text + "/" + value[2].text + "=" + quantity, message);
  }

  // The values of a message's fields in their order; the last field takes what is left, each word of it where it is repeated.
  absl::Status SetInOrder(const std::string& name, TokenSpan value, pb::Message* message) {
    const pb::Descriptor* type = message->GetDescriptor();
    const FieldNames names(type, nullptr);
    for (int i = 0; i < type->field_count() && !value.empty(); ++i) {
      const FieldFlag& flag = *names.Find(api::cli::FlagCase(type->field(i)->name()));
      if (IsMessage(flag.field())) return Bad(name, type->name() + " is written as its fields in { }");
      const bool last = i + 1 == type->field_count();
      size_t taken = last && !flag.spec.repeated ? value.size() : 1;
      // A number and its unit are two words.
      if ((IsQuantityField(flag.field()) || IsFenField(flag.field())) && value.size() > 1 && api::cli::HasUnit(value[1].text) && !value[1].quoted) taken = 2;
      do {
        SONGHUA_RETURN_IF_ERROR(Set(flag, value.first(taken), message));
        value = value.subspan(taken);
      } while (last && flag.spec.repeated && !value.empty());
    }
    return absl::OkStatus();
  }

  std::optional<UnitScale> ScaleHere() const {
    const auto scale = scale_of_(*message_);
    return scale.has_value() ? scale : scale_around_();
  }

  const ScaleFinder& scale_of_;
  const Scale scale_around_;
  pb::Message* message_ = nullptr;  // that is being filled
};

}  // namespace

absl::StatusOr<std::unique_ptr<pb::Message>> BuildRequest(const api::cli::Rpc& rpc, const std::vector<Token>& fields, const ScaleFinder& scale_of) {
  auto request = api::cli::Schema::Get().New(rpc.method->input_type());
  const FieldNames names(rpc.method->input_type(), &rpc);
  SONGHUA_RETURN_IF_ERROR(Filler(scale_of, [] { return std::nullopt; }).Fill(names, fields, request.get()));
  return request;
}

const api::cli::Rpc* FindRpc(const std::string& command) {
  for (const api::cli::Rpc& rpc : api::cli::Schema::Get().rpcs()) {
    if (rpc.name == command) return &rpc;
  }
  return nullptr;
}

}  // namespace songhua::simulations
