// Documents over a socket: upload, download, who may read, and what an upload that fails leaves behind.
#include <filesystem>
#include <fstream>

#include "api/document_files.h"
#include "api/verify.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "ledger/bounds.h"
#include "ledger/sha256.h"
#include "ledger/store.h"
#include "songhua/v1/documents.grpc.pb.h"
#include "tests/api/server_harness.h"

namespace songhua::api {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

std::string Bytes(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 7 + i / 251) & 0xFF);
  return bytes;
}

class DocumentsOverASocketTest : public testing::Test {
 protected:
  DocumentsOverASocketTest() { world_.Populate(); }

  v1::UploadDocumentRequest Registration(const std::string& bytes, const std::string& owner = "$A") {
    v1::UploadDocumentRequest request;
    request.mutable_registration()->set_request_id(world_.NewRequestId());
    v1::Document* document = request.mutable_registration()->mutable_document();
    document->set_owner(world_.Named("participants/" + owner));
    document->set_media_type("application/pdf");
    document->set_title("EIA approval");
    document->set_size_bytes(static_cast<int64_t>(bytes.size()));
    document->set_sha256(ToHex(Sha256Of(bytes)));
    return request;
  }
  static v1::UploadDocumentRequest Chunk(const std::string& bytes) {
    v1::UploadDocumentRequest request;
    request.set_chunk(bytes);
    return request;
  }

  struct Result {
    absl::Status status;
    v1::DocumentAnswer answer;
  };
  // Sends the messages, as far as the server takes them, and ends the stream.
  Result Send(const std::vector<v1::UploadDocumentRequest>& messages, const std::string& token) {
    grpc::ClientContext context;
    ServerHarness::AddToken(&context, token);
    Result result;
    const auto writer = stub_->UploadDocument(&context, &result.answer);
    for (const auto& message : messages) {
      if (!writer->Write(message)) break;
    }
    writer->WritesDone();
    result.status = MakeReply(writer->Finish(), "").status;
    return result;
  }
  Result Upload(const std::string& bytes, const std::string& token = "a-trader", const std::string& owner = "$A") {
    std::vector<v1::UploadDocumentRequest> messages = {Registration(bytes, owner)};
    for (size_t at = 0; at < bytes.size(); at += 100'000) messages.push_back(Chunk(bytes.substr(at, 100'000)));
    return Send(messages, token);
  }
  absl::StatusOr<std::string> Download(const std::string& name, const std::string& token) {
    grpc::ClientContext context;
    ServerHarness::AddToken(&context, token);
    v1::GetDocumentRequest request;
    request.set_name(name);
    const auto reader = stub_->DownloadDocument(&context, request);
    std::string bytes;
    v1::DocumentChunk chunk;
    while (reader->Read(&chunk)) {
      EXPECT_LE(chunk.data().size(), bounds::kDocumentChunkBytesMax);
      bytes += chunk.data();
    }
    const absl::Status status = MakeReply(reader->Finish(), "").status;
    if (!status.ok()) return status;
    return bytes;
  }
  int Registered() {
    return world_.Must<v1::ListDocumentsAnswer>("Documents/ListDocuments", "owner: 'participants/$A'", "a-trader").documents_size();
  }
  std::string Root() { return harness_.path() + "/documents"; }
  int Incoming() {
    const auto files = std::filesystem::directory_iterator(Root() + "/incoming");
    return static_cast<int>(std::distance(begin(files), end(files)));
  }

  ServerHarness harness_;
  World world_{&harness_};
  std::unique_ptr<v1::Documents::Stub> stub_ = v1::Documents::NewStub(harness_.channel());
};

