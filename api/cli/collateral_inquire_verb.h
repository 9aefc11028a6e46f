// `songhua collateral inquire`: an enterprise's due-diligence pack, held against its digest, on the screen or as a page to print (due_diligence_page.h).
#ifndef SONGHUA_API_CLI_COLLATERAL_INQUIRE_VERB_H_
#define SONGHUA_API_CLI_COLLATERAL_INQUIRE_VERB_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

Verb CollateralInquireVerb();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_COLLATERAL_INQUIRE_VERB_H_
