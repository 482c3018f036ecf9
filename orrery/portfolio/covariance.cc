#include "orrery/portfolio/covariance.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "orrery/base/error.h"

namespace orrery {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using TableView = Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
using Eigensystem = Eigen::SelfAdjointEigenSolver<MatrixXd>;

constexpr std::array kMethods = {
    std::pair{CovarianceMethod::kSample, "sample"},
    std::pair{CovarianceMethod::kLedoitWolf, "ledoit_wolf"},
    std::pair{CovarianceMethod::kOas, "oas"},
    std::pair{CovarianceMethod::kExponential, "exponential"},
    std::pair{CovarianceMethod::kDenoised, "denoised"},
    std::pair{CovarianceMethod::kFactors, "factors"},
    std::pair{CovarianceMethod::kFundamental, "fundamental"},
};
constexpr int kMostNoiseRounds = 100;

SquareMatrix to_square(const MatrixXd& matrix) {
  SquareMatrix square(static_cast<std::size_t>(matrix.rows()));
  Eigen::Map<MatrixXd>(square.values.data(), matrix.rows(), matrix.cols()) =
      0.5 * (matrix + matrix.transpose());
  return square;
}

MatrixXd centred(const TableView& returns) {
  const Eigen::RowVectorXd means = returns.colwise().mean();
  return returns.rowwise() - means;
}

/// Returns X'X / denominator of centred returns.
MatrixXd covariance_of(const MatrixXd& centred_returns, double denominator) {
  MatrixXd covariance = MatrixXd::Zero(centred_returns.cols(), centred_returns.cols());
  covariance.selfadjointView<Eigen::Lower>().rankUpdate(centred_returns.transpose());
  covariance.triangularView<Eigen::StrictlyUpper>() = covariance.transpose();
  return covariance / denominator;
}

/// Moves a covariance towards its mean variance times the identity.
MatrixXd shrink(const MatrixXd& covariance, double part) {
  MatrixXd shrunk = (1.0 - part) * covariance;
  shrunk.diagonal().array() += part * covariance.diagonal().mean();
  return shrunk;
}

/// Ledoit & Wolf 2004, A Well-Conditioned Estimator, lemmas 3.2 to 3.4.
double ledoit_wolf_part(const MatrixXd& centred_returns, const MatrixXd& covariance) {
  const auto names = static_cast<double>(covariance.rows());
  const auto periods = static_cast<double>(centred_returns.rows());
  const double mean = covariance.diagonal().mean();
  const double distance = covariance.squaredNorm() / names - mean * mean;
  const MatrixXd squares = centred_returns.array().square().matrix();
  const double fourth = squares.rowwise().sum().squaredNorm() / periods;
  const double error = (fourth - covariance.squaredNorm()) / (names * periods);
  return distance > 0.0 ? std::min(error, distance) / distance : 0.0;
}

/// Chen, Wiesel, Eldar & Hero 2010, Shrinkage Algorithms for MMSE Covariance Estimation, equation 23.
double oas_part(const MatrixXd& covariance, double periods) {
  const auto names = static_cast<double>(covariance.rows());
  const double mean = covariance.diagonal().mean();
  const double square = covariance.squaredNorm() / (names * names);
  const double denominator = (periods + 1.0) * (square - mean * mean / names);
  return denominator > 0.0 ? std::min((square + mean * mean) / denominator, 1.0) : 1.0;
}

MatrixXd exponential_covariance(const TableView& returns, double half_life) {
  const Index periods = returns.rows();
  VectorXd weights(periods);
  for (Index period = 0; period < periods; ++period) {
    weights[period] = std::exp2(-static_cast<double>(periods - 1 - period) / half_life);
  }
  weights /= weights.sum();
  const Eigen::RowVectorXd means = weights.transpose() * returns;
  const MatrixXd scaled = weights.cwiseSqrt().asDiagonal() * (returns.rowwise() - means);
  return covariance_of(scaled, 1.0 - weights.squaredNorm());
}

/// Returns the largest eigenvalue that correlations of independent returns would have (Marchenko & Pastur),
/// the variance of the noise being the mean of the eigenvalues below it.
double noise_edge(const VectorXd& eigenvalues, double periods) {
  const auto names = static_cast<double>(eigenvalues.size());
  const double stretch = std::pow(1.0 + std::sqrt(names / periods), 2.0);
  double edge = stretch;
  for (int round = 0; round < kMostNoiseRounds; ++round) {
    const auto below = (eigenvalues.array() <= edge);
    if (!below.any()) return 0.0;
    const double noise = below.select(eigenvalues.array(), 0.0).sum() / static_cast<double>(below.count());
    const double next = noise * stretch;
    if (next >= edge) break;
    edge = next;
  }
  return edge;
}

MatrixXd denoise(const MatrixXd& covariance, double periods) {
  const VectorXd deviations = covariance.diagonal().cwiseSqrt();
  const VectorXd inverse = (deviations.array() > 0.0).select(1.0 / deviations.array(), 0.0);
  const Eigensystem system(inverse.asDiagonal() * covariance * inverse.asDiagonal());
  VectorXd eigenvalues = system.eigenvalues();
  const double edge = noise_edge(eigenvalues, periods);
  const auto below = (eigenvalues.array() <= edge);
  if (below.any()) {
    const double mean = below.select(eigenvalues.array(), 0.0).sum() / static_cast<double>(below.count());
    eigenvalues = (eigenvalues.array() <= edge).select(mean, eigenvalues);
  }
  MatrixXd correlation = system.eigenvectors() * eigenvalues.asDiagonal() * system.eigenvectors().transpose();
  const VectorXd restore =
      deviations.array() /
      correlation.diagonal().array().max(1e-300).sqrt();  // the variances stay what they are
  return restore.asDiagonal() * correlation * restore.asDiagonal();
}

RiskModel principal_components(const MatrixXd& covariance, int wanted) {
  const Index names = covariance.rows(), factors = std::min<Index>(wanted, names);
  const Eigensystem system(covariance);
  const MatrixXd vectors = system.eigenvectors().rightCols(factors);
  const VectorXd variances = system.eigenvalues().tail(factors).cwiseMax(0.0);
  const VectorXd common = vectors.array().square().matrix() * variances;
  std::vector<double> loadings, specific;
  SquareMatrix factor_covariance(static_cast<std::size_t>(factors));
  for (Index factor = 0; factor < factors; ++factor) {
    const auto place = static_cast<std::size_t>(factor);
    factor_covariance(place, place) = variances[factor];
  }
  for (Index name = 0; name < names; ++name) {
    for (Index factor = 0; factor < factors; ++factor) loadings.push_back(vectors(name, factor));
    specific.push_back(std::max(covariance(name, name) - common[name], 0.0));
  }
  return RiskModel::factors(std::move(loadings), std::move(factor_covariance), std::move(specific));
}

void check_returns(const ReturnTable& returns) {
  if (returns.periods < 2 || returns.names == 0) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("a covariance needs returns of at least 2 periods; there are {} of {} names",
                                 returns.periods, returns.names));
  }
  const auto bad = std::find_if(returns.values.begin(), returns.values.end(),
                                [](double value) { return !std::isfinite(value); });
  if (bad == returns.values.end()) return;
  const auto place = static_cast<std::size_t>(bad - returns.values.begin());
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("the return of name {} in period {} is missing", place % returns.names + 1,
                               place / returns.names + 1));
}

}  // namespace

