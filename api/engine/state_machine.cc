#include "api/engine/state_machine.h"

#include <algorithm>

#include "api/engine/logic_version.h"
#include "api/engine/request_ids.h"
#include "ledger/bounds.h"
#include "ledger/refusal.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::api {
namespace {

Digest BodyDigest(const Message& message) { return Sha256Of(message.method->name, std::string_view("\0", 1), message.canonical); }

// What a record says of its outcome: status, reason, and everything that happened. The answers themselves stand in rows (idempotency, streams),
// which the group's trailer commits to.
Digest OutcomeDigest(uint32_t status_code, std::string_view reason, std::string_view events) {
  std::string head;
  Encoder encoder(&head);
  encoder(status_code, reason);
  return Sha256Of(head, events);
}

std::string ReasonOf(const absl::Status& status) {
  if (status.ok()) return "";
  const auto refusal = GetRefusal(status);
  return refusal.has_value() ? refusal->reason : std::string(absl::StatusCodeToString(status.code()));
}

absl::Status Unauthenticated(std::string_view reason, std::string_view accepted) {
  return Refuse(absl::StatusCode::kUnauthenticated, reason).Rule("GEN-13").Field("authorization").Accepted(accepted);
}

absl::Status CheckLogicVersion(uint32_t version, const std::string& what) {
  if (version >= kOldestLogicVersion && version <= kNewestLogicVersion) return absl::OkStatus();
  return absl::FailedPreconditionError(what + " by logic version " + std::to_string(version) + "; this program has versions " +
                                       std::to_string(kOldestLogicVersion) + " to " + std::to_string(kNewestLogicVersion) +
                                       (version > kNewestLogicVersion ? ": a newer program is needed" : ": an older program is needed"));
}

// Of one command of the engine itself.
JournalRecord OwnRecord(std::string_view method, uint64_t sequence, Timestamp time) {
  JournalRecord record;
  record.first_sequence = sequence;
  record.count = 1;
  record.time_us = time.value();
  record.principal = std::string(kEngineId);
  record.method = std::string(method);
  return record;
}

}  // namespace

uint32_t CommandCount(const Message& message) {
  if (!message.method->stream) return 1;
  return static_cast<uint32_t>(static_cast<const v1::OrderBatch&>(*message.request).commands_size());
}

StateMachine::StateMachine() {
  state_.tables.OnColdRow([this](uint16_t table, const std::string& key, const std::string& value) {
    cold_rows_.Wrote(state_.engine_rows.size() == 0 ? 0 : state_.engine().last_sequence + 1, table, key, value);
  });
}

uint64_t StateMachine::last_sequence() const { return state_.engine_rows.size() == 0 ? 0 : state_.engine().last_sequence; }
Timestamp StateMachine::last_time() const { return state_.engine_rows.size() == 0 ? Timestamp() : state_.engine().last_time; }

uint32_t StateMachine::logic_version() const { return state_.engine_rows.size() == 0 ? 0 : state_.engine().logic_version; }

absl::Status StateMachine::FinishLoad() {
  state_.tables.FinishLoad();
  return logic_version() == 0 ? absl::OkStatus() : CheckLogicVersion(logic_version(), "the store decides");
}

Timestamp StateMachine::TimeOf(Timestamp clock) const {
  return clock_mode() == ClockMode::kVirtual ? last_time() : std::max(last_time(), clock);
}

CommandContext StateMachine::ContextAt(uint64_t sequence, Timestamp time, std::string_view person, std::string_view participant) {
  CommandContext context;
  context.sequence = sequence;
  context.time = time;
  context.today = LocalDate(time);
  context.person = person;
  context.participant = participant;
  context.events = &events_;
  context.cold = &cold_rows_;
  return context;
}

void StateMachine::Advance(uint64_t last_sequence, Timestamp time) {
  EngineRow& row = state_.engine_rows.Edit(state_.engine());
  row.last_sequence = last_sequence;
  row.last_time = std::max(row.last_time, time);  // AdvanceClock may have moved it further
}

