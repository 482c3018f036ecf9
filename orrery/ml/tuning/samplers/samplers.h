#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/ml/tuning/sampler.h"

namespace orrery {

/// Every point drawn on its own, uniformly on the scale that is searched. Source: Bergstra and Bengio (2012).
std::unique_ptr<Sampler> make_random_sampler();

/// Every combination of all choices and of at most `points` values of each range, evenly spaced on the scale
/// that is searched, the bounds included; in the space's order, the last parameter first.
std::unique_ptr<Sampler> make_grid_sampler(std::size_t points = 5);

struct TpeOptions {
  /// False: each parameter by itself, as Optuna's TPESampler(multivariate=False). True: all by one density of
  /// whole points (multivariate=True).
  bool joint = false;
  std::size_t startup_trials = 10;  ///< drawn at random first
  std::size_t candidates = 24;      ///< drawn from the density of the good trials
};

/// Tree-structured Parzen estimator: the best min(ceil(n / 10), 25) trials make one density l, the others and
/// running ones another, g; of candidates drawn from l the one with the largest l / g is tried. Densities are
/// mixtures of truncated normal distributions around the trials' values, as wide as the larger distance to a
/// neighbour, and a broad prior; the 25 latest trials weigh 1, older ones less in a line down to 1 / n.
/// Sources: Bergstra, Bardenet, Bengio and Kégl (2011); Watanabe (2023), "Tree-structured Parzen estimator";
/// rules and defaults as Optuna 5.0.
std::unique_ptr<Sampler> make_tpe_sampler(const TpeOptions& options = {});

/// Covariance matrix adaptation: numbers are drawn from one normal distribution over the unit cube of their
/// scales, which every generation of 4 + floor(3 ln n) finished trials moves, widens and turns towards the
/// better ones (evolution_state.h). A generation is the next so many finished trials in the order in which
/// they began, from whichever process; pruned ones rank below complete ones, failed ones don't count. Draws
/// outside the bounds are drawn again. Whole numbers are learned from as rounded, and keep a chance of
/// 1 / (n × population) to change, the margin of Hamano et al. (2022), "CMA-ES with margin". Choices come
/// from TPE, each by itself. Source: Hansen (2016), arXiv 1604.00772; first step size, rounding and bounds as
/// Optuna 5.0's CmaEsSampler.
std::unique_ptr<Sampler> make_cmaes_sampler();

/// `random`, `grid`, `tpe`, `tpe_joint`, `cmaes`.
const std::vector<std::string>& sampler_names();
/// Errors: kNotFound, naming what there is.
std::unique_ptr<Sampler> make_sampler(std::string_view name);

}  // namespace orrery
