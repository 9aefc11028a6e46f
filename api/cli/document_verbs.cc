#include "api/cli/document_verbs.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "api/cli/aliases.h"
#include "api/cli/call.h"
#include "api/cli/request.h"
#include "ledger/bounds.h"
#include "ledger/refusal.h"
#include "ledger/sha256.h"
#include "songhua/v1/applications.pb.h"
#include "songhua/v1/documents.pb.h"
#include "songhua/v1/public.pb.h"

namespace songhua::api::cli {
namespace {

constexpr size_t kChunkBytes = bounds::kDocumentChunkBytesMax;
constexpr char kUpload[] = "/songhua.v1.Documents/UploadDocument";
constexpr char kDownload[] = "/songhua.v1.Documents/DownloadDocument";

// A name as people type it: "7" or "applications/7".
std::string Completed(const std::string& collection, const std::string& text) {
  return text.empty() || text.find('/') != std::string::npos ? text : collection + "/" + text;
}

std::string MediaTypeOf(const std::string& path) {
  static const auto* known = new std::map<std::string, std::string>{
      {".csv", "text/csv"},   {".jpeg", "image/jpeg"}, {".jpg", "image/jpeg"}, {".json", "application/json"}, {".pdf", "application/pdf"},
      {".png", "image/png"},  {".txt", "text/plain"},  {".xml", "application/xml"}, {".zip", "application/zip"}};
  const auto it = known->find(std::filesystem::path(path).extension().string());
  return it == known->end() ? "application/octet-stream" : it->second;
}

int FileError(const Invocation& invocation, const std::string& message) {
  *invocation.io.err << "songhua " << invocation.verb->name() << ": " << message << '\n';
  return kExitUsage;
}

// The file's size and hash, in two passes over it: the first says them, the second sends the bytes.
absl::Status Measure(const std::string& path, v1::Document* document) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return absl::NotFoundError("the file " + path + " cannot be read");
  Sha256 hash;
  int64_t size = 0;
  std::string chunk(kChunkBytes, '\0');
  while (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())), file.gcount() > 0) {
    const size_t got = static_cast<size_t>(file.gcount());
    hash.Update(std::string_view(chunk).substr(0, got));
    size += static_cast<int64_t>(got);
  }
  document->set_size_bytes(size);
  document->set_sha256(ToHex(hash.Finish()));
  return absl::OkStatus();
}

int RunPut(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const std::string path = arguments.positionals[0];
  v1::UploadDocumentRequest first;
  v1::Document* document = first.mutable_registration()->mutable_document();
  document->set_owner(Completed("participants", arguments.GetOr("owner", "")));
  document->set_title(arguments.GetOr("title", std::filesystem::path(path).filename().string()));
  document->set_media_type(arguments.GetOr("media-type", MediaTypeOf(path)));
  document->set_subject(Completed("applications", arguments.GetOr("subject", "")));
  const absl::Status measured = Measure(path, document);
  if (!measured.ok()) return FileError(invocation, std::string(measured.message()));
  auto session = Session::Open(invocation);
  if (!session.ok()) return BadUsage(invocation, session.status());
  std::string request_id = arguments.GetOr("request-id", "");
  if (request_id.empty()) {
    const CallStatus reached = (*session)->NewRequestId(&request_id);
    if (!reached.ok()) return (*session)->Refused(reached);
  }
  first.mutable_registration()->set_request_id(request_id);

  std::ifstream file(path, std::ios::binary);
  bool begun = false;
  const auto next = [&]() -> std::optional<std::string> {
    if (!std::exchange(begun, true)) return first.SerializeAsString();
    v1::UploadDocumentRequest part;
    std::string* chunk = part.mutable_chunk();
    chunk->resize(kChunkBytes);
    file.read(chunk->data(), static_cast<std::streamsize>(chunk->size()));
    chunk->resize(static_cast<size_t>(file.gcount()));
    if (chunk->empty()) return std::nullopt;
    return part.SerializeAsString();
  };
  std::string answer_bytes;
  const CallStatus status = (*session)->channel().Stream(kUpload, next, /*in_turn=*/false, [&](const std::string& bytes) {
    answer_bytes = bytes;
    return true;
  });
  if (!status.ok()) return (*session)->Refused(status);
  const auto answer = Schema::Get().New("songhua.v1.DocumentAnswer");
  if (!answer->ParseFromString(answer_bytes)) return FileError(invocation, "the answer cannot be read");
  if ((*session)->json()) {
    *invocation.io.out << ToJson(*answer) << '\n';
  } else {
    PrintAnswer(*answer, View(), &(*session)->units(), *invocation.io.out);
  }
  return kExitOk;
}

