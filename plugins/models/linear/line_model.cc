#include "plugins/models/linear/line_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/ml/model_checks.h"
#include "orrery/ml/model_file.h"
#include "plugins/models/linear/blocks.h"

namespace orrery::plugins::models::linear {
namespace {

std::vector<double> to_vector(const Eigen::VectorXd& values) { return {values.begin(), values.end()}; }

/// Errors of reading: kDataCorrupt for numbers that make no spread of so many features.
nlohmann::json to_json(const PredictiveSpread& spread) {
  return {{"noise_variance", spread.noise_variance}, {"centre", spread.centre}, {"factor", spread.factor}};
}

PredictiveSpread spread_from_json(const nlohmann::json& json, std::size_t features) {
  PredictiveSpread spread{json.at("noise_variance").get<double>(),
                          json.at("centre").get<std::vector<double>>(),
                          json.at("factor").get<std::vector<double>>()};
  const std::size_t wanted = features * (features + 1) / 2;
  if (spread.centre.size() == features && spread.factor.size() == wanted && spread.noise_variance >= 0.0)
    return spread;
  throw external_error(
      ErrorCode::kDataCorrupt,
      fmt::format("the spread of {} features needs as many centres and {} factors, found {} and {}", features,
                  wanted, spread.centre.size(), spread.factor.size()));
}

std::string line_to_json(const Line& line) {
  nlohmann::json json{{"weights", line.weights}, {"intercept", line.intercept}, {"means", line.means}};
  if (line.spread) json["spread"] = to_json(*line.spread);
  return json.dump();
}

Line line_from_json(const std::string& model, const std::filesystem::path& folder, const ModelFile& file) {
  Line line;
  try {
    const auto json = nlohmann::json::parse(file.content);
    line.weights = json.at("weights").get<std::vector<double>>();
    line.intercept = json.at("intercept").get<double>();
    line.means = json.value("means", std::vector<double>());
    if (json.contains("spread")) line.spread = spread_from_json(json["spread"], line.weights.size());
  } catch (const nlohmann::json::exception& error) {
    throw external_error(ErrorCode::kDataCorrupt, fmt::format("{}: the {} model can't be read: {}",
                                                              folder.string(), model, error.what()));
  }
  if (line.weights.size() != file.features.size()) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("{}: the {} model has {} weights for {} features", folder.string(),
                                     model, line.weights.size(), file.features.size()));
  }
  if (!line.means.empty() && line.means.size() != line.weights.size()) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("{}: the {} model has {} means for {} features", folder.string(), model,
                                     line.means.size(), line.weights.size()));
  }
  return line;
}

/// Weighted sums of the features, and of the weights at the end.
struct FeatureSums {
  std::vector<double> values;
  FeatureSums& operator+=(const FeatureSums& other) {
    std::transform(values.begin(), values.end(), other.values.begin(), values.begin(), std::plus<>());
    return *this;
  }
};

std::vector<double> feature_means(const Dataset& data, int threads) {
  const std::size_t width = data.feature_count();
  FeatureSums total{std::vector<double>(width + 1)};
  sum_blocks(data.size(), threads, total, [&](std::size_t begin, std::size_t count) {
    std::vector<float> rows(count * width);
    data.read_rows(begin, count, rows.data(), 1);
    FeatureSums sums{std::vector<double>(width + 1)};
    for (std::size_t i = 0; i < count; ++i) {
      const double weight = weight_of(data, begin + i);
      for (std::size_t f = 0; f < width; ++f)
        sums.values[f] += weight * static_cast<double>(rows[i * width + f]);
      sums.values[width] += weight;
    }
    return sums;
  });
  const double weight = total.values.back();
  total.values.pop_back();
  for (double& value : total.values) value /= weight;
  return total.values;
}

class LineModel final : public Model {
 public:
  LineModel(const LineDesign& design, const ParameterMap& given)
      : design_(design), parameters_(complete_parameters(given, design.info.parameters)) {
    design_.check(parameters_);
  }

  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& context) override;
  PredictReport predict(const Dataset& data, std::span<double> out, int threads) const override;
  std::optional<ExplanationMethod> explanation() const override {
    if (fitted_ && line_.means.empty()) return std::nullopt;
    return ExplanationMethod{"weight × distance from the mean", "Lundberg and Lee, 2017, corollary 1", 1e-9};
  }
  PredictReport contributions(const Dataset& data, std::span<double> out, int threads) const override;
  std::optional<DeviationMethod> deviation_method() const override {
    if (fitted_ && !line_.spread) return std::nullopt;
    return design_.deviation_method;
  }
  PredictReport deviations(const Dataset& data, std::span<double> out, int threads) const override;
  void save(const std::filesystem::path& folder) const override;
  void load(const std::filesystem::path& folder) override;
  ModelDescription describe() const override { return {name(), design_.task, parameters_, features_}; }

 private:
  const std::string& name() const { return design_.info.name; }
  double score(double value) const {
    return design_.task == Task::kBinary ? 1.0 / (1.0 + std::exp(-value)) : value;
  }

  LineDesign design_;
  ParameterMap parameters_;
  std::vector<std::string> features_;
  Line line_;
  bool fitted_ = false;
};

