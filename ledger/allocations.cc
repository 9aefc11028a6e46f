#include "ledger/allocations.h"

#include <algorithm>
#include <utility>

#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

AllocationFault FaultOf(const absl::Status& status) {
  const RefusalDetail detail = GetRefusal(status).value_or(RefusalDetail{std::string(absl::StatusCodeToString(status.code())), "", "", "", ""});
  return {detail.reason, detail.rule, detail.field, detail.accepted};
}

v1::AllocationAnswer AnswerOf(const AllocationPlanRow& plan) {
  v1::AllocationAnswer answer;
  *answer.mutable_allocation() = ToProto(plan);
  return answer;
}

AllocationTotalRow& TotalOf(std::vector<AllocationTotalRow>& totals, const std::string& pollutant) {
  auto it = std::lower_bound(totals.begin(), totals.end(), pollutant, [](const AllocationTotalRow& row, const std::string& p) { return row.pollutant < p; });
  if (it == totals.end() || it->pollutant != pollutant) it = totals.insert(it, {pollutant, 0, Quantity()});
  return *it;
}

absl::StatusOr<LotSource> ParseSource(const std::string& source) {
  for (const LotSource known : {LotSource::kInitialFree, LotSource::kInitialPaid, LotSource::kReviewAdjust}) {
    if (source == LotSourceName(known)) return known;
  }
  return InvalidField("source", source, "INITIAL_FREE, INITIAL_PAID or REVIEW_ADJUST").Rule("DR-03");
}

}  // namespace

std::string AllocationPlanRow::Name() const { return MakeName("allocations", number); }

Allocations::Allocations(TableSet* tables, const Parts& parts) : parts_(parts), plans_(tables), rows_(tables) {
  plans_.OnLoaded([this](AllocationPlanRow& plan) { Index(plan); });
  // Tables come back in the order of their numbers: plans are there before their rows.
  rows_.OnLoaded([this](AllocationEntryRow& row) {
    if (plans_.Find(row.plan)->state == v1::Allocation::STAGING && row.fault.reason.empty()) taken_[row.plan].emplace(row.site, row.pollutant);
  });
}

Allocations::~Allocations() = default;

void Allocations::Index(const AllocationPlanRow& plan) {
  if (plan.open()) {
    open_.insert(plan.number);
  } else {
    open_.erase(plan.number);
  }
  const bool moving = plan.granted_rows < plan.rows && !plan.open();
  if (moving) {
    moving_.insert(plan.number);
  } else {
    moving_.erase(plan.number);
  }
  if (plan.state != v1::Allocation::STAGING) taken_.erase(plan.number);
}

void Allocations::Move(CommandContext& context, AllocationPlanRow& plan, v1::Allocation::State state) {
  plan.state = state;
  Index(plan);
  context.events->Emit(EventType::kAllocationChanged, plan.number, static_cast<uint8_t>(state), plan.rows, plan.granted_rows);
}

// ---- Checks ----

absl::StatusOr<const AllocationPlanRow*> Allocations::FindNamed(const std::string& name) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "allocations", name));
  const AllocationPlanRow* plan = number > UINT32_MAX ? nullptr : plans_.Find(static_cast<uint32_t>(number));
  if (plan == nullptr) return NotFound("name", name);
  return plan;
}

absl::Status Allocations::CheckState(const AllocationPlanRow& plan, v1::Allocation::State state) const {
  if (plan.state == state) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
      .Rule("DR-05")
      .Field("name")
      .Value(plan.Name() + " is " + v1::Allocation::State_Name(plan.state))
      .Accepted("a plan that is " + v1::Allocation::State_Name(state));
}

absl::Status Allocations::CheckBeginner(const CommandContext& context, const AllocationPlanRow& plan) const {
  if (plan.begun_by == context.person) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "NOT_IN_CHARGE")
      .Rule("GEN-14")
      .Field("caller")
      .Value(MakeName("people", context.person))
      .Accepted(MakeName("people", plan.begun_by) + ", who began " + plan.Name());
}

