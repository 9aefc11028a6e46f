// Sales of pledged units as the model of the market keeps them (market_model.h): listings, auctions, agreements, and the trades of agreements, at which an
// officer looks. Plain values; times are microseconds, days are days since 1970-01-01 in Asia/Shanghai.
#ifndef SONGHUA_SIMULATIONS_MODEL_SALES_H_
#define SONGHUA_SIMULATIONS_MODEL_SALES_H_

#include <cstdint>
#include <map>
#include <vector>

namespace songhua::simulations {

// Beside the firms, of which each has a number.
inline constexpr int kModelBank = -1;
inline constexpr int kModelExchange = -2;

// The day of a time, and its first instant.
inline constexpr int64_t kModelDay = 86'400'000'000, kModelEast = 8 * 3'600'000'000;
inline constexpr int32_t ModelDateOf(int64_t time) { return static_cast<int32_t>((time + kModelEast) / kModelDay); }
inline constexpr int64_t ModelStartOf(int32_t date) { return date * kModelDay - kModelEast; }

enum class ModelForm { kListing, kAscending, kSealed, kAgreement };
// How a pledge is enforced, as the parties agreed.
enum class ModelMode { kNone, kSale, kAuction, kAgreedValue };

// What somebody offers of a pledge.
struct ModelOffer {
  uint64_t pledge = 0;
  int who = 0;           // a firm or the bank
  uint64_t consent = 0;  // 0: none is named
  int contract = 0;
  ModelForm form = ModelForm::kListing;
  int64_t price = 0, units = 0;
  int buyer = 0;  // of an agreement
};

// By the bank that enforces, or by the pledgor with a consent.
struct ModelSale {
  uint64_t pledge = 0;
  uint64_t consent = 0;  // 0: the bank sells
  int firm = 0, contract = 0;
  int64_t price = 0;
  uint64_t place = 0;  // in the order in which units were put on offer
  int sale = 0;        // which of the pledge's sales it is, from 1 ...
  ModelMode mode = ModelMode::kNone;  // ... and how it was enforced then

  bool by_bank() const { return consent == 0; }
  int seller() const { return by_bank() ? kModelBank : firm; }
};

// What was sold so far of what is on offer, for the fee.
struct ModelFills {
  int64_t traded = 0, fee_charged = 0;
};

struct ModelListing : ModelSale {
  int64_t open = 0;
  ModelFills fills;
  int32_t last = 0;
};

// The exchange's notice of an auction.
struct ModelNotice {
  bool sealed = false;
  int64_t register_until = 0, open = 0, close = 0;
  int notice_workdays = 1;
  // Ascending.
  int64_t deposit_bps = 0, increment_bps = 0, extension = 0;
  int extensions_max = 0, payment_workdays = 0;
  bool converts = false;
  // Sealed: all pay the same, or each its own bid.
  bool uniform = false;
};

struct ModelBidder {
  int number = 0;
  int64_t guarantee = 0, held = 0;
  bool withdrawn = false;
};

struct ModelBid {
  uint64_t id = 0;  // the sequence of the command
  int firm = 0;
  int64_t price = 0, units = 0;
};

struct ModelAuction : ModelSale {
  enum class State { kDraft, kAnnounced, kClosed };
  bool sealed = false;
  int64_t quantity = 0, open = 0;  // offered, and of it not sold
  State state = State::kDraft;
  ModelNotice notice;
  std::map<int, ModelBidder> bidders;  // by firm
  std::vector<ModelBid> bids;          // of a sealed one
  ModelFills fills;
  // Ascending.
  bool registration_over = false;
  int64_t best_price = 0;
  int best_firm = -1;  // -1: there is no bid
  int extensions = 0;
  int32_t pay_by = 0;
};

struct ModelNegotiation : ModelSale {
  int buyer = 0;
  int64_t units = 0;
  int offer = 1;          // number of the last one
  bool by_buyer = false;  // who made it, and holds for it: money or units
  int64_t held = 0;
  int32_t last = 0;
};

struct ModelTrade {
  int contract = 0, seller = 0, buyer = 0;
  int64_t quantity = 0, amount = 0, seller_fee = 0, buyer_fee = 0;
  uint64_t pledge = 0;  // of whose units it is; 0: of nobody's
  ModelForm form = ModelForm::kListing;  // of those
};

struct ModelVerified {
  enum class State { kAgreed, kVerified, kPaid };
  ModelTrade trade;
  State state = State::kAgreed;
};

// How many units of pledges were sold in each form, and how often a winner did not pay.
struct ModelSold {
  std::map<ModelForm, int64_t> units;
  uint64_t forfeits = 0;

  int64_t In(ModelForm form) const {
    const auto found = units.find(form);
    return found == units.end() ? 0 : found->second;
  }
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_MODEL_SALES_H_
