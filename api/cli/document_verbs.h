// `songhua document put` and `get`: files to the service and back. `songhua permit print` and `receipt print`: texts as they are printed.
#ifndef SONGHUA_API_CLI_DOCUMENT_VERBS_H_
#define SONGHUA_API_CLI_DOCUMENT_VERBS_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

Verb DocumentPutVerb();
Verb DocumentGetVerb();
Verb PermitPrintVerb();
Verb ReceiptPrintVerb();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_DOCUMENT_VERBS_H_
