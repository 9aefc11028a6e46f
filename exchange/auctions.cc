#include "exchange/auctions.h"

#include <algorithm>

#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::exchange {
namespace {

constexpr char kNumbersOfAuctions[] = "auctions";
constexpr int32_t kNoticeWorkdaysDefault = 5;  // DR-44
constexpr int32_t kNoticeWorkdaysMax = 250;
constexpr int64_t kHaltLookSeconds = 60;
constexpr size_t kAuctionsMax = 10'000;  // that have not ended

absl::Status ValidateText(std::string_view field, const std::string& text, std::string_view what, std::string_view rule) {
  if (!text.empty() && text.size() <= Auctions::kTextBytesMax) return absl::OkStatus();
  return InvalidField(field, text, std::string(what) + ", 1 to " + std::to_string(Auctions::kTextBytesMax) + " bytes").Rule(rule);
}

}  // namespace

Auctions::Auctions(TableSet* tables, const Parts& parts) : parts_(parts), rows_(tables), bidders_(tables), bids_(tables), awards_(tables), consignments_(tables) {
  rows_.OnLoaded([this](AuctionRow& row) {
    if (row.Ended() && row.due == Timestamp()) return;
    live_[row.number];
    if (row.due != Timestamp()) due_.insert({row.due, row.number});
    if (row.InCustody()) in_custody_.insert(CustodyOf(row));
  });
  bidders_.OnLoaded([this](AuctionBidderRow& row) {
    const auto live = live_.find(row.auction);
    if (live != live_.end()) live->second.by_account[row.account] = row.number;
  });
  bids_.OnLoaded([this](AuctionBidRow& row) {
    const auto live = live_.find(row.auction);
    if (live == live_.end() || row.withdrawn) return;
    live->second.bids.insert({row.bidder, row.id});
    live->second.bid_for += row.quantity;
    if (row.order != 0) live->second.orders[row.order] = row.id;
  });
  consignments_.OnLoaded([this](ConsignmentRow& row) {
    const auto live = live_.find(row.auction);
    if (live != live_.end() && !row.withdrawn) live->second.consignments.insert(row.number);
  });
  parts_.exchange->SetForm(v1::Trade::E_AUCTION, this);
  parts_.exchange->SetForm(v1::Trade::SEALED_AUCTION, this);
}

Auctions::~Auctions() = default;

absl::StatusOr<const AuctionRow*> Auctions::Resolve(std::string_view field, const std::string& name) const {
  SONGHUA_ASSIGN_OR_RETURN(const AuctionNumber number, ledger::ParseNumberedName(field, "auctions", name));
  const AuctionRow* row = rows_.Find(number);
  if (row == nullptr) return NotFound(field, name);
  return row;
}

absl::Status Auctions::IllegalState(const AuctionRow& row, Timestamp now, std::string_view field, std::string_view name, std::string_view accepted) const {
  return Precondition("ILLEGAL_TRANSITION", "DR-43").Field(field).Value(name).Accepted(std::string(accepted) + "; this one is " +
                                                                                    v1::Auction::State_Name(row.StateAt(now)));
}

const RulebookTerms& Auctions::TermsOf(const AuctionRow& row) const {
  return parts_.exchange->rulebooks().Find(parts_.exchange->FindContract(row.contract)->rulebook, row.terms_version)->terms;
}

OffBookEntry Auctions::EntryOf(const AuctionRow& row, Side side, ledger::AccountNumber account, Price price, Quantity quantity) const {
  OffBookEntry entry;
  entry.form = row.form();
  entry.origin = row.number;
  entry.contract = row.contract;
  entry.side = side;
  entry.account = account;
  entry.account_name = ledger::AccountName(*parts_.ledger->accounts().Find(account));
  entry.price = price;
  entry.quantity = quantity;
  if (side == Side::kSell && account == row.account) entry.pledge = row.pledge;
  return entry;
}

void Auctions::SetDue(const AuctionRow& old_row, Timestamp at) {
  AuctionRow& row = rows_.Edit(old_row);
  due_.erase({row.due, row.number});
  row.due = at;
  if (at == Timestamp()) return;
  due_.insert({at, row.number});
  parts_.alarm->WakeForAuctions(at);
}

