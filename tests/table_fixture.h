// What tests of domain modules share: a table set, a clock, commands, and a restart from rows alone.
//
//   class PermitsTest : public TableFixture { ... Permits permits_{&tables_, ...}; };
//   auto answer = Run([&](CommandContext& context) { return permits_.IssuePermit(context, request, rights_); });
//   EXPECT_EQ(Outcome(answer), "INVALID_FIELD PERMIT-13 outlets[1].code");
//
// Run checks, besides, that a refused or validate_only command touched no row and emitted no event.
#ifndef SONGHUA_TESTS_TABLE_FIXTURE_H_
#define SONGHUA_TESTS_TABLE_FIXTURE_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "ledger/command.h"
#include "ledger/refusal.h"
#include "ledger/row_changes.h"
#include "ledger/tables.h"

namespace songhua {

// "OK", or "{reason} {rule} {field}" of a refusal, with "-" for what it does not name.
inline std::string Outcome(const absl::Status& status) {
  if (status.ok()) return "OK";
  const auto refusal = GetRefusal(status);
  if (!refusal.has_value()) return std::string(status.message());
  const auto shown = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
  return refusal->reason + " " + shown(refusal->rule) + " " + shown(refusal->field);
}
template <class T>
std::string Outcome(const absl::StatusOr<T>& result) {
  return Outcome(result.status());
}
// The values that a refusal shows; empty when there is none.
template <class T>
RefusalDetail Detail(const absl::StatusOr<T>& result) {
  return GetRefusal(result.status()).value_or(RefusalDetail());
}

// What the store would hold: the rows by key.
class StoredRows {
 public:
  void Fold(TableSet* tables) {
    RowChanges changes;
    tables->CollectChanges(&changes);
    changes.ForEach([this](const RowChange& change) {
      if (change.is_delete) {
        rows_.erase(std::string(change.row_key));
      } else {
        rows_[std::string(change.row_key)] = std::string(change.value);
      }
    });
  }
  void LoadInto(TableSet* tables) const {
    for (const auto& [key, value] : rows_) {
      if (!tables->IsLoaded(RowKeyTable(key))) continue;
      const absl::Status loaded = tables->Load(RowKeyTable(key), value);
      EXPECT_TRUE(loaded.ok()) << loaded;
    }
    tables->FinishLoad();
  }
  const std::map<std::string, std::string>& rows() const { return rows_; }

 private:
  std::map<std::string, std::string> rows_;
};

// Makes the call. One that was refused, or only validated, must have touched no row and emitted no event.
template <class Call>
std::invoke_result_t<Call&, CommandContext&> RunChecked(const TableSet& tables, CommandContext& context, Call call) {
  const uint64_t changes_before = tables.change_count();
  const size_t events_before = context.events->bytes().size();
  auto answer = call(context);
  if (!answer.ok() || context.validate_only) {
    EXPECT_EQ(tables.change_count(), changes_before) << "a refused command changed a row";
    EXPECT_EQ(context.events->bytes().size(), events_before) << "a refused command emitted an event";
  }
  return answer;
}

// The cold rows that commands read back, as the store would have them.
class ColdAtHand : public ColdReader {
 public:
  explicit ColdAtHand(TableSet* tables) {
    tables->OnColdRow([this](uint16_t table, const std::string& key, const std::string& value) {
      const bool once = rows_.emplace(RowKey(table, key), value).second;
      EXPECT_TRUE(once) << "a cold row that is read back is written once: verify relies on it";
    });
  }
  std::optional<std::string> Read(uint16_t table, std::string_view key) override {
    const auto row = rows_.find(RowKey(table, key));
    return row == rows_.end() ? std::nullopt : std::optional<std::string>(row->second);
  }

 private:
  std::map<std::string, std::string> rows_;
};

class TableFixture : public testing::Test {
 protected:
  // Commands run at 09:00 of this day until the next call.
  void SetDay(int32_t year, int32_t month, int32_t day) {
    today_ = MakeDate(year, month, day);
    now_ = Timestamp(StartOfDay(today_).value() + 9 * 3600 * kMicrosPerSecond);
  }

  template <class Call>
  auto Run(Call call) {
    CommandContext context;
    context.sequence = ++sequence_;
    context.time = now_;
    context.today = today_;
    context.person = person_;
    context.participant = participant_;
    context.validate_only = validate_only_;
    context.events = &events_;
    context.cold = &cold_;
    return RunChecked(tables_, context, std::move(call));
  }

  TableSet tables_;
  ColdAtHand cold_{&tables_};
  EventLog events_;
  uint64_t sequence_ = 0;
  Date today_ = MakeDate(2026, 1, 5);
  Timestamp now_{StartOfDay(MakeDate(2026, 1, 5)).value() + 9 * 3600 * kMicrosPerSecond};
  std::string person_ = "operator";  // who calls
  std::string participant_;          // and whose person that is
  bool validate_only_ = false;
};

// A request in protobuf's text format. A field that is given again takes the later value, so a test can spoil one field of a good request:
// Text<v1::IssuePermitRequest>(good + "tier: PERMIT_TIER_UNSPECIFIED").
template <class Message>
Message Text(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::MergeFromString(text, &message)) << text;
  return message;
}

}  // namespace songhua

#endif  // SONGHUA_TESTS_TABLE_FIXTURE_H_
