#include "api/cli/tokens.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "api/cli/text.h"
#include "ledger/check.h"
#include "ledger/sha256.h"

namespace songhua::api::cli {
namespace {

constexpr size_t kTokenBytesMax = 4096;
constexpr char kTokens[] = "var/tokens";
constexpr char kDemonstrationTokens[] = "var/demo/tokens";

absl::Status FileError(const std::string& what, const std::string& path) {
  return absl::UnavailableError(what + " " + path + ": " + std::strerror(errno));
}

}  // namespace

std::string RandomHex(size_t bytes) {
  std::string drawn(bytes, '\0');
  SONGHUA_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(drawn.data()), static_cast<int>(drawn.size())) == 1);
  return ToHex(drawn);
}

std::string DrawToken() { return RandomHex(32); }

std::string TokenSha256(std::string_view token) { return ToHex(Sha256Of(token)); }

std::string TokenDirectory() {
  const char* named = std::getenv("SONGHUA_TOKENS");
  if (named != nullptr && *named != '\0') return named;
  std::error_code error;
  const bool demonstration = !std::filesystem::exists(kTokens, error) && std::filesystem::exists(kDemonstrationTokens, error);
  return demonstration ? kDemonstrationTokens : kTokens;
}

absl::StatusOr<std::string> TokenFile(std::string_view directory, std::string_view person) {
  constexpr std::string_view kPeople = "people/";
  if (person.substr(0, kPeople.size()) == kPeople) person.remove_prefix(kPeople.size());
  const bool plain = !person.empty() && person[0] != '.' && person.find('/') == std::string_view::npos;
  if (!plain)
    return absl::InvalidArgumentError("'" + std::string(person) + "' is no person; accepted: a name such as people/zhang-li or zhang-li");
  return std::string(directory) + "/" + std::string(person);
}

std::vector<std::string> PeopleWithTokens(const std::string& directory) {
  std::vector<std::string> people;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) people.push_back(entry.path().filename().string());
  std::sort(people.begin(), people.end());
  return people;
}

absl::Status WriteTokenFile(const std::string& path, std::string_view token) {
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  if (!directory.empty() && !std::filesystem::exists(directory)) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) return absl::UnavailableError("making the directory " + directory.string() + ": " + error.message());
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  }
  const std::string temporary = path + "." + RandomHex(4) + ".new";
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return FileError("creating", temporary);
  const std::string line = std::string(token) + "\n";
  const bool written = ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(file) == 0;
  const absl::Status status = written ? absl::OkStatus() : FileError("writing", temporary);
  ::close(file);
  if (!status.ok() || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const absl::Status failure = status.ok() ? FileError("renaming to", path) : status;
    ::unlink(temporary.c_str());
    return failure;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadTokenFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError("no token can be read from " + path);
  std::string text;
  char c = 0;
  while (text.size() <= kTokenBytesMax && in.get(c)) text += c;
  text = Trim(text);
  const bool one_word = !text.empty() && text.size() <= kTokenBytesMax && text.find_first_of(" \t\r\n") == std::string::npos;
  if (!one_word) return absl::InvalidArgumentError(path + " does not hold one token; accepted: a file with the token and nothing else");
  return text;
}

}  // namespace songhua::api::cli
