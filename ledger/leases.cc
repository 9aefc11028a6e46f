#include "ledger/leases.h"

#include <algorithm>

#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

constexpr char kNumbersOfLeases[] = "leases";

bool Stands(const LeaseRow& row) { return row.Waits() || row.state == v1::Lease::IN_FORCE; }

}  // namespace

std::vector<std::pair<LotNumber, Quantity>> HeldBy(const LeaseRow& row) {
  if (row.Waits()) return {{row.lot, row.quantity}};
  if (row.state != v1::Lease::IN_FORCE) return {};
  std::vector<std::pair<LotNumber, Quantity>> held = {{row.leased_lot, row.quantity}};
  if (row.later_lot != 0) held.push_back({row.later_lot, row.quantity});
  return held;
}

Leases::Leases(TableSet* tables, const Parts& parts) : parts_(parts), rows_(tables) {
  rows_.OnLoaded([this](LeaseRow& row) {
    if (Stands(row)) by_last_day_.insert({row.LastDay(), row.number});
  });
}

absl::StatusOr<const LeaseRow*> Leases::FindIn(const std::string& name, States states) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "leases", name));
  const LeaseRow* row = rows_.Find(number);
  if (row == nullptr) return NotFound("name", name);
  if (std::find(states.begin(), states.end(), row->state) != states.end()) return row;
  std::string accepted;
  for (const v1::Lease::State state : states) accepted += (accepted.empty() ? "" : " or ") + v1::Lease::State_Name(state);
  return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
      .Rule("DR-65")
      .Field("name")
      .Value(name)
      .Accepted("a lease that is " + accepted + "; this one is " + v1::Lease::State_Name(row->state));
}

absl::StatusOr<LeaseRow> Leases::ParseProposal(const v1::ProposeLeaseRequest& request) const {
  LeaseRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.lot, ParseNumberedName("lot", "lots", request.lot()));
  if (request.quantity() < 1) return InvalidField("quantity", std::to_string(request.quantity()), "1 or more").Rule("DR-65");
  row.quantity = Quantity(request.quantity());
  SONGHUA_RETURN_IF_ERROR(ParseName("lessee_account", "accounts", request.lessee_account()).status());
  SONGHUA_ASSIGN_OR_RETURN(row.term.first, ParseDate(request.first_day(), "first_day"));
  SONGHUA_ASSIGN_OR_RETURN(row.term.last, ParseDate(request.last_day(), "last_day"));
  if (row.term.last < row.term.first) {
    return InvalidField("last_day", request.last_day(), "a day not before first_day, " + request.first_day()).Rule("DR-65");
  }
  if (request.rent_fen() < 0 || request.rent_fen() > kRentFenMax) {
    return InvalidField("rent_fen", std::to_string(request.rent_fen()), "0 to " + std::to_string(kRentFenMax)).Rule("DR-65");
  }
  row.rent = Money(request.rent_fen());
  SONGHUA_ASSIGN_OR_RETURN(const LotRow* lot, parts_.ledger->lots().Resolve("lot", request.lot()));
  SONGHUA_ASSIGN_OR_RETURN(const AccountRow* lessee, parts_.ledger->accounts().Resolve("lessee_account", request.lessee_account()));
  row.lessor = lot->account;
  row.lessee = lessee->number;
  return row;
}

// Whole months, as many as the province allows.
absl::Status Leases::CheckMonths(const LeaseRow& row, const RightsPolicyRow& policy) const {
  for (int32_t months = policy.lease_months_min; months <= policy.lease_months_max; ++months) {
    const absl::StatusOr<Date> next = AddMonths(row.term.first, months);
    if (next.ok() && row.term.last == *next - 1) return absl::OkStatus();
  }
  return InvalidField("last_day", FormatDate(row.term.last),
                      "the last day of " + std::to_string(policy.lease_months_min) + " to " + std::to_string(policy.lease_months_max) +
                          " whole months from " + FormatDate(row.term.first))
      .Rule("DR-65");
}

