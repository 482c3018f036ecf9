#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "orrery/base/random.h"
#include "plugins/providers/simulated/economy.h"

namespace orrery::plugins::providers::simulated {

/// The expected simple return of every instrument on every session.
inline constexpr double kDrift = 0.0003;

/// One session of the market without a signal.
struct NullSession {
  std::vector<double> surprise;    ///< by instrument: return less kDrift; symmetric about 0 given the past
  std::vector<double> volatility;  ///< by instrument: standard deviation of the surprise, without jumps
};

/// Draws a market in which the past says nothing about the order of the next returns: given everything up to
/// a session, the next session's surprises x of all instruments together are distributed as -x. Hence every
/// predictor's expected rank IC is exactly 0 (docs/simulated-market.md#null). Volatility does depend on the
/// past: common regimes, clustering, and more of it after falls.
class NullReturns {
 public:
  NullReturns(const SimulatedMarketOptions& options, const std::vector<Instrument>& instruments);

  /// Draws the next session.
  const NullSession& next();

 private:
  struct CommonFactors {
    double market = 0.0;
    std::array<double, kSectors> sectors{};
    std::array<double, kStyles> styles{};
  };

  void step_regime();
  CommonFactors draw_common();
  double common_part(const Instrument& instrument, const CommonFactors& factors) const;
  double common_variance(const Instrument& instrument) const;
  double draw_idiosyncratic(std::size_t instrument, double leverage);

  const std::vector<Instrument>& instruments_;
  Random common_;
  std::vector<Random> random_;          // by instrument
  std::vector<double> log_volatility_;  // by instrument: deviation of the log from its mean
  std::size_t regime_ = 0;
  double scale_ = 1.0;        // of common factors in this regime
  double last_market_ = 0.0;  // market's last surprise in standard deviations
  NullSession session_;
};

}  // namespace orrery::plugins::providers::simulated
