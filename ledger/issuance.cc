// Where units come from: issuing into a reserve or a registry account, and granting rights from the reserve.
#include <algorithm>

#include "ledger/identifiers.h"
#include "ledger/ledger.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

// No act of the registry moves more than this at once, so that sums over any number of accounts stay far from 64 bits.
constexpr int64_t kQuantityMax = 1'000'000'000'000'000;

absl::Status RequireQuantity(int64_t quantity) {
  if (quantity >= 1 && quantity <= kQuantityMax) return absl::OkStatus();
  return InvalidField("quantity", std::to_string(quantity), "1 to " + std::to_string(kQuantityMax));
}

Refuse TooManyIssued(int64_t quantity) {
  return OutOfRange("quantity", std::to_string(quantity), "a quantity with which all that was issued stays within 64 bits");
}

absl::StatusOr<Term> ParseTerm(const std::string& first, const std::string& last, const ProgramRow& program) {
  Term term{};
  SONGHUA_ASSIGN_OR_RETURN(term.first, ParseDate(first, "valid_from"));
  SONGHUA_ASSIGN_OR_RETURN(term.last, ParseDate(last, "valid_to"));
  if (term.last < term.first) return InvalidField("valid_to", last, "a day not before valid_from, " + first).Rule("DR-03");
  if (Year(term.first) < program.first_year || Year(term.last) > program.last_year) {
    return InvalidField("valid_to", last, "a term within " + std::to_string(program.first_year) + " to " + std::to_string(program.last_year))
        .Rule("DR-06");
  }
  SONGHUA_ASSIGN_OR_RETURN(const Date limit, AddYears(term.first, program.term_years_max));
  if (term.last >= limit) {
    return InvalidField("valid_to", last, "at most " + FormatDate(limit - 1) + ", " + std::to_string(program.term_years_max) + " years")
        .Rule("DR-06");
  }
  return term;
}

}  // namespace

absl::StatusOr<v1::TransactionAnswer> Ledger::IssueUnits(CommandContext& context, const v1::IssueUnitsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string code, ParseName("program", "programs", request.program()));
  const ProgramRow* program = programs_.Find(code);
  if (program == nullptr) return NotFound("program", request.program());
  SONGHUA_RETURN_IF_ERROR(
      programs_.ValidateClass(*program, request.pollutant(), request.control_zone(), request.trading_group(), request.basin()));
  SONGHUA_RETURN_IF_ERROR(RequireQuantity(request.quantity()));
  SONGHUA_ASSIGN_OR_RETURN(const AccountRow* account, accounts_.Resolve("to_account", request.to_account()));
  const bool own_reserve = account->kind == v1::RESERVE && account->program == code;
  if (!own_reserve && !(program->form == v1::SERIAL && account->kind == v1::REGISTRY)) {
    return InvalidField("to_account", request.to_account(), "a reserve account of " + request.program() +
                                                                (program->form == v1::SERIAL ? " or a registry account" : ""))
        .Rule("DR-60");
  }
  return program->form == v1::RIGHT ? IssueRight(context, request, *program, *account) : IssueSerial(context, request, *program, *account);
}

