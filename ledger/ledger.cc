#include "ledger/ledger.h"

#include <algorithm>

#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::ledger {

Ledger::Ledger(TableSet* tables, Participants* participants)
    : participants_(participants),
      accounts_(tables, participants),
      programs_(tables, &accounts_),
      lots_(tables),
      holdings_(tables, participants, &accounts_, &programs_),
      postings_(tables, &accounts_, &programs_, &holdings_),
      issuances_(tables),
      freezes_(tables),
      reversals_(tables),
      surrenders_(tables),
      transactions_(tables) {
  issuances_.OnLoaded([this](IssuanceRow& row) {
    issuance_by_reference_[std::to_string(row.instrument) + ":" + row.reference] = row.number;
  });
  programs_.OnProgram([this](CommandContext& context, const std::string& code) { holdings_.CountAgain(context, code); });
}

absl::StatusOr<v1::AccountAnswer> Ledger::OpenAccount(CommandContext& context, const v1::OpenAccountRequest& request) {
  const ProgramRow* program = nullptr;
  if (!request.program().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const std::string code, ParseName("program", "programs", request.program()));
    program = programs_.Find(code);
  }
  return accounts_.OpenAccount(context, request, program != nullptr, program != nullptr && program->HasControlZone(request.control_zone()));
}

absl::Status Ledger::RequireAvailable(CommandContext& context, const LotRow& lot, Quantity quantity, std::string_view field) const {
  if (quantity <= Quantity()) {
    return InvalidField(field, std::to_string(quantity.value()), "1 or more");
  }
  const Quantity available = lot.Available(context.today);
  if (quantity <= available) return absl::OkStatus();
  const std::string name = MakeName("lots", lot.number);
  const std::string accepted = "at most " + std::to_string(available.value()) + ", the free part of " + name;
  if (lot.right && context.today > lot.term.last) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "LOT_EXPIRED").Rule("DR-10").Field(field).Value(quantity.value()).Accepted(
        "nothing: " + name + " was valid to " + FormatDate(lot.term.last));
  }
  if (quantity <= lot.quantity && lot.Frozen(context.today) > Quantity()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "FROZEN_UNITS").Rule("PLG-29").Field(field).Value(quantity.value()).Accepted(accepted);
  }
  if (quantity <= lot.quantity && lot.Held(HoldKind::kPledge) + lot.Held(HoldKind::kProvisionalPledge) > Quantity()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PLEDGED_UNITS").Rule("PLG-21").Field(field).Value(quantity.value()).Accepted(accepted);
  }
  if (quantity <= lot.quantity && lot.Held(HoldKind::kLease) > Quantity()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "LEASED_UNITS").Rule("DR-65").Field(field).Value(quantity.value()).Accepted(accepted);
  }
  return Refuse(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_UNITS").Rule("CAR-21").Field(field).Value(quantity.value()).Accepted(accepted);
}

absl::Status Ledger::CheckPart(const LotRow& lot, Quantity quantity, const Term& term, std::string_view field) const {
  if (!lot.term.Contains(term)) {
    return InvalidField(field, FormatDate(term.first) + " to " + FormatDate(term.last),
                        "days within " + FormatDate(lot.term.first) + " to " + FormatDate(lot.term.last) + ", the term of " + MakeName("lots", lot.number))
        .Rule("DR-06");
  }
  if (quantity == lot.quantity && term == lot.term) return absl::OkStatus();
  return Carve(lot.entitlements, quantity, term).status();
}

absl::Status Ledger::CheckNotCovered(const CommandContext& context, const LotRow& lot, std::string_view field) const {
  const Quantity frozen = lot.Frozen(context.today);
  if (frozen <= lot.quantity - lot.Held()) return absl::OkStatus();
  const std::string name = MakeName("lots", lot.number);
  return Refuse(absl::StatusCode::kFailedPrecondition, "FROZEN_UNITS").Rule("PLG-29").Field(field).Value(name).Accepted(
      "units that no court's order covers; of " + name + " " + std::to_string(frozen.value()) + " are frozen");
}

absl::StatusOr<SerialBlocks> Ledger::ChooseBlocks(const LotRow& lot, Quantity quantity, bool named, const v1::SerialBlock& range) const {
  SerialBlocks held = lot.blocks;
  if (!named) return held.TakeTail(quantity);
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t issuance, ParseNumberedName("block.issuance", "issuances", range.issuance()));
  const SerialBlock block{issuance, range.start(), range.end()};
  if (block.start < 1 || block.end < block.start || block.end - block.start + 1 != quantity.value()) {
    return InvalidField("block", std::to_string(block.start) + "-" + std::to_string(block.end),
                        "a range from 1 on of exactly " + std::to_string(quantity.value()) + " units, the quantity");
  }
  SONGHUA_RETURN_IF_ERROR(held.TakeRange(block));
  SerialBlocks chosen;
  SONGHUA_RETURN_IF_ERROR(chosen.Add(block));
  return chosen;
}

