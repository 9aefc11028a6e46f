// What controls stand over accounts, and the transfers that wait under them. A proposal concerns the holders of both accounts.
#include <string>

#include "api/reads/lookup.h"
#include "api/reads/read_context.h"
#include "api/reads/reads.h"
#include "ledger/controls.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/transfer_proposals.h"

namespace songhua::api::reads {
namespace {

// The account of a request, which the caller may see.
absl::StatusOr<const ledger::AccountRow*> SeenAccount(ReadContext& context, Lookup& lookup, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.FindAccount("account", name));
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(*account));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  return account;
}

absl::StatusOr<Target> OfProposal(Lookup& lookup, const ledger::TransferProposalRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* from, lookup.Account(row.from));
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* to, lookup.Account(row.to));
  SONGHUA_ASSIGN_OR_RETURN(Target target, lookup.OfAccount(*from));
  SONGHUA_ASSIGN_OR_RETURN(const Target other, lookup.OfAccount(*to));
  target.participants.insert(target.participants.end(), other.participants.begin(), other.participants.end());
  return target;
}

absl::StatusOr<v1::TransferProposal> Message(Lookup& lookup, const ledger::TransferProposalRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string from, lookup.AccountName(row.from));
  SONGHUA_ASSIGN_OR_RETURN(const std::string to, lookup.AccountName(row.to));
  return ToProto(row, from, to);
}

}  // namespace

absl::StatusOr<v1::ListControlPoliciesAnswer> ListControlPolicies(ReadContext& context, const v1::ListControlPoliciesRequest&) {
  v1::ListControlPoliciesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::ControlPolicyRow>(
      "",
      [&](const ledger::ControlPolicyRow& row) -> ReadContext::Added {
        *answer.add_policies() = ToProto(row);
        return answer.policies().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::AccountControlAnswer> GetAccountControl(ReadContext& context, const v1::GetAccountControlRequest& request) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, SeenAccount(context, lookup, request.account()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::AccountControlRow>(account->number));
  v1::AccountControlAnswer answer;
  *answer.mutable_control() = ToProto(row.value_or(ledger::AccountControlRow()), ledger::AccountName(*account));
  return answer;
}

absl::StatusOr<v1::ListTrustedAccountsAnswer> ListTrustedAccounts(ReadContext& context, const v1::ListTrustedAccountsRequest& request) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, SeenAccount(context, lookup, request.account()));
  v1::ListTrustedAccountsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::TrustedAccountRow>(
      EncodeKey(account->number),
      [&](const ledger::TrustedAccountRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const std::string trusted, lookup.AccountName(row.trusted));
        *answer.add_entries() = ToProto(row, ledger::AccountName(*account), trusted);
        return answer.entries().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::TransferProposalAnswer> GetTransferProposal(ReadContext& context, const v1::GetTransferProposalRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "transferProposals", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::TransferProposalRow>(number));
  if (!row.has_value()) return NotFound("name", request.name());
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const Target target, OfProposal(lookup, *row));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::TransferProposalAnswer answer;
  SONGHUA_ASSIGN_OR_RETURN(*answer.mutable_proposal(), Message(lookup, *row));
  return answer;
}

absl::StatusOr<v1::ListTransferProposalsAnswer> ListTransferProposals(ReadContext& context, const v1::ListTransferProposalsRequest& request) {
  Lookup lookup(&context);
  ledger::AccountNumber only = 0;
  if (!request.account().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, SeenAccount(context, lookup, request.account()));
    only = account->number;
  }
  v1::ListTransferProposalsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::TransferProposalRow>(
      "",
      [&](const ledger::TransferProposalRow& row) -> ReadContext::Added {
        if (only != 0 && row.from != only && row.to != only) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const Target target, OfProposal(lookup, row));
        if (!context.MaySee(target)) return 0;
        SONGHUA_ASSIGN_OR_RETURN(*answer.add_proposals(), Message(lookup, row));
        return answer.proposals().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
