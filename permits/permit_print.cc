#include "permits/permit_print.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "ledger/check.h"
#include "ledger/check_codes.h"
#include "ledger/refusal.h"
#include "permits/print_layout.h"

namespace songhua::permits {
namespace {

using Copy = v1::RenderPermitRequest;

// One text in the language of the sheet.
class Speaker {
 public:
  explicit Speaker(Language language) : chinese_(language == Language::kChinese) {}
  std::string operator()(const char* chinese, const char* english) const { return chinese_ ? chinese : english; }
  bool chinese() const { return chinese_; }

 private:
  bool chinese_;
};

// ---- Values ----

std::string TrimmedDecimal(int64_t thousandths) {
  std::string text = FormatDecimal(thousandths, 3);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

// Quantities of these are small and priced by the kilogram (GEN-06).
bool InKilograms(const std::string& pollutant) {
  static const auto* metals = new std::set<std::string>{"AG", "AS", "BE", "CD", "CO", "CR", "CR6", "CU", "HG", "MN",
                                                        "MO", "NI", "PB", "SB", "SE", "SN", "TL",  "V",  "ZN"};
  return metals->contains(pollutant);
}

std::string YearlyUnit(const std::string& pollutant) { return InKilograms(pollutant) ? "kg/a" : "t/a"; }
std::string Yearly(const std::string& pollutant, Quantity grams) {
  return InKilograms(pollutant) ? FormatDecimal(grams.value(), 3) : FormatTonnes(grams);
}

bool IsWater(const std::string& code) { return code.size() > 1 && code[1] == 'W'; }

// Of a standard at an outlet, or over the whole site, by what its outlets lead to.
bool IsWaterScope(const PermitContent& content, const std::string& scope) {
  if (scope == kFugitiveScope) return false;
  if (scope != kSiteScope) return IsWater(scope);
  return !content.outlets.empty() &&
         std::all_of(content.outlets.begin(), content.outlets.end(), [](const OutletRow& outlet) { return IsWater(outlet.code); });
}

std::string ValueOf(const PermitContent& content, const StandardRow& standard) {
  switch (standard.measure) {
    case v1::CONCENTRATION: return TrimmedDecimal(standard.value) + (IsWaterScope(content, standard.scope) ? " mg/L" : " mg/m³");
    case v1::RATE: return TrimmedDecimal(standard.value) + " kg/h";
    case v1::AMOUNT: return TrimmedDecimal(standard.value) + " kg";
    case v1::REMOVAL: return TrimmedDecimal(standard.value) + " %";
    default: return TrimmedDecimal(standard.value);
  }
}

std::string Coordinates(const OutletRow& outlet) {
  if (outlet.longitude == 0 && outlet.latitude == 0) return "";
  return FormatDecimal(outlet.longitude, 6) + ", " + FormatDecimal(outlet.latitude, 6);
}

// Metres from millimetres; nothing where it is not stated.
std::string Metres(int32_t millimetres) { return millimetres == 0 ? "" : TrimmedDecimal(millimetres); }

std::string Joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string DayText(const DayOfYear& day) {
  const auto two = [](int32_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(day.month) + "-" + two(day.day);
}

// ---- Words ----

std::string Tier(const Speaker& say, v1::PermitTier tier) {
  switch (tier) {
    case v1::KEY: return say("重点管理", "key management");
    case v1::SIMPLIFIED: return say("简化管理", "simplified management");
    case v1::REGISTRATION: return say("登记管理", "registration");
    default: return "";
  }
}

std::string StateWord(const Speaker& say, v1::PermitState state) {
  switch (state) {
    case v1::EFFECTIVE: return say("有效", "effective");
    case v1::DEEMED_RENEWED_PENDING: return say("延续申请审查中，视为准予延续", "deemed renewed, decision pending");
    case v1::EXPIRED: return say("已届满", "expired");
    case v1::ANNULLED: return say("已撤销", "annulled");
    case v1::REVOKED: return say("已吊销", "revoked");
    case v1::RECALLED: return say("已撤回", "recalled");
    case v1::WRITTEN_OFF: return say("已注销", "written off");
    default: return v1::PermitState_Name(state);
  }
}

std::string OutletTypeWord(const Speaker& say, v1::OutletType type) {
  switch (type) {
    case v1::MAIN: return say("主要排放口", "main");
    case v1::GENERAL: return say("一般排放口", "general");
    default: return say("其他", "other");
  }
}

std::string ModeWord(const Speaker& say, v1::OutletMode mode) {
  switch (mode) {
    case v1::CONTINUOUS: return say("连续", "continuous");
    case v1::INTERMITTENT: return say("间断", "intermittent");
    default: return "";
  }
}

std::string ScopeWord(const Speaker& say, const std::string& scope) {
  if (scope == kSiteScope) return say("全厂合计", "whole site");
  if (scope == kFugitiveScope) return say("无组织", "fugitive");
  return scope;
}

std::string StatisticWord(const Speaker& say, v1::Statistic statistic) {
  switch (statistic) {
    case v1::INSTANTANEOUS: return say("瞬时值", "instantaneous");
    case v1::HOURLY_AVERAGE: return say("小时均值", "hourly average");
    case v1::DAILY_AVERAGE: return say("日均值", "daily average");
    case v1::DAILY_MAXIMUM: return say("日最大值", "daily maximum");
    case v1::WEEKLY_AVERAGE: return say("周均值", "weekly average");
    case v1::MONTHLY_AVERAGE: return say("月均值", "monthly average");
    case v1::DAILY_TOTAL: return say("日累计", "daily total");
    case v1::MONTHLY_TOTAL: return say("月累计", "monthly total");
    default: return "";
  }
}

std::string SpecialPeriodWord(const Speaker& say, v1::SpecialPeriod period) {
  switch (period) {
    case v1::ALERT_YELLOW: return say("黄色预警", "yellow alert");
    case v1::ALERT_ORANGE: return say("橙色预警", "orange alert");
    case v1::ALERT_RED: return say("红色预警", "red alert");
    case v1::STAGGERED_PRODUCTION: return say("错峰生产", "staggered production");
    default: return "";
  }
}

std::string SeasonWord(const Speaker& say, const StandardRow& standard) {
  if (standard.season_from.month == 0) return say("全年", "all year");
  return DayText(standard.season_from) + say(" 至 ", " to ") + DayText(standard.season_to);
}

std::string RequirementWord(const Speaker& say, v1::RequirementKind kind) {
  switch (kind) {
    case v1::OPERATION: return say("运行维护", "Operation and maintenance");
    case v1::MONITORING: return say("自行监测", "Self-monitoring");
    case v1::RECORD_KEEPING: return say("环境管理台账", "Environmental ledger");
    case v1::EXECUTION_REPORT: return say("执行报告", "Execution reports");
    case v1::DISCLOSURE: return say("信息公开", "Disclosure");
    case v1::FUGITIVE_CONTROL: return say("无组织排放控制", "Control of fugitive emissions");
    case v1::OUTLET_STANDARDISATION: return say("排污口规范化", "Standardised outlets");
    default: return say("其他", "Other");
  }
}

// ---- Sheets ----

bool IsConfidential(const PermitContent& content, const std::string& path) {
  return std::any_of(content.confidential_fields.begin(), content.confidential_fields.end(),
                     [&](const ConfidentialFieldRow& field) { return field.path == path; });
}

// A field that may be withheld, says so where it is (PERMIT-27).
std::string Shown(const Speaker& say, const PermitContent& content, const std::string& text, const std::string& path) {
  if (text.empty() && IsConfidential(content, path)) return say("（涉及商业秘密，不予公开）", "(withheld: business secret)");
  return text;
}

std::string Foot(const Speaker& say, const std::string& code, const std::string& name) {
  std::string text = Rule();
  text += LabelledLines({{say("校验码", "Check code"), code}, {say("核验", "To verify"), "songhua public verify-check-code --name " + name + " --check-code " + code}});
  return text;
}

std::string OverlayWord(const Speaker& say, v1::OverlayKind kind) {
  switch (kind) {
    case v1::RESTRICTED_PRODUCTION: return say("限制生产", "restricted production");
    case v1::SUSPENDED_RECTIFICATION: return say("停产整治", "suspended for rectification");
    case v1::CLOSED_BY_ORDER: return say("责令停业、关闭", "closed by order");
    case v1::SEIZED: return say("查封、扣押", "seized");
    case v1::VOLUNTARY_STOP: return say("自行停产", "voluntary stop");
    case v1::SPECIAL_PERIOD_LIMIT: return say("特殊时段限制", "special-period limit");
    case v1::RECTIFICATION_NOTICE: return say("限期整改", "rectification notice");
    default: return "";
  }
}

// A permit under an overlay stays valid, but who reads it must not believe that the site may run (PERMIT-57, PERMIT-59).
std::string Restraints(const PermitSheet& sheet, const Speaker& say) {
  std::string text;
  for (const v1::Overlay& overlay : sheet.overlays) {
    text += (text.empty() ? "" : "\n") + OverlayWord(say, overlay.kind()) + say("，自 ", ", from ") + overlay.start_date();
    if (!overlay.end_date().empty()) text += say(" 至 ", " to ") + overlay.end_date();
    if (!overlay.decision().empty()) text += say("，", ", ") + overlay.decision();
  }
  return text.empty() ? say("无", "none") : text;
}

std::string MainCopy(const PermitSheet& sheet, const Speaker& say) {
  const PermitRow& row = *sheet.row;
  const PermitContent& content = *sheet.content;
  std::string text = Centered(say("排污许可证", "POLLUTANT DISCHARGE PERMIT")) + Centered(say("（正本）", "(main copy)")) + Rule();
  text += LabelledLines({
      {say("证书编号", "Permit number"), row.number},
      {say("版本", "Version"), std::to_string(row.version)},
      {say("单位名称", "Holder"), sheet.holder},
      {say("注册地址", "Address"), Shown(say, content, content.holder_address, "holder_address")},
      {say("法定代表人", "Legal representative"), Shown(say, content, content.legal_representative, "legal_representative")},
      {say("生产经营场所", "Site"), sheet.site},
      {say("生产经营场所地址", "Address of the site"), Shown(say, content, content.site_address, "site_address")},
      {say("行政区划", "Region"), FormatRegion(row.region)},
      {say("行业类别", "Industries (GB/T 4754)"), Joined(content.industries)},
      {say("统一社会信用代码", "Credit code (USCC)"), row.site.substr(0, kUsccLength)},
      {say("管理类别", "Tier"), Tier(say, row.tier)},
      {say("有效期限", "Valid"), say("自 ", "from ") + FormatDate(row.term.first) + say(" 至 ", " to ") + FormatDate(row.term.last)},
      {say("发证机关", "Issued by"), sheet.issuer + say("（盖章）", " (seal)")},
      {say("发证日期", "Date of issue"), FormatDate(LocalDate(row.issue_time))},
      {say("当前状态", "State"), StateWord(say, row.StateOn(sheet.today)) + say("（截至 ", " (as of ") + FormatDate(sheet.today) + say("）", ")")},
      {say("限制措施", "Restraints"), Restraints(sheet, say)},
  });
  return text;
}

std::string OutletTable(const PermitContent& content, const Speaker& say) {
  std::vector<std::vector<std::string>> rows;
  for (const OutletRow& outlet : content.outlets) {
    rows.push_back({outlet.code, IsWater(outlet.code) ? say("废水", "water") : say("废气", "air"), OutletTypeWord(say, outlet.type),
                    outlet.display_name, ModeWord(say, outlet.mode), Metres(outlet.height_mm), Metres(outlet.inner_diameter_mm),
                    outlet.temperature_celsius == 0 ? "" : std::to_string(outlet.temperature_celsius), Coordinates(outlet),
                    outlet.destination, outlet.function_class, outlet.basin});
  }
  return TableText({say("编号", "Code"), say("介质", "Medium"), say("类型", "Type"), say("名称", "Name"), say("排放方式", "Mode"),
                    say("高度m", "Height m"), say("内径m", "Diameter m"), say("温度℃", "Temp. C"), say("经纬度", "Longitude, latitude"),
                    say("排放去向", "Destination"), say("水体功能", "Water class"), say("流域", "Basin")},
                   rows);
}

std::string LimitTable(const PermitContent& content, const Speaker& say) {
  std::set<int32_t> years;
  for (const LimitRow& limit : content.limits) {
    for (const YearQuantity& entry : limit.annual_limits) years.insert(entry.year);
  }
  std::vector<std::string> head = {say("排放口", "At"), say("污染物", "Pollutant"), say("单位", "Unit")};
  for (const int32_t year : years) head.push_back(std::to_string(year));
  std::vector<std::vector<std::string>> rows;
  for (const LimitRow& limit : content.limits) {
    std::vector<std::string> row = {ScopeWord(say, limit.scope), limit.pollutant, YearlyUnit(limit.pollutant)};
    for (const int32_t year : years) {
      const bool stated = std::any_of(limit.annual_limits.begin(), limit.annual_limits.end(), [&](const YearQuantity& e) { return e.year == year; });
      row.push_back(stated ? Yearly(limit.pollutant, QuantityOf(limit.annual_limits, year)) : "");
    }
    rows.push_back(std::move(row));
  }
  return TableText(head, rows);
}

std::string StandardTable(const PermitContent& content, const Speaker& say) {
  std::vector<std::vector<std::string>> rows;
  for (const StandardRow& standard : content.standards) {
    rows.push_back({ScopeWord(say, standard.scope), standard.pollutant, StatisticWord(say, standard.statistic),
                    (standard.bound == v1::AT_LEAST ? "≥ " : "≤ ") + ValueOf(content, standard), SeasonWord(say, standard),
                    SpecialPeriodWord(say, standard.special_period), standard.source});
  }
  return TableText({say("排放口", "At"), say("污染物", "Pollutant"), say("统计方式", "Statistic"), say("限值", "Limit"), say("适用季节", "Season"),
                    say("特殊时段", "Special period"), say("执行标准", "Standard")},
                   rows);
}

std::string FacilityTable(const PermitContent& content, const Speaker& say) {
  std::vector<std::vector<std::string>> rows;
  for (const FacilityRow& facility : content.facilities) {
    const std::string path = "facilities[" + facility.code + "].";
    rows.push_back({facility.code, Shown(say, content, facility.display_name, path + "display_name"),
                    Shown(say, content, facility.description, path + "description")});
  }
  return TableText({say("编号", "Code"), say("名称", "Name"), say("说明", "Description")}, rows);
}

// By kind, each with its texts numbered.
std::string Requirements(const PermitContent& content, const Speaker& say) {
  std::vector<Labelled> lines;
  for (int kind = v1::RequirementKind_MIN; kind <= v1::RequirementKind_MAX; ++kind) {
    std::string texts;
    int number = 0;
    for (const RequirementRow& requirement : content.requirements) {
      if (requirement.kind == kind) texts += (texts.empty() ? "" : "\n") + std::to_string(++number) + ". " + requirement.text;
    }
    if (!texts.empty()) lines.emplace_back(RequirementWord(say, static_cast<v1::RequirementKind>(kind)), texts);
  }
  return LabelledLines(lines);
}

std::string DuplicateCopy(const PermitSheet& sheet, const Speaker& say) {
  const PermitContent& content = *sheet.content;
  std::string text = Centered(say("排污许可证", "POLLUTANT DISCHARGE PERMIT")) + Centered(say("（副本）", "(duplicate copy)")) + Rule();
  text += LabelledLines({{say("证书编号", "Permit number"), sheet.row->number},
                         {say("版本", "Version"), std::to_string(sheet.row->version)},
                         {say("单位名称", "Holder"), sheet.holder}});
  const auto section = [&](const std::string& title, const std::string& body) {
    text += "\n" + title + "\n\n" + (body.empty() ? say("无", "None") + "\n" : body);
  };
  section(say("一、排放口", "1. Outlets"), OutletTable(content, say));
  section(say("二、年许可排放量", "2. Permitted quantity by year"), LimitTable(content, say));
  section(say("三、许可排放限值", "3. Standards and limits"), StandardTable(content, say));
  section(say("四、生产设施与污染治理设施", "4. Production and treatment facilities"), FacilityTable(content, say));
  section(say("五、环境管理要求", "5. Requirements"), Requirements(content, say));
  return text + "\n";
}

std::string TypeWord(const Speaker& say, v1::Application::Type type) {
  switch (type) {
    case v1::Application::FIRST: return say("首次申请", "first application");
    case v1::Application::REAPPLY: return say("重新申请", "re-application");
    case v1::Application::RENEW: return say("延续", "renewal");
    case v1::Application::CHANGE: return say("变更", "change");
    case v1::Application::REISSUE: return say("补领", "replacement");
    default: return "";
  }
}

bool IsAccepted(const ApplicationRow& row) { return row.accept_date != kFirstDate; }

std::string ResultWord(const Speaker& say, const ReceiptSheet& sheet) {
  const ApplicationRow& row = *sheet.row;
  if (row.state == v1::Application::CLOSED_NOT_REQUIRED) {
    return say("不予受理：依法不需要取得排污许可", "not accepted: no permit is required") + "\n" + sheet.reason;
  }
  if (row.state == v1::Application::CLOSED_NOT_COMPETENT) {
    return say("不予受理：不属于本机关职权范围，请向 ", "not accepted: the competent authority is ") + row.competent_authority +
           say(" 申请", "") + "\n" + sheet.reason;
  }
  if (!row.deemed_accepted) return say("予以受理", "accepted");
  return say("逾期未告知，自收到申请材料之日起即为受理", "accepted as of the day of receipt: no notice was given in time");
}

}  // namespace

absl::StatusOr<Language> ParseLanguage(std::string_view field, const std::string& text) {
  if (text.empty() || text == "zh") return Language::kChinese;
  if (text == "en") return Language::kEnglish;
  return InvalidField(field, text, "zh or en").Rule("PERMIT-20");
}

std::string CheckCode(const PermitRow& row, const PermitContent& content) {
  return CheckCodeOfParts("songhua permit", row.number, row.version, row.site, row.tier, row.term, row.issue_time, Masked(content));
}

std::string CheckCode(const ApplicationRow& row, Date date) {
  return CheckCodeOfParts("songhua receipt", row.number, row.site, row.participant, row.competent_authority, row.type, row.receipt_date, date,
                IsAccepted(row), row.deemed_accepted);
}

std::string PrintPermit(const PermitSheet& sheet, Language language, v1::RenderPermitRequest::Copy copy) {
  SONGHUA_CHECK(copy == Copy::MAIN || copy == Copy::DUPLICATE || copy == Copy::BOTH);
  const Speaker say(language);
  const std::string foot = Foot(say, CheckCode(*sheet.row, *sheet.content), PermitName(*sheet.row));
  std::string text;
  if (copy != Copy::DUPLICATE) text += MainCopy(sheet, say) + foot;
  if (copy == Copy::BOTH) text += "\f\n";
  if (copy != Copy::MAIN) text += DuplicateCopy(sheet, say) + foot;
  return text;
}

bool HasReceipt(const ApplicationRow& row) {
  return IsAccepted(row) || row.state == v1::Application::CLOSED_NOT_REQUIRED || row.state == v1::Application::CLOSED_NOT_COMPETENT;
}

std::string PrintReceipt(const ReceiptSheet& sheet, Language language) {
  const ApplicationRow& row = *sheet.row;
  SONGHUA_CHECK(HasReceipt(row));
  const Speaker say(language);
  const std::string title = IsAccepted(row) ? say("排污许可申请受理通知书", "RECEIPT OF ACCEPTANCE") : say("排污许可申请不予受理通知书", "NOTICE OF NON-ACCEPTANCE");
  std::string text = Centered(title) + Rule();
  text += LabelledLines({
      {say("申请编号", "Application"), row.Name()},
      {say("申请单位", "Applicant"), sheet.applicant},
      {say("统一社会信用代码", "Credit code (USCC)"), row.participant},
      {say("生产经营场所", "Site"), sheet.site + " (" + row.site + ")"},
      {say("申请类型", "Type"), TypeWord(say, row.type)},
      {say("管理类别", "Tier"), Tier(say, row.tier)},
      {say("材料接收日期", "Materials received"), FormatDate(row.receipt_date)},
      {say("受理结果", "Result"), ResultWord(say, sheet)},
      {say("日期", "Date"), FormatDate(sheet.date)},
      {say("受理机关", "Authority"), sheet.authority},
      {say("印章", "Seal"), say("（行政许可专用章）", "(seal for administrative licensing)")},
  });
  return text + Foot(say, CheckCode(row, sheet.date), row.Name());
}

}  // namespace songhua::permits
