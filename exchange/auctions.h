// Auctions in the exchange: ascending bids for one lot of units (DR-43 to DR-45) and sealed bids that are cleared at once (DR-46, CAR-20). How sealed bids clear
// is exchange/auctions/'s; here is who may bid, what is held, when it opens and closes, and how awards become trades.
//
//   | state     | event                        | guard                                                      | state after          |
//   |-----------|------------------------------|------------------------------------------------------------|----------------------|
//   | -         | apply                        | the applicant may trade that; units or money are held      | DRAFT                |
//   | DRAFT     | announce                     | the exchange; the notice period (DR-44)                    | ANNOUNCED            |
//   | ANNOUNCED | registration closes          | ascending: fewer than two bidders (DR-43)                  | CANCELLED            |
//   | ANNOUNCED | the opening time             |                                                            | OPEN                 |
//   | OPEN      | a bid in the last seconds    | ascending: extensions are left (DR-44)                     | OPEN, closes later   |
//   | OPEN      | the closing time             | ascending: no bid                                          | CANCELLED            |
//   |           |                              | otherwise; losers' deposits are released                   | CLOSED               |
//   | CLOSED    | pay                          | ascending: the winner; the trade is agreed                 | MATCHED              |
//   | CLOSED    | the end of the last day to pay | ascending: the deposit is forfeited, the winner barred   | CANCELLED            |
//   | CLOSED    | seed revealed, or none needed | sealed: cleared; awards are made in slices                | CLOSED, MATCHED      |
//   | CLOSED    | no seed in time              | sealed: all holds end                                      | VOID                 |
//   | DRAFT to OPEN | cancel                   | the applicant a draft, the exchange with a reason          | CANCELLED            |
//   | DRAFT to CLOSED | the applicant's order ends | a court, a permit ...                                  | CANCELLED            |
//
// OPEN and CLOSED are a matter of the time, not of a timer having run. What the applicant offers, what others consign, and what each seller bids where the
// applicant buys, are orders that rest in no book (off_book.h). What a buyer deposits is held in its cash account, and named by its AuctionBidderRow.
//
// A halt of the contract (CAR-27) ends no auction: while it lasts nobody bids, and closing, awarding, voiding and forfeiting wait for its end.
//
// Whoever sells for another, a court or a pledgee (pledge_sales.h), comes in by Apply: an auction asks who may sell, not why. What a bank sells because it enforces
// a pledge is the bank's to cancel, and not its applicant's.
//
// One thread, the state machine.
#ifndef SONGHUA_EXCHANGE_AUCTIONS_H_
#define SONGHUA_EXCHANGE_AUCTIONS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "exchange/exchange.h"
#include "exchange/negotiations.h"
#include "exchange/off_book.h"
#include "exchange/sealed_rules.h"
#include "ledger/calendars.h"
#include "ledger/counters.h"
#include "ledger/sha256.h"
#include "ledger/tables.h"
#include "songhua/v1/auctions.pb.h"

namespace songhua::exchange {

using AuctionNumber = uint64_t;
using BidderNumber = uint32_t;  // 1, 2, 3 ... of an auction

// As in v1::AscendingRules, defaults filled in.
struct AscendingTerms {
  int32_t deposit_bps = 0;
  int32_t increment_bps = 0;
  int32_t extension_s = 0;
  int32_t extensions_max = 0;
  int32_t payment_workdays = 0;
  int32_t bar_months = 0;
  bool converts = false;

