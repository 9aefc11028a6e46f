#include "exchange/negotiations.h"

#include "exchange/market_day.h"
#include "ledger/names.h"
#include "ledger/pledges.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::exchange {
namespace {

constexpr char kNumbersOfIntents[] = "intents";
constexpr char kNumbersOfNegotiations[] = "negotiations";

std::string InDigits(Quantity quantity) { return std::to_string(quantity.value()); }
std::string InDigits(Price price) { return std::to_string(price.value()); }

absl::StatusOr<Side> ReadSide(v1::Side side) {
  if (side == v1::BUY || side == v1::SELL) return static_cast<Side>(side);
  return InvalidField("side", std::to_string(side), "BUY or SELL");
}

}  // namespace

Negotiations::Negotiations(TableSet* tables, Exchange* exchange, ledger::Ledger* ledger, ledger::Counters* counters, OfferAlarm* alarm)
    : exchange_(exchange), ledger_(ledger), counters_(counters), alarm_(alarm), intents_(tables), rows_(tables) {
  rows_.OnLoaded([this](NegotiationRow& row) {
    if (row.state == v1::Negotiation::OPEN) by_expiry_.insert({row.expire_time, row.number});
  });
  exchange_->SetForm(v1::Trade::BLOCK, this);
  exchange_->SetForm(v1::Trade::AGREEMENT, this);
}

Negotiations::~Negotiations() = default;

// ---- Blocks ----

absl::Status Negotiations::CheckWindow(const CommandContext& context, const ContractRow& contract, const RulebookTerms& terms) const {
  const Timestamp from = TimeOn(context.today, terms.block.from_s), to = TimeOn(context.today, terms.block.to_s);
  if (contract.InSession(context.today) && from <= context.time && context.time < to) return absl::OkStatus();
  return Precondition("OUTSIDE_BLOCK_WINDOW", "CAR-11").Field("contract").Value(ledger::MakeName("contracts", contract.code)).Accepted(
      "a contract in session, from " + FormatTimeOfDay(terms.block.from_s) + " and before " + FormatTimeOfDay(terms.block.to_s));
}

absl::StatusOr<const RulebookRow*> Negotiations::BlockTermsNow(const CommandContext& context, std::string_view contract, ContractNumber* number) const {
  SONGHUA_ASSIGN_OR_RETURN(const RulebookRow* rulebook, exchange_->TermsFor(v1::Trade::BLOCK, contract, context.today, number));
  SONGHUA_RETURN_IF_ERROR(CheckWindow(context, *exchange_->FindContract(*number), rulebook->terms));
  return rulebook;
}

absl::Status Negotiations::CheckBlock(const ContractRow& contract, const RulebookTerms& terms, Price price, Quantity quantity) {
  const BlockTerms& block = terms.block;
  if (quantity < block.quantity_min || quantity > block.quantity_max) {
    return Precondition("QUANTITY_OUTSIDE_SIZES", "CAR-12").Field("quantity").Value(quantity.value()).Accepted(InDigits(block.quantity_min) + " to " +
                                                                                                         InDigits(block.quantity_max));
  }
  if (block.band_bps == 0 || price == Price()) return absl::OkStatus();
  if (contract.reference_price == Price()) {
    return Precondition("NO_REFERENCE_PRICE", "CAR-27").Field("contract").Value(ledger::MakeName("contracts", contract.code)).Accepted(
        "a contract with a previous close or a reference price");
  }
  const BandLimits band = BandAround(contract.reference_price, block.band_bps, contract.tick);
  if (price >= band.low && price <= band.high) return absl::OkStatus();
  return Precondition("PRICE_OUTSIDE_BAND", "CAR-13").Field("price_fen").Value(price.value()).Accepted(InDigits(band.low) + " to " + InDigits(band.high));
}

// ---- Intents ----

