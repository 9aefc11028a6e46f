// Bank statements: what the settlement bank says of the house's account, line by line, beside what the ledger recorded (INV-04, DR-49).
//
//   BeginStatement -> AddStatementLines ... -> FinishStatement
//      STAGING                                   FINISHED -> RECONCILED      or DiscardStatement -> DISCARDED
//
// A movement has two sides that carry the bank's reference: a line of a statement, and a deposit or withdrawal of the ledger. Where reference, amount and
// participant agree they meet, whichever came first. What is left is a line that is OPEN, dealt with by two persons (ProposeLine, ApproveLine), or a movement
// that is UNSEEN. So at every moment, once there is a statement:
//
//   what the ledger owes its clients, fees and funds = closing balance of the last finished statement + unseen movements - open lines
//
// and a statement is RECONCILED when no line up to it is open and no movement up to its day is unseen.
//
// All money that comes in or goes out passes through here, so that one bank reference is one movement. One thread (the state machine).
#ifndef SONGHUA_LEDGER_BANK_STATEMENTS_H_
#define SONGHUA_LEDGER_BANK_STATEMENTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/counters.h"
#include "ledger/ledger.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "songhua/v1/bank_statements.pb.h"

namespace songhua::ledger {

struct BankStatementRow {
  static constexpr RowTable kTable = RowTable::kBankStatements;
  uint32_t number = 0;
  v1::BankStatement::State state = v1::BankStatement::STAGING;
  Date day;
  Money opening, closing;
  uint32_t lines = 0;
  Money sum;
  uint32_t open_lines = 0;
  std::string begun_by;
  Timestamp begin_time;
  std::string discard_reason;

  uint32_t Key() const { return number; }
  bool finished() const { return state == v1::BankStatement::FINISHED || state == v1::BankStatement::RECONCILED; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, state, day, opening, closing, lines, sum, open_lines, begun_by, begin_time, discard_reason);
  }
};

// A line of a statement, with the ledger's side of it once it has one; or, under statement 0, a movement of the ledger that no line has met.
struct BankLineRow {
  static constexpr RowTable kTable = RowTable::kBankLines;
  uint32_t statement = 0;
  uint64_t line = 0;  // place in the statement, from 1; under statement 0 the transaction's sequence
  v1::BankLine::State state = v1::BankLine::STAGED;
  std::string reference;  // the bank's; under statement 0 as the ledger recorded it
  Date value_date;        // under statement 0 the day of recording
  Money amount;           // signed: what the house's account gained
  std::string counterparty_name, counterparty_account, purpose;
  std::string participant;  // empty: the line does not tell
  std::string return_of;
  // The ledger's side; 0: none.
  AccountNumber account = 0;
  uint64_t transaction = 0;  // under statement 0: that reversed it, where it is IN_OPENING
  std::string recorded_reference;
  // What waits for the second person.
  v1::BankLine::Action proposed = v1::BankLine::ACTION_UNSPECIFIED;
  AccountNumber proposed_account = 0;
  std::string counterpart;
  std::string reason;
  std::string proposed_by, decided_by;

  using KeyType = std::tuple<uint32_t, uint64_t>;
  KeyType Key() const { return {statement, line}; }
  std::string Name() const;
  // At the bank and not in the ledger.
  bool open() const { return state == v1::BankLine::OPEN || state == v1::BankLine::TO_RETURN; }
  template <class Archive>
  void Fields(Archive& a) {
    a(statement, line, state, reference, value_date, amount, counterparty_name, counterparty_account, purpose, participant, return_of, account, transaction,
      recorded_reference, proposed, proposed_account, counterpart, reason, proposed_by, decided_by);
  }
};

class BankStatements {
 public:
  // Of one statement: finishing it matches them all in one command.
  static constexpr uint32_t kLinesMax = 10'000;
  static constexpr size_t kReferenceBytesMax = 100;
  static constexpr size_t kTextBytesMax = 200;
  static constexpr size_t kReasonBytesMax = 500;
  static constexpr int64_t kBalanceMax = 1'000'000'000'000'000'000;  // fen

  BankStatements(TableSet* tables, Counters* counters, const Participants* participants, Ledger* ledger);
  ~BankStatements();

  // ---- Commands of the ledger that move money of the bank, with the bank's references ----
  // Checks: those of the ledger's own function; no other movement has the reference (BANK_REFERENCE_USED); where a statement shows it, amount and participant
  // are the line's (BANK_LINE_DIFFERS) and nothing else was proposed for the line (LINE_UNDER_PROPOSAL).
  absl::StatusOr<v1::TransactionAnswer> DepositCash(CommandContext& context, const v1::CashRequest& request);
  absl::StatusOr<v1::TransactionAnswer> WithdrawCash(CommandContext& context, const v1::CashRequest& request);
  // Reversing a deposit or withdrawal leaves the bank's line, if there is one, open again, and the reference free to be entered anew.
  absl::StatusOr<v1::TransactionAnswer> ReverseTransaction(CommandContext& context, const v1::ReverseTransactionRequest& request);
  // Money that reached the bank's account in another way than by DepositCash: the balances of day one. `reference` names it, once.
  void RecordImport(CommandContext& context, const std::string& reference, Money amount);

