#include "ledger/proofs/certificate_words.h"

#include <array>
#include <cstdio>

#include "ledger/identifiers.h"
#include "ledger/legal_time.h"

namespace songhua::proofs {
namespace {

struct NamedWords {
  std::string_view name;
  Words words;
};

constexpr NamedWords kFacts[] = {
    {"subject", {"证明对象", "Subject"}},
    {"holder", {"持有人", "Holder"}},
    {"holder_name", {"持有人名称", "Name of the holder"}},
    {"site", {"排污单位场所", "Site"}},
    {"lot", {"权益批次", "Lot"}},
    {"instrument", {"交易品种", "Instrument"}},
    {"quantity", {"数量", "Quantity"}},
    {"unit", {"计量单位", "Unit"}},
    {"valid_from", {"有效期起", "Valid from"}},
    {"valid_to", {"有效期止", "Valid to"}},
    {"pledge", {"质押编号", "Pledge"}},
    {"pledgor", {"出质人", "Pledgor"}},
    {"pledgor_name", {"出质人名称", "Name of the pledgor"}},
    {"pledgee", {"质权人", "Pledgee"}},
    {"pledgee_name", {"质权人名称", "Name of the pledgee"}},
    {"state", {"状态", "State"}},
    {"principal", {"被担保的主债权本金", "Principal secured"}},
    {"currency", {"币种", "Currency"}},
    {"contract_number", {"合同编号", "Number of the contract"}},
    {"unified_registry_number", {"动产融资统一登记编号（中登网）", "Number in the unified registry of movable-property financing"}},
    {"registered", {"登记时间", "Registered"}},
    {"trade", {"成交编号", "Trade"}},
    {"trade_certificate", {"排污权交易凭证编号", "Trade certificate"}},
    {"seller", {"出让方", "Seller"}},
    {"seller_name", {"出让方名称", "Name of the seller"}},
    {"buyer", {"受让方", "Buyer"}},
    {"buyer_name", {"受让方名称", "Name of the buyer"}},
    {"contract", {"合约", "Contract"}},
    {"price", {"成交单价", "Price"}},
    {"amount", {"成交金额", "Amount"}},
    {"settled", {"交收时间", "Settled"}},
    {"permit", {"排污许可证编号", "Discharge permit"}},
    {"permit_version", {"许可证版本", "Version of the permit"}},
    {"permit_holder", {"持证单位", "Holder of the permit"}},
    {"permit_holder_name", {"持证单位名称", "Name of the permit's holder"}},
    {"management_class", {"管理类别", "Management class"}},
    {"permit_valid_from", {"许可证有效期起", "Permit valid from"}},
    {"permit_valid_to", {"许可证有效期止", "Permit valid to"}},
    {"application", {"申请编号", "Application"}},
    {"decision", {"受理决定", "Decision"}},
    {"decision_date", {"决定日期", "Date of the decision"}},
    {"authority", {"主管机关", "Authority"}},
    {"issued_to", {"出具对象", "Issued to"}},
    {"program", {"交易项目", "Program"}},
    {"control_zone", {"总量控制区", "Control zone"}},
    {"pollutant", {"污染物", "Pollutant"}},
    {"region", {"行政区划", "Region"}},
};

// Not on the page; they may be bettered.
constexpr NamedWords kRefusals[] = {
    {"NOT_A_CERTIFICATE", {"这不是证明文件", "this is no certificate"}},
    {"CERTIFICATE_CUT_SHORT", {"证明文件不完整，被截断", "the certificate is cut short"}},
    {"CERTIFICATE_TOO_LARGE", {"文件过大", "the file is too large"}},
    {"CERTIFICATE_NEWER", {"证明文件的版本高于本程序可识别的版本", "the certificate is of a version that this program does not know"}},
    {"CERTIFICATE_CHANGED", {"核验数据被改动", "the machine part was changed"}},
    {"CERTIFICATE_MALFORMED", {"核验数据不合格式", "the machine part is malformed"}},
    {"STATEMENT_MALFORMED", {"批次状态记载不合格式", "what is said of a lot is malformed"}},
    {"OPENING_MALFORMED", {"披露内容不合格式", "an opening is malformed"}},
    {"OPENING_UNKNOWN", {"披露内容与批次状态中的承诺值不符", "an opening belongs to no commitment of the lot"}},
    {"RECORD_MALFORMED", {"日志记录不合格式", "a record of the log is malformed"}},
    {"NOT_A_MAP_ROOT", {"所附日志记录不是状态树根记录", "the record is none that carries a map's root"}},
    {"PAGE_DIFFERS", {"页面文字与核验数据不符，页面被改动", "the page says something else than its machine part proves"}},
    {"CHECKPOINT_MALFORMED", {"检查点不合格式", "the checkpoint is malformed"}},
    {"UNKNOWN_LOG", {"没有受信任的日志密钥签署该检查点", "no trusted key of this log signed the checkpoint"}},
    {"KEY_REVOKED", {"签署检查点的日志密钥已被撤销", "the log's key that signed the checkpoint was revoked"}},
    {"SIGNATURE_INVALID", {"签名无效", "a signature is not valid"}},
    {"TOO_FEW_WITNESSES", {"见证联署不足", "too few witnesses cosigned"}},
    {"STALE_COSIGNATURE", {"见证联署时间与记录时间相距过久", "cosignatures are too far in time from the record"}},
    {"SPLIT_VIEW", {"同一规模的日志出现两个不同的树根：日志运营方向不同的人出示了不同的历史", "two roots for one size of the log: its operator showed different histories to different people"}},
    {"KNOWN_OF_ANOTHER_LOG", {"所持检查点属于另一日志", "the checkpoint at hand is of another log"}},
    {"FROM_THE_FUTURE", {"时间晚于当前时间", "a time lies in the future"}},
    {"NOT_IN_LOG", {"日志中没有该记录", "the record is not in the log"}},
    {"NOT_AN_ISSUE", {"所附日志记录不是出具证明的记录", "the record is none that issued this certificate"}},
    {"FACTS_DIFFER", {"证明事项与出具记录不符", "the facts are not those that were certified"}},
    {"MAP_TOO_OLD", {"状态树早于出具记录", "the state map is older than the certificate"}},
    {"NOT_IN_MAP", {"状态树中没有对该批次的这一记载", "the state map does not say this of the lot"}},
    {"LOT_OVERDRAWN", {"占用与质押之和超过批次数量", "holds and pledges exceed the lot"}},
    {"FACTS_CONTRADICT", {"证明事项与批次状态相矛盾", "the facts contradict what the lots say"}},
    {"TRUST_MALFORMED", {"密钥文件不合格式", "the file of keys is malformed"}},
};

template <size_t n>
Words FindWords(const NamedWords (&table)[n], std::string_view name) {
  for (const NamedWords& entry : table) {
    if (entry.name == name) return entry.words;
  }
  return {};
}

// The bytes of the code point at the front, and its value; bytes 0: no well-formed UTF-8.
struct FrontCharacter {
  size_t bytes = 0;
  uint32_t value = 0;
};
FrontCharacter Front(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t bytes = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (text.size() < bytes || !ValidateUtf8(text.substr(0, bytes), "").ok()) return {};
  uint32_t value = bytes == 1 ? lead : lead & (0x7Fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) value = value << 6 | (static_cast<uint8_t>(text[i]) & 0x3F);
  return {bytes, value};
}

// Written out here, and not shared: what the page shows of a text never changes.
bool IsHidden(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || c == 0x061C || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
         c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

template <class... Value>
std::string Printed(const char* format, Value... value) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), format, value...);
  return text.data();
}

}  // namespace

