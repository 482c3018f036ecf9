#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace orrery::plugins::providers::simulated {

/// The normal quantile: x with P(N(0,1) <= x) = p, for p in (0, 1), to about 1e-14.
double normal_quantile(double p);

/// Turns values into normal scores: the k-th smallest of n becomes the normal quantile of (k - 1/2) / n.
/// Keeps its buffers and the quantiles of the last n from call to call.
class NormalScorer {
 public:
  /// Replaces `values` by their scores.
  void score(std::span<double> values);

 private:
  std::vector<double> quantiles_;
  std::vector<std::uint32_t> order_;
};

/// Finds how strongly a signal must enter a session's returns.
///
/// Given a signal s and surprises x that are as likely as -x, the expected Spearman correlation of s with
/// x + g s is the mean D(g) of the correlations of s with x + g s and with -x + g s. `solve` returns the g
/// with D(g) = ic, so that the planted IC is exact whatever the distribution of x and its dependence on s.
class SignalScale {
 public:
  /// Requires: equal sizes. Returns 0 for fewer than two instruments or ic = 0.
  /// D is a staircase of about 12 / n² a step; the nearest step is taken.
  double solve(std::span<const double> signal, std::span<const double> surprise, double ic);

  /// Returns D(scale) for what solve() was last called with.
  double expected_correlation(double scale);

 private:
  void load(std::span<const double> signal, std::span<const double> surprise);
  double correlation(std::span<const double> surprise, double scale, std::vector<std::uint32_t>& order);

  std::vector<double> signal_;
  std::vector<double> centred_rank_;  // of the signal
  std::vector<double> surprise_;
  std::vector<double> mirrored_;
  std::vector<std::uint32_t> order_;  // of surprise + scale × signal, kept from one scale to the next
  std::vector<std::uint32_t> mirrored_order_;  // of -surprise + scale × signal
  std::vector<double> sum_;
};

}  // namespace orrery::plugins::providers::simulated
