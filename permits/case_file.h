// What a case leaves behind: its events (GEN-08), the notices that were served in it, what was made public of it (DISC-01). All are written once, in
// the command that they tell of, and never changed or removed.
//
// One thread (the state machine). Nothing here can fail.
#ifndef SONGHUA_PERMITS_CASE_FILE_H_
#define SONGHUA_PERMITS_CASE_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/identifiers.h"
#include "ledger/tables.h"
#include "songhua/v1/applications.pb.h"
#include "songhua/v1/notices.pb.h"

namespace songhua::permits {

// One step of a case. Cold; by case and order.
struct CaseEventRow {
  static constexpr RowTable kTable = RowTable::kCaseEvents;
  std::string subject;  // "applications/7", "permits/..."
  uint64_t number = 0;  // of all events, rising
  uint64_t sequence = 0;
  std::string event;  // of 8.1 and 8.2: "submit"
  std::string from_state;
  std::string to_state;
  std::string actor;
  std::string reason;
  std::string legal_basis;
  Date effective;
  Timestamp recorded;

  std::tuple<std::string, uint64_t> Key() const { return {subject, number}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(subject, number, sequence, event, from_state, to_state, actor, reason, legal_basis, effective, recorded);
  }
};
v1::CaseEvent ToProto(const CaseEventRow& row);

// A notice in a participant's inbox. Served when it stands there: electronic service reaches the addressee with the instant of its arrival. Cold.
struct NoticeRow {
  static constexpr RowTable kTable = RowTable::kNotices;
  std::string participant;
  uint64_t number = 0;
  v1::NoticeKind kind = v1::NOTICE_KIND_UNSPECIFIED;
  std::string subject;
  Region region;
  std::string text;
  std::string text_zh;
  std::string issuer;
  Timestamp served;

  std::tuple<std::string, uint64_t> Key() const { return {participant, number}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(participant, number, kind, subject, region, text, text_zh, issuer, served);
  }
};
v1::Notice ToProto(const NoticeRow& row);

// Whose inbox a notice lies in. Cold; by its number.
struct NoticeIndexRow {
  static constexpr RowTable kTable = RowTable::kNoticeIndex;
  uint64_t number = 0;
  std::string participant;

  uint64_t Key() const { return number; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, participant);
  }
};

// What is made public on the day of a decision (DISC-01, DISC-02). Cold; by time.
struct DisclosureRow {
  static constexpr RowTable kTable = RowTable::kDisclosures;
  uint64_t number = 0;
  Date date;
  std::string subject;
  std::string site;
  Region region;
  std::string event;  // "accept", "approve", "annul", "publicity"
  std::string text;
  std::string text_zh;

  uint64_t Key() const { return number; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, date, subject, site, region, event, text, text_zh);
  }
};

// A text in both languages.
struct BothTexts {
  std::string english;
  std::string chinese;
};

class CaseFile {
 public:
  CaseFile(TableSet* tables, ledger::Counters* counters) : counters_(counters), events_(tables), notices_(tables), notice_index_(tables), disclosures_(tables) {}

  struct Step {
    std::string subject;
    std::string event;
    std::string from_state;
    std::string to_state;
    std::string reason;
    std::string legal_basis;
    Date effective;  // kFirstDate: today
  };
  void Record(CommandContext& context, const Step& step);
  // The name of the notice: "notices/{number}".
  std::string Serve(CommandContext& context, v1::NoticeKind kind, const std::string& participant, Region region, const std::string& subject,
                    const BothTexts& text);
  void Publish(CommandContext& context, const std::string& event, const std::string& subject, const std::string& site, Region region,
               const BothTexts& text);

 private:
  ledger::Counters* counters_;
  ColdTable<CaseEventRow> events_;
  ColdTable<NoticeRow> notices_;
  ColdTable<NoticeIndexRow> notice_index_;
  ColdTable<DisclosureRow> disclosures_;
};

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_CASE_FILE_H_
