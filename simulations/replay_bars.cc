#include "simulations/replay_bars.h"

#include <algorithm>
#include <map>
#include <set>

#include "exchange/daily_bars.h"
#include "ledger/refusal.h"
#include "simulations/daily_bar_records.h"

namespace songhua::simulations {
namespace {

constexpr Price kFen{1};

std::string Yuan(int64_t fen) { return FormatMoney(Money(fen)); }

// What is said of a table beside what is compared.
struct Findings {
  int64_t unlisted = 0;              // bars of block trades alone
  int64_t unknown_close = 0;         // of these, those whose previous close is not known
  int64_t other_averages = 0;        // bars whose average is not amount / volume
  int64_t blocks = 0;                // of these, those that show block trades
  int64_t averaged_blocks = 0;       // bars whose average is amount / volume and holds block trades
  int64_t crossed = 0;               // bars whose low is above another price
  std::vector<std::string> doubled;  // places of bars whose day and instrument have another
};

class BarComparer {
 public:
  BarComparer(int64_t block_min, Comparison* comparison) : block_min_(block_min), comparison_(comparison) {}

  // The bars of one instrument, by day.
  void CompareInstrument(const std::map<Date, std::vector<DailyBarRecord>>& days) {
    const std::vector<DailyBarRecord>* previous = nullptr;
    for (const auto& [date, bars] : days) {
      for (const DailyBarRecord& bar : bars) {
        if (bar.has_range) {
          CompareListed(bar);
        } else {
          CompareCarried(bar, previous);
        }
        if (&bar != &bars.front()) findings_.doubled.push_back(bar.place);
      }
      previous = &bars;
    }
  }

  const Findings& findings() const { return findings_; }

 private:
  static std::string Of(const DailyBarRecord& bar) { return " of " + bar.instrument + " on " + FormatDate(bar.date); }

  void CompareListed(const DailyBarRecord& bar) {
    const int64_t average = exchange::VolumeWeightedAverage(bar.amount, Quantity(bar.volume), kFen).value();
    const bool follows = average == bar.average;
    int64_t low = std::min({bar.low, bar.open, bar.close, bar.high});
    int64_t high = std::max({bar.high, bar.open, bar.close});
    const bool crossed = bar.low != low;
    const bool outside = average < low || average > high;
    const bool blocks = bar.volume >= block_min_ && !crossed && (!follows || outside);
    findings_.crossed += crossed;
    findings_.other_averages += !follows;
    findings_.blocks += blocks && !follows;
    findings_.averaged_blocks += blocks && follows;
    if (!blocks && !crossed) {
      low = std::min(low, bar.average);
      high = std::max(high, bar.average);
    }
    comparison_->Compare("lows", bar.place, "low" + Of(bar), Yuan(bar.low), Yuan(low));
    comparison_->Compare("highs", bar.place, "high" + Of(bar), Yuan(bar.high), Yuan(high));
    if (blocks) return;
    comparison_->Compare("averages", bar.place, "average" + Of(bar), Yuan(bar.average), Yuan(average));
    if (follows) CompareAmount(bar);
  }

  // A bar of one price is one trade, whatever their number.
  void CompareAmount(const DailyBarRecord& bar) {
    if (bar.low != bar.high || bar.open != bar.low || bar.close != bar.low) return;
    exchange::DailyBar ours;
    ours.Count(exchange::TradeMode::kListed, Price(bar.low), Quantity(bar.volume), Money(bar.low * bar.volume));
    comparison_->Compare("amounts", bar.place, "amount" + Of(bar), Yuan(bar.amount), Yuan(static_cast<int64_t>(ours.turnover.value())));
  }

  void CompareCarried(const DailyBarRecord& bar, const std::vector<DailyBarRecord>* previous) {
    ++findings_.unlisted;
    if (previous == nullptr || previous->size() > 1) {
      ++findings_.unknown_close;
      return;
    }
    exchange::DailyBar ours{.previous_close = Price(previous->front().close)};
    if (bar.volume > 0) {
      const Price price = exchange::VolumeWeightedAverage(bar.amount, Quantity(bar.volume), kFen);
      ours.Count(exchange::TradeMode::kBlock, price, Quantity(bar.volume), Money(bar.amount));
    }
    const exchange::BarPrices prices = ours.Prices(kFen);
    comparison_->Compare("carried prices", bar.place, "open" + Of(bar), Yuan(bar.open), Yuan(prices.open.value()));
    comparison_->Compare("carried prices", bar.place, "close" + Of(bar), Yuan(bar.close), Yuan(prices.close.value()));
  }

  int64_t block_min_;
  Comparison* comparison_;
  Findings findings_;
};

std::string Places(const std::vector<std::string>& places) {
  std::string text;
  for (const std::string& place : places) text += (text.empty() ? "" : ", ") + place;
  return text;
}

void PrintFindings(const Findings& found, int64_t block_min, std::ostream& out) {
  out << "bars without a listed trade, to which the previous close is carried: " << found.unlisted;
  if (found.unknown_close > 0) out << ", of which it is not known for " << found.unknown_close;
  out << "\nbars whose average is not amount / volume: " << found.other_averages << "; " << found.blocks << " of them, of " << block_min
      << " t or more, show block trades and are not compared\n"
      << "bars of that size whose average is amount / volume but outside of low and high, as block trades are in it: "
      << found.averaged_blocks << "\nbars that contradict themselves, low above another price: " << found.crossed
      << "\nbars under a day that has another of the instrument: " << found.doubled.size();
  if (!found.doubled.empty()) out << " (" << Places(found.doubled) << ")";
  out << "\n";
}

}  // namespace

absl::StatusOr<Comparison> ReplayBars(const BarsReplayOptions& options, std::ostream& out) {
  Comparison comparison;
  std::map<std::string, std::map<Date, std::vector<DailyBarRecord>>> instruments;
  std::set<Date> dates;
  size_t bars = 0;
  for (const std::string& path : options.paths) {
    SONGHUA_ASSIGN_OR_RETURN(const CsvTable table, ReadCsvFile(path));
    SONGHUA_ASSIGN_OR_RETURN(std::vector<DailyBarRecord> records, ReadDailyBarRecords(table, &comparison));
    bars += records.size();
    for (DailyBarRecord& record : records) {
      dates.insert(record.date);
      instruments[record.instrument][record.date].push_back(std::move(record));
    }
  }
  BarComparer comparer(options.block_min, &comparison);
  for (const auto& [instrument, days] : instruments) comparer.CompareInstrument(days);
  out << bars << " daily bars of " << instruments.size() << " instruments";
  if (!dates.empty()) out << ", " << FormatDate(*dates.begin()) << " to " << FormatDate(*dates.rbegin());
  out << "\ncompared: " << comparison.Kinds() << "\n";
  PrintFindings(comparer.findings(), options.block_min, out);
  comparison.Print(out);
  return comparison;
}

}  // namespace songhua::simulations