Timestamp Auctions::NextStep(const AuctionRow& row) const {
  if (row.state == v1::Auction::CLOSED) return StartOfDay(row.pay_by + 1);
  if (row.kind == v1::Auction::ASCENDING && row.best_bidder == 0) return std::min(row.close_time, row.register_until);
  return row.NeedsSeed() ? row.void_time : row.close_time;
}

// ---- Applying and announcing ----

absl::StatusOr<v1::AuctionAnswer> Auctions::ApplyForAuction(CommandContext& context, const v1::ApplyForAuctionRequest& request) {
  if (request.kind() != v1::Auction::ASCENDING && request.kind() != v1::Auction::SEALED) {
    return InvalidField("kind", std::to_string(request.kind()), "ASCENDING or SEALED").Rule("DR-42");
  }
  const bool buys = request.side() == v1::BUY;
  if (request.side() != v1::SELL && !(buys && request.kind() == v1::Auction::SEALED)) {
    return InvalidField("side", v1::Side_Name(request.side()), request.kind() == v1::Auction::SEALED ? "SELL or BUY" : "SELL").Rule("CAR-20");
  }
  SONGHUA_ASSIGN_OR_RETURN(const std::string account_id, ledger::ParseName("account", "accounts", request.account()));
  SONGHUA_ASSIGN_OR_RETURN(std::vector<ledger::LotNumber> lots, ReadLots(request.lots()));
  if (buys && !lots.empty()) return InvalidField("lots", request.lots(0), "none of who buys").Rule("DR-03");
  const ledger::AccountRow* account = parts_.ledger->accounts().FindById(account_id);
  AuctionApplication application;
  application.kind = request.kind();
  application.contract = request.contract();
  application.account = account == nullptr ? 0 : account->number;
  application.account_name = request.account();
  application.side = buys ? Side::kBuy : Side::kSell;
  application.quantity = Quantity(request.quantity());
  application.reserve = Price(request.reserve_price_fen());
  application.lots = std::move(lots);
  return Apply(context, std::move(application));
}

absl::StatusOr<v1::AuctionAnswer> Auctions::Apply(CommandContext& context, AuctionApplication application) {
  AuctionRow row;
  row.kind = application.kind;
  SONGHUA_ASSIGN_OR_RETURN(const RulebookRow* rulebook, parts_.exchange->TermsFor(row.form(), application.contract, context.today, &row.contract));
  if (live_.size() >= kAuctionsMax) {
    return Precondition("AUCTIONS_FULL", "DR-42").Field("contract").Value(application.contract).Accepted("a time when fewer than " + std::to_string(kAuctionsMax) +
                                                                                                      " auctions are under way");
  }
  row.number = parts_.counters->Peek(kNumbersOfAuctions);
  row.state = v1::Auction::DRAFT;
  row.account = application.account;
  row.side = application.side;
  row.order = context.sequence;
  row.quantity = row.proposed = application.quantity;
  row.reserve = application.reserve;
  row.terms_version = rulebook->terms.version;
  row.apply_time = context.time;
  row.pledge = application.pledge;
  OffBookEntry entry;
  entry.form = row.form();
  entry.origin = row.number;
  entry.contract = row.contract;
  entry.side = row.side;
  entry.account = row.account;
  entry.account_name = std::move(application.account_name);
  entry.price = row.reserve;
  entry.quantity = row.quantity;
  entry.lots = std::move(application.lots);
  entry.pledge = row.pledge;
  SONGHUA_ASSIGN_OR_RETURN(const Money hold, parts_.exchange->CheckOffBook(context, entry, rulebook->terms));
  const v1::AuctionAnswer answer = Answer(row, context.time);
  if (context.validate_only) return answer;
  SONGHUA_CHECK(parts_.counters->Next(kNumbersOfAuctions) == row.number);
  parts_.exchange->RestOffBook(context, entry, row.terms_version, hold);
  live_[row.number];
  Tell(context, rows_.Insert(std::move(row)));
  return answer;
}

