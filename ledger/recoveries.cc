#include "ledger/recoveries.h"

#include <algorithm>
#include <optional>
#include <set>

#include "ledger/buy_back.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

using Recovery = v1::Recovery;

constexpr char kNumbersOfRecoveries[] = "recoveries";

// What is left of the pledge's units of the lot; null: nothing, or it has ended.
const PledgedPart* StillPledged(const PledgeRow& pledge, LotNumber lot) {
  const PledgedPart* part = pledge.ControlEffective() ? pledge.PartOf(lot) : nullptr;
  return part != nullptr && part->quantity > Quantity() ? part : nullptr;
}

}  // namespace

Recoveries::Recoveries(TableSet* tables, const Parts& parts) : parts_(parts), rows_(tables), closures_(tables) {}

absl::StatusOr<const RecoveryRow*> Recoveries::FindIn(const std::string& name, States states) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "recoveries", name));
  const RecoveryRow* row = rows_.Find(number);
  if (row == nullptr) return NotFound("name", name);
  if (std::find(states.begin(), states.end(), row->state) != states.end()) return row;
  std::string accepted;
  for (const Recovery::State state : states) accepted += (accepted.empty() ? "" : " or ") + Recovery::State_Name(state);
  return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
      .Rule("DR-60")
      .Field("name")
      .Value(name)
      .Accepted("a recovery that is " + accepted + "; this one is " + Recovery::State_Name(row->state));
}

absl::StatusOr<RecoveryRow> Recoveries::ParseAnnouncement(const v1::AnnounceRecoveryRequest& request) const {
  RecoveryRow row;
  if (request.kind() == Recovery::KIND_UNSPECIFIED || !Recovery::Kind_IsValid(request.kind())) {
    return InvalidField("kind", std::to_string(request.kind()), "UNCOMPENSATED, PAID, COMPULSORY, UNBUILT_PROJECT or UNDECLARED_STOP").Rule("DR-61");
  }
  row.kind = request.kind();
  SONGHUA_ASSIGN_OR_RETURN(row.lot, ParseNumberedName("lot", "lots", request.lot()));
  if (request.quantity() < 1) return InvalidField("quantity", std::to_string(request.quantity()), "1 or more").Rule("DR-61");
  row.quantity = Quantity(request.quantity());
  if (request.pledges_size() > kPledgesMax) {
    return InvalidField("pledges", std::to_string(request.pledges_size()) + " entries", "at most " + std::to_string(kPledgesMax) + " entries").Rule("DR-64");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.grounds(), kTextBytesMax, "grounds"));
  row.grounds = request.grounds();
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.document_reference(), kReferenceBytesMax, "document_reference"));
  row.document_reference = request.document_reference();
  if (!request.closure_date().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(row.closure_date, ParseDate(request.closure_date(), "closure_date"));
  }
  SONGHUA_ASSIGN_OR_RETURN(const LotRow* lot, parts_.ledger->lots().Resolve("lot", request.lot()));
  row.account = lot->account;
  if (!lot->right || parts_.ledger->accounts().Find(lot->account)->kind != v1::RIGHTS) {
    return InvalidField("lot", request.lot(), "a lot of rights in a site's account").Rule("DR-60");
  }
  const bool paid_for = IsPaidFor(row.kind, *lot);
  if (paid_for) {
    SONGHUA_ASSIGN_OR_RETURN(row.basis, ParsePriceBasis("price_basis", request.price_basis()));
  } else if (!request.price_basis().empty()) {
    return InvalidField("price_basis", request.price_basis(), "empty: for this recovery nothing is paid").Rule("DR-61");
  }
  SONGHUA_RETURN_IF_ERROR(ResolvePledges(request, &row));
  return row;
}

bool Recoveries::IsPaidFor(Recovery::Kind kind, const LotRow& lot) {
  return kind == Recovery::PAID || kind == Recovery::UNBUILT_PROJECT || (kind == Recovery::UNDECLARED_STOP && lot.paid);
}

