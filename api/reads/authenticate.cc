#include "api/reads/authenticate.h"

#include "ledger/refusal.h"
#include "ledger/sha256.h"

namespace songhua::api {
namespace {

absl::Status UnknownToken(std::string_view reason, std::string_view accepted) {
  return Refuse(absl::StatusCode::kUnauthenticated, reason).Rule("GEN-13").Field("authorization").Accepted(accepted);
}

template <class Row>
absl::StatusOr<std::optional<Row>> GetRow(Store& store, const std::string& key) {
  auto read = store.Get(static_cast<TableId>(Row::kTable), EncodeRowKey(key));
  SONGHUA_RETURN_IF_ERROR(read.status());
  if (!read->found) return std::optional<Row>();
  Row row;
  SONGHUA_RETURN_IF_ERROR(DecodeValue(read->value, &row));
  return std::optional<Row>(std::move(row));
}

}  // namespace

absl::StatusOr<Caller> Authenticate(ReadSide& side, std::string_view token) {
  SONGHUA_ASSIGN_OR_RETURN(const Moment moment, side.NewestMoment());
  Caller caller;
  caller.token_sha256 = ToHex(Sha256Of(token));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, GetRow<ledger::TokenRow>(side.store(), caller.token_sha256));
  if (!row.has_value()) return UnknownToken("UNKNOWN_TOKEN", "a bearer token that an operator has admitted");
  if (row->revoked) return UnknownToken("TOKEN_REVOKED", "a token that was not revoked");
  if (!row->HoldsAt(moment.now)) {
    return UnknownToken("TOKEN_EXPIRED", "a token that has not expired; this one ended " + FormatTimestamp(row->expire_time));
  }
  SONGHUA_ASSIGN_OR_RETURN(auto person, GetRow<ledger::PersonRow>(side.store(), row->person));
  if (!person.has_value()) return absl::InternalError("the row of person " + row->person + " is missing");
  caller.person = *std::move(person);
  return caller;
}

}  // namespace songhua::api
