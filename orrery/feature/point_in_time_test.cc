#include "orrery/feature/point_in_time.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "orrery/factor/compute.h"
#include "orrery/feature/feature_time.h"
#include "orrery/feature/historical_features.h"
#include "orrery/feature/materialize.h"
#include "orrery/market/session_times.h"
#include "testing/small_market.h"

namespace orrery::point_in_time_test {
namespace {

using orrery::testing::make_market;
using orrery::testing::make_random_market;

ViewDefinition view_with(std::vector<FactorDefinition> features) {
  ViewDefinition view;
  view.name = "v";
  view.data.prices.calendar = "24/5";
  view.features = std::move(features);
  return view;
}

ViewDefinition crossing_view() {
  return view_with({{"r3", "$close/Ref($close,3)-1"},
                    {"rank", "CSRank(Mean($close,5))"},
                    {"memory", "EMA(CSZScore(Mean($close,3)),10)"},
                    {"spread", "Std(CSRank($close/Ref($close,1)),8)"}});
}

/// The market as a file that ends with the session would give it.
MarketData market_until(const MarketData& whole, std::size_t row) {
  std::vector<std::pair<std::string, std::vector<double>>> closes;
  for (std::size_t i = 0; i < whole.instruments(); ++i) {
    std::vector<double> prices;
    for (std::size_t t = 0; t <= row; ++t) prices.push_back(whole.raw_field("close")(t, i));
    closes.emplace_back(whole.symbols[i], std::move(prices));
  }
  return make_market(std::move(closes));
}

bool same_bits(float one, float other) { return std::memcmp(&one, &other, sizeof(float)) == 0; }

std::vector<FeatureCell> all_bars(const MarketData& market) {
  std::vector<FeatureCell> cells;
  for (std::size_t i = 0; i < market.instruments(); ++i) {
    for (std::size_t t = 0; t < market.rows(); ++t) {
      if (market.present(t, i) != 0) cells.push_back({i, t});
    }
  }
  return cells;
}

bool anybody_pauses(const MarketData& market, std::size_t row) {
  const int here = static_cast<int>(row);
  for (std::size_t i = 0; i < market.instruments(); ++i) {
    if (market.first_row[i] < here && here < market.last_row[i] && market.present(row, i) == 0) return true;
  }
  return false;
}

/// Every bar's values are those of a market that ends there, which the slow way computes for each session,
/// also where a name that trades again later pauses.
TEST(PointInTime, ValuesAreThoseOfTheirSession) {
  MarketData market = make_random_market(60, 14, 11, 0.02);
  const auto view = crossing_view();
  const auto cells = all_bars(market);
  const auto values = point_in_time_values(view, market, cells, 2);
  std::size_t compared = 0;
  std::size_t beside_pauses = 0;
  std::vector<FactorFrame> until;
  for (std::size_t t = 0; t < market.rows(); ++t)
    until.push_back(compute_factors(view.features, market_until(market, t)));
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const auto [instrument, row] = cells[c];
    beside_pauses += anybody_pauses(market, row) ? 1 : 0;
    for (std::size_t f = 0; f < view.features.size(); ++f) {
      const float expected = until[row].panels[f](row, instrument);
      const float found = values[c * view.features.size() + f];
      ASSERT_TRUE(same_bits(found, expected) || (std::isnan(found) && std::isnan(expected)))
          << view.features[f].name << " of " << market.symbols[instrument] << " in row " << row;
      compared += std::isnan(expected) ? 0 : 1;
    }
  }
  EXPECT_GT(compared, 2000U);
  EXPECT_GT(beside_pauses, 100U);  // else the test could not fail
}

TEST(PointInTime, ThreadsChangeNoBit) {
  MarketData market = make_random_market(80, 40, 3, 0.01);
  const auto cells = all_bars(market);
  const auto one = point_in_time_values(crossing_view(), market, cells, 1);
  const auto four = point_in_time_values(crossing_view(), market, cells, 4);
  EXPECT_EQ(std::memcmp(one.data(), four.data(), one.size() * sizeof(float)), 0);
}

TEST(PointInTime, NewestValuesAreTheBatchs) {
  MarketData market = make_random_market(60, 14, 5, 0.0);
  const auto view = crossing_view();
  const Timestamp now = start_of(market.dates.back() + 5);
  const auto newest = newest_values(view, market, {now, {}, 0});
  const auto batch = compute_factors(view.features, market);
  ASSERT_EQ(newest.symbols, market.symbols);
  EXPECT_EQ(newest.about.session, market.dates.back());
  for (std::size_t i = 0; i < newest.symbols.size(); ++i) {
    for (std::size_t f = 0; f < view.features.size(); ++f)
      EXPECT_TRUE(same_bits(newest.row(i)[f], batch.panels[f](market.rows() - 1, i)));
  }
}

TEST(PointInTime, NewestValuesKnowNoSessionThatIsNotOver) {
  MarketData market = make_random_market(30, 3, 5, 0.0);
  const auto view = crossing_view();
  const Date session = market.dates[20];
  const FeatureTime time(view);
  const auto before = newest_values(view, market, {{time.known(session).nanoseconds - 1}, {}, 0});
  EXPECT_EQ(before.about.session, market.dates[19]);
  EXPECT_EQ(newest_values(view, market, {time.known(session), {}, 0}).about.session, session);
  EXPECT_EQ(newest_values(view, market, {time.known(session), market.dates[7], 0}).about.session,
            market.dates[7]);
  EXPECT_THROW(newest_values(view, market, {start_of(market.dates[0]), {}, 0}), Error);
}

TEST(PointInTime, AnExpiredNameKeepsItsDateAlone) {
  const double none = orrery::testing::kNoBar;
  MarketData market = make_market({{"A", {1, 2, 3, 4, 5, 6}}, {"B", {1, 2, none, none, none, none}}});
  auto view = view_with({{"c", "$close"}});
  view.ttl = TimeToLive{2, 0};
  const auto newest = newest_values(view, market, {start_of(market.dates.back() + 1), {}, 0});
  EXPECT_EQ(newest.sessions[1], market.dates[1]);
  EXPECT_EQ(newest.row(0)[0], 6.0F);
  EXPECT_TRUE(std::isnan(newest.row(1)[0]));
}

TEST(FeatureTime, SessionsAreKnownAtTheirEnd) {
  auto view = view_with({});
  EXPECT_EQ(FeatureTime(view).known(make_date(2024, 1, 5)), start_of(make_date(2024, 1, 6)));
  view.data.prices.calendar = "XNYS";
  EXPECT_EQ(to_string(FeatureTime(view).known(make_date(2024, 1, 5))), "2024-01-05T21:00:00Z");
  EXPECT_EQ(to_string(FeatureTime(view).known(make_date(2024, 7, 3))), "2024-07-03T17:00:00Z");
  view.data.delay_nanoseconds = 1'800'000'000'000;
  EXPECT_EQ(to_string(FeatureTime(view).known(make_date(2024, 1, 5))), "2024-01-05T21:30:00Z");
}

TEST(FeatureTime, ValuesExpireWhenTheirLifeIsOver) {
  auto view = view_with({});
  view.data.prices.calendar = "XNYS";
  EXPECT_FALSE(FeatureTime(view).expires(make_date(2024, 1, 5)));
  view.ttl = TimeToLive{2, 0};  // Friday, then Monday and Tuesday
  EXPECT_EQ(to_string(*FeatureTime(view).expires(make_date(2024, 1, 5))), "2024-01-09T21:00:00Z");
  view.ttl = TimeToLive{0, 2 * kNanosecondsPerDay};
  EXPECT_EQ(to_string(*FeatureTime(view).expires(make_date(2024, 1, 5))), "2024-01-07T21:00:00Z");
  EXPECT_EQ(FeatureTime(view).sessions_behind(make_date(2024, 1, 5), start_of(make_date(2024, 1, 10))), 2);
}

/// The slow way to a historical join: looks at every session for the last that is known.
TEST(HistoricalFeatures, AreWhatWasKnownThen) {
  const auto folder_prices = make_random_market(50, 6, 9, 0.3);
  MarketData market = folder_prices;
  auto view = crossing_view();
  view.ttl = TimeToLive{2, 0};
  const FeatureTime time(view);
  std::size_t present = 0;
  std::size_t expired = 0;
  for (std::size_t i = 0; i < market.instruments(); ++i) {
    for (std::int64_t hours = 0; hours < 50 * 24; hours += 7) {
      const Timestamp asked{start_of(market.dates[0]).nanoseconds + hours * 3600 * kNanosecondsPerSecond};
      std::optional<std::size_t> expected;
      for (std::size_t t = 0; t < market.rows(); ++t) {
        if (time.known(market.dates[t]) <= asked && market.present(t, i) != 0) expected = t;
      }
      const std::size_t known = time.known_sessions(market.dates, asked);
      const auto found = known == 0 ? std::nullopt : last_bar_by(market, i, known - 1);
      ASSERT_EQ(found, expected);
      if (!expected) continue;
      ++(asked >= *time.expires(market.dates[*expected]) ? expired : present);
    }
  }
  EXPECT_GT(present, 200U);
  EXPECT_GT(expired, 20U);
}

}  // namespace
}  // namespace orrery::point_in_time_test