const InstrumentClassRow* Allocations::ClassOf(const AllocationPlanRow& plan, const AllocationEntryRow& row) const {
  const ProgramRow& program = *parts_.ledger->programs().Find(plan.program);
  const SiteRow& site = *parts_.participants->FindSite(row.site);
  const TradingGroupRow* group = program.GroupOf(v1::SectorClass_Name(site.sector_class));
  if (group == nullptr) return nullptr;
  const std::string basin = program.IsWaterPollutant(row.pollutant) ? site.basin : "";
  // Zones may lie in each other: the narrowest around the site that has the class.
  const InstrumentClassRow* found = nullptr;
  for (const std::string& zone : program.control_zones) {
    const auto region = ParseRegion(zone);
    if (!region.ok() || !RegionContains(*region, site.region)) continue;
    const InstrumentClassRow* known = parts_.ledger->programs().FindClassOf(plan.program, row.pollutant, zone, group->code, basin);
    if (known != nullptr && (found == nullptr || RegionContains(*ParseRegion(found->control_zone), *region))) found = known;
  }
  return found;
}

absl::StatusOr<Money> Allocations::FeeOf(const AllocationPlanRow& plan, const AllocationEntryRow& row) const {
  if (row.rate == Price()) return Money();
  const ProgramRow& program = *parts_.ledger->programs().Find(plan.program);
  return Amount(row.rate, row.quantity, program.QuotedUnitSteps(row.pollutant), TermRatio(plan.term.first, plan.term.last), Rounding::kHalfUp);
}

