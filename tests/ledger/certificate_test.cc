// What a certificate is, as bytes and as a page: one encoding, one page, and a refusal that names the field for everything else.

#include "ledger/proofs/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "ledger/codec.h"
#include "ledger/proofs/certificate_page.h"
#include "ledger/proofs/certificate_words.h"
#include "ledger/refusal.h"
#include "tests/ledger/certificate_testing.h"

namespace songhua::proofs {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Story kAllStories[] = {PledgeStory(), HoldingStory(), ReceiptStory()};

std::string WhyNotDecoded(std::string_view bytes) { return std::string(DecodeCertificate(bytes).status().message()); }
std::string WhyNotRead(std::string_view file) { return std::string(ReadCertificate(file).status().message()); }

// Decodes a certificate that was changed before it was encoded.
template <class Change>
std::string WhyNotDecoded(const Story& story, const Change& change) {
  Certificate certificate = Tell(story);
  change(&certificate);
  EXPECT_FALSE(RenderCertificate(certificate).ok());  // what is not read is not given out
  return WhyNotDecoded(EncodeCertificate(certificate));
}

TEST(CertificateTest, HasOneEncodingWhichReadsBack) {
  for (const Story& story : kAllStories) {
    const std::string bytes = EncodeCertificate(Tell(story));
    const absl::StatusOr<Certificate> decoded = DecodeCertificate(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(EncodeCertificate(*decoded), bytes);
    EXPECT_EQ(decoded->facts, story.facts);
  }
}

TEST(CertificateTest, IsRefusedCutShortAnywhere) {
  const std::string bytes = EncodeCertificate(Tell(PledgeStory()));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeCertificate(bytes.substr(0, size)).ok()) << size;
    // A registry that cuts it short and takes the digest again.
    if (size >= 32) {
      EXPECT_FALSE(DecodeCertificate(WithDigest(bytes.substr(0, size))).ok()) << size;
    }
  }
  EXPECT_FALSE(DecodeCertificate(bytes + '\0').ok());
  EXPECT_THAT(WhyNotDecoded(bytes.substr(0, 30)), HasSubstr("CERTIFICATE_CUT_SHORT"));
  EXPECT_THAT(WhyNotDecoded("songhua"), HasSubstr("NOT_A_CERTIFICATE"));
  EXPECT_THAT(WhyNotDecoded(""), HasSubstr("NOT_A_CERTIFICATE"));
}

TEST(CertificateTest, IsRefusedWithAnotherDigest) {
  std::string bytes = EncodeCertificate(Tell(PledgeStory()));
  bytes[100] ^= 1;
  EXPECT_THAT(WhyNotDecoded(bytes), HasSubstr("CERTIFICATE_CHANGED: digest is"));
}

TEST(CertificateTest, OfANewerVersionIsRefusedByItsNumber) {
  std::string bytes = EncodeCertificate(Tell(PledgeStory()));
  bytes[19] = 2;
  EXPECT_THAT(WhyNotDecoded(bytes), HasSubstr("CERTIFICATE_NEWER: version is '2'; accepted: 1 to 1"));
  bytes[19] = 0;
  EXPECT_THAT(WhyNotDecoded(WithDigest(bytes)), HasSubstr("version is '0'; accepted: 1"));
}

// Every length field in turn claims more than there is.
TEST(CertificateTest, HugeLengthsAreRefusedWithTheirField) {
  const std::string bytes = EncodeCertificate(Tell(PledgeStory()));
  for (size_t at = 19 + 4 + 1 + 8; at + 36 <= bytes.size(); ++at) {
    std::string huge = bytes;
    huge.replace(at, 4, "\xff\xff\xff\x7f");
    const absl::StatusOr<Certificate> decoded = DecodeCertificate(WithDigest(huge));
    if (!decoded.ok()) {
      EXPECT_FALSE(GetRefusal(decoded.status())->field.empty()) << at;
    }
  }
  std::string facts = bytes;
  facts.replace(32, 4, "\xff\xff\xff\xff");
  EXPECT_THAT(WhyNotDecoded(WithDigest(facts)), HasSubstr("CERTIFICATE_MALFORMED: facts is '4294967295 entries'; accepted: at most as many as the"));
  std::string name = bytes;
  name.replace(36, 4, "\xff\xff\xff\xff");
  EXPECT_THAT(WhyNotDecoded(WithDigest(name)), HasSubstr("facts[0].name is '4294967295 bytes'"));
  EXPECT_THAT(WhyNotDecoded(std::string(kCertificateBytesMax + 1, 'x')), HasSubstr("CERTIFICATE_TOO_LARGE"));
}

