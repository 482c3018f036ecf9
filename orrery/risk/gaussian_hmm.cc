#include "orrery/risk/gaussian_hmm.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "orrery/base/error.h"

namespace orrery {
namespace {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using MatrixView = Eigen::Map<RowMatrix>;
using ConstMatrixView = Eigen::Map<const RowMatrix>;

constexpr double kStay = 0.95;  ///< of a first guess
constexpr std::size_t kFewestPeriodsOfState = 10;

/// Copied, because the order of Eigen's sums over memory that is not its own depends on where that lies.
RowMatrix copy_table(const ObservationTable& table) {
  return ConstMatrixView(table.values.data(), static_cast<Eigen::Index>(table.periods),
                         static_cast<Eigen::Index>(table.inputs));
}

/// Means and covariances of the periods, each counting by its weight in a state.
void set_distribution(const ObservationTable& observations, std::span<const double> weights, double total,
                      std::size_t state, GaussianHmm& model) {
  const RowMatrix table = copy_table(observations);
  const Eigen::VectorXd weight = Eigen::Map<const Eigen::VectorXd>(weights.data(), table.rows());
  const Eigen::RowVectorXd mean = weight.transpose() * table / total;
  const RowMatrix apart = table.rowwise() - mean;
  const RowMatrix covariance = apart.transpose() * weight.asDiagonal() * apart / total;
  const auto inputs = static_cast<Eigen::Index>(model.inputs);
  Eigen::Map<Eigen::RowVectorXd>(&model.means[state * model.inputs], inputs) = mean;
  MatrixView(&model.covariances[state * model.inputs * model.inputs], inputs, inputs) =
      0.5 * (covariance + covariance.transpose());
}

/// Keeps a state's covariance positive definite: where it isn't, only variances are left of it, of at least
/// the floor.
void hold_up(std::span<const double> floor, std::size_t state, GaussianHmm& model) {
  const auto inputs = static_cast<Eigen::Index>(model.inputs);
  MatrixView covariance(&model.covariances[state * model.inputs * model.inputs], inputs, inputs);
  const Eigen::Map<const Eigen::VectorXd> least(floor.data(), inputs);
  const bool good =
      (covariance.diagonal().array() >= least.array()).all() && covariance.llt().info() == Eigen::Success;
  if (good) return;
  const Eigen::VectorXd variances = covariance.diagonal().cwiseMax(least);
  covariance = variances.asDiagonal();
}

std::vector<double> variance_floor(const ObservationTable& observations, double part) {
  const RowMatrix table = copy_table(observations);
  const Eigen::RowVectorXd mean = table.colwise().mean();
  const Eigen::RowVectorXd variance =
      (table.rowwise() - mean).array().square().colwise().sum() / static_cast<double>(table.rows());
  std::vector<double> floor(observations.inputs);
  for (std::size_t i = 0; i < floor.size(); ++i) {
    floor[i] = std::max(part * variance[static_cast<Eigen::Index>(i)], 1e-300);
  }
  return floor;
}

/// Returns the model with its states in another order: the new state i is the old one order[i].
GaussianHmm reordered(const GaussianHmm& model, const std::vector<std::size_t>& order) {
  GaussianHmm next = model;
  const std::size_t square = model.inputs * model.inputs;
  for (std::size_t i = 0; i < model.states; ++i) {
    next.start[i] = model.start[order[i]];
    for (std::size_t j = 0; j < model.states; ++j) {
      next.transition[i * model.states + j] = model.transition[order[i] * model.states + order[j]];
    }
    std::copy_n(&model.means[order[i] * model.inputs], model.inputs, &next.means[i * model.inputs]);
    std::copy_n(&model.covariances[order[i] * square], square, &next.covariances[i * square]);
  }
  return next;
}

GaussianHmm by_volatility(const GaussianHmm& model) {
  std::vector<std::size_t> order(model.states);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t square = model.inputs * model.inputs;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return model.covariances[left * square] < model.covariances[right * square];
  });
  return reordered(model, order);
}

}  // namespace

