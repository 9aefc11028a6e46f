// What the imports of files share: the hash by which a file is known again, and calls that are repeated under one request_id until it is known whether they
// ran, so that a file that was broken off goes on where it stopped and nothing of it is taken in twice. One thread.
#ifndef SONGHUA_API_CLI_IMPORT_CALLS_H_
#define SONGHUA_API_CLI_IMPORT_CALLS_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "api/cli/call.h"
#include "api/cli/channel.h"
#include "google/protobuf/message.h"

namespace songhua::api::cli {

// 64 hexadecimal digits. INVALID_ARGUMENT where the file cannot be read.
absl::StatusOr<std::string> HashOfFile(const std::string& path);

class ImportCalls {
 public:
  // `service`: "PermitImports". `session` outlives it.
  ImportCalls(Session* session, std::string service, std::string file_sha256)
      : session_(*session), service_(std::move(service)), file_sha256_(std::move(file_sha256)) {}

  // Asks for the journal's date, with which request ids begin.
  CallStatus LearnDate();
  // Of one step of this file's import. REQUIRES: LearnDate.
  std::string RequestId(const std::string& step) const;
  // Repeats the request while it gets no answer, some times.
  CallStatus Call(const std::string& method, const google::protobuf::Message& request, google::protobuf::Message* answer);

 private:
  Session& session_;
  const std::string service_;
  const std::string file_sha256_;
  std::string date_;
};

// "3" of "imports/3".
std::string NumberOfName(const std::string& name);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_IMPORT_CALLS_H_
