// What stands against an enterprise, and for it: bans from applying (PERMIT-88), its environmental credit as far as the fast track asks for it
// (CREDIT-31), and the commitments it broke.
//
// One thread (the state machine). Whether a ban holds is a function of its row and the day.
#ifndef SONGHUA_PERMITS_STANDING_H_
#define SONGHUA_PERMITS_STANDING_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "songhua/v1/credit.pb.h"

namespace songhua::permits {

struct ShorterBanRow {
  Date until;
  std::string decision;

  template <class Archive>
  void Fields(Archive& a) {
    a(until, decision);
  }
};

// The bans of an enterprise: the one that lasts longest, the first decided where two last as long; and the others, of which the longest takes its place
// when its decision is overturned.
struct BanRow {
  static constexpr RowTable kTable = RowTable::kBans;
  std::string participant;
  Date until;  // the first day on which it may apply again
  std::string decision;
  std::vector<ShorterBanRow> shorter;  // the longest first

  std::string Key() const { return participant; }
  template <class Archive>
  void Fields(Archive& a) {
    a(participant, until, decision, shorter);
  }
};

// The last commitment that an enterprise broke.
struct BrokenCommitmentRow {
  static constexpr RowTable kTable = RowTable::kCommitments;
  std::string participant;
  Date until;  // the first day on which it may commit itself again
  std::string application;

  std::string Key() const { return participant; }
  template <class Archive>
  void Fields(Archive& a) {
    a(participant, until, application);
  }
};

// What the credit office says of an enterprise (CREDIT-01, CREDIT-05).
struct CreditGradeRow {
  static constexpr RowTable kTable = RowTable::kCreditGrades;
  std::string participant;
  v1::CreditGrade grade = v1::CREDIT_GRADE_UNSPECIFIED;
  bool blacklisted = false;
  std::string decision;
  Date date;
  std::string recorded_by;

  std::string Key() const { return participant; }
  template <class Archive>
  void Fields(Archive& a) {
    a(participant, grade, blacklisted, decision, date, recorded_by);
  }
};
v1::CreditRecord ToProto(const CreditGradeRow& row);

class Standing {
 public:
  static constexpr size_t kDecisionBytesMax = 100;

  Standing(TableSet* tables, const ledger::Participants* participants);
  ~Standing();

  // Records the grade that the credit office gave. Checks: form; the enterprise exists.
  absl::StatusOr<v1::CreditAnswer> SetCreditGrade(CommandContext& context, const v1::SetCreditGradeRequest& request);

  // From the day of the decision for so many years, the same calendar day exclusive (PERMIT-88). Cannot fail.
  void Ban(CommandContext& context, const std::string& participant, Date decided, int32_t years, const std::string& decision);
  // The judgment that overturned the decision takes its ban away, and no other.
  void LiftBan(CommandContext& context, const std::string& participant, const std::string& decision);
  void BreakCommitment(CommandContext& context, const std::string& participant, int32_t years, const std::string& application);

  // PERMIT-88: OK, or the refusal that says until when.
  absl::Status CheckMayApply(const std::string& participant, Date today) const;
  // CREDIT-31: OK, or what stands against the fast track.
  absl::Status CheckMayCommit(const std::string& participant, Date today) const;
  // Null: none was given.
  const CreditGradeRow* FindGrade(const std::string& participant) const { return grades_.Find(participant); }
  const BanRow* FindBan(const std::string& participant) const { return bans_.Find(participant); }

 private:
  const ledger::Participants* participants_;
  Table<BanRow> bans_;
  Table<BrokenCommitmentRow> broken_;
  Table<CreditGradeRow> grades_;
};

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_STANDING_H_