absl::Status Auctions::ReadTimes(const CommandContext& context, const v1::AnnounceAuctionRequest& request, AuctionRow* row) const {
  SONGHUA_ASSIGN_OR_RETURN(row->register_until, ledger::ParseTime("register_until_time", request.register_until_time()));
  SONGHUA_ASSIGN_OR_RETURN(row->open_time, ledger::ParseTime("open_time", request.open_time()));
  SONGHUA_ASSIGN_OR_RETURN(row->close_time, ledger::ParseTime("close_time", request.close_time()));
  if (row->register_until < context.time) {
    return InvalidField("register_until_time", FormatTimestamp(row->register_until), FormatTimestamp(context.time) + ", now, or later").Rule("DR-43");
  }
  if (row->open_time < row->register_until) {
    return InvalidField("open_time", FormatTimestamp(row->open_time), FormatTimestamp(row->register_until) + ", when the registration closes, or later").Rule("DR-43");
  }
  if (row->close_time <= row->open_time) {
    return InvalidField("close_time", FormatTimestamp(row->close_time), "a time after " + FormatTimestamp(row->open_time)).Rule("DR-43");
  }
  SONGHUA_RETURN_IF_ERROR(RequireInRange("notice_workdays", request.notice_workdays(), 0, kNoticeWorkdaysMax, "DR-44"));
  const int32_t workdays = request.notice_workdays() == 0 ? kNoticeWorkdaysDefault : request.notice_workdays();
  const Date earliest = parts_.calendars->Count(context.today, workdays, v1::WORKDAY).due;
  if (LocalDate(row->open_time) >= earliest) return absl::OkStatus();
  return Precondition("NOTICE_TOO_SHORT", "DR-44").Field("open_time").Value(FormatTimestamp(row->open_time)).Accepted(
      FormatDate(earliest) + " or later, " + std::to_string(workdays) + " workdays from the notice");
}

absl::StatusOr<v1::AuctionAnswer> Auctions::AnnounceAuction(CommandContext& context, const v1::AnnounceAuctionRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ValidateText("announcement", request.announcement(), "where its notice is published", "DR-44"));
  SONGHUA_ASSIGN_OR_RETURN(const AuctionRow* found, Resolve("name", request.name()));
  if (found->state != v1::Auction::DRAFT) return IllegalState(*found, context.time, "name", request.name(), "an auction that is a DRAFT");
  AuctionRow row = *found;
  SONGHUA_RETURN_IF_ERROR(ReadTimes(context, request, &row));
  const bool ascending = row.kind == v1::Auction::ASCENDING;
  if (ascending ? request.has_sealed() : request.has_ascending()) {
    return InvalidField(ascending ? "sealed" : "ascending", "given", "nothing of an auction that is " + v1::Auction::Kind_Name(row.kind)).Rule("DR-42");
  }
  if (ascending) {
    SONGHUA_ASSIGN_OR_RETURN(row.ascending, ReadAscending(request.ascending()));
  } else {
    const SealedFrame frame = FrameOf(*parts_.exchange->FindContract(row.contract), row.side, row.quantity, row.reserve);
    SONGHUA_ASSIGN_OR_RETURN(row.sealed_terms, ReadSealedRules(request.sealed(), frame));
    row.void_time = Timestamp(row.close_time.value() + kRevealSeconds * kMicrosPerSecond);
  }
  row.state = v1::Auction::ANNOUNCED;
  row.announcement = request.announcement();
  row.announce_time = context.time;
  const v1::AuctionAnswer answer = Answer(row, context.time);
  if (context.validate_only) return answer;
  if (row.InCustody()) in_custody_.insert(CustodyOf(row));
  rows_.Edit(*found) = row;
  SetDue(*found, NextStep(row));
  Tell(context, *found);
  return answer;
}

