#include "orrery/risk/value_at_risk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

constexpr std::string_view kTailMethodNames[] = {"historical", "parametric", "cornish_fisher", "filtered",
                                                 "monte_carlo"};

/// Rounding of n × p, so that 100 × 0.99 counts 99 draws whatever its last bits.
constexpr double kCountRounding = 1e-9;

/// How far out the bent quantiles must ascend, in deviations of the normal: one chance in 31,600 lies beyond.
constexpr double kBentRange = 4.0;

double normal_density(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi); }

void check_tail_settings(const TailSettings& settings) {
  const auto require = [](bool holds, const char* name, double found, const char* allowed) {
    if (!holds) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("{} is {}; it must be {}", name, found, allowed));
    }
  };
  require(settings.confidence > 0.5 && settings.confidence < 1.0, "the confidence", settings.confidence,
          "above 0.5 and below 1");
  require(settings.horizon >= 1, "the horizon", settings.horizon, "at least 1 period");
  require(settings.decay > 0.0 && settings.decay < 1.0, "the decay", settings.decay, "between 0 and 1");
  require(!settings.degrees || *settings.degrees > 2.0, "degrees", settings.degrees.value_or(0.0), "above 2");
  require(settings.draws >= 1, "draws", settings.draws, "at least 1");
}

void check_tail_returns(std::span<const double> returns, const TailSettings& settings) {
  const std::size_t periods = settings.root_of_time ? 1 : static_cast<std::size_t>(settings.horizon);
  if (returns.size() < periods + 1) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{} returns are too few for a horizon of {} periods; at least {} are needed",
                                 returns.size(), periods, periods + 1));
  }
  for (std::size_t i = 0; i < returns.size(); ++i) {
    if (!std::isfinite(returns[i])) {
      throw user_error(ErrorCode::kInvalidArgument, fmt::format("the return of period {} is missing", i + 1));
    }
  }
}

ReturnForecast forecast_of_draws(std::vector<double> draws) {
  std::sort(draws.begin(), draws.end());
  ReturnForecast forecast;
  forecast.draws = std::move(draws);
  return forecast;
}

ReturnForecast forecast_of_moments(std::span<const double> returns, bool bent) {
  ReturnForecast forecast;
  forecast.mean = mean(returns);
  forecast.deviation = standard_deviation(returns);
  if (bent && forecast.deviation > 0.0) {
    forecast.skewness = skewness(returns);
    forecast.excess_kurtosis = kurtosis(returns) - 3.0;
  }
  return forecast;
}

/// Draws Student's t with a variance of 1. Source: Bailey (1994), "Polar generation of random variates with
/// the t-distribution"; without degrees it is Box and Muller's normal.
double draw_student(Random& random, double degrees) {
  const double radius_draw = std::log(1.0 - random.uniform());
  const double angle = std::cos(2.0 * std::numbers::pi * random.uniform());
  if (std::isinf(degrees)) return std::sqrt(-2.0 * radius_draw) * angle;
  return std::sqrt((degrees - 2.0) * std::expm1(-2.0 / degrees * radius_draw)) * angle;
}

double student_degrees(std::span<const double> returns) {
  const double excess = kurtosis(returns) - 3.0;
  return excess > 0.0 ? 4.0 + 6.0 / excess : std::numeric_limits<double>::infinity();
}

ReturnForecast forecast_by_student(std::span<const double> returns, int horizon,
                                   const TailSettings& settings) {
  const double degrees = settings.degrees.value_or(student_degrees(returns));
  const double center = mean(returns);
  const double deviation = standard_deviation(returns);
  Random random(settings.seed);
  std::vector<double> draws(static_cast<std::size_t>(settings.draws));
  for (double& draw : draws) {
    double growth = 1.0;
    for (int i = 0; i < horizon; ++i) growth *= 1.0 + center + deviation * draw_student(random, degrees);
    draw = growth - 1.0;
  }
  return forecast_of_draws(std::move(draws));
}

