#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace orrery {

/// The normal distribution that CMA-ES draws from, and how a generation of points moves it. Source: Hansen
/// (2016), "The CMA evolution strategy: a tutorial", arXiv 1604.00772 v1, with its default parameters,
/// weights below zero included (active CMA); equation numbers are the tutorial's. The initial value of
/// h_sigma's count is that of the package cmaes 0.13, one generation on.
class EvolutionState {
 public:
  /// Around the middle of the unit cube. `step_size`: the standard deviation of every coordinate.
  EvolutionState(std::size_t dimensions, double step_size);
  ~EvolutionState();
  EvolutionState(const EvolutionState&) = delete;
  EvolutionState& operator=(const EvolutionState&) = delete;

  /// Points a generation: 4 + floor(3 ln n) (eq. 48).
  std::size_t population() const;
  /// Learns from one generation: population() points, the best first. A point further from the mean than
  /// sqrt(n) + 4 standard deviations (Mahalanobis), which its own draws as good as never are, counts as
  /// injected: it is drawn nearer to that length, as Hansen (2011), "Injecting external solutions into
  /// CMA-ES", does, so that it can't blow up the step size.
  void update(const std::vector<std::vector<double>>& best_first);

  /// The point that independent standard normal values give: mean + sigma C^(1/2) normals, by the symmetric
  /// root, so that it depends on no choice of eigenvectors.
  std::vector<double> point_of(std::span<const double> normals) const;

  std::vector<double> mean() const;
  double step_size() const;
  double covariance(std::size_t i, std::size_t j) const;
  /// Standard deviation of a coordinate: step size included.
  double deviation(std::size_t i) const;

 private:
  struct Parameters;
  struct State;
  std::unique_ptr<const Parameters> parameters_;
  std::unique_ptr<State> state_;
};

}  // namespace orrery
