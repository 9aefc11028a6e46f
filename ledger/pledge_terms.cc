// What a bank lends on a pledge, by what value, and how that changes: approval, registration, balances, amendments.
#include <algorithm>
#include <utility>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/pledges.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

absl::Status RequireMoney(std::string_view field, int64_t fen, int64_t least, std::string_view rule) {
  return RequireInRange(field, fen, least, Pledges::kPrincipalFenMax, rule);
}

uint8_t ScopeBits(const v1::SecuredScope& scope) {
  return static_cast<uint8_t>((scope.principal() ? 1 : 0) | (scope.interest() ? 2 : 0) | (scope.penalty() ? 4 : 0) | (scope.damages() ? 8 : 0) |
                              (scope.enforcement_cost() ? 16 : 0));
}

// PLG-04: from a month to thirty years after its time, both of which are given with the number.
template <class Request>
absl::Status ParseRegistration(const Request& request, Timestamp now, LoanTerms* loan) {
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.unified_registry_number(), Pledges::kReferenceBytesMax, "unified_registry_number"));
  SONGHUA_ASSIGN_OR_RETURN(const Timestamp at, ParseTime("registration_time", request.registration_time()));
  if (at > now) return InvalidField("registration_time", FormatTimestamp(at), "a time that has come, " + FormatTimestamp(now) + " at the latest").Rule("PLG-04");
  SONGHUA_ASSIGN_OR_RETURN(const Date last, ParseDate(request.registration_expire_date(), "registration_expire_date"));
  SONGHUA_ASSIGN_OR_RETURN(const Date low, AddMonths(LocalDate(at), 1));
  SONGHUA_ASSIGN_OR_RETURN(const Date high, AddYears(LocalDate(at), Pledges::kRegistrationYearsMax));
  if (last < low || last > high) {
    return InvalidField("registration_expire_date", request.registration_expire_date(), FormatDate(low) + " to " + FormatDate(high)).Rule("PLG-04");
  }
  loan->unified_registry_number = request.unified_registry_number();
  loan->registered = at;
  loan->registration_last = last;
  return absl::OkStatus();
}

// The form of the bank's terms.
absl::StatusOr<LoanTerms> ParseTerms(const v1::ApprovePledgeRequest& request, Timestamp now) {
  LoanTerms loan;
  SONGHUA_RETURN_IF_ERROR(RequireMoney("principal_fen", request.principal_fen(), 1, "PLG-10"));
  loan.principal = Money(request.principal_fen());
  SONGHUA_RETURN_IF_ERROR(RequireInRange("rate_bps", request.rate_bps(), 0, Pledges::kRateBpsMax, "PLG-10"));
  loan.rate_bps = request.rate_bps();
  SONGHUA_ASSIGN_OR_RETURN(loan.term.first, ParseDate(request.term_start(), "term_start"));
  SONGHUA_ASSIGN_OR_RETURN(loan.term.last, ParseDate(request.term_end(), "term_end"));
  if (loan.term.last < loan.term.first) {
    return InvalidField("term_end", request.term_end(), "a day not before term_start, " + request.term_start()).Rule("PLG-10");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.contract_number(), Pledges::kReferenceBytesMax, "contract_number"));
  loan.contract_number = request.contract_number();
  if (request.has_registration_time() || !request.registration_expire_date().empty()) {
    SONGHUA_RETURN_IF_ERROR(ParseRegistration(request, now, &loan));
  } else if (!request.unified_registry_number().empty()) {
    SONGHUA_RETURN_IF_ERROR(ValidateName(request.unified_registry_number(), Pledges::kReferenceBytesMax, "unified_registry_number"));
    loan.unified_registry_number = request.unified_registry_number();
  }
  loan.maximum_amount = request.maximum_amount();
  if (loan.maximum_amount) {
    SONGHUA_ASSIGN_OR_RETURN(loan.determination, ParseDate(request.determination_date(), "determination_date"));
    if (!loan.term.Contains(loan.determination)) {
      return InvalidField("determination_date", request.determination_date(), "a day of the term, " + request.term_start() + " to " + request.term_end()).Rule("PLG-10");
    }
  } else if (!request.determination_date().empty()) {
    return InvalidField("determination_date", request.determination_date(), "nothing but with maximum_amount").Rule("PLG-10");
  }
  loan.scope = ScopeBits(request.scope());
  return loan;
}

}  // namespace

