// The rules of one sealed auction: one clearing core, many plugs (international.md 2.7). The markets we know are in
// exchange/auctions/sealed_profiles.h.
//
// A policy is data of the auction's notice. CheckPolicy refuses one whose plugs contradict each other; CheckOffer what cannot be sold under
// it; CheckBid what must not be taken as a bid, and is asked at entry (sealed_clearing.h asks it again). Each refusal names the field, its
// value and what would be accepted.
//
// Pure functions and plain values. Any thread. Numbers of the enumerations are on disk.
#ifndef SONGHUA_EXCHANGE_AUCTIONS_SEALED_POLICY_H_
#define SONGHUA_EXCHANGE_AUCTIONS_SEALED_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "exchange/auctions/sealed_bids.h"
#include "exchange/order_book.h"
#include "ledger/amounts.h"

namespace songhua::exchange {

// What winners pay.
enum class SealedPricing : uint8_t {
  kUniform = 1,   // all the same
  kPayAsBid = 2,  // each its own bid (EPA, 2.5)
};

// Who goes first among equal prices, where not all of them are served.
enum class TieRule : uint8_t {
  kSeeded = 1,   // an order by lot from the sealed seed (EU, UK, RGGI)
  kTime = 2,     // the earlier bid (KRX, DR-46)
  kProRata = 3,  // each bidder its share, rounded down; what is left over one step each, in an order by lot (WCI 2.4 item 7)
};

// What becomes of the bid at the margin, which wants more than is left.
enum class MarginRule : uint8_t {
  kFill = 1,        // it gets what is left
  kFillIfOpen = 2,  // only if it takes a part; otherwise what is left stays unsold, and no lower bid overtakes (DR-46)
};

// Bids for less than is offered.
enum class ShortfallRule : uint8_t {
  kCancel = 1,          // nothing is sold (EU)
  kLowestValidBid = 2,  // all that was bid for, at the price of the lowest bid served (UK, WCI, KRX, EPA)
  kReserve = 3,         // all that was bid for, at the reserve (RGGI)
};

enum class ReserveRule : uint8_t {
  kNone = 0,
  kPublished = 1,  // a worse bid is not taken (UK, KRX)
  kApplied = 2,    // a worse bid is taken and not served: it is neither demand nor price (RGGI, WCI, a reserve that is secret)
};

// A clearing price further under the secondary market's than `secondary_bps`. The price of a shortfall is not compared (UK: 2.2 item 3, (c)
// beside (b)).
enum class SecondaryRule : uint8_t {
  kNone = 0,
  kCancel = 1,   // nothing is sold (EU 2.1 item 6)
  kReprice = 2,  // the price is the lowest bid that is not under the secondary market's; none is: nothing is sold (UK 2.2 item 3)
};

enum class GuaranteeRule : uint8_t {
  kNone = 0,
  kRejectBid = 1,     // in the order of time, a bid that takes its bidder's book over the guarantee falls away, whole
  kCutAndRetest = 2,  // the lots in excess fall to the next lower price at which they fit (WCI 2.4 item 5)
};

enum class BidCount : uint8_t { kOne = 1, kMany = 2 };

enum class ConsignmentRule : uint8_t {
  kNone = 0,
  kFirst = 1,       // before the seller's own; a part is shared among their owners as a tie is (WCI 2.4 items 5 and 7)
  kAfterByAsk = 2,  // after the seller's own, from the lowest ask up, while a bid reaches it (EPA 2.5). Equal asks: the lower number first
};

// So many units at a trigger price. Containment (CCR): offered once the price would be above it. Withholding (ECR): kept back once it would
// be below. Reserve tiers: offered at it.
struct PriceTier {
  Price price;
  Quantity quantity;

  template <class Archive>
  void Fields(Archive& a) {
    a(price, quantity);
  }
  bool operator==(const PriceTier&) const = default;
};

// What a group of that kind may buy at most, in ten-thousandths of what is offered (without what containment adds), rounded down to lots.
struct PurchaseLimit {
  uint8_t kind = 0;
  int32_t bps = 0;

  template <class Archive>
  void Fields(Archive& a) {
    a(kind, bps);
  }
  bool operator==(const PurchaseLimit&) const = default;
};

// How price and quantity become money: Amount() of ledger/amounts.h.
struct AmountTerms {
  int64_t quoted_unit = 1;
  Ratio term;
  Rounding rounding = Rounding::kHalfUp;  // DR-40

  template <class Archive>
  void Fields(Archive& a) {
    a(quoted_unit, term, rounding);
  }
};

struct SealedPolicy {
  Side side = Side::kBuy;  // of those who bid; kSell: who holds the auction buys, and the lowest ask is served first (CAR-20)
  SealedPricing pricing = SealedPricing::kUniform;
  TieRule ties = TieRule::kSeeded;
  MarginRule margin = MarginRule::kFill;
  ShortfallRule shortfall = ShortfallRule::kLowestValidBid;
  ReserveRule reserve_rule = ReserveRule::kNone;
  Price reserve;  // the least a bid must offer; where sellers bid, the most they may ask
  SecondaryRule secondary = SecondaryRule::kNone;
  int32_t secondary_bps = 0;
  std::vector<PriceTier> containment;          // CCR: from the lowest trigger up
  std::vector<PriceTier> withholding;          // ECR: from the highest trigger down
  std::vector<PriceTier> reserve_tiers;        // a sale of reserves and nothing else (WCI 2.4 item 9): from the lowest price up
  std::vector<PurchaseLimit> purchase_limits;  // a kind without one has none
  GuaranteeRule guarantee = GuaranteeRule::kNone;
  BidCount bid_count = BidCount::kMany;
  ConsignmentRule consignments = ConsignmentRule::kNone;
  Quantity lot{1};          // bids are for whole lots
  Quantity minimum_bid{1};  // and for no less
  Quantity award_step{1};   // a lot is a multiple of it, and so is what is offered; what is divided is divided into these
  Price tick{1};
  AmountTerms terms;

  template <class Archive>
  void Fields(Archive& a) {
    a(side, pricing, ties, margin, shortfall, reserve_rule, reserve, secondary, secondary_bps, containment, withholding, reserve_tiers,
      purchase_limits, guarantee, bid_count, consignments, lot, minimum_bid, award_step, tick, terms);
  }
};

inline constexpr size_t kMaxTiers = 16;
inline constexpr size_t kMaxConsignments = 10'000;
inline constexpr size_t kMaxSealedBids = 1'000'000;
inline constexpr int32_t kWholeBps = 10'000;

absl::Status CheckPolicy(const SealedPolicy& policy);
// REQUIRES: CheckPolicy accepts the policy, here and below.
absl::Status CheckOffer(const SealedPolicy& policy, const Offer& offer);
absl::Status CheckBidder(const SealedPolicy& policy, const Bidder& bidder);
// Size, tick, published reserve, and that its amount can be told. How many bids a bidder has, and its guarantee, are the caller's to look
// at.
absl::Status CheckBid(const SealedPolicy& policy, const SealedBid& bid);

// Own, consigned and reserve units together; what containment adds is not among them. REQUIRES: CheckOffer.
Quantity OfferedOf(const SealedPolicy& policy, const Offer& offer);
// What `bps` of a quantity is, rounded down.
Quantity PartOf(Quantity whole, int32_t bps);

// How good a price is for who holds the auction: higher is better.
inline int64_t MeritOf(Side side, Price price) { return side == Side::kBuy ? price.value() : -price.value(); }
inline Price PriceOfMerit(Side side, int64_t merit) { return Price(side == Side::kBuy ? merit : -merit); }

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_AUCTIONS_SEALED_POLICY_H_
