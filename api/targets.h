// Whom and where a request concerns (Target): what the scopes of the method table are held against. Each function resolves the thing that a request
// names; NOT_FOUND and INVALID_ARGUMENT name the field.
#ifndef SONGHUA_API_TARGETS_H_
#define SONGHUA_API_TARGETS_H_

#include <string>

#include "absl/status/statusor.h"
#include "api/engine/method.h"
#include "api/engine/state.h"

namespace songhua::api {

absl::StatusOr<Target> OfAccount(const State& state, std::string_view field, const std::string& name);
absl::StatusOr<Target> OfLot(const State& state, std::string_view field, const std::string& name);
absl::StatusOr<Target> OfSite(const State& state, std::string_view field, const std::string& name);
absl::StatusOr<Target> OfApplication(const State& state, std::string_view field, const std::string& name);
absl::StatusOr<Target> OfAbsence(const State& state, std::string_view field, const std::string& name);
// The officer's authority.
absl::StatusOr<Target> OfPerson(const State& state, std::string_view field, const std::string& name);
// The application that it belongs to, or its owner. Whether the application is the owner's is for Documents to say.
absl::StatusOr<Target> OfNewDocument(const State& state, const v1::Document& document);
absl::StatusOr<Target> OfEnterprise(const State& state, std::string_view field, const std::string& name);
// The enterprise that gave it.
absl::StatusOr<Target> OfAuthorisation(const State& state, std::string_view field, const std::string& name);
absl::StatusOr<Target> OfImport(const State& state, std::string_view field, const std::string& name);
absl::StatusOr<Target> OfPermit(const State& state, std::string_view field, const std::string& name);
absl::StatusOr<Target> OfOverlay(const State& state, std::string_view field, const std::string& name);
absl::StatusOr<Target> OfRegistration(const State& state, std::string_view field, const std::string& name);
absl::StatusOr<Target> OfFreeze(const State& state, std::string_view field, const std::string& name);
// The region is the contract's control zone.
absl::StatusOr<Target> OfTrade(const State& state, std::string_view field, const std::string& name);
// Of the trade that was not paid.
absl::StatusOr<Target> OfTraderBar(const State& state, std::string_view field, const std::string& name);
// The party in default.
absl::StatusOr<Target> OfDeliveryDefault(const State& state, std::string_view field, const std::string& name);
// Of an open order; one that is not is nobody's, and the exchange says under which rule it refuses to look for it.
absl::StatusOr<Target> OfOrder(const State& state, std::string_view field, const std::string& name);
absl::StatusOr<Target> OfListing(const State& state, std::string_view field, const std::string& name);
absl::StatusOr<Target> OfAuction(const State& state, std::string_view field, const std::string& name);
absl::StatusOr<Target> OfIntent(const State& state, std::string_view field, const std::string& name);
enum class PledgeSide { kPledgor, kPledgee, kBoth };
absl::StatusOr<Target> OfPledge(const State& state, std::string_view field, const std::string& name, PledgeSide side);
// The bank that gave it, "consents/{number}".
absl::StatusOr<Target> OfConsent(const State& state, std::string_view field, const std::string& name);
// The region is the lessor's site's.
enum class LeaseSide { kLessor, kLessee, kBoth };
absl::StatusOr<Target> OfLease(const State& state, std::string_view field, const std::string& name, LeaseSide side);
// The enterprise whose right it is; the region is its site's.
absl::StatusOr<Target> OfRecovery(const State& state, std::string_view field, const std::string& name);
enum class ProposalSide { kHolder, kDestination };
absl::StatusOr<Target> OfTransferProposal(const State& state, std::string_view field, const std::string& name, ProposalSide side);
// The region is the price's control zone.
absl::StatusOr<Target> OfPriceProposal(const State& state, std::string_view field, const std::string& name);
// The region is the plan's.
absl::StatusOr<Target> OfAllocation(const State& state, std::string_view field, const std::string& name);
absl::StatusOr<Target> OfPaidUseFee(const State& state, std::string_view field, const std::string& name);
absl::StatusOr<Target> OfSurplus(const State& state, std::string_view field, const std::string& name);
// The region of the status, the province of the approval.
absl::StatusOr<Target> OfRegionStatus(const State& state, std::string_view field, const std::string& name);
absl::StatusOr<Target> OfCrossing(const State& state, std::string_view field, const std::string& name);
// A control zone or region code.
absl::StatusOr<Target> OfRegion(std::string_view field, const std::string& code);

}  // namespace songhua::api

#endif  // SONGHUA_API_TARGETS_H_
