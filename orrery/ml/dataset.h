#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "orrery/market/factor_frame.h"
#include "orrery/market/panel.h"
#include "orrery/market/row_ranges.h"
#include "orrery/ml/feature_view.h"
#include "orrery/ml/preprocess.h"

namespace orrery {

/// One observation: an instrument on a session.
struct Sample {
  std::uint32_t row = 0;
  std::uint32_t instrument = 0;

  bool operator==(const Sample&) const = default;
};

/// Features × labels for a set of samples, sorted by session, then symbol, grouped by session.
///
/// Features are never copied: they are read from the factor panels, a session at a time, and the fitted steps
/// are applied on the way. The panels, the mask and the steps must outlive the data set. Reading is
/// thread-safe.
class Dataset {
 public:
  /// Takes the eligible cells of `rows`. With `label`, only those whose label is finite, and labels() holds
  /// them. Errors: kInternal when shapes differ.
  Dataset(FeatureView features, const FittedFeatures& steps, const MaskPanel& eligible, const RowRanges& rows,
          const Panel* label = nullptr);

  std::size_t size() const { return samples_.size(); }
  std::size_t feature_count() const { return features_.size(); }
  const std::vector<std::string>& feature_names() const { return features_.names(); }
  const std::vector<Sample>& samples() const { return samples_; }

  /// Positions where each session's samples begin, and size() at the end: group g is [groups[g], groups[g +
  /// 1]). Sessions without samples have no group.
  const std::vector<std::size_t>& groups() const { return groups_; }

  /// The rows from the first sample's to the last one's; empty without samples.
  RowRange row_span() const;

  /// One label a sample; empty when the data set was made without labels.
  std::span<const double> labels() const { return labels_; }

  /// One weight a sample; empty means that all weigh the same.
  std::span<const float> weights() const { return weights_; }
  /// Errors: kInvalidArgument for a wrong count, or a weight that is negative or not finite.
  void set_weights(std::vector<float> weights);

  /// Writes samples [begin, begin + count) to `out`, row-major, feature_count() values a sample. Missing:
  /// NaN. Cheapest for whole groups. The values do not depend on `threads`.
  void read_rows(std::size_t begin, std::size_t count, float* out, int threads) const;

  /// Returns the eligible cells, labels known or not, of the rows from `sessions` rows before the first
  /// sample to the last sample's: what a model that looks back reads. No labels, no weights. Look-ahead:
  /// none; it ends with the last sample's row.
  Dataset with_history(std::size_t sessions) const;

  /// Returns the samples of these rows alone, with their labels and weights.
  Dataset within(const RowRanges& rows) const;

  /// Returns the same samples, labels and weights with some of the features: `chosen` are positions,
  /// ascending.
  Dataset with_columns(const std::vector<std::size_t>& chosen) const;

  /// Returns the same samples, labels and weights on other features, of panels of the same shape, as they
  /// stand there. What the view shows must outlive the result. Errors: kInternal when shapes differ.
  Dataset on_features(FeatureView features) const;

  /// Returns the same samples, labels and weights with further features behind the others, as they stand: no
  /// step is applied to these. `further`: panels of the same shape; must outlive the result. Errors:
  /// kInternal for another shape; kInvalidArgument for a name that a feature has already.
  Dataset with_further(const FactorFrame& further) const;

  /// Returns the same samples with other labels. Errors: kInternal unless there is one a sample.
  Dataset with_labels(std::vector<double> labels) const;

  std::size_t row_count() const { return eligible_->rows(); }

  /// Returns the same data with one feature's values read from `values` instead, as the model shall see them:
  /// no step is applied. `values`: the panels' shape; must outlive the data set. Errors: kInternal for
  /// another shape or no such feature.
  Dataset with_feature(std::size_t feature, const FloatPanel& values) const;

  std::size_t instrument_count() const { return eligible_->columns(); }

  /// Writes one feature of every sample, in sample order. `out`: size() values.
  void read_feature(std::size_t feature, std::span<float> out) const;

 private:
  static constexpr std::size_t kAsItStands = static_cast<std::size_t>(-1);

  /// A feature whose values come from elsewhere.
  struct Replacement {
    std::size_t feature = 0;
    const FloatPanel* values = nullptr;  ///< null: none
  };

  std::size_t group_of(std::size_t sample) const;
  void read_session(std::size_t feature, std::size_t row, std::span<float> values) const;
  void read_group(std::size_t group, std::size_t begin, std::size_t end, float* out) const;

  FeatureView features_;
  const FittedFeatures* steps_;
  /// By feature: which of the steps' features it is; kAsItStands: none.
  std::vector<std::size_t> steps_columns_;
  const MaskPanel* eligible_;
  std::vector<Sample> samples_;
  std::vector<std::size_t> groups_;
  std::vector<double> labels_;
  std::vector<float> weights_;
  Replacement replaced_;
};

}  // namespace orrery
