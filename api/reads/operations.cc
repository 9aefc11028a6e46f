#include <array>

#include "api/engine/engine.h"
#include "api/engine/state.h"
#include "api/reads/read_context.h"
#include "api/reads/reads.h"
#include "api/reads/reconciliation.h"
#include "exchange/contracts.h"
#include "ledger/bounds.h"
#include "ledger/names.h"
#include "ledger/sha256.h"
#include "ledger/wire.h"

namespace songhua::api::reads {

absl::StatusOr<v1::StatusAnswer> GetStatus(ReadContext& context, const v1::GetStatusRequest&) {
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  Store& store = context.side().store();
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<EngineRow>(0));
  v1::StatusAnswer answer;
  answer.set_clock_mode(store.identity().clock_mode == ClockMode::kVirtual ? v1::VIRTUAL : v1::SYSTEM);
  if (row.has_value()) answer.set_logic_version(row->logic_version);
  answer.set_newest_logic_version(kNewestLogicVersion);
  answer.set_archived_sequence(store.archived_sequence());
  if (const auto trailer = store.LastTrailer(); trailer.has_value()) {
    answer.set_journal_records(trailer->tree_size);
    answer.set_tree_root(ToHex(trailer->tree_root));
  }
  SONGHUA_RETURN_IF_ERROR(context.ForEach<exchange::ContractRow>("", [&](const exchange::ContractRow& contract) {
    const exchange::CallVoid& call = contract.call_void;
    if (call.time == Timestamp() || LocalDate(call.time) != context.today()) return absl::OkStatus();
    v1::VoidCall* added = answer.add_void_calls();
    added->set_contract(ledger::MakeName("contracts", contract.code));
    added->set_date(FormatDate(call.date));
    *added->mutable_void_time() = ledger::ToProto(call.time);
    added->set_reason(call.reason);
    return absl::OkStatus();
  }));
  const Engine* engine = context.side().engine();
  if (engine == nullptr) return answer;
  answer.set_clock_stopped(engine->clock_stopped());
  for (const Lane lane : {Lane::kOrders, Lane::kRegistry, Lane::kOperations, Lane::kBulk}) {
    const LaneCounts counts = engine->Lane(lane);
    v1::LaneStatus* status = answer.add_lanes();
    status->set_lane(std::string(LaneName(lane)));
    status->set_waiting(static_cast<uint32_t>(counts.waiting));
    status->set_capacity(static_cast<uint32_t>(bounds::kLaneRequestsMax));
    status->set_refused(counts.refused);
  }
  return answer;
}

absl::StatusOr<v1::ReconcileAnswer> Reconcile(ReadContext& context, const v1::ReconcileRequest&) {
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  return Reconciliation(&context).Run();
}

}  // namespace songhua::api::reads
