#include "exchange/auctions/standing_bids.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

constexpr char kSealedSource[] = "international.md 2.7";
constexpr size_t kHashedAtOnce = 100;  // bids

bool IsById(const SealedBid& a, const SealedBid& b) { return a.id < b.id; }

constexpr size_t kEncodedBid = 5 * 8 + 1;

char* PutNumber(uint64_t value, char* to) {
  for (int shift = 56; shift >= 0; shift -= 8) *to++ = static_cast<char>(value >> shift & 0xff);
  return to;
}

Refuse Twice(std::string_view field, uint64_t number) {
  return Refuse(absl::StatusCode::kInvalidArgument, "NAMED_TWICE")
      .Rule(kSealedSource)
      .Field(field)
      .Value(std::to_string(number))
      .Accepted("each number once");
}

// The place of each bidder by its number. Nobody goes through it in its own order.
using Places = absl::flat_hash_map<uint32_t, uint32_t>;

absl::StatusOr<std::vector<StandingBid>> Stand(const SealedPolicy& policy, const Parties& parties, std::span<const SealedBid> by_id) {
  Places places;
  places.reserve(parties.bidders.size());
  for (size_t i = 0; i < parties.bidders.size(); ++i) places[parties.bidders[i].number] = static_cast<uint32_t>(i);
  std::vector<bool> has_bid(parties.bidders.size());
  std::vector<StandingBid> standing;
  standing.reserve(by_id.size());
  __int128 total = 0;
  for (size_t i = 0; i < by_id.size(); ++i) {
    const SealedBid& bid = by_id[i];
    SONGHUA_RETURN_IF_ERROR(CheckBid(policy, bid));
    if (i > 0 && by_id[i - 1].id == bid.id) return Twice("bids.id", bid.id);
    const auto place = places.find(bid.bidder);
    if (place == places.end()) return InvalidField("bids.bidder", std::to_string(bid.bidder), "the number of one of the bidders");
    if (policy.bid_count == BidCount::kOne && has_bid[place->second]) {
      return Refuse(absl::StatusCode::kInvalidArgument, "SECOND_BID")
          .Rule("CAR-20")
          .Field("bids.bidder")
          .Value(std::to_string(bid.bidder))
          .Accepted("one bid of each bidder: a new one replaces the one before");
    }
    has_bid[place->second] = true;
    total += bid.quantity.value();
    standing.push_back({bid.id, MeritOf(policy.side, bid.price), bid.quantity.value(), bid.sequence, place->second, bid.partial});
  }
  SONGHUA_RETURN_IF_ERROR(NarrowToInt64(total).status());
  return standing;
}

}  // namespace

absl::StatusOr<Parties> CollectParties(const SealedPolicy& policy, std::span<const Bidder> bidders) {
  Parties parties;
  parties.bidders.assign(bidders.begin(), bidders.end());
  std::sort(parties.bidders.begin(), parties.bidders.end(), [](const Bidder& a, const Bidder& b) { return a.number < b.number; });
  Places groups;
  for (size_t i = 0; i < parties.bidders.size(); ++i) {
    const Bidder& bidder = parties.bidders[i];
    if (i > 0 && parties.bidders[i - 1].number == bidder.number) return Twice("bidders.number", bidder.number);
    SONGHUA_RETURN_IF_ERROR(CheckBidder(policy, bidder));
    parties.group_of.push_back(groups.try_emplace(bidder.group, static_cast<uint32_t>(groups.size())).first->second);
  }
  parties.groups = static_cast<uint32_t>(groups.size());
  return parties;
}

absl::StatusOr<CollectedBids> CollectBids(const SealedPolicy& policy, const Parties& parties, std::span<const SealedBid> bids) {
  if (bids.size() > kMaxSealedBids)
    return OutOfRange("bids", std::to_string(bids.size()), "at most " + std::to_string(kMaxSealedBids) + " bids");
  std::vector<SealedBid> sorted;
  std::span<const SealedBid> by_id = bids;
  if (!std::is_sorted(bids.begin(), bids.end(), IsById)) {
    sorted.assign(bids.begin(), bids.end());
    std::sort(sorted.begin(), sorted.end(), IsById);
    by_id = sorted;
  }
  CollectedBids collected;
  SONGHUA_ASSIGN_OR_RETURN(collected.best_first, Stand(policy, parties, by_id));
  collected.digest = DigestOfBids(by_id);
  std::sort(collected.best_first.begin(), collected.best_first.end(),
            [](const StandingBid& a, const StandingBid& b) { return StandsBefore(a, b); });
  return collected;
}

Digest DigestOfBids(std::span<const SealedBid> bids) {
  Sha256 hash;
  std::array<char, kHashedAtOnce * kEncodedBid> bytes;
  uint64_t last = 0;
  for (size_t done = 0; done < bids.size(); done += kHashedAtOnce) {
    char* to = bytes.data();
    for (const SealedBid& bid : bids.subspan(done, std::min(kHashedAtOnce, bids.size() - done))) {
      SONGHUA_CHECK(bid.id > last);
      last = bid.id;
      to = PutNumber(bid.id, to);
      to = PutNumber(bid.bidder, to);
      to = PutNumber(static_cast<uint64_t>(bid.price.value()), to);
      to = PutNumber(static_cast<uint64_t>(bid.quantity.value()), to);
      to = PutNumber(bid.sequence, to);
      *to++ = bid.partial ? 1 : 0;
    }
    hash.Update(std::string_view(bytes.data(), static_cast<size_t>(to - bytes.data())));
  }
  return hash.Finish();
}

}  // namespace songhua::exchange
