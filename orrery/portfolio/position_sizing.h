#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "orrery/portfolio/scaled_strategy.h"

namespace orrery {

/// By what a name's size goes up or down beside the other names'.
enum class SizeConfidence : std::uint8_t {
  kNone,
  kScore,      ///< |score's z-score among the session's|, at most 3
  kWidth,      ///< 1 / width of the interval of its return
  kDeviation,  ///< 1 / deviation of its score, as the model says it
};

/// Reads "none", "score", "width" or "deviation". Errors: kInvalidArgument.
SizeConfidence parse_size_confidence(std::string_view name);

/// How the weights of a strategy are sized. In this order: Kelly's weights or the strategy's × confidence, ×
/// volatility, × the portfolio's target, and then the limits, which only make positions smaller.
struct SizingSettings {
  SizeConfidence confidence = SizeConfidence::kNone;
  std::optional<double> volatility;  ///< a year's, of a name: weight × this / its own, at most doubled
  std::optional<double> target_volatility;  ///< a year's, of the portfolio: all weights × this / its own
  std::optional<double> kelly;  ///< part of the bet for the fastest growth, in the place of the weights
  double coverage = 0.9;        ///< of the intervals, which Kelly's variances come from
  int window = 60;              ///< sessions of returns behind volatilities and covariance
  double sessions_per_year = 252.0;
  double max_weight = 1.0;  ///< of one name
  double max_sector = 1.0;  ///< of one sector, long and short together; names without one are not limited
  double max_gross = 1.0;   ///< of all, long and short together
};

/// Errors: kInvalidArgument, naming the key of `portfolio.sizing`.
void check_sizing(const SizingSettings& settings);

/// Sizes the positions of a strategy.
///
/// Confidence: a name's measure over the mean of the wanted names' it is known of; 1 where it is not, and
/// none above ten times their median. Volatility: sample deviation of the window's returns, gaps left out; a
/// name with fewer than half of them keeps its weight. Target: with Ledoit and Wolf's covariance of the
/// window, gaps as 0; without a market or with nothing that moves all is left as it is.
/// Kelly (1956), for small returns: the bet that grows fastest is expected return / variance; of the
/// predictive distribution, so that a name that is known less is bet on less: the variance is that of a
/// normal distribution whose interval is the one given with the score. Where the model gives a deviation, the
/// expected return m is shrunk as Baker and McHale (2013) do, by m² / (m² + d²), d being the deviation in
/// returns: × the slope of expected returns on scores among the session's. A name without an interval, or
/// expected to go against its side, gets nothing. Correlations take no part; the limits do the rest.
std::unique_ptr<Sizer> make_sizer(const SizingSettings& settings);

}  // namespace orrery
