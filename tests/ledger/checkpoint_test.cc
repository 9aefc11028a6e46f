// Checkpoints (TV-43): one text for one commitment of a log.
#include "ledger/proofs/checkpoint.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace songhua::proofs {
namespace {

// TV-43.
constexpr std::string_view kExampleCheckpoint = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

std::string WithLines(std::string_view origin, std::string_view size, std::string_view root) {
  return std::string(origin) + "\n" + std::string(size) + "\n" + std::string(root) + "\n";
}

constexpr std::string_view kSomeRoot = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

void RefusesCheckpoint(std::string_view text, std::string_view what) {
  const auto checkpoint = ParseCheckpoint(text);
  ASSERT_TRUE(absl::IsInvalidArgument(checkpoint.status())) << "accepted: " << text;
  EXPECT_NE(checkpoint.status().ToString().find(std::string(what)), std::string::npos) << checkpoint.status();
}

TEST(CheckpointTest, ExampleReadsAndPrintsAsItStands) {
  const auto checkpoint = ParseCheckpoint(kExampleCheckpoint);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->origin, "example.com/behind-the-sofa");
  EXPECT_EQ(checkpoint->size, 20852163u);
  EXPECT_EQ(ToHex(checkpoint->root), "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62");
  EXPECT_EQ(checkpoint->extensions, "");
  EXPECT_EQ(checkpoint->Text(), kExampleCheckpoint);
}

TEST(CheckpointTest, SizesFromNothingTo63BitsRead) {
  for (const uint64_t size : {uint64_t{0}, uint64_t{1}, uint64_t{10}, uint64_t{INT64_MAX}}) {
    const Checkpoint checkpoint{"log", size, Sha256Of("root"), ""};
    const auto read = ParseCheckpoint(checkpoint.Text());
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, checkpoint);
  }
}

TEST(CheckpointTest, FurtherLinesAreKeptForTheSignatureAndNotRead) {
  const std::string text = std::string(kExampleCheckpoint) + "an extension\n+ another \xe2\x80\x94 one\n";
  const auto checkpoint = ParseCheckpoint(text);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->extensions, "an extension\n+ another \xe2\x80\x94 one\n");
  EXPECT_EQ(checkpoint->Text(), text);
}

TEST(CheckpointTest, ASizeThatIsNoPlainNumberIsRefused) {
  for (const std::string_view size : {"", "00", "020852163", "+1", "-1", " 1", "1 ", "1.0", "0x10", "1e3", "1,000", "九", "9223372036854775808", "18446744073709551616", "99999999999999999999999"}) {
    RefusesCheckpoint(WithLines("log", size, kSomeRoot), "line 2 of the checkpoint is '" + std::string(size) + "'");
  }
}

TEST(CheckpointTest, ARootThatIsNot32BytesInBase64IsRefused) {
  RefusesCheckpoint("log\n1\n", "line 3 of the checkpoint is 'missing'");
  for (const std::string_view root : {"", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I", "CsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=",
                                      " CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I==", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==",
                                      "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2IA", "CsUYapGGPo4dkMgIAUqom Xajj7h2fB2MPA3j2jxq2I="}) {
    RefusesCheckpoint(WithLines("log", "1", root), "line 3 of the checkpoint is '" + std::string(root) + "'");
  }
}

TEST(CheckpointTest, AnOriginThatIsEmptyOrHoldsControlCharactersIsRefused) {
  RefusesCheckpoint(WithLines("", "1", kSomeRoot), "line 1 of the checkpoint");
  RefusesCheckpoint(WithLines("lo\tg", "1", kSomeRoot), "line 1 of the checkpoint");
  RefusesCheckpoint(WithLines("log\r", "1", kSomeRoot), "line 1 of the checkpoint");
  RefusesCheckpoint(WithLines("log\x7f", "1", kSomeRoot), "line 1 of the checkpoint");
  RefusesCheckpoint(WithLines(std::string_view("l\0g", 3), "1", kSomeRoot), "line 1 of the checkpoint");
}

TEST(CheckpointTest, LinesThatAreMissingCutOrEmptyAreRefused) {
  RefusesCheckpoint("", "does not end with a newline");
  RefusesCheckpoint(kExampleCheckpoint.substr(0, kExampleCheckpoint.size() - 1), "does not end with a newline");
  RefusesCheckpoint("log\n", "line 2 of the checkpoint is 'missing'");
  RefusesCheckpoint(std::string(kExampleCheckpoint) + "\n", "line 4 of the checkpoint");
  RefusesCheckpoint(std::string(kExampleCheckpoint) + "one\n\ntwo\n", "line 5 of the checkpoint");
  RefusesCheckpoint(std::string(kExampleCheckpoint) + "o\x01ne\n", "line 4 of the checkpoint");
  RefusesCheckpoint("\n" + std::string(kExampleCheckpoint), "line 1 of the checkpoint");
}

TEST(CheckpointTest, NoTwoTextsAreOneCheckpoint) {
  const std::string good(kExampleCheckpoint);
  const Checkpoint original = *ParseCheckpoint(good);
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string flipped = good;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const auto read = ParseCheckpoint(flipped);
    if (!read.ok()) continue;
    EXPECT_NE(*read, original) << bit;
    EXPECT_EQ(read->Text(), flipped);
  }
}

TEST(CheckpointTest, ALogIsNamedAfterItsStore) { EXPECT_EQ(LogOrigin("3f21"), "songhua/3f21"); }

}  // namespace
}  // namespace songhua::proofs
