#include "ledger/pledges.h"

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {

namespace {

// A pledge of which the caller may know all.
absl::StatusOr<ledger::PledgeRow> FindPledge(ReadContext& context, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "pledges", name));
  SONGHUA_ASSIGN_OR_RETURN(auto row, context.Get<ledger::PledgeRow>(number));
  if (!row.has_value()) return NotFound(field, name);
  SONGHUA_ASSIGN_OR_RETURN(const Target target, Lookup(&context).OfPledge(*row));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  return *std::move(row);
}

}  // namespace

absl::StatusOr<v1::PledgeAnswer> GetPledge(ReadContext& context, const v1::GetPledgeRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::PledgeRow row, FindPledge(context, "name", request.name()));
  v1::PledgeAnswer answer;
  *answer.mutable_pledge() = ToProto(row, context.today());
  return answer;
}

absl::StatusOr<v1::ListConsentsAnswer> ListConsents(ReadContext& context, const v1::ListConsentsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::PledgeRow row, FindPledge(context, "parent", request.parent()));
  v1::ListConsentsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::ConsentRow>(
      EncodeKey(row.number),
      [&](const ledger::ConsentRow& consent) -> ReadContext::Added {
        *answer.add_consents() = ToProto(consent, context.today());
        return answer.consents().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListDistributionsAnswer> ListDistributions(ReadContext& context, const v1::ListDistributionsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::PledgeRow row, FindPledge(context, "parent", request.parent()));
  v1::ListDistributionsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::DistributionRow>(
      EncodeKey(row.number),
      [&](const ledger::DistributionRow& distribution) -> ReadContext::Added {
        *answer.add_distributions() = ToProto(distribution);
        return answer.distributions().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

// Who sees only what he is a party of (a bank, of its branches, too) has an index of it.
absl::StatusOr<v1::ListPledgesAnswer> ListPledges(ReadContext& context, const v1::ListPledgesRequest&) {
  Lookup lookup(&context);
  v1::ListPledgesAnswer answer;
  const auto add = [&](const ledger::PledgeRow& row) -> ReadContext::Added {
    SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfPledge(row));
    if (!context.MaySee(target)) return 0;
    *answer.add_pledges() = ToProto(row, context.today());
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
