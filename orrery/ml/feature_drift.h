#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "orrery/market/factor_frame.h"
#include "orrery/market/panel.h"
#include "orrery/ml/feature_view.h"

namespace orrery {

/// How far a feature's recent values are from those that a model learned from. NaN: not computable.
struct FeatureDrift {
  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  /// Of the reference, to say anything about what it went through itself.
  static constexpr std::size_t kFewestBlocks = 2;

  std::string feature;
  double reference_share = kMissing;  ///< of the cells that have a finite value
  double recent_share = kMissing;
  double psi = kMissing;  ///< population stability index
  double ks = kMissing;   ///< Kolmogorov–Smirnov statistic
  /// The largest of any block of the reference, as many sessions as the recent ones, against the rest
  /// of it: what was seen while learning. NaN with fewer than kFewestBlocks whole blocks.
  double psi_before = kMissing;
  double ks_before = kMissing;
  double share_before = kMissing;  ///< the smallest share of cells with a value of any such block
  double ks_p = kMissing;          ///< p-value, each session counted as one observation
  double ks_q = kMissing;          ///< false discovery rate over all features (Benjamini and Hochberg)
};

/// Compares each feature's values on eligible cells of `recent` with those of `reference`.
///
/// Values of one session move together, so that a session counts as one independent value in `ks_p`; those
/// of neighbouring sessions do as well where a feature looks back far, which is why the blocks of the
/// reference are told beside. Shape: panels and mask alike. Look-ahead: reads the two ranges alone. The
/// result does not depend on `threads`. Errors: kInvalidArgument for an empty range.
std::vector<FeatureDrift> measure_feature_drift(const FeatureView& features, const MaskPanel& eligible,
                                                RowRange reference, RowRange recent, int threads);

/// The same for one series of values by session.
FeatureDrift measure_drift(const std::string& name, std::span<const std::vector<double>> reference,
                           std::span<const std::vector<double>> recent);

}  // namespace orrery