absl::Status Leases::CheckProposal(CommandContext& context, const LeaseRow& row, const v1::ProposeLeaseRequest& request) const {
  const LotRow& lot = *parts_.ledger->lots().Find(row.lot);
  const AccountRow& lessor = AccountOf(row.lessor);
  const AccountRow& lessee = AccountOf(row.lessee);
  if (!lot.right || lessor.kind != v1::RIGHTS) return InvalidField("lot", request.lot(), "a lot of rights in a site's account").Rule("DR-65");
  if (lessee.kind != v1::RIGHTS) return InvalidField("lessee_account", request.lessee_account(), "a site's rights account").Rule("DR-65");
  if (lessee.participant == lessor.participant) {
    return InvalidField("lessee_account", request.lessee_account(), "a site of another enterprise than the lessor's").Rule("DR-65");
  }
  if (lot.source == LotSource::kLeaseIn) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "SUBLEASE_FORBIDDEN")
        .Rule("DR-65")
        .Field("lot")
        .Value(request.lot())
        .Accepted("a lot of the lessor's own; this one is leased itself");
  }
  const InstrumentClassRow& right = *parts_.ledger->programs().FindClass(lot.instrument_class);
  SONGHUA_RETURN_IF_ERROR(
      parts_.ledger->CheckHolder(right, *parts_.participants->FindSite(lessee.site), "lessee_account", request.lessee_account()));
  if (row.term.first < context.today) {
    return InvalidField("first_day", request.first_day(), FormatDate(context.today) + ", today, or later").Rule("DR-65");
  }
  SONGHUA_RETURN_IF_ERROR(CheckMonths(row, parts_.ledger->programs().Find(right.program)->rights));
  if (!lot.term.Contains(row.term)) {
    return InvalidField(row.term.first < lot.term.first ? "first_day" : "last_day",
                        FormatDate(row.term.first < lot.term.first ? row.term.first : row.term.last),
                        "days within " + FormatDate(lot.term.first) + " to " + FormatDate(lot.term.last) + ", the validity of " + request.lot())
        .Rule("DR-65");
  }
  SONGHUA_RETURN_IF_ERROR(parts_.ledger->RequireAvailable(context, lot, row.quantity, "quantity"));
  SONGHUA_RETURN_IF_ERROR(parts_.ledger->CheckPart(lot, row.quantity, row.term, "quantity"));
  if (row.rent > Money()) {
    SONGHUA_RETURN_IF_ERROR(CashOf(row.lessor, "rent_fen").status());
    SONGHUA_RETURN_IF_ERROR(CashOf(row.lessee, "rent_fen").status());
  }
  return CheckStanding(context, row, "lot");
}

absl::Status Leases::CheckStanding(const CommandContext& context, const LeaseRow& row, std::string_view field) const {
  SONGHUA_RETURN_IF_ERROR(parts_.ledger->CheckDisposal(context, *parts_.ledger->lots().Find(row.lot), row.quantity, Disposal::kLease, field));
  SONGHUA_RETURN_IF_ERROR(CheckRegion(context, row, field == "lot" ? "lessee_account" : field));
  if (parts_.gate == nullptr) return absl::OkStatus();
  const std::string& program = parts_.ledger->programs().FindClass(parts_.ledger->lots().Find(row.lot)->instrument_class)->program;
  SONGHUA_RETURN_IF_ERROR(parts_.gate->CheckParty(AccountOf(row.lessor), program, v1::CreditGate::SELL, context.today, field));
  return parts_.gate->CheckParty(AccountOf(row.lessee), program, v1::CreditGate::LEASE_IN, context.today, field == "lot" ? "lessee_account" : field);
}

absl::Status Leases::CheckRegion(const CommandContext& context, const LeaseRow& row, std::string_view field) const {
  if (parts_.regions == nullptr) return absl::OkStatus();
  const std::string& pollutant = parts_.ledger->programs().FindClass(parts_.ledger->lots().Find(row.lot)->instrument_class)->pollutant;
  const Region from = parts_.participants->FindSite(AccountOf(row.lessor).site)->region;
  const Region to = parts_.participants->FindSite(AccountOf(row.lessee).site)->region;
  for (const RegionStatusRow* status : parts_.regions->Holding(v1::RegionStatus::NON_ATTAINMENT, to, pollutant, context.today)) {
    if (RegionContains(status->region, from)) continue;
    return Refuse(absl::StatusCode::kFailedPrecondition, "NET_INFLOW")
        .Rule("DR-26")
        .Field(field)
        .Value(AccountName(AccountOf(row.lessee)))
        .Accepted("a lessee outside " + FormatRegion(status->region) + ", which by " + MakeName("regionStatuses", status->number) +
                  " has not attained its standard for " + pollutant + ", or a lessor inside it");
  }
  return absl::OkStatus();
}

absl::StatusOr<AccountNumber> Leases::CashOf(AccountNumber rights_account, std::string_view field) const {
  const std::string& participant = AccountOf(rights_account).participant;
  const AccountRow* cash = parts_.ledger->accounts().OfParticipant(participant, v1::CASH);
  if (cash != nullptr) return cash->number;
  return Refuse(absl::StatusCode::kFailedPrecondition, "NO_CASH_ACCOUNT")
      .Rule("DR-65")
      .Field(field)
      .Value(MakeName("participants", participant))
      .Accepted("0, or parties that both have a cash account");
}

