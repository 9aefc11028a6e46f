// What a command brings into the state machine beside its request: its place in the order, its time, its caller. Domain functions take it as
// their first argument and have no other source of time, identity or chance.
//
// A domain function checks everything first and then applies; what it applies cannot fail. So a refusal leaves nothing half done, and
// `validate_only` is one line between the two halves:
//
//   absl::StatusOr<v1::LotAnswer> Ledger::Freeze(CommandContext& context, const v1::FreezeUnitsRequest& request) {
//     ... checks, each returning Refuse(...)
//     if (context.validate_only) return answer;
//     ... changes
//   }
#ifndef SONGHUA_LEDGER_COMMAND_H_
#define SONGHUA_LEDGER_COMMAND_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/codec.h"
#include "ledger/legal_time.h"

namespace songhua {

// Kinds of events. Numbers are part of the outcome's digest: never reuse one.
enum class EventType : uint16_t {
  kPosting = 1,
  kHoldChanged = 2,
  kBookChanged = 3,
  kTradeChanged = 4,
  kSessionChanged = 5,
  kPermitChanged = 6,
  kPledgeChanged = 7,
  kFreezeChanged = 8,
  kRegistered = 9,      // a participant, site, person, token, account, program, contract, rulebook
  kBasePricePublished = 10,
  kTimerFired = 11,
  kOrderEnded = 12,
  kClock = 13,
  kDeadlineChanged = 14,
  kApplicationChanged = 15,
  kNoticeServed = 16,
  kLogicVersion = 17,
  kPriceProposalChanged = 18,
  kAllocationChanged = 19,
  kPaidUseFeeChanged = 20,
  kSurplusChanged = 21,
  kYearUseChanged = 22,
  kLeaseChanged = 23,
  kRecoveryChanged = 24,
  kRightExtinguished = 25,
  kCertificateIssued = 26,
  kAccountControlChanged = 27,
  kTransferProposalChanged = 28,
  kBankStatementChanged = 29,
  kDayOneImportChanged = 30,
  kTraderBarred = 31,
  kMarketHaltChanged = 32,
  kPhaseChanged = 33,
  kUncrossed = 34,
  kSettlementBatchChanged = 35,
  kSettlementObjectionChanged = 36,
  kDeliveryDefaultChanged = 37,
  kLargeHolderChanged = 38,
  kRegionStatusChanged = 39,
  kCrossingChanged = 45,
  kSurveillanceFlagged = 46,
  kOrderTriggered = 40,
  kOrderEntered = 49,   // an order waits, in its book or for its trigger: anew, or in another form than before
  kCallSealed = 41,
  kCallRevealed = 42,
  kCallVoided = 43,
  kCallExtended = 44,
  kPostChanged = 59,    // an order that may be taken by choice came, changed or went
  kListingChanged = 50,
  kIntentChanged = 51,
  kNegotiationChanged = 52,
  kAuctionChanged = 53,
  kAuctionBidderChanged = 54,
  kAuctionBid = 55,
  kAuctionSealed = 56,
  kAuctionRevealed = 57,
  kAuctionAwarded = 58,
  kConsentChanged = 60,
  kProceedsApplied = 61,
  kInsolvencyChanged = 62,
  kAuthorisationChanged = 63,
  kInquired = 64,
  kInsuranceRecorded = 65,
  kCertified = 66,      // proofs::kCertifiedEvent
  kPledgeAlertsChanged = 67,
  kMapCommitted = 80,
  kWitnessChanged = 81,
  kCosigned = 82,
};

// The events of one group, encoded one after the other: u16 type, u32 length, fields. What is hashed, published and streamed.
class EventLog {
 public:
  template <class... Fields>
  void Emit(EventType type, const Fields&... fields) {
    const size_t start = bytes_.size();
    bytes_.append(6, '\0');
    Encoder encoder(&bytes_);
    encoder(fields...);
    const uint16_t tag = static_cast<uint16_t>(type);
    const uint32_t length = static_cast<uint32_t>(bytes_.size() - start - 6);
    std::memcpy(&bytes_[start], &tag, 2);
    std::memcpy(&bytes_[start + 2], &length, 4);
  }
  const std::string& bytes() const { return bytes_; }
  std::string Take() { return std::exchange(bytes_, std::string()); }

 private:
  std::string bytes_;
};

// Walks encoded events: while (reader.Next(&type, &payload)) ...
class EventReader {
 public:
  explicit EventReader(std::string_view bytes) : rest_(bytes) {}
  bool Next(EventType* type, std::string_view* payload) {
    if (rest_.size() < 6) return false;
    uint16_t tag;
    uint32_t length;
    std::memcpy(&tag, rest_.data(), 2);
    std::memcpy(&length, rest_.data() + 2, 4);
    if (rest_.size() - 6 < length) return false;
    *type = static_cast<EventType>(tag);
    *payload = rest_.substr(6, length);
    rest_.remove_prefix(6 + length);
    return true;
  }

 private:
  std::string_view rest_;
};

// Gives a cold row that the method declared beforehand (api/engine/cold_rows.h).
class ColdReader {
 public:
  virtual ~ColdReader() = default;
  // nullopt: there is no such row.
  virtual std::optional<std::string> Read(uint16_t table, std::string_view key) = 0;
};

struct CommandContext {
  uint64_t sequence = 0;
  Timestamp time;
  Date today;                 // LocalDate(time)
  std::string_view person;    // id of the person who calls, "system" for the engine itself
  std::string_view participant;  // id of his participant
  std::string_view request_id;   // which the caller chose; empty in an order stream, and of the engine itself
  bool validate_only = false;
  EventLog* events = nullptr;
  ColdReader* cold = nullptr;
};

}  // namespace songhua

#endif  // SONGHUA_LEDGER_COMMAND_H_
