#include "api/engine/certificates.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/engine/state.h"
#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"
#include "permits/permit_print.h"

namespace songhua::api {
namespace {

constexpr char kCertificateCounter[] = "certificates";
constexpr size_t kCertificatesPendingMax = 1'000;

// What is to be certified.
struct Certified {
  proofs::CertificateKind kind = proofs::CertificateKind::kHolding;
  std::vector<std::string> parties;
  Region region;
  proofs::Facts facts;
  std::vector<ledger::LotNumber> lots;
  uint64_t pledge = 0;
};

// "1,234,567".
std::string Grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > (number < 0 ? 4u : 3u);) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

// "CNY 1,234.50". REQUIRES: not negative.
std::string Yuan(Money amount) {
  const std::string fen = std::to_string(100 + amount.value() % 100).substr(1);
  return "CNY " + Grouped(amount.value() / 100) + "." + fen;
}

Refuse NothingToCertify(const std::string& subject, std::string_view accepted) {
  return Refuse(absl::StatusCode::kFailedPrecondition, "NOTHING_TO_CERTIFY").Rule("PLG-40").Field("subject").Value(subject).Accepted(accepted);
}

// Finds what a subject says, kind by kind.
class Certifier {
 public:
  Certifier(const State& state, CommandContext& context) : state_(state), context_(context), today_(context.today) {}

  absl::StatusOr<Certified> Certify(const std::string& subject) {
    const std::string collection = subject.substr(0, subject.find('/'));
    Add("subject", subject);
    if (collection == "lots") return OfHolding(subject);
    if (collection == "pledges") return OfPledgedUnits(subject);
    if (collection == "trades") return OfSettledTrade(subject);
    if (collection == "permits") return OfPermitInForce(subject);
    if (collection == "applications") return OfDecision(subject);
    return InvalidField("subject", subject, "lots/{number}, pledges/{number}, trades/{number}, permits/{number} or applications/{number}");
  }

 private:
  void Add(std::string_view name, const std::string& value) {
    if (!value.empty()) certified_.facts.push_back({std::string(name), value});
  }
  // "holder" and "holder_name".
  void AddParty(const std::string& role, const std::string& id) {
    if (id.empty()) return;
    Add(role, ledger::MakeName("participants", id));
    Add(role + "_name", state_.participants.FindParticipant(id)->display_name);
    certified_.parties.push_back(id);
  }

  // A lot with the quantity of it that is certified.
  void AddLot(const ledger::LotRow& lot, Quantity quantity) {
    const ledger::InstrumentClassRow& instrument = *state_.ledger.programs().FindClass(lot.instrument_class);
    Add("lot", ledger::MakeName("lots", lot.number));
    Add("instrument", ledger::InstrumentClassCode(instrument));
    Add("quantity", Grouped(quantity.value()) + " " + state_.ledger.programs().Find(instrument.program)->unit);
    if (lot.right) {
      Add("valid_from", FormatDate(lot.term.first));
      Add("valid_to", FormatDate(lot.term.last));
    }
    certified_.lots.push_back(lot.number);
  }

  absl::StatusOr<Certified> OfHolding(const std::string& subject) {
    certified_.kind = proofs::CertificateKind::kHolding;
    SONGHUA_ASSIGN_OR_RETURN(const ledger::LotRow* lot, state_.ledger.lots().Resolve("subject", subject));
    const ledger::AccountRow& account = *state_.ledger.accounts().Find(lot->account);
    if (account.participant.empty()) return NothingToCertify(subject, "a lot of a participant; this one is the house's");
    AddParty("holder", account.participant);
    if (!account.site.empty()) Add("site", ledger::MakeName("sites", account.site));
    AddLot(*lot, lot->quantity);
    certified_.region = state_.participants.FindParticipant(account.participant)->region;
    return std::move(certified_);
  }