absl::StatusOr<AllocationEntryRow> Allocations::ParseRow(const CommandContext& context, const AllocationPlanRow& plan, const v1::AllocationRow& given,
                                                         const AllocationScope& scope) const {
  const ProgramRow& program = *parts_.ledger->programs().Find(plan.program);
  AllocationEntryRow row;
  row.plan = plan.number;
  SONGHUA_ASSIGN_OR_RETURN(row.site, ParseName("site", "sites", given.site()));
  const SiteRow* site = parts_.participants->FindSite(row.site);
  if (site == nullptr) return NotFound("site", given.site());
  if (!RegionContains(plan.region, site->region)) {
    return InvalidField("site", given.site(), "a site in the plan's region, " + FormatRegion(plan.region)).Rule("DR-05");
  }
  if (!program.HasPollutant(given.pollutant())) {
    return InvalidField("pollutant", given.pollutant(), "a pollutant that the program has enabled").Rule("DR-02");
  }
  row.pollutant = given.pollutant();
  if (given.quantity() < 1 || given.quantity() > 1'000'000'000'000'000) {
    return InvalidField("quantity", std::to_string(given.quantity()), "1 to 1000000000000000, grams a year").Rule("DR-03");
  }
  row.quantity = Quantity(given.quantity());
  SONGHUA_ASSIGN_OR_RETURN(row.source, ParseSource(given.source()));
  const bool paid = given.rate_fen() > 0;
  if (given.rate_fen() < 0 || (row.source == LotSource::kInitialPaid && !paid) || (row.source == LotSource::kInitialFree && paid)) {
    return InvalidField("rate_fen", std::to_string(given.rate_fen()), "above 0 for INITIAL_PAID, 0 for INITIAL_FREE").Rule("DR-08");
  }
  row.rate = Price(given.rate_fen());
  row.new_project = given.new_project();
  if (row.new_project && !paid) {
    return InvalidField("new_project", "true", "a right that is paid for: a new or expanded project is granted none for nothing").Rule("DR-07");
  }
  const RightsPolicyRow& policy = program.rights;
  const int32_t years_max = policy.instalment_years_max;
  row.instalments = std::max(1, given.instalments());
  if (given.instalments() < 0 || row.instalments > years_max || (!paid && given.instalments() > 1)) {
    return InvalidField("instalments", std::to_string(given.instalments()), paid ? "1 to " + std::to_string(years_max) + ", a year apart" : "none: nothing is owed")
        .Rule("DR-08");
  }
  row.first_bps = given.first_instalment_bps() != 0 ? given.first_instalment_bps() : policy.first_instalment_bps;
  if (row.instalments == 1) row.first_bps = 10'000;
  if (given.first_instalment_bps() != 0 && (!paid || row.first_bps < policy.first_instalment_bps || row.first_bps > 10'000)) {
    return InvalidField("first_instalment_bps", std::to_string(given.first_instalment_bps()),
                        paid ? std::to_string(policy.first_instalment_bps) + " to 10000" : "none: nothing is owed")
        .Rule("DR-08");
  }
  if (paid && plan.first_payment == kFirstDate) {
    return InvalidField("rate_fen", std::to_string(given.rate_fen()), "0, or a plan that says its first_payment_date").Rule("DR-08");
  }
  SONGHUA_ASSIGN_OR_RETURN(const Money fee, FeeOf(plan, row));
  if (paid && fee == Money()) return InvalidField("rate_fen", std::to_string(given.rate_fen()), "a rate at which the fee is a fen or more").Rule("DR-08");
  SONGHUA_RETURN_IF_ERROR(scope.CheckMayReceive(row.site, context.today));
  const TradingGroupRow* group = program.GroupOf(v1::SectorClass_Name(site->sector_class));
  if (group == nullptr) {
    return InvalidField("site", given.site(), "a site whose sector class belongs to a trading group of the program").Rule("DR-25");
  }
  const auto taken = taken_.find(plan.number);
  if (taken != taken_.end() && taken->second.contains({row.site, row.pollutant})) {
    return Refuse(absl::StatusCode::kAlreadyExists, "ROW_TWICE").Rule("DR-05").Field("site").Value(given.site()).Accepted(
        "each site once a pollutant in a plan");
  }
  return row;
}

absl::StatusOr<std::vector<AllocationHoldRow>> Allocations::DrawAll(const AllocationPlanRow& plan, Date today) const {
  Draws draws;
  std::map<LotNumber, Quantity> holds;
  for (uint32_t number = 1; number <= plan.rows; ++number) {
    const AllocationEntryRow& row = *rows_.Find({plan.number, number});
    const InstrumentClassRow* instrument_class = ClassOf(plan, row);
    const auto refuse = [&](const std::string& accepted) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "RESERVE_SHORT")
          .Rule("DR-60")
          .Field("rows[" + std::to_string(number) + "].quantity")
          .Value(row.quantity.value())
          .Accepted(accepted);
    };
    if (instrument_class == nullptr) return refuse("a right of which a reserve has something: of " + row.pollutant + " for " + MakeName("sites", row.site) + " none was issued");
    auto [draw, first] = draws.try_emplace(instrument_class->id);
    if (first) {
      const AccountRow* reserve = parts_.ledger->accounts().FindById(plan.program + ".reserve." + instrument_class->control_zone);
      for (const LotRow* lot : reserve == nullptr ? std::vector<const LotRow*>() : parts_.ledger->lots().OfAccount(reserve->number)) {
        if (lot->instrument_class == instrument_class->id && lot->term.Contains(plan.term)) draw->second.emplace_back(lot, lot->Available(today));
      }
    }
    const auto lot = std::find_if(draw->second.begin(), draw->second.end(), [&](const auto& entry) { return entry.second >= row.quantity; });
    if (lot == draw->second.end()) {
      Quantity most;
      for (const auto& entry : draw->second) most = std::max(most, entry.second);
      return refuse("at most " + std::to_string(most.value()) + ", what is left for this row in a lot of the reserve of " + instrument_class->control_zone +
                    " that is valid from " + FormatDate(plan.term.first) + " to " + FormatDate(plan.term.last));
    }
    lot->second -= row.quantity;
    holds[lot->first->number] += row.quantity;
  }
  std::vector<AllocationHoldRow> result;
  for (const auto& [lot, quantity] : holds) result.push_back({lot, quantity});
  return result;
}

// ---- Commands ----

