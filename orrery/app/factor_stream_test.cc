#include "orrery/app/factor_stream.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "testing/factor_market.h"
#include "testing/temporary_folder.h"

namespace orrery::factor_stream_test {
namespace {

const std::vector<std::string> kSymbols = {"A", "B"};

std::vector<FactorDefinition> definitions() {
  return {{"change", "$close/Ref($close,1)-1"}, {"rank", "CSRank($close)"}};
}

StreamingFactors make_stream() { return {definitions(), {kSymbols, {}}}; }

struct Streamed {
  std::string out;
  std::vector<std::pair<std::size_t, std::string>> refused;
  FactorStreamSummary summary;
};

Streamed stream(const std::string& text, FactorStreamOptions options = {}) {
  Streamed result;
  std::istringstream in(text);
  std::ostringstream out;
  options.refuse = [&](std::size_t line, std::string_view reason) {
    result.refused.emplace_back(line, reason);
  };
  StreamingFactors factors = make_stream();
  result.summary = stream_factors(factors, kSymbols, in, out, options);
  result.out = out.str();
  return result;
}

TEST(FactorStream, WritesARowWhenTheNextOneBegins) {
  const auto result = stream(
      "symbol,close,date,note\n"
      "A,10,2024-01-02,x\nB,8,2024-01-02,\n"
      "A,12.5,2024-01-03,\nB,,2024-01-03,\n"
      "B,12,2024-01-04,\n");
  EXPECT_EQ(result.out,
            "date,symbol,change,rank\n"
            "2024-01-02,A,,1\n2024-01-02,B,,0.5\n"
            "2024-01-03,A,0.25,1\n2024-01-03,B,,\n"
            "2024-01-04,B,,1\n");
  EXPECT_EQ(result.summary.rows, 3);
  EXPECT_TRUE(result.refused.empty());
}

TEST(FactorStream, TakesAndWritesJsonLines) {
  FactorStreamOptions options;
  options.format = StreamFormat::kJson;
  const auto result = stream(
      "{\"time\":\"2024-01-02T15:30:00Z\",\"symbol\":\"B\",\"close\":8}\n"
      "{\"time\":\"2024-01-02T15:31:00Z\",\"symbol\":\"B\",\"close\":10,\"other\":[1]}\n"
      "{\"time\":\"2024-01-02T15:32:00Z\",\"symbol\":\"B\",\"close\":null}\n",
      options);
  EXPECT_EQ(result.out,
            "{\"date\":\"2024-01-02T15:30:00Z\",\"symbol\":\"B\",\"change\":null,\"rank\":1}\n"
            "{\"date\":\"2024-01-02T15:31:00Z\",\"symbol\":\"B\",\"change\":0.25,\"rank\":1}\n"
            "{\"date\":\"2024-01-02T15:32:00Z\",\"symbol\":\"B\",\"change\":null,\"rank\":null}\n");
}

TEST(FactorStream, RefusesABadLineWithItsReasonAndKeepsTheOthers) {
  const auto result = stream(
      "date,symbol,close\n"
      "2024-01-02,A,10\n"
      "2024-01-02,A,11\n"
      "2024-01-02,C,11\n"
      "2024-01-02,B,eight\n"
      "2024-01-02,B\n"
      "tomorrow,B,8\n"
      "2024-01-02,B,8\n"
      "2024-01-01,B,7\n"
      "\n"
      "2024-01-02,B,9\n"
      "2024-01-03,B,16\n");
  const std::vector<std::pair<std::size_t, std::string>> expected = {
      {3, "a duplicate: the instrument has a line in this row already"},
      {4, "symbol 'C' is not of this stream"},
      {5, "column 'close': 'eight' is no number"},
      {6, "2 fields instead of 3"},
      {7, "'tomorrow' is no moment: expected such as 2026-01-31 or 2026-01-31T15:30:00Z"},
      {9, "late: 2024-01-01 while the row of 2024-01-02 is open"},
      {11, "a duplicate: 2024-01-02 after the row of 2024-01-02T00:00:00Z"},
  };
  EXPECT_EQ(result.refused, expected);
  EXPECT_EQ(result.summary.refused_lines, expected.size());
  EXPECT_EQ(result.out,
            "date,symbol,change,rank\n"
            "2024-01-02,A,,1\n2024-01-02,B,,0.5\n2024-01-03,B,1,1\n");
}

TEST(FactorStream, NamesAColumnThatIsMissing) {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"date,symbol,Close\n",
            "input, line 1: no column 'close', which a factor reads; there are: date, symbol, Close; did "
            "you mean 'Close'?"},
           {"day,symbol,close\n",
            "input, line 1: no column 'date' or 'time' or 'timestamp' for the moment; there are: day, "
            "symbol, "
            "close"},
           {"date,close\n", "input, line 1: no column 'symbol'; there are: date, close"}}) {
    try {
      stream(text);
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()), message);
    }
  }
}

