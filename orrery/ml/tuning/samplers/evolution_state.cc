#include "orrery/ml/tuning/samplers/evolution_state.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace orrery {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Least eigenvalue that is trusted: rounding may leave it at or below zero.
constexpr double kLeastEigenvalue = 1e-8;
constexpr double kMostSigma = 1e32;
constexpr double kOwnReach = 4.0;

std::vector<double> to_list(const VectorXd& vector) { return {vector.begin(), vector.end()}; }

}  // namespace

/// The strategy's constants (tutorial, table 1).
struct EvolutionState::Parameters {
  Eigen::Index n = 0;
  std::size_t population = 0, parents = 0;
  VectorXd weights;
  double mu_eff = 0.0;
  double c_one = 0.0, c_mu = 0.0;
  double c_sigma = 0.0, d_sigma = 0.0, c_path = 0.0;
  double expected_length = 0.0;  ///< of a standard normal vector

  explicit Parameters(std::size_t dimensions);
  void set_weights(const VectorXd& raw, double mu_eff_minus);
};

EvolutionState::Parameters::Parameters(std::size_t dimensions) : n(static_cast<Eigen::Index>(dimensions)) {
  const auto d = static_cast<double>(dimensions);
  population = 4 + static_cast<std::size_t>(std::floor(3.0 * std::log(d)));
  parents = population / 2;
  VectorXd raw(static_cast<Eigen::Index>(population));
  for (Eigen::Index i = 0; i < raw.size(); ++i)
    raw[i] = std::log((static_cast<double>(population) + 1.0) / 2.0) - std::log(static_cast<double>(i) + 1.0);
  const auto selected = raw.head(static_cast<Eigen::Index>(parents));
  const auto others = raw.tail(raw.size() - selected.size());
  mu_eff = selected.sum() * selected.sum() / selected.squaredNorm();
  c_one = 2.0 / ((d + 1.3) * (d + 1.3) + mu_eff);
  c_mu = std::min(1.0 - c_one - 1e-8, 2.0 * (mu_eff - 2.0 + 1.0 / mu_eff) / ((d + 2.0) * (d + 2.0) + mu_eff));
  c_sigma = (mu_eff + 2.0) / (d + mu_eff + 5.0);
  d_sigma = 1.0 + 2.0 * std::max(0.0, std::sqrt((mu_eff - 1.0) / (d + 1.0)) - 1.0) + c_sigma;
  c_path = (4.0 + mu_eff / d) / (d + 4.0 + 2.0 * mu_eff / d);
  expected_length = std::sqrt(d) * (1.0 - 1.0 / (4.0 * d) + 1.0 / (21.0 * d * d));
  set_weights(raw, others.sum() * others.sum() / others.squaredNorm());
}

/// Equations 49 to 53: those above zero add up to one, those below to as much as keeps C positive definite.
void EvolutionState::Parameters::set_weights(const VectorXd& raw, double mu_eff_minus) {
  const double allowed = std::min({1.0 + c_one / c_mu, 1.0 + 2.0 * mu_eff_minus / (mu_eff + 2.0),
                                   (1.0 - c_one - c_mu) / (static_cast<double>(n) * c_mu)});
  double above = 0.0, below = 0.0;
  for (const double weight : raw) (weight > 0.0 ? above : below) += std::fabs(weight);
  weights = raw;
  for (double& weight : weights) weight *= weight >= 0.0 ? 1.0 / above : allowed / below;
}

struct EvolutionState::State {
  VectorXd mean, path_sigma, path_c;
  MatrixXd covariance, root, inverse_root;  ///< C, C^(1/2), C^(-1/2)
  double sigma = 0.0;
  int generation = 0;

  void decompose();
};

void EvolutionState::State::decompose() {
  const MatrixXd symmetric = (covariance + covariance.transpose()) / 2.0;
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(symmetric);
  VectorXd roots = solver.eigenvalues();
  for (double& value : roots) value = std::sqrt(value > 0.0 ? value : kLeastEigenvalue);
  const MatrixXd& axes = solver.eigenvectors();
  covariance = axes * roots.cwiseAbs2().asDiagonal() * axes.transpose();
  root = axes * roots.asDiagonal() * axes.transpose();
  inverse_root = axes * roots.cwiseInverse().asDiagonal() * axes.transpose();
}

