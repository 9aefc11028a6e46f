// A gRPC service of the API, made from its descriptor and the method table: each rpc of the proto is one line there and none here.
//
// It stands where generated service classes would, without their types: requests arrive as bytes, and the table says how to read them.
// Adding a method costs no gRPC code. The streams are the exceptions, and named in table_service.cc.
#ifndef SONGHUA_API_SERVICES_TABLE_SERVICE_H_
#define SONGHUA_API_SERVICES_TABLE_SERVICE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/engine/method.h"
#include "api/services/parts.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/impl/service_type.h"

namespace songhua::api {

// The names of the API's services: "songhua.v1.Ledger".
const std::vector<std::string>& ServiceNames();

// The line of the table that decides who may call an rpc ("songhua.v1.Exchange/StreamOrders"): its own, or that of the call that a stream
// repeats. Null: there is none.
const Method* AccessOf(std::string_view rpc);

// The service; `parts` outlive it. CHECKs that every rpc has its line.
std::unique_ptr<grpc::Service> MakeService(const google::protobuf::ServiceDescriptor& service, const ServiceParts& parts);

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_TABLE_SERVICE_H_