absl::StatusOr<v1::AllocationAnswer> Allocations::BeginAllocation(CommandContext& context, const v1::BeginAllocationRequest& request) {
  const v1::Allocation& given = request.allocation();
  AllocationPlanRow plan;
  SONGHUA_ASSIGN_OR_RETURN(plan.program, ParseName("allocation.program", "programs", given.program()));
  SONGHUA_ASSIGN_OR_RETURN(plan.region, ParseRegion(given.region(), "allocation.region"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(given.document_reference(), kTextBytesMax, "allocation.document_reference"));
  plan.document = given.document_reference();
  SONGHUA_ASSIGN_OR_RETURN(plan.term.first, ParseDate(given.valid_from(), "allocation.valid_from"));
  SONGHUA_ASSIGN_OR_RETURN(plan.period_end, ParseDate(given.period_end(), "allocation.period_end"));
  const ProgramRow* program = parts_.ledger->programs().Find(plan.program);
  if (program == nullptr) return NotFound("allocation.program", given.program());
  if (program->form != v1::RIGHT) return InvalidField("allocation.program", given.program(), "a program of rights").Rule("DR-01");
  SONGHUA_ASSIGN_OR_RETURN(const Date limit, AddYears(plan.term.first, program->term_years_max));
  plan.term.last = std::min(plan.period_end, limit - 1);
  if (plan.period_end < plan.term.first || Year(plan.term.first) < program->first_year || Year(plan.term.last) > program->last_year) {
    return InvalidField("allocation.period_end", given.period_end(),
                        "a day not before valid_from, within " + std::to_string(program->first_year) + " to " + std::to_string(program->last_year))
        .Rule("DR-06");
  }
  if (!given.first_payment_date().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(plan.first_payment, ParseDate(given.first_payment_date(), "allocation.first_payment_date"));
    SONGHUA_RETURN_IF_ERROR(AddYears(plan.first_payment, program->rights.instalment_years_max).status());
    if (plan.first_payment < context.today) {
      return InvalidField("allocation.first_payment_date", given.first_payment_date(), "today, " + FormatDate(context.today) + ", or later").Rule("DR-08");
    }
  }
  if (given.totals().empty()) return InvalidField("allocation.totals", "none", "what the rows of each pollutant add up to").Rule("DR-05");
  for (const v1::AllocationTotal& total : given.totals()) {
    if (!program->HasPollutant(total.pollutant())) {
      return InvalidField("allocation.totals.pollutant", total.pollutant(), "a pollutant that the program has enabled").Rule("DR-02");
    }
    if (total.rows() < 1 || total.rows() > kRowsMax) {
      return InvalidField("allocation.totals.rows", std::to_string(total.rows()), "1 to " + std::to_string(kRowsMax)).Rule("DR-05");
    }
    if (total.quantity() < 1) return InvalidField("allocation.totals.quantity", std::to_string(total.quantity()), "1 or more").Rule("DR-05");
    AllocationTotalRow& row = TotalOf(plan.declared, total.pollutant());
    if (row.rows != 0) return InvalidField("allocation.totals.pollutant", total.pollutant(), "each pollutant once").Rule("DR-05");
    row.rows = total.rows();
    row.quantity = Quantity(total.quantity());
  }
  if (open_.size() >= kOpenPlansMax) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_ALLOCATIONS")
        .Rule("DR-05")
        .Field("allocation.region")
        .Value(static_cast<int64_t>(open_.size()))
        .Accepted("less than " + std::to_string(kOpenPlansMax) + " plans that are neither approved nor discarded");
  }
  plan.number = static_cast<uint32_t>(parts_.counters->Peek("allocations"));
  plan.begun_by = std::string(context.person);
  plan.begin_time = context.time;
  if (context.validate_only) return AnswerOf(plan);
  parts_.counters->Next("allocations");
  AllocationPlanRow& inserted = plans_.Insert(std::move(plan));
  Move(context, inserted, v1::Allocation::STAGING);
  return AnswerOf(inserted);
}

