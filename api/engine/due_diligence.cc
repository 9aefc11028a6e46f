#include "api/engine/due_diligence.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "ledger/authorisations.h"
#include "ledger/check.h"
#include "ledger/codec.h"
#include "ledger/names.h"
#include "ledger/pledge_policy.h"
#include "ledger/pledge_ranks.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::api {
namespace {

constexpr char kOwnGround[] = "OWN";
constexpr char kOfficeGround[] = "OFFICE";
constexpr int32_t kPenaltyYears = 3;    // PLG-41; of reduction tasks too
constexpr int32_t kDischargeYears = 2;  // that are over

bool IsLender(const ledger::ParticipantRow& row) { return row.kind == v1::BANK || row.kind == v1::BANK_BRANCH; }

// Whether the bank or branch acts for the pledgee.
bool ActsFor(const State& state, const ledger::ParticipantRow& bank, const std::string& pledgee) {
  if (bank.id == pledgee || bank.parent == pledgee) return true;
  return state.participants.FindParticipant(pledgee)->parent == bank.id;
}

// What has not ended: neither by an event nor because a step did not come in time.
std::vector<const ledger::PledgeRow*> OpenPledges(const State& state, const std::string& enterprise, Date today) {
  std::vector<const ledger::PledgeRow*> pledges = state.pledges.LiveOf(enterprise);
  std::erase_if(pledges, [&](const ledger::PledgeRow* row) { return row->HasEnded() || row->LapsedOn(today); });
  return pledges;
}

// Empty: there is none.
std::string GroundOf(const State& state, const CommandContext& context, const ledger::ParticipantRow& enterprise, const ledger::ParticipantRow& inquirer) {
  if (inquirer.id == enterprise.id) return kOwnGround;
  if (inquirer.kind == v1::AUTHORITY || inquirer.kind == v1::OPERATOR) return kOfficeGround;
  if (!IsLender(inquirer)) return "";
  if (const auto* authorisation = state.authorisations.FindInForce(enterprise.id, inquirer, context.today); authorisation != nullptr) {
    return ledger::MakeName("authorisations", authorisation->number);
  }
  for (const ledger::PledgeRow* pledge : OpenPledges(state, enterprise.id, context.today)) {
    if (ActsFor(state, inquirer, pledge->pledgee)) return ledger::MakeName("pledges", pledge->number);
  }
  return "";
}

// What others than its parties may know of a pledge (PLG-40).
v1::Pledge Redacted(const v1::Pledge& pledge) {
  v1::Pledge shown;
  shown.set_state(pledge.state());
  shown.set_lot(pledge.lot());
  shown.set_quantity(pledge.quantity());
  if (pledge.has_units_rank_time()) *shown.mutable_units_rank_time() = pledge.units_rank_time();
  *shown.mutable_additions() = pledge.additions();
  for (const v1::PledgedUnits& units : pledge.more_units()) {
    v1::PledgedUnits* more = shown.add_more_units();
    more->set_lot(units.lot());
    more->set_quantity(units.quantity());
    if (units.has_rank_time()) *more->mutable_rank_time() = units.rank_time();
    *more->mutable_additions() = units.additions();
  }
  if (pledge.has_rank_time()) *shown.mutable_rank_time() = pledge.rank_time();
  return shown;
}

// Makes one pack, part by part.
class PackBuilder {
 public:
  PackBuilder(const State& state, const CommandContext& context, const ledger::ParticipantRow& enterprise)
      : state_(state), today_(context.today), enterprise_(enterprise), sites_(state.participants.SitesOf(enterprise.id)) {
    Cut(&sites_);
  }

  v1::DueDiligencePack Build(const ledger::ParticipantRow& inquirer) {
    *pack_.mutable_enterprise() = ledger::ToProto(enterprise_);
    if (const permits::CreditGradeRow* grade = state_.standing.FindGrade(enterprise_.id); grade != nullptr) {
      pack_.set_credit_grade(v1::CreditGrade_Name(grade->grade));
      pack_.set_blacklisted(grade->blacklisted);
    }
    pack_.set_insolvent(state_.pledges.IsInsolvent(enterprise_.id));
    Money arrears;
    for (const ledger::SiteRow* site : sites_) {
      AddPermit(*site);
      arrears += state_.paid_use_fees.OverdueOf(site->id, today_);
    }
    pack_.set_arrears_fen(arrears.value());
    if (const ledger::InsuranceRow* insurance = state_.insurances.Find(enterprise_.id)) *pack_.mutable_insurance() = ledger::ToProto(*insurance);
    AddLots();
    for (const ledger::SiteRow* site : sites_) AddYears(*site);
    AddPenalties();
    AddReductionTasks();
    AddPrices();
    AddObligations();
    AddPledges(inquirer);
    pack_.set_omitted(omitted_);
    return std::move(pack_);
  }

