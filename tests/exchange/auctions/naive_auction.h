// A slow and obvious second clearing of sealed auctions: lot by lot, step by step, with every sum added up anew. It shares the plain types
// with the real one, and no step of it.
#ifndef SONGHUA_TESTS_EXCHANGE_AUCTIONS_NAIVE_AUCTION_H_
#define SONGHUA_TESTS_EXCHANGE_AUCTIONS_NAIVE_AUCTION_H_

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "exchange/auctions/sealed_clearing.h"
#include "ledger/sha256.h"

namespace songhua::exchange {

class NaiveAuction {
 public:
  // `collected` is the digest of the bids. REQUIRES: nothing about the auction is refused.
  NaiveAuction(const SealedAuction& auction, const Digest& collected) : a_(auction), p_(auction.policy), collected_(collected) {}

  SealedResult Clear() {
    for (const Consignment& c : a_.offer.consignments) consigned_ += c.quantity.value();
    int64_t offered = a_.offer.own.value() + consigned_;
    for (const PriceTier& tier : p_.reserve_tiers) offered += tier.quantity.value();
    r_.offered = Quantity(offered);
    Cut(offered);
    StandAtPrices();
    for (const Piece& piece : pieces_) r_.demand += Quantity(piece.quantity);
    if (!p_.reserve_tiers.empty()) {
      SellTiers();
    } else {
      SellByPrice(offered);
    }
    r_.unsold = r_.offered + r_.added - r_.withheld - r_.sold;
    std::sort(r_.awards.begin(), r_.awards.end(),
              [](const SealedAward& x, const SealedAward& y) { return std::pair(x.bid, x.price) < std::pair(y.bid, y.price); });
    for (const auto& [key, quantity] : cuts_) r_.cuts.push_back({key.first, key.second, Quantity(quantity)});
    for (const auto& [bid, quantity] : lowered_) r_.lowered.push_back({bid, Quantity(quantity)});
    r_.collected = collected_;
    return r_;
  }

 private:
  // A part of a bid that stands at a price.
  struct Piece {
    const SealedBid* bid;
    int64_t at;  // merit
    int64_t quantity;
    int64_t got = 0;
  };

  int64_t Merit(Price price) const { return p_.side == Side::kBuy ? price.value() : -price.value(); }
  Price PriceAt(int64_t merit) const { return Price(p_.side == Side::kBuy ? merit : -merit); }
  const Bidder& BidderOf(const SealedBid& bid) const {
    for (const Bidder& bidder : a_.bidders) {
      if (bidder.number == bid.bidder) return bidder;
    }
    std::abort();
  }
  static bool Earlier(const SealedBid* x, const SealedBid* y) { return std::pair(x->sequence, x->id) < std::pair(y->sequence, y->id); }
  bool Better(const SealedBid* x, const SealedBid* y) const {
    if (Merit(x->price) != Merit(y->price)) return Merit(x->price) > Merit(y->price);
    return Earlier(x, y);
  }

  void Take(const SealedBid* bid, int64_t quantity, CutReason reason) {
    stands_[bid] -= quantity;
    cuts_[{bid->id, reason}] += quantity;
  }

  // Lots of the group's worst bid go, one at a time.
  void CutGroup(uint32_t group, int64_t limit, CutReason reason) {
    for (;;) {
      int64_t sum = 0;
      const SealedBid* worst = nullptr;
      for (const SealedBid& bid : a_.bids) {
        if (BidderOf(bid).group != group || stands_[&bid] == 0) continue;
        sum += stands_[&bid];
        if (worst == nullptr || Better(worst, &bid)) worst = &bid;
      }
      if (sum <= limit) return;
      Take(worst, p_.lot.value(), reason);
    }
  }

