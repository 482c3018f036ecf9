#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "orrery/base/error.h"
#include "testing/model_registry.h"

namespace orrery::ridge_test {
namespace {

constexpr int kSamples = 12;
constexpr int kFeatures = 3;

/// x_ij = ((i (j + 2) 7 + 3 i²) mod 17) / 4 - 2 + j and y_i = (5 i mod 11) - 4, one instrument a sample.
struct Table {
  FactorFrame features;
  MaskPanel eligible{1, kSamples, 1};
  Panel label{1, kSamples};
  FittedFeatures no_steps;

  Table() {
    for (int j = 0; j < kFeatures; ++j) {
      features.names.push_back(std::string(1, static_cast<char>('a' + j)));
      features.panels.emplace_back(1, kSamples);
      for (int i = 0; i < kSamples; ++i) {
        const int remainder = (i * (j + 2) * 7 + 3 * i * i) % 17;
        features.panels.back()(0, static_cast<std::size_t>(i)) =
            static_cast<float>(remainder) / 4.0F - 2.0F + static_cast<float>(j);
      }
    }
    for (int i = 0; i < kSamples; ++i) label(0, static_cast<std::size_t>(i)) = (5 * i) % 11 - 4;
  }
  Dataset data() const { return {features, no_steps, eligible, {0, 1}, &label}; }
};

std::unique_ptr<Model> make_ridge(const ParameterMap& parameters) {
  return make_model(testing::model_registry().get("ridge"), parameters);
}

/// What scikit-learn fitted.
struct Expected {
  double weights[kFeatures];
  double intercept;
};

/// The mean over all orders in which features become known of what a feature then adds, where those that are
/// not known stand at their mean over the training samples: Shapley's definition, by all six orders.
void expect_shapley_values(const Model& model, const Table& table, const Expected& line,
                           const std::vector<float>& weights) {
  double means[kFeatures] = {}, total = 0.0;
  for (std::size_t i = 0; i < kSamples; ++i) {
    const double weight = weights.empty() ? 1.0 : static_cast<double>(weights[i]);
    total += weight;
    for (std::size_t j = 0; j < kFeatures; ++j)
      means[j] += weight * static_cast<double>(table.features.panels[j](0, i));
  }
  for (double& mean : means) mean /= total;
  std::vector<double> parts(kSamples * (kFeatures + 1));
  model.contributions(table.data(), parts, 1);
  for (std::size_t i = 0; i < kSamples; ++i) {
    double expected[kFeatures] = {};
    std::vector<std::size_t> order{0, 1, 2};
    do {
      double known[kFeatures] = {means[0], means[1], means[2]};
      const auto score = [&] {
        return line.intercept + std::inner_product(known, known + kFeatures, line.weights, 0.0);
      };
      for (const std::size_t j : order) {
        const double before = score();
        known[j] = static_cast<double>(table.features.panels[j](0, i));
        expected[j] += (score() - before) / 6.0;
      }
    } while (std::next_permutation(order.begin(), order.end()));
    for (std::size_t j = 0; j < kFeatures; ++j) EXPECT_NEAR(parts[i * 4 + j], expected[j], 1e-13);
    EXPECT_NEAR(parts[i * 4 + 3],
                line.intercept + std::inner_product(means, means + kFeatures, line.weights, 0.0), 1e-13);
  }
}

void expect_line(const ParameterMap& parameters, const Expected& expected,
                 const std::vector<float>& weights = {}) {
  const auto model = make_ridge(parameters);
  const Table table;
  Dataset data = table.data();
  if (!weights.empty()) data.set_weights(weights);
  model->fit(data, nullptr, {});
  std::vector<double> scores(kSamples);
  model->predict(data, scores, 1);
  for (std::size_t i = 0; i < kSamples; ++i) {
    double score = expected.intercept;
    for (std::size_t j = 0; j < kFeatures; ++j) {
      score += expected.weights[j] * static_cast<double>(table.features.panels[j](0, i));
    }
    EXPECT_NEAR(scores[i], score, 1e-13);  // both solve 3 × 3 normal equations in double
  }
  expect_shapley_values(*model, table, expected, weights);
}

// Expected values: scikit-learn 1.9.1, Ridge(alpha=2.5, solver="cholesky") on the table above; "standardize"
// is Ridge on (x - x.mean(0)) / x.std(0), mapped back; weighted: sample_weight 1, 2, 3, 1, 2, 3 and so on.
TEST(Ridge, EqualsScikitLearn) {
  expect_line({{"alpha", 2.5}, {"standardize", false}},
              {{0.08664844180545024, -0.004538434822723401, -0.005406348995746746}, 0.6248950422161673});
  expect_line({{"alpha", 2.5}, {"standardize", false}, {"fit_intercept", false}},
              {{0.08007403454581527, 0.011673121653202423, 0.24773283504967805}, 0.0});
  expect_line({{"alpha", 2.5}},
              {{0.08050148038384472, -0.004982973242678177, -0.006341311460995663}, 0.6243574049192526});
  expect_line({{"alpha", 2.5}, {"standardize", false}},
              {{-0.18106659853290014, -0.7358466167221605, -0.3272513232468031}, 1.926100969965577},
              {1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3});
}

TEST(Ridge, SaysWhenFeaturesDependOnEachOther) {
  Table table;
  table.features.panels[1] = table.features.panels[0];
  const auto none = make_ridge({{"alpha", 0.0}});
  EXPECT_THROW(none->fit(table.data(), nullptr, {}), Error);
  const auto some = make_ridge({{"alpha", 1.0}});
  EXPECT_NO_THROW(some->fit(table.data(), nullptr, {}));
}

}  // namespace
}  // namespace orrery::ridge_test
