// `songhua collateral inquire` and its page: whole, by itself, and safe whatever a name contains.
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "api/cli/due_diligence_page.h"
#include "api/engine/due_diligence.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/sha256.h"
#include "songhua/v1/collateral.pb.h"
#include "tests/api/cli_testing.h"
#include "tests/table_fixture.h"

namespace songhua::api::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kSomePack[] = R"pb(
  inquiry { name: "inquiries/4" inquirer: "participants/bank" person: "people/lender" ground: "authorisations/7" }
  pack {
    enterprise { name: "participants/91220101MA00000004" display_name: "Mill <script>alert(1)</script> & \"Sons\"" region: "220100" }
    credit_grade: "YELLOW"
    permits { permit: "permits/91220101MA00000004001P" site: "sites/91220101MA00000004001" site_name: "Mill's works" state: "EFFECTIVE"
              valid_from: "2026-01-05" valid_to: "2030-12-31" overlays: "SEIZED since 2026-03-01" }
    lots {
      lot { name: "lots/3" account: "accounts/91220101MA00000004001.rights" program: "programs/rights" pollutant: "SO2" control_zone: "220100"
            quantity: 12500000 available: 2500000 valid_from: "2026-01-01" valid_to: "2030-12-31" source: "INITIAL_PAID" paid: true
            encumbrances { kind: "PLEDGE" quantity: 10000000 } etag: "a1b2" }
      ranks { rank: 1 quantity: 8000000 rank_time { seconds: 1767578400 } } ranks { rank: 2 pledge: "pledges/9" quantity: 2000000 }
      value_fen: 31250000 unit_price_fen: 500000 principal_max_fen: 5000000
    }
    years { site: "sites/91220101MA00000004001" pollutant: "SO2" year: 2025 entitled: 12000000 emitted: 9000000 verified: true }
    reduction_tasks { name: "reductionTasks/91220101MA00000004001.2" site: "sites/91220101MA00000004001" pollutant: "SO2" year: 2025
                      required_quantity: 2000000 achieved_quantity: 1500000 result: "FAILED" decision_date: "2026-01-04" excludes: true }
    arrears_fen: 123456
    pledges { state: ACTIVE lot: "lots/3" quantity: 10000000 rank_time { seconds: 1767578400 } additions { quantity: 1500000 rank_time { seconds: 1767664800 } } }
    sequence: 4711
    time { seconds: 1767578400 }
  })pb";

// The answer as the service gives it, with the digest of its pack.
v1::InquireCollateralAnswer SomeAnswer() {
  auto answer = Text<v1::InquireCollateralAnswer>(kSomePack);
  answer.mutable_inquiry()->set_pack_sha256(ToHex(PackDigest(answer.pack())));
  return answer;
}

std::optional<UnitScale> GramsAYear(const std::string& program) {
  return program == "programs/rights" ? std::optional<UnitScale>({1'000'000, true, false}) : std::nullopt;
}

TEST(DueDiligencePage, SaysWhatThePackSaysInPeoplesUnits) {
  const std::string page = RenderDueDiligencePage(SomeAnswer(), GramsAYear);
  EXPECT_THAT(page, HasSubstr("12.5 t/a"));
  EXPECT_THAT(page, HasSubstr("312,500.00"));
  EXPECT_THAT(page, HasSubstr("1,234.56 yuan"));
  EXPECT_THAT(page, HasSubstr("PLEDGE 10 t/a"));
  EXPECT_THAT(page, HasSubstr("2026-01-01 to 2030-12-31"));
  EXPECT_THAT(page, HasSubstr("SEIZED since 2026-03-01"));
  EXPECT_THAT(page, HasSubstr("sequence 4711"));
  EXPECT_THAT(page, HasSubstr("on the ground of authorisations/7"));
  EXPECT_THAT(page, HasSubstr(SomeAnswer().inquiry().pack_sha256()));
  EXPECT_THAT(page, HasSubstr("of another bank")) << "a redacted pledge";
  EXPECT_THAT(page, HasSubstr("10 t/a of lots/3, of them 1.5 t/a since"));
  EXPECT_THAT(page, HasSubstr("<td class=\"n\">2</td><td>pledges/9</td><td class=\"n\">2 t/a</td><td>not registered</td>"));
  EXPECT_THAT(page, HasSubstr("<td class=\"n\">2 t</td><td class=\"n\">1.5 t</td><td>FAILED, excluded from pledging (PLG-12)</td>"));
  EXPECT_THAT(page, HasSubstr("None.")) << "no penalties";
}