absl::StatusOr<v1::AuctionAnswer> Auctions::CancelAuction(CommandContext& context, const v1::CancelAuctionRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ValidateText("reason", request.reason(), "why", "DR-43"));
  SONGHUA_ASSIGN_OR_RETURN(const AuctionRow* row, Resolve("name", request.name()));
  const v1::Auction::State state = row->StateAt(context.time);
  if (row->Ended() || state == v1::Auction::CLOSED) {
    return IllegalState(*row, context.time, "name", request.name(), "an auction that is DRAFT, ANNOUNCED or OPEN");
  }
  // Who applied may take back what was not announced; the method's grants have let the exchange in.
  const bool applicant = parts_.exchange->MayDispose(context, row->account, row->pledge);
  if (!applicant && parts_.ledger->accounts().Find(row->account)->participant == context.participant) return SoldByPledgee(request.name(), row->pledge);
  if (applicant && state != v1::Auction::DRAFT) return IllegalState(*row, context.time, "name", request.name(), "a DRAFT: what is announced the exchange cancels");
  if (context.validate_only) {
    AuctionRow cancelled = *row;
    cancelled.state = v1::Auction::CANCELLED;
    return Answer(cancelled, context.time);
  }
  End(context, *row, v1::Auction::CANCELLED, request.reason());
  return Answer(*row, context.time);
}

// ---- Bidders ----

ledger::AccountNumber Auctions::CashOf(ledger::AccountNumber account) const {
  return parts_.ledger->accounts().OfParticipant(parts_.ledger->accounts().Find(account)->participant, v1::CASH)->number;
}

void Auctions::ChangeHeld(const AuctionBidderRow& bidder, Money held) {
  const ledger::AccountNumber cash = CashOf(bidder.account);
  if (held > bidder.held) {
    parts_.ledger->HoldCash(cash, held - bidder.held);
  } else if (held < bidder.held) {
    parts_.ledger->ReleaseCash(cash, bidder.held - held);
  }
  bidders_.Edit(bidder).held = held;
}

absl::StatusOr<const AuctionBidderRow*> Auctions::FindBidder(const CommandContext& context, const AuctionRow& row, const std::string& account) const {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* known, parts_.ledger->accounts().Resolve("account", account));
  if (known->participant != context.participant) {
    return Refuse(absl::StatusCode::kPermissionDenied, "FOREIGN_ACCOUNT").Rule("CAR-07").Field("account").Value(account).Accepted("an account of the caller's own");
  }
  const auto live = live_.find(row.number);
  const AuctionBidderRow* bidder = nullptr;
  if (live != live_.end()) {
    const auto entered = live->second.by_account.find(known->number);
    if (entered != live->second.by_account.end()) bidder = bidders_.Find({row.number, entered->second});
  }
  if (bidder != nullptr && !bidder->withdrawn) return bidder;
  return Precondition("NOT_REGISTERED", "DR-43").Field("account").Value(account).Accepted("an account that is registered as a bidder of " +
                                                                                       ledger::MakeName("auctions", row.number));
}

