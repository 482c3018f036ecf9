// The engine with `topk_dropout` beside qlib's own backtest. Golden numbers: testdata/qlib_topk_dropout.csv,
// made by qlib 0.9.7 with testdata/make_qlib_topk_dropout.py, which also made the prices.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "orrery/backtest/backtest.h"
#include "plugins/strategies/registry.h"
#include "testing/small_market.h"

namespace orrery::qlib_parity_test {
namespace {

using Line = std::vector<std::string>;

std::vector<Line> read_lines(const std::string& name) {
  std::ifstream file("orrery/backtest/testdata/" + name);
  EXPECT_TRUE(file.good()) << "tests run from the repository's root";
  std::vector<Line> lines;
  std::string text;
  std::getline(file, text);
  while (std::getline(file, text)) {
    Line line;
    std::stringstream cells(text);
    for (std::string cell; std::getline(cells, cell, ',');) line.push_back(cell);
    lines.push_back(line);
  }
  return lines;
}

struct Case {
  MarketData market;
  Panel scores;
};

Case read_market() {
  const auto lines = read_lines("qlib_market.csv");
  std::set<std::string> dates, symbols;
  for (const Line& line : lines) {
    dates.insert(line[0]);
    symbols.insert(line[1]);
  }
  std::vector<std::pair<std::string, std::vector<double>>> closes;
  closes.reserve(symbols.size());
  for (const auto& symbol : symbols)
    closes.push_back({symbol, std::vector<double>(dates.size(), testing::kNoBar)});
  Panel scores(dates.size(), symbols.size());
  for (const Line& line : lines) {
    const auto row = static_cast<std::size_t>(std::distance(dates.begin(), dates.find(line[0])));
    const auto column = static_cast<std::size_t>(std::distance(symbols.begin(), symbols.find(line[1])));
    closes[column].second[row] = std::stod(line[2]);
    scores(row, column) = std::stod(line[3]);
  }
  Case result{testing::make_market(closes), std::move(scores)};
  result.market.dates.clear();
  for (const auto& date : dates) result.market.dates.push_back(*parse_date(date));
  return result;
}

struct Scenario {
  const char* name;
  ParameterMap parameters;
  double initial_cash, cost_bps, min_cost;
};

std::string names_on(const BacktestResult& result, Date date) {
  std::string names;
  for (const PositionRow& row : result.positions) {
    if (row.date == date) names += (names.empty() ? "" : ";") + result.symbols[row.instrument];
  }
  return names;
}

BacktestResult run(const Case& data, const Scenario& scenario) {
  StrategyRegistry registry("strategy");
  plugins::strategies::register_all(registry);
  const auto strategy = make_strategy(registry, "topk_dropout", scenario.parameters);
  BacktestConfig config;
  config.initial_cash = scenario.initial_cash;
  config.costs = {scenario.cost_bps, 0.0, scenario.min_cost};
  config.rows = {0, data.market.rows() - 1};  // qlib's calendar ends one session after the backtest
  return run_backtest(data.market, data.scores, *strategy, config);
}

TEST(QlibParity, HoldsTheSameNamesAndTheSameMoney) {
  using Integer = std::int64_t;
  const Scenario scenarios[] = {
      {"plain", {{"k", Integer{8}}, {"drop", Integer{2}}}, 1e6, 10.0, 0.0},
      {"min_cost", {{"k", Integer{5}}, {"drop", Integer{1}}, {"invest", 0.8}}, 2e4, 15.0, 5.0},
      {"hold", {{"k", Integer{6}}, {"drop", Integer{3}}, {"hold_sessions", Integer{4}}}, 1e6, 5.0, 0.0},
      {"all_at_once", {{"k", Integer{10}}, {"drop", Integer{10}}}, 1e6, 0.0, 0.0},
  };
  const Case data = read_market();
  std::map<std::string, std::vector<Line>> golden;
  for (const Line& line : read_lines("qlib_topk_dropout.csv")) golden[line[0]].push_back(line);
  for (Scenario scenario : scenarios) {
    SCOPED_TRACE(scenario.name);
    scenario.parameters["only_tradable"] = false;
    const BacktestResult result = run(data, scenario);
    const auto& lines = golden.at(scenario.name);
    ASSERT_EQ(lines.size() + 1, result.daily.size());  // ours begins with the first decision
    Money costs;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const DailyRow& ours = result.daily[i + 1];
      const Line& theirs = lines[i];
      ASSERT_EQ(to_string(ours.date), theirs[1]);
      ASSERT_EQ(names_on(result, ours.date), theirs[5]) << theirs[1];
      costs += ours.commission + ours.slippage;
      // Ours counts in micro-shares and micro-units, qlib in doubles: per trade at most 1e-6 shares of a
      // price below 500, and the next trades build on it.
      const double tolerance = 1e-8 * scenario.initial_cash + 1e-3;
      ASSERT_NEAR(ours.equity.units(), std::stod(theirs[2]), tolerance) << theirs[1];
      ASSERT_NEAR(ours.cash.units(), std::stod(theirs[3]), tolerance) << theirs[1];
      ASSERT_NEAR(costs.units(), std::stod(theirs[4]), tolerance) << theirs[1];
    }
  }
}

}  // namespace
}  // namespace orrery::qlib_parity_test
