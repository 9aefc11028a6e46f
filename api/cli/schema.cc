#include "api/cli/schema.h"

#include <algorithm>

#include "api/cli/text.h"
#include "google/protobuf/descriptor.pb.h"
#include "ledger/check.h"

namespace songhua::api::cli {
namespace {

namespace pb = google::protobuf;

// What a group is called where its service's own name would be long to type.
std::string GroupName(const pb::ServiceDescriptor* service) {
  if (service->name() == "BasePrices") return "prices";
  if (service->name() == "Operations") return "ops";
  return KebabCase(service->name());
}

std::string Paragraph(const std::string& leading, const std::string& trailing) {
  std::string text;
  for (const std::string& line : Split(leading.empty() ? trailing : leading, '\n')) {
    const std::string words = Trim(line);
    if (words.empty()) continue;
    if (!text.empty()) text += ' ';
    text += words;
  }
  return text;
}

template <class Descriptor>
std::string CommentOf(const Descriptor* descriptor) {
  pb::SourceLocation location;
  if (!descriptor->GetSourceLocation(&location)) return "";
  return Paragraph(location.leading_comments, location.trailing_comments);
}

// What a file is about stands before its `syntax` line: "Ledger: who owns what. Programs, accounts ...".
std::string FileComment(const pb::FileDescriptor* file) {
  pb::SourceLocation location;
  if (!file->GetSourceLocation({pb::FileDescriptorProto::kSyntaxFieldNumber}, &location)) return "";
  std::string text = Paragraph(location.leading_comments, "");
  const size_t colon = text.find(": ");
  if (colon != std::string::npos && text.find(' ') > colon) text.erase(0, colon + 2);
  if (!text.empty()) text[0] = UpperCase(text.substr(0, 1))[0];
  return text;
}

// For standard methods, which need no comment: "GetLot" shows one lot, "ListLots" lists lots.
std::string CommentFromName(const pb::MethodDescriptor* method) {
  const std::vector<std::string> words = Split(KebabCase(method->name()), '-');
  const std::string what = Join({words.begin() + 1, words.end()}, " ");
  if (words[0] == "get") return "Shows one " + what + ".";
  if (words[0] == "list") return "Lists " + what + ".";
  return UpperCase(words[0].substr(0, 1)) + words[0].substr(1) + " " + what + ".";
}

// From who may act to what is held and how it is run; services that are not listed here come last.
void SortGroups(std::vector<RpcGroup>* groups) {
  static constexpr const char* kOrder[] = {"participants", "permits", "compliance", "exchange", "trades",
                                           "ledger",       "prices",  "pledges",    "ops"};
  std::stable_sort(groups->begin(), groups->end(), [](const RpcGroup& a, const RpcGroup& b) {
    const auto rank = [](const RpcGroup& group) {
      return std::find(std::begin(kOrder), std::end(kOrder), group.name) - std::begin(kOrder);
    };
    return rank(a) < rank(b);
  });
}

}  // namespace

const Schema& Schema::Get() {
  static const auto* schema = new Schema;
  return *schema;
}

Schema::Schema() : factory_(&pool_) {
  pb::FileDescriptorSet files;
  SONGHUA_CHECK(files.ParseFromArray(kEmbeddedSchema, static_cast<int>(kEmbeddedSchemaSize)));
  for (const pb::FileDescriptorProto& proto : files.file()) {  // protoc writes imports before what imports them
    const pb::FileDescriptor* file = pool_.BuildFile(proto);
    SONGHUA_CHECK(file != nullptr);
    for (int s = 0; s < file->service_count(); ++s) {
      const pb::ServiceDescriptor* service = file->service(s);
      const std::string comment = FileComment(file);
      groups_.push_back({GroupName(service), comment, service});
      for (int m = 0; m < service->method_count(); ++m) {
        const pb::MethodDescriptor* method = service->method(m);
        std::string text = Comment(method);
        if (text.empty()) text = CommentFromName(method);
        rpcs_.push_back({GroupName(service), KebabCase(method->name()), "/" + service->full_name() + "/" + method->name(), std::move(text),
                         method->input_type()->FindFieldByName("request_id") != nullptr, method});
      }
    }
  }
  SortGroups(&groups_);
}

const Rpc& Schema::Find(std::string_view service_and_method) const {
  const std::string path = "/songhua.v1." + std::string(service_and_method);
  const auto it = std::find_if(rpcs_.begin(), rpcs_.end(), [&](const Rpc& rpc) { return rpc.path == path; });
  SONGHUA_CHECK(it != rpcs_.end());
  return *it;
}

std::unique_ptr<pb::Message> Schema::New(const pb::Descriptor* type) const {
  return std::unique_ptr<pb::Message>(factory_.GetPrototype(type)->New());
}

std::unique_ptr<pb::Message> Schema::New(std::string_view full_name) const {
  const pb::Descriptor* type = pool_.FindMessageTypeByName(std::string(full_name));
  SONGHUA_CHECK(type != nullptr);
  return New(type);
}

std::string Schema::Comment(const pb::FieldDescriptor* field) { return CommentOf(field); }
std::string Schema::Comment(const pb::MethodDescriptor* method) { return CommentOf(method); }
std::string Schema::Comment(const pb::EnumValueDescriptor* value) { return CommentOf(value); }

std::string GetString(const pb::Message& message, const char* field) {
  return message.GetReflection()->GetString(message, message.GetDescriptor()->FindFieldByName(field));
}

void SetString(pb::Message* message, const char* field, const std::string& value) {
  message->GetReflection()->SetString(message, message->GetDescriptor()->FindFieldByName(field), value);
}

}  // namespace songhua::api::cli
