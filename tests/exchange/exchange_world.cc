#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {

void ExchangeWorld::Furnish() {
  const std::map<std::string, std::string> codes = {{"$A", "91220101MA0Y3T5K7"},
                                                    {"$B", "91220101MA0Y3T5K8"},
                                                    {"$C", "91220101MA0Y3T5K9"},
                                                    {"$D", "91220201MA0Y3T5KA"},
                                                    {"$E", "91220101MA0Y3T5KB"}};
  for (const auto& [name, first17] : codes) ids[name] = first17 + *UsccCheckCharacter(first17);
  const bool checked = std::exchange(check_invariants, false);
  const auto expect_ok = [](const auto& answer) { EXPECT_EQ(Outcome(answer), "OK"); };

  Apply([&](CommandContext& context) {
    SONGHUA_CHECK(participants.Bootstrap(context, std::string(64, 'a')).ok());
    ledger.accounts().Bootstrap(context);
  });
  const auto participant = [&](const std::string& text) { expect_ok(Participant(text)); };
  const auto site = [&](const std::string& text) {
    expect_ok(Run("operator", [&](CommandContext& context) {
      return participants.CreateSite(context, Text<v1::CreateSiteRequest>(Named("site { " + text + " }")), ledger.accounts());
    }));
  };
  participant("name: 'participants/bureau' kind: AUTHORITY display_name: 'Ecology bureau' region: '220000'");
  participant("name: 'participants/$A' kind: ENTERPRISE display_name: 'A' region: '220102' entity_group: 'group-a'");
  participant("name: 'participants/$B' kind: ENTERPRISE display_name: 'B' region: '220104'");
  participant("name: 'participants/$C' kind: ENTERPRISE display_name: 'C' region: '220102'");
  participant("name: 'participants/$D' kind: ENTERPRISE display_name: 'D' region: '220202'");
  participant("name: 'participants/$E' kind: ENTERPRISE display_name: 'E' region: '220102' entity_group: 'group-a'");
  site("name: 'sites/$A001' participant: 'participants/$A' display_name: 'A' region: '220102' basin: 'SONGHUA' sector_class: INDUSTRY");
  site("name: 'sites/$B001' participant: 'participants/$B' display_name: 'B' region: '220104' basin: 'SONGHUA' sector_class: CHP_HEAT");
  site("name: 'sites/$C001' participant: 'participants/$C' display_name: 'C' region: '220102' basin: 'LIAO' sector_class: POWER");
  site("name: 'sites/$D001' participant: 'participants/$D' display_name: 'D' region: '220202' basin: 'SONGHUA' sector_class: INDUSTRY");
  site("name: 'sites/$E001' participant: 'participants/$E' display_name: 'E' region: '220102' basin: 'LIAO' sector_class: INDUSTRY");

  expect_ok(LoadProgram(
      "program { name: 'programs/rights' display_name: 'Discharge rights' form: RIGHT unit: 'g/a' quoted_unit_steps: 1000000 "
      "pollutants: 'SO2' pollutants: 'NOX' pollutants: 'COD' water_pollutants: 'COD' control_zones: '220100' control_zones: '220200' "
      "trading_groups { code: 'POWER' sector_classes: 'POWER' } "
      "trading_groups { code: 'INDUSTRY' sector_classes: 'CHP_HEAT' sector_classes: 'INDUSTRY' } "
      "floor_policy: FLOOR first_year: 2020 last_year: 2040 term_years_max: 5 }"));
  expect_ok(LoadProgram(
      "program { name: 'programs/cea' display_name: 'Carbon allowances' form: SERIAL unit: 't' quoted_unit_steps: 1 pollutants: 'CO2E' "
      "control_zones: 'CN' trading_groups { code: 'ALL' } floor_policy: NONE first_year: 2019 last_year: 2030 separate_trading_accounts: true }"));
  expect_ok(LoadProgram(
      "program { name: 'programs/wci' display_name: 'Allowances' form: SERIAL unit: 't' quoted_unit_steps: 1 pollutants: 'CO2E' "
      "control_zones: 'CA' trading_groups { code: 'ALL' } floor_policy: NONE first_year: 2013 last_year: 2035 }"));
  for (const auto& [who, code] : codes) {
    for (const std::string kind : {"REGISTRY", "TRADING", "CASH"}) expect_ok(OpenAccount("participant: 'participants/" + who + "' kind: " + kind));
    expect_ok(Deposit("account: 'accounts/" + who + ".cash' amount_fen: 100000000 bank_reference: 'opening'"));
    for (const std::string program : {"cea' control_zone: 'CN", "wci' control_zone: 'CA"}) {
      expect_ok(Issue("program: 'programs/" + program + "' pollutant: 'CO2E' trading_group: 'ALL' vintage: 2025 quantity: 500 to_account: 'accounts/" +
                      who + ".registry'"));
      if (program[0] == 'c') {
        expect_ok(Transfer("from_lot: 'lots/" + std::to_string(ledger.lots().size()) + "' to_account: 'accounts/" + who + ".trading' quantity: 500"));
      }
    }
  }
  expect_ok(OpenAccount("kind: RESERVE participant: 'participants/bureau' program: 'programs/rights' control_zone: '220100'"));
  const auto grant = [&](const std::string& kind, const std::string& site_id, int64_t kilograms) {
    const std::string quantity = " quantity: " + std::to_string(kilograms * 1000);
    expect_ok(Issue("program: 'programs/rights' control_zone: '220100' " + kind + quantity +
                    " to_account: 'accounts/rights.reserve.220100' valid_from: '2026-01-01' valid_to: '2030-12-31'"));
    expect_ok(Allocate("from_lot: 'lots/" + std::to_string(ledger.lots().size()) + "' to_account: 'accounts/" + site_id + ".rights'" + quantity +
                       " valid_from: '2026-01-01' valid_to: '2030-12-31' source: 'INITIAL_FREE'"));
  };
  grant("pollutant: 'SO2' trading_group: 'INDUSTRY'", "$A001", 60);
  grant("pollutant: 'SO2' trading_group: 'INDUSTRY'", "$A001", 40);
  grant("pollutant: 'SO2' trading_group: 'INDUSTRY'", "$B001", 80);
  grant("pollutant: 'COD' trading_group: 'INDUSTRY' basin: 'SONGHUA'", "$A001", 50);
  grant("pollutant: 'SO2' trading_group: 'POWER'", "$C001", 70);

  for (const std::string rulebook : {"immediate' settlement: IMMEDIATE", "verified' settlement: VERIFIED", "daily' settlement: END_OF_DAY"}) {
    expect_ok(Rulebook("name: 'rulebooks/" + rulebook + " band_bps: 1000 quantity_min: 1 quantity_max: 1000000 same_day_resale: true "
                       "base_price_floor: true"));
  }
  const std::string carbon = " pollutant: 'CO2E' trading_group: 'ALL' vintage: 2025 price_basis: PER_T_TERM tick_fen: 1 lot_size: 1 "
                             "rulebook: 'rulebooks/immediate' reference_price_fen: 8000";
  const std::string right = "program: 'programs/rights' control_zone: '220100' trading_group: 'INDUSTRY' term_first: '2027-01-01' "
                            "term_last: '2029-12-31' price_basis: PER_T_YEAR tick_fen: 100 lot_size: 10000 rulebook: 'rulebooks/immediate' "
                            "reference_price_fen: 500000 ";
  expect_ok(Contract("CEA25", "program: 'programs/cea' control_zone: 'CN'" + carbon));
  expect_ok(Contract("WCI25", "program: 'programs/wci' control_zone: 'CA'" + carbon));
  expect_ok(Contract("SO2", right + "pollutant: 'SO2'"));
  expect_ok(Contract("COD", right + "pollutant: 'COD' basin: 'SONGHUA'"));
  check_invariants = checked;
  Settle();
}