  // ---- Statements ----
  absl::StatusOr<v1::BankStatementAnswer> BeginStatement(CommandContext& context, const v1::BeginStatementRequest& request);
  absl::StatusOr<v1::BankStatementAnswer> AddStatementLines(CommandContext& context, const v1::AddStatementLinesRequest& request);
  absl::StatusOr<v1::BankStatementAnswer> FinishStatement(CommandContext& context, const v1::BankStatementActRequest& request);
  absl::StatusOr<v1::BankStatementAnswer> DiscardStatement(CommandContext& context, const v1::BankStatementActRequest& request);

  // ---- Lines that met nothing ----
  absl::StatusOr<v1::BankLineAnswer> ProposeLine(CommandContext& context, const v1::ProposeLineRequest& request);
  absl::StatusOr<v1::BankLineAnswer> ApproveLine(CommandContext& context, const v1::BankLineActRequest& request);
  absl::StatusOr<v1::BankLineAnswer> RefuseLine(CommandContext& context, const v1::BankLineActRequest& request);

  // Null: none.
  const BankStatementRow* Find(uint32_t number) const { return statements_.Find(number); }
  const BankLineRow* FindLine(uint32_t statement, uint64_t line) const { return lines_.Find({statement, line}); }

 private:
  using LineKey = BankLineRow::KeyType;

  absl::StatusOr<const BankStatementRow*> FindStaging(const std::string& name) const;
  absl::StatusOr<const BankLineRow*> FindNamedLine(std::string_view field, const std::string& name) const;
  // The line of a name, OPEN, with a proposal or without one.
  absl::StatusOr<const BankLineRow*> FindOpenLine(const std::string& name, bool proposed) const;
  absl::StatusOr<BankLineRow> ParseLine(const v1::StatementLine& line, const std::string& at, Date day) const;
  absl::StatusOr<std::string> ParticipantOf(const v1::StatementLine& line, const std::string& at) const;
  absl::StatusOr<const BankLineRow*> FindCounterpart(const BankLineRow& line, const std::string& name) const;
  // Whether a movement of the ledger may carry the reference.
  absl::Status CheckReference(const v1::CashRequest& request, Money amount, bool for_proposal) const;
  absl::StatusOr<v1::TransactionAnswer> MoveCash(CommandContext& context, const v1::CashRequest& request, bool deposit, bool for_proposal);
  absl::StatusOr<Money> ExpectedOpening(Date day) const;

  bool Agree(const BankLineRow& line, const BankLineRow& movement) const;
  void Record(CommandContext& context, BankLineRow movement);
  // The two sides become one row.
  void Meet(CommandContext& context, const BankLineRow& line, const BankLineRow& movement);
  void MatchFinished(CommandContext& context, BankLineRow& line);
  // A movement that the first opening balance holds was reversed, and is entered anew: the bank's side stays where it was.
  void Reenter(CommandContext& context, const BankLineRow& reversed, BankLineRow movement);
  void Unmatch(CommandContext& context, const BankLineRow& row, uint64_t reversed_by);
  bool Return(CommandContext& context, BankLineRow& debit, const BankLineRow& credit);
  // Tells which statements are reconciled now.
  void Review(CommandContext& context);
  void Reopen(CommandContext& context, uint32_t statement);
  void CountOpen(const BankLineRow& line, int change);
  void Changed(CommandContext& context, const BankLineRow& row);
  void Changed(CommandContext& context, const BankStatementRow& row);
  void Index(const BankLineRow& row);
  void IndexStatement(const BankStatementRow& row);

  Counters* counters_;
  const Participants* participants_;
  Ledger* ledger_;
  Table<BankStatementRow> statements_;
  Table<BankLineRow> lines_;
  // Rebuilt when rows are loaded.
  uint32_t staging_ = 0;  // the statement that is being staged; 0: none
  uint32_t last_ = 0;     // the last finished one; 0: none
  std::set<uint32_t> finished_;
  std::set<uint32_t> unreconciled_;                            // finished, not reconciled
  absl::flat_hash_map<std::string, LineKey> by_reference_;     // lines, staged ones too
  absl::flat_hash_map<std::string, uint64_t> recorded_;        // sequence of the movement that carries a reference
  absl::flat_hash_map<uint64_t, LineKey> by_transaction_;      // movements, alone or met
  absl::flat_hash_map<std::string, uint64_t> reversed_;        // movements IN_OPENING that were reversed, by reference
  std::set<std::pair<Date, uint64_t>> unseen_;                 // day and sequence
};

v1::BankStatement ToProto(const BankStatementRow& row);
// `account`: the name of the row's cash account, or empty.
v1::BankLine ToProto(const BankLineRow& row, const std::string& account);
// Why the row keeps a statement from being reconciled. REQUIRES: it is open, or UNSEEN.
std::string DescribeDifference(const BankLineRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_BANK_STATEMENTS_H_
