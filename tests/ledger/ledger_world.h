// A small world for tests of the ledger: one city's discharge rights, one carbon market, a few participants, and every command by name.
//
//   LedgerWorld world;
//   ASSERT_EQ(Outcome(world.Issue("program: 'programs/cea' ... quantity: 100 to_account: 'accounts/$STEEL.registry'")), "OK");
//   EXPECT_EQ(world.Lot(1).Available(world.today), Quantity(100));
//
// "$STEEL", "$POWER" and "$BANK" in a request stand for their social credit codes. Every command is checked on the way: one that was
// refused, or only validated, touched no row and emitted no event; after one that was applied the invariants hold over the rows that a
// store would have.
#ifndef SONGHUA_TESTS_LEDGER_LEDGER_WORLD_H_
#define SONGHUA_TESTS_LEDGER_LEDGER_WORLD_H_

#include <map>
#include <set>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/base_prices.h"
#include "ledger/calendars.h"
#include "ledger/counters.h"
#include "ledger/extinctions.h"
#include "ledger/identifiers.h"
#include "ledger/leases.h"
#include "ledger/ledger.h"
#include "ledger/names.h"
#include "ledger/participants.h"
#include "ledger/pledges.h"
#include "ledger/recoveries.h"
#include "tests/ledger/ledger_invariants.h"
#include "tests/table_fixture.h"

namespace songhua::ledger {

class LedgerWorld : private ColdReader, private OrderCanceller, private PledgeAlarm {
 public:
  // An empty ledger; Furnish gives it participants, programs and accounts.
  LedgerWorld()
      : ledger(&tables, &participants),
        pledges(&tables, {&counters, &participants, &ledger, &calendars, this}),
        base_prices(&tables, &counters),
        calendars(&tables),
        leases(&tables, {&counters, &participants, &ledger, nullptr, nullptr}),
        recoveries(&tables, {&counters, &participants, &ledger, &pledges, &base_prices, &calendars}),
        extinctions(&tables, &counters, &participants, &ledger) {}

  // Participants: $STEEL (an industrial site in Changchun, basin SONGHUA), $POWER (a power plant there), paper's site lies in Jilin city;
  // $BANK and its branch; the bureau, which keeps the reserves. Programs: `rights` (SO2 capped at 1,000,000 g a year in Changchun, COD by
  // basin), `cea` (capped at 10,000 t, trading accounts apart), `wci` (neither).
  void Furnish();