absl::StatusOr<v1::BidderAnswer> Auctions::RegisterBidder(CommandContext& context, const v1::RegisterBidderRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string account_id, ledger::ParseName("account", "accounts", request.account()));
  if (request.guarantee_fen() < 0) return InvalidField("guarantee_fen", std::to_string(request.guarantee_fen()), "0 or more").Rule("DR-44");
  SONGHUA_ASSIGN_OR_RETURN(const AuctionRow* row, Resolve("auction", request.auction()));
  const v1::Auction::State state = row->StateAt(context.time);
  const bool ascending = row->kind == v1::Auction::ASCENDING;
  const bool open = state == v1::Auction::ANNOUNCED ? context.time < row->register_until || !ascending : !ascending && state == v1::Auction::OPEN;
  if (!open) return IllegalState(*row, context.time, "auction", request.auction(), "an auction whose registration is open");
  const Side side = row->side == Side::kSell ? Side::kBuy : Side::kSell;
  const ledger::AccountRow* account = parts_.ledger->accounts().FindById(account_id);
  const AuctionBidderRow* before = nullptr;
  if (account != nullptr) {
    const Live& live = live_.at(row->number);
    const auto entered = live.by_account.find(account->number);
    if (entered != live.by_account.end()) before = bidders_.Find({row->number, entered->second});
  }
  Money guarantee(request.guarantee_fen());
  if (ascending) {
    const Money deposit = DepositOf(*row);
    if (request.guarantee_fen() != 0 && guarantee != deposit) {
      return InvalidField("guarantee_fen", std::to_string(request.guarantee_fen()), "0 or " + std::to_string(deposit.value()) + ", the deposit").Rule("DR-44");
    }
    if (before != nullptr && !before->withdrawn) {
      return Precondition("ALREADY_REGISTERED", "DR-43").Field("account").Value(request.account()).Accepted("an account that is not registered yet");
    }
    guarantee = deposit;
  } else if (side == Side::kSell && guarantee != Money()) {
    return InvalidField("guarantee_fen", std::to_string(request.guarantee_fen()), "0: who sells guarantees with units").Rule("DR-44");
  } else if (side == Side::kBuy && guarantee == Money()) {
    return InvalidField("guarantee_fen", "0", "what the bids may come to, fees included").Rule("DR-44");
  } else if (before != nullptr && guarantee < before->held) {
    return InvalidField("guarantee_fen", std::to_string(request.guarantee_fen()), "at least " + std::to_string(before->held.value()) +
                                                                                    ": a guarantee may be raised").Rule("DR-44");
  }
  if (row->bidders >= kBiddersPerAuctionMax) return Precondition("AUCTION_FULL", "DR-43").Field("auction").Value(request.auction()).Accepted("an auction with room");
  // As a bid of the least would be, but for the money: that is the guarantee.
  const ContractRow& contract = *parts_.exchange->FindContract(row->contract);
  OffBookEntry entry;
  entry.form = row->form();
  entry.origin = row->number;
  entry.contract = row->contract;
  entry.side = side;
  entry.account = account == nullptr ? 0 : account->number;
  entry.account_name = request.account();
  entry.price = row->reserve;
  entry.quantity = ascending ? row->quantity : contract.lot_size;
  const Money held = before == nullptr ? Money() : before->held;
  entry.cost = guarantee - held;
  SONGHUA_RETURN_IF_ERROR(parts_.exchange->CheckOffBook(context, entry, TermsOf(*row)).status());
  if (parts_.exchange->SameGroup(entry.account, row->account)) {
    return Precondition("SELF_TRADE", "CAR-18").Field("account").Value(request.account()).Accepted("an account of another entity group than the applicant's");
  }
  for (const OrderId number : live_.at(row->number).consignments) {
    if (!parts_.exchange->SameGroup(entry.account, consignments_.Find({row->number, number})->account)) continue;
    return Precondition("SELF_TRADE", "CAR-18").Field("account").Value(request.account()).Accepted("an account of another entity group than those that consign");
  }
  AuctionBidderRow bidder;
  if (before != nullptr) {
    bidder = *before;
  } else {
    bidder.auction = row->number;
    bidder.number = row->bidders + 1;
    bidder.account = entry.account;
    bidder.register_time = context.time;
    bidder.opening = std::string(context.request_id);
  }
  bidder.guarantee = guarantee;
  bidder.withdrawn = false;
  if (context.validate_only) return Answer(bidder);
  const AuctionBidderRow* entered = before;
  if (before == nullptr) {
    rows_.Edit(*row).bidders = bidder.number;
    live_.at(row->number).by_account[bidder.account] = bidder.number;
    entered = &bidders_.Insert(std::move(bidder));
  } else {
    bidders_.Edit(*before) = bidder;
  }
  ChangeHeld(*entered, guarantee);
  context.events->Emit(EventType::kAuctionBidderChanged, row->number, entered->number, entered->account, entered->guarantee, entered->withdrawn);
  return Answer(*entered);
}

absl::StatusOr<v1::BidderAnswer> Auctions::WithdrawBidder(CommandContext& context, const v1::WithdrawBidderRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const AuctionRow* row, Resolve("auction", request.auction()));
  SONGHUA_ASSIGN_OR_RETURN(const AuctionBidderRow* bidder, FindBidder(context, *row, request.account()));
  if (row->StateAt(context.time) != v1::Auction::ANNOUNCED || context.time >= row->register_until) {
    return IllegalState(*row, context.time, "auction", request.auction(), "an auction whose registration is open");
  }
  AuctionBidderRow withdrawn = *bidder;
  withdrawn.withdrawn = true;
  if (context.validate_only) return Answer(withdrawn);
  ChangeHeld(*bidder, Money());
  bidders_.Edit(*bidder).withdrawn = true;
  context.events->Emit(EventType::kAuctionBidderChanged, row->number, bidder->number, bidder->account, bidder->guarantee, true);
  return Answer(*bidder);
}

