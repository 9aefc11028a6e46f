#include "api/services/table_service.h"

#include <cstdio>
#include <deque>

#include "api/services/book_stream.h"
#include "api/services/collateral_stream.h"
#include "api/services/deadline_stream.h"
#include "api/services/document_download.h"
#include "api/services/document_upload.h"
#include "api/services/order_stream.h"
#include "api/services/order_watch_stream.h"
#include "api/services/unary.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "grpcpp/support/server_callback.h"
#include "ledger/check.h"
#include "songhua/v1/absences.pb.h"
#include "songhua/v1/applications.pb.h"
#include "songhua/v1/bank_statements.pb.h"
#include "songhua/v1/auctions.pb.h"
#include "songhua/v1/base_prices.pb.h"
#include "songhua/v1/calendars.pb.h"
#include "songhua/v1/certificates.pb.h"
#include "songhua/v1/collateral.pb.h"
#include "songhua/v1/compliance.pb.h"
#include "songhua/v1/credit.pb.h"
#include "songhua/v1/day_one.pb.h"
#include "songhua/v1/deadlines.pb.h"
#include "songhua/v1/documents.pb.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/extinctions.pb.h"
#include "songhua/v1/leases.pb.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/listings.pb.h"
#include "songhua/v1/negotiations.pb.h"
#include "songhua/v1/notices.pb.h"
#include "songhua/v1/operations.pb.h"
#include "songhua/v1/participants.pb.h"
#include "songhua/v1/imports.pb.h"
#include "songhua/v1/permits.pb.h"
#include "songhua/v1/pledges.pb.h"
#include "songhua/v1/price_proposals.pb.h"
#include "songhua/v1/public.pb.h"
#include "songhua/v1/recoveries.pb.h"
#include "songhua/v1/regimes.pb.h"
#include "songhua/v1/region_statuses.pb.h"
#include "songhua/v1/registry_controls.pb.h"
#include "songhua/v1/settlement_days.pb.h"
#include "songhua/v1/surveillance.pb.h"
#include "songhua/v1/trades.pb.h"
#include "songhua/v1/transparency.pb.h"

namespace songhua::api {
namespace {

using google::protobuf::FileDescriptor;
using grpc::ByteBuffer;
using grpc::internal::RpcMethod;
using grpc::internal::RpcServiceMethod;

constexpr std::string_view kOrderStream = "songhua.v1.Exchange/StreamOrders";
constexpr std::string_view kBookStream = "songhua.v1.Exchange/WatchOrderBook";
constexpr std::string_view kOrderWatch = "songhua.v1.Exchange/WatchOrders";
constexpr std::string_view kCollateralStream = "songhua.v1.Collateral/WatchCollateral";
constexpr std::string_view kDeadlineStream = "songhua.v1.Deadlines/WatchDeadlines";
constexpr std::string_view kUpload = "songhua.v1.Documents/UploadDocument";
constexpr std::string_view kDownload = "songhua.v1.Documents/DownloadDocument";

// What generated service classes do in their constructors (WithRawCallbackMethod_...).
class TableService final : public grpc::Service {
 public:
  TableService(const google::protobuf::ServiceDescriptor& service, const ServiceParts& parts) : parts_(parts) {
    for (int i = 0; i < service.method_count(); ++i) {
      const std::string rpc = service.full_name() + "/" + service.method(i)->name();
      const Method* method = AccessOf(rpc);
      if (method == nullptr) std::fprintf(stderr, "songhua: the method table has no line for %s\n", rpc.c_str());
      SONGHUA_CHECK(method != nullptr);
      Add(i, rpc, *method);
    }
  }

