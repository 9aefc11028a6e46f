#include "api/cli/pledge_aliases.h"

#include <string>
#include <vector>

#include "api/cli/alias_table.h"
#include "api/cli/aliases.h"

namespace songhua::api::cli {
namespace {

const Place kPledge = {{"PLEDGE", "A pledge's name or number"}, "name"};

// An act on a pledge that needs no more than its name.
Alias PledgeAct(const std::string& word, const std::string& method, const std::string& summary) {
  return {.words = {"pledge", word},
          .method = method,
          .summary = summary,
          .places = {kPledge},
          .examples = {{"pledge " + word + " 3 --as PERSON", ""}}};
}

// One that needs a reason.
Alias ReasonedAct(const std::string& word, const std::string& method, const std::string& summary, const std::string& reason) {
  Alias alias = PledgeAct(word, method, summary);
  alias.required = {"decision"};
  alias.examples = {{"pledge " + word + " 3 --decision \"" + reason + "\" --as PERSON", ""}};
  return alias;
}

// From the application to the release.
std::vector<Alias> Pledging() {
  return {
      {.words = {"pledge", "apply"},
       .method = "Pledges/ApplyPledge",
       .summary = "Ask a bank to lend against a lot",
       .places = {{{"LOT", "A lot's name or number"}, "lot"}},
       .required = {"quantity", "pledgee", "form"},
       .examples = {{"pledge apply 7 --quantity 2t --pledgee BANK --form mortgage --as PERSON", ""}}},
      PledgeAct("verify", "Pledges/VerifyPledge", "Verify title and hold the units (registry)"),
      ReasonedAct("reject", "Pledges/RejectPledge", "Refuse an application (registry)", "title is disputed"),
      {.words = {"pledge", "approve"},
       .method = "Pledges/ApprovePledge",
       .summary = "Approve with the loan's terms (bank)",
       .places = {kPledge},
       .required = {"principal", "rate-bps", "term-start", "term-end", "contract-number"},
       .examples = {{"pledge approve 3 --principal 1000000 --rate-bps 435 --term-start 2026-02-01 --term-end 2027-01-31 "
                     "--contract-number JL-2026-18 --as PERSON",
                     "A million yuan at 4.35%"}}},
      ReasonedAct("decline", "Pledges/DeclinePledge", "Decline, before it is active (bank)", "the valuation is too old"),
      PledgeAct("confirm", "Pledges/ConfirmPledge", "Confirm the bank's terms (pledgor)"),
      PledgeAct("release", "Pledges/ReleasePledge", "Release: the units are free again (bank)"),
      PledgeAct("show", "Pledges/GetPledge", "A pledge and where it stands"),
      {.words = {"pledge", "reduce"},
       .method = "Pledges/ReleasePledgedUnits",
       .summary = "Release a part of the units (bank)",
       .places = {kPledge},
       .required = {"quantity"},
       .examples = {{"pledge reduce 3 --quantity 2t --as PERSON", ""}}},
      {.words = {"pledge", "list"},
       .method = "Pledges/ListPledges",
       .summary = "The pledges that you may see",
       .columns = {"name", "state", "due_date", "form", "lot", "quantity", "pledgor", "pledgee", "principal_fen", "term_end", "coverage_bps", "alerts"},
       .examples = {{"pledge list --as PERSON", ""}}},
  };
}

// While it is in force.
std::vector<Alias> Maintaining() {
  return {
      {.words = {"pledge", "register"},
       .method = "Pledges/RecordRegistration",
       .summary = "Record or extend the registration in the unified registry (bank)",
       .places = {kPledge},
       .required = {"unified-registry-number", "registration-time", "registration-expire-date"},
       .examples = {{"pledge register 3 --unified-registry-number 0621-2026-000117 --registration-time \"2026-01-06 09:30\" --registration-expire-date "
                     "2027-01-05 --as PERSON",
                     ""}}},
      {.words = {"pledge", "cancel-registration"},
       .method = "Pledges/CancelUnifiedRegistration",
       .summary = "Say when the unified registry cancelled the registration of a pledge that has ended (bank)",
       .places = {kPledge},
       .required = {"cancellation-date"},
       .examples = {{"pledge cancel-registration 3 --cancellation-date 2027-01-11 --as PERSON", ""}}},
      {.words = {"pledge", "balance"},
       .method = "Pledges/ReportBalance",
       .summary = "Report what is owed on a day (bank)",
       .places = {kPledge},
       .required = {"balance-date"},
       .examples = {{"pledge balance 3 --principal 900000 --interest 3250 --balance-date 2026-02-28 --as PERSON", ""}}},
      {.words = {"pledge", "amend"},
       .method = "Pledges/ProposeAmendment",
       .summary = "Propose another principal, rate or end (bank)",
       .places = {kPledge},
       .examples = {{"pledge amend 3 --principal 1200000 --as PERSON", ""}}},
      PledgeAct("agree", "Pledges/AgreeAmendment", "Agree to what the bank proposes (pledgor)"),
      PledgeAct("disagree", "Pledges/EndAmendment", "End a proposal to which nobody agreed (either party)"),
      {.words = {"pledge", "add"},
       .method = "Pledges/AddPledgedUnits",
       .summary = "Give more units for the same loan (pledgor)",
       .places = {kPledge},
       .required = {"lot", "quantity"},
       .examples = {{"pledge add 3 --lot 7 --quantity 5t --as PERSON", ""}}},
      {.words = {"pledge", "consent"},
       .method = "Pledges/GrantConsent",
       .summary = "Consent to one act with pledged units (bank)",
       .places = {kPledge},
       .required = {"act", "quantity", "expire-date"},
       .examples = {{"pledge consent 3 --act sell --quantity 2t --price-min 5000 --expire-date 2026-03-31 --as PERSON", ""}}},
      {.words = {"pledge", "revoke-consent"},
       .method = "Pledges/RevokeConsent",
       .summary = "Take a consent back that was not used (bank)",
       .places = {{{"CONSENT", "A consent's name or number"}, "name"}},
       .examples = {{"pledge revoke-consent 2 --as PERSON", ""}}},
      {.words = {"pledge", "consents"},
       .method = "Pledges/ListConsents",
       .summary = "Consents of a pledge, and what used them",
       .places = {{{"PLEDGE", "A pledge's name or number"}, "parent"}},
       .columns = {"name", "act", "state", "lot", "quantity", "price_min_fen", "expire_date", "used_by"},
       .examples = {{"pledge consents 3 --as PERSON", ""}}},
  };
}

// When it is not paid.
std::vector<Alias> Enforcing() {
  return {
      ReasonedAct("default", "Pledges/GiveDefaultNotice", "Give notice that the loan is not paid (bank)", "two instalments are due"),
      PledgeAct("cure", "Pledges/CurePledge", "Say that the default was cured (bank)"),
      {.words = {"pledge", "enforce"},
       .method = "Pledges/EnforcePledge",
       .summary = "Enforce, by agreement or a court's order (bank, court)",
       .places = {kPledge},
       .required = {"enforcement.mode", "enforcement.ground", "enforcement.reference"},
       .examples = {{"pledge enforce 3 --enforcement.mode auction --enforcement.ground agreement --enforcement.reference \"JL-2026-18, 7\" --as PERSON", ""}}},
      {.words = {"pledge", "offer"},
       .method = "Pledges/OfferPledgedUnits",
       .summary = "Offer pledged units (bank that enforces, or pledgor with a consent)",
       .places = {kPledge},
       .required = {"contract", "quantity", "price", "form"},
       .examples = {{"pledge offer 3 --contract CONTRACT --quantity 2t --price 4800 --form E_AUCTION --as PERSON", ""},
                    {"pledge offer 3 --consent 2 --contract CONTRACT --quantity 2t --price 5000 --form LISTING --last-date 2026-02-27 --as PERSON", ""}}},
      {.words = {"pledge", "proceeds"},
       .method = "Pledges/ListDistributions",
       .summary = "What sales brought, and to whom it went",
       .places = {{{"PLEDGE", "A pledge's name or number"}, "parent"}},
       .columns = {"time", "cause", "amount_fen", "costs_fen", "interest_fen", "principal_fen", "deposited_fen", "pledgor_fen"},
       .examples = {{"pledge proceeds 3 --as PERSON", ""}}},
      ReasonedAct("abandon", "Pledges/AbandonEnforcement", "Give enforcement up; with --release the pledge ends (bank)", "the debtor paid"),
      PledgeAct("close", "Pledges/CloseEnforcement", "Close an enforcement: realised (registry)"),
      {.words = {"pledge", "insolvency"},
       .method = "Pledges/FlagInsolvency",
       .summary = "Say that a pledgor is insolvent, or --ended no longer (court)",
       .places = {{{"PARTICIPANT", "A participant's name or id"}, "participant"}},
       .required = {"court", "case-number"},
       .examples = {{"pledge insolvency PARTICIPANT --court \"Changchun Intermediate\" --case-number \"(2026) Ji 01 Po 3\" --as PERSON", ""}}},
  };
}

}  // namespace

void AddPledgeAliases(Registry* registry) {
  AddAliasesOf(registry, kPledgeGroup, Pledging());
  AddAliasesOf(registry, kPledgeGroup, Maintaining());
  AddAliasesOf(registry, kPledgeGroup, Enforcing());
}

}  // namespace songhua::api::cli
