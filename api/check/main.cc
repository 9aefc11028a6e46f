// songhua-check: checks a certificate with the file and the keys that its reader trusts, and nothing else. No network, no service, no store.
//
// Links nothing dynamic, so that a copy runs as long as the machine does.

#include <sys/time.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/legal_time.h"
#include "ledger/proofs/certificate_check.h"
#include "ledger/proofs/certificate_page.h"
#include "ledger/refusal.h"

namespace songhua::check {
namespace {

using proofs::CheckOptions;
using proofs::Language;

constexpr int kProved = 0, kRefused = 1, kUsage = 2;

constexpr char kHelp[] =
    "songhua-check --keys FILE [options] CERTIFICATE\n"
    "\n"
    "Checks a certificate of the registry, without any network, and says in plain words what it proves, as of when, who cosigned it, and what it does not prove.\n"
    "离线核验登记机构出具的证明文件，并说明已证明和未证明的内容。\n"
    "\n"
    "  --keys FILE            whom to trust, in lines: log KEY, witness KEY, auditor KEY, revoked KEY [DATE], require N\n"
    "                         密钥文件：所信任的日志、见证人、审计人的公钥\n"
    "  --language zh|en       of what is printed (default: that of the environment)\n"
    "                         输出语言\n"
    "  --known CHECKPOINT     a checkpoint of this log that you hold: one of the same size must have the same root\n"
    "                         您所持的该日志的检查点文件，用于比对\n"
    "  --max-age DURATION     how far a cosignature may be from the record's time to count: 90s, 30m, 12h, 7d (default: any)\n"
    "                         见证联署与记录时间的最大间隔\n"
    "  --now TIME             instead of this machine's clock: 2026-01-05T09:30:00+08:00\n"
    "                         以指定时间代替本机时间\n"
    "  --help                 this text\n"
    "\n"
    "Exits with 0 where the certificate is proved, with 1 where it is refused, with 2 where it was not checked.\n"
    "退出码：0 核验通过，1 核验未通过，2 未能核验。\n";

struct Arguments {
  std::string keys, known, certificate;
  std::optional<Language> language;
  CheckOptions options;
  bool help = false;
};

absl::Status Misused(std::string_view what, std::string_view value, std::string_view accepted) {
  return Refuse(absl::StatusCode::kInvalidArgument, "USAGE").Field(what).Value(value).Accepted(accepted);
}

absl::StatusOr<int64_t> ParseDurationSeconds(std::string_view text) {
  const absl::Status malformed = Misused("--max-age", text, "a duration of at least a second, like 90s, 30m, 12h, 7d");
  constexpr size_t kDigitsMax = 9;
  if (text.size() < 2 || text.size() > kDigitsMax + 1) return malformed;
  const int64_t unit = text.back() == 's' ? 1 : text.back() == 'm' ? 60 : text.back() == 'h' ? 3600 : text.back() == 'd' ? 86'400 : 0;
  int64_t count = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return malformed;
    count = count * 10 + (c - '0');
  }
  if (unit == 0 || count == 0) return malformed;
  return count * unit;
}

absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string_view>& words) {
  Arguments arguments;
  timeval clock{};
  gettimeofday(&clock, nullptr);
  arguments.options.now_s = clock.tv_sec;
  for (size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (word == "--help" || word == "-h") {
      arguments.help = true;
      return arguments;
    }
    if (word.substr(0, 1) != "-" || word.size() == 1) {
      if (!arguments.certificate.empty()) return Misused("CERTIFICATE", word, "one file");
      arguments.certificate = word;
      continue;
    }
    std::string_view value;
    const size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    if (name != "--keys" && name != "--known" && name != "--language" && name != "--max-age" && name != "--now") {
      return Misused("option", word, "--keys, --language, --known, --max-age, --now or --help");
    }
    if (equals != std::string_view::npos) {
      value = word.substr(equals + 1);
    } else if (i + 1 < words.size()) {
      value = words[++i];
    } else {
      return Misused(name, "", "a value after it");
    }
    if (name == "--keys") {
      arguments.keys = value;
    } else if (name == "--known") {
      arguments.known = value;
    } else if (name == "--language") {
      if (value != "zh" && value != "en") return Misused(name, value, "zh or en");
      arguments.language = value == "zh" ? Language::kChinese : Language::kEnglish;
    } else if (name == "--max-age") {
      SONGHUA_ASSIGN_OR_RETURN(arguments.options.cosignature_age_max_s, ParseDurationSeconds(value));
    } else {
      SONGHUA_ASSIGN_OR_RETURN(const Timestamp now, ParseTimestamp(value, name));
      arguments.options.now_s = now.value() / kMicrosPerSecond;
    }
  }
  if (arguments.certificate.empty()) return Misused("CERTIFICATE", "", "the certificate's file");
  if (arguments.keys.empty()) return Misused("--keys", "", "a file of the keys that you trust");
  return arguments;
}