// PLG-13: the loan ends no later than the rights, and not before it is made.
absl::Status Pledges::CheckTerm(const PledgeRow& row, Date last, Date today) const {
  for (const PledgedPart& part : row.parts) {
    const LotRow& lot = LotOf(part);
    if (!lot.right || last <= lot.term.last) continue;
    return Refuse(absl::StatusCode::kFailedPrecondition, "TERM_EXCEEDS_RIGHT")
        .Rule("PLG-13")
        .Field("term_end")
        .Value(FormatDate(last))
        .Accepted("at the latest " + FormatDate(lot.term.last) + ", the last day of " + MakeName("lots", lot.number));
  }
  if (last >= today) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "TERM_HAS_ENDED")
      .Rule("PLG-13")
      .Field("term_end")
      .Value(FormatDate(last))
      .Accepted(FormatDate(today) + ", today, or later");
}

void Pledges::Value(PledgeRow* row, Date today) const {
  Valuation sum;
  bool valued = valuer_ != nullptr;
  for (size_t i = 0; i < row->parts.size() && valued; ++i) {
    const PledgedPart& part = row->parts[i];
    const auto valuation = valuer_->ValueOf(LotOf(part), part.quantity, today);
    const auto total = valuation.has_value() ? CheckedAdd(sum.value, valuation->value) : absl::StatusOr<Money>(absl::OutOfRangeError(""));
    valued = total.ok();
    if (!valued) break;
    sum.value = *total;
    if (i == 0) sum.unit = valuation->unit;
  }
  row->valuation = valued ? sum : Valuation();
  row->value_date = valued ? today : Date{};
  row->principal_max = MostLent(row->valuation.value, PolicyOf(*row).loan_to_value_bps);
}

absl::Status Pledges::CheckValue(const PledgeRow& row, Money principal, std::string_view field, int64_t value) const {
  if (valuer_ == nullptr || (row.value_date != Date{} && principal <= row.principal_max)) return absl::OkStatus();
  const bool valued = row.value_date != Date{};
  return Refuse(absl::StatusCode::kFailedPrecondition, valued ? "BEYOND_LOAN_TO_VALUE" : "NOT_VALUED")
      .Rule("PLG-14")
      .Field(field)
      .Value(value)
      .Accepted(!valued ? "units for which a price is in force"
                        : "units that carry " + std::to_string(principal.value()) + " fen; these, worth " + std::to_string(row.valuation.value.value()) + " on " +
                              FormatDate(row.value_date) + ", carry " + std::to_string(row.principal_max.value()));
}

