#include "api/cli/collateral_aliases.h"

#include <vector>

#include "api/cli/alias_table.h"
#include "api/cli/aliases.h"

namespace songhua::api::cli {
namespace {

std::vector<Alias> LookingAtCollateral() {
  const Place kEnterprise = {{"ENTERPRISE", "An enterprise's social credit code"}, "enterprise"};
  return {
      {.words = {"collateral", "authorise"},
       .method = "Collateral/GrantAuthorisation",
       .summary = "Let a bank inquire what your enterprise has, for up to thirty days",
       .places = {kEnterprise},
       .required = {"bank", "expire-date"},
       .examples = {{"collateral authorise 91220101MA0Y3T5K7X --bank BANK --expire-date 2026-02-04 --as PERSON", ""}}},
      {.words = {"collateral", "revoke"},
       .method = "Collateral/RevokeAuthorisation",
       .summary = "Take an authorisation back",
       .places = {{{"AUTHORISATION", "An authorisation's name or number"}, "name"}},
       .examples = {{"collateral revoke 7 --as PERSON", ""}}},
      {.words = {"collateral", "insure"},
       .method = "Collateral/RecordInsurance",
       .summary = "Say how your enterprise is insured against environmental liability",
       .places = {{{"ENTERPRISE", "An enterprise's social credit code"}, "insurance.enterprise"}},
       .required = {"insurance.insurer", "insurance.policy-number", "insurance.insured", "insurance.start-date", "insurance.expire-date"},
       .examples = {{"collateral insure 91220101MA0Y3T5K7X --insurance.insurer PICC --insurance.policy-number P-7 --insurance.insured 5000000 "
                     "--insurance.start-date 2026-01-01 --insurance.expire-date 2026-12-31 --as PERSON",
                     ""}}},
      {.words = {"collateral", "inquiries"},
       .method = "Collateral/ListInquiries",
       .summary = "Who inquired about your enterprise, or what your bank inquired",
       .columns = {"name", "time", "enterprise", "inquirer", "person", "ground", "pack_sha256"},
       .examples = {{"collateral inquiries --as PERSON", ""}, {"collateral inquiries --enterprise 91220101MA0Y3T5K7X --all --as PERSON", "About one enterprise"}}},
      {.words = {"collateral", "encumbrance"},
       .method = "Collateral/GetEncumbrance",
       .summary = "Whether the rights of a site are pledged or frozen, and how many of them",
       .places = {{{"SITE", "A site's number"}, "site"}},
       .examples = {{"collateral encumbrance 91220101MA0Y3T5K7X001", "needs no token"}}},
      {.words = {"collateral", "portfolio"},
       .method = "Collateral/GetPortfolio",
       .summary = "A bank's pledges in sum, and which of them need to be looked at",
       .examples = {{"collateral portfolio --as PERSON", "Your own bank, with its branches"}, {"collateral portfolio --bank BRANCH --as PERSON", ""}}},
      {.words = {"collateral", "watch"},
       .method = "Collateral/WatchCollateral",
       .summary = "What touches a bank's pledges, as it happens",
       .examples = {{"collateral watch --as PERSON", "The pledges in force, then each change"},
                    {"collateral watch --json --as PERSON", "Each event as a line of JSON"}}},
      {.words = {"collateral", "statistics"},
       .method = "Collateral/GetPledgeStatistics",
       .summary = "Pledges by quarter, zone and pollutant",
       .places = {{{"PERIOD", "A year or a quarter: 2026, 2026-Q1"}, "period"}},
       .examples = {{"collateral statistics 2026-Q1", "needs no token"}}},
  };
}

}  // namespace

void AddCollateralAliases(Registry* registry) { AddAliasesOf(registry, kPledgeGroup, LookingAtCollateral()); }

}  // namespace songhua::api::cli