absl::StatusOr<v1::IntentAnswer> Negotiations::PostIntent(CommandContext& context, const v1::PostIntentRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, ledger_->accounts().Resolve("account", request.account()));
  SONGHUA_ASSIGN_OR_RETURN(const Side side, ReadSide(request.side()));
  IntentRow row;
  SONGHUA_ASSIGN_OR_RETURN(const RulebookRow* rulebook, BlockTermsNow(context, request.contract(), &row.contract));
  const ContractRow& contract = *exchange_->FindContract(row.contract);
  if (request.price_fen() < 0 || request.price_fen() % contract.tick.value() != 0) {
    return InvalidField("price_fen", std::to_string(request.price_fen()), "0, or a multiple of " + InDigits(contract.tick)).Rule("CAR-10");
  }
  if (request.quantity() % contract.lot_size.value() != 0) {
    return InvalidField("quantity", std::to_string(request.quantity()), "a multiple of " + InDigits(contract.lot_size)).Rule("CAR-10");
  }
  SONGHUA_RETURN_IF_ERROR(CheckBlock(contract, rulebook->terms, Price(request.price_fen()), Quantity(request.quantity())));
  if (account->participant != context.participant) {
    return Refuse(absl::StatusCode::kPermissionDenied, "FOREIGN_ACCOUNT").Rule("CAR-07").Field("account").Value(request.account()).Accepted(
        "an account of the caller's own");
  }
  row.number = counters_->Peek(kNumbersOfIntents);
  row.account = account->number;
  row.side = side;
  row.quantity = Quantity(request.quantity());
  row.price = Price(request.price_fen());
  row.post_time = context.time;
  row.expire_time = TimeOn(context.today, rulebook->terms.block.to_s);
  const v1::IntentAnswer answer = Answer(row, context.time);
  if (context.validate_only) return answer;
  SONGHUA_CHECK(counters_->Next(kNumbersOfIntents) == row.number);
  context.events->Emit(EventType::kIntentChanged, row.number, row.contract, row.side, row.quantity, row.price, row.withdrawn);
  intents_.Insert(std::move(row));
  return answer;
}

absl::StatusOr<v1::IntentAnswer> Negotiations::WithdrawIntent(CommandContext& context, const v1::WithdrawIntentRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "intents", request.name()));
  const IntentRow* row = intents_.Find(number);
  if (row == nullptr) return NotFound("name", request.name());
  if (row->StateAt(context.time) != v1::Intent::STANDING) {
    return Precondition("ILLEGAL_TRANSITION", "CAR-19").Field("name").Value(request.name()).Accepted("an intent that is STANDING; this one is " +
                                                                                              v1::Intent::State_Name(row->StateAt(context.time)));
  }
  IntentRow withdrawn = *row;
  withdrawn.withdrawn = true;
  const v1::IntentAnswer answer = Answer(withdrawn, context.time);
  if (context.validate_only) return answer;
  context.events->Emit(EventType::kIntentChanged, row->number, row->contract, row->side, row->quantity, row->price, true);
  intents_.Edit(*row).withdrawn = true;
  return answer;
}

// ---- Offers ----

absl::StatusOr<ledger::AccountNumber> Negotiations::ResolveCounterparty(const CommandContext& context, const v1::MakeOfferRequest& request,
                                                                      const OffBookEntry& entry) const {
  if (request.intent().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, ledger_->accounts().Resolve("counterparty_account", request.counterparty_account()));
    return account->number;
  }
  if (!request.counterparty_account().empty()) {
    return InvalidField("counterparty_account", request.counterparty_account(), "nothing with an intent: the offer goes to who posted it").Rule("CAR-19");
  }
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("intent", "intents", request.intent()));
  const IntentRow* intent = intents_.Find(number);
  if (intent == nullptr) return NotFound("intent", request.intent());
  const auto refused = [&](const std::string& accepted) { return InvalidField("intent", request.intent(), accepted).Rule("CAR-19"); };
  if (entry.form != v1::Trade::BLOCK) return refused("nothing: only blocks are announced");
  if (intent->StateAt(context.time) != v1::Intent::STANDING) return refused("an intent that stands; this one is " + v1::Intent::State_Name(intent->StateAt(context.time)));
  if (intent->contract != entry.contract) return refused("an intent of " + request.contract());
  if (intent->side == entry.side) return refused("an intent to " + std::string(entry.side == Side::kSell ? "buy" : "sell"));
  return intent->account;
}

