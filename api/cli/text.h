// Small text helpers of the command line: names in their several spellings, numbers for people, wrapping, and the nearest match of a word
// that was mistyped. Pure functions; any thread.
#ifndef SONGHUA_API_CLI_TEXT_H_
#define SONGHUA_API_CLI_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace songhua::api::cli {

// "TransferUnits" -> "transfer-units", "WhoAmI" -> "who-am-i".
std::string KebabCase(std::string_view camel);
// "request_id" -> "request-id".
std::string FlagCase(std::string_view snake);
// "PARTLY_FILLED" or "buyer_account" -> "partly filled", "buyer account".
std::string Words(std::string_view snake);
std::string UpperCase(std::string_view text);
std::string LowerCase(std::string_view text);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);
std::vector<std::string> Split(std::string_view text, char separator);
// Without blanks at either end.
std::string Trim(std::string_view text);

// 1234567 -> "1,234,567".
std::string Thousands(int64_t value);
// value / 10^decimals, with separators and without needless zeros, but at least `least` decimals: (1234500, 6, 0) -> "1.2345",
// (800000, 2, 2) -> "8,000.00".
std::string Decimal(int64_t value, int decimals, int least);

// The columns that the text takes in a terminal: Chinese characters take two.
size_t DisplayWidth(std::string_view utf8);
// Broken into lines of at most `width` columns, each but the first indented by `indent`.
std::string Wrap(std::string_view text, size_t width, size_t indent);
// The first sentence of a comment, without its full stop.
std::string FirstSentence(std::string_view text);
// Without what stands in parentheses.
std::string WithoutAsides(std::string_view text);

// The candidate that `word` most likely stands for; empty where none is near. Ties go to the first.
std::string NearestMatch(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_TEXT_H_
