// Moving units that exist: between a participant's own accounts, out of circulation, and back when an act is reversed.
#include <algorithm>

#include "ledger/codec.h"
#include "ledger/identifiers.h"
#include "ledger/ledger.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "songhua/v1/pledges.pb.h"

namespace songhua::ledger {
namespace {

constexpr size_t kReasonBytesMax = 500;

}  // namespace

absl::StatusOr<v1::TransactionAnswer> Ledger::TransferUnits(CommandContext& context, const v1::TransferUnitsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const LotRow* lot, lots_.Resolve("from_lot", request.from_lot()));
  SONGHUA_ASSIGN_OR_RETURN(const AccountRow* to, accounts_.Resolve("to_account", request.to_account()));
  const AccountRow& from = *accounts_.Find(lot->account);
  if (lot->right) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "TRANSFER_ONLY_BY_TRADE").Rule("DR-42").Field("from_lot").Value(request.from_lot()).Accepted(
        "a lot of serial units; rights change hands by trade or legal act");
  }
  const bool own_accounts = from.participant == to->participant && ((from.kind == v1::REGISTRY && to->kind == v1::TRADING) ||
                                                                     (from.kind == v1::TRADING && to->kind == v1::REGISTRY));
  const bool from_reserve = from.kind == v1::RESERVE && to->kind == v1::REGISTRY;
  if (!own_accounts && !from_reserve) {
    return InvalidField("to_account", request.to_account(),
                        from.kind == v1::RESERVE ? "a registry account" : "the other of the participant's registry and trading accounts")
        .Rule("CAR-08");
  }
  if (!request.reason().empty()) SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kReasonBytesMax, "reason"));
  SONGHUA_RETURN_IF_ERROR(RequireFree(context, *lot, Quantity(request.quantity()), request.consent(), v1::Consent::TRANSFER));
  SONGHUA_ASSIGN_OR_RETURN(const SerialBlocks blocks, ChooseBlocks(*lot, Quantity(request.quantity()), request.has_block(), request.block()));
  if (context.validate_only) return v1::TransactionAnswer();

  TakeFromPledge(context, *lot, Quantity(request.quantity()), request.consent());
  const LotMove move = MoveSerial(context, PostingType::kTransfer, *lot, blocks, to->number, 0);
  return Conclude(context, {0, PostingType::kTransfer, {move}, 0, 0, Money(), request.reason()});
}

void Ledger::TransferTail(CommandContext& context, const LotRow& lot, Quantity quantity, AccountNumber to, const std::string& reason) {
  SONGHUA_CHECK(!lot.right && quantity <= lot.Available(context.today));
  const auto blocks = ChooseBlocks(lot, quantity, /*named=*/false, {});
  SONGHUA_CHECK(blocks.ok());
  const LotMove move = MoveSerial(context, PostingType::kTransfer, lot, *blocks, to, 0);
  Conclude(context, {0, PostingType::kTransfer, {move}, 0, 0, Money(), reason});
}

absl::StatusOr<v1::TransactionAnswer> Ledger::SurrenderUnits(CommandContext& context, const v1::RetireUnitsRequest& request) {
  return Retire(context, request, {PostingType::kSurrender, v1::SURRENDERED, true});
}

absl::StatusOr<v1::TransactionAnswer> Ledger::CancelUnits(CommandContext& context, const v1::RetireUnitsRequest& request) {
  return Retire(context, request, {PostingType::kCancel, v1::CANCELLED, true});
}

absl::StatusOr<v1::TransactionAnswer> Ledger::Retire(CommandContext& context, const v1::RetireUnitsRequest& request, const RetireSpec& spec) {
  SONGHUA_ASSIGN_OR_RETURN(const LotRow* lot, lots_.Resolve("from_lot", request.from_lot()));
  if (lot->right) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "RIGHTS_ARE_COMPARED").Rule("DR-11").Field("from_lot").Value(request.from_lot()).Accepted(
        "a lot of serial units; rights are compared with use, not surrendered");
  }
  const AccountRow& account = *accounts_.Find(lot->account);
  const ProgramRow& program = *programs_.Find(programs_.FindClass(lot->instrument_class)->program);
  if (account.kind != v1::REGISTRY && (program.separate_trading_accounts || account.kind != v1::TRADING)) {
    return InvalidField("from_lot", request.from_lot(), "a lot in a registry account; move units out of the trading account first")
        .Rule("CAR-08");
  }
  const bool surrender = spec.house == v1::SURRENDERED;
  if (surrender && (request.obligation_year() < program.first_year || request.obligation_year() > program.last_year)) {
    return InvalidField("obligation_year", std::to_string(request.obligation_year()),
                        std::to_string(program.first_year) + " to " + std::to_string(program.last_year)).Rule("CAR-47");
  }
  if (!surrender && request.obligation_year() != 0) {
    return InvalidField("obligation_year", std::to_string(request.obligation_year()), "0: a cancellation meets no obligation").Rule("CAR-55");
  }
  if (!request.reason().empty()) SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kReasonBytesMax, "reason"));
  SONGHUA_RETURN_IF_ERROR(RequireFree(context, *lot, Quantity(request.quantity()), request.consent(), surrender ? v1::Consent::SURRENDER : v1::Consent::CANCEL));
  SONGHUA_ASSIGN_OR_RETURN(const SerialBlocks blocks, ChooseBlocks(*lot, Quantity(request.quantity()), request.has_block(), request.block()));
  if (context.validate_only) return v1::TransactionAnswer();

  TakeFromPledge(context, *lot, Quantity(request.quantity()), request.consent());
  if (surrender) {
    const SurrenderRow* row = surrenders_.Find({account.number, program.code, request.obligation_year()});
    SurrenderRow& sum =
        row != nullptr ? surrenders_.Edit(*row) : surrenders_.Insert({account.number, program.code, request.obligation_year(), Quantity()});
    sum.surrendered += Quantity(request.quantity());
  }
  const LotMove move = MoveSerial(context, spec.type, *lot, blocks, accounts_.House(spec.house, program.code), 0);
  return Conclude(context, {0, spec.type, {move}, 0, 0, Money(),
                            surrender ? std::to_string(request.obligation_year()) : request.reason()});
}