// DR-31, CAR-18.
absl::Status Negotiations::CheckParties(const v1::MakeOfferRequest& request, const OffBookEntry& entry, ledger::AccountNumber counterparty) const {
  const ledger::AccountRow& other = *ledger_->accounts().Find(counterparty);
  const ledger::AccountRow& own = *ledger_->accounts().Find(entry.account);
  const std::string_view field = request.intent().empty() ? "counterparty_account" : "intent";
  const std::string& value = request.intent().empty() ? request.counterparty_account() : request.intent();
  if (other.participant.empty() || other.participant == own.participant) {
    return InvalidField(field, value, "an account of another participant").Rule("DR-31");
  }
  const bool same_group = exchange_->SameGroup(entry.account, counterparty);
  if (same_group && entry.form == v1::Trade::BLOCK) return Precondition("SELF_TRADE", "CAR-18").Field(field).Value(value).Accepted("a party of another entity group");
  if (same_group != entry.related) {
    return Precondition(same_group ? "RELATED_NOT_DECLARED" : "NOT_RELATED", "DR-31").Field("related").Value(entry.related ? "true" : "false").Accepted(
        same_group ? "true: both parties are of one entity group" : "false: the parties are of two entity groups");
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::NegotiationAnswer> Negotiations::MakeOffer(CommandContext& context, const v1::MakeOfferRequest& request) {
  OffBookEntry entry{.form = request.form()};
  if (entry.form != v1::Trade::BLOCK && entry.form != v1::Trade::AGREEMENT) {
    return InvalidField("form", v1::Trade::Form_IsValid(entry.form) ? v1::Trade::Form_Name(entry.form) : std::to_string(entry.form), "BLOCK or AGREEMENT")
        .Rule("DR-42");
  }
  const bool block = entry.form == v1::Trade::BLOCK;
  SONGHUA_ASSIGN_OR_RETURN(const std::string account_id, ledger::ParseName("account", "accounts", request.account()));
  SONGHUA_ASSIGN_OR_RETURN(entry.side, ReadSide(request.side()));
  SONGHUA_ASSIGN_OR_RETURN(entry.lots, ReadLots(request.lots()));
  if (entry.side == Side::kBuy && !entry.lots.empty()) return InvalidField("lots", request.lots(0), "none of an offer to buy").Rule("DR-03");
  const std::string& reference = request.contract_reference();
  if (block ? !reference.empty() : reference.empty() || reference.size() > kReferenceBytesMax) {
    return InvalidField("contract_reference", reference, block ? "nothing of a block" : "that of the contract on paper, 1 to 100 bytes").Rule("DR-47");
  }
  if (block && request.related()) return InvalidField("related", "true", "false of a block").Rule("DR-31");
  const RulebookRow* rulebook = nullptr;
  if (block) {
    SONGHUA_ASSIGN_OR_RETURN(rulebook, BlockTermsNow(context, request.contract(), &entry.contract));
  } else {
    SONGHUA_ASSIGN_OR_RETURN(rulebook, exchange_->TermsFor(entry.form, request.contract(), context.today, &entry.contract));
  }
  const ledger::AccountRow* account = ledger_->accounts().FindById(account_id);
  if (account == nullptr || account->participant != context.participant) {
    return Refuse(absl::StatusCode::kPermissionDenied, "FOREIGN_ACCOUNT").Rule("CAR-07").Field("account").Value(request.account()).Accepted(
        "an account of the caller's own");
  }
  entry.account = account->number;
  entry.account_name = request.account();
  entry.related = request.related();
  entry.price = Price(request.price_fen());
  entry.quantity = Quantity(request.quantity());
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountNumber counterparty, ResolveCounterparty(context, request, entry));
  SONGHUA_RETURN_IF_ERROR(CheckParties(request, entry, counterparty));
  if (block) SONGHUA_RETURN_IF_ERROR(CheckBlock(*exchange_->FindContract(entry.contract), rulebook->terms, entry.price, entry.quantity));
  entry.origin = counters_->Peek(kNumbersOfNegotiations);
  SONGHUA_ASSIGN_OR_RETURN(const Money hold, exchange_->CheckOffBook(context, entry, rulebook->terms));

  const NegotiationRow row = FirstOffer(context, entry, *rulebook, counterparty, reference);
  const v1::NegotiationAnswer answer = Answer(row);
  if (!context.validate_only) Start(context, entry, row, *rulebook, hold);
  return answer;
}

NegotiationRow Negotiations::FirstOffer(const CommandContext& context, const OffBookEntry& entry, const RulebookRow& rulebook, ledger::AccountNumber counterparty,
                                        const std::string& reference) const {
  NegotiationRow row;
  row.number = entry.origin;
  row.form = entry.form;
  row.contract = entry.contract;
  row.seller = entry.side == Side::kSell ? entry.account : counterparty;
  row.buyer = entry.side == Side::kSell ? counterparty : entry.account;
  row.state = v1::Negotiation::OPEN;
  row.offer = 1;
  row.offered_by = entry.side;
  row.order = context.sequence;
  row.price = entry.price;
  row.quantity = entry.quantity;
  row.reference = reference;
  row.related = entry.related;
  row.pledge = entry.pledge;
  if (row.pledge.number != 0) row.pledged_lot = entry.lots.front();
  row.start_time = context.time;
  row.offer_time = context.time;
  row.expire_time = row.form == v1::Trade::BLOCK ? TimeOn(context.today, rulebook.terms.block.to_s) : StartOfDay(context.today + rulebook.terms.offer_days_max);
  return row;
}

void Negotiations::Start(CommandContext& context, const OffBookEntry& entry, NegotiationRow row, const RulebookRow& rulebook, Money hold) {
  SONGHUA_CHECK(counters_->Next(kNumbersOfNegotiations) == row.number);
  exchange_->RestOffBook(context, entry, rulebook.terms.version, hold);
  by_expiry_.insert({row.expire_time, row.number});
  alarm_->WakeForOffers(row.expire_time);
  Tell(context, rows_.Insert(std::move(row)));
}

absl::StatusOr<uint64_t> Negotiations::OfferAgreement(CommandContext& context, OffBookEntry entry, ledger::AccountNumber counterparty,
                                                      const std::string& reference) {
  entry.form = v1::Trade::AGREEMENT;
  entry.origin = counters_->Peek(kNumbersOfNegotiations);
  SONGHUA_ASSIGN_OR_RETURN(const RulebookRow* rulebook,
                           exchange_->TermsFor(entry.form, ledger::MakeName("contracts", exchange_->FindContract(entry.contract)->code), context.today, &entry.contract));
  SONGHUA_ASSIGN_OR_RETURN(const Money hold, exchange_->CheckOffBook(context, entry, rulebook->terms));
  if (!context.validate_only) Start(context, entry, FirstOffer(context, entry, *rulebook, counterparty, reference), *rulebook, hold);
  return entry.origin;
}

absl::StatusOr<const NegotiationRow*> Negotiations::FindOpen(const CommandContext& context, const std::string& name) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "negotiations", name));
  const NegotiationRow* row = rows_.Find(number);
  if (row == nullptr) return NotFound("name", name);
  if (row->OpenAt(context.time)) return row;
  return Precondition("ILLEGAL_TRANSITION", row->form == v1::Trade::BLOCK ? "CAR-19" : "DR-47").Field("name").Value(name).Accepted(
      "a negotiation that is OPEN; this one is " +
      v1::Negotiation::State_Name(row->state == v1::Negotiation::OPEN ? v1::Negotiation::EXPIRED : row->state));
}

