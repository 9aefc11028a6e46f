#include "ledger/accounts.h"

#include <algorithm>

#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

std::string_view KindSuffix(v1::AccountKind kind) {
  switch (kind) {
    case v1::RIGHTS: return "rights";
    case v1::REGISTRY: return "registry";
    case v1::TRADING: return "trading";
    case v1::RESERVE: return "reserve";
    case v1::CASH: return "cash";
    case v1::ESCROW: return "escrow";
    case v1::ISSUED: return "issued";
    case v1::SURRENDERED: return "surrendered";
    case v1::CANCELLED: return "cancelled";
    case v1::LAPSED: return "lapsed";
    case v1::EXTINGUISHED: return "extinguished";
    case v1::RECLAIMED: return "reclaimed";
    case v1::CONVERTED: return "converted";
    case v1::BANK_CASH: return "bank";
    case v1::FEES: return "fees";
    case v1::FUNDS: return "funds";
    case v1::SETTLEMENT_RESERVE: return "settlement-reserve";
    default: return "";
  }
}

std::string Id(std::string_view owner, v1::AccountKind kind) { return std::string(owner) + "." + std::string(KindSuffix(kind)); }

constexpr char kHouse[] = "house";

}  // namespace

bool HoldsMoney(v1::AccountKind kind) {
  switch (kind) {
    case v1::CASH:
    case v1::ESCROW:
    case v1::BANK_CASH:
    case v1::FEES:
    case v1::FUNDS:
    case v1::SETTLEMENT_RESERVE: return true;
    default: return false;
  }
}

bool HoldsLiveUnits(v1::AccountKind kind) {
  switch (kind) {
    case v1::RIGHTS:
    case v1::REGISTRY:
    case v1::TRADING:
    case v1::RESERVE: return true;
    default: return false;
  }
}

Accounts::Accounts(TableSet* tables, Participants* participants) : participants_(participants), accounts_(tables), cash_(tables), names_(tables), owners_(tables) {
  accounts_.OnLoaded([this](AccountRow& row) {
    by_id_[row.id] = row.number;
    last_number_ = std::max(last_number_, row.number);
  });
}

void Accounts::Bootstrap(CommandContext& context) {
  for (v1::AccountKind kind : {v1::BANK_CASH, v1::FEES, v1::FUNDS, v1::ESCROW}) {
    AccountRow row;
    row.id = Id(kHouse, kind);
    row.kind = kind;
    Open(context, std::move(row));
  }
}

AccountNumber Accounts::OpenHouseMoney(CommandContext& context, v1::AccountKind kind) {
  SONGHUA_CHECK(HoldsMoney(kind));
  AccountRow row;
  row.id = Id(kHouse, kind);
  row.kind = kind;
  const AccountRow* opened = FindById(row.id);
  return opened != nullptr ? opened->number : Open(context, std::move(row)).number;
}

// Accounts are never closed, so the next number is one above the highest row.
const AccountRow& Accounts::Open(CommandContext& context, AccountRow row) {
  row.number = ++last_number_;
  const AccountRow& opened = accounts_.Insert(std::move(row));
  by_id_[opened.id] = opened.number;
  names_.Append({opened.id, opened.number});
  if (!opened.participant.empty()) owners_.Append({opened.participant, opened.number});
  if (HoldsMoney(opened.kind)) {
    CashRow cash;
    cash.account = opened.number;
    cash_.Insert(cash);
  }
  context.events->Emit(EventType::kRegistered, AccountName(opened), opened.number);
  return opened;
}