absl::Status Recoveries::ResolvePledges(const v1::AnnounceRecoveryRequest& request, RecoveryRow* row) const {
  std::set<uint64_t> seen;
  Quantity sum;
  for (const std::string& name : request.pledges()) {
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("pledges", "pledges", name));
    const PledgeRow* pledge = parts_.pledges->FindPledge(number);
    if (pledge == nullptr) return NotFound("pledges", name);
    const PledgedPart* part = pledge->PartOf(row->lot);
    if (part == nullptr || !pledge->ControlEffective() || part->offered > Quantity() || !seen.insert(number).second) {
      return InvalidField("pledges", name, "pledges in force of " + request.lot() + " of which no units are on offer, each once").Rule("DR-64");
    }
    row->pledges.push_back({number, part->quantity});
    sum += part->quantity;
  }
  if (sum > row->quantity) {
    return InvalidField("quantity", std::to_string(request.quantity()), std::to_string(sum.value()) + " or more, what the pledges hold together").Rule("DR-64");
  }
  return absl::OkStatus();
}

// DR-61: what may be taken, from whom, on what ground.
absl::Status Recoveries::CheckGrounds(const CommandContext& context, const RecoveryRow& row) const {
  const LotRow& lot = LotOf(row);
  const bool closed = row.kind == Recovery::UNCOMPENSATED || row.kind == Recovery::COMPULSORY || row.kind == Recovery::UNDECLARED_STOP;
  if (closed && (row.closure_date == Date() || row.closure_date > context.today)) {
    return InvalidField("closure_date", row.closure_date == Date() ? "" : FormatDate(row.closure_date),
                        "the day on which the unit closed, today at the latest")
        .Rule("DR-61");
  }
  if (!closed && row.closure_date != Date()) {
    return InvalidField("closure_date", FormatDate(row.closure_date), "empty: no closure is the ground").Rule("DR-61");
  }
  if (lot.source == LotSource::kLeaseIn) {
    return InvalidField("lot", MakeName("lots", lot.number), "a lot of the holder's own; this one is leased").Rule("DR-65");
  }
  if (row.kind == Recovery::UNCOMPENSATED && lot.paid) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "RIGHT_WAS_PAID_FOR")
        .Rule("DR-61")
        .Field("lot")
        .Value(MakeName("lots", lot.number))
        .Accepted("a right that was granted for nothing; the source of this one is " + std::string(LotSourceName(lot.source)));
  }
  if (row.kind == Recovery::UNBUILT_PROJECT) return CheckUnbuilt(lot, PolicyOf(row), context.today);
  if (row.kind == Recovery::UNDECLARED_STOP) return CheckUndeclared(row, PolicyOf(row), context.today);
  return absl::OkStatus();
}

absl::Status Recoveries::CheckUnbuilt(const LotRow& lot, const RightsPolicyRow& policy, Date today) const {
  if (!lot.paid) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "RIGHT_NOT_PAID_FOR")
        .Rule("DR-19")
        .Field("lot")
        .Value(MakeName("lots", lot.number))
        .Accepted("a right that was bought; the source of this one is " + std::string(LotSourceName(lot.source)));
  }
  // The day of the purchase stays with the lot that was bought; parts of it that are lots by now name it as their parent.
  const LotRow* bought = &lot;
  while (bought->bought_on == Date() && bought->parent != 0) {
    const LotRow* parent = parts_.ledger->lots().Find(bought->parent);
    if (parent->account != lot.account) break;
    bought = parent;
  }
  const Date since = bought->bought_on == Date() ? bought->term.first : bought->bought_on;
  SONGHUA_ASSIGN_OR_RETURN(const Date from, AddYears(since, policy.unbuilt_years));
  if (today >= from) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "PROJECT_MAY_STILL_BE_BUILT")
      .Rule("DR-19")
      .Field("lot")
      .Value(MakeName("lots", lot.number))
      .Accepted("an announcement on " + FormatDate(from) + " or later, " + std::to_string(policy.unbuilt_years) + " years after " + FormatDate(since));
}

