#include "ledger/extinctions.h"

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {

absl::StatusOr<v1::ExtinctionAnswer> GetExtinction(ReadContext& context, const v1::GetExtinctionRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "extinctions", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::ExtinctionRow>(number));
  if (!row.has_value()) return NotFound("name", request.name());
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.Account(row->account));
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(*account));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::ExtinctionAnswer answer;
  *answer.mutable_extinction() = ToProto(*row, ledger::AccountName(*account));
  return answer;
}

absl::StatusOr<v1::ListExtinctionsAnswer> ListExtinctions(ReadContext& context, const v1::ListExtinctionsRequest& request) {
  Lookup lookup(&context);
  ledger::AccountNumber only = 0;
  if (!request.account().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.FindAccount("account", request.account()));
    only = account->number;
  }
  v1::ListExtinctionsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::ExtinctionRow>(
      "",
      [&](const ledger::ExtinctionRow& row) -> ReadContext::Added {
        if (only != 0 && row.account != only) return 0;
        if (!request.control_zone().empty() && row.control_zone != request.control_zone()) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.Account(row.account));
        SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(*account));
        if (!context.MaySee(target)) return 0;
        *answer.add_extinctions() = ToProto(row, ledger::AccountName(*account));
        return answer.extinctions().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListAttainmentsAnswer> ListAttainments(ReadContext& context, const v1::ListAttainmentsRequest& request) {
  v1::ListAttainmentsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::AttainmentRow>(
      request.control_zone().empty() ? "" : EncodeKey(request.control_zone()),
      [&](const ledger::AttainmentRow& row) -> ReadContext::Added {
        *answer.add_attainments() = ToProto(row);
        return answer.attainments().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ComputeReplacementAnswer> ComputeReplacement(ReadContext& context, const v1::ComputeReplacementRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string code, ledger::ParseName("program", "programs", request.program()));
  if (request.quantity() < 1) return InvalidField("quantity", std::to_string(request.quantity()), "1 or more").Rule("DR-30");
  Date date = context.today();
  if (!request.date().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(date, ParseDate(request.date(), "date"));
  }
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const auto program, context.Get<ledger::ProgramRow>(code));
  if (!program.has_value()) return NotFound("program", request.program());
  if (program->form != v1::RIGHT) return InvalidField("program", request.program(), "a program of discharge rights").Rule("DR-30");
  if (!program->HasPollutant(request.pollutant())) {
    return InvalidField("pollutant", request.pollutant(), "a pollutant that the program has enabled").Rule("DR-02");
  }
  SONGHUA_ASSIGN_OR_RETURN(const auto attainment, context.Get<ledger::AttainmentRow>(std::make_tuple(request.control_zone(), Year(date) - 1)));
  SONGHUA_ASSIGN_OR_RETURN(const ledger::Replacement replacement,
                           ledger::ReplacementOf(*program, request.pollutant(), attainment.has_value() ? &*attainment : nullptr,
                                                 Quantity(request.quantity()), request.gas_turbine_level()));
  v1::ComputeReplacementAnswer answer;
  answer.set_ratio_bps(replacement.ratio_bps);
  answer.set_required_quantity(replacement.required.value());
  if (ledger::DependsOnAttainment(*program, request.pollutant())) *answer.mutable_attainment() = ToProto(*attainment);
  return answer;
}

}  // namespace songhua::api::reads
