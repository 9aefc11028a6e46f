#include "exchange/auctions.h"

#include <algorithm>

#include "exchange/call_seeds.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::exchange {
namespace {

constexpr char kNumbersOfAuctions[] = "auctions";
constexpr int32_t kNoticeWorkdaysDefault = 5;  // DR-44
constexpr int32_t kNoticeWorkdaysMax = 250;

absl::Status ValidateText(std::string_view field, const std::string& text, std::string_view what, std::string_view rule) {
  if (!text.empty() && text.size() <= Auctions::kTextBytesMax) return absl::OkStatus();
  return InvalidField(field, text, std::string(what) + ", 1 to " + std::to_string(Auctions::kTextBytesMax) + " bytes").Rule(rule);
}

}  // namespace

Auctions::Auctions(TableSet* tables, const Parts& parts) : parts_(parts), rows_(tables), bidders_(tables), bids_(tables), awards_(tables) {
  rows_.OnLoaded([this](AuctionRow& row) {
    if (row.Ended()) return;
    live_[row.number];
    Schedule(row);
    if (row.NeedsSeed() && row.state == v1::Auction::ANNOUNCED) in_custody_.insert(row.number);
  });
  bidders_.OnLoaded([this](AuctionBidderRow& row) {
    const auto live = live_.find(row.auction);
    if (live != live_.end()) live->second.by_account[row.account] = row.number;
  });
  bids_.OnLoaded([this](AuctionBidRow& row) {
    const auto live = live_.find(row.auction);
    if (live != live_.end() && !row.withdrawn) live->second.bids.insert(row.id);
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
  return entry;
}

// When the timer is to come next.
void Auctions::Schedule(const AuctionRow& row) {
  Timestamp at;
  if (row.state == v1::Auction::ANNOUNCED) {
    at = row.close_time;
    if (row.kind == v1::Auction::ASCENDING && row.best_bidder == 0) at = std::min(at, row.register_until);
    if (row.NeedsSeed()) at = row.void_time;
  } else if (row.state == v1::Auction::CLOSED && row.kind == v1::Auction::ASCENDING) {
    at = StartOfDay(row.pay_by + 1);
  } else {
    return;
  }
  due_.insert({at, row.number});
  parts_.alarm->WakeForAuctions(at);
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
  AuctionRow row;
  row.kind = request.kind();
  SONGHUA_ASSIGN_OR_RETURN(const RulebookRow* rulebook, parts_.exchange->TermsFor(row.form(), request.contract(), context.today, &row.contract));
  const ledger::AccountRow* account = parts_.ledger->accounts().FindById(account_id);
  row.number = parts_.counters->Peek(kNumbersOfAuctions);
  row.state = v1::Auction::DRAFT;
  row.account = account == nullptr ? 0 : account->number;
  row.side = buys ? Side::kBuy : Side::kSell;
  row.order = context.sequence;
  row.quantity = Quantity(request.quantity());
  row.reserve = Price(request.reserve_price_fen());
  row.terms_version = rulebook->terms.version;
  row.apply_time = context.time;
  OffBookEntry entry;
  entry.form = row.form();
  entry.origin = row.number;
  entry.contract = row.contract;
  entry.side = row.side;
  entry.account = row.account;
  entry.account_name = request.account();
  entry.price = row.reserve;
  entry.quantity = row.quantity;
  entry.lots = std::move(lots);
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
  SONGHUA_RETURN_IF_ERROR(ValidateText("notice", request.notice(), "the notice by which it is published", "DR-44"));
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
    SONGHUA_RETURN_IF_ERROR(ReadSealed(request.sealed(), &row));
    row.void_time = Timestamp(row.close_time.value() + kRevealSeconds * kMicrosPerSecond);
  }
  row.state = v1::Auction::ANNOUNCED;
  row.notice = request.notice();
  row.announce_time = context.time;
  const v1::AuctionAnswer answer = Answer(row, context.time);
  if (context.validate_only) return answer;
  if (row.NeedsSeed()) in_custody_.insert(row.number);
  Schedule(row);
  Tell(context, rows_.Edit(*found) = row);
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
  const bool applicant = parts_.ledger->accounts().Find(row->account)->participant == context.participant;
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
  AuctionBidderRow bidder;
  if (before != nullptr) {
    bidder = *before;
  } else {
    bidder.auction = row->number;
    bidder.number = row->bidders + 1;
    bidder.account = entry.account;
    bidder.register_time = context.time;
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
        row->state == v1::Auction::DRAFT ? "an auction that is announced"
                                         : "a time from " + FormatTimestamp(row->open_time) + " and before " + FormatTimestamp(row->close_time));
  }
  SONGHUA_ASSIGN_OR_RETURN(const AuctionBidderRow* bidder, FindBidder(context, *row, request.account()));
  return row->kind == v1::Auction::ASCENDING ? PlaceAscending(context, *row, *bidder, request) : PlaceSealed(context, *row, *bidder, request);
}

