#include "exchange/market_day.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

constexpr std::string_view kClockTimes = "a time of day, HH:MM or HH:MM:SS, 00:00 to 24:00";

bool Meets(PhaseKind kind) { return kind == v1::MarketPhase::CALL || kind == v1::MarketPhase::CONTINUOUS; }

int32_t SecondOfDay(Timestamp time) { return static_cast<int32_t>(MicrosOfDay(time) / kMicrosPerSecond); }

}  // namespace

absl::StatusOr<int32_t> ParseTimeOfDay(const std::string& text, const std::string& field) {
  const auto digits = [&](size_t at, int32_t most, int32_t* value) {
    if (at + 2 > text.size() || text[at] < '0' || text[at] > '9' || text[at + 1] < '0' || text[at + 1] > '9') return false;
    *value = (text[at] - '0') * 10 + (text[at + 1] - '0');
    return *value <= most;
  };
  int32_t hour = 0, minute = 0, second = 0;
  bool good = (text.size() == 5 || text.size() == 8) && digits(0, 24, &hour) && text[2] == ':' && digits(3, 59, &minute);
  if (good && text.size() == 8) good = text[5] == ':' && digits(6, 59, &second);
  const int32_t seconds = hour * 3'600 + minute * 60 + second;
  if (!good || seconds > kSecondsPerDay) return InvalidField(field, text, kClockTimes).Rule("CAR-11");
  return seconds;
}

std::string FormatTimeOfDay(int32_t seconds) {
  const std::string minutes = absl::StrFormat("%02d:%02d", seconds / 3'600, seconds / 60 % 60);
  return seconds % 60 == 0 ? minutes : minutes + absl::StrFormat(":%02d", seconds % 60);
}

Timestamp TimeOn(Date day, int32_t seconds) { return Timestamp(StartOfDay(day).value() + seconds * kMicrosPerSecond); }

absl::StatusOr<MarketDay> MarketDay::Parse(const google::protobuf::RepeatedPtrField<v1::MarketPhase>& phases, const std::string& field) {
  MarketDay day;
  if (phases.size() > kPhasesMax) return InvalidField(field, std::to_string(phases.size()), "at most " + std::to_string(kPhasesMax) + " phases");
  for (const v1::MarketPhase& given : phases) {
    const std::string at = field + "[" + std::to_string(day.phases_.size()) + "]";
    MarketPhase phase;
    phase.kind = given.kind();
    if (phase.kind == v1::MarketPhase::KIND_UNSPECIFIED || !v1::MarketPhase::Kind_IsValid(phase.kind)) {
      return InvalidField(at + ".kind", std::to_string(phase.kind), "PRE_OPEN, CALL, CONTINUOUS or BREAK").Rule("CAR-11");
    }
    SONGHUA_ASSIGN_OR_RETURN(phase.from_s, ParseTimeOfDay(given.from(), at + ".from"));
    SONGHUA_ASSIGN_OR_RETURN(phase.to_s, ParseTimeOfDay(given.to(), at + ".to"));
    if (phase.to_s <= phase.from_s) return InvalidField(at + ".to", given.to(), "a time after its start, " + given.from()).Rule("CAR-11");
    const bool first = day.phases_.empty();
    if (!first && phase.from_s < day.phases_.back().to_s) {
      return InvalidField(at + ".from", given.from(), "not before " + FormatTimeOfDay(day.phases_.back().to_s) + ", when the phase before it ends").Rule("CAR-11");
    }
    const bool trading_before = std::any_of(day.phases_.begin(), day.phases_.end(), [](const MarketPhase& before) { return Meets(before.kind); });
    if (phase.kind == v1::MarketPhase::PRE_OPEN && trading_before) {
      return InvalidField(at + ".kind", "PRE_OPEN", "a phase before any in which orders meet").Rule("CAR-11");
    }
    if (phase.kind == v1::MarketPhase::BREAK && !trading_before) {
      return InvalidField(at + ".kind", "BREAK", "a break between two phases in which orders meet").Rule("CAR-11");
    }
    day.phases_.push_back(phase);
  }
  if (day.by_hand()) return day;
  const MarketPhase& last = day.phases_.back();
  if (!Meets(last.kind)) {
    return InvalidField(field + "[" + std::to_string(day.phases_.size() - 1) + "].kind", v1::MarketPhase::Kind_Name(last.kind),
                        "a last phase in which orders meet, CONTINUOUS or CALL")
        .Rule("CAR-11");
  }
  return day;
}

PhaseNow MarketDay::At(Timestamp time) const {
  const Date today = LocalDate(time);
  if (by_hand()) return {v1::MarketPhase::CONTINUOUS, EndOfDay(today)};
  const int32_t second = SecondOfDay(time);
  for (const MarketPhase& phase : phases_) {
    const bool first = &phase == &phases_.front();
    if (second < phase.from_s) return {first ? v1::MarketPhase::KIND_UNSPECIFIED : v1::MarketPhase::BREAK, TimeOn(today, phase.from_s)};
    if (second < phase.to_s) return {phase.kind, TimeOn(today, phase.to_s)};
  }
  return {v1::MarketPhase::KIND_UNSPECIFIED, EndOfDay(today)};
}

std::optional<Timestamp> MarketDay::NextChange(Timestamp time) const {
  if (by_hand() || OverAt(time)) return std::nullopt;
  return At(time).until;
}

bool MarketDay::OverAt(Timestamp time) const { return !by_hand() && SecondOfDay(time) >= phases_.back().to_s; }

std::string MarketDay::Text() const {
  std::string text;
  for (const MarketPhase& phase : phases_) {
    if (!text.empty()) text += ", ";
    text += FormatTimeOfDay(phase.from_s) + " to " + FormatTimeOfDay(phase.to_s) + " " + v1::MarketPhase::Kind_Name(phase.kind);
  }
  return text;
}

void MarketDay::AddTo(google::protobuf::RepeatedPtrField<v1::MarketPhase>* phases) const {
  for (const MarketPhase& phase : phases_) {
    v1::MarketPhase& message = *phases->Add();
    message.set_kind(phase.kind);
    message.set_from(FormatTimeOfDay(phase.from_s));
    message.set_to(FormatTimeOfDay(phase.to_s));
  }
}

}  // namespace songhua::exchange