absl::StatusOr<Side> Negotiations::SideOfCaller(const CommandContext& context, const NegotiationRow& row, std::string_view name) const {
  for (const Side side : {Side::kSell, Side::kBuy}) {
    if (exchange_->MayDispose(context, row.AccountOf(side), side == Side::kSell ? row.pledge : SalePledge())) return side;
  }
  return Refuse(absl::StatusCode::kPermissionDenied, "FOREIGN_PARTICIPANT").Rule("GEN-13").Field("name").Value(name).Accepted(
      "a negotiation of the caller's own");
}

absl::Status Negotiations::CheckPledge(const CommandContext& context, const NegotiationRow& row, Price price, Quantity quantity, const std::string& name) const {
  const ledger::Pledges& pledges = exchange_->pledges();
  const ledger::PledgeRow& pledge = *pledges.FindPledge(row.pledge.number);
  const v1::PledgeState state = pledge.state;
  const v1::PledgeState needed = row.pledge.enforced() ? v1::ENFORCING : v1::ACTIVE;
  if (state != needed) {
    return Precondition("ILLEGAL_TRANSITION", "PLG-31").Field("name").Value(name).Accepted(
        "a sale of units of a pledge that is " + v1::PledgeState_Name(needed) + "; " + ledger::MakeName("pledges", row.pledge.number) + " is " +
        v1::PledgeState_Name(state));
  }
  // As its last sale was agreed the pledge applies what comes in. An auction with one bidder alone became this offer, which names it.
  const bool auctioned = pledge.sale == row.reference;
  if (!auctioned && pledge.sale != ledger::MakeName("negotiations", row.number)) {
    return Precondition("ILLEGAL_TRANSITION", "PLG-21").Field("name").Value(name).Accepted("the last sale of " + ledger::MakeName("pledges", row.pledge.number) + ", " +
                                                                                        pledge.sale);
  }
  if (row.pledge.enforced()) {
    if (pledge.mode == (auctioned ? v1::Enforcement::AUCTION : v1::Enforcement::AGREED_VALUE)) return absl::OkStatus();
    return Precondition("FORM_NOT_AGREED", "PLG-31").Field("name").Value(name).Accepted(
        "a sale as the parties agreed: " + ledger::MakeName("pledges", row.pledge.number) + " is enforced by " + v1::Enforcement::Mode_Name(pledge.mode));
  }
  const ledger::ConsentRow& consent = *pledges.FindConsent(row.pledge.consent);
  const std::string by = ledger::MakeName("consents", consent.number);
  if (context.today > consent.last) {
    return Precondition("CONSENT_EXPIRED", "PLG-21").Field("name").Value(name).Accepted("a day to " + FormatDate(consent.last) + ", the last of " + by);
  }
  if (quantity > consent.quantity) {
    return Precondition("CONSENT_EXCEEDED", "PLG-21").Field("quantity").Value(quantity.value()).Accepted("at most " + InDigits(consent.quantity) + ", by " + by);
  }
  if (price >= consent.price_min) return absl::OkStatus();
  return Precondition("CONSENT_EXCEEDED", "PLG-22").Field("price_fen").Value(price.value()).Accepted("at least " + InDigits(consent.price_min) + ", by " + by);
}