absl::StatusOr<v1::LeaseAnswer> Leases::ProposeLease(CommandContext& context, const v1::ProposeLeaseRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(LeaseRow row, ParseProposal(request));
  SONGHUA_RETURN_IF_ERROR(CheckProposal(context, row, request));
  row.number = parts_.counters->Peek(kNumbersOfLeases);
  row.state = v1::Lease::PROPOSED;
  row.proposed_by = context.person;
  row.create_time = context.time;
  v1::LeaseAnswer answer = Answer(row);
  if (context.validate_only) return answer;
  SONGHUA_CHECK(parts_.counters->Next(kNumbersOfLeases) == row.number);
  parts_.ledger->lots().Hold(*parts_.ledger->lots().Find(row.lot), HoldKind::kLease, row.quantity);
  const LeaseRow& added = rows_.Insert(std::move(row));
  Watch(added);
  Tell(context, added);
  return answer;
}

absl::StatusOr<v1::LeaseAnswer> Leases::AcceptLease(CommandContext& context, const v1::LeaseActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const LeaseRow* found, FindIn(request.name(), {v1::Lease::PROPOSED}));
  LeaseRow row = *found;
  row.state = v1::Lease::ACCEPTED;
  row.accepted_by = context.person;
  AccountNumber cash = 0;
  if (row.rent > Money()) {
    SONGHUA_ASSIGN_OR_RETURN(cash, CashOf(row.lessee, "name"));
    const Money available = parts_.ledger->accounts().FindCash(cash)->available();
    if (available < row.rent) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_FUNDS")
          .Rule("DR-65")
          .Field("name")
          .Value(request.name())
          .Accepted("a rent of at most " + std::to_string(available.value()) + " fen, what is free in " +
                    AccountName(*parts_.ledger->accounts().Find(cash)));
    }
  }
  v1::LeaseAnswer answer = Answer(row);
  if (context.validate_only) return answer;
  if (row.rent > Money()) parts_.ledger->HoldCash(cash, row.rent);
  Tell(context, Change(*found, std::move(row)));
  return answer;
}

absl::StatusOr<v1::LeaseAnswer> Leases::ApproveLease(CommandContext& context, const v1::LeaseActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const LeaseRow* found, FindIn(request.name(), {v1::Lease::ACCEPTED}));
  LeaseRow row = *found;
  const LotRow& lot = *parts_.ledger->lots().Find(row.lot);
  if (context.today > row.term.first) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "LEASE_HAS_BEGUN")
        .Rule("DR-65")
        .Field("name")
        .Value(request.name())
        .Accepted("an approval on " + FormatDate(row.term.first) + ", the first day, or before");
  }
  SONGHUA_RETURN_IF_ERROR(parts_.ledger->CheckNotCovered(context, lot, "name"));
  SONGHUA_RETURN_IF_ERROR(parts_.ledger->CheckPart(lot, row.quantity, row.term, "name"));
  const InstrumentClassRow& right = *parts_.ledger->programs().FindClass(lot.instrument_class);
  SONGHUA_RETURN_IF_ERROR(
      parts_.ledger->CheckHolder(right, *parts_.participants->FindSite(AccountOf(row.lessee).site), "name", request.name()));
  SONGHUA_RETURN_IF_ERROR(CheckStanding(context, row, "name"));
  row.state = v1::Lease::IN_FORCE;
  row.decided_by = context.person;
  if (context.validate_only) return Answer(row);

  if (row.rent > Money()) {
    const AccountNumber payer = *CashOf(row.lessee, "name");
    parts_.ledger->ReleaseCash(payer, row.rent);
    parts_.ledger->Pay(context, PostingType::kRent, payer, *CashOf(row.lessor, "name"), row.rent, 0);
  }
  Lots& lots = parts_.ledger->lots();
  lots.Release(lot, HoldKind::kLease, row.quantity);
  const CarvedRight carved =
      parts_.ledger->MovePart(context, PostingType::kLease, lot, row.quantity, row.term, row.lessee, LotSource::kLeaseIn, /*paid=*/false, row.rent);
  parts_.ledger->TellRightsDisposed(context, lot, row.quantity);
  row.leased_lot = carved.move.to_lot;
  row.later_lot = carved.after;
  for (const auto& [number, quantity] : HeldBy(row)) lots.Hold(*lots.Find(number), HoldKind::kLease, quantity);
  const LeaseRow& changed = Change(*found, std::move(row));
  Tell(context, changed);
  return Answer(changed);
}

