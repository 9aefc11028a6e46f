#include "exchange/orders.h"

#include "exchange/off_book.h"
#include "ledger/check.h"
#include "ledger/legal_time.h"
#include "ledger/names.h"

namespace songhua::exchange {
namespace {

std::string_view StateName(EndReason reason, Quantity open, Quantity filled) {
  switch (reason) {
    case EndReason::kNone:
      if (open == Quantity()) return "FILLED";
      return filled == Quantity() ? "SUBMITTED" : "PARTLY_FILLED";
    case EndReason::kByOwner:
    case EndReason::kSuperseded:
    case EndReason::kRestOfIoc:
    case EndReason::kRestOfTake: return "CANCELLED";
    default: return "SYSTEM_CANCELLED";
  }
}

}  // namespace

v1::Side ToProto(Side side) { return side == Side::kBuy ? v1::BUY : v1::SELL; }

std::string_view EndReasonName(EndReason reason) {
  switch (reason) {
    case EndReason::kNone: return "";
    case EndReason::kByOwner: return "BY_OWNER";
    case EndReason::kRestOfIoc: return "REST_OF_IOC";
    case EndReason::kRestOfTake: return "REST_OF_TAKE";
    case EndReason::kSessionClosed: return "SESSION_CLOSED";
    case EndReason::kPermitRevoked: return "PERMIT_REVOKED";
    case EndReason::kCourtFreeze: return "COURT_FREEZE";
    case EndReason::kPermitSuspended: return "PERMIT_SUSPENDED";
    case EndReason::kAccountRestricted: return "ACCOUNT_RESTRICTED";
    case EndReason::kBelowBasePrice: return "BELOW_BASE_PRICE";
    case EndReason::kPermitEnded: return "PERMIT_ENDED";
    case EndReason::kSiteSuspended: return "SITE_SUSPENDED";
    case EndReason::kTraderBarred: return "TRADER_BARRED";
    case EndReason::kMarketHalt: return "MARKET_HALT";
    case EndReason::kCreditLost: return "CREDIT_LOST";
    case EndReason::kCallVoid: return "CALL_VOID";
    case EndReason::kAfterCallEnd: return "AFTER_CALL_END";
    case EndReason::kRegionStatus: return "REGION_STATUS";
    case EndReason::kSelfTrade: return "SELF_TRADE";
    case EndReason::kExpired: return "EXPIRED";
    case EndReason::kTermsChanged: return "TERMS_CHANGED";
    case EndReason::kNotFillable: return "NOT_FILLABLE";
    case EndReason::kSuperseded: return "SUPERSEDED";
    case EndReason::kRightsInArrears: return "RIGHTS_IN_ARREARS";
    case EndReason::kOverHoldingLimit: return "OVER_HOLDING_LIMIT";
  }
  return "";
}

EndReason EndReasonOf(OrderRefusal refusal) {
  switch (refusal) {
    case OrderRefusal::kNone: return EndReason::kNone;
    case OrderRefusal::kOutsideBasin:
    case OrderRefusal::kOutsideZone:
    case OrderRefusal::kOutsideProvince:
    case OrderRefusal::kOverIndicator:
    case OrderRefusal::kNetInflow: return EndReason::kRegionStatus;
    case OrderRefusal::kOtherSourceClass:
    case OrderRefusal::kOutsideTradingGroup: return EndReason::kTermsChanged;
    case OrderRefusal::kTraderBarred: return EndReason::kTraderBarred;
    case OrderRefusal::kRightsInArrears: return EndReason::kRightsInArrears;
    case OrderRefusal::kNoPermit:
    case OrderRefusal::kPermitNotInForce: return EndReason::kPermitEnded;
    case OrderRefusal::kSiteSuspended: return EndReason::kSiteSuspended;
    case OrderRefusal::kCreditGate: return EndReason::kCreditLost;
    case OrderRefusal::kAccountRestricted: return EndReason::kAccountRestricted;
    case OrderRefusal::kHoldingLimit: return EndReason::kOverHoldingLimit;
    default: break;  // what is refused of a command, never of what is open
  }
  SONGHUA_CHECK(false);
  return EndReason::kNone;
}

v1::Order ToProto(const OrderRow& row, const std::string& contract_name, const std::string& account_name, Price floor) {
  v1::Order order;
  order.set_name(ledger::MakeName("orders", row.number));
  order.set_contract(contract_name);
  order.set_account(account_name);
  order.set_side(ToProto(row.side));
  order.set_price_fen(row.price.value());
  order.set_quantity(row.quantity().value());
  order.set_open_quantity(row.open.value());
  order.set_filled_quantity(row.filled.value());
  const bool suspended = row.open > Quantity() && row.IsBelow(floor) && !row.off_book();
  order.set_state(row.halted               ? "SUSPENDED_HALT"
                  : row.trigger != Price() ? "WAITING_FOR_TRIGGER"
                  : suspended              ? "SUSPENDED_PRICE"
                                           : std::string(StateName(EndReason::kNone, row.open, row.filled)));
  order.set_display_quantity(row.display.value());
  order.set_trigger_price_fen(row.trigger.value());
  order.set_market(row.market);
  if (row.good_till != Date{}) order.set_good_till_date(FormatDate(row.good_till));
  if (row.first_slice.lot != 0) order.add_lots(ledger::MakeName("lots", row.first_slice.lot));
  for (const LotSlice& slice : row.more_slices) order.add_lots(ledger::MakeName("lots", slice.lot));
  order.set_form(row.form);
  order.set_origin(OriginName(row.form, row.origin));
  return order;
}

v1::Order ToProto(const OrderHistoryRow& row, const std::string& contract_name, const std::string& account_name) {
  v1::Order order;
  order.set_name(ledger::MakeName("orders", row.number));
  order.set_contract(contract_name);
  order.set_account(account_name);
  order.set_side(ToProto(row.side));
  order.set_price_fen(row.price.value());
  order.set_quantity(row.quantity.value());
  order.set_filled_quantity(row.filled.value());
  order.set_state(std::string(StateName(row.reason, Quantity(), row.filled)));
  order.set_cancel_reason(std::string(EndReasonName(row.reason)));
  for (ledger::LotNumber lot : row.lots) order.add_lots(ledger::MakeName("lots", lot));
  order.set_form(row.form);
  order.set_origin(OriginName(row.form, row.origin));
  return order;
}

}  // namespace songhua::exchange
