#include "exchange/listings.h"

#include <algorithm>

#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::exchange {
namespace {

constexpr size_t kOpenListingsMax = 10'000;  // of one contract
constexpr char kNumbersOfListings[] = "listings";

}  // namespace

Listings::Listings(TableSet* tables, Exchange* exchange, ledger::Ledger* ledger, ledger::Counters* counters, OfferAlarm* alarm)
    : exchange_(exchange), ledger_(ledger), counters_(counters), alarm_(alarm), rows_(tables) {
  rows_.OnLoaded([this](ListingRow& row) { Index(row); });
  exchange_->SetForm(v1::Trade::LISTING, this);
  exchange_->SetForm(v1::Trade::FIXED_RESERVE_SALE, this);
}

Listings::~Listings() = default;

void Listings::Index(const ListingRow& row) {
  if (row.state != v1::Listing::OPEN) return;
  of_contract_[row.contract].insert(row.number);
  by_last_day_.insert({row.last, row.number});
}

absl::StatusOr<const ListingRow*> Listings::FindOpen(const CommandContext& context, std::string_view field, const std::string& name) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "listings", name));
  const ListingRow* row = rows_.Find(number);
  if (row == nullptr) return NotFound(field, name);
  if (row->OpenOn(context.today)) return row;
  return Precondition("ILLEGAL_TRANSITION", "DR-48").Field(field).Value(name).Accepted(
      "a listing that is OPEN; this one is " + v1::Listing::State_Name(row->state == v1::Listing::OPEN ? v1::Listing::EXPIRED : row->state));
}

absl::StatusOr<v1::ListingAnswer> Listings::PostListing(CommandContext& context, const v1::PostListingRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string account_id, ledger::ParseName("account", "accounts", request.account()));
  SONGHUA_ASSIGN_OR_RETURN(std::vector<ledger::LotNumber> lots, ReadLots(request.lots()));
  const ledger::AccountRow* account = ledger_->accounts().FindById(account_id);
  const bool reserve = account != nullptr && account->kind == v1::RESERVE;
  OffBookEntry entry{.form = reserve ? v1::Trade::FIXED_RESERVE_SALE : v1::Trade::LISTING, .side = Side::kSell};
  entry.account = account == nullptr ? 0 : account->number;  // 0 is foreign to everybody
  entry.account_name = request.account();
  entry.price = Price(request.price_fen());
  entry.quantity = Quantity(request.quantity());
  entry.lots = std::move(lots);
  return Post(context, std::move(entry), request.contract(), request.last_date(), request.all_or_none());
}

absl::StatusOr<v1::ListingAnswer> Listings::Post(CommandContext& context, OffBookEntry entry, const std::string& contract, const std::string& last_date,
                                                 bool all_or_none, std::optional<Date> until) {
  SONGHUA_ASSIGN_OR_RETURN(const RulebookRow* rulebook, exchange_->TermsFor(entry.form, contract, context.today, &entry.contract));
  Date latest = context.today + (rulebook->terms.offer_days_max - 1);
  if (until.has_value()) latest = std::min(latest, *until);
  Date last = latest;
  if (!last_date.empty()) {
    SONGHUA_ASSIGN_OR_RETURN(last, ParseDate(last_date, "last_date"));
    if (last < context.today || last > latest) {
      return InvalidField("last_date", last_date, FormatDate(context.today) + " to " + FormatDate(latest)).Rule("DR-48");
    }
  }
  if (const auto open = of_contract_.find(entry.contract); open != of_contract_.end() && open->second.size() >= kOpenListingsMax) {
    return Precondition("LISTINGS_FULL", "DR-48").Field("contract").Value(contract).Accepted("a contract with fewer than " + std::to_string(kOpenListingsMax) +
                                                                                          " open listings");
  }
  entry.origin = counters_->Peek(kNumbersOfListings);
  SONGHUA_ASSIGN_OR_RETURN(const Money hold, exchange_->CheckOffBook(context, entry, rulebook->terms));
  ListingRow row{.number = entry.origin,
                 .contract = entry.contract,
                 .account = entry.account,
                 .form = entry.form,
                 .state = v1::Listing::OPEN,
                 .order = context.sequence,
                 .price = entry.price,
                 .quantity = entry.quantity,
                 .open = entry.quantity,
                 .all_or_none = all_or_none,
                 .has_floor = rulebook->terms.base_price_floor,
                 .post_time = context.time,
                 .last = last,
                 .end_time = {},
                 .pledge = entry.pledge};
  const v1::ListingAnswer answer = Answer(context, row);
  if (context.validate_only) return answer;
  SONGHUA_CHECK(counters_->Next(kNumbersOfListings) == row.number);
  exchange_->RestOffBook(context, entry, rulebook->terms.version, hold);
  Index(row);
  alarm_->WakeForOffers(StartOfDay(row.last + 1));
  Tell(context, rows_.Insert(std::move(row)));
  return answer;
}