  template <class Archive>
  void Fields(Archive& a) {
    a(deposit_bps, increment_bps, extension_s, extensions_max, payment_workdays, bar_months, converts);
  }
};

// Who asks for an auction of what.
struct AuctionApplication {
  v1::Auction::Kind kind = v1::Auction::KIND_UNSPECIFIED;
  std::string contract;
  ledger::AccountNumber account = 0;  // 0: there is no such
  std::string account_name;           // as it was named
  Side side = Side::kSell;
  Quantity quantity;
  Price reserve;
  std::vector<ledger::LotNumber> lots;
  SalePledge pledge;  // of the units; then `lots` is one
};

struct AuctionRow {
  static constexpr RowTable kTable = RowTable::kAuctions;
  AuctionNumber number = 0;
  v1::Auction::Kind kind = v1::Auction::KIND_UNSPECIFIED;
  v1::Auction::State state = v1::Auction::STATE_UNSPECIFIED;  // ANNOUNCED also stands for OPEN, and for CLOSED until the timer has come
  ContractNumber contract = 0;
  ledger::AccountNumber account = 0;
  Side side = Side::kSell;  // of the applicant
  OrderId order = 0;
  Quantity quantity;
  Price reserve;
  uint32_t terms_version = 0;
  std::string announcement;
  Timestamp apply_time, announce_time, register_until, open_time, close_time, end_time;
  AscendingTerms ascending;
  SealedTerms sealed_terms;
  uint32_t bidders = 0, bids = 0;
  // Ascending.
  int32_t extensions = 0;
  Price best_price;
  BidderNumber best_bidder = 0;
  Date pay_by{};
  Timestamp due;  // when the timer is to see to it again; 0: never
  // Sealed.
  Timestamp void_time;  // without its seed it is void from here on
  Digest seal{}, seed{}, collected{};
  bool sealed = false;
  Price clearing_price;
  Price comparison;   // of the secondary market, when it was cleared; 0: none was compared
  Quantity proposed;  // before unsold units of earlier auctions came
  Quantity consigned;
  Quantity sold;
  Quantity spread;                   // of its own that were not sold, what auctions to come have got
  uint32_t awards = 0, awarded = 0;  // of them, made into trades
  std::string reason;
  uint64_t negotiation = 0;  // to which it was converted
  SalePledge pledge;         // of what the applicant sells

  AuctionNumber Key() const { return number; }
  // What it is at that time, whether or not a timer has come.
  v1::Auction::State StateAt(Timestamp now) const {
    if (state != v1::Auction::ANNOUNCED || now < open_time) return state;
    return now < close_time ? v1::Auction::OPEN : v1::Auction::CLOSED;
  }
  bool InCustody() const { return NeedsSeed() && state == v1::Auction::ANNOUNCED; }
  bool Ended() const { return state == v1::Auction::MATCHED || state == v1::Auction::CANCELLED || state == v1::Auction::VOID; }
  const SealedPolicy& policy() const { return sealed_terms.policy; }
  bool NeedsSeed() const { return kind == v1::Auction::SEALED && policy().ties != TieRule::kTime; }
  v1::Trade::Form form() const { return kind == v1::Auction::ASCENDING ? v1::Trade::E_AUCTION : v1::Trade::SEALED_AUCTION; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, kind, state, contract, account, side, order, quantity, reserve, terms_version, announcement, apply_time, announce_time, register_until, open_time, close_time,
      end_time, ascending, sealed_terms, bidders, bids, extensions, best_price, best_bidder, pay_by, due, void_time, seal, seed, collected, sealed,
      clearing_price, comparison, proposed, consigned, sold, spread, awards, awarded, reason, negotiation, pledge);
  }
};

struct AuctionBidderRow {
  static constexpr RowTable kTable = RowTable::kAuctionBidders;
  AuctionNumber auction = 0;
  BidderNumber number = 0;
  ledger::AccountNumber account = 0;
  Money guarantee;  // as registered
  Money held;       // of it, now
  bool withdrawn = false;
  Timestamp register_time;
  std::string opening;  // the request_id of its registration: with it, it shows that the commitment is its own
  // As its auction was cleared: the lowest number of its entity group, whose limits hold, its room.
  BidderNumber group = 0;
  uint8_t kind = 0;
  int64_t holding_room = -1;  // -1: no limit
  Money covered;              // what the guarantee covered beside fees

  std::tuple<AuctionNumber, BidderNumber> Key() const { return {auction, number}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(auction, number, account, guarantee, held, withdrawn, register_time, opening, group, kind, holding_room, covered);
  }
};

