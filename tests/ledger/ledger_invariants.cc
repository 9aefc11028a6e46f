#include "tests/ledger/ledger_invariants.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/leases.h"
#include "ledger/ledger.h"
#include "ledger/pledges.h"
#include "ledger/recoveries.h"
#include "ledger/row_changes.h"
#include "ledger/transfer_proposals.h"

namespace songhua::ledger {
namespace {

using AccountInstrument = std::pair<AccountNumber, InstrumentId>;

// Every row of one table, by its key on disk.
template <class Row>
std::vector<Row> Decode(const std::map<std::string, std::string>& rows) {
  std::vector<Row> decoded;
  const TableId table = static_cast<TableId>(Row::kTable);
  for (auto it = rows.lower_bound(RowKey(table, "")); it != rows.end() && RowKeyTable(it->first) == table; ++it) {
    Row row;
    EXPECT_TRUE(DecodeValue(it->second, &row).ok()) << "table " << table;
    decoded.push_back(std::move(row));
  }
  return decoded;
}

class Auditor {
 public:
  Auditor(const std::map<std::string, std::string>& rows, Date today) : today_(today), lots_(Decode<LotRow>(rows)) {
    for (const AccountRow& row : Decode<AccountRow>(rows)) accounts_[row.number] = row;
    for (const InstrumentRow& row : Decode<InstrumentRow>(rows)) instruments_[row.id] = row;
    for (const InstrumentClassRow& row : Decode<InstrumentClassRow>(rows)) classes_[row.id] = row;
    for (const BalanceRow& row : Decode<BalanceRow>(rows)) balances_[{row.account, row.instrument}] = row.posted.value();
    for (const CashRow& row : Decode<CashRow>(rows)) cash_[row.account] = row;
  }

  void CheckInstruments() const {
    std::map<std::pair<InstrumentId, v1::AccountKind>, int64_t> by_kind;
    for (const auto& [key, posted] : balances_) by_kind[{key.second, accounts_.at(key.first).kind}] += posted;
    const auto sum = [&](InstrumentId id, std::initializer_list<v1::AccountKind> kinds) {
      int64_t total = 0;
      for (v1::AccountKind kind : kinds) {
        const auto found = by_kind.find({id, kind});
        if (found != by_kind.end()) total += found->second;
      }
      return total;
    };
    for (const auto& [id, row] : instruments_) {
      SCOPED_TRACE("instrument " + std::to_string(id));
      EXPECT_EQ(row.issued.value(), -sum(id, {v1::ISSUED}));
      EXPECT_EQ(row.held.value(), sum(id, {v1::RIGHTS, v1::REGISTRY, v1::TRADING, v1::RESERVE}));
      EXPECT_EQ(row.surrendered.value(), sum(id, {v1::SURRENDERED}));
      EXPECT_EQ(row.cancelled.value(), sum(id, {v1::CANCELLED}));
      EXPECT_EQ(row.lapsed.value(), sum(id, {v1::LAPSED}));
      EXPECT_EQ(row.extinguished.value(), sum(id, {v1::EXTINGUISHED}));
      EXPECT_EQ(row.reclaimed.value(), sum(id, {v1::RECLAIMED}));
      EXPECT_EQ(row.converted.value(), sum(id, {v1::CONVERTED}));
      EXPECT_EQ(row.issued, row.held + row.surrendered + row.cancelled + row.lapsed + row.extinguished + row.reclaimed + row.converted)
          << "INV-02";
    }
  }

  void CheckBalances() const {
    std::map<AccountInstrument, int64_t> in_lots;
    for (const LotRow& lot : lots_) {
      for (const YearQuantity& entry : lot.entitlements) {
        const InstrumentId id = InstrumentOf(lot.instrument_class, entry.year);
        if (id == 0) {
          EXPECT_EQ(entry.quantity, Quantity()) << "lot " << lot.number << " holds units of no instrument";
          continue;
        }
        in_lots[{lot.account, id}] += entry.quantity.value();
      }
    }
    for (const auto& [key, posted] : balances_) {
      const AccountRow& account = accounts_.at(key.first);
      if (account.kind != v1::ISSUED) {
        EXPECT_GE(posted, 0) << account.id << " INV-03";
      }
      if (!HoldsLiveUnits(account.kind)) continue;
      EXPECT_EQ(in_lots[key], posted) << "lots of " << account.id << ", instrument " << key.second << ", CAR-07";
      in_lots.erase(key);
    }
    for (const auto& [key, quantity] : in_lots) EXPECT_EQ(quantity, 0) << "lots without a balance in account " << key.first;
  }

