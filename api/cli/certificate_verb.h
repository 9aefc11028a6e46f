// `songhua certificate get`: fetches a certificate's file, waiting for its proof where that is not there yet.
#ifndef SONGHUA_API_CLI_CERTIFICATE_VERB_H_
#define SONGHUA_API_CLI_CERTIFICATE_VERB_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

Verb CertificateGetVerb();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_CERTIFICATE_VERB_H_
