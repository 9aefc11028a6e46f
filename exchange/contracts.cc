#include "exchange/contracts.h"

#include <algorithm>
#include <numeric>

#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::exchange {
namespace {

// Rounds a price towards plus or minus infinity to whole ticks. REQUIRES: numerator >= 0.
int64_t TicksDown(__int128 numerator, __int128 denominator) { return static_cast<int64_t>(numerator / denominator); }
int64_t TicksUp(__int128 numerator, __int128 denominator) { return static_cast<int64_t>((numerator + denominator - 1) / denominator); }

// Sums of money that fit nowhere are shown as the largest that does.
int64_t ToInt64(__int128 value) { return static_cast<int64_t>(std::min<__int128>(value, std::numeric_limits<int64_t>::max())); }

unsigned __int128 Gcd(unsigned __int128 a, unsigned __int128 b) {
  while (b != 0) a = std::exchange(b, a % b);
  return a;
}

}  // namespace

absl::StatusOr<Money> FenPerLotTick(Price tick, Quantity lot, int64_t quoted_unit, Ratio term) {
  SONGHUA_CHECK(tick > Price() && lot > Quantity() && quoted_unit > 0 && term.numerator > 0 && term.denominator > 0);
  const auto exact = Evaluate({tick.value(), lot.value(), term.numerator}, {quoted_unit, term.denominator}, Rounding::kExact);
  if (exact.ok()) return Money(*exact);
  if (absl::IsOutOfRange(exact.status())) {
    return OutOfRange("contract.lot_size", std::to_string(lot.value()), "a lot and a tick whose amount fits in 64 bits of fen").Rule("GEN-06");
  }
  // A lot will do when it makes tick x term x lot a multiple of quoted_unit x denominator: the multiples of their quotient in lowest terms.
  const auto per_unit = static_cast<unsigned __int128>(tick.value()) * static_cast<unsigned __int128>(term.numerator);
  const auto whole = static_cast<unsigned __int128>(quoted_unit) * static_cast<unsigned __int128>(term.denominator);
  const auto smallest = static_cast<int64_t>(whole / Gcd(per_unit, whole));
  return Refuse(absl::StatusCode::kInvalidArgument, "NOT_WHOLE").Rule("DR-40").Field("contract.lot_size").Value(lot.value()).Accepted(
      "a multiple of " + std::to_string(smallest) + ", so that lot x tick x term is a whole number of fen");
}

bool AmountOf(const ContractRow& contract, Price price, Quantity quantity, Money* amount) {
  int64_t steps, fen;
  if (__builtin_mul_overflow(price.value() / contract.tick.value(), quantity.value() / contract.lot_size.value(), &steps)) return false;
  if (__builtin_mul_overflow(steps, contract.fen_per_lot_tick.value(), &fen)) return false;
  *amount = Money(fen);
  return true;
}