absl::StatusOr<v1::BidAnswer> Auctions::PlaceBid(CommandContext& context, const v1::PlaceBidRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const AuctionRow* row, Resolve("auction", request.auction()));
  if (row->StateAt(context.time) != v1::Auction::OPEN || (row->NeedsSeed() && !row->sealed)) {
    return Precondition("AUCTION_NOT_OPEN", "DR-45").Field("auction").Value(request.auction()).Accepted(
        row->state == v1::Auction::DRAFT                    ? "an auction that is announced"
        : row->StateAt(context.time) == v1::Auction::OPEN ? "an auction whose seed has been sealed, as this one's will be before any bid is taken"
                                         : "a time from " + FormatTimestamp(row->open_time) + " and before " + FormatTimestamp(row->close_time));
  }
  SONGHUA_ASSIGN_OR_RETURN(const AuctionBidderRow* bidder, FindBidder(context, *row, request.account()));
  return row->kind == v1::Auction::ASCENDING ? PlaceAscending(context, *row, *bidder, request) : PlaceSealed(context, *row, *bidder, request);
}

// ---- What ends an auction ----

void Auctions::End(CommandContext& context, const AuctionRow& old_row, v1::Auction::State state, std::string reason, bool has_order) {
  AuctionRow& row = rows_.Edit(old_row);
  row.state = state;
  row.reason = std::move(reason);
  row.end_time = context.time;
  in_custody_.erase(CustodyOf(row));
  SetDue(row, Timestamp());
  Tell(context, row);
  if (const OrderRow* order = parts_.exchange->FindOrder(row.order); has_order && order != nullptr) {
    const Quantity contained = row.quantity - OwnOf(row.policy(), row.quantity);  // was not to be sold at the common price
    const Quantity unsold = std::max(Quantity(), order->open - contained);
    parts_.exchange->EndOffBook(context, *order, state == v1::Auction::MATCHED ? EndReason::kExpired : EndReason::kByOwner);
    if (row.collected != Digest{} && row.sealed_terms.spreads) SpreadOver(context, row, unsold);
  }
  size_t left = 1'000;
  if (ReleaseSlice(context, row, &left)) SetDue(row, context.time);
}

// True: more is held.
bool Auctions::ReleaseSlice(CommandContext& context, const AuctionRow& row, size_t* left) {
  const auto live = live_.find(row.number);
  if (live == live_.end()) return false;
  auto& [by_account, bids, bid_for, consignments, orders] = live->second;
  while (!consignments.empty()) {
    if (*left == 0) return true;
    --*left;
    const OrderRow* order = parts_.exchange->FindOrder(*consignments.begin());
    consignments.erase(consignments.begin());
    if (order != nullptr) parts_.exchange->EndOffBook(context, *order, EndReason::kExpired);
  }
  while (!bids.empty()) {
    if (*left == 0) return true;
    --*left;
    const AuctionBidRow& bid = *bids_.Find({row.number, bids.begin()->second});
    bids.erase(bids.begin());
    const OrderRow* order = bid.order == 0 ? nullptr : parts_.exchange->FindOrder(bid.order);
    if (order != nullptr) parts_.exchange->EndOffBook(context, *order, EndReason::kExpired);
  }
  while (!by_account.empty()) {
    if (*left == 0) return true;
    --*left;
    const AuctionBidderRow& bidder = *bidders_.Find({row.number, by_account.begin()->second});
    by_account.erase(by_account.begin());
    if (bidder.held > Money()) ChangeHeld(bidder, Money());
  }
  live_.erase(live);
  return false;
}

