// Listings, intents and negotiations as they stand.
#include "api/reads/lookup.h"
#include "api/reads/published_prices.h"
#include "api/reads/reads.h"
#include "exchange/listings.h"
#include "exchange/negotiations.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {
namespace {

// Listings in words: whether one is below the base price of today is a matter of the day (DR-75).
class ListingWriter {
 public:
  ListingWriter(ReadContext* context, Lookup* lookup) : context_(*context), lookup_(*lookup) {}

  absl::Status Prepare() {
    SONGHUA_RETURN_IF_ERROR(context_.UseSnapshot());
    return prices_.Load(context_);
  }
  absl::StatusOr<v1::Listing> Write(const exchange::ListingRow& row) {
    SONGHUA_ASSIGN_OR_RETURN(const auto contract, context_.Get<exchange::ContractRow>(row.contract));
    SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup_.Account(row.account));
    SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup_.OfAccount(*account));
    SONGHUA_ASSIGN_OR_RETURN(const bool suspended, IsSuspended(row, *contract));
    return ToProto(row, ledger::MakeName("contracts", contract->code), context_.MaySee(target) ? ledger::AccountName(*account) : "", suspended,
                   context_.today());
  }

 private:
  absl::StatusOr<bool> IsSuspended(const exchange::ListingRow& row, const exchange::ContractRow& contract) {
    if (!row.has_floor || !row.OpenOn(context_.today())) return false;
    SONGHUA_ASSIGN_OR_RETURN(const auto program, context_.Get<ledger::ProgramRow>(contract.program));
    if (program->floor_policy != v1::FLOOR) return false;
    const ledger::BasePriceRow* price =
        prices_.rows().InForce(contract.program, contract.pollutant, contract.control_zone, contract.price_basis, context_.today());
    return price != nullptr && row.price < price->price;
  }

  ReadContext& context_;
  Lookup& lookup_;
  PublishedPrices prices_;
};

absl::StatusOr<Target> TargetOf(Lookup& lookup, const exchange::NegotiationRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* seller, lookup.Account(row.seller));
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* buyer, lookup.Account(row.buyer));
  SONGHUA_ASSIGN_OR_RETURN(Target target, lookup.OfAccount(*seller));
  SONGHUA_ASSIGN_OR_RETURN(const Target other, lookup.OfAccount(*buyer));
  target.participants.insert(target.participants.end(), other.participants.begin(), other.participants.end());
  return target;
}

absl::StatusOr<v1::Negotiation> MessageOf(ReadContext& context, Lookup& lookup, const exchange::NegotiationRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string contract, lookup.ContractName(row.contract));
  SONGHUA_ASSIGN_OR_RETURN(const std::string seller, lookup.AccountName(row.seller));
  SONGHUA_ASSIGN_OR_RETURN(const std::string buyer, lookup.AccountName(row.buyer));
  v1::Negotiation message = ToProto(row, contract, seller, buyer);
  if (row.state == v1::Negotiation::OPEN && !row.OpenAt(context.moment().now)) message.set_state(v1::Negotiation::EXPIRED);
  return message;
}

}  // namespace

absl::StatusOr<v1::ListingAnswer> GetListing(ReadContext& context, const v1::GetListingRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "listings", request.name()));
  Lookup lookup(&context);
  ListingWriter writer(&context, &lookup);
  SONGHUA_RETURN_IF_ERROR(writer.Prepare());
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<exchange::ListingRow>(number));
  if (!row.has_value()) return NotFound("name", request.name());
  v1::ListingAnswer answer;
  SONGHUA_ASSIGN_OR_RETURN(*answer.mutable_listing(), writer.Write(*row));
  return answer;
}

absl::StatusOr<v1::ListListingsAnswer> ListListings(ReadContext& context, const v1::ListListingsRequest& request) {
  Lookup lookup(&context);
  ListingWriter writer(&context, &lookup);
  SONGHUA_RETURN_IF_ERROR(writer.Prepare());
  exchange::ContractNumber contract = 0;
  if (!request.contract().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(contract, lookup.FindContract("contract", request.contract()));
  }
  const ledger::AccountRow* account = nullptr;
  if (!request.account().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(account, lookup.FindAccount("account", request.account()));
    SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(*account));
    SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  }
  v1::ListListingsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::ListingRow>(
      "",
      [&](const exchange::ListingRow& row) -> ReadContext::Added {
        if (contract != 0 && row.contract != contract) return 0;
        if (account != nullptr ? row.account != account->number : !row.OpenOn(context.today())) return 0;
        SONGHUA_ASSIGN_OR_RETURN(*answer.add_listings(), writer.Write(row));
        return answer.listings().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListIntentsAnswer> ListIntents(ReadContext& context, const v1::ListIntentsRequest& request) {
  Lookup lookup(&context);
  exchange::ContractNumber contract = 0;
  if (!request.contract().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(contract, lookup.FindContract("contract", request.contract()));
  }
  v1::ListIntentsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::IntentRow>(
      "",
      [&](const exchange::IntentRow& row) -> ReadContext::Added {
        if ((contract != 0 && row.contract != contract) || row.StateAt(context.moment().now) != v1::Intent::STANDING) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const std::string name, lookup.ContractName(row.contract));
        SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.Account(row.account));
        SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(*account));
        *answer.add_intents() = ToProto(row, name, context.MaySee(target) ? ledger::AccountName(*account) : "", context.moment().now);
        return answer.intents().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::NegotiationAnswer> GetNegotiation(ReadContext& context, const v1::GetNegotiationRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "negotiations", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<exchange::NegotiationRow>(number));
  if (!row.has_value()) return NotFound("name", request.name());
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const Target target, TargetOf(lookup, *row));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::NegotiationAnswer answer;
  SONGHUA_ASSIGN_OR_RETURN(*answer.mutable_negotiation(), MessageOf(context, lookup, *row));
  return answer;
}

absl::StatusOr<v1::ListNegotiationsAnswer> ListNegotiations(ReadContext& context, const v1::ListNegotiationsRequest& request) {
  Lookup lookup(&context);
  ledger::AccountNumber only = 0;
  if (!request.account().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.FindAccount("account", request.account()));
    only = account->number;
  }
  v1::ListNegotiationsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::NegotiationRow>(
      "",
      [&](const exchange::NegotiationRow& row) -> ReadContext::Added {
        if (only != 0 && row.seller != only && row.buyer != only) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const Target target, TargetOf(lookup, row));
        if (!context.MaySee(target)) return 0;
        SONGHUA_ASSIGN_OR_RETURN(*answer.add_negotiations(), MessageOf(context, lookup, row));
        return answer.negotiations().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