absl::StatusOr<v1::TransactionAnswer> Ledger::IssueRight(CommandContext& context, const v1::IssueUnitsRequest& request,
                                                         const ProgramRow& program, const AccountRow& account) {
  if (request.serial_start() != 0 || !request.issuance_reference().empty() || request.vintage() != 0) {
    return InvalidField("serial_start", std::to_string(request.serial_start()), "no vintage, serials or reference: rights have terms");
  }
  if (account.control_zone != request.control_zone()) {
    return InvalidField("to_account", request.to_account(), "the reserve of control zone " + request.control_zone()).Rule("DR-60");
  }
  SONGHUA_ASSIGN_OR_RETURN(const Term term, ParseTerm(request.valid_from(), request.valid_to(), program));
  const Quantity quantity(request.quantity());
  const YearQuantities units = Entitlement(quantity, term);
  for (const YearQuantity& entry : units) {
    const auto room = programs_.RoomUnderCap(program, request.pollutant(), request.control_zone(), entry.year);
    if (room.has_value() && entry.quantity > *room) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "CAP_EXCEEDED").Rule("DR-04").Field("quantity").Value(request.quantity()).Accepted(
          "at most " + std::to_string(room->value()) + " of " + std::to_string(entry.year) + " under the cap of " + request.control_zone());
    }
  }
  if (const InstrumentClassRow* known =
          programs_.FindClassOf(program.code, request.pollutant(), request.control_zone(), request.trading_group(), request.basin())) {
    for (const YearQuantity& entry : units) {
      const InstrumentRow* instrument = programs_.FindInstrument(known->id, entry.year);
      if (instrument != nullptr && !CheckedAdd(instrument->issued, entry.quantity).ok()) return TooManyIssued(request.quantity());
    }
  }
  if (context.validate_only) return v1::TransactionAnswer();

  const InstrumentClassRow& instrument_class =
      programs_.ClassOf(program.code, request.pollutant(), request.control_zone(), request.trading_group(), request.basin());
  LotRow lot;
  lot.account = account.number;
  lot.instrument_class = instrument_class.id;
  lot.right = true;
  lot.quantity = quantity;
  lot.term = term;
  lot.entitlements = units;
  LotMove move{0, 0, accounts_.House(v1::ISSUED, program.code), account.number, quantity, {}, {}};
  for (const YearQuantity& entry : units) {
    const InstrumentId instrument = programs_.Instrument(instrument_class.id, entry.year).id;
    move.units.push_back({instrument, entry.quantity});
    postings_.PostUnits(context, PostingType::kIssue, instrument, move.from_account, account.number, entry.quantity);
  }
  move.to_lot = lots_.Insert(std::move(lot)).number;
  return Conclude(context, {0, PostingType::kIssue, {move}, 0, 0, Money(), ""});
}

absl::StatusOr<v1::TransactionAnswer> Ledger::IssueSerial(CommandContext& context, const v1::IssueUnitsRequest& request,
                                                          const ProgramRow& program, const AccountRow& account) {
  if (!request.valid_from().empty() || !request.valid_to().empty()) {
    return InvalidField("valid_from", request.valid_from(), "no term: serial units have a vintage");
  }
  if (request.vintage() < program.first_year || request.vintage() > program.last_year) {
    return InvalidField("vintage", std::to_string(request.vintage()),
                        std::to_string(program.first_year) + " to " + std::to_string(program.last_year)).Rule("CAR-01");
  }
  if (!request.issuance_reference().empty()) SONGHUA_RETURN_IF_ERROR(ValidateName(request.issuance_reference(), 100, "issuance_reference"));
  if (account.kind == v1::RESERVE && account.control_zone != request.control_zone()) {
    return InvalidField("to_account", request.to_account(), "the reserve of control zone " + request.control_zone()).Rule("DR-60");
  }
  const Quantity quantity(request.quantity());
  const auto room = programs_.RoomUnderCap(program, request.pollutant(), request.control_zone(), request.vintage());
  if (room.has_value() && quantity > *room) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "CAP_EXCEEDED").Rule("DR-04").Field("quantity").Value(request.quantity()).Accepted(
        "at most " + std::to_string(room->value()) + " under the cap of " + request.control_zone());
  }
  const InstrumentClassRow* known = programs_.FindClassOf(program.code, request.pollutant(), request.control_zone(), request.trading_group(), "");
  const InstrumentRow* instrument = known == nullptr ? nullptr : programs_.FindInstrument(known->id, request.vintage());
  const IssuanceRow* issuance = nullptr;
  if (instrument != nullptr) {
    if (!CheckedAdd(instrument->issued, quantity).ok()) return TooManyIssued(request.quantity());
    auto it = issuance_by_reference_.find(std::to_string(instrument->id) + ":" + request.issuance_reference());
    if (it != issuance_by_reference_.end()) issuance = issuances_.Find(it->second);
  }
  if (request.serial_start() < 0) return InvalidField("serial_start", std::to_string(request.serial_start()), "1 or more, or 0 to continue");
  SerialBlocks issued = issuance == nullptr ? SerialBlocks() : issuance->issued;
  const int64_t next = issued.empty() ? 1 : issued.blocks().back().end + 1;
  const int64_t start = request.serial_start() == 0 ? next : request.serial_start();
  if (!CheckedAdd(start, quantity.value()).ok()) {
    return OutOfRange("serial_start", std::to_string(request.serial_start()), "a first number that leaves room for the quantity");
  }
  const uint64_t number = issuance == nullptr ? issuances_.size() + 1 : issuance->number;
  const SerialBlock block{number, start, start + quantity.value() - 1};
  SONGHUA_RETURN_IF_ERROR(issued.Add(block));
  if (context.validate_only) return v1::TransactionAnswer();

  const InstrumentClassRow& instrument_class =
      programs_.ClassOf(program.code, request.pollutant(), request.control_zone(), request.trading_group(), "");
  const InstrumentId id = programs_.Instrument(instrument_class.id, request.vintage()).id;
  if (issuance == nullptr) {
    issuances_.Insert({number, request.issuance_reference(), id, issued});
    issuance_by_reference_[std::to_string(id) + ":" + request.issuance_reference()] = number;
  } else {
    issuances_.Edit(*issuance).issued = issued;
  }
  SerialBlocks blocks;
  SONGHUA_CHECK(blocks.Add(block).ok());
  LotRow& lot = SerialLotOf(account.number, instrument_class.id, request.vintage(), 1);
  SONGHUA_CHECK(lot.blocks.Add(block).ok());
  lot.quantity += quantity;
  lot.entitlements.front().quantity += quantity;
  if (lot.quantity == quantity) lot.source = LotSource::kIssue;
  LotMove move{0, lot.number, accounts_.House(v1::ISSUED, program.code), account.number, quantity, {{id, quantity}}, blocks};
  postings_.PostUnits(context, PostingType::kIssue, id, move.from_account, account.number, quantity);
  return Conclude(context, {0, PostingType::kIssue, {move}, 0, 0, Money(), ""});
}

