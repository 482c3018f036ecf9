#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "orrery/market/factor_frame.h"
#include "orrery/market/panel.h"
#include "orrery/market/row_ranges.h"
#include "orrery/ml/feature_view.h"

namespace orrery {

/// One step that turns a feature's values into what a model sees. Steps run in order; each is fitted on the
/// values that the steps before it leave.
struct FeatureStep {
  enum class Kind {
    kRobustZScore,  ///< (x - median) / ((MAD + 1e-12) * 1.4826), over the training span (qlib's
                    ///< RobustZScoreNorm)
    kZScore,        ///< (x - mean) / population deviation, over the training span (qlib's ZScoreNorm)
    kClip,          ///< to [-value, value]
    kFillMissing,   ///< NaN becomes value
    kCrossZScore,   ///< (x - mean) / sample deviation of the day's eligible instruments (qlib's CSZScoreNorm)
    kCrossRank,     ///< (rank / count - 0.5) * 3.46 among the day's eligible instruments (qlib's CSRankNorm)
  };
  Kind kind = Kind::kFillMissing;
  double value = 0.0;  ///< the bound of kClip, the filling of kFillMissing

  bool operator==(const FeatureStep&) const = default;
};

/// What happens to the label before a model learns it. Cross-sections are the day's eligible instruments
/// whose label is known; nothing is fitted.
enum class LabelStep {
  kNone,
  kCrossRankNorm,  ///< (average rank / count - 0.5) * 3.46 (qlib's CSRankNorm)
  kCrossZScore,    ///< (x - mean) / sample deviation (qlib's CSZScoreNorm)
};

struct PreprocessSpec {
  LabelStep label = LabelStep::kNone;
  std::vector<FeatureStep> features;
};

/// Reads a step as a study writes it: `robust_zscore`, `zscore`, `cs_zscore`, `cs_rank`.
/// Errors: kInvalidArgument, with the nearest spelling.
FeatureStep parse_feature_step(const std::string& name);
/// Reads a step with a value: `clip`, `fill_na`. Errors: kInvalidArgument.
FeatureStep parse_feature_step(const std::string& name, double value);
/// Reads `none`, `cs_rank_norm`, `cs_zscore`. Errors: kInvalidArgument.
LabelStep parse_label_step(const std::string& name);

/// Feature steps with what was learned from the training span.
///
/// All arithmetic is in float, as qlib's is on its float32 table, so that values equal qlib's to the bit for
/// robust_zscore, clip and fill_na. Infinite values are ordinary values, as there.
class FittedFeatures {
 public:
  /// A scale and shift learned for each feature by one step: (x - center) / scale.
  struct Scaling {
    std::vector<float> center;
    std::vector<float> scale;
  };
  struct Step {
    FeatureStep step;
    Scaling scaling;  ///< empty for steps that learn nothing
  };

  FittedFeatures() = default;
  FittedFeatures(std::vector<std::string> names, std::vector<Step> steps);

  const std::vector<std::string>& names() const { return names_; }
  const std::vector<Step>& steps() const { return steps_; }

  /// Applies every step to one feature on one session, in place. `values` and `eligible`: one cell an
  /// instrument. Per-row path: no errors.
  void apply(std::size_t feature, std::span<const std::uint8_t> eligible, std::span<float> values) const;

  /// Writes everything as JSON with every float exact. The same content gives the same bytes.
  std::string to_json() const;
  /// Errors: kDataCorrupt when the text is not what to_json wrote.
  static FittedFeatures from_json(const std::string& text);

 private:
  std::vector<std::string> names_;
  std::vector<Step> steps_;
};

/// Learns the steps from the eligible cells of `rows` alone. Medians and deviations are exact (numpy's
/// nanmedian on float32, to the bit). A feature without any value gets center NaN, which leaves it missing.
/// `eligible`: same shape as the panels. The result does not depend on `threads`.
FittedFeatures fit_features(const FeatureView& features, const MaskPanel& eligible, const RowRanges& rows,
                            const std::vector<FeatureStep>& steps, int threads);

/// Applies the label step to every session. Result: same shape; NaN where the label is missing or not
/// eligible.
Panel preprocess_label(const Panel& label, const MaskPanel& eligible, LabelStep step);

}  // namespace orrery
