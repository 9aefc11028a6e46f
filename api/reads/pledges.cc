#include "ledger/pledges.h"

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {

absl::StatusOr<v1::PledgeAnswer> GetPledge(ReadContext& context, const v1::GetPledgeRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "pledges", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::PledgeRow>(number));
  if (!row.has_value()) return NotFound("name", request.name());
  SONGHUA_ASSIGN_OR_RETURN(const Target target, Lookup(&context).OfPledge(*row));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::PledgeAnswer answer;
  *answer.mutable_pledge() = ToProto(*row);
  return answer;
}

// Who sees only what he is a party of (a bank, of its branches, too) has an index of it.
absl::StatusOr<v1::ListPledgesAnswer> ListPledges(ReadContext& context, const v1::ListPledgesRequest&) {
  Lookup lookup(&context);
  v1::ListPledgesAnswer answer;
  const auto add = [&](const ledger::PledgeRow& row) -> ReadContext::Added {
    SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfPledge(row));
    if (!context.MaySee(target)) return 0;
    *answer.add_pledges() = ToProto(row);
    return answer.pledges().rbegin()->ByteSizeLong();
  };
  const std::string only = context.OnlyParticipant();
  if (only.empty()) {
    SONGHUA_RETURN_IF_ERROR(context.List<ledger::PledgeRow>("", add, answer.mutable_next_page_token()));
    return answer;
  }
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::PledgeIndexRow>(
      EncodeKey(ledger::MakeName("participants", only)),
      [&](const ledger::PledgeIndexRow& index) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::PledgeRow>(index.pledge));
        if (!row.has_value()) return absl::InternalError("the row of pledge " + std::to_string(index.pledge) + " is missing");
        return add(*row);
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
