#include "permits/application_texts.h"

#include "ledger/check.h"
#include "ledger/names.h"

namespace songhua::permits {
namespace {

using A = v1::Application;
using E = ApplicationEvent;

std::string TypeInChinese(ApplicationType type) {
  switch (type) {
    case A::FIRST: return "首次申请";
    case A::REAPPLY: return "重新申请";
    case A::RENEW: return "延续";
    case A::CHANGE: return "变更";
    case A::REISSUE: return "补领";
    default: SONGHUA_CHECK(false);
  }
}

std::string Case(const ApplicationRow& row) { return row.Name() + " (" + A::Type_Name(row.type) + ", sites/" + row.site + ")"; }
std::string CaseInChinese(const ApplicationRow& row) { return "申请 " + std::to_string(row.number) + "（" + TypeInChinese(row.type) + "，场所 " + row.site + "）"; }

std::string Numbered(const std::vector<std::string>& items) {
  std::string text;
  for (size_t i = 0; i < items.size(); ++i) text += "\n" + std::to_string(i + 1) + ". " + items[i];
  return text;
}

}  // namespace

absl::Status CheckReason(const std::string& reason, std::string_view field) {
  return ValidateName(reason, Applications::kReasonBytesMax, field);
}

std::string_view RuleOf(ApplicationEvent event) {
  switch (event) {
    case E::kStartPublicity:
    case E::kPublicityEnd: return "PERMIT-30";
    case E::kUpdate:
    case E::kSubmit: return "PERMIT-31";
    case E::kNotRequired:
    case E::kNotCompetent:
    case E::kCorrectOnSpot: return "PERMIT-32";
    case E::kDeemedAccept: return "PERMIT-33";
    case E::kRequestCorrection:
    case E::kResubmit:
    case E::kLapse: return "PERMIT-34";
    case E::kAccept: return "PERMIT-35";
    case E::kAssign:
    case E::kOrderSiteCheck: return "PERMIT-36";
    case E::kOrderAssessment:
    case E::kOpinion: return "PERMIT-38";
    case E::kProposeGrant:
    case E::kProposeDeny:
    case E::kApprove:
    case E::kReturn: return "PERMIT-39";
    case E::kDeny: return "PERMIT-41";
    case E::kWithdraw: return "PERMIT-42";
    case E::kFastTrack:
    case E::kPostCheckPassed:
    case E::kPostCheckBroken: return "CREDIT-32";
  }
  SONGHUA_CHECK(false);
}

BothTexts PublicityText(const ApplicationRow& row) {
  return {Case(row) + " is made public before it is filed.", CaseInChinese(row) + "申请前信息公开。"};
}

BothTexts ReceiptText(const ApplicationRow& row) {
  const std::string date = FormatDate(row.accept_date);
  if (row.deemed_accepted) {
    return {Case(row) + " is accepted as of " + date + ": no notice was given in time (PERMIT-33).",
            CaseInChinese(row) + "逾期未告知，自收到申请材料之日 " + date + " 起即为受理。"};
  }
  return {Case(row) + " is accepted on " + date + ".", CaseInChinese(row) + "于 " + date + " 予以受理。"};
}

BothTexts ClosedText(const ApplicationRow& row, ApplicationEvent event, const std::string& reason) {
  switch (event) {
    case E::kNotRequired: return {Case(row) + " needs no permit: " + reason, CaseInChinese(row) + "依法不需要取得排污许可：" + reason};
    case E::kNotCompetent:
      return {Case(row) + " is for another authority, participants/" + row.competent_authority + ": " + reason,
              CaseInChinese(row) + "不属于本机关职权范围，请向 " + row.competent_authority + " 申请：" + reason};
    case E::kLapse: return {Case(row) + " has lapsed: nothing was corrected in time.", CaseInChinese(row) + "逾期未补正，申请失效。"};
    default: return {Case(row) + " is closed: " + reason, CaseInChinese(row) + "终结：" + reason};
  }
}

BothTexts CorrectionText(const ApplicationRow& row) {
  return {Case(row) + " is to be corrected:" + Numbered(row.correction_items), CaseInChinese(row) + "需要补正的全部内容：" + Numbered(row.correction_items)};
}

BothTexts AssessmentText(const ApplicationRow& row, int32_t expected_workdays) {
  const std::string days = std::to_string(expected_workdays);
  return {Case(row) + " is assessed by an expert, for about " + days + " working days. These do not count in the period for the decision (GEN-05).",
          CaseInChinese(row) + "进行技术评估，预计 " + days + " 个工作日，所需时间不计入审批期限。"};
}

BothTexts GrantedText(const ApplicationRow& row) {
  const std::string permit = ledger::MakeName("permits", row.permit) + ", version " + std::to_string(row.granted_version);
  return {Case(row) + " is granted: " + permit + ".", CaseInChinese(row) + "准予许可：排污许可证 " + row.permit + "，第 " + std::to_string(row.granted_version) + " 版。"};
}

BothTexts DeniedText(const ApplicationRow& row, Date reconsideration_until, Date litigation_until) {
  return {Case(row) + " is denied: " + row.reasons + "\nYou may ask for reconsideration until " + FormatDate(reconsideration_until) +
              " and go to court until " + FormatDate(litigation_until) + ".",
          CaseInChinese(row) + "不予许可：" + row.reasons + "\n可于 " + FormatDate(reconsideration_until) + " 前申请行政复议，或于 " +
              FormatDate(litigation_until) + " 前提起行政诉讼。"};
}

BothTexts PostCheckText(const ApplicationRow& row, const std::string& finding) {
  if (row.post_check == A::BROKEN) {
    return {Case(row) + ": the commitment was broken, the decision is annulled: " + finding, CaseInChinese(row) + "承诺不实，撤销决定：" + finding};
  }
  return {Case(row) + ": the commitment was kept: " + finding, CaseInChinese(row) + "承诺属实：" + finding};
}

}  // namespace songhua::permits