absl::StatusOr<v1::AllocationAnswer> Allocations::AddAllocationRows(CommandContext& context, const v1::AddAllocationRowsRequest& request,
                                                                    const AllocationScope& scope) {
  if (request.rows_size() < 1 || request.rows_size() > static_cast<int>(bounds::kChunkRowsMax)) {
    return InvalidField("rows", std::to_string(request.rows_size()) + " rows", "1 to " + std::to_string(bounds::kChunkRowsMax));
  }
  SONGHUA_ASSIGN_OR_RETURN(const AllocationPlanRow* plan, FindNamed(request.name()));
  SONGHUA_RETURN_IF_ERROR(CheckState(*plan, v1::Allocation::STAGING));
  SONGHUA_RETURN_IF_ERROR(CheckBeginner(context, *plan));
  if (request.first_row() != plan->rows + 1 || plan->rows + request.rows_size() > kRowsMax) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "CHUNK_OUT_OF_ORDER")
        .Rule("GEN-15")
        .Field("first_row")
        .Value(request.first_row())
        .Accepted(std::to_string(plan->rows + 1) + ", the row after those that have come; " + std::to_string(kRowsMax) + " in all");
  }

  AllocationPlanRow after = *plan;
  std::vector<AllocationEntryRow> entries;
  std::set<std::pair<std::string, std::string>> chunk;
  for (const v1::AllocationRow& given : request.rows()) {
    auto entry = ParseRow(context, *plan, given, scope);
    absl::Status status = entry.status();
    if (status.ok() && !chunk.emplace(entry->site, entry->pollutant).second) {
      status = Refuse(absl::StatusCode::kAlreadyExists, "ROW_TWICE").Rule("DR-05").Field("site").Value(given.site()).Accepted("each site once a pollutant in a plan");
    }
    AllocationTotalRow* total = status.ok() ? &TotalOf(after.staged, entry->pollutant) : nullptr;
    if (total != nullptr) {
      const auto fee = CheckedAdd(after.fee, *FeeOf(*plan, *entry));
      const auto sum = CheckedAdd(total->quantity, entry->quantity);
      if (!fee.ok() || !sum.ok()) {
        status = OutOfRange("quantity", std::to_string(given.quantity()), "rows whose quantities and fees add up within 64 bits");
      } else {
        after.fee = *fee;
        total->quantity = *sum;
        ++total->rows;
      }
    }
    AllocationEntryRow row;
    if (status.ok()) {
      row = *std::move(entry);
    } else {
      row.plan = plan->number;
      row.site = given.site().substr(0, 60);
      row.pollutant = given.pollutant().substr(0, kPollutantBytesMax);
      row.quantity = Quantity(given.quantity());
      row.fault = FaultOf(status);
      ++after.bad_rows;
    }
    row.row = static_cast<uint32_t>(++after.rows);
    entries.push_back(std::move(row));
  }
  const v1::AllocationAnswer answer = AnswerOf(after);
  if (context.validate_only) return answer;
  AllocationPlanRow& kept = plans_.Edit(*plan);
  kept = std::move(after);
  for (AllocationEntryRow& entry : entries) {
    if (entry.fault.reason.empty()) taken_[kept.number].emplace(entry.site, entry.pollutant);
    rows_.Insert(std::move(entry));
  }
  context.events->Emit(EventType::kAllocationChanged, kept.number, static_cast<uint8_t>(kept.state), kept.rows, kept.bad_rows);
  return answer;
}

absl::StatusOr<v1::AllocationAnswer> Allocations::FinishAllocation(CommandContext& context, const v1::AllocationActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const AllocationPlanRow* plan, FindNamed(request.name()));
  SONGHUA_RETURN_IF_ERROR(CheckState(*plan, v1::Allocation::STAGING));
  SONGHUA_RETURN_IF_ERROR(CheckBeginner(context, *plan));
  if (plan->bad_rows > 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ALLOCATION_HAS_ERRORS")
        .Rule("DR-05")
        .Field("name")
        .Value(plan->Name() + ": " + std::to_string(plan->bad_rows) + " of " + std::to_string(plan->rows) + " rows are bad")
        .Accepted("a plan without a bad row: ListAllocationRows names them all; discard it, mend the file, begin again");
  }
  if (plan->staged != plan->declared) {
    const auto text = [](const std::vector<AllocationTotalRow>& totals) {
      std::string out;
      for (const AllocationTotalRow& total : totals) {
        out += (out.empty() ? "" : "; ") + total.pollutant + " " + std::to_string(total.quantity.value()) + " in " + std::to_string(total.rows) + " rows";
      }
      return out.empty() ? "nothing" : out;
    };
    return Refuse(absl::StatusCode::kFailedPrecondition, "CONTROL_TOTALS_DIFFER")
        .Rule("DR-05")
        .Field("totals")
        .Value(text(plan->staged))
        .Accepted("rows that add up to what was declared: " + text(plan->declared));
  }
  SONGHUA_RETURN_IF_ERROR(DrawAll(*plan, context.today).status());
  AllocationPlanRow after = *plan;
  after.state = v1::Allocation::BALANCED;
  if (context.validate_only) return AnswerOf(after);
  AllocationPlanRow& kept = plans_.Edit(*plan);
  Move(context, kept, v1::Allocation::BALANCED);
  return AnswerOf(kept);
}

