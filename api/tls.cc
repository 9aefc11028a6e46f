#include "api/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>

#include "grpcpp/security/server_credentials.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

constexpr unsigned int kReadAgainSeconds = 60;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;
using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

}  // namespace

absl::Status CheckKeyPair(const std::string& certificate_path, const std::string& key_path) {
  const File certificate_file(std::fopen(certificate_path.c_str(), "r"), std::fclose);
  const Certificate certificate(certificate_file == nullptr ? nullptr : PEM_read_X509(certificate_file.get(), nullptr, nullptr, nullptr),
                                X509_free);
  if (certificate == nullptr)
    return InvalidField("tls_certificate_path", certificate_path, "a readable PEM file with the server's certificate");
  const File key_file(std::fopen(key_path.c_str(), "r"), std::fclose);
  // An encrypted key cannot be used: nobody is there to type its passphrase.
  const auto no_passphrase = [](char*, int, int, void*) { return 0; };
  const Key key(key_file == nullptr ? nullptr : PEM_read_PrivateKey(key_file.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
  if (key == nullptr)
    return InvalidField("tls_key_path", key_path, "a readable PEM file with the certificate's private key, without a passphrase");
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "KEY_MISMATCH")
        .Field("tls_key_path")
        .Value(key_path)
        .Accepted("the key of " + certificate_path);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> TlsCredentials(const std::string& certificate_path, const std::string& key_path) {
  SONGHUA_RETURN_IF_ERROR(CheckKeyPair(certificate_path, key_path));
  auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(key_path, certificate_path, kReadAgainSeconds);
  grpc::experimental::TlsServerCredentialsOptions options(provider);
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace songhua::api
