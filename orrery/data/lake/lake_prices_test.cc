#include "orrery/data/lake/lake_prices.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <thread>

#include "orrery/base/clock.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/lake/action_kinds.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/import_prices.h"
#include "testing/same_market.h"
#include "testing/shared_data.h"
#include "testing/temporary_folder.h"

namespace orrery::lake_prices_test {
namespace {

using testing::expect_same_market;
using testing::TemporaryFolder;

Timestamp at(const char* text) { return *parse_timestamp(text); }

/// Two names; B splits 2 for 1 on 7 January (its file's adjusted close halves before), A pays on the 6th.
constexpr const char* kFile = R"(date,symbol,open,high,low,close,volume,adj_close,interest
2020-01-02,A,10,11,9,10,100,9.9,5
2020-01-03,A,10,11,9,10,100,9.9,6
2020-01-06,A,10,11,9,9.9,100,9.9,
2020-01-07,A,10,11,9,10.5,100,10.5,8
2020-01-02,B,40,42,38,40,100,20,1
2020-01-03,B,40,42,38,41,100,20.5,1
2020-01-06,B,40,42,38,42,100,21,1
2020-01-07,B,20,22,19,21.5,200,21.5,1
2020-01-07,C,20,2,19,21.5,200,21.5,1
)";

struct PriceLake : ::testing::Test {
  std::filesystem::path file(const std::string& text, const std::string& name = "prices.csv") const {
    write_file_atomically(folder.path() / name, text);
    return folder.path() / name;
  }
  PriceImport take(const std::string& text, const char* retrieved = "2020-02-01") const {
    Lake lake(view().folder);
    return import_prices(lake, file(text), "bars_1d", {"hand", at(retrieved), {}});
  }
  LakeView view() const {
    LakeView view;
    view.folder = folder.path() / "lake";
    return view;
  }
  LakeView view_as_of(const char* moment) const {
    auto result = view();
    result.as_of = at(moment);
    return result;
  }
  TemporaryFolder folder;
};

TEST_F(PriceLake, ShowsTheMarketThatItsFileShows) {
  const auto done = take(kFile);
  EXPECT_EQ(done.rows_read, 9u);
  EXPECT_EQ(done.bars.added, 8u);
  EXPECT_EQ(done.actions.added, 2u);
  EXPECT_EQ(done.quarantined.at("impossible bar"), 1u);
  for (const auto adjustment : {Adjustment::kForward, Adjustment::kNone}) {
    PriceSource source;
    source.path = file(kFile);
    source.adjustment = adjustment;
    const auto from_file = load_prices(source);
    const auto from_lake = load_lake_prices(view(), source);
    expect_same_market(from_file.market, from_lake.market);
    EXPECT_EQ(from_lake.summary.rows_quarantined, 0u);
    EXPECT_EQ(from_lake.summary.extra_fields, from_file.summary.extra_fields);
    EXPECT_FALSE(from_lake.market.delivered_adjusted);
  }
}

TEST_F(PriceLake, KeepsWhatWasRefused) {
  take(kFile);
  Lake lake(view().folder);
  const auto rows = lake.open("quarantine").scan({})->rest();
  ASSERT_EQ(rows.rows(), 1u);
  EXPECT_EQ(std::get<DictionaryStrings>(rows.column("reason").values).dictionary.front(), "impossible bar");
  EXPECT_EQ(std::get<std::vector<Date>>(rows.column("date").values).front(), make_date(2020, 1, 7));
}

TEST_F(PriceLake, ImportingAgainAddsNothing) {
  take(kFile);
  const auto again = take(kFile, "2020-03-01");
  EXPECT_EQ(again.bars.added + again.bars.restated, 0u);
  EXPECT_EQ(again.bars.same, 8u);
  EXPECT_EQ(again.actions.same, 2u);
  Lake lake(view().folder);
  EXPECT_EQ(lake.open("quarantine").scan({})->rest().rows(), 1u);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

/// The source mends a close in March: whoever looks as of February sees what February knew.
TEST_F(PriceLake, ACorrectionIsKnownFromItsRetrievalOn) {
  take(kFile);
  const auto before = load_lake_prices(view_as_of("2020-02-15"), {});
  const auto done = take(replaced(kFile, "10.5,100,10.5", "10.6,100,10.6"), "2020-03-01");
  EXPECT_EQ(done.bars.restated, 1u);
  const auto same = load_lake_prices(view_as_of("2020-02-15"), {});
  expect_same_market(before.market, same.market);
  EXPECT_EQ(before.fingerprint, same.fingerprint);
  EXPECT_NE(before.table_versions, same.table_versions);
  const auto mended = load_lake_prices(view_as_of("2020-03-01"), {});
  EXPECT_EQ(mended.market.raw_field("close")(3, 0), 10.6);
  EXPECT_NE(mended.fingerprint, before.fingerprint);
}

TEST_F(PriceLake, ReadsWhatWasCommittedByAMoment) {
  take(kFile);
  const auto pause = [] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); };
  pause();  // the log's times are whole milliseconds
  auto first = view();
  first.committed_by = current_time();
  pause();
  const auto before = load_lake_prices(first, {});
  // A backfill is known by its rule, so that only the commit tells it from what was there.
  take(std::string(kFile) + "2020-01-02,D,1,1,1,1,1,1,1\n");
  EXPECT_EQ(load_lake_prices(view(), {}).market.instruments(), 3u);
  const auto same = load_lake_prices(first, {});
  EXPECT_EQ(same.market.instruments(), 2u);
  EXPECT_EQ(same.fingerprint, before.fingerprint);
}

