// Methods and proposals of base prices, and how a price came about. What a method makes of inputs, and when a review is due, the domain's own functions
// say. A draft is its authors' own until people are asked: without a token it is not found.
#include "ledger/price_proposals.h"

#include <utility>

#include "api/reads/read_context.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/price_methods.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {
namespace {

bool IsHidden(const ReadContext& context, const ledger::PriceProposalRow& row) {
  const bool was_public = row.consultation_last_day != Date();
  return context.caller() == nullptr && !was_public;
}

}  // namespace

absl::StatusOr<v1::PriceMethodAnswer> GetPriceMethod(ReadContext& context, const v1::GetPriceMethodRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string code, ledger::ParseName("name", "priceMethods", request.name()));
  v1::PriceMethodAnswer answer;
  if (request.version() != 0) {
    SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::PriceMethodRow>({code, request.version()}));
    if (row.has_value()) *answer.mutable_method() = ToProto(*row);
  } else {
    SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
    SONGHUA_RETURN_IF_ERROR(context.ForEach<ledger::PriceMethodRow>(EncodeKey(code), [&](const ledger::PriceMethodRow& row) {
      *answer.mutable_method() = ToProto(row);  // by version, the newest last
      return absl::OkStatus();
    }));
  }
  if (!answer.has_method()) return NotFound("name", request.name());
  return answer;
}

absl::StatusOr<v1::ListPriceMethodsAnswer> ListPriceMethods(ReadContext& context, const v1::ListPriceMethodsRequest&) {
  v1::ListPriceMethodsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::PriceMethodRow>(
      "",
      [&](const ledger::PriceMethodRow& row) -> ReadContext::Added {
        *answer.add_methods() = ToProto(row);
        return answer.methods().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::PriceProposalAnswer> GetPriceProposal(ReadContext& context, const v1::GetPriceProposalRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "priceProposals", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::PriceProposalRow>(number));
  if (!row.has_value() || IsHidden(context, *row)) return NotFound("name", request.name());
  v1::PriceProposalAnswer answer;
  *answer.mutable_proposal() = ToProto(*row);
  if (row->base_price == 0) return answer;
  SONGHUA_ASSIGN_OR_RETURN(const auto price, context.Get<ledger::BasePriceRow>(row->base_price));
  if (price.has_value()) *answer.mutable_base_price() = ToProto(*price);
  return answer;
}

absl::StatusOr<v1::ListPriceProposalsAnswer> ListPriceProposals(ReadContext& context, const v1::ListPriceProposalsRequest&) {
  v1::ListPriceProposalsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::PriceProposalRow>(
      "",
      [&](const ledger::PriceProposalRow& row) -> ReadContext::Added {
        if (IsHidden(context, row)) return 0;
        *answer.add_proposals() = ToProto(row);
        return answer.proposals().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ExplainBasePriceAnswer> ExplainBasePrice(ReadContext& context, const v1::ExplainBasePriceRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "basePrices", request.name()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const auto price, context.Get<ledger::BasePriceRow>(number));
  if (!price.has_value()) return NotFound("name", request.name());
  v1::ExplainBasePriceAnswer answer;
  *answer.mutable_base_price() = ToProto(*price);
  SONGHUA_ASSIGN_OR_RETURN(const auto origin, context.Get<ledger::BasePriceOriginRow>(number));
  if (!origin.has_value()) return answer;
  SONGHUA_ASSIGN_OR_RETURN(const auto proposal, context.Get<ledger::PriceProposalRow>(origin->proposal));
  if (!proposal.has_value()) return absl::DataLossError(request.name() + " came of priceProposals/" + std::to_string(origin->proposal) + ", which is missing");
  SONGHUA_ASSIGN_OR_RETURN(const auto method, context.Get<ledger::PriceMethodRow>({proposal->method, proposal->method_version}));
  if (!method.has_value()) return absl::DataLossError("the method of priceProposals/" + std::to_string(proposal->number) + " is missing");
  SONGHUA_ASSIGN_OR_RETURN(const auto index, context.Get<ledger::PriceIndexRow>(proposal->method));
  SONGHUA_ASSIGN_OR_RETURN(const ledger::ComputedPrice computed, ledger::ComputePrice(*method, proposal->inputs));
  *answer.mutable_proposal() = ToProto(*proposal);
  *answer.mutable_method() = ToProto(*method);
  answer.set_computation(ledger::ExplainPrice(*method, proposal->inputs));
  answer.set_recomputed_fen(computed.price.value());
  for (std::string& reason : ledger::ReviewReasons(*price, *proposal, *method, index.has_value() ? &*index : nullptr, context.today())) {
    answer.add_review_reasons(std::move(reason));
  }
  return answer;
}

}  // namespace songhua::api::reads