LotRow& Ledger::SerialLotOf(AccountNumber account, InstrumentClassId instrument_class, int32_t vintage, size_t more_blocks) {
  const LotRow* lot = lots_.SerialLot(account, instrument_class, vintage);
  // Taking a range out of the middle makes one block more, hence the spare one.
  if (lot != nullptr && lot->blocks.blocks().size() + more_blocks + 1 <= SerialBlocks::kMaxBlocks) return lots_.Edit(*lot);
  LotRow row;
  row.account = account;
  row.instrument_class = instrument_class;
  row.entitlements = {{vintage, Quantity()}};
  row.source = LotSource::kTransfer;
  row.paid = true;
  return lots_.Insert(std::move(row));
}

LotMove Ledger::MoveSerial(CommandContext& context, PostingType type, const LotRow& lot, const SerialBlocks& blocks, AccountNumber to,
                           uint64_t trade) {
  SONGHUA_CHECK(!lot.right);
  LotRow& from = lots_.Edit(lot);
  for (const SerialBlock& block : blocks.blocks()) SONGHUA_CHECK(from.blocks.TakeRange(block).ok());
  return GiveSerial(context, type, from, blocks, to, trade);
}

LotMove Ledger::GiveSerial(CommandContext& context, PostingType type, LotRow& from, SerialBlocks taken, AccountNumber to, uint64_t trade) {
  const Quantity quantity = taken.total();
  const InstrumentId instrument = programs_.Instrument(from.instrument_class, from.vintage()).id;
  LotMove move{from.number, 0, from.account, to, quantity, {{instrument, quantity}}, {}};
  from.quantity -= quantity;
  from.entitlements.front().quantity -= quantity;
  SONGHUA_CHECK(from.Held() <= from.quantity);
  if (HoldsLiveUnits(accounts_.Find(to)->kind)) {
    LotRow& into = SerialLotOf(to, from.instrument_class, from.vintage(), taken.blocks().size());
    SONGHUA_CHECK(into.blocks.Add(taken).ok());
    into.quantity += quantity;
    into.entitlements.front().quantity += quantity;
    move.to_lot = into.number;
  }
  move.blocks = std::move(taken);
  postings_.PostUnits(context, type, instrument, move.from_account, to, quantity, trade);
  return move;
}

namespace {

// What courts' orders over a lot name beyond what it still has: the part of them that follows `quantity` units carved out of it, where these
// stay the same holder's (PLG-29).
std::vector<LotFreeze> BeyondReach(const LotRow& lot, Quantity quantity, Date today) {
  std::vector<LotFreeze> beyond;
  Quantity reach = lot.quantity - lot.Held(HoldKind::kTrade);
  for (const LotFreeze& freeze : lot.freezes) {
    if (today > freeze.in_force.last) continue;
    const Quantity reached = std::min(freeze.quantity, reach);
    reach -= reached;
    if (freeze.quantity > reached) beyond.push_back({freeze.freeze, std::min(freeze.quantity - reached, quantity), freeze.in_force});
  }
  return beyond;
}

// The part of what was paid that belongs to `share` of `whole`: in whole fen, rounded down, so that parts never cost more than the whole did.
Money PartOf(Money paid, int64_t share, int64_t whole) {
  if (paid == Money()) return Money();
  const auto part = MultiplyDivide(paid.value(), share, whole, Rounding::kFloor);
  SONGHUA_CHECK(part.ok());
  return Money(*part);
}

}  // namespace

LotMove Ledger::MoveRight(CommandContext& context, PostingType type, const LotRow& lot, Quantity quantity, const Term& term, AccountNumber to,
                          LotSource source, bool paid, Money cost, uint64_t trade) {
  return CarveRight(context, type, lot, quantity, term, to, source, paid, cost, trade).move;
}

CarvedRight Ledger::MovePart(CommandContext& context, PostingType type, const LotRow& lot, Quantity quantity, const Term& term, AccountNumber to,
                             LotSource source, bool paid, Money cost) {
  return CarveRight(context, type, lot, quantity, term, to, source, paid, cost, 0);
}

CarvedRight Ledger::RetirePart(CommandContext& context, PostingType type, const LotRow& lot, Quantity quantity, const Term& term,
                               v1::AccountKind house) {
  SONGHUA_CHECK(!HoldsLiveUnits(house));
  const AccountNumber to = accounts_.House(house, programs_.FindClass(lot.instrument_class)->program);
  return CarveRight(context, type, lot, quantity, term, to, lot.source, lot.paid, Money(), 0);
}

