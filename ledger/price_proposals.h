// Proposals of base prices: from recorded inputs through consultation and signatures to a published price (DR-72), as a table of states.
//
//   DRAFT -> CONSULTATION -> APPROVED -> PUBLISHED;  DRAFT, CONSULTATION, APPROVED -> WITHDRAWN
//
// What was drafted is never edited: a mistake is withdrawn, and drafted anew. One thread (the state machine).
#ifndef SONGHUA_LEDGER_PRICE_PROPOSALS_H_
#define SONGHUA_LEDGER_PRICE_PROPOSALS_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/base_prices.h"
#include "ledger/counters.h"
#include "ledger/price_methods.h"
#include "ledger/tables.h"
#include "songhua/v1/price_proposals.pb.h"

namespace songhua::ledger {

struct PriceOpinionRow {
  std::string from, text, recorded_by;
  Timestamp record_time;
  template <class Archive>
  void Fields(Archive& a) {
    a(from, text, recorded_by, record_time);
  }
};

struct PriceSignatureRow {
  std::string office, person, participant;
  Timestamp sign_time;
  template <class Archive>
  void Fields(Archive& a) {
    a(office, person, participant, sign_time);
  }
};

struct PriceProposalRow {
  static constexpr RowTable kTable = RowTable::kPriceProposals;
  uint64_t number = 0;
  v1::PriceProposalState state = v1::PRICE_DRAFT;
  std::string program, pollutant, control_zone;
  v1::PriceBasis basis = v1::PRICE_BASIS_UNSPECIFIED;
  std::string method;
  uint32_t method_version = 0;
  std::vector<PriceInputRow> inputs;
  std::string exact_yuan;
  Price price;
  std::string drafted_by;
  Timestamp draft_time;
  Date consultation_last_day;  // from CONSULTATION on
  std::vector<PriceOpinionRow> opinions;
  std::vector<PriceSignatureRow> signatures;
  uint64_t base_price = 0;  // PUBLISHED
  std::string reason;       // WITHDRAWN

  uint64_t Key() const { return number; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, state, program, pollutant, control_zone, basis, method, method_version, inputs, exact_yuan, price, drafted_by, draft_time,
      consultation_last_day, opinions, signatures, base_price, reason);
  }
};

// Which proposal a base price came of; those that were fixed on paper have none.
struct BasePriceOriginRow {
  static constexpr RowTable kTable = RowTable::kBasePriceOrigins;
  uint64_t base_price = 0;
  uint64_t proposal = 0;

  uint64_t Key() const { return base_price; }
  template <class Archive>
  void Fields(Archive& a) {
    a(base_price, proposal);
  }
};

// The newest value of the index that a method follows.
struct PriceIndexRow {
  static constexpr RowTable kTable = RowTable::kPriceIndexes;
  std::string method;
  int64_t value = 0;
  std::string source, recorded_by;
  Timestamp record_time;

  std::string Key() const { return method; }
  template <class Archive>
  void Fields(Archive& a) {
    a(method, value, source, recorded_by, record_time);
  }
};

class PriceProposals {
 public:
  static constexpr size_t kOpinionsMax = 200;
  static constexpr size_t kOpinionBytesMax = 2'000;
  static constexpr size_t kReasonBytesMax = 400;

  PriceProposals(TableSet* tables, Counters* counters, const PriceMethods* methods, BasePrices* prices);
  ~PriceProposals();

  // ---- Commands, each with its checks in the order of the request's fields, then the state's ----
  absl::StatusOr<v1::PriceProposalAnswer> DraftBasePrice(CommandContext& context, const v1::DraftBasePriceRequest& request, const PriceScope& scope);
  absl::StatusOr<v1::PriceProposalAnswer> OpenPriceConsultation(CommandContext& context, const v1::PriceProposalActRequest& request);
  absl::StatusOr<v1::PriceProposalAnswer> RecordPriceOpinion(CommandContext& context, const v1::RecordPriceOpinionRequest& request);
  // GEN-14: not by who drafted it, nor by a person or an authority that has signed already.
  absl::StatusOr<v1::PriceProposalAnswer> SignPriceProposal(CommandContext& context, const v1::SignPriceProposalRequest& request);
  absl::StatusOr<v1::PriceProposalAnswer> PublishPriceProposal(CommandContext& context, const v1::PublishPriceProposalRequest& request);
  absl::StatusOr<v1::PriceProposalAnswer> WithdrawPriceProposal(CommandContext& context, const v1::PriceProposalActRequest& request);
  absl::StatusOr<v1::PriceIndexAnswer> RecordPriceIndex(CommandContext& context, const v1::RecordPriceIndexRequest& request);

  const PriceProposalRow* Find(uint64_t number) const { return rows_.Find(number); }
  const PriceProposalRow* OriginOf(uint64_t base_price) const;

 private:
  absl::StatusOr<const PriceProposalRow*> FindIn(const std::string& name, std::initializer_list<v1::PriceProposalState> states,
                                                 std::string_view act) const;
  const PriceMethodRow& MethodOf(const PriceProposalRow& row) const;
  static v1::PriceProposalAnswer Answer(const PriceProposalRow& row);
  // Puts a row in another's place, unless the command only validates.
  v1::PriceProposalAnswer Replace(CommandContext& context, const PriceProposalRow& old_row, PriceProposalRow row);
  void Changed(CommandContext& context, const PriceProposalRow& row);

  Counters* counters_;
  const PriceMethods* methods_;
  BasePrices* prices_;
  Table<PriceProposalRow> rows_;
  Table<BasePriceOriginRow> origins_;
  Table<PriceIndexRow> indexes_;
  std::map<uint64_t, uint64_t> proposal_of_;  // by base price
};

// Why a price that is in force should be reviewed (DR-72); empty: it need not. `index` is the newest value of its method's index, null where none was
// recorded.
std::vector<std::string> ReviewReasons(const BasePriceRow& price, const PriceProposalRow& proposal, const PriceMethodRow& method,
                                       const PriceIndexRow* index, Date today);

v1::PriceProposal ToProto(const PriceProposalRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_PRICE_PROPOSALS_H_