// Its units are held already, and do not count.
absl::Status Pledges::CheckShortfall(const PledgeRow& row, Date today) const {
  if (valuer_ == nullptr) return absl::OkStatus();
  for (const PledgedPart& part : row.parts) {
    const Quantity shortfall = valuer_->ShortfallOf(LotOf(part), today);
    if (shortfall == Quantity()) continue;
    return Refuse(absl::StatusCode::kFailedPrecondition, "SHORTFALL_NOT_ACKNOWLEDGED")
        .Rule("PLG-18")
        .Field("acknowledge_shortfall")
        .Value("false")
        .Accepted("true: without what is pledged of " + MakeName("lots", part.lot) + " its holder lacks " + std::to_string(shortfall.value()) + " of what it has to surrender");
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::PledgeAnswer> Pledges::ApprovePledge(CommandContext& context, const v1::ApprovePledgeRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ParseNumberedName("name", "pledges", request.name()).status());
  SONGHUA_ASSIGN_OR_RETURN(const LoanTerms loan, ParseTerms(request, context.time));
  SONGHUA_ASSIGN_OR_RETURN(Step step, Begin(context, request.name(), PledgeEvent::kApprove));
  SONGHUA_RETURN_IF_ERROR(CheckTerm(*step.row, loan.term.last, context.today));
  SONGHUA_RETURN_IF_ERROR(CheckValue(*step.row, loan.principal, "principal_fen", loan.principal.value()));
  if (!request.acknowledge_shortfall()) SONGHUA_RETURN_IF_ERROR(CheckShortfall(*step.row, context.today));
  step.changed.approved = true;
  step.changed.loan = loan;
  return Conclude(context, std::move(step));
}

// ---- While it is in force, and of its registration afterwards ----

// What is said of a pledge in force moves it nowhere.
absl::StatusOr<Pledges::Step> Pledges::FindInForce(const std::string& name) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "pledges", name));
  const PledgeRow* row = rows_.Find(number);
  if (row == nullptr) return NotFound("name", name);
  if (row->ControlEffective()) return Step{row, *row};
  return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
      .Rule("PLG-20")
      .Field("name")
      .Value(name)
      .Accepted("a pledge that is ACTIVE, DEFAULT_NOTICE or ENFORCING; this one is " + v1::PledgeState_Name(row->state));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::RecordRegistration(CommandContext& context, const v1::RecordRegistrationRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ParseNumberedName("name", "pledges", request.name()).status());
  LoanTerms given;
  SONGHUA_RETURN_IF_ERROR(ParseRegistration(request, context.time, &given));
  SONGHUA_ASSIGN_OR_RETURN(Step step, FindInForce(request.name()));
  LoanTerms& loan = step.changed.loan;
  const bool extends = loan.registration_last != Date{} && !step.row->PriorityLapsed(context.today);
  if (extends) {
    if (given.unified_registry_number != loan.unified_registry_number || given.registered != loan.registered) {
      return InvalidField("unified_registry_number", given.unified_registry_number,
                          loan.unified_registry_number + " of " + FormatTimestamp(loan.registered) + ", which is registered and is extended")
          .Rule("PLG-04");
    }
    const Date from = loan.registration_last - PolicyOf(*step.row).extension_days;
    if (context.today < from || given.registration_last <= loan.registration_last) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "NO_EXTENSION_YET")
          .Rule("PLG-04")
          .Field("registration_expire_date")
          .Value(request.registration_expire_date())
          .Accepted("a day after " + FormatDate(loan.registration_last) + ", from " + FormatDate(from) + " on");
    }
  }
  loan.unified_registry_number = given.unified_registry_number;
  loan.registered = given.registered;
  loan.registration_last = given.registration_last;
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::CancelUnifiedRegistration(CommandContext& context, const v1::CancelUnifiedRegistrationRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ParseNumberedName("name", "pledges", request.name()).status());
  SONGHUA_ASSIGN_OR_RETURN(const Date date, ParseDate(request.cancellation_date(), "cancellation_date"));
  SONGHUA_ASSIGN_OR_RETURN(Step step, Begin(context, request.name(), PledgeEvent::kCancelRegistration));
  const PledgeRow& row = *step.row;
  if (row.cancellation_due == Date{} || row.cancelled_on != Date{}) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NOTHING_TO_CANCEL")
        .Rule("PLG-04")
        .Field("name")
        .Value(request.name())
        .Accepted("a pledge that stood in the unified registry when it ended, and still does; this one " +
                  (row.cancelled_on != Date{} ? "was cancelled there on " + FormatDate(row.cancelled_on) : std::string("did not")));
  }
  if (const Date ended = LocalDate(row.end_time); date < ended || date > context.today) {
    return InvalidField("cancellation_date", request.cancellation_date(), FormatDate(ended) + ", on which it ended, to " + FormatDate(context.today)).Rule("PLG-04");
  }
  step.changed.cancelled_on = date;
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::ReportBalance(CommandContext& context, const v1::ReportBalanceRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ParseNumberedName("name", "pledges", request.name()).status());
  SONGHUA_RETURN_IF_ERROR(RequireMoney("principal_fen", request.principal_fen(), 0, "PLG-44"));
  SONGHUA_RETURN_IF_ERROR(RequireMoney("interest_fen", request.interest_fen(), 0, "PLG-44"));
  SONGHUA_RETURN_IF_ERROR(RequireMoney("costs_fen", request.costs_fen(), 0, "PLG-44"));
  SONGHUA_ASSIGN_OR_RETURN(const Date date, ParseDate(request.balance_date(), "balance_date"));
  SONGHUA_ASSIGN_OR_RETURN(Step step, FindInForce(request.name()));
  const Date low = std::max(step.row->balance.date, LocalDate(step.row->create_time));
  if (date < low || date > context.today) {
    return InvalidField("balance_date", request.balance_date(), FormatDate(low) + " to " + FormatDate(context.today)).Rule("PLG-44");
  }
  if (request.principal_fen() > step.row->loan.principal.value()) {
    return InvalidField("principal_fen", std::to_string(request.principal_fen()),
                        "at most " + std::to_string(step.row->loan.principal.value()) + ", the loan; more is an amendment")
        .Rule("PLG-26");
  }
  step.changed.balance = {Money(request.principal_fen()), Money(request.interest_fen()), Money(request.costs_fen()), date};
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::ProposeAmendment(CommandContext& context, const v1::ProposeAmendmentRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ParseNumberedName("name", "pledges", request.name()).status());
  ProposedTerms proposal;
  if (request.principal_fen() != 0) SONGHUA_RETURN_IF_ERROR(RequireMoney("principal_fen", request.principal_fen(), 1, "PLG-26"));
  if (request.rate_bps() != 0) SONGHUA_RETURN_IF_ERROR(RequireInRange("rate_bps", request.rate_bps(), 1, kRateBpsMax, "PLG-26"));
  if (!request.term_end().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(proposal.last, ParseDate(request.term_end(), "term_end"));
  }
  proposal.principal = Money(request.principal_fen());
  proposal.rate_bps = request.rate_bps();
  proposal.proposed = context.time;
  if (proposal.principal == Money() && proposal.rate_bps == 0 && proposal.last == Date{}) {
    return InvalidField("principal_fen", "0", "another principal, rate or end of the term").Rule("PLG-26");
  }
  SONGHUA_ASSIGN_OR_RETURN(Step step, Begin(context, request.name(), PledgeEvent::kAmend));
  step.changed.proposal = proposal;
  SONGHUA_RETURN_IF_ERROR(CheckAmendment(&step.changed, context.today));
  return Conclude(context, std::move(step));
}

