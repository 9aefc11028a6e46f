// `songhua audit`: replays a service's journal here, and cosigns the checkpoints whose roots it computed itself (api/auditor.h).
#ifndef SONGHUA_API_CLI_AUDIT_VERB_H_
#define SONGHUA_API_CLI_AUDIT_VERB_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

Verb AuditVerb();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_AUDIT_VERB_H_
