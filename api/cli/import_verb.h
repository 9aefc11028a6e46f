// `songhua import permits FILE`: day one. Reads a file of one permit a line (JSON with the field names of ImportPermit), sends it in chunks, and prints every
// row that is wrong with its line. Broken off, it goes on where it stopped: the file's hash says which import is its own, and requests have ids that
// follow from hash, import and row, so that nothing is taken in twice.
#ifndef SONGHUA_API_CLI_IMPORT_VERB_H_
#define SONGHUA_API_CLI_IMPORT_VERB_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

Verb ImportPermitsVerb();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_IMPORT_VERB_H_
