#include "api/cli/verbs.h"

#include "api/cli/aliases.h"
#include "api/cli/archive_verbs.h"
#include "api/cli/auction_replay_verb.h"
#include "api/cli/audit_verb.h"
#include "api/cli/call.h"
#include "api/cli/certificate_verb.h"
#include "api/cli/collateral_inquire_verb.h"
#include "api/cli/document_verbs.h"
#include "api/cli/import_rights_verb.h"
#include "api/cli/import_verb.h"
#include "api/cli/log_verbs.h"
#include "api/cli/proof_aliases.h"
#include "api/cli/serve.h"
#include "api/cli/verify_verb.h"
#include "api/cli/version.h"

namespace songhua::api::cli {

Registry MakeRegistry() {
  Registry registry({{"service", "The service itself"},
                     {kProofGroup, "Proof: certificates and the log, check a store, replay public records, measure, simulate"},
                     {kLookGroup, "Looking"},
                     {kTradeGroup, "Trading"},
                     {kPermitGroup, "Permits"},
                     {kPledgeGroup, "Pledges"},
                     {kRightsGroup, "Rights: allocation, fees, surplus, years, leases, recovery, the registry"},
                     {kAccessGroup, "Access"}});
  registry.Add(simulations::DemoVerb());
  registry.Add(ServeVerb());
  registry.Add(VersionVerb());
  registry.Add(VerifyVerb());
  registry.Add(ArchiveVerb());
  registry.Add(RestoreVerb());
  registry.Add(BenchVerb());
  registry.Add(SimulateFaultsVerb());
  registry.Add(SimulateMarketVerb());
  registry.Add(ReplayUkEtsVerb());
  registry.Add(ReplayOffsetsVerb());
  registry.Add(ReplayBarsVerb());
  registry.Add(ImportPermitsVerb());
  registry.Add(ImportRightsVerb());
  AddAliases(&registry);
  registry.Add(PermitPrintVerb());
  registry.Add(ReceiptPrintVerb());
  registry.Add(DocumentPutVerb());
  registry.Add(DocumentGetVerb());
  registry.Add(AuctionReplayVerb());
  registry.Add(CollateralInquireVerb());
  registry.Add(CertificateGetVerb());
  registry.Add(LogCheckpointVerb());
  registry.Add(LogKeysVerb());
  registry.Add(LogExportVerb());
  registry.Add(LogCompareVerb());
  registry.Add(LogFsckVerb());
  registry.Add(LogNewKeyVerb());
  registry.Add(WitnessKeyVerb());
  registry.Add(AuditVerb());
  AddRpcVerbs(&registry);
  return registry;
}

}  // namespace songhua::api::cli
