#include "exchange/call_seeds.h"

#include <string>

#include "ledger/check.h"

namespace songhua::exchange {
namespace {

constexpr int64_t kMicrosPerMillisecond = 1'000;

void AppendBigEndian(uint64_t value, std::string* bytes) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes->push_back(static_cast<char>(value >> shift & 0xff));
}

}  // namespace

Digest SealOf(const Digest& seed) { return Sha256Of(AsBytes(seed)); }

Timestamp DrawEnd(const Digest& seed, std::string_view contract_code, Date date, Timestamp end, int32_t random_end_s) {
  SONGHUA_CHECK(random_end_s >= 0);
  if (random_end_s == 0) return end;
  const Digest drawn = Sha256Of(AsBytes(seed), "random end", contract_code, std::string_view("\0", 1), FormatDate(date));
  uint64_t number = 0;
  for (size_t i = 0; i < 8; ++i) number = number << 8 | drawn[i];
  const auto milliseconds = static_cast<int64_t>(number % (static_cast<uint64_t>(random_end_s) * 1'000));
  return Timestamp(end.value() + milliseconds * kMicrosPerMillisecond);
}

Digest DigestOfOrders(std::span<const CollectedOrder> orders) {
  Sha256 hash;
  OrderId last = 0;
  for (const CollectedOrder& order : orders) {
    SONGHUA_CHECK(order.number > last);
    last = order.number;
    std::string bytes;
    AppendBigEndian(order.number, &bytes);
    bytes.push_back(static_cast<char>(order.side));
    AppendBigEndian(static_cast<uint64_t>(order.price), &bytes);
    AppendBigEndian(static_cast<uint64_t>(order.open), &bytes);
    hash.Update(bytes);
  }
  return hash.Finish();
}

Digest LotOf(const Digest& seed, const Digest& orders, OrderId number) {
  std::string bytes;
  AppendBigEndian(number, &bytes);
  return Sha256Of(AsBytes(seed), AsBytes(orders), bytes);
}

bool LiesBeyond(int64_t price, int64_t reference, int32_t bps) {
  if (reference == 0) return false;
  const __int128 distance = static_cast<__int128>(price) - reference;
  return (distance < 0 ? -distance : distance) * 10'000 > static_cast<__int128>(reference) * bps;
}

}  // namespace songhua::exchange
