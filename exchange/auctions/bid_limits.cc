#include "exchange/auctions/bid_limits.h"

#include <iterator>
#include <limits>
#include <utility>

#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

void Cut(StandingBid* bid, int64_t quantity, CutReason reason, std::vector<BidCut>* cuts) {
  if (quantity <= 0) return;
  SONGHUA_CHECK(quantity <= bid->quantity);
  bid->quantity -= quantity;
  cuts->push_back({bid->id, reason, Quantity(quantity)});
}

int64_t InLots(int64_t quantity, int64_t lot) { return quantity / lot * lot; }

int64_t LimitOfKind(const SealedPolicy& policy, Quantity offered, uint8_t kind) {
  for (const PurchaseLimit& limit : policy.purchase_limits) {
    if (limit.kind == kind) return PartOf(offered, limit.bps).value();
  }
  return kNoLimit;
}

// What a group may still buy, as its bids are gone through from the best down: keeping the best is cutting the worst first.
struct GroupRoom {
  int64_t purchase = kNoLimit;
  int64_t holding = kNoLimit;
};

void CutToLimits(const SealedPolicy& policy, Quantity offered, const Parties& parties, std::span<StandingBid> best_first,
                 std::vector<BidCut>* cuts) {
  std::vector<GroupRoom> rooms(parties.groups);
  for (size_t i = 0; i < parties.bidders.size(); ++i) {
    GroupRoom& room = rooms[parties.group_of[i]];
    room.purchase = std::min(room.purchase, LimitOfKind(policy, offered, parties.bidders[i].kind));
    if (parties.bidders[i].holding_room.has_value()) room.holding = std::min(room.holding, parties.bidders[i].holding_room->value());
  }
  const int64_t lot = policy.lot.value();
  for (StandingBid& bid : best_first) {
    GroupRoom& room = rooms[parties.group_of[bid.bidder]];
    Cut(&bid, bid.quantity - std::min(bid.quantity, InLots(room.purchase, lot)), CutReason::kPurchaseLimit, cuts);
    if (room.purchase != kNoLimit) room.purchase -= bid.quantity;
    Cut(&bid, bid.quantity - std::min(bid.quantity, InLots(room.holding, lot)), CutReason::kHoldingLimit, cuts);
    if (room.holding != kNoLimit) room.holding -= bid.quantity;
  }
}

// What a book may still take at each of its prices, from the best down: what the guarantee covers there, less what stands at that price or
// better. A tree of partial sums, so that one bid costs O(log n): each node knows what was added in it and the least room in it as if
// nothing stood before it.
class BookRoom {
 public:
  explicit BookRoom(std::span<const int64_t> covered) {
    while (leaves_ < covered.size()) leaves_ *= 2;
    nodes_.assign(2 * leaves_, {0, kNoLimit});
    for (size_t i = 0; i < covered.size(); ++i) nodes_[leaves_ + i].least = covered[i];
    for (size_t i = leaves_ - 1; i > 0; --i) Join(i);
  }

  // Takes it, if there is room at its price and at every lower one.
  bool Take(size_t price, int64_t quantity) {
    Add(price, quantity);
    if (nodes_[1].least >= 0) return true;
    Add(price, -quantity);
    return false;
  }

 private:
  struct Node {
    int64_t added = 0;
    int64_t least = 0;
  };

  void Add(size_t leaf, int64_t quantity) {
    size_t node = leaves_ + leaf;
    nodes_[node].added += quantity;
    nodes_[node].least -= quantity;
    for (node /= 2; node > 0; node /= 2) Join(node);
  }
  void Join(size_t node) {
    const Node& left = nodes_[2 * node];
    const Node& right = nodes_[2 * node + 1];
    nodes_[node] = {left.added + right.added, std::min(left.least, right.least - left.added)};
  }

  size_t leaves_ = 1;
  std::vector<Node> nodes_;
};

