// The replay of published daily bars: the whole table of the Shenzhen exchange, and what it says of figures that are wrong.
#include "simulations/replay_bars.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace songhua::simulations {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const std::string kFile = std::string(SONGHUA_TESTDATA) + "/prices/shenzhen_sza_daily_2020_2021.csv";
constexpr char kHeader[] = "date,instrument,open,high,low,avg,close,volume,amount\n";

class ReplayBarsTest : public ::testing::Test {
 protected:
  ReplayBarsTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "songhua-test-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~ReplayBarsTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  std::string Write(const std::string& text) {
    const std::string path = directory_ + "/bars.csv";
    std::ofstream(path) << text;
    return path;
  }
  absl::StatusOr<Comparison> Replay(const std::string& path, int64_t block_min = kShenzhenBlockMin) {
    out_.str("");
    return ReplayBars({{path}, block_min}, out_);
  }
  // The differences of a table with these rows.
  std::vector<std::string> Differences(const std::string& rows, int64_t block_min = kShenzhenBlockMin) {
    const auto comparison = Replay(Write(kHeader + rows), block_min);
    EXPECT_TRUE(comparison.ok()) << comparison.status();
    return comparison.ok() ? comparison->differences() : std::vector<std::string>{"none was made"};
  }

  std::string directory_;
  std::ostringstream out_;
};

TEST_F(ReplayBarsTest, TheBarsOfTheShenzhenExchangeComeOutButForItsOwnFaults) {
  const auto comparison = Replay(kFile);
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_THAT(comparison->differences(), UnorderedElementsAre(
                                             // Low above high.
                                             HasSubstr(".csv:294: low of SZA-2018 on 2021-06-24: published 8.14, ours 6.66"),
                                             HasSubstr(".csv:480: low of SZA-2019 on 2021-05-13: published 12380.00, ours 12.40"),
                                             HasSubstr(".csv:581: low of SZA-2019 on 2021-04-07: published 7.00, ours 6.02"),
                                             HasSubstr(".csv:581: high of SZA-2019 on 2021-04-07: published 6.02, ours 7.00"),
                                             // Volumes that hold no block trade, and averages that amount and volume do not give.
                                             HasSubstr(".csv:109: average of SZA-2020 on 2021-11-08: published 8.79, ours 7.99"),
                                             HasSubstr(".csv:144: average of SZA-2019 on 2021-09-28: published 27.90, ours 1.00"),
                                             HasSubstr(".csv:397: average of SZA-2017 on 2021-06-02: published 8.05, ours 8.50"),
                                             HasSubstr(".csv:577: average of SZA-2019 on 2021-04-08: published 6.88, ours 11.47"),
                                             HasSubstr(".csv:601: average of SZA-2019 on 2021-03-31: published 7.80, ours 8.02"),
                                             // One price, and an amount that is not that price times the volume.
                                             HasSubstr(".csv:433: amount of SZA-2016 on 2021-05-25: published 17882.97, ours 17884.90"),
                                             HasSubstr(".csv:618: amount of SZA-2017 on 2021-03-25: published 27453.10, ours 27453.72")));
  EXPECT_THAT(out_.str(), HasSubstr("788 daily bars of 8 instruments, 2020-12-08 to 2021-12-08\n"));
  EXPECT_THAT(out_.str(), HasSubstr("compared: 766 lows, 766 highs, 714 averages, 391 amounts, 44 carried prices\n"));
  EXPECT_THAT(out_.str(), HasSubstr("to which the previous close is carried: 22\n"));
  EXPECT_THAT(out_.str(), HasSubstr("not amount / volume: 51; 46 of them, of 10000 t or more, show block trades"));
  EXPECT_THAT(out_.str(), HasSubstr("as block trades are in it: 6\n"));
  EXPECT_THAT(out_.str(), HasSubstr("bars that contradict themselves, low above another price: 3\n"));
  EXPECT_THAT(out_.str(), HasSubstr("bars under a day that has another of the instrument: 3 ("));
  EXPECT_THAT(out_.str(), EndsWith("\nmatched 2670 of 2681\n"));
}

TEST_F(ReplayBarsTest, BarsOfListedTradesMatchToTheFen) {
  const std::string rows =
      "2021-06-24,A,10,10.5,9.5,10.01,9.8,3,30.02\n"  // 10.00667
      "2021-06-25,A,9.8,9.8,9.8,9.8,9.8,7,68.6\n";
  EXPECT_THAT(Differences(rows), IsEmpty());
  EXPECT_THAT(out_.str(), EndsWith("matched 7 of 7\n"));
  EXPECT_THAT(Differences("2021-06-24,A,10,10.5,9.5,10.00,9.8,3,30.02\n"),
              ElementsAre(HasSubstr("bars.csv:2: average of A on 2021-06-24: published 10.00, ours 10.01")));
  // One price: the amount itself must be right, though the average still rounds to it.
  EXPECT_THAT(Differences("2021-06-25,A,9.8,9.8,9.8,9.8,9.8,7,68.61\n"),
              ElementsAre(HasSubstr("bars.csv:2: amount of A on 2021-06-25: published 68.61, ours 68.60")));
}