// Units of others that a sealed auction sells.
struct ConsignmentRow {
  static constexpr RowTable kTable = RowTable::kConsignments;
  AuctionNumber auction = 0;
  OrderId number = 0;  // of the order that holds them
  ledger::AccountNumber account = 0;
  Quantity quantity;
  Price ask;
  bool withdrawn = false;
  Quantity sold;

  std::tuple<AuctionNumber, OrderId> Key() const { return {auction, number}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(auction, number, account, quantity, ask, withdrawn, sold);
  }
};

// A bid of either kind; of an ascending auction it stays as it is.
struct AuctionBidRow {
  static constexpr RowTable kTable = RowTable::kAuctionBids;
  AuctionNumber auction = 0;
  uint64_t id = 0;  // the sequence of the command
  BidderNumber bidder = 0;
  Price price;
  Quantity quantity;
  bool partial = false;
  bool withdrawn = false;
  OrderId order = 0;  // where sellers bid: what holds its units
  Timestamp time;

  std::tuple<AuctionNumber, uint64_t> Key() const { return {auction, id}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(auction, id, bidder, price, quantity, partial, withdrawn, order, time);
  }
};

// What a sealed auction awarded, in the order in which it becomes trades: by bidder, then bid.
struct AuctionAwardRow {
  static constexpr RowTable kTable = RowTable::kAuctionAwards;
  AuctionNumber auction = 0;
  uint32_t index = 0;  // from 0
  BidderNumber bidder = 0;
  uint64_t bid = 0;
  OrderId consignment = 0;  // whose units; 0: the applicant's
  Price price;
  Quantity quantity;
  std::string trade;  // name; empty: not yet, or it could not be made
  std::string refused;  // why it could not

  std::tuple<AuctionNumber, uint32_t> Key() const { return {auction, index}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(auction, index, bidder, bid, consignment, price, quantity, trade, refused);
  }
};

// Asked to call PassAuctions at or after the time.
class AuctionAlarm {
 public:
  virtual ~AuctionAlarm() = default;
  virtual void WakeForAuctions(Timestamp at) = 0;
};

class Auctions : public OffBookForm {
 public:
  static constexpr size_t kTextBytesMax = 200;
  // One command clears all of them.
  static constexpr uint32_t kBidsPerAuctionMax = 100'000;
  static constexpr uint32_t kBiddersPerAuctionMax = 100'000;
  static constexpr size_t kBidsPerBidderMax = 1'000;
  static constexpr size_t kConsignmentsPerAuctionMax = 1'000;
  static constexpr int64_t kRevealSeconds = 600;

  struct Parts {
    Exchange* exchange;
    Negotiations* negotiations;
    ledger::Ledger* ledger;
    const ledger::Participants* participants;
    ledger::Counters* counters;
    const ledger::Calendars* calendars;
    AuctionAlarm* alarm;
    ledger::Pledges* pledges;
  };
  Auctions(TableSet* tables, const Parts& parts);
  ~Auctions() override;

  // Each checks in the order that auctions.proto says. The caller is context.participant.
  absl::StatusOr<v1::AuctionAnswer> ApplyForAuction(CommandContext& context, const v1::ApplyForAuctionRequest& request);
  absl::StatusOr<v1::AuctionAnswer> Apply(CommandContext& context, AuctionApplication application);
  absl::StatusOr<v1::AuctionAnswer> AnnounceAuction(CommandContext& context, const v1::AnnounceAuctionRequest& request);
  absl::StatusOr<v1::BidderAnswer> RegisterBidder(CommandContext& context, const v1::RegisterBidderRequest& request);
  absl::StatusOr<v1::BidderAnswer> WithdrawBidder(CommandContext& context, const v1::WithdrawBidderRequest& request);
  absl::StatusOr<v1::BidAnswer> PlaceBid(CommandContext& context, const v1::PlaceBidRequest& request);
  absl::StatusOr<v1::BidAnswer> WithdrawBid(CommandContext& context, const v1::WithdrawBidRequest& request);
  absl::StatusOr<v1::ConsignmentAnswer> Consign(CommandContext& context, const v1::ConsignRequest& request);
  absl::StatusOr<v1::ConsignmentAnswer> WithdrawConsignment(CommandContext& context, const v1::WithdrawConsignmentRequest& request);
  absl::StatusOr<v1::AuctionAnswer> PayAuction(CommandContext& context, const v1::PayAuctionRequest& request);
  absl::StatusOr<v1::AuctionAnswer> CancelAuction(CommandContext& context, const v1::CancelAuctionRequest& request);

