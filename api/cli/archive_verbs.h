// `songhua archive` and `songhua restore`: see ledger/journal_archive.h.
#ifndef SONGHUA_API_CLI_ARCHIVE_VERBS_H_
#define SONGHUA_API_CLI_ARCHIVE_VERBS_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

Verb ArchiveVerb();
Verb RestoreVerb();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_ARCHIVE_VERBS_H_
