// A refusal says what was wrong, with which value, under which rule, and what would have been accepted.
//
// Every business error in Songhua is an absl::Status made here, so that the gRPC layer can turn it into google.rpc.ErrorInfo and field
// violations without knowing where it came from. Codes follow AIP-193: INVALID_ARGUMENT for what no state could make right,
// FAILED_PRECONDITION for what today's state forbids, PERMISSION_DENIED and NOT_FOUND without telling a stranger more than he may know,
// OUT_OF_RANGE for arithmetic that would overflow, ABORTED for a stale etag.
//
//   return Refuse(absl::StatusCode::kFailedPrecondition, "PLEDGED_UNITS")
//       .Rule("PLG-21").Field("quantity").Value(quantity.value()).Accepted("at most 40000 g/a, the unencumbered part of lots/12");
#ifndef SONGHUA_LEDGER_REFUSAL_H_
#define SONGHUA_LEDGER_REFUSAL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace songhua {

// The parts of a refusal, as read back from a status.
struct RefusalDetail {
  std::string reason;    // UPPER_SNAKE_CASE, stable: programs switch on it
  std::string rule;      // "DR-25", or empty where only common sense is the rule
  std::string field;     // path of the request's field, or empty
  std::string value;     // what was given
  std::string accepted;  // what would be accepted

  template <class Archive>
  void Fields(Archive& a) {
    a(reason, rule, field, value, accepted);
  }
};

// Builds a refusal; converts to absl::Status and absl::StatusOr<T>.
class Refuse {
 public:
  Refuse(absl::StatusCode code, std::string_view reason) : code_(code) { detail_.reason = reason; }

  Refuse& Rule(std::string_view rule) { detail_.rule = rule; return *this; }
  Refuse& Field(std::string_view field) { detail_.field = field; return *this; }
  Refuse& Value(std::string_view value) { detail_.value = value; return *this; }
  Refuse& Value(int64_t value) { detail_.value = std::to_string(value); return *this; }
  Refuse& Accepted(std::string_view accepted) { detail_.accepted = accepted; return *this; }

  operator absl::Status() const;  // NOLINT: a refusal is a status
  template <class T>
  operator absl::StatusOr<T>() const {  // NOLINT
    return static_cast<absl::Status>(*this);
  }

 private:
  absl::StatusCode code_;
  RefusalDetail detail_;
};

// The commonest refusals.
Refuse InvalidField(std::string_view field, std::string_view value, std::string_view accepted);
// OK, or InvalidField where the value is not low to high, both included.
absl::Status RequireInRange(std::string_view field, int64_t value, int64_t low, int64_t high, std::string_view rule);
Refuse NotFound(std::string_view field, std::string_view name);
Refuse OutOfRange(std::string_view field, std::string_view value, std::string_view accepted);

// The detail of a status made by Refuse; nullopt for any other status.
std::optional<RefusalDetail> GetRefusal(const absl::Status& status);
// The status that Refuse made, from its stored parts.
absl::Status RestoreRefusal(absl::StatusCode code, const std::string& message, const RefusalDetail& detail);

}  // namespace songhua

// Returns from the enclosing function when `expr`, an absl::Status or StatusOr, is not OK.
#define SONGHUA_RETURN_IF_ERROR(expr)                            \
  do {                                                           \
    if (auto _songhua_status = (expr); !_songhua_status.ok()) {  \
      return _songhua_status;                                    \
    }                                                            \
  } while (false)

#define SONGHUA_CONCAT_(a, b) a##b
#define SONGHUA_CONCAT(a, b) SONGHUA_CONCAT_(a, b)
// ASSIGN_OR_RETURN(auto x, F()): x = *F(), or returns F's status.
#define SONGHUA_ASSIGN_OR_RETURN_(result, lhs, expr) \
  auto result = (expr);                              \
  if (!result.ok()) return result.status();          \
  lhs = *std::move(result)
#define SONGHUA_ASSIGN_OR_RETURN(lhs, expr) SONGHUA_ASSIGN_OR_RETURN_(SONGHUA_CONCAT(_songhua_or_, __LINE__), lhs, expr)

#endif  // SONGHUA_LEDGER_REFUSAL_H_