 private:
  template <class Row>
  void Cut(std::vector<const Row*>* rows) {
    if (rows->size() <= kPackEntriesMax) return;
    omitted_ += static_cast<int32_t>(rows->size() - kPackEntriesMax);
    rows->resize(kPackEntriesMax);
  }

  void AddPermit(const ledger::SiteRow& site) {
    v1::DueDiligencePack::Permit* entry = pack_.add_permits();
    entry->set_site(ledger::MakeName("sites", site.id));
    entry->set_site_name(site.display_name);
    const permits::PermitRow* permit = state_.permits.LastPermitOfSite(site.id, today_);
    if (permit == nullptr) {
      entry->set_state(std::string(permits::StandingName(permits::SiteStanding::kNone)));
    } else {
      entry->set_permit(permits::PermitName(*permit));
      entry->set_state(v1::PermitState_Name(permit->StateOn(today_)));
      entry->set_valid_from(FormatDate(permit->term.first));
      entry->set_valid_to(FormatDate(permit->term.last));
      entry->set_rights_pending(permit->rights_pending);
    }
    for (const permits::OverlayRow* overlay : state_.overlays.ActiveOf(site.id, today_)) {
      entry->add_overlays(v1::OverlayKind_Name(overlay->kind) + " since " + FormatDate(overlay->term.first));
    }
  }

  // Of its sites' rights accounts, then of its registry and trading accounts.
  std::vector<const ledger::LotRow*> Lots() const {
    std::vector<const ledger::AccountRow*> accounts;
    for (const ledger::SiteRow* site : sites_) accounts.push_back(state_.ledger.accounts().FindById(site->id + ".rights"));
    for (const v1::AccountKind kind : {v1::REGISTRY, v1::TRADING}) accounts.push_back(state_.ledger.accounts().OfParticipant(enterprise_.id, kind));
    std::vector<const ledger::LotRow*> lots;
    for (const ledger::AccountRow* account : accounts) {
      if (account == nullptr) continue;
      for (const ledger::LotRow* lot : state_.ledger.lots().OfAccount(account->number)) {
        if (lot->quantity > Quantity() && !(lot->right && lot->term.last < today_)) lots.push_back(lot);
      }
    }
    return lots;
  }

  void AddLots() {
    lots_ = Lots();
    Cut(&lots_);
    for (const ledger::LotRow* lot : lots_) {
      const ledger::InstrumentClassRow& kind = *state_.ledger.programs().FindClass(lot->instrument_class);
      v1::DueDiligencePack::LotEntry* entry = pack_.add_lots();
      *entry->mutable_lot() = ledger::ToProto(*lot, kind, *state_.ledger.accounts().Find(lot->account), today_);
      for (const ledger::LotFreeze& freeze : lot->freezes) {
        if (freeze.in_force.Contains(today_)) entry->add_freezes(ledger::MakeName("freezes", freeze.freeze));
      }
      const auto whole = state_.ValueOf(*lot, lot->quantity, today_);
      if (!whole.has_value()) continue;
      entry->set_value_fen(whole->value.value());
      entry->set_unit_price_fen(whole->unit.value());
      const Quantity free = lot->Available(today_);
      if (free == Quantity() || !MayBePledged(*lot, kind)) continue;
      const auto of_free = free == lot->quantity ? whole : state_.ValueOf(*lot, free, today_);
      if (of_free.has_value()) {
        entry->set_principal_max_fen(
            ledger::MostLent(of_free->value, state_.ledger.programs().Find(kind.program)->pledge_policy.loan_to_value_bps).value());
      }
    }
  }

  // PLG-11, PLG-17, as far as the lot itself goes.
  bool MayBePledged(const ledger::LotRow& lot, const ledger::InstrumentClassRow& kind) const {
    const ledger::ProgramRow& program = *state_.ledger.programs().Find(kind.program);
    const v1::AccountKind account = state_.ledger.accounts().Find(lot.account)->kind;
    if (account == v1::TRADING && program.separate_trading_accounts) return false;
    return lot.paid || program.pledge_policy.free_rights;
  }

