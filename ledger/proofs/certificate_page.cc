#include "ledger/proofs/certificate_page.h"

#include <qrcodegen/qrcodegen.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "ledger/proofs/certificate_words.h"
#include "ledger/refusal.h"

namespace songhua::proofs {
namespace {

constexpr std::string_view kBeginMarker = "-----BEGIN SONGHUA CERTIFICATE-----";
constexpr std::string_view kEndMarker = "-----END SONGHUA CERTIFICATE-----";
constexpr size_t kMarkedLineBytes = 76;
constexpr size_t kShownLineBytesMax = 120;  // of a line that differs

constexpr char kPageStyle[] =
    "@page{size:A4;margin:18mm 16mm}"
    "body{font:14px/1.5 'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif;color:#1b1f23;max-width:860px;margin:2em auto;padding:0 1em}"
    "h1{font-size:1.7em;margin:0}h2{font-size:1.1em;margin:1.7em 0 .4em;border-bottom:1px solid #888}h3{font-size:1em;margin:1.1em 0 .2em}"
    ".en{font-weight:400;font-size:.82em;color:#555;margin-left:.5em}.number{margin:.2em 0 0}"
    ".qr{float:right;width:34mm;height:34mm;margin:0 0 1em 1em}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25em .7em .25em 0;border-bottom:1px solid #ddd;overflow-wrap:anywhere}"
    "th{font-weight:600;width:36%}.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
    "code,pre{font:12px/1.35 'Noto Sans Mono',Consolas,monospace;overflow-wrap:anywhere}"
    "@media print{body{margin:0;max-width:none;font-size:11px}h2,h3{break-after:avoid}tr{break-inside:avoid}.machine pre{display:none}}";

// The QR code of `text` as bytes, of the smallest version, level M and mask 2, so that it follows from the standard and not from a library's taste. One SVG path, a rectangle a run
// of dark modules; a text where it is too long for a code.
std::string QrSvg(const std::string& text) {
  constexpr size_t kTextBytesMax = 2331;  // of version 40 at level M
  std::vector<uint8_t> data(qrcodegen_BUFFER_LEN_MAX), code(qrcodegen_BUFFER_LEN_MAX);
  std::copy_n(text.begin(), std::min(text.size(), data.size()), data.begin());
  if (text.size() > kTextBytesMax || !qrcodegen_encodeBinary(data.data(), text.size(), code.data(), qrcodegen_Ecc_MEDIUM, qrcodegen_VERSION_MIN, qrcodegen_VERSION_MAX, qrcodegen_Mask_2, false)) {
    return "<p>" + Html(text) + "</p>\n";
  }
  constexpr int kQuietModules = 4;
  const int size = qrcodegen_getSize(code.data());
  const std::string width = std::to_string(size + 2 * kQuietModules);
  std::string svg = "<svg class=\"qr\" viewBox=\"0 0 " + width + " " + width + "\" shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"" + Html(text) + "\"><path d=\"";
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      int end = x;
      while (end < size && qrcodegen_getModule(code.data(), end, y)) ++end;
      if (end == x) continue;
      const std::string run = std::to_string(end - x);
      svg += "M" + std::to_string(x + kQuietModules) + " " + std::to_string(y + kQuietModules) + "h" + run + "v1h-" + run + "z";
      x = end;
    }
  }
  return svg + "\"/></svg>\n";
}

// The page of version 1. What it writes for a certificate is the same for ever.
class CertificatePage {
 public:
  CertificatePage(const Certificate& certificate, const CertificateContent& content) : certificate_(certificate), content_(content) {}

  std::string Render() {
    machine_part_ = EncodeCertificate(certificate_);
    Head();
    FactsTable();
    Lots();
    Proof();
    HowToCheck();
    MachinePart();
    html_ += "</body>\n</html>\n";
    return std::move(html_);
  }

 private:
  std::string Name() const { return "certificates/" + std::to_string(certificate_.number); }

  static std::string Both(Words words) { return Html(words.chinese) + "<span class=\"en\">" + Html(words.english) + "</span>"; }
  void Section(Words words) { html_ += "<h2>" + Both(words) + "</h2>\n"; }
  // A row whose second cell is HTML.
  void HtmlRow(const std::string& head, const std::string& cell) { html_ += "<tr><th>" + head + "</th><td>" + cell + "</td></tr>\n"; }
  void Row(const Words& words, std::string_view value) { HtmlRow(Both(words), value.empty() ? "—" : Html(value)); }
  void Paragraph(Words words) { html_ += "<p>" + Html(words.chinese) + "<br><span class=\"en\">" + Html(words.english) + "</span></p>\n"; }

