// The server tells any gRPC tool what it serves (DESIGN.md section 7). The reflection protocol is gRPC's own; its few fields are written and read here by
// number, as Debian does not ship its messages for C++.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "tests/api/server_harness.h"

namespace songhua::api {
namespace {

using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;
using testing::IsSupersetOf;

// Of grpc.reflection.v1alpha.
constexpr int kFileContainingSymbol = 4, kListServices = 7;                  // ServerReflectionRequest
constexpr int kFileDescriptorResponse = 4, kListServicesResponse = 6;        // ServerReflectionResponse
constexpr int kFileDescriptorProto = 1, kService = 1, kServiceName = 1;      // inside those

// The values of a field of bytes, text or messages in an encoded message.
std::vector<std::string> FieldsOf(const std::string& bytes, int number) {
  std::vector<std::string> values;
  UnknownFieldSet fields;
  EXPECT_TRUE(fields.ParseFromString(bytes));
  for (int i = 0; i < fields.field_count(); ++i) {
    const UnknownField& field = fields.field(i);
    if (field.number() == number && field.type() == UnknownField::TYPE_LENGTH_DELIMITED) values.push_back(field.length_delimited());
  }
  return values;
}

class ReflectionTest : public testing::Test {
 protected:
  // The answers to one question, which are in the given field. A stream of one message each way is on the wire what a unary call is.
  std::vector<std::string> Ask(int question, const std::string& value, int answer) {
    UnknownFieldSet request;
    request.AddLengthDelimited(question, value);
    std::string bytes;
    EXPECT_TRUE(request.SerializeToString(&bytes));
    const Reply reply = harness_.Call("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", bytes, "");
    EXPECT_TRUE(reply.status.ok()) << reply.status;
    return FieldsOf(reply.answer, answer);
  }

  ServerHarness harness_;
};

TEST_F(ReflectionTest, EveryServiceIsListed) {
  const auto answers = Ask(kListServices, "*", kListServicesResponse);
  ASSERT_EQ(answers.size(), 1u);
  std::vector<std::string> services;
  for (const std::string& service : FieldsOf(answers[0], kService)) {
    for (const std::string& name : FieldsOf(service, kServiceName)) services.push_back(name);
  }
  EXPECT_THAT(services, IsSupersetOf({"songhua.v1.BasePrices", "songhua.v1.Compliance", "songhua.v1.Exchange", "songhua.v1.Ledger",
                                      "songhua.v1.Operations", "songhua.v1.Participants", "songhua.v1.Permits", "songhua.v1.Pledges",
                                      "songhua.v1.Trades", "grpc.health.v1.Health"}));
}

TEST_F(ReflectionTest, AServiceIsDescribedWithItsMethodsAndMessages) {
  const auto answers = Ask(kFileContainingSymbol, "songhua.v1.Ledger", kFileDescriptorResponse);
  ASSERT_EQ(answers.size(), 1u);
  std::vector<std::string> methods;
  bool lot_is_described = false;
  for (const std::string& bytes : FieldsOf(answers[0], kFileDescriptorProto)) {
    google::protobuf::FileDescriptorProto file;
    ASSERT_TRUE(file.ParseFromString(bytes));
    for (const auto& service : file.service()) {
      if (service.name() != "Ledger") continue;
      for (const auto& method : service.method()) methods.push_back(method.name() + " " + method.input_type());
    }
    for (const auto& message : file.message_type()) lot_is_described |= message.name() == "Lot";
  }
  EXPECT_THAT(methods, testing::Contains("GetLot .songhua.v1.GetLotRequest"));
  EXPECT_TRUE(lot_is_described);
}

}  // namespace
}  // namespace songhua::api