  void CheckLots() const {
    std::map<uint64_t, std::map<int64_t, int64_t>> places;  // issuance -> start -> end
    for (const LotRow& lot : lots_) {
      SCOPED_TRACE("lot " + std::to_string(lot.number));
      EXPECT_GE(lot.quantity, Quantity());
      int64_t held = 0;
      for (const Quantity& quantity : lot.held) {
        EXPECT_GE(quantity, Quantity()) << "INV-03";
        held += quantity.value();
      }
      EXPECT_LE(held, lot.quantity.value()) << "INV-05: holds exclude each other";
      EXPECT_GE(lot.Available(today_), Quantity()) << "INV-03";
      for (const YearQuantity& entry : lot.entitlements) EXPECT_GE(entry.quantity, Quantity()) << entry.year;
      lot.right ? CheckRight(lot) : CheckSerial(lot, &places);
    }
  }

  void CheckIssuances(const std::vector<IssuanceRow>& issuances) const {
    std::map<uint64_t, const IssuanceRow*> by_number;
    for (const IssuanceRow& row : issuances) by_number[row.number] = &row;
    for (const LotRow& lot : lots_) {
      for (const SerialBlock& block : lot.blocks.blocks()) {
        const auto issuance = by_number.find(block.issuance);
        ASSERT_NE(issuance, by_number.end());
        EXPECT_TRUE(issuance->second->issued.Contains(block)) << FormatSerialBlock(block);
        EXPECT_EQ(issuance->second->instrument, InstrumentOf(lot.instrument_class, lot.vintage())) << FormatSerialBlock(block);
      }
    }
  }

  // Each statement's lines add up, in their order, to its last balance, and that is the account's.
  void CheckStatements(const std::vector<PostingRow>& lines) const {
    std::map<AccountInstrument, int64_t> sums;
    std::map<std::tuple<uint64_t, uint32_t, InstrumentId>, int64_t> changes;
    for (const PostingRow& line : lines) {
      int64_t& sum = sums[{line.account, line.instrument}];
      sum += line.change;
      EXPECT_EQ(line.balance, sum) << accounts_.at(line.account).id << " at " << line.sequence;
      changes[{line.sequence, line.index / 2, line.instrument}] += line.change;
    }
    for (const auto& [key, change] : changes) EXPECT_EQ(change, 0) << "posting of one side in transaction " << std::get<0>(key);
    for (const auto& [key, posted] : balances_) EXPECT_EQ(sums[key], posted) << accounts_.at(key.first).id;
    for (const auto& [account, row] : cash_) EXPECT_EQ((sums[{account, kCashInstrument}]), row.posted.value()) << accounts_.at(account).id;
  }

  void CheckCash() const {
    int64_t sum = 0;
    for (const auto& [account, row] : cash_) {
      sum += row.posted.value();
      EXPECT_GE(row.held_orders, Money());
      EXPECT_GE(row.held_trades, Money());
      if (accounts_.at(account).kind != v1::BANK_CASH) {
        EXPECT_GE(row.available(), Money()) << accounts_.at(account).id << " INV-04";
      }
    }
    EXPECT_EQ(sum, 0) << "INV-04";
  }

  void CheckCaps(const std::vector<ProgramRow>& programs) const {
    for (const ProgramRow& program : programs) {
      for (const CapRow& cap : program.caps) {
        std::map<int32_t, int64_t> live;
        for (const auto& [id, row] : instruments_) {
          const InstrumentClassRow& instrument_class = classes_.at(row.instrument_class);
          if (instrument_class.program != program.code || instrument_class.pollutant != cap.pollutant ||
              instrument_class.control_zone != cap.control_zone) {
            continue;
          }
          live[row.year] += row.held.value();
        }
        for (const auto& [year, quantity] : live) EXPECT_LE(quantity, cap.quantity.value()) << "INV-01, " << program.code << " " << year;
      }
    }
  }

  void CheckClaims(const std::vector<PledgeRow>& pledges, const std::vector<LeaseRow>& leases, const std::vector<RecoveryRow>& recoveries) const {
    std::map<std::pair<LotNumber, HoldKind>, int64_t> claimed;
    for (const PledgeRow& pledge : pledges) {
      const auto kind = PledgeHold(pledge.state);
      if (!kind.has_value()) continue;
      for (const PledgedPart& part : pledge.parts) claimed[{part.lot, *kind}] += part.Held().value();
    }
    for (const LeaseRow& lease : leases) {
      for (const auto& [lot, quantity] : HeldBy(lease)) claimed[{lot, HoldKind::kLease}] += quantity.value();
    }
    for (const RecoveryRow& recovery : recoveries) claimed[{recovery.lot, HoldKind::kRecovery}] += recovery.Held().value();
    for (const LotRow& lot : lots_) {
      for (HoldKind kind : {HoldKind::kProvisionalPledge, HoldKind::kPledge, HoldKind::kLease, HoldKind::kRecovery}) {
        EXPECT_EQ(lot.Held(kind).value(), (claimed[{lot.number, kind}])) << "INV-12, lot " << lot.number << " " << HoldKindName(kind);
      }
      // DR-66: every unit is free, held for one cause, or covered by a court's order and by nothing else.
      if (lot.right && today_ <= lot.term.last) {
        const Quantity covered = std::min(lot.Frozen(today_), lot.quantity - lot.Held());
        EXPECT_EQ(lot.quantity, lot.Available(today_) + lot.Held() + covered) << "DR-66, lot " << lot.number;
      }
    }
  }