  void Cut(int64_t offered) {
    for (const SealedBid& bid : a_.bids) {
      stands_[&bid] = bid.quantity.value();
      if (p_.reserve_rule == ReserveRule::kApplied && Merit(bid.price) < Merit(p_.reserve))
        Take(&bid, bid.quantity.value(), CutReason::kBelowReserve);
    }
    std::set<uint32_t> groups;
    for (const Bidder& bidder : a_.bidders) groups.insert(bidder.group);
    for (const uint32_t group : groups) {
      for (const Bidder& bidder : a_.bidders) {
        if (bidder.group != group) continue;
        for (const PurchaseLimit& limit : p_.purchase_limits) {
          if (limit.kind == bidder.kind) CutGroup(group, offered * limit.bps / 10'000, CutReason::kPurchaseLimit);
        }
      }
      for (const Bidder& bidder : a_.bidders) {
        if (bidder.group == group && bidder.holding_room.has_value())
          CutGroup(group, bidder.holding_room->value(), CutReason::kHoldingLimit);
      }
    }
    if (p_.guarantee != GuaranteeRule::kRejectBid) return;
    for (const Bidder& bidder : a_.bidders) {
      if (!bidder.guarantee.has_value()) continue;
      std::vector<const SealedBid*> by_time;
      for (const SealedBid& bid : a_.bids) {
        if (bid.bidder == bidder.number && stands_[&bid] > 0) by_time.push_back(&bid);
      }
      std::sort(by_time.begin(), by_time.end(), Earlier);
      std::vector<std::pair<int64_t, int64_t>> book;  // price, quantity
      for (const SealedBid* bid : by_time) {
        book.emplace_back(bid->price.value(), stands_[bid]);
        if (Fits(book, *bidder.guarantee)) continue;
        book.pop_back();
        Take(bid, stands_[bid], CutReason::kGuarantee);
      }
    }
  }

  bool Fits(const std::vector<std::pair<int64_t, int64_t>>& book, Money guarantee) const {
    __int128 value = 0;
    for (const auto& [price, quantity] : book) {
      if (p_.pricing == SealedPricing::kPayAsBid || !p_.reserve_tiers.empty()) {
        value += static_cast<__int128>(price) * quantity;
        continue;
      }
      int64_t at_or_above = 0;
      for (const auto& [other, more] : book) at_or_above += other >= price ? more : 0;
      value = std::max<__int128>(value, static_cast<__int128>(price) * at_or_above);
    }
    return value * p_.terms.term.numerator <= static_cast<__int128>(guarantee.value()) * p_.terms.quoted_unit * p_.terms.term.denominator;
  }

  // Where the guarantee cuts: each lot goes down the prices until it fits.
  void StandAtPrices() {
    std::set<int64_t, std::greater<>> prices;
    for (const SealedBid& bid : a_.bids) {
      if (stands_[&bid] > 0) prices.insert(Merit(bid.price));
    }
    for (const Bidder& bidder : a_.bidders) {
      std::vector<const SealedBid*> own;
      for (const SealedBid& bid : a_.bids) {
        if (bid.bidder == bidder.number && stands_[&bid] > 0) own.push_back(&bid);
      }
      std::sort(own.begin(), own.end(), Earlier);
      const bool cuts = p_.guarantee == GuaranteeRule::kCutAndRetest && bidder.guarantee.has_value();
      std::deque<const SealedBid*> lots;
      std::vector<std::pair<int64_t, int64_t>> book;
      for (const int64_t price : prices) {
        for (const SealedBid* bid : own) {
          if (Merit(bid->price) != price) continue;
          if (!cuts) {
            pieces_.push_back({bid, price, stands_[bid]});
            continue;
          }
          for (int64_t i = 0; i < stands_[bid] / p_.lot.value(); ++i) lots.push_back(bid);
        }
        while (!lots.empty()) {
          book.emplace_back(price, p_.lot.value());
          if (!Fits(book, *bidder.guarantee)) {
            book.pop_back();
            break;
          }
          const SealedBid* bid = lots.front();
          lots.pop_front();
          if (!pieces_.empty() && pieces_.back().bid == bid && pieces_.back().at == price) {
            pieces_.back().quantity += p_.lot.value();
          } else {
            pieces_.push_back({bid, price, p_.lot.value()});
          }
          if (price < Merit(bid->price)) lowered_[bid->id] += p_.lot.value();
        }
      }
      for (const SealedBid* bid : lots) cuts_[{bid->id, CutReason::kGuarantee}] += p_.lot.value();
    }
  }

  int64_t Wanted(int64_t merit) const {
    int64_t sum = 0;
    for (const Piece& piece : pieces_) sum += piece.at >= merit ? piece.quantity : 0;
    return sum;
  }
  // The best price at which a quantity finds bids; nullopt: they are too few.
  std::optional<int64_t> MeritFor(int64_t quantity) const {
    std::set<int64_t, std::greater<>> prices;
    for (const Piece& piece : pieces_) prices.insert(piece.at);
    for (const int64_t price : prices) {
      if (Wanted(price) >= quantity) return price;
    }
    return std::nullopt;
  }
  std::optional<Price> Interim(int64_t quantity) const {
    if (const std::optional<int64_t> merit = MeritFor(quantity)) return PriceAt(*merit);
    if (p_.shortfall == ShortfallRule::kReserve) return p_.reserve;
    if (pieces_.empty()) return std::nullopt;
    int64_t worst = pieces_[0].at;
    for (const Piece& piece : pieces_) worst = std::min(worst, piece.at);
    return PriceAt(worst);
  }

  // Own units and then asks, one by one, beside the best bids.
  int64_t SupplyWithAsks() {
    std::vector<int64_t> bids;
    for (const Piece& piece : pieces_) bids.insert(bids.end(), static_cast<size_t>(piece.quantity), piece.at);
    std::sort(bids.rbegin(), bids.rend());
    std::vector<std::pair<std::pair<int64_t, uint64_t>, int64_t>> asks;
    for (const Consignment& c : a_.offer.consignments) asks.push_back({{c.ask.value(), c.number}, c.quantity.value()});
    std::sort(asks.begin(), asks.end());
    size_t next = static_cast<size_t>(a_.offer.own.value());
    bool more = true;
    for (const auto& [ask, quantity] : asks) {
      for (int64_t i = 0; i < quantity && more; ++i) {
        more = next < bids.size() && bids[next] >= ask.first;
        if (!more) break;
        ++next;
        ++asked_[ask.second];
      }
    }
    return static_cast<int64_t>(next);
  }

  void SellByPrice(int64_t offered) {
    int64_t supply = p_.consignments == ConsignmentRule::kAfterByAsk ? SupplyWithAsks() : offered;
    if (supply == 0) return Owners();
    r_.interim_price = Interim(supply);
    const int64_t step = p_.award_step.value();
    std::optional<Price> trigger;
    for (const PriceTier& tier : p_.containment) {
      const std::optional<int64_t> price = MeritFor(supply);
      if (trigger.has_value() || !price.has_value() || *price <= tier.price.value()) break;
      int64_t used = 0;
      while (used < tier.quantity.value() && Wanted(tier.price.value()) > supply) {
        supply += step;
        used += step;
      }
      r_.added += Quantity(used);
      r_.tiers.push_back({TierKind::kContainment, tier.price, Quantity(used)});
      if (used < tier.quantity.value()) trigger = tier.price;
    }
    if (p_.containment.empty() || r_.tiers.empty()) {
      for (const PriceTier& tier : p_.withholding) {
        const std::optional<Price> price = Interim(supply);
        if (trigger.has_value() || (price.has_value() && *price >= tier.price)) break;
        int64_t kept = 0;
        while (kept < tier.quantity.value() && Wanted(tier.price.value()) < supply) {
          supply -= step;
          kept += step;
        }
        r_.withheld += Quantity(kept);
        r_.tiers.push_back({TierKind::kWithholding, tier.price, Quantity(kept)});
        if (kept < tier.quantity.value()) trigger = tier.price;
      }
    }
    std::optional<Price> price = trigger;
    if (!price.has_value()) {
      r_.shortfall = !MeritFor(supply).has_value();
      if (r_.shortfall && p_.shortfall == ShortfallRule::kCancel) {
        r_.cancelled = AuctionCancelled::kShortfall;
        return Owners();
      }
      price = Interim(supply);
      if (p_.secondary != SecondaryRule::kNone && !r_.shortfall) {
        const int64_t allowed_bps = 10'000 + (p_.side == Side::kBuy ? -p_.secondary_bps : p_.secondary_bps);
        const __int128 ratio =
            static_cast<__int128>(price->value()) * 10'000 - static_cast<__int128>(a_.offer.comparison->value()) * allowed_bps;
        if (p_.side == Side::kBuy ? ratio < 0 : ratio > 0) {
          std::optional<int64_t> raised;
          for (const Piece& piece : pieces_) {
            if (piece.at >= Merit(*a_.offer.comparison) && (!raised.has_value() || piece.at < *raised)) raised = piece.at;
          }
          if (p_.secondary == SecondaryRule::kCancel || !raised.has_value()) {
            r_.cancelled = AuctionCancelled::kUnderSecondary;
            return Owners();
          }
          r_.repriced = true;
          price = PriceAt(*raised);
          supply = Wanted(*raised);
        }
      }
    }
    Distribute(supply);
    std::map<const SealedBid*, int64_t> got;
    std::optional<int64_t> worst;
    for (const Piece& piece : pieces_) {
      if (piece.got == 0) continue;
      got[piece.bid] += piece.got;
      const int64_t merit = p_.pricing == SealedPricing::kPayAsBid ? Merit(piece.bid->price) : piece.at;
      if (!worst.has_value() || merit < *worst) worst = merit;
    }
    if (worst.has_value())
      r_.clearing_price = p_.pricing == SealedPricing::kPayAsBid || p_.margin == MarginRule::kFillIfOpen ? PriceAt(*worst) : *price;
    for (const auto& [bid, quantity] : got) Win(*bid, p_.pricing == SealedPricing::kPayAsBid ? bid->price : *r_.clearing_price, quantity);
    Owners();
  }

  void Win(const SealedBid& bid, Price price, int64_t quantity) {
    const Money amount = *Amount(price, Quantity(quantity), p_.terms.quoted_unit, p_.terms.term, p_.terms.rounding);
    r_.awards.push_back({bid.id, bid.bidder, price, Quantity(quantity), amount});
    r_.sold += Quantity(quantity);
    r_.amount += amount;
  }

  std::string Lot(uint64_t number) const {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(number >> shift & 0xff));
    const Digest digest = Sha256Of(AsBytes(a_.seed), bytes);
    return ToHex(digest);
  }

