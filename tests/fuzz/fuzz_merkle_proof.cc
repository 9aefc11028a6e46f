// A verifier given any sizes and hashes answers and ends; and what the prover makes for a small tree holds, unless a byte of it is changed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "ledger/check.h"
#include "ledger/codec.h"
#include "ledger/merkle_log.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  uint64_t first = 0, second = 0;
  songhua::Decoder decoder(std::string_view(reinterpret_cast<const char*>(data), size));
  decoder(first, second);
  if (!decoder.ok()) return 0;
  data += 16;
  size -= 16;
  std::vector<songhua::Digest> proof(std::min<size_t>(size / 32, 70));
  for (size_t i = 0; i < proof.size(); ++i) std::memcpy(proof[i].data(), data + 32 * i, 32);
  const songhua::Digest leaf = songhua::LeafHash("leaf"), root = songhua::LeafHash("root");
  // Nobody finds a proof for these by chance.
  SONGHUA_CHECK(!songhua::VerifyInclusion(first, second, leaf, proof, root).ok());
  SONGHUA_CHECK(!songhua::VerifyConsistency(first, second, leaf, root, proof).ok());

  const uint64_t tree_size = 1 + second % 64, index = first % tree_size;
  std::vector<songhua::Digest> leaves;
  for (uint64_t i = 0; i < tree_size; ++i) leaves.push_back(songhua::LeafHash(songhua::EncodeValue(i)));
  const songhua::NodeReader nodes = songhua::NodesFromLeaves([&](uint64_t i) -> absl::StatusOr<songhua::Digest> { return leaves[i]; });
  const songhua::Digest tree_root = songhua::MerkleRoot(leaves);
  std::vector<songhua::Digest> good = *songhua::InclusionProof(index, tree_size, nodes);
  SONGHUA_CHECK(songhua::VerifyInclusion(index, tree_size, leaves[index], good, tree_root).ok());
  if (!good.empty() && size > 0) {
    good[data[0] % good.size()][size % 32] ^= 1;
    SONGHUA_CHECK(!songhua::VerifyInclusion(index, tree_size, leaves[index], good, tree_root).ok());
  }
  return 0;
}