absl::Status Ledger::RequireFree(CommandContext& context, const LotRow& lot, Quantity quantity, const std::string& consent, v1::Consent_Act act) const {
  if (consent.empty()) return RequireAvailable(context, lot, quantity, "quantity");
  if (consents_ == nullptr) return NotFound("consent", consent);
  return consents_->CheckConsent(context, consent, act, lot, quantity);
}

void Ledger::TakeFromPledge(CommandContext& context, const LotRow& lot, Quantity quantity, const std::string& consent) {
  if (!consent.empty()) consents_->UseConsent(context, consent, lot, quantity, MakeName("transactions", context.sequence));
}

absl::Status Ledger::CheckReversible(CommandContext& context, const TransactionRow& transaction) const {
  const std::string name = MakeName("transactions", transaction.sequence);
  const auto refuse = [&](std::string_view reason, const std::string& accepted) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason).Rule("GEN-08").Field("transaction").Value(name).Accepted(accepted);
  };
  if (const ReversalRow* reversal = reversals_.Find(transaction.sequence)) {
    return refuse("ALREADY_REVERSED", "a transaction not reversed before, as this one was by transactions/" + std::to_string(reversal->reversed_by));
  }
  if (transaction.type == PostingType::kReversal) return refuse("REVERSAL_IS_FINAL", "an act of the registry; enter the act anew instead");
  if (transaction.type == PostingType::kCancel) {
    return refuse("CANCELLATION_IS_FINAL", "any other act of the registry: what was cancelled is cancelled for ever").Rule("CAR-55");
  }
  if (transaction.type == PostingType::kImport) return refuse("IMPORT_IS_FINAL", "an act of the registry; what day one entered wrongly is set right by acts");
  for (const LotMove& move : transaction.moves) {
    if (move.from_lot != 0) {
      SerialBlocks returned = lots_.Find(move.from_lot)->blocks;
      SONGHUA_RETURN_IF_ERROR(returned.Add(move.blocks));
    }
    if (move.to_lot == 0) continue;  // what left the live accounts is still where it went
    const LotRow& lot = *lots_.Find(move.to_lot);
    const std::string lot_name = MakeName("lots", lot.number);
    // A right must come back as it went; a lot carved since then cannot be put together again.
    if (lot.right && lot.quantity != move.quantity) return refuse("UNITS_MOVED_ON", lot_name + " as a whole");
    for (const MovedUnits& units : move.units) {
      const int32_t year = programs_.FindInstrument(units.instrument)->year;
      if (lot.right && QuantityOf(lot.entitlements, year) != units.quantity) {
        return refuse("YEAR_CLOSED", "a transaction no year of which was closed since, as " + std::to_string(year) + " was").Rule("DR-10");
      }
    }
    if (lot.Available(context.today) < move.quantity) {
      return refuse("UNITS_IN_USE", "a transaction whose units are still free; of " + lot_name + " only " +
                                        std::to_string(lot.Available(context.today).value()) + " are");
    }
    SerialBlocks left = lot.blocks;
    for (const SerialBlock& block : move.blocks.blocks()) {
      if (!lot.blocks.Contains(block)) return refuse("UNITS_MOVED_ON", "a transaction whose serials " + lot_name + " still holds");
      SONGHUA_RETURN_IF_ERROR(left.TakeRange(block));  // room for the holes
    }
  }
  if (transaction.money > Money() && (!CheckedAdd(accounts_.FindCash(transaction.money_from)->posted, transaction.money).ok() ||
                                      !CheckedSubtract(accounts_.FindCash(transaction.money_to)->posted, transaction.money).ok())) {
    return OutOfRange("transaction", name, "one whose money the bank's account can take back within 64 bits of fen");
  }
  if (transaction.money > Money() && accounts_.Find(transaction.money_to)->kind == v1::CASH &&
      accounts_.FindCash(transaction.money_to)->available() < transaction.money) {
    return refuse("INSUFFICIENT_FUNDS", "a deposit that is still free in the account");
  }
  return absl::OkStatus();
}