TEST_F(DocumentsOverASocketTest, WhatWasSentIsWhatIsFetched) {
  for (const size_t size : {size_t{1}, bounds::kDocumentChunkBytesMax, bounds::kDocumentChunkBytesMax + 1, 3 * bounds::kMiB}) {
    SCOPED_TRACE(size);
    const Result uploaded = Upload(Bytes(size));
    ASSERT_EQ(Outcome(uploaded.status), "OK") << uploaded.status;
    const auto fetched = Download(uploaded.answer.document().name(), "a-trader");
    ASSERT_TRUE(fetched.ok()) << fetched.status();
    EXPECT_TRUE(*fetched == Bytes(size));
  }
  EXPECT_EQ(Registered(), 4);
  EXPECT_EQ(Incoming(), 0);
}

// The same content twice is two documents and one file; the same request twice is one document.
TEST_F(DocumentsOverASocketTest, ARepeatedRequestIsOneDocument) {
  const std::string bytes = Bytes(1'000);
  const std::vector<v1::UploadDocumentRequest> messages = {Registration(bytes), Chunk(bytes)};
  const Result first = Send(messages, "a-trader");
  const Result again = Send(messages, "a-trader");
  ASSERT_EQ(Outcome(again.status), "OK") << again.status;
  EXPECT_EQ(first.answer.SerializeAsString(), again.answer.SerializeAsString());
  EXPECT_EQ(Registered(), 1);
  EXPECT_EQ(Outcome(Upload(bytes).status), "OK");
  EXPECT_EQ(Registered(), 2);
}

TEST_F(DocumentsOverASocketTest, OtherBytesThanAnnouncedLeaveNothing) {
  const std::string bytes = Bytes(1'000);
  std::string other = bytes;
  other[500] ^= 1;
  EXPECT_EQ(Outcome(Send({Registration(bytes), Chunk(other)}, "a-trader").status), "INVALID_ARGUMENT HASH_DIFFERS");
  EXPECT_EQ(Outcome(Send({Registration(bytes), Chunk(bytes.substr(1))}, "a-trader").status), "INVALID_ARGUMENT SIZE_DIFFERS");
  EXPECT_EQ(Outcome(Send({Registration(bytes), Chunk(bytes + "x")}, "a-trader").status), "INVALID_ARGUMENT SIZE_DIFFERS");
  EXPECT_EQ(Outcome(Send({Registration(bytes)}, "a-trader").status), "INVALID_ARGUMENT SIZE_DIFFERS");
  EXPECT_EQ(Registered(), 0);
  EXPECT_EQ(Incoming(), 0);
}

TEST_F(DocumentsOverASocketTest, TooMuchIsRefusedBeforeABytesIsTaken) {
  auto large = Registration("x");
  large.mutable_registration()->mutable_document()->set_size_bytes(bounds::kDocumentBytesMax + 1);
  EXPECT_EQ(Outcome(Send({large, Chunk("x")}, "a-trader").status), "INVALID_ARGUMENT INVALID_FIELD");
  const std::string bytes = Bytes(bounds::kDocumentChunkBytesMax + 1);
  EXPECT_EQ(Outcome(Send({Registration(bytes), Chunk(bytes)}, "a-trader").status), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Registered(), 0);
}

TEST_F(DocumentsOverASocketTest, MessagesComeInTheirOrder) {
  const auto registration = Registration("abc");
  EXPECT_EQ(Outcome(Send({}, "a-trader").status), "INVALID_ARGUMENT UPLOAD_OUT_OF_ORDER");
  EXPECT_EQ(Outcome(Send({Chunk("abc")}, "a-trader").status), "INVALID_ARGUMENT UPLOAD_OUT_OF_ORDER");
  EXPECT_EQ(Outcome(Send({registration, registration}, "a-trader").status), "INVALID_ARGUMENT UPLOAD_OUT_OF_ORDER");
  EXPECT_EQ(Outcome(Send({registration, v1::UploadDocumentRequest()}, "a-trader").status), "INVALID_ARGUMENT UPLOAD_OUT_OF_ORDER");
  EXPECT_EQ(Outcome(Send({registration, Chunk("")}, "a-trader").status), "INVALID_ARGUMENT INVALID_FIELD");
  auto no_id = registration;
  no_id.mutable_registration()->clear_request_id();
  EXPECT_TRUE(absl::IsInvalidArgument(Send({no_id, Chunk("abc")}, "a-trader").status));
  EXPECT_EQ(Registered(), 0);
}

TEST_F(DocumentsOverASocketTest, ATrialTakesNoBytes) {
  auto trial = Registration("abc");
  trial.mutable_registration()->set_validate_only(true);
  const Result tried = Send({trial}, "a-trader");
  EXPECT_EQ(Outcome(tried.status), "OK") << tried.status;
  EXPECT_EQ(tried.answer.document().size_bytes(), 3);
  EXPECT_EQ(Registered(), 0);
}

TEST_F(DocumentsOverASocketTest, AClientThatVanishesLeavesNothing) {
  const std::string bytes = Bytes(2'000);
  {
    grpc::ClientContext context;
    ServerHarness::AddToken(&context, "a-trader");
    v1::DocumentAnswer answer;
    const auto writer = stub_->UploadDocument(&context, &answer);
    ASSERT_TRUE(writer->Write(Registration(bytes)));
    ASSERT_TRUE(writer->Write(Chunk(bytes.substr(0, 1'000))));
    context.TryCancel();
    EXPECT_FALSE(writer->Finish().ok());
  }
  harness_.server().Drain();  // the upload has ended when this returns
  EXPECT_EQ(Incoming(), 0);
  std::filesystem::remove_all(Root() + "/incoming");
  EXPECT_TRUE(std::filesystem::is_empty(Root()));  // no file got a name
}

TEST_F(DocumentsOverASocketTest, AServerThatStopsEndsAnUploadThatWaitsForItsClient) {
  const std::string bytes = Bytes(2'000);
  grpc::ClientContext context;
  ServerHarness::AddToken(&context, "a-trader");
  v1::DocumentAnswer answer;
  const auto writer = stub_->UploadDocument(&context, &answer);
  ASSERT_TRUE(writer->Write(Registration(bytes)));
  ASSERT_TRUE(writer->Write(Chunk(bytes.substr(0, 1'000))));
  world_.Must<v1::PersonAnswer>("Participants/WhoAmI", "", "a-trader");  // the server has the stream: one connection keeps its order
  harness_.server().Drain();
  EXPECT_TRUE(absl::IsUnavailable(MakeReply(writer->Finish(), "").status));
  EXPECT_EQ(Incoming(), 0);
}

// Its owner's people, the officers of its region, and nobody else.
TEST_F(DocumentsOverASocketTest, StrangersNeitherReadNorWrite) {
  const Result uploaded = Upload(Bytes(100));
  ASSERT_EQ(Outcome(uploaded.status), "OK") << uploaded.status;
  const std::string name = uploaded.answer.document().name();
  for (const std::string reader : {"a-trader", "changchun-officer", "province-officer"}) EXPECT_TRUE(Download(name, reader).ok()) << reader;
  EXPECT_EQ(Outcome(Download(name, "b-trader").status()), "PERMISSION_DENIED FOREIGN_PARTICIPANT");
  EXPECT_EQ(Outcome(Download(name, "jilin-officer").status()), "PERMISSION_DENIED FOREIGN_REGION");
  for (const std::string stranger : {"k-officer", "exchange-op", "registry-op", "operator-token"}) {
    EXPECT_EQ(Outcome(Download(name, stranger).status()), "PERMISSION_DENIED ROLE_MISSING") << stranger;
  }
  EXPECT_TRUE(absl::IsUnauthenticated(Download(name, "").status()));
  EXPECT_EQ(Outcome(Upload("abc", "b-trader").status), "PERMISSION_DENIED FOREIGN_PARTICIPANT");
  EXPECT_EQ(Outcome(Upload("abc", "jilin-officer").status), "PERMISSION_DENIED FOREIGN_REGION");
  EXPECT_EQ(Outcome(Upload("abc", "k-officer").status), "PERMISSION_DENIED ROLE_MISSING");
  EXPECT_EQ(Outcome(Upload("abc", "changchun-officer").status), "OK");  // a paper that came by post
  EXPECT_EQ(world_.Must<v1::ListDocumentsAnswer>("Documents/ListDocuments", "owner: 'participants/$A'", "b-trader").documents_size(), 0);
}

TEST_F(DocumentsOverASocketTest, BytesThatWereChangedOnTheDiskAreNotHandedOutAsTheDocument) {
  const Result uploaded = Upload(Bytes(1'000));
  ASSERT_EQ(Outcome(uploaded.status), "OK") << uploaded.status;
  const v1::Document& document = uploaded.answer.document();
  const std::string path = Root() + "/" + document.sha256().substr(0, 2) + "/" + document.sha256();
  ASSERT_TRUE(std::filesystem::exists(path));
  const auto sha256 = *FromHex(document.sha256());
  EXPECT_TRUE(DocumentFiles::Check(harness_.path(), sha256, 1'000).ok());
  std::ofstream(path, std::ios::binary | std::ios::in).write("!", 1);
  EXPECT_FALSE(Download(document.name(), "a-trader").ok());
  EXPECT_TRUE(absl::IsDataLoss(DocumentFiles::Check(harness_.path(), sha256, 1'000)));
  std::filesystem::resize_file(path, 999);
  EXPECT_TRUE(absl::IsDataLoss(DocumentFiles::Check(harness_.path(), sha256, 1'000)));
  std::filesystem::remove(path);
  EXPECT_TRUE(absl::IsDataLoss(DocumentFiles::Check(harness_.path(), sha256, 1'000)));
}

TEST_F(DocumentsOverASocketTest, VerifyFindsEveryRegisteredDocument) {
  const Result uploaded = Upload(Bytes(1'000));
  ASSERT_EQ(Outcome(uploaded.status), "OK") << uploaded.status;
  Upload(Bytes(2'000));
  harness_.Stop();
  StoreOptions options;
  options.path = harness_.path();
  auto store = Store::Open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  const auto report = Verify({.store = store->get()}, nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->documents, SizeIs(2));
  EXPECT_TRUE(VerifyDocuments(options.path, *report).ok());
  const std::string hash = uploaded.answer.document().sha256();
  std::filesystem::remove(Root() + "/" + hash.substr(0, 2) + "/" + hash);
  const absl::Status missing = VerifyDocuments(options.path, *report);
  EXPECT_TRUE(absl::IsDataLoss(missing));
  EXPECT_THAT(std::string(missing.message()), testing::HasSubstr(uploaded.answer.document().name()));
}

TEST(DocumentFilesTest, SoManyDocumentsAreOnTheirWayAndNoMore) {
  TemporaryDirectory directory;
  auto files = DocumentFiles::Open(directory.path());
  ASSERT_TRUE(files.ok()) << files.status();
  for (size_t i = 0; i < bounds::kDocumentStreamsMax; ++i) EXPECT_TRUE((*files)->Enter());
  EXPECT_FALSE((*files)->Enter());
  (*files)->Leave();
  EXPECT_TRUE((*files)->Enter());
}

TEST(DocumentFilesTest, UnfinishedUploadsAreRemovedAtTheStart) {
  TemporaryDirectory directory;
  const std::string bytes = "abc";
  {
    auto files = DocumentFiles::Open(directory.path());
    ASSERT_TRUE(files.ok()) << files.status();
    auto writer = (*files)->Begin(Sha256Of(bytes), 3);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Append(bytes).ok());
    ASSERT_TRUE((*writer)->Commit().ok());
  }
  std::ofstream(directory.path() + "/documents/incoming/7") << "half";
  auto files = DocumentFiles::Open(directory.path());
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_TRUE(std::filesystem::is_empty(directory.path() + "/documents/incoming"));
  auto reader = (*files)->Read(Sha256Of(bytes), 3);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(*(*reader)->Next(2), "ab");
  EXPECT_EQ(*(*reader)->Next(2), "c");
  EXPECT_EQ(*(*reader)->Next(2), "");
}

}  // namespace
}  // namespace songhua::api