int RunGet(const Invocation& invocation) {
  v1::GetDocumentRequest request;
  request.set_name(Completed("documents", invocation.arguments.positionals[0]));
  auto session = Session::Open(invocation);
  if (!session.ok()) return BadUsage(invocation, session.status());
  // Under another name until it is whole.
  const std::string path = invocation.arguments.GetOr("output", "");
  const std::string partial = path + ".part";
  std::ofstream file;
  if (!path.empty()) {
    file.open(partial, std::ios::binary | std::ios::trunc);
    if (!file.is_open()) return FileError(invocation, "the file " + partial + " cannot be written");
  }
  std::ostream& out = path.empty() ? *invocation.io.out : file;
  int64_t size = 0;
  bool sent = false;
  const CallStatus status = (*session)->channel().Stream(
      kDownload, [&]() -> std::optional<std::string> { return std::exchange(sent, true) ? std::nullopt : std::optional(request.SerializeAsString()); },
      /*in_turn=*/false,
      [&](const std::string& bytes) {
        v1::DocumentChunk chunk;
        if (!chunk.ParseFromString(bytes)) return false;
        out.write(chunk.data().data(), static_cast<std::streamsize>(chunk.data().size()));
        size += static_cast<int64_t>(chunk.data().size());
        return out.good();
      });
  if (path.empty()) return status.ok() ? kExitOk : (*session)->Refused(status);
  file.close();
  std::error_code error;
  if (status.ok() && file.good()) std::filesystem::rename(partial, path, error);
  if (!status.ok() || !file.good() || error) {
    std::error_code removing;
    std::filesystem::remove(partial, removing);
    return status.ok() ? FileError(invocation, "the file " + path + " cannot be written") : (*session)->Refused(status);
  }
  if (!(*session)->json()) *invocation.io.out << path << ": " << size << " bytes\n";
  return kExitOk;
}

// Calls a method whose answer has a text, and prints the text.
template <class Request, class Answer>
int PrintText(const Invocation& invocation, const std::string& path, const Request& request) {
  auto session = Session::Open(invocation);
  if (!session.ok()) return BadUsage(invocation, session.status());
  std::string bytes;
  const CallStatus status = (*session)->channel().Unary(path, request.SerializeAsString(), &bytes);
  if (!status.ok()) return (*session)->Refused(status, &request);
  Answer answer;
  if (!answer.ParseFromString(bytes)) return FileError(invocation, "the answer cannot be read");
  if ((*session)->json()) {
    *invocation.io.out << ToJson(answer) << '\n';
  } else {
    *invocation.io.out << answer.text();
  }
  return kExitOk;
}

int RunPrint(const Invocation& invocation) {
  v1::RenderPermitRequest request;
  request.set_name(Completed("permits", invocation.arguments.positionals[0]));
  request.set_language(invocation.arguments.GetOr("language", "zh"));
  const auto version = invocation.arguments.Integer("version", 0, 0, 1'000'000);
  if (!version.ok()) return BadUsage(invocation, version.status());
  request.set_version(static_cast<uint32_t>(*version));
  const std::string copy = invocation.arguments.GetOr("copy", "both");
  static const auto* copies = new std::map<std::string, v1::RenderPermitRequest::Copy>{
      {"main", v1::RenderPermitRequest::MAIN}, {"duplicate", v1::RenderPermitRequest::DUPLICATE}, {"both", v1::RenderPermitRequest::BOTH}};
  const auto known = copies->find(copy);
  if (known == copies->end()) return BadUsage(invocation, absl::InvalidArgumentError("--copy is '" + copy + "'; accepted: main, duplicate or both"));
  request.set_copy(known->second);
  return PrintText<v1::RenderPermitRequest, v1::RenderPermitAnswer>(invocation, "/songhua.v1.Public/RenderPermit", request);
}

