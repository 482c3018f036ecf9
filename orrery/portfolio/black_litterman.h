#pragma once

#include <string>
#include <vector>

#include "orrery/portfolio/risk_model.h"

namespace orrery {

/// An opinion: the portfolio `weights` will earn `expected_return` in one period. One name with weight 1 is
/// an absolute view; weights that add up to 0 compare names.
struct ReturnView {
  std::vector<double> weights;  ///< one for each name, not all 0
  double expected_return = 0.0;
  /// From 0, which changes nothing, to 1, which is taken for certain; between, the part of the way from the
  /// equilibrium to certainty that this view alone goes (Idzorek 2005). 0.5 is He & Litterman's own choice.
  double confidence = 0.5;
};

/// Returns what every name has to be expected to earn for `market_weights` to be the best portfolio of an
/// investor with that risk aversion: risk_aversion · Σ w, and the risk-free rate. Source: Black & Litterman
/// 1992, Global Portfolio Optimization; He & Litterman 1999, The Intuition Behind Black-Litterman Model
/// Portfolios.
std::vector<double> equilibrium_returns(const RiskModel& risk, const std::vector<double>& market_weights,
                                        double risk_aversion, double risk_free);

/// Returns the expected returns that follow from those of an equilibrium and from views:
/// π + τ Σ P' (P τ Σ P' + Ω)⁻¹ (q − P π), where Ω is diagonal and view k's is τ p Σ p' (1 − c) / c. Without
/// views, `equilibrium`. τ cancels out of the answer. Views of confidence 0 are left out.
/// Source: He & Litterman 1999; Idzorek 2005, in the closed form of Walters 2014, The Black-Litterman Model
/// in Detail, eq. 41 and 44. Errors: kInvalidArgument when views that are taken for certain contradict or
/// repeat one another.
std::vector<double> posterior_returns(const RiskModel& risk, const std::vector<double>& equilibrium,
                                      const std::vector<ReturnView>& views);

}  // namespace orrery