// The least that a take may ask for, all or none, and the offered price.
absl::Status Listings::CheckTake(const v1::TakeListingRequest& request, const ListingRow& row, Quantity part) const {
  if (row.all_or_none && part != row.open) {
    return Precondition("ALL_OR_NONE", "DR-48").Field("quantity").Value(request.quantity()).Accepted(
        std::to_string(row.open.value()) + ", all that " + ledger::MakeName("listings", row.number) + " offers");
  }
  const ContractRow& contract = *exchange_->FindContract(row.contract);
  const RulebookTerms& terms = exchange_->TermsOf(*exchange_->FindOrder(row.order));
  const Quantity least = std::min(row.open, std::max(terms.take_quantity_min, contract.lot_size));
  if (part >= least) return absl::OkStatus();
  return Precondition("TAKE_TOO_SMALL", "DR-48").Field("quantity").Value(request.quantity()).Accepted("at least " + std::to_string(least.value()));
}

absl::StatusOr<std::vector<std::pair<const ListingRow*, Quantity>>> Listings::Choose(CommandContext& context, const v1::TakeListingRequest& request,
                                                                                    ContractNumber* contract) const {
  std::vector<std::pair<const ListingRow*, Quantity>> chosen;
  const Quantity wanted(request.quantity());
  const auto below_base_price = [&](const ListingRow& row) {
    return row.price < exchange_->BasePriceOf(row.contract, exchange_->TermsOf(*exchange_->FindOrder(row.order)), context.today);
  };
  if (!request.listing().empty()) {
    if (!request.contract().empty()) return InvalidField("contract", request.contract(), "nothing with a listing: it is of its contract").Rule("DR-48");
    SONGHUA_ASSIGN_OR_RETURN(const ListingRow* row, FindOpen(context, "listing", request.listing()));
    *contract = row->contract;
    if (request.price_fen() != 0 && request.price_fen() != row->price.value()) {
      return InvalidField("price_fen", std::to_string(request.price_fen()), "0 or " + std::to_string(row->price.value()) + ", the listing's price").Rule("DR-48");
    }
    if (below_base_price(*row)) {
      return Precondition("SUSPENDED_PRICE", "DR-75").Field("listing").Value(request.listing()).Accepted(
          "a listing at the base price of the day or above; the price of this one is " + std::to_string(row->price.value()));
    }
    if (wanted <= Quantity() || wanted > row->open) {
      return Precondition("NOT_ON_OFFER", "DR-48").Field("quantity").Value(wanted.value()).Accepted("at most " + std::to_string(row->open.value()) +
                                                                                              ", what " + request.listing() + " still offers");
    }
    SONGHUA_RETURN_IF_ERROR(CheckTake(request, *row, wanted));
    chosen.emplace_back(row, wanted);
    return chosen;
  }
  SONGHUA_ASSIGN_OR_RETURN(const std::string code, ledger::ParseName("contract", "contracts", request.contract()));
  const ContractRow* known = exchange_->FindContract(code);
  if (known == nullptr) return NotFound("contract", request.contract());
  *contract = known->number;
  if (request.price_fen() <= 0) return InvalidField("price_fen", std::to_string(request.price_fen()), "the most that is to be paid, above 0").Rule("DR-48");
  Quantity left = wanted;
  const auto open = of_contract_.find(known->number);
  if (open != of_contract_.end()) {
    for (const uint64_t number : open->second) {
      const ListingRow& row = *rows_.Find(number);
      if (left <= Quantity() || chosen.size() == kListingsPerTakeMax) break;
      if (!row.OpenOn(context.today) || row.price.value() > request.price_fen() || below_base_price(row)) continue;
      if (exchange_->IsHalted(*exchange_->FindOrder(row.order))) continue;
      const Quantity part = std::min(left, row.open);
      if (!CheckTake(request, row, part).ok()) continue;
      chosen.emplace_back(&row, part);
      left -= part;
    }
  }
  if (left == Quantity() && wanted > Quantity()) return chosen;
  return Precondition("NOT_ON_OFFER", "DR-48").Field("quantity").Value(wanted.value()).Accepted(
      "1 to " + std::to_string((wanted - left).value()) + ", what is offered at " + std::to_string(request.price_fen()) + " or below and can be taken in part");
}