TEST(CertificateTest, FieldsOutOfBoundsAreRefusedByName) {
  const auto why = [](const auto& change) { return WhyNotDecoded(PledgeStory(), change); };
  EXPECT_THAT(why([](Certificate* c) { c->number = 0; }), HasSubstr("number is '0'; accepted: 1 or more"));
  EXPECT_THAT(why([](Certificate* c) { c->kind = static_cast<CertificateKind>(6); }), HasSubstr("kind is '6'; accepted: 1 to 5"));
  EXPECT_THAT(why([](Certificate* c) { c->facts.clear(); }), HasSubstr("facts is 'none'"));
  EXPECT_THAT(why([](Certificate* c) { c->facts.resize(1001, {"lot", "lots/1"}); }), HasSubstr("facts is '1001 facts'; accepted: at most 1000"));
  EXPECT_THAT(why([](Certificate* c) { c->facts[0].name = "Pledge"; }), HasSubstr("facts[0].name is 'Pledge'"));
  EXPECT_THAT(why([](Certificate* c) { c->facts[0].name = std::string(65, 'a'); }), HasSubstr("1 to 64"));
  EXPECT_THAT(why([](Certificate* c) { c->facts[0].value = std::string(2001, 'a'); }), HasSubstr("facts[0].value is '2001 bytes'"));
  EXPECT_THAT(why([](Certificate* c) { c->facts.push_back({"pledgee", "participants/2"}); }), HasSubstr("facts[12].name is 'pledgee'; accepted: this name once"));
  EXPECT_THAT(why([](Certificate* c) { c->issue.path.resize(65); }), HasSubstr("issue.path is '65 hashes'; accepted: at most 64"));
  EXPECT_THAT(why([](Certificate* c) { c->map_record.path.resize(65); }), HasSubstr("map_record.path is '65 hashes'"));
  EXPECT_THAT(why([](Certificate* c) { c->map_record.bytes.resize(65537); }), HasSubstr("map_record.bytes is '65537 bytes'"));
  EXPECT_THAT(why([](Certificate* c) { c->issue_events.resize((1 << 20) + 1); }), HasSubstr("issue_events is '1048577 bytes'"));
  EXPECT_THAT(why([](Certificate* c) { c->lots.clear(); }), HasSubstr("lots is 'none'"));
  EXPECT_THAT(why([](Certificate* c) { c->lots.resize(101, c->lots[0]); }), HasSubstr("lots is '101 lots'"));
  EXPECT_THAT(why([](Certificate* c) { c->lots.push_back(c->lots[0]); }), HasSubstr("lots[1].statement.lot is '7'; accepted: more than 7"));
  EXPECT_THAT(why([](Certificate* c) { c->lots[0].path.resize(257); }), HasSubstr("lots[0].path is '257 hashes'; accepted: at most 256"));
  EXPECT_THAT(why([](Certificate* c) { c->lots[0].openings.resize(1002); }), HasSubstr("lots[0].openings is '1002 openings'"));
  EXPECT_THAT(why([](Certificate* c) { c->lots[0].openings[0].bytes.resize(16385); }), HasSubstr("lots[0].openings[0].bytes is '16385 bytes'"));
  EXPECT_THAT(why([](Certificate* c) { c->checkpoint.resize(65537); }), HasSubstr("checkpoint is '65537 bytes'"));
  const auto receipt = [](const auto& change) { return WhyNotDecoded(ReceiptStory(), change); };
  EXPECT_THAT(receipt([](Certificate* c) { c->lots.resize(1); }), HasSubstr("lots is '1 lots'; accepted: none"));
  EXPECT_THAT(receipt([](Certificate* c) { c->map_record.index = 1; }), HasSubstr("map_record is 'not empty'"));
}

