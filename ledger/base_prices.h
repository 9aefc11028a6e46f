// Base prices: the price of a pollutant in a zone that the authority publishes, which guides paid use and trading (DR-70..DR-75).
//
// A price is in force from its first day until the next one of its kind begins; a kind is program x pollutant x control zone x basis.
// Prices per tonne and year and prices per tonne for the whole term are different kinds and never stand in for each other (DR-40). A day
// has the price of the zone itself; where that has none in force, of the city that the zone lies in; else of the province [design: DR-70
// asks the province for one price, DR-71 varies it by prefecture]. Zones that are not region codes have no parents.
//
// A published price is never changed: a correction is a new price, from tomorrow at the earliest (DR-72). Of two prices of a kind with one
// first day the later published holds, so a mistake can be put right before it takes effect. One thread (the state machine).
#ifndef SONGHUA_LEDGER_BASE_PRICES_H_
#define SONGHUA_LEDGER_BASE_PRICES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/tables.h"
#include "songhua/v1/base_prices.pb.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/ledger.pb.h"

namespace songhua::ledger {

struct BasePriceRow {
  static constexpr RowTable kTable = RowTable::kBasePrices;
  uint64_t number = 0;
  std::string program;
  std::string pollutant;
  std::string control_zone;
  v1::PriceBasis basis = v1::PRICE_BASIS_UNSPECIFIED;
  Price price;  // fen per quoted unit
  Date effective_from;
  std::string document_reference;
  Timestamp publish_time;

  uint64_t Key() const { return number; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, program, pollutant, control_zone, basis, price, effective_from, document_reference, publish_time);
  }
};

// Whether a program, which the ledger keeps, has this pollutant, and this control zone or one inside this region (a city or province may
// have a price for all its zones).
class PriceScope {
 public:
  virtual ~PriceScope() = default;
  // OK, or a refusal that names the field: "program" (NOT_FOUND), "pollutant" or "control_zone" (INVALID_ARGUMENT).
  virtual absl::Status CheckPriceScope(const std::string& program, const std::string& pollutant, const std::string& control_zone) const = 0;
};

class BasePrices {
 public:
  static constexpr size_t kDocumentReferenceBytesMax = 200;

  BasePrices(TableSet* tables, Counters* counters);
  ~BasePrices();

  // Checks, in this order: the fields' form; the scope; DR-72: the first day is not before tomorrow, or not before today for the first
  // price of its kind where none of city or province is in force that it would change under way.
  absl::StatusOr<v1::BasePriceAnswer> PublishBasePrice(CommandContext& context, const v1::PublishBasePriceRequest& request,
                                                       const PriceScope& scope);

  // Publishes a price whose fields are valid, but for its number and time, which it gets here: DR-72 as above. `field` is what a refusal calls its
  // first day. A command that only validates changes nothing.
  absl::StatusOr<BasePriceRow> Publish(CommandContext& context, BasePriceRow row, std::string_view field);

  const BasePriceRow* Find(uint64_t number) const { return rows_.Find(number); }
  // The price in force on the day, of the zone or of the region around it; null: none.
  const BasePriceRow* InForce(const std::string& program, const std::string& pollutant, const std::string& control_zone,
                              v1::PriceBasis basis, Date date) const;

 private:
  using Kind = std::tuple<std::string, std::string, std::string, v1::PriceBasis>;
  using FirstDay = std::pair<Date, uint64_t>;  // and the number, so that of equal days the later published comes last

  void Index(const BasePriceRow& row);
  const BasePriceRow* OfZone(const Kind& kind, Date date) const;

  Counters* counters_;
  Table<BasePriceRow> rows_;
  std::map<Kind, std::map<FirstDay, const BasePriceRow*>> by_kind_;
};

// DR-73: under FLOOR a trade at less than the base price of its day is refused; an equal price passes. GUIDE and NONE refuse nothing, and
// where no price is in force there is no floor. REQUIRES: `base`, where not null, is of the trade's basis.
absl::Status CheckFloor(v1::FloorPolicy policy, const BasePriceRow* base, Price price, std::string_view field = "price_fen");

// "PER_T_YEAR" or "PER_T_TERM". INVALID_ARGUMENT.
absl::StatusOr<v1::PriceBasis> ParsePriceBasis(std::string_view field, const std::string& text);

v1::BasePrice ToProto(const BasePriceRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_BASE_PRICES_H_
