// Whether a site may lawfully discharge on a day (PERMIT-59): it has a permit that is effective or deemed renewed, or needs none and has a live form, and
// nothing suspends or closes it. A pure function of rows: the command side and the read side give it theirs.
#ifndef SONGHUA_PERMITS_DISCHARGE_H_
#define SONGHUA_PERMITS_DISCHARGE_H_

#include <string>
#include <vector>

#include "permits/deadlines.h"
#include "permits/overlays.h"
#include "permits/permits.h"
#include "permits/registrations.h"
#include "songhua/v1/permits.pb.h"

namespace songhua::permits {

// What is known of a site. Pointers may be null: there is none.
struct SiteFacts {
  std::string site;
  const Permits* permits = nullptr;
  std::vector<const OverlayRow*> overlays;            // of the site
  std::vector<const DeadlineFields*> rectifications;  // open deadlines of its rectification notices
  const RegistrationRow* registration = nullptr;
};

// Fills all but the header. REQUIRES: permits is not null.
v1::MayDischargeAnswer MayDischarge(const SiteFacts& facts, Date date);

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_DISCHARGE_H_
