// `songhua token create`: draws the secret here, sends its hash.
#ifndef SONGHUA_API_CLI_TOKEN_VERBS_H_
#define SONGHUA_API_CLI_TOKEN_VERBS_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

Verb TokenCreateVerb();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_TOKEN_VERBS_H_
