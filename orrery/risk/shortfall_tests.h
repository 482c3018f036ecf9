#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "orrery/base/random.h"
#include "orrery/risk/value_at_risk.h"

namespace orrery {

/// Whether losses beyond VaR were as large as CVaR said. Both statistics are 0 on average where the forecasts
/// are right, and below 0 where risk was understated.
struct ShortfallTests {
  std::size_t periods = 0;
  std::size_t exceptions = 0;
  double mean_loss = 0.0;        ///< of the exceptions; NaN without one
  double mean_expected = 0.0;    ///< mean CVaR of those periods; NaN without one
  double size_statistic = 0.0;   ///< Z1, of the exceptions' size alone; NaN without one
  double size_p_value = 1.0;     ///< chance of so low a Z1 or a lower one where the forecasts are right
  double joint_statistic = 0.0;  ///< Z2, of number and size together
  double joint_p_value = 1.0;
};

/// Tests forecasts period by period, in order, and draws what they themselves expect beside, which gives the
/// p-values: no period's forecast is kept. Memory: three numbers a simulation.
/// Source: Acerbi & Székely (2014), "Backtesting expected shortfall", tests 1 and 2.
class ShortfallTester {
 public:
  /// Errors: kInvalidArgument for a confidence outside (0.5, 1) or fewer than 100 simulations.
  ShortfallTester(double confidence, int simulations, std::uint64_t seed);

  /// Adds a period: what was forecast and what came. Errors: kInvalidArgument for a forecast whose CVaR is no
  /// loss, by which nothing can be divided.
  void add(const ReturnForecast& forecast, double realised);

  ShortfallTests result() const;

 private:
  /// What one series of returns has added up to.
  struct Tally {
    std::uint32_t exceptions = 0;
    double ratios = 0.0;  ///< sum of return over CVaR of the exceptions

    double size_statistic() const;
    double joint_statistic(double expected_exceptions) const;
  };

  double confidence_;
  Random random_;
  std::size_t periods_ = 0;
  double losses_ = 0.0;
  double expected_ = 0.0;
  Tally realised_;
  std::vector<Tally> simulated_;
};

}  // namespace orrery
