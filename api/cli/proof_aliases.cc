#include "api/cli/proof_aliases.h"

#include <vector>

#include "api/cli/alias_table.h"

namespace songhua::api::cli {
namespace {

std::vector<Alias> Certifying() {
  return {
      {.words = {"certificate", "issue"},
       .method = "Certificates/IssueCertificate",
       .summary = "Have something certified: a lot, a pledge, a trade, a permit, an application's receipt",
       .places = {{{"SUBJECT", "lots/N, pledges/N, trades/N, permits/NUMBER or applications/N"}, "subject"}},
       .examples = {{"certificate issue pledges/3 --as PERSON", "`certificate get` then fetches it"}, {"certificate issue permits/91220101MA0Y3T5K7X001P --as PERSON", ""}}},
      {.words = {"certificate", "list"},
       .method = "Certificates/ListCertificates",
       .summary = "Certificates of yours",
       .columns = {"name", "kind", "subject", "issue_time", "proof_sequence"},
       .examples = {{"certificate list --as PERSON", ""}}},
  };
}

std::vector<Alias> LookingAtTheLog() {
  return {
      {.words = {"log", "show"},
       .method = "Transparency/GetLog",
       .summary = "The transparency log: its name, its keys, how far it is",
       .examples = {{"log show", "needs no token"}}},
      {.words = {"log", "inclusion"},
       .method = "Transparency/GetInclusionProof",
       .summary = "Prove that a record is in the log",
       .places = {{{"SEQUENCE", "A sequence of the record"}, "record-sequence"}},
       .required = {"size"},
       .examples = {{"log inclusion 17 --size 1204", "in the checkpoint of so many records"}}},
      {.words = {"log", "consistency"},
       .method = "Transparency/GetConsistencyProof",
       .summary = "Prove that a log is the beginning of another",
       .required = {"old-size", "new-size"},
       .examples = {{"log consistency --old-size 400 --new-size 1204", ""}}},
      {.words = {"log", "tile"},
       .method = "Transparency/GetTile",
       .summary = "256 hashes of the log",
       .places = {{{"PATH", "tile/LEVEL/INDEX or tile/LEVEL/INDEX.p/WIDTH"}, "path"}},
       .examples = {{"log tile tile/0/000.p/17", ""}}},
  };
}

std::vector<Alias> Witnessing() {
  const Place kWitness = {{"WITNESS", "A witness's name, witnesses/{key id}"}, "name"};
  return {
      {.words = {"witness", "add"},
       .method = "Transparency/AddWitness",
       .summary = "Admit a witness by its key",
       .places = {{{"KEY", "Its verifier key, as `witness key` prints it"}, "key"}},
       .examples = {{"witness add KEY --as operator", ""}}},
      {.words = {"witness", "retire"},
       .method = "Transparency/RetireWitness",
       .summary = "Take no more cosignatures of a witness",
       .places = {kWitness},
       .required = {"reason"},
       .examples = {{"witness retire witnesses/0a1b2c3d --reason \"key lost\" --as operator", ""}}},
      {.words = {"witness", "list"},
       .method = "Transparency/ListWitnesses",
       .summary = "The witnesses of the log",
       .columns = {"name", "key", "retired", "add_time"},
       .examples = {{"witness list", "needs no token"}}},
      {.words = {"witness", "require"},
       .method = "Transparency/SetWitnessPolicy",
       .summary = "Say how many witnesses must cosign before a certificate is given out",
       .places = {{{"NUMBER", "0 to the number of witnesses"}, "cosignatures-required"}},
       .examples = {{"witness require 2 --as operator", ""}}},
      {.words = {"witness", "bring"},
       .method = "Transparency/AddCosignature",
       .summary = "Hand in a checkpoint that a witness cosigned",
       .required = {"note"},
       .examples = {{"witness bring --note \"$(cat cosigned.checkpoint)\" --as PERSON", ""}}},
  };
}

}  // namespace

void AddProofAliases(Registry* registry) {
  AddAliasesOf(registry, kProofGroup, Certifying());
  AddAliasesOf(registry, kProofGroup, LookingAtTheLog());
  AddAliasesOf(registry, kProofGroup, Witnessing());
}

}  // namespace songhua::api::cli
