// How scenarios write amounts, and which fields hold them: "5,000.00 yuan" where the API counts fen, "40 t", "12.5 kg" or "250 g" where it counts a
// program's smallest steps, bare whole numbers for either as the API has them.
#ifndef SONGHUA_SIMULATIONS_SCENARIO_AMOUNTS_TEXT_H_
#define SONGHUA_SIMULATIONS_SCENARIO_AMOUNTS_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "api/cli/units.h"
#include "google/protobuf/descriptor.h"

namespace songhua::simulations {

bool IsFenField(const google::protobuf::FieldDescriptor* field);
bool IsQuantityField(const google::protobuf::FieldDescriptor* field);

// "5,000.00 yuan", or whole fen.
absl::StatusOr<int64_t> ParseFen(const std::string& text, const std::string& name);
// A quantity with its unit, or whole steps. Without a scale only kg and g have a meaning: a program that counts them counts grams.
absl::StatusOr<int64_t> ParseSteps(const std::string& text, const std::optional<api::cli::UnitScale>& scale, const std::string& name);
// The same two, written for people.
std::string FormatFen(int64_t fen);
std::string FormatSteps(int64_t steps, const std::optional<api::cli::UnitScale>& scale);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_SCENARIO_AMOUNTS_TEXT_H_
