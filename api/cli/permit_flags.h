// `songhua permit issue`: outlets and limits in the short form in which an officer writes them down.
//
//   --outlet DA001:MAIN  --outlet DW001:GENERAL:SONGHUA  --limit DA001/SO2/2026-2030=12t  --limit SITE/SO2/2026-2030=12t
#ifndef SONGHUA_API_CLI_PERMIT_FLAGS_H_
#define SONGHUA_API_CLI_PERMIT_FLAGS_H_

#include <string>

#include "absl/status/status.h"
#include "api/cli/command.h"
#include "google/protobuf/message.h"

namespace songhua::api::cli {

Verb PermitIssueVerb();

// CODE:TYPE or CODE:TYPE:BASIN into a songhua.v1.Outlet.
absl::Status ParseOutlet(const std::string& text, google::protobuf::Message* outlet);
// SCOPE/POLLUTANT/YEARS=QUANTITY into a songhua.v1.Limit; YEARS is a year or FIRST-LAST, each of which gets the quantity.
absl::Status ParseLimit(const std::string& text, google::protobuf::Message* limit);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_PERMIT_FLAGS_H_