// Terms and value as they would be; values the row anew.
absl::Status Pledges::CheckAmendment(PledgeRow* row, Date today) const {
  const ProposedTerms& proposal = row->proposal;
  if (proposal.last != Date{}) SONGHUA_RETURN_IF_ERROR(CheckTerm(*row, proposal.last, today));
  if (proposal.principal <= row->loan.principal) return absl::OkStatus();
  if (row->raises.size() >= kRaisesMax) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_AMENDMENTS")
        .Rule("PLG-26")
        .Field("principal_fen")
        .Value(proposal.principal.value())
        .Accepted("at most " + std::to_string(kRaisesMax) + " raises of one loan");
  }
  Value(row, today);
  return CheckValue(*row, proposal.principal, "principal_fen", proposal.principal.value());
}

absl::StatusOr<Pledges::Step> Pledges::BeginProposal(const CommandContext& context, const v1::PledgeActRequest& request) const {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginAct(context, request, PledgeEvent::kAmend, /*reason_required=*/false));
  if (step.row->proposal.proposed != Timestamp()) return step;
  return Refuse(absl::StatusCode::kFailedPrecondition, "NOTHING_PROPOSED")
      .Rule("PLG-26")
      .Field("name")
      .Value(request.name())
      .Accepted("a pledge of which an amendment was proposed");
}

