#include "simulations/price_plot.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "ledger/check.h"

namespace songhua::simulations {
namespace {

constexpr int64_t kWidth = 960, kHeight = 480;
constexpr int64_t kLeft = 80, kRight = 24, kTop = 72, kBottom = 56;
constexpr int64_t kPlotWidth = kWidth - kLeft - kRight, kPlotHeight = kHeight - kTop - kBottom;
constexpr int64_t kTicksMax = 8;
// One a series: blue, vermilion, green; told apart without seeing red or green as such.
constexpr const char* kColours[] = {"#0072b2", "#d55e00", "#009e73"};
constexpr char kEquilibriumColour[] = "#777777";

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string YuanLabel(int64_t fen) {
  const std::string decimals = std::to_string(fen % 100);
  return std::to_string(fen / 100) + "." + std::string(2 - decimals.size(), '0') + decimals;
}

std::string Attribute(const char* name, int64_t value) { return std::string(" ") + name + "=\"" + std::to_string(value) + "\""; }

std::string Line(int64_t x1, int64_t y1, int64_t x2, int64_t y2, const std::string& style) {
  return "<line" + Attribute("x1", x1) + Attribute("y1", y1) + Attribute("x2", x2) + Attribute("y2", y2) + " " + style + "/>\n";
}

std::string TextAt(int64_t x, int64_t y, const char* anchor, int64_t size, const std::string& text) {
  return "<text" + Attribute("x", x) + Attribute("y", y) + " text-anchor=\"" + anchor + "\"" + Attribute("font-size", size) + ">" +
         Escaped(text) + "</text>\n";
}

// The smallest of 1, 2, 5, 10, 20, ... that needs no more than kTicksMax steps.
int64_t StepFor(int64_t range) {
  for (int64_t power = 1;; power *= 10) {
    for (const int64_t digit : {1, 2, 5}) {
      if (digit * power * kTicksMax >= range) return digit * power;
    }
  }
}

class Drawing {
 public:
  explicit Drawing(const PricePlot& plot) : plot_(plot), low_(plot.equilibrium_low), high_(plot.equilibrium_high) {
    for (const PriceSeries& series : plot.series) {
      periods_ = std::max(periods_, series.periods.size());
      for (const auto& period : series.periods) {
        for (const int64_t price : period) {
          low_ = std::min(low_, price);
          high_ = std::max(high_, price);
        }
      }
    }
    SONGHUA_CHECK(periods_ > 0 && low_ >= 0);
    step_ = StepFor(high_ - low_ + 1);
    low_ = low_ / step_ * step_;
    high_ = (high_ / step_ + 1) * step_;
  }

  std::string Draw() {
    out_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + std::to_string(kWidth) + " " + std::to_string(kHeight) + "\"" +
           Attribute("width", kWidth) + Attribute("height", kHeight) + " font-family=\"sans-serif\" fill=\"#222222\">\n";
    out_ += "<title>" + Escaped(plot_.title) + "</title>\n<rect" + Attribute("width", kWidth) + Attribute("height", kHeight) +
            " fill=\"#ffffff\"/>\n";
    out_ += TextAt(kLeft, 28, "start", 16, plot_.title);
    Axes();
    EquilibriumBand();
    for (size_t i = 0; i < plot_.series.size(); ++i) Path(plot_.series[i], kColours[i % std::size(kColours)]);
    Legend();
    return out_ + "</svg>\n";
  }

 private:
  int64_t Y(int64_t price) const { return kTop + kPlotHeight * (high_ - price) / (high_ - low_); }
  int64_t StartOf(size_t period) const { return kLeft + kPlotWidth * static_cast<int64_t>(period) / static_cast<int64_t>(periods_); }