TEST(DueDiligencePage, EscapesWhatOthersWrote) {
  const std::string page = RenderDueDiligencePage(SomeAnswer(), GramsAYear);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("Mill &lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Sons&quot;"));
  EXPECT_THAT(page, HasSubstr("Mill&#39;s works"));
}

TEST(DueDiligencePage, NeedsNothingElseAndClosesWhatItOpens) {
  const std::string page = RenderDueDiligencePage(SomeAnswer(), GramsAYear);
  for (const std::string outside : {"src=", "href=", "http", "@import", "url("}) EXPECT_THAT(page, Not(HasSubstr(outside)));
  const auto count = [&](const std::string& what) {
    size_t found = 0;
    for (size_t at = page.find(what); at != std::string::npos; at = page.find(what, at + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count("<table>"), count("</table>"));
  EXPECT_EQ(count("<tr>"), count("</tr>"));
  EXPECT_EQ(count("<td"), count("</td>"));
  EXPECT_EQ(count("<th>") + count("<th class"), count("</th>"));
}

TEST(DueDiligencePage, OfAnEmptyPackIsAPage) {
  const std::string page = RenderDueDiligencePage(v1::InquireCollateralAnswer(), GramsAYear);
  EXPECT_THAT(page, HasSubstr("no grade"));
  EXPECT_THAT(page, HasSubstr("</html>"));
}

TEST(PackDigest, DependsOnEveryValueAndItsPlace) {
  v1::DueDiligencePack a, b;
  EXPECT_EQ(PackDigest(a), PackDigest(b));
  a.add_permits()->set_site("x");
  b.add_permits()->set_site_name("x");
  EXPECT_NE(PackDigest(a), PackDigest(b));
  b = a;
  b.add_permits();
  EXPECT_NE(PackDigest(a), PackDigest(b)) << "an empty entry is an entry";
  b = a;
  b.set_arrears_fen(1);
  EXPECT_NE(PackDigest(a), PackDigest(b));
}

TEST(InquireVerb, WritesThePageAndSaysWhatItIs) {
  FakeService service;
  service.Answer("Collateral/InquireCollateral", SomeAnswer());
  const std::string path = testing::TempDir() + "/due_diligence_page_test.html";
  const Ran ran = RunSonghua(&service, {"collateral", "inquire", "91220101MA00000004", "--request-id", "20260105-1", "--page", path});
  EXPECT_EQ(ran.code, kExitOk) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("inquiries/4 by authorisations/7"));
  EXPECT_EQ(service.Last<v1::InquireCollateralRequest>("Collateral/InquireCollateral").enterprise(), "participants/91220101MA00000004");
  std::stringstream page;
  page << std::ifstream(path).rdbuf();
  EXPECT_THAT(page.str(), HasSubstr("Mill &lt;script&gt;"));
  std::filesystem::remove(path);
}

TEST(InquireVerb, RefusesAPackThatIsNotWhatItsDigestSays) {
  FakeService service;
  v1::InquireCollateralAnswer answer = SomeAnswer();
  answer.mutable_pack()->set_arrears_fen(0);
  service.Answer("Collateral/InquireCollateral", answer);
  const Ran ran = RunSonghua(&service, {"collateral", "inquire", "91220101MA00000004", "--request-id", "20260105-1"});
  EXPECT_EQ(ran.code, kExitRefused);
  EXPECT_THAT(ran.err, HasSubstr("inquiries/4"));
}

}  // namespace
}  // namespace songhua::api::cli