absl::StatusOr<v1::PledgeAnswer> Pledges::AgreeAmendment(CommandContext& context, const v1::PledgeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginProposal(context, request));
  SONGHUA_RETURN_IF_ERROR(CheckAmendment(&step.changed, context.today));
  PledgeRow& row = step.changed;
  const ProposedTerms proposal = std::exchange(row.proposal, {});
  if (proposal.principal > row.loan.principal) {
    row.raises.push_back({proposal.principal - row.loan.principal, context.time});
    if (row.balance.date != Date{}) row.balance.principal += proposal.principal - row.loan.principal;
  }
  if (proposal.principal != Money()) row.loan.principal = proposal.principal;
  if (proposal.rate_bps != 0) row.loan.rate_bps = proposal.rate_bps;
  if (proposal.last != Date{}) row.loan.term.last = proposal.last;
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::EndAmendment(CommandContext& context, const v1::PledgeActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(Step step, BeginProposal(context, request));
  step.changed.proposal = {};
  return Conclude(context, std::move(step));
}

absl::StatusOr<v1::PledgeAnswer> Pledges::AddPledgedUnits(CommandContext& context, const v1::AddPledgedUnitsRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ParseNumberedName("name", "pledges", request.name()).status());
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("lot", "lots", request.lot()));
  if (request.quantity() < 1) return InvalidField("quantity", std::to_string(request.quantity()), "1 or more").Rule("PLG-17");
  SONGHUA_ASSIGN_OR_RETURN(Step step, Begin(context, request.name(), PledgeEvent::kAddUnits));
  const LotRow* lot = ledger_->lots().Find(number);
  if (lot == nullptr) return NotFound("lot", request.lot());
  const std::string& program = ledger_->programs().FindClass(lot->instrument_class)->program;
  if (AccountOf(*lot).participant != step.row->pledgor || program != ledger_->programs().FindClass(LotOf(step.row->parts.front()).instrument_class)->program) {
    return InvalidField("lot", request.lot(), "a lot of the pledgor's and of the program of what is pledged").Rule("PLG-10");
  }
  const Quantity quantity(request.quantity());
  SONGHUA_RETURN_IF_ERROR(CheckPledgeable(*lot, quantity, context.today, "lot", "quantity"));
  SONGHUA_RETURN_IF_ERROR(ledger_->CheckDisposal(context, *lot, quantity, Disposal::kPledge, "lot"));
  SONGHUA_RETURN_IF_ERROR(CheckEtag(*lot, "etag", request.etag()));
  std::vector<PledgedPart>& parts = step.changed.parts;
  if (PledgedPart* part = step.changed.PartOf(number)) {
    if (part->later.size() >= kAdditionsMax) {
      return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_ADDITIONS")
          .Rule("PLG-26")
          .Field("lot")
          .Value(request.lot())
          .Accepted("a lot to whose pledged units fewer than " + std::to_string(kAdditionsMax) + " additions were made");
    }
    part->Add(quantity, context.time);
  } else if (parts.size() >= kPartsMax) {
    return InvalidField("lot", request.lot(), "one of the pledge's lots: it has " + std::to_string(kPartsMax) + " already").Rule("PLG-10");
  } else {
    parts.push_back({.lot = number, .quantity = quantity, .offered = {}, .since = context.time, .later = {}});
  }
  step.changed.DropEmptyParts();
  Value(&step.changed, context.today);
  const v1::PledgeAnswer answer = Conclude(context, std::move(step));
  if (!context.validate_only) index_.Append({MakeName("lots", number), *ParseNumberedName("name", "pledges", request.name())});
  return answer;
}

}  // namespace songhua::ledger