Words FactWords(std::string_view name) { return FindWords(kFacts, name); }
Words RefusalWords(std::string_view reason) { return FindWords(kRefusals, reason); }

Words KindWords(CertificateKind kind) {
  switch (kind) {
    case CertificateKind::kHolding: return {"权益持有证明", "Certificate of a holding"};
    case CertificateKind::kPledge: return {"质押登记证明", "Certificate of a pledge"};
    case CertificateKind::kTrade: return {"交易凭证", "Certificate of a trade"};
    case CertificateKind::kPermit: return {"排污许可证明", "Certificate of a discharge permit"};
    case CertificateKind::kReceipt: return {"申请受理决定回执", "Receipt of an application"};
  }
  return {};
}

Words EncumbranceWords(EncumbranceKind kind) {
  switch (kind) {
    case EncumbranceKind::kOrder: return {"委托占用", "held by orders"};
    case EncumbranceKind::kTrade: return {"待交收占用", "held by trades to be settled"};
    case EncumbranceKind::kListing: return {"挂牌占用", "held by listings"};
    case EncumbranceKind::kProvisionalPledge: return {"质押申请占用（尚未登记）", "pledge applied for, not registered"};
    case EncumbranceKind::kPledge: return {"质押", "pledged"};
    case EncumbranceKind::kLease: return {"出租", "leased out"};
    case EncumbranceKind::kSurrender: return {"清缴占用", "held for surrender"};
    case EncumbranceKind::kProposal: return {"转让待审占用", "held by a proposal of transfer"};
    case EncumbranceKind::kRecovery: return {"收回占用", "held for recovery"};
    case EncumbranceKind::kAllocation: return {"分配占用", "held for an allocation"};
    case EncumbranceKind::kFreeze: return {"司法冻结", "frozen"};
  }
  return {};
}

