// Tables: the state of Songhua as typed rows in memory, whose changes are collected for the journal's group.
//
// A row type names its table and its key and describes its fields once (see codec.h):
//
//   struct Person {
//     static constexpr RowTable kTable = RowTable::kPeople;
//     std::string id;
//     ...
//     std::string Key() const { return id; }                 // or an integer, or a tuple of both
//     template <class Archive> void Fields(Archive& a) { a(id, ...); }
//   };
//   Table<Person> people(&tables);
//   Person& p = people.Insert({...});     // created; CHECKs that the key is new
//   people.Edit(p).display_name = "...";  // marks the row as changed
//   const Person* q = people.Find("wang");
//
// A row type whose keys are the numbers 1, 2, 3 ... says `static constexpr bool kNumbered = true;` and is found without hashing.
// A row that readers want under another key than its table's gives that as StoredKey(): a range of stored rows then has another order.
//
// Rows keep their address until they are erased. `TableSet::CollectChanges` encodes each changed row once a group, in the order of first change,
// which is the same on every replay. Nothing here iterates over a hash map: what must be enumerated in order keeps an ordered index.
// One thread (the state machine) uses tables; readers see published rows only (store.h).
// A class that owns tables defines its constructor and destructor in its .cc file, so that only that file pays for the tables' code.
#ifndef SONGHUA_LEDGER_TABLES_H_
#define SONGHUA_LEDGER_TABLES_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "ledger/check.h"
#include "ledger/codec.h"
#include "ledger/row_changes.h"

namespace songhua {

// Numbers are part of the on-disk format: never reuse one.
enum class RowTable : uint16_t {
  kEngine = 1,
  kIdempotency = 2,   // cold
  kStreams = 3,
  kTimers = 4,
  kParticipants = 10,
  kSites = 11,
  kPeople = 12,
  kTokens = 13,
  kCalendarYears = 14,
  kPrograms = 20,
  kAccounts = 21,
  kInstrumentClasses = 22,
  kInstruments = 23,
  kBalances = 24,
  kCash = 25,
  kLots = 26,
  kIssuances = 27,
  kFreezes = 28,
  kTransactions = 29,  // cold
  kPostings = 30,      // cold
  kReversals = 31,
  kBasePrices = 32,
  kPledges = 33,
  kPermits = 40,
  kVerifiedEmissions = 41,
  kPermitContents = 42,   // cold
  kPermitHistory = 43,    // cold
  kRegimes = 44,
  kDeadlines = 45,
  kDeadlineHistory = 46,  // cold
  kDeadlineQueue = 47,
  kDeadlineIndex = 48,    // cold
  kApplications = 60,
  kApplicationContents = 61,  // cold
  kCaseEvents = 62,           // cold
  kNotices = 63,              // cold
  kDisclosures = 64,          // cold
  kNoticeIndex = 75,          // cold
  kBans = 65,
  kCommitments = 66,
  kCreditGrades = 67,
  kOverlays = 68,
  kPenalties = 69,
  kRegistrations = 70,
  kAbsences = 71,
  kDocuments = 72,
  kImports = 73,
  kImportErrors = 74,         // cold
  kRulebooks = 50,  // no more
  kContracts = 51,
  kOrders = 52,
  kOrderHistory = 53,  // cold
  kTrades = 54,
  kTradeIndex = 55,    // cold
  kTradeHistory = 56,  // cold
  kRetirements = 34,
  kCounters = 35,
  kAccountNames = 36,   // cold
  kAccountOwners = 37,  // cold
  kLotIndex = 38,       // cold
  kPledgeIndex = 39,    // cold
  kPriceMethods = 80,
  kPriceProposals = 81,
  kBasePriceOrigins = 82,
  kPriceIndexes = 83,
  kAllocationPlans = 84,
  kAllocationRows = 85,
  kPaidUseFees = 86,
  kSurpluses = 87,
  kYearUses = 88,
  kYearEmissions = 89,
  kLeases = 90,
  kRecoveries = 91,
  kExtinctions = 92,
  kAttainments = 93,
  kTradeCertificates = 94,     // cold
  kTradeCertificateOf = 95,    // cold
  kTradeBars = 96,
  kTradeDays = 97,
  kControlPolicies = 98,
  kAccountControls = 99,
  kTrustedAccounts = 100,
  kTransferProposals = 101,
  kBankStatements = 102,
  kBankLines = 103,
  kDayOneImports = 104,
  kDayOneRows = 105,
  kTradeDeadlines = 106,
  kClosures = 107,
  kMarketHalts = 108,
  kDailyBars = 109,            // cold
  kRulebookVersions = 110,
  kAuctionCalls = 111,
  kSettlementBatches = 112,
  kSettlementObjections = 113,
  kDeliveryDefaults = 114,
  kLargeHolders = 116,
  kRegionStatuses = 117,
  kCrossings = 118,
  kSurveillanceFlags = 119,
  kListings = 120,
  kIntents = 122,
  kNegotiations = 123,
  kAuctions = 125,
  kAuctionBidders = 126,
  kConsignments = 127,
  kAuctionBids = 128,
  kAuctionAwards = 129,        // cold
  kConsents = 130,
  kDistributions = 131,        // cold
  kInsolvencies = 132,
  kAuthorisations = 133,
  kInquiries = 134,            // cold
  kInquiryIndex = 135,         // cold
  kInsurances = 136,
  kMapState = 140,
  kPendingCertificates = 141,
  kCertificates = 142,         // cold
  kCertificateIndex = 143,     // cold
  kCertificateProofs = 144,    // cold
  kWitnesses = 145,
  kWitnessPolicy = 146,
  kCosignatures = 147,         // cold
  kReductionTasks = 148,
  kWatchedPairs = 160,
  kWatchedGroups = 161,
  kContractDays = 172,
};

class TableBase;

// All tables of one state machine.
class TableSet {
 public:
  TableSet() = default;
  TableSet(const TableSet&) = delete;
  TableSet& operator=(const TableSet&) = delete;