/// Past returns over the deviation that was forecast for their day, and the variance forecast for tomorrow.
struct FilteredReturns {
  std::vector<double> residuals;
  double next_variance = 0.0;
};

FilteredReturns filter_returns(std::span<const double> returns, double decay) {
  FilteredReturns filtered;
  for (const double value : returns) filtered.next_variance += value * value;
  filtered.next_variance /= static_cast<double>(returns.size());
  filtered.residuals.reserve(returns.size());
  for (const double value : returns) {
    const double deviation = std::sqrt(filtered.next_variance);
    filtered.residuals.push_back(deviation > 0.0 ? value / deviation : 0.0);
    filtered.next_variance = decay * filtered.next_variance + (1.0 - decay) * value * value;
  }
  return filtered;
}

/// Returns one path's return: every day's return changes the variance of the next.
double draw_filtered_path(const FilteredReturns& filtered, int horizon, double decay, Random& random) {
  double variance = filtered.next_variance;
  double growth = 1.0;
  for (int i = 0; i < horizon; ++i) {
    const double value = std::sqrt(variance) * filtered.residuals[random.below(filtered.residuals.size())];
    growth *= 1.0 + value;
    variance = decay * variance + (1.0 - decay) * value * value;
  }
  return growth - 1.0;
}

ReturnForecast forecast_by_filter(std::span<const double> returns, int horizon,
                                  const TailSettings& settings) {
  FilteredReturns filtered = filter_returns(returns, settings.decay);
  if (horizon == 1) {
    const double deviation = std::sqrt(filtered.next_variance);
    for (double& residual : filtered.residuals) residual *= deviation;
    return forecast_of_draws(std::move(filtered.residuals));
  }
  Random random(settings.seed);
  std::vector<double> draws(static_cast<std::size_t>(settings.draws));
  for (double& draw : draws) draw = draw_filtered_path(filtered, horizon, settings.decay, random);
  return forecast_of_draws(std::move(draws));
}

ReturnForecast forecast_horizon(std::span<const double> returns, TailMethod method, int horizon,
                                const TailSettings& settings) {
  switch (method) {
    case TailMethod::kHistorical:
      return forecast_of_draws(horizon_returns(returns, horizon));
    case TailMethod::kParametric:
      return forecast_of_moments(horizon_returns(returns, horizon), false);
    case TailMethod::kCornishFisher:
      return forecast_of_moments(horizon_returns(returns, horizon), true);
    case TailMethod::kFiltered:
      return forecast_by_filter(returns, horizon, settings);
    case TailMethod::kMonteCarlo:
      return forecast_by_student(returns, horizon, settings);
  }
  throw internal_error("an unknown method of measuring tails");
}

/// Returns how many of `count` draws are at or below the p-quantile: the smallest k with k / count >= p.
std::size_t draws_up_to(std::size_t count, double p) {
  const double place = std::ceil(static_cast<double>(count) * p - kCountRounding);
  return std::clamp<std::size_t>(static_cast<std::size_t>(std::max(place, 1.0)), 1, count);
}

double shortfall_of_draws(const std::vector<double>& ascending, double value_at_risk, double confidence) {
  const double tail = static_cast<double>(ascending.size()) * (1.0 - confidence);
  double beyond = 0.0;
  for (const double value : ascending) {
    if (-value <= value_at_risk) break;
    beyond += -value - value_at_risk;
  }
  return value_at_risk + beyond / tail;
}

}  // namespace

std::string_view to_string(TailMethod method) { return kTailMethodNames[static_cast<std::size_t>(method)]; }

TailMethod parse_tail_method(std::string_view name) {
  for (const TailMethod method : kTailMethods) {
    if (to_string(method) == name) return method;
  }
  throw user_error(ErrorCode::kInvalidArgument, fmt::format("'{}' is no method; choose among {}", name,
                                                            fmt::join(kTailMethodNames, ", ")));
}

