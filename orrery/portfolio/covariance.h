#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/parameters.h"
#include "orrery/portfolio/fundamental_covariance.h"
#include "orrery/portfolio/portfolio_problem.h"

namespace orrery {

/// How the covariance of returns is estimated.
enum class CovarianceMethod : std::uint8_t {
  kSample,       ///< n − 1 in the denominator
  kLedoitWolf,   ///< shrunk towards equal variances without correlation: Ledoit & Wolf 2004
  kOas,          ///< the same target, the shrinkage best for normal returns: Chen, Wiesel, Eldar & Hero 2010
  kExponential,  ///< younger periods weigh more
  kDenoised,  ///< eigenvalues of the correlations that chance explains are made equal: López de Prado 2020,
              ///< ch. 2
  kFactors,   ///< the largest principal components, and what is left of each name by itself
  kFundamental,  ///< regressions on sectors and styles: fundamental_covariance.h
};

struct CovarianceSettings {
  CovarianceMethod method = CovarianceMethod::kLedoitWolf;
  double half_life = 60.0;  ///< periods, of kExponential
  int factors = 10;         ///< of kFactors; at most as many as names
};

/// Reads "sample", "ledoit_wolf", "oas", "exponential", "denoised", "factors" or "fundamental", the choices
/// of covariance_parameters()[0]. Errors: kInvalidArgument.
CovarianceMethod parse_covariance_method(std::string_view name);

/// The settings `covariance`, `half_life` and `factors` as plug-ins and the command line declare them.
std::vector<ParameterInfo> covariance_parameters();
CovarianceSettings read_covariance_settings(const ParameterMap& parameters);

/// Returns the covariance of the returns of one period, the last row being the youngest.
/// Errors: kInvalidArgument for fewer than two periods or values that are missing.
/// `exposures` is read by kFundamental alone, whose errors are those of fundamental_covariance.
RiskModel estimate_covariance(const ReturnTable& returns, const CovarianceSettings& settings,
                              const NameExposures& exposures = {});

/// Returns the mean return of each name over the periods.
std::vector<double> mean_returns(const ReturnTable& returns);

}  // namespace orrery
