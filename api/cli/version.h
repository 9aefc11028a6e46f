// What this program is made of.
#ifndef SONGHUA_API_CLI_VERSION_H_
#define SONGHUA_API_CLI_VERSION_H_

#include <string>

#include "api/cli/command.h"

namespace songhua::api::cli {

// "0.1.0", or with the commit where it was built from a git checkout: "0.1.0 (b674032f1c2d)".
std::string Version();

Verb VersionVerb();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_VERSION_H_
