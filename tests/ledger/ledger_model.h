// A second ledger, slow and obvious: units are counted one by one, days one by one, and every sum is taken anew. It knows nothing of the
// first one but the rules. A command is accepted or refused; what is refused leaves it as it was.
#ifndef SONGHUA_TESTS_LEDGER_LEDGER_MODEL_H_
#define SONGHUA_TESTS_LEDGER_LEDGER_MODEL_H_

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "ledger/legal_time.h"
#include "ledger/lots.h"
#include "ledger/pledges.h"

namespace songhua::ledger {

// program, pollutant, zone, group, basin
using ModelClass = std::tuple<std::string, std::string, std::string, std::string, std::string>;
using Serial = std::pair<uint64_t, int64_t>;  // issuance, number

struct ModelAccount {
  std::string id;
  v1::AccountKind kind;
  std::string participant;
  std::string program;  // reserves
  std::string zone;     // reserves; of a site
  std::string group;    // of a site
  std::string basin;    // of a site
};

struct ModelFreeze {
  uint64_t number;
  int64_t quantity;
  Term in_force;
};

struct ModelLot {
  std::string account;
  ModelClass of;
  bool right = false;
  bool paid = true;
  int64_t quantity = 0;
  Term term{};
  std::map<int32_t, int64_t> units;  // rights, by year
  int32_t vintage = 0;               // serial units
  std::set<Serial> serials;
  std::array<int64_t, kHoldKinds> held{};
  std::vector<ModelFreeze> freezes;
};

struct ModelMove {
  uint64_t from = 0, to = 0;  // lots
  v1::AccountKind from_house = v1::ACCOUNT_KIND_UNSPECIFIED, to_house = v1::ACCOUNT_KIND_UNSPECIFIED;
  int64_t quantity = 0;
  std::map<int32_t, int64_t> units;
  std::set<Serial> serials;
};
struct ModelTransaction {
  std::string type;
  std::optional<ModelMove> move;
  std::string account;  // surrender, cash
  int32_t year = 0;
  int64_t fen = 0;  // gained by the account
  bool reversed = false;
};

struct ModelPledge {
  v1::PledgeState state;
  uint64_t lot;
  int64_t quantity;
  Date loan_end{};
  Date due{};  // HELD and BANK_APPROVED end after it
};

class LedgerModel {
 public:
  // What is there from the start.
  std::map<std::string, ModelAccount> accounts;
  std::map<std::pair<std::string, std::string>, int64_t> caps;  // (program, zone)

  Date today;
  uint64_t sequence = 0;  // of the command that comes

  // ---- Commands: whether they are accepted ----
  bool IssueSerial(const ModelClass& of, int32_t vintage, int64_t quantity, const std::string& account, int64_t start,
                   const std::string& reference);
  bool IssueRight(const ModelClass& of, int64_t quantity, const std::string& account, const Term& term);
  bool Allocate(uint64_t lot, const std::string& account, int64_t quantity, const Term& term, bool paid);
  // `start`: first serial of a named range in `issuance`; 0: the tail.
  bool Transfer(uint64_t lot, const std::string& account, int64_t quantity, uint64_t issuance, int64_t start);
  bool Retire(uint64_t lot, int64_t quantity, int32_t obligation_year);  // year 0: a cancellation
  bool Reverse(uint64_t transaction);
  bool Freeze(uint64_t lot, int64_t quantity, Date last);
  bool Lift(uint64_t freeze);
  bool MoveCash(const std::string& account, int64_t fen);  // below zero: a withdrawal
  bool ApplyPledge(uint64_t lot, int64_t quantity);
  bool SendPledge(uint64_t pledge, PledgeEvent event, Date loan_end, int64_t quantity);
  // Ends those whose step has not come in time.
  void LapsePledges();

  // ---- The market, which asks only for what is there ----
  void Hold(uint64_t lot, HoldKind kind, int64_t quantity) { lots.at(lot).held[static_cast<size_t>(kind)] += quantity; }
  void Deliver(uint64_t lot, int64_t quantity, const Term& term, const std::string& buyer);

  // ---- What there is ----
  int64_t Available(const ModelLot& lot) const;
  int64_t Frozen(const ModelLot& lot) const;
  int64_t EffectiveRights(const std::string& site, const std::string& pollutant, int32_t year) const;
  // Units in live accounts, and in those of a house account.
  int64_t Live(const ModelClass& of, int32_t year) const;

  std::map<uint64_t, ModelLot> lots;
  std::map<std::tuple<ModelClass, int32_t, v1::AccountKind>, int64_t> house;  // retired; ISSUED: all that was issued
  std::map<std::string, int64_t> cash;
  std::map<std::pair<std::string, std::string>, std::map<int32_t, int64_t>> surrendered;  // by account and program
  std::map<uint64_t, ModelPledge> pledges;
  std::map<uint64_t, Date> freezes;  // in force until; of those not lifted
  std::map<uint64_t, ModelTransaction> transactions;

 private:
  // One entry a unit: what holds it and whether a court's order covers it. Free units come first, trades last.
  struct Unit {
    std::optional<HoldKind> hold;
    bool covered = false;
  };
  std::vector<Unit> LayOut(const ModelLot& lot) const;
  uint64_t SerialLot(const std::string& account, const ModelClass& of, int32_t vintage);
  ModelMove MoveSerials(uint64_t lot, const std::set<Serial>& serials, const std::string& account);
  ModelMove MoveRight(uint64_t lot, int64_t quantity, const Term& term, const std::string& account, bool paid);
  std::optional<std::set<Serial>> Choose(const ModelLot& lot, int64_t quantity, uint64_t issuance, int64_t start) const;
  bool FitsCap(const ModelClass& of, const std::map<int32_t, int64_t>& units) const;
  bool Pledgeable(uint64_t lot, int64_t quantity) const;

  std::map<std::tuple<ModelClass, int32_t, std::string>, uint64_t> issuances_;
  std::map<uint64_t, std::set<Serial>> issued_;
  uint64_t freezes_made_ = 0;
};

// Grams of each calendar year, day by day.
std::map<int32_t, int64_t> ModelEntitlement(int64_t per_year, const Term& term);

}  // namespace songhua::ledger

#endif  // SONGHUA_TESTS_LEDGER_LEDGER_MODEL_H_
