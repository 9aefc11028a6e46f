// What is asked of an answer: `order.state is PARTLY_FILLED`, `lots[account=$to].quantity is 40 t`, `price is 5,000.00 yuan`.
//
// A path is names with dots, as in the proto; the name of the answer's one resource may be left out, as may "_fen", and dashes stand for underscores.
// Repeated fields are chosen from by number, [1] the first and [last], or by the value of a field, [account=...].
#ifndef SONGHUA_SIMULATIONS_SCENARIO_ANSWERS_H_
#define SONGHUA_SIMULATIONS_SCENARIO_ANSWERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "simulations/scenario/request_fields.h"

namespace songhua::simulations {

// A field of a message, and where it is repeated which one; index -1: all of it.
struct FieldPlace {
  const google::protobuf::Message* message = nullptr;
  const google::protobuf::FieldDescriptor* field = nullptr;
  int index = -1;
  // The messages from the answer down to `message`.
  std::vector<const google::protobuf::Message*> around;

  int size() const;  // of a repeated field
};

// NOT_FOUND says which part of the path names nothing.
absl::StatusOr<FieldPlace> FindPlace(const google::protobuf::Message& answer, const std::string& path);

// The value as it is on the wire: a name, whole fen, whole steps, the name of an enumeration's value.
std::string RawValue(const FieldPlace& place);
// The value as people write it: "5,000.00 yuan", "40 t/a", "2026-01-05 09:30:00".
std::string ShownValue(const FieldPlace& place, const ScaleFinder& scale_of);
// Whether the value is what the text says. INVALID_ARGUMENT where the text says nothing that the field could be.
absl::StatusOr<bool> ValueIs(const FieldPlace& place, const std::string& text, const ScaleFinder& scale_of);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_SCENARIO_ANSWERS_H_