void ExchangeWorld::AddOutsider(const std::string& name, const std::string& region, const std::string& sector_class) {
  const std::string first17 = "91" + region + "MA0Y3T5KC";
  ids[name] = first17 + *UsccCheckCharacter(first17);
  EXPECT_EQ(Outcome(Participant("name: 'participants/" + name + "' kind: ENTERPRISE display_name: 'X' region: '" + region + "'")), "OK");
  EXPECT_EQ(Outcome(Run("operator",
                        [&](CommandContext& context) {
                          const std::string site = "site { name: 'sites/" + name + "001' participant: 'participants/" + name + "' display_name: 'X' region: '" +
                                                   region + "' basin: 'SONGHUA' sector_class: " + sector_class + " }";
                          return participants.CreateSite(context, Text<v1::CreateSiteRequest>(Named(site)), ledger.accounts());
                        })),
            "OK");
  EXPECT_EQ(Outcome(OpenAccount("participant: 'participants/" + name + "' kind: CASH")), "OK");
  EXPECT_EQ(Outcome(Deposit("account: 'accounts/" + name + ".cash' amount_fen: 100000000 bank_reference: 'opening'")), "OK");
}

CommandContext ExchangeWorld::MakeContext(std::string_view participant) {
  CommandContext context;
  context.sequence = ++sequence;
  context.time = Timestamp(StartOfDay(today).value() + micros_of_day + static_cast<int64_t>(sequence));
  context.today = today;
  context.person = person;
  context.participant = participant;
  context.validate_only = validate_only;
  context.events = &events;
  context.cold = this;
  return context;
}

