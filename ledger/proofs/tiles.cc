#include "ledger/proofs/tiles.h"

#include <charconv>
#include <utility>

#include "absl/strings/str_format.h"
#include "ledger/check.h"

namespace songhua::proofs {
namespace {

constexpr uint32_t kTileBits = 8;

// How many hashes a tree of `size` leaves has at the tiles' level.
uint64_t HashesAt(uint64_t size, uint32_t level) { return size >> (kTileBits * level); }

}  // namespace

std::string TilePath(const Tile& tile) {
  std::string index = absl::StrFormat("%03d", tile.index % 1000);
  for (uint64_t rest = tile.index / 1000; rest > 0; rest /= 1000) index = "x" + absl::StrFormat("%03d", rest % 1000) + "/" + index;
  std::string path = "tile/" + std::to_string(tile.level) + "/" + index;
  if (tile.width < kTileWidth) path += ".p/" + std::to_string(tile.width);
  return path;
}

absl::StatusOr<Tile> ParseTilePath(std::string_view path) {
  const auto refuse = [&] {
    return absl::InvalidArgumentError("'" + std::string(path.substr(0, 80)) + "' is no path of a tile; accepted: tile/LEVEL/INDEX or tile/LEVEL/INDEX.p/WIDTH, as tile/0/x001/x234/067");
  };
  const auto number = [](std::string_view text, uint64_t* value) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), *value);
    return !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size();
  };
  std::string_view rest = path;
  constexpr std::string_view kHead = "tile/";
  if (rest.substr(0, kHead.size()) != kHead) return refuse();
  rest.remove_prefix(kHead.size());
  Tile tile;
  uint64_t value = 0;
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos || !number(rest.substr(0, slash), &value) || value > kTileLevelMax) return refuse();
  tile.level = static_cast<uint32_t>(value);
  rest.remove_prefix(slash + 1);
  if (const size_t partial = rest.find(".p/"); partial != std::string_view::npos) {
    if (!number(rest.substr(partial + 3), &value) || value < 1 || value >= kTileWidth) return refuse();
    tile.width = static_cast<uint32_t>(value);
    rest = rest.substr(0, partial);
  }
  while (true) {
    const size_t end = rest.find('/');
    std::string_view group = rest.substr(0, end);
    const bool last = end == std::string_view::npos;
    if (!last && (group.empty() || group.front() != 'x')) return refuse();
    if (!last) group.remove_prefix(1);
    if (group.size() != 3 || group.find_first_not_of("0123456789") != std::string_view::npos || !number(group, &value)) return refuse();
    if (tile.index > kTileIndexMax / 1000) return refuse();
    tile.index = tile.index * 1000 + value;
    if (tile.index > kTileIndexMax) return refuse();
    if (last) break;
    rest.remove_prefix(end + 1);
  }
  if (TilePath(tile) != path) return refuse();  // leading zeros, groups of zeros
  return tile;
}

std::vector<Tile> TilesOfTree(uint64_t size) {
  SONGHUA_CHECK(size <= uint64_t{1} << 32);
  std::vector<Tile> tiles;
  for (uint32_t level = 0; HashesAt(size, level) > 0; ++level) {
    const uint64_t hashes = HashesAt(size, level);
    for (uint64_t index = 0; index < hashes / kTileWidth; ++index) tiles.push_back({level, index, static_cast<uint32_t>(kTileWidth)});
    if (hashes % kTileWidth > 0) tiles.push_back({level, hashes / kTileWidth, static_cast<uint32_t>(hashes % kTileWidth)});
  }
  return tiles;
}

bool TreeHasTile(uint64_t size, const Tile& tile) {
  if (tile.level > kTileLevelMax || tile.width < 1 || tile.width > kTileWidth || tile.index > UINT64_MAX / kTileWidth - 1) return false;
  return tile.index * kTileWidth + tile.width <= HashesAt(size, tile.level);
}

}  // namespace songhua::proofs
