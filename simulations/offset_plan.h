// From lists of serial ranges to what has to be entered: which issuances there are, which numbers they issued, and the acts in file order.
// And a plain second opinion on the end: the numbers that are left of each issuance, by interval arithmetic.
//
// Issuances. All serial numbers with the same reference belong to one issuance. Where the lists hold its issuances, those ranges are
// issued. Otherwise the issuance is implied: registries that number each issuance from 1 (ACR, CAR, Gold Standard) issued 1 to the highest
// number seen; Verra counts through all of its issuances, and there the lowest to the highest number seen are issued. So what lies between
// retired ranges is left over, as it was in life.
//
// Vintage. ACR, CAR and Gold Standard print the vintage into the serial number, next to last in its reference; it decides there, otherwise
// the first row of the issuance that has one does.
#ifndef SONGHUA_SIMULATIONS_OFFSET_PLAN_H_
#define SONGHUA_SIMULATIONS_OFFSET_PLAN_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "simulations/comparison.h"
#include "simulations/offset_records.h"

namespace songhua::simulations {

// Numbers of one issuance, as intervals that do not touch: start -> end, both included.
class NumberSet {
 public:
  // False, and nothing is added, where one of the numbers is there already.
  bool Add(int64_t start, int64_t end);
  // False, and nothing is taken, unless all of them are there.
  bool Take(int64_t start, int64_t end);
  const std::map<int64_t, int64_t>& intervals() const { return intervals_; }
  // "1-30 41-99", cut after a few; "none".
  std::string ToString() const;

 private:
  std::map<int64_t, int64_t> intervals_;
};

struct PlannedIssuance {
  std::string reference;
  std::string registry;  // RegistryOf
  std::string uscc;      // of the participant whose account it is issued to
  std::string place;     // of its first row
  int32_t vintage = 0;
  bool implied = true;
  bool counted_through = false;  // its numbers do not begin at 1
  int64_t first = 0, last = 0;   // implied: the numbers issued
};

// One range that is issued, retired or cancelled.
struct PlannedAct {
  size_t record = 0;    // index of its row
  size_t issuance = 0;  // index
  OffsetAct act = OffsetAct::kRetire;
  SerialRange range;
  int32_t year = 0;  // of a retirement's obligation
};

struct OffsetPlan {
  std::vector<PlannedIssuance> issuances;
  std::vector<PlannedAct> issues;                              // of the rows that are issuances, in file order
  std::vector<PlannedAct> acts;                                // retirements and cancellations, in file order
  std::map<std::string, std::set<int32_t>> years_of_registry;  // vintages and years of acts
};

// REQUIRES: the records outlive the plan.
OffsetPlan MakeOffsetPlan(const std::vector<OffsetRecord>& records);

// Compares what the rows themselves say twice: quantity and length of the range, vintage and project in and beside the serial number.
void CompareRows(const std::vector<OffsetRecord>& records, Comparison* comparison);

// What should be left of each issuance, by index; `taken[i]` tells whether act i is to count.
std::vector<NumberSet> ExpectedRemainders(const OffsetPlan& plan, const std::vector<bool>& taken);

// The order of the second run: 0 .. count - 1, shuffled by the seed, the same on every machine.
std::vector<size_t> ShuffledOrder(size_t count, uint64_t seed);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_OFFSET_PLAN_H_
