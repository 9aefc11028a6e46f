// What other reads show of a site's restraints.
#ifndef SONGHUA_API_READS_RESTRAINTS_H_
#define SONGHUA_API_READS_RESTRAINTS_H_

#include <string>

#include "absl/status/status.h"
#include "api/reads/read_context.h"
#include "songhua/v1/permits.pb.h"

namespace songhua::api::reads {

// Fills in the overlays that lie on the site today (PERMIT-57). REQUIRES: a snapshot.
absl::Status AddOverlaysOfToday(ReadContext& context, const std::string& site, v1::Permit* permit);

}  // namespace songhua::api::reads

#endif  // SONGHUA_API_READS_RESTRAINTS_H_
