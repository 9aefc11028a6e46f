#include "api/cli/aliases.h"

#include <utility>

#include "api/cli/alias_table.h"
#include "api/cli/auction_aliases.h"
#include "api/cli/collateral_aliases.h"
#include "api/cli/permit_flags.h"
#include "api/cli/pledge_aliases.h"
#include "api/cli/proof_aliases.h"
#include "api/cli/rights_aliases.h"
#include "api/cli/token_verbs.h"

namespace songhua::api::cli {
namespace {

const Place kContract = {{"CONTRACT", "A contract's name, with or without \"contracts/\""}, "contract"};
const Place kProgram = {{"PROGRAM", "A program's name, with or without \"programs/\""}, "program"};
const Place kAccount = {{"ACCOUNT", "An account's name, with or without \"accounts/\""}, "account"};
const Place kPermit = {{"PERMIT", "A permit's number"}, "name"};
const Place kSite = {{"SITE", "A site's number"}, "site"};
const Place kRulebook = {{"RULEBOOK", "A rulebook's name"}, "name"};
const Place kHalt = {{"HALT", "A halt's number"}, "name"};
const Place kBasePrice = {{"PRICE", "A base price's name or number"}, "name"};
const Place kCase = {{"CASE", "A case's name or number"}, "name"};
const Place kOrder = {{"ORDER", "An order's name or number"}, "name"};

std::vector<Alias> Looking() {
  return {
      {.words = {"whoami"},
       .method = "Participants/WhoAmI",
       .summary = "Who you are to the service, and what you may do",
       .examples = {{"whoami --as operator", ""}}},
      {.words = {"status"},
       .method = "Operations/GetStatus",
       .summary = "The service's clock, journal and queues",
       .examples = {{"status --as operator", ""}}},
      {.words = {"holdings"},
       .method = "Ledger/ListHoldings",
       .summary = "What an account holds, by instrument",
       .places = {kAccount},
       .columns = {"instrument", "posted", "held"},
       .examples = {{"holdings 91220101MA0Y3T5K7X001.rights --as PERSON", "The rights of a site by pollutant and year"}}},
      {.words = {"lots"},
       .method = "Ledger/ListLots",
       .summary = "The lots of an account, with their terms and what encumbers them",
       .places = {kAccount},
       .columns = {"name", "pollutant", "control_zone", "trading_group", "quantity", "available", "valid_from", "valid_to", "source",
                   "encumbrances"},
       .examples = {{"lots 91220101MA0Y3T5K7X001.rights --as PERSON", ""}}},
      {.words = {"statement"},
       .method = "Ledger/ListPostings",
       .summary = "The statement of an account: its postings in order",
       .places = {kAccount},
       .columns = {"time", "type", "instrument", "change", "balance", "counter_account", "cause"},
       .examples = {{"statement 91220101MA0Y3T5K7X.cash --all --as PERSON", "All pages of a cash account"}}},
      {.words = {"large-holders"},
       .method = "Ledger/ListLargeHolders",
       .summary = "Entity groups that are near their holding limits (operators)",
       .columns = {"program", "participant", "large", "held", "buying", "limit", "reach_time", "fall_time", "times"},
       .examples = {{"large-holders --program cea --large-only --as PERSON", ""}}},
      {.words = {"contracts"},
       .method = "Exchange/ListContracts",
       .summary = "What is traded, at which price",
       .columns = {"name", "pollutant", "control_zone", "trading_group", "phase", "last_price_fen", "band_low_fen", "band_high_fen",
                   "session_volume"},
       .examples = {{"contracts --as PERSON", ""}}},
      {.words = {"book"},
       .method = "Exchange/GetOrderBook",
       .summary = "The order book of a contract, best prices first",
       .places = {kContract},
       .examples = {{"book CONTRACT --depth 10 --as PERSON", "Ten levels of each side"}}},
      {.words = {"tape"},
       .method = "Exchange/ListTradePrints",
       .summary = "A contract's trades, as everybody may see them",
       .places = {kContract},
       .columns = {"number", "time", "price_fen", "quantity", "form"},
       .examples = {{"tape CONTRACT --all --as PERSON", "Since its first day"}, {"tape CONTRACT --first-number 100 --as PERSON", ""}}},
      {.words = {"bars"},
       .method = "Exchange/ListDailyBars",
       .summary = "A contract's days: open, high, low, close, quantity and turnover",
       .places = {kContract},
       .columns = {"date", "open_price_fen", "high_price_fen", "low_price_fen", "close_price_fen", "quantity", "trades", "turnover_fen"},
       .examples = {{"bars CONTRACT --all --as PERSON", "Since its first day"}}},
      {.words = {"market", "statistics"},
       .method = "Public/ListMarketStatistics",
       .summary = "A program's days in the market after their close, by contract",
       .places = {kProgram},
       .columns = {"date", "contract", "open_price_fen", "high_price_fen", "low_price_fen", "close_price_fen", "change_bps", "average_price_fen", "trades",
                   "quantity", "turnover_fen"},
       .examples = {{"market statistics cea --from-date 2026-01-01 --all", "needs no token"},
                    {"market statistics cea --contract CONTRACT --json", "With the forms of trading, and what came to nothing since"}}},
      {.words = {"market", "totals"},
       .method = "Public/GetMarketTotals",
       .summary = "What was traded of a program on a day, and in its year up to it, by forms of trading",
       .places = {kProgram},
       .examples = {{"market totals cea --date 2026-01-05", "needs no token"}}},
      {.words = {"rulebook", "show"},
       .method = "Exchange/GetRulebook",
       .summary = "How contracts trade by a rulebook: the version that holds today, or one of them",
       .places = {kRulebook},
       .examples = {{"rulebook show carbon-listed --as PERSON", ""}, {"rulebook show carbon-listed --version 1 --as PERSON", ""}}},
      {.words = {"rulebook", "list"},
       .method = "Exchange/ListRulebooks",
       .summary = "All versions of all rulebooks",
       .columns = {"name", "version", "effective_date", "settlement", "band_bps", "quantity_min", "quantity_max"},
       .examples = {{"rulebook list --as PERSON", ""}}},
      {.words = {"rulebook", "load"},
       .method = "Exchange/LoadRulebook",
       .summary = "Enter a version of a rulebook from a file",
       .examples = {{"rulebook load --rulebook @exchange/rulebooks/carbon-listed.txtpb --validate-only --as PERSON", "Says whether it would be taken"}}},
      {.words = {"halt"},
       .method = "Exchange/HaltTrading",
       .summary = "Stop a contract, a program's contracts, or an account",
       .required = {"halt.reason"},
       .examples = {{"halt --halt.contract CONTRACT --halt.reason \"system fault\" --as PERSON", "Orders rest where they are"},
                    {"halt --halt.account SITE.rights --halt.side SELL --halt.purge --halt.reason \"inquiry 7\" --as PERSON", "Cancels what it stops"}}},
      {.words = {"resume"},
       .method = "Exchange/ResumeTrading",
       .summary = "End a halt",
       .places = {kHalt},
       .examples = {{"resume 3 --as PERSON", ""}}},
      {.words = {"halts"},
       .method = "Exchange/ListHalts",
       .summary = "What was stopped, by whom and why",
       .columns = {"name", "contract", "program", "account", "side", "purge", "begin_time", "end_time", "reason"},
       .examples = {{"halts --as PERSON", ""}}},
      {.words = {"surveillance", "list"},
       .method = "Surveillance/ListSurveillanceFlags",
       .summary = "What the closes of sessions showed that should be looked at (operators)",
       .columns = {"name", "kind", "contract", "date", "participants", "quantity", "of_quantity", "count", "acknowledged_by", "note"},
       .examples = {{"surveillance list --open-only --as PERSON", ""}}},
      {.words = {"surveillance", "acknowledge"},
       .method = "Surveillance/AcknowledgeSurveillanceFlag",
       .summary = "Note what came of a flag (exchange)",
       .places = {{{"FLAG", "A flag's number"}, "name"}},
       .required = {"note"},
       .examples = {{"surveillance acknowledge 3 --note \"one group hedged\" --as PERSON", ""}}},
      {.words = {"price", "explain"},
       .method = "PriceProposals/ExplainBasePrice",
       .summary = "How a base price came about, computed again from its recorded inputs",
       .places = {kBasePrice},
       .examples = {{"price explain 2", "The formula with its values, who signed, and whether a review is due"}}},
      {.words = {"orders", "watch"},
       .method = "Exchange/WatchOrders",
       .summary = "What becomes of the orders and trades of accounts (a drop copy)",
       .required = {"accounts"},
       .examples = {{"orders watch --accounts ACCOUNT --as PERSON", "The open orders, then each change"},
                    {"orders watch --accounts ACCOUNT --accounts ACCOUNT --after-sequence 1200 --json --as PERSON", "What changed since; each update as a line of JSON"}}},
      {.words = {"watch"},
       .method = "Exchange/WatchOrderBook",
       .summary = "The order book of a contract as it changes",
       .places = {kContract},
       .examples = {{"watch CONTRACT --as PERSON", "The whole book after each change"},
                    {"watch CONTRACT --json --as PERSON", "Each change as a line of JSON"}}},
  };
}

std::vector<Alias> Trading() {
  return {
      {.words = {"buy"},
       .method = "Exchange/PlaceOrder",
       .summary = "Place an order to buy",
       .places = {kContract},
       .fixed = {{"side", "BUY"}},
       .required = {"account", "quantity"},
       .examples = {{"buy CONTRACT --account SITE.rights --price 8000 --quantity 2.5t --as PERSON",
                     "Bids 8,000 yuan a tonne for 2.5 tonnes a year"},
                    {"buy CONTRACT --account SITE.rights --price 8000 --quantity 1t --time-in-force fill-or-kill --as PERSON",
                     "All of it now, or nothing"},
                    {"buy CONTRACT --account SITE.rights --type market --quantity 1t --as PERSON", "What is offered now, within the collar and the band"},
                    {"buy CONTRACT --account SITE.rights --type stop-limit --trigger-price 8200 --price 8250 --quantity 1t --as PERSON",
                     "Waits until 8,200 yuan are paid, and bids 8,250 then"}}},
      {.words = {"sell"},
       .method = "Exchange/PlaceOrder",
       .summary = "Place an order to sell",
       .places = {kContract},
       .fixed = {{"side", "SELL"}},
       .required = {"account", "quantity"},
       .examples = {{"sell CONTRACT --account SITE.rights --price 8200 --quantity 500kg --as PERSON", "Takes the account's oldest lots"},
                    {"sell CONTRACT --account SITE.rights --price 8200 --quantity 20t --display-quantity 2t --time-in-force good-till-date "
                     "--good-till-date 2026-11-30 --as PERSON",
                     "Shows 2 tonnes of 20 at a time, over several days"},
                    {"sell CONTRACT --account SITE.rights --price 8200 --quantity 1t --lot 7 --validate-only --as PERSON",
                     "Asks whether it would be accepted"}}},
      {.words = {"take"},
       .method = "Exchange/Take",
       .summary = "Take what is posted, where orders are posted and picked",
       .places = {kContract},
       .required = {"account", "side", "price", "quantity"},
       .examples = {{"take CONTRACT --side buy --account PARTY.trading --price 82.50 --quantity 500 --as PERSON",
                     "Buys from the best price on, up to 82.50 yuan and five levels deep"},
                    {"take CONTRACT --side buy --account PARTY.trading --price 82.50 --quantity 500 --chosen-order 4711 --as PERSON",
                     "The same; at its price that post comes first"}}},
      {.words = {"cancel"},
       .method = "Exchange/CancelOrder",
       .summary = "Cancel an order",
       .places = {kOrder},
       .examples = {{"cancel 4711 --as PERSON", ""}}},
      {.words = {"cancel-all"},
       .method = "Exchange/CancelOrders",
       .summary = "Cancel all your open orders, or those of an account, a contract or a side",
       .examples = {{"cancel-all --as PERSON", ""}, {"cancel-all --contract CONTRACT --side BUY --as PERSON", ""}}},
      {.words = {"replace"},
       .method = "Exchange/ReplaceOrder",
       .summary = "Change an order's price and open quantity",
       .places = {kOrder},
       .required = {"price", "quantity"},
       .examples = {{"replace 4711 --price 8100 --quantity 2t --as PERSON",
                     "It keeps its place in the queue only if the price stays and the quantity shrinks"}}},
      {.words = {"orders"},
       .method = "Exchange/ListOrders",
       .summary = "The orders of an account",
       .places = {kAccount},
       .columns = {"name", "contract", "side", "price_fen", "quantity", "open_quantity", "filled_quantity", "state", "cancel_reason"},
       .examples = {{"orders SITE.rights --as PERSON", ""}}},
      {.words = {"trades"},
       .method = "Trades/ListTrades",
       .summary = "The trades of an account or of a contract",
       .columns = {"name", "contract", "state", "price_fen", "quantity", "amount_fen", "seller_account", "buyer_account", "trade_date"},
       .examples = {{"trades --account SITE.rights --as PERSON", ""}, {"trades --contract CONTRACT --as PERSON", ""}}},
  };
}

// What trades beside the order book.
std::vector<Alias> TradingBesideTheBook() {
  const Place kListing = {{"LISTING", "A listing's name or number"}, "name"};
  const Place kIntent = {{"INTENT", "An intent's name or number"}, "name"};
  const Place kNegotiation = {{"NEGOTIATION", "A negotiation's name or number"}, "name"};
  const std::vector<std::string> kNegotiationColumns = {"name",       "form",      "contract", "state",          "offer", "offered_by",
                                                        "price_fen", "quantity", "seller_account", "buyer_account", "trade"};
  return {
      {.words = {"listing", "post"},
       .method = "Listings/PostListing",
       .summary = "Offer units at a fixed price to who comes first",
       .places = {kContract},
       .required = {"account", "price", "quantity"},
       .examples = {{"listing post CONTRACT --account SITE.rights --price 8500 --quantity 5t --as PERSON", "Open for as long as the rulebook allows"},
                    {"listing post CONTRACT --account SITE.rights --price 8500 --quantity 5t --all-or-none --last-date 2026-03-31 --as PERSON", ""}}},
      {.words = {"listing", "take"},
       .method = "Listings/TakeListing",
       .summary = "Take from a listing, or from a contract's listings up to a price, the oldest first",
       .required = {"account", "quantity"},
       .examples = {{"listing take --listing listings/7 --account SITE.rights --quantity 2t --as PERSON", "A part of it, at its price"},
                    {"listing take --contract CONTRACT --price 8500 --account SITE.rights --quantity 6t --as PERSON", ""}}},
      {.words = {"listing", "withdraw"},
       .method = "Listings/WithdrawListing",
       .summary = "Take what is left of a listing back",
       .places = {kListing},
       .examples = {{"listing withdraw 7 --as PERSON", ""}}},
      {.words = {"listing", "show"},
       .method = "Listings/GetListing",
       .summary = "A listing: its price and what it still offers",
       .places = {kListing},
       .examples = {{"listing show 7 --as PERSON", ""}}},
      {.words = {"listing", "list"},
       .method = "Listings/ListListings",
       .summary = "What is on offer; or all listings of an account",
       .columns = {"name", "contract", "form", "state", "price_fen", "quantity", "open_quantity", "all_or_none", "last_date"},
       .examples = {{"listing list --contract CONTRACT --as PERSON", ""}, {"listing list --account SITE.rights --as PERSON", "Those that have ended, too"}}},
      {.words = {"intent", "post"},
       .method = "Negotiations/PostIntent",
       .summary = "Say that a block is for sale or wanted; it binds nobody",
       .places = {kContract},
       .required = {"account", "side", "quantity"},
       .examples = {{"intent post CONTRACT --account PARTY.trading --side sell --quantity 150000 --as PERSON", ""}}},
      {.words = {"intent", "withdraw"},
       .method = "Negotiations/WithdrawIntent",
       .summary = "Take it back",
       .places = {kIntent},
       .examples = {{"intent withdraw 3 --as PERSON", ""}}},
      {.words = {"intent", "list"},
       .method = "Negotiations/ListIntents",
       .summary = "The blocks that are for sale or wanted now",
       .columns = {"name", "contract", "side", "quantity", "price_fen", "post_time"},
       .examples = {{"intent list --contract CONTRACT --as PERSON", ""}}},
      {.words = {"offer", "make"},
       .method = "Negotiations/MakeOffer",
       .summary = "Offer a block, or an agreement, to another",
       .places = {kContract},
       .required = {"form", "account", "side", "price", "quantity"},
       .examples = {{"offer make CONTRACT --form block --intent 3 --account PARTY.trading --side buy --price 79.50 --quantity 150000 --as PERSON", ""},
                    {"offer make CONTRACT --form agreement --counterparty-account SITE.rights --account SITE.rights --side sell --price 8500 --quantity 5t "
                     "--contract-reference \"A 2026-7\" --as PERSON",
                     "An officer will look at it (DR-47)"}}},
      {.words = {"offer", "counter"},
       .method = "Negotiations/CounterOffer",
       .summary = "Offer another price or quantity; the last offer ends",
       .places = {kNegotiation},
       .required = {"price", "quantity"},
       .examples = {{"offer counter 12 --price 79.80 --quantity 150000 --as PERSON", ""}}},
      {.words = {"offer", "confirm"},
       .method = "Negotiations/ConfirmOffer",
       .summary = "Accept the other's last offer, in its very terms: that is the trade",
       .places = {kNegotiation},
       .required = {"offer", "price", "quantity"},
       .examples = {{"offer confirm 12 --offer 3 --price 79.80 --quantity 150000 --as PERSON", ""}}},
      {.words = {"offer", "end"},
       .method = "Negotiations/EndNegotiation",
       .summary = "End a negotiation of yours",
       .places = {kNegotiation},
       .examples = {{"offer end 12 --as PERSON", ""}}},
      {.words = {"offer", "show"},
       .method = "Negotiations/GetNegotiation",
       .summary = "A negotiation: its parties, and the last offer",
       .places = {kNegotiation},
       .examples = {{"offer show 12 --as PERSON", ""}}},
      {.words = {"offer", "list"},
       .method = "Negotiations/ListNegotiations",
       .summary = "The negotiations of an account, or all that you may see",
       .columns = kNegotiationColumns,
       .examples = {{"offer list --account PARTY.trading --as PERSON", ""}}},
  };
}

std::vector<Alias> Permits() {
  return {
      {.words = {"permit", "show"},
       .method = "Permits/GetPermit",
       .summary = "A permit with its outlets and limits",
       .places = {kPermit},
       .examples = {{"permit show 91220101MA0Y3T5K7X001P --as PERSON", ""}}},
      {.words = {"permit", "list"},
       .method = "Permits/ListPermits",
       .summary = "The permits that you may see",
       .columns = {"name", "state", "tier", "version", "valid_from", "valid_to", "region", "rights_pending"},
       .examples = {{"permit list --as PERSON", ""}}},
      {.words = {"permit", "revoke"},
       .method = "Permits/RevokePermit",
       .summary = "Revoke a permit as a penalty; its site's orders are cancelled with it",
       .places = {kPermit},
       .required = {"decision", "grounds"},
       .examples =
           {{"permit revoke 91220101MA0Y3T5K7X001P --decision \"吉环罚〔2026〕12号\" --grounds \"discharge without treatment\" --as PERSON",
             ""}}},
  };
}

// An act on a permit (china.md 8.2).
Alias PermitAct(const std::string& word, const std::string& method, const std::string& summary, std::vector<std::string> required,
                const std::string& example) {
  return {.words = {"permit", word},
          .method = "Permits/" + method,
          .summary = summary,
          .places = {kPermit},
          .required = std::move(required),
          .examples = {{"permit " + word + " 91220101MA0Y3T5K7X001P " + example + " --as PERSON", ""}}};
}

// Supervision: acts that end permits, penalties, reduction tasks, what restrains a site, registrations.
std::vector<Alias> Supervision() {
  const std::vector<std::string> kDecided = {"decision", "reasons"};
  return {
      PermitAct("annul", "AnnulPermit", "Annul a permit that should not have been granted", {"ground", "decision", "reasons"},
                "--ground FRAUD_OR_BRIBERY --decision D-12 --reasons \"false data\""),
      PermitAct("recall", "RecallPermit", "Recall a permit because law or facts have changed", {"decision", "reasons", "compensation"},
                "--decision D-13 --reasons \"new law\" --compensation \"agreed\""),
      PermitAct("write-off", "WriteOffPermit", "Strike a permit that has ended from the register", kDecided,
                "--decision R-14 --reasons \"expired\""),
      PermitAct("terminate", "TerminatePermit", "Strike an effective permit off: the enterprise ended, closed or moved",
                {"cause", "decision", "reasons"}, "--cause RELOCATED --decision R-15 --reasons \"moved\""),
      PermitAct("restore", "RestorePermit", "Give a permit back, as a judgment orders", {"judgment", "reasons"},
                "--judgment J-7 --reasons \"no evidence\""),
      {.words = {"penalty", "record"},
       .method = "Permits/RecordPenalty",
       .summary = "Record a penalty; the fine is held against the law of the day",
       .places = {kSite},
       .required = {"conduct", "violation-date", "decision", "grounds"},
       .examples = {{"penalty record 91220101MA0Y3T5K7X001 --conduct PERMIT-81 --violation-date 2026-08-20 --fine 150000 --decision F-1 --grounds \"over limit\" --as PERSON", ""}}},
      {.words = {"penalty", "list"},
       .method = "Permits/ListPenalties",
       .summary = "Penalties, of all sites or of one",
       .columns = {"name", "site", "conduct", "violation_date", "fine_fen", "decision", "legal_basis", "revoke_proposed"},
       .examples = {{"penalty list --as PERSON", ""}}},
      {.words = {"reduction-task", "record"},
       .method = "Permits/RecordReductionTask",
       .summary = "Record what was found of a site's reduction task; one that was failed keeps its rights from being pledged",
       .places = {kSite},
       .required = {"pollutant", "year", "required-quantity", "decision", "decision-date"},
       .examples = {{"reduction-task record 91220101MA0Y3T5K7X001 --pollutant SO2 --year 2025 --required-quantity 20t --achieved-quantity 18.5t --decision A-1 "
                     "--decision-date 2026-02-10 --as PERSON",
                     "A second one of the same year is a correction, with --correction-reason"}}},
      {.words = {"reduction-task", "show"},
       .method = "Permits/GetReductionTask",
       .summary = "An assessment of a reduction task",
       .places = {{{"TASK", "An assessment's name"}, "name"}},
       .examples = {{"reduction-task show 91220101MA0Y3T5K7X001.7 --as PERSON", ""}}},
      {.words = {"reduction-task", "list"},
       .method = "Permits/ListReductionTasks",
       .summary = "Assessments of reduction tasks, of all sites or of one",
       .columns = {"name", "pollutant", "year", "required_quantity", "achieved_quantity", "result", "decision", "decision_date", "superseded_by"},
       .examples = {{"reduction-task list --as PERSON", ""}, {"reduction-task list --site 91220101MA0Y3T5K7X001 --as PERSON", ""}}},
      {.words = {"overlay", "place"},
       .method = "Permits/PlaceOverlay",
       .summary = "Restrict, suspend, close or seize a site",
       .places = {kSite},
       .required = {"kind", "ground", "reason"},
       .examples = {{"overlay place 91220101MA0Y3T5K7X001 --kind SEIZED --ground VIOLATION --decision O-1 --reason \"sealed boiler\" --as PERSON", ""}}},
      {.words = {"overlay", "lift"},
       .method = "Permits/LiftOverlay",
       .summary = "Lift an overlay",
       .places = {{{"OVERLAY", "An overlay's name"}, "name"}},
       .required = {"decision"},
       .examples = {{"overlay lift 91220101MA0Y3T5K7X001.7 --decision O-2 --as PERSON", ""}}},
      {.words = {"overlay", "list"},
       .method = "Permits/ListOverlays",
       .summary = "Overlays, of all sites or of one",
       .columns = {"name", "kind", "state", "start_date", "end_date", "decision", "reason"},
       .examples = {{"overlay list --as PERSON", ""}}},
      {.words = {"register"},
       .method = "Permits/FileRegistration",
       .summary = "File the form of a plant that needs no permit (enterprise)",
       .places = {kSite},
       .required = {"industries", "emissions", "treatment"},
       .examples = {{"register 91220101MA0Y3T5K7X001 --industries 1499 --emissions SO2 --treatment \"bag filter\" --as PERSON", ""}}},
      {.words = {"discharge"},
       .method = "Permits/MayDischarge",
       .summary = "Whether a site may discharge, and why",
       .places = {kSite},
       .examples = {{"discharge 91220101MA0Y3T5K7X001 --as PERSON", ""}}},
  };
}

// An act in a case; `required` are flags that it makes no sense without.
Alias CaseAct(const std::string& word, const std::string& method, const std::string& summary, std::vector<std::string> required,
              const std::string& example, std::vector<std::pair<std::string, std::string>> fixed = {}) {
  return {.words = {"case", word},
          .method = "Applications/" + method,
          .summary = summary,
          .places = {kCase},
          .fixed = std::move(fixed),
          .required = std::move(required),
          .examples = {{"case " + word + " 7" + example + " --as PERSON", ""}}};
}

// The way of an application, step by step (china.md 8.1).
std::vector<Alias> Cases() {
  return {
      {.words = {"queue"},
       .method = "Deadlines/ListDeadlines",
       .summary = "What falls due on your desk, soonest first",
       .columns = {"due_date", "state", "kind", "subject", "assignee", "region", "explanation"},
       .examples = {{"queue --as PERSON", ""}, {"queue --due-by 2026-02-01 --as PERSON", ""}}},
      {.words = {"queue", "watch"},
       .method = "Deadlines/WatchDeadlines",
       .summary = "What falls due on your desk, as it changes",
       .columns = {"due_date", "state", "kind", "subject", "assignee", "region", "explanation"},
       .examples = {{"queue watch --as PERSON", "The whole queue, then each change"},
                    {"queue watch --after-sequence 1200 --json --as PERSON", "What changed since; each update as a line of JSON"}}},
      {.words = {"inbox"},
       .method = "Notices/ListNotices",
       .summary = "The notices that were served on your enterprise",
       .columns = {"serve_time", "kind", "subject", "text"},
       .examples = {{"inbox --as PERSON", ""}}},
      {.words = {"case", "open"},
       .method = "Applications/CreateApplication",
       .summary = "Open a case as a draft (enterprise)",
       .examples = {{"case open --application @application.txtpb --as PERSON", "Type, site, tier, outlets, limits and materials from a file"}}},
      CaseAct("publish", "StartPublicity", "Publish it before it is filed (enterprise)", {}, ""),
      CaseAct("submit", "SubmitApplication", "Sign and file it (legal representative)", {}, ""),
      CaseAct("accept", "RecordIntake", "Accept it (intake)", {}, "", {{"result", "ACCEPT"}}),
      CaseAct("correct", "RecordIntake", "Ask for a correction, all defects at once (intake)", {"items"}, " --items \"the map lacks the outlet\"",
              {{"result", "CORRECTION_NOTICE"}}),
      CaseAct("resubmit", "ResubmitApplication", "File it again, corrected (enterprise)", {}, ""),
      CaseAct("assign", "AssignApplication", "Give it to a reviewer (intake)", {"reviewer"}, " --reviewer REVIEWER"),
      CaseAct("assess", "OrderAssessment", "Have it assessed; the clock stands (reviewer)", {"assessor", "expected-workdays"},
              " --assessor ASSESSOR --expected-workdays 10"),
      CaseAct("opinion", "RecordOpinion", "Give the opinion; the clock goes on (assessor)", {"reason"}, " --reason \"feasible\""),
      CaseAct("site-check", "OrderSiteCheck", "Have the site checked (reviewer)", {}, ""),
      CaseAct("propose", "ProposeDecision", "Propose to grant it (reviewer)", {"reasons"},
              " --reasons \"as applied for\" --conditions.eia-approved --conditions.standards-and-total-control-met "
              "--conditions.treatment-feasible --conditions.monitoring-plan-compliant",
              {{"grant", "true"}}),
      CaseAct("propose-denial", "ProposeDecision", "Propose to deny it (reviewer)", {"reasons"}, " --reasons \"the treatment cannot work\"",
              {{"grant", "false"}}),
      CaseAct("approve", "ApproveApplication", "Grant it: the permit is issued (approver)", {}, ""),
      CaseAct("deny", "DenyApplication", "Deny it (approver)", {"reason"}, " --reason \"the treatment cannot work\""),
      CaseAct("return", "ReturnApplication", "Give it back to the reviewer (approver)", {"reason"}, " --reason \"look at the winter\""),
      CaseAct("withdraw", "WithdrawApplication", "Take it back (enterprise)", {"reason"}, " --reason \"the project is off\""),
      CaseAct("show", "GetApplication", "A case and where it stands", {}, ""),
      {.words = {"case", "list"},
       .method = "Applications/ListApplications",
       .summary = "The cases of your enterprise or region",
       .columns = {"name", "type", "tier", "state", "site", "receipt_date", "accept_date", "overdue", "reviewer"},
       .examples = {{"case list --state review --as PERSON", ""}}},
      {.words = {"case", "events"},
       .method = "Applications/ListCaseEvents",
       .summary = "Everything that happened in a case",
       .places = {{{"SUBJECT", "\"applications/7\" or \"permits/...\""}, "subject"}},
       .columns = {"record_date", "event", "from_state", "to_state", "actor", "reason", "legal_basis"},
       .examples = {{"case events applications/7 --as PERSON", ""}}},
  };
}

std::vector<Alias> Access() {
  return {
      {.words = {"token", "revoke"},
       .method = "Participants/RevokeToken",
       .summary = "End a token at once",
       .places = {{{"TOKEN", "A token's name, \"tokens/{16 digits}\""}, "name"}},
       .examples = {{"token revoke 0123456789abcdef --as operator", ""}}},
      {.words = {"token", "list"},
       .method = "Participants/ListTokens",
       .summary = "Whose tokens there are, and until when",
       .columns = {"name", "person", "expire_time", "revoked"},
       .examples = {{"token list --as operator", ""}}},
  };
}

}  // namespace

void AddAliases(Registry* registry) {
  AddAliasesOf(registry, kLookGroup, Looking());
  AddAliasesOf(registry, kTradeGroup, Trading());
  AddAliasesOf(registry, kTradeGroup, TradingBesideTheBook());
  AddAuctionAliases(registry);
  registry->Add(PermitIssueVerb());
  AddAliasesOf(registry, kPermitGroup, Permits());
  AddAliasesOf(registry, kPermitGroup, Supervision());
  AddAliasesOf(registry, kPermitGroup, Cases());
  AddPledgeAliases(registry);
  AddRightsAliases(registry);
  AddCollateralAliases(registry);
  AddProofAliases(registry);
  registry->Add(TokenCreateVerb());
  AddAliasesOf(registry, kAccessGroup, Access());
}

}  // namespace songhua::api::cli
