#include "api/cli/aliases.h"

#include <algorithm>
#include <utility>

#include "api/cli/call.h"
#include "api/cli/permit_flags.h"
#include "api/cli/token_verbs.h"
#include "ledger/check.h"

namespace songhua::api::cli {
namespace {

struct Place {
  Argument argument;
  std::string flag;  // the field's flag, which it stands for
};

struct Alias {
  std::vector<std::string> words;
  std::string group;
  std::string method;  // "Exchange/PlaceOrder"
  std::string summary;
  std::vector<Place> places;
  std::vector<std::pair<std::string, std::string>> fixed;  // flags with their values
  std::vector<std::string> required;                       // flags that make no sense to leave out
  std::vector<std::string> columns;
  std::vector<Example> examples;
};

void AddAlias(Registry* registry, Alias alias) {
  const Rpc& rpc = Schema::Get().Find(alias.method);
  Verb verb;
  verb.words = alias.words;
  verb.group = alias.group;
  verb.summary = alias.summary;
  verb.description = rpc.comment + "\n\nShort for: songhua " + rpc.group + " " + rpc.name;
  for (const auto& [flag, value] : alias.fixed) verb.description += " --" + flag + " " + value;
  verb.flags = FlagSpecsOf(rpc);
  for (const Place& place : alias.places) {
    verb.arguments.push_back(place.argument);
    SONGHUA_CHECK(std::erase_if(verb.flags, [&](const FlagSpec& flag) { return flag.name == place.flag; }) == 1);
  }
  for (const auto& entry : alias.fixed) {
    SONGHUA_CHECK(std::erase_if(verb.flags, [&](const FlagSpec& flag) { return flag.name == entry.first; }) == 1);
  }
  for (const std::string& name : alias.required) {
    const auto flag = std::find_if(verb.flags.begin(), verb.flags.end(), [&](const FlagSpec& spec) { return spec.name == name; });
    SONGHUA_CHECK(flag != verb.flags.end());
    flag->required = true;
  }
  verb.examples = alias.examples;
  verb.client = true;
  verb.run = [&rpc, places = alias.places, fixed = alias.fixed, view = View{alias.columns}](const Invocation& invocation) {
    Invocation filled = invocation;
    for (size_t i = 0; i < places.size() && i < filled.arguments.positionals.size(); ++i) {
      filled.arguments.Set(places[i].flag, filled.arguments.positionals[i]);
    }
    for (const auto& [flag, value] : fixed) filled.arguments.Set(flag, value);
    return CallRpc(filled, rpc, view);
  };
  registry->Add(std::move(verb));
}

const Place kContract = {{"CONTRACT", "A contract's name, with or without \"contracts/\""}, "contract"};
const Place kAccount = {{"ACCOUNT", "An account's name, with or without \"accounts/\""}, "account"};
const Place kPledge = {{"PLEDGE", "A pledge's name or number"}, "name"};
const Place kPermit = {{"PERMIT", "A permit's number"}, "name"};
const Place kOrder = {{"ORDER", "An order's name or number"}, "name"};

std::vector<Alias> Looking() {
  return {
      {{"whoami"}, kLookGroup, "Participants/WhoAmI", "Who you are to the service, and what you may do", {}, {}, {}, {}, {{"whoami --as operator", ""}}},
      {{"status"}, kLookGroup, "Operations/GetStatus", "The service's clock, journal and queues", {}, {}, {}, {}, {{"status", "The first thing to try: it needs no token"}}},
      {{"holdings"}, kLookGroup, "Ledger/ListHoldings", "What an account holds, by instrument", {kAccount}, {}, {}, {"instrument", "posted", "held"},
       {{"holdings 91220101MA0Y3T5K7X001.rights --as PERSON", "The rights of a site by pollutant and year"}}},
      {{"lots"}, kLookGroup, "Ledger/ListLots", "The lots of an account, with their terms and what encumbers them", {kAccount}, {}, {},
       {"name", "pollutant", "control_zone", "trading_group", "quantity", "available", "valid_from", "valid_to", "source", "encumbrances"},
       {{"lots 91220101MA0Y3T5K7X001.rights --as PERSON", ""}}},
      {{"statement"}, kLookGroup, "Ledger/ListPostings", "The statement of an account: its postings in order", {kAccount}, {}, {},
       {"time", "type", "instrument", "change", "balance", "counter_account", "cause"},
       {{"statement 91220101MA0Y3T5K7X.cash --all --as PERSON", "All pages of a cash account"}}},
      {{"contracts"}, kLookGroup, "Exchange/ListContracts", "What is traded, at which price", {}, {}, {},
       {"name", "pollutant", "control_zone", "trading_group", "session", "last_price_fen", "band_low_fen", "band_high_fen", "session_volume"},
       {{"contracts --as PERSON", ""}}},
      {{"book"}, kLookGroup, "Exchange/GetOrderBook", "The order book of a contract, best prices first", {kContract}, {}, {}, {},
       {{"book CONTRACT --depth 10 --as PERSON", "Ten levels of each side"}}},
      {{"watch"}, kLookGroup, "Exchange/WatchOrderBook", "The order book of a contract as it changes", {kContract}, {}, {}, {},
       {{"watch CONTRACT --json --as PERSON", "Each change as a line of JSON"}}},
  };
}

std::vector<Alias> Trading() {
  const std::vector<std::string> kOrderNeeds = {"account", "price", "quantity"};
  return {
      {{"buy"}, kTradeGroup, "Exchange/PlaceOrder", "Place an order to buy", {kContract}, {{"side", "BUY"}}, kOrderNeeds, {},
       {{"buy CONTRACT --account SITE.rights --price 8000 --quantity 2.5t --as PERSON", "Bids 8,000 yuan a tonne for 2.5 tonnes a year"},
        {"buy CONTRACT --account SITE.rights --price 8000 --quantity 1t --time-in-force fill-or-kill --as PERSON", "All of it now, or nothing"}}},
      {{"sell"}, kTradeGroup, "Exchange/PlaceOrder", "Place an order to sell", {kContract}, {{"side", "SELL"}}, kOrderNeeds, {},
       {{"sell CONTRACT --account SITE.rights --price 8200 --quantity 500kg --as PERSON", "Takes the account's oldest lots"},
        {"sell CONTRACT --account SITE.rights --price 8200 --quantity 1t --lot 7 --validate-only --as PERSON", "Asks whether it would be accepted"}}},
      {{"cancel"}, kTradeGroup, "Exchange/CancelOrder", "Cancel an order", {kOrder}, {}, {}, {}, {{"cancel 4711 --as PERSON", ""}}},
      {{"replace"}, kTradeGroup, "Exchange/ReplaceOrder", "Change an order's price and open quantity", {kOrder}, {}, {"price", "quantity"}, {},
       {{"replace 4711 --price 8100 --quantity 2000000 --as PERSON", "Quantities here are in the smallest step: grams a year, or tonnes of carbon"}}},
      {{"orders"}, kTradeGroup, "Exchange/ListOrders", "The orders of an account", {kAccount}, {}, {},
       {"name", "contract", "side", "price_fen", "quantity", "open_quantity", "filled_quantity", "state", "cancel_reason"},
       {{"orders SITE.rights --as PERSON", ""}}},
      {{"trades"}, kTradeGroup, "Trades/ListTrades", "The trades of an account or of a contract", {}, {}, {},
       {"name", "contract", "state", "price_fen", "quantity", "amount_fen", "seller_account", "buyer_account", "trade_date"},
       {{"trades --account SITE.rights --as PERSON", ""}, {"trades --contract CONTRACT --as PERSON", ""}}},
  };
}

std::vector<Alias> Permits() {
  return {
      {{"permit", "show"}, kPermitGroup, "Permits/GetPermit", "A permit with its outlets and limits", {kPermit}, {}, {}, {},
       {{"permit show 91220101MA0Y3T5K7X001P --as PERSON", ""}}},
      {{"permit", "list"}, kPermitGroup, "Permits/ListPermits", "The permits that you may see", {}, {}, {},
       {"name", "state", "tier", "version", "valid_from", "valid_to", "region", "rights_pending"}, {{"permit list --as PERSON", ""}}},
      {{"permit", "revoke"}, kPermitGroup, "Permits/RevokePermit", "Revoke a permit as a penalty; its site's orders are cancelled with it", {kPermit}, {},
       {"decision", "grounds"}, {},
       {{"permit revoke 91220101MA0Y3T5K7X001P --decision \"吉环罚〔2026〕12号\" --grounds \"discharge without treatment\" --as PERSON", ""}}},
  };
}

std::vector<Alias> Pledging() {
  const auto act = [](const char* word, const char* method, const char* summary, std::vector<std::string> required = {}) {
    return Alias{{"pledge", word}, kPledgeGroup, method, summary, {kPledge}, {}, std::move(required), {},
                 {{std::string("pledge ") + word + " 3 --as PERSON" + (std::string(word) == "reject" ? " --decision \"title is disputed\"" : ""), ""}}};
  };
  return {
      {{"pledge", "apply"}, kPledgeGroup, "Pledges/ApplyPledge", "Ask a bank to lend against a lot", {{{"LOT", "A lot's name or number"}, "lot"}}, {},
       {"quantity", "pledgee", "form"}, {},
       {{"pledge apply 7 --quantity 2t --pledgee BANK --form mortgage --as PERSON", ""}}},
      act("verify", "Pledges/VerifyPledge", "Verify title and hold the units (registry)"),
      act("reject", "Pledges/RejectPledge", "Refuse an application (registry)", {"decision"}),
      {{"pledge", "approve"}, kPledgeGroup, "Pledges/ApprovePledge", "Approve with the loan's terms (bank)", {kPledge}, {},
       {"principal", "rate-bps", "term-start", "term-end", "contract-number"}, {},
       {{"pledge approve 3 --principal 1000000 --rate-bps 435 --term-start 2026-02-01 --term-end 2027-01-31 --contract-number JL-2026-18 --as PERSON",
         "A million yuan at 4.35%"}}},
      act("decline", "Pledges/DeclinePledge", "Decline, before it is active (bank)"),
      act("confirm", "Pledges/ConfirmPledge", "Confirm the bank's terms (pledgor)"),
      act("release", "Pledges/ReleasePledge", "Release: the units are free again (bank)"),
      {{"pledge", "show"}, kPledgeGroup, "Pledges/GetPledge", "A pledge and where it stands", {kPledge}, {}, {}, {}, {{"pledge show 3 --as PERSON", ""}}},
      {{"pledge", "list"}, kPledgeGroup, "Pledges/ListPledges", "The pledges that you may see", {}, {}, {},
       {"name", "state", "form", "lot", "quantity", "pledgor", "pledgee", "principal_fen", "term_end"}, {{"pledge list --as PERSON", ""}}},
  };
}

std::vector<Alias> Access() {
  return {
      {{"token", "revoke"}, kAccessGroup, "Participants/RevokeToken", "End a token at once", {{{"TOKEN", "A token's name, \"tokens/{16 digits}\""}, "name"}}, {}, {}, {},
       {{"token revoke 0123456789abcdef --as operator", ""}}},
      {{"token", "list"}, kAccessGroup, "Participants/ListTokens", "Whose tokens there are, and until when", {}, {}, {},
       {"name", "person", "expire_time", "revoked"}, {{"token list --as operator", ""}}},
  };
}

}  // namespace

void AddAliases(Registry* registry) {
  for (Alias& alias : Looking()) AddAlias(registry, std::move(alias));
  for (Alias& alias : Trading()) AddAlias(registry, std::move(alias));
  registry->Add(PermitIssueVerb());
  for (Alias& alias : Permits()) AddAlias(registry, std::move(alias));
  for (Alias& alias : Pledging()) AddAlias(registry, std::move(alias));
  registry->Add(TokenCreateVerb());
  for (Alias& alias : Access()) AddAlias(registry, std::move(alias));
}

}  // namespace songhua::api::cli
