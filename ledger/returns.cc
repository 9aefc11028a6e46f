// Taking back what a trade delivered, by decision of a court or an authority (china.md 8.3).
#include <map>

#include "ledger/ledger.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::ledger {

absl::Status Ledger::CheckReturnable(const CommandContext& context, const std::vector<LotMove>& delivered) const {
  std::map<LotNumber, Quantity> wanted;
  std::map<LotNumber, SerialBlocks> left;
  for (const LotMove& move : delivered) {
    wanted[move.to_lot] += move.quantity;
    left[move.to_lot] = lots_.Find(move.to_lot)->blocks;
  }
  for (const LotMove& move : delivered) {
    const LotRow& lot = *lots_.Find(move.to_lot);
    const std::string name = MakeName("lots", lot.number);
    const auto refuse = [&](std::string_view reason, const std::string& accepted) {
      return Refuse(absl::StatusCode::kFailedPrecondition, reason).Rule("GEN-08").Field("name").Value(name).Accepted(accepted);
    };
    // A right must come back as it went; what was carved since then is somebody else's by now.
    if (lot.right && lot.quantity != move.quantity) return refuse("UNITS_MOVED_ON", "the whole of what was delivered, still in " + name);
    for (const SerialBlock& block : move.blocks.blocks()) {
      if (!lot.blocks.Contains(block)) return refuse("UNITS_MOVED_ON", "the serials that were delivered, still in " + name);
      SONGHUA_RETURN_IF_ERROR(left[lot.number].TakeRange(block));  // room for the hole
    }
    const Quantity available = lot.Available(context.today);
    if (available < wanted[lot.number]) {
      return refuse("UNITS_IN_USE", std::to_string(wanted[lot.number].value()) + " free in " + name + ", where " +
                                        std::to_string(available.value()) + " are");
    }
  }
  return absl::OkStatus();
}

LotMove Ledger::Return(CommandContext& context, const LotMove& delivered, uint64_t trade, Date bought_on) {
  const LotRow& lot = *lots_.Find(delivered.to_lot);
  if (lot.bought_on == bought_on) lots_.Edit(lot).bought_then -= delivered.quantity;
  if (!lot.right) return MoveSerial(context, PostingType::kReversal, lot, delivered.blocks, delivered.from_account, trade);
  const LotRow& origin = *lots_.Find(delivered.from_lot);
  const AccountRow& seller = *accounts_.Find(delivered.from_account);
  if (rights_listener_ != nullptr && !seller.site.empty()) {
    rights_listener_->OnRightsReturned(context, seller.site, programs_.FindClass(lot.instrument_class)->pollutant, delivered.quantity);
  }
  return MoveRight(context, PostingType::kReversal, lot, delivered.quantity, lot.term, delivered.from_account, origin.source, origin.paid, Money(),
                   trade);
}

}  // namespace songhua::ledger
