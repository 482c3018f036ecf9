#include "orrery/risk/stress.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/base/error.h"

namespace orrery {
namespace {

/// A pivot this small beside the largest says that a shocked name follows from the others.
constexpr double kDependent = 1e-12;

Error bad_stress(const std::string& message) { return user_error(ErrorCode::kInvalidArgument, message); }

Date window_date(const char* text) {
  const auto date = parse_date(text);
  if (!date) throw internal_error(fmt::format("'{}' in the table of stress windows is no date", text));
  return *date;
}

WindowLoss replay_window(const StressWindow& window, std::span<const double> returns) {
  WindowLoss loss;
  loss.name = window.name;
  loss.peak = window_date(window.peak);
  loss.trough = window_date(window.trough);
  loss.periods = returns.size();
  double value = 1.0, highest = 1.0;
  for (const double step : returns) {
    value *= 1.0 + step;
    highest = std::max(highest, value);
    loss.deepest = std::max(loss.deepest, 1.0 - value / highest);
    loss.worst_period = std::max(loss.worst_period, -step);
  }
  loss.loss = 1.0 - value;
  return loss;
}

void check_shocks(std::size_t names, std::span<const NameShock> shocks) {
  if (shocks.empty()) throw bad_stress("a shock needs at least one name that moves");
  std::vector<bool> seen(names, false);
  for (const auto& shock : shocks) {
    if (shock.name >= names) throw bad_stress(fmt::format("name {} of {} is shocked", shock.name + 1, names));
    if (seen[shock.name]) throw bad_stress(fmt::format("name {} is shocked twice", shock.name + 1));
    seen[shock.name] = true;
  }
}

std::vector<double> deviations_of(const RiskModel& risk) {
  auto deviations = risk.variances();
  for (double& value : deviations) value = std::sqrt(value);
  return deviations;
}

}  // namespace

std::vector<WindowLoss> replay_windows(std::span<const Date> dates, std::span<const double> returns) {
  if (dates.size() != returns.size()) {
    throw bad_stress(fmt::format("{} dates for {} returns", dates.size(), returns.size()));
  }
  std::vector<WindowLoss> losses;
  for (const StressWindow& window : stress_windows()) {
    const auto first = std::upper_bound(dates.begin(), dates.end(), window_date(window.peak));
    const auto end = std::upper_bound(dates.begin(), dates.end(), window_date(window.trough));
    const bool begins = first != dates.end() && *first - window_date(window.peak) <= kWindowSlackDays;
    const bool ends = !dates.empty() && dates.back() >= window_date(window.trough);
    if (!begins || !ends || first == end) continue;
    losses.push_back(replay_window(window, returns.subspan(static_cast<std::size_t>(first - dates.begin()),
                                                           static_cast<std::size_t>(end - first))));
  }
  return losses;
}

std::vector<double> propagate_shocks(const RiskModel& risk, std::span<const NameShock> shocks) {
  check_shocks(risk.names(), shocks);
  const SquareMatrix covariance = risk.full();
  const auto count = static_cast<Eigen::Index>(shocks.size());
  Eigen::MatrixXd among(count, count);
  Eigen::VectorXd moves(count);
  for (Eigen::Index i = 0; i < count; ++i) {
    moves(i) = shocks[static_cast<std::size_t>(i)].move;
    for (Eigen::Index j = 0; j < count; ++j) {
      among(i, j) =
          covariance(shocks[static_cast<std::size_t>(i)].name, shocks[static_cast<std::size_t>(j)].name);
    }
  }
  const Eigen::LDLT<Eigen::MatrixXd> factored(among);
  const Eigen::VectorXd pivots = factored.vectorD();
  if (!(pivots.minCoeff() > kDependent * pivots.maxCoeff())) {
    throw bad_stress("the shocked names move together so closely that their moves can't be chosen apart");
  }
  const Eigen::VectorXd loads = factored.solve(moves);
  std::vector<double> all(risk.names(), 0.0);
  for (std::size_t name = 0; name < all.size(); ++name) {
    for (std::size_t k = 0; k < shocks.size(); ++k) {
      all[name] += covariance(name, shocks[k].name) * loads(static_cast<Eigen::Index>(k));
    }
  }
  for (const auto& shock : shocks) all[shock.name] = shock.move;
  return all;
}

std::vector<double> factor_shock(const RiskModel& risk, std::span<const double> shocks) {
  if (!risk.by_factors() || shocks.size() != risk.factor_covariance.size) {
    throw bad_stress(fmt::format("{} shocks for a risk model of {} factors", shocks.size(),
                                 risk.by_factors() ? risk.factor_covariance.size : 0));
  }
  std::vector<double> moves(risk.names());
  for (std::size_t name = 0; name < moves.size(); ++name) {
    moves[name] =
        std::inner_product(shocks.begin(), shocks.end(),
                           risk.loadings.begin() + static_cast<std::ptrdiff_t>(name * shocks.size()), 0.0);
  }
  return moves;
}

double shock_loss(std::span<const double> weights, std::span<const double> moves) {
  if (weights.size() != moves.size()) {
    throw bad_stress(fmt::format("{} weights for moves of {} names", weights.size(), moves.size()));
  }
  return -std::inner_product(weights.begin(), weights.end(), moves.begin(), 0.0);
}

CorrelationStress stress_correlations(const RiskModel& risk, std::span<const double> weights) {
  CorrelationStress stress;
  stress.now = deviation_towards_one(risk, weights, 0.0);
  stress.all_one = deviation_towards_one(risk, weights, 1.0);
  const auto deviations = deviations_of(risk);
  for (std::size_t i = 0; i < weights.size(); ++i) stress.hedges_fail += std::abs(weights[i]) * deviations[i];
  return stress;
}

double deviation_towards_one(const RiskModel& risk, std::span<const double> weights, double part) {
  if (weights.size() != risk.names() || !(part >= 0.0 && part <= 1.0)) {
    throw bad_stress(
        fmt::format("{} weights for {} names, correlations moved by a part of {}; it must be 0 to 1",
                    weights.size(), risk.names(), part));
  }
  const auto deviations = deviations_of(risk);
  const double together = std::inner_product(weights.begin(), weights.end(), deviations.begin(), 0.0);
  const double variance = (1.0 - part) * risk.variance(weights) + part * together * together;
  return std::sqrt(std::max(variance, 0.0));
}

GapStress stress_gaps(const ReturnTable& returns, std::span<const double> weights) {
  if (weights.size() != returns.names || returns.periods == 0) {
    throw bad_stress(fmt::format("{} weights for {} names over {} periods", weights.size(), returns.names,
                                 returns.periods));
  }
  GapStress stress;
  for (std::size_t name = 0; name < returns.names; ++name) {
    double worst = 0.0;
    for (std::size_t t = 0; t < returns.periods; ++t)
      worst = std::max(worst, -weights[name] * returns(t, name));
    stress.all_loss += worst;
    if (worst > stress.largest_loss) {
      stress.largest_loss = worst;
      stress.largest = name;
    }
  }
  return stress;
}

}  // namespace orrery
