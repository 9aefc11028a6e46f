// In which unit a quantity of a message is counted. The API counts in the program's smallest step (grams a year, tonnes); people read and
// type tonnes. Which program a message belongs to is in the message itself, or in the contract or lot that it names.
#ifndef SONGHUA_API_CLI_UNITS_H_
#define SONGHUA_API_CLI_UNITS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "api/cli/channel.h"
#include "google/protobuf/message.h"

namespace songhua::api::cli {

struct UnitScale {
  int64_t steps_per_tonne = 1;  // 1,000,000 or 1
  bool a_year = false;          // a quantity a year, as discharge rights are
  bool money = false;           // fen: the instrument is a currency
};

// A permit's limits, and what a site discharges, are grams in every program (PERMIT-22).
inline constexpr UnitScale kGrams{1'000'000, false, false};

// Finds scales by asking the service, each program, contract and lot once. What cannot be found (or may not be seen) has no scale, and is
// then shown in steps.
class Units {
 public:
  // `channel` may be null: then only what a message says itself is known.
  explicit Units(Channel* channel) : channel_(channel) {}

  std::optional<UnitScale> OfProgram(const std::string& program);
  // The scale of the quantities of a message, by its fields program, contract, instrument, code, lot or from_lot, or by those of a message
  // in it.
  std::optional<UnitScale> Of(const google::protobuf::Message& message);
  // What the service answered last instead of a scale; OK while it answered all.
  const CallStatus& failure() const { return failure_; }

 private:
  // Calls a method that shows the resource `name`; false where the service does not, and keeps why.
  bool Get(std::string_view method, const std::string& name, std::unique_ptr<google::protobuf::Message>* answer);
  // Asks once for the field `wanted` of the resource that a method shows.
  std::string Ask(std::string_view method, const std::string& name, const std::string& resource, const std::string& wanted);
  std::optional<UnitScale> OfName(std::string_view field, const std::string& name);

  Channel* channel_;
  CallStatus failure_;
  std::map<std::string, std::optional<UnitScale>> by_program_;
  std::map<std::string, std::string> program_of_;  // of contracts and lots; and the contracts of orders
};

// "12 t/a", "1,234.567 t", "5,000 t", or without a scale the steps themselves.
std::string FormatQuantity(int64_t steps, const std::optional<UnitScale>& scale);
// Steps ("12000000"), or a number with its unit: "12t", "12.5 t", "500kg", "250g". INVALID_ARGUMENT for a unit where there is no scale, and
// for what is not a whole number of steps.
absl::StatusOr<int64_t> ParseQuantity(std::string_view text, const std::optional<UnitScale>& scale, std::string_view name);
// Whether the text carries a unit.
bool HasUnit(std::string_view text);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_UNITS_H_