 private:
  void Add(int index, const std::string& rpc, const Method& method) {
    paths_.push_back("/" + rpc);
    const char* path = paths_.back().c_str();
    if (rpc == kOrderStream) {
      AddMethod(new RpcServiceMethod(path, RpcMethod::BIDI_STREAMING, nullptr));
      MarkMethodRawCallback(
          index, new grpc::internal::CallbackBidiHandler<ByteBuffer, ByteBuffer>(
                     [this, &method](grpc::CallbackServerContext* context) { return StartOrderStream(parts_, method, context); }));
    } else if (rpc == kBookStream) {
      AddMethod(new RpcServiceMethod(path, RpcMethod::SERVER_STREAMING, nullptr));
      MarkMethodRawCallback(index, new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
                                       [this, &method](grpc::CallbackServerContext* context, const ByteBuffer* request) {
                                         return StartBookStream(parts_, method, context, request);
                                       }));
    } else if (rpc == kOrderWatch) {
      AddMethod(new RpcServiceMethod(path, RpcMethod::SERVER_STREAMING, nullptr));
      MarkMethodRawCallback(index, new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
                                       [this, &method](grpc::CallbackServerContext* context, const ByteBuffer* request) {
                                         return StartOrderWatch(parts_, method, context, request);
                                       }));
    } else if (rpc == kCollateralStream) {
      AddMethod(new RpcServiceMethod(path, RpcMethod::SERVER_STREAMING, nullptr));
      MarkMethodRawCallback(index, new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
                                       [this, &method](grpc::CallbackServerContext* context, const ByteBuffer* request) {
                                         return StartCollateralStream(parts_, method, context, request);
                                       }));
    } else if (rpc == kDeadlineStream) {
      AddMethod(new RpcServiceMethod(path, RpcMethod::SERVER_STREAMING, nullptr));
      MarkMethodRawCallback(index, new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
                                       [this, &method](grpc::CallbackServerContext* context, const ByteBuffer* request) {
                                         return StartDeadlineStream(parts_, method, context, request);
                                       }));
    } else if (rpc == kUpload) {
      AddMethod(new RpcServiceMethod(path, RpcMethod::CLIENT_STREAMING, nullptr));
      MarkMethodRawCallback(index, new grpc::internal::CallbackClientStreamingHandler<ByteBuffer, ByteBuffer>(
                                       [this, &method](grpc::CallbackServerContext* context, ByteBuffer* answer) {
                                         return StartDocumentUpload(parts_, method, context, answer);
                                       }));
    } else if (rpc == kDownload) {
      AddMethod(new RpcServiceMethod(path, RpcMethod::SERVER_STREAMING, nullptr));
      MarkMethodRawCallback(index, new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
                                       [this, &method](grpc::CallbackServerContext* context, const ByteBuffer* request) {
                                         return StartDocumentDownload(parts_, method, context, request);
                                       }));
    } else {
      AddMethod(new RpcServiceMethod(path, RpcMethod::NORMAL_RPC, nullptr));
      MarkMethodRawCallback(index,
                            new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
                                [this, &method](grpc::CallbackServerContext* context, const ByteBuffer* request, ByteBuffer* answer) {
                                  return StartUnary(parts_, method, context, request, answer);
                                }));
    }
  }

  const ServiceParts& parts_;
  std::deque<std::string> paths_;  // gRPC keeps pointers to them
};

// The files that have services. Naming their descriptors also links them, which reflection needs.
std::vector<std::string> MakeNames() {
  const FileDescriptor* const files[] = {
      v1::BasePrice::descriptor()->file(), v1::PriceProposal::descriptor()->file(), v1::ComplianceRecord::descriptor()->file(), v1::Contract::descriptor()->file(),
      v1::Lot::descriptor()->file(),       v1::StatusAnswer::descriptor()->file(),     v1::Person::descriptor()->file(),
      v1::Permit::descriptor()->file(),    v1::Pledge::descriptor()->file(),           v1::Trade::descriptor()->file(),
      v1::CalendarYear::descriptor()->file(), v1::Deadline::descriptor()->file(),      v1::Regime::descriptor()->file(),
      v1::Application::descriptor()->file(), v1::Import::descriptor()->file(),      v1::CreditRecord::descriptor()->file(),   v1::Notice::descriptor()->file(),
      v1::Absence::descriptor()->file(),     v1::Document::descriptor()->file(),       v1::PublicPermit::descriptor()->file(),
      v1::Allocation::descriptor()->file(),  v1::PaidUseFee::descriptor()->file(),     v1::Surplus::descriptor()->file(),      v1::RightsYear::descriptor()->file(),
      v1::Lease::descriptor()->file(),       v1::Recovery::descriptor()->file(),       v1::Extinction::descriptor()->file(),
      v1::BankStatement::descriptor()->file(), v1::ControlPolicy::descriptor()->file(), v1::DayOneImport::descriptor()->file(),
      v1::SettlementBatch::descriptor()->file(), v1::Listing::descriptor()->file(), v1::Negotiation::descriptor()->file(),
      v1::Auction::descriptor()->file(), v1::Authorisation::descriptor()->file(),
      v1::RegionStatus::descriptor()->file(), v1::SurveillanceFlag::descriptor()->file(), v1::Certificate::descriptor()->file(),
      v1::Witness::descriptor()->file(),
  };
  std::vector<std::string> names;
  for (const FileDescriptor* file : files) {
    for (int i = 0; i < file->service_count(); ++i) names.push_back(file->service(i)->full_name());
  }
  return names;
}

}  // namespace

const std::vector<std::string>& ServiceNames() {
  static const auto* names = new std::vector<std::string>(MakeNames());
  return *names;
}

const Method* AccessOf(std::string_view rpc) {
  if (rpc == kOrderStream) return FindMethod("songhua.v1.Exchange/SubmitOrders");
  if (rpc == kBookStream) return FindMethod("songhua.v1.Exchange/GetOrderBook");
  if (rpc == kOrderWatch) return FindMethod("songhua.v1.Exchange/ListOrders");
  if (rpc == kCollateralStream) return FindMethod("songhua.v1.Collateral/GetPortfolio");
  if (rpc == kDeadlineStream) return FindMethod("songhua.v1.Deadlines/ListDeadlines");
  if (rpc == kUpload) return FindMethod("songhua.v1.Documents/RegisterDocument");
  if (rpc == kDownload) return FindMethod("songhua.v1.Documents/GetDocument");
  return FindMethod(rpc);
}

std::unique_ptr<grpc::Service> MakeService(const google::protobuf::ServiceDescriptor& service, const ServiceParts& parts) {
  return std::make_unique<TableService>(service, parts);
}

}  // namespace songhua::api
