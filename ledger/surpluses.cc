#include "ledger/surpluses.h"

#include <algorithm>
#include <utility>

#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

// Holds by which a lot is on its way to somebody else, and which count against the verified surplus until they end or are carried out.
constexpr HoldKind kOnItsWay[] = {HoldKind::kOrder, HoldKind::kTrade, HoldKind::kListing};

}  // namespace

Surpluses::Surpluses(TableSet* tables, const Participants* participants, const Ledger* ledger)
    : participants_(participants), ledger_(ledger), rows_(tables) {
  rows_.OnLoaded([this](SurplusRow& row) { by_site_[{row.site, row.pollutant}].push_back(row.number); });
}

Surpluses::~Surpluses() = default;

absl::StatusOr<v1::SurplusAnswer> Surpluses::DeclareSurplus(CommandContext& context, const v1::DeclareSurplusRequest& request) {
  const v1::Surplus& given = request.surplus();
  SONGHUA_ASSIGN_OR_RETURN(const std::string site, ParseName("surplus.site", "sites", given.site()));
  SONGHUA_RETURN_IF_ERROR(ValidatePollutant("surplus.pollutant", given.pollutant()));
  if (!v1::Surplus::Measure_IsValid(given.measure()) || given.measure() == v1::Surplus::MEASURE_UNSPECIFIED) {
    return InvalidField("surplus.measure", v1::Surplus::Measure_Name(given.measure()),
                        "CAPACITY_CLOSED, CLEANER_PRODUCTION, TREATMENT or TECHNICAL_UPGRADE: a surplus on paper is none")
        .Rule("DR-17");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(given.document_reference(), kTextBytesMax, "surplus.document_reference"));
  if (given.declared_quantity() < 1) return InvalidField("surplus.declared_quantity", std::to_string(given.declared_quantity()), "1 or more").Rule("DR-17");
  if (participants_->FindSite(site) == nullptr) return NotFound("surplus.site", given.site());
  if (ledger_->programs().RightsProgramOf(given.pollutant()) == nullptr) {
    return InvalidField("surplus.pollutant", given.pollutant(), "a pollutant of a program of rights").Rule("DR-02");
  }
  SurplusRow row;
  row.number = rows_.size() + 1;  // surpluses are never erased
  row.site = site;
  row.pollutant = given.pollutant();
  row.measure = given.measure();
  row.document = given.document_reference();
  row.declared = Quantity(given.declared_quantity());
  row.declared_by = std::string(context.person);
  v1::SurplusAnswer answer;
  *answer.mutable_surplus() = ToProto(row, context.today);
  if (context.validate_only) return answer;
  by_site_[{row.site, row.pollutant}].push_back(row.number);
  context.events->Emit(EventType::kSurplusChanged, row.number, static_cast<uint8_t>(row.state), row.declared);
  rows_.Insert(std::move(row));
  return answer;
}

absl::StatusOr<const SurplusRow*> Surpluses::FindDeclared(const std::string& name) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "surpluses", name));
  const SurplusRow* row = rows_.Find(number);
  if (row == nullptr) return NotFound("name", name);
  if (row->state != v1::Surplus::DECLARED) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule("DR-17")
        .Field("name")
        .Value(name + " is " + v1::Surplus::State_Name(row->state))
        .Accepted("a surplus that is DECLARED");
  }
  return row;
}

Quantity Surpluses::Spare(const std::string& site, const std::string& pollutant, Date today, const NeedReader& needs) const {
  const AccountRow& account = *ledger_->accounts().FindById(site + ".rights");
  Quantity free;
  int32_t last = Year(today);
  for (const LotRow* lot : ledger_->lots().OfAccount(account.number)) {
    if (ledger_->programs().FindClass(lot->instrument_class)->pollutant != pollutant || lot->term.last < today) continue;
    free += lot->Available(today);
    last = std::max(last, Year(lot->term.last));
  }
  Quantity spare = free;
  for (int32_t year = Year(today); year <= last; ++year) {
    spare = std::min(spare, ledger_->EffectiveRights(site, pollutant, year) - needs.PermittedQuantity(site, pollutant, year));
  }
  spare -= needs.PendingDeficit(site, pollutant);
  // What was verified before and waits to be sold is spoken for.
  spare -= FreeSurplus(site, pollutant, today);
  return std::max(spare, Quantity());
}