  void CheckProposals(const std::vector<TransferProposalRow>& proposals) const {
    std::map<LotNumber, int64_t> claimed;
    for (const TransferProposalRow& proposal : proposals) {
      if (proposal.live()) claimed[proposal.lot] += proposal.quantity.value();
    }
    for (const LotRow& lot : lots_) EXPECT_EQ(lot.Held(HoldKind::kProposal).value(), claimed[lot.number]) << "INV-12, lot " << lot.number;
  }

  void CheckFreezes(const std::vector<FreezeRow>& freezes) const {
    std::map<uint64_t, const FreezeRow*> by_number;
    for (const FreezeRow& row : freezes) by_number[row.number] = &row;
    std::set<std::pair<LotNumber, uint64_t>> on_lots;
    for (const LotRow& lot : lots_) {
      for (const LotFreeze& entry : lot.freezes) {
        const auto freeze = by_number.find(entry.freeze);
        ASSERT_NE(freeze, by_number.end());
        EXPECT_FALSE(freeze->second->lifted) << "freeze " << entry.freeze;
        EXPECT_LE(entry.quantity, freeze->second->quantity);
        EXPECT_EQ(entry.in_force, freeze->second->in_force);
        EXPECT_TRUE(on_lots.insert({lot.number, entry.freeze}).second) << "freeze " << entry.freeze << " twice on lot " << lot.number;
      }
    }
    for (const FreezeRow& row : freezes) {
      if (!row.lifted && row.in_force.Contains(today_)) {
        EXPECT_TRUE(on_lots.contains({row.lot, row.number})) << "freeze " << row.number << " lies on no lot";
      }
    }
  }

 private:
  InstrumentId InstrumentOf(InstrumentClassId instrument_class, int32_t year) const {
    for (const auto& [id, row] : instruments_) {
      if (row.instrument_class == instrument_class && row.year == year) return id;
    }
    return 0;
  }

  void CheckRight(const LotRow& lot) const {
    EXPECT_TRUE(lot.blocks.empty());
    if (lot.quantity == Quantity() || lot.term.last < today_) return;  // of one that is over, years may have been closed (DR-10)
    for (const YearQuantity& entry : Entitlement(lot.quantity, lot.term)) {
      EXPECT_GE(QuantityOf(lot.entitlements, entry.year), entry.quantity)
          << "DR-06: fewer units of " << entry.year << " than the right's floor";
    }
  }

  void CheckSerial(const LotRow& lot, std::map<uint64_t, std::map<int64_t, int64_t>>* places) const {
    EXPECT_TRUE(lot.blocks.Validate().ok());
    EXPECT_EQ(lot.blocks.total(), lot.quantity);
    ASSERT_EQ(lot.entitlements.size(), 1u);
    EXPECT_EQ(lot.entitlements.front().quantity, lot.quantity);
    for (const SerialBlock& block : lot.blocks.blocks()) {
      std::map<int64_t, int64_t>& taken = (*places)[block.issuance];
      const auto after = taken.lower_bound(block.start);
      const bool clear =
          (after == taken.end() || after->first > block.end) && (after == taken.begin() || std::prev(after)->second < block.start);
      EXPECT_TRUE(clear) << FormatSerialBlock(block) << " lies in two places";
      taken[block.start] = block.end;
    }
  }

  Date today_;
  std::vector<LotRow> lots_;
  std::map<AccountNumber, AccountRow> accounts_;
  std::map<InstrumentId, InstrumentRow> instruments_;
  std::map<InstrumentClassId, InstrumentClassRow> classes_;
  std::map<AccountInstrument, int64_t> balances_;
  std::map<AccountNumber, CashRow> cash_;
};

}  // namespace

void ExpectLedgerInvariants(const std::map<std::string, std::string>& rows, Date today) {
  const Auditor auditor(rows, today);
  auditor.CheckInstruments();
  auditor.CheckBalances();
  auditor.CheckLots();
  auditor.CheckIssuances(Decode<IssuanceRow>(rows));
  auditor.CheckStatements(Decode<PostingRow>(rows));
  auditor.CheckCash();
  auditor.CheckCaps(Decode<ProgramRow>(rows));
  auditor.CheckClaims(Decode<PledgeRow>(rows), Decode<LeaseRow>(rows), Decode<RecoveryRow>(rows));
  auditor.CheckProposals(Decode<TransferProposalRow>(rows));
  auditor.CheckFreezes(Decode<FreezeRow>(rows));
}

}  // namespace songhua::ledger
