#include "orrery/risk/shortfall_tests.h"

#include <fmt/format.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"

namespace orrery {
namespace {

constexpr int kFewestSimulations = 100;

/// The share of draws as low as the observed statistic, that itself counted. Source: Davison & Hinkley
/// (1997), eq. 4.11.
class LowerTail {
 public:
  explicit LowerTail(double observed) : observed_(observed) {}
  void add(double drawn) {
    if (std::isnan(drawn)) return;
    ++draws_;
    if (drawn <= observed_) ++as_low_;
  }
  double p_value() const { return std::isnan(observed_) ? kNaN : (as_low_ + 1.0) / (draws_ + 1.0); }

 private:
  double observed_;
  double draws_ = 0.0;
  double as_low_ = 0.0;
};

}  // namespace

double ShortfallTester::Tally::size_statistic() const {
  return exceptions == 0 ? kNaN : ratios / static_cast<double>(exceptions) + 1.0;
}

double ShortfallTester::Tally::joint_statistic(double expected_exceptions) const {
  return ratios / expected_exceptions + 1.0;
}

ShortfallTester::ShortfallTester(double confidence, int simulations, std::uint64_t seed)
    : confidence_(confidence), random_(seed) {
  if (!(confidence > 0.5 && confidence < 1.0)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the confidence is {}; it must be above 0.5 and below 1", confidence));
  }
  if (simulations < kFewestSimulations) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("{} simulations are too few; at least {} are needed", simulations, kFewestSimulations));
  }
  simulated_.resize(static_cast<std::size_t>(simulations));
}

void ShortfallTester::add(const ReturnForecast& forecast, double realised) {
  const double value_at_risk = forecast.value_at_risk(confidence_);
  const double shortfall = forecast.expected_shortfall(confidence_);
  if (!(shortfall > 0.0)) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("period {}: a CVaR of {} is no loss, and cannot be tested", periods_ + 1, shortfall));
  }
  const auto count = [&](Tally& tally, double value) {
    if (-value <= value_at_risk) return;
    ++tally.exceptions;
    tally.ratios += value / shortfall;
  };
  ++periods_;
  count(realised_, realised);
  if (-realised > value_at_risk) {
    losses_ -= realised;
    expected_ += shortfall;
  }
  for (Tally& tally : simulated_) {
    const double place = random_.uniform();
    // Quantiles above the tail are no exceptions, and cost nothing.
    if (place > 0.0 && place < 1.0 - confidence_) count(tally, forecast.quantile(place));
  }
}

ShortfallTests ShortfallTester::result() const {
  const double expected_exceptions = static_cast<double>(periods_) * (1.0 - confidence_);
  const auto exceptions = static_cast<double>(realised_.exceptions);
  ShortfallTests tests;
  tests.periods = periods_;
  tests.exceptions = realised_.exceptions;
  tests.mean_loss = realised_.exceptions == 0 ? kNaN : losses_ / exceptions;
  tests.mean_expected = realised_.exceptions == 0 ? kNaN : expected_ / exceptions;
  tests.size_statistic = realised_.size_statistic();
  tests.joint_statistic = periods_ == 0 ? kNaN : realised_.joint_statistic(expected_exceptions);
  LowerTail size(tests.size_statistic), joint(tests.joint_statistic);
  for (const Tally& tally : simulated_) {
    size.add(tally.size_statistic());
    joint.add(tally.joint_statistic(expected_exceptions));
  }
  tests.size_p_value = size.p_value();
  tests.joint_p_value = joint.p_value();
  return tests;
}

}  // namespace orrery
