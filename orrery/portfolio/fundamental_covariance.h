#pragma once

#include <string>
#include <vector>

#include "orrery/portfolio/portfolio_problem.h"

namespace orrery {

/// What is known of names besides their returns.
struct NameExposures {
  std::vector<std::string> sectors;         ///< by name, "" where it is unknown; empty: none is known
  std::vector<std::vector<double>> styles;  ///< each by name, such as size; NaN where it is unknown
};

/// Estimates a covariance by a fundamental factor model (Rosenberg & Marathe 1976; Grinold & Kahn 1999,
/// ch. 3): each period the names' returns are regressed (least squares) on what was known of them before it,
/// and the covariance is X F X' + diag(d): X the exposures as they are now, F the sample covariance of the
/// factors' returns (the regressions' coefficients), d the variance of what is left of each name.
///
/// Exposures: one dummy a sector of at least three names, one for all other names together; beta to the mean
/// of the names, volatility and momentum (sum of logarithmic returns) over the quarter of the periods before,
/// 20 to 60 of them, so that regressions begin after these; and the given styles, the same in every period.
/// All but the dummies are standardised over the names (n - 1) and cut at ±3; unknown ones are 0, the mean.
/// d_i is the mean of u² / (1 - h) over the periods, with h the name's leverage, by which a name's residual
/// is smaller than what it stands for; where a regression leaves a name no residual, it adds nothing. Errors:
/// kInvalidArgument for fewer than 40 periods, sectors or styles of another number of names, names that are
/// not more than the factors.
RiskModel fundamental_covariance(const ReturnTable& returns, const NameExposures& exposures);

}  // namespace orrery
