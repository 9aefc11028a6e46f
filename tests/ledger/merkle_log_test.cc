// The tree against RFC 6962's golden values (TV-40), the public conformance proofs, and a slow recursive definition.
#include "ledger/merkle_log.h"

#include <boost/json/src.hpp>
#include <bit>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/codec.h"

namespace songhua {
namespace {

std::string ReadFile(const std::string& name) {
  std::ifstream in(std::string(SONGHUA_TESTDATA) + "/conformance/" + name, std::ios::binary);
  EXPECT_TRUE(in.good()) << name;
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

std::string FromHexBytes(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

std::string FromBase64(const std::string& text) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<uint32_t>(alphabet.find(c));
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>(bits >> count));
    }
  }
  return bytes;
}

// The files also hold hashes of a wrong length, which our types cannot: another digest in their place keeps equal roots equal and different ones different.
Digest DigestOf(const boost::json::value& base64, const std::string& what = "root") {
  const std::string bytes = FromBase64(std::string(base64.as_string()));
  if (bytes.size() != sizeof(Digest)) return Sha256Of("not a digest", what, bytes);
  Digest digest;
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(digest.data()));
  return digest;
}

std::vector<Digest> ProofOf(const boost::json::value& proof) {
  std::vector<Digest> digests;
  if (!proof.is_null()) {
    for (const boost::json::value& digest : proof.as_array()) digests.push_back(DigestOf(digest));
  }
  return digests;
}

std::vector<boost::json::value> LinesOf(const std::string& name) {
  std::vector<boost::json::value> values;
  std::istringstream in(ReadFile(name));
  for (std::string line; std::getline(in, line);) values.push_back(boost::json::parse(line));
  return values;
}

std::vector<Digest> SomeLeaves(uint64_t n) {
  std::vector<Digest> leaves;
  for (uint64_t i = 0; i < n; ++i) leaves.push_back(LeafHash(EncodeValue(i)));
  return leaves;
}

// MTH of RFC 6962, as it is written there.
Digest SlowRoot(const std::vector<Digest>& leaves, size_t begin, size_t end) {
  if (begin == end) return Sha256Of("");
  if (end - begin == 1) return leaves[begin];
  size_t k = 1;
  while (2 * k < end - begin) k *= 2;
  return NodeHash(SlowRoot(leaves, begin, begin + k), SlowRoot(leaves, begin + k, end));
}

NodeReader ReaderOf(const std::vector<Digest>& leaves) {
  return NodesFromLeaves([&leaves](uint64_t index) -> absl::StatusOr<Digest> {
    if (index >= leaves.size()) return absl::OutOfRangeError("beyond the tree");
    return leaves[index];
  });
}

