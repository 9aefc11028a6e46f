#include "api/cli/version.h"

#include <google/protobuf/stubs/common.h>
#include <openssl/crypto.h>
#include <rocksdb/version.h>
#include <boost/version.hpp>

#include "api/cli/client.h"
#include "api/cli/table.h"
#include "api/cli/version_generated.h"

namespace songhua::api::cli {
namespace {

std::string Dotted(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

int PrintVersion(const Invocation& invocation) {
  std::ostream& out = *invocation.io.out;
  out << "songhua " << Version() << '\n';
  Table table({{""}, {""}});
  table.Add({"gRPC", GrpcVersion()});
  table.Add({"protobuf", Dotted(GOOGLE_PROTOBUF_VERSION / 1000000, GOOGLE_PROTOBUF_VERSION / 1000 % 1000, GOOGLE_PROTOBUF_VERSION % 1000)});
  table.Add({"RocksDB", Dotted(ROCKSDB_MAJOR, ROCKSDB_MINOR, ROCKSDB_PATCH)});
  table.Add({"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)});
  table.Add({"Boost", Dotted(BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100)});
  table.Add({"compiler", __VERSION__});
  table.PrintRows(out, 2);
  return kExitOk;
}

}  // namespace

std::string Version() {
  const std::string commit = SONGHUA_COMMIT;
  return commit.empty() ? SONGHUA_VERSION : SONGHUA_VERSION " (" + commit + ")";
}

Verb VersionVerb() {
  Verb verb;
  verb.words = {"version"};
  verb.group = "service";
  verb.summary = "The program's version and its libraries'";
  verb.examples = {{"version", ""}};
  verb.run = PrintVersion;
  return verb;
}

}  // namespace songhua::api::cli