  void Head() {
    const Words kind = KindWords(certificate_.kind);
    html_ = "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<title>" + Html(kind.chinese) + " " + Html(kind.english) + " " + Name() +
            "</title>\n<style>" + kPageStyle + "</style>\n</head>\n<body>\n";
    html_ += QrSvg("songhua:" + content_.checkpoint.origin + ":" + Name() + ":" + ToHex(Sha256Of(machine_part_)));
    html_ += "<h1>" + Both(kind) + "</h1>\n<p class=\"number\">" + Name() + " · " + Html(content_.checkpoint.origin) + " · " + TimeOfMicros(content_.issue.time_us) + "</p>\n";
  }

  void FactsTable() {
    Section({"证明事项", "What was certified"});
    html_ += "<table>\n";
    for (const Fact& fact : certificate_.facts) {
      const Words words = FactWords(fact.name);
      HtmlRow(words.chinese.empty() ? Html(fact.name) : Both(words), fact.value.empty() ? "—" : Html(fact.value));
    }
    html_ += "</table>\n";
  }

  void Lots() {
    if (certificate_.lots.empty()) return;
    Section({"权益批次及其全部权利负担", "The lots, and everything that lies on them"});
    const std::string chinese = "以下为登记簿截至 " + TimeOfMicros(content_.map_record->time_us) + " 对每一批次的完整记载。登记簿声明：未列出的质押、冻结和占用，在该时刻不存在。";
    Paragraph({chinese, "The registry's complete statement of each lot as of that time. It says that a pledge, freeze or hold that is not listed did not exist then."});
    for (size_t i = 0; i < certificate_.lots.size(); ++i) Lot(certificate_.lots[i].statement, content_.lots[i]);
  }

  void Lot(const LotStatement& statement, const CertificateContent::Lot& lot) {
    const Title& title = lot.title;
    const auto amount = [&](int64_t quantity) { return Grouped(quantity) + " " + Html(title.unit); };
    html_ += "<h3>lots/" + std::to_string(statement.lot) + "</h3>\n<table>\n";
    HtmlRow(Both(Words{"数量", "Quantity"}), amount(statement.quantity));
    Row({"持有人", "Holder"}, title.participant);
    Row({"账户", "Account"}, title.account);
    Row({"排污单位场所", "Site"}, title.site);
    Row({"交易品种", "Instrument"}, title.instrument);
    Row({"行业类别", "Sector"}, title.sector_class);
    if (title.vintage != 0) {
      Row({"配额年度", "Vintage"}, std::to_string(title.vintage));
    } else {
      Row({"有效期", "Term"}, title.valid_from + " / " + title.valid_to);
    }
    Row({"有偿使用费", "Paid-use fee"}, title.paid ? "已缴 paid" : "未缴或不适用 not paid, or none is due");
    html_ += "</table>\n";
    if (statement.encumbrances.empty()) {
      Paragraph({"该批次上没有任何质押、冻结或占用。", "Nothing lies on this lot: no pledge, no freeze, no hold."});
      return;
    }
    html_ += "<table>\n<thead><tr><th>" + Both({"权利负担", "Encumbrance"}) + "</th><th class=\"n\">" + Both({"数量", "Quantity"}) + "</th><th>" + Both({"内容", "Detail"}) +
             "</th></tr></thead>\n<tbody>\n";
    for (size_t i = 0; i < statement.encumbrances.size(); ++i) {
      const Encumbrance& e = statement.encumbrances[i];
      html_ += "<tr><td>" + Both(EncumbranceWords(e.kind)) + "</td><td class=\"n\">" + amount(e.quantity) + "</td><td>" + Detail(e, lot, i) + "</td></tr>\n";
    }
    html_ += "</tbody>\n</table>\n";
  }

  static std::string Detail(const Encumbrance& e, const CertificateContent::Lot& lot, size_t i) {
    if (!HasDetail(e.kind)) return "—";
    if (lot.pledges[i].has_value()) {
      const PledgeDetail& pledge = *lot.pledges[i];
      return Html(pledge.pledge) + " · " + Html(pledge.state) + "<br>出质人 pledgor: " + Html(pledge.pledgor) + "<br>质权人 pledgee: " + Html(pledge.pledgee) + "<br>起始 since: " +
             TimeOfMicros(pledge.since_us) + "<br>本金 principal: " + YuanOfFen(pledge.principal_fen) + "<br>合同 contract: " + Html(pledge.contract_number) +
             "<br>中登网 unified registry: " + (pledge.unified_registry_number.empty() ? "—" : Html(pledge.unified_registry_number));
    }
    if (lot.freezes[i].has_value()) {
      const FreezeDetail& freeze = *lot.freezes[i];
      return Html(freeze.freeze) + "<br>法院或机关 court: " + Html(freeze.court) + "<br>案号 case: " + Html(freeze.case_number) + "<br>期限 term: " + Html(freeze.first) + " / " +
             Html(freeze.last);
    }
    return "未向本证明的接收人披露 not disclosed to the recipient of this certificate";
  }