TEST_F(PriceLake, ADayIsKnownAtItsEnd) {
  take(kFile);
  EXPECT_EQ(load_lake_prices(view_as_of("2020-01-06T23:59:59Z"), {}).market.dates.back(),
            make_date(2020, 1, 3));
  EXPECT_EQ(load_lake_prices(view_as_of("2020-01-07"), {}).market.dates.back(), make_date(2020, 1, 6));
  EXPECT_THROW(load_lake_prices(view_as_of("2019-12-31"), {}), Error);
}

/// Cutting the future off leaves every number of the past as it was, adjusted prices too.
TEST_F(PriceLake, TheFutureDoesNotReachThePast) {
  take(kFile);
  const auto whole = load_lake_prices(view(), {});
  const auto cut = load_lake_prices(view_as_of("2020-01-07"), {});
  for (const auto& [name, panel] : cut.market.fields) {
    for (std::size_t row = 0; row < cut.market.rows(); ++row) {
      for (std::size_t i = 0; i < cut.market.instruments(); ++i) {
        const double a = panel(row, i), b = whole.market.field(name)(row, i);
        EXPECT_TRUE(a == b || (std::isnan(a) && std::isnan(b))) << name << " " << row << " " << i;
      }
    }
  }
}

TEST_F(PriceLake, ReadsSomeNamesAndDaysOnly) {
  take(kFile);
  auto some = view();
  some.symbols = {"B"};
  some.first = make_date(2020, 1, 3);
  some.last = make_date(2020, 1, 6);
  const auto load = load_lake_prices(some, {});
  EXPECT_EQ(load.market.symbols, (std::vector<std::string>{"B"}));
  EXPECT_EQ(load.market.dates, (std::vector<Date>{make_date(2020, 1, 3), make_date(2020, 1, 6)}));
}

/// A spin-off or a slip of the source that is neither dividend nor split still moves adjusted prices.
TEST_F(PriceLake, FollowsStepsThatNothingExplains) {
  const std::string text =
      "date,symbol,open,high,low,close,volume,adj_close\n"
      "2020-01-02,A,10,11,9,10,100,10\n2020-01-03,A,10,11,9,10,100,9.37\n";
  take(text);
  PriceSource source;
  source.path = file(text);
  const auto from_lake = load_lake_prices(view(), source);
  expect_same_market(load_prices(source).market, from_lake.market);
  EXPECT_EQ(from_lake.summary.unexplained_adjustments, 1u);
}