double ReturnForecast::quantile(double p) const {
  if (!draws.empty()) return scale * draws[draws_up_to(draws.size(), p) - 1];
  const double z = normal_quantile(p);
  const double bent = z + (z * z - 1.0) * skewness / 6.0 + (z * z * z - 3.0 * z) * excess_kurtosis / 24.0 -
                      (2.0 * z * z * z - 5.0 * z) * skewness * skewness / 36.0;
  return scale * (mean + deviation * bent);
}

double ReturnForecast::value_at_risk(double confidence) const {
  if (draws.empty()) return -quantile(1.0 - confidence);
  // The confidence-quantile of the losses, counted from the smallest loss.
  return -scale * draws[draws.size() - draws_up_to(draws.size(), confidence)];
}

double ReturnForecast::expected_shortfall(double confidence) const {
  if (!draws.empty()) {
    const double value_of_one = -draws[draws.size() - draws_up_to(draws.size(), confidence)];
    return scale * shortfall_of_draws(draws, value_of_one, confidence);
  }
  // The integral of the bent quantile over the tail: each Hermite term's antiderivative times the density.
  const double z = normal_quantile(1.0 - confidence);
  const double bent = 1.0 + z * skewness / 6.0 + (z * z - 1.0) * excess_kurtosis / 24.0 -
                      (2.0 * z * z - 1.0) * skewness * skewness / 36.0;
  return scale * (-mean + deviation * bent * normal_density(z) / (1.0 - confidence));
}

bool ReturnForecast::is_monotone() const {
  if (!draws.empty()) return true;
  // The derivative of the bent quantile is a parabola a z² + b z + c that must not go below 0.
  const double squared = skewness * skewness;
  const double a = excess_kurtosis / 8.0 - squared / 6.0;
  const double b = skewness / 3.0;
  const double c = 1.0 - excess_kurtosis / 8.0 + 5.0 * squared / 36.0;
  const auto derivative = [&](double z) { return (a * z + b) * z + c; };
  const double lowest = a > 0.0 ? std::clamp(-b / (2.0 * a), -kBentRange, kBentRange) : 0.0;
  return std::min({derivative(-kBentRange), derivative(lowest), derivative(kBentRange)}) >= 0.0;
}

std::vector<double> horizon_returns(std::span<const double> returns, int horizon) {
  const auto length = static_cast<std::size_t>(horizon);
  if (length == 1) return {returns.begin(), returns.end()};
  std::vector<double> compounded;
  for (std::size_t first = 0; first + length <= returns.size(); ++first) {
    double growth = 1.0;
    for (const double value : returns.subspan(first, length)) growth *= 1.0 + value;
    compounded.push_back(growth - 1.0);
  }
  return compounded;
}

ReturnForecast forecast_returns(std::span<const double> returns, TailMethod method,
                                const TailSettings& settings) {
  check_tail_settings(settings);
  check_tail_returns(returns, settings);
  auto forecast = forecast_horizon(returns, method, settings.root_of_time ? 1 : settings.horizon, settings);
  if (settings.root_of_time) forecast.scale = std::sqrt(static_cast<double>(settings.horizon));
  return forecast;
}

TailRisk measure_tail_risk(std::span<const double> returns, TailMethod method, const TailSettings& settings) {
  const auto forecast = forecast_returns(returns, method, settings);
  const std::size_t own_periods = settings.root_of_time ? 1 : static_cast<std::size_t>(settings.horizon);
  TailRisk risk;
  risk.method = method;
  risk.confidence = settings.confidence;
  risk.horizon = settings.horizon;
  risk.root_of_time = settings.root_of_time;
  risk.value_at_risk = forecast.value_at_risk(settings.confidence);
  risk.expected_shortfall = forecast.expected_shortfall(settings.confidence);
  risk.observations = returns.size();
  risk.tail_observations =
      static_cast<double>(returns.size() - own_periods + 1) * (1.0 - settings.confidence);
  risk.reliable = forecast.is_monotone();
  return risk;
}

}  // namespace orrery
