#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/threads.h"
#include "orrery/ml/model_checks.h"
#include "orrery/ml/model_file.h"
#include "plugins/models/registry.h"

namespace orrery::plugins::models::ridge_plugin {
namespace {

/// Samples accumulated together. The blocks are the same whatever the number of threads, and are added in
/// order.
constexpr std::size_t kBlockSamples = 4096;

ModelInfo ridge_info() {
  ModelInfo info;
  info.name = "ridge";
  info.summary = "Linear regression with a squared penalty";
  info.parameters = {
      {"alpha", 1.0, "penalty on the squared weights, beside the sum of squared errors", 0.0, std::nullopt},
      {"fit_intercept", true, "add a constant, which is not penalised"},
      {"standardize", true,
       "penalise the weights of features scaled to unit deviation over the training samples"}};
  info.aliases = {{"l2", "alpha"}, {"lambda", "alpha"}, {"reg_lambda", "alpha"}};
  info.source =
      "Hoerl and Kennard, 1970; closed form by normal equations and Cholesky, as scikit-learn's Ridge";
  info.accepts_missing = false;
  return info;
}

/// Adds up one part for each block of samples, in block order, with the parts computed in parallel a few at a
/// time.
template <class Part, class Compute>
void sum_blocks(std::size_t samples, int threads, Part& total, const Compute& compute) {
  constexpr std::size_t kTogether = 16;
  const std::size_t blocks = (samples + kBlockSamples - 1) / kBlockSamples;
  for (std::size_t first = 0; first < blocks; first += kTogether) {
    std::vector<Part> parts(std::min(kTogether, blocks - first));
    parallel_for(parts.size(), threads, [&](std::size_t i) {
      const std::size_t begin = (first + i) * kBlockSamples;
      parts[i] = compute(begin, std::min(kBlockSamples, samples - begin));
    });
    for (const auto& part : parts) total += part;
  }
}

double weight_of(const Dataset& data, std::size_t sample) {
  return data.weights().empty() ? 1.0 : static_cast<double>(data.weights()[sample]);
}

Eigen::MatrixXd read_block(const Dataset& data, std::size_t begin, std::size_t count) {
  std::vector<float> rows(count * data.feature_count());
  data.read_rows(begin, count, rows.data(), 1);
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const RowMajor>(rows.data(), static_cast<Eigen::Index>(count),
                                    static_cast<Eigen::Index>(data.feature_count()))
      .cast<double>();
}

/// Weighted sums of features, of the label (last but one) and of the weights (last).
struct Sums {
  Eigen::VectorXd values;
  Sums& operator+=(const Sums& other) {
    values += other.values;
    return *this;
  }
};

/// Weighted products of centred features and label: the lower triangle of [X y]' W [X y].
struct Products {
  Eigen::MatrixXd values;
  Products& operator+=(const Products& other) {
    values += other.values;
    return *this;
  }
};

Sums sum_block(const Dataset& data, std::size_t begin, std::size_t count) {
  const Eigen::MatrixXd x = read_block(data, begin, count);
  Sums sums{Eigen::VectorXd::Zero(x.cols() + 2)};
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    const std::size_t sample = begin + static_cast<std::size_t>(i);
    const double weight = weight_of(data, sample);
    sums.values.head(x.cols()) += weight * x.row(i).transpose();
    sums.values[x.cols()] += weight * data.labels()[sample];
    sums.values[x.cols() + 1] += weight;
  }
  return sums;
}

Products product_block(const Dataset& data, const Eigen::VectorXd& means, std::size_t begin,
                       std::size_t count) {
  const Eigen::MatrixXd x = read_block(data, begin, count);
  Eigen::MatrixXd joined(x.rows(), x.cols() + 1);
  joined.leftCols(x.cols()) = x;
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    const std::size_t sample = begin + static_cast<std::size_t>(i);
    joined(i, x.cols()) = data.labels()[sample];
    joined.row(i) = std::sqrt(weight_of(data, sample)) * (joined.row(i) - means.transpose());
  }
  Products products{Eigen::MatrixXd::Zero(joined.cols(), joined.cols())};
  products.values.selfadjointView<Eigen::Lower>().rankUpdate(joined.transpose());
  return products;
}

/// Means of features and label; zeros where there is no intercept.
struct Moments {
  Eigen::VectorXd means;
  double weight = 0.0;
};

Moments moments_of(const Dataset& data, bool centred, int threads) {
  const auto columns = static_cast<Eigen::Index>(data.feature_count()) + 1;
  Sums sums{Eigen::VectorXd::Zero(columns + 1)};
  sum_blocks(data.size(), threads, sums,
             [&](std::size_t begin, std::size_t count) { return sum_block(data, begin, count); });
  Moments moments{sums.values.head(columns), sums.values[columns]};
  if (!moments.means.allFinite()) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        "the ridge model takes no missing or infinite features; add {fill_na: 0} to the preprocessing");
  }
  moments.means = centred ? Eigen::VectorXd(moments.means / moments.weight) : Eigen::VectorXd::Zero(columns);
  return moments;
}

/// A weight for each feature, and the constant.
struct Line {
  std::vector<double> weights;
  double intercept = 0.0;
  std::vector<double> deviations;  ///< of the features, for importance
};

