#include "exchange/auctions/bid_demand.h"

#include <algorithm>
#include <utility>

namespace songhua::exchange {

BidDemand::BidDemand(const SealedPolicy& policy, const Parties& parties, std::span<const StandingBid> best_first) : bids_(best_first) {
  if (policy.guarantee == GuaranteeRule::kCutAndRetest) {
    std::vector<CappedBook> books;
    books.reserve(parties.bidders.size());
    std::vector<size_t> book_of(parties.bidders.size());  // from 1; 0: none
    for (size_t i = 0; i < parties.bidders.size(); ++i) {
      if (!parties.bidders[i].guarantee.has_value()) continue;
      books.emplace_back(*parties.bidders[i].guarantee, policy.terms, policy.lot);
      book_of[i] = books.size();
    }
    for (size_t place = 0; place < bids_.size(); ++place) {
      const size_t book = book_of[bids_[place].bidder];
      if (book > 0 && bids_[place].quantity > 0) books[book - 1].Add(bids_[place], static_cast<uint32_t>(place));
    }
    is_capped_.resize(parties.bidders.size());
    for (size_t i = 0; i < parties.bidders.size(); ++i) {
      if (book_of[i] == 0 || !books[book_of[i] - 1].Exceeds()) continue;
      is_capped_[i] = true;
      capped_.push_back(std::move(books[book_of[i] - 1]));
    }
  }
  int64_t through = 0;
  for (size_t place = 0; place < bids_.size(); ++place) {
    const StandingBid& bid = bids_[place];
    if (bid.quantity == 0) continue;
    if (levels_.empty() || levels_.back().merit != bid.merit) levels_.push_back({bid.merit, place, through});
    if (!IsCapped(place)) through += bid.quantity;
    levels_.back().through = through;
  }
  if (!capped_.empty()) capped_through_.assign(levels_.size(), -1);
}

int64_t BidDemand::Through(size_t n) const {
  if (n == 0) return 0;
  const Level& level = levels_[n - 1];
  if (capped_.empty()) return level.through;
  int64_t& capped = capped_through_[n - 1];
  if (capped < 0) {
    capped = 0;
    for (const CappedBook& book : capped_) capped += book.StandsAt(level.merit);
  }
  return level.through + capped;
}

std::optional<size_t> BidDemand::LevelsFor(int64_t quantity) const {
  if (total() < quantity) return std::nullopt;
  size_t low = 1;
  size_t high = levels();
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (Through(middle) >= quantity) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

size_t BidDemand::LevelsFrom(int64_t merit) const {
  return static_cast<size_t>(
      std::partition_point(levels_.begin(), levels_.end(), [merit](const Level& level) { return level.merit >= merit; }) - levels_.begin());
}

void BidDemand::ReportCapped(std::vector<BidCut>* cuts, std::vector<LoweredBid>* lowered) const {
  for (const CappedBook& book : capped_) book.Report(bids_, levels_.back().merit, cuts, lowered);
}

}  // namespace songhua::exchange
