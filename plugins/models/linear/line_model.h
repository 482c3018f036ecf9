#pragma once

#include <Eigen/Dense>
#include <functional>
#include <optional>
#include <vector>

#include "orrery/ml/model.h"
#include "plugins/models/linear/gram.h"
#include "plugins/models/linear/predictive_spread.h"
#include "plugins/models/registry.h"

namespace orrery::plugins::models::linear {

/// A weight for each feature, and the constant.
struct Line {
  std::vector<double> weights;
  double intercept = 0.0;
  std::vector<double> means = {};  ///< of the features over the training samples; empty in older files
  std::optional<PredictiveSpread> spread = {};  ///< of models that know it; absent in older files
};

struct FittedLine {
  Line line;
  std::vector<double> deviations;  ///< of the features, for importance
  int rounds = 0;                  ///< of the search; 0: there is none
};

/// What a model does whose scores are a line: the one place where such models differ.
struct LineDesign {
  ModelInfo info;
  /// Fits the line, on data that has samples and labels. Errors: kInvalidArgument.
  std::function<FittedLine(const Dataset& train, const ParameterMap& parameters, const FitContext& context)>
      fit;
  /// kBinary: the score is the probability whose log odds are the line's value.
  Task task = Task::kRegression;
  /// Refuses settings that don't go together before data is read. Errors: kInvalidArgument.
  std::function<void(const ParameterMap& parameters)> check = [](const ParameterMap&) {};
  /// How the line's `spread` came about; absent: `fit` makes none.
  std::optional<DeviationMethod> deviation_method = {};
};

/// Registers a linear model: its prediction, its file and its importance are those of all of them.
void add_line_model(Registry& registry, const LineDesign& design);

/// Turns weights of scaled features into a line whose value at the features' means is `value_at_means`, for a
/// regression the label's mean.
FittedLine line_through_means(const Gram& gram, const Eigen::VectorXd& scale,
                              const Eigen::VectorXd& scaled_weights, double value_at_means);
FittedLine line_through_means(const Gram& gram, const Eigen::VectorXd& scale,
                              const Eigen::VectorXd& scaled_weights);

/// The settings that linear models share.
ParameterInfo intercept_setting();
ParameterInfo standardize_setting();

}  // namespace orrery::plugins::models::linear