OrderOutcome ExchangeWorld::Execute(const std::string& who, const OrderEntry& entry) {
  const std::string participant = Named(who);
  CommandContext context = MakeContext(participant);
  const uint64_t changes_before = tables.change_count();
  const size_t events_before = events.bytes().size();
  const OrderOutcome outcome = exchange.Execute(context, entry);
  if (outcome.refusal != OrderRefusal::kNone || validate_only) {
    EXPECT_EQ(tables.change_count(), changes_before) << "a refused command changed a row";
    EXPECT_EQ(events.bytes().size(), events_before) << "a refused command emitted an event";
  } else {
    Settle();
  }
  return outcome;
}

std::string ExchangeWorld::Named(std::string text) const {
  for (const auto& [name, id] : ids) {
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name)) text.replace(at, name.size(), id);
  }
  return text;
}

std::string ExchangeWorld::AccountFor(const std::string& who, const std::string& contract) const {
  const ContractRow* row = exchange.FindContract(contract);
  if (row == nullptr) return who + ".trading";
  return who + (row->right ? "001.rights" : row->program == "cea" ? ".trading" : ".registry");
}

ExchangeWorld::Units ExchangeWorld::UnitsOf(const std::string& who, const std::string& contract) const {
  const ContractRow& row = Row(contract);
  Units units;
  for (const ledger::LotRow* lot : ledger.lots().OfAccount(Account(AccountFor(who, contract)))) {
    if (lot->instrument_class != row.instrument_class) continue;
    if (row.right ? !lot->term.Contains(row.term) : lot->vintage() != row.vintage) continue;
    units.all += lot->quantity.value();
    units.free += lot->Available(today).value();
    units.orders += lot->Held(ledger::HoldKind::kOrder).value();
    units.trades += lot->Held(ledger::HoldKind::kTrade).value();
  }
  return units;
}

std::string ExchangeWorld::Depth(const std::string& code, Side side) const {
  std::vector<LevelDepth> levels;
  exchange.ForEachResting(Row(code).number, side, [&](const RestingOrder& order) {
    if (levels.empty() || levels.back().price != order.price) levels.push_back({.price = order.price});
    levels.back().open_quantity += order.open_quantity - order.hidden;
    ++levels.back().orders;
  });
  std::string text;
  for (const LevelDepth& level : levels) {
    if (!text.empty()) text += " ";
    text += std::to_string(level.price) + ": " + std::to_string(level.open_quantity) + " (" + std::to_string(level.orders) + ")";
  }
  return text;
}

}  // namespace songhua::exchange
