#include "api/reads/collateral_watch.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "ledger/codec.h"
#include "ledger/ledger.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"
#include "permits/overlays.h"
#include "permits/permits.h"
#include "permits/reduction_tasks.h"

namespace songhua::api::reads {
namespace {

bool HoldsUnits(const ledger::PledgeRow& pledge, Date today) { return ledger::PledgeHold(pledge.state).has_value() && !pledge.LapsedOn(today); }

// Tells events of one bank.
class CollateralTeller {
 public:
  CollateralTeller(ReadContext* context, const std::string& bank, const ChangeFeed::Events& events)
      : context_(*context), lookup_(context), bank_(bank), events_(events) {}

  absl::Status Tell(EventType type, std::string_view payload) {
    switch (type) {
      case EventType::kPledgeChanged: return TellPledge(payload);
      case EventType::kPledgeAlertsChanged: return TellAlerts(payload);
      case EventType::kFreezeChanged: return TellFreeze(payload);
      case EventType::kPermitChanged: return TellPermit(payload);
      case EventType::kRegistered: return TellRegistered(payload);
      default: return absl::OkStatus();
    }
  }
  std::vector<v1::CollateralEvent> Take() { return std::move(told_); }

 private:
  // A pledge that changed several times is told once, as it is now.
  absl::Status TellPledge(std::string_view payload) {
    Decoder decoder(payload);
    std::string name;
    decoder(name);
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("event", "pledges", name));
    if (!seen_.insert(number).second) return absl::OkStatus();
    SONGHUA_ASSIGN_OR_RETURN(const auto pledge, context_.Get<ledger::PledgeRow>(number));
    if (!pledge.has_value()) return absl::InternalError("the row of " + name + " is missing");
    SONGHUA_ASSIGN_OR_RETURN(const bool own, IsPledgeOf(lookup_, *pledge, bank_));
    if (own) Add(v1::CollateralEvent::PLEDGE_CHANGED, *pledge, "", "");
    return absl::OkStatus();
  }

  absl::Status TellAlerts(std::string_view payload) {
    Decoder decoder(payload);
    std::string name;
    uint32_t before = 0, after = 0;
    int32_t notice_before = 0, notice_after = 0;
    decoder(name, before, notice_before, after, notice_after);
    if (!decoder.ok()) return absl::InternalError("an event of a pledge's alerts cannot be read");
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("event", "pledges", name));
    SONGHUA_ASSIGN_OR_RETURN(const auto pledge, context_.Get<ledger::PledgeRow>(number));
    if (!pledge.has_value()) return absl::InternalError("the row of " + name + " is missing");
    SONGHUA_ASSIGN_OR_RETURN(const bool own, IsPledgeOf(lookup_, *pledge, bank_));
    if (!own) return absl::OkStatus();
    Add(v1::CollateralEvent::ALERTS_CHANGED, *pledge, "", "");
    const std::vector<std::string> held = ledger::PledgeAlertNames(before, notice_before);
    const std::vector<std::string> holds = ledger::PledgeAlertNames(after, notice_after);
    const auto without = [](const std::vector<std::string>& these, const std::vector<std::string>& those, auto* left) {
      for (const std::string& alert : these) {
        if (std::find(those.begin(), those.end(), alert) == those.end()) left->Add(std::string(alert));
      }
    };
    without(holds, held, told_.back().mutable_raised_alerts());
    without(held, holds, told_.back().mutable_ended_alerts());
    return absl::OkStatus();
  }

  absl::Status TellFreeze(std::string_view payload) {
    Decoder decoder(payload);
    uint64_t freeze = 0;
    ledger::LotNumber lot = 0;
    Quantity quantity;
    bool lifted = false;
    decoder(freeze, lot, quantity, lifted);
    if (!decoder.ok()) return absl::InternalError("an event of a freeze cannot be read");
    const std::string name = ledger::MakeName("lots", lot);
    return TellLot(lot, v1::CollateralEvent::FREEZE_CHANGED, ledger::MakeName("freezes", freeze), (lifted ? "lifted from " : "ordered over ") + name);
  }

