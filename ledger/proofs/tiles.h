// Where the hashes of a log stand in tiles (C2SP tlog-tiles): files of 256 hashes, that anybody can copy and serve, so that a log's history outlives its service.
//
//   tile/<level>/<index>[.p/<width>]    the hashes of level 8 x level, 32 bytes each; the last one of a level may be partial
//
// Everything here is a pure function or a plain value.
#ifndef SONGHUA_LEDGER_PROOFS_TILES_H_
#define SONGHUA_LEDGER_PROOFS_TILES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace songhua::proofs {

inline constexpr uint64_t kTileWidth = 256;
// Of 2^63 leaves.
inline constexpr uint32_t kTileLevelMax = 7;
inline constexpr uint64_t kTileIndexMax = (uint64_t{1} << 55) - 1;

struct Tile {
  uint32_t level = 0;
  uint64_t index = 0;
  uint32_t width = kTileWidth;  // hashes in it, from 1 on; kTileWidth: a full one
  friend bool operator==(const Tile&, const Tile&) = default;
};

// "tile/0/x001/x234/067", "tile/1/000.p/17".
std::string TilePath(const Tile& tile);
// INVALID_ARGUMENT: anything that TilePath would not print of a tile within these bounds.
absl::StatusOr<Tile> ParseTilePath(std::string_view path);

// All tiles of a tree of `size` leaves, full ones before the partial one, level by level. REQUIRES: size <= 2^32 (a caller that wants more walks by itself).
std::vector<Tile> TilesOfTree(uint64_t size);
// Whether a tree of `size` leaves has the tile: all its hashes are of perfect subtrees inside the tree. A partial tile exists from the size on that fills it so far.
bool TreeHasTile(uint64_t size, const Tile& tile);

}  // namespace songhua::proofs

#endif  // SONGHUA_LEDGER_PROOFS_TILES_H_