  void Axes() {
    for (int64_t price = low_; price <= high_; price += step_) {
      out_ += Line(kLeft, Y(price), kWidth - kRight, Y(price), "stroke=\"#eeeeee\"");
      out_ += TextAt(kLeft - 8, Y(price) + 4, "end", 12, YuanLabel(price));
    }
    for (size_t period = 0; period < periods_; ++period) {
      if (period > 0)
        out_ += Line(StartOf(period), kTop, StartOf(period), kHeight - kBottom, "stroke=\"#cccccc\" stroke-dasharray=\"2 4\"");
      out_ += TextAt((StartOf(period) + StartOf(period + 1)) / 2, kHeight - kBottom + 18, "middle", 12, std::to_string(period + 1));
    }
    out_ += Line(kLeft, kTop, kLeft, kHeight - kBottom, "stroke=\"#222222\"");
    out_ += Line(kLeft, kHeight - kBottom, kWidth - kRight, kHeight - kBottom, "stroke=\"#222222\"");
    out_ += TextAt(kLeft + kPlotWidth / 2, kHeight - 14, "middle", 13, "period");
    out_ += TextAt(kLeft - 8, kTop - 18, "end", 13, "yuan");
  }

  void EquilibriumBand() {
    const int64_t top = Y(plot_.equilibrium_high), bottom = Y(plot_.equilibrium_low);
    if (bottom > top) {
      out_ += "<rect" + Attribute("x", kLeft) + Attribute("y", top) + Attribute("width", kPlotWidth) + Attribute("height", bottom - top) +
              " fill=\"" + kEquilibriumColour + "\" fill-opacity=\"0.2\"/>\n";
    }
    const std::string style = std::string("stroke=\"") + kEquilibriumColour + "\" stroke-dasharray=\"8 4\"";
    out_ += Line(kLeft, top, kWidth - kRight, top, style);
    if (bottom > top) out_ += Line(kLeft, bottom, kWidth - kRight, bottom, style);
  }

  void Path(const PriceSeries& series, const std::string& colour) {
    for (size_t period = 0; period < series.periods.size(); ++period) {
      const std::vector<int64_t>& prices = series.periods[period];
      std::string points, marks;
      for (size_t i = 0; i < prices.size(); ++i) {
        const int64_t width = StartOf(period + 1) - StartOf(period);
        const int64_t x = StartOf(period) + width * static_cast<int64_t>(i + 1) / static_cast<int64_t>(prices.size() + 1);
        points += (i == 0 ? "" : " ") + std::to_string(x) + "," + std::to_string(Y(prices[i]));
        marks += "<circle" + Attribute("cx", x) + Attribute("cy", Y(prices[i])) + " r=\"3\" fill=\"" + colour + "\"/>\n";
      }
      if (prices.size() > 1) out_ += "<polyline points=\"" + points + "\" fill=\"none\" stroke=\"" + colour + "\"/>\n";
      out_ += marks;
    }
  }

  void Legend() {
    int64_t x = kLeft + 60;
    const int64_t y = kTop - 14;
    constexpr int64_t kEntryWidth = 230;
    for (size_t i = 0; i < plot_.series.size(); ++i, x += kEntryWidth) {
      out_ += "<circle" + Attribute("cx", x) + Attribute("cy", y) + " r=\"4\" fill=\"" + kColours[i % std::size(kColours)] + "\"/>\n";
      out_ += TextAt(x + 10, y + 4, "start", 13, plot_.series[i].name);
    }
    out_ += Line(x - 8, y, x + 8, y, std::string("stroke=\"") + kEquilibriumColour + "\" stroke-dasharray=\"8 4\"");
    const std::string range = plot_.equilibrium_low == plot_.equilibrium_high ? "" : " to " + YuanLabel(plot_.equilibrium_high);
    out_ += TextAt(x + 14, y + 4, "start", 13, "equilibrium " + YuanLabel(plot_.equilibrium_low) + range);
  }

  const PricePlot& plot_;
  size_t periods_ = 0;
  int64_t low_;
  int64_t high_;
  int64_t step_ = 1;
  std::string out_;
};

}  // namespace

std::string DrawPrices(const PricePlot& plot) { return Drawing(plot).Draw(); }

}  // namespace songhua::simulations
