// Which roles a participant's people may hold, and where: the table in participants.h (GEN-13, GEN-14, PERMIT-04).
#ifndef SONGHUA_LEDGER_ROLES_H_
#define SONGHUA_LEDGER_ROLES_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "ledger/participants.h"
#include "songhua/v1/participants.pb.h"

namespace songhua::ledger {

// The grants of a request, checked against the participant whose person is to hold them. INVALID_ARGUMENT names the first grant that does
// not fit.
absl::StatusOr<std::vector<RoleGrantRow>> ParseGrants(std::string_view field, const ParticipantRow& participant,
                                                      const google::protobuf::RepeatedPtrField<v1::RoleGrant>& grants);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_ROLES_H_
