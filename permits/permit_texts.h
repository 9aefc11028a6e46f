// What an authority writes of acts on permits, penalties, overlays and registrations: notices and disclosures, in English and Chinese. Pure functions.
#ifndef SONGHUA_PERMITS_PERMIT_TEXTS_H_
#define SONGHUA_PERMITS_PERMIT_TEXTS_H_

#include <string>

#include "permits/case_file.h"
#include "permits/permits.h"

namespace songhua::permits {

// "排污许可证 91...P 于 2026-02-02 被吊销。决定：... 理由：..." `decision` may be empty.
BothTexts ActText(const PermitRow& row, PermitEvent event, Date date, const std::string& decision, const std::string& reasons);
// How an act on the enterprise's permit reaches it.
v1::NoticeKind NoticeOf(PermitEvent event);

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_PERMIT_TEXTS_H_