absl::Status Recoveries::CheckUndeclared(const RecoveryRow& row, const RightsPolicyRow& policy, Date today) const {
  const std::string& site = parts_.ledger->accounts().Find(row.account)->site;
  if (closures_.Find(site) != nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "CLOSURE_DECLARED")
        .Rule("DR-63")
        .Field("kind")
        .Value(MakeName("closures", site))
        .Accepted("UNCOMPENSATED or PAID, as the stop was declared");
  }
  SONGHUA_ASSIGN_OR_RETURN(const Date from, AddMonths(row.closure_date, policy.undeclared_stop_months));
  if (today > from) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "STOP_TOO_RECENT")
      .Rule("DR-63")
      .Field("closure_date")
      .Value(FormatDate(row.closure_date))
      .Accepted("a stop that was not declared for " + std::to_string(policy.undeclared_stop_months) + " months: an announcement after " + FormatDate(from));
}

absl::StatusOr<v1::RecoveryAnswer> Recoveries::AnnounceRecovery(CommandContext& context, const v1::AnnounceRecoveryRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(RecoveryRow row, ParseAnnouncement(request));
  SONGHUA_RETURN_IF_ERROR(CheckGrounds(context, row));
  const InstrumentClassRow& right = RightOf(row);
  const AccountRow* reserve = parts_.ledger->accounts().FindById(right.program + ".reserve." + right.control_zone);
  if (reserve == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_RESERVE").Rule("DR-60").Field("lot").Value(request.lot()).Accepted(
        "a right whose control zone, " + right.control_zone + ", has a reserve account");
  }
  row.reserve = reserve->number;
  row.state = Recovery::ANNOUNCED;
  const LotRow& lot = LotOf(row);
  const Quantity held = row.Held();
  if (held > Quantity()) SONGHUA_RETURN_IF_ERROR(parts_.ledger->RequireAvailable(context, lot, held, "quantity"));
  if (context.today > lot.term.last) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "LOT_EXPIRED").Rule("DR-10").Field("lot").Value(request.lot()).Accepted(
        "a right that is still valid; this one was to " + FormatDate(lot.term.last));
  }
  SONGHUA_RETURN_IF_ERROR(parts_.ledger->CheckPart(lot, row.quantity, RemainingOf(lot, context.today), "quantity"));
  row.announced_on = context.today;
  if (!row.pledges.empty()) row.notice_last_day = parts_.calendars->Count(context.today, PolicyOf(row).pledgee_notice_workdays, v1::WORKDAY).due;
  SONGHUA_ASSIGN_OR_RETURN(row.price, PriceOf(row, row.quantity, context.today));
  row.number = parts_.counters->Peek(kNumbersOfRecoveries);
  row.announced_by = context.person;
  row.announce_time = context.time;
  v1::RecoveryAnswer answer = Answer(row);
  if (context.validate_only) return answer;
  SONGHUA_CHECK(parts_.counters->Next(kNumbersOfRecoveries) == row.number);
  if (held > Quantity()) parts_.ledger->lots().Hold(lot, HoldKind::kRecovery, held);
  const RecoveryRow& added = rows_.Insert(std::move(row));
  context.events->Emit(EventType::kRecoveryChanged, MakeName("recoveries", added.number), added);
  return answer;
}

absl::StatusOr<v1::RecoveryAnswer> Recoveries::AcceptRecovery(CommandContext& context, const v1::RecoveryActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const RecoveryRow* found, FindIn(request.name(), {Recovery::ANNOUNCED}));
  if (found->kind != Recovery::PAID) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_OFFER").Rule("DR-61").Field("name").Value(request.name()).Accepted(
        "a recovery of kind PAID, which is an offer; this one is " + Recovery::Kind_Name(found->kind));
  }
  RecoveryRow row = *found;
  row.state = Recovery::ACCEPTED;
  row.accepted_by = context.person;
  SONGHUA_ASSIGN_OR_RETURN(row.price, PriceOf(row, row.quantity, context.today));
  return Replace(context, *found, std::move(row));
}