bool ComesBefore(const StandingBid* a, const StandingBid* b) {
  return a->sequence != b->sequence ? a->sequence < b->sequence : a->id < b->id;
}

// REQUIRES: the bids of one bidder, best first.
void RejectByGreatestValue(const SealedPolicy& policy, Money guarantee, std::span<StandingBid* const> book, std::vector<BidCut>* cuts) {
  std::vector<int64_t> covered(book.size());
  std::vector<std::pair<StandingBid*, size_t>> by_time(book.size());
  for (size_t i = 0; i < book.size(); ++i) {
    covered[i] = CoveredBy(guarantee, Price(book[i]->merit), policy.terms).value();
    // Bids at one price share its first place: all of them stand at that price or better.
    by_time[i] = {book[i], i > 0 && book[i - 1]->merit == book[i]->merit ? by_time[i - 1].second : i};
  }
  std::sort(by_time.begin(), by_time.end(), [](const auto& a, const auto& b) { return ComesBefore(a.first, b.first); });
  BookRoom room(covered);
  for (const auto& [bid, price] : by_time) {
    if (!room.Take(price, bid->quantity)) Cut(bid, bid->quantity, CutReason::kGuarantee, cuts);
  }
}

// a x b, or the greatest number where that is more. REQUIRES: neither below 0.
__int128 SaturatedProduct(__int128 a, __int128 b) {
  __int128 product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return static_cast<__int128>(~static_cast<unsigned __int128>(0) >> 1);
  return product;
}

void RejectBySum(const SealedPolicy& policy, Money guarantee, std::span<StandingBid*> book, std::vector<BidCut>* cuts) {
  std::sort(book.begin(), book.end(), ComesBefore);
  __int128 left = static_cast<__int128>(guarantee.value()) * policy.terms.quoted_unit * policy.terms.term.denominator;
  for (StandingBid* bid : book) {
    const __int128 value = SaturatedProduct(static_cast<__int128>(bid->merit) * bid->quantity, policy.terms.term.numerator);
    if (value > left) {
      Cut(bid, bid->quantity, CutReason::kGuarantee, cuts);
    } else {
      left -= value;
    }
  }
}

void RejectOverGuarantee(const SealedPolicy& policy, const Parties& parties, std::span<StandingBid> best_first, std::vector<BidCut>* cuts) {
  std::vector<std::vector<StandingBid*>> books(parties.bidders.size());
  for (StandingBid& bid : best_first) {
    if (bid.quantity > 0 && parties.bidders[bid.bidder].guarantee.has_value()) books[bid.bidder].push_back(&bid);
  }
  for (size_t i = 0; i < books.size(); ++i) {
    if (books[i].empty()) continue;
    if (policy.pricing == SealedPricing::kUniform && policy.reserve_tiers.empty()) {
      RejectByGreatestValue(policy, *parties.bidders[i].guarantee, books[i], cuts);
    } else {
      RejectBySum(policy, *parties.bidders[i].guarantee, books[i], cuts);
    }
  }
}

}  // namespace

void CutBids(const SealedPolicy& policy, Quantity offered, const Parties& parties, std::span<StandingBid> best_first,
             std::vector<BidCut>* cuts) {
  if (policy.reserve_rule == ReserveRule::kApplied) {
    for (StandingBid& bid : best_first) {
      if (bid.merit < MeritOf(policy.side, policy.reserve)) Cut(&bid, bid.quantity, CutReason::kBelowReserve, cuts);
    }
  }
  CutToLimits(policy, offered, parties, best_first, cuts);
  if (policy.guarantee == GuaranteeRule::kRejectBid) RejectOverGuarantee(policy, parties, best_first, cuts);
}