TEST_F(ReplayBarsTest, PricesOutsideOfHighAndLowAreReported) {
  EXPECT_THAT(Differences("2021-06-24,A,10.6,10.5,9.5,10,9.4,3,30\n"),
              UnorderedElementsAre(HasSubstr("high of A on 2021-06-24: published 10.50, ours 10.60"),
                                   HasSubstr("low of A on 2021-06-24: published 9.50, ours 9.40")));
  // An average outside of them, in a bar too small for a block trade.
  EXPECT_THAT(Differences("2021-06-24,A,10,10.5,9.5,9,10,3,27\n"),
              ElementsAre(HasSubstr("low of A on 2021-06-24: published 9.50, ours 9.00")));
}

TEST_F(ReplayBarsTest, ADayWithoutListedTradesHasThePreviousClose) {
  const std::string rows =
      "2021-06-28,A,9.81,,,,9.8,20000,140000\n"
      "2021-06-25,B,7,7,7,7,7,1,7\n"
      "2021-06-24,A,10,10,9.8,9.9,9.8,2,19.8\n"
      "2021-06-23,B,6,,,,6,20000,140000\n";  // nothing before it
  EXPECT_THAT(Differences(rows), ElementsAre(HasSubstr("bars.csv:2: open of A on 2021-06-28: published 9.81, ours 9.80")));
  EXPECT_THAT(out_.str(), HasSubstr("carried: 2, of which it is not known for 1\n"));
}

TEST_F(ReplayBarsTest, ABlockTradeExplainsAnAverageOnlyWhereTheVolumeCouldHoldOne) {
  const std::string rows = "2021-06-24,A,10,10,10,10,10,10001,60010\n";  // 1 t at 10, 10,000 t at 6
  EXPECT_THAT(Differences(rows), IsEmpty());
  EXPECT_THAT(out_.str(), HasSubstr("not amount / volume: 1; 1 of them, of 10000 t or more"));
  EXPECT_THAT(Differences(rows, 10'002), ElementsAre(HasSubstr("average of A on 2021-06-24: published 10.00, ours 6.00")));
}

TEST_F(ReplayBarsTest, CellsThatCannotBeReadAreReportedAndTheirRowsLeftOut) {
  EXPECT_THAT(
      Differences("24.06.2021,A,10,10,10,10,10,1,10\n"
                  "2021-06-24,,10,10,10,10,10,1,10\n"
                  "2021-06-24,A,ten,10,10,10,10,1,10\n"
                  "2021-06-24,A,10,10,,10,10,1,10\n"
                  "2021-06-24,A,10,10,10,,10,1,10\n"
                  "2021-06-24,A,10,10,10,10,10,0,10\n"
                  "2021-06-24,A,10,10,10,10,10,1.5,10\n"
                  "2021-06-24,A,10,10,10,10,10,1,\n"
                  "2021-06-24,A,10,10,10\n"),
      ElementsAre(HasSubstr(":2: date: published \"24.06.2021\""), HasSubstr(":3: instrument: published \"\""),
                  HasSubstr(":4: open: published \"ten\", ours none: not yuan from 0 to 10000000.00"), HasSubstr(":5: low: published \"\""),
                  HasSubstr(":6: avg: published \"\""), HasSubstr(":7: volume: published \"0\""),
                  HasSubstr(":8: volume: published \"1.5\""), HasSubstr(":9: amount: published \"\""), HasSubstr(":10: row: published")));
  EXPECT_THAT(out_.str(), HasSubstr("0 daily bars"));
}

TEST_F(ReplayBarsTest, OtherHeadingsWillDoAndMissingOnesAreNamed) {
  const auto comparison =
      Replay(Write("Contract,Trading Date,Opening Price,Highest Price,Lowest Price,Average Price,Closing Price,Turnover (yuan),Volume (t)\n"
                   "CEA,2021-07-16,48,52.8,48,51.23,51.23,\"51.23\",1\n"));
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_THAT(comparison->differences(), IsEmpty());
  EXPECT_EQ(comparison->compared(), 3);
  EXPECT_THAT(std::string(Replay(Write("date,instrument,open,high,low,close,volume\n")).status().message()),
              testing::AllOf(HasSubstr("average price"), HasSubstr("amount")));
  EXPECT_THAT(std::string(Replay("/nowhere.csv").status().message()), HasSubstr("/nowhere.csv: cannot be opened"));
}

}  // namespace
}  // namespace songhua::simulations