HmmFilter::HmmFilter(const GaussianHmm& model)
    : model_(model),
      factors_(model.covariances.size()),
      constants_(model.states),
      probabilities_(model.start),
      densities_(model.states),
      predicted_(model.states),
      solved_(model.inputs) {
  const auto inputs = static_cast<Eigen::Index>(model.inputs);
  const std::size_t square = model.inputs * model.inputs;
  for (std::size_t state = 0; state < model.states; ++state) {
    const ConstMatrixView covariance(&model.covariances[state * square], inputs, inputs);
    const Eigen::LLT<RowMatrix> cholesky(covariance);
    if (cholesky.info() != Eigen::Success) {
      throw user_error(
          ErrorCode::kInvalidArgument,
          fmt::format("hidden Markov model: the covariance of state {} is not positive definite", state + 1));
    }
    const RowMatrix lower = cholesky.matrixL();
    MatrixView(&factors_[state * square], inputs, inputs) = lower;
    constants_[state] = -0.5 * static_cast<double>(inputs) * std::log(2.0 * std::numbers::pi) -
                        lower.diagonal().array().log().sum();
  }
}

void HmmFilter::log_densities(std::span<const double> observation, std::span<double> result) const {
  const std::size_t inputs = model_.inputs;
  for (std::size_t state = 0; state < model_.states; ++state) {
    const double* lower = &factors_[state * inputs * inputs];
    double squares = 0.0;
    for (std::size_t i = 0; i < inputs; ++i) {
      double value = observation[i] - model_.means[state * inputs + i];
      for (std::size_t j = 0; j < i; ++j) value -= lower[i * inputs + j] * solved_[j];
      solved_[i] = value / lower[i * inputs + i];
      squares += solved_[i] * solved_[i];
    }
    result[state] = constants_[state] - 0.5 * squares;
  }
}

std::span<const double> HmmFilter::step(std::span<const double> observation) {
  const std::size_t states = model_.states;
  if (begun_) {
    for (std::size_t to = 0; to < states; ++to) {
      predicted_[to] = 0.0;
      for (std::size_t from = 0; from < states; ++from) {
        predicted_[to] += probabilities_[from] * model_.transition[from * states + to];
      }
    }
  } else {
    predicted_ = model_.start;
    begun_ = true;
  }
  log_densities(observation, densities_);
  const double largest = *std::max_element(densities_.begin(), densities_.end());
  double sum = 0.0;
  for (std::size_t state = 0; state < states; ++state) {
    probabilities_[state] = predicted_[state] * std::exp(densities_[state] - largest);
    sum += probabilities_[state];
  }
  if (sum > 0.0) {
    for (double& probability : probabilities_) probability /= sum;
    log_likelihood_ += std::log(sum) + largest;
  } else {  // only states that can't be reached would explain it: the chain alone decides
    probabilities_ = predicted_;
    log_likelihood_ += largest + std::log(1e-300);
  }
  return probabilities_;
}

/// One pass of expectation maximisation.
class HmmPass {
 public:
  HmmPass(const ObservationTable& observations, const GaussianHmm& model)
      : observations_(observations),
        model_(model),
        filter_(model),
        likely_(observations.periods * model.states),
        filtered_(likely_.size()),
        scale_(observations.periods),
        moved_(model.states * model.states, 0.0) {
    forward();
    backward();
  }

  double log_likelihood() const { return filter_.log_likelihood(); }

  GaussianHmm next(std::span<const double> floor) const {
    GaussianHmm next = model_;
    const std::size_t states = model_.states;
    std::vector<double> weights(observations_.periods);
    for (std::size_t state = 0; state < states; ++state) {
      next.start[state] = smoothed_[state];
      double total = 0.0;
      for (std::size_t period = 0; period < weights.size(); ++period) {
        weights[period] = smoothed_[period * states + state];
        total += weights[period];
      }
      if (total >= static_cast<double>(model_.inputs) + 2.0) {
        set_distribution(observations_, weights, total, state, next);
        hold_up(floor, state, next);
      }
      const double left = std::accumulate(&moved_[state * states], &moved_[state * states] + states, 0.0);
      for (std::size_t to = 0; left > 0.0 && to < states; ++to) {
        next.transition[state * states + to] = moved_[state * states + to] / left;
      }
    }
    return next;
  }

