// Negotiations between two: block trades beside the order book (CAR-19) and agreements that an officer verifies (DR-47).
//
//   | state | event                     | guard                                               | state after      |
//   |-------|---------------------------|-----------------------------------------------------|------------------|
//   | -     | first offer               | its maker may trade that; BLOCK: within the window  | OPEN             |
//   | OPEN  | counter-offer             | the same, of who makes it; the last offer ends      | OPEN             |
//   | OPEN  | confirmation              | of the last offer's very terms, by the other party; | CONFIRMED        |
//   |       |                           | both may trade that now                             |                  |
//   | OPEN  | end                       | a party                                             | ENDED_BY_PARTY   |
//   | OPEN  | end of window or last day |                                                     | EXPIRED          |
//   | OPEN  | whatever ends its order   | a court, the end of a permit ...                    | SYSTEM_CANCELLED |
//
// The last offer is an order that rests in no book (off_book.h), of the party who made it: it holds what he would deliver or pay. A public intent holds nothing.
// Parties of one entity group agree only openly, as RELATED, and then the base price is waived (DR-31); they make no block trades (CAR-18).
//
// What is sold under a pledge (pledge_sales.h) the bank sells, or the pledgor within the terms of its consent, to the end of the negotiation. Whoever it is, is the
// party on the seller's side.
//
// One thread, the state machine.
#ifndef SONGHUA_EXCHANGE_NEGOTIATIONS_H_
#define SONGHUA_EXCHANGE_NEGOTIATIONS_H_

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "exchange/exchange.h"
#include "exchange/listings.h"
#include "exchange/off_book.h"
#include "ledger/counters.h"
#include "ledger/tables.h"
#include "songhua/v1/negotiations.pb.h"

namespace songhua::exchange {

struct IntentRow {
  static constexpr RowTable kTable = RowTable::kIntents;
  uint64_t number = 0;
  ContractNumber contract = 0;
  ledger::AccountNumber account = 0;
  Side side = Side::kSell;
  Quantity quantity;
  Price price;  // 0: none named
  bool withdrawn = false;
  Timestamp post_time;
  Timestamp expire_time;  // the end of the window

  uint64_t Key() const { return number; }
  v1::Intent::State StateAt(Timestamp now) const { return withdrawn ? v1::Intent::WITHDRAWN : now < expire_time ? v1::Intent::STANDING : v1::Intent::OVER; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, contract, account, side, quantity, price, withdrawn, post_time, expire_time);
  }
};

struct NegotiationRow {
  static constexpr RowTable kTable = RowTable::kNegotiations;
  uint64_t number = 0;
  v1::Trade::Form form = v1::Trade::FORM_UNSPECIFIED;
  ContractNumber contract = 0;
  ledger::AccountNumber seller = 0;
  ledger::AccountNumber buyer = 0;
  v1::Negotiation::State state = v1::Negotiation::STATE_UNSPECIFIED;
  int32_t offer = 0;            // the last one's number
  Side offered_by = Side::kSell;
  OrderId order = 0;            // what holds for it
  Price price;
  Quantity quantity;
  std::string reference;        // of the contract on paper
  bool related = false;
  Timestamp start_time;
  Timestamp offer_time;
  Timestamp expire_time;        // the first instant at which it no longer stands
  EndReason reason = EndReason::kNone;
  Timestamp end_time;
  uint64_t trade = 0;
  SalePledge pledge;  // of the units ...
  ledger::LotNumber pledged_lot = 0;  // ... which are this lot's

  uint64_t Key() const { return number; }
  bool OpenAt(Timestamp now) const { return state == v1::Negotiation::OPEN && now < expire_time; }
  ledger::AccountNumber AccountOf(Side side) const { return side == Side::kSell ? seller : buyer; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, form, contract, seller, buyer, state, offer, offered_by, order, price, quantity, reference, related, start_time, offer_time, expire_time, reason,
      end_time, trade, pledge, pledged_lot);
  }
};

class Negotiations : public OffBookForm {
 public:
  static constexpr size_t kReferenceBytesMax = 100;

  Negotiations(TableSet* tables, Exchange* exchange, ledger::Ledger* ledger, ledger::Counters* counters, OfferAlarm* alarm);
  ~Negotiations() override;

