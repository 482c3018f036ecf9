#include "plugins/models/linear/gram.h"

#include <fmt/format.h>

#include <cmath>

#include "orrery/base/error.h"
#include "plugins/models/linear/blocks.h"

namespace orrery::plugins::models::linear {
namespace {

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

void take_means(std::string_view model, const Dataset& data, bool centred, int threads, Gram& gram) {
  const auto columns = static_cast<Eigen::Index>(data.feature_count()) + 1;
  Sums sums{Eigen::VectorXd::Zero(columns + 1)};
  sum_blocks(data.size(), threads, sums,
             [&](std::size_t begin, std::size_t count) { return sum_block(data, begin, count); });
  if (!sums.values.allFinite()) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format(
            "the {} model takes no missing or infinite features; add {{fill_na: 0}} to the preprocessing",
            model));
  }
  gram.weight = sums.values[columns];
  if (!(gram.weight > 0.0)) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("the {} model has {} samples to train on, which all weigh 0", model, data.size()));
  }
  gram.means =
      centred ? Eigen::VectorXd(sums.values.head(columns) / gram.weight) : Eigen::VectorXd::Zero(columns);
}

}  // namespace

Gram accumulate_gram(std::string_view model, const Dataset& data, bool centred, int threads) {
  fix_eigen_blocks();
  Gram gram;
  take_means(model, data, centred, threads, gram);
  Products products{Eigen::MatrixXd::Zero(gram.means.size(), gram.means.size())};
  sum_blocks(data.size(), threads, products, [&](std::size_t begin, std::size_t count) {
    return product_block(data, gram.means, begin, count);
  });
  gram.products = products.values.selfadjointView<Eigen::Lower>();
  return gram;
}

NormalEquations normal_equations(const Gram& gram, bool standardized) {
  const Eigen::Index n = gram.features();
  NormalEquations equations;
  equations.scale = Eigen::VectorXd::Ones(n);
  if (standardized) {
    const Eigen::VectorXd deviations = gram.deviations().head(n);
    equations.scale = (deviations.array() > 0.0).select(deviations, 1.0);
  }
  const Eigen::VectorXd inverse = equations.scale.cwiseInverse();
  equations.gram = inverse.asDiagonal() * gram.products.topLeftCorner(n, n) * inverse.asDiagonal();
  equations.target = inverse.cwiseProduct(gram.products.row(n).head(n).transpose());
  equations.label_squares = gram.products(n, n);
  return equations;
}

}  // namespace orrery::plugins::models::linear
