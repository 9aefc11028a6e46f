// Records, trailers, groups and row changes: what is encoded is read back, and what was not written by us is refused with a reason.
#include "ledger/journal_record.h"

#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/codec.h"
#include "ledger/crc32c.h"
#include "ledger/journal_group.h"
#include "ledger/row_changes.h"
#include "tests/ledger/store_testing.h"

namespace songhua {
namespace {

using store_testing::Says;
using store_testing::TestDigest;
using store_testing::ToyRecord;

JournalRecord SomeRecord() {
  JournalRecord record = ToyRecord(41, 3, {{2, "key", "value", false}});
  record.status_code = 9;
  record.reason = "PLEDGED_UNITS";
  return record;
}

GroupTrailer SomeTrailer() {
  GroupTrailer trailer;
  trailer.first_sequence = 41;
  trailer.last_sequence = 50;
  trailer.first_record = 12;
  trailer.record_count = 4;
  trailer.tree_size = 16;
  trailer.entropy = TestDigest(1);
  trailer.rows = TestDigest(2);
  trailer.tree_root = TestDigest(3);
  return trailer;
}

// Replaces the checksum by the right one, so that what is behind it is tested.
std::string Resealed(std::string bytes) {
  const std::string checksum = EncodeValue(Crc32c(std::string_view(bytes).substr(0, bytes.size() - 4)));
  bytes.replace(bytes.size() - 4, 4, checksum);
  return bytes;
}

TEST(Crc32cTest, AgreesWithTheVectorsOfRfc3720) {
  EXPECT_EQ(Crc32c(""), 0u);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  std::mt19937_64 random(1);
  for (size_t length = 0; length < 100; ++length) {
    std::string bytes(length, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    EXPECT_EQ(Crc32c(bytes), crc32c_internal::Portable(bytes));
  }
}

TEST(JournalRecordTest, IsReadBackAsItWasWritten) {
  const absl::StatusOr<JournalRecord> record = DecodeRecord(EncodeRecord(SomeRecord()));
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(*record, SomeRecord());
  const absl::StatusOr<GroupTrailer> trailer = DecodeTrailer(EncodeTrailer(SomeTrailer()));
  ASSERT_TRUE(trailer.ok()) << trailer.status();
  EXPECT_EQ(*trailer, SomeTrailer());
}

// The bytes of format 1, written down: if this fails, old journals no longer read.
TEST(JournalRecordTest, FormatOneHasTheseBytes) {
  JournalRecord record;
  record.first_sequence = 1;
  record.count = 2;
  record.time_us = 3;
  record.logic_version = 4;
  record.principal = "p";
  record.token_id = "t";
  record.method = "m";
  record.request_id = "r";
  record.request = "q";
  record.status_code = 5;
  record.reason = "n";
  EXPECT_EQ(ToHex(EncodeRecord(record)),
            "a701"
            "0100000000000000" "02000000" "0300000000000000" "04000000"
            "0100000070" "0100000074" "010000006d" "0100000072" "0100000071"
            "05000000" "010000006e"
            "0000000000000000000000000000000000000000000000000000000000000000"
            "4b582dcb");
  GroupTrailer trailer;
  trailer.first_sequence = 1;
  trailer.last_sequence = 2;
  trailer.first_record = 3;
  trailer.record_count = 1;
  trailer.tree_size = 4;
  EXPECT_EQ(ToHex(EncodeTrailer(trailer)).substr(0, 68),
            "a801" "0100000000000000" "0200000000000000" "0300000000000000" "0100000000000000");
  EXPECT_EQ(ToHex(RecordSalt(TestDigest(1), 7)), ToHex(Sha256Of("salt", AsBytes(TestDigest(1)), std::string_view("\x07\0\0\0\0\0\0\0", 8))));
  EXPECT_EQ(RecordLeaf(TestDigest(1), "abc"),
            Sha256Of(std::string_view("\0", 1), AsBytes(Sha256Of(AsBytes(TestDigest(1)), "abc"))));
}

TEST(JournalRecordTest, EveryFlippedBitAndEveryCutIsNoticed) {
  const std::string record = EncodeRecord(SomeRecord());
  const std::string trailer = EncodeTrailer(SomeTrailer());
  for (const std::string& good : {record, trailer}) {
    const bool is_record = good == record;
    const auto decode = [&](const std::string& bytes) { return is_record ? DecodeRecord(bytes).status() : DecodeTrailer(bytes).status(); };
    ASSERT_TRUE(decode(good).ok());
    for (size_t i = 0; i < good.size(); ++i) {
      EXPECT_FALSE(decode(good.substr(0, i)).ok()) << i;
      for (int bit = 0; bit < 8; ++bit) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
        EXPECT_FALSE(decode(bad).ok()) << i;
      }
    }
    EXPECT_FALSE(decode(good + "x").ok());
  }
}

TEST(JournalRecordTest, RefusalsSayWhatIsWrong) {
  const std::string good = EncodeRecord(SomeRecord());
  EXPECT_TRUE(Says(DecodeRecord("abc").status(), "is 3 bytes long"));
  EXPECT_TRUE(Says(DecodeRecord(EncodeTrailer(SomeTrailer())).status(), "foreign byte 168"));
  std::string newer = good;
  newer[1] = 2;
  EXPECT_TRUE(absl::IsFailedPrecondition(DecodeRecord(newer).status()));
  EXPECT_TRUE(Says(DecodeRecord(newer).status(), "has format 2, newer than 1"));
  std::string flipped = good;
  flipped[20] = static_cast<char>(flipped[20] ^ 4);
  EXPECT_TRUE(absl::IsDataLoss(DecodeRecord(flipped).status()));
  EXPECT_TRUE(Says(DecodeRecord(flipped).status(), "checksum"));
  EXPECT_TRUE(Says(DecodeRecord(Resealed(good.substr(0, 60))).status(), "fields do not fill it"));

  JournalRecord no_commands = SomeRecord();
  no_commands.count = 0;
  EXPECT_TRUE(Says(DecodeRecord(EncodeRecord(no_commands)).status(), "claims 0 sequences from 41"));
  JournalRecord wraps = SomeRecord();
  wraps.first_sequence = UINT64_MAX;
  EXPECT_TRUE(absl::IsDataLoss(DecodeRecord(EncodeRecord(wraps)).status()));
  GroupTrailer backwards = SomeTrailer();
  backwards.last_sequence = 40;
  EXPECT_TRUE(Says(DecodeTrailer(EncodeTrailer(backwards)).status(), "claims sequences 41 to 40"));
  GroupTrailer crowded = SomeTrailer();
  crowded.record_count = 11;
  EXPECT_TRUE(Says(DecodeTrailer(EncodeTrailer(crowded)).status(), "claims 11 records"));
  GroupTrailer other_tree = SomeTrailer();
  other_tree.tree_size = 17;
  EXPECT_TRUE(Says(DecodeTrailer(EncodeTrailer(other_tree)).status(), "claims a tree of 17"));
}

TEST(JournalGroupTest, SealsWhatItHolds) {
  JournalGroup group;
  MerkleFrontier frontier;
  for (int round = 0; round < 2; ++round) {  // a cleared group is as good as a new one
    const uint64_t before = frontier.size();
    const uint64_t first = 1 + 7 * static_cast<uint64_t>(round);
    group.Add(ToyRecord(first, 3, {}));
    group.Add(ToyRecord(first + 3, 4, {{1, "k", "v", false}}));
    group.Seal(TestDigest(5), TestDigest(6), &frontier);
    EXPECT_EQ(group.record_count(), 2u);
    EXPECT_EQ(group.last_sequence(), first + 6);
    EXPECT_EQ(*DecodeRecord(group.record(0)), ToyRecord(first, 3, {}));
    EXPECT_EQ(DecodeRecord(group.record(1))->first_sequence, group.record_first_sequence(1));
    EXPECT_EQ(group.bytes(), group.record(0).size() + group.record(1).size());
    EXPECT_EQ(group.trailer().first_record, before);
    EXPECT_EQ(group.trailer().tree_size, before + 2);
    EXPECT_EQ(group.trailer().tree_root, frontier.Root());
    EXPECT_EQ(group.leaves()[1], RecordLeaf(RecordSalt(TestDigest(5), before + 1), group.record(1)));
    EXPECT_TRUE(DecodeTrailer(EncodeTrailer(group.trailer())).ok());
    group.Clear();
    EXPECT_TRUE(group.empty());
  }
}

TEST(JournalGroupDeathTest, AGapBetweenRecordsIsOurOwnMistake) {
  JournalGroup group;
  group.Add(ToyRecord(1, 3, {}));
  EXPECT_DEATH(group.Add(ToyRecord(5, 1, {})), "CHECK failed");
}

struct ToyRow {
  uint32_t number = 0;
  std::string text;
  template <class Archive>
  void Fields(Archive& a) {
    a(number, text);
  }
};

TEST(RowChangesTest, AreVisitedInOrderWithTheirKeysAndValues) {
  RowChanges changes;
  EXPECT_TRUE(changes.empty());
  changes.Put(0x0102, "key", "value", false);
  changes.Delete(3, "", true);
  changes.PutRow(4, "row", ToyRow{7, "seven"});
  changes.Put(5, "empty", "");
  ASSERT_EQ(changes.size(), 4u);
  EXPECT_EQ(changes[0].row_key, "\x01\x02key");
  EXPECT_EQ(changes[0].table(), 0x0102);
  EXPECT_EQ(changes[0].key(), "key");
  EXPECT_EQ(changes[0].value, "value");
  EXPECT_FALSE(changes[0].existed_before);
  EXPECT_FALSE(changes[0].is_delete);
  EXPECT_TRUE(changes[1].is_delete);
  EXPECT_TRUE(changes[1].existed_before);
  EXPECT_EQ(changes[1].key(), "");
  ToyRow row;
  ASSERT_TRUE(DecodeValue(changes[2].value, &row).ok());
  EXPECT_EQ(row.text, "seven");
  EXPECT_FALSE(changes[3].is_delete);
  EXPECT_EQ(changes[3].value, "");
  size_t visited = 0;
  changes.ForEach([&](const RowChange& change) { EXPECT_EQ(change.row_key, changes[visited++].row_key); });
  EXPECT_EQ(visited, 4u);
  changes.Clear();
  EXPECT_TRUE(changes.empty());
  EXPECT_EQ(changes.bytes(), 0u);
}

TEST(RowChangesTest, DigestDependsOnOrderAndContentButNotOnTheHint) {
  const auto digest = [](std::vector<std::pair<std::string, std::string>> rows, bool existed) {
    RowChanges changes;
    for (const auto& [key, value] : rows) changes.Put(1, key, value, existed);
    return changes.ComputeDigest();
  };
  EXPECT_EQ(digest({{"a", "1"}, {"b", "2"}}, true), digest({{"a", "1"}, {"b", "2"}}, false));
  EXPECT_NE(digest({{"a", "1"}, {"b", "2"}}, true), digest({{"b", "2"}, {"a", "1"}}, true));
  EXPECT_NE(digest({{"a", "1b"}}, true), digest({{"a1", "b"}}, true));
  RowChanges gone, emptied;
  gone.Delete(1, "a");
  emptied.Put(1, "a", "");
  EXPECT_NE(gone.ComputeDigest(), emptied.ComputeDigest());
}

}  // namespace
}  // namespace songhua
