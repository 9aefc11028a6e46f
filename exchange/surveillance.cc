#include "exchange/surveillance.h"

#include <algorithm>

#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::exchange {
namespace {

constexpr char kNumbersOfFlags[] = "surveillanceFlags";
constexpr __int128 kBps = 10'000;

// Whether `part` is more than `bps` of `whole`.
bool Exceeds(Quantity part, Quantity whole, int32_t bps) {
  return static_cast<__int128>(part.value()) * kBps > static_cast<__int128>(whole.value()) * bps;
}

bool AtLimit(const ContractRow& contract, Price price) {
  return contract.terms.band_bps > 0 && (price == contract.band_low || price == contract.band_high);
}

}  // namespace

Surveillance::Surveillance(TableSet* tables, ledger::Counters* counters, const ledger::Participants* participants)
    : counters_(counters), participants_(participants), pairs_(tables), groups_(tables), flags_(tables) {
  pairs_.OnLoaded([this](WatchedPairRow& row) { DayOf(row.contract).pairs[{row.first, row.second}] = &row; });
  groups_.OnLoaded([this](WatchedGroupRow& row) { DayOf(row.contract).groups[row.group] = &row; });
  flags_.OnLoaded([this](SurveillanceFlagRow& row) { raised_[{row.contract, row.date, row.kind, row.first, row.second}] = &row; });
}

Surveillance::~Surveillance() = default;

Surveillance::Day& Surveillance::DayOf(ContractNumber contract) {
  if (contract > days_.size()) days_.resize(contract);
  return days_[contract - 1];
}

void Surveillance::CountTrade(ContractNumber contract, ledger::ParticipantNumber seller, ledger::ParticipantNumber buyer, Quantity quantity) {
  Day& day = DayOf(contract);
  const Pair pair = std::minmax(seller, buyer);
  auto found = day.pairs.find(pair);
  if (found == day.pairs.end()) {
    if (day.pairs.size() == kWatchedMax) return;
    WatchedPairRow row;
    row.contract = contract;
    row.first = pair.first;
    row.second = pair.second;
    row.last_seller = seller;
    found = day.pairs.emplace(pair, &pairs_.Insert(row)).first;
  }
  WatchedPairRow& row = pairs_.Edit(*found->second);
  row.quantity += quantity;
  ++row.trades;
  if (row.last_seller != seller) ++row.turns;
  row.last_seller = seller;
}

WatchedGroupRow* Surveillance::GroupIn(ContractNumber contract, ledger::ParticipantNumber group) {
  Day& day = DayOf(contract);
  if (const auto found = day.groups.find(group); found != day.groups.end()) return &groups_.Edit(*found->second);
  if (day.groups.size() == kWatchedMax) return nullptr;
  WatchedGroupRow row;
  row.contract = contract;
  row.group = group;
  WatchedGroupRow* added = &groups_.Insert(row);
  day.groups[group] = added;
  return added;
}

void Surveillance::CountPlaced(const ContractRow& contract, ledger::ParticipantNumber group, Price price, Quantity quantity) {
  if (!AtLimit(contract, price)) return;
  WatchedGroupRow* row = GroupIn(contract.number, group);
  if (row == nullptr) return;
  ++row->orders;
  row->placed += quantity;
}

void Surveillance::CountCancelled(const ContractRow& contract, ledger::ParticipantNumber group, Price price, Quantity quantity) {
  if (!AtLimit(contract, price)) return;
  WatchedGroupRow* row = GroupIn(contract.number, group);
  if (row != nullptr) row->cancelled += quantity;
}

void Surveillance::Judge(CommandContext& context, const ContractRow& contract) {
  const SurveillanceTerms& rule = contract.terms.surveillance;
  if (!rule.in_force()) return;
  const Day& day = DayOf(contract.number);
  SurveillanceFlagRow flag;
  flag.contract = contract.number;
  flag.date = contract.session_date;
  flag.raise_time = context.time;
  flag.of_quantity = contract.bar.volume;
  for (const auto& [pair, row] : day.pairs) {
    flag.first = pair.first;
    flag.second = pair.second;
    flag.quantity = row->quantity;
    if (row->turns >= static_cast<uint32_t>(rule.wash_turns)) {
      flag.kind = v1::SurveillanceFlag::WASH_TRADES;
      flag.count = row->turns;
      Raise(context, flag);
    }
    if (Exceeds(row->quantity, contract.bar.volume, rule.pair_share_bps)) {
      flag.kind = v1::SurveillanceFlag::PAIR_SHARE;
      flag.count = row->trades;
      Raise(context, flag);
    }
  }
  flag.kind = v1::SurveillanceFlag::LIMIT_CANCELLATIONS;
  flag.second = 0;
  for (const auto& [group, row] : day.groups) {
    if (row->orders < static_cast<uint32_t>(rule.limit_orders_min) || !Exceeds(row->cancelled, row->placed, rule.cancellation_bps)) continue;
    flag.first = group;
    flag.quantity = row->cancelled;
    flag.of_quantity = row->placed;
    flag.count = row->orders;
    Raise(context, flag);
  }
}

