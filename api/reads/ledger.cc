#include <algorithm>
#include <map>

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "ledger/ledger.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {
namespace {

// The account that a request names, if the caller may see it.
absl::StatusOr<const ledger::AccountRow*> AuthorizedAccount(ReadContext& context, Lookup& lookup, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.FindAccount("account", name));
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(*account));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  return account;
}

bool IsBank(const Caller* caller) {
  return caller != nullptr && (ledger::HasRole(caller->person, v1::BANK_OFFICER) || ledger::HasRole(caller->person, v1::BANK_APPROVER));
}

bool HoldsPledges(const ledger::LotRow& row) {
  return row.Held(ledger::HoldKind::kPledge) + row.Held(ledger::HoldKind::kProvisionalPledge) > Quantity();
}

// Still of use to its holder; what was carved away or has expired is history.
bool IsLive(const ledger::LotRow& lot, Date today) { return lot.quantity > Quantity() && (!lot.right || today <= lot.term.last); }

absl::StatusOr<ledger::LotRow> LotOfIndex(ReadContext& context, ledger::LotNumber number) {
  SONGHUA_ASSIGN_OR_RETURN(auto row, context.Get<ledger::LotRow>(number));
  if (!row.has_value()) return absl::InternalError("the row of lot " + std::to_string(number) + " is missing");
  return *std::move(row);
}

// What is held or frozen of an account's serial units, by class and vintage.
using HeldUnits = std::map<std::pair<ledger::InstrumentClassId, int32_t>, Quantity>;
absl::StatusOr<HeldUnits> HeldOf(ReadContext& context, ledger::AccountNumber account) {
  HeldUnits held;
  SONGHUA_RETURN_IF_ERROR(context.ForEach<ledger::LotIndexRow>(EncodeKey(account), [&](const ledger::LotIndexRow& index) -> absl::Status {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::LotRow lot, LotOfIndex(context, index.lot));
    if (!lot.right) held[{lot.instrument_class, lot.vintage()}] += lot.quantity - lot.Available(context.today());
    return absl::OkStatus();
  }));
  return held;
}

}  // namespace

absl::StatusOr<v1::ProgramAnswer> GetProgram(ReadContext& context, const v1::GetProgramRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string code, ledger::ParseName("name", "programs", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::ProgramRow>(code));
  if (!row.has_value()) return NotFound("name", request.name());
  v1::ProgramAnswer answer;
  *answer.mutable_program() = ToProto(*row);
  return answer;
}

absl::StatusOr<v1::ListProgramsAnswer> ListPrograms(ReadContext& context, const v1::ListProgramsRequest&) {
  v1::ListProgramsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::ProgramRow>(
      "",
      [&](const ledger::ProgramRow& row) -> ReadContext::Added {
        *answer.add_programs() = ToProto(row);
        return answer.programs().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::AccountAnswer> GetAccount(ReadContext& context, const v1::GetAccountRequest& request) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.FindAccount("name", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(*account));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::AccountAnswer answer;
  *answer.mutable_account() = ToProto(*account);
  return answer;
}

absl::StatusOr<v1::ListAccountsAnswer> ListAccounts(ReadContext& context, const v1::ListAccountsRequest& request) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(std::string owner, lookup.OnlyOwner());
  if (!request.participant().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* row, lookup.FindParticipant("participant", request.participant()));
    owner = row->id;
  }
  v1::ListAccountsAnswer answer;
  const auto add = [&](const ledger::AccountRow& row) -> ReadContext::Added {
    SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(row));
    if (!context.MaySee(target)) return 0;
    *answer.add_accounts() = ToProto(row);
    return answer.accounts().rbegin()->ByteSizeLong();
  };
  if (owner.empty()) {
    SONGHUA_RETURN_IF_ERROR(context.List<ledger::AccountRow>("", add, answer.mutable_next_page_token()));
    return answer;
  }
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::AccountOwnerRow>(
      EncodeKey(owner),
      [&](const ledger::AccountOwnerRow& index) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* row, lookup.Account(index.number));
        return add(*row);
      },
      answer.mutable_next_page_token()));
  return answer;
}

// A bank sees the title of a lot that was offered to it; nothing of any other.
absl::StatusOr<v1::LotAnswer> GetLot(ReadContext& context, const v1::GetLotRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "lots", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(auto row, context.Get<ledger::LotRow>(number));
  if (!row.has_value()) return NotFound("name", request.name());
  const bool bank = IsBank(context.caller());
  if (bank || HoldsPledges(*row)) {
    SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
    SONGHUA_ASSIGN_OR_RETURN(row, context.Get<ledger::LotRow>(number));
  }
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.Account(row->account));
  SONGHUA_ASSIGN_OR_RETURN(Target target, lookup.OfAccount(*account));
  if (bank) {
    SONGHUA_ASSIGN_OR_RETURN(const auto pledges, lookup.PledgesOf(request.name()));
    for (const ledger::PledgeRow& pledge : pledges) {
      if (pledge.HasEnded()) continue;
      SONGHUA_ASSIGN_OR_RETURN(const Target pledgee, lookup.OfParticipant(pledge.pledgee));
      target.participants.insert(target.participants.end(), pledgee.participants.begin(), pledgee.participants.end());
    }
  }
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::LotAnswer answer;
  SONGHUA_ASSIGN_OR_RETURN(*answer.mutable_lot(), lookup.LotMessage(*row));
  return answer;
}