absl::StatusOr<v1::SurplusAnswer> Surpluses::VerifySurplus(CommandContext& context, const v1::VerifySurplusRequest& request, const NeedReader& needs) {
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.opinion(), kTextBytesMax, "opinion"));
  SONGHUA_ASSIGN_OR_RETURN(const SurplusRow* surplus, FindDeclared(request.name()));
  if (surplus->declared_by == context.person) {
    return Refuse(absl::StatusCode::kPermissionDenied, "SAME_PERSON_DECLARED")
        .Rule("GEN-14")
        .Field("caller")
        .Value(MakeName("people", context.person))
        .Accepted("a person other than the one who declared it");
  }
  if (request.quantity() < 1 || Quantity(request.quantity()) > surplus->declared) {
    return InvalidField("quantity", std::to_string(request.quantity()), "1 to " + std::to_string(surplus->declared.value()) + ", what was declared")
        .Rule("DR-17");
  }
  const Quantity spare = Spare(surplus->site, surplus->pollutant, context.today, needs);
  if (Quantity(request.quantity()) > spare) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "SURPLUS_TOO_LARGE")
        .Rule("DR-17")
        .Field("quantity")
        .Value(request.quantity())
        .Accepted("at most " + std::to_string(spare.value()) + ": live unencumbered rights less what the permits allow, pending deficits and surplus verified before");
  }
  SurplusRow after = *surplus;
  after.state = v1::Surplus::VERIFIED;
  after.verified = Quantity(request.quantity());
  after.valid_to = context.today + (ledger_->programs().RightsProgramOf(surplus->pollutant)->rights.surplus_valid_days - 1);
  after.decided_by = std::string(context.person);
  after.opinion = request.opinion();
  v1::SurplusAnswer answer;
  *answer.mutable_surplus() = ToProto(after, context.today);
  if (context.validate_only) return answer;
  rows_.Edit(*surplus) = after;
  context.events->Emit(EventType::kSurplusChanged, after.number, static_cast<uint8_t>(after.state), after.verified);
  return answer;
}

absl::StatusOr<v1::SurplusAnswer> Surpluses::RejectSurplus(CommandContext& context, const v1::RejectSurplusRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kTextBytesMax, "reason"));
  SONGHUA_ASSIGN_OR_RETURN(const SurplusRow* surplus, FindDeclared(request.name()));
  SurplusRow after = *surplus;
  after.state = v1::Surplus::REJECTED;
  after.decided_by = std::string(context.person);
  after.opinion = request.reason();
  v1::SurplusAnswer answer;
  *answer.mutable_surplus() = ToProto(after, context.today);
  if (context.validate_only) return answer;
  rows_.Edit(*surplus) = after;
  context.events->Emit(EventType::kSurplusChanged, after.number, static_cast<uint8_t>(after.state), Quantity());
  return answer;
}

Quantity Surpluses::FreeSurplus(const std::string& site, const std::string& pollutant, Date today) const {
  const auto numbers = by_site_.find({site, pollutant});
  if (numbers == by_site_.end()) return Quantity();
  Quantity left;
  for (const uint64_t number : numbers->second) left += rows_.Find(number)->LeftOn(today);
  const AccountRow& account = *ledger_->accounts().FindById(site + ".rights");
  for (const LotRow* lot : ledger_->lots().OfAccount(account.number)) {
    if (ledger_->programs().FindClass(lot->instrument_class)->pollutant != pollutant) continue;
    for (const HoldKind kind : kOnItsWay) left -= lot->Held(kind);
  }
  return std::max(left, Quantity());
}

void Surpluses::Use(const std::string& site, const std::string& pollutant, Quantity quantity, Date today) {
  const auto numbers = by_site_.find({site, pollutant});
  if (numbers == by_site_.end()) return;
  // A trade may be delivered after the last day of the surplus that it was agreed under: what has lapsed comes after what holds.
  for (const bool lapsed : {false, true}) {
    for (const uint64_t number : numbers->second) {
      const SurplusRow& row = *rows_.Find(number);
      const Quantity part = std::min(quantity, lapsed ? row.verified - row.used : row.LeftOn(today));
      if (part == Quantity()) continue;
      rows_.Edit(row).used += part;
      quantity -= part;
    }
  }
}

void Surpluses::GiveBack(const std::string& site, const std::string& pollutant, Quantity quantity) {
  const auto numbers = by_site_.find({site, pollutant});
  if (numbers == by_site_.end()) return;
  for (auto number = numbers->second.rbegin(); number != numbers->second.rend(); ++number) {
    const SurplusRow& row = *rows_.Find(*number);
    const Quantity part = std::min(quantity, row.used);
    if (part == Quantity()) continue;
    rows_.Edit(row).used -= part;
    quantity -= part;
  }
}

v1::Surplus ToProto(const SurplusRow& row, Date today) {
  v1::Surplus message;
  message.set_name(MakeName("surpluses", row.number));
  message.set_site(MakeName("sites", row.site));
  message.set_pollutant(row.pollutant);
  message.set_measure(row.measure);
  message.set_document_reference(row.document);
  message.set_declared_quantity(row.declared.value());
  message.set_verified_quantity(row.verified.value());
  message.set_used_quantity(row.used.value());
  if (row.valid_to != kFirstDate) message.set_valid_to(FormatDate(row.valid_to));
  message.set_state(row.StateOn(today));
  message.set_declared_by(MakeName("people", row.declared_by));
  if (!row.decided_by.empty()) message.set_decided_by(MakeName("people", row.decided_by));
  message.set_opinion(row.opinion);
  return message;
}

}  // namespace songhua::ledger
