#include "exchange/auctions/unsold.h"

#include <algorithm>
#include <limits>

#include "exchange/auctions/sealed_policy.h"
#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

constexpr int64_t kAnyQuantity = std::numeric_limits<int64_t>::max();

int64_t InSteps(__int128 quantity, int64_t step) {
  return static_cast<int64_t>(std::clamp<__int128>(quantity, 0, kAnyQuantity)) / step * step;
}

int64_t RoomOf(const SpreadRules& rules, const ComingAuction& auction) {
  const __int128 limit =
      rules.limit_bps.has_value() ? static_cast<__int128>(auction.proposed.value()) * *rules.limit_bps / kWholeBps : kAnyQuantity;
  return InSteps(std::min<__int128>(limit, kAnyQuantity) - auction.planned.value(), rules.step.value());
}

}  // namespace

absl::StatusOr<Spread> SpreadUnsold(const SpreadRules& rules, Quantity unsold, std::span<const ComingAuction> coming) {
  constexpr char kSource[] = "international.md 2.2";
  SONGHUA_RETURN_IF_ERROR(RequireInRange("unsold", unsold.value(), 0, kAnyQuantity, kSource));
  SONGHUA_RETURN_IF_ERROR(RequireInRange("step", rules.step.value(), 1, kAnyQuantity, kSource));
  if (rules.limit_bps.has_value())
    SONGHUA_RETURN_IF_ERROR(RequireInRange("limit_bps", *rules.limit_bps, kWholeBps, 100 * kWholeBps, kSource));
  for (const ComingAuction& auction : coming) {
    SONGHUA_RETURN_IF_ERROR(RequireInRange("coming.proposed", auction.proposed.value(), 0, kAnyQuantity, kSource));
    SONGHUA_RETURN_IF_ERROR(RequireInRange("coming.planned", auction.planned.value(), 0, kAnyQuantity, kSource));
  }
  Spread spread{std::vector<Quantity>(coming.size()), unsold};
  const auto count = static_cast<int64_t>(std::min(rules.auctions, coming.size()));
  if (count == 0) return spread;

  const int64_t step = rules.step.value();
  const int64_t steps = unsold.value() / step;
  std::vector<int64_t> rooms;
  for (int64_t i = 0; i < count; ++i) rooms.push_back(RoomOf(rules, coming[static_cast<size_t>(i)]));
  const auto add = [&](int64_t i, int64_t quantity) {
    const auto at = static_cast<size_t>(i);
    const int64_t fits = std::min(quantity, rooms[at]);
    rooms[at] -= fits;
    spread.added[at] += Quantity(fits);
    spread.left -= Quantity(fits);
  };
  for (int64_t i = 0; i < count; ++i) add(i, (steps / count + (i < steps % count ? 1 : 0)) * step);
  for (int64_t i = 0; i < count; ++i) add(i, spread.left.value() / step * step);
  return spread;
}

Quantity ReturnOfUnsold(Quantity stock, int32_t auctions_above_floor, Quantity next_offer, Quantity step) {
  SONGHUA_CHECK(stock.value() >= 0 && next_offer.value() >= 0 && step.value() >= 1);
  if (auctions_above_floor < kWciReturnAfter) return Quantity();
  const int64_t most = std::min(stock.value(), PartOf(next_offer, kWciReturnBps).value());
  return Quantity(most / step.value() * step.value());
}

}  // namespace songhua::exchange
