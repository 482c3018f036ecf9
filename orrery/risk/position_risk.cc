#include "orrery/risk/position_risk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

/// Rounding of n × (1 − confidence), so that 1 % of 500 is 5 periods whatever the last bits.
constexpr double kTailRounding = 1e-9;

constexpr std::size_t kLargestPositions = 5;

void check_weight_count(std::size_t weights, std::size_t names) {
  if (weights != names) {
    throw user_error(ErrorCode::kInvalidArgument, fmt::format("{} weights for {} names", weights, names));
  }
}

double covariance_of(const ReturnTable& returns, std::size_t name, std::span<const double> benchmark,
                     double center) {
  double own_sum = 0.0;
  for (std::size_t t = 0; t < returns.periods; ++t) own_sum += returns(t, name);
  const double own_center = own_sum / static_cast<double>(returns.periods);
  double sum = 0.0;
  for (std::size_t t = 0; t < returns.periods; ++t) {
    sum += (returns(t, name) - own_center) * (benchmark[t] - center);
  }
  return sum;
}

}  // namespace

std::vector<ComponentRisk> component_risk(const RiskModel& risk, std::span<const double> weights) {
  check_weight_count(weights.size(), risk.names());
  const auto product = risk.times(weights);
  const double deviation =
      std::sqrt(std::max(std::inner_product(weights.begin(), weights.end(), product.begin(), 0.0), 0.0));
  std::vector<ComponentRisk> parts(weights.size());
  if (deviation == 0.0) return parts;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double marginal = product[i] / deviation;
    parts[i] = {marginal, weights[i] * marginal, weights[i] * marginal / deviation};
  }
  return parts;
}

std::vector<double> component_shortfall(const ReturnTable& returns, std::span<const double> weights,
                                        double confidence) {
  if (!(confidence > 0.5 && confidence < 1.0) || returns.periods == 0) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("a CVaR of {} periods at a confidence of {} cannot be split; the confidence must "
                    "be above 0.5 and below 1",
                    returns.periods, confidence));
  }
  const auto whole = portfolio_returns(returns, weights);
  std::vector<std::size_t> order(whole.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t left, std::size_t right) { return whole[left] < whole[right]; });
  const double tail = static_cast<double>(whole.size()) * (1.0 - confidence);
  std::vector<double> parts(weights.size(), 0.0);
  double left = tail;
  for (const std::size_t period : order) {
    if (left <= kTailRounding) break;
    const double counted = std::min(left, 1.0) / tail;
    for (std::size_t i = 0; i < weights.size(); ++i) parts[i] -= counted * weights[i] * returns(period, i);
    left -= 1.0;
  }
  return parts;
}

std::vector<double> portfolio_returns(const ReturnTable& returns, std::span<const double> weights) {
  check_weight_count(weights.size(), returns.names);
  std::vector<double> whole;
  whole.reserve(returns.periods);
  for (std::size_t t = 0; t < returns.periods; ++t) {
    const auto row = returns.row(t);
    whole.push_back(std::inner_product(row.begin(), row.end(), weights.begin(), 0.0));
  }
  return whole;
}

std::vector<double> betas(const ReturnTable& returns, std::span<const double> benchmark) {
  if (benchmark.size() != returns.periods) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("the benchmark has {} periods, the names have {}", benchmark.size(), returns.periods));
  }
  const bool moves = standard_deviation(benchmark) > 0.0;
  const double center = mean(benchmark);
  double variance = 0.0;
  for (const double value : benchmark) variance += (value - center) * (value - center);
  std::vector<double> found;
  found.reserve(returns.names);
  for (std::size_t i = 0; i < returns.names; ++i) {
    found.push_back(moves ? covariance_of(returns, i, benchmark, center) / variance : kNaN);
  }
  return found;
}

Concentration measure_concentration(std::span<const double> weights) {
  Concentration spread;
  std::vector<double> sizes;
  double squares = 0.0;
  for (const double weight : weights) {
    spread.net += weight;
    spread.gross += std::abs(weight);
    squares += weight * weight;
    if (std::abs(weight) > kNoWeight) ++spread.positions;
    sizes.push_back(std::abs(weight));
  }
  if (spread.gross == 0.0) return spread;
  std::sort(sizes.rbegin(), sizes.rend());
  const auto five = static_cast<std::ptrdiff_t>(std::min(sizes.size(), kLargestPositions));
  spread.largest = sizes.front() / spread.gross;
  spread.five_largest = std::accumulate(sizes.begin(), sizes.begin() + five, 0.0) / spread.gross;
  spread.effective_names = spread.gross * spread.gross / squares;
  return spread;
}

std::vector<double> days_to_exit(std::span<const double> weights, std::span<const double> traded,
                                 double equity, double share) {
  check_weight_count(weights.size(), traded.size());
  if (!(equity > 0.0) || !(share > 0.0 && share <= 1.0)) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("an equity of {} and a share of volume of {}; the equity must be above 0, the share "
                    "above 0 and at most 1",
                    equity, share));
  }
  std::vector<double> days;
  days.reserve(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const bool held = std::abs(weights[i]) > kNoWeight;
    days.push_back(held ? std::abs(weights[i]) * equity / (share * traded[i]) : 0.0);
  }
  return days;
}

double sold_after(std::span<const double> weights, std::span<const double> days, double periods) {
  double gross = 0.0, sold = 0.0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    gross += std::abs(weights[i]);
    if (days[i] <= periods) {
      sold += std::abs(weights[i]);
    } else if (!std::isnan(days[i])) {
      sold += std::abs(weights[i]) * periods / days[i];
    }
  }
  return gross > 0.0 ? sold / gross : kNaN;
}

}  // namespace orrery