  // ---- Commands ----
  auto LoadProgram(const std::string& text) { return Do(text, &Programs::LoadProgram, ledger.programs()); }
  auto OpenAccount(const std::string& text) { return Do(text, &Ledger::OpenAccount, ledger); }
  auto Issue(const std::string& text) { return Do(text, &Ledger::IssueUnits, ledger); }
  auto Allocate(const std::string& text) { return Do(text, &Ledger::AllocateRight, ledger); }
  auto Transfer(const std::string& text) { return Do(text, &Ledger::TransferUnits, ledger); }
  auto Surrender(const std::string& text) { return Do(text, &Ledger::SurrenderUnits, ledger); }
  auto Cancel(const std::string& text) { return Do(text, &Ledger::CancelUnits, ledger); }
  auto Reverse(const std::string& text) { return Do(text, &Ledger::ReverseTransaction, ledger); }
  auto Deposit(const std::string& text) { return Do(text, &Ledger::DepositCash, ledger); }
  auto Withdraw(const std::string& text) { return Do(text, &Ledger::WithdrawCash, ledger); }
  auto LiftFreeze(const std::string& text) { return Do(text, &Ledger::LiftFreeze, ledger); }
  auto Freeze(const std::string& text) {
    return Run([&](CommandContext& context) {
      return ledger.FreezeUnits(context, Text<v1::FreezeUnitsRequest>(Named(text)), static_cast<OrderCanceller*>(this));
    });
  }
  auto ApplyPledge(const std::string& text) { return Do(text, &Pledges::ApplyPledge, pledges); }
  auto VerifyPledge(const std::string& text) { return Do(text, &Pledges::VerifyPledge, pledges); }
  auto RejectPledge(const std::string& text) { return Do(text, &Pledges::RejectPledge, pledges); }
  auto ApprovePledge(const std::string& text) { return Do(text, &Pledges::ApprovePledge, pledges); }
  auto DeclinePledge(const std::string& text) { return Do(text, &Pledges::DeclinePledge, pledges); }
  auto ConfirmPledge(const std::string& text) { return Do(text, &Pledges::ConfirmPledge, pledges); }
  auto ReleasePledge(const std::string& text) { return Do(text, &Pledges::ReleasePledge, pledges); }
  auto ReleasePledgedUnits(const std::string& text) { return Do(text, &Pledges::ReleasePledgedUnits, pledges); }
  auto ProposeLease(const std::string& text) { return Do(text, &Leases::ProposeLease, leases); }
  auto AcceptLease(const std::string& text) { return Do(text, &Leases::AcceptLease, leases); }
  auto ApproveLease(const std::string& text) { return Do(text, &Leases::ApproveLease, leases); }
  auto RejectLease(const std::string& text) { return Do(text, &Leases::RejectLease, leases); }
  auto WithdrawLease(const std::string& text) { return Do(text, &Leases::WithdrawLease, leases); }
  // What the engine's timer does on a morning; true: there is more.
  bool PassLeases(size_t limit = 100) {
    bool more = false;
    Apply([&](CommandContext& context) { more = leases.PassLeases(context, limit); });
    return more;
  }
  auto AnnounceRecovery(const std::string& text) { return Do(text, &Recoveries::AnnounceRecovery, recoveries); }
  auto AcceptRecovery(const std::string& text) { return Do(text, &Recoveries::AcceptRecovery, recoveries); }
  auto DeclineRecovery(const std::string& text) { return Do(text, &Recoveries::DeclineRecovery, recoveries); }
  auto ApproveRecovery(const std::string& text) { return Do(text, &Recoveries::ApproveRecovery, recoveries); }
  auto ExecuteRecovery(const std::string& text) { return Do(text, &Recoveries::ExecuteRecovery, recoveries); }
  auto WithdrawRecovery(const std::string& text) { return Do(text, &Recoveries::WithdrawRecovery, recoveries); }
  auto DeclareClosure(const std::string& text) { return Do(text, &Recoveries::DeclareClosure, recoveries); }
  auto ExtinguishRight(const std::string& text) { return Do(text, &Extinctions::ExtinguishRight, extinctions); }
  auto ExtinguishReserve(const std::string& text) { return Do(text, &Extinctions::ExtinguishReserve, extinctions); }
  auto ReplaceForProject(const std::string& text) { return Do(text, &Extinctions::ReplaceForProject, extinctions); }
  auto RecordAttainment(const std::string& text) { return Do(text, &Extinctions::RecordAttainment, extinctions); }

  // What the market does to a lot: an order or a trade takes units, lets go of them, or delivers them to an account.
  void Hold(LotNumber lot, HoldKind kind, int64_t quantity) {
    Apply([&](CommandContext&) { ledger.lots().Hold(Lot(lot), kind, Quantity(quantity)); });
  }
  void ReleaseHold(LotNumber lot, HoldKind kind, int64_t quantity) {
    Apply([&](CommandContext&) { ledger.lots().Release(Lot(lot), kind, Quantity(quantity)); });
  }
  // Of a trade that was agreed so many days before.
  LotMove Deliver(LotNumber lot, int64_t quantity, const Term& term, const std::string& buyer, int64_t cost_fen = 0, int32_t days_after = 0) {
    LotMove move;
    Apply([&](CommandContext& context) {
      move = ledger.Deliver(context, Lot(lot), Quantity(quantity), term, Account(buyer), Money(cost_fen), context.sequence, context.today - days_after);
    });
    return move;
  }

  template <class Call>
  std::invoke_result_t<Call&, CommandContext&> Run(Call call) {
    CommandContext context;
    context.sequence = ++sequence;
    context.time = Timestamp(StartOfDay(today).value() + 9 * 3600 * kMicrosPerSecond);
    context.today = today;
    context.person = person;
    context.participant = participant;
    context.validate_only = validate_only;
    context.events = &events;
    context.cold = this;
    auto answer = RunChecked(tables, context, std::move(call));
    if (answer.ok() && !validate_only) Settle();
    return answer;
  }

