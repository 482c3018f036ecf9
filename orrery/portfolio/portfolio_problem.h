#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "orrery/portfolio/risk_model.h"

namespace orrery {

/// Weights this near to 0 (a hundredth of a basis point of the equity) don't count as a position.
inline constexpr double kNoWeight = 1e-6;

/// Returns of n names over periods, oldest first, row after row. No missing values.
struct ReturnTable {
  std::size_t periods = 0;
  std::size_t names = 0;
  std::vector<double> values;

  double operator()(std::size_t period, std::size_t name) const { return values[period * names + name]; }
  std::span<const double> row(std::size_t period) const { return {values.data() + period * names, names}; }
};

/// low <= loadings · weights <= high: a sector (loadings 0 and 1), a factor exposure, a beta.
struct ExposureLimit {
  std::string label;             ///< as errors name it, "sector Energy"
  std::vector<double> loadings;  ///< one for each name
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

/// What weights may be. Weights are parts of the equity.
struct PortfolioConstraints {
  double budget = 1.0;        ///< sum of the weights
  std::vector<double> lower;  ///< of each name; negative: may be sold short
  std::vector<double> upper;  ///< of each name
  std::vector<ExposureLimit> exposures;
  std::optional<double> gross;     ///< Σ |w| at most
  std::optional<double> turnover;  ///< Σ |w − current| / 2 at most: one-way
  double minimum_trade = 0.0;      ///< smaller changes of a weight are not made
  std::optional<int> max_names;    ///< at most so many weights other than 0
};

/// What going from the current weights to others costs, in returns of one period.
struct TradeCosts {
  std::vector<double> linear;  ///< of each name, times |w − current|; empty: none
  std::vector<double> power;   ///< of each name, times |w − current|^(3/2): impact; empty: none
};

/// Everything an optimizer may know. All of one period's length; vectors have one entry for each name.
struct PortfolioProblem {
  std::vector<std::string> names;
  RiskModel risk;
  std::vector<double> expected_returns;  ///< of one period; empty: unknown
  ReturnTable returns;                   ///< scenarios, each as likely as the others; may be empty
  std::vector<double> current;           ///< weights before; empty: nothing is held
  std::vector<double> benchmark;         ///< weights; empty: there is none
  std::vector<double> risk_budgets;      ///< shares of the variance, > 0, of any sum; empty: equal ones
  PortfolioConstraints constraints;
  TradeCosts costs;
};

/// Errors: kInvalidArgument for sizes that disagree, missing values, limits that contradict themselves.
void check_problem(const PortfolioProblem& problem);

/// Returns whether `weights` satisfy all constraints, to within `tolerance`.
bool satisfies_constraints(const PortfolioProblem& problem, std::span<const double> weights,
                           double tolerance);

/// Returns the current weights, zeros where nothing is held.
std::vector<double> current_weights(const PortfolioProblem& problem);

}  // namespace orrery