absl::StatusOr<v1::RecoveryAnswer> Recoveries::DeclineRecovery(CommandContext& context, const v1::RecoveryActRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kTextBytesMax, "reason"));
  SONGHUA_ASSIGN_OR_RETURN(const RecoveryRow* found, FindIn(request.name(), {Recovery::ANNOUNCED}));
  if (found->kind != Recovery::PAID) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_OFFER").Rule("DR-61").Field("name").Value(request.name()).Accepted(
        "a recovery of kind PAID, which is an offer; this one is " + Recovery::Kind_Name(found->kind));
  }
  return GiveUp(context, request, *found, Recovery::DECLINED);
}

absl::StatusOr<v1::RecoveryAnswer> Recoveries::WithdrawRecovery(CommandContext& context, const v1::RecoveryActRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kTextBytesMax, "reason"));
  SONGHUA_ASSIGN_OR_RETURN(const RecoveryRow* found, FindIn(request.name(), {Recovery::ANNOUNCED, Recovery::ACCEPTED, Recovery::APPROVED}));
  return GiveUp(context, request, *found, Recovery::WITHDRAWN);
}

absl::StatusOr<v1::RecoveryAnswer> Recoveries::GiveUp(CommandContext& context, const v1::RecoveryActRequest& request, const RecoveryRow& found,
                                                      Recovery::State state) {
  RecoveryRow row = found;
  row.state = state;
  row.ended_by = context.person;
  row.reason = request.reason();
  row.end_time = context.time;
  if (!context.validate_only && found.Held() > Quantity()) parts_.ledger->lots().Release(LotOf(found), HoldKind::kRecovery, found.Held());
  return Replace(context, found, std::move(row));
}

absl::StatusOr<v1::RecoveryAnswer> Recoveries::ApproveRecovery(CommandContext& context, const v1::RecoveryActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const RecoveryRow* found, FindIn(request.name(), {Recovery::ANNOUNCED, Recovery::ACCEPTED}));
  if (found->kind == Recovery::PAID && found->state == Recovery::ANNOUNCED) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "OFFER_NOT_ACCEPTED").Rule("DR-61").Field("name").Value(request.name()).Accepted(
        "an offer that the enterprise has accepted");
  }
  if (found->announced_by == context.person) {
    return Refuse(absl::StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES").Rule("GEN-14").Field("name").Value(request.name()).Accepted(
        "another person than the one who announced it");
  }
  RecoveryRow row = *found;
  row.state = Recovery::APPROVED;
  row.approved_by = context.person;
  SONGHUA_ASSIGN_OR_RETURN(row.price, PriceOf(row, row.quantity, context.today));
  return Replace(context, *found, std::move(row));
}

// DR-64. Counted anew, since a calendar may have been published since; with a year that has none nothing irreversible happens.
absl::Status Recoveries::CheckNotice(const CommandContext& context, const RecoveryRow& row) const {
  if (row.pledges.empty()) return absl::OkStatus();
  const DueDay due = parts_.calendars->Count(row.announced_on, PolicyOf(row).pledgee_notice_workdays, v1::WORKDAY);
  if (due.provisional) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "CALENDAR_NOT_PUBLISHED")
        .Rule("GEN-02")
        .Field("name")
        .Value(MakeName("recoveries", row.number))
        .Accepted("a notice whose years have published calendars, " + std::to_string(Year(row.announced_on)) + " to " + std::to_string(Year(due.due)));
  }
  if (context.today > due.due) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "NOTICE_RUNNING")
      .Rule("DR-64")
      .Field("name")
      .Value(MakeName("recoveries", row.number))
      .Accepted("a day after " + FormatDate(due.due) + ", when the pledgees' notice of " + std::to_string(PolicyOf(row).pledgee_notice_workdays) +
                " WORKDAYs is over");
}

