// Registrations: the form of a plant that needs no permit (PERMIT-06). It is filed, not approved: its receipt, numbered as a permit would be but with a W,
// is given at once and holds for as long as the regime says, five years in China. The number stays with the site.
//
// One thread (the state machine). Whether a form is live is a function of its row and the day.
#ifndef SONGHUA_PERMITS_REGISTRATIONS_H_
#define SONGHUA_PERMITS_REGISTRATIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "permits/case_file.h"
#include "permits/deadlines.h"
#include "permits/permit_content.h"
#include "permits/permits.h"
#include "permits/regimes.h"
#include "songhua/v1/permits.pb.h"

namespace songhua::permits {

struct RegistrationRow {
  static constexpr RowTable kTable = RowTable::kRegistrations;
  std::string number;  // of the receipt: "91...001W"
  std::string site;
  Region region;  // of the site
  std::vector<std::string> industries;
  std::vector<std::string> processes;
  std::vector<PlantFactRow> facts;
  std::string emissions;
  std::string treatment;
  Term term;
  uint32_t revision = 0;
  Date filed;
  Date changed;  // of a change; kFirstDate: none
  bool late = false;
  std::string filed_by;
  bool cancelled = false;
  Date cancelled_from;  // the first day on which it no longer holds
  std::string cancel_reason;

  std::string Key() const { return number; }
  std::string Name() const;
  bool LiveOn(Date date) const { return term.Contains(date) && !(cancelled && date >= cancelled_from); }
  v1::Registration::State StateOn(Date today) const {
    if (cancelled) return v1::Registration::CANCELLED;
    return today <= term.last ? v1::Registration::LIVE : v1::Registration::LAPSED;
  }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, site, region, industries, processes, facts, emissions, treatment, term, revision, filed, changed, late, filed_by, cancelled,
      cancelled_from, cancel_reason);
  }
};
v1::Registration ToProto(const RegistrationRow& row, Date today);

// The receipt number of a site's form. REQUIRES: a site's id.
std::string ReceiptNumberOf(const std::string& site);

class Registrations {
 public:
  static constexpr size_t kTextBytesMax = 4'000;

  struct Parts {
    const ledger::Participants* participants;
    const Regimes* regimes;
    const Deadlines* deadlines;
    const Permits* permits;
    CaseFile* file;
  };
  Registrations(TableSet* tables, const Parts& parts);
  ~Registrations();

  // A first form, a new term (no change_date), or a change of a live form (change_date), which leaves its term as it is. Checks, in this order: form; the site
  // exists; a regime governs it (NO_REGIME); the catalogue asks the plant for no permit (PERMIT_REQUIRED: PERMIT-02); no permit of the site is in force
  // (PERMIT_IN_FORCE); a change is of a live form (NO_LIVE_REGISTRATION). One that comes after its 20 days is filed and flagged.
  absl::StatusOr<v1::RegistrationAnswer> FileRegistration(CommandContext& context, const v1::FileRegistrationRequest& request);
  // Checks: form; it exists; it is live (ILLEGAL_TRANSITION).
  absl::StatusOr<v1::RegistrationAnswer> CancelRegistration(CommandContext& context, const v1::CancelRegistrationRequest& request);

  const RegistrationRow* OfSite(const std::string& site) const { return rows_.Find(ReceiptNumberOf(site)); }
  const RegistrationRow* Find(const std::string& number) const { return rows_.Find(number); }

 private:
  absl::Status CheckPlant(const CommandContext& context, const RegimeRow& regime, const RegistrationRow& row) const;
  void Keep(CommandContext& context, const RegistrationRow& row, const std::string& event, const std::string& from, const std::string& reason) const;

  const Parts parts_;
  Table<RegistrationRow> rows_;
};

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_REGISTRATIONS_H_
