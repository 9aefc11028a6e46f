// songhua: the one program. See verbs.h for what it can do.
#include <google/protobuf/stubs/logging.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "api/cli/client.h"
#include "api/cli/verbs.h"

namespace {

// Protobuf's complaints about a request are in our own message already; what ends the process is said.
void OnProtobufLog(google::protobuf::LogLevel level, const char* file, int line, const std::string& message) {
  if (level == google::protobuf::LOGLEVEL_FATAL) std::cerr << file << ':' << line << ": " << message << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  ::setenv("GRPC_VERBOSITY", "NONE", 0);  // the same of gRPC; GRPC_VERBOSITY=INFO brings its log back
  google::protobuf::SetLogHandler(OnProtobufLog);
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 1 && words[0] == "--version") words[0] = "version";
  const songhua::api::cli::Io io{&std::cin, &std::cout, &std::cerr, songhua::api::cli::ConnectGrpc};
  return songhua::api::cli::MakeRegistry().Run(words, io);
}
