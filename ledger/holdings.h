// What each entity group holds of a program of serial units, and how much it may (CAR-25, CAR-26).
//
// All that lies in the accounts of all participants of a group counts, whatever holds or covers it, and what the group is buying: the open quantity of
// its buy orders and what trades have brought it that are not settled yet. The limit bounds purchases only: an allocation, a transfer or a carry-over may go
// beyond it, and nothing more is bought then: its newest buy orders end in the same commit, as many as go beyond it (Exchange::EndBidsOverLimits).
//
//   limit of a group with verified emissions  = floor(those of the latest year of each of its accounts x key_unit_emissions_bps / 10000) + key_unit_allowance
//   limit of any other                        = others
//
// The sums are kept in memory as units move and orders change, and are counted again from rows when these are loaded; asking takes the same time whatever the
// group has. A group that reaches report_bps of its limit is a large holder: a row that says so until it falls below.
//
// One thread, the state machine, uses Holdings.
#ifndef SONGHUA_LEDGER_HOLDINGS_H_
#define SONGHUA_LEDGER_HOLDINGS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "ledger/accounts.h"
#include "ledger/amounts.h"
#include "ledger/command.h"
#include "ledger/participants.h"
#include "ledger/programs.h"
#include "ledger/tables.h"
#include "songhua/v1/ledger.pb.h"

namespace songhua::ledger {

// That a group is a large holder of a program, or was. Quantities are those of today while it is, and of the last day on which it was.
struct LargeHolderRow {
  static constexpr RowTable kTable = RowTable::kLargeHolders;
  std::string program;
  ParticipantNumber group = 0;
  std::string participant;  // the first of the group
  bool large = false;
  Quantity held, buying, limit;
  Timestamp reach_time;  // when it last became one,
  Timestamp fall_time;   // and when it last ceased to be
  uint32_t times = 0;

  std::tuple<std::string, ParticipantNumber> Key() const { return {program, group}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(program, group, participant, large, held, buying, limit, reach_time, fall_time, times);
  }
};

// Of one group and program. In 128 bits: no sum of 64-bit quantities that the service can come to overflows.
struct GroupHolding {
  __int128 held = 0;
  __int128 buying = 0;
  __int128 emissions = 0;   // of the latest year of each account
  uint32_t emitters = 0;    // its accounts with verified emissions
  LargeHolderRow* report = nullptr;
  __int128 total() const { return held + buying; }
};

struct ProgramHoldings {
  const ProgramRow* program = nullptr;
  std::vector<GroupHolding> groups;  // by the group's number, as far as groups have had anything
};

class Holdings {
 public:
  Holdings(TableSet* tables, const Participants* participants, const Accounts* accounts, const Programs* programs);
  ~Holdings();

  // Of a program; null where there is no limit because it is one of rights. Stays where it is.
  ProgramHoldings* Of(const std::string& program);

  // Units moved from one account to another.
  void CountMove(CommandContext& context, InstrumentId instrument, AccountNumber from, AccountNumber to, Quantity quantity);
  // The balance of an account as it is read back.
  void CountLoaded(InstrumentId instrument, AccountNumber account, Quantity quantity);
  // What an account is buying became more or less. Without a context nothing is reported: for what is read back, and for units that are
  // delivered in the same command.
  void CountBuying(CommandContext* context, ProgramHoldings& of, AccountNumber account, Quantity change);
  // The verified emissions of an account and year became known, or were corrected. Without a context: as they are read back.
  void CountEmissions(CommandContext* context, const AccountRow& account, const std::string& program, int32_t year, Quantity emissions);
  // A program was loaded: its limit may be another.
  void CountAgain(CommandContext& context, const std::string& program);

  // REQUIRES: the program has a limit.
  Quantity LimitOf(const ProgramHoldings& of, ParticipantNumber group) const;
  // What the group may still buy; the most there is where the program has no limit.
  Quantity RoomOf(const ProgramHoldings& of, ParticipantNumber group) const;
  GroupHolding HoldingOf(const ProgramHoldings& of, ParticipantNumber group) const {
    return group < of.groups.size() ? of.groups[group] : GroupHolding();
  }
  // Whether it has reached the share of its limit that is reported.
  bool IsLarge(const ProgramHoldings& of, ParticipantNumber group) const;
  // Program and group of those that this command took beyond their limit otherwise than by an order, while they were buying; each is told once. Orders cannot
  // end while units are on their way, so whoever runs commands has them ended after each.
  std::set<std::pair<std::string, ParticipantNumber>> TakeBreaches() { return std::exchange(breaches_, {}); }
  // 0: an account of the house.
  ParticipantNumber GroupOf(AccountNumber account);
  // "the limit of the entity group of ... is L, of which it holds H and is buying B".
  std::string Text(const ProgramHoldings& of, ParticipantNumber group) const;

 private:
  static GroupHolding& In(ProgramHoldings& of, ParticipantNumber group);
  ProgramHoldings* OfInstrument(InstrumentId instrument);
  // Reports what a change has made of the group.
  void Watch(CommandContext& context, ProgramHoldings& of, ParticipantNumber group);
  // The same, of what is no order's doing.
  void WatchLimit(CommandContext& context, ProgramHoldings& of, ParticipantNumber group);

  const Participants* participants_;
  const Accounts* accounts_;
  const Programs* programs_;
  Table<LargeHolderRow> large_holders_;
  std::map<std::string, std::unique_ptr<ProgramHoldings>> by_program_;
  // By number, as far as they were asked for.
  struct Instrument {
    bool known = false;
    ProgramHoldings* of = nullptr;
  };
  std::vector<Instrument> instruments_;
  struct Account {
    bool known = false;
    ParticipantNumber group = 0;
  };
  std::vector<Account> groups_;
  struct Emissions {
    int32_t year = 0;
    Quantity quantity;
    std::string program;
  };
  std::map<AccountNumber, Emissions> emissions_;  // of the latest year
  std::set<std::pair<std::string, ParticipantNumber>> breaches_;  // of the command that runs
};

v1::LargeHolder ToProto(const LargeHolderRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_HOLDINGS_H_
