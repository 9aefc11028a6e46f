#include "permits/penalties.h"

#include <algorithm>

#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::permits {

using ledger::MakeName;
using ledger::ParseName;

namespace {

// "PERMIT-81", serious or not, on the day.
std::string Described(const std::string& conduct, bool serious, Date violation) {
  return conduct + (serious ? ", serious, on " : " on ") + FormatDate(violation);
}

absl::Status CheckFine(const FineRangeRow& range, Money fine) {
  if (range.least <= fine && fine <= range.most) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "FINE_OUTSIDE_RANGE")
      .Rule("PERMIT-89")
      .Field("fine_fen")
      .Value(fine.value())
      .Accepted(std::to_string(range.least.value()) + " to " + std::to_string(range.most.value()) + " fen: " + range.legal_basis);
}

BothTexts PenaltyText(const PenaltyRow& row) {
  // Whole fen, as the decision says it.
  const int64_t fen = row.fine.value();
  const std::string cents = std::to_string(fen % 100);
  const std::string yuan = std::to_string(fen / 100) + "." + (cents.size() < 2 ? "0" : "") + cents;
  const std::string day = FormatDate(row.violation);
  return {"Penalty decision " + row.decision + " against sites/" + row.site + ": a fine of " + yuan + " yuan for a violation on " + day + " (" +
              row.legal_basis + "). " + row.grounds,
          "行政处罚决定 " + row.decision + "：场所 " + row.site + " 于 " + day + " 的违法行为，罚款 " + yuan + " 元（" + row.legal_basis + "）。" +
              row.grounds};
}

}  // namespace

std::string PenaltyRow::Name() const { return MakeName("penalties", site + "." + std::to_string(number)); }

absl::StatusOr<std::tuple<std::string, uint64_t>> ParsePenaltyName(std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ParseName(field, "penalties", name));
  const size_t dot = id.find('.');
  if (dot == std::string::npos) return InvalidField(field, name, "penalties/{site}.{number}");
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "penalties", "penalties/" + id.substr(dot + 1)));
  return std::tuple(id.substr(0, dot), number);
}

Penalties::Penalties(TableSet* tables, const Parts& parts) : parts_(parts), rows_(tables) {
  rows_.OnLoaded([this](PenaltyRow& row) { by_decision_[{row.site, row.decision}] = &row; });
}
Penalties::~Penalties() = default;

const PenaltyRow* Penalties::SeriousSince(const std::string& site, Date day) const {
  const PenaltyRow* last = nullptr;
  for (auto at = by_decision_.lower_bound({site, ""}); at != by_decision_.end() && at->first.first == site; ++at) {
    const PenaltyRow& row = *at->second;
    if (row.serious && row.violation > day && (last == nullptr || row.violation > last->violation)) last = &row;
  }
  return last;
}

const PenaltyRow* Penalties::Find(const std::string& site, const std::string& decision) const {
  const auto found = by_decision_.find({site, decision});
  return found == by_decision_.end() ? nullptr : found->second;
}

std::vector<const PenaltyRow*> Penalties::OfSite(const std::string& site, Date since) const {
  std::vector<const PenaltyRow*> found;
  for (auto it = by_decision_.lower_bound({site, ""}); it != by_decision_.end() && it->first.first == site; ++it) {
    if (it->second->date >= since) found.push_back(it->second);
  }
  std::sort(found.begin(), found.end(), [](const PenaltyRow* a, const PenaltyRow* b) { return a->number < b->number; });
  return found;
}

