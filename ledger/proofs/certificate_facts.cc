#include "ledger/proofs/certificate_facts.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "ledger/proofs/certificate_words.h"
#include "ledger/refusal.h"

namespace songhua::proofs {
namespace {

__extension__ typedef __int128 Wide;  // NOLINT

constexpr size_t kShownValueBytesMax = 200;
constexpr int kAmountDecimalsMax = 9;
constexpr int64_t kAmountScale = 1'000'000'000;  // 10^kAmountDecimalsMax
constexpr size_t kAmountDigitsMax = 19;          // of the whole part

Refuse Contradiction(std::string_view fact, std::string_view value) {
  return Refuse(absl::StatusCode::kInvalidArgument, "FACTS_CONTRADICT").Field("facts." + std::string(fact)).Value(Clipped(value, kShownValueBytesMax));
}

struct WrittenAmount {
  Wide scaled = 0;  // times kAmountScale
  size_t decimals = 0;
  std::string unit;
};

// "12,000 kg/a", "12000", "0.5 t". nullopt: not written so.
std::optional<WrittenAmount> ReadAmount(std::string_view text) {
  WrittenAmount amount;
  const size_t blank = text.find(' ');
  if (blank != std::string_view::npos) {
    amount.unit = text.substr(blank + 1);
    if (amount.unit.empty()) return std::nullopt;
    text = text.substr(0, blank);
  }
  const size_t point = text.find('.');
  std::string_view whole = text.substr(0, point);
  std::string digits;
  const bool grouped = whole.find(',') != std::string_view::npos;
  for (size_t i = 0; i < whole.size(); ++i) {
    const bool at_comma = grouped && (whole.size() - i) % 4 == 0;
    if (at_comma != (whole[i] == ',') || (at_comma && i == 0)) return std::nullopt;
    if (!at_comma) digits += whole[i];
  }
  std::string decimals;
  if (point != std::string_view::npos) {
    decimals = text.substr(point + 1);
    if (decimals.empty() || decimals.size() > kAmountDecimalsMax) return std::nullopt;
  }
  amount.decimals = decimals.size();
  decimals.resize(kAmountDecimalsMax, '0');
  if (digits.empty() || digits.size() > kAmountDigitsMax || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  for (const char c : digits + decimals) {
    if (c < '0' || c > '9') return std::nullopt;
    amount.scaled = amount.scaled * 10 + (c - '0');
  }
  return amount;
}

// How many grams; 0: another unit. `a_year` says whether it is one of a year's.
int64_t Grams(std::string_view unit, bool* a_year) {
  constexpr std::string_view kAYear = "/a";
  *a_year = unit.size() > kAYear.size() && unit.substr(unit.size() - kAYear.size()) == kAYear;
  if (*a_year) unit.remove_suffix(kAYear.size());
  return unit == "g" ? 1 : unit == "kg" ? 1'000 : unit == "t" ? 1'000'000 : 0;
}

// `amount` in `unit`; nullopt where units do not compare, or it comes out broken.
std::optional<Wide> InUnit(const WrittenAmount& amount, std::string_view unit) {
  Wide numerator = amount.scaled, denominator = kAmountScale;
  if (amount.unit != unit) {
    bool from_a_year = false, to_a_year = false;
    const int64_t from = Grams(amount.unit, &from_a_year), to = Grams(unit, &to_a_year);
    if (from == 0 || to == 0 || from_a_year != to_a_year) return std::nullopt;
    numerator *= from;
    denominator *= to;
  }
  if (numerator % denominator != 0) return std::nullopt;
  return numerator / denominator;
}

class FactsCheck {
 public:
  FactsCheck(const Certificate& certificate, const CertificateContent& content) : certificate_(certificate), content_(content), lots_(content.lots.size()) {}

  absl::Status Run() {
    for (size_t i = 0; i < lots_; ++i) lot_names_.push_back("lots/" + std::to_string(certificate_.lots[i].statement.lot));
    if (certificate_.kind == CertificateKind::kPledge) {
      SONGHUA_RETURN_IF_ERROR(FindPledge());
    } else {
      for (const OpenedLot& lot : certificate_.lots) taken_.push_back(lot.statement.quantity);
    }
    SONGHUA_RETURN_IF_ERROR(CheckNames());
    SONGHUA_RETURN_IF_ERROR(CheckTitles());
    return CheckQuantity();
  }

 private:
  // Every value of the name, in order.
  std::vector<std::string_view> Values(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const Fact& fact : certificate_.facts) {
      if (fact.name == name) values.push_back(fact.value);
    }
    return values;
  }

  absl::Status Require(std::string_view name) const {
    if (!Values(name).empty()) return absl::OkStatus();
    return Contradiction(name, "").Accepted("the fact " + std::string(name) + ", which a certificate of this kind has");
  }

  absl::Status RequireCount(std::string_view name, size_t count) const {
    if (count <= 1 || count == lots_) return absl::OkStatus();
    return Contradiction(name, std::to_string(count) + " times").Accepted("once, or once for each of the " + std::to_string(lots_) + " lots");
  }

  // The facts of the name against what each lot says: `said` gives it.
  template <class Said>
  absl::Status Compare(std::string_view name, const Said& said) const {
    const std::vector<std::string_view> values = Values(name);
    SONGHUA_RETURN_IF_ERROR(RequireCount(name, values.size()));
    for (size_t i = 0; i < lots_ && !values.empty(); ++i) {
      const std::string_view value = values.size() == 1 ? values[0] : values[i];
      if (value != said(i)) return Contradiction(name, value).Accepted("'" + Clipped(said(i), kShownValueBytesMax) + "', as " + lot_names_[i] + " says");
    }
    return absl::OkStatus();
  }

  // Finds the pledge on every lot, and holds its details against the facts.
  absl::Status FindPledge() {
    SONGHUA_RETURN_IF_ERROR(Require("pledge"));
    SONGHUA_RETURN_IF_ERROR(Require("pledgee"));
    const std::string_view pledge = FindFact(certificate_.facts, "pledge");
    for (size_t i = 0; i < lots_; ++i) {
      Wide taken = 0;
      const std::vector<Encumbrance>& encumbrances = certificate_.lots[i].statement.encumbrances;
      for (size_t j = 0; j < encumbrances.size(); ++j) {
        const std::optional<PledgeDetail>& detail = content_.lots[i].pledges[j];
        if (encumbrances[j].kind != EncumbranceKind::kPledge || !detail.has_value() || detail->pledge != pledge) continue;
        SONGHUA_RETURN_IF_ERROR(CheckDetail(*detail, i));
        taken += encumbrances[j].quantity;
      }
      if (taken == 0) return Contradiction("pledge", pledge).Accepted("a pledge that lies on " + lot_names_[i] + " and is opened here: no pledge in its list is this one");
      taken_.push_back(taken);
    }
    return absl::OkStatus();
  }

  absl::Status CheckDetail(const PledgeDetail& detail, size_t lot) const {
    const std::pair<std::string_view, std::string_view> said[] = {{"pledgee", detail.pledgee},
                                                                  {"pledgor", detail.pledgor},
                                                                  {"state", detail.state},
                                                                  {"contract_number", detail.contract_number},
                                                                  {"unified_registry_number", detail.unified_registry_number}};
    for (const auto& [name, value] : said) {
      for (const std::string_view fact : Values(name)) {
        if (fact != value) return Contradiction(name, fact).Accepted("'" + Clipped(value, kShownValueBytesMax) + "', as " + lot_names_[lot] + " says of this pledge");
      }
    }
    const std::string& participant = content_.lots[lot].title.participant;
    if (detail.pledgor != participant) {
      return Contradiction("pledgor", detail.pledgor).Accepted("'" + Clipped(participant, kShownValueBytesMax) + "', whose " + lot_names_[lot] + " is");
    }
    for (const std::string_view fact : Values("principal")) {
      constexpr std::string_view kYuan = "CNY ";
      const std::optional<WrittenAmount> amount = fact.substr(0, kYuan.size()) == kYuan ? ReadAmount(fact.substr(kYuan.size())) : std::nullopt;
      const bool same = amount.has_value() && amount->unit.empty() && amount->decimals == 2 && amount->scaled == Wide{detail.principal_fen} * (kAmountScale / 100);
      if (!same) return Contradiction("principal", fact).Accepted(YuanOfFen(detail.principal_fen) + ", as " + lot_names_[lot] + " says of this pledge");
    }
    return absl::OkStatus();
  }

  absl::Status CheckNames() const {
    const std::vector<std::string_view> lots = Values("lot");
    if (lots.size() != lots_) return Contradiction("lot", std::to_string(lots.size()) + " times").Accepted("once for each of the " + std::to_string(lots_) + " lots");
    SONGHUA_RETURN_IF_ERROR(Compare("lot", [&](size_t i) { return std::string_view(lot_names_[i]); }));
    for (const std::string_view subject : Values("subject")) {
      if (certificate_.kind == CertificateKind::kPledge) {
        const std::string_view pledge = FindFact(certificate_.facts, "pledge");
        if (subject != pledge) return Contradiction("subject", subject).Accepted("'" + Clipped(pledge, kShownValueBytesMax) + "', the pledge");
      } else if (std::find(lot_names_.begin(), lot_names_.end(), subject) == lot_names_.end()) {
        return Contradiction("subject", subject).Accepted("a lot of this certificate, like " + lot_names_[0]);
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckTitles() const {
    if (certificate_.kind == CertificateKind::kHolding) SONGHUA_RETURN_IF_ERROR(Require("holder"));
    const auto compare = [&](std::string_view name, std::string Title::*field) {
      return Compare(name, [&](size_t i) { return std::string_view(content_.lots[i].title.*field); });
    };
    for (const std::string_view name : {"control_zone", "pollutant", "region"}) SONGHUA_RETURN_IF_ERROR(RequireCount(name, Values(name).size()));
    SONGHUA_RETURN_IF_ERROR(compare("holder", &Title::participant));
    SONGHUA_RETURN_IF_ERROR(compare("site", &Title::site));
    SONGHUA_RETURN_IF_ERROR(compare("instrument", &Title::instrument));
    SONGHUA_RETURN_IF_ERROR(compare("valid_from", &Title::valid_from));
    return compare("valid_to", &Title::valid_to);
  }

  absl::Status CheckQuantity() const {
    const std::vector<std::string_view> values = Values("quantity"), units = Values("unit");
    SONGHUA_RETURN_IF_ERROR(RequireCount("quantity", values.size()));
    SONGHUA_RETURN_IF_ERROR(RequireCount("unit", units.size()));
    for (size_t i = 0; i < values.size(); ++i) {
      const std::string& unit = content_.lots[i].title.unit;
      Wide said = taken_[i];
      for (size_t j = 1; values.size() == 1 && j < lots_; ++j) {
        if (content_.lots[j].title.unit != unit) return Contradiction("quantity", values[0]).Accepted("once for each lot: " + lot_names_[j] + " is in another unit");
        said += taken_[j];
      }
      std::optional<WrittenAmount> amount = ReadAmount(values[i]);
      if (!amount.has_value()) return Contradiction("quantity", values[i]).Accepted("an amount like '12,000 kg/a'");
      if (amount->unit.empty()) amount->unit = units.empty() ? unit : std::string(units.size() == 1 ? units[0] : units[i]);
      if (InUnit(*amount, unit) != said) {
        const std::string accepted = said > INT64_MAX ? "more than fits" : Grouped(static_cast<int64_t>(said)) + " " + Clipped(unit, kShownValueBytesMax);
        return Contradiction("quantity", values[i]).Accepted(accepted + ", as " + (values.size() == 1 && lots_ > 1 ? "the lots say together" : lot_names_[i] + " says"));
      }
    }
    return absl::OkStatus();
  }

  const Certificate& certificate_;
  const CertificateContent& content_;
  const size_t lots_;
  std::vector<std::string> lot_names_;
  std::vector<Wide> taken_;  // what of each lot is certified
};

}  // namespace

absl::Status CheckFactsOfLots(const Certificate& certificate, const CertificateContent& content) {
  if (!HasLots(certificate.kind)) return absl::OkStatus();
  return FactsCheck(certificate, content).Run();
}

}  // namespace songhua::proofs