void StateMachine::Record(JournalRecord record, uint32_t logic_version, const absl::Status& status, size_t events_start, JournalGroup* group) {
  record.logic_version = logic_version;
  record.status_code = static_cast<uint32_t>(status.code());
  record.reason = ReasonOf(status);
  record.outcome = OutcomeDigest(record.status_code, record.reason, std::string_view(events_.bytes()).substr(events_start));
  group->Add(record);
}

absl::Status StateMachine::Begin(const Genesis& genesis, JournalGroup* group) {
  SONGHUA_CHECK(state_.engine_rows.size() == 0);
  set_clock_mode(genesis.clock_mode);
  EngineRow row;
  row.logic_version = genesis.logic_version;
  row.last_time = genesis.start_time;
  state_.engine_rows.Insert(row);
  CommandContext context = ContextAt(1, genesis.start_time, kEngineId, kEngineId);
  SONGHUA_RETURN_IF_ERROR(state_.participants.Bootstrap(context, genesis.operator_token_sha256, genesis.region));
  state_.ledger.accounts().Bootstrap(context);
  Advance(1, genesis.start_time);
  JournalRecord record;
  record.first_sequence = 1;
  record.count = 1;
  record.time_us = genesis.start_time.value();
  record.principal = std::string(kEngineId);
  record.method = std::string(kGenesisMethod);
  record.request = EncodeValue(genesis);
  Record(std::move(record), genesis.logic_version, absl::OkStatus(), 0, group);
  return absl::OkStatus();
}

absl::Status StateMachine::Authenticate(const Message& message, Timestamp time, Caller* caller) const {
  caller->token = state_.participants.FindTokenByHash(message.token_sha256);
  if (caller->token == nullptr) return Unauthenticated("UNKNOWN_TOKEN", "a bearer token that an operator has admitted");
  if (caller->token->revoked) return Unauthenticated("TOKEN_REVOKED", "a token that was not revoked");
  if (!caller->token->HoldsAt(time)) {
    return Unauthenticated("TOKEN_EXPIRED", "a token that has not expired; this one ended " + FormatTimestamp(caller->token->expire_time));
  }
  caller->person = state_.participants.FindPerson(caller->token->person);
  SONGHUA_CHECK(caller->person != nullptr);
  return absl::OkStatus();
}