  void RecordRows(Words words, const OpenedRecord& opened, const JournalRecord& record) {
    HtmlRow(Both(words), "序号 sequence " + Grouped(record.first_sequence) + " · 叶 leaf " + Grouped(opened.index) + "<br>" + TimeOfMicros(record.time_us));
  }

  void Proof() {
    Section({"证据", "What it rests on"});
    html_ += "<table>\n";
    RecordRows({"出具记录", "Record that issued it"}, certificate_.issue, content_.issue);
    if (content_.map_record.has_value()) {
      RecordRows({"状态树根记录", "Record of the state map's root"}, certificate_.map_record, *content_.map_record);
      HtmlRow(Both({"状态树", "State map"}), "<code>" + ToHex(content_.map_root.root) + "</code><br>批次 lots " + Grouped(content_.map_root.lots));
    }
    Row({"日志", "Log"}, content_.checkpoint.origin);
    Row({"日志规模", "Size of the log"}, Grouped(content_.checkpoint.size));
    HtmlRow(Both({"日志树根", "Root of the log"}), "<code>" + ToHex(content_.checkpoint.root) + "</code>");
    for (const NoteSignature& signature : content_.note.signatures) Signature(signature);
    HtmlRow(Both({"核验数据摘要 SHA-256", "SHA-256 of the machine part"}), "<code>" + ToHex(Sha256Of(machine_part_)) + "</code>");
    html_ += "</table>\n";
  }

  // Whose a signature is and whether it holds is for the check to say; the page says what is written.
  void Signature(const NoteSignature& signature) {
    constexpr size_t kTimed = 8 + 64;
    std::string cell = Html(signature.name) + " · " + ToHex(std::string{static_cast<char>(signature.key_id >> 24), static_cast<char>(signature.key_id >> 16),
                                                                        static_cast<char>(signature.key_id >> 8), static_cast<char>(signature.key_id)});
    if (signature.bytes.size() == kTimed) {
      uint64_t seconds = 0;
      for (size_t i = 0; i < 8; ++i) seconds = seconds << 8 | static_cast<uint8_t>(signature.bytes[i]);
      cell += "<br>" + (seconds > INT64_MAX ? std::to_string(seconds) + " s" : TimeOfSeconds(static_cast<int64_t>(seconds)));
    }
    HtmlRow(Both(signature.bytes.size() == kTimed ? Words{"见证联署（待核验）", "Cosignature, to be checked"} : Words{"签名（待核验）", "Signature, to be checked"}), cell);
  }

  void HowToCheck() {
    Section({"如何核验", "How to check it"});
    Paragraph({"请保存本文件原样，向登记机构以外的可靠来源取得日志、见证人和审计人的公钥，写入密钥文件，然后离线运行：",
                    "Keep this file as it is. Get the public keys of the log, its witnesses and auditors from a source that you trust, put them into a file, and run, without any network:"});
    html_ += "<pre>songhua-check --keys KEYS FILE</pre>\n";
    Paragraph({"本页全部文字均由下方核验数据逐字节生成，改动任何一处都会被拒绝。纸质打印件不含核验数据，其本身不能证明任何事项；可用二维码中的摘要与文件核对。",
                    "Every word of this page follows from the machine part below, byte for byte: a change anywhere is refused. Paper has no machine part and proves nothing by itself; the digest "
                    "in the QR code tells whether a file is the one that was printed."});
  }

  void MachinePart() {
    html_ += "<div class=\"machine\">\n";
    Section({"核验数据", "Machine part"});
    html_ += "<pre>\n" + std::string(kBeginMarker) + "\n";
    const std::string base64 = absl::Base64Escape(machine_part_);
    for (size_t at = 0; at < base64.size(); at += kMarkedLineBytes) html_ += base64.substr(at, kMarkedLineBytes) + "\n";
    html_ += std::string(kEndMarker) + "\n</pre>\n</div>\n";
  }

  const Certificate& certificate_;
  const CertificateContent& content_;
  std::string machine_part_;
  std::string html_;
};

Refuse RefusePage(std::string_view reason) { return Refuse(absl::StatusCode::kInvalidArgument, reason); }