EvolutionState::EvolutionState(std::size_t dimensions, double step_size)
    : parameters_(std::make_unique<const Parameters>(dimensions)), state_(std::make_unique<State>()) {
  const auto n = parameters_->n;
  state_->mean = VectorXd::Constant(n, 0.5);
  state_->path_sigma = VectorXd::Zero(n);
  state_->path_c = VectorXd::Zero(n);
  state_->covariance = MatrixXd::Identity(n, n);
  state_->sigma = step_size;
  state_->decompose();
}

EvolutionState::~EvolutionState() = default;

std::size_t EvolutionState::population() const { return parameters_->population; }

void EvolutionState::update(const std::vector<std::vector<double>>& best_first) {
  const Parameters& p = *parameters_;
  State& s = *state_;
  const auto n = static_cast<double>(p.n);
  const double reach = std::sqrt(n) + kOwnReach;
  MatrixXd steps(p.n, static_cast<Eigen::Index>(p.population));
  VectorXd lengths(static_cast<Eigen::Index>(p.population));
  for (Eigen::Index k = 0; k < steps.cols(); ++k) {
    const auto& point = best_first[static_cast<std::size_t>(k)];
    VectorXd step = (VectorXd::Map(point.data(), p.n) - s.mean) / s.sigma;
    lengths[k] = (s.inverse_root * step).norm();
    if (lengths[k] > reach) {
      step *= reach / lengths[k];
      lengths[k] = reach;
    }
    steps.col(k) = step;
  }
  ++s.generation;
  const auto parents = static_cast<Eigen::Index>(p.parents);
  const VectorXd moved = steps.leftCols(parents) * p.weights.head(parents);
  s.mean += s.sigma * moved;  // eq. 42, with a learning rate of 1

  s.path_sigma = (1.0 - p.c_sigma) * s.path_sigma +
                 std::sqrt(p.c_sigma * (2.0 - p.c_sigma) * p.mu_eff) * (s.inverse_root * moved);  // eq. 43
  const double length = s.path_sigma.norm();
  s.sigma = std::min(s.sigma * std::exp(p.c_sigma / p.d_sigma * (length / p.expected_length - 1.0)),
                     kMostSigma);  // eq. 44

  const double settled = std::sqrt(1.0 - std::pow(1.0 - p.c_sigma, 2.0 * (s.generation + 1)));
  const bool stalls = length / settled >= (1.4 + 2.0 / (n + 1.0)) * p.expected_length;  // h_sigma = 0
  s.path_c *= 1.0 - p.c_path;                                                           // eq. 45
  if (!stalls) s.path_c += std::sqrt(p.c_path * (2.0 - p.c_path) * p.mu_eff) * moved;
  VectorXd weights = p.weights;
  for (Eigen::Index k = 0; k < weights.size(); ++k) {
    if (weights[k] < 0.0) weights[k] *= n / (lengths[k] * lengths[k] + 1e-8);  // eq. 46
  }
  const double lost = stalls ? p.c_path * (2.0 - p.c_path) : 0.0;
  s.covariance = (1.0 + p.c_one * lost - p.c_one - p.c_mu * p.weights.sum()) * s.covariance +
                 p.c_one * s.path_c * s.path_c.transpose() +
                 p.c_mu * steps * weights.asDiagonal() * steps.transpose();  // eq. 47
  s.decompose();
}

std::vector<double> EvolutionState::point_of(std::span<const double> normals) const {
  const auto drawn = VectorXd::Map(normals.data(), parameters_->n);
  return to_list(state_->mean + state_->sigma * (state_->root * drawn));
}

std::vector<double> EvolutionState::mean() const { return to_list(state_->mean); }
double EvolutionState::step_size() const { return state_->sigma; }
double EvolutionState::covariance(std::size_t i, std::size_t j) const {
  return state_->covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
}
double EvolutionState::deviation(std::size_t i) const { return state_->sigma * std::sqrt(covariance(i, i)); }

}  // namespace orrery