  void AddYears(const ledger::SiteRow& site) {
    std::set<std::string> pollutants;
    for (const ledger::LotRow* lot : lots_) {
      if (lot->right && state_.ledger.accounts().Find(lot->account)->site == site.id) {
        pollutants.insert(state_.ledger.programs().FindClass(lot->instrument_class)->pollutant);
      }
    }
    if (const permits::PermitRow* permit = state_.permits.LastPermitOfSite(site.id, today_); permit != nullptr) {
      for (const permits::SiteTotalRow& total : permit->site_totals) {
        if (state_.PaidUse(total.pollutant)) pollutants.insert(total.pollutant);
      }
    }
    for (const std::string& pollutant : pollutants) {
      for (int32_t year = Year(today_) - kDischargeYears; year <= Year(today_); ++year) {
        const ledger::RightsYearRow* recorded = state_.rights_years.Find(site.id, pollutant, year);
        const Quantity entitled = state_.rights_years.Effective(site.id, pollutant, year);
        if (recorded == nullptr && entitled == Quantity()) continue;
        v1::DueDiligencePack::YearEntry* entry = pack_.add_years();
        entry->set_site(ledger::MakeName("sites", site.id));
        entry->set_pollutant(pollutant);
        entry->set_year(year);
        entry->set_entitled(entitled.value());
        if (recorded == nullptr) continue;
        entry->set_emitted(recorded->discharged.value());
        entry->set_verified(true);
      }
    }
  }

  void AddPenalties() {
    const Date since = songhua::AddYears(today_, -kPenaltyYears).value_or(kFirstDate);
    std::vector<const permits::PenaltyRow*> penalties;
    for (const ledger::SiteRow* site : sites_) {
      for (const permits::PenaltyRow* penalty : state_.penalties.OfSite(site->id, since)) penalties.push_back(penalty);
    }
    Cut(&penalties);
    for (const permits::PenaltyRow* penalty : penalties) {
      v1::DueDiligencePack::PenaltyEntry* entry = pack_.add_penalties();
      entry->set_name(penalty->Name());
      entry->set_site(ledger::MakeName("sites", penalty->site));
      entry->set_decision_date(FormatDate(penalty->date));
      entry->set_amount_fen(penalty->fine.value());
      entry->set_ground(penalty->conduct + (penalty->grounds.empty() ? "" : ": " + penalty->grounds));
    }
  }

  void AddReductionTasks() {
    const Date since = songhua::AddYears(today_, -kPenaltyYears).value_or(kFirstDate);
    std::vector<const permits::ReductionTaskRow*> tasks;
    for (const ledger::SiteRow* site : sites_) {
      for (const permits::ReductionTaskRow* task : state_.reduction_tasks.OfSite(site->id, since)) tasks.push_back(task);
    }
    Cut(&tasks);
    for (const permits::ReductionTaskRow* task : tasks) {
      v1::DueDiligencePack::ReductionTaskEntry* entry = pack_.add_reduction_tasks();
      entry->set_name(task->Name());
      entry->set_site(ledger::MakeName("sites", task->site));
      entry->set_pollutant(task->pollutant);
      entry->set_year(task->year);
      entry->set_required_quantity(task->required.value());
      entry->set_achieved_quantity(task->achieved.value());
      entry->set_result(v1::ReductionTask::Result_Name(task->Result()));
      entry->set_decision(task->decision);
      entry->set_decision_date(FormatDate(task->decided));
      entry->set_excludes(state_.reduction_tasks.Excludes(*task));
    }
  }

  v1::DueDiligencePack::PriceEntry* AddPrice(const ledger::InstrumentClassRow& kind, v1::PriceBasis basis, int32_t vintage) {
    const Term window = ledger::IndexWindow(today_);
    const ledger::MarketAverage average =
        state_.exchange.trade_days().Between(kind.program, kind.pollutant, kind.control_zone, basis, vintage, window.first, window.last).Average();
    v1::DueDiligencePack::PriceEntry* entry = pack_.add_prices();
    entry->set_program(ledger::MakeName("programs", kind.program));
    entry->set_pollutant(kind.pollutant);
    entry->set_control_zone(kind.control_zone);
    entry->set_price_basis(v1::PriceBasis_Name(basis));
    entry->set_vintage(vintage);
    entry->set_trades(average.trades);
    entry->set_average_price_fen(average.price.value());
    return entry;
  }

  // Of each kind of right by both bases, where there is a price; of each vintage by its first contract that closed.
  void AddPrices() {
    std::set<std::tuple<std::string, std::string, std::string>> rights;
    std::set<std::pair<ledger::InstrumentClassId, int32_t>> serial;
    for (const ledger::LotRow* lot : lots_) {
      const ledger::InstrumentClassRow& kind = *state_.ledger.programs().FindClass(lot->instrument_class);
      if (!lot->right) {
        if (serial.insert({kind.id, lot->vintage()}).second) AddVintagePrice(kind, lot->vintage());
        continue;
      }
      if (!rights.insert({kind.program, kind.pollutant, kind.control_zone}).second) continue;
      for (const v1::PriceBasis basis : {v1::PER_T_YEAR, v1::PER_T_TERM}) {
        const ledger::BasePriceRow* base = state_.base_prices.InForce(kind.program, kind.pollutant, kind.control_zone, basis, today_);
        v1::DueDiligencePack::PriceEntry* entry = AddPrice(kind, basis, 0);
        if (base != nullptr) entry->set_base_price_fen(base->price.value());
        if (base == nullptr && entry->trades() == 0) pack_.mutable_prices()->RemoveLast();
      }
    }
  }