/// Actions are told apart from bars: the next bar there is bears what happened on a day without one.
TEST_F(PriceLake, AnActionOnADayWithoutABarComesWithTheNext) {
  take("date,symbol,open,high,low,close,volume\n2020-01-02,A,10,11,9,10,100\n2020-01-07,A,5,6,4,5,100\n");
  EXPECT_TRUE(load_lake_prices(view(), {}).market.delivered_adjusted);
  const Table actions{
      {{"symbol", std::vector<std::string>{"A", "A", "A", "B"}},
       {"kind", std::vector<std::string>{kSplitKind, kDividendKind, kDividendKind, kSplitKind}},
       {"value", std::vector<double>{2.0, 0.5, 0.25, 9.0}},
       {kEventTime, std::vector<std::int64_t>{start_of(make_date(2020, 1, 3)).nanoseconds,
                                              start_of(make_date(2020, 1, 6)).nanoseconds,
                                              start_of(make_date(2020, 1, 7)).nanoseconds,
                                              start_of(make_date(2020, 1, 6)).nanoseconds}}}};
  Lake lake(view().folder);
  import_facts(lake, kActionsTable, actions, {"hand", at("2020-02-01"), {}});
  const auto load = load_lake_prices(view(), {});
  EXPECT_EQ(load.market.split_ratio(3, 0), 2.0);
  EXPECT_EQ(load.market.dividend(3, 0), 0.75);
  EXPECT_DOUBLE_EQ(load.market.field("close")(3, 0), 5.0 * 2.0 * 10.0 / 9.25);
  EXPECT_FALSE(load.market.delivered_adjusted);
}

/// The fund META became METV, then Facebook took the symbol: one instrument each, by its last symbol.
TEST_F(PriceLake, AnInstrumentKeepsItsPastUnderANewSymbol) {
  take(
      "date,symbol,open,high,low,close,volume\n"
      "2022-01-28,FB,300,310,290,301,10\n2022-06-08,FB,190,200,180,196,10\n2022-06-09,META,190,200,180,184,"
      "10\n"
      "2022-01-28,META,12,13,11,12,10\n2022-01-31,METV,12,13,11,12.5,10\n");
  const Table renames{{{"symbol", std::vector<std::string>{"META", "FB"}},
                       {"kind", std::vector<std::string>{kRenameKind, kRenameKind}},
                       {"note", std::vector<std::string>{"METV", "META"}},
                       {kEventTime, std::vector<std::int64_t>{start_of(make_date(2022, 1, 31)).nanoseconds,
                                                              start_of(make_date(2022, 6, 9)).nanoseconds}}}};
  Lake lake(view().folder);
  import_facts(lake, kActionsTable, renames, {"hand", at("2023-01-01"), {}});
  const auto market = load_lake_prices(view(), {}).market;
  ASSERT_EQ(market.symbols, (std::vector<std::string>{"META", "METV"}));
  EXPECT_EQ(market.raw_field("close")(0, 0), 301.0);
  EXPECT_EQ(market.raw_field("close")(market.rows() - 1, 0), 184.0);
  EXPECT_EQ(market.raw_field("close")(0, 1), 12.0);
  EXPECT_EQ(market.last_row[1], 1);
  // In March nobody knew that Facebook would take the symbol.
  EXPECT_EQ(load_lake_prices(view_as_of("2022-03-01"), {}).market.symbols,
            (std::vector<std::string>{"FB", "METV"}));
  auto one = view();
  one.symbols = {"META"};
  const auto alone = load_lake_prices(one, {}).market;
  EXPECT_EQ(alone.symbols, (std::vector<std::string>{"META"}));
  EXPECT_EQ(alone.raw_field("close")(0, 0), 301.0);
}

/// The first file has every day and no vwap at all, so that neither the moments nor that column need be read
/// of it.
TEST_F(PriceLake, ABarWithoutADayBelongsToTheOneItEndsAndBringsAColumnToLife) {
  take(kFile);
  PriceSource source;
  source.adjustment = Adjustment::kNone;
  const auto before = load_lake_prices(view(), source);
  const std::vector<std::int64_t> end = {start_of(make_date(2020, 1, 9)).nanoseconds};
  Lake lake(view().folder);
  lake.open("bars_1d").append({{{"symbol", DictionaryStrings{{0}, {"A"}}},
                                {"open", std::vector<double>{10.0}},
                                {"high", std::vector<double>{11.0}},
                                {"low", std::vector<double>{9.0}},
                                {"close", std::vector<double>{10.2}},
                                {"volume", std::vector<double>{100.0}},
                                {"vwap", std::vector<double>{10.1}},
                                {kEventTime, end},
                                {kKnownTime, end},
                                {kRetrievedTime, end}}});
  const auto after = load_lake_prices(view(), source);
  ASSERT_EQ(after.market.dates.back(), make_date(2020, 1, 8));
  const auto last = after.market.rows() - 1;
  EXPECT_EQ(after.market.raw.at("close")(last, 0), 10.2);
  EXPECT_EQ(after.market.fields.at("vwap")(last, 0), 10.1);
  EXPECT_EQ(after.market.fields.at("vwap")(0, 0), before.market.fields.at("vwap")(0, 0));
  EXPECT_NE(after.fingerprint, before.fingerprint);
}