absl::Status Recoveries::CheckUnits(CommandContext& context, const RecoveryRow& row) const {
  const LotRow& lot = LotOf(row);
  if (context.today > lot.term.last) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "LOT_EXPIRED").Rule("DR-10").Field("name").Value(MakeName("lots", lot.number)).Accepted(
        "a right that is still valid; this one was to " + FormatDate(lot.term.last));
  }
  SONGHUA_RETURN_IF_ERROR(parts_.ledger->CheckNotCovered(context, lot, "name"));
  Quantity released;
  for (const RecoveredPledge& part : row.pledges) {
    const PledgeRow& pledge = *parts_.pledges->FindPledge(part.pledge);
    const PledgedPart* pledged = StillPledged(pledge, row.lot);
    if (pledged != nullptr && pledged->offered > Quantity()) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "UNITS_ON_OFFER")
          .Rule("DR-64")
          .Field("name")
          .Value(MakeName("recoveries", row.number))
          .Accepted("pledges of which no units are on offer; those of " + MakeName("pledges", part.pledge) + " are, by " + pledge.sale);
    }
    released += part.quantity - (pledged == nullptr ? Quantity() : pledged->quantity);
  }
  if (released > Quantity()) SONGHUA_RETURN_IF_ERROR(parts_.ledger->RequireAvailable(context, lot, released, "name"));
  return parts_.ledger->CheckPart(lot, row.quantity, RemainingOf(lot, context.today), "name");
}

absl::StatusOr<Money> Recoveries::PriceOf(const RecoveryRow& row, Quantity quantity, Date today) const {
  if (row.basis == v1::PRICE_BASIS_UNSPECIFIED) return Money();
  const LotRow& lot = LotOf(row);
  const InstrumentClassRow& right = RightOf(row);
  const BasePriceRow* base = parts_.base_prices->InForce(right.program, right.pollutant, right.control_zone, row.basis, today);
  if (base == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_BASE_PRICE")
        .Rule("DR-62")
        .Field("price_basis")
        .Value(v1::PriceBasis_Name(row.basis))
        .Accepted("a basis of which a base price of " + right.pollutant + " in " + right.control_zone + " is in force");
  }
  if (today > lot.term.last) return Money();
  return BuyBackPrice({quantity, RemainingOf(lot, today), lot.cost, lot.quantity, lot.term, base->price, row.basis,
                       parts_.ledger->programs().Find(right.program)->QuotedUnitSteps(right.pollutant)});
}

absl::StatusOr<AccountNumber> Recoveries::CashOf(const std::string& participant, const std::string& name) const {
  const AccountRow* cash = parts_.ledger->accounts().OfParticipant(participant, v1::CASH);
  const std::string& parent = parts_.participants->FindParticipant(participant)->parent;
  if (cash == nullptr && !parent.empty()) cash = parts_.ledger->accounts().OfParticipant(parent, v1::CASH);
  if (cash != nullptr) return cash->number;
  return Refuse(absl::StatusCode::kFailedPrecondition, "NO_CASH_ACCOUNT").Rule("DR-62").Field("name").Value(name).Accepted(
      "parties with cash accounts; " + MakeName("participants", participant) + " has none");
}

absl::StatusOr<Recoveries::Payments> Recoveries::PaymentsOf(const RecoveryRow& row, Date today) const {
  Payments payments;
  SONGHUA_ASSIGN_OR_RETURN(payments.price, PriceOf(row, row.quantity, today));
  if (payments.price == Money()) return payments;
  const std::string name = MakeName("recoveries", row.number);
  for (const RecoveredPledge& part : row.pledges) {
    const PledgeRow& pledge = *parts_.pledges->FindPledge(part.pledge);
    const PledgedPart* pledged = StillPledged(pledge, row.lot);
    if (pledged == nullptr) continue;
    SONGHUA_ASSIGN_OR_RETURN(const Money price, PriceOf(row, pledged->quantity, today));
    const Money secured = std::min(price, pledge.Owed());
    payments.secured.push_back(secured);
    if (secured == Money()) continue;
    SONGHUA_ASSIGN_OR_RETURN(const AccountNumber bank, CashOf(pledge.pledgee, name));
    payments.parts.push_back({bank, secured});
    payments.to_pledgees += secured;
  }
  SONGHUA_ASSIGN_OR_RETURN(payments.payer, CashOf(parts_.ledger->accounts().Find(row.reserve)->participant, name));
  SONGHUA_ASSIGN_OR_RETURN(const AccountNumber holder, CashOf(parts_.ledger->accounts().Find(row.account)->participant, name));
  if (payments.price > payments.to_pledgees) payments.parts.push_back({holder, payments.price - payments.to_pledgees});
  const Money available = parts_.ledger->accounts().FindCash(payments.payer)->available();
  if (available < payments.price) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_FUNDS")
        .Rule("DR-62")
        .Field("name")
        .Value(name)
        .Accepted("a price of at most " + std::to_string(available.value()) + " fen, what is free in " +
                  AccountName(*parts_.ledger->accounts().Find(payments.payer)) + "; this one is " + std::to_string(payments.price.value()));
  }
  return payments;
}