  void AddVintagePrice(const ledger::InstrumentClassRow& kind, int32_t vintage) {
    for (exchange::ContractNumber number = 1; number <= state_.exchange.contract_count(); ++number) {
      const exchange::ContractRow& contract = *state_.exchange.FindContract(number);
      if (contract.instrument_class != kind.id || contract.vintage != vintage || contract.reference_price == Price()) continue;
      AddPrice(kind, contract.price_basis, vintage)->set_close_price_fen(contract.reference_price.value());
      return;
    }
  }

  void AddObligation(const ledger::AccountRow& account, const std::string& program, int32_t year, Quantity due, bool estimated) {
    const Quantity surrendered = state_.ledger.SurrenderedUpTo(account.number, program, year) - state_.ledger.SurrenderedUpTo(account.number, program, year - 1);
    v1::DueDiligencePack::ObligationEntry* entry = pack_.add_obligations();
    entry->set_program(ledger::MakeName("programs", program));
    entry->set_year(year);
    entry->set_due(due.value());
    entry->set_surrendered(surrendered.value());
    entry->set_estimated(estimated);
  }

  // The years that were verified; then, by the last of them, last year and this one.
  void AddObligations() {
    const ledger::AccountRow* account = state_.ledger.accounts().OfParticipant(enterprise_.id, v1::REGISTRY);
    if (account == nullptr) return;
    const permits::EmissionFigures figures = state_.compliance.FiguresOf(account->id);
    if (figures.empty()) return;
    for (const permits::EmissionFigure& figure : figures) {
      AddObligation(*account, state_.compliance.Find(account->id, figure.year)->program, figure.year, figure.emissions, false);
    }
    const permits::EmissionFigure& last = figures.back();
    if (last.excluded) return;
    const std::string& program = state_.compliance.Find(account->id, last.year)->program;
    for (int32_t year = std::max(last.year + 1, Year(today_) - 1); year <= Year(today_); ++year) {
      AddObligation(*account, program, year, last.emissions, true);
    }
  }

  void AddPledges(const ledger::ParticipantRow& inquirer) {
    std::vector<const ledger::PledgeRow*> pledges = OpenPledges(state_, enterprise_.id, today_);
    AddRanks(inquirer, pledges);
    Cut(&pledges);
    for (const ledger::PledgeRow* row : pledges) {
      const v1::Pledge pledge = ledger::ToProto(*row, today_);
      *pack_.add_pledges() = KnowsAllOf(inquirer, *row) ? pledge : Redacted(pledge);
    }
  }

  bool KnowsAllOf(const ledger::ParticipantRow& inquirer, const ledger::PledgeRow& pledge) const {
    return !IsLender(inquirer) || ActsFor(state_, inquirer, pledge.pledgee);
  }

  // To each of the lots that are told.
  void AddRanks(const ledger::ParticipantRow& inquirer, const std::vector<const ledger::PledgeRow*>& pledges) {
    if (pledges.empty()) return;
    for (size_t i = 0; i < lots_.size(); ++i) {
      for (const ledger::LotRank& of : ledger::RankPledges(lots_[i]->number, pledges, today_)) {
        v1::DueDiligencePack::LotRank* rank = pack_.mutable_lots(static_cast<int>(i))->add_ranks();
        rank->set_rank(of.rank);
        rank->set_quantity(of.quantity.value());
        if (KnowsAllOf(inquirer, *state_.pledges.FindPledge(of.pledge))) rank->set_pledge(ledger::MakeName("pledges", of.pledge));
        if (of.since != Timestamp()) *rank->mutable_rank_time() = ledger::ToProto(of.since);
      }
    }
  }

