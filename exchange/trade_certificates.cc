#include "exchange/trade_certificates.h"

#include <utility>
#include <vector>

#include "ledger/check.h"
#include "ledger/check_codes.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::exchange {
namespace {

constexpr size_t kSerialDigits = 6;

// A name as the paper says it, with what it is registered under.
std::string Named(const std::string& display_name, const std::string& resource) {
  const size_t slash = resource.find('/');
  return display_name + " (" + (slash == std::string::npos ? resource : resource.substr(slash + 1)) + ")";
}

std::string WithoutCollection(const std::string& name) { return name.substr(name.find('/') + 1); }

}  // namespace

std::string CertificatePrefix(Region region, Date day) {
  std::string prefix = region == Region() ? std::string("000000") : FormatRegion(region);
  for (const char c : FormatDate(day)) {
    if (c != '-') prefix += c;
  }
  return prefix;
}

std::string CertificateNumber(const std::string& prefix, uint64_t serial) {
  SONGHUA_CHECK(1 <= serial && serial <= kCertificateSerialMax);
  const std::string digits = std::to_string(serial);
  return prefix + std::string(kSerialDigits - digits.size(), '0') + digits;
}

v1::TradeCertificate CertificateOf(const TradeFields& trade, const ContractRow& contract, const TradeParties& parties) {
  SONGHUA_CHECK(!trade.certificate.empty());
  v1::TradeCertificate message;
  message.set_name(ledger::MakeName("tradeCertificates", trade.certificate));
  message.set_trade(ledger::MakeName("trades", trade.number));
  message.set_seller(parties.seller);
  message.set_buyer(parties.buyer);
  message.set_seller_site(parties.seller_site);
  message.set_buyer_site(parties.buyer_site);
  message.set_program(ledger::MakeName("programs", contract.program));
  message.set_pollutant(contract.pollutant);
  message.set_control_zone(contract.control_zone);
  message.set_quantity(trade.quantity.value());
  message.set_term_first(FormatDate(contract.term.first));
  message.set_term_last(FormatDate(contract.term.last));
  message.set_price_fen(trade.price.value());
  message.set_price_basis(v1::PriceBasis_Name(contract.price_basis));
  message.set_amount_fen(trade.amount.value());
  *message.mutable_settle_time() = ledger::ToProto(trade.settle_time);
  message.set_settlement_route(trade.route);
  message.set_voided(trade.state == v1::REVERSED);
  message.set_check_code(CheckCodeOfParts("songhua trade certificate", trade.certificate, trade.number, parties.seller, parties.buyer, parties.seller_site,
                                          parties.buyer_site, parties.seller_display_name, parties.buyer_display_name, contract.program,
                                          contract.pollutant, contract.control_zone, trade.quantity, contract.term, trade.price, contract.price_basis,
                                          trade.amount, trade.settle_time, trade.route));
  return message;
}

absl::StatusOr<CertificateLanguage> ParseCertificateLanguage(std::string_view field, const std::string& text) {
  if (text.empty() || text == "zh") return CertificateLanguage::kChinese;
  if (text == "en") return CertificateLanguage::kEnglish;
  return InvalidField(field, text, "zh or en").Rule("DR-50");
}

std::string PrintCertificate(const v1::TradeCertificate& certificate, const TradeParties& parties, CertificateLanguage language) {
  const bool chinese = language == CertificateLanguage::kChinese;
  const auto say = [&](const char* zh, const char* en) { return std::string(chinese ? zh : en); };
  const std::string colon = say("：", ": ");
  const bool per_year = certificate.price_basis() == "PER_T_YEAR";
  const bool treasury = certificate.settlement_route() == v1::TREASURY_ROUTE;
  const int64_t settled = certificate.settle_time().seconds() * kMicrosPerSecond + certificate.settle_time().nanos() / 1'000;
  std::vector<std::pair<std::string, std::string>> lines = {
      {say("证书编号", "Certificate"), WithoutCollection(certificate.name())},
      {say("交易编号", "Trade"), WithoutCollection(certificate.trade())},
      {say("出让方", "Seller"), Named(parties.seller_display_name, certificate.seller())},
      {say("出让方场所", "Seller's site"), certificate.seller_site().empty() ? say("排污权储备", "reserve") : WithoutCollection(certificate.seller_site())},
      {say("受让方", "Buyer"), Named(parties.buyer_display_name, certificate.buyer())},
      {say("受让方场所", "Buyer's site"), WithoutCollection(certificate.buyer_site())},
      {say("污染物", "Pollutant"), certificate.pollutant()},
      {say("管控区域", "Control zone"), certificate.control_zone()},
      {say("数量", "Quantity"), FormatTonnes(Quantity(certificate.quantity())) + say(" 吨/年", " t/a")},
      {say("有效期", "Term"), certificate.term_first() + say(" 至 ", " to ") + certificate.term_last()},
      {say("单价", "Price"), FormatMoney(Money(certificate.price_fen())) + (per_year ? say(" 元/（吨·年）", " yuan/t/a") : say(" 元/吨", " yuan/t"))},
      {say("成交金额", "Amount"), FormatMoney(Money(certificate.amount_fen())) + say(" 元", " yuan")},
      {say("交割时间", "Settled"), FormatTimestamp(Timestamp(settled))},
      {say("收入归属", "Proceeds"), treasury ? say("政府非税收入", "non-tax revenue of the government") : say("出让企业", "the enterprise that sold")},
      {say("验证码", "Check code"), certificate.check_code()}};
  std::string text = say("排污权交易凭证", "CERTIFICATE OF A TRADE OF DISCHARGE RIGHTS") + "\n\n";
  if (certificate.voided()) text += say("已作废：该交易已依裁判撤销", "VOID: the trade was reversed by judgment") + "\n\n";
  for (const auto& [label, value] : lines) text += label + colon + value + "\n";
  return text;
}

}  // namespace songhua::exchange
