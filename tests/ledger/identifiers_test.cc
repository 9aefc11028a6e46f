#include "ledger/identifiers.h"

#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/refusal.h"
#include "tests/ledger/seeded_values.h"

namespace songhua {
namespace {

constexpr std::string_view kVector = "91130200699229617X";  // GEN-10

// ---- Unified social credit codes (GEN-10) ----

TEST(UsccTest, ThePublishedCodeIsValid) {
  EXPECT_TRUE(ValidateUscc(kVector).ok());
  EXPECT_EQ(*UsccCheckCharacter(kVector.substr(0, 17)), 'X');
}

TEST(UsccTest, EveryWrongCharacterInThePublishedCodeIsNoticed) {
  for (size_t i = 0; i < kVector.size(); ++i) {
    for (char c : kUsccAlphabet) {
      std::string code(kVector);
      if (code[i] == c) continue;
      code[i] = c;
      EXPECT_EQ(ValidateUscc(code).code(), absl::StatusCode::kInvalidArgument) << code;
    }
  }
}

TEST(UsccTest, NeighboursThatChangePlacesAreNoticed) {
  for (size_t i = 0; i + 1 < kVector.size(); ++i) {
    std::string code(kVector);
    if (code[i] == code[i + 1]) continue;
    std::swap(code[i], code[i + 1]);
    EXPECT_FALSE(ValidateUscc(code).ok()) << code;
  }
}

TEST(UsccTest, ComputedCheckCharactersMakeValidCodes) {
  SeededValues random(20260301);
  SCOPED_TRACE(random.Trace());
  std::set<char> seen;
  for (int i = 0; i < 2'000; ++i) {
    std::string code;
    for (int k = 0; k < 17; ++k) code += kUsccAlphabet[static_cast<size_t>(random.Between(0, 30))];
    code += *UsccCheckCharacter(code);
    ASSERT_TRUE(ValidateUscc(code).ok()) << code;
    // The rule's own wording: the weighted sum with the check character counted once is a multiple of 31.
    int64_t sum = 0;
    int64_t weight = 1;
    for (int k = 0; k < 17; ++k, weight *= 3) sum += static_cast<int64_t>(kUsccAlphabet.find(code[static_cast<size_t>(k)])) * weight;
    ASSERT_EQ((sum + static_cast<int64_t>(kUsccAlphabet.find(code[17]))) % 31, 0) << code;
    seen.insert(code[17]);
  }
  EXPECT_EQ(seen.size(), 31u);
}

TEST(UsccTest, RefusalsNameRuleFieldAndWhatWouldBeAccepted) {
  const std::optional<RefusalDetail> wrong_check = GetRefusal(ValidateUscc("911302006992296170", "enterprise.uscc"));
  ASSERT_TRUE(wrong_check.has_value());
  EXPECT_EQ(wrong_check->rule, "GEN-10");
  EXPECT_EQ(wrong_check->field, "enterprise.uscc");
  EXPECT_EQ(wrong_check->value, "911302006992296170");
  EXPECT_EQ(wrong_check->accepted, "a code whose last character is the check character, here X");
  for (char forbidden : {'I', 'O', 'S', 'V', 'Z', 'a', 'x', ' ', '-', '\0'}) {
    std::string code(kVector);
    code[4] = forbidden;
    EXPECT_NE(GetRefusal(ValidateUscc(code))->accepted.find("position 5"), std::string::npos) << forbidden;
  }
  EXPECT_FALSE(ValidateUscc("").ok());
  EXPECT_FALSE(ValidateUscc(std::string(kVector) + "0").ok());
  EXPECT_FALSE(UsccCheckCharacter(kVector).ok());
  EXPECT_LT(ValidateUscc(std::string(100'000, '9')).message().size(), 400u);
}

// ---- Permit numbers (PERMIT-10, PERMIT-11) ----

TEST(PermitNumberTest, ThePublishedNumbersComeApartAndTogether) {
  const absl::StatusOr<PermitNumber> first = ParsePermitNumber("91130200699229617X001P");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->uscc, kVector);
  EXPECT_EQ(first->site_sequence, 1);
  EXPECT_EQ(first->letter, 'P');
  EXPECT_EQ(*FormatPermitNumber(kVector, 1), "91130200699229617X001P");
  EXPECT_EQ(*FormatPermitNumber(kVector, 2), "91130200699229617X002P");
  EXPECT_EQ(*FormatPermitNumber(kVector, 999, kReceiptLetter), "91130200699229617X999W");
}

TEST(PermitNumberTest, AnyCapitalLetterIsReadButOnlyOursAreWritten) {
  for (char letter = 'A'; letter <= 'Z'; ++letter) {
    EXPECT_TRUE(ParsePermitNumber(std::string(kVector) + "001" + letter).ok()) << letter;
    EXPECT_EQ(FormatPermitNumber(kVector, 1, letter).ok(), letter == 'P' || letter == 'W') << letter;
  }
}

TEST(PermitNumberTest, MalformedNumbersAreRefused) {
  for (std::string_view text : {"", "91130200699229617X", "91130200699229617X01P", "91130200699229617X0001P", "91130200699229617X001p",
                                "91130200699229617X00AP", "91130200699229617X001", "91130200699229617X000P", "91130200699229617x001P",
                                "911302006992296170001P", "91130200699229617X001P ", "91130200699229617X0011"}) {
    const absl::Status status = ParsePermitNumber(text, "permit").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(GetRefusal(status)->field, "permit") << text;
  }
  EXPECT_EQ(GetRefusal(ParsePermitNumber("91130200699229617X000P").status())->rule, "PERMIT-10");
  EXPECT_EQ(FormatPermitNumber(kVector, 0).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(FormatPermitNumber(kVector, 1000).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(FormatPermitNumber("911302006992296170", 1).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(PermitNumberTest, SubstituteCodesAreReadOnImportOnly) {  // PERMIT-11
  const std::string serial = "H9220102000000123a001P";
  const std::string organisation = "H922010269922961Xb001P";
  for (const std::string& text : {serial, organisation}) {
    EXPECT_EQ(ParsePermitNumber(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
    const absl::StatusOr<PermitNumber> imported = ParsePermitNumber(text, "permit", NumberSource::kImported);
    ASSERT_TRUE(imported.ok()) << imported.status();
    EXPECT_EQ(imported->uscc, text.substr(0, 18));
  }
  EXPECT_TRUE(ParsePermitNumber("91130200699229617X001P", "permit", NumberSource::kImported).ok());
  for (std::string_view text : {"H9220102000000123A001P", "H8220102000000123a001P", "H922010A000000123a001P", "H92201020000-0123a001P"}) {
    EXPECT_FALSE(ParsePermitNumber(text, "permit", NumberSource::kImported).ok()) << text;
  }
}

// ---- Outlets (PERMIT-13) ----

TEST(PointCodeTest, EveryKindComesApartAndTogether) {
  for (std::string_view text : {"DA001", "DW001", "DA999", "TA001", "TW042", "MF0001", "MF9999"}) {
    const absl::StatusOr<PointCode> code = ParsePointCode(text);
    ASSERT_TRUE(code.ok()) << code.status();
    EXPECT_EQ(FormatPointCode(*code), text);
  }
  const PointCode water = *ParseOutletCode("DW017");
  EXPECT_EQ(water.kind, PointKind::kOutlet);
  EXPECT_EQ(water.medium, Medium::kWater);
  EXPECT_EQ(water.number, 17);
}

TEST(PointCodeTest, MalformedCodesAreRefused) {
  for (std::string_view text :
       {"", "D", "DA", "DA1", "DA01", "DA0001", "DA000", "da001", "DB001", "XA001", "DA00A", "MF001", "MF00001", "MF0000", "DA001 "}) {
    EXPECT_EQ(ParsePointCode(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(GetRefusal(ParseOutletCode(text, "outlet").status())->rule, "PERMIT-13") << text;
  }
  EXPECT_EQ(ParseOutletCode("TA001").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ParseOutletCode("MF0001").status().code(), absl::StatusCode::kInvalidArgument);
}

// ---- Regions (GEN-11) ----

TEST(RegionTest, JilinsUnitsHaveTheirNamesAndLevels) {
  const auto expect = [](int32_t code, std::string_view chinese, RegionLevel level) {
    const NamedRegion* entry = FindRegion(Region(code));
    ASSERT_NE(entry, nullptr) << code;
    EXPECT_EQ(entry->chinese, chinese);
    EXPECT_EQ(LevelOf(Region(code)), level) << code;
  };
  expect(220000, "吉林省", RegionLevel::kProvince);
  expect(220100, "长春市", RegionLevel::kCity);
  expect(220200, "吉林市", RegionLevel::kCity);
  expect(220300, "四平市", RegionLevel::kCity);
  expect(220400, "辽源市", RegionLevel::kCity);
  expect(220500, "通化市", RegionLevel::kCity);
  expect(220600, "白山市", RegionLevel::kCity);
  expect(220700, "松原市", RegionLevel::kCity);
  expect(220800, "白城市", RegionLevel::kCity);
  expect(222400, "延边朝鲜族自治州", RegionLevel::kCity);
  expect(220581, "梅河口市", RegionLevel::kCounty);
  expect(229000, "长白山保护开发区", RegionLevel::kCity);
  EXPECT_EQ(FindRegion(Region(220199)), nullptr);
}

TEST(RegionTest, AScopeContainsItselfAndWhatLiesInside) {
  const auto contains = [](int32_t scope, int32_t region) { return RegionContains(Region(scope), Region(region)); };
  EXPECT_TRUE(contains(220000, 220100));
  EXPECT_TRUE(contains(220100, 220102));
  EXPECT_TRUE(contains(220000, 220102));
  EXPECT_TRUE(contains(220500, 220581));
  EXPECT_TRUE(contains(222400, 222401));
  EXPECT_TRUE(contains(220000, 229000));
  EXPECT_TRUE(contains(220102, 220102));
  EXPECT_FALSE(contains(220100, 220000)) << "a city does not contain its province";
  EXPECT_FALSE(contains(220102, 220100));
  EXPECT_FALSE(contains(220100, 220202));
  EXPECT_FALSE(contains(220102, 220103));
  EXPECT_FALSE(contains(220400, 222401));
  EXPECT_FALSE(contains(210000, 220100));
}

TEST(RegionTest, NoRegionContainsNothing) {
  for (const NamedRegion& entry : JilinRegions()) {
    EXPECT_FALSE(RegionContains(Region(), entry.region)) << "a scope that was never set must open nothing";
    EXPECT_FALSE(RegionContains(entry.region, Region()));
  }
  EXPECT_FALSE(RegionContains(Region(), Region()));
}

TEST(RegionTest, EveryListedUnitLiesInItsCityAndProvince) {
  for (const NamedRegion& entry : JilinRegions()) {
    EXPECT_TRUE(ValidateRegion(entry.region).ok());
    EXPECT_TRUE(RegionContains(kJilinProvince, entry.region));
    EXPECT_TRUE(RegionContains(CityOf(entry.region), entry.region) || LevelOf(entry.region) == RegionLevel::kProvince);
    EXPECT_NE(FindRegion(CityOf(entry.region)), nullptr) << FormatRegion(entry.region);
    EXPECT_EQ(*ParseRegion(FormatRegion(entry.region)), entry.region);
    EXPECT_TRUE(ValidateName(entry.chinese, 100, "chinese").ok());
    EXPECT_TRUE(ValidateName(entry.english, 100, "english").ok());
  }
}

TEST(RegionTest, CodesThatNoStandardHasAreRefused) {
  for (std::string_view text :
       {"", "22", "22010", "2201020", "22010a", "000000", "990000", "160000", "220001", " 22010", "-22010", "+22010"}) {
    const absl::Status status = ParseRegion(text, "region").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(GetRefusal(status)->rule, "GEN-11");
  }
  EXPECT_TRUE(ParseRegion("110101").ok());
  EXPECT_FALSE(ValidateRegion(Region(-220000)).ok());
  EXPECT_FALSE(ValidateRegion(Region(2201020)).ok());
}

TEST(BasinTest, JilinHasItsFiveBasins) {  // GEN-12
  std::vector<std::string_view> codes;
  for (const Basin& basin : JilinBasins()) codes.push_back(basin.code);
  EXPECT_EQ(codes, (std::vector<std::string_view>{"SONGHUA", "LIAO", "TUMEN", "YALU", "SUIFEN"}));
  EXPECT_EQ(FindBasin("LIAO")->chinese, "辽河");
  EXPECT_EQ(FindBasin("liao"), nullptr);
  EXPECT_TRUE(ValidateBasin("YALU").ok());
  EXPECT_EQ(GetRefusal(ValidateBasin("RHINE", "outlet.basin"))->accepted, "one of SONGHUA LIAO TUMEN YALU SUIFEN");
}

// ---- Text ----

TEST(TextTest, WellFormedTextIsAccepted) {
  for (std::string_view text : {"", "plain", "长春第一汽车", "é", "\xF0\x9F\x8C\xB2", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBD",
                                "\xF4\x8F\xBF\xBF", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80"}) {
    EXPECT_TRUE(ValidateUtf8(text, "text").ok()) << text;
  }
}

TEST(TextTest, MalformedUtf8IsRefusedWithItsPlace) {
  for (std::string_view text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xE4\xB8", "\xED\xA0\x80",
        "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x8C", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF"}) {
    const std::string placed = "长a" + std::string(text);
    EXPECT_EQ(GetRefusal(ValidateUtf8(placed, "note"))->value, "malformed at byte 4");
    EXPECT_EQ(GetRefusal(ValidateName(placed, 100, "note"))->value, "malformed at byte 4");
  }
}

TEST(TextTest, ACharacterCutShortIsNotCompletedByWhatFollowsInMemory) {
  const std::string whole = "a长";
  EXPECT_FALSE(ValidateUtf8(std::string_view(whole).substr(0, 3), "note").ok());
  EXPECT_FALSE(ValidateName(std::string_view(whole).substr(0, 2), 100, "note").ok());
}

// Every code point, encoded the long way, against the definition of what Unicode text may hold.
TEST(TextTest, ExactlyTheScalarValuesOfUnicodeAreAccepted) {
  // All of them, and some of what lies beyond the last.
  for (uint32_t c = 0; c <= 0x1FFFFF; c += c < 0x110400 ? 1 : 251) {
    std::string text;
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else if (c < 0x800) {
      text += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
    } else if (c < 0x10000) {
      text += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
    } else {
      text += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
               static_cast<char>(0x80 | (c & 0x3F))};
    }
    const bool scalar = c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
    ASSERT_EQ(ValidateUtf8(text, "text").ok(), scalar) << std::hex << c;
  }
}

TEST(TextTest, NamesAreBoundedAndShowAllThatTheyHold) {
  EXPECT_TRUE(ValidateName("吉林省松花江热电有限公司", 200, "name").ok());
  EXPECT_TRUE(ValidateName("A&B (Changchun) Ltd. - No. 2", 200, "name").ok());
  EXPECT_TRUE(ValidateName(std::string(200, 'a'), 200, "name").ok());
  EXPECT_EQ(GetRefusal(ValidateName(std::string(201, 'a'), 200, "name"))->value, "201 bytes");
  EXPECT_EQ(GetRefusal(ValidateName("", 200, "name"))->accepted, "a text that is not empty");
  EXPECT_EQ(GetRefusal(ValidateName("a\nb", 200, "name"))->value, "U+000A at byte 1");
  EXPECT_EQ(GetRefusal(ValidateName(std::string_view("a\0b", 3), 200, "name"))->value, "U+0000 at byte 1");
  EXPECT_EQ(GetRefusal(ValidateName("a\xE2\x80\xAE"
                                    "b",
                                    200, "name"))
                ->value,
            "U+202E at byte 1")
      << "right-to-left override";
  for (std::string_view text : {"\x7F", "\xC2\x85", "\t", "a\xE2\x80\x8B",
                                "\xEF\xBB\xBF"
                                "a",
                                " a", "a ",
                                "\xE3\x80\x80"
                                "a",
                                "a\xE3\x80\x80", " "}) {
    EXPECT_EQ(ValidateName(text, 200, "name").code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace songhua
