// Check codes: what a print carries so that anybody can ask whether it is what was issued. 20 hexadecimal digits, in groups of four, of a SHA-256 over all that
// is said, in the encoding of rows. Pure functions.
#ifndef SONGHUA_LEDGER_CHECK_CODES_H_
#define SONGHUA_LEDGER_CHECK_CODES_H_

#include <string>
#include <string_view>

#include "ledger/codec.h"

namespace songhua {

// Of what is said, encoded.
std::string CheckCodeOf(std::string_view encoded);
// Of its parts in this order, the kind of print first: "songhua permit".
template <class... Parts>
std::string CheckCodeOfParts(const std::string& kind, const Parts&... parts) {
  std::string encoded;
  Encoder encoder(&encoded);
  encoder(kind, parts...);
  return CheckCodeOf(encoded);
}
// Whether a person typed this code: blanks, dashes and case do not matter.
bool SameCheckCode(std::string_view typed, std::string_view code);

}  // namespace songhua

#endif  // SONGHUA_LEDGER_CHECK_CODES_H_
