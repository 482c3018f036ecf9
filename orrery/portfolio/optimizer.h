#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/parameters.h"
#include "orrery/base/registry.h"
#include "orrery/portfolio/portfolio_problem.h"

namespace orrery {

/// An optimizer's answer.
struct OptimizedPortfolio {
  std::vector<double> weights;
  std::vector<std::string>
      remarks;  ///< what a reader should know: a limit that was loosened, a target not met
};

/// From what is known of names to weights. Deterministic; keeps nothing between calls.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  /// `problem` has passed check_problem(), and has what OptimizerInfo says is needed.
  /// Errors: kInvalidArgument when the constraints can't be satisfied or the numbers have no best portfolio.
  virtual OptimizedPortfolio optimize(const PortfolioProblem& problem) const = 0;
};

/// Which constraints an optimizer's own method honours. Whatever it does not, optimize_portfolio() takes care
/// of by moving its weights to the nearest allowed ones.
enum class HonouredConstraints : std::uint8_t { kAll, kBudgetAlone };

/// What an optimizer says about itself.
struct OptimizerInfo {
  std::string summary;                    ///< one line
  std::vector<ParameterInfo> parameters;  ///< those that `factory` reads
  std::string source;                     ///< where the method comes from
  bool needs_expected_returns = false;
  bool needs_returns = false;  ///< the scenarios, not their covariance alone
  bool needs_benchmark = false;
  HonouredConstraints honours = HonouredConstraints::kAll;
  /// The method itself asks which name comes first, where a tree's branches could lie either way round.
  bool order_matters = false;
};

struct OptimizerEntry {
  OptimizerInfo info;
  /// Takes complete parameters (see complete_parameters). Errors: kInvalidArgument when they contradict.
  std::function<std::unique_ptr<Optimizer>(const ParameterMap&)> factory;
};

using OptimizerRegistry = NamedRegistry<OptimizerEntry>;

/// Optimizes with the optimizer of that name: checks the settings and the problem, and holds the answer to
/// all constraints. Errors: kNotFound; kInvalidArgument for settings, a problem that lacks what is needed, or
/// constraints that contradict.
OptimizedPortfolio optimize_portfolio(const OptimizerRegistry& registry, std::string_view name,
                                      const ParameterMap& parameters, const PortfolioProblem& problem);

}  // namespace orrery
