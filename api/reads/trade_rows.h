// Trades as rows, for reads of more than one kind.
#ifndef SONGHUA_API_READS_TRADE_ROWS_H_
#define SONGHUA_API_READS_TRADE_ROWS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "api/reads/lookup.h"
#include "api/reads/read_context.h"
#include "exchange/trade_certificates.h"
#include "exchange/trades.h"

namespace songhua::api::reads {

// A trade that waits for something, or the last step of one that is final; nullopt: there is none.
absl::StatusOr<std::optional<exchange::TradeFields>> TradeOf(ReadContext& context, exchange::TradeNumber number);

absl::StatusOr<v1::Trade> TradeMessage(ReadContext& context, Lookup& lookup, const exchange::TradeFields& trade);

// A certificate with what stands on it.
struct CertificateView {
  v1::TradeCertificate certificate;
  exchange::TradeParties parties;
};
// By the number of the certificate; nullopt: there is none.
absl::StatusOr<std::optional<CertificateView>> CertificateViewOf(ReadContext& context, const std::string& number);

}  // namespace songhua::api::reads

#endif  // SONGHUA_API_READS_TRADE_ROWS_H_
