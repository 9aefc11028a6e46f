#include "ledger/extinctions.h"

#include <algorithm>

#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

constexpr char kNumbersOfExtinctions[] = "extinctions";
constexpr int64_t kBpsOne = 10'000;

bool IsListedForAir(const ProgramRow& program, std::string_view pollutant) {
  const std::vector<std::string>& listed = program.rights.replacement_air_pollutants;
  return !program.IsWaterPollutant(pollutant) && std::find(listed.begin(), listed.end(), pollutant) != listed.end();
}

}  // namespace

bool DependsOnAttainment(const ProgramRow& program, std::string_view pollutant) {
  return program.IsWaterPollutant(pollutant) || IsListedForAir(program, pollutant);
}

absl::StatusOr<Replacement> ReplacementOf(const ProgramRow& program, std::string_view pollutant, const AttainmentRow* attainment, Quantity quantity,
                                          bool gas_turbine_level) {
  Replacement replacement;
  replacement.ratio_bps = program.rights.replacement_bps;
  if (DependsOnAttainment(program, pollutant)) {
    if (attainment == nullptr) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "NO_ATTAINMENT").Rule("DR-30").Field("pollutant").Value(pollutant).Accepted(
          "a zone of which it was recorded whether it attained its standards in the year before");
    }
    if (program.IsWaterPollutant(pollutant)) {
      if (!attainment->water_attained) replacement.ratio_bps = std::max(replacement.ratio_bps, program.rights.replacement_water_bps);
    } else if (!attainment->pm25_attained && !gas_turbine_level) {
      replacement.ratio_bps = std::max(replacement.ratio_bps, program.rights.replacement_air_bps);
    }
  }
  SONGHUA_ASSIGN_OR_RETURN(const int64_t kilograms,
                           Evaluate({quantity.value(), replacement.ratio_bps}, {kBpsOne, kGramsPerKilogram}, Rounding::kCeiling));
  SONGHUA_ASSIGN_OR_RETURN(const int64_t grams, MultiplyDivide(kilograms, kGramsPerKilogram, 1, Rounding::kExact));
  replacement.required = Quantity(grams);
  return replacement;
}

Extinctions::Extinctions(TableSet* tables, Counters* counters, const Participants* participants, Ledger* ledger)
    : counters_(counters), participants_(participants), ledger_(ledger), rows_(tables), attainments_(tables) {
  rows_.OnLoaded([this](ExtinctionRow& row) { Index(row); });
}

void Extinctions::Index(const ExtinctionRow& row) {
  for (const LotPart& part : row.kept) kept_[part.lot] += part.quantity;
  if (row.grounds == v1::Extinction::REPLACEMENT) projects_.insert({row.account, row.eia_reference, row.pollutant});
}

Quantity Extinctions::KeptOf(LotNumber lot) const {
  const auto it = kept_.find(lot);
  return it == kept_.end() ? Quantity() : it->second;
}

absl::StatusOr<v1::ExtinctionAnswer> Extinctions::ExtinguishRight(CommandContext& context, const v1::ExtinguishRightRequest& request) {
  return Retire(context, request, v1::RIGHTS);
}

absl::StatusOr<v1::ExtinctionAnswer> Extinctions::ExtinguishReserve(CommandContext& context, const v1::ExtinguishRightRequest& request) {
  return Retire(context, request, v1::RESERVE);
}

absl::StatusOr<v1::ExtinctionAnswer> Extinctions::Retire(CommandContext& context, const v1::ExtinguishRightRequest& request, v1::AccountKind kind) {
  SONGHUA_RETURN_IF_ERROR(ParseNumberedName("lot", "lots", request.lot()).status());
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.document_reference(), kReferenceBytesMax, "document_reference"));
  SONGHUA_ASSIGN_OR_RETURN(const LotRow* lot, ledger_->lots().Resolve("lot", request.lot()));
  const AccountRow& account = *ledger_->accounts().Find(lot->account);
  if (!lot->right || account.kind != kind) {
    return InvalidField("lot", request.lot(), kind == v1::RESERVE ? "a lot of rights in a reserve" : "a lot of rights in a site's account").Rule("DR-60");
  }
  const Quantity quantity(request.quantity());
  SONGHUA_RETURN_IF_ERROR(ledger_->RequireAvailable(context, *lot, quantity, "quantity"));
  SONGHUA_RETURN_IF_ERROR(ledger_->CheckPart(*lot, quantity, RemainingOf(*lot, context.today), "quantity"));
  const InstrumentClassRow& right = *ledger_->programs().FindClass(lot->instrument_class);
  ExtinctionRow row;
  row.grounds = v1::Extinction::RETIREMENT;
  row.account = account.number;
  row.program = right.program;
  row.pollutant = right.pollutant;
  row.control_zone = right.control_zone;
  row.extinguished = {{lot->number, quantity}};
  row.document_reference = request.document_reference();
  return Conclude(context, std::move(row));
}

