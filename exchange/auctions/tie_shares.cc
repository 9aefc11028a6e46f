#include "exchange/auctions/tie_shares.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "ledger/check.h"

namespace songhua::exchange {
namespace {

struct Drawn {
  DrawnLot lot;
  size_t place;
};

void SortByLot(std::vector<Drawn>* drawn) {
  std::sort(drawn->begin(), drawn->end(),
            [](const Drawn& a, const Drawn& b) { return a.lot.lot != b.lot.lot ? a.lot.lot < b.lot.lot : a.lot.number < b.lot.number; });
}

std::vector<DrawnLot> LotsOf(const std::vector<Drawn>& drawn) {
  std::vector<DrawnLot> lots;
  lots.reserve(drawn.size());
  for (const Drawn& each : drawn) lots.push_back(each.lot);
  return lots;
}

bool ClaimedBefore(const TieClaim& a, const TieClaim& b) { return a.sequence != b.sequence ? a.sequence < b.sequence : a.id < b.id; }

// One claim after the other. False: what is left stays, and nobody comes after.
bool Serve(MarginRule margin, TieClaim* claim, int64_t* rest) {
  if (claim->quantity > *rest && margin == MarginRule::kFillIfOpen && !claim->partial) return false;
  claim->award = std::min(claim->quantity, *rest);
  *rest -= claim->award;
  return *rest > 0;
}

std::vector<DrawnLot> ServeBySeed(const TieSources& sources, int64_t rest, std::span<TieClaim> claims) {
  std::vector<Drawn> drawn;
  drawn.reserve(claims.size());
  for (size_t i = 0; i < claims.size(); ++i) drawn.push_back({{claims[i].id, LotOfNumber(sources.seed, claims[i].id)}, i});
  SortByLot(&drawn);
  for (const Drawn& each : drawn) {
    if (!Serve(sources.margin, &claims[each.place], &rest)) break;
  }
  return LotsOf(drawn);
}

void ServeByTime(const TieSources& sources, int64_t rest, std::span<TieClaim> claims) {
  std::sort(claims.begin(), claims.end(), ClaimedBefore);
  for (TieClaim& claim : claims) {
    if (!Serve(sources.margin, &claim, &rest)) break;
  }
}

// The claims of one party, which stand together.
struct PartyShare {
  size_t first;
  size_t end;
  int64_t claimed = 0;
  int64_t share = 0;
};

std::vector<PartyShare> SharesOf(std::span<TieClaim> claims) {
  std::sort(claims.begin(), claims.end(),
            [](const TieClaim& a, const TieClaim& b) { return a.party != b.party ? a.party < b.party : ClaimedBefore(a, b); });
  std::vector<PartyShare> shares;
  for (size_t i = 0; i < claims.size(); ++i) {
    if (i == 0 || claims[i].party != claims[i - 1].party) shares.push_back({i, i});
    shares.back().end = i + 1;
    shares.back().claimed += claims[i].quantity;
  }
  return shares;
}

std::vector<DrawnLot> ServeProRata(const TieSources& sources, int64_t rest, std::span<TieClaim> claims) {
  std::vector<PartyShare> shares = SharesOf(claims);
  __int128 all = 0;
  for (const PartyShare& share : shares) all += share.claimed;
  const int64_t steps = rest / sources.step;
  int64_t left = steps;
  for (PartyShare& share : shares) {
    // claimed <= all, so the share is below 2^63; the product is below 2^126.
    share.share = static_cast<int64_t>(static_cast<__int128>(share.claimed) * steps / all);
    left -= share.share;
  }
  std::vector<Drawn> drawn;
  if (left > 0) {
    drawn.reserve(shares.size());
    for (size_t i = 0; i < shares.size(); ++i) {
      const uint64_t number = claims[shares[i].first].party_number;
      drawn.push_back({{number, LotOfNumber(sources.seed, number)}, i});
    }
    SortByLot(&drawn);
    SONGHUA_CHECK(left < static_cast<int64_t>(drawn.size()));  // each was rounded down by less than a step
    for (int64_t i = 0; i < left; ++i) ++shares[drawn[static_cast<size_t>(i)].place].share;
  }
  for (const PartyShare& share : shares) {
    int64_t units = share.share * sources.step;
    for (size_t i = share.first; i < share.end; ++i) {
      claims[i].award = std::min(claims[i].quantity, units);
      units -= claims[i].award;
    }
    SONGHUA_CHECK(units == 0);
  }
  return LotsOf(drawn);
}

}  // namespace

Digest LotOfNumber(const Digest& seed, uint64_t number) {
  char bytes[8];
  for (size_t i = 0; i < sizeof(bytes); ++i) bytes[i] = static_cast<char>(number >> (56 - 8 * i) & 0xff);
  return Sha256Of(AsBytes(seed), std::string_view(bytes, sizeof(bytes)));
}

std::vector<DrawnLot> ShareOut(const TieSources& sources, int64_t rest, std::span<TieClaim> claims) {
  SONGHUA_CHECK(rest >= 0 && sources.step > 0);
  for (TieClaim& claim : claims) claim.award = 0;
  if (rest == 0) return {};
  switch (sources.ties) {
    case TieRule::kSeeded:
      return ServeBySeed(sources, rest, claims);
    case TieRule::kTime:
      ServeByTime(sources, rest, claims);
      return {};
    case TieRule::kProRata:
      return ServeProRata(sources, rest, claims);
  }
  SONGHUA_CHECK(false);
}

}  // namespace songhua::exchange
