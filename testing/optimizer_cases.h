#pragma once

#include <fmt/format.h>

#include <cctype>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "orrery/base/parameters.h"
#include "orrery/portfolio/covariance.h"
#include "orrery/portfolio/portfolio_problem.h"
#include "testing/return_table.h"

namespace orrery::testing {

/// A portfolio problem with the weights that another package found for it.
struct OptimizerCase {
  std::string label;  ///< letters and digits
  std::string optimizer;
  ParameterMap parameters;
  PortfolioProblem problem;
  std::vector<double> weights;
  std::optional<double> tolerance;  ///< of each weight, where they and no objective are what has to agree

  double number(const std::string& name, double fallback) const {
    return parameters.contains(name) ? get_double(parameters, name) : fallback;
  }
};

/// Returns the covariance with n − 1 in the denominator.
inline SquareMatrix sample_covariance_of(const ReturnTable& returns) {
  const std::vector<double> means = mean_returns(returns);
  SquareMatrix covariance(returns.names);
  for (std::size_t period = 0; period < returns.periods; ++period) {
    for (std::size_t i = 0; i < returns.names; ++i) {
      for (std::size_t j = 0; j < returns.names; ++j) {
        covariance(i, j) += (returns(period, i) - means[i]) * (returns(period, j) - means[j]) /
                            static_cast<double>(returns.periods - 1);
      }
    }
  }
  return covariance;
}

inline ParameterValue parameter_of(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return value.get<double>();
}

/// Reads plugins/optimizers/testdata/oracle.json, written by optimizers_oracle.py. Names are in three
/// sectors, in turns; every name's present weight is the same.
inline std::vector<OptimizerCase> read_optimizer_cases() {
  std::ifstream file("plugins/optimizers/testdata/oracle.json");
  const auto json = nlohmann::json::parse(file);
  const ReturnTable returns = read_return_table(json["returns"]);
  PortfolioProblem common;
  for (std::size_t i = 0; i < returns.names; ++i) common.names.push_back(fmt::format("N{:02}", i));
  common.risk = RiskModel::dense(sample_covariance_of(returns));
  common.returns = returns;
  common.expected_returns = mean_returns(returns);
  common.current.assign(returns.names, 1.0 / static_cast<double>(returns.names));
  common.benchmark = json["benchmark"].get<std::vector<double>>();
  std::vector<OptimizerCase> cases;
  for (const auto& entry : json["cases"]) {
    OptimizerCase made;
    made.optimizer = entry["optimizer"];
    made.label = fmt::format("{}_{}_{}", cases.size(), made.optimizer, entry["source"].get<std::string>());
    for (char& letter : made.label) {
      if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
    }
    for (const auto& [name, value] : entry["parameters"].items()) made.parameters[name] = parameter_of(value);
    made.problem = common;
    auto& constraints = made.problem.constraints;
    const auto& limits = entry["constraints"];
    constraints.lower.assign(returns.names, limits.value("low", 0.0));
    constraints.upper.assign(returns.names, limits.value("cap", 1.0));
    for (std::size_t sector = 0; sector < 3 && limits.contains("sector_cap"); ++sector) {
      ExposureLimit limit{fmt::format("sector {}", sector), std::vector<double>(returns.names, 0.0)};
      for (std::size_t i = sector; i < returns.names; i += 3) limit.loadings[i] = 1.0;
      limit.high = limits["sector_cap"];
      constraints.exposures.push_back(limit);
    }
    if (limits.contains("turnover")) constraints.turnover = limits["turnover"].get<double>();
    if (limits.contains("gross")) constraints.gross = limits["gross"].get<double>();
    if (limits.contains("linear_cost"))
      made.problem.costs.linear.assign(returns.names, limits["linear_cost"]);
    if (limits.contains("power_cost")) made.problem.costs.power.assign(returns.names, limits["power_cost"]);
    if (entry.contains("risk_budgets"))
      made.problem.risk_budgets = entry["risk_budgets"].get<std::vector<double>>();
    if (entry.contains("tolerance")) made.tolerance = entry["tolerance"].get<double>();
    if (entry.contains("covariance")) {
      SquareMatrix covariance(returns.names);
      covariance.values = entry["covariance"].get<std::vector<double>>();
      made.problem.risk = RiskModel::dense(covariance);
    }
    made.weights = entry["weights"].get<std::vector<double>>();
    cases.push_back(std::move(made));
  }
  if (cases.empty()) throw std::runtime_error("no cases in the optimizers' oracle");
  return cases;
}

}  // namespace orrery::testing
