#pragma once

#include <span>
#include <vector>

#include "orrery/base/random.h"
#include "orrery/ml/tuning/search_space.h"

namespace orrery {

/// A density over points: a mixture with one kernel an observed point and a prior over the whole space, in
/// every dimension a truncated normal distribution (of whole numbers: its mass around each) or a distribution
/// over choices. The rules are those of Optuna 5.0's _ParzenEstimator with its default settings.
class ParzenEstimator {
 public:
  /// `observations`: by dimension, the observed values, oldest first; may hold none.
  ParzenEstimator(const SearchSpace& space, const std::vector<std::vector<double>>& observations);

  TuningPoint draw(Random& random) const;

  /// Log densities of several points.
  std::vector<double> log_densities(const std::vector<TuningPoint>& points) const;

 private:
  /// The kernels in one dimension, on the scale that is searched.
  struct Dimension {
    TunedParameter parameter;
    double low = 0.0, high = 0.0;
    std::vector<double> center, width;  ///< by kernel, the prior last
    std::vector<double> precision;      ///< by kernel: 1 / width
    std::vector<double> log_scale;      ///< by kernel: -log of the mass within the bounds (and of the width)
    std::vector<std::size_t> choice;    ///< by kernel but the prior, of a choice
    double log_chosen = 0.0, log_other = 0.0, log_prior = 0.0;  ///< of a choice
  };

  void fit_numbers(const std::vector<double>& values, Dimension& dimension) const;
  void fit_choices(const std::vector<double>& values, Dimension& dimension) const;
  double draw_in(const Dimension& dimension, std::size_t kernel, Random& random) const;
  /// Adds the log densities of the kernels from `first` on, as many as there are logs.
  void add_log_kernels(const Dimension& dimension, double value, std::size_t first,
                       std::span<double> logs) const;
  void arrange_by_center();

  struct KernelRange {
    std::size_t begin = 0, end = 0;
  };
  KernelRange narrow_kernels_near(double x) const;

  std::vector<Dimension> dimensions_;
  std::vector<double> weights_;      ///< by kernel, sum 1
  std::vector<double> log_weights_;  ///< by kernel
  /// Kernels that come first and lie in the order of their centers, all of one width; of several dimensions
  /// 0.
  std::size_t narrow_ = 0;
};

}  // namespace orrery
