// Trade certificates (排污权交易凭证, DR-50): what a buyer shows to the permitting authority, as data and as it is printed.
//
// A certificate is issued with the settlement of a trade of rights that an officer has verified. Its number is region (6), day of the settlement (8) and a
// serial number of that day and region (6); a contract whose control zone is no region has 000000. What stands in it follows from the trade and its contract
// alone and never changes; whether it still proves anything does: the certificate of a trade that was reversed is void.
//
// Every print carries a check code: 20 hexadecimal digits, in groups of four, of a SHA-256 over all that stands in it, the same in both languages. Pure
// functions; any thread.
#ifndef SONGHUA_EXCHANGE_TRADE_CERTIFICATES_H_
#define SONGHUA_EXCHANGE_TRADE_CERTIFICATES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "exchange/trades.h"
#include "ledger/identifiers.h"
#include "songhua/v1/trades.pb.h"

namespace songhua::exchange {

inline constexpr uint64_t kCertificateSerialMax = 999'999;

// Where the trade of a certificate is found. Cold.
struct TradeCertificateRow {
  static constexpr RowTable kTable = RowTable::kTradeCertificates;
  std::string number;
  TradeNumber trade = 0;

  std::string Key() const { return number; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, trade);
  }
};

// "22010020260105": the part of the number that certificates of one region and day share.
std::string CertificatePrefix(Region region, Date day);
// REQUIRES: 1 <= serial <= kCertificateSerialMax.
std::string CertificateNumber(const std::string& prefix, uint64_t serial);

// The names of those who traded.
struct TradeParties {
  std::string seller;  // "participants/{id}"
  std::string buyer;
  std::string seller_site;  // "sites/{id}"; empty: a reserve sold
  std::string buyer_site;
  std::string seller_display_name;
  std::string buyer_display_name;
};

// The certificate with its check code. REQUIRES: one was issued; `contract` is the trade's.
v1::TradeCertificate CertificateOf(const TradeFields& trade, const ContractRow& contract, const TradeParties& parties);

enum class CertificateLanguage : uint8_t { kChinese, kEnglish };
// "zh" or "en"; empty is "zh". INVALID_ARGUMENT.
absl::StatusOr<CertificateLanguage> ParseCertificateLanguage(std::string_view field, const std::string& text);
// As an officer expects to read it. Quantities in tonnes a year with three decimals, money in yuan.
std::string PrintCertificate(const v1::TradeCertificate& certificate, const TradeParties& parties, CertificateLanguage language);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_TRADE_CERTIFICATES_H_