  // A command by its text.
  template <class Request, class Answer, class Module>
  absl::StatusOr<Answer> Do(const std::string& text, absl::StatusOr<Answer> (Module::*method)(CommandContext&, const Request&),
                            Module& module) {
    return Run([&](CommandContext& context) { return (module.*method)(context, Text<Request>(Named(text))); });
  }

  // For what cannot be refused.
  template <class Call>
  void Apply(Call call) {
    EXPECT_TRUE(Run([&](CommandContext& context) {
                  call(context);
                  return absl::OkStatus();
                }).ok());
  }

  // ---- What there is ----
  const LotRow& Lot(LotNumber number) const {
    const LotRow* row = ledger.lots().Find(number);
    SONGHUA_CHECK(row != nullptr);
    return *row;
  }
  LotNumber LastLot() const { return ledger.lots().size(); }
  Quantity Available(LotNumber lot) const { return Lot(lot).Available(today); }
  AccountNumber Account(const std::string& id) const {
    const AccountRow* row = ledger.accounts().FindById(Named(id));
    SONGHUA_CHECK(row != nullptr);
    return row->number;
  }
  const CashRow& Cash(const std::string& id) const { return *ledger.accounts().FindCash(Account(id)); }
  const InstrumentRow& Instrument(const std::string& program, const std::string& pollutant, const std::string& zone,
                                  const std::string& group, int32_t year, const std::string& basin = "") const {
    const InstrumentClassRow* row = ledger.programs().FindClassOf(program, pollutant, zone, group, basin);
    SONGHUA_CHECK(row != nullptr);
    return *ledger.programs().FindInstrument(row->id, year);
  }
  // The request with $STEEL, $POWER and $BANK replaced.
  std::string Named(std::string text) const;

  // Another world with these rows and nothing else: what a restart finds.
  void RestartInto(LedgerWorld* fresh) const {
    stored.LoadInto(&fresh->tables);
    fresh->stored = stored;
    fresh->sequence = sequence;
    fresh->today = today;
    fresh->ids = ids;
  }

  TableSet tables;
  Counters counters{&tables};
  Participants participants{&tables, &counters};
  Ledger ledger;
  Pledges pledges;
  BasePrices base_prices;
  Calendars calendars;
  Leases leases;
  Recoveries recoveries;
  Extinctions extinctions;
  EventLog events;
  StoredRows stored;
  uint64_t sequence = 0;
  Date today = MakeDate(2026, 1, 5);
  std::string person = "operator";
  std::string participant = "operator";
  bool validate_only = false;
  bool check_invariants = true;
  std::map<std::string, std::string> ids;
  std::set<Timestamp> pledge_alarms;
  // What freezes asked the market for, in order.
  std::vector<std::pair<LotNumber, Quantity>> orders_cancelled;

 private:
  void Settle() {
    stored.Fold(&tables);
    if (check_invariants) ExpectLedgerInvariants(stored.rows(), today);
  }
  void WakeForPledges(Timestamp at) override { pledge_alarms.insert(at); }
  std::optional<std::string> Read(uint16_t table, std::string_view key) override {
    const auto row = stored.rows().find(RowKey(table, key));
    if (row == stored.rows().end()) return std::nullopt;
    return row->second;
  }
  // Every open order is the same here: as much of it goes as is asked for.
  void CancelOrdersOver(CommandContext&, LotNumber lot, Quantity quantity) override {
    orders_cancelled.emplace_back(lot, quantity);
    ledger.lots().Release(Lot(lot), HoldKind::kOrder, quantity);
  }
};

inline std::string LedgerWorld::Named(std::string text) const {
  for (const auto& [name, id] : ids) {
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name)) text.replace(at, name.size(), id);
  }
  return text;
}

