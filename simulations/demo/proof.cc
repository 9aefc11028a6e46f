#include "simulations/demo/proof.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "ledger/proofs/certificate_check.h"
#include "ledger/refusal.h"
#include "songhua/v1/certificates.pb.h"
#include "songhua/v1/transparency.pb.h"

namespace songhua::simulations {
namespace {

std::string CertificateOf(const std::string& directory) { return directory + "/pledge.html"; }
std::string KeysOf(const std::string& directory) { return directory + "/log.keys"; }

absl::Status WriteProofFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  return file.flush() ? absl::OkStatus() : absl::UnavailableError("the file " + path + " cannot be written");
}

std::string ReadProofFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

absl::Status WriteProof(Conversation* conversation, const std::string& directory, const std::string& program, std::ostream& out) {
  SONGHUA_ASSIGN_OR_RETURN(const auto listed, conversation->Read("Certificates/ListCertificates", {}));
  v1::ListCertificatesAnswer certificates;
  if (!certificates.ParseFromString(listed->SerializeAsString()) || certificates.certificates().empty()) return absl::InternalError("the demonstration has no certificate");
  SONGHUA_ASSIGN_OR_RETURN(const auto got, conversation->Read("Certificates/GetCertificate", {{"name", certificates.certificates(0).name()}, {"file", "yes"}}));
  v1::GetCertificateAnswer certificate;
  SONGHUA_ASSIGN_OR_RETURN(const auto told, conversation->Read("Transparency/GetLog", {}));
  v1::GetLogAnswer log;
  if (!certificate.ParseFromString(got->SerializeAsString()) || !log.ParseFromString(told->SerializeAsString())) return absl::InternalError("the answers do not parse");
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  std::string keys;
  for (const std::string& key : log.keys()) keys += "log " + key + "\n";
  SONGHUA_RETURN_IF_ERROR(WriteProofFile(KeysOf(directory), keys));
  SONGHUA_RETURN_IF_ERROR(WriteProofFile(CertificateOf(directory), certificate.file()));
  out << "\nproof: the bank's certificate of " << certificate.certificate().subject() << " is in " << CertificateOf(directory) << "; without this service, here or elsewhere:\n  "
      << (std::filesystem::path(program).parent_path() / "songhua-check").string() << " --keys " << KeysOf(directory) << " " << CertificateOf(directory) << '\n';
  return absl::OkStatus();
}

absl::Status CheckProof(const std::string& directory, std::ostream& out) {
  const std::string file = ReadProofFile(CertificateOf(directory));
  if (file.empty()) return absl::OkStatus();
  SONGHUA_ASSIGN_OR_RETURN(const proofs::Trust trust, proofs::ParseTrust(ReadProofFile(KeysOf(directory))));
  proofs::CheckOptions options;
  options.now_s = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  SONGHUA_ASSIGN_OR_RETURN(const proofs::Verdict verdict, proofs::CheckCertificate(file, trust, options));
  out << "\nThe service is gone. What " << CertificateOf(directory) << " still proves:\n\n" << proofs::Explain(verdict, proofs::Language::kEnglish) << std::endl;
  return absl::OkStatus();
}

}  // namespace songhua::simulations
