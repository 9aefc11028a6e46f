#include "ledger/price_proposals.h"

#include <algorithm>
#include <utility>

#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

constexpr char kNumbersOfPriceProposals[] = "priceProposals";
constexpr size_t kProposalZoneBytesMax = 40;
constexpr size_t kFromBytesMax = 200;

Refuse WrongSigner(std::string_view field, const std::string& value, std::string_view accepted) {
  return Refuse(absl::StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES").Rule("GEN-14").Field(field).Value(value).Accepted(accepted);
}

}  // namespace

PriceProposals::PriceProposals(TableSet* tables, Counters* counters, const PriceMethods* methods, BasePrices* prices)
    : counters_(counters), methods_(methods), prices_(prices), rows_(tables), origins_(tables), indexes_(tables) {
  origins_.OnLoaded([this](BasePriceOriginRow& row) { proposal_of_[row.base_price] = row.proposal; });
}

absl::StatusOr<const PriceProposalRow*> PriceProposals::FindIn(const std::string& name, std::initializer_list<v1::PriceProposalState> states,
                                                               std::string_view act) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "priceProposals", name));
  const PriceProposalRow* row = rows_.Find(number);
  if (row == nullptr) return NotFound("name", name);
  if (std::find(states.begin(), states.end(), row->state) != states.end()) return row;
  std::string accepted;
  for (const v1::PriceProposalState state : states) accepted += (accepted.empty() ? "" : " or ") + v1::PriceProposalState_Name(state);
  return Refuse(absl::StatusCode::kFailedPrecondition, "WRONG_STATE").Rule("DR-72").Field("name").Value(v1::PriceProposalState_Name(row->state))
      .Accepted("a proposal in state " + accepted + ", to " + std::string(act));
}

const PriceMethodRow& PriceProposals::MethodOf(const PriceProposalRow& row) const {
  const PriceMethodRow* method = methods_->Find(row.method, row.method_version);
  SONGHUA_CHECK(method != nullptr);
  return *method;
}

v1::PriceProposalAnswer PriceProposals::Answer(const PriceProposalRow& row) {
  v1::PriceProposalAnswer answer;
  *answer.mutable_proposal() = ToProto(row);
  return answer;
}

v1::PriceProposalAnswer PriceProposals::Replace(CommandContext& context, const PriceProposalRow& old_row, PriceProposalRow row) {
  v1::PriceProposalAnswer answer = Answer(row);
  if (!context.validate_only) Changed(context, rows_.Edit(old_row) = std::move(row));
  return answer;
}

void PriceProposals::Changed(CommandContext& context, const PriceProposalRow& row) {
  context.events->Emit(EventType::kPriceProposalChanged, MakeName("priceProposals", row.number), row);
}

absl::StatusOr<v1::PriceProposalAnswer> PriceProposals::DraftBasePrice(CommandContext& context, const v1::DraftBasePriceRequest& request,
                                                                       const PriceScope& scope) {
  PriceProposalRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.program, ParseName("program", "programs", request.program()));
  SONGHUA_RETURN_IF_ERROR(ValidatePollutant("pollutant", request.pollutant()));
  row.pollutant = request.pollutant();
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.control_zone(), kProposalZoneBytesMax, "control_zone"));
  row.control_zone = request.control_zone();
  SONGHUA_ASSIGN_OR_RETURN(row.basis, ParsePriceBasis("price_basis", request.price_basis()));
  SONGHUA_ASSIGN_OR_RETURN(row.method, ParseName("method", "priceMethods", request.method()));
  SONGHUA_RETURN_IF_ERROR(scope.CheckPriceScope(row.program, row.pollutant, row.control_zone));
  const PriceMethodRow* method = methods_->Newest(row.method);
  if (method == nullptr) return NotFound("method", request.method());
  row.method_version = method->version;
  SONGHUA_ASSIGN_OR_RETURN(row.inputs, ParsePriceInputs(*method, request.inputs()));
  SONGHUA_ASSIGN_OR_RETURN(ComputedPrice computed, ComputePrice(*method, row.inputs));
  row.exact_yuan = std::move(computed.exact_yuan);
  row.price = computed.price;
  row.drafted_by = context.person;
  row.draft_time = context.time;
  row.number = counters_->Peek(kNumbersOfPriceProposals);

  v1::PriceProposalAnswer answer = Answer(row);
  if (context.validate_only) return answer;
  SONGHUA_CHECK(counters_->Next(kNumbersOfPriceProposals) == row.number);
  Changed(context, rows_.Insert(std::move(row)));
  return answer;
}