OffBookEntry Negotiations::EntryOf(const NegotiationRow& row, Side side) const {
  const bool pledged = side == Side::kSell && row.pledge.number != 0;
  return {.form = row.form,
          .origin = row.number,
          .contract = row.contract,
          .side = side,
          .account = row.AccountOf(side),
          .account_name = AccountNameOf(row.AccountOf(side)),
          .price = row.price,
          .quantity = row.quantity,
          .lots = pledged ? std::vector{row.pledged_lot} : std::vector<ledger::LotNumber>(),
          .related = row.related,
          .replaces = nullptr,
          .cost = std::nullopt,
          .pledge = pledged ? row.pledge : SalePledge()};
}

absl::StatusOr<v1::NegotiationAnswer> Negotiations::CounterOffer(CommandContext& context, const v1::CounterOfferRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(std::vector<ledger::LotNumber> lots, ReadLots(request.lots()));
  SONGHUA_ASSIGN_OR_RETURN(const NegotiationRow* found, FindOpen(context, request.name()));
  NegotiationRow row = *found;
  SONGHUA_ASSIGN_OR_RETURN(const Side side, SideOfCaller(context, row, request.name()));
  const OrderRow& last = *exchange_->FindOrder(row.order);
  const bool own = side == row.offered_by;
  const bool pledged = side == Side::kSell && row.pledge.number != 0;
  if (!lots.empty() && pledged) return InvalidField("lots", request.lots(0), "none: the lot is the pledge's").Rule("PLG-22");
  if (!lots.empty() && (own || side == Side::kBuy)) {
    return InvalidField("lots", request.lots(0), own ? "none: an offer that is changed keeps its lots" : "none of an offer to buy").Rule("DR-03");
  }
  const ContractRow& contract = *exchange_->FindContract(row.contract);
  ContractNumber number = 0;
  SONGHUA_ASSIGN_OR_RETURN(const RulebookRow* rulebook, exchange_->TermsFor(row.form, ledger::MakeName("contracts", contract.code), context.today, &number));
  row.price = Price(request.price_fen());
  row.quantity = Quantity(request.quantity());
  if (row.price == found->price && row.quantity == found->quantity && own) {
    return InvalidField("price_fen", std::to_string(request.price_fen()), "another price or quantity than those of the last offer, which is the caller's own").Rule("CAR-19");
  }
  if (row.form == v1::Trade::BLOCK) {
    SONGHUA_RETURN_IF_ERROR(CheckWindow(context, contract, rulebook->terms));
    SONGHUA_RETURN_IF_ERROR(CheckBlock(contract, rulebook->terms, row.price, row.quantity));
  }
  if (pledged) SONGHUA_RETURN_IF_ERROR(CheckPledge(context, row, row.price, row.quantity, request.name()));
  OffBookEntry entry = EntryOf(row, side);
  if (!pledged && !own) entry.lots = std::move(lots);
  if (!pledged && own && last.named_lot != 0) {
    entry.lots.push_back(last.named_lot);
    entry.lots.insert(entry.lots.end(), last.more_named_lots.begin(), last.more_named_lots.end());
  }
  entry.replaces = own ? &last : nullptr;
  SONGHUA_ASSIGN_OR_RETURN(const Money hold, exchange_->CheckOffBook(context, entry, rulebook->terms));
  ++row.offer;
  row.offered_by = side;
  row.offer_time = context.time;
  if (!own) row.order = context.sequence;
  const v1::NegotiationAnswer answer = Answer(row);
  if (context.validate_only) return answer;
  if (own) {
    exchange_->AmendOffBook(context, last, entry, rulebook->terms.version, hold);
  } else {
    exchange_->RestOffBook(context, entry, rulebook->terms.version, hold);
    exchange_->EndOffBook(context, last, EndReason::kSuperseded);
  }
  Tell(context, rows_.Edit(*found) = row);
  return answer;
}