  // Each checks in the order that negotiations.proto says. The caller is context.participant.
  absl::StatusOr<v1::IntentAnswer> PostIntent(CommandContext& context, const v1::PostIntentRequest& request);
  absl::StatusOr<v1::IntentAnswer> WithdrawIntent(CommandContext& context, const v1::WithdrawIntentRequest& request);
  absl::StatusOr<v1::NegotiationAnswer> MakeOffer(CommandContext& context, const v1::MakeOfferRequest& request);
  absl::StatusOr<v1::NegotiationAnswer> CounterOffer(CommandContext& context, const v1::CounterOfferRequest& request);
  absl::StatusOr<v1::NegotiationAnswer> ConfirmOffer(CommandContext& context, const v1::ConfirmOfferRequest& request);
  absl::StatusOr<v1::NegotiationAnswer> EndNegotiation(CommandContext& context, const v1::EndNegotiationRequest& request);
  // The first offer of an agreement in the name of entry.account, where another form has failed (DR-43) or pledged units are sold: the number of the negotiation. Its
  // form and origin are set here. Checks as of MakeOffer but for the parties. REQUIRES: context.participant is the offerer's, or a bank that enforces.
  absl::StatusOr<uint64_t> OfferAgreement(CommandContext& context, OffBookEntry entry, ledger::AccountNumber counterparty, const std::string& reference);
  // Ends up to `max` negotiations that no longer stand. True: more remain. REQUIRES: not validate_only.
  bool PassNegotiations(CommandContext& context, size_t max);

  const NegotiationRow* Find(uint64_t number) const { return rows_.Find(number); }
  const IntentRow* FindIntent(uint64_t number) const { return intents_.Find(number); }
  void OnOrderEnded(CommandContext& context, const OrderRow& order, EndReason reason) override;

 private:
  // The terms of form BLOCK, within its window. OUTSIDE_BLOCK_WINDOW.
  absl::StatusOr<const RulebookRow*> BlockTermsNow(const CommandContext& context, std::string_view contract, ContractNumber* number) const;
  absl::Status CheckWindow(const CommandContext& context, const ContractRow& contract, const RulebookTerms& terms) const;
  // CAR-12 and CAR-13 of a block.
  static absl::Status CheckBlock(const ContractRow& contract, const RulebookTerms& terms, Price price, Quantity quantity);
  // To whom a first offer goes; what the entry says of him stands in `related`.
  absl::StatusOr<ledger::AccountNumber> ResolveCounterparty(const CommandContext& context, const v1::MakeOfferRequest& request, const OffBookEntry& entry) const;
  absl::Status CheckParties(const v1::MakeOfferRequest& request, const OffBookEntry& entry, ledger::AccountNumber counterparty) const;
  NegotiationRow FirstOffer(const CommandContext& context, const OffBookEntry& entry, const RulebookRow& rulebook, ledger::AccountNumber counterparty,
                            const std::string& reference) const;
  void Start(CommandContext& context, const OffBookEntry& entry, NegotiationRow row, const RulebookRow& rulebook, Money hold);
  // One that stands and of which the caller is a party: on `side`, both where both are his.
  absl::StatusOr<const NegotiationRow*> FindOpen(const CommandContext& context, const std::string& name) const;
  absl::StatusOr<Side> SideOfCaller(const CommandContext& context, const NegotiationRow& row, std::string_view name) const;
  // PLG-21, PLG-31: whether its seller may still offer, or agree to, so much at that price under its pledge.
  absl::Status CheckPledge(const CommandContext& context, const NegotiationRow& row, Price price, Quantity quantity, const std::string& name) const;
  // What one side of it would trade.
  OffBookEntry EntryOf(const NegotiationRow& row, Side side) const;
  v1::NegotiationAnswer Answer(const NegotiationRow& row) const;
  v1::IntentAnswer Answer(const IntentRow& row, Timestamp now) const;
  void Tell(CommandContext& context, const NegotiationRow& row) const;
  std::string AccountNameOf(ledger::AccountNumber account) const { return ledger::AccountName(*ledger_->accounts().Find(account)); }

  Exchange* exchange_;
  ledger::Ledger* ledger_;
  ledger::Counters* counters_;
  OfferAlarm* alarm_;
  songhua::Table<IntentRow> intents_;
  songhua::Table<NegotiationRow> rows_;
  std::set<std::pair<Timestamp, uint64_t>> by_expiry_;  // of those that are OPEN
};

// The reader resolves names; an intent without `account` is not told whose it is.
v1::Negotiation ToProto(const NegotiationRow& row, const std::string& contract, const std::string& seller, const std::string& buyer);
v1::Intent ToProto(const IntentRow& row, const std::string& contract, const std::string& account, Timestamp now);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_NEGOTIATIONS_H_