CarvedRight Ledger::CarveRight(CommandContext& context, PostingType type, const LotRow& lot, Quantity quantity, const Term& term, AccountNumber to,
                               LotSource source, bool paid, Money cost, uint64_t trade) {
  SONGHUA_CHECK(lot.right && quantity > Quantity() && quantity <= lot.quantity && lot.term.Contains(term));
  LotRow& from = lots_.Edit(lot);
  const Term whole = from.term;
  const Money part_cost = PartOf(from.cost, quantity.value(), from.quantity.value());
  LotRow right;
  right.account = to;
  right.instrument_class = from.instrument_class;
  right.right = true;
  right.quantity = quantity;
  right.term = term;
  right.sector_class = from.sector_class;
  right.source = source;
  right.paid = paid;
  right.cost = cost;
  right.parent = from.number;

  // The buyer gets the floor for its term; what the term leaves before and after goes to lots of the giver's own; every other unit stays.
  const bool all = quantity == from.quantity && term == whole;
  if (all) {
    right.entitlements = std::exchange(from.entitlements, {});
  } else {
    auto carved = Carve(from.entitlements, quantity, term);
    SONGHUA_CHECK(carved.ok());
    right.entitlements = carved->buyer;
    from.entitlements = carved->seller;
  }
  from.quantity -= quantity;
  from.cost -= part_cost;
  SONGHUA_CHECK(from.Held() <= from.quantity);
  CarvedRight carved_right;
  std::vector<std::pair<Term, LotNumber*>> rest;
  if (whole.first < term.first) rest.push_back({{whole.first, term.first - 1}, &carved_right.before});
  if (term.last < whole.last) rest.push_back({{term.last + 1, whole.last}, &carved_right.after});
  for (const auto& [part, number] : rest) {
    LotRow remainder = right;
    remainder.account = from.account;
    remainder.term = part;
    remainder.source = from.source;
    remainder.paid = from.paid;
    remainder.cost = PartOf(part_cost, part.Days(), whole.Days());
    auto carved = Carve(from.entitlements, quantity, part);
    SONGHUA_CHECK(carved.ok());
    remainder.entitlements = carved->buyer;
    from.entitlements = carved->seller;
    remainder.freezes = BeyondReach(from, quantity, context.today);
    *number = lots_.Insert(std::move(remainder)).number;
  }

  LotMove& move = carved_right.move;
  move = LotMove{from.number, 0, from.account, to, quantity, {}, {}};
  for (const YearQuantity& entry : right.entitlements) {
    const InstrumentId instrument = programs_.Instrument(right.instrument_class, entry.year).id;
    move.units.push_back({instrument, entry.quantity});
    postings_.PostUnits(context, type, instrument, move.from_account, to, entry.quantity, trade);
  }
  if (HoldsLiveUnits(accounts_.Find(to)->kind)) move.to_lot = lots_.Insert(std::move(right)).number;
  TellRightsMoved(context, move.from_account);
  TellRightsMoved(context, to);
  return carved_right;
}

void Ledger::TellRightsMoved(CommandContext& context, AccountNumber account) {
  const AccountRow* row = accounts_.Find(account);
  if (rights_listener_ != nullptr && !row->site.empty()) rights_listener_->OnRightsMoved(context, row->site);
}

LotMove Ledger::Deliver(CommandContext& context, const LotRow& lot, Quantity quantity, const Term& term, AccountNumber buyer, Money cost,
                        uint64_t trade, Date bought_on) {
  lots_.Release(lot, HoldKind::kTrade, quantity);
  LotMove move;
  if (lot.right) {
    move = MoveRight(context, PostingType::kSettlement, lot, quantity, term, buyer, LotSource::kPurchase, /*paid=*/true, cost, trade);
  } else {
    LotRow& from = lots_.Edit(lot);
    auto taken = from.blocks.TakeTail(quantity);
    SONGHUA_CHECK(taken.ok());
    move = GiveSerial(context, PostingType::kSettlement, from, *std::move(taken), buyer, trade);
  }
  LotRow& bought = lots_.Edit(*lots_.Find(move.to_lot));
  // What was bought on a day before the lot's last may be sold today whatever is said of it, so the last day alone is kept.
  if (bought_on >= bought.bought_on) {
    bought.bought_then = bought.BoughtOn(bought_on) + quantity;
    bought.bought_on = bought_on;
  }
  bought.source = LotSource::kPurchase;
  TellRightsDisposed(context, lot, quantity);
  return move;
}

void Ledger::TellRightsDisposed(CommandContext& context, const LotRow& lot, Quantity quantity) {
  const AccountRow& account = *accounts_.Find(lot.account);
  if (!lot.right || account.site.empty() || rights_listener_ == nullptr) return;
  rights_listener_->OnRightsDisposed(context, account.site, programs_.FindClass(lot.instrument_class)->pollutant, quantity);
}

