// The demonstration from its first start to its end: it comes up, goes on where it was, and what it suggests works as written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "api/cli/client.h"
#include "api/cli/verbs.h"
#include "simulations/demo/demo.h"
#include "tests/api/engine_harness.h"

namespace songhua::simulations {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DemoTest : public testing::Test {
 protected:
  DemoOptions Options() const { return {directory_.path() + "/demo", {"unix:" + directory_.path() + "/socket"}, story_}; }

  // What it prints. `serve` is called while it serves.
  std::string Run(const std::function<void()>& serve = [] {}, const std::function<bool()>& interrupted = [] { return false; }) {
    std::ostringstream out;
    status_ = RunDemo(Options(), interrupted, serve, out);
    return out.str();
  }

  // The summary's part under a heading.
  static std::string Section(const std::string& out, const std::string& heading) {
    const size_t start = out.find("\n" + heading);
    return start == std::string::npos ? "" : out.substr(start, out.find("\n\n", start + 1) - start);
  }

  api::TemporaryDirectory directory_;
  absl::Status status_;
  Story story_ = Story::kMarket;
};

// "a "b c" d" -> a, b c, d.
std::vector<std::string> Words(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream in(line);
  while (in >> std::ws && !in.eof()) {
    std::string word;
    if (in.peek() == '"') {
      in.get();
      std::getline(in, word, '"');
    } else {
      in >> word;
    }
    words.push_back(word);
  }
  return words;
}

TEST_F(DemoTest, TheStoriesGoByAndReconcile) {
  for (const Story story : {Story::kYear, Story::kLending}) {
    if (story != story_) ASSERT_TRUE(story_ == Story::kMarket || RemoveDemo(Options().data).ok());
    story_ = story;
    const std::string first = Run();
    ASSERT_TRUE(status_.ok()) << status_ << first;
    EXPECT_THAT(first, HasSubstr("the ledger reconciles"));
    const std::string second = Run();
    ASSERT_TRUE(status_.ok()) << status_ << second;
    EXPECT_THAT(second, Not(HasSubstr("playing")));
    if (story == Story::kLending) EXPECT_THAT(Section(second, "Where the money went"), HasSubstr("850,000.00"));
  }
}

TEST_F(DemoTest, AFirstRunShowsTheMarketAndASecondGoesOnWithIt) {
  const std::string first = Run();
  ASSERT_TRUE(status_.ok()) << status_ << first;
  EXPECT_THAT(first, HasSubstr("the ledger reconciles"));
  for (const char* rule : {"PLG-21", "GEN-13", "DR-73"}) EXPECT_THAT(Section(first, "Refused"), HasSubstr(rule));
  const std::string second = Run();
  ASSERT_TRUE(status_.ok()) << status_ << second;
  EXPECT_THAT(second, Not(HasSubstr("playing")));
  for (const char* heading : {"Who holds what", "Last prices", "Pledges"}) {
    EXPECT_NE(Section(first, heading), "") << heading;
    EXPECT_EQ(Section(second, heading), Section(first, heading)) << heading;
  }
}

TEST_F(DemoTest, AFirstRunThatWasCutShortIsTakenUpWhereItStopped) {
  int asked = 0;
  const std::string cut = Run([] {}, [&asked] { return ++asked > 100; });
  ASSERT_TRUE(absl::IsCancelled(status_)) << status_ << cut;
  const std::string resumed = Run();
  ASSERT_TRUE(status_.ok()) << status_ << resumed;

  ASSERT_TRUE(RemoveDemo(Options().data).ok());
  const std::string whole = Run();
  ASSERT_TRUE(status_.ok()) << status_ << whole;
  for (const char* heading : {"Who holds what", "Last prices", "Pledges", "Refused"}) {
    EXPECT_EQ(Section(resumed, heading), Section(whole, heading)) << heading;
  }
}

TEST_F(DemoTest, WhatItSuggestsWorksAsWritten) {
  std::vector<std::string> commands;
  std::set<std::string> refused;
  std::ostringstream out;
  const auto serve = [&] {
    const std::string prefix = "  export ";
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) {
      const size_t equals = line.find('=');
      if (line.compare(0, prefix.size(), prefix) == 0) ::setenv(line.substr(prefix.size(), equals - prefix.size()).c_str(), line.substr(equals + 1).c_str(), 1);
      std::vector<std::string> words = Words(line);
      if (words.size() < 2 || line.compare(0, 2, "  ") != 0 || words.back().empty() || words[words.size() - 2] != "--as") continue;
      commands.push_back(line);
      words.erase(words.begin());  // the program
      std::istringstream in;
      std::ostringstream answer, error;
      const api::cli::Io io{&in, &answer, &error, api::cli::ConnectGrpc};
      const int code = api::cli::MakeRegistry().Run(words, io);
      if (code == api::cli::kExitRefused) refused.insert(words[0]);
      if (code != api::cli::kExitOk) {
        EXPECT_THAT(error.str(), HasSubstr("PLEDGED_UNITS")) << line;
      }
    }
  };
  status_ = RunDemo(Options(), [] { return false; }, serve, out);
  ::unsetenv("SONGHUA_TOKENS");
  ::unsetenv("SONGHUA_SERVER");
  ASSERT_TRUE(status_.ok()) << status_;
  EXPECT_GE(commands.size(), 8u) << out.str();
  EXPECT_EQ(refused, std::set<std::string>{"sell"}) << "only the sale of what is pledged is refused";
}

TEST_F(DemoTest, NothingElseIsRemoved) {
  Run();
  ASSERT_TRUE(status_.ok()) << status_;
  const std::string letter = Options().data + "/letter.txt";
  std::ofstream(letter) << "mine";
  EXPECT_TRUE(absl::IsFailedPrecondition(RemoveDemo(Options().data)));
  EXPECT_TRUE(std::filesystem::exists(Options().data + "/ready"));
  std::filesystem::remove(letter);
  EXPECT_TRUE(RemoveDemo(Options().data).ok());
  EXPECT_FALSE(std::filesystem::exists(Options().data + "/ready"));
}

// Another process holds the lock, as a service would: a process does not see locks of its own.
TEST_F(DemoTest, AStoreThatIsServedIsNotRemoved) {
  const std::string store = Options().data + "/store";
  std::filesystem::create_directories(store);
  std::ofstream(store + "/LOCK") << "";
  int locked[2], finished[2];
  ASSERT_EQ(::pipe(locked), 0);
  ASSERT_EQ(::pipe(finished), 0);
  const pid_t other = ::fork();
  ASSERT_GE(other, 0);
  if (other == 0) {
    ::close(finished[1]);
    const int file = ::open((store + "/LOCK").c_str(), O_RDWR);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    char byte = ::fcntl(file, F_SETLK, &lock) == 0 ? 'y' : 'n';
    const bool told = ::write(locked[1], &byte, 1) == 1;
    ::_exit(told && ::read(finished[0], &byte, 1) == 0 ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(::read(locked[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  EXPECT_TRUE(absl::IsFailedPrecondition(RemoveDemo(Options().data)));
  EXPECT_TRUE(std::filesystem::exists(store));
  ::close(finished[1]);
  ASSERT_EQ(::waitpid(other, nullptr, 0), other);
  EXPECT_TRUE(RemoveDemo(Options().data).ok());
  EXPECT_FALSE(std::filesystem::exists(store));
  for (const int end : {locked[0], locked[1], finished[0]}) ::close(end);
}

}  // namespace
}  // namespace songhua::simulations