  // Encodes every row changed since the last call, table by table, into `changes`.
  void CollectChanges(RowChanges* changes);
  // Grows with every Insert, Edit and Erase; a refused command must leave it as it was.
  uint64_t change_count() const { return change_count_; }
  // False for a cold table, of which nothing is taken back into memory.
  bool IsLoaded(uint16_t table) const;
  // Takes one stored row back into memory. DATA_LOSS on a malformed row or an unknown table. REQUIRES: IsLoaded(table), or the table is unknown.
  absl::Status Load(uint16_t table, std::string_view value);
  // To be called once after the last Load: rebuilds every index.
  void FinishLoad();
  // Told of every row that a cold table with kReadBack writes, so that a later command of the same group can read it.
  using ColdListener = std::function<void(uint16_t table, const std::string& key, const std::string& value)>;
  void OnColdRow(ColdListener listener) { cold_listener_ = std::move(listener); }

 private:
  friend class TableBase;
  std::map<uint16_t, TableBase*> tables_;
  uint64_t change_count_ = 0;
  ColdListener cold_listener_;
};

class TableBase {
 public:
  TableBase(TableSet* set, RowTable id) : set_(set), id_(static_cast<uint16_t>(id)) {
    SONGHUA_CHECK(set->tables_.emplace(id_, this).second);
  }
  virtual ~TableBase() { set_->tables_.erase(id_); }

  virtual void Collect(RowChanges* changes) = 0;
  virtual bool IsLoaded() const = 0;
  virtual absl::Status Load(std::string_view value) = 0;
  virtual void FinishLoad() {}

 protected:
  void CountChange() { ++set_->change_count_; }
  void TellColdRow(const std::string& key, const std::string& value) {
    if (set_->cold_listener_) set_->cold_listener_(id_, key, value);
  }
  uint16_t id() const { return id_; }

