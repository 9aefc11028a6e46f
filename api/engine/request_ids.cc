#include "api/engine/request_ids.h"

#include "ledger/bounds.h"
#include "ledger/codec.h"
#include "ledger/refusal.h"
#include "ledger/tables.h"

namespace songhua::api {
namespace {

// The oldest date that is taken.
Date FirstRequestDate(Date today) { return today - static_cast<int32_t>(bounds::kRequestIdDays); }

}  // namespace

absl::StatusOr<Date> ParseRequestId(std::string_view request_id) {
  const auto refuse = [&] {
    return InvalidField("request_id", request_id.substr(0, 80),
                        "the date of the first sending, a dash, and 1 to 55 of [A-Za-z0-9._-]: 20260105-pay-0001").Rule("GEN-15");
  };
  if (request_id.size() < 10 || request_id.size() > 64 || request_id[8] != '-') return refuse();
  for (char c : request_id) {
    if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '.' && c != '_' && c != '-') return refuse();
  }
  int64_t digits = 0;
  for (char c : request_id.substr(0, 8)) {
    if (c < '0' || c > '9') return refuse();
    digits = digits * 10 + (c - '0');
  }
  const auto date = FromCivil(digits / 10000, digits / 100 % 100, digits % 100, "request_id");
  if (!date.ok()) return refuse();
  return *date;
}

absl::Status CheckRequestDate(Date date, Date today, std::string_view request_id) {
  const Date first = FirstRequestDate(today);
  if (first <= date && date <= today + 1) return absl::OkStatus();
  return InvalidField("request_id", request_id,
                      "a date from " + FormatDate(first) + " to " + FormatDate(today + 1) + "; today is " + FormatDate(today)).Rule("GEN-15");
}

std::string FirstRequestKey(Timestamp time) { return EncodeKey(FirstRequestDate(LocalDate(time))); }

void RequestForgetter::Forget(Timestamp time, Store* store) {
  const Date today = LocalDate(time);
  if (today <= forgotten_on_) return;
  forgotten_on_ = today;
  store->DropBefore(static_cast<TableId>(RowTable::kIdempotency), FirstRequestKey(time));
}

}  // namespace songhua::api
