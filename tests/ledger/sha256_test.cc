#include "ledger/sha256.h"

#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/refusal.h"
#include "tests/ledger/seeded_values.h"

namespace songhua {
namespace {

TEST(Sha256Test, GivesThePublishedDigests) {  // FIPS 180-2, appendix B, and the empty message
  EXPECT_EQ(ToHex(Sha256Of("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(ToHex(Sha256Of()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(ToHex(Sha256Of("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ToHex(Sha256Of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(ToHex(Sha256Of(std::string(1'000'000, 'a'))), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, PartsAreLaidEndToEnd) {
  SeededValues random(1);
  SCOPED_TRACE(random.Trace());
  for (int i = 0; i < 500; ++i) {
    std::string message(static_cast<size_t>(random.Between(0, 300)), '\0');
    for (char& c : message) c = static_cast<char>(random.Between(0, 255));
    const auto cut = static_cast<size_t>(random.Between(0, static_cast<int64_t>(message.size())));
    const Digest whole = Sha256Of(message);
    EXPECT_EQ(Sha256Of(message.substr(0, cut), std::string_view(message).substr(cut)), whole);
    Sha256 hash;
    for (char c : message) hash.Update(std::string_view(&c, 1));
    EXPECT_EQ(hash.Finish(), whole);
  }
}

TEST(Sha256Test, FinishStartsTheNextMessage) {
  Sha256 hash;
  EXPECT_EQ(hash.Update("abc").Finish(), Sha256Of("abc"));
  EXPECT_EQ(hash.Update("de").Finish(), Sha256Of("de"));
  EXPECT_EQ(hash.Finish(), Sha256Of(""));
}

TEST(Sha256Test, ADigestCanBeAPart) {
  const Digest inner = Sha256Of("inner");
  Sha256 hash;
  EXPECT_EQ(hash.Update("x").Update(inner).Finish(), Sha256Of("x", AsBytes(inner)));
}

TEST(Sha256Test, ThreadsDoNotDisturbEachOther) {
  const Digest expected = Sha256Of("left", "right");
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2'000; ++i) wrong[t] += Sha256Of("left", "right") != expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(Sha256Test, HexRoundTripsInEitherCase) {
  const Digest digest = Sha256Of("abc");
  EXPECT_EQ(*FromHex(ToHex(digest)), digest);
  EXPECT_EQ(*FromHex("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"), digest);
  EXPECT_EQ(ToHex(std::string_view("\x00\xff\x10", 3)), "00ff10");
}

TEST(Sha256Test, MalformedHexIsRefusedWithThePlace) {
  const std::string hex = ToHex(Sha256Of("abc"));
  EXPECT_EQ(GetRefusal(FromHex(hex.substr(1), "root").status())->value, "63 characters");
  EXPECT_EQ(GetRefusal(FromHex(hex + "0", "root").status())->value, "65 characters");
  for (char bad : {'g', 'G', '/', ':', '@', '`', ' ', '\0'}) {
    std::string broken = hex;
    broken[63] = bad;
    const absl::Status status = FromHex(broken, "root").status();
    ASSERT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_EQ(GetRefusal(status)->field, "root");
    EXPECT_EQ(GetRefusal(status)->value, "not a hexadecimal digit at position 63");
  }
}

TEST(Sha256Test, ConstantTimeComparisonIsEquality) {
  Digest a = Sha256Of("abc");
  Digest b = a;
  EXPECT_TRUE(ConstantTimeEqual(a, b));
  b[31] ^= 1;
  EXPECT_FALSE(ConstantTimeEqual(a, b));
  EXPECT_TRUE(ConstantTimeEqual("", ""));
  EXPECT_FALSE(ConstantTimeEqual("a", "ab"));
  EXPECT_FALSE(ConstantTimeEqual("ab", "ac"));
}

}  // namespace
}  // namespace songhua
