// Requests from the words of a scenario: `side SELL, price 5,000.00 yuan, quantity 40 t`. Every field of the request is a word, as on the command line
// and by the same code (api/cli/request.h); beside that
//
//   * a request that wraps one resource needs no prefix: `create-site name ...` is site.name;
//   * repeated fields take several values between commas, switches none;
//   * a message is written as its fields in { }, or as their values in order: `roles PERMIT_APPROVER 220100, ENFORCER 220100`;
//   * `regime @cn-permits` is a message that the repository ships as a text file (permits/regimes, ledger/calendars, exchange/rulebooks);
//   * `limits SITE SO2 2026-2030 120 t` is a permit's limit for five years;
//   * `unknown-field 99` adds a field that the API does not have.
#ifndef SONGHUA_SIMULATIONS_SCENARIO_REQUEST_FIELDS_H_
#define SONGHUA_SIMULATIONS_SCENARIO_REQUEST_FIELDS_H_

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "api/cli/schema.h"
#include "api/cli/units.h"
#include "google/protobuf/message.h"
#include "simulations/scenario/scenario.h"

namespace songhua::simulations {

// The scale of the quantities of a message, so far as it can be known.
using ScaleFinder = std::function<std::optional<api::cli::UnitScale>(const google::protobuf::Message&)>;

// `fields` are the command's words after its name, variables put in. INVALID_ARGUMENT says which field is wrong and what it would accept.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> BuildRequest(const api::cli::Rpc& rpc, const std::vector<Token>& fields,
                                                                        const ScaleFinder& scale_of);

// The method that a command names, "place-order"; null: there is none.
const api::cli::Rpc* FindRpc(const std::string& command);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_SCENARIO_REQUEST_FIELDS_H_