TEST(CertificateTest, StatementsHaveOneForm) {
  const auto why = [](const auto& change) { return WhyNotDecoded(PledgeStory(), [&](Certificate* c) { change(&c->lots[0].statement); }); };
  EXPECT_THAT(why([](LotStatement* s) { s->version = 2; }), HasSubstr("STATEMENT_MALFORMED: lots[0].statement.version is '2'"));
  EXPECT_THAT(why([](LotStatement* s) { s->quantity = -1; }), HasSubstr("quantity is '-1'; accepted: 0 or more"));
  EXPECT_THAT(why([](LotStatement* s) { s->title = Digest{}; }), HasSubstr("title is 'zero bytes'"));
  EXPECT_THAT(why([](LotStatement* s) { s->encumbrances[0].quantity = 0; }), HasSubstr("encumbrances[0].quantity is '0'; accepted: 1 or more"));
  EXPECT_THAT(why([](LotStatement* s) { s->encumbrances[0].kind = static_cast<EncumbranceKind>(10); }), HasSubstr("encumbrances[0].kind is '10'; accepted: 0 to 9, or 100"));
  EXPECT_THAT(why([](LotStatement* s) { std::swap(s->encumbrances[0], s->encumbrances[1]); }), HasSubstr("the kinds in ascending order"));
  EXPECT_THAT(why([](LotStatement* s) { s->encumbrances.insert(s->encumbrances.begin(), s->encumbrances[0]); }), HasSubstr("one sum for this kind"));
  EXPECT_THAT(why([](LotStatement* s) { s->encumbrances.push_back(s->encumbrances[1]); }), HasSubstr("a commitment that stands in the statement once"));
  EXPECT_THAT(why([](LotStatement* s) { s->encumbrances[1].detail = s->title; }), HasSubstr("a commitment that stands in the statement once"));
  EXPECT_THAT(why([](LotStatement* s) { s->encumbrances[0].detail = s->title; }), HasSubstr("this kind has no detail"));
  EXPECT_THAT(why([](LotStatement* s) { s->encumbrances[1].detail = Digest{}; }), HasSubstr("encumbrances[1].detail is 'zero bytes'"));
  EXPECT_THAT(why([](LotStatement* s) { s->encumbrances.resize(1001); }), HasSubstr("at most 1000"));
}

TEST(CertificateTest, OpeningsBelongToCommitmentsInTheirOrder) {
  const auto why = [](const auto& change) {
    Certificate certificate = Tell(HoldingStory());
    change(&certificate.lots[0].openings);
    return std::string(OpenCertificate(certificate).status().message());
  };
  using Openings = std::vector<Opening>;
  EXPECT_EQ(why([](Openings*) {}), "");
  EXPECT_EQ(why([](Openings* o) { o->pop_back(); }), "");  // not every detail is opened
  EXPECT_THAT(why([](Openings* o) { o->clear(); }), HasSubstr("OPENING_UNKNOWN: lots[0].openings[0] is 'none'; accepted: the opening of the title"));
  EXPECT_THAT(why([](Openings* o) { o->erase(o->begin()); }), HasSubstr("the opening of the title"));
  EXPECT_THAT(why([](Openings* o) { std::swap((*o)[1], (*o)[2]); }), HasSubstr("OPENING_UNKNOWN: lots[0].openings[2]"));
  EXPECT_THAT(why([](Openings* o) { o->push_back(o->back()); }), HasSubstr("OPENING_UNKNOWN: lots[0].openings[3]"));
  EXPECT_THAT(why([](Openings* o) { (*o)[1].salt[0] ^= 1; }), HasSubstr("OPENING_UNKNOWN: lots[0].openings[1]"));
  EXPECT_THAT(why([](Openings* o) { o->push_back({Digest{}, "of nothing"}); }), HasSubstr("OPENING_UNKNOWN: lots[0].openings[3]"));
}

TEST(CertificateTest, OpeningsAreOfTheirLotAndVersion) {
  Story story = HoldingStory();
  story.lots[0].entries[1].pledge->lot = 8;
  EXPECT_THAT(OpenCertificate(Tell(story)).status().message(), HasSubstr("OPENING_MALFORMED: lots[0].openings[1].lot is 'lots/8'; accepted: lots/7"));
  story = HoldingStory();
  story.lots[0].entries[2].freeze->version = 2;
  EXPECT_THAT(OpenCertificate(Tell(story)).status().message(), HasSubstr("OPENING_MALFORMED: lots[0].openings[2].version is '2'"));
  EXPECT_FALSE(DecodeTitle("", 7, "title").ok());
  EXPECT_FALSE(DecodeTitle(EncodeValue(Title()) + "x", 0, "title").ok());
  EXPECT_TRUE(DecodeTitle(EncodeValue(Title()), 0, "title").ok());
}

