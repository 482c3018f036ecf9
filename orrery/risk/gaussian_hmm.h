#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace orrery {

/// A hidden Markov model: a chain of states that nobody sees, each of which draws the observation of its
/// period from a normal distribution of its own. Source: Rabiner 1989, A Tutorial on Hidden Markov Models,
/// with full covariances.
struct GaussianHmm {
  std::size_t states = 0;
  std::size_t inputs = 0;           ///< numbers of one observation
  std::vector<double> start;        ///< probability of each state in the first period
  std::vector<double> transition;   ///< states × states: from the row's state to the column's
  std::vector<double> means;        ///< states × inputs
  std::vector<double> covariances;  ///< states × inputs × inputs
};

/// Observations, period after period. No missing values.
struct ObservationTable {
  std::size_t periods = 0;
  std::size_t inputs = 0;
  std::span<const double> values;  ///< periods × inputs

  std::span<const double> row(std::size_t period) const { return values.subspan(period * inputs, inputs); }
};

/// The forward algorithm, one observation at a time: how likely each state is given the observations so far,
/// and none later (filtered, not smoothed).
class HmmFilter {
 public:
  /// The model must outlive the filter. Errors: kInvalidArgument for a covariance that is not positive
  /// definite.
  explicit HmmFilter(const GaussianHmm& model);

  /// Takes the next observation in and returns the probabilities of the states.
  std::span<const double> step(std::span<const double> observation);
  std::span<const double> probabilities() const { return probabilities_; }
  /// Logarithm of the density of all observations so far.
  double log_likelihood() const { return log_likelihood_; }

 private:
  friend class HmmPass;
  /// Fills the logarithms of the observation's density in each state.
  void log_densities(std::span<const double> observation, std::span<double> result) const;

  const GaussianHmm& model_;
  std::vector<double> factors_;  ///< states × inputs × inputs: of each covariance the lower Cholesky factor
  std::vector<double> constants_;  ///< by state: the density's logarithm at the mean
  std::vector<double> probabilities_, densities_, predicted_;
  mutable std::vector<double> solved_;
  bool begun_ = false;
  double log_likelihood_ = 0.0;
};

struct HmmFitSettings {
  int states = 2;
  int max_iterations = 200;
  double tolerance = 1e-4;  ///< the fit ends when the log-likelihood rises by less
  /// Part of an input's variance over all periods that no state's goes below: a state of a few equal
  /// observations would otherwise be infinitely likely.
  double variance_floor = 1e-6;
};

struct HmmFit {
  GaussianHmm model;  ///< states by ascending standard deviation of the first input
  double log_likelihood = 0.0;
  int iterations = 0;
  bool converged = false;
};

/// Returns the model that expectation maximisation (Baum-Welch) starts from without another: the periods are
/// put into as many groups as states by how far the observation lies from the centre, and states stay with
/// a probability of 0.95.
GaussianHmm first_guess(const ObservationTable& observations, int states);

/// Fits by expectation maximisation from `start`. Deterministic. Errors: kInvalidArgument for fewer than two
/// states or fewer than 10 periods a state.
HmmFit fit_hmm(const ObservationTable& observations, const HmmFitSettings& settings,
               const GaussianHmm& start);

}  // namespace orrery
