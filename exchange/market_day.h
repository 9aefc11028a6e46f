// The market day (china.md 8.4): the phases through which a session goes, by Shanghai time.
//
// A phase begins with its first instant and ends before the first instant of what follows (CAR-11): an order of 11:30:00.000000 comes in the lunch break.
// What lies between two phases is a break; before the first and after the last the market is closed. A session runs from the start of the first phase to the
// end of the last.
//
// Pure functions of the list and the time of day. Which days are market days is the calendar's (GEN-02) and the rulebook's closed dates.
#ifndef SONGHUA_EXCHANGE_MARKET_DAY_H_
#define SONGHUA_EXCHANGE_MARKET_DAY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "ledger/legal_time.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::exchange {

using PhaseKind = v1::MarketPhase::Kind;

inline constexpr int kPhasesMax = 16;
inline constexpr int32_t kSecondsPerDay = 86'400;

// "09:30" or "09:30:15", as seconds since midnight; "24:00" ends the day. INVALID_ARGUMENT naming the field (CAR-11).
absl::StatusOr<int32_t> ParseTimeOfDay(const std::string& text, const std::string& field);
std::string FormatTimeOfDay(int32_t seconds);
Timestamp TimeOn(Date day, int32_t seconds);

struct MarketPhase {
  PhaseKind kind = v1::MarketPhase::KIND_UNSPECIFIED;
  int32_t from_s = 0;  // seconds since midnight; belongs to the phase
  int32_t to_s = 0;    // does not; at most kSecondsPerDay

  friend bool operator==(const MarketPhase&, const MarketPhase&) = default;
  template <class Archive>
  void Fields(Archive& a) {
    a(kind, from_s, to_s);
  }
};

// What a session does at one moment, and until when.
struct PhaseNow {
  // KIND_UNSPECIFIED: closed.
  PhaseKind kind = v1::MarketPhase::KIND_UNSPECIFIED;
  Timestamp until;  // the first instant of what follows, on the same day or at its end
};

class MarketDay {
 public:
  // INVALID_ARGUMENT, naming "{field}[i].from" and so on: at most kPhasesMax; each has a kind, times that exist, and ends after it begins; none begins before
  // the one before it has ended; there is one in which orders meet, CONTINUOUS or CALL; PRE_OPEN only before any of them; BREAK only between two of them.
  static absl::StatusOr<MarketDay> Parse(const google::protobuf::RepeatedPtrField<v1::MarketPhase>& phases, const std::string& field);

  // Without phases the day is one continuous phase, and sessions are opened and closed by hand.
  bool by_hand() const { return phases_.empty(); }
  const std::vector<MarketPhase>& phases() const { return phases_; }

  PhaseNow At(Timestamp time) const;
  // The first instant after `time`, on its day, at which another phase begins or one ends; nullopt: there is none that day.
  std::optional<Timestamp> NextChange(Timestamp time) const;
  // Whether the last phase has ended at that time of its day. False by hand.
  bool OverAt(Timestamp time) const;
  // "09:15 to 09:25 CALL, 09:30 to 11:30 CONTINUOUS".
  std::string Text() const;

  void AddTo(google::protobuf::RepeatedPtrField<v1::MarketPhase>* phases) const;
  friend bool operator==(const MarketDay&, const MarketDay&) = default;
  template <class Archive>
  void Fields(Archive& a) {
    a(phases_);
  }

 private:
  std::vector<MarketPhase> phases_;  // in order, apart or touching
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_MARKET_DAY_H_
