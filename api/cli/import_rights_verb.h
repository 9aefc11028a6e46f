// `songhua import rights FILE`: the rights, lots of reserves and balances that there were before the service (DayOne), from a file (rights_file.h). They are
// held against totals that the old books state and the command line says, never the file; a second person enters them. Broken off, the same command goes on
// where it stopped, as that of permits does (import_verb.h).
#ifndef SONGHUA_API_CLI_IMPORT_RIGHTS_VERB_H_
#define SONGHUA_API_CLI_IMPORT_RIGHTS_VERB_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

Verb ImportRightsVerb();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_IMPORT_RIGHTS_VERB_H_