// A flag that was raised at an earlier close of the same day has the figures of the later one.
void Surveillance::Raise(CommandContext& context, SurveillanceFlagRow row) {
  const SurveillanceFlagRow*& raised = raised_[{row.contract, row.date, row.kind, row.first, row.second}];
  if (raised != nullptr) {
    SurveillanceFlagRow& earlier = flags_.Edit(*raised);
    earlier.quantity = row.quantity;
    earlier.of_quantity = row.of_quantity;
    earlier.count = row.count;
    return;
  }
  row.number = counters_->Next(kNumbersOfFlags);
  for (const ledger::ParticipantNumber group : {row.first, row.second}) {
    if (group != 0) row.participants.push_back(participants_->FindParticipant(group)->id);
  }
  raised = &flags_.Insert(std::move(row));
  context.events->Emit(EventType::kSurveillanceFlagged, raised->number, static_cast<uint8_t>(raised->kind), raised->contract, raised->date, raised->first,
                       raised->second);
}

void Surveillance::Forget(ContractNumber contract) {
  Day& day = DayOf(contract);
  for (const auto& [pair, row] : day.pairs) pairs_.Erase(*row);
  for (const auto& [group, row] : day.groups) groups_.Erase(*row);
  day = Day();
}

absl::StatusOr<v1::SurveillanceFlagAnswer> Surveillance::Acknowledge(CommandContext& context, const v1::AcknowledgeSurveillanceFlagRequest& request,
                                                                     const std::function<std::string(ContractNumber)>& code_of) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "surveillanceFlags", request.name()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.note(), kNoteBytesMax, "note"));
  const SurveillanceFlagRow* found = flags_.Find(number);
  if (found == nullptr) return NotFound("name", request.name());
  if (!found->acknowledged_by.empty()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule("CAR-28")
        .Field("name")
        .Value(request.name())
        .Accepted("a flag that nobody has acknowledged; this one " + ledger::MakeName("people", found->acknowledged_by) + " has");
  }
  SurveillanceFlagRow row = *found;
  row.acknowledged_by = context.person;
  row.note = request.note();
  row.acknowledge_time = context.time;
  v1::SurveillanceFlagAnswer answer;
  *answer.mutable_flag() = ToProto(row, ledger::MakeName("contracts", code_of(row.contract)));
  if (!context.validate_only) flags_.Edit(*found) = std::move(row);
  return answer;
}

void Surveillance::CheckInvariants(const ContractRow& contract) const {
  if (contract.number > days_.size()) return;
  __int128 traded = 0;
  for (const auto& [pair, row] : days_[contract.number - 1].pairs) {
    SONGHUA_CHECK(pair.first <= pair.second && row->turns < row->trades && row->quantity > Quantity());
    traded += row->quantity.value();
  }
  SONGHUA_CHECK(traded <= contract.bar.volume.value());
}

v1::SurveillanceFlag ToProto(const SurveillanceFlagRow& row, const std::string& contract) {
  v1::SurveillanceFlag flag;
  flag.set_name(ledger::MakeName("surveillanceFlags", row.number));
  flag.set_kind(row.kind);
  flag.set_contract(contract);
  flag.set_date(FormatDate(row.date));
  for (const std::string& participant : row.participants) flag.add_participants(ledger::MakeName("participants", participant));
  flag.set_quantity(row.quantity.value());
  flag.set_of_quantity(row.of_quantity.value());
  flag.set_count(row.count);
  *flag.mutable_raise_time() = ledger::ToProto(row.raise_time);
  if (row.acknowledged_by.empty()) return flag;
  flag.set_acknowledged_by(ledger::MakeName("people", row.acknowledged_by));
  flag.set_note(row.note);
  *flag.mutable_acknowledge_time() = ledger::ToProto(row.acknowledge_time);
  return flag;
}

}  // namespace songhua::exchange