TEST_F(PriceLake, ThreadsChangeNothing) {
  take(kFile);
  PriceSource source;
  source.threads = 1;
  const auto alone = load_lake_prices(view(), source);
  source.threads = 5;
  const auto together = load_lake_prices(view(), source);
  expect_same_market(alone.market, together.market);
  EXPECT_EQ(alone.fingerprint, together.fingerprint);
}

TEST_F(PriceLake, TellsOfDelistings) {
  take(kFile);
  const Table rows{{{"symbol", std::vector<std::string>{"B", "A"}},
                    {"kind", std::vector<std::string>{kDelistingKind, kDelistingKind}},
                    {"value", std::vector<double>{-0.5, std::nan("")}},
                    {"note", std::vector<std::string>{"merger", "performance"}},
                    {kEventTime, std::vector<std::int64_t>{start_of(make_date(2020, 1, 4)).nanoseconds,
                                                           start_of(make_date(2020, 1, 7)).nanoseconds}}}};
  Lake lake(view().folder);
  import_facts(lake, kActionsTable, rows, {"hand", at("2023-01-01"), {}});
  const auto found = load_lake_prices(view(), {}).market.delistings;
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].delisting_return, -0.3);
  EXPECT_EQ(found[0].row, 3u);
  EXPECT_EQ(found[1].delisting_return, -0.5);
  EXPECT_EQ(found[1].row, 2u);  // the 6th: the 4th is a Saturday
  EXPECT_EQ(found[1].reason, "merger");
  EXPECT_EQ(load_lake_prices(view_as_of("2020-01-05"), {}).market.delistings.size(), 0u);
}

/// The main study's file: the same market to the bit, from Parquet and from text.
TEST_F(PriceLake, ShowsTheRealMarketThatItsFileShows) {
  ORRERY_SHARED_OR_SKIP(path, "data/daily_sp500_2015_2018/ohlcv.parquet");
  Lake lake(view().folder);
  const auto done = import_prices(lake, path, "bars_1d", {"kaggle", at("2020-01-01"), {}});
  EXPECT_EQ(done.bars.added + done.quarantined.at("impossible bar"), done.rows_read);
  PriceSource source;
  source.path = path;
  const auto from_file = load_prices(source);
  const auto from_lake = load_lake_prices(view_as_of("2019-01-01"), source);
  expect_same_market(from_file.market, from_lake.market);
  EXPECT_EQ(from_lake.summary.dividends, from_file.summary.dividends);
  EXPECT_EQ(from_lake.summary.splits, from_file.summary.splits);
}

/// Yahoo's adjusted closes, of which only dividends and splits were kept, come back from these: each within
/// its own six decimals and float32, 5e-7 of it, on each of the up to 60 steps to the last day.
TEST_F(PriceLake, GivesBackYahoosAdjustedCloses) {
  ORRERY_SHARED_OR_SKIP(path, "data/daily_sp500_2015_2018/ohlcv.parquet");
  Lake lake(view().folder);
  import_prices(lake, path, "bars_1d", {"yahoo", at("2020-01-01"), {}});
  PriceSource source;
  source.path = path;
  source.adjustment = Adjustment::kBackward;
  const auto yahoo = load_prices(source).market;
  const auto lake_view = load_lake_prices(view(), source).market;
  double worst = 0.0;
  for (std::size_t i = 0; i < yahoo.instruments(); ++i) {
    const auto last = static_cast<std::size_t>(yahoo.last_row[i]);
    const double scale = yahoo.field("close")(last, i) / lake_view.field("close")(last, i);
    for (std::size_t row = 0; row < yahoo.rows(); ++row) {
      if (yahoo.present(row, i) == 0) continue;
      const double ratio = lake_view.field("close")(row, i) * scale / yahoo.field("close")(row, i);
      worst = std::max(worst, std::abs(ratio - 1.0));
    }
  }
  EXPECT_LT(worst, 2e-5);
  EXPECT_GT(worst, 0.0);
}

}  // namespace
}  // namespace orrery::lake_prices_test
