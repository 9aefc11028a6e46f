#include "api/cli/certificate_verb.h"

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "api/cli/call.h"
#include "api/cli/proof_aliases.h"
#include "api/cli/request.h"
#include "api/cli/service_error.h"
#include "songhua/v1/certificates.pb.h"

namespace songhua::api::cli {
namespace {

constexpr char kGetCertificate[] = "/songhua.v1.Certificates/GetCertificate";
constexpr auto kProofWait = std::chrono::seconds(10);
constexpr auto kProofLook = std::chrono::milliseconds(100);

int FailToGet(const Invocation& invocation, int code, const std::string& message) {
  *invocation.io.err << "songhua certificate get: " << message << '\n';
  return code;
}

int RunGetCertificate(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  v1::GetCertificateRequest request;
  request.set_name(CompleteName(arguments.positionals[0], "certificates"));
  request.set_file(true);
  auto session = Session::Open(invocation);
  if (!session.ok()) return BadUsage(invocation, session.status());
  v1::GetCertificateAnswer answer;
  const auto until = std::chrono::steady_clock::now() + kProofWait;
  while (true) {
    std::string bytes;
    const CallStatus status = (*session)->channel().Unary(kGetCertificate, request.SerializeAsString(), &bytes);
    if (status.ok()) {
      if (!answer.ParseFromString(bytes)) return FailToGet(invocation, kExitRefused, "the answer cannot be read");
      break;
    }
    const std::string reason = DescribeError(status).reason;
    const bool pending = reason == "PROOF_PENDING" || reason == "NOT_COSIGNED";
    if (!pending || std::chrono::steady_clock::now() >= until) return (*session)->Refused(status, &request);
    std::this_thread::sleep_for(kProofLook);
  }
  const std::string path = arguments.GetOr("out", answer.certificate().name().substr(answer.certificate().name().find('/') + 1) + ".html");
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << answer.file();
  if (!file.flush()) return FailToGet(invocation, kExitUsage, "the file " + path + " cannot be written");
  *invocation.io.out << path << ": " << answer.certificate().name() << ", " << v1::Certificate::Kind_Name(answer.certificate().kind()) << " of "
                     << answer.certificate().subject() << ", " << answer.file().size() << " bytes; `songhua-check --keys KEYS " << path << "` checks it\n";
  return kExitOk;
}

}  // namespace

Verb CertificateGetVerb() {
  Verb verb;
  verb.words = {"certificate", "get"};
  verb.group = kProofGroup;
  verb.summary = "Fetch a certificate as a file that proves itself";
  verb.description =
      "Writes a page in HTML that carries its proof: to print, and to keep as it is, byte by byte. `songhua-check` checks it without the service, with the keys that its "
      "reader trusts (`songhua log keys` writes those of today). Waits up to ten seconds for a proof, or for cosignatures, that are not there yet.";
  verb.arguments = {{"CERTIFICATE", "A certificate's name or number", true}};
  verb.flags = {{"out", "FILE", "Default: NUMBER.html"}};
  verb.examples = {{"certificate get 12 --out pledge.html --as PERSON", ""}};
  verb.client = true;
  verb.run = RunGetCertificate;
  return verb;
}

}  // namespace songhua::api::cli