TEST(FactorStream, GoesOnWhereItsStateEnded) {
  const testing::TemporaryFolder folder;
  const std::string head = "date,symbol,close\n";
  const std::string first = "2024-01-02,A,10\n2024-01-02,B,8\n";
  const std::string second = "2024-01-03,A,12.5\n2024-01-03,B,10\n";
  FactorStreamOptions options;
  options.state = folder.path() / "stream.state";
  const auto before = stream(head + first, options);
  EXPECT_FALSE(before.summary.continued);
  const auto after = stream(head + first + second, options);
  EXPECT_TRUE(after.summary.continued);
  EXPECT_EQ(after.summary.rows, 1);
  EXPECT_EQ(after.summary.refused_lines, 2U);
  EXPECT_EQ(after.out, "date,symbol,change,rank\n2024-01-03,A,0.25,1\n2024-01-03,B,0.25,0.5\n");
}

TEST(FactorStream, KeepsItsStateOnTheWay) {
  const testing::TemporaryFolder folder;
  FactorStreamOptions options;
  options.state = folder.path() / "stream.state";
  options.save_every = 1;
  std::istringstream in("date,symbol,close\n2024-01-02,A,8\n\n2024-01-03,A,10\n\n2024-01-04,A,12\n");
  int asked = 0;
  options.cancelled = [&] { return ++asked > 2; };  // as if it had been killed while the third row came
  std::ostringstream out;
  StreamingFactors factors = make_stream();
  const auto summary = stream_factors(factors, kSymbols, in, out, options);
  EXPECT_TRUE(summary.cancelled);
  EXPECT_EQ(summary.rows, 2);
  StreamingFactors restored = make_stream();
  restored.load(options.state);
  EXPECT_EQ(restored.rows(), 2);
  EXPECT_EQ(restored.latest(), start_of(make_date(2024, 1, 3)));
}

TEST(FactorStream, BeginsBehindTheHistory) {
  MarketData history;
  history.dates = {make_date(2024, 1, 2)};
  history.symbols = kSymbols;
  Panel close(1, 2);
  close(0, 0) = 10;
  close(0, 1) = 8;
  history.fields.emplace("close", std::move(close));
  FactorStreamOptions options;
  options.history = &history;
  const auto result = stream("date,symbol,close\n2024-01-02,A,8\n2024-01-03,A,12.5\n", options);
  EXPECT_EQ(result.summary.rows_of_history, 1);
  EXPECT_EQ(result.out, "date,symbol,change,rank\n2024-01-03,A,0.25,1\n");
  EXPECT_EQ(result.summary.refused_lines, 1U);
}

/// The text form must lose no bit on either side: values through text equal the batch's.
TEST(FactorStream, GivesTheBitsOfTheBatch) {
  const MarketData market = testing::make_factor_market(60, 9, 3, 0.1);
  const std::vector<FactorDefinition> factors = {{"mean", "Mean($a,5)/$b"}, {"rank", "CSRank($b)"}};
  const FactorFrame batch = compute_factors(factors, market);
  std::string text = "date,symbol,a,b\n";
  for (std::size_t t = 0; t < market.rows(); ++t) {
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      text += fmt::format("{},{},{},{}\n", to_string(market.dates[t]), market.symbols[i],
                          market.field("a")(t, i), market.field("b")(t, i));
    }
  }
  std::istringstream in(text);
  std::stringstream out;
  StreamingFactors stream(factors, {market.symbols, {}});
  FactorStreamOptions options;
  options.format = StreamFormat::kJson;
  stream_factors(stream, market.symbols, in, out, options);
  std::size_t compared = 0;
  std::string line;
  for (std::size_t t = 0; t < market.rows(); ++t) {
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      ASSERT_TRUE(std::getline(out, line));
      const auto values = nlohmann::json::parse(line);
      for (std::size_t f = 0; f < factors.size(); ++f) {
        const auto& value = values.at(factors[f].name);
        const float expected = batch.panels[f](t, i);
        const bool in_life =
            static_cast<int>(t) >= market.first_row[i] && static_cast<int>(t) <= market.last_row[i];
        if (!in_life || !std::isfinite(expected)) continue;
        EXPECT_EQ(static_cast<float>(value.get<double>()), expected);
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 500U);
}

}  // namespace
}  // namespace orrery::factor_stream_test
