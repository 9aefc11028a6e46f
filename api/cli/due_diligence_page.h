// A due-diligence pack as one page to read, print and keep: HTML that needs no other file, no script and no network. Every text of the pack is escaped.
//
// Pure; any thread.
#ifndef SONGHUA_API_CLI_DUE_DILIGENCE_PAGE_H_
#define SONGHUA_API_CLI_DUE_DILIGENCE_PAGE_H_

#include <functional>
#include <optional>
#include <string>

#include "api/cli/units.h"
#include "songhua/v1/collateral.pb.h"

namespace songhua::api::cli {

// In which unit quantities of a program, "programs/{code}", are counted; nullopt: in its steps.
using ProgramScale = std::function<std::optional<UnitScale>(const std::string& program)>;

// The page, in UTF-8, with who inquired, when, by what right, and the digest. Sections without entries say so.
std::string RenderDueDiligencePage(const v1::InquireCollateralAnswer& answer, const ProgramScale& scale_of);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_DUE_DILIGENCE_PAGE_H_
