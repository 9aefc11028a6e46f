#include "ledger/proofs/lot_statement.h"

#include <set>

#include "ledger/codec.h"
#include "ledger/refusal.h"

namespace songhua::proofs {
namespace {

constexpr Digest kNoDetail{};

Refuse MalformedStatement(std::string_view where, std::string_view field) {
  return Refuse(absl::StatusCode::kInvalidArgument, "STATEMENT_MALFORMED").Field(std::string(where) + "." + std::string(field));
}

// Reads exactly one value of a type that begins with its version and its lot.
template <class Detail>
absl::StatusOr<Detail> DecodeOpened(std::string_view bytes, uint64_t lot, std::string_view where) {
  const auto malformed = [&](std::string_view field) {
    return Refuse(absl::StatusCode::kInvalidArgument, "OPENING_MALFORMED").Field(std::string(where) + std::string(field));
  };
  const uint8_t version = bytes.empty() ? 0 : static_cast<uint8_t>(bytes[0]);
  if (version != kStatementVersion) {
    return malformed(".version").Value(bytes.empty() ? "nothing" : std::to_string(version)).Accepted(std::to_string(kStatementVersion) + ", the newest that this program reads");
  }
  Detail detail;
  if (!DecodeValue(bytes, &detail).ok()) return malformed("").Value(std::to_string(bytes.size()) + " bytes").Accepted("the fields of version 1, and nothing after them");
  if (detail.lot != lot) return malformed(".lot").Value("lots/" + std::to_string(detail.lot)).Accepted("lots/" + std::to_string(lot) + ", whose statement it belongs to");
  return detail;
}

}  // namespace

bool IsKnown(EncumbranceKind kind) { return kind <= EncumbranceKind::kAllocation || kind == EncumbranceKind::kFreeze; }

absl::Status CheckForm(const LotStatement& statement, std::string_view where) {
  if (statement.version != kStatementVersion) {
    return MalformedStatement(where, "version").Value(statement.version).Accepted(std::to_string(kStatementVersion) + ", the newest that this program reads");
  }
  if (statement.quantity < 0) return MalformedStatement(where, "quantity").Value(statement.quantity).Accepted("0 or more");
  if (statement.title == kNoDetail) return MalformedStatement(where, "title").Value("zero bytes").Accepted("a commitment");
  if (statement.encumbrances.size() > kEncumbrancesMax) {
    return MalformedStatement(where, "encumbrances").Value(std::to_string(statement.encumbrances.size()) + " entries").Accepted("at most " + std::to_string(kEncumbrancesMax));
  }
  std::set<Digest> commitments = {statement.title};
  for (size_t i = 0; i < statement.encumbrances.size(); ++i) {
    const Encumbrance& e = statement.encumbrances[i];
    const std::string entry = "encumbrances[" + std::to_string(i) + "]";
    const int kind = static_cast<int>(e.kind);
    if (!IsKnown(e.kind)) return MalformedStatement(where, entry + ".kind").Value(kind).Accepted("0 to 9, or 100");
    if (i > 0 && e.kind < statement.encumbrances[i - 1].kind) {
      return MalformedStatement(where, entry + ".kind").Value(kind).Accepted("the kinds in ascending order, and before it is " + std::to_string(static_cast<int>(statement.encumbrances[i - 1].kind)));
    }
    if (i > 0 && e.kind == statement.encumbrances[i - 1].kind && !HasDetail(e.kind)) {
      return MalformedStatement(where, entry + ".kind").Value(kind).Accepted("one sum for this kind, not two");
    }
    if (e.quantity < 1) return MalformedStatement(where, entry + ".quantity").Value(e.quantity).Accepted("1 or more");
    if (!HasDetail(e.kind)) {
      if (e.detail != kNoDetail) return MalformedStatement(where, entry + ".detail").Value(ToHex(e.detail)).Accepted("zero bytes: this kind has no detail");
    } else if (e.detail == kNoDetail) {
      return MalformedStatement(where, entry + ".detail").Value("zero bytes").Accepted("a commitment");
    } else if (!commitments.insert(e.detail).second) {
      return MalformedStatement(where, entry + ".detail").Value(ToHex(e.detail)).Accepted("a commitment that stands in the statement once");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSums(const LotStatement& statement, std::string_view where) {
  int64_t left = statement.quantity;
  for (const Encumbrance& e : statement.encumbrances) {
    if (e.kind == EncumbranceKind::kFreeze) continue;
    if (e.quantity > left) {
      return Refuse(absl::StatusCode::kInvalidArgument, "LOT_OVERDRAWN")
          .Field(std::string(where) + ".encumbrances")
          .Value("more than " + std::to_string(statement.quantity))
          .Accepted("holds and pledges of together at most " + std::to_string(statement.quantity) + ", the quantity of lots/" + std::to_string(statement.lot));
    }
    left -= e.quantity;
  }
  return absl::OkStatus();
}

absl::StatusOr<Title> DecodeTitle(std::string_view bytes, uint64_t lot, std::string_view where) { return DecodeOpened<Title>(bytes, lot, where); }
absl::StatusOr<PledgeDetail> DecodePledgeDetail(std::string_view bytes, uint64_t lot, std::string_view where) {
  return DecodeOpened<PledgeDetail>(bytes, lot, where);
}
absl::StatusOr<FreezeDetail> DecodeFreezeDetail(std::string_view bytes, uint64_t lot, std::string_view where) {
  return DecodeOpened<FreezeDetail>(bytes, lot, where);
}

Digest Commit(const Opening& opening) { return Commit(opening.salt, opening.bytes); }
Digest Commit(const Digest& salt, std::string_view bytes) { return Sha256Of(AsBytes(salt), bytes); }
Digest SaltOf(const Digest& secret, std::string_view bytes) { return Sha256Of(AsBytes(secret), AsBytes(Sha256Of(bytes))); }

Digest StatementValue(const LotStatement& statement, const Digest& salt) { return Commit(salt, EncodeValue(statement)); }
Digest LotKey(uint64_t lot) { return Sha256Of("songhua lot", EncodeValue(lot)); }

}  // namespace songhua::proofs
