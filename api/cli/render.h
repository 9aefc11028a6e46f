// Answers for people: lists as tables, one resource as names and values, the order book as a ladder; yuan for fen, tonnes for steps,
// Shanghai time. And for programs: protobuf's JSON, with the names of the proto.
#ifndef SONGHUA_API_CLI_RENDER_H_
#define SONGHUA_API_CLI_RENDER_H_

#include <ostream>
#include <string>
#include <vector>

#include "api/cli/units.h"
#include "google/protobuf/message.h"

namespace songhua::api::cli {

// What of an answer is shown, and how.
struct View {
  std::vector<std::string> columns;  // fields of a list's rows, in this order; empty: all that have a value
};

// The whole answer; last, a line with its sequence and time.
void PrintAnswer(const google::protobuf::Message& answer, const View& view, Units* units, std::ostream& out);

// One line, without the line's end.
std::string ToJson(const google::protobuf::Message& message);

// "2026-01-05 09:30:00" of a google.protobuf.Timestamp, in Shanghai; empty for none.
std::string FormatTime(const google::protobuf::Message& timestamp);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_RENDER_H_
