// `songhua verify`: see api/verify.h.
#ifndef SONGHUA_API_CLI_VERIFY_VERB_H_
#define SONGHUA_API_CLI_VERIFY_VERB_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

Verb VerifyVerb();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_VERIFY_VERB_H_