TEST(MerkleLogTest, GoldenTreeOfRfc6962HasItsRoots) {
  const boost::json::value golden = boost::json::parse(ReadFile("rfc6962_roots.json"));
  const auto& roots = golden.at("roots_hex").as_array();
  const auto& leaves = golden.at("leaves_hex").as_array();
  ASSERT_EQ(roots.size(), leaves.size() + 1);
  MerkleFrontier frontier;
  std::vector<Digest> hashes;
  for (size_t size = 0;; ++size) {
    EXPECT_EQ(ToHex(frontier.Root()), std::string(roots[size].as_string())) << size;
    EXPECT_EQ(MerkleRoot(hashes), frontier.Root());
    EXPECT_EQ(*RootOfSize(size, ReaderOf(hashes)), frontier.Root());
    if (size == leaves.size()) break;
    hashes.push_back(LeafHash(FromHexBytes(std::string(leaves[size].as_string()))));
    frontier.Append(hashes.back());
  }
  // TV-40: leaf hash 1, and a node of level 1 and 2.
  EXPECT_EQ(ToHex(hashes[1]), "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
  EXPECT_EQ(ToHex(*ReaderOf(hashes)(1, 3)), "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0");
  EXPECT_EQ(ToHex(*ReaderOf(hashes)(2, 1)), "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
}

TEST(MerkleLogTest, PublicInclusionProofsAreAcceptedAndRefusedAsTheySay) {
  const std::vector<boost::json::value> cases = LinesOf("merkle_inclusion.jsonl");
  EXPECT_EQ(cases.size(), 98u);
  for (const boost::json::value& c : cases) {
    const absl::Status status = VerifyInclusion(c.at("leafIdx").to_number<uint64_t>(), c.at("treeSize").to_number<uint64_t>(),
                                                DigestOf(c.at("leafHash"), "leaf"), ProofOf(c.at("proof")), DigestOf(c.at("root")));
    EXPECT_EQ(!status.ok(), c.at("wantErr").as_bool()) << c.at("_file").as_string() << ": " << c.at("desc").as_string() << ": " << status;
  }
}

TEST(MerkleLogTest, PublicConsistencyProofsAreAcceptedAndRefusedAsTheySay) {
  const std::vector<boost::json::value> cases = LinesOf("merkle_consistency.jsonl");
  EXPECT_EQ(cases.size(), 98u);
  for (const boost::json::value& c : cases) {
    const absl::Status status = VerifyConsistency(c.at("size1").to_number<uint64_t>(), c.at("size2").to_number<uint64_t>(),
                                                  DigestOf(c.at("root1")), DigestOf(c.at("root2")), ProofOf(c.at("proof")));
    EXPECT_EQ(!status.ok(), c.at("wantErr").as_bool()) << c.at("_file").as_string() << ": " << c.at("desc").as_string() << ": " << status;
  }
}

TEST(MerkleLogTest, FrontierAgreesWithTheRecursiveDefinitionAtEverySize) {
  const std::vector<Digest> leaves = SomeLeaves(600);
  MerkleFrontier frontier;
  std::map<std::pair<uint32_t, uint64_t>, Digest> stored;
  for (size_t size = 0; size <= leaves.size(); ++size) {
    ASSERT_EQ(frontier.Root(), SlowRoot(leaves, 0, size)) << size;
    ASSERT_TRUE(frontier.Valid());
    MerkleFrontier decoded;
    ASSERT_TRUE(DecodeValue(EncodeValue(frontier), &decoded).ok());
    ASSERT_EQ(decoded, frontier);
    if (size == leaves.size()) break;
    std::vector<MerkleNode> completed;
    stored[{0, size}] = leaves[size];
    frontier.Append(leaves[size], &completed);
    for (const MerkleNode& node : completed) stored[{node.level, node.index}] = node.hash;
  }
  // 600 leaves complete two subtrees of level 8.
  EXPECT_EQ(stored.size(), leaves.size() + 2);
  EXPECT_EQ((stored[{8, 1}]), SlowRoot(leaves, 256, 512));
  const NodeReader nodes = NodesFromStored([&](uint32_t level, uint64_t index) -> absl::StatusOr<Digest> {
    const auto it = stored.find({level, index});
    if (it == stored.end()) return absl::DataLossError("not stored");
    return it->second;
  });
  for (size_t size = 0; size <= leaves.size(); size += 7) {
    EXPECT_EQ(*RootOfSize(size, nodes), SlowRoot(leaves, 0, size)) << size;
    EXPECT_EQ(FrontierOfSize(size, nodes)->Root(), SlowRoot(leaves, 0, size)) << size;
  }
}

TEST(MerkleLogTest, EveryInclusionProofHoldsAndNoAlteredOneDoes) {
  const std::vector<Digest> leaves = SomeLeaves(70);
  for (uint64_t size = 1; size <= leaves.size(); ++size) {
    const Digest root = SlowRoot(leaves, 0, size);
    for (uint64_t index = 0; index < size; ++index) {
      std::vector<Digest> proof = *InclusionProof(index, size, ReaderOf(leaves));
      ASSERT_TRUE(VerifyInclusion(index, size, leaves[index], proof, root).ok()) << index << " of " << size;
      EXPECT_FALSE(VerifyInclusion(index, size, LeafHash("other"), proof, root).ok());
      EXPECT_FALSE(VerifyInclusion(index ^ 1, size, leaves[index], proof, root).ok());
      proof.push_back(root);
      EXPECT_FALSE(VerifyInclusion(index, size, leaves[index], proof, root).ok());
      proof.pop_back();
      if (proof.empty()) continue;
      proof[index % proof.size()][5] ^= 1;
      EXPECT_FALSE(VerifyInclusion(index, size, leaves[index], proof, root).ok());
      proof.pop_back();
      EXPECT_FALSE(VerifyInclusion(index, size, leaves[index], proof, root).ok());
    }
    EXPECT_TRUE(absl::IsOutOfRange(InclusionProof(size, size, ReaderOf(leaves)).status()));
  }
}

TEST(MerkleLogTest, EveryConsistencyProofHoldsAndNoAlteredOneDoes) {
  const std::vector<Digest> leaves = SomeLeaves(70);
  for (uint64_t size = 1; size <= leaves.size(); ++size) {
    const Digest root = SlowRoot(leaves, 0, size);
    for (uint64_t old_size = 1; old_size <= size; ++old_size) {
      const Digest old_root = SlowRoot(leaves, 0, old_size);
      std::vector<Digest> proof = *ConsistencyProof(old_size, size, ReaderOf(leaves));
      ASSERT_TRUE(VerifyConsistency(old_size, size, old_root, root, proof).ok()) << old_size << " to " << size;
      EXPECT_FALSE(VerifyConsistency(old_size, size, LeafHash("other"), root, proof).ok());
      EXPECT_FALSE(VerifyConsistency(old_size, size, old_root, LeafHash("other"), proof).ok());
      proof.push_back(root);
      EXPECT_FALSE(VerifyConsistency(old_size, size, old_root, root, proof).ok());
      proof.pop_back();
      if (proof.empty()) continue;
      proof[old_size % proof.size()][5] ^= 1;
      EXPECT_FALSE(VerifyConsistency(old_size, size, old_root, root, proof).ok());
    }
    EXPECT_TRUE(absl::IsOutOfRange(ConsistencyProof(size + 1, size, ReaderOf(leaves)).status()));
  }
}

TEST(MerkleLogTest, AFrontierThatCannotBeIsRefused) {
  EXPECT_FALSE(MerkleFrontier::FromParts(3, {Digest{}}).ok());
  EXPECT_FALSE(MerkleFrontier::FromParts(0, {Digest{}}).ok());
  EXPECT_TRUE(MerkleFrontier::FromParts(4, {Digest{}}).ok());
}

}  // namespace
}  // namespace songhua
