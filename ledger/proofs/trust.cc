#include "ledger/proofs/trust.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "ledger/legal_time.h"
#include "ledger/proofs/certificate_words.h"
#include "ledger/refusal.h"

namespace songhua::proofs {
namespace {

constexpr size_t kShownWordBytesMax = 200;

// One pass over the lines; keys are put together with their revocations at the end.
class TrustReader {
 public:
  absl::StatusOr<Trust> Read(std::string_view text) {
    if (text.size() > kTrustBytesMax) return Malformed().Value(std::to_string(text.size()) + " bytes").Accepted("at most " + std::to_string(kTrustBytesMax) + " bytes");
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      SONGHUA_RETURN_IF_ERROR(ReadLine(WordsOf(text.substr(0, end))));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return Finish();
  }

 private:
  struct Revocation {
    VerifierKey key;
    int64_t from_s = 0;
  };

  Refuse Malformed() const { return Refuse(absl::StatusCode::kInvalidArgument, "TRUST_MALFORMED").Field(line_ == 0 ? "keys" : "line " + std::to_string(line_)); }

  // Up to a comment.
  static std::vector<std::string_view> WordsOf(std::string_view line) {
    constexpr std::string_view kBlanks = " \t\r";
    std::vector<std::string_view> words;
    for (size_t at = line.find_first_not_of(kBlanks); at != std::string_view::npos && line[at] != '#';) {
      const size_t end = std::min(line.find_first_of(kBlanks, at), line.size());
      words.push_back(line.substr(at, end - at));
      at = line.find_first_not_of(kBlanks, end);
    }
    return words;
  }

  absl::Status ReadLine(const std::vector<std::string_view>& words) {
    if (words.empty()) return absl::OkStatus();
    const std::string_view what = words[0];
    if (what == "require") return ReadRequire(words);
    const bool is_log = what == "log", is_auditor = what == "auditor", is_revoked = what == "revoked";
    if (!is_log && !is_auditor && !is_revoked && what != "witness") {
      return Malformed().Value(Clipped(what, kShownWordBytesMax)).Accepted("log, witness, auditor, revoked or require");
    }
    if (words.size() != 2 && !(is_revoked && words.size() == 3)) {
      return Malformed().Value(std::to_string(words.size() - 1) + " words after " + std::string(what)).Accepted(is_revoked ? "a key, and a date or none" : "a key");
    }
    if (trust_.logs.size() + trust_.witnesses.size() + revocations_.size() >= kTrustedKeysMax) {
      return Malformed().Value("one key more").Accepted("at most " + std::to_string(kTrustedKeysMax) + " keys");
    }
    absl::StatusOr<VerifierKey> key = ParseVerifierKey(words[1]);
    if (!key.ok()) return Malformed().Value(Clipped(ShownKey(words[1]), kShownWordBytesMax)).Accepted("a verifier key: " + std::string(key.status().message()));
    if (is_revoked) return ReadRevoked(*std::move(key), words);
    const KeyType type = is_log ? KeyType::kLog : KeyType::kWitness;
    if (key->type != type) {
      return Malformed().Value(Clipped(ShownKey(words[1]), kShownWordBytesMax)).Accepted(is_log ? "a key of a log (type 1)" : "a key of a witness (type 4)");
    }
    std::vector<TrustedKey>& keys = is_log ? trust_.logs : trust_.witnesses;
    if (std::any_of(keys.begin(), keys.end(), [&](const TrustedKey& known) { return known.key == *key; })) return Twice(words[1]);
    keys.push_back({*std::move(key), is_auditor});
    return absl::OkStatus();
  }

  Refuse Twice(std::string_view what) const { return Malformed().Value(Clipped(what, kShownWordBytesMax)).Accepted("this once"); }

  absl::Status ReadRevoked(VerifierKey key, const std::vector<std::string_view>& words) {
    if (std::any_of(revocations_.begin(), revocations_.end(), [&](const Revocation& known) { return known.key == key; })) return Twice(words[1]);
    int64_t from_s = 0;
    if (words.size() == 3) {
      const absl::StatusOr<Date> date = ParseDate(words[2]);
      // The day of 1970-01-01 itself is the mark of "at all".
      if (!date.ok() || date->value() == 0) return Malformed().Value(Clipped(words[2], kShownWordBytesMax)).Accepted("a date after 1970-01-01, like 2026-01-05");
      from_s = int64_t{date->value()} * 86'400;
    }
    revocations_.push_back({std::move(key), from_s});
    return absl::OkStatus();
  }

  absl::Status ReadRequire(const std::vector<std::string_view>& words) {
    if (required_line_ != 0) return Twice("require");
    const bool number = words.size() == 2 && words[1].size() <= 4 && words[1].find_first_not_of("0123456789") == std::string_view::npos;
    if (!number) return Malformed().Value(words.size() == 2 ? Clipped(words[1], kShownWordBytesMax) : std::to_string(words.size() - 1) + " words").Accepted("a number of witnesses");
    trust_.required = static_cast<uint32_t>(std::stoul(std::string(words[1])));
    required_line_ = line_;
    return absl::OkStatus();
  }

  absl::StatusOr<Trust> Finish() {
    for (const Revocation& revocation : revocations_) {
      std::vector<TrustedKey>& keys = revocation.key.type == KeyType::kLog ? trust_.logs : trust_.witnesses;
      auto known = std::find_if(keys.begin(), keys.end(), [&](const TrustedKey& trusted) { return trusted.key == revocation.key; });
      if (known == keys.end()) {
        // Nobody trusts it; kept, so that a refusal can say why.
        keys.push_back({revocation.key, false, true, 0});
      } else {
        known->revoked = true;
        known->revoked_from_s = revocation.from_s;
      }
    }
    line_ = 0;
    if (trust_.logs.empty()) return Malformed().Value("no log").Accepted("at least one line \"log VERIFIER-KEY\"");
    std::set<std::string> names;
    for (const TrustedKey& witness : trust_.witnesses) {
      if (!witness.RevokedAltogether()) names.insert(witness.key.name);
    }
    if (trust_.required > names.size()) {
      line_ = required_line_;
      return Malformed().Value(trust_.required).Accepted("at most " + std::to_string(names.size()) + ", the witnesses that are named and not revoked");
    }
    return std::move(trust_);
  }

  size_t line_ = 0;
  size_t required_line_ = 0;
  Trust trust_;
  std::vector<Revocation> revocations_;
};

}  // namespace

absl::StatusOr<Trust> ParseTrust(std::string_view text) { return TrustReader().Read(text); }

}  // namespace songhua::proofs