TEST(CertificateTest, RecordsAndCheckpointRead) {
  const auto why = [](const auto& change) {
    Certificate certificate = Tell(PledgeStory());
    change(&certificate);
    EXPECT_FALSE(RenderCertificate(certificate).ok());
    return std::string(OpenCertificate(certificate).status().message());
  };
  EXPECT_THAT(why([](Certificate* c) { c->issue.bytes[20] ^= 1; }), HasSubstr("RECORD_MALFORMED: issue.bytes is 'journal record: checksum"));
  EXPECT_THAT(why([](Certificate* c) { c->map_record.bytes.clear(); }), HasSubstr("RECORD_MALFORMED: map_record.bytes"));
  EXPECT_THAT(why([](Certificate* c) { c->map_record = c->issue; }), HasSubstr("NOT_A_MAP_ROOT: map_record.method is 'songhua.v1.Certificates/IssueCertificate'"));
  EXPECT_THAT(why([](Certificate* c) { c->checkpoint.clear(); }), HasSubstr("CHECKPOINT_MALFORMED"));
  EXPECT_THAT(why([](Certificate* c) { c->checkpoint += c->checkpoint.substr(c->checkpoint.rfind("\n", c->checkpoint.size() - 2) + 1); }), HasSubstr("CHECKPOINT_MALFORMED"));
  EXPECT_THAT(why([](Certificate* c) { c->checkpoint.insert(c->checkpoint.find('\n') + 1, "0"); }), HasSubstr("CHECKPOINT_MALFORMED"));
}

TEST(CertificatePageTest, ReadsBack) {
  for (const Story& story : kAllStories) {
    const Certificate certificate = Tell(story);
    const absl::StatusOr<Certificate> read = ReadCertificate(FileOf(certificate));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(EncodeCertificate(*read), EncodeCertificate(certificate));
  }
}

TEST(CertificatePageTest, SaysWhatIsCertifiedInBothLanguages) {
  const std::string page = FileOf(HoldingStory());
  for (const char* text : {"权益持有证明", "Certificate of a holding", "certificates/12", "持有人", "participants/91220101MA0Y3T5K7X", "12,000,000 g/a", "10,000,000 g/a", "pledges/12",
                           "freezes/3", "长春市中级人民法院", "not disclosed", "Nothing lies on this lot", "songhua/3f2166d0a8c14f1e", "witness.example/1", "2026-01-05 16:00:03 +08:00",
                           "songhua-check --keys KEYS FILE", "<svg class=\"qr\""}) {
    EXPECT_THAT(page, HasSubstr(text));
  }
  EXPECT_THAT(page, Not(HasSubstr("pledges/13")));  // was not opened
  EXPECT_THAT(page, Not(HasSubstr("http")));        // nothing is fetched
  EXPECT_THAT(FileOf(PledgeStory()), HasSubstr("长春热电 &amp; Co."));
}

TEST(CertificatePageTest, EscapesWhatItShows) {
  Story story = ReceiptStory();
  story.facts = {{"holder_name", "<script>alert('1')</script>\n-----BEGIN SONGHUA CERTIFICATE-----\n\xe2\x80\xae\xff"}, {"something_new", "\"quoted\""}, {"subject", ""}};
  const std::string page = FileOf(story);
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;[U+000A]-----BEGIN SONGHUA CERTIFICATE-----[U+000A][U+202E][0xFF]"));
  EXPECT_THAT(page, HasSubstr("<th>something_new</th><td>&quot;quoted&quot;</td>"));
  EXPECT_TRUE(ReadCertificate(page).ok());
}

TEST(CertificatePageTest, ThatSaysSomethingElseIsRefusedWithTheLine) {
  std::string page = FileOf(PledgeStory());
  page.replace(page.find("BANK000013"), 10, "BANK000014");
  EXPECT_THAT(WhyNotRead(page), HasSubstr("PAGE_DIFFERS: line 18, byte 88"));
  EXPECT_THAT(WhyNotRead(page), HasSubstr("BANK000014"));
  EXPECT_THAT(WhyNotRead(page), HasSubstr("what follows from the machine part: "));
  EXPECT_THAT(WhyNotRead(FileOf(PledgeStory()) + "\n"), HasSubstr("PAGE_DIFFERS"));
  EXPECT_THAT(WhyNotRead("\n" + FileOf(PledgeStory())), HasSubstr("PAGE_DIFFERS: line 1, byte 1"));
  // One more sentence, within a line.
  page = FileOf(PledgeStory());
  page.insert(page.find("</h1>"), " (released)");
  EXPECT_THAT(WhyNotRead(page), HasSubstr("PAGE_DIFFERS"));
}