absl::StatusOr<v1::PenaltyAnswer> Penalties::RecordPenalty(CommandContext& context, const v1::RecordPenaltyRequest& request) {
  PenaltyRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.site, ParseName("site", "sites", request.site()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.conduct(), kDecisionBytesMax, "conduct"));
  SONGHUA_ASSIGN_OR_RETURN(row.violation, ParseDate(request.violation_date(), "violation_date"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.grounds(), kGroundsBytesMax, "grounds"));
  if (row.violation > context.today) {
    return InvalidField("violation_date", request.violation_date(), "the day of the violation, " + FormatDate(context.today) + " at the latest")
        .Rule("PERMIT-89");
  }
  row.conduct = request.conduct();
  row.serious = request.serious();
  row.fine = Money(request.fine_fen());
  row.decision = request.decision();
  row.grounds = request.grounds();
  row.revoke_proposed = request.revoke_proposed();
  const ledger::SiteRow* site = parts_.participants->FindSite(row.site);
  if (site == nullptr) return NotFound("site", request.site());
  row.region = site->region;
  const RegimeRow* regime = parts_.regimes->GoverningRegion(site->region, context.today);
  if (regime == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_REGIME")
        .Rule("GEN-09")
        .Field("site")
        .Value(request.site())
        .Accepted("a site in a region that a regime governs; an operator loads it");
  }
  row.regime = regime->Id();
  const FineRangeRow* range = FineRangeFor(*regime, row.conduct, row.serious, row.violation);
  if (range == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_FINE_RANGE")
        .Rule("PERMIT-89")
        .Field("conduct")
        .Value(Described(row.conduct, row.serious, row.violation))
        .Accepted("conduct for which regimes/" + row.regime + " has a fine on that day");
  }
  SONGHUA_RETURN_IF_ERROR(CheckFine(*range, row.fine));
  row.legal_basis = range->legal_basis;
  if (row.revoke_proposed && !range->may_revoke) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "REVOCATION_NOT_PROVIDED")
        .Rule("PERMIT-53")
        .Field("revoke_proposed")
        .Value(Described(row.conduct, row.serious, row.violation) + ": " + row.legal_basis)
        .Accepted("conduct for which the law lets a permit be revoked");
  }
  if (Find(row.site, row.decision) != nullptr) {
    return Refuse(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS")
        .Rule("GEN-08")
        .Field("decision")
        .Value(row.decision)
        .Accepted("a number that no decision against the site has: " + Find(row.site, row.decision)->Name() + " has this one");
  }
  row.recorded_by = std::string(context.person);
  row.date = context.today;

  v1::PenaltyAnswer answer;
  row.number = parts_.counters->Peek("penalties");
  *answer.mutable_penalty() = ToProto(row);
  if (context.validate_only) return answer;
  row.number = parts_.counters->Next("penalties");
  if (range->bans) parts_.standing->Ban(context, site->participant, context.today, regime->ban_years, row.decision);
  const PenaltyRow& recorded = rows_.Insert(std::move(row));
  by_decision_[{recorded.site, recorded.decision}] = &recorded;
  context.events->Emit(EventType::kRegistered, std::string("penalties"), recorded);
  const BothTexts text = PenaltyText(recorded);
  CaseFile::Step step;
  step.subject = recorded.Name();
  step.event = "decide_penalty";
  step.reason = recorded.grounds;
  step.legal_basis = recorded.legal_basis;
  parts_.file->Record(context, step);
  parts_.file->Serve(context, v1::PENALTY_DECIDED, site->participant, recorded.region, recorded.Name(), text);
  parts_.file->Publish(context, "penalty", recorded.Name(), recorded.site, recorded.region, text);
  return answer;
}

v1::Penalty ToProto(const PenaltyRow& row) {
  v1::Penalty message;
  message.set_name(row.Name());
  message.set_site(MakeName("sites", row.site));
  message.set_region(FormatRegion(row.region));
  message.set_conduct(row.conduct);
  message.set_serious(row.serious);
  message.set_violation_date(FormatDate(row.violation));
  message.set_fine_fen(row.fine.value());
  message.set_decision(row.decision);
  message.set_grounds(row.grounds);
  message.set_revoke_proposed(row.revoke_proposed);
  message.set_legal_basis(row.legal_basis);
  message.set_recorded_by(MakeName("people", row.recorded_by));
  message.set_date(FormatDate(row.date));
  message.set_regime(MakeName("regimes", row.regime));
  return message;
}

}  // namespace songhua::permits
