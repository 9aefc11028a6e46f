// Surpluses: what a site can spare of its rights, declared with the measure that it comes from and verified by an officer (DR-17). Where the program asks for
// it (RightsPolicy.surplus_verified), a site sells and leases no more than its verified surplus; what it disposes of uses up the oldest first.
//
// One thread (the state machine).
#ifndef SONGHUA_LEDGER_SURPLUSES_H_
#define SONGHUA_LEDGER_SURPLUSES_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/ledger.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "songhua/v1/surpluses.pb.h"

namespace songhua::ledger {

struct SurplusRow {
  static constexpr RowTable kTable = RowTable::kSurpluses;
  static constexpr bool kNumbered = true;
  uint64_t number = 0;
  std::string site;
  std::string pollutant;
  v1::Surplus::Measure measure = v1::Surplus::MEASURE_UNSPECIFIED;
  std::string document;
  Quantity declared;
  Quantity verified;
  Quantity used;
  Date valid_to = kFirstDate;
  v1::Surplus::State state = v1::Surplus::DECLARED;  // LAPSED is never written: ask StateOn
  std::string declared_by;
  std::string decided_by;
  std::string opinion;

  uint64_t Key() const { return number; }
  v1::Surplus::State StateOn(Date today) const {
    return state == v1::Surplus::VERIFIED && today > valid_to && used < verified ? v1::Surplus::LAPSED : state;
  }
  // What of it may be disposed of on the day.
  Quantity LeftOn(Date today) const { return state == v1::Surplus::VERIFIED && today <= valid_to ? verified - used : Quantity(); }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, site, pollutant, measure, document, declared, verified, used, valid_to, state, declared_by, decided_by, opinion);
  }
};
v1::Surplus ToProto(const SurplusRow& row, Date today);

// What a site needs of a pollutant in a year. The engine connects it to the permits and the years.
class NeedReader {
 public:
  virtual ~NeedReader() = default;
  // By its permits (DR-16).
  virtual Quantity PermittedQuantity(const std::string& site, const std::string& pollutant, int32_t year) const = 0;
  // What it discharged in past years beyond its rights and has not made good.
  virtual Quantity PendingDeficit(const std::string& site, const std::string& pollutant) const = 0;
};

class Surpluses {
 public:
  static constexpr size_t kTextBytesMax = 1'000;

  Surpluses(TableSet* tables, const Participants* participants, const Ledger* ledger);
  ~Surpluses();

  // Checks: form; the site exists and the pollutant is one of rights; a measure and a document.
  absl::StatusOr<v1::SurplusAnswer> DeclareSurplus(CommandContext& context, const v1::DeclareSurplusRequest& request);
  // Checks: form; it is DECLARED; the officer is not its declarer (GEN-14); 1 to what was declared; no more than what the site can spare (SURPLUS_TOO_LARGE).
  absl::StatusOr<v1::SurplusAnswer> VerifySurplus(CommandContext& context, const v1::VerifySurplusRequest& request, const NeedReader& needs);
  absl::StatusOr<v1::SurplusAnswer> RejectSurplus(CommandContext& context, const v1::RejectSurplusRequest& request);

  const SurplusRow* Find(uint64_t number) const { return rows_.Find(number); }
  // What the site may dispose of on the day: verified surplus that is left, less what open orders, agreed trades and leases under way hold already.
  Quantity FreeSurplus(const std::string& site, const std::string& pollutant, Date today) const;
  // A site disposed of rights, or got them back by a reversal.
  void Use(const std::string& site, const std::string& pollutant, Quantity quantity, Date today);
  void GiveBack(const std::string& site, const std::string& pollutant, Quantity quantity);

 private:
  absl::StatusOr<const SurplusRow*> FindDeclared(const std::string& name) const;
  // The least that the site can spare in any year from this one to the last of its lots.
  Quantity Spare(const std::string& site, const std::string& pollutant, Date today, const NeedReader& needs) const;

  const Participants* participants_;
  const Ledger* ledger_;
  Table<SurplusRow> rows_;
  std::map<std::pair<std::string, std::string>, std::vector<uint64_t>> by_site_;  // by site and pollutant, oldest first
};

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_SURPLUSES_H_