  absl::Status TellPermit(std::string_view payload) {
    Decoder decoder(payload);
    std::string name, site;
    uint32_t version = 0;
    v1::PermitState state = v1::PERMIT_STATE_UNSPECIFIED;
    Term term{};
    decoder(name, version, site, state, term);
    if (!decoder.ok()) return absl::InternalError("an event of a permit cannot be read");
    return TellSite(site, v1::CollateralEvent::PERMIT_CHANGED, name, v1::PermitState_Name(state) + " to " + FormatDate(term.last));
  }

  // Of what is registered, overlays and reduction tasks alone.
  absl::Status TellRegistered(std::string_view payload) {
    Decoder decoder(payload);
    std::string collection;
    decoder(collection);
    if (!decoder.ok()) return absl::OkStatus();
    if (collection == "overlays") return TellOverlay(decoder);
    if (collection == "reductionTasks") return TellReductionTask(decoder);
    return absl::OkStatus();
  }

  absl::Status TellOverlay(Decoder& decoder) {
    permits::OverlayRow overlay;
    decoder(overlay);
    if (!decoder.ok()) return absl::InternalError("an event of an overlay cannot be read");
    return TellSite(overlay.site, v1::CollateralEvent::PERMIT_CHANGED, overlay.Name(),
                    v1::OverlayKind_Name(overlay.kind) + (overlay.lifted ? " lifted" : " from " + FormatDate(overlay.term.first)));
  }

  absl::Status TellReductionTask(Decoder& decoder) {
    permits::ReductionTaskRow task;
    decoder(task);
    if (!decoder.ok()) return absl::InternalError("an event of a reduction task cannot be read");
    const v1::ReductionTask shown = ToProto(task);
    return TellSite(task.site, v1::CollateralEvent::REDUCTION_TASK_ASSESSED, shown.name(),
                    v1::ReductionTask::Result_Name(shown.result()) + " of " + shown.pollutant() + " for " + std::to_string(shown.year()) +
                        (shown.supersedes().empty() ? "" : ", correcting " + shown.supersedes()));
  }

  // The bank's pledges in force over units of the site.
  absl::Status TellSite(const std::string& site, v1::CollateralEvent::Kind kind, const std::string& cause, const std::string& detail) {
    SONGHUA_RETURN_IF_ERROR(UseSnapshot());
    SONGHUA_ASSIGN_OR_RETURN(const auto account, context_.Get<ledger::AccountNameRow>(site + ".rights"));
    if (!account.has_value()) return absl::OkStatus();
    std::set<uint64_t> pledges;
    SONGHUA_RETURN_IF_ERROR(context_.ForEach<ledger::LotIndexRow>(EncodeKey(account->number), [&](const ledger::LotIndexRow& index) {
      return Collect(index.lot, &pledges);
    }));
    return AddAll(pledges, kind, cause, detail);
  }

  absl::Status TellLot(ledger::LotNumber lot, v1::CollateralEvent::Kind kind, const std::string& cause, const std::string& detail) {
    SONGHUA_RETURN_IF_ERROR(UseSnapshot());
    std::set<uint64_t> pledges;
    SONGHUA_RETURN_IF_ERROR(Collect(lot, &pledges));
    return AddAll(pledges, kind, cause, detail);
  }

  absl::Status Collect(ledger::LotNumber lot, std::set<uint64_t>* pledges) {
    SONGHUA_ASSIGN_OR_RETURN(const auto of_lot, lookup_.PledgesOf(ledger::MakeName("lots", lot)));
    for (const ledger::PledgeRow& pledge : of_lot) {
      const ledger::PledgedPart* part = pledge.PartOf(lot);
      if (!HoldsUnits(pledge, context_.today()) || part == nullptr || part->quantity == Quantity()) continue;
      SONGHUA_ASSIGN_OR_RETURN(const bool own, IsPledgeOf(lookup_, pledge, bank_));
      if (own) pledges->insert(pledge.number);
    }
    return absl::OkStatus();
  }

