// The sealed auctions of the markets we know, as policies (international.md 2.1 to 2.6, china.md CAR-20 and DR-46). Prices are in the
// currency's smallest step. What changes from notice to notice is a parameter; a caller may change any other field, and asks CheckPolicy.
#ifndef SONGHUA_EXCHANGE_AUCTIONS_SEALED_PROFILES_H_
#define SONGHUA_EXCHANGE_AUCTIONS_SEALED_PROFILES_H_

#include <cstdint>
#include <vector>

#include "exchange/auctions/sealed_policy.h"

namespace songhua::exchange {

// Kinds of bidders in RggiPolicy and WciPolicy.
inline constexpr uint8_t kCoveredEntity = 1;
inline constexpr uint8_t kVoluntaryParticipant = 2;

// EU (2.1): lots of 500, one price, ties by lot. Bids for less: cancelled. A price further under the secondary market's than
// `secondary_bps`: cancelled. The regulation publishes no bound; it is the method fixed in advance (item 6).
SealedPolicy EuPolicy(int32_t secondary_bps);

// UK (2.2): as EU, with a published reserve; bids for less are sold at the lowest of them; a price too far under the secondary market's is
// raised.
SealedPolicy UkPolicy(Price reserve, int32_t secondary_bps);

// RGGI (2.3): lots of 1,000, one price, ties by lot; nothing under the reserve; bids for less are sold at it; CCR and ECR; nobody above 25
// % of what is offered; a bid that its bidder's security does not cover falls away.
SealedPolicy RggiPolicy(Price reserve, std::vector<PriceTier> containment, std::vector<PriceTier> withholding);

// California and Quebec (2.4): lots of 1,000, shared pro rata by single units; limits of 25 % and 4 %; the guarantee cuts and tests again;
// consigned units first.
SealedPolicy WciPolicy(Price floor);

// A sale of reserves (2.4 item 9): Quebec's categories A, B and C, or California's tiers.
SealedPolicy WciReservePolicy(std::vector<PriceTier> tiers);

// KRX (2.6): at least 1,000 t in steps of 100 t, ticks of 50 won, one bid each, ties by time; nothing under the minimum price.
SealedPolicy KrxPolicy(Price minimum);

// EPA (2.5): each winner pays its own bid; no reserve; private offers after EPA's own from the lowest ask up; ties by lot (the source
// leaves lot or pro rata open).
SealedPolicy EpaPolicy();

// One-way auction of carbon allowances (CAR-20): whoever applied sells (`bidders` buy) or buys (`bidders` sell) at a reserve that the
// notice publishes; ties by time.
SealedPolicy CeaOneWayPolicy(Side bidders, SealedPricing pricing, Price reserve);

// A sale of discharge rights from the reserve to several (DR-46): ties by time; the bid at the margin takes a part only if it said so; pays
// as bid unless told otherwise. Terms and lots are the contract's: the caller sets them.
SealedPolicy ReserveAuctionPolicy(Price floor, SealedPricing pricing = SealedPricing::kPayAsBid);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_AUCTIONS_SEALED_PROFILES_H_