absl::StatusOr<v1::PriceProposalAnswer> PriceProposals::OpenPriceConsultation(CommandContext& context, const v1::PriceProposalActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const PriceProposalRow* found, FindIn(request.name(), {v1::PRICE_DRAFT}, "be consulted on"));
  PriceProposalRow row = *found;
  const int32_t days = MethodOf(row).consultation_days_min;
  // The day of opening does not count (GEN-04).
  SONGHUA_ASSIGN_OR_RETURN(const Date earliest, AddDays(context.today, days));
  row.consultation_last_day = earliest;
  if (!request.last_day().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(row.consultation_last_day, ParseDate(request.last_day(), "last_day"));
    if (row.consultation_last_day < earliest) {
      return InvalidField("last_day", request.last_day(), FormatDate(earliest) + " or later: " + std::to_string(days) + " days of consultation at least")
          .Rule("DR-72");
    }
  }
  row.state = v1::PRICE_CONSULTATION;
  return Replace(context, *found, std::move(row));
}

absl::StatusOr<v1::PriceProposalAnswer> PriceProposals::RecordPriceOpinion(CommandContext& context, const v1::RecordPriceOpinionRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.from(), kFromBytesMax, "from"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.text(), kOpinionBytesMax, "text"));
  SONGHUA_ASSIGN_OR_RETURN(const PriceProposalRow* found, FindIn(request.name(), {v1::PRICE_CONSULTATION}, "take opinions"));
  if (context.today > found->consultation_last_day) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "CONSULTATION_OVER").Rule("DR-72").Field("name").Value(request.name())
        .Accepted("an opinion on or before " + FormatDate(found->consultation_last_day));
  }
  if (found->opinions.size() == kOpinionsMax) {
    return OutOfRange("name", request.name(), "at most " + std::to_string(kOpinionsMax) + " opinions; what comes beyond them goes into one document").Rule("DR-72");
  }
  PriceProposalRow row = *found;
  row.opinions.push_back({request.from(), request.text(), std::string(context.person), context.time});
  return Replace(context, *found, std::move(row));
}

absl::StatusOr<v1::PriceProposalAnswer> PriceProposals::SignPriceProposal(CommandContext& context, const v1::SignPriceProposalRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const PriceProposalRow* found, FindIn(request.name(), {v1::PRICE_CONSULTATION}, "be signed"));
  if (context.today <= found->consultation_last_day) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "CONSULTATION_OPEN").Rule("DR-72").Field("name").Value(request.name())
        .Accepted("signatures after " + FormatDate(found->consultation_last_day) + ", the consultation's last day");
  }
  const std::vector<std::string>& offices = MethodOf(*found).offices;
  if (std::find(offices.begin(), offices.end(), request.office()) == offices.end()) {
    std::string accepted;
    for (const std::string& office : offices) accepted += (accepted.empty() ? "" : ", ") + office;
    return InvalidField("office", request.office().substr(0, kProposalZoneBytesMax), "one of " + accepted).Rule("DR-72");
  }
  if (found->drafted_by == context.person) {
    return WrongSigner("name", MakeName("people", context.person), "another person than the one who drafted it");
  }
  for (const PriceSignatureRow& signature : found->signatures) {
    if (signature.office == request.office()) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "ALREADY_SIGNED").Rule("DR-72").Field("office").Value(request.office())
          .Accepted("an office that has not signed; " + MakeName("people", signature.person) + " signed for this one");
    }
    if (signature.person == context.person || signature.participant == context.participant) {
      return WrongSigner("office", request.office(), "a person of another authority than " + MakeName("participants", signature.participant) +
                                                         ", which signed for " + signature.office);
    }
  }
  PriceProposalRow row = *found;
  row.signatures.push_back({request.office(), std::string(context.person), std::string(context.participant), context.time});
  if (row.signatures.size() == offices.size()) row.state = v1::PRICE_APPROVED;
  return Replace(context, *found, std::move(row));
}

