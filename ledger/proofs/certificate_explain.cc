// Explain and ExplainRefusal of certificate_check.h: what was proved, and what was not, for somebody who lends money on it.

#include <string>
#include <utility>

#include "ledger/proofs/certificate_check.h"
#include "ledger/proofs/certificate_words.h"
#include "ledger/refusal.h"

namespace songhua::proofs {
namespace {

constexpr size_t kShownPartBytesMax = 2000;

class Explanation {
 public:
  Explanation(const Verdict& verdict, Language language) : verdict_(verdict), certificate_(verdict.certificate), chinese_(language == Language::kChinese) {}

  std::string Write() {
    Line(0, Say("核验通过：", "PROVED: ") + "certificates/" + std::to_string(certificate_.number) + Say("，", ", ") + std::string(In(KindWords(certificate_.kind))));
    Line(0, "");
    Line(0, Say("一、已证明的内容", "What is proved"));
    Signed();
    Issued();
    Lots();
    Cosigned();
    Line(0, "");
    Line(0, Say("二、未证明的内容", "What is NOT proved"));
    NotProved();
    return std::move(text_);
  }

 private:
  std::string Say(std::string_view chinese, std::string_view english) const { return std::string(chinese_ ? chinese : english); }
  std::string_view In(const Words& words) const { return chinese_ ? words.chinese : words.english; }
  static std::string Shown(std::string_view text) { return Clipped(text, kShownPartBytesMax); }
  void Line(size_t indent, const std::string& line) { text_ += std::string(2 * indent, ' ') + line + "\n"; }
  void Item(const std::string& line) { Line(1, "- " + line); }

  void Signed() {
    std::string names;
    for (const std::string& name : verdict_.signed_by) names += (names.empty() ? "" : ", ") + Shown(name);
    const Checkpoint& checkpoint = verdict_.checkpoint;
    Item(Say("日志 ", "The log ") + Shown(checkpoint.origin) + Say(" 的检查点：共 ", " has a checkpoint of ") + Grouped(checkpoint.size) + Say(" 条记录，树根 ", " records with the root ") +
         ToHex(checkpoint.root) + Say("，由密钥 ", ", signed by its key ") + names + Say(" 签署。", "."));
    if (verdict_.compared) Item(Say("该检查点与您所持的同一规模的检查点一致。", "It agrees with the checkpoint of this size that you hold."));
  }

  void Issued() {
    Item(Say("登记机构于 ", "At ") + TimeOfMicros(verdict_.issue_time_us) + Say("（日志序号 ", " (sequence ") + Grouped(verdict_.issue_sequence) +
         Say("）出具本证明，出具记录在该日志之中。登记机构声明：", ") the registry issued this certificate, and the record of it is in the log. The registry says:"));
    for (const Fact& fact : certificate_.facts) {
      const std::string_view label = In(FactWords(fact.name));
      Line(3, (label.empty() ? fact.name : std::string(label)) + Say("：", ": ") + Shown(fact.value));
    }
  }

  void Lots() {
    if (certificate_.lots.empty()) return;
    Item(Say("截至 ", "As of ") + TimeOfMicros(verdict_.map_time_us) + Say("（日志序号 ", " (sequence ") + Grouped(verdict_.map_sequence) +
         Say("，在出具本证明之后），登记簿状态树对下列批次的记载如下，且全部记载即为如下：",
             ", after the certificate was issued) the registry's state map says of these lots the following, and nothing besides:"));
    for (size_t i = 0; i < certificate_.lots.size(); ++i) Lot(certificate_.lots[i].statement, verdict_.lots[i]);
  }

  // How many of a lot's encumbrances are what.
  struct Counts {
    size_t own = 0;  // of the pledge that is certified
    size_t pledges = 0, freezes = 0;
  };

