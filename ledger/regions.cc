// Regions and basins of ledger/identifiers.h: GB/T 2260 arithmetic and Jilin's tables.

#include <algorithm>
#include <array>
#include <iterator>

#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/refusal.h"

namespace songhua {
namespace {

constexpr int32_t kProvinceStep = 10'000;
constexpr int32_t kCityStep = 100;

// The first two digits of the provinces, autonomous regions, municipalities and special regions of GB/T 2260.
constexpr std::array<int32_t, 34> kProvinces = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42,
                                                43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82};

bool Exists(Region region) {
  const int32_t code = region.value();
  const bool county_without_city = code / kCityStep % 100 == 0 && code % kCityStep != 0;
  return std::find(kProvinces.begin(), kProvinces.end(), code / kProvinceStep) != kProvinces.end() && !county_without_city;
}

// Codes as in force since Gongzhuling moved to Changchun (2020).
constexpr NamedRegion kJilin[] = {
    {Region(220000), "吉林省", "Jilin Province"},
    {Region(220100), "长春市", "Changchun"},
    {Region(220102), "南关区", "Nanguan District"},
    {Region(220103), "宽城区", "Kuancheng District"},
    {Region(220104), "朝阳区", "Chaoyang District"},
    {Region(220105), "二道区", "Erdao District"},
    {Region(220106), "绿园区", "Lvyuan District"},
    {Region(220112), "双阳区", "Shuangyang District"},
    {Region(220113), "九台区", "Jiutai District"},
    {Region(220122), "农安县", "Nong'an County"},
    {Region(220182), "榆树市", "Yushu"},
    {Region(220183), "德惠市", "Dehui"},
    {Region(220184), "公主岭市", "Gongzhuling"},
    {Region(220200), "吉林市", "Jilin City"},
    {Region(220202), "昌邑区", "Changyi District"},
    {Region(220203), "龙潭区", "Longtan District"},
    {Region(220204), "船营区", "Chuanying District"},
    {Region(220211), "丰满区", "Fengman District"},
    {Region(220221), "永吉县", "Yongji County"},
    {Region(220281), "蛟河市", "Jiaohe"},
    {Region(220282), "桦甸市", "Huadian"},
    {Region(220283), "舒兰市", "Shulan"},
    {Region(220284), "磐石市", "Panshi"},
    {Region(220300), "四平市", "Siping"},
    {Region(220302), "铁西区", "Tiexi District"},
    {Region(220303), "铁东区", "Tiedong District"},
    {Region(220322), "梨树县", "Lishu County"},
    {Region(220323), "伊通满族自治县", "Yitong Manchu Autonomous County"},
    {Region(220382), "双辽市", "Shuangliao"},
    {Region(220400), "辽源市", "Liaoyuan"},
    {Region(220402), "龙山区", "Longshan District"},
    {Region(220403), "西安区", "Xi'an District"},
    {Region(220421), "东丰县", "Dongfeng County"},
    {Region(220422), "东辽县", "Dongliao County"},
    {Region(220500), "通化市", "Tonghua"},
    {Region(220502), "东昌区", "Dongchang District"},
    {Region(220503), "二道江区", "Erdaojiang District"},
    {Region(220521), "通化县", "Tonghua County"},
    {Region(220523), "辉南县", "Huinan County"},
    {Region(220524), "柳河县", "Liuhe County"},
    {Region(220581), "梅河口市", "Meihekou"},
    {Region(220582), "集安市", "Ji'an"},
    {Region(220600), "白山市", "Baishan"},
    {Region(220602), "浑江区", "Hunjiang District"},
    {Region(220605), "江源区", "Jiangyuan District"},
    {Region(220621), "抚松县", "Fusong County"},
    {Region(220622), "靖宇县", "Jingyu County"},
    {Region(220623), "长白朝鲜族自治县", "Changbai Korean Autonomous County"},
    {Region(220681), "临江市", "Linjiang"},
    {Region(220700), "松原市", "Songyuan"},
    {Region(220702), "宁江区", "Ningjiang District"},
    {Region(220721), "前郭尔罗斯蒙古族自治县", "Qian Gorlos Mongol Autonomous County"},
    {Region(220722), "长岭县", "Changling County"},
    {Region(220723), "乾安县", "Qian'an County"},
    {Region(220781), "扶余市", "Fuyu"},
    {Region(220800), "白城市", "Baicheng"},
    {Region(220802), "洮北区", "Taobei District"},
    {Region(220821), "镇赉县", "Zhenlai County"},
    {Region(220822), "通榆县", "Tongyu County"},
    {Region(220881), "洮南市", "Taonan"},
    {Region(220882), "大安市", "Da'an"},
    {Region(222400), "延边朝鲜族自治州", "Yanbian Korean Autonomous Prefecture"},
    {Region(222401), "延吉市", "Yanji"},
    {Region(222402), "图们市", "Tumen"},
    {Region(222403), "敦化市", "Dunhua"},
    {Region(222404), "珲春市", "Hunchun"},
    {Region(222405), "龙井市", "Longjing"},
    {Region(222406), "和龙市", "Helong"},
    {Region(222424), "汪清县", "Wangqing County"},
    {Region(222426), "安图县", "Antu County"},
    {kChangbaiMountain, "长白山保护开发区", "Changbai Mountain Protection and Development Zone"},
};
static_assert(std::is_sorted(std::begin(kJilin), std::end(kJilin),
                             [](const NamedRegion& a, const NamedRegion& b) { return a.region < b.region; }));

constexpr Basin kBasins[] = {
    {"SONGHUA", "松花江", "Songhua River"}, {"LIAO", "辽河", "Liao River"},       {"TUMEN", "图们江", "Tumen River"},
    {"YALU", "鸭绿江", "Yalu River"},       {"SUIFEN", "绥芬河", "Suifen River"},
};

}  // namespace

