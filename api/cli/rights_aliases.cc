#include "api/cli/rights_aliases.h"

#include <utility>
#include <vector>

#include "api/cli/alias_table.h"
#include "api/cli/aliases.h"
#include "api/cli/text.h"

namespace songhua::api::cli {
namespace {

using Fixed = std::vector<std::pair<std::string, std::string>>;

// "LEASE" of a lease.
Place Named(const std::string& noun) {
  std::string what = noun.substr(noun.rfind('-') + 1);
  if (noun == "day-one") what = "import";
  if (noun == "statement-file") what = "statement";
  return {{UpperCase(what), "Its name or number"}, "name"};
}
const Place kOfSite = {{"SITE", "A site's number"}, "site"};
const Place kOfLot = {{"LOT", "A lot's name or number"}, "lot"};
const Place kOfAccount = {{"ACCOUNT", "An account's name, with or without \"accounts/\""}, "account"};
const Place kOfZone = {{"ZONE", "A control zone's code"}, "control-zone"};

// An act on one thing that has a name; `example` is what follows the number.
Alias Act(const std::string& noun, const std::string& word, const std::string& method, const std::string& summary, std::vector<std::string> required = {},
          const std::string& example = "") {
  return {.words = {noun, word},
          .method = method,
          .summary = summary,
          .places = {Named(noun)},
          .required = std::move(required),
          .examples = {{noun + " " + word + " 3" + example + " --as PERSON", ""}}};
}

// A list; `example` is what follows the words.
Alias Listing(const std::string& noun, const std::string& word, const std::string& method, const std::string& summary, std::vector<std::string> columns,
              const std::string& example = "") {
  return {.words = {noun, word},
          .method = method,
          .summary = summary,
          .columns = std::move(columns),
          .examples = {{noun + " " + word + example + " --as PERSON", ""}}};
}

// A list of what belongs to one thing.
Alias ListingOf(const Place& place, const std::string& noun, const std::string& word, const std::string& method, const std::string& summary,
                std::vector<std::string> columns, const std::string& example, Fixed fixed = {}) {
  Alias alias = Listing(noun, word, method, summary, std::move(columns), example);
  alias.places = {place};
  alias.fixed = std::move(fixed);
  return alias;
}

std::vector<Alias> Allocating() {
  const std::vector<std::string> kRowColumns = {"row", "site", "pollutant", "quantity", "source", "reason", "rule", "field", "accepted", "lot", "paid_use_fee"};
  return {
      {.words = {"allocation", "begin"},
       .method = "Allocations/BeginAllocation",
       .summary = "Begin an allocation by a plan, with the plan's totals (registry)",
       .examples = {{"allocation begin --allocation @plan.json --as PERSON", "Program, region, terms and totals from a file"}}},
      Act("allocation", "add", "Allocations/AddAllocationRows", "Add the plan's next rows", {"first-row", "rows"},
          " --first-row 1 --rows site=sites/91220101MA0Y3T5K7X001,pollutant=SO2,quantity=12000000,source=INITIAL_FREE"),
      Act("allocation", "finish", "Allocations/FinishAllocation", "End the plan: its rows must come to its totals"),
      Act("allocation", "approve", "Allocations/ApproveAllocation", "Approve it, by another person; the rights are then granted"),
      Act("allocation", "discard", "Allocations/DiscardAllocation", "Give it up", {"reason"}, " --reason \"the plan was withdrawn\""),
      Act("allocation", "show", "Allocations/GetAllocation", "An allocation and where it stands"),
      Listing("allocation", "list", "Allocations/ListAllocations", "The allocations by plan",
              {"name", "state", "program", "region", "document_reference", "rows", "bad_rows", "granted_rows", "fee_fen"}),
      ListingOf(Named("allocation"), "allocation", "rows", "Allocations/ListAllocationRows", "Its rows, with what became of each", kRowColumns, " 3"),
      ListingOf(Named("allocation"), "allocation", "errors", "Allocations/ListAllocationRows", "Its bad rows, and what is wrong with them", kRowColumns, " 3",
                {{"bad-only", "true"}}),
      Act("fee", "pay", "PaidUseFees/PayPaidUseFee", "Pay a paid-use fee, or a part of it, from the enterprise's cash", {"amount"}, " --amount 12,000.00"),
      Act("fee", "show", "PaidUseFees/GetPaidUseFee", "A paid-use fee with its instalments"),
      Listing("fee", "list", "PaidUseFees/ListPaidUseFees", "Paid-use fees, of all sites or of one", {"name", "site", "lot", "amount_fen", "paid_fen", "state"},
              " --arrears-only"),
  };
}

std::vector<Alias> YearByYear() {
  return {
      {.words = {"surplus", "declare"},
       .method = "Surpluses/DeclareSurplus",
       .summary = "Declare what a measure spares (enterprise)",
       .required = {"surplus.site", "surplus.pollutant", "surplus.measure", "surplus.declared-quantity", "surplus.document-reference"},
       .examples = {{"surplus declare --surplus.site 91220101MA0Y3T5K7X001 --surplus.pollutant SO2 --surplus.measure treatment --surplus.declared-quantity 20t "
                     "--surplus.document-reference REPORT-7 --as PERSON",
                     ""}}},
      Act("surplus", "verify", "Surpluses/VerifySurplus", "Verify it, or a part of it", {"quantity", "opinion"}, " --quantity 18t --opinion \"as measured\""),
      Act("surplus", "reject", "Surpluses/RejectSurplus", "Reject it", {"reason"}, " --reason \"no measurement\""),
      Act("surplus", "show", "Surpluses/GetSurplus", "A surplus and what of it is used"),
      Listing("surplus", "list", "Surpluses/ListSurpluses", "Surpluses, of all sites or of one",
              {"name", "state", "site", "pollutant", "measure", "declared_quantity", "verified_quantity", "used_quantity", "valid_to"}),
      {.words = {"year", "record"},
       .method = "RightsYears/RecordDischarge",
       .summary = "Record what a site has discharged in a year",
       .places = {kOfSite},
       .required = {"pollutant", "year", "discharged-quantity", "document-reference"},
       .examples = {{"year record 91220101MA0Y3T5K7X001 --pollutant SO2 --year 2026 --discharged-quantity 9.5t --document-reference REPORT-8 --as PERSON", ""}}},
      {.words = {"year", "close"},
       .method = "RightsYears/CloseRightsYear",
       .summary = "Close a year of a zone and pollutant: what was not used lapses",
       .required = {"program", "pollutant", "control-zone", "year"},
       .examples = {{"year close --program jilin-discharge-rights --pollutant SO2 --control-zone 220100 --year 2026 --as PERSON", ""}}},
      {.words = {"year", "show"},
       .method = "RightsYears/GetRightsYear",
       .summary = "A site's year: its rights, what it discharged, what was used and what lapsed",
       .places = {kOfSite},
       .required = {"pollutant", "year"},
       .examples = {{"year show 91220101MA0Y3T5K7X001 --pollutant SO2 --year 2026 --as PERSON", ""}}},
      Listing("year", "list", "RightsYears/ListRightsYears", "Years of sites, of all or of one",
              {"site", "pollutant", "year", "effective_quantity", "discharged_quantity", "deficit_quantity", "used_quantity", "lapsed_quantity", "closed"},
              " --deficits-only"),
      {.words = {"lease", "propose"},
       .method = "Leases/ProposeLease",
       .summary = "Offer a lot, or a part of it, for lease (lessor)",
       .places = {kOfLot},
       .required = {"quantity", "lessee-account", "first-day", "last-day", "rent"},
       .examples = {{"lease propose 7 --quantity 2t --lessee-account SITE.rights --first-day 2026-03-01 --last-day 2026-12-31 --rent 8000 --as PERSON", ""}}},
      Act("lease", "accept", "Leases/AcceptLease", "Accept it (lessee)"),
      Act("lease", "approve", "Leases/ApproveLease", "Approve it: rent is paid, and the right is the lessee's until its last day (registry)"),
      Act("lease", "reject", "Leases/RejectLease", "Reject it (registry)", {"reason"}, " --reason \"another zone\""),
      Act("lease", "withdraw", "Leases/WithdrawLease", "Take it back"),
      Act("lease", "show", "Leases/GetLease", "A lease and where it stands"),
      Listing("lease", "list", "Leases/ListLeases", "The leases that you may see",
              {"name", "state", "lot", "quantity", "lessor", "lessee", "first_day", "last_day", "rent_fen"}),
  };
}

std::vector<Alias> TakingBack() {
  return {
      {.words = {"recovery", "announce"},
       .method = "Recoveries/AnnounceRecovery",
       .summary = "Announce that rights go back into the reserve",
       .places = {kOfLot},
       .required = {"kind", "quantity", "grounds", "document-reference"},
       .examples = {{"recovery announce 7 --kind paid --quantity 5t --grounds \"the plant moves\" --document-reference R-3 --as PERSON", ""}}},
      Act("recovery", "accept", "Recoveries/AcceptRecovery", "Accept the offer (holder)"),
      Act("recovery", "decline", "Recoveries/DeclineRecovery", "Decline it (holder)"),
      Act("recovery", "approve", "Recoveries/ApproveRecovery", "Approve it, by another person"),
      Act("recovery", "execute", "Recoveries/ExecuteRecovery", "Carry it out: the right goes, and what is due is paid"),
      Act("recovery", "withdraw", "Recoveries/WithdrawRecovery", "Take it back", {"reason"}, " --reason \"the plant stays\""),
      Act("recovery", "show", "Recoveries/GetRecovery", "A recovery and where it stands"),
      Listing("recovery", "list", "Recoveries/ListRecoveries", "The recoveries that you may see",
              {"name", "kind", "state", "account", "lot", "quantity", "price_fen", "notice_last_day"}),
      {.words = {"closure", "declare"},
       .method = "Recoveries/DeclareClosure",
       .summary = "Declare that a site has closed",
       .places = {kOfSite},
       .required = {"closure-date", "document-reference"},
       .examples = {{"closure declare 91220101MA0Y3T5K7X001 --closure-date 2026-06-30 --document-reference C-1 --as PERSON", ""}}},
      Act("closure", "show", "Recoveries/GetClosure", "A closure, and whether it was declared in time"),
      Listing("closure", "list", "Recoveries/ListClosures", "The declared closures", {"name", "site", "closure_date", "declared_on", "due", "late"}),
      {.words = {"extinction", "retire"},
       .method = "Extinctions/ExtinguishRight",
       .summary = "Extinguish a right for good (holder)",
       .places = {kOfLot},
       .required = {"quantity", "document-reference"},
       .examples = {{"extinction retire 7 --quantity 1t --document-reference E-1 --as PERSON", ""}}},
      {.words = {"extinction", "retire-reserve"},
       .method = "Extinctions/ExtinguishReserve",
       .summary = "Extinguish what lies in a reserve",
       .places = {kOfLot},
       .required = {"quantity", "document-reference"},
       .examples = {{"extinction retire-reserve 7 --quantity 1t --document-reference E-2 --as PERSON", ""}}},
      {.words = {"extinction", "replace"},
       .method = "Extinctions/ReplaceForProject",
       .summary = "Replace what a new project will discharge, at its zone's ratio",
       .places = {kOfSite},
       .required = {"pollutant", "project-quantity", "eia-reference", "lots"},
       .examples = {{"extinction replace 91220101MA0Y3T5K7X001 --pollutant SO2 --project-quantity 4t --eia-reference EIA-5 --lots lots/7 --lots lots/8 --as PERSON", ""}}},
      {.words = {"extinction", "compute"},
       .method = "Extinctions/ComputeReplacement",
       .summary = "What a new project would have to replace",
       .required = {"program", "pollutant", "control-zone", "quantity"},
       .examples = {{"extinction compute --program jilin-discharge-rights --pollutant SO2 --control-zone 220100 --quantity 4t --as PERSON", ""}}},
      Act("extinction", "show", "Extinctions/GetExtinction", "An extinction with its lots"),
      Listing("extinction", "list", "Extinctions/ListExtinctions", "What was extinguished",
              {"name", "grounds", "account", "pollutant", "control_zone", "document_reference", "create_time"}),
      {.words = {"attainment", "record"},
       .method = "Extinctions/RecordAttainment",
       .summary = "Record whether a zone attained its water and air quality in a year",
       .places = {kOfZone},
       .required = {"year", "document-reference"},
       .examples = {{"attainment record 220100 --year 2025 --water-attained --document-reference A-1 --as PERSON", ""}}},
      {.words = {"region-status", "set"},
       .method = "RegionStatuses/SetRegionStatus",
       .summary = "Say that a region has not attained its standard for a pollutant, or exceeds its total-control indicator",
       .places = {{{"REGION", "A region's code"}, "region"}},
       .required = {"kind", "pollutant", "first-day", "last-day", "decision"},
       .examples = {{"region-status set 220122 --kind non-attainment --pollutant COD --first-day 2026-03-01 --last-day 2026-12-31 --decision D-1 --as PERSON", ""}}},
      Act("region-status", "lift", "RegionStatuses/LiftRegionStatus", "Lift it before its last day", {"decision"}, " --decision D-2"),
      Listing("region-status", "list", "RegionStatuses/ListRegionStatuses", "What regions have decided, and what flowed over their borders",
              {"name", "kind", "region", "pollutant", "first_day", "last_day", "decision", "inflow", "outflow"}, " --in-force-only"),
      {.words = {"crossing", "approve"},
       .method = "RegionStatuses/ApproveCrossing",
       .summary = "Let a site buy rights of another zone, basin or province (province)",
       .places = {kOfSite},
       .required = {"pollutant", "control-zone", "province", "first-day", "last-day", "decision"},
       .examples = {{"crossing approve 91220201MA1B00011Q001 --pollutant COD --control-zone 220100 --province 220000 --first-day 2026-03-01 --last-day 2026-12-31 "
                     "--decision D-3 --as PERSON",
                     ""}}},
      Act("crossing", "withdraw", "RegionStatuses/WithdrawCrossing", "Take the approval back (province)", {"decision"}, " --decision D-4"),
      Listing("crossing", "list", "RegionStatuses/ListCrossings", "The approvals that you may see",
              {"name", "site", "pollutant", "control_zone", "province", "first_day", "last_day", "decision"}),
      Listing("attainment", "list", "Extinctions/ListAttainments", "What the zones attained",
              {"control_zone", "year", "water_attained", "pm25_attained", "document_reference", "revision"}),
  };
}

std::vector<Alias> Statements() {
  return {
      {.words = {"statement-file", "begin"},
       .method = "BankStatements/BeginStatement",
       .summary = "Begin the bank's statement of a day",
       .places = {{{"DAY", "2026-03-02"}, "day"}},
       .required = {"opening-balance", "closing-balance"},
       .examples = {{"statement-file begin 2026-03-02 --opening-balance 100,000.00 --closing-balance 120,000.00 --as PERSON", ""}}},
      Act("statement-file", "add", "BankStatements/AddStatementLines", "Add its next lines", {"first-line", "lines"},
          " --first-line 1 --lines bank_reference=B-1,value_date=2026-03-02,amount_fen=2000000"),
      Act("statement-file", "finish", "BankStatements/FinishStatement", "End it: its lines must come to its balances, and are held against the ledger"),
      Act("statement-file", "discard", "BankStatements/DiscardStatement", "Give it up", {"reason"}, " --reason \"of another account\""),
      Act("statement-file", "show", "BankStatements/GetStatement", "A statement, and what differs from the ledger"),
      Listing("statement-file", "list", "BankStatements/ListStatements", "The bank's statements",
              {"name", "state", "day", "opening_balance_fen", "closing_balance_fen", "lines", "open_lines"}),
      Listing("statement-file", "lines", "BankStatements/ListBankLines", "The bank's lines, of all statements or of one",
              {"name", "state", "participant", "transaction", "account", "proposed", "counterpart", "reason"}, " --open-only"),
      Listing("statement-file", "unseen", "BankStatements/ListUnseenMovements", "Movements of the ledger that no statement shows",
              {"name", "state", "participant", "transaction", "account"}),
      Act("statement-line", "propose", "BankStatements/ProposeLine", "Propose what becomes of a line that meets nothing", {"action"},
          " --action assign --account 91220101MA0Y3T5K7X.cash"),
      Act("statement-line", "approve", "BankStatements/ApproveLine", "Approve what was proposed, by another person"),
      Act("statement-line", "refuse", "BankStatements/RefuseLine", "Refuse what was proposed", {"reason"}, " --reason \"another enterprise\""),
  };
}

std::vector<Alias> SettlementDays() {
  const Place kOfTrade{{"TRADE", "A trade's name or number"}, "trade"};
  return {
      {.words = {"batch", "send"},
       .method = "SettlementDays/SendTrades",
       .summary = "Send what a contract traded on a day to be settled",
       .places = {{{"CONTRACT", "A contract's name"}, "contract"}},
       .examples = {{"batch send CONTRACT --as PERSON", ""}}},
      Act("batch", "confirm", "SettlementDays/ConfirmBatch", "Confirm what was cleared, by another person; its trades are delivered", {"trades", "amount"},
          " --trades 12 --amount 130,020.00"),
      Act("batch", "resolve", "SettlementDays/ResolveDifference", "Record what explains a difference; the instrument may open again", {"resolution"},
          " --resolution \"minute 12\""),
      Act("batch", "show", "SettlementDays/GetSettlementBatch", "A batch: how far it has come, and what keeps it"),
      Listing("batch", "list", "SettlementDays/ListSettlementBatches", "The settlement batches",
              {"name", "contract", "trade_date", "state", "trades", "amount_fen", "delivered", "open_objections", "open_defaults", "difference"}),
      {.words = {"objection", "file"},
       .method = "SettlementDays/FileObjection",
       .summary = "Object to a trade of yours before the next trading day opens",
       .places = {kOfTrade},
       .required = {"text"},
       .examples = {{"objection file 3000000000017 --text \"I bid for 50\" --as PERSON", ""}}},
      Act("objection", "decide", "SettlementDays/DecideObjection", "Decide on it", {"verdict", "reason"}, " --verdict dismissed --reason \"the order is in the journal\""),
      Listing("objection", "list", "SettlementDays/ListSettlementObjections", "The objections that you may see",
              {"name", "state", "trade", "participant", "text", "reason", "decided_by"}, " --open-only"),
      {.words = {"default", "declare"},
       .method = "SettlementDays/DeclareDefault",
       .summary = "Record that a party cannot deliver what is held for a trade",
       .places = {kOfTrade},
       .required = {"party", "reason", "top-up-by"},
       .examples = {{"default declare 3000000000017 --party seller --reason \"court order 7\" --top-up-by 2026-03-03 --as PERSON", ""}}},
      Act("default", "top-up", "SettlementDays/TopUpDefault", "Put other units or money of yours in the place of what was held"),
      Act("default", "cover", "SettlementDays/CoverDefault", "Pay for the buyer from the reserve, or end a trade without units"),
      Act("default", "recover", "SettlementDays/RecoverDefault", "Give the reserve what is held of the buyer"),
      Listing("default", "list", "SettlementDays/ListDeliveryDefaults", "The defaults that you may see",
              {"name", "state", "party", "participant", "reason", "top_up_by", "advanced_fen"}),
      {.words = {"reserve", "fund"},
       .method = "SettlementDays/FundReserve",
       .summary = "Set fees aside for the settlement reserve",
       .required = {"amount"},
       .examples = {{"reserve fund --amount 1,000.00 --as PERSON", ""}}},
      {.words = {"day-statement"},
       .method = "SettlementDays/GetDailyStatement",
       .summary = "What a participant had, what moved and what it has, on one day",
       .places = {{{"PARTICIPANT", "A participant's number"}, "participant"}, {{"DATE", "2026-03-02"}, "date"}},
       .examples = {{"day-statement 91220101MA0Y3T5K7X 2026-03-02 --as PERSON", ""}}},
  };
}

std::vector<Alias> Controlling() {
  const auto trusted = [](const std::string& word, const std::string& method, const std::string& summary) {
    return Alias{.words = {"trusted", word},
                 .method = "RegistryControls/" + method,
                 .summary = summary,
                 .places = {kOfAccount},
                 .required = {"program", "trusted-account"},
                 .examples = {{"trusted " + word + " A.rights --program jilin-discharge-rights --trusted-account B.rights --as PERSON", ""}}};
  };
  return {
      {.words = {"transfer", "propose"},
       .method = "RegistryControls/ProposeTransfer",
       .summary = "Propose a transfer, which others approve and time carries out",
       .places = {{{"LOT", "A lot's name or number"}, "from-lot"}},
       .required = {"to-account", "quantity"},
       .examples = {{"transfer propose 7 --to-account SITE.rights --quantity 2t --as PERSON", ""}}},
      Act("transfer", "approve", "RegistryControls/ApproveTransfer", "Approve it, by another person of the holder"),
      Act("transfer", "consent", "RegistryControls/ConsentToTransfer", "Consent to it (receiver)"),
      Act("transfer", "abort", "RegistryControls/AbortTransfer", "Stop it before it is carried out", {"reason"}, " --reason \"wrong account\""),
      Act("transfer", "reject", "RegistryControls/RejectTransfer", "Reject it", {"reason"}, " --reason \"not agreed\""),
      Act("transfer", "show", "RegistryControls/GetTransferProposal", "A proposed transfer and where it stands"),
      Listing("transfer", "list", "RegistryControls/ListTransferProposals", "The proposed transfers that you may see",
              {"name", "state", "from_lot", "from_account", "to_account", "quantity", "execute_time", "end_code"}),
      {.words = {"account", "set-state"},
       .method = "RegistryControls/SetAccountState",
       .summary = "Block, suspend, close or open an account",
       .places = {kOfAccount},
       .required = {"state", "reason"},
       .examples = {{"account set-state SITE.rights --state blocked --reason \"papers are missing\" --as PERSON", ""}}},
      {.words = {"account", "confirm"},
       .method = "RegistryControls/ConfirmAccount",
       .summary = "Confirm that what is known of an account's holder still holds",
       .places = {kOfAccount},
       .examples = {{"account confirm SITE.rights --as PERSON", ""}}},
      {.words = {"account", "limit"},
       .method = "RegistryControls/SetAccountLimit",
       .summary = "Limit what one transfer may take from an account",
       .places = {kOfAccount},
       .required = {"transfer-max"},
       .examples = {{"account limit SITE.rights --transfer-max 5000000 --as PERSON", ""}}},
      {.words = {"account", "control"},
       .method = "RegistryControls/GetAccountControl",
       .summary = "An account's state and limit",
       .places = {kOfAccount},
       .examples = {{"account control SITE.rights --as PERSON", ""}}},
      trusted("add", "AddTrustedAccount", "Propose that an account be trusted"),
      trusted("approve", "ApproveTrustedAccount", "Approve that, by another person"),
      trusted("remove", "RemoveTrustedAccount", "Trust it no more"),
      ListingOf(kOfAccount, "trusted", "list", "RegistryControls/ListTrustedAccounts", "The accounts that one trusts",
                {"program", "trusted_account", "proposed_by", "approved_by", "effective_time"}, " A.rights"),
      {.words = {"control-policy", "load"},
       .method = "RegistryControls/LoadControlPolicy",
       .summary = "Load what stands between holders and transfers of a program",
       .examples = {{"control-policy load --policy @policy.json --as PERSON", ""}}},
      Listing("control-policy", "list", "RegistryControls/ListControlPolicies", "The policies of control",
              {"program", "account_kind", "two_person", "trusted_accounts_only", "execution_delay_days", "loaded_on"}),
  };
}

std::vector<Alias> DayOneVerbs() {
  return {
      {.words = {"day-one", "begin"},
       .method = "DayOne/BeginDayOne",
       .summary = "Begin to take over what there was before; `import rights` does all of it from a file",
       .required = {"program", "source", "totals"},
       .examples = {{"day-one begin --program jilin-discharge-rights --source \"books of 2025\" --totals @totals.json --as PERSON", ""}}},
      Act("day-one", "add", "DayOne/AddDayOneRows", "Add its next rows", {"first-row", "rows"},
          " --first-row 1 --rows account=accounts/91220101MA0Y3T5K7X.cash,amount_fen=123456"),
      Act("day-one", "finish", "DayOne/FinishDayOne", "End it: its rows must come to the totals"),
      Act("day-one", "approve", "DayOne/ApproveDayOne", "Enter all of it, by another person"),
      Act("day-one", "discard", "DayOne/DiscardDayOne", "Give it up", {"reason"}, " --reason \"the file is mended\""),
      Act("day-one", "show", "DayOne/GetDayOne", "An import of day one: declared totals beside what its rows come to"),
      Listing("day-one", "list", "DayOne/ListDayOnes", "The imports of day one",
              {"name", "state", "program", "source", "rows", "bad_rows", "begun_by", "decided_by", "transaction"}),
      ListingOf(Named("day-one"), "day-one", "errors", "DayOne/ListDayOneErrors", "Everything that is wrong with its rows",
                {"row", "account", "field", "value", "accepted", "reason", "rule"}, " 3 --all"),
  };
}

}  // namespace

void AddRightsAliases(Registry* registry) {
  AddAliasesOf(registry, kRightsGroup, Allocating());
  AddAliasesOf(registry, kRightsGroup, YearByYear());
  AddAliasesOf(registry, kRightsGroup, TakingBack());
  AddAliasesOf(registry, kRightsGroup, Statements());
  AddAliasesOf(registry, kRightsGroup, SettlementDays());
  AddAliasesOf(registry, kRightsGroup, Controlling());
  AddAliasesOf(registry, kRightsGroup, DayOneVerbs());
}

}  // namespace songhua::api::cli