absl::StatusOr<v1::AllocationAnswer> Allocations::ApproveAllocation(CommandContext& context, const v1::AllocationActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const AllocationPlanRow* plan, FindNamed(request.name()));
  if (plan->begun_by == context.person) {
    return Refuse(absl::StatusCode::kPermissionDenied, "SAME_PERSON_PROPOSED")
        .Rule("GEN-14")
        .Field("caller")
        .Value(MakeName("people", context.person))
        .Accepted("a person other than the one who began the plan");
  }
  SONGHUA_RETURN_IF_ERROR(CheckState(*plan, v1::Allocation::BALANCED));
  if (plan->fee > Money() && plan->first_payment < context.today) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PAYMENT_ALREADY_DUE")
        .Rule("DR-08")
        .Field("name")
        .Value(plan->Name() + ": first payments were due on " + FormatDate(plan->first_payment))
        .Accepted("a plan whose first payments are due today or later: discard this one and begin it again");
  }
  SONGHUA_ASSIGN_OR_RETURN(std::vector<AllocationHoldRow> holds, DrawAll(*plan, context.today));
  AllocationPlanRow after = *plan;
  after.state = v1::Allocation::APPROVED;
  after.decided_by = std::string(context.person);
  after.decide_time = context.time;
  if (context.validate_only) return AnswerOf(after);
  AllocationPlanRow& kept = plans_.Edit(*plan);
  kept.decided_by = std::string(context.person);
  kept.decide_time = context.time;
  for (const AllocationHoldRow& hold : holds) parts_.ledger->lots().Hold(*parts_.ledger->lots().Find(hold.lot), HoldKind::kAllocation, hold.quantity);
  kept.holds = std::move(holds);
  Move(context, kept, v1::Allocation::APPROVED);
  parts_.alarm->WakeForAllocations(context.time);
  return AnswerOf(kept);
}

absl::StatusOr<v1::AllocationAnswer> Allocations::DiscardAllocation(CommandContext& context, const v1::DiscardAllocationRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kTextBytesMax, "reason"));
  SONGHUA_ASSIGN_OR_RETURN(const AllocationPlanRow* plan, FindNamed(request.name()));
  if (!plan->open()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule("DR-05")
        .Field("name")
        .Value(plan->Name() + " is " + v1::Allocation::State_Name(plan->state))
        .Accepted("a plan that is STAGING or BALANCED");
  }
  AllocationPlanRow after = *plan;
  after.state = v1::Allocation::DISCARDED;
  after.decided_by = std::string(context.person);
  after.decide_time = context.time;
  after.discard_reason = request.reason();
  if (context.validate_only) return AnswerOf(after);
  AllocationPlanRow& kept = plans_.Edit(*plan);
  kept = std::move(after);
  Move(context, kept, v1::Allocation::DISCARDED);
  if (kept.rows > 0) parts_.alarm->WakeForAllocations(context.time);
  return AnswerOf(kept);
}

// ---- Carrying out ----

void Allocations::GrantRow(CommandContext& context, AllocationPlanRow& plan, AllocationEntryRow& row) {
  const InstrumentClassRow* instrument_class = ClassOf(plan, row);
  AllocationHoldRow* source = nullptr;
  for (AllocationHoldRow& hold : plan.holds) {
    const LotRow& lot = *parts_.ledger->lots().Find(hold.lot);
    if (lot.instrument_class == instrument_class->id && hold.quantity >= row.quantity) {
      source = &hold;
      break;
    }
  }
  SONGHUA_CHECK(source != nullptr);
  const auto fee = FeeOf(plan, row);
  SONGHUA_CHECK(fee.ok());
  const AccountRow& account = *parts_.ledger->accounts().FindById(row.site + ".rights");
  source->quantity -= row.quantity;
  const LotMove move = parts_.ledger->Grant(context, *parts_.ledger->lots().Find(source->lot), row.quantity, plan.term, account.number, row.source,
                                            *fee > Money(), *fee);
  row.lot = move.to_lot;
  if (*fee > Money()) {
    row.fee = parts_.fees->Charge(context, row.site, move.to_lot, plan.number,
                                  SplitFee(*fee, {row.first_bps, row.instalments, plan.first_payment}));
  }
}

