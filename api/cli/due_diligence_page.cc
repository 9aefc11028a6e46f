#include "api/cli/due_diligence_page.h"

#include <map>
#include <string_view>
#include <vector>

#include "api/cli/render.h"
#include "api/cli/text.h"

namespace songhua::api::cli {
namespace {

constexpr char kStyle[] =
    "body{font:14px/1.45 'Noto Sans','Noto Sans CJK SC',sans-serif;color:#1b1f23;max-width:1100px;margin:2em auto;padding:0 1em}"
    "h1{font-size:1.5em;margin:0 0 .2em}h2{font-size:1.1em;margin:1.8em 0 .4em;border-bottom:1px solid #999}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25em .6em .25em 0;border-bottom:1px solid #ddd}"
    "th{font-weight:600;white-space:nowrap}.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}.none{color:#666}"
    ".warn{font-weight:600}code{font-size:.9em;word-break:break-all}"
    "@media print{body{margin:0;max-width:none;font-size:11px}h2{break-after:avoid}tr{break-inside:avoid}}";

std::string Escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      case '\'': html += "&#39;"; break;
      default: html += c;
    }
  }
  return html;
}

std::string YuanText(int64_t fen) { return Decimal(fen, 2, 2); }
// Where 0 stands for none.
std::string YuanOrNone(int64_t fen) { return fen == 0 ? "" : YuanText(fen); }
std::string Percent(int64_t bps) { return bps == 0 ? "" : Decimal(bps, 2, 2) + " %"; }

// A column; numbers stand to the right.
struct PageColumn {
  std::string name;
  bool number = false;
};

class PackPage {
 public:
  PackPage(const v1::InquireCollateralAnswer& answer, const ProgramScale& scale_of) : answer_(answer), pack_(answer.pack()), scale_of_(scale_of) {}

  std::string Render() {
    html_ = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Due diligence: " + Escaped(pack_.enterprise().display_name()) +
            "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n";
    Head();
    Permits();
    Lots();
    Years();
    Penalties();
    ReductionTasks();
    Prices();
    Obligations();
    Pledges();
    Ranks();
    Insurance();
    html_ += "</body>\n</html>\n";
    return std::move(html_);
  }

 private:
  using Row = std::vector<std::string>;

  void Section(std::string_view title, const std::vector<PageColumn>& columns, const std::vector<Row>& rows) {
    html_ += "<h2>" + Escaped(title) + "</h2>\n";
    if (rows.empty()) {
      html_ += "<p class=\"none\">None.</p>\n";
      return;
    }
    html_ += "<table>\n<thead><tr>";
    for (const PageColumn& column : columns) html_ += (column.number ? "<th class=\"n\">" : "<th>") + Escaped(column.name) + "</th>";
    html_ += "</tr></thead>\n<tbody>\n";
    for (const Row& row : rows) {
      html_ += "<tr>";
      for (size_t i = 0; i < row.size(); ++i) html_ += (columns[i].number ? "<td class=\"n\">" : "<td>") + Escaped(row[i]) + "</td>";
      html_ += "</tr>\n";
    }
    html_ += "</tbody>\n</table>\n";
  }

  void Fact(std::string_view name, std::string_view value, bool warn = false) {
    html_ += "<tr><th>" + Escaped(name) + "</th><td" + (warn ? " class=\"warn\"" : "") + ">" + Escaped(value) + "</td></tr>\n";
  }

  void Head() {
    const v1::Participant& enterprise = pack_.enterprise();
    const v1::Inquiry& inquiry = answer_.inquiry();
    html_ += "<h1>" + Escaped(enterprise.display_name()) + "</h1>\n<p>Due diligence of discharge rights and allowances \xC2\xB7 排污权质押尽职调查</p>\n<table>\n";
    Fact("Enterprise", enterprise.name());
    Fact("Region", enterprise.region());
    Fact("Environmental credit 企业环境信用",
         (pack_.credit_grade().empty() ? "no grade" : pack_.credit_grade()) + std::string(pack_.blacklisted() ? ", blacklisted" : ""), pack_.blacklisted());
    Fact("Insolvency", pack_.insolvent() ? "insolvent, as a court says" : "not told of", pack_.insolvent());
    Fact("Overdue fees 欠缴有偿使用费", YuanText(pack_.arrears_fen()) + " yuan", pack_.arrears_fen() > 0);
    Fact("As of", FormatTime(pack_.time()) + ", sequence " + std::to_string(pack_.sequence()) + " of the ledger");
    Fact("Inquired", inquiry.name() + " by " + inquiry.person() + " of " + inquiry.inquirer() + ", on the ground of " + inquiry.ground());
    html_ += "<tr><th>SHA-256</th><td><code>" + Escaped(inquiry.pack_sha256()) + "</code></td></tr>\n</table>\n";
    if (pack_.omitted() > 0) html_ += "<p class=\"warn\">" + std::to_string(pack_.omitted()) + " entries of the lists below are left out.</p>\n";
  }

