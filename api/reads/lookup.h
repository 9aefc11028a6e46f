// Finds the things that rows and requests name by number or id, each once a call, and whom they concern (Target).
//
// The Find functions refuse a name that does not exist (NOT_FOUND); the others take ids out of rows, where what is missing is a fault of
// ours (INTERNAL). Pointers live as long as the Lookup. One thread.
#ifndef SONGHUA_API_READS_LOOKUP_H_
#define SONGHUA_API_READS_LOOKUP_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "api/reads/read_context.h"
#include "ledger/accounts.h"
#include "ledger/lots.h"
#include "ledger/participants.h"
#include "ledger/pledges.h"
#include "ledger/programs.h"

namespace songhua::api {

class Lookup {
 public:
  explicit Lookup(ReadContext* context) : context_(*context) {}

  absl::StatusOr<const ledger::AccountRow*> FindAccount(std::string_view field, const std::string& name);
  absl::StatusOr<const ledger::ParticipantRow*> FindParticipant(std::string_view field, const std::string& name);
  absl::StatusOr<const ledger::SiteRow*> FindSite(std::string_view field, const std::string& name);
  absl::StatusOr<exchange::ContractNumber> FindContract(std::string_view field, const std::string& name);

  absl::StatusOr<const ledger::AccountRow*> Account(ledger::AccountNumber number);
  absl::StatusOr<const ledger::ParticipantRow*> Participant(const std::string& id);
  absl::StatusOr<const ledger::SiteRow*> Site(const std::string& id);
  absl::StatusOr<const ledger::InstrumentClassRow*> Class(ledger::InstrumentClassId id);
  // "CNY" for money.
  absl::StatusOr<std::string> InstrumentCode(ledger::InstrumentId id);
  absl::StatusOr<std::string> AccountName(ledger::AccountNumber number);
  absl::StatusOr<std::string> ContractName(exchange::ContractNumber number);

  // The lot with what holds it, pledges by name.
  absl::StatusOr<v1::Lot> LotMessage(const ledger::LotRow& row);
  // Pledges of a lot, or of a participant: "lots/12", "participants/91...". REQUIRES: a snapshot.
  absl::StatusOr<std::vector<ledger::PledgeRow>> PledgesOf(const std::string& name);

  // The one participant whose things the caller may see, and nobody else's; empty where he may see more, as a bank does whose branches are
  // others.
  absl::StatusOr<std::string> OnlyOwner();

  absl::StatusOr<Target> OfParticipant(const std::string& id);
  absl::StatusOr<Target> OfSite(const ledger::SiteRow& site);
  absl::StatusOr<Target> OfAccount(const ledger::AccountRow& account);
  // Both parties of a pledge; the region is the right's.
  absl::StatusOr<Target> OfPledge(const ledger::PledgeRow& pledge);

 private:
  // The row of a key, read once. Null: there is none.
  template <class Row, class Key>
  absl::StatusOr<const Row*> Cached(std::map<Key, Row>& rows, const Key& key);
  absl::Status AddParties(const std::string& id, Target* target);

  ReadContext& context_;
  std::map<ledger::AccountNumber, ledger::AccountRow> accounts_;
  std::map<std::string, ledger::ParticipantRow> participants_;
  std::map<std::string, ledger::SiteRow> sites_;
  std::map<ledger::InstrumentClassId, ledger::InstrumentClassRow> classes_;
  std::map<ledger::InstrumentId, ledger::InstrumentRow> instruments_;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_READS_LOOKUP_H_