Money FeeOf(Money amount, int32_t fee_bps) {
  if (fee_bps == 0) return Money();
  return Money(static_cast<int64_t>((static_cast<__int128>(amount.value()) * fee_bps + 5'000) / 10'000));
}

BandLimits BandAround(Price reference, int32_t band_bps, Price tick) {
  const __int128 scaled = reference.value();
  const __int128 step = static_cast<__int128>(10'000) * tick.value();
  const int64_t low = std::max<int64_t>(1, TicksUp(scaled * (10'000 - band_bps), step));  // a price of zero is no price
  const int64_t high = TicksDown(scaled * (10'000 + band_bps), step);
  return {Price(low * tick.value()), Price(high * tick.value())};
}

std::optional<int64_t> CallReferenceOf(const ContractRow& contract) {
  const int64_t tick = contract.tick.value();
  const int64_t price = contract.reference_price.value() / tick * tick;
  if (price == 0) return std::nullopt;
  const int64_t floor = contract.floor.value() / tick * tick + (contract.floor.value() % tick == 0 ? 0 : tick);
  return std::max({std::min(price, contract.band_high.value()), contract.band_low.value(), floor});
}

PhaseNow PhaseAt(const ContractRow& row, Timestamp now) {
  if (!row.call.Runs()) return row.terms.day.At(now);
  if (now < row.call.latest_end) return {v1::MarketPhase::CALL, row.call.latest_end};
  return {v1::MarketPhase::BREAK, row.call.sealed && now < row.call.void_time ? row.call.void_time : EndOfDay(LocalDate(now))};
}

namespace {

v1::CallAuction::State StateOf(const CallRun& call, Timestamp now) {
  switch (call.stage) {
    case CallStage::kNone: break;
    case CallStage::kAwaitsSeal: return v1::CallAuction::AWAITS_SEAL;
    case CallStage::kCollects: return call.sealed && now >= call.latest_end ? v1::CallAuction::AWAITS_SEED : v1::CallAuction::COLLECTING;
    case CallStage::kEnded: return v1::CallAuction::ENDED;
    case CallStage::kVoid: return v1::CallAuction::VOID;
  }
  return v1::CallAuction::STATE_UNSPECIFIED;
}

v1::CallAuction ToProto(const CallRun& call, Timestamp now) {
  v1::CallAuction auction;
  auction.set_state(StateOf(call, now));
  auction.set_date(FormatDate(call.date));
  if (call.seal != Digest{}) auction.set_seed_sha256(ToHex(call.seal));
  if (call.seed != Digest{}) auction.set_seed(ToHex(call.seed));
  if (call.orders != Digest{}) auction.set_orders_sha256(ToHex(call.orders));
  *auction.mutable_end_time() = ledger::ToProto(call.end);
  *auction.mutable_latest_end_time() = ledger::ToProto(call.latest_end);
  if (call.extended || call.extended_for_market) *auction.mutable_extended_until_time() = ledger::ToProto(call.extended_until);
  auction.set_extended_for_price(call.extended);
  auction.set_extended_for_market_orders(call.extended_for_market);
  if (call.sealed && call.stage != CallStage::kEnded && call.void_time != Timestamp()) *auction.mutable_void_time() = ledger::ToProto(call.void_time);
  return auction;
}

}  // namespace

v1::Contract ToProto(const ContractRow& row, Timestamp now) {
  const bool in_session = row.InSession(LocalDate(now));
  v1::Contract contract;
  contract.set_name(ledger::MakeName("contracts", row.code));
  contract.set_program(ledger::MakeName("programs", row.program));
  contract.set_pollutant(row.pollutant);
  contract.set_control_zone(row.control_zone);
  contract.set_trading_group(row.trading_group);
  contract.set_basin(row.basin);
  if (row.right) {
    contract.set_term_first(FormatDate(row.term.first));
    contract.set_term_last(FormatDate(row.term.last));
  }
  contract.set_vintage(row.vintage);
  contract.set_price_basis(row.price_basis);
  contract.set_tick_fen(row.tick.value());
  contract.set_lot_size(row.lot_size.value());
  contract.set_rulebook(ledger::MakeName("rulebooks", row.rulebook));
  contract.set_reference_price_fen(row.reference_price.value());
  contract.set_number(row.number);
  contract.set_session(in_session ? "OPEN" : "CLOSED");
  contract.set_phase("CLOSED");
  if (in_session) {
    const PhaseNow phase = PhaseAt(row, now);
    if (row.halts > 0) {
      contract.set_phase("HALTED");
    } else if (phase.kind != v1::MarketPhase::KIND_UNSPECIFIED) {
      contract.set_phase(v1::MarketPhase::Kind_Name(phase.kind));
    }
    if (!row.terms.day.by_hand()) *contract.mutable_phase_end_time() = ledger::ToProto(phase.until);
  }
  contract.set_not_opened(row.not_opened);
  contract.set_last_price_fen(row.last_price.value());
  // Block trades are told after the close (CAR-29), so until then only those of the book.
  contract.set_session_volume((in_session ? row.bar.listed_volume : row.bar.volume).value());
  contract.set_turnover_fen(ToInt64((in_session ? row.bar.listed_turnover : row.bar.turnover).value()));
  contract.set_collecting(row.collecting);
  if (row.call.stage != CallStage::kNone && (row.call.sealed || row.terms.call.extends())) *contract.mutable_call_auction() = ToProto(row.call, now);
  if (row.bar.listed_trades > 0) {
    const BarPrices prices = row.bar.Prices(row.tick);
    contract.set_open_price_fen(prices.open.value());
    contract.set_high_price_fen(prices.high.value());
    contract.set_low_price_fen(prices.low.value());
    contract.set_average_price_fen(prices.close.value());
  }
  if (row.band_high.value() != ContractRow::kNoUpperLimit) {
    contract.set_band_low_fen(row.band_low.value());
    contract.set_band_high_fen(row.band_high.value());
  }
  return contract;
}

v1::DailyBar ToProto(const DailyBarRow& row, const std::string& contract) {
  v1::DailyBar bar;
  bar.set_contract(contract);
  bar.set_date(FormatDate(row.date));
  bar.set_open_price_fen(row.open.value());
  bar.set_high_price_fen(row.high.value());
  bar.set_low_price_fen(row.low.value());
  bar.set_close_price_fen(row.close.value());
  bar.set_listed_trades(static_cast<int64_t>(row.listed_trades));
  bar.set_listed_quantity(row.listed_volume.value());
  bar.set_trades(static_cast<int64_t>(row.trades));
  bar.set_quantity(row.volume.value());
  bar.set_turnover_fen(ToInt64(row.turnover.value()));
  return bar;
}

}  // namespace songhua::exchange
