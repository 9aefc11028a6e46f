#include "exchange/contract_state.h"

namespace songhua::exchange {

std::optional<PriceBand> LadderBand(const ContractRow& row) {
  if (row.band_high.value() == ContractRow::kNoUpperLimit) return std::nullopt;
  if ((row.band_high.value() - row.band_low.value()) / row.tick.value() >= PriceLevels::kMaximumBandLevels) return std::nullopt;
  return PriceBand{row.band_low.value(), row.band_high.value()};
}

ContractState::ContractState(ContractRow* row_in)
    : row(row_in), book(BookOptions{.tick = row_in->tick.value(), .band = LadderBand(*row_in), .self_trade = row_in->terms.self_trade}) {}

}  // namespace songhua::exchange