absl::StatusOr<ExtinctionRow> Extinctions::ParseProject(const v1::ReplaceForProjectRequest& request) const {
  ExtinctionRow row;
  row.grounds = v1::Extinction::REPLACEMENT;
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ParseName("site", "sites", request.site()));
  SONGHUA_RETURN_IF_ERROR(ValidatePollutant("pollutant", request.pollutant()));
  row.pollutant = request.pollutant();
  if (request.project_quantity() < 1) return InvalidField("project_quantity", std::to_string(request.project_quantity()), "1 or more").Rule("DR-30");
  row.project_quantity = Quantity(request.project_quantity());
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.eia_reference(), kReferenceBytesMax, "eia_reference"));
  row.eia_reference = request.eia_reference();
  row.document_reference = request.eia_reference();
  if (request.lots().empty() || request.lots_size() > kLotsMax) {
    return InvalidField("lots", std::to_string(request.lots_size()) + " entries", "1 to " + std::to_string(kLotsMax) + " lots").Rule("DR-30");
  }
  const SiteRow* site = participants_->FindSite(id);
  if (site == nullptr) return NotFound("site", request.site());
  if (!request.exception_document().empty()) {
    SONGHUA_RETURN_IF_ERROR(ValidateName(request.exception_document(), kReferenceBytesMax, "exception_document"));
    if (site->sector_class != v1::POWER && site->sector_class != v1::CHP_HEAT) {
      return InvalidField("exception_document", request.exception_document(), "nothing: the exception is for coal units of power and heat").Rule("DR-30");
    }
    row.exception_document = request.exception_document();
  }
  row.account = ledger_->accounts().FindById(id + ".rights")->number;
  return row;
}

absl::Status Extinctions::CheckProjectLot(const ExtinctionRow& row, const LotRow& lot, const std::string& name) const {
  if (lot.account != row.account || !lot.right) return InvalidField("lots", name, "lots of the site's own account").Rule("DR-30");
  const InstrumentClassRow& right = *ledger_->programs().FindClass(lot.instrument_class);
  if (right.pollutant != row.pollutant || (!row.control_zone.empty() && (right.control_zone != row.control_zone || right.program != row.program))) {
    return InvalidField("lots", name, "lots of " + row.pollutant + ", all of one zone").Rule("DR-20");
  }
  if (lot.source == LotSource::kLeaseIn) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "LEASED_UNITS").Rule("DR-65").Field("lots").Value(name).Accepted(
        "lots of the site's own: what is leased meets no new project's need");
  }
  if (!lot.paid) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "RIGHT_NOT_PAID_FOR").Rule("DR-07").Field("lots").Value(name).Accepted(
        "lots that were bought; the source of this one is " + std::string(LotSourceName(lot.source)));
  }
  return absl::OkStatus();
}

absl::Status Extinctions::Divide(CommandContext& context, const std::vector<const LotRow*>& lots, ExtinctionRow* row) const {
  Quantity keep = row->project_quantity;
  Quantity extinguish = row->required - row->project_quantity;
  for (const LotRow* lot : lots) {
    Quantity usable = std::max(Quantity(), lot->Available(context.today) - KeptOf(lot->number));
    const Quantity kept = std::min(usable, keep);
    if (kept > Quantity()) row->kept.push_back({lot->number, kept});
    keep -= kept;
    usable -= kept;
    const Quantity gone = std::min(usable, extinguish);
    if (gone > Quantity()) {
      SONGHUA_RETURN_IF_ERROR(ledger_->CheckPart(*lot, gone, RemainingOf(*lot, context.today), "lots"));
      row->extinguished.push_back({lot->number, gone});
    }
    extinguish -= gone;
  }
  const Quantity missing = keep + extinguish;
  if (missing == Quantity()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "REPLACEMENT_NOT_COVERED")
      .Rule("DR-30")
      .Field("project_quantity")
      .Value(row->project_quantity.value())
      .Accepted("lots with " + std::to_string(row->required.value()) + " that are free and serve no other project; " + std::to_string(missing.value()) +
                " are missing");
}

absl::StatusOr<v1::ExtinctionAnswer> Extinctions::ReplaceForProject(CommandContext& context, const v1::ReplaceForProjectRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(ExtinctionRow row, ParseProject(request));
  std::vector<const LotRow*> lots;
  for (const std::string& name : request.lots()) {
    SONGHUA_ASSIGN_OR_RETURN(const LotRow* lot, ledger_->lots().Resolve("lots", name));
    if (std::find(lots.begin(), lots.end(), lot) != lots.end()) return InvalidField("lots", name, "each lot once").Rule("DR-30");
    SONGHUA_RETURN_IF_ERROR(CheckProjectLot(row, *lot, name));
    const InstrumentClassRow& right = *ledger_->programs().FindClass(lot->instrument_class);
    row.program = right.program;
    row.control_zone = right.control_zone;
    lots.push_back(lot);
  }
  if (projects_.contains({row.account, row.eia_reference, row.pollutant})) {
    return Refuse(absl::StatusCode::kAlreadyExists, "PROJECT_REPLACED").Rule("DR-30").Field("eia_reference").Value(request.eia_reference()).Accepted(
        "a project whose " + row.pollutant + " was not replaced before");
  }
  const ProgramRow& program = *ledger_->programs().Find(row.program);
  SONGHUA_ASSIGN_OR_RETURN(const Replacement replacement,
                           ReplacementOf(program, row.pollutant, FindAttainment(row.control_zone, Year(context.today) - 1), row.project_quantity,
                                         !row.exception_document.empty()));
  row.ratio_bps = replacement.ratio_bps;
  row.required = replacement.required;
  SONGHUA_RETURN_IF_ERROR(Divide(context, lots, &row));
  return Conclude(context, std::move(row));
}