  absl::StatusOr<Certified> OfPledgedUnits(const std::string& subject) {
    certified_.kind = proofs::CertificateKind::kPledge;
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("subject", "pledges", subject));
    const ledger::PledgeRow* pledge = state_.pledges.FindPledge(number);
    if (pledge == nullptr) return NotFound("subject", subject);
    const bool holds = std::any_of(pledge->parts.begin(), pledge->parts.end(), [](const auto& part) { return part.Held() > Quantity(); });
    if (!pledge->ControlEffective() || !holds) {
      return NothingToCertify(subject, "a pledge that holds units: ACTIVE, or in default; this one is " + v1::PledgeState_Name(pledge->state));
    }
    Add("pledge", subject);
    Add("state", v1::PledgeState_Name(pledge->state));
    AddParty("pledgor", pledge->pledgor);
    AddParty("pledgee", pledge->pledgee);
    Add("principal", Yuan(pledge->loan.principal));
    Add("contract_number", pledge->loan.contract_number);
    Add("unified_registry_number", pledge->loan.unified_registry_number);
    std::vector<ledger::PledgedPart> parts = pledge->parts;
    std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.lot < b.lot; });
    for (const ledger::PledgedPart& part : parts) {
      if (part.Held() > Quantity()) AddLot(*state_.ledger.lots().Find(part.lot), part.Held());
    }
    certified_.pledge = number;
    certified_.region = state_.participants.FindParticipant(pledge->pledgor)->region;
    return std::move(certified_);
  }

  absl::StatusOr<Certified> OfSettledTrade(const std::string& subject) {
    certified_.kind = proofs::CertificateKind::kTrade;
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("subject", "trades", subject));
    const auto trade = state_.exchange.FindFinal(context_, "subject", subject, number);
    SONGHUA_RETURN_IF_ERROR(trade.status());
    if (trade->certificate.empty() || trade->state == v1::REVERSED) {
      return Refuse(NothingToCertify(subject, "a trade that was settled, for which a certificate was issued, and that was not reversed")).Rule("DR-50");
    }
    const exchange::ContractRow& contract = *state_.exchange.FindContract(trade->contract);
    Add("trade", subject);
    Add("trade_certificate", ledger::MakeName("tradeCertificates", trade->certificate));
    AddParty("seller", state_.ledger.accounts().Find(trade->seller)->participant);
    AddParty("buyer", state_.ledger.accounts().Find(trade->buyer)->participant);
    Add("contract", ledger::MakeName("contracts", contract.code));
    Add("quantity", Grouped(trade->quantity.value()) + " " + state_.ledger.programs().Find(contract.program)->unit);
    Add("price", Yuan(Money(trade->price.value())));
    Add("amount", Yuan(trade->amount));
    Add("settled", FormatTimestamp(trade->settle_time));
    const auto region = ParseRegion(contract.control_zone);
    if (region.ok()) certified_.region = *region;
    return std::move(certified_);
  }

  absl::StatusOr<Certified> OfPermitInForce(const std::string& subject) {
    certified_.kind = proofs::CertificateKind::kPermit;
    SONGHUA_ASSIGN_OR_RETURN(const std::string number, ledger::ParseName("subject", "permits", subject));
    const permits::PermitRow* permit = state_.permits.FindPermit(number, today_);
    if (permit == nullptr) return NotFound("subject", subject);
    if (!permit->EffectiveOn(today_)) {
      return NothingToCertify(subject, "a permit that is in force today; this one is " + v1::PermitState_Name(permit->StateOn(today_)));
    }
    const ledger::SiteRow& site = *state_.participants.FindSite(permit->site);
    Add("permit", subject);
    Add("permit_version", std::to_string(permit->version));
    AddParty("permit_holder", site.participant);
    Add("site", ledger::MakeName("sites", site.id));
    Add("region", FormatRegion(permit->region));
    Add("management_class", v1::PermitTier_Name(permit->tier));
    Add("permit_valid_from", FormatDate(permit->term.first));
    Add("permit_valid_to", FormatDate(permit->term.last));
    for (const permits::SiteTotalRow& total : permit->site_totals) {
      std::string years;
      for (const YearQuantity& year : total.quantities) years += ", " + std::to_string(year.year) + " " + Grouped(year.quantity.value()) + " g";
      Add("pollutant", total.pollutant + years);
    }
    certified_.region = permit->region;
    return std::move(certified_);
  }

  absl::StatusOr<Certified> OfDecision(const std::string& subject) {
    certified_.kind = proofs::CertificateKind::kReceipt;
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("subject", "applications", subject));
    const permits::ApplicationRow* row = state_.applications.Find(number);
    if (row == nullptr) return NotFound("subject", subject);
    if (!permits::HasReceipt(*row)) {
      return Refuse(NothingToCertify(subject, "an application that was accepted, or whose acceptance was refused")).Rule("PERMIT-35");
    }
    Add("application", subject);
    AddParty("holder", row->participant);
    Add("site", ledger::MakeName("sites", row->site));
    Add("region", FormatRegion(row->region));
    const bool accepted = row->accept_date != kFirstDate;
    Add("decision", accepted ? "ACCEPTED" : v1::Application::State_Name(row->state));
    if (accepted) Add("decision_date", FormatDate(row->accept_date));
    Add("authority", row->competent_authority);
    certified_.region = row->region;
    return std::move(certified_);
  }

  const State& state_;
  CommandContext& context_;
  const Date today_;
  Certified certified_;
};