absl::StatusOr<v1::AccountAnswer> Accounts::OpenAccount(CommandContext& context, const v1::OpenAccountRequest& request, bool program_exists,
                                                        bool zone_exists) {
  const v1::AccountKind kind = request.kind();
  const bool reserve = kind == v1::RESERVE;
  if (kind != v1::REGISTRY && kind != v1::TRADING && kind != v1::CASH && kind != v1::ESCROW && !reserve) {
    return InvalidField("kind", v1::AccountKind_Name(kind), "REGISTRY, TRADING, CASH, ESCROW or RESERVE").Rule("CAR-05");
  }
  SONGHUA_ASSIGN_OR_RETURN(const std::string owner, ParseName("participant", "participants", request.participant()));
  const ParticipantRow* participant = participants_->FindParticipant(owner);
  if (participant == nullptr) return NotFound("participant", request.participant());
  const bool official = participant->kind == v1::AUTHORITY || participant->kind == v1::OPERATOR;
  if (official && (kind == v1::REGISTRY || kind == v1::TRADING)) {
    return InvalidField("participant", request.participant(), "an enterprise or a bank: neither regulator nor operator owns tradable units").Rule("INV-10");
  }

  AccountRow row;
  row.kind = kind;
  row.participant = owner;
  if (reserve) {
    SONGHUA_ASSIGN_OR_RETURN(row.program, ParseName("program", "programs", request.program()));
    if (participant->kind != v1::AUTHORITY) {
      return InvalidField("participant", request.participant(), "an authority, which keeps the reserve").Rule("DR-60");
    }
    if (!program_exists) return NotFound("program", request.program());
    if (!zone_exists) return InvalidField("control_zone", request.control_zone(), "a control zone of the program").Rule("DR-60");
    row.control_zone = request.control_zone();
    row.id = Id(row.program, kind) + "." + row.control_zone;
  } else {
    if (!request.program().empty() || !request.control_zone().empty()) {
      return InvalidField(request.program().empty() ? "control_zone" : "program", request.program() + request.control_zone(),
                          "empty, unless the kind is RESERVE");
    }
    row.id = Id(owner, kind);
  }
  if (FindById(row.id) != nullptr) {
    return Refuse(absl::StatusCode::kAlreadyExists, "ACCOUNT_EXISTS").Field("kind").Value(row.id).Accepted("one account of a kind").Rule("CAR-05");
  }
  v1::AccountAnswer answer;
  if (context.validate_only) return answer;
  *answer.mutable_account() = ToProto(Open(context, std::move(row)));
  return answer;
}

void Accounts::OpenRightsAccount(CommandContext& context, const SiteRow& site) {
  AccountRow row;
  row.id = Id(site.id, v1::RIGHTS);
  row.kind = v1::RIGHTS;
  row.participant = site.participant;
  row.site = site.id;
  Open(context, std::move(row));
}

void Accounts::OpenProgramAccounts(CommandContext& context, const std::string& program) {
  for (v1::AccountKind kind :
       {v1::ISSUED, v1::SURRENDERED, v1::CANCELLED, v1::LAPSED, v1::EXTINGUISHED, v1::RECLAIMED, v1::CONVERTED}) {
    AccountRow row;
    row.id = Id(program, kind);
    row.kind = kind;
    row.program = program;
    Open(context, std::move(row));
  }
}

const AccountRow* Accounts::FindById(std::string_view id) const {
  auto it = by_id_.find(absl::string_view(id.data(), id.size()));
  return it == by_id_.end() ? nullptr : accounts_.Find(it->second);
}

absl::StatusOr<const AccountRow*> Accounts::Resolve(std::string_view field, std::string_view name) const {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ParseName(field, "accounts", name));
  const AccountRow* row = FindById(id);
  if (row == nullptr) return NotFound(field, name);
  return row;
}

AccountNumber Accounts::House(v1::AccountKind kind, std::string_view program) const {
  const AccountRow* row = FindById(Id(HoldsMoney(kind) ? kHouse : program, kind));
  SONGHUA_CHECK(row != nullptr);
  return row->number;
}

const AccountRow* Accounts::OfParticipant(std::string_view participant, v1::AccountKind kind) const {
  return FindById(Id(participant, kind));
}

std::string AccountName(const AccountRow& row) { return "accounts/" + row.id; }

v1::Account ToProto(const AccountRow& row) {
  v1::Account account;
  account.set_name(AccountName(row));
  account.set_kind(row.kind);
  if (!row.participant.empty()) account.set_participant("participants/" + row.participant);
  if (!row.site.empty()) account.set_site("sites/" + row.site);
  if (!row.program.empty()) account.set_program("programs/" + row.program);
  account.set_number(row.number);
  account.set_control_zone(row.control_zone);
  return account;
}

Accounts::~Accounts() = default;

}  // namespace songhua::ledger