  // ---- For the custodian of seeds (api/seed_custodian.h): the auctions that await his seal, with no time, and then his seed, by the time of their close ----
  const std::set<std::pair<Timestamp, AuctionNumber>>& in_custody() const { return in_custody_; }
  // Checks: the auction awaits a seal (NO_AUCTION_AWAITS).
  absl::Status SealAuction(CommandContext& context, AuctionNumber number, const Digest& seal);
  // Clears it. Checks: it awaits a seed; no halt stops its contract (MARKET_HALTED); the seed is the sealed one (SEED_MISMATCH); bidding is over
  // (REVEALED_TOO_EARLY).
  absl::Status RevealSeed(CommandContext& context, AuctionNumber number, const Digest& seed);

  // For the engine's timer: brings auctions to where they should be, up to `max` bidders, bids and awards. True: more remain. REQUIRES: not validate_only.
  bool PassAuctions(CommandContext& context, size_t max);

  const AuctionRow* Find(AuctionNumber number) const { return rows_.Find(number); }
  void OnOrderEnded(CommandContext& context, const OrderRow& order, EndReason reason) override;
  void AddHeldCash(std::map<ledger::AccountNumber, Money>* held) const override;

 private:
  // In memory only, of auctions that have not ended, or of which something is still held.
  struct Live {
    std::map<ledger::AccountNumber, BidderNumber> by_account;
    std::set<std::pair<BidderNumber, uint64_t>> bids;  // that stand, with their bidders
    Quantity bid_for;                                  // by all of them
    std::set<OrderId> consignments;                    // that stand
    std::map<OrderId, uint64_t> orders;                // of those bids that hold units
  };

  // auctions.cc
  absl::StatusOr<const AuctionRow*> Resolve(std::string_view field, const std::string& name) const;
  absl::Status IllegalState(const AuctionRow& row, Timestamp now, std::string_view field, std::string_view name, std::string_view accepted) const;
  absl::Status ReadTimes(const CommandContext& context, const v1::AnnounceAuctionRequest& request, AuctionRow* row) const;
  absl::StatusOr<const AuctionBidderRow*> FindBidder(const CommandContext& context, const AuctionRow& row, const std::string& account) const;
  OffBookEntry EntryOf(const AuctionRow& row, Side side, ledger::AccountNumber account, Price price, Quantity quantity) const;
  const RulebookTerms& TermsOf(const AuctionRow& row) const;
  // While a halt stops its contract: then what was due is put off.
  bool Waits(const CommandContext& context, const AuctionRow& row);
  void ChangeHeld(const AuctionBidderRow& bidder, Money held);
  ledger::AccountNumber CashOf(ledger::AccountNumber account) const;
  // Ends it and all that is held for it, at once where it is little, else in slices by the timer. `has_order`: false where it ends because its order does.
  void End(CommandContext& context, const AuctionRow& row, v1::Auction::State state, std::string reason, bool has_order = true);
  bool ReleaseSlice(CommandContext& context, const AuctionRow& row, size_t* left);
  void Withdraw(const AuctionRow& row, const AuctionBidRow& bid);
  void Tell(CommandContext& context, const AuctionRow& row) const;
  static std::pair<Timestamp, AuctionNumber> CustodyOf(const AuctionRow& row) { return {row.sealed ? row.close_time : Timestamp(), row.number}; }
  void SetDue(const AuctionRow& row, Timestamp at);
  // When that is, of one that was announced or has just closed.
  Timestamp NextStep(const AuctionRow& row) const;
  v1::AuctionAnswer Answer(const AuctionRow& row, Timestamp now) const;
  v1::BidderAnswer Answer(const AuctionBidderRow& row) const;
  v1::BidAnswer Answer(const AuctionBidRow& row, ledger::AccountNumber account) const;