absl::StatusOr<v1::RecoveryAnswer> Recoveries::ExecuteRecovery(CommandContext& context, const v1::RecoveryActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const RecoveryRow* found, FindIn(request.name(), {Recovery::APPROVED}));
  SONGHUA_RETURN_IF_ERROR(CheckNotice(context, *found));
  SONGHUA_RETURN_IF_ERROR(CheckUnits(context, *found));
  SONGHUA_ASSIGN_OR_RETURN(const Payments payments, PaymentsOf(*found, context.today));
  RecoveryRow row = *found;
  row.state = Recovery::EXECUTED;
  row.price = payments.price;
  row.paid_to_pledgees = payments.to_pledgees;
  row.ended_by = context.person;
  row.end_time = context.time;
  if (!context.validate_only) {
    if (found->Held() > Quantity()) parts_.ledger->lots().Release(LotOf(row), HoldKind::kRecovery, found->Held());
    Execute(context, &row, payments);
  }
  return Replace(context, *found, std::move(row));
}

void Recoveries::Execute(CommandContext& context, RecoveryRow* row, const Payments& payments) {
  auto secured = payments.secured.begin();
  for (const RecoveredPledge& part : row->pledges) {
    if (StillPledged(*parts_.pledges->FindPledge(part.pledge), row->lot) == nullptr) continue;
    const Money paid = secured == payments.secured.end() ? Money() : *secured++;
    parts_.pledges->TakeUnits(context, part.pledge, row->lot, paid, payments.price > Money(), MakeName("recoveries", row->number));
  }
  const LotRow& lot = LotOf(*row);
  const CarvedRight carved = parts_.ledger->MovePart(context, PostingType::kRecovery, lot, row->quantity, RemainingOf(lot, context.today), row->reserve,
                                                     LotSource::kRecovered, /*paid=*/false, payments.price);
  row->recovered_lot = carved.move.to_lot;
  if (row->kind == v1::Recovery::PAID) parts_.ledger->TellRightsDisposed(context, lot, row->quantity);  // what it sold of its surplus (DR-17)
  // In a reserve a right has no sector.
  parts_.ledger->lots().Edit(*parts_.ledger->lots().Find(row->recovered_lot)).sector_class.clear();
  for (const auto& [to, amount] : payments.parts) parts_.ledger->Pay(context, PostingType::kBuyBack, payments.payer, to, amount, 0);
}

absl::StatusOr<v1::ClosureAnswer> Recoveries::DeclareClosure(CommandContext& context, const v1::DeclareClosureRequest& request) {
  ClosureRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.site, ParseName("site", "sites", request.site()));
  SONGHUA_ASSIGN_OR_RETURN(row.closure_date, ParseDate(request.closure_date(), "closure_date"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.document_reference(), kReferenceBytesMax, "document_reference"));
  row.document_reference = request.document_reference();
  if (parts_.participants->FindSite(row.site) == nullptr) return NotFound("site", request.site());
  if (row.closure_date > context.today) {
    return InvalidField("closure_date", request.closure_date(), FormatDate(context.today) + ", today, or before").Rule("DR-63");
  }
  if (const ClosureRow* declared = closures_.Find(row.site)) {
    return Refuse(absl::StatusCode::kAlreadyExists, "CLOSURE_DECLARED").Rule("DR-63").Field("site").Value(request.site()).Accepted(
        "a site whose closure was not declared; this one's was on " + FormatDate(declared->declared_on));
  }
  row.declared_on = context.today;
  row.due = parts_.calendars->Count(row.closure_date, kDeclarationDays, v1::NATURAL).due;
  row.declared_by = context.person;
  v1::ClosureAnswer answer;
  *answer.mutable_closure() = ToProto(row);
  if (context.validate_only) return answer;
  const ClosureRow& added = closures_.Insert(std::move(row));
  context.events->Emit(EventType::kRecoveryChanged, MakeName("closures", added.site), added);
  return answer;
}