 private:
  TableSet* set_;
  uint16_t id_;
};

// Composite keys are tuples; KeyEncoder writes their parts in order.
template <class Key>
void AppendRowKey(const Key& key, std::string* bytes) {
  KeyEncoder encoder(bytes);
  if constexpr (requires { std::tuple_size<Key>::value; }) {
    std::apply([&](const auto&... parts) { encoder(parts...); }, key);
  } else {
    encoder(key);
  }
}
template <class Key>
std::string EncodeRowKey(const Key& key) {
  std::string bytes;
  AppendRowKey(key, &bytes);
  return bytes;
}

// The key under which a row is stored.
template <class Row>
void AppendStoredKey(const Row& row, std::string* bytes) {
  if constexpr (requires { row.StoredKey(); }) {
    AppendRowKey(row.StoredKey(), bytes);
  } else {
    AppendRowKey(row.Key(), bytes);
  }
}

// The type of that key.
template <class Row>
struct StoredKeyType {
  using Type = decltype(std::declval<const Row&>().Key());
};
template <class Row>
  requires requires(const Row& row) { row.StoredKey(); }
struct StoredKeyType<Row> {
  using Type = decltype(std::declval<const Row&>().StoredKey());
};
template <class Row>
using StoredKeyOf = typename StoredKeyType<Row>::Type;

// Where the rows of a table lie: in blocks, so that they keep their address, neighbours in time are neighbours in memory, and what comes and goes
// often costs no allocation.
template <class Slot>
class SlotPool {
 public:
  // A slot as it is when nothing was ever in it.
  Slot* Take() {
    if (free_.empty()) AddBlock();
    Slot* slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void Give(Slot* slot) {
    *slot = Slot();
    free_.push_back(slot);
  }

 private:
  static constexpr size_t kFirstBlockSlots = 16;
  static constexpr size_t kBlockSlotsMax = 1024;

  void AddBlock() {
    const size_t slots = blocks_.empty() ? kFirstBlockSlots : std::min(kBlockSlotsMax, last_block_slots_ * 2);
    last_block_slots_ = slots;
    blocks_.push_back(std::make_unique<Slot[]>(slots));
    for (size_t i = slots; i > 0; --i) free_.push_back(&blocks_.back()[i - 1]);  // the first is taken first
  }

  std::vector<std::unique_ptr<Slot[]>> blocks_;
  size_t last_block_slots_ = 0;
  std::vector<Slot*> free_;
};

// Finds rows by any key.
template <class Key, class Slot>
class HashIndex {
 public:
  Slot* Find(const Key& key) const {
    auto it = slots_.find(key);
    return it == slots_.end() ? nullptr : it->second;
  }
  // False: there is one already.
  bool Insert(const Key& key, Slot* slot) { return slots_.emplace(key, slot).second; }
  // REQUIRES: it is there.
  void Erase(const Key& key) { SONGHUA_CHECK(slots_.erase(key) == 1); }
  void Prefetch(const Key& key) const { slots_.prefetch(key); }
  size_t size() const { return slots_.size(); }

 private:
  absl::flat_hash_map<Key, Slot*> slots_;
};

// Finds rows by their number: one load, no hashing. For numbers that the service gives, 1, 2, 3 ..., as memory goes by the highest.
template <class Key, class Slot>
class NumberIndex {
 public:
  Slot* Find(Key key) const { return key < slots_.size() ? slots_[key] : nullptr; }
  bool Insert(Key key, Slot* slot) {
    if (key >= slots_.size()) slots_.resize(std::max<size_t>(key + 1, slots_.size() * 2));
    if (slots_[key] != nullptr) return false;
    slots_[key] = slot;
    ++size_;
    return true;
  }
  void Erase(Key key) {
    SONGHUA_CHECK(Find(key) != nullptr);
    slots_[key] = nullptr;
    --size_;
  }
  void Prefetch(Key key) const {
    if (key < slots_.size()) __builtin_prefetch(&slots_[key]);
  }
  size_t size() const { return size_; }

 private:
  std::vector<Slot*> slots_;
  size_t size_ = 0;
};

template <class Row>
inline constexpr bool kIsNumbered = requires { requires Row::kNumbered; };

template <class Row>
class Table : public TableBase {
 public:
  using Key = decltype(std::declval<const Row&>().Key());

  explicit Table(TableSet* set) : TableBase(set, Row::kTable) {}

  const Row* Find(const Key& key) const { return rows_.Find(key); }
  // Brings what Find reads towards the cache.
  void Prefetch(const Key& key) const { rows_.Prefetch(key); }
  Row* FindMutable(const Key& key) { return const_cast<Row*>(Find(key)); }
  size_t size() const { return rows_.size(); }

  // REQUIRES: no row with this key.
  Row& Insert(Row row) {
    Slot* slot = pool_.Take();
    static_cast<Row&>(*slot) = std::move(row);
    SONGHUA_CHECK(rows_.Insert(slot->Key(), slot));
    slot->dirty = true;
    dirty_.push_back(slot);
    CountChange();
    return *slot;
  }

  // Marks a row of this table as changed and gives it back. The key's fields must stay as they are.
  Row& Edit(const Row& row) {
    Slot* slot = SlotOf(row);
    if (!slot->dirty) {
      slot->dirty = true;
      dirty_.push_back(slot);
    }
    CountChange();
    return *slot;
  }

  // REQUIRES: a row of this table. It may be read until the group's changes are collected; its address is invalid afterwards.
  void Erase(const Row& row) {
    Slot* slot = SlotOf(row);
    rows_.Erase(row.Key());
    slot->erased = true;
    if (!slot->dirty) {
      slot->dirty = true;
      dirty_.push_back(slot);
    }
    CountChange();
  }