  const State& state_;
  const Date today_;
  const ledger::ParticipantRow& enterprise_;
  std::vector<const ledger::SiteRow*> sites_;
  std::vector<const ledger::LotRow*> lots_;
  int32_t omitted_ = 0;
  v1::DueDiligencePack pack_;
};

// ---- The digest ----

namespace pb = google::protobuf;

void EncodeMessage(const pb::Message& message, Encoder& encoder);

int64_t IntegerOf(const pb::Message& message, const pb::Reflection& reflection, const pb::FieldDescriptor* field, int index) {
  const bool repeated = field->is_repeated();
  switch (field->cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_INT32: return repeated ? reflection.GetRepeatedInt32(message, field, index) : reflection.GetInt32(message, field);
    case pb::FieldDescriptor::CPPTYPE_INT64: return repeated ? reflection.GetRepeatedInt64(message, field, index) : reflection.GetInt64(message, field);
    case pb::FieldDescriptor::CPPTYPE_UINT32: return repeated ? reflection.GetRepeatedUInt32(message, field, index) : reflection.GetUInt32(message, field);
    case pb::FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<int64_t>(repeated ? reflection.GetRepeatedUInt64(message, field, index) : reflection.GetUInt64(message, field));
    case pb::FieldDescriptor::CPPTYPE_BOOL: return repeated ? reflection.GetRepeatedBool(message, field, index) : reflection.GetBool(message, field);
    case pb::FieldDescriptor::CPPTYPE_ENUM: return repeated ? reflection.GetRepeatedEnumValue(message, field, index) : reflection.GetEnumValue(message, field);
    default: SONGHUA_CHECK(false);  // the API has no floating point
  }
  return 0;
}

void EncodeField(const pb::Message& message, const pb::Reflection& reflection, const pb::FieldDescriptor* field, int index, Encoder& encoder) {
  const bool repeated = field->is_repeated();
  switch (field->cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_STRING:
      encoder(repeated ? reflection.GetRepeatedString(message, field, index) : reflection.GetString(message, field));
      return;
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      EncodeMessage(repeated ? reflection.GetRepeatedMessage(message, field, index) : reflection.GetMessage(message, field), encoder);
      return;
    default: encoder(IntegerOf(message, reflection, field, index));
  }
}

void EncodeMessage(const pb::Message& message, Encoder& encoder) {
  const pb::Reflection& reflection = *message.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);  // those that are set, by their numbers
  encoder(static_cast<uint32_t>(fields.size()));
  for (const pb::FieldDescriptor* field : fields) {
    const int values = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    encoder(static_cast<uint32_t>(field->number()), static_cast<uint32_t>(values));
    for (int i = 0; i < values; ++i) EncodeField(message, reflection, field, i, encoder);
  }
}

}  // namespace

v1::DueDiligencePack BuildPack(const State& state, const CommandContext& context, const ledger::ParticipantRow& enterprise,
                               const ledger::ParticipantRow& inquirer) {
  v1::DueDiligencePack pack = PackBuilder(state, context, enterprise).Build(inquirer);
  pack.set_sequence(context.sequence);
  *pack.mutable_time() = ledger::ToProto(context.time);
  return pack;
}

Digest PackDigest(const v1::DueDiligencePack& pack) {
  std::string bytes;
  Encoder encoder(&bytes);
  EncodeMessage(pack, encoder);
  return Sha256Of(bytes);
}

absl::StatusOr<v1::InquireCollateralAnswer> InquireCollateral(State& state, CommandContext& context, const v1::InquireCollateralRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ledger::ParseName("enterprise", "participants", request.enterprise()));
  const ledger::ParticipantRow* enterprise = state.participants.FindParticipant(id);
  if (enterprise == nullptr) return NotFound("enterprise", request.enterprise());
  if (enterprise->kind != v1::ENTERPRISE) return InvalidField("enterprise", request.enterprise(), "a participant that is an ENTERPRISE").Rule("PLG-40");
  const ledger::ParticipantRow* inquirer = state.participants.FindParticipant(std::string(context.participant));
  SONGHUA_CHECK(inquirer != nullptr);
  const std::string ground = GroundOf(state, context, *enterprise, *inquirer);
  if (ground.empty()) {
    return Refuse(absl::StatusCode::kPermissionDenied, "NOT_AUTHORISED")
        .Rule("PLG-40")
        .Field("enterprise")
        .Value(request.enterprise())
        .Accepted("an enterprise whose authorisation for the bank is in force, or that has pledged units to it");
  }
  ledger::InquiryRow inquiry = state.authorisations.NextInquiry(context, id, ground);
  v1::InquireCollateralAnswer answer;
  if (!context.validate_only) {
    *answer.mutable_pack() = BuildPack(state, context, *enterprise, *inquirer);
    inquiry.pack = PackDigest(answer.pack());
    state.authorisations.RecordInquiry(context, inquiry);
  }
  *answer.mutable_inquiry() = ledger::ToProto(inquiry);
  return answer;
}

}  // namespace songhua::api