// A head office has what its branches have, and a branch what its head office has.
bool IsParty(const State& state, const ledger::ParticipantRow& caller, const std::string& party) {
  if (caller.id == party || (!caller.parent.empty() && caller.parent == party)) return true;
  const ledger::ParticipantRow* row = state.participants.FindParticipant(party);
  return row != nullptr && row->parent == caller.id;
}

absl::Status CheckMayHave(const State& state, const CommandContext& context, const Certified& certified, const std::string& subject) {
  const ledger::ParticipantRow& caller = *state.participants.FindParticipant(std::string(context.participant));
  const bool office = caller.kind == v1::OPERATOR || (caller.kind == v1::AUTHORITY && RegionContains(caller.region, certified.region));
  const bool party = std::any_of(certified.parties.begin(), certified.parties.end(), [&](const std::string& id) { return IsParty(state, caller, id); });
  if (office || party) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "NOT_AUTHORISED").Rule("PLG-40").Field("subject").Value(subject).Accepted(
      "a subject of your own: its parties, operators and authorities of its region may have a certificate");
}

}  // namespace

Certificates::Certificates(TableSet* tables, ledger::Counters* counters, const ledger::LotCommitments* commitments)
    : counters_(counters), commitments_(commitments), pending_(tables), rows_(tables), index_(tables), proofs_(tables) {
  pending_.OnLoaded([this](PendingCertificateRow& row) { waiting_.push_back(row.number); });
}

Certificates::~Certificates() = default;

absl::StatusOr<v1::CertificateAnswer> Certificates::IssueCertificate(const State& state, CommandContext& context,
                                                                     const v1::IssueCertificateRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Certified certified, Certifier(state, context).Certify(request.subject()));
  SONGHUA_RETURN_IF_ERROR(CheckMayHave(state, context, certified, request.subject()));
  if (pending_.size() >= kCertificatesPendingMax) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_PENDING").Field("subject").Value(request.subject()).Accepted(
        "at most " + std::to_string(kCertificatesPendingMax) + " certificates that wait for a checkpoint; try again in a second");
  }
  CertificateRow row;
  row.number = counters_->Peek(kCertificateCounter);
  row.kind = certified.kind;
  row.subject = request.subject();
  row.parties = std::move(certified.parties);
  row.region = certified.region;
  row.sequence = context.sequence;
  row.time = context.time;
  row.facts = std::move(certified.facts);
  v1::CertificateAnswer answer;
  *answer.mutable_certificate() = ToProto(row, 0);
  if (context.validate_only) return answer;
  SONGHUA_CHECK(counters_->Next(kCertificateCounter) == row.number);
  pending_.Insert({row.number, std::move(certified.lots), certified.pledge});
  waiting_.push_back(row.number);
  rows_.Append(row);
  for (const std::string& party : row.parties) index_.Append({party, row.number});
  context.events->Emit(EventType::kCertified, proofs::CertifiedEvent{row.kind, row.number, proofs::FactsDigest(row.facts)});
  return answer;
}

void Certificates::Prove(uint64_t map_sequence) {
  for (const uint64_t number : waiting_) {
    const PendingCertificateRow& pending = *pending_.Find(number);
    CertificateProofRow proof{number, map_sequence, {}};
    for (const ledger::LotNumber lot : pending.lots) proof.lots.push_back(commitments_->Open(lot, pending.pledge));
    proofs_.Append(proof);
    pending_.Erase(pending);
  }
  waiting_.clear();
}

std::vector<ColdKey> ColdCertified(const google::protobuf::Message& request) {
  const auto number = ledger::ParseNumberedName("subject", "trades", static_cast<const v1::IssueCertificateRequest&>(request).subject());
  std::vector<ColdKey> steps;
  for (uint32_t step = 0; number.ok() && step < exchange::TradeHistoryRow::kSteps; ++step) {
    steps.push_back({static_cast<uint16_t>(RowTable::kTradeHistory), EncodeRowKey(std::make_tuple(*number, step))});
  }
  return steps;
}

v1::Certificate ToProto(const CertificateRow& row, uint64_t proof_sequence) {
  v1::Certificate certificate;
  certificate.set_name(ledger::MakeName("certificates", row.number));
  certificate.set_kind(static_cast<v1::Certificate::Kind>(row.kind));
  certificate.set_subject(row.subject);
  for (const std::string& party : row.parties) certificate.add_parties(ledger::MakeName("participants", party));
  *certificate.mutable_issue_time() = ledger::ToProto(row.time);
  certificate.set_issue_sequence(row.sequence);
  certificate.set_proof_sequence(proof_sequence);
  return certificate;
}

std::string IssueEvents(const CertificateRow& row) {
  EventLog events;
  events.Emit(EventType::kCertified, proofs::CertifiedEvent{row.kind, row.number, proofs::FactsDigest(row.facts)});
  return events.Take();
}

}  // namespace songhua::api