// Gives what was moved back to the giver: into its lot, or, where a right left it for part of its term only, as a lot of its own, because
// the rest of the term has become other lots since.
LotNumber Ledger::TakeBack(const LotMove& move) {
  YearQuantities returned;
  for (const MovedUnits& units : move.units) returned.push_back({programs_.FindInstrument(units.instrument)->year, units.quantity});
  const LotRow& from = *lots_.Find(move.from_lot);
  if (from.right && move.to_lot != 0 && lots_.Find(move.to_lot)->term != from.term) {
    LotRow part;
    part.account = from.account;
    part.instrument_class = from.instrument_class;
    part.right = true;
    part.quantity = move.quantity;
    part.term = lots_.Find(move.to_lot)->term;
    part.entitlements = returned;
    part.sector_class = from.sector_class;
    part.source = from.source;
    part.paid = from.paid;
    part.parent = from.number;
    return lots_.Insert(std::move(part)).number;
  }
  LotRow& lot = lots_.Edit(from);
  lot.quantity += move.quantity;
  SONGHUA_CHECK(lot.blocks.Add(move.blocks).ok());
  auto merged = Merge(lot.entitlements, returned);
  SONGHUA_CHECK(merged.ok());
  lot.entitlements = *merged;
  return lot.number;
}

absl::StatusOr<v1::TransactionAnswer> Ledger::ReverseTransaction(CommandContext& context, const v1::ReverseTransactionRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t sequence, ParseNumberedName("transaction", "transactions", request.transaction()));
  if (request.reversal_type() != "ERROR_IN_ENTRY" && request.reversal_type() != "COURT_ORDER" &&
      request.reversal_type() != "AUTHORITY_DECISION") {
    return InvalidField("reversal_type", request.reversal_type(), "ERROR_IN_ENTRY, COURT_ORDER or AUTHORITY_DECISION").Rule("GEN-08");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kReasonBytesMax, "reason"));
  const auto bytes = context.cold->Read(static_cast<uint16_t>(RowTable::kTransactions), EncodeRowKey(sequence));
  if (!bytes.has_value()) return NotFound("transaction", request.transaction());
  TransactionRow transaction;
  SONGHUA_RETURN_IF_ERROR(DecodeValue(*bytes, &transaction));
  SONGHUA_RETURN_IF_ERROR(CheckReversible(context, transaction));
  if (context.validate_only) return v1::TransactionAnswer();

  TransactionRow reversal{0, PostingType::kReversal, {}, 0, 0, Money(), request.reversal_type() + ": " + request.reason()};
  for (const LotMove& move : transaction.moves) {
    LotMove back{move.to_lot, move.from_lot, move.to_account, move.from_account, move.quantity, move.units, move.blocks};
    if (move.to_lot != 0) {
      LotRow& lot = lots_.Edit(*lots_.Find(move.to_lot));
      lot.quantity -= move.quantity;
      for (const SerialBlock& block : move.blocks.blocks()) SONGHUA_CHECK(lot.blocks.TakeRange(block).ok());
      if (lot.right) {
        lot.entitlements.clear();
      } else {
        lot.entitlements.front().quantity -= move.quantity;
      }
    }
    if (move.from_lot != 0) back.to_lot = TakeBack(move);
    for (const MovedUnits& units : move.units) {
      postings_.PostUnits(context, PostingType::kReversal, units.instrument, move.to_account, move.from_account, units.quantity);
    }
    TellRightsMoved(context, move.to_account);
    if (transaction.type == PostingType::kSurrender) {
      const int32_t year = static_cast<int32_t>(std::stoi(transaction.reason));
      const std::string& program = programs_.FindClass(lots_.Find(move.from_lot)->instrument_class)->program;
      surrenders_.Edit(*surrenders_.Find({move.from_account, program, year})).surrendered -= move.quantity;
    }
    reversal.moves.push_back(std::move(back));
  }
  if (transaction.money > Money()) {
    postings_.PostMoney(context, PostingType::kReversal, transaction.money_to, transaction.money_from, transaction.money);
    reversal.money_from = transaction.money_to;
    reversal.money_to = transaction.money_from;
    reversal.money = transaction.money;
  }
  reversals_.Insert({sequence, context.sequence});
  return Conclude(context, std::move(reversal));
}

}  // namespace songhua::ledger
