// Listings: units on offer at a fixed price, for who comes first (DR-48); of a reserve, FIXED_RESERVE_SALE (DR-42).
//
//   | state | event                       | guard                                          | state after      |
//   |-------|-----------------------------|------------------------------------------------|------------------|
//   | -     | post                        | free units, the seller may sell (DR-17..29)    | OPEN             |
//   | OPEN  | take                        | not below the base price, both may trade today | OPEN, TAKEN      |
//   | OPEN  | withdraw                    | its seller; the bank, where it enforces        | WITHDRAWN        |
//   | OPEN  | the end of its last day     |                                                | EXPIRED          |
//   | OPEN  | whatever ends its order     | a court, the end of a permit ...               | SYSTEM_CANCELLED |
//
// A listing whose price a new base price has overtaken is SUSPENDED_PRICE: a matter of the day, not a state of the row (DR-75). What it offers is an order that
// rests in no book (off_book.h). One thread, the state machine.
#ifndef SONGHUA_EXCHANGE_LISTINGS_H_
#define SONGHUA_EXCHANGE_LISTINGS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "exchange/exchange.h"
#include "exchange/off_book.h"
#include "ledger/counters.h"
#include "ledger/tables.h"
#include "songhua/v1/listings.pb.h"

namespace songhua::exchange {

struct ListingRow {
  static constexpr RowTable kTable = RowTable::kListings;
  uint64_t number = 0;
  ContractNumber contract = 0;
  ledger::AccountNumber account = 0;
  v1::Trade::Form form = v1::Trade::LISTING;
  v1::Listing::State state = v1::Listing::STATE_UNSPECIFIED;  // never SUSPENDED_PRICE
  OrderId order = 0;
  Price price;
  Quantity quantity;  // as posted
  Quantity open;
  bool all_or_none = false;
  bool has_floor = false;  // the base price holds for it (DR-73)
  Timestamp post_time;
  Date last{};
  EndReason reason = EndReason::kNone;
  Timestamp end_time;
  SalePledge pledge;  // of the units

  uint64_t Key() const { return number; }
  bool OpenOn(Date today) const { return state == v1::Listing::OPEN && today <= last; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, contract, account, form, state, order, price, quantity, open, all_or_none, has_floor, post_time, last, reason, end_time, pledge);
  }
};

// Asked to call PassListings at or after the time.
class OfferAlarm {
 public:
  virtual ~OfferAlarm() = default;
  virtual void WakeForOffers(Timestamp at) = 0;
};

class Listings : public OffBookForm {
 public:
  // Listings of one contract that one take may go through.
  static constexpr size_t kListingsPerTakeMax = 100;

  Listings(TableSet* tables, Exchange* exchange, ledger::Ledger* ledger, ledger::Counters* counters, OfferAlarm* alarm);
  ~Listings() override;

  // Each checks in the order that listings.proto says.
  absl::StatusOr<v1::ListingAnswer> PostListing(CommandContext& context, const v1::PostListingRequest& request);
  // Of an entry whose form, account, price, quantity, lots and pledge are set. `last_date`: empty for the latest that the rulebook lets it stand to; it never goes
  // beyond `until`.
  absl::StatusOr<v1::ListingAnswer> Post(CommandContext& context, OffBookEntry entry, const std::string& contract, const std::string& last_date, bool all_or_none,
                                         std::optional<Date> until = std::nullopt);
  absl::StatusOr<v1::TakeListingAnswer> TakeListing(CommandContext& context, const v1::TakeListingRequest& request);
  absl::StatusOr<v1::ListingAnswer> WithdrawListing(CommandContext& context, const v1::WithdrawListingRequest& request);
  // Ends up to `max` listings whose last day is over. True: more remain. REQUIRES: not validate_only.
  bool PassListings(CommandContext& context, size_t max);

  const ListingRow* Find(uint64_t number) const { return rows_.Find(number); }
  void OnOrderEnded(CommandContext& context, const OrderRow& order, EndReason reason) override;

 private:
  absl::StatusOr<const ListingRow*> FindOpen(const CommandContext& context, std::string_view field, const std::string& name) const;
  // Those that a take goes through, and how far.
  absl::StatusOr<std::vector<std::pair<const ListingRow*, Quantity>>> Choose(CommandContext& context, const v1::TakeListingRequest& request,
                                                                            ContractNumber* contract) const;
  absl::Status CheckTake(const v1::TakeListingRequest& request, const ListingRow& row, Quantity part) const;
  v1::ListingAnswer Answer(const CommandContext& context, const ListingRow& row) const;
  void Tell(CommandContext& context, const ListingRow& row) const;
  void Index(const ListingRow& row);

  Exchange* exchange_;
  ledger::Ledger* ledger_;
  ledger::Counters* counters_;
  OfferAlarm* alarm_;
  songhua::Table<ListingRow> rows_;
  // Of open listings.
  std::map<ContractNumber, std::set<uint64_t>> of_contract_;
  std::set<std::pair<Date, uint64_t>> by_last_day_;
};

// `suspended`: its price lies below the base price of today. The reader resolves names; without `account`, it is not told whose it is.
v1::Listing ToProto(const ListingRow& row, const std::string& contract, const std::string& account, bool suspended, Date today);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_LISTINGS_H_
