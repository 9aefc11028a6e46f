// What the state map says of a lot: how much it is, whose, and the complete list of what lies on it. Formats of version 1; FORMATS.md draws them.
//
// The list is complete by construction: one value per lot, so a second pledge of the same units would have to stand in the same list. What is said of the parties stands
// behind commitments, SHA-256(salt | bytes): whoever is given an opening (salt and bytes) can check it, and nobody can try guesses at one that was not opened.
//
// Everything here is a pure function or a plain value.
#ifndef SONGHUA_LEDGER_PROOFS_LOT_STATEMENT_H_
#define SONGHUA_LEDGER_PROOFS_LOT_STATEMENT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/sha256.h"

namespace songhua::proofs {

inline constexpr uint8_t kStatementVersion = 1;

// Numbers are in proofs. The first ten are those of ledger::HoldKind.
enum class EncumbranceKind : uint8_t {
  kOrder = 0,
  kTrade = 1,
  kListing = 2,
  kProvisionalPledge = 3,
  kPledge = 4,
  kLease = 5,
  kSurrender = 6,
  kProposal = 7,
  kRecovery = 8,
  kAllocation = 9,
  kFreeze = 100,
};
inline constexpr bool IsPledge(EncumbranceKind kind) { return kind == EncumbranceKind::kPledge || kind == EncumbranceKind::kProvisionalPledge; }
// Whether it stands one by one, each with a detail.
inline constexpr bool HasDetail(EncumbranceKind kind) { return IsPledge(kind) || kind == EncumbranceKind::kFreeze; }
bool IsKnown(EncumbranceKind kind);

// One hold, pledge or freeze. Holds of the market and the registry stand as one sum a kind, with no detail (zero bytes); pledges and freezes one by one.
struct Encumbrance {
  EncumbranceKind kind = EncumbranceKind::kOrder;
  int64_t quantity = 0;
  Digest detail{};  // commitment to a PledgeDetail or FreezeDetail

  template <class Archive>
  void Fields(Archive& a) {
    a(kind, quantity, detail);
  }
  friend bool operator==(const Encumbrance&, const Encumbrance&) = default;
};

// What a lot is, and whose. Names are resource names ("participants/91220101...") or the registry's codes.
struct Title {
  uint8_t version = kStatementVersion;
  uint64_t lot = 0;
  std::string account;        // "accounts/..."
  std::string participant;    // empty: a house account; "participants/91220101MA0Y3T5K7X"
  std::string site;           // "sites/..."; empty: none
  std::string instrument;     // "jilin-discharge-rights/SO2/220100/POWER"
  std::string unit;           // of `quantity`: "g/a" of rights, "t"
  std::string sector_class;
  std::string valid_from, valid_to;  // "2026-01-05"; empty of serial units
  int32_t vintage = 0;               // 0 of rights
  bool paid = false;

  template <class Archive>
  void Fields(Archive& a) {
    a(version, lot, account, participant, site, instrument, unit, sector_class, valid_from, valid_to, vintage, paid);
  }
  friend bool operator==(const Title&, const Title&) = default;
};

struct PledgeDetail {
  uint8_t version = kStatementVersion;
  uint64_t lot = 0;
  std::string pledge;   // "pledges/12"
  std::string pledgor;  // "participants/..."
  std::string pledgee;
  std::string state;      // "ACTIVE"
  int64_t since_us = 0;   // when the units were added, UTC microseconds
  int64_t principal_fen = 0;
  std::string contract_number;
  std::string unified_registry_number;  // empty: none (PLG-01)

  template <class Archive>
  void Fields(Archive& a) {
    a(version, lot, pledge, pledgor, pledgee, state, since_us, principal_fen, contract_number, unified_registry_number);
  }
  friend bool operator==(const PledgeDetail&, const PledgeDetail&) = default;
};

// Of a court's order (PLG-29).
struct FreezeDetail {
  uint8_t version = kStatementVersion;
  uint64_t lot = 0;
  std::string freeze;  // "freezes/3"
  std::string court, case_number;
  std::string first, last;  // "2026-01-05", both included

  template <class Archive>
  void Fields(Archive& a) {
    a(version, lot, freeze, court, case_number, first, last);
  }
  friend bool operator==(const FreezeDetail&, const FreezeDetail&) = default;
};

struct LotStatement {
  uint8_t version = kStatementVersion;
  uint64_t lot = 0;
  int64_t quantity = 0;  // in the smallest unit of its instrument
  Digest title{};        // commitment to a Title
  std::vector<Encumbrance> encumbrances;  // by kind, then by the number of pledge or freeze; none with quantity 0

  template <class Archive>
  void Fields(Archive& a) {
    a(version, lot, quantity, title, encumbrances);
  }
  friend bool operator==(const LotStatement&, const LotStatement&) = default;
};

inline constexpr size_t kEncumbrancesMax = 1000;

// INVALID_ARGUMENT, naming the field under `where`: what no version 1 statement is (FORMATS.md), an unknown version or kind, another order, a kind twice that stands as one sum, a
// quantity that is none, a commitment that is missing, needless or there twice. Says nothing of sums.
absl::Status CheckForm(const LotStatement& statement, std::string_view where);
// INVALID_ARGUMENT: holds and pledges are more than the lot.
absl::Status CheckSums(const LotStatement& statement, std::string_view where);

// Reads what stands behind a commitment. INVALID_ARGUMENT, naming `where`: not exactly one, a newer version, of another lot.
absl::StatusOr<Title> DecodeTitle(std::string_view bytes, uint64_t lot, std::string_view where);
absl::StatusOr<PledgeDetail> DecodePledgeDetail(std::string_view bytes, uint64_t lot, std::string_view where);
absl::StatusOr<FreezeDetail> DecodeFreezeDetail(std::string_view bytes, uint64_t lot, std::string_view where);

// The bytes behind a commitment, and its salt.
struct Opening {
  Digest salt{};
  std::string bytes;

  template <class Archive>
  void Fields(Archive& a) {
    a(salt, bytes);
  }
  friend bool operator==(const Opening&, const Opening&) = default;
};

// SHA-256(salt | bytes).
Digest Commit(const Opening& opening);
Digest Commit(const Digest& salt, std::string_view bytes);
// The salt of `bytes` under the map's secret: SHA-256(secret | SHA-256(bytes)). The same bytes always have the same salt, so that a map follows from state alone;
// who has not the secret can compute none.
Digest SaltOf(const Digest& secret, std::string_view bytes);

// What the state map says of the lot: the commitment to the statement's encoding.
Digest StatementValue(const LotStatement& statement, const Digest& salt);
// The key of a lot in the state map: SHA-256("songhua lot" | number as 8 bytes little-endian).
Digest LotKey(uint64_t lot);

}  // namespace songhua::proofs

#endif  // SONGHUA_LEDGER_PROOFS_LOT_STATEMENT_H_