v1::RecoveryAnswer Recoveries::Replace(CommandContext& context, const RecoveryRow& old_row, RecoveryRow row) {
  v1::RecoveryAnswer answer = Answer(row);
  if (context.validate_only) return answer;
  RecoveryRow& changed = rows_.Edit(old_row);
  changed = std::move(row);
  context.events->Emit(EventType::kRecoveryChanged, MakeName("recoveries", changed.number), changed);
  return answer;
}

v1::RecoveryAnswer Recoveries::Answer(const RecoveryRow& row) const {
  v1::RecoveryAnswer answer;
  *answer.mutable_recovery() =
      ToProto(row, AccountName(*parts_.ledger->accounts().Find(row.account)), AccountName(*parts_.ledger->accounts().Find(row.reserve)));
  return answer;
}

v1::Recovery ToProto(const RecoveryRow& row, const std::string& account, const std::string& reserve) {
  v1::Recovery recovery;
  recovery.set_name(MakeName("recoveries", row.number));
  recovery.set_kind(row.kind);
  recovery.set_state(row.state);
  recovery.set_lot(MakeName("lots", row.lot));
  recovery.set_quantity(row.quantity.value());
  for (const RecoveredPledge& part : row.pledges) recovery.add_pledges(MakeName("pledges", part.pledge));
  recovery.set_account(account);
  recovery.set_reserve(reserve);
  recovery.set_grounds(row.grounds);
  recovery.set_document_reference(row.document_reference);
  if (row.closure_date != Date()) recovery.set_closure_date(FormatDate(row.closure_date));
  if (row.basis != v1::PRICE_BASIS_UNSPECIFIED) recovery.set_price_basis(v1::PriceBasis_Name(row.basis));
  if (row.notice_last_day != Date()) recovery.set_notice_last_day(FormatDate(row.notice_last_day));
  recovery.set_price_fen(row.price.value());
  recovery.set_paid_to_pledgees_fen(row.paid_to_pledgees.value());
  if (row.recovered_lot != 0) recovery.set_recovered_lot(MakeName("lots", row.recovered_lot));
  const auto person = [](const std::string& id) { return id.empty() ? id : MakeName("people", id); };
  recovery.set_announced_by(person(row.announced_by));
  recovery.set_accepted_by(person(row.accepted_by));
  recovery.set_approved_by(person(row.approved_by));
  recovery.set_ended_by(person(row.ended_by));
  recovery.set_reason(row.reason);
  *recovery.mutable_announce_time() = ToProto(row.announce_time);
  if (!row.IsOpen()) *recovery.mutable_end_time() = ToProto(row.end_time);
  return recovery;
}

v1::Closure ToProto(const ClosureRow& row) {
  v1::Closure closure;
  closure.set_name(MakeName("closures", row.site));
  closure.set_site(MakeName("sites", row.site));
  closure.set_closure_date(FormatDate(row.closure_date));
  closure.set_document_reference(row.document_reference);
  closure.set_declared_on(FormatDate(row.declared_on));
  closure.set_due(FormatDate(row.due));
  closure.set_late(row.declared_on > row.due);
  closure.set_declared_by(MakeName("people", row.declared_by));
  return closure;
}

Recoveries::~Recoveries() = default;

}  // namespace songhua::ledger