absl::StatusOr<v1::NegotiationAnswer> Negotiations::ConfirmOffer(CommandContext& context, const v1::ConfirmOfferRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(std::vector<ledger::LotNumber> lots, ReadLots(request.lots()));
  SONGHUA_ASSIGN_OR_RETURN(const NegotiationRow* row, FindOpen(context, request.name()));
  const std::string_view rule = row->form == v1::Trade::BLOCK ? "CAR-19" : "DR-47";
  SONGHUA_ASSIGN_OR_RETURN(const Side side, SideOfCaller(context, *row, request.name()));
  if (side == row->offered_by) {
    return Precondition("OWN_OFFER", rule).Field("name").Value(request.name()).Accepted("a negotiation whose last offer the other party made");
  }
  if (!lots.empty() && side == Side::kBuy) return InvalidField("lots", request.lots(0), "none of an offer to buy").Rule("DR-03");
  const auto differs = [&](std::string_view field, int64_t value, int64_t accepted) {
    return Precondition("TERMS_DIFFER", rule).Field(field).Value(value).Accepted(std::to_string(accepted) + ", as in the last offer");
  };
  if (request.offer() != row->offer) return differs("offer", request.offer(), row->offer);
  if (request.price_fen() != row->price.value()) return differs("price_fen", request.price_fen(), row->price.value());
  if (request.quantity() != row->quantity.value()) return differs("quantity", request.quantity(), row->quantity.value());
  const OrderRow& order = *exchange_->FindOrder(row->order);
  const RulebookTerms& terms = exchange_->TermsOf(order);
  if (row->form == v1::Trade::BLOCK) SONGHUA_RETURN_IF_ERROR(CheckWindow(context, *exchange_->FindContract(row->contract), terms));
  OffBookEntry entry = EntryOf(*row, side);
  if (entry.pledge.number != 0) {
    if (!lots.empty()) return InvalidField("lots", request.lots(0), "none: the lot is the pledge's").Rule("PLG-22");
    SONGHUA_RETURN_IF_ERROR(CheckPledge(context, *row, row->price, row->quantity, request.name()));
  } else {
    entry.lots = std::move(lots);
  }
  SONGHUA_RETURN_IF_ERROR(exchange_->CheckOffBook(context, entry, terms).status());
  SONGHUA_RETURN_IF_ERROR(exchange_->CheckResting(context, order, row->quantity, "name", request.name()));
  if (context.validate_only) {
    NegotiationRow confirmed = *row;
    confirmed.state = v1::Negotiation::CONFIRMED;
    return Answer(confirmed);
  }
  const OffBookFill fill{row->order, row->quantity};
  const std::vector<v1::Trade> trades = exchange_->TakeOffBook(context, entry, {&fill, 1});
  SONGHUA_ASSIGN_OR_RETURN(rows_.Edit(*row).trade, ledger::ParseNumberedName("trade", "trades", trades.front().name()));
  return Answer(*row);
}

