// Encryption: what may be listened on without it, and a call with it.
#include "api/tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "songhua/v1/ledger.grpc.pb.h"
#include "tests/api/server_harness.h"

namespace songhua::api {
namespace {

// Makes a key and a certificate of it for "localhost", signed by itself, into two files.
void MakeCertificate(const std::string& certificate_path, const std::string& key_path) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* alternative = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
  X509_add_ext(certificate, alternative, -1);
  X509_EXTENSION_free(alternative);
  ASSERT_GT(X509_sign(certificate, key, EVP_sha256()), 0);
  std::FILE* file = std::fopen(certificate_path.c_str(), "w");
  ASSERT_EQ(PEM_write_X509(file, certificate), 1);
  std::fclose(file);
  file = std::fopen(key_path.c_str(), "w");
  ASSERT_EQ(PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr), 1);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

std::string Contents(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class TlsTest : public testing::Test {
 protected:
  ServerOptions Options(const std::string& listen) {
    ServerOptions options;
    options.engine.store.path = directory_.path() + "/store";
    options.engine.store.create_if_missing = true;
    options.engine.store.identity.store_id = "test";
    options.engine.genesis = Genesis{ClockMode::kVirtual, kTestStart, TokenHash("operator-token")};
    options.listen = {listen};
    return options;
  }
  std::string Path(const std::string& name) { return directory_.path() + "/" + name; }

  TemporaryDirectory directory_;
};

TEST_F(TlsTest, OnlyWhatOtherMachinesCannotReachIsListenedOnWithoutEncryption) {
  for (const std::string address : {"127.0.0.1:0", "127.1.2.3:8474", "[::1]:0", "localhost:0", "unix:/run/songhua.sock"}) {
    EXPECT_TRUE(CheckListenAddress(address, false).ok()) << address;
  }
  for (const std::string address :
       {"0.0.0.0:0", "[::]:0", "10.0.0.1:8474", "example.org:8474", "[::ffff:127.0.0.1]:1", "127.0.0.1.example.org:1", "128.0.0.1:1"}) {
    EXPECT_EQ(Outcome(CheckListenAddress(address, false)), "FAILED_PRECONDITION UNENCRYPTED_LISTENER") << address;
    EXPECT_TRUE(CheckListenAddress(address, true).ok()) << address;
  }
  for (const std::string address : {"", "127.0.0.1", "127.0.0.1:", ":8474", "127.0.0.1:http", "127.0.0.1:70000"}) {
    EXPECT_EQ(CheckListenAddress(address, true).status().code(), absl::StatusCode::kInvalidArgument) << address;
  }
  EXPECT_EQ(*CheckListenAddress("localhost:8474", false), "127.0.0.1:8474");  // and nothing else that the name may mean
}

TEST_F(TlsTest, AServerThatWouldBeReachableInTheClearDoesNotStart) {
  const auto server = Server::Start(Options("0.0.0.0:0"));
  EXPECT_EQ(Outcome(server), "FAILED_PRECONDITION UNENCRYPTED_LISTENER");
  EXPECT_FALSE(std::filesystem::exists(Path("store")));  // nor makes a store
}

TEST_F(TlsTest, CallsTravelEncrypted) {
  MakeCertificate(Path("certificate.pem"), Path("key.pem"));
  ServerOptions options = Options("0.0.0.0:0");
  options.tls_certificate_path = Path("certificate.pem");
  options.tls_key_path = Path("key.pem");
  auto server = Server::Start(options);
  ASSERT_TRUE(server.ok()) << server.status();

  grpc::SslCredentialsOptions trust;
  trust.pem_root_certs = Contents(Path("certificate.pem"));
  const std::string port = std::to_string((*server)->port());
  const auto call = [&](std::shared_ptr<grpc::ChannelCredentials> credentials) {
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("localhost");
    auto stub = v1::Ledger::NewStub(grpc::CreateCustomChannel("127.0.0.1:" + port, credentials, arguments));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    v1::ListProgramsAnswer answer;
    return stub->ListPrograms(&context, v1::ListProgramsRequest(), &answer);
  };
  const grpc::Status trusted = call(grpc::SslCredentials(trust));
  EXPECT_TRUE(trusted.ok()) << trusted.error_message();
  EXPECT_EQ(call(grpc::InsecureChannelCredentials()).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(call(grpc::SslCredentials({})).error_code(), grpc::StatusCode::UNAVAILABLE);  // nobody it trusts has signed
}

TEST_F(TlsTest, KeyAndCertificateThatDoNotFitAreRefused) {
  MakeCertificate(Path("a.pem"), Path("a.key"));
  MakeCertificate(Path("b.pem"), Path("b.key"));
  EXPECT_TRUE(CheckKeyPair(Path("a.pem"), Path("a.key")).ok());
  EXPECT_EQ(Outcome(CheckKeyPair(Path("a.pem"), Path("b.key"))), "FAILED_PRECONDITION KEY_MISMATCH");
  EXPECT_EQ(Outcome(CheckKeyPair(Path("none.pem"), Path("a.key"))), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Outcome(CheckKeyPair(Path("a.pem"), "")), "INVALID_ARGUMENT INVALID_FIELD");
  ServerOptions options = Options("127.0.0.1:0");
  options.tls_key_path = Path("a.key");  // one without the other
  EXPECT_EQ(Outcome(Server::Start(options)), "INVALID_ARGUMENT INVALID_FIELD");
}

TEST_F(TlsTest, AnAddressInUseIsSaidToBe) {
  auto first = Server::Start(Options("127.0.0.1:0"));
  ASSERT_TRUE(first.ok());
  ServerOptions second = Options("127.0.0.1:" + std::to_string((*first)->port()));
  second.engine.store.path = Path("other");
  EXPECT_EQ(Outcome(Server::Start(second)), "UNAVAILABLE ADDRESS_NOT_BOUND");
}

TEST_F(TlsTest, AUnixSocketIsServed) {
  auto server = Server::Start(Options("unix:" + Path("socket")));
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ((*server)->port(), 0);
  auto stub = v1::Ledger::NewStub(grpc::CreateChannel("unix:" + Path("socket"), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  v1::ListProgramsAnswer answer;
  EXPECT_TRUE(stub->ListPrograms(&context, v1::ListProgramsRequest(), &answer).ok());
}

}  // namespace
}  // namespace songhua::api
