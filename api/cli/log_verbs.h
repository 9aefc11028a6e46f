// Verbs about the log that read or write files: its keys, copies of its tiles, comparing with a checkpoint that one holds, checking a store's; and a witness's key.
#ifndef SONGHUA_API_CLI_LOG_VERBS_H_
#define SONGHUA_API_CLI_LOG_VERBS_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

Verb LogCheckpointVerb();
Verb LogKeysVerb();
Verb LogNewKeyVerb();
Verb LogExportVerb();
Verb LogCompareVerb();
Verb LogFsckVerb();
Verb WitnessKeyVerb();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_LOG_VERBS_H_