v1::ExtinctionAnswer Extinctions::Conclude(CommandContext& context, ExtinctionRow row) {
  row.number = counters_->Peek(kNumbersOfExtinctions);
  row.decided_by = context.person;
  row.create_time = context.time;
  v1::ExtinctionAnswer answer;
  *answer.mutable_extinction() = ToProto(row, AccountName(*ledger_->accounts().Find(row.account)));
  if (context.validate_only) return answer;
  SONGHUA_CHECK(counters_->Next(kNumbersOfExtinctions) == row.number);
  for (const LotPart& part : row.extinguished) {
    const LotRow& lot = *ledger_->lots().Find(part.lot);
    ledger_->RetirePart(context, PostingType::kExtinguish, lot, part.quantity, RemainingOf(lot, context.today), v1::EXTINGUISHED);
  }
  const ExtinctionRow& added = rows_.Insert(std::move(row));
  Index(added);
  context.events->Emit(EventType::kRightExtinguished, MakeName("extinctions", added.number), added);
  return answer;
}

absl::StatusOr<v1::AttainmentAnswer> Extinctions::RecordAttainment(CommandContext& context, const v1::RecordAttainmentRequest& request) {
  AttainmentRow row;
  SONGHUA_RETURN_IF_ERROR(ParseRegion(request.control_zone(), "control_zone").status());
  row.control_zone = request.control_zone();
  if (request.year() < kFirstYear || request.year() >= Year(context.today)) {
    return InvalidField("year", std::to_string(request.year()), std::to_string(kFirstYear) + " to " + std::to_string(Year(context.today) - 1) +
                                                                    ", a year that is over")
        .Rule("DR-30");
  }
  row.year = request.year();
  row.water_attained = request.water_attained();
  row.pm25_attained = request.pm25_attained();
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.document_reference(), kReferenceBytesMax, "document_reference"));
  row.document_reference = request.document_reference();
  row.recorded_by = context.person;
  const AttainmentRow* old_row = attainments_.Find(row.Key());
  if (old_row != nullptr) {
    if (old_row->water_attained == row.water_attained && old_row->pm25_attained == row.pm25_attained) {
      return Refuse(absl::StatusCode::kAlreadyExists, "ATTAINMENT_RECORDED").Rule("DR-30").Field("year").Value(request.year()).Accepted(
          "a year that was not recorded, or another finding for it");
    }
    row.revision = old_row->revision + 1;
  }
  v1::AttainmentAnswer answer;
  *answer.mutable_attainment() = ToProto(row);
  if (context.validate_only) return answer;
  context.events->Emit(EventType::kRightExtinguished, "attainments/" + row.control_zone, row);
  if (old_row != nullptr) {
    attainments_.Edit(*old_row) = std::move(row);
  } else {
    attainments_.Insert(std::move(row));
  }
  return answer;
}

v1::Extinction ToProto(const ExtinctionRow& row, const std::string& account) {
  v1::Extinction extinction;
  extinction.set_name(MakeName("extinctions", row.number));
  extinction.set_grounds(row.grounds);
  extinction.set_account(account);
  extinction.set_program(MakeName("programs", row.program));
  extinction.set_pollutant(row.pollutant);
  extinction.set_control_zone(row.control_zone);
  const auto append = [](const std::vector<LotPart>& parts, google::protobuf::RepeatedPtrField<v1::LotQuantity>* out) {
    for (const LotPart& part : parts) {
      v1::LotQuantity* added = out->Add();
      added->set_lot(MakeName("lots", part.lot));
      added->set_quantity(part.quantity.value());
    }
  };
  append(row.extinguished, extinction.mutable_extinguished());
  extinction.set_document_reference(row.document_reference);
  extinction.set_eia_reference(row.eia_reference);
  extinction.set_project_quantity(row.project_quantity.value());
  extinction.set_ratio_bps(row.ratio_bps);
  extinction.set_required_quantity(row.required.value());
  append(row.kept, extinction.mutable_kept());
  extinction.set_exception_document(row.exception_document);
  extinction.set_decided_by(MakeName("people", row.decided_by));
  *extinction.mutable_create_time() = ToProto(row.create_time);
  return extinction;
}

v1::Attainment ToProto(const AttainmentRow& row) {
  v1::Attainment attainment;
  attainment.set_control_zone(row.control_zone);
  attainment.set_year(row.year);
  attainment.set_water_attained(row.water_attained);
  attainment.set_pm25_attained(row.pm25_attained);
  attainment.set_document_reference(row.document_reference);
  attainment.set_recorded_by(MakeName("people", row.recorded_by));
  attainment.set_revision(row.revision);
  return attainment;
}

Extinctions::~Extinctions() = default;

}  // namespace songhua::ledger