bool Auctions::Waits(const CommandContext& context, const AuctionRow& old_row) {
  if (parts_.exchange->FindContract(old_row.contract)->halts == 0) return false;
  const auto in = [&](int64_t seconds) { return Timestamp(context.time.value() + seconds * kMicrosPerSecond); };
  AuctionRow& row = rows_.Edit(old_row);
  Timestamp again = in(kHaltLookSeconds);
  if (row.kind == v1::Auction::ASCENDING && row.state == v1::Auction::CLOSED) {
    row.pay_by = context.today + 1;
    again = NextStep(row);
  } else if (row.kind == v1::Auction::ASCENDING && context.time >= row.close_time) {
    row.close_time = again = in(row.ascending.extension_s);  // so long at least they can bid after the halt, as after any bid
  } else if (row.NeedsSeed() && row.state == v1::Auction::ANNOUNCED) {
    row.void_time = again = in(kRevealSeconds);
  }
  SetDue(row, again);
  return true;
}

bool Auctions::PassAuctions(CommandContext& context, size_t max) {
  SONGHUA_CHECK(!context.validate_only);
  size_t left = max;
  while (!due_.empty() && due_.begin()->first <= context.time) {
    if (left == 0) return true;
    const AuctionRow& row = *rows_.Find(due_.begin()->second);
    const Timestamp at = row.due;
    if (row.kind == v1::Auction::SEALED && row.state == v1::Auction::CLOSED && placed_in_ == context.sequence) return true;
    SetDue(row, Timestamp());
    // What takes its time counts what it does; the rest is one step.
    if (row.Ended() || (row.state == v1::Auction::CLOSED && row.kind == v1::Auction::SEALED)) {
      const bool more = row.Ended() ? ReleaseSlice(context, row, &left) : !Waits(context, row) && AwardSlice(context, row, &left);
      if (more) SetDue(row, at);
      continue;
    }
    --left;
    if (Waits(context, row)) continue;
    if (row.kind == v1::Auction::ASCENDING) {
      if (CloseAscending(context, row)) continue;
      SetDue(row, at);
      return true;
    }
    if (row.NeedsSeed()) {
      End(context, row, v1::Auction::VOID, row.sealed ? "NO_SEED" : "NO_SEAL");
    } else {
      Clear(context, row, Digest{});
    }
  }
  return false;
}

// The applicant's order, or that of a seller who bids, was ended by others; or by this auction's own doing, when there is nothing more to say.
void Auctions::OnOrderEnded(CommandContext& context, const OrderRow& order, EndReason reason) {
  const AuctionRow& row = *rows_.Find(order.origin);
  // What ends once it is cleared counts no more: CheckAwarded sees that it has gone.
  if (row.Ended() || reason == EndReason::kNone) return;
  if (order.number == row.order) {
    End(context, row, v1::Auction::CANCELLED, std::string(EndReasonName(reason)), /*has_order=*/false);
    return;
  }
  Live& live = live_.at(row.number);
  if (live.consignments.erase(order.number) > 0) {
    const ConsignmentRow& consignment = *consignments_.Find({row.number, order.number});
    consignments_.Edit(consignment).withdrawn = true;
    if (row.state != v1::Auction::CLOSED) rows_.Edit(row).consigned -= consignment.quantity;
    return;
  }
  const auto of_order = live.orders.find(order.number);
  if (of_order == live.orders.end() || row.state == v1::Auction::CLOSED) return;
  const AuctionBidRow& bid = *bids_.Find({row.number, of_order->second});
  live.orders.erase(of_order);
  Withdraw(row, bid);
}

void Auctions::AddHeldCash(std::map<ledger::AccountNumber, Money>* held) const {
  for (const auto& [number, live] : live_) {
    for (const auto& [account, bidder] : live.by_account) (*held)[CashOf(account)] += bidders_.Find({number, bidder})->held;
  }
}

void Auctions::Withdraw(const AuctionRow& row, const AuctionBidRow& old_bid) {
  AuctionBidRow& bid = bids_.Edit(old_bid);
  bid.withdrawn = true;
  Live& live = live_.at(row.number);
  live.bids.erase({bid.bidder, bid.id});
  live.bid_for -= bid.quantity;
  --rows_.Edit(row).bids;
}

}  // namespace songhua::exchange
