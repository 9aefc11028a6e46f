// Halts of contracts, programs, accounts and participants (CAR-27).
#include "exchange/exchange.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::exchange {

absl::StatusOr<MarketHaltRow> Exchange::ReadHalt(const v1::MarketHalt& halt) const {
  MarketHaltRow row;
  const int named = !halt.contract().empty() + !halt.program().empty() + !halt.account().empty() + !halt.participant().empty();
  if (named != 1) return InvalidField("halt", std::to_string(named) + " of them", "one of contract, program, account and participant").Rule("CAR-27");
  if (!halt.contract().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const std::string code, ledger::ParseName("halt.contract", "contracts", halt.contract()));
    const ContractRow* contract = FindContract(code);
    if (contract == nullptr) return NotFound("halt.contract", halt.contract());
    row.contract = contract->number;
  } else if (!halt.program().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(row.program, ledger::ParseName("halt.program", "programs", halt.program()));
    if (ledger_->programs().Find(row.program) == nullptr) return NotFound("halt.program", halt.program());
  } else if (!halt.participant().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(row.participant, ledger::ParseName("halt.participant", "participants", halt.participant()));
    const ledger::ParticipantRow* participant = participants_->FindParticipant(row.participant);
    if (participant == nullptr) return NotFound("halt.participant", halt.participant());
    row.group = participant->group;
  } else {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, ledger_->accounts().Resolve("halt.account", halt.account()));
    if (account->participant.empty()) return InvalidField("halt.account", halt.account(), "an account of a participant").Rule("CAR-27");
    row.account = account->number;
  }
  if (!v1::Side_IsValid(halt.side()) || (halt.side() != v1::SIDE_UNSPECIFIED && !row.OfAccounts())) {
    return InvalidField("halt.side", v1::Side_Name(halt.side()), "BUY or SELL of an account or a participant; nothing of a contract or a program")
        .Rule("CAR-27");
  }
  if (halt.cash_out() && !row.OfAccounts()) return InvalidField("halt.cash_out", "true", "a halt of an account or a participant").Rule("CAR-27");
  row.side = halt.side();
  row.cash_out = halt.cash_out();
  row.purge = halt.purge();
  row.reason = halt.reason();
  if (row.reason.empty() || row.reason.size() > MarketHalts::kReasonBytesMax) {
    return InvalidField("halt.reason", row.reason, "1 to " + std::to_string(MarketHalts::kReasonBytesMax) + " bytes").Rule("CAR-27");
  }
  return row;
}

v1::HaltAnswer Exchange::AnswerFor(const MarketHaltRow& row) const {
  v1::HaltAnswer answer;
  const std::string contract = row.contract == 0 ? "" : ledger::MakeName("contracts", FindContract(row.contract)->code);
  const std::string account = row.account == 0 ? "" : ledger::AccountName(*ledger_->accounts().Find(row.account));
  *answer.mutable_halt() = ToProto(row, contract, account);
  return answer;
}

absl::StatusOr<v1::HaltAnswer> Exchange::HaltTrading(CommandContext& context, const v1::HaltTradingRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(MarketHaltRow row, ReadHalt(request.halt()));
  if (halts_.InForce().size() >= MarketHalts::kInForceMax) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_HALTS").Rule("CAR-27").Field("halt").Value(static_cast<int64_t>(halts_.InForce().size()))
        .Accepted("fewer than " + std::to_string(MarketHalts::kInForceMax) + " halts in force");
  }
  row.number = halts_.NextNumber();
  row.begin_time = context.time;
  row.begun_by = std::string(context.person);
  if (context.validate_only) return AnswerFor(row);
  const MarketHaltRow& halt = halts_.Begin(context, std::move(row));
  if (halt.account != 0) HaltAccount(context, halt.account, halt);
  for (ledger::AccountNumber account = 0; halt.group != 0 && account < entries_.size(); ++account) {
    if (entries_[account].group == halt.group) HaltAccount(context, account, halt);
  }
  if (halt.OfAccounts()) return AnswerFor(halt);
  size_t orders_left = kEndedOrdersPerCallMax;
  for (auto& state : states_) {
    if (!halt.Stops(*state->row)) continue;
    ContractRow& contract = contracts_.Edit(*state->row);
    ++contract.halts;
    if (!halt.purge || !contract.open) continue;
    orders_left -= EndOrders(context, *state, orders_left, EndReason::kMarketHalt);
    contract.purging = state->HasOrders();
  }
  return AnswerFor(halt);
}

