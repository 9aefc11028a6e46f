#include "ledger/postings.h"

namespace songhua::ledger {
namespace {

// The total of an instrument that an account's units count in.
Quantity InstrumentRow::* TotalOf(v1::AccountKind kind) {
  switch (kind) {
    case v1::SURRENDERED: return &InstrumentRow::surrendered;
    case v1::CANCELLED: return &InstrumentRow::cancelled;
    case v1::LAPSED: return &InstrumentRow::lapsed;
    case v1::EXTINGUISHED: return &InstrumentRow::extinguished;
    case v1::RECLAIMED: return &InstrumentRow::reclaimed;
    case v1::CONVERTED: return &InstrumentRow::converted;
    default:
      SONGHUA_CHECK(HoldsLiveUnits(kind));
      return &InstrumentRow::held;
  }
}

}  // namespace

std::string_view PostingTypeName(PostingType type) {
  switch (type) {
    case PostingType::kIssue: return "ISSUE";
    case PostingType::kAllocate: return "ALLOCATE";
    case PostingType::kTransfer: return "TRANSFER";
    case PostingType::kSurrender: return "SURRENDER";
    case PostingType::kCancel: return "CANCEL";
    case PostingType::kReversal: return "REVERSAL";
    case PostingType::kSettlement: return "SETTLEMENT";
    case PostingType::kFee: return "FEE";
    case PostingType::kDeposit: return "DEPOSIT";
    case PostingType::kWithdrawal: return "WITHDRAWAL";
    case PostingType::kPayment: return "PAYMENT";
    case PostingType::kLease: return "LEASE";
    case PostingType::kRent: return "RENT";
    case PostingType::kRecovery: return "RECOVERY";
    case PostingType::kBuyBack: return "BUY_BACK";
    case PostingType::kUse: return "USE";
    case PostingType::kLapse: return "LAPSE";
    case PostingType::kExtinguish: return "EXTINGUISH";
    case PostingType::kPaidUseFee: return "PAID_USE_FEE";
    case PostingType::kForfeit: return "FORFEIT";
    case PostingType::kImport: return "IMPORT";
    case PostingType::kSettlementReserve: return "SETTLEMENT_RESERVE";
    case PostingType::kPledgeProceeds: return "PLEDGE_PROCEEDS";
  }
  return "";
}

Postings::Postings(TableSet* tables, Accounts* accounts, Programs* programs, Holdings* holdings)
    : accounts_(accounts), programs_(programs), holdings_(holdings), balances_(tables), lines_(tables) {
  balances_.OnLoaded([this](BalanceRow& row) { holdings_->CountLoaded(row.instrument, row.account, row.posted); });
}

BalanceRow& Postings::MutableBalance(AccountNumber account, InstrumentId instrument) {
  const BalanceRow* row = balances_.Find({account, instrument});
  return row != nullptr ? balances_.Edit(*row) : balances_.Insert({account, instrument, Quantity()});
}

Quantity Postings::Balance(AccountNumber account, InstrumentId instrument) const {
  const BalanceRow* row = balances_.Find({account, instrument});
  return row == nullptr ? Quantity() : row->posted;
}

void Postings::PostUnits(CommandContext& context, PostingType type, InstrumentId instrument, AccountNumber from, AccountNumber to,
                         Quantity quantity, uint64_t trade) {
  SONGHUA_CHECK(quantity >= Quantity() && from != to);
  if (quantity == Quantity()) return;
  const AccountRow* giver = accounts_->Find(from);
  const AccountRow* taker = accounts_->Find(to);
  SONGHUA_CHECK(giver != nullptr && taker != nullptr);
  BalanceRow& given = MutableBalance(from, instrument);
  given.posted -= quantity;
  SONGHUA_CHECK(given.posted >= Quantity() || giver->kind == v1::ISSUED);
  BalanceRow& taken = MutableBalance(to, instrument);
  taken.posted += quantity;
  CountTotals(instrument, giver->kind, taker->kind, quantity);
  if (listener_ != nullptr) listener_->OnUnitsPosted(instrument, from, to, quantity);
  holdings_->CountMove(context, instrument, from, to, quantity);
  Record(context, type, instrument, from, to, quantity.value(), given.posted.value(), taken.posted.value(), trade);
}

void Postings::CountTotals(InstrumentId instrument, v1::AccountKind from, v1::AccountKind to, Quantity quantity) {
  if (HoldsLiveUnits(from) && HoldsLiveUnits(to)) return;
  InstrumentRow& row = programs_->Edit(*programs_->FindInstrument(instrument));
  if (from == v1::ISSUED) {
    row.issued += quantity;
  } else {
    row.*TotalOf(from) -= quantity;
  }
  if (to == v1::ISSUED) {
    row.issued -= quantity;
  } else {
    row.*TotalOf(to) += quantity;
  }
  SONGHUA_CHECK(row.Balanced());
}

void Postings::PostMoney(CommandContext& context, PostingType type, AccountNumber from, AccountNumber to, Money amount, uint64_t trade) {
  SONGHUA_CHECK(amount >= Money() && from != to);
  if (amount == Money()) return;
  const CashRow* giver = accounts_->FindCash(from);
  const CashRow* taker = accounts_->FindCash(to);
  SONGHUA_CHECK(giver != nullptr && taker != nullptr);
  CashRow& given = accounts_->EditCash(*giver);
  given.posted -= amount;
  SONGHUA_CHECK(given.posted >= Money() || accounts_->Find(from)->kind == v1::BANK_CASH);
  CashRow& taken = accounts_->EditCash(*taker);
  taken.posted += amount;
  Record(context, type, kCashInstrument, from, to, amount.value(), given.posted.value(), taken.posted.value(), trade);
}

void Postings::Record(CommandContext& context, PostingType type, InstrumentId instrument, AccountNumber from, AccountNumber to, int64_t amount,
                      int64_t from_balance, int64_t to_balance, uint64_t trade) {
  if (sequence_ != context.sequence) {
    sequence_ = context.sequence;
    next_index_ = 0;
  }
  context.events->Emit(EventType::kPosting, type, instrument, from, to, amount, trade);
  for (const bool giver : {true, false}) {
    PostingRow line;
    line.account = giver ? from : to;
    line.sequence = context.sequence;
    line.index = next_index_++;
    line.time = context.time;
    line.type = type;
    line.instrument = instrument;
    line.change = giver ? -amount : amount;
    line.balance = giver ? from_balance : to_balance;
    line.counter_account = giver ? to : from;
    line.trade = trade;
    lines_.Append(line);
  }
}

Postings::~Postings() = default;

}  // namespace songhua::ledger