bool StateMachine::AnswerRepeat(const Message& message, const Caller& caller, const Digest& body, Date today, Outcome* outcome) {
  const auto date = ParseRequestId(message.request_id);
  if (!date.ok()) {
    outcome->status = date.status();
    return true;
  }
  outcome->status = CheckRequestDate(*date, today, message.request_id);
  if (!outcome->status.ok()) return true;
  const std::string key = EncodeRowKey(std::make_tuple(*date, caller.person->id, message.request_id));
  const auto bytes = cold_rows_.Read(static_cast<uint16_t>(RowTable::kIdempotency), key);
  if (cold_rows_.missed()) {
    outcome->missed = true;
    return true;
  }
  if (!bytes.has_value()) return false;
  IdempotencyRow row;
  SONGHUA_CHECK(DecodeValue(*bytes, &row).ok());
  if (row.body != body) {
    outcome->status = Refuse(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED").Rule("GEN-15").Field("request_id").Value(message.request_id)
                          .Accepted("a new request_id: this one was used for another request, sequence " + std::to_string(row.sequence));
    return true;
  }
  outcome->repeated = true;
  outcome->sequence = row.sequence;
  if (row.status_code == 0) {
    outcome->answer = std::move(row.answer);
    return true;
  }
  RefusalDetail detail;
  SONGHUA_CHECK(DecodeValue(row.refusal, &detail).ok());
  outcome->status = RestoreRefusal(static_cast<absl::StatusCode>(row.status_code), row.message, detail);
  return true;
}

bool StateMachine::AnswerStreamRepeat(const Message& message, const Caller& caller, const Digest& body, Outcome* outcome) {
  const auto& batch = static_cast<const v1::OrderBatch&>(*message.request);
  const StreamRow* row = state_.streams.Find({caller.person->id, batch.stream()});
  const uint64_t last = row == nullptr ? 0 : row->number;
  if (batch.number() == last + 1) return false;
  if (row != nullptr && batch.number() == last && row->body == body) {
    outcome->repeated = true;
    outcome->answer = row->answer;
    return true;
  }
  outcome->status = Refuse(absl::StatusCode::kFailedPrecondition, batch.number() == last ? "REQUEST_ID_REUSED" : "BATCH_OUT_OF_ORDER")
                        .Rule("GEN-15").Field("number").Value(static_cast<int64_t>(batch.number())).Accepted(
                            std::to_string(last + 1) + ", the next of stream " + batch.stream());
  return true;
}

absl::StatusOr<std::string> StateMachine::Decide(const Message& message, const Caller& caller, CommandContext* context) {
  const Method& method = *message.method;
  SONGHUA_RETURN_IF_ERROR(AuthorizeRole(method, caller.person));
  if (HasScopes(method) && method.target != nullptr) {
    SONGHUA_ASSIGN_OR_RETURN(const Target target, method.target(state_, *message.request));
    SONGHUA_RETURN_IF_ERROR(AuthorizeTarget(method, caller.person, target));
  }
  const uint64_t changes = state_.tables.change_count();
  const size_t events = events_.bytes().size();
  auto answer = method.apply(state_, *context, *message.request);
  if (!answer.ok() || context->validate_only) {
    SONGHUA_CHECK(state_.tables.change_count() == changes && events_.bytes().size() == events);
  } else {
    state_.exchange.EndBidsOverLimits(*context);
  }
  return answer;
}

void StateMachine::Remember(const Message& message, const Caller& caller, const Digest& body, const Outcome& outcome) {
  if (message.method->stream) {
    // A batch refused whole did not happen: the same number may be sent again, corrected.
    if (!outcome.status.ok()) return;
    const auto& batch = static_cast<const v1::OrderBatch&>(*message.request);
    const StreamRow* row = state_.streams.Find({caller.person->id, batch.stream()});
    StreamRow& stream = row != nullptr ? state_.streams.Edit(*row) : state_.streams.Insert({caller.person->id, batch.stream(), 0, {}, ""});
    stream.number = batch.number();
    stream.body = body;
    stream.answer = outcome.answer;
    return;
  }
  IdempotencyRow row;
  row.date = *ParseRequestId(message.request_id);
  row.person = caller.person->id;
  row.request_id = message.request_id;
  row.sequence = outcome.sequence;
  row.body = body;
  row.status_code = static_cast<uint32_t>(outcome.status.code());
  if (!outcome.status.ok()) {
    row.message = std::string(outcome.status.message());
    row.refusal = EncodeValue(GetRefusal(outcome.status).value_or(RefusalDetail{ReasonOf(outcome.status), "", "", "", ""}));
  } else {
    row.answer = outcome.answer;
  }
  state_.idempotency.Append(row);
}

Outcome StateMachine::Apply(const Message& message, Timestamp clock, JournalGroup* group) {
  Outcome outcome;
  const Timestamp time = TimeOf(clock);
  const Date today = LocalDate(time);
  Caller caller;
  cold_rows_.Begin(&message.prefetched);
  outcome.status = Authenticate(message, time, &caller);
  if (!outcome.status.ok()) return outcome;

  const Digest body = BodyDigest(message);
  outcome.sequence = last_sequence();
  if (message.method->stream ? AnswerStreamRepeat(message, caller, body, &outcome)
                             : !message.validate_only && AnswerRepeat(message, caller, body, today, &outcome)) {
    return outcome;
  }

  const size_t events_start = events_.bytes().size();
  const uint32_t decided_by = logic_version();
  const uint32_t count = CommandCount(message);
  const uint64_t first = last_sequence() + 1;
  CommandContext context = ContextAt(message.validate_only ? last_sequence() : first, time, caller.person->id, caller.person->participant);
  context.request_id = message.request_id;
  context.validate_only = message.validate_only;
  auto answer = Decide(message, caller, &context);
  if (cold_rows_.missed()) {
    SONGHUA_CHECK(events_.bytes().size() == events_start);
    outcome.missed = true;
    return outcome;
  }
  outcome.status = answer.status();
  if (answer.ok()) outcome.answer = *std::move(answer);
  if (message.validate_only) return outcome;

  outcome.sequence = first;
  outcome.recorded = true;
  Remember(message, caller, body, outcome);
  Advance(first + count - 1, time);
  JournalRecord record;
  record.first_sequence = first;
  record.count = count;
  record.time_us = time.value();
  record.principal = caller.person->id;
  record.token_id = caller.token->sha256;
  record.method = message.method->name;
  record.request_id = message.request_id;
  record.request = message.canonical;
  Record(std::move(record), decided_by, outcome.status, events_start, group);
  return outcome;
}

std::optional<Timestamp> StateMachine::NextTimer() const {
  const auto timer = state_.timers.First();
  if (!timer.has_value()) return std::nullopt;
  return timer->due;
}

bool StateMachine::TimerDue(Timestamp clock) const {
  const auto due = NextTimer();
  return due.has_value() && *due <= TimeOf(clock);
}

void StateMachine::FireTimer(Timestamp clock, JournalGroup* group) {
  const TimerRow timer = *state_.timers.First();
  SONGHUA_CHECK(timer.due <= TimeOf(clock));
  const Timestamp time = TimersKeepTheirTime(logic_version()) ? std::max(last_time(), timer.due) : TimeOf(clock);
  const uint64_t sequence = last_sequence() + 1;
  const size_t events_start = events_.bytes().size();
  CommandContext context = ContextAt(sequence, time, kEngineId, kEngineId);
  events_.Emit(EventType::kTimerFired, timer);
  bool more = false;
  switch (timer.kind) {
    case TimerKind::kCloseStaleSessions: more = state_.exchange.CloseStaleSessions(context); break;
    case TimerKind::kPassDeadlines: more = state_.PassDeadlines(context); break;
    case TimerKind::kRemoveImports: more = state_.imports.RemoveDiscarded(bounds::kSliceRowsMax); break;
    case TimerKind::kCarryAllocations: more = state_.allocations.Carry(context, bounds::kSliceRowsMax); break;
    case TimerKind::kPassLeases: more = state_.leases.PassLeases(context, bounds::kSliceRowsMax); break;
    case TimerKind::kPassProposals: more = state_.transfer_proposals.PassDue(context, bounds::kSliceDeadlinesMax); break;
    case TimerKind::kExpirePermits: more = state_.ExpirePermits(context); break;
    case TimerKind::kPassMarketPhases: more = state_.exchange.PassPhases(context); break;
    case TimerKind::kPassSettlements: more = state_.exchange.PassSettlements(context); break;
    case TimerKind::kPassVoidCalls: more = state_.exchange.PassVoidCalls(context); break;
    case TimerKind::kPassPledges: more = state_.pledges.PassPledges(context, bounds::kSliceDeadlinesMax); break;
    case TimerKind::kPassAuctions: more = state_.auctions.PassAuctions(context, bounds::kSliceDeadlinesMax); break;
    case TimerKind::kPassOffers: more = state_.PassOffers(context); break;
    case TimerKind::kPassTradeClocks: more = state_.exchange.PassTradeDeadlines(context, bounds::kSliceDeadlinesMax); break;
  }
  state_.exchange.EndBidsOverLimits(context);
  if (!more) state_.timers.Finish(timer);
  Advance(sequence, time);
  JournalRecord record = OwnRecord(kTimerMethod, sequence, time);
  Record(std::move(record), logic_version(), absl::OkStatus(), events_start, group);
}

absl::Status StateMachine::Obey(std::string_view method, const CustodianCommand& command, Timestamp time, JournalGroup* group) {
  SONGHUA_CHECK(time >= last_time());
  const uint64_t sequence = last_sequence() + 1;
  const size_t events_start = events_.bytes().size();
  CommandContext context = ContextAt(sequence, time, kEngineId, kEngineId);
  const bool seals = method == kSealCallMethod;
  absl::Status status;
  if (command.kind == Custody::Kind::kAuction) {
    status = seals ? state_.auctions.SealAuction(context, command.number, command.digest) : state_.auctions.RevealSeed(context, command.number, command.digest);
  } else {
    const auto contract = static_cast<exchange::ContractNumber>(command.number);
    status = seals ? state_.exchange.SealCall(context, contract, command.digest) : state_.exchange.RevealSeed(context, contract, command.digest);
  }
  state_.exchange.EndBidsOverLimits(context);
  Advance(sequence, time);
  JournalRecord record = OwnRecord(method, sequence, time);
  record.request = EncodeValue(command);
  Record(std::move(record), logic_version(), status, events_start, group);
  return status;
}

bool StateMachine::MapRootDue() const {
  const ledger::MapStateRow* map = state_.lot_commitments.state();
  return last_sequence() > (map == nullptr ? 0 : map->covered);
}

void StateMachine::PutMapSecret(const Digest& secret, Timestamp time, JournalGroup* group) {
  const uint64_t sequence = last_sequence() + 1;
  const size_t events_start = events_.bytes().size();
  state_.lot_commitments.SetSecret(secret);
  Advance(sequence, time);
  JournalRecord record = OwnRecord(kMapSecretMethod, sequence, time);
  record.request = EncodeValue(secret);
  Record(std::move(record), logic_version(), absl::OkStatus(), events_start, group);
}

void StateMachine::PutMapRoot(Timestamp time, JournalGroup* group) {
  SONGHUA_CHECK(collected_ == state_.tables.change_count());
  proofs::MapRootRequest request;
  request.root = state_.lot_commitments.Root();
  request.lots = state_.lot_commitments.size();
  PutRoot(request, time, group);
}

void StateMachine::PutRoot(const proofs::MapRootRequest& request, Timestamp time, JournalGroup* group) {
  const uint64_t sequence = last_sequence() + 1;
  const size_t events_start = events_.bytes().size();
  state_.certificates.Prove(sequence);
  state_.lot_commitments.NoteRoot(sequence, time, request.root, request.lots);
  events_.Emit(EventType::kMapCommitted, sequence, request.root, request.lots);
  Advance(sequence, time);
  JournalRecord record = OwnRecord(proofs::kMapRootMethod, sequence, time);
  record.request = EncodeValue(request);
  Record(std::move(record), logic_version(), absl::OkStatus(), events_start, group);
}

absl::Status StateMachine::ReplayMapRoot(const JournalRecord& record, JournalGroup* group) {
  const std::string where = "sequence " + std::to_string(record.first_sequence);
  const Timestamp time(record.time_us);
  if (time < last_time()) return absl::DataLossError(where + ": earlier than the record before it");
  if (record.method == kMapSecretMethod) {
    Digest secret;
    SONGHUA_RETURN_IF_ERROR(DecodeValue(record.request, &secret));
    if (HasMapSecret()) return absl::DataLossError(where + ": the state map's secret is there already");
    PutMapSecret(secret, time, group);
    return absl::OkStatus();
  }
  proofs::MapRootRequest said;
  SONGHUA_RETURN_IF_ERROR(DecodeValue(record.request, &said));
  if (!HasMapSecret()) return absl::DataLossError(where + ": a root of the state map before its secret");
  if (collected_ != state_.tables.change_count()) return absl::DataLossError(where + ": the state map's root does not begin a group");
  if (trust_map_roots_ && !MapFilled() && !CertificateWaits()) {
    PutRoot(said, time, group);
    return absl::OkStatus();
  }
  const Digest root = state_.lot_commitments.Root();
  if (root != said.root || state_.lot_commitments.size() != said.lots) {
    return absl::DataLossError(where + ": the state map of " + std::to_string(state_.lot_commitments.size()) + " lots has the root " + ToHex(root) +
                               ", the journal says " + std::to_string(said.lots) + " lots and " + ToHex(said.root));
  }
  PutRoot(said, time, group);
  return absl::OkStatus();
}

void StateMachine::EndGroup(RowChanges* rows, std::string* events) {
  state_.tables.CollectChanges(rows);
  collected_ = state_.tables.change_count();
  *events = events_.Take();
}

absl::Status StateMachine::Replay(const JournalRecord& record, JournalGroup* group) {
  const size_t before = group->record_count();
  const Timestamp time(record.time_us);
  const std::string where = "sequence " + std::to_string(record.first_sequence);
  SONGHUA_RETURN_IF_ERROR(CheckLogicVersion(record.logic_version, where + " was decided"));
  if (record.method == kGenesisMethod) {
    Genesis genesis;
    SONGHUA_RETURN_IF_ERROR(DecodeValue(record.request, &genesis));
    genesis.logic_version = record.logic_version;
    SONGHUA_RETURN_IF_ERROR(Begin(genesis, group));
  } else if (record.method == kTimerMethod) {
    if (!TimerDue(time)) return absl::DataLossError(where + ": no timer is due in the replay");
    FireTimer(time, group);
  } else if (record.method == kSealCallMethod || record.method == kRevealSeedMethod) {
    CustodianCommand command;
    SONGHUA_RETURN_IF_ERROR(DecodeValue(record.request, &command));
    if (time < last_time()) return absl::DataLossError(where + ": earlier than the record before it");
    // Whether it was refused is part of the outcome that is compared below.
    (void)Obey(record.method, command, time, group);
  } else if (record.method == kMapSecretMethod || record.method == proofs::kMapRootMethod) {
    SONGHUA_RETURN_IF_ERROR(ReplayMapRoot(record, group));
  } else {
    Message message;
    message.method = FindMethod(record.method);
    if (message.method == nullptr || !message.method->write) {
      return absl::DataLossError(where + ": unknown method " + record.method);
    }
    message.request = message.method->new_request();
    if (!message.request->ParseFromString(record.request)) {
      return absl::DataLossError(where + ": the request does not parse as " + record.method);
    }
    message.canonical = record.request;
    message.request_id = record.request_id;
    message.token_sha256 = record.token_id;
    Apply(message, time, group);
  }
  if (group->record_count() != before + 1) {
    return absl::DataLossError(where + ": the replay recorded nothing for " + record.method);
  }
  const std::string bytes = EncodeRecord(record);
  if (group->record(before) == bytes) return absl::OkStatus();
  auto replayed = DecodeRecord(group->record(before));
  SONGHUA_RETURN_IF_ERROR(replayed.status());
  if (replayed->logic_version != record.logic_version) {
    return absl::DataLossError(where + ", " + record.method + ": the journal says logic version " + std::to_string(record.logic_version) +
                               ", the replay stands at " + std::to_string(replayed->logic_version));
  }
  return absl::DataLossError(where + ", " + record.method + ": the journal says '" +
                             (record.reason.empty() ? "OK" : record.reason) + "' with outcome " + ToHex(record.outcome) + ", the replay '" +
                             (replayed->reason.empty() ? "OK" : replayed->reason) + "' with " + ToHex(replayed->outcome));
}

StateMachine::~StateMachine() = default;

}  // namespace songhua::api
