#include "exchange/pledge_sales.h"

#include <optional>
#include <utility>

#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

bool IsAuction(v1::Trade::Form form) { return form == v1::Trade::E_AUCTION || form == v1::Trade::SEALED_AUCTION; }

// The form, with the fields that only some forms have.
absl::StatusOr<v1::Trade::Form> ReadSaleForm(const v1::OfferPledgedUnitsRequest& request) {
  v1::Trade::Form form;
  const bool known = v1::Trade::Form_Parse(request.form(), &form) && (IsAuction(form) || form == v1::Trade::LISTING || form == v1::Trade::AGREEMENT);
  if (!known) return InvalidField("form", request.form(), "E_AUCTION, SEALED_AUCTION, LISTING or AGREEMENT").Rule("DR-42");
  const bool agreed = form == v1::Trade::AGREEMENT;
  if (!agreed && !request.buyer_account().empty()) return InvalidField("buyer_account", request.buyer_account(), "nothing but of an AGREEMENT").Rule("DR-42");
  const std::string& contract_number = request.contract_number();
  if (!agreed && !contract_number.empty()) return InvalidField("contract_number", contract_number, "nothing but of an AGREEMENT").Rule("DR-42");
  if (agreed && (contract_number.empty() || contract_number.size() > Negotiations::kReferenceBytesMax)) {
    return InvalidField("contract_number", contract_number, "that of the contract on paper, 1 to 100 bytes").Rule("DR-47");
  }
  if (form != v1::Trade::LISTING && !request.last_date().empty()) return InvalidField("last_date", request.last_date(), "nothing but of a LISTING").Rule("DR-42");
  return form;
}

// What the parties, or the court, said of how it is to be sold (PLG-31).
absl::Status CheckMode(const ledger::PledgeRow& pledge, v1::Trade::Form form) {
  const auto refused = [&](std::string_view accepted) {
    return Precondition("FORM_NOT_AGREED", "PLG-31").Field("form").Value(v1::Trade::Form_Name(form)).Accepted(
        std::string(accepted) + ": " + ledger::MakeName("pledges", pledge.number) + " is enforced by " + v1::Enforcement::Mode_Name(pledge.mode));
  };
  switch (pledge.mode) {
    case v1::Enforcement::AGREED_VALUE: return form == v1::Trade::AGREEMENT ? absl::OkStatus() : absl::Status(refused("AGREEMENT"));
    case v1::Enforcement::SALE: return form == v1::Trade::LISTING ? absl::OkStatus() : absl::Status(refused("LISTING"));
    case v1::Enforcement::AUCTION: return IsAuction(form) ? absl::OkStatus() : absl::Status(refused("E_AUCTION or SEALED_AUCTION"));
    default: return refused("none, the reserve buys them back");
  }
}

}  // namespace

absl::StatusOr<v1::PledgeAnswer> PledgeSales::OfferPledgedUnits(CommandContext& context, const v1::OfferPledgedUnitsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const v1::Trade::Form form, ReadSaleForm(request));
  SONGHUA_ASSIGN_OR_RETURN(const ledger::Pledges::Offer offer, parts_.pledges->CheckOffer(context, request));
  if (offer.consent == 0) SONGHUA_RETURN_IF_ERROR(CheckMode(*offer.pledge, form));
  SONGHUA_ASSIGN_OR_RETURN(const std::string sale, Sell(context, request, form, offer));
  return parts_.pledges->NoteOffer(context, offer, sale);
}

absl::StatusOr<std::string> PledgeSales::Sell(CommandContext& context, const v1::OfferPledgedUnitsRequest& request, v1::Trade::Form form,
                                              const ledger::Pledges::Offer& offer) {
  const SalePledge pledge{.number = offer.pledge->number, .consent = offer.consent};
  const ledger::AccountRow& account = *parts_.ledger->accounts().Find(offer.lot->account);
  if (IsAuction(form)) {
    AuctionApplication application;
    application.kind = form == v1::Trade::E_AUCTION ? v1::Auction::ASCENDING : v1::Auction::SEALED;
    application.contract = request.contract();
    application.account = account.number;
    application.account_name = ledger::AccountName(account);
    application.quantity = Quantity(request.quantity());
    application.reserve = Price(request.price_fen());
    application.lots = {offer.lot->number};
    application.pledge = pledge;
    SONGHUA_ASSIGN_OR_RETURN(const v1::AuctionAnswer answer, parts_.auctions->Apply(context, std::move(application)));
    return answer.auction().name();
  }
  OffBookEntry entry{.form = form, .side = Side::kSell};
  entry.account = account.number;
  entry.account_name = ledger::AccountName(account);
  entry.price = Price(request.price_fen());
  entry.quantity = Quantity(request.quantity());
  entry.lots = {offer.lot->number};
  entry.pledge = pledge;
  if (form == v1::Trade::AGREEMENT) return Agree(context, request, std::move(entry));
  std::optional<Date> until;
  if (offer.consent != 0) until = parts_.pledges->FindConsent(offer.consent)->last;
  SONGHUA_ASSIGN_OR_RETURN(const v1::ListingAnswer answer,
                           parts_.listings->Post(context, std::move(entry), request.contract(), request.last_date(), /*all_or_none=*/false, until));
  return answer.listing().name();
}

// Within an entity group it is RELATED, which whoever reads the trade sees (DR-31).
absl::StatusOr<std::string> PledgeSales::Agree(CommandContext& context, const v1::OfferPledgedUnitsRequest& request, OffBookEntry entry) {
  SONGHUA_RETURN_IF_ERROR(parts_.exchange->TermsFor(entry.form, request.contract(), context.today, &entry.contract).status());
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* buyer, parts_.ledger->accounts().Resolve("buyer_account", request.buyer_account()));
  if (buyer->participant.empty() || buyer->participant == parts_.ledger->accounts().Find(entry.account)->participant) {
    return InvalidField("buyer_account", request.buyer_account(), "an account of another participant than the pledgor").Rule("DR-31");
  }
  entry.related = parts_.exchange->SameGroup(entry.account, buyer->number);
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t negotiation, parts_.negotiations->OfferAgreement(context, std::move(entry), buyer->number, request.contract_number()));
  return ledger::MakeName("negotiations", negotiation);
}

}  // namespace songhua::exchange
