#include "orrery/portfolio/fundamental_covariance.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "orrery/base/error.h"

namespace orrery {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::size_t kFewestPeriods = 40, kFewestOfSector = 3;
constexpr std::size_t kFewestBefore = 20, kMostBefore = 60;
constexpr int kStyles = 3;  ///< beta, volatility, momentum
constexpr double kMostDeviationsApart = 3.0;
constexpr double kNoResidual = 1e-8;  ///< of 1 - leverage

/// Standardises over the names; unknown values become the mean.
VectorXd standardised(VectorXd values) {
  const auto known = values.array().isFinite();
  const auto count = static_cast<double>(known.count());
  const double mean = count > 0.0 ? known.select(values.array(), 0.0).sum() / count : 0.0;
  VectorXd apart = known.select(values.array() - mean, 0.0);
  const double deviation = count > 1.0 ? std::sqrt(apart.squaredNorm() / (count - 1.0)) : 0.0;
  if (!(deviation > 0.0)) return VectorXd::Zero(values.size());
  return (apart / deviation).cwiseMax(-kMostDeviationsApart).cwiseMin(kMostDeviationsApart);
}

/// One dummy a sector that is large enough, one for everybody else.
MatrixXd sector_dummies(const std::vector<std::string>& sectors, Index names) {
  std::map<std::string, std::size_t> sizes;
  for (const std::string& sector : sectors) ++sizes[sector];
  std::map<std::string, Index> columns;
  for (const auto& [sector, size] : sizes) {
    if (!sector.empty() && size >= kFewestOfSector)
      columns.emplace(sector, static_cast<Index>(columns.size()));
  }
  const auto others = static_cast<Index>(columns.size());
  MatrixXd dummies = MatrixXd::Zero(names, others + 1);
  for (Index name = 0; name < names; ++name) {
    const auto found =
        sectors.empty() ? columns.end() : columns.find(sectors[static_cast<std::size_t>(name)]);
    dummies(name, found == columns.end() ? others : found->second) = 1.0;
  }
  if (dummies.col(others).isZero()) return dummies.leftCols(others);
  return dummies;
}

/// Exposures before one period.
class ExposureTable {
 public:
  ExposureTable(const MatrixXd& returns, const NameExposures& known, Index before)
      : returns_(returns), before_(before) {
    const Index names = returns.cols();
    const MatrixXd dummies = sector_dummies(known.sectors, names);
    const auto given = static_cast<Index>(known.styles.size());
    table_.resize(names, dummies.cols() + given + kStyles);
    table_.leftCols(dummies.cols()) = dummies;
    for (Index i = 0; i < given; ++i) {
      const auto& style = known.styles[static_cast<std::size_t>(i)];
      table_.col(dummies.cols() + i) = standardised(Eigen::Map<const VectorXd>(style.data(), names));
    }
  }

  Index factors() const { return table_.cols(); }

  /// Returns the exposures that are known before `period`.
  const MatrixXd& at(Index period) {
    const auto past = returns_.middleRows(period - before_, before_);
    const VectorXd market = past.rowwise().mean();
    const VectorXd market_apart = market.array() - market.mean();
    const MatrixXd apart = past.rowwise() - past.colwise().mean();
    const double square = market_apart.squaredNorm();
    const VectorXd beta = apart.transpose() * market_apart / (square > 0.0 ? square : 1.0);
    const VectorXd volatility =
        (apart.colwise().squaredNorm() / static_cast<double>(before_ - 1)).cwiseSqrt();
    const VectorXd momentum = (past.array() + 1.0).log().colwise().sum();
    table_.col(factors() - 3) = standardised(beta);
    table_.col(factors() - 2) = standardised(volatility);
    table_.col(factors() - 1) = standardised(momentum);
    return table_;
  }

 private:
  const MatrixXd& returns_;
  const Index before_;
  MatrixXd table_;
};

void check_exposures(const ReturnTable& returns, const NameExposures& exposures) {
  const auto refuse = [](const std::string& what) {
    throw user_error(ErrorCode::kInvalidArgument, "fundamental covariance: " + what);
  };
  if (returns.periods < kFewestPeriods)
    refuse(fmt::format("needs at least {} periods; there are {}", kFewestPeriods, returns.periods));
  if (!exposures.sectors.empty() && exposures.sectors.size() != returns.names)
    refuse(fmt::format("sectors of {} names for returns of {}", exposures.sectors.size(), returns.names));
  for (const auto& style : exposures.styles) {
    if (style.size() != returns.names)
      refuse(fmt::format("a style of {} names for returns of {}", style.size(), returns.names));
  }
}

}  // namespace

RiskModel fundamental_covariance(const ReturnTable& given, const NameExposures& exposures) {
  check_exposures(given, exposures);
  const auto periods = static_cast<Index>(given.periods), names = static_cast<Index>(given.names);
  // Copied, because the order of Eigen's sums over memory that is not its own depends on where that lies.
  const MatrixXd returns = Eigen::Map<const RowMajor>(given.values.data(), periods, names);
  const auto before = static_cast<Index>(std::clamp(given.periods / 4, kFewestBefore, kMostBefore));
  ExposureTable table(returns, exposures, before);
  if (names <= table.factors()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("fundamental covariance: needs more names than its {} factors; there are {}",
                                 table.factors(), names));
  }
  MatrixXd factor_returns(periods - before, table.factors());
  VectorXd specific = VectorXd::Zero(names);
  for (Index period = before; period < periods; ++period) {
    const MatrixXd& known = table.at(period);
    const Eigen::CompleteOrthogonalDecomposition<MatrixXd> decomposition(known);
    const VectorXd earned = returns.row(period).transpose();
    const VectorXd coefficients = decomposition.solve(earned);
    factor_returns.row(period - before) = coefficients.transpose();
    const VectorXd left = earned - known * coefficients;
    const MatrixXd spread = decomposition.pseudoInverse();
    for (Index name = 0; name < names; ++name) {
      const double free = 1.0 - known.row(name).dot(spread.col(name));
      if (free > kNoResidual) specific[name] += left[name] * left[name] / free;
    }
  }
  specific /= static_cast<double>(factor_returns.rows());
  const MatrixXd apart = factor_returns.rowwise() - factor_returns.colwise().mean();
  const MatrixXd covariance = apart.transpose() * apart / static_cast<double>(factor_returns.rows() - 1);
  SquareMatrix factors(static_cast<std::size_t>(table.factors()));
  Eigen::Map<MatrixXd>(factors.values.data(), covariance.rows(), covariance.cols()) =
      0.5 * (covariance + covariance.transpose());
  const RowMajor now = table.at(periods);
  return RiskModel::factors(std::vector<double>(now.data(), now.data() + now.size()), std::move(factors),
                            std::vector<double>(specific.data(), specific.data() + specific.size()));
}

}  // namespace orrery