absl::Status Ledger::CheckHolder(const InstrumentClassRow& right, const SiteRow& site, std::string_view field, const std::string& value) const {
  SONGHUA_ASSIGN_OR_RETURN(const Region zone, ParseRegion(right.control_zone, "control_zone"));
  if (!RegionContains(zone, site.region)) return InvalidField(field, value, "a site in control zone " + right.control_zone).Rule("DR-04");
  const TradingGroupRow* group = programs_.Find(right.program)->GroupOf(v1::SectorClass_Name(site.sector_class));
  if (group == nullptr || group->code != right.trading_group) {
    return InvalidField(field, value, "a site of trading group " + right.trading_group).Rule("DR-25");
  }
  if (!right.basin.empty() && right.basin != site.basin) return InvalidField(field, value, "a site in basin " + right.basin).Rule("DR-21");
  return absl::OkStatus();
}

void Ledger::Import(CommandContext& context, std::vector<ImportedLot> lots, const std::vector<ImportedCash>& cash, const std::string& reason) {
  TransactionRow transaction{context.sequence, PostingType::kImport, {}, 0, 0, Money(), reason};
  for (ImportedLot& import : lots) {
    const InstrumentClassRow& instrument_class =
        programs_.ClassOf(import.program, import.pollutant, import.control_zone, import.trading_group, import.basin);
    import.lot.instrument_class = instrument_class.id;
    LotMove move{0, 0, accounts_.House(v1::ISSUED, import.program), import.lot.account, import.lot.quantity, {}, {}};
    for (const YearQuantity& entry : import.lot.entitlements) {
      const InstrumentId instrument = programs_.Instrument(instrument_class.id, entry.year).id;
      move.units.push_back({instrument, entry.quantity});
      postings_.PostUnits(context, PostingType::kImport, instrument, move.from_account, move.to_account, entry.quantity);
    }
    move.to_lot = lots_.Insert(std::move(import.lot)).number;
    TellRightsMoved(context, move.to_account);
    transaction.moves.push_back(std::move(move));
  }
  for (const ImportedCash& balance : cash) {
    postings_.PostMoney(context, PostingType::kImport, accounts_.House(v1::BANK_CASH, ""), balance.account, balance.amount);
  }
  transactions_.Append(transaction);
}

