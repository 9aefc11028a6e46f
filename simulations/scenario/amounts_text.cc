#include "simulations/scenario/amounts_text.h"

#include "api/cli/flags.h"
#include "api/cli/text.h"

namespace songhua::simulations {
namespace {

using Field = google::protobuf::FieldDescriptor;

constexpr char kYuan[] = " yuan";

}  // namespace

bool IsFenField(const Field* field) { return field->cpp_type() == Field::CPPTYPE_INT64 && field->name().ends_with("_fen"); }

bool IsQuantityField(const Field* field) {
  if (field->cpp_type() != Field::CPPTYPE_INT64) return false;
  const std::string& name = field->name();
  if (name.find("quantity") != std::string::npos || name.ends_with("_emissions") || name.ends_with("_surrenders")) return true;
  const std::string& type = field->containing_type()->name();
  return name == "lot_size" || name == "available" || name == "offered" || name == "session_volume" || type == "Instrument" || type == "Holding" || type == "Posting";
}

absl::StatusOr<int64_t> ParseFen(const std::string& text, const std::string& name) {
  if (!text.ends_with(kYuan)) return api::cli::ParseInteger(text, name);
  return api::cli::ParseDecimal(text.substr(0, text.size() - (sizeof kYuan - 1)), 2, name);
}

absl::StatusOr<int64_t> ParseSteps(const std::string& text, const std::optional<api::cli::UnitScale>& scale, const std::string& name) {
  if (text.ends_with(kYuan)) return ParseFen(text, name);  // of a holding of money
  if (!api::cli::HasUnit(text)) return api::cli::ParseInteger(text, name);
  const bool grams = !scale.has_value() && text.ends_with("g");
  return api::cli::ParseQuantity(text, grams ? api::cli::kGrams : scale, name);
}

std::string FormatFen(int64_t fen) { return api::cli::Decimal(fen, 2, 2) + kYuan; }

std::string FormatSteps(int64_t steps, const std::optional<api::cli::UnitScale>& scale) {
  if (scale.has_value() && scale->money) return FormatFen(steps);
  return api::cli::FormatQuantity(steps, scale);
}

}  // namespace songhua::simulations
