// `songhua replay bars`: recomputes published daily bars with the exchange's own arithmetic (exchange/daily_bars.h). No service is needed.
//
// A published bar does not list its trades, so what follows from its figures is compared:
//
//   averages        amount / volume, half-up to the fen, is the published average, where listed trades alone make the bar
//   amounts         where such a bar has one price, amount = price x volume to the fen
//   lows and highs  no other price of the bar lies below its low, and neither open, close nor the average of listed trades above its high
//   carried prices  a bar without a listed trade (no high and low) opens and closes at the previous close (CAR-14)
//
// Block trades enter volume and amount but not the prices, and how much of a day they are is not published. A bar shows them where its
// volume could hold one and amount / volume is not the average, or lies outside of low and high: its average is counted apart, and not
// compared. So is the previous close of a bar where it is not known: the first of its instrument, or a day under which two bars stand.
#ifndef SONGHUA_SIMULATIONS_REPLAY_BARS_H_
#define SONGHUA_SIMULATIONS_REPLAY_BARS_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "simulations/comparison.h"

namespace songhua::simulations {

// The smallest block of the Shenzhen exchange, in tonnes. No bar of its table that has block trades alone has less.
inline constexpr int64_t kShenzhenBlockMin = 10'000;

struct BarsReplayOptions {
  std::vector<std::string> paths;
  int64_t block_min = kShenzhenBlockMin;  // tonnes; a day of less holds no block trade
};

// Prints a summary, the differences, and the last line `matched N of M`. An error means that nothing could be compared: a file that cannot
// be read or lacks columns.
absl::StatusOr<Comparison> ReplayBars(const BarsReplayOptions& options, std::ostream& out);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_REPLAY_BARS_H_