bool Allocations::Carry(CommandContext& context, size_t max) {
  while (!moving_.empty()) {
    const AllocationPlanRow* found = plans_.Find(*moving_.begin());
    AllocationPlanRow& plan = plans_.Edit(*found);
    for (; plan.granted_rows < plan.rows; ++plan.granted_rows) {
      if (max-- == 0) {
        context.events->Emit(EventType::kAllocationChanged, plan.number, static_cast<uint8_t>(plan.state), plan.rows, plan.granted_rows);
        return true;
      }
      const AllocationEntryRow& row = *rows_.Find({plan.number, static_cast<uint32_t>(plan.granted_rows + 1)});
      if (plan.state == v1::Allocation::APPROVED) {
        GrantRow(context, plan, rows_.Edit(row));
      } else {
        rows_.Erase(row);
      }
    }
    if (plan.state == v1::Allocation::APPROVED) plan.holds.clear();
    Move(context, plan, plan.state == v1::Allocation::APPROVED ? v1::Allocation::GRANTED : plan.state);
  }
  return false;
}

// ---- Messages ----

v1::Allocation ToProto(const AllocationPlanRow& row) {
  v1::Allocation message;
  message.set_name(row.Name());
  message.set_program(MakeName("programs", row.program));
  message.set_region(FormatRegion(row.region));
  message.set_document_reference(row.document);
  message.set_valid_from(FormatDate(row.term.first));
  message.set_period_end(FormatDate(row.period_end));
  message.set_valid_to(FormatDate(row.term.last));
  if (row.first_payment != kFirstDate) message.set_first_payment_date(FormatDate(row.first_payment));
  const auto totals = [](const std::vector<AllocationTotalRow>& from, auto* to) {
    for (const AllocationTotalRow& total : from) {
      v1::AllocationTotal* out = to->Add();
      out->set_pollutant(total.pollutant);
      out->set_rows(total.rows);
      out->set_quantity(total.quantity.value());
    }
  };
  totals(row.declared, message.mutable_totals());
  totals(row.staged, message.mutable_staged());
  message.set_state(row.state);
  message.set_rows(row.rows);
  message.set_bad_rows(row.bad_rows);
  message.set_granted_rows(row.state == v1::Allocation::DISCARDED ? 0 : row.granted_rows);
  message.set_fee_fen(row.fee.value());
  message.set_begun_by(MakeName("people", row.begun_by));
  *message.mutable_begin_time() = ToProto(row.begin_time);
  if (!row.decided_by.empty()) {
    message.set_decided_by(MakeName("people", row.decided_by));
    *message.mutable_decide_time() = ToProto(row.decide_time);
  }
  message.set_discard_reason(row.discard_reason);
  return message;
}

v1::AllocationRow ToProto(const AllocationEntryRow& row) {
  v1::AllocationRow message;
  message.set_site(row.fault.reason.empty() ? MakeName("sites", row.site) : row.site);
  message.set_pollutant(row.pollutant);
  message.set_quantity(row.quantity.value());
  message.set_source(std::string(LotSourceName(row.source)));
  message.set_rate_fen(row.rate.value());
  message.set_instalments(row.instalments);
  message.set_first_instalment_bps(row.rate == Price() ? 0 : row.first_bps);
  message.set_new_project(row.new_project);
  message.set_row(row.row);
  message.set_reason(row.fault.reason);
  message.set_rule(row.fault.rule);
  message.set_field(row.fault.field);
  message.set_accepted(row.fault.accepted);
  if (row.lot != 0) message.set_lot(MakeName("lots", row.lot));
  if (row.fee != 0) message.set_paid_use_fee(MakeName("paidUseFees", row.fee));
  return message;
}

}  // namespace songhua::ledger