absl::StatusOr<v1::NegotiationAnswer> Negotiations::EndNegotiation(CommandContext& context, const v1::EndNegotiationRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const NegotiationRow* row, FindOpen(context, request.name()));
  SONGHUA_RETURN_IF_ERROR(SideOfCaller(context, *row, request.name()).status());
  if (context.validate_only) return Answer(*row);
  exchange_->EndOffBook(context, *exchange_->FindOrder(row->order), EndReason::kByOwner);
  return Answer(*row);
}

bool Negotiations::PassNegotiations(CommandContext& context, size_t max) {
  SONGHUA_CHECK(!context.validate_only);
  while (!by_expiry_.empty() && by_expiry_.begin()->first <= context.time) {
    if (max-- == 0) return true;
    exchange_->EndOffBook(context, *exchange_->FindOrder(rows_.Find(by_expiry_.begin()->second)->order), EndReason::kExpired);
  }
  return false;
}

void Negotiations::OnOrderEnded(CommandContext& context, const OrderRow& order, EndReason reason) {
  if (reason == EndReason::kSuperseded) return;
  NegotiationRow& row = rows_.Edit(*rows_.Find(order.origin));
  switch (reason) {
    case EndReason::kNone: row.state = v1::Negotiation::CONFIRMED; break;
    case EndReason::kByOwner: row.state = v1::Negotiation::ENDED_BY_PARTY; break;
    case EndReason::kExpired: row.state = v1::Negotiation::EXPIRED; break;
    default: row.state = v1::Negotiation::SYSTEM_CANCELLED; break;
  }
  row.reason = reason;
  row.end_time = context.time;
  by_expiry_.erase({row.expire_time, row.number});
  Tell(context, row);
}

void Negotiations::Tell(CommandContext& context, const NegotiationRow& row) const {
  context.events->Emit(EventType::kNegotiationChanged, row.number, static_cast<uint8_t>(row.state), row.contract, row.seller, row.buyer, row.offer, row.price,
                       row.quantity);
}

// ---- Messages ----

v1::NegotiationAnswer Negotiations::Answer(const NegotiationRow& row) const {
  v1::NegotiationAnswer answer;
  *answer.mutable_negotiation() =
      ToProto(row, ledger::MakeName("contracts", exchange_->FindContract(row.contract)->code), AccountNameOf(row.seller), AccountNameOf(row.buyer));
  return answer;
}

v1::IntentAnswer Negotiations::Answer(const IntentRow& row, Timestamp now) const {
  v1::IntentAnswer answer;
  *answer.mutable_intent() = ToProto(row, ledger::MakeName("contracts", exchange_->FindContract(row.contract)->code), AccountNameOf(row.account), now);
  return answer;
}

v1::Negotiation ToProto(const NegotiationRow& row, const std::string& contract, const std::string& seller, const std::string& buyer) {
  v1::Negotiation message;
  message.set_name(ledger::MakeName("negotiations", row.number));
  message.set_form(row.form);
  message.set_contract(contract);
  message.set_seller_account(seller);
  message.set_buyer_account(buyer);
  message.set_state(row.state);
  message.set_offer(row.offer);
  message.set_offered_by(row.offered_by == Side::kSell ? seller : buyer);
  message.set_price_fen(row.price.value());
  message.set_quantity(row.quantity.value());
  message.set_contract_reference(row.reference);
  message.set_related(row.related);
  *message.mutable_start_time() = ledger::ToProto(row.start_time);
  *message.mutable_offer_time() = ledger::ToProto(row.offer_time);
  *message.mutable_expire_time() = ledger::ToProto(row.expire_time);
  message.set_end_reason(std::string(EndReasonName(row.reason)));
  if (row.end_time != Timestamp()) *message.mutable_end_time() = ledger::ToProto(row.end_time);
  if (row.trade != 0) message.set_trade(ledger::MakeName("trades", row.trade));
  return message;
}

v1::Intent ToProto(const IntentRow& row, const std::string& contract, const std::string& account, Timestamp now) {
  v1::Intent message;
  message.set_name(ledger::MakeName("intents", row.number));
  message.set_contract(contract);
  message.set_side(ToProto(row.side));
  message.set_quantity(row.quantity.value());
  message.set_price_fen(row.price.value());
  message.set_state(row.StateAt(now));
  *message.mutable_post_time() = ledger::ToProto(row.post_time);
  message.set_account(account);
  return message;
}

}  // namespace songhua::exchange
