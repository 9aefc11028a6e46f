// Short verbs for certificates, the log and its witnesses. A table (alias_table.h); what reads or writes files is in certificate_verb.h, log_verbs.h and audit_verb.h.
#ifndef SONGHUA_API_CLI_PROOF_ALIASES_H_
#define SONGHUA_API_CLI_PROOF_ALIASES_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

// The heading of all verbs about proofs.
inline constexpr char kProofGroup[] = "proof";

void AddProofAliases(Registry* registry);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_PROOF_ALIASES_H_