TEST(CertificatePageTest, EveryLineDoubledOrLeftOutIsRefused) {
  const std::string page = FileOf(ReceiptStory());
  for (size_t at = 0; at < page.size();) {
    const size_t end = page.find('\n', at) + 1;
    EXPECT_FALSE(ReadCertificate(page.substr(0, end) + page.substr(at)).ok()) << page.substr(at, end - at);
    EXPECT_FALSE(ReadCertificate(page.substr(0, at) + page.substr(end)).ok()) << page.substr(at, end - at);
    EXPECT_FALSE(ReadCertificate(page.substr(0, at)).ok());
    at = end;
  }
}

TEST(CertificatePageTest, MachinePartHasOneForm) {
  const std::string page = FileOf(ReceiptStory());
  const size_t begin = page.find("-----BEGIN"), first = page.find('\n', begin) + 1, end = page.find("-----END");
  const auto changed = [&](size_t at, size_t size, std::string_view with) { return WhyNotRead(std::string(page).replace(at, size, with)); };
  EXPECT_THAT(WhyNotRead(""), HasSubstr("NOT_A_CERTIFICATE"));
  EXPECT_THAT(WhyNotRead(page.substr(0, end)), HasSubstr("CERTIFICATE_CUT_SHORT"));
  EXPECT_THAT(WhyNotRead(page + page), HasSubstr("more than one machine part"));
  EXPECT_THAT(changed(first + 76, 1, ""), HasSubstr("machine part, line 1"));
  EXPECT_THAT(changed(first + 10, 1, " "), HasSubstr("machine part, line 1"));
  EXPECT_THAT(changed(first + 10, 0, "\n"), HasSubstr("machine part, line 2"));
  EXPECT_THAT(changed(first + 76, 1, "\r\n"), HasSubstr("machine part, line 1"));
  EXPECT_THAT(changed(end, 0, "\n"), HasSubstr("CERTIFICATE_MALFORMED: machine part, line"));
  EXPECT_THAT(changed(first + 10, 1, "-"), HasSubstr("canonical base64"));
  EXPECT_THAT(changed(first, end - first, ""), HasSubstr("NOT_A_CERTIFICATE"));
}

std::string Stored(const std::string& name) {
  std::ifstream in(std::string(SONGHUA_TESTDATA) + "/certificates/" + name, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

// Certificates that were given out verify for ever: these files are of the first program that made any, and never change.
TEST(CertificateGoldenTest, VersionOneVerifies) {
  const absl::StatusOr<Trust> trust = ParseTrust(Stored("version-1.keys"));
  ASSERT_TRUE(trust.ok()) << trust.status();
  for (const char* name : {"version-1-pledge.html", "version-1-holding.html", "version-1-receipt.html"}) {
    const std::string file = Stored(name);
    EXPECT_EQ(ReasonOfCheck(file, *trust), "") << name;
    const absl::StatusOr<Certificate> certificate = ReadCertificate(file);
    ASSERT_TRUE(certificate.ok()) << name;
    EXPECT_EQ(FileOf(*certificate), file) << name;
  }
}

TEST(CertificateGoldenTest, VersionOneIsStillMade) {
  EXPECT_EQ(FileOf(PledgeStory()), Stored("version-1-pledge.html"));
  EXPECT_EQ(FileOf(HoldingStory()), Stored("version-1-holding.html"));
  EXPECT_EQ(FileOf(ReceiptStory()), Stored("version-1-receipt.html"));
}

TEST(CertificateWordsTest, NumbersAndTimes) {
  EXPECT_EQ(Grouped(int64_t{0}), "0");
  EXPECT_EQ(Grouped(int64_t{999}), "999");
  EXPECT_EQ(Grouped(int64_t{1000}), "1,000");
  EXPECT_EQ(Grouped(INT64_MIN), "-9,223,372,036,854,775,808");
  EXPECT_EQ(YuanOfFen(5), "CNY 0.05");
  EXPECT_EQ(YuanOfFen(-100'000'001), "CNY -1,000,000.01");
  EXPECT_EQ(TimeOfMicros(kIssueTime_s * 1'000'000 + 1), "2026-01-05 16:00:00.000001 +08:00");
  EXPECT_EQ(TimeOfMicros(INT64_MAX), "9223372036854775807 us");
  EXPECT_EQ(TimeOfSeconds(INT64_MAX), "9223372036854775807 s");
  EXPECT_EQ(Visible("a\x1b[31m\xe6\xb1\x9f\xe6"), "a[U+001B][31m\xe6\xb1\x9f[0xE6]");
}

}  // namespace
}  // namespace songhua::proofs