std::string Visible(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    if (text[0] >= ' ' && text[0] < '\x7f') {
      shown += text[0];
      text.remove_prefix(1);
      continue;
    }
    const FrontCharacter front = Front(text);
    if (front.bytes == 0) {
      shown += Printed("[0x%02X]", static_cast<unsigned>(static_cast<uint8_t>(text[0])));
      text.remove_prefix(1);
      continue;
    }
    if (IsHidden(front.value)) {
      shown += Printed("[U+%04X]", static_cast<unsigned>(front.value));
    } else {
      shown.append(text.substr(0, front.bytes));
    }
    text.remove_prefix(front.bytes);
  }
  return shown;
}

std::string Clipped(std::string_view text, size_t max) {
  if (text.size() <= max) return Visible(text);
  while (max > 0 && (static_cast<uint8_t>(text[max]) & 0xC0) == 0x80) --max;
  return Visible(text.substr(0, max)) + "...";
}

std::string Html(std::string_view text) {
  std::string html;
  for (const char c : Visible(text)) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      case '\'': html += "&#39;"; break;
      default: html += c;
    }
  }
  return html;
}

std::string Grouped(uint64_t value) {
  std::string digits = std::to_string(value);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string Grouped(int64_t value) {
  if (value >= 0) return Grouped(static_cast<uint64_t>(value));
  return "-" + Grouped(uint64_t{0} - static_cast<uint64_t>(value));
}

std::string YuanOfFen(int64_t fen) {
  const uint64_t whole = fen < 0 ? uint64_t{0} - static_cast<uint64_t>(fen) : static_cast<uint64_t>(fen);
  return std::string("CNY ") + (fen < 0 ? "-" : "") + Grouped(whole / 100) + Printed(".%02u", static_cast<unsigned>(whole % 100));
}

std::string TimeOfMicros(int64_t micros) {
  if (!IsValid(Timestamp(micros))) return std::to_string(micros) + " us";
  std::string text = FormatTimestamp(Timestamp(micros));  // "2026-01-05T09:30:00+08:00"
  text[10] = ' ';
  text.insert(text.size() - 6, " ");
  return text;
}

std::string TimeOfSeconds(int64_t seconds) {
  if (seconds > kLastTimestamp.value() / kMicrosPerSecond || seconds < kFirstTimestamp.value() / kMicrosPerSecond) return std::to_string(seconds) + " s";
  return TimeOfMicros(seconds * kMicrosPerSecond);
}

}  // namespace songhua::proofs