// Two passes over the account's lots: the live ones, then the others.
absl::StatusOr<v1::ListLotsAnswer> ListLots(ReadContext& context, const v1::ListLotsRequest& request) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, AuthorizedAccount(context, lookup, request.account()));
  const RowRange range{ledger::LotIndexRow::kTable, EncodeKey(account->number)};
  v1::ListLotsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.ListRanges(
      {range, range},
      [&](size_t pass, std::string_view value) -> ReadContext::Added {
        ledger::LotIndexRow index;
        SONGHUA_RETURN_IF_ERROR(DecodeValue(value, &index));
        SONGHUA_ASSIGN_OR_RETURN(const ledger::LotRow lot, LotOfIndex(context, index.lot));
        if (IsLive(lot, context.today()) != (pass == 0)) return 0;
        SONGHUA_ASSIGN_OR_RETURN(*answer.add_lots(), lookup.LotMessage(lot));
        return answer.lots().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListHoldingsAnswer> ListHoldings(ReadContext& context, const v1::ListHoldingsRequest& request) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, AuthorizedAccount(context, lookup, request.account()));
  v1::ListHoldingsAnswer answer;
  const auto add = [&](std::string instrument, int64_t posted, int64_t held) -> size_t {
    v1::Holding* holding = answer.add_holdings();
    holding->set_instrument(std::move(instrument));
    holding->set_posted(posted);
    holding->set_held(held);
    return holding->ByteSizeLong();
  };
  if (ledger::HoldsMoney(account->kind)) {
    SONGHUA_RETURN_IF_ERROR(context.List<ledger::CashRow>(
        EncodeKey(account->number),
        [&](const ledger::CashRow& row) -> ReadContext::Added {
          return add("CNY", row.posted.value(), (row.held_orders + row.held_trades).value());
        },
        answer.mutable_next_page_token()));
    return answer;
  }
  SONGHUA_ASSIGN_OR_RETURN(const HeldUnits held, HeldOf(context, account->number));
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::BalanceRow>(
      EncodeKey(account->number),
      [&](const ledger::BalanceRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const auto instrument, context.Get<ledger::InstrumentRow>(row.instrument));
        if (!instrument.has_value()) return absl::InternalError("the row of instrument " + std::to_string(row.instrument) + " is missing");
        const auto it = held.find({instrument->instrument_class, instrument->year});
        SONGHUA_ASSIGN_OR_RETURN(std::string code, lookup.InstrumentCode(row.instrument));
        return add(std::move(code), row.posted.value(), it == held.end() ? 0 : it->second.value());
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListPostingsAnswer> ListPostings(ReadContext& context, const v1::ListPostingsRequest& request) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, AuthorizedAccount(context, lookup, request.account()));
  v1::ListPostingsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::PostingRow>(
      EncodeKey(account->number),
      [&](const ledger::PostingRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const std::string instrument, lookup.InstrumentCode(row.instrument));
        SONGHUA_ASSIGN_OR_RETURN(const std::string counter, lookup.AccountName(row.counter_account));
        *answer.add_postings() = ToProto(row, instrument, counter);
        return answer.postings().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListInstrumentsAnswer> ListInstruments(ReadContext& context, const v1::ListInstrumentsRequest&) {
  Lookup lookup(&context);
  v1::ListInstrumentsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::InstrumentRow>(
      "",
      [&](const ledger::InstrumentRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const ledger::InstrumentClassRow* of, lookup.Class(row.instrument_class));
        *answer.add_instruments() = ToProto(row, *of);
        return answer.instruments().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListLargeHoldersAnswer> ListLargeHolders(ReadContext& context, const v1::ListLargeHoldersRequest& request) {
  std::string program;
  if (!request.program().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(program, ledger::ParseName("program", "programs", request.program()));
    SONGHUA_ASSIGN_OR_RETURN(const auto known, context.Get<ledger::ProgramRow>(program));
    if (!known.has_value()) return NotFound("program", request.program());
  }
  v1::ListLargeHoldersAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::LargeHolderRow>(
      program.empty() ? "" : EncodeKey(program),
      [&](const ledger::LargeHolderRow& row) -> ReadContext::Added {
        if (request.large_only() && !row.large) return 0;
        *answer.add_large_holders() = ToProto(row);
        return answer.large_holders().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