  absl::Status AddAll(const std::set<uint64_t>& pledges, v1::CollateralEvent::Kind kind, const std::string& cause, const std::string& detail) {
    for (const uint64_t number : pledges) {
      SONGHUA_ASSIGN_OR_RETURN(const auto pledge, context_.Get<ledger::PledgeRow>(number));
      if (!pledge.has_value()) return absl::InternalError("the row of pledge " + std::to_string(number) + " is missing");
      Add(kind, *pledge, cause, detail);
    }
    return absl::OkStatus();
  }

  void Add(v1::CollateralEvent::Kind kind, const ledger::PledgeRow& pledge, const std::string& cause, const std::string& detail) {
    v1::CollateralEvent& event = told_.emplace_back();
    event.set_kind(kind);
    event.set_sequence(events_.sequence);
    *event.mutable_time() = ledger::ToProto(events_.time);
    *event.mutable_pledge() = ledger::ToProto(pledge, context_.today());
    event.set_cause(cause);
    event.set_detail(detail);
  }

  absl::Status UseSnapshot() { return context_.has_snapshot() ? absl::OkStatus() : context_.UseSnapshot(); }

  ReadContext& context_;
  Lookup lookup_;
  const std::string& bank_;
  const ChangeFeed::Events& events_;
  std::set<uint64_t> seen_;
  std::vector<v1::CollateralEvent> told_;
};

}  // namespace

absl::StatusOr<std::string> ParseBank(ReadContext& context, const std::string& name) {
  Lookup lookup(&context);
  const ledger::ParticipantRow* bank = nullptr;
  if (name.empty()) {
    SONGHUA_ASSIGN_OR_RETURN(bank, lookup.Participant(context.caller()->person.participant));
  } else {
    SONGHUA_ASSIGN_OR_RETURN(bank, lookup.FindParticipant("bank", name));
  }
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfParticipant(bank->id));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  if (bank->kind != v1::BANK && bank->kind != v1::BANK_BRANCH) return InvalidField("bank", name, "\"participants/{id}\" of a bank or a branch of one").Rule("PLG-43");
  return bank->id;
}

absl::StatusOr<bool> IsPledgeOf(Lookup& lookup, const ledger::PledgeRow& pledge, const std::string& bank) {
  if (pledge.pledgee == bank) return true;
  SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* pledgee, lookup.Participant(pledge.pledgee));
  return pledgee->parent == bank;
}

std::vector<EventType> CollateralEvents() {
  return {EventType::kPledgeChanged, EventType::kPledgeAlertsChanged, EventType::kFreezeChanged, EventType::kPermitChanged, EventType::kRegistered};
}

absl::StatusOr<v1::ListPledgesAnswer> ListCollateral(ReadContext& context, const std::string& bank) {
  Lookup lookup(&context);
  v1::ListPledgesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::PledgeIndexRow>(
      EncodeKey(ledger::MakeName("participants", bank)),
      [&](const ledger::PledgeIndexRow& index) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::PledgeRow>(index.pledge));
        if (!row.has_value()) return absl::InternalError("the row of pledge " + std::to_string(index.pledge) + " is missing");
        SONGHUA_ASSIGN_OR_RETURN(const bool own, IsPledgeOf(lookup, *row, bank));
        if (!own || !HoldsUnits(*row, context.today())) return 0;
        *answer.add_pledges() = ledger::ToProto(*row, context.today());
        return answer.pledges().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<std::vector<v1::CollateralEvent>> DescribeCollateralChanges(ReadContext& context, const std::string& bank, const ChangeFeed::Events& events) {
  CollateralTeller teller(&context, bank, events);
  EventReader reader(events.encoded);
  EventType type;
  std::string_view payload;
  while (reader.Next(&type, &payload)) SONGHUA_RETURN_IF_ERROR(teller.Tell(type, payload));
  return teller.Take();
}

}  // namespace songhua::api::reads
