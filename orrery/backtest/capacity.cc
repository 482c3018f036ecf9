#include "orrery/backtest/capacity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

constexpr std::array<double, 9> kAssets = {1e6, 3e6, 1e7, 3e7, 1e8, 3e8, 1e9, 3e9, 1e10};
constexpr double kMostAssets = 1e15;
constexpr double kHalf = 0.5;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool has_history(const ImpactTrade& trade) {
  return trade.daily_value > 0.0 && std::isfinite(trade.daily_value) && std::isfinite(trade.volatility);
}

/// Impact of each session at assets of 1, as a share of the assets. At assets A it is sqrt(A) times that: the
/// value of every trade grows with A, and the cost of a unit of it with sqrt(A).
std::vector<double> unit_impact(std::size_t periods, std::span<const ImpactTrade> trades,
                                double coefficient) {
  std::vector<double> impact(periods, 0.0);
  for (const ImpactTrade& trade : trades) {
    if (!has_history(trade)) continue;
    const double share = trade.equity_share;
    impact[trade.period] += coefficient * trade.volatility * share * std::sqrt(share / trade.daily_value);
  }
  return impact;
}

/// A run whose every session costs `unit` × the root of the assets.
class ScaledRun {
 public:
  ScaledRun(const PerformanceInputs& inputs, std::vector<double> unit)
      : inputs_(inputs), unit_(std::move(unit)) {
    if (!inputs.benchmark_returns.empty())
      benchmark_annual_ = annual_return(inputs.benchmark_returns, inputs.periods_per_year);
  }

  double sharpe(double assets) const {
    return sharpe_ratio(net(assets), inputs_.cash_returns, inputs_.periods_per_year);
  }
  /// -1 once a session loses all there is.
  double annual(double assets) const {
    const std::vector<double> returns = net(assets);
    const bool lost = std::any_of(returns.begin(), returns.end(), [](double r) { return r <= -1.0; });
    return lost ? -1.0 : annual_return(returns, inputs_.periods_per_year);
  }
  double excess(double assets) const { return annual(assets) - benchmark_annual_; }
  double impact_annual(double assets) const {
    return std::sqrt(assets) * mean(unit_) * inputs_.periods_per_year;
  }

 private:
  std::vector<double> net(double assets) const {
    std::vector<double> returns(inputs_.net_returns.begin(), inputs_.net_returns.end());
    for (std::size_t t = 0; t < returns.size(); ++t) returns[t] -= std::sqrt(assets) * unit_[t];
    return returns;
  }

  const PerformanceInputs& inputs_;
  std::vector<double> unit_;
  double benchmark_annual_ = kNaN;
};

/// The assets at which `measure`, which falls with them, comes down to `wanted`: a step of ten finds the
/// decade, halving its logarithm the rest, to the last digits.
template <class Measure>
double assets_where(const Measure& measure, double wanted) {
  double high = 1.0;
  while (measure(high) > wanted) {
    high *= 10.0;
    if (high > kMostAssets) return kInfinity;
  }
  double low = high / 10.0;
  for (int step = 0; step < 60; ++step) {
    const double middle = std::sqrt(low * high);
    (measure(middle) > wanted ? low : high) = middle;
  }
  return std::sqrt(low * high);
}

/// Median share of a session's trading at assets of 1.
double median_participation(std::span<const ImpactTrade> trades) {
  std::vector<double> shares;
  for (const ImpactTrade& trade : trades) {
    if (has_history(trade)) shares.push_back(trade.equity_share / trade.daily_value);
  }
  return quantile(shares, kHalf);
}

void check(const PerformanceInputs& inputs, std::span<const ImpactTrade> trades, double coefficient) {
  if (!(coefficient >= 0.0)) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("capacity: the impact coefficient must not be negative, found {}", coefficient));
  }
  for (const ImpactTrade& trade : trades) {
    if (trade.period < inputs.net_returns.size()) continue;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("capacity: a trade in session {}, but there are {}", trade.period,
                                 inputs.net_returns.size()));
  }
}

}  // namespace

Capacity measure_capacity(const PerformanceInputs& inputs, std::span<const ImpactTrade> trades,
                          double impact_coefficient) {
  check(inputs, trades, impact_coefficient);
  Capacity result;
  result.impact_coefficient = impact_coefficient;
  result.trades = trades.size();
  result.trades_without_history = static_cast<std::size_t>(
      std::count_if(trades.begin(), trades.end(), [](const auto& trade) { return !has_history(trade); }));
  const ScaledRun run(inputs, unit_impact(inputs.net_returns.size(), trades, impact_coefficient));
  const double participation = median_participation(trades);
  for (const double assets : kAssets) {
    result.points.push_back({assets, run.annual(assets), run.excess(assets), run.sharpe(assets),
                             run.impact_annual(assets), participation * assets});
  }
  result.sharpe = run.sharpe(0.0);
  result.excess_annual_return = run.excess(0.0);
  if (result.sharpe > 0.0) {
    result.assets_at_half_sharpe =
        assets_where([&](double assets) { return run.sharpe(assets); }, kHalf * result.sharpe);
  }
  if (result.excess_annual_return > 0.0) {
    result.assets_at_no_excess = assets_where([&](double assets) { return run.excess(assets); }, 0.0);
  }
  return result;
}

}  // namespace orrery
