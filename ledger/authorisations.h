// Authorisations: an enterprise lets a bank inquire what it has, before the bank lends on it (china.md 5.4, PLG-40); and the inquiries themselves, of which every
// one is kept, whoever made it.
//
// An authorisation holds from the day on which it is granted to its last day, both included, at most 30 days later, unless it is revoked before. Whether it holds is
// a function of its row and the day: nothing has to run for it to end. One of a bank holds for the bank's branches, too; one of a branch for that branch alone. A
// bank has at most one in force from an enterprise.
//
// What an inquiry is answered with, and by what right, is the engine's to say (api/engine/due_diligence.h).
//
// Errors are checked in this order: form of the fields in the order of the message (INVALID_ARGUMENT), things named (NOT_FOUND, INVALID_ARGUMENT), then what
// the state forbids (ALREADY_EXISTS, RESOURCE_EXHAUSTED, FAILED_PRECONDITION). One thread (the state machine).
#ifndef SONGHUA_LEDGER_AUTHORISATIONS_H_
#define SONGHUA_LEDGER_AUTHORISATIONS_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <tuple>

#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/legal_time.h"
#include "ledger/participants.h"
#include "ledger/sha256.h"
#include "ledger/tables.h"
#include "songhua/v1/collateral.pb.h"

namespace songhua::ledger {

struct AuthorisationRow {
  static constexpr RowTable kTable = RowTable::kAuthorisations;
  static constexpr bool kNumbered = true;
  uint64_t number = 0;
  std::string enterprise;  // participant ids
  std::string bank;        // or a branch
  Term term{};
  bool revoked = false;
  Timestamp grant_time;

  uint64_t Key() const { return number; }
  bool HoldsOn(Date date) const { return !revoked && term.Contains(date); }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, enterprise, bank, term, revoked, grant_time);
  }
};

// That somebody inquired. Cold.
struct InquiryRow {
  static constexpr RowTable kTable = RowTable::kInquiries;
  uint64_t number = 0;
  std::string enterprise;  // participant ids
  std::string inquirer;
  std::string person;
  Timestamp time;
  std::string ground;  // "authorisations/7", "pledges/3", "OWN", "OFFICE"
  Digest pack{};       // SHA-256 of what was answered

  uint64_t Key() const { return number; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, enterprise, inquirer, person, time, ground, pack);
  }
};

// Where readers find the inquiries about a participant, by it, and by a branch of it, once each. Cold.
struct InquiryIndexRow {
  static constexpr RowTable kTable = RowTable::kInquiryIndex;
  std::string of;  // participant id
  uint64_t inquiry = 0;

  std::tuple<std::string, uint64_t> Key() const { return {of, inquiry}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(of, inquiry);
  }
};

class Authorisations {
 public:
  static constexpr int32_t kDaysMax = 30;    // PLG-40
  static constexpr size_t kInForceMax = 50;  // of one enterprise

  Authorisations(TableSet* tables, Counters* counters, const Participants* participants);
  ~Authorisations();

  // Checks: form, with a last day from today to kDaysMax days from now; the enterprise is one, the bank a bank or a branch of one; the bank has none in force from it
  // (AUTHORISATION_IN_FORCE); fewer than kInForceMax are (TOO_MANY_AUTHORISATIONS).
  absl::StatusOr<v1::AuthorisationAnswer> GrantAuthorisation(CommandContext& context, const v1::GrantAuthorisationRequest& request);
  // Checks: form; it exists; it is in force (ILLEGAL_TRANSITION).
  absl::StatusOr<v1::AuthorisationAnswer> RevokeAuthorisation(CommandContext& context, const v1::RevokeAuthorisationRequest& request);

  const AuthorisationRow* Find(uint64_t number) const { return rows_.Find(number); }
  // The one by which the bank, or the branch for its bank, may inquire about the enterprise on the day: the branch's own before the bank's. Null: none.
  const AuthorisationRow* FindInForce(const std::string& enterprise, const ParticipantRow& bank, Date today) const;

  // The inquiry of the caller of the command, as it would be recorded.
  InquiryRow NextInquiry(const CommandContext& context, const std::string& enterprise, std::string ground) const;
  // Records it. REQUIRES: NextInquiry gave it in this command; not validate_only.
  void RecordInquiry(CommandContext& context, const InquiryRow& row);

 private:
  // The bank's own. Null: none.
  const AuthorisationRow* OwnInForce(const std::string& enterprise, const std::string& bank, Date today) const;
  size_t CountInForce(const std::string& enterprise, Date today) const;

  Counters* counters_;
  const Participants* participants_;
  Table<AuthorisationRow> rows_;
  ColdTable<InquiryRow> inquiries_;
  ColdTable<InquiryIndexRow> index_;
  std::set<std::tuple<std::string, Date, uint64_t>> granted_;  // enterprise, last day, number, of those that were not revoked
};

v1::Authorisation ToProto(const AuthorisationRow& row);
// Without the digest where it is all zeros: none was taken.
v1::Inquiry ToProto(const InquiryRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_AUTHORISATIONS_H_
