// The API as the command line knows it: every method of every service with its comments, read from the protos that are built into the
// program. The protos are the one source of truth: flags, help texts and tables all follow from them, so that a new method can be called at
// once.
//
// Messages here are dynamic ones of the embedded pool, never generated classes. Immutable after the first use; any thread.
#ifndef SONGHUA_API_CLI_SCHEMA_H_
#define SONGHUA_API_CLI_SCHEMA_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"

namespace songhua::api::cli {

// A service as a group of verbs.
struct RpcGroup {
  std::string name;     // "ledger"
  std::string comment;  // what its file is about: "Who owns what. Programs, accounts ..."
  const google::protobuf::ServiceDescriptor* service = nullptr;
};

struct Rpc {
  std::string group;    // "ledger"
  std::string name;     // "transfer-units"
  std::string path;     // "/songhua.v1.Ledger/TransferUnits"
  std::string comment;  // its proto comment; where there is none, a sentence made from its name
  bool write = false;   // its request carries a request_id
  const google::protobuf::MethodDescriptor* method = nullptr;
};

class Schema {
 public:
  static const Schema& Get();

  const std::vector<RpcGroup>& groups() const { return groups_; }
  const std::vector<Rpc>& rpcs() const { return rpcs_; }
  // By "Ledger/TransferUnits". REQUIRES: it exists.
  const Rpc& Find(std::string_view service_and_method) const;

  std::unique_ptr<google::protobuf::Message> New(const google::protobuf::Descriptor* type) const;
  // By full name, "google.rpc.Status". REQUIRES: it exists.
  std::unique_ptr<google::protobuf::Message> New(std::string_view full_name) const;

  // The comments of the proto as one paragraph; empty where there are none.
  static std::string Comment(const google::protobuf::FieldDescriptor* field);
  static std::string Comment(const google::protobuf::MethodDescriptor* method);
  static std::string Comment(const google::protobuf::EnumValueDescriptor* value);

 private:
  Schema();

  google::protobuf::DescriptorPool pool_;
  mutable google::protobuf::DynamicMessageFactory factory_;
  std::vector<RpcGroup> groups_;
  std::vector<Rpc> rpcs_;
};

inline bool IsMessage(const google::protobuf::FieldDescriptor* field) { return field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE; }
inline bool IsTimestamp(const google::protobuf::FieldDescriptor* field) {
  return IsMessage(field) && field->message_type()->full_name() == "google.protobuf.Timestamp";
}

// A field of text by its name. REQUIRES: the message has it.
std::string GetString(const google::protobuf::Message& message, const char* field);
void SetString(google::protobuf::Message* message, const char* field, const std::string& value);

// The bytes of a FileDescriptorSet of songhua/v1/*.proto and google/rpc/{status,error_details}.proto with their comments. Generated at
// build time from the protos.
extern const unsigned char kEmbeddedSchema[];
extern const unsigned long kEmbeddedSchemaSize;

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_SCHEMA_H_
