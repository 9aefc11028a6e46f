#include "api/cli/flags.h"

#include <charconv>

#include "api/cli/text.h"
#include "ledger/refusal.h"

namespace songhua::api::cli {
namespace {

const FlagSpec* FindFlag(const std::vector<FlagSpec>& flags, std::string_view name) {
  for (const FlagSpec& flag : flags) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

absl::Status UnknownFlag(const std::string& name, const std::vector<FlagSpec>& flags) {
  std::vector<std::string> names;
  for (const FlagSpec& flag : flags) names.push_back(flag.name);
  const std::string nearest = NearestMatch(name, names);
  std::string message = "there is no flag --" + name;
  if (!nearest.empty()) {
    message += "; did you mean --" + nearest + "?";
  } else {
    for (std::string& known : names) known.insert(0, "--");
    message += "; accepted: " + Join(names, " ");
  }
  return absl::InvalidArgumentError(message);
}

bool LooksLikeFlag(std::string_view word) { return word.size() > 2 && word.substr(0, 2) == "--"; }

}  // namespace

const std::string* Arguments::Get(std::string_view flag) const {
  for (auto it = flags_.rbegin(); it != flags_.rend(); ++it) {
    if (it->first == flag) return &it->second;
  }
  return nullptr;
}

std::string Arguments::GetOr(std::string_view flag, std::string_view otherwise) const {
  const std::string* value = Get(flag);
  return value != nullptr ? *value : std::string(otherwise);
}

bool Arguments::IsSet(std::string_view flag) const {
  const std::string* value = Get(flag);
  return value != nullptr && *value == "true";
}

std::vector<std::string> Arguments::All(std::string_view flag) const {
  std::vector<std::string> values;
  for (const auto& [name, value] : flags_) {
    if (name == flag) values.push_back(value);
  }
  return values;
}

absl::StatusOr<int64_t> Arguments::Integer(std::string_view flag, int64_t otherwise, int64_t least, int64_t most) const {
  const std::string* text = Get(flag);
  if (text == nullptr) return otherwise;
  const auto value = ParseInteger(*text, flag);
  if (value.ok() && *value >= least && *value <= most) return *value;
  return absl::InvalidArgumentError("--" + std::string(flag) + " is '" + *text + "'; accepted: a whole number from " +
                                    std::to_string(least) + " to " + std::to_string(most));
}

void Arguments::Set(std::string_view flag, std::string_view value) {
  std::erase_if(flags_, [&](const auto& entry) { return entry.first == flag; });
  Add(flag, value);
}

absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words, const std::vector<FlagSpec>& flags) {
  Arguments arguments;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      arguments.positionals.insert(arguments.positionals.end(), words.begin() + static_cast<ptrdiff_t>(i) + 1, words.end());
      break;
    }
    if (!LooksLikeFlag(word)) {
      arguments.positionals.push_back(word);
      continue;
    }
    const size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    const FlagSpec* flag = FindFlag(flags, name);
    if (flag == nullptr) return UnknownFlag(name, flags);
    if (!flag->repeated && arguments.Has(name)) return absl::InvalidArgumentError("--" + name + " is given twice; accepted: once");

    std::string value;
    if (equals != std::string::npos) {
      value = word.substr(equals + 1);
      if (flag->value_name.empty() && value != "true" && value != "false") {
        return absl::InvalidArgumentError("--" + name + " is a switch; accepted: --" + name + ", --" + name + "=true or --" + name +
                                          "=false");
      }
    } else if (flag->value_name.empty()) {
      value = "true";
    } else {
      const bool followed = i + 1 < words.size() && !LooksLikeFlag(words[i + 1]);
      if (!followed) {
        return absl::InvalidArgumentError("--" + name + " has no value; accepted: --" + name + " " + flag->value_name + " or --" + name +
                                          "=" + flag->value_name);
      }
      value = words[++i];
    }
    arguments.Add(name, value);
  }
  return arguments;
}

absl::StatusOr<int64_t> ParseInteger(std::string_view text, std::string_view name) { return ParseDecimal(text, 0, name); }

absl::StatusOr<int64_t> ParseDecimal(std::string_view text, int decimals, std::string_view name) {
  std::string accepted = decimals == 0 ? "a whole number" : "a number with at most " + std::to_string(decimals) + " decimals";
  const auto refuse = [&] {
    return absl::InvalidArgumentError("--" + std::string(name) + " is '" + std::string(text) + "'; accepted: " + accepted);
  };
  // The digits without separators, scaled by appending the decimals that are missing.
  std::string digits;
  size_t after_point = 0;
  size_t in_group = 0;  // digits since the last separator: groups have three, so that "80,00" is not taken for 8000
  bool point = false, any = false, grouped = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      digits += c;
      any = true;
      point ? ++after_point : ++in_group;
    } else if (i == 0 && (c == '-' || c == '+')) {
      if (c == '-') digits += c;
    } else if (c == '.' && !point && decimals > 0) {
      point = true;
    } else if ((c == ',' || c == '_') && !point && any && (!grouped || in_group == 3)) {
      grouped = true;
      in_group = 0;
    } else {
      return refuse();
    }
  }
  if (grouped && in_group != 3) return refuse();
  while (point && after_point > static_cast<size_t>(decimals) && digits.back() == '0') {
    digits.pop_back();
    --after_point;
  }
  if (!any || after_point > static_cast<size_t>(decimals)) return refuse();
  digits.append(static_cast<size_t>(decimals) - after_point, '0');
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::result_out_of_range) {
    return absl::OutOfRangeError("--" + std::string(name) + " is '" + std::string(text) + "', which does not fit in 64 bits");
  }
  if (error != std::errc() || end != digits.data() + digits.size()) return refuse();
  return value;
}

}  // namespace songhua::api::cli