  void Lot(const LotStatement& statement, const CertificateContent::Lot& lot) {
    const Title& title = lot.title;
    const auto amount = [&](int64_t quantity) { return Grouped(quantity) + " " + Shown(title.unit); };
    Line(3, "lots/" + std::to_string(statement.lot) + Say("：数量 ", ": ") + amount(statement.quantity) + Say("，品种 ", " of ") + Shown(title.instrument) + Say("，持有人 ", ", held by ") +
                Shown(title.participant.empty() ? title.account : title.participant));
    if (statement.encumbrances.empty()) {
      Line(4, Say("该批次上不存在任何质押、冻结或占用。", "Nothing lies on it: no pledge, no freeze, no hold."));
      return;
    }
    const bool of_pledge = certificate_.kind == CertificateKind::kPledge;
    const std::string_view certified = of_pledge ? FindFact(certificate_.facts, "pledge") : std::string_view();
    Counts counts;
    int64_t free = statement.quantity;
    for (size_t i = 0; i < statement.encumbrances.size(); ++i) {
      const Encumbrance& e = statement.encumbrances[i];
      const bool own = of_pledge && e.kind == EncumbranceKind::kPledge && lot.pledges[i].has_value() && lot.pledges[i]->pledge == certified;
      if (e.kind == EncumbranceKind::kFreeze) {
        ++counts.freezes;
      } else {
        free -= e.quantity;
        if (IsPledge(e.kind)) ++(own ? counts.own : counts.pledges);
      }
      Line(4, std::string(In(EncumbranceWords(e.kind))) + Say("：", ": ") + amount(e.quantity) + Detail(e, lot, i) + (own ? Say("（本证明所证明的质押）", " (the pledge of this certificate)") : ""));
    }
    Line(4, Conclusion(of_pledge, counts));
    Line(4, Say("既未被占用也未被质押的数量：", "Neither held nor pledged: ") + amount(free));
  }

  std::string Detail(const Encumbrance& e, const CertificateContent::Lot& lot, size_t i) const {
    const std::string comma = Say("，", ", ");
    if (!HasDetail(e.kind)) return "";
    if (lot.pledges[i].has_value()) {
      const PledgeDetail& pledge = *lot.pledges[i];
      return comma + Shown(pledge.pledge) + Say("，质权人 ", ", to ") + Shown(pledge.pledgee) + Say("，状态 ", ", ") + Shown(pledge.state) + Say("，起始 ", ", since ") + TimeOfMicros(pledge.since_us) +
             Say("，登记的主债权本金 ", ", principal as recorded ") + YuanOfFen(pledge.principal_fen) +
             (pledge.unified_registry_number.empty() ? Say("，未见中登网登记编号", ", no number in the unified registry") : Say("，中登网登记编号 ", ", unified registry ") + Shown(pledge.unified_registry_number));
    }
    if (lot.freezes[i].has_value()) {
      const FreezeDetail& freeze = *lot.freezes[i];
      return comma + Shown(freeze.freeze) + comma + Shown(freeze.court) + comma + Shown(freeze.case_number) + Say("，期限 ", ", ") + Shown(freeze.first) + Say(" 至 ", " to ") + Shown(freeze.last);
    }
    return Say("，内容未向本证明的接收人披露", ", its details are not disclosed here");
  }

  std::string Conclusion(bool of_pledge, const Counts& counts) const {
    const std::string pledges = std::to_string(counts.pledges), freezes = std::to_string(counts.freezes);
    if (counts.pledges == 0 && counts.freezes == 0) {
      return of_pledge ? Say("除本质押外，该批次上不存在其他质押（包括尚未登记的质押申请），也不存在任何冻结。", "No other pledge, registered or applied for, and no freeze lies on this lot.")
                       : Say("该批次上不存在任何质押（包括尚未登记的质押申请），也不存在任何冻结。", "No pledge, registered or applied for, and no freeze lies on this lot.");
    }
    return (of_pledge ? Say("注意：除本质押外，该批次上还有其他质押 ", "NOTE: on this lot lie other pledges: ") : Say("注意：该批次上有质押 ", "NOTE: on this lot lie pledges: ")) + pledges +
           Say(" 项、冻结 ", ", freezes: ") + freezes + Say(" 项，均已在上文列明，除此之外没有其他。", "; all are listed above, and there are no others.");
  }