absl::StatusOr<v1::PriceProposalAnswer> PriceProposals::PublishPriceProposal(CommandContext& context, const v1::PublishPriceProposalRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const PriceProposalRow* found, FindIn(request.name(), {v1::PRICE_APPROVED}, "be published"));
  BasePriceRow price;
  price.program = found->program;
  price.pollutant = found->pollutant;
  price.control_zone = found->control_zone;
  price.basis = found->basis;
  price.price = found->price;
  SONGHUA_ASSIGN_OR_RETURN(price.effective_from, ParseDate(request.effective_from(), "effective_from"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.document_reference(), BasePrices::kDocumentReferenceBytesMax, "document_reference"));
  price.document_reference = request.document_reference();
  SONGHUA_ASSIGN_OR_RETURN(const BasePriceRow published, prices_->Publish(context, std::move(price), "effective_from"));

  PriceProposalRow row = *found;
  row.state = v1::PRICE_PUBLISHED;
  row.base_price = published.number;
  if (!context.validate_only) {
    origins_.Insert({published.number, row.number});
    proposal_of_[published.number] = row.number;
  }
  v1::PriceProposalAnswer answer = Replace(context, *found, std::move(row));
  *answer.mutable_base_price() = ToProto(published);
  return answer;
}

absl::StatusOr<v1::PriceProposalAnswer> PriceProposals::WithdrawPriceProposal(CommandContext& context, const v1::PriceProposalActRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kReasonBytesMax, "reason"));
  SONGHUA_ASSIGN_OR_RETURN(const PriceProposalRow* found,
                           FindIn(request.name(), {v1::PRICE_DRAFT, v1::PRICE_CONSULTATION, v1::PRICE_APPROVED}, "be withdrawn"));
  PriceProposalRow row = *found;
  row.state = v1::PRICE_WITHDRAWN;
  row.reason = request.reason();
  return Replace(context, *found, std::move(row));
}

absl::StatusOr<v1::PriceIndexAnswer> PriceProposals::RecordPriceIndex(CommandContext& context, const v1::RecordPriceIndexRequest& request) {
  PriceIndexRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.method, ParseName("method", "priceMethods", request.method()));
  const PriceMethodRow* method = methods_->Newest(row.method);
  if (method == nullptr) return NotFound("method", request.method());
  const PriceInputRuleRow* rule = method->FindInput(method->index_input);
  if (rule == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_INDEX").Rule("DR-72").Field("method").Value(request.method()).Accepted(
        "a method with an index_input");
  }
  SONGHUA_ASSIGN_OR_RETURN(row.value, ParsePriceInput(*rule, request.value(), "value"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.source(), kFromBytesMax, "source"));
  row.source = request.source();
  row.recorded_by = context.person;
  row.record_time = context.time;

  v1::PriceIndexAnswer answer;
  for (const auto& [number, origin] : proposal_of_) {
    const BasePriceRow& price = *prices_->Find(number);
    const PriceProposalRow& proposal = *rows_.Find(origin);
    if (proposal.method != row.method) continue;
    if (prices_->InForce(price.program, price.pollutant, price.control_zone, price.basis, context.today) != &price) continue;
    if (!ReviewReasons(price, proposal, MethodOf(proposal), &row, context.today).empty()) {
      answer.add_due_for_review(MakeName("basePrices", number));
    }
  }
  if (context.validate_only) return answer;
  context.events->Emit(EventType::kPriceProposalChanged, MakeName("priceMethods", row.method), row);
  if (const PriceIndexRow* last = indexes_.Find(row.method); last != nullptr) {
    indexes_.Edit(*last) = std::move(row);
  } else {
    indexes_.Insert(std::move(row));
  }
  return answer;
}

