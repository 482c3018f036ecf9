#include "orrery/app/baselines.h"

#include <algorithm>
#include <cmath>

#include "orrery/app/trade_scores.h"
#include "orrery/base/statistics.h"
#include "orrery/base/threads.h"
#include "orrery/factor/evaluation.h"

namespace orrery {
namespace {

constexpr std::size_t kWeek = 5;
constexpr std::size_t kMonth = 21;
constexpr std::size_t kYear = 252;
constexpr double kFewestScored = 0.5;
/// Keeps the draws apart from whatever else is drawn from the study's seed.
constexpr std::uint64_t kFirstStream = 0x6261736500000000;

/// close[t - above] / close[t - below] - 1 where `like` has a score.
Panel past_ratio(const Panel& like, const Panel& close, std::size_t above, std::size_t below) {
  Panel result(like.rows(), like.columns());
  for (std::size_t row = std::max(above, below); row < like.rows(); ++row) {
    for (std::size_t i = 0; i < like.columns(); ++i) {
      const double value = close(row - above, i) / close(row - below, i) - 1.0;
      if (!std::isnan(like(row, i)) && std::isfinite(value)) result(row, i) = value;
    }
  }
  return result;
}

std::size_t count_scores(const Panel& scores) {
  std::size_t count = 0;
  for (std::size_t row = 0; row < scores.rows(); ++row) {
    for (const double score : scores.row(row)) count += std::isnan(score) ? 0 : 1;
  }
  return count;
}

Performance trade_baseline(const BaselineInputs& inputs, const Panel& scores, RowRange rows) {
  const auto result = trade_scores(inputs.study, inputs.plugins, {inputs.prices.market, inputs.regimes},
                                   scores, rows, inputs.forward_return, 0.0);
  return measure_performance(
      series_of(result, inputs.study.cash_rate, inputs.prices.calendar.sessions_per_year())
          .inputs(inputs.benchmark_returns, inputs.prices.calendar.sessions_per_year()));
}

void add_random(const BaselineInputs& inputs, RowRange rows, Progress& progress, Baselines& result) {
  const Random random(inputs.study.seed);
  std::vector<double> annual_return(kRandomDraws), sharpe(kRandomDraws), turnover(kRandomDraws);
  progress.begin("random scores", kRandomDraws);
  parallel_for(kRandomDraws, inputs.threads, [&](std::size_t draw) {
    const Panel scores = random_scores(inputs.scores, random.fork(kFirstStream + draw));
    const Performance performance = trade_baseline(inputs, scores, rows);
    annual_return[draw] = performance.annual_return;
    sharpe[draw] = performance.sharpe;
    turnover[draw] = performance.turnover_two_way;
    progress.advance();
  });
  progress.end();
  result.draws = kRandomDraws;
  result.annual_return = random_band(annual_return, inputs.performance.annual_return);
  result.sharpe = random_band(sharpe, inputs.performance.sharpe);
  result.turnover_two_way = mean(turnover);
}

void add_simple(const BaselineInputs& inputs, RowRange rows, std::string key, std::string name,
                const Panel& scores, Baselines& result) {
  const auto wanted = kFewestScored * static_cast<double>(count_scores(inputs.scores));
  if (static_cast<double>(count_scores(scores)) < wanted) return;
  SignalEvaluationOptions options;
  options.threads = inputs.threads;
  const auto signal = evaluate_signal(scores, inputs.forward_return, inputs.prices.market.dates, options);
  const Performance performance = trade_baseline(inputs, scores, rows);
  result.simple.push_back({std::move(key), std::move(name), signal.rank_ic.mean, performance.annual_return,
                           performance.sharpe, performance.turnover_two_way});
}

}  // namespace

Panel random_scores(const Panel& like, Random random) {
  Panel scores(like.rows(), like.columns());
  for (std::size_t row = 0; row < like.rows(); ++row) {
    for (std::size_t i = 0; i < like.columns(); ++i) {
      if (!std::isnan(like(row, i))) scores(row, i) = random.uniform();
    }
  }
  return scores;
}

Panel reversal_scores(const Panel& like, const Panel& close) { return past_ratio(like, close, kWeek, 0); }

Panel momentum_scores(const Panel& like, const Panel& close) {
  return past_ratio(like, close, kMonth, kYear);
}

Baselines measure_baselines(const BaselineInputs& inputs, Progress& progress) {
  const RowRange rows = scored_rows(inputs.scores);
  const Panel& close = inputs.prices.market.field("close");
  Baselines result;
  add_random(inputs, rows, progress, result);
  add_simple(inputs, rows, "reversal_5", "5-day reversal", reversal_scores(inputs.scores, close), result);
  add_simple(inputs, rows, "momentum_12_1", "12−1 momentum", momentum_scores(inputs.scores, close), result);
  if (inputs.ridge != nullptr)
    add_simple(inputs, rows, "ridge", "Ridge regression, same factors", *inputs.ridge, result);
  return result;
}

}  // namespace orrery
