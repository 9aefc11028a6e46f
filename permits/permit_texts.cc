#include "permits/permit_texts.h"

#include "ledger/check.h"

namespace songhua::permits {
namespace {

using E = PermitEvent;

// What was done, in English and Chinese.
BothTexts Verb(PermitEvent event) {
  switch (event) {
    case E::kIssue: return {"is issued", "核发"};
    case E::kChange: return {"is changed", "变更"};
    case E::kAuthorityChange: return {"is changed by the authority", "由核发机关依法变更"};
    case E::kReissue: return {"is issued again in place of a lost document", "补领"};
    case E::kReapplyGranted: return {"is issued for a new term", "重新核发"};
    case E::kRenewGranted: return {"is renewed", "延续"};
    case E::kRenewDenied: return {"is not renewed and has expired", "不予延续，已失效"};
    case E::kExpiryPending: return {"goes on until its renewal is decided", "有效期届满，延续决定作出前视为准予延续"};
    case E::kExpiry: return {"has expired", "有效期届满，已失效"};
    case E::kAnnul: return {"is annulled", "被撤销"};
    case E::kRevoke: return {"is revoked as a penalty", "被吊销"};
    case E::kRecall: return {"is recalled", "被撤回"};
    case E::kWriteOff:
    case E::kTerminate: return {"is written off", "予以注销"};
    case E::kRestore: return {"is restored", "恢复效力"};
  }
  SONGHUA_CHECK(false);
}

}  // namespace

BothTexts ActText(const PermitRow& row, PermitEvent event, Date date, const std::string& decision, const std::string& reasons) {
  const BothTexts verb = Verb(event);
  BothTexts text;
  text.english = PermitName(row) + " " + verb.english + " on " + FormatDate(date) + ".";
  text.chinese = "排污许可证 " + row.number + " 于 " + FormatDate(date) + " " + verb.chinese + "。";
  if (!decision.empty()) {
    text.english += " Decision: " + decision + ".";
    text.chinese += "决定文号：" + decision + "。";
  }
  if (!reasons.empty()) {
    text.english += " Reasons: " + reasons;
    text.chinese += "理由：" + reasons;
  }
  return text;
}

v1::NoticeKind NoticeOf(PermitEvent event) {
  switch (event) {
    case E::kIssue:
    case E::kReapplyGranted:
    case E::kRenewGranted: return v1::PERMIT_GRANTED;
    case E::kChange:
    case E::kAuthorityChange:
    case E::kReissue:
    case E::kRestore: return v1::PERMIT_CHANGED;
    case E::kExpiryPending: return v1::PERMIT_CONTINUES;
    default: return v1::PERMIT_ENDED;
  }
}

}  // namespace songhua::permits