const PriceProposalRow* PriceProposals::OriginOf(uint64_t base_price) const {
  const auto origin = proposal_of_.find(base_price);
  return origin == proposal_of_.end() ? nullptr : rows_.Find(origin->second);
}

std::vector<std::string> ReviewReasons(const BasePriceRow& price, const PriceProposalRow& proposal, const PriceMethodRow& method,
                                       const PriceIndexRow* index, Date today) {
  std::vector<std::string> reasons;
  if (method.review_years > 0) {
    const absl::StatusOr<Date> due = AddYears(price.effective_from, method.review_years);
    if (due.ok() && today >= *due) {
      reasons.push_back("in force for " + std::to_string(method.review_years) + " years since " + FormatDate(*due));
    }
  }
  const auto input = std::find_if(proposal.inputs.begin(), proposal.inputs.end(),
                                  [&](const PriceInputRow& one) { return one.name == method.index_input; });
  if (index != nullptr && input != proposal.inputs.end() && input->value != 0) {
    // |now - then| / |then| > change / 10,000, exactly.
    const __int128 moved = static_cast<__int128>(index->value) - input->value;
    const __int128 then = input->value;
    const __int128 left = (moved < 0 ? -moved : moved) * 10'000, right = (then < 0 ? -then : then) * method.review_index_change;
    if (left > right) {
      reasons.push_back(method.index_input + " went from " + FormatFormulaDecimal(input->value) + " to " + FormatFormulaDecimal(index->value) +
                        ", more than " + FormatDecimal(method.review_index_change, 2) + "%");
    }
  }
  return reasons;
}

v1::PriceProposal ToProto(const PriceProposalRow& row) {
  v1::PriceProposal message;
  message.set_name(MakeName("priceProposals", row.number));
  message.set_state(row.state);
  message.set_program(MakeName("programs", row.program));
  message.set_pollutant(row.pollutant);
  message.set_control_zone(row.control_zone);
  message.set_price_basis(v1::PriceBasis_Name(row.basis));
  message.set_method(MakeName("priceMethods", row.method));
  message.set_method_version(row.method_version);
  for (const PriceInputRow& input : row.inputs) {
    v1::PriceInput* out = message.add_inputs();
    out->set_name(input.name);
    out->set_value(FormatFormulaDecimal(input.value));
    out->set_source(input.source);
  }
  message.set_exact_yuan(row.exact_yuan);
  message.set_price_fen(row.price.value());
  message.set_drafted_by(MakeName("people", row.drafted_by));
  *message.mutable_draft_time() = ToProto(row.draft_time);
  if (row.state != v1::PRICE_DRAFT && row.consultation_last_day != Date()) message.set_consultation_last_day(FormatDate(row.consultation_last_day));
  for (const PriceOpinionRow& opinion : row.opinions) {
    v1::PriceOpinion* out = message.add_opinions();
    out->set_from(opinion.from);
    out->set_text(opinion.text);
    out->set_recorded_by(MakeName("people", opinion.recorded_by));
    *out->mutable_record_time() = ToProto(opinion.record_time);
  }
  for (const PriceSignatureRow& signature : row.signatures) {
    v1::PriceSignature* out = message.add_signatures();
    out->set_office(signature.office);
    out->set_person(MakeName("people", signature.person));
    out->set_participant(MakeName("participants", signature.participant));
    *out->mutable_sign_time() = ToProto(signature.sign_time);
  }
  if (row.base_price != 0) message.set_base_price(MakeName("basePrices", row.base_price));
  message.set_reason(row.reason);
  return message;
}

PriceProposals::~PriceProposals() = default;

}  // namespace songhua::ledger