  // Called for each row that a group changed, as its changes are collected. Not for rows that it erased.
  void OnCollected(std::function<void(const Row&)> callback) { on_collected_ = std::move(callback); }
  // Called for each row taken back by FinishLoad, in the order of their encoded keys, so that indexes can be rebuilt.
  void OnLoaded(std::function<void(Row&)> callback) { on_loaded_ = std::move(callback); }

  void Collect(RowChanges* changes) override {
    for (Slot* slot : dirty_) {
      key_.clear();
      AppendStoredKey<Row>(*slot, &key_);
      if (slot->erased) {
        changes->Delete(id(), key_, slot->stored);
        pool_.Give(slot);
        continue;
      }
      changes->PutRow(id(), key_, static_cast<const Row&>(*slot), slot->stored);
      if (on_collected_) on_collected_(*slot);
      slot->dirty = false;
      slot->stored = true;
    }
    dirty_.clear();
  }

  bool IsLoaded() const override { return true; }
  absl::Status Load(std::string_view value) override {
    Slot* slot = pool_.Take();
    if (auto status = DecodeValue(value, static_cast<Row*>(slot)); !status.ok()) return status;
    slot->stored = true;
    if (!rows_.Insert(slot->Key(), slot)) return absl::DataLossError("the same row twice");
    loaded_.push_back(slot);
    return absl::OkStatus();
  }

  void FinishLoad() override {
    if (on_loaded_) {
      for (Slot* slot : loaded_) on_loaded_(*slot);
    }
    loaded_.clear();
    loaded_.shrink_to_fit();
  }

 private:
  struct Slot : Row {
    bool dirty = false;   // in dirty_
    bool stored = false;  // a group before this one has published it
    bool erased = false;  // in dirty_ only: its key is still to be told
  };
  static Slot* SlotOf(const Row& row) { return static_cast<Slot*>(const_cast<Row*>(&row)); }

  std::conditional_t<kIsNumbered<Row>, NumberIndex<Key, Slot>, HashIndex<Key, Slot>> rows_;
  SlotPool<Slot> pool_;
  std::vector<Slot*> dirty_;
  std::vector<Slot*> loaded_;
  std::string key_;
  std::function<void(Row&)> on_loaded_;
  std::function<void(const Row&)> on_collected_;
};

// Rows that are written once and not kept in memory: statements, history. Readers find them in the store; the state machine, where it
// needs one, has it fetched beforehand (CommandContext::cold). A row type that the state machine reads back declares
// `static constexpr bool kReadBack = true;`.
template <class Row>
class ColdTable : public TableBase {
 public:
  explicit ColdTable(TableSet* set) : TableBase(set, Row::kTable) {}

  // Takes a row out of the store again. REQUIRES of rows that are read back: no command has read it, since a replay would not find it.
  void Erase(const std::decay_t<decltype(std::declval<const Row&>().Key())>& key) {
    const size_t start = bytes_.size();
    AppendRowKey(key, &bytes_);
    pending_.push_back({start, bytes_.size(), bytes_.size(), true});
    CountChange();
  }

  void Append(const Row& row) {
    Pending pending{bytes_.size(), 0, 0};
    AppendRowKey(row.Key(), &bytes_);
    pending.value = bytes_.size();
    Encoder encoder(&bytes_);
    encoder(row);
    pending.end = bytes_.size();
    pending_.push_back(pending);
    if constexpr (requires { Row::kReadBack; }) TellColdRow(std::string(KeyOf(pending)), std::string(ValueOf(pending)));
    CountChange();
  }

  void Collect(RowChanges* changes) override {
    for (const Pending& pending : pending_) {
      if (pending.erased) {
        changes->Delete(id(), KeyOf(pending));
      } else {
        changes->Put(id(), KeyOf(pending), ValueOf(pending), false);
      }
    }
    pending_.clear();
    bytes_.clear();
  }
  bool IsLoaded() const override { return false; }
  absl::Status Load(std::string_view) override { return absl::InternalError("a row of a table that is not loaded"); }

 private:
  // Of bytes_: where the key begins, the value begins, and it ends.
  struct Pending {
    size_t key, value, end;
    bool erased = false;
  };
  std::string_view KeyOf(const Pending& row) const { return std::string_view(bytes_).substr(row.key, row.value - row.key); }
  std::string_view ValueOf(const Pending& row) const { return std::string_view(bytes_).substr(row.value, row.end - row.value); }

  std::string bytes_;
  std::vector<Pending> pending_;
};

}  // namespace songhua

#endif  // SONGHUA_LEDGER_TABLES_H_