  // One price after the other; at each, step by step to whom the rule names.
  void Distribute(int64_t supply) {
    std::map<int64_t, std::vector<Piece*>, std::greater<>> levels;
    for (Piece& piece : pieces_) levels[piece.at].push_back(&piece);
    for (auto& [price, level] : levels) {
      if (!ServeTied(level, &supply)) break;
      if (supply == 0) break;
    }
    if (margin_.has_value()) r_.margin = *margin_;
  }

  // False: nobody comes after.
  bool ServeTied(std::vector<Piece*>& level, int64_t* supply) {
    int64_t wanted = 0;
    for (const Piece* piece : level) wanted += piece->quantity - piece->got;
    if (wanted > *supply && *supply > 0) margin_ = Quantity(*supply);
    std::sort(level.begin(), level.end(), [](const Piece* x, const Piece* y) { return Earlier(x->bid, y->bid); });
    const int64_t step = p_.award_step.value();
    if (p_.ties == TieRule::kProRata && wanted > *supply) {
      std::map<uint32_t, int64_t> claimed;
      for (const Piece* piece : level) claimed[piece->bid->bidder] += piece->quantity - piece->got;
      std::map<uint32_t, int64_t> share;
      int64_t left = *supply / step;
      for (const auto& [bidder, quantity] : claimed) {
        share[bidder] = quantity * (*supply / step) / wanted;
        left -= share[bidder];
      }
      std::vector<std::pair<std::string, uint32_t>> drawn;
      for (const auto& [bidder, quantity] : claimed) drawn.emplace_back(Lot(bidder), bidder);
      std::sort(drawn.begin(), drawn.end());
      for (size_t i = 0; left > 0; ++i, --left) share[drawn.at(i).second] += 1;
      for (Piece* piece : level) {
        while (share[piece->bid->bidder] > 0 && piece->got < piece->quantity) {
          piece->got += step;
          share[piece->bid->bidder] -= 1;
          *supply -= step;
        }
      }
      return true;
    }
    if (p_.ties == TieRule::kSeeded) {
      std::sort(level.begin(), level.end(), [this](const Piece* x, const Piece* y) { return Lot(x->bid->id) < Lot(y->bid->id); });
    }
    for (Piece* piece : level) {
      if (piece->quantity - piece->got > *supply && p_.margin == MarginRule::kFillIfOpen && !piece->bid->partial) return false;
      while (*supply > 0 && piece->got < piece->quantity) {
        piece->got += step;
        *supply -= step;
      }
    }
    return true;
  }