  static std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& texts) {
    std::string joined;
    for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
    return joined;
  }

  static std::string Span(const std::string& first, const std::string& last) { return first.empty() && last.empty() ? "" : first + " to " + last; }

  std::string Quantity(int64_t steps, const std::string& program) const {
    return FormatQuantity(steps, program.empty() ? std::nullopt : scale_of_(program));
  }

  void Permits() {
    std::vector<Row> rows;
    for (const v1::DueDiligencePack::Permit& permit : pack_.permits()) {
      rows.push_back({permit.site_name() + " (" + permit.site() + ")", permit.permit(), permit.state() + (permit.rights_pending() ? ", rights pending" : ""),
                      Span(permit.valid_from(), permit.valid_to()), Joined(permit.overlays())});
    }
    Section("Permits 排污许可证", {{"Site"}, {"Permit"}, {"State"}, {"Term"}, {"Overlays"}}, rows);
  }

  std::string Encumbrances(const v1::DueDiligencePack::LotEntry& entry) const {
    std::string text;
    for (const v1::Encumbrance& held : entry.lot().encumbrances()) {
      text += (text.empty() ? "" : ", ") + held.kind() + " " + Quantity(held.quantity(), entry.lot().program());
      if (!held.cause().empty()) text += " (" + held.cause() + ")";
    }
    return text;
  }

  void Lots() {
    std::vector<Row> rows;
    for (const v1::DueDiligencePack::LotEntry& entry : pack_.lots()) {
      const v1::Lot& lot = entry.lot();
      program_of_[lot.name()] = lot.program();
      const std::string vintage = lot.entitlements().empty() ? "" : std::to_string(lot.entitlements(0).year());
      rows.push_back({lot.name(), lot.pollutant() + ", " + lot.control_zone(), Quantity(lot.quantity(), lot.program()), Quantity(lot.available(), lot.program()),
                      lot.valid_from().empty() ? vintage : Span(lot.valid_from(), lot.valid_to()), lot.source() + (lot.paid() ? ", paid" : ", not paid"),
                      Encumbrances(entry), YuanOrNone(entry.unit_price_fen()), YuanOrNone(entry.value_fen()), YuanOrNone(entry.principal_max_fen()), lot.etag()});
    }
    Section("Rights and allowances 排污权与配额",
            {{"Lot"}, {"Of"}, {"Quantity", true}, {"Free", true}, {"Term or vintage"}, {"Source"}, {"Encumbered"}, {"Price, yuan", true}, {"Value, yuan", true},
             {"To be lent at most, yuan", true}, {"Etag"}},
            rows);
  }

  void Years() {
    std::vector<Row> rows;
    for (const v1::DueDiligencePack::YearEntry& year : pack_.years()) {
      rows.push_back({year.site(), year.pollutant(), std::to_string(year.year()), FormatQuantity(year.entitled(), kGrams),
                      year.verified() ? FormatQuantity(year.emitted(), kGrams) : "not recorded"});
    }
    Section("Rights and discharge by year 年度排污权与排放", {{"Site"}, {"Pollutant"}, {"Year"}, {"Entitled to", true}, {"Discharged", true}}, rows);
  }

  void Penalties() {
    std::vector<Row> rows;
    for (const v1::DueDiligencePack::PenaltyEntry& penalty : pack_.penalties()) {
      rows.push_back({penalty.decision_date(), penalty.name(), penalty.site(), YuanText(penalty.amount_fen()), penalty.ground()});
    }
    Section("Penalties of three years 三年内行政处罚", {{"Date"}, {"Penalty"}, {"Site"}, {"Fine, yuan", true}, {"Grounds"}}, rows);
  }

  void ReductionTasks() {
    std::vector<Row> rows;
    for (const v1::DueDiligencePack::ReductionTaskEntry& task : pack_.reduction_tasks()) {
      rows.push_back({task.decision_date(), task.name(), task.site(), task.pollutant(), std::to_string(task.year()), FormatQuantity(task.required_quantity(), kGrams),
                      FormatQuantity(task.achieved_quantity(), kGrams), task.result() + (task.excludes() ? ", excluded from pledging (PLG-12)" : "")});
    }
    Section("Reduction tasks of three years 三年内减排任务考核",
            {{"Date"}, {"Assessment"}, {"Site"}, {"Pollutant"}, {"Year"}, {"Required", true}, {"Achieved", true}, {"Result"}}, rows);
  }

  void Insurance() {
    std::vector<Row> rows;
    if (pack_.has_insurance()) {
      const v1::Insurance& policy = pack_.insurance();
      rows.push_back({policy.insurer(), policy.policy_number(), policy.start_date() + " to " + policy.expire_date(), YuanText(policy.insured_fen())});
    }
    Section("Environmental liability insurance, as the enterprise says 环境污染责任保险", {{"Insurer"}, {"Policy"}, {"Term"}, {"Insured, yuan", true}}, rows);
  }

  void Prices() {
    std::vector<Row> rows;
    for (const v1::DueDiligencePack::PriceEntry& price : pack_.prices()) {
      rows.push_back({price.program(), price.pollutant() + ", " + price.control_zone() + (price.vintage() > 0 ? ", " + std::to_string(price.vintage()) : ""),
                      price.price_basis(), YuanOrNone(price.base_price_fen()), YuanOrNone(price.close_price_fen()), std::to_string(price.trades()),
                      YuanOrNone(price.average_price_fen())});
    }
    Section("Prices 基准价与成交价",
            {{"Program"}, {"Of"}, {"Basis"}, {"Base price, yuan", true}, {"Last close, yuan", true}, {"Trades of 12 months", true}, {"Their average, yuan", true}}, rows);
  }

  void Obligations() {
    std::vector<Row> rows;
    for (const v1::DueDiligencePack::ObligationEntry& of : pack_.obligations()) {
      rows.push_back({of.program(), std::to_string(of.year()), Quantity(of.due(), of.program()) + (of.estimated() ? " (estimated)" : ""),
                      Quantity(of.surrendered(), of.program())});
    }
    Section("Surrender of allowances 配额清缴", {{"Program"}, {"Year"}, {"Due", true}, {"Surrendered", true}}, rows);
  }

  // "12.5 t/a of lots/3, of them 2 t/a since 2026-02-03 09:00".
  std::string Pledged(int64_t quantity, const std::string& lot, const google::protobuf::RepeatedPtrField<v1::AddedUnits>& additions) const {
    const auto known = program_of_.find(lot);
    const std::string program = known == program_of_.end() ? "" : known->second;
    std::string text = Quantity(quantity, program) + " of " + lot;
    for (const v1::AddedUnits& added : additions) text += ", of them " + Quantity(added.quantity(), program) + " since " + FormatTime(added.rank_time());
    return text;
  }

  // A redacted pledge has no name, parties or terms.
  void Pledges() {
    std::vector<Row> rows;
    for (const v1::Pledge& pledge : pack_.pledges()) {
      std::string units = Pledged(pledge.quantity(), pledge.lot(), pledge.additions());
      for (const v1::PledgedUnits& more : pledge.more_units()) units += "; " + Pledged(more.quantity(), more.lot(), more.additions());
      rows.push_back({pledge.name().empty() ? "of another bank" : pledge.name(), v1::PledgeState_Name(pledge.state()), units, FormatTime(pledge.rank_time()),
                      pledge.pledgee(), YuanOrNone(pledge.principal_fen()), YuanOrNone(pledge.outstanding_fen()), Percent(pledge.coverage_bps()),
                      Span(pledge.term_start(), pledge.term_end()), Joined(pledge.alerts())});
    }
    Section("Pledges 质押与抵押",
            {{"Pledge"}, {"State"}, {"Units"}, {"Ranks since"}, {"Pledgee"}, {"Principal, yuan", true}, {"Owed, yuan", true}, {"Coverage", true}, {"Term"}, {"Alerts"}},
            rows);
  }

  void Ranks() {
    std::vector<Row> rows;
    for (const v1::DueDiligencePack::LotEntry& entry : pack_.lots()) {
      for (const v1::DueDiligencePack::LotRank& of : entry.ranks()) {
        rows.push_back({entry.lot().name(), std::to_string(of.rank()), of.pledge().empty() ? "of another bank" : of.pledge(),
                        Quantity(of.quantity(), entry.lot().program()), of.has_rank_time() ? FormatTime(of.rank_time()) : "not registered"});
      }
    }
    Section("Ranks of pledges over each lot 质押顺位", {{"Lot"}, {"Rank", true}, {"Pledge"}, {"Units", true}, {"In the unified registry since"}}, rows);
  }

  const v1::InquireCollateralAnswer& answer_;
  const v1::DueDiligencePack& pack_;
  const ProgramScale& scale_of_;
  std::map<std::string, std::string> program_of_;  // of lots
  std::string html_;
};

}  // namespace

std::string RenderDueDiligencePage(const v1::InquireCollateralAnswer& answer, const ProgramScale& scale_of) { return PackPage(answer, scale_of).Render(); }

}  // namespace songhua::api::cli
