#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "orrery/portfolio/portfolio_problem.h"

namespace orrery {

/// What a position adds to the risk of the whole, in returns of one period.
struct ComponentRisk {
  double marginal = 0.0;   ///< change of the portfolio's deviation by one more unit of weight: (Σw)ᵢ / σ
  double component = 0.0;  ///< weight × marginal; adds up to the deviation σ
  double share = 0.0;      ///< component / σ; adds up to 1; below 0: a hedge
};

/// Splits the portfolio's deviation among its positions. All 0 where the deviation is 0. Source: Litterman
/// (1996), "Hot spots and hedges". Errors: kInvalidArgument for another number of weights than of names.
std::vector<ComponentRisk> component_risk(const RiskModel& risk, std::span<const double> weights);

/// Splits the portfolio's historical CVaR of one period (value_at_risk.h) among its positions: the mean loss
/// of each over the worst 1 − confidence of the portfolio's periods, equal ones in their order. Adds up to
/// the CVaR. Source: Tasche (1999), "Risk contributions and performance measurement". Errors:
/// kInvalidArgument as above, and for a confidence outside (0.5, 1) or no periods.
std::vector<double> component_shortfall(const ReturnTable& returns, std::span<const double> weights,
                                        double confidence);

/// Returns the portfolio's return of each period, its weights kept by trading back every period.
std::vector<double> portfolio_returns(const ReturnTable& returns, std::span<const double> weights);

/// Returns each name's beta: covariance with the benchmark over its variance. NaN where the benchmark does
/// not move. The portfolio's is their sum by weight. Errors: kInvalidArgument for a benchmark of another
/// length.
std::vector<double> betas(const ReturnTable& returns, std::span<const double> benchmark);

/// How the weights are spread.
struct Concentration {
  double gross = 0.0;            ///< Σ |w|
  double net = 0.0;              ///< Σ w
  double largest = 0.0;          ///< largest |w| / gross
  double five_largest = 0.0;     ///< the five largest |w| / gross
  double effective_names = 0.0;  ///< 1 / Σ (|w| / gross)²: as many equal positions would be as concentrated
  std::size_t positions = 0;
};

Concentration measure_concentration(std::span<const double> weights);

/// Returns how many periods each position takes to sell: |w| × equity / (share × traded), `traded` being the
/// value traded a period, of which `share` (0.1 = 10 %) may be ours. 0 without a position; infinite where
/// nothing is traded, NaN where that is not known. Errors: kInvalidArgument for other lengths, equity <= 0, a
/// share outside (0, 1].
std::vector<double> days_to_exit(std::span<const double> weights, std::span<const double> traded,
                                 double equity, double share);

/// Returns the share of the gross exposure that is sold after so many periods at that pace.
/// Positions of unknown pace count as not sold.
double sold_after(std::span<const double> weights, std::span<const double> days, double periods);

}  // namespace orrery
