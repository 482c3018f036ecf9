#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace orrery {

/// How the distribution of the next returns is made from those of the past.
enum class TailMethod : std::uint8_t {
  kHistorical,     ///< the past returns, each as likely as the others
  kParametric,     ///< normal, with the past's mean and deviation
  kCornishFisher,  ///< the normal's quantiles bent by skewness and kurtosis: Favre & Galeano 2002
  kFiltered,       ///< past returns over their day's EWMA deviation, times today's: Barone-Adesi et al. 1999
  kMonteCarlo,     ///< draws of Student's t with the past's mean, deviation and kurtosis
};

inline constexpr TailMethod kTailMethods[] = {TailMethod::kHistorical, TailMethod::kParametric,
                                              TailMethod::kCornishFisher, TailMethod::kFiltered,
                                              TailMethod::kMonteCarlo};

/// Returns "historical", "parametric", "cornish_fisher", "filtered" or "monte_carlo".
std::string_view to_string(TailMethod method);
/// Reads such a name. Errors: kInvalidArgument.
TailMethod parse_tail_method(std::string_view name);

struct TailSettings {
  double confidence = 0.99;  ///< in (0.5, 1): losses as large as VaR come in 1 − confidence of the horizons
  int horizon = 1;           ///< periods, >= 1
  bool root_of_time = false;  ///< one period's loss times √horizon, instead of the horizon's own returns
  double decay = 0.94;        ///< of kFiltered's variance, in (0, 1); RiskMetrics' for days
  std::optional<double> degrees;  ///< of kMonteCarlo's t, > 2, infinite for the normal; nothing: from the
                                  ///< kurtosis, 4 + 6 / excess
  int draws = 100'000;            ///< of kMonteCarlo, and of kFiltered over more than one period
  std::uint64_t seed = 1;
};

/// The distribution of the return of one horizon, as a method sees it: either equally likely draws, or
/// moments.
struct ReturnForecast {
  std::vector<double> draws;  ///< ascending; empty: by the moments, as the next four
  double mean = 0.0;
  double deviation = 0.0;
  double skewness = 0.0;         ///< 0: normal
  double excess_kurtosis = 0.0;  ///< 0: normal
  double scale = 1.0;            ///< every return times this: √horizon where that was asked

  /// Returns the p-quantile, 0 < p < 1; of draws the smallest with at least p of them at or below it.
  double quantile(double p) const;
  /// Returns the loss that is exceeded with a chance of at most 1 − confidence; positive = loss, and so
  /// negative where even that quantile is a gain.
  double value_at_risk(double confidence) const;
  /// Returns the mean of the worst 1 − confidence of the returns, as a positive loss: CVaR. Never below
  /// value_at_risk. Source: Rockafellar & Uryasev (2002), proposition 8; of the moments the mean of the bent
  /// normal's tail, Maillard (2012).
  double expected_shortfall(double confidence) const;
  /// Returns false where skewness and kurtosis are so large that the bent quantiles don't ascend any more
  /// between chances of 3e-5 and 1 − 3e-5, and both measures lose their meaning. Source: Maillard (2012), the
  /// domain of validity, there without an end of the tails.
  bool is_monotone() const;
};

/// A loss that is stated with everything that it depends on.
struct TailRisk {
  TailMethod method = TailMethod::kHistorical;
  double confidence = 0.99;
  int horizon = 1;
  bool root_of_time = false;
  double value_at_risk = 0.0;       ///< part of the equity; positive = loss
  double expected_shortfall = 0.0;  ///< the same unit and sign
  std::size_t observations = 0;     ///< returns of one period that it is made from
  double tail_observations = 0.0;   ///< how many of its horizons lie beyond VaR on average
  bool reliable = true;             ///< false: outside Cornish–Fisher's domain
};

/// Returns the returns of all runs of `horizon` periods, compounded, overlapping: periods − horizon + 1.
std::vector<double> horizon_returns(std::span<const double> returns, int horizon);

/// Makes the distribution of the return of the next `horizon` periods from simple returns (0.01 = 1 %) of the
/// periods before, oldest first. Look-ahead: none. Deterministic for a seed.
/// Errors: kInvalidArgument for settings out of their range, missing returns, and fewer than two horizons.
ReturnForecast forecast_returns(std::span<const double> returns, TailMethod method,
                                const TailSettings& settings);

/// Returns VaR and CVaR of a series, errors as above. Formulas: docs/risk-report.md.
TailRisk measure_tail_risk(std::span<const double> returns, TailMethod method, const TailSettings& settings);

}  // namespace orrery