// ---- What ends an auction ----

void Auctions::End(CommandContext& context, const AuctionRow& old_row, v1::Auction::State state, std::string reason) {
  AuctionRow& row = rows_.Edit(old_row);
  row.state = state;
  row.reason = std::move(reason);
  row.end_time = context.time;
  in_custody_.erase(row.number);
  std::erase_if(due_, [&](const auto& due) { return due.second == row.number; });
  Tell(context, row);
  if (const OrderRow* order = parts_.exchange->FindOrder(row.order); order != nullptr) {
    parts_.exchange->EndOffBook(context, *order, state == v1::Auction::MATCHED ? EndReason::kExpired : EndReason::kByOwner);
  }
  size_t left = 1'000;
  if (!ReleaseSlice(context, row, &left)) return;
  due_.insert({context.time, row.number});
  parts_.alarm->WakeForAuctions(context.time);
}

// True: more is held.
bool Auctions::ReleaseSlice(CommandContext& context, const AuctionRow& row, size_t* left) {
  const auto live = live_.find(row.number);
  if (live == live_.end()) return false;
  auto& [by_account, bids] = live->second;
  while (!bids.empty()) {
    if ((*left)-- == 0) return true;
    const AuctionBidRow& bid = *bids_.Find({row.number, *bids.begin()});
    bids.erase(bids.begin());
    const OrderRow* order = bid.order == 0 ? nullptr : parts_.exchange->FindOrder(bid.order);
    if (order != nullptr) parts_.exchange->EndOffBook(context, *order, EndReason::kExpired);
  }
  while (!by_account.empty()) {
    if ((*left)-- == 0) return true;
    const AuctionBidderRow& bidder = *bidders_.Find({row.number, by_account.begin()->second});
    by_account.erase(by_account.begin());
    if (bidder.held > Money()) ChangeHeld(bidder, Money());
  }
  live_.erase(live);
  return false;
}

bool Auctions::PassAuctions(CommandContext& context, size_t max) {
  SONGHUA_CHECK(!context.validate_only);
  size_t left = max;
  while (!due_.empty() && due_.begin()->first <= context.time) {
    if (left-- == 0) return true;
    const auto [at, number] = *due_.begin();
    due_.erase(due_.begin());
    const AuctionRow& row = *rows_.Find(number);
    if (row.Ended()) {
      if (ReleaseSlice(context, row, &left)) due_.insert({at, number});
    } else if (row.kind == v1::Auction::ASCENDING) {
      CloseAscending(context, row);
    } else if (row.state == v1::Auction::CLOSED) {
      if (AwardSlice(context, row, &left)) due_.insert({at, number});
    } else if (row.NeedsSeed()) {
      End(context, row, v1::Auction::VOID, row.sealed ? "NO_SEED" : "NO_SEAL");
    } else {
      SONGHUA_CHECK(Clear(context, row, Digest{}).ok());
    }
    if (left == 0 || left > max) return true;
  }
  return false;
}

// The applicant's order, or that of a seller who bids, was ended by others; or by this auction's own doing, when there is nothing more to say.
void Auctions::OnOrderEnded(CommandContext& context, const OrderRow& order, EndReason reason) {
  const AuctionRow& row = *rows_.Find(order.origin);
  if (order.number != row.order) {
    const AuctionBidRow* bid = bids_.Find({row.number, order.number});
    if (row.Ended() || bid == nullptr || bid->withdrawn || reason == EndReason::kNone || row.state == v1::Auction::CLOSED) return;
    bids_.Edit(*bid).withdrawn = true;
    if (const auto live = live_.find(row.number); live != live_.end()) live->second.bids.erase(bid->id);
    return;
  }
  if (row.Ended() || reason == EndReason::kNone) return;
  End(context, row, v1::Auction::CANCELLED, std::string(EndReasonName(reason)));
}

void Auctions::AddHeldCash(std::map<ledger::AccountNumber, Money>* held) const {
  for (const auto& [number, live] : live_) {
    for (const auto& [account, bidder] : live.by_account) (*held)[CashOf(account)] += bidders_.Find({number, bidder})->held;
  }
}

// ---- Messages ----

void Auctions::Tell(CommandContext& context, const AuctionRow& row) const {
  context.events->Emit(EventType::kAuctionChanged, row.number, static_cast<uint8_t>(row.state), row.contract, row.close_time, row.best_price, row.bids);
}

v1::AuctionAnswer Auctions::Answer(const AuctionRow& row, Timestamp now) const {
  v1::AuctionAnswer answer;
  *answer.mutable_auction() = ToProto(row, ledger::MakeName("contracts", parts_.exchange->FindContract(row.contract)->code),
                                      ledger::AccountName(*parts_.ledger->accounts().Find(row.account)), now);
  return answer;
}