FitReport LineModel::fit(const Dataset& train, const Dataset* /*valid*/, const FitContext& context) {
  require_trainable(train, "train");
  if (design_.task == Task::kBinary) require_binary(train.labels());
  FittedLine fitted = design_.fit(train, parameters_, context);
  line_ = std::move(fitted.line);
  line_.means = feature_means(train, context.threads);
  features_ = train.feature_names();
  fitted_ = true;
  FitReport report;
  report.rounds = fitted.rounds;
  report.best_round = fitted.rounds;
  for (std::size_t i = 0; i < features_.size(); ++i) {
    report.importance.push_back({features_[i], std::fabs(line_.weights[i]) * fitted.deviations[i], 0.0});
  }
  return report;
}

PredictReport LineModel::predict(const Dataset& data, std::span<double> out, int threads) const {
  require_fitted(name(), fitted_);
  require_same_features(name(), features_, data, out);
  const std::size_t width = features_.size();
  for_each_block(data, threads, [&](std::size_t begin, std::size_t count, const float* rows) {
    for (std::size_t i = 0; i < count; ++i) {
      out[begin + i] = score(std::inner_product(
          line_.weights.begin(), line_.weights.end(), rows + i * width, line_.intercept, std::plus<>(),
          [](double weight, float value) { return weight * static_cast<double>(value); }));
    }
  });
  return {};
}

/// Exact: what each feature's distance from its training mean adds. The Shapley values where the other
/// features are drawn independently.
PredictReport LineModel::contributions(const Dataset& data, std::span<double> out, int threads) const {
  if (!explanation()) return Model::contributions(data, out, threads);
  require_fitted(name(), fitted_);
  require_explainable_features(name(), features_, data, out);
  const std::size_t width = features_.size();
  const double base =
      std::inner_product(line_.weights.begin(), line_.weights.end(), line_.means.begin(), line_.intercept);
  for_each_block(data, threads, [&](std::size_t begin, std::size_t count, const float* rows) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto parts = out.subspan((begin + i) * (width + 1), width + 1);
      for (std::size_t f = 0; f < width; ++f) {
        parts[f] = line_.weights[f] * (static_cast<double>(rows[i * width + f]) - line_.means[f]);
      }
      parts[width] = base;
    }
  });
  return {};
}

PredictReport LineModel::deviations(const Dataset& data, std::span<double> out, int threads) const {
  if (!deviation_method()) return Model::deviations(data, out, threads);
  require_fitted(name(), fitted_);
  require_same_features(name(), features_, data, out);
  const std::size_t width = features_.size();
  for_each_block(data, threads, [&](std::size_t begin, std::size_t count, const float* rows) {
    for (std::size_t i = 0; i < count; ++i)
      out[begin + i] = line_.spread->deviation({rows + i * width, width});
  });
  return {};
}

void LineModel::save(const std::filesystem::path& folder) const {
  require_savable(name(), fitted_);
  write_model_file(folder, {name(), parameters_, features_, line_to_json(line_)});
}

void LineModel::load(const std::filesystem::path& folder) {
  ModelFile file = read_model_file(folder, name());
  auto parameters = complete_parameters(file.parameters, design_.info.parameters);
  line_ = line_from_json(name(), folder, file);
  parameters_ = std::move(parameters);
  features_ = std::move(file.features);
  fitted_ = true;
}

}  // namespace

void add_line_model(Registry& registry, const LineDesign& design) {
  registry.add(design.info.name, {design.info, [design](const ParameterMap& parameters) {
                                    return std::make_unique<LineModel>(design, parameters);
                                  }});
}

FittedLine line_through_means(const Gram& gram, const Eigen::VectorXd& scale,
                              const Eigen::VectorXd& scaled_weights, double value_at_means) {
  const Eigen::Index n = gram.features();
  const Eigen::VectorXd weights = scale.cwiseInverse().cwiseProduct(scaled_weights);
  return {{to_vector(weights), value_at_means - gram.means.head(n).dot(weights)},
          to_vector(gram.deviations().head(n))};
}

FittedLine line_through_means(const Gram& gram, const Eigen::VectorXd& scale,
                              const Eigen::VectorXd& scaled_weights) {
  return line_through_means(gram, scale, scaled_weights, gram.means[gram.features()]);
}

ParameterInfo intercept_setting() {
  return {"fit_intercept", true, "add a constant, which is not penalised"};
}

ParameterInfo standardize_setting() {
  return {"standardize", true,
          "penalise the weights of features scaled to unit deviation over the training samples"};
}

}  // namespace orrery::plugins::models::linear