int RunReceipt(const Invocation& invocation) {
  v1::RenderReceiptRequest request;
  request.set_application(Completed("applications", invocation.arguments.positionals[0]));
  request.set_language(invocation.arguments.GetOr("language", "zh"));
  return PrintText<v1::RenderReceiptRequest, v1::RenderReceiptAnswer>(invocation, "/songhua.v1.Applications/RenderReceipt", request);
}

const FlagSpec kLanguage = {"language", "LANGUAGE", "zh or en. Default: zh"};

}  // namespace

Verb DocumentPutVerb() {
  Verb verb;
  verb.words = {"document", "put"};
  verb.group = kPermitGroup;
  verb.summary = "Store a file as a document";
  verb.description =
      "Sends the file with its size and SHA-256. It is a document when all of it is stored, and not before; sent again with the same "
      "--request-id, it is one document.";
  verb.arguments = {{"FILE", "The file, up to 64 MiB"}};
  verb.flags = {{"owner", "PARTICIPANT", "Whose document it is", false, true},
                {"title", "TEXT", "Default: the file's name"},
                {"media-type", "TYPE", "Such as application/pdf. Default: by the file's name"},
                {"subject", "APPLICATION", "The application that it belongs to"},
                {"request-id", "ID", "Default: a new one"}};
  verb.examples = {{"document put eia.pdf --owner 91220101MA0Y3T5K7X --subject 7 --as PERSON", "A document of application 7"}};
  verb.client = true;
  verb.run = RunPut;
  return verb;
}

Verb DocumentGetVerb() {
  Verb verb;
  verb.words = {"document", "get"};
  verb.group = kPermitGroup;
  verb.summary = "Fetch a document's bytes";
  verb.description = "Writes them to standard output, or to --output, where the file stands when it is whole.";
  verb.arguments = {{"DOCUMENT", "A document's name, with or without \"documents/\""}};
  verb.flags = {{"output", "FILE", "Where to write it"}};
  verb.examples = {{"document get 91220101MA0Y3T5K7X.12 --output eia.pdf --as PERSON", ""}};
  verb.client = true;
  verb.run = RunGet;
  return verb;
}

Verb PermitPrintVerb() {
  Verb verb;
  verb.words = {"permit", "print"};
  verb.group = kPermitGroup;
  verb.summary = "Print a permit, main and duplicate copy, with its check code";
  verb.description =
      "Open to everybody; its holder and its region's officers, who say who they are, get it whole. Anybody can verify the check code: "
      "songhua public verify-check-code.";
  verb.arguments = {{"PERMIT", "A permit's number"}};
  verb.flags = {kLanguage, {"copy", "COPY", "main, duplicate or both. Default: both"}, {"version", "NUMBER", "Default: the one that counts today"}};
  verb.examples = {{"permit print 91220101MA0Y3T5K7X001P --language en", ""}};
  verb.client = true;
  verb.run = RunPrint;
  return verb;
}

Verb ReceiptPrintVerb() {
  Verb verb;
  verb.words = {"receipt", "print"};
  verb.group = kPermitGroup;
  verb.summary = "Print the receipt of an application";
  verb.description = "That it was accepted, or why not; dated, sealed, with its check code. For the applicant and the region's officers.";
  verb.arguments = {{"APPLICATION", "An application's name or number"}};
  verb.flags = {kLanguage};
  verb.examples = {{"receipt print 7 --as PERSON", ""}};
  verb.client = true;
  verb.run = RunReceipt;
  return verb;
}

}  // namespace songhua::api::cli
