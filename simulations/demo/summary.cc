#include "simulations/demo/summary.h"

#include <functional>
#include <map>
#include <utility>

#include "api/cli/table.h"
#include "api/cli/text.h"
#include "ledger/identifiers.h"
#include "ledger/refusal.h"
#include "simulations/scenario/amounts_text.h"
#include "songhua/v1/applications.pb.h"
#include "songhua/v1/deadlines.pb.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/participants.pb.h"
#include "songhua/v1/pledges.pb.h"
#include "songhua/v1/trades.pb.h"

namespace songhua::simulations {
namespace {

using api::cli::Decimal;
using api::cli::Table;

constexpr int kGramDecimals = 6;  // of a tonne

using Fields = std::vector<std::pair<std::string, std::string>>;

template <class Answer>
absl::StatusOr<Answer> Ask(Conversation* conversation, const std::string& method, const Fields& fields = {}) {
  SONGHUA_ASSIGN_OR_RETURN(const auto message, conversation->Read(method, fields));
  Answer answer;
  if (!answer.ParseFromString(message->SerializeAsString())) return absl::InternalError(method + ": the answer does not parse");
  return answer;
}

std::string Tonnes(int64_t grams) { return grams == 0 ? "" : Decimal(grams, kGramDecimals, 0); }
std::string Yuan(int64_t fen) { return fen == 0 ? "" : Decimal(fen, 2, 2); }

// "Changchun" of a site's region code.
std::string CityName(const std::string& code) {
  const auto region = ParseRegion(code);
  const NamedRegion* city = region.ok() ? FindRegion(CityOf(*region)) : nullptr;
  return city != nullptr ? std::string(city->english) : code;
}

// Rights of one pollutant at one site.
struct Position {
  int64_t quantity = 0, available = 0, pledged = 0, frozen = 0, in_orders = 0;
};

void Count(const v1::Lot& lot, Position* position) {
  position->quantity += lot.quantity();
  position->available += lot.available();
  for (const v1::Encumbrance& encumbrance : lot.encumbrances()) {
    if (encumbrance.kind() == "PLEDGE" || encumbrance.kind() == "PROVISIONAL_PLEDGE") position->pledged += encumbrance.quantity();
    if (encumbrance.kind() == "FREEZE") position->frozen += encumbrance.quantity();
    if (encumbrance.kind() == "ORDER" || encumbrance.kind() == "TRADE") position->in_orders += encumbrance.quantity();
  }
}

// What a participant's other accounts hold: fen of cash, tonnes of allowances.
struct Purse {
  int64_t fen = 0, allowances = 0;
};

absl::StatusOr<Purse> PurseOf(Conversation* conversation, const std::string& participant) {
  Purse purse;
  SONGHUA_ASSIGN_OR_RETURN(const auto accounts, Ask<v1::ListAccountsAnswer>(conversation, "Ledger/ListAccounts", {{"participant", participant}}));
  for (const v1::Account& account : accounts.accounts()) {
    if (account.kind() != v1::CASH && account.kind() != v1::REGISTRY && account.kind() != v1::TRADING) continue;
    SONGHUA_ASSIGN_OR_RETURN(const auto holdings, Ask<v1::ListHoldingsAnswer>(conversation, "Ledger/ListHoldings", {{"account", account.name()}}));
    for (const v1::Holding& holding : holdings.holdings()) (account.kind() == v1::CASH ? purse.fen : purse.allowances) += holding.posted();
  }
  return purse;
}

absl::Status PrintHoldings(Conversation* conversation, std::ostream& out) {
  SONGHUA_ASSIGN_OR_RETURN(const auto sites, Ask<v1::ListSitesAnswer>(conversation, "Participants/ListSites"));
  Table table({{"site"}, {"city"}, {"river"}, {"right"}, {"t/a", true}, {"free", true}, {"in orders", true}, {"pledged", true}, {"frozen", true}, {"CEA t", true}, {"cash yuan", true}});
  for (const v1::Site& site : sites.sites()) {
    SONGHUA_ASSIGN_OR_RETURN(const auto lots, Ask<v1::ListLotsAnswer>(conversation, "Ledger/ListLots", {{"account", site.rights_account()}}));
    std::map<std::string, Position> positions;
    for (const v1::Lot& lot : lots.lots()) Count(lot, &positions[lot.pollutant()]);
    SONGHUA_ASSIGN_OR_RETURN(const Purse purse, PurseOf(conversation, site.participant()));
    for (const auto& [pollutant, position] : positions) {
      table.Add({site.display_name(), CityName(site.region()), api::cli::LowerCase(site.basin()), pollutant, Tonnes(position.quantity), Tonnes(position.available),
                 Tonnes(position.in_orders), Tonnes(position.pledged), Tonnes(position.frozen),
                 purse.allowances == 0 ? "" : api::cli::Thousands(purse.allowances), Yuan(purse.fen)});
    }
  }
  out << "\nWho holds what\n";
  table.Print(out, 2);
  return absl::OkStatus();
}

// "10 t at 4,300.00" of a book's best level.
std::string Best(Conversation* conversation, const v1::Contract& contract, const google::protobuf::RepeatedPtrField<v1::PriceLevel>& levels) {
  if (levels.empty()) return "";
  const bool rights = contract.vintage() == 0;
  (void)conversation;
  return (rights ? Tonnes(levels[0].quantity()) : api::cli::Thousands(levels[0].quantity())) + " t at " + Yuan(levels[0].price_fen());
}

absl::Status PrintPrices(Conversation* conversation, std::ostream& out) {
  SONGHUA_ASSIGN_OR_RETURN(const auto contracts, Ask<v1::ListContractsAnswer>(conversation, "Exchange/ListContracts"));
  Table table({{"contract"}, {"session"}, {"last yuan", true}, {"bid", true}, {"offer", true}});
  for (const v1::Contract& contract : contracts.contracts()) {
    SONGHUA_ASSIGN_OR_RETURN(const auto book, Ask<v1::OrderBook>(conversation, "Exchange/GetOrderBook", {{"contract", contract.name()}}));
    table.Add({contract.name().substr(contract.name().find('/') + 1), api::cli::LowerCase(contract.session()), Yuan(contract.last_price_fen()),
               Best(conversation, contract, book.bids()), Best(conversation, contract, book.asks())});
  }
  out << "\nLast prices (rights: yuan per tonne and year; carbon: yuan per tonne)\n";
  table.Print(out, 2);
  return absl::OkStatus();
}

absl::Status PrintPledges(Conversation* conversation, std::ostream& out) {
  SONGHUA_ASSIGN_OR_RETURN(const auto participants, Ask<v1::ListParticipantsAnswer>(conversation, "Participants/ListParticipants"));
  std::map<std::string, std::string> names;
  for (const v1::Participant& participant : participants.participants()) names[participant.name()] = participant.display_name();
  SONGHUA_ASSIGN_OR_RETURN(const auto pledges, Ask<v1::ListPledgesAnswer>(conversation, "Pledges/ListPledges"));
  Table table({{"pledge"}, {"state"}, {"pledgor"}, {"bank"}, {"t/a", true}, {"loan yuan", true}});
  for (const v1::Pledge& pledge : pledges.pledges()) {
    table.Add({pledge.name(), api::cli::Words(api::cli::LowerCase(v1::PledgeState_Name(pledge.state()))), names[pledge.pledgor()], names[pledge.pledgee()],
               Tonnes(pledge.quantity()), Yuan(pledge.principal_fen())});
  }
  out << "\nPledges\n";
  table.Print(out, 2);
  return absl::OkStatus();
}

// What lies on the desks of the permit offices, soonest due first; what is decided already is left out, unless it is still to be checked.
absl::Status PrintCases(Conversation* conversation, std::ostream& out) {
  SONGHUA_ASSIGN_OR_RETURN(const auto sites, Ask<v1::ListSitesAnswer>(conversation, "Participants/ListSites"));
  std::map<std::string, std::string> names;
  for (const v1::Site& site : sites.sites()) names[site.name()] = site.display_name();
  SONGHUA_ASSIGN_OR_RETURN(const auto applications, Ask<v1::ListApplicationsAnswer>(conversation, "Applications/ListApplications"));
  SONGHUA_ASSIGN_OR_RETURN(const auto deadlines, Ask<v1::ListDeadlinesAnswer>(conversation, "Deadlines/ListDeadlines"));
  Table table({{"case"}, {"type"}, {"tier"}, {"site"}, {"state"}, {"due"}, {"for"}});
  const auto word = [](const std::string& name) { return api::cli::Words(api::cli::LowerCase(name)); };
  for (const v1::Deadline& deadline : deadlines.deadlines()) {
    for (const v1::Application& application : applications.applications()) {
      if (application.name() != deadline.subject()) continue;
      table.Add({application.name(), word(v1::Application::Type_Name(application.type())), word(v1::PermitTier_Name(application.tier())),
                 names[application.site()], word(v1::Application::State_Name(application.state())),
                 deadline.state() == v1::PAUSED ? "clock stands" : deadline.due_date() + (deadline.state() == v1::OVERDUE ? " OVERDUE" : ""),
                 word(v1::DeadlineKind_Name(deadline.kind()))});
    }
  }
  out << "\nOn the desks of the permit offices\n";
  table.Print(out, 2);
  return absl::OkStatus();
}

// Says how to begin, and returns what prints one command.
std::function<void(const std::string&)> Begin(const NextCommands& next, std::ostream& out) {
  out << "\nTry, in another terminal (`ls " << next.tokens << "` shows whose tokens there are; `songhua help` what can be done)\n"
      << "  export SONGHUA_TOKENS=" << next.tokens << '\n';
  if (!next.server.empty()) out << "  export SONGHUA_SERVER=" << next.server << '\n';
  return [program = next.program, &out](const std::string& command) { out << "  " << program << ' ' << command << '\n'; };
}

}  // namespace

absl::Status PrintSummary(Conversation* conversation, const std::vector<RefusedAttempt>& refused, std::ostream& out) {
  SONGHUA_RETURN_IF_ERROR(PrintHoldings(conversation, out));
  SONGHUA_RETURN_IF_ERROR(PrintPrices(conversation, out));
  SONGHUA_RETURN_IF_ERROR(PrintPledges(conversation, out));
  SONGHUA_RETURN_IF_ERROR(PrintCases(conversation, out));
  Table table({{"what was tried"}, {"answer"}, {"rule"}});
  for (const RefusedAttempt& attempt : refused) table.Add({attempt.attempt, attempt.reason, attempt.rule});
  out << "\nRefused\n";
  table.Print(out, 2);
  return absl::OkStatus();
}

absl::Status PrintNextCommands(Conversation* conversation, const NextCommands& next, std::ostream& out) {
  SONGHUA_ASSIGN_OR_RETURN(const auto pledges, Ask<v1::ListPledgesAnswer>(conversation, "Pledges/ListPledges"));
  std::string held;
  for (const v1::Pledge& pledge : pledges.pledges()) {
    if (pledge.state() == v1::HELD) held = pledge.name().substr(pledge.name().find('/') + 1);
  }
  SONGHUA_ASSIGN_OR_RETURN(const auto trades, Ask<v1::ListTradesAnswer>(conversation, "Trades/ListTrades", {{"contract", "contracts/SO2-CHANGCHUN-POWER"}}));
  std::string agreed;
  for (const v1::Trade& trade : trades.trades()) {
    if (trade.state() == v1::AGREED) agreed = trade.name();
  }
  SONGHUA_ASSIGN_OR_RETURN(const auto applications, Ask<v1::ListApplicationsAnswer>(conversation, "Applications/ListApplications"));
  std::string proposed;
  for (const v1::Application& application : applications.applications()) {
    if (application.state() == v1::Application::PROPOSED_GRANT) proposed = application.name();
  }
  const auto line = Begin(next, out);
  line("contracts --as jiangbei-trader");
  line("book COD-JILIN-INDUSTRY --as jiangbei-trader");
  line("buy COD-JILIN-INDUSTRY --account 91220203MA1B00021R001.rights --price 4300 --quantity 2t --as jiangbei-trader");
  line("lots 91220203MA1B00011Q001.rights --as longtan-trader");
  line("sell COD-JILIN-INDUSTRY --account 91220203MA1B00011Q001.rights --price 4400 --quantity 200t --as longtan-trader");
  if (!agreed.empty()) line("trades verify-trade --name " + agreed + " --as changchun-reviewer");
  if (!held.empty()) {
    line("pledge approve " + held +
         " --principal 700000 --rate-bps 410 --term-start 2026-01-06 --term-end 2027-12-31 --contract-number CB-2026-1 --as changbai-branch-approver");
  }
  line("statement 91220104MA1A00011F.cash --as songjiang-trader");
  line("price explain 2");
  line("permit show 91220203MA1B00021R001P --as jiangbei-trader");
  line("queue --as changchun-approver");
  if (!proposed.empty()) {
    line("case events " + proposed + " --as songyuan-approver");
    line("case approve " + proposed + " --as songyuan-approver");
  }
  line("ops advance-clock --to-time \"2026-01-06 15:00\" --as operator");
  return absl::OkStatus();
}

absl::Status PrintYear(const NextCommands& next, std::ostream& out) {
  const auto line = Begin(next, out);
  line("rights-years list-rights-years --as changchun-planner");
  line("allocations list-allocation-rows --name 1 --as changchun-planner");
  line("paid-use-fees list-paid-use-fees --as beihu-trader");
  line("surpluses list-surpluses --as beihu-trader");
  line("leases list-leases --as beihu-director");
  line("recoveries list-recoveries --as province-reserve");
  line("trades get-trade-certificate --name 22010020260303000001 --as jingyue-trader");
  line("lots 91220122MA1A00031K001.rights --as beihu-trader");
  line("price explain 2");
  return absl::OkStatus();
}

absl::Status PrintLending(Conversation* conversation, const NextCommands& next, std::ostream& out) {
  SONGHUA_RETURN_IF_ERROR(PrintPledges(conversation, out));
  SONGHUA_ASSIGN_OR_RETURN(const auto proceeds, Ask<v1::ListDistributionsAnswer>(conversation, "Pledges/ListDistributions", {{"parent", "pledges/1"}}));
  Table table({{"proceeds of"}, {"yuan", true}, {"costs", true}, {"interest", true}, {"principal", true}, {"to the pledgor", true}});
  for (const v1::Distribution& each : proceeds.distributions()) {
    table.Add({each.cause(), Yuan(each.amount_fen()), Yuan(each.costs_fen()), Yuan(each.interest_fen()), Yuan(each.principal_fen()), Yuan(each.pledgor_fen())});
  }
  out << "\nWhere the money went\n";
  table.Print(out, 2);
  const auto line = Begin(next, out);
  line("pledge show 1 --as songhua-banker");
  line("pledge proceeds 1 --as songhua-banker");
  line("auction show 1 --as jingyue-trader");
  line("lots 91220122MA1A00031K001.rights --as beihu-trader");
  line("statement 91220122MA1A00031K.cash --as beihu-trader");
  return absl::OkStatus();
}

}  // namespace songhua::simulations
