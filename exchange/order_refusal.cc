#include "exchange/order_refusal.h"

#include <array>

#include "ledger/check.h"

namespace songhua::exchange {
namespace {

using absl::StatusCode;

constexpr std::array<OrderRefusalInfo, kOrderRefusals> kInfos = {{
    {"", "", StatusCode::kOk, ""},
    {"INVALID_FIELD", "CAR-16", StatusCode::kInvalidArgument, "side"},
    {"UNKNOWN_ORDER", "CAR-16", StatusCode::kNotFound, "name"},
    {"UNKNOWN_CONTRACT", "GEN-09", StatusCode::kNotFound, "contract"},
    {"SESSION_CLOSED", "CAR-11", StatusCode::kFailedPrecondition, "contract"},
    {"MARKET_HALTED", "CAR-27", StatusCode::kFailedPrecondition, "contract"},
    {"CALL_ENDED", "CAR-11", StatusCode::kFailedPrecondition, "contract"},
    {"DAY_ORDERS_ONLY", "CAR-23", StatusCode::kFailedPrecondition, "time_in_force"},
    {"NO_TAKES", "CAR-15", StatusCode::kFailedPrecondition, "contract"},
    {"PRICE_OFF_TICK", "CAR-10", StatusCode::kInvalidArgument, "price_fen"},
    {"QUANTITY_OFF_LOT", "CAR-10", StatusCode::kInvalidArgument, "quantity"},
    {"QUANTITY_OUTSIDE_SIZES", "CAR-12", StatusCode::kFailedPrecondition, "quantity"},
    {"PRICE_OUTSIDE_BAND", "CAR-13", StatusCode::kFailedPrecondition, "price_fen"},
    {"BELOW_BASE_PRICE", "DR-73", StatusCode::kFailedPrecondition, "price_fen"},
    {"PRICE_OUTSIDE_COLLAR", "CAR-13", StatusCode::kFailedPrecondition, "price_fen"},
    {"PRICE_GIVEN", "CAR-10", StatusCode::kInvalidArgument, "price_fen"},
    {"NO_PRICE_BOUND", "CAR-13", StatusCode::kFailedPrecondition, "type"},
    {"DISPLAY_NOT_ACCEPTED", "CAR-29", StatusCode::kFailedPrecondition, "display_quantity"},
    {"GOOD_TILL_NOT_ACCEPTED", "CAR-23", StatusCode::kFailedPrecondition, "good_till_date"},
    {"NO_STOP_ORDERS", "CAR-23", StatusCode::kFailedPrecondition, "type"},
    {"TRIGGER_NOT_ACCEPTED", "CAR-13", StatusCode::kFailedPrecondition, "trigger_price_fen"},
    {"OUT_OF_RANGE", "GEN-06", StatusCode::kOutOfRange, "quantity"},
    {"FOREIGN_ACCOUNT", "CAR-07", StatusCode::kPermissionDenied, "account"},
    {"WRONG_ACCOUNT_KIND", "CAR-08", StatusCode::kFailedPrecondition, "account"},
    {"NO_CASH_ACCOUNT", "CAR-21", StatusCode::kFailedPrecondition, "account"},
    {"LOT_NAMED_TWICE", "DR-03", StatusCode::kInvalidArgument, "lots"},
    {"UNKNOWN_LOT", "DR-03", StatusCode::kNotFound, "lot"},
    {"OTHER_POLLUTANT", "DR-20", StatusCode::kFailedPrecondition, "lot"},
    {"OTHER_BASIN", "DR-21", StatusCode::kFailedPrecondition, "lot"},
    {"OTHER_CONTROL_ZONE", "DR-22", StatusCode::kFailedPrecondition, "lot"},
    {"OTHER_TRADING_GROUP", "DR-25", StatusCode::kFailedPrecondition, "lot"},
    {"OTHER_PROGRAM", "DR-20", StatusCode::kFailedPrecondition, "lot"},
    {"OTHER_VINTAGE", "CAR-01", StatusCode::kFailedPrecondition, "lot"},
    {"TERM_NOT_COVERED", "DR-06", StatusCode::kFailedPrecondition, "lot"},
    {"OUTSIDE_BASIN", "DR-21", StatusCode::kFailedPrecondition, "account"},
    {"OUTSIDE_CONTROL_ZONE", "DR-22", StatusCode::kFailedPrecondition, "account"},
    {"OUTSIDE_TRADING_GROUP", "DR-25", StatusCode::kFailedPrecondition, "account"},
    {"OUTSIDE_TRADING_GROUP", "DR-24", StatusCode::kFailedPrecondition, "account"},
    {"OUTSIDE_PROVINCE", "DR-23", StatusCode::kFailedPrecondition, "account"},
    {"TRADER_BARRED", "DR-45", StatusCode::kFailedPrecondition, "account"},
    {"RIGHTS_IN_ARREARS", "DR-09", StatusCode::kFailedPrecondition, "account"},
    {"NOT_SURPLUS", "DR-17", StatusCode::kFailedPrecondition, "quantity"},
    {"NO_PERMIT", "DR-28", StatusCode::kFailedPrecondition, "account"},
    {"PERMIT_NOT_IN_FORCE", "DR-29", StatusCode::kFailedPrecondition, "account"},
    {"SITE_SUSPENDED", "PERMIT-57", StatusCode::kFailedPrecondition, "account"},
    {"CREDIT_GATE", "DR-29", StatusCode::kFailedPrecondition, "account"},
    {"ACCOUNT_RESTRICTED", "CAR-27", StatusCode::kFailedPrecondition, "account"},
    {"HOLDING_LIMIT", "CAR-25", StatusCode::kFailedPrecondition, "quantity"},
    {"REGION_OVER_INDICATOR", "DR-27", StatusCode::kFailedPrecondition, "quantity"},
    {"NET_INFLOW", "DR-26", StatusCode::kFailedPrecondition, "quantity"},
    {"CHOICE_OF_OTHER_CONTRACT", "CAR-16", StatusCode::kFailedPrecondition, "chosen_order"},
    {"UNKNOWN_CHOICE", "CAR-16", StatusCode::kNotFound, "chosen_order"},
    {"CHOICE_ON_OWN_SIDE", "CAR-16", StatusCode::kFailedPrecondition, "chosen_order"},
    {"SELF_TRADE", "CAR-18", StatusCode::kFailedPrecondition, "chosen_order"},
    {"CHOICE_BEYOND_LIMIT", "CAR-16", StatusCode::kFailedPrecondition, "chosen_order"},
    {"CHOICE_BEYOND_LEVELS", "CAR-15", StatusCode::kFailedPrecondition, "chosen_order"},
    {"CHOICE_BEHIND_BETTER", "CAR-16", StatusCode::kFailedPrecondition, "chosen_order"},
    {"CROSSES_BOOK", "CAR-17", StatusCode::kFailedPrecondition, "price_fen"},
    {"SELF_TRADE", "CAR-18", StatusCode::kFailedPrecondition, "price_fen"},
    {"NOT_FILLABLE", "DR-48", StatusCode::kFailedPrecondition, "quantity"},
    {"BOOK_FULL", "", StatusCode::kResourceExhausted, "contract"},
    {"FROZEN_UNITS", "PLG-29", StatusCode::kFailedPrecondition, "quantity"},
    {"PLEDGED_UNITS", "PLG-21", StatusCode::kFailedPrecondition, "quantity"},
    {"BOUGHT_TODAY", "CAR-22", StatusCode::kFailedPrecondition, "quantity"},
    {"TOO_MANY_LOTS", "DR-03", StatusCode::kFailedPrecondition, "quantity"},
    {"INSUFFICIENT_UNITS", "CAR-21", StatusCode::kFailedPrecondition, "quantity"},
    {"INSUFFICIENT_FUNDS", "CAR-21", StatusCode::kFailedPrecondition, "quantity"},
}};

static_assert(kInfos.back().reason == "INSUFFICIENT_FUNDS");

}  // namespace

const OrderRefusalInfo& Info(OrderRefusal refusal) {
  SONGHUA_CHECK(static_cast<size_t>(refusal) < kInfos.size());
  return kInfos[static_cast<size_t>(refusal)];
}

}  // namespace songhua::exchange