Quantity CoveredBy(Money guarantee, Price price, const AmountTerms& terms) {
  // Below 2^63 x 10^9 x 10^6 over 2^63 x 10^6: both fit.
  const __int128 value = static_cast<__int128>(guarantee.value()) * terms.quoted_unit * terms.term.denominator;
  const __int128 each = static_cast<__int128>(price.value()) * terms.term.numerator;
  if (value <= kNoLimit && each <= kNoLimit) return Quantity(static_cast<int64_t>(value) / static_cast<int64_t>(each));
  return Quantity(static_cast<int64_t>(std::min<__int128>(value / each, kNoLimit)));
}

absl::StatusOr<Money> MostPayable(const SealedPolicy& policy, std::span<const SealedBid> of_one_bidder) {
  if (policy.side == Side::kSell || of_one_bidder.empty()) return Money();
  std::vector<SealedBid> book(of_one_bidder.begin(), of_one_bidder.end());
  std::sort(book.begin(), book.end(), [](const SealedBid& a, const SealedBid& b) { return a.price > b.price; });
  const AmountTerms& terms = policy.terms;
  const bool one_price = policy.pricing == SealedPricing::kUniform && policy.reserve_tiers.empty();
  // An award is rounded by itself: a bid that pays its own price has one, and what it rounds to is known.
  const bool one_award = policy.pricing == SealedPricing::kPayAsBid;
  const Rounding rounding = one_award ? terms.rounding : Rounding::kCeiling;
  Quantity quantity;  // of the bids so far
  Money most;
  for (const SealedBid& bid : book) {
    SONGHUA_ASSIGN_OR_RETURN(quantity, CheckedAdd(quantity, bid.quantity));
    SONGHUA_ASSIGN_OR_RETURN(const Money value,
                             Amount(bid.price, one_price ? quantity : bid.quantity, terms.quoted_unit, terms.term, rounding));
    SONGHUA_ASSIGN_OR_RETURN(most, one_price ? absl::StatusOr<Money>(std::max(most, value)) : CheckedAdd(most, value));
  }
  if (one_award || (terms.quoted_unit == 1 && terms.term.denominator == 1)) return most;
  const size_t awards = book.size() * std::max<size_t>(1, policy.reserve_tiers.size());
  return CheckedAdd(most, Money(static_cast<int64_t>(awards) - 1));
}

CappedBook::CappedBook(Money guarantee, const AmountTerms& terms, Quantity lot) : guarantee_(guarantee), terms_(terms), lot_(lot.value()) {}

void CappedBook::Add(const StandingBid& bid, uint32_t place) {
  SONGHUA_CHECK(bids_.empty() || bid.merit <= bids_.back().merit);
  const int64_t begin = bids_.empty() ? 0 : bids_.back().end;
  bids_.push_back({bid.merit, begin, begin + bid.quantity, place});
}

bool CappedBook::Exceeds() const {
  return std::any_of(bids_.begin(), bids_.end(),
                     [this](const Entry& bid) { return bid.end > CoveredBy(guarantee_, Price(bid.merit), terms_).value(); });
}

int64_t CappedBook::StandsAt(int64_t merit) const {
  const auto worse = std::partition_point(bids_.begin(), bids_.end(), [merit](const Entry& bid) { return bid.merit >= merit; });
  if (worse == bids_.begin()) return 0;
  return std::min(std::prev(worse)->end, InLots(CoveredBy(guarantee_, Price(merit), terms_).value(), lot_));
}

void CappedBook::Report(std::span<const StandingBid> bids, int64_t lowest_merit, std::vector<BidCut>* cuts,
                        std::vector<LoweredBid>* lowered) const {
  const int64_t stands = StandsAt(lowest_merit);
  for (const Entry& bid : bids_) {
    const int64_t cut = bid.end - std::max(bid.begin, stands);
    if (cut > 0) cuts->push_back({bids[bid.place].id, CutReason::kGuarantee, Quantity(cut)});
    const int64_t below = std::min(bid.end, stands) - std::max(bid.begin, StandsAt(bid.merit));
    if (below > 0) lowered->push_back({bids[bid.place].id, Quantity(below)});
  }
}

}  // namespace songhua::exchange
