// Runs one read. Thread-safe; may wait for the disk.
#ifndef SONGHUA_API_READS_RUN_READ_H_
#define SONGHUA_API_READS_RUN_READ_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "api/reads/read_context.h"

namespace songhua::api {

// The answer's bytes. REQUIRES: `method` is a read, `request` is of its type; AuthorizeRole passed.
//
// Rows of a group that is being published appear one after another, so an answer of several point reads may miss one that its neighbour
// names. What is not found while a group is in flight is therefore looked for again.
absl::StatusOr<std::string> RunRead(ReadSide& side, const Method& method, const Caller* caller, const google::protobuf::Message& request,
                                    const std::function<bool()>& cancelled);

}  // namespace songhua::api

#endif  // SONGHUA_API_READS_RUN_READ_H_
