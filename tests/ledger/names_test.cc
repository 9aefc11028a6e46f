#include "ledger/names.h"

#include "gtest/gtest.h"
#include "ledger/counters.h"
#include "ledger/wire.h"
#include "tests/table_fixture.h"

namespace songhua::ledger {
namespace {

TEST(NamesTest, TheIdComesBackOutOfItsName) {
  EXPECT_EQ(*ParseName("site", "sites", "sites/91130200699229617X001"), "91130200699229617X001");
  EXPECT_EQ(*ParseName("account", "accounts", "accounts/cea.reserve.220100"), "cea.reserve.220100");
  EXPECT_EQ(*ParseName("x", "people", MakeName("people", "wang-li")), "wang-li");
  EXPECT_EQ(MakeName("lots", 12), "lots/12");
}

TEST(NamesTest, AnotherCollectionOrAFunnyIdIsRefusedWithWhatIsAccepted) {
  for (const char* name :
       {"", "sites", "sites/", "site/1", "sites1", "people/1", "sites/a/b", "sites/a b", "sites/\xE9\xBE\x99", "/sites/1"}) {
    const auto parsed = ParseName("site", "sites", name);
    EXPECT_EQ(Outcome(parsed), "INVALID_FIELD - site") << name;
    EXPECT_EQ(Detail(parsed).accepted, "sites/{id}, the id 1 to 100 of [A-Za-z0-9._-]");
  }
  EXPECT_TRUE(ParseName("site", "sites", "sites/" + std::string(100, 'a')).ok());
  EXPECT_FALSE(ParseName("site", "sites", "sites/" + std::string(101, 'a')).ok());
}

TEST(NamesTest, ARefusedNameIsShownCutShort) { EXPECT_EQ(Detail(ParseName("site", "sites", std::string(5000, 'x'))).value.size(), 64u); }

TEST(NamesTest, ANumberHasOneName) {
  EXPECT_EQ(*ParseNumberedName("lot", "lots", "lots/12"), 12u);
  EXPECT_EQ(*ParseNumberedName("lot", "lots", "lots/18446744073709551615"), UINT64_MAX);
  for (const char* name :
       {"lots/", "lots/0", "lots/012", "lots/-1", "lots/+1", "lots/1 ", "lots/1.0", "lots/18446744073709551616", "trades/1"}) {
    EXPECT_EQ(Outcome(ParseNumberedName("lot", "lots", name)), "INVALID_FIELD - lot") << name;
  }
}

TEST(NamesTest, CodesAndPollutantsKeepToTheirAlphabets) {
  for (const char* code : {"a", "jl-eco-01", "2026"}) EXPECT_TRUE(ValidateCode("code", code).ok()) << code;
  for (const char* code : {"", "-a", "a-", "A", "a_b", "a.b"}) EXPECT_FALSE(ValidateCode("code", code).ok()) << code;
  EXPECT_TRUE(ValidateCode("code", std::string(40, 'a')).ok());
  EXPECT_FALSE(ValidateCode("code", std::string(41, 'a')).ok());
  for (const char* pollutant : {"SO2", "NH3-N", "PM2.5", "COD"}) EXPECT_TRUE(ValidatePollutant("p", pollutant).ok()) << pollutant;
  for (const char* pollutant : {"", "so2", "2SO", "SO 2", "SO2/NOX"}) EXPECT_FALSE(ValidatePollutant("p", pollutant).ok()) << pollutant;
}

TEST(CountersTest, NumbersGoOnAfterARestart) {
  StoredRows stored;
  {
    TableSet tables;
    Counters counters(&tables);
    EXPECT_EQ(counters.Next("a"), 1u);
    EXPECT_EQ(counters.Next("a"), 2u);
    EXPECT_EQ(counters.Next("b"), 1u);
    EXPECT_EQ(counters.Peek("a"), 3u);
    EXPECT_EQ(counters.Peek("a"), 3u);
    stored.Fold(&tables);
  }
  TableSet tables;
  Counters counters(&tables);
  stored.LoadInto(&tables);
  EXPECT_EQ(counters.Next("a"), 3u);
  EXPECT_EQ(counters.Next("b"), 2u);
  EXPECT_EQ(counters.Next("c"), 1u);
}

TEST(WireTest, InstantsSurviveTheRoundTripToTheMicrosecond) {
  for (int64_t micros : {kFirstTimestamp.value(), int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{1767574800123456}, kLastTimestamp.value()}) {
    const google::protobuf::Timestamp message = ToProto(Timestamp(micros));
    EXPECT_GE(message.nanos(), 0);
    EXPECT_EQ(ParseTime("t", message)->value(), micros);
  }
}

TEST(WireTest, InstantsThatWeCannotKeepAreRefused) {
  google::protobuf::Timestamp at;
  at.set_nanos(1);  // finer than a microsecond
  EXPECT_EQ(Outcome(ParseTime("t", at)), "INVALID_FIELD - t");
  at.set_nanos(-1000);
  EXPECT_FALSE(ParseTime("t", at).ok());
  at.set_nanos(1'000'000'000);
  EXPECT_FALSE(ParseTime("t", at).ok());
  at.set_nanos(0);
  at.set_seconds(INT64_MAX);
  EXPECT_FALSE(ParseTime("t", at).ok());
  at.set_seconds(INT64_MIN);
  EXPECT_FALSE(ParseTime("t", at).ok());
}

TEST(WireTest, YearlyQuantitiesComeSortedAndEachYearOnce) {
  google::protobuf::RepeatedPtrField<v1::YearQuantity> message;
  AppendProto({{2027, Quantity(5)}, {2026, Quantity(3)}}, &message);
  const auto parsed = ParseYearQuantities("q", message);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(*parsed, (YearQuantities{{2026, Quantity(3)}, {2027, Quantity(5)}}));
  message.Add()->set_year(2026);
  EXPECT_EQ(Detail(ParseYearQuantities("q", message)).value, "2026");
  message.Mutable(2)->set_year(2028);
  message.Mutable(2)->set_quantity(-1);
  EXPECT_EQ(Outcome(ParseYearQuantities("q", message)), "INVALID_FIELD - q");
}

}  // namespace
}  // namespace songhua::ledger