inline void LedgerWorld::Furnish() {
  for (const auto& [name, first17] : std::map<std::string, std::string>{{"$STEEL", "91220101MA0Y3T5K7"},
                                                                        {"$POWER", "91220101MA0Y3T5K8"},
                                                                        {"$PAPER", "91220201MA0Y3T5K9"},
                                                                        {"$BANK", "91220000MA0Y3T5KA"}}) {
    ids[name] = first17 + *UsccCheckCharacter(first17);
  }
  Apply([&](CommandContext& context) {
    SONGHUA_CHECK(participants.Bootstrap(context, std::string(64, 'a')).ok());
    ledger.accounts().Bootstrap(context);
  });
  const auto participant = [&](const std::string& text) {
    EXPECT_EQ(Outcome(Do("participant { " + text + " }", &Participants::CreateParticipant, participants)), "OK") << text;
  };
  participant("name: 'participants/$STEEL' kind: ENTERPRISE display_name: 'Steel works' region: '220102'");
  participant("name: 'participants/$POWER' kind: ENTERPRISE display_name: 'Power plant' region: '220102'");
  participant("name: 'participants/$PAPER' kind: ENTERPRISE display_name: 'Paper mill' region: '220202'");
  participant("name: 'participants/$BANK' kind: BANK display_name: 'Bank' region: '220000'");
  participant("name: 'participants/branch' kind: BANK_BRANCH parent: 'participants/$BANK' display_name: 'Branch' region: '220102'");
  participant("name: 'participants/bureau' kind: AUTHORITY display_name: 'Ecology bureau' region: '220000'");
  const auto site = [&](const std::string& text) {
    EXPECT_EQ(Outcome(Run([&](CommandContext& context) {
                return participants.CreateSite(context, Text<v1::CreateSiteRequest>(Named("site { " + text + " }")), ledger.accounts());
              })),
              "OK")
        << text;
  };
  site(
      "name: 'sites/$STEEL001' participant: 'participants/$STEEL' display_name: 'Works' region: '220102' basin: 'SONGHUA' sector_class: "
      "INDUSTRY");
  site(
      "name: 'sites/$POWER001' participant: 'participants/$POWER' display_name: 'Plant' region: '220102' basin: 'LIAO' sector_class: "
      "POWER");
  site(
      "name: 'sites/$PAPER001' participant: 'participants/$PAPER' display_name: 'Mill' region: '220202' basin: 'SONGHUA' sector_class: "
      "INDUSTRY");
  EXPECT_EQ(Outcome(LoadProgram(
                "program { name: 'programs/rights' display_name: 'Discharge rights' form: RIGHT unit: 'g/a' quoted_unit_steps: 1000000 "
                "pollutants: 'SO2' pollutants: 'COD' water_pollutants: 'COD' control_zones: '220100' control_zones: '220200' "
                "trading_groups { code: 'POWER' sector_classes: 'POWER' } "
                "trading_groups { code: 'INDUSTRY' sector_classes: 'CHP_HEAT' sector_classes: 'INDUSTRY' } "
                "caps { pollutant: 'SO2' control_zone: '220100' quantity: 1000000 } "
                "floor_policy: FLOOR first_year: 2020 last_year: 2040 term_years_max: 5 }")),
            "OK");
  EXPECT_EQ(Outcome(LoadProgram(
                "program { name: 'programs/cea' display_name: 'Carbon allowances' form: SERIAL unit: 't' quoted_unit_steps: 1 "
                "pollutants: 'CO2E' control_zones: 'CN' trading_groups { code: 'ALL' } "
                "caps { pollutant: 'CO2E' control_zone: 'CN' quantity: 10000 } floor_policy: NONE first_year: 2019 last_year: 2030 "
                "surrender_deadline: '12-31' separate_trading_accounts: true }")),
            "OK");
  EXPECT_EQ(
      Outcome(LoadProgram(
          "program { name: 'programs/wci' display_name: 'Allowances' form: SERIAL unit: 't' quoted_unit_steps: 1 "
          "pollutants: 'CO2E' control_zones: 'CA' trading_groups { code: 'ALL' } floor_policy: NONE first_year: 2013 last_year: 2035 }")),
      "OK");
  for (const std::string owner : {"$STEEL", "$POWER"}) {
    for (const std::string kind : {"REGISTRY", "TRADING", "CASH"}) {
      EXPECT_EQ(Outcome(OpenAccount("participant: 'participants/" + owner + "' kind: " + kind)), "OK");
    }
  }
  for (const std::string reserve : {"rights' control_zone: '220100", "rights' control_zone: '220200", "cea' control_zone: 'CN"}) {
    EXPECT_EQ(Outcome(OpenAccount("kind: RESERVE participant: 'participants/bureau' program: 'programs/" + reserve + "'")), "OK");
  }
}

}  // namespace songhua::ledger

#endif  // SONGHUA_TESTS_LEDGER_LEDGER_WORLD_H_