/// Solves (Z'Z + alpha I) b = Z'y, with Z the features divided by `scale`.
Eigen::VectorXd solve(const Eigen::MatrixXd& products, const Eigen::VectorXd& scale, double alpha) {
  const Eigen::Index n = scale.size();
  const Eigen::VectorXd inverse = scale.cwiseInverse();
  Eigen::MatrixXd gram = inverse.asDiagonal() * products.topLeftCorner(n, n) * inverse.asDiagonal();
  gram.diagonal().array() += alpha;
  const Eigen::VectorXd target = inverse.cwiseProduct(products.row(n).head(n).transpose());
  const Eigen::LLT<Eigen::MatrixXd, Eigen::Lower> cholesky(gram);
  const Eigen::VectorXd solution = cholesky.solve(target);
  if (cholesky.info() != Eigen::Success || !solution.allFinite()) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format(
            "the features of the ridge model depend on each other; a larger alpha is needed, found {}",
            alpha));
  }
  return inverse.cwiseProduct(solution);
}

std::vector<double> to_vector(const Eigen::VectorXd& values) { return {values.begin(), values.end()}; }

Line fit_line(const Dataset& data, const ParameterMap& parameters, int threads) {
  const auto n = static_cast<Eigen::Index>(data.feature_count());
  const Moments moments = moments_of(data, get_bool(parameters, "fit_intercept"), threads);
  Products products{Eigen::MatrixXd::Zero(n + 1, n + 1)};
  sum_blocks(data.size(), threads, products, [&](std::size_t begin, std::size_t count) {
    return product_block(data, moments.means, begin, count);
  });
  const Eigen::MatrixXd full = products.values.selfadjointView<Eigen::Lower>();
  const Eigen::VectorXd deviations = (full.diagonal().head(n) / moments.weight).cwiseSqrt();
  Eigen::VectorXd scale = Eigen::VectorXd::Ones(n);
  if (get_bool(parameters, "standardize")) scale = (deviations.array() > 0.0).select(deviations, 1.0);
  const Eigen::VectorXd weights = solve(full, scale, get_double(parameters, "alpha"));
  return {to_vector(weights), moments.means[n] - moments.means.head(n).dot(weights), to_vector(deviations)};
}

std::string line_to_json(const Line& line) {
  return nlohmann::json{{"weights", line.weights}, {"intercept", line.intercept}}.dump();
}

class RidgeModel final : public Model {
 public:
  explicit RidgeModel(const ParameterMap& given)
      : parameters_(complete_parameters(given, ridge_info().parameters)) {}

  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& context) override;
  PredictReport predict(const Dataset& data, std::span<double> out, int threads) const override;
  void save(const std::filesystem::path& folder) const override;
  void load(const std::filesystem::path& folder) override;
  ModelDescription describe() const override { return {"ridge", Task::kRegression, parameters_, features_}; }

 private:
  ParameterMap parameters_;
  std::vector<std::string> features_;
  Line line_;
  bool fitted_ = false;
};

FitReport RidgeModel::fit(const Dataset& train, const Dataset* /*valid*/, const FitContext& context) {
  require_trainable(train, "train");
  // Sums depend on the sizes of blocks, which would otherwise follow the caches of the machine at hand.
  Eigen::setCpuCacheSizes(32 << 10, 256 << 10, 2 << 20);
  line_ = fit_line(train, parameters_, context.threads);
  features_ = train.feature_names();
  fitted_ = true;
  FitReport report;
  for (std::size_t i = 0; i < features_.size(); ++i) {
    report.importance.push_back({features_[i], std::fabs(line_.weights[i]) * line_.deviations[i], 0.0});
  }
  return report;
}

PredictReport RidgeModel::predict(const Dataset& data, std::span<double> out, int threads) const {
  require_fitted("ridge", fitted_);
  require_same_features("ridge", features_, data, out);
  const std::size_t width = features_.size();
  const std::size_t blocks = (data.size() + kBlockSamples - 1) / kBlockSamples;
  parallel_for(blocks, threads, [&](std::size_t block) {
    const std::size_t begin = block * kBlockSamples;
    const std::size_t count = std::min(kBlockSamples, data.size() - begin);
    std::vector<float> rows(count * width);
    data.read_rows(begin, count, rows.data(), 1);
    for (std::size_t i = 0; i < count; ++i) {
      out[begin + i] = std::inner_product(
          line_.weights.begin(), line_.weights.end(), rows.data() + i * width, line_.intercept, std::plus<>(),
          [](double weight, float value) { return weight * static_cast<double>(value); });
    }
  });
  return {};
}

void RidgeModel::save(const std::filesystem::path& folder) const {
  require_savable("ridge", fitted_);
  write_model_file(folder, {"ridge", parameters_, features_, line_to_json(line_)});
}

void RidgeModel::load(const std::filesystem::path& folder) {
  ModelFile file = read_model_file(folder, "ridge");
  auto parameters = complete_parameters(file.parameters, ridge_info().parameters);
  Line line;
  try {
    const auto json = nlohmann::json::parse(file.content);
    line.weights = json.at("weights").get<std::vector<double>>();
    line.intercept = json.at("intercept").get<double>();
  } catch (const nlohmann::json::exception& error) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("{}: the ridge model can't be read: {}", folder.string(), error.what()));
  }
  if (line.weights.size() != file.features.size()) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("{}: the ridge model has {} weights for {} features", folder.string(),
                                     line.weights.size(), file.features.size()));
  }
  parameters_ = std::move(parameters);
  features_ = std::move(file.features);
  line_ = std::move(line);
  fitted_ = true;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("ridge", {ridge_info(), [](const ParameterMap& parameters) {
                           return std::make_unique<RidgeModel>(parameters);
                         }});
}

}  // namespace orrery::plugins::models::ridge_plugin