  void Cosigned() {
    for (const WitnessedBy& by : verdict_.witnessed_by) {
      Item((by.auditor ? Say("审计人 ", "The auditor ") : Say("见证人 ", "The witness ")) + Shown(by.name) + Say(" 于 ", " cosigned at ") + TimeOfSeconds(by.time_s) +
           (by.auditor ? Say(" 联署：审计人重放了日志，状态树和日志树根由其自行计算得出。", ": it replayed the log, and computed map and root itself.")
                       : Say(" 联署：该检查点是其当时所见最长的日志，且与其此前所见一致。", ": the checkpoint continued everything that it had seen of this log.")));
    }
  }

  void NotProved() {
    if (verdict_.witnessed_by.empty()) {
      Item(Say("没有任何见证人联署：不能证明日志运营方向他人出示的是同一份日志，也不能证明上述时间属实。",
               "No witness cosigned: that others were shown the same log, and that the times above are true."));
    }
    if (!verdict_.Audited()) {
      Item(certificate_.lots.empty()
               ? Say("没有审计人联署：不能证明登记机构按规则处理了日志中的记录。", "No auditor cosigned: that the registry followed its rules on the records of the log.")
               : Say("没有审计人联署：不能证明状态树系根据日志如实生成。以上关于“不存在其他质押和冻结”的内容，以状态树如实为前提。",
                     "No auditor cosigned: that the map was built from the log. That no other pledge or freeze lies on the lots rests on the map's being honest."));
    }
    if (certificate_.lots.empty()) {
      Item(Say("证明事项本身只以登记机构的记录为据；所证明的是登记机构当时作了该记录，且此后未能更改。", "The facts themselves: they rest on the registry's record. What is proved is that it made this record then, and has not changed it since."));
    }
    Item(certificate_.lots.empty() ? Say("出具之后未发生变化：本文件只反映上述时刻的状态。", "That nothing changed since: this is as of the time above.")
                                   : Say("此后未发生变化：质押可能已解除，权益可能已转让、冻结或到期。本文件只反映上述时刻的状态。",
                                         "That nothing changed since: a pledge may have been released, units transferred, frozen or expired. This is as of the time above."));
    Item(Say("价格与价值：权益值多少钱，债权是否存在、余额多少。", "Prices and values: what the units are worth; whether the debt exists, and how much of it is left."));
    Item(Say("身份：出示本文件的人就是文件中所称的持有人或质权人。", "That the person who presents this file is the holder or the pledgee that it names."));
    Item(Say("法律效力：登记所依据的合同、许可和决定是否合法有效。", "Law: whether the contracts, permits and decisions behind the record are valid."));
  }

  const Verdict& verdict_;
  const Certificate& certificate_;
  const bool chinese_;
  std::string text_;
};

}  // namespace

std::string Explain(const Verdict& verdict, Language language) { return Explanation(verdict, language).Write(); }

std::string ExplainRefusal(const absl::Status& refusal, Language language) {
  const bool chinese = language == Language::kChinese;
  const std::optional<RefusalDetail> detail = GetRefusal(refusal);
  std::string text = chinese ? "核验未通过" : "REFUSED";
  if (!detail.has_value()) return text + (chinese ? "：" : ": ") + Clipped(std::string(refusal.message()), kShownPartBytesMax) + "\n";
  const Words words = RefusalWords(detail->reason);
  const std::string_view why = chinese ? words.chinese : words.english;
  text += (chinese ? "：" : ": ") + (why.empty() ? detail->reason : std::string(why)) + "\n";
  const auto part = [&](std::string_view chinese_name, std::string_view english_name, std::string_view value) {
    if (!value.empty()) text += "  " + std::string(chinese ? chinese_name : english_name) + (chinese ? "：" : ": ") + Clipped(value, kShownPartBytesMax) + "\n";
  };
  part("代码", "code", detail->reason);
  part("位置", "where", detail->field);
  part("实际", "found", detail->value);
  part("应为", "expected", detail->accepted);
  return text;
}

}  // namespace songhua::proofs