void Exchange::HaltAccount(CommandContext& context, ledger::AccountNumber account, const MarketHaltRow& halt) {
  const std::optional<Side> side = halt.side == v1::SIDE_UNSPECIFIED ? std::nullopt : std::optional(halt.side == v1::BUY ? Side::kBuy : Side::kSell);
  if (halt.purge) {
    CancelOrdersOfAccount(context, account, EndReason::kMarketHalt, side);
  } else {
    SuspendOrdersOfAccount(context, account, side);
  }
}

absl::StatusOr<v1::HaltAnswer> Exchange::ResumeTrading(CommandContext& context, const v1::ResumeTradingRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "halts", request.name()));
  const MarketHaltRow* halt = number > UINT32_MAX ? nullptr : halts_.Find(static_cast<uint32_t>(number));
  if (halt == nullptr) return NotFound("name", request.name());
  const auto refuse = [&](std::string_view reason, const std::string& accepted) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason).Rule("CAR-27").Field("name").Value(request.name()).Accepted(accepted);
  };
  if (!halt->InForce()) return refuse("ILLEGAL_TRANSITION", "a halt in force; this one was ended by " + ledger::MakeName("people", halt->ended_by));
  for (const auto& state : states_) {
    if (halt->Stops(*state->row) && state->row->purging) {
      return refuse("PURGE_NOT_ENDED", "a halt that has ended all orders that it purges; those of " + ledger::MakeName("contracts", state->row->code) +
                                           " are being ended");
    }
  }
  if (context.validate_only) {
    MarketHaltRow row = *halt;
    row.end_time = context.time;
    row.ended_by = std::string(context.person);
    return AnswerFor(row);
  }
  halts_.End(context, *halt);
  for (auto& state : states_) {
    if (halt->OfAccounts() && !state->suspended.empty()) RefreshSuspended(context, *state);
    if (!halt->Stops(*state->row)) continue;
    --contracts_.Edit(*state->row).halts;
    const bool goes_on = state->call != nullptr && state->row->halts == 0 && state->row->InSession(context.today);
    if (goes_on) ProlongReveal(*state, context.time);
    if (goes_on && state->row->call.Runs() && PhaseOf(*state, context.time) != v1::MarketPhase::CALL) EndCall(context, *state);
    RefreshSuspended(context, *state);
    TriggerStops(context, *state);
  }
  return AnswerFor(*halt);
}

bool Exchange::IsHalted(const OrderRow& order) const {
  return !order.pledge.enforced() && halts_.OfAccount(order.account, entries_[order.account].group, order.side) != nullptr;
}

// Money that leaves (CAR-27). There are few withdrawals, so the halts are walked.
absl::Status Exchange::CheckWithdrawal(const ledger::AccountRow& cash, std::string_view field) const {
  const ledger::ParticipantNumber group = participants_->FindParticipant(cash.participant)->group;
  for (const uint32_t number : halts_.InForce()) {
    const MarketHaltRow& halt = *halts_.Find(number);
    if (!halt.cash_out || (halt.group != group && (halt.account == 0 || ledger_->accounts().Find(halt.account)->participant != cash.participant))) continue;
    return Refuse(absl::StatusCode::kFailedPrecondition, "CASH_HALTED").Rule("CAR-27").Field(field).Value(ledger::AccountName(cash)).Accepted(
        "an account whose withdrawals no halt stops; this one's are stopped by " + ledger::MakeName("halts", number) + ": " + halt.reason);
  }
  return absl::OkStatus();
}

}  // namespace songhua::exchange