absl::Status Ledger::CheckDisposal(const CommandContext& context, const LotRow& lot, Quantity quantity, Disposal disposal, std::string_view field) const {
  const AccountRow& account = *accounts_.Find(lot.account);
  if (rights_gate_ == nullptr || !lot.right || account.site.empty()) return absl::OkStatus();
  const InstrumentClassRow& instrument_class = *programs_.FindClass(lot.instrument_class);
  return rights_gate_->CheckDisposal(context, account.site, instrument_class.program, instrument_class.pollutant, quantity, disposal, field);
}

void Ledger::Pay(CommandContext& context, PostingType type, AccountNumber from, AccountNumber to, Money amount, uint64_t trade) {
  const CashRow* giver = accounts_.FindCash(from);
  SONGHUA_CHECK(giver != nullptr && amount <= giver->available());
  postings_.PostMoney(context, type, from, to, amount, trade);
}

void Ledger::HoldCash(AccountNumber account, Money amount) {
  CashRow& row = accounts_.EditCash(*accounts_.FindCash(account));
  SONGHUA_CHECK(amount >= Money() && amount <= row.available());
  row.held_orders += amount;
}

void Ledger::ReleaseCash(AccountNumber account, Money amount) {
  CashRow& row = accounts_.EditCash(*accounts_.FindCash(account));
  row.held_orders -= amount;
  SONGHUA_CHECK(amount >= Money() && row.held_orders >= Money());
}

void Ledger::HoldCashForTrade(AccountNumber account, Money amount) {
  ReleaseCash(account, amount);
  CashRow& row = accounts_.EditCash(*accounts_.FindCash(account));
  row.held_trades += amount;
}

void Ledger::ReleaseTradeCash(AccountNumber account, Money amount) {
  CashRow& row = accounts_.EditCash(*accounts_.FindCash(account));
  row.held_trades -= amount;
  SONGHUA_CHECK(amount >= Money() && row.held_trades >= Money());
}

Quantity Ledger::EffectiveRights(std::string_view site, std::string_view pollutant, int32_t year) const {
  const AccountRow* account = accounts_.FindById(std::string(site) + ".rights");
  Quantity sum;
  if (account == nullptr) return sum;
  for (const LotRow* lot : lots_.OfAccount(account->number)) {
    if (programs_.FindClass(lot->instrument_class)->pollutant == pollutant) sum += QuantityOf(lot->entitlements, year);
  }
  return sum;
}

Quantity Ledger::SurrenderedUpTo(AccountNumber account, const std::string& program, int32_t year) const {
  const AccountRow* row = accounts_.Find(account);
  if (row == nullptr) return Quantity();
  // Obligation years are bounded by LoadProgram (1990..2200).
  Quantity sum;
  for (int32_t y = 1990; y <= year && y <= 2200; ++y) {
    const SurrenderRow* surrendered = surrenders_.Find({account, program, y});
    if (surrendered != nullptr) sum += surrendered->surrendered;
  }
  return sum;
}

v1::TransactionAnswer Ledger::Conclude(CommandContext& context, TransactionRow transaction) {
  transaction.sequence = context.sequence;
  v1::TransactionAnswer answer;
  answer.set_transaction(MakeName("transactions", context.sequence));
  std::vector<LotNumber> seen;
  for (const LotMove& move : transaction.moves) {
    for (LotNumber number : {move.from_lot, move.to_lot}) {
      if (number == 0 || std::find(seen.begin(), seen.end(), number) != seen.end()) continue;
      seen.push_back(number);
      const LotRow& lot = *lots_.Find(number);
      *answer.add_lots() = ToProto(lot, *programs_.FindClass(lot.instrument_class), *accounts_.Find(lot.account), context.today);
    }
  }
  transactions_.Append(transaction);
  return answer;
}

v1::Posting ToProto(const PostingRow& row, const std::string& instrument_code, const std::string& counter_account) {
  v1::Posting posting;
  posting.set_sequence(row.sequence);
  posting.mutable_time()->set_seconds(row.time.value() / kMicrosPerSecond);
  posting.mutable_time()->set_nanos(static_cast<int32_t>(row.time.value() % kMicrosPerSecond * 1000));
  posting.set_transaction(MakeName("transactions", row.sequence));
  posting.set_type(std::string(PostingTypeName(row.type)));
  posting.set_instrument(instrument_code);
  posting.set_change(row.change);
  posting.set_balance(row.balance);
  posting.set_counter_account(counter_account);
  if (row.trade != 0) posting.set_cause(MakeName("trades", row.trade));
  return posting;
}

Ledger::~Ledger() = default;

}  // namespace songhua::ledger