// Where the line begins that is exactly `marker`; npos: nowhere.
size_t FindMarker(std::string_view file, std::string_view marker, size_t from) {
  for (size_t at = file.find(marker, from); at != std::string_view::npos; at = file.find(marker, at + 1)) {
    const size_t end = at + marker.size();
    if ((at == 0 || file[at - 1] == '\n') && end < file.size() && file[end] == '\n') return at;
  }
  return std::string_view::npos;
}

absl::StatusOr<std::string> FindMachinePart(std::string_view file) {
  const size_t begin = FindMarker(file, kBeginMarker, 0);
  if (begin == std::string_view::npos) {
    return RefusePage("NOT_A_CERTIFICATE").Value("no line " + std::string(kBeginMarker)).Accepted("the file as it was given out, byte by byte");
  }
  const size_t first = begin + kBeginMarker.size() + 1;
  const size_t end = FindMarker(file, kEndMarker, first);
  if (end == std::string_view::npos) {
    return RefusePage("CERTIFICATE_CUT_SHORT").Value("no line " + std::string(kEndMarker)).Accepted("the file as it was given out, byte by byte");
  }
  if (FindMarker(file, kBeginMarker, first) != std::string_view::npos || FindMarker(file, kEndMarker, end + 1) != std::string_view::npos) {
    return RefusePage("NOT_A_CERTIFICATE").Value("more than one machine part").Accepted("one certificate a file");
  }
  std::string base64;
  size_t line_bytes = kMarkedLineBytes;
  for (size_t at = first, line = 1; at < end; ++line) {
    const size_t newline = file.find('\n', at);
    const std::string_view text = file.substr(at, newline - at);
    const bool fits = line_bytes == kMarkedLineBytes && !text.empty() && text.size() <= kMarkedLineBytes && text.find_first_of(" \t\r\v\f") == std::string_view::npos;
    if (!fits) {
      return RefusePage("CERTIFICATE_MALFORMED").Field("machine part, line " + std::to_string(line)).Value(Clipped(text, kShownLineBytesMax)).Accepted("lines of 76 characters of base64");
    }
    line_bytes = text.size();
    base64.append(text);
    at = newline + 1;
  }
  std::string bytes;
  if (!absl::Base64Unescape(base64, &bytes) || absl::Base64Escape(bytes) != base64) {
    return RefusePage("CERTIFICATE_MALFORMED").Field("machine part").Value("other characters, or bits that stand for nothing").Accepted("canonical base64");
  }
  return bytes;
}

// Names the first line in which the file is not what follows from its machine part.
absl::Status RefuseDifference(std::string_view file, std::string_view page) {
  const size_t same = static_cast<size_t>(std::mismatch(file.begin(), file.end(), page.begin(), page.end()).first - file.begin());
  const size_t newline = same == 0 ? std::string_view::npos : file.rfind('\n', same - 1);
  const size_t start = newline == std::string_view::npos ? 0 : newline + 1;
  const auto line_at = [&](std::string_view text) { return start >= text.size() ? "the end" : "'" + Clipped(text.substr(start, text.find('\n', start) - start), kShownLineBytesMax) + "'"; };
  const auto line = std::count(file.begin(), file.begin() + static_cast<ptrdiff_t>(start), '\n') + 1;
  return RefusePage("PAGE_DIFFERS")
      .Field("line " + std::to_string(line) + ", byte " + std::to_string(same - start + 1))
      .Value(line_at(file))
      .Accepted("what follows from the machine part: " + line_at(page));
}

}  // namespace

absl::StatusOr<std::string> RenderCertificate(const Certificate& certificate) {
  SONGHUA_ASSIGN_OR_RETURN(const CertificateContent content, OpenCertificate(certificate));
  return CertificatePage(certificate, content).Render();
}

absl::StatusOr<Certificate> ReadCertificate(std::string_view file) {
  if (file.size() > kPageBytesMax) {
    return RefusePage("CERTIFICATE_TOO_LARGE").Value(std::to_string(file.size()) + " bytes").Accepted("at most " + std::to_string(kPageBytesMax) + " bytes");
  }
  SONGHUA_ASSIGN_OR_RETURN(const std::string machine_part, FindMachinePart(file));
  SONGHUA_ASSIGN_OR_RETURN(Certificate certificate, DecodeCertificate(machine_part));
  SONGHUA_ASSIGN_OR_RETURN(const std::string page, RenderCertificate(certificate));
  if (file != page) return RefuseDifference(file, page);
  return certificate;
}

}  // namespace songhua::proofs
