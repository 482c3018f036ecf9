#pragma once

#include <span>
#include <vector>

#include "orrery/ml/feature_windows.h"
#include "plugins/models/networks/torch_network.h"

namespace orrery::plugins::models::networks {

/// Returns the raw scores of all samples of a data set, session by session in blocks: a score does not depend
/// on other sessions, nor on the threads.
std::vector<float> score_all(const TorchNetwork& network, const FeatureWindows& windows,
                             const std::vector<std::size_t>& groups, int threads);

/// Writes by sample the standard deviation of its raw scores over `passes` (2 or more) with dropout on, or,
/// with `are_log_odds`, of their probabilities. Pass k takes the same values out of all samples, whatever
/// the data: a deviation depends on the sample alone. Source: Gal and Ghahramani (2016), "Dropout as a
/// Bayesian approximation: representing model uncertainty in deep learning", eq. 8 without the noise.
void deviate_all(const TorchNetwork& network, const FeatureWindows& windows,
                 const std::vector<std::size_t>& groups, int passes, bool are_log_odds, int threads,
                 std::span<double> out);

/// Writes the contributions of all samples, [sample × (features + 1)], the score of zero inputs last; cut
/// into the same blocks.
void explain_all(const TorchNetwork& network, const FeatureWindows& windows,
                 const std::vector<std::size_t>& groups, std::span<const QuadraturePoint> points, int threads,
                 std::span<double> out);

}  // namespace orrery::plugins::models::networks