v1::BidderAnswer Auctions::Answer(const AuctionBidderRow& row) const {
  v1::BidderAnswer answer;
  v1::Bidder& bidder = *answer.mutable_bidder();
  bidder.set_name("auctionBidders/" + std::to_string(row.auction) + "-" + std::to_string(row.number));
  bidder.set_auction(ledger::MakeName("auctions", row.auction));
  bidder.set_account(ledger::AccountName(*parts_.ledger->accounts().Find(row.account)));
  bidder.set_guarantee_fen(row.guarantee.value());
  bidder.set_withdrawn(row.withdrawn);
  *bidder.mutable_register_time() = ledger::ToProto(row.register_time);
  return answer;
}

v1::Bid Auctions::Message(const AuctionBidRow& row, ledger::AccountNumber account) const {
  v1::Bid bid;
  bid.set_name(ledger::MakeName("bids", row.id));
  bid.set_auction(ledger::MakeName("auctions", row.auction));
  bid.set_account(ledger::AccountName(*parts_.ledger->accounts().Find(account)));
  bid.set_price_fen(row.price.value());
  bid.set_quantity(row.quantity.value());
  bid.set_partial(row.partial);
  bid.set_withdrawn(row.withdrawn);
  *bid.mutable_time() = ledger::ToProto(row.time);
  return bid;
}

v1::Auction ToProto(const AuctionRow& row, const std::string& contract, const std::string& account, Timestamp now) {
  v1::Auction message;
  message.set_name(ledger::MakeName("auctions", row.number));
  message.set_kind(row.kind);
  message.set_state(row.StateAt(now));
  message.set_contract(contract);
  message.set_side(ToProto(row.side));
  message.set_account(account);
  message.set_quantity(row.quantity.value());
  if (!row.secret_reserve || row.Ended()) message.set_reserve_price_fen(row.reserve.value());
  message.set_notice(row.notice);
  *message.mutable_apply_time() = ledger::ToProto(row.apply_time);
  if (row.announce_time != Timestamp()) {
    *message.mutable_announce_time() = ledger::ToProto(row.announce_time);
    *message.mutable_register_until_time() = ledger::ToProto(row.register_until);
    *message.mutable_open_time() = ledger::ToProto(row.open_time);
    *message.mutable_close_time() = ledger::ToProto(row.close_time);
  }
  if (row.kind == v1::Auction::ASCENDING && row.announce_time != Timestamp()) {
    v1::AscendingRules& rules = *message.mutable_ascending();
    rules.set_deposit_bps(row.ascending.deposit_bps);
    rules.set_increment_bps(row.ascending.increment_bps);
    rules.set_extension_seconds(row.ascending.extension_s);
    rules.set_extensions_max(row.ascending.extensions_max);
    rules.set_payment_workdays(row.ascending.payment_workdays);
    rules.set_bar_months(row.ascending.bar_months);
  }
  if (row.kind == v1::Auction::SEALED && row.announce_time != Timestamp()) {
    v1::SealedRules& rules = *message.mutable_sealed();
    rules.set_pricing(static_cast<v1::SealedRules::Pricing>(row.policy.pricing));
    rules.set_ties(static_cast<v1::SealedRules::Ties>(row.policy.ties));
    rules.set_shortfall(static_cast<v1::SealedRules::Shortfall>(row.policy.shortfall));
    rules.set_margin_opted_in(row.policy.margin == MarginRule::kFillIfOpen);
    rules.set_secret_reserve(row.secret_reserve);
    if (!row.policy.purchase_limits.empty()) rules.set_purchase_limit_bps(row.policy.purchase_limits.front().bps);
    rules.set_one_bid(row.policy.bid_count == BidCount::kOne);
    rules.set_quantity_min(row.policy.minimum_bid.value());
    rules.set_cut_to_guarantee(row.policy.guarantee == GuaranteeRule::kCutAndRetest);
  }
  message.set_bidders(static_cast<int32_t>(row.bidders));
  const bool bids_are_seen = row.kind == v1::Auction::ASCENDING || row.Ended() || row.state == v1::Auction::CLOSED;
  if (bids_are_seen) message.set_bids(static_cast<int32_t>(row.bids));
  message.set_extensions(row.extensions);
  message.set_best_price_fen(row.best_price.value());
  if (row.pay_by != Date{}) message.set_pay_by(FormatDate(row.pay_by));
  if (row.sealed) message.set_seed_sha256(ToHex(row.seal));
  if (row.seed != Digest{}) message.set_seed(ToHex(row.seed));
  if (row.collected != Digest{}) message.set_bids_sha256(ToHex(row.collected));
  message.set_clearing_price_fen(row.clearing_price.value());
  message.set_sold_quantity(row.sold.value());
  message.set_awards(static_cast<int32_t>(row.awards));
  message.set_reason(row.reason);
  if (row.end_time != Timestamp()) *message.mutable_end_time() = ledger::ToProto(row.end_time);
  return message;
}

}  // namespace songhua::exchange