  // ascending_auctions.cc
  static absl::StatusOr<AscendingTerms> ReadAscending(const v1::AscendingRules& rules);
  Money DepositOf(const AuctionRow& row) const;
  Price NextPrice(const AuctionRow& row) const;
  absl::StatusOr<v1::BidAnswer> PlaceAscending(CommandContext& context, const AuctionRow& row, const AuctionBidderRow& bidder, const v1::PlaceBidRequest& request);
  // False: it is to come again in another command.
  bool CloseAscending(CommandContext& context, const AuctionRow& row);
  void ForfeitDeposit(CommandContext& context, const AuctionRow& row);

  bool Convert(CommandContext& context, const AuctionRow& row);

  // sealed_auctions.cc
  absl::StatusOr<v1::BidAnswer> PlaceSealed(CommandContext& context, const AuctionRow& row, const AuctionBidderRow& bidder, const v1::PlaceBidRequest& request);
  // The bids of one bidder that stand, without one of them.
  std::vector<SealedBid> BidsOf(const AuctionRow& row, BidderNumber bidder, uint64_t without) const;
  // What a guarantee covers beside the fees, if its bidder has so many bids.
  Money WithoutFees(const AuctionRow& row, Money guarantee, size_t bids) const;
  void Clear(CommandContext& context, const AuctionRow& row, const Digest& seed);
  std::vector<Bidder> BiddersToClear(const AuctionRow& row);
  bool AwardSlice(CommandContext& context, const AuctionRow& row, size_t* left);
  // Makes trades of the awards [from, to), which are of one bidder's, or says in each why not.
  void MakeAwards(CommandContext& context, AuctionRow* row, uint32_t from, uint32_t to);
  // Why the order may not trade now; OK: it may. Null: it has ended.
  absl::Status CheckAwarded(const CommandContext& context, const AuctionRow& row, const OrderRow* order, Quantity quantity) const;

  // consignments.cc
  absl::Status CheckConsigns(const CommandContext& context, const AuctionRow& row, std::string_view name) const;
  v1::ConsignmentAnswer Answer(const ConsignmentRow& row) const;
  // Of what was not sold, equal parts to the next auctions of the applicant's.
  void SpreadOver(CommandContext& context, const AuctionRow& row, Quantity unsold);

  Parts parts_;
  songhua::Table<AuctionRow> rows_;
  songhua::Table<AuctionBidderRow> bidders_;
  songhua::Table<AuctionBidRow> bids_;
  songhua::Table<AuctionAwardRow> awards_;
  songhua::Table<ConsignmentRow> consignments_;
  std::map<AuctionNumber, Live> live_;
  uint64_t placed_in_ = 0;  // the last command in which an auction placed orders: an order has the number of its command, so one auction does in each
  std::set<std::pair<Timestamp, AuctionNumber>> due_;
  std::set<std::pair<Timestamp, AuctionNumber>> in_custody_;
};

// The reader resolves names, and says what the caller may see.
v1::Auction ToProto(const AuctionRow& row, const std::string& contract, const std::string& account, Timestamp now);
// Of a bid, a bidder and so on by number alone; the reader adds what he who asks may see.
v1::Bid ToProto(const AuctionBidRow& row);
v1::Bidder ToProto(const AuctionBidderRow& row, const std::string& account);
v1::Consignment ToProto(const ConsignmentRow& row);
v1::Award ToProto(const AuctionAwardRow& row);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_AUCTIONS_H_
