#include "orrery/factor/streaming.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/factor/factor_set.h"
#include "testing/error_message.h"
#include "testing/factor_market.h"
#include "testing/streamed_factors.h"
#include "testing/temporary_folder.h"

namespace orrery::streaming_test {
namespace {

using testing::make_factor_market;
using testing::message_of;
using testing::push_market_row;
using testing::stream_market;

const std::vector<FactorDefinition> kFactors = {
    {"deviation", "Std($a, 20)/$a"},
    {"trend", "Resi($a, 13)"},
    {"rank", "CSRank(Mean($a, 5)/$a)"},
    {"demeaned", "Mean(CSDemean($b), 7)"},
    {"quantile", "Quantile($c, 30, 0.8)"},
    {"neutral", "CSNeutralize($a/Ref($a, 1), $sector)"},
    {"average", "EMA($a, 12)"},
    {"pairs", "Corr($a, Log($b+1), 10)"},
};

StreamInstruments instruments_of(const MarketData& market) { return {market.symbols, market.sectors}; }

/// The first value that differs by a bit, or "".
std::string first_difference(const std::vector<FloatPanel>& left, const std::vector<FloatPanel>& right,
                             std::size_t from_row = 0) {
  for (std::size_t factor = 0; factor < left.size(); ++factor) {
    for (std::size_t row = from_row; row < left[factor].rows(); ++row) {
      for (std::size_t i = 0; i < left[factor].columns(); ++i) {
        const float a = left[factor](row, i);
        const float b = right[factor](row, i);
        if ((std::isnan(a) && std::isnan(b)) ||
            std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b))
          continue;
        return fmt::format("factor {}, row {}, instrument {}: {} and {}", factor, row, i, a, b);
      }
    }
  }
  return "";
}

TEST(StreamingFactors, SameBitsAsTheBatch) {
  const MarketData market = make_factor_market(180, 301, 3, 0.05);
  for (const Precision precision : {Precision::kFloat32, Precision::kFloat64}) {
    StreamingFactors stream(kFactors, instruments_of(market), precision);
    const auto batch = compute_factors(kFactors, market, {precision, 2, false});
    EXPECT_EQ(first_difference(batch.panels, stream_market(stream, market)), "");
    EXPECT_EQ(stream.rows(), 180);
  }
}

TEST(StreamingFactors, GoesOnFromASnapshotAsIfNothingHadHappened) {
  const MarketData market = make_factor_market(90, 40, 4, 0.05);
  StreamingFactors whole(kFactors, instruments_of(market));
  const auto expected = stream_market(whole, market);
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "stream.state";
  for (const std::size_t cut : {0u, 1u, 33u, 64u}) {
    StreamingFactors before(kFactors, instruments_of(market));
    for (std::size_t row = 0; row < cut; ++row) push_market_row(before, market, row);
    before.save(file);
    StreamingFactors after(kFactors, instruments_of(market));
    after.load(file);
    EXPECT_EQ(after.rows(), static_cast<std::int64_t>(cut));
    std::vector<FloatPanel> found = expected;
    for (std::size_t row = cut; row < market.rows(); ++row) {
      push_market_row(after, market, row);
      testing::keep_values(after, row, found);
    }
    EXPECT_EQ(first_difference(expected, found, cut), "") << "cut at " << cut;
  }
}

TEST(StreamingFactors, RefusesLateAndDoubledRowsAndKeepsItsState) {
  const MarketData market = make_factor_market(20, 16, 5, 0.0);
  StreamingFactors stream(kFactors, instruments_of(market));
  push_market_row(stream, market, 0);
  push_market_row(stream, market, 5);
  const auto state = stream.snapshot();
  std::vector<std::span<const double>> fields;
  for (const auto& name : stream.fields()) fields.push_back(market.field(name).row(3));
  EXPECT_EQ(stream.push({start_of(market.dates[5]), fields}).value_or(""),
            "the row is a duplicate: 1970-01-06T00:00:00Z after 1970-01-06T00:00:00Z");
  EXPECT_EQ(stream.push({start_of(market.dates[3]), fields}).value_or(""),
            "the row is late: 1970-01-04T00:00:00Z after 1970-01-06T00:00:00Z");
  fields.pop_back();
  EXPECT_EQ(stream.push({start_of(market.dates[7]), fields}).value_or(""),
            "the row has 2 fields instead of 3");
  EXPECT_EQ(stream.snapshot(), state);
}

TEST(StreamingFactors, RefusesSnapshotsThatAreDamagedOrOfOthers) {
  const MarketData market = make_factor_market(10, 16, 6, 0.0);
  StreamingFactors stream(kFactors, instruments_of(market));
  for (std::size_t row = 0; row < 10; ++row) push_market_row(stream, market, row);
  const auto state = stream.snapshot();
  auto damaged = state;
  damaged[damaged.size() / 2] ^= std::byte{1};
  const std::span<const std::byte> short_one(state.data(), state.size() - 1);
  EXPECT_NE(message_of([&] { stream.restore(damaged); }).find("damaged"), std::string::npos);
  EXPECT_NE(message_of([&] { stream.restore(short_one); }).find("cut short"), std::string::npos);
  EXPECT_NE(message_of([&] { stream.restore({state.data(), 20}); }).find("cut short"), std::string::npos);
  const std::vector<FactorDefinition> other = {{"other", "$a"}};
  StreamingFactors stranger(other, instruments_of(market));
  EXPECT_NE(message_of([&] { stranger.restore(state); }).find("other factors"), std::string::npos);
  EXPECT_EQ(stream.snapshot(), state);
}

TEST(StreamingFactors, RefusesWhatAStreamCanNotKnow) {
  const StreamInstruments instruments{{"A", "B"}, {}};
  const std::vector<FactorDefinition> in_time = {{"x", "Mean($a, 20d)"}};
  const std::vector<FactorDefinition> ahead = {{"x", "Ref($a, -1)"}};
  const std::vector<FactorDefinition> plain = {{"x", "$a"}};
  EXPECT_NE(message_of([&] { StreamingFactors(in_time, instruments); }).find("20"), std::string::npos);
  EXPECT_NE(message_of([&] { StreamingFactors(ahead, instruments); }), "");
  EXPECT_NE(message_of([&] {
              StreamingFactors(plain, {{"B", "A"}, {}});
            }).find("'B' stands before 'A'"),
            std::string::npos);
}

TEST(StreamingFactors, AnInstrumentBeginsWithItsFirstValue) {
  const std::vector<FactorDefinition> factors = {{"count", "Count($a, 3)"}};
  StreamingFactors stream(factors, {{"A", "B"}, {}});
  const double nan = std::nan("");
  const std::vector<std::vector<double>> rows = {{1.0, nan}, {nan, 2.0}, {3.0, 4.0}};
  const std::vector<std::vector<float>> expected = {{1, NAN}, {1, 1}, {2, 2}};
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const std::vector<std::span<const double>> fields = {rows[row]};
    ASSERT_EQ(stream.push({Timestamp{static_cast<std::int64_t>(row)}, fields}).value_or(""), "");
    for (std::size_t i = 0; i < 2; ++i) {
      const float found = stream.values(0)[i];
      EXPECT_TRUE(found == expected[row][i] || (std::isnan(found) && std::isnan(expected[row][i])))
          << row << ", " << i << ": " << found;
    }
  }
}

}  // namespace
}  // namespace orrery::streaming_test
