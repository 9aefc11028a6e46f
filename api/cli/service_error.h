// What the service says when it refuses: google.rpc.Status with its ErrorInfo and BadRequest, as lines for people and as JSON for programs;
// and the exit codes of the program.
#ifndef SONGHUA_API_CLI_SERVICE_ERROR_H_
#define SONGHUA_API_CLI_SERVICE_ERROR_H_

#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/channel.h"
#include "api/cli/units.h"

namespace songhua::api::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitRefused = 1;      // the service said no
inline constexpr int kExitUsage = 2;        // the command line was wrong; nothing was sent
inline constexpr int kExitUnavailable = 3;  // no answer: not reachable, or not in time

struct ServiceError {
  std::string code;  // "FAILED_PRECONDITION"
  std::string message;
  std::string reason;  // "PRICE_OUTSIDE_BAND", empty where the service gave no ErrorInfo
  std::string rule;    // "CAR-13"
  std::string field;
  std::string value;
  std::string accepted;
  std::vector<std::pair<std::string, std::string>> more;        // other metadata, by key
  std::vector<std::pair<std::string, std::string>> violations;  // field and description, where they say more than `field`
};

ServiceError DescribeError(const CallStatus& status);
// The same with amounts as people write them: fen of an `_fen` field as yuan, steps of a quantity field as tonnes where `scale` is known. Only
// numbers that stand where an amount stands ("at most N", "N to M") are touched, so that years and counts remain what they are.
ServiceError InPeoplesUnits(ServiceError error, const std::optional<UnitScale>& scale);
// Whether `field`, a path, counts units.
bool IsQuantityField(const std::string& field);
// Lines such as
//   refused: PRICE_OUTSIDE_BAND, rule CAR-13
//     price     99.00 yuan
//     accepted  72.00 yuan to 88.00 yuan
void PrintError(const ServiceError& error, std::ostream& err);
// One line of JSON.
void PrintErrorJson(const ServiceError& error, std::ostream& err);
int ExitCodeOf(const CallStatus& status);
// "NOT_FOUND" of 5.
std::string CodeName(int code);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_SERVICE_ERROR_H_
