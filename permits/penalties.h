// Penalties: what enforcers decided for violations (china.md 2.6). A fine is held against the range of the law on the day of the violation and never
// computed (PERMIT-89). A penalty may propose that the site's permit be revoked; that is an act of its own, by another person (permit_acts.h).
//
// One thread (the state machine).
#ifndef SONGHUA_PERMITS_PENALTIES_H_
#define SONGHUA_PERMITS_PENALTIES_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "permits/case_file.h"
#include "permits/regimes.h"
#include "permits/standing.h"
#include "songhua/v1/permits.pb.h"

namespace songhua::permits {

struct PenaltyRow {
  static constexpr RowTable kTable = RowTable::kPenalties;
  uint64_t number = 0;
  std::string site;
  Region region;  // of the site
  std::string conduct;
  bool serious = false;
  Date violation;
  Money fine;
  std::string decision;  // once a site
  std::string grounds;
  bool revoke_proposed = false;
  std::string legal_basis;
  std::string recorded_by;
  Date date;
  std::string regime;

  // Each site's lie side by side, as readers list them.
  std::tuple<std::string, uint64_t> Key() const { return {site, number}; }
  std::string Name() const;
  template <class Archive>
  void Fields(Archive& a) {
    a(number, site, region, conduct, serious, violation, fine, decision, grounds, revoke_proposed, legal_basis, recorded_by, date, regime);
  }
};
v1::Penalty ToProto(const PenaltyRow& row);
// Site and number of "penalties/{site}.{number}". INVALID_ARGUMENT.
absl::StatusOr<std::tuple<std::string, uint64_t>> ParsePenaltyName(std::string_view field, const std::string& name);

class Penalties {
 public:
  static constexpr size_t kDecisionBytesMax = 100;
  static constexpr size_t kGroundsBytesMax = 1'000;

  struct Parts {
    ledger::Counters* counters;
    const ledger::Participants* participants;
    const Regimes* regimes;
    Standing* standing;
    CaseFile* file;
  };
  Penalties(TableSet* tables, const Parts& parts);
  ~Penalties();

  // Checks, in this order: form; the violation was not after today; the site exists; a regime governs it (NO_REGIME); its law has a fine for the conduct on
  // the day of the violation (NO_FINE_RANGE), and the fine lies in it (FINE_OUTSIDE_RANGE, with the range and its legal basis: PERMIT-89); revocation is
  // proposed only where that law has it (PERMIT-53); the site has no other decision of that number (ALREADY_EXISTS). Where the law says so, the enterprise is
  // banned from today (PERMIT-87, PERMIT-88).
  absl::StatusOr<v1::PenaltyAnswer> RecordPenalty(CommandContext& context, const v1::RecordPenaltyRequest& request);

  // Its last serious violation after that day that was fined. Null: there is none.
  const PenaltyRow* SeriousSince(const std::string& site, Date day) const;
  // The site's decision of that number. Null: there is none.
  const PenaltyRow* Find(const std::string& site, const std::string& decision) const;
  // Those that were decided against the site from a day on, by their numbers.
  std::vector<const PenaltyRow*> OfSite(const std::string& site, Date since) const;

 private:
  const Parts parts_;
  Table<PenaltyRow> rows_;
  std::map<std::pair<std::string, std::string>, const PenaltyRow*> by_decision_;
};

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_PENALTIES_H_
