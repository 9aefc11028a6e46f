// The names of the field: unified social credit codes, permit numbers, outlet codes, regions, basins, and text that people type.
//
// Identifiers are kept as text in their official form; these functions check it, take it apart and put it together. Every refusal names the
// field, the value, the rule and what would be accepted. All functions are pure; any thread may use them.
#ifndef SONGHUA_LEDGER_IDENTIFIERS_H_
#define SONGHUA_LEDGER_IDENTIFIERS_H_

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace songhua {

// ---- Unified social credit code (GEN-10, GB 32100) ----

inline constexpr size_t kUsccLength = 18;
// The characters of a USCC in the order of their values 0..30: digits and capital letters without I, O, S, V, Z.
inline constexpr std::string_view kUsccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

// The check character of the first 17. INVALID_ARGUMENT unless these are 17 characters of the alphabet.
absl::StatusOr<char> UsccCheckCharacter(std::string_view first17, std::string_view field = "uscc");
// INVALID_ARGUMENT unless `text` is 18 characters of the alphabet that end in the right check character.
absl::Status ValidateUscc(std::string_view text, std::string_view field = "uscc");

// ---- Permit number (PERMIT-10) ----

inline constexpr char kPermitLetter = 'P';
inline constexpr char kReceiptLetter = 'W';

// 91130200699229617X001P: who, which of its sites, and what kind of document.
struct PermitNumber {
  std::string uscc;
  int32_t site_sequence = 0;    // 1..999
  char letter = kPermitLetter;  // A..Z; ours are P (permit) and W (registration receipt)

  friend auto operator<=>(const PermitNumber&, const PermitNumber&) = default;
};

enum class NumberSource : uint8_t {
  kIssued = 0,    // the holder's code must be a valid USCC
  kImported = 1,  // also the H9 substitutes of units without a USCC (PERMIT-11)
};

absl::StatusOr<PermitNumber> ParsePermitNumber(std::string_view text, std::string_view field = "permit_number",
                                               NumberSource source = NumberSource::kIssued);
// Builds a number that the platform issues. INVALID_ARGUMENT for a wrong USCC or letter, OUT_OF_RANGE for a sequence outside 1..999.
absl::StatusOr<std::string> FormatPermitNumber(std::string_view uscc, int64_t site_sequence, char letter = kPermitLetter);

// ---- Outlets and facilities within one permit (PERMIT-13) ----

enum class Medium : uint8_t { kAir = 0, kWater = 1 };
enum class PointKind : uint8_t {
  kOutlet = 0,      // DA001, DW001
  kTreatment = 1,   // TA001, TW001
  kProduction = 2,  // MF0001; the medium says nothing here
};

struct PointCode {
  PointKind kind = PointKind::kOutlet;
  Medium medium = Medium::kAir;
  int32_t number = 0;  // 1..999; 1..9999 for production facilities

  friend auto operator<=>(const PointCode&, const PointCode&) = default;
};

// Any of the three kinds.
absl::StatusOr<PointCode> ParsePointCode(std::string_view text, std::string_view field = "code");
// An outlet and nothing else.
absl::StatusOr<PointCode> ParseOutletCode(std::string_view text, std::string_view field = "outlet");
// REQUIRES: the number is within its kind's range.
std::string FormatPointCode(const PointCode& code);

// ---- Regions (GEN-11, GB/T 2260) ----

// A six-digit region code. The default, 0, is no region: it contains nothing and lies in nothing.
class Region {
 public:
  constexpr Region() = default;
  explicit constexpr Region(int32_t code) : value_(code) {}
  constexpr int32_t value() const { return value_; }
  friend constexpr auto operator<=>(Region, Region) = default;

 private:
  int32_t value_ = 0;
};

inline constexpr Region kJilinProvince(220000);
// The management committee of Changbai Mountain has no national code; the province's scheme "90" for what it runs directly gives it this
// one (GEN-11).
inline constexpr Region kChangbaiMountain(229000);

enum class RegionLevel : uint8_t { kProvince = 0, kCity = 1, kCounty = 2 };

// INVALID_ARGUMENT unless `text` is six digits in a province that exists.
absl::StatusOr<Region> ParseRegion(std::string_view text, std::string_view field = "region");
absl::Status ValidateRegion(Region region, std::string_view field = "region");
std::string FormatRegion(Region region);

// By the shape of the code: 22|00|00 province, 22|01|00 city, 22|01|02 county. Yanbian, 222400, is a city-level unit; Meihekou, 220581, a
// county-level one under Tonghua. REQUIRES: a valid region.
RegionLevel LevelOf(Region region);
// The province or city that contains the region; a province is its own.
Region ProvinceOf(Region region);
Region CityOf(Region region);
// Whether `region` is `scope` or lies inside it: 220000 contains 220100 contains 220102. False when either is no region.
bool RegionContains(Region scope, Region region);

struct NamedRegion {
  Region region;
  std::string_view chinese;
  std::string_view english;
};
// Jilin's province, city and county units in the order of their codes.
std::span<const NamedRegion> JilinRegions();
// The entry of a region, or nullptr for one that the table does not list (it may well exist).
const NamedRegion* FindRegion(Region region);

// ---- Basins (GEN-12). A basin belongs to the outlet, not to the company. ----

struct Basin {
  std::string_view code;
  std::string_view chinese;
  std::string_view english;
};
std::span<const Basin> JilinBasins();
const Basin* FindBasin(std::string_view code);
absl::Status ValidateBasin(std::string_view code, std::string_view field = "basin");

// ---- Text ----

// INVALID_ARGUMENT unless well-formed UTF-8 (no overlong forms, surrogates or values above U+10FFFF); says at which byte it goes wrong.
absl::Status ValidateUtf8(std::string_view text, std::string_view field);
// A name or title as people type it: UTF-8, not empty, at most `max_bytes`, without control characters (also those that hide or reorder
// what the reader sees), and without a blank at either end.
absl::Status ValidateName(std::string_view text, size_t max_bytes, std::string_view field);

}  // namespace songhua

#endif  // SONGHUA_LEDGER_IDENTIFIERS_H_
