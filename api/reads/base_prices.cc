#include "api/reads/published_prices.h"

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api {

absl::Status PublishedPrices::Load(ReadContext& context) {
  SONGHUA_RETURN_IF_ERROR(context.ForEach<ledger::BasePriceRow>("", [&](const ledger::BasePriceRow& row) {
    return tables_.Load(static_cast<TableId>(ledger::BasePriceRow::kTable), EncodeValue(row));
  }));
  tables_.FinishLoad();
  return absl::OkStatus();
}

namespace reads {

absl::StatusOr<v1::BasePriceAnswer> GetBasePrice(ReadContext& context, const v1::GetBasePriceRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string program, ledger::ParseName("program", "programs", request.program()));
  SONGHUA_RETURN_IF_ERROR(ledger::ValidatePollutant("pollutant", request.pollutant()));
  SONGHUA_ASSIGN_OR_RETURN(const v1::PriceBasis basis, ledger::ParsePriceBasis("price_basis", request.price_basis()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  Date date = context.today();
  if (!request.date().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(date, ParseDate(request.date(), "date"));
  }
  PublishedPrices prices;
  SONGHUA_RETURN_IF_ERROR(prices.Load(context));
  const ledger::BasePriceRow* row = prices.rows().InForce(program, request.pollutant(), request.control_zone(), basis, date);
  if (row == nullptr) {
    return Refuse(absl::StatusCode::kNotFound, "NOT_FOUND")
        .Rule("DR-70")
        .Field("control_zone")
        .Value(request.control_zone().substr(0, 64))
        .Accepted("a zone for which a base price of " + request.pollutant() + " is in force on " + FormatDate(date));
  }
  v1::BasePriceAnswer answer;
  *answer.mutable_base_price() = ToProto(*row);
  return answer;
}

absl::StatusOr<v1::ListBasePricesAnswer> ListBasePrices(ReadContext& context, const v1::ListBasePricesRequest&) {
  v1::ListBasePricesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::BasePriceRow>(
      "",
      [&](const ledger::BasePriceRow& row) -> ReadContext::Added {
        *answer.add_base_prices() = ToProto(row);
        return answer.base_prices().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace reads
}  // namespace songhua::api