absl::StatusOr<Region> ParseRegion(std::string_view text, std::string_view field) {
  int32_t code = 0;
  bool digits = text.size() == 6;
  for (size_t i = 0; digits && i < text.size(); ++i) {
    digits = text[i] >= '0' && text[i] <= '9';
    code = code * 10 + (text[i] - '0');
  }
  if (!digits || !Exists(Region(code))) {
    return InvalidField(field, text.substr(0, 40), "a six-digit region code of GB/T 2260, such as 220100").Rule("GEN-11");
  }
  return Region(code);
}

absl::Status ValidateRegion(Region region, std::string_view field) {
  if (Exists(region)) return absl::OkStatus();
  return InvalidField(field, std::to_string(region.value()), "a six-digit region code of GB/T 2260, such as 220100").Rule("GEN-11");
}

std::string FormatRegion(Region region) { return std::to_string(region.value()); }

RegionLevel LevelOf(Region region) {
  SONGHUA_CHECK(Exists(region));
  if (region.value() % kProvinceStep == 0) return RegionLevel::kProvince;
  return region.value() % kCityStep == 0 ? RegionLevel::kCity : RegionLevel::kCounty;
}

Region ProvinceOf(Region region) { return Region(region.value() / kProvinceStep * kProvinceStep); }
Region CityOf(Region region) { return Region(region.value() / kCityStep * kCityStep); }

bool RegionContains(Region scope, Region region) {
  if (!Exists(scope) || !Exists(region)) return false;
  return scope == region || scope == CityOf(region) || scope == ProvinceOf(region);
}

std::span<const NamedRegion> JilinRegions() { return kJilin; }

const NamedRegion* FindRegion(Region region) {
  const auto* found = std::lower_bound(std::begin(kJilin), std::end(kJilin), region,
                                       [](const NamedRegion& entry, Region wanted) { return entry.region < wanted; });
  return found != std::end(kJilin) && found->region == region ? found : nullptr;
}

std::span<const Basin> JilinBasins() { return kBasins; }

const Basin* FindBasin(std::string_view code) {
  const auto* found = std::find_if(std::begin(kBasins), std::end(kBasins), [&](const Basin& basin) { return basin.code == code; });
  return found != std::end(kBasins) ? found : nullptr;
}

absl::Status ValidateBasin(std::string_view code, std::string_view field) {
  if (FindBasin(code) != nullptr) return absl::OkStatus();
  std::string accepted = "one of";
  for (const Basin& basin : kBasins) accepted.append(" ").append(basin.code);
  return InvalidField(field, code.substr(0, 40), accepted).Rule("GEN-12");
}

}  // namespace songhua