 private:
  void forward() {
    const std::size_t states = model_.states;
    for (std::size_t period = 0; period < observations_.periods; ++period) {
      const auto probabilities = filter_.step(observations_.row(period));
      std::copy(probabilities.begin(), probabilities.end(), &filtered_[period * states]);
      const auto& densities = filter_.densities_;
      const double largest = *std::max_element(densities.begin(), densities.end());
      double sum = 0.0;
      for (std::size_t state = 0; state < states; ++state) {
        likely_[period * states + state] = std::exp(densities[state] - largest);
        sum += filter_.predicted_[state] * likely_[period * states + state];
      }
      scale_[period] = sum > 0.0 ? sum : 1.0;
    }
  }

  void backward() {
    const std::size_t states = model_.states, periods = observations_.periods;
    smoothed_ = filtered_;
    std::vector<double> after(states, 1.0), before(states);
    for (std::size_t period = periods - 1; period-- > 0;) {
      const double* likely = &likely_[(period + 1) * states];
      for (std::size_t from = 0; from < states; ++from) {
        before[from] = 0.0;
        for (std::size_t to = 0; to < states; ++to) {
          const double step =
              model_.transition[from * states + to] * likely[to] * after[to] / scale_[period + 1];
          before[from] += step;
          moved_[from * states + to] += filtered_[period * states + from] * step;
        }
        smoothed_[period * states + from] = filtered_[period * states + from] * before[from];
      }
      after = before;
    }
  }

  const ObservationTable& observations_;
  const GaussianHmm& model_;
  HmmFilter filter_;
  std::vector<double> likely_;    ///< periods × states: densities, each period's largest being 1
  std::vector<double> filtered_;  ///< periods × states
  std::vector<double> smoothed_;
  std::vector<double> scale_;
  std::vector<double> moved_;  ///< states × states: expected moves
};

GaussianHmm first_guess(const ObservationTable& observations, int states) {
  const RowMatrix table = copy_table(observations);
  const auto count = static_cast<std::size_t>(states);
  GaussianHmm model;
  model.states = count;
  model.inputs = observations.inputs;
  model.start.assign(count, 1.0 / static_cast<double>(count));
  model.transition.assign(count * count, (1.0 - kStay) / static_cast<double>(count - 1));
  for (std::size_t state = 0; state < count; ++state) model.transition[state * count + state] = kStay;
  model.means.resize(count * model.inputs);
  model.covariances.resize(count * model.inputs * model.inputs);

  const Eigen::RowVectorXd mean = table.colwise().mean();
  const Eigen::VectorXd far = (table.col(0).array() - mean[0]).abs().matrix();
  std::vector<std::size_t> order(observations.periods);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&far](std::size_t left, std::size_t right) {
    return far[static_cast<Eigen::Index>(left)] < far[static_cast<Eigen::Index>(right)];
  });
  const auto floor = variance_floor(observations, 1e-3);
  for (std::size_t state = 0; state < count; ++state) {
    std::vector<double> weights(observations.periods, 0.0);
    const std::size_t first = state * order.size() / count, last = (state + 1) * order.size() / count;
    for (std::size_t place = first; place < last; ++place) weights[order[place]] = 1.0;
    set_distribution(observations, weights, static_cast<double>(last - first), state, model);
    hold_up(floor, state, model);
  }
  return model;
}

HmmFit fit_hmm(const ObservationTable& observations, const HmmFitSettings& settings,
               const GaussianHmm& start) {
  const auto states = static_cast<std::size_t>(std::max(settings.states, 0));
  if (states < 2 || observations.inputs == 0 || observations.periods < kFewestPeriodsOfState * states) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("a hidden Markov model needs at least 2 states and {} periods a state; "
                                 "found {} states and {} periods",
                                 kFewestPeriodsOfState, settings.states, observations.periods));
  }
  const auto floor = variance_floor(observations, settings.variance_floor);
  HmmFit fit;
  fit.model = start;
  double before = 0.0;
  while (true) {
    const HmmPass pass(observations, fit.model);
    fit.log_likelihood = pass.log_likelihood();
    if (fit.iterations > 0 && fit.log_likelihood - before < settings.tolerance) {
      fit.converged = true;
      break;
    }
    if (fit.iterations == settings.max_iterations) break;
    before = fit.log_likelihood;
    fit.model = pass.next(floor);
    ++fit.iterations;
  }
  fit.model = by_volatility(fit.model);
  return fit;
}

}  // namespace orrery