absl::StatusOr<v1::LeaseAnswer> Leases::RejectLease(CommandContext& context, const v1::LeaseActRequest& request) {
  return GiveUp(context, request, v1::Lease::REJECTED, /*reason_required=*/true);
}

absl::StatusOr<v1::LeaseAnswer> Leases::WithdrawLease(CommandContext& context, const v1::LeaseActRequest& request) {
  return GiveUp(context, request, v1::Lease::WITHDRAWN, /*reason_required=*/false);
}

absl::StatusOr<v1::LeaseAnswer> Leases::GiveUp(CommandContext& context, const v1::LeaseActRequest& request, v1::Lease::State state,
                                               bool reason_required) {
  if (reason_required || !request.reason().empty()) SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kReasonBytesMax, "reason"));
  SONGHUA_ASSIGN_OR_RETURN(const LeaseRow* found, FindIn(request.name(), {v1::Lease::PROPOSED, v1::Lease::ACCEPTED}));
  if (context.validate_only) return Answer(*found);
  LeaseRow& row = rows_.Edit(*found);
  row.decided_by = context.person;
  row.reason = request.reason();
  End(context, row, state);
  return Answer(row);
}

bool Leases::PassLeases(CommandContext& context, size_t limit) {
  while (!by_last_day_.empty() && by_last_day_.begin()->first < context.today) {
    if (limit-- == 0) return true;
    const LeaseRow& row = *rows_.Find(by_last_day_.begin()->second);
    End(context, row, row.Waits() ? v1::Lease::LAPSED : v1::Lease::ENDED);
  }
  return false;
}

void Leases::End(CommandContext& context, const LeaseRow& old_row, v1::Lease::State state) {
  Lots& lots = parts_.ledger->lots();
  for (const auto& [number, quantity] : HeldBy(old_row)) lots.Release(*lots.Find(number), HoldKind::kLease, quantity);
  if (old_row.HeldRent() > Money()) parts_.ledger->ReleaseCash(*CashOf(old_row.lessee, "name"), old_row.HeldRent());
  LeaseRow row = old_row;
  row.state = state;
  row.end_time = context.time;
  Tell(context, Change(old_row, std::move(row)));
}

LeaseRow& Leases::Change(const LeaseRow& old_row, LeaseRow row) {
  by_last_day_.erase({old_row.LastDay(), old_row.number});
  LeaseRow& changed = rows_.Edit(old_row);
  changed = std::move(row);
  if (Stands(changed)) Watch(changed);
  return changed;
}

void Leases::Watch(const LeaseRow& row) {
  by_last_day_.insert({row.LastDay(), row.number});
  if (parts_.alarm != nullptr) parts_.alarm->WakeForLeases(StartOfDay(row.LastDay() + 1));
}

void Leases::Tell(CommandContext& context, const LeaseRow& row) const {
  context.events->Emit(EventType::kLeaseChanged, MakeName("leases", row.number), row);
}

v1::LeaseAnswer Leases::Answer(const LeaseRow& row) const {
  v1::LeaseAnswer answer;
  *answer.mutable_lease() = ToProto(row, AccountName(AccountOf(row.lessor)), AccountName(AccountOf(row.lessee)));
  return answer;
}

v1::Lease ToProto(const LeaseRow& row, const std::string& lessor, const std::string& lessee) {
  v1::Lease lease;
  lease.set_name(MakeName("leases", row.number));
  lease.set_state(row.state);
  lease.set_lot(MakeName("lots", row.lot));
  lease.set_quantity(row.quantity.value());
  lease.set_lessor(lessor);
  lease.set_lessee(lessee);
  lease.set_first_day(FormatDate(row.term.first));
  lease.set_last_day(FormatDate(row.term.last));
  lease.set_rent_fen(row.rent.value());
  if (row.leased_lot != 0) lease.set_leased_lot(MakeName("lots", row.leased_lot));
  if (row.later_lot != 0) lease.set_later_lot(MakeName("lots", row.later_lot));
  const auto person = [](const std::string& id) { return id.empty() ? id : MakeName("people", id); };
  lease.set_proposed_by(person(row.proposed_by));
  lease.set_accepted_by(person(row.accepted_by));
  lease.set_decided_by(person(row.decided_by));
  lease.set_reason(row.reason);
  *lease.mutable_create_time() = ToProto(row.create_time);
  if (!Stands(row)) *lease.mutable_end_time() = ToProto(row.end_time);
  return lease;
}

Leases::~Leases() = default;

}  // namespace songhua::ledger
