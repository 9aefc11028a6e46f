// The audit against logs that RocksDB wrote: every cut is a tear, every missing sector of the last record a hole, every flipped bit a damage.
#include "ledger/wal_audit.h"

#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/store.h"
#include "simulations/simulated_disk.h"
#include "tests/ledger/store_testing.h"

namespace songhua {
namespace {

using simulations::SimulatedDisk;
using store_testing::ToyChange;
using store_testing::ToyStore;

struct Log {
  std::string bytes;
  std::vector<size_t> ends;  // of the record of each group
};

// A log of groups with so many random bytes each, which do not compress and hold no zero sector.
Log WriteLog(const std::vector<size_t>& group_bytes) {
  SimulatedDisk disk(1);
  StoreOptions options;
  options.path = SimulatedDisk::kRoot + "/store";
  options.env = disk.env();
  options.manual_projector = true;
  ToyStore toy(options);
  EXPECT_TRUE(toy.Open().ok());
  std::mt19937_64 random(2);
  Log log;
  std::string name;
  for (size_t size : group_bytes) {
    ToyChange change{1, "key", std::string(size, '\0'), false};
    for (char& byte : change.value) byte = static_cast<char>(random());
    EXPECT_TRUE(toy.AppendAndPublish({change}).ok());
    for (const auto& [path, bytes] : disk.Contents()) {
      if (path.find("/journal/") == std::string::npos || path.find(".log") == std::string::npos || bytes.empty()) continue;
      if (name != path) log.ends.clear();
      name = path;
      log.bytes = bytes;
    }
    log.ends.push_back(log.bytes.size());
  }
  return log;
}

class WalAuditTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    small_ = new Log(WriteLog({200, 900, 10, 300}));
    large_ = new Log(WriteLog({100, 40'000, 3'000, 90'000}));  // over block borders
  }
  static void TearDownTestSuite() {
    delete small_;
    delete large_;
  }
  static Log *small_, *large_;
};

Log* WalAuditTest::small_ = nullptr;
Log* WalAuditTest::large_ = nullptr;

TEST_F(WalAuditTest, AnEmptyAndAWholeLogAreWhole) {
  EXPECT_EQ(AuditWal("").kind, WalVerdict::kWhole);
  for (const Log* log : {small_, large_}) {
    EXPECT_EQ(AuditWal(log->bytes).kind, WalVerdict::kWhole);
    EXPECT_EQ(AuditWal(log->bytes).records, log->ends.size());
    EXPECT_EQ(AuditWal(log->bytes + std::string(100'000, '\0')).kind, WalVerdict::kWhole) << "zeros of preallocation";
  }
}

TEST_F(WalAuditTest, EveryCutIsATearNotADamage) {
  for (const Log* log : {small_, large_}) {
    for (size_t size = 0; size < log->bytes.size(); size += log == small_ ? 1 : 61) {
      const WalVerdict verdict = AuditWal(std::string_view(log->bytes).substr(0, size));
      ASSERT_TRUE(verdict.kind == WalVerdict::kTorn || verdict.kind == WalVerdict::kWhole) << size;
      const size_t whole = static_cast<size_t>(std::upper_bound(log->ends.begin(), log->ends.end(), size) - log->ends.begin());
      ASSERT_EQ(verdict.records, whole) << size;
    }
  }
}

TEST_F(WalAuditTest, EveryFlippedBitIsADamage) {
  for (const Log* log : {small_, large_}) {
    std::string bytes = log->bytes;
    for (size_t i = 0; i < bytes.size(); i += log == small_ ? 1 : 997) {
      if (bytes[i] == 0 && i % 32768 > 32768 - 7) continue;  // filler, which nobody reads
      for (int bit = 0; bit < 8; ++bit) {
        bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
        ASSERT_EQ(AuditWal(bytes).kind, WalVerdict::kDamaged) << "bit " << bit << " of byte " << i;
        bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
      }
    }
  }
}

TEST_F(WalAuditTest, MissingSectorsOfTheLastRecordAreAHole) {
  std::mt19937_64 random(5);
  for (const Log* log : {small_, large_}) {
    const size_t synced = log->ends[log->ends.size() - 2];
    for (int round = 0; round < 300; ++round) {
      std::string bytes = log->bytes;
      bytes.resize(synced + random() % (bytes.size() - synced + 1));
      bool hole = false;
      for (size_t start = synced; start < bytes.size();) {
        const size_t end = std::min((start / 512 + 1) * 512, bytes.size());
        if (random() % 3 == 0) {
          std::fill(bytes.begin() + static_cast<ptrdiff_t>(start), bytes.begin() + static_cast<ptrdiff_t>(end), '\0');
          hole = true;
        }
        start = end;
      }
      const WalVerdict verdict = AuditWal(bytes);
      ASSERT_NE(verdict.kind, WalVerdict::kDamaged) << "round " << round << ", hole " << hole;
      ASSERT_EQ(verdict.records, log->ends.size() - (bytes == log->bytes ? 0 : 1)) << "round " << round;
    }
  }
}

TEST_F(WalAuditTest, AMissingSectorBeforeTheLastRecordIsADamage) {
  std::string bytes = large_->bytes;
  const size_t sector = large_->ends[0] / 512 + 2;
  std::fill_n(bytes.begin() + static_cast<ptrdiff_t>(sector * 512), 512, '\0');
  EXPECT_EQ(AuditWal(bytes).kind, WalVerdict::kDamaged);
}

}  // namespace
}  // namespace songhua
