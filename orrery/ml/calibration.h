#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace orrery {

/// A step-free rising map: straight lines between knots, constant outside of them.
struct IsotonicMap {
  std::vector<double> scores;         ///< ascending
  std::vector<double> probabilities;  ///< never falling, in [0, 1]

  double operator()(double score) const;
};

/// Fits the rising map with the least squared difference to the events, by pooling adjacent violators. Equal
/// scores are one point with their mean. `scores`: finite; `events`: 0 or 1. The same map as scikit-learn's
/// IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip"). Errors: kInvalidArgument for no samples,
/// kInternal for unequal counts. Sources: Ayer et al. (1955), "An empirical distribution function for
/// sampling with incomplete information"; Zadrozny and Elkan (2002), "Transforming classifier scores into
/// accurate multiclass probability estimates".
IsotonicMap fit_isotonic(std::span<const double> scores, std::span<const double> events);

/// The probability 1 / (1 + exp(-(slope × score + intercept))).
struct PlattMap {
  double slope = 1.0;  ///< never below 0, so that the order of the scores is kept
  double intercept = 0.0;

  double operator()(double score) const;
};

/// Fits slope and intercept by maximum likelihood, with events counted as (N₊ + 1) / (N₊ + 2) and others as
/// 1 / (N₋ + 2), so that few events promise nothing certain. A slope below 0, the scores upside down, becomes
/// 0: the base rate for all. Newton's method to a slope of the likelihood below 1e-10 a sample. Errors: as
/// fit_isotonic, and kInvalidArgument where either outcome is missing. Sources: Platt (1999), "Probabilistic
/// outputs for support vector machines"; Lin, Lin and Weng (2007), "A note on Platt's probabilistic outputs
/// for support vector machines".
PlattMap fit_platt(std::span<const double> scores, std::span<const double> events);

enum class CalibrationMethod { kIsotonic, kPlatt };

/// A map from what a model says to the probability of what then comes.
class Calibration {
 public:
  /// Fits the map. `probabilities`: what the model says, in [0, 1]; Platt's map works on their log-odds.
  /// Errors: kInvalidArgument where either outcome is missing.
  static Calibration fit(CalibrationMethod method, std::span<const double> probabilities,
                         std::span<const double> events);

  double operator()(double probability) const;
  CalibrationMethod method() const;
  /// Null for another method.
  const PlattMap* platt() const { return std::get_if<PlattMap>(&map_); }

  /// Every number exact; the same map gives the same bytes.
  std::string to_text() const;
  /// Errors: kDataCorrupt, naming `source`, when the text is damaged or not what to_text wrote.
  static Calibration from_text(const std::string& text, std::string_view source);

 private:
  std::variant<IsotonicMap, PlattMap> map_;
};

/// The log-odds of a probability, which is kept off 0 and 1 by 2^-52.
double log_odds(double probability);

}  // namespace orrery