absl::StatusOr<v1::TransactionAnswer> Ledger::AllocateRight(CommandContext& context, const v1::AllocateRightRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const LotRow* lot, lots_.Resolve("from_lot", request.from_lot()));
  const AccountRow& reserve = *accounts_.Find(lot->account);
  if (!lot->right || reserve.kind != v1::RESERVE) return InvalidField("from_lot", request.from_lot(), "a lot of rights in a reserve").Rule("DR-60");
  SONGHUA_ASSIGN_OR_RETURN(const AccountRow* account, accounts_.Resolve("to_account", request.to_account()));
  if (account->kind != v1::RIGHTS) return InvalidField("to_account", request.to_account(), "a site's rights account").Rule("DR-11");

  const InstrumentClassRow& instrument_class = *programs_.FindClass(lot->instrument_class);
  const ProgramRow& program = *programs_.Find(instrument_class.program);
  const SiteRow& site = *participants_->FindSite(account->site);
  SONGHUA_RETURN_IF_ERROR(CheckHolder(instrument_class, site, "to_account", request.to_account()));
  SONGHUA_ASSIGN_OR_RETURN(const Term term, ParseTerm(request.valid_from(), request.valid_to(), program));
  if (!lot->term.Contains(term)) {
    return InvalidField("valid_to", request.valid_to(), "a term within " + FormatDate(lot->term.first) + " to " + FormatDate(lot->term.last))
        .Rule("DR-06");
  }
  LotSource source = LotSource::kInitialFree;
  if (request.source() == "INITIAL_PAID") {
    source = LotSource::kInitialPaid;
  } else if (request.source() == "RESERVE_SALE") {
    source = LotSource::kReserveSale;
  } else if (request.source() != "INITIAL_FREE") {
    return InvalidField("source", request.source(), "INITIAL_FREE, INITIAL_PAID or RESERVE_SALE").Rule("DR-03");
  }
  const bool paid = source != LotSource::kInitialFree;
  if (request.cost_fen() < 0 || paid != (request.cost_fen() > 0)) {
    return InvalidField("cost_fen", std::to_string(request.cost_fen()), paid ? "what was paid, above 0" : "0 for INITIAL_FREE").Rule("DR-08");
  }
  SONGHUA_RETURN_IF_ERROR(RequireAvailable(context, *lot, Quantity(request.quantity()), "quantity"));
  if (context.validate_only) return v1::TransactionAnswer();

  const LotNumber last = lots_.size();
  LotMove move = MoveRight(context, PostingType::kAllocate, *lot, Quantity(request.quantity()), term, account->number, source, paid,
                           Money(request.cost_fen()), 0);
  // In the reserve a right has no sector; it takes that of the site.
  lots_.Edit(*lots_.Find(move.to_lot)).sector_class = v1::SectorClass_Name(site.sector_class);
  v1::TransactionAnswer answer = Conclude(context, {0, PostingType::kAllocate, {move}, 0, 0, Money(), request.source()});
  // What the term left before and after it has become lots of the reserve's own.
  for (LotNumber rest = last + 1; rest < move.to_lot; ++rest) {
    *answer.add_lots() = ToProto(*lots_.Find(rest), instrument_class, reserve, context.today);
  }
  return answer;
}

LotMove Ledger::Grant(CommandContext& context, const LotRow& lot, Quantity quantity, const Term& term, AccountNumber to, LotSource source, bool paid,
                      Money cost) {
  lots_.Release(lot, HoldKind::kAllocation, quantity);
  LotMove move = MoveRight(context, PostingType::kAllocate, lot, quantity, term, to, source, paid, cost, 0);
  // In the reserve a right has no sector; it takes that of the site.
  lots_.Edit(*lots_.Find(move.to_lot)).sector_class = v1::SectorClass_Name(participants_->FindSite(accounts_.Find(to)->site)->sector_class);
  return move;
}

}  // namespace songhua::ledger
