// Days of the market that are over, for everybody (CAR-29).
#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "exchange/contracts.h"
#include "exchange/market_statistics.h"
#include "ledger/names.h"
#include "ledger/programs.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {
namespace {

using exchange::ContractDayRow;
using exchange::FormSums;

int64_t CutToInt64(__int128 value) { return static_cast<int64_t>(std::min<__int128>(value, std::numeric_limits<int64_t>::max())); }

v1::FormStatistics ToProto(const FormSums& sums) {
  v1::FormStatistics message;
  message.set_form(sums.form);
  message.set_trades(static_cast<int64_t>(sums.trades));
  message.set_quantity(sums.quantity.value());
  message.set_turnover_fen(CutToInt64(sums.turnover.value()));
  message.set_undone_trades(static_cast<int64_t>(sums.undone_trades));
  message.set_undone_quantity(sums.undone_quantity.value());
  message.set_undone_turnover_fen(CutToInt64(sums.undone_turnover.value()));
  return message;
}

v1::DayStatistics ToProto(const ContractDayRow& row, const exchange::ContractRow& contract) {
  v1::DayStatistics day;
  day.set_contract(ledger::MakeName("contracts", contract.code));
  day.set_date(FormatDate(row.date));
  day.set_pollutant(contract.pollutant);
  day.set_session(row.session == exchange::DaySession::kClosed);
  day.set_open_price_fen(row.open.value());
  day.set_high_price_fen(row.high.value());
  day.set_low_price_fen(row.low.value());
  day.set_close_price_fen(row.close.value());
  day.set_previous_close_price_fen(row.previous_close.value());
  day.set_change_bps(row.ChangeBps());
  const FormSums all = row.All();
  day.set_trades(static_cast<int64_t>(all.trades));
  day.set_quantity(all.quantity.value());
  day.set_turnover_fen(CutToInt64(all.turnover.value()));
  day.set_average_price_fen(all.Average().value());
  for (const FormSums& sums : row.forms) {
    v1::FormStatistics* form = day.add_forms();
    *form = ToProto(sums);
    form->set_average_price_fen(sums.Average().value());
  }
  return day;
}

absl::StatusOr<std::string> FindProgram(ReadContext& context, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string program, ledger::ParseName("program", "programs", name));
  SONGHUA_ASSIGN_OR_RETURN(const auto known, context.Get<ledger::ProgramRow>(program));
  if (!known.has_value()) return NotFound("program", name);
  return program;
}

// Contracts by number, each read once.
class ContractsOfDays {
 public:
  explicit ContractsOfDays(ReadContext* context) : context_(*context) {}

  absl::StatusOr<const exchange::ContractRow*> Of(const ContractDayRow& day) {
    const auto known = rows_.find(day.contract);
    if (known != rows_.end()) return &known->second;
    SONGHUA_ASSIGN_OR_RETURN(auto row, context_.Get<exchange::ContractRow>(day.contract));
    if (!row.has_value()) return absl::InternalError("contract " + std::to_string(day.contract) + " is missing");
    return &rows_.emplace(day.contract, *std::move(row)).first->second;
  }

 private:
  ReadContext& context_;
  std::map<exchange::ContractNumber, exchange::ContractRow> rows_;
};

// The day's forms and the year's, of all contracts of a pollutant.
struct PollutantSums {
  std::vector<FormSums> day, year;
};

FormSums Total(const std::vector<FormSums>& forms) {
  FormSums total;
  for (const FormSums& sums : forms) total.Add(sums);
  return total;
}

}  // namespace

absl::StatusOr<v1::ListMarketStatisticsAnswer> ListMarketStatistics(ReadContext& context, const v1::ListMarketStatisticsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string program, FindProgram(context, request.program()));
  ContractsOfDays contracts(&context);
  exchange::ContractNumber only = 0;
  if (!request.contract().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(only, Lookup(&context).FindContract("contract", request.contract()));
    SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<exchange::ContractRow>(only));
    if (!row.has_value()) return NotFound("contract", request.contract());
    if (row->program != program) {
      return InvalidField("contract", request.contract(), "a contract of " + request.program() + "; this one is of " + ledger::MakeName("programs", row->program))
          .Rule("CAR-29");
    }
  }
  Date from = kFirstDate, to = kLastDate;
  if (!request.from_date().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(from, ParseDate(request.from_date(), "from_date"));
  }
  if (!request.to_date().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(to, ParseDate(request.to_date(), "to_date"));
  }

  v1::ListMarketStatisticsAnswer answer;
  answer.set_program(request.program());
  std::string last = context.page().start().key;
  // What a key begins with comes before it.
  if (last.empty()) last = EncodeKey(program, from.value());
  bool more = false;
  SONGHUA_RETURN_IF_ERROR(context.ForEachAfter<ContractDayRow>(last, [&](const ContractDayRow& row) -> absl::StatusOr<bool> {
    if (row.program != program || row.date > to) return false;
    if (context.page().Full()) {
      more = true;
      return false;
    }
    last = EncodeRowKey(row.Key());
    size_t bytes = 0;
    if ((only == 0 || row.contract == only) && row.Published(context.today())) {
      SONGHUA_ASSIGN_OR_RETURN(const exchange::ContractRow* contract, contracts.Of(row));
      *answer.add_days() = ToProto(row, *contract);
      bytes = answer.days().rbegin()->ByteSizeLong();
    }
    context.page().Count(bytes);
    return true;
  }));
  if (more) answer.set_next_page_token(context.TokenAfter({0, last}));
  return answer;
}

// A year has at most 366 rows a contract.
absl::StatusOr<v1::MarketTotalsAnswer> GetMarketTotals(ReadContext& context, const v1::GetMarketTotalsRequest& request) {
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const std::string program, FindProgram(context, request.program()));
  Date date = context.today();
  if (!request.date().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(date, ParseDate(request.date(), "date"));
  }
  ContractsOfDays contracts(&context);
  std::map<std::string, PollutantSums> by_pollutant;
  SONGHUA_RETURN_IF_ERROR(context.ForEachAfter<ContractDayRow>(
      EncodeKey(program, MakeDate(Year(date), 1, 1).value()), [&](const ContractDayRow& row) -> absl::StatusOr<bool> {
        if (row.program != program || row.date > date) return false;
        if (!row.Published(context.today())) return true;
        SONGHUA_ASSIGN_OR_RETURN(const exchange::ContractRow* contract, contracts.Of(row));
        PollutantSums& of = by_pollutant[contract->pollutant];
        for (const FormSums& sums : row.forms) {
          exchange::SumsOf(sums.form, &of.year).Add(sums);
          if (row.date == date) exchange::SumsOf(sums.form, &of.day).Add(sums);
        }
        return true;
      }));
  v1::MarketTotalsAnswer answer;
  answer.set_program(request.program());
  answer.set_date(FormatDate(date));
  for (const auto& [pollutant, of] : by_pollutant) {
    v1::MarketTotalsAnswer::Pollutant* totals = answer.add_pollutants();
    totals->set_pollutant(pollutant);
    *totals->mutable_day() = ToProto(Total(of.day));
    for (const FormSums& sums : of.day) *totals->add_day_forms() = ToProto(sums);
    *totals->mutable_year() = ToProto(Total(of.year));
    for (const FormSums& sums : of.year) *totals->add_year_forms() = ToProto(sums);
  }
  return answer;
}

}  // namespace songhua::api::reads