CovarianceMethod parse_covariance_method(std::string_view name) {
  for (const auto& [method, text] : kMethods) {
    if (name == text) return method;
  }
  throw user_error(ErrorCode::kInvalidArgument, fmt::format("no covariance is called '{}'", name));
}

std::vector<ParameterInfo> covariance_parameters() {
  std::vector<std::string> names;
  for (const auto& [method, text] : kMethods) names.emplace_back(text);
  return {
      {"covariance", std::string("ledoit_wolf"), "how the covariance is estimated", {}, {}, names},
      {"half_life", 60.0, "periods after which a return weighs half, of covariance: exponential", 1.0, 1e6},
      {"factors", std::int64_t{10}, "principal components, of covariance: factors", 1.0, 1e6}};
}

CovarianceSettings read_covariance_settings(const ParameterMap& parameters) {
  return {parse_covariance_method(get_string(parameters, "covariance")), get_double(parameters, "half_life"),
          static_cast<int>(get_integer(parameters, "factors"))};
}

RiskModel estimate_covariance(const ReturnTable& returns, const CovarianceSettings& settings,
                              const NameExposures& exposures) {
  check_returns(returns);
  if (settings.method == CovarianceMethod::kFundamental) return fundamental_covariance(returns, exposures);
  const TableView table(returns.values.data(), static_cast<Index>(returns.periods),
                        static_cast<Index>(returns.names));
  const auto periods = static_cast<double>(returns.periods);
  if (settings.method == CovarianceMethod::kExponential) {
    return RiskModel::dense(to_square(exponential_covariance(table, settings.half_life)));
  }
  const MatrixXd apart = centred(table);
  switch (settings.method) {
    case CovarianceMethod::kLedoitWolf: {
      const MatrixXd covariance = covariance_of(apart, periods);
      return RiskModel::dense(to_square(shrink(covariance, ledoit_wolf_part(apart, covariance))));
    }
    case CovarianceMethod::kOas: {
      const MatrixXd covariance = covariance_of(apart, periods);
      return RiskModel::dense(to_square(shrink(covariance, oas_part(covariance, periods))));
    }
    case CovarianceMethod::kDenoised:
      return RiskModel::dense(to_square(denoise(covariance_of(apart, periods - 1.0), periods)));
    case CovarianceMethod::kFactors:
      return principal_components(covariance_of(apart, periods - 1.0), settings.factors);
    default:
      return RiskModel::dense(to_square(covariance_of(apart, periods - 1.0)));
  }
}

std::vector<double> mean_returns(const ReturnTable& returns) {
  std::vector<double> means(returns.names, 0.0);
  for (std::size_t period = 0; period < returns.periods; ++period) {
    const auto row = returns.row(period);
    for (std::size_t i = 0; i < row.size(); ++i) means[i] += row[i];
  }
  for (double& mean : means) mean /= static_cast<double>(returns.periods);
  return means;
}

}  // namespace orrery
