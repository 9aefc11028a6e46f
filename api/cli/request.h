// Requests from flags. Every field of a request message is a flag: nested messages with dots (--permit.site) or as JSON or @FILE, repeated
// fields by repetition, enums by name, amounts in yuan or fen, quantities in steps or tonnes, instants in Shanghai time.
//
//   const std::vector<FieldFlag> flags = FlagsOf(rpc);
//   SONGHUA_RETURN_IF_ERROR(FillRequest(arguments, flags, &units, request.get()));
#ifndef SONGHUA_API_CLI_REQUEST_H_
#define SONGHUA_API_CLI_REQUEST_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/cli/flags.h"
#include "api/cli/schema.h"
#include "api/cli/units.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "ledger/legal_time.h"

namespace songhua::api::cli {

// A flag that fills a field of a request.
struct FieldFlag {
  FlagSpec spec;
  std::vector<const google::protobuf::FieldDescriptor*> path;  // from the request down to the field
  bool yuan = false;                                           // the value is in yuan, the field in fen
  std::string collection;  // "lots", where the field names a resource: a value without a slash gets it put in front

  const google::protobuf::FieldDescriptor* field() const { return path.back(); }
};

// The flags of a method's request in the order of its fields, leaving out what the proto marks as output only.
std::vector<FieldFlag> FlagsOf(const Rpc& rpc);
// The same as a flag parser wants them.
std::vector<FlagSpec> SpecsOf(const std::vector<FieldFlag>& flags);

// Sets the fields whose flags were given. INVALID_ARGUMENT names the flag and what it would accept.
absl::Status FillRequest(const Arguments& arguments, const std::vector<FieldFlag>& flags, Units* units, google::protobuf::Message* request);

// Parses a message given as JSON text, as @FILE.json or as @FILE.txtpb (text format), or, for messages of plain fields, as
// "role=PERMIT_APPROVER,region=220100". "@-" reads JSON from standard input.
absl::Status ParseMessageText(const std::string& text, std::string_view flag, google::protobuf::Message* message);

// An instant: RFC 3339, or a date, or a date with a time, both in Shanghai.
absl::StatusOr<Timestamp> ReadTime(std::string_view text, std::string_view flag);

// "lots/7" from "7" and "lots"; a name with a slash, or no collection, stays as it is.
std::string CompleteName(std::string_view name, std::string_view collection);
// The collection of what a string field names, "accounts" for to_account; empty where it names nothing. `rpc` tells what `name` is the name
// of; null: nothing is known of it.
std::string CollectionOf(const google::protobuf::FieldDescriptor* field, const Rpc* rpc);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_REQUEST_H_