// That of the environment; English where it says nothing.
Language DefaultLanguage() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return std::strncmp(value, "zh", 2) == 0 ? Language::kChinese : Language::kEnglish;
  }
  return Language::kEnglish;
}

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t bytes_max) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Misused("file", path, "a file that can be read");
  std::string bytes;
  std::string chunk(1 << 16, '\0');
  while (bytes.size() <= bytes_max && in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())).gcount() > 0) {
    bytes.append(chunk, 0, static_cast<size_t>(in.gcount()));
  }
  if (in.bad() || (in.fail() && !in.eof())) return Misused("file", path, "a file that can be read");
  if (bytes.size() > bytes_max) return Misused("file", path, "a file of at most " + std::to_string(bytes_max) + " bytes");
  return bytes;
}

// Everything that must be so before there is something to refuse.
struct Prepared {
  proofs::Trust trust;
  std::string certificate;
};
absl::StatusOr<Prepared> Prepare(Arguments* arguments) {
  Prepared prepared;
  SONGHUA_ASSIGN_OR_RETURN(const std::string keys, ReadFile(arguments->keys, proofs::kTrustBytesMax));
  SONGHUA_ASSIGN_OR_RETURN(prepared.trust, proofs::ParseTrust(keys));
  if (!arguments->known.empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const std::string known, ReadFile(arguments->known, proofs::kNoteBytesMax));
    SONGHUA_ASSIGN_OR_RETURN(arguments->options.known, proofs::ReadKnownCheckpoint(known, prepared.trust));
  }
  SONGHUA_ASSIGN_OR_RETURN(prepared.certificate, ReadFile(arguments->certificate, proofs::kPageBytesMax));
  return prepared;
}

int Run(const std::vector<std::string_view>& words) {
  absl::StatusOr<Arguments> arguments = ParseArguments(words);
  if (!arguments.ok()) {
    std::cerr << "songhua-check: " << arguments.status().message() << "\nsonghua-check --help says how it is used.\n";
    return kUsage;
  }
  if (arguments->help) {
    std::cout << kHelp;
    return kProved;
  }
  const Language language = arguments->language.value_or(DefaultLanguage());
  const absl::StatusOr<Prepared> prepared = Prepare(&*arguments);
  if (!prepared.ok()) {
    std::cerr << "songhua-check: " << prepared.status().message() << "\n";
    return kUsage;
  }
  const absl::StatusOr<proofs::Verdict> verdict = proofs::CheckCertificate(prepared->certificate, prepared->trust, arguments->options);
  std::cout << (verdict.ok() ? proofs::Explain(*verdict, language) : proofs::ExplainRefusal(verdict.status(), language)) << std::flush;
  if (!std::cout) return kUsage;
  return verdict.ok() ? kProved : kRefused;
}

}  // namespace
}  // namespace songhua::check

int main(int argc, char** argv) { return songhua::check::Run(std::vector<std::string_view>(argv + 1, argv + argc)); }
