#include "ledger/base_prices.h"

#include <array>

#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

constexpr char kNumbersOfBasePrices[] = "basePrices";
constexpr size_t kZoneBytesMax = 40;

absl::StatusOr<BasePriceRow> ParseBasePrice(const v1::BasePrice& price) {
  BasePriceRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.program, ParseName("base_price.program", "programs", price.program()));
  SONGHUA_RETURN_IF_ERROR(ValidatePollutant("base_price.pollutant", price.pollutant()));
  row.pollutant = price.pollutant();
  SONGHUA_RETURN_IF_ERROR(ValidateName(price.control_zone(), kZoneBytesMax, "base_price.control_zone"));
  row.control_zone = price.control_zone();
  SONGHUA_ASSIGN_OR_RETURN(row.basis, ParsePriceBasis("base_price.price_basis", price.price_basis()));
  if (price.price_fen() <= 0) {
    return InvalidField("base_price.price_fen", std::to_string(price.price_fen()), "fen per quoted unit, more than 0").Rule("DR-70");
  }
  row.price = Price(price.price_fen());
  SONGHUA_ASSIGN_OR_RETURN(row.effective_from, ParseDate(price.effective_from(), "base_price.effective_from"));
  SONGHUA_RETURN_IF_ERROR(
      ValidateName(price.document_reference(), BasePrices::kDocumentReferenceBytesMax, "base_price.document_reference"));
  row.document_reference = price.document_reference();
  return row;
}

// The zone and the regions around it, nearest first; a zone that is no region stands alone.
std::array<std::string, 3> ZonesAround(const std::string& zone) {
  const absl::StatusOr<Region> region = ParseRegion(zone);
  if (!region.ok()) return {zone, "", ""};
  return {zone, FormatRegion(CityOf(*region)), FormatRegion(ProvinceOf(*region))};
}

}  // namespace

BasePrices::BasePrices(TableSet* tables, Counters* counters) : counters_(counters), rows_(tables) {
  rows_.OnLoaded([this](BasePriceRow& row) { Index(row); });
}

absl::StatusOr<v1::BasePriceAnswer> BasePrices::PublishBasePrice(CommandContext& context, const v1::PublishBasePriceRequest& request,
                                                                 const PriceScope& scope) {
  SONGHUA_ASSIGN_OR_RETURN(BasePriceRow row, ParseBasePrice(request.base_price()));
  SONGHUA_RETURN_IF_ERROR(scope.CheckPriceScope(row.program, row.pollutant, row.control_zone));
  SONGHUA_ASSIGN_OR_RETURN(const BasePriceRow published, Publish(context, std::move(row), "base_price.effective_from"));
  v1::BasePriceAnswer answer;
  *answer.mutable_base_price() = ToProto(published);
  return answer;
}

absl::StatusOr<BasePriceRow> BasePrices::Publish(CommandContext& context, BasePriceRow row, std::string_view field) {
  const bool first = !by_kind_.contains(Kind(row.program, row.pollutant, row.control_zone, row.basis)) &&
                     InForce(row.program, row.pollutant, row.control_zone, row.basis, context.today) == nullptr;
  SONGHUA_ASSIGN_OR_RETURN(const Date earliest, AddDays(context.today, first ? 0 : 1));
  if (row.effective_from < earliest) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "RETROACTIVE_PRICE")
        .Rule("DR-72")
        .Field(field)
        .Value(FormatDate(row.effective_from))
        .Accepted(FormatDate(earliest) +
                  " or later: " + (first ? "the first price may begin today" : "a price is never changed for a day that has begun"));
  }
  row.number = counters_->Peek(kNumbersOfBasePrices);
  row.publish_time = context.time;
  if (context.validate_only) return row;
  SONGHUA_CHECK(counters_->Next(kNumbersOfBasePrices) == row.number);
  const BasePriceRow& added = rows_.Insert(std::move(row));
  Index(added);
  context.events->Emit(EventType::kBasePricePublished, MakeName("basePrices", added.number), added);
  return added;
}

const BasePriceRow* BasePrices::InForce(const std::string& program, const std::string& pollutant, const std::string& control_zone,
                                        v1::PriceBasis basis, Date date) const {
  for (const std::string& zone : ZonesAround(control_zone)) {
    const BasePriceRow* row = OfZone(Kind(program, pollutant, zone, basis), date);
    if (row != nullptr) return row;
  }
  return nullptr;
}

const BasePriceRow* BasePrices::OfZone(const Kind& kind, Date date) const {
  const auto prices = by_kind_.find(kind);
  if (prices == by_kind_.end()) return nullptr;
  const auto after = prices->second.upper_bound(FirstDay(date, UINT64_MAX));
  return after == prices->second.begin() ? nullptr : std::prev(after)->second;
}

void BasePrices::Index(const BasePriceRow& row) {
  auto& prices = by_kind_[Kind(row.program, row.pollutant, row.control_zone, row.basis)];
  SONGHUA_CHECK(prices.emplace(FirstDay(row.effective_from, row.number), &row).second);
}

absl::Status CheckFloor(v1::FloorPolicy policy, const BasePriceRow* base, Price price, std::string_view field) {
  if (policy != v1::FLOOR || base == nullptr || price >= base->price) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "BELOW_BASE_PRICE")
      .Rule("DR-73")
      .Field(field)
      .Value(price.value())
      .Accepted("at least " + std::to_string(base->price.value()) + ", " + MakeName("basePrices", base->number) + " in force since " +
                FormatDate(base->effective_from));
}

absl::StatusOr<v1::PriceBasis> ParsePriceBasis(std::string_view field, const std::string& text) {
  v1::PriceBasis basis = v1::PRICE_BASIS_UNSPECIFIED;
  if (!v1::PriceBasis_Parse(text, &basis) || basis == v1::PRICE_BASIS_UNSPECIFIED) {
    return InvalidField(field, std::string_view(text).substr(0, kZoneBytesMax), "PER_T_YEAR or PER_T_TERM").Rule("DR-40");
  }
  return basis;
}

v1::BasePrice ToProto(const BasePriceRow& row) {
  v1::BasePrice message;
  message.set_name(MakeName("basePrices", row.number));
  message.set_program(MakeName("programs", row.program));
  message.set_pollutant(row.pollutant);
  message.set_control_zone(row.control_zone);
  message.set_price_basis(v1::PriceBasis_Name(row.basis));
  message.set_price_fen(row.price.value());
  message.set_effective_from(FormatDate(row.effective_from));
  message.set_document_reference(row.document_reference);
  *message.mutable_publish_time() = ToProto(row.publish_time);
  return message;
}

BasePrices::~BasePrices() = default;

}  // namespace songhua::ledger
