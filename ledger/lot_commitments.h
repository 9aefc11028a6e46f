// The state map of this ledger: what is to be said of each lot (proofs/lot_statement.h), kept up as lots and pledges change, and the root that goes into the log.
//
// What the map says follows from rows alone, and from one secret that the journal holds: who replays the journal arrives at the same root. A change is noted as a group's
// changes are collected, and hashed when a root is asked for: a lot that changed a thousand times is hashed once.
//
// After a start nothing is in the map. It is filled a slice at a time (Fill), beside the commands; a root that is wanted before that fills it at once.
//
// One thread: the state machine's.
#ifndef SONGHUA_LEDGER_LOT_COMMITMENTS_H_
#define SONGHUA_LEDGER_LOT_COMMITMENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/pledges.h"
#include "ledger/proofs/certificate.h"
#include "ledger/proofs/lot_statement.h"
#include "ledger/proofs/state_map.h"
#include "ledger/tables.h"

namespace songhua::ledger {

// One row: the map's secret, and the last root.
struct MapStateRow {
  static constexpr RowTable kTable = RowTable::kMapState;
  Digest secret{};        // salts follow from it; in the journal and here, and told to nobody
  uint64_t sequence = 0;  // of the record that carries the last root; 0: none
  Timestamp time;
  Digest root{};
  uint64_t lots = 0;
  uint64_t covered = 0;  // up to here nothing happened that wants a new root

  uint32_t Key() const { return 0; }
  template <class Archive>
  void Fields(Archive& a) {
    a(secret, sequence, time, root, lots, covered);
  }
};

class LotCommitments {
 public:
  // Both outlive it. It listens to the rows of lots and pledges.
  LotCommitments(TableSet* tables, Ledger* ledger, Pledges* pledges);
  ~LotCommitments();

  // Null: there is no secret yet, and no map.
  const MapStateRow* state() const { return rows_.Find(0); }
  void SetSecret(const Digest& secret);
  // REQUIRES: a secret.
  void NoteRoot(uint64_t sequence, Timestamp time, const Digest& root, uint64_t lots);
  // That commands up to this sequence want no new root. REQUIRES: a secret.
  void NoteCovered(uint64_t sequence);

  // Whether every lot is in the map, as far as Fill has to see to it.
  bool filled() const { return next_ > ledger_->lots().size(); }
  // Puts up to `max` more lots into the map. REQUIRES: a secret.
  void Fill(size_t max);

  // Of the lots as they are now. REQUIRES: a secret; no change that was not collected.
  const Digest& Root();
  uint64_t size() const { return map_.size(); }

  // A lot's leaf, with the openings of its title, of courts' orders, and of its pledges: of `pledge`, or, where it is 0, of all. REQUIRES: Root() was called
  // since the last change; the lot exists.
  proofs::OpenedLot Open(LotNumber lot, uint64_t pledge) const;

 private:
  // What stays of a lot's title while these do; the commitment is computed again where one of them changed.
  struct TitleOf {
    AccountNumber account = 0;
    InstrumentClassId instrument_class = 0;
    Term term{};
    bool paid = false;
    std::string sector_class;
    Digest commitment{};
  };

  void Touch(LotNumber lot);
  void Put(LotNumber lot);
  proofs::Title MakeTitle(const LotRow& lot) const;
  const Digest& TitleCommitment(const LotRow& lot);
  proofs::LotStatement Statement(const LotRow& lot, const Digest& title) const;
  proofs::Opening OpenBytes(std::string bytes) const;

  Ledger* const ledger_;
  Pledges* const pledges_;
  Table<MapStateRow> rows_;
  proofs::StateMap map_;
  LotNumber next_ = 1;                // lots from here on are for Fill
  std::vector<LotNumber> touched_;    // lots before next_ that changed since they were put
  std::vector<bool> is_touched_;      // by number
  std::vector<TitleOf> titles_;       // by number
};

// What the map says of a pledge over one of its lots.
proofs::PledgeDetail PledgeDetailOf(const PledgeRow& row, const PledgedPart& part);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_LOT_COMMITMENTS_H_
