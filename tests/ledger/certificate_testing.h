// Certificates for tests: a small log and a small map, told by a registry that is honest until a test tells it otherwise.
#ifndef SONGHUA_TESTS_LEDGER_CERTIFICATE_TESTING_H_
#define SONGHUA_TESTS_LEDGER_CERTIFICATE_TESTING_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/journal_record.h"
#include "ledger/proofs/certificate.h"
#include "ledger/proofs/certificate_check.h"
#include "ledger/proofs/lot_statement.h"
#include "ledger/proofs/signed_note.h"

namespace songhua::proofs {

inline constexpr int64_t kIssueTime_s = 1'767'600'000;  // 2026-01-05 16:00:00 +08:00
inline constexpr int64_t kMapTime_s = kIssueTime_s + 1;
inline constexpr int64_t kNow_s = kIssueTime_s + 86'400;

// Keys whose seeds everybody knows. Names: the log's is its origin.
SignerKey TestLogKey(uint8_t number = 1);
SignerKey TestWitnessKey(uint8_t number);

// One entry of a lot's list. At most one of the details.
struct StoryEntry {
  EncumbranceKind kind = EncumbranceKind::kOrder;
  int64_t quantity = 0;
  std::optional<PledgeDetail> pledge;
  std::optional<FreezeDetail> freeze;
  bool opened = true;
};
struct StoryLot {
  Title title;
  int64_t quantity = 0;
  std::vector<StoryEntry> entries;
};

// What a registry says. Tell makes the certificate of it.
struct Story {
  CertificateKind kind = CertificateKind::kHolding;
  uint64_t number = 12;
  Facts facts;
  std::vector<StoryLot> lots;
  uint64_t records_before = 3, records_between = 2, records_after = 3;  // of others
  uint64_t lots_of_others = 9;
  int64_t issue_time_s = kIssueTime_s, map_time_s = kMapTime_s;
  std::vector<SignerKey> logs = {TestLogKey()};
  std::vector<std::pair<SignerKey, uint64_t>> cosigned = {{TestWitnessKey(1), kMapTime_s + 2}, {TestWitnessKey(2), kMapTime_s + 3}};

  // What a dishonest registry changes, at the moment when it does. Null: nothing.
  std::function<void(CertifiedEvent*)> certified;        // before it is put into the events
  std::function<void(std::string*)> events;              // of the issuing command
  std::function<void(JournalRecord*)> issue, map_record;  // before they are put into the log
  bool map_before_issue = false;
};

Story PledgeStory();   // lots/7, of which 10,000 kg/a are pledged to a bank, 500 kg/a held by orders, and nothing else
Story HoldingStory();  // lots/7 and lots/9, the first pledged and frozen
Story ReceiptStory();  // of an application: no lots

Certificate Tell(const Story& story);
std::string FileOf(const Certificate& certificate);
inline std::string FileOf(const Story& story) { return FileOf(Tell(story)); }
// A page with a machine part that no honest program would render.
std::string FileAround(std::string_view machine_part);
// `bytes` with their last 32 replaced by the digest of the others.
std::string WithDigest(std::string bytes);

// Trusts the log, the first witness, and the second as an auditor; requires both.
std::string TestTrustText();
Trust TestTrust();
CheckOptions TestOptions();
// The reason of the refusal, "" where it was proved.
std::string ReasonOfCheck(std::string_view file, const Trust& trust = TestTrust(), const CheckOptions& options = TestOptions());
// The value of the fact is changed; it is added where it is missing.
void SetFact(Facts* facts, std::string_view name, std::string_view value);

}  // namespace songhua::proofs

#endif  // SONGHUA_TESTS_LEDGER_CERTIFICATE_TESTING_H_
