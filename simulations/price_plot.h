// A price path as a picture: SVG of whole coordinates, readable in any browser, with no script and no font of its own. The same input draws
// the same bytes.
#ifndef SONGHUA_SIMULATIONS_PRICE_PLOT_H_
#define SONGHUA_SIMULATIONS_PRICE_PLOT_H_

#include <cstdint>
#include <string>
#include <vector>

namespace songhua::simulations {

struct PriceSeries {
  std::string name;
  std::vector<std::vector<int64_t>> periods;  // prices of each period's trades in their order, in fen
};

struct PricePlot {
  std::string title;
  int64_t equilibrium_low = 0;  // fen; drawn as a band, or as a line where both are the same
  int64_t equilibrium_high = 0;
  std::vector<PriceSeries> series;
};

// Prices upward in yuan, periods to the right as wide as each other, the trades of a period spread over it. REQUIRES: prices are not
// negative; at least one period in all.
std::string DrawPrices(const PricePlot& plot);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_PRICE_PLOT_H_
