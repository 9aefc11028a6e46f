// Rights by year: what sites discharged, compared with their rights (DR-11), and the closing of years (DR-10).
//
//   open, discharge missing -> open, recorded -> closed
//
// A closed year is closed for good: its units are used up or lapsed in the ledger, and what the site was entitled to stands here. One thread (the state machine).
#ifndef SONGHUA_LEDGER_RIGHTS_YEARS_H_
#define SONGHUA_LEDGER_RIGHTS_YEARS_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/ledger.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "songhua/v1/rights_years.pb.h"

namespace songhua::ledger {

struct RightsYearRow {
  static constexpr RowTable kTable = RowTable::kYearUses;
  std::string site;
  std::string pollutant;
  int32_t year = 0;
  Quantity discharged;
  std::string document;
  std::string recorded_by;
  Timestamp record_time;
  // Of a closed year.
  bool closed = false;
  Quantity effective, used, lapsed;

  std::tuple<std::string, std::string, int32_t> Key() const { return {site, pollutant, year}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(site, pollutant, year, discharged, document, recorded_by, record_time, closed, effective, used, lapsed);
  }
};
// `effective` of an open year is what the ledger says today; of a closed one, what stands in the row.
v1::RightsYear ToProto(const RightsYearRow& row, Quantity effective);

// What of a site's rights does not count toward its discharge yet: bought, and not shown in its permit (DR-18). The engine connects it to the market.
class UncountedReader {
 public:
  virtual ~UncountedReader() = default;
  virtual Quantity NotCounted(const std::string& site, const std::string& pollutant, int32_t year) const = 0;
};

class RightsYears {
 public:
  static constexpr size_t kTextBytesMax = 1'000;

  RightsYears(TableSet* tables, const Participants* participants, Ledger* ledger, const UncountedReader* uncounted);
  ~RightsYears();

  // Checks: form; the site exists; a pollutant of rights; a past year within the program; it is open (YEAR_CLOSED).
  absl::StatusOr<v1::RightsYearAnswer> RecordDischarge(CommandContext& context, const v1::RecordDischargeRequest& request);
  // Checks: form; the program, pollutant and zone; the year is over. What keeps an account open is told in the answer, not refused.
  absl::StatusOr<v1::CloseRightsYearAnswer> CloseRightsYear(CommandContext& context, const v1::CloseRightsYearRequest& request);

  const RightsYearRow* Find(const std::string& site, const std::string& pollutant, int32_t year) const { return rows_.Find({site, pollutant, year}); }
  // What the site was or is entitled to in the year: of closed years what was closed, with what came to it since (DR-11).
  Quantity Effective(const std::string& site, const std::string& pollutant, int32_t year) const;
  // The same without what does not count yet (DR-18): what a discharge is held against.
  Quantity Countable(const std::string& site, const std::string& pollutant, int32_t year) const;
  // Discharged beyond rights in years recorded so far, and not made good by a later decision: a deficit stays one (DR-17).
  Quantity PendingDeficit(const std::string& site, const std::string& pollutant) const;
  // Whether the site discharged more of any pollutant than its rights in the year (PLG-12).
  bool DischargedBeyondRights(const std::string& site, int32_t year) const;

 private:
  void Index(const RightsYearRow& row) { by_site_[row.site].insert_or_assign({row.pollutant, row.year}, &row); }

  const Participants* participants_;
  Ledger* ledger_;
  const UncountedReader* uncounted_;
  Table<RightsYearRow> rows_;
  std::map<std::string, std::map<std::pair<std::string, int32_t>, const RightsYearRow*>> by_site_;
};

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_RIGHTS_YEARS_H_