  void SellTiers() {
    r_.shortfall = r_.demand < r_.offered;
    for (const PriceTier& tier : p_.reserve_tiers) {
      std::vector<Piece*> level;
      std::map<Piece*, int64_t> before;
      for (Piece& piece : pieces_) {
        if (piece.at < tier.price.value() || piece.got == piece.quantity) continue;
        level.push_back(&piece);
        before[&piece] = piece.got;
      }
      int64_t left = tier.quantity.value();
      ServeTied(level, &left);
      r_.tiers.push_back({TierKind::kReserve, tier.price, tier.quantity - Quantity(left)});
      for (const auto& [piece, had] : before) {
        if (piece->got > had) Win(*piece->bid, tier.price, piece->got - had);
      }
    }
    r_.own_sold = r_.sold;
  }

  void Owners() {
    const int64_t sold = r_.sold.value();
    if (p_.consignments == ConsignmentRule::kAfterByAsk) {
      int64_t of_others = 0;
      for (const Consignment& c : a_.offer.consignments) {
        r_.consignors.push_back({c.number, Quantity(asked_[c.number])});
        of_others += asked_[c.number];
      }
      r_.own_sold = Quantity(sold - of_others);
      return;
    }
    const int64_t step = p_.award_step.value();
    int64_t left = std::min(sold, consigned_) / step;
    const int64_t steps = left;
    for (const Consignment& c : a_.offer.consignments) {
      const int64_t share = steps * c.quantity.value() / consigned_;
      r_.consignors.push_back({c.number, Quantity(share * step)});
      left -= share;
    }
    while (left-- > 0) {
      ConsignorSale* next = nullptr;
      for (size_t i = 0; i < r_.consignors.size(); ++i) {
        ConsignorSale& sale = r_.consignors[i];
        const bool had = sale.sold.value() / step > steps * a_.offer.consignments[i].quantity.value() / consigned_;
        if (!had && (next == nullptr || Lot(sale.number) < Lot(next->number))) next = &sale;
      }
      next->sold += Quantity(step);
    }
    r_.own_sold = Quantity(std::max<int64_t>(0, sold - consigned_));
  }

  const SealedAuction& a_;
  const SealedPolicy& p_;
  Digest collected_;
  SealedResult r_;
  int64_t consigned_ = 0;
  std::map<const SealedBid*, int64_t> stands_;
  std::map<std::pair<uint64_t, CutReason>, int64_t> cuts_;
  std::map<uint64_t, int64_t> lowered_;
  std::vector<Piece> pieces_;
  std::map<uint64_t, int64_t> asked_;
  std::optional<Quantity> margin_;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_TESTS_EXCHANGE_AUCTIONS_NAIVE_AUCTION_H_
