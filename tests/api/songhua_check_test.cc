// The program that a bank runs: what it prints, and how it exits.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace songhua::check {
namespace {

using ::testing::HasSubstr;

const std::string kData = std::string(SONGHUA_TESTDATA) + "/certificates/";
const std::string kPledge = kData + "version-1-pledge.html";
const std::string kKeys = "--keys " + kData + "version-1.keys ";

struct Ended {
  int exit = -1;
  std::string printed;
};
// With the environment's language unset.
Ended Check(const std::string& arguments) {
  Ended run;
  FILE* pipe = popen(("LC_ALL=C " SONGHUA_CHECK_PROGRAM " " + arguments + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return run;
  std::array<char, 4096> chunk;
  for (size_t size; (size = fread(chunk.data(), 1, chunk.size(), pipe)) > 0;) run.printed.append(chunk.data(), size);
  run.exit = WEXITSTATUS(pclose(pipe));
  return run;
}

class SonghuaCheckTest : public testing::Test {
 protected:
  SonghuaCheckTest() : directory_(std::filesystem::temp_directory_path() / ("songhua_check_test." + std::to_string(getpid()))) { std::filesystem::create_directories(directory_); }
  ~SonghuaCheckTest() override { std::filesystem::remove_all(directory_); }

  std::string Write(const std::string& name, const std::string& bytes) const {
    const std::string path = directory_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  static std::string Read(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
  }

 private:
  const std::filesystem::path directory_;
};

TEST_F(SonghuaCheckTest, ProvesInBothLanguages) {
  const Ended english = Check(kKeys + kPledge);
  EXPECT_EQ(english.exit, 0);
  EXPECT_THAT(english.printed, HasSubstr("PROVED: certificates/12, Certificate of a pledge"));
  const Ended chinese = Check(kKeys + "--language=zh " + kPledge);
  EXPECT_EQ(chinese.exit, 0);
  EXPECT_THAT(chinese.printed, HasSubstr("核验通过：certificates/12"));
}

TEST_F(SonghuaCheckTest, RefusesWhatWasChanged) {
  std::string page = Read(kPledge);
  page.replace(page.find("10,000,000"), 10, "11,000,000");
  const Ended run = Check(kKeys + Write("changed.html", page));
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.printed, HasSubstr("REFUSED: the page says something else"));
  EXPECT_EQ(Check(kKeys + Write("empty.html", "")).exit, 1);
  EXPECT_EQ(Check(kKeys + "--language zh " + Write("empty.html", "")).printed.rfind("核验未通过：", 0), 0u);
}

TEST_F(SonghuaCheckTest, TakesTheTimeAndAnAge) {
  EXPECT_EQ(Check(kKeys + "--now 2026-01-05T15:00:00+08:00 " + kPledge).exit, 1);
  EXPECT_EQ(Check(kKeys + "--now 2026-01-05T17:00:00+08:00 " + kPledge).exit, 0);
  EXPECT_EQ(Check(kKeys + "--max-age 1s " + kPledge).exit, 1);
  EXPECT_EQ(Check(kKeys + "--max-age 1m " + kPledge).exit, 0);
}

TEST_F(SonghuaCheckTest, ComparesWithACheckpointAtHand) {
  EXPECT_THAT(Check(kKeys + "--known " + kData + "version-1-pledge.checkpoint " + kPledge).printed, HasSubstr("It agrees with the checkpoint of this size that you hold."));
  const Ended split = Check(kKeys + "--known " + kData + "version-1-holding.checkpoint " + kPledge);  // of the same size
  EXPECT_EQ(split.exit, 1);
  EXPECT_THAT(split.printed, HasSubstr("SPLIT_VIEW"));
}

TEST_F(SonghuaCheckTest, SaysHowItIsUsed) {
  EXPECT_EQ(Check("--help").exit, 0);
  EXPECT_THAT(Check("--help").printed, HasSubstr("songhua-check --keys FILE"));
  for (const std::string& wrong : {std::string(), kPledge, kKeys, kKeys + kPledge + " " + kPledge, kKeys + "--language fr " + kPledge, kKeys + "--max-age 5 " + kPledge, kKeys + "--max-age 0s " + kPledge,
                                   kKeys + "--now yesterday " + kPledge, kKeys + "--verbose " + kPledge, kKeys + "nowhere.html", "--keys nowhere.keys " + kPledge, kKeys + kPledge + " --known",
                                   "--keys " + kPledge + " " + kPledge, kKeys + "--known " + kPledge + " " + kPledge, kKeys + kData}) {
    EXPECT_EQ(Check(wrong).exit, 2) << wrong;
  }
}

}  // namespace
}  // namespace songhua::check
