// What regions decide about rights that come into them: standards not attained (DR-26), total-control indicators exceeded (DR-27), and approvals to buy
// across the border of a basin, a city or a province (DR-21, DR-22, DR-23). The market asks; what flows over the border of a region that has not attained its
// standard is counted here.
//
// A region may be a county, a city or a province; what holds for one holds for all sites in it. Of a status of NON_ATTAINMENT:
//
//   inflow   what sites of the region agreed to buy from outside since it was set, less what was rejected, not paid or reversed
//   outflow  what sites of the region delivered outside since it was set, less what was reversed
//   room     outflow - inflow - what sites of the region are bidding for where others offer; never more is bought
//
// One thread, the state machine, uses RegionStatuses.
#ifndef SONGHUA_LEDGER_REGION_STATUSES_H_
#define SONGHUA_LEDGER_REGION_STATUSES_H_

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
#include "ledger/identifiers.h"
#include "ledger/legal_time.h"
#include "ledger/participants.h"
#include "ledger/programs.h"
#include "ledger/tables.h"
#include "songhua/v1/region_statuses.pb.h"

namespace songhua::ledger {

struct RegionStatusRow {
  static constexpr RowTable kTable = RowTable::kRegionStatuses;
  uint64_t number = 0;
  v1::RegionStatus::Kind kind = v1::RegionStatus::KIND_UNSPECIFIED;
  Region region;
  std::string pollutant;
  Term days{};
  std::string decision;
  std::string set_by;
  Timestamp set_time;
  bool lifted = false;
  std::string lift_decision;
  std::string lifted_by;
  Timestamp lift_time;
  Quantity inflow, outflow;

  uint64_t Key() const { return number; }
  bool HoldsOn(Date date) const { return !lifted && days.Contains(date); }
  // Whether what happened then was counted.
  bool Counted(Timestamp at) const {
    return kind == v1::RegionStatus::NON_ATTAINMENT && set_time <= at && days.Contains(LocalDate(at)) && (!lifted || at < lift_time);
  }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, kind, region, pollutant, days, decision, set_by, set_time, lifted, lift_decision, lifted_by, lift_time, inflow, outflow);
  }
};

struct CrossingRow {
  static constexpr RowTable kTable = RowTable::kCrossings;
  uint64_t number = 0;
  std::string site;
  std::string pollutant;
  std::string control_zone;
  Region province;
  Term days{};
  std::string decision;
  std::string approved_by;
  Timestamp approve_time;
  bool withdrawn = false;
  std::string withdraw_decision;
  Timestamp withdraw_time;

  uint64_t Key() const { return number; }
  bool HoldsOn(Date date) const { return !withdrawn && days.Contains(date); }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, site, pollutant, control_zone, province, days, decision, approved_by, approve_time, withdrawn, withdraw_decision, withdraw_time);
  }
};

class RegionStatuses {
 public:
  static constexpr size_t kDecisionBytesMax = 200;

  RegionStatuses(TableSet* tables, Counters* counters, const Participants* participants, const Programs* programs);
  ~RegionStatuses();

  // Checks: form of the fields in their order, days from today on; none of the kind holds for the region and pollutant on any of the days.
  absl::StatusOr<v1::RegionStatusAnswer> SetRegionStatus(CommandContext& context, const v1::SetRegionStatusRequest& request);
  // Checks: form; there is such a status; it has neither ended nor been lifted (ILLEGAL_TRANSITION).
  absl::StatusOr<v1::RegionStatusAnswer> LiftRegionStatus(CommandContext& context, const v1::LiftRegionStatusRequest& request);
  // Checks: form; the site; a province that has to approve; days from today on.
  absl::StatusOr<v1::CrossingAnswer> ApproveCrossing(CommandContext& context, const v1::ApproveCrossingRequest& request);
  absl::StatusOr<v1::CrossingAnswer> WithdrawCrossing(CommandContext& context, const v1::WithdrawCrossingRequest& request);

  const RegionStatusRow* Find(uint64_t number) const { return statuses_.Find(number); }
  const CrossingRow* FindCrossing(uint64_t number) const { return crossings_.Find(number); }
  // The status of a kind that holds for a place on the day: that of the narrowest region around it, null where there is none, and then of the next.
  std::vector<const RegionStatusRow*> Holding(v1::RegionStatus::Kind kind, Region place, const std::string& pollutant, Date today) const;
  // The province whose approval a site lacks to buy rights of a zone that is not its own, or of another basin; the region of none where it has all.
  Region MissingApproval(const std::string& site, Region place, const std::string& pollutant, const std::string& control_zone, Region zone, Date today) const;

  // A right is to come from one place to another, by a trade that was agreed then; or, with a quantity below zero, is not after all.
  void CountInflow(const std::string& pollutant, Region from, Region to, Quantity quantity, Timestamp agreed);
  // It was delivered then.
  void CountOutflow(const std::string& pollutant, Region from, Region to, Quantity quantity, Timestamp delivered);

 private:
  using Place = std::pair<Region, std::string>;  // region, pollutant
  // Calls visit(row) for the statuses of each region around a place.
  template <class Visit>
  void ForEachAround(Region place, const std::string& pollutant, Visit visit) const;
  absl::Status ValidateTerm(const CommandContext& context, const std::string& first, const std::string& last, Term* days) const;
  absl::Status ValidatePollutantOfRights(const std::string& pollutant) const;

  Counters* counters_;
  const Participants* participants_;
  const Programs* programs_;
  Table<RegionStatusRow> statuses_;
  Table<CrossingRow> crossings_;
  std::map<Place, std::vector<const RegionStatusRow*>> by_place_;
  std::map<std::tuple<std::string, std::string, std::string, Region>, std::vector<const CrossingRow*>> by_crossing_;  // site, pollutant, zone, province
};

v1::RegionStatus ToProto(const RegionStatusRow& row);
v1::Crossing ToProto(const CrossingRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_REGION_STATUSES_H_
