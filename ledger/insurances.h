// Environmental liability insurance of enterprises, as their lenders ask about it (OPEN-23): what they say themselves, shown in their due-diligence packs. Nothing
// depends on it. One thread (the state machine).
#ifndef SONGHUA_LEDGER_INSURANCES_H_
#define SONGHUA_LEDGER_INSURANCES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/command.h"
#include "ledger/legal_time.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "songhua/v1/collateral.pb.h"

namespace songhua::ledger {

struct InsuranceRow {
  static constexpr RowTable kTable = RowTable::kInsurances;
  std::string enterprise;  // participant id; one policy each, the last that was told
  std::string insurer;
  std::string policy_number;
  Money insured;
  Term term{};
  std::string recorded_by;
  Timestamp record_time;

  std::string Key() const { return enterprise; }
  template <class Archive>
  void Fields(Archive& a) {
    a(enterprise, insurer, policy_number, insured, term, recorded_by, record_time);
  }
};

class Insurances {
 public:
  static constexpr size_t kTextBytesMax = 200;
  static constexpr int64_t kInsuredFenMax = 1'000'000'000'000'000;

  Insurances(TableSet* tables, const Participants* participants);
  ~Insurances();

  // Checks: form, the policy not having run out; the participant is an enterprise. Takes the place of what was told before.
  absl::StatusOr<v1::InsuranceAnswer> RecordInsurance(CommandContext& context, const v1::RecordInsuranceRequest& request);
  // Null: none was told.
  const InsuranceRow* Find(const std::string& enterprise) const { return rows_.Find(enterprise); }

 private:
  const Participants* participants_;
  Table<InsuranceRow> rows_;
};

v1::Insurance ToProto(const InsuranceRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_INSURANCES_H_