absl::StatusOr<v1::TakeListingAnswer> Listings::TakeListing(CommandContext& context, const v1::TakeListingRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string account_id, ledger::ParseName("account", "accounts", request.account()));
  OffBookEntry entry{.side = Side::kBuy};
  SONGHUA_ASSIGN_OR_RETURN(const auto chosen, Choose(context, request, &entry.contract));
  const ListingRow& first = *chosen.front().first;
  entry.form = first.form;
  entry.origin = first.number;
  const ledger::AccountRow* account = ledger_->accounts().FindById(account_id);
  entry.account = account == nullptr ? 0 : account->number;
  entry.account_name = request.account();
  entry.quantity = Quantity(request.quantity());
  std::vector<OffBookFill> fills;
  Money cost;
  for (const auto& [row, part] : chosen) {
    entry.price = std::max(entry.price, row->price);
    const OrderRow& order = *exchange_->FindOrder(row->order);
    const std::optional<Money> of_part = exchange_->CostOffBook(order, part);
    int64_t sum = 0;
    if (!of_part.has_value() || __builtin_add_overflow(cost.value(), of_part->value(), &sum)) {
      return Refuse(absl::StatusCode::kOutOfRange, "OUT_OF_RANGE").Rule("GEN-06").Field("quantity").Value(request.quantity()).Accepted(
          "a quantity whose amount fits in 64 bits of fen");
    }
    cost = Money(sum);
    fills.push_back({row->order, part});
  }
  entry.cost = cost;
  SONGHUA_RETURN_IF_ERROR(exchange_->CheckOffBook(context, entry, exchange_->TermsOf(*exchange_->FindOrder(first.order))).status());
  for (const auto& [row, part] : chosen) {
    const std::string name = ledger::MakeName("listings", row->number);
    const std::string_view field = request.listing().empty() ? "contract" : "listing";
    if (exchange_->SameGroup(entry.account, row->account)) {
      return Precondition("SELF_TRADE", "CAR-18").Field(field).Value(name).Accepted("a listing of another entity group");
    }
    SONGHUA_RETURN_IF_ERROR(exchange_->CheckResting(context, *exchange_->FindOrder(row->order), part, field, name));
  }
  v1::TakeListingAnswer answer;
  if (context.validate_only) return answer;
  for (const auto& [row, part] : chosen) {
    ListingRow& taken = rows_.Edit(*row);
    taken.open -= part;
    if (taken.open > Quantity()) Tell(context, taken);  // the others end with their order
  }
  for (v1::Trade& trade : exchange_->TakeOffBook(context, entry, fills)) *answer.add_trades() = std::move(trade);
  return answer;
}

absl::StatusOr<v1::ListingAnswer> Listings::WithdrawListing(CommandContext& context, const v1::WithdrawListingRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const ListingRow* row, FindOpen(context, "name", request.name()));
  // Whose account it is, the method's grants have asked.
  if (row->pledge.enforced() && !exchange_->MayDispose(context, row->account, row->pledge)) return SoldByPledgee(request.name(), row->pledge);
  if (context.validate_only) return Answer(context, *row);
  exchange_->EndOffBook(context, *exchange_->FindOrder(row->order), EndReason::kByOwner);
  return Answer(context, *row);
}

bool Listings::PassListings(CommandContext& context, size_t max) {
  SONGHUA_CHECK(!context.validate_only);
  while (!by_last_day_.empty() && by_last_day_.begin()->first < context.today) {
    if (max-- == 0) return true;
    exchange_->EndOffBook(context, *exchange_->FindOrder(rows_.Find(by_last_day_.begin()->second)->order), EndReason::kExpired);
  }
  return false;
}

void Listings::OnOrderEnded(CommandContext& context, const OrderRow& order, EndReason reason) {
  ListingRow& row = rows_.Edit(*rows_.Find(order.origin));
  switch (reason) {
    case EndReason::kNone: row.state = v1::Listing::TAKEN; break;
    case EndReason::kByOwner: row.state = v1::Listing::WITHDRAWN; break;
    case EndReason::kExpired: row.state = v1::Listing::EXPIRED; break;
    default: row.state = v1::Listing::SYSTEM_CANCELLED; break;
  }
  row.reason = reason;
  row.end_time = context.time;
  of_contract_[row.contract].erase(row.number);
  by_last_day_.erase({row.last, row.number});
  Tell(context, row);
}

void Listings::Tell(CommandContext& context, const ListingRow& row) const {
  context.events->Emit(EventType::kListingChanged, row.number, static_cast<uint8_t>(row.state), row.contract, row.account, row.price, row.open);
}

v1::ListingAnswer Listings::Answer(const CommandContext& context, const ListingRow& row) const {
  v1::ListingAnswer answer;
  *answer.mutable_listing() = ToProto(row, ledger::MakeName("contracts", exchange_->FindContract(row.contract)->code),
                                      ledger::AccountName(*ledger_->accounts().Find(row.account)), /*suspended=*/false, context.today);
  return answer;
}

v1::Listing ToProto(const ListingRow& row, const std::string& contract, const std::string& account, bool suspended, Date today) {
  v1::Listing listing;
  listing.set_name(ledger::MakeName("listings", row.number));
  listing.set_contract(contract);
  listing.set_account(account);
  listing.set_form(row.form);
  listing.set_state(row.state);
  if (row.state == v1::Listing::OPEN && today > row.last) listing.set_state(v1::Listing::EXPIRED);
  if (row.OpenOn(today) && suspended) listing.set_state(v1::Listing::SUSPENDED_PRICE);
  listing.set_price_fen(row.price.value());
  listing.set_quantity(row.quantity.value());
  listing.set_open_quantity(row.open.value());
  listing.set_all_or_none(row.all_or_none);
  *listing.mutable_post_time() = ledger::ToProto(row.post_time);
  listing.set_last_date(FormatDate(row.last));
  listing.set_end_reason(std::string(EndReasonName(row.reason)));
  if (row.state != v1::Listing::OPEN) *listing.mutable_end_time() = ledger::ToProto(row.end_time);
  return listing;
}

}  // namespace songhua::exchange
